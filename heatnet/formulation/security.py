"""Security of supply: what still arrives when an element is lost in the design hour, and firm power of each stage."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from heatnet.formulation.balance import close
from heatnet.formulation.case import Line, Machine
from heatnet.formulation.model import Balance, Core, total
from heatnet.instance.records import Contingency


def restrict(core: Core) -> None:
    """Rows of every contingency and stage, and of firm power where a stage asks for it."""
    case, block = core.case, core.block
    names = [contingency.id for contingency in case.instance.contingencies]
    block.contingency = pyo.Block(names, case.years)
    for contingency in case.instance.contingencies:
        for year in case.years:
            _contingency(core, contingency, year, block.contingency[contingency.id, year])
    block.firm_power = pyo.ConstraintList()
    for stage in case.stages:
        if stage.firm_power_mw is not None:
            power = [m.power_max_mw * core.offers["machines", m.id][stage.year] for m in case.machines.values()]
            block.firm_power.add(total(power) + stage.import_power_mw >= stage.firm_power_mw)


def _contingency(core: Core, contingency: Contingency, year: int, block: Any) -> None:
    """A flow of the design hour of its own, without losses, that brings the guaranteed share, or misses some of it."""
    case, security = core.case, core.case.instance.header.security
    assert security is not None
    nodes = case.instance.demand_nodes
    guaranteed = {n: security.guarantee_share * case.instance.design_heat_mw(n, year) for n in nodes}
    firm = {
        m.id: _left(contingency, m) * m.heat_max_mw * m.technology.design_heat_share for m in case.machines.values()
    }
    capacity = {n: _left(contingency, line) * line.capacity_mw for n, line in case.lines.items()}
    block.heat = pyo.Var(list(firm), bounds=(0, None))
    block.flow = pyo.Var(list(capacity))
    block.missing = pyo.Var(list(nodes), bounds=lambda _, n: (0, guaranteed[n]))
    block.heat_limit = pyo.Constraint(
        list(firm), rule=lambda b, u: b.heat[u] <= firm[u] * core.offers["machines", u][year]
    )
    block.flow_forward = pyo.Constraint(
        list(capacity), rule=lambda b, n: b.flow[n] <= capacity[n] * core.offers["pairs", n][year]
    )
    block.flow_backward = pyo.Constraint(
        list(capacity), rule=lambda b, n: -b.flow[n] <= capacity[n] * core.offers["pairs", n][year]
    )
    balance = Balance()
    for machine in case.machines.values():
        balance.send(machine.unit.node, 0, block.heat[machine.id])
    for name, line in case.lines.items():
        balance.add(line.pipe.from_node, 0, -block.flow[name])
        balance.add(line.pipe.to_node, 0, block.flow[name])
    for node in nodes:
        balance.add(node, 0, block.missing[node] - guaranteed[node])
    close(case, block, balance)
    price = case.weight(year) * case.instance.header.economics.shortfall_mcur_per_mw_year
    core.cost("contingency", year, price * total([block.missing[node] for node in nodes]))


def _left(contingency: Contingency, element: Machine | Line) -> float:
    """Share of an element that a contingency leaves."""
    if isinstance(element, Machine):
        hit = contingency.unit == element.id or contingency.node == element.unit.node
    else:
        hit = contingency.pipe == element.pipe.id
    return 1.0 - contingency.lost_share if hit else 1.0
