"""Regression of regions over years: effects taken out, errors clustered by region."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

DRAWS = 999
SEED = 20261127

Floats = NDArray[np.float64]
Labels = NDArray[np.object_]

# Webb M. D. (2023), Reworking wild bootstrap based inference for clustered errors: six points.
_WEBB = np.sqrt([0.5, 1.0, 1.5])


class PanelFit(NamedTuple):
    """One value a regressor, (k,); p_wild is missing where no draw could be judged."""

    estimate: Floats
    standard_error: Floats
    p_value: Floats
    p_wild: Floats
    low: Floats
    high: Floats
    r_squared_within: float
    n: int
    n_clusters: int


def basis(effects: Sequence[Labels]) -> Floats:
    """Orthonormal columns (n, rank) that span the dummies of each of the `effects` (n labels)."""
    dummies = np.column_stack([label[:, None] == np.unique(label) for label in effects]).astype("float64")
    left, sizes, _ = np.linalg.svd(dummies, full_matrices=False)
    return left[:, sizes > 1e-9 * sizes.max(initial=0)]


def take_out(values: Floats, span: Floats) -> Floats:
    """Residuals of `values` (n, k) from the columns of `span`, as `basis` gives them."""
    return values - span @ (span.T @ values)


def fit(y: Floats, x: Floats, effects: Sequence[Labels], clusters: Labels) -> PanelFit:
    """Least squares of `y` (n,) on `x` (n, k) and effects; errors may be alike within a cluster.

    The covariance is that of Liang K.-Y. and Zeger S. L. (1986) times G / (G - 1) * (n - 1) / (n - K), K with
    the effects, and Student's distribution has G - 1 degrees of freedom, as in Cameron A. C. and Miller D. L.
    (2015), A practitioner's guide to cluster-robust inference, Journal of Human Resources 50, 317-372. p_wild
    is that of their wild cluster bootstrap with the hypothesis imposed (section VI.C.2; DRAWS draws, SEED):
    with fewer than some 40 clusters it is the one to trust. Every column of `x` varies within the effects.
    """
    span, labels = basis(effects), np.unique(clusters)
    within = take_out(np.column_stack([y, x]), span)
    yw, xw = within[:, 0], within[:, 1:]
    n, k, g = len(y), x.shape[1], len(labels)
    inverse = np.linalg.inv(xw.T @ xw)
    member = (clusters[:, None] == labels).astype("float64")
    factor = g / (g - 1) * (n - 1) / (n - k - span.shape[1])
    influence = xw @ inverse  # of an error on each estimate

    def deviation(j: int, errors: Floats) -> Floats:
        """Standard error of estimate j, (draws,), of errors (n, draws)."""
        return np.asarray(np.sqrt(factor * ((member.T @ (influence[:, [j]] * errors)) ** 2).sum(axis=0)))

    estimate = influence.T @ yw
    residuals = yw - xw @ estimate
    error = np.array([deviation(j, residuals[:, None])[0] for j in range(k)])
    statistic = estimate / error
    margin = stats.t.ppf(0.975, g - 1) * error
    draws = np.random.default_rng(SEED).choice(np.concatenate([-_WEBB, _WEBB]), size=(g, DRAWS))
    wild = [_wild(j, yw, xw, member @ draws, deviation, statistic[j], span) for j in range(k)]
    return PanelFit(
        estimate,
        error,
        2 * stats.t.sf(np.abs(statistic), g - 1),
        np.array(wild),
        estimate - margin,
        estimate + margin,
        float(1 - residuals @ residuals / (yw @ yw)),
        n,
        g,
    )


def _wild(
    j: int,
    y: Floats,
    x: Floats,
    weights: Floats,
    deviation: Callable[[int, Floats], Floats],
    statistic: float,
    span: Floats,
) -> float:
    """Share of draws, under no effect of regressor j, with a statistic as far from zero as the one found."""
    others = np.delete(x, j, axis=1)
    fitted = others @ np.linalg.lstsq(others, y, rcond=None)[0]
    drawn = take_out(fitted[:, None] + (y - fitted)[:, None] * weights, span)
    estimates = np.linalg.solve(x.T @ x, x.T @ drawn)
    drawn_statistic = estimates[j] / deviation(j, drawn - x @ estimates)
    as_far = np.abs(drawn_statistic) >= abs(statistic) * (1 - 1e-9)
    return float((1 + as_far.sum()) / (1 + as_far.size))
