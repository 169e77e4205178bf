"""Core and operation blocks as matrices of their own, joined by nothing but the links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyomo.environ as pyo

from heatnet.formulation.build import build_core, build_operation
from heatnet.formulation.case import Case
from heatnet.formulation.model import Bounds, Core, Expression, LinkKey, Operation, total
from solvers.matrix import Matrix, compile_model

Place = tuple[int, int]
"""Year of a stage and number of a day: what a block is of."""


@dataclass(frozen=True)
class CorePart:
    """The core with a column for every link that it offers, and one for the cost of every block.

    `matrix` is None where a row without variables cannot hold. `links[place]`: columns of the links of a block in the
    order of `Core.links_of`. `block_cost[place]`: column of the block's cost, free below until somebody bounds it.
    `model` keeps alive what Pyomo's rows and variables refer to weakly.
    """

    core: Core
    model: pyo.ConcreteModel
    matrix: Matrix | None
    links: Mapping[Place, npt.NDArray[np.int32]]
    block_cost: Mapping[Place, int]


@dataclass(frozen=True)
class Block:
    """The operation of one stage and day, its matrix (None where it cannot hold), and the columns of its links.

    Links that no row and no cost of the block needs have no column.
    """

    operation: Operation
    matrix: Matrix | None
    links: Mapping[LinkKey, int]


def core_part(case: Case) -> CorePart:
    """The investment core, joined to columns for what the blocks see and for what they cost."""
    model = pyo.ConcreteModel()
    model.core = pyo.Block(concrete=True)
    core = build_core(case, model.core)
    places = [(year, day) for year in case.years for day in case.grid.days]
    shown = {(place, link): core.offers[link][place] for place in places for link in core.links_of(*place)}
    first: dict[int, tuple[Place, LinkKey]] = {}
    for key, value in shown.items():
        first.setdefault(id(value), key)  # a stage shows the same to most of its days
    model.offer = pyo.Var([(*place, *link) for place, link in first.values()])
    model.offered = pyo.Constraint(
        list(model.offer),
        rule=lambda m, y, d, kind, name: m.offer[y, d, kind, name] == core.offers[kind, name][y, d],
    )
    model.block_cost = pyo.Var(places)
    own = [value for values in core.costs.values() for value in values]
    model.cost = pyo.Objective(expr=total(own) + pyo.quicksum(model.block_cost.values()))
    matrix = compile_model(model)
    place_of = matrix.place if matrix is not None else {}

    def column(place: Place, link: LinkKey) -> int:
        where, name = first[id(shown[place, link])]
        return place_of.get(id(model.offer[(*where, *name)]), -1)

    links = {
        place: np.array([column(place, link) for link in core.links_of(*place)], dtype=np.int32) for place in places
    }
    costs = {place: place_of.get(id(model.block_cost[place]), -1) for place in places}
    return CorePart(core, model, matrix, links, costs)


def block_part(case: Case, links: Mapping[LinkKey, Bounds], year: int, day: int) -> Block:
    """The operation of a stage and day alone: its links (`Core.links_of`) are free columns within their bounds."""
    model = pyo.ConcreteModel()
    model.block = pyo.Block(concrete=True)
    operation = build_operation(case, links, model.block, year, day)
    costs: list[Expression] = [value for values in operation.costs.values() for value in values]
    model.cost = pyo.Objective(expr=total(costs))
    matrix = compile_model(model)
    place = matrix.place if matrix is not None else {}
    columns = {key: place[id(variable)] for key, variable in model.block.link.items() if id(variable) in place}
    return Block(operation, matrix, columns)
