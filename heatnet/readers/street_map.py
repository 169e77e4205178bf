"""The geometry of a map of streets: streets split into pieces, and lines from buildings and sources to them.

Streets are split where they cross or meet; an end of a street that stops short of another by `join_m` or less is drawn
on to it; each building and source gets a connection line to the nearest street (from a polygon: from its wall), and the
street is split there. All is in metres, rounded to the centimetre; what is done is told as changes.
"""

from __future__ import annotations

from collections import Counter

import shapely
from shapely.ops import substring

from heatnet.readers.faults import Faults
from heatnet.readers.features import Feature, number_of
from heatnet.readers.network import Change, Node, Pipe, identifier, twice

GRID_M = 0.01
"""Points closer than this are one."""

LEAST_CONNECTION_M = 1.0
"""A building that stands on the street still has a connection."""


class StreetMap:
    """Street pieces between junctions, and the connections of buildings and sources to them."""

    def __init__(self, streets: list[Feature], join_m: float, changes: list[Change]) -> None:
        self.streets = streets
        self.changes = changes
        self.pieces, self.parent = self._pieces(_joined(streets, join_m, changes))
        self.tree = shapely.STRtree(self.pieces)
        self.taps: dict[int, dict[float, list[tuple[Feature, float]]]] = {}
        self.connected: set[str] = set()

    def _pieces(self, lines: list[shapely.LineString]) -> tuple[list[shapely.LineString], list[int]]:
        """Lines split where they cross or meet, each with the number of the street that it is of."""
        merged = shapely.unary_union(lines, grid_size=GRID_M)
        pieces = [piece for piece in shapely.get_parts(merged) if piece.length >= GRID_M]
        pieces = [half for piece in pieces for half in (_halves(piece) if piece.is_ring else (piece,))]
        middles = [piece.interpolate(0.5, normalized=True) for piece in pieces]
        parent = [int(number) for number in shapely.STRtree(lines).nearest(middles)]
        doubled = sum(line.length for line in lines) - sum(piece.length for piece in pieces)
        if doubled > GRID_M * len(lines):
            self.changes.append(Change("streets on top of each other made one", "", doubled))
        for number, parts in sorted(Counter(parent).items()):
            if parts > 1:
                street = self.streets[number]
                note = f"into {parts} pieces where it crosses or meets others"
                self.changes.append(Change("street split", street.id, lines[number].length, note))
        return pieces, parent

    def connect(self, ends: list[Feature], reach_m: float, faults: Faults) -> None:
        """A line from each building and source to the nearest street within reach."""
        for one in ends:
            nearest = int(self.tree.nearest(one.geometry))
            piece = self.pieces[nearest]
            line = shapely.shortest_line(one.geometry, piece)
            if line.length > reach_m:
                text = f"{one.id}: no street within {reach_m:g} m; the nearest is {line.length:.1f} m away."
                faults.tell(one.file, one.where, text, shapely.union(line, one.geometry.centroid))
                continue
            length = line.length
            street = self.streets[self.parent[nearest]].id
            if length < LEAST_CONNECTION_M:
                note = f"is {length:.2f} m from {street}"
                self.changes.append(Change("connection made longer", one.id, LEAST_CONNECTION_M - length, note))
                length = LEAST_CONNECTION_M
            self.changes.append(Change(f"{one.kind} connected", one.id, length, f"to {street}"))
            at = piece.line_locate_point(shapely.Point(line.coords[-1]))
            at = 0.0 if at < GRID_M else piece.length if at > piece.length - GRID_M else round(at, 2)
            self.taps.setdefault(nearest, {}).setdefault(at, []).append((one, length))
            self.connected.add(one.id)

    def result(self, files: str, faults: Faults) -> tuple[tuple[Node, ...], tuple[Pipe, ...]]:
        """Nodes and pipes: the pieces split at the taps, and the connections."""
        junctions = _Junctions(self.connected)
        nodes: list[Node] = []
        pipes: list[Pipe] = []
        counts: Counter[int] = Counter()
        total = Counter(self.parent)
        for number, piece in enumerate(self.pieces):
            total[self.parent[number]] += sum(0 < at < piece.length for at in self.taps.get(number, {}))
        for number, piece in enumerate(self.pieces):
            taps = self.taps.get(number, {})
            cuts = sorted({0.0, piece.length, *taps})
            here = [junctions.at(piece.interpolate(cut)) for cut in cuts]
            street = self.streets[self.parent[number]]
            for one, other, start, stop in zip(here, here[1:], cuts, cuts[1:], strict=False):
                counts[self.parent[number]] += 1
                alone = total[self.parent[number]] == 1
                name = street.id if alone else f"{street.id}+{counts[self.parent[number]]}"
                existing = street.properties.get("existing_type") or None
                factor = number_of(street, "cost_factor", Faults(), 1.0, least=1e-3)
                pipes.append(
                    Pipe(
                        identifier(name),
                        (one, other),
                        round(stop - start, 6),
                        substring(piece, start, stop),
                        street.where,
                        f"derived: {street.file}, {street.where}, length measured",
                        cost_factor=factor if factor > 0 else 1.0,
                        existing_type=existing,
                    )
                )
            for cut, junction in zip(cuts, here, strict=True):
                for end, length in taps.get(cut, ()):
                    place = end.geometry.centroid
                    nodes.append(Node(end.id, place.x, place.y, end.where))
                    line = shapely.LineString([place, piece.interpolate(cut)])
                    mark = f"derived: {end.file}, {end.where}, shortest line to the street"
                    pipes.append(Pipe(identifier(f"to-{end.id}"), (junction, end.id), length, line, end.where, mark))
        names = [(pipe.id, pipe.where) for pipe in pipes]
        for name, where in twice(names) if not faults.issues else ():  # ids that stand twice are told already
            faults.tell(files, where, f"the pipe `{name}` would stand twice; give streets ids that do not end in +1.")
        return (*junctions.nodes, *nodes), tuple(pipes)


