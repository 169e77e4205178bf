"""Laws of the sizes of stores, and of the level of seasonal stores from day to day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatnet.check import tolerance as tol
from heatnet.check.facts.arrays import NOTHING

if TYPE_CHECKING:
    from heatnet.check.evidence import Evidence
    from heatnet.check.facts import Facts
    from heatnet.check.findings import Findings
    from heatnet.check.plan import Grid


def judge_stores(found: Findings, facts: Facts, grid: Grid) -> None:
    """Sizes of every store and stage."""
    years, stores = facts.stages.years, facts.stores
    size, new = grid["size_mwh"], grid["new_mwh"]
    allowed = tol.ENERGY_MWH + tol.RELATIVE * (stores.existing_mwh + stores.max_new_mwh)
    found.judge("stores.negative", -new, allowed, "MWh", stage=years, id=stores.ids)
    found.judge("stores.limit", new.sum(axis=0) - stores.max_new_mwh, allowed, "MWh", id=stores.ids)
    early = facts.stages.early(new, stores.earliest)
    found.judge("stores.early", early, allowed, "MWh", stage=years, id=stores.ids)
    there = stores.existing_mwh + facts.stages.standing(new, stores.life)
    found.judge("stores.size", np.abs(size - there), allowed, "MWh", stage=years, id=stores.ids)


def judge_seasonal(evidence: Evidence) -> None:
    """The level of a seasonal store goes on from day to day and over the summer, never below 0 or above the size.

    The level at the end of a step is what is left of that at the beginning of the day, and the change since then.
    """
    found, facts, calendar, plan = evidence.found, evidence.facts, evidence.calendar, evidence.plan
    years, seasonal, step = facts.stages.years, facts.stores.seasonal, calendar.step_hours
    days = np.flatnonzero(calendar.day_of != NOTHING)
    stands = calendar.day_of[days]
    kept = 1.0 - facts.stores.loss_share_per_h[seasonal]
    # Axes: stages, days of the season, steps, stores.
    change = evidence.operation.of("store", "level_mwh")[..., seasonal][:, stands]
    begin = plan.seasonal.transpose(0, 2, 1)
    size = plan.stores["size_mwh"][:, None, seasonal]
    ids = [f"{name} season_day {day}" for day in days for name in facts.stores.seasonal_ids]
    allowed = np.broadcast_to(tol.ENERGY_MWH + tol.RELATIVE * np.abs(size), change[:, :, 0, :].shape)
    flat = (len(years), len(ids))
    after = np.roll(begin, -1, axis=1)[:, days]
    idle_days = np.where(days == begin.shape[1] - 1, facts.stores.off_season_days, 0)
    ended = (begin[:, days] * kept**24 + change[:, :, -1, :]) * kept ** (24 * idle_days[:, None])
    away = np.abs(ended - after)
    found.judge("seasonal.begin", away.reshape(flat), allowed.reshape(flat), "MWh", stage=years, id=ids)
    hours = step * (1 + np.arange(len(calendar.hours)))
    level = begin[:, days, None, :] * kept ** hours[:, None] + change
    over = np.maximum(level - size[:, :, None, :], -level).max(axis=2, initial=-np.inf)
    found.judge("seasonal.level", over.reshape(flat), allowed.reshape(flat), "MWh", stage=years, id=ids)
