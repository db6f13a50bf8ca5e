"""Breaks, labels, trees and outlines of the report's charts."""

import csv
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.cluster import hierarchy

from report.layout import LETTER, LINE_HEIGHT, Placed, place_labels, symmetric_breaks, tree
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


def box(point: tuple[float, float], label: str, place: Placed, width: float, height: float) -> list[float]:
    x, y = point[0] * width + place.dx, (1 - point[1]) * height + place.dy
    length = len(label) * LETTER
    left = {"left": x, "center": x - length / 2, "right": x - length}[place.align]
    return [left, left + length, y - LINE_HEIGHT / 2, y + LINE_HEIGHT / 2]


def test_free_labels_overlap_no_other_and_stay_inside() -> None:
    points = [(x, y) for x, y in np.random.default_rng(7).random((25, 2)).tolist()]
    labels = [f"region {number:02}" for number in range(len(points))]
    width, height = 500.0, 300.0
    placed = place_labels(points, labels, width=width, height=height)
    boxes = [
        box(point, label, place, width, height)
        for point, label, place in zip(points, labels, placed, strict=True)
        if place.free
    ]
    assert len(boxes) > len(points) / 2
    assert all(one[0] >= 0 and one[1] <= width and one[2] >= 0 and one[3] <= height for one in boxes)
    for one, other in combinations(boxes, 2):
        assert one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]


def test_labels_without_room_are_told_apart() -> None:
    placed = place_labels([(0.5, 0.5)] * 20, ["a long name of a region"] * 20, width=300, height=100)
    assert any(place.free for place in placed)
    assert not all(place.free for place in placed)


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
