import pandas as pd

from analysis_py.correlation import correlate

INDICATORS = {
    "income_per_capita_kzt": "income_per_capita",
    "food_spend_per_capita_kzt": "food_spend_per_capita",
    "children_per_household": "children_per_household",
    "below_food_basket_persons": "below_food_basket",
}
MEASURES = {"persons": "migration_balance_persons", "per_1000": "balance_per_1000"}


def model(dbt, session):
    profile = dbt.ref("region_profile").df().rename(columns=INDICATORS)
    return pd.concat(
        [
            correlate(regions, target, list(INDICATORS.values()), missing_rule).assign(
                reference_year=year, territory_set="regions_20", measure=measure
            )
            for year, regions in profile.groupby("reference_year")
            for measure, target in MEASURES.items()
            for missing_rule in ("pairwise", "complete")
        ]
    )
