"""The dispatch of a fixed stage in oemof.solph.

Buses and flows as in `in_pypsa`: a unit is a bus of machines with a converter for each corner point, pipes are
converters for each segment and direction, and hours in a ring need rows of their own for commitment. oemof writes a
Pyomo model; it goes to HiGHS through the same arrays as heatnet's, which is sooner than through the files it writes.
"""

from __future__ import annotations

import importlib
import time
from typing import Any

import numpy as np
import pandas as pd
import pyomo.environ as pyo
from oemof import solph

from heatnet.bench.peers.outcome import Outcome, Task, steps_of
from heatnet.bench.peers.system import Cluster, System, Way
from heatnet.instance.instance import Array
from heatnet.instance.records import Store
from heatnet.solve import Limits


def dispatch(task: Task) -> Outcome:
    """Build and solve the hours of the task as a ring."""
    matrices, highs = importlib.import_module("solvers.matrix"), importlib.import_module("solvers.highs")
    began = time.perf_counter()
    system = System.of(task)
    energy_system = assembled(system)
    assembled_at = time.perf_counter()
    model = solph.Model(energy_system)
    _close_ring(model)
    matrix = matrices.compile_model(model)
    built = time.perf_counter()
    limits = Limits(gap=task.gap, time_s=task.seconds, threads=1)
    outcome = highs.Session(limits, lambda progress: None).solve("dispatch", matrix)
    solved = time.perf_counter()
    return Outcome(
        outcome.status,
        outcome.status == "optimal",
        None if outcome.cost is None else outcome.cost * system.worth,
        assembled_at - began,
        built - assembled_at,
        solved - built,
        **matrix.size,
    )


def assembled(system: System) -> solph.EnergySystem:
    """The energy system of the hours."""
    hours = f"{system.grid.step_hours}h"
    index = pd.date_range("2001-01-01", periods=system.steps + 1, freq=hours)
    buses = {node: solph.Bus(label=node) for node in system.instance.node}
    out = dict(buses)
    parts: list[Any] = list(buses.values())
    for node, most in system.stations_mw.items():
        out[node] = solph.Bus(label=f"{node} station")
        parts += [out[node], _link(f"{node} station limit", out[node], buses[node], most, 0.0)]
    for cluster in system.clusters:
        parts += _cluster(cluster, out[cluster.node], system.grid.step_hours)
    for way in system.ways:
        parts += _way(way, buses, system.series("power_retail_cur_per_mwh"))
    parts += [_store(store, buses[store.node]) for store in system.stores]
    for node in sorted({cluster.node for cluster in system.clusters}):
        parts.append(solph.components.Sink(label=f"{node} spill", inputs={buses[node]: solph.Flow()}))
    parts += _demand(system, buses)
    energy_system = solph.EnergySystem(timeindex=index, infer_last_interval=False)
    energy_system.add(*parts)
    return energy_system


def _link(name: str, start: Any, end: Any, most: float, cost: Array | float, factor: float = 1.0) -> Any:
    """Something that turns what comes from one bus into `factor` times as much at another."""
    return solph.components.Converter(
        label=name,
        inputs={start: solph.Flow(nominal_capacity=most, variable_costs=cost)},
        outputs={end: solph.Flow()},
        conversion_factors={end: factor},
    )


