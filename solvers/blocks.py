"""Operation blocks kept in memory and asked again and again: what does a day cost behind these links, and why."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csc_array

from heatnet.formulation.case import Case
from heatnet.formulation.extract import operation_frame
from heatnet.formulation.model import Bounds, LinkKey
from heatnet.instance.series import TimeGrid
from heatnet.solve import Limits
from solvers.dual_bound import WeakDuality
from solvers.highs import Session, Warm, solve_fixed
from solvers.matrix import Array, Matrix
from solvers.parts import Block, Place, block_part

TOUCHING = 1e-4
"""Links so near to those behind which a block can run are taken for them: sum of differences in their own units."""


@dataclass(frozen=True)
class Cut:
    """An inequality on the links of one block: k + g · links ≤ cost of the block, or ≤ 0 for `feasible`."""

    place: Place
    kind: Literal["cost", "feasible"]
    constant: float
    slope: Array

    def value(self, links: Array) -> float:
        """The left side at some links."""
        return float(self.constant + self.slope @ links)


@dataclass(frozen=True)
class Evaluation:
    """What a block says of some links: its cost as an LP (infinite where it cannot run), and a cut."""

    place: Place
    cost: float
    cut: Cut | None


@dataclass(frozen=True)
class Dispatch:
    """A day run behind fixed links with commitment: its cost (million) and its rows of `operation`; None if it cannot.

    `bound`: no run of the day behind these links costs less.
    """

    place: Place
    cost: float
    bound: float
    operation: pd.DataFrame | None


@dataclass
class Task:
    """What a worker needs to build any block: the instance on its days, and the links with their bounds by place."""

    grid: TimeGrid
    links: dict[Place, dict[LinkKey, Bounds]]
    limits: Limits

    @cached_property
    def key(self) -> str:
        """Names the task among those of a worker."""
        grid = self.grid
        days = (grid.season_days, grid.calendar, grid.load_scale, grid.step_hours)
        told = (grid.instance.sha256, days, self.limits, sorted(self.links.items()))
        return hashlib.sha256(repr(told).encode()).hexdigest()

    @cached_property
    def case(self) -> Case:
        """The instance in the model's terms, shared by all blocks of a worker."""
        return Case(self.grid.instance, self.grid)


