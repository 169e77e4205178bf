"""A comparison from beginning to end: schedules, solves, frames."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from heatnet.compare.folder import (
    Contents,
    Listed,
    Options,
    Span,
    begin,
    check_free,
    read_contents,
    read_frames,
    write_frames,
)
from heatnet.compare.frames import frames
from heatnet.compare.schedules import FREE, Entry, entries
from heatnet.compare.sides import load
from heatnet.compare.solving import Task, Watcher, solve_all
from heatnet.compare.strictness import asks_more
from heatnet.errors import UsageError
from heatnet.instance import Instance
from heatnet.solve import Limits, find_solver


@dataclass(frozen=True)
class Comparison:
    """Schedules side by side. `frames` are those of docs/compare.md, by name."""

    folder: Path
    contents: Contents
    frames: dict[str, pd.DataFrame]

    @classmethod
    def read(cls, out: str | Path) -> Comparison:
        """A comparison from its folder. Raises RunError where it is not finished, or is none."""
        path = Path(out)
        return cls(path, read_contents(path), read_frames(path))


def compare(
    instance: Instance,
    schedules: Sequence[str | Path],
    out: str | Path,
    *,
    rules: Sequence[str] = (),
    reference: str | None = None,
    solver: str = "auto",
    days: int | None = None,
    step_hours: int | None = None,
    limits: Limits | None = None,
    workers: int = 1,
    watcher: Watcher | None = None,
) -> Comparison:
    """Solve schedules of an instance and set them side by side; what is finished in `out` is not solved again.

    `schedules` are names, files or `free`, `rules` schedules of rules (`NAME = {...}`), `reference` the one that the
    others are compared with, the first where None. `limits` hold for each. Raises UsageError for what cannot be meant,
    RunError for a result that cannot be read or is not sound, KeyboardInterrupt when what was found is written.
    """
    defaults = instance.header.solve
    limits = limits or Limits(gap=defaults.gap)
    if workers < 1:
        raise UsageError(f"--workers {workers}: must be 1 or more.")
    if workers > 1 and limits.dask is not None:
        raise UsageError("--workers and --dask: give one of them; with Dask the schedules share its workers in turn.")
    if solver != "auto":
        find_solver(solver)
    listed = entries(instance, schedules, rules)
    if reference is not None and reference not in [entry.name for entry in listed]:
        raise UsageError(f"--reference {reference}: is not one of the schedules that are compared.")
    options = Options(
        solver=solver,
        days=defaults.days if days is None else days,
        step_hours=defaults.step_hours if step_hours is None else step_hours,
        gap=limits.gap,
        time_limit_s=limits.time_s,
        threads=limits.threads,
        seed=limits.seed,
    )
    contents = _contents(instance, listed, reference or listed[0].name, options)
    task = Task(Path(out), options, limits.dask)
    check_free(task.out, contents, listed)
    begin(task.out, contents)
    solve_all(listed, task, workers, watcher or Watcher())
    sides = [load(entry, task.out / entry.name) for entry in listed]
    found = frames(sides, contents.reference)
    write_frames(task.out, found)
    return Comparison(task.out, contents, found)


def _contents(instance: Instance, listed: Sequence[Entry], reference: str, options: Options) -> Contents:
    header = instance.header
    return Contents(
        instance=header.name,
        title=header.title,
        title_local=header.title_local,
        currency=header.currency,
        base_year=header.base_year,
        instance_sha256=instance.sha256,
        reference=reference,
        free=FREE if FREE in [entry.name for entry in listed] else None,
        schedules=tuple(
            Listed(
                name=entry.name,
                title=entry.schedule.title,
                title_local=entry.schedule.title_local,
                instance_sha256=entry.instance.sha256,
                asks_more_than=tuple(
                    other.name for other in listed if other is not entry and asks_more(entry.instance, other.instance)
                ),
            )
            for entry in listed
        ),
        stages=tuple(Span(year=stage.year, span_years=stage.span_years) for stage in instance.stages),
        options=options,
        version=importlib.metadata.version("heatnet"),
    )
