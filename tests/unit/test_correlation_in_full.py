"""Correlations in full: published values, partial ones against regression, leave-one-out, bad input."""

import math
import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis_py import resampling
from analysis_py.correlation import (
    COLLINEAR,
    COMPLETE,
    CONSTANT,
    KENDALL,
    METHODS,
    NO_COEFFICIENT,
    NO_NEIGHBOURS,
    NONE,
    OF_TAU,
    OK,
    PAIRWISE,
    PEARSON,
    SPEARMAN,
    TOO_FEW,
    correlate,
    correlate_in_full,
)
from tests.unit.test_correlation import INDICATORS, article_table, random_frame

PROPERTY = settings(max_examples=20, deadline=None, database=None, derandomize=True)
KEY = ["indicator_code", "held_fixed", "method", "missing_rule"]
FIGURES = [
    "r",
    "p_value",
    "p_adjusted",
    "ci_low",
    "ci_high",
    "bca_low",
    "bca_high",
    "p_permutation",
    "leave_one_out_low",
    "leave_one_out_high",
    "r_without_it",
]


@pytest.fixture(autouse=True, scope="module")
def fewer() -> Iterator[None]:
    """400 resamples and orders."""
    with pytest.MonkeyPatch.context() as patch:
        for cached in (resampling.bootstrap_weights, resampling.orders):
            cached.cache_clear()
        patch.setattr(resampling, "RESAMPLES", 400)
        patch.setattr(resampling, "PERMUTATIONS", 400)
        yield
    for cached in (resampling.bootstrap_weights, resampling.orders):
        cached.cache_clear()


def article() -> pd.DataFrame:
    return correlate_in_full(article_table().set_index("region_code"), "migration_balance", INDICATORS)


def row(table: pd.DataFrame, indicator: str, held: str = NONE, method: str = PEARSON) -> pd.Series:
    return table.set_index(KEY).loc[(indicator, held, method, PAIRWISE)]


def test_partial_coefficients_of_the_article() -> None:
    """Issue 5: income given children -0.183 (p 0.45), children given income 0.575."""
    table = article()
    income = row(table, "income_per_capita", "children_per_household")
    children = row(table, "children_per_household", "income_per_capita")
    assert (round(income["r"], 3), round(income["p_value"], 2)) == (-0.183, 0.45)
    assert round(children["r"], 3) == 0.575
    assert income["ci_low"] < 0 < income["ci_high"]


def test_below_food_basket_hangs_on_shymkent() -> None:
    found = row(article(), "below_food_basket")
    assert (found["most_influential"], round(found["r"], 3), round(found["r_without_it"], 3)) == (
        "79",
        0.199,
        -0.136,
    )
    assert found["leave_one_out_low"] == found["r_without_it"]


def test_first_figures_are_those_of_correlate() -> None:
    table = article()
    for rule in (PAIRWISE, COMPLETE):
        plain = correlate(article_table(), "migration_balance", INDICATORS, rule)
        of_rule = table[(table["missing_rule"] == rule) & (table["held_fixed"] == NONE)]
        pd.testing.assert_frame_equal(of_rule[list(plain.columns)].reset_index(drop=True), plain)


def test_partial_figures_agree_with_regression() -> None:
    """The t-test of a partial correlation is that of the indicator's slope beside the one held fixed."""
    frame = article_table()
    found = row(article(), "income_per_capita", "children_per_household")
    design = sm.add_constant(frame[["income_per_capita", "children_per_household"]])
    fit = sm.OLS(frame["migration_balance"], design).fit()
    t = fit.tvalues["income_per_capita"]
    assert found["p_value"] == pytest.approx(fit.pvalues["income_per_capita"], rel=1e-9)
    assert found["r"] == pytest.approx(t / math.sqrt(t**2 + fit.df_resid), rel=1e-9)
    margin = 1.959963984540054 / math.sqrt(20 - 1 - 3)
    expected = [math.tanh(math.atanh(found["r"]) + side * margin) for side in (-1, 1)]
    assert [found["ci_low"], found["ci_high"]] == pytest.approx(expected)


def test_partial_spearman_is_that_of_ranks() -> None:
    ranks = article_table().set_index("region_code").rank()
    of_ranks = row(correlate_in_full(ranks, "migration_balance", INDICATORS[:3]), *INDICATORS[:2])
    found = row(article(), *INDICATORS[:2], method=SPEARMAN)
    assert found[["r", "p_value", "p_permutation"]].tolist() == pytest.approx(
        of_ranks[["r", "p_value", "p_permutation"]].tolist()
    )


