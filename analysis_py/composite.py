"""The parts of a composite indicator: normalisation, weights, aggregation, ranks, consistency.

After OECD/JRC (2008), Handbook on Constructing Composite Indicators: Methodology and User Guide, steps 4 to
6. All take figures with one row per region and one column per indicator, without gaps, the more the better.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis_py.correlation import is_constant

MIN_MAX, Z_SCORE, RANK = "min_max", "z_score", "rank"
NORMALISATIONS = (MIN_MAX, Z_SCORE, RANK)
EQUAL, PCA, ENTROPY = "equal", "pca", "entropy"
WEIGHTINGS = (EQUAL, PCA, ENTROPY)
ARITHMETIC, GEOMETRIC = "arithmetic", "geometric"
AGGREGATIONS = (ARITHMETIC, GEOMETRIC)

# Jolliffe (1972): components with a smaller eigenvalue of the correlation matrix are left out.
LEAST_EIGENVALUE = 0.7

Floats = NDArray[np.float64]


def normalise(values: Floats, method: str) -> Floats:
    """Indicators on one scale, same shape: section 5 of the handbook.

    'min_max': 0 for the least and 1 for the greatest; 'z_score': (value - mean) / population standard
    deviation; 'rank': 1 for the least, n for the greatest, equal values with the lower rank.

    Raises ValueError for a missing or infinite value and for a column that does not vary (naming its number).
    """
    _check(values)
    if method == MIN_MAX:
        least = values.min(axis=0)
        return np.asarray((values - least) / (values.max(axis=0) - least))
    if method == Z_SCORE:
        return np.asarray((values - values.mean(axis=0)) / values.std(axis=0))
    if method == RANK:
        return np.asarray(stats.rankdata(values, method="min", axis=0), dtype=np.float64)
    raise ValueError(f"normalisation is {method!r}, expected one of {', '.join(NORMALISATIONS)}")


def positive(normalised: Floats, method: str) -> Floats:
    """Normalised indicators moved to above 0, which a geometric mean needs; no arithmetic rank changes.

    'min_max' and 'rank' from 1 (the least) to 100 (the greatest); 'z_score' with mean 100 and standard
    deviation 10, as Mazziotta and Pareto (2016), Social Indicators Research 127, 983-1003.
    """
    if method == Z_SCORE:
        return np.asarray(100 + 10 * normalised)
    least = normalised.min(axis=0)
    return np.asarray(1 + 99 * (normalised - least) / (normalised.max(axis=0) - least))


def weights(values: Floats, method: str) -> Floats:
    """Weights that sum to 1: 'equal', `pca_weights`, or `entropy_weights` (of 1 to 100)."""
    if method == EQUAL:
        return np.full(values.shape[1], 1 / values.shape[1])
    if method == PCA:
        return pca_weights(values)
    if method == ENTROPY:
        return entropy_weights(positive(normalise(values, MIN_MAX), MIN_MAX))
    raise ValueError(f"weighting is {method!r}, expected one of {', '.join(WEIGHTINGS)}")


def pca_weights(values: Floats) -> Floats:
    """Weights from the principal components, section 6.1 of the handbook (after Nicoletti et al. 2000).

    Components of the correlation matrix with an eigenvalue from LEAST_EIGENVALUE on are rotated by varimax.
    An indicator belongs to the component with its greatest squared loading; its weight is that square as a
    share of the variance of the component, times the share of the component in the variance of those
    retained, rescaled to sum to 1.
    """
    loadings = varimax(component_loadings(values))
    squares = loadings**2
    # The share of the component cancels its variance: the square of the loading alone counts.
    greatest = squares.max(axis=1)
    return np.asarray(greatest / greatest.sum())


def component_loadings(values: Floats) -> Floats:
    """Loadings of the retained components of the correlation matrix, shape (indicators, components)."""
    eigenvalues, vectors = np.linalg.eigh(correlations(values))
    retained = eigenvalues >= min(LEAST_EIGENVALUE, float(eigenvalues.max()))
    return np.asarray((vectors * np.sqrt(np.maximum(eigenvalues, 0)))[:, retained][:, ::-1])


def correlations(values: Floats) -> Floats:
    """Matrix of Pearson's coefficients between the indicators."""
    z = normalise(values, Z_SCORE)
    return np.asarray(z.T @ z / len(z))


def varimax(loadings: Floats) -> Floats:
    """Varimax rotation with Kaiser's normalisation (1958), Psychometrika 23, 187-200; same shape."""
    communality = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    scaled = loadings / np.where(communality > 0, communality, 1)
    rotation, before = np.eye(loadings.shape[1]), 0.0
    for _ in range(500):
        rotated = scaled @ rotation
        target = rotated**3 - rotated * (rotated**2).mean(axis=0)
        left, singular, right = np.linalg.svd(scaled.T @ target)
        rotation = left @ right
        if singular.sum() <= before * (1 + 1e-12):
            break
        before = float(singular.sum())
    return np.asarray(scaled @ rotation * communality)


def entropy_weights(values: Floats) -> Floats:
    """Shannon's entropy as a measure of how little an indicator tells regions apart; weights sum to 1.

    With p the share of a region in the sum of an indicator over n regions, e = -sum p log p / log n, the
    weight is 1 - e, rescaled: Zeleny (1982), Multiple Criteria Decision Making. Values are at least 0; where
    all indicators are even the weights are equal. Raises ValueError for a negative value.
    """
    if (values < 0).any():
        raise ValueError("entropy weights need values of at least 0")
    shares = values / values.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(shares > 0, shares * np.log(shares), 0)
    divergence = np.maximum(1 + terms.sum(axis=0) / np.log(len(values)), 0)
    if divergence.sum() <= 1e-12:
        return np.full(values.shape[1], 1 / values.shape[1])
    return np.asarray(divergence / divergence.sum())


def aggregate(normalised: Floats, weight: Floats, method: str) -> Floats:
    """Scores from normalised indicators (n, q) and weights (q) or (draws, q): shape (n) or (n, draws).

    'arithmetic': weighted mean, in which a high figure makes up for a low one; 'geometric': weighted
    geometric mean of figures above 0, in which it does so less. Handbook, section 6.10 and 6.11.
    """
    if method == ARITHMETIC:
        return np.asarray(normalised @ weight.T)
    if method == GEOMETRIC:
        return np.asarray(np.exp(np.log(normalised) @ weight.T))
    raise ValueError(f"aggregation is {method!r}, expected one of {', '.join(AGGREGATIONS)}")


def ranks(scores: Floats) -> NDArray[np.int64]:
    """Rank 1 for the greatest score along the first axis, equal scores with the better rank; same shape."""
    # Rounded, so that noise in the last digits does not part equal scores.
    return np.asarray(stats.rankdata(-np.round(scores, 9), method="min", axis=0), dtype=np.int64)


def cronbach_alpha(values: Floats) -> float:
    """Cronbach's alpha of the standardised indicators: how far they measure one thing.

    1 all the same, 0 unrelated, below 0 opposed; from 0.7 on is called reliable. Cronbach (1951),
    Psychometrika 16, 297-334; handbook, section 4.3.
    """
    matrix = correlations(values)
    count = len(matrix)
    return float(count / (count - 1) * (1 - count / matrix.sum())) if matrix.sum() > 1e-12 else float("-inf")


def _check(values: Floats) -> None:
    if not np.isfinite(values).all():
        raise ValueError("an indicator holds a missing or infinite value")
    constant = [str(i) for i in range(values.shape[1]) if is_constant(values[:, i])]
    if constant:
        raise ValueError(f"indicator without variation, column {', '.join(constant)}")
