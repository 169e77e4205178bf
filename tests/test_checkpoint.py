"""Checkpoints: whole at every moment, read again as they were kept, and never somebody else's files.

Sensitivity:
- every moment: a checkpoint that is written in place, moved in two steps, or written after the old one is gone would be
  found half or missing at one of the moments.
- read again: a frame or a field of `part.json` that is not written, or written as another, would differ.
- nothing is forgotten: cuts that come without a plan would take the plan of before with them.
- full disk: a half draft would stay, or the checkpoint of before would be lost.
- removal cut short: half of a checkpoint would stay under its name, and the next `--start` end with a fault.
- others' files: a folder that only has the name would be emptied.
- damage: a table that holds something else would reach a solver; a fraction cut to a number, or NaN, unnoticed.
- of which run: a plan of another city, or nothing at all, would be taken for a start.
- cuts of a result: a result that has them would be no result any more (not replaced by --force, refused by check), or
  one without a plan would be no start.
- later than the result: `--start RUN` would fall back to what the killed run had gone on from.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from conftest import TUTORIAL, call, tiny

from heatnet import checkpoint, run
from heatnet.checkpoint import Checkpoints
from heatnet.errors import RunError, UsageError
from heatnet.instance import Instance, read
from heatnet.solution import COLUMNS, Solution
from heatnet.solve import CUTS, Answer, Result, Start, solve

TWO_CUTS = pd.DataFrame(
    [
        ("5a", 2025, 0, 0, "cost", "", "", 12.5),
        ("5a", 2025, 0, 0, "cost", "machines", "P1-chp", -0.25),
        ("5a", 2027, 1, 1, "feasible", "", "", 3.0),
    ],
    columns=list(CUTS),
).astype(CUTS)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """The tiny instance."""
    return read(tiny(tmp_path_factory.mktemp("city")))


@pytest.fixture(scope="module")
def answered(city: Instance) -> Result:
    """The tiny instance, solved on 2 days of 4 steps."""
    return solve(city, days=2, step_hours=6)


@pytest.fixture(scope="module")
def plan(answered: Result) -> Solution:
    """A plan for it."""
    assert answered.answer.solution is not None
    return answered.answer.solution


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The place of a result that is not there yet."""
    return tmp_path / "run"


def checkpoints(city: Instance, out: Path, last: Start | None = None) -> Checkpoints:
    """Those of a solve of the tiny instance."""
    return Checkpoints(checkpoint.beside(out), city, 2, 6, last or Start())


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def assert_same(one: Solution | None, other: Solution | None) -> None:
    """Two plans are equal in every frame."""
    assert one is not None
    assert other is not None
    for name in COLUMNS:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


def test_read_again(city: Instance, plan: Solution, out: Path) -> None:
    """What was kept is what is read: the plan, the cuts, and of which run they are."""
    checkpoints(city, out).keep(Start(plan, TWO_CUTS))
    last = checkpoint.latest(out.with_name("run.part"))
    assert last is not None
    part, left = checkpoint.read(last)
    assert (part.instance, part.instance_sha256, part.schedule) == ("tiny", city.sha256, None)
    assert (part.days, part.step_hours, part.plan, part.cuts) == (2, 6, True, True)
    assert part.seconds >= 0.0
    assert_same(left.plan, plan)
    assert left.cuts is not None
    pd.testing.assert_frame_equal(left.cuts, TWO_CUTS)
    assert last.stat().st_mode & 0o777 == 0o755


def test_nothing_is_forgotten(city: Instance, plan: Solution, out: Path) -> None:
    """Cuts join the plan that the solve began from; a better plan leaves the cuts; one checkpoint stays."""
    written = checkpoints(city, out, Start(plan))
    written.keep(Start(cuts=TWO_CUTS))
    left = run.start(out, city)
    assert_same(left.plan, plan)
    assert left.cuts is not None
    written.keep(Start(plan))
    assert run.start(out, city).cuts is not None
    written.keep(Start(cuts=TWO_CUTS.head(1)))
    left = run.start(out, city)
    assert left.cuts is not None
    assert len(left.cuts) == 1
    assert len(list(checkpoint.beside(out).iterdir())) == 1


