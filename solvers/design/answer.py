"""From a priced plan to the frames of a Solution."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from heatnet.formulation.case import Case
from heatnet.instance.records import Pipe
from heatnet.instance.series import TimeGrid
from heatnet.solution import COLUMNS, Solution, frame
from solvers.design.plan import Plan, Priced
from solvers.design.problem import Array, Problem, names_of_lines

Block = tuple[str, list[str], str, Array]
"""Kind, ids, quantity, values by step and thing."""


def solution(grid: TimeGrid, priced: Priced) -> Solution:
    """The frames of a plan of an instance with one stage, on its days."""
    assets = _Assets(grid)
    return Solution(
        days=frame("days", grid.frame()),
        calendar=frame("calendar", grid.calendar_frame()),
        pipes=frame("pipes", _pipes(grid, priced, assets)),
        units=frame("units", _units(grid, priced)),
        districts=frame("districts", _districts(grid, priced)),
        operation=_operation(grid, priced, assets),
        step_hours=grid.step_hours,
        **{name: frame(name, []) for name in ("retrofits", "stores", "seasonal", "regimes", "envelopes", "security")},
    )


def first_plan(grid: TimeGrid, problem: Problem, told: Solution) -> Plan | None:
    """The whole numbers of a plan that another run left; None where they are not allowed, as in another instance."""
    instance = grid.instance
    (stage,) = instance.stages

    def numbers(frame: pd.DataFrame, *keys: str) -> pd.DataFrame:
        return frame[frame["stage"] == stage.year].set_index(list(keys))

    laid, machines = numbers(told.pipes, "pipe", "type"), numbers(told.units, "unit")
    lines = names_of_lines(instance)
    pairs = laid.reindex([(pipe.id, name) for pipe, name, _ in lines])[["existing_pairs", "new_pairs"]].fillna(0)
    here = machines.reindex([unit.id for unit in instance.units])[["existing_machines", "new_machines"]].fillna(0)
    joined = numbers(told.districts, "node")["connected"].reindex([node.id for node in instance.nodes]).fillna(1)
    whole = pairs.to_numpy(dtype=np.int64)
    plan = Plan(
        pairs=np.where([kept for _, _, kept in lines], whole[:, 0], whole[:, 1]),
        connected=joined.to_numpy(dtype=np.int64),
        kept=here["existing_machines"].to_numpy(dtype=np.int64),
        built=here["new_machines"].to_numpy(dtype=np.int64),
    )
    new = np.bincount(problem.lines.edge, np.where(problem.lines.kept, 0, plan.pairs), problem.edges)
    allowed = (
        (plan.pairs <= problem.lines.most).all()
        and (new <= problem.room).all()
        and (plan.connected[problem.optional] <= problem.connectable[problem.optional]).all()
        and ((problem.units.kept_least <= plan.kept) & (plan.kept <= problem.units.kept_most)).all()
        and (plan.built <= problem.units.new_most).all()
    )
    return plan if allowed else None


class _Assets:
    """Every pipe with every type that it has or may have, and the lines of the problem that are it."""

    def __init__(self, grid: TimeGrid) -> None:
        self.rows: list[tuple[Pipe, str]] = [
            (pipe, name)
            for pipe in grid.instance.pipes
            for name in sorted({*pipe.candidate_types, *filter(None, [pipe.existing_type])})
        ]
        place = {(pipe.id, name): k for k, (pipe, name) in enumerate(self.rows)}
        lines = names_of_lines(grid.instance)
        self.of_line = np.array([place[pipe.id, name] for pipe, name, _ in lines], dtype=np.int64)
        self.kept = np.array([kept for _, _, kept in lines], dtype=bool)

    def add(self, by_line: Array) -> Array:
        """Sums over the lines of each asset."""
        return np.asarray(np.bincount(self.of_line, by_line, len(self.rows)))


def _pipes(grid: TimeGrid, priced: Priced, assets: _Assets) -> list[tuple[Any, ...]]:
    (stage,) = grid.instance.stages
    pairs = priced.plan.pairs
    kept, new = assets.add(np.where(assets.kept, pairs, 0)), assets.add(np.where(assets.kept, 0, pairs))
    flow = assets.add(priced.design_flow_mw)
    rows = []
    for (pipe, name), old, laid, mw in zip(assets.rows, kept.tolist(), new.tolist(), flow.tolist(), strict=True):
        there = pipe.existing_pairs if pipe.existing_type == name else 0
        (regime,) = grid.instance.regimes_of(pipe)
        rows.append((stage.year, pipe.id, name, regime, old + laid, old, laid, there - old, mw))
    return rows


def _units(grid: TimeGrid, priced: Priced) -> list[tuple[Any, ...]]:
    (stage,) = grid.instance.stages
    numbers = zip(priced.plan.kept.tolist(), priced.plan.built.tolist(), priced.design_heat_mw.tolist(), strict=True)
    return [
        (stage.year, unit.id, kept + built, kept, built, unit.count - kept, 0, heat)
        for unit, (kept, built, heat) in zip(grid.instance.units, numbers, strict=True)
    ]


def _districts(grid: TimeGrid, priced: Priced) -> list[tuple[Any, ...]]:
    instance = grid.instance
    (stage,) = instance.stages
    place = {node.id: k for k, node in enumerate(instance.nodes)}
    days = len(grid.days)
    rows = []
    for name in instance.demand_nodes:
        k = place[name]
        connected = int(priced.plan.connected[k]) if name in instance.connection else 1
        load = instance.design_heat_mw(name, stage.year) * connected
        needed = grid.season_mwh(load * grid.profile(name))
        missing = grid.season_mwh(priced.unserved_mw[:, k].reshape(days, -1))
        rows.append((stage.year, name, connected, load, priced.short_mw[k], needed, missing))
    return rows


def _operation(grid: TimeGrid, priced: Priced, assets: _Assets) -> pd.DataFrame:
    """Rows of all steps: units, lines, nodes."""
    instance = grid.instance
    (stage,) = instance.stages
    steps = len(grid.days) * len(grid.steps)
    names = [f"{pipe.id}/{name}" for pipe, name in assets.rows]
    flow = np.array([assets.add(values) for values in priced.flow_mw])
    pump = np.array([assets.add(values) for values in priced.pump_mw])
    place = {node.id: k for k, node in enumerate(instance.nodes)}
    demand = list(instance.demand_nodes)
    sources = sorted({unit.node for unit in instance.units})
    blocks = [
        *_unit_blocks(grid, priced),
        ("pipe", names, "flow_mw", flow),
        ("pipe", names, "pump_mw", pump),
        ("node", demand, "unserved_mw", priced.unserved_mw[:, [place[n] for n in demand]]),
        ("node", sources, "spill_mw", priced.spill_mw[:, [place[n] for n in sources]]),
    ]
    kinds = np.repeat([kind for kind, _, _, _ in blocks], [len(ids) for _, ids, _, _ in blocks])
    ids = np.concatenate([np.array(ids, dtype=object) for _, ids, _, _ in blocks])
    quantities = np.repeat([quantity for _, _, quantity, _ in blocks], [len(ids) for _, ids, _, _ in blocks])
    size = len(ids)
    day, hour = np.divmod(np.arange(steps), len(grid.steps))
    table = pd.DataFrame(
        {
            "stage": np.full(steps * size, stage.year),
            "day": np.repeat(day, size),
            "hour": np.repeat(hour * grid.step_hours, size),
            "kind": np.tile(kinds, steps),
            "id": np.tile(ids, steps),
            "quantity": np.tile(quantities, steps),
            "value": np.concatenate([values for _, _, _, values in blocks], axis=1).ravel(),
        }
    )
    assert list(table.columns) == list(COLUMNS["operation"])
    return frame("operation", table)


def _unit_blocks(grid: TimeGrid, priced: Priced) -> list[Block]:
    case = Case(grid.instance, grid)
    blocks: list[Block] = []
    first = 0
    for machine in case.machines.values():
        weights = np.maximum(priced.corner[:, first : first + len(machine.corners)], 0.0)
        first += len(machine.corners)
        corners = list(machine.corners.values())
        power = np.array([case.power[machine.id, name].ravel() for name in machine.corners])
        values = {
            "machines_on": weights.sum(axis=1),
            "heat_mw": weights @ np.array([corner.heat_mw for corner in corners]),
            "power_mw": (weights * power.T).sum(axis=1),
            "fuel_mw": weights @ np.array([corner.fuel_mw for corner in corners]),
        }
        values |= {f"corner_{name}_machines": weights[:, k] for k, name in enumerate(machine.corners)}
        blocks += [("unit", [machine.id], quantity, value[:, None]) for quantity, value in values.items()]
    return blocks
