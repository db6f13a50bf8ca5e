"""The outlines of the regions (shapes/LICENSE-NOTE.md says whose), by region code."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).with_name("shapes") / "kz_regions_2024.geojson"

Ring = list[list[float]]


class Shape(NamedTuple):
    """An outline as a GeoJSON feature, and a place for its label, in degrees."""

    feature: dict[str, Any]
    longitude: float
    latitude: float


def read_shapes(file: Path = FILE) -> dict[str, Shape]:
    """The shapes by region code, with outer rings clockwise, as d3 takes them."""
    collection = json.loads(file.read_text(encoding="utf-8"))
    return {str(each["properties"]["code"]): _shape(each) for each in collection["features"]}


def _shape(feature: dict[str, Any]) -> Shape:
    geometry = feature["geometry"]
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    wound = [[_wound(ring, clockwise=not hole) for hole, ring in enumerate(polygon)] for polygon in polygons]
    largest = max((polygon[0] for polygon in wound), key=lambda ring: abs(_area(ring)))
    longitude, latitude = _centre(largest)
    code = str(feature["properties"]["code"])
    made = {
        "type": "Feature",
        "region_code": code,
        "geometry": {"type": "MultiPolygon", "coordinates": wound},
    }
    return Shape(made, longitude, latitude)


def _wound(ring: Ring, *, clockwise: bool) -> Ring:
    return ring if (_area(ring) < 0) == clockwise else ring[::-1]


def _area(ring: Ring) -> float:
    """Twice the area, positive when counter-clockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))


def _centre(ring: Ring) -> tuple[float, float]:
    area = _area(ring)
    x = y = 0.0
    for a, b in pairwise(ring):
        cross = a[0] * b[1] - b[0] * a[1]
        x += (a[0] + b[0]) * cross
        y += (a[1] + b[1]) * cross
    return round(x / (3 * area), 3), round(y / (3 * area), 3)
