"""The only file that imports highspy: a Matrix in, an Outcome out.

HiGHS runs in a thread of its own, so that the caller's thread can show progress and take an interrupt at any time;
the callbacks of HiGHS only copy numbers and look at a flag. A fresh object for every solve: options, clocks and
incumbents of an earlier one must not leak into it. "Infeasible" is believed only when a second solve without
presolve says so too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import highspy
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from heatnet.errors import SolverError
from heatnet.solve import ABSOLUTE_GAP, SOLVER_THREAD, Limits, Observer, Progress, Status, within
from solvers.matrix import Array, Matrix

Kind = Literal["full", "relaxation", "restriction", "neither"]
"""What a matrix is to the problem that a session is about. A restriction of a relaxation is neither."""
BOUNDS, COSTS = ("full", "relaxation"), ("full", "restriction")
"""Kinds whose bound, and whose cost, holds for the problem."""

LIMITS = {
    highspy.HighsModelStatus.kTimeLimit: "time limit",
    highspy.HighsModelStatus.kInterrupt: "interrupted",
    highspy.HighsModelStatus.kIterationLimit: "iteration limit",
    highspy.HighsModelStatus.kSolutionLimit: "solution limit",
    highspy.HighsModelStatus.kObjectiveBound: "objective bound",
    highspy.HighsModelStatus.kObjectiveTarget: "objective target",
}
FEASIBLE = 2
"""`primal_solution_status` of HiGHS for a feasible point."""

TICK_S = 0.1
"""Seconds between two looks at progress and interrupts."""

PATIENCE_S = 10.0
"""Seconds that HiGHS has to stop after an interrupt."""

FAR = 6000
"""Simplex iterations from a basis after which a fresh start with presolve is sooner."""

TOLERANCE = 1e-7
"""HiGHS's own."""

NO_LIMIT = 2**31 - 1

OWN_SEARCHES = ("mip_heuristic_run_root_reduced_cost", "mip_heuristic_run_rens", "mip_heuristic_run_rins")
"""Options of the searches for points that HiGHS makes in problems of its own, one of which may take half the time."""

INFINITE = 1e29
"""From here on a cost or bound of HiGHS means that there is none."""


@dataclass(frozen=True)
class Outcome:
    """What HiGHS said: `x` by column, cost and bound in the matrix's own unit, offset included."""

    status: Status
    stop_reason: str
    x: Array | None
    cost: float | None
    bound: float | None


