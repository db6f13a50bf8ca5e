"""What releases declare, from the file to the tables: figures taken back by a sign, and the territory set.

One build for all of it.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from duckdb import DuckDBPyConnection
from project import PROJECT, copy_project
from release_files import read_seed, write_population
from test_vintages import run_dbt

from saldo.intake.ingest import Options, ingest
from saldo.intake.schema import ROWS
from saldo.landing import open_landing

BREAKDOWN_CODES = ("specialty_code", "sex_code", "residence_code", "age_code", "partner_code")
FIRST, SECOND = date(2026, 10, 30), date(2026, 11, 20)
# What the second release says of 2026 instead of the figures of the first one.
TAKEN_BACK = {"10": "…", "11": "...", "15": "x", "19": "х", "23": "-"}
STATUS = {"10": "O", "11": "O", "15": "Q", "19": "Q", "23": "M"}


def labels() -> dict[str, str]:
    return {
        row["region_code"]: row["label"]
        for row in read_seed(PROJECT, "region_label")
        if row["label_set"] == "bns_upper"
    }


def population(folder: Path, day: date, change: dict[str, str]) -> Path:
    """2025 and 2026, a million a region and the same total always; in 2010 Abai was not there."""
    label = labels()
    regions = [code for code in label if code not in ("00", "51")]
    figures: dict[tuple[str, str], int | str] = {
        (year, label[code]): change.get(code, 1_000_000) if year == "2026" else 1_000_000
        for year in ("2025", "2026")
        for code in regions
    }
    figures |= {(year, label["00"]): 1_000_000 * len(regions) for year in ("2025", "2026")}
    return write_population(folder / f"population_{day}.csv", {**figures, ("2010", label["10"]): "-"})


def back_cast(folder: Path, territory_set: str, year: int) -> Path:
    """A past year over the regions of today, a million each, as canonical rows.

    South Kazakhstan's own figure is known from an earlier release, and is another than two millions.
    """
    codes = [row["region_code"] for row in read_seed(PROJECT, "region") if row["region_code"] != "51"]
    rows = [
        {
            "table_name": "back-cast",
            "row_no": number,
            "column_no": 1,
            "source_ref": f"back-cast of {year}, row {number}",
            "cell_kind": "total" if code == "00" else "fact",
            "indicator_code": "population",
            "source_series": "bns_6584",
            "label_set": "iso_3166_2",
            "region_label": "KZ" if code == "00" else f"KZ-{code}",
            **dict.fromkeys(BREAKDOWN_CODES, "_T"),
            "period_start": date(year, 1, 1),
            "period_end": date(year, 1, 2),
            "printed_text": "",
            "value": Decimal(20_000_000 if code == "00" else 1_000_000),
            "decimals": 0,
            "obs_status": "A",
            "unit_code": "PS",
        }
        for number, code in enumerate(codes, start=1)
    ]
    table = pa.Table.from_pylist(rows, schema=ROWS)
    stated = {"published_on": f"2026-09-{year - 2000:02}", "territory_set": territory_set}
    path = folder / f"back_cast_{year}.parquet"
    pq.write_table(table.replace_schema_metadata(stated), path)
    return path


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("taken back")
    project = copy_project(folder / "project")
    files = [population(folder, FIRST, {}), population(folder, SECOND, TAKEN_BACK)]
    files += [back_cast(folder, "2022-06-08", 2005), back_cast(folder, "in_force", 2006)]
    outcomes = ingest(project, open_landing(project), [str(file) for file in files], Options())
    assert [outcome.refusal for outcome in outcomes] == [None] * 4
    chosen = ["--select", "+fct_observation", "+identity_check", "+dim_release"]
    file = run_dbt(project, "now", "build", "--exclude-resource-type", "unit_test", *chosen)
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


def said(connection: DuckDBPyConnection, table: str, year: int = 2026) -> dict[str, tuple[Any, ...]]:
    found = connection.execute(
        "select region_code, value, decimals, obs_status, cast(release.published_on as varchar)"
        f" from {table} inner join core.dim_release as release using (release_id)"
        " where indicator_code = 'population' and residence_code = '_T' and sex_code = '_T'"
        f" and region_code <> '00' and year(period_start) = {year}"
    )
    return {code: row for code, *row in found.fetchall()}  # type: ignore[misc]


def test_the_latest_is_that_there_is_no_figure(warehouse: DuckDBPyConnection) -> None:
    now = said(warehouse, "core.fct_observation")
    assert len(now) == 20
    for code, row in now.items():
        if code in TAKEN_BACK:
            assert row == [None, None, STATUS[code], str(SECOND)], code
        else:
            assert row == [1_000_000, 0, "A", str(FIRST)], code


def test_a_day_before_still_knows_the_figure(warehouse: DuckDBPyConnection) -> None:
    before = said(warehouse, "core.observation_as_of(date '2026-11-19')")
    assert {tuple(row) for row in before.values()} == {(1_000_000, 0, "A", str(FIRST))}
    assert said(warehouse, "core.observation_as_of(date '2026-11-20')") == said(
        warehouse, "core.fct_observation"
    )


def test_both_are_vintages(warehouse: DuckDBPyConnection) -> None:
    found = warehouse.execute(
        "select value, obs_status, cast(known_from as varchar)[:10], cast(known_to as varchar)[:10]"
        " from core.fct_revision where indicator_code = 'population' and region_code = '10'"
        " and year(period_start) = 2026 order by known_from"
    ).fetchall()
    assert found == [
        (1_000_000, "A", str(FIRST), str(SECOND)),
        (None, "O", str(SECOND), None),
    ]


def test_that_there_was_nothing_yet_is_no_error(warehouse: DuckDBPyConnection) -> None:
    assert said(warehouse, "core.fct_observation", 2010)["10"] == [None, None, "M", str(FIRST)]


def test_a_sum_without_some_of_its_parts_is_neither_held_nor_broken(warehouse: DuckDBPyConnection) -> None:
    found = warehouse.execute(
        "select cast(published_on as varchar), outcome, slices_count from audit.identity_check"
        " inner join core.dim_release using (release_id)"
        " where identity_id = 'regions_in_force' and layout = 'bns_csv_6584' order by all"
    ).fetchall()
    assert found == [
        # 2025, 2026, and 2010, whose other regions an earlier release gives
        (str(FIRST), "holds", 3),
        (str(SECOND), "holds", 2),
        (str(SECOND), "not_checkable", 1),
    ]


# --- the territory set ------------------------------------------------------------------------------------


def test_a_release_says_which_regions_add_up(warehouse: DuckDBPyConnection) -> None:
    found = warehouse.execute(
        "select territory_set, layout = 'canonical_parquet', count(*) from core.dim_release group by all"
    ).fetchall()
    assert {row for row in found if row[0] != "in_force" or row[1]} == {
        ("2022-06-08", True, 1),
        ("in_force", True, 1),
    }


def test_a_back_cast_is_summed_over_the_regions_of_its_day(warehouse: DuckDBPyConnection) -> None:
    """Only if it declares them: by default South Kazakhstan counts before its end, by an older release."""
    found = warehouse.execute(
        "select territory_set, outcome, severity, year(period_start), parts_count, difference <> 0"
        " from audit.identity_check inner join core.dim_release using (release_id)"
        " where identity_id = 'regions_in_force' and layout = 'canonical_parquet' order by territory_set"
    ).fetchall()
    assert found == [
        ("2022-06-08", "holds", "quarantine", None, None, None),
        ("in_force", "breach", "warn", 2006, 19, True),
    ]


def test_what_a_back_cast_gives_for_regions_that_were_not_there_is_an_estimate(
    warehouse: DuckDBPyConnection,
) -> None:
    in_2005 = said(warehouse, "core.fct_observation", 2005)
    assert {code for code, row in in_2005.items() if row[2] == "E"} == {"10", "33", "61", "62", "79"}
