"""What happens to every machine under every schedule, side by side."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from heatnet.report.page import style, timeline
from heatnet.report.page.schedules.comparison import Comparison
from heatnet.report.page.timeline import Cell
from heatnet.report.page.words import Words, label

MOST_TEXTS = 30
"""Columns for which there is room to write in the cells; beyond them colour and pattern tell, and the pointer."""


def timelines(comparison: Comparison, words: Words) -> go.Figure:
    """A row per unit to which something happens under a schedule, a block of stages for each schedule.

    Units that fare differently come first, below a line those that fare alike.
    """
    names, different = rows(comparison, words)
    place = {unit: row for row, unit in enumerate(names)}
    width = len(comparison.years) + 0.6
    starts = {member.name: block * width for block, member in enumerate(comparison.planned)}
    column = {(name, year): starts[name] + k for name in starts for k, year in enumerate(comparison.years)}
    found = [
        (schedule, cell) for schedule, plan in comparison.plans.items() for cell in timeline.cells(plan, names, words)
    ]
    figure = style.figure(max(220, 24 * len(names) + 130), barmode="overlay", bargap=0.12)
    plan = next(iter(comparison.plans.values()))
    for state in timeline.LOOKS:
        own = [(schedule, cell) for schedule, cell in found if cell.state == state]
        if not own:
            continue
        figure.add_bar(
            orientation="h",
            y=[place[cell.unit] for _, cell in own],
            x=[1.0] * len(own),
            base=[column[schedule, cell.year] - 0.5 for schedule, cell in own],
            name=words(f"state_{state}"),
            marker=timeline.marker(state),
            text=[_written(cell, len(column)) for _, cell in own],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": style.INK, "size": 11 if len(column) <= 18 else 10},
            constraintext="none",
            hovertext=[
                f"<b>{timeline.name(plan, cell.unit, words, 80)}</b><br>"
                f"{comparison.member[schedule].letter} {label(schedule)}, {comparison.spans[cell.year]}: {cell.told}"
                for schedule, cell in own
            ],
            hoverinfo="text",
        )
    figure.update_yaxes(
        style.axis(
            tickvals=list(place.values()),
            ticktext=[timeline.name(plan, unit, words, 40) for unit in names],
            range=[len(names) - 0.5, -0.5],
            showgrid=False,
            zeroline=False,
        )
    )
    ticks: dict[str, Any] = {"tickvals": list(column.values()), "ticktext": [str(year) for _, year in column]}
    figure.update_xaxes(
        style.axis(
            range=[-0.5, width * len(starts) - 1.1], side="top", showgrid=False, zeroline=False, tickangle=0, **ticks
        )
    )
    figure.update_xaxes(tickfont={"size": 11 if len(column) <= 18 else 9})
    for name, start in starts.items():
        text = f"<b>{comparison.member[name].letter} {label(name)}</b>"
        middle = start + (len(comparison.years) - 1) / 2
        figure.add_annotation(x=middle, y=1, yref="paper", yanchor="bottom", yshift=22, text=text, showarrow=False)
    if 0 < different < len(names):
        figure.add_hline(y=different - 0.5, line={"color": style.INK, "width": 1.5, "dash": "dot"})
    figure.update_layout(margin={"t": 50}, legend={"y": -0.01, "yanchor": "top"})
    return figure


def _written(cell: Cell, columns: int) -> str:
    """What fits into a cell where there are so many: else the machines that run, else nothing."""
    if columns > MOST_TEXTS:
        return ""
    return cell.text if columns <= 18 or len(cell.text) <= 5 else cell.text.split()[0]


def rows(comparison: Comparison, words: Words) -> tuple[list[str], int]:
    """Units to which something happens under a schedule, and how many of them, the first, fare differently."""
    every = list(dict.fromkeys(unit for plan in comparison.plans.values() for unit in timeline.rows(plan)))
    fates: dict[str, list[list[tuple[int, str]]]] = {unit: [] for unit in every}
    for plan in comparison.plans.values():
        own: dict[str, list[Cell]] = {unit: [] for unit in every}
        for cell in timeline.cells(plan, every, words):
            own[cell.unit].append(cell)
        for unit, cells in own.items():
            fates[unit].append([(cell.year, cell.text) for cell in cells])
    different = [unit for unit in every if any(fate != fates[unit][0] for fate in fates[unit])]
    return [*different, *[unit for unit in every if unit not in different]], len(different)
