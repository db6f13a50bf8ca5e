"""Hierarchical clustering of regions, with the measures that say how far the clusters can be trusted."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.cluster import hierarchy
from scipy.spatial.distance import pdist
from sklearn.metrics import adjusted_rand_score, silhouette_score

from analysis_py.correlation import is_constant

WARD, AVERAGE, COMPLETE = "ward", "average", "complete"
METHODS = (WARD, AVERAGE, COMPLETE)
MINIMUM_REGIONS = 3

_ASSIGNMENT = {
    "region_code": "str",
    "method": "str",
    "k": "int64",
    "cluster_id": "int64",
    "is_chosen_k": "bool",
}
_QUALITY = {
    "method": "str",
    "k": "int64",
    "silhouette": "float64",
    "cophenetic_r": "float64",
    "ari_vs_role": "float64",
    "is_chosen_k": "bool",
}
_MERGE = {
    "method": "str",
    "step": "int64",
    "left_node": "str",
    "right_node": "str",
    "height": "float64",
    "size": "int64",
}

Floats = NDArray[np.float64]
Rows = list[tuple[object, ...]]


class HierarchicalResult(NamedTuple):
    """The three tables of `hierarchical`, which describes their columns."""

    assignment: pd.DataFrame
    quality: pd.DataFrame
    merge: pd.DataFrame


def standardise(frame: pd.DataFrame) -> pd.DataFrame:
    """z-scores per column, (value - mean) / population standard deviation, same shape, index and columns.

    Raises ValueError where a value is missing or infinite (naming region and column) and for a column that
    does not vary: it has no z-score and cannot tell regions apart.
    """
    values = _finite(frame)
    if len(values):
        constant = [str(name) for i, name in enumerate(frame.columns) if is_constant(values[:, i])]
        if constant:
            raise ValueError(f"column without variation: {', '.join(constant)}")
        # Magnitudes near the ends of float64's range would overflow in the squares; z has no scale.
        scaled = values / np.abs(values).max(axis=0)
        values = (scaled - scaled.mean(axis=0)) / scaled.std(axis=0)
    return pd.DataFrame(values, index=frame.index, columns=frame.columns)


def hierarchical(
    frame: pd.DataFrame,
    labels: pd.Series,
    methods: Sequence[str] = METHODS,
    k_values: Iterable[int] = range(2, 7),
) -> HierarchicalResult:
    """Agglomerative clustering of regions by Euclidean distance on standardised features.

    `frame` has one row per region (index: region_code, text) and one numeric column per feature; `labels`
    gives for each region_code the group by the rule that clusters are compared with, such as donor or
    recipient. A k outside 2 … regions - 1 has no silhouette and is left out; fewer than 3 regions give empty
    tables.

    - assignment, one row per region, method and k: region_code, method, k, cluster_id, is_chosen_k. Clusters
      are numbered from 1 in the order of the smallest region_code in each, whatever the order of the rows.
    - quality, one row per method and k: method, k, silhouette (mean over regions, -1 to 1, Rousseeuw 1987),
      cophenetic_r (Pearson correlation between distances and the heights at which pairs are first joined,
      Sokal and Rohlf 1962; the same for each k of a method; missing where all distances are equal),
      ari_vs_role (adjusted Rand index against `labels`, Hubert and Arabie 1985: 1 is the same partition, 0 is
      agreement by chance), is_chosen_k: the best silhouette of the method, the smaller k where equal.
    - merge, one row per method and step from 1: method, step, left_node, right_node, height, size (regions in
      the new node). A node's id is the region_code of a leaf, or 'n' and the step that made it: the last is
      the root. The left node is the older: leaves in order of code, then inner nodes in order of step.
      Heights are on the scale of the z-scores; Ward's are Ward2 of Murtagh and Legendre (2014).

    Raises ValueError where a feature is missing or infinite (naming region and column), does not vary, or is
    not there at all, where a region_code is repeated or has no label, and for a method not in METHODS.
    """
    features = frame.sort_index()
    roles = _checked_roles(features, labels, methods)
    parts: list[tuple[Rows, Rows, Rows]] = []
    if len(features) >= MINIMUM_REGIONS:
        points = standardise(features).to_numpy()
        feasible = sorted({k for k in k_values if 2 <= k < len(features)})
        parts = [_cluster(points, features.index.tolist(), roles, method, feasible) for method in methods]
    return HierarchicalResult(
        assignment=_table([row for part in parts for row in part[0]], _ASSIGNMENT),
        quality=_table([row for part in parts for row in part[1]], _QUALITY),
        merge=_table([row for part in parts for row in part[2]], _MERGE),
    )


def _checked_roles(features: pd.DataFrame, labels: pd.Series, methods: Sequence[str]) -> list[object]:
    unknown = [method for method in methods if method not in METHODS]
    if unknown:
        # Centroid and median linkage can invert heights, so that cuts by k are not nested.
        raise ValueError(f"unknown method {', '.join(unknown)}, expected one of {', '.join(METHODS)}")
    if features.shape[1] == 0:
        raise ValueError("no feature column to cluster on")
    repeated = features.index[features.index.duplicated()].unique()
    if len(repeated):
        raise ValueError(f"region_code repeated: {', '.join(map(str, repeated))}")
    _finite(features)
    roles = labels.reindex(features.index)
    unlabelled = features.index[roles.isna()]
    if len(unlabelled):
        raise ValueError(f"region without label: {', '.join(map(str, unlabelled))}")
    return roles.tolist()


def _finite(frame: pd.DataFrame) -> Floats:
    values = frame.to_numpy(dtype="float64", na_value=np.nan)
    gaps = [
        f"region {frame.index[i]}, column {frame.columns[j]}" for i, j in np.argwhere(~np.isfinite(values))
    ]
    if gaps:
        raise ValueError(f"missing or infinite value: {'; '.join(gaps)}")
    return values


def _cluster(
    points: Floats, regions: list[str], roles: list[object], method: str, feasible: list[int]
) -> tuple[Rows, Rows, Rows]:
    tree = hierarchy.linkage(points, method)
    clusters = {k: _cut(tree, k) for k in feasible}
    silhouettes = {k: float(silhouette_score(points, clusters[k])) for k in feasible}
    # Rounded, so that noise in the last digits does not decide between equal silhouettes.
    chosen = max(feasible, key=lambda k: (round(silhouettes[k], 12), -k), default=None)
    cophenetic_r = _cophenetic_r(tree, points)
    assignment: Rows = [
        (region, method, k, cluster, k == chosen)
        for k in feasible
        for region, cluster in zip(regions, clusters[k], strict=True)
    ]
    quality: Rows = [
        (method, k, silhouettes[k], cophenetic_r, adjusted_rand_score(roles, clusters[k]), k == chosen)
        for k in feasible
    ]
    nodes = regions + [f"n{step}" for step in range(1, len(regions))]
    merge: Rows = [
        (method, step, nodes[int(left)], nodes[int(right)], height, size)
        for step, (left, right, height, size) in enumerate(tree, start=1)
    ]
    return assignment, quality, merge


def _cut(tree: Floats, k: int) -> NDArray[np.int64]:
    # Not fcluster: it cuts at a height, and gives fewer than k clusters where heights are equal.
    first_seen, _ = pd.factorize(hierarchy.cut_tree(tree, n_clusters=k)[:, 0])
    return np.asarray(first_seen + 1, dtype=np.int64)


def _cophenetic_r(tree: Floats, points: Floats) -> float:
    distances, heights = pdist(points), hierarchy.cophenet(tree)
    if is_constant(distances) or is_constant(heights):
        return float("nan")
    return float(np.corrcoef(distances, heights)[0, 1])


def _table(rows: Rows, dtypes: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(dtypes)).astype(dtypes)
