"""The network of a stage on the map: pipes by diameter and state, sources by kind and size, what closes crossed out."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import plotly.graph_objects as go

from heatnet.report.page import map_frame, style
from heatnet.report.page.plan import Plan, at, rows_of
from heatnet.report.page.words import Words, label

PIPES = {
    "candidate": (style.PALE, "1px,5px"),
    "existing": (style.GREY, "solid"),
    "earlier": (style.BLUE, "dash"),
    "new": (style.RED, "dashdot"),
    "removed": (style.INK, "dot"),
}
"""Colour and dash of a pipe by its state in the stage."""

RING = 0.03
"""Distance of sources from the middle of their node, as a share of the width of the centre (or of all)."""


@dataclass(frozen=True)
class Line:
    """A pipe in a stage: `diameter_mm` of its widest type, `pairs` in place (of a removed pipe: those that left)."""

    pipe: str
    state: str
    diameter_mm: float
    pairs: int
    told: str

    @property
    def width_px(self) -> float:
        """Twice the diameter is drawn about twice as wide; pairs beside each other add their area."""
        return 1.0 if self.state == "candidate" else 1.2 + self.diameter_mm / 250.0 * math.sqrt(self.pairs)


@dataclass(frozen=True)
class Site:
    """What stands of one source at one node in a stage, or closes there: `state` is runs, reserve or closes."""

    node: str
    source: style.Source
    state: str
    machines: int
    heat_mw: float


def lines(plan: Plan, year: int, words: Words) -> list[Line]:
    """Every pipe with its state in a stage: what is new there goes before what stood before."""
    table = plan.solution.pipes[plan.solution.pipes["stage"] == year]
    by_pipe = defaultdict(list)
    for row in rows_of(table):
        by_pipe[str(row.pipe)].append(row)
    found = []
    for pipe in plan.instance.pipes:
        rows = by_pipe[pipe.id]
        there = [row for row in rows if row.pairs]
        if not there and not pipe.candidate_types and not any(row.removed_pairs for row in rows):
            continue
        if any(row.new_pairs for row in rows):
            state = "new"
        elif any(row.pairs > row.existing_pairs for row in rows):
            state = "earlier"
        elif there:
            state = "existing"
        else:
            state = "removed" if any(row.removed_pairs for row in rows) else "candidate"
        counted = there or [row for row in rows if row.removed_pairs]
        pairs = sum(int(row.pairs or row.removed_pairs) for row in counted)
        widest = max((plan.instance.pipe_type[str(row.type)].inner_diameter_mm for row in counted), default=0.0)
        told = [f"<b>{label(pipe.id)}</b> {pipe.length_km:g} km: {words(f'pipe_{state}')}"]
        told += [
            words("pipe_line", type=label(str(row.type)), pairs=int(row.pairs), flow=f"{row.design_flow_mw:,.0f}")
            for row in there
        ]
        found.append(Line(pipe.id, state, widest, pairs, "<br>".join(told)))
    return sorted(found, key=lambda line: list(PIPES).index(line.state))


def sites(plan: Plan, year: int) -> list[Site]:
    """Sources by node in a stage, the largest first: machines and MW of heat that run, wait in reserve, or close."""
    machines: dict[tuple[str, str, str], int] = defaultdict(int)
    heat: dict[tuple[str, str, str], float] = defaultdict(float)
    units = plan.solution.units[plan.solution.units["stage"] == year]
    for row in rows_of(units):
        unit = str(row.unit)
        counts = {"runs": row.machines, "reserve": row.reserve_machines, "closes": row.retired_machines}
        for state, number in counts.items():
            if number:
                key = (plan.unit[unit].node, plan.source_of[unit].key, state)
                machines[key] += int(number)
                heat[key] += int(number) * plan.instance.machine_heat_mw[unit]
    looks = {source.key: source for source in plan.source_of.values()}
    found = [
        Site(node, looks[key], state, machines[node, key, state], heat[node, key, state]) for node, key, state in heat
    ]
    return sorted(found, key=lambda site: (-site.heat_mw, site.node, site.source.key))


def network_map(plan: Plan, year: int, words: Words) -> go.Figure:
    """The map of one stage, in degrees, north up, distances true at the middle latitude."""
    instance = plan.instance
    stretch = 1.0 / math.cos(math.radians(_middle([node.lat_deg for node in instance.nodes])))
    figure = style.figure(640, dragmode="pan")
    _draw_pipes(figure, plan, year, words)
    _draw_nodes(figure, plan, year, words)
    _draw_sites(figure, plan, year, words, stretch)
    whole, centre = map_frame.extent(plan), map_frame.centre(plan)
    views = {"whole": whole, "narrow": whole} | ({"centre": centre} if centre else {})
    for view, shown in views.items():
        map_frame.draw_labels(figure, plan, words, view, shown)
        map_frame.draw_scale(figure, view, shown, stretch)
    hidden = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": ""}
    figure.update_xaxes(hidden | {"range": list(whole[0]), "constrain": "range"})
    figure.update_yaxes(
        hidden | {"range": list(whole[1]), "scaleanchor": "x", "scaleratio": stretch, "constrain": "range"}
    )
    # The script draws the centre from the same figure.
    figure.update_layout(meta={"centre": [list(side) for side in centre] if centre else None})
    return figure


def _middle(values: Iterable[float]) -> float:
    every = list(values)
    return (min(every) + max(every)) / 2.0


def _draw_pipes(figure: go.Figure, plan: Plan, year: int, words: Words) -> None:
    place = {node.id: (node.lon_deg, node.lat_deg) for node in plan.instance.nodes}
    ends = {pipe.id: (place[pipe.from_node], place[pipe.to_node]) for pipe in plan.instance.pipes}
    seen = set()
    for line in lines(plan, year, words):
        colour, dash = PIPES[line.state]
        (x0, y0), (x1, y1) = ends[line.pipe]
        # A row of points along the pipe, so that the pointer finds it anywhere and not at its ends alone.
        steps = [step / 8 for step in range(9)]
        figure.add_scatter(
            x=[x0 + (x1 - x0) * step for step in steps],
            y=[y0 + (y1 - y0) * step for step in steps],
            mode="lines",
            line={"color": colour, "dash": dash, "width": round(line.width_px, 1)},
            name=words(f"pipe_{line.state}"),
            legendgroup=line.state,
            showlegend=line.state not in seen,
            hovertext=line.told,
            hoverinfo="text",
        )
        seen.add(line.state)
    removed = plan.solution.pipes[(plan.solution.pipes["stage"] == year) & (plan.solution.pipes["removed_pairs"] > 0)]
    middles = [tuple(_middle(pair) for pair in zip(*ends[str(pipe)], strict=True)) for pipe in removed["pipe"].unique()]
    if middles:
        figure.add_scatter(
            x=[x for x, _ in middles],
            y=[y for _, y in middles],
            mode="markers",
            marker={"symbol": "x-thin", "size": 13, "line": {"width": 3, "color": style.INK}},
            name=words("pipe_pairs_removed"),
            hoverinfo="skip",
        )


def _draw_nodes(figure: go.Figure, plan: Plan, year: int, words: Words) -> None:
    districts = plan.solution.districts[plan.solution.districts["stage"] == year].set_index("node")
    symbols = {"district": "circle", "village": "pentagon", "plant": "square", "junction": "circle"}
    for kind, symbol in symbols.items():
        nodes = [node for node in plan.instance.nodes if node.kind == kind]
        if not nodes:
            continue
        told, sizes = [], []
        for node in nodes:
            text = f"<b>{label(words.name(node, node.id))}</b> ({label(node.id)})"
            load = 0.0
            if node.id in districts.index:
                load = at(districts, node.id, "design_demand_mw")
                short = at(districts, node.id, "design_shortfall_mw")
                text += "<br>" + words("node_load", load=f"{load:,.0f}", short=f"{short:,.1f}")
            told.append(text)
            sizes.append(9.0 + math.sqrt(load) * 0.75 if load else 6.0)
        figure.add_scatter(
            x=[node.lon_deg for node in nodes],
            y=[node.lat_deg for node in nodes],
            mode="markers",
            marker={
                "symbol": symbol,
                "size": sizes,
                "color": "rgba(245,247,250,0.9)",
                "opacity": 1,
                "line": {"width": 1.2, "color": style.GREY},
            },
            name=words(f"node_{kind}"),
            showlegend=kind in ("district", "village"),
            hovertext=told,
            hoverinfo="text",
        )


def _draw_sites(figure: go.Figure, plan: Plan, year: int, words: Words, stretch: float) -> None:
    placed = list(_placed(plan, year, stretch))
    for source in style.stacked(site.source for site, _, _ in placed):
        name = label(source.name(words, plan.instance))
        shown = False
        for state in ("runs", "reserve", "closes"):
            own = [(site, x, y) for site, x, y in placed if site.source == source and site.state == state]
            if not own:
                continue
            figure.add_scatter(
                x=[x for _, x, _ in own],
                y=[y for _, _, y in own],
                mode="markers",
                marker={
                    "symbol": source.symbol if state == "runs" else f"{source.symbol}-open",
                    "size": [_size(site) for site, _, _ in own],
                    "color": source.colour,
                    "opacity": 1,
                    "line": {
                        "width": 1 if state == "runs" else 2,
                        "color": "white" if state == "runs" else source.colour,
                    },
                },
                name=name,
                legendgroup=source.key,
                showlegend=not shown and state == "runs",
                hovertext=[_told(plan, site, name, words) for site, _, _ in own],
                hoverinfo="text",
            )
            shown = shown or state == "runs"
    for state, symbol in (("reserve", "line-ns"), ("closes", "x-thin")):
        own = [(site, x, y) for site, x, y in placed if site.state == state]
        if own:
            figure.add_scatter(
                x=[x for _, x, _ in own],
                y=[y for _, _, y in own],
                mode="markers",
                marker={
                    "symbol": symbol,
                    "size": [_size(s) + 4 for s, _, _ in own],
                    "line": {"width": 2.5, "color": style.INK},
                },
                name=words(f"site_{state}"),
                hoverinfo="skip",
            )


def _placed(plan: Plan, year: int, stretch: float) -> Iterator[tuple[Site, float, float]]:
    """Sites beside each other around their node; alone at a plant, in the middle."""
    (west, east), _ = map_frame.centre(plan) or map_frame.extent(plan)
    by_node = defaultdict(list)
    for site in sites(plan, year):
        by_node[site.node].append(site)
    for name, found in by_node.items():
        node = plan.instance.node[name]
        alone = len(found) == 1 and node.kind == "plant"
        for place, site in enumerate(found):
            angle = math.pi / 2 - place * 2 * math.pi / max(len(found), 6)
            radius = 0.0 if alone else RING * (east - west)
            yield site, node.lon_deg + radius * math.cos(angle), node.lat_deg + radius * math.sin(angle) / stretch


def _size(site: Site) -> float:
    return round(5.0 + math.sqrt(site.heat_mw) * 0.55, 1)


def _told(plan: Plan, site: Site, name: str, words: Words) -> str:
    node = plan.instance.node[site.node]
    what = words(f"site_{site.state}")
    where = label(words.name(node, node.id))
    return (
        f"<b>{name}</b>, {where}<br>{what}: {words('machines_heat', number=site.machines, heat=f'{site.heat_mw:,.0f}')}"
    )
