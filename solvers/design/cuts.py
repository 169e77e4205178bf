"""Inequalities of what must enter a set of nodes, found on a point of the LP.

A set of nodes without units, some of the demand nodes in it (D MW together). What they are served, D less what is not
connected and what lacks, enters through lines; so do the losses. With a line of capacity C counted as min(1, C / D),
lines that enter are at least the share of D that is served: one line that is large enough is 1 by itself, and several
smaller ones carry at most their capacities. Where D is larger than the largest line, both sides are rounded in units
of that line (mixed-integer rounding; lack is continuous and stays on the left, divided by the fraction).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from solvers.design.model import Network
from solvers.design.problem import Array, Ints, Mask

VIOLATED = 1e-3
"""Share of a line from which on a violation is worth a row."""


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
        self.capacity = np.tile(lines.capacity_mw, 2)
        usable = n.matrix.up[self.column] > 0
        self.usable = np.flatnonzero(usable)

    def forest(self, x: Array, up: list[int], *, most: int) -> list[Cut]:
        """Cuts of the branches of a forest that a point violates most."""
        p = self.network.problem
        first, last = _intervals(up)
        value = x[self.column]
        active = self.usable[value[self.usable] > 1e-9]
        tail, head, amount, capacity = (
            first[self.tail[active]],
            first[self.head[active]],
            value[active],
            self.capacity[active],
        )
        served = self._served(x)
        order = np.argsort(first)
        wanted = [self._wanted(x, level) for level in (0.0, 0.5)]
        load = [np.concatenate([[0.0], np.cumsum(np.where(w, p.load_mw, 0.0)[order])]) for w in wanted]
        get = [np.concatenate([[0.0], np.cumsum(np.where(w, served, 0.0)[order])]) for w in wanted]
        units = np.concatenate([[0], np.cumsum(p.source[order])])
        found = []
        for node in range(p.nodes):
            a, b = first[node], last[node]
            if units[b] > units[a]:
                continue
            inside = (head >= a) & (head < b)
            entering = np.flatnonzero(inside & ((tail < a) | (tail >= b)))
            size, most_line = amount[entering], None
            for k in range(len(wanted)):
                demand = load[k][b] - load[k][a]
                if demand <= 1e-9 or (k and load[k][b] - load[k][a] == load[0][b] - load[0][a]):
                    continue
                lack = demand - (get[k][b] - get[k][a])
                if most_line is None:
                    most_line = 1
                left = float(size @ np.minimum(1.0, capacity[entering] / demand))
                right = 1.0 - lack / demand
                if right - left > VIOLATED:
                    found.append((right - left, node, k, 0.0))
        found.sort(reverse=True)
        cuts = []
        for _, node, k, _unit in found[:most]:
            inside = (first >= first[node]) & (first < last[node])
            cuts.append(self.cut(inside, inside & wanted[k]))
        return cuts

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

    def cut(self, inside: Mask, wanted: Mask) -> Cut:
        """The inequality of a set and of demand nodes in it."""
        n = self.network
        p = n.problem
        demand = float(p.load_mw[wanted].sum())
        entering = self.usable[inside[self.head[self.usable]] & ~inside[self.tail[self.usable]]]
        free = np.flatnonzero(wanted & p.optional)
        lack = np.flatnonzero(wanted)
        columns = [self.column[entering], n.short[lack], n.connected[free]]
        values = [
            np.minimum(1.0, self.capacity[entering] / demand),
            np.full(len(lack), 1.0 / demand),
            -p.load_mw[free] / demand,
        ]
        low = float(p.load_mw[wanted & ~p.optional].sum() / demand)
        return Cut(np.concatenate(columns), np.concatenate(values), low)


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