@pytest.mark.parametrize("method", METHODS)
def test_leave_one_out_by_leaving_one_out(method: str) -> None:
    frame = article_table().set_index("region_code")
    found = row(article(), "income_per_capita", method=method)
    without = {
        code: correlate(frame.drop(code), "migration_balance", ["income_per_capita"], PAIRWISE)
        .set_index("method")
        .loc[method, "r"]
        for code in frame.index
    }
    most = max(without, key=lambda code: abs(without[code] - found["r"]))
    assert found["most_influential"] == most
    assert found["r_without_it"] == pytest.approx(without[most])
    assert found["leave_one_out_low"] == pytest.approx(min(without.values()))
    assert found["leave_one_out_high"] == pytest.approx(max(without.values()))


def test_holm_is_within_what_is_held_fixed() -> None:
    table = article()
    for _, family in table.groupby(["missing_rule", "method", "held_fixed"]):
        p = np.sort(family["p_value"].to_numpy())
        assert len(p) == (4 if family["held_fixed"].iloc[0] == NONE else 3)
        assert family["p_adjusted"].min() == pytest.approx(min(1, p[0] * len(p)))


@PROPERTY
@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e6), st.floats(-1e3, 1e3))
def test_scale_and_origin_do_not_matter(seed: int, scale: float, origin: float) -> None:
    frame = random_frame(seed)
    plain, moved = (
        correlate_in_full(values, "target", ["a", "b", "c"]).set_index(KEY)
        for values in (frame, frame * scale + origin)
    )
    pd.testing.assert_frame_equal(moved[FIGURES], plain[FIGURES], rtol=1e-6, atol=1e-7)
    pd.testing.assert_series_equal(moved["status"], plain["status"])


@PROPERTY
@given(st.integers(0, 2**32 - 1))
def test_row_order_does_not_matter_but_to_the_draws(seed: int) -> None:
    frame = random_frame(seed)
    drawn = ["bca_low", "bca_high", "p_permutation"]
    kept = [name for name in FIGURES if name not in drawn]
    plain, turned = (
        correlate_in_full(values, "target", ["a", "b", "c"]).set_index(KEY) for values in (frame, frame[::-1])
    )
    pd.testing.assert_frame_equal(turned[kept], plain[kept], rtol=1e-9)
    assert turned["most_influential"].tolist() == plain["most_influential"].tolist()


@settings(PROPERTY, max_examples=60)
@given(
    st.lists(
        st.tuples(*[st.one_of(st.none(), st.integers(-2, 2), st.floats(allow_infinity=False))] * 3),
        max_size=9,
    )
)
def test_any_finite_input_has_a_defined_answer(rows: list[tuple[float | None, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=["x", "y", "z"], dtype="float64")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = correlate_in_full(frame, "x", ["y", "z"])
    assert set(table["status"]) <= {OK, TOO_FEW, CONSTANT, COLLINEAR}
    for found in table.itertuples():
        assert not (found.status == OK and math.isnan(found.r))
        assert (found.status == OK and not math.isnan(found.bca_low)) or isinstance(found.reason, str)
        if not math.isnan(found.r):
            assert 0 < found.p_permutation <= 1
            assert found.permutations > 0
        if not math.isnan(found.bca_low):
            assert -1 <= found.bca_low <= found.bca_high <= 1


def test_what_is_held_fixed_may_leave_nothing() -> None:
    frame = pd.DataFrame({"x": [1.0, 2, 4, 3, 7, 5], "y": [2.0, 1, 5, 3, 4, 9]})
    table = correlate_in_full(frame.assign(z=3 * frame["y"] + 1), "x", ["y", "z"])
    assert set(table.loc[table["held_fixed"] != NONE, "status"]) == {COLLINEAR}
    assert set(table.loc[table["held_fixed"] == NONE, "status"]) == {OK}
    assert set(table.loc[table["held_fixed"] != NONE, "reason"]) == {
        "y determines x or z",
        "z determines x or y",
    }


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_than_three_territories(n: int) -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0][:n], "y": [3.0, 5.0][:n], "z": [3.0, 1.0][:n]})
    table = correlate_in_full(frame, "x", ["y", "z"])
    assert set(table["status"]) == {TOO_FEW}
    assert table[FIGURES].isna().all(axis=None)
    plain = table[table["held_fixed"] == NONE]
    assert set(plain["reason"]) == {f"{n} territories with all the figures, a coefficient needs 3"}


def test_constant_and_missing_columns_have_a_reason() -> None:
    frame = pd.DataFrame({"x": [1.0, 2, 3, 5], "flat": [7.0] * 4, "gap": [None] * 4})
    table = correlate_in_full(frame, "x", ["flat", "gap"]).query("missing_rule == 'pairwise'")
    reasons = table.set_index(["indicator_code", "held_fixed"])["reason"].to_dict()
    assert reasons["flat", NONE] == "flat does not vary over the 4 territories"
    assert reasons["gap", NONE] == "0 territories with all the figures, a coefficient needs 3"


