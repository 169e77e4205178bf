"""A solve that is killed at any moment leaves the place of its result as it was, or a whole result; and its checkpoint.

The moments are drawn at random, the same parts of a run in every test: of the whole run, of its solving, and of the
time from the check to the end, in which the result is written. 4 kills run with the other tests, 20 where the
environment variable HEATNET_NIGHT is set.

Sensitivity:
- absent or whole: a result that is written in place, file by file, would be found half written.
- earlier result: a result that is removed before the new one is whole would be lost, and a mix of both would pass.
- nothing else left: files beside the result that are not hidden, or that carry another name, would pass.
- goes on: a checkpoint that is half, or that `--start` does not find, would end the next solve with a fault; where none
  was written yet, an exception instead of a sentence would pass.
- the plan is used: a start that is read and dropped would begin with the rounds again, and with a dearer plan.
- next solve: a leftover that is taken for a result, for a lock or for the place itself would stop the next solve, or
  be thrown away by it with the earlier result in it.
- while building: if every process ended before its kill, all of the others would be idle.
- at a move: the moments between two moves are too short for chance; a move in several steps would pass.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from conftest import NIGHT, call, command, tiny

from heatnet import checkpoint, run
from heatnet.check import check
from heatnet.instance import read

KILLS = 20 if NIGHT else 4
MEDIUM = ("--days", 2, "--step-hours", 2, "--gap", 0.02, "--threads", 1)
"""Options under which the solve of the tiny instance takes about as long as the start of the program."""
COARSE = ("--days", 1, "--step-hours", 24, "--gap", 0.05, "--threads", 1)
PARTS = ("check", "build", "check", "")
"""The line on stderr from which a moment is counted, in turn; blank: from the start of the process."""

DIE_AT_A_MOVE = """
import os, signal, sys
moves = 0
def die(event, arguments):
    global moves
    if event == "os.rename" and ".run-" in str(arguments):
        moves += 1
        if moves == {move}:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(die)
"""

DIE_AFTER_A_CHECKPOINT = """
import os, signal, sys
moved = False
def die(event, arguments):
    global moved
    if moved and event == "open":
        os.kill(os.getpid(), signal.SIGKILL)
    moved = moved or event == "os.rename" and "run.part" in str(arguments)
sys.addaudithook(die)
"""


@contextlib.contextmanager
def started(*arguments: object, before: str = "") -> Iterator[subprocess.Popen[str]]:
    """The console script with these arguments, running, after the script `before`; it does not outlive the block."""
    words = command(*arguments, before=before)
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(process: subprocess.Popen[str], word: str) -> None:
    """Read stderr up to the line that begins with a word, or to its end; a blank word is there at once."""
    assert process.stderr is not None
    while word and (line := process.stderr.readline()) and not line.startswith(word):
        pass


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@dataclass(frozen=True)
class Scene:
    """A city, a result of it, and how many seconds a solve takes from each of `PARTS` to its end."""

    city: Path
    earlier: Path
    seconds: dict[str, float]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The tiny instance, solved coarsely, and a solve of it measured."""
    place = tmp_path_factory.mktemp("scene")
    city = tiny(place)
    earlier = place / "earlier"
    assert call("solve", city, "--out", earlier, *COARSE).code == 0
    passed = {}
    with started("solve", city, "--out", place / "measured", *MEDIUM) as process:
        for part in ("", "build", "check"):
            wait_for(process, part)
            passed[part] = time.perf_counter()
        process.wait()
        seconds = {part: time.perf_counter() - moment for part, moment in passed.items()}
    assert call("check", place / "measured").code == 0
    return Scene(city, earlier, seconds)


