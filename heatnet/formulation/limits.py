"""Yearly limits on fuel, emissions and heat: every day gets an allocation, so that no row joins two days."""

from __future__ import annotations

import pyomo.environ as pyo

from heatnet.formulation.case import Case
from heatnet.formulation.model import Core, Expression, Operation, total
from heatnet.formulation.quantities import per_hour
from heatnet.instance.records import YearlyLimit
from heatnet.instance.selection import selected


def invest(core: Core) -> None:
    """Allocations of every limit to the days of every stage; links `budget` (at most) and `floor` (at least).

    An allocation is in days of an even year: 1 is the limit over the days of the season.
    """
    case, block = core.case, core.block
    limits = {rule.id: rule for rule in rules(case)}
    season = len(case.grid.calendar)
    block.budget = pyo.Var(list(limits), case.years, case.grid.days, bounds=(0, season))
    block.floor = pyo.Var(list(limits), case.years, case.grid.days, bounds=(0, season))
    block.within_limit = pyo.ConstraintList()
    for rule in limits.values():
        for year in case.years:
            if not holds(rule, year):
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
    for rule in rules(case):
        for kind, limit in (("budget", rule.most), ("floor", rule.least)):
            if limit is None or not operation.linked(kind, rule.id):
                continue
            share = (limit or 1.0) / len(case.grid.calendar)
            used = day_quantity(operation, rule) / share
            link = operation.link(kind, rule.id)
            block.allocation.add(used <= link if kind == "budget" else used >= link)


def _most(core: Core, rule: YearlyLimit, year: int, day: int) -> Expression:
    """What the units selected can use, emit or make on a day at the very most, in the unit of the rule.

    The blocks imply it; said here, the core allots no day more than its machines can do.
    """
    case = core.case
    parts = []
    for unit in selected(case.instance, rule.select):
        machine = case.machines[unit.id]
        hourly = max(per_hour(case, machine, corner, rule, year) for corner in machine.corners.values())
        hours = case.grid.step_hours * float(case.availability(machine)[day].sum())
        parts.append(hourly * hours * core.operating(unit.id, year))
    return total(parts)


def rules(case: Case) -> list[YearlyLimit]:
    """The yearly limits that are in force."""
    return [rule for rule in case.instance.header.rules if rule.enabled and isinstance(rule, YearlyLimit)]


def holds(rule: YearlyLimit, year: int) -> bool:
    """Whether a limit speaks of a stage."""
    return (rule.from_year or year) <= year <= (rule.to_year or year)


def day_quantity(operation: Operation, rule: YearlyLimit) -> Expression:
    """What the units selected use, emit or make on the day, in the unit of the rule."""
    case, block = operation.case, operation.block
    parts = []
    for unit in selected(case.instance, rule.select):
        machine = case.machines[unit.id]
        for name, corner in machine.corners.items():
            amount = case.grid.step_hours * per_hour(case, machine, corner, rule, operation.year)
            if amount:
                parts += [amount * block.corner[unit.id, name, step] for step in operation.steps]
    return total(parts)
