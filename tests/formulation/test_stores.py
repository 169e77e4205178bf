"""Stores: heat from cheap hours to dear ones. One node A with 10 MW all day and electric heat, steps of 12 hours.

Power costs 20 in one half of the day and 100 in the other. A step of 1 MW at 1 a MWh is 12 · 125 / 10^6 = 0.0015.
Of each MWh charged 0.9 arrive; what lies over 12 hours loses a tenth.
"""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import city, operation, optimum, plan, terms

STEP = 0.0015
LOSS = 1 - 0.9 ** (1 / 12)
TANK = {"id": "tank", "efficiency_share": 0.9, "loss_share_per_h": LOSS, "hours": 5.0}
ELECTRIC = {"id": "e", "kind": "heat_pump", "size_mw": 100, "corners": {"full": (100, -100, 0)}}


def tank(*, cheap_first: bool = True, stages: int = 1, **changes: Any) -> Any:
    """The city with a store."""
    return city(
        technologies=[ELECTRIC],
        units=[{"id": "e", "technology": "e", "count": 1}],
        stores=[{**TANK, **changes}],
        demands={"A": 10},
        retail=(20, 100) if cheap_first else (100, 20),
        stages=[{"year": 2025 + k} for k in range(stages)],
    )


# Charging c in the cheap half leaves 12 · 0.9 · c at its end, of which 0.9 are there at the end of the other:
# discharge 0.81 · c. All 10 MW of the dear half are c = 12.345679, a level of 133.3333.
ALL = 10 / 0.81
ALL_COST = (10 + ALL) * 20 * STEP
NO_COST = (10 * 20 + 10 * 100) * STEP


@pytest.mark.parametrize("cheap_first", [True, False])
def test_shift_to_the_dear_hours(cheap_first: bool) -> None:
    """Proves: efficiency at charging and loss per hour, on a day that is a ring.

    Sensitivity: without the efficiency, or without the loss, c = 11.1111 and 0.633333; without the store 1.8; the loss
    taken once a step 0.636; were the day no ring, the second case would cost 1.8; a level
    without the 12 hours of a step would be 11.1.
    """
    result = optimum(tank(existing_mwh=200, cheap_first=cheap_first), ALL_COST, step_hours=12)
    order = slice(None) if cheap_first else slice(None, None, -1)
    assert operation(result, "store", "tank", "charge_mw")[order] == pytest.approx([ALL, 0], abs=1e-6)
    assert operation(result, "store", "tank", "discharge_mw")[order] == pytest.approx([0, 10], abs=1e-6)
    assert operation(result, "store", "tank", "level_mwh")[order] == pytest.approx([400 / 3, 0], abs=1e-6)


def test_size_binds() -> None:
    """Proves: the level stays within the size.

    Sensitivity: without the bound the cost would be 0.670370.
    """
    # level 60: c = 60 / 10.8 = 5.555556, discharge 54 / 12 = 4.5
    cost = ((10 + 60 / 10.8) * 20 + 5.5 * 100) * STEP
    result = optimum(tank(existing_mwh=60), cost, step_hours=12)
    assert max(operation(result, "store", "tank", "level_mwh")) == pytest.approx(60)


def test_power_binds() -> None:
    """Proves: charge and discharge stay within size over hours: 192 MWh in 48 hours are 4 MW.

    Sensitivity: without the bound the cost would be 0.670370; on the discharge alone c = 4.938.
    """
    # c = 4, discharge 3.24
    result = optimum(tank(existing_mwh=192, hours=48.0), (14 * 20 + 6.76 * 100) * STEP, step_hours=12)
    assert max(operation(result, "store", "tank", "charge_mw")) == pytest.approx(4)


