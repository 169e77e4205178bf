"""Edits of an instance folder, and the issues that reading it then yields."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from heatnet.errors import InstanceError, Issue
from heatnet.instance import read

if TYPE_CHECKING:
    from pathlib import Path


class Want(NamedTuple):
    """One issue that is expected: its place, and words that its message has."""

    table: str
    row: int
    column: str
    words: tuple[str, ...]


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Replace text that stands exactly once in a file of the folder."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def issues_of(folder: Path) -> tuple[Issue, ...]:
    """The issues of a folder, none where it can be read; any other error passes through."""
    try:
        read(folder)
    except InstanceError as error:
        return error.issues
    return ()


def expect(folder: Path, *wanted: Want) -> None:
    """Reading the folder yields these issues and no others; the error's text has each in a line of its own."""
    with pytest.raises(InstanceError) as caught:
        read(folder)
    issues = caught.value.issues
    listing = "\n".join(map(str, issues))
    assert str(caught.value) == listing
    assert [(i.table, i.row, i.column) for i in issues] == [(w.table, w.row, w.column) for w in wanted], listing
    for issue, want in zip(issues, wanted, strict=True):
        for word in want.words:
            assert word in issue.message, listing


class Case(NamedTuple):
    """An edit of one file, and the issues that it yields."""

    name: str
    old: str
    new: str
    wanted: tuple[Want, ...]


def case(name: str, old: str, new: str, row: int, column: str, *words: str) -> Case:
    """An edit that yields one issue in the same file."""
    return Case(name, old, new, (Want(name, row, column, words),))
