"""Bad input at scale: folders spoilt at random are refused in sentences, or solved and checked; nothing is strewn.

Every number is one mutation, the same in every run: the tutorial or the rich instance, spoilt by one to three changes.
300 of them run with the other tests, 5,000 where the environment variable HEATNET_NIGHT is set.

Sensitivity:
- mutation, validate: a crash of the reader or of a rule between rows, a fault without its file, a cell that breaks a
  sentence in two, floods it or steers the terminal, and a wrong count of faults would pass.
- mutation, nothing touched: a name in a table, header or schedule that leads a file out of its folder would pass.
- mutation, solve: what is called valid and then crashes the formulation, the solver, the checker or the report, breaks
  a law, or is written so that it cannot be read again, would pass.
- figure beyond bounds: a figure that no city has and that nobody refuses would end in a crash, in the words of a solver
  that does not take the model, or in a plan that is wrong.
- schedule outside: a name of a schedule that leads to a file elsewhere would pass.
- folder is none: an instance that is a file, a link to itself or nothing would crash.
- in a process of its own: what only a whole process shows would pass: an exit code lost, a warning of a library, an
  encoding of the terminal.
- every change changes: a change that leaves the folder as it was would make the mutations idle.
- both ends are met: if nearly all folders were refused, or none, half of the above would never run.
- judge: a judge who accepts a crash, a fault without a file or a wrong count would accept all of the above.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path
from random import Random

import pytest
from conftest import NIGHT, Call, call, command

from heatnet.instance import read, records
from instance.changes import CHANGES, OUTSIDE, sound, spoilt

MUTATIONS = 5000 if NIGHT else 300
SOLVED_SHARE = 0.5 if NIGHT else 0.3
"""Part of the mutations that is solved where it is valid."""

COARSE = ("--days", 1, "--step-hours", 24, "--gap", 0.05, "--time-limit", 5, "--threads", 1)
LONGEST = 2000
"""Characters of the longest sentence: one that lists every column of a table has fewer."""


# --- what a call leaves ------------------------------------------------------------------------------------------


def process(*arguments: object) -> Call:
    """Run the console script with these arguments."""
    done = subprocess.run(command(*arguments), capture_output=True, timeout=120, check=False)
    return Call(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


FILE = re.compile(
    rf"({'|'.join(records.TABLES)})\.csv|instance\.toml|series/season\.csv|schedules/.+|[^/]*\.[cC][sS][vV]"
)


def judge(done: Call) -> None:
    """A refusal is exit code 2 and one sentence for each fault that begins with its file; anything else is calm."""
    assert "Traceback" not in done.out + done.err
    assert "heatnet failed" not in done.err, done.err
    if done.code != 2:
        return
    assert done.out == ""
    *faults, last = done.err.removesuffix("\n").split("\n")
    number = len(faults)
    assert number >= 1
    assert last == f"{number} fault{'s' if number != 1 else ''}; nothing was written.", (last, faults[:5])
    for fault in faults:
        place, _, sentence = fault.partition(": ")
        assert FILE.fullmatch(place.partition(", ")[0]), fault[:LONGEST]
        assert sentence.endswith((".", "?")), fault[:LONGEST]
        assert len(fault) <= LONGEST
        assert not any(unicodedata.category(letter) == "Cc" for letter in fault), repr(fault)


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    """Everything in a folder at every depth: size in bytes and time of change in nanoseconds, links not followed."""
    found = {}
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            state = (Path(root) / name).lstat()
            found[os.path.relpath(Path(root) / name, folder)] = (state.st_size, state.st_mtime_ns)
    return found


# --- the mutations -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(MUTATIONS))
def test_mutation(tmp_path: Path, number: int) -> None:
    """A spoilt folder is refused in sentences, or is valid and solved with an answer that stands; no file is strewn."""
    place = tmp_path / "a" / "b"
    place.mkdir(parents=True)
    folder, random = spoilt(place, number)
    assert_told_or_solved(tmp_path, folder, random, SOLVED_SHARE)


def assert_told_or_solved(tmp_path: Path, folder: Path, random: Random, share: float) -> None:
    """Validate a folder below `tmp_path`, solve it with the probability `share` if it is valid, and judge both."""
    before = listing(tmp_path)
    done = call("validate", folder)
    judge(done)
    assert done.code in (0, 2)
    assert listing(tmp_path) == before
    if done.code == 2 or random.random() > share:
        return
    names = sorted(read(folder).schedules)
    words = (f"--schedule={random.choice(names)}",) if names and random.random() < 0.6 else ()
    out = tmp_path / "results" / "run"
    out.parent.mkdir()
    solved = call("solve", folder, "--out", out, *COARSE, *words)
    judge(solved)
    after = {name: state for name, state in listing(tmp_path).items() if name.partition("/")[0] != "results"}
    assert after == before
    assert solved.code in (0, 2, 3, 4), solved.err
    assert [path.name for path in out.parent.iterdir()] == ([] if solved.code == 2 else ["run"])
    if solved.code != 2:
        document = json.loads((out / "result.json").read_text(encoding="utf-8"))
        assert (document["check"] or {"violations": 0})["violations"] == 0
        verdict = call("check", out)
        judge(verdict)
        assert verdict.code == solved.code, verdict.err


BEYOND: tuple[tuple[int, str, str, str], ...] = (
    (0, "technologies.csv", ",30,assumed", f",1{'0' * 19},assumed"),
    (0, "technologies.csv", ",30,assumed", f",1{'0' * 400},assumed"),
    (0, "technologies.csv", "gas,1,", "gas,1e-300,"),
    (0, "pipe_types.csv", "DN500,500", "DN500,1e300"),
    (0, "pipe_types.csv", "DN500,500", "DN500,1e-300"),
    (0, "pipes.csv", ",20,water", ",1e30,water"),
    (0, "units.csv", "gas-boiler,20", "gas-boiler,1e30"),
    (0, "units.csv", "gas-boiler,20", "gas-boiler,1e15"),
    (0, "demands.csv", "2025,1.0", "2025,1e20"),
    (0, "capability.csv", "full,1,0,1.25", "full,1e300,0,1.25"),
    (0, "fuels.csv", "gas,Natural gas,30", "gas,Natural gas,1e30"),
    (0, "series/season.csv", "0,-10,50,100", "0,-10,1e30,100"),
    (0, "series/season.csv", "0,-10,50,100", "0,-1e300,50,100"),
    (0, "instance.toml", "supply_c = 120", "supply_c = 1e30"),
    (0, "instance.toml", "shortfall_meur_per_mw_year = 1", "shortfall_meur_per_mw_year = 1e30"),
    (0, "instance.toml", "days = 1", f"days = 1{'0' * 400}"),
    (0, "instance.toml", "[season]", f"{'.'.join('a' * 3000)} = 1\n[season]"),
    (1, "instance.toml", "substation_life_years = 15", f"substation_life_years = 1{'0' * 400}"),
    (1, "stores.csv", "50,300,6,", "1e30,1e30,6,"),
    (1, "stores.csv", "300,6,", "300,1e-300,"),
    (1, "technologies.csv", ",5,45,75,0.45,7,", ",1e300,45,75,0.45,7,"),
    (1, "technologies.csv", ",5,45,75,0.45,7,", ",5,-273.15,-273.15,0.45,7,"),
)
"""Whether the instance is the rich one, and an edit of one of its files."""


@pytest.mark.parametrize(("rich", "name", "old", "new"), BEYOND, ids=range(len(BEYOND)))
def test_figure_beyond_bounds(tmp_path: Path, rich: int, name: str, old: str, new: str) -> None:
    """A figure that no city has is refused with its file, or stands in a solve that ends well; it is no crash."""
    folder = sound(tmp_path, rich)
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert_told_or_solved(tmp_path, folder, Random(0), 1.0)


@pytest.mark.parametrize("name", [*OUTSIDE[:6], "../early", "/etc/passwd", "early/../early", "early.toml", ""])
def test_schedule_outside(tmp_path: Path, name: str) -> None:
    """A schedule is named by one of the folder's own names; a path to a sound one elsewhere is no name."""
    folder = sound(tmp_path, 1)
    shutil.copy(folder / "schedules" / "early.toml", folder / "early.toml")
    shutil.copy(folder / "schedules" / "early.toml", folder / "x.toml")
    before = listing(tmp_path)
    done = call("solve", folder, "--out", tmp_path / "run", *COARSE, "--schedule", name)
    assert done.code == 2
    assert done.err.startswith(f"there is no schedule `{name}`")
    assert len(done.err.splitlines()) == 1
    assert listing(tmp_path) == before


