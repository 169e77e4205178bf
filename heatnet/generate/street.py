"""A street network for the design of a new grid in one stage: which streets get a pipe, of what size, from where.

Streets are a grid whose corners are shifted, thinned until it has dead ends, and cut by rivers with a few bridges.
Buildings stand at service pipes. Every pipe of the shortest ways from the sources to all buildings has a candidate that
carries its flow, and every source can make more than what lies nearest to it, so that the whole demand can be met.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from heatnet.errors import UsageError
from heatnet.generate import catalogue, plane
from heatnet.generate.folder import GENERATED
from heatnet.generate.season import season
from heatnet.instance import Instance, Series
from heatnet.instance import records as r
from heatnet.instance.instance import Array
from heatnet.physics.pipes import capacity_mw

LEAST_PIPES, LARGEST_PIPES, LARGEST_SEED = 10, 100_000, 2**32

YEAR, SPAN_YEARS = 2025, 20
BLOCK_KM = 0.09
"""Distance of the corners of the grid."""

THINNED = 1.4
"""Streets per corner, where the whole grid has 2."""

MAIN_STREET = 8
"""Every eighth street of the grid is a main street."""

MEDIAN_AREA_M2, AREA_SIGMA, INDEX_W_PER_M2 = 1500.0, 0.8, 45.0
CONSUMERS_SHARE = 0.4
MW_PER_SOURCE = 60.0
SOURCE_MARGIN = 1.6
PIPE_MARGIN = 1.3
"""Above the flow of all buildings: for the losses."""

BRIDGE_COST_FACTOR = 3.0
CONNECTION_MCNY_PER_MM2 = 20.0

WATER = r.Regime(
    id="street", supply_c=90, return_c=50, ground_c=8, source="assumed: supply of buildings without substations"
)
TYPES = {
    row.id: row
    for row in catalogue.PIPE_TYPES
    if row.inner_diameter_mm < 650 and row.id not in ("DN350", "DN450")  # which stand between near neighbours
}
SIDE_TYPES = ("DN32", "DN50", "DN80", "DN125", "DN200")
MAIN_TYPES = ("DN80", "DN125", "DN200", "DN300", "DN400", "DN600")
BASE = ("waste-heat-100", "sewage-heat-pump", "air-heat-pump")
"""What the sources have beside gas boilers, in turn."""


def street(
    pipes: int,
    seed: int = 0,
    sources: int | None = None,
    consumers: int | None = None,
    optional_share: float = 0.3,
) -> Instance:
    """A street network of `pipes` candidate pipes, one to each of the `consumers` and the others in streets.

    `optional_share` of the consumers need not be connected, and pay for their heat if they are.
    Raises UsageError for numbers that cannot be meant.
    """
    _within("--pipes", pipes, LEAST_PIPES, LARGEST_PIPES)
    _within("--seed", seed, 0, LARGEST_SEED)
    consumers = round(CONSUMERS_SHARE * pipes) if consumers is None else consumers
    _within("--consumers", consumers, 1, pipes - 4)
    _within("--optional-share", optional_share, 0, 1)
    rng = np.random.default_rng([2, seed])
    grid = _grid(rng, pipes - consumers)
    if sources is not None:
        _within("--sources", sources, 1, len(grid.points))
    return _Street(seed, rng, grid, sources, consumers, optional_share).instance()


def _within(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise UsageError(f"{name} {value}: must be from {least} to {most}.")


# --- streets -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Grid:
    """Corners (km), streets between them, and which streets are main streets or bridges."""

    points: Array
    edges: plane.Edges
    main: npt.NDArray[np.bool_]
    bridge: npt.NDArray[np.bool_]


def _grid(rng: np.random.Generator, streets: int) -> _Grid:
    """A connected network with exactly so many streets."""
    corners = max(2, round(streets / THINNED))
    while True:
        columns = math.ceil(math.sqrt(corners))
        place = np.arange(corners)
        row, column = np.divmod(place, columns)
        across = np.column_stack([place, place + 1])[(column < columns - 1) & (place < corners - 1)]
        along = np.column_stack([place, place + columns])[place + columns < corners]
        edges = np.concatenate([across, along])
        main = np.concatenate([row[across[:, 0]], column[along[:, 0]]]) % MAIN_STREET == 0
        crossing, bridge = _rivers(rng, edges, row, column)
        if len(edges) - np.count_nonzero(crossing) >= streets:
            break
        corners += 1
    # Rivers are crossed at bridges, and elsewhere only where a corner would be cut off.
    weights = rng.random(len(edges)) + 1.0 * bridge + 2.0 * (crossing & ~bridge)
    kept = plane.spanning(corners, edges, weights)
    bridge = crossing & (bridge | kept)
    free = np.flatnonzero(~kept & (~crossing | bridge))
    first = free[np.lexsort([rng.random(len(free)), ~(bridge | main)[free]])]  # bridges and main streets stay
    kept[first[: streets - np.count_nonzero(kept)]] = True
    points = BLOCK_KM * (np.column_stack([column, row]) + rng.uniform(-0.25, 0.25, (corners, 2)))
    return _Grid(points, edges[kept], main[kept], bridge[kept])


def _rivers(
    rng: np.random.Generator, edges: plane.Edges, row: npt.NDArray[Any], column: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Streets that would cross a river, and those of them that have a bridge. Rivers wind from south to north."""
    rows, columns = int(row.max()) + 1, int(column.max()) + 1
    crossing = np.zeros(len(edges), dtype=bool)
    bridge = np.zeros(len(edges), dtype=bool)
    if min(rows, columns) < 4:
        return crossing, bridge
    number = max(1, columns // 40)
    for river in range(number):
        middle = columns * (river + 0.5) / number
        bend = np.sin(2 * np.pi * (np.arange(rows) / max(rows, 25) + rng.random()))
        east = column > (middle + 0.06 * columns * bend)[row]
        own = east[edges[:, 0]] != east[edges[:, 1]]
        crossing |= own
        level = own & (row[edges[:, 0]] == row[edges[:, 1]])
        for wanted in range(max(2, rows // 12)):
            near = np.abs(row[edges[:, 0]] - (wanted + 0.5) * rows / max(2, rows // 12)) + 1e9 * ~level
            bridge[int(np.argmin(near))] = True
    return crossing, bridge & crossing


# --- buildings, sources, pipes -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Street:
    seed: int
    rng: np.random.Generator
    grid: _Grid
    wanted_sources: int | None
    consumers: int
    optional_share: float

    @cached_property
    def source(self) -> str:
        return f"{GENERATED} {self.seed}"

    def instance(self) -> Instance:
        grid, rng = self.grid, self.rng
        streets = len(grid.edges)
        middle = np.linalg.norm(grid.points - grid.points.mean(axis=0), axis=1)
        density = np.exp(-1.5 * middle / middle.max())
        corner = rng.choice(len(grid.points), self.consumers, p=density / density.sum())
        angle, service_km = rng.uniform(0, 2 * np.pi, self.consumers), rng.uniform(0.008, 0.04, self.consumers)
        houses = grid.points[corner] + 0.8 * service_km[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        area = np.maximum(1e-4, np.round(rng.lognormal(math.log(MEDIAN_AREA_M2), AREA_SIGMA, self.consumers) / 1e6, 6))
        load = INDEX_W_PER_M2 * area

        km = np.round(plane.lengths(grid.points, grid.edges), 4)
        places, share, flow = self._ways(km, np.bincount(corner, load, len(grid.points)).astype(np.float64))
        corners = _names("S", len(grid.points))
        buildings = _names("B", self.consumers)
        plants = {corners[place] for place in places}
        where = plane.geographic(np.concatenate([grid.points, houses]), 6)

        nodes = tuple(
            r.Node(
                id=name,
                kind="plant" if name in plants else "junction" if name[0] == "S" else "district",
                lat_deg=lat,
                lon_deg=lon,
                source=self.source,
            )
            for name, (lat, lon) in zip([*corners, *buildings], where, strict=True)
        )
        pipes = [
            self._pipe(name, corners[one], corners[other], length, *_candidates(PIPE_MARGIN * mw, main), bridge=bridge)
            for name, (one, other), length, mw, main, bridge in zip(
                _names("L", streets),
                grid.edges.tolist(),
                km.tolist(),
                flow.tolist(),
                grid.main.tolist(),
                grid.bridge.tolist(),
                strict=True,
            )
        ]
        pipes += [
            self._pipe(name, corners[place], building, round(length, 4), *_service(PIPE_MARGIN * mw))
            for name, place, building, length, mw in zip(
                _names("H", self.consumers), corner.tolist(), buildings, service_km.tolist(), load.tolist(), strict=True
            )
        ]
        units = self._units([corners[place] for place in places], share)
        tables: dict[str, Any] = {
            "zones": (),
            "nodes": nodes,
            "pipe_types": tuple(TYPES.values()),
            "pipes": tuple(pipes),
            "units": units,
            "stores": (),
            "demands": tuple(
                r.Demand(node=name, year=YEAR, area_mm2=size, peak_w_per_m2=INDEX_W_PER_M2, source=self.source)
                for name, size in zip(buildings, area.tolist(), strict=True)
            ),
            "envelopes": (),
            "connections": self._connections(buildings, area),
            "contingencies": (),
            **catalogue.used(units),
        }
        return Instance(header=self._header(streets + self.consumers), **tables, series=self._season(units))

    def _ways(self, km: Array, load: Array) -> tuple[list[int], list[float], Array]:
        """Corners of the sources, the load nearest to each, and the flow in each street on the shortest ways, MW."""
        from scipy.sparse import coo_array  # slow to import
        from scipy.sparse.csgraph import dijkstra

        edges, number = self.grid.edges, len(self.grid.points)
        graph = coo_array((np.tile(km, 2), (edges.T.ravel(), edges[:, ::-1].T.ravel())), shape=(number, number)).tocsr()
        count = self.wanted_sources
        count = min(number, max(1, math.ceil(load.sum() / MW_PER_SOURCE))) if count is None else count
        places = [int(self.rng.integers(number))]
        gap = np.full(number, np.inf)
        for _ in range(1, count):  # each as far as can be from those before
            gap = np.minimum(gap, np.linalg.norm(self.grid.points - self.grid.points[places[-1]], axis=1))
            places.append(int(np.argmax(gap)))
        distance, before, nearest = dijkstra(graph, indices=places, return_predecessors=True, min_only=True)
        through = load.copy()
        flow = dict[tuple[int, int], float]()
        for corner in np.argsort(-distance, kind="stable").tolist():
            previous = int(before[corner])
            if previous >= 0:
                through[previous] += through[corner]
                flow[min(corner, previous), max(corner, previous)] = float(through[corner])
        ways = np.array([flow.get((min(pair), max(pair)), 0.0) for pair in edges.tolist()])
        return places, [float(load[nearest == place].sum()) for place in places], ways

    def _units(self, places: list[str], share_mw: list[float]) -> tuple[r.Unit, ...]:
        rows = []
        for number, (node, share) in enumerate(zip(places, share_mw, strict=True)):
            size = math.ceil(1000 * SOURCE_MARGIN * max(share, 0.01) / 3) / 1000
            base = BASE[number % len(BASE)]
            for word, technology, power, most in (("gas", "gas-boiler", size, 3), ("base", base, size / 2, 2)):
                rows.append(
                    r.Unit(
                        id=f"{node}-{word}",
                        node=node,
                        technology=technology,
                        size_mw=round(power, 3),
                        max_new=most,
                        source=self.source,
                    )
                )
        return tuple(rows)

    def _pipe(
        self, name: str, one: str, other: str, km: float, types: tuple[str, ...], pairs: int, bridge: bool = False
    ) -> r.Pipe:
        return r.Pipe(
            id=name,
            from_node=one,
            to_node=other,
            length_km=km,
            regime=WATER.id,
            candidate_types=types,
            max_new_pairs=pairs,
            cost_factor=BRIDGE_COST_FACTOR if bridge else 1.0,
            source=self.source,
        )

    def _connections(self, buildings: list[str], area: Array) -> tuple[r.Connection, ...]:
        optional = np.sort(self.rng.permutation(self.consumers)[: round(self.optional_share * self.consumers)])
        price = np.round(self.rng.lognormal(math.log(350.0), 0.3, len(optional)), 1)
        return tuple(
            r.Connection(
                node=buildings[place],
                heat_price_cur_per_mwh=float(money),
                capex_mcur=round(CONNECTION_MCNY_PER_MM2 * float(area[place]), 6),
                source=self.source,
            )
            for place, money in zip(optional.tolist(), price.tolist(), strict=True)
        )

    def _season(self, units: tuple[r.Unit, ...]) -> Series:
        """The season, without the columns that nothing here uses."""
        unused = {"residential_shape_factor"}
        if not any(unit.technology == "sewage-heat-pump" for unit in units):
            unused.add("sewage_c")
        return Series({name: values for name, values in season(self.rng).items() if name not in unused})

    def _header(self, pipes: int) -> r.Header:
        return r.Header(
            schema_version=1,
            name=f"street-{pipes}-seed-{self.seed}",
            title=f"Generated street network of {pipes} pipes, seed {self.seed}",
            currency="CNY",
            base_year=YEAR,
            stages=(
                r.Stage(
                    year=YEAR,
                    span_years=SPAN_YEARS,
                    co2_price_cur_per_t=catalogue.CO2_PRICE_CNY_PER_T[2030],
                    grid_co2_t_per_mwh=catalogue.GRID_CO2_T_PER_MWH[2030],
                    **catalogue.POLLUTANT_PRICES_CNY_PER_KG,
                    source=self.source,
                ),
            ),
            season=catalogue.SEASON,
            economics=catalogue.ECONOMICS,
            regimes=(WATER,),
            solve=r.SolveDefaults(days=3, step_hours=24, gap=0.01),
        )


def _names(letter: str, number: int) -> list[str]:
    digits = len(str(number))
    return [f"{letter}{place:0{digits}}" for place in range(1, number + 1)]


CAPACITY_MW = {
    name: capacity_mw(row.inner_diameter_mm, row.velocity_max_m_per_s, WATER.supply_c, WATER.return_c)
    for name, row in TYPES.items()
}


def _candidates(flow_mw: float, main: bool) -> tuple[tuple[str, ...], int]:
    """Types for a street and most pairs, the largest of which carry the flow together."""
    types = MAIN_TYPES if main or flow_mw > CAPACITY_MW[SIDE_TYPES[-1]] else SIDE_TYPES
    return types, max(1, math.ceil(flow_mw / CAPACITY_MW[types[-1]]))


def _service(flow_mw: float) -> tuple[tuple[str, ...], int]:
    """The smallest type that carries the flow of a building, and the next."""
    names = list(TYPES)
    place = next((place for place, name in enumerate(names) if CAPACITY_MW[name] >= flow_mw), len(names) - 1)
    return tuple(names[place : place + 2]), max(1, math.ceil(flow_mw / CAPACITY_MW[names[place]]))
