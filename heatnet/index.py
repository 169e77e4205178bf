"""An index of best known values: least cost and highest bound of an instance at a resolution, and who says so.

It is written by `heatnet record` from results that were judged again, and read by `heatnet solve --certify`. The plan
of a cost is not kept: whoever doubts it solves again.
"""

from __future__ import annotations

import datetime
import json
import os
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import tomli_w
from pydantic import Field, ValidationError

from heatnet.certificate import Claim
from heatnet.errors import RunError, UsageError
from heatnet.instance.records import Record
from heatnet.instance.series import TimeGrid
from heatnet.run import CERTIFICATE, Run, judge
from heatnet.solve import Result, contradicted

FILE = "index.toml"
"""Where `heatnet solve --certify` looks, beside the instance folder."""

KNOWN = "known"
"""Status of a claim that comes from an index."""

HEADING = (
    "# Best known costs and bounds, million of the instance's currency. Written by `heatnet record`, not by hand.\n\n"
)

Key = tuple[str, int, int]
"""sha256 of the instance with its schedule, representative days, hours of a step."""


class Value(Record):
    """A cost or a bound, million; by whom, and the day on which it was entered."""

    value: float
    by: str
    date: datetime.date


class Entry(Record):
    """What is known of an instance at a resolution. Instance and schedule are names for the reader."""

    instance: str
    schedule: str | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    days: Annotated[int, Field(ge=1)]
    step_hours: Annotated[int, Field(ge=1)]
    cost: Value | None = None
    bound: Value | None = None

    @property
    def key(self) -> Key:
        """What the entry is found by."""
        return self.sha256, self.days, self.step_hours


class _Document(Record):
    known: tuple[Entry, ...] = ()


Index = Mapping[Key, Entry]


def beside(instance: Path) -> Path:
    """The place of the index that goes with an instance folder."""
    return instance.resolve().parent / FILE


