"""Second opinions on a claim: the same model by other ways. Found by the entry-point group `heatnet.witnesses`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heatnet.formulation.build import build
from heatnet.formulation.model import Model
from heatnet.instance.series import TimeGrid
from heatnet.solve import Answer, Keeper, Limits, Observer, Start, keep_nothing
from solvers import highs
from solvers.dual_bound import safe_bound
from solvers.matrix import Matrix, compile_model
from solvers.monolithic import Better, Values, answer


class HighsAgain:
    """HiGHS on the whole model at once, with another seed and without presolve."""

    def solve(
        self,
        grid: TimeGrid,
        *,
        limits: Limits,
        observer: Observer,
        start: Start | None = None,
        keep: Keeper = keep_nothing,
    ) -> Answer:
        """See `heatnet.solve.Solver`."""

        def search(
            model: Model, matrix: Matrix, session: highs.Session, start: Values, better: Better
        ) -> highs.Outcome:
            return replace(session, presolve=False).solve("HiGHS again", matrix, start=start)

        return answer(grid, replace(limits, seed=(limits.seed + 1) % 2**31), observer, start, search)


class Scip:
    """SCIP on the whole model at once. Needs the extra `certify`."""

    def __init__(self) -> None:
        """Raises ImportError where pyscipopt is not installed."""
        from solvers import scip

        self._scip = scip

    def solve(
        self,
        grid: TimeGrid,
        *,
        limits: Limits,
        observer: Observer,
        start: Start | None = None,
        keep: Keeper = keep_nothing,
    ) -> Answer:
        """See `heatnet.solve.Solver`."""

        def search(
            model: Model, matrix: Matrix, session: highs.Session, start: Values, better: Better
        ) -> highs.Outcome:
            point = None
            if start:
                x = np.zeros(len(matrix.low))
                for column, value in start:
                    x[column] = value
                priced, _ = highs.solve_fixed(matrix, x, limits)
                point = priced.x
            found: highs.Outcome = self._scip.solve(matrix, limits, point)
            return found

        return answer(grid, limits, observer, start, search)


class Duals:
    """The LP relaxation, its bound computed from the duals in our own arithmetic: weaker, but nobody's claim."""

    def solve(
        self,
        grid: TimeGrid,
        *,
        limits: Limits,
        observer: Observer,
        start: Start | None = None,
        keep: Keeper = keep_nothing,
    ) -> Answer:
        """See `heatnet.solve.Solver`. A bound and no plan."""
        matrix = compile_model(build(grid).pyomo)
        duals = None if matrix is None else highs.duals(matrix, limits)
        if matrix is None or duals is None:
            return Answer("no_solution", "the LP relaxation was not solved", None, None, None)
        bound = safe_bound(matrix, duals)
        return Answer("no_solution", "a bound only", None, None, bound if np.isfinite(bound) else None)
