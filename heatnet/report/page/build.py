"""The page: figures and tables in both languages, put into the template."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import plotly.graph_objects as go
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from heatnet.errors import UsageError
from heatnet.folders import unwritable
from heatnet.report.page import dispatch, emissions, heat, money, network_map, proof, tables, timeline
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

Figures = dict[str, dict[str, Any]]


def page(subject: Subject) -> str:
    """The page as one HTML text that loads nothing."""
    every = [Words(language) for language in LANGUAGES]
    drawn = {words.language: figures(subject, words) for words in every}
    text: str = _template().render(
        subject=subject,
        header=subject.instance.header,
        contents=[_content(subject, words) for words in every],
        figures=Markup(_json(drawn)),
        plotly=Markup(get_plotlyjs()),
        style=Markup(_file("page.css")),
        script=Markup(_file("page.js")),
    )
    return text


def write(subject: Subject, out: Path, *, force: bool = False) -> None:
    """Write the page whole or not at all.

    Raises UsageError where something is there and `force` is not given, RunError where the place cannot be written.
    """
    if out.exists() and not (force and out.is_file()):
        hint = ", or add --force to replace it" if out.is_file() else ""
        raise UsageError(f"{out}: is there already; choose another --out{hint}.")
    text = page(subject)
    hidden = out.with_name(f".{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        hidden.write_text(text, encoding="utf-8")
        hidden.replace(out)
    except OSError as error:
        raise unwritable(out, error) from None
    finally:
        with contextlib.suppress(OSError):
            hidden.unlink()


def figures(subject: Subject, words: Words) -> Figures:
    """Every figure in one language as plotly's JSON, by chart; of a staged chart one by stage."""
    told = subject.summary
    found: Figures = {}
    if subject.plan is not None:
        plan = subject.plan
        for name, staged in STAGED.items():
            found[name] = {str(year): _document(staged(plan, year, words)) for year in plan.years}
        for name, whole in WHOLE.items():
            found[name] = {"": _document(whole(plan, words))}
    if len(told["trace"]):
        header = subject.instance.header
        unit = words("million_of", currency=header.currency, year=header.base_year)
        found["trace"] = {"": _document(proof.trace(told["trace"], unit, words))}
    return found


def _document(figure: go.Figure) -> dict[str, Any]:
    document: dict[str, Any] = figure.to_dict()
    document["layout"].pop("template", None)
    return document


def _json(document: object) -> str:
    """JSON that may stand in a script element: nothing in it can end the element."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


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
    }
    if plan is not None:
        content |= {
            "stages": [{"year": year, "name": plan.spans[year]} for year in plan.years],
            "changes": tables.changes(plan, words),
            "terms": tables.cost_terms(plan, words),
            "security": tables.security(plan, words),
            "limits": tables.limits(plan, words),
        }
    return content


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("heatnet.report.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")


def _file(name: str) -> str:
    return resources.files("heatnet.report.page").joinpath("templates", name).read_text(encoding="utf-8")