EVERY_MOMENT = """
import os, shutil, sys
from pathlib import Path
from heatnet import checkpoint, run
from heatnet.instance import read
from heatnet.solve import Start
result, out, snapshots = map(Path, sys.argv[1:])
earlier = run.load(result)
plan = Start(earlier.solution)
written = checkpoint.Checkpoints(checkpoint.beside(out), earlier.instance, 2, 6, Start())
moments, busy = 0, True
def copy(event, arguments):
    global moments, busy
    if not busy and event.split(".")[0] in ("open", "os", "shutil") and written.folder.exists():
        busy = True
        shutil.copytree(written.folder, snapshots / f"{moments:04}" / "run.part")
        moments, busy = moments + 1, False
sys.addaudithook(copy)
for _ in range(3):
    busy = False
    written.keep(plan)
    busy = True
    (snapshots / f"{moments:04}").mkdir()
    moments += 1
"""
"""Writes three checkpoints, and copies what is on the disk before each call that may change it: what a kill right there
leaves. An empty folder stands where one is written."""


def test_every_moment(city: Instance, answered: Result, tmp_path: Path) -> None:
    """A kill at any moment of the writing leaves the checkpoint before it or the new one, whole."""
    result, snapshots = tmp_path / "result", tmp_path / "snapshots"
    with run.reserved(result, force=False) as hidden:
        run.save(answered, city, hidden, {})
    done = subprocess.run(
        [sys.executable, "-c", EVERY_MOMENT, result, tmp_path / "run", snapshots],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    number, met = 0, 0
    for moment in sorted(snapshots.iterdir()):
        place = moment / "run.part"
        if not place.exists():
            number += 1
            continue
        met += 1
        last = checkpoint.latest(place)
        if number:
            assert last is not None, moment
        if last is not None:
            assert last.name in (f"checkpoint-{number}", f"checkpoint-{number + 1}")
            assert_same(checkpoint.read(last)[1].plan, answered.answer.solution)
            assert run.start(moment / "run", city).plan is not None
    assert number == 3
    assert met > 3 * len(COLUMNS)


def full(*_: object, **__: object) -> None:
    """What a full disk does."""
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("owner", "name"),
    [(pd.DataFrame, "to_csv"), (pd.DataFrame, "to_parquet"), (os, "fsync"), (Path, "rename"), (Path, "mkdir")],
    ids=["table", "parquet", "disk", "move", "folder"],
)
def test_full_disk(
    city: Instance, plan: Solution, out: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    """A full disk is one sentence; nothing is left of a first checkpoint, and nothing of a second but the first."""
    written = checkpoints(city, out)
    before: dict[str, bytes] = {}
    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, full)
            with pytest.raises(RunError, match=r"No space left.*goes on\.$"):
                written.keep(Start(plan))
        assert content(out.parent) == before
        assert before or not list(out.parent.iterdir())
        written.keep(Start(plan))
        before = content(out.parent)


def test_files_of_others(city: Instance, plan: Solution, out: Path) -> None:
    """What is not a checkpoint stays when checkpoints are written and removed; an empty folder goes."""
    place = checkpoint.beside(out)
    for name in ("2024", "checkpoint-mine", "checkpoint-0"):
        (place / name).mkdir(parents=True)
    (place / "letter.txt").write_text("precious", encoding="utf-8")
    assert checkpoint.latest(place) is None
    before = {path.name for path in place.iterdir()}
    checkpoints(city, out).keep(Start(plan))
    checkpoint.remove(place)
    assert {path.name for path in place.iterdir()} == before
    shutil.rmtree(place)
    checkpoints(city, out).keep(Start(plan))
    checkpoint.remove(place)
    assert not place.exists()


