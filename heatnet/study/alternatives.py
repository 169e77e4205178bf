"""How far a plan may bend: least and most of a quantity among the plans that cost little more than the best."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import pyomo.environ as pyo

from heatnet.check import check
from heatnet.engine import find_engine
from heatnet.errors import SolverError, UsageError
from heatnet.formulation.build import build
from heatnet.formulation.extract import operation_frame, solution, start
from heatnet.formulation.model import Expression, Model
from heatnet.instance import Instance
from heatnet.solve import Answer, Progress, Result, announce, peak_rss_mb, proved
from heatnet.study.points import CHANGES, Study, changes, table
from heatnet.study.quantities import Bend

Side = Literal["least", "most"]

COLUMNS = (
    "quantity",
    "stage",
    "unit",
    "side",
    "value",
    "value_bound",
    "best_value",
    "cost_mcur",
    "best_cost_mcur",
    "status",
)
"""`value` was found, in `unit`; no plan within the cost cap is beyond `value_bound`; `best_value` is the best plan's.
`cost_mcur` is that of the cheapest plan found with this value."""


@dataclass(frozen=True)
class Alternatives:
    """`points`: two rows for each quantity, least and most. `changes`: what each plan has otherwise than the best."""

    points: pd.DataFrame
    changes: pd.DataFrame


def alternatives(instance: Instance, of: list[str], within: float, study: Study) -> Alternatives:
    """Least and most of each quantity among the plans that cost at most `within` (a share) more than the best found."""
    if not 0.0 <= within <= 1.0:
        raise UsageError(f"--within {within:g}: must be a share from 0 to 1, as 0.02 for 2 %.")
    bends = [(text, Bend.parse(instance, text)) for text in of]
    best = study.point("best", instance)
    if best is None:
        raise KeyboardInterrupt
    if best.answer.solution is None or best.answer.cost is None:
        raise SolverError(f"there is no plan to bend ({best.answer.stop_reason}); `heatnet explain` may tell why.")
    rows: list[tuple[object, ...]] = []
    moved: list[tuple[object, ...]] = []
    try:
        model = _capped(best, within)
    except KeyboardInterrupt:
        study.stopped = True
        bends = []
    for number, (text, bend) in enumerate(bends, start=1):
        quantity = bend.expression(model)
        own = bend.value(model.case, best.answer.solution)
        sides: tuple[Side, Side] = ("least", "most")
        for side in sides:
            if study.stopped:
                break
            name = f"{side}-{number}"
            _begin(model, best)
            try:
                found = _bent(instance, model, quantity, side, best, name, study)
            except KeyboardInterrupt:
                study.stopped = True
                break
            if found is None:
                continue
            value, bound, result = found
            cost = np.nan if result is None or result.answer.cost is None else result.answer.cost
            status = "no_solution" if result is None else result.status
            rows.append((text, bend.stage, bend.unit, side, value, bound, own, cost, best.answer.cost, status))
            moved += changes(name, result, "best", best) if result is not None else []
    frame = table(rows, COLUMNS, instance.header.currency)
    return Alternatives(frame, pd.DataFrame(moved, columns=list(CHANGES)))


def _capped(best: Result, within: float) -> Model:
    """The model with its cost as a row instead of the objective."""
    assert best.answer.cost is not None
    model = build(best.grid)
    block = model.pyomo.study = pyo.Block(concrete=True)
    room = within * abs(best.answer.cost) + 1e-7 * max(abs(best.answer.cost), 1.0)
    block.cap = pyo.Constraint(expr=model.pyomo.cost.expr <= best.answer.cost + room)
    model.pyomo.cost.deactivate()
    return model


def _begin(model: Model, best: Result) -> None:
    """Let the search begin from the best plan, which the cap allows, and from nothing of other searches."""
    assert best.answer.solution is not None
    for variable in model.pyomo.component_data_objects(pyo.Var):
        if not variable.fixed:
            variable.set_value(None)
    for variable, value in start(model.core, best.answer.solution):
        variable.set_value(round(value))


def _cheapest(model: Model, aim: Expression, value: float, study: Study) -> None:
    """Among the plans of that value the cheapest that is found: the cap alone would be used up for nothing."""
    block = model.pyomo.study
    block.aim.deactivate()
    block.hold = pyo.Constraint(expr=aim <= value + 1e-7 * max(abs(value), 1.0))
    model.pyomo.cost.activate()
    find_engine().minimise(model.pyomo, limits=study.limits, observer=study.observer, warm=True)
    model.pyomo.cost.deactivate()
    block.del_component("hold")


def _bent(
    instance: Instance, model: Model, quantity: Expression, side: Side, best: Result, name: str, study: Study
) -> tuple[float, float, Result | None] | None:
    """Value and bound of one side, and its plan, checked and kept; None where the user stopped with nothing found."""
    began = time.perf_counter()
    block, sign = model.pyomo.study, 1.0 if side == "least" else -1.0
    block.del_component("aim")
    block.aim = pyo.Objective(expr=sign * quantity)
    found = find_engine().minimise(model.pyomo, limits=study.limits, observer=study.observer, warm=True)
    study.stopped = found.stop_reason == "interrupted"
    bound = np.nan if found.bound is None else sign * found.bound
    if found.value is None:
        return None if study.stopped else (np.nan, bound, None)
    _cheapest(model, sign * quantity, found.value, study)
    announce(study.observer, Progress("check", time.perf_counter() - began))
    plan = solution(model.core, operation_frame(*model.operations.values()))
    report = check(best.instance, plan)
    seconds = time.perf_counter() - began
    answer = Answer("feasible", found.stop_reason, plan, report.cost, best.answer.bound, seconds={"solve": seconds})
    if best.answer.bound is not None:
        answer = proved(answer, report.cost, best.answer.bound, study.limits.gap)
    result = Result(best.instance, best.grid, "engine", study.limits, answer, report, answer.seconds, peak_rss_mb())
    study.keep(name, instance, result, seconds)
    return sign * found.value + 0.0, bound + 0.0, result
