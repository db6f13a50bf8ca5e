"""Territories: units of unchanged boundaries, and a split that is added as rows, without any code."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from project import PROJECT, copy_project
from release_files import read_seed, write_population

from saldo.intake.ingest import Options, Outcome, ingest
from saldo.intake.schema import ROWS
from saldo.landing import open_landing


@pytest.mark.parametrize(
    ("unit", "balance"),
    [
        pytest.param("51", 22_587, id="South Kazakhstan, Turkistan, Shymkent"),
        pytest.param("19", 1_804, id="Almaty region, Jetisu"),
        pytest.param("63", -58_156, id="East Kazakhstan, Abai"),
        pytest.param("35", -51_079, id="Karaganda, Ulytau"),
    ],
)
def test_balance_of_a_harmonised_unit(built_project: Path, unit: str, balance: int) -> None:
    with duckdb.connect(str(built_project / "warehouse/saldo.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select migration_balance_persons from regional.region_profile_harmonised"
            f" where harmonised_unit = '{unit}' and reference_year = 2024"
        ).fetchall()
        units = connection.execute(
            "select count(*), sum(migration_balance_persons) from regional.region_profile_harmonised"
        ).fetchall()
    assert found == [(balance,)]
    assert units == [(16, -267_599)]


# --- a split that has not happened: Torgai out of Kostanay on 2027-01-01 ----------------------------------

SPLIT = {
    "region": "40,KZ-40,400000000,Torgai,область Торғай,Торғай облысы,region,north,39,2027-01-01,",
    "boundary_event": "2027-01-01,day,39,40,split,made up",
    "region_label": "bns_upper,ОБЛАСТЬ ТОРҒАЙ,40,,,made up\niso_3166_2,KZ-40,40,,,made up",
}
# Kostanay and Torgai on 1 January; before the split Torgai is estimated.
PEOPLE = {"2026": {"39": 500_000, "40": 330_000}, "2028": {"39": 490_000, "40": 320_000}}
INDICATORS = {
    # indicator: series, Kostanay, Torgai
    "income_per_capita": ("article_income", "1300000", "1500000"),
    "food_spend_per_capita": ("article_food_spend", "400000", "500000"),
    "children_per_household": ("article_children", "1.2", "1.6"),
    "below_food_basket": ("article_below_food_basket", "2000", "3000"),
    "migration_balance": ("article_balance", "-5000", "-2000"),
    "migration_balance_by_specialty": ("article_balance_by_specialty", "-5000", "-2000"),
}


def population_file(folder: Path) -> Path:
    """The bureau's csv export, published after the split."""
    labels = {
        row["region_code"]: row["label"]
        for row in read_seed(PROJECT, "region_label")
        if row["label_set"] == "bns_upper" and row["region_code"] not in ("00", "51")
    } | {"40": "ОБЛАСТЬ ТОРҒАЙ"}
    assert len(labels) == 21
    figures = {
        (year, label): PEOPLE[year].get(code, 900_000) for year in PEOPLE for code, label in labels.items()
    }
    for year in PEOPLE:
        figures[year, "РЕСПУБЛИКА КАЗАХСТАН"] = sum(
            value for (each, _), value in figures.items() if each == year
        )
    return write_population(folder / "population_2029-01-31.csv", figures)


def profile_file(project: Path, folder: Path) -> Path:
    """What the article says of a region, of Kostanay and Torgai in 2028, as canonical rows."""
    units = {row["indicator_code"]: row["unit_code"] for row in read_seed(project, "indicator")}
    specialty = read_seed(project, "specialty")[0]["specialty_code"]
    rows = []
    for indicator, (series, *values) in INDICATORS.items():
        for label, value in zip(("KZ-39", "KZ-40"), values, strict=True):
            of_specialty = indicator == "migration_balance_by_specialty"
            number = len(rows) + 1
            rows.append(
                {
                    "table_name": "profile",
                    "row_no": number,
                    "column_no": 1,
                    "source_ref": f"profile, row {number}",
                    "cell_kind": "fact",
                    "indicator_code": indicator,
                    "source_series": series,
                    "label_set": "iso_3166_2",
                    "region_label": label,
                    "specialty_code": specialty if of_specialty else "_T",
                    "sex_code": "_T",
                    "residence_code": "_T",
                    "age_code": "Y_GT15" if of_specialty else "_T",
                    "partner_code": "_T",
                    "period_start": date(2028, 1, 1),
                    "period_end": date(2029, 1, 1),
                    "printed_text": value,
                    "value": Decimal(value),
                    "decimals": len(value.partition(".")[2]),
                    "obs_status": "A",
                    "unit_code": units[indicator],
                }
            )
    path = folder / "profile_2029-02-28.parquet"
    table = pa.Table.from_pylist(rows, schema=ROWS)
    pq.write_table(table.replace_schema_metadata({"published_on": "2029-02-28"}), path)
    return path


def sdmx_file(path: Path, area: str, year: str, value: int) -> Path:
    header = "STRUCTURE,STRUCTURE_ID,ACTION,INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS"
    row = f"dataflow,MADE:UP(1.0),I,population,{area},{year},{value},A"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def split_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which nothing but rows of three seeds is added."""
    project = copy_project(tmp_path_factory.mktemp("split") / "project")
    for seed, rows in SPLIT.items():
        with (project / f"seeds/reference/{seed}.csv").open("a", encoding="utf-8", newline="") as file:
            file.write(f"{rows}\n")
    return project


class AfterTheSplit(datetime):
    """The clock of the year after the event that is made up."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime(2029, 12, 31, tzinfo=tz)


