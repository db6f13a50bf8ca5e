"""Any sequence of refreshes gives the tables that a full rebuild of the same landing gives.

Releases arrive in a random order, some are withdrawn and stand again, and after each step dbt builds on what
the step before left. SALDO_TEST_ORDERS=20 tries twenty orders instead of two.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

SEEDS = range(int(os.environ.get("SALDO_TEST_ORDERS", "2")))
TESTS = Path(__file__).parents[1]
HEADER = (
    "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,"
    "UNIT_MEASURE,UNIT_MULT,DECIMALS"
)
BALANCE, PEOPLE = "external_balance", "population"
Figure = tuple[str, str, str, int]
# Revisions of old periods, between and after the releases of the seeds; twice two releases of one day, at
# odds with each other; figures that say what was said before, or return to what was given up.
MADE_UP: dict[str, list[Figure]] = {
    "external_2015-03-31": [(BALANCE, "KZ", "2008", 1117), (BALANCE, "KZ", "2010", 15000)],
    "external_2018-03-31": [(BALANCE, "KZ", "2008", 1250), (BALANCE, "KZ", "2010", 15465)],
    "external_a_2026-04-01": [(BALANCE, "KZ", "2008", 1299), (BALANCE, "KZ", "2025", 16200)],
    "external_b_2026-04-01": [(BALANCE, "KZ", "2008", 1117), (BALANCE, "KZ", "2025", 16210)],
    "people_2020-02-01": [(PEOPLE, "KZ-11", "2010", 740000), (PEOPLE, "KZ-39", "2010", 890000)],
    "people_a_2024-02-01": [(PEOPLE, "KZ-11", "2010", 741000), (PEOPLE, "KZ-39", "2023", 832000)],
    "people_b_2024-02-01": [(PEOPLE, "KZ-11", "2010", 740000), (PEOPLE, "KZ-39", "2024", 830001)],
    "people_2026-10-01": [(PEOPLE, "KZ-11", "2010", 741000), (PEOPLE, "KZ-39", "2025", 825570)],
}
REAL = ["sdg_1-2-1_v02", "sdg_1-2-1_v03", "sdg_1-2-1_v05", "external_migration", "bns_6567_national"]
TABLES = [
    "core.fct_revision",
    "core.fct_observation",
    "core.fct_control_total",
    "core.figure_revision",
    "core.dim_release",
    "audit.identity_check",
    "audit.release_log",
]
CHOSEN = [f"+{table.split('.')[1]}" for table in TABLES]
# What depends on landing; the last step makes the audit tables, too, which are made whole each time.
FACTS = ("fct_observation", "fct_control_total")
LANDED = ("stg_landing__release", "stg_landing__cell")
STEP = ["dbt", "run", "--quiet", "--select", *(f"{source}+,+{fact}" for source in LANDED for fact in FACTS)]
LAST = [
    *("dbt", "run", "--quiet", "--select"),
    *(f"{source}+,{mart}" for source in (*LANDED, "stg_landing__quarantine") for mart in CHOSEN),
]
ANEW = ["dbt", "build", "--quiet", "--exclude-resource-type", "test", "unit_test", "--select", *CHOSEN]
# Figures that no release of these speaks of, in each table to which refreshes only add.
POISONED = "release_id = 'article_2025_5' and region_code = '71'"
POISON: dict[str, str] = {
    "core.fct_revision": f"value = 1 where indicator_code = 'income_per_capita' and {POISONED}",
    "core.fct_control_total": f"summed_value = 1 where {POISONED}",
    "work.intermediate.int_control_total": f"summed_value = 1 where {POISONED}",
    "work.intermediate.int_release_content": "is_by_region = 7 where release_id = 'article_2025_5'"
    " and total_count = 0",
    "work.intermediate.int_restated_figure": "unit_code = 'poison' where indicator_code = 'population'"
    " and region_code = '71'",
    # Men and women, or town and village, are in no release of these: nothing looks at this sum.
    "work.intermediate.int_identity_place": "left_side = 'poison' where identity_id = 'sexes'"
    " and release_id = 'bns_population_2023_07_21' and region_code = '71'",
}
SHOWN = ("core.fct_revision", "core.fct_observation", "core.fct_control_total", "core.figure_revision")

Step = list[str]


@dataclass(frozen=True)
class Warehouse:
    """The two databases and the landing that dbt is started with."""

    folder: Path
    landing: Path

    @property
    def database(self) -> Path:
        return self.folder / "saldo.duckdb"

    @property
    def work(self) -> Path:
        return self.folder / "work.duckdb"

    def take(self, project: Path, steps: list[Step]) -> None:
        """Takes it through the steps."""
        written = self.folder / "steps.json"
        written.write_text(json.dumps(steps), encoding="utf-8")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("SALDO_", "DBT_"))}
        outcome = subprocess.run(
            [sys.executable, str(TESTS / "refresh_steps.py"), str(written)],
            cwd=project,
            env=kept
            | {
                "PYTHONPATH": ".",
                "SALDO_DB": str(self.database),
                "SALDO_WORK": str(self.work),
                "SALDO_LANDING": str(self.landing),
                "DBT_TARGET_PATH": str(self.folder / "target"),
                "DBT_LOG_PATH": str(self.folder),
            },
            capture_output=True,
            encoding="utf-8",
        )
        assert outcome.returncode == 0, outcome.stdout[-3000:] + outcome.stderr[-3000:]

    def open(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(self.database))
        connection.execute(f"attach '{self.work}' as work")
        return connection


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("releases")
    for name, figures in MADE_UP.items():
        rows = (
            f"dataflow,MADE:UP(1.0),I,A,{indicator},{area},{period},{value},A,PS,0,0"
            for indicator, area, period, value in figures
        )
        (folder / f"{name}.csv").write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    project = TESTS.parent
    real = [*project.glob("examples/releases/*.csv"), *project.glob("tests/intake/data/sdg*.csv")]
    found = [path for path in real if path.name.startswith(tuple(REAL))]
    assert len(found) == 7
    return sorted(map(str, [*folder.iterdir(), *found]))


def random_steps(files: list[str], seed: int) -> list[Step]:
    """All files in a random order, with withdrawals in between; one of the three withdrawn stands again."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    order = chance.sample(files, len(files))
    cuts = sorted(chance.sample(range(3, len(order) - 1), 2))
    first, second, third = order[: cuts[0]], order[cuts[0] : cuts[1]], order[cuts[1] :]
    back, gone, gone_early = chance.sample(first, 3)
    return [
        ["ingest", *first],
        STEP,
        ["ingest", *second],
        ["withdraw", back, "2026-11-01"],
        ["withdraw", gone_early, "2026-10-15"],
        STEP,
        ["ingest", *third],
        ["restore", back],
        ["withdraw", gone, "2026-11-01"],
        LAST,
    ]


