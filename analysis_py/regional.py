"""The statistics of the article, over a table of region profiles: which columns, measures and territories."""

from collections.abc import Callable, Iterator

import pandas as pd

from analysis_py.clustering import HierarchicalResult, hierarchical
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
TERRITORY_SET = "regions_20"


def correlate_profiles(profile: pd.DataFrame) -> pd.DataFrame:
    """Correlation of the balance with the four indicators, each reference year, measure and missing rule.

    `profile` has the columns of regional.region_profile, one row a region and year. Returns the columns of
    `correlate` with reference_year, territory_set and measure; the Holm family is the four indicators.
    """

    def one(regions: pd.DataFrame, target: str) -> pd.DataFrame:
        indicators = list(INDICATORS.values())
        return pd.concat(
            [correlate(regions, target, indicators, rule) for rule in ("pairwise", "complete")],
            ignore_index=True,
        )

    return _each_year_and_measure(profile.rename(columns=INDICATORS), one)


def cluster_profiles(profile: pd.DataFrame) -> HierarchicalResult:
    """Hierarchical clusters of the regions on balance, income and children, each reference year and measure.

    `profile` has the columns of regional.region_profile; agreement is measured with `role_by_sign`. Returns
    the three tables of `hierarchical` with reference_year, territory_set and measure.
    """

    def table(name: str) -> pd.DataFrame:
        def one(regions: pd.DataFrame, target: str) -> pd.DataFrame:
            indexed = regions.set_index("region_code")
            features = indexed[[target, "income_per_capita_kzt", "children_per_household"]]
            result: pd.DataFrame = getattr(hierarchical(features, indexed["role_by_sign"]), name)
            return result

        return _each_year_and_measure(profile, one)

    return HierarchicalResult(*(table(name) for name in HierarchicalResult._fields))


def _each_year_and_measure(
    profile: pd.DataFrame, compute: Callable[[pd.DataFrame, str], pd.DataFrame]
) -> pd.DataFrame:
    def parts(profile: pd.DataFrame) -> Iterator[pd.DataFrame]:
        for year, regions in profile.groupby("reference_year"):
            for measure, target in MEASURES.items():
                yield compute(regions, target).assign(
                    reference_year=year, territory_set=TERRITORY_SET, measure=measure
                )

    if profile.empty:  # a day before the first release: the tables are there and hold nothing
        nothing = compute(profile, MEASURES["persons"])[:0]
        return nothing.assign(reference_year=0, territory_set="", measure="")
    return pd.concat(list(parts(profile)), ignore_index=True)
