"""Units with the corner points, modes and retrofits of their machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from heatnet.check.facts.arrays import NOTHING, integers, numbers, sum_into, table, years
from heatnet.check.facts.stages import POLLUTANTS
from heatnet.physics.finance import annuity_share

if TYPE_CHECKING:
    from heatnet.check.facts.nodes import Place
    from heatnet.check.findings import Array, IntArray
    from heatnet.instance import Instance
    from heatnet.instance.records import Fuel, Retrofit, Technology, Unit


@dataclass(frozen=True)
class Retrofits:
    """Retrofits of all units, named `UNIT/MODE`. Costs are those of one machine."""

    ids: list[str]
    unit: IntArray
    limit: Array
    seasonal: npt.NDArray[np.bool_]
    earliest: IntArray
    capex_mcur: Array
    fixed_mcur_per_year: Array
    life: IntArray
    annuity: Array

    @classmethod
    def of(cls, instance: Instance, rate: float) -> Retrofits:
        """The retrofits of an instance, in the order of its units."""
        rows: list[tuple[int, Unit, Retrofit]] = [
            (k, unit, row)
            for k, unit in enumerate(instance.units)
            for row in instance.retrofits
            if row.technology == unit.technology
        ]
        return cls(
            ids=[f"{unit.id}/{row.mode}" for _, unit, row in rows],
            unit=integers(k for k, _, _ in rows),
            limit=numbers(unit.count + unit.max_new for _, unit, _ in rows),
            seasonal=np.array([row.seasonal for _, _, row in rows], dtype=bool),
            earliest=years(row.earliest_year for _, _, row in rows),
            capex_mcur=numbers(unit.size_mw * row.capex_mcur_per_mw for _, unit, row in rows),
            fixed_mcur_per_year=numbers(unit.size_mw * row.fixed_mcur_per_mw_year for _, unit, row in rows),
            life=integers(row.life_years for _, _, row in rows),
            annuity=numbers(annuity_share(rate, row.life_years) for _, _, row in rows),
        )


@dataclass(frozen=True)
class Modes:
    """Modes of all units in one list, the ordinary one of every unit first.

    `retrofit` is the place of the retrofit that opens the mode, `NOTHING` where it is open to all machines. `heat_mw`
    and `power_mw` are the largest of the corners of one machine, not below 0.
    """

    labels: list[str]
    unit: IntArray
    retrofit: IntArray
    seasonal: npt.NDArray[np.bool_]
    heat_mw: Array
    power_mw: Array


@dataclass(frozen=True)
class Units:
    """Units with the values of their technology, and all corner points in one list (`corner_unit` says whose).

    `converts` is the place of the unit that is converted, `NOTHING` where there is none; `pollutants_g_per_mwh` is per
    MWh of fuel, with an axis of units and one of `POLLUTANTS`. `max_heat` and `max_power` are those of the ordinary
    mode. `ramp_share_per_h` is ∞ where there is no limit.
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
    ramp_share_per_h: Array
    pollutants_g_per_mwh: Array
    corner_unit: IntArray
    corner_mode: IntArray
    corner_names: list[str]
    corner_heat: Array
    corner_power: Array
    corner_fuel: Array
    modes: Modes

    @classmethod
    def of(cls, instance: Instance, rate: float, place: Place, retrofits: Retrofits) -> Units:
        """The units of an instance."""
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
        labels = [_label(rows[k], corner.mode) for k, corner, _ in corners]
        modes = _modes(rows, retrofits, labels, integers(k for k, _, _ in corners), heat, power)
        return cls(
            rows=rows,
            technologies=technologies,
            fuels=[None if t.fuel is None else fuels[t.fuel] for t in technologies],
            ids=[unit.id for unit in rows],
            node=integers(place[unit.node] for unit in rows),
            size_mw=numbers(unit.size_mw for unit in rows),
            count=numbers(unit.count for unit in rows),
            max_new=numbers(unit.max_new for unit in rows),
            earliest=years(unit.earliest_year for unit in rows),
            life=integers(t.life_years for t in technologies),
            annuity=numbers(annuity_share(rate, t.life_years) for t in technologies),
            commitment=np.array([t.commitment for t in technologies], dtype=np.str_),
            must_run=np.array([t.must_run for t in technologies], dtype=bool),
            converts=integers(NOTHING if unit.converts is None else home[unit.converts] for unit in rows),
            ramp_share_per_h=numbers(
                np.inf if t.ramp_share_per_h is None else t.ramp_share_per_h for t in technologies
            ),
            pollutants_g_per_mwh=table(
                [[getattr(t, f"{name}_g_per_mwh") for name in POLLUTANTS] for t in technologies], len(POLLUTANTS)
            ),
            corner_unit=integers(k for k, _, _ in corners),
            corner_mode=integers(modes.labels.index(label) for label in labels),
            corner_names=[corner.corner for _, corner, _ in corners],
            corner_heat=heat,
            corner_power=power,
            corner_fuel=numbers(corner.fuel_mw * scale for _, corner, scale in corners),
            modes=modes,
        )

    @property
    def design_share(self) -> Array:
        """What a MW of heat counts for in the design hour, against the sum of loads of which a share occurs at once."""
        return self.of_technology("design_heat_share") / numbers(unit.diversity_share for unit in self.rows)

    @property
    def max_heat(self) -> Array:
        """The largest heat of one machine in the ordinary mode."""
        return self.modes.heat_mw[: len(self.ids)]

    @property
    def max_power(self) -> Array:
        """The largest power of one machine in the ordinary mode, not below 0."""
        return self.modes.power_mw[: len(self.ids)]

    @property
    def co2_t_per_mwh(self) -> Array:
        """CO2 of a MWh of the fuel of each unit, 0 without fuel."""
        return numbers(0.0 if row is None else row.co2_t_per_mwh for row in self.fuels)

    def of_technology(self, field: str) -> Array:
        """A numeric field of the technology of each unit."""
        return numbers(getattr(technology, field) for technology in self.technologies)

    def sum_corners(self, per_corner: Array) -> Array:
        """Sums the last axis from corners to units."""
        return sum_into(per_corner, self.corner_unit, len(self.ids))

    def largest_corner(self, per_corner: Array) -> Array:
        """The largest corner of each unit in any mode, not below 0."""
        return _largest(per_corner, self.corner_unit, len(self.ids))


def _label(unit: Unit, mode: str | None) -> str:
    return unit.id if mode is None else f"{unit.id}/{mode}"


def _largest(values: Array, places: IntArray, size: int) -> Array:
    largest = np.zeros(size)
    np.maximum.at(largest, places, values)
    return largest


def _modes(
    rows: tuple[Unit, ...], retrofits: Retrofits, labels: list[str], corner_unit: IntArray, heat: Array, power: Array
) -> Modes:
    """The modes: of all corners, and of retrofits."""
    owner = {unit.id: k for k, unit in enumerate(rows)}
    owner |= dict(zip(labels, corner_unit.tolist(), strict=True))
    owner |= dict(zip(retrofits.ids, retrofits.unit.tolist(), strict=True))
    opened = {name: k for k, name in enumerate(retrofits.ids)}
    places = {label: k for k, label in enumerate(owner)}
    at = integers(places[label] for label in labels)
    return Modes(
        labels=list(owner),
        unit=integers(owner.values()),
        retrofit=integers(opened.get(label, NOTHING) for label in owner),
        seasonal=np.array([label in opened and retrofits.seasonal[opened[label]] for label in owner], dtype=bool),
        heat_mw=_largest(heat, at, len(places)),
        power_mw=_largest(power, at, len(places)),
    )
