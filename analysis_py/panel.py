"""Regression of regions over years: effects taken out, errors clustered by region."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

DRAWS = 999
SEED = 20261127
REJECTED = 0.05

Floats = NDArray[np.float64]
Labels = NDArray[np.object_]

# Webb M. D. (2023), Reworking wild bootstrap based inference for clustered errors: six points.
_WEBB = np.sqrt([0.5, 1.0, 1.5])


class PanelFit(NamedTuple):
    """One value a regressor, (k,); `low` and `high` are the ends of what p_wild does not reject at 5 %."""

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
    with fewer than some 40 clusters it is the one to trust. The interval holds the effects that it does not
    reject at 5 %, zero among them where p_wild exceeds 0.05, as in Roodman D. et al. (2019), Fast and wild,
    Stata Journal 19, 4-60. Every column of `x` varies within the effects.
    """
    span, labels = basis(effects), np.unique(clusters)
    within = take_out(np.column_stack([y, x]), span)
    yw, xw = within[:, 0], within[:, 1:]
    n, k, g = len(y), x.shape[1], len(labels)
    inverse = np.linalg.inv(xw.T @ xw)
    member = (clusters[:, None] == labels).astype("float64")
    factor = g / (g - 1) * (n - 1) / (n - k - span.shape[1])
    influence = xw @ inverse  # of an error on each estimate
    estimate = influence.T @ yw
    residuals = yw - xw @ estimate
    error = np.sqrt(factor * ((member.T @ (influence * residuals[:, None])) ** 2).sum(axis=0))
    statistic = estimate / error
    draws = np.random.default_rng(SEED).choice(np.concatenate([-_WEBB, _WEBB]), size=(g, DRAWS))
    drawn = [_wild(j, yw, xw, influence, member, draws, span, factor) for j in range(k)]
    wild = [one.p_value(0.0, *found) for one, *found in zip(drawn, estimate, error, strict=True)]
    low, high = (
        [one.end(sign, *found) for one, *found in zip(drawn, estimate, error, strict=True)]
        for sign in (-1, 1)
    )
    return PanelFit(
        estimate,
        error,
        2 * stats.t.sf(np.abs(statistic), g - 1),
        np.array(wild),
        np.array(low),
        np.array(high),
        float(1 - residuals @ residuals / (yw @ yw)),
        n,
        g,
    )


class _Wild(NamedTuple):
    """Draws of a wild bootstrap in which regressor j is supposed to have some effect.

    Residuals under the hypothesis are linear in the effect, and so are the estimates drawn, less the effect:
    `estimates` has the constant and the slope (2, draws). Their variances are quadratic: `variances` (3,
    draws).
    """

    estimates: Floats
    variances: Floats

    def p_value(self, effect: float, estimate: float, error: float) -> float:
        """Share of draws whose statistic is as far from zero as the one found."""
        drawn = self.estimates[0] + effect * self.estimates[1]
        variance = self.variances[0] + effect * self.variances[1] + effect**2 * self.variances[2]
        found = abs(estimate - effect) / error
        as_far = np.abs(drawn) >= found * np.sqrt(variance.clip(min=0)) * (1 - 1e-9)
        return float((1 + as_far.sum()) / (1 + as_far.size))

    def end(self, sign: int, estimate: float, error: float) -> float:
        """Effect below (`sign` -1) or above the estimate that comes to be rejected; missing if none does."""

        def is_rejected(width: float) -> bool:
            return self.p_value(estimate + sign * width, estimate, error) <= REJECTED

        widths = error * 2.0 ** np.arange(60)
        outside = next((width for width in widths if is_rejected(width)), np.nan)
        inside = 0.0
        for _ in range(50 if np.isfinite(outside) else 0):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if is_rejected(middle) else (middle, outside)
        return float(estimate + sign * outside)


def _wild(
    j: int,
    y: Floats,
    x: Floats,
    influence: Floats,
    member: Floats,
    draws: Floats,
    span: Floats,
    factor: float,
) -> _Wild:
    """Draws of regressor j; `draws` are the weights of clusters (g, draws), y and x within the effects."""
    others = np.delete(x, j, axis=1)
    restricted = np.column_stack([y, -x[:, j]])  # residuals: the first and effect times the second
    restricted -= others @ np.linalg.lstsq(others, restricted, rcond=None)[0]
    moved = (restricted[:, :, None] * (member @ draws)[:, None]).reshape(len(y), -1)
    shape = (2, draws.shape[1])
    estimates = (influence[:, j] @ moved).reshape(shape)
    errors = take_out(moved, span) - x @ (influence.T @ moved)
    ours, slope = (member.T @ (influence[:, [j]] * errors)).reshape(-1, *shape).swapaxes(0, 1)
    variances = factor * np.array(
        [(ours**2).sum(axis=0), 2 * (ours * slope).sum(axis=0), (slope**2).sum(axis=0)]
    )
    return _Wild(estimates, variances)
