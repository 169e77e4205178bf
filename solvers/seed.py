"""Where to begin: the same city on a few days of one step each, solved at once.

Its LP gives a first point of the core and first prices of the links; its plan is one to start from. More days tell
more than more hours: what is built answers to how often it is how cold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo

from heatnet.formulation.build import build
from heatnet.formulation.extract import trunk
from heatnet.formulation.model import Model
from heatnet.instance.series import TimeGrid
from solvers.contingencies import Contingencies
from solvers.core import CLOSE
from solvers.highs import Session, Warm
from solvers.matrix import Array, Matrix, compile_model
from solvers.parts import CorePart, Place
from solvers.tightening import tightened

DAYS, STEP_HOURS = 4, 24
"""The coldest day and three for all others."""

COARSE_GAP = 0.01
"""Gap to which the plan of the coarse days is looked for, at most that of the city."""

COARSE_TIME_SHARE = 0.15
"""Share of the time that is left in which its network is looked for, and then its machines."""


@dataclass(frozen=True)
class Seed:
    """A point of the core's matrix, feasible but for the costs of blocks (0), and prices of the links of each block.

    A price is what a unit of the link saves the coarse block, million. Taken together the prices are an equilibrium:
    the cheapest core at these prices is the point. The cheapest core at slopes that every block finds alone, of which a
    degenerate LP has many, is far from it.
    """

    x: Array
    prices: Mapping[Place, Array]


@dataclass(frozen=True)
class CoarseCity:
    """The one big model of the coarse days. `stands_for`: the coarse day of each day of the part.

    What the core decides for a day is taken from the coarse day that stands for it: what is allotted to days is
    feasible on the fine days if it is on the coarse ones.
    """

    part: CorePart
    grid: TimeGrid
    model: Model
    contingencies: Contingencies
    stands_for: list[int]

    @classmethod
    def of(cls, part: CorePart) -> CoarseCity | None:
        """That of a core; None where it cannot hold."""
        own = part.core.case.grid
        grid = TimeGrid.choose(own.instance, min(DAYS, len(own.days)), max(STEP_HOURS, own.step_hours))
        model = build(grid)
        matrix = compile_model(model.pyomo)
        if matrix is None or part.matrix is None:
            return None
        stands_for = [grid.calendar[season_day] for season_day in own.season_days]
        return cls(part, grid, model, Contingencies.of(model.core, tightened(matrix)), stands_for)

    def first_point(self, session: Session, tick: Callable[[], None]) -> Seed | None:
        """The LP, with the contingencies that bind in it; None where it has no optimum, or none in time.

        `tick` is called meanwhile, and may raise to end it; in `plan` as well.
        """
        while True:
            eased = self.contingencies.problem()
            found = Warm(eased, threads=session.limits.threads).solve(time_s=session.left, tick=tick)
            if found is None or found.x is None:
                return None
            broken = self.contingencies.paid_in(self.contingencies.matrix.left_at(found.x), session)
            if not broken:
                self.contingencies.matrix.load(found.x)
                return Seed(self._point(), self._prices(eased, found.duals))
            self.contingencies.activate(broken)

    def plan(self, session: Session, tick: Callable[[], None]) -> Array | None:
        """A point of the core in whole numbers: the network first, then machines; None where none is found in time.

        It may break contingencies that do not bind in the LP, and pays for them.
        """
        problem = self.contingencies.problem()
        network = problem.columns_of(trunk(self.model.core))
        share = max(COARSE_GAP / max(session.limits.gap, 1e-9), 1.0)

        def search(matrix: Matrix) -> Array | None:
            found = session.solve("coarse plan", matrix, kind="neither", gap_share=share, time_share=COARSE_TIME_SHARE)
            return found.x

        x = search(problem.whole(network))
        if x is not None and not session.stopped:
            x = search(problem.fixed(network, np.round(x[network])))
        if x is None or session.stopped:
            return None
        whole = self.contingencies.matrix.left_at(np.round(x))
        priced = Warm(whole, threads=session.limits.threads, tolerance=CLOSE).solve(time_s=session.left, tick=tick)
        if priced is None or priced.x is None:
            return None
        self.contingencies.matrix.load(priced.x)
        return self._point()

    def _point(self) -> Array:
        """The point of the part's core that the model's variables have."""
        part, core = self.part, self.model.core
        assert part.matrix is not None
        values = {variable.name: variable.value for variable in core.block.component_data_objects(pyo.Var)}
        x = np.array([values.get(variable.name) or 0.0 for variable in part.matrix.columns])
        place = part.matrix.place
        for link, offers in part.core.offers.items():
            for (year, day), offer in offers.items():
                if id(offer) in place:  # a decision for one day
                    x[place[id(offer)]] = pyo.value(core.offers[link][year, self.stands_for[day]])
        for (year, day), columns in part.links.items():
            links = part.core.links_of(year, day)
            x[columns] = [pyo.value(core.offers[link][year, self.stands_for[day]]) for link in links]
        inside: Array = np.clip(x, part.matrix.low, part.matrix.up)
        return inside

    def _prices(self, matrix: Matrix, duals: Array) -> Mapping[Place, Array]:
        """Duals of the rows that join core and blocks, shared among the days that a coarse day stands for."""
        told = {
            row.index(): dual
            for row, dual in zip(matrix.rows, duals.tolist(), strict=True)
            if row.parent_component().local_name == "join"
        }
        part, stands_for = self.part, self.stands_for
        weights = part.core.case.grid.weight_days
        return {
            (year, day): np.array(
                [told.get((year, stands_for[day], *link), 0.0) for link in part.core.links_of(year, day)]
            )
            * (weights[day] / self.grid.weight_days[stands_for[day]])
            for year, day in part.links
        }
