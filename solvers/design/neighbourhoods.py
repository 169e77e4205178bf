"""A better plan by small exact searches: a part of the network is free, the rest stays as it is."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from heatnet.solve import Limits
from solvers import highs
from solvers.design import relaxations
from solvers.design.model import Network
from solvers.design.plan import Plan
from solvers.design.problem import Ints, Mask
from solvers.matrix import Array, Matrix

SIZE = 40
"""Edges in a part at first."""

SOON_S, LATE_S = 0.3, 1.0
"""Seconds: parts that are done sooner grow, those that take longer shrink; `LATE_S` is the limit."""

FAILURES = 12
"""Parts in a row without a better plan after which the search ends, or as many as cover the network twice."""


@dataclass
class Neighbourhoods:
    """Parts of one model, around one node after the other. `values` are those of its integer columns, by column."""

    network: Network
    values: Array
    limits: Limits
    size: int = SIZE
    cost: float = np.inf

    def __post_init__(self) -> None:
        p = self.network.problem
        self.around: list[list[tuple[int, int]]] = [[] for _ in range(p.nodes)]
        usable = np.zeros(p.edges, dtype=bool)
        usable[p.lines.edge] = True
        for edge, (one, other) in enumerate(zip(p.start.tolist(), p.end.tolist(), strict=True)):
            if usable[edge]:
                self.around[one].append((other, edge))
                self.around[other].append((one, edge))
        self.whole = np.flatnonzero(self.network.matrix.integer)

    def run(self, rng: random.Random, stop: Callable[[], bool], told: Callable[[Plan], None]) -> None:
        """Parts around nodes drawn from those with lines about; `told` is given every better plan."""
        p = self.network.problem
        centres = [node for node in range(p.nodes) if len(self.around[node]) > 2] or list(range(p.nodes))
        failures = 0
        while not stop() and failures < max(FAILURES, 2 * p.edges // self.size):
            failures += 1
            matrix, left = self.around_part(self.part(rng.choice(centres)))
            session = highs.Session(
                replace(self.limits, gap=min(2e-4, 0.1 * self.limits.gap), time_s=LATE_S), lambda progress: None
            )
            start = [(k, float(self.values[left[k]])) for k in np.flatnonzero(matrix.integer).tolist()]
            outcome = session.solve("part", matrix, kind="neither", start=start)
            if session.interrupted:
                raise KeyboardInterrupt
            if session.seconds < SOON_S:
                self.size = min(int(self.size * 1.2) + 1, p.edges)
            elif session.seconds >= LATE_S:
                self.size = max(int(self.size * 0.8), 20)
            if outcome.x is None or outcome.cost is None:
                continue
            if outcome.cost < self.cost - 1e-6 * abs(outcome.cost):
                before = self.values.copy()
                self.cost = outcome.cost
                found = left[matrix.integer]
                self.values[found] = np.round(outcome.x[matrix.integer])
                if (self.values != before).any():
                    failures = 0
                    told(relaxations.plan(self.network, self.values))

    def around_part(self, free: Mask) -> tuple[Matrix, Ints]:
        """The model with all that is not free as it is, and its columns: what carries no flow there is left out."""
        n, whole = self.network, self.network.matrix
        kept = self.whole[~free[self.whole]]
        matrix = whole.fixed(kept.astype(np.int32), self.values[kept])
        for way in (0, 1):
            open_lines = matrix.up[n.pairs[:, way]] > 0.5
            idle = np.bincount(n.problem.lines.edge, open_lines, n.problem.edges) == 0
            matrix.up[n.flow[idle, way]] = 0.0
        return matrix.without_fixed()

    def part(self, centre: int) -> Mask:
        """Columns of what lies around a node, and of all machines."""
        edges, nodes = self._near(centre)
        n = self.network
        lines = np.isin(n.problem.lines.edge, edges)
        free = np.zeros(len(n.matrix.low), dtype=bool)
        free[n.pairs[lines].ravel()] = True
        joined = n.connected[nodes]
        for columns in (joined[joined >= 0], n.kept, n.built):
            free[columns] = True
        return free

    def _near(self, centre: int) -> tuple[Ints, Ints]:
        """Edges and nodes found first from a node, as many as a part has."""
        order, seen, edges = [centre], {centre}, dict[int, None]()
        for node in order:
            for other, edge in self.around[node]:
                edges[edge] = None
                if other not in seen:
                    seen.add(other)
                    order.append(other)
            if len(edges) >= self.size:
                break
        return np.array(list(edges), dtype=np.int64), np.array(order, dtype=np.int64)
