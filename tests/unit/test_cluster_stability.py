"""Stability of clusters against clusterboot's published runs and its definition; agreement of partitions."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster import hierarchy
from sklearn.metrics import adjusted_rand_score

from analysis_py.cluster_stability import SEED, agreement, stability
from analysis_py.clustering import K_MEANS, METHODS, WARD, cluster, sample_labels

DATA = Path(__file__).parent / "data"
PROPERTY = settings(max_examples=15, deadline=None, database=None, derandomize=True)
seeds = st.integers(0, 2**32 - 1)


def regions(n: int, seed: int = 0) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(size=(n, 3))
    return pd.DataFrame(values, index=[f"{10 + i}" for i in range(n)], columns=["a", "b", "c"])


def assigned(frame: pd.DataFrame, methods: list[str], k: int) -> pd.DataFrame:
    labels = pd.Series("all", index=frame.index)
    return cluster(frame, labels, methods, [k]).assignment


def clusterboot(values: np.ndarray, original: np.ndarray, k: int, draws: np.ndarray) -> np.ndarray:
    """Similarities by the definition, one resample and one cluster after the other: Hennig (2007)."""
    similarities = []
    for draw in draws:
        drawn = sorted(set(draw))
        z = (values[drawn] - values[drawn].mean(axis=0)) / values[drawn].std(axis=0)
        new = hierarchy.cut_tree(hierarchy.linkage(z, "ward"), k)[:, 0]
        similarities.append([])
        for number in range(k):
            old = {i for i in drawn if original[i] == number}
            found = [{drawn[i] for i in np.flatnonzero(new == other)} for other in range(k)]
            similarities[-1].append(max(len(old & one) / len(old | one) for one in found))
    return np.array(similarities)


def test_protein_of_25_countries() -> None:
    """Zumel and Mount (2014), Practical Data Science with R, section 8.1: five clusters of Ward's method.

    clusterboot of fpc on 100 resamples, as printed in the book and by a second run of its script (Ward's
    method on distances that are not squared, 'ward.D'): 0.79 0.80 0.62 0.93 0.76 and 0.80 0.79 0.66 0.92
    0.76. A mean of 100 has a standard error of about 0.03.
    """
    protein = pd.read_csv(DATA / "protein.csv", comment="#", index_col="country")
    assignment = assigned(protein, [WARD], 5)
    members = assignment.groupby("cluster_id")["region_code"].agg(list)
    assert members[1] == ["Albania", "Bulgaria", "Romania", "Yugoslavia"]
    assert members[3] == ["Czechoslovakia", "E Germany", "Hungary", "Poland", "USSR"]
    assert members[4] == ["Denmark", "Finland", "Norway", "Sweden"]
    assert members[5] == ["Greece", "Italy", "Portugal", "Spain"]
    found = stability(protein, assignment, resamples=400)
    printed = np.mean([[0.79, 0.80, 0.62, 0.93, 0.76], [0.80, 0.79, 0.66, 0.92, 0.76]], axis=0)
    assert found["jaccard_mean"].to_numpy() == pytest.approx(printed, abs=0.1)
    assert found["jaccard_mean"].argmax() == printed.argmax()
    assert found["jaccard_mean"].argmin() == printed.argmin()
    assert found.loc[2, "stability"] == "pattern"


def test_stability_by_the_definition() -> None:
    frame = regions(14)
    assignment = assigned(frame, [WARD], 3)
    found = stability(frame, assignment, resamples=60)
    original = assignment["cluster_id"].to_numpy() - 1
    draws = np.random.default_rng(SEED).integers(14, size=(60, 14))
    expected = clusterboot(frame.to_numpy(), original, 3, draws)
    assert found["jaccard_mean"].to_numpy() == pytest.approx(expected.mean(axis=0))
    assert found["dissolved_share"].to_numpy() == pytest.approx((expected <= 0.5).mean(axis=0))
    assert found["recovered_share"].to_numpy() == pytest.approx((expected > 0.75).mean(axis=0))
    assert found["size"].tolist() == [(original == number).sum() for number in range(3)]
    assert set(found["seed"]) == {SEED}
    assert set(found["resamples"]) == {60}


@pytest.mark.parametrize("method", METHODS)
def test_groups_far_apart_are_stable_and_noise_is_not(method: str) -> None:
    frame = regions(20)
    noise = stability(frame, assigned(frame, [method], 4), resamples=50)
    apart = frame + 30 * np.repeat([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], 5, axis=0)
    groups = stability(apart, assigned(apart, [method], 4), resamples=50)
    assert set(groups["stability"]) == {"highly_stable"}
    assert noise["jaccard_mean"].mean() < groups["jaccard_mean"].mean() - 0.1


@PROPERTY
@given(seeds, st.permutations(range(9)), st.floats(1e-3, 1e6), st.floats(-1e3, 1e3))
def test_order_and_units_do_not_matter(seed: int, order: list[int], scale: float, origin: float) -> None:
    frame = regions(9, seed)
    assignment = assigned(frame, [WARD, K_MEANS], 2)
    moved = (frame * scale + origin).iloc[order]
    pd.testing.assert_frame_equal(
        stability(frame, assignment, 20),
        stability(moved, assignment.iloc[::-1], 20).iloc[[2, 3, 0, 1]].reset_index(drop=True),
    )


def test_three_regions_and_equal_regions() -> None:
    frame = regions(3)
    found = stability(frame, assigned(frame, list(METHODS), 2), resamples=30)
    assert found["jaccard_mean"].between(0, 1).all()
    twice = pd.concat([frame, frame.set_axis(["20", "21", "22"])])
    found = stability(twice, assigned(twice, list(METHODS), 2), resamples=30)
    assert found["jaccard_mean"].between(0, 1).all()


def test_a_sample_of_few_regions_has_each_by_itself() -> None:
    points, kept = (
        np.random.default_rng(0).normal(size=(1, 5, 2)),
        np.array([[True, False, True, False, True]]),
    )
    for method in METHODS:
        assert sample_labels(points, kept, method, 4, starts=3).tolist() == [[0, -1, 1, -1, 2]]


# --- agreement --------------------------------------------------------------------------------------------


def fewest_moved(left: np.ndarray, right: np.ndarray) -> int:
    """By trying every matching of the clusters."""
    size = int(max(left.max(), right.max())) + 1
    return min(
        sum(matching[a] != b for a, b in zip(left, right, strict=True))
        for matching in permutations(range(size))
    )


@PROPERTY
@given(seeds)
def test_agreement_by_trying_every_matching(seed: int) -> None:
    rng = np.random.default_rng(seed)
    left, right = rng.integers(4, size=12), rng.integers(3, size=12)
    index = [f"{10 + i}" for i in range(12)]
    adjusted_rand, moved = agreement(
        pd.Series(left, index), pd.Series(right, index).sample(frac=1, random_state=1)
    )
    assert adjusted_rand == pytest.approx(adjusted_rand_score(left, right))
    assert len(moved) == fewest_moved(left, right)
    kept = [i for i, code in enumerate(index) if code not in moved]
    assert adjusted_rand_score(left[kept], right[kept]) == pytest.approx(1)


def test_agreement_of_hubert_and_arabie() -> None:
    """Two of their properties: 1 for the same groups under other numbers; and the documented value 0.57."""
    index = list("abcd")
    assert agreement(pd.Series([1, 1, 2, 2], index), pd.Series([7, 7, 3, 3], index)) == (1.0, [])
    value, moved = agreement(pd.Series([0, 0, 1, 2], index), pd.Series([0, 0, 1, 1], index))
    assert round(value, 2) == 0.57  # documentation of sklearn.metrics.adjusted_rand_score
    assert len(moved) == 1


@pytest.mark.parametrize("labels", [[1], [1, 1], [1, 2]])
def test_agreement_of_trivial_partitions(labels: list[int]) -> None:
    one = pd.Series(labels, index=list("ab")[: len(labels)])
    assert agreement(one, one) == (1.0, [])
