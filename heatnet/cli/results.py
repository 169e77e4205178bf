"""`heatnet report`, `export` and `simulate`: a result for people, for other programs, and in the water."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from heatnet import folders, run
from heatnet.cli.arguments import RunFolder
from heatnet.cli.terminal import CHECK_FAILED, OK, extra, interrupts, page, screen
from heatnet.errors import RunError, UsageError


def report(
    run_folder: RunFolder,
    out: Annotated[Path, typer.Option("--out", help="HTML file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> int:
    """Make one HTML page of a result, in English and Chinese, that needs nothing but a browser. Judges it again."""
    with extra("report", "report"):
        from heatnet.report import page as pages

    loaded = run.load(run_folder)
    verdict = run.judge(loaded) if loaded.solution is not None else None
    faults = verdict.faults if verdict is not None else ()
    with interrupts():
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


def export(
    run_folder: RunFolder,
    out: Annotated[Path, typer.Option("--out", help="Folder to write.")],
) -> int:
    """Write a result for other programs: xlsx, parquet, and the network of each stage as GeoJSON and GeoPackage."""
    from heatnet.report import export as exports  # needed by no other command

    loaded = run.load(run_folder)
    verdict = run.judge(loaded)
    if loaded.solution is None or not verdict.sound:
        raise RunError(f"{run_folder}: is not sound, so nothing is written of it; `heatnet check` tells why.")
    with interrupts(), folders.reserved(out, "an export of heatnet") as folder:
        told = exports.export(loaded.instance, loaded.solution, verdict.report, folder)
    for sentence in told:
        page.print(sentence, soft_wrap=True)
    page.print(f"export: {out}", soft_wrap=True)
    return OK


def simulate(
    run_folder: RunFolder,
    stage: Annotated[int, typer.Option(help="Stage of the plan, by its year.")],
    hours: Annotated[
        str, typer.Option(metavar="DAY:HOUR,...", help="Hours of representative days beside the design hour.")
    ] = "",
) -> int:
    """Run a stage in the water (pandapipes): supply and return pipes, beside the model; writes RUN/hydraulics.csv."""
    with extra("hydraulics", "simulate"):
        from heatnet import hydraulics

    loaded = run.load(run_folder)
    if loaded.solution is None:
        raise UsageError(f"{run_folder}: holds no plan to simulate (status {loaded.summary.status}).")
    frame = hydraulics.simulate(loaded.instance, loaded.solution, stage, [part for part in hours.split(",") if part])
    hydraulics.save(frame, loaded.folder)
    page.print(hydraulics.simulation_page(loaded.instance, frame))
    page.print(f"all figures: {loaded.folder / hydraulics.FILE}", soft_wrap=True)
    return OK
