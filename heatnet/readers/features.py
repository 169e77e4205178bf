"""GeoJSON files → features in metres: one file with a property `kind`, or a folder with a file for each."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from heatnet.instance.instance import Array
from heatnet.readers.faults import Faults, in_one_line
from heatnet.readers.network import WGS84, identifier, known_system, twice

KINDS = {"streets": "street", "buildings": "building", "sources": "source"}
"""Kind of the features by the name of a file in a folder."""


@dataclass(frozen=True)
class Feature:
    """A feature of a map with its place in the file, the first being 1."""

    file: str
    number: int
    kind: str
    id: str
    geometry: BaseGeometry
    properties: dict[str, Any]

    @property
    def where(self) -> str:
        """Its place and name."""
        return f"feature {self.number} ({self.id})"


def features(path: Path, faults: Faults) -> tuple[list[Feature], str | None]:
    """The features of all files, and the coordinate system that they name."""
    if path.is_dir():
        files = {path / f"{name}.geojson": kind for name, kind in KINDS.items()}
        for file in files:
            if not file.exists():
                faults.tell(file.name, "", "is missing; a folder has streets, buildings and sources.")
    else:
        files = {path: ""}
    found: list[Feature] = []
    systems: dict[str | None, str] = {}
    for file, kind in files.items():
        if file.exists():
            document = _document(file, faults)
            systems[_named_system(document)] = file.name
            found += _of_file(file.name, kind, document.get("features", []), faults)
    if len(systems) > 1:
        told = ", ".join(f"{name} in {system or WGS84}" for system, name in systems.items())
        faults.tell(path.name, "", f"has files in different coordinate systems ({told}); convert them to one.")
    for kind in ("street", "building", "source"):
        for name, where in twice((one.id, f"feature {one.number}") for one in found if one.kind == kind):
            faults.tell(path.name, where, f"`{name}` is the id of another {kind}; each must have its own.")
    buildings = {one.id for one in found if one.kind == "building"}
    for one in found:
        if one.kind == "source" and one.id in buildings:
            faults.tell(one.file, one.where, f"`{one.id}` is the id of a building too; each must have its own.")
    return found, next(iter(systems), None)


def _document(file: Path, faults: Faults) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        faults.tell(file.name, "", f"cannot be read as GeoJSON ({error}).")
        return {}
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        faults.tell(file.name, "", "is no GeoJSON FeatureCollection.")
        return {}
    return document


def _named_system(document: dict[str, Any]) -> str | None:
    """The coordinate system of an older GeoJSON; None means degrees."""
    told: Any = document.get("crs")
    try:
        return str(told["properties"]["name"])
    except (KeyError, TypeError):
        return None if told is None else str(told)


SHAPES = {
    "street": ("LineString", "MultiLineString"),
    "building": ("Point", "Polygon", "MultiPolygon"),
    "source": ("Point", "Polygon", "MultiPolygon"),
}


def _of_file(file: str, kind: str, raws: list[Any], faults: Faults) -> Iterator[Feature]:
    counts: Counter[str] = Counter()
    for number, raw in enumerate(raws, start=1):
        where = f"feature {number}"
        properties = raw.get("properties") or {} if isinstance(raw, dict) else None
        if not isinstance(properties, dict):
            faults.tell(file, where, "is no GeoJSON feature with properties.")
            continue
        if raw.get("geometry") is None:
            faults.tell(file, where, "has no geometry.")
            continue
        try:
            geometry = shapely.geometry.shape(raw["geometry"])
        except Exception as error:  # whatever is in the file
            faults.tell(file, where, f"has no geometry that can be read ({in_one_line(error)}).")
            continue
        own = kind or str(properties.get("kind", "street" if geometry.geom_type in SHAPES["street"] else ""))
        if own not in SHAPES:
            found = f", found `{own}`" if own else ""
            faults.tell(file, where, f"must have a kind: street, building or source{found}.")
            continue
        if geometry.geom_type not in SHAPES[own]:
            faults.tell(
                file, where, f"is a {own} and must be a {' or '.join(SHAPES[own])}, not a {geometry.geom_type}."
            )
            continue
        if geometry.is_empty or not np.isfinite(shapely.get_coordinates(geometry)).all():
            faults.tell(file, where, "has no place: its geometry is empty or has coordinates that are no numbers.")
            continue
        counts[own] += 1
        given = properties.get("id", raw.get("id"))
        name = identifier(str(given)) if given not in (None, "") else f"{own}-{counts[own]}"
        yield Feature(file, number, own, name, shapely.force_2d(geometry), properties)


def in_metres(
    found: list[Feature], crs: str | None, file: str, faults: Faults
) -> tuple[list[Feature], CRS | None, str]:
    """The features in metres, the system of these, and a word about it.

    Raises SourceError where coordinates are degrees and metres are said, or the other way round.
    """
    before = len(faults.issues)
    system = known_system(crs or WGS84)
    if system is None:
        faults.tell(file, "crs", f"`{crs}` is no known coordinate system; say one as EPSG:25832.")
        raise faults.error()
    everywhere = shapely.get_coordinates([one.geometry for one in found])
    degrees = bool(np.all(np.abs(everywhere) <= (180.0, 90.0)))
    largest = f"{np.abs(everywhere).max():,.2f}" if np.abs(everywhere).max() < 1e12 else f"{np.abs(everywhere).max():g}"
    if system.is_geographic and not degrees:
        text = (
            f"has coordinates as large as {largest}, which are metres, where degrees are said (GeoJSON without `crs` "
            f"is in {WGS84}); say --crs with their system, as EPSG:25832."
        )
        faults.tell(file, "", text)
    elif not system.is_geographic and degrees:
        text = (
            f"has no coordinate larger than {largest}, which are degrees, where metres of {crs} are said; "
            f"say --crs {WGS84}."
        )
        faults.tell(file, "", text)
    elif not system.is_geographic and {axis.unit_name for axis in system.axis_info} != {"metre"}:
        faults.tell(file, "crs", f"`{crs}` is not in metres; convert to a system that is.")
    elif not system.is_geographic and not _on_earth(everywhere, system):
        faults.tell(file, "", f"has coordinates as large as {largest}, which are no places of {crs}.")
    if len(faults.issues) > before:
        raise faults.error()
    if not system.is_geographic:
        return found, system, f"Coordinates are metres of {crs}."
    shapes = geopandas.GeoSeries([one.geometry for one in found], crs=system)
    try:
        metres = shapes.estimate_utm_crs()
    except RuntimeError:
        faults.tell(file, "", "lies where there is no UTM zone to measure in; convert it to metres, and say --crs.")
        raise faults.error() from None
    moved = [
        Feature(one.file, one.number, one.kind, one.id, geometry, one.properties)
        for one, geometry in zip(found, shapes.to_crs(metres), strict=True)
    ]
    return moved, metres, f"Coordinates are degrees; lengths are measured in EPSG:{metres.to_epsg()}, within 0.1 %."


def _on_earth(metres: Array, system: CRS) -> bool:
    """Whether points of a system in metres are places on the earth."""
    degrees = Transformer.from_crs(system, WGS84, always_xy=True).transform(metres[:, 0], metres[:, 1])
    return bool(np.isfinite(degrees).all())


def number_of(feature: Feature, name: str, faults: Faults, default: float | None = None, least: float = 0.0) -> float:
    """A property that is a number from `least` up; NaN where it is a fault."""
    value = feature.properties.get(name)
    if value in (None, ""):
        if default is None:
            faults.tell(feature.file, feature.where, f"has no {name}; it must be given.", feature.geometry)
            return math.nan
        return default
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or number < least:
        text = f"{name} must be a number, {least:g} or more, found `{value}`."
        faults.tell(feature.file, feature.where, text, feature.geometry)
        return math.nan
    return number
