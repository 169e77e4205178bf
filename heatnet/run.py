"""A result folder: written whole or not at all, read again, and judged again."""

from __future__ import annotations

import contextlib
import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from heatnet import checkpoint, folders
from heatnet.certificate import Certificate, Claim, weigh
from heatnet.check import CheckReport, check
from heatnet.errors import InstanceError, RunError, UsageError
from heatnet.instance import Instance, read, write
from heatnet.instance.records import Record
from heatnet.report.network import network
from heatnet.solution import COLUMNS, Solution
from heatnet.solve import (
    COST_TOLERANCE,
    Result,
    Start,
    Status,
    contradicted,
    cost_difference,
    relative_gap,
    versions,
    within,
)

RESULT = "result.json"
CERTIFICATE = "certificate.json"
DERIVED = ("costs.csv", "emissions.csv", "design.csv", "limits.csv")
"""Tables that follow from the plan; the checker's own figures are what is written."""


class Options(Record):
    """What was asked for."""

    days: int
    step_hours: int
    gap: float
    time_limit_s: float | None
    threads: int
    seed: int


class Judged(Record):
    """What the checker said right after the solve."""

    violations: int
    worst: float
    cost_difference: float


class Summary(Record):
    """`result.json`. Cost, bound and terms are in `unit`: million of the currency at the value of the base year."""

    instance: str
    instance_sha256: str
    schedule: str | None
    solver: str
    status: Status
    stop_reason: str
    cost: float | None
    bound: float | None
    gap: float | None
    currency: str
    unit: str
    terms: dict[str, float]
    options: Options
    size: dict[str, int]
    seconds: dict[str, float]
    peak_rss_mb: float
    trace: tuple[tuple[float, float | None, float | None], ...]
    check: Judged | None
    versions: dict[str, str]

    def text(self) -> str:
        """As JSON, one line."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True)
class Run:
    """A result folder as read. `solution` is None where the solver found no plan, `cuts` where it left none."""

    folder: Path
    summary: Summary
    instance: Instance
    solution: Solution | None
    cuts: pd.DataFrame | None


@contextlib.contextmanager
def reserved(out: Path, force: bool) -> Iterator[Path]:
    """A hidden folder that becomes `out` when the block ends well, and vanishes when it does not.

    Opened before a long solve, so that a place that cannot be written is known at once. The checkpoints beside `out`
    stay until it is there, and go then. Raises UsageError when `out` is there already and `force` is not given, or is
    not a result; RunError when it cannot be written.
    """
    with folders.reserved(out, "a result of heatnet", _is_result, force=force) as hidden:
        yield hidden
        kept = hidden.exists()  # else the caller has thought better of it
    if kept:
        checkpoint.remove(checkpoint.beside(out))


def _is_result(folder: Path) -> bool:
    """Whether a folder holds a result and nothing else that somebody might miss."""
    tables = {"operation.parquet" if name == "operation" else f"{name}.csv" for name in COLUMNS}
    words = {"log.txt", "instance", "check.json", "network.geojson", "hydraulics.csv", "marginal"}
    ours = {RESULT, CERTIFICATE, checkpoint.CUTS_FILE, *words, *DERIVED, *tables}
    try:
        Summary.model_validate_json((folder / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return {path.name for path in folder.iterdir()} <= ours


def has_plan(folder: Path) -> bool:
    """Whether a folder is a result with a plan."""
    return _is_result(folder) and (folder / "units.csv").is_file()


def save(
    result: Result,
    base: Instance,
    folder: Path,
    seconds: dict[str, float],
    certificate: Certificate | None = None,
) -> Summary:
    """Write a result into the hidden folder of `reserved`. `base`: the instance without the schedule.

    Raises RunError when the disk is full or the like.
    """
    try:
        if certificate is not None:
            _dump(folder / CERTIFICATE, certificate.document(result))
        return _save(result, base, folder, seconds)
    except OSError as error:
        raise folders.unwritable("the result folder", error) from None


def _save(result: Result, base: Instance, folder: Path, seconds: dict[str, float]) -> Summary:
    solution, report = result.answer.solution, result.report
    if solution is not None and report is not None:
        solution.write(folder)
        for name, frame in _derived(result.instance, report).items():
            frame.to_csv(folder / name, index=False)
        _dump(folder / "network.geojson", network(result.instance, solution))
        _dump(folder / "check.json", _check_document(report))
    if result.answer.cuts is not None:
        checkpoint.write_cuts(result.answer.cuts, folder)
    (folder / "log.txt").write_text(result.answer.log, encoding="utf-8")
    write(base, folder / "instance")
    summary = summarise(result, seconds)
    _dump(folder / RESULT, summary.model_dump(mode="json"))
    return summary


def summarise(result: Result, seconds: dict[str, float]) -> Summary:
    """The content of `result.json` for a result; `seconds` by phase."""
    answer, report, instance = result.answer, result.report, result.instance
    terms = {} if report is None else report.costs.groupby("term", sort=False)["value_mcur"].sum().to_dict()
    judged = None
    if report is not None:
        judged = Judged(violations=len(report.violations), worst=report.worst, cost_difference=result.cost_difference)
    return Summary(
        instance=instance.header.name,
        instance_sha256=instance.sha256,
        schedule=instance.schedule_name,
        solver=result.solver,
        status=result.status,
        stop_reason=answer.stop_reason,
        cost=answer.cost,
        bound=answer.bound,
        gap=result.gap,
        currency=instance.header.currency,
        unit=f"million {instance.header.currency} of {instance.header.base_year}",
        terms={str(term): float(value) for term, value in terms.items()},
        options=Options(
            days=len(result.grid.days),
            step_hours=result.grid.step_hours,
            gap=result.limits.gap,
            time_limit_s=result.limits.time_s,
            threads=result.limits.threads,
            seed=result.limits.seed,
        ),
        size=dict(answer.size),
        seconds={name: round(value, 3) for name, value in seconds.items()},
        peak_rss_mb=round(result.peak_rss_mb, 1),
        trace=answer.trace,
        check=judged,
        versions=versions(),
    )


def _derived(instance: Instance, report: CheckReport) -> dict[str, pd.DataFrame]:
    money = f"cost_m{instance.header.currency.lower()}"
    frames = (report.costs.rename(columns={"value_mcur": money}), report.emissions, report.design_margin, report.limits)
    return dict(zip(DERIVED, frames, strict=True))


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
    try:
        summary = Summary.model_validate_json(json.dumps(_load_json(path / RESULT)), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RunError(f"{path / RESULT}: {place}: {first['msg'].lower()}; it is not a result of heatnet.") from None
    try:
        instance = read(path / "instance").with_schedule(summary.schedule)
    except (InstanceError, UsageError) as error:
        raise RunError(f"{path / 'instance'}: is not what was solved:\n{error}") from None
    if summary.cost is None and (path / "units.csv").exists():
        raise RunError(f"{path / RESULT}: tells no cost, but the folder holds a plan.")
    solution = Solution.read(path, summary.options.step_hours) if summary.cost is not None else None
    return Run(path, summary, instance, solution, checkpoint.read_cuts(path))


def start(folder: Path, instance: Instance) -> Start:
    """What an earlier run left to begin from: its last checkpoint, which is later than its result, or its result.

    Raises UsageError when it is another city's, or damaged, or holds neither a plan nor cuts.
    """
    place = checkpoint.latest(checkpoint.beside(folder)) or checkpoint.latest(folder)
    try:
        if place is not None:
            part, left = checkpoint.read(place)
            name, told = part.instance, "a checkpoint"
        else:
            earlier = load(folder)
            left = Start(earlier.solution, earlier.cuts)
            name, told = earlier.summary.instance, f"status {earlier.summary.status}"
    except RunError as error:
        raise UsageError(f"--start {error}") from None
    if name != instance.header.name:
        raise UsageError(f"--start {folder}: is a result of {name}, not of {instance.header.name}.")
    if left.plan is None and left.cuts is None:
        raise UsageError(f"--start {folder}: holds no plan ({told}).")
    return left


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
        raise RunError(f"{run.folder}: holds no plan to judge (status {run.summary.status}).")
    report = check(run.instance, run.solution)
    faults = [*_summary_faults(run, report), *_file_faults(run, report), *_certificate_faults(run)]
    difference = math.inf if run.summary.cost is None else cost_difference(run.summary.cost, report)
    return Verdict(report, difference, tuple(faults))


def _summary_faults(run: Run, report: CheckReport) -> Iterator[str]:
    told = run.summary
    if told.status == "contradicted":
        yield f"{RESULT}: contradicted: {told.stop_reason}."
    header = run.instance.header
    if (told.instance, told.currency) != (header.name, header.currency):
        yield f"{RESULT}: names another instance or currency than its instance does."
    if run.solution is not None and told.options.days != len(run.solution.days):
        yield f"{RESULT}: tells another number of days than days.csv has."
    if told.instance_sha256 != run.instance.sha256:
        yield f"{RESULT}: instance_sha256 is not that of the folder's instance; the instance was changed since."
    gap = None
    if told.cost is not None and told.bound is not None:
        gap = relative_gap(told.cost, told.bound)
        if contradicted(told.cost, told.bound):
            yield f"{RESULT}: the bound {told.bound} is above the cost {told.cost}; one of them is wrong."
    if not _same(gap, told.gap):
        yield f"{RESULT}: the gap {told.gap} does not follow from cost and bound."
    if told.cost is not None:
        proved = told.bound is not None and within(told.cost, told.bound, told.options.gap)
        status = "optimal" if proved else "feasible"
        if told.status not in (status, "contradicted"):
            yield f"{RESULT}: says {told.status}; cost, bound and the gap asked for make it {status}."
    if not _same(report.costs.groupby("term", sort=False)["value_mcur"].sum().to_dict(), told.terms):
        yield f"{RESULT}: the terms are not those of the plan."
    if told.check is None or told.check.violations != len(report.violations):
        yield f"{RESULT}: tells another number of violations than are found now."


def _certificate_faults(run: Run) -> Iterator[str]:
    """Where there is a certificate, what follows from its claims is what it and the result say."""
    if not (run.folder / CERTIFICATE).exists():
        if run.summary.status == "contradicted":
            yield f"{RESULT}: says contradicted, but there is no {CERTIFICATE}."
        return
    told = _load_json(run.folder / CERTIFICATE)
    try:
        again = weigh(tuple(Claim(**claim) for claim in told["claims"]))
        same = _same(
            [again.cost, again.bound, list(again.contradictions)], [told["cost"], told["bound"], told["contradictions"]]
        )
        same &= told["instance_sha256"] == run.summary.instance_sha256
    except (KeyError, TypeError):
        yield f"{CERTIFICATE}: is no certificate."
        return
    if not same or not _same(run.summary.bound, again.bound):
        yield f"{CERTIFICATE}: does not follow from its claims, or is another result's."
    if bool(again.contradictions) != (run.summary.status == "contradicted"):
        yield f"{CERTIFICATE}: does not go with the status {run.summary.status}."


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
    documents: dict[str, Any] = {"check.json": _check_document(report)}
    if not report.violated:  # a plan that breaks laws may not even fit the map
        documents["network.geojson"] = network(run.instance, run.solution)
    for name, document in documents.items():
        if not _same(document, _load_json(run.folder / name)):
            yield f"{name}: differs from what follows from the plan."


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values agree, numbers to 1e-6 relative."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, float | int) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)
    return bool(one == other)
