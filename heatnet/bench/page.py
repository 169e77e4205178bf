"""What the benchmarks share: a solve in a process of its own, and the head and table of a page of figures."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from heatnet.solve import versions

SAMPLE_S = 0.2
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Row:
    """One line of the page: what was measured, the figure, how many runs it is the median of, the target."""

    what: str
    figure: str
    runs: int
    target: str = ""


def figures(rows: Iterable[Row]) -> Iterator[str]:
    """Rows as the lines of a table."""
    yield "| what | median | runs | target |"
    yield "|---|---|---|---|"
    for row in rows:
        yield f"| {row.what} | {row.figure} | {row.runs} | {row.target} |"


def page(title: str, command: str, lines: Sequence[str]) -> str:
    """A page: by which command it was written, when, on what, and its lines."""
    head = [
        f"# {title}",
        "",
        f"Written by `{command}`. Seconds depend on the machine and its other work; ratios in one page hold better.",
        "",
        f"{datetime.date.today().isoformat()}, commit {_commit()}, {_machine()}.",
        ", ".join(f"{name} {version}" for name, version in versions().items()) + ".",
        "",
    ]
    return "\n".join([*head, *lines, ""])


def python(script: str) -> str:
    """What a script prints in a Python of its own."""
    return subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout


def heatnet(*arguments: str) -> tuple[str, float]:
    """What `heatnet` prints in a process of its own, and the most memory that it and its children had together, MB.

    Raises SystemExit where it ends in an error.
    """
    command = [sys.executable, "-c", "from heatnet.cli import main; main()", *arguments]
    with tempfile.TemporaryFile("w+") as told, tempfile.TemporaryFile("w+") as errors:
        process = psutil.Popen(command, stdout=told, stderr=errors)
        most = 0.0
        while process.poll() is None:
            with contextlib.suppress(psutil.Error):
                family = [process, *process.children(recursive=True)]
                most = max(most, sum(one.memory_info().rss for one in family) / 2**20)
            time.sleep(SAMPLE_S)
        errors.seek(0)
        told.seek(0)
        if process.returncode not in (0, 4):
            raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}:\n{errors.read()}")
        return told.read(), most


def solve(instance: str, *options: str, out: Path | None = None) -> dict[str, Any]:
    """`result.json` of a solve, `peak_rss_mb` being that of all its processes; the folder stays where `out` says."""
    with tempfile.TemporaryDirectory() as folder:
        told, most = heatnet("solve", instance, *options, "--out", str(out or Path(folder) / "run"), "--json")
    result: dict[str, Any] = json.loads(told)
    return result | {"peak_rss_mb": most}


def _commit() -> str:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], capture_output=True, text=True).stdout.strip()

    changed = " with changes" if git("status", "--porcelain", "--", "heatnet", "solvers", "instances") else ""
    return (git("rev-parse", "--short", "HEAD") or "unknown") + changed


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB, {platform.system()}"
