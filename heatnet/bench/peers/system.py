"""The operation of a fixed stage as a peer's components ask for it: from the instance and the physics alone.

Money is in the instance's currency, not discounted; `worth` turns it into million of the base year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from heatnet.bench.peers.outcome import Task
from heatnet.instance.instance import Array, Instance
from heatnet.instance.records import Corner, Pipe, Stage, Store, Technology, Unit
from heatnet.instance.series import TimeGrid
from heatnet.physics import heat_pumps, pipes


@dataclass(frozen=True)
class Point:
    """A corner point of one machine: heat in MW, cost in currency per hour by step (below 0: it earns)."""

    heat_mw: float
    cost_cur_per_h: Array


@dataclass(frozen=True)
class Cluster:
    """A unit: `machines` equal machines, and the share of them that can be had, by step.

    `start_cur` is paid for each start of a machine. `commitment` none: any share of a machine may run.
    """

    id: str
    node: str
    machines: int
    available: Array
    points: Mapping[str, Point]
    commitment: str
    min_up_h: float
    min_down_h: float
    start_cur: float
    must_run: bool


@dataclass(frozen=True)
class Way:
    """The pairs of a pipe. `segments`: capacity in MW, and pump power per MW of heat in it, cheapest first."""

    id: str
    from_node: str
    to_node: str
    delay_h: int
    segments: tuple[tuple[float, float], ...]
    loss_mw: float


@dataclass(frozen=True)
class System:
    """A stage on the first day of a grid, with all that its peers need of it."""

    instance: Instance
    grid: TimeGrid
    stage: Stage

    @classmethod
    def of(cls, task: Task) -> System:
        """The one stage of a task."""
        (stage,) = task.instance.stages
        return cls(task.instance, task.grid, stage)

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.grid.steps)

    @property
    def worth(self) -> float:
        """Million of the base year for one unit of currency in this stage."""
        return self.grid.stage_weight[self.stage.year] * self.grid.weight_days[0] / 1e6

    def series(self, name: str) -> Array:
        """A series of the season by step."""
        values: Array = self.grid.mean(name)[0]
        return values

    @cached_property
    def demand_mw(self) -> Mapping[str, Array]:
        """Heat demand by node and step."""
        return {node: self.grid.demand_mw(node, self.stage.year)[0] for node in self.instance.demand_nodes}

    @cached_property
    def half_losses_mw(self) -> Mapping[str, float]:
        """What the pipes that end at a node lose there."""
        found = dict.fromkeys(self.instance.node, 0.0)
        for way in self.ways:
            for node in (way.from_node, way.to_node):
                found[node] += 0.5 * way.loss_mw
        return found

    @cached_property
    def clusters(self) -> tuple[Cluster, ...]:
        """The units that stand."""
        return tuple(self.cluster(unit) for unit in self.instance.units if unit.count)

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """The pipes that stand."""
        return tuple(_way(self.instance, pipe) for pipe in self.instance.pipes if pipe.existing_pairs)

    @cached_property
    def stores(self) -> tuple[Store, ...]:
        """The stores that stand."""
        return tuple(store for store in self.instance.stores if store.existing_mwh)

    @cached_property
    def stations_mw(self) -> Mapping[str, float]:
        """What all units of a node can send out together, where that is limited."""
        return {n.id: n.heat_station_mw for n in self.instance.nodes if n.heat_station_mw is not None}

    @property
    def unserved_cur_per_mwh(self) -> float:
        """Price of heat that does not come."""
        return self.instance.header.economics.unserved_cur_per_mwh

    def cluster(self, unit: Unit) -> Cluster:
        """A unit with the machines that it has at the start."""
        technology = self.instance.technology[unit.technology]
        scale = unit.size_mw / technology.size_mw
        return Cluster(
            id=unit.id,
            node=unit.node,
            machines=unit.count,
            available=self._available(technology),
            points={
                corner.corner: Point(corner.heat_mw * scale, self._cost(technology, corner, scale))
                for corner in self.instance.corners[technology.id]
            },
            commitment=technology.commitment,
            min_up_h=technology.min_up_h,
            min_down_h=technology.min_down_h,
            start_cur=technology.start_cur_per_mw * unit.size_mw,
            must_run=technology.must_run,
        )

    def _available(self, technology: Technology) -> Array:
        share = np.full(self.steps, technology.availability_share)
        if technology.derate_below_c is not None and technology.source_series is not None:
            cold = np.maximum(technology.derate_below_c - self.series(technology.source_series), 0.0)
            share *= np.maximum(1.0 - technology.derate_share_per_k * cold, 0.0)
        return share

    def _cost(self, technology: Technology, corner: Corner, scale: float) -> Array:
        """Currency per hour of one machine at a corner: fuel and what it emits, running costs, power."""
        stage, heat, burnt = self.stage, corner.heat_mw * scale, corner.fuel_mw * scale
        grams = (
            technology.so2_g_per_mwh * stage.so2_price_cur_per_kg
            + technology.nox_g_per_mwh * stage.nox_price_cur_per_kg
            + technology.pm_g_per_mwh * stage.pm_price_cur_per_kg
        )
        cost = np.full(self.steps, heat * technology.variable_heat_cur_per_mwh + burnt * grams / 1000.0)
        if technology.fuel is not None:
            fuel = self.instance.fuel[technology.fuel]
            price = fuel.price_cur_per_mwh * (self.series(fuel.price_series) if fuel.price_series else 1.0)
            cost += burnt * (price + fuel.co2_t_per_mwh * stage.co2_price_cur_per_t)
        power = self._power(technology, corner) * scale
        bought = f"power_{technology.power_price}_cur_per_mwh"
        cost += np.maximum(-power, 0.0) * self.series(bought)
        made = np.maximum(power, 0.0)
        cost += made * (technology.variable_power_cur_per_mwh - self.series("power_wholesale_cur_per_mwh"))
        return cost

    def _power(self, technology: Technology, corner: Corner) -> Array:
        t = technology
        if t.lorenz_share is None:
            return np.full(self.steps, corner.power_mw)
        assert t.source_series and t.source_drop_k is not None and t.cop_max is not None  # noqa: PT018
        assert t.sink_in_c is not None and t.sink_out_c is not None  # noqa: PT018
        source = self.series(t.source_series)
        ratio = heat_pumps.cop(source, t.source_drop_k, t.sink_in_c, t.sink_out_c, t.lorenz_share, t.cop_max)
        return -corner.heat_mw / ratio


def _way(instance: Instance, pipe: Pipe) -> Way:
    kind = instance.pipe_type[str(pipe.existing_type)]
    regime = instance.regime[str(pipe.regime)]
    speed, diameter = kind.velocity_max_m_per_s, kind.inner_diameter_mm
    capacity = pipes.capacity_mw(diameter, speed, regime.supply_c, regime.return_c)
    loss = pipes.loss_mw_per_km(kind.heat_transfer_w_per_m_k, regime.supply_c, regime.return_c, regime.ground_c)
    shares = np.array(pipes.CURVE_SHARES)
    friction = np.array(pipes.pump_curve(diameter, speed, kind.roughness_mm)) * pipe.length_km
    slopes = np.diff(friction) / (np.diff(shares) * capacity) + pipe.station_power_share
    widths = np.diff(shares) * capacity * pipe.existing_pairs
    return Way(
        id=pipe.id,
        from_node=pipe.from_node,
        to_node=pipe.to_node,
        delay_h=pipe.delay_h,
        segments=tuple(zip(map(float, widths), map(float, slopes), strict=True)),
        loss_mw=loss * pipe.length_km * pipe.existing_pairs,
    )
