"""The marts by Polars, its streaming engine: python marts_polars.py LANDING SEEDS FOLDER

The same tables as marts_sql.py, which says what they take from the data, as Parquet files.
"""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

DIMENSIONS = [
    "indicator_code", "region_code", "specialty_code", "sex_code", "residence_code", "age_code",
    "partner_code",
]  # fmt: skip
KEY = [*DIMENSIONS, "period_start", "period_end"]
FIGURE = [*KEY, "source_series"]
SAID = ["value", "unit_code", "decimals", "obs_status", "release_id", "source_ref"]
OF_A_TOTAL = [
    "release_id", "table_name", *(column for column in KEY if column != "region_code"),
]  # fmt: skip


def main() -> None:
    """Makes the marts of this process's arguments."""
    landing, seeds, folder = map(Path, sys.argv[1:])
    cell = read_cells(landing, seeds)
    fact = cell.filter(pl.col("cell_kind") == "fact")
    revision = vintages(fact).collect(engine="streaming")
    tables = {
        "fct_revision": revision.lazy(),
        "fct_observation": revision.lazy().filter(pl.col("known_to").is_null()).select(FIGURE + SAID),
        "fct_control_total": control_totals(cell, fact),
    }
    figures = figure_revision(fact, revision.lazy())
    tables |= {"figure_revision": figures.lazy(), "revision_summary": summary(figures.lazy())}
    for name, table in tables.items():
        table.sink_parquet(folder / f"{name}.parquet", engine="streaming")


def read_cells(landing: Path, seeds: Path) -> pl.LazyFrame:
    """The landed rows with codes, and when their releases were published."""
    parts = []
    for file in sorted(landing.glob("releases/*.json")):
        release = json.loads(file.read_text(encoding="utf-8"))
        known_from = datetime.fromisoformat(release["published_on"])
        known_from += timedelta(seconds=release["sequence_in_day"])
        recorded_at = datetime.fromisoformat(release["recorded_at"]).replace(tzinfo=None)
        parts.append(
            pl.scan_parquet(landing / "rows" / f"{release['release_id']}.parquet").with_columns(
                pl.lit(release["release_id"]).alias("release_id"),
                pl.lit(known_from).alias("known_from"),
                pl.lit(recorded_at).alias("recorded_at"),
            )
        )
    if not parts:
        raise SystemExit("nothing has landed")
    reference = seeds / "reference"
    label = pl.scan_csv(reference / "region_label.csv", infer_schema=False).select(
        "label_set", "region_code", region_label="label"
    )
    series = pl.scan_csv(reference / "source_series.csv", infer_schema=False).select(
        "source_series", series_preference=pl.col("preference").cast(pl.Int32)
    )
    return (
        pl.concat(parts)
        .join(series, on="source_series", how="inner")
        .join(label, on=["label_set", "region_label"], how="left")
    )


def vintages(fact: pl.LazyFrame) -> pl.LazyFrame:
    """From when to when each statement stood."""
    columns = [*FIGURE, *SAID, "series_preference", "known_from", "recorded_at"]
    # Sorted, the statements of one figure are neighbours: quicker than windows over ten columns.
    ordered = fact.select(columns).sort([*FIGURE, "known_from"])
    same = pl.all_horizontal(pl.col(column) == pl.col(column).shift(1) for column in FIGURE).fill_null(False)
    changed = [pl.col(column).ne_missing(pl.col(column).shift(1)) for column in ("value", "obs_status")]
    opening = ordered.filter(~same | pl.any_horizontal(changed))
    next_same = pl.all_horizontal(pl.col(column) == pl.col(column).shift(-1) for column in FIGURE)
    return opening.with_columns(
        known_to=pl.when(next_same.fill_null(False)).then(pl.col("known_from").shift(-1))
    ).select([*FIGURE, *SAID, "series_preference", "known_from", "known_to", "recorded_at"])


def control_totals(cell: pl.LazyFrame, fact: pl.LazyFrame) -> pl.LazyFrame:
    """Published totals beside the sums of the regions."""
    parts = (
        fact.filter(pl.col("value").is_not_null())
        .group_by(OF_A_TOTAL)
        .agg(
            summed_value=pl.col("value").sum().cast(pl.Decimal(24, 6)),
            parts_count=pl.col("value").count().cast(pl.Int64),
        )
    )
    return (
        cell.filter(pl.col("cell_kind") != "fact")
        .join(parts, on=OF_A_TOTAL, how="left")
        .select(
            *OF_A_TOTAL,
            "region_code",
            pl.col("parts_count").fill_null(0),
            "source_ref",
            "summed_value",
            control_kind="cell_kind",
            published_value="value",
            difference=(pl.col("summed_value") - pl.col("value")).cast(pl.Decimal(24, 6)),
        )
    )