def assert_whole(scene: Scene, out: Path, replaced: bool) -> None:
    """Absent, as it was, or a whole new result; nothing beside it but hidden leftovers and a checkpoint, from which the
    next solve goes on where there is one.
    """
    before, part = content(scene.earlier), checkpoint.beside(out)
    leftovers = {path for path in out.parent.iterdir() if path not in (out, part)}
    assert all(path.name.startswith(f".{out.name}-") for path in leftovers), leftovers
    if out.exists():
        assert call("check", out).code == 0
        assert content(out).keys() >= before.keys()
        assert replaced or content(out) != before
    elif replaced:  # the kill came between the two moves of an exchange
        assert [folder for folder in leftovers if content(folder / "old") == before]
    force = ("--force",) if out.exists() else ()
    start: tuple[object, ...] = ("--start", out)
    if not out.exists() and checkpoint.latest(part) is None:
        done = call("solve", scene.city, "--out", out, *start, *COARSE)
        assert done.code == 2
        assert str(out) in done.sentence
        start = ()
    assert call("solve", scene.city, "--out", out, *start, *force, *COARSE, "--seed", 7).code == 0
    assert call("check", out).code == 0
    assert json.loads((out / "result.json").read_text(encoding="utf-8"))["options"]["seed"] == 7
    assert {path for path in out.parent.iterdir() if path != out} == leftovers  # without the checkpoint


@pytest.fixture(params=[False, True], ids=["new", "replaced"])
def replaced(request: pytest.FixtureRequest) -> bool:
    """Whether an earlier result stands at the place."""
    return bool(request.param)


@pytest.fixture
def out(scene: Scene, tmp_path: Path, replaced: bool) -> Path:
    """The place of a result, in a folder of its own."""
    place = tmp_path / "results" / "run"
    place.parent.mkdir()
    if replaced:
        shutil.copytree(scene.earlier, place)
    return place


@pytest.mark.parametrize("number", range(KILLS // 2))
def test_kill(scene: Scene, out: Path, replaced: bool, number: int) -> None:
    """A kill at a random moment leaves nothing that is half a result or stands in the way."""
    part = PARTS[number % len(PARTS)]
    moment = Random(f"{number} {replaced}").random() * scene.seconds[part]
    with started("solve", scene.city, "--out", out, "--force", *MEDIUM) as process:
        wait_for(process, part)
        time.sleep(moment)
        process.kill()
        code = process.wait()
    assert code in (-signal.SIGKILL, 0)
    assert_whole(scene, out, replaced)


def test_kill_while_building(scene: Scene, out: Path, replaced: bool) -> None:
    """A kill before there is an answer leaves the place as it was, and what was begun is hidden."""
    with started("solve", scene.city, "--out", out, "--force", *MEDIUM) as process:
        wait_for(process, "build")
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert len(list(out.parent.glob(".run-*"))) == 1
    assert (content(out) if out.exists() else None) == (content(scene.earlier) if replaced else None)
    assert_whole(scene, out, replaced)


def test_the_plan_is_used(scene: Scene, out: Path, replaced: bool) -> None:
    """A kill right after the first checkpoint: the next solve skips the rounds before a plan, and begins near its cost.

    Commitment is decided again, to a tenth of the gap of 2 %. Without a start the first cost is nearly twice as high.
    """
    script = DIE_AFTER_A_CHECKPOINT
    with started("solve", scene.city, "--out", out, "--force", *MEDIUM, before=script) as process:
        assert process.wait() == -signal.SIGKILL
    left = run.start(out, read(scene.city))
    assert left.plan is not None
    assert len(left.plan.days) == 2  # the plan of the killed solve, not that of the earlier result
    cost = check(read(scene.city), left.plan).cost
    with started("solve", scene.city, "--out", out, "--force", "--start", out, *MEDIUM) as process:
        assert process.stderr is not None
        phases = {line.split()[0] for line in process.stderr}
        assert process.wait() == 0
    assert "start" in phases
    assert not phases & {"relaxation", "plan"}
    document = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert next(known for _, known, _ in document["trace"] if known is not None) <= cost * 1.02
    assert document["cost"] <= cost * 1.002
    assert not checkpoint.beside(out).exists()
    assert_whole(scene, out, replaced=True)


@pytest.mark.parametrize("move", [1, 2])
def test_kill_at_a_move(scene: Scene, out: Path, replaced: bool, move: int) -> None:
    """A kill right before the first or second move of the writing: the worst moments, which chance seldom meets."""
    with started(
        "solve", scene.city, "--out", out, "--force", *COARSE, before=DIE_AT_A_MOVE.format(move=move)
    ) as process:
        code = process.wait()
    assert code == (-signal.SIGKILL if move == 1 or replaced else 0)
    assert_whole(scene, out, replaced)
