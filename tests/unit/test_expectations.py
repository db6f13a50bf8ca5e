"""The suites on the article's tables as printed, then with one thing wrong at a time: what fails.

The marts are built here from the printed tables by plain Python, not by the project's models, so that a wrong
cell goes the whole way to the checks without a build.
"""

import csv
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from expectations import completeness, plausibility, runner, totals
from expectations.check import Check, between

ROOT = Path(__file__).resolve().parents[2]
ARTICLE = "article_2025_5"
POPULATION_2023 = "bns_population_2023_07_21"
POPULATION_2026 = "bns_population_2026_08_11"
FLOWS, POVERTY = "bns_internal_migration_2022_2024", "bns_poverty_2024_10_24"
T1, T2, T3 = "article_table_1", "article_table_2", "article_table_3"
CUMULATIVE = ("2000-01-01", "2025-01-01")
INDICATORS_T1 = {
    "c2": "income_per_capita",
    "c3": "food_spend_per_capita",
    "c4": "migration_balance",
    "c5": "children_per_household",
    "c6": "below_food_basket",
}
SPECIALTIES = {
    f"c{column}": code
    for column, code in enumerate(
        (
            "technical",
            "agricultural",
            "architecture_construction",
            "medical",
            "pedagogical",
            "economic",
            "legal",
            "other",
            "not_stated",
        ),
        start=2,
    )
}

Printed = dict[str, list[dict[str, str]]]
Frames = dict[str, pd.DataFrame]


