"""Core and operation blocks as matrices of their own, joined by nothing but the links."""

from __future__ import annotations

from dataclasses import dataclass

import pyomo.environ as pyo

from heatnet.formulation.build import build_core, build_operation
from heatnet.formulation.case import Case
from heatnet.formulation.model import Core, Expression, LinkKey, Operation, total
from solvers.matrix import Matrix, compile_model


@dataclass(frozen=True)
class Block:
    """The operation of one stage and day, its matrix (None where it cannot hold), and the columns of its links."""

    operation: Operation
    matrix: Matrix | None
    links: dict[LinkKey, int]


def core_part(case: Case) -> tuple[Core, Matrix | None]:
    """The investment core alone, at its own costs."""
    model = pyo.ConcreteModel()
    model.core = pyo.Block(concrete=True)
    core = build_core(case, model.core)
    return core, _compiled(model, [value for values in core.costs.values() for value in values])


def block_part(core: Core, year: int, day: int) -> Block:
    """The operation of a stage and day alone: its links are free columns within their bounds."""
    model = pyo.ConcreteModel()
    model.block = pyo.Block(concrete=True)
    operation = build_operation(core.case, core.links_of(year, day), model.block, year, day)
    matrix = _compiled(model, [value for values in operation.costs.values() for value in values])
    place = matrix.place if matrix is not None else {}
    links = {key: place[id(variable)] for key, variable in model.block.link.items() if id(variable) in place}
    return Block(operation, matrix, links)


def _compiled(model: pyo.ConcreteModel, costs: list[Expression]) -> Matrix | None:
    model.cost = pyo.Objective(expr=total(costs))
    return compile_model(model)
