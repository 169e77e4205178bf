"""The core with what the cuts say of its blocks: a relaxation of the whole plan, as an LP or in whole numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from heatnet.formulation.extract import trunk
from solvers.blocks import Cut
from solvers.contingencies import Contingencies
from solvers.highs import Warm
from solvers.matrix import Array, Matrix
from solvers.parts import CorePart, Place

SMALL = 1e-7
"""Slopes of cuts below it (million per unit of a link) are replaced by their least effect."""

CLOSE = 1e-9
"""What a row of the core may be off: plans are read from its LPs, and HiGHS scales the levels of seasonal stores."""

NEAR_SHARE = 0.02
"""Cuts further below the cost of their block than this share of it, where the LP is closed, leave the problem."""


@dataclass
class CoreProblem:
    """The core's matrix with a growing set of cuts and contingencies. `cuts`: those in it, `shelf`: those put aside.

    The columns of `matrix` are those of `part.matrix`; its bounds may be tighter.
    """

    part: CorePart
    matrix: Matrix
    threads: int = 1
    seed: int = 0
    cuts: list[Cut] = field(default_factory=list)
    shelf: list[Cut] = field(default_factory=list)
    _loaded: list[Warm] = field(default_factory=list)

    @cached_property
    def contingencies(self) -> Contingencies:
        """The core's contingencies, and which of them are in the problem."""
        return Contingencies.of(self.part.core, self.matrix)

    @cached_property
    def link_bounds(self) -> Mapping[Place, tuple[Array, Array]]:
        """Least and largest values of the links of each block."""
        core = self.part.core
        bounds = {place: list(core.links_of(*place).values()) for place in self.part.links}
        return {
            place: (np.array([low for low, _ in pairs], float), np.array([up for _, up in pairs], float))
            for place, pairs in bounds.items()
        }

    @cached_property
    def network(self) -> npt.NDArray[np.bool_]:
        """Which columns shape the network; they are whole."""
        shapes = np.zeros_like(self.matrix.integer)
        shapes[self.matrix.columns_of(trunk(self.part.core))] = True
        return shapes

    @cached_property
    def own_costs(self) -> Array:
        """Costs of the columns without what the cuts say of the blocks."""
        own = self.matrix.cost.copy()
        own[list(self.part.block_cost.values())] = 0.0
        return own

    def links(self, x: Array) -> dict[Place, Array]:
        """What the core shows to every block at a point."""
        return {place: x[columns] for place, columns in self.part.links.items()}

    def own_cost(self, x: Array) -> float:
        """Cost of the core at a point, without what the cuts say of the blocks."""
        return float(self.own_costs @ x + self.matrix.offset)

    def row(self, cut: Cut) -> tuple[npt.NDArray[np.int32], Array, float]:
        """A cut as columns, values and least value of a row of the core."""
        low, up = self.link_bounds[cut.place]
        small = np.abs(cut.slope) < SMALL
        least = np.minimum(cut.slope * low, cut.slope * up)[small].sum()
        columns, values = self.part.links[cut.place][~small], -cut.slope[~small]
        if cut.kind == "cost":
            columns = np.append(columns, np.int32(self.part.block_cost[cut.place]))
            values = np.append(values, 1.0)
        return columns, values, float(cut.constant + least)

    def add(self, cuts: Iterable[Cut]) -> None:
        """Cuts for all problems to come."""
        new = list(cuts)
        self.cuts += new
        if new:
            self._extend(*self._rows(new))

    def activate(self, numbers: Iterable[int]) -> None:
        """Contingencies for all problems to come."""
        new = self.contingencies.activate(numbers)
        if new:
            self._extend(*self.contingencies.rows(new))

    def load(self, problem: Matrix) -> Warm:
        """An LP of the problem, or of a restriction of it, that cuts and contingencies to come will enter too."""
        loaded = Warm(problem, threads=self.threads, seed=self.seed, tolerance=CLOSE)
        self._loaded.append(loaded)
        return loaded

    def release(self, loaded: Warm) -> None:
        """Forget a loaded LP."""
        self._loaded.remove(loaded)

    def problem(self, *, everything: bool = False) -> Matrix:
        """The matrix with its cuts and the active contingencies; with `everything`, with those put aside too."""
        if everything:
            return self.matrix.with_rows(*self._rows(self.cuts + self.shelf))
        return self.contingencies.problem().with_rows(*self._rows(self.cuts))

    def near(self, x: Array, free: npt.NDArray[np.bool_]) -> Matrix:
        """The problem with all contingencies, all whole numbers as at a point but for some that are free.

        With so much fixed all contingencies cost little time, and a plan that breaks some is none.
        """
        kept = self.matrix.integer & ~free
        return self.matrix.with_rows(*self._rows(self.cuts)).fixed(kept, np.round(x[kept]))

    def trim(self, x: Array) -> None:
        """Put aside the cuts that are slack at an optimum of the LP; the search in whole numbers is sooner without."""
        links, kept = self.links(x), list[Cut]()
        for cut in self.cuts:
            cost = x[self.part.block_cost[cut.place]]
            near = cut.kind == "feasible" or cut.value(links[cut.place]) >= cost - NEAR_SHARE * abs(cost)
            (kept if near else self.shelf).append(cut)
        self.cuts = kept

    def fixed(self, x: Array, columns: npt.NDArray[np.bool_]) -> Matrix:
        """The LP with everything in which some columns are those of a point."""
        return self.problem(everything=True).fixed(columns, x[columns]).relaxed()

    def _rows(self, cuts: list[Cut]) -> tuple[csr_array, Array, Array]:
        """Cuts as rows with their least and largest values."""
        found = [self.row(cut) for cut in cuts]
        starts = np.concatenate([[0], np.cumsum([len(columns) for columns, _, _ in found])])
        columns = np.concatenate([np.empty(0), *[columns for columns, _, _ in found]])
        values = np.concatenate([np.empty(0), *[values for _, values, _ in found]])
        rows = csr_array((values, columns.astype(np.int32), starts), shape=(len(found), len(self.matrix.low)))
        return rows, np.array([low for _, _, low in found]), np.full(len(found), np.inf)

    def _extend(self, rows: csr_array, low: Array, up: Array) -> None:
        """More rows in the LPs that are loaded."""
        for loaded in self._loaded:
            loaded.add_rows(rows, low, up)
