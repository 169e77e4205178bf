"""Small changes to the tables of a result, one at a time, chosen by a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from heatnet.instance import Instance
from heatnet.solution import COLUMNS, Solution

UNKNOWN = {"str": "nowhere", "int64": 9999}
"""What no table knows: an id, a year, a day or an hour."""

KEYS = {"stage", "season_day", "day", "hour"}
"""Whole numbers that name something; all others count."""

LEAST = 1e-3
"""MW, MWh, machines, Mm², days or 1: smaller changes are left out, being near what a solver may leave."""

LEAST_OF_SEASON = 0.05
"""MWh of a season: what a solver may leave in each of 3000 hours adds up to 0.03."""


@dataclass(frozen=True)
class Mutation:
    """A changed table. `how` is the kind of change; `row` and `column` say where, as far as there is one place."""

    table: str
    column: str
    how: str
    row: int
    frame: pd.DataFrame

    def of(self, solution: Solution) -> Solution:
        """The solution with the changed table."""
        return replace(solution, **{self.table: self.frame})


def mutations(instance: Instance, solution: Solution, seed: int, rows: int) -> Iterator[Mutation]:
    """Every column of every table that has rows: `rows` rows each, drawn by the seed; then whole rows."""
    draw = random.Random(seed)
    for table, columns in COLUMNS.items():
        frame: pd.DataFrame = getattr(solution, table)
        if frame.empty:
            continue
        for column, kind in columns.items():
            for row in _drawn(draw, frame, column, rows):
                for how, value in _values(draw, instance, solution, frame, column, kind, row):
                    yield Mutation(table, column, how, row, _with(frame, column, row, value))
        yield from _of_rows(draw, table, frame, rows)


def _drawn(draw: random.Random, frame: pd.DataFrame, column: str, rows: int) -> list[int]:
    """Places of rows; of counts and numbers, as many that are not 0. Of the operation, some for each quantity."""
    groups = [np.arange(len(frame))]
    if column == "value":
        quantity = frame["kind"] + " " + frame["quantity"].str.replace("corner_.*", "corner", regex=True)
        groups = [np.flatnonzero(quantity == name) for name in sorted(set(quantity))]
    drawn: list[int] = []
    for group in groups:
        own = {int(row) for row in draw.sample(list(group), min(rows, len(group)))}
        if column not in KEYS and pd.api.types.is_numeric_dtype(frame[column]):
            used = [row for row in group if abs(frame[column].iloc[row]) > LEAST]
            own |= {int(row) for row in draw.sample(used, min(rows, len(used)))}
        drawn += sorted(own)
    return drawn


def _values(
    draw: random.Random,
    instance: Instance,
    solution: Solution,
    frame: pd.DataFrame,
    column: str,
    kind: str,
    row: int,
) -> Iterator[tuple[str, Any]]:
    """What a cell may become, and how it is called."""
    value = frame[column].iloc[row]
    if kind == "float64":
        sizes = {"0.1": 0.1, "1 %": 0.01 * abs(value)}
        least = LEAST_OF_SEASON if column in ("demand_mwh", "unserved_mwh") else LEAST
        name = draw.choice([name for name, size in sizes.items() if size > least])
        yield f"{name} more", value + sizes[name]
        yield f"{name} less", value - sizes[name]
        if abs(value) > LEAST:
            yield "blank", np.nan
    elif kind == "int64" and column not in KEYS:
        yield "1 more", value + 1
        yield "1 less", value - 1
    else:
        others = sorted(_known(instance, solution, column) - {value})
        if others:
            yield "another", draw.choice(others)
        yield "unknown", UNKNOWN[kind]


def _known(instance: Instance, solution: Solution, column: str) -> set[Any]:
    """What a column of that name holds in any table, and the regimes and types of the instance."""
    known = {
        value
        for table, columns in COLUMNS.items()
        if column in columns
        for value in getattr(solution, table)[column].unique().tolist()
    }
    rows = {"regime": instance.header.regimes, "type": instance.pipe_types}.get(column, ())
    return known | {item.id for item in rows}


def _with(frame: pd.DataFrame, column: str, row: int, value: Any) -> pd.DataFrame:
    changed = frame.copy()
    values = frame[column].to_numpy(copy=True)
    values[row] = value
    changed[column] = values
    return changed


def _of_rows(draw: random.Random, table: str, frame: pd.DataFrame, rows: int) -> Iterator[Mutation]:
    """Rows deleted, repeated, in another order, and cells that change places."""
    for row in draw.sample(range(len(frame)), min(rows, len(frame))):
        yield Mutation(table, "", "deleted", row, frame.drop(index=row).reset_index(drop=True))
        yield Mutation(table, "", "repeated", row, pd.concat([frame, frame.iloc[[row]]], ignore_index=True))
    if len(frame) < 2:
        return
    one, other = draw.sample(range(len(frame)), 2)
    order = np.arange(len(frame))
    order[[one, other]] = other, one
    yield Mutation(table, "", "rows swapped", one, frame.iloc[order].reset_index(drop=True))
    for column in frame:
        one, other = draw.sample(range(len(frame)), 2)
        cells = frame[column].to_numpy(copy=True)
        cells[[one, other]] = cells[[other, one]]
        changed = frame.copy()
        changed[column] = cells
        yield Mutation(table, str(column), "cells swapped", one, changed)


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables hold the same rows in whatever order, numbers to nine places."""
    return _told(one) == _told(other)


def _told(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    rows = frame.itertuples(index=False)
    return sorted(
        tuple(str(round(cell, 9) + 0.0) if isinstance(cell, float) else str(cell) for cell in row) for row in rows
    )
