"""The tight model of a design problem, as arrays.

A line has a number of pairs in each direction, that of its flow in the design hour (any, where there is none); so a
flow in a direction needs pairs in this direction, and what enters a set of nodes is counted by itself. Operation is
told in groups of steps: a group has the flows of the mean of its steps, and its units by step. Where every group is
one step the model is that of `docs/model.md`. With more steps in a group, or with `network` off, it is a relaxation:
the mean of what can be done in the steps is something that can be done at the mean of their loads, pump power is
convex, and what all units make in a step is what all nodes need.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from solvers.design.arrays import Columns, Rows, Values, matrix_of
from solvers.design.problem import Array, Ints, Problem
from solvers.matrix import Matrix


@dataclass(frozen=True)
class Follow:
    """Where flows in operation follow that of the design hour, as on a tree from one source.

    `flow_mcur`: by edge, what 1 MW of design flow costs; `saved_mcur`: by step, the most that 1 MW unserved saves.
    """

    flow_mcur: Array
    saved_mcur: Array


@dataclass(frozen=True)
class Network:
    """A model and the place of its columns.

    `pairs[line, direction]`, `flow[edge, direction]` (direction 0: from `start` to `end`), `short` and `connected` by
    node (−1: none), `lack` of all nodes together, `kept`, `built` by unit.
    """

    problem: Problem
    matrix: Matrix
    pairs: Ints
    flow: Ints
    short: Ints
    lack: int
    connected: Ints
    kept: Ints
    built: Ints


def build(
    problem: Problem,
    bounds: Array,
    groups: Sequence[Sequence[int]],
    *,
    network: bool = True,
    follow: Follow | None = None,
) -> Network:
    """The model. `bounds[edge, direction]`: most flow in the design hour.

    With `follow`, for groups without `network`, operation costs by the flow of the design hour, and the best is a tree.
    """
    return _Builder(problem, bounds, network, follow).build(groups)


@dataclass
class _Builder:
    problem: Problem
    bounds: Array
    network: bool
    follow: Follow | None
    rows: Rows = field(default_factory=Rows)
    columns: Columns = field(default_factory=Columns)

    def build(self, groups: Sequence[Sequence[int]]) -> Network:
        p, lines, units = self.problem, self.problem.lines, self.problem.units
        usable = self.bounds[lines.edge] > 0
        cost = np.repeat(lines.cost_mcur[:, None], 2, axis=1)
        self.pairs = self.columns.open(
            2 * len(lines), cost.ravel(), 0, (lines.most[:, None] * usable).ravel(), integer=True
        ).reshape(-1, 2)
        by_flow = np.zeros(p.edges) if self.follow is None else self.follow.flow_mcur
        self.flow = self.columns.open(2 * p.edges, np.repeat(by_flow, 2), 0, self.bounds.ravel()).reshape(-1, 2)
        self.nodes = np.flatnonzero(p.demand & (p.load_mw > 0))
        self.short = _spread(
            p.nodes, self.nodes, self.columns.open(len(self.nodes), p.short_mcur, 0, p.load_mw[self.nodes])
        )
        (lack,) = self.columns.open(1, 0, 0, p.load_mw[self.nodes].sum()).tolist()
        total = self.rows.open(1, 0, 0)
        self.rows.put(total, np.array([lack]), -1.0)
        self.rows.put(np.repeat(total, len(self.nodes)), self.short[self.nodes], 1.0)
        free = np.flatnonzero(p.optional)
        self.connected = _spread(
            p.nodes, free, self.columns.open(len(free), p.connect_mcur[free], 0, p.connectable[free], integer=True)
        )
        self.kept = self.columns.open(len(units), units.kept_mcur, units.kept_least, units.kept_most, integer=True)
        self.built = self.columns.open(len(units), units.new_mcur, 0, units.new_most, integer=True)
        self._corridors()
        self._design_hour()
        self._entries()
        if self.follow is not None:
            self._one_parent()
        for group in groups:
            self._operate(np.array(group, dtype=np.int64))
        return Network(
            p,
            matrix_of(self.columns, self.rows, p.constant_mcur),
            self.pairs,
            self.flow,
            self.short,
            lack,
            self.connected,
            self.kept,
            self.built,
        )

    def _corridors(self) -> None:
        """Pairs of both directions together, and of all types: no more than there may be."""
        p, lines = self.problem, self.problem.lines
        kept = np.flatnonzero(lines.kept)
        rows = self.rows.open(len(kept), -np.inf, lines.most[kept])
        for way in (0, 1):
            self.rows.put(rows, self.pairs[kept, way], 1.0)
        new = np.flatnonzero(~lines.kept)
        edges, place = np.unique(lines.edge[new], return_inverse=True)
        rows = self.rows.open(len(edges), -np.inf, p.room[edges])
        for way in (0, 1):
            self.rows.put(rows[place], self.pairs[new, way], 1.0)

    def _losses(self, balance: Ints) -> None:
        """Half the loss of every pair is taken at each end."""
        p, lines = self.problem, self.problem.lines
        for end in (p.start, p.end):
            for way in (0, 1):
                self.rows.put(balance[end[lines.edge]], self.pairs[:, way], -0.5 * lines.loss_mw)

    def _design_hour(self) -> None:
        p, lines, units, rows = self.problem, self.problem.lines, self.problem.units, self.rows
        forced = np.where(p.optional, 0.0, p.load_mw)
        balance = rows.open(p.nodes, forced, forced)
        heat = self.columns.open(len(units), 0, 0, units.able_mw * (units.kept_most + units.new_most))
        rows.put(balance[units.node], heat, 1.0)
        for way, ends in ((0, (p.start, p.end)), (1, (p.end, p.start))):
            rows.put(balance[ends[0]], self.flow[:, way], -1.0)
            rows.put(balance[ends[1]], self.flow[:, way], 1.0)
        rows.put(balance[self.nodes], self.short[self.nodes], 1.0)
        free = np.flatnonzero(p.optional)
        rows.put(balance[free], self.connected[free], -p.load_mw[free])
        self._losses(balance)
        for way in (0, 1):
            room = rows.open(p.edges, -np.inf, 0)
            rows.put(room, self.flow[:, way], 1.0)
            most = np.minimum(lines.design_mw, self.bounds[lines.edge, way])
            rows.put(room[lines.edge], self.pairs[:, way], -most)
        limited = free[p.load_mw[free] > 0]
        limit = rows.open(len(limited), -np.inf, 0)
        rows.put(limit, self.short[limited], 1.0)
        rows.put(limit, self.connected[limited], -p.load_mw[limited])
        able = rows.open(len(units), -np.inf, 0)
        rows.put(able, heat, 1.0)
        rows.put(able, self.kept, -units.able_mw)
        rows.put(able, self.built, -units.able_mw)
        self._stations(units.node, heat, 1.0)
        self._machines()

    def _machines(self) -> None:
        """Whole machines that each unit needs for the design load when all others of its part are in place.

        With D MW left for the unit, a MW each machine, m = D / a rounded up and r = D − a · (m − 1): the machines are m
        or more, or else at least r MW lack for each that is not there (mixed-integer rounding).
        """
        p, units = self.problem, self.problem.units
        joined = coo_array((np.ones(p.edges), (p.start, p.end)), shape=(p.nodes, p.nodes))
        part = connected_components(joined, directed=False)[1]
        able = units.able_mw * (units.kept_most + units.new_most)
        forced = np.bincount(part, np.where(p.optional, 0.0, p.load_mw))
        left = forced[part[units.node]] - np.bincount(part[units.node], able, len(forced))[part[units.node]] + able
        for u in np.flatnonzero((left > 1e-6 * forced.max(initial=0.0)) & (units.able_mw > 0)).tolist():
            whole = np.ceil(left[u] / units.able_mw[u] - 1e-6)
            rest = left[u] - units.able_mw[u] * (whole - 1.0)
            row = self.rows.open(1, whole, np.inf)
            lack = self.nodes[(part[self.nodes] == part[units.node[u]]) & ~p.optional[self.nodes]]
            self.rows.put(row, self.kept[[u]], 1.0)
            self.rows.put(row, self.built[[u]], 1.0)
            self.rows.put(np.repeat(row, len(lack)), self.short[lack], 1.0 / rest)

    def _stations(self, node: Ints, column: Ints, heat: Values) -> None:
        """What units of a node send out together."""
        p = self.problem
        limited = np.flatnonzero(np.isfinite(p.station_mw) & p.source)
        rows = np.full(p.nodes, -1)
        rows[limited] = self.rows.open(len(limited), -np.inf, p.station_mw[limited])
        at = rows[node] >= 0
        self.rows.put(rows[node][at], column[at], np.broadcast_to(heat, node.shape)[at])

    def _entries(self) -> None:
        """Who is served needs a line that enters, and so does a line that leaves, unless it loses nothing."""
        p, lines, rows = self.problem, self.problem.lines, self.rows
        served = self.nodes[~p.source[self.nodes]]
        least = np.where(p.optional[served], 0.0, 1.0)
        enter = _spread(p.nodes, served, rows.open(len(served), least, np.inf))
        for way, into in ((0, p.end), (1, p.start)):
            at = into[lines.edge]
            there = enter[at] >= 0
            share = np.minimum(1.0, lines.design_mw[there] / p.load_mw[at[there]])
            rows.put(enter[at[there]], self.pairs[there, way], share)
        rows.put(enter[served], self.short[served], 1.0 / p.load_mw[served])
        free = served[p.optional[served]]
        rows.put(enter[free], self.connected[free], -1.0)
        self._leaving()

    def _one_parent(self) -> None:
        """On a tree one line enters a node, none enters the only source."""
        p, lines = self.problem, self.problem.lines
        rows = self.rows.open(p.nodes, -np.inf, np.where(p.source, 0.0, 1.0))
        for way, into in ((0, p.end), (1, p.start)):
            self.rows.put(rows[into[lines.edge]], self.pairs[:, way], 1.0)

    def _leaving(self) -> None:
        p, lines, rows = self.problem, self.problem.lines, self.rows
        most = np.bincount(lines.edge, lines.most, p.edges)
        capped = np.minimum(most, p.room + np.bincount(lines.edge, lines.most * lines.kept, p.edges))
        lossy = np.bincount(lines.edge, lines.loss_mw <= 0, p.edges) == 0
        # Lines of the edges at each node, to count those that enter a node by another edge.
        ends = np.concatenate([p.start[lines.edge], p.end[lines.edge]])
        order = np.argsort(ends, kind="stable")
        first = np.searchsorted(ends[order], np.arange(p.nodes + 1))
        for way, tail in ((0, p.start), (1, p.end)):
            edges = np.flatnonzero(lossy & (capped > 0) & (self.bounds[:, way] > 0) & ~p.source[tail])
            row = np.full(p.edges, -1)
            row[edges] = rows.open(len(edges), -np.inf, 0)
            own = np.flatnonzero(row[lines.edge] >= 0)
            rows.put(row[lines.edge[own]], self.pairs[own, way], 1.0 / capped[lines.edge[own]])
            count = first[tail[edges] + 1] - first[tail[edges]]
            which = np.repeat(edges, count)
            offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            place = order[first[tail[which]] + offset]
            line, into = place % len(lines), np.where(place < len(lines), 1, 0)
            other = lines.edge[line] != which
            rows.put(row[which[other]], self.pairs[line[other], into[other]], -1.0)

    def _operate(self, steps: Ints) -> None:
        """A group of steps: units and spill by step, the network at their mean."""
        p, units, rows, columns = self.problem, self.problem.units, self.rows, self.columns
        share = p.unserved_mcur[steps] / p.unserved_mcur[steps].sum()
        alone = len(steps) == 1 and self.network
        nodes, lacking, made = self.nodes, list[int](), list[tuple[Ints, Array, float]]()
        for s, weight in zip(steps.tolist(), share.tolist(), strict=True):
            running = ((units.kept_most + units.new_most) * units.share[:, s])[units.corner_unit]
            corner = columns.open(len(units.corner_mw), units.corner_mcur[:, s], 0, running)
            most = float(running @ units.corner_mw)  # what all units can make, which is all that can be spilt
            on = rows.open(len(units), np.where(units.must_run, 0.0, -np.inf), 0)
            rows.put(on[units.corner_unit], corner, 1.0)
            for machines in (self.kept, self.built):
                rows.put(on, machines, -units.share[:, s])
            self._stations(units.node[units.corner_unit], corner, units.corner_mw)
            made.append((corner, weight * units.corner_mw, weight * most))
            if alone:
                continue
            needed = p.profile[s] * p.load_mw
            forced = needed[~p.optional].sum()
            free = np.flatnonzero(p.optional)
            total = rows.open(1, forced, forced)
            rows.put(np.repeat(total, len(corner)), corner, units.corner_mw)
            rows.put(total, columns.open(1, 0, 0, most), -1.0)
            saved = 0.0 if self.follow is None else self.follow.saved_mcur[s]
            lack = columns.open(1, max(p.unserved_mcur[s] - saved, 0.0), 0, needed.sum())
            lacking += lack.tolist()
            rows.put(total, lack, 1.0)
            rows.put(np.repeat(total, len(free)), self.connected[free], -needed[free])
            for way in (0, 1):
                rows.put(np.repeat(total, len(self.pairs)), self.pairs[:, way], -p.lines.loss_mw)
        self._sell(steps)
        if not self.network:
            return
        # The network comes last: without it the model is the first rows and columns of this one.
        balance = self._mean_network(steps, share)
        sources = np.flatnonzero(p.source)
        for corner, mw, most in made:
            rows.put(balance[units.node[units.corner_unit]], corner, mw)
            rows.put(balance[sources], columns.open(len(sources), 0, 0, most), -1.0)
        if alone:
            (s,) = steps
            most = p.profile[s, nodes] * p.load_mw[nodes]
            price = p.unserved_mcur[s] + p.sold_mcur[s, nodes]
            unserved = _spread(p.nodes, nodes, columns.open(len(nodes), price, 0, most))
            rows.put(balance[nodes], unserved[nodes], 1.0)
            free = nodes[p.optional[nodes]]
            limit = rows.open(len(free), -np.inf, 0)
            rows.put(limit, unserved[free], 1.0)
            rows.put(limit, self.connected[free], -p.profile[s, free] * p.load_mw[free])
        else:
            # What is unserved is paid by step, at the balance of all nodes; here it may lie anywhere.
            most = (share @ p.profile[np.ix_(steps, nodes)]) * p.load_mw[nodes]
            unserved = columns.open(len(nodes), 0, 0, most)
            rows.put(balance[nodes], unserved, 1.0)
            paid = rows.open(1, -np.inf, 0)
            rows.put(np.repeat(paid, len(nodes)), unserved, 1.0)
            rows.put(np.repeat(paid, len(steps)), np.array(lacking, dtype=np.int64), -share)

    def _sell(self, steps: Ints) -> None:
        """What connected consumers pay, as a price of their connection."""
        p = self.problem
        free = np.flatnonzero(p.optional)
        earned = (p.sold_mcur[np.ix_(steps, free)] * p.profile[np.ix_(steps, free)]).sum(axis=0) * p.load_mw[free]
        cost = np.zeros(self.columns.number)
        cost[self.connected[free]] = -earned
        self.columns.cost = [np.concatenate(self.columns.cost) + cost]

    def _mean_network(self, steps: Ints, share: Array) -> Ints:
        """Flows at the mean of some steps; returns the rows of the balance."""
        p, lines, rows, columns = self.problem, self.problem.lines, self.rows, self.columns
        load = (share @ p.profile[steps]) * p.load_mw
        forced = np.where(p.optional, 0.0, load)
        balance = rows.open(p.nodes, forced, forced)
        energy = p.unserved_mcur[steps]
        price = float((p.power_mcur[steps] / energy).min() * energy.sum())
        flow = [columns.open(len(lines), 0.0, 0, lines.capacity_mw * lines.most) for _ in (0, 1)]
        ends = (p.start[lines.edge], p.end[lines.edge])
        for way in (0, 1):
            rows.put(balance[ends[way]], flow[way], -1.0)
            rows.put(balance[ends[1 - way]], flow[way], 1.0)
        self._losses(balance)
        free = np.flatnonzero(p.optional)
        rows.put(balance[free], self.connected[free], -load[free])
        room = rows.open(len(lines), -np.inf, 0)
        for way in (0, 1):
            rows.put(room, flow[way], 1.0)
            rows.put(room, self.pairs[:, way], -lines.capacity_mw)
        if price != 0.0:
            pump = columns.open(len(lines), price, 0, lines.pump_mw[:, -1] * lines.most)
            for k in range(lines.slope.shape[1]):
                begin = lines.pump_mw[:, k] - lines.slope[:, k] * (0.0, 0.5, 0.75)[k] * lines.capacity_mw
                chord = rows.open(len(lines), 0, np.inf)
                rows.put(chord, pump, 1.0)
                for way in (0, 1):
                    rows.put(chord, flow[way], -lines.slope[:, k])
                    rows.put(chord, self.pairs[:, way], -begin)
        return balance


def _spread(size: int, place: Iterable[int] | Ints, values: Ints) -> Ints:
    """Values by node, −1 where there is none."""
    found = np.full(size, -1, dtype=np.int64)
    found[np.asarray(place, dtype=np.int64)] = values
    return found
