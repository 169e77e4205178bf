"""`heatnet report`, `export` and `simulate`: a result for people, for other programs, and in the water."""

from __future__ import annotations

from math import isclose
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pandas import notna

from heatnet import folders, run
from heatnet.cli.arguments import RunFolder
from heatnet.cli.terminal import CHECK_FAILED, OK, extra, interrupts, page, screen
from heatnet.compare import Comparison
from heatnet.compare.folder import CONTENTS
from heatnet.errors import RunError, UsageError

if TYPE_CHECKING:
    from heatnet.report.page import Comparison as Compared
    from heatnet.report.page import Subject


def report(
    run_folder: Annotated[
        Path, typer.Argument(metavar="RUN_OR_DIR", help="Result folder of a solve, or folder of a comparison.")
    ],
    out: Annotated[Path, typer.Option("--out", help="HTML file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> int:
    """Make one HTML page of a result or a comparison, in English and Chinese, to be read offline. Judges it again."""
    with extra("report", "report"):
        from heatnet.report import page as pages

    with interrupts():
        subject, faults = told(run_folder)
        pages.write(subject, out, force=force)
    for fault in faults:
        screen.print(fault, style="red", soft_wrap=True)
    page.print(f"page: {out}", soft_wrap=True)
    return CHECK_FAILED if faults else OK


def told(folder: Path) -> tuple[Subject | Compared, list[str]]:
    """What a page tells of a result or a comparison, and what is found when its results are judged again."""
    from heatnet.report.page import Comparison as Compared

    if not (folder / CONTENTS).is_file():
        return _subject(folder)
    comparison = Comparison.read(folder)
    costs = comparison.frames["schedules"].set_index("schedule")[f"cost_m{comparison.contents.currency.lower()}"]
    subjects, found = {}, []
    for listed in comparison.contents.schedules:
        cost = costs[listed.name]
        subject, faults = _subject(folder / listed.name, planned=bool(notna(cost)))
        if subject.plan is not None and not isclose(subject.plan.report.cost, cost, rel_tol=1e-6, abs_tol=1e-6):
            text = f"is not of the result {listed.name}; give `heatnet compare` again."
            raise RunError(f"{folder / 'schedules.csv'}: {text}")
        subjects[listed.name] = subject
        found += [f"{listed.name}: {fault}" for fault in faults]
    return Compared(comparison.contents.model_dump(mode="json"), comparison.frames, subjects), found


def _subject(folder: Path, *, planned: bool = True) -> tuple[Subject, list[str]]:
    """What a page tells of a result, and what is found when it is judged again; its plan only where it is `planned`."""
    from heatnet.report.page import Subject, read_certificate, read_water

    loaded = run.load(folder)
    solution = loaded.solution if planned else None
    verdict = run.judge(loaded) if solution is not None else None
    faults = [] if verdict is None else list(verdict.faults)
    if verdict is not None and not verdict.sound and not faults:
        faults = [f"{run.RESULT}: the cost is not that of the plan."]
    subject = Subject.of(
        loaded.instance,
        loaded.summary.model_dump(mode="json"),
        solution,
        None if verdict is None else verdict.report,
        tuple(faults),
        read_certificate(folder / run.CERTIFICATE),
        read_water(folder / "hydraulics.csv"),
    )
    return subject, faults


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
