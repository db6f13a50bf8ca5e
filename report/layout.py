"""What Vega-Lite has no rule for: the breaks of a scale, places for the labels of points, a tree."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

Row = dict[str, Any]
Rows = list[Row]

LINE_HEIGHT, LETTER = 13.0, 6.3  # of a label of 11.5 px, in px
# Where a label may stand: how it is aligned, and how far it is from the point. The best places come first.
PLACES = (
    ("left", 8.0, 0.0),
    ("right", -8.0, 0.0),
    ("center", 0.0, -13.0),
    ("center", 0.0, 13.0),
    ("left", 7.0, -11.0),
    ("left", 7.0, 11.0),
    ("right", -7.0, -11.0),
    ("right", -7.0, 11.0),
    ("left", 5.0, -22.0),
    ("left", 5.0, 22.0),
    ("right", -5.0, -22.0),
    ("right", -5.0, 22.0),
)


def symmetric_breaks(values: Sequence[float]) -> list[float]:
    """Six breaks of seven classes, the same on both sides of zero, which cut the sizes of `values` evenly.

    The positive ones are the quantiles 0.25, 0.5 and 0.8 of the sizes, rounded to one digit, or to as many
    as it takes to tell them apart. Equal values, or none, give breaks around 1.
    """
    sizes = np.abs(np.asarray([value for value in values if value], dtype="float64"))
    if len(sizes):
        quantiles = [float(one) for one in np.quantile(sizes, [0.25, 0.5, 0.8])]
        for digits in (1, 2, 3, 6):
            rounded = [float(f"{one:.{digits}g}") for one in quantiles]
            if rounded[0] < rounded[1] < rounded[2]:
                return [-one for one in reversed(rounded)] + rounded
    return [-4.0, -2.0, -1.0, 1.0, 2.0, 4.0]


class Placed(NamedTuple):
    """Where a label stands beside its point, in px, and whether it overlaps no other label and no point."""

    align: str
    dx: float
    dy: float
    free: bool


def place_labels(
    points: Sequence[tuple[float, float]], labels: Sequence[str], *, width: float, height: float
) -> list[Placed]:
    """Finds a place for the label of each point so that few labels overlap.

    Points are taken from the least crowded to the most; each label takes the first place that is free, or
    else the one with the least overlap.

    Args:
        points: in shares of the plot, x to the right and y upwards, 0 to 1.
        labels: a text each.
        width, height: of the plot, in px.
    """
    at = [(x * width, (1 - y) * height) for x, y in points]
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in at]
    crowd = [sum(math.dist(one, other) < 90 for other in at) for one in at]
    placed: dict[int, Placed] = {}
    for index in sorted(range(len(at)), key=lambda one: (crowd[one], one)):
        others = taken[:index] + taken[index + 1 :]
        boxes = {place: _box(at[index], len(labels[index]) * LETTER, *place) for place in PLACES}
        cost = {place: _cost(box, others, width, height) for place, box in boxes.items()}
        place = min(PLACES, key=lambda one: cost[one])
        placed[index] = Placed(*place, free=cost[place] == 0)
        if placed[index].free:
            taken.append(boxes[place])
    return [placed[index] for index in range(len(at))]


Box = tuple[float, float, float, float]


def _box(at: tuple[float, float], length: float, align: str, dx: float, dy: float) -> Box:
    x, y = at[0] + dx, at[1] + dy
    left = {"left": x, "center": x - length / 2, "right": x - length}[align]
    return left, y - LINE_HEIGHT / 2, left + length, y + LINE_HEIGHT / 2


def _cost(box: Box, others: Sequence[Box], width: float, height: float) -> float:
    """The area in which a box overlaps others or leaves the plot."""
    left, top, right, bottom = box
    outside = max(0.0, -left) + max(0.0, right - width) + max(0.0, -top) + max(0.0, bottom - height)
    overlap = sum(
        max(0.0, min(right, other[2]) - max(left, other[0]))
        * max(0.0, min(bottom, other[3]) - max(top, other[1]))
        for other in others
    )
    return overlap + outside * LINE_HEIGHT


class Tree(NamedTuple):
    """A dendrogram: its lines, and its leaves from top to bottom.

    Attributes:
        lines: link (the merge), point (0 to 3 along its bracket), position, height.
        leaves: code, position, and rank from 0.
    """

    lines: Rows
    leaves: Rows


def tree(merges: Sequence[Mapping[str, Any]]) -> Tree:
    """Lays a tree out by scipy's dendrogram.

    Args:
        merges: step from 1, left_node and right_node (the code of a leaf, or n and the step of an earlier
            merge), height, size, as analysis.cluster_merge has them.

    Raises:
        ValueError: a merge names a later one, or the merges are not one tree.
    """
    from scipy.cluster import hierarchy

    ordered = sorted(merges, key=lambda merge: merge["step"])
    earlier = {f"n{merge['step']}" for merge in ordered}
    nodes = [str(merge[side]) for merge in ordered for side in ("left_node", "right_node")]
    codes = sorted(node for node in nodes if node not in earlier)
    number = {code: index for index, code in enumerate(codes)}
    linkage = []
    for index, merge in enumerate(ordered):
        pair = [str(merge["left_node"]), str(merge["right_node"])]
        unknown = [node for node in pair if node not in number]
        if unknown:
            raise ValueError(f"merge {merge['step']} names {unknown[0]}, which is not made yet")
        linkage.append([*(number[node] for node in pair), merge["height"], merge["size"]])
        number[f"n{merge['step']}"] = len(codes) + index
    drawn = hierarchy.dendrogram(np.asarray(linkage, dtype="float64"), no_plot=True, labels=codes)
    lines = [
        {"link": link, "point": point, "position": position, "height": height}
        for link, (positions, heights) in enumerate(zip(drawn["icoord"], drawn["dcoord"], strict=True))
        for point, (position, height) in enumerate(zip(positions, heights, strict=True))
    ]
    leaves = [
        {"code": code, "rank": rank, "position": 10.0 * rank + 5} for rank, code in enumerate(drawn["ivl"])
    ]
    return Tree(lines, leaves)
