"""The judge of a season: laws of the operation over hours in a row, from the instance, the plan and the table alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from heatnet.check import tolerance as tol
from heatnet.check.calendar import Calendar, load_profile
from heatnet.check.costs import operation_costs
from heatnet.check.evidence import Evidence
from heatnet.check.facts import Facts
from heatnet.check.facts.arrays import integers
from heatnet.check.findings import Findings
from heatnet.check.hours import Hours
from heatnet.check.laws.machines import judge_machines
from heatnet.check.laws.operation import judge_levels, judge_lines, judge_nodes
from heatnet.check.laws.rules import limit_table
from heatnet.check.operation import Operation, expected_columns
from heatnet.check.plan import Plan, read_plan
from heatnet.check.state import State
from heatnet.instance.records import YearlyLimit

if TYPE_CHECKING:
    from heatnet.check.findings import Array
    from heatnet.instance import Instance
    from heatnet.instance.records import Contingency
    from heatnet.solution import Solution

Before = Mapping[str, Mapping[str, float | Sequence[float]]]
"""Of the hours before the first, the latest last: `on`, `starts`, `output_mw` by unit, `level_mwh` by store and
`entered_mw` by line."""


@dataclass(frozen=True)
class SeasonReport:
    """What the judge found: `violations` as in `CheckReport`; `costs`: term, value_mcur (million for these hours).

    `limits`: rule, quantity, value, least, most, of the yearly limits. `demand_mwh` by hour and node.
    """

    violations: pd.DataFrame
    costs: pd.DataFrame
    limits: pd.DataFrame
    demand_mw: pd.DataFrame

    @property
    def violated(self) -> bool:
        """Whether any law is broken."""
        return not self.violations.empty


def check_season(
    instance: Instance,
    plan: Solution,
    year: int,
    operation: pd.DataFrame,
    before: Before,
    lost: Contingency | None = None,
) -> SeasonReport:
    """Judges hours in a row of a stage: a column for each series, KIND/ID/QUANTITY, by hour of the season (index).

    `lost`: the element without which the hours are run. Faults become violations, never exceptions.
    """
    found = Findings()
    one = _alone(instance, year)
    facts = Facts.of(one)
    facts = replace(facts, stores=replace(facts.stores, seasonal=np.zeros(len(facts.stores.ids), dtype=bool)))
    told = _read_plan(facts, Facts.of(one), plan, year)
    half = None
    if lost is not None:
        told, half = _without(facts, told, lost), 0.0
    state = State.of(facts, told)
    if half is not None:
        state = replace(state, half_losses_mw=np.zeros(state.half_losses_mw.shape))
    hours = integers(operation.index)
    calendar = Calendar(integers([0]), integers([0]), np.ones(1), 1, hours, np.ones(1), integers([]), in_a_row=True)
    profile = load_profile(one, facts, calendar, np.ones(1))
    evidence = Evidence(
        found=found,
        facts=facts,
        calendar=calendar,
        hours=Hours.of(one, facts, calendar),
        plan=told,
        state=state,
        full_demand_mw=facts.nodes.full_mw[:, None, None, :] * profile,
        demand_mw=state.design_mw[:, None, None, :] * profile,
        operation=_read_operation(found, facts, state, told, operation),
        before=_read_before(found, facts, state, told, before),
    )
    judge_machines(evidence)
    judge_lines(evidence)
    judge_levels(evidence)
    judge_nodes(evidence)
    costs = operation_costs(one, evidence)
    return SeasonReport(
        violations=found.table(),
        costs=pd.DataFrame(
            {"term": list(costs), "value_mcur": [float(v[0] / facts.stages.weight[0]) for v in costs.values()]}
        ),
        limits=limit_table(one, evidence).drop(columns="stage"),
        demand_mw=pd.DataFrame(evidence.demand_mw[0, 0], index=operation.index, columns=facts.nodes.ids),
    )


def _alone(instance: Instance, year: int) -> Instance:
    """The instance with one stage and its yearly limits; the rest of its rules speak of the plan."""
    header = instance.header
    stages = tuple(stage for stage in header.stages if stage.year == year)
    rules = tuple(
        rule
        for rule in header.rules
        if isinstance(rule, YearlyLimit)
        and rule.enabled
        and (rule.from_year is None or rule.from_year <= year)
        and (rule.to_year is None or year <= rule.to_year)
    )
    header = header.model_copy(update={"stages": stages, "rules": rules})
    return instance.replace(header=header, schedules={}, schedule=None, schedule_name=None)


def _read_plan(facts: Facts, own: Facts, plan: Solution, year: int) -> Plan:
    """The tables of the plan in one stage. What is wrong with them `check` tells; the seasonal table is not needed."""
    names = ("pipes", "units", "retrofits", "stores", "regimes", "districts", "envelopes", "security")
    frames = {name: getattr(plan, name) for name in names}
    parts = {name: frame[frame["stage"] == year] for name, frame in frames.items()}
    return read_plan(Findings(), own, replace(plan, seasonal=plan.seasonal.iloc[:0], **parts))


def _without(facts: Facts, plan: Plan, lost: Contingency) -> Plan:
    """The plan with a share of an element taken away, and its reserve in operation."""
    left = 1.0 - lost.lost_share
    node = facts.nodes.ids.index(lost.node) if lost.node is not None else -1
    gone = np.array([name == lost.unit for name in facts.units.ids], dtype=bool) | (facts.units.node == node)
    cut = np.array([name.split("/")[0] == lost.pipe for name in facts.lines.ids], dtype=bool)
    fitted = gone[facts.retrofits.unit]
    there = plan.units["machines"] + plan.units["reserve_machines"]
    units = plan.units | {"machines": there * np.where(gone, left, 1.0)}
    pipes = plan.pipes | {"pairs": plan.pipes["pairs"] * np.where(cut, left, 1.0)}
    names = ("machines", "season_machines")
    retrofits = plan.retrofits | {name: plan.retrofits[name] * np.where(fitted, left, 1.0) for name in names}
    return replace(plan, units=units, pipes=pipes, retrofits=retrofits)


def _read_operation(found: Findings, facts: Facts, state: State, plan: Plan, frame: pd.DataFrame) -> Operation:
    """The table as arrays; what is not in place needs no column and does nothing."""
    columns, groups = expected_columns(facts, state)
    in_place = {
        "unit": dict(zip(facts.units.ids, plan.units["machines"][0] > 0.0, strict=True)),
        "pipe": dict(zip(facts.lines.ids, plan.pipes["pairs"][0] > 0.0, strict=True)),
        "store": dict(zip(facts.stores.ids, plan.stores["size_mwh"][0] > 0.0, strict=True)),
    }
    supplied = {facts.nodes.ids[k] for k in facts.units.node[plan.units["machines"][0] > 0.0]}
    arrays = {group: np.zeros((1, 1, len(frame), size)) for group, size in groups.items()}
    known = set()
    for column in columns:
        kind, name, quantity = column.key
        label = "/".join(column.key)
        known.add(label)
        if label in frame:
            values = pd.to_numeric(frame[label], errors="coerce").to_numpy(dtype=np.float64)
            wrong = int((~np.isfinite(values)).sum())
            arrays[column.group][0, 0, :, column.position] = np.where(np.isfinite(values), values, 0.0)
        else:
            needed = name in supplied if quantity == "spill_mw" else in_place.get(kind, {}).get(name, True)
            wrong = len(frame) if needed and column.stages[0] else 0
        if wrong:
            found.fault("operation.rows", float(wrong), tol.COUNT, "rows", id=label)
    for label in map(str, frame.columns):
        if label not in known:
            found.fault("operation.rows", float(len(frame)), tol.COUNT, "rows", id=f"unknown {label}")
    return Operation(arrays)


def _read_before(found: Findings, facts: Facts, state: State, plan: Plan, told: Before) -> dict[str, Array]:
    """The hours before the first as arrays, within what is in place; what is not told did nothing."""
    units, lines, stores = facts.units, facts.lines, facts.stores

    def table(name: str, ids: list[str], most: Array) -> Array:
        rows = {thing: np.atleast_1d(np.asarray(past, dtype=np.float64)) for thing, past in told.get(name, {}).items()}
        longest = max((len(past) for past in rows.values()), default=0)
        values = np.zeros((longest + LONGEST_H, len(ids)))
        for k, thing in enumerate(ids):
            past = rows.get(thing, np.zeros(0))
            if len(past):
                values[len(values) - len(past) :, k] = past
        over = np.maximum(values - most, -values).max(axis=0)
        allowed = tol.POWER_MW + tol.RELATIVE * np.abs(most)
        unit = {"on": "machines", "starts": "machines", "level_mwh": "MWh"}.get(name, "MW")
        found.judge("before", over, allowed, unit, id=[f"{thing} {name}" for thing in ids])
        return values[None, None]

    machines = plan.units["machines"][0]
    largest = np.maximum(units.largest_corner(units.corner_fuel), units.largest_corner(units.corner_heat))
    ran, started = table("on", units.ids, machines), table("starts", units.ids, machines)
    rise = np.diff(ran, axis=2, prepend=ran[:, :, :1])[:, :, -started.shape[2] :]
    return {
        "machines_on": ran,
        "starts": started,
        "stops": started[:, :, -rise.shape[2] :] - rise,
        "output_mw": table("output_mw", units.ids, machines * largest),
        "level_mwh": table("level_mwh", stores.ids, plan.stores["size_mwh"][0]),
        "entered_mw": table("entered_mw", lines.ids, (plan.pipes["pairs"] * state.capacity_mw)[0]),
    }


LONGEST_H = 24 * 14
"""Hours before the first that a law can look back to: longer than any delay or least time; what is not told is 0."""
