"""Demand side: envelope retrofits that lower the load of a node, and consumers that may be connected or not."""

from __future__ import annotations

from itertools import pairwise

import pyomo.environ as pyo

from heatnet.formulation.model import Asset, Core, Expression, total


def invest(core: Core) -> None:
    """Area retrofitted and consumers connected, by stage; what is left of the design load; links `load`."""
    _connections(core)
    _envelopes(core)
    instance = core.case.instance
    changing = {row.node for row in instance.envelopes} | set(instance.connection)
    for node in instance.demand_nodes:
        full = {year: instance.design_heat_mw(node, year) for year in core.case.years}
        for year in core.case.years:
            core.load_mw[node, year] = full[year] * _connected(core, node, year) - _saved_mw(core, node, year)
            if node in changing:
                core.offer(("load", node), (0, max(full.values())), year, core.load_mw[node, year])


def _connections(core: Core) -> None:
    case, block = core.case, core.block
    rows = case.instance.connection
    block.connected = pyo.Var(list(rows), case.years, domain=pyo.Binary)
    block.stays_connected = pyo.Constraint(
        list(rows),
        list(pairwise(case.years)),
        rule=lambda b, n, before, after: b.connected[n, before] <= b.connected[n, after],
    )
    for node, row in rows.items():
        for year in case.years:
            if row.earliest_year is not None and year < row.earliest_year:
                block.connected[node, year].fix(0)
            charge = case.weight(year) * row.capex_mcur * case.annuity(row.life_years)
            core.cost("demand_side", year, charge * block.connected[node, year])


def _connected(core: Core, node: str, year: int) -> Expression:
    return core.block.connected[node, year] if node in core.case.instance.connection else 1


def _envelopes(core: Core) -> None:
    case, block = core.case, core.block
    rows = {(row.node, row.measure): row for row in case.instance.envelopes}
    area = {
        (node, measure, year): row.max_share * case.instance.area_mm2(node, year)
        for (node, measure), row in rows.items()
        for year in case.years
    }
    block.area_mm2 = pyo.Var(list(rows), case.years, bounds=lambda _, n, m, y: (0, area[n, m, y]))
    assets = {key: Asset(None, row.earliest_year, row.life_years) for key, row in rows.items()}
    core.restrict_additions("retrofitted_area", assets, block.area_mm2)
    block.area_connected = pyo.Constraint(
        [key for key in rows if key[0] in case.instance.connection],
        case.years,
        rule=lambda b, n, m, y: b.area_mm2[n, m, y] <= area[n, m, y] * b.connected[n, y],
    )
    for (node, measure), row in rows.items():
        for year in case.years:
            charge = case.weight(year) * row.capex_mcur_per_mm2 * case.annuity(row.life_years)
            core.cost("demand_side", year, charge * block.area_mm2[node, measure, year])


def _saved_mw(core: Core, node: str, year: int) -> Expression:
    peak = core.case.instance.peak_w_per_m2(node, year)
    rows = [row for row in core.case.instance.envelopes if row.node == node]
    return total([row.saving_share * peak * core.block.area_mm2[node, row.measure, year] for row in rows])
