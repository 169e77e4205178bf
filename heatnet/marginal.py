"""What a little more would be worth: a MW of heat at a node, of a pipe, of a unit; a later deadline (docs/studies.md).

From the duals of the LP that is left when every whole number has the value of the plan. Such an LP bends one way: a
saving is never more than the dual says, and a cost never less. Deadlines are moved and solved again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pyomo.environ import value

from heatnet.engine import Dual, find_engine
from heatnet.errors import SolverError
from heatnet.formulation.build import build
from heatnet.formulation.case import Line, Machine
from heatnet.formulation.extract import start
from heatnet.formulation.model import Model
from heatnet.instance import Instance
from heatnet.instance.series import TimeGrid
from heatnet.solution import Solution
from heatnet.solve import Limits, Observer, Progress

Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Marginals:
    """Frames by name (`COLUMNS`), and the cost of the LP, million, which is that of the plan."""

    frames: Frames
    cost: float


COLUMNS: Mapping[str, tuple[str, ...]] = {
    "heat_prices": ("stage", "day", "hour", "node", "heat_price_cur_per_mwh"),
    "demands": (
        "stage",
        "node",
        "operation_mcur_per_mw_year",
        "design_hour_mcur_per_mw_year",
        "contingency_mcur_per_mw_year",
        "cost_mcur_per_mw_year",
    ),
    "capacities": (
        "stage",
        "kind",
        "id",
        "in_place_mw",
        "operation_mcur_per_mw_year",
        "design_hour_mcur_per_mw_year",
        "contingency_mcur_per_mw_year",
        "value_mcur_per_mw_year",
    ),
}


def grid_of(instance: Instance, solution: Solution) -> TimeGrid:
    """The representative days of a result."""
    days = solution.days.sort_values("day")
    calendar = solution.calendar.sort_values("season_day")["day"]
    return TimeGrid(
        instance,
        tuple(int(day) for day in days["season_day"]),
        tuple(int(day) for day in calendar),
        tuple(float(scale) for scale in days["load_scale"]),
        solution.step_hours,
    )


def marginal(
    instance: Instance,
    solution: Solution,
    *,
    limits: Limits | None = None,
    observer: Observer = lambda progress: None,
) -> Marginals:
    """Marginal values of a plan.

    The plan's investment is fixed; what of its commitment is whole numbers is found again, and fixed then.
    Raises SolverError where no operation of the plan is found in the limits.
    """
    limits = limits or Limits(gap=1e-6)
    observer(Progress("build", 0.0))
    model, engine = build(grid_of(instance, solution)), find_engine()
    for variable, number in start(model.core, solution):
        variable.fix(round(number))
    _unbounded(model)
    found = engine.minimise(model.pyomo, limits=limits, observer=observer)
    if found.value is None and found.stop_reason == "interrupted":
        raise KeyboardInterrupt
    priced = engine.duals(model.pyomo, limits) if found.value is not None else None
    if priced is None:
        raise SolverError(f"no operation of the plan was found ({found.stop_reason}); allow more time.")
    cost, dual = priced
    rows = {
        "heat_prices": _heat_prices(model, dual),
        "demands": _demands(model, dual),
        "capacities": [*_units(model, dual), *_lines(model, dual, solution)],
    }
    frames = {name: pd.DataFrame(list(values), columns=list(COLUMNS[name])) for name, values in rows.items()}
    for frame in frames.values():
        numbers = frame.select_dtypes("float").columns
        frame[numbers] = frame[numbers] + 0.0  # nobody wants to read -0.0
    return Marginals(frames, cost)


def _unbounded(model: Model) -> None:
    """Take away the bounds that rows imply: at such a bound the dual may stand there and not in the row."""
    for operation in model.operations.values():
        for variable in operation.block.link.values():
            variable.setlb(None)
            variable.setub(None)
        for variable in operation.block.pump.values():
            variable.setub(None)
    for year in model.case.years:
        for name, variable in model.core.block.design[year].flow.items():
            variable.setub(None)
            if not model.case.lines[name].one_way:
                variable.setlb(None)
    for variable in model.core.block.pairs_in_regime.values():
        variable.setub(None)


def _heat_prices(model: Model, dual: Dual) -> Iterator[tuple[Any, ...]]:
    hours = model.case.grid.step_hours
    for (year, day), operation in model.operations.items():
        for (node, step), row in operation.block.heat_balance.items():
            yield year, day, step * hours, node, dual(row) / operation.step_weight


def _demands(model: Model, dual: Dual) -> Iterator[tuple[Any, ...]]:
    case, core = model.case, model.core.block
    for year in case.years:
        weight = case.weight(year)
        for node in case.instance.demand_nodes:
            profile = case.grid.profile(node)
            season = sum(
                float(profile[day, step]) * dual(operation.block.heat_balance[node, step])
                for (stage, day), operation in model.operations.items()
                for step in operation.steps
                if stage == year
            )
            design = dual(core.design[year].heat_balance[node, 0])
            share = case.instance.guarantee_share(node)
            lost = sum(
                share * dual(core.contingency[row.id, year].heat_balance[node, 0])
                for row in case.instance.contingencies
            )
            parts = [season / weight, design / weight, lost / weight]
            yield year, node, *parts, sum(parts)


def _joined(model: Model, dual: Dual, year: int, kind: str, name: str) -> float:
    """What one more of a link would change in the operation of a stage, million of the base year."""
    return sum(dual(model.pyomo.join[year, day, kind, name]) for day in model.case.grid.days)


def _units(model: Model, dual: Dual) -> Iterator[tuple[Any, ...]]:
    """A MW of heat of a machine like those that are there. With commitment the machines that run are fixed: blank."""
    case, core = model.case, model.core.block
    for machine in case.machines.values():
        for year in case.years:
            operation = math.nan
            if machine.technology.commitment == "none" and machine.heat_max_mw():
                operation = -_joined(model, dual, year, "machines", machine.id) / machine.heat_max_mw()
            firm = machine.design_share
            design = -firm * dual(core.design[year].heat_limit[machine.id])
            lost = -firm * _lost(model, dual, machine, year)
            in_place = float(value(model.core.operating(machine.id, year))) * machine.heat_max_mw()
            yield _capacity(model, year, "unit", machine.id, in_place, operation, design, lost)


def _lost(model: Model, dual: Dual, machine: Machine, year: int) -> float:
    """What a MW of a unit's heat changes in the contingencies: at its node in all, and less where itself is lost."""
    core, instance = model.core.block, model.case.instance
    if not instance.contingencies:
        return 0.0
    node = machine.unit.node
    own = sum(
        row.lost_share * dual(core.contingency[row.id, year].heat_limit[node])
        for row in instance.contingencies
        if row.unit == machine.id
    )
    return dual(core.node_heat_sum[node, year]) - own


