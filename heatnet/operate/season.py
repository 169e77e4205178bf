"""`operate`: a stage of a plan run hour by hour, judged, and set beside what the plan expected."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

import numpy as np
import pandas as pd

from heatnet.check import check
from heatnet.check.season import SeasonReport, check_season
from heatnet.errors import UsageError
from heatnet.instance import Instance
from heatnet.instance.weather import with_weather
from heatnet.operate import tables
from heatnet.operate.dispatch import Beginner, Dispatch, Dispatcher, Window, find_dispatcher
from heatnet.operate.stage import Stage
from heatnet.operate.state import SOFT_SHARE, State, limit_price
from heatnet.solution import Solution
from heatnet.solve import Limits, Observer, Progress, announce, contradicted, relative_gap

GAP = 0.002
"""Relative gap of a window where nothing else is asked for."""

COLD_DAYS = 3
"""Days in a row, the coldest, that a contingency is run for."""

OPERATION = (
    "fuel",
    "carbon",
    "pollutants",
    "variable",
    "start_up",
    "power_sold",
    "power_bought",
    "heat_sold",
    "pumping",
    "unserved",
)
"""Cost terms of `docs/model.md` that the operation decides."""


@dataclass(frozen=True)
class Season:
    """A stage run hour by hour, and what the judge says of it. Costs in million a season, not discounted.

    `series`: the table of hours that the judge saw. `costs`: term, plan_mcur, season_mcur; the term `soft_ends` is what
    yearly limits and seasonal stores miss, at its price. `bound`: no run from the same state costs less.
    `contingencies`: contingency, node, demand_mwh, unserved_mwh, served_share of the coldest days without the element.
    """

    stage: Stage
    dispatcher: str
    weather: str
    window: Window
    before: State
    dispatch: Dispatch
    report: SeasonReport
    series: pd.DataFrame
    costs: pd.DataFrame
    unserved: pd.DataFrame
    units: pd.DataFrame
    stores: pd.DataFrame
    load: pd.DataFrame
    contingencies: pd.DataFrame
    seconds: Mapping[str, float]

    @property
    def cost(self) -> float:
        """Million a season."""
        return float(self.costs["season_mcur"].sum())

    @property
    def planned_cost(self) -> float:
        """What the plan expects of its representative days, million a season."""
        return float(self.costs["plan_mcur"].sum())

    @property
    def bound(self) -> float | None:
        """Million a season; None where the dispatcher proves none."""
        return self.dispatch.bound

    @property
    def gap(self) -> float | None:
        """(cost − bound) / |cost|."""
        return None if self.bound is None else relative_gap(self.cost, self.bound)

    @property
    def refused(self) -> bool:
        """Whether the judge found a law broken, or the bound above the cost."""
        return self.report.violated or (self.bound is not None and contradicted(self.cost, self.bound))

    @property
    def power_sold_mwh(self) -> float:
        """Power made less power that units take, MWh."""
        return float(self.units["power_mwh"].sum())


def operate(
    instance: Instance,
    plan: Solution,
    stage: int,
    *,
    weather: str = "season",
    dispatcher: str = "rolling",
    window: Window | None = None,
    contingencies: bool = False,
    limits: Limits | None = None,
    observer: Observer = lambda progress: None,
) -> Season:
    """Run a stage of a plan hour by hour over the season, and judge it.

    `instance`: that of the plan, with its schedule applied. `weather`: `season`, `cold` or a file. `contingencies`: run
    the coldest days without each element that may be lost, too. Raises UsageError for what cannot be meant.
    """
    began = time.perf_counter()
    window, limits = window or Window(), limits or Limits(gap=GAP)
    runner, beginner = find_dispatcher(dispatcher), cast(Beginner, find_dispatcher("rolling"))
    other = with_weather(instance, weather)
    place = Stage.of(other, plan, stage)
    before = beginner.begin(place, limits)
    dispatch = runner.dispatch(place, before, window=window, limits=limits, observer=observer)
    ran = time.perf_counter()
    announce(observer, Progress("check", ran - began))
    series = tables.series(place, dispatch.run)
    report = check_season(other, plan, stage, series, asdict(before))
    planned = check(instance, plan).costs
    expected = planned[planned["stage"] == stage].set_index("term")["value_mcur"] / place.case.weight(stage)
    costs = _costs(place, before, dispatch, report, expected)
    lost = _contingencies(other, plan, place, runner, beginner, window, limits) if contingencies else _frame([])
    seconds = {**dispatch.seconds, "check": time.perf_counter() - ran, "total": time.perf_counter() - began}
    return Season(
        stage=place,
        dispatcher=dispatcher,
        weather=weather,
        window=window,
        before=before,
        dispatch=dispatch,
        report=report,
        series=series,
        costs=costs,
        unserved=tables.unserved(dispatch.run, report.demand_mw),
        units=tables.units(place, series),
        stores=tables.stores(place, dispatch.run),
        load=tables.load_duration(place, series, report.demand_mw),
        contingencies=lost,
        seconds=seconds,
    )


def _costs(stage: Stage, before: State, dispatch: Dispatch, report: SeasonReport, expected: pd.Series) -> pd.DataFrame:
    """Cost terms of the operation: what the plan expects, and what the judge found of the season."""
    told = report.costs.set_index("term")["value_mcur"]
    rows = [(term, float(expected[term]), float(told[term])) for term in OPERATION]
    rows.append(("soft_ends", 0.0, _soft_ends(stage, before.after(stage, dispatch.run))))
    return pd.DataFrame(rows, columns=["term", "plan_mcur", "season_mcur"])


def _soft_ends(stage: Stage, after: State) -> float:
    """What yearly limits and seasonal stores miss at the end of the hours, at its price, million."""
    price = SOFT_SHARE * stage.case.instance.header.economics.unserved_cur_per_mwh
    cost = sum(
        price * max(float(planned[after.hour]) - after.level_mwh[store], 0.0)
        for store, planned in stage.planned_mwh.items()
        if store in after.level_mwh
    )
    for rule in stage.limits:
        used, pace = after.used[rule.id], float(stage.pace[rule.id][after.hour])
        over = 0.0 if rule.most is None else max(used - rule.most * pace, 0.0)
        short = 0.0 if rule.least is None else max(rule.least * pace - used, 0.0)
        cost += limit_price(stage, rule) * (over + short)
    return cost / 1e6


def coldest_hours(instance: Instance, days: int = COLD_DAYS) -> range:
    """The hours of the days in a row with the lowest mean temperature, the first of equals."""
    mean = instance.series["outdoor_c"].reshape(-1, 24).mean(axis=1)
    days = min(days, len(mean))
    first = int(np.argmin(np.convolve(mean, np.ones(days), mode="valid")))
    return range(24 * first, 24 * (first + days))


def _contingencies(
    instance: Instance,
    plan: Solution,
    stage: Stage,
    runner: Dispatcher,
    beginner: Beginner,
    window: Window,
    limits: Limits,
) -> pd.DataFrame:
    """Heat that arrives at every node in the coldest days when an element is lost, for each contingency."""
    hours, rows = coldest_hours(instance), []
    window = Window(len(hours), 0) if len(hours) < window.hours else window
    for contingency in instance.contingencies:
        left = stage.over(hours.start, len(hours)).without(contingency)
        before = beginner.begin(left, limits)
        run = runner.dispatch(left, before, window=window, limits=limits, observer=lambda progress: None).run
        report = check_season(instance, plan, stage.year, tables.series(left, run), asdict(before), contingency)
        if report.violated:
            law = report.violations.iloc[0]
            raise UsageError(f"contingency {contingency.id}: the judge refuses its run ({law['law']}, {law['id']}).")
        for node in left.nodes:
            asked, missing = float(report.demand_mw[node].sum()), float(run.unserved_mw[node].sum())
            rows.append((contingency.id, node, asked, missing, 1.0 - missing / asked if asked else 1.0))
    return _frame(rows)


def _frame(rows: list[tuple[str, str, float, float, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["contingency", "node", "demand_mwh", "unserved_mwh", "served_share"])
