"""ARIMA models of short series by exact maximum likelihood, the order by AICc.

For two dozen figures the likelihood is one Cholesky decomposition of their covariance, some 40 microseconds:
statsmodels' filter gives the same and takes a hundred times as long, too long for every origin of a forecast.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize

# (p, q) without a difference. Two dozen figures support no larger ones.
ORDERS = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0))
KPSS_5_PERCENT = 0.463

_LARGEST_ROOT = 0.999
_SMALLEST_VARIANCE = 1e-24  # of figures that a model repeats without error

Floats = NDArray[np.float64]


class Arima(NamedTuple):
    """A fitted model; `coefficients` are the partial autocorrelations of AR(2), else phi and theta."""

    order: tuple[int, int, int]
    with_constant: bool
    coefficients: tuple[float, ...]
    constant: float
    variance: float
    log_likelihood: float
    aicc: float
    n: int

    @property
    def residual_df(self) -> int:
        """Figures (changes, where d is 1) less coefficients and constant."""
        return self.n - len(self.coefficients) - self.with_constant

    def __str__(self) -> str:
        p, d, q = self.order
        return f"ARIMA({p},{d},{q})" + (" with constant" if self.with_constant else "")


def differences(y: Floats) -> int:
    """0 or 1: whether the KPSS test at 5 % rejects that the level is stationary.

    As Hyndman R. J. and Khandakar Y. (2008), Automatic time series forecasting, Journal of Statistical
    Software 27 (3), with a window of int(3 sqrt(n) / 13).
    """
    errors = y - y.mean()
    n, window = len(y), int(3 * np.sqrt(len(y)) / 13)
    weights = 1 - np.arange(1, window + 1) / (window + 1)
    covariances = np.array([errors[lag:] @ errors[: n - lag] for lag in range(window + 1)])
    long_run = (covariances[0] + 2 * weights @ covariances[1:]) / n
    return int((np.cumsum(errors) ** 2).sum() / n**2 / long_run > KPSS_5_PERCENT)


def best(y: Floats) -> Arima:
    """The model of the smallest AICc among ORDERS, with and without a constant, d by `differences`.

    `y` varies and has at least 8 figures. A constant of differences is the drift.
    """
    d = differences(y)
    fits = [fit(y, (p, d, q), with_constant) for p, q in ORDERS for with_constant in (False, True)]
    return min(fits, key=lambda one: one.aicc)


def fit(y: Floats, order: tuple[int, int, int], with_constant: bool) -> Arima:
    """Exact maximum likelihood, with stationary AR and invertible MA part; d is 0 or 1, (p, q) one of ORDERS.

    Source: Box G. E. P., Jenkins G. M. and Reinsel G. C., Time Series Analysis, appendix on the exact
    likelihood; constant and variance are concentrated out (generalised least squares).
    """
    p, d, q = order
    x = np.diff(y) if d else y
    free = p + q

    def loss(coefficients: Floats) -> float:
        if np.abs(coefficients).max(initial=0) > _LARGEST_ROOT:
            return np.inf
        return -_likelihood(x, (p, q), tuple(coefficients), with_constant)[0]

    found: Floats = np.array([])
    if free:
        found = np.atleast_1d(
            optimize.brute(loss, [(-0.9, 0.9)] * free, Ns=7, finish=optimize.fmin, disp=None)
        )
    coefficients = tuple(float(one) for one in found)
    likelihood, constant, variance = _likelihood(x, (p, q), coefficients, with_constant)
    n, parameters = len(x), free + with_constant + 1
    aicc = -2 * likelihood + 2 * parameters * n / (n - parameters - 1)
    return Arima(order, with_constant, coefficients, constant, variance, likelihood, aicc, n)


def forecast(model: Arima, y: Floats, horizons: int) -> tuple[Floats, Floats]:
    """Means and standard deviations 1 to `horizons` steps ahead, given the figures `y` that it was fitted to.

    The variance of the errors is the likelihood's times n / residual_df.
    """
    p, d, q = model.order
    x = np.diff(y) if d else y
    n = len(x)
    covariance = linalg.toeplitz(_autocovariances((p, q), model.coefficients, n + horizons))
    past, cross, ahead = covariance[:n, :n], covariance[n:, :n], covariance[n:, n:]
    weights = linalg.solve(past, cross.T, assume_a="pos").T
    means = model.constant + weights @ (x - model.constant)
    spread = (ahead - weights @ cross.T) * model.variance * model.n / model.residual_df
    if d:
        together = np.tri(horizons)
        means, spread = y[-1] + together @ means, together @ spread @ together.T
    return means, np.sqrt(np.diag(spread))


def _likelihood(
    x: Floats, order: tuple[int, int], coefficients: tuple[float, ...], with_constant: bool
) -> tuple[float, float, float]:
    """Log-likelihood, constant and variance of the errors."""
    n = len(x)
    root = np.linalg.cholesky(linalg.toeplitz(_autocovariances(order, coefficients, n)))
    white = np.linalg.solve(root, np.column_stack([x, np.ones(n)]))
    constant = float(white[:, 0] @ white[:, 1] / (white[:, 1] @ white[:, 1])) if with_constant else 0.0
    variance = max(float(((white[:, 0] - constant * white[:, 1]) ** 2).mean()), _SMALLEST_VARIANCE)
    likelihood = -n / 2 * (np.log(2 * np.pi * variance) + 1) - np.log(np.diag(root)).sum()
    return float(likelihood), constant, variance


def _autocovariances(order: tuple[int, int], coefficients: tuple[float, ...], n: int) -> Floats:
    """Of lags 0 to n - 1, where the errors have variance 1."""
    result = np.zeros(n)
    if order == (2, 0):
        first, second = coefficients
        phi = (first * (1 - second), second)
        result[0] = 1 / ((1 - first**2) * (1 - second**2))
        result[1] = first * result[0]
        for lag in range(2, n):
            result[lag] = phi[0] * result[lag - 1] + phi[1] * result[lag - 2]
        return result
    p, q = order
    ar = coefficients[0] if p else 0.0
    ma = coefficients[-1] if q else 0.0
    result[0] = (1 + 2 * ar * ma + ma**2) / (1 - ar**2)
    result[1:] = (ar + ma) * (1 + ar * ma) / (1 - ar**2) * ar ** np.arange(n - 1)
    return result
