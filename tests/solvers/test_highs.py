"""HiGHS behind `Session`: limits, interrupts, proofs, starts, and what each of its words becomes.

`market` is a market split problem: some equal rows of large whole numbers over binaries. A plan put into it is known,
but neither a plan nor a proof is found within seconds.
"""

from __future__ import annotations

import itertools
import threading
import time
from typing import Any

import numpy as np
import pytest

from heatnet.solve import Limits, Progress
from solvers import highs
from solvers.highs import Session, solve_fixed
from solvers.matrix import Array, Matrix


def problem(
    a: Any, low: Any, up: Any, cost: Any, *, most: float = 1.0, whole: bool = True, offset: float = 0.0
) -> Matrix:
    """A matrix from a full array; columns from 0 to `most`."""
    a = np.asarray(a, dtype=np.float64)
    rows, columns = a.shape
    return Matrix(
        cost=np.asarray(cost, dtype=np.float64),
        offset=offset,
        low=np.zeros(columns),
        up=np.full(columns, most),
        row_low=np.asarray(low, dtype=np.float64),
        row_up=np.asarray(up, dtype=np.float64),
        start=np.arange(0, rows * columns + 1, max(rows, 1), dtype=np.int32)[: columns + 1]
        if rows
        else np.zeros(columns + 1, dtype=np.int32),
        index=np.tile(np.arange(rows, dtype=np.int32), columns),
        value=a.T.ravel().copy(),
        integer=np.full(columns, whole),
        columns=(),
        rows=(),
    )


