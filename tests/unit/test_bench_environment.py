"""Environments of peers: made once for each content of their lock. Nothing is downloaded here."""

import subprocess
from pathlib import Path

import pytest

from bench import environment
from bench.measure import BenchmarkError

# What needs no package is installed from nowhere.
NOTHING = "# nothing\n"


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(environment, "LOCKS", tmp_path)
    monkeypatch.setattr(environment, "ENVIRONMENTS", tmp_path / "environments")
    (tmp_path / "peer.txt").write_text(NOTHING)
    return tmp_path


def test_it_is_made_once_for_each_lock(locks: Path) -> None:
    python = environment.python_of("peer")
    told = subprocess.run([python, "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True)
    assert Path(told.stdout.strip()).samefile(locks / "environments" / "peer")
    mark = python.parent / "mark"
    mark.touch()
    assert environment.python_of("peer") == python
    assert mark.exists()
    (locks / "peer.txt").write_text(NOTHING + "# of another content\n")
    environment.python_of("peer")
    assert not mark.exists()


def test_what_cannot_be_installed_is_told_each_time(locks: Path) -> None:
    (locks / "peer.txt").write_text("pip==1.0\n")
    for _ in range(2):
        with pytest.raises(BenchmarkError, match="Hashes are required"):
            environment.python_of("peer")
    with pytest.raises(BenchmarkError, match="no environment 'other'"):
        environment.python_of("other")


def test_versions_are_those_of_the_lock() -> None:
    assert environment.versions("polars").keys() == {"polars", "polars-runtime-32"}
    assert environment.versions("pandas")["pandas"].startswith("3.")
