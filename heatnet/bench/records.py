"""Records of runs: a JSON object a line, appended by one process at a time; of a cut file the whole lines are kept."""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from heatnet.errors import RunError, UsageError
from heatnet.solve import within

ANSWERED = ("optimal", "feasible", "infeasible", "no_solution", "done")
"""Statuses of runs that came to their end: those of a solve, and `done` for a script."""

FAULTY = ("error", "invalid", "contradicted", "time_cap", "memory_cap", "killed", "crashed")
"""Statuses that should not be: refused by the checker, killed at a cap, ended from outside, or by an exception."""

SKIPPED = "skipped"
"""Status of a run that was not started; it is tried again."""

START = b'{"suite":'
"""What every line begins with."""

Identity = tuple[str, str]
"""What a run is a run of: hash of the instance with its schedule (blank for a script), and of the options."""

Question = tuple[str, int, int]
"""What costs and bounds are of: hash of the instance with its schedule, representative days, hours of a step."""


class Run(BaseModel):
    """One run of the suite of that title. Costs are in `unit`; seconds are wall-clock; trace is that of `result.json`.

    `instance_sha256` is of the instance with its schedule, `options_sha256` of `options`; `known_cost` and
    `known_bound` are what the index of best known values held at that time. Keys of later versions are left out.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    suite: str
    name: str
    title: str = ""
    target: str = ""
    begun: datetime.datetime
    commit: str | None
    dirty: bool
    code_sha256: str
    versions: dict[str, str]
    machine: dict[str, str | int]
    instance: str | None
    instance_sha256: str | None
    schedule: str | None
    generated: dict[str, str | int | float] | None = None
    solver: str
    options: dict[str, Any]
    options_sha256: str
    threads: int
    seed: int
    time_cap_s: float
    memory_cap_mb: float
    status: str
    reason: str = ""
    exit_code: int | None = None
    wall_s: float | None = None
    seconds: dict[str, float] = {}
    peak_rss_mb: float | None = None
    days: int | None = None
    step_hours: int | None = None
    cost: float | None = None
    bound: float | None = None
    gap: float | None = None
    unit: str | None = None
    primal_integral_s: float | None = None
    size: dict[str, int] = {}
    rounds: int | None = None
    cuts: int | None = None
    violations: int | None = None
    known_cost: float | None = None
    known_bound: float | None = None
    trace: tuple[tuple[float, float | None, float | None], ...] = ()
    log: str | None = None

    @property
    def identity(self) -> Identity:
        """What runs of two files are paired by."""
        return self.instance_sha256 or "", self.options_sha256

    @property
    def question(self) -> Question | None:
        """What its cost and bound are of; None where there is neither."""
        if self.instance_sha256 is None or self.days is None or self.step_hours is None:
            return None
        return self.instance_sha256, self.days, self.step_hours

    @property
    def key(self) -> str:
        """Runs of one key need to be made only once: same question, options, seed, caps, code, versions and machine."""
        parts = (self.identity, self.seed, self.time_cap_s, self.memory_cap_mb)
        return json.dumps([parts, self.code_sha256, self.versions, self.machine], sort_keys=True)

    @property
    def answered(self) -> bool:
        """Whether it came to its end."""
        return self.status in ANSWERED

    @property
    def spent_s(self) -> float | None:
        """Seconds of the whole: as the command counts them, else as seen from outside."""
        return self.seconds.get("total", self.wall_s)

    @property
    def first_plan_s(self) -> float | None:
        """Seconds of the search to its first plan."""
        return next((second for second, cost, _ in self.trace if cost is not None), None)

    def gap_after_s(self, gap: float) -> float | None:
        """Seconds of the search after which cost and bound were so near."""
        known = ((second, cost, bound) for second, cost, bound in self.trace if cost is not None and bound is not None)
        return next((second for second, cost, bound in known if within(cost, bound, gap)), None)


@dataclass(frozen=True)
class Records:
    """The runs of a file, and sentences on lines of it that are none."""

    runs: tuple[Run, ...]
    faults: tuple[str, ...] = ()


def read(path: Path) -> Records:
    """The runs of a file. Raises UsageError where it is not there, or where no line of it is a run."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); give a file of `heatnet bench run`.") from None
    return _parsed(path, content)[0]


def _parsed(path: Path, content: bytes) -> tuple[Records, int]:
    """The runs in the content of a file, and how many of its bytes are whole lines."""
    runs, faults, whole = list[Run](), list[str](), 0
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        try:
            runs.append(Run.model_validate_json(line))
        except ValidationError:
            if number == len(lines) and not line.endswith(b"\n") and line.startswith(START[: len(line)]):
                faults.append(f"{path}: its last line is cut and left out; runs kept: {len(runs)}.")
                break
            faults.append(f"{path}: line {number} is no run and is left out.")
        whole += len(line)
    if whole and not runs:
        raise UsageError(f"{path}: holds no runs of `heatnet bench run`; give another file.")
    return Records(tuple(runs), tuple(faults)), whole


@dataclass
class Journal:
    """A file of runs that this process alone writes."""

    file: IO[bytes]
    faults: tuple[str, ...]
    runs: list[Run] = field(default_factory=list)

    def append(self, run: Run) -> None:
        """Write a run, and have it on the disk before anything else is done. Raises RunError where it cannot be."""
        try:
            self.file.write(run.model_dump_json().encode() + b"\n")
            self.file.flush()
            os.fsync(self.file.fileno())
        except OSError as error:
            raise RunError(f"{self.file.name}: a run cannot be written ({error.strerror}).") from None
        self.runs.append(run)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Journal]:
    """A file of runs, locked, to append to; what a cut left of a last line is removed.

    Raises UsageError where another process writes it, or where it holds something else; RunError where it cannot be
    written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror}).") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(f"{path}: another `heatnet bench run` writes it; wait, or choose another --out.") from None
        file.seek(0)
        content = file.read()
        found, whole = _parsed(path, content)
        file.truncate(whole)
        if whole and not content[:whole].endswith(b"\n"):  # whole but for the end of the line
            file.write(b"\n")
        yield Journal(file, found.faults, list(found.runs))


def latest(runs: Iterable[Run]) -> dict[Identity, list[Run]]:
    """Runs that were started by what they are runs of; of several with one seed the last."""
    found: dict[Identity, dict[int, Run]] = {}
    for run in runs:
        if run.status != SKIPPED:
            found.setdefault(run.identity, {})[run.seed] = run
    return {identity: list(seeds.values()) for identity, seeds in found.items()}
