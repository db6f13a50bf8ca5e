"""The warehouse as it stood on a day: `dbt build --vars '{as_of: …}'`, statistics and audit included."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest


def build_as_of(day: str, project: Path, folder: Path) -> Path:
    """The file as of the day, made by README's command: seeds, models, data tests and unit tests."""
    command = [sys.executable, "-m", "dbt.cli.main", "build"]
    command += ["--target-path", str(folder / "target"), "--vars", f"{{as_of: {day}}}"]
    outcome = subprocess.run(
        command,
        cwd=project,
        env=os.environ
        | {
            "PYTHONPATH": ".",
            "SALDO_DB": str(folder / "as_of.duckdb"),
            "SALDO_WORK": str(folder / "work.duckdb"),
            "DBT_LOG_PATH": str(folder),
        },
        capture_output=True,
        encoding="utf-8",
    )
    assert outcome.returncode == 0, outcome.stdout
    return folder / "as_of.duckdb"


@pytest.fixture(scope="module", params=["2024-01-01", "2025-11-30"])
def as_of(request: pytest.FixtureRequest, built_project: Path, tmp_path_factory: pytest.TempPathFactory):
    """The day and the file that was built as of it, beside the file of all that is known."""
    file = build_as_of(request.param, built_project, tmp_path_factory.mktemp("as of"))
    with duckdb.connect(str(file), read_only=True) as connection:
        published = built_project / "warehouse" / "saldo.duckdb"
        connection.execute(f"attach '{published}' as published (read_only)")
        yield request.param, connection


def one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row


def test_figures_are_those_of_the_table_macro(as_of: tuple[str, duckdb.DuckDBPyConnection]) -> None:
    day, connection = as_of
    connection.execute("use published")
    columns = "* exclude (decimals)"
    macro = f"select {columns} from core.observation_as_of(date '{day}')"
    built = f"select {columns} from as_of.core.fct_observation"
    assert one(connection, f"select count(*) from ({macro})") > (300,)
    for left, right in ((macro, built), (built, macro)):
        assert connection.execute(f"{left} except {right}").fetchall() == []
    connection.execute("use as_of")


def test_audit_binds_to_what_was_published(as_of: tuple[str, duckdb.DuckDBPyConnection]) -> None:
    day, connection = as_of
    results = "select count(*) from as_of.audit.expectation_result where success"
    assert one(connection, f"{results} = false") == (0,)
    assert one(connection, results) > (20,)
    not_applicable = {
        subject
        for (subject,) in connection.execute(
            "select distinct subject from as_of.audit.expectation_result where success is null"
        ).fetchall()
    }
    if day < "2025-10-31":  # the article was not published yet
        assert {"regional.region_profile", "specialty.specialty_structure"} < not_applicable
        assert one(connection, "select count(*) from as_of.regional.region_profile") == (0,)
    else:  # nor was the population of 2024
        assert not_applicable == {"regional.region_profile"}
        assert one(
            connection, "select count(*), count(population_persons) from as_of.regional.region_profile"
        ) == (20, 0)
        found = connection.execute(
            "select territory_set, measure, count(r) from as_of.analysis.correlation"
            " group by territory_set, measure order by territory_set, measure"
        ).fetchall()
        # of units, means need the population; the sum of persons below the food basket does not
        assert found == [
            ("harmonised_16", "per_1000", 0),
            ("harmonised_16", "persons", 3),
            ("regions_20", "per_1000", 0),
            ("regions_20", "persons", 24),
        ]


def test_a_day_before_every_release(built_project: Path, tmp_path: Path) -> None:
    file = build_as_of("2010-01-01", built_project, tmp_path)
    with duckdb.connect(str(file), read_only=True) as connection:
        assert one(connection, "select count(*) from core.fct_observation") == (0,)
        assert one(connection, "select count(*) from core.dim_region") > (20,)
