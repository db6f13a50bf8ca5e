"""Correlation matrices of many resamples at once: bootstrap, leave-one-out and permutations.

A resample of n territories is a row of n weights, how often each territory is in it. With weights, each of
the three coefficients is a quotient of sums G_xy / sqrt(G_xx G_yy) (Daniels H. E. (1944), The relation
between measures of correlation in the universe of sample permutations, Biometrika 33, 129-135), so that
thousands of resamples are a few products of matrices.
"""

from collections.abc import Callable
from functools import lru_cache
from itertools import combinations_with_replacement, permutations

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import ndtr, ndtri

PEARSON, SPEARMAN, KENDALL = "pearson", "spearman", "kendall"
METHODS = (PEARSON, SPEARMAN, KENDALL)

SEED = 2025
RESAMPLES = 5_000
PERMUTATIONS = 10_000
LARGEST_ENUMERATED = 7  # territories: 5 040 orders, fewer than would be drawn
LARGEST_RESAMPLED = 200  # territories: beyond, formulas say the same and resampling takes gigabytes

# A bootstrap interval needs this many territories, and no more than this share of undefined resamples.
MINIMUM_FOR_BOOTSTRAP = 5
MOST_UNDEFINED = 0.05

PAIRS_AT_ONCE = 5_000_000  # 20 MB

# Variance, as a share of that of all territories, below which a column counts as constant in a resample.
_NO_VARIANCE = 1e-10
# Coefficients nearer to each other than this are equal.
_ROUNDING = 1e-9
_LEVELS = (0.025, 0.975)

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]


@lru_cache(maxsize=8)
def bootstrap_weights(n: int) -> Floats:
    """How often each of `n` territories is drawn, with replacement: RESAMPLES rows; the same for the same n.

    The draws are default_rng(SEED).integers(0, n, (RESAMPLES, n)), as scipy.stats.bootstrap makes them.
    """
    draws = np.random.default_rng(SEED).integers(0, n, (RESAMPLES, n))
    places = draws + n * np.arange(RESAMPLES)[:, None]
    return np.bincount(places.ravel(), minlength=RESAMPLES * n).reshape(RESAMPLES, n).astype("float64")


@lru_cache(maxsize=8)
def orders(n: int) -> Integers:
    """Orders of `n` territories: all n! up to LARGEST_ENUMERATED, else PERMUTATIONS drawn with SEED."""
    if n <= LARGEST_ENUMERATED:
        return np.array(list(permutations(range(n))), dtype="int64")
    return np.random.default_rng(SEED).permuted(np.tile(np.arange(n), (PERMUTATIONS, 1)), axis=1)


def weighted_coefficients(method: str, values: Floats, weights: Floats) -> Floats:
    """Matrix of the coefficients between the columns of `values` (n x p) in each resample: shape (b, p, p).

    `weights` (b x n) says how often each row of `values` is in each resample. Where a column does not vary in
    a resample (its variance is below 1e-10 of that over all rows), its coefficients are missing.
    """
    gram = {PEARSON: _moments, SPEARMAN: _rank_moments, KENDALL: _concordances}[method](values, weights)
    squares = np.einsum("bii->bi", gram)
    squares = np.where(squares > _NO_VARIANCE * weights.sum(axis=1)[:, None], squares, np.nan)
    roots = np.sqrt(squares)
    return np.asarray(np.clip(gram / (roots[:, :, None] * roots[:, None, :]), -1, 1))


def _moments(values: Floats, weights: Floats) -> Floats:
    """Sums of products of deviations, of columns that are standardised over all rows."""
    n, columns = values.shape
    largest = np.abs(values).max(axis=0)
    scaled = values / np.where(largest > 0, largest, 1)  # float64 may overflow in the sums
    spread = scaled.std(axis=0)
    scaled = (scaled - scaled.mean(axis=0)) / np.where(spread > 0, spread, 1)
    products = (scaled[:, :, None] * scaled[:, None, :]).reshape(n, columns * columns)
    means = weights @ scaled / weights.sum(axis=1)[:, None]
    sums = (weights @ products).reshape(-1, columns, columns)
    return np.asarray(sums - weights.sum(axis=1)[:, None, None] * means[:, :, None] * means[:, None, :])


def _rank_moments(values: Floats, weights: Floats) -> Floats:
    """The same of the mid-ranks within the resample: how many are below, and half of those that are equal."""
    counts = weights.astype("float32")
    below = [(column[:, None] < column) + (column[:, None] == column) / 2 for column in values.T]
    ranks = counts @ np.concatenate(below, axis=1).astype("float32") - counts.sum(axis=1, keepdims=True) / 2
    columns = np.split(ranks, values.shape[1], axis=1)
    return _of_each_pair(counts, columns, lambda x, y: np.einsum("bi,bi,bi->b", counts, x, y))


def _concordances(values: Floats, weights: Floats) -> Floats:
    """Concordant less discordant pairs; of a column with itself, the pairs that are not tied."""
    counts = weights.astype("float32")
    signs = [np.sign(column[:, None] - column).astype("float32") for column in _ranks(values).T]
    return _of_each_pair(counts, signs, lambda x, y: np.einsum("bi,bi->b", counts @ (x * y), counts))


def _of_each_pair(
    weights: Singles, columns: list[Singles], sums: Callable[[Singles, Singles], Singles]
) -> Floats:
    """Sums of quarters and of whole numbers: exact in float32, at half the cost, up to LARGEST_RESAMPLED."""
    gram = np.empty((len(weights), len(columns), len(columns)))
    for i, j in combinations_with_replacement(range(len(columns)), 2):
        gram[:, i, j] = gram[:, j, i] = sums(columns[i], columns[j])
    return gram


