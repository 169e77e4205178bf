"""What the instance says, as arrays in the order of its tables. Units: MW, MWh, km, million of the currency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from heatnet.physics.finance import annuity_share, discount_share, span_weight
from heatnet.physics.pipes import CURVE_SHARES, capacity_mw, loss_mw_per_km, pump_curve

if TYPE_CHECKING:
    from heatnet.check.findings import Array, IntArray
    from heatnet.instance import Instance
    from heatnet.instance.records import Contingency, Fuel, Pipe, PipeType, Regime, Technology, Unit

ALWAYS = -1
"""An earliest year for what may be built in every stage."""

NOTHING = -1
"""The place of what is converted by a unit that converts no other."""

POLLUTANTS = ("so2", "nox", "pm")
"""Beginnings of the names of fields, in the order of arrays of pollutants."""


@dataclass(frozen=True)
class Stages:
    """`weight` is W, `once` is δ; prices and factors per tCO2 and MWh. `firm_power_mw` is −∞ where none is asked for.

    `pollutant_price_cur_per_kg` has an axis of stages and one of `POLLUTANTS`.
    """

    years: IntArray
    weight: Array
    once: Array
    co2_price_cur_per_t: Array
    grid_co2_t_per_mwh: Array
    pollutant_price_cur_per_kg: Array
    firm_power_mw: Array
    import_power_mw: Array

    def in_place(self, life_years: IntArray) -> Array:
        """1 where what was built in the stage of axis 0 is in place in the stage of axis 1; axis 2 is things."""
        built, now = self.years[:, None, None], self.years[None, :, None]
        return ((built <= now) & (now < built + life_years)).astype(np.float64)


@dataclass(frozen=True)
class Lines:
    """Pipes with one of their types. Capacity, loss, pump power and capex are those of one pair over its length."""

    ids: list[str]
    keys: list[tuple[str, str]]
    pipe_ids: list[str]
    pipe: IntArray
    start: IntArray
    end: IntArray
    capacity_mw: Array
    loss_mw: Array
    pump_mw: Array
    capex_mcur: Array
    fixed_share: Array
    annuity: Array
    life: IntArray
    existing: Array
    candidate: npt.NDArray[np.bool_]
    earliest: IntArray
    max_new: Array


@dataclass(frozen=True)
class Units:
    """Units with the values of their technology, and all corner points in one list (`corner_unit` says whose).

    `converts` is the place of the unit that is converted, `NOTHING` where there is none; `pollutants_g_per_mwh` is per
    MWh of fuel, with an axis of units and one of `POLLUTANTS`.
    """

    rows: tuple[Unit, ...]
    technologies: list[Technology]
    fuels: list[Fuel | None]
    ids: list[str]
    node: IntArray
    size_mw: Array
    count: Array
    max_new: Array
    earliest: IntArray
    life: IntArray
    annuity: Array
    commitment: npt.NDArray[np.str_]
    must_run: npt.NDArray[np.bool_]
    converts: IntArray
    pollutants_g_per_mwh: Array
    corner_unit: IntArray
    corner_names: list[str]
    corner_heat: Array
    corner_power: Array
    corner_fuel: Array
    max_heat: Array
    max_power: Array

    def of_technology(self, field: str) -> Array:
        """A numeric field of the technology of each unit."""
        return numbers(getattr(technology, field) for technology in self.technologies)

    def sum_corners(self, per_corner: Array) -> Array:
        """Sums the last axis from corners to units."""
        return _sum_into(per_corner, self.corner_unit, len(self.ids))


@dataclass(frozen=True)
class Stores:
    """Heat stores."""

    ids: list[str]
    node: IntArray
    existing_mwh: Array
    max_new_mwh: Array
    hours: Array
    efficiency: Array
    loss_share_per_h: Array
    earliest: IntArray
    capex_mcur_per_mwh: Array
    fixed_share: Array
    life: IntArray
    annuity: Array


@dataclass(frozen=True)
class Nodes:
    """Places. `design_mw` has an axis of stages and one of all nodes; `districts` are those with a row in `demands`."""

    ids: list[str]
    station_mw: Array
    supplied: npt.NDArray[np.bool_]
    districts: IntArray
    design_mw: Array
    shape_series: list[str | None]

    @property
    def district_ids(self) -> list[str]:
        """Ids of the nodes with a row in `demands`."""
        return [self.ids[k] for k in self.districts]

    def gather(self, values: Array, places: IntArray) -> Array:
        """Sums the last axis from things to the nodes (`places`) that they are at."""
        return _sum_into(values, places, len(self.ids))


@dataclass(frozen=True)
class Contingencies:
    """What each contingency leaves of units and lines: shares, with an axis of contingencies and one of things."""

    ids: list[str]
    units_left: Array
    lines_left: Array
    guarantee_share: float


@dataclass(frozen=True)
class Facts:
    """Everything of the instance that does not depend on the choice of days."""

    stages: Stages
    nodes: Nodes
    lines: Lines
    units: Units
    stores: Stores
    contingencies: Contingencies

    @classmethod
    def of(cls, instance: Instance) -> Facts:
        """The facts of an instance."""
        rate = instance.header.economics.discount_rate_share
        place = {node.id: k for k, node in enumerate(instance.nodes)}
        stages = _stages(instance, rate)
        lines = _lines(instance, rate, place)
        units = _units(instance, rate, place)
        return cls(
            stages,
            _nodes(instance, stages.years, place),
            lines,
            units,
            _stores(instance, rate, place),
            _contingencies(instance, lines, units),
        )

    @property
    def guaranteed_mw(self) -> Array:
        """Heat that is guaranteed in every contingency; axes are stages and nodes."""
        return self.contingencies.guarantee_share * self.nodes.design_mw

    def half_losses(self, pairs: Array) -> Array:
        """MW at each node: half the loss of each pair that ends there. `pairs`: stages, lines."""
        half = 0.5 * pairs * self.lines.loss_mw
        return self.nodes.gather(half, self.lines.start) + self.nodes.gather(half, self.lines.end)

    def net_inflow(self, flow: Array) -> Array:
        """Inflow − outflow at each node. The last axis of `flow` is lines."""
        return self.nodes.gather(flow, self.lines.end) - self.nodes.gather(flow, self.lines.start)

    def through(self, flow: Array) -> Array:
        """|Inflow| + |outflow| at each node: the size of what a balance compares."""
        size = np.abs(flow)
        return self.nodes.gather(size, self.lines.end) + self.nodes.gather(size, self.lines.start)


def numbers(values: object) -> Array:
    """Floats from any iterable of numbers, also from an empty one."""
    return np.array(list(values), dtype=np.float64)  # type: ignore[call-overload]


def integers(values: object) -> IntArray:
    """Integers from any iterable of integers, also from an empty one."""
    return np.array(list(values), dtype=np.int64)  # type: ignore[call-overload]


def _sum_into(values: Array, places: IntArray, size: int) -> Array:
    """Sums the last axis by place; the new last axis has `size` places."""
    # One flat product: numpy takes products of stacked matrices one by one, which is many times slower.
    member = (places[:, None] == np.arange(size)[None, :]).astype(np.float64)
    flat = values.reshape(int(np.prod(values.shape[:-1])), len(places)) @ member
    return np.asarray(flat.reshape(*values.shape[:-1], size), dtype=np.float64)


def _table(rows: list[list[float]], width: int) -> Array:
    """Rows of floats, also when there are none."""
    return np.array(rows, dtype=np.float64).reshape(len(rows), width)


def _earliest(year: int | None) -> int:
    return ALWAYS if year is None else year


def _stages(instance: Instance, rate: float) -> Stages:
    stages, base = instance.header.stages, instance.header.base_year
    return Stages(
        integers(s.year for s in stages),
        numbers(span_weight(rate, s.year, s.span_years, base) for s in stages),
        numbers(discount_share(rate, s.year - base) for s in stages),
        numbers(s.co2_price_cur_per_t for s in stages),
        numbers(s.grid_co2_t_per_mwh for s in stages),
        _table([[getattr(s, f"{name}_price_cur_per_kg") for name in POLLUTANTS] for s in stages], len(POLLUTANTS)),
        numbers(-np.inf if s.firm_power_mw is None else s.firm_power_mw for s in stages),
        numbers(s.import_power_mw for s in stages),
    )


def _nodes(instance: Instance, years: IntArray, place: dict[str, int]) -> Nodes:
    design = np.zeros((len(years), len(place)))
    shapes: list[str | None] = [None] * len(place)
    districts = sorted({place[row.node] for row in instance.demands})
    for k in districts:
        rows = sorted((row for row in instance.demands if place[row.node] == k), key=lambda row: row.year)
        given = [row.year for row in rows]
        area = np.interp(years, given, [row.area_mm2 for row in rows])
        peak = np.interp(years, given, [row.peak_w_per_m2 for row in rows])
        design[:, k] = area * peak
        shapes[k] = rows[0].shape_series
    homes = {unit.node for unit in instance.units}
    return Nodes(
        list(place),
        numbers(np.inf if node.heat_station_mw is None else node.heat_station_mw for node in instance.nodes),
        np.array([node.id in homes for node in instance.nodes], dtype=bool),
        integers(districts),
        design,
        shapes,
    )


def _lines(instance: Instance, rate: float, place: dict[str, int]) -> Lines:
    types = {row.id: row for row in instance.pipe_types}
    regimes = {row.id: row for row in instance.header.regimes}
    found: list[tuple[int, Pipe, PipeType, Regime]] = []
    for k, pipe in enumerate(instance.pipes):
        names = dict.fromkeys(([pipe.existing_type] if pipe.existing_type else []) + list(pipe.candidate_types))
        found += [(k, pipe, types[name], regimes[pipe.regime]) for name in names]
    curves = [pump_curve(t.inner_diameter_mm, t.velocity_max_m_per_s, t.roughness_mm) for _, _, t, _ in found]
    lengths = numbers(p.length_km for _, p, _, _ in found)
    return Lines(
        ids=[f"{p.id}/{t.id}" for _, p, t, _ in found],
        keys=[(p.id, t.id) for _, p, t, _ in found],
        pipe_ids=[pipe.id for pipe in instance.pipes],
        pipe=integers(k for k, _, _, _ in found),
        start=integers(place[p.from_node] for _, p, _, _ in found),
        end=integers(place[p.to_node] for _, p, _, _ in found),
        capacity_mw=numbers(
            capacity_mw(t.inner_diameter_mm, t.velocity_max_m_per_s, r.supply_c, r.return_c) for _, _, t, r in found
        ),
        loss_mw=lengths
        * numbers(
            loss_mw_per_km(t.heat_transfer_w_per_m_k, r.supply_c, r.return_c, r.ground_c) for _, _, t, r in found
        ),
        pump_mw=np.array(curves, dtype=np.float64).reshape(len(found), len(CURVE_SHARES)) * lengths[:, None],
        capex_mcur=numbers(
            t.capex_mcur_per_km * p.length_km * p.cost_factor + p.extra_mcur_per_pair for _, p, t, _ in found
        ),
        fixed_share=numbers(t.fixed_share_per_year for _, _, t, _ in found),
        annuity=numbers(annuity_share(rate, t.life_years) for _, _, t, _ in found),
        life=integers(t.life_years for _, _, t, _ in found),
        existing=numbers(p.existing_pairs if p.existing_type == t.id else 0 for _, p, t, _ in found),
        candidate=np.array([t.id in p.candidate_types for _, p, t, _ in found], dtype=bool),
        earliest=integers(_earliest(p.earliest_year) for _, p, _, _ in found),
        max_new=numbers(pipe.max_new_pairs for pipe in instance.pipes),
    )


def _units(instance: Instance, rate: float, place: dict[str, int]) -> Units:
    rows = instance.units
    home = {unit.id: k for k, unit in enumerate(rows)}
    known = {row.id: row for row in instance.technologies}
    fuels = {row.id: row for row in instance.fuels}
    technologies = [known[unit.technology] for unit in rows]
    corners = [
        (k, corner, unit.size_mw / known[unit.technology].size_mw)
        for k, unit in enumerate(rows)
        for corner in instance.capability
        if corner.technology == unit.technology
    ]
    heat = numbers(corner.heat_mw * scale for _, corner, scale in corners)
    power = numbers(corner.power_mw * scale for _, corner, scale in corners)
    largest = np.zeros((2, len(rows)))
    for (k, _, _), one_heat, one_power in zip(corners, heat, power, strict=True):
        largest[:, k] = np.maximum(largest[:, k], (one_heat, one_power))
    return Units(
        rows=rows,
        technologies=technologies,
        fuels=[None if t.fuel is None else fuels[t.fuel] for t in technologies],
        ids=[unit.id for unit in rows],
        node=integers(place[unit.node] for unit in rows),
        size_mw=numbers(unit.size_mw for unit in rows),
        count=numbers(unit.count for unit in rows),
        max_new=numbers(unit.max_new for unit in rows),
        earliest=integers(_earliest(unit.earliest_year) for unit in rows),
        life=integers(t.life_years for t in technologies),
        annuity=numbers(annuity_share(rate, t.life_years) for t in technologies),
        commitment=np.array([t.commitment for t in technologies], dtype=np.str_),
        must_run=np.array([t.must_run for t in technologies], dtype=bool),
        converts=integers(NOTHING if unit.converts is None else home[unit.converts] for unit in rows),
        pollutants_g_per_mwh=_table(
            [[getattr(t, f"{name}_g_per_mwh") for name in POLLUTANTS] for t in technologies], len(POLLUTANTS)
        ),
        corner_unit=integers(k for k, _, _ in corners),
        corner_names=[corner.corner for _, corner, _ in corners],
        corner_heat=heat,
        corner_power=power,
        corner_fuel=numbers(corner.fuel_mw * scale for _, corner, scale in corners),
        max_heat=largest[0],
        max_power=largest[1],
    )


def _stores(instance: Instance, rate: float, place: dict[str, int]) -> Stores:
    rows = instance.stores
    return Stores(
        ids=[row.id for row in rows],
        node=integers(place[row.node] for row in rows),
        existing_mwh=numbers(row.existing_mwh for row in rows),
        max_new_mwh=numbers(row.max_new_mwh for row in rows),
        hours=numbers(row.hours for row in rows),
        efficiency=numbers(row.efficiency_share for row in rows),
        loss_share_per_h=numbers(row.loss_share_per_h for row in rows),
        earliest=integers(_earliest(row.earliest_year) for row in rows),
        capex_mcur_per_mwh=numbers(row.capex_mcur_per_mwh for row in rows),
        fixed_share=numbers(row.fixed_share_per_year for row in rows),
        life=integers(row.life_years for row in rows),
        annuity=numbers(annuity_share(rate, row.life_years) for row in rows),
    )


def _contingencies(instance: Instance, lines: Lines, units: Units) -> Contingencies:
    rows, security = instance.contingencies, instance.header.security

    def left(row: Contingency, hit: list[bool]) -> list[float]:
        return [1.0 - row.lost_share if one else 1.0 for one in hit]

    names = [lines.pipe_ids[k] for k in lines.pipe]
    return Contingencies(
        ids=[row.id for row in rows],
        units_left=_table(
            [left(row, [u.id == row.unit or u.node == row.node for u in units.rows]) for row in rows], len(units.ids)
        ),
        lines_left=_table([left(row, [name == row.pipe for name in names]) for row in rows], len(names)),
        guarantee_share=0.0 if security is None else security.guarantee_share,
    )
