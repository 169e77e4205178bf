"""The LP of a model with the cuts that hold tight: what is slack for some rounds leaves it, or it would grow slow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from solvers import highs
from solvers.design.cuts import Cut, rows_of
from solvers.design.model import Network
from solvers.design.problem import Array
from solvers.matrix import Matrix

PATIENCE = 2
"""Rounds that a cut may be slack."""

MANY = 50
"""Cuts that leave together: each time the LP has to find its way again."""


@dataclass
class Relaxed:
    """One model as an LP. `cuts`: those in it; `base`: its own rows, with the bounds found so far.

    `smaller`: the model without its last rows and columns, with the same cuts, whose bounds and basis it begins with.
    `solved`: whether the LP was ever solved within its time.
    """

    network: Network
    seed: int = 0
    cuts: list[Cut] = field(default_factory=list)
    smaller: Relaxed | None = None
    solved: bool = False
    _slack: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Loads the LP."""
        self.base = self.network.matrix
        if self.smaller is not None:
            known = self.smaller.base
            low = np.concatenate([known.low, self.base.low[len(known.low) :]])
            up = np.concatenate([known.up, self.base.up[len(known.up) :]])
            self.base = replace(self.base, low=low, up=up)
        self.cuts, self._slack = self.cuts[:], [0] * len(self.cuts)
        # Presolve finds little in a network, so the last basis is the better start however long the way is.
        self.lp = highs.Warm(self.matrix, threads=1, seed=self.seed, far=highs.NO_LIMIT)
        if self.smaller is not None:
            self.lp.begin_like(self.smaller.lp, len(self.smaller.base.row_low), len(self.base.row_low))

    @property
    def matrix(self) -> Matrix:
        """The model with its cuts."""
        if not self.cuts:
            return self.base
        return self.base.with_rows(*rows_of(self.cuts, len(self.base.low)))

    def solve(self, time_s: float | None, tick: Callable[[], None] | None = None) -> highs.Vertex | None:
        """The optimum of the LP; None where it takes longer. `tick` is called meanwhile, and may raise to end it."""
        vertex = self.lp.solve(time_s=time_s, tick=tick)
        self.solved |= vertex is not None
        return vertex

    def tighten(self, columns: npt.NDArray[np.int32], low: Array, up: Array) -> None:
        """Narrower bounds of some columns."""
        lows, ups = self.base.low.copy(), self.base.up.copy()
        lows[columns], ups[columns] = low, up
        self.base = replace(self.base, low=lows, up=ups)
        self.lp.fix(columns, low, up)

    def add(self, new: list[Cut], x: Array) -> None:
        """More cuts; those that points were far from for some rounds, `x` the last of them, leave."""
        for k, cut in enumerate(self.cuts):
            self._slack[k] = self._slack[k] + 1 if cut.values @ x[cut.columns] > cut.low + 1e-6 else 0
        out = [k for k, rounds in enumerate(self._slack) if rounds >= PATIENCE]
        if len(out) >= MANY:
            self.lp.drop_rows(np.array(out, dtype=np.int32) + len(self.base.row_low))
            gone = set(out)
            self.cuts = [cut for k, cut in enumerate(self.cuts) if k not in gone]
            self._slack = [rounds for k, rounds in enumerate(self._slack) if k not in gone]
        self.lp.add_rows(*rows_of(new, len(self.base.low)))
        self.cuts += new
        self._slack += [0] * len(new)
