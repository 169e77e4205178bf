"""`heatnet compare` from its beginning to its exit code: what is kept, what is solved again, what is refused.

Sensitivity:
- test_page: a schedule, its price or what it lacks left out of what is printed; names after the first not taken.
- test_report: a schedule left out of the page, or a page that is replaced unasked, or only after all is solved.
- test_kept: a schedule that is solved again though it was finished, or a table that is not written again.
- test_interrupted: what was finished lost, exit code 0, or tables of half a comparison.
- test_handed_on: a schedule that begins anew though the one before left a plan and cuts.
- test_start_that_is_allowed: a schedule that begins from a plan that it forbids, where there is one that it allows.
- test_command_interrupted: another exit code than 130, or the finished schedule lost.
- test_interrupted_plan: the plan of an interrupted schedule lost, or taken for finished.
- test_side_by_side: another answer where processes solve; or that go on after Ctrl-C, or lose what is finished.
- test_memory: more processes than the memory holds, or none.
- test_exit_codes: an infeasible schedule that fails the whole comparison, or none that does not.
- test_unsound: a result that was changed by hand compared as if it were sound.
- test_refused: a folder, an option or a name that cannot be meant, found after solving; what was there changed.
- test_refused_at_once: a folder made for a command that cannot be meant.
- test_cold_result: a file of a schedule's result that is missing told with a traceback.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import TUTORIAL, Call, call, tiny

from heatnet.compare import Watcher, compare, solving
from heatnet.compare.frames import NAMES
from heatnet.instance import read
from heatnet.run import Summary
from heatnet.solve import Limits, Observer, Progress, Result, Start, solve

LIMITS = Limits(gap=0.0, threads=1)
IMPOSSIBLE = """\
title = "Out and not out"
source = "assumed: test"
[[rules]]
rule = "coal-out"
by_year = 2025
[[retirements]]
unit = "old-coal"
not_before = 2026
"""


class Witness(Watcher):
    """Notes what is solved and kept, and interrupts a schedule in a phase."""

    def __init__(self, interrupt: str = "", phase: str = "") -> None:
        self.interrupt, self.phase = interrupt, phase
        self.done: list[tuple[str, str]] = []

    @contextlib.contextmanager
    def solving(self, name: str) -> Iterator[Observer]:
        def observer(progress: Progress) -> None:
            if name == self.interrupt and progress.phase == self.phase:
                raise KeyboardInterrupt

        yield observer

    def solved(self, name: str, summary: Summary) -> None:
        self.done.append((name, summary.stop_reason))

    def kept(self, name: str) -> None:
        self.done.append((name, "kept"))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Call]:
    """A comparison of both schedules of the tutorial and one that nothing can meet, and what was printed."""
    place = tmp_path_factory.mktemp("command")
    (place / "never.toml").write_text(IMPOSSIBLE, encoding="utf-8")
    asked = ("--schedules", "free", "policy", place / "never.toml", "--gap", 0, "--threads", 1)
    return place / "out", call("compare", TUTORIAL, *asked, "--out", place / "out")


@pytest.fixture
def copied(finished: tuple[Path, Call], tmp_path: Path) -> Path:
    """The test's own copy of it."""
    return Path(shutil.copytree(finished[0], tmp_path / "out"))


def again(out: Path, *schedules: object, **options: object) -> Call:
    """The command for a folder that is there."""
    asked = {"gap": 0, "threads": 1} | options
    return call("compare", TUTORIAL, "--schedules", *schedules, "--out", out, *_options(asked))


def _options(asked: dict[str, object]) -> list[object]:
    return [part for name, value in asked.items() for part in (f"--{name.replace('_', '-')}", value)]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_page(finished: tuple[Path, Call]) -> None:
    _, told = finished
    assert told.code == 0, told.err
    for text in (
        "free",
        "policy",
        "never",
        "+0.080",
        "no plan can meet it, proved",
        "never, 2025: rule coal-out",
        "Tutorial: one",
    ):
        assert text in told.out
    assert max(len(line.rstrip()) for line in told.out.splitlines()[:-1]) <= 80


def test_report(copied: Path, finished: tuple[Path, Call]) -> None:
    never = finished[0].parent / "never.toml"
    told = again(copied, "free", "policy", never, report=copied / "page.html")
    assert told.code == 0, told.err
    text = (copied / "page.html").read_text(encoding="utf-8")
    for title in ("No rule", "All coal machines leave by 2026", "Out and not out"):
        assert title in text
    told = again(copied, "free", "policy", report=copied / "page.html")
    assert told.code == 2
    assert "kept" not in told.err
    assert (copied / "page.html").read_text(encoding="utf-8") == text


