"""Correlation against published values, other implementations and properties that must hold for any data."""

import math
import warnings
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from statsmodels.stats.multitest import multipletests

from analysis_py.correlation import (
    COMPLETE,
    CONSTANT,
    KENDALL,
    METHODS,
    MINIMUM_FOR_INTERVAL,
    MISSING_RULES,
    OK,
    PAIRWISE,
    PEARSON,
    SPEARMAN,
    TOO_FEW,
    correlate,
    fisher_interval,
    holm,
    is_constant,
)

DATA = Path(__file__).parent / "data"
FIGURES = ["r", "p_value", "p_adjusted", "ci_low", "ci_high"]
PROPERTY = settings(max_examples=25, deadline=None, database=None, derandomize=True)

INDICATORS = ["income_per_capita", "food_spend_per_capita", "children_per_household", "below_food_basket"]


def article_table() -> pd.DataFrame:
    return pd.read_csv(DATA / "article_table_1.csv", comment="#", dtype={"region_code": str})


def one(x: Iterable[float], y: Iterable[float], method: str) -> pd.Series:
    """The row of one pair of variables and one method."""
    rows = correlate(pd.DataFrame({"x": list(x), "y": list(y)}), "x", ["y"], PAIRWISE)
    return rows.set_index("method").loc[method]


def figures(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index(["indicator_code", "method"])[["n", *FIGURES]].astype(float)


# --- published values ---------------------------------------------------------------------------------


def test_article_coefficients_pairwise() -> None:
    """Argynbayeva (2025) prints r = -0.57 (income), 0.73 (children), 0.20 (below the food basket)."""
    table = correlate(article_table(), "migration_balance", INDICATORS, PAIRWISE)
    pearson = table[table["method"] == PEARSON].set_index("indicator_code")
    assert pearson["r"].round(4).tolist() == [-0.5691, -0.2153, 0.7291, 0.1990]
    assert pearson["n"].tolist() == [20, 20, 20, 12]
    assert pearson["p_value"].round(4)["income_per_capita"] == 0.0088
    printed = pearson["r"].round(2)[["income_per_capita", "children_per_household", "below_food_basket"]]
    assert printed.tolist() == [-0.57, 0.73, 0.20]


def test_article_coefficients_complete_cases() -> None:
    table = correlate(article_table(), "migration_balance", INDICATORS, COMPLETE)
    assert (table["n"] == 12).all()
    income = table[(table["indicator_code"] == "income_per_capita") & (table["method"] == PEARSON)]
    assert income["r"].round(3).item() == -0.638


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (
            [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5],
            [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68],
        ),
        (
            [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5],
            [9.14, 8.14, 8.74, 8.77, 9.26, 8.10, 6.13, 3.10, 9.13, 7.26, 4.74],
        ),
        (
            [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5],
            [7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73],
        ),
        (
            [8, 8, 8, 8, 8, 8, 8, 19, 8, 8, 8],
            [6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.50, 5.56, 7.91, 6.89],
        ),
    ],
)
def test_anscombe_quartet(x: list[float], y: list[float]) -> None:
    """Anscombe (1973), Graphs in statistical analysis, American Statistician 27: r = 0.816 in all four."""
    assert one(x, y, PEARSON)["r"] == pytest.approx(0.816, abs=6e-4)


def test_fishers_iris() -> None:
    """Fisher (1936), Annals of Eugenics 7; coefficients as printed by R's cor(iris[1:4])."""
    iris = load_iris(as_frame=True).data
    iris.columns = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    table = correlate(iris, "petal_length", ["sepal_length", "sepal_width", "petal_width"], PAIRWISE)
    r = table.loc[table["method"] == PEARSON, "r"].round(7)
    assert r.tolist() == [0.8717538, -0.4284401, 0.9628654]


