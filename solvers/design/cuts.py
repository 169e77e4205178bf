"""Inequalities of what must enter a set of nodes, found on a point of the LP.

A set of nodes without units, some of the demand nodes in it (D MW together). What they are served, D less what is not
connected and what lacks, enters through lines; so do the losses. So Σ C · pairs + lack ≥ D over the lines that enter,
C being what a pair carries in the design hour. Mixed-integer rounding in units of u MW makes of it, with n = D / u
rounded up and f = D / u − (n − 1): Σ F(C) · pairs + lack / (u f) ≥ n, where F(C) = ⌊C / u⌋ +
min(1, (C / u − ⌊C / u⌋) / f), and no more than n, since one pair that counts n is enough and pairs are whole. With u
above D it says that one line that is large enough is 1 by itself and that several smaller ones carry at most their
capacities; with u the capacity of a line that is just too small, that this line is half of what is needed. In the rows
`lack` is that of all nodes, one column that is no less: hardly anything lacks, and rows of every node's are dense.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from solvers.design.min_cuts import Ways
from solvers.design.model import Network
from solvers.design.problem import Array, Ints, Mask

VIOLATED = 1e-3
"""Share of a line from which on a violation is worth a row."""

NEAR = 1e-4
"""Distance of a point from an inequality below which it is not worth a row."""

SINKS = 400
"""Groups of consumers around which minimum cuts are looked for in a round."""

LEAST_REST = 0.02
"""Least f: what lacks counts 1 / f times, and below this an inequality is of no use and its numbers are not good."""

MOST_UNITS = 24
"""Capacities that are tried as units of rounding."""

CONNECTED = (0.0, 0.5, 0.999)
"""Demand nodes count where they are connected by more than this."""


@dataclass
class Cut:
    """Σ value · column ≥ low."""

    columns: Ints
    values: Array
    low: float


@dataclass
class Separator:
    """Cuts for a network model; remembers what was found."""

    network: Network

    def __post_init__(self) -> None:
        n = self.network
        p, lines = n.problem, n.problem.lines
        self.tail = np.concatenate([p.start[lines.edge], p.end[lines.edge]])
        self.head = np.concatenate([p.end[lines.edge], p.start[lines.edge]])
        self.column = np.concatenate([n.pairs[:, 0], n.pairs[:, 1]])
        self.capacity = np.tile(lines.design_mw, 2)
        self.sizes, self.kind = np.unique(self.capacity, return_inverse=True)
        least = np.flatnonzero(np.diff(self.sizes, append=np.inf) > 1e-6 * self.sizes)
        some = self.sizes[least][:: max(1, len(least) // MOST_UNITS)]
        self.units = np.concatenate([[10.0 * p.load_mw.sum() + 1.0], some])
        usable = n.matrix.up[self.column] > 0
        self.usable = np.flatnonzero(usable)

    def forest(self, x: Array, up: list[int]) -> list[Cut]:
        """Cuts of the branches of a forest that a point violates."""
        p = self.network.problem
        first, last = _intervals(up)
        value = x[self.column]
        active = self.usable[value[self.usable] > 1e-9]
        tail, head, amount, kind = first[self.tail[active]], first[self.head[active]], value[active], self.kind[active]
        served = self._served(x)
        order = np.argsort(first)
        wanted = [self._wanted(x, level) for level in CONNECTED]
        load = np.array([np.concatenate([[0.0], np.cumsum(np.where(w, p.load_mw, 0.0)[order])]) for w in wanted])
        get = np.array([np.concatenate([[0.0], np.cumsum(np.where(w, served, 0.0)[order])]) for w in wanted])
        units = np.concatenate([[0], np.cumsum(p.source[order])])
        found = []
        for node in range(p.nodes):
            a, b = first[node], last[node]
            if units[b] > units[a] or load[0, b] - load[0, a] <= 1e-9:
                continue
            within = (head >= a) & (head < b)
            within &= (tail < a) | (tail >= b)
            entering: Array = np.bincount(kind[within], amount[within], len(self.sizes)).astype(np.float64)
            demand = load[:, b] - load[:, a]
            for k, unit in self._violated(entering, demand, demand - (get[:, b] - get[:, a])):
                inside = (first >= a) & (first < b)
                found.append(self.cut(inside, inside & wanted[k], unit))
        return found

    def minimal(self, x: Array, up: list[int], rng: random.Random) -> list[Cut]:
        """Cuts of the sets that least may enter, around some consumers and around those of branches of a forest."""
        p = self.network.problem
        served = self._served(x)
        wanted = [self._wanted(x, level) for level in CONNECTED]
        ways = Ways(
            p.nodes,
            np.flatnonzero(p.source),
            self.tail[self.usable],
            self.head[self.usable],
            self.capacity[self.usable],
            x[self.column[self.usable]],
        )
        first, last = _intervals(up)
        at = wanted[1] & ~p.source
        by_place = np.flatnonzero(at)[np.argsort(first[at])]
        place = first[by_place]
        begin, end = np.searchsorted(place, first), np.searchsorted(place, last)
        groups = sorted({(k, k + 1) for k in range(len(place))} | set(zip(begin.tolist(), end.tolist(), strict=True)))
        found = []
        for a, b in rng.sample(groups, min(len(groups), SINKS)):
            if a == b:
                continue
            sinks = by_place[a:b]
            for inside in ways.sets(sinks, float(p.load_mw[sinks].sum())):
                if (inside & p.source).any():
                    continue
                entering = self._entering(inside)
                amount = np.bincount(self.kind[entering], x[self.column[entering]], len(self.sizes)).astype(np.float64)
                demand = np.array([p.load_mw[inside & each].sum() for each in wanted])
                lack = demand - np.array([served[inside & each].sum() for each in wanted])
                for k, unit in self._violated(amount, demand, lack):
                    found.append(self.cut(inside, inside & wanted[k], unit))
        return found

    def _violated(self, entering: Array, demand: Array, lack: Array) -> Iterator[tuple[int, float]]:
        """Which of several choices of demand nodes give a violated cut, and its unit; `entering`: pairs by size."""
        for k in range(len(demand)):
            if demand[k] <= 1e-9 or (k and demand[k] == demand[k - 1]):
                continue
            violation, unit = self._most_violated(entering, demand[k], lack[k])
            if violation > VIOLATED:
                yield k, unit

    def _most_violated(self, entering: Array, demand: float, lack: float) -> tuple[float, float]:
        """The largest violation over units of rounding, as a share of what must enter, and the unit."""
        there = np.flatnonzero(entering)
        whole, rest, value = rounded(self.sizes[there], demand, self.units)
        left = (value @ entering[there] + lack / (self.units * rest)) / whole
        left[rest < LEAST_REST] = np.inf
        k = int(np.argmin(left))
        return 1.0 - float(left[k]), float(self.units[k])

    def _entering(self, inside: Mask) -> Ints:
        """Lines with their directions that enter a set of nodes."""
        return np.asarray(self.usable[inside[self.head[self.usable]] & ~inside[self.tail[self.usable]]])

    def _wanted(self, x: Array, level: float) -> Mask:
        """Demand nodes that are connected by more than a level."""
        n = self.network
        p = n.problem
        there = (p.load_mw > 0) & p.demand
        joined = np.where(n.connected >= 0, x[np.maximum(n.connected, 0)], 1.0)
        return np.asarray(there & (joined > level))

    def _served(self, x: Array) -> Array:
        """MW of the design load that are served, by node."""
        n = self.network
        p = n.problem
        joined = np.where(n.connected >= 0, x[np.maximum(n.connected, 0)], 1.0)
        short = np.where(n.short >= 0, x[np.maximum(n.short, 0)], 0.0)
        return np.asarray(p.load_mw * joined - short)

    def cut(self, inside: Mask, wanted: Mask, unit: float) -> Cut:
        """The inequality of a set, of demand nodes in it, and of a unit of rounding (MW)."""
        n = self.network
        p = n.problem
        demand = float(p.load_mw[wanted].sum())
        entering = self._entering(inside)
        free = np.flatnonzero(wanted & p.optional)
        whole, rest, value = rounded(self.capacity[entering], demand, np.array([unit]))
        factor = 1.0 / (unit * rest[0] * whole[0])
        columns = [self.column[entering], np.array([n.lack]), n.connected[free]]
        values = [value[0] / whole[0], np.array([factor]), -p.load_mw[free] * factor]
        low = 1.0 - float(p.load_mw[wanted & p.optional].sum()) * factor
        return Cut(np.concatenate(columns), np.concatenate(values), low)


def rounded(capacity: Array, demand: float, units: Array) -> tuple[Array, Array, Array]:
    """n and f by unit, and F by unit and capacity; see above."""
    share = demand / units
    whole = np.ceil(share - 1e-9)
    rest = share - (whole - 1.0)
    parts = capacity[None, :] / units[:, None]
    down = np.floor(parts + 1e-9)
    value = down + np.minimum(1.0, np.maximum(parts - down, 0.0) / rest[:, None])
    return whole, rest, np.minimum(value, whole[:, None])


def strongest(cuts: list[Cut], x: Array, most: int) -> list[Cut]:
    """Those that a point is furthest from, by distance: of two as much violated the one with fewer entries."""
    distance = np.array([(cut.low - cut.values @ x[cut.columns]) / np.linalg.norm(cut.values) for cut in cuts])
    return [cuts[k] for k in np.argsort(-distance, kind="stable")[:most] if distance[k] > NEAR]


def distinct(cuts: Iterable[Cut]) -> list[Cut]:
    """Each inequality once."""
    found = {(cut.columns.tobytes(), round(cut.low, 9), round(float(cut.values.sum()), 9)): cut for cut in cuts}
    return list(found.values())


def rows_of(cuts: list[Cut], columns: int) -> tuple[csr_array, Array, Array]:
    """Cuts as rows of a matrix, with their bounds."""
    starts = np.concatenate([[0], np.cumsum([len(cut.columns) for cut in cuts])])
    data, index = np.concatenate([c.values for c in cuts]), np.concatenate([c.columns for c in cuts])
    rows = csr_array((data, index, starts), shape=(len(cuts), columns))
    return rows, np.array([cut.low for cut in cuts]), np.full(len(cuts), np.inf)


def _intervals(up: list[int]) -> tuple[Ints, Ints]:
    """For each node its place in an order in which every branch stands together, and where its branch ends."""
    below: list[list[int]] = [[] for _ in up]
    for node, above in enumerate(up):
        if above >= 0:
            below[above].append(node)
    first, last, count = np.zeros(len(up), dtype=np.int64), np.zeros(len(up), dtype=np.int64), 0
    for root in (node for node, above in enumerate(up) if above < 0):
        stack = [(root, False)]
        while stack:
            node, done = stack.pop()
            if done:
                last[node] = count
                continue
            first[node] = count
            count += 1
            stack.append((node, True))
            stack += [(child, False) for child in below[node]]
    return first, last
