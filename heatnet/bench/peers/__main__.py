"""The same work in PyPSA and oemof.solph beside heatnet: `python -m heatnet.bench.peers --out FILE`."""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from heatnet.bench.peers.features import LEFT_OUT
from heatnet.bench.peers.run import Work
from heatnet.bench.peers.stored import solved
from heatnet.bench.peers.table import Pair, Told, building, left_out, pairs, stored_models
from heatnet.bench.process import capped
from heatnet.bench.setting import Setting
from heatnet.generate import city
from heatnet.instance import write

CASES = "HEATNET_CASES"
"""Environment variable that names the folder of stored models."""

PACKAGES = {"PyPSA": "pypsa", "oemof.solph": "oemof.solph"}
DAY_H, WEEK_H, SEASON_H = 24, 168, 2880
SPARE, MEMORY_MB = 3.0, 8000.0
"""Time that a process may take, in terms of the solver's limit (a rolling horizon has many solves), and its memory."""


def main() -> int:
    """Run every case, write the page, and say 1 where objectives contradict each other."""
    parser = argparse.ArgumentParser(prog="python -m heatnet.bench.peers", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="Markdown page to write")
    parser.add_argument("--seconds", type=float, default=300.0, help="time limit of each solve")
    parser.add_argument("--season-hours", type=int, default=SEASON_H, help="hours of the season to roll through")
    parser.add_argument("--only", default="", help="only cases whose name contains this")
    parser.add_argument("--cases", type=Path, default=os.environ.get(CASES), help=f"stored models (or {CASES})")
    parser.add_argument("--run", type=Path, help="a result folder of Jinan, whose last stage is dispatched too")
    arguments = parser.parse_args()
    found, wrong = list[Pair](), False
    with tempfile.TemporaryDirectory() as folder:
        for case, work in cases(Path(folder), arguments.seconds, arguments.season_hours, arguments.run):
            if arguments.only in f"{case}, {work.job}" and installed(work.adapter):
                found.append(pair(case, work))
                wrong |= found[-1].wrong
                sys.stderr.write(f"{case}, {work.adapter}: {found[-1].verdict}\n")
                _write(arguments.out, [*_page(found), ""])
    lines = [*_page(found), "", "## Stored models", ""]
    if arguments.cases is None or not Path(arguments.cases, "references.csv").exists():
        sys.stderr.write(f"SKIPPED: stored models; --cases or {CASES} names no folder with references.csv.\n")
        lines.append("Skipped: not at hand.")
    else:
        lines += stored_models(solved(Path(arguments.cases), arguments.seconds))
    _write(arguments.out, lines)
    sys.stdout.write(f"{arguments.out} written\n")
    return 1 if wrong else 0


def cases(folder: Path, seconds: float, season_h: int, run: Path | None) -> Iterator[tuple[str, Work]]:
    """Names and works, small ones first."""
    small = folder / "city"
    write(city(12), small)
    tutorial, jinan = "instances/tutorial", "instances/jinan"
    peers = ("PyPSA, dispatch", "oemof.solph, dispatch")
    for adapter in peers:
        yield "tutorial, a day", Work(adapter, tutorial, DAY_H, seconds, ours=False)
        yield "city of 12 nodes, a day", Work(adapter, str(small), DAY_H, seconds, ours=False)
        yield "city of 12 nodes, a week", Work(adapter, str(small), WEEK_H, seconds, ours=False)
    yield "tutorial, two stages", Work("PyPSA, investment", tutorial, 24, seconds, ours=False)
    yield "city of 12 nodes, six stages", Work("PyPSA, investment", str(small), 12, seconds, ours=False)
    for adapter in peers:
        yield "Jinan at the start, a day", Work(adapter, jinan, DAY_H, seconds, ours=False)
        yield "Jinan at the start, a week", Work(adapter, jinan, WEEK_H, seconds, ours=False)
    hours = f"{season_h} h of the season"
    yield f"city of 12 nodes, {hours}", Work("PyPSA, season", str(small), season_h, seconds, ours=False)
    yield f"Jinan at the start, {hours}", Work("PyPSA, season", jinan, season_h, seconds, ours=False)
    if run is not None:
        stages = json.loads((run / "result.json").read_text(encoding="utf-8"))
        planned = Work("PyPSA, dispatch", str(run / "instance"), DAY_H, seconds, ours=False, run=str(run))
        yield f"{stages['instance']}, last stage of a plan, a day", planned


def installed(adapter: str) -> bool:
    """Whether the peer is there; a sentence where it is not."""
    package = PACKAGES[adapter.split(", ")[0]]
    top = package.split(".")[0]
    if importlib.util.find_spec(top) is not None:
        return True
    sys.stderr.write(f"SKIPPED: {adapter}; {package} is not installed (pip install 'heatnet[peers]').\n")
    return False


def pair(case: str, work: Work) -> Pair:
    """Both sides of a case, each in a process of its own, one after the other; a dispatch with whole clusters, too."""
    clustered = _told(replace(work, ours=True, clusters=True)) if work.job == "dispatch" else None
    return Pair(case, work.adapter, _told(work), _told(replace(work, ours=True)), clustered)


def _told(work: Work) -> Told:
    command = [sys.executable, "-m", "heatnet.bench.peers.run", json.dumps(asdict(work))]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        time_s = SPARE * work.seconds
        ended = capped(command, cwd=Path.cwd(), out=out, err=errors, time_s=time_s, memory_mb=MEMORY_MB)
        if ended.cap is not None:
            return {"status": f"took more than {time_s:.0f} s" if ended.cap == "time_cap" else "took all memory"}
        out.seek(0)
        errors.seek(0)
        if ended.exit_code:
            last = errors.read().strip().splitlines()[-1:] or [f"ended with {ended.exit_code}"]
            return {"status": f"failed ({last[0]})"}
        told: Told = json.loads(out.read().splitlines()[-1])
    return told


def _page(found: Sequence[Pair]) -> list[str]:
    adapters = [adapter for adapter in LEFT_OUT if any(one.adapter == adapter for one in found)]
    versions = [
        f"{name} {importlib.metadata.version(name)}" for name in ("pypsa", "linopy", "oemof.solph") if _has(name)
    ]
    return [
        ", ".join(versions) + ". What is measured and how: docs/peers.md.",
        "",
        *pairs(found),
        "",
        "## Build time for every non-zero",
        "",
        *building(found),
        "",
        "## Left out on both sides",
        "",
        *left_out(adapters),
    ]


def _has(distribution: str) -> bool:
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _write(path: Path, lines: Sequence[str]) -> None:
    head = [
        "# Peers beside heatnet",
        "",
        "Written by `python -m heatnet.bench.peers`. Seconds depend on the machine; ratios of one page hold better.",
        "",
        f"{datetime.date.today().isoformat()}, {Setting.here().sentence}",
    ]
    path.write_text("\n".join([*head, *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
