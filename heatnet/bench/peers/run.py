"""One side of one case in a process of its own: `python -m heatnet.bench.peers.run WORK` prints an outcome as JSON."""

from __future__ import annotations

import importlib
import json
import logging
import sys
import warnings
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import heatnet
from heatnet.bench.peers.features import CLUSTERS, LEFT_OUT, without
from heatnet.bench.peers.outcome import Outcome, Task
from heatnet.bench.peers.standing import Plan, standing
from heatnet.instance.instance import Instance
from heatnet.instance.series import Hours, TimeGrid, coldest_day
from heatnet.solution import Solution
from heatnet.solve import peak_rss_mb

ADAPTERS = {
    "PyPSA, dispatch": ("in_pypsa", "dispatch"),
    "PyPSA, season": ("in_pypsa", "season"),
    "PyPSA, investment": ("in_pypsa_invest", "invest"),
    "oemof.solph, dispatch": ("in_oemof", "dispatch"),
}
"""Module and function of each adapter. They import the peer, which only its own process does."""


@dataclass(frozen=True)
class Work:
    """What an adapter does with an instance, and whether heatnet does it in its place.

    `run`: a result folder whose last stage is the fixed plan; None: what stands at the start. `hours`: around the
    coldest day in a dispatch, from the first on in a season, of a step in an investment. `clusters`: clusters under
    commitment are not taken apart.
    """

    adapter: str
    instance: str
    hours: int
    seconds: float
    ours: bool
    run: str | None = None
    clusters: bool = False

    @property
    def job(self) -> str:
        """dispatch, season or investment."""
        return self.adapter.split(", ")[1]


WINDOW_H, OVERLAP_H = 48, 24
"""The rolling horizon of a season, on both sides."""


WARM = "instances/tutorial"
"""What a process dispatches first, so that what is imported late and compiled once is not in the figures."""


def task(work: Work) -> Task:
    """The instance without what the adapter leaves out, on its hours."""
    instance = heatnet.read(work.instance)
    left_out = tuple(one for one in LEFT_OUT[work.adapter] if not (work.clusters and one is CLUSTERS))
    if work.job == "investment":
        reduced = without(instance, left_out)
        return Task(reduced, TimeGrid.choose(reduced, 1, work.hours), seconds=work.seconds)
    reduced = without(standing(instance, _plan(work, instance)), left_out)
    first = 0 if work.job == "season" else _around_coldest(reduced, work.hours)
    return Task(reduced, Hours.of(reduced, first, work.hours), seconds=work.seconds)


def _plan(work: Work, instance: Instance) -> Plan:
    if work.run is None:
        return Plan.at_start(instance)
    folder = Path(work.run)
    options = json.loads((folder / "result.json").read_text(encoding="utf-8"))["options"]
    return Plan.of(instance, Solution.read(folder, options["step_hours"]), instance.stages[-1].year)


def _around_coldest(instance: Instance, hours: int) -> int:
    """First hour of whole days, of which the coldest is in the middle as far as the season goes."""
    begin = (coldest_day(instance) - hours // 48) * 24
    return max(0, min(begin, instance.series.hours - hours))


def outcome(work: Work) -> Outcome:
    """Do the work."""
    module, function = ("ours", work.job) if work.ours else ADAPTERS[work.adapter]
    side = getattr(importlib.import_module(f"heatnet.bench.peers.{module}"), function)
    told: Outcome = side(task(work), WINDOW_H, OVERLAP_H) if work.job == "season" else side(task(work))
    return told


def main() -> None:
    """Read the work from the command line, and print what came of it."""
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    work = Work(**json.loads(sys.argv[1]))
    peer = work.adapter.split(", ")[0]
    outcome(replace(work, adapter=f"{peer}, dispatch", instance=WARM, hours=24, run=None))
    told: dict[str, Any] = asdict(outcome(work))
    sys.stdout.write("\n" + json.dumps(told | {"peak_rss_mb": peak_rss_mb()}) + "\n")


if __name__ == "__main__":
    main()
