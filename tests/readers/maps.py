"""Maps for tests: a GeoJSON of streets, buildings and sources, in metres from a corner in UTM zone 32."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CORNER = (500_000.0, 5_500_000.0)
METRES = "EPSG:25832"
Point = tuple[float, float]


def street(name: str, *points: Point, **properties: Any) -> dict[str, Any]:
    """A line."""
    return feature("LineString", [list(place(point)) for point in points], id=name, kind="street", **properties)


def building(name: str, point: Point, demand_kw: Any = 20, **properties: Any) -> dict[str, Any]:
    """A point with a load."""
    return feature("Point", list(place(point)), id=name, kind="building", demand_kw=demand_kw, **properties)


def source(name: str, point: Point, capacity_kw: Any = 1000, **properties: Any) -> dict[str, Any]:
    """A point with a capacity; heat costs 60 EUR/MWh."""
    properties = {"cost_eur_per_mwh": 60} | properties
    return feature("Point", list(place(point)), id=name, kind="source", capacity_kw=capacity_kw, **properties)


def place(point: Point) -> Point:
    """A point of the map in its coordinate system."""
    return CORNER[0] + point[0], CORNER[1] + point[1]


def feature(kind_of_geometry: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    """A feature; properties that are None are left out."""
    kept = {key: value for key, value in properties.items() if value is not None}
    geometry = {"type": kind_of_geometry, "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": kept}


def save(path: Path, features: list[dict[str, Any]], crs: str | None = METRES) -> Path:
    """Write a map."""
    document: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if crs is not None:
        document["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
