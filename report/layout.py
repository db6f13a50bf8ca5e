"""What Vega-Lite has no rule for: the breaks of a scale, short names for charts, a tree."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

Row = dict[str, Any]
Rows = list[Row]


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


def short_names(names: Sequence[str], kinds: str) -> list[str]:
    """Names without the words for kinds of regions, which a chart has no room for.

    Args:
        names: of all regions that stand beside each other, in one language.
        kinds: these words with commas between them: "oblysy, qalasy".

    Returns:
        A name each; a name that would be that of another region, too, or empty, stays whole.
    """
    words = {word.strip() for word in kinds.split(",")}
    short = [" ".join(word for word in name.split() if word not in words) for name in names]
    return [cut if cut and short.count(cut) == 1 else name for cut, name in zip(short, names, strict=True)]


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