def figure_revision(fact: pl.LazyFrame, revision: pl.LazyFrame) -> pl.DataFrame:
    """Figures that were published again, beside their first publication and the months before."""
    firsts = fact.group_by("source_series").agg(first_of_series=pl.col("known_from").min())
    # What only the first release of a series says has not been said again.
    later = (
        fact.join(firsts, on="source_series")
        .filter(pl.col("known_from") > pl.col("first_of_series"))
        .select(FIGURE)
        .unique()
    )
    # What has been said again is little: from here on in memory.
    restated = (
        fact.join(later, on=FIGURE, how="semi")
        .filter(pl.col("value").is_not_null())
        .select(*FIGURE, "value", "unit_code", "release_id", "known_from")
        .collect(engine="streaming")
        .sort("known_from")
    )
    first = restated.unique(FIGURE, keep="first", maintain_order=True).select(
        *FIGURE, first_value="value", first_release_id="release_id", first_known_from="known_from"
    )
    aged = (
        restated.join(first, on=FIGURE)
        .filter(pl.col("known_from") > pl.col("first_known_from"))
        .with_columns(age_years=whole_years("first_known_from", "known_from"))
        .sort("known_from")
    )
    of_a_year = aged.unique([*FIGURE, "age_years"], keep="last", maintain_order=True)
    latest = aged.unique(FIGURE, keep="last", maintain_order=True)
    listed = pl.concat(
        [
            of_a_year.with_columns(age=pl.format("years_{}", "age_years")),
            latest.with_columns(age=pl.lit("latest"), age_years=pl.lit(None, pl.Int32)),
        ],
        how="diagonal",
    )
    on = [*DIMENSIONS, "source_series", "period_start"]
    before = (
        revision.select(
            *DIMENSIONS, "source_series", "value", "known_from", "known_to", period_start="period_end"
        )
        .join(listed.lazy().select(on).unique(), on=on, how="semi")
        .collect(engine="streaming")
    )
    for name, moment in (("first_value_before", "first_known_from"), ("later_value_before", "known_from")):
        known = (
            listed.select(*on, pl.col(moment).alias("moment"))
            .unique()
            .join(before, on=on)
            .filter(
                pl.col("moment") >= pl.col("known_from"),
                (pl.col("moment") < pl.col("known_to")) | pl.col("known_to").is_null(),
            )
            .select(*on, pl.col("value").alias(name), pl.col("moment").alias(moment))
        )
        listed = listed.join(known, on=[*on, moment], how="left")
    return listed.select(
        *FIGURE,
        "age",
        "age_years",
        "unit_code",
        "first_value",
        "first_value_before",
        "later_value_before",
        "first_release_id",
        "first_known_from",
        later_value="value",
        revision=(pl.col("value") - pl.col("first_value")).cast(pl.Decimal(24, 6)),
        later_release_id="release_id",
        later_known_from="known_from",
    )


def whole_years(start: str, end: str) -> pl.Expr:
    """Whole years between two days."""
    first, last = pl.col(start).dt, pl.col(end).dt
    return (
        (
            10000 * (last.year() - first.year())
            + 100 * (last.month().cast(pl.Int32) - first.month().cast(pl.Int32))
            + last.day().cast(pl.Int32)
            - first.day().cast(pl.Int32)
        )
        // 10000
    ).cast(pl.Int32)


def summary(figures: pl.LazyFrame) -> pl.LazyFrame:
    """The measures of revision of each indicator and age."""
    numbers = ["first_value", "later_value", "first_value_before", "later_value_before", "revision"]
    value = {name: pl.col(name) for name in numbers}
    r = value["revision"]
    then = (value["first_value"] - value["first_value_before"]).sign()
    now = (value["later_value"] - value["later_value_before"]).sign()
    return (
        figures.with_columns(pl.col(numbers).cast(pl.Float64))
        .with_columns(
            right_sign=value["first_value"].sign() == value["later_value"].sign(), right_direction=then == now
        )
        .group_by("indicator_code", "age")
        .agg(
            n=pl.len(),
            n_periods=pl.col("period_start").n_unique(),
            n_revised=(r != 0).sum(),
            mean_revision=r.mean(),
            mean_absolute_revision=r.abs().mean(),
            median_revision=r.median(),
            root_mean_square_revision=(r * r).mean().sqrt(),
            sd_revision=r.std(),
            min_revision=r.min(),
            max_revision=r.max(),
            share_upward=(r > 0).mean(),
            share_right_sign=pl.col("right_sign").mean(),
            n_direction=pl.col("right_direction").count(),
            share_right_direction=pl.col("right_direction").mean(),
        )
    )


if __name__ == "__main__":
    main()
