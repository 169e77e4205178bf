"""States of machines: operating, in reserve, retired; groups that leave together; closures that wait for a pipe."""

from __future__ import annotations

import pyomo.environ as pyo

from heatnet.formulation.case import Machine
from heatnet.formulation.model import Core, total


def invest(core: Core) -> None:
    """Machines held in reserve by unit and stage, the moves allowed; links `machines`: those that operate."""
    case, block = core.case, core.block
    held = {m.id: m for m in case.machines.values() if m.unit.may_reserve}
    block.reserve_machines = pyo.Var(
        list(held), case.years, domain=pyo.Integers, bounds=lambda _, u, y: (0, held[u].most)
    )
    block.reserve_limit = pyo.ConstraintList()
    for machine in held.values():
        built = dict.fromkeys(case.years, 0)
        if machine.unit.max_new:
            in_place = {year: block.new_machines[machine.id, year] for year in case.years}
            built = case.additions(in_place, machine.technology.life_years)
        for year in case.years:
            core.reserve[machine.id, year] = block.reserve_machines[machine.id, year]
            # What is built in a stage operates in it.
            block.reserve_limit.add(core.reserve[machine.id, year] <= core.standing[machine.id, year] - built[year])
    for machine in case.machines.values():
        for year in case.years:
            core.offer(("machines", machine.id), (0, machine.most), year, core.operating(machine.id, year))
            _upkeep(core, machine, year)
    _groups(core)
    _switch_over(core)


def _upkeep(core: Core, machine: Machine, year: int) -> None:
    technology = machine.technology
    price = core.case.weight(year) * machine.unit.size_mw * technology.fixed_mcur_per_mw_year
    core.cost("fixed", year, price * core.operating(machine.id, year))
    if (machine.id, year) in core.reserve:
        core.cost("reserve", year, price * technology.reserve_fixed_share * core.reserve[machine.id, year])


def _groups(core: Core) -> None:
    """Existing machines of the units of a group are all kept or none."""
    case, block = core.case, core.block
    members = [(m.unit.group, m.id) for m in case.machines.values() if m.unit.group is not None]
    block.group_stays = pyo.Var(sorted({group for group, _ in members}), case.years, domain=pyo.Binary)
    block.group_together = pyo.Constraint(
        members,
        case.years,
        rule=lambda b, g, u, y: b.kept_machines[u, y] == case.machines[u].unit.count * b.group_stays[g, y],
    )


def _switch_over(core: Core) -> None:
    """Existing machines that wait for a pipe all operate until one of its pairs is in place."""
    case, block = core.case, core.block
    waiting = {m.id: m.unit for m in case.machines.values() if m.unit.leaves_after_pipe is not None}

    def stays(b: pyo.Block, unit: str, year: int) -> pyo.Expression:
        names = [name for name, line in case.assets.items() if line.pipe.id == waiting[unit].leaves_after_pipe]
        operating = b.kept_machines[unit, year] - core.reserve.get((unit, year), 0)
        return operating >= waiting[unit].count * (1 - total([core.pairs[n, year] for n in names]))

    block.switch_over = pyo.Constraint(list(waiting), case.years, rule=stays)
