"""The command line: arguments to functions, results to exit codes, errors to sentences. No logic."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from pandas import isna
from rich.console import Console

from heatnet import certificate as certificates
from heatnet import checkpoint, folders, run
from heatnet import index as indexes
from heatnet.check import CheckReport
from heatnet.errors import HeatnetError, InstanceError, RunError, UsageError
from heatnet.instance import Instance, read
from heatnet.instance.rules import warnings
from heatnet.report.certificate import certificate_page
from heatnet.report.overview import overview
from heatnet.report.summary import page_width, summary_page
from heatnet.solve import SOLVER_THREAD, Keeper, Limits, Observer, Progress, Result, Start, relative_gap
from heatnet.solve import solve as answer

OK, FAILED, BAD_INPUT, INFEASIBLE, NO_SOLUTION, CHECK_FAILED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
EXIT_CODES = {
    "optimal": OK,
    "feasible": OK,
    "infeasible": INFEASIBLE,
    "no_solution": NO_SOLUTION,
    "error": FAILED,
    "invalid": CHECK_FAILED,
    "contradicted": CHECK_FAILED,
}

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Plan the heating of a city: pipes, sources and retirements at least cost, with a proven bound, checked.",
    epilog="Exit codes: 0 solved and checked, 1 anything else, 2 bad instance or usage, 3 infeasible, "
    "4 no solution in the time, 5 check failed, 130 interrupted.",
)
generate = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Make an instance from a seed: a city or a street network."
)
app.add_typer(generate, name="generate")

STOPS = (signal.SIGINT, signal.SIGTERM)
"""Signals that stop a solve and keep its best plan: Ctrl-C, and what a batch system sends at the end of its time."""

screen = Console(stderr=True, highlight=False, markup=False)
page = Console(highlight=False, markup=False)

InstancePath = Annotated[Path, typer.Argument(metavar="INSTANCE", help="Folder of an instance (docs/instance.md).")]
NewFolder = Annotated[Path, typer.Option("--out", help="Instance folder to write.")]
Seed = Annotated[int, typer.Option(help="Seed of everything that is chosen at random.")]
Replace = Annotated[bool, typer.Option("--force", help="Replace a generated instance that is there.")]


@app.callback()
def options(debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False) -> None:
    """Options of every command."""


@app.command()
def validate(instance: InstancePath) -> int:
    """Tell every fault of an instance at once, by table, line and column."""
    checked = read(instance)
    page.print(overview(checked))
    _warn(checked)
    return OK


@app.command()
def solve(
    instance: InstancePath,
    out: Annotated[Path, typer.Option("--out", help="Result folder to write.")],
    schedule: Annotated[str | None, typer.Option(help="A schedule of the instance, by name.")] = None,
    solver: Annotated[str, typer.Option(help="Strategy: auto, or one that is installed.")] = "auto",
    days: Annotated[int | None, typer.Option(help="Representative days. [default: the instance's]")] = None,
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
    with _interrupts(), run.reserved(out, force) as folder:
        known = indexes.read(indexes.beside(instance)) if certify else {}
        base = read(instance)
        chosen = base.with_schedule(schedule)
        _warn(chosen)
        first = run.start(start, chosen) if start is not None else Start()
        asked = base.header.solve
        days = asked.days if days is None else days
        step_hours = asked.step_hours if step_hours is None else step_hours
        limits = Limits(asked.gap if gap is None else gap, time_limit, threads, seed, dask)
        checkpoints = checkpoint.Checkpoints(checkpoint.beside(out), chosen, days, step_hours, first)
        loaded = time.perf_counter() - began
        with _live() as observer:
            result = answer(
                chosen,
                solver=solver,
                days=days,
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
        page.print(summary_page(result), width=max(page.width, page_width(result)))
        text = "no plan was found; the earlier result is kept" if kept else "result folder"
        if certificate is not None:
            page.print(certificate_page(certificate, result))
        page.print(f"{text}: {out}", soft_wrap=True)
    if result.report is not None and result.refused:
        _show_violations(result.report)
    return INTERRUPTED if result.answer.stop_reason == "interrupted" else EXIT_CODES[result.status]


@app.command()
def check(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="Result folder of a solve.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON to stdout.")] = False,
) -> int:
    """Judge a result again, from its instance alone."""
    try:
        loaded = run.load(run_folder)
        if loaded.solution is None:
            screen.print(f"{run_folder}: holds no plan to judge (status {loaded.summary.status}).", soft_wrap=True)
            return EXIT_CODES[loaded.summary.status]
        verdict = run.judge(loaded)
    except RunError as error:
        _complain(error)
        return CHECK_FAILED
    if as_json:
        document = {
            "sound": verdict.sound,
            "violations": len(verdict.report.violations),
            "cost": verdict.report.cost,
            "cost_difference": verdict.cost_difference,
            "faults": list(verdict.faults),
        }
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    else:
        _show_violations(verdict.report)
        for fault in verdict.faults:
            screen.print(fault, style="red", soft_wrap=True)
        number = len(verdict.report.violations)
        word = "sound" if verdict.sound else "REFUSED"
        page.print(
            f"{run_folder}: {word}. {number} violations, cost {verdict.report.cost:,.3f}, "
            f"which differs from the solver's by {verdict.cost_difference:.1e}.",
            soft_wrap=True,
        )
    return OK if verdict.sound else CHECK_FAILED


@app.command("report")
def report_page(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="Result folder of a solve.")],
    out: Annotated[Path, typer.Option("--out", help="HTML file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> int:
    """Make one HTML page of a result, in English and Chinese, that needs nothing but a browser. Judges it again."""
    try:
        from heatnet.report import page as pages  # needs the extra `report`
    except ModuleNotFoundError as error:
        raise UsageError(f"heatnet report needs {error.name}: pip install 'heatnet[report]'.") from None

    loaded = run.load(run_folder)
    verdict = run.judge(loaded) if loaded.solution is not None else None
    faults = verdict.faults if verdict is not None else ()
    with _interrupts():
        subject = pages.Subject.of(
            loaded.instance,
            loaded.summary.model_dump(mode="json"),
            loaded.solution,
            verdict.report if verdict is not None else None,
            faults,
            pages.read_certificate(run_folder / run.CERTIFICATE),
        )
        pages.write(subject, out, force=force)
    for fault in faults:
        screen.print(fault, style="red", soft_wrap=True)
    page.print(f"page: {out}", soft_wrap=True)
    return OK if verdict is None or verdict.sound else CHECK_FAILED


@app.command()
def export(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="Result folder of a solve.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write.")],
) -> int:
    """Write a result for other programs: xlsx, parquet, and the network of each stage as GeoJSON and GeoPackage."""
    from heatnet.report import export as exports  # needed by no other command

    loaded = run.load(run_folder)
    verdict = run.judge(loaded)
    if loaded.solution is None or not verdict.sound:
        raise RunError(f"{run_folder}: is not sound, so nothing is written of it; `heatnet check` tells why.")
    with _interrupts(), folders.reserved(out, "an export of heatnet") as folder:
        told = exports.export(loaded.instance, loaded.solution, verdict.report, folder)
    for sentence in told:
        page.print(sentence, soft_wrap=True)
    page.print(f"export: {out}", soft_wrap=True)
    return OK


@app.command()
def simulate(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="Result folder of a solve.")],
    stage: Annotated[int, typer.Option(help="Stage of the plan, by its year.")],
    hours: Annotated[
        str, typer.Option(metavar="DAY:HOUR,...", help="Hours of representative days beside the design hour.")
    ] = "",
) -> int:
    """Run a stage in the water (pandapipes): supply and return pipes, beside the model; writes RUN/hydraulics.csv."""
    try:
        from heatnet import hydraulics  # needs the extra `hydraulics`
    except ModuleNotFoundError as error:
        raise UsageError(f"heatnet simulate needs {error.name}: pip install 'heatnet[hydraulics]'.") from None

    loaded = run.load(run_folder)
    if loaded.solution is None:
        raise UsageError(f"{run_folder}: holds no plan to simulate (status {loaded.summary.status}).")
    frame = hydraulics.simulate(loaded.instance, loaded.solution, stage, [part for part in hours.split(",") if part])
    hydraulics.save(frame, loaded.folder)
    page.print(hydraulics.simulation_page(loaded.instance, frame))
    page.print(f"all figures: {loaded.folder / hydraulics.FILE}", soft_wrap=True)
    return OK


@app.command()
def record(
    run_folders: Annotated[list[Path], typer.Argument(metavar="RUN", help="Result folders of solves.")],
    index: Annotated[Path, typer.Option(help="Index to enter them in, as instances/index.toml; made if not there.")],
) -> int:
    """Judge results again, and enter their costs and bounds in an index of best known values where they are better.

    All or nothing: a result that is not sound, or that contradicts the index, is told, and nothing is written.
    """
    known = after = indexes.read(index)
    today = datetime.datetime.now(datetime.UTC).date()
    try:
        for folder in run_folders:
            after = indexes.entered(after, run.load(folder), today)
    except RunError as error:
        _complain(error)
        return CHECK_FAILED
    if after != known:
        indexes.write(index, after)
    for sentence in indexes.news(known, after):
        page.print(sentence, soft_wrap=True)
    return OK


@generate.command("city")
def generate_city(
    nodes: Annotated[int, typer.Option(help="Districts, plants and junctions together.")],
    out: NewFolder,
    stages: Annotated[int, typer.Option(help="Stages from 2024 on.")] = 6,
    seed: Seed = 0,
    force: Replace = False,
) -> int:
    """Make a city in kind like Jinan: corridors, sources, closures, growing demand. The same seed, the same city."""
    from heatnet import generate as generators  # needed by no other command

    with _interrupts(), generators.reserved(out, force) as folder:
        generators.save(generators.city(nodes, stages, seed), folder)
    page.print(f"instance folder: {out}", soft_wrap=True)
    return OK


@generate.command("street")
def generate_street(
    pipes: Annotated[int, typer.Option(help="Candidate pipes, service pipes too.")],
    out: NewFolder,
    sources: Annotated[int | None, typer.Option(help="Sources. [default: one for 60 MW]")] = None,
    consumers: Annotated[int | None, typer.Option(help="Buildings. [default: 0.4 of the pipes]")] = None,
    optional_share: Annotated[float, typer.Option(help="Share of buildings that need not be connected.")] = 0.3,
    seed: Seed = 0,
    force: Replace = False,
) -> int:
    """Make a street network for the design of a new grid in one stage. The same seed, the same network."""
    from heatnet import generate as generators  # needed by no other command

    with _interrupts(), generators.reserved(out, force) as folder:
        generators.save(generators.street(pipes, seed, sources, consumers, optional_share), folder)
    page.print(f"instance folder: {out}", soft_wrap=True)
    return OK


@app.command("import")
def import_instance(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="Folder or GeoJSON file (docs/import.md).")],
    out: NewFolder,
    form: Annotated[str, typer.Option("--format", help="auto, topotherm, dhnx or geojson.")] = "auto",
    power: Annotated[str | None, typer.Option(help="topotherm: unit of the loads, W or kW. [default: checked]")] = None,
    optional: Annotated[
        bool, typer.Option("--optional", help="topotherm: consumers may stay off the network.")
    ] = False,
    crs: Annotated[str | None, typer.Option(help="Coordinate system, as EPSG:25832. [default: the source's]")] = None,
    reach: Annotated[float | None, typer.Option(help="geojson: most metres from building to street. [100]")] = None,
    join: Annotated[float | None, typer.Option(help="geojson: gaps between streets closed, in metres. [1]")] = None,
    faults: Annotated[
        Path | None, typer.Option(help="GeoJSON of the places of faults. [default: OUT.faults.geojson]")
    ] = None,
) -> int:
    """Make an instance of a topotherm or DHNx folder, or of a map of streets, buildings and sources."""
    try:
        from heatnet import readers  # needs the extra `gis`
    except ModuleNotFoundError as error:
        raise UsageError(f"heatnet import needs {error.name}: pip install 'heatnet[gis]'.") from None

    told = {"power": power, "optional": optional or None, "crs": crs, "reach_m": reach, "join_m": join}
    answers = {name: value for name, value in told.items() if value is not None}
    try:
        with _interrupts(), readers.reserved(out) as folder:
            imported = readers.import_from(source, out.name, format=form, **answers)
            readers.save(imported, folder)
    except readers.SourceError as error:
        code = _complain(error)
        if error.places is not None:
            place = faults or out.with_name(f"{out.name}.faults.geojson")
            readers.save_places(error.places, place)
            screen.print(f"places to look at: {place}", soft_wrap=True)
        return code
    for note in imported.notes:
        page.print(note, soft_wrap=True)
    for what, number, metres in imported.summary:
        page.print(f"{number:>7,}  {what}" + (f", {metres:,.1f} m" if metres else ""), soft_wrap=True)
    page.print(overview(imported.instance))
    page.print(f"instance folder: {out}", soft_wrap=True)
    return OK


def _warn(instance: Instance) -> None:
    """Tell what is no fault, but probably not meant."""
    for warning in warnings(instance):
        screen.print(f"warning: {warning}", style="yellow", soft_wrap=True)


def _warn_of_days(result: Result) -> None:
    """One representative day is the coldest; nobody should take its season for the real one, unless all are alike."""
    if len(result.grid.days) == 1 and not result.instance.series.alike:
        text = (
            "warning: the one representative day is the coldest; fuel, cost and limits of the season are far too high."
        )
        screen.print(text, style="yellow", soft_wrap=True)


def _show_violations(report: CheckReport) -> None:
    for _, row in report.violations.head(20).iterrows():
        place = ", ".join(f"{key} {row[key]}" for key in ("stage", "day", "hour") if not isna(row[key]))
        where = f" ({place})" if place else ""
        text = f"{row['law']}: {row['id']}{where} is off by {row['size']:.6g} {row['unit']}"
        screen.print(text, style="red", soft_wrap=True)


@contextlib.contextmanager
def _interrupts() -> Iterator[None]:
    """Say so where Ctrl-C came before there was anything to keep; typer turns it into exit code 130."""
    before = {number: signal.getsignal(number) for number in STOPS}
    for number in STOPS:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        screen.print("interrupted; nothing was written.")
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _live() -> Iterator[Observer]:
    """A live line on a terminal; elsewhere a line now and then, so that a log tells where a run was.

    From the moment there is an answer Ctrl-C waits until it is written: a few seconds, and nothing is lost.
    """
    last = Progress("", 0.0)
    with screen.status("starting") if screen.is_terminal else contextlib.nullcontext() as status:

        def observer(progress: Progress) -> None:
            nonlocal last
            if progress.phase in ("extract", "check"):
                for number in STOPS:
                    signal.signal(number, signal.SIG_IGN)
            if status is not None:
                status.update(_line(progress))
            elif progress.phase != last.phase or progress.seconds - last.seconds >= 10.0:
                last = progress
                screen.print(_line(progress), soft_wrap=True)

        yield observer


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


def _line(progress: Progress) -> str:
    parts = [f"{progress.phase:<13} {progress.seconds:6.1f} s"]
    if progress.cost is not None:
        parts.append(f"cost {progress.cost:,.1f}")
    if progress.bound is not None:
        parts.append(f"bound {progress.bound:,.1f}")
    if progress.cost is not None and progress.bound is not None:
        parts.append(f"gap {relative_gap(progress.cost, progress.bound):.2%}")
    return "   ".join(parts)


def main() -> None:
    """Run the command line: the exit code tells the outcome, an error is a sentence on stderr."""
    debug = "--debug" in sys.argv[1:]
    if debug:
        sys.argv.remove("--debug")
    try:
        code = app(standalone_mode=False) or OK
    except typer.Exit as stop:
        code = stop.exit_code
    except HeatnetError as error:
        if debug:
            raise
        code = _complain(error)
    except Exception as error:
        show = getattr(error, "show", None)
        if callable(show):  # a usage error of the command line itself
            show()
            code = BAD_INPUT
        elif debug:
            raise
        else:
            screen.print(f"heatnet failed: {type(error).__name__}: {error} (add --debug to see where)", style="red")
            code = FAILED
    if any(thread.name == SOLVER_THREAD for thread in threading.enumerate()):
        # A solver that did not heed an interrupt still runs; nobody waits for it.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _complain(error: HeatnetError) -> int:
    if isinstance(error, InstanceError):
        for issue in error.issues:
            screen.print(str(issue), style="red", soft_wrap=True)
        number = len(error.issues)
        screen.print(f"{number} fault{'s' if number != 1 else ''}; nothing was written.", soft_wrap=True)
        return BAD_INPUT
    screen.print(str(error), style="red", soft_wrap=True)
    return BAD_INPUT if isinstance(error, UsageError) else FAILED
