"""Clusters of regions against published values, other implementations and properties that must hold."""

import math
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from analysis_py.clustering import (
    AVERAGE,
    COMPLETE,
    GAUSSIAN_MIXTURE,
    K_MEANS,
    LINKAGES,
    WARD,
    ClusterResult,
    bayesian_criterion,
    cluster,
    gaussian_mixture,
    k_means,
    standardise,
)

DATA = Path(__file__).parent / "data"
PROPERTY = settings(max_examples=12, deadline=None, database=None, derandomize=True)

Point = tuple[float, ...]


def hierarchical(
    frame: pd.DataFrame,
    labels: pd.Series,
    methods: Sequence[str] = LINKAGES,
    k_values: Iterable[int] = range(2, 7),
) -> ClusterResult:
    return cluster(frame, labels, methods, k_values)


def article_features() -> tuple[pd.DataFrame, pd.Series]:
    table = pd.read_csv(DATA / "article_table_1.csv", comment="#", dtype={"region_code": str})
    table = table.set_index("region_code")
    role = table["migration_balance"].gt(0).map({True: "recipient", False: "donor"})
    return table[["migration_balance", "income_per_capita", "children_per_household"]], role


def us_arrests() -> pd.DataFrame:
    return pd.read_csv(DATA / "us_arrests.csv", comment="#", index_col="State")


def random_features(seed: int, n: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        rng.normal(size=(n, 3)), index=[f"{10 + i}" for i in range(n)], columns=["a", "b", "c"]
    )


