"""Colours, symbols and patterns: every one of them told apart without colour, the colours those of Okabe and Ito."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from heatnet.instance import Instance
from heatnet.report.page.words import Words, label

INK, GREY, PALE = "#1f2933", "#7b8794", "#cbd2d9"
BLUE, SKY, GREEN, ORANGE, RED, PINK, YELLOW = (
    "#0072B2",
    "#56B4E9",
    "#009E73",
    "#E69F00",
    "#D55E00",
    "#CC79A7",
    "#F0E442",
)
FONT = "system-ui, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"


@dataclass(frozen=True)
class Source:
    """How a kind of source looks. `fuel` is told where the kind has several (boilers of coal and of gas)."""

    key: str
    kind: str
    fuel: str | None
    colour: str
    pattern: str
    symbol: str
    dash: str

    def name(self, words: Words, instance: Instance) -> str:
        """What a reader calls it."""
        kind = words(f"kind_{self.kind}")
        if self.fuel is None:
            return kind
        fuel = words.name(instance.fuel[self.fuel], self.fuel)
        plain = fuel[:1].lower() + fuel[1:] if fuel[1:2].islower() else fuel
        return words("kind_of_fuel", kind=kind, fuel=plain)


LOOKS = {
    "extraction": (BLUE, "", "square", "solid"),
    "back_pressure": (BLUE, "/", "diamond", "dash"),
    "high_back_pressure": (SKY, "xx", "diamond-wide", "dot"),
    "heat_take_off": (SKY, "-", "hourglass", "solid"),
    "waste_incineration": (PINK, "+", "hexagon", "solid"),
    "waste_heat": (PINK, "\\\\", "star", "dash"),
    "biomass": (YELLOW, "||", "pentagon", "solid"),
    "sludge_gas": (YELLOW, "++", "octagon", "dot"),
    "geothermal": (GREEN, "x", "triangle-down", "dash"),
    "heat_pump": (GREEN, "//", "triangle-up", "solid"),
    "electrode_boiler": (INK, "|", "cross", "dot"),
    "boiler": (RED, "..", "circle", "solid"),
    "stove": (GREY, ".", "star-triangle-down", "dot"),
    "store": (PALE, "--", "bowtie", "dash"),
}
"""Colour, pattern (`hatch`), symbol and dash of each kind, in the order in which they are stacked: base load first."""

BOILERS = ((RED, "..", "circle"), (RED, "\\", "star-diamond"), (RED, "xxx", "hexagram"), (RED, "+++", "star-square"))
CLEAN_BOILER = (ORANGE, "///", "triangle-left")
"""Boilers: the fuel with the least CO2 (gas) has a colour of its own; of the others the largest is first."""


def sources(instance: Instance) -> dict[str, Source]:
    """The source that each technology of an instance is shown as."""
    fuels: dict[str, set[str]] = {}
    for technology in instance.technologies:
        fuels.setdefault(technology.kind, set()).update({technology.fuel} if technology.fuel else ())
    found = {}
    for technology in instance.technologies:
        kind, fuel = technology.kind, technology.fuel
        told = fuel if len(fuels[kind]) > 1 else None
        colour, pattern, symbol, dash = LOOKS[kind]
        if told is not None:
            cleanest = min(sorted(fuels[kind]), key=lambda name: instance.fuel[name].co2_t_per_mwh)
            others = sorted(fuels[kind] - {cleanest}, key=lambda name: (-_standing_mw(instance, kind, name), name))
            place = [*others, cleanest].index(told)
            if kind == "boiler" and told == cleanest:
                colour, pattern, symbol = CLEAN_BOILER
            elif kind == "boiler":
                colour, pattern, symbol = BOILERS[place % len(BOILERS)]
            else:
                pattern = (pattern[:1] or "|") * (len(pattern) + place)
        found[technology.id] = Source(f"{kind}/{told}" if told else kind, kind, told, colour, pattern, symbol, dash)
    return found


def _standing_mw(instance: Instance, kind: str, fuel: str) -> float:
    technology = instance.technology
    own = {row.id for row in technology.values() if (row.kind, row.fuel) == (kind, fuel)}
    return sum(unit.count * unit.size_mw for unit in instance.units if unit.technology in own)


def stacked(found: Iterable[Source]) -> list[Source]:
    """Each source once, in the order in which they are stacked."""
    order = list(LOOKS)
    once = {source.key: source for source in found}
    return sorted(once.values(), key=lambda source: (order.index(source.kind), source.key))


def store() -> Source:
    """How heat from stores looks."""
    return Source("store", "store", None, *LOOKS["store"])


def fill(source: Source) -> dict[str, Any]:
    """Colour and pattern of an area or a bar."""
    return hatch(source.pattern, source.colour)


def hatch(pattern: str, colour: str) -> dict[str, Any]:
    """A pattern over a colour, in ink, or in white where the colour is dark; `//` is `/` with twice the distance."""
    dark = colour in (INK, BLUE)
    line = "rgba(255,255,255,0.75)" if dark else "rgba(31,41,51,0.5)"
    if not pattern:
        return {"shape": ""}
    size = 6 * len(pattern)
    return {"shape": pattern[0], "fillmode": "overlay", "fgcolor": line, "size": size, "solidity": 0.22 / len(pattern)}


def figure(height: int = 420, **layout: Any) -> go.Figure:
    """An empty figure in the style of the page; texts are names only after `words.label`."""
    settings: dict[str, Any] = {
        "template": "none",
        "height": height,
        "font": {"family": FONT, "size": 13, "color": INK},
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        "hoverlabel": {
            "bgcolor": "white",
            "bordercolor": GREY,
            "font": {"family": FONT, "size": 13, "color": INK},
            "align": "left",
        },
        "hovermode": "closest",
        "modebar": {"bgcolor": "rgba(255,255,255,0.85)", "color": INK, "activecolor": BLUE},
    }
    return go.Figure(layout=settings | layout)


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """An axis with light lines and room for its labels."""
    shown = {"title": {"text": label(title), "standoff": 8, "font": {"size": 13}}} if title else {}
    plain = {"gridcolor": "#e4e7eb", "zerolinecolor": GREY, "automargin": True, "fixedrange": True}
    return plain | shown | more


def amounts(title: str, **more: Any) -> dict[str, Any]:
    """An axis of numbers, thousands parted."""
    return axis(title, tickformat=",.6~g", **more)


def sums(figure: go.Figure, name: str, stages: list[str], values: list[float], unit: str, **place: Any) -> None:
    """Sums as diamonds, each with its number on white, so that it reads on any bar."""
    figure.add_scatter(
        x=stages,
        y=values,
        mode="markers",
        name=name,
        marker={"symbol": "diamond", "size": 11, "color": "white", "line": {"width": 2, "color": INK}},
        hovertext=[f"{name} {stage}: {value:,.1f} {unit}" for stage, value in zip(stages, values, strict=True)],
        hoverinfo="text",
        **place,
    )
    for index, value in enumerate(values):  # plotly takes the name 2025 for the 2025th category
        text = {
            "text": f"<b>{number(value)}</b>",
            "bgcolor": "rgba(255,255,255,0.88)",
            "borderpad": 1,
            "font": {"size": 12},
        }
        figure.add_annotation(x=index, y=value, showarrow=False, yshift=18, **text, **place)


def number(value: float, decimals: int = 1) -> str:
    """With `decimals` below 100, whole above; a dash where nothing of it would be seen."""
    if abs(value) < 0.5 * 10.0**-decimals:
        return "–"
    return (f"{value:,.{decimals}f}" if abs(value) < 100 else f"{value:,.0f}").replace("-", "−")


def figures(value: float) -> str:
    """With three figures at least, all whole ones, and no more than they say."""
    size = abs(value)
    if size < 5e-4:
        return "0"
    decimals = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:,.{decimals}f}".replace("-", "−")


def difference(value: float) -> str:
    """The same with its sign."""
    return f"+{figures(value)}" if value >= 5e-4 else figures(value)