@dataclass
class Session:
    """Several solves of one problem that share limits, an observer, a wish to stop, and what they found.

    Ctrl-C, or a KeyboardInterrupt from the observer, stops HiGHS and keeps the best point. The observer hears of what
    is solved in the session's own thread, not of what goes on beside. `trace` holds (seconds, cost, bound) whenever
    one of them improved.
    """

    limits: Limits
    observer: Observer
    log_file: Path | None = None
    presolve: bool = True
    cost: float | None = None
    bound: float | None = None
    trace: list[tuple[float, float | None, float | None]] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)
    _thread: threading.Thread = field(default_factory=threading.current_thread)
    _stop: threading.Event = field(default_factory=threading.Event)
    _noting: threading.Lock = field(default_factory=threading.Lock)
    _why: str = "interrupted"

    @property
    def seconds(self) -> float:
        """Seconds since the session began."""
        return time.perf_counter() - self.began

    @property
    def stopped(self) -> bool:
        """Whether the user asked to stop, or the time is over."""
        return self._stop.is_set() or (self.limits.time_s is not None and self.seconds >= self.limits.time_s)

    @property
    def interrupted(self) -> bool:
        """Whether the user asked to stop."""
        return self._stop.is_set()

    @property
    def left(self) -> float | None:
        """Seconds until the time is over, a little at least; None without a limit."""
        return None if self.limits.time_s is None else max(self.limits.time_s - self.seconds, 0.05)

    def stop(self, why: str = "interrupted") -> None:
        """Stop at the next chance, as after Ctrl-C, or because what is searched beside has come to its end."""
        if not self._stop.is_set():
            self._why = why
        self._stop.set()

    def reached(self, cost: float | None) -> bool:
        """Whether a cost is within the gap of the best bound."""
        return cost is not None and self.bound is not None and within(cost, self.bound, self.limits.gap)

    def note_cost(self, cost: float | None) -> None:
        """Note a cost of a plan of the full problem, if it is better."""
        with self._noting:
            if cost is not None and (self.cost is None or cost < self.cost):
                self.cost = cost
                self.trace.append((round(self.seconds, 3), self.cost, self.bound))

    def note_bound(self, bound: float | None) -> None:
        """Note a bound that holds for the full problem, if it is better."""
        with self._noting:
            if bound is not None and (self.bound is None or bound > self.bound):
                self.bound = bound
                self.trace.append((round(self.seconds, 3), self.cost, self.bound))

    def outcome(self, best: Outcome, last: Outcome) -> Outcome:
        """The answer to the full problem: the point of `best`, the session's bound, and why the `last` solve ended."""
        if best.x is None:
            return replace(last, bound=self.bound)
        if self.reached(best.cost):
            return replace(best, status="optimal", stop_reason="gap reached", bound=self.bound)
        return replace(best, status="feasible", stop_reason=last.stop_reason, bound=self.bound)

    @property
    def why_stopped(self) -> str:
        """`interrupted` where the user asked to stop, else `time limit`."""
        return self._why if self._stop.is_set() else "time limit"

    def solve(
        self,
        phase: str,
        matrix: Matrix,
        *,
        kind: Kind = "full",
        start: Sequence[tuple[int, float]] = (),
        gap_share: float = 1.0,
        time_share: float = 1.0,
        for_bound: bool = False,
    ) -> Outcome:
        """Solve a matrix within a share of the time that is left, to a share of the gap.

        `kind` says what the matrix is to the full problem: the bound of a relaxation holds for it, the cost of a
        restriction does. `start`: values for some integer columns, which HiGHS completes if it can. `for_bound`: the
        point matters less, so HiGHS spends nothing on searches beside the tree. "Infeasible" is proved again without
        presolve where it would hold for the problem. Raises SolverError when HiGHS refuses the matrix or an option.
        """

        def limits() -> Limits:
            left = self.left
            return replace(self.limits, gap=self.limits.gap * gap_share, time_s=left and left * time_share)

        off = OWN_SEARCHES if for_bound else ()
        outcome = self._run(phase, matrix, kind, limits(), start, off, presolve=self.presolve)
        if self.presolve and outcome.status == "infeasible" and kind in BOUNDS and not self._stop.is_set():
            outcome = self._run(f"{phase} again", matrix, kind, limits(), start, off, presolve=False)
        if kind in BOUNDS:
            self.note_bound(outcome.bound)
        if kind in COSTS:
            self.note_cost(outcome.cost)
        return outcome

    def _run(
        self,
        phase: str,
        matrix: Matrix,
        kind: Kind,
        limits: Limits,
        start: Sequence[tuple[int, float]],
        off: Sequence[str],
        *,
        presolve: bool,
    ) -> Outcome:
        highs = _highs(matrix, limits, self.log_file, presolve)
        for name in off:
            highs.setOptionValue(name, False)
        if start:
            columns, values = zip(*start, strict=True)
            highs.setSolution(len(start), np.array(columns, dtype=np.int32), np.array(values, dtype=np.float64))

        # A start of which values are missing HiGHS completes first: the bounds of that are not ours.
        partial = 0 < len(start) < np.count_nonzero(matrix.integer)

        def report(event: Any) -> None:
            data = event.data_out
            if kind in COSTS and abs(data.mip_primal_bound) < INFINITE:
                self.note_cost(data.mip_primal_bound)
            if kind in BOUNDS and not partial and abs(data.mip_dual_bound) < INFINITE:
                self.note_bound(data.mip_dual_bound)

        def interrupt(event: Any) -> None:
            if self._stop.is_set():
                event.interrupt()

        for callback in (highs.cbMipLogging, highs.cbMipImprovingSolution):
            callback.subscribe(report)
        for callback in (highs.cbMipInterrupt, highs.cbSimplexInterrupt, highs.cbIpmInterrupt):
            callback.subscribe(interrupt)
        if not self._wait(phase, highs):
            return Outcome("no_solution", "interrupted", None, None, None)
        return _outcome(highs, matrix, interrupted=self._stop.is_set())

    def _wait(self, phase: str, highs: Any) -> bool:
        """Run HiGHS in a thread; show progress and take interrupts in this one. False where HiGHS was abandoned.

        HiGHS looks at the wish to stop between the steps of a tree search, but not within a long LP. After
        `PATIENCE_S` it is left to itself: the thread goes on until it looks, and its object is not touched again.
        """
        done, errors = _begun(highs)
        patience = PATIENCE_S
        while not done.is_set() and patience > 0.0:
            try:
                done.wait(TICK_S)
                patience -= TICK_S if self._stop.is_set() else 0.0
                if threading.current_thread() is self._thread:
                    self.observer(Progress(phase, self.seconds, self.cost, self.bound))
            except KeyboardInterrupt:
                self._stop.set()
        if errors:
            raise SolverError(f"HiGHS failed: {errors[0]}.")
        return done.is_set()


