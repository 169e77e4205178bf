"""The operation of a fixed stage over hours in a row, as a matrix: the laws of `heatnet.formulation`, in arrays.

The model of a plan has links as variables and numbers in expressions, of which a season would have millions. Here the
links are numbers, and a law of all hours is one line. A test holds the two to the same cost of a day.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from heatnet.formulation.case import Line, Machine
from heatnet.instance.instance import Array
from heatnet.instance.records import Store
from heatnet.operate.stage import Stage
from heatnet.operate.state import SOFT_SHARE, State, limit_factors, limit_price, ramp_quantity, ramped
from heatnet.physics.pipes import CURVE_SHARES
from solvers.hourly import Hourly
from solvers.numbers import Numbers
from solvers.sheet import NO_COLUMN, Columns, Sheet

Terms = list[tuple[Columns, Array | float]]

DAY = 24


@dataclass
class Writer:
    """Writes hours `first … first + number − 1` of a stage. `before`: the state before them; None: they are a ring.

    Yearly limits and levels of seasonal stores have a soft end: what the plan has reached by then; a ring has neither.
    """

    numbers: Numbers
    first: int
    number: int
    before: State | None
    sheet: Sheet = field(default_factory=Sheet)
    columns: dict[str, dict[object, Columns]] = field(default_factory=lambda: defaultdict(dict))
    inflow: dict[str, Terms] = field(default_factory=lambda: defaultdict(list))
    given: dict[str, Array] = field(default_factory=dict)
    heat: dict[str, Terms] = field(default_factory=lambda: defaultdict(list))
    ends: dict[tuple[str, str], Columns] = field(default_factory=dict)

    @property
    def stage(self) -> Stage:
        """The stage."""
        return self.numbers.stage

    def write(self) -> Hourly:
        """The model of the hours."""
        self.given = {node: np.zeros(self.number) for node in self.stage.case.instance.node}
        for machine in self.stage.units:
            self._unit(machine)
        for line in self.stage.lines:
            self._line(line)
        for store in self.stage.stores:
            self._store(store)
        self._nodes()
        if self.before is not None:
            self._limits(self.before)
        hours = range(self.first, self.first + self.number)
        rows, columns = tuple(self.sheet.row_blocks), tuple(self.sheet.column_blocks)
        return Hourly(self.stage, self.sheet.matrix(), hours, self.columns, self.ends, rows, columns)

    # --- columns, and what was before them -----------------------------------------------------------------

    def _new(
        self, kind: str, name: object, *, up: Array | float = np.inf, cost: Array | float = 0.0, whole: bool = False
    ) -> Columns:
        """One column for every hour."""
        at = self.sheet.columns(self.number, up=up, cost=cost, whole=whole)
        self.columns[kind][name] = at
        return at

    def _at_end(self, cost: float) -> Columns:
        """One column of what is settled with the last hour."""
        return self.sheet.columns(1, cost=cost)

    def _cut(self, values: Array) -> Array:
        """The hours' part of numbers by hour of the stage."""
        start = self.first - self.stage.hours.start
        return values[start : start + self.number]

    def _lagged(self, at: Columns, back: int) -> Columns:
        """The columns `back` hours earlier: around the ring, or none where that is before the first hour."""
        if self.before is None:
            return np.roll(at, back)
        return np.concatenate([np.full(min(back, self.number), NO_COLUMN), at[: max(self.number - back, 0)]])

    def _past(self, values: tuple[float, ...] | None, back: int) -> Array:
        """What stood in place of the columns that `_lagged` lacks. `values`: of the hours before, the latest last."""
        found = np.zeros(self.number)
        if self.before is not None and values is not None and back:
            known = np.array(values)[len(values) - back :][: self.number]
            found[: len(known)] = known
        return found

    # --- machines --------------------------------------------------------------------------------------------

    def _unit(self, machine: Machine) -> None:
        stage, unit, technology = self.stage, machine.id, machine.technology
        corners = {}
        for name, corner in machine.corners.items():
            cost = self._cut(self.numbers.corner_cost[unit, name])
            corners[name] = self._new("corner", (unit, name), cost=cost)
            if corner.heat_mw:
                self.heat[machine.unit.node].append((corners[name], corner.heat_mw))
                self.inflow[machine.unit.node].append((corners[name], corner.heat_mw))
        available, operating = self._cut(self.numbers.available[unit]), stage.machines[unit]
        open_to = {mode: stage.open_machines[unit, mode] for mode in machine.retrofits}
        shut_out = sum(open_to[mode] for mode in machine.seasonal)
        runs: dict[str, Terms] = {}
        for mode, names in machine.modes.items():
            weights: Terms = [(corners[name], 1.0) for name in names]
            if technology.commitment == "none":
                runs[mode] = weights
                continue
            most = open_to.get(mode, operating)
            if technology.commitment == "hourly":
                running = self._new("on", (unit, mode), up=most * available, whole=True)
            else:
                running = self._daily(most * available)
            self.sheet.rows(self.number, [*weights, (running, -1.0)], 0.0, 0.0)
            runs[mode] = [(running, 1.0)]
        for mode, number in open_to.items():
            self.sheet.rows(self.number, runs[mode], -np.inf, available * number)
        free = [term for mode, terms in runs.items() if mode not in machine.seasonal for term in terms]
        self.sheet.rows(self.number, free, -np.inf, available * (operating - shut_out))
        every = [term for terms in runs.values() for term in terms]
        if technology.must_run:
            self.sheet.rows(self.number, every, available * operating, available * operating)
        if technology.commitment == "hourly":
            self._commit(machine, every)
        if ramped(machine):
            self._ramp(machine, corners, every)

    def _daily(self, most: Array) -> Columns:
        """A whole number for every day, shown for every hour. Windows begin with a day."""
        by_day = most.reshape(-1, DAY).min(axis=1)
        at = self.sheet.columns(len(by_day), up=by_day, whole=True)
        return np.repeat(at, DAY)

    def _rise(self, terms: Terms, past: tuple[float, ...] | None) -> tuple[Terms, Array]:
        """Terms and constant of how much more there is than in the hour before."""
        return [*terms, *((self._lagged(at, 1), -factor) for at, factor in terms)], -self._past(past, 1)

    def _commit(self, machine: Machine, on: Terms) -> None:
        """Starts, stops, and least times up and down."""
        unit, technology = machine.id, machine.technology
        operating = self.stage.machines[unit]
        start = self._new(
            "start", unit, cost=technology.start_cur_per_mw * machine.unit.size_mw / 1e6, up=operating, whole=True
        )
        ran = self.before.on[unit] if self.before else None
        began = self.before.starts[unit] if self.before else None
        terms, constant = self._rise(on, ran)
        self.sheet.rows(self.number, [(start, 1.0), *_minus(terms)], constant, np.inf)
        up, down = (self._hours(value) for value in (technology.min_up_h, technology.min_down_h))
        recent: Terms = [(self._lagged(start, back), 1.0) for back in range(up)]
        known = sum((self._past(began, back) for back in range(up)), np.zeros(self.number))
        self.sheet.rows(self.number, [*recent, *_minus(on)], -np.inf, -known)
        # Stops of the last hours are starts less the rise: Σ starts + what ran before those hours ≤ machines.
        recent = [(self._lagged(start, back), 1.0) for back in range(down)]
        known = sum((self._past(began, back) for back in range(down)), np.zeros(self.number))
        earlier: Terms = [(self._lagged(at, down), factor) for at, factor in on]
        known = known + self._past(ran, down)
        self.sheet.rows(self.number, [*recent, *earlier], -np.inf, operating - known)

    def _hours(self, minimum: float) -> int:
        """A least time in hours, one at least; on a ring at most its length."""
        hours = max(math.ceil(minimum), 1)
        return min(hours, self.number) if self.before is None else hours

    def _ramp(self, machine: Machine, corners: Mapping[str, Columns], on: Terms) -> None:
        unit, share = machine.id, machine.technology.ramp_share_per_h
        assert share is not None
        values = {name: ramp_quantity(machine, corner) for name, corner in machine.corners.items()}
        full = max(values.values())
        out: Terms = [(corners[name], value) for name, value in values.items() if value]
        rise, constant = self._rise(out, (self.before.output_mw[unit],) if self.before else None)
        if machine.technology.commitment != "hourly":
            most = share * full * self.stage.machines[unit]
            self.sheet.rows(self.number, rise, -most - constant, most - constant)
            return
        start = self.columns["start"][unit]
        ran = self.before.on[unit] if self.before else None
        before: Terms = [(self._lagged(at, 1), factor) for at, factor in on]
        up = [*rise, *_times(before, -share * full), (start, -full)]
        self.sheet.rows(self.number, up, -np.inf, share * full * self._past(ran, 1) - constant)
        risen, known = self._rise(on, ran)  # stops = start − risen − known
        down = [*_minus(rise), *_times(on, -share * full), (start, -full), *_times(risen, full)]
        self.sheet.rows(self.number, down, -np.inf, constant - full * known)

    # --- lines, stores, nodes ----------------------------------------------------------------------------------

    def _line(self, line: Line) -> None:
        """Flow in pieces of the pump curve, which is convex: the pieces fill in their order by themselves."""
        pairs, retail, delay = self.stage.pairs[line.id], self._cut(self.numbers.retail), line.pipe.delay_h
        shares = np.diff(CURVE_SHARES)
        slopes = np.diff(line.pump_mw) / (shares * line.capacity_mw)
        for kind, sign in (("forward", 1.0), ("backward", -1.0)):
            if kind == "backward" and line.one_way:
                continue
            flow = self._new(kind, line.id, up=pairs * line.capacity_mw)
            pieces = []
            for share, slope in zip(shares, slopes, strict=True):
                pieces.append(self.sheet.columns(self.number, up=share * line.capacity_mw * pairs, cost=slope * retail))
            self.sheet.rows(self.number, [(flow, 1.0), *((piece, -1.0) for piece in pieces)], 0.0, 0.0)
            self.inflow[line.pipe.from_node].append((flow, -sign))
            self.inflow[line.pipe.to_node].append((self._lagged(flow, delay), sign))
        if delay:
            self.given[line.pipe.to_node] += self._past(self.before.entered_mw[line.id] if self.before else None, delay)

    def _store(self, store: Store) -> None:
        size, still = self.stage.size_mwh[store.id], store.seasonal and self.before is None
        power = 0.0 if still else size / store.hours
        charge, discharge = (self._new(kind, store.id, up=power) for kind in ("charge", "discharge"))
        level = self._new("level", store.id, up=size)
        self.inflow[store.node] += [(charge, -1.0), (discharge, 1.0)]
        kept = 1.0 - store.loss_share_per_h
        if still:
            return
        before = self._past((self.before.level_mwh[store.id],) if self.before else None, 1)
        terms = [
            (level, 1.0),
            (self._lagged(level, 1), -kept),
            (charge, -store.efficiency_share),
            (discharge, 1.0),
        ]
        self.sheet.rows(self.number, terms, kept * before, kept * before)
        if store.seasonal and self.before is not None:
            aim = float(self.stage.planned_mwh[store.id][self.first + self.number])
            short = self._at_end(SOFT_SHARE * self.numbers.unserved)
            self.ends["level", store.id] = self.sheet.one_row([(level[-1:], 1.0), (short, 1.0)], aim, np.inf)

    def _nodes(self) -> None:
        """Unserved heat, spill, heat stations, and the balance of every node. What is guaranteed costs twice."""
        loss = self.stage.half_loss_mw()
        for node in self.stage.case.instance.nodes:
            demand = np.zeros(self.number)
            if node.id in self.numbers.demand:
                demand = self._cut(self.numbers.demand[node.id])
                sold = self.numbers.sold(node.id)
                self.sheet.offset -= sold * float(demand.sum())
                price = self.numbers.unserved + sold
                firm = self.stage.guaranteed[node.id] if self.stage.guaranteed else 0.0
                self.inflow[node.id].append((self._new("unserved", node.id, up=(1.0 - firm) * demand, cost=price), 1.0))
                if firm:
                    missing = self._new("missing", node.id, up=firm * demand, cost=2.0 * price)
                    self.inflow[node.id].append((missing, 1.0))
            if node.id in self.stage.sources:
                self.inflow[node.id].append((self._new("spill", node.id), -1.0))
            if node.heat_station_mw is not None and self.heat[node.id]:
                self.sheet.rows(self.number, self.heat[node.id], -np.inf, node.heat_station_mw)
            needed = demand + loss[node.id] - self.given[node.id]
            if self.inflow[node.id] or node.id in self.numbers.demand or loss[node.id]:
                self.sheet.rows(self.number, self.inflow[node.id], needed, needed)

    def _limits(self, before: State) -> None:
        """Yearly limits at the pace of the plan; what goes beyond has a price."""
        for rule in self.stage.limits:
            factors = limit_factors(self.stage, rule)
            counted: Terms = [(self.columns["corner"][key], factor) for key, factor in factors.items()]
            price, pace = limit_price(self.stage, rule) / 1e6, self.stage.pace[rule.id][self.first + self.number]
            used = before.used[rule.id]
            if rule.most is not None:
                over = self._at_end(price)
                row = self.sheet.one_row([*counted, (over, -1.0)], -np.inf, rule.most * pace - used)
                self.ends["most", rule.id] = row
            if rule.least is not None:
                short = self._at_end(price)
                row = self.sheet.one_row([*counted, (short, 1.0)], rule.least * pace - used, np.inf)
                self.ends["least", rule.id] = row


def _minus(terms: Terms) -> Terms:
    return _times(terms, -1.0)


def _times(terms: Terms, by: float) -> Terms:
    return [(at, by * factor) for at, factor in terms]
