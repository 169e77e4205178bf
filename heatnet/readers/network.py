"""What all formats are read into: a network of candidate pipes in metres and kW, and what must hold for it.

Checks that need the whole network are here, so that every format has them: lengths, islands, and enough supply.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import networkx as nx
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry.base import BaseGeometry

from heatnet.instance import records as r
from heatnet.readers.faults import Faults

EARTH_RADIUS_M = 6_371_000.0
WGS84 = "EPSG:4326"


@dataclass(frozen=True)
class Node:
    """A place. `where` names it in the source file; x and y are metres in the network's coordinate system."""

    id: str
    x_m: float
    y_m: float
    where: str

    @property
    def point(self) -> shapely.Point:
        """As a geometry, in metres."""
        return shapely.Point(self.x_m, self.y_m)


@dataclass(frozen=True)
class Pipe:
    """A place for one pair of pipes. `line`: its way on the map, which need not be as long as the pipe."""

    id: str
    ends: tuple[str, str]
    length_m: float
    line: BaseGeometry
    where: str
    source: str
    cost_factor: float = 1.0
    existing_type: str | None = None
    may_be_laid: bool = True


@dataclass(frozen=True)
class Consumer:
    """Heat loads in kW by time step, and the hours a year that each step stands for.

    With a price the consumer may stay off the network, and pays for the heat if it does not. `area_m2` is the heated
    area where it is known.
    """

    node: str
    load_kw: tuple[float, ...]
    hours: tuple[float, ...]
    where: str
    source: str
    heat_price_eur_per_mwh: float | None = None
    area_m2: float | None = None

    @property
    def peak_kw(self) -> float:
        """The design load."""
        return max(self.load_kw, default=0.0)


@dataclass(frozen=True)
class Source:
    """Where heat comes from: the most (None: no limit is told), its price by time step, and cost if it must be built.

    `hours` is used for the length of the season only.
    """

    node: str
    capacity_kw: float | None
    price_eur_per_mwh: tuple[float, ...]
    where: str
    source: str
    hours: tuple[float, ...] = ()
    capex_eur_per_kw: float = 0.0
    life_years: int = 20


@dataclass(frozen=True)
class Change:
    """Something that is not as in the source: what was done, to what, over how many metres, and a word about it."""

    what: str
    element: str
    metres: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Economics:
    """Money: interest, price of power for pumps, and where they come from."""

    discount_rate_share: float
    power_eur_per_mwh: float
    source: str


