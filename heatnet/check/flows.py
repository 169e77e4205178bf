"""Maximum flows of heat through the places, in whole watts, so that the search is exact and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx

if TYPE_CHECKING:
    from heatnet.check.facts.lines import Lines
    from heatnet.check.findings import Array

SOURCE, SINK = "source", "sink"
"""Nodes of the network of flows beside the places, which are numbers."""

WATT = 1_000_000
"""Watts in a MW."""

Arcs = list[tuple[int, int, int]]
"""Ways as start, end and room."""


def watts(power_mw: Array) -> list[int]:
    """Whole watts."""
    return [round(float(value) * WATT) for value in power_mw]


def arcs(lines: Lines, room: list[int]) -> Arcs:
    """The ways over lines, each with the same room there and, unless it goes one way, back."""
    there = list(zip(lines.start.tolist(), lines.end.tolist(), room, strict=True))
    return there + [(b, a, width) for (a, b, width), one_way in zip(there, lines.one_way, strict=True) if not one_way]


def served(ways: Arcs, supply: list[int], wanted: list[int]) -> int:
    """The flow that can be served of what is wanted at each place, from what can be supplied at each."""
    return int(nx.maximum_flow_value(_network(ways, supply, wanted), SOURCE, SINK))


def cut(ways: Arcs, supply: list[int], wanted: list[int]) -> tuple[int, set[int]]:
    """The flow that can be served, and the places on the far side of the minimum cut."""
    flow, (_, far) = nx.minimum_cut(_network(ways, supply, wanted), SOURCE, SINK)
    return int(flow), {n for n in far if n != SINK}


def _network(ways: Arcs, supply: list[int], wanted: list[int]) -> Any:
    graph: Any = nx.DiGraph()
    graph.add_nodes_from((SOURCE, SINK))
    for n, (out, into) in enumerate(zip(supply, wanted, strict=True)):
        graph.add_edge(SOURCE, n, capacity=out)
        graph.add_edge(n, SINK, capacity=into)
    for a, b, width in ways:
        if not width:  # most candidates of a network are not laid
            continue
        before = graph.get_edge_data(a, b, {"capacity": 0})["capacity"]
        graph.add_edge(a, b, capacity=before + width)
    return graph
