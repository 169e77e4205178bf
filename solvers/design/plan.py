"""Plans of a design problem, priced exactly: with all whole numbers given, every hour is a small LP of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from heatnet.physics.pipes import CURVE_SHARES
from solvers import highs
from solvers.design.arrays import Columns, Rows, matrix_of
from solvers.design.problem import Array, Ints, Problem


@dataclass(frozen=True)
class Plan:
    """Whole numbers: pairs by line, connected by node, machines kept and built by unit."""

    pairs: Ints
    connected: Ints
    kept: Ints
    built: Ints


@dataclass(frozen=True)
class Priced:
    """A plan with its cost (million) and how it runs: arrays by line, unit, corner, node, and by step before these."""

    plan: Plan
    cost: float
    design_flow_mw: Array
    design_heat_mw: Array
    short_mw: Array
    flow_mw: Array
    pump_mw: Array
    corner: Array
    unserved_mw: Array
    spill_mw: Array


def price(problem: Problem, plan: Plan) -> Priced | None:
    """The plan at its least cost; None where it cannot be run, as a loss reaches no unit."""
    p, lines, units = problem, problem.lines, problem.units
    hour = _Hour(p, plan)
    design = hour.design()
    if design is None:
        return None
    cost = p.constant_mcur + float(
        lines.cost_mcur @ plan.pairs
        + units.kept_mcur @ plan.kept
        + units.new_mcur @ plan.built
        + p.connect_mcur[p.optional] @ plan.connected[p.optional]
        + p.short_mcur * design[2].sum()
    )
    steps = []
    for s in range(p.steps):
        step = hour.step(s)
        if step is None:
            return None
        _flow, pump, corner, unserved, _ = step
        load = p.profile[s] * hour.load_mw
        cost += float(
            p.power_mcur[s] * pump.sum()
            + units.corner_mcur[:, s] @ corner
            + p.unserved_mcur[s] * unserved.sum()
            - p.sold_mcur[s] @ (load - unserved)
        )
        steps.append(step)
    by_step = (np.array(part) for part in zip(*steps, strict=True))
    return Priced(plan, cost, *design, *by_step)


@dataclass(frozen=True)
class _Hour:
    problem: Problem
    plan: Plan

    @property
    def load_mw(self) -> Array:
        """Design load of those connected."""
        return np.where(self.problem.optional & (self.plan.connected == 0), 0.0, self.problem.load_mw)

    @property
    def open(self) -> Ints:
        """Lines in place."""
        return np.flatnonzero(self.plan.pairs > 0)

    def _half_losses(self) -> Array:
        p = self.problem
        loss = 0.5 * p.lines.loss_mw * self.plan.pairs
        ends = [np.bincount(end[p.lines.edge], loss, p.nodes) for end in (p.start, p.end)]
        return np.asarray(ends[0] + ends[1])

    def _stations(self, rows: Rows, heat: Ints, node: Ints, value: Array) -> None:
        p = self.problem
        limited = np.flatnonzero(np.isfinite(p.station_mw) & p.source)
        row = np.full(p.nodes, -1)
        row[limited] = rows.open(len(limited), -np.inf, p.station_mw[limited])
        at = row[node] >= 0
        rows.put(row[node][at], heat[at], value[at])

    def _flows(self, rows: Rows, balance: Ints, columns: Ints, line: Ints, sign: float) -> None:
        p = self.problem
        rows.put(balance[p.start[p.lines.edge[line]]], columns, -sign)
        rows.put(balance[p.end[p.lines.edge[line]]], columns, sign)

    def design(self) -> tuple[Array, Array, Array] | None:
        """Flow by line, heat by unit, shortfall by node."""
        p, units, rows, columns = self.problem, self.problem.units, Rows(), Columns()
        open_lines = self.open
        room = p.lines.design_mw[open_lines] * self.plan.pairs[open_lines]
        flow = columns.open(len(room), 0, -room, room)
        heat = columns.open(len(units), 0, 0, units.able_mw * (self.plan.kept + self.plan.built))
        nodes = np.flatnonzero(self.load_mw > 0)
        short = columns.open(len(nodes), p.short_mcur, 0, self.load_mw[nodes])
        needed = self.load_mw + self._half_losses()
        balance = rows.open(p.nodes, needed, needed)
        self._flows(rows, balance, flow, open_lines, 1.0)
        rows.put(balance[units.node], heat, 1.0)
        rows.put(balance[nodes], short, 1.0)
        self._stations(rows, heat, units.node, np.ones(len(units)))
        x = _solve(columns, rows)
        if x is None:
            return None
        return _place(len(p.lines), open_lines, x[flow]), x[heat], _place(p.nodes, nodes, x[short])

    def step(self, s: int) -> tuple[Array, Array, Array, Array, Array] | None:
        """Flow and pump power by line, corners, unserved and spilt heat by node."""
        p, lines, units, rows, columns = self.problem, self.problem.lines, self.problem.units, Rows(), Columns()
        load = p.profile[s] * self.load_mw
        needed = load + self._half_losses()
        balance = rows.open(p.nodes, needed, needed)
        flows = list(self._segments(s, columns))
        for column, line, sign in flows:
            self._flows(rows, balance, column, line, sign)
        corner = columns.open(len(units.corner_mw), units.corner_mcur[:, s], 0, np.inf)
        on = (self.plan.kept + self.plan.built) * units.share[:, s]
        limit = rows.open(len(units), np.where(units.must_run, on, -np.inf), on)
        rows.put(limit[units.corner_unit], corner, 1.0)
        at = units.node[units.corner_unit]
        rows.put(balance[at], corner, units.corner_mw)
        self._stations(rows, corner, at, units.corner_mw)
        nodes, sources = np.flatnonzero(load > 0), np.flatnonzero(p.source)
        unserved = columns.open(len(nodes), p.unserved_mcur[s] + p.sold_mcur[s, nodes], 0, load[nodes])
        rows.put(balance[nodes], unserved, 1.0)
        spill = columns.open(len(sources), 0, 0, np.inf)
        rows.put(balance[sources], spill, -1.0)
        x = _solve(columns, rows)
        if x is None:
            return None
        flow, pump = np.zeros(len(lines)), np.zeros(len(lines))
        for column, line, sign in flows:
            flow[line] += sign * x[column]
        for k in self.open.tolist():
            number = self.plan.pairs[k]
            grid = np.array(CURVE_SHARES) * lines.capacity_mw[k]
            pump[k] = number * np.interp(abs(flow[k]) / number, grid, lines.pump_mw[k])
        return flow, pump, x[corner], _place(p.nodes, nodes, x[unserved]), _place(p.nodes, sources, x[spill])

    def _segments(self, s: int, columns: Columns) -> Iterator[tuple[Ints, Ints, float]]:
        """Columns of flow, their lines and sign: forth and back on each straight part of the pump curve."""
        p, open_lines = self.problem, self.open
        room = p.lines.capacity_mw[open_lines] * self.plan.pairs[open_lines]
        if p.power_mcur[s] <= 0:
            yield columns.open(len(room), 0, -room, room), open_lines, 1.0
            return
        for k, width in enumerate(np.diff(CURVE_SHARES)):
            cost = p.power_mcur[s] * p.lines.slope[open_lines, k]
            for sign in (1.0, -1.0):
                yield columns.open(len(room), cost, 0, width * room), open_lines, sign


def _solve(columns: Columns, rows: Rows) -> Array | None:
    found = highs.Warm(matrix_of(columns, rows, 0.0)).solve()
    return None if found is None else found.x


def _place(size: int, at: Ints, values: Array) -> Array:
    found = np.zeros(size)
    found[at] = values
    return found
