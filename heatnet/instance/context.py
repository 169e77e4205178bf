"""What a rule across rows is given: the tables, the lines their rows stand in, and which rows were refused."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from heatnet.errors import Issue
from heatnet.instance import records

if TYPE_CHECKING:
    from heatnet.instance.instance import Tables

HEADER = "instance.toml"
SEASON = "series/season.csv"
ALL = frozenset({"*"})
"""Stands for the rows of a table that could not be read at all."""


@dataclass(frozen=True)
class Context:
    """The tables under judgement, with the lines their rows stand in and the ids of refused rows."""

    tables: Tables
    lines: Mapping[tuple[str, tuple[object, ...]], list[int]] = field(default_factory=dict)
    refused: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def rows(self, table: str) -> tuple[records.Record, ...]:
        return tuple(getattr(self.tables, table))

    def line(self, table: str, row: records.Record) -> int:
        places = self.lines.get((table, key_of(table, row)))
        return places[0] if places else 0

    def known(self, table: str) -> set[str]:
        column = records.KEYS[table][0]
        return {str(getattr(row, column)) for row in self.rows(table)} | set(self.refused.get(table, ()))

    def read(self, table: str) -> bool:
        """Whether the table could be read, so that an id that it lacks is a fault."""
        return self.refused.get(table) != ALL

    def whole(self, *tables: str) -> bool:
        """Whether no row of these tables was refused, so that statements about the whole table make sense."""
        return not any(self.refused.get(table) for table in tables)

    def issue(self, table: str, row: records.Record, column: str, message: str) -> Issue:
        name = " ".join(str(part) for part in key_of(table, row))
        return Issue(
            f"{table}.csv", self.line(table, row), records.file_name(column, self.currency), f"{name}: {message}"
        )

    @property
    def currency(self) -> str:
        return self.tables.header.currency


def key_of(table: str, row: records.Record) -> tuple[object, ...]:
    """The values that name a row in its table."""
    return tuple(getattr(row, column) for column in records.KEYS[table])


def suggestion(name: str, known: Iterable[str]) -> str:
    """`; did you mean `x`?` where something close is known, else a full stop."""
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean `{close[0]}`?" if close else "."
