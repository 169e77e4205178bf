"""From values of the model's variables to a Solution, and from a Solution to values to start from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyomo.environ as pyo

from heatnet.formulation.case import Line, Machine
from heatnet.formulation.model import Core, Operation
from heatnet.solution import Solution, frame

Row = tuple[Any, ...]


def solution(core: Core, operation: pd.DataFrame) -> Solution:
    """The frames of an answer, from the values that the core's variables hold and the rows of all its blocks."""
    return Solution(
        days=frame("days", core.case.grid.frame()),
        calendar=frame("calendar", core.case.grid.calendar_frame()),
        pipes=frame("pipes", list(_pipes(core))),
        units=frame("units", list(_units(core))),
        retrofits=frame("retrofits", list(_retrofits(core))),
        stores=frame("stores", list(_stores(core))),
        seasonal=frame("seasonal", list(_seasonal(core))),
        regimes=frame("regimes", list(_regimes(core))),
        districts=frame("districts", list(_districts(core, operation))),
        envelopes=frame("envelopes", list(_envelopes(core))),
        security=frame("security", list(_security(core))),
        operation=operation,
        step_hours=core.case.grid.step_hours,
    )


def operation_frame(*operations: Operation) -> pd.DataFrame:
    """Rows of the frame `operation`, from the values that the variables of blocks hold."""
    return frame("operation", [row for operation in operations for row in _operation(operation)])


def _value(variable: Any) -> float:
    """Value of a variable; one that no row and no cost needs was not solved for and rests at its lower bound."""
    if variable.value is None:
        return float(variable.lb or 0.0)
    return float(variable.value)


def _whole(variable: Any) -> int:
    return round(_value(variable))


def _regime(core: Core, zone: str, year: int) -> str:
    """Id of the regime that a zone is run in."""
    names = core.case.instance.zone[zone].regimes
    return max(names, key=lambda name: _value(core.block.regime[zone, name, year]))


def _regimes(core: Core) -> Iterator[Row]:
    for zone in core.case.instance.zones:
        for year in core.case.years if zone.regimes else ():
            yield year, zone.id, _regime(core, zone.id, year)


def _pipes(core: Core) -> Iterator[Row]:
    case, block = core.case, core.block
    for name, line in case.assets.items():
        pipe = line.pipe
        new = {y: _whole(block.new_pairs[name, y]) if line.candidate else 0 for y in case.years}
        laid = case.additions(new, line.type.life_years)
        before = pipe.existing_pairs if line.exists else 0
        for year in case.years:
            kept = _whole(block.kept_pairs[pipe.id, year]) if line.exists else 0
            regime = pipe.regime if pipe.zone is None else _regime(core, pipe.zone, year)
            flow = sum(_value(block.design[year].flow[variant.id]) for variant in case.variants[name])
            yield year, pipe.id, line.type.id, regime, kept + new[year], kept, laid[year], before - kept, flow
            before = kept


def _units(core: Core) -> Iterator[Row]:
    case, block = core.case, core.block
    for machine in case.machines.values():
        unit = machine.unit
        new = {y: _whole(block.new_machines[unit.id, y]) if unit.max_new else 0 for y in case.years}
        built = case.additions(new, machine.technology.life_years)
        before = unit.count
        for year in case.years:
            kept = _whole(block.kept_machines[unit.id, year]) if unit.count else 0
            reserve = _whole(block.reserve_machines[unit.id, year]) if unit.may_reserve else 0
            heat = _value(block.design[year].heat[unit.id])
            yield year, unit.id, kept + new[year] - reserve, kept, built[year], before - kept, reserve, heat
            before = kept


def _retrofits(core: Core) -> Iterator[Row]:
    case, block = core.case, core.block
    for machine in case.machines.values():
        for mode, retrofit in machine.retrofits.items():
            fitted = {year: _whole(block.fitted[machine.id, mode, year]) for year in case.years}
            bought = case.additions(fitted, retrofit.life_years)
            for year in case.years:
                season = _whole(block.in_season[machine.id, mode, year]) if retrofit.seasonal else 0
                yield year, machine.id, mode, fitted[year], bought[year], season


