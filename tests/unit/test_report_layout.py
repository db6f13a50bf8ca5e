"""Breaks, short names, trees and outlines of the report's charts."""

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.cluster import hierarchy

from report.layout import short_names, symmetric_breaks, tree
from report.shapes import read_shapes

REGIONS = Path(__file__).parents[2] / "seeds/reference/region.csv"


@pytest.mark.parametrize(
    "values",
    [[], [0.0], [5.0, 5.0, 5.0], [-57429, -50839, -7914, -97, 574, 17451], [0.001, 0.002, -0.5, 0.7]],
)
def test_breaks_rise_and_are_the_same_on_both_sides(values: list[float]) -> None:
    breaks = symmetric_breaks(values)
    assert len(breaks) == 6
    assert all(one < other for one, other in pairwise(breaks))
    assert breaks == [-one for one in reversed(breaks)]


def test_breaks_are_round_and_cut_the_sizes() -> None:
    assert symmetric_breaks([-100, 210, 330, -440, 560, 810, 1000])[3:] == [300, 400, 800]


def test_names_lose_the_words_for_kinds_of_regions() -> None:
    names = ["Qaraghandy oblysy", "Astana qalasy", "Batys Qazaqstan oblysy"]
    assert short_names(names, "oblysy, qalasy") == ["Qaraghandy", "Astana", "Batys Qazaqstan"]


def test_a_name_that_would_be_another_s_too_or_nothing_stays_whole() -> None:
    names = ["Almaty region", "Almaty city", "region", "Regional"]
    assert short_names(names, "region, city") == names


def test_a_tree_has_the_heights_and_the_leaves_of_its_merges() -> None:
    points = np.random.default_rng(3).normal(size=(7, 2))
    linkage = hierarchy.linkage(points, "ward")
    codes = [f"{number}0" for number in range(1, 8)]

    def node(index: float) -> str:
        return codes[int(index)] if index < len(codes) else f"n{int(index) - len(codes) + 1}"

    merges = [
        {"step": step, "left_node": node(left), "right_node": node(right), "height": height, "size": size}
        for step, (left, right, height, size) in enumerate(linkage.tolist(), start=1)
    ]
    drawn = tree(merges[::-1])
    assert sorted(leaf["code"] for leaf in drawn.leaves) == codes
    assert [leaf["position"] for leaf in drawn.leaves] == [5, 15, 25, 35, 45, 55, 65]
    tops = sorted({line["height"] for line in drawn.lines if line["point"] == 1})
    assert tops == pytest.approx(sorted(linkage[:, 2]))
    expected = hierarchy.dendrogram(linkage, no_plot=True, labels=codes)["ivl"]
    assert [leaf["code"] for leaf in drawn.leaves] == expected


def test_a_merge_of_what_is_not_made_yet_is_named() -> None:
    merges = [
        {"step": 1, "left_node": "10", "right_node": "n2", "height": 1.0, "size": 2},
        {"step": 2, "left_node": "n1", "right_node": "11", "height": 2.0, "size": 3},
    ]
    with pytest.raises(ValueError, match="merge 1 names n2"):
        tree(merges)


def test_every_present_region_has_an_outline_that_is_clockwise_around_its_label() -> None:
    with REGIONS.open(encoding="utf-8", newline="") as file:
        present = {row["region_code"] for row in csv.DictReader(file) if not row["valid_to"]} - {"00"}
    shapes = read_shapes()
    assert set(shapes) == present
    for code, shape in shapes.items():
        for polygon in shape.feature["geometry"]["coordinates"]:
            ring = polygon[0]
            assert sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) < 0, code
        assert 46 < shape.longitude < 88
        assert 40 < shape.latitude < 56