def test_canned_tuna() -> None:
    """Hollander and Wolfe (1973), Nonparametric Statistical Methods, p. 187; output of R's cor.test on it."""
    lightness = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    score = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    pearson, spearman, kendall = (one(lightness, score, method) for method in METHODS)
    assert pearson["r"] == pytest.approx(0.5711816, abs=5e-8)
    assert pearson["p_value"] == pytest.approx(0.1082, abs=5e-5)
    assert (pearson["ci_low"], pearson["ci_high"]) == pytest.approx((-0.1497426, 0.8955795), abs=5e-8)
    assert spearman["r"] == pytest.approx(0.6)
    assert kendall["r"] == pytest.approx(0.4444444, abs=5e-8)
    assert kendall["p_value"] == pytest.approx(0.1194, abs=5e-5)


def test_intelligence_and_television() -> None:
    """Example of the Wikipedia article on Spearman's coefficient: rho = -29/165, one-sided p 0.3135942."""
    intelligence = [106, 86, 100, 101, 99, 103, 97, 113, 112, 110]
    television_hours = [7, 0, 27, 50, 28, 29, 20, 12, 6, 17]
    row = one(intelligence, television_hours, SPEARMAN)
    assert row["r"] == pytest.approx(-29 / 165, rel=1e-12)
    assert row["p_value"] == pytest.approx(2 * 0.3135942, abs=2e-7)


def test_bonett_wright_interval() -> None:
    """Example of ci.spear in Bonett's R package statpsych (1.6.0): 0.8699639, 0.5840951, 0.9638297."""
    y = [21, 4, 9, 12, 35, 18, 10, 22, 24, 1, 6, 8, 13, 16, 19]
    x = [67, 28, 30, 28, 52, 40, 25, 37, 44, 10, 14, 20, 28, 40, 51]
    row = one(x, y, SPEARMAN)
    expected = (0.8699639, 0.5840951, 0.9638297)
    assert (row["r"], row["ci_low"], row["ci_high"]) == pytest.approx(expected, abs=5e-8)


def test_fieller_interval() -> None:
    """Example of ci.kendalltau in statpsych (2.0.0): tau 0.734 of 40 gives 0.6178 and 0.8188."""
    assert fisher_interval(KENDALL, 0.734, 40) == pytest.approx((0.6178, 0.8188), abs=5e-5)


def test_fieller_interval_with_ties() -> None:
    """Table 7.7 of Fagerland, Lydersen and Laake (2017), Statistical Analysis of Contingency Tables.

    784 patients with colorectal cancer in a 4 x 4 table of ordered categories: tau-b = -0.0859, Fieller
    interval -0.1318 to -0.0397 (as in the tests of R package contingencytables, which goes with the book).
    """
    counts = [[2, 4, 29, 19], [7, 6, 116, 51], [19, 27, 201, 76], [18, 22, 133, 54]]
    pairs = [(i, j) for i, row in enumerate(counts) for j, count in enumerate(row) for _ in range(count)]
    row = one(*zip(*pairs, strict=True), KENDALL)
    assert row["n"] == 784
    expected = (-0.0859, -0.1318, -0.0397)
    assert (row["r"], row["ci_low"], row["ci_high"]) == pytest.approx(expected, abs=5e-5)


def test_holm_example() -> None:
    """Example of the Wikipedia article on Holm's method: at 5 %, the first and the last are rejected."""
    adjusted = holm(np.array([0.01, 0.04, 0.03, 0.005]))
    assert adjusted.tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert (adjusted <= 0.05).tolist() == [True, False, False, True]


# --- independent computation ---------------------------------------------------------------------------


def mid_ranks(values: list[int]) -> list[Fraction]:
    """Average position of each value's ties in the sorted list, from 1."""
    return [Fraction(sum(v < w for v in values) * 2 + values.count(w) + 1, 2) for w in values]


def exact_r_squared(x: list[Fraction], y: list[Fraction]) -> tuple[int, Fraction]:
    """Sign and square of Pearson's r in rational numbers."""
    mean_x, mean_y = sum(x) / Fraction(len(x)), sum(y) / Fraction(len(y))
    products = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    squares = sum((a - mean_x) ** 2 for a in x) * sum((b - mean_y) ** 2 for b in y)
    return (products > 0) - (products < 0), Fraction(products**2) / squares


def sign(value: int) -> int:
    return (value > 0) - (value < 0)