def differences(one: Warehouse, other: Warehouse) -> dict[str, tuple[int, list[tuple[Any, ...]]]]:
    """By table: how many rows the first has, and those that only the first or only the second has."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one.database}' as one (read_only)")
        connection.execute(f"attach '{other.database}' as other (read_only)")

        def query(statement: str) -> list[tuple[Any, ...]]:
            return connection.execute(statement).fetchall()

        return {
            table: (
                query(f"select count(*) from one.{table}")[0][0],
                query(f"from one.{table} except all from other.{table}")
                + query(f"from other.{table} except all from one.{table}"),
            )
            for table in TABLES
        }


@pytest.fixture
def warehouse(built_project: Path, tmp_path: Path) -> Callable[[str], Warehouse]:
    """Makes a warehouse with nothing in it, beside the one landing of the test."""

    def make(name: str) -> Warehouse:
        (tmp_path / name).mkdir()
        return Warehouse(tmp_path / name, tmp_path / "landing")

    return make


@pytest.mark.parametrize("seed", SEEDS)
def test_refreshes_in_any_order_give_what_a_full_rebuild_gives(
    built_project: Path, files: list[str], warehouse: Callable[[str], Warehouse], seed: int
) -> None:
    refreshed = warehouse("refreshed")
    shutil.copyfile(built_project / "warehouse/saldo.duckdb", refreshed.database)
    shutil.copyfile(built_project / "warehouse/.work/work.duckdb", refreshed.work)
    with refreshed.open() as connection:
        for table, change in POISON.items():
            assert connection.execute(f"update {table} set {change}").fetchone() > (0,)
    refreshed.take(built_project, random_steps(files, seed))

    rebuilt = warehouse("rebuilt")
    if seed % 2:  # from the same two databases, which hold wrong figures
        shutil.copyfile(refreshed.database, rebuilt.database)
        shutil.copyfile(refreshed.work, rebuilt.work)
        rebuilt.take(built_project, [[*ANEW, "--full-refresh"]])
    else:
        rebuilt.take(built_project, [ANEW])

    # What was changed by hand before is still there: no refresh has read anew what no release touches.
    changed = {table: change.split(" where ") for table, change in POISON.items()}
    with refreshed.open() as connection:
        for table, (value, where) in changed.items():
            found = connection.execute(f"select count(*) from {table} where {where} and {value}").fetchone()
            assert found > (0,), table
    with rebuilt.open() as connection:
        for table, (value, where) in changed.items():
            found = connection.execute(f"select count(*) from {table} where {where} and {value}").fetchone()
            assert found == (0,), table

    # And but for that, the tables are equal.
    for table, (count, rows) in differences(refreshed, rebuilt).items():
        assert count > 0, table
        spoilt = [row for row in rows if "71" in row and {"article_2025_5", "population"} & {*row}]
        assert (len(spoilt) > 0) == (table in SHOWN), table
        assert [row for row in rows if row not in spoilt] == [], table


def test_refreshes_that_judge_all_sums_at_once_and_name_no_moments_give_the_same(
    built_project: Path, files: list[str], warehouse: Callable[[str], Warehouse]
) -> None:
    refreshed = warehouse("refreshed")
    shutil.copyfile(built_project / "warehouse/saldo.duckdb", refreshed.database)
    shutil.copyfile(built_project / "warehouse/.work/work.duckdb", refreshed.work)
    with refreshed.open() as connection:
        connection.execute("update work.intermediate.int_identity_result set slices_count = -1")
    at_once = ["--vars", "{rejudged_rows: 0, named_moments: 0}"]
    steps = random_steps(files, 0)
    refreshed.take(built_project, [[*step, *at_once] if step[0] == "dbt" else step for step in steps])
    rebuilt = warehouse("rebuilt")
    rebuilt.take(built_project, [ANEW])
    for table, (count, rows) in differences(refreshed, rebuilt).items():
        assert (count > 0, rows) == (True, []), table


def test_the_orders_differ_and_hold_every_release(files: list[str]) -> None:
    steps = [random_steps(files, seed) for seed in range(2)]
    assert steps[0] != steps[1]
    for each in steps:
        arrived = [file for action, *given in each if action == "ingest" for file in given]
        assert sorted(arrived) == files
