"""Arrays from rows of the instance, and sums of things by the place that they are at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from heatnet.check.findings import Array, IntArray

ALWAYS = -1
"""An earliest year for what may be built in every stage."""

NOTHING = -1
"""A place where there is none: of the unit that is converted, the zone of a pipe, the retrofit of a mode."""

LARGE = 200_000
"""Things times places from which on sums are taken row by row: a product with that many zeros is slower."""


def numbers(values: object) -> Array:
    """Floats from any iterable of numbers, also from an empty one."""
    return np.array(list(values), dtype=np.float64)  # type: ignore[call-overload]


def integers(values: object) -> IntArray:
    """Integers from any iterable of integers, also from an empty one."""
    return np.array(list(values), dtype=np.int64)  # type: ignore[call-overload]


def years(values: object) -> IntArray:
    """Earliest years; None means `ALWAYS`."""
    return integers(ALWAYS if value is None else value for value in values)  # type: ignore[attr-defined]


def table(rows: list[list[float]], width: int) -> Array:
    """Rows of floats, also when there are none."""
    return np.array(rows, dtype=np.float64).reshape(len(rows), width)


def sum_into(values: Array, places: IntArray, size: int) -> Array:
    """Sums the last axis by place; the new last axis has `size` places."""
    rows = values.reshape(int(np.prod(values.shape[:-1])), len(places))
    if len(places) * size > LARGE:
        there = (places >= 0) & (places < size)
        sums = [np.bincount(places[there], row[there], size) for row in rows]
        return np.asarray(sums, dtype=np.float64).reshape(*values.shape[:-1], size)
    # One flat product: numpy takes products of stacked matrices one by one, which is many times slower.
    member = (places[:, None] == np.arange(size)[None, :]).astype(np.float64)
    flat = rows @ member
    return np.asarray(flat.reshape(*values.shape[:-1], size), dtype=np.float64)
