"""Sets of nodes that little may enter: minimum cuts between the sources and demand nodes, on a point of the LP.

Each line counts with the part of the demand that one pair carries, at most 1, times its pairs. Where less than 1 gets
through, the sets on either side of the minimum cut are those whose inequality the point breaks (`cuts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from solvers.design.problem import Array, Ints, Mask

ONE = 10**6
"""What one pair that carries the whole demand counts: flows of `scipy.sparse.csgraph` are whole numbers."""

ENOUGH = 0.995
"""Share of 1 from which on what gets through breaks nothing."""

LITTLE = 1e-4
"""Added to what every line lets through: of minimum cuts, one with few lines."""

NESTED = 3
"""Cuts for one demand: the lines of each count as open in the next."""


@dataclass(frozen=True)
class Ways:
    """What may flow from node to node: `tail`, `head`, MW of a pair and its amount, by line and direction in use."""

    nodes: int
    sources: Ints
    tail: Ints
    head: Ints
    capacity_mw: Array
    amount: Array

    def sets(self, sinks: Ints, demand_mw: float) -> Iterator[Mask]:
        """Sets with the sinks, and without sources, that let in less than the demand of the sinks asks for."""
        share = np.minimum(1.0, self.capacity_mw / demand_mw) * self.amount
        between, place = np.unique(self.tail * self.nodes + self.head, return_inverse=True)
        tail, head = between // self.nodes, between % self.nodes
        room = np.minimum((np.bincount(place, share) + LITTLE) * ONE, 2 * ONE).astype(np.int32)
        for _ in range(NESTED):
            found = self._sides(tail, head, room, sinks)
            if found is None:
                return
            for inside in found:
                yield inside
                room[inside[head] & ~inside[tail]] = ONE

    def _sides(self, tail: Ints, head: Ints, room: Any, sinks: Ints) -> tuple[Mask, ...] | None:
        """What reaches the sinks, and what the sources do not reach, when as much flows as can; None for enough."""
        source, sink = self.nodes, self.nodes + 1
        whole = np.full(len(self.sources) + len(sinks), 50 * ONE, dtype=np.int32)
        graph = csr_array(
            (
                np.concatenate([room, whole]),
                (
                    np.concatenate([tail, np.full(len(self.sources), source), sinks]),
                    np.concatenate([head, self.sources, np.full(len(sinks), sink)]),
                ),
            ),
            shape=(self.nodes + 2, self.nodes + 2),
        )
        found = maximum_flow(graph, source, sink)
        if found.flow_value >= ENOUGH * ONE:
            return None
        left = graph - found.flow
        left.data[left.data < 0] = 0
        left.eliminate_zeros()
        near, far = np.zeros(self.nodes + 2, dtype=bool), np.ones(self.nodes + 2, dtype=bool)
        near[breadth_first_order(csr_array(left.T), sink, return_predecessors=False)] = True
        far[breadth_first_order(csr_array(left), source, return_predecessors=False)] = False
        sides = near[: self.nodes], far[: self.nodes]
        return sides[:1] if (sides[0] == sides[1]).all() else sides
