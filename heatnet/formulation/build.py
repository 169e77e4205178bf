"""The model, as a table of contents."""

from __future__ import annotations

from collections.abc import Mapping

import pyomo.environ as pyo
from pyomo.common.gc_manager import PauseGC

from heatnet.formulation import (
    balance,
    commitment,
    demand,
    demand_side,
    limits,
    pipes,
    policy,
    retrofits,
    security,
    states,
    stores,
    units,
    zones,
)
from heatnet.formulation.case import Case
from heatnet.formulation.model import Balance, Bounds, Core, LinkKey, Model, Operation, total
from heatnet.instance.series import TimeGrid


def build(grid: TimeGrid) -> Model:
    """The one big model of an instance on its representative days."""
    with PauseGC():  # a model is many small objects and no garbage
        case = Case(grid.instance, grid)
        model = pyo.ConcreteModel(name=case.instance.header.name)
        model.core = pyo.Block(concrete=True)
        core = build_core(case, model.core)
        model.operation = pyo.Block(case.years, grid.days)
        operations = {
            (year, day): build_operation(case, core.links_of(year, day), model.operation[year, day], year, day)
            for year in case.years
            for day in grid.days
        }
        _join(model, core, operations)
        _minimise(model, core, operations)
        return Model(case, model, core, operations)


def build_core(case: Case, block: pyo.Block) -> Core:
    """Investment over all stages, policy, the design hour of each stage, and what is left of it in contingencies."""
    with PauseGC():
        core = Core(case, block)
        pipes.invest(core)
        zones.invest(core)
        units.invest(core)
        states.invest(core)
        retrofits.invest(core)
        stores.invest(core)
        demand_side.invest(core)
        policy.restrict(core)
        limits.invest(core)
        block.design = pyo.Block(case.years)
        for year in case.years:
            design = Balance()
            pipes.cover(core, year, design)
            units.cover(core, year, design)
            demand.cover(core, year, design)
            balance.close(case, block.design[year], design)
        security.restrict(core)
        return core


def build_operation(case: Case, links: Mapping[LinkKey, Bounds], block: pyo.Block, year: int, day: int) -> Operation:
    """One representative day of one stage behind its links."""
    with PauseGC():
        operation = Operation(case, block, year, day)
        block.link = pyo.Var(list(links), bounds=lambda _, kind, name: links[kind, name])
        pipes.operate(operation)
        units.operate(operation)
        commitment.operate(operation)
        stores.operate(operation)
        demand.operate(operation)
        limits.operate(operation)
        balance.close(case, block, operation.balance)
        return operation


def _join(model: pyo.ConcreteModel, core: Core, operations: dict[tuple[int, int], Operation]) -> None:
    """The only rows between the core and a block: its links equal what the core offers."""
    model.join = pyo.Constraint(
        [(year, day, *link) for year, day in operations for link in core.links_of(year, day)],
        rule=lambda _, y, d, kind, name: operations[y, d].link(kind, name) == core.offers[kind, name][y, d],
    )


def _minimise(model: pyo.ConcreteModel, core: Core, operations: dict[tuple[int, int], Operation]) -> None:
    parts = [value for values in core.costs.values() for value in values]
    parts += [value for operation in operations.values() for values in operation.costs.values() for value in values]
    model.cost = pyo.Objective(expr=total(parts))
