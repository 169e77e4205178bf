"""Least cost against the numbers of the instance, the one that moves it most on top."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from heatnet.report.page import style
from heatnet.report.page.words import label


def tornado(frame: pd.DataFrame) -> go.Figure:
    """A bar for each figure from its lowest to its highest difference, of the frame of `heatnet.study.vary.tornado`."""
    low, high = (next(c for c in frame.columns if c.startswith(f"{side}_difference")) for side in ("low", "high"))
    names = [label(str(name)) for name in frame["figure"]]
    currency = low.removeprefix("low_difference_m").upper()
    figure = style.figure(120 + 36 * len(frame), barmode="overlay", bargap=0.4)
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(title=f"million {currency}", zeroline=True, zerolinecolor=style.INK)
    for column, value, colour, pattern in ((low, "low_value", style.SKY, ""), (high, "high_value", style.ORANGE, "/")):
        told = [label(str(given)) for given in frame[value]]
        figure.add_bar(
            x=frame[column].tolist(),
            y=names,
            orientation="h",
            text=told,
            showlegend=False,
            marker={"color": colour, "pattern": style.hatch(pattern, colour)},
            hovertext=[f"{name} {given}: {x:+,.3f}" for name, given, x in zip(names, told, frame[column], strict=True)],
            hoverinfo="text",
        )
    return figure
