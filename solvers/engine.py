"""HiGHS for models that are not a plan for least cost (`heatnet.engine`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from heatnet.engine import Dual, Found
from heatnet.solve import Limits, Observer, Progress
from solvers import highs
from solvers.matrix import Matrix, compile_model


class Engine:
    """See `heatnet.engine.Engine`."""

    def minimise(self, model: Any, *, limits: Limits, observer: Observer, warm: bool = False) -> Found:
        """See `heatnet.engine.Engine`. The point is that of the LP with its whole numbers fixed, so it is clean."""
        matrix = compile_model(model)
        if matrix is None:
            return Found("infeasible", "a row without variables cannot hold", None, None)
        start = [(int(c), value) for c, value in _held(matrix)] if warm else []
        # What is made small is no cost: the observer hears of the search and of no figures.
        session = highs.Session(limits, lambda progress: observer(Progress(progress.phase, progress.seconds)))
        found = session.solve("search", matrix, start=start)
        if found.x is None:
            return Found(found.status, found.stop_reason, None, found.bound)
        value, x = found.cost, found.x
        if matrix.integer.any():
            priced, _ = highs.solve_fixed(matrix, found.x, limits)
            if priced.x is not None:
                value, x = priced.cost, priced.x
        matrix.load(x)
        return Found(found.status, found.stop_reason, value, found.bound)

    def duals(self, model: Any, limits: Limits) -> tuple[float, Dual] | None:
        """See `heatnet.engine.Engine`."""
        matrix = compile_model(model)
        if matrix is None:
            return None
        columns, values = [], []
        for column, value in _held(matrix):
            columns.append(column)
            values.append(value)
        fixed = matrix.fixed(columns, values).relaxed()
        prices = highs.duals(fixed, limits)
        vertex = highs.Session(limits, lambda progress: None).solve("price", fixed, kind="restriction")
        if prices is None or vertex.x is None or vertex.cost is None:
            return None
        matrix.load(vertex.x)
        by_row = {id(row): float(price) for row, price in zip(matrix.rows, prices, strict=True)}
        return vertex.cost, lambda row: by_row.get(id(row), 0.0)


def _held(matrix: Matrix) -> list[tuple[int, float]]:
    """Columns of whole numbers whose variables hold a value, and the value."""
    held = [(int(c), matrix.columns[c].value) for c in np.flatnonzero(matrix.integer)]
    return [(c, float(round(value))) for c, value in held if value is not None]
