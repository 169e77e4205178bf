"""Seasonal stores: a pit carries heat from day to day, through the days of the season that representative days tell.

A asks for 10 MW on all days; heat is electric. Power costs 20,000 on cheap days, 35,000 on middling ones and 60,000 on
dear ones, in EUR/MWh: a day of 24 hours at 1 MW and 1000 a MWh is 0.024. The first day is middling, and counts as the
coldest. Half of what is charged arrives: from cheap to dear days a MWh costs 40,000 and is worth 60,000; to middling
days, or from them, nothing is gained.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from formulation.city import boiler, city, operation, optimum, plan, terms
from heatnet.instance import Series

DAY = 0.024
LOSS = 1 - 0.9 ** (1 / 24)
"""A tenth a day."""

CHEAP, MIDDLING, DEAR = 20_000, 35_000, 60_000
PRICES = {"C": CHEAP, "M": MIDDLING, "D": DEAR}
PIT = {"id": "pit", "seasonal": True, "existing_mwh": 120.0, "hours": 6, "efficiency_share": 0.5}
ELECTRIC = {"id": "e", "kind": "heat_pump", "size_mw": 100, "corners": {"full": (100, -100, 0)}}


def pit(days: str, *, stages: int = 1, halves: bool = False, **changes: Any) -> Any:
    """The city with a pit, over days of these letters (with `halves`: half days)."""
    number = len(days) // 2 if halves else len(days)
    instance = city(
        technologies=[ELECTRIC],
        units=[{"id": "e", "technology": "e", "count": 1}],
        stores=[{**PIT, **changes}],
        demands={"A": 10},
        outdoor=(-10,) * number,
        stages=[{"year": 2025 + k} for k in range(stages)],
        unserved=1e6,
    )
    prices = np.repeat([PRICES[day] for day in days], 12 if halves else 24)
    return instance.replace(series=Series({**instance.series, "power_retail_cur_per_mwh": prices}))


def without(days: str) -> float:
    """Cost of the season without a store."""
    return DAY * 10 * sum(PRICES[day] for day in days) / 1000


def levels(result: Any) -> list[float]:
    """Level at the beginning of each day of the season, MWh."""
    values: list[float] = result.answer.solution.seasonal.sort_values(["stage", "season_day"])["level_mwh"].tolist()
    return values


GAIN = (60 - 20 / 0.5) / 1000
"""Million for each MWh that comes out on a dear day."""


@pytest.mark.parametrize(
    ("days", "net"),
    [
        ("MCDCDCD", 120),  # full after each cheap day
        ("MCCDCDD", 60),  # two cheap days in a row: half of the pit each
        ("MCCCDDD", 40),
        ("MDDDCCC", 40),  # through the end of the season
        ("MCCDDCD", 60),
        ("MDCDCDC", 120),
    ],
)
def test_calendar(days: str, net: float) -> None:
    """Proves: the level runs through the calendar, each day adding what its representative day adds.

    Three representative days: the first, a cheap one and a dear one, standing for 1, 3 and 3 days. All cheap days
    charge alike, so the longest run of them must fit into 120 MWh. Sensitivity: without the order of days all would
    be like the first; were the season no ring, the fourth and the last could carry nothing over its end.
    """
    result = optimum(pit(days), without(days) - 3 * net * GAIN, days=3)
    assert sorted(operation(result, "store", "pit", "level_mwh")) == pytest.approx([-net, 0, net], abs=1e-4)
    begin = levels(result)
    steps = {"M": 0.0, "C": net, "D": -net}
    assert len(begin) == len(days)
    for day, (before, after) in enumerate(zip(begin, begin[1:] + begin[:1], strict=True)):
        assert after - before == pytest.approx(steps[days[day]], abs=1e-4)
    assert min(begin) >= -1e-6
    assert max(begin) <= 120 + 1e-6


def test_plain_store_carries_nothing_over_midnight() -> None:
    """Proves: a store that is not seasonal begins and ends its day alike.

    Sensitivity: were it a pit, 7.2 would be gained.
    """
    result = optimum(pit("MCDCDCD", seasonal=False), without("MCDCDCD"), days=3)
    assert result.answer.solution is not None
    assert result.answer.solution.seasonal.empty


def test_cold_days_by_weather() -> None:
    """Proves: a pit carries free heat of a mild day to a cold one, with days that differ in demand only.

    Days of 20 and −10 °C: nothing and 10 MW. 5 MW of heat are free, more costs 10,000. A pit of 60 MWh without loss
    takes 60 MWh, which are 2.5 MW on the cold day. Sensitivity: without the pit 1.2; with one as large as need be 0.
    """
    instance = city(
        technologies=[boiler("waste", 0, size=5), boiler("dear", 10_000)],
        units=[{"id": "w", "technology": "waste", "count": 1}, {"id": "d", "technology": "dear", "count": 1}],
        stores=[{"id": "pit", "seasonal": True, "existing_mwh": 60, "hours": 6}],
        demands={"A": 10},
        outdoor=(20, -10),
        unserved=1e6,
    )
    result = optimum(instance, DAY * 2.5 * 10, days=2)
    assert levels(result) == pytest.approx([0, 60], abs=1e-4)


@pytest.mark.parametrize(("days", "nights"), [("MCD", 1), ("MDC", 2), ("MCMD", 2)])
def test_loss_over_days(days: str, nights: int) -> None:
    """Proves: a tenth of the level is lost in each day that begins with it, also through the end of the season.

    120 MWh of the cheap day are there at its end; 108 or 97.2 come out on the dear day. Sensitivity: without the loss
    120 would; lost once a representative day, the last case would be like the first.
    """
    out = 120 * 0.9**nights
    instance = pit(days, loss_share_per_h=LOSS)
    result = optimum(instance, without(days) - (out * 60 - 120 * 40) / 1000, days=len(days))
    assert sum(operation(result, "store", "pit", "discharge_mw")) * 24 == pytest.approx(out)


@pytest.mark.parametrize(("told", "rest"), [(0, 0), (1, 1), (None, 361)])
def test_loss_between_seasons(told: int | None, rest: int) -> None:
    """Proves: what is left at the end of a season loses heat until the next one; blank means the rest of 365 days.

    Cheap on the last of four days: 120 MWh at its end are 120 · 0.9^(2 + rest) when the dear second day ends; that is
    worth 60 against 120 · 40. After 361 days nothing is left, and the pit stays empty. Sensitivity: without the loss
    between seasons the three cases would be equal.
    """
    days, out = "MDMC", 120 * 0.9 ** (2 + rest)
    instance = pit(days, loss_share_per_h=LOSS)
    season = instance.header.season.model_copy(update={"off_season_days": told})
    instance = instance.replace(header=instance.header.model_copy(update={"season": season}))
    result = optimum(instance, without(days) - max((out * 60 - 120 * 40) / 1000, 0.0), days=4)
    pays = out * 60 > 120 * 40
    assert sum(operation(result, "store", "pit", "discharge_mw")) * 24 == pytest.approx(out if pays else 0.0, abs=1e-6)


def test_loss_within_the_day() -> None:
    """Proves: what is charged in the first half of a day loses over its second half, and begins the next day less.

    Half days: cheap, middling | middling, dear. 120 MWh at noon are 120 · 0.9^½ at midnight and 120 · 0.9^1½ at the
    end of the next day, when they come out. Sensitivity: without the loss within a day 108; with a whole day for the
    first half 97.2.
    """
    out = 120 * 0.9**1.5
    base = DAY / 2 * 10 * (20 + 35 + 35 + 60)
    instance = pit("CMMD", halves=True, loss_share_per_h=LOSS)
    result = optimum(instance, base - (out * 60 - 120 * 40) / 1000, days=2, step_hours=12)
    assert operation(result, "store", "pit", "level_mwh") == pytest.approx([120, 120 * 0.9**0.5, 0, -out], abs=1e-4)
    assert levels(result) == pytest.approx([0, 120 * 0.9**0.5], abs=1e-4)


def test_size_within_the_day() -> None:
    """Proves: the size holds at noon, not only at midnight, and the level may fall below where the day began.

    Half days: cheap, dear | dear, cheap | middling, middling, no loss. With b at the beginning, x charged in the first
    half, y and z discharged in the two dear halves: b + x ≤ 120 at noon, and z ≤ b + x − y, so y + z ≤ 120.
    Sensitivity: with the size at midnight only, 120 MWh from the end of the second day and 120 from the first half
    would be 240.
    """
    days = "CDDCMM"
    base = DAY / 2 * 10 * (20 + 60 + 60 + 20 + 35 + 35)
    optimum(pit(days, halves=True), base - 120 * GAIN, days=3, step_hours=12)


@pytest.mark.parametrize(
    ("size", "hours", "net"),
    [
        (120, 6, 120),
        (120, 12, 120),  # 10 MW in, of which 5 arrive
        (120, 24, 60),  # 5 MW in
        (120, 48, 30),
        (600, 6, 240),  # the demand of the dear day
        (60, 6, 60),
    ],
)
def test_size_and_power(size: float, hours: float, net: float) -> None:
    """Proves: level and power of a pit are limited by its size, as those of any store.

    Sensitivity: power without a limit, or size, would carry 240 MWh in each case but the last, or 120.
    """
    result = optimum(pit("MCD", existing_mwh=size, hours=hours), without("MCD") - net * GAIN, days=3)
    assert max(operation(result, "store", "pit", "charge_mw")) == pytest.approx(net / 12)


@pytest.mark.parametrize(("capex", "size"), [(0.3, 240), (0.5, 0)])
def test_build(capex: float, size: float) -> None:
    """Proves: a pit is built as large as its one turn of the season pays.

    A MWh gains 0.02 and costs 0.015 or 0.025 a year. Sensitivity: turned over every day, it would be built in both.
    """
    instance = pit("MCD", existing_mwh=0, max_new_mwh=1000, capex_mcur_per_mwh=capex)
    result = optimum(instance, without("MCD") - size * (GAIN - capex / 20), days=3)
    assert plan(result, "stores", "pit", "size_mwh") == pytest.approx([size], abs=1e-4)


def test_each_stage_is_a_season() -> None:
    """Proves: the season of each stage is a ring of its own, with the size of that stage.

    Nothing in the first stage, 240 MWh from the second on. Sensitivity: level carried between stages, or one size for
    both, would gain in the first.
    """
    changes = {"existing_mwh": 0, "max_new_mwh": 1000, "capex_mcur_per_mwh": 0.3, "earliest_year": 2026}
    result = optimum(pit("MDC", stages=2, **changes), 2 * without("MDC") - 240 * (GAIN - 0.015), days=3)
    assert levels(result) == pytest.approx([0, 0, 0, 240, 240, 0], abs=1e-4)
    assert terms(result)["stores"] == pytest.approx(240 * 0.015)
