"""The contract between a question and its answer: who may solve, within which limits, and what comes back."""

from __future__ import annotations

import contextlib
import importlib.metadata
import math
import platform
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

import pandas as pd

from heatnet.check import CheckReport, check
from heatnet.errors import UsageError
from heatnet.instance.instance import Instance
from heatnet.instance.series import TimeGrid
from heatnet.solution import Solution

Status = Literal["optimal", "feasible", "infeasible", "no_solution", "error", "invalid", "contradicted"]
"""optimal: within the gap asked for · feasible: a plan, its gap larger · infeasible: proved, twice · no_solution: none
found in the limits · error: the solver failed · invalid: the checker refused the plan · contradicted: two claims on
cost and bound cannot both be true."""


@dataclass(frozen=True)
class Limits:
    """When a solver stops, and what it may use. `gap` is relative, `time_s` wall-clock seconds (None: no limit).

    `threads`: threads of a solver, and worker processes of a strategy that has them. `dask`: address of a Dask
    scheduler whose workers solve the blocks, `local` for a cluster of its own (None: processes of this machine).
    """

    gap: float = 0.01
    time_s: float | None = None
    threads: int = 2
    seed: int = 0
    dask: str | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.gap < 1.0:
            raise UsageError(f"--gap {self.gap:g}: must be from 0 to below 1.")
        if self.time_s is not None and not 0.0 < self.time_s < math.inf:
            raise UsageError(f"--time-limit {self.time_s:g}: must be a number of seconds above 0.")
        if self.threads < 1:
            raise UsageError(f"--threads {self.threads}: must be 1 or more.")
        if not 0 <= self.seed < 2**31:
            raise UsageError(f"--seed {self.seed}: must be from 0 to 2147483647.")
        if self.dask is not None and not self.dask.strip():
            raise UsageError("--dask: must be the address of a Dask scheduler, or local.")


@dataclass(frozen=True)
class Progress:
    """Where a solver is: phase, seconds since its start, best cost and bound so far (million; None: none yet)."""

    phase: str
    seconds: float
    cost: float | None = None
    bound: float | None = None


SOLVER_THREAD = "solver"
"""Name of the threads that a solver runs in, and may leave behind where it does not heed an interrupt."""

Observer = Callable[[Progress], None]
"""Called now and then from the thread that called the solver; it may raise KeyboardInterrupt to stop it."""


@dataclass(frozen=True)
class Start:
    """What an earlier run leaves for a later one: a plan, and the cuts of the strategy `decomposition`.

    Cuts are rows of `CUTS`; strategies that have none ignore them.
    """

    plan: Solution | None = None
    cuts: pd.DataFrame | None = None


CUTS: dict[str, str] = {
    "block": "str",
    "stage": "int64",
    "day": "int64",
    "cut": "int64",
    "kind": "str",
    "link": "str",
    "id": "str",
    "value": "float64",
}
"""Columns of cuts: hash of the block, year and day it is of, number of the cut, `cost` or `feasible`, and the factor of
one link, by what it links (blank: the constant) and its id."""

Keeper = Callable[[Start], None]
"""Called by a strategy, from the thread that called it, whenever there is more to go on from than before: a better
plan, or more cuts. What is None stays as it was kept before. Like an observer it may raise KeyboardInterrupt."""


def keep_nothing(start: Start) -> None:
    """The keeper of who needs no checkpoints."""


@dataclass(frozen=True)
class Answer:
    """What a solver says. Status, cost and bound are three claims of their own; cost and bound in million.

    `seconds` are the solver's own phases; `trace` holds (seconds, cost, bound) as they improved; `cuts` are what
    `Start.cuts` of a later run may be.
    """

    status: Status
    stop_reason: str
    solution: Solution | None
    cost: float | None
    bound: float | None
    size: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    trace: tuple[tuple[float, float | None, float | None], ...] = ()
    log: str = ""
    cuts: pd.DataFrame | None = None


