"""An environment for each client, below `build/clients`, made by pip or npm from the package index."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import ParamSpec

from tests.project import PROJECT

P = ParamSpec("P")
FOLDER = PROJECT / "build" / "clients"
NO_INDEX = re.compile(
    r"\(from versions: none\)|NewConnectionError|Connection refused|Temporary failure|Network is unreachable"
    r"|ENOTFOUND|EAI_AGAIN|ECONNREFUSED"
)


# Several clients share an environment.
INSTALLING = threading.Lock()


class NoPackageIndexError(Exception):
    """Nothing can be installed here."""


class NotInstalledError(Exception):
    """The index is there, but this client does not come from it; the message says why."""


def _one_at_a_time(make: Callable[P, Path]) -> Callable[P, Path]:
    @wraps(make)
    def made(*arguments: P.args, **options: P.kwargs) -> Path:
        with INSTALLING:
            return make(*arguments, **options)

    return made


@_one_at_a_time
def python_with(name: str, requirements: Sequence[str]) -> Path:
    """The interpreter of an environment that holds these packages; made once, then used again."""
    folder = FOLDER / name
    python, made = folder / "bin" / "python", folder / "requirements.txt"
    if not (made.exists() and made.read_text("utf-8").split("\n") == list(requirements)):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        _pip("--python", str(python), "install", *requirements)
        made.write_text("\n".join(requirements), encoding="utf-8")
    return python


@_one_at_a_time
def packages_in(name: str, requirements: Sequence[str]) -> Path:
    """A folder with these packages alone, to stand before those of an environment in PYTHONPATH."""
    folder = FOLDER / name
    made = folder / "requirements.txt"
    if not (made.exists() and made.read_text("utf-8").split("\n") == list(requirements)):
        shutil.rmtree(folder, ignore_errors=True)
        _pip("install", "--no-deps", "--target", str(folder), *requirements)
        made.write_text("\n".join(requirements), encoding="utf-8")
    return folder


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", *arguments]
    command += ["--quiet", "--disable-pip-version-check"]
    # In the environment, so that requirements may make an exception for what is published as source alone.
    env = os.environ | {"PIP_ONLY_BINARY": ":all:"}
    _installed(subprocess.run(command, env=env, capture_output=True, encoding="utf-8"), arguments[-1])


@_one_at_a_time
def npm_project(source: Path) -> Path:
    """A copy of a project of npm, its packages installed as its lock says."""
    folder = FOLDER / source.name
    if not shutil.which("npm"):
        raise NotInstalledError("npm is not there: install Node.js 20 or later")
    lock = (source / "package-lock.json").read_bytes()
    made = folder / "node_modules" / ".installed"
    if not (made.exists() and made.read_bytes() == lock):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules", "dist"))
    if not made.exists():
        command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(
            command, cwd=folder, env=os.environ | {"CI": "1"}, capture_output=True, encoding="utf-8"
        )
        _installed(done, source.name)
        made.write_bytes(lock)
    return folder


def _installed(done: subprocess.CompletedProcess[str], what: str) -> None:
    if done.returncode == 0:
        return
    said = done.stderr.strip() or done.stdout.strip()
    if NO_INDEX.search(said):
        raise NoPackageIndexError(said.splitlines()[-1])
    raise NotInstalledError(f"{what}: {said.splitlines()[-1][:300]}")
