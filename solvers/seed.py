"""Where to begin: the same city on a few days of one step each, solved at once.

Its LP gives a first point of the core and first prices of the links; its plan is one to start from. More days tell
more than more hours: what is built answers to how often it is how cold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyomo.environ as pyo

from heatnet.formulation.build import build
from heatnet.formulation.model import Model
from heatnet.instance.series import TimeGrid
from heatnet.solve import Answer, Progress
from solvers.contingencies import Contingencies
from solvers.highs import Session, Warm
from solvers.matrix import Array, Matrix, compile_model
from solvers.monolithic import Monolithic
from solvers.parts import CorePart, Place
from solvers.tightening import tightened

DAYS, STEP_HOURS = 4, 24
"""The coldest day and three for all others."""

COARSE_TIME_SHARE = 0.3
"""Share of the time that is left in which the coarse plan is looked for."""


@dataclass(frozen=True)
class Seed:
    """A point of the core's matrix, feasible but for the costs of blocks (0), and prices of the links of each block.

    A price is what a unit of the link saves the coarse block, million. Taken together the prices are an equilibrium:
    the cheapest core at these prices is the point. The cheapest core at slopes that every block finds alone, of which a
    degenerate LP has many, is far from it.
    """

    x: Array
    prices: Mapping[Place, Array]


def seed(part: CorePart, session: Session) -> Seed | None:
    """The LP of the coarse days without contingencies; None where it has no optimum, or none in time.

    What the core decides for a day is taken from the coarse day that stands for it: what is allotted to days is
    feasible on the fine days if it is on the coarse ones.
    """
    grid = coarse(part.core.case.grid)
    model = build(grid)
    matrix = compile_model(model.pyomo)
    if matrix is None or part.matrix is None:
        return None
    eased = tightened(Contingencies.of(model.core, matrix).problem())
    found = Warm(eased, threads=session.limits.threads).solve(time_s=session.left)
    if found is None or found.x is None:
        return None
    matrix.load(found.x)
    own = part.core.case.grid
    stands_for = [grid.calendar[season_day] for season_day in own.season_days]
    return Seed(_point(part, model, stands_for), _prices(part, grid, eased, found.duals, stands_for))


def coarse(grid: TimeGrid) -> TimeGrid:
    """The coarse days of an instance, or its own where those are no more."""
    return TimeGrid.choose(grid.instance, min(DAYS, len(grid.days)), max(STEP_HOURS, grid.step_hours))


def _point(part: CorePart, model: Model, stands_for: list[int]) -> Array:
    assert part.matrix is not None
    values = {variable.name: variable.value for variable in model.core.block.component_data_objects(pyo.Var)}
    x = np.array([values.get(variable.name) or 0.0 for variable in part.matrix.columns])
    place = part.matrix.place
    for link, offers in part.core.offers.items():
        for (year, day), offer in offers.items():
            if id(offer) in place:  # a decision for one day
                x[place[id(offer)]] = pyo.value(model.core.offers[link][year, stands_for[day]])
    for (year, day), columns in part.links.items():
        x[columns] = [
            pyo.value(model.core.offers[link][year, stands_for[day]]) for link in part.core.links_of(year, day)
        ]
    inside: Array = np.clip(x, part.matrix.low, part.matrix.up)
    return inside


def _prices(
    part: CorePart, grid: TimeGrid, matrix: Matrix, duals: Array, stands_for: list[int]
) -> Mapping[Place, Array]:
    """Duals of the rows that join core and blocks, shared among the days that a coarse day stands for."""
    told = {
        row.index(): dual
        for row, dual in zip(matrix.rows, duals.tolist(), strict=True)
        if row.parent_component().local_name == "join"
    }
    weights = part.core.case.grid.weight_days
    return {
        (year, day): np.array([told.get((year, stands_for[day], *link), 0.0) for link in part.core.links_of(year, day)])
        * (weights[day] / grid.weight_days[stands_for[day]])
        for year, day in part.links
    }


def coarse_plan(grid: TimeGrid, session: Session) -> Answer:
    """What the one big model says of the coarse days. Its bound is one of those days, not of the session's problem."""
    left = session.left
    limits = replace(session.limits, time_s=left and COARSE_TIME_SHARE * left, dask=None)

    def observer(progress: Progress) -> None:
        session.observer(Progress("coarse plan", session.seconds, session.cost, session.bound))

    answer = Monolithic().solve(coarse(grid), limits=limits, observer=observer)
    if answer.stop_reason == "interrupted":
        session.stop()
    return answer
