"""Unit commitment over a day taken as a ring: starts, minimum up and down times, ramps."""

from __future__ import annotations

import math

import pyomo.environ as pyo

from heatnet.formulation.case import Machine
from heatnet.formulation.model import Expression, Operation, total
from heatnet.formulation.units import on


def operate(operation: Operation) -> None:
    """Rows and costs of every unit under hourly commitment, and the ramps of all."""
    machines = operation.case.machines.values()
    hourly = [machine for machine in machines if machine.technology.commitment == "hourly"]
    block = operation.block
    block.start = pyo.Var([m.id for m in hourly], operation.steps, domain=pyo.NonNegativeIntegers)
    block.start_stop = pyo.ConstraintList()
    block.min_up = pyo.ConstraintList()
    block.min_down = pyo.ConstraintList()
    block.ramp = pyo.ConstraintList()
    for machine in hourly:
        _commit(operation, machine)
    for machine in machines:
        ramp = machine.technology.ramp_share_per_h
        if ramp is not None and ramp * operation.case.grid.step_hours < 1.0:
            _ramp(operation, machine, ramp * operation.case.grid.step_hours)


def _commit(operation: Operation, machine: Machine) -> None:
    """Starts, and minimum up and down times of a cluster, one step at least: only what was off can start.

    A change of mode is no start.
    """
    block, technology = operation.block, machine.technology
    number, hours = len(operation.steps), operation.case.grid.step_hours

    def last(minimum: float, step: int) -> list[int]:
        return [(step - back) % number for back in range(min(max(math.ceil(minimum / hours), 1), number))]

    price = operation.day_weight * technology.start_cur_per_mw * machine.unit.size_mw
    for step in operation.steps:
        running = _running(operation, machine, step)
        block.start_stop.add(_stop(operation, machine, step) >= 0)
        starts = total([block.start[machine.id, k] for k in last(technology.min_up_h, step)])
        block.min_up.add(starts <= running)
        stops = total([_stop(operation, machine, k) for k in last(technology.min_down_h, step)])
        block.min_down.add(stops <= operation.link("machines", machine.id) - running)
        operation.cost("start_up", price * block.start[machine.id, step])


def _running(operation: Operation, machine: Machine, step: int) -> Expression:
    """Machines on in any mode."""
    return total([on(operation, machine.id, mode, step % len(operation.steps)) for mode in machine.modes])


def _stop(operation: Operation, machine: Machine, step: int) -> Expression:
    """Machines that stop with the step: starts less the rise of what runs."""
    rise = _running(operation, machine, step) - _running(operation, machine, step - 1)
    return operation.block.start[machine.id, step] - rise


def _ramp(operation: Operation, machine: Machine, share: float) -> None:
    """Output follows at most by `share` of the full output of what runs; what starts or stops is free."""
    block, steps = operation.block, operation.steps
    outputs = {name: corner.fuel_mw for name, corner in machine.corners.items()}
    if not any(outputs.values()):
        outputs = {name: corner.heat_mw for name, corner in machine.corners.items()}
    full = max(outputs.values())

    def output(step: int) -> Expression:
        return total([value * block.corner[machine.id, name, step] for name, value in outputs.items()])

    for step in steps:
        before = (step - 1) % len(steps)
        rise = output(step) - output(before)
        up = down = share * full * operation.link("machines", machine.id)
        if machine.technology.commitment == "hourly":
            up = full * (share * _running(operation, machine, before) + block.start[machine.id, step])
            down = full * (share * _running(operation, machine, step) + _stop(operation, machine, step))
        block.ramp.add(rise <= up)
        block.ramp.add(-rise <= down)
