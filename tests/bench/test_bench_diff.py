"""Two files of runs: ratios, what counts as a regression, and answers that cannot both be true.

Sensitivity:
- pairs: runs of other options, or those that were killed, would be set beside each other.
- faster, slower: a change within the noise, or below the threshold, would count.
- regression: a slower file, a lost proof or a wider gap would end with exit code 0; a faster one with 1.
- one run: a single run that became far slower would drown in the mean of the others.
- contradiction: a cost below another's bound, or a plan where another proved that there is none, would pass; a refused
  plan, or a bound of another resolution, would be called one.
- Markdown: the verdict or the table would be no Markdown; without a comparison there would be no word of it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import call
from test_bench_records import a_run, written

from heatnet.bench.diff import Thresholds, compare, contradictions
from heatnet.bench.records import Run

PLAIN = Thresholds()


def timed(name: str, *seconds: float, **changes: object) -> list[Run]:
    """Repeats of a run with these times."""
    return [
        a_run(name=name, options_sha256=name, seed=seed, seconds={"total": value}, **changes)
        for seed, value in enumerate(seconds)
    ]


def test_ratio_of_files() -> None:
    """Shift 1 s: (1, 7) has the geometric mean √(2 · 8) = 4, (3, 15) has √(4 · 16) = 8; nothing is repeated."""
    found = compare([*timed("a", 1), *timed("b", 7)], [*timed("a", 3), *timed("b", 15)], PLAIN)
    assert found.time is not None
    assert (found.time.value, found.time.low) == (pytest.approx(2.0), None)
    assert found.memory is not None
    assert found.memory.value == pytest.approx(1.0)
    assert found.regressions == ("time: 2.000 times that of before, more than 1.1.",)
    assert [pair.name for pair in found.lost(1.1)] == ["a", "b"]
    assert compare([*timed("a", 3)], [*timed("a", 1)], PLAIN).regressions == ()


def test_noise() -> None:
    """A run that takes 5 to 20 s before takes 15 to 20 s now: slower, but its own repeats differ by more."""
    noisy = compare(timed("a", 5, 20, 5), timed("a", 15, 20, 15), PLAIN)
    assert noisy.time is not None
    assert noisy.time.value > 1.1
    assert noisy.time.low is not None
    assert noisy.time.low < 1
    assert noisy.lost(1.1) == noisy.regressions == ()


def test_one_run_far_slower() -> None:
    """One of twenty runs takes six times as long, each time: the mean hardly moves, the run is told."""
    others = [run for number in range(19) for run in timed(f"r{number}", 10, 10)]
    found = compare([*others, *timed("a", 10, 10)], [*others, *timed("a", 65, 65)], PLAIN)
    assert found.time is not None
    assert found.time.value < 1.1
    assert found.regressions == ("a: takes 6.00 times the time of before, 6.00 at least.",)


def test_only_runs_that_ended_well_are_timed() -> None:
    killed = timed("a", 60, status="time_cap", cost=None, bound=None, gap=None, reason="killed after 60 s")
    found = compare([*timed("a", 1), *timed("b", 1)], [*killed, *timed("b", 1), *timed("c", 1)], PLAIN)
    assert found.time is not None
    assert found.time.value == 1.0
    assert found.regressions == ("a: time_cap (killed after 60 s), where it was optimal.",)
    assert [pair.name for pair in found.changes] == ["a"]
    assert found.alone == ((), ("c",))


def test_gap() -> None:
    """3 % where it was 2 % is more than half a point; 2.4 % is not."""
    old = timed("a", 9, status="feasible", bound=9.8, gap=0.02)
    wider = timed("a", 9, status="feasible", bound=9.7, gap=0.03)
    hardly = timed("a", 9, status="feasible", bound=9.76, gap=0.024)
    assert compare(old, wider, PLAIN).regressions == ("a: ends with a gap of 3.00%, where it was 2.00%.",)
    assert compare(old, hardly, PLAIN).regressions == ()


def test_contradictions() -> None:
    plan = a_run(name="plan", cost=10.0, bound=9.0)
    assert len(list(contradictions([plan, a_run(name="high", cost=12.0, bound=11.0)]))) == 1
    (told,) = contradictions([plan, a_run(name="none", status="infeasible", cost=None, bound=None)])
    assert told.startswith("plan (monolithic, seed 0, c0ffee) has a plan for 10.000000, but none (")
    refused = a_run(status="invalid", cost=5.0, bound=None, violations=3)
    finer = a_run(cost=12.0, bound=11.0, days=2)
    elsewhere = a_run(cost=12.0, bound=11.0, instance_sha256="0" * 64)
    assert list(contradictions([plan, refused, finer, elsewhere])) == []


def test_exit_codes(tmp_path: Path) -> None:
    old = written(tmp_path / "old.jsonl", *timed("a", 10, 10))
    fast = written(tmp_path / "fast.jsonl", *timed("a", 5, 5))
    wrong = written(tmp_path / "wrong.jsonl", *timed("a", 10, 10, cost=12.0, bound=11.0))
    assert call("bench", "diff", old, fast).code == 0
    slower = call("bench", "diff", fast, old)
    assert (slower.code, "times that of before" in slower.err) == (1, True)
    assert call("bench", "diff", fast, old, "--time", 2).code == 0
    contradicted = call("bench", "diff", old, wrong, "--time", 9)
    assert (contradicted.code, "one of the two is wrong" in contradicted.sentence) == (1, True)
    meant = call("bench", "diff", old, fast, "--time", 0.9)
    assert (meant.code, meant.sentence) == (2, "--time 0.9: must be 1 or more.")
    missing = call("bench", "diff", old, tmp_path / "none.jsonl")
    assert (missing.code, "cannot be read" in missing.sentence) == (2, True)


def test_markdown(tmp_path: Path) -> None:
    old, new = written(tmp_path / "old.jsonl", *timed("a", 10)), written(tmp_path / "new.jsonl", *timed("a", 5))
    lines = call("bench", "diff", old, new, "--markdown").out.splitlines()
    assert lines[0] == "## No regression"
    assert "| run | status | seconds | ratio | peak MB | ratio | gap |  |" in lines
    assert "| a | optimal | 10.0 → 5.0 | 0.545 | 100 → 100 | 1.000 | 0.00% | faster |" in lines  # 6 / 11
    other = written(tmp_path / "other.jsonl", *timed("b", 5))
    assert call("bench", "diff", old, other, "--markdown").out.startswith("## Nothing to compare")
