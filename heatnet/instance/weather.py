"""Another winter for an instance: its own season, a cold one, or hours from a file."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from heatnet.errors import InstanceError, UsageError
from heatnet.instance import records
from heatnet.instance.instance import Array, Instance, Series

COLD_C = -12.0
"""Mean of each day of the cold snap, °C; assumed, as a winter that comes once in decades in Jinan."""

COLD_DAYS = 3
HOUR = timedelta(hours=1)
TEMPERATURES_C = (-100.0, 1000.0)
LARGEST = 1e6
"""Largest price or factor of an hour, and the lowest price below 0."""


def with_weather(instance: Instance, choice: str) -> Instance:
    """The instance in the weather of a choice: `season`, `cold`, or the name of a CSV file of hours.

    Whatever reads the season follows: demand by the load factor, COP and output of heat pumps by their source. Columns
    that the choice does not bring stay as they are, hour by hour.
    Raises UsageError for a choice that is none, and for the first fault of a file.
    """
    if choice == "season":
        return instance
    if choice == "cold":
        text = f"three days in a row at {COLD_C:g} °C in place of the coldest, all other hours as they were"
        return _replaced(instance, choice, {"outdoor_c": cold_snap(instance)}, text)
    return _replaced(instance, choice, _read(instance, Path(choice)), f"weather of {Path(choice).name}")


def cold_snap(instance: Instance) -> Array:
    """Outdoor temperature, °C by hour, with the three days in a row that are coldest brought to a mean of −12 °C each.

    Assumed: their daily swing stays, and so do all other hours, those before and after too, since a cold wave comes and
    goes within a day. A day that is colder already stays as it is.
    Raises UsageError where that would change nothing.
    """
    outdoor = instance.series["outdoor_c"].reshape(-1, 24)
    means = outdoor.mean(axis=1)
    number = min(COLD_DAYS, len(means))
    first = int(np.argmin(np.convolve(means, np.ones(number), mode="valid").round(9)))
    days = slice(first, first + number)
    shift = np.minimum(COLD_C - means[days], 0.0)
    if not shift.any():
        raise UsageError(
            f"--weather cold: days {first} to {first + number - 1} of the season of {instance.header.name} are at "
            f"{COLD_C:g} °C or below already; give a file with a colder winter."
        )
    changed = outdoor.copy()
    changed[days] += shift[:, None]
    return changed.ravel()


def _replaced(instance: Instance, choice: str, columns: dict[str, Array], text: str) -> Instance:
    """The instance with other columns of the season, its origin told."""
    season = instance.header.season
    told = season.model_copy(update={"source": f"assumed: {text}; else {season.source}"})
    header = instance.header.model_copy(update={"season": told})
    try:
        return instance.replace(header=header, series=Series({**instance.series, **columns}))
    except InstanceError as error:
        raise UsageError(f"--weather {choice}: {error.issues[0].column} {error.issues[0].message}") from None


# --- a file of hours -----------------------------------------------------------------------------------------


def _read(instance: Instance, path: Path) -> dict[str, Array]:
    """Columns of the season from a file, by their field names."""
    try:
        return _columns(instance, path)
    except FileNotFoundError:
        raise UsageError(f"--weather {path}: is neither season nor cold nor a file that is there.") from None
    except OSError as error:
        raise UsageError(f"--weather {path}: cannot be read ({error.strerror or error}).") from None
    except _FaultError as fault:
        raise UsageError(f"--weather {path}: {fault}") from None
    except ValueError as error:  # of pandas, and of what is not UTF-8
        raise UsageError(f"--weather {path}: is not a CSV table in UTF-8 ({str(error).strip()}).") from None


class _FaultError(Exception):
    """What is wrong in a file, as the end of a sentence."""


def _columns(instance: Instance, path: Path) -> dict[str, Array]:
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", skipinitialspace=True).fillna("")
    named = {name: records.file_name(name, instance.header.currency) for name in records.SEASON_COLUMNS}
    fields = {named.get(name, name): name for name in instance.series}
    for column in ("time", "outdoor_c"):
        if column not in table:
            raise _FaultError(f"has no column {column}; it needs time and outdoor_c, separated by commas.")
    if not isinstance(table.index, pd.RangeIndex):  # how pandas reads rows longer than the header
        raise _FaultError(f"has rows with more cells than the {len(table.columns)} of the header.")
    for column in map(str, table):
        if column != "time" and column not in fields:
            raise _FaultError(f"{column} is not a column of the season; it may have: time, {', '.join(fields)}.")
    _check_times(instance, table["time"].str.strip().tolist())
    return {fields[name]: _numbers(table, name) for name in table.columns if name != "time"}


def _check_times(instance: Instance, told: list[str]) -> None:
    """Raises the first that keeps the times from being the hours of the season."""
    times = [_time(text, line) for line, text in enumerate(told, start=2)]
    if len({time.tzinfo is None for time in times}) > 1:
        raise _FaultError("time has an offset from UTC in some hours and none in others; give it in all or in none.")
    season, hours = instance.header.season, instance.series.hours
    if times and f"{times[0]:%m-%d %H:%M:%S}" != f"{season.start} 00:00:00":
        name = instance.header.name
        raise _FaultError(f"begins at {told[0]}; the season of {name} begins on {season.start} at 00:00.")
    winter = "where that is daylight saving, give winter time throughout, or times with their offset from UTC"
    for (before, after), text in zip(pairwise(times), told[1:], strict=True):
        step = after - before
        if not step:
            raise _FaultError(f"{text} stands twice; {winter}.")
        if step < timedelta(0):
            raise _FaultError(f"{text} stands after a later hour; hours must run forward.")
        if step % HOUR:
            raise _FaultError(f"{text} is no whole hour after the time before it; weather is by hour.")
        if step > HOUR:
            raise _FaultError(f"{before + HOUR:%Y-%m-%d %H:%M} is missing, {text} comes next; {winter}.")
    if len(times) != hours:
        last = f", the last {told[-1]}" if told else ""
        raise _FaultError(f"has {len(times)} hours{last}; the season of {instance.header.name} has {hours}.")


def _time(text: str, line: int) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _FaultError(f"time in line {line} is `{text[:40]}`; it must be written as 2024-11-15 00:00.") from None


def _numbers(table: pd.DataFrame, column: str) -> Array:
    """The numbers of a column, within what a season may have."""
    values = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=np.float64)
    low, high = TEMPERATURES_C if column.endswith("_c") else (-LARGEST, LARGEST)
    bad = ~((values >= low) & (values <= high))
    if bad.any():
        time, found = table["time"].iloc[int(bad.argmax())], table[column].iloc[int(bad.argmax())]
        was = f"found `{found[:40]}`" if found.strip() else "it is missing"
        raise _FaultError(f"{column} at {time} must be a number from {low:g} to {high:g}; {was}.")
    return values
