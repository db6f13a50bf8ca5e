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

# A table like the article's first, of another year: three regions, and not all figures of each.
TABLE = "table_1_2025_2026-11-24.csv"
TABLE_ROWS = (
    'Регион,"Денежные доходы, в среднем на душу населения","Денежные расходы населения на продовольственные '
    'товары, в среднем на душу населения","Сальдо миграции, человек","Среднее число детей в домашнем '
    'хозяйстве","Общая численность населения с доходами ниже стоимости продовольственной корзины"',
    'Акмолинская область,1453641,485228,-30500,"0,9",1727',
    'Актюбинская область,1352573,,-9300,"1,5",',
    'Алматинская область,1215075,534678,1901,"1,2",1521',
)


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
    (folder.parent / TABLE).write_text("\n".join([*TABLE_ROWS, ""]), encoding="utf-8")
    paths.append(str(folder.parent / TABLE))
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
        ("below_food_basket", 3),
        ("children_per_household", 3),
        ("external_arrivals", 2),
        ("external_balance", 3),
        ("external_departures", 2),
        ("food_spend_per_capita", 3),
        ("income_per_capita", 3),
        ("migration_balance", 3),
        ("migration_balance_by_specialty", len(SPECIALTIES) + 1),
        ("population", 1),
    ]


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("national.external_balance_annual", "true"),
        ("regional.region_profile", "reference_year = 2024"),
        ("regional.region_profile_harmonised", "reference_year = 2024"),
        ("analysis.correlation", "reference_year = 2024"),
        ("analysis.cluster_assignment", "reference_year = 2024"),
        ("analysis.attractiveness_index", "reference_year = 2024"),
        ("specialty.loss_concentration", "period_end = date '2025-01-01'"),
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


def test_a_year_of_few_regions_has_their_profiles(project: Path) -> None:
    rows = "select region_code, food_spend_per_capita_kzt is null, balance_period_start from {} where {}"
    assert [
        (code, blank, str(start))
        for code, blank, start in query(
            project, rows.format("regional.region_profile", "reference_year = 2025 order by 1")
        )
    ] == [("11", False, "2000-01-01"), ("15", True, "2000-01-01"), ("19", False, "2000-01-01")]
