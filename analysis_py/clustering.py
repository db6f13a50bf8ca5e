"""Clusters of regions by five methods, with the measures that say how far they can be trusted."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.cluster import hierarchy
from scipy.spatial.distance import pdist
from sklearn.metrics import adjusted_rand_score, silhouette_score

from analysis_py.correlation import is_constant
from analysis_py.tables import typed

WARD, AVERAGE, COMPLETE = "ward", "average", "complete"
K_MEANS, GAUSSIAN_MIXTURE = "k_means", "gaussian_mixture"
LINKAGES = (WARD, AVERAGE, COMPLETE)
METHODS = (*LINKAGES, K_MEANS, GAUSSIAN_MIXTURE)
K_VALUES = range(2, 7)
MINIMUM_REGIONS = 3
SEED = 2007
K_MEANS_STARTS = 40
K_MEANS_STARTS_OF_RESAMPLE = 5
MAXIMUM_ITERATIONS = 300
# As in scikit-learn: keeps the covariance of a mixture invertible where regions lie in a plane.
COVARIANCE_FLOOR = 1e-6

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
    "bic": "float64",
    "bic_of_one_cluster": "float64",
    "best_k_by_bic": "Int64",
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
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
Rows = list[tuple[object, ...]]


class ClusterResult(NamedTuple):
    """The three tables of `cluster`, which describes their columns."""

    assignment: pd.DataFrame
    quality: pd.DataFrame
    merge: pd.DataFrame


class Mixture(NamedTuple):
    """Group of each point of each sample (-1: not kept), (samples, n), and log-likelihood, (samples)."""

    labels: Integers
    log_likelihood: Floats


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


def cluster(
    frame: pd.DataFrame,
    labels: pd.Series,
    methods: Sequence[str] = METHODS,
    k_values: Iterable[int] = K_VALUES,
) -> ClusterResult:
    """Clusters of regions by Euclidean distance on standardised features.

    `frame` has one row per region (index: region_code, text) and one numeric column per feature; `labels`
    gives for each region_code the group by the rule that clusters are compared with, such as donor or
    recipient. A k outside 2 … regions - 1 has no silhouette and is left out, and so is a k of which a
    Gaussian mixture leaves a group empty; fewer than 3 regions give empty tables.

    Methods: the linkages 'ward', 'average' and 'complete' build one tree, cut at each k; 'k_means' is the
    least within-cluster sum of squares of K_MEANS_STARTS starts (seed SEED);
    'gaussian_mixture' is `gaussian_mixture`, each region in its likeliest group.

    - assignment, one row per region, method and k: region_code, method, k, cluster_id, is_chosen_k. Clusters
      are numbered from 1 in the order of the smallest region_code in each, whatever the order of the rows.
    - quality, one row per method and k: method, k, silhouette (mean over regions, -1 to 1, Rousseeuw 1987),
      cophenetic_r (of linkages: Pearson correlation between distances and the heights at which pairs are
      first joined, Sokal and Rohlf 1962; the same for each k of a method; missing where all distances are
      equal), ari_vs_role (adjusted Rand index against `labels`, Hubert and Arabie 1985: 1 is the same
      partition, 0 is agreement by chance), bic and bic_of_one_cluster (of a mixture: Schwarz's criterion with
      k groups and with one; the smaller is the better supported), best_k_by_bic (of a mixture: 1 or the k
      with the smallest of them, the fewest groups where equal), is_chosen_k: the best silhouette of the
      method, the smaller k where equal.
    - merge, one row per linkage and step from 1: method, step, left_node, right_node, height, size (regions
      in the new node). A node's id is the region_code of a leaf, or 'n' and the step that made it: the last
      is the root. The left node is the older: leaves in order of code, then inner nodes in order of step.
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
        parts = [_clusters(points, features.index.tolist(), roles, method, feasible) for method in methods]
    return ClusterResult(
        assignment=typed([row for part in parts for row in part[0]], _ASSIGNMENT),
        quality=typed([row for part in parts for row in part[1]], _QUALITY),
        merge=typed([row for part in parts for row in part[2]], _MERGE),
    )


def sample_labels(points: Floats, kept: Booleans, method: str, k: int, starts: int) -> Integers:
    """Clusters of each of many samples of the same regions, by one method and k.

    `points` has the shape (samples, n, features), `kept`, (samples, n), says which regions are in the sample.
    Returns a number from 0 for each region, -1 where it is not in the sample, shape (samples, n). A sample of
    at most k regions has each in a cluster of its own. `starts` is the number of random starts of k-means.
    """
    if method in LINKAGES:
        return _linkage_labels(points, kept, method, k)
    labels = k_means(points, kept, k, starts)
    if method == GAUSSIAN_MIXTURE:
        labels = gaussian_mixture(points, kept, labels[:, None], k).labels
    few = kept.sum(axis=1) <= k
    labels[few] = np.where(kept, kept.cumsum(axis=1) - 1, -1)[few]
    return labels


