"""Laws of the representative days and of the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatnet.check import tolerance as tol
from heatnet.check.calendar import Calendar, season_load
from heatnet.check.facts.arrays import NOTHING

if TYPE_CHECKING:
    from heatnet.check.findings import Array, Findings
    from heatnet.instance import Instance


def judge_days(found: Findings, instance: Instance, calendar: Calendar) -> Array:
    """Weights, the coldest day and the load scale. Returns the load scale as it must be, one value a day."""
    season_days, coldest = len(instance.series["outdoor_c"]) // 24, _coldest(instance)
    found.judge("days.weights", -calendar.weight, tol.DAYS, "d", day=calendar.ids)
    gap = abs(float(calendar.weight.sum()) - season_days)
    if gap > tol.DAYS:
        found.fault("days.weights", gap, tol.DAYS, "d", id="sum")
    is_coldest = calendar.season_day == coldest
    if not is_coldest.any():
        found.fault("days.coldest", 1.0, tol.COUNT, "d", id=f"season_day {coldest}")
    hourly = season_load(instance)
    mean = hourly.reshape(-1, 24).mean(axis=1)[calendar.season_day]
    fixed = float((calendar.weight * mean)[is_coldest].sum())
    free = float((calendar.weight * mean)[~is_coldest].sum())
    rest = (float(calendar.weight.sum()) * float(hourly.mean()) - fixed) / free if free > 0 else 1.0
    scale = np.where(is_coldest, 1.0, rest)
    found.judge("days.load_scale", np.abs(calendar.load_scale - scale), tol.SCALE, "1", day=calendar.ids)
    return scale


def judge_calendar(found: Findings, instance: Instance, calendar: Calendar) -> None:
    """A representative day stands for itself, for as many days as it weighs, and the coldest for no other.

    A coldest day that is alone stands for all.
    """
    itself = calendar.day_of[calendar.season_day]
    away = np.where(itself == np.arange(len(calendar.ids)), 0.0, 1.0)
    found.judge("calendar.itself", away, tol.COUNT, "d", day=calendar.ids)
    times = np.bincount(calendar.day_of[calendar.day_of != NOTHING], minlength=len(calendar.ids))
    found.judge("calendar.weights", np.abs(times - calendar.weight), tol.DAYS, "d", day=calendar.ids)
    alone = (calendar.season_day == _coldest(instance)) & (len(calendar.ids) > 1)
    found.judge("calendar.coldest", np.where(alone, times - 1.0, 0.0), tol.COUNT, "d", day=calendar.ids)


def _coldest(instance: Instance) -> int:
    """The day of the season with the lowest mean outdoor temperature, the first of equals."""
    return int(np.argmin(instance.series["outdoor_c"].reshape(-1, 24).mean(axis=1)))