def test_kept(copied: Path) -> None:
    before = contents(copied)
    (copied / "costs.csv").unlink()
    told = again(copied, "free", "policy")
    assert told.code == 0, told.err
    assert told.err.count("kept, it was finished before") == 2
    after = contents(copied)
    for name in ("free", "policy", "never"):
        one, two = ({k: v for k, v in files.items() if k.startswith(name)} for files in (before, after))
        assert one == two
    assert after["costs.csv"] == before["costs.csv"]
    assert pd.read_csv(copied / "schedules.csv")["schedule"].tolist() == ["free", "policy"]


def test_interrupted(tmp_path: Path) -> None:
    base, out = read(TUTORIAL), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        compare(base, ["policy", "free"], out, limits=LIMITS, watcher=Witness("free", "build"))
    assert not any((out / f"{name}.csv").exists() for name in NAMES)
    assert not (out / "free").exists()
    before = contents(out / "policy")
    witness = Witness()
    found = compare(base, ["policy", "free"], out, limits=LIMITS, watcher=witness)
    assert witness.done == [("policy", "kept"), ("free", "gap reached")]
    assert contents(out / "policy") == before
    assert found.frames["schedules"]["status"].tolist() == ["optimal", "optimal"]
    assert {path.name for path in out.iterdir()} == {"policy", "free", "comparison.json", *(f"{n}.csv" for n in NAMES)}


def test_interrupted_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base, out, witness = read(TUTORIAL), tmp_path / "out", Witness()
    solve = solving.solve

    def cut_short(*given: Any, **more: Any) -> Result:
        result = solve(*given, **more)
        early = replace(result.answer, status="feasible", stop_reason="interrupted", bound=0.0)
        return replace(result, answer=early)

    monkeypatch.setattr(solving, "solve", cut_short)
    with pytest.raises(KeyboardInterrupt):
        compare(base, ["policy", "free"], out, limits=LIMITS, watcher=witness)
    monkeypatch.undo()
    assert witness.done == [("policy", "interrupted")]
    assert (out / "policy" / "units.csv").is_file()
    witness = Witness()
    found = compare(base, ["policy", "free"], out, limits=LIMITS, watcher=witness)
    assert witness.done == [("policy", "gap reached"), ("free", "gap reached")]
    assert found.frames["schedules"]["cost_meur"].tolist() == pytest.approx([0.308887073, 0.229293013])


