"""The index over tables of profiles: what its ranks rest on, missing figures, bad input, no profile."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis_py import attractiveness as module
from analysis_py import composite
from analysis_py.attractiveness import DIRECTIONS, SEED, attractiveness, stacked

TABLE_1 = Path(__file__).parent / "data" / "article_table_1.csv"
INDICATORS = list(DIRECTIONS)
DRAWS = 500


@pytest.fixture
def regions() -> pd.DataFrame:
    """Table 1 as 2024, with 1 000 000 inhabitants in each region."""
    table = pd.read_csv(TABLE_1, comment="#", dtype={"region_code": str}).rename(
        columns={
            "income_per_capita": "income_per_capita_kzt",
            "food_spend_per_capita": "food_spend_per_capita_kzt",
            "below_food_basket": "below_food_basket_persons",
            "migration_balance": "migration_balance_persons",
        }
    )
    return table.assign(
        reference_year=2024,
        population_persons=1_000_000,
        balance_per_1000=table["migration_balance_persons"] / 1000,
    )


def scores_by_hand(regions: pd.DataFrame) -> pd.Series:
    """Mean of the four indicators, each from 1 to 100, gaps with the mean of the others."""
    total = pd.Series(0.0, index=regions["region_code"])
    columns = ["income_per_capita_kzt", "food_spend_per_capita_kzt", "children_per_household"]
    for name, sign in zip([*columns, "below_food_basket_persons"], (1, 1, -1, -1), strict=True):
        figures = [float(value) for value in regions[name]]
        known = [value for value in figures if value == value]
        mean = sum(known) / len(known)
        filled = [sign * (value if value == value else mean) for value in figures]
        total += [1 + 99 * (value - min(filled)) / (max(filled) - min(filled)) for value in filled]
    return total / 4


def test_score_by_hand(regions: pd.DataFrame) -> None:
    index = attractiveness(regions, DRAWS).ranking.set_index("region_code")
    assert index["score"].to_numpy() == pytest.approx(scores_by_hand(regions).sort_index().to_numpy())
    assert index["rank"].tolist() == index["score"].rank(ascending=False, method="min").tolist()
    assert index["status"].eq("ok").all()
    gaps = regions.loc[regions["below_food_basket_persons"].isna(), "region_code"]
    assert index.index[index["imputed"] == "below_food_basket_per_1000"].tolist() == sorted(gaps)
    assert index["imputed"].ne("").sum() == 8


def test_range_of_the_ranks(regions: pd.DataFrame) -> None:
    index, variant, _, diagnostic = attractiveness(regions, DRAWS)
    order = ["rank_best", "rank_low", "rank_median", "rank_high", "rank_worst"]
    for left, right in pairwise(order):
        assert (index[left] <= index[right]).all()
    assert index["rank_worst"].max() == 20
    assert index["rank_best"].min() == 1
    assert set(index["draws"]) == {DRAWS}
    assert set(index["seed"]) == {SEED}
    assert len(variant) == 20 * 18
    again = attractiveness(regions.sample(frac=1, random_state=0), DRAWS).ranking
    pd.testing.assert_frame_equal(index, again)
    shift = diagnostic.set_index("diagnostic").loc["mean_rank_shift", "value"]
    assert 0 < shift < 7  # 6.65 is the mean shift of two rankings of 20 drawn at random


def filled(regions: pd.DataFrame, imputation: str) -> np.ndarray:
    """The indicators, the more the better; the regression on the most correlated one by scipy."""
    poverty = regions["below_food_basket_persons"] / regions["population_persons"] * 1000
    known = poverty.notna()
    others = regions[["income_per_capita_kzt", "food_spend_per_capita_kzt", "children_per_household"]]
    fits = [stats.linregress(others.loc[known, name], poverty[known]) for name in others]
    fit, name = max(zip(fits, others, strict=True), key=lambda pair: abs(pair[0].rvalue))
    predicted = (fit.intercept + fit.slope * others[name]).clip(poverty.min(), poverty.max())
    gaps = {"mean": poverty.mean(), "zero": 0.0, "regression": predicted}[imputation]
    return others.assign(poverty=poverty.fillna(gaps)).to_numpy(dtype="float64") * [1, 1, -1, -1]


def test_each_draw_by_itself(regions: pd.DataFrame) -> None:
    """The same choices, one draw after the other: scipy and averages of numpy."""
    regions = regions.sort_values("region_code")
    choices = module._choices(indicators=4, draws=60)
    found = []
    for draw in range(60):
        values = filled(regions, module.IMPUTATIONS[choices.imputation[draw]])
        normalised = {
            "min_max": 1 + 99 * (values - values.min(axis=0)) / np.ptp(values, axis=0),
            "z_score": 100 + 10 * stats.zscore(values),
            "rank": stats.rankdata(values, method="min", axis=0),
        }
        ranked = normalised["rank"]
        normalised["rank"] = 1 + 99 * (ranked - 1) / (ranked.max(axis=0) - 1)
        weight = (
            composite.weights(values, composite.WEIGHTINGS[choices.weighting[draw]]) * choices.noise[draw]
        )
        if choices.left_out[draw] < 4:
            weight[choices.left_out[draw]] = 0
        chosen = normalised[composite.NORMALISATIONS[choices.normalisation[draw]]]
        mean = (np.average, stats.gmean)[choices.aggregation[draw]]
        found.append(stats.rankdata(-mean(chosen, axis=1, weights=weight).round(9), method="min"))
    ranks = np.sort(np.array(found), axis=0)
    ranking = attractiveness(regions, draws=60).ranking
    assert ranking["rank_best"].tolist() == ranks[0].tolist()
    assert ranking["rank_low"].tolist() == ranks[2].tolist()  # the third of 60 is the 5th percentile
    assert ranking["rank_median"].tolist() == ranks[29].tolist()
    assert ranking["rank_high"].tolist() == ranks[56].tolist()
    assert ranking["rank_worst"].tolist() == ranks[-1].tolist()


def test_draws_converge(regions: pd.DataFrame) -> None:
    few, many = (attractiveness(regions, draws).ranking for draws in (2_000, 20_000))
    for name in ("rank_low", "rank_median", "rank_high"):
        assert (few[name] - many[name]).abs().max() <= 1


def test_a_region_that_is_best_in_all_is_first_whatever_is_chosen(regions: pd.DataFrame) -> None:
    best = regions["region_code"] == "43"
    regions.loc[best, ["income_per_capita_kzt", "food_spend_per_capita_kzt"]] = 5_000_000
    regions.loc[best, ["children_per_household", "below_food_basket_persons"]] = 0.1, 1
    index, variant, _, _ = attractiveness(regions, DRAWS)
    first = index.set_index("region_code").loc["43"]
    assert first["score"] == pytest.approx(100)
    # nobody below the food basket, as one imputation has it, is better than one person
    assert (first[["rank", "rank_low", "rank_high", "rank_worst"]] == 1).all()
    assert variant.loc[variant["region_code"] == "43", "rank"].eq(1).all()


def test_units_do_not_matter(regions: pd.DataFrame) -> None:
    moved = regions.assign(
        income_per_capita_kzt=regions["income_per_capita_kzt"] / 500,
        population_persons=regions["population_persons"] * 3,
    )
    for left, right in zip(attractiveness(regions, DRAWS), attractiveness(moved, DRAWS), strict=True):
        pd.testing.assert_frame_equal(left, right)


def test_sensitivity_and_links_by_hand(regions: pd.DataFrame) -> None:
    index, _, indicator, diagnostic = attractiveness(regions, DRAWS)
    found = diagnostic.set_index(["diagnostic", "subject"])
    shares = found.loc["share_of_shift", "value"]
    assert set(shares.index) == {"imputation", "normalisation", "weighting", "aggregation", "left_out"}
    assert shares.between(0, 1).all()
    assert shares.sum() < 1  # the noise of the weights and what the choices do together is the rest
    balance = regions.set_index("region_code").sort_index()["migration_balance_persons"]
    pearson = found.loc[("pearson", "migration_balance_persons")]
    assert pearson["value"] == pytest.approx(stats.pearsonr(index["score"], balance).statistic)
    interval = stats.pearsonr(index["score"], balance).confidence_interval()
    assert (pearson["value_low"], pearson["value_high"]) == pytest.approx(tuple(interval))
    spearman = found.loc[("spearman", "migration_balance_persons"), "value"]
    assert spearman == pytest.approx(stats.spearmanr(index["score"], balance).statistic)
    assert found.loc["share_of_variance", "value"].sum() == pytest.approx(1)
    weights = indicator[["weight_equal", "weight_pca", "weight_entropy"]]
    assert weights.sum().tolist() == pytest.approx([1] * 3)
    assert indicator["n_known"].tolist() == [20, 20, 20, 12]


def test_the_link_without_an_indicator_and_with_it_turned_round_by_hand(regions: pd.DataFrame) -> None:
    diagnostic = attractiveness(regions, DRAWS).diagnostic.set_index(["diagnostic", "subject"])
    balance = regions["migration_balance_persons"]
    values = filled(regions, "mean")
    scaled = 1 + 99 * (values - values.min(axis=0)) / np.ptp(values, axis=0)
    for i, name in enumerate(INDICATORS):
        others = scaled.sum(axis=1) - scaled[:, i]
        for choice, score in (("left_out", others), ("reversed", others + 101 - scaled[:, i])):
            row = diagnostic.loc[(f"pearson_{choice}", name)]
            peer = stats.pearsonr(score, balance)
            assert row["value"] == pytest.approx(peer.statistic)
            interval = tuple(peer.confidence_interval())
            assert (row["value_low"], row["value_high"]) == pytest.approx(interval)
            assert row["n"] == 20


def test_the_link_of_two_indicators_that_mirror_each_other(regions: pd.DataFrame) -> None:
    """Without one the other is the score; with one turned round nothing is left that varies."""
    mirrored = regions.assign(
        food_spend_per_capita_kzt=regions["income_per_capita_kzt"],
        children_per_household=1.5,
        population_persons=np.nan,
    )
    diagnostic = attractiveness(mirrored, DRAWS).diagnostic.set_index(["diagnostic", "subject"])
    r = stats.pearsonr(regions["income_per_capita_kzt"], regions["migration_balance_persons"]).statistic
    for name in INDICATORS[:2]:
        assert diagnostic.loc[("pearson_left_out", name), "value"] == pytest.approx(r)
        assert np.isnan(diagnostic.loc[("pearson_reversed", name), "value"])


def test_sensitivity_of_a_choice_without_effect(regions: pd.DataFrame) -> None:
    """Where no figure is missing the imputation explains no more than chance: about 2 in 499."""
    full = regions.assign(below_food_basket_persons=np.arange(20) + 1.0)
    diagnostic = attractiveness(full, DRAWS).diagnostic.set_index(["diagnostic", "subject"])
    assert diagnostic.loc[("share_of_shift", "imputation"), "value"] < 0.02


# --- missing figures and bad input ------------------------------------------------------------------------


def test_an_indicator_that_a_release_drops_is_left_out(regions: pd.DataFrame) -> None:
    index, _, indicator, _ = attractiveness(regions.assign(population_persons=np.nan), DRAWS)
    of_indicator = indicator.set_index("indicator")
    assert of_indicator["status"].tolist() == ["ok", "ok", "ok", "missing_figure"]
    assert of_indicator.loc["below_food_basket_per_1000", "reason"] == "known for 0 of 20 regions"
    assert of_indicator["weight_equal"].tolist()[:3] == pytest.approx([1 / 3] * 3)
    assert index["status"].eq("ok").all()
    assert index["imputed"].eq("").all()


def test_a_constant_indicator_is_left_out(regions: pd.DataFrame) -> None:
    indicator = attractiveness(regions.assign(children_per_household=1.5), DRAWS).indicator
    assert indicator.set_index("indicator").loc["children_per_household", ["status", "reason"]].tolist() == [
        "constant",
        "does not vary",
    ]


def test_a_region_without_figures_has_no_score(regions: pd.DataFrame) -> None:
    regions.loc[regions["region_code"] == "11", ["income_per_capita_kzt", "food_spend_per_capita_kzt"]] = None
    regions.loc[regions["region_code"] == "11", "below_food_basket_persons"] = None
    index, variant, _, diagnostic = attractiveness(regions, DRAWS)
    row = index.set_index("region_code").loc["11"]
    assert row["status"] == "missing_figure"
    assert row["reason"] == ("no income_per_capita_kzt food_spend_per_capita_kzt below_food_basket_per_1000")
    assert np.isnan(row["score"])
    assert index["rank"].max() == 19
    assert "11" not in set(variant["region_code"])
    assert set(diagnostic["n"]) == {19}


def test_an_indicator_that_only_an_unscored_region_lets_vary(regions: pd.DataFrame) -> None:
    """Without region 11 nobody differs in children: the indicator goes too, instead of stopping the build."""
    alone = regions["region_code"] == "11"
    regions["children_per_household"] = np.where(alone, 9.0, 1.0)
    regions.loc[alone, ["income_per_capita_kzt", "food_spend_per_capita_kzt"]] = None
    regions.loc[alone, "below_food_basket_persons"] = None
    index, _, indicator, _ = attractiveness(regions, DRAWS)
    assert indicator.set_index("indicator").loc["children_per_household", "status"] == "constant"
    assert index["status"].eq("ok").sum() == 19


@pytest.mark.parametrize("n", [1, 2])
def test_too_few_regions(regions: pd.DataFrame, n: int) -> None:
    index, variant, indicator, diagnostic = attractiveness(regions[:n], DRAWS)
    assert index["status"].eq("too_few").all()
    assert len(index) == n
    assert len(indicator) == len(INDICATORS)
    assert (len(variant), len(diagnostic)) == (0, 0)


def test_nothing_known_and_equal_regions(regions: pd.DataFrame) -> None:
    nothing = attractiveness(
        regions.assign(**dict.fromkeys(INDICATORS[:3], np.nan), population_persons=np.nan)
    )
    assert nothing.ranking["status"].eq("too_few").all()
    assert nothing.indicator["status"].eq("missing_figure").all()
    twins = regions[:10].assign(region_code=[f"9{i}" for i in range(10)])
    pairs = pd.concat([regions[:10], twins])
    index = attractiveness(pairs, DRAWS).ranking
    assert index.groupby(index["score"].round(9))["rank"].nunique().eq(1).all()


def test_an_infinite_value_names_its_column(regions: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="food_spend_per_capita_kzt"):
        attractiveness(regions.assign(food_spend_per_capita_kzt=np.inf))
    with pytest.raises(ValueError, match="below_food_basket_per_1000"):
        attractiveness(regions.assign(population_persons=0))


def test_each_year_by_itself(regions: pd.DataFrame) -> None:
    other = regions.assign(reference_year=2023, income_per_capita_kzt=-regions["income_per_capita_kzt"])
    both = pd.concat([regions, other])
    index = attractiveness(both, DRAWS).ranking
    alone = attractiveness(regions, DRAWS).ranking
    of_2024 = index[index["reference_year"] == 2024].reset_index(drop=True)
    pd.testing.assert_frame_equal(of_2024, alone)
    assert index[index["reference_year"] == 2023]["score"].tolist() != alone["score"].tolist()


def test_one_table_of_all_has_the_same_types_whatever_its_rows(regions: pd.DataFrame) -> None:
    full, empty, few = stacked(regions), stacked(regions[:0]), stacked(regions[:1])
    assert len(empty) == 0
    assert len(few) == 1 + len(INDICATORS)
    assert empty.dtypes.to_dict() == full.dtypes.to_dict() == few.dtypes.to_dict()
    assert not full.duplicated(["result", "row_no"]).any()
    assert set(full["result"]) == {"ranking", "variant", "indicator", "diagnostic"}