def _ranks(values: Floats) -> Floats:
    return np.asarray(stats.rankdata(values, axis=0), dtype="float64")


def permutation_p(method: str, x: Floats, y: Floats) -> float:
    """Two-sided p of no association: the share of `orders` of y with a coefficient at least as far from zero.

    Where orders are drawn the observed one is counted among them, so that p is never zero (Phipson B. and
    Smyth G. K. (2010), Permutation p-values should never be zero, Statistical Applications in Genetics and
    Molecular Biology 9). `x` and `y` vary.
    """
    n = len(x)
    if method == KENDALL:
        found, observed = (
            _permuted_concordance(x, y),
            float(_permuted_concordance(x, y, np.arange(n)[None])[0]),
        )
    else:
        unit_x, unit_y = (_unit(v if method == PEARSON else _ranks(v)) for v in (x, y))
        found, observed = unit_y[orders(n)] @ unit_x, float(unit_y @ unit_x)
    return _share_as_extreme(found, observed, n)


def _permuted_concordance(x: Floats, y: Floats, placed: Integers | None = None) -> Floats:
    """Concordant less discordant pairs of x and each order of y."""
    n = len(x)
    first, second = np.triu_indices(n, 1)
    signs_x, signs_y = (np.sign(v[:, None] - v).astype("float32") for v in (_ranks(x), _ranks(y)))
    all_orders = (orders(n) if placed is None else placed).astype("int32")
    blocks = np.array_split(all_orders, -(-len(all_orders) * len(first) // PAIRS_AT_ONCE))
    found = [
        signs_y.ravel()[block[:, first] * np.int32(n) + block[:, second]] @ signs_x[first, second]
        for block in blocks
    ]
    return np.concatenate(found).astype("float64")


def partial_permutation_p(x: Floats, y: Floats, held: Floats) -> float:
    """The same of x and y with `held` held fixed: residuals of y are permuted around what `held` foretells.

    Source: Freedman D. and Lane D. (1983), A nonstochastic interpretation of reported significance levels,
    Journal of Business & Economic Statistics 1, 292-298. Exact in large samples only.
    """
    unit_held = _unit(held)
    rest_x, rest_y = (_unit(_rest(_unit(v), unit_held)) for v in (x, y))
    found = rest_y[orders(len(x))] @ np.column_stack([rest_x, unit_held])
    left = np.sqrt(np.maximum(1 - found[:, 1] ** 2, _NO_VARIANCE))  # after `held` is taken out again
    return _share_as_extreme(found[:, 0] / left, float(rest_y @ rest_x), len(x))


def _share_as_extreme(found: Floats, observed: float, n: int) -> float:
    as_extreme = int((np.abs(found) >= abs(observed) * (1 - 1e-9) - 1e-12).sum())
    drawn = int(n > LARGEST_ENUMERATED)
    return (as_extreme + drawn) / (len(found) + drawn)


def _unit(values: Floats) -> Floats:
    scaled = values / np.abs(values).max()
    centred = scaled - scaled.mean()
    return np.asarray(centred / np.linalg.norm(centred))


def _rest(unit: Floats, unit_held: Floats) -> Floats:
    return unit - (unit @ unit_held) * unit_held


def partial(coefficients: Floats, x: int, y: int, held: int) -> Floats:
    """Partial coefficient of columns x and y, `held` held fixed, from matrices (..., p, p); may be missing.

    (r_xy - r_xh r_yh) / sqrt((1 - r_xh²) (1 - r_yh²)); missing where one of the two leaves nothing over.
    """
    xy, xh, yh = coefficients[..., x, y], coefficients[..., x, held], coefficients[..., y, held]
    left = (1 - xh**2) * (1 - yh**2)
    return np.clip((xy - xh * yh) / np.sqrt(np.where(left > _NO_VARIANCE, left, np.nan)), -1, 1)


def bca_interval(observed: float, resampled: Floats, left_out: Floats) -> tuple[float, float]:
    """95 % bootstrap interval, bias-corrected and accelerated; (nan, nan) where it is not defined.

    `resampled` are the estimates of the resamples, `left_out` those without one territory at a time. Source:
    Efron B. (1987), Better bootstrap confidence intervals, Journal of the American Statistical Association
    82, 171-185. Not defined where a leave-one-out estimate is missing, where more than 5 % of the resamples
    give none, or where all of those lie on one side of the observed one.
    """
    known = resampled[~np.isnan(resampled)]
    if np.isnan(left_out).any() or len(known) < (1 - MOST_UNDEFINED) * len(resampled):
        return np.nan, np.nan
    if np.ptp(known) < _ROUNDING and abs(known[0] - observed) < _ROUNDING:
        return observed, observed
    share = ((known < observed - _ROUNDING).mean() + (known <= observed + _ROUNDING).mean()) / 2
    if share in (0, 1):
        return np.nan, np.nan
    bias = ndtri(share)
    influence = left_out.mean() - left_out
    squares = (influence**2).sum()
    acceleration = (influence**3).sum() / (6 * squares**1.5) if squares > 0 else 0.0
    z = bias + ndtri(_LEVELS)
    low, high = np.quantile(known, ndtr(bias + z / (1 - acceleration * z)))
    return float(low), float(high)
