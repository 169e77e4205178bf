"""The index of best known values: what `heatnet record` enters, refuses and leaves alone.

Sensitivity:
- entered: a value that is lost, entered under another key or signed by nobody.
- better: a better value that is thrown away, a worse or an equal one that replaces what is known.
- signed: a bound of a witness that the solver takes for its own.
- contradictions: a false value that makes its way in, or spoils what is there; half of the results entered.
- refused: a result that is changed, has no plan or is for days of its own choice, and is believed.
- broken: a file that is none and is taken for empty, or overwritten.
- order: a file that changes though nothing in it does, and so shows up in every comparison of versions.
- unwritable: an index that is left half written, or a traceback.
- repository: an entry of the tutorial that its optimum contradicts, and an index without one.
"""

from __future__ import annotations

import datetime
import errno
import json
import os
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from conftest import SEASON, TUTORIAL, call, tiny

from heatnet import index, run
from heatnet.instance import read
from heatnet.solve import Limits, solve

OPTIMUM = 0.308887073149506
"""Million EUR without a schedule, as worked out in the README of the tutorial."""
EARLIER = datetime.date(2026, 1, 2)


def save(folder: Path, out: Path, **asked: Any) -> Path:
    """A result folder of an instance."""
    instance = read(folder)
    result = solve(instance, limits=Limits(gap=0.0, threads=1), **asked)
    with run.reserved(out, force=False) as hidden:
        run.save(result, instance, hidden, dict(result.seconds))
    return out


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result of the tutorial, not to be changed."""
    return save(TUTORIAL, tmp_path_factory.mktemp("original") / "run")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    """The same, the test's own."""
    return Path(shutil.copytree(original, tmp_path / "run"))


def value(number: float, by: str = "an earlier run") -> dict[str, Any]:
    """A cost or bound as an index has it."""
    return {"value": number, "by": by, "date": EARLIER}


def entry(**values: Any) -> dict[str, Any]:
    """The entry of the tutorial as an index has it, with some keys set."""
    return {"instance": "tutorial", "sha256": read(TUTORIAL).sha256, "days": 1, "step_hours": 24, **values}


def write(path: Path, *entries: dict[str, Any]) -> bytes:
    """Write an index and return its bytes."""
    path.write_text(tomli_w.dumps({"known": list(entries)}), encoding="utf-8")
    return path.read_bytes()


def the_entry(path: Path) -> dict[str, Any]:
    """The only entry of an index."""
    (found,) = tomllib.loads(path.read_text(encoding="utf-8"))["known"]
    return dict(found)


def test_entered(folder: Path, tmp_path: Path) -> None:
    """A first result makes the index: cost and bound of the optimum, of this instance, signed and dated."""
    place = tmp_path / "index.toml"
    done = call("record", folder, "--index", place)
    assert done.code == 0
    assert "tutorial (days 1, step 24 h): cost 0.3089 and bound 0.3089 entered." in done.out
    found = the_entry(place)
    assert {key: found[key] for key in ("instance", "sha256", "days", "step_hours")} == entry()
    told = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    for word in ("cost", "bound"):
        assert found[word]["value"] == pytest.approx(OPTIMUM, rel=1e-6)
        assert found[word]["by"] == "monolithic, heatnet {heatnet}, HiGHS {highspy}".format(**told["versions"])
        assert abs(found[word]["date"] - datetime.datetime.now(datetime.UTC).date()) <= datetime.timedelta(days=1)
    assert place.stat().st_mode & 0o777 == 0o644
    before = place.read_bytes()
    again = call("record", folder, folder, "--index", place)
    assert (again.code, place.read_bytes()) == (0, before)
    assert "Nothing is better" in again.out


