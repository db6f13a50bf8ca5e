"""Bootstrap and permutation against scipy, enumeration and loops; their behaviour on generated data."""

import math
from collections.abc import Callable, Iterator
from itertools import permutations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis_py import resampling
from analysis_py.resampling import (
    KENDALL,
    METHODS,
    PEARSON,
    SPEARMAN,
    bca_interval,
    bootstrap_weights,
    orders,
    partial,
    partial_permutation_p,
    permutation_p,
    weighted_coefficients,
)

PROPERTY = settings(max_examples=25, deadline=None, database=None, derandomize=True)
Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

SCIPY: dict[str, Callable[..., float]] = {
    PEARSON: lambda x, y: stats.pearsonr(x, y).statistic,
    SPEARMAN: lambda x, y: stats.spearmanr(x, y).statistic,
    KENDALL: lambda x, y: stats.kendalltau(x, y).statistic,
}
# Law schools: Efron and Tibshirani (1993), An Introduction to the Bootstrap, table 3.1; their r is 0.776.
LSAT = [576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594]
GPA = [3.39, 3.30, 2.81, 3.03, 3.44, 3.07, 3.00, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96]


@pytest.fixture
def fewer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """500 resamples and orders."""
    monkeypatch.setattr(resampling, "RESAMPLES", 500)
    monkeypatch.setattr(resampling, "PERMUTATIONS", 500)
    bootstrap_weights.cache_clear()
    orders.cache_clear()
    yield
    bootstrap_weights.cache_clear()
    orders.cache_clear()


# --- coefficients of resamples ------------------------------------------------------------------------------

column = st.lists(st.integers(-4, 4), min_size=9, max_size=9).filter(lambda values: len(set(values)) > 1)


@PROPERTY
@given(column, column, column, st.integers(0, 2**32 - 1), st.sampled_from(METHODS))
def test_coefficients_of_a_resample_are_scipys(
    x: list[int], y: list[int], z: list[int], seed: int, method: str
) -> None:
    values = np.array([x, y, z], dtype=float).T
    draws = np.random.default_rng(seed).integers(0, 9, (20, 9))
    weights = np.array([np.bincount(draw, minlength=9) for draw in draws], dtype=float)
    found = weighted_coefficients(method, values, weights)
    for draw, matrix in zip(draws, found, strict=True):
        drawn = values[draw]
        for i in range(3):
            for j in range(3):
                if len(set(drawn[:, i])) == 1 or len(set(drawn[:, j])) == 1:
                    assert math.isnan(matrix[i, j])
                else:
                    assert matrix[i, j] == pytest.approx(SCIPY[method](drawn[:, i], drawn[:, j]), abs=1e-9)


def test_weights_are_draws_with_replacement() -> None:
    weights = bootstrap_weights(20)
    assert weights.shape == (resampling.RESAMPLES, 20)
    assert (weights.sum(axis=1) == 20).all()
    # each count is binomial (20, 1/20): mean 1, variance 0.95
    assert weights.mean() == 1
    assert weights.var() == pytest.approx(0.95, abs=0.02)


# --- intervals ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("fewer")
@pytest.mark.parametrize("method", METHODS)
def test_bca_is_scipys_with_the_same_draws(method: str) -> None:
    rng = np.random.default_rng(resampling.SEED)
    expected = stats.bootstrap(
        (LSAT, GPA), SCIPY[method], paired=True, vectorized=False, n_resamples=500, method="BCa", rng=rng
    ).confidence_interval
    values = np.array([LSAT, GPA], dtype=float).T
    resampled = weighted_coefficients(method, values, bootstrap_weights(15))[:, 0, 1]
    left_out = weighted_coefficients(method, values, 1 - np.eye(15))[:, 0, 1]
    r = SCIPY[method](LSAT, GPA)
    assert bca_interval(r, resampled, left_out) == pytest.approx(tuple(expected), abs=1e-9)
    if method == PEARSON:
        assert round(r, 3) == 0.776


def test_bca_that_is_not_defined() -> None:
    estimates = np.linspace(0, 1, 100)
    left_out = np.linspace(0.4, 0.6, 10)
    assert not np.isnan(bca_interval(0.5, estimates, left_out)).any()
    undefined = (math.nan, math.nan)
    assert bca_interval(2.0, estimates, left_out) == pytest.approx(undefined, nan_ok=True)
    some_missing = np.where(estimates < 0.06, np.nan, estimates)
    assert bca_interval(0.5, some_missing, left_out) == pytest.approx(undefined, nan_ok=True)
    assert bca_interval(0.5, estimates, np.append(left_out, np.nan)) == pytest.approx(undefined, nan_ok=True)
    assert bca_interval(1.0, np.ones(50), np.ones(5)) == (1, 1)


