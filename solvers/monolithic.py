"""The whole decision as one MIP in HiGHS: the strategy for coarse days, and the oracle of every other strategy."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from heatnet.errors import UsageError
from heatnet.formulation.build import build
from heatnet.formulation.extract import operation_frame, solution, trunk
from heatnet.formulation.extract import start as start_values
from heatnet.formulation.model import Model
from heatnet.instance.series import TimeGrid
from heatnet.solution import Solution
from heatnet.solve import Answer, Keeper, Limits, Observer, Progress, Start, announce, keep_nothing
from solvers import highs
from solvers.contingencies import Contingencies
from solvers.matrix import Array, Matrix, compile_model

WIDE_RANGE = 1e9
"""Ratio of largest to smallest coefficient from which on a proof by HiGHS deserves doubt."""

PRICE_SHARE = 0.9
"""Share of the gap that a problem without all contingencies is solved to; the rest is for what they add."""


class Monolithic:
    """Build, compile, solve in three rounds, fix the integers, price the plan again as an LP.

    HiGHS alone is slow to find a good plan of a city (measured in `docs/performance.md`). So: (1) only what shapes the
    network is whole numbers: a relaxation, hence its bound holds for all; (2) that fixed, all else whole: a plan; (3)
    the full problem from that plan, unless the gap is reached by then.

    Contingencies cost nothing where their guarantee is kept, and few of them bind. The rounds go without their rows (a
    relaxation again); every plan is priced with all of them, and those that it breaks are put back.
    """

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
        return answer(grid, limits, observer, start, _in_rounds, keep)


class Plain:
    """The same model handed to HiGHS as it is: what the rounds are measured against, and their oracle."""

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
        return answer(grid, limits, observer, start, _at_once, keep)


Values = list[tuple[int, float]]
"""Columns, and a value for each."""

Better = Callable[[Array], None]
"""Told every priced plan that is better than those before it."""

Search = Callable[[Model, Matrix, highs.Session, Values, Better], highs.Outcome]
"""Looks for the best point of a model's matrix, from values for some of its integer columns."""


def _at_once(model: Model, matrix: Matrix, session: highs.Session, start: Values, better: Better) -> highs.Outcome:
    return session.solve("proof", matrix, start=start)


def _in_rounds(model: Model, matrix: Matrix, session: highs.Session, start: Values, better: Better) -> highs.Outcome:
    columns = matrix.columns_of(trunk(model.core))
    return Rounds(session, matrix, columns, Contingencies.of(model.core, matrix), better).run(start)


def answer(
    grid: TimeGrid,
    limits: Limits,
    observer: Observer,
    start: Start | None,
    search: Search,
    keep: Keeper = keep_nothing,
) -> Answer:
    """Build and compile the one big model, search it, price the plan, and read it back into frames."""
    if limits.dask is not None:
        raise UsageError("--dask: only the strategy decomposition has work to share; add --solver decomposition.")
    began = time.perf_counter()
    observer(Progress("build", 0.0))
    model = build(grid)
    built = time.perf_counter()
    observer(Progress("compile", built - began))
    matrix = compile_model(model.pyomo)
    compiled = time.perf_counter()
    seconds = {"build": built - began, "compile": compiled - built}
    if matrix is None:
        return Answer("infeasible", "a row without variables cannot hold", None, None, None, seconds=seconds)

    def frames(x: Array) -> Solution:
        matrix.load(x)
        return solution(model.core, operation_frame(*model.operations.values()))

    with tempfile.TemporaryDirectory() as folder:
        log_file = Path(folder) / "highs.log"
        session = highs.Session(limits, observer, log_file)
        place = matrix.place
        plan = start.plan if start is not None else None
        values = start_values(model.core, plan) if plan is not None else []
        first = [(place[id(v)], value) for v, value in values if id(v) in place]
        outcome = search(model, matrix, session, first, lambda x: keep(Start(frames(x))))
        log = _log(matrix) + (log_file.read_text(errors="replace") if log_file.exists() else "")
    seconds["solve"] = time.perf_counter() - compiled
    found, cost = None, outcome.cost
    if outcome.x is not None:
        announce(observer, Progress("extract", time.perf_counter() - began, outcome.cost, outcome.bound))
        priced, _ = highs.solve_fixed(matrix, outcome.x, limits)
        x, cost = (priced.x, priced.cost) if priced.x is not None else (outcome.x, outcome.cost)
        found = frames(x)
        seconds["extract"] = time.perf_counter() - compiled - seconds["solve"]
    return Answer(
        status=outcome.status,
        stop_reason=outcome.stop_reason,
        solution=found,
        cost=cost,
        bound=outcome.bound,
        size=matrix.size,
        seconds=seconds,
        trace=tuple(session.trace),
        log=log,
    )


