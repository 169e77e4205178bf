"""Rows and columns in numbers, many at once: a model written as arrays rather than as expressions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array

from solvers.matrix import Array, Matrix

Columns = npt.NDArray[np.int64]
"""Numbers of columns, −1 where there is none."""

NO_COLUMN = -1


class Sheet:
    """A matrix that grows by blocks of columns and blocks of rows; `column_blocks` and `row_blocks` say which."""

    def __init__(self) -> None:
        self.offset = 0.0
        self.column_blocks: list[Columns] = []
        self.row_blocks: list[Columns] = []
        self._columns: list[tuple[Array, Array, Array, bool]] = []
        self._width = 0
        self._rows: list[tuple[Array, Array]] = []
        self._height = 0
        self._entries: list[tuple[Columns, Columns, Array]] = []

    def columns(
        self, number: int, *, up: Array | float = np.inf, cost: Array | float = 0.0, whole: bool = False
    ) -> Columns:
        """New columns, from 0 on."""
        up, cost = (np.broadcast_to(np.asarray(part, dtype=np.float64), (number,)) for part in (up, cost))
        self._columns.append((np.zeros(number), up, cost, whole))
        self._width += number
        self.column_blocks.append(np.arange(self._width - number, self._width))
        return self.column_blocks[-1]

    def rows(
        self, number: int, terms: Sequence[tuple[Columns, Array | float]], low: Array | float, up: Array | float
    ) -> Columns:
        """New rows: low ≤ Σ factor · column ≤ up, one term for each pair; columns that are not there count as 0."""
        low, up = (np.broadcast_to(np.asarray(part, dtype=np.float64), (number,)) for part in (low, up))
        self._rows.append((low, up))
        self._height += number
        rows = np.arange(self._height - number, self._height)
        self.row_blocks.append(rows)
        for columns, factor in terms:
            self._entries.append((rows, columns, np.broadcast_to(np.asarray(factor, dtype=np.float64), (number,))))
        return rows

    def one_row(self, terms: Sequence[tuple[Columns, Array | float]], low: float, up: float) -> Columns:
        """One new row: low ≤ Σ over all columns of all terms of factor · column ≤ up."""
        row = self.rows(1, [], low, up)
        for columns, factor in terms:
            values = np.broadcast_to(np.asarray(factor, dtype=np.float64), columns.shape)
            self._entries.append((np.repeat(row, len(columns)), columns, values))
        return row

    def matrix(self) -> Matrix:
        """What has been written."""
        low, up, cost = (np.concatenate([part[k] for part in self._columns]) for k in range(3))
        whole = np.concatenate([np.full(len(part[0]), part[3]) for part in self._columns])
        row_low, row_up = (np.concatenate([part[k] for part in self._rows]) for k in range(2))
        i, j, a = (np.concatenate([part[k] for part in self._entries]) for k in range(3))
        there = (j != NO_COLUMN) & (a != 0.0)
        entries = coo_array((a[there], (i[there], j[there])), shape=(self._height, self._width)).tocsc()
        entries.sum_duplicates()
        return Matrix(
            cost=cost,
            offset=self.offset,
            low=low,
            up=up,
            row_low=row_low,
            row_up=row_up,
            start=entries.indptr.astype(np.int32),
            index=entries.indices.astype(np.int32),
            value=entries.data,
            integer=whole,
            columns=(),
            rows=(),
        )