def market(rows: int, columns: int) -> tuple[Matrix, Array]:
    """A market split problem, and a plan that fits it."""
    draw = np.random.default_rng(1)
    a = draw.integers(1, 100, (rows, columns)).astype(float)
    x = np.zeros(columns)
    x[draw.permutation(columns)[: columns // 2]] = 1
    return problem(a, a @ x, a @ x, draw.integers(1, 50, columns)), x


WEIGHT = np.array([12, 7, 11, 8, 9, 6, 5, 14])
VALUE = np.array([24, 13, 23, 15, 16, 11, 9, 28])


def knapsack() -> tuple[Matrix, float]:
    """Eight things in a sack of 26, and the best value by trying all 256."""
    best = max(VALUE @ x for x in (np.array(bits) for bits in itertools.product((0, 1), repeat=8)) if WEIGHT @ x <= 26)
    return problem([WEIGHT], [-np.inf], [26], -VALUE), float(best)


def session(observer: Any = lambda progress: None, **limits: Any) -> Session:
    return Session(Limits(**{"gap": 0.0, "threads": 1, **limits}), observer)


def starts_at(x: Array) -> list[tuple[int, float]]:
    return [(k, float(value)) for k, value in enumerate(x)]


def test_knapsack() -> None:
    """Proves: the best of 256 sacks, its bound, and the offset of the cost. Sensitivity: the LP alone: -52.6."""
    matrix, best = knapsack()
    plain = session().solve("proof", matrix)
    assert (plain.status, plain.cost, plain.bound) == ("optimal", pytest.approx(-best), pytest.approx(-best))
    moved = Matrix(**{**vars(matrix), "offset": 100.0})
    outcome = session().solve("proof", moved)
    assert (outcome.cost, outcome.bound) == (pytest.approx(100 - best), pytest.approx(100 - best))


@pytest.mark.parametrize("unit", [1e-3, 1e-5, 1e-6])
def test_small_costs(unit: float) -> None:
    """Proves: a gap of 0 finds the best sack also where costs are small, and what HiGHS calls optimal stays optimal.

    Sensitivity: HiGHS prunes by absolute 1e-6, so its bound may end a little below the cost; taken for an open gap,
    the answer would say "feasible" and "gap reached" in one breath. The second best sack is worth one less.
    """
    matrix, best = knapsack()
    shared = session()
    outcome = shared.solve("proof", Matrix(**{**vars(matrix), "cost": matrix.cost * unit}))
    assert outcome.cost == pytest.approx(-best * unit, rel=1e-6)
    assert outcome.bound is not None
    assert -best * unit - 1.5e-6 <= outcome.bound <= -best * unit + 1e-9
    assert shared.outcome(outcome, outcome).status == "optimal"


def test_start_is_taken() -> None:
    """Proves: a start is accepted and kept: a plan for a problem in which HiGHS finds none by itself in the time.

    Sensitivity: were the start dropped, the second run would end like the first.
    """
    matrix, x = market(5, 40)
    alone = session(time_s=0.6).solve("proof", matrix)
    assert (alone.status, alone.x, alone.cost) == ("no_solution", None, None)
    helped = session(time_s=0.6).solve("proof", matrix, start=starts_at(x))
    assert helped.status == "feasible"
    assert helped.cost is not None
    assert helped.cost <= matrix.cost @ x + 1e-6


def test_partial_start_of_a_knapsack() -> None:
    """Proves: values for some columns only, even bad ones, leave the answer as it is. Sensitivity: -best otherwise."""
    matrix, best = knapsack()
    for start in ([(0, 0.0)], [(k, 1.0) for k in range(8)], [(7, 1.0), (0, 1.0)]):
        outcome = session().solve("proof", matrix, start=start)
        assert (outcome.status, outcome.cost) == ("optimal", pytest.approx(-best))


@pytest.mark.parametrize("found", [False, True])
def test_time_limit(found: bool) -> None:
    """Proves: the end of the time is an answer: the plan so far, or none, and the time is kept.

    Sensitivity: an exception, or a run that goes on.
    """
    matrix, x = market(5, 40)
    began = time.perf_counter()
    outcome = session(time_s=0.3).solve("proof", matrix, start=starts_at(x) if found else [])
    assert time.perf_counter() - began < 5
    assert outcome.stop_reason == "time limit"
    assert outcome.status == ("feasible" if found else "no_solution")
    assert (outcome.x is not None) == found
    assert outcome.bound is not None
    assert outcome.bound <= matrix.cost @ x + 1e-6


@pytest.mark.parametrize("found", [False, True])
def test_interrupt(found: bool) -> None:
    """Proves: a KeyboardInterrupt from the observer stops HiGHS and keeps its plan, and later solves end at once.

    Sensitivity: an exception, or a run to the time limit of a minute.
    """
    calls: list[Progress] = []

    def observer(progress: Progress) -> None:
        calls.append(progress)
        if len(calls) == 3:
            raise KeyboardInterrupt

    matrix, x = market(5, 40)
    shared = session(observer, time_s=60.0)
    began = time.perf_counter()
    outcome = shared.solve("proof", matrix, start=starts_at(x) if found else [])
    assert time.perf_counter() - began < 10
    assert outcome.stop_reason == "interrupted"
    assert outcome.status == ("feasible" if found else "no_solution")
    assert shared.stopped
    assert shared.outcome(outcome, outcome).stop_reason == "interrupted"
    again = shared.solve("more", matrix, start=starts_at(x))
    assert again.stop_reason == "interrupted"
    assert time.perf_counter() - began < 20


def test_infeasible_is_proved_twice() -> None:
    """Proves: "infeasible" is said after a second proof without presolve, which the observer sees.

    No subset of the 14 columns fits, as all 16384 show. Sensitivity: a single proof would show one phase.
    """
    draw = np.random.default_rng(3)
    a = draw.integers(1, 100, (3, 14)).astype(float)
    right = np.floor(a.sum(axis=1) / 2)
    every = (np.arange(2**14)[:, None] >> np.arange(14)) & 1
    assert not (every @ a.T == right).all(axis=1).any()
    phases: list[str] = []
    outcome = session(lambda progress: phases.append(progress.phase)).solve(
        "proof", problem(a, right, right, np.ones(14))
    )
    assert (outcome.status, outcome.x, outcome.cost, outcome.bound) == ("infeasible", None, None, None)
    assert list(dict.fromkeys(phases)) == ["proof", "proof again"]


@pytest.mark.parametrize("whole", [False, True])
def test_status_map(whole: bool) -> None:
    """Proves: what HiGHS says becomes one of six words, for linear problems and whole numbers alike.

    Sensitivity: an unbounded problem that passes as infeasible, or as solved.
    """
    row = [[1.0, 1.0]]
    solved = session().solve("x", problem(row, [1], [np.inf], [2, 3], whole=whole))
    assert (solved.status, solved.stop_reason) == ("optimal", "gap reached")
    assert (solved.cost, solved.bound) == (pytest.approx(2), pytest.approx(2))
    empty = session().solve("x", problem(row, [3], [np.inf], [2, 3], whole=whole))
    assert empty.status == "infeasible"
    endless = session().solve("x", problem(row, [1], [np.inf], [-1, 1], most=np.inf, whole=whole))
    assert endless.status == "error"
    assert endless.x is None
    assert "nbounded" in endless.stop_reason


def test_no_rows() -> None:
    """Proves: a matrix without rows is solved by its bounds. Sensitivity: −1 − 2 at the upper bounds."""
    outcome = session().solve("x", problem(np.zeros((0, 2)), [], [], [-1, -2]))
    assert (outcome.status, outcome.cost) == ("optimal", pytest.approx(-3))


def test_threads_in_one_process() -> None:
    """Proves: another number of threads in the same process is no error. Sensitivity: HiGHS refuses it by itself."""
    matrix, best = knapsack()
    for threads in (1, 2, 1, 2):
        assert session(threads=threads).solve("proof", matrix).cost == pytest.approx(-best)


def test_shown_in_its_own_thread() -> None:
    """Proves: progress is shown of what a session solves in its own thread, and not of what it solves beside.

    Sensitivity: lines of two searches that take turns ten times a second, and a display that two threads write to.
    """
    heard: list[threading.Thread] = []
    own = session(lambda progress: heard.append(threading.current_thread()), time_s=0.5)
    matrix, _ = market(5, 40)
    beside = threading.Thread(target=own.solve, args=("beside", matrix))
    beside.start()
    beside.join()
    assert not heard
    own.limits = Limits(time_s=1.5)
    own.solve("here", matrix)
    assert set(heard) == {threading.current_thread()}


def test_bounds_of_a_partial_start() -> None:
    """Proves: while HiGHS completes a start of which some values are missing, its bounds are not those of the problem.

    Sensitivity: the bound of a sack without the first sixty things is above the cost of one that is filled by hand.
    """
    drawn = np.random.default_rng(3)
    weight = drawn.integers(100, 1000, (20, 200)).astype(float)
    value, room = drawn.integers(100, 1000, 200), 0.4 * weight.sum(axis=1)
    taken = np.zeros(200)
    for thing in np.argsort(-value / weight.sum(axis=0)):
        taken[thing] = 1.0
        if (weight @ taken > room).any():
            taken[thing] = 0.0
    shared = session(time_s=2.0)
    shared.solve("proof", problem(weight, np.full(20, -np.inf), room, -value), start=[(k, 0.0) for k in range(60)])
    assert shared.bound is not None
    assert shared.bound <= -value @ taken


def test_tick_ends_an_lp(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: what is raised while an LP is solved comes through. Sensitivity: an interrupt that waits."""
    monkeypatch.setattr(highs, "TICK_S", 1e-4)
    drawn = np.random.default_rng(1)
    a = drawn.uniform(0.0, 1.0, (300, 300))
    large = problem(a, np.full(300, -np.inf), np.full(300, 10.0), -drawn.uniform(0.5, 1.0, 300), whole=False)

    def tick() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        highs.Warm(large).solve(tick=tick)
    ticked, alone = highs.Warm(large).solve(tick=lambda: None), highs.Warm(large).solve()
    assert ticked is not None
    assert alone is not None
    assert ticked.cost == alone.cost


def test_trace_improves() -> None:
    """Proves: the trace only improves, and a bound of a restriction is not one of the full problem.

    Sensitivity: with the bound of the restricted sack (nothing in it: 0) the best would seem refuted.
    """
    matrix, best = knapsack()
    shared = session()
    empty = Matrix(**{**vars(matrix), "up": np.zeros(8)})
    outcome = shared.solve("plan", empty, kind="restriction")
    assert (outcome.status, outcome.cost, shared.cost, shared.bound) == ("optimal", 0, 0, None)
    shared.solve("proof", matrix)
    assert (shared.cost, shared.bound) == (pytest.approx(-best), pytest.approx(-best))
    costs = [cost for _, cost, _ in shared.trace if cost is not None]
    bounds = [bound for _, _, bound in shared.trace if bound is not None]
    assert costs == sorted(costs, reverse=True)
    assert bounds == sorted(bounds)


def test_restriction_is_refuted_once() -> None:
    """Proves: an infeasible restriction is no proof for the full problem, and leaves no bound.

    Sensitivity: taken for the full problem, the next solve would be skipped or its plan refused.
    """
    matrix, best = knapsack()
    shared = session()
    none = Matrix(**{**vars(matrix), "row_low": np.array([1000.0]), "row_up": np.array([np.inf])})
    assert shared.solve("plan", none, kind="restriction").status == "infeasible"
    assert (shared.cost, shared.bound) == (None, None)
    proof = shared.solve("proof", matrix)
    assert shared.outcome(proof, proof).cost == pytest.approx(-best)


def test_solve_fixed() -> None:
    """Proves: whole columns are fixed at their rounded values and the rest is solved as an LP.

    min −x − y, x whole, x + y ≤ 1.5, x ≤ 1: at x = 0.9999999 the plan is x = 1, y = 0.5. Sensitivity: with x not
    rounded y would be 0.5000001; with x free the LP may choose x = 0.5, y = 1.
    """
    matrix = problem([[1.0, 1.0]], [-np.inf], [1.5], [-1, -1.1])
    matrix = Matrix(**{**vars(matrix), "integer": np.array([True, False])})
    outcome, _ = solve_fixed(matrix, np.array([0.9999999, 0.2]), Limits())
    assert outcome.x == pytest.approx([1, 0.5], abs=1e-12)
    assert outcome.cost == pytest.approx(-1.55)
