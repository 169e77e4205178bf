"""The whole decision as one MIP in HiGHS: the strategy for coarse days, and the oracle of every other strategy."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from heatnet.formulation.build import build
from heatnet.formulation.extract import solution, trunk
from heatnet.formulation.extract import start as start_values
from heatnet.instance.series import TimeGrid
from heatnet.solution import Solution
from heatnet.solve import Answer, Limits, Observer, Progress, announce
from solvers import highs
from solvers.matrix import Matrix, compile_model

WIDE_RANGE = 1e9
"""Ratio of largest to smallest coefficient from which on a proof by HiGHS deserves doubt."""


class Monolithic:
    """Build, compile, solve in three rounds, fix the integers, price the plan again as an LP.

    HiGHS alone is slow to find a good plan of a city (measured in `docs/performance.md`). So: (1) only the new pipes
    are whole numbers: a relaxation, hence its bound holds for all; (2) its pipes fixed, all else whole: a plan; (3)
    the full problem from that plan, unless the gap is reached by then.
    """

    def solve(self, grid: TimeGrid, *, limits: Limits, observer: Observer, start: Solution | None = None) -> Answer:
        """See `heatnet.solve.Solver`."""
        return _answer(grid, limits, observer, start, rounds=True)


class Plain:
    """The same model handed to HiGHS as it is: what the rounds are measured against, and their oracle."""

    def solve(self, grid: TimeGrid, *, limits: Limits, observer: Observer, start: Solution | None = None) -> Answer:
        """See `heatnet.solve.Solver`."""
        return _answer(grid, limits, observer, start, rounds=False)


def _answer(grid: TimeGrid, limits: Limits, observer: Observer, start: Solution | None, *, rounds: bool) -> Answer:
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
    with tempfile.TemporaryDirectory() as folder:
        log_file = Path(folder) / "highs.log"
        session = highs.Session(limits, observer, log_file)
        place = matrix.place
        pipes = [place[id(v)] for v in trunk(model) if id(v) in place] if rounds else []
        values = start_values(model, start) if start is not None else []
        first = [(place[id(v)], value) for v, value in values if id(v) in place]
        outcome = _rounds(session, matrix, np.array(pipes, dtype=np.int32), first)
        log = _log(matrix) + (log_file.read_text(errors="replace") if log_file.exists() else "")
    seconds["solve"] = time.perf_counter() - compiled
    found, cost = None, outcome.cost
    if outcome.x is not None:
        announce(observer, Progress("extract", time.perf_counter() - began, outcome.cost, outcome.bound))
        priced = highs.solve_fixed(matrix, outcome.x, limits)
        x, cost = (priced.x, priced.cost) if priced.x is not None else (outcome.x, outcome.cost)
        matrix.load(x)
        found = solution(model)
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


def _rounds(
    session: highs.Session, matrix: Matrix, pipes: npt.NDArray[np.int32], start: list[tuple[int, float]]
) -> highs.Outcome:
    """Relaxation, plan, proof. A given start replaces the first two rounds."""
    plan: highs.Outcome | None = None
    if len(pipes) and not start:
        whole = np.zeros_like(matrix.integer)
        whole[pipes] = True
        relaxed = session.solve("relaxation", replace(matrix, integer=whole), kind="relaxation", gap_share=2.0, time_share=0.5)
        if relaxed.x is None and (relaxed.status == "infeasible" or session.stopped):
            return session.outcome(relaxed, relaxed)
        if relaxed.x is not None:
            low, up = matrix.low.copy(), matrix.up.copy()
            low[pipes] = up[pipes] = np.round(relaxed.x[pipes])
            plan = session.solve(
                "plan", replace(matrix, low=low, up=up), kind="restriction", gap_share=0.3, time_share=0.5
            )
            if plan.x is not None:
                start = [(int(c), float(np.round(plan.x[c]))) for c in np.flatnonzero(matrix.integer)]
                if session.reached(plan.cost) or session.stopped:
                    return session.outcome(plan, replace(plan, stop_reason=session.why_stopped))
    proof = session.solve("proof", matrix, start=start)
    best = plan if proof.x is None and plan is not None else proof
    return session.outcome(best, proof)


def _log(matrix: Matrix) -> str:
    small, large = matrix.range
    text = f"coefficients from {small:.3g} to {large:.3g}\n"
    if large / small > WIDE_RANGE:
        text += "WARNING: a range this wide makes a proof by floating point doubtful; choose units nearer to 1.\n"
    return text
