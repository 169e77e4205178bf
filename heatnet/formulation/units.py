"""Units: clusters of equal machines, kept, retired and built; operation in the convex hull of their corner points."""

from __future__ import annotations

import math
from itertools import pairwise

import pyomo.environ as pyo

from heatnet.formulation.case import Machine
from heatnet.formulation.model import Asset, Balance, Core, Expression, Operation, total
from heatnet.instance.records import Stage, Technology


def invest(core: Core) -> None:
    """Existing machines kept, and new machines in place, by unit and stage; links `machines`."""
    case, block = core.case, core.block
    existing = {m.id: m.unit for m in case.machines.values() if m.unit.count}
    buildable = {m.id: m for m in case.machines.values() if m.unit.max_new}

    def kept_bounds(_: object, unit: str, year: int) -> tuple[int, int]:
        count = existing[unit].count
        return (0 if existing[unit].may_retire else count), count

    block.kept_machines = pyo.Var(list(existing), case.years, domain=pyo.Integers, bounds=kept_bounds)
    block.new_machines = pyo.Var(
        list(buildable), case.years, domain=pyo.Integers, bounds=lambda _, u, y: (0, buildable[u].unit.max_new)
    )
    block.machines_never_return = pyo.Constraint(
        list(existing),
        list(pairwise(case.years)),
        rule=lambda b, u, before, after: b.kept_machines[u, after] <= b.kept_machines[u, before],
    )
    assets = {m.id: Asset(m.unit.max_new, m.unit.earliest_year, m.technology.life_years) for m in buildable.values()}
    core.restrict_additions("built_machines", assets, block.new_machines)
    converters: dict[str, list[str]] = {}
    for machine in buildable.values():
        if machine.unit.converts:
            converters.setdefault(machine.unit.converts, []).append(machine.id)
    block.conversion = pyo.Constraint(
        list(converters),
        case.years,
        rule=lambda b, old, y: (
            total([b.new_machines[u, y] for u in converters[old]]) <= existing[old].count - b.kept_machines[old, y]
        ),
    )
    for machine in case.machines.values():
        core.link_max["machines", machine.id] = machine.unit.count + machine.unit.max_new
        before: int | None = None
        for year in case.years:
            _offer(core, machine, before, year)
            before = year


def _offer(core: Core, machine: Machine, before: int | None, year: int) -> None:
    case, block, unit, technology = core.case, core.block, machine.unit, machine.technology
    old = block.kept_machines[unit.id, year] if unit.count else 0
    new = block.new_machines[unit.id, year] if unit.max_new else 0
    core.offer(("machines", unit.id), year, old + new)
    price = case.weight(year) * unit.size_mw
    core.cost("units", year, price * technology.capex_mcur_per_mw * case.annuity(technology.life_years) * new)
    core.cost("fixed", year, price * technology.fixed_mcur_per_mw_year * (old + new))
    if unit.count:
        leaving = (unit.count if before is None else block.kept_machines[unit.id, before]) - old
        core.cost("decommissioning", year, case.discount(year) * technology.retire_mcur_per_mw * unit.size_mw * leaving)


def cover(core: Core, year: int, balance: Balance) -> None:
    """Heat of the design hour from what is in place."""
    case, block = core.case, core.block.design[year]
    firm = {m.id: m.heat_max_mw * m.technology.design_heat_share for m in case.machines.values()}
    block.heat = pyo.Var(firm, bounds=lambda _, u: (0, firm[u] * core.link_max["machines", u]))
    block.heat_limit = pyo.Constraint(firm, rule=lambda b, u: b.heat[u] <= firm[u] * core.offers["machines", u][year])
    for machine in case.machines.values():
        balance.send(machine.unit.node, 0, block.heat[machine.id])


