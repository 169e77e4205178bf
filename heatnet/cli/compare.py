"""`heatnet compare`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from heatnet.cli import results
from heatnet.cli.arguments import InstancePath
from heatnet.cli.terminal import (
    CHECK_FAILED,
    FAILED,
    INFEASIBLE,
    INTERRUPTED,
    NO_SOLUTION,
    OK,
    extra,
    heed_interrupts,
    live,
    page,
    screen,
    stoppable,
    warn,
)
from heatnet.compare import Comparison, Watcher
from heatnet.compare import compare as answer
from heatnet.instance import read
from heatnet.report.comparison import comparison_page
from heatnet.run import Summary
from heatnet.solve import Limits, Observer


def compare(
    instance: InstancePath,
    out: Annotated[Path, typer.Option("--out", help="Folder of the comparison (docs/compare.md).")],
    more: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    schedules: Annotated[
        list[str] | None,
        typer.Option(metavar="A B ...", help="Schedules of the instance, files, or free; the first is the reference."),
    ] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(metavar="'NAME = {...}'", help="A schedule of rules, with the keys of [[rules]] in TOML."),
    ] = None,
    reference: Annotated[str | None, typer.Option(help="Schedule to compare with. [default: the first]")] = None,
    workers: Annotated[int, typer.Option(help="Schedules solved side by side, where the memory holds them.")] = 1,
    dask: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Dask scheduler whose workers solve the blocks, or local."),
    ] = None,
    solver: Annotated[str, typer.Option(help="Strategy: auto, or one that is installed.")] = "auto",
    days: Annotated[int | None, typer.Option(help="Representative days. [default: the instance's]")] = None,
    step_hours: Annotated[int | None, typer.Option(help="Hours of a time step. [default: the instance's]")] = None,
    gap: Annotated[float | None, typer.Option(help="Relative gap to prove. [default: the instance's]")] = None,
    time_limit: Annotated[float | None, typer.Option(help="Seconds for each schedule. [default: none]")] = None,
    threads: Annotated[int, typer.Option(help="Threads of the solver, and processes of the decomposition.")] = 2,
    seed: Annotated[int, typer.Option(help="Random seed of the solver.")] = 0,
    report: Annotated[Path | None, typer.Option(metavar="PAGE.html", help="HTML page to write of it.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a page that is there.")] = False,
) -> int:
    """Solve schedules and set them side by side; what is finished is kept when the command is given again."""
    if report is not None:
        with extra("report", "compare --report"):
            from heatnet.report import page as pages
        pages.document.refuse(report, force=force)
    base = read(instance)
    warn(base)
    told = Told()
    try:
        with stoppable():
            found = answer(
                base,
                [*(schedules or []), *(more or [])],
                out,
                rules=rule or [],
                reference=reference,
                solver=solver,
                days=days,
                step_hours=step_hours,
                limits=Limits(base.header.solve.gap if gap is None else gap, time_limit, threads, seed, dask),
                workers=workers,
                watcher=told,
            )
    except KeyboardInterrupt:
        text = f"interrupted; {told.finished} finished and kept in {out}, the same command goes on from there."
        screen.print(text, soft_wrap=True)
        return INTERRUPTED
    header = base.header
    told_as = (header.title, header.currency, header.base_year, found.contents.reference)
    page.print(comparison_page(found.frames, *told_as, page.width))
    page.print(f"comparison: {out}", soft_wrap=True)
    if report is not None:
        pages.write(results.told(out)[0], report, force=force)
        page.print(f"page: {report}", soft_wrap=True)
    return exit_code(found)


def exit_code(found: Comparison) -> int:
    """That of the worst schedule; a proof that one cannot be met is an answer, unless none can."""
    said = set(found.frames["schedules"]["status"])
    worst = (
        ("invalid", CHECK_FAILED),
        ("contradicted", CHECK_FAILED),
        ("error", FAILED),
        ("no_solution", NO_SOLUTION),
    )
    for status, code in worst:
        if status in said:
            return code
    return INFEASIBLE if said == {"infeasible"} else OK


class Told(Watcher):
    """Tells on the terminal how far the schedules are."""

    def __init__(self) -> None:
        self.finished = 0

    @contextlib.contextmanager
    def solving(self, name: str) -> Iterator[Observer]:
        screen.print(f"{name}:", soft_wrap=True)
        with live() as observer:
            try:
                yield observer
            finally:  # the live line lets nothing stop what is being written
                heed_interrupts()

    def solved(self, name: str, summary: Summary) -> None:
        self.finished += summary.stop_reason != "interrupted"
        cost = "" if summary.cost is None else f", cost {summary.cost:,.1f}"
        screen.print(f"{name}: {summary.status} ({summary.stop_reason}){cost}", soft_wrap=True)

    def kept(self, name: str) -> None:
        self.finished += 1
        screen.print(f"{name}: kept, it was finished before", soft_wrap=True)

    def together(self, names: Sequence[str], processes: int) -> None:
        screen.print(f"{', '.join(names)}: side by side in {processes} processes", soft_wrap=True)
