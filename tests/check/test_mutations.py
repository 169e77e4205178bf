"""The judge on real results, changed in one place at a time: in every column of every table, and in whole rows.

Results: the tutorial, a small city with every table and column in use, and two generated ones. Numbers go up and down
by 0.1 or by 1 % or are blank, counts go up and down by 1, names become another that is known and one that is not, rows
go, come twice or change places, and so do single cells.

A change *matters* if the tables, read as rows in whatever order, tell anything else than before: no knowledge of the
model, and nothing of the judge, goes into that. It is *caught* if the judge finds a violation, or a cost that differs
from the told one by more than `COST_TOLERANCE`: what makes a result refused. Not caught is, of what matters, only this:
- pump power, more than is needed, that is worth no more than the tolerance of the cost (all of it where the price is
  0): the law is a lower bound, and what holds pump power down is its price.
- two days of the season that exchange their representative days, where no store joins the days: any day may stand for
  any other, and only the weights, which stay, are in costs and laws.
- a representative day that is said to be another day with the same weather, prices and factors, out of those for which
  it stands: the same data give the same answer.
What does not matter is not caught, and must not be: the order of rows.

Sensitivity. Without each of these would go unnoticed:
- the share: a judge that no longer looks for missing, repeated or unknown rows, or at more than a few of its laws.
- the kinds: a single law of those that tie figures together (balances, sizes from what is new, corners, what the table
  of districts repeats, days, regimes of lines): each is the only one to catch some change. Laws that only bound a
  figure are hardly ever alone in this, as a change in one place breaks a tie too; `test_modes.py` and its neighbours,
  with answers changed in several places, are for them.
- every column: a column, or a quantity of the operation, that is not changed, its table being empty or new.
- order: a judge that looks at places of rows instead of their keys.
- each kind by itself: a list above that is out of date, or a bound that does not stand where it is said to.
- the length of a step: a result read in other steps than it was made in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from conftest import TUTORIAL, tiny
from instance.conftest import FILES
from oracles.test_invariants import sorts, town

from check.mutations import Mutation, mutations, same
from heatnet.check import check
from heatnet.instance import Instance, read
from heatnet.physics.finance import span_weight
from heatnet.solution import COLUMNS, Solution
from heatnet.solve import COST_TOLERANCE, Limits, Result, cost_difference, solve

SEED = 1


@dataclass(frozen=True)
class Case:
    """A result that the judge accepts."""

    name: str
    instance: Instance
    result: Result

    @property
    def solution(self) -> Solution:
        """Its tables."""
        assert self.result.answer.solution is not None
        return self.result.answer.solution

    def caught(self, changed: Solution) -> bool:
        """Whether changed tables are refused, the told cost being the same."""
        report = check(self.instance, changed)
        assert self.result.answer.cost is not None
        return report.violated or cost_difference(self.result.answer.cost, report) > COST_TOLERANCE

    @property
    def allowed_mcur(self) -> float:
        """Million by which a cost may differ from the told one."""
        assert self.result.report is not None
        terms = self.result.report.costs.groupby("term")["value_mcur"].sum()
        return COST_TOLERANCE * max(abs(self.result.answer.cost or 0.0), float(terms.abs().max()))

    def pump_mcur(self, row: pd.Series) -> float:
        """What 1 MW of pump power costs in the step of a row of the operation: W · w · Δ · retail price."""
        header, step = self.instance.header, self.solution.step_hours
        stage = next(stage for stage in header.stages if stage.year == row["stage"])
        weight = span_weight(header.economics.discount_rate_share, stage.year, stage.span_years, header.base_year)
        day = self.solution.days.set_index("day").loc[row["day"]]
        first = 24 * int(day["season_day"]) + int(row["hour"])
        price = self.instance.series["power_retail_cur_per_mwh"][first : first + step].mean()
        return float(weight * day["weight_days"] * step * price / 1e6)


@dataclass(frozen=True)
class Trial:
    """A change, whether it matters, and whether it was caught (None: not looked at, being no change)."""

    case: Case
    mutation: Mutation
    matters: bool
    caught: bool | None


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """All results: between them they have rows in every table."""
    rich = tiny(tmp_path_factory.mktemp("rich"))
    for name, text in FILES.items():
        (rich / name).write_text(text, encoding="utf-8")
    instances = {
        "tutorial": (read(TUTORIAL), {}),
        "rich": (read(rich), {"days": 2}),  # two stages, a zone, delay, retrofits, reserve, limits, pit and tank
        "pit": (town(115), {"step_hours": 12}),  # sets by the hour, a zone, a pit in use, a connection, limits
        "plain": (town(11), {"step_hours": 12}),  # two stages, a zone, envelopes, no pit
    }
    solved = {}
    for name, (instance, given) in instances.items():
        days = {"days": sorts(instance)} if name in ("pit", "plain") else {}
        result = solve(instance, solver="plain", limits=Limits(gap=0.01, threads=1), **given, **days)
        assert result.answer.solution is not None
        assert not result.refused
        solved[name] = Case(name, instance, result)
    return solved


@pytest.fixture(scope="session")
def trials(cases: dict[str, Case]) -> list[Trial]:
    """All changes, judged."""
    done = []
    for case in cases.values():
        for mutation in mutations(case.instance, case.solution, SEED, rows=1):
            matters = not same(getattr(case.solution, mutation.table), mutation.frame)
            judged = matters or mutation.how == "rows swapped"
            done.append(Trial(case, mutation, matters, case.caught(mutation.of(case.solution)) if judged else None))
    return done


def lawful(case: Case, mutation: Mutation) -> str | None:
    """Which of the kinds that are not caught, by the heading of this file, a change is; None: none of them."""
    if mutation.how == "deleted":
        return None
    before, after = getattr(case.solution, mutation.table).iloc[mutation.row], mutation.frame.iloc[mutation.row]
    if mutation.table == "operation" and before["quantity"] == "pump_mw" and mutation.column == "value":
        more = after["value"] - before["value"]
        return "pump" if 0 < more * case.pump_mcur(before) <= case.allowed_mcur else None
    joined = any(store.seasonal for store in case.instance.stores)
    if mutation.table == "calendar" and mutation.how == "cells swapped" and not joined:
        return "calendar"
    if (mutation.table, mutation.column, mutation.how) == ("days", "season_day", "another"):
        place = [int(row["season_day"]) for row in (before, after)]
        series = [values.reshape(-1, 24)[place] for values in case.instance.series.values()]
        return "days" if all(np.array_equal(one, other) for one, other in series) else None
    return None


def test_what_matters_is_caught(trials: list[Trial], record_property: Callable[[str, object], None]) -> None:
    """At least 95 in 100 of the changes that matter are caught, over all and in every result."""
    for name in ("all", *dict.fromkeys(trial.case.name for trial in trials)):
        own = [trial for trial in trials if name in ("all", trial.case.name)]
        matter = [trial for trial in own if trial.matters]
        caught = sum(trial.caught is True for trial in matter)
        if name == "all":
            record_property("matter", len(matter))
            record_property("caught", caught)
        assert caught >= 0.95 * len(matter), f"{name}: {len(own)} perturbations, {len(matter)} matter, {caught} caught"


def test_what_is_not_caught_is_known(trials: list[Trial]) -> None:
    """Whatever matters and is not caught is of a kind in the heading."""
    missed = [trial for trial in trials if trial.matters and not trial.caught]
    unknown = [
        (trial.case.name, trial.mutation.table, trial.mutation.column, trial.mutation.how, trial.mutation.row)
        for trial in missed
        if lawful(trial.case, trial.mutation) is None
    ]
    assert unknown == []


def test_every_column_is_changed(trials: list[Trial]) -> None:
    """Every column of every table in two places at least that matter, and every quantity of the operation."""
    places = {
        (trial.case.name, trial.mutation.table, trial.mutation.column, trial.mutation.row)
        for trial in trials
        if trial.matters
    }
    number = Counter((table, column) for _, table, column, _ in places)
    assert [(t, c) for t, columns in COLUMNS.items() for c in columns if number[t, c] < 2] == []
    quantities = {
        trial.case.solution.operation["quantity"].iloc[trial.mutation.row]
        for trial in trials
        if trial.mutation.table == "operation" and trial.mutation.column == "value"
    }
    assert {name for name in quantities if not name.startswith("corner_")} == {
        *("machines_on", "starts", "heat_mw", "power_mw", "fuel_mw", "flow_mw", "pump_mw"),
        *("charge_mw", "discharge_mw", "level_mwh", "unserved_mw", "spill_mw"),
    }
    assert any(name.startswith("corner_") for name in quantities)


def test_the_order_of_rows_means_nothing(trials: list[Trial]) -> None:
    """Rows that change places in each table are not refused."""
    swapped = [trial for trial in trials if trial.mutation.how == "rows swapped"]
    assert {trial.mutation.table for trial in swapped} == set(COLUMNS)
    assert [trial.mutation.table for trial in swapped if trial.matters or trial.caught] == []


def test_steps_of_another_length(cases: dict[str, Case]) -> None:
    """Steps of half or twice the length, or of none that divides a day, are refused."""
    for case in cases.values():
        step = case.solution.step_hours
        for other in (step // 2, step * 2, 7):
            assert case.caught(replace(case.solution, step_hours=other))


def test_pump_power_up_to_the_tolerance_of_the_cost(cases: dict[str, Case]) -> None:
    """Of what is not caught: pump power for half the tolerance is not, for twice the tolerance it is."""
    case = cases["tutorial"]
    table = case.solution.operation
    row = int(np.flatnonzero((table["quantity"] == "pump_mw") & (table["value"] > 0))[0])
    worth = case.allowed_mcur / case.pump_mcur(table.iloc[row])
    for share, caught in ((0.5, False), (2.0, True)):
        changed = table.copy()
        changed.loc[row, "value"] += share * worth
        assert case.caught(replace(case.solution, operation=changed)) is caught


@pytest.mark.parametrize(("name", "caught"), [("plain", False), ("pit", True)])
def test_days_that_exchange_their_representatives(cases: dict[str, Case], name: str, caught: bool) -> None:
    """Of what is not caught: a swap in the calendar is not, unless a seasonal store goes from day to day."""
    case = cases[name]
    calendar = case.solution.calendar.copy()
    one, other = case.solution.days["day"].to_numpy()[[1, 2]]
    free = ~calendar["season_day"].isin(case.solution.days["season_day"])
    rows = [int(np.flatnonzero(free & (calendar["day"] == day))[0]) for day in (one, other)]
    calendar.loc[rows, "day"] = [other, one]
    assert case.caught(replace(case.solution, calendar=calendar)) is caught


def test_a_representative_day_of_the_same_data(cases: dict[str, Case]) -> None:
    """Of what is not caught: a day with the same data in its place is not, one with other weather is."""
    case = cases["plain"]
    days, calendar = case.solution.days, case.solution.calendar
    row = int(np.flatnonzero(days["weight_days"] > 1)[0])
    own, told = days["day"].iloc[row], days["season_day"].iloc[row]
    for day, caught in ((own, False), (days["day"].iloc[row + 1], True)):
        others = calendar["season_day"][(calendar["day"] == day) & (calendar["season_day"] != told)]
        changed = days.copy()
        changed.loc[row, "season_day"] = int(others.iloc[-1])
        assert case.caught(replace(case.solution, days=changed)) is caught
