"""What a run tells of itself at its end, from reports made by hand.

Sensitivity. Without each of these would go unnoticed:
- counts: failed tests, setups, and tests of other files that are counted as tried and proved.
- silence: a line about tests that did not run.
- recorded: numbers of one test only where several recorded some, or a line that fails where none did.
- cases of others: a case that is counted twice, or that is called proved where it was skipped.
- names: a test that is renamed, and whose line goes with it without a word.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from evidence import PEERS, TRIED, lines

ROOT = Path(__file__).parents[1]
FUZZ = "tests/instance/test_fuzz.py::test_mutation"
BRUTE = "tests/oracles/test_brute_force.py::"


def report(nodeid: str, told: str = "", **recorded: int) -> Any:
    """A report as far as it is looked at."""
    return SimpleNamespace(nodeid=nodeid, longrepr=told, user_properties=list(recorded.items()))


def test_counts() -> None:
    """Two folders of three were dealt with; a test with a longer name is another."""
    stats = {
        "passed": [report(f"{FUZZ}[0]"), report(f"{FUZZ}[1]"), report(f"{FUZZ}s_of_others[1]")],
        "failed": [report(f"{FUZZ}[2]")],
        "": [report(f"{FUZZ}[0]")],
        "warnings": [object()],
    }
    assert lines(stats) == ["spoiled instance folders: 2, each answered or refused with a message; 1 FAILED"]


def test_silence() -> None:
    """Nothing is told of tests that did not run, or were skipped."""
    assert lines({}) == []
    assert lines({"passed": [report("tests/test_docs.py::test_x")], "skipped": [report(f"{FUZZ}[0]")]}) == []


def test_recorded() -> None:
    """Recorded numbers add up; what nobody recorded is 0."""
    told = [report(f"{BRUTE}test_a", plans=48), report(f"{BRUTE}test_b", plans=2), report(f"{BRUTE}test_c")]
    assert lines({"passed": told}) == ["brute force: 3 instances, all their 50 plans priced"]
    assert lines({"error": told[:1]}) == ["brute force: 0 instances, all their 0 plans priced; 1 FAILED"]


def test_cases_of_others() -> None:
    """Of six cases two are proved, one lacks a feature, two are left for the night or not there, one failed."""
    stats = {
        "passed": [report(f"{PEERS}test_optimum[{name}]") for name in "ab"] + [report(f"{PEERS}test_all_cases")],
        "failed": [report(f"{PEERS}test_optimum[c]")],
        "skipped": [
            report(f"{PEERS}test_optimum[d]", "run it with -m night"),
            report(f"{PEERS}test_missing[e]", "e: heatnet does not have that"),
            report(f"{PEERS}test_large_solved[f]", "run it with -m night"),
        ],
    }
    line = "cases of others: 2 proved of 6, 1 need a feature, 2 not solved to the end here; 1 FAILED"
    assert lines(stats) == [line]


def test_names() -> None:
    """What is counted is there: each file, and each test that is named."""
    for start in (*TRIED, *(PEERS + name for name in ("test_optimum[", "test_missing[", "test_large_solved["))):
        file, _, test = start.partition("::")
        assert f"def {test.rstrip('[')}" in (ROOT / file).read_text(encoding="utf-8"), start
