"""The report of the judge and how it comes about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from heatnet.check.calendar import load_profile, read_calendar
from heatnet.check.costs import cost_table
from heatnet.check.emissions import emission_table
from heatnet.check.evidence import Evidence
from heatnet.check.facts import Facts
from heatnet.check.findings import Findings
from heatnet.check.hours import Hours
from heatnet.check.laws.days import judge_calendar, judge_days
from heatnet.check.laws.demand import judge_connections, judge_districts, judge_envelopes
from heatnet.check.laws.design import judge_design, judge_firm_power, judge_security
from heatnet.check.laws.machines import judge_machines
from heatnet.check.laws.operation import judge_levels, judge_lines, judge_nodes
from heatnet.check.laws.pipes import judge_pipes, judge_regimes
from heatnet.check.laws.rules import judge_rules, judge_schedule, limit_table
from heatnet.check.laws.stores import judge_seasonal, judge_stores
from heatnet.check.laws.units import judge_retrofits, judge_units
from heatnet.check.margin import margin_table
from heatnet.check.operation import read_operation
from heatnet.check.plan import read_plan
from heatnet.check.state import State

if TYPE_CHECKING:
    import pandas as pd

    from heatnet.instance import Instance
    from heatnet.solution import Solution


@dataclass(frozen=True)
class CheckReport:
    """What the judge found.

    `violations`: law, stage, day, hour, id, size, unit, tolerance (size and tolerance in unit).
    `costs`: term, stage, value_mcur. `emissions`: stage, co2_fuel_t, co2_grid_t, so2_t, nox_t, pm_t (a year).
    `design_margin`: stage, design_demand_mw, loss_mw, shortfall_mw, margin_share: the share by which all design
    loads could grow together, below 0 where they cannot be served as they are. `limits`: stage, rule, quantity, value,
    least, most (blank: none), of the yearly limits.
    """

    violations: pd.DataFrame
    costs: pd.DataFrame
    emissions: pd.DataFrame
    design_margin: pd.DataFrame
    limits: pd.DataFrame

    @property
    def cost(self) -> float:
        """Sum of all cost terms, million of the base year."""
        return float(self.costs["value_mcur"].sum())

    @property
    def violated(self) -> bool:
        """Whether any law is broken."""
        return not self.violations.empty

    @property
    def worst(self) -> float:
        """The largest violation as a multiple of its tolerance, 0 if there is none."""
        if self.violations.empty:
            return 0.0
        return float((self.violations["size"] / self.violations["tolerance"]).max())


def check(instance: Instance, solution: Solution) -> CheckReport:
    """Judges a result against an instance (with its schedule applied). Faults become violations, never exceptions."""
    found = Findings()
    facts = Facts.of(instance)
    calendar = read_calendar(found, instance, solution)
    load_scale = judge_days(found, instance, calendar)
    judge_calendar(found, instance, calendar)
    plan = read_plan(found, facts, solution)
    state = State.of(facts, plan)
    profile = load_profile(instance, facts, calendar, load_scale)
    evidence = Evidence(
        found=found,
        facts=facts,
        calendar=calendar,
        hours=Hours.of(instance, facts, calendar),
        plan=plan,
        state=state,
        full_demand_mw=facts.nodes.full_mw[:, None, None, :] * profile,
        demand_mw=state.design_mw[:, None, None, :] * profile,
        operation=read_operation(found, facts, state, calendar, solution),
    )
    judge_pipes(found, facts, plan.pipes)
    judge_regimes(found, facts, plan, state)
    judge_units(found, facts, plan)
    judge_retrofits(found, facts, plan, state)
    judge_stores(found, facts, plan.stores)
    judge_connections(found, facts, plan.districts)
    judge_envelopes(found, facts, plan.envelopes, state)
    judge_rules(instance, evidence)
    judge_schedule(found, instance, facts, plan.units["existing_machines"])
    judge_design(found, facts, plan, state)
    judge_firm_power(found, facts, state)
    judge_security(found, facts, plan, state)
    judge_machines(evidence)
    judge_lines(evidence)
    judge_levels(evidence)
    judge_nodes(evidence)
    judge_seasonal(evidence)
    judge_districts(evidence)
    return CheckReport(
        violations=found.table(),
        costs=cost_table(instance, evidence),
        emissions=emission_table(evidence),
        design_margin=margin_table(facts, plan, state),
        limits=limit_table(instance, evidence),
    )
