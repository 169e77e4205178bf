"""Where the heat of a season comes from, and where it goes."""

from __future__ import annotations

import plotly.graph_objects as go

from heatnet.report.page import style
from heatnet.report.page.plan import STORE, Plan, at
from heatnet.report.page.words import Words, label

SEEN_GWH = 0.05


def by_source(plan: Plan, words: Words) -> go.Figure:
    """Heat of a season in GWh by stage, stacked by source, with the demand as marks."""
    stages = [plan.spans[year] for year in plan.years]
    figure = style.figure(460, barmode="stack", bargap=0.35, xaxis=style.axis(type="category"))
    figure.update_yaxes(style.amounts(words("gwh_season")))
    table = plan.season_gwh
    for source in style.stacked(plan.source_of.values()):
        if source.key not in table.index or table.loc[source.key].max() < SEEN_GWH:
            continue
        name, values = label(source.name(words, plan.instance)), [at(table, source.key, y) for y in plan.years]
        figure.add_bar(
            x=stages,
            y=values,
            name=name,
            marker={"color": source.colour, "pattern": style.fill(source), "line": {"color": "white", "width": 0.5}},
            hovertext=[f"{name}<br>{stage}: {value:,.0f} GWh" for stage, value in zip(stages, values, strict=True)],
            hoverinfo="text",
        )
    districts = plan.solution.districts.groupby("stage")
    demand = districts["demand_mwh"].sum() / 1000.0
    values = [float(demand[year]) for year in plan.years]
    figure.add_scatter(
        x=stages,
        y=values,
        mode="markers",
        name=words("demand"),
        marker={"symbol": "line-ew", "size": 26, "line": {"width": 3, "color": style.INK}},
        hovertext=[f"{words('demand')} {stage}: {v:,.0f} GWh" for stage, v in zip(stages, values, strict=True)],
        hoverinfo="text",
    )
    return figure


def flows(plan: Plan, year: int, words: Words) -> go.Figure:
    """Heat of a season of a stage as a Sankey diagram: sources, the network, districts, losses; GWh."""
    instance = plan.instance
    table, weight = plan.season_gwh, plan.weight_days
    sent = {key: float(table.loc[key, year]) for key in table.index if table.loc[key, year] >= SEEN_GWH}
    districts = plan.solution.districts[plan.solution.districts["stage"] == year]
    served = (districts.set_index("node")["demand_mwh"] - districts.set_index("node")["unserved_mwh"]) / 1000.0
    served = served[served >= SEEN_GWH].sort_values(ascending=False, kind="stable")
    balance = plan.balance[plan.balance["stage"] == year]
    hours = balance["day"].map(weight) * plan.solution.step_hours / 1000.0
    spilled = float((balance["spill_mw"] * hours).sum())
    lost = sum(sent.values()) - float(served.sum()) - spilled

    shown = [source for source in style.stacked(plan.source_of.values()) if source.key in sent]
    names = [label(source.name(words, instance)) for source in shown]
    colours = [source.colour for source in shown]
    network = len(names)
    names.append(words("network"))
    colours.append(style.INK)
    links = [(place, network, sent[source.key]) for place, source in enumerate(shown)]
    ends = [
        (label(words.name(instance.node[str(node)], str(node))), float(v), style.GREY) for node, v in served.items()
    ]
    ends += [(words("lost_heat"), lost, style.RED), (words("spilled_heat"), spilled, style.ORANGE)]
    for name, value, colour in ends:
        if value >= SEEN_GWH:
            links.append((network, len(names), value))
            names.append(name)
            colours.append(colour)
    amounts = [0.0] * len(names)
    for start, end, value in links:
        amounts[end if start == network else start] += value
    amounts[network] = sum(sent.values())
    told = [f"{name}  {value:,.0f}" for name, value in zip(names, amounts, strict=True)]
    figure = style.figure(max(420, 28 * max(len(ends), len(shown)) + 60))
    figure.add_sankey(
        arrangement="snap",
        node={
            "label": told,
            "color": colours,
            "pad": 9,
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": "%{label} GWh<extra></extra>",
        },
        link={
            "source": [start for start, _, _ in links],
            "target": [end for _, end, _ in links],
            "value": [value for _, _, value in links],
            "color": "rgba(123,135,148,0.28)",
            "hovertemplate": "%{source.label} → %{target.label}: %{value:,.0f} GWh<extra></extra>",
        },
        textfont={"size": 12, "color": style.INK},
    )
    return figure


def sent_out(plan: Plan) -> list[style.Source]:
    """The sources that send out heat at some time, stores too, in the order in which they are stacked."""
    used = set(plan.heat.loc[plan.heat["heat_mw"] >= SEEN_GWH, "source"])
    shown = [source for source in style.stacked(plan.source_of.values()) if source.key in used]
    return [*shown, style.store()] if STORE in used else shown
