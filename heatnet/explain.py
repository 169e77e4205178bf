"""What stands in the way of a plan: the least that has to be given up of rules, limits and schedule, and what is cold.

Two questions to the elastic model (`formulation/elastic.py`), one after the other: how little of what people have set
must be broken, and, that given, how little heat must be missing. Neither looks at cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyomo.environ as pyo

from heatnet.engine import Engine, Found, find_engine
from heatnet.errors import SolverError
from heatnet.formulation import elastic
from heatnet.formulation.build import build
from heatnet.formulation.elastic import Slack
from heatnet.formulation.model import Model, total
from heatnet.instance.records import RetiredShare, YearlyLimit
from heatnet.instance.selection import selected
from heatnet.instance.series import TimeGrid
from heatnet.solve import Limits, Observer, Progress

COLUMNS = {"rule": "str", "id": "str", "stage": "int64", "missing": "float64", "unit": "str", "sentence": "str"}
"""Columns of an explanation. `missing` is in `unit`; `id` is that of the rule, unit, node, pipe, group or contingency,
and `rule` its kind: those of `formulation.elastic.Slack`, design_hour, season, contingency, or `nothing_helps`."""

ROOM, NEGLIGIBLE = 1e-6, 1e-5
"""Sum of shares by which the second question may break more than the first, and share of a figure that is not told."""


@dataclass(frozen=True)
class Explanation:
    """What has to be given up (`frame`), and whether it is proved that less will not do."""

    frame: pd.DataFrame
    proved: bool

    @property
    def feasible(self) -> bool:
        """Whether nothing that people have set has to be broken; heat may be missing all the same."""
        return bool(self.frame["rule"].isin(["design_hour", "season", "contingency"]).all())


def explain(
    grid: TimeGrid, *, limits: Limits | None = None, observer: Observer = lambda progress: None
) -> pd.DataFrame:
    """What has to be broken for a plan to be there, a row each (`COLUMNS`); empty where nothing stands in the way."""
    return explanation(grid, limits=limits, observer=observer).frame


def explanation(
    grid: TimeGrid, *, limits: Limits | None = None, observer: Observer = lambda progress: None
) -> Explanation:
    """The least that has to be broken, and whether that is proved.

    Raises SolverError where the limits end before any point was found.
    """
    limits = limits or Limits(gap=1e-4)
    observer(Progress("build", 0.0))
    model, engine = build(grid), find_engine()
    slacks = elastic.soften(model)
    apart = elastic.without_operation(model)
    least = engine.minimise(model.pyomo, limits=limits, observer=observer)
    if apart:
        elastic.with_operation(model)
    if least.status == "infeasible":
        return Explanation(_frame([_nothing_helps(grid)]), True)
    if least.value is None and least.stop_reason == "interrupted":
        raise KeyboardInterrupt
    if least.value is None:
        raise SolverError(f"what stands in the way was not found ({least.stop_reason}); allow more time.")
    warmest = _then_warmest(model, least, engine, limits, observer)
    cold = elastic.missing_heat(model)
    rows = [_row(model, slack) for slack in [*slacks, *cold] if _amount(slack) > NEGLIGIBLE * slack.figure]
    return Explanation(_frame(rows), least.status == "optimal" and warmest.status == "optimal")


def _then_warmest(model: Model, least: Found, engine: Engine, limits: Limits, observer: Observer) -> Found:
    """Heat made to be missing as little as may be, with no more broken than found; each heat as a share of its figure.

    The variables keep the first point where nothing better is found in the time.
    """
    assert least.value is not None
    model.pyomo.elastic.breaks.deactivate()
    model.pyomo.elastic.broken.setub(least.value + ROOM * max(least.value, 1.0))
    cold = elastic.missing_heat(model)
    model.pyomo.elastic.cold = pyo.Objective(expr=total([slack.amount / slack.figure for slack in cold]))
    return engine.minimise(model.pyomo, limits=limits, observer=observer, warm=True)


def _amount(slack: Slack) -> float:
    return float(pyo.value(slack.amount, exception=False) or 0.0)


def _frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    return frame.sort_values(["stage", "rule", "id"], ignore_index=True, kind="stable")


def _nothing_helps(grid: TimeGrid) -> tuple[Any, ...]:
    text = (
        "no plan is possible even with every rule, limit, schedule, group and heat station given up; "
        "what contradicts itself is in the units (must_run with their commitment or availability)."
    )
    return "nothing_helps", grid.instance.header.name, grid.instance.stages[0].year, 0.0, "", text


def _row(model: Model, slack: Slack) -> tuple[Any, ...]:
    amount = _amount(slack)
    sentence = f"{slack.stage}: {_words(model, slack, f'{amount:,.4g}', f'{slack.figure:,.4g}')}."
    name = slack.subject if slack.rule in ("retire", "keep", "no_new", "group", "leaves_after_pipe") else slack.id
    return slack.rule, name or slack.id, slack.stage, amount, slack.unit, sentence


def _words(model: Model, slack: Slack, amount: str, figure: str) -> str:
    unit, subject = slack.unit, slack.subject
    each = "machine" if amount == "1" else "machines"
    match slack.rule:
        case "retired_share":
            return f"rule {slack.id}: {amount} MW too much stays of the {figure} MW selected{_staying(model, slack)}"
        case "no_new":
            return f"rule {slack.id}: {amount} {each} of {subject} must be built, which it forbids"
        case "yearly_limit_most":
            return (
                f"rule {slack.id}: {amount} {unit} above the most that it allows, {_limit(model, slack).most:g} {unit}"
            )
        case "yearly_limit_least":
            return f"rule {slack.id}: {amount} {unit} short of the {figure} {unit} that it asks for"
        case "retire":
            return f"schedule {slack.id}: {amount} {each} of {subject} cannot leave as it says"
        case "keep":
            return f"schedule {slack.id}: {amount} {each} of {subject} cannot stay as long as it says"
        case "firm_power":
            return f"firm power: {amount} MW are missing of the {figure} MW asked for"
        case "group":
            return f"group {slack.id}: {amount} {each} of {subject} must stay or leave apart from the others"
        case "leaves_after_pipe":
            return f"unit {subject}: {amount} {each} must stop before the pipe {slack.id} is in place"
        case "heat_station":
            return f"heat station {slack.id}: {amount} MW more than the {figure} MW that it can send out"
        case "design_hour":
            return f"design hour: {amount} MW of the {figure} MW of {slack.id} cannot be covered"
        case "season":
            return f"season: {amount} MWh of the {figure} MWh of {slack.id} cannot be served"
        case _:
            return f"contingency {slack.id}: {amount} MW of the {figure} MW guaranteed do not arrive"


def _limit(model: Model, slack: Slack) -> YearlyLimit:
    return next(r for r in model.case.instance.header.rules if r.id == slack.id and isinstance(r, YearlyLimit))


def _staying(model: Model, slack: Slack) -> str:
    """The units selected that keep machines in the plan that breaks least."""
    rule = next(rule for rule in model.case.instance.header.rules if rule.id == slack.id)
    assert isinstance(rule, RetiredShare)
    kept = model.core.block.kept_machines
    names = [
        unit.id
        for unit in selected(model.case.instance, rule.select)
        if unit.count and (pyo.value(kept[unit.id, slack.stage], exception=False) or unit.count * (not unit.may_retire))
    ]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f" ({', '.join(names[:5])}{more})" if names else ""
