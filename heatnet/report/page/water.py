"""A plan's hours in the water (`hydraulics.csv`) beside the model: sums, the lines that differ most, what is beyond."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from heatnet.instance import Instance
from heatnet.report.page.plan import rows_of, spans
from heatnet.report.page.style import difference, figures
from heatnet.report.page.tables import Table
from heatnet.report.page.words import Words

FILE = "hydraulics.csv"
COLUMNS = ("stage", "hour", "part", "kind", "id", "quantity", "model", "simulated", "difference", "least", "most")
MOST_LINES = 12
"""Lines that are listed; the file has them all."""

SUMS = ("heat_mw", "loss_mw", "friction_mw", "pump_mw", "pressure_drop_bar")


@dataclass(frozen=True)
class Hour:
    """An hour of a stage as tables; `outside` are places beyond their limits, as sentences."""

    title: str
    sums: Table
    lines: Table
    outside: list[str]


def read_water(path: Path) -> pd.DataFrame | None:
    """The content of `hydraulics.csv`; None where it is not there, or is none."""
    try:
        frame = pd.read_csv(path, dtype={"hour": "str", "part": "str", "id": "str"}, float_precision="round_trip")
    except (OSError, ValueError):
        return None
    return frame if {*COLUMNS, "outside"} <= set(frame.columns) else None


def hours(frame: pd.DataFrame, instance: Instance, words: Words) -> list[Hour]:
    """Every stage and hour that was simulated."""
    found = []
    for _, rows in frame.groupby(["stage", "hour"], sort=False):
        stage, hour = int(rows["stage"].iloc[0]), str(rows["hour"].iloc[0])
        name = words("water_design") if hour == "design" else words("water_hour", hour=hour)
        title = f"{spans(instance)[stage]}, {name}"
        lines = rows[(rows["kind"] == "line") & (rows["quantity"] == "velocity_m_per_s")].dropna(subset=["difference"])
        order = lines["difference"].abs().sort_values(ascending=False, kind="stable").index
        whole = rows[rows["kind"].isin(["part", "critical"]) & rows["quantity"].isin(SUMS)]
        found.append(
            Hour(
                title,
                _table([(f"{row.part}: {_quantity(row, words)}", row) for row in rows_of(whole)], words),
                _table([(str(row.id), row) for row in rows_of(lines.loc[order].head(MOST_LINES))], words),
                list(_outside(rows[rows["outside"] == 1], words)),
            )
        )
    return found


def _quantity(row: Any, words: Words) -> str:
    return words(f"water_{row.quantity}", place=row.id)


def _table(rows: list[tuple[str, Any]], words: Words) -> Table:
    head = ["", *[words(key) for key in ("water_model", "water_simulated", "water_difference")], "%"]
    return Table(head, [[name, *_cells(row)] for name, row in rows])


def _cells(row: Any) -> list[str]:
    model, simulated = float(row.model), float(row.simulated)
    told = abs(model) > 1e-9 and not pd.isna(simulated)
    share = f"{(simulated - model) / abs(model):+.1%}".replace("-", "−") if told else "–"
    apart = "–" if pd.isna(row.difference) else difference(float(row.difference))
    return [*("–" if pd.isna(value) else figures(value) for value in (model, simulated)), apart, share]


def _outside(rows: pd.DataFrame, words: Words) -> Iterator[str]:
    for row in rows_of(rows):
        above = row.simulated > row.most
        yield words(
            "water_above" if above else "water_below",
            place=f"{row.kind} {row.id}",
            quantity=row.quantity,
            value=figures(float(row.simulated)),
            limit=figures(float(row.most if above else row.least)),
        )
