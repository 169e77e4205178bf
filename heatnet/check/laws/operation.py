"""Laws of the operation of lines, stores and nodes. Arrays have the axes stages, days, steps and things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatnet.check import tolerance as tol
from heatnet.check.evidence import Evidence, all_day
from heatnet.physics.pipes import CURVE_SHARES

if TYPE_CHECKING:
    from heatnet.check.findings import Array


def judge_lines(evidence: Evidence) -> None:
    """Capacity, direction and pump power of lines."""
    lines, state, pairs = evidence.facts.lines, evidence.state, evidence.plan.pipes["pairs"]
    signed = evidence.operation.of("pipe", "flow_mw")
    flow = np.abs(signed)
    room = all_day(pairs * state.capacity_mw)
    evidence.note("line_capacity", flow - room, tol.POWER_MW + tol.RELATIVE * np.abs(room), "MW", lines.ids)
    evidence.note("one_way", np.where(lines.one_way, -signed, 0.0), tol.POWER_MW, "MW", lines.ids)
    needed = np.zeros(flow.shape)
    for y, k in np.argwhere(pairs > 0):
        grid = np.array(CURVE_SHARES) * state.capacity_mw[y, k]
        needed[y, :, :, k] = pairs[y, k] * np.interp(flow[y, :, :, k] / pairs[y, k], grid, state.pump_mw[y, k])
    pump = evidence.operation.of("pipe", "pump_mw")
    evidence.note("pump", needed - pump, tol.POWER_MW + tol.RELATIVE * needed, "MW", lines.ids)


def judge_levels(evidence: Evidence) -> None:
    """Level and power of stores; the level of a seasonal store is the change since the day began."""
    stores, step, of = evidence.facts.stores, evidence.calendar.step_hours, evidence.operation.of
    level, charge, discharge = of("store", "level_mwh"), of("store", "charge_mw"), of("store", "discharge_mw")
    before = evidence.earlier("level_mwh", level, 1)
    before[:, :, 0, :] = np.where(stores.seasonal, 0.0, before[:, :, 0, :])
    kept = before * (1.0 - stores.loss_share_per_h) ** step
    away = np.abs(kept + step * (stores.efficiency * charge - discharge) - level)
    size = all_day(evidence.plan.stores["size_mwh"])
    slack = tol.RELATIVE * np.abs(size)
    evidence.note("store_level", away, tol.ENERGY_MWH + slack, "MWh", stores.ids)
    over = np.where(stores.seasonal, 0.0, np.maximum(level - size, -level))
    evidence.note("store_size", over, tol.ENERGY_MWH + slack, "MWh", stores.ids)
    for power in (charge, discharge):
        excess = np.maximum(power - size / stores.hours, -power)
        evidence.note("store_power", excess, tol.POWER_MW + slack / stores.hours, "MW", stores.ids)


def judge_nodes(evidence: Evidence) -> None:
    """Heat stations, unserved heat, spill, and the balance of heat."""
    facts, of, demand = evidence.facts, evidence.operation.of, evidence.demand_mw
    nodes = facts.nodes
    heat = nodes.gather(of("unit", "heat_mw"), facts.units.node)
    allowed = tol.POWER_MW + tol.RELATIVE * np.abs(heat)
    evidence.note("station", heat - nodes.station_mw, allowed, "MW", nodes.ids)
    unserved, spill = of("node", "unserved_mw"), of("node", "spill_mw")
    allowed = tol.POWER_MW + tol.RELATIVE * np.abs(demand)
    evidence.note("unserved", np.maximum(unserved - demand, -unserved), allowed, "MW", nodes.ids)
    evidence.note("spill", -spill, tol.POWER_MW, "MW", nodes.ids)
    leaving = of("pipe", "flow_mw")
    arriving = _arriving(evidence, leaving)
    charge = nodes.gather(of("store", "charge_mw"), facts.stores.node)
    discharge = nodes.gather(of("store", "discharge_mw"), facts.stores.node)
    needed = demand + all_day(evidence.state.half_losses_mw)
    miss = heat + facts.net_inflow(leaving, arriving) + discharge - charge + unserved - spill - needed
    through = sum(np.abs(part) for part in (heat, charge, discharge, unserved, spill, needed))
    through = through + facts.through(leaving, arriving)
    evidence.note("balance", np.abs(miss), tol.POWER_MW + tol.RELATIVE * through, "MW", nodes.ids)


def _arriving(evidence: Evidence, leaving: Array) -> Array:
    """What comes out of lines: what went in `delay_h` before; parts of two steps in coarse steps."""
    step, delay = evidence.calendar.step_hours, evidence.facts.lines.delay_h
    arriving = leaving.copy()
    for k in np.flatnonzero(delay > 0):
        whole, rest = divmod(int(delay[k]), step)
        late = evidence.earlier("entered_mw", leaving, whole)[..., k]
        arriving[..., k] = late
        if rest:
            later = evidence.earlier("entered_mw", leaving, whole + 1)[..., k]
            arriving[..., k] = ((step - rest) * late + rest * later) / step
    return arriving
