"""A solve that is killed at any moment leaves the place of its result as it was, or a whole result.

The moments are drawn at random, the same parts of a run in every test: of the whole run, of its solving, and of the
time from the check to the end, in which the result is written. 4 kills run with the other tests, 20 where the
environment variable HEATNET_NIGHT is set.

Sensitivity:
- absent or whole: a result that is written in place, file by file, would be found half written.
- earlier result: a result that is removed before the new one is whole would be lost, and a mix of both would pass.
- nothing else left: files beside the result that are not hidden, or that carry another name, would pass.
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
    """Absent, as it was, or a whole new result; nothing beside it but hidden leftovers; and the next solve works."""
    before = content(scene.earlier)
    leftovers = {path for path in out.parent.iterdir() if path != out}
    assert all(path.name.startswith(f".{out.name}-") for path in leftovers), leftovers
    if out.exists():
        assert call("check", out).code == 0
        assert content(out).keys() >= before.keys()
        assert replaced or content(out) != before
    elif replaced:  # the kill came between the two moves of an exchange
        assert [folder for folder in leftovers if content(folder / "old") == before]
    force = ("--force",) if out.exists() else ()
    assert call("solve", scene.city, "--out", out, *force, *COARSE, "--seed", 7).code == 0
    assert call("check", out).code == 0
    assert json.loads((out / "result.json").read_text(encoding="utf-8"))["options"]["seed"] == 7
    assert {path for path in out.parent.iterdir() if path != out} == leftovers


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


@pytest.mark.parametrize("move", [1, 2])
def test_kill_at_a_move(scene: Scene, out: Path, replaced: bool, move: int) -> None:
    """A kill right before the first or second move of the writing: the worst moments, which chance seldom meets."""
    with started(
        "solve", scene.city, "--out", out, "--force", *COARSE, before=DIE_AT_A_MOVE.format(move=move)
    ) as process:
        code = process.wait()
    assert code == (-signal.SIGKILL if move == 1 or replaced else 0)
    assert_whole(scene, out, replaced)
