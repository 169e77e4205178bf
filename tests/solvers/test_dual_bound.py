"""Bounds in our own arithmetic: true for every vector of duals, and tight for the right one.

Sensitivity:
- right duals: the rows or the columns left out, or a sign turned, would miss 9 by 3 or more.
- any duals: a bound that trusts its duals would be above the optimum for some of them.
- no bound: a column that may grow without end, counted as 0, would give a bound where there is none.
- implied bounds: without them the bound of the free column is lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from heatnet.solve import Limits
from solvers.dual_bound import implied_bounds, safe_bound
from solvers.highs import duals
from solvers.matrix import Matrix


def problem(a: Any, row_low: Any, row_up: Any, cost: Any, low: Any, up: Any, offset: float = 0.0) -> Matrix:
    """A matrix without whole numbers from a full array."""
    a = np.asarray(a, dtype=np.float64)
    rows, columns = a.shape
    full = [np.asarray(values, dtype=np.float64) for values in (cost, low, up, row_low, row_up)]
    return Matrix(
        cost=full[0],
        offset=offset,
        low=full[1],
        up=full[2],
        row_low=full[3],
        row_up=full[4],
        start=np.arange(0, rows * columns + 1, rows, dtype=np.int32),
        index=np.tile(np.arange(rows, dtype=np.int32), columns),
        value=a.T.ravel().copy(),
        integer=np.zeros(columns, dtype=bool),
        columns=(),
        rows=(),
    )


INF = np.inf
SMALL = problem([[1, 1], [1, 0]], [4, -INF], [INF, 3], [2, 3], [0, 0], [INF, INF], offset=1.0)
"""min 2x + 3y + 1, x + y ≥ 4, x ≤ 3: x = 3, y = 1, cost 10; duals 3 and −1."""


def test_right_duals() -> None:
    """The duals of the optimum give its cost, a hair below."""
    bound = safe_bound(SMALL, np.array([3.0, -1.0]))
    assert bound == pytest.approx(10.0, abs=1e-6)
    assert bound <= 10.0
    found = duals(SMALL, Limits())
    assert found is not None
    assert safe_bound(SMALL, found) == pytest.approx(10.0, abs=1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_any_duals(seed: int) -> None:
    """Whatever the duals, the bound is not above the optimum, which another program finds."""
    draw = np.random.default_rng(seed)
    a = draw.integers(-3, 4, (4, 5)).astype(float)
    x = draw.integers(0, 4, 5).astype(float)
    low, up = np.zeros(5), np.where(draw.random(5) < 0.5, INF, 6.0)
    row_low, row_up = a @ x - draw.integers(0, 2, 4), a @ x + draw.integers(0, 3, 4)
    cost = draw.integers(1, 6, 5).astype(float)  # where nothing bounds a column, only its own cost leaves slack
    matrix = problem(a, row_low, row_up, cost, low, up)
    best = linprog(cost, np.vstack([a, -a]), np.concatenate([row_up, -row_low]), bounds=list(zip(low, up, strict=True)))
    for scale in (0.0, 0.5, 2.0, 1e6):
        assert safe_bound(matrix, scale * draw.normal(size=4)) <= best.fun + 1e-9
    own = duals(matrix, Limits())
    assert own is not None
    assert best.fun - 1e-5 <= safe_bound(matrix, own) <= best.fun + 1e-9


def test_no_bound() -> None:
    """A column that lowers the cost without end leaves no bound."""
    free = problem([[1, 0]], [0], [1], [1, -1], [0, 0], [1, INF])
    assert safe_bound(free, np.zeros(1)) == -INF


def test_implied_bounds() -> None:
    """Rows give bounds to columns that have none: x + 2y ≤ 6 with both from 0: 6 and 3; −z ≥ −4: 4."""
    matrix = problem([[1, 2, 0], [0, 0, -1]], [-INF, -4], [6, INF], [0, 0, 0], [0, 0, 0], [INF, INF, INF])
    low, up = implied_bounds(matrix)
    assert up == pytest.approx([6, 3, 4], abs=1e-4)
    assert (up >= [6, 3, 4]).all()
    assert low == pytest.approx([0, 0, 0])
