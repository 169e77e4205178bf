"""What changes from hour to hour in a stage, over all its hours: computed once, cut into windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from heatnet.formulation.case import Machine
from heatnet.instance.instance import Array
from heatnet.operate.stage import Stage


@dataclass(frozen=True)
class Numbers:
    """Demand in MW by node, share of machines available by unit, prices in million for an hour."""

    stage: Stage

    @cached_property
    def retail(self) -> Array:
        """Million for 1 MWh of power from the grid."""
        return self._series("power_retail_cur_per_mwh") / 1e6

    @cached_property
    def demand(self) -> Mapping[str, Array]:
        """Heat demand of the nodes with a load, MW."""
        return {node: self.stage.demand_mw(node) for node in self.stage.nodes}

    @cached_property
    def available(self) -> Mapping[str, Array]:
        """Share of the machines of a unit that can be had."""
        return {machine.id: self.stage.case.availability(machine)[0] for machine in self.stage.units}

    @cached_property
    def corner_cost(self) -> Mapping[tuple[str, str], Array]:
        """Million for an hour of one machine at a corner, by (unit, corner)."""
        return {(m.id, name): self._corner_cost(m, name) for m in self.stage.units for name in m.corners}

    @property
    def unserved(self) -> float:
        """Million for 1 MWh of heat that is not served."""
        return self.stage.case.instance.header.economics.unserved_cur_per_mwh / 1e6

    def sold(self, node: str) -> float:
        """Million that consumers of a node pay for 1 MWh."""
        connection = self.stage.case.instance.connection.get(node)
        return connection.heat_price_cur_per_mwh / 1e6 if connection else 0.0

    def _series(self, name: str) -> Array:
        hourly: Array = self.stage.case.grid.mean(name)[0]
        return hourly

    def _corner_cost(self, machine: Machine, name: str) -> Array:
        case, technology, corner = self.stage.case, machine.technology, machine.corners[name]
        stage, power = case.stage[self.stage.year], case.power[machine.id, name][0]
        made, taken = np.maximum(power, 0.0), np.maximum(-power, 0.0)
        wholesale = self._series("power_wholesale_cur_per_mwh")
        bought = wholesale if technology.power_price == "wholesale" else self._series("power_retail_cur_per_mwh")
        grams = (
            technology.so2_g_per_mwh * stage.so2_price_cur_per_kg
            + technology.nox_g_per_mwh * stage.nox_price_cur_per_kg
            + technology.pm_g_per_mwh * stage.pm_price_cur_per_kg
        )
        cost = corner.heat_mw * technology.variable_heat_cur_per_mwh + corner.fuel_mw * grams / 1000.0
        cost = cost + made * (technology.variable_power_cur_per_mwh - wholesale) + taken * bought
        if technology.fuel:
            fuel = case.instance.fuel[technology.fuel]
            factor = self._series(fuel.price_series) if fuel.price_series else 1.0
            cost = cost + corner.fuel_mw * fuel.price_cur_per_mwh * factor
            cost = cost + corner.fuel_mw * fuel.co2_t_per_mwh * stage.co2_price_cur_per_t
        return np.asarray(cost / 1e6, dtype=np.float64)
