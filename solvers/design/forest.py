"""Plans that are trees, each from one source: built by the cheapest ways, then changed branch by branch.

They are plans of any problem, best ones only where trees are; the exact search begins from them. Needs at the nodes are
those of the design hour, with the losses of what is laid, so every edge gets the cheapest filling that carries them.
"""

from __future__ import annotations

import random
import time
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from solvers.design.options import Options, Prices
from solvers.design.problem import Array, Ints, Problem

NOTHING = 1e-9
"""MW below which nothing flows: what is left when needs are added and taken away."""

MARGIN = 1e-7
"""Share by which a change must be better."""


@dataclass
class Forest:
    """For every node the edge by which it is fed, and what it needs.

    `up`: node above (−1: none, a source or not reached); `by`: its edge; `need`: MW at the node, losses at its edges
    below among it; `cost`: of all edges, sources and of what is not served.
    """

    problem: Problem
    options: Options
    prices: Prices
    up: list[int] = field(default_factory=list)
    by: list[int] = field(default_factory=list)
    need: list[float] = field(default_factory=list)
    pays: list[float] = field(default_factory=list)
    served: list[bool] = field(default_factory=list)
    cost: float = 0.0
    _undo: list[tuple[int, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """What it brings to serve each node (for those that must be: what it saves), and most of each source."""
        p = self.problem
        brings = (p.sold_mcur * p.profile).sum(axis=0) * p.load_mw - p.connect_mcur
        lacks = (p.short_mcur + p.unserved_mcur @ p.profile) * p.load_mw
        self.pays = np.where(p.optional, np.where(p.connectable, brings, -np.inf), lacks).tolist()
        self.load = p.load_mw.tolist()
        self.dear = float(p.short_mcur + p.unserved_mcur.sum())

    # --- one edge, one source ------------------------------------------------------------------------------

    def edge_cost(self, edge: int, need: float) -> tuple[float, float]:
        """Cost of an edge that must bring so much, and what has to go in."""
        if need <= NOTHING:
            return 0.0, 0.0
        most = self.options.most[edge]
        k = bisect_left(most, need)
        if k == len(most):
            if not most:
                return self.dear * need + 1.0, need
            over = need - most[-1]
            k -= 1
            loss = self.options.loss[edge][k]
            return self.options.fixed[edge][k] + self.options.by_flow[edge][k] * need + self.dear * over, need + loss
        loss = self.options.loss[edge][k]
        return self.options.fixed[edge][k] + self.options.by_flow[edge][k] * need, need + loss

    def source_cost(self, node: int, need: float) -> float:
        """Cost of heat at a source; beyond what it can make, as dear as heat that lacks."""
        levels = self.prices.heat_mw.get(node)
        if levels is None:
            return self.dear * need
        costs = self.prices.heat_mcur[node]
        k = min(bisect_left(levels, need), len(levels) - 1)
        if k == 0:
            return 0.0
        inside = min(need, levels[-1])
        slope = (costs[k] - costs[k - 1]) / (levels[k] - levels[k - 1])
        return costs[k - 1] + slope * (inside - levels[k - 1]) + self.dear * (need - inside)

    def heat_weight(self, node: int) -> float:
        """What 1 MW costs at a source as it is used now."""
        levels = self.prices.heat_mw[node]
        need = max(self.need[node] if self.need else 0.0, levels[1])
        return self.source_cost(node, need) / need

    # --- changes ---------------------------------------------------------------------------------------------

    def add(self, node: int, amount: float) -> float:
        """More (or less) need at a node and all above it; returns what that costs. `undo` takes it back."""
        total = 0.0
        up, by, need, undo = self.up, self.by, self.need, self._undo
        while amount:
            before = need[node]
            after = before + amount
            if after < NOTHING:
                after = 0.0
            undo.append((node, before))
            need[node] = after
            if up[node] < 0:
                return total + self.source_cost(node, after) - self.source_cost(node, before)
            old, into_old = self.edge_cost(by[node], before)
            new, into_new = self.edge_cost(by[node], after)
            total += new - old
            amount = into_new - into_old
            node = up[node]
        return total

    def undo(self, since: int) -> None:
        """Needs as they were."""
        while len(self._undo) > since:
            node, before = self._undo.pop()
            self.need[node] = before

    def keep(self) -> None:
        """What was changed stays."""
        self._undo.clear()

    def takes(self, node: int) -> float:
        """What the node draws from the one above."""
        return self.edge_cost(self.by[node], self.need[node])[1]

    # --- from nothing ----------------------------------------------------------------------------------------

    def grow(self, weight: Array, served: list[bool]) -> None:
        """Ways of least weight from the sources to all nodes, and the needs on them."""
        p = self.problem
        usable = np.array([bool(most) for most in self.options.most])
        edges = np.flatnonzero(usable)
        sources = np.array(list(self.prices.heat_mw), dtype=np.int64)
        heat = np.array([self.heat_weight(node) for node in sources.tolist()])
        weights = np.maximum(weight, 1e-9)
        row = np.concatenate([p.start[edges], p.end[edges], np.full(len(sources), p.nodes)])
        column = np.concatenate([p.end[edges], p.start[edges], sources])
        value = np.concatenate([weights[edges], weights[edges], np.maximum(heat, 1e-9)])
        number = np.concatenate([edges, edges, np.full(len(sources), -1)])
        # Of edges side by side the lightest; csgraph would add them up.
        order = np.lexsort([value, column, row])
        first = np.ones(len(order), dtype=bool)
        first[1:] = (np.diff(row[order]) != 0) | (np.diff(column[order]) != 0)
        pick = order[first]
        graph = coo_array((value[pick], (row[pick], column[pick])), shape=(p.nodes + 1,) * 2).tocsr()
        distance, before = dijkstra(graph, indices=np.array(p.nodes), return_predecessors=True)
        edge_of = dict(
            zip(zip(row[pick].tolist(), column[pick].tolist(), strict=True), number[pick].tolist(), strict=True)
        )
        self.up, self.by = [-1] * p.nodes, [-1] * p.nodes
        above = before[: p.nodes].tolist()
        for node, parent in enumerate(above):
            if 0 <= parent < p.nodes:
                self.up[node], self.by[node] = parent, edge_of[parent, node]
        reached = np.isfinite(distance[: p.nodes])
        self.served = [bool(want and near) for want, near in zip(served, reached, strict=True)]
        self.order = np.argsort(-distance[: p.nodes], kind="stable").tolist()
        self.sum_up()

    def sum_up(self) -> None:
        """Needs and cost from the far ends to the sources."""
        self.need = [load if on else 0.0 for load, on in zip(self.load, self.served, strict=True)]
        total = 0.0
        for node in self.order:
            need = self.need[node]
            if self.up[node] >= 0:
                cost, into = self.edge_cost(self.by[node], need)
                total += cost
                self.need[self.up[node]] += into
            elif need > NOTHING:
                total += self.source_cost(node, need)
        for pays, on, optional in zip(self.pays, self.served, self.problem.optional.tolist(), strict=True):
            total += (-pays if on else 0.0) if optional else (0.0 if on else pays)
        self.cost = total
        self.keep()

    def slopes(self, weight: Array) -> Array:
        """Weights for the next growth: cost per MW of the edges in use, as before for the others."""
        found = weight.copy()
        for node, edge in enumerate(self.by):
            if edge >= 0 and self.need[node] > NOTHING:
                found[edge] = self.edge_cost(edge, self.need[node])[0] / self.need[node]
        return found

    # --- better, step by step ----------------------------------------------------------------------------------

    def below(self, node: int, other: int) -> bool:
        """Whether `other` is fed through `node`."""
        while other >= 0:
            if other == node:
                return True
            other = self.up[other]
        return False

    def exchange(self, node: int, edge: int, other: int) -> bool:
        """Feed a node by another edge if that costs less."""
        takes = self.takes(node) if self.by[node] >= 0 else 0.0
        before = self.edge_cost(self.by[node], self.need[node])[0] if self.by[node] >= 0 else 0.0
        after, into = self.edge_cost(edge, self.need[node])
        change = after - before
        if self.up[node] >= 0:
            change += self.add(self.up[node], -takes)
        else:
            change -= self.source_cost(node, self.need[node])
        change += self.add(other, into)
        if change < -MARGIN * abs(self.cost):
            self.up[node], self.by[node] = other, edge
            self.cost += change
            self.keep()
            return True
        self.undo(0)
        return False

    def toggle(self, node: int) -> bool:
        """Serve who is not, or leave out who is, if that costs less."""
        if self.pays[node] == -np.inf or (self.up[node] < 0 and node not in self.prices.heat_mw):
            return False
        sign = -1.0 if self.served[node] else 1.0
        change = self.add(node, sign * self.load[node]) - sign * self.pays[node]
        if change < -MARGIN * abs(self.cost):
            self.served[node] = not self.served[node]
            self.cost += change
            self.keep()
            return True
        self.undo(0)
        return False

    def prune(self) -> None:
        """Leave out the branches that do not pay for themselves, from the far ends; take in those that do.

        Heat is priced as the next MW at the source. On a tree whose edges cost a sum and a price by flow it is the best
        choice of consumers.
        """
        heat = self.heat_price()
        optional = self.problem.optional.tolist()
        self.order = self.outward()[::-1]
        gain = [0.0] * len(self.up)
        must = [load > 0 and not free for load, free in zip(self.load, optional, strict=True)]
        for node, (load, pays) in enumerate(zip(self.load, self.pays, strict=True)):
            if load > 0 and optional[node]:
                worth = pays - heat * load
                self.served[node] = worth > 0 and self.reaches(node)
                gain[node] = max(worth, 0.0)
        need = [load if on else 0.0 for load, on in zip(self.load, self.served, strict=True)]
        dropped = []
        for node in self.order:
            above = self.up[node]
            if above < 0:
                continue
            cost, into = self.edge_cost(self.by[node], need[node])
            gain[node] -= cost + heat * (into - need[node])
            if must[node] or gain[node] > 0:
                gain[above] += gain[node] if not must[node] else 0.0
                need[above] += into
                must[above] = must[above] or must[node]
            else:
                dropped.append(node)
        out = set(dropped)
        for node in reversed(self.order):
            if node in out or self.up[node] in out:
                out.add(node)
                self.served[node] = False
        self.sum_up()

    def heat_price(self) -> float:
        """What the next MW costs, mean of the sources in use."""
        used = [(self.need[k], self.source_cost(k, 1.05 * self.need[k])) for k in self.prices.heat_mw]
        total = sum(need for need, _ in used)
        if total <= NOTHING:
            return min((self.heat_weight(k) for k in self.prices.heat_mw), default=0.0)
        now = sum(self.source_cost(k, self.need[k]) for k in self.prices.heat_mw)
        return (sum(cost for _, cost in used) - now) / (0.05 * total)

    def outward(self) -> list[int]:
        """Nodes, each after the one above it."""
        below: list[list[int]] = [[] for _ in self.up]
        for node, above in enumerate(self.up):
            if above >= 0:
                below[above].append(node)
        found = [node for node, above in enumerate(self.up) if above < 0]
        for node in found:
            found += below[node]
        return found

    @cached_property
    def around(self) -> list[list[tuple[int, int]]]:
        """Neighbours of each node, and the edges to them that can be used."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(self.problem.nodes)]
        ends = zip(self.problem.start.tolist(), self.problem.end.tolist(), self.options.most, strict=True)
        for edge, (one, other, most) in enumerate(ends):
            if most:
                found[one].append((other, edge))
                found[other].append((one, edge))
        return found

    def improve(self, until: float, rng: random.Random) -> None:
        """Exchanges and toggles, node by node, until none is for the better or the time is over."""
        nodes = list(range(self.problem.nodes))
        wanted = [node for node in nodes if self.load[node] > 0 and self.problem.optional[node]]
        better = True
        while better and time.perf_counter() < until:
            better = False
            rng.shuffle(nodes)
            for node in nodes:
                if self.need[node] <= NOTHING or (self.up[node] < 0 and node in self.prices.heat_mw):
                    continue
                for other, edge in self.around[node]:
                    if other == self.up[node] or edge == self.by[node]:
                        continue
                    if self.reaches(other) and not self.below(node, other):
                        better |= self.exchange(node, edge, other)
                if time.perf_counter() > until:
                    return
            for node in wanted:
                better |= self.toggle(node)
            before, state = self.cost, self.copy
            self.prune()
            if self.cost < before - MARGIN * abs(before):
                better = True
            else:
                self.restore(state)

    def reaches(self, node: int) -> bool:
        """Whether a node is a source or fed from one."""
        return self.up[node] >= 0 or node in self.prices.heat_mw

    # --- the plan ----------------------------------------------------------------------------------------------

    def pairs(self) -> Ints:
        """Pairs by line."""
        found = np.zeros(len(self.problem.lines), dtype=np.int64)
        for node, edge in enumerate(self.by):
            if edge >= 0 and self.need[node] > NOTHING and self.options.most[edge]:
                k = min(bisect_left(self.options.most[edge], self.need[node]), len(self.options.most[edge]) - 1)
                for line, number in self.options.pairs[edge][k]:
                    found[line] = number
        return found

    @property
    def copy(self) -> tuple[list[int], list[int], list[float], list[bool], float]:
        """What `restore` needs."""
        return self.up[:], self.by[:], self.need[:], self.served[:], self.cost

    def restore(self, state: tuple[list[int], list[int], list[float], list[bool], float]) -> None:
        """A state of before."""
        self.up, self.by, self.need, self.served = (part[:] for part in state[:4])  # type: ignore[assignment]
        self.cost = state[4]
        self.keep()
