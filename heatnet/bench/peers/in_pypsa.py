"""The dispatch of a fixed stage in PyPSA.

A unit is a bus of machines: a generator says how many run, one link for each corner point turns them into heat at its
cost. So every region of corner points is exact; units of one point are generators of heat. PyPSA commits one machine at
a time, so a cluster under commitment is as many generators. Pipes are links, one for each segment of the pump curve and
each direction; what they lose is load. Hours in a ring need rows that PyPSA lacks for commitment: they are put in place
of its own.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pypsa

from heatnet.bench.peers.outcome import Outcome, Task, steps_of
from heatnet.bench.peers.system import Cluster, System, Way
from heatnet.instance.instance import Array
from heatnet.instance.records import Store


def dispatch(task: Task) -> Outcome:
    """Build and solve the hours of the task as a ring."""
    began = time.perf_counter()
    system = System.of(task)
    network = assembled(system, ring=True)
    assembled_at = time.perf_counter()
    model = network.optimize.create_model(include_objective_constant=False)
    _close_ring(network, model)
    size = size_of(model)
    built = time.perf_counter()
    status, condition = model.solve("highs", io_api="direct", **options(task))
    solved = time.perf_counter()
    cost = float(model.objective.value) * system.worth if status == "ok" else None
    return Outcome(
        condition,
        condition == "optimal",
        cost,
        assembled_at - began,
        built - assembled_at,
        solved - built,
        **size,
    )


def season(task: Task, window_h: int, overlap_h: int) -> Outcome:
    """Build and solve the hours of the task in PyPSA's rolling horizon; before them nothing runs and stores are empty.

    Building and solving alternate and are told together, as solving.
    """
    began = time.perf_counter()
    system = System.of(task)
    network = assembled(system, ring=False)
    assembled_at = time.perf_counter()
    network.optimize.optimize_with_rolling_horizon(
        horizon=window_h,
        overlap=overlap_h,
        solver_name="highs",
        io_api="direct",
        include_objective_constant=False,
        **options(task),
    )
    solved = time.perf_counter()
    cost = _spent(network) * system.worth
    return Outcome("rolled", False, cost, assembled_at - began, 0.0, solved - assembled_at)


def assembled(system: System, *, ring: bool) -> pypsa.Network:
    """The network; with `ring` the last hour comes before the first, else nothing was on and stores were empty."""
    network = pypsa.Network(snapshots=range(system.steps))
    network.snapshot_weightings[:] = system.grid.step_hours
    parts = Parts(network)
    for node in system.instance.node:
        parts.bus(node)
    for node, most in system.stations_mw.items():
        parts.bus(station(node))
        parts.add("Link", node, bus0=station(node), bus1=node, p_nom=most)
    for cluster in system.clusters:
        bus = station(cluster.node) if cluster.node in system.stations_mw else cluster.node
        _cluster(parts, cluster, bus, system.grid.step_hours)
    for way in system.ways:
        _way(parts, way, system.series("power_retail_cur_per_mwh"), ring=ring)
    for store in system.stores:
        parts.add("StorageUnit", store.id, **stored(store, store.existing_mwh), cyclic_state_of_charge=ring)
    _demand(parts, system)
    parts.close()
    return network


@dataclass
class Parts:
    """Components gathered by class, so that the network takes each class at once."""

    network: pypsa.Network
    buses: list[str] = field(default_factory=list)
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def bus(self, name: str) -> None:
        """A bus."""
        self.buses.append(name)

    def add(self, kind: str, name: str, **attributes: object) -> None:
        """A component; an array is a series by step."""
        self.rows.setdefault(kind, {})[name] = attributes

    def close(self) -> None:
        """Give the network all of them."""
        self.network.add("Bus", self.buses)
        for kind, rows in self.rows.items():
            for names in _alike(rows).values():
                attributes: dict[str, object] = {}
                for key in rows[names[0]]:
                    values = [rows[name][key] for name in names]
                    if isinstance(values[0], np.ndarray):
                        attributes[key] = pd.DataFrame(np.column_stack(values), self.network.snapshots, names)
                    else:
                        attributes[key] = values
                self.network.add(kind, names, **attributes)


def _alike(rows: Mapping[str, Mapping[str, object]]) -> dict[tuple[object, ...], list[str]]:
    """Names of components by the attributes that they have, and which of these are series."""
    found: dict[tuple[object, ...], list[str]] = {}
    for name, attributes in rows.items():
        shape = tuple((key, isinstance(value, np.ndarray)) for key, value in attributes.items())
        found.setdefault(shape, []).append(name)
    return found


def station(node: str) -> str:
    """The bus that the units of a node with a limited station send their heat to."""
    return f"{node} station"


def _cluster(parts: Parts, cluster: Cluster, bus: str, step_hours: int) -> None:
    (point, *others) = cluster.points.values()
    scale = 1.0
    cost: dict[str, object] = {}
    if not others and point.heat_mw:
        scale = point.heat_mw
        cost = {"marginal_cost": point.cost_cur_per_h / scale}
    else:
        machines, bus, heat_bus = cluster.machines, cluster.id, bus
        parts.bus(bus)
        for name, corner in cluster.points.items():
            parts.add(
                "Link",
                f"{cluster.id} {name}",
                bus0=bus,
                bus1=heat_bus,
                p_nom=float(machines),
                efficiency=corner.heat_mw,
                marginal_cost=corner.cost_cur_per_h,
            )
    if cluster.must_run or cluster.commitment == "none":
        least = cluster.available if cluster.must_run else np.zeros_like(cluster.available)
        shares = {"p_min_pu": least, "p_max_pu": cluster.available}
        parts.add("Generator", cluster.id, bus=bus, p_nom=cluster.machines * scale, **shares, **cost)
        return
    for number in range(cluster.machines):
        parts.add(
            "Generator",
            f"{cluster.id} {number + 1}",
            bus=bus,
            p_nom=scale,
            p_min_pu=1.0,
            committable=True,
            start_up_cost=cluster.start_cur,
            min_up_time=steps_of(cluster.min_up_h, step_hours),
            min_down_time=steps_of(cluster.min_down_h, step_hours),
            up_time_before=0,
            down_time_before=steps_of(cluster.min_down_h, step_hours),
            **cost,
        )


def _way(parts: Parts, way: Way, price: Array, *, ring: bool) -> None:
    ends = [(way.from_node, way.to_node)]
    if not way.delay_h:
        ends.append((way.to_node, way.from_node))
    for start, end in ends:
        for number, (capacity, pump) in enumerate(way.segments):
            delay = {"delay": way.delay_h, "cyclic_delay": ring} if way.delay_h else {}
            parts.add(
                "Link",
                f"{way.id} {start} {number}",
                bus0=start,
                bus1=end,
                p_nom=capacity,
                marginal_cost=pump * price,
                **delay,
            )


def stored(store: Store, size_mwh: float) -> dict[str, object]:
    """A store of some size as a storage unit."""
    return {
        "bus": store.node,
        "p_nom": size_mwh / store.hours,
        "max_hours": store.hours,
        "efficiency_store": store.efficiency_share,
        "standing_loss": store.loss_share_per_h,
    }


def _demand(parts: Parts, system: System) -> None:
    all_heat = sum(c.machines * max(p.heat_mw for p in c.points.values()) for c in system.clusters)
    for node in sorted({cluster.node for cluster in system.clusters}):
        parts.add("Generator", f"{node} spill", bus=node, p_nom=all_heat, sign=-1.0)
    for node, loss in system.half_losses_mw.items():
        if loss:
            parts.add("Load", f"{node} losses", bus=node, p_set=loss)
    for node, demand in system.demand_mw.items():
        most = float(demand.max())
        if most:
            parts.add("Load", node, bus=node, p_set=demand)
            price = system.unserved_cur_per_mwh
            share = demand / most
            parts.add("Generator", f"{node} unserved", bus=node, p_nom=most, p_max_pu=share, marginal_cost=price)


def _close_ring(network: pypsa.Network, model: Any) -> None:
    """Commitment over hours in a ring, in place of PyPSA's rows, which begin with what was before."""
    generators = network.c.generators.static
    committed = generators.index[generators["committable"]]
    if committed.empty:
        return
    for name in ("transition-start-up", "transition-shut-down", "up-time", "down-time"):
        model.constraints.remove(f"Generator-com-{name}")
    status, start, stop = (model.variables[f"Generator-{name}"] for name in ("status", "start_up", "shut_down"))
    before = status.to_linexpr().roll(snapshot=1)
    model.add_constraints(start - status + before >= 0, name="ring-start")
    model.add_constraints(stop + status - before >= 0, name="ring-stop")
    for column, change, sign, most in (("min_up_time", start, -1, 0), ("min_down_time", stop, 1, 1)):
        times = generators.loc[committed, column].astype(int).clip(upper=len(network.snapshots))
        for least, names in _by_value(times).items():
            last = sum(change.sel(name=names).to_linexpr().roll(snapshot=back) for back in range(least))
            row = last + sign * status.sel(name=names) <= most
            model.add_constraints(row, name=f"ring-{column}-{least}")


