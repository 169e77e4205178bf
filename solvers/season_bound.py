"""A lower bound on any operation of a stage from a given state: the LP of its hours, relaxed into chunks of days.

Rows that join two chunks, and yearly limits, are taken out and priced (Lagrange). Every price is allowed; good ones are
the duals of two days around each seam, from where the operation was at that time. Then the chunks are LPs of their own,
and their duals with the prices are a vector of duals of the whole, from which `dual_bound` gets the bound in our own
arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.sparse import csc_array

from heatnet.operate.state import State
from solvers.dual_bound import safe_bound
from solvers.highs import Warm
from solvers.hourly import Hourly
from solvers.matrix import Array, Matrix
from solvers.numbers import Numbers
from solvers.season import DAY, Writer
from solvers.sheet import Columns

CHUNK_DAYS = 4
"""Days that are solved as one. More days: fewer seams, a better bound, a longer LP."""


def season_bound(numbers: Numbers, states: Mapping[int, State], chunk_days: int = CHUNK_DAYS) -> float | None:
    """Million a season; None where an LP was not solved. `states`: of a run, by hour, the first and one a day."""
    hours = numbers.stage.hours
    whole = Writer(numbers, hours.start, len(hours), states[hours.start]).write()
    seams = list(range(DAY * chunk_days, len(hours), DAY * chunk_days))
    prices = _prices(numbers, states, whole, seams)
    if prices is None:
        return None
    matrix = whole.matrix
    chunk = np.searchsorted(seams, whole.hours_of(whole.column_blocks), side="right")
    low, up = _reach(matrix, chunk)
    joined = low < up
    duals = np.where(joined, prices, 0.0)
    entries = matrix.sparse()
    cost = matrix.cost - entries.T @ duals
    for number in range(len(seams) + 1):
        columns, rows = np.flatnonzero(chunk == number), np.flatnonzero(~joined & (low == number))
        vertex = Warm(_part(matrix, entries, cost, rows, columns)).solve()
        if vertex is None or vertex.x is None:
            return None
        duals[rows] = vertex.duals
    return safe_bound(matrix, duals)


def _reach(matrix: Matrix, chunk: Columns) -> tuple[Columns, Columns]:
    """First and last chunk that each row has a column in; rows without any belong to the first."""
    by_column = np.repeat(chunk, np.diff(matrix.start))
    low, up = np.full(len(matrix.row_low), chunk.max(initial=0)), np.zeros(len(matrix.row_low), dtype=np.int64)
    np.minimum.at(low, matrix.index, by_column)
    np.maximum.at(up, matrix.index, by_column)
    return np.minimum(low, up), up


def _part(matrix: Matrix, entries: csc_array, cost: Array, rows: Columns, columns: Columns) -> Matrix:
    """Some rows of some columns."""
    return matrix.filled(
        entries[:, columns].tocsr()[rows].tocsc(),
        cost=cost[columns],
        offset=0.0,
        low=matrix.low[columns],
        up=matrix.up[columns],
        row_low=matrix.row_low[rows],
        row_up=matrix.row_up[rows],
        integer=matrix.integer[columns],
    )


def _prices(numbers: Numbers, states: Mapping[int, State], whole: Hourly, seams: list[int]) -> Array | None:
    """Prices of the rows at the seams, from the two days around each, and of soft ends, the median of what those say.

    A soft end that the run does not need has no price: that the plan was ahead of it for a while says nothing.
    """
    prices = np.zeros(len(whole.matrix.row_low))
    first = whole.hours.start
    told: dict[tuple[str, str], list[float]] = {end: [] for end in whole.ends}
    for seam in seams:
        begin = max(hour for hour in states if hour <= first + seam - DAY)
        around = Writer(numbers, begin, min(first + seam + DAY, whole.hours.stop) - begin, states[begin]).write()
        vertex = Warm(around.matrix).solve()
        if vertex is None or vertex.x is None:
            return None
        after = first + seam - begin
        for rows, here in zip(whole.row_blocks, around.row_blocks, strict=True):
            if len(rows) == len(whole.hours):
                prices[rows[seam : seam + len(here) - after]] = vertex.duals[here[after:]]
        for end, row in around.ends.items():
            told[end].append(float(vertex.duals[row[0]]))
    needed = _needed(numbers, states[whole.hours.stop])
    for end, row in whole.ends.items():
        if told[end] and end in needed:
            prices[row] = np.median(told[end])
    return prices


def _needed(numbers: Numbers, after: State) -> set[tuple[str, str]]:
    """The soft ends that a run has reached or missed, by `NEAR`, rather than passed with something to spare."""
    stage, found = numbers.stage, set()
    for store, level in after.level_mwh.items():
        if store in stage.planned_mwh and level <= stage.planned_mwh[store][after.hour] * (1.0 + NEAR):
            found.add(("level", store))
    for rule in stage.limits:
        used, pace = after.used[rule.id], float(stage.pace[rule.id][after.hour])
        if rule.most is not None and used >= rule.most * pace * (1.0 - NEAR):
            found.add(("most", rule.id))
        if rule.least is not None and used <= rule.least * pace * (1.0 + NEAR):
            found.add(("least", rule.id))
    return found


NEAR = 0.01
"""Share by which a run may pass a soft end and still be held by it."""
