"""Maps of streets, buildings and sources as GeoJSON: features.py reads the files, street_map.py splits and connects."""

from __future__ import annotations

from pathlib import Path

import shapely
from pyproj import CRS

from heatnet.readers import catalogue
from heatnet.readers.faults import Faults
from heatnet.readers.features import KINDS, Feature, features, in_metres, number_of
from heatnet.readers.network import Change, Consumer, Economics, Network, Node, Pipe, Source
from heatnet.readers.street_map import GRID_M, StreetMap

FULL_LOAD_HOURS = 2000.0
PRICE_EUR_PER_MWH = 50.0
POWER_EUR_PER_MWH = 200.0


def is_one(path: Path) -> bool:
    """Whether a file or folder is of this format."""
    if path.is_dir():
        return any((path / f"{name}.geojson").exists() for name in KINDS)
    return path.suffix.lower() in (".geojson", ".json")


def read(path: Path, faults: Faults, *, crs: str | None = None, reach_m: float = 100.0, join_m: float = 1.0) -> Network:
    """The network of a map.

    `crs`: coordinate system where the user says it. `reach_m`: the farthest that a building may be from a street.
    Raises SourceError where the files cannot be read; what else is wrong goes to `faults`.
    """
    found, told = features(path, faults)
    if not found:
        if not faults.issues:
            faults.tell(path.name, "", "has no features; streets, buildings and sources are needed.")
        raise faults.error()
    placed, system, word = in_metres(found, crs or told, path.name, faults)
    return _network(path.name, placed, system, word, reach_m, join_m, faults)


def _network(
    files: str, found: list[Feature], system: CRS | None, word: str, reach_m: float, join_m: float, faults: Faults
) -> Network:
    changes: list[Change] = []
    streets = _streets(found, faults)
    ends = [one for one in found if one.kind != "street"]
    if not streets and not faults.issues:  # else they may be missing for a fault of their own
        faults.tell(files, "", "has no streets; pipes are laid along them.")
    consumers, sources = _consumers(ends, changes, faults), _sources(ends, faults)
    idle = {change.element for change in changes}
    nodes: tuple[Node, ...] = ()
    pipes: tuple[Pipe, ...] = ()
    connected: set[str] = set()
    if streets:
        network = StreetMap(streets, join_m, changes)
        network.connect([one for one in ends if one.id not in idle], reach_m, faults)
        nodes, pipes = network.result(files, faults)
        connected = network.connected
    return Network(
        files=files,
        nodes=nodes,
        pipes=pipes,
        consumers=tuple(one for one in consumers if one.node in connected),
        sources=tuple(one for one in sources if one.node in connected),
        types=catalogue.catalogue(),
        regime=catalogue.REGIME,
        economics=Economics(0.04, POWER_EUR_PER_MWH, "assumed: interest and price of pump power"),
        crs=system,
        season_days=365,
        changes=tuple(changes),
        notes=(word, "Types of pipe are those of heatnet's catalogue, run at 80/50 °C."),
    )


def _streets(features: list[Feature], faults: Faults) -> list[Feature]:
    """Streets as single lines; `cost_factor` and `existing_type` are judged here."""
    known = {kind.id for kind in catalogue.catalogue()}
    found = []
    for one in features:
        if one.kind != "street":
            continue
        number_of(one, "cost_factor", faults, 1.0, least=1e-3)
        existing = one.properties.get("existing_type")
        if existing not in (None, "", *known):
            text = f"existing_type `{existing}` is not in the catalogue, which has {', '.join(sorted(known))}."
            faults.tell(one.file, one.where, text, one.geometry)
        for part in shapely.get_parts(one.geometry):
            if part.length < GRID_M:
                faults.tell(one.file, one.where, f"is {part.length:g} m long; a street must be longer than 0.", part)
            else:
                found.append(Feature(one.file, one.number, "street", one.id, part, one.properties))
    return found


def _consumers(ends: list[Feature], changes: list[Change], faults: Faults) -> list[Consumer]:
    found = []
    for one in ends:
        if one.kind != "building":
            continue
        load = number_of(one, "demand_kw", faults)
        hours = number_of(one, "full_load_hours", faults, FULL_LOAD_HOURS)
        area = number_of(one, "area_m2", faults, 0.0)
        price = number_of(one, "heat_price_eur_per_mwh", faults, -1.0)
        if hours > 8760:
            text = f"full_load_hours must be 8760 or less, found `{hours:g}`."
            faults.tell(one.file, one.where, text, one.geometry)
        if load == 0:
            changes.append(Change("building without load left out", one.id))
        if not load > 0:
            continue
        mark = f"found: {one.file}, {one.where}"
        if "full_load_hours" not in one.properties:
            mark = f"assumed: {FULL_LOAD_HOURS:g} full-load hours; the rest {mark}"
        optional = price if price >= 0 else None
        found.append(Consumer(one.id, (load,), (min(hours, 8760.0),), one.where, mark, optional, area or None))
    return found


def _sources(ends: list[Feature], faults: Faults) -> list[Source]:
    found = []
    for one in ends:
        if one.kind != "source":
            continue
        capacity = number_of(one, "capacity_kw", faults, least=1e-3)
        cost = number_of(one, "cost_eur_per_mwh", faults, PRICE_EUR_PER_MWH)
        mark = f"found: {one.file}, {one.where}"
        if "cost_eur_per_mwh" not in one.properties:
            mark = f"assumed: {PRICE_EUR_PER_MWH:g} EUR/MWh; the rest {mark}"
        if capacity > 0 and cost >= 0:
            found.append(Source(one.id, capacity, (cost,), one.where, mark))
    return found
