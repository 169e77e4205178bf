"""Laws of the operation of machines. Arrays have the axes stages, days, steps and things."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from heatnet.check import tolerance as tol
from heatnet.check.evidence import Evidence, all_day
from heatnet.check.facts.arrays import NOTHING, sum_into
from heatnet.check.laws.counts import from_whole

if TYPE_CHECKING:
    from heatnet.check.findings import Array, IntArray


def judge_machines(evidence: Evidence) -> None:
    """Corner points, modes, machines that run, their starts and stops, and ramps."""
    _judge_corners(evidence)
    _judge_on(evidence)
    _judge_hourly(evidence)
    _judge_ramps(evidence)


def _judge_corners(evidence: Evidence) -> None:
    """Heat, power and fuel are those of the corner weights."""
    units, weights = evidence.facts.units, evidence.operation.of("unit", "corners")
    names = [f"{units.ids[u]} {c}" for u, c in zip(units.corner_unit, units.corner_names, strict=True)]
    evidence.note("corners", -weights, tol.COUNT, "machines", names)
    for quantity, corner, tolerance in (
        ("machines_on", np.ones(len(names)), tol.COUNT),
        ("heat_mw", units.corner_heat, tol.POWER_MW),
        ("power_mw", evidence.hours.corner_power, tol.POWER_MW),
        ("fuel_mw", units.corner_fuel, tol.POWER_MW),
    ):
        away = np.abs(evidence.operation.of("unit", quantity) - units.sum_corners(weights * corner))
        allowed = tolerance + tol.RELATIVE * units.sum_corners(np.abs(weights * corner))
        unit = "machines" if quantity == "machines_on" else "MW"
        evidence.note("corners", away, allowed, unit, [f"{name} {quantity}" for name in units.ids])


def _judge_on(evidence: Evidence) -> None:
    """Machines that run, by mode and together."""
    units, modes, state, available = (
        evidence.facts.units,
        evidence.facts.units.modes,
        evidence.state,
        evidence.hours.available,
    )
    on = sum_into(evidence.operation.of("unit", "corners"), units.corner_mode, len(modes.labels))
    opened = modes.retrofit != NOTHING
    column = np.where(modes.seasonal, "season_machines", "machines")[opened]
    grid = evidence.plan.retrofits
    places = zip(column, modes.retrofit[opened], strict=True)
    most = np.array([grid[name][:, k] for name, k in places]).reshape(-1, len(evidence.facts.stages.years)).T
    over = on[..., opened] - all_day(most) * available[..., modes.unit[opened]]
    labels = np.array(modes.labels, dtype=object)
    evidence.note("modes", over, tol.COUNT, "machines", list(labels[opened]))

    machines = evidence.plan.units["machines"]
    free = ~modes.seasonal
    together = sum_into(on[..., free], modes.unit[free], len(units.ids))
    over = together - all_day(machines - state.season) * available
    # A machine too many in the mode of the season leaves less than nothing for the others; that is its own finding.
    evidence.note("on", np.where(together > 0.0, over, 0.0), tol.COUNT, "machines", units.ids)
    idle = all_day(machines) * available - evidence.operation.of("unit", "machines_on")
    evidence.note("must_run", np.where(units.must_run, idle, 0.0), tol.COUNT, "machines", units.ids)
    commitment = units.commitment[modes.unit]
    whole = np.where(commitment == "none", 0.0, from_whole(on))
    evidence.note("on", whole, tol.COUNT, "machines", modes.labels)
    changed = np.where(commitment == "daily", np.abs(on - on[:, :, :1, :]), 0.0)
    evidence.note("on", changed, tol.COUNT, "machines", modes.labels)


def _judge_hourly(evidence: Evidence) -> None:
    """Starts, stops and the least times between them, the day as a ring; a change of mode is neither."""
    units, step = evidence.facts.units, evidence.calendar.step_hours
    hourly = np.flatnonzero(units.commitment == "hourly")
    ids = [units.ids[k] for k in hourly]
    on = evidence.operation.of("unit", "machines_on")[..., hourly]
    starts = evidence.operation.of("unit", "starts")[..., hourly]
    stops = starts - _risen(on)
    away = np.maximum.reduce([-starts, -stops, from_whole(starts)])
    evidence.note("starts", away, tol.COUNT, "machines", ids)
    up = _recent(starts, _steps(units.of_technology("min_up_h")[hourly], step, on.shape[2]))
    evidence.note("min_up", up - on, 2 * tol.COUNT, "machines", ids)
    down = _recent(stops, _steps(units.of_technology("min_down_h")[hourly], step, on.shape[2]))
    most = all_day(evidence.plan.units["machines"])[..., hourly]
    evidence.note("min_down", down - (most - on), 2 * tol.COUNT, "machines", ids)


def _judge_ramps(evidence: Evidence) -> None:
    """How fast fuel, or heat where none is used, may change from step to step, the day as a ring."""
    units, of = evidence.facts.units, evidence.operation.of
    share = units.ramp_share_per_h * evidence.calendar.step_hours
    slow = np.flatnonzero(share < 1.0)
    fuel, heat = units.largest_corner(units.corner_fuel)[slow], units.largest_corner(units.corner_heat)[slow]
    out = np.where(fuel > 0.0, of("unit", "fuel_mw")[..., slow], of("unit", "heat_mw")[..., slow])
    full = np.where(fuel > 0.0, fuel, heat)
    on, starts = of("unit", "machines_on")[..., slow], of("unit", "starts")[..., slow]
    hourly = units.commitment[slow] == "hourly"
    step = share[slow] * full
    machines = all_day(evidence.plan.units["machines"][:, slow])
    up = np.where(hourly, step * np.roll(on, 1, axis=2) + full * starts, step * machines)
    down = np.where(hourly, step * on + full * (starts - _risen(on)), step * machines)
    change = _risen(out)
    over = np.maximum(change - up, -change - down)
    # A count that is off by its tolerance moves the limit by as many machines.
    evidence.note("ramp", over, tol.POWER_MW + tol.COUNT * full, "MW", [units.ids[k] for k in slow])


def _risen(values: Array) -> Array:
    """How much more than in the step before, the day as a ring."""
    return values - np.roll(values, 1, axis=2)


def _steps(hours: Array, step_hours: int, steps_of_day: int) -> IntArray:
    """Hours as whole steps, rounded up, one at least and at most those of a day."""
    counts = [min(max(math.ceil(value / step_hours), 1), steps_of_day) for value in hours]
    return np.array(counts, dtype=np.int64)


def _recent(values: Array, steps: IntArray) -> Array:
    """Sum over this step and those before it, `steps` in all for each thing, the day as a ring."""
    total = np.zeros(values.shape)
    for lag in range(int(steps.max(initial=0))):
        total += np.where(lag < steps, np.roll(values, lag, axis=2), 0.0)
    return total
