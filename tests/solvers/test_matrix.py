"""From a Pyomo model to arrays, by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from scipy.sparse import csr_array

from heatnet.errors import SolverError
from solvers.matrix import Array, Matrix, compile_model


def small() -> Any:
    """min 2 x + 3 y + 5, x + y ≥ 4, x − 2 y = 1 + z, x ≤ 7 whole from 0 to 10, y from −1, z fixed at 2."""
    model = pyo.ConcreteModel()
    model.x = pyo.Var(domain=pyo.Integers, bounds=(0, 10))
    model.y = pyo.Var(bounds=(-1, None))
    model.z = pyo.Var()
    model.z.fix(2)
    model.unused = pyo.Var()
    model.enough = pyo.Constraint(expr=model.x + model.y >= 4)
    model.tied = pyo.Constraint(expr=model.x - 2 * model.y == 1 + model.z)
    model.most = pyo.Constraint(expr=model.x + 0.5 * model.y <= 7)
    model.cost = pyo.Objective(expr=2 * model.x + 3 * model.y + 5)
    return model


def compiled(model: Any) -> Matrix:
    matrix = compile_model(model)
    assert matrix is not None
    return matrix


def dense(matrix: Matrix) -> np.ndarray:
    """A as a full array."""
    full = np.zeros((len(matrix.row_low), len(matrix.low)))
    for column in range(len(matrix.low)):
        for k in range(matrix.start[column], matrix.start[column + 1]):
            full[matrix.index[k], column] += matrix.value[k]
    return full


def test_two_variables() -> None:
    """Proves: costs, offset, bounds, rows with their senses, whole columns; fixed and unused variables leave.

    Sensitivity: a fixed variable not moved to the right gives 1 instead of 3; a sense turned round a bound of ∞.
    """
    model = small()
    matrix = compiled(model)
    x, y = matrix.place[id(model.x)], matrix.place[id(model.y)]
    assert sorted((x, y)) == [0, 1]
    assert len(matrix.columns) == 2
    assert (matrix.cost[x], matrix.cost[y], matrix.offset) == (2, 3, 5)
    assert (matrix.low[x], matrix.up[x], matrix.low[y], matrix.up[y]) == (0, 10, -1, math.inf)
    assert (bool(matrix.integer[x]), bool(matrix.integer[y])) == (True, False)
    rows = {
        (row[x], row[y], low, up)
        for row, low, up in zip(dense(matrix).tolist(), matrix.row_low, matrix.row_up, strict=True)
    }
    assert rows == {(1, 1, 4, math.inf), (1, -2, 3, 3), (1, 0.5, -math.inf, 7)}
    assert matrix.size == {"rows": 3, "columns": 2, "integers": 1, "nonzeros": 6}
    assert matrix.range == (0.5, 2.0)


def test_load() -> None:
    """Proves: values go back to the variables of their columns. Sensitivity: exchanged, x would be 1.5."""
    model = small()
    matrix = compiled(model)
    values = np.zeros(2)
    values[matrix.place[id(model.x)]], values[matrix.place[id(model.y)]] = 6, 1.5
    matrix.load(values)
    assert (pyo.value(model.x), pyo.value(model.y), pyo.value(model.z)) == (6, 1.5, 2)
    assert pyo.value(model.cost) == 2 * 6 + 3 * 1.5 + 5


def test_binary_and_blocks() -> None:
    """Proves: binaries are whole from 0 to 1, and variables in blocks have columns. Sensitivity: a relaxed binary."""
    model = pyo.ConcreteModel()
    model.part = pyo.Block([1, 2])
    for k in (1, 2):
        model.part[k].b = pyo.Var(domain=pyo.Binary)
    model.row = pyo.Constraint(expr=model.part[1].b + model.part[2].b >= 1)
    model.cost = pyo.Objective(expr=model.part[1].b + 2 * model.part[2].b)
    matrix = compiled(model)
    assert matrix.integer.tolist() == [True, True]
    assert (matrix.low.tolist(), matrix.up.tolist()) == ([0, 0], [1, 1])


def test_range_row() -> None:
    """Proves: a row with two sides keeps both, as one row or two. Sensitivity: one side lost would be infinite."""
    model = pyo.ConcreteModel()
    model.x, model.y = pyo.Var(), pyo.Var()
    model.row = pyo.Constraint(expr=pyo.inequality(1, model.x + model.y, 3))
    model.cost = pyo.Objective(expr=model.x)
    matrix = compiled(model)
    assert (matrix.row_low.max(), matrix.row_up.min()) == (1, 3)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("where", ["coefficient", "cost", "right"])
def test_not_finite(where: str, bad: float) -> None:
    """Proves: a number that is not finite is refused. Sensitivity: HiGHS would solve it and say "optimal"."""
    model = small()
    if where == "coefficient":
        model.bad = pyo.Constraint(expr=bad * model.x + model.y >= 1)
    elif where == "cost":
        model.cost.set_value(bad * model.x + model.y)
    else:
        model.bad = pyo.Constraint(expr=model.x + model.y - bad == 0)
    with pytest.raises((SolverError, ValueError)) as caught:
        compile_model(model)
    assert caught.type is SolverError, f"{caught.type.__name__} instead of SolverError: {caught.value}"


def test_row_without_variables() -> None:
    """Proves: a row without variables is nothing where it holds, and means "infeasible" (None) where it cannot.

    Sensitivity: as an exception it would end the program; dropped, the model would be solved without it.
    """
    model = small()
    model.fine = pyo.Constraint(expr=model.z * 1.0 <= 2)
    assert compiled(model).size["rows"] == 3
    model.broken = pyo.Constraint(expr=model.z * 1.0 <= 1)
    assert compile_model(model) is None


def test_without_rows() -> None:
    """Rows are dropped with their bounds and their coefficients; columns, cost and the other rows stay as they are.

    x + 2y ≥ 3, 4x ≤ 5, 6y ≥ 7 without the second: coefficients 1 for x, 2 and 6 for y.
    """
    model = pyo.ConcreteModel()
    model.x, model.y = pyo.Var(bounds=(0, 9)), pyo.Var(bounds=(0, 9))
    model.rows = pyo.ConstraintList()
    for row in (model.x + 2 * model.y >= 3, 4 * model.x <= 5, 6 * model.y >= 7):
        model.rows.add(row)
    model.cost = pyo.Objective(expr=model.x + model.y)
    matrix = compile_model(model)
    assert matrix is not None
    dropped = np.array([row.name == "rows[2]" for row in matrix.rows])
    assert dropped.sum() == 1
    rest = matrix.without_rows(dropped)
    assert sorted(zip([row.name for row in rest.rows], rest.row_low, strict=True)) == [
        ("rows[1]", 3.0),
        ("rows[3]", 7.0),
    ]
    assert rest.size == {"rows": 2, "columns": 2, "integers": 0, "nonzeros": 3}
    by_column = {v.name: list(rest.value[rest.start[k] : rest.start[k + 1]]) for k, v in enumerate(rest.columns)}
    assert by_column == {"x": [1.0], "y": [2.0, 6.0]}
    assert matrix.size["rows"] == 3


def three() -> tuple[Matrix, Any]:
    """A matrix of x whole in 0 to 10, y whole in 0 to 20, z in 0 to 30, and a function that puts x, y, z in order."""
    model = pyo.ConcreteModel()
    model.x = pyo.Var(domain=pyo.Integers, bounds=(0, 10))
    model.y = pyo.Var(domain=pyo.Integers, bounds=(0, 20))
    model.z = pyo.Var(bounds=(0, 30))
    model.row = pyo.Constraint(expr=model.x + 2 * model.y + 4 * model.z >= 3)
    model.cost = pyo.Objective(expr=model.x + model.y + model.z)
    matrix = compiled(model)
    places = [matrix.place[id(variable)] for variable in (model.x, model.y, model.z)]

    def ordered(values: Any) -> list[Any]:
        return [values.tolist()[place] for place in places]

    return matrix, ordered


def column(ordered: Any, number: int) -> int:
    """Where x (0), y (1) or z (2) stands in the matrix."""
    return int(ordered(np.arange(3))[number])


def test_fixed() -> None:
    """Columns are held at values, within their bounds or not, by number, by mask, or none; the others keep theirs.

    Sensitivity: values given to the wrong columns change the bounds of z; a matrix changed in place shows in its own.
    """
    matrix, ordered = three()
    x, y, z = (column(ordered, k) for k in range(3))
    held = matrix.fixed([x, y], [4.0, 25.0])
    assert (ordered(held.low), ordered(held.up)) == ([4, 25, 0], [4, 25, 30])
    assert ordered(held.integer) == [True, True, False]
    assert (ordered(matrix.low), ordered(matrix.up)) == ([0, 0, 0], [10, 20, 30])
    none = matrix.fixed([], [])
    assert (ordered(none.low), ordered(none.up)) == ([0, 0, 0], [10, 20, 30])
    last = matrix.fixed(np.arange(3) == z, np.array([7.5]))
    assert (ordered(last.low), ordered(last.up)) == ([0, 0, 7.5], [10, 20, 7.5])


def test_whole_and_relaxed() -> None:
    """Only the columns named are whole, or none; a column may become whole; bounds stay.

    Sensitivity: integers added to those there would leave x whole; bounds changed would cut the relaxation.
    """
    matrix, ordered = three()
    y, z = column(ordered, 1), column(ordered, 2)
    assert ordered(matrix.whole(np.array([y], dtype=np.int32)).integer) == [False, True, False]
    assert ordered(matrix.whole([y, z]).integer) == [False, True, True]
    assert ordered(matrix.whole([]).integer) == [False, False, False]
    eased = matrix.relaxed()
    assert ordered(eased.integer) == [False, False, False]
    assert ordered(eased.up) == [10, 20, 30]
    assert ordered(matrix.integer) == [True, True, False]


def test_left_at() -> None:
    """The integer columns are held where the point has them, not rounded, and nothing is whole; z stays free.

    Sensitivity: rounded, x would be 2; z held, its bounds would be 9; left whole, x at 2.5 would be infeasible.
    """
    matrix, ordered = three()
    point: Array = np.zeros(3)
    point[[column(ordered, k) for k in range(3)]] = (2.5, 6, 9)
    left = matrix.left_at(point)
    assert (ordered(left.low), ordered(left.up)) == ([2.5, 6, 0], [2.5, 6, 30])
    assert not left.integer.any()


def test_with_rows() -> None:
    """Rows come below those there, with their bounds, and the first row stays; they have no constraint behind them.

    Sensitivity: entries not in the order of columns and rows, A would be another matrix than x + 2y + 4z and 5z.
    """
    matrix, ordered = three()
    more = np.zeros((1, 3))
    more[0, column(ordered, 2)] = 5
    longer = matrix.with_rows(csr_array(more), np.array([-1.0]), np.array([8.0]))
    assert [ordered(row) for row in dense(longer)] == [[1, 2, 4], [0, 0, 5]]
    assert (longer.row_low.tolist(), longer.row_up.tolist()) == ([3, -1], [math.inf, 8])
    assert longer.rows[1] is None
    assert matrix.size["rows"] == 1


def test_without_fixed() -> None:
    """x = 3: 2 · 3 + 5 = 11 is left to pay, y ≥ 1, −2 y = 0, y / 2 ≤ 4; y fixed too at 0, nothing but y ≥ 1 broken.

    Sensitivity: a cost, a bound or a row that forgets what was fixed; a row that nothing can mend left out in silence.
    """
    matrix = compiled(small())
    x = [v.local_name for v in matrix.columns].index("x")
    smaller, left = matrix.fixed([x], [3.0]).without_fixed()
    assert left.tolist() == [1 - x]
    assert (smaller.offset, smaller.cost.tolist()) == (11.0, [3.0])
    assert dense(smaller).ravel().tolist() == [1.0, -2.0, 0.5]
    assert smaller.row_low.tolist() == [1.0, 0.0, -math.inf]
    assert smaller.row_up.tolist() == [math.inf, 0.0, 4.0]
    assert [row.local_name for row in smaller.rows] == ["enough", "tied", "most"]
    none, left = matrix.fixed([x, 1 - x], [3.0, 0.0]).without_fixed()
    assert left.tolist() == []
    assert [row.local_name for row in none.rows] == ["enough"]
    assert (none.row_low.tolist(), none.row_up.tolist()) == ([1.0], [math.inf])
