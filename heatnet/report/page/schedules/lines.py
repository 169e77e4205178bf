"""Charts of one quantity over the stages, a line for each schedule: emissions, coal and gas."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from heatnet.report.page import style
from heatnet.report.page.schedules.comparison import Comparison
from heatnet.report.page.words import Words, label

QUANTITIES: dict[str, tuple[tuple[str, ...], float]] = {
    "co2": (("co2_fuel_t", "co2_grid_t"), 1e-3),
    "coal": (("coal_mwh",), 1e-3),
    "gas": (("gas_mwh",), 1e-3),
    "so2": (("so2_t",), 1.0),
    "nox": (("nox_t",), 1.0),
    "pm": (("pm_t",), 1.0),
}
"""Columns of emissions.csv that are added up, and the factor to the unit that is shown (kt, GWh, t)."""


def line(comparison: Comparison, quantity: str, words: Words) -> go.Figure:
    """One quantity over the stages; the letter of each schedule at the end of its line."""
    columns, factor = QUANTITIES[quantity]
    found = [comparison.values("emissions", column) for column in columns]
    figure = style.figure(300)
    unit = words(f"unit_{quantity}")
    stages = [comparison.spans[year] for year in comparison.years]
    for member in comparison.planned:
        colour, dash, symbol, _ = member.look
        values = [factor * sum(table[member.name, year] for table in found) for year in comparison.years]
        name = f"{member.letter} {label(member.name)}"
        figure.add_scatter(
            x=list(range(len(stages))),
            y=[float(f"{value:.6g}") for value in values],
            mode="lines+markers+text",
            name=name,
            line={"color": colour, "dash": dash, "width": 2.5},
            marker={"symbol": symbol, "size": 9, "color": colour},
            text=[*[""] * (len(values) - 1), f"<b>{member.letter}</b>"],
            textposition="middle right",
            textfont={"size": 12, "color": style.INK},
            cliponaxis=False,
            hovertext=[
                f"{name}, {stage}: {style.figures(value)} {unit}" for stage, value in zip(stages, values, strict=True)
            ],
            hoverinfo="text",
        )
    ticks: dict[str, Any] = {"tickvals": list(range(len(stages))), "ticktext": [str(year) for year in comparison.years]}
    figure.update_xaxes(
        style.axis(range=[-0.3, len(stages) - 0.6], showgrid=False, zeroline=False, tickangle=0, **ticks)
    )
    figure.update_yaxes(style.amounts(unit, rangemode="tozero"))
    return figure
