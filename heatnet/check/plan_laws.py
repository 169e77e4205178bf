"""Laws of the days, of what is built and kept, and of the design hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatnet.check import tolerance as tol
from heatnet.check.facts import NOTHING, Facts, numbers
from heatnet.check.tables import Calendar, Grid, Plan, season_load

if TYPE_CHECKING:
    from heatnet.check.findings import Array, Findings, IntArray, Labels
    from heatnet.instance import Instance
    from heatnet.instance.records import Selection


def judge_days(found: Findings, instance: Instance, calendar: Calendar) -> Array:
    """Weights, the coldest day and the load scale. Returns the load scale as it must be, one value a day."""
    outdoor = instance.series["outdoor_c"].reshape(-1, 24).mean(axis=1)
    coldest = int(np.argmin(outdoor))
    found.judge("days.weights", -calendar.weight, tol.DAYS, "d", day=calendar.ids)
    gap = abs(float(calendar.weight.sum()) - len(outdoor))
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


def judge_pipes(found: Findings, facts: Facts, pipes: Grid) -> None:
    """Pairs of every line and stage."""
    years, lines = facts.stages.years, facts.lines
    place: dict[str, Labels] = {"stage": years, "id": lines.ids}
    kept, new = pipes["existing_pairs"], pipes["new_pairs"]
    for name in ("pairs", "existing_pairs", "new_pairs", "removed_pairs"):
        found.judge("pipes.integer", _from_whole(pipes[name]), tol.COUNT, "pairs", **place)
    for values in (kept, new):
        found.judge("pipes.negative", -values, tol.COUNT, "pairs", **place)
    found.judge("pipes.limit", kept - lines.existing, tol.COUNT, "pairs", **place)
    found.judge("pipes.limit", np.where(lines.candidate, 0.0, new), tol.COUNT, "pairs", **place)
    laid = np.array([new[:, lines.pipe == k].sum() for k in range(len(lines.pipe_ids))])
    found.judge("pipes.limit", laid - lines.max_new, tol.COUNT, "pairs", id=lines.pipe_ids)
    found.judge("pipes.early", _early(facts, new, lines.earliest), tol.COUNT, "pairs", **place)
    found.judge("pipes.kept_rises", np.diff(kept, axis=0), tol.COUNT, "pairs", stage=years[1:], id=lines.ids)
    there = kept + np.einsum("bi,byi->yi", new, facts.stages.in_place(lines.life))
    found.judge("pipes.pairs", np.abs(pipes["pairs"] - there), tol.COUNT, "pairs", **place)
    left = _leaving(lines.existing, kept)
    found.judge("pipes.removed", np.abs(pipes["removed_pairs"] - left), tol.COUNT, "pairs", **place)


def judge_units(found: Findings, facts: Facts, grid: Grid) -> None:
    """Machines of every unit and stage."""
    years, units = facts.stages.years, facts.units
    place: dict[str, Labels] = {"stage": years, "id": units.ids}
    kept, new = grid["existing_machines"], grid["new_machines"]
    for name in ("machines", "existing_machines", "new_machines", "retired_machines"):
        found.judge("units.integer", _from_whole(grid[name]), tol.COUNT, "machines", **place)
    for values in (kept, new):
        found.judge("units.negative", -values, tol.COUNT, "machines", **place)
    found.judge("units.limit", kept - units.count, tol.COUNT, "machines", **place)
    found.judge("units.limit", new.sum(axis=0) - units.max_new, tol.COUNT, "machines", id=units.ids)
    found.judge("units.early", _early(facts, new, units.earliest), tol.COUNT, "machines", **place)
    found.judge("units.kept_rises", np.diff(kept, axis=0), tol.COUNT, "machines", stage=years[1:], id=units.ids)
    stay = numbers(0 if unit.may_retire else unit.count for unit in units.rows)
    found.judge("units.may_retire", stay - kept, tol.COUNT, "machines", **place)
    built = np.einsum("bi,byi->yi", new, facts.stages.in_place(units.life))
    found.judge("units.machines", np.abs(grid["machines"] - kept - built), tol.COUNT, "machines", **place)
    taken = np.zeros(kept.shape)  # places of a unit that all its converters together have taken
    converters = units.converts != NOTHING
    np.add.at(taken.T, units.converts[converters], built.T[converters])
    over = np.where(taken > 0.0, taken - (units.count - kept), 0.0)
    found.judge("units.converts", over, tol.COUNT, "machines", **place)
    left = _leaving(units.count, kept)
    found.judge("units.retired", np.abs(grid["retired_machines"] - left), tol.COUNT, "machines", **place)


def judge_stores(found: Findings, facts: Facts, grid: Grid) -> None:
    """Sizes of every store and stage."""
    years, stores = facts.stages.years, facts.stores
    size, new = grid["size_mwh"], grid["new_mwh"]
    allowed = tol.ENERGY_MWH + tol.RELATIVE * (stores.existing_mwh + stores.max_new_mwh)
    found.judge("stores.negative", -new, allowed, "MWh", stage=years, id=stores.ids)
    found.judge("stores.limit", new.sum(axis=0) - stores.max_new_mwh, allowed, "MWh", id=stores.ids)
    found.judge("stores.early", _early(facts, new, stores.earliest), allowed, "MWh", stage=years, id=stores.ids)
    there = stores.existing_mwh + np.einsum("bi,byi->yi", new, facts.stages.in_place(stores.life))
    found.judge("stores.size", np.abs(size - there), allowed, "MWh", stage=years, id=stores.ids)


def _from_whole(values: Array) -> Array:
    return np.abs(values - np.round(values))


def _early(facts: Facts, new: Array, earliest: IntArray) -> Array:
    """What is built in stages before the earliest year."""
    return np.where(facts.stages.years[:, None] < earliest, np.abs(new), 0.0)


def _leaving(start: Array, kept: Array) -> Array:
    """How many leave in each stage, in the first against the start."""
    return -np.diff(np.vstack([start, kept]), axis=0)


# --- rules and schedules -------------------------------------------------------------------------------------


def judge_rules(found: Findings, instance: Instance, facts: Facts, kept: Array) -> None:
    """`retired_share` rules as they stand in the header, changes of the schedule already merged."""
    units, years = facts.units, facts.stages.years
    size = np.where(units.max_power > 0, units.max_power, units.max_heat)
    for rule in instance.header.rules:
        if not rule.enabled:
            continue
        chosen = numbers(any(_meets(one, facts, k) for one in rule.select) for k in range(len(units.ids)))
        start = float((chosen * size * units.count).sum())
        over = (kept * size * chosen).sum(axis=1) - (1.0 - rule.min_share) * start
        over = np.where(years >= rule.by_year, over, 0.0)
        found.judge(f"rule.{rule.id}", over, tol.POWER_MW + tol.RELATIVE * start, "MW", stage=years)


def _meets(selection: Selection, facts: Facts, k: int) -> bool:
    """Whether unit k meets every condition of a selection."""
    unit, power = facts.units.rows[k], float(facts.units.max_power[k])
    lists = (
        (selection.kinds, facts.units.technologies[k].kind),
        (selection.units, unit.id),
        (selection.nodes, unit.node),
        (selection.owners, unit.owner),
    )
    if any(names and value not in names for names, value in lists):
        return False
    if selection.power_below_mw is not None and not 0 < power < selection.power_below_mw:
        return False
    return selection.retirement_due is None or selection.retirement_due == unit.retirement_due


def judge_schedule(found: Findings, instance: Instance, facts: Facts, kept: Array) -> None:
    """Retirements of the schedule applied; those of one unit speak of different machines and add up."""
    years, retirements = facts.stages.years, instance.schedule.retirements if instance.schedule else ()
    must_leave, must_stay = np.zeros(kept.shape), np.zeros(kept.shape)
    for item in retirements:
        k = facts.units.ids.index(item.unit)
        machines = facts.units.count[k] if item.machines is None else item.machines
        gone = item.exactly if item.exactly is not None else item.not_after
        there = item.exactly if item.exactly is not None else item.not_before
        if gone is not None:
            must_leave[:, k] += np.where(years >= gone, machines, 0)
        if there is not None:
            must_stay[:, k] += np.where(years < there, machines, 0)
    for name in sorted({item.unit for item in retirements}):
        k = facts.units.ids.index(name)
        size = np.maximum(must_leave[:, k] - (facts.units.count[k] - kept[:, k]), must_stay[:, k] - kept[:, k])
        found.judge(f"schedule.{name}", size[:, None], tol.COUNT, "machines", stage=years, id=[name])


# --- the design hour -----------------------------------------------------------------------------------------


def judge_design(found: Findings, facts: Facts, plan: Plan) -> None:
    """Capacities and balance of the design hour, MW."""
    years, units, lines, nodes = facts.stages.years, facts.units, facts.lines, facts.nodes
    heat, flow = plan.units["design_heat_mw"], plan.pipes["design_flow_mw"]
    short = plan.districts["design_shortfall_mw"]
    most = plan.units["machines"] * units.max_heat * units.of_technology("design_heat_share")
    excess = np.maximum(heat - most, -heat)
    allowed = tol.POWER_MW + tol.RELATIVE * np.abs(most)
    found.judge("design.unit_capacity", excess, allowed, "MW", stage=years, id=units.ids)
    at_node = nodes.gather(heat, units.node)
    found.judge("design.station", at_node - nodes.station_mw, tol.POWER_MW, "MW", stage=years, id=nodes.ids)
    room = plan.pipes["pairs"] * lines.capacity_mw
    allowed = tol.POWER_MW + tol.RELATIVE * np.abs(room)
    found.judge("design.line_capacity", np.abs(flow) - room, allowed, "MW", stage=years, id=lines.ids)
    excess = np.maximum(short - nodes.design_mw, -short)
    found.judge("design.shortfall", excess, tol.POWER_MW, "MW", stage=years, id=nodes.ids)
    needed = nodes.design_mw + facts.half_losses(plan.pipes["pairs"])
    miss = at_node + facts.net_inflow(flow) + short - needed
    through = np.abs(at_node) + facts.through(flow) + np.abs(needed)
    allowed = tol.POWER_MW + tol.RELATIVE * through
    found.judge("design.balance", np.abs(miss), allowed, "MW", stage=years, id=nodes.ids)


def judge_districts(found: Findings, facts: Facts, calendar: Calendar, districts: Grid, unserved: Array) -> None:
    """What the table of districts repeats: design load (MW), demand and unserved heat of the season (MWh)."""
    nodes, season = facts.nodes, calendar.energy_weight()
    hours = float(24.0 * calendar.weight.sum())
    place: dict[str, Labels] = {"stage": facts.stages.years, "id": nodes.ids}
    design = np.abs(districts["design_demand_mw"] - nodes.design_mw)
    allowed = tol.POWER_MW + tol.RELATIVE * nodes.design_mw
    found.judge("districts.design_demand", design, allowed, "MW", **place)
    for law, column, power in (
        ("districts.demand", "demand_mwh", calendar.demand_mw),
        ("districts.unserved", "unserved_mwh", unserved),
    ):
        energy = np.einsum("ydsn,d->yn", power, season)
        allowed = tol.POWER_MW * hours + tol.RELATIVE * np.abs(energy)
        found.judge(law, np.abs(districts[column] - energy), allowed, "MWh", **place)
