"""Units: clusters of equal machines, kept, retired and built; operation in the hull of a mode's corner points."""

from __future__ import annotations

from itertools import pairwise

import pyomo.environ as pyo

from heatnet.formulation.case import Machine
from heatnet.formulation.model import Asset, Balance, Core, Expression, Operation, total
from heatnet.instance.records import Stage, Technology


def invest(core: Core) -> None:
    """Existing machines kept, and new machines in place, by unit and stage."""
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
        before: int | None = None
        for year in case.years:
            _place(core, machine, before, year)
            before = year


def _place(core: Core, machine: Machine, before: int | None, year: int) -> None:
    case, block, unit, technology = core.case, core.block, machine.unit, machine.technology
    old = block.kept_machines[unit.id, year] if unit.count else 0
    new = block.new_machines[unit.id, year] if unit.max_new else 0
    core.standing[unit.id, year] = old + new
    price = case.weight(year) * unit.size_mw
    core.cost("units", year, price * technology.capex_mcur_per_mw * case.annuity(technology.life_years) * new)
    if unit.count:
        leaving = (unit.count if before is None else block.kept_machines[unit.id, before]) - old
        core.cost("decommissioning", year, case.discount(year) * technology.retire_mcur_per_mw * unit.size_mw * leaving)


def cover(core: Core, year: int, balance: Balance) -> None:
    """Heat of the design hour from the machines that operate."""
    case, block = core.case, core.block.design[year]
    firm = {m.id: m.design_share for m in case.machines.values()}
    block.heat = pyo.Var(list(firm), bounds=(0, None))
    block.heat_limit = pyo.Constraint(list(firm), rule=lambda b, u: b.heat[u] <= firm[u] * core.able_heat_mw[u, year])
    for machine in case.machines.values():
        balance.send(machine.unit.node, 0, block.heat[machine.id])


def operate(operation: Operation) -> None:
    """Corner weights by step, machines on in each mode as the commitment asks, fuel, power and their costs."""
    case, block, steps = operation.case, operation.block, operation.steps
    machines = case.machines
    index = [(m.id, corner) for m in machines.values() for corner in m.corners]
    block.corner = pyo.Var(index, steps, bounds=(0, None))
    daily = [(m.id, mode) for m in machines.values() for mode in m.modes if m.technology.commitment == "daily"]
    hourly = [(m.id, mode) for m in machines.values() for mode in m.modes if m.technology.commitment == "hourly"]
    block.on_day = pyo.Var(daily, domain=pyo.NonNegativeIntegers)
    block.on_step = pyo.Var(hourly, steps, domain=pyo.NonNegativeIntegers)
    block.hull = pyo.Constraint(
        daily + hourly, steps, rule=lambda b, u, k, s: _weights(operation, machines[u], k, s) == on(operation, u, k, s)
    )
    block.on_limit = pyo.ConstraintList()
    block.mode_limit = pyo.ConstraintList()
    for machine in machines.values():
        available = case.availability(machine)[operation.day]
        for step in (0,) if machine.technology.commitment == "daily" else steps:
            _limit(operation, machine, step, float(available[step]))
        for step in steps:
            heat = total([corner.heat_mw * block.corner[machine.id, c, step] for c, corner in machine.corners.items()])
            operation.balance.send(machine.unit.node, step, heat)
        _cost(operation, machine)


def on(operation: Operation, unit: str, mode: str, step: int) -> Expression:
    """Machines of a unit that run in a mode in a step."""
    machine = operation.case.machines[unit]
    if machine.technology.commitment == "daily":
        return operation.block.on_day[unit, mode]
    if machine.technology.commitment == "hourly":
        return operation.block.on_step[unit, mode, step]
    return _weights(operation, machine, mode, step)


def _weights(operation: Operation, machine: Machine, mode: str, step: int) -> Expression:
    return total([operation.block.corner[machine.id, name, step] for name in machine.modes[mode]])


def _limit(operation: Operation, machine: Machine, step: int, available: float) -> None:
    """Machines on within those that operate; each retrofitted mode within those that may run in it.

    A machine that runs the season in a seasonal mode runs in no other.
    """
    block, unit = operation.block, machine.id
    runs = {mode: on(operation, unit, mode, step) for mode in machine.modes}
    shut_out = total([operation.link("modes", f"{unit}/{mode}") for mode in machine.seasonal])
    operating = operation.link("machines", unit)
    for mode in machine.retrofits:
        block.mode_limit.add(runs[mode] <= available * operation.link("modes", f"{unit}/{mode}"))
    free = total([value for mode, value in runs.items() if mode not in machine.seasonal])
    block.on_limit.add(free <= available * (operating - shut_out))
    if machine.technology.must_run:
        block.on_limit.add(total(list(runs.values())) == available * operating)


def _cost(operation: Operation, machine: Machine) -> None:
    """Costs of the corner points in every step: each is a price per machine at that corner."""
    technology, block = machine.technology, operation.block
    fuel = operation.case.instance.fuel[technology.fuel] if technology.fuel else None
    stage = operation.case.stage[operation.year]
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
