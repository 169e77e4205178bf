"""What frames the map: its extent, the names on it, a scale, and the box of its centre."""

from __future__ import annotations

import math

import plotly.graph_objects as go

from heatnet.report.page import style
from heatnet.report.page.plan import Plan
from heatnet.report.page.words import Words, label, width

Box = tuple[tuple[float, float], tuple[float, float]]
"""West and east, south and north, in degrees."""

LABELS = {"whole": 520.0, "narrow": 330.0, "centre": 520.0}
"""Width in pixels of the maps for which labels are chosen so that none covers another."""

LETTER_PX = 12.5


def extent(plan: Plan) -> Box:
    """The box of all nodes."""
    return box([node.lon_deg for node in plan.instance.nodes], [node.lat_deg for node in plan.instance.nodes])


def box(longitudes: list[float], latitudes: list[float]) -> Box:
    """West and east, south and north, with a margin."""
    margin = 0.09 * max(max(longitudes) - min(longitudes), max(latitudes) - min(latitudes), 0.01)
    return (min(longitudes) - margin, max(longitudes) + margin), (min(latitudes) - margin, max(latitudes) + margin)


def draw_labels(figure: go.Figure, plan: Plan, words: Words, view: str, shown: Box) -> None:
    """Names of the nodes in a box, those with the largest load first, left out where they would cover another."""
    (west, east), (south, north) = shown
    degrees = (east - west) / LABELS[view]
    load = {node: plan.instance.design_heat_mw(node, plan.years[0]) for node in plan.instance.demand_nodes}
    heat = {node.id: 0.0 for node in plan.instance.nodes}
    for unit in plan.instance.units:
        heat[unit.node] += unit.count * plan.instance.machine_heat_mw[unit.id]
    inside = [n for n in plan.instance.nodes if west < n.lon_deg < east and south < n.lat_deg < north]
    nodes = [node for node in inside if node.kind != "junction"]
    taken: list[tuple[float, float, float]] = []
    kept = []
    for node in sorted(nodes, key=lambda node: -max(load.get(node.id, 0.0), heat[node.id])):
        name = words.name(node, node.id).split(" (")[0].split("（")[0]
        half = width(name) * 0.53 * LETTER_PX / 2 * degrees
        x, y = node.lon_deg, node.lat_deg
        if all(abs(x - a) > half + b or abs(y - c) > 1.3 * LETTER_PX * degrees for a, b, c in taken):
            taken.append((x, half, y))
            kept.append((x, y, label(name)))
    figure.add_scatter(
        x=[x for x, _, _ in kept],
        y=[y for _, y, _ in kept],
        text=[text for _, _, text in kept],
        mode="text",
        textposition="bottom center",
        textfont={"size": LETTER_PX - 1, "color": style.INK, "shadow": "auto"},
        hoverinfo="skip",
        showlegend=False,
        meta=view,
        visible=view == "whole",
    )


def centre(plan: Plan) -> Box | None:
    """The box of the districts nearest to the middle of the load that hold most of it; None in a small place."""
    load = {node: plan.instance.design_heat_mw(node, plan.years[0]) for node in plan.instance.demand_nodes}
    if len(load) < 6 or not sum(load.values()):
        return None
    place = {name: (plan.instance.node[name].lon_deg, plan.instance.node[name].lat_deg) for name in load}
    middle = [_median([(place[name][axis], load[name]) for name in load]) for axis in (0, 1)]
    held, taken = 0.0, []
    for name in sorted(load, key=lambda name: (math.dist(middle, place[name]), name)):
        taken.append(place[name])
        held += load[name]
        if held >= 0.6 * sum(load.values()):
            break
    return box([lon for lon, _ in taken], [lat for _, lat in taken])


def _median(weighted: list[tuple[float, float]]) -> float:
    """The value at which half of the weight is reached."""
    held = 0.0
    for value, weight in sorted(weighted):
        held += weight
        if held >= sum(weight for _, weight in weighted) / 2:
            return value
    return weighted[-1][0]


def draw_scale(figure: go.Figure, view: str, shown: Box, stretch: float) -> None:
    """A bar of a round length in the lower left corner of a box."""
    (west, east), (south, north) = shown
    km_per_degree = 111.32 / stretch
    wished = (east - west) * km_per_degree / 5
    lengths = [step * 10.0**power for power in range(-2, 4) for step in (1, 2, 5)]
    length = max((length for length in lengths if length <= wished), default=0.01)
    x, y = west + 0.02 * (east - west), south + 0.02 * (north - south)
    figure.add_scatter(
        x=[x, x + length / km_per_degree],
        y=[y, y],
        mode="lines+text",
        line={"width": 3, "color": style.INK},
        text=[f"{length:g} km", ""],
        textposition="top right",
        textfont={"size": 11, "shadow": "auto"},
        hoverinfo="skip",
        showlegend=False,
        meta=view,
        visible=view == "whole",
    )
