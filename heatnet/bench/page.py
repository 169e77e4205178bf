"""Runs as one HTML page that needs nothing but a browser: trends, profile, growth, tables, links to logs."""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import plotly.graph_objects as go

from heatnet.bench.charts import commit, growths, profile, trends
from heatnet.bench.diff import contradictions
from heatnet.bench.growth import growth, growth_table
from heatnet.bench.markdown import settings
from heatnet.bench.records import FAULTY, Run
from heatnet.bench.tables import Table, gaps_table, runs_table
from heatnet.report.page.document import filled
from heatnet.solve import versions


@dataclass(frozen=True)
class Chart:
    """A figure with its key in the page and its title."""

    key: str
    title: str
    figure: go.Figure


@dataclass(frozen=True)
class Section:
    """A part of the page: figures, and a table or none."""

    title: str
    note: str
    charts: tuple[Chart, ...]
    table: Table | None


def page(runs: Mapping[Path, Sequence[Run]], title: str, place: Path) -> str:
    """The page of the runs of some files, to lie at `place`: from there it finds their logs."""
    return _filled(_sections(_every(runs)), runs, title, place)


def growth_page(runs: Mapping[Path, Sequence[Run]], title: str, place: Path) -> str:
    """The page of growth alone."""
    return _filled([_growth(_every(runs))], runs, title, place)


def _every(runs: Mapping[Path, Sequence[Run]]) -> list[Run]:
    return [run for found in runs.values() for run in found]


def _filled(found: Iterable[Section], runs: Mapping[Path, Sequence[Run]], title: str, place: Path) -> str:
    every = _every(runs)
    sections = [section for section in found if section.charts or section.table]
    shown = [replace(section, table=section.table and section.table.plain) for section in sections]
    figures = {chart.key: {"": chart.figure} for section in sections for chart in section.charts}
    return filled(
        "bench.html",
        {"en": figures},
        title=title,
        version=versions()["heatnet"],
        settings=list(settings(every)),
        faults=list(contradictions(every)),
        sections=shown,
        logs=[_log(run, file, place) for file, those in runs.items() for run in those],
    )


def _sections(runs: Sequence[Run]) -> Iterator[Section]:
    last = runs_table(runs)
    yield Section("Runs", "The last of each: medians over seeds with their range, the worst gap.", (), last)
    drawn = tuple(Chart(f"trend-{key}", key.capitalize(), figure) for key, figure in trends(runs).items())
    yield Section("Over commits", "Medians over seeds of runs that came to their end.", drawn, None)
    of_solvers = profile(runs)
    charts = () if of_solvers is None else (Chart("profile", "Performance profile", of_solvers),)
    yield Section("Solvers", "Problems that several solvers tried; higher and further left is better.", charts, None)
    yield Section("Seconds of the search", "", (), gaps_table(runs))
    yield _growth(runs)


def _growth(runs: Sequence[Run]) -> Section:
    """How time and memory grow with the size of generated instances."""
    found = growth(runs)
    charts = (Chart(f"growth-{place}", title, one) for place, (title, one) in enumerate(growths(found).items()))
    return Section("Growth", "Dotted: the power law through the points.", tuple(charts), growth_table(found))


def _log(run: Run, file: Path, place: Path) -> dict[str, object]:
    """A row of the table of logs."""
    log = None if run.log is None else os.path.relpath(file.parent / run.log, place.parent)
    return {
        "name": run.name,
        "seed": run.seed,
        "commit": commit(run),
        "begun": run.begun.strftime("%Y-%m-%d %H:%M"),
        "status": run.status,
        "reason": "" if run.answered else run.reason,
        "faulty": run.status in FAULTY,
        "log": None if log is None else urllib.parse.quote(log),
    }