@dataclass
class Rounds:
    """The rounds of `Monolithic` on one matrix.

    `trunk`: columns of what shapes the network. Contingencies that are left out are in the price of a plan alone.
    `better` is told of every plan that is priced and the best so far.
    """

    session: highs.Session
    matrix: Matrix
    trunk: npt.NDArray[np.int32]
    contingencies: Contingencies
    better: Better
    best: highs.Outcome | None = None

    def run(self, start: Values) -> highs.Outcome:
        """Relaxation, plan, proof. A start that fits replaces the first two. Ctrl-C at any moment keeps the plan."""
        try:
            return self._search(start)
        except KeyboardInterrupt:
            self.session.stop()
            return self._so_far()

    def _so_far(self) -> highs.Outcome:
        """The best plan when the search was stopped, or none."""
        best = self.best or highs.Outcome("no_solution", "", None, None, None)
        return self.session.outcome(best, replace(best, stop_reason=self.session.why_stopped))

    def _search(self, start: Values) -> highs.Outcome:
        if start:
            self._begin(start)
        if len(self.trunk) and self.best is None:
            self._separate()
            if self.session.stopped:
                return self._so_far()
            relaxed = self._relaxation()
            if relaxed.x is None and (relaxed.status == "infeasible" or self.session.stopped):
                return self.session.outcome(relaxed, relaxed)
            if relaxed.x is not None:
                self._plan(relaxed.x)
        while True:
            if self.session.stopped:
                return self._so_far()
            if self.best is not None:
                if self.session.reached(self.best.cost):
                    return self._so_far()
                assert self.best.x is not None
                start = [(int(c), float(np.round(self.best.x[c]))) for c in np.flatnonzero(self.matrix.integer)]
            left_out = self.contingencies.left_out
            last = self._proof(start)
            if last.x is None or not left_out:
                return self.session.outcome(self.best or last, last)
            if self.contingencies.left_out == left_out:
                # What keeps the rest unbroken may be dear and missing from the bound: put them all back.
                self.contingencies.activate(left_out)

    def _separate(self) -> None:
        """Put back the contingencies that bind in the LP: solve without, see which its plan pays for, and again."""
        while self.contingencies.left_out and not self.session.stopped:
            problem = self.contingencies.problem().relaxed()
            point = self.session.solve("contingencies", problem, kind="relaxation")
            if point.x is None:
                return
            if not self.contingencies.activate(self.contingencies.paid_in(self.matrix.left_at(point.x), self.session)):
                return

    def _begin(self, start: Values) -> None:
        """The best plan with the values of a start, so that the end is hardly dearer; else on its network.

        What was planned under another schedule need not be allowed under this one. None where even that does not fit.
        """
        fits = self.matrix.within(start)
        trunk = set(self.trunk.tolist())
        for values in (fits, [(c, value) for c, value in fits if c in trunk]):
            problem = self.matrix.fixed([c for c, _ in values], [value for _, value in values])
            plan = self.session.solve("start", problem, kind="restriction", gap_share=0.1, time_share=0.3)
            if plan.x is not None:
                self._price(plan.x)
                return

    def _relaxation(self) -> highs.Outcome:
        """A bound, and a network."""
        problem = self.contingencies.problem().whole(self.trunk)
        return self.session.solve("relaxation", problem, kind="relaxation", time_share=0.5)

    def _plan(self, x: Array) -> None:
        """The best plan on a network, priced; once more where it breaks contingencies that were left out."""
        while not self.session.stopped:
            problem = self.contingencies.problem().fixed(self.trunk, np.round(x[self.trunk]))
            kind: highs.Kind = "neither" if self.contingencies.left_out else "restriction"
            plan = self.session.solve("plan", problem, kind=kind, gap_share=0.3, time_share=0.5)
            if plan.x is None or not self._price(plan.x):
                return

    def _proof(self, start: Values) -> highs.Outcome:
        """The problem as far as contingencies are in it; what it finds is priced with all of them."""
        part = bool(self.contingencies.left_out)
        proof = self.session.solve(
            "proof",
            self.contingencies.problem(),
            kind="relaxation" if part else "full",
            start=start,
            gap_share=PRICE_SHARE if part else 1.0,
        )
        if proof.x is not None:
            self._price(proof.x)
        return proof

    def _price(self, x: Array) -> bool:
        """Price a plan with all contingencies, keep it if it is the best; whether it breaks any that was left out."""
        priced, interrupted = highs.solve_fixed(self.matrix, x, self.session.limits)
        if interrupted:
            self.session.stop()
        if priced.x is None or priced.cost is None:
            return False
        self.session.note_cost(priced.cost)
        if self.best is None or self.best.cost is None or priced.cost < self.best.cost:
            self.best = priced
            self.better(priced.x)
        return bool(self.contingencies.activate(self.contingencies.broken(priced.x)))


def _log(matrix: Matrix) -> str:
    small, large = matrix.range
    text = f"coefficients from {small:.3g} to {large:.3g}\n"
    if large / small > WIDE_RANGE:
        text += "WARNING: a range this wide makes a proof by floating point doubtful; choose units nearer to 1.\n"
    return text