def announce(observer: Observer, progress: Progress) -> None:
    """Tell the observer of work that follows an answer. An interrupt now would lose it, so it is ignored."""
    with contextlib.suppress(KeyboardInterrupt):
        observer(progress)


class Solver(Protocol):
    """A strategy. It takes an instance on its days, not a model, so that a heuristic needs none."""

    def solve(
        self,
        grid: TimeGrid,
        *,
        limits: Limits,
        observer: Observer,
        start: Start | None = None,
        keep: Keeper = keep_nothing,
    ) -> Answer:
        """Answer within the limits; a time limit or an interrupt is a normal answer, never an exception.

        Only before the solving has begun, in the phases `build` and `compile`, a KeyboardInterrupt passes through:
        there is nothing to keep.
        """


@dataclass(frozen=True)
class Result:
    """An answer with its check, and how it came about."""

    instance: Instance
    grid: TimeGrid
    solver: str
    limits: Limits
    answer: Answer
    report: CheckReport | None
    seconds: Mapping[str, float]
    peak_rss_mb: float

    @property
    def status(self) -> Status:
        """The answer's status, or `invalid` where the checker refused the plan."""
        return "invalid" if self.refused else self.answer.status

    @property
    def refused(self) -> bool:
        """Whether there is a plan and the checker found it wrong, or its cost another."""
        return self.report is not None and (self.report.violated or self.cost_difference > COST_TOLERANCE)

    @property
    def cost_difference(self) -> float:
        """Difference between the checker's cost and the solver's, relative to the larger of the cost and its terms.

        Costs and revenues may nearly cancel; the largest term keeps the measure meaningful then.
        """
        if self.report is None or self.answer.cost is None:
            return 0.0
        return cost_difference(self.answer.cost, self.report)

    @property
    def gap(self) -> float | None:
        """(cost − bound) / |cost|; None where one of them is missing."""
        cost, bound = self.answer.cost, self.answer.bound
        if cost is None or bound is None:
            return None
        return relative_gap(cost, bound)


def relative_gap(cost: float, bound: float) -> float:
    """(cost − bound) / |cost|, 0 where a bound is above the cost by rounding."""
    return max(cost - bound, 0.0) / max(abs(cost), 1e-9)


def within(cost: float, bound: float, gap: float) -> bool:
    """Whether a cost is proved to a relative gap, or to `ABSOLUTE_GAP`."""
    return cost - bound <= max(gap * abs(cost), ABSOLUTE_GAP)


def contradicted(cost: float, bound: float) -> bool:
    """Whether a bound lies above a cost by more than rounding: one of the two is wrong."""
    return bound > cost + max(COST_TOLERANCE * abs(cost), ABSOLUTE_GAP)


ABSOLUTE_GAP = 1e-6
"""Million: cost and bound that differ by one unit of currency or less are the same. It is HiGHS's own default."""

COST_TOLERANCE = 1e-6
"""Largest relative difference between the checker's cost and the solver's."""


def cost_difference(cost: float, report: CheckReport) -> float:
    """Relative difference of a cost from that of the checker (see `Result.cost_difference`)."""
    largest = float(report.costs.groupby("term")["value_mcur"].sum().abs().max())
    return abs(cost - report.cost) / max(abs(cost), largest, 1e-9)


def solvers() -> dict[str, importlib.metadata.EntryPoint]:
    """The strategies that are installed, by name."""
    return {entry.name: entry for entry in importlib.metadata.entry_points(group="heatnet.solvers")}


def strategy_for(grid: TimeGrid) -> str:
    """What `auto` takes: the one big model, or the decomposition where that is too big for it and there are blocks.

    A network of many pipes goes to `design`, where that takes the instance: of generated streets of 20 pipes both found
    the optimum at once, of 50 only `design` (`make bench-design`). Jinan on four days of one step (4,500
    places) is solved as one model; on four days of six `monolithic` had no plan after four minutes (`make bench-plan`
    has it beside the decomposition).
    """
    instance = grid.instance
    if len(instance.pipes) >= MANY_PIPES and _design_takes(grid):
        return "design"
    blocks = len(instance.stages) * len(grid.days)
    places = len(instance.nodes) + len(instance.pipes) + len(instance.units)
    large = blocks * len(grid.steps) * places >= LARGE_PLACES
    return "decomposition" if large and blocks >= MANY_BLOCKS else "monolithic"


