"""Demand of the districts: what must be met, and the priced slack where it is not."""

from __future__ import annotations

import pyomo.environ as pyo

from heatnet.formulation.model import Balance, Core, Operation


def cover(core: Core, year: int, balance: Balance) -> None:
    """Design heat load of a stage, and the shortfall in its design hour."""
    case, block = core.case, core.block.design[year]
    nodes = case.instance.demand_nodes
    block.shortfall = pyo.Var(nodes, bounds=lambda _, n: (0, case.instance.design_heat_mw(n, year)))
    block.shortfall_limit = pyo.Constraint(
        [n for n in nodes if ("load", n) in core.links], rule=lambda b, n: b.shortfall[n] <= core.load_mw[n, year]
    )
    price = case.weight(year) * case.instance.header.economics.shortfall_mcur_per_mw_year
    for node in nodes:
        balance.add(node, 0, block.shortfall[node] - core.load_mw[node, year])
        core.cost("shortfall", year, price * block.shortfall[node])


def operate(operation: Operation) -> None:
    """Demand by step, what of it stays unserved, what connected consumers pay; spilling where there are units."""
    case, block, steps = operation.case, operation.block, operation.steps
    nodes = case.instance.demand_nodes
    sources = sorted({unit.node for unit in case.instance.units})
    most = {node: case.grid.demand_mw(node, operation.year)[operation.day] for node in nodes}
    profile = {node: case.grid.profile(node)[operation.day] for node in nodes}
    changing = [node for node in nodes if operation.linked("load", node)]
    demand = {
        (node, step): float(profile[node][step]) * operation.link("load", node)
        if node in changing
        else float(most[node][step])
        for node in nodes
        for step in steps
    }
    block.unserved = pyo.Var(nodes, steps, bounds=lambda _, n, s: (0, float(most[n][s])))
    block.unserved_limit = pyo.Constraint(changing, steps, rule=lambda b, n, s: b.unserved[n, s] <= demand[n, s])
    block.spill = pyo.Var(sources, steps, bounds=(0, None))
    penalty = operation.step_weight * case.instance.header.economics.unserved_cur_per_mwh
    for step in steps:
        for node in nodes:
            operation.balance.add(node, step, block.unserved[node, step] - demand[node, step])
            operation.cost("unserved", penalty * block.unserved[node, step])
            if node in case.instance.connection:
                price = operation.step_weight * case.instance.connection[node].heat_price_cur_per_mwh
                operation.cost("heat_sold", price * (block.unserved[node, step] - demand[node, step]))
        for node in sources:
            operation.balance.add(node, step, -block.spill[node, step])