def test_power_binds_on_discharge() -> None:
    """Proves: the limit holds for discharge too: demand is in a dear step of 6 hours, the other 18 are cheap.

    Sensitivity: with the limit on charge alone all 60 MWh would come from the store: 0.15 instead of 0.45.
    """
    # 60 MWh in 12 hours: 5 MW; no loss. Charged in cheap hours: 30 MWh · 20, the rest 5 MW · 6 h · 100 a day
    cost = (30 * 20 + 30 * 100) * 125 / 1e6
    instance = city(
        technologies=[ELECTRIC],
        units=[{"id": "e", "technology": "e", "count": 1}],
        stores=[{"id": "tank", "existing_mwh": 60, "hours": 12}],
        demands={"A": 10},
        shapes={"A": "shape_factor"},
        factors={"shape_factor": (1, 0, 0, 0)},
        retail=(100, 20, 20, 20),
    )
    result = optimum(instance, cost, step_hours=6)
    assert max(operation(result, "store", "tank", "discharge_mw")) == pytest.approx(5)


@pytest.mark.parametrize(
    ("capex", "most", "cost", "size"),
    [
        # A MWh of level costs 20 / 0.9 and saves 0.9 · 100: 67.7778 a day, 0.00847222 a season.
        # At 0.1 it costs 0.1 / 20 and upkeep of 1 %: 0.006, so as much as can be used is built, up to what may be.
        (0.1, 200, ALL_COST + 0.006 * 400 / 3, 400 / 3),
        (0.1, 100, ((10 + 100 / 10.8) * 20 + 2.5 * 100) * STEP + 0.006 * 100, 100),
        (0.2, 200, NO_COST, 0),  # 0.012
    ],
)
def test_build(capex: float, most: float, cost: float, size: float) -> None:
    """Proves: a store is built to the size that pays, up to `max_new_mwh`, at a yearly charge and upkeep.

    Sensitivity: without upkeep the first would cost 1.337; were it not built 1.8; built in full 1.87.
    """
    changes = {"max_new_mwh": most, "capex_mcur_per_mwh": capex, "fixed_share_per_year": 0.01}
    result = optimum(tank(**changes), cost, step_hours=12)
    assert plan(result, "stores", "tank", "size_mwh") == pytest.approx([size], abs=1e-6)


def test_existing_and_new() -> None:
    """Proves: upkeep is paid for existing capacity too, capital for new capacity only, not before `earliest_year`.

    Sensitivity: with capital on the old 33.3333 MWh 0.333 more; without the year 2 · (0.67037 + 0.5 + 0.13333).
    """
    changes = {"existing_mwh": 400 / 12, "max_new_mwh": 100, "earliest_year": 2026}
    changes |= {"capex_mcur_per_mwh": 0.1, "fixed_share_per_year": 0.01}
    # 2025: level 33.3333, c = 3.08642, discharge 2.5; upkeep 0.033333. 2026: all, capital 100 · 0.005, upkeep 0.133333
    first = ((10 + 400 / 12 / 10.8) * 20 + 7.5 * 100) * STEP + 400 / 12 * 0.001
    result = optimum(tank(stages=2, **changes), first + ALL_COST + 0.5 + 400 / 3 * 0.001, step_hours=12)
    assert plan(result, "stores", "tank", "size_mwh") == pytest.approx([400 / 12, 400 / 3])
    assert plan(result, "stores", "tank", "new_mwh") == pytest.approx([0, 100], abs=1e-6)
    assert terms(result)["stores"] == pytest.approx(0.5)


def test_life() -> None:
    """Proves: capacity added leaves when its life ends, and only what is in place is charged.

    Life one year, two stages, 133.3333 MWh in all: it serves one stage. Sensitivity: would it stand on, both years
    would be served at 0.67037 + 0.26667.
    """
    changes = {"max_new_mwh": 400 / 3, "capex_mcur_per_mwh": 0.002, "life_years": 1}
    result = optimum(tank(stages=2, **changes), ALL_COST + 400 / 3 * 0.002 + NO_COST, step_hours=12)
    assert sorted(plan(result, "stores", "tank", "size_mwh")) == pytest.approx([0, 400 / 3], abs=1e-6)
