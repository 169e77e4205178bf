"""Models that the peers' own programs wrote for cases of their own, solved anew beside the optimum that was proved.

A folder holds one folder for each case with `model.mps.gz`, and `references.csv` with the optima. They show what the
solver does with a peer's formulation; heatnet has no part in them.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

AGREEMENT = 1e-4
"""Largest relative difference of two objectives that are the same."""

SCRIPT = """
import json, resource, sys, time
import highspy
model, seconds = sys.argv[1], float(sys.argv[2])
highs = highspy.Highs()
for name, value in (("output_flag", False), ("threads", 1), ("time_limit", seconds), ("mip_rel_gap", 1e-6)):
    highs.setOptionValue(name, value)
highs.readModel(model)
began = time.perf_counter()
highs.run()
told = {"status": highs.modelStatusToString(highs.getModelStatus()), "solve_s": time.perf_counter() - began}
told |= {"cost": highs.getInfo().objective_function_value, "nonzeros": highs.getNumNz()}
told |= {"peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}
print(json.dumps(told))
"""
"""Solves an MPS file in a process that has nothing of heatnet."""


@dataclass(frozen=True)
class Stored:
    """What came of a stored model. `reference`: its proved optimum, None where there is none."""

    case: str
    status: str
    cost: float
    reference: float | None
    solve_s: float
    peak_rss_mb: float

    @property
    def verdict(self) -> str:
        """Whether an optimum that is claimed is the one that was proved."""
        if self.reference is None:
            return "no optimum is known"
        if self.status != "Optimal":
            return f"stopped ({self.status})"
        off = abs(self.cost - self.reference) / max(abs(self.reference), 1e-9)
        return "agrees" if off <= AGREEMENT else f"WRONG: {off:.1e} off"


def solved(folder: Path, seconds: float) -> Iterator[Stored]:
    """Every case of a folder that has a model, in order of names."""
    with (folder / "references.csv").open(encoding="utf-8", newline="") as file:
        optima = {row["case"]: row["reference_objective"] for row in csv.DictReader(file)}
    for case, optimum in sorted(optima.items()):
        model = folder / case / "model.mps.gz"
        if not model.exists():
            continue
        command = [sys.executable, "-c", SCRIPT, str(model), str(seconds)]
        told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        reference = float(optimum) if optimum else None
        yield Stored(case, told["status"], told["cost"], reference, told["solve_s"], told["peak_rss_mb"])
