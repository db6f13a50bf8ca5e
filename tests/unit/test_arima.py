"""ARIMA against R's documented example and statsmodels' filter; how differences and orders are chosen."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.stattools import kpss

from analysis_py import arima

# The national balance of external migration, 2000-2024, Table 2 of the article; in ten thousand persons.
BALANCE = np.fromstring(
    """
    -10.8307 -8.8162 -6.2012 -0.8306 0.2789 2.2668 3.3041 1.0962 0.1117 0.7526 1.5516 0.5096 -0.1426 -0.0279
    -1.2162 -1.3466 -2.1145 -2.2130 -2.9121 -3.2970 -1.7718 -2.1217 -0.6722 0.9293 1.6550
    """,
    sep=" ",
)
# Luteinizing hormone, dataset lh of R.
LH = np.fromstring(
    """
    2.4 2.4 2.4 2.2 2.1 1.5 2.3 2.3 2.5 2.0 1.9 1.7 2.2 1.8 3.2 3.2 2.7 2.2 2.2 1.9 1.9 1.8 2.7 3.0
    2.3 2.0 2.0 2.9 2.9 2.7 2.7 2.3 2.6 2.4 1.8 1.7 1.5 1.4 2.1 3.3 3.5 3.5 3.1 2.6 2.1 3.4 3.0 2.9
    """,
    sep=" ",
)
PROPERTY = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def statsmodels_parameters(model: arima.Arima) -> list[float]:
    p, _, q = model.order
    coefficients = list(model.coefficients)
    if p == 2:
        first, second = coefficients
        coefficients = [first * (1 - second), second]
    assert len(coefficients) == p + q
    return [model.constant] * model.with_constant + coefficients + [model.variance]


def test_example_of_r_arima() -> None:
    """`arima(lh, order = c(1,0,0))` in the help page of R's arima: ar1 0.5739, intercept 2.4133, ..."""
    model = arima.fit(LH, (1, 0, 0), with_constant=True)
    assert model.coefficients[0] == pytest.approx(0.5739, abs=5e-5)
    assert model.constant == pytest.approx(2.4133, abs=5e-5)
    assert model.variance == pytest.approx(0.1975, abs=5e-5)
    assert model.log_likelihood == pytest.approx(-29.38, abs=5e-3)
    assert -2 * model.log_likelihood + 2 * 3 == pytest.approx(64.76, abs=5e-3)


@pytest.mark.parametrize("with_constant", [False, True])
@pytest.mark.parametrize("d", [0, 1])
@pytest.mark.parametrize(("p", "q"), arima.ORDERS)
def test_agrees_with_statsmodels(p: int, q: int, d: int, with_constant: bool) -> None:
    model = arima.fit(BALANCE, (p, d, q), with_constant)
    trend = "ct"[d] if with_constant else "n"
    peer = ARIMA(BALANCE, order=(p, d, q), trend=trend)
    # the same likelihood and the same forecasts at our optimum; where it differences, their first level has a
    # large variance instead of an infinite one
    there = peer.smooth(statsmodels_parameters(model))
    assert model.log_likelihood == pytest.approx(there.llf, abs=1e-4)
    assert model.aicc == pytest.approx(there.aicc, abs=1e-4)
    means, deviations = arima.forecast(model, BALANCE, 5)
    ahead = there.get_forecast(5)
    assert means == pytest.approx(ahead.predicted_mean, abs=1e-4)
    correction = np.sqrt(model.n / model.residual_df)
    assert deviations == pytest.approx(ahead.se_mean * correction, rel=1e-4)
    # which is no worse than theirs
    assert model.log_likelihood >= peer.fit(cov_type="none").llf - 1e-3


def test_best_has_the_smallest_aicc_of_statsmodels() -> None:
    found = arima.best(BALANCE)
    d = found.order[1]
    peers = {
        (p, with_constant): ARIMA(BALANCE, order=(p, d, 0), trend="c" if with_constant else "n").fit().aicc
        for p in (0, 1, 2)
        for with_constant in (False, True)
    }
    assert str(found) == "ARIMA(2,0,0)"
    assert found.aicc == pytest.approx(min(peers.values()), abs=1e-3)


@pytest.mark.filterwarnings("ignore")  # p-values at the end of its table
@pytest.mark.parametrize("n", [10, 15, 20, 25])
def test_differences_by_kpss(n: int) -> None:
    statistic = kpss(BALANCE[:n], "c", nlags=int(3 * np.sqrt(n) / 13))[0]
    assert arima.differences(BALANCE[:n]) == int(statistic > 0.463)


def test_differences_of_noise_and_of_a_walk() -> None:
    noise = np.random.default_rng(1).normal(size=60)
    assert arima.differences(noise) == 0
    assert arima.differences(noise.cumsum() + np.arange(60)) == 1


@PROPERTY
@given(st.integers(0, 1000), st.floats(0.01, 100), st.floats(-50, 50))
def test_scale_and_origin(seed: int, scale: float, origin: float) -> None:
    y = np.random.default_rng(seed).normal(size=15).cumsum()
    plain = arima.fit(y, (1, 0, 0), with_constant=True)
    moved = arima.fit(scale * y + origin, (1, 0, 0), with_constant=True)
    assert moved.coefficients[0] == pytest.approx(plain.coefficients[0], abs=1e-3)
    means, deviations = arima.forecast(plain, y, 3)
    moved_means, moved_deviations = arima.forecast(moved, scale * y + origin, 3)
    assert moved_means == pytest.approx(scale * means + origin, rel=1e-2, abs=1e-2 * scale)
    assert moved_deviations == pytest.approx(scale * deviations, rel=1e-2)