def _stores(core: Core) -> Iterator[Row]:
    case, block = core.case, core.block
    for store in case.instance.stores:
        new = {year: _value(block.new_mwh[store.id, year]) for year in case.years}
        added = case.additions(new, store.life_years)
        for year in case.years:
            yield year, store.id, store.existing_mwh + new[year], added[year]


def _seasonal(core: Core) -> Iterator[Row]:
    for store in core.case.instance.stores:
        for year in core.case.years if store.seasonal else ():
            for day in range(len(core.case.grid.calendar)):
                yield year, store.id, day, max(_value(core.block.begin_mwh[store.id, year, day]), 0.0)


def _envelopes(core: Core) -> Iterator[Row]:
    case = core.case
    for row in case.instance.envelopes:
        area = {year: _value(core.block.area_mm2[row.node, row.measure, year]) for year in case.years}
        paid = case.additions(area, row.life_years)
        for year in case.years:
            yield year, row.node, row.measure, area[year], paid[year]


def _districts(core: Core, operation: pd.DataFrame) -> Iterator[Row]:
    case, grid = core.case, core.case.grid
    rows = operation[operation["quantity"] == "unserved_mw"]
    unserved = rows.groupby(["stage", "id", "day"])["value"].sum()
    for year in case.years:
        for node in case.instance.demand_nodes:
            connected = _whole(core.block.connected[node, year]) if node in case.instance.connection else 1
            load = float(pyo.value(core.load_mw[node, year]))
            needed = grid.season_mwh(load * grid.profile(node))
            shortfall = _value(core.block.design[year].shortfall[node])
            missing = grid.season_mwh(unserved[year, node].to_numpy()[:, None])
            yield year, node, connected, load, shortfall, needed, missing


def _security(core: Core) -> Iterator[Row]:
    case, instance = core.case, core.case.instance
    for year in case.years:
        for contingency in instance.contingencies:
            block = core.block.contingency[contingency.id, year]
            nodes = instance.demand_nodes
            guaranteed = sum(
                instance.guarantee_share(node) * float(pyo.value(core.load_mw[node, year])) for node in nodes
            )
            yield year, contingency.id, guaranteed, sum(_value(block.missing[node]) for node in nodes)


def _operation(operation: Operation) -> Iterator[Row]:
    for step in operation.steps:
        place = (operation.year, operation.day, step * operation.case.grid.step_hours)
        for kind, name, quantity, value in _step(operation, step):
            yield (*place, kind, name, quantity, value)


def _step(operation: Operation, step: int) -> Iterator[tuple[str, str, str, float]]:
    case, block = operation.case, operation.block
    for machine in case.machines.values():
        weights = {c: max(_value(block.corner[machine.id, c, step]), 0.0) for c in machine.corners}
        commitment = machine.technology.commitment
        on = sum(weights.values())
        if commitment == "daily":
            on = sum(_whole(block.on_day[machine.id, mode]) for mode in machine.modes)
        elif commitment == "hourly":
            on = sum(_whole(block.on_step[machine.id, mode, step]) for mode in machine.modes)
            yield "unit", machine.id, "starts", _whole(block.start[machine.id, step])
        yield "unit", machine.id, "machines_on", on
        corners = machine.corners.items()
        yield "unit", machine.id, "heat_mw", sum(weights[c] * corner.heat_mw for c, corner in corners)
        yield (
            "unit",
            machine.id,
            "power_mw",
            sum(w * float(case.power[machine.id, c][operation.day, step]) for c, w in weights.items()),
        )
        yield "unit", machine.id, "fuel_mw", sum(weights[c] * corner.fuel_mw for c, corner in corners)
        for corner, weight in weights.items():
            yield "unit", machine.id, f"corner_{corner}_machines", weight
    for name, variants in case.variants.items():
        flows = (_value(block.forward[line.id, step]) - _value(block.backward[line.id, step]) for line in variants)
        yield "pipe", name, "flow_mw", sum(flows)
        yield "pipe", name, "pump_mw", sum(_value(block.pump[line.id, step]) for line in variants)
    for store in case.instance.stores:
        yield "store", store.id, "charge_mw", _value(block.charge[store.id, step])
        yield "store", store.id, "discharge_mw", _value(block.discharge[store.id, step])
        yield "store", store.id, "level_mwh", _value(block.level[store.id, step])
    for node in case.instance.demand_nodes:
        yield "node", node, "unserved_mw", _value(block.unserved[node, step])
    for node in sorted({unit.node for unit in case.instance.units}):
        yield "node", node, "spill_mw", _value(block.spill[node, step])


