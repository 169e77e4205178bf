"""Suites as they are run: every outcome is written down, nothing is done twice, and the smoke suite passes.

Sensitivity:
- outcomes: a script that ended well, failed, was ended by a signal, reached a cap, or did not fit into the memory would
  be written down as something else, or end the suite.
- exit code: runs that did not end as they should would go with exit code 0.
- once: what is in the file would be made again; what was skipped would never be.
- its own figures: seconds and sizes that a script prints would be lost.
- torn: a file that was cut would be refused, or be gone on with in silence.
- start: a run would begin from nothing where the run before left no result.
- index: a cost or a bound that beats or contradicts the best known, or a wrong proof that there is no plan, would pass.
- smoke: a suite, an instance or a strategy that no longer works would pass; a status or a field that is missing too.
- record: a result would be entered without being judged, or not at all.
"""

from __future__ import annotations

import datetime
import json
import shutil
import tomllib
from pathlib import Path

import pytest
from conftest import JINAN, TUTORIAL, call
from test_bench_records import a_run

from heatnet.bench import outcome, records
from heatnet.index import Entry, Value

SMOKE = JINAN.parent / "suites" / "nightly.toml"

SCRIPTS = """
title = "Scripts"

[defaults]
time_cap_s = 60
memory_mb = 300

[[runs]]
name = "well"
python = ["-c", "print('{\\"seconds\\": {\\"total\\": 0.5}, \\"size\\": {\\"rows\\": 3}}')"]

[[runs]]
name = "fails"
python = ["-c", "raise ValueError('broken')"]

[[runs]]
name = "ended"
python = ["-c", "import os; os.kill(os.getpid(), 9)"]

[[runs]]
name = "slow"
python = ["-c", "import time; time.sleep(61)"]
time_cap_s = 1

[[runs]]
name = "large"
python = ["-c", "x = b'x' * 400_000_000; import time; time.sleep(61)"]

[[runs]]
name = "too-large"
python = ["-c", "pass"]
memory_mb = 1e9

[[runs]]
name = "after"
python = ["-c", "pass"]
start = "too-large"
"""


def test_every_outcome(tmp_path: Path) -> None:
    suite, out = tmp_path / "scripts.toml", tmp_path / "runs.jsonl"
    suite.write_text(SCRIPTS, encoding="utf-8")
    first = call("bench", "run", suite, "--out", out)
    assert (first.code, first.sentence) == (1, "4 of the runs did not end as they should.")
    runs = {run.name: run for run in records.read(out).runs}
    assert {name: run.status for name, run in runs.items()} == {
        "well": "done",
        "fails": "crashed",
        "ended": "killed",
        "slow": "time_cap",
        "large": "memory_cap",
        "too-large": "skipped",
        "after": "skipped",
    }
    assert (runs["well"].spent_s, runs["well"].size, runs["well"].exit_code) == (0.5, {"rows": 3}, 0)
    assert runs["fails"].reason == "ValueError: broken"
    assert runs["ended"].reason == "ended by SIGKILL"
    assert "MB free, and the run may take 1,000,000,000" in runs["too-large"].reason
    assert "run `too-large`, to begin from, left no result" in runs["after"].reason
    log = runs["fails"].log
    assert log is not None
    assert "ValueError: broken" in (tmp_path / log).read_text(encoding="utf-8")

    again = call("bench", "run", suite, "--out", out)
    assert again.code == 1
    assert again.out.count("is there already") == 5
    names = [run.name for run in records.read(out).runs]
    assert sorted(names) == sorted([*runs, "too-large", "after"])


def test_cut_file(tmp_path: Path) -> None:
    suite, out = tmp_path / "scripts.toml", tmp_path / "runs.jsonl"
    suite.write_text("\n".join(SCRIPTS.split("\n\n")[:3]), encoding="utf-8")
    assert call("bench", "run", suite, "--out", out).code == 0
    whole = out.read_bytes()
    out.write_bytes(whole + whole[:50])
    told = call("bench", "run", suite, "--out", out)
    assert "its last line is cut and left out; runs kept: 1." in told.out.replace("\n", " ")
    assert "is there already" in told.out
    assert out.read_bytes() == whole


