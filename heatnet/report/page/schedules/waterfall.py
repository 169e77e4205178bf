"""From the cost of one schedule to that of another, term by term."""

from __future__ import annotations

import math
from typing import Any

import plotly.graph_objects as go

from heatnet.report.page import money, style
from heatnet.report.page.schedules.comparison import Comparison
from heatnet.report.page.words import Words, label

UP, DOWN, SUM = (style.RED, ""), (style.GREEN, "\\"), (style.GREY, ".")
"""Colour and pattern of what costs more, of what costs less, and of their sum."""


def by_group(comparison: Comparison, name: str, base: str) -> dict[str, float]:
    """Cost of a schedule less that of another, million, by what the money is for.

    Groups in which they differ by more than a thousandth of all differences.
    """
    own, other = comparison.costs(name), comparison.costs(base)
    found = {
        group: sum(float(own.get(term, 0.0)) - float(other.get(term, 0.0)) for term in terms)
        for group, terms in money.GROUPS.items()
    }
    seen = 0.001 * sum(map(abs, found.values()))
    return {group: value for group, value in found.items() if abs(value) > seen}


def waterfall(comparison: Comparison, name: str, base: str, words: Words) -> go.Figure:
    """What a schedule costs more and less than another, their sum, and the interval that is proved of it."""
    member, other = comparison.member[name], comparison.member[base]
    steps = list(by_group(comparison, name, base).items())
    interval = comparison.interval(name, base)
    assert interval is not None, "only schedules with plans are compared"
    total, least, most = interval
    bounded = math.isfinite(least) and math.isfinite(most)
    told = words("sum_of", one=member.letter, other=other.letter)
    names = [words(f"cost_{group}") for group, _ in steps] + [told]
    values = [value for _, value in steps] + [total]
    starts = [sum(values[:place]) for place in range(len(steps))] + [0.0]
    unit = words("million", currency=comparison.currency)
    last = len(steps)
    figure = style.figure(100 + 38 * (len(values) + bounded), bargap=0.25)
    looks = (
        ("dearer", UP, [place for place in range(last) if values[place] > 0.0]),
        ("cheaper", DOWN, [place for place in range(last) if values[place] < 0.0]),
        ("sum", SUM, [last]),
    )
    for key, (colour, pattern), chosen in looks:
        if not chosen:
            continue
        figure.add_bar(
            orientation="h",
            y=chosen,
            x=[values[place] for place in chosen],
            base=[starts[place] for place in chosen],
            name=told if key == "sum" else words(key),
            marker={"color": colour, "pattern": style.hatch(pattern, colour)},
            text=[f"<b>{style.difference(values[place])}</b>" for place in chosen],
            textposition="outside",
            cliponaxis=False,
            hovertext=[f"{names[place]}: {style.difference(values[place])} {unit}" for place in chosen],
            hoverinfo="text",
        )
    ends = [0.0, *(start + value for start, value in zip(starts, values, strict=True))]
    if bounded:
        names.append(words("proved_between"))
        ends += [least, most]
        figure.add_scatter(
            x=[least, most],
            y=[last + 1, last + 1],
            mode="lines+markers+text",
            name=words("proved_between"),
            line={"color": style.INK, "width": 2},
            marker={"symbol": "line-ns", "size": 14, "line": {"width": 2, "color": style.INK}},
            text=[f"<b>{style.difference(least)}</b> ", f" <b>{style.difference(most)}</b>"],
            textposition=["middle left", "middle right"],
            cliponaxis=False,
            showlegend=False,
            hoverinfo="skip",
        )
    pad = 0.16 * max(max(ends) - min(ends), 1e-6)
    title = words("waterfall_axis", one=label(member.name), other=label(other.name), unit=unit)
    figure.update_xaxes(style.amounts(title, range=[min(ends) - pad, max(ends) + pad], zeroline=True, zerolinewidth=2))
    rows: dict[str, Any] = {"tickvals": list(range(len(names))), "ticktext": names}
    figure.update_yaxes(style.axis(range=[len(names) - 0.5, -0.5], showgrid=False, zeroline=False, **rows))
    return figure