def concordance(x: Iterable[int], y: Iterable[int]) -> int:
    """Concordant less discordant pairs."""
    pairs = list(zip(x, y, strict=True))
    return sum(sign(a - c) * sign(b - d) for (a, b), (c, d) in combinations(pairs, 2))


def tau_b(x: list[int], y: list[int]) -> float:
    untied_x = sum(a != b for a, b in combinations(x, 2))
    untied_y = sum(a != b for a, b in combinations(y, 2))
    return concordance(x, y) / math.sqrt(untied_x * untied_y)


def kendall_tied_p(x: list[int], y: list[int]) -> float:
    """Normal approximation with the variance of Kendall (1970), Rank Correlation Methods, section 4.4."""
    n = len(x)
    t, u = ([values.count(v) for v in set(values)] for values in (x, y))
    variance = (
        (n * (n - 1) * (2 * n + 5) - sum(c * (c - 1) * (2 * c + 5) for c in [*t, *u])) / 18
        + sum(c * (c - 1) * (c - 2) for c in t)
        * sum(c * (c - 1) * (c - 2) for c in u)
        / (9 * n * (n - 1) * (n - 2))
        + sum(c * (c - 1) for c in t) * sum(c * (c - 1) for c in u) / (2 * n * (n - 1))
    )
    return math.erfc(abs(concordance(x, y)) / math.sqrt(2 * variance))


varied = st.lists(st.integers(-9, 9), min_size=12, max_size=12).filter(lambda values: len(set(values)) > 1)
distinct = st.permutations(list(range(7)))


@PROPERTY
@given(varied, varied)
def test_coefficients_agree_with_rational_arithmetic(x: list[int], y: list[int]) -> None:
    for method, a, b in [
        (PEARSON, list(map(Fraction, x)), list(map(Fraction, y))),
        (SPEARMAN, mid_ranks(x), mid_ranks(y)),
    ]:
        direction, squared = exact_r_squared(a, b)
        assert one(x, y, method)["r"] == pytest.approx(direction * math.sqrt(squared), abs=1e-12)
    assert one(x, y, KENDALL)["r"] == pytest.approx(tau_b(x, y), abs=1e-12)


@PROPERTY
@given(varied, varied)
def test_p_values_agree_with_regression_and_kendalls_formula(x: list[int], y: list[int]) -> None:
    """The t-test of a slope (statsmodels) is the test of r; between ranks, the test of Spearman's rho."""
    for method, a, b in [(PEARSON, x, y), (SPEARMAN, mid_ranks(x), mid_ranks(y))]:
        row = one(x, y, method)
        if abs(row["r"]) < 1 - 1e-9:
            slope = sm.OLS(np.array(b, dtype=float), sm.add_constant(np.array(a, dtype=float))).fit()
            assert row["p_value"] == pytest.approx(slope.pvalues[1], abs=1e-9)
    if len(set(x)) < len(x) or len(set(y)) < len(y):
        assert one(x, y, KENDALL)["p_value"] == pytest.approx(kendall_tied_p(x, y), abs=1e-12)


@PROPERTY
@given(distinct)
def test_kendall_p_without_ties_counts_all_permutations(y: list[int]) -> None:
    observed = abs(concordance(range(7), y))
    as_extreme = sum(abs(s) >= observed for s in ALL_CONCORDANCES)
    assert one(range(7), y, KENDALL)["p_value"] == pytest.approx(as_extreme / math.factorial(7), rel=1e-9)


ALL_CONCORDANCES = [concordance(range(7), order) for order in permutations(range(7))]


@pytest.mark.parametrize("method", METHODS)
def test_interval_is_symmetric_on_fishers_scale(method: str) -> None:
    """The half width of the interval of atanh(r), divided by 1.959964 and squared, is the cited variance."""
    r, n = 0.6, 23
    low, high = (0.5 * math.log((1 + end) / (1 - end)) for end in fisher_interval(method, r, n))
    assert (low + high) / 2 == pytest.approx(0.5 * math.log(1.6 / 0.4))
    variance = ((high - low) / 2 / 1.959963984540054) ** 2
    assert variance == pytest.approx({PEARSON: 1 / 20, SPEARMAN: 1.18 / 20, KENDALL: 0.437 / 19}[method])


