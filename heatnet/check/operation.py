"""The table of the operation as arrays. Rows that are missing, repeated, unknown or not numbers become findings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from heatnet.check import tolerance as tol
from heatnet.check.columns import number, place
from heatnet.check.findings import Array, Findings, IntArray
from heatnet.solution import COLUMNS, Solution

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from heatnet.check.calendar import Calendar
    from heatnet.check.facts import Facts
    from heatnet.check.state import State


@dataclass(frozen=True)
class Operation:
    """Values by kind and quantity; axes are stages, days, steps and things. `corners` runs over all corner points."""

    values: dict[tuple[str, str], Array]

    def of(self, kind: str, quantity: str) -> Array:
        """One quantity of all things of a kind."""
        return self.values[kind, quantity]


@dataclass(frozen=True)
class Column:
    """A series that the operation must have: `group` and `position` say where it goes, `stages` where it must be."""

    key: tuple[str, str, str]
    group: tuple[str, str]
    position: int
    stages: npt.NDArray[np.bool_]


def expected_columns(facts: Facts, state: State) -> tuple[list[Column], dict[tuple[str, str], int]]:
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
    needed = [state.design_mw[:, k] > tol.POWER_MW if k in districts else None for k in range(len(nodes.ids))]
    add("node", "unserved_mw", nodes.ids, needed)
    add("node", "spill_mw", nodes.ids, [every if supplied else None for supplied in nodes.supplied])
    return columns, groups


def read_operation(found: Findings, facts: Facts, state: State, calendar: Calendar, solution: Solution) -> Operation:
    """The operation as arrays; 0 where a row is missing or has no number."""
    columns, groups = expected_columns(facts, state)
    frame = solution.operation.reindex(columns=list(COLUMNS["operation"]))
    years = facts.stages.years
    shape = (len(years), len(calendar.ids), len(calendar.hours), len(columns))
    column = _columns_of(frame, columns)
    places = [place(years, frame["stage"]), place(calendar.ids, frame["day"]), place(calendar.hours, frame["hour"])]
    places.append(column)
    known = np.min(places, axis=0) >= 0 if len(frame) else np.zeros(0, dtype=bool)
    _judge_unknown(found, frame[~known])
    flat = np.zeros(0, dtype=np.int64)
    if known.any():
        flat = np.ravel_multi_index(tuple(one[known] for one in places), shape).astype(np.int64)
    value = number(frame["value"])[known]
    times = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
    bad = np.bincount(flat[~np.isfinite(value)], minlength=int(np.prod(shape))).reshape(shape)
    required = np.array([item.stages for item in columns], dtype=bool).reshape(len(columns), len(years)).T
    missing = (times == 0) & required[:, None, None, :]
    _judge_cells(found, facts, calendar, columns, missing + np.maximum(times - 1, 0) + bad)
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
    for name, rows_of in Counter(" ".join(map(str, row)) for row in rows).items():
        found.fault("operation.rows", float(rows_of), tol.COUNT, "rows", id=f"unknown {name}")


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
