"""`heatnet bench`: what solving costs, measured, compared and shown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import rich.table
import typer
from rich.console import Console

from heatnet.bench import diff, growth, records, tables
from heatnet.bench import markdown as texts
from heatnet.bench import suite as suites
from heatnet.bench.records import Run
from heatnet.cli.terminal import FAILED, INTERRUPTED, OK, extra, interrupts, page, screen
from heatnet.errors import UsageError

bench = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Measure solves, compare measurements, and show them."
)

WIDEST = 1000
"""Columns that a table may take where nobody sees it on a terminal."""

Title = Annotated[str | None, typer.Option(help="Heading of the page. [default: that of the suites]")]
ReplacePage = Annotated[bool, typer.Option("--force", help="Replace a page that is there.")]
Files = Annotated[list[Path], typer.Argument(metavar="FILES", help="Files of runs.")]


@bench.command("run")
def bench_run(
    suite: Annotated[Path, typer.Argument(metavar="SUITE", help="TOML file of runs (docs/bench.md).")],
    out: Annotated[Path, typer.Option("--out", help="File of runs (JSON lines); those in it are not made again.")],
    tag: Annotated[str | None, typer.Option(help="Only runs with this tag: smoke, nightly or stress.")] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder of generated instances. [default: heatnet/ in the user's cache]")
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Enter what is better than best known in the suite's index.")
    ] = False,
) -> int:
    """Make the runs of a suite, each in a process of its own under caps on time and memory, and write them down."""
    with extra("bench", "bench"):
        from heatnet.bench import run

    with interrupts():
        try:
            faulty = run.run_suite(suites.read(suite), out, _tell, tag=tag, cache=cache, record=record)
        except KeyboardInterrupt:
            text = f"interrupted; what was finished is in {out}, the same command goes on from there."
            screen.print(text, soft_wrap=True)
            return INTERRUPTED
    page.print(f"runs: {out}", soft_wrap=True)
    if faulty:
        screen.print(f"{faulty} of the runs did not end as they should.", soft_wrap=True)
    return FAILED if faulty else OK


@bench.command("diff")
def bench_diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="File of runs to compare with.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="File of runs to judge.")],
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, as for a pull request.")] = False,
    time: Annotated[float, typer.Option(help="Ratio of times that is a regression.")] = 1.1,
    memory: Annotated[float, typer.Option(help="Ratio of memory that is a regression.")] = 1.1,
    gap: Annotated[float, typer.Option(help="Growth of a final gap that is a regression.")] = 0.005,
) -> int:
    """Compare two files of runs, pair by pair; exit code 1 on a regression, or where two answers contradict."""
    thresholds = diff.Thresholds(time, memory, gap)
    found = diff.compare(_runs(old), _runs(new), thresholds)
    if markdown:
        sys.stdout.write(texts.summary(found, thresholds))
    else:
        _show(tables.pairs_table(found, thresholds))
        for sentence in texts.sentences(found, thresholds):
            page.print(sentence, soft_wrap=True)
        for sentence in (*found.errors, *found.regressions):
            screen.print(sentence, style="red", soft_wrap=True)
    return FAILED if found.errors or found.regressions else OK


@bench.command("page")
def bench_page(
    files: Files,
    out: Annotated[Path, typer.Option("--out", help="Page to write: .html, or .md for tables alone.")],
    title: Title = None,
    command: Annotated[str, typer.Option(help="What a .md page says it was written by.")] = "heatnet bench page",
    force: ReplacePage = False,
) -> int:
    """Show runs: trends over commits, performance profile of solvers, growth, tables, links to logs."""
    with extra("report", "bench page"):
        from heatnet.bench import page as pages
        from heatnet.report.page import document

    document.refuse(out, force=force)
    runs = {file: _runs(file) for file in files}
    every = [run for found in runs.values() for run in found]
    if not every:
        raise UsageError(f"{', '.join(map(str, files))}: no runs to show; `heatnet bench run` makes some.")
    heading = title or _suites(runs)
    text = texts.performance(every, heading, command) if out.suffix == ".md" else pages.page(runs, heading, out)
    document.write(text, out)
    page.print(f"page: {out}", soft_wrap=True)
    return OK


@bench.command("scale")
def bench_scale(
    files: Files,
    out: Annotated[Path | None, typer.Option("--out", help="HTML page to draw them in.")] = None,
    title: Title = None,
    force: ReplacePage = False,
) -> int:
    """Fit how time and memory grow with generated instances: power laws over nodes, pipes and days."""
    with extra("report", "bench scale"):
        from heatnet.bench import page as pages
        from heatnet.report.page import document

    if out is not None:
        document.refuse(out, force=force)
    runs = {file: _runs(file) for file in files}
    table = growth.growth_table(growth.growth(run for found in runs.values() for run in found))
    if table is None:
        raise UsageError("these runs have no generated instance at two sizes, all else the same.")
    _show(table)
    if out is not None:
        document.write(pages.growth_page(runs, title or _suites(runs), out), out)
        page.print(f"page: {out}", soft_wrap=True)
    return OK


def _suites(runs: dict[Path, tuple[Run, ...]]) -> str:
    """Titles of the suites that runs are of."""
    return " · ".join(dict.fromkeys(run.suite for found in runs.values() for run in found))


def _runs(file: Path) -> tuple[Run, ...]:
    """The runs of a file; what is wrong with its lines is told."""
    found = records.read(file)
    for fault in found.faults:
        screen.print(fault, style="yellow", soft_wrap=True)
    return found.runs


def _show(table: tables.Table) -> None:
    """A table as wide as it needs to be."""
    shown = rich.table.Table(*table.head, box=None, pad_edge=False, header_style="")
    for row in table.plain.rows:
        shown.add_row(*row)
    width = Console(width=WIDEST).measure(shown).maximum
    Console(width=max(page.width, width), highlight=False, markup=False).print(shown)


def _tell(sentence: str) -> None:
    page.print(sentence, soft_wrap=True)