def seed(folder: str, name: str) -> list[dict[str, str]]:
    with (ROOT / "seeds" / folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


LABELS = {(row["label_set"], row["label"]): row for row in seed("reference", "region_label")}
UNITS = {row["indicator_code"]: row["unit_code"] for row in seed("reference", "indicator")}
MEANINGS = {(row["table_name"], row["column_label"]): row for row in seed("reference", "table_column")}
DECLARED = [
    row
    for row in seed("reference", "release_table")
    if row["table_name"] in (T1, T2, T3, POPULATION_2023, POPULATION_2026, FLOWS, POVERTY)
]


def region(label_set: str, label: str, year: int = 2024) -> str:
    # The population sheet has one row for South Kazakhstan (to 2016) and for Turkistan (from 2017).
    if label_set == "bns_6584_xlsx" and label.startswith("Туркестанская"):
        return "51" if year < 2017 else "61"
    return LABELS[(label_set, label)]["region_code"]


def observation(
    indicator: str,
    region_code: str,
    printed: str,
    period: tuple[str, str],
    release: str,
    ref: str,
    **codes: str,
) -> dict[str, object]:
    number = Decimal(printed.replace(",", ".")) if printed else None
    return {
        "indicator_code": indicator,
        "region_code": region_code,
        "specialty_code": "_T",
        "sex_code": "_T",
        "residence_code": "_T",
        "age_code": "_T",
        "partner_code": "_T",
        "period_start": pd.Timestamp(period[0]),
        "period_end": pd.Timestamp(period[1]),
        "value": None if number is None else float(number),
        "unit_code": UNITS[indicator],
        "decimals": None if number is None else -int(number.as_tuple().exponent),
        "obs_status": "O" if number is None else "A",
        "source_series": f"{release}:{indicator}",
        "release_id": release,
        "source_ref": ref,
        **codes,
    }


def table_rows(printed: Printed, table: str) -> list[tuple[str, dict[str, str]]]:
    """Reference of the row and the row, without header and total row."""
    return [
        (f"{table} row {row['row_no']}", row)
        for row in printed[table]
        if row["row_no"] != "0" and row["c1"] not in ("Итого", "Республика Казахстан ")
    ]


def observations(printed: Printed) -> list[dict[str, object]]:
    rows = []
    for ref, row in table_rows(printed, T1):
        for column, indicator in INDICATORS_T1.items():
            period = CUMULATIVE if indicator == "migration_balance" else ("2024-01-01", "2025-01-01")
            code = region("article_2025", row["c1"])
            rows.append(observation(indicator, code, row[column], period, ARTICLE, f"{ref} {column}"))
    for ref, row in table_rows(printed, T2):
        year = int(row["c1"])
        period = (f"{year}-01-01", f"{year + 1}-01-01")
        rows.append(observation("external_balance", "00", row["c2"], period, ARTICLE, f"{ref} c2"))
    for ref, row in table_rows(printed, T3):
        code = region("article_2025", row["c1"])
        for column, specialty in SPECIALTIES.items():
            if row[column]:
                rows.append(
                    observation(
                        "migration_balance_by_specialty",
                        code,
                        row[column],
                        CUMULATIVE,
                        ARTICLE,
                        f"{ref} {column}",
                        specialty_code=specialty,
                    )
                )
    rows += population(printed, POPULATION_2023) + population(printed, POPULATION_2026)
    return rows + arranged(printed, FLOWS, "internal_migration_en") + arranged(printed, POVERTY, "sdg")


def arranged(printed: Printed, table: str, label_set: str) -> list[dict[str, object]]:
    header = printed[table][0]
    rows = []
    for ref, row in table_rows(printed, table):
        for column in [name for name in header if name.startswith("c") and name != "c1" and row[name]]:
            meaning = MEANINGS[table, header[column]]
            period = (meaning["period_start"], meaning["period_end"])
            code = region(label_set, row["c1"])
            indicator = meaning["indicator_code"]
            rows.append(observation(indicator, code, row[column], period, table, f"{ref} {column}"))
    return rows


def population(printed: Printed, table: str) -> list[dict[str, object]]:
    header = printed[table][0]
    labels = "bns_6584_xlsx" if table == POPULATION_2023 else "kato_2"
    rows = []
    for ref, row in table_rows(printed, table):
        for column in [name for name in header if name.startswith("c") and name != "c1"]:
            if row[column] != "-":
                day = pd.Timestamp(header[column] if "-" in header[column] else f"{header[column]}-01-01")
                period = (day.isoformat(), (day + pd.Timedelta(days=1)).isoformat())
                code = region(labels, row["c1"], day.year)
                rows.append(observation("population", code, row[column], period, table, f"{ref} {column}"))
    return rows


def control_totals(printed: Printed, facts: pd.DataFrame) -> pd.DataFrame:
    totals_printed = []

    def total(
        kind: str, table: str, indicator: str, text: str, ref: str, start: str, end: str, **codes: str
    ) -> None:
        of = {"region_code": "00", "specialty_code": "_T", **codes}
        parts = facts[
            (facts["source_ref"].str.startswith(f"{table} "))
            & (facts["indicator_code"] == indicator)
            & (facts["period_start"] == pd.Timestamp(start))
        ]
        for column, code in codes.items():
            parts = parts[parts[column] == code]
        totals_printed.append(
            {
                "release_id": ARTICLE if table == T3 else table,
                "table_name": table,
                "control_kind": kind,
                "indicator_code": indicator,
                **of,
                "period_start": pd.Timestamp(start),
                "period_end": pd.Timestamp(end),
                "published_value": float(text),
                "summed_value": parts["value"].sum(),
                "parts_count": len(parts),
                "difference": parts["value"].sum() - float(text),
                "source_ref": ref,
            }
        )

    by_specialty = "migration_balance_by_specialty"
    for ref, row in table_rows(printed, T3):
        code = region("article_2025", row["c1"])
        total("row_total", T3, by_specialty, row["c11"], f"{ref} c11", *CUMULATIVE, region_code=code)
    for row in [row for row in printed[T3] if row["c1"] == "Итого"]:
        for column, code in SPECIALTIES.items():
            ref = f"{T3} total {column}"
            total("column_total", T3, by_specialty, row[column], ref, *CUMULATIVE, specialty_code=code)
        total("grand_total", T3, by_specialty, row["c11"], f"{T3} total c11", *CUMULATIVE)
    header, country = printed[POPULATION_2023][:2]
    for column in [name for name in header if name.startswith("c") and name != "c1"]:
        year, ref = header[column], f"{POPULATION_2023} row 1 {column}"
        days = (f"{year}-01-01", f"{year}-01-02")
        total("column_total", POPULATION_2023, "population", country[column], ref, *days)
    return pd.DataFrame(totals_printed)


def coverage(facts: pd.DataFrame, printed_totals: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for declared in DECLARED:
        table = declared["table_name"]
        cells = facts.loc[facts["source_ref"].str.startswith(f"{table} ")]
        cells = cells.assign(row=cells["source_ref"].str.rsplit(" ", n=1).str[0])
        known = cells[cells["value"].notna()]
        rows.append(
            {
                "release_id": declared["release_id"],
                "table_name": table,
                "expected_rows": int(declared["row_count"]),
                "observed_rows": cells["row"].nunique(),
                "expected_columns": int(declared["column_count"]),
                "observed_columns": cells["source_ref"].str.rsplit(" ", n=1).str[1].nunique(),
                "expected_figures": int(declared["figure_count"]),
                "observed_figures": len(known),
                "expected_control_totals": int(declared["control_total_count"]),
                "observed_control_totals": int((printed_totals["table_name"] == table).sum()),
            }
        )
    return pd.DataFrame(rows)


def profiles(latest: pd.DataFrame) -> pd.DataFrame:
    year = (latest["period_end"] - pd.Timedelta(days=1)).dt.year
    rows = latest[(year == 2024) & latest["indicator_code"].isin([*INDICATORS_T1.values(), "population"])]
    profile = rows.pivot_table(index="region_code", columns="indicator_code", values="value", aggfunc="max")
    profile = profile.reindex(columns=[*INDICATORS_T1.values(), "population"]).reset_index()
    profile = profile[profile["income_per_capita"].notna()].rename(
        columns={
            "income_per_capita": "income_per_capita_kzt",
            "food_spend_per_capita": "food_spend_per_capita_kzt",
            "migration_balance": "migration_balance_persons",
            "below_food_basket": "below_food_basket_persons",
            "population": "population_persons",
        }
    )
    rate = 1000 * profile["migration_balance_persons"] / profile["population_persons"]
    return profile.assign(reference_year=2024, balance_per_1000=rate, balance_per_1000_per_year=rate / 25)


def marts(printed: Printed) -> Frames:
    facts = pd.DataFrame(observations(printed))
    printed_totals = control_totals(printed, facts)
    key = ["indicator_code", "region_code", "specialty_code", "period_start"]
    revised = facts[facts["release_id"] == POPULATION_2026][key]
    superseded = facts.reset_index().merge(revised, on=key)
    superseded = superseded[superseded["release_id"] == POPULATION_2023]["index"]
    latest = facts.drop(index=superseded).reset_index(drop=True)
    cells = latest[latest["indicator_code"] == "migration_balance_by_specialty"]
    cells = cells.rename(columns={"value": "balance_persons"})
    periods = ["period_start", "period_end"]
    annual = latest[(latest["indicator_code"] == "external_balance") & latest["value"].notna()]
    table_1 = latest[latest["indicator_code"] == "migration_balance"]
    row_totals = printed_totals[printed_totals["control_kind"] == "row_total"]
    cross = table_1.merge(row_totals[["region_code", "published_value"]], how="left", on="region_code")
    some_row = pd.DataFrame({"any": [1]})
    return dict.fromkeys(completeness.AUDITED_MARTS, some_row) | {
        "core.dim_release": pd.DataFrame(
            {
                "release_id": [ARTICLE, POPULATION_2023, POPULATION_2026, FLOWS, POVERTY],
                "withdrawn_on": None,
            }
        ),
        "core.dim_region": pd.DataFrame(seed("reference", "region")),
        "core.dim_indicator": pd.DataFrame({"indicator_code": UNITS.keys(), "unit_code": UNITS.values()}),
        "core.fct_observation": latest,
        "core.fct_control_total": printed_totals,
        "regional.region_profile": profiles(latest),
        "regional.region_balance": cells.groupby(["region_code", *periods], as_index=False)[
            "balance_persons"
        ].sum(),
        "specialty.region_specialty_balance": cells[
            ["region_code", "specialty_code", *periods, "balance_persons", "release_id"]
        ],
        "specialty.specialty_structure": cells.groupby("specialty_code", as_index=False)[
            "balance_persons"
        ].sum(),
        "national.external_balance_annual": pd.DataFrame(
            {
                "year": annual["period_start"].dt.year,
                "balance_persons": annual["value"],
                "release_id": annual["release_id"],
            }
        ),
        "audit.cross_table_balance": pd.DataFrame(
            {
                "region_code": cross["region_code"],
                "table_1_persons": cross["value"],
                "table_3_persons": cross["published_value"],
                "difference": cross["value"] - cross["published_value"],
            }
        ),
        "audit.release_log": pd.DataFrame(
            {"release_id": facts["release_id"].unique(), "kept_in": "seeds/published"}
        ),
        "audit.table_coverage": coverage(facts, printed_totals),
        "audit.identity_check": pd.DataFrame(
            [identity_row("regions_in_force"), identity_row("external_flows", severity="warn")]
        ),
    }


def identity_row(identity_id: str, **found: object) -> dict[str, object]:
    """A row of what was found of an identity: it holds, unless `found` says otherwise."""
    slice_of = ("indicator_code", "region_code", "sex_code", "residence_code", "period_start")
    sides = ("left_value", "right_value", "difference", "parts_count")
    return {
        "identity_id": identity_id,
        "release_id": POPULATION_2023,
        "outcome": "holds",
        "severity": "quarantine",
        **dict.fromkeys([*slice_of, *sides]),
        **found,
    }


@pytest.fixture
def printed() -> Printed:
    return {row["table_name"]: seed("published", row["table_name"]) for row in DECLARED}


def failures(frames: Frames) -> dict[str, str]:
    """What failed: 'expectation subject' and what was observed."""
    result = runner.run(frames)
    failed = result[~result["success"]]
    return dict(zip(failed["expectation"] + " " + failed["subject"], failed["observed"], strict=True))


def row(printed: Printed, table: str, label: str) -> dict[str, str]:
    return next(row for row in printed[table] if row["c1"] == label)


def setting(table: str, label: str, **cells: str) -> Callable[[Printed], None]:
    """An edit that prints other text in cells of one row."""
    return lambda printed: row(printed, table, label).update(cells)


def dropping(table: str, label: str) -> Callable[[Printed], None]:
    return lambda printed: printed[table].remove(row(printed, table, label))


def repeating(table: str, label: str) -> Callable[[Printed], None]:
    return lambda printed: printed[table].append({**row(printed, table, label), "row_no": "99"})


def swapping(table: str, label: str, one: str, other: str) -> Callable[[Printed], None]:
    def edit(printed: Printed) -> None:
        cells = row(printed, table, label)
        cells[one], cells[other] = cells[other], cells[one]

    return edit


def losing_column(table: str, column: str) -> Callable[[Printed], None]:
    """An edit that blanks a column below its heading and above its total."""

    def edit(printed: Printed) -> None:
        for _, cells in table_rows(printed, table):
            cells[column] = ""

    return edit


def in_thousands(printed: Printed) -> None:
    for cells in printed[T1][1:]:
        cells["c2"] = str(round(int(cells["c2"]) / 1000))


KARAGANDA, PAVLODAR_T3 = "Карагандинская область", "Павлодарская об- ласть"
CONTROL, BALANCE = "core.fct_control_total", "specialty.region_specialty_balance"
REGION_BALANCE, STRUCTURE = "regional.region_balance", "specialty.specialty_structure"
PROFILE, OBSERVATION = "regional.region_profile", "core.fct_observation"
IDENTITY = "audit.identity_check"
ANNUAL, COVERAGE, CROSS = (
    "national.external_balance_annual",
    "audit.table_coverage",
    "audit.cross_table_balance",
)

# A changed cell of Table 3 breaks its row, its column and the grand total, in the release and in the mart.
CELL_OF_TABLE_3 = {
    f"row_totals_equal_sums {CONTROL}": "region_code=35",
    f"column_totals_equal_sums {CONTROL}": "specialty_code=technical",
    f"grand_totals_equal_sums {CONTROL}": "published_value=-267599",
    f"region_sums_equal_row_totals {BALANCE}": "region_code=35",
    f"specialty_sums_equal_column_totals {BALANCE}": "specialty_code=technical",
}

CORRUPTIONS: dict[str, tuple[Callable[[Printed], None], dict[str, str]]] = {
    "table 3: sign of a cell": (setting(T3, KARAGANDA, c2="20990"), CELL_OF_TABLE_3),
    "table 3: digits swapped in a cell": (setting(T3, KARAGANDA, c2="-20909"), CELL_OF_TABLE_3),
    "table 3: cell missing": (
        setting(T3, KARAGANDA, c2=""),
        CELL_OF_TABLE_3
        | {f"figures_as_declared {COVERAGE}": "article_table_3 observed_figures=183 expected_figures=184"},
    ),
    "table 3: thousands separator taken for a decimal sign": (
        setting(T3, KARAGANDA, c2="-20,990"),
        CELL_OF_TABLE_3 | {f"decimals_as_in_rest_of_series {OBSERVATION}": "region_code=35"},
    ),
    "table 3: one zero too many": (
        setting(T3, KARAGANDA, c2="-209900"),
        CELL_OF_TABLE_3
        | {
            f"specialty_share_of_region_in_range {BALANCE}": "region_code=35 specialty_code=technical",
            f"annual_balance_in_scale_with_regions {ANNUAL}": "balance_persons=-456509",
        },
    ),
    "table 3: two columns swapped in a row": (
        swapping(T3, KARAGANDA, "c2", "c7"),
        {
            f"column_totals_equal_sums {CONTROL}": "specialty_code=economic",
            f"specialty_sums_equal_column_totals {BALANCE}": "specialty_code=economic",
        },
    ),
    "table 3: row total edited": (
        setting(T3, KARAGANDA, c11="-50893"),
        {
            f"row_totals_equal_sums {CONTROL}": "region_code=35",
            f"region_sums_equal_row_totals {BALANCE}": "region_code=35",
            f"table_1_equals_table_3 {CROSS}": "region_code=35 table_1_persons=-50839 table_3_persons=-50893",
        },
    ),
    "table 3: column total edited": (
        setting(T3, "Итого", c2="-96761"),
        {
            f"column_totals_equal_sums {CONTROL}": "summed_value=-96716 published_value=-96761",
            f"specialty_sums_equal_column_totals {BALANCE}": "specialty_code=technical",
        },
    ),
    "table 3: grand total edited": (
        setting(T3, "Итого", c11="-267959"),
        {f"grand_totals_equal_sums {CONTROL}": "summed_value=-267599 published_value=-267959"},
    ),
    "table 3: total row dropped": (
        dropping(T3, "Итого"),
        {
            f"grand_totals_present {CONTROL}": "0 rows",
            f"grand_totals_equal_sums {CONTROL}": "no rows to check",
            f"totals_as_many_as_declared {CONTROL}": "article_table_3 control_kind=all found=21 expected=31",
            f"specialties_with_total_present {BALANCE}": "0 rows",
            f"specialty_sums_equal_column_totals {BALANCE}": "no rows to check",
        },
    ),
    "table 3: row dropped": (
        dropping(T3, KARAGANDA),
        {
            f"column_totals_equal_sums {CONTROL}": "9 of 33 rows: table_name=article_table_3",
            f"grand_totals_equal_sums {CONTROL}": "summed_value=-216760",
            f"totals_as_many_as_declared {CONTROL}": "control_kind=row_total found=20 expected=21",
            f"specialty_sums_equal_column_totals {BALANCE}": "9 of 9 rows",
            f"table_1_equals_table_3 {CROSS}": "35 table_1_persons=-50839 table_3_persons=missing",
            f"rows_as_declared {COVERAGE}": "table_name=article_table_3 observed_rows=20 expected_rows=21",
            f"figures_as_declared {COVERAGE}": "observed_figures=175 expected_figures=184",
        },
    ),
    "table 3: column lost": (
        losing_column(T3, "c10"),
        {
            f"columns_as_declared {COVERAGE}": "article_table_3 observed_columns=8 expected_columns=9",
            f"figures_as_declared {COVERAGE}": "table_name=article_table_3",
            f"row_totals_equal_sums {CONTROL}": "16 of 21 rows",
            f"column_totals_equal_sums {CONTROL}": "specialty_code=not_stated",
            f"grand_totals_equal_sums {CONTROL}": "summed_value=-269685 published_value=-267599",
            f"region_sums_equal_row_totals {BALANCE}": "16 of 21 rows",
            f"specialty_sums_equal_column_totals {BALANCE}": "specialty_code=not_stated",
        },
    ),
    "table 1: sign of a balance": (
        setting(T1, KARAGANDA, c4="50839"),
        {f"table_1_equals_table_3 {CROSS}": "1 of 20 rows: region_code=35"},
    ),
    "table 1: income in another unit in one row": (
        setting(T1, KARAGANDA, c2="1748"),
        {
            f"income_in_tenge_a_year {PROFILE}": "1 of 20 rows: region_code=35 reference_year=2024",
            f"income_near_median_of_regions {PROFILE}": "region_code=35",
            f"food_spend_within_income {PROFILE}": "region_code=35",
        },
    ),
    "table 1: income in another unit in all rows": (
        in_thousands,
        {
            f"income_in_tenge_a_year {PROFILE}": "and 10 more",
            f"food_spend_within_income {PROFILE}": "20 of 20 rows",
        },
    ),
    "table 1: decimal sign slipped into an income": (
        setting(T1, KARAGANDA, c2="174846,1"),
        {
            f"income_in_tenge_a_year {PROFILE}": "region_code=35",
            f"income_near_median_of_regions {PROFILE}": "region_code=35",
            f"food_spend_within_income {PROFILE}": "region_code=35",
            f"decimals_as_in_rest_of_series {OBSERVATION}": "income_per_capita region_code=35",
        },
    ),
    "table 1: one zero too many in food spending": (
        setting(T1, KARAGANDA, c3="5561430"),
        {
            f"food_spend_near_median_of_regions {PROFILE}": "region_code=35",
            f"food_spend_within_income {PROFILE}": "region_code=35",
        },
    ),
    "table 1: income and food spending swapped in a row": (
        swapping(T1, KARAGANDA, "c2", "c3"),
        {
            f"food_spend_within_income {PROFILE}": "region_code=35",
            f"food_spend_near_median_of_regions {PROFILE}": "region_code=35",
        },
    ),
    "table 1: decimal comma lost in children": (
        setting(T1, KARAGANDA, c5="09"),
        {f"children_per_household_in_range {PROFILE}": "region_code=35"},
    ),
    "table 1: thousands separator taken for a decimal sign in a count of the poor": (
        setting(T1, "г.Шымкент", c6="8,793"),
        {
            f"below_food_basket_per_1000_in_range {PROFILE}": "region_code=79",
            f"decimals_as_in_rest_of_series {OBSERVATION}": "below_food_basket region_code=79",
        },
    ),
    "table 1: children missing": (
        setting(T1, KARAGANDA, c5=""),
        {
            f"children_known {PROFILE}": "1 of 20 rows: region_code=35",
            f"figures_as_declared {COVERAGE}": "observed_figures=91 expected_figures=92",
        },
    ),
    "table 1: income missing, the region has no profile": (
        setting(T1, KARAGANDA, c2=""),
        {
            f"every_observation_shown {PROFILE}": "region_code=35 reference_year=2024 found_in=expected only",
            f"figures_as_declared {COVERAGE}": "observed_figures=91 expected_figures=92",
        },
    ),
    "table 1: row dropped": (
        dropping(T1, KARAGANDA),
        {
            f"rows_as_declared {COVERAGE}": "table_name=article_table_1 observed_rows=19 expected_rows=20",
            f"figures_as_declared {COVERAGE}": "observed_figures=88 expected_figures=92",
        },
    ),
    "table 2: one zero too many": (
        setting(T2, "2001", c2="-881620"),
        {
            f"annual_balance_in_range {ANNUAL}": "year=2001",
            f"annual_change_in_range {ANNUAL}": "year=2001",
            f"annual_balance_in_scale_with_regions {ANNUAL}": "all_ages_persons=-1114043",
        },
    ),
    "table 2: sign of a large year": (
        setting(T2, "2001", c2="88162"),
        {f"annual_balance_in_scale_with_regions {ANNUAL}": "first_year=2000 last_year=2024"},
    ),
    "table 2: thousands separator taken for a decimal sign": (
        setting(T2, "2004", c2="2,789"),
        {f"decimals_as_in_rest_of_series {OBSERVATION}": "region_code=00 period_start=2004-01-01"},
    ),
    "table 2: cell missing": (
        setting(T2, "2010", c2=""),
        {
            f"years_without_gap {ANNUAL}": "year=2011 years_since_previous=2",
            f"every_observation_shown {ANNUAL}": "year=2010 found_in=expected only",
            f"figures_as_declared {COVERAGE}": "observed_figures=24 expected_figures=25",
        },
    ),
    "table 2: row dropped": (
        dropping(T2, "2010"),
        {
            f"years_without_gap {ANNUAL}": "year=2011 years_since_previous=2",
            f"rows_as_declared {COVERAGE}": "table_name=article_table_2 observed_rows=24 expected_rows=25",
            f"figures_as_declared {COVERAGE}": "observed_figures=24 expected_figures=25",
        },
    ),
    "table 2: row repeated": (
        repeating(T2, "2010"),
        {
            f"years_without_gap {ANNUAL}": "year=2010 years_since_previous=0",
            f"rows_as_declared {COVERAGE}": "observed_rows=26 expected_rows=25",
            f"figures_as_declared {COVERAGE}": "observed_figures=26 expected_figures=25",
        },
    ),
    "population: digits swapped in a year with a national total": (
        setting(POPULATION_2023, "Павлодарская", c12="764224"),
        {f"column_totals_equal_sums {CONTROL}": "period_start=2010-01-01"},
    ),
    "poverty: decimal point lost": (
        setting(POVERTY, "KZAKM", c3="62"),
        {
            f"poverty_share_in_per_cent {OBSERVATION}": "region_code=11 period_start=2011-01-01 value=62",
            f"poverty_near_neighbouring_years {OBSERVATION}": "period_start=2011-01-01 value=62",
        },
    ),
    "population: a digit lost in a year without a national total": (
        setting(POPULATION_2026, "55", c3="75393"),
        {
            f"population_in_persons {PROFILE}": "region_code=55",
            f"level_near_neighbouring_years {OBSERVATION}": "55 period_start=2024-01-01 value=75393",
            f"balance_per_1000_in_range {PROFILE}": "region_code=55",
            f"balance_per_1000_per_year_in_range {PROFILE}": "region_code=55",
        },
    ),
}


def matching(frame: pd.DataFrame, codes: dict[str, Sequence[str]]) -> pd.Series:
    """True for the rows that have, in each of these columns, one of the values; without columns, for all."""
    found = pd.Series(True, index=frame.index)
    for column, values in codes.items():
        found &= frame[column].isin(values)
    return found


def blanking(mart: str, column: str, **codes: Sequence[str]) -> Callable[[Frames], None]:
    """An edit that leaves no value in one column of a mart, in the rows with these codes."""

    def edit(frames: Frames) -> None:
        rows = matching(frames[mart], codes)
        frames[mart] = frames[mart].assign(**{column: frames[mart][column].mask(rows)})

    return edit


def putting(mart: str, **values: object) -> Callable[[Frames], None]:
    """An edit that puts these values into all rows of a mart."""
    return lambda frames: frames.update({mart: frames[mart].assign(**values)})


def losing(mart: str, **codes: Sequence[str]) -> Callable[[Frames], None]:
    """An edit that takes the rows with these codes out of a mart."""
    return lambda frames: frames.update({mart: frames[mart][~matching(frames[mart], codes)]})


def several(*edits: Callable[[Frames], None]) -> Callable[[Frames], None]:
    def edit(frames: Frames) -> None:
        for one in edits:
            one(frames)

    return edit


READING_CONTROL_TOTALS = (
    f"row_totals_present {CONTROL}",
    f"row_totals_equal_sums {CONTROL}",
    f"column_totals_present {CONTROL}",
    f"column_totals_equal_sums {CONTROL}",
    f"grand_totals_present {CONTROL}",
    f"grand_totals_equal_sums {CONTROL}",
    f"tables_with_totals_present {CONTROL}",
    f"totals_as_many_as_declared {CONTROL}",
    f"regions_with_total_present {BALANCE}",
    f"region_sums_equal_row_totals {BALANCE}",
    f"specialties_with_total_present {BALANCE}",
    f"specialty_sums_equal_column_totals {BALANCE}",
    f"mart_has_rows {CONTROL}",
)


def adding_identities(*rows: dict[str, object]) -> Callable[[Frames], None]:
    return lambda frames: frames.update({IDENTITY: pd.concat([frames[IDENTITY], pd.DataFrame(rows)])})


A_BREACH = identity_row(
    "regions_in_force",
    outcome="breach",
    indicator_code="population",
    region_code="00",
    period_start=pd.Timestamp("2020-01-01"),
    left_value=Decimal(107),
    right_value=Decimal(100),
    difference=Decimal(7),
    parts_count=17,
)
# What no wrong cell can do: a mart that lost something on its way.
FAULTS: dict[str, tuple[Callable[[Frames], object], dict[str, str]]] = {
    "a mart is missing": (
        lambda frames: frames.pop(CONTROL),
        dict.fromkeys(READING_CONTROL_TOTALS, f"{CONTROL} is missing"),
    ),
    "a mart without rows": (
        losing(CONTROL),
        dict.fromkeys(READING_CONTROL_TOTALS, f"{CONTROL} has no rows"),
    ),
    "profiles without one figure": (
        several(
            blanking(PROFILE, "food_spend_per_capita_kzt", region_code=["35"]),
            blanking(PROFILE, "migration_balance_persons", region_code=["39"]),
            blanking(PROFILE, "population_persons", region_code=["43"]),
        ),
        {
            f"food_spend_known {PROFILE}": "1 of 20 rows: region_code=35",
            f"migration_balance_known {PROFILE}": "1 of 20 rows: region_code=39",
            f"population_known {PROFILE}": "1 of 20 rows: region_code=43",
        },
    ),
    "marts that lack a row": (
        several(
            losing(REGION_BALANCE, region_code=["10"]),
            losing(STRUCTURE, specialty_code=["legal"]),
            losing(CROSS, region_code=["11"]),
        ),
        {
            f"every_observation_shown {REGION_BALANCE}": "1 of 21 rows: region_code=10",
            f"every_observation_shown {STRUCTURE}": "1 of 9 rows: specialty_code=legal",
            f"every_observation_shown {CROSS}": "1 of 20 rows: region_code=11",
        },
    ),
    "a region without its specialties": (
        losing(BALANCE, region_code=["10"]),
        {
            f"region_sums_equal_row_totals {BALANCE}": "region_code=10",
            f"specialty_sums_equal_column_totals {BALANCE}": "8 of 9 rows",
            f"every_observation_shown {BALANCE}": "10 specialty_code=economic found_in=expected only",
        },
    ),
    "a release without its tables": (
        losing(COVERAGE, release_id=[POPULATION_2023]),
        {
            f"every_release_has_tables {COVERAGE}": POPULATION_2023,
            f"totals_as_many_as_declared {CONTROL}": "found=24 expected=missing",
        },
    ),
    "a wrong unit": (
        putting(OBSERVATION, unit_code="KZT"),
        {f"unit_as_declared {OBSERVATION}": "unit_code=KZT declared_unit_code=PS"},
    ),
    "no unit": (
        blanking(OBSERVATION, "unit_code", indicator_code=["children_per_household"]),
        {f"unit_as_declared {OBSERVATION}": "unit_code=missing declared_unit_code="},
    ),
    "no observation of a level": (
        losing(OBSERVATION, indicator_code=plausibility.LEVEL_INDICATORS),
        {
            f"levels_present {OBSERVATION}": "0 rows",
            f"level_near_neighbouring_years {OBSERVATION}": "no rows to check",
            f"every_observation_shown {PROFILE}": "region_code=35 reference_year=2024 found_in=actual only",
            f"profiles_present {PROFILE}": "0 rows",
            f"food_spend_known {PROFILE}": "no rows to check",
            f"children_known {PROFILE}": "no rows to check",
            f"migration_balance_known {PROFILE}": "no rows to check",
        },
    ),
    "no figure": (
        blanking(OBSERVATION, "value"),
        {
            f"printed_figures_present {OBSERVATION}": "0 rows",
            f"decimals_as_in_rest_of_series {OBSERVATION}": "no rows to check",
            f"profiles_with_population_present {PROFILE}": "0 rows",
            f"population_known {PROFILE}": "no rows to check",
        },
    ),
    "balances of one year": (
        putting(REGION_BALANCE, period_start=pd.Timestamp("2024-01-01")),
        {
            f"years_of_region_balance_present {ANNUAL}": "0 rows",
            f"annual_balance_in_scale_with_regions {ANNUAL}": "no rows to check",
        },
    ),
    "an identity that does not hold": (
        adding_identities(A_BREACH, {**A_BREACH, "identity_id": "external_flows", "severity": "warn"}),
        {
            f"identities_hold {IDENTITY}": "1 of 2 rows: identity_id=regions_in_force"
            f" release_id={POPULATION_2023} indicator_code=population region_code=00 sex_code=missing"
            " residence_code=missing period_start=2020-01-01 left_value=107 right_value=100 difference=7"
            " parts_count=17 outcome=breach"
        },
    ),
    "totals of no kind": (
        putting(CONTROL, control_kind="total"),
        {
            f"row_totals_present {CONTROL}": "0 rows",
            f"row_totals_equal_sums {CONTROL}": "no rows to check",
            f"column_totals_present {CONTROL}": "0 rows",
            f"column_totals_equal_sums {CONTROL}": "no rows to check",
            f"grand_totals_present {CONTROL}": "0 rows",
            f"grand_totals_equal_sums {CONTROL}": "no rows to check",
            f"totals_as_many_as_declared {CONTROL}": "control_kind=total found=",
            f"regions_with_total_present {BALANCE}": "0 rows",
            f"region_sums_equal_row_totals {BALANCE}": "no rows to check",
            f"specialties_with_total_present {BALANCE}": "0 rows",
            f"specialty_sums_equal_column_totals {BALANCE}": "no rows to check",
        },
    ),
}


def cancelling_in_rows_and_columns(printed: Printed) -> None:
    for label, sign in ((KARAGANDA, 1), (PAVLODAR_T3, -1)):
        cells = row(printed, T3, label)
        cells["c2"], cells["c7"] = str(int(cells["c2"]) + sign * 100), str(int(cells["c7"]) - sign * 100)


UNSEEN: dict[str, Callable[[Printed], None]] = {
    "digits swapped in an income": setting(T1, KARAGANDA, c2="1784461"),
    "digits swapped in children": setting(T1, "Алматинская область", c5="2,1"),
    "one zero too many in a small count of the poor": setting(T1, "Жамбылская область", c6="7090"),
    "digits swapped in a year (the article's text has 83 062 for 88 162)": setting(T2, "2001", c2="-83062"),
    "one zero too many in a small year": setting(T2, "2004", c2="27890"),
    "sign of a small year": setting(T2, "2004", c2="-2789"),
    "four cells of table 3 that cancel in rows and columns": cancelling_in_rows_and_columns,
    "digits swapped in a share of the poor": setting(POVERTY, "KZATY", c6="8.2"),
    "digits swapped in a population without a national total": setting(POPULATION_2026, "55", c3="753393"),
}


def test_the_printed_tables_meet_every_expectation(
    printed: Printed, capfd: pytest.CaptureFixture[str]
) -> None:
    frames = marts(printed)
    result = runner.run(frames)
    assert result.loc[~result["success"]].empty
    assert list(result.columns) == ["suite", "expectation", "subject", "success", "observed", "expected"]
    assert pd.api.types.is_bool_dtype(result["success"])
    assert (result.drop(columns="success").map(len) > 0).all(axis=None)
    assert not result.duplicated(["suite", "expectation", "subject"]).any()
    assert set(result["suite"]) == {"totals", "completeness", "plausibility"}
    pd.testing.assert_frame_equal(result, runner.run(frames))
    (known,) = result.loc[result["expectation"] == "below_food_basket_per_1000_in_range", "observed"]
    assert known == "all of 12 rows, 8 without a figure"
    assert capfd.readouterr() == ("", ""), "no progress bar, no message"


def test_totals_of_a_landed_release_are_counted_under_its_name(printed: Printed) -> None:
    frames = marts(printed)
    control, cover = frames[CONTROL], frames[COVERAGE]
    landed = control.iloc[:2].assign(release_id="file_1", table_name="a sheet", control_kind="total")
    shape = cover.iloc[:1].assign(
        release_id="file_1", table_name="file_1", expected_rows=0, expected_columns=0
    )

    def counted(declared: int) -> pd.DataFrame:
        rows = totals.totals_counted(
            frames
            | {
                CONTROL: pd.concat([control, landed]),
                COVERAGE: pd.concat([cover, shape.assign(expected_control_totals=declared)]),
            }
        )
        return rows[rows["found"] != rows["expected"]]

    assert counted(declared=2).empty
    [missing] = counted(declared=3).to_dict("records")
    assert (missing["table_name"], missing["control_kind"], missing["found"]) == ("file_1", "all", 2)


def test_the_declared_sizes_and_totals_are_those_of_the_article(printed: Printed) -> None:
    frames = marts(printed)
    declared = frames["audit.table_coverage"].set_index("table_name")
    assert [int(declared.loc[table, "observed_rows"]) for table in (T1, T3, T2)] == [20, 21, 25]
    assert declared.loc[T3, "observed_columns"] == 9
    grand = totals.control_totals(frames, "grand_total")
    assert (grand["published_value"].tolist(), grand["summed_value"].tolist()) == ([-267599], [-267599])


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_a_corruption_fails_the_named_expectations(printed: Printed, corruption: str) -> None:
    edit, expected = CORRUPTIONS[corruption]
    edit(printed)
    failed = failures(marts(printed))
    assert set(failed) == set(expected)
    for name, culprit in expected.items():
        assert culprit in failed[name]


def test_a_repeated_row_of_table_3(printed: Printed) -> None:
    repeating(T3, KARAGANDA)(printed)
    failed = failures(marts(printed))
    assert "region_code=35" in failed[f"row_totals_equal_sums {CONTROL}"]
    assert "9 of 33 rows" in failed[f"column_totals_equal_sums {CONTROL}"]
    assert "found=22 expected=21" in failed[f"totals_as_many_as_declared {CONTROL}"]
    assert "observed_figures=193 expected_figures=184" in failed[f"figures_as_declared {COVERAGE}"]


def test_what_no_check_can_see(printed: Printed) -> None:
    """Nothing printed contradicts any of these: only the recorded hash of the table does."""
    for edit in UNSEEN.values():
        edit(printed)
    assert failures(marts(printed)) == {}


def test_a_total_of_an_older_release_is_not_held_against_revised_figures(printed: Printed) -> None:
    frames = marts(printed)
    balance = frames[BALANCE]
    revised = balance["region_code"] == "10"
    frames[BALANCE] = balance.assign(
        balance_persons=balance["balance_persons"] - revised,
        release_id=balance["release_id"].mask(revised, "later"),
    )
    assert failures(frames) == {}


def test_what_a_file_may_say_is_no_slip_of_a_typist(printed: Printed) -> None:
    """A year far from the others, 5 for 5.0 beside 4.9, and a population of which there is no figure."""
    frames = marts(printed)
    facts, years = frames[OBSERVATION], frames["national.external_balance_annual"]
    year = pd.DataFrame({"year": [1997], "balance_persons": years["balance_persons"].iloc[0]})
    rates = facts[facts["indicator_code"] == "nominal_income_per_capita"].iloc[:0]
    some = facts[facts["indicator_code"] == "poverty_share"].iloc[:2]
    rates = pd.concat([rates, some.assign(decimals=[1, 0], source_series="landed")])
    profile = frames["regional.region_profile"]
    of_year = pd.to_datetime(facts["period_start"]).dt.year == profile["reference_year"].iloc[0]
    is_said = (facts["indicator_code"] == "population") & of_year & (facts["region_code"] == "71")
    without = facts[is_said].assign(value=None)
    assert len(without) == 1
    changed = {
        "national.external_balance_annual": (years, year),
        OBSERVATION: (facts[~is_said], pd.concat([rates, without])),
    }
    for name, (before, landed) in changed.items():
        frames[name] = pd.concat([before, landed.assign(release_id="landed")], ignore_index=True)
    in_71 = profile["region_code"] == "71"
    frames["regional.region_profile"] = profile.assign(
        population_persons=profile["population_persons"].mask(in_71),
        balance_per_1000=profile["balance_per_1000"].mask(in_71),
    )
    judged = {"years_without_gap", "decimals_as_in_rest_of_series", "population_known"}
    assert judged & {name.split()[0] for name in failures(frames)} == set()
    log = frames["audit.release_log"]
    typed = pd.DataFrame({"release_id": ["landed"], "kept_in": "seeds/published"})
    frames["audit.release_log"] = pd.concat([log, typed])
    frames[OBSERVATION] = frames[OBSERVATION].dropna(subset="value")
    assert judged <= {name.split()[0] for name in failures(frames)}


def test_totals_of_a_landed_release_are_counted_together(printed: Printed) -> None:
    """Its sheets are not declared one by one: the manifest gives the number of all, under its own name."""
    frames = marts(printed)
    coverage, control = frames[COVERAGE], frames[CONTROL]
    landed = dict.fromkeys(coverage.select_dtypes("number"), 0) | {
        "release_id": "landed",
        "table_name": "landed",
        "expected_control_totals": 2,
        "observed_control_totals": 2,
    }
    frames[COVERAGE] = pd.concat([coverage, pd.DataFrame([landed])])
    release = pd.DataFrame({"release_id": ["landed"], "withdrawn_on": None})
    frames["core.dim_release"] = pd.concat([frames["core.dim_release"], release])
    sheets = control[:2].assign(release_id="landed", table_name=["one", "other"], control_kind="total")
    frames[CONTROL] = pd.concat([control, sheets])
    assert failures(frames) == {}
    frames[CONTROL] = pd.concat([control, sheets[:1]])
    failed = failures(frames)
    assert list(failed) == [f"totals_as_many_as_declared {CONTROL}"]
    assert (
        "table_name=landed control_kind=all found=1 expected=2"
        in failed[f"totals_as_many_as_declared {CONTROL}"]
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_a_mart_fails_the_named_expectations(printed: Printed, fault: str) -> None:
    edit, expected = FAULTS[fault]
    frames = marts(printed)
    edit(frames)
    failed = failures(frames)
    assert set(failed) == set(expected)
    for name, culprit in expected.items():
        assert culprit in failed[name]


def test_without_any_mart_nothing_passes() -> None:
    result = runner.run({})
    assert not result["success"].any()
    assert (
        set(result.loc[result["expectation"] == "mart_has_rows", "subject"])
        == set(completeness.AUDITED_MARTS) - completeness.MAY_BE_EMPTY
    )
    assert result["observed"].str.fullmatch(r"\w+Error: \w+\.\w+ is missing").all()


def test_on_empty_marts_every_count_of_rows_fails(printed: Printed) -> None:
    result = runner.run({name: frame.iloc[:0] for name, frame in marts(printed).items()})
    assert not result["success"].any()
    for one in result.itertuples():
        mart = one.subject if one.expectation == "mart_has_rows" else r"\w+\.\w+"
        assert re.fullmatch(rf"\w+Error: {mart} has no rows", one.observed)


def test_every_expectation_has_been_seen_to_fail() -> None:
    """By name, on marts with one thing wrong; the counts of rows above, on marts that are all empty."""
    suites = (totals.CHECKS, completeness.checks({}), plausibility.CHECKS)
    counted = {f"{check.counted_as} {check.subject}" for checks in suites for check in checks}
    seen = {name for _, failed in [*CORRUPTIONS.values(), *FAULTS.values()] for name in failed}
    result = runner.run({})
    names = result["expectation"] + " " + result["subject"]
    assert not names[~names.isin(counted)].duplicated().any(), "a name tells which one was seen"
    assert seen | counted == set(names)


def test_a_mart_that_is_not_declared_is_expected_to_have_rows(printed: Printed) -> None:
    failed = failures({**marts(printed), "analysis.new": pd.DataFrame({"n": []})})
    assert set(failed) == {"mart_has_rows analysis.new"}
    assert "analysis.new has no rows" in failed["mart_has_rows analysis.new"]


def test_a_column_missing_or_of_text_fails_with_the_reason(printed: Printed) -> None:
    frames = marts(printed)
    frames["audit.cross_table_balance"] = frames["audit.cross_table_balance"].drop(columns="table_1_persons")
    frames["national.external_balance_annual"]["balance_persons"] = "n/a"
    failed = failures(frames)
    assert failed[f"table_1_equals_table_3 {CROSS}"] == "KeyError: 'table_1_persons'"
    assert failed[f"years_without_gap {ANNUAL}"].startswith("ValueError: Unable to parse string")


def test_an_expectation_that_raises_is_a_failed_row(
    printed: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    raising = Check(
        subject="core.about",
        counted_as="present",
        rows=lambda frames: frames["core.about"],
        expectations={"of_a_column_that_is_not_there": between("absent", 0, 1)},
    )
    without_key = Check(
        subject="core.dim_specialty",
        counted_as="present",
        rows=lambda frames: frames["core.dim_specialty"],
        key=("absent",),
        expectations={"named_by_a_column_that_is_not_there": between("any", 2, 3)},
    )
    monkeypatch.setattr(totals, "CHECKS", (raising, without_key))
    failed = failures(marts(printed))
    assert (
        'The column "absent" in BatchData does not exist'
        in failed["of_a_column_that_is_not_there core.about"]
    )
    assert "absent" in failed["named_by_a_column_that_is_not_there core.dim_specialty"]


def test_decimals_and_nulls_of_the_database_are_read_as_numbers(printed: Printed) -> None:
    frames = marts(printed)
    profile = frames[PROFILE]
    profile["income_per_capita_kzt"] = [Decimal(str(value)) for value in profile["income_per_capita_kzt"]]
    profile["below_food_basket_persons"] = profile["below_food_basket_persons"].astype("Int64")
    assert failures(frames) == {}


SANDBOX = """
import socket, sys
import pandas as pd
from expectations import runner
assert "great_expectations" not in sys.modules, "imported before it is needed"

def refuse(*arguments, **names):
    raise AssertionError("network")

socket.socket.connect = refuse
socket.getaddrinfo = refuse
result = runner.run({"core.about": pd.DataFrame({"any": [1]})})
assert result.loc[result["subject"] == "core.about", "success"].all()
"""


def test_a_run_opens_no_connection_leaves_no_file_and_prints_nothing(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    done = subprocess.run(
        [sys.executable, "-c", SANDBOX],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
