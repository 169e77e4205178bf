"""Investment over stages in PyPSA: what may be built as modules of each stage (multi-investment periods), one day.

What a stage may build is an asset of its own with that build year and life; a limit for its carrier joins those of one
unit, pipe or store.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pypsa

from heatnet.bench.peers.in_pypsa import Parts, options, size_of, station, stored
from heatnet.bench.peers.outcome import Outcome, Task
from heatnet.bench.peers.system import System
from heatnet.instance.instance import Array
from heatnet.instance.records import Pipe, Store, Unit
from heatnet.physics import finance, pipes


def invest(task: Task) -> Outcome:
    """Build and solve the stages of the task on its one day."""
    began = time.perf_counter()
    case = _Case(task)
    network = case.assembled()
    assembled_at = time.perf_counter()
    model = network.optimize.create_model(multi_investment_periods=True, include_objective_constant=False)
    size = size_of(model)
    built = time.perf_counter()
    status, condition = model.solve("highs", io_api="direct", **options(task))
    solved = time.perf_counter()
    cost = float(model.objective.value) / 1e6 + case.constant_mcur if status == "ok" else None
    seconds = (assembled_at - began, built - assembled_at, solved - built)
    return Outcome(condition, condition == "optimal", cost, *seconds, **size)


@dataclass(frozen=True)
class _Case:
    task: Task

    @property
    def systems(self) -> tuple[System, ...]:
        """One for each stage."""
        return tuple(System(self.task.instance, self.task.grid, stage) for stage in self.task.instance.stages)

    @property
    def constant_mcur(self) -> float:
        """Upkeep of what stands at the start and stays."""
        instance, weights = self.task.instance, sum(self.task.grid.stage_weight.values())
        upkeep = sum(
            u.count * u.size_mw * instance.technology[u.technology].fixed_mcur_per_mw_year for u in instance.units
        )
        upkeep += sum(s.existing_mwh * s.capex_mcur_per_mwh * s.fixed_share_per_year for s in instance.stores)
        return weights * upkeep

    def assembled(self) -> pypsa.Network:
        """The network over all stages."""
        instance, grid, systems = self.task.instance, self.task.grid, self.systems
        years = [stage.year for stage in instance.stages]
        network = pypsa.Network(snapshots=grid.steps)
        network.snapshot_weightings[:] = grid.step_hours
        network.snapshot_weightings["objective"] = grid.step_hours * grid.weight_days[0]
        network.investment_periods = years
        network.investment_period_weightings["objective"] = [grid.stage_weight[year] for year in years]
        parts = Parts(network)
        first = systems[0]
        for node in instance.node:
            parts.bus(node)
        for node, most in first.stations_mw.items():
            parts.bus(station(node))
            parts.add("Link", node, bus0=station(node), bus1=node, p_nom=most)
        for unit in instance.units:
            if unit.count or unit.max_new:
                self._unit(parts, unit, station(unit.node) if unit.node in first.stations_mw else unit.node)
        for pipe in instance.pipes:
            self._pipe(parts, pipe)
        for store in instance.stores:
            self._store(parts, store)
        self._demand(parts)
        parts.close()
        return network

    def _over(self, values: Callable[[System], Array]) -> Array:
        """A series over the steps of all stages."""
        return np.concatenate([values(system) for system in self.systems])

    def _annuity(self, life_years: int) -> float:
        return finance.annuity_share(self.task.instance.header.economics.discount_rate_share, life_years)

    def _built(self, parts: Parts, kind: str, asset: Unit | Pipe | Store, most: float, **attributes: object) -> None:
        """An asset of each stage in which it may be built, `most` in all."""
        years = [
            stage.year
            for stage in self.task.instance.stages
            if asset.earliest_year is None or stage.year >= asset.earliest_year
        ]
        if not most or not years:
            return
        parts.network.add("Carrier", asset.id)
        for year in years:
            attributes |= {"p_nom_extendable": True, "p_nom_max": most, "build_year": year, "carrier": asset.id}
            parts.add(kind, f"{asset.id} {year}", **attributes)
        limit = {"type": "tech_capacity_expansion_limit", "carrier_attribute": asset.id, "sense": "<="}
        parts.network.add("GlobalConstraint", f"{asset.id} in all", constant=most, **limit)

    def _unit(self, parts: Parts, unit: Unit, heat_bus: str) -> None:
        technology = self.task.instance.technology[unit.technology]
        systems = [system.cluster(unit) for system in self.systems]
        available = np.concatenate([cluster.available for cluster in systems])
        parts.bus(unit.id)
        for name, point in systems[0].points.items():
            parts.add(
                "Link",
                f"{unit.id} {name}",
                bus0=unit.id,
                bus1=heat_bus,
                p_nom=float(unit.count + unit.max_new),
                efficiency=point.heat_mw,
                marginal_cost=np.concatenate([cluster.points[name].cost_cur_per_h for cluster in systems]),
            )
        least = available if technology.must_run else 0.0 * available
        runs = {"bus": unit.id, "p_min_pu": least, "p_max_pu": available}
        yearly = technology.capex_mcur_per_mw * self._annuity(technology.life_years)
        price = 1e6 * unit.size_mw * (yearly + technology.fixed_mcur_per_mw_year)
        if unit.count:
            parts.add("Generator", unit.id, p_nom=float(unit.count), **runs)
        new = {"p_nom_mod": 1.0, "capital_cost": price, "lifetime": technology.life_years}
        self._built(parts, "Generator", unit, float(unit.max_new), **runs, **new)

    def _pipe(self, parts: Parts, pipe: Pipe) -> None:
        """Without losses and pump power a pipe is one link for both directions."""
        instance = self.task.instance
        regime = instance.regime[str(pipe.regime)]
        ways = {"bus0": pipe.from_node, "bus1": pipe.to_node, "p_min_pu": -1.0}

        def capacity(name: str) -> float:
            kind = instance.pipe_type[name]
            return pipes.capacity_mw(
                kind.inner_diameter_mm, kind.velocity_max_m_per_s, regime.supply_c, regime.return_c
            )

        if pipe.existing_type is not None and pipe.existing_pairs:
            parts.add("Link", pipe.id, p_nom=pipe.existing_pairs * capacity(pipe.existing_type), **ways)
        for name in pipe.candidate_types:
            kind, most = instance.pipe_type[name], capacity(name)
            ground = pipe.cost_factor * (pipe.length_km - pipe.tunnel_km) + pipe.tunnel_cost_factor * pipe.tunnel_km
            relays = pipe.relay_stations * most * pipe.relay_mcur_per_mw
            capex = kind.capex_mcur_per_km * ground + pipe.extra_mcur_per_pair + relays
            price = 1e6 * capex * self._annuity(kind.life_years) / most
            new = {"p_nom_mod": most, "capital_cost": price, "lifetime": kind.life_years}
            self._built(parts, "Link", pipe, most * pipe.max_new_pairs, **ways, **new)

    def _store(self, parts: Parts, store: Store) -> None:
        ring = {"cyclic_state_of_charge": True, "cyclic_state_of_charge_per_period": True}
        if store.existing_mwh:
            parts.add("StorageUnit", store.id, **stored(store, store.existing_mwh), **ring)
        yearly = self._annuity(store.life_years) + store.fixed_share_per_year
        price = 1e6 * store.capex_mcur_per_mwh * yearly * store.hours
        new = {"capital_cost": price, "lifetime": store.life_years}
        self._built(parts, "StorageUnit", store, store.max_new_mwh / store.hours, **stored(store, 0.0), **ring, **new)

    def _demand(self, parts: Parts) -> None:
        instance = self.task.instance
        heat = {name: max(corner.heat_mw for corner in rows) for name, rows in instance.corners.items() if rows}
        most_heat = sum(
            (u.count + u.max_new) * heat[u.technology] * u.size_mw / instance.technology[u.technology].size_mw
            for u in instance.units
        )
        for node in sorted({unit.node for unit in instance.units}):
            parts.add("Generator", f"{node} spill", bus=node, p_nom=most_heat, sign=-1.0)
        for node in instance.demand_nodes:
            demand = self._over(lambda system, at=node: system.demand_mw[at])  # type: ignore[misc]
            most = float(demand.max())
            if most:
                parts.add("Load", node, bus=node, p_set=demand)
                price = self.systems[0].unserved_cur_per_mwh
                missing = {"p_nom": most, "p_max_pu": demand / most, "marginal_cost": price}
                parts.add("Generator", f"{node} unserved", bus=node, **missing)
