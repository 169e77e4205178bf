"""A result folder: written whole or not at all, read again, and judged again.

Everything is written into a hidden folder beside the place asked for and moved there in one step at the end, so that
neither a full disk nor a kill leaves something that looks like a result.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from heatnet.check import CheckReport, check
from heatnet.errors import InstanceError, RunError, UsageError
from heatnet.instance import Instance, read, write
from heatnet.report.network import network
from heatnet.solution import Solution
from heatnet.solve import COST_TOLERANCE, Result, cost_difference, versions

RESULT = "result.json"


@dataclass(frozen=True)
class Run:
    """A result folder as read. `solution` is None where the solver found no plan."""

    folder: Path
    summary: dict[str, Any]
    instance: Instance
    solution: Solution | None


@contextlib.contextmanager
def reserved(out: Path, force: bool) -> Iterator[Path]:
    """A hidden folder that becomes `out` when the block ends well, and vanishes when it does not.

    Opened before a long solve, so that a place that cannot be written is known at once. Raises UsageError when
    `out` is there already and `force` is not given, or is not a result; RunError when it cannot be written.
    """
    if out.exists() or out.is_symlink():
        if not force:
            raise UsageError(f"{out}: is there already; choose another --out, or add --force to replace it.")
        if not (out / RESULT).is_file():
            raise UsageError(f"{out}: is not a result folder of heatnet, so --force does not replace it.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        hidden = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise _unwritable(out, error) from None
    try:
        yield hidden
        hidden.chmod(0o755)  # mkdtemp gives 0o700; a result is for colleagues too
        _move(hidden, out)
    except OSError as error:
        raise _unwritable(out, error) from None
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _unwritable(out: Path, error: OSError) -> RunError:
    return RunError(f"{out}: cannot be written ({error.strerror or error}); nothing was left there.")


def _move(hidden: Path, out: Path) -> None:
    if not out.exists():
        hidden.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        out.rename(old / "old")
        hidden.rename(out)
    finally:
        shutil.rmtree(old, ignore_errors=True)


def save(result: Result, base: Instance, folder: Path, seconds: dict[str, float]) -> dict[str, Any]:
    """Write a result into an empty folder. `base`: the instance without the schedule. Returns `result.json`.

    Raises OSError; `reserved` turns it into a sentence.
    """
    solution, report = result.answer.solution, result.report
    if solution is not None and report is not None:
        solution.write(folder)
        for name, frame in _derived(result.instance, report).items():
            frame.to_csv(folder / name, index=False)
        _dump(folder / "network.geojson", network(result.instance, solution))
        _dump(folder / "check.json", _check_document(report))
    (folder / "log.txt").write_text(result.answer.log, encoding="utf-8")
    write(base, folder / "instance")
    document = summary(result, seconds)
    _dump(folder / RESULT, document)
    return document


def summary(result: Result, seconds: dict[str, float]) -> dict[str, Any]:
    """The content of `result.json`. Money in million of the currency, at the value of the base year."""
    answer, report, instance = result.answer, result.report, result.instance
    terms = {} if report is None else report.costs.groupby("term", sort=False)["value_mcur"].sum().to_dict()
    return {
        "instance": instance.header.name,
        "instance_sha256": instance.sha256,
        "schedule": instance.schedule_name,
        "solver": result.solver,
        "status": result.status,
        "stop_reason": answer.stop_reason,
        "cost": answer.cost,
        "bound": answer.bound,
        "gap": result.gap,
        "currency": instance.header.currency,
        "unit": f"million {instance.header.currency} of {instance.header.base_year}",
        "terms": terms,
        "options": {
            "days": len(result.grid.days),
            "step_hours": result.grid.step_hours,
            "gap": result.limits.gap,
            "time_limit_s": result.limits.time_s,
            "threads": result.limits.threads,
            "seed": result.limits.seed,
        },
        "size": dict(answer.size),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "peak_rss_mb": round(result.peak_rss_mb, 1),
        "trace": [list(point) for point in answer.trace],
        "check": None
        if report is None
        else {
            "violations": len(report.violations),
            "worst": report.worst,
            "cost_difference": result.cost_difference,
        },
        "versions": versions(),
    }


def _derived(instance: Instance, report: CheckReport) -> dict[str, pd.DataFrame]:
    """Tables that follow from the solution; the checker's own figures are what is written."""
    money = f"cost_m{instance.header.currency.lower()}"
    return {
        "costs.csv": report.costs.rename(columns={"value_mcur": money}),
        "emissions.csv": report.emissions,
        "design.csv": report.design_margin,
    }


