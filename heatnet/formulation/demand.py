"""Demand of the districts: what must be met, and the priced slack where it is not."""

from __future__ import annotations

import pyomo.environ as pyo

from heatnet.formulation.model import Balance, Core, Operation


def cover(core: Core, year: int, balance: Balance) -> None:
    """Design heat load of a stage, and the shortfall in its design hour."""
    case, block = core.case, core.block.design[year]
    nodes = case.instance.demand_nodes
    load = {node: case.instance.design_heat_mw(node, year) for node in nodes}
    block.shortfall = pyo.Var(nodes, bounds=lambda _, n: (0, load[n]))
    price = case.weight(year) * case.instance.header.economics.shortfall_mcur_per_mw_year
    for node in nodes:
        balance.add(node, 0, block.shortfall[node] - load[node])
        core.cost("shortfall", year, price * block.shortfall[node])


def operate(operation: Operation) -> None:
    """Demand by step, and what of it stays unserved; spilling where there are units."""
    case, block, steps = operation.case, operation.block, operation.steps
    nodes = case.instance.demand_nodes
    demand = {node: case.grid.demand_mw(node, operation.year)[operation.day] for node in nodes}
    sources = sorted({unit.node for unit in case.instance.units})
    block.unserved = pyo.Var(nodes, steps, bounds=lambda _, n, s: (0, float(demand[n][s])))
    block.spill = pyo.Var(sources, steps, bounds=(0, None))
    price = operation.step_weight * case.instance.header.economics.unserved_cur_per_mwh
    for step in steps:
        for node in nodes:
            operation.balance.add(node, step, block.unserved[node, step] - float(demand[node][step]))
            operation.cost("unserved", price * block.unserved[node, step])
        for node in sources:
            operation.balance.add(node, step, -block.spill[node, step])
