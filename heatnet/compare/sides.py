"""What a schedule came to: its result folder as read, judged again, and as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from heatnet import run
from heatnet.check import CheckReport, check
from heatnet.check.facts import Facts
from heatnet.check.findings import Array, Findings
from heatnet.check.plan import Plan, read_plan
from heatnet.check.state import State
from heatnet.compare.schedules import Entry
from heatnet.errors import SolverError
from heatnet.instance import Instance
from heatnet.instance.records import Selection, YearlyLimit
from heatnet.instance.series import TimeGrid
from heatnet.solution import Solution
from heatnet.solve import Limits

RENEWABLE = "compare.renewable"
"""Id of a limit that asks for nothing, so that the checker counts the area heated by renewable heat."""


@dataclass(frozen=True)
class Found:
    """A plan with what follows from it."""

    instance: Instance
    solution: Solution
    report: CheckReport

    @cached_property
    def facts(self) -> Facts:
        """The instance as arrays."""
        return Facts.of(self.instance)

    @cached_property
    def plan(self) -> Plan:
        """The plan as arrays."""
        return read_plan(Findings(), self.facts, self.solution)

    @cached_property
    def state(self) -> State:
        """Loads, capacities and what machines can make, by stage."""
        return State.of(self.facts, self.plan)

    @property
    def years(self) -> list[int]:
        """First years of the stages."""
        return [stage.year for stage in self.instance.stages]

    @property
    def spans(self) -> Array:
        """Years that each stage stands for."""
        return np.array([stage.span_years for stage in self.instance.stages], dtype=np.float64)

    @property
    def rate(self) -> float:
        """Real interest."""
        return self.instance.header.economics.discount_rate_share

    def season_mwh(self, quantity: str) -> pd.Series[float]:
        """Heat (`heat_mw`) or fuel (`fuel_mw`) of a season in MWh, by stage and unit."""
        solution = self.solution
        rows = solution.operation[(solution.operation["kind"] == "unit") & (solution.operation["quantity"] == quantity)]
        weight = rows["day"].map(dict(zip(solution.days["day"], solution.days["weight_days"], strict=True)))
        energy = rows["value"] * weight.astype(float) * solution.step_hours
        return energy.groupby([rows["stage"], rows["id"]]).sum()


@dataclass(frozen=True)
class Side:
    """One schedule of a comparison; `found` is None where there is no plan.

    `given_up` is what would have to be for a plan to be there (`heatnet.explain.COLUMNS`), where none can be.
    """

    name: str
    instance: Instance
    summary: run.Summary
    found: Found | None
    given_up: pd.DataFrame | None = None


def load(entry: Entry, folder: Path) -> Side:
    """Read and judge the result of a schedule; of a plan that is not sound nothing is said but that.

    Raises RunError where it cannot be read.
    """
    loaded = run.load(folder)
    if loaded.solution is None:
        return Side(entry.name, entry.instance, loaded.summary, None, _given_up(entry.instance, loaded.summary))
    if not run.judge(loaded).sound:
        unsound: dict[str, object] = {"status": "invalid", "stop_reason": "judged again: not sound"}
        unsound |= dict.fromkeys(("cost", "bound", "gap"))
        return Side(entry.name, entry.instance, loaded.summary.model_copy(update=unsound), None)
    extra = YearlyLimit(
        id=RENEWABLE,
        kind="yearly_limit",
        quantity="heated_area_mm2",
        select=(Selection(renewable=True),),
        least=0.0,
        source="assumed: a count, no limit",
    )
    header = entry.instance.header
    counted = entry.instance.replace(header=header.model_copy(update={"rules": (*header.rules, extra)}))
    report = check(counted, loaded.solution)
    return Side(entry.name, entry.instance, loaded.summary, Found(entry.instance, loaded.solution, report))


def _given_up(instance: Instance, summary: run.Summary) -> pd.DataFrame | None:
    """What stands in the way of a schedule that is proved infeasible; None where there was no time to find it."""
    if summary.status != "infeasible":
        return None
    from heatnet.explain import explain  # needs Pyomo, which is slow to import

    asked = summary.options
    limits = Limits(time_s=asked.time_limit_s, threads=asked.threads, seed=asked.seed)
    try:
        return explain(TimeGrid.choose(instance, asked.days, asked.step_hours), limits=limits)
    except SolverError:
        return None
