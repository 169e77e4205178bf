"""The first plan of the decomposition, from the same city on coarse days, against the rows of the core.

Sensitivity. Without each of these would go unnoticed:
- plan: a point that is not whole, that breaks a row of the core (what a coarse day decides is given to the wrong days,
  a contingency that is left out is not paid for), or whose links are not those that its investment offers.
"""

from __future__ import annotations

import numpy as np
import pytest
from oracles.test_invariants import grid_of, town

from heatnet.formulation.case import Case
from heatnet.solve import Limits
from solvers.highs import Session
from solvers.parts import core_part
from solvers.seed import CoarseCity


@pytest.mark.parametrize("number", range(8))
def test_plan(number: int) -> None:
    """Whole, within the bounds of the core, and true to all its rows."""
    part = core_part(Case(instance := town(number), grid_of(instance)))
    coarse = CoarseCity.of(part)
    assert coarse is not None
    assert part.matrix is not None
    x = coarse.plan(Session(Limits(threads=1), lambda progress: None), lambda: None)
    assert x is not None
    matrix = part.matrix
    assert x[matrix.integer] == pytest.approx(np.round(x[matrix.integer]), abs=1e-5)
    assert (x >= matrix.low).all()
    assert (x <= matrix.up).all()
    rows = matrix.sparse() @ x
    assert (rows >= matrix.row_low - 1e-5 * (1 + np.abs(matrix.row_low))).all()
    assert (rows <= matrix.row_up + 1e-5 * (1 + np.abs(matrix.row_up))).all()
