"""Caps that are held from outside, over all processes of a command.

Sensitivity:
- time: a command that is only asked to stop, or whose children are left running, would outlive its cap.
- a session of its own: a child that left the process group would be left running.
- memory: a cap on the parent alone, or on each process by itself, would let two halves through.
- peak: memory of the parent alone would be too low by that of its child.
- interrupt: Ctrl-C would leave the command running behind.
- left behind: a child that outlives a command that ended by itself would stay.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from heatnet.bench.process import Ended, capped

TWO_HALVES = """
import os, time
there = os.fork()
kept = b"x" * 150_000_000
time.sleep(30 if there else 29)
"""


def run(command: list[str], cwd: Path, *, time_s: float = 60.0, memory_mb: float = 10_000.0) -> Ended:
    """Run a command without looking at what it prints."""
    with (cwd / "out").open("wb") as out, (cwd / "err").open("wb") as err:
        return capped(command, cwd=cwd, out=out, err=err, time_s=time_s, memory_mb=memory_mb)


def gone(file: Path) -> bool:
    """Whether the processes whose numbers stand in a file have ended; at least one must stand there."""
    numbers = [int(word) for word in file.read_text(encoding="utf-8").split()]
    assert numbers

    def alive(number: int) -> bool:
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
        return False

    return not any(alive(number) for number in numbers)


def test_end_of_a_command(tmp_path: Path) -> None:
    ended = run(["sh", "-c", "sleep 0.3; exit 7"], tmp_path)
    assert (ended.exit_code, ended.cap) == (7, None)
    assert ended.wall_s >= 0.3


@pytest.mark.parametrize("child", ["sleep 61", "setsid sleep 61"], ids=["group", "own session"])
def test_time_cap(tmp_path: Path, child: str) -> None:
    ended = run(["sh", "-c", f"{child} & echo $! $$ > pids; wait"], tmp_path, time_s=1.5)
    assert (ended.cap, ended.exit_code) == ("time_cap", -signal.SIGKILL)
    assert gone(tmp_path / "pids")


def test_memory_cap_over_the_tree(tmp_path: Path) -> None:
    """Parent and child hold 150 MB each: within 250 MB alone, above it together."""
    ended = run([sys.executable, "-c", TWO_HALVES], tmp_path, memory_mb=250)
    assert ended.cap == "memory_cap"
    assert ended.peak_rss_mb > 250
    assert ended.wall_s < 29


def test_peak_of_the_tree(tmp_path: Path) -> None:
    ended = run([sys.executable, "-c", TWO_HALVES.replace("30", "2").replace("29", "2")], tmp_path)
    assert ended.cap is None
    assert 300 < ended.peak_rss_mb < 400


def test_interrupt(tmp_path: Path) -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(["sh", "-c", "sleep 61 & echo $! $$ > pids; wait"], tmp_path)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert gone(tmp_path / "pids")


def test_child_left_behind(tmp_path: Path) -> None:
    ended = run(["sh", "-c", "sleep 61 & echo $! > pids"], tmp_path)
    assert ended.exit_code == 0
    until = time.monotonic() + 5
    while not gone(tmp_path / "pids") and time.monotonic() < until:
        os.sched_yield()
    assert gone(tmp_path / "pids")