def test_better(folder: Path, tmp_path: Path) -> None:
    """Cost and bound are each replaced by what is better by more than rounding, and else stay; so do other entries."""
    place = tmp_path / "index.toml"
    others = [entry(step_hours=12, cost=value(0.2)), entry(sha256=64 * "0", bound=value(0.7))]
    write(place, *others, entry(cost=value(OPTIMUM + 1e-5), bound=value(OPTIMUM - 1e-8)))
    assert call("record", folder, "--index", place).code == 0
    found = index.read(place)
    assert len(found) == 3
    changed = found[read(TUTORIAL).sha256, 1, 24]
    assert changed.cost is not None
    assert changed.cost.value == pytest.approx(OPTIMUM, rel=1e-6)
    assert changed.cost.by.startswith("monolithic")
    assert changed.bound == index.Value(**value(OPTIMUM - 1e-8))
    assert [found[one["sha256"], 1, one["step_hours"]].model_dump(exclude_none=True) for one in others] == others
    write(place, entry(cost=value(OPTIMUM + 1e-8), bound=value(OPTIMUM - 1e-5)))
    assert call("record", folder, "--index", place).code == 0
    assert the_entry(place)["cost"] == value(OPTIMUM + 1e-8)
    assert the_entry(place)["bound"]["value"] == pytest.approx(OPTIMUM, rel=1e-6)


@pytest.mark.parametrize(("status", "signature"), [("optimal", "somebody, heatnet"), ("known", "somebody")])
def test_signed_by_the_witness(folder: Path, tmp_path: Path, status: str, signature: str) -> None:
    """The bound of a certified result is his who said it, not the solver's, and of the versions that he used."""
    told = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    said = [
        ("monolithic", "feasible", told["cost"], 0.9 * OPTIMUM),
        ("somebody", status, None, told["bound"]),
    ]
    certificate = {
        "claims": [dict(zip(("by", "status", "cost", "bound", "seconds"), (*row, 1.0), strict=True)) for row in said],
        "contradictions": [],
        **{key: told[key] for key in ("cost", "bound", "instance_sha256")},
    }
    (folder / "certificate.json").write_text(json.dumps(certificate), encoding="utf-8")
    assert call("record", folder, "--index", tmp_path / "index.toml").code == 0
    found = the_entry(tmp_path / "index.toml")
    assert found["cost"]["by"].startswith("monolithic, ")
    assert found["bound"]["by"].startswith(signature)
    assert (found["bound"]["by"] == "somebody") == (status == "known")


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        ({"bound": value(0.5)}, "the index says that none costs less than 0.500000 (an earlier run, 2026-01-02)"),
        ({"cost": value(0.2)}, "the index knows one for 0.200000 (an earlier run, 2026-01-02)"),
    ],
)
def test_contradictions(folder: Path, tmp_path: Path, known: dict[str, Any], sentence: str) -> None:
    """A bound there above the cost, or a cost there below the bound: told with its source, and nothing is written."""
    before = write(tmp_path / "index.toml", entry(**known))
    done = call("record", folder, "--index", tmp_path / "index.toml")
    assert done.code == 5
    assert sentence in done.err
    assert done.sentence.endswith("one of the two is wrong, and nothing was entered.")
    assert (tmp_path / "index.toml").read_bytes() == before


def test_all_or_nothing(original: Path, folder: Path, tmp_path: Path) -> None:
    """One result that is changed keeps the others out, too: the index is not even made."""
    path = folder / "result.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(told | {"cost": 0.9 * told["cost"]}), encoding="utf-8")
    done = call("record", original, folder, "--index", tmp_path / "index.toml")
    assert (done.code, done.out) == (5, "")
    assert f"{folder}: is not sound" in done.err
    assert done.sentence.endswith("nothing was entered.")
    assert not (tmp_path / "index.toml").exists()


def test_no_plan(folder: Path, tmp_path: Path) -> None:
    """A result without a plan has a bound at most, which nobody can judge."""
    path = folder / "result.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(told | {"status": "no_solution", "cost": None, "gap": None}), encoding="utf-8")
    (folder / "units.csv").unlink()
    done = call("record", folder, "--index", tmp_path / "index.toml")
    assert done.code == 5
    assert "holds no plan to judge" in done.sentence
    assert call("record", tmp_path / "nowhere", "--index", tmp_path / "index.toml").code == 2
    assert not (tmp_path / "index.toml").exists()


