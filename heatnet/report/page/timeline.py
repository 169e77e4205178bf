"""What happens to every machine: when it leaves, goes into reserve, is built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from heatnet.report.page import style
from heatnet.report.page.plan import Plan, rows_of
from heatnet.report.page.words import Words, cut, label, width

ORDER = ("closes", "reserve", "back", "built")
LOOKS = {
    "runs": (style.SKY, ""),
    "reserve": (style.ORANGE, "/"),
    "built": (style.GREEN, "\\\\"),
    "fewer": (style.SKY, "."),
    "closed": ("#ffffff", "xx"),
}
"""Colour and pattern of the state of a unit in a stage."""


@dataclass(frozen=True)
class Cell:
    """One unit in one stage: its state (a key of `LOOKS`), what is written on it and what is told of it."""

    unit: str
    year: int
    state: str
    text: str
    told: str


def rows(plan: Plan) -> list[str]:
    """Units to which something happens: those that lose machines first, by stage, then the others."""
    changes = plan.changes
    first: dict[str, tuple[int, int, float]] = {}
    for row in rows_of(changes):
        place = (ORDER.index(str(row.what)), int(row.stage), -float(row.heat_mw))
        first[str(row.unit)] = min(first.get(str(row.unit), place), place)
    return sorted(first, key=lambda unit: (first[unit], unit))


def cells(plan: Plan, names: Sequence[str], words: Words) -> list[Cell]:
    """The state of units in every stage in which they had or have machines."""
    units = plan.solution.units.set_index(["unit", "stage"]).sort_index()
    count = {unit.id: unit.count for unit in plan.instance.units}
    found = []
    for unit in names:
        before = count[unit]
        for year in plan.years:
            row: Any = units.loc[(unit, year)]
            runs, reserve, new = int(row["machines"]), int(row["reserve_machines"]), int(row["new_machines"])
            gone, kept = int(row["retired_machines"]), int(row["existing_machines"])
            there = runs + reserve
            if not there and not before:
                continue
            parts = [f"{runs}"] if runs else []
            parts += [words("cell_reserve", number=reserve)] if reserve else []
            parts += [f"+{new}"] if new else []
            parts += [f"−{gone}"] if gone else []
            if not there:
                state = "closed"
            elif new:
                state = "built"
            elif reserve:
                state = "reserve"
            else:
                state = "fewer" if kept < count[unit] or gone else "runs"
            told = words("cell", runs=runs, reserve=reserve, new=new, gone=gone)
            found.append(Cell(unit, year, state, " ".join(parts) if parts else f"✕ −{gone}", told))
            before = there
    return found


def marker(state: str) -> dict[str, Any]:
    """How the cells of a state are filled."""
    colour, pattern = LOOKS[state]
    edge = {"color": style.GREY, "width": 0.7}
    return {"color": colour, "pattern": style.hatch(pattern, colour), "line": edge}


def timeline(plan: Plan, words: Words) -> go.Figure:
    """A row per unit to which something happens, a bar per stage; numbers are machines."""
    names, column = rows(plan), {year: index for index, year in enumerate(plan.years)}
    place = {unit: row for row, unit in enumerate(names)}
    figure = style.figure(
        max(200, 24 * len(names) + 110), barmode="overlay", bargap=0.12, yaxis={"showgrid": False, "zeroline": False}
    )
    found = cells(plan, names, words)
    for state in LOOKS:
        own = [cell for cell in found if cell.state == state]
        if not own:
            continue
        figure.add_bar(
            orientation="h",
            y=[place[cell.unit] for cell in own],
            x=[1.0] * len(own),
            base=[column[cell.year] - 0.5 for cell in own],
            name=words(f"state_{state}"),
            marker=marker(state),
            text=[cell.text for cell in own],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": style.INK, "size": 12},
            hovertext=[f"<b>{name(plan, c.unit, words, 80)}</b><br>{plan.spans[c.year]}: {c.told}" for c in own],
            hoverinfo="text",
        )
    figure.update_yaxes(
        style.axis(
            tickvals=list(place.values()),
            ticktext=[name(plan, unit, words, 44) for unit in names],
            range=[len(names) - 0.5, -0.5],
            showgrid=False,
        )
    )
    ticks: dict[str, Any] = {"tickvals": list(column.values()), "ticktext": list(plan.spans.values())}
    figure.update_xaxes(
        style.axis(range=[-0.5, len(column) - 0.5], side="top", showgrid=False, zeroline=False, **ticks)
    )
    # On a narrow page the script takes the short names.
    narrow = {"narrow_y": [name(plan, unit, words, 24) for unit in names]}
    figure.update_layout(legend={"y": -0.01, "yanchor": "top"}, meta=narrow)
    return figure


def name(plan: Plan, unit: str, words: Words, most: int) -> str:
    """Where a unit is and what it is, cut where it would push the bars off a narrow page."""
    record = plan.unit[unit]
    node = plan.instance.node[record.node]
    text = f"{words.name(node, node.id)}: {words.name(record, unit)}"
    return label(text if width(text) <= most else cut(text, most - 1) + "…")
