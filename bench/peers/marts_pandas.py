"""The marts by pandas: python marts_pandas.py LANDING SEEDS FOLDER

The same tables as marts_sql.py, which says what they take from the data, as Parquet files. Figures are floats
here, exact for whole persons.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

DIMENSIONS = [
    "indicator_code", "region_code", "specialty_code", "sex_code", "residence_code", "age_code",
    "partner_code",
]  # fmt: skip
KEY = [*DIMENSIONS, "period_start", "period_end"]
FIGURE = [*KEY, "source_series"]
SAID = ["value", "unit_code", "decimals", "obs_status", "release_id", "source_ref"]
OF_A_TOTAL = ["release_id", "table_name", *(column for column in KEY if column != "region_code")]
CODES = [
    "table_name", "cell_kind", "label_set", "region_label", "obs_status", "unit_code", "source_series",
    *(column for column in DIMENSIONS if column != "region_code"),
]  # fmt: skip
COLUMNS = [*CODES, "source_ref", "period_start", "period_end", "value", "decimals"]


def main() -> None:
    """Makes the marts of this process's arguments."""
    landing, seeds, folder = map(Path, sys.argv[1:])
    cell = read_cells(landing, seeds)
    is_fact = cell["cell_kind"] == "fact"
    fact = cell[is_fact]
    control_totals(cell[~is_fact], fact).to_parquet(folder / "fct_control_total.parquet")
    del cell
    revision = vintages(fact)
    revision.to_parquet(folder / "fct_revision.parquet")
    observation = revision.loc[revision["known_to"].isna(), FIGURE + SAID]
    observation.to_parquet(folder / "fct_observation.parquet")
    figures = figure_revision(fact, revision)
    figures.to_parquet(folder / "figure_revision.parquet")
    summary(figures).to_parquet(folder / "revision_summary.parquet")


def read_cells(landing: Path, seeds: Path) -> pd.DataFrame:
    """The landed rows with codes, and when their releases were published."""
    parts = []
    for file in sorted(landing.glob("releases/*.json")):
        release = json.loads(file.read_text(encoding="utf-8"))
        part = pd.read_parquet(landing / "rows" / f"{release['release_id']}.parquet", columns=COLUMNS)
        part["value"] = part["value"].astype("float64")
        part["period_start"] = pd.to_datetime(part["period_start"])
        part["period_end"] = pd.to_datetime(part["period_end"])
        part[CODES] = part[CODES].astype("category")
        part["release_id"] = release["release_id"]
        part["known_from"] = pd.Timestamp(release["published_on"]) + pd.Timedelta(
            seconds=release["sequence_in_day"]
        )
        part["recorded_at"] = pd.Timestamp(release["recorded_at"]).tz_localize(None)
        parts.append(part)
    if not parts:
        raise SystemExit("nothing has landed")
    for column in [*CODES, "release_id"]:
        every = sorted({code for part in parts for code in part[column].unique()})
        for part in parts:
            part[column] = pd.Categorical(part[column], categories=every)
    cell = pd.concat(parts, ignore_index=True)
    label = pd.read_csv(seeds / "reference" / "region_label.csv", dtype="str")
    label = label[label["label_set"].isin(cell["label_set"].cat.categories)].set_index("label")
    cell["region_code"] = cell["region_label"].map(label["region_code"]).astype("category")
    series = pd.read_csv(seeds / "reference" / "source_series.csv", index_col="source_series")["preference"]
    cell["series_preference"] = cell["source_series"].map(series).astype("int32")
    if cell["region_code"].isna().any():
        raise SystemExit("a label without a code")
    return cell