def _lines(model: Model, dual: Dual, solution: Solution) -> Iterator[tuple[Any, ...]]:
    """A MW of a pair like those of the line, in the regime that it is run in, with its share of loss and pumping."""
    case, core = model.case, model.core.block
    names = ("stage", "pipe", "type", "regime", "pairs")
    rows = zip(*(solution.pipes[name] for name in names), strict=True)
    told = {(int(year), str(pipe), str(kind)): (str(regime), int(pairs)) for year, pipe, kind, regime, pairs in rows}
    for line in case.lines.values():
        for year in case.years:
            regime, pairs = told[year, line.pipe.id, line.type.id]
            if regime != line.regime.id:
                continue
            operation = -_joined(model, dual, year, "pairs", line.id) / line.capacity_mw
            design = _design_flow(model, dual, line, year)
            lost = -dual(core.pipe_capacity_sum[line.pipe.id, year]) if case.instance.contingencies else 0.0
            lost /= line.pipe.diversity_share
            yield _capacity(model, year, "pipe", line.name, pairs * line.capacity_mw, operation, design, lost)


def _design_flow(model: Model, dual: Dual, line: Line, year: int) -> float:
    block = model.core.block.design[year]
    room = dual(block.flow_forward[line.id]) + (0.0 if line.one_way else dual(block.flow_backward[line.id]))
    ends = sum(dual(block.heat_balance[node, 0]) for node in (line.pipe.from_node, line.pipe.to_node))
    return -room / line.pipe.diversity_share - 0.5 * line.loss_mw / line.capacity_mw * ends


def _capacity(
    model: Model, year: int, kind: str, name: str, in_place: float, operation: float, design: float, lost: float
) -> tuple[Any, ...]:
    """A row of `capacities`: savings a year, from million of the base year over the stage."""
    weight = model.case.weight(year)
    parts = [operation / weight, design / weight, lost / weight]
    return year, kind, name, in_place, *parts, sum(part for part in parts if not math.isnan(part))
