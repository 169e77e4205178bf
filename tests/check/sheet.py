"""A result that can be changed cell by cell, as the hand-made answers of the towns are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from heatnet.check import CheckReport, check
from heatnet.instance import Instance
from heatnet.solution import COLUMNS, Solution, frame

Change = Callable[[Any], None]
"""A change to an answer."""


class Sheet:
    """Frames by the names of the result tables, empty where none is set, and the operation."""

    values: pd.Series
    step_hours = 12

    @property
    def hours(self) -> range:
        """First hours of the steps of a day."""
        return range(0, 24, self.step_hours)

    def begin(self, stages: tuple[int, ...], days: tuple[int, ...], series: list[tuple[str, str, str]]) -> None:
        """An operation of zeros for all quantities in `series` (kind, id, quantity)."""
        keys = [(y, d, h, *one) for y in stages for d in days for h in self.hours for one in series]
        names = ["stage", "day", "hour", "kind", "id", "quantity"]
        self.values = pd.Series(0.0, index=pd.MultiIndex.from_tuples(keys, names=names))

    def one(self, year: int, day: int, hour: int, kind: str, name: str, **quantities: float) -> None:
        """Sets quantities in one step."""
        for quantity, value in quantities.items():
            self.values[year, day, hour, kind, name, quantity] = value

    def set(self, table: str, place: tuple[Any, ...], **values: Any) -> None:
        """Sets columns in the one row of a table of the plan that begins with `place`."""
        rows = getattr(self, table)
        match = np.ones(len(rows), dtype=bool)
        for column, value in zip(rows.columns, place, strict=False):
            match &= (rows[column] == value).to_numpy()
        assert match.sum() == 1
        for column, value in values.items():
            if rows[column].dtype == "int64" and not float(value).is_integer():
                rows[column] = rows[column].astype("float64")
            rows.loc[match, column] = value

    @property
    def solution(self) -> Solution:
        """The answer as a result."""
        operation = self.values.rename("value").reset_index()
        told = {name: getattr(self, name, frame(name, [])) for name in COLUMNS if name != "operation"}
        return Solution(**told, operation=operation, step_hours=self.step_hours)


def laws(report: CheckReport) -> set[str]:
    """The laws broken."""
    return set(report.violations["law"])


class Breaks:
    """Changes to an answer, each with the law that it breaks alone."""

    def __init__(self) -> None:
        self.rows: list[Any] = []

    def __call__(self, law: str) -> Callable[[Change], Change]:
        """Enters a change."""

        def enter(change: Change) -> Change:
            self.rows.append(pytest.param(law, change, id=f"{law}-{change.__name__}"))
            return change

        return enter


def assert_broken_alone(instance: Instance, answer: Sheet, law: str, change: Change) -> None:
    """A change to an answer that keeps every law breaks one of them, clearly, and no other."""
    change(answer)
    report = check(instance, answer.solution)
    assert laws(report) == {law}
    assert report.violated
    assert report.worst > 1.0
