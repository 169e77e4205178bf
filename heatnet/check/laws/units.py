"""Laws of machines: built, kept, in reserve, and fitted with retrofits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatnet.check import tolerance as tol
from heatnet.check.facts.arrays import NOTHING, numbers
from heatnet.check.laws.counts import from_whole, leaving

if TYPE_CHECKING:
    from heatnet.check.facts import Facts
    from heatnet.check.findings import Array, Findings, Labels
    from heatnet.check.plan import Plan
    from heatnet.check.state import State


def judge_units(found: Findings, facts: Facts, plan: Plan) -> None:
    """Machines of every unit and stage."""
    years, units, grid = facts.stages.years, facts.units, plan.units
    place: dict[str, Labels] = {"stage": years, "id": units.ids}
    kept, new, reserve = grid["existing_machines"], grid["new_machines"], grid["reserve_machines"]
    for name in ("machines", "existing_machines", "new_machines", "retired_machines", "reserve_machines"):
        found.judge("units.integer", from_whole(grid[name]), tol.COUNT, "machines", **place)
    for values in (kept, new):
        found.judge("units.negative", -values, tol.COUNT, "machines", **place)
    found.judge("units.limit", kept - units.count, tol.COUNT, "machines", **place)
    found.judge("units.limit", new.sum(axis=0) - units.max_new, tol.COUNT, "machines", id=units.ids)
    found.judge("units.early", facts.stages.early(new, units.earliest), tol.COUNT, "machines", **place)
    found.judge("units.kept_rises", np.diff(kept, axis=0), tol.COUNT, "machines", stage=years[1:], id=units.ids)
    stay = numbers(0 if unit.may_retire else unit.count for unit in units.rows)
    found.judge("units.may_retire", stay - kept, tol.COUNT, "machines", **place)
    built = facts.stages.standing(new, units.life)
    away = np.abs(grid["machines"] - (kept + built - reserve))
    found.judge("units.machines", away, tol.COUNT, "machines", **place)
    allowed = np.array([unit.may_reserve for unit in units.rows], dtype=bool)
    # What is built runs in the stage in which it is built.
    over = np.where(allowed, reserve - (kept + built - new), reserve)
    found.judge("units.reserve", np.maximum(over, -reserve), tol.COUNT, "machines", **place)
    taken = np.zeros(kept.shape)  # places of a unit that all its converters together have taken
    converters = units.converts != NOTHING
    np.add.at(taken.T, units.converts[converters], built.T[converters])
    over = np.where(taken > 0.0, taken - (units.count - kept), 0.0)
    found.judge("units.converts", over, tol.COUNT, "machines", **place)
    left = leaving(units.count, kept)
    found.judge("units.retired", np.abs(grid["retired_machines"] - left), tol.COUNT, "machines", **place)
    _judge_groups(found, facts, kept)
    _judge_pipe_first(found, facts, kept - reserve, plan.pipes["pairs"])


def _judge_groups(found: Findings, facts: Facts, kept: Array) -> None:
    """All existing machines of a group are kept, or none."""
    units = facts.units
    for name in sorted({unit.group for unit in units.rows if unit.group is not None}):
        own = [unit.group == name for unit in units.rows]
        there, gone = kept[:, own].sum(axis=1), (units.count - kept)[:, own].sum(axis=1)
        size = np.minimum(there, gone)[:, None]
        found.judge("units.group", size, tol.COUNT, "machines", stage=facts.stages.years, id=[name])


def _judge_pipe_first(found: Findings, facts: Facts, working: Array, pairs: Array) -> None:
    """No machine has left or is in reserve in a stage in which the pipe that it waits for has no pair."""
    units, lines, years = facts.units, facts.lines, facts.stages.years
    for k, unit in enumerate(units.rows):
        if unit.leaves_after_pipe is not None:
            laid = pairs[:, lines.pipe == lines.pipe_ids.index(unit.leaves_after_pipe)].sum(axis=1)
            left = np.where(laid > tol.COUNT, 0.0, units.count[k] - working[:, k])[:, None]
            found.judge("units.leaves_after_pipe", left, tol.COUNT, "machines", stage=years, id=[unit.id])


def judge_retrofits(found: Findings, facts: Facts, plan: Plan, state: State) -> None:
    """Machines fitted, bought for, and in the mode of the season."""
    years, retrofits, grid = facts.stages.years, facts.retrofits, plan.retrofits
    place: dict[str, Labels] = {"stage": years, "id": retrofits.ids}
    fitted, new, season = grid["machines"], grid["new_machines"], grid["season_machines"]
    for values in (fitted, new, season):
        found.judge("retrofits.integer", from_whole(values), tol.COUNT, "machines", **place)
    found.judge("retrofits.negative", -new, tol.COUNT, "machines", **place)
    found.judge("retrofits.limit", fitted - retrofits.limit, tol.COUNT, "machines", **place)
    found.judge("retrofits.early", facts.stages.early(new, retrofits.earliest), tol.COUNT, "machines", **place)
    standing = facts.stages.standing(new, retrofits.life)
    found.judge("retrofits.fitted", np.abs(fitted - standing), tol.COUNT, "machines", **place)
    over = np.maximum(season - np.where(retrofits.seasonal, fitted, 0.0), -season)
    found.judge("retrofits.season", over, tol.COUNT, "machines", **place)
    over = np.where(state.season > 0.0, state.season - plan.units["machines"], 0.0)
    found.judge("retrofits.season", over, tol.COUNT, "machines", stage=years, id=facts.units.ids)
