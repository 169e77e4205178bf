"""One number of an instance found by table, row and column, and an instance in which it is another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from heatnet.errors import UsageError
from heatnet.instance import messages
from heatnet.instance.context import key_of, suggestion
from heatnet.instance.instance import Instance, Series
from heatnet.instance.records import KEYS, TABLES, Record, file_name

SECTIONS = ("season", "economics", "security")
"""Parts of the header that are one row."""

LISTS = {"stages": "year", "regimes": "id", "rules": "id"}
"""Parts of the header that are rows, and the column that names them."""

EVERY = "*"
"""Stands for every row of a table."""


def with_figure(instance: Instance, place: str, change: Callable[[float], float]) -> Instance:
    """The instance with a number changed: `TABLE.ROW.COLUMN`, `SECTION.COLUMN` or `series.COLUMN`.

    TABLE is a table or `stages`, `regimes`, `rules`; ROW is the row's id (its key's parts joined by `/`), or `*` for
    every row with a number there. Raises UsageError for what is not there, InstanceError where it does not fit.
    """
    table, dot, rest = place.partition(".")
    if not dot or not rest:
        raise UsageError(f"{place}: must be TABLE.ROW.COLUMN, as in fuels.gas.price_cur_per_mwh.")
    if table == "series":
        return _series(instance, place, rest, change)
    if table in SECTIONS:
        header = instance.header
        section: Record | None = getattr(header, table)
        if section is None:
            raise UsageError(f"{place}: the instance has no [{table}].")
        changed = _changed(instance, place, section, rest, change)
        return instance.replace(header=header.model_copy(update={table: changed}))
    row, dot, column = rest.rpartition(".")
    if table not in (*TABLES, *LISTS):
        known = (*TABLES, *LISTS, *SECTIONS, "series")
        raise UsageError(f"{place}: there is no table {table}{suggestion(table, known)}")
    if not dot:
        raise UsageError(f"{place}: must be TABLE.ROW.COLUMN, as in fuels.gas.price_cur_per_mwh.")
    rows: tuple[Record, ...] = getattr(instance.header if table in LISTS else instance, table)
    names = [
        str(getattr(one, LISTS[table])) if table in LISTS else "/".join(map(str, key_of(table, one))) for one in rows
    ]
    if row != EVERY and row not in names:
        told = "/".join(KEYS.get(table, (LISTS.get(table, "id"),)))
        raise UsageError(f"{place}: {table} has no row {row} ({told}){suggestion(row, names)}")
    meant = [_is_set(instance, one, column) if row == EVERY else row == _name(table, one) for one in rows]
    if not any(meant):
        fields = type(rows[0]).model_fields if rows else ()
        hint = suggestion(column, [file_name(name, instance.header.currency) for name in fields])
        raise UsageError(f"{place}: no row has a number in {column}{hint}")
    touched = [
        _changed(instance, place, one, column, change) if ours else one for ours, one in zip(meant, rows, strict=True)
    ]
    if table in LISTS:
        return instance.replace(header=instance.header.model_copy(update={table: tuple(touched)}))
    return instance.replace(**{table: tuple(touched)})


def _name(table: str, row: Record) -> str:
    return str(getattr(row, LISTS[table])) if table in LISTS else "/".join(map(str, key_of(table, row)))


def _field(instance: Instance, row: Record, column: str) -> str:
    """The field of a column, by its name in the files (price_cny_per_mwh) or in Python (price_cur_per_mwh)."""
    fields = type(row).model_fields
    return column if column in fields else file_name(column, instance.header.currency)


def _is_set(instance: Instance, row: Record, column: str) -> bool:
    value = getattr(row, _field(instance, row, column), None)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _changed(instance: Instance, place: str, row: Record, column: str, change: Callable[[float], float]) -> Any:
    fields, field = type(row).model_fields, _field(instance, row, column)
    if field not in fields:
        known = [file_name(name, instance.header.currency) for name in fields]
        raise UsageError(f"{place}: there is no column {column}{suggestion(column, known)}")
    value = getattr(row, field)
    if not _is_set(instance, row, column):
        raise UsageError(f"{place}: holds {'nothing' if value is None else value!r}; only a number can be varied.")
    number = change(float(value))
    if isinstance(value, int):
        if number != round(number):
            raise UsageError(f"{place}: must be a whole number, {number:g} is not.")
        number = int(number)
    try:
        return type(row).model_validate(row.model_dump() | {field: number})
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        told = messages.message(detail, type(row), instance.header.currency)
        raise UsageError(f"{place}: {told}") from None


def _series(instance: Instance, place: str, column: str, change: Callable[[float], float]) -> Instance:
    name = column if column in instance.series else file_name(column, instance.header.currency)
    if name not in instance.series:
        known = [file_name(one, instance.header.currency) for one in instance.series]
        raise UsageError(f"{place}: the season has no column {column}{suggestion(column, known)}")
    changed = [change(float(value)) for value in instance.series[name]]
    return instance.replace(series=Series({**instance.series, name: changed}))
