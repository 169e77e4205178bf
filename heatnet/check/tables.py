"""Brings the result tables into arrays. Rows that are missing, repeated, unknown or not numbers become findings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from heatnet.check import tolerance as tol
from heatnet.check.findings import Array, Findings, IntArray
from heatnet.physics.load import load_factor
from heatnet.solution import COLUMNS, Solution

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from heatnet.check.facts import Facts
    from heatnet.instance import Instance

STEPS = (1, 2, 3, 4, 6, 8, 12, 24)
"""Lengths of a step in hours that divide a day."""

Grid = dict[str, Array]


@dataclass(frozen=True)
class Calendar:
    """The representative days: id, day of the season (from 0), weight in days, and the heat demand in their steps.

    `demand_mw` has the axes stages, days, steps, nodes.
    """

    ids: IntArray
    season_day: IntArray
    weight: Array
    step_hours: int
    hours: IntArray
    load_scale: Array
    demand_mw: Array

    def energy_weight(self) -> Array:
        """Hours of the season that one step of each day stands for."""
        return self.step_hours * self.weight


@dataclass(frozen=True)
class Plan:
    """What the tables of the plan say; axes are stages and lines, units, stores, nodes or contingencies."""

    pipes: Grid
    units: Grid
    stores: Grid
    districts: Grid
    security: Grid


@dataclass(frozen=True)
class Operation:
    """Values by kind and quantity; axes are stages, days, steps and things. `corners` runs over all corner points."""

    values: dict[tuple[str, str], Array]

    def of(self, kind: str, quantity: str) -> Array:
        """One quantity of all things of a kind."""
        return self.values[kind, quantity]


def _number(column: pd.Series) -> Array:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def _text(column: pd.Series) -> list[str]:
    return [value if isinstance(value, str) else "?" for value in column]


def _place(labels: IntArray, column: pd.Series) -> IntArray:
    """Position of each entry of a numeric column in `labels`, -1 where it is none of them."""
    return pd.Index(labels.astype(np.float64)).get_indexer(pd.Index(_number(column))).astype(np.int64)


# --- days ----------------------------------------------------------------------------------------------------


def read_days(found: Findings, instance: Instance, solution: Solution) -> Calendar:
    """The usable rows of the days with what follows from them, without the demand."""
    step = solution.step_hours
    if step not in STEPS:
        found.fault("days.step", float(step), tol.COUNT, "h", id="step_hours")
        step = 24
    frame = solution.days.reindex(columns=list(COLUMNS["days"]))
    columns = {name: _number(frame[name]) for name in frame}
    season_days = len(instance.series["outdoor_c"]) // 24
    whole = np.isfinite(np.array(list(columns.values()))).all(axis=0)
    for name in ("day", "season_day"):
        whole &= np.mod(columns[name], 1.0) == 0.0
    whole &= (columns["season_day"] >= 0) & (columns["season_day"] < season_days)
    good = whole & ~pd.Series(columns["day"]).duplicated().to_numpy()
    found.judge("days.rows", np.where(good, 0.0, 1.0), tol.COUNT, "rows", id=[f"row {k}" for k in range(len(frame))])
    kept = {name: values[good] for name, values in columns.items()}
    return Calendar(
        ids=kept["day"].astype(np.int64),
        season_day=kept["season_day"].astype(np.int64),
        weight=kept["weight_days"],
        step_hours=step,
        hours=np.arange(0, 24, step, dtype=np.int64),
        load_scale=kept["load_scale"],
        demand_mw=np.zeros((0, 0, 0, 0)),
    )


def step_means(calendar: Calendar, hourly: Array) -> Array:
    """Means over the steps of the representative days; axes are days and steps."""
    by_step = hourly.reshape(-1, len(calendar.hours), calendar.step_hours).mean(axis=2)
    return np.asarray(by_step[calendar.season_day], dtype=np.float64)


def season_load(instance: Instance) -> Array:
    """Load factor in every hour of the season."""
    season, outdoor = instance.header.season, instance.series["outdoor_c"]
    floor = season.load_floor_share
    return load_factor(outdoor, season.indoor_c, season.design_outdoor_c, floor, season.inertia_h)


def demand_mw(instance: Instance, facts: Facts, calendar: Calendar, load_scale: Array) -> Array:
    """Heat demand; axes are stages, days, steps, nodes."""
    load = step_means(calendar, season_load(instance)) * load_scale[:, None]
    shape = np.ones((*load.shape, len(facts.nodes.ids)))
    for k, name in enumerate(facts.nodes.shape_series):
        if name is not None:
            shape[:, :, k] = step_means(calendar, instance.series[name])
    demand = facts.nodes.design_mw[:, None, None, :] * load[None, :, :, None] * shape[None]
    return np.asarray(demand, dtype=np.float64)


# --- the plan ------------------------------------------------------------------------------------------------


def read_plan(found: Findings, facts: Facts, solution: Solution) -> Plan:
    """The five tables of the plan."""
    districts = read_grid(found, facts, "districts", solution.districts, facts.nodes.district_ids, ["node"])
    wide = {name: np.zeros(facts.nodes.design_mw.shape) for name in districts}
    for name, values in districts.items():
        wide[name][:, facts.nodes.districts] = values
    return Plan(
        read_grid(found, facts, "pipes", solution.pipes, facts.lines.ids, ["pipe", "type"]),
        read_grid(found, facts, "units", solution.units, facts.units.ids, ["unit"]),
        read_grid(found, facts, "stores", solution.stores, facts.stores.ids, ["store"]),
        wide,
        read_grid(found, facts, "security", solution.security, facts.contingencies.ids, ["contingency"]),
    )


def read_grid(
    found: Findings, facts: Facts, table: str, frame: pd.DataFrame, ids: Sequence[str], keys: list[str]
) -> Grid:
    """Each value column as an array of stages and ids; 0 where the row is missing or has no number."""
    years = facts.stages.years
    frame = frame.reindex(columns=list(COLUMNS[table]))
    names = [_text(frame[key]) for key in keys]
    told = ["/".join(parts) for parts in zip(*names, strict=True)]
    stage = _place(years, frame["stage"])
    thing = pd.Index(list(ids), dtype=object).get_indexer(pd.Index(told, dtype=object)).astype(np.int64)
    known = (stage >= 0) & (thing >= 0)
    found.judge(f"{table}.rows", np.where(known, 0.0, 1.0), tol.COUNT, "rows", id=[f"unknown {name}" for name in told])
    number = np.bincount(stage[known] * len(ids) + thing[known], minlength=len(years) * len(ids))
    size = np.abs(number.reshape(len(years), len(ids)) - 1.0)
    found.judge(f"{table}.rows", size, tol.COUNT, "rows", stage=years, id=ids)
    grid: Grid = {}
    for column in frame.columns.drop(["stage", *keys]):
        values = _number(frame[column])
        bad = known & ~np.isfinite(values)
        places = [f"{told[k]} {column}" for k in np.flatnonzero(bad)]
        for k, place in zip(np.flatnonzero(bad), places, strict=True):
            found.fault(f"{table}.rows", 1.0, tol.COUNT, "rows", stage=int(years[stage[k]]), id=place)
        grid[column] = np.zeros(size.shape)
        use = np.flatnonzero(known & ~bad)[::-1]
        grid[column][stage[use], thing[use]] = values[use]
    return grid


# --- the operation -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """A series that the operation must have: `group` and `position` say where it goes, `stages` where it must be."""

    key: tuple[str, str, str]
    group: tuple[str, str]
    position: int
    stages: npt.NDArray[np.bool_]


def expected_columns(facts: Facts) -> tuple[list[Column], dict[tuple[str, str], int]]:
    """The series that the operation must or may have, and the number of things in each group."""
    columns: list[Column] = []
    groups: dict[tuple[str, str], int] = {}
    every = np.ones(len(facts.stages.years), dtype=bool)

    def add(kind: str, quantity: str, ids: list[str], stages: Sequence[npt.NDArray[np.bool_] | None]) -> None:
        groups[kind, quantity] = len(ids)
        columns.extend(
            Column((kind, name, quantity), (kind, quantity), k, when)
            for k, (name, when) in enumerate(zip(ids, stages, strict=True))
            if when is not None
        )

    units, nodes = facts.units, facts.nodes
    for quantity in ("machines_on", "heat_mw", "power_mw", "fuel_mw"):
        add("unit", quantity, units.ids, [every] * len(units.ids))
    add("unit", "starts", units.ids, [every if kind == "hourly" else None for kind in units.commitment])
    groups["unit", "corners"] = len(units.corner_names)
    for k, (unit, corner) in enumerate(zip(units.corner_unit, units.corner_names, strict=True)):
        columns.append(Column(("unit", units.ids[unit], f"corner_{corner}_machines"), ("unit", "corners"), k, every))
    for quantity in ("flow_mw", "pump_mw"):
        add("pipe", quantity, facts.lines.ids, [every] * len(facts.lines.ids))
    for quantity in ("charge_mw", "discharge_mw", "level_mwh"):
        add("store", quantity, facts.stores.ids, [every] * len(facts.stores.ids))
    districts = set(facts.nodes.districts.tolist())
    needed = [nodes.design_mw[:, k] > 0 if k in districts else None for k in range(len(nodes.ids))]
    add("node", "unserved_mw", nodes.ids, needed)
    add("node", "spill_mw", nodes.ids, [every if supplied else None for supplied in nodes.supplied])
    return columns, groups


def read_operation(found: Findings, facts: Facts, calendar: Calendar, solution: Solution) -> Operation:
    """The operation as arrays; 0 where a row is missing or has no number."""
    columns, groups = expected_columns(facts)
    frame = solution.operation.reindex(columns=list(COLUMNS["operation"]))
    years = facts.stages.years
    shape = (len(years), len(calendar.ids), len(calendar.hours), len(columns))
    column = _columns_of(frame, columns)
    places = [_place(years, frame["stage"]), _place(calendar.ids, frame["day"]), _place(calendar.hours, frame["hour"])]
    places.append(column)
    known = np.min(places, axis=0) >= 0 if len(frame) else np.zeros(0, dtype=bool)
    _judge_unknown(found, frame[~known])
    flat = np.zeros(0, dtype=np.int64)
    if known.any():
        flat = np.ravel_multi_index(tuple(place[known] for place in places), shape).astype(np.int64)
    value = _number(frame["value"])[known]
    number = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
    bad = np.bincount(flat[~np.isfinite(value)], minlength=int(np.prod(shape))).reshape(shape)
    required = np.array([item.stages for item in columns], dtype=bool).reshape(len(columns), len(years)).T
    missing = (number == 0) & required[:, None, None, :]
    _judge_cells(found, facts, calendar, columns, missing + np.maximum(number - 1, 0) + bad)
    values = np.zeros(int(np.prod(shape)))
    values[flat[::-1]] = np.where(np.isfinite(value), value, 0.0)[::-1]
    values = values.reshape(shape)
    arrays = {}
    for group, size in groups.items():
        source = [k for k, item in enumerate(columns) if item.group == group]
        arrays[group] = np.zeros((*shape[:3], size))
        arrays[group][..., [columns[k].position for k in source]] = values[..., source]
    return Operation(arrays)


def _columns_of(frame: pd.DataFrame, columns: list[Column]) -> IntArray:
    """Position of each row's kind, id and quantity among the expected columns, -1 where it is none of them."""
    codes, texts = [], []
    for name in ("kind", "id", "quantity"):
        code, text = pd.factorize(frame[name].to_numpy(dtype=object), use_na_sentinel=True)
        codes.append(code.astype(np.int64))
        texts.append(list(text))
    combined = (codes[0] * (len(texts[1]) + 1) + codes[1]) * (len(texts[2]) + 1) + codes[2]
    combined = np.where(np.min(codes, axis=0) < 0, -1, combined)
    which, distinct = pd.factorize(combined)
    position: dict[Hashable, int] = {column.key: k for k, column in enumerate(columns)}
    targets = np.full(len(distinct), -1, dtype=np.int64)
    for k, combination in enumerate(distinct):
        if combination >= 0:
            rest, quantity = divmod(int(combination), len(texts[2]) + 1)
            kind, thing = divmod(rest, len(texts[1]) + 1)
            targets[k] = position.get((texts[0][kind], texts[1][thing], texts[2][quantity]), -1)
    return targets[which]


def _judge_unknown(found: Findings, frame: pd.DataFrame) -> None:
    """Rows that no stage, day, hour, thing or quantity of the model has: one finding for each thing and quantity."""
    if frame.empty:
        return
    rows = zip(frame["kind"], frame["id"], frame["quantity"], strict=True)
    for name, number in Counter(" ".join(map(str, row)) for row in rows).items():
        found.fault("operation.rows", float(number), tol.COUNT, "rows", id=f"unknown {name}")


def _judge_cells(
    found: Findings, facts: Facts, calendar: Calendar, columns: list[Column], faults: npt.NDArray[np.int64]
) -> None:
    """Missing, repeated and empty values: one finding for each stage and column, at the first place."""
    for y, k in np.argwhere(faults.any(axis=(1, 2))):
        day, step = np.argwhere(faults[y, :, :, k])[0]
        found.fault(
            "operation.rows",
            float(faults[y, :, :, k].sum()),
            tol.COUNT,
            "rows",
            stage=int(facts.stages.years[y]),
            day=int(calendar.ids[day]),
            hour=int(calendar.hours[step]),
            id=" ".join(columns[k].key),
        )
