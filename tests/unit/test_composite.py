"""The parts of a composite indicator against the handbook's own tables, published examples and properties.

The handbook: OECD/JRC (2008), Handbook on Constructing Composite Indicators. Its case study is the Technology
Achievement Index of 23 countries, Table A.2, which prints telephones and electricity rounded.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.multivariate.factor_rotation import rotate_factors

from analysis_py.composite import (
    AGGREGATIONS,
    ARITHMETIC,
    ENTROPY,
    EQUAL,
    GEOMETRIC,
    MIN_MAX,
    NORMALISATIONS,
    PCA,
    RANK,
    WEIGHTINGS,
    Z_SCORE,
    aggregate,
    component_loadings,
    correlations,
    cronbach_alpha,
    entropy_weights,
    normalise,
    pca_weights,
    positive,
    ranks,
    varimax,
    weights,
)

PROPERTY = settings(max_examples=20, deadline=None, database=None, derandomize=True)
TECHNOLOGY = pd.read_csv(
    Path(__file__).parent / "data" / "technology_achievement.csv", comment="#", index_col="country"
)
VALUES = TECHNOLOGY.to_numpy()
SCHOOLING = VALUES[:, TECHNOLOGY.columns.get_loc("schooling")][:, None]
seeds = st.integers(0, 2**32 - 1)


def figures(seed: int, n: int = 12, q: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, q))


# --- the handbook -----------------------------------------------------------------------------------------


def test_normalisations_of_table_15() -> None:
    """Mean years of school; the handbook's z-scores divide by the sample deviation."""
    z = [
        0.26,
        1.52,
        1.14,
        -0.06,
        0.76,
        -0.12,
        -0.12,
        1.27,
        0.83,
        -1.58,
        0.38,
        1.46,
        -0.12,
        -0.19,
        1.33,
        -0.76,
    ]
    z += [-1.08, 0.00, -1.46, -1.52, -0.06, -0.31, -1.58]
    assert normalise(SCHOOLING, Z_SCORE)[:, 0] * math.sqrt(22 / 23) == pytest.approx(z, abs=0.0051)
    unit = [0.59, 1.00, 0.88, 0.49, 0.76, 0.47, 0.47, 0.92, 0.78, 0.00, 0.63, 0.98, 0.47, 0.45, 0.94, 0.27]
    unit += [0.16, 0.51, 0.04, 0.02, 0.49, 0.41, 0.00]
    assert normalise(SCHOOLING, MIN_MAX)[:, 0] == pytest.approx(unit, abs=0.0051)
    printed = [15, 23, 19, 12, 17, 9, 9, 20, 18, 1, 16, 22, 9, 8, 21, 6, 5, 14, 4, 3, 12, 7, 1]
    assert normalise(SCHOOLING, RANK)[:, 0].tolist() == printed


def test_components_of_tables_16_and_17() -> None:
    eigenvalues = np.linalg.eigvalsh(correlations(VALUES))[::-1]
    assert 100 * eigenvalues / 8 == pytest.approx([41.9, 21.8, 12.3, 11.1, 6.0, 3.7, 2.2, 0.9], abs=0.12)
    printed = np.array(
        [
            [0.07, 0.97, 0.06, 0.06],
            [0.13, 0.07, -0.07, 0.93],
            [0.79, -0.21, 0.21, 0.42],
            [-0.64, 0.56, -0.04, 0.36],
            [0.37, 0.17, 0.38, 0.68],
            [0.82, -0.04, 0.25, 0.35],
            [0.88, 0.23, -0.09, 0.09],
            [0.08, 0.04, 0.96, 0.04],
        ]
    )
    rotated = varimax(component_loadings(VALUES))
    assert rotated.shape == (8, 4)
    assert np.abs(rotated) == pytest.approx(np.abs(printed), abs=0.02)
    assert (rotated**2).sum(axis=0) == pytest.approx([2.64, 1.39, 1.19, 1.76], abs=0.03)


def test_weights_of_table_18() -> None:
    printed = [0.17, 0.15, 0.11, 0.07, 0.08, 0.12, 0.14, 0.16]
    assert pca_weights(VALUES) == pytest.approx(printed, abs=0.0055)
    assert weights(VALUES, PCA).sum() == pytest.approx(1)