def take(project: Path, *paths: Path) -> list[Outcome]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("saldo.intake.ingest.datetime", AfterTheSplit)
        return ingest(project, open_landing(project), [str(path) for path in paths], Options())


def test_without_the_rows_the_new_region_is_unknown(tmp_path: Path, project_copy: Path) -> None:
    [outcome] = take(project_copy, population_file(tmp_path))
    assert outcome.refusal is not None
    assert outcome.refusal.code == "unknown_label"
    assert "ОБЛАСТЬ ТОРҒАЙ" in str(outcome.refusal.as_dict())


def test_a_figure_before_the_split_is_refused_unless_it_is_declared(
    tmp_path: Path, split_project: Path
) -> None:
    [outcome] = take(split_project, sdmx_file(tmp_path / "early_2029-01-01.csv", "KZ-40", "2026", 330_000))
    assert outcome.refusal is not None
    assert outcome.refusal.code == "region_not_valid"
    assert "40" in outcome.refusal.message


@pytest.fixture(scope="module")
def split(
    split_project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of that copy after three releases: one declares its estimates of the years before."""
    folder = tmp_path_factory.mktemp("after the split")
    outcomes = take(
        split_project,
        population_file(folder),
        profile_file(split_project, folder),
        # seven persons more in Torgai, and no new figure of the country
        sdmx_file(folder / "torgai_2029-03-31.csv", "KZ-40", "2028", 320_007),
    )
    assert [outcome.refusal for outcome in outcomes] == [None] * 3, [
        str(outcome.refusal) for outcome in outcomes
    ]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SALDO_", "DBT_"))}
    command = [sys.executable, "-m", "dbt.cli.main", "build", "--quiet", "--select"]
    command += ["+region_profile_harmonised", "+identity_check", "+harmonised_units_follow_boundary_events"]
    # the identities are looked at below
    command += ["--exclude", "test_type:generic", "test_type:unit", "warned_identities_hold"]
    environment = {
        "PYTHONPATH": ".",
        "SALDO_DB": str(folder / "split.duckdb"),
        "SALDO_WORK": str(folder / "work.duckdb"),
    }
    built = subprocess.run(
        command, cwd=split_project, env=kept | environment, capture_output=True, encoding="utf-8"
    )
    assert built.returncode == 0, built.stdout
    results = json.loads((split_project / "target/run_results.json").read_text(encoding="utf-8"))["results"]
    passed = {each["unique_id"].split(".")[2] for each in results if each["status"] == "pass"}
    assert "harmonised_units_follow_boundary_events" in passed
    with duckdb.connect(str(folder / "split.duckdb"), read_only=True) as connection:
        yield connection


def test_the_bridge_and_the_unit_have_the_new_region(split: duckdb.DuckDBPyConnection) -> None:
    bridge = "select predecessor_code, relation from core.bridge_region_boundary where successor_code = '40'"
    assert split.execute(bridge).fetchall() == [("39", "split")]
    units = "select count(distinct harmonised_unit) from core.dim_region where region_kind <> 'country'"
    assert split.execute(units).fetchall() == [(16,)]


def test_the_profile_of_the_unit_puts_old_and_new_region_together(split: duckdb.DuckDBPyConnection) -> None:
    found = split.execute(
        "select population_persons, income_per_capita_kzt, below_food_basket_persons,"
        " migration_balance_persons from regional.region_profile_harmonised"
        " where harmonised_unit = '39' and reference_year = 2028"
    ).fetchall()
    people = 490_000, 320_007
    income = (1_300_000 * people[0] + 1_500_000 * people[1]) / sum(people)
    assert [tuple(map(float, row)) for row in found] == [(sum(people), round(income, 2), 5000, -7000)]


def test_estimates_before_the_split_are_marked(split: duckdb.DuckDBPyConnection) -> None:
    found = split.execute(
        "select region_code, year(period_start), cast(value as integer), obs_status"
        " from core.fct_observation"
        " where indicator_code = 'population' and region_code in ('39', '40')"
        " and period_start >= date '2026-01-01' order by all"
    ).fetchall()
    assert found == [
        ("39", 2026, 500_000, "A"),
        ("39", 2028, 490_000, "A"),
        ("40", 2026, 330_000, "E"),
        ("40", 2028, 320_007, "A"),
    ]


def test_the_new_region_counts_towards_the_country(split: duckdb.DuckDBPyConnection) -> None:
    regions = "identity_id = 'regions_in_force' and indicator_code = 'population'"
    found = split.execute(
        "select period_start, difference, parts_count, severity from audit.identity_check"
        f" where {regions} and outcome = 'breach'"
    ).fetchall()
    assert found == [(date(2028, 1, 1), 7, 21, "warn")]
    held = split.execute(
        "select slices_count from audit.identity_check where identity_id = 'regions_in_force'"
        " and outcome = 'holds' and release_id like 'bns_csv_6584%'"
    ).fetchall()
    assert held == [(2,)]
