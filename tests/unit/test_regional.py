"""The article's statistics over a table of profiles: every year and measure by itself, and no profile."""

from pathlib import Path

import pandas as pd
import pytest

from analysis_py.regional import INDICATORS, cluster_profiles

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


def test_each_year_is_clustered_by_itself(profile: pd.DataFrame) -> None:
    result = cluster_profiles(profile)
    both = pd.concat([cluster_profiles(one)[0] for _, one in profile.groupby("reference_year")])
    key = ["reference_year", "measure", "method", "k", "region_code"]
    pd.testing.assert_frame_equal(
        result.assignment.sort_values(key, ignore_index=True), both.sort_values(key, ignore_index=True)
    )
    chosen = result.quality.query(
        "reference_year == 2024 and method == 'ward' and measure == 'persons' and is_chosen_k"
    )
    assert chosen["k"].tolist() == [2]
    assert chosen["ari_vs_role"].round(3).tolist() == [0.044]
    assert result.merge.groupby(["reference_year", "measure", "method"]).size().eq(19).all()


def test_a_year_with_a_figure_missing_has_no_clusters(profile: pd.DataFrame) -> None:
    missing = (profile["reference_year"] == 2023) & (profile["region_code"] == "11")
    profile.loc[missing, "balance_per_1000"] = float("nan")
    result = cluster_profiles(profile)
    full = {(2024, "persons"), (2024, "per_1000"), (2023, "persons")}
    for table in result:
        assert set(table[["reference_year", "measure"]].itertuples(index=False, name=None)) == full


def test_no_profile_gives_empty_tables_with_their_columns(profile: pd.DataFrame) -> None:
    for full, empty in zip(cluster_profiles(profile), cluster_profiles(profile[:0]), strict=True):
        assert list(empty.columns) == list(full.columns)
        assert len(empty) == 0 < len(full)