def test_alpha_of_table_11() -> None:
    assert round(cronbach_alpha(VALUES), 2) == 0.70
    printed = [0.704, 0.645, 0.636, 0.774, 0.603, 0.624, 0.662, 0.706]
    without = [cronbach_alpha(np.delete(VALUES, i, axis=1)) for i in range(8)]
    assert without == pytest.approx(printed, abs=0.0015)


def test_geometric_ranks_of_table_38() -> None:
    printed = {
        **{"Finland": 2, "United States": 1, "Sweden": 3, "Japan": 4, "Korea": 16, "Netherlands": 5},
        **{"United Kingdom": 6, "Singapore": 18, "Canada": 13, "Australia": 14, "Germany": 8, "Norway": 11},
        **{"Ireland": 7, "Belgium": 9, "New Zealand": 17, "Austria": 12, "France": 10, "Israel": 15},
        **{"Spain": 19, "Italy": 21, "Czech Republic": 23, "Hungary": 22, "Slovenia": 20},
    }
    found = ranks(aggregate(VALUES, weights(VALUES, EQUAL), GEOMETRIC))
    assert dict(zip(TECHNOLOGY.index, found.tolist(), strict=True)) == printed


def test_scores_of_the_index_itself() -> None:
    """UNDP (2001), Human Development Report, table A2.1, with the goalposts of its technical note 2."""
    goalposts = pd.DataFrame(
        {
            "patents": (0, 994),
            "royalties": (0, 272.6),
            "internet": (0, 232.4),
            "exports": (0, 80.8),
            "telephones": (math.log10(1), math.log10(901)),
            "electricity": (math.log10(22), math.log10(6969)),
            "schooling": (0.8, 12),
            "university": (0.1, 27.4),
        }
    )
    least, greatest = goalposts.to_numpy()
    normalised = np.minimum((VALUES - least) / (greatest - least), 1)
    scores = aggregate(normalised, weights(VALUES, EQUAL), ARITHMETIC)
    printed = {"Finland": 0.744, "United States": 0.733, "Sweden": 0.703, "Japan": 0.698, "Korea": 0.666}
    printed |= {"Netherlands": 0.630, "United Kingdom": 0.606, "Ireland": 0.566, "Italy": 0.471}
    for country, score in printed.items():
        assert scores[TECHNOLOGY.index.get_loc(country)] == pytest.approx(score, abs=0.003)


# --- published examples of entropy weights ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "printed"),
    [
        # Xu (2004), European Journal of Operational Research 156, 530-532.
        (
            [[30, 30, 38, 29], [19, 54, 86, 29], [19, 15, 85, 28.9], [68, 70, 60, 29]],
            [0.4630, 0.3992, 0.1378, 0.0000],
        ),
        # Zavadskas and Podvezko (2016), Int. J. of Information Technology and Decision Making 15, 267-283.
        (
            [[3.0, 100, 10, 7], [2.5, 80, 8, 5], [1.8, 50, 20, 11], [2.2, 70, 12, 9]],
            [0.1146, 0.1981, 0.4185, 0.2689],
        ),
    ],
)
def test_entropy_weights_as_published(values: list[list[float]], printed: list[float]) -> None:
    assert entropy_weights(np.array(values)) == pytest.approx(printed, abs=6e-5)


def test_entropy_weights_by_hand() -> None:
    """Halves and quarters: entropies 1/2, 3/4 and 1 of log 4, so that 1 - e is 2, 1 and 0 quarters."""
    values = np.array([[1, 2, 1], [1, 1, 1], [0, 1, 1], [0, 0, 1]])
    assert entropy_weights(values) == pytest.approx([2 / 3, 1 / 3, 0])
    assert entropy_weights(np.ones((4, 3))) == pytest.approx([1 / 3] * 3)
    with pytest.raises(ValueError, match="at least 0"):
        entropy_weights(np.array([[1.0, -1], [1, 2]]))


# --- other implementations and properties -------------------------------------------------------------------


@PROPERTY
@given(seeds)
def test_varimax_agrees_with_statsmodels(seed: int) -> None:
    loadings = figures(seed, 8, 3)
    rows = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    peer, _ = rotate_factors(loadings / rows, "varimax")
    ours = varimax(loadings)
    assert criterion(ours / rows) == pytest.approx(criterion(peer), rel=1e-3)
    assert (ours**2).sum(axis=1) == pytest.approx((loadings**2).sum(axis=1))


