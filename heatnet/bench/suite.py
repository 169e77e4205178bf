"""A suite: a TOML file that lists runs, each an instance (of a folder, or generated from a seed) and how it is solved.

`docs/bench.md` says what the keys mean.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from heatnet.errors import UsageError
from heatnet.instance.messages import message, place
from heatnet.instance.records import Record
from heatnet.instance.records.base import Id, Share
from heatnet.solve import solvers

Tag = Literal["smoke", "nightly", "stress"]
"""smoke: with every `make test` · nightly: every night · stress: by hand, on a machine of its own."""

Whole = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]


class City(Record):
    """Arguments of `heatnet generate city`."""

    nodes: Whole
    stages: Whole = 6
    seed: int = 1


class Street(Record):
    """Arguments of `heatnet generate street`."""

    pipes: Whole
    sources: Whole | None = None
    consumers: Whole | None = None
    optional_share: Share = 0.3
    seed: int = 1


class Entry(Record):
    """One run of a suite, `repeats` times, each with a seed of its own: `seed`, `seed + 1` and so on."""

    name: Id
    title: str = ""
    target: str = ""
    instance: str | None = None
    city: City | None = None
    street: Street | None = None
    python: tuple[str, ...] | None = None
    schedule: str | None = None
    solver: str = "auto"
    days: Whole | None = None
    step_hours: Whole | None = None
    gap: Annotated[float, Field(ge=0, lt=1)] | None = None
    threads: Whole = 2
    seed: Annotated[int, Field(ge=0)] = 0
    start: Id | None = None
    time_limit_s: Seconds | None = None
    time_cap_s: Seconds | None = None
    memory_mb: Annotated[float, Field(gt=0)] = 6000.0
    repeats: Whole = 1
    tags: tuple[Tag, ...] = ()

    @property
    def cap_s(self) -> float:
        """Seconds after which the run is killed: as said, or what its own limit leaves ample time for."""
        if self.time_cap_s is not None:
            return self.time_cap_s
        assert self.time_limit_s is not None
        return 1.2 * self.time_limit_s + 60.0

    @property
    def options(self) -> dict[str, Any]:
        """What is asked of the solve, but for instance, schedule and seed."""
        names = ("solver", "days", "step_hours", "gap", "threads", "start", "time_limit_s", "python")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


class _Document(Record):
    title: str = ""
    index: str | None = None
    runs: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Suite:
    """The runs of a file, in which paths are relative to `folder`. `index`: best known values, to hold runs to."""

    path: Path
    title: str
    index: Path | None
    entries: tuple[Entry, ...]

    @property
    def folder(self) -> Path:
        """The folder that the file is in."""
        return self.path.parent

    def tagged(self, tag: str | None) -> tuple[Entry, ...]:
        """The runs that carry a tag; all where none is asked for. Raises UsageError where there are none."""
        chosen = tuple(entry for entry in self.entries if tag is None or tag in entry.tags)
        if not chosen:
            known = ", ".join(sorted({word for entry in self.entries for word in entry.tags})) or "none"
            raise UsageError(f"{self.path}: has no run with the tag `{tag}`; its tags are: {known}.")
        return chosen


def read(path: Path) -> Suite:
    """Read a suite. Raises UsageError, in one sentence, for what cannot be run as it stands."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: is not there; give the TOML file of a suite.") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read as TOML ({error}).") from None
    defaults = document.pop("defaults", {})
    if isinstance(defaults, dict) and isinstance(document.get("runs"), list):
        document["runs"] = [defaults | run if isinstance(run, dict) else run for run in document["runs"]]
    try:
        # JSON in between, since a TOML array is a list and a strict tuple is none.
        told = _Document.model_validate_json(json.dumps(document, default=str), strict=True)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        raise UsageError(f"{path}: {place(detail, '')}: {message(detail, _Document, '')}") from None
    suite = Suite(path, told.title, None if told.index is None else path.parent / told.index, told.runs)
    if fault := next(_faults(suite), None):
        raise UsageError(f"{path}: {fault}")
    return suite


def _faults(suite: Suite) -> Iterator[str]:
    """Sentences on what the runs say together."""
    if not suite.entries:
        yield "lists no runs; each is a table [[runs]]."
    for name, number in Counter(entry.name for entry in suite.entries).items():
        if number > 1:
            yield f"run `{name}` stands {number} times; names must differ."
    before = set[str]()
    for entry in suite.entries:
        sources = [word for word in ("instance", "city", "street", "python") if getattr(entry, word) is not None]
        run = f"run `{entry.name}`"
        if not sources:
            yield f"{run} names no instance; give one of instance, city, street or python."
        if len(sources) > 1:
            yield f"{run} names {' and '.join(sources)}; give only one of them."
        if entry.instance is not None and not (suite.folder / entry.instance / "instance.toml").is_file():
            yield f"{run}: instance {entry.instance} is no instance folder, seen from {suite.folder}."
        if entry.python is None and entry.solver not in {"auto", *solvers()}:
            yield f"{run}: solver {entry.solver} is not installed; there are: auto, {', '.join(sorted(solvers()))}."
        if entry.start is not None and entry.start not in before:
            yield f"{run}: start `{entry.start}` is no run before it."
        if entry.time_cap_s is None and entry.time_limit_s is None:
            yield f"{run} may take for ever; give time_limit_s or time_cap_s."
        before.add(entry.name)
