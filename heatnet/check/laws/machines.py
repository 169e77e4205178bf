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
    steps = evidence.calendar.steps_of_day
    morning = np.arange(on.shape[2]) // steps * steps
    changed = np.where(commitment == "daily", np.abs(on - on[:, :, morning, :]), 0.0)
    evidence.note("on", changed, tol.COUNT, "machines", modes.labels)


def _judge_hourly(evidence: Evidence) -> None:
    """Starts, stops and the least times between them; a change of mode is neither."""
    units = evidence.facts.units
    hourly = np.flatnonzero(units.commitment == "hourly")
    ids = [units.ids[k] for k in hourly]
    every, starts = evidence.operation.of("unit", "machines_on"), evidence.operation.of("unit", "starts")
    stops = starts - evidence.risen("machines_on", every)
    # Stops are no rows of the operation: those of the hours before follow from what ran and what started then.
    up = _recent(evidence, "starts", starts, _steps(evidence, units.of_technology("min_up_h")))[..., hourly]
    down = _recent(evidence, "stops", stops, _steps(evidence, units.of_technology("min_down_h")))[..., hourly]
    on, starts, stops = every[..., hourly], starts[..., hourly], stops[..., hourly]
    away = np.maximum.reduce([-starts, -stops, from_whole(starts)])
    evidence.note("starts", away, tol.COUNT, "machines", ids)
    evidence.note("min_up", up - on, 2 * tol.COUNT, "machines", ids)
    most = all_day(evidence.plan.units["machines"])[..., hourly]
    evidence.note("min_down", down - (most - on), 2 * tol.COUNT, "machines", ids)


def _judge_ramps(evidence: Evidence) -> None:
    """How fast fuel, or heat where none is used, may change from step to step."""
    units, of = evidence.facts.units, evidence.operation.of
    share = units.ramp_share_per_h * evidence.calendar.step_hours
    slow = np.flatnonzero(share < 1.0)
    uses = units.largest_corner(units.corner_fuel) > 0.0
    fuel, heat = units.largest_corner(units.corner_fuel)[slow], units.largest_corner(units.corner_heat)[slow]
    out = np.where(uses, of("unit", "fuel_mw"), of("unit", "heat_mw"))
    full = np.where(fuel > 0.0, fuel, heat)
    on, starts = of("unit", "machines_on"), of("unit", "starts")
    stops = starts - evidence.risen("machines_on", on)
    hourly = units.commitment[slow] == "hourly"
    step = share[slow] * full
    machines = all_day(evidence.plan.units["machines"][:, slow])
    ran = evidence.earlier("machines_on", on, 1)[..., slow]
    up = np.where(hourly, step * ran + full * starts[..., slow], step * machines)
    down = np.where(hourly, step * on[..., slow] + full * stops[..., slow], step * machines)
    change = evidence.risen("output_mw", out)[..., slow]
    over = np.maximum(change - up, -change - down)
    # A count that is off by its tolerance moves the limit by as many machines.
    evidence.note("ramp", over, tol.POWER_MW + tol.COUNT * full, "MW", [units.ids[k] for k in slow])


def _steps(evidence: Evidence, hours: Array) -> IntArray:
    """Hours as whole steps, rounded up, one at least; at most those of a day that is a ring."""
    step, most = evidence.calendar.step_hours, len(evidence.calendar.hours)
    counts = [max(math.ceil(value / step), 1) for value in hours]
    return np.array(counts if evidence.calendar.in_a_row else np.minimum(counts, most), dtype=np.int64)


def _recent(evidence: Evidence, name: str, values: Array, steps: IntArray) -> Array:
    """Sum over this step and those before it, `steps` in all for each thing."""
    total = np.zeros(values.shape)
    for lag in range(int(steps.max(initial=0))):
        total += np.where(lag < steps, evidence.earlier(name, values, lag), 0.0)
    return total
