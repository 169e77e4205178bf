"""Which schedules are compared: names of the instance, files, rules, or no closure rule at all."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from heatnet.errors import InstanceError, Issue, UsageError
from heatnet.instance import Instance, messages, records

FREE = "free"
"""The schedule without closure rules, which the price of a policy is counted from."""

NAME = re.compile(r"[^\W_][\w.+-]{0,63}")
"""What a schedule may be called, since its folder is called so: an id."""

Row = TypeVar("Row", bound=records.Record)


@dataclass(frozen=True)
class Entry:
    """A schedule by name, and the instance that has it; `base` is without the schedule applied."""

    name: str
    base: Instance

    @cached_property
    def instance(self) -> Instance:
        """The instance under the schedule."""
        return self.base.with_schedule(self.name)

    @property
    def schedule(self) -> records.Schedule:
        """The schedule itself."""
        return self.base.schedules[self.name]


def entries(base: Instance, schedules: Sequence[str | Path], rules: Sequence[str] = ()) -> tuple[Entry, ...]:
    """The schedules asked for, in order, those of rules (`NAME = {...}` in TOML) last.

    Raises UsageError for what cannot be meant, InstanceError for faults of a file or a rule.
    """
    found = [_named(base, given) for given in schedules] + [_of_rules(base, text) for text in rules]
    if not found:
        raise UsageError(f"--schedules: names none; give one or more of {_known(base)}, a file, or add --rule.")
    names = [entry.name for entry in found]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"--schedules: `{name}` stands twice; each schedule needs a name of its own.")
        if not NAME.fullmatch(name) or name.endswith(".part"):
            raise UsageError(f"--schedules: `{name}` cannot be the name of a folder; {messages.PATTERNS['id']}.")
    return tuple(found)


def _known(base: Instance) -> str:
    return ", ".join(dict.fromkeys([*sorted(base.schedules), FREE]))


def _named(base: Instance, given: str | Path) -> Entry:
    if str(given).endswith(".toml"):
        return _of_file(base, Path(given))
    name = str(given)
    if name in base.schedules:
        return Entry(name, base)
    if name == FREE:
        changes = [
            records.RuleChange(rule=rule.id, enabled=False)
            for rule in base.header.rules
            if isinstance(rule, records.RetiredShare)
        ]
        free = records.Schedule(title="No closure rule", rules=tuple(changes), source="assumed: for comparison")
        return _with(base, name, free, name)
    raise UsageError(f"--schedules: there is no `{name}` in {base.header.name}; it has: {_known(base)}.")


def _with(base: Instance, name: str, schedule: records.Schedule, place: str) -> Entry:
    """An instance that has one more schedule; `place` is where faults are."""
    try:
        return Entry(name, base.replace(schedules={**base.schedules, name: schedule}))
    except InstanceError as error:
        raise InstanceError(replace(issue, table=place) for issue in error.issues) from None


def _of_file(base: Instance, file: Path) -> Entry:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"--schedules {file}: cannot be read ({error.strerror or error}).") from None
    except ValueError as error:
        raise UsageError(f"--schedules {file}: is not valid TOML ({error}).") from None
    schedule = _record(records.Schedule, data, str(file), base.header.currency)
    if base.schedules.get(file.stem, schedule) != schedule:
        raise UsageError(f"--schedules {file}: `{file.stem}` is another schedule of the instance; rename the file.")
    return _with(base, file.stem, schedule, str(file))


def _of_rules(base: Instance, text: str) -> Entry:
    try:
        data = tomllib.loads(text)
    except ValueError as error:
        raise UsageError(f"--rule {text}: is not TOML ({error}); write NAME = {{rule = …}} or {{kind = …}}.") from None
    if len(data) != 1:
        raise UsageError(f"--rule {text}: must give one name; write NAME = {{rule = …}} or {{kind = …}}.")
    ((name, given),) = data.items()
    if name in base.schedules:
        raise UsageError(f"--rule {text}: `{name}` is a schedule of the instance; choose another name.")
    tables = given if isinstance(given, list) else [given]
    if not tables or not all(isinstance(table, Mapping) for table in tables):
        raise UsageError(f"--rule {text}: must be a rule in braces, or several in brackets.")
    told = f"--rule {name}"
    fresh = [table for table in tables if "kind" in table]
    new = [
        {"id": name if len(fresh) == 1 else f"{name}-{number}", "source": "assumed: for comparison"} | table
        for number, table in enumerate(fresh, start=1)
    ]
    schedule = {
        "title": text.strip(),
        "rules": [table for table in tables if "kind" not in table],
        "new_rules": new,
        "source": "assumed: for comparison",
    }
    return _with(base, name, _record(records.Schedule, schedule, told, base.header.currency), told)


def _record(record: type[Row], data: Mapping[str, Any], place: str, currency: str) -> Row:
    """A record from TOML, strict as in an instance folder."""
    try:
        return record.model_validate_json(json.dumps(data, default=str), strict=True)
    except ValidationError as error:
        raise InstanceError(
            Issue(place, 0, messages.place(detail, currency), messages.message(detail, record, currency))
            for detail in error.errors(include_url=False)
        ) from None
