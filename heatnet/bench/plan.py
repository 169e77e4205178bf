"""The plan at full resolution: how its gap closes, the one big model beside it, a second schedule, growing cities."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from heatnet.bench.page import Row, figures, heatnet, page, solve

INSTANCE = "instances/jinan"
GAPS = (0.05, 0.04, 0.03, 0.02, 0.01, 0.005)
NODES, DAYS = (30, 60, 120, 240), (4, 8, 16)
PHASES = ("blocks", "first plan", "relaxation", "plan")


def main() -> None:
    """Measure, and write the page to `--out`."""
    parser = argparse.ArgumentParser(prog="python -m heatnet.bench.plan", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="Markdown page to write")
    parser.add_argument("--seconds", type=float, default=600.0, help="time limit of each solve of Jinan")
    parser.add_argument("--growth-seconds", type=float, default=240.0, help="time limit of each generated city")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = list[str]()
        for line in _lines(arguments.seconds, arguments.growth_seconds, Path(folder)):
            lines.append(line)  # hours of solving: what is known is on the page at once
            arguments.out.write_text(page("The plan at full resolution", "make bench-plan", lines), encoding="utf-8")
    sys.stdout.write(f"{arguments.out} written\n")


def _lines(seconds: float, growth_seconds: float, folder: Path) -> Iterator[str]:
    yield from figures(_jinan(seconds, folder))
    yield from ("", "## Growth", "")
    yield from _growth(growth_seconds, folder)


def _jinan(seconds: float, folder: Path) -> Iterator[Row]:
    options = ("--days", "8", "--step-hours", "1", "--gap", "0.005", "--time-limit", str(seconds))
    split = ("--solver", "decomposition")
    first = solve(INSTANCE, "--schedule", "policy", *split, *options, out=folder / "policy")
    what = f"Jinan, 6 stages × 8 days × 24 h, contingencies on, two processes, stopped after {seconds:.0f} s"
    yield Row(f"{what}: gap at the end", f"{first['gap']:.2%}", 1, "≤ 1 % in 300 s, ≤ 0.5 % in 600 s")
    for wanted in GAPS:
        yield Row(f"— seconds to a gap of {wanted:.1%}", _when(first, wanted), 1)
    yield Row("— first checked plan after", _time(_first_plan(first)), 1)
    shares = ", ".join(f"{name} {first['seconds'][name]:.0f} s" for name in PHASES if name in first["seconds"])
    yield Row("— where the time goes", shares, 1)
    yield Row("— cost and bound", f"{first['cost']:,.1f} and {first['bound']:,.1f} {first['unit']}", 1)
    yield Row("— memory, peak of all processes", f"{first['peak_rss_mb']:,.0f} MB", 1, "≤ 6 GB")
    again = ("--gap", str(first["gap"]), "--start", str(folder / "policy"))
    second = solve(INSTANCE, "--schedule", "late", *split, *options, *again, out=folder / "late")
    yield Row(
        f"schedule `late` from the cuts and the plan of `policy`: to the gap of {first['gap']:.2%}",
        f"{_when(second, first['gap'])}, where `policy` took {_when(first, first['gap'])}",
        1,
        "a quarter",
    )
    for solver in ("monolithic", "decomposition"):
        middle = ("--days", "4", "--step-hours", "4", "--gap", "0.01", "--time-limit", str(0.4 * seconds))
        told = solve(INSTANCE, "--schedule", "policy", "--solver", solver, *middle)
        yield Row(f"4 days in steps of 4 h, `--solver {solver}`, stopped after {0.4 * seconds:.0f} s", _ends(told), 1)
    whole = solve(INSTANCE, "--schedule", "policy", "--solver", "plain", *options)
    what = f"the one big model of 8 days × 24 h in HiGHS (`--solver plain`), stopped after {seconds:.0f} s"
    yield Row(what, _ends(whole), 1, "20 times slower, or no such answer")


def _growth(seconds: float, folder: Path) -> Iterator[str]:
    """Generated cities: seconds to the closed relaxation and to the first checked plan, and the gap at the limit."""
    yield f"Cities of `heatnet generate city --seed 1`, 6 stages, hourly days; solves stopped after {seconds:.0f} s."
    yield ""
    yield "| nodes | days | rows of the core | first plan | relaxation closed | gap 1 % | gap at the end |"
    yield "|---|---|---|---|---|---|---|"
    closed: dict[tuple[int, int], float] = {}
    for nodes, days in [*[(nodes, 8) for nodes in NODES], *[(NODES[0], days) for days in DAYS if days != 8]]:
        city = folder / f"city-{nodes}"
        if not city.exists():
            heatnet("generate", "city", "--nodes", str(nodes), "--seed", "1", "--out", str(city))
        limits = ("--days", str(days), "--step-hours", "1", "--gap", "0.01", "--time-limit", str(seconds))
        result = solve(str(city), "--schedule", "policy", "--solver", "decomposition", *limits)
        spent = result["seconds"]
        if "plan" in spent:
            closed[nodes, days] = sum(spent[name] for name in PHASES[:-1])
        gap = "–" if result["gap"] is None else f"{result['gap']:.2%}"
        yield (
            f"| {nodes} | {days} | {result['size']['rows']:,} | {_time(_first_plan(result))} "
            f"| {_time(closed.get((nodes, days)))} | {_when(result, 0.01)} | {gap} |"
        )
    yield ""
    by_nodes = _exponent([(nodes, closed[nodes, 8]) for nodes in NODES if (nodes, 8) in closed])
    by_days = _exponent([(days, closed[NODES[0], days]) for days in DAYS if (NODES[0], days) in closed])
    yield f"Fitted: seconds to the closed relaxation grow with nodes^{by_nodes} and days^{by_days}."


def _exponent(points: Sequence[tuple[int, float]]) -> str:
    """Slope of a line through the logarithms, by least squares."""
    if len(points) < 2:
        return "? (too few were closed)"
    size, seconds = np.log(np.array(points, dtype=float)).T
    return f"{np.polyfit(size, seconds, 1)[0]:.1f}"


def _first_plan(result: dict[str, Any]) -> float | None:
    return next((second for second, cost, _ in result["trace"] if cost is not None), None)


def _when(result: dict[str, Any], gap: float) -> str:
    """Seconds of the search after which cost and bound were so near."""
    known = ((second, cost, bound) for second, cost, bound in result["trace"] if cost is not None and bound is not None)
    return _time(next((second for second, cost, bound in known if cost - bound <= gap * abs(cost) + 1e-9), None))


def _ends(result: dict[str, Any]) -> str:
    """What a solve came to."""
    gap = "no plan" if result["gap"] is None else f"a gap of {result['gap']:.2%}"
    bound = "no bound" if result["bound"] is None else f"bound {result['bound']:,.1f}"
    return f"{gap}, {bound}, first plan after {_time(_first_plan(result))}"


def _time(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.0f} s"


if __name__ == "__main__":
    main()