def k_means(points: Floats, kept: Booleans, k: int, starts: int) -> Integers:
    """k-means of many samples at once, shapes as in `sample_labels`: the least within-cluster sum of squares.

    Each of `starts` starts draws its centres by k-means++ (Arthur and Vassilvitskii 2007; seed SEED), then
    moves the region whose change of cluster lowers the sum of squares most, until none does: the optimum of
    Hartigan and Wong (1979), Algorithm AS 136, which is closer than Lloyd's. The best start counts. All
    samples and starts are in one array, as a call of a library for each would cost a hundred times as much.
    """
    rng = np.random.default_rng(SEED)
    samples, n, _ = points.shape
    points, kept = points[:, None], kept[:, None]
    labels = np.zeros((samples, starts, n), dtype=np.int64)
    nearest = np.full((samples, starts, n), np.inf)  # squared distance to the nearest centre
    for number in range(k):
        odds = np.cumsum(np.where(np.isinf(nearest), 1, nearest) * kept, axis=-1)
        drawn = (odds > rng.random((samples, starts, 1)) * odds[..., -1:]).argmax(axis=-1)
        centre = np.take_along_axis(points, drawn[..., None, None], axis=2)
        distances = ((points - centre) ** 2).sum(axis=-1)
        closer = distances < nearest
        labels[closer], nearest[closer] = number, distances[closer]
    for _ in range(MAXIMUM_ITERATIONS):
        members = _members(np.where(kept, labels, -1), k)
        sizes = members.sum(axis=-2)[..., None, :]
        centres = np.swapaxes(members, -1, -2).astype(float) @ points / np.maximum(sizes, 1).swapaxes(-1, -2)
        distances = ((points[..., None, :] - centres[:, :, None]) ** 2).sum(axis=-1)
        added = distances * sizes / (sizes + 1)
        saved = np.where(members, distances * sizes / np.maximum(sizes - 1, 1), 0).sum(axis=-1)
        gain = np.where(kept[..., None] & ~members, saved[..., None] - added, 0).reshape(samples, starts, -1)
        best = gain.argmax(axis=-1)[..., None]
        improves = np.take_along_axis(gain, best, axis=-1) > 1e-12
        if not improves.any():
            break
        region, goal = best // k, best % k
        now = np.take_along_axis(labels, region, axis=-1)
        np.put_along_axis(labels, region, np.where(improves, goal, now), axis=-1)
    inertia = (distances * members).sum(axis=(-1, -2))
    return _of_best(np.where(kept, labels, -1), -inertia)


def gaussian_mixture(points: Floats, kept: Booleans, first: Integers, k: int) -> Mixture:
    """Mixture of k normal distributions with one covariance for all, by expectation maximisation.

    Shapes as in `sample_labels`; `first`, (samples, starts, n), has the partitions to start from; the best
    likelihood counts. One covariance (mclust's model EEE, scikit-learn's 'tied'), since 20 regions do not
    bear one for each group. The start from Ward's clusters is that of Fraley and Raftery (2002), Model-based
    clustering, discriminant analysis, and density estimation, JASA 97, 611-631.
    """
    features = points.shape[-1]
    size = kept.sum(axis=1)[:, None]
    points = np.where(kept[..., None], points, 0.0)[:, None]
    scatter = np.einsum("sond,sone->sode", points, points)
    shares = _members(first, k).astype(float)
    log_likelihood = np.full(first.shape[:2], -np.inf)
    for _ in range(MAXIMUM_ITERATIONS):
        weight = shares.sum(axis=-2) + 10 * np.finfo(float).eps
        means = np.einsum("sonk,sond->sokd", shares, np.broadcast_to(points, (*shares.shape[:3], features)))
        means /= weight[..., None]
        between = np.einsum("sok,sokd,soke->sode", weight, means, means)
        covariance = (scatter - between) / size[..., None, None] + COVARIANCE_FLOOR * np.eye(features)
        centred = points[..., None, :] - means[:, :, None]
        squares = np.einsum("sonkd,sode,sonke->sonk", centred, np.linalg.inv(covariance), centred)
        constant = features * np.log(2 * np.pi) + np.linalg.slogdet(covariance)[1]
        density = np.log(weight / size[..., None])[:, :, None] - (squares + constant[..., None, None]) / 2
        total = np.logaddexp.reduce(density, axis=-1)
        shares = np.exp(density - total[..., None]) * kept[:, None, :, None]
        before, log_likelihood = log_likelihood, (total * kept[:, None]).sum(axis=-1)
        if np.all(log_likelihood - before <= 1e-9 * np.abs(log_likelihood)):
            break
    labels = np.where(kept[:, None], shares.argmax(axis=-1), -1)
    return Mixture(_of_best(labels, log_likelihood), log_likelihood.max(axis=1))


def bayesian_criterion(log_likelihood: float, n: int, features: int, k: int) -> float:
    """Schwarz's criterion -2 log L + p log n of a mixture with one covariance, with its p free parameters."""
    parameters = k * features + features * (features + 1) / 2 + k - 1
    return float(-2 * log_likelihood + parameters * np.log(n))


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


