"""The benchmark of BI queries: the three files answer alike, a difference is told. Nothing is timed here."""

import sqlite3
from pathlib import Path

import pytest

from bench import bi
from bench.bi import PARQUET, PUBLISHED, SQLITE, Files, Round
from bench.bi_queries import QUERIES, whole_views
from bench.measure import BenchmarkError, Run


@pytest.fixture(scope="module")
def files(built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("bi")
    return bi.prepare(built_project / "warehouse" / "saldo.duckdb", folder, 10 * bi.SERIES)


def answered(files: Files, engine: str) -> Round:
    connection = bi.ENGINES[engine](files)
    queries = QUERIES | whole_views(["region", "observation"])
    answers = {name: {bi.digest(connection.execute(query).fetchall())} for name, query in queries.items()}
    return Round(Run(0, 1, 1), {}, answers)


def test_twenty_queries_give_the_same_rows_everywhere(files: Files) -> None:
    assert len(QUERIES) == 20
    assert files.figures > 10 * bi.SERIES
    bi.check({engine: answered(files, engine) for engine in (PUBLISHED, PARQUET, SQLITE)})


def test_a_query_that_differs_is_named(files: Files, tmp_path: Path) -> None:
    changed = tmp_path / "changed.sqlite"
    changed.write_bytes(files.sqlite.read_bytes())
    with sqlite3.connect(changed) as connection:
        connection.execute("update attractiveness set rank = 99 where rank = 1")
    other = Files(files.published, files.parquet, changed, files.figures)
    rounds = {PUBLISHED: answered(files, PUBLISHED), SQLITE: answered(other, SQLITE)}
    with pytest.raises(BenchmarkError, match="answers to 'attractiveness' differ"):
        bi.check(rounds)


def test_no_rows_are_no_answer() -> None:
    empty = Round(Run(0, 1, 1), {}, {"map": {bi.digest([])}})
    with pytest.raises(BenchmarkError, match="'map' gives no rows"):
        bi.check({PUBLISHED: empty, SQLITE: empty})


def test_percentiles_are_of_all_queries_readers_and_rounds() -> None:
    rounds = [Round(Run(0, 1, 1), {"a": [0.001] * 18, "b": [0.1, 0.2]}, {}) for _ in range(2)]
    half, most = bi.milliseconds(rounds)
    assert half == pytest.approx(1)
    assert 90 < most <= 200


def test_a_reader_that_fails_is_told(files: Files) -> None:
    readers = bi.Readers(PUBLISHED, files, {"broken": "select * from bi.no_such_view"})
    try:
        with pytest.raises(BenchmarkError, match="no_such_view"):
            readers.round()
    finally:
        readers.end()
