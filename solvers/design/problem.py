"""An instance as arrays: what the strategy `design` knows of it.

Nodes, edges (the pipes), lines (an edge with a type: pairs that may be kept, or laid), units and steps are numbers.
MW and million of the base year; every price is of the whole stage. Power and money are exact to the formulation
(`docs/model.md`): a plan has the same cost here and there.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from heatnet.formulation.case import Case, Machine
from heatnet.instance import Instance
from heatnet.instance.records import Pipe
from heatnet.instance.series import TimeGrid
from heatnet.physics import pipes
from heatnet.physics.pipes import CURVE_SHARES

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Lines:
    """Pairs that may be in an edge, by line: those there at the start (`kept`), or new ones of a type.

    Capacity, loss and cost (charge and upkeep, less what it saves not to remove it) are those of a pair; `pump_mw` has
    the points of its curve as columns. `design_mw`: sum of design loads that a pair carries in the design hour, no less
    than its capacity. `most`: largest number of pairs.
    """

    edge: Ints
    kept: Mask
    most: Ints
    capacity_mw: Array
    design_mw: Array
    loss_mw: Array
    cost_mcur: Array
    pump_mw: Array

    def __len__(self) -> int:
        return len(self.edge)

    @cached_property
    def slope(self) -> Array:
        """Pump power per MW of heat on each straight part of the curve; columns rise."""
        width = np.diff(CURVE_SHARES)
        return np.asarray(np.diff(self.pump_mw, axis=1) / (width * self.capacity_mw[:, None]))

    def only(self, mask: Mask) -> Lines:
        """Some of the lines."""
        return Lines(
            self.edge[mask],
            self.kept[mask],
            self.most[mask],
            self.capacity_mw[mask],
            self.design_mw[mask],
            self.loss_mw[mask],
            self.cost_mcur[mask],
            self.pump_mw[mask],
        )


@dataclass(frozen=True)
class Units:
    """Units and their machines. `able_mw`: what one counts for in the design hour; corners have heat and cost by step.

    `share`: of a unit's heat that can be had, by unit and step.
    """

    node: Ints
    kept_least: Ints
    kept_most: Ints
    new_most: Ints
    kept_mcur: Array
    new_mcur: Array
    able_mw: Array
    share: Array
    must_run: Mask
    corner_unit: Ints
    corner_mw: Array
    corner_mcur: Array

    def __len__(self) -> int:
        return len(self.node)


@dataclass(frozen=True)
class Problem:
    """One stage of an instance.

    `load_mw`: design load by node, 0 where there is none; `profile`: its share by step and node; `optional`: need not
    be connected; `connect_mcur`: what that costs. `sold_mcur`: what 1 MW of heat brings in a step. `short_mcur`: 1 MW
    that lacks in the design hour; `unserved_mcur`: in a step; `power_mcur`: 1 MW of pump power in a step.
    """

    nodes: int
    start: Ints
    end: Ints
    room: Ints
    lines: Lines
    units: Units
    load_mw: Array
    demand: Mask
    profile: Array
    optional: Mask
    connectable: Mask
    connect_mcur: Array
    sold_mcur: Array
    short_mcur: float
    unserved_mcur: Array
    power_mcur: Array
    station_mw: Array
    constant_mcur: float

    @property
    def edges(self) -> int:
        """Number of edges."""
        return len(self.start)

    @property
    def steps(self) -> int:
        """Number of steps, of all days."""
        return len(self.power_mcur)

    @cached_property
    def source(self) -> Mask:
        """Nodes with a unit."""
        found = np.zeros(self.nodes, dtype=bool)
        found[self.units.node] = True
        return found

    @cached_property
    def by_edge(self) -> tuple[Ints, ...]:
        """Lines of each edge."""
        order = np.argsort(self.lines.edge, kind="stable")
        parts = np.searchsorted(self.lines.edge[order], np.arange(self.edges + 1))
        return tuple(order[a:b] for a, b in itertools.pairwise(parts))


def of_grid(grid: TimeGrid) -> Problem:
    """The problem of an instance on its days; it has one stage, and nothing that `scope` refuses."""
    case = Case(grid.instance, grid)
    instance, (stage,) = grid.instance, grid.instance.stages
    year, weight = stage.year, case.weight(stage.year)
    number = {node.id: k for k, node in enumerate(instance.nodes)}
    energy = np.repeat(np.array(grid.weight_days), len(grid.steps)) * grid.step_hours * weight / 1e6
    economics = instance.header.economics
    lines, room = _lines(case, year)
    units, constant = _units(case, number, energy)

    load, demand = np.zeros(len(number)), np.zeros(len(number), dtype=bool)
    profile = np.zeros((len(energy), len(number)))
    for node in instance.demand_nodes:
        load[number[node]], demand[number[node]] = instance.design_heat_mw(node, year), True
        profile[:, number[node]] = grid.profile(node).ravel()
    optional, connectable = np.zeros(len(number), dtype=bool), np.ones(len(number), dtype=bool)
    charge, sold = np.zeros(len(number)), np.zeros((len(energy), len(number)))
    for row in instance.connections:
        k = number[row.node]
        optional[k] = True
        connectable[k] = row.earliest_year is None or year >= row.earliest_year
        charge[k] = weight * row.capex_mcur * case.annuity(row.life_years)
        sold[:, k] = energy * row.heat_price_cur_per_mwh
    station = [np.inf if node.heat_station_mw is None else node.heat_station_mw for node in instance.nodes]
    return Problem(
        nodes=len(number),
        start=np.array([number[pipe.from_node] for pipe in instance.pipes], dtype=np.int64),
        end=np.array([number[pipe.to_node] for pipe in instance.pipes], dtype=np.int64),
        room=room,
        lines=lines,
        units=units,
        load_mw=load,
        demand=demand,
        profile=profile,
        optional=optional,
        connectable=connectable,
        connect_mcur=charge,
        sold_mcur=sold,
        short_mcur=weight * economics.shortfall_mcur_per_mw_year,
        unserved_mcur=energy * economics.unserved_cur_per_mwh,
        power_mcur=energy * grid.mean("power_retail_cur_per_mwh").ravel(),
        station_mw=np.array(station, dtype=np.float64),
        constant_mcur=constant,
    )


def names_of_lines(instance: Instance) -> list[tuple[Pipe, str, bool]]:
    """Pipe, type and whether its pairs are there at the start, in the order of `Lines`."""
    found = []
    for pipe in instance.pipes:
        if pipe.existing_type is not None and pipe.existing_pairs:
            found.append((pipe, pipe.existing_type, True))
        if pipe.max_new_pairs:
            found += [(pipe, name, False) for name in sorted(set(pipe.candidate_types))]
    return found


def _lines(case: Case, year: int) -> tuple[Lines, Ints]:
    """Lines of all edges, and most new pairs by edge."""
    instance, weight = case.instance, case.weight(year)
    parts: dict[tuple[str, str], Any] = {}
    rows = []
    number = {pipe.id: k for k, pipe in enumerate(instance.pipes)}
    for pipe, name, kept in names_of_lines(instance):
        kind = instance.pipe_type[name]
        (name_of_regime,) = instance.regimes_of(pipe)
        key = (name, name_of_regime)
        if key not in parts:
            regime, speed, bore = instance.regime[name_of_regime], kind.velocity_max_m_per_s, kind.inner_diameter_mm
            parts[key] = (
                pipes.capacity_mw(bore, speed, regime.supply_c, regime.return_c),
                pipes.loss_mw_per_km(kind.heat_transfer_w_per_m_k, regime.supply_c, regime.return_c, regime.ground_c),
                np.array(pipes.pump_curve(bore, speed, kind.roughness_mm)),
                case.annuity(kind.life_years),
            )
        capacity, loss, friction, annuity = parts[key]
        early = pipe.earliest_year is not None and year < pipe.earliest_year
        ground = pipe.cost_factor * (pipe.length_km - pipe.tunnel_km) + pipe.tunnel_cost_factor * pipe.tunnel_km
        capex = kind.capex_mcur_per_km * ground + pipe.extra_mcur_per_pair
        capex += pipe.relay_stations * capacity * pipe.relay_mcur_per_mw
        yearly = capex * (kind.fixed_share_per_year + (0.0 if kept else annuity))
        pump = friction * pipe.length_km + pipe.station_power_share * capacity * np.array(CURVE_SHARES)
        most = pipe.existing_pairs if kept else 0 if early else pipe.max_new_pairs
        design = capacity / pipe.diversity_share
        rows.append((number[pipe.id], kept, most, capacity, design, loss * pipe.length_km, weight * yearly, pump))
    columns = list(zip(*rows, strict=True)) if rows else [()] * 8
    lines = Lines(
        edge=np.array(columns[0], dtype=np.int64),
        kept=np.array(columns[1], dtype=bool),
        most=np.array(columns[2], dtype=np.int64),
        capacity_mw=np.array(columns[3], dtype=np.float64),
        design_mw=np.array(columns[4], dtype=np.float64),
        loss_mw=np.array(columns[5], dtype=np.float64),
        cost_mcur=np.array(columns[6], dtype=np.float64),
        pump_mw=np.array(columns[7], dtype=np.float64).reshape(-1, len(CURVE_SHARES)),
    )
    return lines, np.array([pipe.max_new_pairs for pipe in instance.pipes], dtype=np.int64)


def _units(case: Case, number: dict[str, int], energy: Array) -> tuple[Units, float]:
    """Units, and what it costs that all existing machines leave."""
    (year,) = case.years
    weight, once = case.weight(year), case.discount(year)
    rows, corners, constant = [], [], 0.0
    for k, machine in enumerate(case.machines.values()):
        unit, technology = machine.unit, machine.technology
        early = unit.earliest_year is not None and year < unit.earliest_year
        fixed = weight * unit.size_mw * technology.fixed_mcur_per_mw_year
        leaving = once * technology.retire_mcur_per_mw * unit.size_mw
        capex = weight * unit.size_mw * technology.capex_mcur_per_mw * case.annuity(technology.life_years)
        most_mw = max(corner.heat_mw for corner in machine.corners.values())
        share = case.availability(machine).ravel()
        least, new = (0 if unit.may_retire else unit.count), (0 if early else unit.max_new)
        constant += leaving * unit.count
        rows.append(
            (
                number[unit.node],
                least,
                unit.count,
                new,
                fixed - leaving,
                fixed + capex,
                most_mw * machine.design_share,
                share,
                technology.must_run,
            )
        )
        for name, corner in machine.corners.items():
            corners.append((k, corner.heat_mw, energy * _price(case, machine, name)))
    columns, table = list(zip(*rows, strict=True)), list(zip(*corners, strict=True))
    found = Units(
        node=np.array(columns[0], dtype=np.int64),
        kept_least=np.array(columns[1], dtype=np.int64),
        kept_most=np.array(columns[2], dtype=np.int64),
        new_most=np.array(columns[3], dtype=np.int64),
        kept_mcur=np.array(columns[4], dtype=np.float64),
        new_mcur=np.array(columns[5], dtype=np.float64),
        able_mw=np.array(columns[6], dtype=np.float64),
        share=np.array(columns[7], dtype=np.float64),
        must_run=np.array(columns[8], dtype=bool),
        corner_unit=np.array(table[0], dtype=np.int64),
        corner_mw=np.array(table[1], dtype=np.float64),
        corner_mcur=np.array(table[2], dtype=np.float64),
    )
    return found, constant


def _price(case: Case, machine: Machine, name: str) -> Array:
    """What a machine at a corner costs an hour, by step: fuel, carbon, pollutants, power and what varies with heat."""
    grid, technology, corner = case.grid, machine.technology, machine.corners[name]
    (stage,) = case.stages
    wholesale = grid.mean("power_wholesale_cur_per_mwh").ravel()
    retail = grid.mean("power_retail_cur_per_mwh").ravel()
    power = case.power[machine.id, name].ravel()
    made, taken = np.maximum(power, 0.0), np.maximum(-power, 0.0)
    grams = (
        technology.so2_g_per_mwh * stage.so2_price_cur_per_kg
        + technology.nox_g_per_mwh * stage.nox_price_cur_per_kg
        + technology.pm_g_per_mwh * stage.pm_price_cur_per_kg
    )
    total = made * (technology.variable_power_cur_per_mwh - wholesale)
    total += taken * (wholesale if technology.power_price == "wholesale" else retail)
    total += corner.heat_mw * technology.variable_heat_cur_per_mwh + corner.fuel_mw * grams / 1000.0
    if technology.fuel:
        fuel = case.instance.fuel[technology.fuel]
        factor = grid.mean(fuel.price_series).ravel() if fuel.price_series else 1.0
        carbon = fuel.co2_t_per_mwh * stage.co2_price_cur_per_t
        total += corner.fuel_mw * (fuel.price_cur_per_mwh * factor + carbon)
    return np.asarray(total, dtype=np.float64)
