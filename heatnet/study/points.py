"""What the studies share: plans solved one after the other, each checked and kept as a result folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from heatnet import run
from heatnet.instance import Instance
from heatnet.instance.records import file_name
from heatnet.solution import Solution
from heatnet.solve import Limits, Observer, Result, Start, solve

Told = Callable[[str, Result], None]
"""Told the name and the result of every point that is finished."""


@dataclass
class Study:
    """Options of all points, the folder that keeps them, and whether the user has asked to stop.

    `schedule`: applied to every variant. `folder`: `NAME/` in it is the result folder of the point; None keeps none.
    """

    schedule: str | None = None
    solver: str = "auto"
    days: int | None = None
    step_hours: int | None = None
    limits: Limits = field(default_factory=Limits)
    folder: Path | None = None
    observer: Observer = lambda progress: None
    told: Told = lambda name, result: None
    stopped: bool = False

    def point(self, name: str, base: Instance, start: Solution | None = None) -> Result | None:
        """Solve a variant; None once the user has asked to stop. A point that was stopped is kept if it has a plan."""
        if self.stopped:
            return None
        began = time.perf_counter()
        try:
            result = solve(
                base.with_schedule(self.schedule),
                solver=self.solver,
                days=self.days,
                step_hours=self.step_hours,
                limits=self.limits,
                observer=self.observer,
                start=Start(start),
            )
        except KeyboardInterrupt:
            self.stopped = True
            return None
        self.stopped = result.answer.stop_reason == "interrupted"
        if self.stopped and result.answer.solution is None:
            return None
        self.keep(name, base, result, time.perf_counter() - began)
        return result

    def keep(self, name: str, base: Instance, result: Result, seconds: float) -> None:
        """Write the result folder of a point, and tell of it."""
        if self.folder is not None:
            place = self.folder / name
            place.mkdir(parents=True)
            run.save(result, base, place, {**result.seconds, "total": seconds})
        self.told(name, result)


def missing_mwh(result: Result) -> float:
    """Heat not served over all years of all stages, MWh."""
    solution = result.answer.solution
    if solution is None:
        return float("nan")
    span = {stage.year: stage.span_years for stage in result.instance.stages}
    districts = solution.districts
    return float((districts["unserved_mwh"] * districts["stage"].map(span)).sum())


def figures(result: Result) -> tuple[str, float, float, float]:
    """Status, cost and bound (million), and gap of a result; NaN where there is none."""
    answer = result.answer
    numbers = (answer.cost, answer.bound, result.gap)
    return result.status, *(np.nan if number is None else float(number) for number in numbers)  # type: ignore[return-value]


FIGURES = ("status", "cost_mcur", "bound_mcur", "gap_share")

CHANGES = ("point", "reference", "stage", "kind", "id", "before", "after")


def changes(name: str, result: Result, other: str, reference: Result) -> list[tuple[object, ...]]:
    """Rows of `CHANGES`: machines that operate and pairs in place that differ from those of another plan."""
    one, two = reference.answer.solution, result.answer.solution
    if one is None or two is None:
        return []
    rows: list[tuple[object, ...]] = []
    for kind, column in (("unit", "machines"), ("pipe", "pairs")):
        before, after = _in_place(one, kind, column), _in_place(two, kind, column)
        for (stage, what), number in after.items():
            if number != before.get((stage, what), 0):
                rows.append((name, other, stage, kind, what, before.get((stage, what), 0), number))
    return rows


def _in_place(solution: Solution, kind: str, column: str) -> dict[tuple[int, str], int]:
    if kind == "unit":
        frame, names = solution.units, solution.units["unit"]
    else:
        frame = solution.pipes
        names = frame["pipe"] + "/" + frame["type"]
    return {
        (int(stage), str(name)): int(number)
        for stage, name, number in zip(frame["stage"], names, frame[column], strict=True)
    }


def table(rows: Sequence[tuple[object, ...]], columns: tuple[str, ...], currency: str) -> pd.DataFrame:
    """A frame of rows, as `in_currency` names its columns."""
    return in_currency(pd.DataFrame(rows, columns=list(columns)), currency)


def in_currency(frame: pd.DataFrame, currency: str) -> pd.DataFrame:
    """The frame with its columns of money named by the currency of the instance: cost_mcur → cost_mcny."""
    return frame.rename(columns=lambda column: file_name(column, currency))
