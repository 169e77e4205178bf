"""Solves the schedules that are not finished: one after the other, or side by side."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path

import loky

from heatnet import checkpoint, run
from heatnet.compare.folder import Options, finished
from heatnet.compare.schedules import Entry
from heatnet.compare.strictness import asks_more
from heatnet.errors import RunError, UsageError
from heatnet.solve import Keeper, Limits, Observer, Progress, Start, solve

ROOM = 1.5
"""How much more memory than the first schedule another may take."""

STOP = ".stop"
"""File in the folder of a comparison that tells the processes of its schedules to end with what they have."""


class Watcher:
    """Who looks on while schedules are solved. This one does not care."""

    def solving(self, name: str) -> contextlib.AbstractContextManager[Observer]:
        """Around the solve of a schedule in this process: gives its observer."""
        del name
        return contextlib.nullcontext(lambda progress: None)

    def solved(self, name: str, summary: run.Summary) -> None:
        """A schedule has its result folder."""

    def kept(self, name: str) -> None:
        """A schedule was finished before."""

    def together(self, names: Sequence[str], processes: int) -> None:
        """Schedules begin side by side."""


@dataclass(frozen=True)
class Task:
    """What the schedules have in common. `dask` is the address of workers for the days, None for this machine."""

    out: Path
    options: Options
    dask: str | None = None

    def limits(self) -> Limits:
        """The limits of each solve."""
        asked = self.options
        return Limits(asked.gap, asked.time_limit_s, asked.threads, asked.seed, self.dask)


def solve_all(entries: Sequence[Entry], task: Task, workers: int, watcher: Watcher) -> None:
    """Solve every schedule that is not finished; each leaves a result folder.

    Raises KeyboardInterrupt, once what was found is written, where a solve was interrupted.
    """
    done = {entry.name: finished(task.out, entry, task.options) for entry in entries}
    for entry in entries:
        if done[entry.name]:
            watcher.kept(entry.name)
    (task.out / STOP).unlink(missing_ok=True)
    known, waiting = list[tuple[Entry, Start]](), list(entries)
    while waiting:
        first, *rest = waiting
        left = [entry for entry in rest if not done[entry.name]]
        summary = _summary(task, first) if done[first.name] else _here(first, task, start_for(known, first), watcher)
        known.append((first, _left(task, first)))
        if workers > 1 and len(left) > 1 and summary.solver != "decomposition":
            # Cuts go from one to the next, so a decomposition gains more from its turn than from its own processes.
            return _together(left, task, known, min(workers, _room(summary.peak_rss_mb)), watcher)
        waiting = rest
    return None


def _summary(task: Task, entry: Entry) -> run.Summary:
    return run.load(task.out / entry.name).summary


def _here(entry: Entry, task: Task, start: Start, watcher: Watcher) -> run.Summary:
    with watcher.solving(entry.name) as observer:
        summary = solve_one(entry, task, start, observer)
    watcher.solved(entry.name, summary)
    if summary.stop_reason == "interrupted":
        raise KeyboardInterrupt
    return summary


def start_for(known: Sequence[tuple[Entry, Start]], entry: Entry) -> Start:
    """What to begin a schedule from: the last plan that it allows since it was made for one that asks for more, else
    the last one; and the last cuts.
    """
    start = Start()
    for _, left in known:
        start = _joined(left, start)
    for other, left in known:
        if left.plan is not None and asks_more(other.instance, entry.instance):
            start = Start(left.plan, start.cuts)
    return start


def _together(
    entries: Sequence[Entry], task: Task, known: Sequence[tuple[Entry, Start]], processes: int, watcher: Watcher
) -> None:
    watcher.together([entry.name for entry in entries], processes)
    executor = loky.ProcessPoolExecutor(max_workers=processes, initializer=_deaf)
    try:
        asked = {executor.submit(_in_process, entry, task, start_for(known, entry)): entry for entry in entries}
        while asked:
            try:
                for future in as_completed(asked):
                    entry = asked.pop(future)
                    watcher.solved(entry.name, future.result())
            except KeyboardInterrupt:
                (task.out / STOP).touch()
                for future in asked:
                    future.cancel()
                asked = {future: entry for future, entry in asked.items() if not future.cancelled()}
    finally:
        executor.shutdown(wait=True)
        stopped = (task.out / STOP).exists()
        (task.out / STOP).unlink(missing_ok=True)
    if stopped:
        raise KeyboardInterrupt


def _deaf() -> None:
    """Signals are for the process that leads; it tells the others by a file."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _in_process(entry: Entry, task: Task, start: Start) -> run.Summary:
    def observer(progress: Progress) -> None:
        if progress.phase not in ("extract", "check") and (task.out / STOP).exists():
            raise KeyboardInterrupt

    return solve_one(entry, task, start, observer)


def _room(peak_rss_mb: float) -> int:
    """How many processes the free memory of this machine holds, one at least."""
    pages = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6
    with contextlib.suppress(OSError, ValueError, StopIteration):  # caches can be given up; only Linux tells of them
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        pages = next(float(line.split()[1]) for line in lines if line.startswith("MemAvailable:")) / 1e3
    return max(1, int(pages / (ROOM * peak_rss_mb)))


def _left(task: Task, entry: Entry) -> Start:
    """What an earlier solve of a schedule left: a plan, cuts, or nothing."""
    with contextlib.suppress(UsageError):
        return run.start(task.out / entry.name, entry.instance)
    return Start()


def _joined(first: Start, second: Start) -> Start:
    return Start(
        first.plan if first.plan is not None else second.plan, first.cuts if first.cuts is not None else second.cuts
    )


def solve_one(entry: Entry, task: Task, start: Start, observer: Observer) -> run.Summary:
    """Solve a schedule and write its result folder, beginning from what it left itself, else from `start`."""
    began = time.perf_counter()
    place = task.out / entry.name
    with run.reserved(place, force=True) as folder:
        instance = entry.instance
        first = _joined(_left(task, entry), start)
        days, step_hours = task.options.days, task.options.step_hours
        checkpoints = checkpoint.Checkpoints(checkpoint.beside(place), instance, days, step_hours, first)
        result = solve(
            instance,
            solver=task.options.solver,
            days=days,
            step_hours=step_hours,
            limits=task.limits(),
            observer=observer,
            start=first,
            keep=_quietly(checkpoints.keep),
        )
        seconds = {**result.seconds, "total": time.perf_counter() - began}
        summary = run.save(result, entry.base, folder, seconds)
        if result.answer.solution is None and run.has_plan(place):
            shutil.rmtree(folder)  # what an interrupted solve had found is worth more
    return summary


def _quietly(keep: Keeper) -> Keeper:
    """A checkpoint that cannot be written is no reason to stop a solve."""

    def kept(more: Start) -> None:
        with contextlib.suppress(RunError):
            keep(more)

    return kept
