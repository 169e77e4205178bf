"""The model with what people have set made soft: rules, limits and schedules may be broken, at a price.

Each may be broken by an amount in its own unit. What a break counts is its share of the figure it breaks: of the
capacity selected, of the limit (of the season's heat demand in MWh where the limit is 0), of the unit's machines. Heat
that is missing is soft in the model already. Commitment is taken as divisible: it decides on cost, hardly on what is
possible, and takes the search most of its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyomo.environ as pyo

from heatnet.formulation import limits
from heatnet.formulation.model import Expression, Model, total
from heatnet.instance.records import RetiredShare, YearlyLimit
from heatnet.instance.selection import selected


@dataclass(frozen=True)
class Slack:
    """By how much something set may be broken: `amount` is the variable, in `unit`; `figure` is what it counts against.

    `rule`: retired_share, no_new, yearly_limit_most, yearly_limit_least, retire, keep (entries of a schedule),
    firm_power, group, leaves_after_pipe, heat_station. `subject`: the unit of an entry that speaks of one.
    """

    rule: str
    id: str
    stage: int
    unit: str
    figure: float
    amount: Any
    subject: str = ""


def soften(model: Model) -> list[Slack]:
    """Make every row that people have set soft, and minimise the sum of breaks, each as a share of its figure."""
    block = model.pyomo.elastic = pyo.Block(concrete=True)
    block.amount = pyo.VarList(domain=pyo.NonNegativeReals)
    block.limit = pyo.ConstraintList()
    slacks = [*_policy(model, block), *_units(model, block), *_limits(model, block), *_stations(model, block)]
    model.pyomo.cost.deactivate()
    for operation in model.operations.values():
        for variables in (operation.block.on_day, operation.block.on_step, operation.block.start):
            for variable in variables.values():
                variable.domain = pyo.NonNegativeReals
    block.broken = pyo.Var(bounds=(0, None))
    block.sum = pyo.Constraint(expr=block.broken == total([slack.amount / slack.figure for slack in slacks]))
    block.breaks = pyo.Objective(expr=block.broken)
    return slacks


def without_operation(model: Model) -> bool:
    """Leave the operation out while it cannot stand in the way of what is set, and say so.

    Any plan can be operated, with heat missing, where there is no yearly limit and no machine that must run.
    """
    needed = limits.rules(model.case) or any(m.technology.must_run for m in model.case.machines.values())
    if not needed:
        model.pyomo.operation.deactivate()
        model.pyomo.join.deactivate()
    return not needed


def with_operation(model: Model) -> None:
    """Take the operation in again."""
    model.pyomo.operation.activate()
    model.pyomo.join.activate()


def missing_heat(model: Model) -> list[Slack]:
    """Heat that the plan leaves out: design hour by node, contingencies, and the season by node, each by stage."""
    case, instance = model.case, model.case.instance
    found = []
    for year in case.years:
        design = model.core.block.design[year]
        for node in instance.demand_nodes:
            load = max(instance.design_heat_mw(node, year), 1.0)
            found.append(Slack("design_hour", node, year, "MW", load, design.shortfall[node]))
            steps = [
                case.grid.weight_days[day] * case.grid.step_hours * operation.block.unserved[node, step]
                for (stage, day), operation in model.operations.items()
                for step in operation.steps
                if stage == year
            ]
            whole = max(case.grid.season_mwh(case.grid.demand_mw(node, year)), 1.0)
            found.append(Slack("season", node, year, "MWh", whole, total(steps)))
        for row in instance.contingencies:
            lost = model.core.block.contingency[row.id, year]
            load = sum(instance.guarantee_share(n) * instance.design_heat_mw(n, year) for n in instance.demand_nodes)
            amount = total([lost.missing[node] for node in instance.demand_nodes])
            found.append(Slack("contingency", row.id, year, "MW", max(load, 1.0), amount))
    return found


def _give(block: Any, row: Any) -> Any:
    """A new amount by which a row may be broken, on whichever sides it has."""
    amount, body, low, up = block.amount.add(), row.body, row.lower, row.upper
    if low is not None and up is not None:
        row.set_value((low, body + amount - _less(block, amount), up))
    else:
        row.set_value((low, body + amount, None) if low is not None else (None, body - amount, up))
    return amount


def _less(block: Any, amount: Any) -> Any:
    """For an equation: what is taken off again, at most twice the amount, so that the amount bounds either side."""
    taken = block.amount.add()
    block.limit.add(taken <= 2 * amount)
    return taken


def _policy(model: Model, block: Any) -> Iterator[Slack]:
    instance = model.case.instance
    rules = {rule.id: rule for rule in instance.header.rules}
    for (kind, name, *_, year), row in model.core.block.policy.items():
        if kind == "retired_share":
            rule = rules[name]
            assert isinstance(rule, RetiredShare)
            machines = [model.case.machines[unit.id] for unit in selected(instance, rule.select)]
            size = sum((m.power_max_mw() or m.heat_max_mw()) * m.unit.count for m in machines)
            yield Slack(kind, name, year, "MW", size, _give(block, row))
        elif kind in ("gone", "here"):
            word = {"gone": "retire", "here": "keep"}[kind]
            count = model.case.machines[name].unit.count
            yield Slack(word, instance.schedule_name or "", year, "machines", count, _give(block, row), name)
    for (kind, name, *unit, year), row in list(model.core.block.policy.items()):
        if kind == "no_new":
            most = model.case.machines[unit[0]].unit.max_new
            yield Slack(kind, name, year, "machines", most, _give(block, row), unit[0])


def _units(model: Model, block: Any) -> Iterator[Slack]:
    """What units are bound to: groups, the pipe that they wait for, and firm power of all together."""
    core, machines = model.core.block, model.case.machines
    for (group, unit, year), row in core.group_together.items():
        yield Slack("group", group, year, "machines", machines[unit].unit.count, _give(block, row), unit)
    for (unit, year), row in core.switch_over.items():
        pipe = str(machines[unit].unit.leaves_after_pipe)
        yield Slack("leaves_after_pipe", pipe, year, "machines", machines[unit].unit.count, _give(block, row), unit)
    for year, row in core.firm_power.items():
        asked = model.case.stage[year].firm_power_mw or 1.0
        yield Slack("firm_power", str(year), year, "MW", asked, _give(block, row))


def _limits(model: Model, block: Any) -> Iterator[Slack]:
    """Yearly limits on the sum over the days. Their allocations to days, which cannot be exceeded, are dropped."""
    case = model.case
    model.core.block.within_limit.deactivate()
    for operation in model.operations.values():
        operation.block.allocation.deactivate()
    for rule in limits.rules(case):
        for year in (year for year in case.years if limits.holds(rule, year)):
            used = season_quantity(model, rule, year)
            heat = max(sum(case.grid.season_mwh(case.grid.demand_mw(n, year)) for n in case.instance.demand_nodes), 1.0)
            unit = rule.quantity.rpartition("_")[2].replace("mm2", "Mm²").replace("mwh", "MWh")
            if rule.most is not None:
                amount = block.amount.add()
                block.limit.add(used - amount <= rule.most)
                yield Slack("yearly_limit_most", rule.id, year, unit, rule.most or heat, amount)
            if rule.least:
                amount = block.amount.add()
                block.limit.add(used + amount >= rule.least)
                yield Slack("yearly_limit_least", rule.id, year, unit, rule.least, amount)


def season_quantity(model: Model, rule: YearlyLimit, year: int) -> Expression:
    """What the units that a limit selects use, emit or make in a season of a stage, in the unit of the limit."""
    weight = model.case.grid.weight_days
    return total([weight[d] * limits.day_quantity(op, rule) for (y, d), op in model.operations.items() if y == year])


def _stations(model: Model, block: Any) -> Iterator[Slack]:
    """Heat stations, by the most that is sent out in any hour of a stage."""
    for node in model.case.instance.nodes:
        for year in model.case.years if node.heat_station_mw is not None else ():
            amount = block.amount.add()
            blocks = [op.block for (stage, _), op in model.operations.items() if stage == year]
            for part in (model.core.block.design[year], *blocks):
                for (name, _), row in part.heat_station.items():
                    if name == node.id:
                        row.set_value((None, row.body - amount, row.upper))
            assert node.heat_station_mw is not None
            yield Slack("heat_station", node.id, year, "MW", node.heat_station_mw, amount)
