"""A landing of its own for each test; the seeds are the project's."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from intake.support import PROJECT, Query, Take

from saldo.intake.ingest import Options, Outcome, ingest
from saldo.landing import Landing, open_landing


@pytest.fixture
def landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Landing:
    """An empty landing folder. Nothing is flushed to the disk: no test here pulls the plug."""
    monkeypatch.setenv("SALDO_LANDING", str(tmp_path / "landing"))
    monkeypatch.setattr("saldo.landing.flush", lambda path: None)
    return open_landing(PROJECT)


@pytest.fixture
def take(landing: Landing) -> Take:
    """`take(path, published_on=…)` ingests one file and returns what became of it."""

    def run(path: object, **options: Any) -> Outcome:
        layouts = options.pop("layouts", None)
        (outcome,) = ingest(PROJECT, landing, [path], Options(**options), layouts=layouts)  # type: ignore[list-item]
        return outcome

    return run


@pytest.fixture
def query(landing: Landing) -> Query:
    """The answer of DuckDB to a query over all landed rows, the table `landed`."""

    def run(text: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as connection:
            connection.execute(f"create view landed as from '{landing.rows}/*.parquet'")
            return connection.execute(text).fetchall()

    return run
