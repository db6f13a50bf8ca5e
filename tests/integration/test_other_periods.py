"""Right figures of declared shapes, of other periods and places than the article's: no build stops at them.

A quarter is no year and a day in June no first of January; the annual marts say nothing of them. One build.
"""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from project import PROJECT, copy_project, run_in
from release_files import read_seed

HEADER = (
    "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,INDICATOR,REF_AREA,SPECIALTY,AGE,TIME_PERIOD,OBS_VALUE,OBS_STATUS"
)
SPECIALTIES = [row["specialty_code"] for row in read_seed(PROJECT, "specialty")]
FILES = {
    "quarters_2026-11-20.csv": [
        ("Q", indicator, "KZ", "", "", f"2026-Q{quarter}", value)
        for quarter, values in ((1, (7500, 5000, 2500)), (2, (8500, 5000, 3500)))
        for indicator, value in zip(
            ("external_arrivals", "external_departures", "external_balance"), values, strict=True
        )
    ],
    "of_a_region_2026-11-21.csv": [("A", "external_balance", "KZ-11", "", "", "2023", -400)],
    "in_june_2026-11-22.csv": [("M", "population", "KZ-11", "", "", "2024-06", 795_000)],
    "specialties_2026-11-23.csv": [
        ("A", "migration_balance_by_specialty", "KZ-11", specialty, "Y_GT15", "2025", -2000)
        for specialty in SPECIALTIES
    ]
    + [("A", "migration_balance_by_specialty", "KZ-11", "", "Y_GT15", "2025", -2000 * len(SPECIALTIES))],
}


@pytest.fixture(scope="module")
def project(built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has ingested all of them, and was built."""
    folder = copy_project(tmp_path_factory.mktemp("other periods") / "project")
    paths = []
    for name, rows in FILES.items():
        path = folder.parent / name
        lines = [",".join(map(str, ("dataflow", "MADE:UP(1.0)", "I", *row, "A"))) for row in rows]
        path.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
        paths.append(str(path))
    ingested = run_in(folder, "ingest", *paths)
    assert ingested.returncode == 0, ingested.stdout + ingested.stderr
    built = run_in(folder, "build")
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def query(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "warehouse/saldo.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_all_of_them_are_observations(project: Path) -> None:
    found = query(
        project,
        "select indicator_code, count(*) from core.fct_observation"
        " where release_id in (select release_id from audit.release_log where kept_in <> 'seeds/published')"
        " group by all order by all",
    )
    assert found == [
        ("external_arrivals", 2),
        ("external_balance", 3),
        ("external_departures", 2),
        ("migration_balance_by_specialty", len(SPECIALTIES) + 1),
        ("population", 1),
    ]


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("national.external_balance_annual", "true"),
        ("regional.region_profile", "true"),
        ("regional.region_profile_harmonised", "true"),
        ("analysis.correlation", "true"),
        ("analysis.cluster_assignment", "true"),
        ("analysis.metric", "true"),
        ("analysis.claim_check", "true"),
        ("specialty.specialty_structure", "period_end = date '2025-01-01'"),
        ("specialty.region_specialty_balance", "period_end = date '2025-01-01'"),
    ],
)
def test_what_is_of_the_article_stays_as_it_was(
    project: Path, built_project: Path, table: str, where: str
) -> None:
    rows = f"select * from {table} where {where} order by all"
    assert query(project, rows) == query(built_project, rows)


def test_specialties_of_another_period_stand_by_themselves(project: Path) -> None:
    of_2025 = "where period_start = date '2025-01-01'"
    assert query(
        project, f"select balance_persons, count(*) from specialty.specialty_structure {of_2025} group by all"
    ) == [(-2000, len(SPECIALTIES))]
    assert query(project, f"select region_code, balance_persons from regional.region_balance {of_2025}") == [
        ("11", -2000 * len(SPECIALTIES))
    ]
