"""Rules of the header, changes of the schedule already merged, and retirements of the schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from heatnet.check import tolerance as tol
from heatnet.check.facts.arrays import numbers
from heatnet.check.facts.stages import POLLUTANTS
from heatnet.instance.records import NoNew, RetiredShare, YearlyLimit

if TYPE_CHECKING:
    from heatnet.check.evidence import Evidence
    from heatnet.check.facts import Facts
    from heatnet.check.findings import Array, Findings
    from heatnet.check.plan import Plan
    from heatnet.instance import Instance
    from heatnet.instance.records import Selection


UNITS = {"mwh": "MWh", "t": "t", "mm2": "Mm2"}
"""Units as told, by the end of the name of a quantity."""


def judge_rules(instance: Instance, evidence: Evidence) -> None:
    """All rules that hold."""
    for rule in instance.header.rules:
        if not rule.enabled:
            continue
        if isinstance(rule, RetiredShare):
            _judge_retired_share(evidence.found, evidence.facts, rule, evidence.plan)
        elif isinstance(rule, NoNew):
            _judge_no_new(evidence.found, evidence.facts, rule, evidence.plan)
        else:
            _judge_yearly_limit(evidence, rule)


def _judge_retired_share(found: Findings, facts: Facts, rule: RetiredShare, plan: Plan) -> None:
    """Capacity that has left, or with `reserve_counts` is in reserve."""
    units, years = facts.units, facts.stages.years
    size = np.where(units.max_power > 0, units.max_power, units.max_heat) * selected(facts, rule.select)
    kept = plan.units["existing_machines"]
    if rule.reserve_counts:
        kept = kept - np.minimum(plan.units["reserve_machines"], kept)
    start = float((size * units.count).sum())
    over = (kept * size).sum(axis=1) - (1.0 - rule.min_share) * start
    over = np.where(years >= rule.by_year, over, 0.0)
    found.judge(f"rule.{rule.id}", over, tol.POWER_MW + tol.RELATIVE * start, "MW", stage=years)


def _judge_no_new(found: Findings, facts: Facts, rule: NoNew, plan: Plan) -> None:
    """Machines built where none may be."""
    when = facts.stages.between(rule.from_year, rule.to_year)[:, None]
    built = np.abs(plan.units["new_machines"]) * selected(facts, rule.select) * when
    found.judge(f"rule.{rule.id}", built, tol.COUNT, "machines", stage=facts.stages.years, id=facts.units.ids)


def limit_table(instance: Instance, evidence: Evidence) -> pd.DataFrame:
    """What each yearly limit speaks of, and its bounds, in the stages in which it holds."""
    stages = evidence.facts.stages
    rows = [
        (int(year), rule.id, rule.quantity, float(value), rule.least, rule.most)
        for rule in instance.header.rules
        if rule.enabled and isinstance(rule, YearlyLimit)
        for year, value, holds in zip(
            stages.years, _season(evidence, rule)[0], stages.between(rule.from_year, rule.to_year), strict=True
        )
        if holds > 0
    ]
    numeric = dict.fromkeys(("value", "least", "most"), "float64")
    return pd.DataFrame(rows, columns=["stage", "rule", "quantity", "value", "least", "most"]).astype(numeric)


def _season(evidence: Evidence, rule: YearlyLimit) -> tuple[Array, Array]:
    """The quantity of a season by stage, and what a MWh counts, by stage and unit."""
    facts, season = evidence.facts, evidence.calendar.energy_weight()
    heat = rule.quantity in ("heat_mwh", "heated_area_mm2")
    power = evidence.operation.of("unit", "heat_mw" if heat else "fuel_mw")
    factor = _per_mwh(facts, rule, np.einsum("ydsn,d->y", evidence.full_demand_mw, season))
    factor = factor * (selected(facts, rule.select) if rule.select else 1.0)
    return (np.einsum("ydsi,d->yi", power, season) * factor).sum(axis=1), factor


def _judge_yearly_limit(evidence: Evidence, rule: YearlyLimit) -> None:
    """A quantity of the season between its bounds."""
    calendar, stages = evidence.calendar, evidence.facts.stages
    total, factor = _season(evidence, rule)
    least, most = -np.inf if rule.least is None else rule.least, np.inf if rule.most is None else rule.most
    away = np.where(stages.between(rule.from_year, rule.to_year) > 0, np.maximum(total - most, least - total), 0.0)
    # As much as each row of the operation may be off in every hour, and ten times the relative slack of one row.
    allowed = tol.POWER_MW * 24.0 * abs(float(calendar.weight.sum())) * factor.max(axis=1, initial=0.0)
    bound = max(value for value in (rule.least, rule.most, 0.0) if value is not None)
    allowed = allowed + 10.0 * tol.RELATIVE * bound
    unit = UNITS[rule.quantity.rsplit("_", 1)[1]]
    evidence.found.judge(f"rule.{rule.id}", away, allowed, unit, stage=stages.years)


def _per_mwh(facts: Facts, rule: YearlyLimit, season_demand_mwh: Array) -> Array:
    """The quantity for a MWh of fuel, or of heat for quantities of heat; axes are stages and units."""
    units = facts.units
    if rule.quantity == "co2_t":
        one = units.co2_t_per_mwh
    elif rule.quantity in ("so2_t", "nox_t", "pm_t"):
        one = units.pollutants_g_per_mwh[:, POLLUTANTS.index(rule.quantity.removesuffix("_t"))] / 1e6
    else:
        one = np.ones(len(units.ids))
    scale = np.ones(len(facts.stages.years))
    if rule.quantity == "heated_area_mm2":
        # What no one asks for heats no area.
        asked = np.where(season_demand_mwh > 0.0, season_demand_mwh, np.inf)
        scale = facts.nodes.area_mm2.sum(axis=1) / asked
    return np.asarray(scale[:, None] * one, dtype=np.float64)


def selected(facts: Facts, selections: tuple[Selection, ...]) -> Array:
    """1 for the units that meet a selection."""
    return numbers(any(_meets(one, facts, k) for one in selections) for k in range(len(facts.units.ids)))


def _meets(selection: Selection, facts: Facts, k: int) -> bool:
    """Whether unit k meets every condition of a selection."""
    unit, technology, power = facts.units.rows[k], facts.units.technologies[k], float(facts.units.max_power[k])
    lists = (
        (selection.kinds, technology.kind),
        (selection.technologies, technology.id),
        (selection.units, unit.id),
        (selection.nodes, unit.node),
        (selection.owners, unit.owner),
        (selection.fuels, technology.fuel),
    )
    if any(names and value not in names for names, value in lists):
        return False
    if selection.power_below_mw is not None and not 0 < power < selection.power_below_mw:
        return False
    before = selection.commissioned_before
    if before is not None and (unit.commissioned_year is None or unit.commissioned_year >= before):
        return False
    if selection.renewable is not None and selection.renewable != technology.renewable:
        return False
    return selection.retirement_due is None or selection.retirement_due == unit.retirement_due


def judge_schedule(found: Findings, instance: Instance, facts: Facts, kept: Array) -> None:
    """Retirements of the schedule applied; those of one unit speak of different machines and add up."""
    years, retirements = facts.stages.years, instance.schedule.retirements if instance.schedule else ()
    must_leave, must_stay = np.zeros(kept.shape), np.zeros(kept.shape)
    for item in retirements:
        k = facts.units.ids.index(item.unit)
        machines = facts.units.count[k] if item.machines is None else item.machines
        gone = item.exactly if item.exactly is not None else item.not_after
        there = item.exactly if item.exactly is not None else item.not_before
        if gone is not None:
            must_leave[:, k] += np.where(years >= gone, machines, 0)
        if there is not None:
            must_stay[:, k] += np.where(years < there, machines, 0)
    for name in sorted({item.unit for item in retirements}):
        k = facts.units.ids.index(name)
        size = np.maximum(must_leave[:, k] - (facts.units.count[k] - kept[:, k]), must_stay[:, k] - kept[:, k])
        found.judge(f"schedule.{name}", size[:, None], tol.COUNT, "machines", stage=years, id=[name])
