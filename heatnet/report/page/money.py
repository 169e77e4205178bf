"""What the plan costs, by what the money is for."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from heatnet.report.page import style
from heatnet.report.page.plan import Plan
from heatnet.report.page.words import Words, label

GROUPS: dict[str, tuple[str, ...]] = {
    "network": ("pipes", "pumping"),
    "machines": ("units", "retrofits", "stores", "decommissioning"),
    "upkeep": ("fixed", "reserve", "variable", "start_up"),
    "fuel": ("fuel",),
    "power_bought": ("power_bought",),
    "air": ("carbon", "pollutants"),
    "demand_side": ("demand_side", "regimes"),
    "missing": ("unserved", "shortfall", "contingency"),
    "sold": ("power_sold", "heat_sold"),
}
"""What the terms of `docs/model.md` are for; every term is in one group."""

LOOKS = {
    "network": (style.BLUE, ""),
    "machines": (style.SKY, "/"),
    "upkeep": (style.GREY, "."),
    "fuel": (style.RED, "-"),
    "power_bought": (style.YELLOW, "|"),
    "air": (style.INK, "x"),
    "demand_side": (style.PINK, "+"),
    "missing": ("#ffffff", "xx"),
    "sold": (style.GREEN, "\\"),
}


def by_stage(costs: pd.DataFrame) -> pd.DataFrame:
    """Million by term (rows, in the order of the table of costs) and stage."""
    return costs.pivot_table(index="term", columns="stage", values="value_mcur", aggfunc="sum", sort=False)


def by_group(costs: pd.DataFrame) -> pd.DataFrame:
    """Million by group of terms and stage."""
    group = {term: name for name, terms in GROUPS.items() for term in terms}
    table = by_stage(costs)
    return table.groupby(table.index.map(group)).sum().reindex([name for name in GROUPS if name in set(group.values())])


def cost(plan: Plan, words: Words) -> go.Figure:
    """Cost of each stage by group, what is earned below zero, the sum as a mark; million of the base year."""
    table, header = by_group(plan.report.costs), plan.instance.header
    unit = words("million_of", currency=header.currency, year=header.base_year)
    stages = [plan.spans[year] for year in plan.years]
    figure = style.figure(460, barmode="relative", bargap=0.35, xaxis=style.axis(type="category"))
    figure.update_yaxes(style.amounts(unit))
    for name, row in table.iterrows():
        values = [float(row[year]) for year in plan.years]
        if max(map(abs, values)) < 0.05:
            continue
        colour, pattern = LOOKS[str(name)]
        told = words(f"cost_{name}")
        figure.add_bar(
            x=stages,
            y=values,
            name=told,
            marker={
                "color": colour,
                "line": {"color": style.INK if colour == "#ffffff" else "white", "width": 0.6},
                "pattern": style.hatch(pattern, colour),
            },
            hovertext=[f"{told}<br>{label(stage)}: {value:,.1f}" for stage, value in zip(stages, values, strict=True)],
            hoverinfo="text",
        )
    sums = [float(table[year].sum()) for year in plan.years]
    style.sums(figure, words("sum"), stages, sums, unit)
    return figure
