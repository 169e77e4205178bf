"""Networks of pipes with one time step: what topotherm, DHNx and SteinLib have in common.

An edge is a pipe that may be laid, or is there for nothing. In heatnet a pair loses the same heat whatever flows,
half of it at each end, so that with a flow f between the halves, in = f + h and out = f − h. What the peers add in
proportion to the flow is not heatnet's: a capex per kW of the flow, and a loss per kW of it. Both are carried as a
price on the flow, by the power that the stations of a pipe take per MW (`station_power_share`) at the retail price of
power.

For the capex this is exact: with one step the capacity built is the flow in. For the loss, the heat that it takes
must be worth the same here as there. Let m[v] be the least that 1 kW more at node v costs: the source's price at a
source, and over an edge (m[u] + c) / (1 − a), c being the capex per kW in and a the share lost. A flow price m[v] −
m[u] makes heat at v cost m[v] in heatnet too. So cost and optimum are the same where each edge can only be used in
one direction and by one way from the source (a tree with one source), and where nothing is paid for the laying of
pipes (all then follow the least ways). Elsewhere the price holds the least that the loss can cost: a lower bound. h
is paid like flow.

What it may save to leave a consumer out is at most the cost of a way of its own: the way of least fixed cost, and m.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import networkx as nx

from heatnet.instance import records as r
from heatnet.solution import Solution
from peers.conversion import (
    Conversion,
    MissingFeatureError,
    PeerError,
    demand,
    frame,
    machine,
    node,
    origin,
    pipe_type,
    price,
)


@dataclass(frozen=True)
class Kind:
    """A kind of pipe: most flow in kW, fixed loss in kW per m, cost per m, and both per m and kW of the flow in.

    `loss_per_m` is a share of the flow in. Without `laid` the pipe is there and costs nothing but by its flow.
    """

    id: str
    most_kw: float
    loss_kw_per_m: float = 0.0
    cost_per_m: float = 0.0
    cost_per_kw_m: float = 0.0
    loss_per_m: float = 0.0
    laid: bool = True


@dataclass(frozen=True)
class Edge:
    """A place for one pipe between two nodes, of one of some kinds."""

    id: str
    ends: tuple[str, str]
    length_m: float
    kinds: tuple[Kind, ...]

    @property
    def fixed_cost(self) -> float:
        """Cost of the dearest kind without its flow."""
        return self.length_m * max(kind.cost_per_m for kind in self.kinds)

    @property
    def fixed_loss_kw(self) -> float:
        """Loss of the leakiest kind without its flow."""
        return self.length_m * max(kind.loss_kw_per_m for kind in self.kinds)


@dataclass(frozen=True)
class Source:
    """Where heat comes from: what 1 kW over the step costs, and the most there is."""

    node: str
    cost_per_kw: float
    most_kw: float


@dataclass(frozen=True)
class Consumer:
    """A demand; with `pays_per_kw` it may be left out, and pays for the heat over the step if it is not."""

    node: str
    kw: float
    pays_per_kw: float | None = None


@dataclass(frozen=True)
class Network:
    """A case of one time step. `places`: lat and lon, or y and x in m, by node."""

    places: Mapping[str, tuple[float, float]]
    edges: Sequence[Edge]
    sources: Sequence[Source]
    consumers: Sequence[Consumer]

    def __post_init__(self) -> None:
        """Raises PeerError for edges that this module would mistake for one, or that lead nowhere."""
        found: set[frozenset[str]] = set()
        for edge in self.edges:
            ends = frozenset(edge.ends)
            if len(ends) < 2 or ends in found or edge.length_m <= 0:
                raise PeerError(f"edge {edge.id}: must join two nodes, a length apart, that no other edge joins.")
            found.add(ends)
        known = {*self.places}
        for name in [*(end for edge in self.edges for end in edge.ends), *(c.node for c in self.consumers)]:
            if name not in known:
                raise PeerError(f"node {name}: is named by an edge or a demand, but is not in nodes.csv.")
        if not self.sources or not self.consumers:
            raise PeerError("a network must have a source and a consumer at least.")

    def worth(self) -> dict[str, float]:
        """m: the least that 1 kW more costs, by node."""
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(self.places)
        for edge in self.edges:
            graph.add_edge(*edge.ends, edge=edge)
        found: dict[str, float] = {}
        fringe = {source.node: source.cost_per_kw for source in self.sources}
        while fringe:
            here = min(fringe, key=lambda name: fringe[name])
            found[here] = fringe.pop(here)
            for there, data in graph[here].items():
                if there not in found:
                    cost = found[here] + flow_cost(data["edge"], found[here])
                    fringe[there] = min(cost, fringe.get(there, cost))
        return found

    def needs_kw(self) -> dict[str, float]:
        """The most that can flow in an edge: all demands and fixed losses that can only be reached by its part.

        Parts of the network hang together at single nodes, as branches do at a tree. What hangs on a part, seen from
        the source, has to come through it, and no more ever does.
        """
        total = sum(consumer.kw for consumer in self.consumers) + sum(edge.fixed_loss_kw for edge in self.edges)
        if len(self.sources) > 1:
            return dict.fromkeys((edge.id for edge in self.edges), total)
        demand = {consumer.node: consumer.kw for consumer in self.consumers}
        edges = {frozenset(edge.ends): edge for edge in self.edges}
        joints: nx.Graph[str | int] = nx.Graph()
        joints.add_node(self.sources[0].node)
        parts = [
            [edges[frozenset(ends)] for ends in part]
            for part in nx.biconnected_component_edges(nx.Graph([edge.ends for edge in self.edges]))
        ]
        for number, part in enumerate(parts):
            joints.add_edges_from((number, end) for edge in part for end in edge.ends)
        below = dict(nx.bfs_successors(joints, self.sources[0].node))
        need: dict[str | int, float] = {}
        for joint in nx.dfs_postorder_nodes(joints, self.sources[0].node):
            own = demand.get(joint, 0.0) if isinstance(joint, str) else sum(e.fixed_loss_kw for e in parts[joint])
            need[joint] = own + sum(need[there] for there in below.get(joint, ()))
        return {edge.id: need.get(number, total) for number, part in enumerate(parts) for edge in part}

    @property
    def exact(self) -> bool:
        """Whether the price of the loss is exact: none by flow, nothing paid for laying, or one source and a tree."""
        kinds = [kind for edge in self.edges for kind in edge.kinds]
        if all(kind.loss_per_m == 0 for kind in kinds) or not any(kind.laid for kind in kinds):
            return True
        return len(self.sources) == 1 and nx.is_tree(nx.Graph([edge.ends for edge in self.edges]))

    def priced(self, laid: Iterable[str], served: Iterable[str]) -> float:
        """What a plan costs by the rows of the case: heat for those served, on the shortest ways over the edges laid.

        For one source and one kind of pipe. Every loss is heat here, whatever the price on the flow says.
        """
        (source,) = self.sources
        wanted = {consumer.node: consumer for consumer in self.consumers}
        numbers = {edge.id: edge for edge in self.edges}
        graph: nx.Graph[str] = nx.Graph()
        graph.add_node(source.node)
        for name in laid:
            graph.add_edge(*numbers[name].ends, edge=numbers[name], length=numbers[name].length_m)
        distance, ways = nx.single_source_dijkstra(graph, source.node, weight="length")
        before = {there: here for name in served for here, there in pairwise(ways[name])}
        out = dict.fromkeys([source.node, *before], 0.0)
        cost = 0.0
        for name in served:
            out[name] += wanted[name].kw
            cost -= (wanted[name].pays_per_kw or 0.0) * wanted[name].kw
        for there in sorted(before, key=lambda name: -distance[name]):
            edge = graph.edges[before[there], there]["edge"]
            kind = edge.kinds[0]
            into = (out[there] + kind.loss_kw_per_m * edge.length_m) / (1 - kind.loss_per_m * edge.length_m)
            cost += edge.length_m * (kind.cost_per_m + kind.cost_per_kw_m * into)
            out[before[there]] += into
        return float(cost + source.cost_per_kw * out[source.node])


def flow_cost(edge: Edge, worth: float) -> float:
    """What 1 kW that comes out of an edge costs beyond what it is worth where it goes in."""
    cost, loss = edge.kinds[0].cost_per_kw_m * edge.length_m, edge.kinds[0].loss_per_m * edge.length_m
    if loss >= 1:
        raise PeerError(f"edge {edge.id}: loses all that flows in.")
    return (worth + cost) / (1 - loss) - worth


def convert(folder: Path, network: Network, unit: float = 1.0, offset: float = 0.0) -> Conversion:
    """The instance of a network. `offset` as in `Conversion`."""
    lost = sum(edge.fixed_loss_kw for edge in network.edges)
    most = sum(consumer.kw for consumer in network.consumers) + lost
    worth = network.worth()
    for consumer in network.consumers:
        if consumer.node not in worth:
            raise PeerError(f"{folder}: no way leads to the consumer at {consumer.node}.")
    # What is lost by the flow comes on top of `most`: no way loses a larger share than all edges together.
    share = sum(edge.kinds[0].loss_per_m * edge.length_m for edge in network.edges)
    limits = [source.most_kw for source in network.sources]
    limits += [kind.most_kw for edge in network.edges for kind in edge.kinds if kind.loss_per_m > 0]
    if share >= 1 or min(limits) * (1 - share) < most:
        raise MissingFeatureError(
            "a loss in proportion to the flow, which here has to pass a limit of a source or pipe."
        )
    flow = {edge.id: flow_cost(edge, min(worth[end] for end in edge.ends)) for edge in network.edges}
    dearest = max(flow.values(), default=0.0)
    types, pipes = _pipes(folder, network.edges, flow, network.needs_kw(), unit)
    left_out = _left_out(network, worth)
    parts = [
        machine(
            folder,
            f"source-{source.node}",
            source.node,
            {"full": (1.01 * most, 0, 0)},
            size_mw=1.01 * most,
            variable_heat_cur_per_mwh=price(source.cost_per_kw, unit),
        )
        for source in network.sources
    ]
    kinds = {s.node: "plant" for s in network.sources} | {c.node: "district" for c in network.consumers}
    instance = frame(
        folder,
        nodes=[node(folder, name, kinds.get(name, "junction"), *place) for name, place in network.places.items()],
        demands=[demand(folder, consumer.node, consumer.kw) for consumer in network.consumers],
        technologies=[technology for technology, _, _ in parts],
        capability=[corner for _, corners, _ in parts for corner in corners],
        units=[made for _, _, made in parts],
        pipe_types=types,
        pipes=pipes,
        connections=[
            r.Connection(
                node=consumer.node,
                heat_price_cur_per_mwh=price(consumer.pays_per_kw, unit),
                source=origin(folder),
            )
            for consumer in network.consumers
            if consumer.pays_per_kw is not None
        ],
        retail=price(dearest, unit),
        unserved=price(left_out, unit),
        shortfall=left_out / unit,
    )
    return Conversion(instance, unit, offset, lower_bound=not network.exact)


def _pipes(
    folder: Path, edges: Sequence[Edge], flow: Mapping[str, float], needs: Mapping[str, float], unit: float
) -> tuple[list[r.PipeType], list[r.Pipe]]:
    """Types and pipes.

    A type carries f, what goes in less half the fixed loss, and never more than the edge can be needed for: a capacity
    that is larger than that says nothing and makes a weak model. So types are by capacity, loss and cost. What can
    never be needed is left out.
    """
    names: dict[tuple[float, float, float], str] = {}
    types, pipes = [], []
    dearest = max(flow.values(), default=0.0)
    for edge in edges:
        if needs[edge.id] == 0:
            continue
        candidates = []
        for kind in edge.kinds:
            key = (
                min(kind.most_kw - kind.loss_kw_per_m * edge.length_m / 2, needs[edge.id]),
                kind.loss_kw_per_m,
                kind.cost_per_m,
            )
            if key[0] <= 0:
                continue  # it carries less than it loses
            if key not in names:
                names[key] = f"{kind.id}-{len(names)}"
                types.append(pipe_type(folder, names[key], key[0], 1e3 * key[1], 1e3 * key[2] / unit))
            candidates.append(names[key])
        laid = edge.kinds[0].laid
        pipes.append(
            r.Pipe(
                id=edge.id,
                from_node=edge.ends[0],
                to_node=edge.ends[1],
                length_km=edge.length_m / 1e3,
                regime="ordinary",
                existing_type=None if laid else candidates[0],
                existing_pairs=0 if laid else 1,
                candidate_types=tuple(candidates) if laid else (),
                max_new_pairs=1 if laid else 0,
                station_power_share=flow[edge.id] / dearest if dearest else 0.0,
                extra_mcur_per_pair=flow[edge.id] * edge.fixed_loss_kw / 2 / unit,
                source=origin(folder),
            )
        )
    return types, pipes


def _left_out(network: Network, worth: Mapping[str, float]) -> float:
    """More than it can save to leave out 1 kW of a consumer.

    Twice the most, over the consumers, of the least fixed cost of a way, all fixed losses included, over its demand.
    Where pipes come in several sizes, a little less heat may save a size: a hundred times as much, and the plan is to
    be looked at.
    """
    graph: nx.Graph[str] = nx.Graph()
    dearest = max(worth.values())
    for edge in network.edges:
        graph.add_edge(*edge.ends, cost=edge.fixed_cost + edge.fixed_loss_kw * dearest)
    ways: dict[str, float] = nx.multi_source_dijkstra_path_length(
        graph, {source.node for source in network.sources}, weight="cost"
    )
    times = 2.0 if all(len(edge.kinds) == 1 for edge in network.edges) else 200.0
    return times * max(ways[consumer.node] / consumer.kw + dearest for consumer in network.consumers) + 1.0


def places(folder: Path, rows: Sequence[Mapping[str, str]]) -> dict[str, tuple[float, float]]:
    """Nodes in order with their places: lat and lon, y and x, or none."""
    found: dict[str, tuple[float, float]] = {}
    for row in rows:
        if row["node"] in found:
            raise PeerError(f"{folder / 'nodes.csv'}: `{row['node']}` stands twice.")
        first, second = ("lat", "lon") if "lat" in row else ("y", "x")
        found[row["node"]] = (float(row.get(first) or 0), float(row.get(second) or 0))
    return found


def built(solution: Solution) -> tuple[list[str], list[str]]:
    """Pipes laid, and nodes served."""
    pipes, districts = solution.pipes, solution.districts
    laid = pipes.loc[pipes["pairs"] > 0, "pipe"].tolist()
    return laid, districts.loc[districts["connected"] > 0, "node"].tolist()