def test_bad_suite(tmp_path: Path) -> None:
    (tmp_path / "suite.toml").write_text("[[runs]]\nname = 'a'\ntime_cap_s = 1", encoding="utf-8")
    told = call("bench", "run", tmp_path / "suite.toml", "--out", tmp_path / "runs.jsonl")
    assert (told.code, "names no instance" in told.sentence) == (2, True)
    assert not (tmp_path / "runs.jsonl").exists()


def known(cost: float | None, bound: float | None) -> Entry:
    """What an index may say of an instance."""
    cost_value, bound_value = (
        None if value is None else Value(value=value, by="somebody", date=datetime.date(2026, 1, 1))
        for value in (cost, bound)
    )
    return Entry(instance="city", sha256="cd" * 32, days=1, step_hours=24, cost=cost_value, bound=bound_value)


@pytest.mark.parametrize(
    ("entry", "status", "told"),
    [
        (known(11.0, 9.0), "optimal", "beats the best known cost of 11.000, beats the best known bound of 9.000"),
        (known(10.0, 10.0), "optimal", "gap 0.00%"),
        (known(None, 10.5), "contradicted", "the index knows that no plan costs less than 10.500000"),
        (known(9.5, None), "contradicted", "the index knows a plan for 9.500000"),
        (None, "optimal", "gap 0.00%"),
    ],
)
def test_held_to_the_index(entry: Entry | None, status: str, told: str) -> None:
    run = outcome.held_to(a_run(), entry)
    assert run.status == status
    assert told in outcome.told(run)
    assert outcome.told(run).endswith(told) or status == "contradicted"


def test_no_plan_where_one_is_known() -> None:
    run = a_run(status="infeasible", cost=None, bound=None, gap=None, trace=())
    assert outcome.held_to(run, known(10.0, None)).status == "contradicted"
    assert outcome.held_to(run, None).status == "infeasible"


def test_refused_plan_is_no_contradiction() -> None:
    assert outcome.held_to(a_run(status="invalid", violations=2), known(None, 10.5)).status == "invalid"


def test_primal_integral_is_to_the_best_known() -> None:
    """No plan for 1 s of the 3 s that the search took, then 10 where 8 is known: 1 + 2 · 2/10."""
    run = a_run(bound=None, gap=None, seconds={"solve": 3.0})
    assert outcome.held_to(run, known(8.0, None)).primal_integral_s == pytest.approx(1.4)
    assert outcome.held_to(run, None).primal_integral_s == pytest.approx(1.0)


def test_smoke(tmp_path: Path) -> None:
    """The smoke suite of the repository, with an index of its own that its results are entered in."""
    shutil.copytree(TUTORIAL, tmp_path / "tutorial")
    (tmp_path / "suites").mkdir()
    suite = shutil.copy(SMOKE, tmp_path / "suites")
    shutil.copytree(JINAN, tmp_path / "jinan")
    out = tmp_path / "runs.jsonl"
    told = call("bench", "run", suite, "--tag", "smoke", "--out", out, "--cache", tmp_path / "cache", "--record")
    assert told.code == 0, told.out + told.err
    runs = records.read(out).runs
    assert {run.name for run in runs} == {"tutorial-policy", "city-8", "street-30"}
    for run in runs:
        assert (run.status, run.violations) == ("optimal", 0)
        assert None not in (run.cost, run.bound, run.gap, run.primal_integral_s, run.peak_rss_mb, run.log)
        assert {"read", "build", "solve", "check", "total"} <= run.seconds.keys()
        assert run.trace
    tutorial = json.loads((tmp_path / "runs-results" / f"{Path(runs[0].log or '').stem}" / "result.json").read_text())
    entries = tomllib.loads((tmp_path / "index.toml").read_text(encoding="utf-8"))["known"]
    assert len(entries) == 3
    (entry,) = [one for one in entries if one["sha256"] == runs[0].instance_sha256]
    assert entry["cost"]["value"] == pytest.approx(tutorial["cost"])
    assert call("bench", "diff", out, out).code == 0