@dataclass
class Resident:
    """One block in the memory of a worker, built at its first question. `order`: its links as the core names them."""

    task: Task
    place: Place
    _warm: Warm | None = field(default=None, repr=False)
    _elastic: Warm | None = field(default=None, repr=False)

    @cached_property
    def block(self) -> Block:
        """Model and matrix."""
        return block_part(self.task.case, self.task.links[self.place], *self.place)

    @cached_property
    def matrix(self) -> Matrix:
        """The block's matrix."""
        assert self.block.matrix is not None
        return self.block.matrix

    @cached_property
    def columns(self) -> npt.NDArray[np.int32]:
        """Columns of the links that the block has, in the core's order."""
        return np.array(list(self.block.links.values()), dtype=np.int32)

    @cached_property
    def places(self) -> npt.NDArray[np.int32]:
        """Places of those links among all links of the block."""
        number = {key: k for k, key in enumerate(self.task.links[self.place])}
        return np.array([number[key] for key in self.block.links], dtype=np.int32)

    @cached_property
    def duality(self) -> WeakDuality:
        """Turns duals into cuts."""
        return WeakDuality(self.matrix)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of all that the block's cost depends on: cuts of one block hold for every other of this hash."""
        matrix, digest = self.matrix, hashlib.sha256()
        digest.update(repr(list(self.block.links)).encode())
        for part in (
            matrix.cost,
            matrix.low,
            matrix.up,
            matrix.row_low,
            matrix.row_up,
            matrix.start,
            matrix.index,
            matrix.value,
        ):
            digest.update(part.tobytes())
        return digest.hexdigest()

    def identity(self) -> str:
        """The fingerprint, or nothing where the block can never run."""
        return self.fingerprint if self.block.matrix is not None else ""

    def floor(self) -> Cut | None:
        """The cut that needs no solving: no vector of duals at all; None where the block can never run."""
        if self.block.matrix is None:
            return None
        return self._cut(np.zeros(len(self.matrix.row_low)), priced=True)

    def evaluate(self, links: Array, prices: Array | None = None, radius: float = 0.0) -> Evaluation:
        """The LP cost behind some links with the cut that is tight there, or the cut that says why it cannot run."""
        if self.block.matrix is None:
            return Evaluation(self.place, np.inf, None)
        if self._warm is None:
            self._warm = Warm(self.matrix)
        at = self._inside(links)
        self._warm.fix(self.columns, at, at)
        vertex = self._warm.solve()
        if vertex is not None and vertex.x is None:
            nearest, cut = self._nearest(at)
            if nearest is None or np.abs(nearest - at).sum() > TOUCHING:
                return Evaluation(self.place, np.inf, cut)
            self._warm.fix(self.columns, nearest, nearest)
            at = nearest
            vertex = self._warm.solve()
        if vertex is None or vertex.x is None:
            return Evaluation(self.place, np.inf, None)
        cost = vertex.cost
        if prices is not None:
            low, up = self.matrix.low[self.columns], self.matrix.up[self.columns]
            reach = radius * (up - low)
            self._warm.fix(self.columns, np.maximum(at - reach, low), np.minimum(at + reach, up))
            self._warm.price(self.columns, self.matrix.cost[self.columns] - prices[self.places])
            near = self._warm.solve(patient=False)
            self._warm.price(self.columns, self.matrix.cost[self.columns])
            if near is not None and near.x is not None:
                vertex = near
        return Evaluation(self.place, cost, self._cut(vertex.duals, priced=True))

    def dispatch(self, links: Array, gap: float, time_s: float | None = None) -> Dispatch:
        """Run the day with commitment behind links that are there. Raises KeyboardInterrupt where it was asked for."""
        if self.block.matrix is None:
            return Dispatch(self.place, np.inf, np.inf, None)
        fixed = self.matrix.fixed(self.columns, self._inside(links))
        limits = replace(self.task.limits, gap=gap, time_s=time_s, threads=1)
        session = Session(limits, lambda progress: None)
        found = session.solve("commitment", fixed)
        if session.interrupted:
            raise KeyboardInterrupt
        if found.x is None or found.bound is None:
            return Dispatch(self.place, np.inf, np.inf if found.status == "infeasible" else -np.inf, None)
        priced, _ = solve_fixed(fixed, found.x, limits)
        best = priced if priced.x is not None else found
        assert best.x is not None
        assert best.cost is not None
        self.matrix.load(best.x)
        return Dispatch(self.place, best.cost, found.bound, operation_frame(self.block.operation))

    def _inside(self, links: Array) -> Array:
        """The links of the block, moved into their bounds where rounding put them out."""
        low, up = self.matrix.low[self.columns], self.matrix.up[self.columns]
        inside: Array = np.clip(links[self.places], low, up)
        return inside

    def _cut(self, duals: Array, *, priced: bool) -> Cut:
        constant, slope = self.duality.cut(duals, self.columns, priced=priced)
        whole = np.zeros(len(self.task.links[self.place]))
        whole[self.places] = slope
        return Cut(self.place, "cost" if priced else "feasible", constant, whole)

    def _nearest(self, at: Array) -> tuple[Array | None, Cut | None]:
        """The nearest links behind which the block can run, and a cut that those asked for do not satisfy.

        The duals of the LP that finds them prove, on the block's own rows, that the links asked for are not among them.
        """
        rows, columns, number = len(self.matrix.row_low), len(self.matrix.low), len(self.columns)
        if self._elastic is None:
            self._elastic = Warm(_distance(self.matrix, self.columns))
        self._elastic.fix(np.arange(columns, columns + number, dtype=np.int32), at, at)
        vertex = self._elastic.solve()
        if vertex is None or vertex.x is None:
            return None, None
        return vertex.x[self.columns], self._cut(vertex.duals[:rows], priced=False)


def _distance(matrix: Matrix, links: npt.NDArray[np.int32]) -> Matrix:
    """The block without its cost, its links free, and their distance from given ones to be made small.

    Columns after those of the block: the links asked for, the distance above, the distance below.
    """
    rows, columns, number = len(matrix.row_low), len(matrix.low), len(links)
    own = matrix.sparse().tocoo()
    i, j = own.coords
    each, last = np.arange(number), columns + np.arange(number)
    entries = csc_array(
        (
            np.concatenate([own.data, np.ones(number), -np.ones(number), -np.ones(number), np.ones(number)]),
            (
                np.concatenate([i, *[rows + each] * 4]),
                np.concatenate([j, links, last, last + number, last + 2 * number]),
            ),
        ),
        shape=(rows + number, columns + 3 * number),
    )
    zeros, ones = np.zeros(number), np.ones(number)
    return matrix.filled(
        entries,
        cost=np.concatenate([np.zeros(columns), zeros, ones, ones]),
        offset=0.0,
        low=np.concatenate([matrix.low, zeros, zeros, zeros]),
        up=np.concatenate([matrix.up, zeros, ones * np.inf, ones * np.inf]),
        row_low=np.concatenate([matrix.row_low, zeros]),
        row_up=np.concatenate([matrix.row_up, zeros]),
        integer=np.zeros(columns + 3 * number, dtype=np.bool_),
    )
