"""Rows and columns gathered in pieces, and the Matrix that they are in the end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csc_array

from solvers.design.problem import Array, Ints, Mask
from solvers.matrix import Matrix

Values = npt.ArrayLike


@dataclass
class Rows:
    """Rows and their entries, gathered in pieces."""

    number: int = 0
    low: list[Array] = field(default_factory=list)
    up: list[Array] = field(default_factory=list)
    entries: list[tuple[Ints, Ints, Array]] = field(default_factory=list)

    def open(self, count: int, low: Values, up: Values) -> Ints:
        """New rows, with their bounds."""
        self.low.append(np.broadcast_to(np.asarray(low, dtype=np.float64), (count,)))
        self.up.append(np.broadcast_to(np.asarray(up, dtype=np.float64), (count,)))
        self.number += count
        return np.arange(self.number - count, self.number)

    def put(self, row: Ints, column: Ints, value: Values) -> None:
        """Entries; those at one place add up."""
        values = np.broadcast_to(np.asarray(value, dtype=np.float64), row.shape)
        self.entries.append((row, column, values))


@dataclass
class Columns:
    """Columns with cost and bounds, gathered in pieces."""

    number: int = 0
    cost: list[Array] = field(default_factory=list)
    low: list[Array] = field(default_factory=list)
    up: list[Array] = field(default_factory=list)
    integer: list[Mask] = field(default_factory=list)

    def open(self, count: int, cost: Values, low: Values, up: Values, *, integer: bool = False) -> Ints:
        """New columns."""
        for pieces, value in ((self.cost, cost), (self.low, low), (self.up, up)):
            pieces.append(np.broadcast_to(np.asarray(value, dtype=np.float64), (count,)))
        self.integer.append(np.full(count, integer))
        self.number += count
        return np.arange(self.number - count, self.number)


def matrix_of(columns: Columns, rows: Rows, offset: float) -> Matrix:
    """Columns and rows as arrays; entries at one place added up, zeros left out."""
    row, column, value = (np.concatenate(part) for part in zip(*rows.entries, strict=True))
    entries = csc_array(coo_array((value, (row, column)), shape=(rows.number, columns.number)))
    entries.sum_duplicates()
    entries.eliminate_zeros()
    entries.sort_indices()
    return Matrix(
        cost=np.concatenate(columns.cost),
        offset=offset,
        low=np.concatenate(columns.low),
        up=np.concatenate(columns.up),
        row_low=np.concatenate(rows.low),
        row_up=np.concatenate(rows.up),
        start=entries.indptr.astype(np.int32),
        index=entries.indices.astype(np.int32),
        value=entries.data,
        integer=np.concatenate(columns.integer),
        columns=(),
        rows=(),
    )
