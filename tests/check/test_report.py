"""What the judge says of a violation, on the hamlet, and that it says something whatever stands in the tables.

Sensitivity. Without each of these would go unnoticed:
- where and how much: a violation in the wrong place, of the wrong size, or measured by another tolerance.
- what a solver leaves: a tolerance below what solvers can do.
- damage: an error instead of a report, or a table that is not read at all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from check import hamlet, town, valley
from check.hamlet import Answer
from check.sheet import laws
from heatnet.check import check
from heatnet.instance import Instance


@pytest.fixture(scope="module")
def instance() -> Instance:
    """The hamlet."""
    return hamlet.hamlet()


def test_a_violation_says_where_and_how_much(instance: Instance) -> None:
    answer = Answer()
    answer.one(2022, 9, 6, "node", "B", spill_mw=0.5)
    report = check(instance, answer.solution)
    assert list(report.violations.columns) == ["law", "stage", "day", "hour", "id", "size", "unit", "tolerance"]
    row = report.violations.iloc[0]
    assert (row["stage"], row["day"], row["hour"], row["id"], row["unit"]) == (2022, 9, 6, "B", "MW")
    assert row["size"] == pytest.approx(0.5)
    assert report.worst == pytest.approx(0.5 / row["tolerance"])


def test_what_a_solver_leaves_is_no_violation(instance: Instance) -> None:
    answer = Answer()
    noise = np.tile([1e-7, -1e-7], len(answer.values) // 2 + 1)[: len(answer.values)]
    answer.values += noise
    assert laws(check(instance, answer.solution)) == set()


HAMLET, VALLEY, TOWN = (hamlet.hamlet, hamlet.Answer), (valley.valley, valley.Answer), (town.town, town.Answer)
TABLES = [
    *((HAMLET, name) for name in ("days", "calendar", "pipes", "units", "stores", "districts", "operation")),
    *((VALLEY, name) for name in ("calendar", "seasonal", "regimes", "retrofits", "envelopes")),
    (TOWN, "security"),
]


@pytest.mark.parametrize("damage", ["empty", "column", "text", "names", "second"])
@pytest.mark.parametrize(("place", "table"), TABLES, ids=[f"{city.__name__}-{name}" for (city, _), name in TABLES])
def test_damaged_tables_are_violations_and_never_errors(place: Any, table: str, damage: str) -> None:
    instance, solution = place[0](), place[1]().solution
    rows: pd.DataFrame = getattr(solution, table)
    if damage == "empty":
        rows = rows.iloc[:0]
    elif damage == "column":
        rows = rows.drop(columns=rows.columns[-1])
    elif damage == "text":
        rows = rows.astype("object")
        rows.iloc[0, [0, len(rows.columns) - 1]] = "nonsense"
    else:
        names = [column for column in rows.columns if not pd.api.types.is_numeric_dtype(rows[column])]
        blank = (names or [rows.columns[0]]) if damage == "names" else [rows.columns[1]]
        rows = rows.astype("object")
        rows[blank] = None
    report = check(instance, replace(solution, **{table: rows}))
    expected = "days.coldest" if (table, damage) == ("days", "empty") else f"{table}.rows"
    assert expected in laws(report)
    assert np.isfinite(report.cost)
    assert len(report.costs) == len(check(instance, solution).costs)