class _Junctions:
    """Nodes of streets by their place, numbered as they come."""

    def __init__(self, taken: set[str]) -> None:
        self.prefix = "j"
        while any(name.startswith(self.prefix) for name in taken):
            self.prefix += "j"
        self.nodes: list[Node] = []
        self._by_place: dict[tuple[float, float], str] = {}

    def at(self, point: shapely.Point) -> str:
        """The node at a place."""
        place = (round(point.x, 2), round(point.y, 2))
        if place not in self._by_place:
            self._by_place[place] = f"{self.prefix}{len(self.nodes) + 1}"
            self.nodes.append(Node(self._by_place[place], *place, "junction"))
        return self._by_place[place]


def _joined(streets: list[Feature], join_m: float, changes: list[Change]) -> list[shapely.LineString]:
    """The lines of the streets, ends that stop short of another street drawn on to it."""
    lines = [shapely.set_precision(one.geometry, GRID_M) for one in streets]
    tree = shapely.STRtree([one.geometry for one in streets])
    for number, street in enumerate(streets):
        for last in (False, True):
            end = shapely.Point(lines[number].coords[-1 if last else 0])
            near = [int(n) for n in tree.query(end, predicate="dwithin", distance=join_m + GRID_M) if n != number]
            gaps = {n: lines[n].distance(end) for n in near}
            if not gaps or min(gaps.values()) < GRID_M or lines[number].is_ring:
                continue
            other = min(gaps, key=lambda n: gaps[n])
            if gaps[other] > join_m:
                continue
            point = shapely.shortest_line(end, lines[other]).coords[-1]
            coords = list(lines[number].coords)
            lines[number] = shapely.LineString([*coords, point] if last else [point, *coords])
            changes.append(Change("street drawn on to another", street.id, gaps[other], f"to {streets[other].id}"))
    return lines


def _halves(piece: shapely.LineString) -> tuple[shapely.LineString, shapely.LineString]:
    """A ring as two lines: a pipe joins two different nodes."""
    middle = piece.length / 2
    return substring(piece, 0, middle), substring(piece, middle, piece.length)