def criterion(loadings: np.ndarray) -> float:
    """Sum of the variances of the squared loadings, which varimax makes greatest."""
    return float((loadings**2).var(axis=0).sum())


@PROPERTY
@given(seeds)
def test_alpha_agrees_with_its_definition(seed: int) -> None:
    z = stats.zscore(figures(seed) + figures(seed + 1, 12, 1), ddof=1)
    expected = 4 / 3 * (1 - z.var(axis=0, ddof=1).sum() / z.sum(axis=1).var(ddof=1))
    assert cronbach_alpha(z) == pytest.approx(expected)


@PROPERTY
@given(seeds, st.permutations(range(12)), st.floats(1e-3, 1e6), st.floats(-1e3, 1e3))
def test_order_and_units_do_not_matter(seed: int, order: list[int], scale: float, origin: float) -> None:
    values = figures(seed)
    moved = values * [scale, 1, 1, 1] + [origin, 0, 0, 0]
    for method in NORMALISATIONS:
        assert normalise(moved, method) == pytest.approx(normalise(values, method), abs=1e-6)
        assert normalise(values[order], method) == pytest.approx(normalise(values, method)[order])
    for method in WEIGHTINGS:
        assert weights(moved, method) == pytest.approx(weights(values, method), abs=1e-6)
        assert weights(values[order], method) == pytest.approx(weights(values, method), abs=1e-6)
        assert weights(values, method).sum() == pytest.approx(1)
        assert (weights(values, method) >= 0).all()


@PROPERTY
@given(seeds)
def test_scores_are_weighted_means(seed: int) -> None:
    values = figures(seed)
    of_draws = np.random.default_rng(seed).dirichlet(np.ones(4), size=5)
    for method in NORMALISATIONS:
        normalised = positive(normalise(values, method), method)
        assert (normalised > 0).all()
        assert ranks(normalised).tolist() == ranks(values).tolist()
        arithmetic, geometric = (aggregate(normalised, of_draws, one) for one in AGGREGATIONS)
        for draw, weight in enumerate(of_draws):
            assert arithmetic[:, draw] == pytest.approx(np.average(normalised, axis=1, weights=weight))
            assert geometric[:, draw] == pytest.approx(stats.gmean(normalised, axis=1, weights=weight))
        assert (geometric <= arithmetic + 1e-9).all()


def test_scales_of_positive_figures() -> None:
    values = figures(1)
    for method in (MIN_MAX, RANK):
        found = positive(normalise(values, method), method)
        assert found.min(axis=0) == pytest.approx([1] * 4)
        assert found.max(axis=0) == pytest.approx([100] * 4)
    found = positive(normalise(values, Z_SCORE), Z_SCORE)
    assert found.mean(axis=0) == pytest.approx([100] * 4)
    assert found.std(axis=0) == pytest.approx([10] * 4)


def test_equal_scores_share_the_better_rank() -> None:
    assert ranks(np.array([1.0, 3, 0.1 + 0.2, 0.3, 3])).tolist() == [3, 1, 4, 4, 1]


# --- degenerate and bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize("method", NORMALISATIONS)
def test_what_cannot_be_normalised_is_named(method: str) -> None:
    values = figures(2)
    values[:, 2] = 7
    with pytest.raises(ValueError, match="without variation, column 2"):
        normalise(values, method)
    for gap in (np.nan, np.inf):
        values = figures(2)
        values[3, 1] = gap
        with pytest.raises(ValueError, match="missing or infinite"):
            normalise(values, method)


def test_unknown_methods_are_named() -> None:
    values = figures(3)
    with pytest.raises(ValueError, match="'median'"):
        normalise(values, "median")
    with pytest.raises(ValueError, match="'expert'"):
        weights(values, "expert")
    with pytest.raises(ValueError, match="'harmonic'"):
        aggregate(values, weights(values, EQUAL), "harmonic")


def test_two_regions_and_two_indicators() -> None:
    values = np.array([[1.0, 5], [2, 3]])
    for method in WEIGHTINGS:
        assert weights(values, method) == pytest.approx([0.5, 0.5])
    assert cronbach_alpha(values) == float("-inf")  # the indicators cancel each other
    assert weights(values, ENTROPY).sum() == 1
