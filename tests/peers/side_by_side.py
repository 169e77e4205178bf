"""topotherm's stored models in HiGHS beside heatnet's `design`: `python tests/peers/side_by_side.py --out FILE`.

Both sides of a case have the same machine, gap, threads and time limit, and take turns, each run in a process of its
own. heatnet's plan is priced by the rows of the case, as its README states them. Where there are no cases
(`convert.cases`), a sentence says so, and no page is written.
"""

from __future__ import annotations

import argparse
import datetime
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import highspy

if __name__ == "__main__":  # as a script: the package is beside the other tests
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from heatnet import Limits, solve
from heatnet.bench.setting import Setting
from heatnet.bench.tables import NONE, Table, number, spread
from peers import network, topotherm
from peers.convert import cases, convert, references

THREADS = 2

INTRODUCTION = """\
topotherm's public network with one producer: all consumers served (`forced`), or those that pay (`economic`). Its own
model, as it wrote it, in HiGHS, and the same case in heatnet: in turns, each run in a process of its own, {threads}
threads, the same gap and time limit, seeds from 0 to {last_seed}. Seconds are from the files of the case to
the answer, the median and the range; what topotherm takes to build its model, about a second, is not in them. Cost and
bound are the worst of the runs, in EUR a year; heatnet's plan is priced by the rows of the case."""


@dataclass(frozen=True)
class Case:
    """A case, the gap that is asked for, and the seconds that a run may take."""

    name: str
    gap: float
    time_s: float

    @property
    def folder(self) -> Path:
        """Its folder."""
        return cases() / self.name


CASES = (Case("topotherm_oneprod_sts_forced", 1e-4, 300.0), Case("topotherm_oneprod_sts_economic", 0.01, 60.0))


@dataclass(frozen=True)
class Run:
    """What came of a run, in the case's money; seconds from the case's files to the answer."""

    status: str
    seconds: float
    cost: float | None
    bound: float | None

    @property
    def gap(self) -> float | None:
        """Between cost and bound, relative to the cost."""
        if self.cost is None or self.bound is None or not self.cost:
            return None
        return (self.cost - self.bound) / abs(self.cost)


def theirs(case: Case, seed: int) -> Run:
    """The model that topotherm wrote, in HiGHS."""
    began = time.perf_counter()
    highs = highspy.Highs()
    options: dict[str, Any] = {"output_flag": False, "mip_rel_gap": case.gap, "time_limit": case.time_s}
    for name, value in (options | {"threads": THREADS, "random_seed": seed}).items():
        highs.setOptionValue(name, value)
    highs.readModel(str(case.folder / "model.mps.gz"))
    highs.run()
    seconds, info = time.perf_counter() - began, highs.getInfo()
    known = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    status = highs.modelStatusToString(highs.getModelStatus()).lower()
    return Run(status, seconds, info.objective_function_value if known else None, info.mip_dual_bound)


def ours(case: Case, seed: int) -> Run:
    """The case as an instance, with the strategy `design`."""
    began = time.perf_counter()
    conversion = convert(case.folder)
    # What consumers pay who must be served is no part of the instance's cost; the gap is asked of the case's.
    known = optimum(case)
    share = 1.0 if known is None else abs(known / (known - conversion.offset))
    limits = Limits(gap=case.gap * share, time_s=case.time_s, threads=THREADS, seed=seed)
    result = solve(conversion.instance, solver="design", limits=limits)
    seconds, answer = time.perf_counter() - began, result.answer
    cost = None
    if answer.solution is not None and result.report is not None and not result.report.violated:
        params = json.loads((case.folder / "params.json").read_text(encoding="utf-8"))
        cost = topotherm.read(case.folder, params).priced(*network.built(answer.solution))
    return Run(result.status, seconds, cost, None if answer.bound is None else conversion.cost(answer.bound))


HEAD = ("side", "status", "seconds", "cost", "bound", "gap", "times sooner", "against the proved optimum")


def optimum(case: Case) -> float | None:
    """The optimum of a case that was proved."""
    told = references()[case.name]["reference_objective"]
    return float(told) if told else None


SIDES = {"topotherm's model in HiGHS": theirs, "heatnet, `design`": ours}


def measured(case: Case, repeats: int) -> dict[str, list[Run]]:
    """The runs of each side of a case, in turns."""
    found: dict[str, list[Run]] = {side: [] for side in SIDES}
    alone = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=alone, max_tasks_per_child=1) as process:
        for seed in range(repeats):
            for side, run in SIDES.items():
                found[side].append(process.submit(run, case, seed).result())
                print(f"{case.name}, {side}: {found[side][-1]}", file=sys.stderr, flush=True)
    return found


def rows(case: Case, found: dict[str, list[Run]], known: float | None) -> Iterator[tuple[str, ...]]:
    """A row for each side; of costs and bounds the worst, and what is not so."""
    peer = statistics.median(run.seconds for run in next(iter(found.values())))
    for side, runs in found.items():
        gaps, costs, limits = [run.gap for run in runs], [run.cost for run in runs], [run.bound for run in runs]
        yield (
            side,
            ", ".join(sorted({run.status for run in runs})),
            spread([run.seconds for run in runs], "{:,.1f}"),
            number(None if None in costs else max(c for c in costs if c is not None), "{:,.2f}"),
            number(None if None in limits else min(b for b in limits if b is not None), "{:,.2f}"),
            NONE if None in gaps else f"{max(g for g in gaps if g is not None):.3%}",
            f"{peer / statistics.median(run.seconds for run in runs):.1f}",
            verdict(case, runs, known),
        )


def verdict(case: Case, runs: Sequence[Run], known: float | None) -> str:
    """Whether what is claimed holds against the proved optimum, with a millionth to spare."""
    if known is None:
        return "no optimum is known"
    spare = 1e-6 * abs(known)
    if any(run.bound is not None and run.bound > known + spare for run in runs):
        return "FALSE: bound above the optimum"
    if any(run.cost is not None and run.cost < known - spare for run in runs):
        return "FALSE: cost below the optimum"
    claims = [run for run in runs if run.status == "optimal"]
    if any(run.cost is None or run.cost > known + case.gap * abs(known) + spare for run in claims):
        return "FALSE: not optimal within the gap"
    return "true"


def page(found: dict[Case, dict[str, list[Run]]], repeats: int) -> Iterator[str]:
    """The page in Markdown."""
    yield "# Network design beside topotherm"
    yield ""
    yield "Written by `make bench-topotherm`. Seconds depend on the machine; the ratio holds better."
    yield ""
    yield f"{datetime.date.today().isoformat()}, {Setting.here().sentence}"
    yield ""
    yield INTRODUCTION.format(threads=THREADS, last_seed=repeats - 1)
    for case, runs in found.items():
        known = optimum(case)
        told = "none is known" if known is None else f"{known:,.2f}"
        yield ""
        yield f"## {case.name}"
        yield ""
        yield f"Gap asked {case.gap:.2%}, at most {case.time_s:.0f} s. Proved optimum: {told}."
        yield ""
        yield from Table(HEAD, tuple(rows(case, runs, known))).markdown()
    yield ""


def main() -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="Markdown page to write")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each side")
    arguments = parser.parse_args()
    missing = [str(case.folder) for case in CASES if not case.folder.is_dir()]
    if missing:
        print(f"SKIPPED: {', '.join(missing)} not there; HEATNET_CASES names the folder of cases.", file=sys.stderr)
        return 0
    found = {case: measured(case, arguments.repeats) for case in CASES}
    arguments.out.write_text("\n".join(page(found, arguments.repeats)), encoding="utf-8")
    print(f"{arguments.out} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
