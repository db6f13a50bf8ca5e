"""How tests inject faults."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from project import PROJECT

Inject = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def inject() -> Inject:
    """`inject("--only", "real")` runs the short form, or a part of it."""

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.faults", "--short", "--seed", "4", *options]
        return subprocess.run(command, cwd=PROJECT, capture_output=True, encoding="utf-8", timeout=900)

    return run
