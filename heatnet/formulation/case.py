"""What the core and every operation block look up: the instance in the model's own terms, computed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from heatnet.instance.instance import Array, Instance
from heatnet.instance.records import Corner, Pipe, PipeType, Regime, Retrofit, Stage, Technology, Unit
from heatnet.instance.series import TimeGrid
from heatnet.physics import finance, heat_pumps, pipes

ORDINARY = ""
"""The mode of corner points that name none."""


@dataclass(frozen=True)
class Line:
    """A pipe with one of its types in one temperature regime.

    Capacity, loss and pump power are those of one pair over the whole length. `pump_mw` belongs to the flow shares
    `heatnet.physics.pipes.CURVE_SHARES`. `capex_mcur` is that of a new pair.
    """

    id: str
    name: str
    pipe: Pipe
    type: PipeType
    regime: Regime
    capacity_mw: float
    loss_mw: float
    pump_mw: tuple[float, ...]
    capex_mcur: float

    @property
    def design_mw(self) -> float:
        """Sum of design loads that a pair carries in the design hour: as much of it as occurs at once, MW."""
        return self.capacity_mw / self.pipe.diversity_share

    @property
    def exists(self) -> bool:
        """Whether pairs of this type are there at the start."""
        return self.pipe.existing_type == self.type.id

    @property
    def candidate(self) -> bool:
        """Whether pairs of this type may be laid."""
        return self.type.id in self.pipe.candidate_types

    @property
    def most_pairs(self) -> int:
        """Largest number of pairs that can ever be in place."""
        return (self.pipe.existing_pairs if self.exists else 0) + (self.pipe.max_new_pairs if self.candidate else 0)

    @property
    def one_way(self) -> bool:
        """Whether heat flows from `from_node` to `to_node` only."""
        return self.pipe.delay_h > 0


@dataclass(frozen=True)
class Machine:
    """One machine of a unit: its technology, its corner points scaled to its size, and the retrofits of its modes."""

    unit: Unit
    technology: Technology
    corners: Mapping[str, Corner]
    retrofits: Mapping[str, Retrofit]

    @property
    def id(self) -> str:
        """The unit's id."""
        return self.unit.id

    @cached_property
    def modes(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the corners of each mode, the ordinary mode first."""
        found: dict[str, tuple[str, ...]] = {ORDINARY: ()}
        for name, corner in self.corners.items():
            mode = corner.mode or ORDINARY
            found[mode] = (*found.get(mode, ()), name)
        return found

    @property
    def design_share(self) -> float:
        """Sum of design loads that a MW of heat serves in the design hour: as much of it as occurs at once."""
        return self.technology.design_heat_share / self.unit.diversity_share

    @property
    def seasonal(self) -> tuple[str, ...]:
        """Modes that are chosen for a whole season."""
        return tuple(mode for mode, retrofit in self.retrofits.items() if retrofit.seasonal)

    @property
    def most(self) -> int:
        """Largest number of machines that can ever be in place."""
        return self.unit.count + self.unit.max_new

    def heat_max_mw(self, mode: str = ORDINARY) -> float:
        """Largest heat output of one machine in a mode, MW."""
        return max(self.corners[name].heat_mw for name in self.modes[mode])

    def power_max_mw(self, mode: str = ORDINARY) -> float:
        """Largest power output of one machine in a mode, MW; 0 where it makes none."""
        return max(0.0, *(self.corners[name].power_mw for name in self.modes[mode]))


@dataclass(frozen=True)
class Case:
    """An instance on its representative days."""

    instance: Instance
    grid: TimeGrid

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages in order."""
        return self.instance.stages

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years of the stages in order."""
        return tuple(stage.year for stage in self.stages)

    @cached_property
    def stage(self) -> Mapping[int, Stage]:
        """Stage by its year."""
        return {stage.year: stage for stage in self.stages}

    @cached_property
    def lines(self) -> Mapping[str, Line]:
        """Every pipe with every type and regime that it has or may have: `PIPE/TYPE`, in a zone `PIPE/TYPE/REGIME`."""
        found = {}
        for pipe in self.instance.pipes:
            for name in sorted({*pipe.candidate_types, *filter(None, [pipe.existing_type])}):
                for regime in self.instance.regimes_of(pipe):
                    line = self._line(pipe, self.instance.pipe_type[name], self.instance.regime[regime])
                    found[line.id] = line
        return found

    @cached_property
    def assets(self) -> Mapping[str, Line]:
        """What can be in the ground, by `PIPE/TYPE`: the lines in the regime at the start."""
        found: dict[str, Line] = {}
        for line in self.lines.values():
            found.setdefault(line.name, line)
        return found

    @cached_property
    def variants(self) -> Mapping[str, tuple[Line, ...]]:
        """The lines of each `PIPE/TYPE`, one for each regime."""
        return {name: tuple(x for x in self.lines.values() if x.name == name) for name in self.assets}

    def _line(self, pipe: Pipe, kind: PipeType, regime: Regime) -> Line:
        speed, diameter = kind.velocity_max_m_per_s, kind.inner_diameter_mm
        loss = pipes.loss_mw_per_km(kind.heat_transfer_w_per_m_k, regime.supply_c, regime.return_c, regime.ground_c)
        friction = pipes.pump_curve(diameter, speed, kind.roughness_mm)
        capacity = pipes.capacity_mw(diameter, speed, regime.supply_c, regime.return_c)
        first = self.instance.regime[self.instance.regimes_of(pipe)[0]]
        relays = pipe.relay_stations * pipes.capacity_mw(diameter, speed, first.supply_c, first.return_c)
        ground = pipe.cost_factor * (pipe.length_km - pipe.tunnel_km) + pipe.tunnel_cost_factor * pipe.tunnel_km
        return Line(
            id=f"{pipe.id}/{kind.id}" if pipe.zone is None else f"{pipe.id}/{kind.id}/{regime.id}",
            name=f"{pipe.id}/{kind.id}",
            pipe=pipe,
            type=kind,
            regime=regime,
            capacity_mw=capacity,
            loss_mw=loss * pipe.length_km,
            pump_mw=tuple(
                value * pipe.length_km + pipe.station_power_share * share * capacity
                for value, share in zip(friction, pipes.CURVE_SHARES, strict=True)
            ),
            capex_mcur=kind.capex_mcur_per_km * ground + pipe.extra_mcur_per_pair + relays * pipe.relay_mcur_per_mw,
        )

    @cached_property
    def machines(self) -> Mapping[str, Machine]:
        """One machine of every unit, by unit id."""
        found = {}
        for unit in self.instance.units:
            technology = self.instance.technology[unit.technology]
            scale = unit.size_mw / technology.size_mw
            corners = {
                corner.corner: corner.model_copy(
                    update={
                        "heat_mw": corner.heat_mw * scale,
                        "power_mw": corner.power_mw * scale,
                        "fuel_mw": corner.fuel_mw * scale,
                    }
                )
                for corner in self.instance.corners[technology.id]
            }
            retrofits = {row.mode: row for row in self.instance.retrofits if row.technology == technology.id}
            found[unit.id] = Machine(unit, technology, corners, retrofits)
        return found

    def availability(self, machine: Machine) -> Array:
        """Share of a machine's heat that can be had: shape (days, steps)."""
        technology = machine.technology
        share = np.full((len(self.grid.days), len(self.grid.steps)), technology.availability_share)
        if technology.derate_below_c is not None and technology.source_series is not None:
            cold = np.maximum(technology.derate_below_c - self.grid.mean(technology.source_series), 0.0)
            share = share * np.maximum(1.0 - technology.derate_share_per_k * cold, 0.0)
        return share

    @cached_property
    def power(self) -> Mapping[tuple[str, str], Array]:
        """Power in MW by day and step, by unit and corner: as the corner says, or what a heat pump takes at its COP."""
        return {
            (m.id, name): self._power(m, corner) for m in self.machines.values() for name, corner in m.corners.items()
        }

    def _power(self, machine: Machine, corner: Corner) -> Array:
        t = machine.technology
        if t.lorenz_share is None:
            return np.full((len(self.grid.days), len(self.grid.steps)), corner.power_mw)
        assert t.source_series is not None and t.source_drop_k is not None  # noqa: PT018
        assert t.sink_in_c is not None and t.sink_out_c is not None and t.cop_max is not None  # noqa: PT018
        source = self.grid.mean(t.source_series)
        ratio = heat_pumps.cop(source, t.source_drop_k, t.sink_in_c, t.sink_out_c, t.lorenz_share, t.cop_max)
        return -corner.heat_mw / ratio

    def weight(self, year: int) -> float:
        """Value in the base year of 1 a year over the stage."""
        return self.grid.stage_weight[year]

    def discount(self, year: int) -> float:
        """Value in the base year of 1 paid in the stage's first year."""
        header = self.instance.header
        return finance.discount_share(header.economics.discount_rate_share, year - header.base_year)

    def annuity(self, life_years: int) -> float:
        """Yearly charge per 1 of capital."""
        return finance.annuity_share(self.instance.header.economics.discount_rate_share, life_years)

    def additions(self, in_place: Mapping[int, Any], life_years: int) -> dict[int, Any]:
        """What is added in each stage, given what is in place of all that was added.

        What was added in stage z is in place in y when z ≤ y < z + life, so added[y] is in_place[y] less what earlier
        stages added and still stands. The decisions of the model are what is in place, not what is added: branching on
        "there by 2028" decides more than branching on "laid in 2028".
        """
        added: dict[int, Any] = {}
        for year in self.years:
            standing = [value for built, value in added.items() if year < built + life_years]
            added[year] = in_place[year] - sum(standing)
        return added
