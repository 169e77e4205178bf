"""HiGHS with presolve and without, on generated cities: the same optimum, and bounds that hold for each other's plan.

Presolve rewrites the model before it is searched, and turns the plan found back into one of the model. Both are code
that nothing of heatnet's own arithmetic sees, and both runs share little else. 20 cities run with the other tests, 200
where the environment variable HEATNET_NIGHT is set, each to a gap of 0 and to one of 5 %.

Sensitivity. Without each of these would go unnoticed:
- status: a city that is called infeasible, or is given up, on one of the two ways.
- plan: a cost that is told of a point that breaks rows, bounds or whole numbers, or that the point does not have.
- bounds: a bound above what a plan of the other way costs, that is a false one.
- cost: an optimum that only one of the ways finds.
- option: a session that presolves all the same; all of the above would compare a way with itself.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import NIGHT
from oracles.test_invariants import SLACK, alike, matrix_of, town

from heatnet.solve import Limits
from solvers.highs import Outcome, Session, solve_fixed
from solvers.matrix import Matrix

CITIES = 200 if NIGHT else 20
FEASIBLE = 1e-6
"""What HiGHS allows a point to be off, in the unit of the row or column."""


def solved(matrix: Matrix, gap: float, *, presolve: bool) -> Outcome:
    """The answer to a matrix, one way or the other."""
    session = Session(Limits(gap=gap, threads=1), lambda progress: None, presolve=presolve)
    return session.solve("presolve" if presolve else "no presolve", matrix)


def price(matrix: Matrix, answer: Outcome) -> float:
    """What the plan of an answer costs in whole numbers: being off by 1e-6 in a dear one saves more than `SLACK`.

    The point of the answer is one of the matrix, costs what is told, and about as much in whole numbers.
    """
    x = answer.x
    assert x is not None
    assert answer.cost is not None
    rows = matrix.sparse() @ x
    off = (matrix.row_low - rows, rows - matrix.row_up, matrix.low - x, x - matrix.up)
    assert max(float(part.max()) for part in off) <= 2 * FEASIBLE
    assert np.abs(x - np.round(x))[matrix.integer].max(initial=0.0) <= FEASIBLE
    assert answer.cost == pytest.approx(float(matrix.cost @ x) + matrix.offset, rel=1e-9, abs=1e-9)
    whole, _ = solve_fixed(matrix, x, Limits(threads=1))
    assert whole.cost is not None
    assert whole.cost <= answer.cost + SLACK + 1e-5 * abs(answer.cost)
    return whole.cost


@pytest.mark.parametrize("seed", range(CITIES))
def test_presolve(seed: int) -> None:
    """Two ways to the same cost; at a gap, neither's bound is above the other's plan, and the optimum is between."""
    matrix = matrix_of(town(seed))
    exact = None
    for gap in (0.0, 0.05):
        ways = [solved(matrix, gap, presolve=presolve) for presolve in (True, False)]
        assert [way.status for way in ways] == ["optimal", "optimal"]
        prices = [price(matrix, way) for way in ways]
        if exact is None:
            assert alike(*prices)
            exact = prices[0]
        for way, other in zip(ways, reversed(prices), strict=True):
            assert way.bound is not None
            assert way.cost is not None
            assert way.bound <= other + SLACK
            assert way.cost - way.bound <= gap * abs(way.cost) + SLACK
            assert way.bound - SLACK <= exact <= other + SLACK


@pytest.mark.parametrize(("presolve", "line"), [(True, "Presolving model"), (False, "Presolve is switched off")])
def test_option(presolve: bool, line: str, tmp_path: Path) -> None:
    """HiGHS says in its log which of the two ways it took."""
    log = tmp_path / "highs.log"
    session = Session(Limits(threads=1), lambda progress: None, log_file=log, presolve=presolve)
    session.solve("log", matrix_of(town(1)))
    assert line in log.read_text(encoding="utf-8").splitlines()
