"""The statistics of the article, over a table of region profiles: which columns, measures and territories."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis_py.correlation import correlate

# Column of regional.region_profile -> indicator code.
INDICATORS = {
    "income_per_capita_kzt": "income_per_capita",
    "food_spend_per_capita_kzt": "food_spend_per_capita",
    "children_per_household": "children_per_household",
    "below_food_basket_persons": "below_food_basket",
}
# Measure of the balance -> its column.
MEASURES = {"persons": "migration_balance_persons", "per_1000": "balance_per_1000"}


Labels = dict[str, Any]


def correlate_profiles(profile: pd.DataFrame) -> pd.DataFrame:
    """Correlation of the balance with the four indicators, each reference year, measure and missing rule.

    `profile` has the columns of regional.region_profile, one row a region and year. Returns the columns of
    `correlate` with reference_year, territory_set and measure; the Holm family is the four indicators.
    """
    results = [
        correlate(regions, target, list(INDICATORS.values()), missing_rule).assign(**labels)
        for labels, regions, target in _slices(profile.rename(columns=INDICATORS))
        for missing_rule in ("pairwise", "complete")
    ]
    return _together(results, profile)


def _slices(profile: pd.DataFrame) -> Iterator[tuple[Labels, pd.DataFrame, str]]:
    """Labels, regions and column of the balance of each reference year and measure."""
    years = profile.groupby("reference_year") if len(profile) else [(0, profile)]
    for year, regions in years:
        for measure, target in MEASURES.items():
            labels: Labels = {"reference_year": year, "territory_set": f"regions_{len(regions)}"}
            yield labels | {"measure": measure}, regions, target


def _together(parts: list[pd.DataFrame], profile: pd.DataFrame) -> pd.DataFrame:
    """One table; without rows, but with its columns, where there is no profile (a day before the release)."""
    return pd.concat(parts, ignore_index=True)[: None if len(profile) else 0]
