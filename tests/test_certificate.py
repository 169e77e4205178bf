"""Certificates: claims weighed against each other, second opinions asked, and what a folder says of them.

Sensitivity:
- weighing: a false bound that is kept, or one that falls without a word; equal claims are no contradiction.
- witnesses: one that is asked nothing, or whose bound is above the known optimum, would be seen.
- interrupt: an answer that is lost, or an asking that goes on.
- refused: a cost that no sound plan bears, and that makes a true bound fall.
- folder: a claim that is changed afterwards, or a contradiction that is hidden, is refused.
- known: an index beside the instance that nobody reads; one that is broken and is passed over, or told too late.
"""

from __future__ import annotations

import datetime
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import tomli_w
from conftest import TUTORIAL, call

from heatnet import certificate as c
from heatnet.instance import read
from heatnet.solve import Limits, Progress, solve

OPTIMUM = 0.308887073149506
"""Million EUR without a schedule, as worked out in the README of the tutorial."""
EARLIER = datetime.date(2026, 1, 2)


def claim(by: str, cost: float | None, bound: float | None, status: str = "optimal") -> c.Claim:
    return c.Claim(by, status, cost, bound, 1.0)


def test_false_bound_falls() -> None:
    """A bound above a plan's cost falls, both are named, and the highest of the others stands."""
    found = c.weigh((claim("a", 10.0, 9.0), claim("b", None, 12.0), claim("d", 11.0, 8.0)))
    assert found.cost == 10.0
    assert found.bound == 9.0
    assert len(found.contradictions) == 1
    assert "b says that no plan costs less than 12" in found.contradictions[0]
    assert "a has one for 10" in found.contradictions[0]


def test_equal_claims_agree() -> None:
    """A bound that meets the cost, to rounding, contradicts nothing; a plan contradicts who says that there is none."""
    assert c.weigh((claim("a", 10.0, 10.0 + 1e-7), claim("b", None, 9.0))).contradictions == ()
    assert c.weigh((claim("a", None, 9.0),)).contradictions == ()
    none = c.weigh((claim("a", 10.0, 9.0), claim("b", None, None, "infeasible")))
    assert none.contradictions == ("b says that there is no plan, but a has one.",)
    assert c.weigh((claim("b", None, None, "infeasible"),)).contradictions == ()


def test_witnesses() -> None:
    """Duals, HiGHS again and SCIP (where it is installed) are asked; none contradicts the optimum known by hand."""
    result = solve(read(TUTORIAL), limits=Limits(gap=0.0, threads=1))
    found = c.certify(result, lambda progress: None)
    said = {one.by: one for one in found.claims}
    assert set(said) == {"monolithic", "duals", "highs-again", "scip"}
    assert found.contradictions == ()
    for one in found.claims:
        assert one.bound is None or one.bound <= OPTIMUM * (1 + 1e-6)
        assert one.cost is None or one.cost == pytest.approx(OPTIMUM, rel=1e-6)
    assert said["duals"].bound is not None
    assert said["highs-again"].cost is not None
    assert said["scip"].status == "not installed" or said["scip"].bound == pytest.approx(OPTIMUM, rel=1e-4)


def test_interrupt() -> None:
    """Ctrl-C while a witness is asked ends the asking; what was said before, and the answer, stand."""
    result = solve(read(TUTORIAL), limits=Limits(gap=0.0, threads=1))

    asked = False

    def observer(progress: Progress) -> None:
        nonlocal asked
        if asked and progress.phase != "check":
            raise KeyboardInterrupt
        asked = progress.phase == "asks highs-again"

    found = c.certify(result, observer)
    assert [one.by for one in found.claims] == ["monolithic", "duals"]
    assert found.bound == pytest.approx(OPTIMUM, rel=1e-6)
    assert found.contradictions == ()


@pytest.fixture
def certified(tmp_path: Path) -> Path:
    """A certified result of the tutorial, in a folder of its own."""
    shutil.copytree(TUTORIAL, tmp_path / "tutorial")
    assert call("solve", tmp_path / "tutorial", "--certify", "--out", tmp_path / "run").code == 0
    return tmp_path / "run"


def test_folder(certified: Path) -> None:
    """The certificate is written, and judged again with the result: a claim that is changed is refused."""
    document = json.loads((certified / "certificate.json").read_text(encoding="utf-8"))
    assert document["cost"] == pytest.approx(OPTIMUM, rel=1e-6)
    assert document["violations"] == 0
    assert len(document["claims"]) == 4
    assert call("check", certified).code == 0
    document["claims"][1]["bound"] = 5.0
    (certified / "certificate.json").write_text(json.dumps(document), encoding="utf-8")
    done = call("check", certified)
    assert done.code == 5
    assert "does not follow from its claims" in done.err


def test_refused_plan_is_no_cost() -> None:
    """A plan whose cost the checker does not find is no witness against a bound, though it is said to cost less."""
    result = solve(read(TUTORIAL), limits=Limits(gap=0.0, threads=1))
    false = replace(result, answer=replace(result.answer, cost=0.9 * OPTIMUM))
    assert false.refused
    found = c.certify(false, lambda progress: None)
    assert found.claims[0].cost is None
    assert found.claims[0].bound == pytest.approx(OPTIMUM, rel=1e-6)
    assert found.cost == pytest.approx(OPTIMUM, rel=1e-6)
    assert found.contradictions == ()
    told = c.certified(false, found)
    assert told.status == "invalid"
    assert told.answer.bound == found.bound


def beside(folder: Path, cost: float) -> None:
    """An index in a folder with a cost of the tutorial there, and a bound below it."""
    sha = read(folder / "tutorial").sha256
    values = {
        word: {"value": value, "by": "an earlier run", "date": EARLIER}
        for word, value in (("cost", cost), ("bound", 0.75 * cost))
    }
    entry = {"instance": "tutorial", "sha256": sha, "days": 1, "step_hours": 24, **values}
    (folder / "index.toml").write_text(tomli_w.dumps({"known": [entry]}), encoding="utf-8")


def test_known_plan_contradicts(tmp_path: Path) -> None:
    """A cheaper plan in the index beside the instance contradicts the bound: status, sentence and exit code say so."""
    shutil.copytree(TUTORIAL, tmp_path / "tutorial")
    beside(tmp_path, cost=0.2)
    done = call("solve", tmp_path / "tutorial", "--certify", "--out", tmp_path / "run")
    assert done.code == 5
    assert "CONTRADICTED" in done.out
    told = json.loads((tmp_path / "run" / "result.json").read_text(encoding="utf-8"))
    assert told["status"] == "contradicted"
    assert "an earlier run has one for 0.2" in told["stop_reason"]
    assert told["bound"] == pytest.approx(0.15)
    done = call("check", tmp_path / "run")
    assert done.code == 5
    assert "contradicted" in done.err


def test_broken_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that cannot be read is told before the solve, and only where it is asked for; from within, too."""
    shutil.copytree(TUTORIAL, tmp_path / "tutorial")
    (tmp_path / "index.toml").write_text("[[known]]\ncost = 0.2\n", encoding="utf-8")
    done = call("solve", tmp_path / "tutorial", "--certify", "--out", tmp_path / "run")
    assert done.code == 2
    assert "index.toml: is no index of known values" in done.sentence
    assert not (tmp_path / "run").exists()
    assert call("solve", tmp_path / "tutorial", "--out", tmp_path / "run").code == 0
    monkeypatch.chdir(tmp_path / "tutorial")
    assert call("solve", ".", "--certify", "--out", tmp_path / "again").code == 2
