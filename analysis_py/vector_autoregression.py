"""A vector autoregression of order 1 that leaves years out: no equation reaches across a break."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis_py.correlation import ENOUGH_RESIDUAL_DF

Floats = NDArray[np.float64]


class Var(NamedTuple):
    """y(t) = constant + coefficients y(t-1) + e(t), with the covariance of e; estimated from n years."""

    constant: Floats
    coefficients: Floats
    covariance: Floats
    n: int
    residual_df: int

    @property
    def is_stable(self) -> bool:
        return bool(np.abs(np.linalg.eigvals(self.coefficients)).max() < 1)


def lagged(changes: Floats) -> tuple[Floats, Floats]:
    """Regressors (n, 1 + k), a one first, and responses (n, k): the years known as the year before is.

    `changes` is (years, k), year after year, with gaps (NaN) where a year is unknown or reaches across a
    break.
    """
    known = np.asarray(np.isfinite(changes).all(axis=1))
    usable = known[1:] & known[:-1]
    before, now = changes[:-1][usable], changes[1:][usable]
    return np.column_stack([np.ones(len(before)), before]), now


def residual_df(changes: Floats) -> int:
    """Equations less coefficients of each; below ENOUGH_RESIDUAL_DF nothing is estimated."""
    return len(lagged(changes)[0]) - int(changes.shape[1]) - 1


def varies(x: Floats, y: Floats) -> bool:
    """Whether no regressor is a sum of others and no response is constant: else nothing can be estimated."""
    return bool(np.linalg.matrix_rank(x) == x.shape[1] and np.ptp(y, axis=0).min(initial=np.inf) > 0)


def fit(changes: Floats) -> Var:
    """Least squares of the years that `lagged` gives. Raises ValueError below ENOUGH_RESIDUAL_DF."""
    df = residual_df(changes)
    if df < ENOUGH_RESIDUAL_DF:
        raise ValueError(f"{df} residual degrees of freedom, at least {ENOUGH_RESIDUAL_DF} are needed")
    return estimate(*lagged(changes))


def estimate(x: Floats, y: Floats) -> Var:
    """Least squares, equation by equation; the covariance divides by the residual degrees of freedom.

    `x` is (n, 1 + k) and `y` (n, k), as `lagged` gives them, of one territory or of several one after the
    other. Source: Lütkepohl H. (2005), New Introduction to Multiple Time Series Analysis, section 3.2. Of one
    series without gaps it is statsmodels' VAR of order 1.
    """
    estimates = np.asarray(np.linalg.lstsq(x, y, rcond=None)[0], dtype="float64")
    errors = y - x @ estimates
    df = len(x) - x.shape[1]
    return Var(estimates[0], estimates[1:].T, errors.T @ errors / df, len(x), df)


def impulse_responses(coefficients: Floats, covariance: Floats, steps: int) -> Floats:
    """Responses (steps + 1, k, k): of the level of variable i to a shock to j, s years later.

    A shock is one standard deviation; it moves at once the variables that come later in the order, and none
    that comes earlier (Cholesky; Lütkepohl, section 2.3.2). Takes stacks of matrices (..., k, k) too.
    """
    response = np.linalg.cholesky(covariance)
    responses = [response]
    for _ in range(steps):
        response = coefficients @ response
        responses.append(response)
    return np.cumsum(np.stack(responses, axis=-3), axis=-3)


def bootstrap(x: Floats, y: Floats, groups: NDArray[np.int_], draws: int, seed: int) -> tuple[Floats, Floats]:
    """Coefficients and covariances (draws, k, k) of `estimate`, the groups drawn with replacement.

    A group is a territory with all its years, or one year where there is one territory. A draw from which
    nothing can be estimated is missing.
    """
    rng = np.random.default_rng(seed)
    labels = np.unique(groups)
    parts = [(x[groups == label], y[groups == label]) for label in labels]
    counts = rng.multinomial(len(labels), np.full(len(labels), 1 / len(labels)), size=draws)
    xx, xy, yy = (
        np.tensordot(counts, np.array(products), axes=1)
        for products in zip(*[(a.T @ a, a.T @ b, b.T @ b) for a, b in parts], strict=True)
    )
    df = counts @ np.array([len(a) for a, _ in parts]) - x.shape[1]
    usable = (np.linalg.cond(xx) < 1e12) & (df > 0)
    estimates = np.linalg.solve(xx[usable], xy[usable])
    covariance = (yy[usable] - estimates.mT @ xy[usable]) / df[usable, None, None]
    coefficients = np.full((draws, *covariance.shape[1:]), np.nan)
    covariances = coefficients.copy()
    coefficients[usable], covariances[usable] = estimates[:, 1:].mT, covariance
    return coefficients, covariances


def forecast_sums(var: Var, changes: Floats, horizons: int) -> tuple[Floats, Floats]:
    """Sums of the changes 1 to `horizons` years after the last row, and their deviations: (horizons, k).

    A variable whose latest changes are missing, because it is published later than the others or because they
    reach across a break, is predicted from the others first: a Kalman filter that starts at the last complete
    year. The uncertainty is that of the errors to come, not that of the coefficients.
    """
    k = changes.shape[1]
    start = int(np.flatnonzero(np.isfinite(changes).all(axis=1))[-1])
    mean, spread = changes[start], np.zeros((k, k))
    for observed in changes[start + 1 :]:
        mean = var.constant + var.coefficients @ mean
        spread = var.coefficients @ spread @ var.coefficients.T + var.covariance
        seen = np.flatnonzero(np.isfinite(observed))
        gain = spread[:, seen] @ np.linalg.pinv(spread[np.ix_(seen, seen)], hermitian=True)
        mean = mean + gain @ (observed - mean)[seen]
        spread = spread - gain @ spread[seen]
    # State from here on: the changes of the year, and their sum since the last row.
    mean = np.concatenate([mean, np.zeros(k)])
    spread = np.block([[spread, np.zeros((k, k))], [np.zeros((k, 2 * k))]])
    transition = np.block([[var.coefficients, np.zeros((k, k))], [var.coefficients, np.eye(k)]])
    sums, deviations = [], []
    for _ in range(horizons):
        mean = np.tile(var.constant, 2) + transition @ mean
        spread = transition @ spread @ transition.T + np.tile(var.covariance, (2, 2))
        sums.append(mean[k:])
        deviations.append(np.sqrt(np.diag(spread)[k:].clip(min=0)))
    return np.array(sums), np.array(deviations)
