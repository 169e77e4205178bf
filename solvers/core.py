"""The core with what the cuts say of its blocks: a relaxation of the whole plan, as an LP or in whole numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from heatnet.formulation.extract import contingency_parts, trunk
from solvers.blocks import Cut
from solvers.highs import Warm
from solvers.matrix import Array, Matrix
from solvers.parts import CorePart, Place

SMALL = 1e-7
"""Slopes of cuts below it (million per unit of a link) are replaced by their least effect."""

MISSING_MW = 1e-6
"""From here on a contingency is broken."""

NEAR_SHARE = 0.02
"""Cuts further below the cost of their block than this share of it, where the LP is closed, leave the problem."""


@dataclass
class CoreProblem:
    """The core's matrix with a growing set of cuts and contingencies.

    `active`: contingencies (numbers of contingency and stage) whose rows are in the problem. `cuts`: those
    in it, `shelf`: those put aside.
    """

    part: CorePart
    matrix: Matrix
    threads: int = 1
    seed: int = 0
    active: set[int] = field(default_factory=set)
    cuts: list[Cut] = field(default_factory=list)
    shelf: list[Cut] = field(default_factory=list)
    _loaded: list[Warm] = field(default_factory=list)

    @cached_property
    def link_columns(self) -> Mapping[Place, npt.NDArray[np.int32]]:
        """Columns of the links of each block."""
        return {place: np.array(columns, dtype=np.int32) for place, columns in self.part.links.items()}

    @cached_property
    def block_columns(self) -> npt.NDArray[np.int32]:
        """Columns of the costs of the blocks."""
        return np.array(list(self.part.block_cost.values()), dtype=np.int32)

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
    def trunk(self) -> npt.NDArray[np.int32]:
        """Columns of what shapes the network."""
        place = self.matrix.place
        return np.array([place[id(v)] for v in trunk(self.part.core) if id(v) in place], dtype=np.int32)

    @cached_property
    def of_row(self) -> npt.NDArray[np.int32]:
        """Number of the contingency that a row is of, or −1."""
        return contingency_parts(self.part.core, self.matrix.rows)

    @cached_property
    def of_column(self) -> npt.NDArray[np.int32]:
        """Number of the contingency that a column is of, or −1."""
        return contingency_parts(self.part.core, self.matrix.columns)

    def links(self, x: Array) -> dict[Place, Array]:
        """What the core shows to every block at a point."""
        return {place: x[columns] for place, columns in self.link_columns.items()}

    def own_cost(self, x: Array) -> float:
        """Cost of the core at a point, without what the cuts say of the blocks."""
        own = self.matrix.cost.copy()
        own[self.block_columns] = 0.0
        return float(own @ x + self.matrix.offset)

    def row(self, cut: Cut) -> tuple[npt.NDArray[np.int32], Array, float]:
        """A cut as columns, values and least value of a row of the core."""
        low, up = self.link_bounds[cut.place]
        small = np.abs(cut.slope) < SMALL
        least = np.minimum(cut.slope * low, cut.slope * up)[small].sum()
        columns, values = self.link_columns[cut.place][~small], -cut.slope[~small]
        if cut.kind == "cost":
            columns = np.append(columns, np.int32(self.part.block_cost[cut.place]))
            values = np.append(values, 1.0)
        return columns, values, float(cut.constant + least)

    def add(self, cuts: Iterable[Cut]) -> None:
        """Cuts for all problems to come."""
        new = list(cuts)
        self.cuts += new
        self._extend(new)

    def activate(self, numbers: Iterable[int]) -> None:
        """Contingencies for all problems to come."""
        new = sorted(set(numbers) - self.active)
        self.active |= set(new)
        self._extend(new)

    def broken(self, x: Array) -> set[int]:
        """Contingencies that a point of the whole core pays for, and that are not in the problem."""
        pays = (self.of_column >= 0) & (self.matrix.cost > 0.0) & (x > MISSING_MW)
        return {int(k) for k in self.of_column[pays]} - self.active

    def load(self, problem: Matrix) -> Warm:
        """An LP of the problem, or of a restriction of it, that cuts and contingencies to come will enter too."""
        loaded = Warm(problem, threads=self.threads, seed=self.seed)
        self._loaded.append(loaded)
        return loaded

    def release(self, loaded: Warm) -> None:
        """Forget a loaded LP."""
        self._loaded.remove(loaded)

    def problem(self, *, everything: bool = False) -> Matrix:
        """The matrix with its cuts and the active contingencies; with `everything`, with those put aside too."""
        left_out = (self.of_row >= 0) & ~np.isin(self.of_row, list(self.active))
        base = self.matrix if everything else self.matrix.without_rows(left_out)
        rows, low = self._rows(self.cuts + self.shelf if everything else self.cuts)
        return base.with_rows(rows, low, np.full(len(low), np.inf))

    def partly_whole(self) -> Matrix:
        """A relaxation: only what shapes the network is whole."""
        whole = np.zeros_like(self.matrix.integer)
        whole[self.trunk] = True
        return replace(self.problem(), integer=whole)

    def on_network(self, x: Array) -> Matrix:
        """The problem with the network of a point."""
        problem = self.problem()
        low, up = problem.low.copy(), problem.up.copy()
        low[self.trunk] = up[self.trunk] = np.round(x[self.trunk])
        return replace(problem, low=low, up=up)

    def trim(self, x: Array) -> None:
        """Put aside the cuts that are slack at an optimum of the LP; the search in whole numbers is sooner without."""
        links, kept = self.links(x), list[Cut]()
        for cut in self.cuts:
            cost = x[self.part.block_cost[cut.place]]
            near = cut.kind == "feasible" or cut.value(links[cut.place]) >= cost - NEAR_SHARE * abs(cost)
            (kept if near else self.shelf).append(cut)
        self.cuts = kept

    def fixed(self, x: Array, *, whole: bool) -> Matrix:
        """The LP with everything in which the integer columns are those of a point, rounded where they are whole."""
        integer = self.matrix.integer
        values = np.round(x[integer]) if whole else x[integer]
        problem = self.problem(everything=True)
        low, up = problem.low.copy(), problem.up.copy()
        low[integer] = up[integer] = values
        return replace(problem, low=low, up=up, integer=np.zeros_like(integer))

    def _rows(self, cuts: list[Cut]) -> tuple[csr_array, Array]:
        found = [self.row(cut) for cut in cuts]
        starts = np.concatenate([[0], np.cumsum([len(columns) for columns, _, _ in found])])
        columns = np.concatenate([np.empty(0), *[columns for columns, _, _ in found]])
        values = np.concatenate([np.empty(0), *[values for _, values, _ in found]])
        shape = (len(found), len(self.matrix.low))
        return csr_array((values, columns.astype(np.int32), starts), shape=shape), np.array(
            [low for _, _, low in found]
        )

    def _extend(self, parts: list[Any]) -> None:
        """More rows in the LPs that are loaded."""
        if not self._loaded or not parts:
            return
        if isinstance(parts[0], Cut):
            rows, low = self._rows(parts)
            up = np.full(len(low), np.inf)
        else:
            chosen = np.isin(self.of_row, parts)
            rows = self.matrix.sparse().tocsr()[chosen]
            low, up = self.matrix.row_low[chosen], self.matrix.row_up[chosen]
        for loaded in self._loaded:
            loaded.add_rows(rows, low, up)