@dataclass(frozen=True)
class Network:
    """A network as read. `crs`: coordinate system of the metres; None: unknown, then maps show it around 0° 0°.

    `season_days`: None takes as many days for each time step as its hours fill. `existing_types`: of pipes that are
    there, beside `types`, and never laid.
    """

    files: str
    nodes: tuple[Node, ...]
    pipes: tuple[Pipe, ...]
    consumers: tuple[Consumer, ...]
    sources: tuple[Source, ...]
    types: tuple[r.PipeType, ...]
    regime: r.Regime
    economics: Economics
    crs: CRS | None
    season_days: int | None = None
    existing_types: tuple[r.PipeType, ...] = ()
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @cached_property
    def node(self) -> dict[str, Node]:
        """Node by id."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def demand_kw(self) -> float:
        """Design load of all consumers together."""
        return sum(consumer.peak_kw for consumer in self.consumers)

    def to_degrees(self, geometry: BaseGeometry) -> BaseGeometry:
        """The same in longitude and latitude."""
        if self.crs is None:
            per_degree = math.radians(1) * EARTH_RADIUS_M
            return shapely.transform(geometry, lambda points: points / per_degree)
        ask = Transformer.from_crs(self.crs, WGS84, always_xy=True).transform
        return shapely.transform(geometry, ask, interleaved=False)


def known_system(name: str) -> CRS | None:
    """The coordinate system of a name; None where there is none, or it is not one of places on a map of the earth."""
    try:
        found = CRS.from_user_input(name)
        Transformer.from_crs(found, WGS84)
    except (CRSError, ProjError):
        return None
    return found if found.is_geographic or found.is_projected else None


def identifier(text: str) -> str:
    """A name of the source as an id."""
    return re.sub(r"[^\w.+-]", "-", str(text).strip()).lstrip("_-.+")[:64] or "x"


def checked(network: Network, faults: Faults) -> Network:
    """The network without what leads nowhere. Raises SourceError with all faults, those told before too."""
    for pipe in network.pipes:
        if not pipe.length_m > 0 or math.isinf(pipe.length_m):
            ends = shapely.MultiPoint([network.node[end].point for end in pipe.ends])
            text = f"{pipe.id}: is {pipe.length_m:g} m long; a pipe must be longer than 0."
            faults.tell(network.files, pipe.where, text, pipe.line if not pipe.line.is_empty else ends)
    whole = not faults.issues  # else they may be missing for a fault of their own
    if not network.sources and whole:
        faults.tell(network.files, "", "has no source of heat; a network needs one at least.")
    if not network.consumers and whole:
        faults.tell(network.files, "", "has no building with a heat load; a network needs one at least.")
    kept = _connected(network, faults) if network.sources and network.consumers else network
    faults.stop(network.to_degrees)
    return kept


def _connected(network: Network, faults: Faults) -> Network:
    """Tells islands and what has too little supply, and leaves out pipes that join neither source nor consumer."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(network.node)
    graph.add_edges_from(pipe.ends for pipe in network.pipes)
    island = {node: number for number, part in enumerate(nx.connected_components(graph)) for node in part}
    consumers: dict[int, list[Consumer]] = {}
    sources: dict[int, list[Source]] = {}
    for consumer in network.consumers:
        consumers.setdefault(island[consumer.node], []).append(consumer)
    for source in network.sources:
        sources.setdefault(island[source.node], []).append(source)
    whole = consumers.keys() & sources.keys()
    shapes = _shapes(network, island)
    for number in sorted(consumers.keys() ^ sources.keys()):
        told = consumers.get(number) or sources[number]
        lacks = "source" if number in consumers else "building with a heat load"
        others = sources if number in consumers else consumers
        rest = [shapes[other] for other in sorted(others)]
        gap = shapely.shortest_line(shapes[number], shapely.union_all(rest)) if rest else shapely.LineString()
        far = f"; the nearest network that has one is {gap.length:.1f} m away" if rest else ""
        text = f"{_named(told)} form an island without a {lacks}{far}."
        if len(told) == 1:
            text = text.replace(" form ", " is ", 1)
        faults.tell(network.files, told[0].where, text, shapely.union_all([gap, network.node[told[0].node].point]))
    for number in sorted(whole):
        demand = sum(consumer.peak_kw for consumer in consumers[number])
        limits = [source.capacity_kw for source in sources[number]]
        most = sum(limit for limit in limits if limit is not None)
        if None not in limits and demand > most:
            text = (
                f"{_named(sources[number])} give {most:,.0f} kW together, "
                f"less than the {demand:,.0f} kW that {len(consumers[number])} buildings take in the design hour."
            )
            place = shapely.MultiPoint([network.node[source.node].point for source in sources[number]])
            faults.tell(network.files, sources[number][0].where, text, place)
    idle = [pipe for pipe in network.pipes if island[pipe.ends[0]] not in consumers.keys() | sources.keys()]
    if not idle:
        return network
    gone = {pipe.id for pipe in idle}
    left = tuple(pipe for pipe in network.pipes if pipe.id not in gone)
    changes = [Change("left out: joins no building and no source", p.id, p.length_m, p.where) for p in idle]
    return replace(
        network,
        pipes=left,
        nodes=tuple(node for node in network.nodes if island[node.id] in consumers.keys() | sources.keys()),
        changes=(*network.changes, *changes),
    )


def _shapes(network: Network, island: dict[str, int]) -> dict[int, BaseGeometry]:
    """The pipes and nodes of each island as one geometry."""
    parts: dict[int, list[BaseGeometry]] = {}
    for node in network.nodes:
        parts.setdefault(island[node.id], []).append(node.point)
    for pipe in network.pipes:
        parts[island[pipe.ends[0]]].append(pipe.line)
    return {number: shapely.GeometryCollection(shapes) for number, shapes in parts.items()}


def _named(told: list[Consumer] | list[Source]) -> str:
    names = [f"`{one.node}`" for one in told[:3]]
    return ", ".join(names) + (f" and {len(told) - 3} more" if len(told) > 3 else "")


def twice(ids: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Of (id, where), those whose id stood before."""
    seen: set[str] = set()
    for name, where in ids:
        if name in seen:
            yield name, where
        seen.add(name)