def test_removal_cut_short(city: Instance, plan: Solution, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill while a checkpoint is removed leaves no half of it to begin from; the next removal takes the rest."""
    for _ in range(2):
        checkpoints(city, out).keep(Start(plan))
        with monkeypatch.context() as patch:
            patch.setattr(shutil, "rmtree", lambda path, **_: (path / "part.json").unlink(missing_ok=True))
            checkpoint.remove(checkpoint.beside(out))
        assert checkpoint.latest(checkpoint.beside(out)) is None
    checkpoint.remove(checkpoint.beside(out))
    assert not checkpoint.beside(out).exists()


def without(column: str) -> Callable[[Path], None]:
    """Cuts that lack a column."""
    return lambda folder: TWO_CUTS.drop(columns=column).to_parquet(folder / "cuts.parquet", index=False)


def other(column: str, value: object) -> Callable[[Path], None]:
    """Cuts in which a column has another value in every row."""
    return lambda folder: TWO_CUTS.assign(**{column: value}).to_parquet(folder / "cuts.parquet", index=False)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "part.json gone": lambda folder: (folder / "part.json").unlink(),
    "part.json half": lambda folder: (folder / "part.json").write_text('{"instance": "tiny",', encoding="utf-8"),
    "part.json bytes": lambda folder: (folder / "part.json").write_bytes(bytes(range(128, 256))),
    "part.json of something else": lambda folder: (folder / "part.json").write_text("[]", encoding="utf-8"),
    "plan gone": lambda folder: (folder / "units.csv").unlink(),
    "plan half": lambda folder: (folder / "operation.parquet").write_bytes(b"PAR1"),
    "cuts gone": lambda folder: (folder / "cuts.parquet").unlink(),
    "cuts half": lambda folder: (folder / "cuts.parquet").write_bytes(b"PAR1"),
    "cuts of another table": lambda folder: shutil.copy(folder / "operation.parquet", folder / "cuts.parquet"),
    "cuts without a column": without("value"),
    "cuts with a fraction": other("cut", 0.5),
    "cuts of texts": other("value", "much"),
    "cuts without a value": other("value", float("nan")),
    "cuts without end": other("value", float("inf")),
    "cuts of another kind": other("kind", "no_good"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage(city: Instance, plan: Solution, out: Path, damage: Callable[[Path], object]) -> None:
    """A damaged checkpoint is one sentence that names the file."""
    checkpoints(city, out).keep(Start(plan, TWO_CUTS))
    damage(checkpoint.beside(out) / "checkpoint-1")
    for place in (out, checkpoint.beside(out)):
        with pytest.raises(UsageError, match=r"^--start .*checkpoint-1/\w+\.\w+: .*\.$"):
            run.start(place, city)


def test_of_which_run(city: Instance, plan: Solution, out: Path) -> None:
    """A checkpoint of another city is told, as is one that holds nothing; cuts alone are enough."""
    checkpoints(city, out).keep(Start(plan))
    with pytest.raises(UsageError, match=r"is a result of tiny, not of tutorial\.$"):
        run.start(out, read(TUTORIAL))
    checkpoints(city, out).keep(Start())
    with pytest.raises(UsageError, match="holds no plan"):
        run.start(out, city)
    checkpoints(city, out).keep(Start(cuts=TWO_CUTS))
    left = run.start(out, city)
    assert left.plan is None
    assert left.cuts is not None


def test_cuts_of_a_result(city: Instance, answered: Result, plan: Solution, out: Path) -> None:
    """A result may have cuts, beside its plan or alone; it is sound, replaced by --force, and a start."""
    nothing = Answer("no_solution", "time limit", None, None, None, cuts=TWO_CUTS)
    for answer in (replace(answered.answer, cuts=TWO_CUTS), nothing):
        found = replace(answered, answer=answer, report=answered.report if answer.solution else None)
        with run.reserved(out, force=True) as hidden:
            run.save(found, city, hidden, {})
        left = run.start(out, city)
        assert left.cuts is not None
        pd.testing.assert_frame_equal(left.cuts, TWO_CUTS)
        assert (left.plan is None) == (answer.solution is None)
        assert call("check", out).code == (4 if answer.solution is None else 0)
    without("value")(out)
    assert call("check", out).code == 5
    done = call("solve", out / "instance", "--out", out.with_name("next"), "--start", out)
    assert done.code == 2
    assert "cuts.parquet" in done.sentence


def test_later_than_the_result(city: Instance, answered: Result, plan: Solution, out: Path) -> None:
    """A checkpoint beside a result is begun from, not the result; it goes when the next result is written."""
    with run.reserved(out, force=False) as hidden:
        run.save(answered, city, hidden, {})
    assert run.start(out, city).cuts is None
    checkpoints(city, out).keep(Start(plan, TWO_CUTS))
    assert run.start(out, city).cuts is not None
    with pytest.raises(ValueError, match="stop"), run.reserved(out, force=True):
        raise ValueError("stop")
    assert checkpoint.beside(out).exists()
    with run.reserved(out, force=True) as hidden:
        run.save(answered, city, hidden, {})
    assert run.start(out, city).cuts is None
    assert [path.name for path in out.parent.iterdir()] == ["run"]