def _by_value(times: pd.Series) -> dict[int, Sequence[str]]:
    return {int(value): list(group.index) for value, group in times.groupby(times)}


def options(task: Task) -> dict[str, object]:
    """Options of HiGHS."""
    return {"mip_rel_gap": task.gap, "time_limit": task.seconds, "threads": 1, "output_flag": False}


def size_of(model: Any) -> dict[str, int]:
    """Builds the matrix; its rows, columns, integers and non-zeros."""
    matrices = model.matrices
    return {
        "rows": matrices.A.shape[0],
        "columns": matrices.A.shape[1],
        "integers": int(sum(kind != "C" for kind in matrices.vtypes)),
        "nonzeros": int(matrices.A.nnz),
    }


def _spent(network: pypsa.Network) -> float:
    """Cost of what the network did, currency: what its windows decided and kept."""
    hours = network.snapshot_weightings["objective"]
    total = 0.0
    for components, flow in ((network.c.generators, "p"), (network.c.links, "p0")):
        done = components.dynamic[flow]
        prices = network.get_switchable_as_dense(components.name, "marginal_cost")[done.columns]
        total += float((done * prices).sum(axis=1) @ hours)
    starts = network.c.generators.dynamic["start_up"]
    return total + float(starts.sum() @ network.c.generators.static.loc[starts.columns, "start_up_cost"])
