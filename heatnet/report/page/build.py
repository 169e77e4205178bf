"""The page of a result: figures and tables in both languages, put into the template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go

from heatnet.report.page import dispatch, document, emissions, heat, money, network_map, proof, tables, timeline, water
from heatnet.report.page.document import Figures
from heatnet.report.page.headline import answers, marks
from heatnet.report.page.plan import Plan, Subject
from heatnet.report.page.words import LANGUAGES, Words

STAGED: dict[str, Callable[[Plan, int, Words], go.Figure]] = {
    "map": network_map.network_map,
    "dispatch": dispatch.days,
    "duration": dispatch.duration,
    "flows": heat.flows,
}
"""Charts with one figure per stage, moved by the slider."""

WHOLE: dict[str, Callable[[Plan, Words], go.Figure]] = {
    "timeline": timeline.timeline,
    "heat": heat.by_source,
    "cost": money.cost,
    "emissions": emissions.emissions,
}
"""Charts with one figure of all stages."""


def page(subject: Subject) -> str:
    """The page as one HTML text that loads nothing."""
    every = [Words(language) for language in LANGUAGES]
    return document.filled(
        "page.html",
        {words.language: figures(subject, words) for words in every},
        subject=subject,
        title=subject.instance.header.title,
        version=subject.summary["versions"]["heatnet"],
        contents=[_content(subject, words) for words in every],
    )


def figures(subject: Subject, words: Words) -> Figures:
    """Every figure in one language, by chart; of a staged chart one by stage."""
    told = subject.summary
    found: Figures = {}
    if subject.plan is not None:
        plan = subject.plan
        for name, staged in STAGED.items():
            found[name] = {str(year): staged(plan, year, words) for year in plan.years}
        for name, whole in WHOLE.items():
            found[name] = {"": whole(plan, words)}
    if len(told["trace"]):
        header = subject.instance.header
        unit = words("million_of", currency=header.currency, year=header.base_year)
        found["trace"] = {"": proof.trace(told["trace"], unit, words)}
    return found


def _content(subject: Subject, words: Words) -> dict[str, Any]:
    """What the template fills in, in one language."""
    told, plan, header = subject.summary, subject.plan, subject.instance.header
    versions = ", ".join(f"{name} {version}" for name, version in told["versions"].items())
    solved = words(
        "solved_by",
        solver=told["solver"],
        status=words(f"status_{told['status']}"),
        rows=f"{told['size'].get('rows', 0):,}",
        integers=f"{told['size'].get('integers', 0):,}",
        seconds=f"{sum(told['seconds'].values()) if 'total' not in told['seconds'] else told['seconds']['total']:,.0f}",
        memory=f"{told['peak_rss_mb']:,.0f}",
        versions=versions,
    )
    content: dict[str, Any] = {
        "words": words,
        "language": words.language,
        "title": words.either(header.title, header.title_local, header.name),
        "answers": answers(subject, words),
        "solved": solved,
        "claims": tables.claims(subject, words),
        "marks": marks(subject),
        "mark_symbols": tables.MARK_SYMBOLS,
        "sourced": tables.sourced(subject.instance),
        "stages": [],
        "water": [],
    }
    if plan is not None:
        content |= {
            "stages": [{"year": year, "name": plan.spans[year]} for year in plan.years],
            "changes": tables.changes(plan, words),
            "terms": tables.cost_terms(plan, words),
            "security": tables.security(plan, words),
            "limits": tables.limits(plan, words),
            "water": water.hours(subject.water, subject.instance, words) if subject.water is not None else [],
        }
    return content
