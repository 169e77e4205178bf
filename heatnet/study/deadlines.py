"""What a later deadline would save: moved to the next stage, and solved again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from heatnet.instance import Instance
from heatnet.instance.records import RetiredShare, Retirement
from heatnet.solution import Solution
from heatnet.study.points import Study, figures, table

COLUMNS = (
    "deadline",
    "id",
    "year",
    "stage",
    "later_stage",
    "years",
    "saving_mcur",
    "saving_least_mcur",
    "saving_most_mcur",
    "saving_mcur_per_year",
)
"""`stage` is the first that the deadline binds, `later_stage` the one after it (the end of the horizon after the last).
The saving of the least costs is proved to be no less and no more than the interval."""


@dataclass(frozen=True)
class Later:
    """An instance, under its schedule, with one deadline at the next stage."""

    deadline: str
    id: str
    year: int
    stage: int
    later: int
    instance: Instance


def later(instance: Instance) -> Iterator[Later]:
    """Every deadline of an instance under its schedule: rules `retired_share`, and entries that say when to leave.

    One that binds no stage is left out: nothing changes when it comes later.
    """
    years = [stage.year for stage in instance.stages]
    end = years[-1] + instance.stages[-1].span_years
    for number, rule in enumerate(instance.header.rules):
        if isinstance(rule, RetiredShare) and rule.enabled and rule.by_year <= years[-1]:
            stage, then = _next(years, end, rule.by_year)
            moved = rule.model_copy(update={"by_year": then} if then < end else {"enabled": False})
            rules = (*instance.header.rules[:number], moved, *instance.header.rules[number + 1 :])
            changed = instance.replace(header=instance.header.model_copy(update={"rules": rules}))
            yield Later("rule", rule.id, rule.by_year, stage, then, changed)
    schedule = instance.schedule
    for number, entry in enumerate(schedule.retirements if schedule is not None else ()):
        assert schedule is not None
        year = entry.exactly or entry.not_after
        if year is None or year > years[-1]:
            continue
        stage, then = _next(years, end, year)
        kept: tuple[Retirement, ...]
        if then < end:
            kept = (entry.model_copy(update={"exactly" if entry.exactly else "not_after": then}),)
        else:
            kept = (entry.model_copy(update={"not_after": None}),) if entry.not_before else ()
        entries = (*schedule.retirements[:number], *kept, *schedule.retirements[number + 1 :])
        changed = instance.replace(schedule=schedule.model_copy(update={"retirements": entries}))
        yield Later("schedule", entry.unit, year, stage, then, changed)


def _next(years: list[int], end: int, year: int) -> tuple[int, int]:
    """The first stage that a deadline binds, and the stage after it."""
    place = next(k for k, stage in enumerate(years) if stage >= year)
    return years[place], years[place + 1] if place + 1 < len(years) else end


def deadlines(instance: Instance, plan: Solution, cost: float, bound: float, study: Study) -> pd.DataFrame:
    """A row for each deadline of an instance under its schedule; `plan` is a plan of it, with its cost and bound.

    What was found when the user stopped is there.
    """
    rows = []
    for one in later(instance):
        result = study.point(f"{one.deadline}-{one.id}-{one.stage}", one.instance, plan)
        if result is None:
            break
        _, then, then_bound, _ = figures(result)
        years = one.later - one.stage
        saving = cost - then
        told = (saving, bound - then, cost - then_bound, saving / years)
        rows.append((one.deadline, one.id, one.year, one.stage, one.later, years, *told))
    return table(rows, COLUMNS, instance.header.currency)
