"""Bounds that rows of whole numbers leave: by hand, against all points, and against the plans of generated cities.

Sensitivity, test by test:
- group: a bound that is not rounded (the share of a group that the LP keeps), or rounded without new rounds after it.
- signs: ≤ and ≥, or the two signs of a coefficient, exchanged; a column without a bound that is taken for one with.
- not whole: bounds from a row with a column that is not whole, or for one; a whole number that rounding error moves.
- nothing left: bounds that cross instead of a matrix that the solver proves infeasible.
- all points: a bound that cuts off a point in whole numbers, where coefficients, senses and bounds are drawn by lot.
- cities: a plan that is lost, a better one that was not there, or one where there is none; rules of a city that reach
  no bound; a bound of a column that is not whole moved.
- decomposition: a search that loses the plan of such a city, calls a dearer one the best, or bounds it too high.
- seed: a first point that keeps more than whole numbers can, and would pass for the best of the relaxation.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import numpy as np
import pytest
from oracles.test_invariants import alike, grid_of, matrix_of, town
from scipy.sparse import csc_array

from heatnet.formulation.case import Case
from heatnet.solve import Limits, contradicted, find_solver
from solvers.highs import Session
from solvers.matrix import Array, Matrix
from solvers.parts import core_part
from solvers.seed import CoarseCity
from solvers.tightening import tightened

INF = np.inf
HALF = {"id": "half", "select": [{"kinds": ("extraction",)}], "min_share": 0.5, "by_year": 2025}
Rows = list[tuple[float, Sequence[float], float]]


def problem(
    rows: Rows,
    bounds: Sequence[tuple[float, float]],
    whole: Sequence[bool] | None = None,
) -> Matrix:
    """A matrix from rows (least, coefficients, most) and bounds of columns, all whole if not told otherwise."""
    entries = csc_array(np.array([row for _, row, _ in rows], dtype=float))
    return Matrix(
        cost=np.zeros(len(bounds)),
        offset=0.0,
        low=np.array([low for low, _ in bounds], dtype=float),
        up=np.array([up for _, up in bounds], dtype=float),
        row_low=np.array([low for low, _, _ in rows], dtype=float),
        row_up=np.array([up for _, _, up in rows], dtype=float),
        start=entries.indptr.astype(np.int32),
        index=entries.indices.astype(np.int32),
        value=entries.data,
        integer=np.ones(len(bounds), dtype=np.bool_) if whole is None else np.array(whole, dtype=np.bool_),
        columns=tuple(range(len(bounds))),
        rows=tuple(range(len(rows))),
    )


def bounds_of(matrix: Matrix) -> list[tuple[float, float]]:
    """Bounds of the columns."""
    return list(zip(matrix.low.tolist(), matrix.up.tolist(), strict=True))


def test_group() -> None:
    """Sets of 60 MW leave as one, two of them or none, and 100 MW may stay: one of two could, so none does.

    Boilers of the same group, five or none, follow.
    """
    stays, sets, boilers = (0, 1), (0, 2), (0, 5)
    rows: Rows = [(0, [-2, 1, 0], 0), (0, [-5, 0, 1], 0), (-INF, [0, 60, 0], 100)]
    assert bounds_of(tightened(problem(rows, [stays, sets, boilers]))) == [(0, 0), (0, 0), (0, 0)]


def test_signs() -> None:
    """x + 2 y ≥ 7 and x ≤ 4 make y at least 1.5; 3 y − z ≤ 5 makes z at least 1, and 11 at most y 5.33.

    u, without a bound above, has one from u + x ≤ 6, and gives none.
    """
    rows: Rows = [(7, [1, 2, 0, 0], INF), (-INF, [0, 3, -1, 0], 5), (-INF, [1, 0, 0, 1], 6), (-3, [0, 0, 1, 1], INF)]
    found = bounds_of(tightened(problem(rows, [(0, 4), (0, 9), (0, 11), (0, INF)])))
    assert found == [(0, 4), (2, 5), (1, 11), (0, 6)]


def test_not_whole() -> None:
    """x + y ≤ 2.5 says nothing where y is not whole; 0.1 x = 0.3 is 3, though 0.3 / 0.1 is a little less."""
    rows: Rows = [(-INF, [1, 1, 0], 2.5), (0.3, [0, 0, 0.1], 0.3)]
    assert bounds_of(tightened(problem(rows, [(0, 9)] * 3, [True, False, True]))) == [(0, 9), (0, 9), (3, 3)]
    assert bounds_of(tightened(problem(rows, [(0, 9)] * 3))) == [(0, 2), (0, 2), (3, 3)]


def test_nothing_left() -> None:
    """2 x = 3 holds for no whole x: the matrix is as it was."""
    given = problem([(3, [2], 3)], [(0, 9)])
    assert tightened(given) is given


@pytest.mark.parametrize("seed", range(200))
def test_all_points(seed: int) -> None:
    """Four columns and four rows: every point that fits the rows is within the new bounds."""
    draw = random.Random(seed)
    bounds = [(low, low + draw.randint(0, 4)) for low in (draw.randint(-2, 2) for _ in range(4))]
    known = np.array([draw.randint(low, up) for low, up in bounds])  # fits, so that there is something to lose
    rows: Rows = []
    for _ in range(4):
        row = [draw.choice([0, 0, 1, -1, 2, 60, -3.5, 0.7]) for _ in range(4)]
        value = float(np.dot(row, known))
        rows.append((draw.choice([-INF, value, value - 0.3]), row, draw.choice([INF, value, value + 1.2])))
    given = problem(rows, bounds)
    new = tightened(given)
    assert (new.low >= given.low).all()
    assert (new.up <= given.up).all()
    entries = given.sparse().toarray()

    def fits(x: Array) -> bool:
        values = entries @ x
        return bool((values >= given.row_low - 1e-9).all() and (values <= given.row_up + 1e-9).all())

    points = [x for x in itertools.product(*(range(low, up + 1) for low, up in bounds)) if fits(np.array(x))]
    assert tuple(known.tolist()) in points
    for x in points:
        assert (new.low <= np.array(x)).all()
        assert (np.array(x) <= new.up).all()


@pytest.mark.parametrize("seed", range(12))
def test_cities(seed: int) -> None:
    """Half of the sets must leave: the optimal plan of the city is within new bounds, and no other one is better.

    Of one set none stays, of two or three one does, and none where they are a group.
    """
    given = matrix_of(town(seed, rules=[HALF]))
    new = tightened(given)
    whole = given.integer
    assert (new.up < given.up).any()
    assert (new.low[~whole] == given.low[~whole]).all()
    assert (new.up[~whole] == given.up[~whole]).all()
    before, after = (
        Session(Limits(gap=0.0, threads=1), lambda progress: None).solve("plan", matrix) for matrix in (given, new)
    )
    assert before.status == after.status
    if before.x is None:  # a group that must leave before its pipe can be laid
        return
    numbers = np.round(before.x[whole])
    assert (new.low[whole] <= numbers).all()
    assert (numbers <= new.up[whole]).all()
    assert before.cost is not None
    assert after.cost is not None
    assert alike(before.cost, after.cost)


@pytest.mark.parametrize("seed", [0, 1, 2, 8, 9, 10])
def test_decomposition(seed: int) -> None:
    """The cost and the bound of the one big model, from a core with the new bounds."""
    instance = town(seed, rules=[HALF])
    limits = Limits(gap=0.005, threads=1, time_s=120.0)
    split, whole = (
        find_solver(name).solve(grid_of(instance), limits=limits, observer=lambda progress: None)
        for name in ("decomposition", "plain")
    )
    assert split.solution is not None
    assert split.cost is not None
    assert split.bound is not None
    assert whole.cost is not None
    assert whole.bound is not None
    assert not contradicted(split.cost, whole.bound)
    assert not contradicted(whole.cost, split.bound)


@pytest.mark.parametrize("number", [0, 1, 2, 5])
def test_seed(number: int) -> None:
    """The point of the coarse city is within the new bounds of the core."""
    instance = town(number, rules=[HALF])
    part = core_part(Case(instance, grid_of(instance)))
    assert part.matrix is not None
    coarse, new = CoarseCity.of(part), tightened(part.matrix)
    assert coarse is not None
    first = coarse.first_point(Session(Limits(threads=1), lambda progress: None), lambda: None)
    assert first is not None
    assert (first.x >= new.low - 1e-6).all()
    assert (first.x <= new.up + 1e-6).all()
