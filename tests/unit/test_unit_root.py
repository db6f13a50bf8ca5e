"""Unit roots and cointegration: statsmodels, published moments and critical values, size of panel tests."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.tsa.adfvalues import mackinnoncrit, mackinnonp
from statsmodels.tsa.stattools import adfuller, coint

from analysis_py import unit_root
from analysis_py.unit_root import DRAWS, Floats, dickey_fuller, engle_granger, null_means, p_value


def walks(seed: int, *shape: int) -> Floats:
    return np.random.default_rng(seed).normal(size=shape).cumsum(axis=-1)


@pytest.mark.parametrize("years", [7, 14, 60])
def test_statistics_agree_with_statsmodels(years: int) -> None:
    y, x = 5 + walks(1, 2, 4, years)
    ours = dickey_fuller(y), engle_granger(y, x)
    for region in range(4):
        peer = adfuller(y[region], maxlag=1, regression="c", autolag=None, result_object=False)
        assert ours[0][region] == pytest.approx(peer[0])
        peer = coint(y[region], x[region], trend="c", maxlag=1, autolag=None)
        assert ours[1][region] == pytest.approx(peer[0])


# Im, Pesaran and Shin (2003), table 3: mean and variance of t with one lag, by equations of the regression.
@pytest.mark.parametrize(
    ("equations", "mean", "variance"),
    [(10, -1.488, 1.255), (15, -1.503, 1.011), (25, -1.514, 0.861), (40, -1.520, 0.803)],
)
def test_null_has_the_published_moments(equations: int, mean: float, variance: float) -> None:
    null = null_means(dickey_fuller, equations + 2, 1)
    assert null.mean() == pytest.approx(mean, abs=3 * np.sqrt(variance / DRAWS))
    assert null.var() == pytest.approx(variance, rel=0.15)


@pytest.mark.parametrize(("test", "series"), [(dickey_fuller, 1), (engle_granger, 2)])
def test_null_has_the_published_critical_values(test: unit_root.Test, series: int) -> None:
    """MacKinnon J. G. (2010), Critical values for cointegration tests, as statsmodels has them."""
    published = mackinnoncrit(series, "c", nobs=100)
    found = np.quantile(null_means(test, 100, 1), [0.01, 0.05, 0.10])
    assert found == pytest.approx(published, abs=0.15)
    # and of few years statistics are larger
    few = np.quantile(null_means(test, 14, 1), 0.05)
    assert few < published[1] - 0.1


def rejects(test: unit_root.Test, years: int, seed: int, shrink: float = 1.0) -> float:
    """Share of 400 panels of 15 regions, made otherwise than the null's, with a p-value of at most 5 %."""
    rng = np.random.default_rng(seed)
    statistics = []
    for _ in range(400):
        panel = np.zeros((2, 15, years))
        shock = rng.normal(size=panel.shape) + rng.normal(
            size=years
        )  # what moves all alike goes with the means
        for t in range(1, years):
            panel[..., t] = shrink * panel[..., t - 1] + shock[..., t]
        less = panel - panel.mean(axis=1, keepdims=True)
        statistics.append(test(*less[: 1 if test is dickey_fuller else 2]).mean())
    return float(np.mean([p_value(test, one, years, 15) <= 0.05 for one in statistics]))


@pytest.mark.parametrize(("test", "years"), [(dickey_fuller, 14), (dickey_fuller, 25), (engle_granger, 14)])
def test_panel_rejects_a_true_hypothesis_as_often_as_it_says(test: unit_root.Test, years: int) -> None:
    # 5 % of 400 have a standard error of 1.1 %
    assert rejects(test, years, seed=2) == pytest.approx(0.05, abs=0.025)


@pytest.mark.parametrize(("test", "series", "size"), [(dickey_fuller, 1, 0.20), (engle_granger, 2, 0.19)])
def test_tables_for_long_series_would_be_too_sure(test: unit_root.Test, series: int, size: float) -> None:
    """p-values of fifteen regions by MacKinnon's tables, combined as by Fisher: why the null is simulated."""
    panels = walks(6, series, 2000, 15, 14)
    statistics = test(*(panels - panels.mean(axis=-2, keepdims=True)))
    grid = np.linspace(-20, 8, 2801)
    table = [mackinnonp(one, "c", N=series) for one in grid]
    combined = -2 * np.log(np.interp(statistics, grid, table).clip(1e-300)).sum(axis=-1)
    assert (stats.chi2.sf(combined, 2 * 15) <= 0.05).mean() == pytest.approx(size, abs=0.025)


def test_panel_finds_what_returns_to_its_mean() -> None:
    assert rejects(dickey_fuller, 25, seed=3, shrink=0.3) > 0.95


def test_p_value_is_the_share_of_draws_as_low() -> None:
    null = null_means(dickey_fuller, 14, 15)
    assert (np.diff(null) >= 0).all()
    assert p_value(dickey_fuller, null[0] - 1, 14, 15) == 1 / (1 + DRAWS)
    assert p_value(dickey_fuller, null[99], 14, 15) == 101 / (1 + DRAWS)
    assert p_value(dickey_fuller, null[-1], 14, 15) == 1


@pytest.mark.filterwarnings("error")
def test_series_without_an_answer_are_missing() -> None:
    walk = walks(4, 20)
    flat, line, zigzag = np.full(20, 3.0), np.arange(20.0), np.tile([0.0, 1.0], 10)
    assert np.isnan(dickey_fuller(np.array([flat, line, zigzag]))).all()
    assert np.isnan(engle_granger(np.array([walk, walk, flat]), np.array([flat, 2 * walk + 1, walk]))).all()
    assert np.isfinite(dickey_fuller(np.array([walk, walk[::-1]]))).all()


def test_scale_origin_and_order_do_not_matter() -> None:
    y, x = walks(5, 2, 6, 14)
    assert dickey_fuller(3 * y + 7) == pytest.approx(dickey_fuller(y))
    assert engle_granger(3 * y + 7, x / 2 - 1) == pytest.approx(engle_granger(y, x))
    assert dickey_fuller(y[::-1]) == pytest.approx(dickey_fuller(y)[::-1])