def operate(operation: Operation) -> None:
    """Corner weights by step, commitment as the technology asks, fuel, power and their costs."""
    case, block, steps = operation.case, operation.block, operation.steps
    machines = case.machines
    index = [(m.id, corner) for m in machines.values() for corner in m.corners]
    block.corner = pyo.Var(index, steps, bounds=(0, None))
    daily = [m.id for m in machines.values() if m.technology.commitment == "daily"]
    hourly = [m.id for m in machines.values() if m.technology.commitment == "hourly"]
    block.on_day = pyo.Var(daily, domain=pyo.NonNegativeIntegers)
    block.on_step = pyo.Var(hourly, steps, domain=pyo.NonNegativeIntegers)

    def limit(unit: str, on: Expression, share: float = 1.0) -> Expression:
        most = share * operation.link("machines", unit)
        return on == most if machines[unit].technology.must_run else on <= most

    block.on_day_limit = pyo.Constraint(daily, rule=lambda b, u: limit(u, b.on_day[u]))
    block.on_step_limit = pyo.Constraint(hourly, steps, rule=lambda b, u, s: limit(u, b.on_step[u, s]))
    available = {m.id: case.availability(m)[operation.day] for m in machines.values()}

    def hull(b: Expression, u: str, s: int) -> Expression:
        weights = total([b.corner[u, c, s] for c in machines[u].corners])
        if machines[u].technology.commitment == "none":
            return limit(u, weights, float(available[u][s]))
        return weights == (b.on_day[u] if machines[u].technology.commitment == "daily" else b.on_step[u, s])

    block.hull = pyo.Constraint(machines, steps, rule=hull)
    _start(operation, hourly)
    for machine in machines.values():
        for step in steps:
            heat = total([corner.heat_mw * block.corner[machine.id, c, step] for c, corner in machine.corners.items()])
            operation.balance.send(machine.unit.node, step, heat)
        _cost(operation, machine)


def _start(operation: Operation, hourly: list[str]) -> None:
    """Starts, and minimum up and down times of clusters under hourly commitment, the day taken as a ring."""
    case, block, steps = operation.case, operation.block, operation.steps
    number = len(steps)
    block.start = pyo.Var(hourly, steps, domain=pyo.NonNegativeReals)

    def stop(b: Expression, u: str, s: int) -> Expression:
        return b.start[u, s] - b.on_step[u, s] + b.on_step[u, (s - 1) % number]

    def last(hours: float, s: int) -> list[int]:
        return [(s - back) % number for back in range(min(math.ceil(hours / case.grid.step_hours), number))]

    block.start_stop = pyo.Constraint(hourly, steps, rule=lambda b, u, s: stop(b, u, s) >= 0)
    block.min_up = pyo.ConstraintList()
    block.min_down = pyo.ConstraintList()
    for unit in hourly:
        technology = case.machines[unit].technology
        size = case.machines[unit].unit.size_mw
        for step in steps:
            if technology.min_up_h:
                starts = total([block.start[unit, k] for k in last(technology.min_up_h, step)])
                block.min_up.add(starts <= block.on_step[unit, step])
            if technology.min_down_h:
                stops = total([stop(block, unit, k) for k in last(technology.min_down_h, step)])
                block.min_down.add(stops <= operation.link("machines", unit) - block.on_step[unit, step])
            price = operation.day_weight * technology.start_cur_per_mw * size
            operation.cost("start_up", price * block.start[unit, step])


def _cost(operation: Operation, machine: Machine) -> None:
    """Costs of the corner points in every step: each is a price per machine at that corner."""
    technology, block = machine.technology, operation.block
    fuel = operation.case.instance.fuel[technology.fuel] if technology.fuel else None
    stage = next(stage for stage in operation.case.stages if stage.year == operation.year)
    powers = {name: operation.case.power[machine.id, name][operation.day] for name in machine.corners}
    terms: dict[str, list[Expression]] = {}
    for step in operation.steps:
        wholesale = operation.price("power_wholesale_cur_per_mwh", step)
        retail = operation.price("power_retail_cur_per_mwh", step)
        bought = wholesale if technology.power_price == "wholesale" else retail
        factor = operation.price(fuel.price_series, step) if fuel and fuel.price_series else 1.0
        for name, corner in machine.corners.items():
            power = float(powers[name][step])
            made, taken = max(power, 0.0), max(-power, 0.0)
            heat_cost = corner.heat_mw * technology.variable_heat_cur_per_mwh
            prices = {
                "variable": heat_cost + made * technology.variable_power_cur_per_mwh,
                "power_sold": -made * wholesale,
                "power_bought": taken * bought,
                "pollutants": corner.fuel_mw * _pollutant_price(technology, stage),
            }
            if fuel:
                prices["fuel"] = corner.fuel_mw * fuel.price_cur_per_mwh * factor
                prices["carbon"] = corner.fuel_mw * fuel.co2_t_per_mwh * stage.co2_price_cur_per_t
            for term, price in prices.items():
                if price:
                    weight = block.corner[machine.id, name, step]
                    terms.setdefault(term, []).append(operation.step_weight * price * weight)
    for term, expressions in terms.items():
        operation.cost(term, total(expressions))


def _pollutant_price(technology: Technology, stage: Stage) -> float:
    """What the pollutants of one MWh of fuel cost: grams per MWh times price per kg."""
    grams = (
        technology.so2_g_per_mwh * stage.so2_price_cur_per_kg
        + technology.nox_g_per_mwh * stage.nox_price_cur_per_kg
        + technology.pm_g_per_mwh * stage.pm_price_cur_per_kg
    )
    return grams / 1000.0
