"""The only file that imports pyscipopt: a Matrix in, an Outcome out. A second opinion on what HiGHS proves."""

from __future__ import annotations

import numpy as np
import pyscipopt

from heatnet.solve import Limits
from solvers.highs import Outcome
from solvers.matrix import Array, Matrix

INFINITE = 1e19
"""From here on a number of SCIP means that there is none."""


def solve(matrix: Matrix, limits: Limits, start: Array | None = None) -> Outcome:
    """Solve a matrix to the gap and within the time; `start` is a point to begin from."""
    model = pyscipopt.Model()
    model.hideOutput()
    model.setParam("limits/gap", limits.gap)
    model.setParam("randomization/randomseedshift", limits.seed)
    if limits.time_s is not None:
        model.setParam("limits/time", limits.time_s)
    kinds = np.where(matrix.integer, "I", "C")
    variables = [
        model.addVar(vtype=kind, lb=_or_none(low), ub=_or_none(up), obj=cost)
        for kind, low, up, cost in zip(kinds, matrix.low, matrix.up, matrix.cost, strict=True)
    ]
    model.addObjoffset(matrix.offset)
    _rows(model, variables, matrix)
    if start is not None:
        point = model.createSol()
        for variable, value in zip(variables, start, strict=True):
            model.setSolVal(point, variable, float(value))
        model.addSol(point)
    model.optimize()
    return _outcome(model, variables)


def _or_none(bound: float) -> float | None:
    return float(bound) if np.isfinite(bound) else None


def _rows(model: pyscipopt.Model, variables: list[pyscipopt.Variable], matrix: Matrix) -> None:
    by_row = matrix.sparse().tocsr()
    for k, (low, up) in enumerate(zip(matrix.row_low, matrix.row_up, strict=True)):
        places = range(by_row.indptr[k], by_row.indptr[k + 1])
        row = pyscipopt.quicksum(by_row.data[p] * variables[by_row.indices[p]] for p in places)
        if low == up:
            model.addCons(row == low)
        elif np.isfinite(low) and np.isfinite(up):
            model.addCons(low <= (row <= up))
        elif np.isfinite(up):
            model.addCons(row <= up)
        elif np.isfinite(low):
            model.addCons(row >= low)


def _outcome(model: pyscipopt.Model, variables: list[pyscipopt.Variable]) -> Outcome:
    status = model.getStatus()
    if status == "infeasible":
        return Outcome("infeasible", "proved infeasible", None, None, None)
    found = model.getNSols() > 0
    best = model.getBestSol() if found else None
    x = np.array([model.getSolVal(best, variable) for variable in variables]) if found else None
    cost, bound = model.getPrimalbound(), model.getDualbound()
    return Outcome(
        "optimal" if status in ("optimal", "gaplimit") else "feasible" if found else "no_solution",
        "gap reached" if status in ("optimal", "gaplimit") else status,
        x,
        float(cost) if found else None,
        float(bound) if abs(bound) < INFINITE else None,
    )
