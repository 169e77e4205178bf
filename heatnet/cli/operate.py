"""`heatnet operate`: a stage of a plan hour by hour."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from heatnet import folders, run
from heatnet.cli.arguments import RunFolder
from heatnet.cli.terminal import CHECK_FAILED, OK, interrupts, live, page, show_violations
from heatnet.errors import UsageError
from heatnet.operate import Window
from heatnet.operate import operate as run_stage
from heatnet.operate.folder import is_season, save
from heatnet.operate.season import GAP
from heatnet.report.season import season_page
from heatnet.solve import Limits


def operate(
    run_folder: RunFolder,
    stage: Annotated[int, typer.Option(help="Stage of the plan, by its year.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write.")],
    weather: Annotated[str, typer.Option(metavar="season|cold|FILE", help="Hours of the winter.")] = "season",
    dispatch: Annotated[str, typer.Option(help="Who runs the hours: one that is installed.")] = "rolling",
    window_hours: Annotated[int, typer.Option(help="Hours that are decided together, in whole days.")] = 48,
    overlap_hours: Annotated[int, typer.Option(help="Last hours of a window, which the next decides again.")] = 24,
    contingencies: Annotated[
        bool, typer.Option("--contingencies", help="Run the coldest days without each element that may be lost.")
    ] = False,
    gap: Annotated[float, typer.Option(help="Relative gap of a window.")] = GAP,
    threads: Annotated[int, typer.Option(help="Threads of the solver.")] = 2,
    seed: Annotated[int, typer.Option(help="Random seed of the solver.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace a folder of a season that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print season.json and nothing else to stdout.")] = False,
) -> int:
    """Run a stage of a plan hour by hour over the season: what is unserved, and its cost beside the plan's."""
    limits = Limits(gap=gap, threads=threads, seed=seed)
    loaded = run.load(run_folder)
    if loaded.solution is None:
        raise UsageError(f"{run_folder}: holds no plan to operate (status {loaded.summary.status}).")
    with interrupts(), folders.reserved(out, "a season of heatnet", is_season, force=force) as folder:
        with live() as observer:
            season = run_stage(
                loaded.instance,
                loaded.solution,
                stage,
                weather=weather,
                dispatcher=dispatch,
                window=Window(window_hours, overlap_hours),
                contingencies=contingencies,
                limits=limits,
                observer=observer,
            )
        summary = save(season, loaded.instance.sha256, folder)
    if as_json:
        sys.stdout.write(json.dumps(summary, ensure_ascii=False, indent=1) + "\n")
    else:
        page.print(season_page(season))
        page.print(f"season: {out}", soft_wrap=True)
    if season.report.violated:
        show_violations(season.report)  # type: ignore[arg-type]
    return CHECK_FAILED if season.refused else OK