def neighbours(ordered: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Whether each row is of the same figure as the row before."""
    same = np.ones(len(ordered), bool)
    for column in columns:
        values = ordered[column]
        is_code = isinstance(values.dtype, pd.CategoricalDtype)
        numbers = (values.cat.codes if is_code else values).to_numpy()
        same[1:] &= numbers[1:] == numbers[:-1]
    same[:1] = False
    return same


def vintages(fact: pd.DataFrame) -> pd.DataFrame:
    """From when to when each statement stood."""
    # Sorted, the statements of one figure are neighbours: quicker than groups of ten columns.
    columns = [*FIGURE, *SAID, "series_preference", "known_from", "recorded_at"]
    ordered = fact[columns].sort_values([*FIGURE, "known_from"], ignore_index=True)
    value, before = ordered["value"], ordered["value"].shift()
    changed = (value != before) & ~(value.isna() & before.isna())
    changed |= ordered["obs_status"].cat.codes != ordered["obs_status"].cat.codes.shift()
    opening = ordered[~neighbours(ordered, FIGURE) | changed].reset_index(drop=True)
    next_same = np.append(neighbours(opening, FIGURE)[1:], False)
    opening["known_to"] = opening["known_from"].shift(-1).where(next_same)
    return opening


def control_totals(total: pd.DataFrame, fact: pd.DataFrame) -> pd.DataFrame:
    """Published totals beside the sums of the regions."""
    parts = (
        fact[fact["value"].notna()]
        .groupby(OF_A_TOTAL, observed=True)["value"]
        .agg(summed_value="sum", parts_count="count")
        .reset_index()
    )
    beside = total.merge(parts, how="left", on=OF_A_TOTAL)
    beside = beside.rename(columns={"cell_kind": "control_kind", "value": "published_value"})
    beside["parts_count"] = beside["parts_count"].fillna(0).astype("int64")
    beside["difference"] = beside["summed_value"] - beside["published_value"]
    return beside[
        [
            *OF_A_TOTAL, "region_code", "control_kind", "published_value", "summed_value", "parts_count",
            "difference", "source_ref",
        ]
    ]  # fmt: skip


def figure_revision(fact: pd.DataFrame, revision: pd.DataFrame) -> pd.DataFrame:
    """Figures that were published again, beside their first publication and the months before."""
    first_of_series = fact.groupby("source_series", observed=True)["known_from"].transform("min")
    # What only the first release of a series says has not been said again.
    later = fact.loc[fact["known_from"] > first_of_series, FIGURE].drop_duplicates()
    restated = fact.loc[fact["value"].notna(), [*FIGURE, "value", "unit_code", "release_id", "known_from"]]
    restated = restated.merge(later, on=FIGURE).sort_values([*FIGURE, "known_from"])
    first = restated.drop_duplicates(FIGURE)[[*FIGURE, "value", "release_id", "known_from"]]
    first.columns = pd.Index([*FIGURE, "first_value", "first_release_id", "first_known_from"])
    aged = restated.merge(first, on=FIGURE)
    aged = aged[aged["known_from"] > aged["first_known_from"]].sort_values([*FIGURE, "known_from"])
    aged["age_years"] = whole_years(aged["first_known_from"], aged["known_from"])
    of_a_year = aged.drop_duplicates([*FIGURE, "age_years"], keep="last")
    of_a_year = of_a_year.assign(age="years_" + of_a_year["age_years"].astype("str"))
    latest = aged.drop_duplicates(FIGURE, keep="last").assign(age="latest", age_years=None)
    listed = pd.concat([of_a_year.astype({"age_years": "Int32"}), latest.astype({"age_years": "Int32"})])
    series = [*DIMENSIONS, "source_series"]
    before = revision[[*series, "period_end", "value", "known_from", "known_to"]]
    before = before.rename(columns={"period_end": "period_start"})
    on = [*series, "period_start"]
    for name, moment in (("first_value_before", "first_known_from"), ("later_value_before", "known_from")):
        wanted = listed[[*on, moment]].drop_duplicates().rename(columns={moment: "moment"})
        known = wanted.merge(before, on=on)
        known = known[
            (known["moment"] >= known["known_from"])
            & ((known["moment"] < known["known_to"]) | known["known_to"].isna())
        ]
        known = known[[*on, "moment", "value"]].rename(columns={"moment": moment, "value": name})
        listed = listed.merge(known, how="left", on=[*on, moment])
    listed["revision"] = listed["value"] - listed["first_value"]
    names = {"value": "later_value", "release_id": "later_release_id", "known_from": "later_known_from"}
    return listed.rename(columns=names)


def whole_years(start: pd.Series, end: pd.Series) -> pd.Series:
    """Whole years between two days."""
    years = 10000 * (end.dt.year - start.dt.year) + 100 * (end.dt.month - start.dt.month)
    found: pd.Series = (years + end.dt.day - start.dt.day) // 10000
    return found


def summary(figures: pd.DataFrame) -> pd.DataFrame:
    """The measures of revision of each indicator and age."""
    figures = figures.assign(
        r=figures["revision"],
        magnitude=figures["revision"].abs(),
        square=figures["revision"] ** 2,
        is_revised=figures["revision"] != 0,
        is_upward=figures["revision"] > 0,
        right_sign=np.sign(figures["first_value"]) == np.sign(figures["later_value"]),
        right_direction=(
            np.sign(figures["first_value"] - figures["first_value_before"])
            == np.sign(figures["later_value"] - figures["later_value_before"])
        ).where(figures[["first_value_before", "later_value_before"]].notna().all(axis=1)),
    )
    figures["right_direction"] = figures["right_direction"].astype("float64")
    found = figures.groupby(["indicator_code", "age"], observed=True).agg(
        n=("r", "size"),
        n_periods=("period_start", "nunique"),
        n_revised=("is_revised", "sum"),
        mean_revision=("r", "mean"),
        mean_absolute_revision=("magnitude", "mean"),
        median_revision=("r", "median"),
        root_mean_square_revision=("square", "mean"),
        sd_revision=("r", "std"),
        min_revision=("r", "min"),
        max_revision=("r", "max"),
        share_upward=("is_upward", "mean"),
        share_right_sign=("right_sign", "mean"),
        n_direction=("right_direction", "count"),
        share_right_direction=("right_direction", "mean"),
    )
    found["root_mean_square_revision"] = np.sqrt(found["root_mean_square_revision"])
    return found.reset_index()


if __name__ == "__main__":
    main()
