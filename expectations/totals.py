"""Sums against the totals that the publisher printed. The totals are data (`core.fct_control_total`): a
release brings its own, and how many follows from what `audit.table_coverage` declares of its tables.
"""

import pandas as pd

from expectations.check import Check, Frames, equal, mart, never, numeric

CONTROL_TOTAL = "core.fct_control_total"
IDENTITY = "audit.identity_check"
SPECIALTY_BALANCE = "specialty.region_specialty_balance"
# What tells one total from another: its region, its specialty, or in a national series its period.
TOTAL_KEY = ("table_name", "region_code", "specialty_code", "period_start", "source_ref")
DECLARED_AS = {
    "expected_rows": "row_total",
    "expected_columns": "column_total",
    "expected_control_totals": "all",
}


def control_totals(frames: Frames, kind: str) -> pd.DataFrame:
    """The printed totals of a kind (row_total, column_total, grand_total) beside the sums of their parts."""
    totals = mart(frames, CONTROL_TOTAL)
    return numeric(totals[totals["control_kind"] == kind], "published_value", "summed_value")


def totals_counted(frames: Frames) -> pd.DataFrame:
    """Number of printed totals of each table, by kind and of all kinds: found, and expected from its shape.

    A table that prints row totals prints one a row, likewise columns; a grand total is one. Which kinds it
    prints is not declared, only how many totals in all: a kind that is absent altogether shows in `all`. A
    landed release declares that number alone, for all its tables, under its own name. A row stands for as
    many totals as its `totals_count` says, without one for a single total.
    """
    key = ["release_id", "table_name", "control_kind"]
    declared = mart(frames, "audit.table_coverage")
    expected = (
        declared.rename(columns=DECLARED_AS)
        .assign(grand_total=1)
        .melt(
            id_vars=["release_id", "table_name"],
            value_vars=["row_total", "column_total", "grand_total", "all"],
            var_name="control_kind",
            value_name="expected",
        )
    )
    totals = mart(frames, CONTROL_TOTAL)
    totals = totals[key].assign(found=totals.get("totals_count", 1))
    of_release = ~totals["table_name"].isin(declared["table_name"])
    totals = totals.assign(table_name=totals["table_name"].mask(of_release, totals["release_id"]))
    found = pd.concat([totals, totals.assign(control_kind="all")]).groupby(key, as_index=False)["found"].sum()
    counted = expected.merge(found, how="outer", on=key)
    has_shape = ~counted["table_name"].isin(declared.loc[declared["expected_rows"] == 0, "table_name"])
    counted = counted[(has_shape & counted["found"].notna()) | (counted["control_kind"] == "all")]
    return numeric(counted.fillna({"found": 0}), "found", "expected")


def mart_sums(frames: Frames, kind: str, code: str) -> pd.DataFrame:
    """The printed totals of the balance by specialty (one a region or a specialty) beside the finished mart.

    A total is left out where the mart shows, for that region or specialty, figures of another release: a
    later edition has revised them, and the older total is no longer theirs.
    """
    by = [code, "period_start", "period_end"]
    printed = control_totals(frames, kind)
    printed = printed[printed["indicator_code"] == "migration_balance_by_specialty"]
    sums = (
        numeric(mart(frames, SPECIALTY_BALANCE), "balance_persons")
        .groupby(by, as_index=False)
        .agg(
            mart_value=("balance_persons", "sum"),
            release_count=("release_id", "nunique"),
            mart_release_id=("release_id", "first"),
        )
    )
    beside = printed.merge(sums, how="left", on=by)
    own = (beside["release_count"] == 1) & (beside["mart_release_id"] == beside["release_id"])
    return beside[own | beside["mart_value"].isna()]


def identities(frames: Frames) -> pd.DataFrame:
    """What was found of the identities whose breach is declared to fail a build."""
    rows = mart(frames, IDENTITY)
    return rows[rows["severity"] == "quarantine"]


CHECKS = (
    Check(
        subject=CONTROL_TOTAL,
        counted_as="row_totals_present",
        rows=lambda frames: control_totals(frames, "row_total"),
        key=TOTAL_KEY,
        expectations={"row_totals_equal_sums": equal("summed_value", "published_value")},
    ),
    Check(
        subject=CONTROL_TOTAL,
        counted_as="column_totals_present",
        rows=lambda frames: control_totals(frames, "column_total"),
        key=TOTAL_KEY,
        expectations={"column_totals_equal_sums": equal("summed_value", "published_value")},
    ),
    Check(
        subject=CONTROL_TOTAL,
        counted_as="grand_totals_present",
        rows=lambda frames: control_totals(frames, "grand_total"),
        key=TOTAL_KEY,
        expectations={"grand_totals_equal_sums": equal("summed_value", "published_value")},
    ),
    Check(
        subject=CONTROL_TOTAL,
        counted_as="tables_with_totals_present",
        rows=totals_counted,
        key=("table_name", "control_kind"),
        expectations={"totals_as_many_as_declared": equal("found", "expected")},
    ),
    Check(
        subject=SPECIALTY_BALANCE,
        counted_as="regions_with_total_present",
        rows=lambda frames: mart_sums(frames, "row_total", "region_code"),
        key=("region_code", "source_ref"),
        expectations={"region_sums_equal_row_totals": equal("mart_value", "published_value")},
    ),
    Check(
        subject=SPECIALTY_BALANCE,
        counted_as="specialties_with_total_present",
        rows=lambda frames: mart_sums(frames, "column_total", "specialty_code"),
        key=("specialty_code", "source_ref"),
        expectations={"specialty_sums_equal_column_totals": equal("mart_value", "published_value")},
    ),
    Check(
        subject="audit.cross_table_balance",
        counted_as="regions_in_both_tables_present",
        rows=lambda frames: numeric(
            mart(frames, "audit.cross_table_balance"), "table_1_persons", "table_3_persons"
        ),
        key=("region_code",),
        expectations={"table_1_equals_table_3": equal("table_1_persons", "table_3_persons")},
    ),
    Check(
        subject=IDENTITY,
        counted_as="identities_looked_at",
        rows=identities,
        key=(
            "identity_id",
            "release_id",
            "indicator_code",
            "region_code",
            "sex_code",
            "residence_code",
            "period_start",
            "left_value",
            "right_value",
            "difference",
            "parts_count",
        ),
        expectations={"identities_hold": never("outcome", "breach")},
    ),
)