@PROPERTY
@given(st.lists(st.one_of(st.floats(0, 1), st.just(math.nan)), max_size=8))
def test_holm_agrees_with_statsmodels(p_values: list[float]) -> None:
    adjusted = holm(np.array(p_values, dtype=float))
    known = [p for p in p_values if not math.isnan(p)]
    expected = multipletests(known, method="holm")[1].tolist() if known else []
    assert adjusted[~np.isnan(adjusted)].tolist() == pytest.approx(expected)
    assert np.isnan(adjusted).tolist() == [math.isnan(p) for p in p_values]


def test_holm_within_each_method() -> None:
    table = correlate(article_table(), "migration_balance", INDICATORS, PAIRWISE)
    for method in METHODS:
        rows = table[table["method"] == method]
        assert rows["p_adjusted"].tolist() == pytest.approx(
            multipletests(rows["p_value"], method="holm")[1].tolist()
        )


def test_indicator_without_p_value_does_not_count_in_holm() -> None:
    frame = article_table().assign(flat=1.0)
    with_flat = correlate(frame, "migration_balance", [*INDICATORS, "flat"], PAIRWISE)
    without = correlate(frame, "migration_balance", INDICATORS, PAIRWISE)
    pd.testing.assert_frame_equal(with_flat[with_flat["indicator_code"] != "flat"], without)
    assert with_flat.loc[with_flat["indicator_code"] == "flat", "p_adjusted"].isna().all()


# --- properties --------------------------------------------------------------------------------------------


def random_frame(seed: int, n: int = 15) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=["target", "a", "b", "c"])
    frame["b"] += frame["target"]
    return frame.mask(rng.random((n, 4)) < 0.1)


seeds = st.integers(0, 2**32 - 1)


@PROPERTY
@given(seeds, st.sampled_from(MISSING_RULES), st.randoms(use_true_random=False))
def test_row_order_does_not_matter(seed: int, rule: str, random: object) -> None:
    frame = random_frame(seed)
    order = list(range(len(frame)))
    random.shuffle(order)  # type: ignore[attr-defined]
    expected = figures(correlate(frame, "target", ["a", "b", "c"], rule))
    shuffled = figures(correlate(frame.iloc[order], "target", ["a", "b", "c"], rule))
    pd.testing.assert_frame_equal(shuffled, expected, rtol=1e-9)


@PROPERTY
@given(seeds, st.floats(1e-3, 1e6), st.floats(-1e3, 1e3))
def test_scale_and_origin_do_not_matter(seed: int, scale: float, origin: float) -> None:
    frame = random_frame(seed)
    expected = figures(correlate(frame, "target", ["a", "b", "c"], PAIRWISE))
    moved = figures(correlate(frame * scale + origin, "target", ["a", "b", "c"], PAIRWISE))
    pd.testing.assert_frame_equal(moved, expected, rtol=1e-6, atol=1e-7)


@PROPERTY
@given(seeds)
def test_increasing_transform_does_not_matter_to_ranks(seed: int) -> None:
    frame = random_frame(seed)
    expected = figures(correlate(frame, "target", ["a", "b"], PAIRWISE)).drop(PEARSON, level="method")
    bent = figures(correlate(np.exp(frame), "target", ["a", "b"], PAIRWISE)).drop(PEARSON, level="method")
    pd.testing.assert_frame_equal(bent, expected)


@PROPERTY
@given(seeds)
def test_turning_the_target_round_turns_the_sign(seed: int) -> None:
    frame = random_frame(seed)
    straight = figures(correlate(frame, "target", ["a", "b", "c"], PAIRWISE))
    turned = figures(correlate(frame.assign(target=-frame["target"]), "target", ["a", "b", "c"], PAIRWISE))
    expected = straight.assign(r=-straight["r"], ci_low=-straight["ci_high"], ci_high=-straight["ci_low"])
    pd.testing.assert_frame_equal(turned, expected, rtol=1e-9)


