"""The merit order of one hour as a small LP: the cheapest heat first, as far as pipes and heat stations let it through.

Heat on a long line arrives hours later. A *wave* is what is served together: hour h of the city with the earlier hours
of the plants and places from which heat is on its way to it then. So a node takes part in wave h with its hour
h − lead, and a line is a line, whatever its delay; only where two ways of different delay lead to one place, the slower
line is *late*: its heat arrives in a later wave than it is sent in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import numpy as np

from heatnet.errors import SolverError
from heatnet.formulation.case import Machine
from heatnet.instance.instance import Array
from heatnet.operate.stage import Stage
from heatnet.operate.state import limit_factors, limit_price, ramp_quantity, ramped
from heatnet.physics.pipes import CURVE_SHARES
from solvers.highs import Warm
from solvers.sheet import Columns, Sheet

NEVER = 10.0
"""Price of what must not be, in prices of unserved heat."""


def leads_h(stage: Stage) -> dict[str, int]:
    """Hours by which heat must leave every node to be in time in the city: the part of the network with most load."""
    network = nx.Graph()
    network.add_nodes_from(stage.case.instance.node)
    network.add_edges_from((x.pipe.from_node, x.pipe.to_node) for x in stage.lines if not x.pipe.delay_h)
    parts = [sorted(part) for part in nx.connected_components(network)]
    parts.sort(key=lambda part: -sum(stage.load_mw.get(node, 0.0) for node in part))
    number = {node: k for k, part in enumerate(parts) for node in part}
    delayed = [
        (number[x.pipe.from_node], number[x.pipe.to_node], x.pipe.delay_h) for x in stage.lines if x.pipe.delay_h
    ]
    back = nx.DiGraph()
    back.add_nodes_from(range(len(parts)))
    for away, towards, delay in delayed:
        shortest = min(delay, back.get_edge_data(towards, away, {"weight": delay})["weight"])
        back.add_edge(towards, away, weight=shortest)
    lead: dict[int, int] = {}
    for part in range(len(parts)):
        if part in lead:
            continue
        near = nx.single_source_dijkstra_path_length(back, part)
        fresh = {other: int(hours) for other, hours in near.items() if other not in lead}
        # No heat may be needed before it can be sent: what others send here must not be late by less than nothing.
        late = [lead[a] - d - fresh[t] for a, t, d in delayed if a in lead and t in fresh]
        lead |= {other: hours + max(0, *late, 0) for other, hours in fresh.items()}
    return {node: lead[number[node]] for node in number}


@dataclass(frozen=True)
class Places:
    """Columns of the LP of a wave, each array in the order of what it is of."""

    corner: Columns
    on: Columns
    free: Columns
    all: Columns
    output: Columns
    forward: Columns
    backward: Columns
    arrive: Columns
    load: Columns
    unserved: Columns
    spill: Columns
    charge: Columns
    discharge: Columns
    excess: Columns
    lack: Columns
    room: Columns
    over: Columns
    short: Columns
    floor: Columns


@dataclass(frozen=True)
class Served:
    """A wave as served: by corner, by piece of line and direction, by node, by store; price of heat by node."""

    corner: Array
    forward: Array
    backward: Array
    unserved: Array
    spill: Array
    charge: Array
    discharge: Array
    price: Array


class Wave:
    """The LP, loaded once. `direct`: late lines too deliver in the wave in which they send.

    Money is in currency, not in million.
    """

    def __init__(self, stage: Stage, *, direct: bool) -> None:
        self.stage = stage
        self.lead = leads_h(stage)
        self.late = {
            x.id: 0 if direct else self.lead[x.pipe.to_node] + x.pipe.delay_h - self.lead[x.pipe.from_node]
            for x in stage.lines
        }
        self.nodes = list(stage.case.instance.node)
        self.node = {name: k for k, name in enumerate(self.nodes)}
        self.unit = {m.id: k for k, m in enumerate(stage.units)}
        self.corner = _numbered((m.id, name) for m in stage.units for name in m.corners)
        self.mode = _numbered((m.id, mode) for m in stage.units for mode in m.modes)
        self.counted = np.zeros((len(stage.limits), len(self.corner)))
        for k, rule in enumerate(stage.limits):
            for key, factor in limit_factors(stage, rule).items():
                self.counted[k, self.corner[key]] = factor
        self.ramped = [m for m in stage.units if ramped(m)]
        self._sheet = Sheet()
        self.at = self._columns()
        self._rows()
        matrix = self._sheet.matrix()
        self.low, self.up, self.cost = matrix.low.copy(), matrix.up.copy(), matrix.cost.copy()
        self.low[self.at.room] = self.low[self.at.floor] = -np.inf
        self._lp = Warm(matrix)
        self._every = np.arange(len(matrix.low), dtype=np.int32)

    @cached_property
    def slopes(self) -> Array:
        """MW of pump power per MW of heat, by line and piece."""
        slopes = [np.diff(x.pump_mw) / (np.diff(CURVE_SHARES) * x.capacity_mw) for x in self.stage.lines]
        return np.array(slopes).reshape(-1, PIECES)

    @cached_property
    def pieces_mw(self) -> Array:
        """MW that each piece of each line carries at most."""
        full = np.array([x.capacity_mw * self.stage.pairs[x.id] for x in self.stage.lines])
        return full[:, None] * np.diff(CURVE_SHARES)

    def serve(self) -> Served:
        """Serve the wave that `low`, `up` and `cost` describe. Raises SolverError where heat has no place to go."""
        self._lp.fix(self._every, self.low, self.up)
        self._lp.price(self._every, self.cost)
        found = self._lp.solve()
        if found is None or found.x is None:
            raise SolverError("the merit order of an hour has no solution; a limit of the stage cannot be kept.")
        x, at = np.maximum(found.x, 0.0), self.at
        for columns, what in (
            (at.excess, "more heat arrives than can leave"),
            (at.lack, "not even its losses can be met"),
        ):
            bad = (x[columns] > 1e-4) & (self.cost[columns] > 0.0)
            if bad.any():
                raise SolverError(f"merit order: at {self.nodes[int(bad.argmax())]} {what} in some hour.")
        return Served(
            corner=x[at.corner],
            forward=x[at.forward],
            backward=x[at.backward],
            unserved=x[at.unserved],
            spill=x[at.spill],
            charge=x[at.charge],
            discharge=x[at.discharge],
            price=found.duals[: len(self.nodes)],
        )

    def _columns(self) -> Places:
        stage, new = self.stage, self._sheet.columns
        lines, never = len(stage.lines), NEVER * stage.case.instance.header.economics.unserved_cur_per_mwh
        limits = np.array([limit_price(stage, rule) for rule in stage.limits])
        return Places(
            corner=new(len(self.corner)),
            on=new(len(self.mode)),
            free=new(len(stage.units)),
            all=new(len(stage.units)),
            output=new(len(self.ramped)),
            forward=new(lines * PIECES, up=self.pieces_mw.ravel()).reshape(lines, PIECES),
            backward=new(lines * PIECES, up=self.pieces_mw.ravel() * self._both_ways()).reshape(lines, PIECES),
            arrive=new(lines, up=0.0),
            load=new(len(self.nodes), up=0.0),
            unserved=new(len(stage.nodes), up=0.0),
            spill=new(len(stage.sources)),
            charge=new(len(stage.stores), up=0.0),
            discharge=new(len(stage.stores), up=0.0),
            excess=new(len(self.nodes), cost=never),
            lack=new(len(self.nodes), cost=never),
            room=new(len(limits)),
            over=new(len(limits), cost=limits),
            floor=new(len(limits), up=0.0),
            short=new(len(limits), cost=limits),
        )

    def _both_ways(self) -> Array:
        return np.repeat([0.0 if x.one_way else 1.0 for x in self.stage.lines], PIECES)

    def _rows(self) -> None:
        """Balances first, so that their duals are the prices of heat."""
        stage, at, sheet = self.stage, self.at, self._sheet
        place = {key: at.corner[[k]] for key, k in self.corner.items()}
        on = {key: at.on[[k]] for key, k in self.mode.items()}
        self._balances(place)
        for k, m in enumerate(stage.units):
            for mode, names in m.modes.items():
                sheet.one_row([*((place[m.id, name], 1.0) for name in names), (on[m.id, mode], -1.0)], 0.0, 0.0)
            free = [(on[m.id, mode], 1.0) for mode in m.modes if mode not in m.seasonal]
            sheet.one_row([*free, (at.free[[k]], -1.0)], 0.0, 0.0)
            sheet.one_row([*((on[m.id, mode], 1.0) for mode in m.modes), (at.all[[k]], -1.0)], 0.0, 0.0)
        for k, m in enumerate(self.ramped):
            out = [(place[m.id, name], ramp_quantity(m, corner)) for name, corner in m.corners.items()]
            sheet.one_row([*out, (at.output[[k]], -1.0)], 0.0, 0.0)
        for node in stage.case.instance.nodes:
            heat = [(place[m.id, name], c.heat_mw) for m in self._units_at(node.id) for name, c in m.corners.items()]
            if node.heat_station_mw is not None and heat:
                sheet.one_row(heat, -np.inf, node.heat_station_mw)
        for k in range(len(stage.limits)):
            counted = [(at.corner, self.counted[k])]
            sheet.one_row([*counted, (at.over[[k]], -1.0), (at.room[[k]], -1.0)], -np.inf, 0.0)
            sheet.one_row([*counted, (at.short[[k]], 1.0), (at.floor[[k]], -1.0)], 0.0, np.inf)

    def _balances(self, place: Mapping[tuple[str, str], Columns]) -> None:
        stage, at = self.stage, self.at
        terms: list[list[tuple[Columns, float]]] = [
            [(at.load[[k]], -1.0), (at.excess[[k]], -1.0), (at.lack[[k]], 1.0)] for k in range(len(self.nodes))
        ]
        for m in stage.units:
            for name, corner in m.corners.items():
                terms[self.node[m.unit.node]].append((place[m.id, name], corner.heat_mw))
        for k, line in enumerate(stage.lines):
            terms[self.node[line.pipe.from_node]] += [(at.forward[k], -1.0), (at.backward[k], 1.0)]
            arriving = (at.arrive[[k]], 1.0) if self.late[line.id] else (at.forward[k], 1.0)
            terms[self.node[line.pipe.to_node]] += [arriving, (at.backward[k], -1.0)]
        for k, name in enumerate(stage.nodes):
            terms[self.node[name]].append((at.unserved[[k]], 1.0))
        for k, name in enumerate(stage.sources):
            terms[self.node[name]].append((at.spill[[k]], -1.0))
        for k, store in enumerate(stage.stores):
            terms[self.node[store.node]] += [(at.charge[[k]], -1.0), (at.discharge[[k]], 1.0)]
        for own in terms:
            self._sheet.one_row(own, 0.0, 0.0)

    def _units_at(self, node: str) -> list[Machine]:
        return [m for m in self.stage.units if m.unit.node == node]


PIECES = len(CURVE_SHARES) - 1
"""Straight pieces of a pump curve."""


def filled(pieces_mw: Array, flow_mw: Array) -> Array:
    """Flows in the pieces of the pump curves, the flattest first."""
    before = np.cumsum(pieces_mw, axis=1) - pieces_mw
    return np.clip(flow_mw[:, None] - before, 0.0, pieces_mw)


def _numbered(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    return {key: k for k, key in enumerate(keys)}