def _cluster(cluster: Cluster, heat_bus: Any, step_hours: int) -> list[Any]:
    (point, *others) = cluster.points.values()
    bus, scale, cost, parts = heat_bus, point.heat_mw, point.cost_cur_per_h, []
    if others or not scale:
        bus, scale, cost = solph.Bus(label=f"{cluster.id} machines"), 1.0, np.zeros_like(cost)
        parts = [bus] + [
            _link(f"{cluster.id} {name}", bus, heat_bus, cluster.machines, corner.cost_cur_per_h, corner.heat_mw)
            for name, corner in cluster.points.items()
        ]
    if cluster.must_run or cluster.commitment == "none":
        bounds = {"fix": cluster.available} if cluster.must_run else {"maximum": cluster.available}
        flow = solph.Flow(nominal_capacity=cluster.machines * scale, variable_costs=cost / scale, **bounds)
        return [*parts, solph.components.Source(label=cluster.id, outputs={bus: flow})]
    for number in range(cluster.machines):
        on = solph.NonConvex(
            startup_costs=cluster.start_cur,
            minimum_uptime=steps_of(cluster.min_up_h, step_hours),
            minimum_downtime=steps_of(cluster.min_down_h, step_hours),
            initial_status=0,
        )
        flow = solph.Flow(nominal_capacity=scale, minimum=1.0, variable_costs=cost / scale, nonconvex=on)
        parts.append(solph.components.Source(label=f"{cluster.id} {number + 1}", outputs={bus: flow}))
    return parts


def _way(way: Way, buses: dict[str, Any], price: Array) -> list[Any]:
    return [
        _link(f"{way.id} {start} {number}", buses[start], buses[end], capacity, pump * price)
        for start, end in ((way.from_node, way.to_node), (way.to_node, way.from_node))
        for number, (capacity, pump) in enumerate(way.segments)
    ]


def _store(store: Store, bus: Any) -> Any:
    most = store.existing_mwh / store.hours
    return solph.components.GenericStorage(
        label=store.id,
        inputs={bus: solph.Flow(nominal_capacity=most)},
        outputs={bus: solph.Flow(nominal_capacity=most)},
        nominal_capacity=store.existing_mwh,
        initial_storage_level=None,
        balanced=True,
        loss_rate=store.loss_share_per_h,
        inflow_conversion_factor=store.efficiency_share,
    )


def _demand(system: System, buses: dict[str, Any]) -> list[Any]:
    def sink(name: str, node: str, heat: Array) -> Any:
        return solph.components.Sink(label=name, inputs={buses[node]: solph.Flow(nominal_capacity=1.0, fix=heat)})

    parts = []
    for node, loss in system.half_losses_mw.items():
        if loss:
            parts.append(sink(f"{node} losses", node, np.full(system.steps, loss)))
    for node, demand in system.demand_mw.items():
        if demand.max():
            price = system.unserved_cur_per_mwh
            missing = solph.Flow(nominal_capacity=1.0, maximum=demand, variable_costs=price)
            parts.append(sink(f"{node} demand", node, demand))
            parts.append(solph.components.Source(label=f"{node} unserved", outputs={buses[node]: missing}))
    return parts


def _close_ring(model: Any) -> None:
    """Commitment over hours in a ring, in place of oemof's rows, which begin with nothing on."""
    block = model.NonConvexFlowBlock
    steps = len(model.TIMESTEPS)
    if not hasattr(block, "status"):
        return
    block.status.unfix()
    for name in ("startup_constr", "min_uptime_constr", "min_downtime_constr"):
        block.del_component(name)

    def rise(i: Any, o: Any, t: int) -> Any:
        return block.status[i, o, t] - block.status[i, o, (t - 1) % steps]

    def on(i: Any, o: Any, t: int, least: int) -> Any:
        return sum(block.status[i, o, (t + ahead) % steps] for ahead in range(least))

    def up(_: Any, i: Any, o: Any, t: int) -> Any:
        least = min(int(model.flows[i, o].nonconvex.minimum_uptime[0]), steps)
        return least * rise(i, o, t) <= on(i, o, t, least)

    def down(_: Any, i: Any, o: Any, t: int) -> Any:
        least = min(int(model.flows[i, o].nonconvex.minimum_downtime[0]), steps)
        return -least * rise(i, o, t) <= least - on(i, o, t, least)

    flows, times = block.STARTUPFLOWS, model.TIMESTEPS
    block.ring_start = pyo.Constraint(flows, times, rule=lambda b, i, o, t: b.startup[i, o, t] >= rise(i, o, t))
    block.ring_up = pyo.Constraint(block.MINUPTIMEFLOWS, times, rule=up)
    block.ring_down = pyo.Constraint(block.MINDOWNTIMEFLOWS, times, rule=down)
