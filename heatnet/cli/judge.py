"""`heatnet check` and `record`: results judged again."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from heatnet import index as indexes
from heatnet import run
from heatnet.cli.arguments import RunFolder
from heatnet.cli.terminal import CHECK_FAILED, EXIT_CODES, OK, complain, page, screen, show_violations
from heatnet.errors import RunError


def check(
    run_folder: RunFolder,
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
        complain(error)
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
        show_violations(verdict.report)
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
        complain(error)
        return CHECK_FAILED
    if after != known:
        indexes.write(index, after)
    for sentence in indexes.news(known, after):
        page.print(sentence, soft_wrap=True)
    return OK
