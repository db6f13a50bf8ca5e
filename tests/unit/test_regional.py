"""The article's statistics over a table of profiles: every year and measure by itself, and no profile."""

from pathlib import Path

import pandas as pd
import pytest

from analysis_py.correlation import METHODS
from analysis_py.regional import INDICATORS, MEASURES, correlate_profiles

TABLE_1 = Path(__file__).parent / "data" / "article_table_1.csv"


@pytest.fixture
def profile() -> pd.DataFrame:
    """Table 1 as 2024; the same regions as 2023 with the balance turned round; 1 000 000 inhabitants each."""
    table = pd.read_csv(TABLE_1, comment="#", dtype={"region_code": str})
    table = table.rename(columns={code: column for column, code in INDICATORS.items()})
    years = [(2024, 1), (2023, -1)]
    profile = pd.concat(
        [
            table.assign(reference_year=year, migration_balance_persons=sign * table["migration_balance"])
            for year, sign in years
        ]
    )
    profile["balance_per_1000"] = profile["migration_balance_persons"] / 1000
    profile["role_by_sign"] = (
        profile["migration_balance_persons"].lt(0).map({True: "donor", False: "recipient"})
    )
    return profile.drop(columns="migration_balance")


def test_each_year_is_correlated_by_itself(profile: pd.DataFrame) -> None:
    result = correlate_profiles(profile).set_index(
        ["reference_year", "measure", "missing_rule", "method", "indicator_code"]
    )
    result = result.sort_index()
    assert result.index.is_unique
    assert len(result) == 2 * len(MEASURES) * 2 * len(METHODS) * len(INDICATORS)
    article = result.loc[(2024, "persons", "pairwise", "pearson")]
    assert article["r"].round(2).to_dict() == {  # printed in the article: -0.57, 0.73, 0.20
        "income_per_capita": -0.57,
        "food_spend_per_capita": -0.22,
        "children_per_household": 0.73,
        "below_food_basket": 0.20,
    }
    turned = result.loc[(2023, "persons", "pairwise", "pearson")]
    pd.testing.assert_series_equal(turned["r"], -article["r"])
    # with equal populations the rate is the balance in other units
    pd.testing.assert_frame_equal(result.loc[(2024, "per_1000")], result.loc[(2024, "persons")])


def test_no_profile_gives_an_empty_table_with_its_columns(profile: pd.DataFrame) -> None:
    nothing = correlate_profiles(profile[:0])
    assert len(nothing) == 0
    assert list(nothing.columns) == list(correlate_profiles(profile).columns)
