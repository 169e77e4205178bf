"""Pages in Markdown: measurements for the documentation, and a comparison for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from heatnet.bench.diff import Comparison, Thresholds
from heatnet.bench.growth import growth, growth_table
from heatnet.bench.records import Run
from heatnet.bench.setting import Setting
from heatnet.bench.tables import Table, gaps_table, interval, pairs_table, runs_table, sizes_table

TOP = 10
"""Names that a sentence lists at most."""


def performance(runs: Sequence[Run], title: str, command: str) -> str:
    """A page of measurements: by which command, when, of which commit, on what; and what came out.

    Of several states of the code the last is shown.
    """
    runs = [run for run in runs if run.code_sha256 == max(runs, key=lambda run: run.begun).code_sha256]
    lines = [f"# {title}", "", f"Written by `{command}`. Seconds depend on the machine and on what else it does."]
    lines += ["", *settings(runs), *_section("Runs", runs_table(runs)), *_section("Models", sizes_table(runs))]
    lines += _section("Seconds of the search", gaps_table(runs))
    lines += _section("Growth", growth_table(growth(runs)))
    return "\n".join([*lines, ""])


def settings(runs: Sequence[Run]) -> Iterator[str]:
    """When, of what and on what the runs were made, a sentence for each setting."""
    days: dict[str, set[str]] = {}
    for run in runs:
        setting = Setting(run.commit, run.dirty, run.code_sha256, run.versions, run.machine)
        days.setdefault(setting.sentence, set()).add(run.begun.date().isoformat())
    for told, dates in days.items():
        yield f"{' to '.join(sorted({min(dates), max(dates)}))}, {told}"


def _section(heading: str, table: Table | None) -> list[str]:
    return [] if table is None else ["", f"## {heading}", "", *table.markdown()]


def summary(comparison: Comparison, thresholds: Thresholds) -> str:
    """A comparison: the verdict, the means, the runs, what changed."""
    lines = [f"## {verdict(comparison)}", ""]
    lines += [f"- **contradiction**: {sentence}" for sentence in comparison.errors]
    lines += [f"- **regression**: {sentence}" for sentence in comparison.regressions]
    lines += [f"- {sentence}" for sentence in sentences(comparison, thresholds)]
    return "\n".join([*lines, "", *pairs_table(comparison, thresholds).markdown(), ""])


def verdict(comparison: Comparison) -> str:
    """The outcome in a few words."""
    if comparison.errors:
        return "Contradiction"
    if comparison.regressions:
        return "Regression"
    return "No regression" if comparison.pairs else "Nothing to compare"


def sentences(comparison: Comparison, thresholds: Thresholds) -> Iterator[str]:
    """What the comparison says of all runs together."""
    for word, found, most in (
        ("time", comparison.time, thresholds.time),
        ("memory", comparison.memory, thresholds.memory),
    ):
        noise = "" if found is None or found.low is not None else "; nothing was repeated, so the noise is not known"
        yield f"{word}, new / old, shifted geometric mean: {interval(found)} (at most {most:g}){noise}"
    won, lost = comparison.won(thresholds.time), comparison.lost(thresholds.time)
    yield f"{len(comparison.pairs)} runs in both: {len(won)} faster, {len(lost)} slower by more than the noise"
    for pair in comparison.changes:
        yield f"{pair.name}: {' → '.join(pair.statuses)}"
    for word, names in zip(("before", "now"), comparison.alone, strict=True):
        if names:
            more = f" and {len(names) - TOP} more" if len(names) > TOP else ""
            yield f"only {word}: {', '.join(names[:TOP])}{more}"
