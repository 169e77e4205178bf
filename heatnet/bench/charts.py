"""Figures of runs: trends over commits, performance profile of solvers, growth with size."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from heatnet.bench.growth import Growth
from heatnet.bench.records import Question, Run, latest
from heatnet.bench.statistics import performance_profile
from heatnet.report.page.style import axis, figure
from heatnet.report.page.words import label

LINE_PX = 22
"""Height of a line of a legend."""


@dataclass(frozen=True)
class Trend:
    """What is followed over commits: its title with its unit, its value in a run, and whether ratios count."""

    key: str
    title: str
    of: Callable[[Run], float | None]
    logarithmic: bool


def trends(runs: Sequence[Run]) -> dict[str, go.Figure]:
    """A figure for time, gap, memory and cost, with a line for each run over the commits in order of time."""
    best = least_costs(runs)

    def dearer(run: Run) -> float | None:
        least = best.get(run.question) if run.question is not None else None
        return None if least is None or run.cost is None else 100 * (run.cost - least) / max(abs(least), 1e-9)

    followed = (
        Trend("time", "seconds", lambda run: run.spent_s, True),
        Trend("gap", "gap, %", lambda run: None if run.gap is None else 100 * run.gap, False),
        Trend("memory", "peak memory, MB", lambda run: run.peak_rss_mb, True),
        Trend("cost", "cost above the least ever seen, %", dearer, False),
    )
    return {trend.key: _trend(trend, runs) for trend in followed}


def least_costs(runs: Iterable[Run]) -> dict[Question, float]:
    """The least cost that any run has a plan for, or that was known to any, by question."""
    best: dict[Question, float] = {}
    for run in runs:
        for cost in (None if run.violations else run.cost, run.known_cost):
            if run.question is not None and cost is not None:
                best[run.question] = min(cost, best.get(run.question, cost))
    return best


def _trend(trend: Trend, runs: Sequence[Run]) -> go.Figure:
    order = list(dict.fromkeys(commit(run) for run in sorted(runs, key=lambda run: run.begun)))
    values: dict[str, dict[str, list[tuple[float, Run]]]] = {}
    for run in runs:
        value = trend.of(run)
        if value is not None and run.answered:
            values.setdefault(run.name, {}).setdefault(commit(run), []).append((value, run))
    drawn = _figure(len(values), trend.title, trend.logarithmic)
    drawn.update_xaxes(axis("commit", type="category", categoryorder="array", categoryarray=order))
    for place, (name, found) in enumerate(sorted(values.items())):
        there = [one for one in order if one in found]
        medians = [statistics.median(value for value, _ in found[one]) for one in there]
        last = [found[one][-1][1] for one in there]
        told = [
            f"{label(name)}: {median:,.4g}<br>{one}, {run.begun.date()}, {run.status}"
            for one, median, run in zip(there, medians, last, strict=True)
        ]
        look = _look(place)
        drawn.add_scatter(
            x=there, y=medians, name=label(name), mode="lines+markers", hovertext=told, hoverinfo="text", **look
        )
    return drawn


def commit(run: Run) -> str:
    """What a point stands for: the commit, and the code where that is not all of it."""
    known = (run.commit or "no commit")[:8]
    return f"{known} + {run.code_sha256[:4]}" if run.dirty or run.commit is None else known


def profile(runs: Sequence[Run]) -> go.Figure | None:
    """Shares of problems that each solver proved within a factor of the fastest; of problems that several tried."""
    tried: dict[str, set[str]] = {}
    proved: dict[str, dict[str, list[float]]] = {}
    for run in (run for repeats in latest(runs).values() for run in repeats if run.question is not None):
        problem = f"{run.question}, gap {run.options.get('gap')}, threads {run.threads}"
        tried.setdefault(problem, set()).add(run.solver)
        proved.setdefault(run.solver, {})
        if run.status == "optimal" and run.spent_s is not None:
            proved[run.solver].setdefault(problem, []).append(run.spent_s)
    several = {problem for problem, solvers in tried.items() if len(solvers) > 1}
    seconds = {
        solver: {problem: statistics.median(times) for problem, times in found.items() if problem in several}
        for solver, found in proved.items()
        if any(solver in tried[problem] for problem in several)
    }
    if not any(seconds.values()):
        return None
    drawn = _figure(len(seconds), "share of problems proved", logarithmic=False)
    drawn.update_xaxes(axis("factor of the fastest", type="log"))
    drawn.update_yaxes(range=[0, 1.05])
    for place, (solver, steps) in enumerate(performance_profile(seconds).items()):
        factors, shares = zip(*steps, strict=True) if steps else ((1.0,), (0.0,))
        look = _look(place, shape="hv")
        drawn.add_scatter(x=factors, y=shares, name=label(solver), mode="lines+markers", **look)
    return drawn


def growths(found: Sequence[Growth]) -> dict[str, go.Figure]:
    """A figure for each measure and axis, both logarithmic: what was measured, and the power law through it."""
    drawn: dict[str, go.Figure] = {}
    for one in found:
        title = f"{one.measure} over {one.axis}"
        if title not in drawn:
            number = sum((other.measure, other.axis) == (one.measure, one.axis) for other in found)
            drawn[title] = _figure(number, one.measure, logarithmic=True)
            drawn[title].update_xaxes(axis(one.axis, type="log", tickmode="array"))
        sizes = [size for size, _ in one.points]
        shown = sorted({*(drawn[title].layout.xaxis.tickvals or ()), *sizes})
        drawn[title].update_xaxes(tickvals=shown, ticktext=[f"{size:,.0f}" for size in shown])
        name = f"{label(one.family.replace('`', ''))}: {one.axis}^{one.law.exponent:.2f}"
        look = {"legendgroup": name, **_look(len(drawn[title].data) // 2, dash="dot")}
        drawn[title].add_scatter(x=sizes, y=[value for _, value in one.points], mode="markers", name=name, **look)
        fitted = [one.law.at(size) for size in sizes]
        drawn[title].add_scatter(x=sizes, y=fitted, mode="lines", showlegend=False, hoverinfo="skip", **look)
    return drawn


COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#1f2933", "#7b8794")
"""Those of Okabe and Ito; yellow is left out, it cannot be seen as a thin line on white."""

SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up")
"""Of another number than the colours, so that lines of one colour differ in their symbols."""


def _look(place: int, **line: Any) -> dict[str, Any]:
    colour = COLOURS[place % len(COLOURS)]
    marker = {"color": colour, "size": 9, "symbol": SYMBOLS[place % len(SYMBOLS)]}
    return {"line": {"color": colour, **line}, "marker": marker}


def _figure(lines: int, title: str, logarithmic: bool) -> go.Figure:
    """An empty figure with its legend below it, a line of it for each that is to be drawn."""
    below = {"orientation": "v", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"}
    room = LINE_PX * lines + 90
    drawn = figure(360 + room, legend=below, margin={"l": 10, "r": 10, "t": 10, "b": room})
    drawn.update_yaxes(axis(title, **({"type": "log", "dtick": "D2"} if logarithmic else {"rangemode": "tozero"})))
    return drawn
