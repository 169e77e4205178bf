"""heatnet's side of the same work, by the strategies that come with it."""

from __future__ import annotations

import importlib
import time

import pyomo.environ as pyo

from heatnet.bench.peers.outcome import Outcome, Task
from heatnet.bench.peers.system import System
from heatnet.formulation.build import build
from heatnet.formulation.case import Case
from heatnet.operate.dispatch import Dispatcher, Window
from heatnet.operate.stage import Stage
from heatnet.operate.state import Run, State
from heatnet.solve import Limits, solve


def dispatch(task: Task) -> Outcome:
    """The one big model of a fixed stage, all that stands kept, handed to HiGHS; cost of the operation alone."""
    matrices, highs = importlib.import_module("solvers.matrix"), importlib.import_module("solvers.highs")
    began = time.perf_counter()
    model = build(task.grid)
    for number in model.pyomo.core.component_data_objects(pyo.Var):
        if number.is_integer():
            number.fix(number.ub)
    matrix = matrices.compile_model(model.pyomo)
    built = time.perf_counter()
    limits = Limits(gap=task.gap, time_s=task.seconds, threads=1)
    outcome = highs.Session(limits, lambda progress: None).solve("dispatch", matrix)
    solved = time.perf_counter()
    cost = None
    if outcome.x is not None:
        matrix.load(outcome.x)
        parts = [part for operation in model.operations.values() for part in operation.costs.values()]
        cost = float(sum(pyo.value(value) for values in parts for value in values))
    seconds = (0.0, built - began, solved - built)
    return Outcome(outcome.status, outcome.status == "optimal", cost, *seconds, **matrix.size)


def investment(task: Task) -> Outcome:
    """`heatnet.solve` of an instance on the days and steps of the task's grid."""
    limits = Limits(gap=task.gap, time_s=task.seconds, threads=1)
    result = solve(
        task.instance,
        solver="monolithic",
        days=len(task.grid.days),
        step_hours=task.grid.step_hours,
        limits=limits,
    )
    seconds, size = result.answer.seconds, result.answer.size
    return Outcome(
        result.status,
        result.status == "optimal",
        result.answer.cost,
        0.0,
        seconds["build"] + seconds["compile"],
        seconds["solve"] + seconds.get("extract", 0.0),
        **size,
    )


def season(task: Task, window_h: int, overlap_h: int) -> Outcome:
    """The rolling horizon of `heatnet operate`; before the hours nothing runs and stores are empty.

    Building and solving alternate and are told together, as solving; the bound of the season is not counted.
    """
    rolling: Dispatcher = importlib.import_module("solvers.rolling").Rolling()
    began = time.perf_counter()
    stage = _stage(task)
    assembled_at = time.perf_counter()
    done = rolling.dispatch(
        stage,
        State.idle(stage),
        window=Window(window_h, overlap_h),
        limits=Limits(gap=task.gap, time_s=task.seconds, threads=1),
        observer=lambda progress: None,
    )
    bound = None if done.bound is None else done.bound * task.grid.stage_weight[stage.year]
    cost = _spent(System.of(task), done.run)
    return Outcome("rolled", False, cost, assembled_at - began, 0.0, done.seconds["windows"], bound=bound)


def _stage(task: Task) -> Stage:
    """What stands in the one stage of a task."""
    instance, case = task.instance, Case(task.instance, task.grid)
    (stage,) = instance.stages
    return Stage(
        case,
        stage.year,
        machines={unit.id: float(unit.count) for unit in instance.units},
        open_machines={},
        pairs={line.id: float(line.pipe.existing_pairs) for line in case.lines.values()},
        size_mwh={store.id: store.existing_mwh for store in instance.stores},
        load_mw={node: instance.design_heat_mw(node, stage.year) for node in instance.demand_nodes},
        planned_mwh={},
        pace={},
    )


def _spent(system: System, run: Run) -> float:
    """Cost of a run by the prices that the peers are given, million of the base year."""
    total = system.unserved_cur_per_mwh * float(run.unserved_mw.to_numpy().sum())
    for cluster in system.clusters:
        for name, point in cluster.points.items():
            total += float(run.corners[cluster.id, name] @ point.cost_cur_per_h)
        if cluster.id in run.starts:
            total += float(run.starts[cluster.id].sum()) * cluster.start_cur
    price = system.series("power_retail_cur_per_mwh")
    flows = {str(name).split("/")[0]: run.flow_mw[name].abs() for name in run.flow_mw}
    for way in system.ways:
        left = flows[way.id]
        for capacity, pump in way.segments:
            total += float((left.clip(upper=capacity) * pump) @ price)
            left = (left - capacity).clip(lower=0.0)
    return total * system.worth