@pytest.mark.parametrize("kind", ["nothing", "file", "link to itself", "empty folder", "folder of folders"])
def test_folder_is_none(tmp_path: Path, kind: str) -> None:
    """What is no folder of an instance is told in sentences that name it or its missing files."""
    folder = tmp_path / "city"
    if kind == "file":
        folder.write_text("x", encoding="utf-8")
    elif kind == "link to itself":
        folder.symlink_to(folder)
    elif kind == "empty folder":
        folder.mkdir()
    elif kind == "folder of folders":
        for name in ("instance.toml", "nodes.csv", "series/season.csv", "schedules/x.toml", "stores.csv"):
            (folder / name).mkdir(parents=True)
    for done in (call("validate", folder), call("solve", folder, "--out", tmp_path / "run")):
        assert done.code == 2
        if kind.endswith(("folder", "folders")):
            judge(done)
        else:
            assert done.err.startswith(f"{folder}: is not a folder")
            assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("number", [0, 13, 19, 38, 43] if not NIGHT else range(100))
def test_in_a_process_of_its_own(tmp_path: Path, number: int) -> None:
    """The console script ends as the call in this process does: same exit code, same sentences, nothing else."""
    folder, _ = spoilt(tmp_path, number)
    done = process("validate", folder)
    judge(done)
    assert done == call("validate", folder)


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_changes(tmp_path: Path, name: str) -> None:
    """In half of its turns or more a change leaves other bytes in the folder or beside it, on both instances."""

    def content(place: Path) -> dict[str, bytes | str]:
        paths = [path for path in place.rglob("*") if path.is_symlink() or not path.is_dir()]
        return {str(path.relative_to(place)): "link" if path.is_symlink() else path.read_bytes() for path in paths}

    for number in (0, 1):
        changed = 0
        for seed in range(6):
            place = tmp_path / f"{number}-{seed}"
            place.mkdir()
            folder = sound(place, number)
            before = content(place)
            CHANGES[name](folder, Random(seed))
            changed += content(place) != before
        assert changed >= 3


