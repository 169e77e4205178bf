"""The page of a comparison: figures and tables in both languages, put into the template."""

from __future__ import annotations

from typing import Any

from heatnet.report.page import document, headline, network_map, tables, timeline
from heatnet.report.page.document import Figures
from heatnet.report.page.schedules import answers, lines, stages, timelines, waterfall
from heatnet.report.page.schedules import tables as compared
from heatnet.report.page.schedules.comparison import Comparison
from heatnet.report.page.words import LANGUAGES, Words


def page(comparison: Comparison) -> str:
    """The page as one HTML text that loads nothing."""
    every = [Words(language) for language in LANGUAGES]
    return document.filled(
        "comparison.html",
        {words.language: figures(comparison, words) for words in every},
        comparison=comparison,
        title=every[0]("compared", title=comparison.instance.header.title),
        version=comparison.told["version"],
        contents=[_content(comparison, words) for words in every],
        quantities=list(lines.QUANTITIES),
    )


def figures(comparison: Comparison, words: Words) -> Figures:
    """Every figure in one language, by chart and by what the reader chooses; none without a plan."""
    if not comparison.plans:
        return {}
    names = list(comparison.plans)
    return {
        "map": {
            f"{name}|{year}": network_map.network_map(plan, year, words)
            for name, plan in comparison.plans.items()
            for year in plan.years
        },
        "timeline": {name: timeline.timeline(plan, words) for name, plan in comparison.plans.items()},
        "timelines": {"": timelines.timelines(comparison, words)},
        "waterfall": {
            f"{base}|{name}": waterfall.waterfall(comparison, name, base, words)
            for base in names
            for name in names
            if name != base
        },
        "costs": {"": stages.cost(comparison, words)},
        "heats": {"": stages.heat(comparison, words)},
        "moves": {"": stages.changes(comparison, words)},
        **{quantity: {"": lines.line(comparison, quantity, words)} for quantity in lines.QUANTITIES},
    }


def _content(comparison: Comparison, words: Words) -> dict[str, Any]:
    """What the template fills in, in one language."""
    instance, told = comparison.instance, comparison.told
    header, subject = instance.header, comparison.headline.subject
    last = told["stages"][-1]
    content: dict[str, Any] = {
        "words": words,
        "language": words.language,
        "title": words("compared", title=words.either(header.title, header.title_local, header.name)),
        "titles": {member.name: member.title(words) for member in comparison.members},
        "answers": {member.name: answers.answers(comparison, member, words) for member in comparison.members},
        "lacks": {
            member.name: found for member in comparison.members if (found := answers.lacks(comparison, member, words))
        },
        "overview": compared.overview(comparison, words),
        "span": {
            "first": comparison.years[0],
            "last": last["year"] + last["span_years"] - 1,
            "year": told["base_year"],
        },
        "proofs": compared.proofs(comparison, words),
        "marks": headline.marks(subject),
        "mark_symbols": tables.MARK_SYMBOLS,
        "sourced": tables.sourced(instance),
        "stages": [{"year": year, "name": comparison.spans[year]} for year in comparison.years],
    }
    if comparison.plans:
        content |= {
            "terms": compared.terms(comparison, words),
            "contingencies": compared.contingencies(comparison, words),
            "districts": compared.districts(comparison, words),
            "changes": {name: tables.changes(plan, words) for name, plan in comparison.plans.items()},
        }
    return content
