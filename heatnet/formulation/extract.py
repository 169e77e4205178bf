"""From values of the model's variables to a Solution, and from a Solution to values to start from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyomo.environ as pyo

from heatnet.formulation.case import Line
from heatnet.formulation.model import Core, Model, Operation
from heatnet.solution import Solution, frame

Row = tuple[Any, ...]


def solution(model: Model) -> Solution:
    """The frames of an answer, read from the values that the model's variables hold."""
    case, core = model.case, model.core
    operations = list(model.operations.values())
    return Solution(
        days=frame("days", case.grid.frame()),
        pipes=frame("pipes", list(_pipes(core))),
        units=frame("units", list(_units(core))),
        stores=frame("stores", list(_stores(core))),
        districts=frame("districts", list(_districts(model))),
        security=frame("security", list(_security(core))),
        operation=frame("operation", [row for operation in operations for row in _operation(operation)]),
        step_hours=case.grid.step_hours,
    )


def _value(variable: Any) -> float:
    """Value of a variable; one that no row and no cost needs was not solved for and rests at its lower bound."""
    if variable.value is None:
        return float(variable.lb or 0.0)
    return float(variable.value)


def _whole(variable: Any) -> int:
    return round(_value(variable))


def _pipes(core: Core) -> Iterator[Row]:
    case, block = core.case, core.block
    for line in case.lines.values():
        new = {y: _whole(block.new_pairs[line.id, y]) if line.candidate else 0 for y in case.years}
        laid = case.additions(new, line.type.life_years)
        before = line.pipe.existing_pairs if line.exists else 0
        for year in case.years:
            kept = _whole(block.kept_pairs[line.pipe.id, year]) if line.exists else 0
            flow = _value(block.design[year].flow[line.id])
            yield year, line.pipe.id, line.type.id, kept + new[year], kept, laid[year], before - kept, flow
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
            heat = _value(block.design[year].heat[unit.id])
            yield year, unit.id, kept + new[year], kept, built[year], before - kept, heat
            before = kept


def _stores(core: Core) -> Iterator[Row]:
    case, block = core.case, core.block
    for store in case.instance.stores:
        new = {year: _value(block.new_mwh[store.id, year]) for year in case.years}
        added = case.additions(new, store.life_years)
        for year in case.years:
            yield year, store.id, store.existing_mwh + new[year], added[year]


def _districts(model: Model) -> Iterator[Row]:
    case, grid = model.case, model.case.grid
    for year in case.years:
        for node in case.instance.demand_nodes:
            demand = grid.demand_mw(node, year)
            weights = [grid.weight_days[day] * grid.step_hours for day in grid.days]
            needed = sum(weight * demand[day].sum() for day, weight in zip(grid.days, weights, strict=True))
            unserved = sum(
                weight * _value(model.operations[year, day].block.unserved[node, step])
                for day, weight in zip(grid.days, weights, strict=True)
                for step in grid.steps
            )
            shortfall = _value(model.core.block.design[year].shortfall[node])
            yield year, node, case.instance.design_heat_mw(node, year), shortfall, needed, unserved


def _security(core: Core) -> Iterator[Row]:
    case, security = core.case, core.case.instance.header.security
    for year in case.years:
        for contingency in case.instance.contingencies:
            block = core.block.contingency[contingency.id, year]
            load = sum(case.instance.design_heat_mw(node, year) for node in case.instance.demand_nodes)
            missing = sum(_value(block.missing[node]) for node in case.instance.demand_nodes)
            yield year, contingency.id, (security.guarantee_share if security else 0.0) * load, missing


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
            on = _whole(block.on_day[machine.id])
        elif commitment == "hourly":
            on = _whole(block.on_step[machine.id, step])
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
    for line in case.lines:
        flow = _value(block.forward[line, step]) - _value(block.backward[line, step])
        yield "pipe", line, "flow_mw", flow
        yield "pipe", line, "pump_mw", _value(block.pump[line, step])
    for store in case.instance.stores:
        yield "store", store.id, "charge_mw", _value(block.charge[store.id, step])
        yield "store", store.id, "discharge_mw", _value(block.discharge[store.id, step])
        yield "store", store.id, "level_mwh", _value(block.level[store.id, step])
    for node in case.instance.demand_nodes:
        yield "node", node, "unserved_mw", _value(block.unserved[node, step])
    for node in sorted({unit.node for unit in case.instance.units}):
        yield "node", node, "spill_mw", _value(block.spill[node, step])


def start(model: Model, plan: Solution) -> list[tuple[Any, float]]:
    """Values for the integer decisions of the core, from the plan of another solution of the same instance.

    Rows of the plan that the model lacks are passed over; what the plan does not say is left to the solver.
    """
    block, case = model.core.block, model.case
    values: list[tuple[Any, float]] = []
    for row in plan.pipes.itertuples():
        line = case.lines.get(f"{row.pipe}/{row.type}")
        if line is None or row.stage not in case.years:
            continue
        values += _start_line(block, line, row)
    for row in plan.units.itertuples():
        machine = case.machines.get(str(row.unit))
        if machine is None or row.stage not in case.years:
            continue
        if machine.unit.count:
            values.append((block.kept_machines[machine.id, row.stage], float(row.existing_machines)))  # type: ignore[arg-type]
        if machine.unit.max_new:
            new = float(row.machines) - float(row.existing_machines)  # type: ignore[arg-type]
            values.append((block.new_machines[machine.id, row.stage], new))
    return values


def trunk(model: Model) -> list[Any]:
    """The variables that shape the network, and that leave most of the gap when they are not whole: new pairs."""
    return list(model.core.block.new_pairs.values())


def _start_line(block: pyo.Block, line: Line, row: Any) -> Iterator[tuple[Any, float]]:
    if line.exists:
        yield block.kept_pairs[line.pipe.id, row.stage], float(row.existing_pairs)
    if line.candidate:
        yield block.new_pairs[line.id, row.stage], float(row.pairs - row.existing_pairs)