def _begun(highs: Any) -> tuple[threading.Event, list[BaseException]]:
    """HiGHS at work in a thread: what is set at its end, and what it raised."""
    errors: list[BaseException] = []
    done = threading.Event()  # not join(): interrupted, it takes a running thread for a finished one

    def work() -> None:
        try:
            highs.run()
        except BaseException as error:
            errors.append(error)
        finally:
            done.set()

    threading.Thread(target=work, daemon=True, name=SOLVER_THREAD).start()
    return done, errors


def solve_fixed(matrix: Matrix, x: Array, limits: Limits) -> tuple[Outcome, bool]:
    """The LP that is left when the integer columns are fixed at their rounded values: the same plan, cleanly priced.

    An interrupt does not lose the plan: it is priced all the same, and the second value says that there was one.
    """
    fixed = matrix.left_at(np.round(x))
    session = Session(replace(limits, time_s=None), lambda progress: None)
    priced = session.solve("price", fixed, kind="restriction")
    if session.stopped and priced.x is None:
        priced = Session(session.limits, lambda progress: None).solve("price", fixed, kind="restriction")
    return priced, session.stopped


@dataclass(frozen=True)
class Vertex:
    """An optimal point of an LP and its duals; `x` is None where there is no feasible point."""

    x: Array | None
    cost: float
    duals: Array


class Warm:
    """An LP that stays loaded: bounds are moved, rows come and go, and it is solved again from where it was.

    `far`: simplex iterations from a basis after which a fresh start is taken to be sooner. `tolerance`: what a row may
    be off, in the units that HiGHS scales it to.
    """

    def __init__(
        self, matrix: Matrix, *, threads: int = 1, seed: int = 0, far: int = FAR, tolerance: float = TOLERANCE
    ) -> None:
        self.far = far
        self.columns = len(matrix.low)
        self._highs = _highs(matrix.relaxed(), Limits(threads=threads, seed=seed), None, presolve=True)
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("primal_feasibility_tolerance", tolerance)
        self._cold = True
        self._stop: threading.Event | None = None

    def fix(self, columns: npt.NDArray[np.int32], low: Array, up: Array) -> None:
        """New bounds for some columns."""
        self._highs.changeColsBounds(len(columns), columns, low, up)

    def price(self, columns: npt.NDArray[np.int32], cost: Array) -> None:
        """New costs for some columns."""
        self._highs.changeColsCost(len(columns), columns, cost)

    def begin_like(self, other: Warm, rows: int, own: int) -> None:
        """Begin at the basis of an LP that is this one without its last columns and without rows `rows` to `own`.

        A basis that cannot be had or used is passed over in silence: it is a hint.
        """
        known = other._highs.getBasis()
        if not known.valid:
            return
        basis, status = highspy.HighsBasis(), highspy.HighsBasisStatus
        basis.col_status = [*known.col_status, *[status.kLower] * (self.columns - len(known.col_status))]
        basis.row_status = [*known.row_status[:rows], *[status.kBasic] * (own - rows), *known.row_status[rows:]]
        basis.valid = True
        self._highs.setBasis(basis)
        self._cold = False

    def add_rows(self, rows: csr_array, low: Array, up: Array) -> None:
        """More rows, below those that are there."""
        starts, index = rows.indptr[:-1].astype(np.int32), rows.indices.astype(np.int32)
        self._highs.addRows(len(low), low, up, rows.nnz, starts, index, rows.data)

    def drop_rows(self, rows: npt.NDArray[np.int32]) -> None:
        """Rows that are not needed any more; those below move up."""
        self._highs.deleteRows(len(rows), rows)

    def solve(
        self, *, patient: bool = True, time_s: float | None = None, tick: Callable[[], None] | None = None
    ) -> Vertex | None:
        """Solve from the last basis, or afresh where that takes long; None where the LP is unbounded or HiGHS gives up.

        Not `patient`: None as well where the last basis does not lead to the end soon. `time_s`: seconds after which it
        is None too. `tick` is called while HiGHS is at work; what it raises, or Ctrl-C, ends that, and this LP is of no
        more use.
        """
        if time_s is not None:
            self._highs.setOptionValue("time_limit", self._highs.getRunTime() + time_s)
        tries = (self.far, NO_LIMIT) if patient else (self.far,)
        if patient and self._cold:
            tries = (NO_LIMIT,)  # a fresh start it is anyhow
        self._cold = False
        for iterations in tries:
            self._highs.setOptionValue("simplex_iteration_limit", iterations)
            if tick is None:
                self._highs.run()
            else:
                self._run(tick)
            status = self._highs.getModelStatus()
            if status == highspy.HighsModelStatus.kOptimal:
                found = self._highs.getSolution()
                cost = float(self._highs.getInfo().objective_function_value)
                return Vertex(np.array(found.col_value), cost, np.array(found.row_dual))
            if status == highspy.HighsModelStatus.kInfeasible:
                return Vertex(None, np.inf, np.zeros(0))
            if status == highspy.HighsModelStatus.kTimeLimit:
                return None
            self._highs.clearSolver()  # presolve and a start from nothing are sooner than a long way
        return None

    def _run(self, tick: Callable[[], None]) -> None:
        """Run HiGHS in a thread."""
        if self._stop is None:
            self._stop = stop = threading.Event()

            def interrupt(event: Any) -> None:
                if stop.is_set():
                    event.interrupt()

            self._highs.cbSimplexInterrupt.subscribe(interrupt)
        done, errors = _begun(self._highs)
        try:
            while not done.wait(TICK_S):
                tick()
        except BaseException:
            self._stop.set()
            done.wait(PATIENCE_S)
            raise
        if errors:
            raise SolverError(f"HiGHS failed: {errors[0]}.")