def test_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each schedule begins from the plan and the cuts of the one before, the first from nothing."""
    begun = []

    def noted(*given: Any, start: Start, **more: Any) -> Result:
        begun.append(start)
        result = solve(*given, start=start, **more)
        left.append(result)
        return result

    left: list[Result] = []
    monkeypatch.setattr(solving, "solve", noted)
    limits = Limits(gap=0.01, threads=1)
    base = read(tiny(tmp_path))
    compare(base, ["early", "free"], tmp_path / "out", solver="decomposition", days=2, step_hours=12, limits=limits)
    assert begun[0] == Start()
    first = left[0].answer
    assert first.solution is not None
    assert first.cuts is not None
    assert begun[1].plan is not None
    assert begun[1].cuts is not None
    pd.testing.assert_frame_equal(begun[1].plan.units, first.solution.units)
    assert len(begun[1].cuts) == len(first.cuts) > 0


def test_start_that_is_allowed(tmp_path: Path) -> None:
    """A schedule begins from the last plan of one that asks for more, which is allowed under it, else from the last."""
    base = read(tiny(tmp_path))
    early, free = (solving.Entry(name, base) for name in ("early", "free"))
    plans = [solve(entry.instance, days=1, step_hours=24).answer.solution for entry in (early, free)]
    known = [(entry, Start(plan)) for entry, plan in zip((early, free), plans, strict=True)]
    assert solving.start_for(known, free).plan is plans[1]
    assert solving.start_for(known[::-1], free).plan is plans[0]
    assert solving.start_for(known, early).plan is plans[0]
    assert solving.start_for(known[1:], early).plan is plans[1]
    assert solving.start_for([], early) == Start()


def test_command_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    solve_one = solving.solve_one

    def once(entry: solving.Entry, *rest: object) -> Summary:
        if entry.name == "policy":
            raise KeyboardInterrupt
        return solve_one(entry, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(solving, "solve_one", once)
    told = again(tmp_path / "out", "free", "policy")
    assert told.code == 130
    assert "1 finished and kept" in told.sentence
    assert (tmp_path / "out" / "free" / "result.json").is_file()


def test_side_by_side(tmp_path: Path) -> None:
    """Ctrl-C when the first of two is there: the other ends with what it has, and all are there in the end."""
    out = tmp_path / "out"

    class Impatient(Witness):
        def solved(self, name: str, summary: Summary) -> None:
            super().solved(name, summary)
            if len(self.done) == 2:
                raise KeyboardInterrupt

    witness = Impatient()
    rules = ['late = {rule = "coal-out", by_year = 2027}']
    base = read(TUTORIAL)
    with pytest.raises(KeyboardInterrupt):
        compare(base, ["free", "policy"], out, rules=rules, limits=LIMITS, workers=2, watcher=witness)
    assert not (out / ".stop").exists()
    first = [name for name, reason in witness.done if reason == "gap reached"]
    assert len(first) >= 2
    witness = Witness()
    found = compare(base, ["free", "policy"], out, rules=rules, limits=LIMITS, workers=2, watcher=witness)
    assert {name for name, reason in witness.done if reason == "kept"} >= set(first)
    table = found.frames["schedules"].set_index("schedule")["cost_meur"]
    # A closure after the last stage costs nothing.
    assert table[["free", "policy", "late"]].tolist() == pytest.approx([0.229293013, 0.308887073, 0.229293013])


def test_memory() -> None:
    assert solving._room(1e9) == 1  # noqa: SLF001 - a machine of 1000 TB is not at hand
    assert solving._room(1e-3) > 1000  # noqa: SLF001


def test_exit_codes(finished: tuple[Path, Call], tmp_path: Path) -> None:
    never = finished[0].parent / "never.toml"
    told = again(tmp_path / "out", never)
    assert told.code == 3
    assert "no plan can meet it, proved" in told.out
    told = again(tmp_path / "quick", "free", time_limit=1e-6)
    assert told.code == 4
    assert "no plan was found" in told.out


def test_unsound(copied: Path) -> None:
    table = copied / "policy" / "units.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("2026,old-coal,0,0,0,2", "2026,old-coal,1,1,0,1"))
    told = again(copied, "free", "policy")
    assert told.code == 5
    assert "policy: its plan is not sound" in told.out
    assert "policy" not in set(pd.read_csv(copied / "costs.csv")["schedule"])


def _stranger(out: Path) -> None:
    shutil.rmtree(out)
    out.mkdir()
    (out / "thesis.txt").write_text("three years of work", encoding="utf-8")


def _in_the_way(out: Path) -> None:
    shutil.rmtree(out / "policy")
    (out / "policy").mkdir()
    (out / "policy" / "notes.txt").write_text("mine", encoding="utf-8")


def _nothing(out: Path) -> None:
    assert out.is_dir()


@pytest.mark.parametrize(
    ("before", "schedules", "options", "sentence"),
    [
        (_stranger, ["free"], {}, "is no comparison of heatnet"),
        (_in_the_way, ["free", "policy"], {}, "policy: is there already and is no result of heatnet"),
        (_nothing, ["free", "policy"], {"gap": 0.5}, "was begun with gap 0.0, not 0.5"),
        (_nothing, ["free"], {"solver": "plain"}, "was begun with solver auto, not plain"),
        (_nothing, ["free"], {"solver": "best"}, "--solver best: is not installed"),
        (_nothing, ["free"], {"reference": "policy"}, "--reference policy: is not one of the schedules"),
        (_nothing, ["free", "free"], {}, "`free` stands twice"),
        (_nothing, ["free"], {"workers": 0}, "--workers 0: must be 1 or more"),
        (_nothing, ["free"], {"workers": 2, "dask": "local"}, "--workers and --dask: give one of them"),
        (_nothing, ["free"], {"rule": 'never = {rule = "coal-out"}'}, "never: is the result of another schedule"),
    ],
)
def test_refused(
    before: Callable[[Path], None], schedules: list[str], options: dict[str, object], sentence: str, copied: Path
) -> None:
    before(copied)
    there = contents(copied)
    told = again(copied, *schedules, **options)
    assert told.code == 2
    assert sentence in told.sentence
    assert contents(copied) == there


def test_refused_at_once(tmp_path: Path) -> None:
    told = call("compare", TUTORIAL, "--out", tmp_path / "out")
    assert told.code == 2
    assert "--schedules: names none" in told.sentence
    file = tmp_path / "mine.toml"
    file.write_text(IMPOSSIBLE.replace("old-coal", "old-cole"), encoding="utf-8")
    told = call("compare", TUTORIAL, "--schedules", file, "--out", tmp_path / "out")
    assert told.code == 2
    assert "`old-cole` is not in units.csv; did you mean `old-coal`?" in told.err
    assert not (tmp_path / "out").exists()


def test_cold_result(copied: Path) -> None:
    (copied / "policy" / "pipes.csv").unlink()
    told = again(copied, "free", "policy")
    assert told.code == 1
    assert "pipes.csv: is missing" in told.sentence
