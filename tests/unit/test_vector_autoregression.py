"""The VAR that leaves years out: against statsmodels where there is no gap, by hand where there is one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.api import VAR

from analysis_py import vector_autoregression as var
from analysis_py.vector_autoregression import Floats

NAN = np.nan


def walk(seed: int, n: int = 40, k: int = 2) -> Floats:
    rng = np.random.default_rng(seed)
    mix = 0.4 * np.eye(k) + 0.1
    values = [rng.normal(size=k)]
    for _ in range(n - 1):
        values.append(0.3 + mix @ values[-1] + rng.normal(size=k))
    return np.array(values)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_agrees_with_statsmodels_without_gaps(k: int) -> None:
    changes = walk(1, k=k)
    ours = var.fit(changes)
    if k == 1:
        changes = np.column_stack([changes, walk(2, k=1)])  # statsmodels has no VAR of one variable
        ours = var.fit(changes)
    peer = VAR(changes).fit(1)
    assert ours.constant == pytest.approx(peer.params[0])
    assert ours.coefficients == pytest.approx(peer.coefs[0])
    assert ours.covariance == pytest.approx(peer.sigma_u)
    assert (ours.n, ours.residual_df) == (peer.nobs, peer.df_resid)
    assert ours.is_stable == peer.is_stable()
    sums, deviations = var.forecast_sums(ours, changes, 5)
    assert sums == pytest.approx(peer.forecast(changes, 5).cumsum(axis=0))
    moved = peer.ma_rep(4).cumsum(axis=0)  # of a sum, by the error of one year
    variances = np.cumsum([np.diag(one @ peer.sigma_u @ one.T) for one in moved], axis=0)
    assert deviations == pytest.approx(np.sqrt(variances))
    responses = var.impulse_responses(ours.coefficients, ours.covariance, 5)
    assert responses == pytest.approx(peer.irf(5).orth_cum_effects)


def test_no_equation_reaches_across_a_gap() -> None:
    changes = np.array([[1, 1], [2, 3], [NAN, 4], [5, 5], [6, 7], [7, 9]], dtype=float)
    x, y = var.lagged(changes)
    assert x.tolist() == [[1, 1, 1], [1, 5, 5], [1, 6, 7]]
    assert y.tolist() == [[2, 3], [6, 7], [7, 9]]
    assert var.residual_df(changes) == 0
    with pytest.raises(ValueError, match="0 residual degrees of freedom, at least 8"):
        var.fit(changes)


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_too_few_rows(rows: int) -> None:
    assert var.residual_df(np.ones((rows, 2))) == max(rows - 1, 0) - 3


def test_gap_is_the_same_as_two_series() -> None:
    changes = walk(3)
    gap = changes.copy()
    gap[20] = NAN
    x, y = (
        np.concatenate(parts)
        for parts in zip(var.lagged(changes[:20]), var.lagged(changes[21:]), strict=True)
    )
    together, apart = var.fit(gap), var.estimate(x, y)
    assert together.coefficients == pytest.approx(apart.coefficients)
    assert together.n == 37


def test_a_variable_published_later_is_predicted_from_the_other() -> None:
    """By the conditional normal distribution, written out for two variables."""
    changes = walk(4)
    fitted = var.fit(changes)
    a, s = fitted.coefficients, fitted.covariance
    late = changes.copy()
    late[-1, 1] = NAN
    sums, deviations = var.forecast_sums(fitted, late, 1)
    expected = fitted.constant + a @ changes[-2]
    surprise = changes[-1, 0] - expected[0]
    mean = np.array([changes[-1, 0], expected[1] + s[0, 1] / s[0, 0] * surprise])
    left = s[1, 1] - s[0, 1] ** 2 / s[0, 0]
    assert sums[0] == pytest.approx(fitted.constant + a @ mean)
    spread = s + left * np.outer(a[:, 1], a[:, 1])
    assert deviations[0] == pytest.approx(np.sqrt(np.diag(spread)))


def test_bootstrap_of_one_group_is_the_estimate_and_seeds_repeat() -> None:
    x, y = var.lagged(walk(5))
    fitted = var.estimate(x, y)
    coefficients, covariances = var.bootstrap(x, y, np.zeros(len(x), dtype=int), 3, 1)
    assert coefficients == pytest.approx(np.repeat(fitted.coefficients[None], 3, axis=0))
    assert covariances == pytest.approx(np.repeat(fitted.covariance[None], 3, axis=0))
    first, again, other = (var.bootstrap(x, y, np.arange(len(x)), 5, seed)[0] for seed in (1, 1, 2))
    assert (first == again).all()
    assert not (first == other).all()


def test_bootstrap_draws_groups_and_leaves_out_what_cannot_be_estimated() -> None:
    x, y = var.lagged(walk(6, n=7))
    coefficients, covariances = var.bootstrap(x, y, np.arange(6), 200, 1)
    missing = np.isnan(coefficients).all(axis=(1, 2))
    assert (missing == np.isnan(covariances).all(axis=(1, 2))).all()
    assert 0 < missing.sum() < 200
    rng = np.random.default_rng(1)
    counts = rng.multinomial(6, np.full(6, 1 / 6), size=200)
    draw = int(np.flatnonzero(~missing)[0])
    by_hand = var.estimate(np.repeat(x, counts[draw], axis=0), np.repeat(y, counts[draw], axis=0))
    assert coefficients[draw] == pytest.approx(by_hand.coefficients)
    assert covariances[draw] == pytest.approx(by_hand.covariance)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 1000))
def test_scale_of_one_variable(seed: int, scale: float) -> None:
    changes = walk(seed, n=25)
    scaled = changes * np.array([1.0, scale])
    sums, deviations = var.forecast_sums(var.fit(changes), changes, 4)
    scaled_sums, scaled_deviations = var.forecast_sums(var.fit(scaled), scaled, 4)
    assert scaled_sums == pytest.approx(sums * [1, scale], rel=1e-6, abs=1e-9)
    assert scaled_deviations == pytest.approx(deviations * [1, scale], rel=1e-6)
