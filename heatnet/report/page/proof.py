"""How cost and bound came together while the solver ran."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from heatnet.report.page import style
from heatnet.report.page.words import Words

Point = Sequence[float | None]


def trace(points: Sequence[Point], unit: str, words: Words) -> go.Figure:
    """Cost of the best plan and bound, in `unit`, over the seconds of a solve; the optimum lies between them."""
    figure = style.figure(340, hovermode="x unified")
    figure.update_xaxes(style.axis(words("trace_seconds"), rangemode="tozero"))
    figure.update_yaxes(style.amounts(unit))
    looks = ((2, "trace_bound", style.BLUE, "dash"), (1, "trace_cost", style.RED, "solid"))
    for place, key, colour, dash in looks:
        told = [(point[0], point[place]) for point in points if point[place] is not None]
        if told:
            figure.add_scatter(
                x=[seconds for seconds, _ in told],
                y=[value for _, value in told],
                mode="lines+markers",
                name=words(key),
                line={"shape": "hv", "color": colour, "dash": dash, "width": 2.5},
                marker={"size": 6, "symbol": "circle" if place == 1 else "square"},
            )
    return figure
