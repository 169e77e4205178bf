"""Yearly limits on fuel, emissions and heat: every day gets an allocation, so that no row joins two days."""

from __future__ import annotations

import pyomo.environ as pyo

from heatnet.formulation.case import Case, Machine
from heatnet.formulation.model import Core, Expression, Operation, total
from heatnet.instance.records import Corner, YearlyLimit
from heatnet.instance.selection import selected


def invest(core: Core) -> None:
    """Allocations of every limit to the days of every stage; links `budget` (at most) and `floor` (at least).

    An allocation is in days of an even year: 1 is the limit over the days of the season.
    """
    case, block = core.case, core.block
    rules = {rule.id: rule for rule in _rules(case)}
    season = len(case.grid.calendar)
    block.budget = pyo.Var(list(rules), case.years, case.grid.days, bounds=(0, season))
    block.floor = pyo.Var(list(rules), case.years, case.grid.days, bounds=(0, season))
    block.within_limit = pyo.ConstraintList()
    for rule in rules.values():
        for year in case.years:
            if not _holds(rule, year):
                continue
            for kind, limit, parts in (("budget", rule.most, block.budget), ("floor", rule.least, block.floor)):
                if limit is None:
                    continue
                allotted = total(
                    [weight * parts[rule.id, year, day] for day, weight in enumerate(case.grid.weight_days)]
                )
                whole = season if limit else 0.0
                block.within_limit.add(allotted <= whole if kind == "budget" else allotted >= whole)
                for day in case.grid.days:
                    core.offer((kind, rule.id), (0, season), year, parts[rule.id, year, day], day)
                    if kind == "floor" and limit:
                        most = _most(core, rule, year, day)
                        block.within_limit.add(parts[rule.id, year, day] <= season / limit * most)


def operate(operation: Operation) -> None:
    """A day's fuel, emissions or heat within its allocation."""
    case, block = operation.case, operation.block
    block.allocation = pyo.ConstraintList()
    for rule in _rules(case):
        for kind, limit in (("budget", rule.most), ("floor", rule.least)):
            if limit is None or not operation.linked(kind, rule.id):
                continue
            share = (limit or 1.0) / len(case.grid.calendar)
            used = _day_quantity(operation, rule) / share
            link = operation.link(kind, rule.id)
            block.allocation.add(used <= link if kind == "budget" else used >= link)


def _most(core: Core, rule: YearlyLimit, year: int, day: int) -> Expression:
    """What the units selected can use, emit or make on a day at the very most, in the unit of the rule.

    The blocks imply it; said here, the core allots no day more than its machines can do.
    """
    case = core.case
    factor = _factor(case, rule, year) * case.grid.step_hours
    parts = []
    for unit in selected(case.instance, rule.select):
        machine = case.machines[unit.id]
        hourly = max(_per_hour(case, machine, corner, rule.quantity) for corner in machine.corners.values())
        steps = float(case.availability(machine)[day].sum())
        parts.append(factor * hourly * steps * core.operating(unit.id, year))
    return total(parts)


def _rules(case: Case) -> list[YearlyLimit]:
    return [rule for rule in case.instance.header.rules if rule.enabled and isinstance(rule, YearlyLimit)]


def _holds(rule: YearlyLimit, year: int) -> bool:
    return (rule.from_year or year) <= year <= (rule.to_year or year)


def _day_quantity(operation: Operation, rule: YearlyLimit) -> Expression:
    """What the units selected use, emit or make on the day, in the unit of the rule."""
    case, block = operation.case, operation.block
    factor = _factor(case, rule, operation.year)
    parts = []
    for unit in selected(case.instance, rule.select):
        machine = case.machines[unit.id]
        for name, corner in machine.corners.items():
            amount = factor * case.grid.step_hours * _per_hour(case, machine, corner, rule.quantity)
            if amount:
                parts += [amount * block.corner[unit.id, name, step] for step in operation.steps]
    return total(parts)


def _per_hour(case: Case, machine: Machine, corner: Corner, quantity: str) -> float:
    """MWh of fuel or heat, or tonnes, of one machine at a corner for an hour."""
    if quantity in ("heat_mwh", "heated_area_mm2"):
        return corner.heat_mw
    technology = machine.technology
    co2 = case.instance.fuel[technology.fuel].co2_t_per_mwh if technology.fuel else 0.0
    per_mwh = {
        "fuel_mwh": 1.0,
        "co2_t": co2,
        "so2_t": technology.so2_g_per_mwh / 1e6,
        "nox_t": technology.nox_g_per_mwh / 1e6,
        "pm_t": technology.pm_g_per_mwh / 1e6,
    }
    return corner.fuel_mw * per_mwh[quantity]


def _factor(case: Case, rule: YearlyLimit, year: int) -> float:
    """From MWh or tonnes to the unit of the rule: 1, or the Mm² that 1 MWh of a season heats on the average."""
    if rule.quantity != "heated_area_mm2":
        return 1.0
    nodes = case.instance.demand_nodes
    demand = sum(case.grid.season_mwh(case.grid.demand_mw(node, year)) for node in nodes)
    return sum(case.instance.area_mm2(node, year) for node in nodes) / demand if demand else 0.0
