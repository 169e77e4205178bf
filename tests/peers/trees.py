"""A good plan of a topotherm case without any solver: a tree of pipes, improved step by step.

The start is the tree of the shortest ways from the source. An edge that is not in it closes a cycle with it; each
edge of that cycle in turn may be left out for it, and the best exchange is taken, until none makes the plan cheaper.
Where consumers may be left out, those beyond one pipe are, as long as that makes it cheaper.

What hangs on a node of one edge is folded into its neighbour once, so that an exchange is priced on the rest only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import networkx as nx

Edges = Mapping[str, tuple[str, str, float]]
"""Ends and length in m, by name."""

Tree = frozenset[str]
"""Names of edges without a cycle."""


@dataclass(frozen=True)
class Case:
    """A case of one source and one time step: kW, m, money per year.

    `pays`: what a consumer pays for all of its heat. A pipe costs per m `cost_per_m` and `cost_per_kw_m` times the flow
    in, and loses `loss_kw_per_m` and the share `loss_per_m` of the flow in.
    """

    edges: Edges
    source: str
    heat_cost_per_kw: float
    wanted_kw: Mapping[str, float]
    pays: Mapping[str, float]
    forced: bool
    cost_per_m: float
    cost_per_kw_m: float
    loss_kw_per_m: float
    loss_per_m: float

    def pipe(self, out_kw: float, length_m: float) -> tuple[float, float]:
        """Flow in and cost of a pipe of which so much comes out; nothing, where nothing does."""
        if out_kw <= 0:
            return 0.0, 0.0
        into = (out_kw + self.loss_kw_per_m * length_m) / (1 - self.loss_per_m * length_m)
        return into, length_m * (self.cost_per_m + self.cost_per_kw_m * into)


@dataclass(frozen=True)
class Plan:
    """Edges laid, nodes served, and what the search thinks that it costs."""

    laid: Tree
    served: frozenset[str]
    cost: float


def find(case: Case) -> Plan:
    """A plan that neither the exchange of two edges makes cheaper nor leaving out all consumers beyond a pipe."""
    best = _of(case, frozenset(case.wanted_kw))
    while not case.forced:
        fewer = [_of(case, best.served - beyond) for beyond in _beyond(case, best)]
        least = min(fewer, key=lambda plan: plan.cost, default=best)
        if least.cost >= best.cost:
            break
        best = least
    return best


def _of(case: Case, served: frozenset[str]) -> Plan:
    """A plan for some of the consumers."""
    rest, out_kw, paid, folded = _fold(case, {node: case.wanted_kw[node] for node in served})
    paid -= sum(case.pays[node] for node in served)

    def cost(tree: Tree) -> float:
        return paid + _priced(rest, tree, out_kw)[0]

    tree = _improved(rest, _shortest(rest), cost)
    total, laid = _priced(rest, tree, out_kw)
    return Plan(laid | folded, served, paid + total)


def _fold(case: Case, wanted_kw: Mapping[str, float]) -> tuple[Case, dict[str, float], float, Tree]:
    """The case without what hangs on one edge: the rest, kW wanted there, the cost of what was folded, its pipes."""
    edges, out_kw, cost, laid = dict(case.edges), dict(wanted_kw), 0.0, set()
    at = _at(edges)
    ends = [node for node, names in at.items() if len(names) == 1]
    while ends:
        node = ends.pop()
        if node == case.source or not at[node]:
            continue
        (name,) = at.pop(node)
        one, other, length = edges.pop(name)
        neighbour = other if node == one else one
        into, money = case.pipe(out_kw.pop(node, 0.0), length)
        if into:
            laid.add(name)
            cost += money
            out_kw[neighbour] = out_kw.get(neighbour, 0.0) + into
        at[neighbour].remove(name)
        if len(at[neighbour]) == 1:
            ends.append(neighbour)
    return replace(case, edges=edges), out_kw, cost, frozenset(laid)


def _at(edges: Edges) -> dict[str, set[str]]:
    """Names of the edges at each node."""
    at: dict[str, set[str]] = {}
    for name, (one, other, _) in edges.items():
        at.setdefault(one, set()).add(name)
        at.setdefault(other, set()).add(name)
    return at


def _shortest(case: Case) -> Tree:
    """The tree of the shortest ways from the source to all nodes."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_node(case.source)
    for name, (one, other, length) in case.edges.items():
        graph.add_edge(one, other, name=name, length=length)
    ways = nx.single_source_dijkstra_path(graph, case.source, weight="length")
    return frozenset(graph.edges[pair]["name"] for way in ways.values() for pair in pairwise(way))


def _improved(case: Case, tree: Tree, cost: Callable[[Tree], float]) -> Tree:
    """Exchange edges one by one, for each edge outside the best that it can replace, until none is for the better."""
    least = cost(tree)
    better = True
    while better:
        better = False
        for name in sorted(case.edges.keys() - tree):
            costs = {left: cost(tree - {left} | {name}) for left in _cycle(case, tree, name)}
            left = min(costs, key=costs.__getitem__)
            if costs[left] < least - 1e-9 * abs(least):
                tree, least, better = tree - {left} | {name}, costs[left], True
    return tree


def _rooted(case: Case, tree: Iterable[str]) -> list[tuple[str, str, str]]:
    """The edges of a tree with their ends, the one towards the source first; from the source outwards."""
    at = _at({name: case.edges[name] for name in tree})
    order: list[tuple[str, str, str]] = []
    reached = [(case.source, "")]
    for node, by in reached:
        for name in at.get(node, ()):
            if name != by:
                one, other, _ = case.edges[name]
                below = other if node == one else one
                order.append((name, node, below))
                reached.append((below, name))
    return order


def _cycle(case: Case, tree: Tree, name: str) -> list[str]:
    """The edges of a tree that make a cycle with one that is not in it."""
    up = {below: (edge, above) for edge, above, below in _rooted(case, tree)}
    ways: list[set[str]] = []
    for node in case.edges[name][:2]:
        way = set()
        while node in up:
            edge, node = up[node]
            way.add(edge)
        ways.append(way)
    return sorted(ways[0] ^ ways[1])


def _priced(case: Case, tree: Tree, wanted_kw: Mapping[str, float]) -> tuple[float, Tree]:
    """Cost of the pipes of a tree and of the heat that goes into it; and the edges through which heat flows."""
    out_kw, cost, laid = dict(wanted_kw), 0.0, set()
    for name, above, below in reversed(_rooted(case, tree)):
        into, money = case.pipe(out_kw.get(below, 0.0), case.edges[name][2])
        if into:
            laid.add(name)
            cost += money
            out_kw[above] = out_kw.get(above, 0.0) + into
    return cost + case.heat_cost_per_kw * out_kw.get(case.source, 0.0), frozenset(laid)


def _beyond(case: Case, plan: Plan) -> list[frozenset[str]]:
    """For each pipe that is laid, the consumers served through it."""
    through: dict[str, frozenset[str]] = {}
    order = _rooted(case, plan.laid)
    for name, _, below in reversed(order):
        further = [through[edge] for edge, above, _ in order if above == below]
        through[name] = frozenset().union({below} & plan.served, *further)
    return list(through.values())
