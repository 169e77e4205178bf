"""Machines for what each source has to give, and what heat is worth there."""

from __future__ import annotations

import numpy as np

from heatnet.solve import Limits
from solvers import highs
from solvers.design.arrays import Columns, Rows, matrix_of
from solvers.design.options import Prices
from solvers.design.problem import Array, Ints, Problem

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.55, 0.7, 0.85, 1.0)
"""Shares of what a source can make at most, at which its heat is priced."""

PATIENCE_S = 5.0


def machines(problem: Problem, design_mw: Array, step_mw: Array, *, whole: bool = True) -> tuple[Ints, Ints, Array]:
    """Machines kept and built at least cost, for heat by node in the design hour and in each step; cost by node.

    What cannot be made is left out.
    """
    p, units, columns, rows = problem, problem.units, Columns(), Rows()
    nodes = np.flatnonzero(p.source)
    place = np.zeros(p.nodes, dtype=np.int64)
    place[nodes] = np.arange(len(nodes))
    kept = columns.open(len(units), units.kept_mcur, units.kept_least, units.kept_most, integer=whole)
    built = columns.open(len(units), units.new_mcur, 0, units.new_most, integer=whole)
    parts = [(kept, units.node), (built, units.node)]
    heat = rows.open(len(nodes), np.minimum(design_mw, p.station_mw)[nodes], np.inf)
    for column in (kept, built):
        rows.put(heat[place[units.node]], column, units.able_mw)
    lack = columns.open(len(nodes), p.short_mcur, 0, np.inf)
    rows.put(heat, lack, 1.0)
    parts.append((lack, nodes))
    for s in range(p.steps):
        corner = columns.open(len(units.corner_mw), units.corner_mcur[:, s], 0, np.inf)
        parts.append((corner, units.node[units.corner_unit]))
        on = rows.open(len(units), np.where(units.must_run, 0.0, -np.inf), 0)
        rows.put(on[units.corner_unit], corner, 1.0)
        for column in (kept, built):
            rows.put(on, column, -units.share[:, s])
        made = rows.open(len(nodes), step_mw[s, nodes], np.inf)
        rows.put(made[place[units.node[units.corner_unit]]], corner, units.corner_mw)
        lack = columns.open(len(nodes), p.unserved_mcur[s], 0, np.inf)
        rows.put(made, lack, 1.0)
        parts.append((lack, nodes))
    matrix = matrix_of(columns, rows, 0.0)
    session = highs.Session(Limits(gap=1e-4, time_s=PATIENCE_S, threads=1), lambda progress: None)
    outcome = session.solve("machines", matrix, kind="neither")
    if session.interrupted:
        raise KeyboardInterrupt
    if outcome.x is None:
        return units.kept_most, units.new_most, np.zeros(p.nodes)
    cost = np.zeros(p.nodes)
    for column, node in parts:
        np.add.at(cost, node, matrix.cost[column] * outcome.x[column])
    return np.round(outcome.x[kept]).astype(np.int64), np.round(outcome.x[built]).astype(np.int64), cost


def prices(problem: Problem) -> Prices:
    """What heat costs at each source, by how much of it is used, and what losses and pumping add."""
    p, units = problem, problem.units
    able = np.bincount(units.node, units.able_mw * (units.kept_most + units.new_most), p.nodes)
    able = np.asarray(np.minimum(able, p.station_mw), dtype=np.float64)
    profile = p.profile @ (p.load_mw / max(p.load_mw.sum(), 1e-12))
    at = [np.asarray(share * able) for share in LEVELS]
    costs = [machines(p, level, profile[:, None] * level, whole=False)[2] for level in at]
    middle = np.asarray(LEVELS[len(LEVELS) // 2] * able)
    lossy = machines(p, middle, np.ones((p.steps, 1)) * middle, whole=False)[2]
    more = (lossy - costs[len(LEVELS) // 2]).sum() / max(middle.sum(), 1e-12)
    nodes = np.flatnonzero(able > 0).tolist()
    curve = {k: (0.0, *(float(level[k]) for level in at)) for k in nodes}
    cost = {k: (0.0, *(float(value[k]) for value in costs)) for k in nodes}
    return Prices(curve, cost, float(max(more, 0.0)), float(np.maximum(p.power_mcur, 0) @ profile))
