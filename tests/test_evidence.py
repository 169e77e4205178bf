"""What a run tells of itself at its end, from reports made by hand; and that a run without an end is no success.

Sensitivity. Without each of these would go unnoticed:
- counts: failed tests, setups, and tests of other files that are counted as tried and proved.
- silence: a line about tests that did not run.
- recorded: numbers of one test only where several recorded some, or a line that fails where none did.
- cases of others: a case that is counted twice, or called proved where it was skipped, or a failure that is not told.
- names: a test that is renamed, and whose line goes with it without a word.
- end: a process that a test ended with exit code 0, the tests after it never run, and `make` content with that.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from evidence import OF_A_CASE, PEERS, TRIED, lines

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
    """Of eight cases two are proved, one lacks a feature, two are left for the night or not there, three failed."""
    stats = {
        "passed": [report(f"{PEERS}test_optimum[{name}]") for name in "ab"] + [report(f"{PEERS}test_all_cases")],
        "failed": [report(f"{PEERS}test_{name}") for name in ("optimum[c]", "missing[g]", "large_solved[h]", "mesh")],
        "skipped": [
            report(f"{PEERS}test_optimum[d]", "run it with -m night"),
            report(f"{PEERS}test_missing[e]", "e: heatnet does not have that"),
            report(f"{PEERS}test_large_solved[f]", "run it with -m night"),
        ],
    }
    line = "cases of others: 2 proved of 8, 1 need a feature, 2 not solved to the end here; 3 FAILED"
    assert lines(stats) == [line]


def test_names() -> None:
    """What is counted is there: each file, and each test that is named."""
    for start in (*TRIED, *(f"{PEERS}{name}[" for name in OF_A_CASE)):
        file, _, test = start.partition("::")
        assert f"def {test.rstrip('[')}" in (ROOT / file).read_text(encoding="utf-8"), start


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
@pytest.mark.parametrize("target", ["test", "night"])
@pytest.mark.parametrize(("what", "ends_well"), [("pass", True), ("os._exit(0)", False), ("assert False", False)])
def test_end(tmp_path: Path, target: str, what: str, ends_well: bool) -> None:
    """`make` believes a run that came to its end without failures, and not one that a test ended."""
    (tmp_path / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    (tmp_path / "python").chmod(0o755)
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "test_one.py").write_text(f"import os\n\n\ndef test_one():\n    {what}\n", encoding="utf-8")
    words = ["make", "-f", ROOT / "Makefile", "-o", ".venv/test.installed", "-o", "lint", "BIN=.", target]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode == 0) == ends_well, done.stdout + done.stderr
    assert "-m pytest" in done.stdout
