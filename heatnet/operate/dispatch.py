"""The contract between a stage and who runs it: a dispatcher gets a stage and its state, and returns every hour."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from heatnet.errors import UsageError
from heatnet.operate.stage import Stage
from heatnet.operate.state import Run, State
from heatnet.solve import Limits, Observer


@dataclass(frozen=True)
class Window:
    """How far a rolling horizon looks: `hours` at a time, of which the last `overlap_hours` are decided again."""

    hours: int = 48
    overlap_hours: int = 24


@dataclass(frozen=True)
class Dispatch:
    """What a dispatcher says: its run, and what no run of the stage from the same state can cost less than.

    `bound`: million a season, None where the dispatcher proves none. `seconds` by phase.
    """

    run: Run
    bound: float | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)


class Dispatcher(Protocol):
    """Who runs a stage, found by the entry-point group `heatnet.dispatchers`.

    It keeps every law of the operation of `docs/operate.md`; heat that it cannot bring stays unserved.
    """

    def dispatch(self, stage: Stage, before: State, *, window: Window, limits: Limits, observer: Observer) -> Dispatch:
        """Run the stage over its hours from the state before them.

        Raises UsageError where the window is too short for it, SolverError where it fails.
        """


class Beginner(Protocol):
    """A dispatcher that can say how a stage stood before its first hour: as it would after many days like the first."""

    def begin(self, stage: Stage, limits: Limits) -> State:
        """The state before the first hour of the stage: its first day run as a ring."""


def dispatchers() -> dict[str, importlib.metadata.EntryPoint]:
    """The dispatchers that are installed, by name."""
    return {entry.name: entry for entry in importlib.metadata.entry_points(group="heatnet.dispatchers")}


def find_dispatcher(name: str) -> Dispatcher:
    """The dispatcher of that name. Raises UsageError for a name that is not installed."""
    known = dispatchers()
    if name not in known:
        raise UsageError(f"--dispatch {name}: is not installed; there are: {', '.join(sorted(known))}.")
    dispatcher: Dispatcher = known[name].load()()
    return dispatcher
