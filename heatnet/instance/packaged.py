"""Rows that come with the package as CSV, in the form of a table of an instance folder."""

from __future__ import annotations

import csv
from importlib import resources
from typing import TypeVar

from heatnet.instance import records

Row = TypeVar("Row", bound=records.Record)


def packaged(package: str, file: str, record: type[Row], currency: str) -> tuple[Row, ...]:
    """The rows of a file beside the modules of `package`, in its order. `currency`: that of its columns of money."""
    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    return tuple(
        record.model_validate({records.file_name(column, currency): cell for column, cell in row.items() if cell})
        for row in csv.DictReader(text.splitlines())
    )
