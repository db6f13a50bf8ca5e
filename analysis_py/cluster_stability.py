"""How far clusters outlive a change of the data (resampling) and of the method (agreement of partitions)."""

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from analysis_py.clustering import (
    K_MEANS_STARTS_OF_RESAMPLE,
    SEED,
    Booleans,
    Floats,
    Integers,
    sample_labels,
)
from analysis_py.tables import typed

RESAMPLES = 200
# Hennig (2008) and the manual of clusterboot: from which mean Jaccard similarity on a cluster is what.
READINGS = {0.85: "highly_stable", 0.75: "stable", 0.6: "pattern", 0.0: "unstable"}
DISSOLVED, RECOVERED = 0.5, 0.75

_STABILITY = {
    "method": "str",
    "k": "int64",
    "cluster_id": "int64",
    "size": "int64",
    "jaccard_mean": "float64",
    "dissolved_share": "float64",
    "recovered_share": "float64",
    "stability": "str",
    "resamples": "int64",
    "seed": "int64",
}


def stability(features: pd.DataFrame, assignment: pd.DataFrame, resamples: int = RESAMPLES) -> pd.DataFrame:
    """Bootstrap stability of each cluster, as in clusterboot of the R package fpc.

    `features` as in `cluster`, without missing values; `assignment` has region_code, method, k and cluster_id
    of those partitions, one or more, that are to be judged. Regions are drawn with replacement, those drawn
    twice count once (on average 63 % of the regions are in a resample), standardised and clustered anew. The
    Jaccard similarity of a cluster, without the regions that were not drawn, to the most similar new one is:

    - jaccard_mean: its mean over the `resamples`, 0 to 1, a cluster of which nothing was drawn counting as 0;
    - dissolved_share, recovered_share: in what share of them it is at most 0.5, and above 0.75;
    - stability: highly_stable from 0.85 on, stable from 0.75, pattern from 0.6 (which regions belong to it is
      doubtful), unstable below.

    One row per method, k and cluster_id, with size (regions), resamples and seed.

    Sources: Hennig C. (2007), Cluster-wise assessment of cluster stability, Computational Statistics and Data
    Analysis 52, 258-271; fpc 2.2, clusterboot(bootmethod = "boot", multipleboot = FALSE).
    """
    features = features.sort_index()
    kept = _drawn(len(features), resamples)
    points = _standardised(features.to_numpy(dtype="float64"), kept)
    rows: list[tuple[object, ...]] = []
    for (method, k), members in assignment.groupby(["method", "k"], sort=False):
        original = members.set_index("region_code")["cluster_id"].reindex(features.index).to_numpy() - 1
        clusters = int(members["k"].iloc[0])
        found = sample_labels(points, kept, str(method), clusters, K_MEANS_STARTS_OF_RESAMPLE)
        similarity = _jaccard(original, found, kept, clusters)
        for number in range(clusters):
            values = similarity[:, number]
            mean = float(values.mean())
            rows.append(
                (
                    method,
                    k,
                    number + 1,
                    int((original == number).sum()),
                    mean,
                    float((values <= DISSOLVED).mean()),
                    float((values > RECOVERED).mean()),
                    next(reading for least, reading in READINGS.items() if mean >= least),
                    resamples,
                    SEED,
                )
            )
    return typed(rows, _STABILITY)


def agreement(left: pd.Series, right: pd.Series) -> tuple[float, list[str]]:
    """Adjusted Rand index of two partitions of the same regions, and the regions that stand in the way.

    Both have the number of a cluster by region_code. 1 is the same partition, 0 what chance gives (Hubert
    and Arabie 1985). The regions, in order of code, are the fewest without which the partitions are the
    same: those outside the best matching of the clusters one to one.
    """
    of_left, of_right = left.to_numpy(), right.reindex(left.index).to_numpy()
    rows, row = np.unique(of_left, return_inverse=True)
    columns, column = np.unique(of_right, return_inverse=True)
    table = np.zeros((len(rows), len(columns)))
    np.add.at(table, (row, column), 1)
    matched = set(zip(*linear_sum_assignment(table, maximize=True), strict=True))
    cells = zip(left.index, row, column, strict=True)
    moved = [str(code) for code, *cell in cells if tuple(cell) not in matched]
    return _adjusted_rand(table), sorted(moved)


def _adjusted_rand(table: Floats) -> float:
    """Of a contingency table; scikit-learn's takes 2 ms from the labels, and there are 190 pairs."""
    together, rows, columns, all_pairs = (
        float((counts * (counts - 1) / 2).sum())
        for counts in (table, table.sum(axis=1), table.sum(axis=0), table.sum())
    )
    if rows == columns == together:
        return 1.0  # both the same, or both trivial: the ratio would be 0 / 0
    expected = rows * columns / all_pairs
    return (together - expected) / ((rows + columns) / 2 - expected)


def _drawn(n: int, resamples: int) -> Booleans:
    """Which of n regions are in each resample, shape (resamples, n)."""
    draws = np.random.default_rng(SEED).integers(n, size=(resamples, n))
    kept = np.zeros((resamples, n), dtype=bool)
    kept[np.arange(resamples)[:, None], draws] = True
    return kept


def _standardised(values: Floats, kept: Booleans) -> Floats:
    """z-scores within each sample, shape (samples, n, features); 0 where a feature does not vary in it."""
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    weight = kept[:, :, None] / kept.sum(axis=1)[:, None, None]
    centred = values - (weight * values).sum(axis=1, keepdims=True)
    deviation = np.sqrt((weight * centred**2).sum(axis=1, keepdims=True))
    return np.asarray(
        np.where(kept[:, :, None] & (deviation > 1e-12), centred / np.maximum(deviation, 1e-12), 0)
    )


def _jaccard(original: Integers, found: Integers, kept: Booleans, k: int) -> Floats:
    """Similarity of each original cluster to the most similar one of each sample, shape (samples, k)."""
    old = ((original[:, None] == np.arange(k)) & kept[:, :, None]).astype(float)
    new = (found[:, :, None] == np.arange(k)).astype(float)
    both = np.einsum("snk,snj->skj", old, new)
    either = old.sum(axis=1)[:, :, None] + new.sum(axis=1)[:, None, :] - both
    return np.asarray((both / np.maximum(either, 1)).max(axis=2))
