"""The judge on the calendar and on stores that carry heat through the season, by hand on the valley.

Sensitivity. Without each of these would go unnoticed:
- each row of BREAKS: that its law does not look at what the change breaks.
- a calendar in another order: levels that follow the representative days instead of the days of the season.
- a pit just large enough: a bound that is judged by day instead of by hour, or in the wrong place of the day.
- a coldest day alone: a season of one representative day that is refused.
- the level of a day that begins at 0: a ring of the day that a seasonal store does not have.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from check.sheet import Breaks, Change, assert_broken_alone, laws
from check.valley import Answer, valley, with_row
from heatnet.check import check
from heatnet.instance import Instance
from heatnet.solution import frame

breaks = Breaks()


@pytest.fixture(scope="module")
def instance() -> Instance:
    """The valley."""
    return valley()


@breaks("calendar.rows")
def a_day_twice(a: Answer) -> None:
    """The second day once more; the first row counts."""
    a.calendar = pd.concat([a.calendar, frame("calendar", [(1, 0)])])


@breaks("calendar.rows")
def a_day_beyond_the_season(a: Answer) -> None:
    """Season days are 0, 1 and 2."""
    a.calendar = pd.concat([a.calendar, frame("calendar", [(3, 1)])])


@breaks("seasonal.rows")
def a_level_missing(a: Answer) -> None:
    """That of the second day of 2020, which is 0."""
    a.seasonal = a.seasonal.drop(index=1)


@breaks("seasonal.rows")
def a_level_of_no_day(a: Answer) -> None:
    """A fourth day."""
    a.seasonal = pd.concat([a.seasonal, frame("seasonal", [(2020, "pit", 3, 0.0)])])


@breaks("seasonal.begin")
def a_level_out_of_nothing(a: Answer) -> None:
    """60.1 where 0 / 4 + 60 is left over; the day after begins with 75, where 60.1 / 4 + 60 is 75.025."""
    a.set("seasonal", (2020, "pit", 2), level_mwh=60.1)


@breaks("seasonal.level")
def a_pit_that_gives_what_it_has_not(a: Answer) -> None:
    """4 MW for 12 hours take 48 of 37.5; a charge of 0.875 brings -24 back to -18.75, so that the day ends as told."""
    a.one(2020, 0, 0, "store", "pit", discharge_mw=4, level_mwh=-48)
    a.one(2020, 0, 12, "store", "pit", charge_mw=0.875)
    a.one(2020, 0, 0, "node", "D", spill_mw=12.425 + 0.875)
    a.run(2020, 0, 12, "peak", full=(10.7 + 0.875) / 30)


@breaks("operation.store_level")
def a_day_that_begins_with_something(a: Answer) -> None:
    """The pit is a ring of the season, not of the day: without its discharge 30 of 60 are not there in the morning."""
    a.one(2020, 1, 0, "store", "pit", level_mwh=30)
    a.one(2020, 1, 12, "store", "pit", charge_mw=7.5)
    a.run(2020, 1, 12, "peak")
    a.one(2020, 1, 12, "node", "D", spill_mw=39.65 - 30.35 - 7.5)


@breaks("operation.store_power")
def a_pit_that_is_too_fast(a: Answer) -> None:
    """11 MW where 76 / 7 may be, and half of what is charged given back at once."""
    a.one(2020, 1, 12, "store", "pit", charge_mw=11, discharge_mw=0.5)
    a.run(2020, 1, 12, "peak", full=1.2 / 30)


@pytest.mark.parametrize(("law", "change"), breaks.rows)
def test_each_law_is_seen_when_broken_alone(instance: Instance, law: str, change: Change) -> None:
    """One change, one law."""
    assert_broken_alone(instance, Answer(), law, change)


@pytest.mark.parametrize(
    ("rows", "law"),
    [
        ([(0, 0), (1, 1)], "calendar.rows"),
        ([(0, 0), (1, 1), (2, 7)], "calendar.rows"),
        ([(0, 1), (1, 0), (2, 1)], "calendar.itself"),
        ([(0, 0), (1, 1), (2, 0)], "calendar.weights"),
        ([(0, 0), (1, 1), (2, 0)], "calendar.coldest"),
    ],
)
def test_laws_of_the_calendar_are_seen_among_what_follows_from_them(
    instance: Instance, rows: list[tuple[int, int]], law: str
) -> None:
    """A day without one, one that is none, not standing for itself, unlike the weight, the coldest for a mild one."""
    answer = Answer()
    answer.calendar = frame("calendar", rows)
    assert law in laws(check(instance, answer.solution))


def test_the_coldest_day_alone_stands_for_all(instance: Instance) -> None:
    """One representative day, the coldest: no law of days or calendar is broken."""
    answer = Answer()
    answer.days = frame("days", [(0, 0, 3.0, 1.0)])
    answer.calendar = frame("calendar", [(0, 0), (1, 0), (2, 0)])
    assert not [law for law in laws(check(instance, answer.solution)) if law.startswith(("days", "calendar"))]


@pytest.mark.parametrize(("size", "broken"), [(75.0, set()), (74.0, {"seasonal.level"})])
def test_a_pit_is_never_too_full(instance: Instance, size: float, broken: set[str]) -> None:
    """After two days of charging 60 / 4 + 60 = 75 are in it, at night; 74 are enough at all other times."""
    small = with_row(instance, "stores", {"id": "pit"}, existing_mwh=size)
    answer = Answer()
    for year in (2020, 2022):
        answer.set("stores", (year, "pit"), size_mwh=size)
    report = check(small, answer.solution)
    assert laws(report) == broken
    if broken:
        assert report.violations[["stage", "id", "size"]].to_numpy().tolist() == [
            [2020, "pit season_day 2", pytest.approx(1.0)],
            [2022, "pit season_day 2", pytest.approx(1.0)],
        ]


def test_levels_follow_the_days_of_the_season(instance: Instance) -> None:
    """With the cold day between two warm ones: 60 / 4 + 60 = 75, 75 / 4 - 18.75 = 0, 0 / 4 + 60 = 60."""
    outdoor = {"outdoor_c": np.repeat([0.0, -20.0, 0.0], 24)}
    other = instance.replace(series=type(instance.series)({**instance.series, **outdoor}))
    answer = Answer()
    answer.days = frame("days", [(0, 1, 1.0, 1.0), (1, 0, 2.0, 1.0)])
    answer.calendar = frame("calendar", [(0, 1), (1, 0), (2, 1)])
    levels = [(y, "pit", j, level) for y in (2020, 2022) for j, level in enumerate((60.0, 75.0, 0.0))]
    answer.seasonal = frame("seasonal", levels)
    assert laws(check(other, answer.solution)) == set()
    assert laws(check(other, dataclasses.replace(answer.solution, seasonal=Answer().seasonal))) >= {"seasonal.begin"}