def _clusters(
    points: Floats, regions: list[str], roles: list[object], method: str, feasible: list[int]
) -> tuple[Rows, Rows, Rows]:
    tree = hierarchy.linkage(points, method) if method in LINKAGES else None
    partitions, criteria = _partitions(points, tree, method, feasible)
    silhouettes = {k: float(silhouette_score(points, labels)) for k, labels in partitions.items()}
    # Rounded, so that noise in the last digits does not decide between equal silhouettes.
    chosen = max(silhouettes, key=lambda k: (round(silhouettes[k], 12), -k), default=None)
    best_k = _best_k({k: criteria[k] for k in partitions}) if method == GAUSSIAN_MIXTURE else None
    cophenetic_r = float("nan") if tree is None else _cophenetic_r(tree, points)
    assignment: Rows = [
        (region, method, k, cluster_id, k == chosen)
        for k, labels in partitions.items()
        for region, cluster_id in zip(regions, labels, strict=True)
    ]
    quality: Rows = [
        (
            method,
            k,
            silhouettes[k],
            cophenetic_r,
            adjusted_rand_score(roles, labels),
            *criteria[k],
            best_k,
            k == chosen,
        )
        for k, labels in partitions.items()
    ]
    nodes = regions + [f"n{step}" for step in range(1, len(regions))]
    merge: Rows = [
        (method, step, nodes[int(left)], nodes[int(right)], height, size)
        for step, (left, right, height, size) in enumerate([] if tree is None else tree, start=1)
    ]
    return assignment, quality, merge


def _partitions(
    points: Floats, tree: Floats | None, method: str, feasible: list[int]
) -> tuple[dict[int, Integers], dict[int, tuple[float, float]]]:
    """Numbers of the clusters of each region by k; the criteria of a mixture with k groups and with one."""
    if tree is not None:
        return {k: _cut(tree, k) + 1 for k in feasible}, dict.fromkeys(feasible, (float("nan"),) * 2)
    n, features = points.shape
    sample, kept = points[None], np.ones((1, n), dtype=bool)
    partitions, criteria = {}, dict.fromkeys(feasible, (float("nan"),) * 2)
    one = gaussian_mixture(sample, kept, np.zeros((1, 1, n), dtype=np.int64), 1)
    bic_of_one = bayesian_criterion(one.log_likelihood.item(), n, features, 1)
    for k in feasible:
        labels = k_means(sample, kept, k, K_MEANS_STARTS)
        if method == GAUSSIAN_MIXTURE:
            first = np.stack([labels, _linkage_labels(sample, kept, WARD, k)], axis=1)
            labels, log_likelihood = gaussian_mixture(sample, kept, first, k)
            criteria[k] = bayesian_criterion(log_likelihood.item(), n, features, k), bic_of_one
        partitions[k] = _numbered(labels[0]) + 1
    return {k: labels for k, labels in partitions.items() if labels.max() == k}, criteria


def _best_k(criteria: dict[int, tuple[float, float]]) -> int | None:
    """The number of groups with the least criterion, of those given by number beside that of one group."""
    found = [(round(of_k, 9), k) for k, (of_k, _) in criteria.items()]
    found += [(round(of_one, 9), 1) for _, of_one in criteria.values()]
    return min(found)[1] if found else None


def _linkage_labels(points: Floats, kept: Booleans, method: str, k: int) -> Integers:
    labels = np.full(kept.shape, -1)
    for sample, regions, of_sample in zip(points, kept, labels, strict=True):
        size = int(regions.sum())
        of_sample[regions] = (
            np.arange(size) if size <= k else _cut(hierarchy.linkage(sample[regions], method), k)
        )
    return labels


def _cut(tree: Floats, k: int) -> Integers:
    """Numbers from 0 of the k nodes that are left when the last k - 1 merges are undone.

    Not by fcluster, which cuts at a height, and gives fewer than k clusters where heights are equal; cut_tree
    does the same and takes a millisecond.
    """
    n = len(tree) + 1
    below = tree[:, :2].astype(int).tolist()
    node = list(range(2 * n - 1))
    for step in range(n - k - 1, -1, -1):
        left, right = below[step]
        node[left] = node[right] = node[n + step]
    return _numbered(np.asarray(node[:n]))


def _numbered(labels: Integers) -> Integers:
    """Labels from 0 in the order in which they are first met."""
    _, first, number = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(first.argsort().argsort()[number], dtype=np.int64)


def _members(labels: Integers, k: int) -> Booleans:
    """Whether a region is in each of k groups: one axis more than `labels`, at the end."""
    return np.asarray(labels[..., None] == np.arange(k))


def _of_best(labels: Integers, merit: Floats) -> Integers:
    """Of each sample the labels of the start with the greatest merit, the first of equal ones."""
    best = np.round(merit, 9).argmax(axis=1)
    return np.asarray(labels[np.arange(len(labels)), best])


def _cophenetic_r(tree: Floats, points: Floats) -> float:
    distances, heights = pdist(points), hierarchy.cophenet(tree)
    if is_constant(distances) or is_constant(heights):
        return float("nan")
    return float(np.corrcoef(distances, heights)[0, 1])
