"""Cost against a yearly cap: from the plan without one down to the least that can be attained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyomo.environ as pyo

from heatnet.engine import find_engine
from heatnet.errors import SolverError, UsageError
from heatnet.formulation.build import build
from heatnet.formulation.elastic import missing_heat, season_quantity
from heatnet.formulation.extract import start
from heatnet.formulation.model import total
from heatnet.instance import Instance
from heatnet.instance.records import YearlyLimit
from heatnet.solve import COST_TOLERANCE, Result
from heatnet.study.points import CHANGES, FIGURES, Study, changes, figures, missing_mwh, table
from heatnet.study.quantities import attained, capped, yearly

ROOM = 1e-6
"""Share by which the tightest cap is above the least value, so that rounding does not make it infeasible."""


@dataclass(frozen=True)
class Front:
    """`points`: a row each, the loosest first. `changes`: what each plan has otherwise than that of the point before.

    `least`, `least_bound`: the least of the quantity that was found, and what no plan is below; None where the user
    stopped before.
    """

    points: pd.DataFrame
    changes: pd.DataFrame
    unit: str
    least: float | None
    least_bound: float | None


def front(instance: Instance, of: str, points: int, study: Study) -> Front:
    """The least cost under caps at even distances.

    The plan without a cap comes first, the tightest next, then looser ones, each from the plan before, which it allows.
    Raises UsageError for a quantity that no unit has, SolverError where the first plan or the least is not found.
    """
    if points < 2:
        raise UsageError(f"--points {points}: must be 2 or more.")
    limit = yearly(instance, of)
    free = study.point("point-1", instance)
    if free is None:
        raise KeyboardInterrupt
    if free.answer.solution is None:
        raise SolverError(
            f"without a cap there is no plan ({free.answer.stop_reason}); `heatnet explain` may tell why."
        )
    most = attained(free.instance, free.answer.solution, limit)
    if most <= 0.0:
        raise UsageError(f"--of {of}: the plan without a cap has none of it; there is nothing to cap.")
    try:
        least, bound = least_attainable(free, limit, study)
    except KeyboardInterrupt:
        study.stopped = True
        return _front({1: (np.inf, free)}, limit, None, None)
    caps = np.linspace(most, min(least * (1 + ROOM) + ROOM * most, most), points)
    found: dict[int, tuple[float, Result]] = {1: (np.inf, free)}
    before = None
    for number in range(points, 1, -1):
        cap = float(caps[number - 1])
        result = study.point(f"point-{number}", capped(instance, limit, cap), before)
        if result is None:
            break
        found[number] = (cap, result)
        before = result.answer.solution or before
    return _front(found, limit, least, bound)


def least_attainable(free: Result, limit: YearlyLimit, study: Study) -> tuple[float, float]:
    """The least that the worst stage can have, with no more heat missing than in a plan; and what none is below."""
    assert free.answer.solution is not None
    model, engine = build(free.grid), find_engine()
    for variable, value in start(model.core, free.answer.solution):
        variable.set_value(round(value))
    block = model.pyomo.least = pyo.Block(concrete=True)
    block.worst = pyo.Var(bounds=(0, None))
    years = model.case.years
    block.over = pyo.Constraint(years, rule=lambda b, y: season_quantity(model, limit, y) <= b.worst)
    cold = total([slack.amount / slack.figure for slack in missing_heat(model)])
    if not isinstance(cold, (int, float)):
        block.cold = pyo.Constraint(expr=cold <= _missing(free) + ROOM)
    model.pyomo.cost.deactivate()
    block.aim = pyo.Objective(expr=block.worst)
    found = engine.minimise(model.pyomo, limits=study.limits, observer=study.observer, warm=True)
    if found.stop_reason == "interrupted":
        raise KeyboardInterrupt
    if found.value is None:
        raise SolverError(f"the least that can be attained was not found ({found.stop_reason}); allow more time.")
    return found.value, max(found.bound or 0.0, 0.0)


def _missing(result: Result) -> float:
    """Heat missing in a plan, each part as a share of its figure, as `formulation.elastic.missing_heat` counts it."""
    solution, instance = result.answer.solution, result.instance
    assert solution is not None
    shares, districts, security = 0.0, solution.districts, solution.security
    parts = zip(*(districts[name] for name in ("node", "stage", "design_shortfall_mw", "unserved_mwh")), strict=True)
    for node, stage, short, unserved in parts:
        load = instance.design_heat_mw(str(node), int(stage))
        season = result.grid.season_mwh(result.grid.demand_mw(str(node), int(stage)))
        shares += float(short) / max(load, 1.0) + float(unserved) / max(season, 1.0)
    for stage, missing in zip(security["stage"], security["missing_mw"], strict=True):
        nodes = instance.demand_nodes
        load = sum(instance.guarantee_share(node) * instance.design_heat_mw(node, int(stage)) for node in nodes)
        shares += float(missing) / max(load, 1.0)
    return shares


def _front(
    found: dict[int, tuple[float, Result]], limit: YearlyLimit, least: float | None, bound: float | None
) -> Front:
    instance = found[1][1].instance
    unit = limit.quantity.rpartition("_")[2]
    rows: list[tuple[object, ...]] = []
    moved: list[tuple[object, ...]] = []
    for number, (cap, result) in sorted(found.items()):
        solution = result.answer.solution
        value = np.nan if solution is None else attained(instance, solution, limit)
        rows.append((number, np.nan if np.isinf(cap) else cap, value, *figures(result), missing_mwh(result), ""))
        if number - 1 in found:
            moved += changes(f"point-{number}", result, f"point-{number - 1}", found[number - 1][1])
    columns = ("point", f"cap_{unit}", f"attained_{unit}", *FIGURES, "unserved_mwh", "note")
    frame = table(rows, columns, instance.header.currency)
    frame["note"] = notes(frame.iloc[:, 2].tolist(), frame.iloc[:, 4].tolist(), frame["point"].tolist())
    return Front(frame, pd.DataFrame(moved, columns=list(CHANGES)), unit, least, bound)


def notes(values: list[float], costs: list[float], points: list[int]) -> list[str]:
    """For each point whether another is the same, or as good in both and better in one, to the tolerance of costs."""
    found = []
    for k, own in enumerate(zip(values, costs, strict=True)):
        told = ""
        for other, point in enumerate(points):
            if other == k or told:
                continue
            better = [_compare(theirs, mine) for theirs, mine in zip((values[other], costs[other]), own, strict=True)]
            if better == [0, 0]:
                told = f"equal to {point}" if other < k else ""
            elif min(better) >= 0 and max(better) > 0:
                told = f"dominated by {point}"
        found.append(told)
    return found


def _compare(theirs: float, mine: float) -> int:
    """1 where theirs is less by more than rounding, 0 where both are the same, −1 else."""
    if abs(theirs - mine) <= COST_TOLERANCE * max(abs(theirs), abs(mine)):
        return 0
    return 1 if theirs < mine else -1
