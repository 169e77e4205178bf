"""`heatnet front`, `vary`, `alternatives`, `diversity` and `marginal`: questions that take more than one plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from heatnet import folders, run
from heatnet.cli.arguments import InstancePath, RunFolder
from heatnet.cli.terminal import EXIT_CODES, INTERRUPTED, OK, heed_interrupts, interrupts, live, page, screen, warn
from heatnet.errors import UsageError
from heatnet.instance import Instance, read
from heatnet.solve import Limits, Observer, Progress, Result, versions
from heatnet.study.points import Study, in_currency

Out = Annotated[Path, typer.Option("--out", help="Folder to write (docs/studies.md).")]
Schedule = Annotated[str | None, typer.Option(help="A schedule of the instance, by name.")]
Solver = Annotated[str, typer.Option(help="Strategy: auto, or one that is installed.")]
Days = Annotated[int | None, typer.Option(help="Representative days. [default: the instance's]")]
StepHours = Annotated[int | None, typer.Option(help="Hours of a time step. [default: the instance's]")]
Gap = Annotated[float | None, typer.Option(help="Relative gap to prove. [default: the instance's]")]
TimeLimit = Annotated[float | None, typer.Option(help="Seconds for each plan. [default: none]")]
Threads = Annotated[int, typer.Option(help="Threads of the solver, and processes of the decomposition.")]

DIVERSITY = {"rounds.csv", "study.json"}
"""Files of a study of shares, beside its rounds."""


@dataclass
class Session:
    """A study under way in a folder that is not there yet; `code` is the worst of its points."""

    study: Study
    folder: Path
    code: int = OK
    facts: dict[str, Any] = field(default_factory=dict)

    def write(self, **frames: pd.DataFrame) -> None:
        """Write the tables of the study, and what it was asked."""
        for name, frame in frames.items():
            frame.to_csv(self.folder / f"{name}.csv", index=False)
        text = json.dumps(self.facts | {"versions": versions()}, ensure_ascii=False, indent=1, allow_nan=False)
        (self.folder / "study.json").write_text(text + "\n", encoding="utf-8")
        if self.study.stopped:
            screen.print("interrupted; what was finished is kept.")
            self.code = INTERRUPTED


@contextmanager
def _session(
    instance: Instance,
    out: Path,
    schedule: str | None,
    solver: str,
    days: int | None,
    step_hours: int | None,
    limits: Limits,
    force: bool = False,
) -> Iterator[Session]:
    """A folder that is there when the study has ended, with every point that was finished, or not at all.

    With `force` it replaces one with the shares of a study before.
    """
    warn(instance.with_schedule(schedule))
    known = _is_diversity if force else None
    reserved = folders.reserved(out, "a study of heatnet", known, force=force)
    with interrupts(), reserved as folder, live() as observer:
        study = Study(schedule, solver, days, step_hours, limits, folder, _listening(observer))
        session = Session(study, folder)
        session.facts = {
            "instance": instance.header.name,
            "instance_sha256": instance.sha256,
            "schedule": schedule,
            "options": {"solver": solver, "days": days, "step_hours": step_hours, "gap": limits.gap},
        }

        def told(name: str, result: Result) -> None:
            session.code = max(
                session.code, OK if result.status == "infeasible" and name != "base" else EXIT_CODES[result.status]
            )
            cost = "no plan" if result.answer.cost is None else f"cost {result.answer.cost:,.3f}"
            gap = "" if result.gap is None else f", gap {result.gap:.2%}"
            screen.print(f"{name}: {result.status}, {cost}{gap}", soft_wrap=True)

        study.told = told
        yield session


def _is_diversity(folder: Path) -> bool:
    """Whether a folder holds a study of shares and nothing else."""
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    return names >= DIVERSITY and all(re.fullmatch(r"round-\d+", name) for name in names - DIVERSITY)


def _listening(observer: Observer) -> Observer:
    """Takes Ctrl-C again once the next point is being solved; while one is checked and written, it waits."""

    def listen(progress: Progress) -> None:
        if progress.phase not in ("extract", "check"):
            heed_interrupts()
        observer(progress)

    return listen


def _limits(instance: Instance, gap: float | None, time_limit: float | None, threads: int) -> Limits:
    return Limits(instance.header.solve.gap if gap is None else gap, time_limit, threads)


def _show(frame: pd.DataFrame, out: Path) -> None:
    page.print(frame.to_string(index=False, na_rep="", float_format=lambda x: f"{x:,.6g}"), soft_wrap=True)
    page.print(f"study: {out}", soft_wrap=True)


def front(
    instance: InstancePath,
    of: Annotated[str, typer.Option(help="What is capped: co2, so2, nox, pm, a fuel, or what ids of fuels share.")],
    out: Out,
    points: Annotated[int, typer.Option(help="Points, with the plan without a cap and the least attainable.")] = 8,
    schedule: Schedule = None,
    solver: Solver = "auto",
    days: Days = None,
    step_hours: StepHours = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    threads: Threads = 2,
) -> int:
    """Cost against a yearly cap, from the plan without one down to the least attainable; each point proven."""
    from heatnet.study.front import front as answer

    base = read(instance)
    limits = _limits(base, gap, time_limit, threads)
    with _session(base, out, schedule, solver, days, step_hours, limits) as session:
        found = answer(base, of, points, session.study)
        session.facts |= {"of": of, "unit": found.unit, "least": found.least, "least_bound": found.least_bound}
        session.write(front=found.points, changes=found.changes)
    _show(found.points, out)
    if found.least is not None:
        page.print(f"least attainable: {found.least:,.6g} {found.unit}, and none is below {found.least_bound:,.6g}.")
    return session.code


def vary(
    instance: InstancePath,
    out: Out,
    numbers: Annotated[
        list[str] | None,
        typer.Option(
            "--vary", metavar="PLACE=VALUES", help="TABLE.ROW.COLUMN=0.8,1.2 as factors, +10 to add, =30 instead."
        ),
    ] = None,
    schedule: Schedule = None,
    solver: Solver = "auto",
    days: Days = None,
    step_hours: StepHours = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    threads: Threads = 2,
) -> int:
    """What the least cost does when one number of the instance is another; one at a time."""
    from heatnet.study.vary import Variation, tornado
    from heatnet.study.vary import vary as answer

    if not numbers:
        raise UsageError("--vary: say what is to be varied, as in --vary fuels.gas.price_cur_per_mwh=0.8,1.2.")
    base = read(instance)
    variations = [Variation.parse(base, text) for text in numbers]
    limits = _limits(base, gap, time_limit, threads)
    with _session(base, out, schedule, solver, days, step_hours, limits) as session:
        found = answer(base, variations, session.study)
        session.facts |= {"vary": numbers}
        session.write(vary=found.points, changes=found.changes, tornado=tornado(found.points))
    _show(found.points, out)
    return session.code


def alternatives(
    instance: InstancePath,
    of: Annotated[
        list[str],
        typer.Option(
            metavar="QUANTITY", help="machines:UNIT, technology:ID, pipe:ID, co2, a fuel ...; @YEAR for its stage."
        ),
    ],
    out: Out,
    within: Annotated[float, typer.Option(help="Share by which a plan may cost more than the best.")] = 0.02,
    schedule: Schedule = None,
    solver: Solver = "auto",
    days: Days = None,
    step_hours: StepHours = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    threads: Threads = 2,
) -> int:
    """Least and most of a quantity among the plans that cost little more than the best."""
    from heatnet.study.alternatives import alternatives as answer

    base = read(instance)
    limits = _limits(base, gap, time_limit, threads)
    with _session(base, out, schedule, solver, days, step_hours, limits) as session:
        found = answer(base, of, within, session.study)
        session.facts |= {"of": of, "within": within}
        session.write(alternatives=found.points, changes=found.changes)
    _show(found.points, out)
    return session.code


def diversity(
    instance: InstancePath,
    out: Out,
    rounds: Annotated[int, typer.Option(help="Most rounds of solving and counting.")] = 10,
    schedule: Schedule = None,
    solver: Solver = "auto",
    days: Days = None,
    step_hours: StepHours = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    threads: Threads = 2,
    force: Annotated[bool, typer.Option("--force", help="Replace a folder that this command wrote.")] = False,
) -> int:
    """Peak loads do not occur at once: solve with the share that the consumers behind each pipe have, until it fits."""
    from heatnet.study.diversity import diversity as answer

    base = read(instance)
    limits = _limits(base, gap, time_limit, threads)
    with _session(base, out, schedule, solver, days, step_hours, limits, force) as session:
        found = answer(base, rounds, session.study)
        session.code = max(session.code, EXIT_CODES[found.last.status])
        session.facts |= {"rounds": rounds, "ending": found.ending, "verdict": found.verdict}
        session.facts |= {"operation": found.operation, "too_small": found.too_small.to_dict("records")}
        session.write(rounds=found.rounds)
    _show(found.rounds, out)
    for sentence in (found.ending, found.verdict, found.operation):
        page.print(sentence, soft_wrap=True)
    page.print(f"result folder: {out / f'round-{len(found.rounds)}'}", soft_wrap=True)
    return session.code


def marginal(
    run_folder: RunFolder,
    deadlines: Annotated[
        bool, typer.Option("--deadlines", help="Also solve again with each deadline at the next stage.")
    ] = False,
    time_limit: Annotated[float | None, typer.Option(help="Seconds for each solve. [default: none]")] = None,
    threads: Annotated[int, typer.Option(help="Threads of the solver.")] = 2,
) -> int:
    """What a MW more of heat, pipe and unit is worth, and a later deadline; writes RUN/marginal."""
    from heatnet.marginal import marginal as answer
    from heatnet.study.deadlines import deadlines as later

    loaded = run.load(run_folder)
    told = loaded.summary
    if loaded.solution is None or told.cost is None:
        raise UsageError(f"{run_folder}: holds no plan (status {told.status}).")
    limits = Limits(1e-6, time_limit, threads)
    study = Study(None, told.solver, told.options.days, told.options.step_hours)
    study.limits = Limits(told.options.gap, time_limit, threads, told.options.seed)
    out = loaded.folder / "marginal"
    with (
        interrupts(),
        folders.reserved(out, "marginal values of heatnet", _is_ours, force=True) as folder,
        live() as observer,
    ):
        found = answer(loaded.instance, loaded.solution, limits=limits, observer=observer)
        currency = loaded.instance.header.currency
        frames = {name: in_currency(frame, currency) for name, frame in found.frames.items()}
        if deadlines:
            study.observer = _listening(observer)
            bound = float("nan") if told.bound is None else told.bound
            frames["deadlines"] = later(loaded.instance, loaded.solution, told.cost, bound, study)
        for name, frame in frames.items():
            frame.to_csv(folder / f"{name}.csv", index=False)
    page.print(f"the LP behind the plan costs {found.cost:,.3f}, the plan {told.cost:,.3f}")
    page.print(f"marginal values: {out}", soft_wrap=True)
    return INTERRUPTED if study.stopped else OK


def _is_ours(folder: Path) -> bool:
    """Whether a folder holds marginal values and nothing else."""
    return {path.name for path in folder.iterdir()} <= {
        "heat_prices.csv",
        "demands.csv",
        "capacities.csv",
        "deadlines.csv",
    }
