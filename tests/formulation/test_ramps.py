"""Ramps. A boiler of 10 MW at 20 that changes by 0.1 of its output in an hour, 6 MW in a step of 6 hours. H = 0.003.

The load is 2, 10, 10, 10 MW over the day; a dear boiler serves what the ramp keeps the other from, or heat is spilt.

Sensitivity, in the order of the tests:
- without ramps 160 an hour; were only rise or only fall limited, or the day no ring where it begins or ends with 2 MW,
  162.5 in the first case;
- did the limit not grow with the machines, the first two cases would cost 350; were it that of the machines on, daily
  commitment would cost 165 in the last;
- were a start or a stop not free of the ramp, the first hourly case would cost 6 · 740 a day; were the limit of an
  hourly unit that of its machines and not of those on, the last would have one on and cost 6 · 720 a day;
- could a machine that is on, or a part of it, stop and start at once, 160 with free starts, and less in the others too;
- were the ramp one of a step, not of an hour, both cases would cost 137.5;
- were the ramp that of heat where fuel is used, the first case would cost -496 an hour, the second -595.
"""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import H, boiler, city, operation, optimum

LOAD = (0.2, 1, 1, 1)


def ramp(
    commitment: str, dear: float, *, count: int = 1, demand: float = 10, load: tuple[float, ...] = LOAD, **changes: Any
) -> Any:
    """Such boilers, of 2 to 10 MW while they are on, and a dear one without limits."""
    kind = boiler(
        "block",
        20,
        size=10,
        commitment=commitment,
        corners={"min": (2, 0, 0), "full": (10, 0, 0)},
        **{"ramp_share_per_h": 0.1, **changes},
    )
    return city(
        technologies=[kind, boiler("dear", dear)],
        units=[{"id": "u", "technology": "block", "count": count}, {"id": "d", "technology": "dear", "count": 1}],
        demands={"A": demand},
        shapes={"A": "shape_factor"},
        factors={"shape_factor": load},
    )


@pytest.mark.parametrize("by", range(4))
@pytest.mark.parametrize("commitment", ["none", "daily"])
@pytest.mark.parametrize(
    ("dear", "hourly", "heat"),
    [
        (25, 165, [2, 8, 10, 8]),  # 28 · 20 + 4 · 25 = 660 in four steps; 2 MW spilt: 680
        (60, 170, [4, 10, 10, 10]),  # 34 · 20; as above 800
    ],
)
def test_binding_ramp(dear: float, hourly: float, heat: list[float], commitment: str, by: int) -> None:
    """Proves: a unit rises and falls by its ramp at most, over midnight too, wherever the day is cut."""
    cut = len(LOAD) - by
    result = optimum(ramp(commitment, dear, load=LOAD[cut:] + LOAD[:cut]), hourly * H, step_hours=6)
    assert operation(result, "unit", "u", "heat_mw") == pytest.approx(heat[cut:] + heat[:cut])


@pytest.mark.parametrize(
    ("commitment", "count", "demand", "hourly"),
    [
        ("none", 2, 20, 330),  # twice the machines, twice the load, twice the cost
        ("daily", 2, 20, 330),
        ("none", 2, 10, 160),  # 12 MW a step
        ("daily", 2, 10, 160),
    ],
)
def test_ramp_of_all_machines(commitment: str, count: int, demand: float, hourly: float) -> None:
    """Proves: without hourly commitment the limit is that of the machines that operate, on or not."""
    optimum(ramp(commitment, 25, count=count, demand=demand), hourly * H, step_hours=6)


@pytest.mark.parametrize(
    ("count", "start", "daily", "on"),
    [
        # Off in the first step: 30 · 20 + 2 · 25 = 650 for 6 hours each, and a start of 10 MW · 20.
        (1, 20, 6 * 650 + 200, [0, 1, 1, 1]),
        # A start is 600: it stays on, at 2, 3, 4, 3 MW: 12 · 20 + 20 · 25 = 740.
        (1, 60, 6 * 740, [1, 1, 1, 1]),
        # A second one on all day, at 4, 6, 8, 6 MW with 2 spilt: 24 · 20 + 10 · 25 = 730.
        (2, 60, 6 * 730, [2, 2, 2, 2]),
    ],
)
def test_hourly_ramp(count: int, start: float, daily: float, on: list[int]) -> None:
    """Proves: who starts or stops is free of the ramp, 1 MW a step here, and only machines that are on carry it."""
    instance = ramp("hourly", 25, count=count, start_cur_per_mw=start, ramp_share_per_h=1 / 60)
    result = optimum(instance, daily * 125 / 1e6, step_hours=6)
    assert operation(result, "unit", "u", "machines_on") == pytest.approx(on)


@pytest.mark.parametrize(
    ("start", "daily", "on"),
    [
        (0, 6 * 650, [0, 1, 1, 1]),  # off in the first step, as above
        (5, 6 * 650 + 50, [0, 1, 1, 1]),
        (8, 6 * 660, [1, 1, 1, 1]),  # 8, 10 and 8 MW beside the 2: as without commitment
    ],
)
def test_no_start_while_it_runs(start: float, daily: float, on: list[int]) -> None:
    """Proves: however cheap a start is, a machine that stays on keeps to its ramp, 6 MW a step here."""
    result = optimum(ramp("hourly", 25, start_cur_per_mw=start), daily * 125 / 1e6, step_hours=6)
    assert operation(result, "unit", "u", "machines_on") == pytest.approx(on)
    assert operation(result, "unit", "u", "starts") == pytest.approx([0, 1 - on[0], 0, 0], abs=1e-6)


@pytest.mark.parametrize(("step_hours", "hourly"), [(12, 120), (6, 125)])
def test_ramp_over_a_step(step_hours: int, hourly: float) -> None:
    """Proves: the ramp is one of an hour; where a step is long enough for all of the output there is no limit.

    2 MW in one half of the day and 10 in the other: 12 · 20 in two steps, or 20 · 20 + 4 · 25 in four.
    """
    optimum(ramp("none", 25, load=(0.2, 1)), hourly * H, step_hours=step_hours)


@pytest.mark.parametrize(
    ("wholesale", "demand", "load", "other", "hourly"),
    [
        # Heat from 0 to 60 MW at the same fuel: 1200 and 400.
        (80, 60, (0, 1), 100, -800),
        # Power at 10 and at 80: from nothing to 0.24 of a machine, 0.24 · 1200; 1 MW of heat at 5 from the boiler.
        ((10, 80), 1, (1, 1), 5, -144 + 5),
    ],
)
def test_ramp_of_fuel(wholesale: Any, demand: float, load: tuple[float, ...], other: float, hourly: float) -> None:
    """Proves: where fuel is used the ramp is that of fuel, and heat and power move freely at the same fuel.

    A set that changes by 0.02 an hour, 0.24 in a step. With coal at 20, power at 80 earns 1200 at a and 400 at b.
    """
    chp = {
        "id": "set",
        "kind": "extraction",
        "fuel": "coal",
        "size_mw": 50,
        "ramp_share_per_h": 0.02,
        "corners": {"a": (0, 50, 140), "b": (60, 40, 140)},
    }
    instance = city(
        fuels={"coal": 20},
        technologies=[chp, boiler("other", other)],
        units=[{"id": "u", "technology": "set", "count": 1}, {"id": "o", "technology": "other", "count": 1}],
        demands={"A": demand},
        shapes={"A": "shape_factor"},
        factors={"shape_factor": load},
        wholesale=wholesale,
    )
    optimum(instance, hourly * H, step_hours=12)
