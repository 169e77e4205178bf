"""Which contingencies are in a problem, by hand on three rows and three columns.

Sensitivity, test by test:
- left out: a row of no contingency taken for one would leave the problem.
- activate: contingencies that are there already told as new, a search would never see that a proof put none back.
- in all stages: a loss that is put in for one stage only, or for one stage of another loss.
- rows: the rows of another contingency, or without their bounds, would enter the LPs that are loaded.
- broken: a column without cost is no guarantee that is missed; 1e-7 MW is rounding; one that is active is not new.
"""

from __future__ import annotations

import numpy as np
import pytest

from solvers.contingencies import Contingencies
from solvers.matrix import Matrix

NONE = -1


@pytest.fixture
def town() -> Contingencies:
    """Rows of no contingency, of 0 and of 1; columns: flow of no contingency, what is missing in 0 and in 1.

    flow ≥ 2; flow + missing in 0 ≥ 5; flow + missing in 1 ≥ 7. All cost 3 but what is missing in 1.
    """
    matrix = Matrix(
        cost=np.array([3.0, 3.0, 0.0]),
        offset=0.0,
        low=np.zeros(3),
        up=np.full(3, 9.0),
        row_low=np.array([2.0, 5.0, 7.0]),
        row_up=np.full(3, np.inf),
        start=np.array([0, 3, 4, 5], dtype=np.int32),
        index=np.array([0, 1, 2, 1, 2], dtype=np.int32),
        value=np.ones(5),
        integer=np.zeros(3, dtype=np.bool_),
        columns=("flow", "missing 0", "missing 1"),
        rows=("least", "row 0", "row 1"),
    )
    numbers = np.array([NONE, 0, 1], dtype=np.int32)
    return Contingencies(matrix, 1, numbers, numbers)


def test_left_out(town: Contingencies) -> None:
    assert town.left_out == {0, 1}
    assert town.problem().rows == ("least",)
    town.activate({1})
    assert town.left_out == {0}
    assert town.problem().rows == ("least", "row 1")
    assert town.problem().sparse().toarray().tolist() == [[1, 0, 0], [1, 0, 1]]
    town.activate({0})
    assert town.left_out == set()
    assert town.problem().rows == ("least", "row 0", "row 1")


def test_activate(town: Contingencies) -> None:
    assert town.activate([1, 1]) == {1}
    assert town.activate([0, 1]) == {0}
    assert town.activate([0, 1]) == set()


def test_rows(town: Contingencies) -> None:
    rows, low, up = town.rows({1})
    assert rows.toarray().tolist() == [[1, 0, 1]]
    assert (low.tolist(), up.tolist()) == ([7], [np.inf])


def test_broken(town: Contingencies) -> None:
    assert town.broken(np.array([9.0, 0.5, 4.0])) == {0}
    assert town.broken(np.array([9.0, 1e-7, 0.0])) == set()
    town.activate({0})
    assert town.broken(np.array([9.0, 0.5, 4.0])) == set()


def test_in_all_stages(town: Contingencies) -> None:
    """Of three stages, number 4 is the second loss in its middle stage."""
    three = Contingencies(town.matrix, 3, town.of_row, town.of_column)
    assert three.in_all_stages({4}) == {3, 4, 5}
    assert three.in_all_stages({0, 7}) == {0, 1, 2, 6, 7, 8}
