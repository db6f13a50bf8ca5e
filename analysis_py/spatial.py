"""Regions as neighbours: steps between them, Moran's I, correlation tests that allow for likeness nearby."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.sparse import csgraph

# Regions that are this many steps apart, or more, or not connected, form one class.
FARTHEST_CLASS = 3

SEED = 2025
PERMUTATIONS = 10_000

Floats = NDArray[np.float64]


def merged_contiguity(contiguity: pd.DataFrame, unit_of: Mapping[str, str]) -> pd.DataFrame:
    """Neighbours among units that are unions of regions: two are neighbours where two of their regions are.

    `contiguity` has region_code and neighbour_code; `unit_of` says to which unit a region belongs.
    """
    units = contiguity.assign(
        region_code=contiguity["region_code"].map(unit_of),
        neighbour_code=contiguity["neighbour_code"].map(unit_of),
    )
    return units[units["region_code"] != units["neighbour_code"]].dropna().drop_duplicates(ignore_index=True)


def steps_between(contiguity: pd.DataFrame, territories: Sequence[str]) -> pd.DataFrame | None:
    """How many borders lie between each two territories (infinite where no way leads), both axes by code.

    None where a territory has no neighbour in `contiguity`: nothing is known of its place.
    """
    if not set(territories) <= set(contiguity["region_code"]):
        return None
    codes = sorted(set(contiguity["region_code"]) | set(contiguity["neighbour_code"]))
    place = {code: number for number, code in enumerate(codes)}
    borders = np.zeros((len(codes), len(codes)))
    borders[contiguity["region_code"].map(place), contiguity["neighbour_code"].map(place)] = 1
    steps = csgraph.shortest_path(borders, directed=False, unweighted=True)
    return pd.DataFrame(steps, index=codes, columns=codes).loc[list(territories), list(territories)]


def effective_sample_size(x: Floats, y: Floats, steps: Floats, held: Floats | None = None) -> float:
    """How many independent territories would tell as much of the correlation of x and y; nan if undefined.

    1 + tr(B Sx) tr(B Sy) / tr(B Sx B Sy), with B = I - J/n: Dutilleul P. (1993), Modifying the t test for
    assessing the correlation between two spatial processes, Biometrics 49, 305-314. The covariance matrices
    Sx and Sy are estimated as in Clifford P., Richardson S. and Hemon D. (1989), Assessing the significance
    of the correlation between two spatial processes, Biometrics 45, 123-134: one value for each class of
    pairs, the mean of their products of deviations. Classes here: a territory with itself, and pairs one,
    two, and three or more `steps` apart. With one class of pairs alone it is n exactly. Not defined where
    the estimated variance of the correlation is not positive.

    With a third series `held` fixed, x and y are what least squares on it leaves of them, B also takes
    `held` out, and 2 stands in place of 1: the variance of a correlation of residuals is derived in the same
    way, as Dutilleul P., Pelletier B. and Alpargu G. (2008), Modified F tests for assessing the multiple
    correlation between one spatial process and several others, Journal of Statistical Planning and Inference
    138, 1402-1415, do for several series at once.
    """
    classes = np.minimum(steps, FARTHEST_CLASS)
    unit_held = None if held is None else _unit(held)
    projected = [_projected_covariance(v, classes, unit_held) for v in (x, y)]
    shared = np.trace(projected[0] @ projected[1])
    product = np.trace(projected[0]) * np.trace(projected[1])
    if not shared > 1e-12 * product > 0:
        return float("nan")
    return float((1 if held is None else 2) + product / shared)


def _projected_covariance(values: Floats, classes: Floats, unit_held: Floats | None) -> Floats:
    """B S of `effective_sample_size`."""
    scaled = values / np.abs(values).max()  # float64 may overflow in the squares
    deviations = (scaled - scaled.mean()) / scaled.std()
    if unit_held is not None:
        deviations = deviations - (deviations @ unit_held) * unit_held
        deviations = deviations / deviations.std()
    products = np.outer(deviations, deviations)
    covariance = np.empty_like(products)
    for one in np.unique(classes):
        covariance[classes == one] = products[classes == one].mean()
    projected = covariance - covariance.mean(axis=0)
    if unit_held is not None:
        projected = projected - np.outer(unit_held, unit_held @ projected)
    return np.asarray(projected)


def _unit(values: Floats) -> Floats:
    scaled = values / np.abs(values).max()
    centred = scaled - scaled.mean()
    return np.asarray(centred / np.linalg.norm(centred))


def modified_t_test(r: float, effective_n: float) -> float:
    """Two-sided p of a correlation with the effective sample size in place of n; nan where that is 2 or less.

    For ranks as for values: Haining R. (1991), Bivariate correlation with spatial data, Geographical
    Analysis 23, 210-227.
    """
    if not effective_n > 2:
        return float("nan")
    if abs(r) >= 1:
        return 0.0
    t = abs(r) * np.sqrt((effective_n - 2) / (1 - r**2))
    return float(2 * stats.t.sf(t, effective_n - 2))


def morans_i(values: Floats, steps: Floats, regressors: Floats | None = None) -> dict[str, float]:
    """Moran's I with row-standardised weights of contiguity: `i`, `expected`, `p_value`, permutations, seed.

    I = sum of w_ij z_i z_j / sum of z_i² with each row of w summing to one, as in Cliff A. D. and Ord J. K.
    (1981), Spatial Processes. Without any likeness of neighbours -1 / (n - 1) is expected; of the residuals
    of least squares on an intercept and `regressors` (n x k - 1) it is tr(M W) / (n - k) with
    M = I - X (X'X)^-1 X' (the same book; lm.morantest of the R package spdep). p is two-sided, by 10 000
    random permutations: the share, the observed one counted in, that lies as far from that; of permuted
    residuals the regressors are taken out anew. `values` vary, and each territory has a neighbour.
    """
    n = len(values)
    borders = (steps == 1).astype("float64")
    weights = borders / borders.sum(axis=1, keepdims=True)
    design = np.ones((n, 1))
    if regressors is not None:
        design = np.column_stack([design, regressors / np.abs(regressors).max(axis=0)])
    basis = np.linalg.qr(design)[0]
    residual_maker = np.eye(n) - basis @ basis.T
    scaled = values / np.abs(values).max()
    deviations = (scaled - scaled.mean()) / scaled.std()
    shuffled = np.random.default_rng(SEED).permuted(np.tile(deviations, (PERMUTATIONS, 1)), axis=1)
    observed = float(deviations @ weights @ deviations) / n
    shuffled = shuffled @ residual_maker
    found = ((shuffled @ weights) * shuffled).sum(axis=1) / (shuffled**2).sum(axis=1)
    expected = float(np.trace(residual_maker @ weights)) / (n - design.shape[1])
    as_far = (np.abs(found - expected) >= abs(observed - expected) - 1e-12).sum()
    return {
        "moran_i": observed,
        "expected_i": expected,
        "p_value": float(as_far + 1) / (PERMUTATIONS + 1),
        "permutations": PERMUTATIONS,
        "seed": SEED,
    }
