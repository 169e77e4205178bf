"""From a Pyomo model to flat arrays. The only file that imports pyomo.repn."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from pyomo.common.errors import InfeasibleConstraintException
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy.sparse import csc_array, csr_array, vstack

from heatnet.errors import SolverError

BROKEN = 1e-7
"""What a row without entries may miss its bounds by: the tolerance of HiGHS for a row."""

Array = npt.NDArray[np.float64]
Columns = npt.NDArray[np.int32] | npt.NDArray[np.bool_] | list[int]
"""Some columns: their numbers, or a mask."""


@dataclass(frozen=True)
class Matrix:
    """min c·x + offset, row_low ≤ A x ≤ row_up, low ≤ x ≤ up, x[integer] whole. A by columns.

    `columns` are the Pyomo variables behind x, fixed and unused ones not among them; `rows` the constraints behind A.
    """

    cost: Array
    offset: float
    low: Array
    up: Array
    row_low: Array
    row_up: Array
    start: npt.NDArray[np.int32]
    index: npt.NDArray[np.int32]
    value: Array
    integer: npt.NDArray[np.bool_]
    columns: tuple[Any, ...]
    rows: tuple[Any, ...]

    def without_rows(self, left_out: npt.NDArray[np.bool_]) -> Matrix:
        """The relaxation that is left when some rows are dropped; the columns stay."""
        keep = ~left_out
        return self.filled(
            self.sparse()[keep],
            row_low=self.row_low[keep],
            row_up=self.row_up[keep],
            rows=tuple(row for row, kept in zip(self.rows, keep, strict=True) if kept),
        )

    def with_rows(self, rows: csr_array, low: Array, up: Array) -> Matrix:
        """The matrix with more rows below its own; those have no Pyomo constraint behind them."""
        return self.filled(
            csc_array(vstack([self.sparse(), rows], format="csc")),
            row_low=np.concatenate([self.row_low, low]),
            row_up=np.concatenate([self.row_up, up]),
            rows=(*self.rows, *[None] * len(low)),
        )

    def filled(self, entries: csc_array, **other: Any) -> Matrix:
        """The matrix with these entries as A, and the other fields that change with it. Sorts the entries."""
        entries.sort_indices()
        start, index = entries.indptr.astype(np.int32), entries.indices.astype(np.int32)
        return replace(self, start=start, index=index, value=entries.data, **other)

    def fixed(self, columns: Columns, values: Array | list[float]) -> Matrix:
        """The restriction in which some columns have these values, within their bounds or not."""
        low, up = self.low.copy(), self.up.copy()
        low[columns] = up[columns] = values
        return replace(self, low=low, up=up)

    def without_fixed(self) -> tuple[Matrix, npt.NDArray[np.intp]]:
        """The same without the columns that have one value and the rows that these leave empty; the columns left."""
        fixed, entries = self.low == self.up, self.sparse()
        told = entries[:, fixed] @ self.low[fixed]
        left = csc_array(entries[:, ~fixed])
        row_low, row_up = self.row_low - told, self.row_up - told
        broken = (row_low > BROKEN) | (row_up < -BROKEN)
        rows = (np.bincount(left.indices, minlength=len(told)) > 0) | broken
        smaller = self.filled(
            csc_array(left[rows]),
            cost=self.cost[~fixed],
            offset=self.offset + float(self.cost[fixed] @ self.low[fixed]),
            low=self.low[~fixed],
            up=self.up[~fixed],
            row_low=row_low[rows],
            row_up=row_up[rows],
            integer=self.integer[~fixed],
            columns=tuple(itertools.compress(self.columns, ~fixed)),
            rows=tuple(itertools.compress(self.rows, rows)),
        )
        return smaller, np.flatnonzero(~fixed)

    def whole(self, columns: Columns) -> Matrix:
        """The same with these columns whole and no others."""
        integer = np.zeros_like(self.integer)
        integer[columns] = True
        return replace(self, integer=integer)

    def relaxed(self) -> Matrix:
        """The LP relaxation."""
        return replace(self, integer=np.zeros_like(self.integer))

    def left_at(self, x: Array) -> Matrix:
        """The LP that is left when the integer columns have the values of a point."""
        return self.fixed(self.integer, x[self.integer]).relaxed()

    def sparse(self) -> csc_array:
        """A as a sparse array by columns."""
        return csc_array((self.value, self.index, self.start), shape=(len(self.row_low), len(self.low)))

    @property
    def size(self) -> dict[str, int]:
        """Rows, columns, integers and non-zeros."""
        return {
            "rows": len(self.row_low),
            "columns": len(self.low),
            "integers": int(self.integer.sum()),
            "nonzeros": len(self.value),
        }

    @property
    def range(self) -> tuple[float, float]:
        """Smallest and largest absolute coefficient of A."""
        size = np.abs(self.value[self.value != 0.0])
        return (float(size.min()), float(size.max())) if len(size) else (1.0, 1.0)

    @property
    def place(self) -> dict[int, int]:
        """Column of each Pyomo variable, by the variable's `id()`."""
        return {id(variable): column for column, variable in enumerate(self.columns)}

    def columns_of(self, variables: Iterable[Any]) -> npt.NDArray[np.int32]:
        """Columns of some Pyomo variables, without those that are not in the matrix."""
        place = self.place
        return np.array([place[id(v)] for v in variables if id(v) in place], dtype=np.int32)

    def within(self, values: Iterable[tuple[int, float]]) -> list[tuple[int, float]]:
        """Of values by column those that its bounds allow; what was planned for another problem need not be."""
        return [(column, value) for column, value in values if self.low[column] <= value <= self.up[column]]

    def load(self, x: Array) -> None:
        """Give the Pyomo variables their values."""
        for variable, number in zip(self.columns, x.tolist(), strict=True):
            variable.set_value(number, skip_validation=True)


def compile_model(model: Any) -> Matrix | None:
    """Arrays of a Pyomo model with one objective to be minimised; None where a row without variables cannot hold.

    Raises SolverError when a number in the model is not finite: HiGHS would solve it and say "optimal".
    """
    try:
        form = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=None)
    except InfeasibleConstraintException:
        return None
    kind = np.array([row.bound_type for row in form.rows], dtype=np.int8)
    right = np.asarray(form.rhs, dtype=np.float64)
    variables = tuple(form.columns)
    cost = np.asarray(form.c.todense(), dtype=np.float64).ravel()
    low = np.array([-np.inf if v.lb is None else v.lb for v in variables], dtype=np.float64)
    up = np.array([np.inf if v.ub is None else v.ub for v in variables], dtype=np.float64)
    for numbers in (form.A.data, cost, right):
        if not np.isfinite(numbers).all():
            raise SolverError("the model has a coefficient that is not a finite number; nothing was solved.")
    if np.isnan(low).any() or np.isnan(up).any():
        raise SolverError("the model has a bound that is not a number; nothing was solved.")
    return Matrix(
        cost=cost,
        offset=float(form.c_offset[0]),
        low=low,
        up=up,
        row_low=np.where(kind == 1, -np.inf, right),
        row_up=np.where(kind == -1, np.inf, right),
        start=form.A.indptr.astype(np.int32),
        index=form.A.indices.astype(np.int32),
        value=np.asarray(form.A.data, dtype=np.float64),
        integer=np.array([v.is_integer() or v.is_binary() for v in variables], dtype=np.bool_),
        columns=variables,
        rows=tuple(row.constraint for row in form.rows),
    )