# --- permutations -------------------------------------------------------------------------------------------

six = st.lists(st.integers(-4, 4), min_size=6, max_size=6).filter(lambda values: len(set(values)) > 1)


@settings(PROPERTY, max_examples=8)
@given(six, six, st.sampled_from(METHODS))
def test_small_samples_are_enumerated(x: list[int], y: list[int], method: str) -> None:
    observed = abs(SCIPY[method](x, y))
    all_orders = [abs(SCIPY[method](x, order)) for order in permutations(y)]
    expected = sum(found >= observed - 1e-9 for found in all_orders) / 720
    found = permutation_p(method, np.array(x, dtype=float), np.array(y, dtype=float))
    assert found == pytest.approx(expected, abs=1e-12)


def test_kendall_agrees_with_the_exact_distribution() -> None:
    """Tuna (Hollander and Wolfe 1973, p. 187): exact p 0.1194; law schools: scipy's exact p."""
    lightness = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    score = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    error = 4 * math.sqrt(0.1194 * 0.8806 / resampling.PERMUTATIONS)
    assert permutation_p(KENDALL, np.array(lightness), np.array(score)) == pytest.approx(0.1194, abs=error)


@pytest.mark.parametrize("method", METHODS)
def test_drawn_orders_agree_with_scipys_permutation_test(method: str) -> None:
    x, y = np.array(LSAT, dtype=float)[:10], np.array(GPA)[4:14]
    expected = stats.permutation_test(
        (x,),
        lambda v: abs(SCIPY[method](v, y)),
        permutation_type="pairings",
        alternative="greater",
        vectorized=False,
        n_resamples=1500,
        rng=np.random.default_rng(8),
    ).pvalue
    error = 4 * math.sqrt(expected * (1 - expected) * (1 / 1500 + 1 / resampling.PERMUTATIONS)) + 1e-3
    assert permutation_p(method, x, y) == pytest.approx(expected, abs=error)


@pytest.mark.parametrize("method", METHODS)
def test_permutation_p_is_uniform_under_independence(method: str) -> None:
    """n = 20, skewed variables, for which the t-test is only approximate."""
    rng = np.random.default_rng(11)
    p_values = [permutation_p(method, *rng.lognormal(size=(2, 20))) for _ in range(300)]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.05, abs=0.03)


@pytest.mark.usefixtures("fewer")
def test_partial_permutation_p_is_uniform_under_independence() -> None:
    rng = np.random.default_rng(12)
    p_values = []
    for _ in range(500):
        held = rng.normal(size=20)
        x, y = held + rng.normal(size=20), 2 * held + rng.normal(size=20)
        p_values.append(partial_permutation_p(x, y, held))
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


def test_p_is_never_zero_and_one_at_most() -> None:
    x = np.arange(20.0)
    assert permutation_p(PEARSON, x, x) == 1 / (resampling.PERMUTATIONS + 1)
    assert permutation_p(SPEARMAN, x, np.cos(np.pi * x)) <= 1


# --- one held fixed -----------------------------------------------------------------------------------------


@PROPERTY
@given(st.integers(0, 2**32 - 1))
def test_partial_coefficient_is_that_of_residuals(seed: int) -> None:
    rng = np.random.default_rng(seed)
    held = rng.normal(size=12)
    x, y = held + rng.normal(size=12), rng.normal(size=12) - held
    rest = [sm.OLS(v, sm.add_constant(held)).fit().resid for v in (x, y)]
    matrix = np.corrcoef([x, y, held])
    assert float(partial(matrix, 0, 1, 2)) == pytest.approx(stats.pearsonr(*rest).statistic, abs=1e-9)


def test_partial_coefficient_of_what_is_determined_is_missing() -> None:
    x = np.arange(9.0)
    assert np.isnan(partial(np.corrcoef([x, x**2, 2 * x]), 0, 1, 2))


def test_freedman_and_lane_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resampling, "PERMUTATIONS", 40)
    orders.cache_clear()
    rng = np.random.default_rng(4)
    held = rng.normal(size=12)
    x, y = held + rng.normal(size=12), held + rng.normal(size=12)
    design = sm.add_constant(held)
    fit = sm.OLS(y, design).fit()

    def t_of_x(values: Floats) -> float:
        return abs(float(sm.OLS(values, np.column_stack([design, x])).fit().tvalues[2]))

    found = [t_of_x(fit.fittedvalues + fit.resid[order]) for order in orders(12)]
    expected = (sum(t >= t_of_x(y) for t in found) + 1) / 41
    assert partial_permutation_p(x, y, held) == pytest.approx(expected)
    orders.cache_clear()
