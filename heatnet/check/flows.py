"""Maximum flows of heat through the places, in whole watts, so that the search is exact and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx

if TYPE_CHECKING:
    from heatnet.check.findings import Array

SOURCE, SINK = "source", "sink"
"""Nodes of the network of flows beside the places, which are numbers."""

WATT = 1_000_000
"""Watts in a MW."""

Arcs = list[tuple[int, int, int]]
"""Lines as start, end and room, which is the same both ways."""


def watts(power_mw: Array) -> list[int]:
    """Whole watts."""
    return [round(float(value) * WATT) for value in power_mw]


def served(arcs: Arcs, supply: list[int], wanted: list[int]) -> int:
    """The flow that can be served of what is wanted at each place, from what can be supplied at each."""
    return int(nx.maximum_flow_value(_network(arcs, supply, wanted), SOURCE, SINK))


def cut(arcs: Arcs, supply: list[int], wanted: list[int]) -> tuple[int, set[int]]:
    """The flow that can be served, and the places on the far side of the minimum cut."""
    flow, (_, far) = nx.minimum_cut(_network(arcs, supply, wanted), SOURCE, SINK)
    return int(flow), {n for n in far if n != SINK}


def _network(arcs: Arcs, supply: list[int], wanted: list[int]) -> Any:
    graph: Any = nx.DiGraph()
    graph.add_nodes_from((SOURCE, SINK))
    for n, (out, into) in enumerate(zip(supply, wanted, strict=True)):
        graph.add_edge(SOURCE, n, capacity=out)
        graph.add_edge(n, SINK, capacity=into)
    for a, b, width in arcs:
        for one, other in ((a, b), (b, a)):
            before = graph.get_edge_data(one, other, {"capacity": 0})["capacity"]
            graph.add_edge(one, other, capacity=before + width)
    return graph
