"""Policy on what is built and what leaves: rules of the instance and the retirements of a schedule."""

from __future__ import annotations

import pyomo.environ as pyo

from heatnet.formulation.model import Core, total
from heatnet.instance.records import NoNew, RetiredShare
from heatnet.instance.selection import selected


def restrict(core: Core) -> None:
    """Rows of every rule that is enabled, and of the schedule applied, by kind, id, unit and stage.

    Limits of a season are in `limits`.
    """
    core.block.policy = pyo.Constraint(pyo.Any)
    core.block.set_aside = pyo.VarList(domain=pyo.NonNegativeReals)
    for rule in core.case.instance.header.rules:
        if rule.enabled and isinstance(rule, RetiredShare):
            _retired_share(core, rule)
        if rule.enabled and isinstance(rule, NoNew):
            _no_new(core, rule)
    _schedule(core)


def _retired_share(core: Core, rule: RetiredShare) -> None:
    case, block = core.case, core.block
    machines = [case.machines[unit.id] for unit in selected(case.instance, rule.select) if unit.count]
    size = {m.id: m.power_max_mw() or m.heat_max_mw() for m in machines}
    allowed = (1.0 - rule.min_share) * sum(size[m.id] * m.unit.count for m in machines)
    for year in case.years:
        if size and year >= rule.by_year:
            kept = {unit: block.kept_machines[unit, year] - _set_aside(core, rule, unit, year) for unit in size}
            stays = total([value * kept[unit] for unit, value in size.items()])
            block.policy["retired_share", rule.id, year] = stays <= allowed


def _set_aside(core: Core, rule: RetiredShare, unit: str, year: int) -> pyo.Expression:
    """Existing machines in reserve, where the rule counts them as left: as many as both are, kept and in reserve."""
    if not rule.reserve_counts or (unit, year) not in core.reserve:
        return 0
    aside = core.block.set_aside.add()
    core.block.policy["reserved", rule.id, unit, year] = aside <= core.reserve[unit, year]
    core.block.policy["existing", rule.id, unit, year] = aside <= core.block.kept_machines[unit, year]
    return aside


def _no_new(core: Core, rule: NoNew) -> None:
    case = core.case
    for unit in selected(case.instance, rule.select):
        if not unit.max_new:
            continue
        in_place = {year: core.block.new_machines[unit.id, year] for year in case.years}
        built = case.additions(in_place, case.machines[unit.id].technology.life_years)
        for year in case.years:
            if (rule.from_year or year) <= year <= (rule.to_year or year):
                core.block.policy["no_new", rule.id, unit.id, year] = built[year] == 0


def _schedule(core: Core) -> None:
    schedule = core.case.instance.schedule
    if schedule is None:
        return
    for name in sorted({item.unit for item in schedule.retirements}):
        count = core.case.machines[name].unit.count
        items = [item for item in schedule.retirements if item.unit == name]
        for year in core.case.years:
            gone = sum(i.machines or count for i in items if (i.exactly or i.not_after or 9999) <= year)
            here = sum(i.machines or count for i in items if (i.exactly or i.not_before or 0) > year)
            kept = core.block.kept_machines[name, year]
            if gone:
                core.block.policy["gone", name, year] = kept <= count - gone
            if here:
                core.block.policy["here", name, year] = kept >= here
