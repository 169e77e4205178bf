"""Bounds of whole numbers that the rows among them leave.

Rules on what is kept and built are rows of whole numbers alone. That a group of machines leaves as one, and that most
machines of a kind leave, is together that a large group leaves; the LP relaxation keeps a part of it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.matrix import Matrix

TOLERANCE = 1e-6
"""What a row may be off in its own unit, and how far beside a whole number a bound still stands for it."""

MAX_ROUNDS = 50
"""Rounds after which the bounds are taken as they are: they hold after each."""


def tightened(matrix: Matrix) -> Matrix:
    """The same problem in whole numbers, its whole columns within what the rows of whole columns alone leave.

    In a row a·x ≤ r a column with a > 0 is at most (r − the least that the others come to) / a, rounded down; with
    a < 0 it is at least that, rounded up; and in a·x ≥ r the other way round. So every whole point that fits the rows
    and the old bounds is within the new ones, and only fractional points are lost. New bounds make others tighter:
    again until none moves. Where nothing is left, the matrix is as it was, and the proof is left to the solver.
    """
    entries = matrix.sparse().tocsr()
    entries.eliminate_zeros()
    chosen = np.flatnonzero(np.diff(entries[:, ~matrix.integer].indptr) == 0)
    rows = entries[chosen].tocoo()
    row, column, a = rows.row, rows.col, rows.data
    least, most = matrix.row_low[chosen][row] - TOLERANCE, matrix.row_up[chosen][row] + TOLERANCE
    low, up = matrix.low.copy(), matrix.up.copy()
    for _ in range(MAX_ROUNDS):
        ends = np.sort([a * low[column], a * up[column]], axis=0)
        sums = [np.bincount(row, end, len(chosen))[row] for end in ends]
        with np.errstate(invalid="ignore"):  # a column without a bound, less itself: no number, no new bound
            below, above = (least - (sums[1] - ends[1])) / a, (most - (sums[0] - ends[0])) / a
        before = low.copy(), up.copy()
        np.fmax.at(low, column, np.ceil(np.where(a > 0, below, above) - TOLERANCE))
        np.fmin.at(up, column, np.floor(np.where(a > 0, above, below) + TOLERANCE))
        if (low > up).any():
            return matrix
        if np.array_equal(before, (low, up)):
            break
    return replace(matrix, low=low, up=up)
