"""Policy in the core: rules of the instance and the retirements of a schedule."""

from __future__ import annotations

import pyomo.environ as pyo

from heatnet.formulation.case import Machine
from heatnet.formulation.model import Core, total
from heatnet.instance.records import RetiredShare, Selection


def restrict(core: Core) -> None:
    """Rows of every rule that is enabled, and of the schedule applied."""
    core.block.policy = pyo.ConstraintList()
    for rule in core.case.instance.header.rules:
        if rule.enabled:
            _retired_share(core, rule)
    _schedule(core)


def _retired_share(core: Core, rule: RetiredShare) -> None:
    case, block = core.case, core.block
    size = {
        m.id: m.power_max_mw or m.heat_max_mw
        for m in case.machines.values()
        if m.unit.count and any(_selects(selection, m) for selection in rule.select)
    }
    allowed = (1.0 - rule.min_share) * sum(value * case.machines[unit].unit.count for unit, value in size.items())
    for year in case.years:
        if size and year >= rule.by_year:
            kept = total([value * block.kept_machines[unit, year] for unit, value in size.items()])
            block.policy.add(kept <= allowed)


def _selects(selection: Selection, machine: Machine) -> bool:
    """Whether a machine meets every condition of a selection."""
    unit, below = machine.unit, selection.power_below_mw
    return (
        (not selection.kinds or machine.technology.kind in selection.kinds)
        and (not selection.units or unit.id in selection.units)
        and (not selection.nodes or unit.node in selection.nodes)
        and (not selection.owners or unit.owner in selection.owners)
        and (below is None or 0.0 < machine.power_max_mw < below)
        and (selection.retirement_due is None or unit.retirement_due == selection.retirement_due)
    )


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
                core.block.policy.add(kept <= count - gone)
            if here:
                core.block.policy.add(kept >= here)
