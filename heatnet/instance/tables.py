"""An instance folder: `instance.toml`, CSV tables, `series/season.csv` and `schedules/*.toml`.

Reading tells every fault at once; nothing is repaired or guessed. Writing gives the canonical form: rows sorted
by key, every column, numbers in their shortest exact form, so that read → write → read is equal.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import ValidationError

from heatnet.errors import InstanceError, Issue, RunError, UsageError
from heatnet.instance import messages, records, rules
from heatnet.instance.context import ALL, HEADER, SEASON, key_of, suggestion
from heatnet.instance.instance import Array, Instance, Series, Tables

Row = TypeVar("Row", bound=records.Record)

LARGEST_PRICE = 1e6
"""Largest price per MWh or factor of an hour, and the lowest below 0."""


def read(folder: str | Path) -> Instance:
    """Read an instance folder.

    Raises UsageError when the folder is not there, InstanceError with every fault that was found.
    """
    path = Path(folder)
    if not path.is_dir():
        raise UsageError(f"{path}: is not a folder; an instance is a folder with {HEADER} and tables in CSV.")
    return _Reader(path).instance()


def write(instance: Instance, folder: str | Path) -> None:
    """Write an instance into a folder that is empty or not there yet.

    Raises RunError when the folder has something in it or cannot be written.
    """
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise RunError(f"{path}: is not empty; an instance is written into a new folder.")
        for name, text in _files(instance):
            target = path / name
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror or error}).") from None


# --- reading -----------------------------------------------------------------------------------------------


@dataclass
class _Reader:
    """Gathers rows and faults while the files of one folder are read."""

    path: Path
    issues: list[Issue] = field(default_factory=list)
    lines: dict[tuple[str, tuple[object, ...]], list[int]] = field(default_factory=dict)
    refused: dict[str, frozenset[str]] = field(default_factory=dict)
    currency: str = ""

    def instance(self) -> Instance:
        header = self._header()
        tables: dict[str, Any] = {table: self._table(table, record) for table, record in records.TABLES.items()}
        series = self._season()
        schedules = self._schedules()
        self._strangers()
        if header is None:
            raise InstanceError(self.issues)
        tables |= {"header": header, "series": series, "schedules": schedules}
        if not self.issues:
            with contextlib.suppress(InstanceError):
                return Instance(**tables)
        # Checked again where something is wrong, to tell the lines, and to leave out what follows from refused rows.
        raise InstanceError(self.issues + rules.check(Tables(**tables), self.lines, self.refused))

    def _strangers(self) -> None:
        """Tables and schedules whose names nobody would read: most likely misspelt."""
        known = {f"{table}.csv" for table in records.TABLES}
        for file in sorted(self.path.glob("*.[cC][sS][vV]")):
            if file.name not in known:
                hint = suggestion(file.name, known)
                self.fault(file.name, 0, "", f"is not a table that heatnet reads{hint}")
        for file in sorted((self.path / "schedules").glob("*")):
            if file.suffix != ".toml":
                self.fault(f"schedules/{file.name}", 0, "", "is not a schedule; schedules are files named *.toml.")

    def fault(self, table: str, row: int, column: str, message: str) -> None:
        self.issues.append(Issue(table, row, column, message))

    def _text(self, name: str, required: bool) -> str | None:
        try:
            return (self.path / name).read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            if required:
                self.fault(name, 0, "", "is missing; every instance has it.")
        except UnicodeDecodeError as error:
            self.fault(name, 0, "", f"is not UTF-8 (byte {error.start}); save it as UTF-8.")
        except OSError as error:
            self.fault(name, 0, "", f"cannot be read ({error.strerror or error}).")
        return None

    def _toml(self, name: str, required: bool = True) -> dict[str, Any] | None:
        text = self._text(name, required)
        if text is None:
            return None
        try:
            data = tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            self.fault(name, 0, "", f"is not valid TOML: {error}.")
            data = None
        if name == HEADER:
            # Wanted even when the file is broken: the columns of every table are named by it.
            broken = re.search(r"""^\s*currency\s*=\s*["']([A-Za-z]{3})["']""", text, re.MULTILINE)
            code = data.get("currency") if data is not None else broken and broken.group(1)
            self.currency = code if isinstance(code, str) and re.fullmatch("[A-Za-z]{3}", code) else ""
        return data

    def _header(self) -> records.Header | None:
        data = self._toml(HEADER)
        if data is None:
            return None
        return self._record(records.Header, data, HEADER)

    def _schedules(self) -> dict[str, records.Schedule]:
        found = {}
        for file in sorted((self.path / "schedules").glob("*.toml")):
            name = f"schedules/{file.name}"
            data = self._toml(name)
            schedule = self._record(records.Schedule, data, name) if data is not None else None
            if schedule is not None:
                found[file.stem] = schedule
        return found

    def _record(self, record: type[Row], data: dict[str, Any], file: str) -> Row | None:
        """A record from a TOML file, or None with its faults noted."""
        try:  # TOML has types, and they count; JSON, since Python's tuples are its lists
            return record.model_validate_json(json.dumps(_to_fields(data, self.currency), default=str), strict=True)
        except RecursionError:
            self.fault(file, 0, "", "nests deeper than anything that heatnet reads.")
        except ValidationError as error:
            self._refuse(error, record, file, 0)
        return None

    def _refuse(self, error: ValidationError, record: type[records.Record], table: str, row: int) -> None:
        """Note what pydantic found in a record."""
        details = error.errors(include_url=False)
        places = [detail["loc"] for detail in details]
        for detail in details:
            place = detail["loc"]
            if detail["type"] == "too_short" and any(p[: len(place)] == place != p for p in places):
                continue  # the entries are there, each with a fault of its own
            column = messages.place(detail, self.currency)
            self.fault(table, row, column, messages.message(detail, record, self.currency))

    def _table(self, table: str, record: type[records.Record]) -> tuple[records.Record, ...]:
        name = f"{table}.csv"
        required = table in records.REQUIRED_TABLES
        text = self._text(name, required)
        if text is None:
            if required or (self.path / name).exists():
                self.refused[table] = ALL
            return ()
        lines = self._lines(name, text)
        header = [cell.strip() for cell in lines[0]] if lines else []
        if lines is None or not self.currency or not self._columns_known(name, header, record):
            self.refused[table] = ALL
            return ()
        return self._rows(table, header, lines[1:], record)

    def _lines(self, name: str, text: str) -> list[list[str]] | None:
        first = text.partition("\n")[0]
        for mark, word in ((";", "semicolons"), ("\t", "tabs")):
            if mark in first and "," not in first:
                self.fault(name, 1, "", f"is separated by {word}; save it with commas.")
                return None
        try:
            return list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except csv.Error as error:
            self.fault(name, 0, "", f"is not a CSV table ({error}).")
        return None

    def _columns_known(self, name: str, header: list[str], record: type[records.Record]) -> bool:
        names = [records.file_name(column, self.currency) for column in record.model_fields]
        known = dict(zip(names, record.model_fields.values(), strict=True))
        before = len(self.issues)
        for column in dict.fromkeys(header):
            if column not in known:
                self.fault(name, 1, column, f"is not a column of this table{messages.column_hint(column, known)}")
            elif header.count(column) > 1:
                self.fault(name, 1, column, "stands twice in the header.")
        for column, info in known.items():
            if info.is_required() and column not in header:
                self.fault(name, 1, column, "is a column that this table must have.")
        return len(self.issues) == before

    def _rows(
        self, table: str, header: list[str], lines: list[list[str]], record: type[records.Record]
    ) -> tuple[records.Record, ...]:
        refused: set[str] = set()
        rows = []
        fields = [records.file_name(column, self.currency) for column in header]
        for number, cells in enumerate(lines, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                self.fault(f"{table}.csv", number, "", f"has {len(cells)} cells; the header has {len(header)}.")
                refused.update(cell.strip() for cell in cells)  # the id is one of them
                continue
            data = {field: cell for field, cell in zip(fields, cells, strict=True) if cell.strip()}
            try:
                row = record.model_validate(data)
            except ValidationError as error:
                self._refuse(error, record, f"{table}.csv", number)
                refused.add(data.get(records.KEYS[table][0], "").strip())
                continue
            rows.append(row)
            self.lines.setdefault((table, key_of(table, row)), []).append(number)
        if refused:
            self.refused[table] = frozenset(refused)
        return tuple(rows)

    def _season(self) -> Series:
        text = self._text(SEASON, required=True)
        if text is None:
            return Series({})
        lines = self._lines(SEASON, text)
        if lines is None or not self.currency:
            return Series({})
        header = [cell.strip() for cell in lines[0]] if lines else []
        fields = {records.file_name(column, self.currency): column for column in records.SEASON_COLUMNS}
        needed = ["hour", *fields]
        before = len(self.issues)
        for column in needed:
            if column not in header:
                self.fault(SEASON, 1, column, "is a column that the season must have.")
        for column in dict.fromkeys(header):
            if header.count(column) > 1:
                self.fault(SEASON, 1, column, "stands twice in the header.")
            elif column not in needed and not column.endswith(("_factor", "_c")):
                hint = suggestion(column, needed)
                self.fault(
                    SEASON, 1, column, f"is not a column of the season; further columns end in `_factor` or `_c`{hint}"
                )
        if len(self.issues) > before:
            return Series({})
        numbers = [number for number, cells in enumerate(lines, start=1) if cells][1:]
        values = self._numbers(header, {number: lines[number - 1] for number in numbers})
        hours = values.pop("hour")
        if len(self.issues) == before and not np.array_equal(hours, np.arange(len(hours))):
            first = int(np.argmax(hours != np.arange(len(hours))))
            text = f"is {hours[first]:g} where {first} should stand; hours count 0, 1, 2, … without gap or repeat."
            self.fault(SEASON, numbers[first], "hour", text)
        return Series({fields.get(column, column): array for column, array in values.items()})

    def _numbers(self, header: list[str], lines: dict[int, list[str]]) -> dict[str, Array]:
        """Columns of numbers from cells by line, faults noted."""
        array = np.full((len(lines), len(header)), np.nan)
        for place, (number, cells) in enumerate(lines.items()):
            if len(cells) != len(header):
                self.fault(SEASON, number, "", f"has {len(cells)} cells; the header has {len(header)}.")
                array[place] = 0.0
                continue
            try:
                array[place] = [float(cell) for cell in cells]
            except ValueError:
                array[place] = [_number(cell) for cell in cells]
        places = list(lines)
        for place, column in np.argwhere(~np.isfinite(array)).tolist():
            text = f"must be a finite number, found `{messages.shown(lines[places[place]][column])}`."
            self.fault(SEASON, places[place], header[column], text)
        low = np.array([-100.0 if name.endswith("_c") else -LARGEST_PRICE for name in header])
        high = np.array([1000.0 if name.endswith("_c") else LARGEST_PRICE for name in header])
        for place, column in np.argwhere(np.isfinite(array) & ((array < low) | (array > high))).tolist():
            text = f"must be from {low[column]:g} to {high[column]:g}, found {array[place, column]:g}."
            self.fault(SEASON, places[place], header[column], text)
        return {column: array[:, place] for place, column in enumerate(header)}


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _to_fields(data: Any, currency: str) -> Any:
    """File names to field names, at every depth: `price_cny_per_mwh` → `price_cur_per_mwh`."""
    if isinstance(data, dict):
        return {records.file_name(key, currency): _to_fields(value, currency) for key, value in data.items()}
    if isinstance(data, list):
        return [_to_fields(value, currency) for value in data]
    return data


# --- writing -----------------------------------------------------------------------------------------------


def _files(instance: Instance) -> Iterable[tuple[str, str]]:
    # The library that goes with the standard reader; imported here since most runs only read.
    import tomli_w

    currency = instance.header.currency
    header = _to_names(instance.header.model_dump(mode="json", exclude_none=True), currency)
    yield HEADER, tomli_w.dumps(header)
    for table, record in records.TABLES.items():
        rows: tuple[records.Record, ...] = getattr(instance, table)
        if rows or table in records.REQUIRED_TABLES:
            yield f"{table}.csv", _csv_text(rows, record, currency)
    columns = {
        records.file_name(name, currency) if name in records.SEASON_COLUMNS else name: values
        for name, values in instance.series.items()
    }
    yield SEASON, _lines(["hour", *columns], zip(range(instance.series.hours), *columns.values(), strict=True))
    for name, schedule in instance.schedules.items():
        yield f"schedules/{name}.toml", tomli_w.dumps(schedule.model_dump(mode="json", exclude_none=True))


def _csv_text(rows: Iterable[records.Record], record: type[records.Record], currency: str) -> str:
    names = [records.file_name(column, currency) for column in record.model_fields]
    return _lines(names, ([getattr(row, column) for column in record.model_fields] for row in rows))


def _lines(names: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return buffer.getvalue()


def _cell(value: object) -> str:
    """A cell that reads back to the same value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(float(value)).removesuffix(".0")
    if isinstance(value, tuple):
        return " ".join(str(item) for item in value)
    return str(value)


def _to_names(data: Any, currency: str) -> Any:
    if isinstance(data, dict):
        return {records.file_name(key, currency): _to_names(value, currency) for key, value in data.items()}
    if isinstance(data, list):
        return [_to_names(value, currency) for value in data]
    return data