def read(path: Path) -> Index:
    """The index; empty where there is no file.

    Raises UsageError, in one sentence, for a file that is none: what it says is neither used nor overwritten.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        # JSON in between, since a TOML array is a list and a strict tuple is none; dates are text there.
        entries = _Document.model_validate_json(json.dumps(document, default=str), strict=True).known
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _broken(path, f"{place}: {first['msg'].lower()}") from None
    except (OSError, ValueError) as error:
        raise _broken(path, str(error)) from None
    index = {entry.key: entry for entry in entries}
    if len(index) < len(entries):
        raise _broken(path, "an instance stands twice at the same resolution")
    for entry in entries:
        if entry.cost and entry.bound and contradicted(entry.cost.value, entry.bound.value):
            raise _broken(path, f"{entry.instance}: the bound {entry.bound.value} is above the cost {entry.cost.value}")
    return index


def _broken(path: Path, fault: str) -> UsageError:
    return UsageError(f"{path}: is no index of known values ({fault}); mend or remove it.")


def claims(index: Index, result: Result) -> tuple[Claim, ...]:
    """What an index says of the instance of a result, at its resolution."""
    entry = index.get((result.instance.sha256, len(result.grid.days), result.grid.step_hours))
    if entry is None:
        return ()
    costs = [Claim(f"{FILE}: {told.by}", KNOWN, told.value, None, 0.0) for told in [entry.cost] if told]
    bounds = [Claim(f"{FILE}: {told.by}", KNOWN, None, told.value, 0.0) for told in [entry.bound] if told]
    return (*costs, *bounds)


def entered(index: Index, run: Run, today: datetime.date) -> Index:
    """The index with what a result knows better, by more than rounding; an equal one where it knows nothing better.

    Raises RunError, in one sentence, where the result is not sound, or contradicts what the index holds.
    """
    found = _judged(run, today)
    known = index.get(found.key, found)
    cost, bound = known.cost, known.bound
    if found.cost and bound and _below(found.cost.value, bound.value):
        raise RunError(
            f"{run.folder}: has a plan for {found.cost.value:.6f}, but the index says that none costs less than "
            f"{bound.value:.6f} ({bound.by}, {bound.date}); one of the two is wrong, and nothing was entered."
        )
    if found.bound and cost and _below(cost.value, found.bound.value):
        raise RunError(
            f"{run.folder}: says that no plan costs less than {found.bound.value:.6f}, but the index knows one for "
            f"{cost.value:.6f} ({cost.by}, {cost.date}); one of the two is wrong, and nothing was entered."
        )
    if found.cost and (cost is None or _below(found.cost.value, cost.value)):
        cost = found.cost
    if found.bound and (bound is None or _below(bound.value, found.bound.value)):
        bound = found.bound
    return {**index, found.key: known.model_copy(update={"cost": cost, "bound": bound})}


def _below(one: float, other: float) -> bool:
    """Whether a value is below another by more than rounding: what makes a bound above a cost a contradiction."""
    return contradicted(one, other)


def _judged(run: Run, today: datetime.date) -> Entry:
    """What a result says, judged again. The bound is its own claim; nobody can judge it without solving."""
    verdict, told = judge(run), run.summary
    if not verdict.sound:
        reason = verdict.faults[0].rstrip(".") if verdict.faults else "the checker refuses its plan"
        raise RunError(f"{run.folder}: is not sound ({reason}); nothing was entered.")
    assert run.solution is not None
    grid = TimeGrid.choose(run.instance, told.options.days, told.options.step_hours)
    calendar = tuple(run.solution.calendar.sort_values("season_day")["day"])
    season_days = tuple(run.solution.days.sort_values("day")["season_day"])
    if (season_days, calendar) != (grid.season_days, grid.calendar):
        # A plan for mild days is sound, but no rival of one for the days that everybody is given.
        raise RunError(f"{run.folder}: is of other representative days than heatnet chooses; nothing was entered.")
    bound = None if told.bound is None else Value(value=told.bound, by=_holder(run, told.bound), date=today)
    return Entry(
        instance=told.instance,
        schedule=told.schedule,
        sha256=run.instance.sha256,
        days=told.options.days,
        step_hours=told.options.step_hours,
        cost=Value(value=verdict.report.cost, by=_signed(run, told.solver), date=today),
        bound=bound,
    )


def _holder(run: Run, bound: float) -> str:
    """Who says the bound of a result: a witness, where the certificate has it from one."""
    path = run.folder / CERTIFICATE
    said = json.loads(path.read_text(encoding="utf-8"))["claims"] if path.exists() else []
    holders = [claim for claim in said if claim["bound"] == bound]
    if not holders:
        return _signed(run, run.summary.solver)
    return str(holders[0]["by"]) if holders[0]["status"] == KNOWN else _signed(run, str(holders[0]["by"]))


def _signed(run: Run, who: str) -> str:
    """A solver with the versions that its claim depends on."""
    versions = run.summary.versions
    return f"{who}, heatnet {versions.get('heatnet', '?')}, HiGHS {versions.get('highspy', '?')}"


def news(before: Index, after: Index) -> tuple[str, ...]:
    """What has become better from one index to another, a sentence for each entry."""
    sentences = []
    for key, entry in after.items():
        known = before.get(key)
        values = [
            f"{word} {value.value:,.4f}"
            for word, value, old in (
                ("cost", entry.cost, known and known.cost),
                ("bound", entry.bound, known and known.bound),
            )
            if value is not None and value != old
        ]
        if values:
            name = entry.instance if entry.schedule is None else f"{entry.instance}, {entry.schedule}"
            sentences.append(f"{name} (days {entry.days}, step {entry.step_hours} h): {' and '.join(values)} entered.")
    return tuple(sentences) or ("Nothing is better than what is known; the index is as it was.",)


def write(path: Path, index: Index) -> None:
    """Write an index whole or not at all, always in the same order. Raises RunError where it cannot be written."""
    entries = sorted(
        index.values(),
        key=lambda entry: (entry.instance, entry.schedule or "", entry.days, entry.step_hours, entry.sha256),
    )
    document = {"known": [entry.model_dump(exclude_none=True) for entry in entries]}
    hidden = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}-", delete=False
        ) as file:
            hidden = Path(file.name)
            file.write(HEADING + tomli_w.dumps(document))
            file.flush()
            os.fsync(file.fileno())
        hidden.chmod(0o644)  # the temporary file is its owner's alone; an index is for colleagues too
        hidden.replace(path)
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror or error}); it is as it was.") from None
    finally:
        if hidden is not None:
            hidden.unlink(missing_ok=True)
