"""Security of supply: what still arrives when an element is lost in the design hour, and firm power of each stage.

The flow of a contingency has no losses, so units of a node and lines of a pipe act as one: what they can give together
is a variable of the stage, shared by all its contingencies, and each contingency has one source a node and one flow a
pipe.
"""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from heatnet.formulation.case import Machine
from heatnet.formulation.model import Balance, Core, Expression, total
from heatnet.instance.records import Contingency


def restrict(core: Core) -> None:
    """Rows of every contingency and stage, and of firm power where a stage asks for it."""
    case, block = core.case, core.block
    if case.instance.contingencies:
        _together(core)
    block.contingency = pyo.Block([row.id for row in case.instance.contingencies], case.years)
    for contingency in case.instance.contingencies:
        for year in case.years:
            _contingency(core, contingency, year, block.contingency[contingency.id, year])
    block.firm_power = pyo.Constraint(pyo.Any)
    for stage in case.stages:
        if stage.firm_power_mw is not None:
            power = [
                core.able_power_mw[m.id, stage.year] + m.power_max_mw() * _reserve(core, m, stage.year)
                for m in case.machines.values()
            ]
            block.firm_power[stage.year] = total(power) + stage.import_power_mw >= stage.firm_power_mw


def _reserve(core: Core, machine: Machine, year: int) -> Expression:
    return core.reserve.get((machine.id, year), 0)


def _capable(core: Core, machine: Machine, year: int) -> Expression:
    """Heat that a unit counts for in the design hour when an element is lost, reserve included, MW."""
    most = core.able_heat_mw[machine.id, year] + machine.heat_max_mw() * _reserve(core, machine, year)
    return machine.design_share * most


def _together(core: Core) -> None:
    """Heat that all units of a node, and capacity that all lines of a pipe, have in the design hour, MW."""
    case, block = core.case, core.block
    sources = sorted({m.unit.node for m in case.machines.values()})
    block.node_heat = pyo.Var(sources, case.years, bounds=(0, None))
    block.node_heat_sum = pyo.Constraint(
        sources,
        case.years,
        rule=lambda b, n, y: (
            b.node_heat[n, y] == total([_capable(core, m, y) for m in case.machines.values() if m.unit.node == n])
        ),
    )
    pipes = [pipe.id for pipe in case.instance.pipes]
    block.pipe_capacity = pyo.Var(pipes, case.years, bounds=(0, None))
    block.pipe_capacity_sum = pyo.Constraint(
        pipes,
        case.years,
        rule=lambda b, p, y: (
            b.pipe_capacity[p, y]
            == total([x.design_mw * core.lines[x.id, y] for x in case.lines.values() if x.pipe.id == p])
        ),
    )


def _contingency(core: Core, contingency: Contingency, year: int, block: Any) -> None:
    """A flow of the design hour of its own, without losses, that brings the guaranteed share, or misses some of it."""
    case, instance = core.case, core.case.instance
    nodes, pipes = instance.demand_nodes, {pipe.id: pipe for pipe in instance.pipes}
    share = {node: instance.guarantee_share(node) for node in nodes}
    sources = sorted({m.unit.node for m in case.machines.values()})
    block.heat = pyo.Var(sources, bounds=lambda _, n: (0, instance.node[n].heat_station_mw))
    block.flow = pyo.Var(list(pipes), bounds=lambda _, p: (0 if pipes[p].delay_h else None, None))
    block.missing = pyo.Var(nodes, bounds=lambda _, n: (0, share[n] * instance.design_heat_mw(n, year)))

    def room(pipe: str) -> Expression:
        lost = contingency.lost_share if contingency.pipe == pipe else 0.0
        return (1.0 - lost) * core.block.pipe_capacity[pipe, year]

    def left(node: str) -> Expression:
        lost = contingency.lost_share if contingency.node == node else 0.0
        heat = (1.0 - lost) * core.block.node_heat[node, year]
        if contingency.unit is not None and case.machines[contingency.unit].unit.node == node:
            heat -= contingency.lost_share * _capable(core, case.machines[contingency.unit], year)
        return heat

    block.heat_limit = pyo.Constraint(sources, rule=lambda b, n: b.heat[n] <= left(n))
    block.flow_forward = pyo.Constraint(list(pipes), rule=lambda b, p: b.flow[p] <= room(p))
    block.flow_backward = pyo.Constraint(
        [name for name, pipe in pipes.items() if not pipe.delay_h], rule=lambda b, p: -b.flow[p] <= room(p)
    )
    balance = Balance()
    for node in sources:
        balance.add(node, 0, block.heat[node])
    for name, pipe in pipes.items():
        balance.add(pipe.from_node, 0, -block.flow[name])
        balance.add(pipe.to_node, 0, block.flow[name])
    for node in nodes:
        balance.add(node, 0, block.missing[node] - share[node] * core.load_mw[node, year])
    block.heat_balance = pyo.Constraint(list(balance.inflow), rule=lambda _, n, t: total(balance.inflow[n, t]) == 0)
    price = case.weight(year) * instance.header.economics.shortfall_mcur_per_mw_year
    core.cost("contingency", year, price * total([block.missing[node] for node in nodes]))