def test_other_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sound plan for representative days of one's own choice is no rival: milder days would make it cheaper."""
    city = tiny(tmp_path)
    # A third day, 5 °C: with the coldest, day 1, either of the two others may be taken.
    third = "".join(f"{hour},5,{100 + hour % 24},600,1,1\n" for hour in range(48, 72))
    (city / "series" / "season.csv").write_text(SEASON + third, encoding="utf-8")
    chosen = save(city, tmp_path / "chosen", days=2, step_hours=12)
    taken = [int(line.split(",")[1]) for line in (chosen / "days.csv").read_text().splitlines()[1:]]
    (other,) = {0, 1, 2} - set(taken)
    monkeypatch.setattr("heatnet.instance.series._medoids", lambda instance, days, *_: dict.fromkeys(days, other))
    own = save(city, tmp_path / "own", days=2, step_hours=12)
    monkeypatch.undo()
    assert call("check", own).code == 0
    done = call("record", own, "--index", tmp_path / "index.toml")
    assert done.code == 5
    assert "other representative days" in done.sentence
    assert call("record", chosen, "--index", tmp_path / "index.toml").code == 0


@pytest.mark.parametrize(
    "content",
    [
        "known",
        "[[unknown]]\n",
        tomli_w.dumps({"known": [{"instance": "tutorial", "cost": value(1.0)}]}),
        tomli_w.dumps({"known": [entry(cost=1.0)]}),
        tomli_w.dumps({"known": [entry(sha256="a5")]}),
        tomli_w.dumps({"known": [entry(cost=value(float("nan")))]}),
        tomli_w.dumps({"known": [entry(cost={"value": "1", "by": "", "date": EARLIER})]}),
        tomli_w.dumps({"known": [entry(cost=value(1.0)), entry(cost=value(2.0))]}),
        tomli_w.dumps({"known": [entry(cost=value(1.0), bound=value(2.0))]}),
    ],
    ids=["no TOML", "other key", "no sha256", "no source", "sha256", "not a number", "text", "twice", "crossed"],
)
def test_broken(folder: Path, tmp_path: Path, content: str) -> None:
    """What is no index is told in one sentence, and stays as it is."""
    place = tmp_path / "index.toml"
    place.write_text(content, encoding="utf-8")
    done = call("record", folder, "--index", place)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"{place}: is no index of known values (")
    assert done.sentence.endswith("; mend or remove it.")
    assert len(done.err.splitlines()) == 1
    assert place.read_text(encoding="utf-8") == content


def test_order(tmp_path: Path) -> None:
    """The same entries give the same file in whatever order they came, and come back from it."""
    rows = [
        entry(instance="b", sha256=64 * "1", cost=value(1.0)),
        entry(instance="a", sha256=64 * "2", schedule="free", bound=value(0.5)),
        entry(instance="a", sha256=64 * "3", days=2, cost=value(2.0), bound=value(1.5)),
        entry(instance="a", sha256=64 * "3", days=10),
    ]
    entries = [index.Entry(**row) for row in rows]
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    index.write(one, {row.key: row for row in entries})
    index.write(other, {row.key: row for row in reversed(entries)})
    assert one.read_bytes() == other.read_bytes()
    assert list(index.read(one).values()) == [entries[2], entries[3], entries[1], entries[0]]


def test_unwritable(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk leaves the index as it was, and nothing beside it; a folder that is not there is told."""
    place = tmp_path / "index.toml"
    before = write(place, entry(cost=value(0.4)))

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    done = call("record", folder, "--index", place)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"{place}: cannot be written (No space left on device); it is as it was.\n"
    assert place.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"index.toml", "run"}
    monkeypatch.undo()
    assert call("record", folder, "--index", tmp_path / "nowhere" / "index.toml").code == 1


def test_repository() -> None:
    """What the repository's index says of the tutorial can be true together with its optimum."""
    tutorial = read(TUTORIAL)
    entries = [one for one in index.read(index.beside(TUTORIAL)).values() if one.instance == "tutorial"]
    assert any(one.sha256 == tutorial.sha256 for one in entries), "solve the tutorial, then heatnet record"
    for one in entries:
        instance = tutorial.with_schedule(one.schedule)
        if one.sha256 == instance.sha256:
            limits = Limits(gap=0.0, threads=1)
            result = solve(instance, days=one.days, step_hours=one.step_hours, limits=limits)
            assert result.answer.cost is not None
            assert result.answer.bound is not None
            assert one.cost is None or one.cost.value >= result.answer.bound - 1e-6
            assert one.bound is None or one.bound.value <= result.answer.cost + 1e-6
