"""The search of the strategy `design`: a tree soon, bounds by cuts in rounds, then a proof from the best plan."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from heatnet.solve import Progress
from solvers import highs
from solvers.design import bounds, cuts, fixing, heuristic, model, relaxations
from solvers.design.forest import Forest
from solvers.design.neighbourhoods import Neighbourhoods
from solvers.design.plan import Plan, Priced, price
from solvers.design.problem import Array, Mask, Problem
from solvers.design.relaxed import Relaxed
from solvers.design.scaling import scaled, units_of

SMALL = 3_000
"""Lines times hours up to which no relaxation is asked before the whole model."""

ROUNDS = 200
STALLED = 2e-4
"""Share by which three rounds of cuts must raise the bound for more of them."""

TREES = 10
"""Trees along a point with weights drawn at random, whose branches are looked at for cuts."""

CUTS_A_ROUND = 600

PATIENCE_SHARE = 0.3
"""Share of the time so far after which parts that found nothing better end."""

ROUNDS_SHARE = 0.6
"""Share of the time that is left in which cuts of one model are looked for."""


@dataclass
class Search:
    """One problem, what is known of it, and the session whose limits it keeps. `better` is told every better plan."""

    problem: Problem
    session: highs.Session
    better: Callable[[Priced], None]
    best: Priced | None = None
    notes: list[str] = field(default_factory=list)
    size: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Reduces the problem, and counts what was left out."""
        self.power, self.money = units_of(self.problem)
        whole = scaled(self.problem, self.power, self.money)
        self.needed = bounds.flow_bounds(bounds.worst_hour(whole))
        self.bounds = bounds.capped(whole, self.needed)
        self.used: Mask = bounds.useful(whole, self.bounds)
        self.reduced = replace(whole, lines=whole.lines.only(self.used))
        self.notes += bounds.report(whole, self.bounds, self.used)

    # --- plans -------------------------------------------------------------------------------------------------

    def offer(self, plan: Plan) -> None:
        """Price a plan of the reduced problem, and keep it if it is the best."""
        pairs = np.zeros(len(self.problem.lines), dtype=np.int64)
        pairs[self.used] = plan.pairs
        self.offer_whole(replace(plan, pairs=pairs))

    def offer_whole(self, plan: Plan) -> None:
        """The same with a plan of the whole problem."""
        priced = price(self.problem, plan)
        if priced is not None and (self.best is None or priced.cost < self.best.cost):
            self.best = priced
            self.session.note_cost(priced.cost)
            self.better(priced)

    def left(self, share: float = 1.0) -> float:
        """Seconds that are left, or a share of them."""
        limit = self.session.limits.time_s
        return np.inf if limit is None else max(limit - self.session.seconds, 0.0) * share

    @property
    def done(self) -> bool:
        """Whether to stop: the gap is reached, or the time is over."""
        return self.session.stopped or (self.best is not None and self.session.reached(self.best.cost))

    # --- phases ------------------------------------------------------------------------------------------------

    def run(self, first: Plan | None = None) -> highs.Outcome:
        """All phases, a first plan priced before; the outcome has no point, the plan is `best`.

        Ctrl-C at any moment keeps the plan.
        """
        last = highs.Outcome("no_solution", "", None, None, None)
        try:
            if first is not None:
                self.offer_whole(first)
            last = self._phases()
        except KeyboardInterrupt:
            self.session.stop()
        bound = self.session.bound
        if self.best is None:
            return replace(last, stop_reason=last.stop_reason or self.session.why_stopped, x=None, bound=bound)
        if self.session.reached(self.best.cost):
            return highs.Outcome("optimal", "gap reached", None, self.best.cost, bound)
        reason = self.session.why_stopped if self.session.stopped else last.stop_reason
        return highs.Outcome("feasible", reason, None, self.best.cost, bound)

    def _phases(self) -> highs.Outcome:
        forest = self.tree()
        last = highs.Outcome("no_solution", "", None, None, None)
        known: list[cuts.Cut] = []
        if len(self.reduced.lines) * (self.problem.steps + 1) > SMALL and not self.done:
            follow = relaxations.follow(self.reduced, self.needed)
            relaxed = self.rounds(relaxations.coarse(self.reduced, self.bounds, follow), forest, known)
            if not self.done:
                self.parts(replace(relaxed.network, matrix=relaxed.matrix))
            known = relaxed.cuts  # they speak of pairs, and hold for every model
            if not self.done and follow is None and self.problem.steps > 1:  # what pumping costs is not in it
                mean = self.rounds(relaxations.mean(self.reduced, self.bounds), forest, known, relaxed)
                relaxed = mean if mean.solved else relaxed
            if not self.done:
                last = self._exact(relaxed, "relaxation")
        if not self.done and last.status != "infeasible":
            steps = [[s] for s in range(self.problem.steps)]
            last = self._exact(self.rounds(model.build(self.reduced, self.bounds, steps), forest, known), "full")
        return last

    def tree(self) -> Forest:
        """A plan that is a forest, and one of nothing but what must be, should that cost less."""
        p = self.reduced
        forest = heuristic.tree(
            p, until=time.perf_counter() + min(self.left(0.25), 30.0), seed=self.session.limits.seed, stop=self._stop
        )
        self.offer(heuristic.plan_of(forest))
        if self.best is None or not self._stop():
            nothing = np.zeros(len(p.lines), dtype=np.int64)
            joined = np.where(p.optional, 0, 1).astype(np.int64)
            self.offer(Plan(nothing, joined, p.units.kept_least, np.zeros_like(p.units.kept_least)))
        return forest

    def _stop(self) -> bool:
        return self.session.stopped

    def rounds(
        self, network: model.Network, forest: Forest, known: list[cuts.Cut], smaller: Relaxed | None = None
    ) -> Relaxed:
        """Bounds of the LP with more and more cuts, trees along its points."""
        rng = random.Random(self.session.limits.seed)
        relaxed = Relaxed(network, self.session.limits.seed, known, smaller)
        separator = cuts.Separator(network)
        best, weight = forest.copy, heuristic.first_weights(forest)
        history: list[float] = []
        until = self.session.seconds + self.left(ROUNDS_SHARE)
        for _ in range(ROUNDS):
            if self.session.seconds >= until:
                break
            spare = None if self.left() == np.inf else max(until - self.session.seconds, 0.1)
            vertex = relaxed.solve(spare, partial(self._tell, "cuts"))
            if vertex is None or vertex.x is None:
                break
            self.fix(relaxed, vertex.duals)
            self._tell("cuts")
            history.append(vertex.cost)
            grown = self.along(network, forest, vertex.x, weight, rng)
            if forest.cost < best[-1] - 1e-6 * abs(best[-1]):
                best = forest.copy
                self.offer(heuristic.plan_of(forest))
            trees = [grown, forest.up[:]]
            improved = forest.copy
            for _ in range(TREES):
                trees.append(self.along(network, forest, vertex.x, weight, rng, noise=True))
            forest.restore(improved)
            if self.done or _stalled(history):
                break
            found = cuts.distinct(cut for up in trees for cut in separator.forest(vertex.x, up))
            if len(found) < CUTS_A_ROUND:  # where trees show enough, the dearer look for more can wait
                found = cuts.distinct([*found, *separator.minimal(vertex.x, grown, rng)])
            found = cuts.strongest(found, vertex.x, CUTS_A_ROUND)
            if not found:
                break
            relaxed.add(found, vertex.x)
        forest.restore(best)
        self.notes.append(f"cuts that hold tight: {len(relaxed.cuts)}, after {len(history)} rounds")
        there, left = (np.count_nonzero(m.integer & (m.up - m.low > 0.5)) for m in (network.matrix, relaxed.base))
        self.notes.append(f"whole numbers fixed by reduced costs: {there - left} of {there}")
        return relaxed

    def fix(self, relaxed: Relaxed, duals: Array) -> None:
        """Note the bound of an LP; fix what no plan that is cheaper than the best one changes."""
        cutoff = np.inf if self.best is None else (self.best.cost + 1e-6 * abs(self.best.cost)) / self.money
        matrix = relaxed.matrix
        bound, tight = fixing.fixed(matrix, duals, cutoff)
        self.session.note_bound(self.money * min(bound, cutoff))
        moved = np.flatnonzero(
            (tight.up - tight.low < 0.5 * (matrix.up - matrix.low))
            | (matrix.integer & (tight.up - tight.low < matrix.up - matrix.low))
        )
        relaxed.tighten(moved.astype(np.int32), tight.low[moved], tight.up[moved])

    def along(
        self,
        network: model.Network,
        forest: Forest,
        x: Array,
        weight: Array,
        rng: random.Random,
        *,
        noise: bool = False,
    ) -> list[int]:
        """A tree along a point of the LP, then improved; returns the ways it began with. With `noise` only these."""
        p = self.reduced
        there = np.bincount(p.lines.edge, x[network.pairs].sum(axis=1), p.edges)
        drawn = np.array([rng.uniform(0.3, 1.7) for _ in range(p.edges)]) if noise else 1.0
        forest.grow(weight * drawn * (1.001 - np.minimum(there, 1.0)), heuristic.wanted(p))
        grown = forest.up[:]
        if noise:
            return grown
        forest.prune()
        forest.improve(time.perf_counter() + min(self.left(0.1), 5.0), rng)
        return grown

    def parts(self, network: model.Network) -> None:
        """Small exact searches around the best plan, for twice the time so far or half of what is left.

        Sooner over where nothing better turns up for a while: the tree search may be near its end.
        """
        if self.best is None:
            return
        values = np.zeros(len(network.matrix.low))
        for column, value in relaxations.start(network, self.best, self.used):
            values[column] = value
        began = self.session.seconds
        until, patience = began + min(self.left(0.5), max(2.0 * began, 5.0)), max(PATIENCE_SHARE * began, 2.0)
        latest = began

        def told(plan: Plan) -> None:
            nonlocal latest
            latest = self.session.seconds
            self.offer(plan)

        def stop() -> bool:
            self._tell("parts")
            return self.done or self.session.seconds >= min(until, latest + patience)

        rng = random.Random(self.session.limits.seed)
        Neighbourhoods(network, values, self.session.limits).run(rng, stop, told)

    def _exact(self, relaxed: Relaxed, kind: highs.Kind) -> highs.Outcome:
        """The tree search from the best plan; its bound holds for the problem, its plan is priced."""
        if self.done:
            return highs.Outcome("no_solution", "", None, None, None)
        network, matrix = relaxed.network, relaxed.matrix
        self.size = matrix.size
        start = relaxations.start(network, self.best, self.used) if self.best is not None else []
        outer = self.session
        inner = highs.Session(
            replace(outer.limits, time_s=None if self.left() == np.inf else max(self.left(0.95), 0.05)), self._relay
        )
        inner.log_file = outer.log_file
        self.inner = inner
        outcome = inner.solve("proof", matrix, kind=kind, start=start)
        self._note(inner.bound)
        if inner.why_stopped == "interrupted":
            outer.stop()
        if outcome.x is not None:
            self.offer(relaxations.plan(network, outcome.x))
        if outcome.status == "infeasible" and self.best is not None:  # by a hair: the best plan itself keeps all rows
            return replace(outcome, status="no_solution", stop_reason="nothing found beside the best plan")
        return outcome

    def _relay(self, progress: Progress) -> None:
        """Progress of the tree search, in million."""
        self._note(self.inner.bound)
        self._tell(progress.phase)

    def _note(self, bound: float | None) -> None:
        """A bound of the tree search, up to the best cost: what is fixed leaves out plans that are no cheaper."""
        if bound is not None:
            self.session.note_bound(min(self.money * bound, np.inf if self.best is None else self.best.cost))

    def _tell(self, phase: str) -> None:
        session = self.session
        session.observer(Progress(phase, session.seconds, session.cost, session.bound))


def _stalled(history: list[float]) -> bool:
    return len(history) > 4 and history[-1] - history[-4] < STALLED * abs(history[-1])
