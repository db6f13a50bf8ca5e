"""Writes seeds/reference/region_contiguity.csv from the boundaries of the regions.

    python docs/region_contiguity.py BOUNDARIES.geojson > seeds/reference/region_contiguity.csv

Two regions are neighbours where their outlines have a stretch in common. The file must give neighbours the
same points along their border: DATA-SOURCES.md names the one that was used.
"""

import csv
import json
import math
import sys
from collections import defaultdict
from itertools import combinations, pairwise
from pathlib import Path

KM_PER_DEGREE_OF_LATITUDE = 110.57
KM_PER_DEGREE_AT_THE_EQUATOR = 111.32

Point = tuple[float, float]


def shared_borders(features: list[dict]) -> dict[tuple[str, str], float]:
    """Length in km of what each two regions have in common."""
    owners: dict[frozenset[Point], set[str]] = defaultdict(set)
    for feature in features:
        shape = feature["geometry"]
        polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        for ring in (ring for polygon in polygons for ring in polygon):
            points = [tuple(point) for point in ring]
            for side in pairwise(points):
                owners[frozenset(side)].add(feature["properties"]["code"])
    lengths: dict[tuple[str, str], float] = defaultdict(float)
    for side, codes in owners.items():
        for pair in combinations(sorted(codes), 2):
            lengths[pair] += kilometres(*side)
    return lengths


def kilometres(one: Point, other: Point) -> float:
    east = (one[0] - other[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
    north = one[1] - other[1]
    return math.hypot(east * KM_PER_DEGREE_AT_THE_EQUATOR, north * KM_PER_DEGREE_OF_LATITUDE)


if __name__ == "__main__":
    [boundaries] = sys.argv[1:]
    lengths = shared_borders(json.loads(Path(boundaries).read_text(encoding="utf-8"))["features"])
    both_ways = lengths | {(other, one): length for (one, other), length in lengths.items()}
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["region_code", "neighbour_code", "border_km"])
    for (one, other), length in sorted(both_ways.items()):
        writer.writerow([one, other, round(length)])