def test_territories_without_a_figure_are_named() -> None:
    frame = pd.DataFrame(
        {"x": [1.0, 4, 2, 8, 5, 7], "y": [2.0, None, 1, 3, None, 9], "z": [3.0, 1, 2, 5, 4, 6]},
        index=["11", "15", "19", "23", "27", "31"],
    )
    table = correlate_in_full(frame, "x", ["y", "z"], methods=[PEARSON])
    reasons = table.set_index(["indicator_code", "held_fixed", "missing_rule"])["reason"]
    lack = "2 of 6 territories lack a figure: 15 27"
    few = "no bootstrap interval: 4 territories, not 5 to 200"
    assert reasons["y", NONE, PAIRWISE] == f"{lack}; {few}"
    assert reasons["z", NONE, COMPLETE] == f"{lack}; {few}"
    assert pd.isna(reasons["z", NONE, PAIRWISE])
    assert reasons["z", "y", PAIRWISE] == "4 territories, an interval needs 5"  # the status says it


def test_infinite_value_names_the_column() -> None:
    frame = pd.DataFrame({"x": [1.0, 2, 3], "y": [2.0, math.inf, 3]})
    with pytest.raises(ValueError, match="'y'"):
        correlate_in_full(frame, "x", ["y"])


def test_many_territories_are_not_resampled() -> None:
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(201, 2)), columns=["x", "y"])
    table = correlate_in_full(frame, "x", ["y"], methods=[PEARSON, KENDALL])
    assert set(table["status"]) == {OK}
    assert table[["permutations", "resamples"]].eq(0).all(axis=None)
    assert set(table["reason"]) == {"no bootstrap interval: 201 territories, not 5 to 200"}


def test_spatial_figures_need_steps() -> None:
    frame = random_frame(2).dropna()
    codes = list(frame.index)
    places = np.arange(len(codes))
    steps = pd.DataFrame(np.abs(places[:, None] - places), index=codes, columns=codes, dtype=float)
    without = correlate_in_full(frame, "target", ["a"])
    assert without["p_spatial"].isna().all()
    assert dict(zip(without["method"], without["spatial_reason"], strict=True)) == {
        PEARSON: NO_NEIGHBOURS,
        SPEARMAN: NO_NEIGHBOURS,
        KENDALL: OF_TAU,
    }
    table = correlate_in_full(frame, "target", ["a", "b"], steps)
    assert (table["p_spatial"].isna() == table["spatial_reason"].notna()).all()
    assert table["p_spatial"].isna().groupby(table["method"]).all().to_dict() == {
        PEARSON: False,
        SPEARMAN: False,
        KENDALL: True,
    }
    for held in (NONE, "b"):
        found = row(table, "a", held)
        df = min(found["effective_n"], found["n"]) - 2 - (held != NONE)
        t = found["r"] * math.sqrt(df / (1 - found["r"] ** 2))
        assert found["p_spatial"] == pytest.approx(2 * stats.t.sf(abs(t), df))


def test_unlikeness_of_neighbours_makes_p_no_smaller() -> None:
    """One variable is alike among neighbours and the other is not: more than n, by the estimate."""
    places = np.arange(12)
    codes = [f"{place:02d}" for place in places]
    steps = pd.DataFrame(np.abs(places[:, None] - places), index=codes, columns=codes, dtype=float)
    target = (-1.0) ** places + 0.1 * np.sin(7 * places)
    frame = pd.DataFrame({"target": target, "a": places.astype(float)}, index=codes)
    found = row(correlate_in_full(frame, "target", ["a"], steps), "a")
    assert found["effective_n"] > found["n"] == 12
    assert found["p_spatial"] == pytest.approx(found["p_value"]) == stats.pearsonr(*frame.to_numpy().T).pvalue


@pytest.mark.parametrize("n", [0, 2, 3, 4, 5])
def test_a_spatial_p_is_there_or_a_reason_is(n: int) -> None:
    frame = random_frame(2).dropna()[:n]
    places = np.arange(n)
    steps = pd.DataFrame(
        np.abs(places[:, None] - places), index=frame.index, columns=frame.index, dtype=float
    )
    table = correlate_in_full(frame.assign(flat=1.0), "target", ["a", "b", "flat"], steps)
    assert (table["p_spatial"].isna() == table["spatial_reason"].notna()).all()
    assert (table["r"].isna() == table["spatial_reason"].eq(NO_COEFFICIENT)).all()


def test_types_are_the_same_with_and_without_rows() -> None:
    full, empty = article(), correlate_in_full(article_table(), "migration_balance", [])
    assert len(empty) == 0 < len(full)
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
