"""`heatnet solve`."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from heatnet import certificate as certificates
from heatnet import checkpoint, run
from heatnet import index as indexes
from heatnet.cli.arguments import InstancePath
from heatnet.cli.terminal import EXIT_CODES, INTERRUPTED, interrupts, live, page, screen, show_violations, warn
from heatnet.errors import RunError, UsageError
from heatnet.instance import Instance, read
from heatnet.report.certificate import certificate_page
from heatnet.report.days import days_page, unreached
from heatnet.report.summary import page_width, summary_page
from heatnet.representative import Choice, choose_days
from heatnet.solve import Keeper, Limits, Result, Start
from heatnet.solve import solve as answer


def solve(
    instance: InstancePath,
    out: Annotated[Path, typer.Option("--out", help="Result folder to write.")],
    schedule: Annotated[str | None, typer.Option(help="A schedule of the instance, by name.")] = None,
    solver: Annotated[str, typer.Option(help="Strategy: auto, or one that is installed.")] = "auto",
    days: Annotated[
        str | None,
        typer.Option(metavar="N|auto", help="Representative days; auto: enough of them. [default: the instance's]"),
    ] = None,
    days_error: Annotated[
        float, typer.Option(help="For --days auto: error of operating cost that days may have, as a share.")
    ] = 0.02,
    step_hours: Annotated[int | None, typer.Option(help="Hours of a time step. [default: the instance's]")] = None,
    gap: Annotated[float | None, typer.Option(help="Relative gap to prove. [default: the instance's]")] = None,
    time_limit: Annotated[float | None, typer.Option(help="Seconds of solving. [default: none]")] = None,
    threads: Annotated[int, typer.Option(help="Threads of the solver, and processes of the decomposition.")] = 2,
    seed: Annotated[int, typer.Option(help="Random seed of the solver.")] = 0,
    dask: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Dask scheduler whose workers solve the blocks, or local."),
    ] = None,
    start: Annotated[
        Path | None, typer.Option(help="Result folder to begin from, or what a killed run left of it.")
    ] = None,
    certify: Annotated[bool, typer.Option("--certify", help="Ask for second opinions on cost and bound.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a result folder that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print result.json and nothing else to stdout.")] = False,
) -> int:
    """Solve an instance for least cost, check the answer, write a result folder."""
    began = time.perf_counter()
    with interrupts(), run.reserved(out, force) as folder:
        known = indexes.read(indexes.beside(instance)) if certify else {}
        base = read(instance)
        chosen = base.with_schedule(schedule)
        warn(chosen)
        first = run.start(start, chosen) if start is not None else Start()
        asked = base.header.solve
        step_hours = asked.step_hours if step_hours is None else step_hours
        limits = Limits(asked.gap if gap is None else gap, time_limit, threads, seed, dask)
        loaded = time.perf_counter() - began
        number, choice = _days(days, days_error, chosen, first, limits)
        checkpoints = checkpoint.Checkpoints(checkpoint.beside(out), chosen, number, step_hours, first)
        with live() as observer:
            result = answer(
                chosen,
                solver=solver,
                days=number,
                step_hours=step_hours,
                limits=limits,
                observer=observer,
                start=first,
                keep=_keeper(checkpoints),
            )
            certificate = None
            if certify:
                certificate = certificates.certify(result, observer, indexes.claims(known, result))
                result = certificates.certified(result, certificate)
        seconds = {"read": loaded, **result.seconds, "total": time.perf_counter() - began}
        summary = run.save(result, base, folder, seconds, certificate)
        kept = result.answer.solution is None and run.has_plan(out)
        if kept:
            shutil.rmtree(folder)
    _warn_of_days(result)
    if as_json:
        sys.stdout.write(summary.text() + "\n")
    else:
        if choice is not None:
            page.print(days_page(choice))
        page.print(summary_page(result), width=max(page.width, page_width(result)))
        text = "no plan was found; the earlier result is kept" if kept else "result folder"
        if certificate is not None:
            page.print(certificate_page(certificate, result))
        page.print(f"{text}: {out}", soft_wrap=True)
    if result.report is not None and result.refused:
        show_violations(result.report)
    return INTERRUPTED if result.answer.stop_reason == "interrupted" else EXIT_CODES[result.status]


def _days(
    told: str | None, error_share: float, instance: Instance, start: Start, limits: Limits
) -> tuple[int, Choice | None]:
    """The number of representative days that was asked for, and how it was found where that was left to heatnet."""
    if told is None:
        return instance.header.solve.days, None
    if told != "auto":
        try:
            return int(told), None
        except ValueError:
            raise UsageError(f"--days {told}: must be a number of days, or auto.") from None
    with live() as observer:
        choice = choose_days(instance, error_share, plan=start.plan, limits=limits, observer=observer)
    if not choice.reached:
        screen.print(f"warning: {unreached(choice, error_share)}", style="yellow", soft_wrap=True)
    return choice.days, choice


def _warn_of_days(result: Result) -> None:
    """One representative day is the coldest; nobody should take its season for the real one, unless all are alike."""
    if len(result.grid.days) == 1 and not result.instance.series.alike:
        text = (
            "warning: the one representative day is the coldest; fuel, cost and limits of the season are far too high."
        )
        screen.print(text, style="yellow", soft_wrap=True)


def _keeper(checkpoints: checkpoint.Checkpoints) -> Keeper:
    """Writes checkpoints. That one cannot be written is told once, and is no reason to stop a solve."""
    told = False

    def keep(more: Start) -> None:
        nonlocal told
        try:
            checkpoints.keep(more)
        except RunError as error:
            if not told:
                screen.print(f"warning: {error}", style="yellow", soft_wrap=True)
            told = True

    return keep
