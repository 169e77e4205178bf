"""An HTML file that needs nothing but a browser: a template, figures, plotly, style and script in one text."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
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

Figures = dict[str, dict[str, go.Figure]]
"""Figures by chart and by what the reader has chosen of `Chart.by`, joined with `|`; "" where there is no choice."""


def filled(template: str, drawn: Mapping[str, Figures], **values: object) -> str:
    """A template with the figures of each language and what it asks for beside them."""
    text: str = _template(template).render(
        figures=Markup(_json(pooled(drawn))),
        plotly=Markup(get_plotlyjs()),
        style=Markup(_file("page.css")),
        script=Markup(_file("page.js")),
        **values,
    )
    return text


def pooled(drawn: Mapping[str, Figures]) -> dict[str, Any]:
    """Figures by language, chart and choice, as plotly's JSON; what several have in common stands in `parts` once.

    A figure names its traces and its layout by their places in `parts`: the same rivers, labels and candidates are on
    the maps of every stage and schedule.
    """
    parts: dict[str, int] = {}

    def place(part: Any) -> int:
        return parts.setdefault(_json(part), len(parts))

    def places(figure: go.Figure) -> dict[str, Any]:
        document = figure.to_dict()
        document["layout"].pop("template", None)
        return {"data": [place(trace) for trace in document["data"]], "layout": place(document["layout"])}

    figures = {
        language: {chart: {key: places(figure) for key, figure in found.items()} for chart, found in charts.items()}
        for language, charts in drawn.items()
    }
    return {"figures": figures, "parts": [json.loads(part) for part in parts]}


def write(text: str, out: Path) -> None:
    """Write a page whole or not at all. Raises RunError where the place cannot be written."""
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


def refuse(out: Path, *, force: bool) -> None:
    """Raise UsageError where something is there and `force` is not given, or is no file."""
    if out.exists() and not (force and out.is_file()):
        hint = ", or add --force to replace it" if out.is_file() else ""
        raise UsageError(f"{out}: is there already; choose another --out{hint}.")


def _json(document: object) -> str:
    """JSON that may stand in a script element: nothing in it can end the element."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("heatnet.report.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def _file(name: str) -> str:
    return resources.files("heatnet.report.page").joinpath("templates", name).read_text(encoding="utf-8")
