"""A stranger ingests release files that were never seen here and builds, while a BI tool has the file open.

One build for all of it.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from duckdb import DuckDBPyConnection
from project import run_in
from release_files import read_seed, write_population

FILE = "population_2026-11-20.csv"
EXAMPLES = ("bns_6567_national_2026-09-25.csv", "external_migration_2025_2026-03-13.csv")
COUNTRY = "РЕСПУБЛИКА КАЗАХСТАН"
ABAI_IN_2025 = 602_832  # as published on 2026-08-11

SUM_OF_THE_BALANCES = "select sum(balance_persons), count(*) from national.external_balance_annual"
LATEST_POPULATION = (
    "select max(period_start), count(*) from core.fct_observation where indicator_code = 'population'"
)


def population_file(project: Path, folder: Path) -> Path:
    """2025 as published before but for a hundred persons more in Abai, and 2026: a thousand more each."""
    with duckdb.connect() as connection:
        printed = connection.execute(
            "select c1, cast(c4 as integer) from read_csv(?, all_varchar = true) where row_no <> '0'",
            [str(project / "seeds/published/bns_population_2026_08_11.csv")],
        ).fetchall()
    labels = {
        row["region_code"]: row["label"]
        for row in read_seed(project, "region_label")
        if row["label_set"] == "bns_upper"
    }
    people = {labels[code]: persons + (100 if code == "10" else 0) for code, persons in printed}
    assert len(people) == 20
    figures = {("2025", label): persons for label, persons in people.items()}
    figures |= {("2026", label): persons + 1000 for label, persons in people.items()}
    figures |= {
        ("2025", COUNTRY): sum(people.values()),
        ("2026", COUNTRY): sum(people.values()) + 20_000,
    }
    return write_population(folder / FILE, figures)


class Reader:
    """A BI tool that opened the published file before, and what it read then."""

    def __init__(self, file: Path) -> None:
        self.connection = duckdb.connect(str(file), read_only=True)
        self.before = self.read()

    def read(self) -> list[tuple[Any, ...]]:
        queries = (SUM_OF_THE_BALANCES, LATEST_POPULATION, "select version_id from core.about")
        return [row for query in queries for row in self.connection.execute(query).fetchall()]


@pytest.fixture(scope="module")
def project(built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Reader]]:
    project = tmp_path_factory.mktemp("stranger") / "project"
    shutil.copytree(built_project, project, symlinks=True)
    reader = Reader(project / "warehouse/saldo.duckdb")
    file = population_file(project, project.parent)
    examples = [f"examples/releases/{name}" for name in EXAMPLES]
    ingested = run_in(project, "ingest", str(file), *examples)
    assert ingested.returncode == 0, ingested.stdout + ingested.stderr
    built = run_in(project, "build")
    assert built.returncode == 0, built.stdout + built.stderr
    yield project, reader
    reader.connection.close()


@pytest.fixture(scope="module")
def published(project: tuple[Path, Reader]) -> Iterator[DuckDBPyConnection]:
    # A second opening of the same path in one process would show what the reader holds.
    with duckdb.connect(str(project[0] / "warehouse/latest/saldo.duckdb"), read_only=True) as connection:
        yield connection


def rows(connection: DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def test_the_figures_are_there(published: DuckDBPyConnection) -> None:
    found = rows(
        published,
        "select region_code, cast(period_start as varchar), cast(period_end as varchar),"
        " cast(value as integer), unit_code, obs_status, source_series, source_ref, release.publisher,"
        " cast(release.published_on as varchar)"
        " from core.fct_observation inner join core.dim_release as release using (release_id)"
        " where indicator_code = 'population' and region_code = '10' and period_start >= date '2025-01-01'"
        " and (sex_code, residence_code, age_code, specialty_code) = ('_T', '_T', '_T', '_T')"
        " order by period_start",
    )
    bureau = ("Bureau of National Statistics of Kazakhstan", "2026-11-20")
    expected = [
        ("10", "2025-01-01", "2025-01-02", ABAI_IN_2025 + 100, "PS", "A", "bns_6584"),
        ("10", "2026-01-01", "2026-01-02", ABAI_IN_2025 + 1100, "PS", "A", "bns_6584"),
    ]
    assert [(*row[:7], *row[8:]) for row in found] == [(*row, *bureau) for row in expected]
    assert all(FILE.removesuffix(".csv") in row[7] for row in found)


def test_the_older_vintage_is_kept(published: DuckDBPyConnection) -> None:
    found = rows(
        published,
        "select cast(value as integer), cast(known_from as varchar)[:10], cast(known_to as varchar)[:10]"
        " from core.fct_revision where indicator_code = 'population' and region_code = '10'"
        " and period_start = date '2025-01-01' order by known_from",
    )
    assert found == [(ABAI_IN_2025, "2026-08-11", "2026-11-20"), (ABAI_IN_2025 + 100, "2026-11-20", None)]
    # what was published again without a change opens no interval
    unchanged = rows(
        published,
        "select count(*) from core.fct_revision where indicator_code = 'population' and region_code = '11'"
        " and period_start = date '2025-01-01'",
    )
    assert unchanged == [(1,)]


def test_the_examples_change_the_external_balance_and_the_article_stays(
    published: DuckDBPyConnection,
) -> None:
    balance = "select balance_persons from national.external_balance_annual where year = {}"
    assert rows(published, balance.format(2008)) == [(1300,)]
    assert rows(published, balance.format(2025)) == [(16153,)]
    of_2008 = "indicator_code = 'external_balance' and period_start = date '2008-01-01'"
    said = rows(
        published, f"select value, release_id from core.fct_revision where {of_2008} order by known_from"
    )
    assert [int(value) for value, _ in said] == [1117, 1300]
    assert said[0][1] == "article_2025_5"
    article = "from core.observation_as_of(date '2025-12-31') where indicator_code = 'external_balance'"
    assert rows(published, f"select value {article} and period_start = date '2008-01-01'") == [(1117,)]
    assert rows(published, f"select sum(value), count(*) {article}") == [(-320_585, 25)]


def test_the_open_reader_noticed_nothing(project: tuple[Path, Reader], published: DuckDBPyConnection) -> None:
    _, reader = project
    assert reader.read() == reader.before
    assert reader.before[0] == (-320_585, 25)
    assert rows(published, SUM_OF_THE_BALANCES) == [(-320_585 + 1300 - 1117 + 16153, 26)]
    assert rows(published, LATEST_POPULATION) != [reader.before[1]]
