"""Marginal values of the tutorial and of tiny cities, by hand and by solving again with one MW more.

Sensitivity: without `test_prices_of_the_tutorial` a price might be per step, discounted or of the wrong sign; without
`test_one_more_megawatt` the parts of a demand's cost might not add up to what solving again finds; without `test_line`
a pair's value might leave out its loss or its pumps; without `test_short_of_units` the design hour might not count, or
be counted for all years of a stage; without `test_contingency` the guaranteed share might be left out; without
`test_commitment_has_no_dual` a value of nothing might be told for machines whose commitment is fixed.
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from conftest import TUTORIAL
from formulation.city import H, boiler, city, optimum

from heatnet.instance import Instance, read
from heatnet.marginal import Marginals, marginal

HOURS = 48
KAPPA = 0.000131916141
"""MW of pump power per MW and km in town (instances/tutorial/README.md)."""


def of(instance: Instance, step_hours: int = 24) -> Marginals:
    """The marginal values of the optimum; the LP must cost what the plan costs."""
    result = optimum(instance, step_hours=step_hours)
    assert result.answer.solution is not None
    found = marginal(result.instance, result.answer.solution)
    assert found.cost == pytest.approx(result.answer.cost, rel=1e-6)
    return found


@pytest.fixture(scope="module")
def tutorial() -> Marginals:
    """Those of the tutorial under its schedule `policy`."""
    return of(read(TUTORIAL).with_schedule("policy"))


def one(frame: pd.DataFrame, column: str, **where: Any) -> float:
    """The one value of a column in the row that meets all conditions."""
    rows = frame
    for name, value in where.items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1
    return float(rows[column].iloc[0])


def test_prices_of_the_tutorial(tutorial: Marginals) -> None:
    """Proves: coal at 8 and 6 or 4 km of pumps in 2025; gas at 46 in the north in 2026, pumps saved for the south."""
    prices = tutorial.frames["heat_prices"]
    told = {(2025, "north"): 8 + 600 * KAPPA, (2025, "south"): 8 + 400 * KAPPA}
    told |= {(2026, "north"): 46.0, (2026, "south"): 46 - 400 * KAPPA + 200 * KAPPA}
    for (stage, node), price in told.items():
        assert one(prices, "heat_price_cur_per_mwh", stage=stage, node=node) == pytest.approx(price, rel=1e-6)


def test_one_more_megawatt(tutorial: Marginals) -> None:
    """Proves: the south with 41 MW for 40 costs what `demands` says of both stages: heat and pumps of 48 h."""
    instance = read(TUTORIAL).with_schedule("policy")
    rows = [
        row.model_copy(update={"peak_w_per_m2": 41 / 0.8}) if row.node == "south" else row for row in instance.demands
    ]
    more = optimum(instance.replace(demands=tuple(rows))).answer.cost
    assert more is not None
    told = tutorial.frames["demands"]
    told = told[told["node"] == "south"]["cost_mcur_per_mw_year"].sum()
    assert more - tutorial.cost == pytest.approx(told, rel=1e-6)
    assert told == pytest.approx((8 + 400 * KAPPA + 46 - 200 * KAPPA) * HOURS / 1e6, rel=1e-6)


def test_line(tutorial: Marginals) -> None:
    """Proves: a MW of the line in 2026 takes far heat (10) for gas (46), less the pair's loss and pumps when full."""
    capacity = 94.8038415
    gas = (46 - 100 * 4 * KAPPA) * (capacity - 1)
    saving = gas - 10 * (capacity + 1) - 100 * 20 * 0.0890549751
    value = one(
        tutorial.frames["capacities"], "operation_mcur_per_mw_year", stage=2026, kind="pipe", id="far-line/DN500"
    )
    assert value == pytest.approx(saving / capacity * HOURS / 1e6, rel=1e-6)
    in_place = one(tutorial.frames["capacities"], "in_place_mw", stage=2026, kind="pipe", id="far-line/DN500")
    assert in_place == pytest.approx(capacity)


def short(**changes: Any) -> Instance:
    """A boiler of 6 MW at 20 for 10 MW; unserved 10,000 a MWh, shortfall 50 million a MW and year."""
    given: dict[str, Any] = {
        "technologies": [boiler("b", 20, size=6.0)],
        "units": [{"id": "u", "technology": "b", "count": 1}],
        "demands": {"A": 10},
    }
    return city(**given | changes)


@pytest.mark.parametrize(("span", "rate"), [(1, 0.0), (3, 0.05)])
def test_short_of_units(span: int, rate: float) -> None:
    """Proves: a MW of boiler saves 50 in the design hour and 9,980 a MWh; both a year, whatever the stage's years."""
    found = of(short(stages=[{"year": 2025, "span_years": span}], rate=rate)).frames
    parts = {"operation": 9980 * H, "design_hour": 50.0, "contingency": 0.0, "value": 9980 * H + 50}
    for part, value in parts.items():
        assert one(found["capacities"], f"{part}_mcur_per_mw_year", id="u") == pytest.approx(value)
    assert one(found["demands"], "cost_mcur_per_mw_year", node="A") == pytest.approx(10_000 * H + 50)
    assert one(found["heat_prices"], "heat_price_cur_per_mwh", node="A") == pytest.approx(10_000)


def test_contingency() -> None:
    """Proves: 10 MW of u are lost of 14, half of 10 MW is guaranteed: 1 MW is missing; a MW of v, not of u, saves 50.

    A MW more of demand asks for half a MW more: 25, and for heat at 30, as u is all in use.
    """
    found = of(
        city(
            technologies=[boiler("b", 20, size=10.0), boiler("c", 30, size=4.0)],
            units=[{"id": "u", "technology": "b", "count": 1}, {"id": "v", "technology": "c", "count": 1}],
            demands={"A": 10.5},
            contingencies=[{"id": "lose-u", "unit": "u"}],
            guarantee=0.5,
        )
    ).frames
    assert one(found["capacities"], "contingency_mcur_per_mw_year", id="v") == pytest.approx(50)
    assert one(found["capacities"], "contingency_mcur_per_mw_year", id="u") == pytest.approx(0)
    assert one(found["demands"], "contingency_mcur_per_mw_year", node="A") == pytest.approx(25)
    assert one(found["demands"], "cost_mcur_per_mw_year", node="A") == pytest.approx(25 + 30 * H)
    assert one(found["capacities"], "operation_mcur_per_mw_year", id="u") == pytest.approx(10 * H)


def test_commitment_has_no_dual() -> None:
    """Proves: with commitment the value in operation is blank, and the design hour is told all the same."""
    technology = boiler("b", 20, size=6.0, commitment="daily")
    found = of(short(technologies=[technology])).frames["capacities"]
    assert math.isnan(one(found, "operation_mcur_per_mw_year", id="u"))
    assert one(found, "value_mcur_per_mw_year", id="u") == pytest.approx(50)