@PROPERTY
@given(seeds)
def test_pairwise_ignores_gaps_elsewhere_and_complete_does_not(seed: int) -> None:
    frame = random_frame(seed)
    pairwise = figures(correlate(frame, "target", ["a", "b", "c"], PAIRWISE)).drop(columns="p_adjusted")
    for indicator in ["a", "b", "c"]:
        alone = figures(correlate(frame[["target", indicator]].dropna(), "target", [indicator], COMPLETE))
        pd.testing.assert_frame_equal(pairwise.loc[[indicator]], alone.drop(columns="p_adjusted"))
    complete = correlate(frame, "target", ["a", "b", "c"], COMPLETE)
    assert (complete["n"] == len(frame.dropna())).all()
    assert (complete["missing_rule"] == COMPLETE).all()


@settings(PROPERTY, max_examples=150)
@given(
    st.lists(
        st.tuples(*[st.one_of(st.none(), st.integers(-2, 2), st.floats(allow_infinity=False))] * 2),
        max_size=9,
    )
)
def test_any_finite_input_has_a_defined_answer(rows: list[tuple[float | None, float | None]]) -> None:
    frame = pd.DataFrame(rows, columns=["x", "y"], dtype="float64")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = correlate(frame, "x", ["y"], PAIRWISE)
    known = frame.dropna()
    assert (table["n"] == len(known)).all()
    for row in table.itertuples():
        known_figures = [name for name in FIGURES if not math.isnan(getattr(row, name))]
        if row.status == OK:
            assert row.n >= MINIMUM_FOR_INTERVAL[row.method]
            assert known_figures == FIGURES
            assert -1 <= row.ci_low <= row.r + 1e-12
            assert row.r - 1e-12 <= row.ci_high <= 1
        elif row.status == TOO_FEW:
            assert row.n < MINIMUM_FOR_INTERVAL[row.method]
            assert known_figures == (["r", "p_value", "p_adjusted"] if row.n >= 3 else [])
        else:
            assert row.status == CONSTANT
            assert row.n >= 3
            assert known_figures == []
            assert is_constant(known["x"].to_numpy()) or is_constant(known["y"].to_numpy())
        if known_figures:
            assert -1 <= row.r <= 1
            assert 0 <= row.p_value <= row.p_adjusted <= 1


# --- degenerate and bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_than_three_territories(n: int) -> None:
    table = correlate(pd.DataFrame({"x": [1.0, 2.0][:n], "y": [3.0, 5.0][:n]}), "x", ["y"], PAIRWISE)
    assert table["status"].tolist() == [TOO_FEW] * 3
    assert table["n"].tolist() == [n] * 3
    assert table[FIGURES].isna().all(axis=None)