def _check_document(report: CheckReport) -> dict[str, Any]:
    violations = json.loads(report.violations.to_json(orient="records"))
    return {"violations": violations, "worst": report.worst}


def _dump(path: Path, document: object) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    with path.open("w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


# --- reading and judging again -----------------------------------------------------------------------------


def load(folder: str | Path) -> Run:
    """Read a result folder.

    Raises UsageError when it is not there, RunError with one sentence for what in it is missing or no result's.
    """
    path = Path(folder)
    if not path.is_dir():
        raise UsageError(f"{path}: is not a folder; give the result folder of a solve.")
    document = _load_json(path / RESULT)
    try:
        base = read(path / "instance")
        instance = base.with_schedule(document["schedule"])
        step_hours, status = int(document["options"]["step_hours"]), document["status"]
    except InstanceError as error:
        raise RunError(f"{path}/instance: is no longer a valid instance:\n{error}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{path / RESULT}: lacks {error}; it is not a result of heatnet.") from None
    solution = Solution.read(path, step_hours) if document.get("cost") is not None else None
    return Run(path, {**document, "status": status}, instance, solution)


def start_plan(folder: Path, instance: Instance) -> Solution:
    """The plan of an earlier result, to begin from. Raises UsageError when it is another city's, or none."""
    earlier = load(folder)
    name = earlier.summary.get("instance")
    if name != instance.header.name:
        raise UsageError(f"--start {folder}: is a result of {name}, not of {instance.header.name}.")
    if earlier.solution is None:
        raise UsageError(f"--start {folder}: holds no plan (status {earlier.summary['status']}).")
    return earlier.solution


def _load_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"{path}: is missing; a result folder has it.") from None
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: cannot be read ({error}).") from None


@dataclass(frozen=True)
class Verdict:
    """What judging a result again gave. `faults` are sentences about the folder; violations stand in `report`."""

    report: CheckReport
    cost_difference: float
    faults: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether the result may be believed."""
        return not self.report.violated and self.cost_difference <= COST_TOLERANCE and not self.faults


def judge(run: Run) -> Verdict:
    """Judge a result again from its instance alone: the plan, its cost, and every figure that follows from them.

    Raises RunError where the folder holds no plan.
    """
    if run.solution is None:
        raise RunError(f"{run.folder}: holds no plan to judge (status {run.summary['status']}).")
    report = check(run.instance, run.solution)
    faults = [*_summary_faults(run, report), *_file_faults(run, report)]
    cost = run.summary["cost"]
    difference = cost_difference(cost, report) if isinstance(cost, (int, float)) else math.inf
    return Verdict(report, difference, tuple(faults))


def _summary_faults(run: Run, report: CheckReport) -> Iterator[str]:
    document = run.summary
    if document.get("instance_sha256") != run.instance.sha256:
        yield f"{RESULT}: instance_sha256 is not that of the folder's instance; the instance was changed since."
    cost, bound, gap = (document.get(key) for key in ("cost", "bound", "gap"))
    if bound is not None and cost is not None and bound > cost + 1e-6 * abs(cost):
        yield f"{RESULT}: the bound {bound} is above the cost {cost}; one of them is wrong."
    if bound is not None and cost is not None and not _same(max(cost - bound, 0.0) / max(abs(cost), 1e-9), gap):
        yield f"{RESULT}: the gap {gap} does not follow from cost and bound."
    asked = document.get("options", {}).get("gap")
    if document["status"] == "optimal" and isinstance(gap, float) and isinstance(asked, float) and gap > asked + 1e-9:
        yield f"{RESULT}: says optimal, but its gap {gap} is above the {asked} that was asked for."
    terms = report.costs.groupby("term", sort=False)["value_mcur"].sum().to_dict()
    if not _same(terms, document.get("terms")):
        yield f"{RESULT}: the terms are not those of the plan."


def _file_faults(run: Run, report: CheckReport) -> Iterator[str]:
    assert run.solution is not None
    for name, frame in _derived(run.instance, report).items():
        try:
            stored = pd.read_csv(run.folder / name, float_precision="round_trip")
        except (OSError, ValueError) as error:
            yield f"{name}: cannot be read ({error})."
            continue
        if not _same(json.loads(frame.to_json(orient="split")), json.loads(stored.to_json(orient="split"))):
            yield f"{name}: differs from what follows from the plan."
    if not report.violated and not _same(
        network(run.instance, run.solution), _load_json(run.folder / "network.geojson")
    ):
        yield "network.geojson: differs from what follows from the plan."


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values agree, numbers to 1e-6 relative."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, float | int) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)
    return bool(one == other)
