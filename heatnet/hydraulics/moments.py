"""What a plan says of one hour of a stage: heat of every node and flow of every line, MW."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from heatnet.errors import UsageError
from heatnet.instance import Instance
from heatnet.instance.records import Pipe, PipeType, Regime
from heatnet.instance.series import TimeGrid
from heatnet.solution import Solution

DESIGN = "design"
"""Name of the design hour; the others are called DAY:HOUR."""


@dataclass(frozen=True)
class Line:
    """Pairs of a pipe of one type in place, with the regime that they are run in."""

    pipe: Pipe
    type: PipeType
    regime: Regime
    pairs: int

    @property
    def id(self) -> str:
        """`PIPE/TYPE`, as in the result."""
        return f"{self.pipe.id}/{self.type.id}"


@dataclass(frozen=True)
class Moment:
    """One hour. `heat_mw` by node is what its units and stores give less what is used there.

    `flow_mw` by line is what flows in at `from_node`, `arriving_mw` what comes out at `to_node`: the same but for a
    line with a delay.
    """

    name: str
    heat_mw: dict[str, float]
    flow_mw: dict[str, float]
    arriving_mw: dict[str, float]


def lines_of(instance: Instance, solution: Solution, stage: int) -> list[Line]:
    """The lines that are in place in a stage. Raises UsageError for a stage that the plan lacks."""
    stages = [s.year for s in instance.stages]
    if stage not in stages:
        known = ", ".join(str(year) for year in stages)
        raise UsageError(f"--stage {stage}: the plan has no such stage; it has {known}.")
    pipe = {row.id: row for row in instance.pipes}
    rows = solution.pipes[(solution.pipes["stage"] == stage) & (solution.pipes["pairs"] > 0)]
    return [
        Line(pipe[name], instance.pipe_type[kind], instance.regime[regime], int(pairs))
        for name, kind, regime, pairs in zip(rows["pipe"], rows["type"], rows["regime"], rows["pairs"], strict=True)
    ]


def design_hour(instance: Instance, solution: Solution, stage: int) -> Moment:
    """The design hour of a stage: stores do not count, and no line delays."""
    node_of = {unit.id: unit.node for unit in instance.units}
    heat = {node.id: 0.0 for node in instance.nodes}
    units = solution.units[solution.units["stage"] == stage]
    for unit, mw in zip(units["unit"], units["design_heat_mw"], strict=True):
        heat[node_of[unit]] += mw
    districts = solution.districts[solution.districts["stage"] == stage]
    for node, load, short in zip(
        districts["node"], districts["design_demand_mw"], districts["design_shortfall_mw"], strict=True
    ):
        heat[node] -= load - short
    pipes = solution.pipes[solution.pipes["stage"] == stage]
    flow = {
        f"{pipe}/{kind}": float(mw)
        for pipe, kind, mw in zip(pipes["pipe"], pipes["type"], pipes["design_flow_mw"], strict=True)
    }
    return Moment(DESIGN, heat, flow, flow)


def chosen_hours(instance: Instance, solution: Solution, stage: int, names: Sequence[str]) -> list[Moment]:
    """Hours of the operation by name, DAY:HOUR. Raises UsageError for one that the result lacks."""
    return [_hour(instance, solution, stage, name) for name in names]


def _hour(instance: Instance, solution: Solution, stage: int, name: str) -> Moment:
    day, hour = _place(solution, name)
    operation = solution.operation[(solution.operation["stage"] == stage) & (solution.operation["day"] == day)]
    values = {
        (str(kind), str(thing), str(quantity), int(at)): float(value)
        for kind, thing, quantity, at, value in zip(
            *(operation[column] for column in ("kind", "id", "quantity", "hour", "value")), strict=True
        )
    }

    def told(kind: str, thing: str, quantity: str, at: int = hour) -> float:
        return values.get((kind, thing, quantity, at), 0.0)

    heat = {
        node.id: told("node", node.id, "unserved_mw") - told("node", node.id, "spill_mw") for node in instance.nodes
    }
    for unit in instance.units:
        heat[unit.node] += told("unit", unit.id, "heat_mw")
    for store in instance.stores:
        heat[store.node] += told("store", store.id, "discharge_mw") - told("store", store.id, "charge_mw")
    grid = _grid(instance, solution)
    districts = solution.districts[solution.districts["stage"] == stage]
    for node, load in zip(districts["node"], districts["design_demand_mw"], strict=True):
        heat[node] -= load * float(grid.profile(node)[day, hour // solution.step_hours])
    flow, arriving = {}, {}
    step = solution.step_hours
    for line in lines_of(instance, solution, stage):
        flow[line.id] = told("pipe", line.id, "flow_mw")
        whole, rest = divmod(line.pipe.delay_h, step)
        late, later = (told("pipe", line.id, "flow_mw", (hour - k * step) % 24) for k in (whole, whole + 1))
        arriving[line.id] = ((step - rest) * late + rest * later) / step
    return Moment(f"{day}:{hour}", heat, flow, arriving)


def _place(solution: Solution, name: str) -> tuple[int, int]:
    day, _, hour = name.partition(":")
    if not (day.isascii() and day.isdigit() and hour.isascii() and hour.isdigit()):
        raise UsageError(f"--hours {name}: write DAY:HOUR, as 0:8 for hour 8 of the representative day 0.")
    days = len(solution.days)
    if int(day) >= days or int(hour) >= 24 or int(hour) % solution.step_hours:
        starts = ", ".join(str(k) for k in range(0, 24, solution.step_hours))
        raise UsageError(
            f"--hours {name}: the result has no such hour; it has the days 0 to {days - 1}, and of each the hours "
            f"{starts}."
        )
    return int(day), int(hour)


def _grid(instance: Instance, solution: Solution) -> TimeGrid:
    """The representative days of a result, as the plan was made for them."""
    return TimeGrid(
        instance,
        tuple(int(k) for k in solution.days["season_day"]),
        tuple(int(k) for k in solution.calendar["day"]),
        tuple(float(k) for k in solution.days["load_scale"]),
        solution.step_hours,
    )


def steady(moment: Moment, line: Line) -> float:
    """What a line carries if every hour is like this one, MW: what arrives."""
    arriving = moment.arriving_mw[line.id]
    return arriving if math.isfinite(arriving) else 0.0
