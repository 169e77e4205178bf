"""SteinLib: join all consumers to the source; an edge costs `capex_fix` and carries anything.

An edge is a pipe of its length at its cost per metre without loss. It carries as much as all consumers want, each 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from peers import network
from peers.conversion import Conversion, PeerError, rows


def is_one(folder: Path, params: dict[str, Any]) -> bool:
    """Whether a folder is such a case."""
    return str(params.get("model", "")).startswith("steiner-tree")


def convert(folder: Path, params: dict[str, Any]) -> Conversion:
    """Its instance: one million is one unit of the case's cost."""
    nodes, consumers = rows(folder, "nodes.csv"), rows(folder, "demand.csv")
    most = sum(row.number("demand_kw") for row in consumers)
    edges = []
    for row in rows(folder, "edges.csv"):
        length = row.number("length_m")
        kind = network.Kind("pipe", most, cost_per_m=row.number("capex_fix") / length)
        edges.append(network.Edge(row.text("edge"), (row.text("from"), row.text("to")), length, (kind,)))
    sources = [network.Source(row["node"], 0.0, float("inf")) for row in nodes if row.text("kind") == "source"]
    if len(sources) != 1:
        raise PeerError(f"{folder / 'nodes.csv'}: names {len(sources)} sources; a Steiner tree has one root.")
    return network.convert(
        folder,
        network.Network(
            network.places(folder, nodes),
            edges,
            sources,
            [network.Consumer(row.text("node"), row.number("demand_kw")) for row in consumers],
        ),
    )
