"""DHNx: capacity of pipes by edge and type, continuous or of one size, for demands of one hour.

- Money: one million is one unit of the case's cost. Power: a MW is a kW.
- `binary` types of one size (no cost or loss by capacity): candidates of the edge, with capex_fix and loss_fix per m;
  what flows in is at most cap_max. The case lets all types be laid beside each other in both directions, here one
  pipe of one type is laid. That is the same where one pipe of some type carries all demand and costs and loses less
  than any two.
- Types that are not binary: the capacity is the flow in (one step, and it costs), so cost and loss are by flow
  (`peers.network`), and the pipe is there for nothing. Exact, as nothing else is paid.
- Flow to a consumer and from a source is one way in the case. Here nothing hangs on a consumer, and heat that comes
  to a source could only be made there at no more cost.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

from peers import network
from peers.conversion import Conversion, MissingFeatureError, PeerError, rows, setting


def is_one(folder: Path, params: dict[str, Any]) -> bool:
    """Whether a folder is such a case."""
    return str(params.get("model", "")).startswith("dhnx-")


def convert(folder: Path, params: dict[str, Any]) -> Conversion:
    """Its instance."""
    if setting(params, folder, "n_timesteps") != 1:
        raise MissingFeatureError("capex and loss of a pipe in proportion to its largest flow over several time steps.")
    kinds = tuple(_kind(row) for row in rows(folder, "pipe_types.csv"))
    edges = []
    for row in rows(folder, "edges.csv"):
        if row.flag("existing"):
            raise MissingFeatureError("an existing pipe whose loss is paid only when it is used.")
        edges.append(network.Edge(row.text("edge"), (row.text("from"), row.text("to")), row.number("length_m"), kinds))
    consumers = [network.Consumer(row.text("node"), row.number("demand_kw")) for row in rows(folder, "demand.csv")]
    for consumer in consumers:
        if sum(consumer.node in edge.ends for edge in edges) != 1:
            raise MissingFeatureError("a consumer that other heat could pass through, and may not.")
    sources = [
        network.Source(row.text("node"), row.number("variable_cost"), row.number("cap_max_kw", float("inf")))
        for row in rows(folder, "sources.csv")
    ]
    if len({source.cost_per_kw for source in sources}) > 1:
        raise MissingFeatureError("sources at several prices that no heat may pass through.")
    case = network.Network(network.places(folder, rows(folder, "nodes.csv")), edges, sources, consumers)
    _one_pipe_is_enough(folder, case, kinds)
    return network.convert(folder, case)


def _kind(row: Any) -> network.Kind:
    name, most = row.text("type"), row.number("cap_max_kw")
    by_flow = row.number("capex_per_kw_m"), row.number("loss_per_kwcap_m")
    fixed = row.number("capex_fix_per_m"), row.number("loss_fix_kw_per_m")
    if row.flag("binary") and any(by_flow):
        raise MissingFeatureError(f"the type {name} of pipe has a cost or loss by capacity between two sizes.")
    if row.flag("binary"):
        return network.Kind(name, most, loss_kw_per_m=fixed[1], cost_per_m=fixed[0])
    if any(fixed):
        raise MissingFeatureError(f"the type {name} of pipe has a fixed cost or loss in every edge, laid or not.")
    return network.Kind(name, most, cost_per_kw_m=by_flow[0], loss_per_m=by_flow[1], laid=False)


def _one_pipe_is_enough(folder: Path, case: network.Network, kinds: tuple[network.Kind, ...]) -> None:
    """Raises MissingFeatureError where two pipes in one edge could be better than one."""
    if not kinds:
        raise PeerError(f"{folder / 'pipe_types.csv'}: has no types.")
    laid = [kind for kind in kinds if kind.laid]
    if (laid and len(laid) < len(kinds)) or (not laid and len(kinds) > 1):
        raise MissingFeatureError("several types of pipe in one edge of which one at least has no size.")
    most = sum(consumer.kw for consumer in case.consumers) + sum(edge.fixed_loss_kw for edge in case.edges)
    largest = max(kinds, key=lambda kind: kind.most_kw)
    pairs = list(combinations_with_replacement(laid, 2))
    dominated = all(
        one.cost_per_m + other.cost_per_m >= largest.cost_per_m
        and one.loss_kw_per_m + other.loss_kw_per_m >= largest.loss_kw_per_m
        for one, other in pairs
    )
    if largest.most_kw < most or not dominated:
        raise MissingFeatureError("pipes of several types side by side in one edge, each type at most once.")