def start(core: Core, plan: Solution) -> list[tuple[Any, float]]:
    """Values for the integer decisions of the core, from the plan of another solution of the same instance.

    Rows of the plan that the model lacks are passed over; what the plan does not say is left to the solver.
    """
    block, case = core.block, core.case
    values: list[tuple[Any, float]] = []
    for row in plan.pipes[plan.pipes["stage"].isin(case.years)].itertuples():
        line = case.assets.get(f"{row.pipe}/{row.type}")
        if line is not None:
            values += _start_line(block, line, row)
    for row in plan.units[plan.units["stage"].isin(case.years)].itertuples():
        machine = case.machines.get(str(row.unit))
        if machine is not None:
            values += _start_unit(block, machine, row)
    for row in plan.retrofits[plan.retrofits["stage"].isin(case.years)].itertuples():
        machine = case.machines.get(str(row.unit))
        if machine is not None and row.mode in machine.retrofits:
            values.append((block.fitted[row.unit, row.mode, row.stage], float(row.machines)))  # type: ignore[arg-type]
            if row.mode in machine.seasonal:
                values.append((block.in_season[row.unit, row.mode, row.stage], float(row.season_machines)))  # type: ignore[arg-type]
    for row in plan.regimes[plan.regimes["stage"].isin(case.years)].itertuples():
        zone = case.instance.zone.get(str(row.zone))
        for regime in zone.regimes if zone is not None and row.regime in zone.regimes else ():
            values.append((block.regime[row.zone, regime, row.stage], float(regime == row.regime)))
    for row in plan.districts[plan.districts["stage"].isin(case.years)].itertuples():
        if row.node in case.instance.connection:
            values.append((block.connected[row.node, row.stage], float(row.connected)))  # type: ignore[arg-type]
    return [(variable, value) for variable, value in values if not variable.fixed]


def trunk(core: Core) -> list[Any]:
    """The variables that shape the network, and that leave most of the gap when they are not whole.

    New pairs, and the temperature regimes of zones.
    """
    return [*core.block.new_pairs.values(), *core.block.regime.values()]


def contingency_parts(core: Core, parts: Sequence[Any]) -> npt.NDArray[np.int32]:
    """For every row or variable the number of the contingency and stage that it belongs to, −1 where there is none."""
    number = {id(block): k for k, block in enumerate(core.block.contingency.values())}
    return np.array([number.get(id(part.parent_block()), -1) for part in parts], dtype=np.int32)


def _start_line(block: pyo.Block, line: Line, row: Any) -> Iterator[tuple[Any, float]]:
    if line.exists:
        yield block.kept_pairs[line.pipe.id, row.stage], float(row.existing_pairs)
    if line.candidate:
        yield block.new_pairs[line.name, row.stage], float(row.pairs - row.existing_pairs)


def _start_unit(block: pyo.Block, machine: Machine, row: Any) -> Iterator[tuple[Any, float]]:
    if machine.unit.count:
        yield block.kept_machines[machine.id, row.stage], float(row.existing_machines)
    if machine.unit.max_new:
        new = row.machines + row.reserve_machines - row.existing_machines
        yield block.new_machines[machine.id, row.stage], float(new)
    if machine.unit.may_reserve:
        yield block.reserve_machines[machine.id, row.stage], float(row.reserve_machines)
