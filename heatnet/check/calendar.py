"""The representative days of a result: which there are, which day of the season each stands for, and their steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from heatnet.check import tolerance as tol
from heatnet.check.columns import number, place
from heatnet.check.facts.arrays import NOTHING
from heatnet.physics.load import load_factor
from heatnet.solution import COLUMNS, Solution

if TYPE_CHECKING:
    from heatnet.check.facts import Facts
    from heatnet.check.findings import Array, Findings, IntArray
    from heatnet.instance import Instance

STEPS = (1, 2, 3, 4, 6, 8, 12, 24)
"""Lengths of a step in hours that divide a day."""


@dataclass(frozen=True)
class Calendar:
    """The representative days: id, day of the season (from 0), weight in days, load scale as told.

    `day_of` gives for every day of the season the place of the day that stands for it, `NOTHING` where none does.
    `in_a_row`: one long day instead, whose `hours` are hours of the season, and that is no ring.
    """

    ids: IntArray
    season_day: IntArray
    weight: Array
    step_hours: int
    hours: IntArray
    load_scale: Array
    day_of: IntArray
    in_a_row: bool = False

    @property
    def steps_of_day(self) -> int:
        """Steps of 24 hours."""
        return 24 // self.step_hours

    def energy_weight(self) -> Array:
        """Hours of the season that one step of each day stands for."""
        return self.step_hours * self.weight


def read_calendar(found: Findings, instance: Instance, solution: Solution) -> Calendar:
    """The usable rows of the days and of the calendar."""
    step = solution.step_hours
    if step not in STEPS:
        found.fault("days.step", float(step), tol.COUNT, "h", id="step_hours")
        step = 24
    frame = solution.days.reindex(columns=list(COLUMNS["days"]))
    columns = {name: number(frame[name]) for name in frame}
    season_days = len(instance.series["outdoor_c"]) // 24
    whole = np.isfinite(np.array(list(columns.values()))).all(axis=0)
    for name in ("day", "season_day"):
        whole &= np.mod(columns[name], 1.0) == 0.0
    whole &= (columns["season_day"] >= 0) & (columns["season_day"] < season_days)
    good = whole & ~pd.Series(columns["day"]).duplicated().to_numpy()
    found.judge("days.rows", np.where(good, 0.0, 1.0), tol.COUNT, "rows", id=[f"row {k}" for k in range(len(frame))])
    kept = {name: values[good] for name, values in columns.items()}
    ids = kept["day"].astype(np.int64)
    return Calendar(
        ids=ids,
        season_day=kept["season_day"].astype(np.int64),
        weight=kept["weight_days"],
        step_hours=step,
        hours=np.arange(0, 24, step, dtype=np.int64),
        load_scale=kept["load_scale"],
        day_of=_read_day_of(found, solution.calendar, ids, season_days),
    )


def _read_day_of(found: Findings, frame: pd.DataFrame, ids: IntArray, season_days: int) -> IntArray:
    """The place of the day that stands for each day of the season; the first row counts where there are several."""
    frame = frame.reindex(columns=list(COLUMNS["calendar"]))
    season_day = place(np.arange(season_days), frame["season_day"])
    day = place(ids, frame["day"])
    known = (season_day >= 0) & (day >= 0)
    labels = [f"row {k}" for k in range(len(frame))]
    found.judge("calendar.rows", np.where(known, 0.0, 1.0), tol.COUNT, "rows", id=labels)
    times = np.bincount(season_day[season_day >= 0], minlength=season_days)
    labels = [f"season_day {j}" for j in range(season_days)]
    found.judge("calendar.rows", np.abs(times - 1.0), tol.COUNT, "rows", id=labels)
    day_of = np.full(season_days, NOTHING, dtype=np.int64)
    day_of[season_day[known][::-1]] = day[known][::-1]
    return day_of


def step_means(calendar: Calendar, hourly: Array) -> Array:
    """Means over the steps of the representative days; axes are days and steps."""
    if calendar.in_a_row:
        return hourly[None, calendar.hours]
    by_step = hourly.reshape(-1, len(calendar.hours), calendar.step_hours).mean(axis=2)
    return np.asarray(by_step[calendar.season_day], dtype=np.float64)


def season_load(instance: Instance) -> Array:
    """Load factor in every hour of the season."""
    season, outdoor = instance.header.season, instance.series["outdoor_c"]
    floor = season.load_floor_share
    return load_factor(outdoor, season.indoor_c, season.design_outdoor_c, floor, season.inertia_h)


def load_profile(instance: Instance, facts: Facts, calendar: Calendar, load_scale: Array) -> Array:
    """Heat demand as a share of the design load; axes are days, steps, nodes."""
    load = step_means(calendar, season_load(instance)) * load_scale[:, None]
    profile = np.repeat(load[:, :, None], len(facts.nodes.ids), axis=2)
    for k, name in enumerate(facts.nodes.shape_series):
        if name is not None:
            profile[:, :, k] *= step_means(calendar, instance.series[name])
    return profile
