"""Columns that every plan cheaper than the best one leaves where they are: fixed by their reduced costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.dual_bound import WeakDuality
from solvers.matrix import Array, Matrix

SLACK = 1e-6
"""Share by which a new bound is wider than computed, of a column or its range; whole numbers are rounded after."""


def fixed(matrix: Matrix, duals: Array, cutoff: float) -> tuple[float, Matrix]:
    """A bound of the matrix, and the matrix in which columns have the bounds that points no dearer than `cutoff` keep.

    Proof. Weak duality gives k and g with cost ≥ k + g · x for every point (`WeakDuality`, rounding errors taken off).
    The bound b is the least of that between the bounds of the columns. Where x_j is t above its lower bound and g_j is
    positive, the cost is at least b + t · g_j; so t ≤ (cutoff − b) / g_j in all that costs no more than the cutoff.
    The other side alike. The bound of what comes out holds for the whole up to the cutoff.
    """
    duality = WeakDuality(matrix)
    low, up = duality.low, duality.up
    if not (np.isfinite(low).all() and np.isfinite(up).all()):
        return duality.cut(duals, np.empty(0, dtype=np.int32))[0], matrix
    constant, factor = duality.cut(duals, np.arange(len(low), dtype=np.int32))
    if not np.isfinite(constant):
        return constant, matrix
    terms = np.where(factor > 0.0, factor * low, factor * up)
    bound = float(constant + terms.sum() - 1e-15 * (len(terms) + 2) * np.abs(terms).sum())
    room = cutoff - bound
    if not np.isfinite(room) or room < 0.0:
        return bound, matrix
    reach = np.full(len(low), np.inf)
    np.divide(room, np.abs(factor), out=reach, where=factor != 0.0)
    reach += SLACK * (1.0 + np.minimum(reach, up - low))
    whole = matrix.integer
    steps = np.where(whole, np.floor(np.minimum(reach, up - low + 1.0)), reach)
    new_up = np.where((factor > 0.0) & (steps < up - low), low + steps, up)
    new_low = np.where((factor < 0.0) & (steps < up - low), up - steps, low)
    # Bounds that no row or column had to begin with stay open: they were implied.
    return bound, replace(
        matrix,
        low=np.where(new_low > low, new_low, matrix.low),
        up=np.where(new_up < up, new_up, matrix.up),
    )
