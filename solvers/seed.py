"""A first point of the core: the same city on two days of two steps, solved at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyomo.environ as pyo

from heatnet.formulation.build import build
from heatnet.formulation.extract import contingency_parts
from heatnet.instance.series import TimeGrid
from solvers.highs import Session
from solvers.matrix import Array, compile_model
from solvers.parts import CorePart

DAYS, STEP_HOURS = 2, 12
"""The coldest day and one for all others, day and night."""


def coarse(grid: TimeGrid) -> TimeGrid:
    """The coarse days of an instance, or its own where those are no more."""
    return TimeGrid.choose(grid.instance, min(DAYS, len(grid.days)), max(STEP_HOURS, grid.step_hours))


def first_point(part: CorePart, session: Session) -> Array | None:
    """A point of the core's matrix from the LP of the coarse days without contingencies; None where there is none.

    What the core decides for a day is taken from the coarse day that stands for it, so a point that is feasible on the
    coarse days is feasible here. The cost of the blocks is not among it (0).
    """
    assert part.matrix is not None
    grid = coarse(part.core.case.grid)
    model = build(grid)
    matrix = compile_model(model.pyomo)
    if matrix is None:
        return None
    eased = matrix.without_rows(contingency_parts(model.core, matrix.rows) >= 0)
    found = session.solve("seed", replace(eased, integer=np.zeros_like(eased.integer)), kind="neither")
    if found.x is None:
        return None
    matrix.load(found.x)
    values = {variable.name: variable.value for variable in model.core.block.component_data_objects(pyo.Var)}
    own = part.core.case.grid
    stands_for = [grid.calendar[season_day] for season_day in own.season_days]
    x = np.array([values.get(variable.name) or 0.0 for variable in part.matrix.columns])
    place = part.matrix.place
    for link, offers in part.core.offers.items():
        for (year, day), offer in offers.items():
            value = float(pyo.value(model.core.offers[link][year, stands_for[day]]))
            if id(offer) in place:  # a decision for one day
                x[place[id(offer)]] = value
    for columns, (where, link) in _offers(part):
        x[columns] = float(pyo.value(model.core.offers[link][where[0], stands_for[where[1]]]))
    return x


def _offers(part: CorePart) -> list[tuple[int, tuple[tuple[int, int], tuple[str, str]]]]:
    return [
        (column, (place, link))
        for place, columns in part.links.items()
        for link, column in zip(part.core.links_of(*place), columns, strict=True)
    ]
