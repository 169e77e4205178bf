"""What a run of the tests tried, in numbers: counted from its reports, so that no line tells of what did not run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

TRIED = {
    "tests/check/test_mutations.py::test_what_matters_is_caught": (
        "perturbations of answers: {caught} of {matter} that matter were caught"
    ),
    "tests/instance/test_fuzz.py::test_mutation[": (
        "spoiled instance folders: {passed}, each answered or refused with a message"
    ),
    "tests/test_kill.py::": "killed solves: {passed}, each leaving the old result, a new one or none",
    "tests/oracles/test_brute_force.py::": "brute force: {passed} instances, all their {plans} plans priced",
    "tests/oracles/test_presolve.py::test_presolve[": "instances solved with presolve on and off: {passed}",
    "tests/fingerprints/test_fingerprints.py::test_model[": "fingerprints: {passed} models unchanged",
}
"""A line by how the names of its tests begin: `passed` is their number, other words what they recorded, added up."""

PEERS = "tests/peers/test_peers.py::"
OF_A_CASE = ("test_optimum", "test_missing", "test_large_solved")
"""Tests that say what became of a case; each case has one of them."""


def lines(stats: Mapping[str, Iterable[Any]]) -> list[str]:
    """Lines from the reports of a run by their outcome, as pytest's terminal reporter keeps them."""
    by_outcome = {outcome: list(stats.get(outcome, ())) for outcome in ("passed", "failed", "error", "skipped")}
    told = [line for start, text in TRIED.items() if (line := _line(by_outcome, start, text))]
    return told + _of_peers(by_outcome)


def _line(by_outcome: Mapping[str, list[Any]], start: str, text: str) -> str:
    own = {name: [one for one in reports if one.nodeid.startswith(start)] for name, reports in by_outcome.items()}
    failed = len(own["failed"]) + len(own["error"])
    if not own["passed"] and not failed:
        return ""
    sums = Counter[str]()
    for report in own["passed"] + own["failed"]:
        sums.update(dict(report.user_properties))
    words = Counter({**sums, "passed": len(own["passed"])})  # what was not recorded is 0
    return text.format_map(words) + (f"; {failed} FAILED" if failed else "")


def _of_peers(by_outcome: Mapping[str, list[Any]]) -> list[str]:
    """Cases of others: proved, in need of what heatnet lacks, and not solved here; each case once."""
    place: dict[str, str] = {}
    for outcome, reports in by_outcome.items():
        for report in reports:
            test, _, case = report.nodeid.removeprefix(PEERS).removesuffix("]").partition("[")
            if not report.nodeid.startswith(PEERS) or test not in OF_A_CASE:
                continue
            if outcome in ("failed", "error"):
                place[case] = "FAILED"
            elif test == "test_optimum" and outcome == "passed":
                place[case] = "proved"
            else:
                place[case] = "lacking" if "does not have" in str(report.longrepr) else "rest"
    if not place:
        return []
    number = Counter(place.values())
    text = f"cases of others: {number['proved']} proved of {len(place)}, {number['lacking']} need a feature"
    text += f", {number['rest']} not solved to the end here" if number["rest"] else ""
    return [text + (f"; {number['FAILED']} FAILED" if number["FAILED"] else "")]
