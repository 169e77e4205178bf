"""Charts with the schedules side by side in every stage: bars in one place for each schedule, told apart by letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from heatnet.report.page import money, style
from heatnet.report.page.plan import at, rows_of
from heatnet.report.page.schedules.comparison import Comparison
from heatnet.report.page.words import Words, label

SEEN = 0.001
"""Share of the longest bar below which a part is not drawn in any."""


@dataclass(frozen=True)
class Layer:
    """One part of the bars: its name, how it is filled, and its value by schedule and stage."""

    name: str
    colour: str
    pattern: Mapping[str, Any]
    values: Mapping[tuple[str, int], float]


def places(comparison: Comparison) -> dict[tuple[str, int], float]:
    """Where the bar of a schedule and stage stands: stages in order, in each the schedules, then a gap."""
    names = [member.name for member in comparison.planned]
    step = len(names) + 1.0
    return {
        (name, year): column * step + row
        for column, year in enumerate(comparison.years)
        for row, name in enumerate(names)
    }


def bars(comparison: Comparison, layers: Sequence[Layer], unit: str, title: str, *, summed: str = "") -> go.Figure:
    """Stacked bars; `summed`: a mark with that name at the sum of each bar."""
    place = places(comparison)
    letter = {member.name: member.letter for member in comparison.planned}
    figure = style.figure(460, barmode="relative", bargap=0.12)
    longest = max((sum(abs(layer.values.get(key, 0.0)) for layer in layers) for key in place), default=0.0)
    for layer in layers:
        values = [layer.values.get(key, 0.0) for key in place]
        if max(map(abs, values), default=0.0) <= SEEN * longest:
            continue
        figure.add_bar(
            x=list(place.values()),
            y=[float(f"{value:.6g}") for value in values],
            name=layer.name,
            marker={"color": layer.colour, "pattern": dict(layer.pattern), "line": _edge(layer.colour)},
            hovertext=[
                f"{layer.name}<br>{letter[name]} {label(name)}, {comparison.spans[year]}: {style.figures(value)} {unit}"
                for (name, year), value in zip(place, values, strict=True)
            ],
            hoverinfo="text",
        )
    if summed:
        sums = [sum(layer.values.get(key, 0.0) for layer in layers) for key in place]
        figure.add_scatter(
            x=list(place.values()),
            y=[float(f"{value:.6g}") for value in sums],
            mode="markers",
            name=summed,
            marker={"symbol": "diamond", "size": 8, "color": "white", "line": {"width": 1.6, "color": style.INK}},
            hovertext=[
                f"{summed}<br>{letter[name]} {label(name)}, {comparison.spans[year]}: {style.figures(value)} {unit}"
                for (name, year), value in zip(place, sums, strict=True)
            ],
            hoverinfo="text",
        )
    _name_places(figure, comparison, place)
    figure.update_yaxes(style.amounts(title))
    return figure


def _edge(colour: str) -> dict[str, Any]:
    return {"color": style.INK if colour == "#ffffff" else "white", "width": 0.6}


def _name_places(figure: go.Figure, comparison: Comparison, place: Mapping[tuple[str, int], float]) -> None:
    """Letters under the bars, stages under the letters, a line between stages."""
    letter = {member.name: member.letter for member in comparison.planned}
    width = len(letter)
    figure.update_xaxes(
        style.axis(
            tickvals=list(place.values()),
            ticktext=[letter[name] for name, _ in place],
            tickangle=0,
            tickfont={"size": 11},
            range=[-1, len(comparison.years) * (width + 1.0) - 1.0],
            showgrid=False,
            zeroline=False,
        )
    )
    for column, year in enumerate(comparison.years):
        middle = column * (width + 1.0) + (width - 1) / 2
        text = {"text": f"<b>{comparison.spans[year]}</b>", "yanchor": "top", "font": {"size": 12}}
        figure.add_annotation(x=middle, y=0, yref="paper", yshift=-22, showarrow=False, **text)
        if column:
            figure.add_vline(x=column * (width + 1.0) - 1.0, line={"color": "#e4e7eb", "width": 1})
    figure.update_layout(margin={"b": 50})


def cost(comparison: Comparison, words: Words) -> go.Figure:
    """Cost of each stage by what the money is for, million of the base year; what is earned stands below zero."""
    told = comparison.told
    unit = words("million_of", currency=comparison.currency, year=told["base_year"])
    group = {term: name for name, terms in money.GROUPS.items() for term in terms}
    sums: dict[str, dict[tuple[str, int], float]] = {name: {} for name in money.GROUPS}
    for row in rows_of(comparison.frames["costs"]):
        own, key = sums[group[str(row.term)]], (str(row.schedule), int(row.stage))
        own[key] = own.get(key, 0.0) + float(getattr(row, f"cost_{comparison.money}"))
    layers = [
        Layer(words(f"cost_{name}"), colour, style.hatch(pattern, colour), sums[name])
        for name, (colour, pattern) in money.LOOKS.items()
    ]
    return bars(comparison, layers, words("million", currency=comparison.currency), unit, summed=words("sum"))


def heat(comparison: Comparison, words: Words) -> go.Figure:
    """Heat of a season by source, GWh."""
    layers = []
    for source in style.stacked(look for plan in comparison.plans.values() for look in plan.source_of.values()):
        values = {
            (name, year): at(plan.season_gwh, source.key, year)
            for name, plan in comparison.plans.items()
            for year in plan.years
            if source.key in plan.season_gwh.index
        }
        name = label(source.name(words, comparison.instance))
        layers.append(Layer(name, source.colour, style.fill(source), values))
    return bars(comparison, layers, "GWh", words("gwh_season"))


CHANGES = {
    "built": (style.GREEN, "", 1.0),
    "back": (style.SKY, ".", 1.0),
    "closes": ("#ffffff", "x", -1.0),
    "reserve": (style.ORANGE, "/", -1.0),
}
"""Colour, pattern and side of zero of what happens to machines."""


def changes(comparison: Comparison, words: Words) -> go.Figure:
    """MW of heat that is built or comes back from reserve in each stage, and below zero what closes or goes into it."""
    frame = comparison.frames["changes"]
    layers = []
    for what, (colour, pattern, side) in CHANGES.items():
        own = frame[(frame["change"] == what) & (frame["kind"] == "unit")]
        sums = own.groupby(["schedule", "stage"])[["heat_mw"]].sum().reset_index()
        values = {(str(row.schedule), int(row.stage)): side * float(row.heat_mw) for row in rows_of(sums)}
        layers.append(Layer(words(f"change_{what}"), colour, style.hatch(pattern, colour), values))
    return bars(comparison, layers, "MW", words("mw_heat"))
