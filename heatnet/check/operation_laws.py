"""Laws of the operation. Arrays have the axes stages, days, steps and things."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from heatnet.check import tolerance as tol
from heatnet.physics.pipes import CURVE_SHARES

if TYPE_CHECKING:
    from heatnet.check.facts import Facts
    from heatnet.check.findings import Array, Findings, IntArray
    from heatnet.check.hours import Hours
    from heatnet.check.tables import Calendar, Operation, Plan


class OperationJudge:
    """Judges the operation of all stages and days against what is in place."""

    def __init__(
        self, found: Findings, facts: Facts, calendar: Calendar, hours: Hours, plan: Plan, operation: Operation
    ) -> None:
        self._found = found
        self._facts = facts
        self._calendar = calendar
        self._hours = hours
        self._plan = plan
        self._operation = operation

    def judge(self) -> None:
        """All laws."""
        self._corners()
        self._on()
        self._hourly()
        self._station()
        self._lines()
        self._stores()
        self._unserved()
        self._balance()

    def _note(self, law: str, size: Array, tolerance: npt.ArrayLike, unit: str, ids: list[str]) -> None:
        years, days, hours = self._facts.stages.years, self._calendar.ids, self._calendar.hours
        self._found.judge(f"operation.{law}", size, tolerance, unit, stage=years, day=days, hour=hours, id=ids)

    def _installed(self, table: str, column: str) -> Array:
        """A column of the plan, with axes of one day and one step put in."""
        values: Array = getattr(self._plan, table)[column]
        return values[:, None, None, :]

    # --- units -----------------------------------------------------------------------------------------------

    def _corners(self) -> None:
        units, weights = self._facts.units, self._operation.of("unit", "corners")
        names = [f"{units.ids[u]} {c}" for u, c in zip(units.corner_unit, units.corner_names, strict=True)]
        self._note("corners", -weights, tol.COUNT, "machines", names)
        for quantity, corner, tolerance in (
            ("machines_on", np.ones(len(names)), tol.COUNT),
            ("heat_mw", units.corner_heat, tol.POWER_MW),
            ("power_mw", self._hours.corner_power, tol.POWER_MW),
            ("fuel_mw", units.corner_fuel, tol.POWER_MW),
        ):
            away = np.abs(self._operation.of("unit", quantity) - units.sum_corners(weights * corner))
            allowed = tolerance + tol.RELATIVE * units.sum_corners(np.abs(weights * corner))
            unit = "machines" if quantity == "machines_on" else "MW"
            self._note("corners", away, allowed, unit, [f"{name} {quantity}" for name in units.ids])

    def _on(self) -> None:
        units, on = self._facts.units, self._operation.of("unit", "machines_on")
        most = self._installed("units", "machines") * self._hours.available
        self._note("on", on - most, tol.COUNT, "machines", units.ids)
        self._note("must_run", np.where(units.must_run, most - on, 0.0), tol.COUNT, "machines", units.ids)
        whole = np.where(units.commitment == "none", 0.0, np.abs(on - np.round(on)))
        self._note("on", whole, tol.COUNT, "machines", units.ids)
        changed = np.where(units.commitment == "daily", np.abs(on - on[:, :, :1, :]), 0.0)
        self._note("on", changed, tol.COUNT, "machines", units.ids)

    def _hourly(self) -> None:
        units, step = self._facts.units, self._calendar.step_hours
        hourly = np.flatnonzero(units.commitment == "hourly")
        ids = [units.ids[k] for k in hourly]
        on = self._operation.of("unit", "machines_on")[..., hourly]
        starts = self._operation.of("unit", "starts")[..., hourly]
        risen = on - np.roll(on, 1, axis=2)
        stops = starts - risen
        self._note("starts", np.maximum(-starts, -stops), tol.COUNT, "machines", ids)
        most = self._installed("units", "machines")[..., hourly]
        up = _recent(starts, _steps(units.of_technology("min_up_h")[hourly], step, on.shape[2]))
        self._note("min_up", up - on, 2 * tol.COUNT, "machines", ids)
        down = _recent(stops, _steps(units.of_technology("min_down_h")[hourly], step, on.shape[2]))
        self._note("min_down", down - (most - on), 2 * tol.COUNT, "machines", ids)

    def _station(self) -> None:
        nodes = self._facts.nodes
        heat = nodes.gather(self._operation.of("unit", "heat_mw"), self._facts.units.node)
        allowed = tol.POWER_MW + tol.RELATIVE * np.abs(heat)
        self._note("station", heat - nodes.station_mw, allowed, "MW", nodes.ids)

    # --- lines -----------------------------------------------------------------------------------------------

    def _lines(self) -> None:
        lines, pairs = self._facts.lines, self._plan.pipes["pairs"]
        flow = np.abs(self._operation.of("pipe", "flow_mw"))
        room = self._installed("pipes", "pairs") * lines.capacity_mw
        self._note("line_capacity", flow - room, tol.POWER_MW + tol.RELATIVE * np.abs(room), "MW", lines.ids)
        needed = np.zeros(flow.shape)
        for k in range(len(lines.ids)):
            grid = np.array(CURVE_SHARES) * lines.capacity_mw[k]
            for y in np.flatnonzero(pairs[:, k] > 0):
                needed[y, :, :, k] = pairs[y, k] * np.interp(flow[y, :, :, k] / pairs[y, k], grid, lines.pump_mw[k])
        pump = self._operation.of("pipe", "pump_mw")
        self._note("pump", needed - pump, tol.POWER_MW + tol.RELATIVE * needed, "MW", lines.ids)

    # --- stores ----------------------------------------------------------------------------------------------

    def _stores(self) -> None:
        stores, step = self._facts.stores, self._calendar.step_hours
        level = self._operation.of("store", "level_mwh")
        charge, discharge = self._operation.of("store", "charge_mw"), self._operation.of("store", "discharge_mw")
        kept = np.roll(level, 1, axis=2) * (1.0 - stores.loss_share_per_h) ** step
        away = np.abs(kept + step * (stores.efficiency * charge - discharge) - level)
        size = self._installed("stores", "size_mwh")
        slack = tol.RELATIVE * np.abs(size)
        self._note("store_level", away, tol.ENERGY_MWH + slack, "MWh", stores.ids)
        self._note("store_size", np.maximum(level - size, -level), tol.ENERGY_MWH + slack, "MWh", stores.ids)
        for power in (charge, discharge):
            excess = np.maximum(power - size / stores.hours, -power)
            self._note("store_power", excess, tol.POWER_MW + slack / stores.hours, "MW", stores.ids)

    # --- nodes -----------------------------------------------------------------------------------------------

    def _unserved(self) -> None:
        nodes, demand = self._facts.nodes, self._calendar.demand_mw
        unserved, spill = self._operation.of("node", "unserved_mw"), self._operation.of("node", "spill_mw")
        allowed = tol.POWER_MW + tol.RELATIVE * demand
        self._note("unserved", np.maximum(unserved - demand, -unserved), allowed, "MW", nodes.ids)
        self._note("spill", -spill, tol.POWER_MW, "MW", nodes.ids)

    def _balance(self) -> None:
        facts, of = self._facts, self._operation.of
        nodes, flow = facts.nodes, of("pipe", "flow_mw")
        heat = nodes.gather(of("unit", "heat_mw"), facts.units.node)
        charge = nodes.gather(of("store", "charge_mw"), facts.stores.node)
        discharge = nodes.gather(of("store", "discharge_mw"), facts.stores.node)
        unserved, spill = of("node", "unserved_mw"), of("node", "spill_mw")
        needed = self._calendar.demand_mw + facts.half_losses(self._plan.pipes["pairs"])[:, None, None, :]
        miss = heat + facts.net_inflow(flow) + discharge - charge + unserved - spill - needed
        through = sum(np.abs(part) for part in (heat, charge, discharge, unserved, spill, needed)) + facts.through(flow)
        self._note("balance", np.abs(miss), tol.POWER_MW + tol.RELATIVE * through, "MW", nodes.ids)


def _steps(hours: Array, step_hours: int, steps_of_day: int) -> IntArray:
    """Hours as whole steps, rounded up, at most those of a day."""
    counts = [min(math.ceil(value / step_hours - 1e-9), steps_of_day) for value in hours]
    return np.array(counts, dtype=np.int64)


def _recent(values: Array, steps: IntArray) -> Array:
    """Sum over this step and those before it, `steps` in all for each thing, the day as a ring."""
    total = np.zeros(values.shape)
    for lag in range(int(steps.max(initial=0))):
        total += np.where(lag < steps, np.roll(values, lag, axis=2), 0.0)
    return total
