"""How far representative days are from their season, and how many are enough.

A plan is held fixed, and every day of the season is run alone, as a ring of 24 hours: so the season has a cost that the
days can be judged by, for the price of dispatch LPs and without another plan. What is left out is what joins days
(stores, least times, heat on its way at midnight) and what the steps of a plan even out.
"""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd

from heatnet.errors import SolverError, UsageError
from heatnet.instance import Instance
from heatnet.instance.instance import Array
from heatnet.instance.series import TimeGrid, season_load
from heatnet.operate.stage import Stage
from heatnet.solution import Solution
from heatnet.solve import Limits, Observer, Progress, solve

COUNTS = (1, 2, 4, 6, 8, 12, 16, 24, 32)
"""Numbers of days that are tried. More make a plan too large to be found."""

REFERENCE_DAYS, REFERENCE_GAP = 4, 0.05
"""Days, each one step, and gap of the plan that days are judged with."""


class DayCost(Protocol):
    """Who runs single days, found by the entry-point group `heatnet.day_costs`."""

    def costs(self, stage: Stage, days: Sequence[int]) -> Array:
        """Operating cost of days of the season in million, each alone as a ring of 24 hours, at the stage's load."""


def find_day_cost() -> DayCost:
    """The one that is installed. Raises SolverError where there is none."""
    for entry in importlib.metadata.entry_points(group="heatnet.day_costs"):
        found: DayCost = entry.load()()
        return found
    raise SolverError("nothing that runs single days is installed; the distribution of heatnet brings it.")


@dataclass(frozen=True)
class Judge:
    """The days of a season, each with its cost in every stage of a plan held fixed."""

    instance: Instance
    plan: Solution
    day_cost: DayCost
    observer: Observer = lambda progress: None

    @cached_property
    def stages(self) -> Mapping[int, Stage]:
        """Stages of the plan over the season."""
        return {stage.year: Stage.of(self.instance, self.plan, stage.year) for stage in self.instance.stages}

    @cached_property
    def season_mcur(self) -> Mapping[int, Array]:
        """Cost of every day of the season, at its own load, million by stage."""
        began, found = time.perf_counter(), {}
        for year, stage in self.stages.items():
            self.observer(Progress(f"days of {year}", time.perf_counter() - began))
            found[year] = self.day_cost.costs(stage, range(self.instance.series.days))
        return found

    def errors(self, grid: TimeGrid) -> pd.DataFrame:
        """Cost of the season as representative days tell it, beside that of all days, by stage.

        The error is a share of the days' costs without their signs: fuel and power sold may nearly cancel in a season.
        `peak_share`: largest load of the days, of the season's.
        """
        weights, scales = np.array(grid.weight_days), np.array(grid.load_scale)
        peak = float(grid.load.max() / season_load(self.instance).max())
        rows = []
        for year, stage in self.stages.items():
            season = self.season_mcur[year]
            told = season[list(grid.season_days)].copy()
            for scale in set(scales[scales != 1.0].tolist()):
                places = np.flatnonzero(scales == scale)
                scaled = replace(stage, load_mw={node: load * scale for node, load in stage.load_mw.items()})
                told[places] = self.day_cost.costs(scaled, [grid.season_days[k] for k in places])
            days, whole, size = float(weights @ told), float(season.sum()), float(np.abs(season).sum())
            rows.append((len(grid.days), year, days, whole, (days - whole) / size if size else 0.0, peak))
        columns = ["days", "stage", "days_mcur", "season_mcur", "error_share", "peak_share"]
        return pd.DataFrame(rows, columns=columns)


@dataclass(frozen=True)
class Choice:
    """A number of representative days. `errors`: of every number tried; empty where there was no plan to judge with.

    `reached`: whether the last number tried keeps the error asked for in every stage.
    """

    days: int
    errors: pd.DataFrame
    reached: bool

    @property
    def worst(self) -> pd.Series:
        """Largest error of any stage, without its sign, by number of days."""
        return self.errors["error_share"].abs().groupby(self.errors["days"]).max()


def choose_days(
    instance: Instance,
    error_share: float,
    *,
    plan: Solution | None,
    limits: Limits,
    observer: Observer,
    day_cost: DayCost | None = None,
) -> Choice:
    """The smallest number of days whose cost is within `error_share` of the season's in every stage, for one plan.

    `plan`: held fixed; where None, a coarse one is found first, in a quarter of the time that the limits give. The
    largest number tried where none is good enough, and the instance's own where there is no plan. Raises UsageError for
    an error that cannot be meant.
    """
    if not 0.0 < error_share < 1.0:
        raise UsageError(f"--days-error {error_share:g}: must be a share above 0 and below 1, as 0.02 for 2 %.")
    season = instance.series.days
    plan = plan or _reference(instance, limits, observer)
    if plan is None:
        return Choice(instance.header.solve.days, pd.DataFrame(columns=["days", "error_share"]), False)
    judge = Judge(instance, plan, day_cost or find_day_cost(), observer)
    tried: list[pd.DataFrame] = []
    for number in sorted({min(count, season) for count in COUNTS}):
        tried.append(judge.errors(TimeGrid.choose(instance, number, 1)))
        if bool((tried[-1]["error_share"].abs() <= error_share).all()):
            return Choice(number, pd.concat(tried, ignore_index=True), True)
    return Choice(number, pd.concat(tried, ignore_index=True), False)


def _reference(instance: Instance, limits: Limits, observer: Observer) -> Solution | None:
    coarse = replace(
        limits,
        gap=max(limits.gap, REFERENCE_GAP),
        time_s=None if limits.time_s is None else limits.time_s / 4.0,
    )

    def tell(progress: Progress) -> None:
        observer(replace(progress, phase=f"reference: {progress.phase}", bound=None))

    number = min(REFERENCE_DAYS, instance.series.days)
    answer = solve(instance, days=number, step_hours=24, limits=coarse, observer=tell).answer
    if answer.stop_reason == "interrupted":
        raise KeyboardInterrupt
    return answer.solution
