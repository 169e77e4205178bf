"""What heatnet raises when a person has to do something.

HeatnetError
├── InstanceError    the instance folder has faults; `issues` lists all of them
├── UsageError       a command or call that cannot be meant as it stands
├── RunError         a result folder that cannot be read or written
└── SolverError      a solver failed in a way that is no answer
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Issue:
    """One fault in an instance: where it is and what would be right.

    `row` is the line in the file as an editor or spreadsheet counts it (the header is line 1).
    """

    table: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = self.table
        if self.row:
            place += f", line {self.row}"
        if self.column:
            place += f", {self.column}"
        return f"{_plain(place, 200)}: {_plain(self.message, 2000)}"


def _plain(text: str, longest: int) -> str:
    """In one line, without what a terminal would obey, and no longer than one can read."""
    line = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
    return line if len(line) <= longest else line[: longest - 1] + "…"


class HeatnetError(Exception):
    """Base of all errors whose text is meant for the user."""


class InstanceError(HeatnetError):
    """An instance with faults. `issues` holds every one that was found, in file order."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(sorted(issues))
        super().__init__("\n".join(str(issue) for issue in self.issues))


class UsageError(HeatnetError):
    """A request that cannot be meant as it stands."""


class RunError(HeatnetError):
    """A result folder that cannot be read, or that cannot be written where it was asked for."""


class SolverError(HeatnetError):
    """A solver stopped without anything that can be called an answer."""
