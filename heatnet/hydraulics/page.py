"""What a person sees of a simulation: sums by part, the lines and consumers that differ most, places out of limits."""

from __future__ import annotations

import pandas as pd
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from heatnet.instance import Instance

MOST_ROWS = 12
"""Rows of a list; the file has them all."""


def simulation_page(instance: Instance, frame: pd.DataFrame) -> RenderableType:
    """Headline and, for every hour, its tables."""
    stage = int(frame["stage"].iloc[0]) if len(frame) else 0
    parts: list[RenderableType] = [Text(f"{instance.header.title}, stage {stage}, in the water", "bold")]
    for hour, rows in frame.groupby("hour", sort=False):
        parts += _hour(str(hour), rows)
    return Group(*parts)


def _hour(hour: str, rows: pd.DataFrame) -> list[RenderableType]:
    name = "Design hour" if hour == "design" else f"Hour {hour}"
    shown: list[RenderableType] = [Text(f"\n{name}", "bold")]
    shown += [_sums(str(part), own) for part, own in rows[rows["part"] != "still"].groupby("part", sort=False)]
    lines = rows[rows["kind"] == "line"]
    for quantity, title in (("velocity_m_per_s", "Velocity, m/s"), ("gradient_pa_per_m", "Friction, Pa/m")):
        shown.append(_largest(f"{title}: lines that differ most", lines[lines["quantity"] == quantity]))
    supply = rows[rows["quantity"] == "supply_c"]
    shown.append(_largest("Supply temperature at consumers, °C: coldest against the regime", supply))
    still = rows.loc[rows["part"] == "still", "id"]
    if len(still):
        shown.append(Text(f"No water flows in: {', '.join(still)}.", "not bold"))
    shown.append(_outside(rows[rows["outside"] == 1]))
    return shown


def _sums(part: str, rows: pd.DataFrame) -> Group:
    table = _table(["model", "simulated", "difference", ""])
    whole = rows[rows["kind"].isin(["part", "critical"])]
    labels = {
        "heat_mw": "heat fed, MW",
        "loss_mw": "heat loss, MW",
        "friction_mw": "friction, MW of power",
        "pump_mw": "pumps, MW of power",
    }
    for _, row in whole.iterrows():
        label = labels.get(row["quantity"], f"drop to {row['id']}, the critical point, bar")
        table.add_row(label, *_cells(row))
    sources = rows[(rows["kind"] == "source") & (rows["quantity"] == "heat_mw")]
    for _, row in sources.iterrows():
        note = " (holds the pressure)" if part.endswith(f"/{row['id']}") else ""
        table.add_row(f"source {row['id']}{note}, MW", *_cells(row))
    return Group(Text(f"\nPart {part}", "bold"), table)


def _largest(title: str, rows: pd.DataFrame) -> Group:
    table = _table(["model", "simulated", "difference", ""])
    order = rows["difference"].abs().sort_values(ascending=False, kind="stable").index
    for _, row in rows.loc[order].head(MOST_ROWS).iterrows():
        table.add_row(row["id"], *_cells(row))
    return Group(Text(f"\n{title}", "bold"), table)


def _outside(rows: pd.DataFrame) -> Text:
    if not len(rows):
        return Text("\nNo place is out of its limits.", "green")
    text = Text(f"\n{len(rows)} places are out of their limits:", "bold red")
    for _, row in rows.iterrows():
        limit = f"at most {row['most']:.2f}" if row["simulated"] > row["most"] else f"at least {row['least']:.2f}"
        text.append(f"\n{row['kind']} {row['id']}: {row['quantity']} {row['simulated']:.2f}, {limit}", "not bold red")
    return text


def _table(columns: list[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", overflow="fold")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _cells(row: pd.Series) -> list[str]:
    share = f"{row['difference'] / abs(row['model']):+.1%}" if abs(row["model"]) > 1e-9 else ""
    return [
        *("" if pd.isna(row[name]) else f"{row[name]:,.2f}" for name in ("model", "simulated", "difference")),
        share,
    ]