def _design_takes(grid: TimeGrid) -> bool:
    """Whether the strategy `design` is installed and the instance is in its scope."""
    design = solvers().get("design")
    if design is None:
        return False
    try:
        design.load()().demand_scope(grid)
    except UsageError:
        return False
    return True


MANY_PIPES = 20
"""Pipes from which on trees and cuts of the network pay."""

LARGE_PLACES = 10_000
"""Nodes, pipes and units, times the steps of all days and stages, from which on one model is too big."""

MANY_BLOCKS = 8
"""Stages times days from which on a decomposition by day pays."""


def find_solver(name: str) -> Solver:
    """The strategy of that name. Raises UsageError for a name that is not installed."""
    known = solvers()
    if name not in known:
        raise UsageError(f"--solver {name}: is not installed; there are: auto, {', '.join(sorted(known))}.")
    solver: Solver = known[name].load()()
    return solver


def solve(
    instance: Instance,
    *,
    solver: str = "auto",
    days: int | None = None,
    step_hours: int | None = None,
    limits: Limits | None = None,
    observer: Observer = lambda progress: None,
    start: Start | None = None,
    keep: Keeper = keep_nothing,
) -> Result:
    """Solve an instance for least cost, and check the answer.

    `days`, `step_hours`: time resolution, the instance's own defaults where None. `start`: what an earlier run left, to
    begin from. `keep` is called with what a later run may begin from. Raises UsageError for what cannot be meant;
    everything else is in the result.
    """
    began = time.perf_counter()
    defaults = instance.header.solve
    limits = limits or Limits(gap=defaults.gap)
    if solver != "auto":
        find_solver(solver)  # a name that is wrong is told before the days are chosen
    grid = TimeGrid.choose(
        instance,
        defaults.days if days is None else days,
        defaults.step_hours if step_hours is None else step_hours,
    )
    chosen = strategy_for(grid) if solver == "auto" else solver
    strategy = find_solver(chosen)
    chosen_days = time.perf_counter()
    answer = strategy.solve(grid, limits=limits, observer=observer, start=start, keep=keep)
    if answer.status == "infeasible":
        answer = replace(answer, bound=None)
    if answer.cost is not None and answer.bound is not None and answer.status in ("optimal", "feasible"):
        answer = proved(answer, answer.cost, answer.bound, limits.gap)
    solved = time.perf_counter()
    announce(observer, Progress("check", solved - began, answer.cost, answer.bound))
    report = check(instance, answer.solution) if answer.solution is not None else None
    seconds = {"days": chosen_days - began, **answer.seconds, "check": time.perf_counter() - solved}
    return Result(instance, grid, chosen, limits, answer, report, seconds, peak_rss_mb())


def proved(answer: Answer, cost: float, bound: float, gap: float) -> Answer:
    """The answer with the status that its own cost and bound bear out, whatever the solver called it."""
    if contradicted(cost, bound):
        reason = f"the solver's bound {bound:.6g} was above the cost of its own plan; the bound is dropped"
        return replace(answer, status="feasible", stop_reason=reason, bound=None)
    if within(cost, bound, gap):
        return replace(answer, status="optimal")
    reason = "the exact price of the plan left a gap" if answer.stop_reason == "gap reached" else answer.stop_reason
    return replace(answer, status="feasible", stop_reason=reason)


def peak_rss_mb() -> float:
    """Largest resident memory of this process so far, MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


def versions() -> dict[str, str]:
    """Versions of what an answer depends on."""
    names = ("heatnet", "highspy", "pyomo", "numpy", "pandas", "networkx", "tsam")
    return {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in names}}
