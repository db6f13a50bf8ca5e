"""Clusters over tables of profiles: each year, set and measure by itself, bad input, no profile."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis_py.clustering import METHODS
from analysis_py.region_clusters import MEASURES, RegionClusters, region_clusters, stacked

TABLE_1 = Path(__file__).parent / "data" / "article_table_1.csv"
SETS = {"regions_20", "harmonised_19"}


@pytest.fixture
def regions() -> pd.DataFrame:
    """Table 1 as 2024; the same regions as 2023 with the balance turned round; 1 000 000 inhabitants each."""
    table = pd.read_csv(TABLE_1, comment="#", dtype={"region_code": str}).rename(
        columns={
            "income_per_capita": "income_per_capita_kzt",
            "food_spend_per_capita": "food_spend_per_capita_kzt",
            "below_food_basket": "below_food_basket_persons",
        }
    )
    profile = pd.concat(
        [
            table.assign(reference_year=year, migration_balance_persons=sign * table["migration_balance"])
            for year, sign in [(2024, 1), (2023, -1)]
        ],
        ignore_index=True,
    )
    profile["balance_per_1000"] = profile["migration_balance_persons"] / 1000
    profile["role_by_sign"] = (
        profile["migration_balance_persons"].lt(0).map({True: "donor", False: "recipient"})
    )
    return profile.drop(columns="migration_balance")


@pytest.fixture
def units(regions: pd.DataFrame) -> pd.DataFrame:
    """The regions but Abai, which is a part of East Kazakhstan."""
    return regions[regions["region_code"] != "10"].rename(columns={"region_code": "harmonised_unit"})


@pytest.fixture
def unit_of_region(regions: pd.DataFrame) -> pd.Series:
    codes = regions["region_code"].unique()
    return pd.Series(codes, index=codes).replace("10", "63")


def test_each_year_is_clustered_by_itself(
    regions: pd.DataFrame, units: pd.DataFrame, unit_of_region: pd.Series
) -> None:
    result = region_clusters(regions, units, unit_of_region)
    for year in (2023, 2024):
        alone = region_clusters(
            regions[regions["reference_year"] == year], units[units["reference_year"] == year], unit_of_region
        )
        for both, one in zip(result, alone, strict=True):
            of_year = both[both["reference_year"] == year]
            keys = [name for name in one.columns if one[name].dtype != "float64"]
            pd.testing.assert_frame_equal(
                of_year.sort_values(keys, ignore_index=True), one.sort_values(keys, ignore_index=True)
            )
    assert set(result.quality["territory_set"]) == SETS
    chosen = result.quality.query(
        "reference_year == 2024 and measure == 'persons' and territory_set == 'regions_20' and is_chosen_k"
    )
    assert chosen["k"].tolist() == [2] * 5
    assert chosen["ari_vs_role"].round(3).tolist() == [0.044] * 5
    assert result.quality["status"].eq("ok").all()
    assert len(result.quality) == 2 * len(SETS) * len(MEASURES) * len(METHODS) * 5


def test_partitions_are_compared_with_each_other(
    regions: pd.DataFrame, units: pd.DataFrame, unit_of_region: pd.Series
) -> None:
    agreement = region_clusters(regions, units, unit_of_region).agreement
    of_year = len(SETS) * len(MEASURES) * len(METHODS)
    assert len(agreement) == 2 * of_year * (of_year - 1) / 2
    # with equal populations the rate is the balance in other units
    same = agreement.query("territory_set == other_territory_set and method == other_method")
    assert same["adjusted_rand"].eq(1).all()
    assert same["moved_regions"].eq("").all()
    between = agreement.query("territory_set != other_territory_set and method == other_method == 'ward'")
    assert set(between["territory_set"]) == {"regions_20"}
    assert set(between["n"]) == {20}
    # Abai, with few children lost to the east, is in its unit's cluster and not in its own
    of_2024 = between[between["reference_year"] == 2024]
    assert set(of_2024["moved_regions"]) == {"10"}


def test_names_say_what_the_clusters_are(
    regions: pd.DataFrame, units: pd.DataFrame, unit_of_region: pd.Series
) -> None:
    profile = region_clusters(regions, units, unit_of_region).profile
    of_ward = profile.query("method == 'ward' and territory_set == 'regions_20' and measure == 'persons'")
    ward = of_ward[of_ward["reference_year"] == 2024]
    assert ward["name_en"].tolist() == [
        "balance near zero, low income, many children",
        "large outflow, high income, few children",
    ]
    assert ward["mean_migration_balance_persons"].round().tolist() == [-281, -35586]
    turned = of_ward[of_ward["reference_year"] == 2023]
    assert turned["name_ru"].tolist() == [
        "сальдо около нуля, низкий доход, много детей",
        "большой приток, высокий доход, мало детей",
    ]


@pytest.mark.parametrize(
    ("column", "value", "status", "reason"),
    [
        ("balance_per_1000", np.nan, "missing_figure", "no balance_per_1000 of 11"),
        ("income_per_capita_kzt", None, "missing_figure", "no income_per_capita_kzt of 11"),
    ],
)
def test_a_figure_missing_is_told(
    regions: pd.DataFrame,
    units: pd.DataFrame,
    unit_of_region: pd.Series,
    column: str,
    value: float | None,
    status: str,
    reason: str,
) -> None:
    is_missing = (regions["reference_year"] == 2023) & (regions["region_code"] == "11")
    regions.loc[is_missing, column] = value
    result = region_clusters(regions, units, unit_of_region)
    bad = result.quality[result.quality["status"] != "ok"]
    measures = {"per_1000"} if column == "balance_per_1000" else set(MEASURES)
    assert set(bad["measure"]) == measures
    assert set(bad[["reference_year", "territory_set"]].itertuples(index=False, name=None)) == {
        (2023, "regions_20")
    }
    assert set(bad["status"]) == {status}
    assert set(bad["reason"]) == {reason}
    assert bad["silhouette"].isna().all()
    assert not bad["is_chosen_k"].any()
    good = sets_of(result.quality[result.quality["status"] == "ok"])
    for table in result:
        if table is not result.quality:
            assert sets_of(table) == good


def sets_of(table: pd.DataFrame) -> set[tuple[object, ...]]:
    return set(table[["reference_year", "territory_set", "measure"]].itertuples(index=False, name=None))


def test_a_constant_figure_and_too_few_regions_are_told(
    regions: pd.DataFrame, units: pd.DataFrame, unit_of_region: pd.Series
) -> None:
    flat = region_clusters(regions.assign(children_per_household=1.5), units[:0], unit_of_region)
    assert set(flat.quality["status"]) == {"constant"}
    assert set(flat.quality["reason"]) == {"children_per_household does not vary"}
    one_year = regions[regions["reference_year"] == 2024]
    for n in (1, 2):
        few = region_clusters(one_year[:n], units[:0], unit_of_region)
        assert set(few.quality["status"]) == {"too_few"}
        assert len(few.quality) == len(MEASURES) * len(METHODS) * 5
        assert len(few.assignment) == 0
    four = region_clusters(one_year[5:9], units[:0], unit_of_region).quality
    of_ward = four.query("measure == 'persons' and method == 'ward'")
    assert of_ward["status"].tolist() == ["ok", "ok", "too_few", "too_few", "too_few"]
    assert of_ward["reason"].tolist()[2:] == ["4 territories"] * 3


def test_an_infinite_value_names_its_column(
    regions: pd.DataFrame, units: pd.DataFrame, unit_of_region: pd.Series
) -> None:
    with pytest.raises(ValueError, match="balance_per_1000"):
        region_clusters(regions.assign(balance_per_1000=np.inf), units, unit_of_region)


def test_one_table_of_all_has_the_same_types_whatever_its_rows(
    regions: pd.DataFrame, units: pd.DataFrame, unit_of_region: pd.Series
) -> None:
    dim_region = unit_of_region.rename("harmonised_unit").rename_axis("region_code").reset_index()
    full, empty = (
        stacked(regions, units, dim_region),
        stacked(regions[:0], units[:0], dim_region),
    )
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
    assert not full.duplicated(["result", "row_no"]).any()
    tables = region_clusters(regions, units, unit_of_region)
    for name, table in tables._asdict().items():
        again = full.loc[full["result"] == name, list(table.columns)]
        for column in table:
            left, right = (one[column].astype("object").fillna("").tolist() for one in (again, table))
            assert left == right
    assert set(full["result"]) == set(RegionClusters._fields)
