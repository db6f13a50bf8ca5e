"""The statistics of the article, over a table of region profiles: which columns, measures and territories."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis_py.clustering import HierarchicalResult, hierarchical

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


def cluster_profiles(profile: pd.DataFrame) -> HierarchicalResult:
    """Hierarchical clusters of the regions on balance, income and children, each reference year and measure.

    `profile` has the columns of regional.region_profile; agreement is measured with `role_by_sign`. Returns
    the three tables of `hierarchical` with reference_year, territory_set and measure. A year and measure in
    which a region lacks a figure has no rows: without the region it would be another set of territories.
    """
    tables: dict[str, list[pd.DataFrame]] = {name: [] for name in HierarchicalResult._fields}
    for labels, regions, target in _slices(profile.set_index("region_code")):
        features = regions[[target, "income_per_capita_kzt", "children_per_household"]]
        if features.isna().to_numpy().any():
            features = features[:0]
        roles = regions["role_by_sign"].fillna("neither")  # a balance of zero
        for name, table in hierarchical(features, roles)._asdict().items():
            tables[name].append(table.assign(**labels))
    return HierarchicalResult(*(_together(parts, profile) for parts in tables.values()))


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
