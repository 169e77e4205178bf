"""The decision split in two: a core of what is built and closed, and operation blocks of one day that answer it.

Partial Benders decomposition: the core holds investment, policy, the design hour of every stage with its network, and
what it was told of the blocks as cuts. Its optimum bounds the cost of every plan from below; a plan of it, run with
commitment in every block, is a cost from above. Phases: first plan (that of the same city on coarse days), relaxation
(cuts until the LP is closed), plan (bounds and better plans in turn).
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from heatnet.errors import UsageError
from heatnet.formulation.case import Case
from heatnet.formulation.extract import solution
from heatnet.formulation.extract import start as start_values
from heatnet.instance.series import TimeGrid
from heatnet.solution import Solution
from heatnet.solve import (
    ABSOLUTE_GAP,
    Answer,
    Keeper,
    Limits,
    Observer,
    Progress,
    Start,
    announce,
    keep_nothing,
    within,
)
from solvers import cut_pool, executors
from solvers.beside import beside
from solvers.blocks import Cut, Dispatch, Task
from solvers.core import CoreProblem
from solvers.highs import Outcome, Session, Warm
from solvers.matrix import Array, Matrix
from solvers.parts import CorePart, Place, core_part
from solvers.seed import CoarseCity
from solvers.stabiliser import InOut
from solvers.tightening import tightened

LP_SHARE = 0.2
"""Share of the gap that is left open in the relaxation."""

COMMITMENT_SHARE = 0.1
"""Share of the gap that the commitment of a day is solved to."""

PROOF_SHARE = 0.25
"""Share of the gap that the core is solved to in the end."""

STILL = 20
"""Rounds of asking in a row that move neither cost nor bound after which an LP counts as closed."""

ROUGH_GAP = 0.02
"""Gap that the core is solved to while there is no plan."""

START_TIME_SHARE = 0.3
"""Share of the time that is left in which an earlier plan is made one of this instance."""

FOLLOW_SHARE = 0.1
"""Share of what is still between cost and bound that the core is solved to before."""

PATIENCE = 5
"""Proofs that may raise no bound and find no plan before the search is given up."""

WORTH = 1e-4
"""Share of its cost by which a plan must be cheaper, before commitment, for its days to be run."""

GAIN = 0.1
"""Share of what is open between cost and bound that a search near the best plan must close for another to follow."""

RADIUS = 0.02
"""How far, as a share of its range, a link may move when its price is weighed against that of the seed."""


Values = Sequence[tuple[int, float]]
"""Columns, and a value for each."""


class Stopped(Exception):  # noqa: N818 - not an error
    """The user asked to stop, or the time is over."""


class Decomposition:
    """See the module."""

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
        began = time.perf_counter()
        observer(Progress("build", 0.0))
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as undo:
            seats = executors.seats(limits)  # before the building: an address that does not answer is told at once
            undo.callback(seats.close)
            part = core_part(Case(grid.instance, grid))
            seconds = {"build": time.perf_counter() - began}
            if part.matrix is None:
                return Answer("infeasible", "a row without variables cannot hold", None, None, None, seconds=seconds)
            log_file = Path(folder) / "highs.log"
            engine = Engine.of(part, seats, Session(limits, observer, log_file), start, keep)
            undo.pop_all()
            outcome = engine.run()
            log = log_file.read_text(errors="replace") if log_file.exists() else ""
        seconds |= {"solve": time.perf_counter() - began - seconds["build"], **engine.seconds}
        best = engine.best
        return Answer(
            status=outcome.status,
            stop_reason=outcome.stop_reason,
            solution=best.solution(part) if best is not None else None,
            cost=outcome.cost,
            bound=outcome.bound,
            size=engine.size,
            seconds=seconds,
            trace=tuple(engine.session.trace),
            log=log,
            cuts=engine.cuts if engine.identity else None,
        )


@dataclass(frozen=True)
class Point:
    """A point of the core and a cost, million."""

    x: Array
    cost: float


@dataclass(frozen=True)
class Plan:
    """A point of the core in whole numbers, its cost without commitment (million), and its days as they were run."""

    x: Array
    lp_cost: float
    cost: float
    days: dict[Place, Dispatch]

    def solution(self, part: CorePart) -> Solution:
        """The plan as frames."""
        assert part.matrix is not None
        part.matrix.load(self.x)
        frames = [day.operation for day in self.days.values() if day.operation is not None]
        return solution(part.core, pd.concat(frames, ignore_index=True))


@dataclass
class Engine:
    """One run: the core problem, the blocks on their workers, and what was found so far."""

    problem: CoreProblem
    session: Session
    pool: executors.Pool
    start: Start | None
    keep: Keeper
    identity: dict[Place, str] = field(default_factory=dict)
    phase: str = "build"
    best: Plan | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    rounds: int = 0

    @classmethod
    def of(cls, part: CorePart, seats: executors.Seats, session: Session, start: Start | None, keep: Keeper) -> Engine:
        """An engine with its blocks on some seats."""
        assert part.matrix is not None
        limits = session.limits
        links = {place: part.core.links_of(*place) for place in part.links}
        pool = executors.Pool(Task(part.core.case.grid, links, limits), seats, lambda: None)
        problem = CoreProblem(part, tightened(part.matrix), limits.threads, limits.seed)
        engine = cls(problem, session, pool, start, keep)
        pool.tick = engine.tick
        return engine

    @property
    def part(self) -> CorePart:
        """The core."""
        return self.problem.part

    def run(self) -> Outcome:
        """The best plan within the limits, and the bound."""
        with contextlib.closing(self.pool):
            outcome = self._until_stopped()
            if self.best is not None:
                announce(self.session.observer, Progress("extract", self.session.seconds, outcome.cost, outcome.bound))
        return outcome

    def _until_stopped(self) -> Outcome:
        try:
            return self._search()
        except KeyboardInterrupt:
            self.session.stop()
        except Stopped:
            pass
        return self._outcome(self.session.why_stopped)

    def tick(self) -> None:
        """Show progress; end the waiting where it is time to stop."""
        self.session.observer(Progress(self.phase, self.session.seconds, self.session.cost, self.session.bound))
        if self.session.stopped:
            raise Stopped

    def _search(self) -> Outcome:
        with self._phase("blocks"):
            self._introduce()
        if not all(self.identity.values()):
            return Outcome("infeasible", "a row of a day without variables cannot hold", None, None, None)
        stable = InOut()
        with self._phase("first plan"):
            coarse = CoarseCity.of(self.part)
            first = coarse.first_point(self.session, self.tick) if coarse is not None else None
            self.tick()
            if first is not None:
                self._tell(stable, first.x, first.prices)
            self._first_plan(coarse)
        with self._phase("relaxation"):
            impossible = self._relax(stable)
            if impossible is not None:
                return impossible
            self.keep(Start(cuts=self.cuts))
        with self._phase("plan"):
            return self._plan()

    def _introduce(self) -> None:
        """Build the blocks on their workers; take over what an earlier run learnt of the same blocks."""
        nothing: dict[Place, tuple[()]] = dict.fromkeys(self.part.links, ())
        self.identity = self.pool.ask("identity", nothing)
        self._add(self.pool.ask("floor", nothing).values())
        given = self.start.cuts if self.start is not None else None
        if given is not None and len(given):
            known = cut_pool.from_frame(given, self.part.core, self.identity)
            if not known and self.start is not None and self.start.plan is None:
                raise UsageError("--start: its cuts are of other blocks than this instance has on these days.")
            self._add(known)

    @property
    def size(self) -> dict[str, int]:
        """The core, how often the blocks were asked at a point, and how many cuts that taught."""
        assert self.part.matrix is not None
        known = len(self.problem.cuts) + len(self.problem.shelf)
        return {**self.part.matrix.size, "rounds": self.rounds, "cuts": known}

    @property
    def cuts(self) -> pd.DataFrame:
        """What was learnt of the blocks, for a later run."""
        return cut_pool.to_frame(self.problem.cuts + self.problem.shelf, self.part.core, self.identity)

    def _outcome(self, reason: str) -> Outcome:
        best, session = self.best, self.session
        if best is None:
            return Outcome("no_solution", reason, None, None, session.bound)
        if session.reached(best.cost):
            return Outcome("optimal", "gap reached", best.x, best.cost, session.bound)
        return Outcome("feasible", reason, best.x, best.cost, session.bound)

    @contextlib.contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        self.phase = name
        began = time.perf_counter()
        self.tick()
        try:
            yield
        finally:
            self.seconds[name] = time.perf_counter() - began

    # --- the relaxation ----------------------------------------------------------------------------------------

    def _relax(self, stable: InOut) -> Outcome | None:
        """Cuts until the LP is closed, with the contingencies that bind in it; the proof where there is no point."""
        with self._loaded(self.problem.problem()) as relaxation:
            while True:
                if self.best is not None:
                    stable.told(self.best.x, self.best.lp_cost)
                vertex = self._close(relaxation, stable, LP_SHARE * self.session.limits.gap)
                if vertex is None:  # proved again by a solve of its own before anybody hears of it
                    found = self.session.solve("relaxation", self.problem.problem().relaxed(), kind="relaxation")
                    return found if found.status == "infeasible" else None
                broken = self._broken(vertex.x)
                if not broken:
                    self.problem.trim(vertex.x)
                    return None
                self.problem.activate(broken)
                stable = InOut()  # the best point known may break them

    @contextlib.contextmanager
    def _loaded(self, problem: Matrix) -> Iterator[Warm]:
        loaded = self.problem.load(problem)
        try:
            yield loaded
        finally:
            self.problem.release(loaded)

    def _close(
        self, lp: Warm, stable: InOut, gap: float, *, enough: float | None = None, until: float = np.inf
    ) -> Point | None:
        """Ask the blocks until what an LP says of them is true within a gap; its last optimum, None where it has none.

        Without `enough` the LP is a relaxation of the whole; with it, one of a plan, and once some point is known the
        asking ends where the optimum is above `enough`, or when it is late (`until`, seconds of the session).
        """
        lowest, highest, idle = np.inf, -np.inf, 0
        while True:
            vertex = lp.solve(time_s=self.session.left, tick=self.tick)
            self.tick()
            if vertex is None or vertex.x is None:
                return None
            if enough is None:
                self.session.note_bound(vertex.cost)
            elif stable.point is not None and (vertex.cost > enough or self.session.seconds > until):
                break
            if stable.point is not None and within(stable.cost, vertex.cost, gap):
                break
            # Cuts are a little weaker than the LPs they are of (dual_bound): asking for less would not end.
            still = 1e-9 * abs(vertex.cost)
            idle = 0 if stable.cost < lowest - still or vertex.cost > highest + still else idle + 1
            lowest, highest = min(stable.cost, lowest), max(vertex.cost, highest)
            known = len(self.problem.cuts)
            self._tell(stable, stable.ask(vertex.x))
            if len(self.problem.cuts) == known or idle > STILL:
                break
        return Point(vertex.x, vertex.cost)

    def _tell(self, stable: InOut, point: Array, prices: Mapping[Place, Array] | None = None) -> None:
        """Ask the blocks at a point."""
        self.rounds += 1
        links = self.problem.links(point)
        asked = {p: (links[p],) if prices is None else (links[p], prices[p], RADIUS) for p in links}
        answers = self.pool.ask("evaluate", asked).values()
        stable.told(point, self.problem.own_cost(point) + sum(answer.cost for answer in answers))
        self._add(answer.cut for answer in answers)

    def _add(self, cuts: Iterable[Cut | None]) -> None:
        self.problem.add(cut for cut in cuts if cut is not None and np.isfinite(cut.constant))

    def _broken(self, x: Array) -> set[int]:
        """Contingencies left out that the investment of a point breaks."""
        problem = self.problem
        return problem.contingencies.paid_in(problem.fixed(x, problem.matrix.integer), self.session)

    # --- whole numbers -----------------------------------------------------------------------------------------

    def _first_plan(self, coarse: CoarseCity | None) -> None:
        """The plan to start from: that of an earlier run as far as it can be had here, or that of coarse days."""
        if self.start is not None and self.start.plan is not None:
            self._from_plan(self.start.plan)
        if self.best is None and coarse is not None:
            x = coarse.plan(self.session, self.tick)
            self.tick()
            if x is not None:
                self._dispatch(self._settled(x, self.problem.matrix.integer, known=True))

    def _plan(self) -> Outcome:
        """Bounds and better plans in turn until one is within the gap.

        The core with whole numbers in the network alone gives a bound soon, and a network; when its cuts are true
        there, the core in whole numbers gives the rest. What is found teaches what days and contingencies whole numbers
        run into, which the LP does not know. Meanwhile better plans are looked for near the best one. Neither search
        sees what the other finds before both have ended, so that the answer does not depend on which is sooner.
        """
        idle, promising = 0, None
        machines, every = ~self.problem.network, self.problem.matrix.integer
        whole = self.problem.network if self.problem.network.any() else every
        while self.best is None or not self.session.reached(self.best.cost):
            self.tick()
            before, bound = self._standing, self.session.bound
            with beside(self._proof(whole), self.session, self.tick) as proof:
                if promising is not None:
                    self._search_near(promising, machines, bound)
                self._improve(bound)
            found = proof.result()
            if found.x is None:
                return found if self.best is None and found.status == "infeasible" else self._outcome(found.stop_reason)
            settled = self._settled(found.x, whole)
            if whole is every:
                self._dispatch(settled)
            promising = found.x if settled is not None and self._worth(settled) else None
            if before == self._standing:
                # What keeps a contingency unbroken may be dear and missing from the bound: put them all back.
                self.problem.activate(self.problem.contingencies.left_out)
                idle += 1
            if idle > PATIENCE or (settled is not None and self._closed(settled)):
                if whole is every:
                    break
                whole, idle = every, 0
        return self._outcome("cuts cannot close what commitment adds to the cost of the days")

    def _proof(self, whole: npt.NDArray[np.bool_]) -> Callable[[], Outcome]:
        """The search of the core as it is now, with some columns whole, for later.

        With the network alone whole it ends soon, and is worth its end; the whole core's gap follows what is open.
        """
        problem, start, share = self.problem.problem().whole(whole), self._whole(), self._share(self.session.bound)
        if self.best is not None and whole is not self.problem.matrix.integer:
            share = PROOF_SHARE
        return partial(
            self.session.solve, "proof", problem, kind="relaxation", start=start, gap_share=share, for_bound=True
        )

    @property
    def _standing(self) -> tuple[float | None, float | None, int]:
        """What a proof may move: cost and bound, million, and how many contingencies are in the problem."""
        cost = self.best.cost if self.best is not None else None
        return cost, self.session.bound, len(self.problem.contingencies.active)

    def _share(self, bound: float | None) -> float:
        """What the next search of the core is solved to, as a share of the gap; it follows what is open to a bound."""
        gap = max(self.session.limits.gap, ABSOLUTE_GAP)
        if self.best is None or bound is None:
            return max(1.0, ROUGH_GAP / gap)
        still = (self.best.cost - bound) / max(abs(self.best.cost), ABSOLUTE_GAP)
        return max(PROOF_SHARE, FOLLOW_SHARE * still / gap)

    def _improve(self, bound: float | None) -> None:
        """Large-neighbourhood search: around the best plan all but the network, then all but the machines, and again.

        Each time the days of what was found teach the cuts what is true there, so as long as it closes much of what is
        open to the bound it is worth more than the next proof.
        """
        network = self.problem.network
        while self.best is not None:
            before = self.best.cost
            for free in (~network, network):
                self.tick()
                self._search_near(self.best.x, free, bound)
            if bound is None or before - self.best.cost < GAIN * (before - bound):
                return

    def _search_near(self, x: Array, free: npt.NDArray[np.bool_], bound: float | None) -> None:
        """The best plan with all whole numbers as at a point but for some that are free, run on its days."""
        near, start = self.problem.near(x, free), [(column, value) for column, value in self._whole() if free[column]]
        found = self.session.solve("neighbourhood", near, kind="neither", start=start, gap_share=self._share(bound))
        if found.x is not None:
            self._dispatch(self._settled(found.x, self.problem.matrix.integer))

    def _closed(self, plan: Point) -> bool:
        """Whether the bound is as good as cuts can make it: a plan costs no more but for its commitment."""
        bound = self.session.bound
        return bound is not None and within(plan.cost, bound, 2 * PROOF_SHARE * self.session.limits.gap)

    def _whole(self) -> Values:
        """The whole numbers of the best plan, to start a search from."""
        if self.best is None:
            return []
        x = self.best.x
        return [(int(column), float(np.round(x[column]))) for column in np.flatnonzero(self.problem.matrix.integer)]

    def _from_plan(self, plan: Solution) -> None:
        """A plan of an earlier run, run here; its network alone where the rest of it is not allowed."""
        matrix, place = self.problem.matrix, self.problem.matrix.place
        known = start_values(self.part.core, plan)
        fits = matrix.within((place[id(v)], value) for v, value in known if id(v) in place)
        for values in (fits, [(column, value) for column, value in fits if self.problem.network[column]]):
            problem = self.problem.problem().fixed([c for c, _ in values], np.array([value for _, value in values]))
            found = self.session.solve("start", problem, kind="neither", gap_share=0.2, time_share=START_TIME_SHARE)
            self.tick()
            if found.x is not None:
                self._dispatch(self._settled(found.x, self.problem.matrix.integer))
                return

    def _settled(self, x: Array, whole: npt.NDArray[np.bool_], *, known: bool = False) -> Point | None:
        """A point with some columns whole and the rest of the core decided, and its cost without commitment.

        Where it turns out dearer than the best plan, or half of the time that is left is over, its cost is left rough:
        the days of a plan are to be run yet. `known`: the point given keeps all rows, so it is the first to ask at.
        """
        stable = InOut()
        if known:
            self._tell(stable, x)
        enough = np.inf if self.best is None else self.best.lp_cost
        until = np.inf if self.session.left is None else self.session.seconds + 0.5 * self.session.left
        with self._loaded(self.problem.fixed(np.round(x), whole)) as lp:
            last = self._close(lp, stable, LP_SHARE * self.session.limits.gap, enough=enough, until=until)
        if last is None or stable.point is None:
            return None
        contingencies = self.problem.contingencies
        self.problem.activate(contingencies.in_all_stages(contingencies.broken(last.x)))
        return Point(stable.point, stable.cost)

    def _worth(self, plan: Point) -> bool:
        """Whether a plan may be the best when its days are run."""
        return self.best is None or plan.cost < self.best.lp_cost - WORTH * abs(self.best.lp_cost)

    def _dispatch(self, plan: Point | None) -> None:
        """Run every day of a plan with commitment, where it may be the best."""
        if plan is None or not self._worth(plan):
            return
        links = self.problem.links(plan.x)
        gap, left = COMMITMENT_SHARE * self.session.limits.gap, self.session.left
        days = self.pool.ask("dispatch", {place: (links[place], gap, left) for place in links})
        cost = self.problem.own_cost(plan.x) + sum(day.cost for day in days.values())
        if np.isfinite(cost) and (self.best is None or cost < self.best.cost):
            self.best = Plan(plan.x, plan.cost, cost, days)
            self.session.note_cost(cost)
            self.keep(Start(self.best.solution(self.part), self.cuts))
