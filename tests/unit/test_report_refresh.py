"""What `saldo refresh` does about the report: once a version, and a failure is said and breaks nothing."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from saldo import refresh
from saldo import report as reporting
from saldo.errors import InputError

HEAD = '<meta name="saldo-version" content="{}">'


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SALDO_WAREHOUSE", str(tmp_path))
    return tmp_path / "report.html"


def run(tmp_path: Path, version: str) -> dict[str, Any]:
    outcome: Any = SimpleNamespace(state={"version_id": version})
    return refresh._report(tmp_path, outcome)


def test_a_new_version_is_written(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page.write_text(HEAD.format("first"))
    monkeypatch.setattr(reporting, "report", lambda project: SimpleNamespace(file=page))
    assert run(tmp_path, "second") == {"status": "written", "file": str(page)}


def test_a_page_of_the_version_is_not_written_again(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.write_text(HEAD.format("first"))
    monkeypatch.setattr(reporting, "report", lambda project: pytest.fail("written again"))
    assert run(tmp_path, "first") == {"status": "up_to_date"}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            InputError("its schema version is 7", where="saldo.duckdb", remedy="build"),
            "its schema version is 7",
        ),
        (OSError(28, "No space left on device", "report.html"), "No space left on device"),
        (KeyError("balance"), "error: the report: KeyError: 'balance'"),
    ],
)
def test_a_failure_is_said_and_the_last_page_stays(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    page.write_text(HEAD.format("first"))

    def fail(project: Path) -> None:
        raise error

    monkeypatch.setattr(reporting, "report", fail)
    outcome = run(tmp_path, "second")
    assert outcome["status"] == "failed"
    assert said in outcome["error"]
    assert reporting.version_of(page) == "first"
    assert said in "\n".join(refresh._report_lines(outcome))


def test_a_page_of_another_kind_has_no_version(tmp_path: Path) -> None:
    (tmp_path / "other.html").write_text("<!DOCTYPE html>")
    assert reporting.version_of(tmp_path / "other.html") is None
    assert reporting.version_of(tmp_path / "none.html") is None