def test_both_ends_are_met(tmp_path: Path) -> None:
    """Of sixty mutations at least ten are refused, and at least ten are not."""
    refused = 0
    for number in range(60):
        place = tmp_path / str(number)
        place.mkdir()
        refused += call("validate", spoilt(place, number)[0]).code == 2
    assert 10 <= refused <= 50


@pytest.mark.parametrize(
    "done",
    [
        Call(1, "", "Traceback (most recent call last):\n  x\n"),
        Call(1, "", "heatnet failed: KeyError: 'x' (add --debug to see where)\n"),
        Call(2, "", "0 faults; nothing was written.\n"),
        Call(2, "", "nodes.csv, line 2: is wrong.\n2 faults; nothing was written.\n"),
        Call(2, "", "is wrong: somewhere.\n1 fault; nothing was written.\n"),
        Call(2, "", "nodes.csv, line 2: is wrong\n1 fault; nothing was written.\n"),
        Call(2, "", "nodes.csv, line 2: found `\x1b[31m`.\n1 fault; nothing was written.\n"),
        Call(2, "", "nodes.csv, line 2: found `" + "x" * LONGEST + "`.\n1 fault; nothing was written.\n"),
        Call(2, "x", "nodes.csv, line 2: is wrong.\n1 fault; nothing was written.\n"),
    ],
)
def test_judge(done: Call) -> None:
    """What is no clear refusal is not accepted as one."""
    with pytest.raises(AssertionError):
        judge(done)
