"""The report of the judge and how it comes about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from heatnet.check.costs import cost_table, emission_table
from heatnet.check.facts import Facts
from heatnet.check.findings import Findings
from heatnet.check.hours import Hours
from heatnet.check.margin import margin_table
from heatnet.check.operation_laws import OperationJudge
from heatnet.check.plan_laws import (
    judge_days,
    judge_design,
    judge_districts,
    judge_pipes,
    judge_rules,
    judge_schedule,
    judge_stores,
    judge_units,
)
from heatnet.check.security_laws import judge_firm_power, judge_security
from heatnet.check.tables import demand_mw, read_days, read_operation, read_plan

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
    loads could grow together, below 0 where they cannot be served as they are.
    """

    violations: pd.DataFrame
    costs: pd.DataFrame
    emissions: pd.DataFrame
    design_margin: pd.DataFrame

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
    calendar = read_days(found, instance, solution)
    load_scale = judge_days(found, instance, calendar)
    calendar = replace(calendar, demand_mw=demand_mw(instance, facts, calendar, load_scale))
    hours = Hours.of(instance, facts, calendar)
    plan = read_plan(found, facts, solution)
    operation = read_operation(found, facts, calendar, solution)
    judge_pipes(found, facts, plan.pipes)
    judge_units(found, facts, plan.units)
    judge_stores(found, facts, plan.stores)
    judge_rules(found, instance, facts, plan.units["existing_machines"])
    judge_schedule(found, instance, facts, plan.units["existing_machines"])
    judge_design(found, facts, plan)
    judge_firm_power(found, facts, plan.units["machines"])
    judge_security(found, facts, plan)
    OperationJudge(found, facts, calendar, hours, plan, operation).judge()
    judge_districts(found, facts, calendar, plan.districts, operation.of("node", "unserved_mw"))
    return CheckReport(
        violations=found.table(),
        costs=cost_table(instance, facts, calendar, hours, plan, operation),
        emissions=emission_table(facts, calendar, hours, operation),
        design_margin=margin_table(facts, plan),
    )
