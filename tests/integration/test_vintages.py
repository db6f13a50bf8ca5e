"""Real vintages, ingested by the command and built by dbt: revisions, identities, a withdrawal, a past day.

Two builds for all of it, of the tables that are looked at.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from duckdb import DuckDBPyConnection
from project import copy_project, run_in

EXPECTED = Path(__file__).parent / "data" / "sdg_revisions.csv"
BEFORE_THE_WITHDRAWAL = "2026-04-10"
# The balance of 2025 with other figures, made up: the first is withdrawn two weeks later, the second taken
# back by publishing the first file of all again.
WRONG = "external_migration_2025_2026-04-01.csv"
REVISED = "external_migration_2025_2026-05-01.csv"
AGAIN = "external_migration_2025_2026-06-01.csv"


def run_dbt(project: Path, name: str, *arguments: str) -> Path:
    """Runs dbt on the file of this name; returns it."""
    file = project / f"{name}.duckdb"
    environment = {
        "PYTHONPATH": ".",
        "SALDO_DB": str(file),
        "SALDO_WORK": str(project / f"{name}_work.duckdb"),
    }
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SALDO_", "DBT_"))}
    outcome = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *arguments],
        cwd=project,
        env=kept | environment,
        capture_output=True,
        encoding="utf-8",
    )
    assert outcome.returncode == 0, outcome.stdout
    return file


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project into which the vintages were ingested, one release then withdrawn."""
    project = copy_project(tmp_path_factory.mktemp("vintages") / "project")
    examples, data = project / "examples" / "releases", project / "tests" / "intake" / "data"
    first = examples / "external_migration_2025_2026-03-13.csv"
    text = first.read_text(encoding="utf-8")
    made_up = [shutil.copyfile(first, project / AGAIN)]
    for name, arrivals, balance in ((WRONG, "24000", "16392"), (REVISED, "24607", "16999")):
        made_up.append(project / name)
        made_up[-1].write_text(text.replace("23761", arrivals).replace("16153", balance), encoding="utf-8")
    files = [*data.glob("sdg_1-2-1_v0*.csv"), *examples.glob("*.csv"), *examples.glob("*.xls"), *made_up]
    ingested = run_in(project, "ingest", "--json", *map(str, sorted(files)))
    by_name = {Path(file["file"]).name: file for file in json.loads(ingested.stdout)["files"]}
    assert {name for name, file in by_name.items() if file["status"] == "refused"} == {
        "sdg_1-2-1_v04_2022-02-01_81d77d0c4.csv"
    }
    withdrawn = run_in(
        project, "withdraw", by_name[WRONG]["release_id"], "--on", "2026-04-15", "--reason", "a wrong figure"
    )
    assert withdrawn.returncode == 0, withdrawn.stderr
    return project


@pytest.fixture(scope="module")
def built(project: Path) -> Path:
    """The file of all that is known now, without what is not looked at here."""
    marts = ["fct_observation", "revision_summary", "identity_check", "release_log", "dim_release"]
    chosen = ["--select", *(f"+{mart}" for mart in marts)]
    return run_dbt(project, "now", "build", "--exclude-resource-type", "unit_test", "test", *chosen)