@pytest.mark.parametrize(("n", "with_interval"), [(3, []), (4, [PEARSON, SPEARMAN]), (5, list(METHODS))])
def test_interval_needs_more_territories_than_r(n: int, with_interval: list[str]) -> None:
    table = correlate(
        pd.DataFrame({"x": [1, 2, 4, 3, 5][:n], "y": [2, 1, 3, 5, 4][:n]}), "x", ["y"], PAIRWISE
    )
    assert table["r"].notna().all()
    assert table["p_adjusted"].notna().all()
    assert table.loc[table["ci_low"].notna() & table["ci_high"].notna(), "method"].tolist() == with_interval
    assert table.loc[table["status"] == OK, "method"].tolist() == with_interval
    assert set(table["status"]) <= {OK, TOO_FEW}


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("method", METHODS)
def test_perfect_correlation(method: str, direction: int) -> None:
    row = one(range(8), [direction * v for v in range(8)], method)
    assert row["status"] == OK
    assert (row["r"], row["ci_low"], row["ci_high"]) == pytest.approx((direction,) * 3, abs=1e-6)
    # Kendall's p is exact: two of the 8! orders are as extreme.
    assert row["p_value"] == pytest.approx(2 / math.factorial(8) if method == KENDALL else 0, abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_interval_of_perfect_correlation_closes(method: str) -> None:
    assert fisher_interval(method, 1.0, 9) == (1.0, 1.0)
    assert fisher_interval(method, -1.0, 9) == (-1.0, -1.0)


@pytest.mark.parametrize("flat", [[0.0] * 4, [7.5] * 4, [1e9, 1e9, 1e9, 1e9 + 1e-6]])
def test_constant_column(flat: list[float]) -> None:
    frame = pd.DataFrame({"x": flat, "y": [1.0, 2.0, 4.0, 3.0]})
    for target, indicator in [("x", "y"), ("y", "x")]:
        table = correlate(frame, target, [indicator], PAIRWISE)
        assert table["status"].tolist() == [CONSTANT] * 3
        assert table["n"].tolist() == [4] * 3
        assert table[FIGURES].isna().all(axis=None)


def test_constant_only_where_both_are_known() -> None:
    frame = pd.DataFrame({"x": [1.0, 1, 1, 1, 9], "y": [1.0, 2, 3, 4, None]})
    assert set(correlate(frame, "x", ["y"], PAIRWISE)["status"]) == {CONSTANT}


def test_column_without_any_value() -> None:
    frame = pd.DataFrame({"x": [1.0, 2, 3, 4, 6], "y": [2.0, 1, 4, 3, 5], "gap": [None] * 5})
    pairwise = correlate(frame, "x", ["y", "gap"], PAIRWISE).set_index("indicator_code")
    assert pairwise.loc["gap", "n"].tolist() == [0] * 3
    assert set(pairwise.loc["gap", "status"]) == {TOO_FEW}
    assert set(pairwise.loc["y", "status"]) == {OK}
    assert set(correlate(frame, "x", ["y", "gap"], COMPLETE)["n"]) == {0}


@pytest.mark.parametrize("column", ["x", "y"])
@pytest.mark.parametrize("infinite", [np.inf, -np.inf])
def test_infinite_value_names_the_column(column: str, infinite: float) -> None:
    frame = pd.DataFrame({"x": [1.0, 2, 3], "y": [2.0, 1, 3]})
    frame.loc[1, column] = infinite
    with pytest.raises(ValueError, match=f"'{column}'"):
        correlate(frame, "x", ["y"], PAIRWISE)


def test_unknown_rule_and_column() -> None:
    frame = pd.DataFrame({"x": [1.0, 2, 3], "y": [2.0, 1, 3]})
    with pytest.raises(ValueError, match="listwise"):
        correlate(frame, "x", ["y"], "listwise")
    with pytest.raises(KeyError, match="nowhere"):
        correlate(frame, "x", ["nowhere"], PAIRWISE)


def test_types_are_the_same_with_and_without_rows() -> None:
    frame = article_table()
    full = correlate(frame, "migration_balance", INDICATORS, PAIRWISE)
    empty = correlate(frame, "migration_balance", [], PAIRWISE)
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
    assert list(zip(full["indicator_code"], full["method"], strict=True)) == [
        (indicator, method) for indicator in INDICATORS for method in METHODS
    ]


def test_extreme_magnitudes_do_not_overflow() -> None:
    frame = random_frame(3)
    stretched = frame.assign(target=(frame["target"] + 9) * 1e307, a=frame["a"] * 1e-300)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = figures(correlate(stretched, "target", ["a", "b"], PAIRWISE))
    pd.testing.assert_frame_equal(table, figures(correlate(frame, "target", ["a", "b"], PAIRWISE)))


def test_decimals_and_nullable_values_and_input_left_alone() -> None:
    plain = article_table()
    typed = plain.assign(
        migration_balance=plain["migration_balance"].astype("Int64"),
        below_food_basket=plain["below_food_basket"].astype("Int64"),
        children_per_household=[Decimal(str(v)) for v in plain["children_per_household"]],
    )
    typed["food_spend_per_capita"] = typed["food_spend_per_capita"].astype(object)
    typed.loc[0, "children_per_household"] = None
    typed.loc[1, "food_spend_per_capita"] = pd.NA
    before = typed.copy(deep=True)
    plain = plain.astype({"food_spend_per_capita": "float64"})
    plain.loc[0, "children_per_household"] = np.nan
    plain.loc[1, "food_spend_per_capita"] = np.nan
    pd.testing.assert_frame_equal(
        correlate(typed, "migration_balance", INDICATORS, COMPLETE),
        correlate(plain, "migration_balance", INDICATORS, COMPLETE),
    )
    pd.testing.assert_frame_equal(typed, before)
