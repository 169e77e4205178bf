"""A lower bound from any vector of duals, in our own arithmetic: it does not trust the solver that gave the vector.

For every y, c·x = (c − Aᵀy)·x + y·Ax ≥ Σ_j min over the bounds of x_j of (c − Aᵀy)_j x_j + Σ_i min over the bounds
of row i of y_i r_i (weak duality). Every sum is made smaller by a bound of its rounding error. Source: Neumaier and
Shcherbina, Safe bounds in linear and mixed-integer linear programming (2004).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from solvers.matrix import Array, Matrix

EPSILON = float(np.finfo(np.float64).eps)
SHRINK = 1e-9
"""Duals are made smaller by this share, so that columns at a reduced cost of 0 are left a little of their own cost."""

ROUNDS = 6
"""Passes over the rows in search of bounds of columns that have none."""


class WeakDuality:
    """One matrix, ready to turn any vector of duals into an inequality that holds for every point of it."""

    def __init__(self, matrix: Matrix) -> None:
        self.matrix = matrix
        self.low, self.up = implied_bounds(matrix)
        self._transposed = matrix.sparse().T.tocsr()
        self._sizes = abs(self._transposed)
        self._counts = np.diff(matrix.start) + 2

    def cut(self, y: Array, links: npt.NDArray[np.int32], *, priced: bool = True) -> tuple[float, Array]:
        """Constant k and coefficients g with cost ≥ k + g · x[links] for every feasible x.

        Where not `priced` the cost counts as 0, and the duals of a proof that nothing is feasible give 0 ≥ k + g · x,
        which cuts off the links that were tried. `links` must have bounds. k is −inf where y proves nothing.
        """
        matrix = self.matrix
        y = y * (1.0 - SHRINK)
        y = np.where((y > 0.0) & ~np.isfinite(matrix.row_low), 0.0, y)
        y = np.where((y < 0.0) & ~np.isfinite(matrix.row_up), 0.0, y)
        cost = matrix.cost if priced else np.zeros_like(matrix.cost)
        reduced = cost - self._transposed @ y
        error = 2.0 * EPSILON * self._counts * (np.abs(cost) + self._sizes @ np.abs(y))
        with np.errstate(invalid="ignore"):
            columns = np.minimum(_least(reduced - error, self.low, self.up), _least(reduced + error, self.low, self.up))
            rows = np.where(y > 0.0, y * matrix.row_low, np.where(y < 0.0, y * matrix.row_up, 0.0))
        columns[links] = -error[links] * np.maximum(np.abs(self.low[links]), np.abs(self.up[links]))
        terms = np.concatenate([columns, rows, [matrix.offset if priced else 0.0]])
        if not np.isfinite(terms).all():
            return -np.inf, np.zeros(len(links))
        slack = EPSILON * (len(terms) + 2) * float(np.abs(terms).sum())
        return float(terms.sum()) - slack, reduced[links]


def safe_bound(matrix: Matrix, y: Array) -> float:
    """The bound; −inf where a column without a bound has a reduced cost of the wrong sign."""
    return WeakDuality(matrix).cut(y, np.empty(0, dtype=np.int32))[0]


def _least(factor: Array, low: Array, up: Array) -> Array:
    """The least of factor · x for x between its bounds."""
    return np.where(factor > 0.0, factor * low, np.where(factor < 0.0, factor * up, 0.0))


def implied_bounds(matrix: Matrix) -> tuple[Array, Array]:
    """Bounds of the columns, those without one given the one that the rows imply, a little wider than computed."""
    low, up = matrix.low.copy(), matrix.up.copy()
    by_row = matrix.sparse().tocoo()
    by_row.eliminate_zeros()
    i, j = (np.asarray(places, dtype=np.intp) for places in by_row.coords)
    a: Array = by_row.data
    number = len(matrix.row_low)
    for _ in range(ROUNDS):
        if np.isfinite(low).all() and np.isfinite(up).all():
            break
        least, most = np.where(a > 0.0, a * low[j], a * up[j]), np.where(a > 0.0, a * up[j], a * low[j])
        # What the others of the row leave: row_up less their least, row_low less their most.
        below, above = (
            matrix.row_up[i] - _others(least, i, number, -np.inf),
            matrix.row_low[i] - _others(most, i, number, np.inf),
        )
        one, other = below / a, above / a
        new_up = np.where(a > 0.0, one, other)
        new_low = np.where(a > 0.0, other, one)
        tightest_up, tightest_low = np.full(len(up), np.inf), np.full(len(low), -np.inf)
        np.minimum.at(tightest_up, j, np.where(np.isnan(new_up), np.inf, new_up))
        np.maximum.at(tightest_low, j, np.where(np.isnan(new_low), -np.inf, new_low))
        found_up, found_low = ~np.isfinite(up) & np.isfinite(tightest_up), ~np.isfinite(low) & np.isfinite(tightest_low)
        up[found_up] = tightest_up[found_up] + 1e-6 * (1.0 + np.abs(tightest_up[found_up]))
        low[found_low] = tightest_low[found_low] - 1e-6 * (1.0 + np.abs(tightest_low[found_low]))
    return low, up


def _others(terms: Array, rows: npt.NDArray[np.intp], number: int, infinity: float) -> Array:
    """For every entry the sum of the other terms of its row; `infinity` where one of those is."""
    infinite = ~np.isfinite(terms)
    finite = np.where(infinite, 0.0, terms)
    sums = np.bincount(rows, finite, number)[rows] - finite
    others = np.bincount(rows, infinite, number)[rows] - infinite
    found: Array = np.where(others > 0, infinity, sums)
    return found
