"""Copies of the project to build in and to break: no test writes into the project itself."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
        timeout=300,
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


@pytest.fixture
def run_saldo() -> RunSaldo:
    """`run_saldo(project, "build", "--json", env={...})` runs the command of that copy."""
    return run_in


@pytest.fixture
def project_copy(tmp_path: Path) -> Path:
    """A fresh copy of the project, not built."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def first_build(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A copy built once by `saldo build`, in a folder with a space and Cyrillic letters, and what it said."""
    project = copy_project(tmp_path_factory.mktemp("сальдо миграции") / "the project")
    outcome = run_in(project, "build")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return project, outcome.stdout


@pytest.fixture(scope="session")
def built_project(first_build: tuple[Path, str]) -> Path:
    """The copy that was built. Only to be read."""
    return first_build[0]


@pytest.fixture
def built_copy(built_project: Path, tmp_path: Path) -> Path:
    """The built project as a copy that a test may break."""
    return shutil.copytree(built_project, tmp_path / "project copy")
