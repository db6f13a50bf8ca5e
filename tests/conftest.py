"""Copies of the project to build in and to break: no test writes into the project itself."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest
from project import RunSaldo, copy_project, run_in


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
    """A copy built once by `saldo build`, in a folder with a space and Cyrillic letters, and what it said.

    One build serves all workers of pytest-xdist, whose folders lie side by side.
    """
    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "сальдо миграции"
    folder.mkdir(exist_ok=True)
    project, screen = folder / "the project", folder / "screen.txt"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not screen.exists():
            outcome = run_in(copy_project(project), "build")
            assert outcome.returncode == 0, outcome.stdout + outcome.stderr
            screen.write_text(outcome.stdout, encoding="utf-8")
    return project, screen.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def built_project(first_build: tuple[Path, str]) -> Path:
    """The copy that was built. Only to be read."""
    return first_build[0]


@pytest.fixture
def built_copy(built_project: Path, tmp_path: Path) -> Path:
    """The built project as a copy that a test may break."""
    return shutil.copytree(built_project, tmp_path / "project copy", symlinks=True)
