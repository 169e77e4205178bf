"""What goes into the air, a season of each stage."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from heatnet.report.page import style
from heatnet.report.page.plan import Plan, at
from heatnet.report.page.words import Words

POLLUTANTS = {
    "so2_t": ("SO₂", style.BLUE, "square", "solid"),
    "nox_t": ("NOₓ", style.RED, "circle", "dash"),
    "pm_t": ("PM", style.GREEN, "triangle-up", "dot"),
}


def emissions(plan: Plan, words: Words) -> go.Figure:
    """CO2 of fuel and of power (negative: saved elsewhere) in kt with their sum; SO2, NOx and dust in t."""
    frame = plan.report.emissions.set_index("stage")
    stages = [plan.spans[year] for year in plan.years]
    figure = make_subplots(
        rows=2, cols=1, vertical_spacing=0.12, figure=style.figure(640, barmode="relative", bargap=0.4)
    )

    def values(column: str, unit: float) -> list[float]:
        return [at(frame, year, column) / unit for year in plan.years]

    fuel, grid = values("co2_fuel_t", 1000.0), values("co2_grid_t", 1000.0)
    for key, numbers, colour, pattern in (("co2_fuel", fuel, style.GREY, ""), ("co2_grid", grid, style.YELLOW, "/")):
        figure.add_bar(
            x=stages,
            y=numbers,
            name=words(key),
            marker={"color": colour, "pattern": style.hatch(pattern, colour)},
            hovertext=[f"{words(key)} {s}: {v:,.0f} kt" for s, v in zip(stages, numbers, strict=True)],
            hoverinfo="text",
            row=1,
            col=1,
        )
    sums = [one + other for one, other in zip(fuel, grid, strict=True)]
    style.sums(figure, words("co2_sum"), stages, sums, "kt", row=1, col=1)
    for column, (name, colour, symbol, dash) in POLLUTANTS.items():
        numbers = values(column, 1.0)
        figure.add_scatter(
            x=stages,
            y=numbers,
            mode="lines+markers",
            name=name,
            line={"color": colour, "dash": dash, "width": 2.5},
            marker={"symbol": symbol, "size": 10},
            hovertext=[f"{name} {s}: {v:,.0f} t" for s, v in zip(stages, numbers, strict=True)],
            hoverinfo="text",
            row=2,
            col=1,
        )
    figure.update_xaxes(style.axis(type="category", range=[-0.5, len(stages) - 0.5]))
    figure.update_yaxes(style.amounts(words("kt_season")), row=1, col=1)
    figure.update_yaxes(style.amounts(words("t_season"), rangemode="tozero"), row=2, col=1)
    return figure