@pytest.fixture(scope="module")
def warehouse(built: Path) -> Iterator[DuckDBPyConnection]:
    with duckdb.connect(str(built), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def past(project: Path, built: Path) -> Iterator[DuckDBPyConnection]:
    """The same landing as of a day between a release and its withdrawal: what hangs on int_release anew."""
    for name in ("", "_work"):
        shutil.copyfile(built.with_stem(f"now{name}"), built.with_stem(f"past{name}"))
    chosen = ["int_release+,+fct_observation", "int_release+,+release_log"]
    file = run_dbt(
        project, "past", "run", "--select", *chosen, "--vars", f"{{as_of: {BEFORE_THE_WITHDRAWAL}}}"
    )
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


def rows(connection: DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


REVISIONS = """
    select region_code, year(period_start) as year, earlier, earlier_from, value, known_from
    from (
        select *, lag(value) over figure as earlier, lag(known_from) over figure as earlier_from
        from core.fct_revision
        where indicator_code = '{indicator}' and source_series = '{series}'
            and sex_code = '_T' and residence_code = '_T'
        window figure as (partition by region_code, period_start, period_end order by known_from)
    )
    where earlier is not null
    order by year, known_from
"""


def test_the_revisions_of_the_poverty_share_come_out(warehouse: DuckDBPyConnection) -> None:
    columns = ("region_code", "year", "value_earlier", "value_later", "vintage_earlier", "vintage_later")
    with EXPECTED.open(encoding="utf-8") as file:
        expected = [
            tuple(row[name] for name in columns)
            for row in csv.DictReader(line for line in file if not line.startswith("#"))
        ]
    found = [
        (
            region,
            str(year),
            f"{earlier:.1f}",
            f"{later:.1f}",
            f"{earlier_from:%Y-%m-%d}",
            f"{later_from:%Y-%m-%d}",
        )
        for region, year, earlier, earlier_from, later, later_from in rows(
            warehouse, REVISIONS.format(indicator="poverty_share", series="sdg_1_2_1")
        )
    ]
    assert len(expected) == 4
    assert found == expected


def test_the_vintage_with_a_year_twice_is_quarantined_and_says_nothing(warehouse: DuckDBPyConnection) -> None:
    ((file_name, release_id, reason, read, new),) = rows(
        warehouse,
        "select file_name, release_id, reason, rows_read, rows_new from audit.release_log"
        " where status = 'quarantined'",
    )
    assert file_name == "sdg_1-2-1_v04_2022-02-01_81d77d0c4.csv"
    assert reason.startswith("duplicate_key: the same figure stands twice")
    assert (release_id, read, new) == (None, None, 0)
    of_2019 = rows(
        warehouse,
        "select value from core.fct_revision where indicator_code = 'poverty_share' and region_code = '00'"
        " and sex_code = '_T' and residence_code = '_T' and period_start = date '2019-01-01'",
    )
    assert [float(value) for (value,) in of_2019] == [4.3]


def test_the_external_balance_was_revised_as_published(warehouse: DuckDBPyConnection) -> None:
    query = REVISIONS.format(indicator="external_balance", series="bns_6567_external")
    found = [(year, int(earlier), int(later)) for _, year, earlier, _, later, _ in rows(warehouse, query)]
    assert found == [
        (2008, 1117, 1300),
        (2016, -21618, -21145),
        (2017, -21623, -22130),
        (2022, -6946, -6722),
        (2025, 16153, 16392),
        (2025, 16392, 16153),
        (2025, 16153, 16999),
        (2025, 16999, 16153),
    ]
    ((n, revised, mean, magnitude, percent, status, right),) = rows(
        warehouse,
        "select n, n_revised, mean_revision, mean_absolute_revision, mean_absolute_revision_percent,"
        " relative_status, share_right_sign from core.revision_summary"
        " where indicator_code = 'external_balance' and age = 'latest'",
    )
    assert (n, revised, percent, status, right) == (26, 4, None, "balance", 1)
    assert mean == pytest.approx((183 + 473 - 507 + 224) / 26)
    assert magnitude == pytest.approx((183 + 473 + 507 + 224) / 26)


def test_poverty_is_revised_in_percentage_points(warehouse: DuckDBPyConnection) -> None:
    found = rows(
        warehouse,
        "select age, n, n_revised, relative_status, news_status from core.revision_summary"
        " where indicator_code = 'poverty_share' order by age",
    )
    # Of the 264 figures of SDG 1.2.1 of October 2022, 242 had been given before. The release of 2024, a seed,
    # gives those of 2021 again, of 17 regions and the country; the workbook of 2017 is landed and a seed, and
    # has 21 years. Nine figures, with towns, villages, men and women among them, changed.
    assert ("latest", 242 + 18 + 21, 9, "share", "ok") in found
    assert [age for age, *_ in found] == ["latest", *(f"years_{age}" for age in range(5))]


def test_a_balance_revised_without_its_flows_is_told_and_fails_nothing(warehouse: DuckDBPyConnection) -> None:
    found = rows(
        warehouse,
        "select release_id, year(period_start), left_value, right_value, severity from audit.identity_check"
        " where identity_id = 'external_flows' and outcome = 'breach' order by release_id, period_start",
    )
    later = [row for row in found if row[0] == "article_2025_5"]
    assert [(year, int(left), int(right), severity) for _, year, left, right, severity in later] == [
        (2017, -21623, -22130, "warn"),
        (2022, -6946, -6722, "warn"),
    ]
    announced = "identity_id = 'external_flows' and release_id like 'sdmx%' and outcome = 'holds'"
    assert rows(warehouse, f"select slices_count from audit.identity_check where {announced}") == [(1,)] * 5
    assert (
        rows(warehouse, "select 1 from audit.identity_check where outcome = 'breach' and severity <> 'warn'")
        == []
    )


BALANCE_OF_2025 = (
    "select value from core.fct_observation"
    " where indicator_code = 'external_balance' and period_start = date '2025-01-01'"
)
WITHDRAWN = (
    f"select status, reason, rows_new, rows_revised from audit.release_log where file_name = '{WRONG}'"
)


def test_a_withdrawn_release_is_marked_and_its_figures_fall_back(warehouse: DuckDBPyConnection) -> None:
    assert rows(warehouse, BALANCE_OF_2025) == [(16153,)]
    assert rows(warehouse, WITHDRAWN) == [("withdrawn", "a wrong figure", 0, 0)]
    marked = rows(
        warehouse, "select published_on, withdrawn_on from core.dim_release where withdrawn_on is not null"
    )
    assert [tuple(map(str, row)) for row in marked] == [("2026-04-01", "2026-04-15")]


def test_each_release_speaks_as_long_as_it_stands(warehouse: DuckDBPyConnection) -> None:
    """Published, replaced by one that is withdrawn, replaced again, published anew with the same bytes."""
    found = rows(
        warehouse,
        "select value, cast(revision.known_from as date), cast(known_to as date), cast(published_on as date)"
        " from core.fct_revision as revision join core.dim_release using (release_id)"
        " where indicator_code = 'external_balance' and period_start = date '2025-01-01'"
        " order by revision.known_from",
    )
    assert [(int(value), *map(str, days)) for value, *days in found] == [
        (16153, "2026-03-13", "2026-04-01", "2026-03-13"),
        (16392, "2026-04-01", "2026-04-15", "2026-04-01"),
        (16153, "2026-04-15", "2026-05-01", "2026-03-13"),
        (16999, "2026-05-01", "2026-06-01", "2026-05-01"),
        (16153, "2026-06-01", "None", "2026-06-01"),
    ]


def test_the_table_macro_tells_of_a_day_what_was_built_as_of_it(
    warehouse: DuckDBPyConnection, past: DuckDBPyConnection
) -> None:
    columns = ", ".join(
        name for name, *_ in past.execute("describe core.fct_observation").fetchall() if name != "decimals"
    )
    macro = f"core.observation_as_of('{BEFORE_THE_WITHDRAWAL}')"
    told = rows(warehouse, f"select {columns} from {macro} order by all")
    assert told == rows(past, f"select {columns} from core.fct_observation order by all")
    assert len(told) > 1000
    assert (16392,) in rows(warehouse, f"select value from {macro}")
    assert (16392,) not in rows(warehouse, "select value from core.observation_as_of('2026-04-15')")


def test_as_of_a_day_before_the_withdrawal_the_figures_stand(past: DuckDBPyConnection) -> None:
    assert rows(past, BALANCE_OF_2025) == [(16392,)]
    assert rows(past, WITHDRAWN) == [("landed", None, 0, 2)]
    # 2008 was 1 117 on that day still.
    assert rows(past, BALANCE_OF_2025.replace("2025", "2008")) == [(1117,)]
    ((known,),) = rows(past, "select max(known_from) from core.fct_revision")
    assert f"{known:%Y-%m-%d}" == "2026-04-01"


def test_the_log_has_every_file(warehouse: DuckDBPyConnection) -> None:
    found = rows(
        warehouse,
        "select file_name, rows_read, rows_new, rows_revised from audit.release_log"
        " where status = 'landed' and kept_in = 'landing/originals' order by file_name",
    )
    assert {name: tuple(counts) for name, *counts in found} == {
        "bns_6567_national_2026-09-25.csv": (75, 0, 1),
        # A seed has its 21 figures of poverty.
        "bns_socioeconomic_indicators_1991_2016.xls": (125, 99 - 21, 0),
        "external_migration_2017_2018-12-31.csv": (3, 3, 0),
        "external_migration_2022_2023-02-10.csv": (3, 3, 0),
        "external_migration_2025_2026-03-13.csv": (3, 3, 0),
        REVISED: (3, 0, 2),
        AGAIN: (3, 0, 2),
        "sdg_1-2-1_v01_2019-12-03_45f6d5a67.csv": (190, 190, 0),
        "sdg_1-2-1_v02_2020-12-19_c3e8d258c.csv": (220, 30, 4),
        "sdg_1-2-1_v03_2021-03-29_dac7b4763.csv": (220, 0, 4),
        "sdg_1-2-1_v05_2022-03-11_98ea45ac1.csv": (242, 22, 1),
        "sdg_1-2-1_v06_2022-10-17_bc57d968f.csv": (264, 22, 0),
    }
