"""A command run under caps on time and memory that are held from outside, over the whole tree of its processes."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import psutil

SAMPLE_S = (0.02, 0.2)
"""Seconds between two looks at the memory: at first, so that short runs are seen, and later."""

GRACE_S = 5.0
"""Seconds to wait until what was killed is gone."""


@dataclass(frozen=True)
class Ended:
    """How a command ended. `peak_rss_mb`: most resident memory of all its processes together, as far as seen.

    `cap`: which cap it was killed at. Pages that processes share count in each of them.
    """

    exit_code: int
    cap: Literal["time_cap", "memory_cap"] | None
    wall_s: float
    peak_rss_mb: float


def capped(command: Sequence[str], *, cwd: Path, out: IO[Any], err: IO[Any], time_s: float, memory_mb: float) -> Ended:
    """Run a command until it ends, or reaches a cap and is killed with all that it started.

    Whatever comes in between, an interrupt too, nothing of it is left running.
    """
    began = time.perf_counter()
    cap: Literal["time_cap", "memory_cap"] | None = None
    most, wait = 0.0, SAMPLE_S[0]
    # A session of its own: Ctrl-C reaches the caller alone, and children whose parent died are found by the group.
    process = psutil.Popen(list(command), cwd=cwd, stdout=out, stderr=err, start_new_session=True)
    family: dict[int, psutil.Process] = {process.pid: process}
    try:
        while True:
            with contextlib.suppress(psutil.Error):
                family |= {child.pid: child for child in process.children(recursive=True)}
            now = _resident_mb(family.values())
            most = max(most, now)
            left = time_s - (time.perf_counter() - began)
            if now > memory_mb or left <= 0:
                cap = "memory_cap" if now > memory_mb else "time_cap"
                break
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(min(wait, left))
                break
            wait = min(1.5 * wait, SAMPLE_S[1])
        seconds = time.perf_counter() - began
    finally:
        _kill(process, family.values())
    return Ended(process.wait(), cap, seconds, most)


def _resident_mb(family: Iterable[psutil.Process]) -> float:
    most = 0
    for process in family:
        with contextlib.suppress(psutil.Error):
            most += process.memory_info().rss
    return most / 1e6


def _kill(process: psutil.Process, family: Iterable[psutil.Process]) -> None:
    """End what still runs of a command: its process group, and those that went into groups of their own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    alive = list(family)
    for one in alive:
        with contextlib.suppress(psutil.Error):
            one.kill()
    psutil.wait_procs(alive, timeout=GRACE_S)
