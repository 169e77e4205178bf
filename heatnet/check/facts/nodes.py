"""Nodes with their heat demand, and what may be done to the demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from heatnet.check.facts.arrays import integers, numbers, sum_into, years
from heatnet.physics.finance import annuity_share

if TYPE_CHECKING:
    from heatnet.check.findings import Array, IntArray
    from heatnet.instance import Instance
    from heatnet.instance.records import Demand

Place = dict[str, int]
"""Places of nodes by id."""


@dataclass(frozen=True)
class Nodes:
    """Places. `districts` are those with a row in `demands`.

    `area_mm2`, `peak_w_per_m2` and `full_mw`, the design load before the demand side, have an axis of stages and one
    of all nodes. `guarantee_share` is that of contingencies.
    """

    ids: list[str]
    station_mw: Array
    guarantee_share: Array
    supplied: npt.NDArray[np.bool_]
    districts: IntArray
    area_mm2: Array
    peak_w_per_m2: Array
    shape_series: list[str | None]

    @classmethod
    def of(cls, instance: Instance, stages: IntArray, place: Place) -> Nodes:
        """The nodes of an instance."""
        area, peak = np.zeros((2, len(stages), len(place)))
        shapes: list[str | None] = [None] * len(place)
        demands: dict[int, list[Demand]] = {}
        for row in instance.demands:
            demands.setdefault(place[row.node], []).append(row)
        districts = sorted(demands)
        for k in districts:
            rows = sorted(demands[k], key=lambda row: row.year)
            given = [row.year for row in rows]
            area[:, k] = np.interp(stages, given, [row.area_mm2 for row in rows])
            peak[:, k] = np.interp(stages, given, [row.peak_w_per_m2 for row in rows])
            shapes[k] = rows[0].shape_series
        homes = {unit.node for unit in instance.units}
        security = instance.header.security
        ordinary = 0.0 if security is None else security.guarantee_share
        own = {zone.id: zone.guarantee_share for zone in instance.zones if zone.guarantee_share is not None}
        return cls(
            list(place),
            numbers(np.inf if node.heat_station_mw is None else node.heat_station_mw for node in instance.nodes),
            numbers(ordinary if node.zone is None else own.get(node.zone, ordinary) for node in instance.nodes),
            np.array([node.id in homes for node in instance.nodes], dtype=bool),
            integers(districts),
            area,
            peak,
            shapes,
        )

    @property
    def full_mw(self) -> Array:
        """Design load before the demand side: W/m² of million m² are MW."""
        return self.area_mm2 * self.peak_w_per_m2

    @property
    def district_ids(self) -> list[str]:
        """Ids of the nodes with a row in `demands`."""
        return [self.ids[k] for k in self.districts]

    def gather(self, values: Array, places: IntArray) -> Array:
        """Sums the last axis from things to the nodes (`places`) that they are at."""
        return sum_into(values, places, len(self.ids))


@dataclass(frozen=True)
class Envelopes:
    """Retrofits of buildings: measures at nodes, named `NODE/MEASURE`."""

    ids: list[str]
    node: IntArray
    max_share: Array
    saving_share: Array
    earliest: IntArray
    capex_mcur_per_mm2: Array
    life: IntArray
    annuity: Array

    @classmethod
    def of(cls, instance: Instance, rate: float, place: Place) -> Envelopes:
        """The measures of an instance."""
        rows = instance.envelopes
        return cls(
            [f"{row.node}/{row.measure}" for row in rows],
            integers(place[row.node] for row in rows),
            numbers(row.max_share for row in rows),
            numbers(row.saving_share for row in rows),
            years(row.earliest_year for row in rows),
            numbers(row.capex_mcur_per_mm2 for row in rows),
            integers(row.life_years for row in rows),
            numbers(annuity_share(rate, row.life_years) for row in rows),
        )


@dataclass(frozen=True)
class Connections:
    """Nodes whose demand need not be met. `charge_mcur` is that of each year in which the node is served."""

    ids: list[str]
    node: IntArray
    earliest: IntArray
    heat_price_cur_per_mwh: Array
    charge_mcur: Array

    @classmethod
    def of(cls, instance: Instance, rate: float, place: Place) -> Connections:
        """The connections of an instance."""
        rows = instance.connections
        return cls(
            [row.node for row in rows],
            integers(place[row.node] for row in rows),
            years(row.earliest_year for row in rows),
            numbers(row.heat_price_cur_per_mwh for row in rows),
            numbers(row.capex_mcur * annuity_share(rate, row.life_years) for row in rows),
        )
