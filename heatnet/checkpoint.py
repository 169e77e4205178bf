"""Checkpoints: what a solve leaves beside the place of its result while it goes on, for a later one to begin from.

The result folder `RUN` has them in `RUN.part`, in numbered folders of which the last one counts. Each is written under
a hidden name, and moved in one step when it is on the disk; the one before is removed after that. So a kill at any
moment leaves the last one whole.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from heatnet.errors import RunError
from heatnet.instance import Instance
from heatnet.instance.records import Record
from heatnet.solution import Solution
from heatnet.solve import CUTS, Start

PART = "part.json"
CUTS_FILE = "cuts.parquet"
NAME = "checkpoint-"


class Part(Record):
    """`part.json`: the run that goes on, its seconds so far, and whether the checkpoint holds a plan and cuts."""

    instance: str
    instance_sha256: str
    schedule: str | None
    days: int
    step_hours: int
    seconds: float
    plan: bool
    cuts: bool
    version: str


@dataclass
class Checkpoints:
    """The checkpoints of one solve. `last` is what there is to go on from: first that which it begins from itself."""

    folder: Path
    instance: Instance
    days: int
    step_hours: int
    last: Start
    began: float = field(default_factory=time.perf_counter)

    def keep(self, more: Start) -> None:
        """Write a checkpoint: what is new, and what it does not replace of the last one.

        It is a `heatnet.solve.Keeper`, but for RunError, raised where the disk is full or the like.
        """
        plan = self.last.plan if more.plan is None else more.plan
        cuts = self.last.cuts if more.cuts is None else more.cuts
        try:
            self._write(Start(plan, cuts))
        except OSError as error:
            reason = error.strerror or error
            raise RunError(f"{self.folder}: no checkpoint can be written ({reason}); the solve goes on.") from None
        self.last = Start(plan, cuts)

    def _write(self, start: Start) -> None:
        self.folder.mkdir(exist_ok=True)
        before = list(_ours(self.folder))
        try:
            draft = Path(tempfile.mkdtemp(prefix=f".{NAME}", dir=self.folder))
            try:
                draft.chmod(0o755)  # mkdtemp gives 0o700; a colleague may go on from here
                self._fill(draft, start)
                last = latest(self.folder)
                draft.rename(self.folder / f"{NAME}{_number(last) + 1 if last else 1}")
                _sync(self.folder)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
            for old in before:
                shutil.rmtree(old, ignore_errors=True)
        finally:
            with contextlib.suppress(OSError):  # nothing came of the first one
                self.folder.rmdir()

    def _fill(self, draft: Path, start: Start) -> None:
        if start.plan is not None:
            start.plan.write(draft)
        if start.cuts is not None:
            write_cuts(start.cuts, draft)
        part = Part(
            instance=self.instance.header.name,
            instance_sha256=self.instance.sha256,
            schedule=self.instance.schedule_name,
            days=self.days,
            step_hours=self.step_hours,
            seconds=round(time.perf_counter() - self.began, 3),
            plan=start.plan is not None,
            cuts=start.cuts is not None,
            version=importlib.metadata.version("heatnet"),
        )
        (draft / PART).write_text(part.model_dump_json(indent=1) + "\n", encoding="utf-8")
        for path in (*draft.iterdir(), draft):
            _sync(path)


def beside(out: Path) -> Path:
    """Where the checkpoints of a result folder are."""
    place = Path(os.path.abspath(out))  # noqa: PTH100 - resolve() would follow a link that is to be replaced
    return place.with_name(f"{place.name}.part")


def latest(folder: Path) -> Path | None:
    """The last checkpoint of a folder, or None."""
    return max((path for path in _ours(folder) if _number(path)), key=_number, default=None)


def remove(folder: Path) -> None:
    """Remove the checkpoints of a folder, and the folder where nothing else is in it.

    Each is hidden in one step first: a kill while its files go leaves no half of it that counts.
    """
    for path in sorted(_ours(folder)):  # what an earlier kill left hidden is the first to go
        hidden = folder / f".{path.name.removeprefix('.')}"
        with contextlib.suppress(OSError):
            path.rename(hidden)
        shutil.rmtree(hidden, ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


def read(folder: Path) -> tuple[Part, Start]:
    """Read a checkpoint. Raises RunError with one sentence for what in it is missing or damaged."""
    try:
        part = Part.model_validate_json((folder / PART).read_text(encoding="utf-8"), strict=True)
    except (OSError, ValueError):
        raise RunError(f"{folder / PART}: is missing or damaged; this is no checkpoint of heatnet.") from None
    plan = Solution.read(folder, part.step_hours) if part.plan else None
    cuts = read_cuts(folder)
    if part.cuts and cuts is None:
        raise RunError(f"{folder / CUTS_FILE}: is missing; {PART} tells of it.")
    return part, Start(plan, cuts)


def write_cuts(cuts: pd.DataFrame, folder: Path) -> None:
    """Write cuts into a folder, for `read_cuts`."""
    cuts.to_parquet(folder / CUTS_FILE, index=False)


def read_cuts(folder: Path) -> pd.DataFrame | None:
    """The cuts in a folder, or None. Raises RunError with one sentence for a file that holds something else."""
    path = folder / CUTS_FILE
    if not path.exists():
        return None
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError, TypeError) as error:
        raise RunError(f"{path}: cannot be read as a table of cuts ({error}).") from None
    if list(table.columns) != list(CUTS):
        raise RunError(f"{path}: has the columns {list(table.columns)}; cuts have {list(CUTS)}.")
    if not table.dtypes.equals(pd.DataFrame(columns=list(CUTS)).astype(CUTS).dtypes):
        raise RunError(f"{path}: has columns of other types than cuts have.")
    known = table.notna().all(axis=None) and table["kind"].isin(["cost", "feasible"]).all()
    if not known or not np.isfinite(table["value"]).all():
        raise RunError(f"{path}: has rows that are no cuts.")
    return table


def _ours(folder: Path) -> Iterator[Path]:
    """Checkpoints and drafts of them in a folder; whatever else is there is somebody else's."""
    return (path for path in folder.glob("*") if _number(path) or path.name.startswith(f".{NAME}"))


def _number(path: Path) -> int:
    """Number of a checkpoint, from 1; 0 for what is none."""
    digits = path.name.removeprefix(NAME)
    return int(digits) if path.name.startswith(NAME) and digits.isdecimal() else 0


def _sync(path: Path) -> None:
    """Have a file or folder on the disk, not only on its way there."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