def duals(matrix: Matrix, limits: Limits) -> Array | None:
    """Duals of the rows of the LP relaxation: what the cost would change by per unit of right-hand side."""
    highs = _highs(matrix.relaxed(), limits, None, presolve=True)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.asarray(highs.getSolution().row_dual)


def _highs(matrix: Matrix, limits: Limits, log_file: Path | None, presolve: bool) -> Any:
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    if not any(thread.name == SOLVER_THREAD for thread in threading.enumerate()):
        highspy.Highs.resetGlobalScheduler(True)  # or another number of threads in one process is an error
    options: dict[str, Any] = {
        "output_flag": True,  # without it HiGHS calls no logging callback
        "log_to_console": False,
        "log_file": str(log_file) if log_file else "",
        "threads": limits.threads,
        "random_seed": limits.seed,
        "mip_rel_gap": limits.gap,
        "mip_abs_gap": ABSOLUTE_GAP,
        "mip_min_logging_interval": 1.0,
        "presolve": "on" if presolve else "off",
    }
    if limits.time_s is not None:
        options["time_limit"] = limits.time_s
    for name, value in options.items():
        if highs.setOptionValue(name, value) == highspy.HighsStatus.kError:
            raise SolverError(f"HiGHS {highs.version()} refuses the option {name} = {value}.")
    status = highs.passModel(
        len(matrix.low),
        len(matrix.row_low),
        len(matrix.value),
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        matrix.offset,
        matrix.cost,
        matrix.low,
        matrix.up,
        matrix.row_low,
        matrix.row_up,
        matrix.start,
        matrix.index,
        matrix.value,
        matrix.integer.astype(np.int32),
    )
    if status == highspy.HighsStatus.kError:
        raise SolverError(f"HiGHS {highs.version()} refuses the model.")
    return highs


def _outcome(highs: Any, matrix: Matrix, *, interrupted: bool) -> Outcome:
    status, info = highs.getModelStatus(), highs.getInfo()
    if interrupted and status == highspy.HighsModelStatus.kNotset:  # stopped before it had begun
        return Outcome("no_solution", "interrupted", None, None, None)
    has_point = info.primal_solution_status == FEASIBLE
    x: Array | None = np.asarray(highs.getSolution().col_value) if has_point else None
    cost = float(info.objective_function_value) if has_point else None
    optimal = status == highspy.HighsModelStatus.kOptimal
    bound = _bound(info) if matrix.integer.any() else (cost if optimal else None)
    if optimal:
        return Outcome("optimal", "gap reached", x, cost, bound)
    if status in LIMITS:
        reason = "interrupted" if interrupted else LIMITS[status]
        return Outcome("feasible" if has_point else "no_solution", reason, x, cost, bound)
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return Outcome("infeasible", "proved infeasible, with presolve and without", None, None, None)
    return Outcome("error", highs.modelStatusToString(status), None, None, None)


def _bound(info: Any) -> float | None:
    """The dual bound of a MIP. An invalid info says 0.0, which is no bound; its node count is then negative."""
    bound = float(info.mip_dual_bound)
    return bound if info.mip_node_count >= 0 and abs(bound) < INFINITE else None
