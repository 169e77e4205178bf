"""How the sources run: hour by hour on each representative day, and over the season sorted by load."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from heatnet.report.page import style
from heatnet.report.page.heat import sent_out
from heatnet.report.page.plan import Plan
from heatnet.report.page.words import Words, label

SEEN_MW = 0.05


def days(plan: Plan, year: int, words: Words) -> go.Figure:
    """MW by source in each step of each representative day, one day after the other, with what was needed as a line."""
    frame, hours = _table(plan, year), plan.solution.step_hours
    places = [(day, hour) for day, hour in frame.index]
    x = [24.0 * day + hour for day, hour in places]
    figure = _stack(plan, frame, [*x, x[-1] + hours], words, [_clock(plan, *place, words) for place in places])
    numbers = sorted(plan.weight_days)
    figure.update_xaxes(
        style.axis(
            tickvals=[24 * day + 12 for day in numbers],
            ticktext=[_day(plan, day, words) for day in numbers],
            range=[0, 24 * len(numbers)],
            showgrid=False,
            fixedrange=False,
        )
    )
    # On a narrow page the script takes the short labels.
    dates = [_date(plan, day) for day in numbers]
    figure.update_layout(meta={"narrow_x": [words("date_short", day=date.day, month=date.month) for date in dates]})
    for day in numbers[1:]:
        figure.add_vline(x=24 * day, line={"color": style.INK, "width": 1, "dash": "dot"})
    return figure


def duration(plan: Plan, year: int, words: Words) -> go.Figure:
    """The season's hours sorted by what was needed, highest first, with the sources that gave it: MW over hours."""
    frame = _table(plan, year).sort_values("needed_mw", ascending=False, kind="stable")
    hours = [plan.weight_days[day] * plan.solution.step_hours for day, _ in frame.index]
    starts = [0.0, *pd.Series(hours).cumsum()]
    told = [words("sorted_hours", first=f"{a:,.0f}", last=f"{b:,.0f}") for a, b in itertools.pairwise(starts)]
    figure = _stack(plan, frame, starts, words, told)
    figure.update_xaxes(style.axis(words("hours_season"), range=[0, starts[-1]], fixedrange=False))
    return figure


def _table(plan: Plan, year: int) -> pd.DataFrame:
    """Of one stage, by day and hour: a column of MW for each source, and needed_mw, unserved_mw."""
    heat = plan.heat[plan.heat["stage"] == year].pivot_table(
        index=["day", "hour"], columns="source", values="heat_mw", aggfunc="sum"
    )
    balance = plan.balance[plan.balance["stage"] == year].set_index(["day", "hour"])
    return heat.fillna(0.0).join(balance[["needed_mw", "unserved_mw"]]).sort_index()


def _stack(plan: Plan, frame: pd.DataFrame, edges: Sequence[float], words: Words, told: Sequence[str]) -> go.Figure:
    """Areas of the sources, missing heat on top, and a line of what was needed; `edges` of the steps, one more."""
    figure = style.figure(440, hovermode="x unified")
    figure.update_yaxes(style.amounts("MW", rangemode="tozero"))

    def steps(column: str) -> list[float]:
        values = [round(float(value), 2) for value in frame[column]]
        return [*values, values[-1]]

    ends = [*told, told[-1]]
    for source in sent_out(plan):
        if source.key not in frame.columns or frame[source.key].max() < SEEN_MW:
            continue
        name, values = label(source.name(words, plan.instance)), steps(source.key)
        figure.add_scatter(
            x=edges,
            y=values,
            name=name,
            stackgroup="heat",
            line={"shape": "hv", "width": 0.6, "color": style.INK},
            fillcolor=source.colour,
            fillpattern=style.fill(source) | ({"bgcolor": source.colour} if source.pattern else {}),
            hovertext=[f"{name} {value:,.0f} MW" if value >= SEEN_MW else "" for value in values],
            hoverinfo="text",
        )
    if frame["unserved_mw"].max() >= SEEN_MW:
        values = steps("unserved_mw")
        figure.add_scatter(
            x=edges,
            y=values,
            name=words("unserved_heat"),
            stackgroup="heat",
            line={"shape": "hv", "width": 0.6, "color": style.INK},
            fillpattern={"shape": "x", "bgcolor": "white", "fgcolor": style.RED, "size": 3},
            hovertext=[f"{words('unserved_heat')} {value:,.1f} MW" for value in values],
            hoverinfo="text",
        )
    values = steps("needed_mw")
    figure.add_scatter(
        x=edges,
        y=values,
        mode="lines",
        name=words("needed"),
        line={"shape": "hv", "width": 2.2, "color": style.INK},
        hovertext=[f"<b>{end}</b> {words('needed')} {v:,.0f} MW" for end, v in zip(ends, values, strict=True)],
        hoverinfo="text",
    )
    return figure


def _date(plan: Plan, day: int) -> pd.Timestamp:
    season_day = int(plan.solution.days.set_index("day")["season_day"][day])
    return pd.Timestamp(f"2001-{plan.instance.header.season.start}") + pd.Timedelta(days=season_day)


def _day(plan: Plan, day: int, words: Words) -> str:
    """What a representative day is: its date, mean temperature, and how many days it stands for."""
    season_day = int(plan.solution.days.set_index("day")["season_day"][day])
    celsius = float(plan.instance.series["outdoor_c"][24 * season_day : 24 * season_day + 24].mean())
    date = _date(plan, day)
    weight = f"{plan.weight_days[day]:,.4g}"
    return words(
        "day_label",
        date=words("date", day=date.day, month=date.month),
        celsius=f"{celsius:.1f}".replace("-", "−"),
        days=weight,
    )


def _clock(plan: Plan, day: int, hour: int, words: Words) -> str:
    date = _date(plan, day)
    return words("date", day=date.day, month=date.month) + f" {hour:02d}:00"
