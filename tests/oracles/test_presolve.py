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
from solvers.highs import Outcome, Session
from solvers.matrix import Matrix

CITIES = 200 if NIGHT else 20
FEASIBLE = 1e-6
"""What HiGHS allows a point to be off, in the unit of the row or column."""


def solved(matrix: Matrix, gap: float, *, presolve: bool) -> Outcome:
    """The answer to a matrix, one way or the other."""
    session = Session(Limits(gap=gap, threads=1), lambda progress: None, presolve=presolve)
    return session.solve("presolve" if presolve else "no presolve", matrix)


def assert_stands(matrix: Matrix, answer: Outcome) -> None:
    """The point of an answer is one of the matrix, and costs what is told."""
    x = answer.x
    assert x is not None
    rows = matrix.sparse() @ x
    off = (matrix.row_low - rows, rows - matrix.row_up, matrix.low - x, x - matrix.up)
    assert max(float(part.max()) for part in off) <= 2 * FEASIBLE
    assert np.abs(x - np.round(x))[matrix.integer].max(initial=0.0) <= FEASIBLE
    assert answer.cost == pytest.approx(float(matrix.cost @ x) + matrix.offset, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("seed", range(CITIES))
def test_presolve(seed: int) -> None:
    """Two ways to the same cost; at a gap, neither's bound is above the other's plan, and the optimum is between."""
    matrix = matrix_of(town(seed))
    exact = []
    for gap in (0.0, 0.05):
        ways = [solved(matrix, gap, presolve=presolve) for presolve in (True, False)]
        for one, other in (ways, ways[::-1]):
            assert one.status == "optimal"
            assert_stands(matrix, one)
            assert one.bound is not None
            assert one.cost is not None
            assert other.cost is not None
            assert one.bound <= other.cost + SLACK
            assert one.cost - one.bound <= gap * abs(one.cost) + SLACK
        if gap == 0.0:
            exact = [way.cost for way in ways if way.cost is not None]
            assert alike(*exact)
        for way in ways:
            assert way.bound is not None
            assert way.cost is not None
            assert way.bound - SLACK <= exact[0] <= way.cost + SLACK


@pytest.mark.parametrize(("presolve", "line"), [(True, "Presolving model"), (False, "Presolve is switched off")])
def test_option(presolve: bool, line: str, tmp_path: Path) -> None:
    """HiGHS says in its log which of the two ways it took."""
    log = tmp_path / "highs.log"
    session = Session(Limits(threads=1), lambda progress: None, log_file=log, presolve=presolve)
    session.solve("log", matrix_of(town(1)))
    assert line in log.read_text(encoding="utf-8").splitlines()
