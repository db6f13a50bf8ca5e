"""Copies of the project, and its command run in a copy."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent.parent
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "warehouse", "target", "logs", "*_cache", "__pycache__")

RunSaldo = Callable[..., subprocess.CompletedProcess[str]]


def run_in(project: Path, *arguments: str, env: dict[str, str] | None = None, **options: Any):
    """Runs the copy's own `saldo` with these arguments; `env` is added, `options` go to Popen."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SALDO_", "DBT_"))}
    return subprocess.run(
        [sys.executable, "-m", "saldo", *arguments],
        cwd=project,
        env=kept | {"PYTHONPATH": "."} | (env or {}),
        capture_output=True,
        encoding="utf-8",
        timeout=900,
        **options,
    )


def copy_project(destination: Path) -> Path:
    """Copies what a clone of the repository holds: files that git tracks, or would."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=PROJECT, capture_output=True)
    if listing.returncode != 0:  # an archive without .git
        shutil.copytree(PROJECT, destination, ignore=NOT_COPIED)
        return destination
    for name in listing.stdout.decode().split("\0"):
        if name and (PROJECT / name).is_file():
            (destination / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, destination / name)
    return destination
