"""A stranger ingests release files that were never seen here and refreshes while a BI tool has the file open.

The sources are a server on this machine. One build for all of it; a second refresh has nothing to do.
"""

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from duckdb import DuckDBPyConnection
from project import PROJECT, run_in
from publisher import Publisher, answers_if_new
from release_files import read_seed, write_population

from saldo.disk import file_sha256
from saldo.sources import read_sources

DATA = PROJECT / "tests/intake/data"
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


def sources_of(server: Publisher, project: Path, population: Path) -> None:
    """What the bureau's addresses give: the stranger's own file, an example, two extracts and an index."""
    income = [{"id": "741880", "text": COUNTRY, "leaf": "false", "measureName": "", "y122025": "200000.5"}]
    # What the stranger has ingested is no other release there, since it is of the same day.
    served = {
        "bns.migration_balance": ("2026-09-25", (project / "examples/releases" / EXAMPLES[0]).read_bytes()),
        "bns.population": ("2026-11-20", population.read_bytes()),
        "bns.income": ("2026-10-02", (DATA / "bns_csv_19298_income_extract.csv").read_bytes()),
        "bns.unemployment": ("2026-10-02", (DATA / "bns_csv_102790_unemployment_extract.csv").read_bytes()),
        "taldau.income": ("2026-10-02", json.dumps(income).encode()),
    }
    for source in read_sources(project):
        path = source.address.removeprefix("https://").partition("/")[2]
        day, body = served[source.name]
        modified = format_datetime(datetime.fromisoformat(f"{day}T10:00:00Z"), usegmt=True)
        server.paths[f"/{path}"] = [answers_if_new(body, Last_Modified=modified)]


class Reader:
    """A BI tool that opened the published file before, and asks the same again and again.

    Attributes:
        before: what it read when it had opened the file.
        answers: everything else that it was told since.
        asked: how often.
    """

    def __init__(self, file: Path) -> None:
        self.connection = duckdb.connect(str(file), read_only=True)
        self.before = self.read()
        self.answers: list[object] = []
        self.asked = 0
        self._stopping = threading.Event()
        self._asking = threading.Thread(target=self._ask)
        self._asking.start()

    def read(self) -> list[tuple[Any, ...]]:
        queries = (SUM_OF_THE_BALANCES, LATEST_POPULATION, "select version_id from core.about")
        return [row for query in queries for row in self.connection.execute(query).fetchall()]

    def _ask(self) -> None:
        while not self._stopping.wait(0.1):
            try:
                told: object = self.read()
            except duckdb.Error as error:
                told = error
            self.asked += 1
            if told != self.before:
                self.answers.append(told)

    def close(self) -> None:
        self._stopping.set()
        self._asking.join()
        self.connection.close()


@dataclass(frozen=True)
class Stranger:
    """What the stranger has done and seen.

    Attributes:
        project: where.
        reader: was open from before the first command.
        refreshed: the record of the refresh, as it was printed.
        again: of the one after it.
        before_again, after_again: the published file and what dbt left, before and after that one.
    """

    project: Path
    reader: Reader
    refreshed: dict[str, Any]
    again: dict[str, Any]
    before_again: list[tuple[object, ...]]
    after_again: list[tuple[object, ...]]


def as_they_are(project: Path) -> list[tuple[object, ...]]:
    """Inode, time and bytes of the published file, and of the files that a run of dbt writes."""
    files = sorted(path for path in (project / "warehouse/.dbt").rglob("*") if path.is_file())
    assert any(path.name == "run_results.json" for path in files)
    return [
        (path.name, path.stat().st_ino, path.stat().st_mtime_ns, file_sha256(path))
        for path in (project / "warehouse/saldo.duckdb", *files)
    ]


def refresh(project: Path, base: str) -> dict[str, Any]:
    outcome = run_in(project, "refresh", "--json", env={"SALDO_SOURCE_BASE": base})
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    record: dict[str, Any] = json.loads(outcome.stdout)
    return record


@pytest.fixture(scope="module")
def stranger(built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stranger]:
    project = tmp_path_factory.mktemp("stranger") / "project"
    shutil.copytree(built_project, project, symlinks=True)
    file = population_file(project, project.parent)
    examples = [f"examples/releases/{name}" for name in EXAMPLES]
    server = Publisher()
    sources_of(server, project, file)
    reader = Reader(project / "warehouse/saldo.duckdb")
    try:
        with server.open():
            ingested = run_in(project, "ingest", str(file), *examples)
            assert ingested.returncode == 0, ingested.stdout + ingested.stderr
            refreshed = refresh(project, server.base)
            before = as_they_are(project)
            again = refresh(project, server.base)
        yield Stranger(project, reader, refreshed, again, before, as_they_are(project))
    finally:
        reader.close()


@pytest.fixture(scope="module")
def published(stranger: Stranger) -> Iterator[DuckDBPyConnection]:
    """The published file, opened after the refresh."""
    warehouse = stranger.project / "warehouse"
    # A second opening of the same path in one process would show what the reader holds.
    file = warehouse / "latest/saldo.duckdb"
    assert file.samefile(warehouse / "saldo.duckdb")
    with duckdb.connect(str(file), read_only=True) as connection:
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


def test_what_the_sources_gave_came_in_beside(stranger: Stranger, published: DuckDBPyConnection) -> None:
    assert (stranger.refreshed["status"], stranger.refreshed["sources_failed"]) == ("published", 0)
    # two of them are what the stranger has ingested already
    told = sorted(source["status"] for source in stranger.refreshed["sources"])
    assert told == ["new"] * 3 + ["unchanged"] * 2
    assert [file["status"] for file in stranger.refreshed["files"]] == ["landed"] * 3
    income = (
        "select region_code, value, obs_status, cast(release.published_on as varchar)"
        " from core.fct_observation inner join core.dim_release as release using (release_id)"
        " where source_series = 'taldau_704447' and period_start = date '2025-01-01'"
    )
    assert rows(published, income) == [("00", Decimal("200000.5"), "A", "2026-10-02")]


def test_the_open_reader_noticed_nothing(stranger: Stranger, published: DuckDBPyConnection) -> None:
    reader = stranger.reader
    assert reader.asked > 10
    assert reader.answers == []
    assert reader.before[0] == (-320_585, 25)
    assert rows(published, SUM_OF_THE_BALANCES) == [(-320_585 + 1300 - 1117 + 16153, 26)]
    assert rows(published, LATEST_POPULATION) != [reader.before[1]]


def test_a_refresh_with_nothing_new_touches_nothing(stranger: Stranger) -> None:
    assert stranger.again["status"] == "up_to_date"
    assert stranger.again["version_id"] == stranger.refreshed["version_id"]
    assert {source["status"] for source in stranger.again["sources"]} == {"unchanged"}
    assert stranger.again["files"] == []
    assert stranger.after_again == stranger.before_again  # and dbt was not run
    # the run log has both runs
    records = [json.loads(path.read_text("utf-8")) for path in stranger.project.glob("landing/runs/*.json")]
    ended = sorted((record["run_id"], record["status"], record["exit_status"]) for record in records)
    assert [how for _, *how in ended] == [["published", 0], ["up_to_date", 0]]