def halves(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(["donor", "recipient"] * len(frame), dtype="str")[: len(frame)].set_axis(frame.index)


def clusters_of(assignment: pd.DataFrame, method: str, k: int) -> dict[str, int]:
    rows = assignment[(assignment["method"] == method) & (assignment["k"] == k)]
    return dict(zip(rows["region_code"], rows["cluster_id"], strict=True))


def quality_of(quality: pd.DataFrame, method: str, k: int) -> pd.Series:
    return quality.set_index(["method", "k"]).loc[(method, k)]


# --- published values ---------------------------------------------------------------------------------


def test_article_clusters() -> None:
    """Reference figures for the article's Table 1: two clusters, silhouette 0.525, Rand index 0.044."""
    features, role = article_features()
    assignment, quality, merge = hierarchical(features, role)
    best = quality_of(quality, WARD, 2)
    assert best["is_chosen_k"]
    assert round(best["silhouette"], 3) == 0.525
    assert round(best["ari_vs_role"], 3) == 0.044
    clusters = clusters_of(assignment, WARD, 2)
    losing = {"11", "63", "75", "71", "35", "39", "55", "59"}
    assert {code for code, cluster in clusters.items() if cluster == clusters["63"]} == losing
    assert best["silhouette"] == pytest.approx(silhouette(z_scores(features), clusters))
    assert best["ari_vs_role"] == pytest.approx(
        float(adjusted_rand(role[list(clusters)].tolist(), list(clusters.values())))
    )
    assert (len(assignment), len(quality), len(merge)) == (20 * 3 * 5, 3 * 5, 3 * 19)


def test_us_arrests_against_r() -> None:
    """Scaled USArrests in Kassambara (2017), Practical Guide to Cluster Analysis in R.

    hclust with ward.D2: cophenetic correlation 0.6975266, four clusters of 7, 12, 19 and 12 states, numbered
    by the first state; with average linkage 0.7180382.
    """
    frame = us_arrests()
    assignment, quality, _ = hierarchical(frame, halves(frame))
    assert quality_of(quality, WARD, 4)["cophenetic_r"] == pytest.approx(0.6975266, abs=5e-8)
    assert quality_of(quality, AVERAGE, 4)["cophenetic_r"] == pytest.approx(0.7180382, abs=5e-8)
    sizes = Counter(clusters_of(assignment, WARD, 4).values())
    assert [sizes[cluster] for cluster in (1, 2, 3, 4)] == [7, 12, 19, 12]


@pytest.mark.parametrize(
    ("method", "coefficient"), [(AVERAGE, 0.7379371), (COMPLETE, 0.8531583), (WARD, 0.9346210)]
)
def test_us_arrests_agglomerative_coefficient(method: str, coefficient: float) -> None:
    """agnes of R package cluster on scaled USArrests, as printed in the UC Business Analytics R guide.

    The coefficient is the mean of 1 - (height of a state's first merge / height of the last): Kaufman and
    Rousseeuw (1990), Finding Groups in Data, chapter 5.
    """
    frame = us_arrests()
    merge = hierarchical(frame, halves(frame), methods=[method]).merge
    first = {
        node: height
        for side in ("left_node", "right_node")
        for node, height in merge[[side, "height"]].values
    }
    heights = [first[state] for state in frame.index]
    assert 1 - np.mean(heights) / merge["height"].iloc[-1] == pytest.approx(coefficient, abs=5e-8)


def test_us_arrests_standardised() -> None:
    """The row of Alabama in R's scale(USArrests), which divides by the sample deviation."""
    published = np.array([1.24256408, 0.7828393, -0.5209066, -0.003416473])
    assert standardise(us_arrests()).loc["Alabama"].to_numpy() == pytest.approx(
        published * math.sqrt(50 / 49), abs=1e-7
    )


def test_iris_scaled() -> None:
    """Scaled iris, Ward, three clusters: silhouette 0.45, adjusted Rand index 0.61 with the species.

    Published at https://farzat.xyz/blog/csca5632-final (agglomerative clustering with default settings).
    """
    iris = load_iris(as_frame=True)
    features = iris.data.set_axis([f"{i:03d}" for i in range(150)])
    quality = hierarchical(
        features, iris.target.set_axis(features.index), methods=[WARD], k_values=[3]
    ).quality
    assert quality["silhouette"].item() == pytest.approx(0.45, abs=5e-3)
    assert quality["ari_vs_role"].item() == pytest.approx(0.61, abs=6e-3)


@pytest.mark.parametrize(
    ("clusters", "labels", "published"),
    [
        # Documentation of sklearn.metrics.adjusted_rand_score.
        ([0, 0, 1, 2], [0, 0, 1, 1], 0.57),
        ([0, 0, 1, 1], [0, 1, 0, 1], -0.5),
        # Yeung and Ruzzo (2001), Details of the adjusted Rand index, supplement to Bioinformatics 17, 763.
        ([0, 1, 0, 1, 1, 2, 2, 2, 2, 2], [0, 0, 1, 1, 1, 1, 2, 2, 2, 2], 0.313),
    ],
)
def test_published_adjusted_rand_index(clusters: list[int], labels: list[int], published: float) -> None:
    """Regions are laid out so far apart that the clusters are the ones of the published example."""
    index = [chr(ord("a") + i) for i in range(len(clusters))]
    frame = pd.DataFrame({"x": [100.0 * c + 0.1 * i for i, c in enumerate(clusters)]}, index=index)
    k = max(clusters) + 1
    assignment, quality, _ = hierarchical(frame, pd.Series(labels, index=index), k_values=[k])
    for method in LINKAGES:
        assert list(clusters_of(assignment, method, k).values()) == [c + 1 for c in clusters]
        assert quality_of(quality, method, k)["ari_vs_role"] == pytest.approx(published, abs=5e-3)


# --- independent computation ---------------------------------------------------------------------------


def mean(values: Iterable[float]) -> float:
    values = list(values)
    return math.fsum(values) / len(values)


def within_squares(points: list[Point]) -> float:
    centre = [mean(axis) for axis in zip(*points, strict=True)]
    return math.fsum(math.dist(point, centre) ** 2 for point in points)


def ward_distance(left: list[Point], right: list[Point]) -> float:
    """Root of twice the growth of the sum of squares: the distance itself between two single points."""
    growth = within_squares(left + right) - within_squares(left) - within_squares(right)
    return math.sqrt(max(2 * growth, 0))


def average_distance(left: list[Point], right: list[Point]) -> float:
    return mean(math.dist(p, q) for p in left for q in right)


def complete_distance(left: list[Point], right: list[Point]) -> float:
    return max(math.dist(p, q) for p in left for q in right)


DISTANCES: dict[str, Callable[[list[Point], list[Point]], float]] = {
    WARD: ward_distance,
    AVERAGE: average_distance,
    COMPLETE: complete_distance,
}


def agglomerate(points: dict[str, Point], method: str) -> list[tuple[frozenset[str], float]]:
    """Merge the two nearest groups until one is left, by the definition of each method."""
    groups = [frozenset([code]) for code in points]
    steps = []
    while len(groups) > 1:
        height, left, right = min(
            (
                (DISTANCES[method]([points[c] for c in a], [points[c] for c in b]), a, b)
                for a, b in combinations(groups, 2)
            ),
            key=lambda candidate: candidate[0],
        )
        groups = [group for group in groups if group not in (left, right)] + [left | right]
        steps.append((left | right, height))
    return steps


def members(merge: pd.DataFrame, regions: Iterable[str]) -> dict[str, frozenset[str]]:
    """Regions below each node of one method's merge table."""
    below = {code: frozenset([code]) for code in regions}
    for row in merge.itertuples():
        below[f"n{row.step}"] = below[row.left_node] | below[row.right_node]
    return below


def silhouette(points: dict[str, Point], clusters: dict[str, int]) -> float:
    """Rousseeuw (1987), J. of Computational and Applied Mathematics 20, 53-65; 0 for a cluster of one."""
    widths = []
    for code, own_cluster in clusters.items():
        others = {
            c: [math.dist(points[code], points[d]) for d in clusters if clusters[d] == c and d != code]
            for c in set(clusters.values())
        }
        if not others[own_cluster]:
            widths.append(0.0)
            continue
        own = mean(others[own_cluster])
        next_best = min(mean(others[c]) for c in others if c != own_cluster)
        widths.append((next_best - own) / max(own, next_best))
    return mean(widths)


def adjusted_rand(a: list[object], b: list[object]) -> Fraction:
    """Hubert and Arabie (1985), Journal of Classification 2, 193-218, equation 5."""

    def pairs(counts: Iterable[int]) -> int:
        return sum(math.comb(count, 2) for count in counts)

    together = pairs(Counter(zip(a, b, strict=True)).values())
    in_a, in_b = pairs(Counter(a).values()), pairs(Counter(b).values())
    expected = Fraction(in_a * in_b, math.comb(len(a), 2))
    return (together - expected) / (Fraction(in_a + in_b, 2) - expected)


seeds = st.integers(0, 2**32 - 1)


def z_scores(frame: pd.DataFrame) -> dict[str, Point]:
    columns = []
    for name in frame:
        values = frame[name].tolist()
        deviation = math.sqrt(mean((v - mean(values)) ** 2 for v in values))
        columns.append([(v - mean(values)) / deviation for v in values])
    return dict(zip(frame.index, zip(*columns, strict=True), strict=True))


@PROPERTY
@given(seeds)
def test_merges_follow_the_definition_of_the_method(seed: int) -> None:
    frame = random_features(seed, n=9)
    merges = hierarchical(frame, halves(frame)).merge
    for method in LINKAGES:
        merge = merges[merges["method"] == method]
        below = members(merge, frame.index)
        expected = agglomerate(z_scores(frame), method)
        assert [below[f"n{step}"] for step in merge["step"]] == [group for group, _ in expected]
        assert merge["height"].tolist() == pytest.approx([height for _, height in expected])
        assert merge["size"].tolist() == [len(group) for group, _ in expected]


@PROPERTY
@given(seeds)
def test_clusters_agree_with_scikit_learn(seed: int) -> None:
    frame = random_features(seed, n=20)
    assignment = hierarchical(frame, halves(frame)).assignment
    points = list(z_scores(frame).values())
    for method in LINKAGES:
        for k in range(2, 7):
            labels = AgglomerativeClustering(n_clusters=k, linkage=method).fit(points).labels_
            ours = list(clusters_of(assignment, method, k).values())
            assert adjusted_rand_score(ours, labels) == 1.0


@PROPERTY
@given(seeds)
def test_quality_agrees_with_the_definitions(seed: int) -> None:
    frame = random_features(seed)
    labels = halves(frame)
    points = z_scores(frame)
    assignment, quality, merges = hierarchical(frame, labels, k_values=range(2, 6))
    for row in quality.itertuples():
        clusters = clusters_of(assignment, row.method, row.k)
        assert row.silhouette == pytest.approx(silhouette(points, clusters))
        expected = adjusted_rand(labels.tolist(), list(clusters.values()))
        assert row.ari_vs_role == pytest.approx(float(expected))
    for method in LINKAGES:
        merge = merges[merges["method"] == method]
        below = members(merge, frame.index)
        pairs = list(combinations(frame.index, 2))
        joined = [
            min(r.height for r in merge.itertuples() if {a, b} <= below[f"n{r.step}"]) for a, b in pairs
        ]
        expected_r = np.corrcoef(joined, [math.dist(points[a], points[b]) for a, b in pairs])[0, 1]
        rows = quality[quality["method"] == method]
        assert rows["cophenetic_r"].tolist() == pytest.approx([expected_r] * len(rows))


@PROPERTY
@given(seeds)
def test_chosen_k_has_the_best_silhouette(seed: int) -> None:
    frame = random_features(seed)
    assignment, quality, _ = hierarchical(frame, halves(frame))
    for method in LINKAGES:
        rows = quality[quality["method"] == method]
        assert rows.loc[rows["is_chosen_k"], "silhouette"].tolist() == [rows["silhouette"].max()]
    chosen = assignment.merge(quality[["method", "k", "is_chosen_k"]], on=["method", "k"])
    assert (chosen["is_chosen_k_x"] == chosen["is_chosen_k_y"]).all()


def technology() -> pd.DataFrame:
    return pd.read_csv(DATA / "technology_achievement.csv", comment="#", index_col="country")


def inertia(points: np.ndarray, labels: np.ndarray) -> float:
    return sum(((points[labels == i] - points[labels == i].mean(axis=0)) ** 2).sum() for i in set(labels))


def everything(n: int) -> np.ndarray:
    """One sample with all of n regions."""
    return np.ones((1, n), dtype=bool)


@PROPERTY
@given(seeds)
def test_k_means_is_as_good_as_scikit_learn(seed: int) -> None:
    frame = random_features(seed, n=20)
    points = standardise(frame).to_numpy()
    assignment = cluster(frame, halves(frame), [K_MEANS]).assignment
    for k in range(2, 7):
        ours = np.array(list(clusters_of(assignment, K_MEANS, k).values()))
        peer = KMeans(k, n_init=50, random_state=0, algorithm="lloyd").fit(points)
        assert inertia(points, ours) <= peer.inertia_ * 1.0001 + 1e-9


def test_k_means_of_the_handbook() -> None:
    """OECD/JRC (2008), Handbook on Constructing Composite Indicators, Table 13: clusters of 4, 4 and 15.

    Of the partition printed there at most one country is nearer to another centre, so that a single start can
    end at it; many starts find one with a smaller sum of squares.
    """
    points = standardise(technology()).to_numpy()
    groups = [
        ["Finland", "Netherlands", "Sweden", "United States"],
        ["Australia", "Canada", "New Zealand", "Norway"],
    ]
    printed = np.array([next((i for i, g in enumerate(groups) if c in g), 2) for c in technology().index])
    assert Counter(printed) == {0: 4, 1: 4, 2: 15}
    centres = np.stack([points[printed == i].mean(axis=0) for i in range(3)])
    nearest = ((points[:, None] - centres) ** 2).sum(axis=-1).argmin(axis=1)
    best = k_means(points[None], everything(23), 3, starts=100)[0]
    assert (nearest != printed).sum() <= 1
    assert inertia(points, best) < inertia(points, printed)


def test_samples_of_k_means_and_mixture_do_not_touch_each_other() -> None:
    rng = np.random.default_rng(1)
    points, kept = rng.normal(size=(5, 20, 3)), rng.random((5, 20)) < 0.7
    together = k_means(points, kept, 3, starts=30)
    mixed = gaussian_mixture(points, kept, together[:, None], 3)
    for i in range(5):
        regions = kept[i]
        alone = points[i][regions][None]
        assert inertia(
            alone[0], k_means(alone, everything(regions.sum()), 3, starts=200)[0]
        ) == pytest.approx(inertia(alone[0], together[i][regions]))
        first = together[i][regions][None, None]
        likelihood = gaussian_mixture(alone, everything(regions.sum()), first, 3).log_likelihood
        assert mixed.log_likelihood[i] == pytest.approx(likelihood.item(), rel=1e-6)
        assert (mixed.labels[i][~regions] == -1).all()
        assert (together[i][~regions] == -1).all()


@PROPERTY
@given(seeds, st.integers(1, 4))
def test_mixture_agrees_with_scikit_learn(seed: int, k: int) -> None:
    points = np.random.default_rng(seed).normal(size=(25, 3))
    first = k_means(points[None], everything(25), k, starts=5)[0]
    ours = gaussian_mixture(points[None], everything(25), first[None, None], k)
    means = np.stack([points[first == i].mean(axis=0) for i in range(k)])
    within = points - means[first]
    peer = GaussianMixture(
        k,
        covariance_type="tied",
        weights_init=np.bincount(first, minlength=k) / 25,
        means_init=means,
        precisions_init=np.linalg.inv(within.T @ within / 25 + 1e-6 * np.eye(3)),
        tol=1e-10,
        max_iter=2000,
    ).fit(points)
    likelihood = ours.log_likelihood.item()
    assert likelihood == pytest.approx(peer.score(points) * 25, abs=0.02)
    assert bayesian_criterion(likelihood, 25, 3, k) == pytest.approx(peer.bic(points), abs=0.04)


def test_mixture_knows_two_groups_from_one() -> None:
    """Two groups far apart are found, and Schwarz's criterion prefers two to one; with one group, one."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        rng.normal(size=(200, 2)), columns=["a", "b"], index=[f"{i:03d}" for i in range(200)]
    )
    apart = frame.copy()
    apart.iloc[:10] += 9
    quality = cluster(apart, halves(apart), [GAUSSIAN_MIXTURE], [2]).quality.iloc[0]
    assert quality["bic"] < quality["bic_of_one_cluster"]
    clusters = clusters_of(
        cluster(apart, halves(apart), [GAUSSIAN_MIXTURE], [2]).assignment, GAUSSIAN_MIXTURE, 2
    )
    assert list(clusters.values()) == [1] * 10 + [2] * 190
    quality = cluster(frame, halves(frame), [GAUSSIAN_MIXTURE], [2]).quality.iloc[0]
    assert quality["bic"] > quality["bic_of_one_cluster"]
    for points, best_k in ((apart, 2), (frame, 1)):
        table = cluster(points, halves(points), [WARD, GAUSSIAN_MIXTURE], [2, 3]).quality
        of_method = table.groupby("method")["best_k_by_bic"].unique()
        assert of_method[GAUSSIAN_MIXTURE].tolist() == [best_k]
        assert of_method[WARD].isna().all()


# --- properties --------------------------------------------------------------------------------------------


def assert_same_result(left: pd.DataFrame, right: pd.DataFrame, labels: pd.Series) -> None:
    for a, b in zip(hierarchical(left, labels), hierarchical(right, labels), strict=True):
        pd.testing.assert_frame_equal(a, b, rtol=1e-7)


@PROPERTY
@given(seeds, st.permutations(range(12)))
def test_row_order_does_not_matter(seed: int, order: list[int]) -> None:
    frame = random_features(seed)
    labels = halves(frame)
    left, right = cluster(frame, labels), cluster(frame.iloc[order], labels.iloc[order[::-1]])
    for a, b in zip(left, right, strict=True):
        pd.testing.assert_frame_equal(a, b, check_exact=True)


@PROPERTY
@given(seeds, st.floats(1e-3, 1e6), st.floats(-1e3, 1e3))
def test_unit_origin_direction_and_column_order_do_not_matter(seed: int, scale: float, origin: float) -> None:
    frame = random_features(seed)
    moved = frame.assign(a=frame["a"] * scale + origin, b=-frame["b"])[["c", "a", "b"]]
    assert_same_result(frame, moved, halves(frame))


@PROPERTY
@given(seeds)
def test_names_of_the_labels_do_not_matter(seed: int) -> None:
    frame = random_features(seed)
    labels = halves(frame)
    renamed = labels.map({"donor": "recipient", "recipient": "donor"})
    pd.testing.assert_frame_equal(hierarchical(frame, labels).quality, hierarchical(frame, renamed).quality)


@PROPERTY
@given(seeds)
def test_merge_is_one_tree_and_clusters_are_its_cuts(seed: int) -> None:
    frame = random_features(seed)
    assignment, _, merges = hierarchical(frame, halves(frame))
    for method in LINKAGES:
        merge = merges[merges["method"] == method]
        below = members(merge, frame.index)
        children = merge["left_node"].tolist() + merge["right_node"].tolist()
        assert sorted(children) == sorted([*frame.index, *(f"n{step}" for step in range(1, 11))])
        assert below["n11"] == frozenset(frame.index)
        assert merge["step"].tolist() == list(range(1, 12))
        assert merge["height"].is_monotonic_increasing
        age = {node: i for i, node in enumerate([*sorted(frame.index), *(f"n{i}" for i in range(1, 12))])}
        assert (merge["left_node"].map(age) < merge["right_node"].map(age)).all()
        for k in range(2, 7):
            # The k clusters are the nodes that are left when the last k - 1 merges are undone.
            kept = merge["step"] <= 12 - k
            used = set(merge.loc[kept, ["left_node", "right_node"]].to_numpy().ravel())
            nodes = [*frame.index, *(f"n{step}" for step in merge.loc[kept, "step"])]
            clusters = clusters_of(assignment, method, k)
            ours = {frozenset(c for c in clusters if clusters[c] == i) for i in range(1, k + 1)}
            assert ours == {below[node] for node in nodes if node not in used}
            assert [min(c for c in clusters if clusters[c] == i) for i in range(1, k + 1)] == sorted(
                min(group) for group in ours
            )


@PROPERTY
@given(seeds)
def test_standardised_columns_have_mean_zero_and_deviation_one(seed: int) -> None:
    frame = random_features(seed) * 1e5 + 3e5
    z = standardise(frame)
    assert z.mean().tolist() == pytest.approx([0] * 3, abs=1e-9)
    assert z.std(ddof=0).tolist() == pytest.approx([1] * 3)
    assert z.index.equals(frame.index)
    assert z.columns.equals(frame.columns)
    assert [tuple(row) for row in z.to_numpy()] == [
        pytest.approx(point) for point in z_scores(frame).values()
    ]


# --- degenerate and bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_than_three_regions_give_empty_tables_of_the_same_types(n: int) -> None:
    frame = random_features(1)
    full, empty = cluster(frame, halves(frame)), cluster(frame.iloc[:n], halves(frame))
    for some, none in zip(full, empty, strict=True):
        assert len(some) > 0
        assert len(none) == 0
        assert none.dtypes.to_dict() == some.dtypes.to_dict()
    assert len(standardise(frame.iloc[:0])) == 0


@pytest.mark.parametrize(("n", "feasible"), [(3, [2]), (5, [2, 3, 4]), (8, [2, 3, 4, 5, 6])])
def test_only_feasible_k(n: int, feasible: list[int]) -> None:
    frame = random_features(2, n)
    result = hierarchical(frame, halves(frame), methods=[WARD])
    assert result.quality["k"].tolist() == feasible
    assert sorted(set(result.assignment["k"])) == feasible
    assert len(result.merge) == n - 1


def test_no_feasible_k_leaves_the_tree() -> None:
    frame = random_features(3, 4)
    assignment, quality, merge = hierarchical(frame, halves(frame), k_values=[0, 1, 4, 9])
    assert (len(assignment), len(quality), len(merge)) == (0, 0, 3 * 3)


@pytest.mark.parametrize("constant", [0.0, 7.0, 1e-9])
def test_constant_feature_is_named(constant: float) -> None:
    frame = random_features(4).assign(b=constant)
    with pytest.raises(ValueError, match=r"without variation: b$"):
        standardise(frame)
    with pytest.raises(ValueError, match=r"without variation: b$"):
        hierarchical(frame, halves(frame))


@pytest.mark.parametrize("gap", [np.nan, np.inf, -np.inf, None])
@pytest.mark.parametrize("n", [2, 12])
def test_missing_feature_names_region_and_column(gap: float | None, n: int) -> None:
    frame = random_features(5).iloc[:n]
    frame.loc["11", "c"] = gap
    with pytest.raises(ValueError, match=r"region 11, column c$"):
        hierarchical(frame, halves(frame))
    with pytest.raises(ValueError, match=r"region 11, column c$"):
        standardise(frame)


def test_bad_calls_are_named() -> None:
    frame = random_features(6)
    labels = halves(frame)
    with pytest.raises(ValueError, match=r"repeated: 10$"):
        hierarchical(pd.concat([frame, frame.iloc[:1]]), labels)
    with pytest.raises(ValueError, match=r"without label: 13$"):
        hierarchical(frame, labels.drop("13"))
    with pytest.raises(ValueError, match=r"without label: 13$"):
        hierarchical(frame, labels.where(labels.index != "13"))
    with pytest.raises(ValueError, match="centroid"):
        hierarchical(frame, labels, methods=["centroid"])
    with pytest.raises(ValueError, match="no feature"):
        hierarchical(frame[[]], labels)


def test_equal_regions_and_equal_heights_still_give_k_clusters() -> None:
    """The corners of a square and a second region on each: every height of a level is the same."""
    corners = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)] * 2
    frame = pd.DataFrame(corners, columns=["x", "y"], index=list("abcdefgh"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assignment, quality, merge = cluster(frame, halves(frame))
    for method in LINKAGES:
        for k in range(2, 7):
            assert set(clusters_of(assignment, method, k).values()) == set(range(1, k + 1))
        assert merge.loc[merge["method"] == method, "height"].tolist()[:4] == [0] * 4
    four = clusters_of(assignment, WARD, 4)
    assert [four[c] for c in "abcdefgh"] == [1, 2, 3, 4] * 2
    assert quality_of(quality, WARD, 4)["silhouette"] == 1
    assert quality_of(quality, WARD, 4)["is_chosen_k"]


def test_equal_distances_have_no_cophenetic_correlation() -> None:
    """Three regions at the corners of an equilateral triangle."""
    frame = pd.DataFrame({"x": [-1.0, 0, 1], "y": [1.0, -2, 1]}, index=["10", "11", "15"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quality = hierarchical(frame, halves(frame)).quality
    assert quality["cophenetic_r"].isna().all()
    assert quality["silhouette"].notna().all()


@pytest.mark.parametrize("k_values", [[2, 3], [3, 2, 3]])
def test_smaller_k_where_silhouettes_are_equal(k_values: list[int]) -> None:
    """0, 2, 3, 5, 5 by complete linkage: the silhouette is 3/5 with two clusters and with three."""
    frame = pd.DataFrame({"x": [0.0, 2, 3, 5, 5]}, index=list("abcde"))
    quality = hierarchical(frame, halves(frame), methods=[COMPLETE], k_values=k_values).quality
    assert quality["k"].tolist() == [2, 3]
    assert quality["silhouette"].tolist() == pytest.approx([0.6, 0.6])
    assert quality["is_chosen_k"].tolist() == [True, False]


def test_extreme_magnitudes_do_not_overflow() -> None:
    frame = random_features(7)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_same_result(frame, frame * [1e300, 1e-300, 1], halves(frame))


def test_input_is_left_alone() -> None:
    frame, labels = article_features()
    frame_before, labels_before = frame.copy(deep=True), labels.copy(deep=True)
    hierarchical(frame, labels)
    pd.testing.assert_frame_equal(frame, frame_before)
    pd.testing.assert_series_equal(labels, labels_before)
