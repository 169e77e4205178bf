"""Retrofits: modes of operation that a machine is fitted for once, and the most heat and power that they give."""

from __future__ import annotations

from collections.abc import Callable

import pyomo.environ as pyo

from heatnet.formulation.case import Machine
from heatnet.formulation.model import Asset, Core, Expression, total


def invest(core: Core) -> None:
    """Machines fitted, and machines that run the season in a seasonal mode; links `modes`; most heat and power."""
    case, block = core.case, core.block
    fits = {(m.id, mode): m for m in case.machines.values() for mode in m.retrofits}
    seasonal = [(unit, mode) for (unit, mode), m in fits.items() if mode in m.seasonal]
    block.fitted = pyo.Var(
        list(fits), case.years, domain=pyo.Integers, bounds=lambda _, u, k, y: (0, case.machines[u].most)
    )
    block.in_season = pyo.Var(
        seasonal, case.years, domain=pyo.Integers, bounds=lambda _, u, k, y: (0, case.machines[u].most)
    )
    assets = {
        (unit, mode): Asset(None, m.retrofits[mode].earliest_year, m.retrofits[mode].life_years)
        for (unit, mode), m in fits.items()
    }
    core.restrict_additions("fitted_machines", assets, block.fitted)
    block.season_fitted = pyo.Constraint(
        seasonal, case.years, rule=lambda b, u, k, y: b.in_season[u, k, y] <= b.fitted[u, k, y]
    )
    block.season_machines = pyo.Constraint(
        list(dict.fromkeys(unit for unit, _ in seasonal)),
        case.years,
        rule=lambda b, u, y: total([b.in_season[u, k, y] for k in case.machines[u].seasonal]) <= core.operating(u, y),
    )
    for (unit, mode), machine in fits.items():
        for year in case.years:
            value = (block.in_season if mode in machine.seasonal else block.fitted)[unit, mode, year]
            core.offer(("modes", f"{unit}/{mode}"), (0, machine.most), year, value)
            _cost(core, machine, mode, year)
    _able(core)


def _cost(core: Core, machine: Machine, mode: str, year: int) -> None:
    case, retrofit = core.case, machine.retrofits[mode]
    price = case.weight(year) * machine.unit.size_mw * core.block.fitted[machine.id, mode, year]
    core.cost("retrofits", year, price * retrofit.capex_mcur_per_mw * case.annuity(retrofit.life_years))
    core.cost("fixed", year, price * retrofit.fixed_mcur_per_mw_year)


def _able(core: Core) -> None:
    """The most heat, and the most power, that the operating machines of each unit can make in each stage, MW."""
    block = core.block
    block.in_heat_mode = pyo.VarList(domain=pyo.NonNegativeReals)
    block.in_power_mode = pyo.VarList(domain=pyo.NonNegativeReals)
    block.in_mode_limit = pyo.ConstraintList()
    for machine in core.case.machines.values():
        for year in core.case.years:
            core.able_heat_mw[machine.id, year] = _most(core, machine, year, machine.heat_max_mw, block.in_heat_mode)
            core.able_power_mw[machine.id, year] = _most(core, machine, year, machine.power_max_mw, block.in_power_mode)


def _most(core: Core, machine: Machine, year: int, of_mode: Callable[[str], float], in_mode: pyo.VarList) -> Expression:
    """Operating machines at their best: seasonal modes as chosen, the rest in the open mode or a better one fitted."""
    block, unit = core.block, machine.id
    open_mode = max(of_mode(mode) for mode in machine.modes if mode not in machine.retrofits)
    season = {mode: block.in_season[unit, mode, year] for mode in machine.seasonal}
    free = core.operating(unit, year) - total(list(season.values()))
    parts = [open_mode * free, *(of_mode(mode) * number for mode, number in season.items())]
    better = []
    for mode in machine.retrofits:
        if mode not in season and of_mode(mode) > open_mode:
            number = in_mode.add()
            better.append(number)
            block.in_mode_limit.add(number <= block.fitted[unit, mode, year])
            parts.append((of_mode(mode) - open_mode) * number)
    if better:
        block.in_mode_limit.add(total(better) <= free)
    return total(parts)
