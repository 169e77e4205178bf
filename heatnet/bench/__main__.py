"""Measures what users wait for, each run in a process of its own, and writes the page of figures."""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from heatnet.bench.page import Row, figures, page, python, solve

INSTANCE = "instances/jinan"


def main() -> None:
    """Measure, and write the page to `--out`."""
    parser = argparse.ArgumentParser(prog="python -m heatnet.bench", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="Markdown page to write")
    parser.add_argument("--runs", type=int, default=3, help="runs of each solve (the median counts)")
    parser.add_argument(
        "--plain-seconds", type=float, default=120.0, help="time limit of the comparison with plain HiGHS"
    )
    arguments = parser.parse_args()
    rows = [*_start_up(), *_parts(arguments.runs), *_demo(arguments.runs), _plain(arguments.plain_seconds)]
    arguments.out.write_text(page("Performance", "make bench", list(figures(rows))), encoding="utf-8")
    sys.stdout.write(f"{arguments.out} written\n")


def _start_up() -> list[Row]:
    script = "import time; t = time.perf_counter(); {} ; print(time.perf_counter() - t)"
    imported = [float(python(script.format("import heatnet"))) for _ in range(5)]
    reading = f"import heatnet; heatnet.read({INSTANCE!r})"
    read = [float(python(script.format(reading))) for _ in range(5)]
    return [
        Row("`import heatnet`", f"{statistics.median(imported):.3f} s", 5, "under 1 s"),
        Row(f"import, read and validate `{INSTANCE}`", f"{statistics.median(read):.2f} s", 5, "under 2 s"),
    ]


PARTS = """
import multiprocessing, resource, time, heatnet
from heatnet.formulation.case import Case
from heatnet.instance.series import TimeGrid
from solvers.parts import block_part, core_part
instance = heatnet.read({instance!r})
case = Case(instance, grid := TimeGrid.choose(instance, 8, 1))
begun = time.perf_counter()
part = core_part(case)
kept = []
def block(place):
    kept.append(block_part(case, part.core.links_of(*place), *place).matrix)
    return list(kept[-1].size.values())
with multiprocessing.get_context("fork").Pool(2) as pool:
    sizes = pool.map(block, [(year, day) for year in case.years for day in grid.days], chunksize=24)
seconds = time.perf_counter() - begun
rows, columns, _, nonzeros = (sum(part) for part in zip(part.matrix.size.values(), *sizes))
own, child = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(seconds, own + 2 * child, len(sizes), rows, columns, nonzeros)
"""
"""Builds and compiles the core, and all blocks at 8 days × 24 h in two processes that keep the matrices."""


def _parts(runs: int) -> list[Row]:
    told = [[float(x) for x in python(PARTS.format(instance=INSTANCE)).split()] for _ in range(runs)]
    seconds, memory = statistics.median(x[0] for x in told), max(x[1] for x in told)
    _, _, blocks, rows, columns, nonzeros = told[0]
    return [
        Row(
            f"8 days × 24 h: build and compile the core and {blocks:.0f} blocks, two processes",
            f"{seconds:.0f} s",
            runs,
            "under 60 s",
        ),
        Row("— memory, peak of all processes", f"{memory:,.0f} MB", runs, "under 4 GB"),
        Row("— size", f"{rows:,.0f} rows, {columns:,.0f} columns, {nonzeros:,.0f} non-zeros", runs),
    ]


def _demo(runs: int) -> list[Row]:
    results = [solve(INSTANCE, "--schedule", "policy", "--gap", "0.015") for _ in range(runs)]
    first, median = results[0], statistics.median
    resolution = f"{first['options']['days']} days in steps of {first['options']['step_hours']} h"
    size = first["size"]
    seconds = {name: median(r["seconds"][name] for r in results) for name in first["seconds"]}
    share = ", ".join(f"{name} {value:.1f} s" for name, value in seconds.items() if name != "total")
    return [
        Row(
            f"`make demo` ({resolution}): wall time to a proven gap ≤ 1.5 %",
            f"{seconds['total']:.0f} s",
            runs,
            "under 120 s",
        ),
        Row("— of which", share, runs),
        Row("— gap proven", f"{max(r['gap'] for r in results):.2%} (worst)", runs, "≤ 1.5 %"),
        Row("— memory, peak", f"{max(r['peak_rss_mb'] for r in results):,.0f} MB", runs, "under 3 GB"),
        Row("— size", f"{size['rows']:,} rows, {size['columns']:,} columns, {size['integers']:,} integers", runs),
        Row("— cost and bound", f"{first['cost']:,.1f} and {first['bound']:,.1f} {first['unit']}", runs),
    ]


def _plain(seconds: float) -> Row:
    result = solve(
        INSTANCE, "--schedule", "policy", "--gap", "0.015", "--solver", "plain", "--time-limit", str(seconds)
    )
    gap = "no plan" if result["gap"] is None else f"gap {result['gap']:.2%}"
    what = f"the same model handed to HiGHS as it is (`--solver plain`), stopped after {seconds:.0f} s"
    return Row(what, f"{gap} after {result['seconds']['total']:.0f} s", 1)


if __name__ == "__main__":
    main()
