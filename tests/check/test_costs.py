"""The judge on costs, emissions and the margin of the design hour, by hand on the hamlet.

Sensitivity. Without each of these would go unnoticed:
- the sound answer: a law that refuses what is right.
- each term: a price, weight, life or charge in the wrong place, or counted twice.
- terms and sum: a term that is left out, or in the wrong order.
- life: capital that is charged after its end, or not in every stage until then.
- emissions: fuel by the wrong share, or power of the wrong sign.
- margin: sources, stations or lines left out; a margin where there is no demand or that stops at 0.
"""

from __future__ import annotations

import pytest

from check.hamlet import GAS_20_7, TERMS, THREE, TWO, W20, W22, Answer, hamlet
from check.sheet import laws
from heatnet.check import check
from heatnet.instance import Instance


@pytest.fixture(scope="module")
def instance() -> Instance:
    """The hamlet."""
    return hamlet()


def test_an_answer_that_keeps_every_law_has_no_violations(instance: Instance) -> None:
    report = check(instance, Answer().solution)
    assert report.violations.to_dict("records") == []
    assert not report.violated
    assert report.worst == 0.0


@pytest.mark.parametrize("term", TERMS)
def test_cost_terms_are_those_worked_out_by_hand(instance: Instance, term: str) -> None:
    costs = check(instance, Answer().solution).costs
    rows = costs[costs["term"] == term]
    assert list(rows["stage"]) == [2020, 2022]
    assert list(rows["value_mcur"]) == pytest.approx(TERMS[term], rel=1e-12, abs=1e-15)


def test_costs_have_all_terms_in_order_and_a_sum(instance: Instance) -> None:
    report = check(instance, Answer().solution)
    assert list(report.costs["term"]) == [term for term in TERMS for _ in range(2)]
    assert report.cost == pytest.approx(sum(map(sum, TERMS.values())), rel=1e-12)


def test_what_was_built_costs_in_every_stage_of_its_life(instance: Instance) -> None:
    answer = Answer()
    # A second ab2 in 2020 lives three years and so stands in 2022; a store of two years does not.
    answer.set("pipes", (2020, "ab2"), new_pairs=1, pairs=1)
    answer.set("pipes", (2022, "ab2"), new_pairs=0)
    answer.set("stores", (2020, "tank"), new_mwh=10, size_mwh=30)
    answer.set("stores", (2022, "tank"), new_mwh=0, size_mwh=20)
    report = check(instance, answer.solution)
    assert not {"pipes.pairs", "stores.size"} & laws(report)
    values = report.costs.set_index(["term", "stage"])["value_mcur"]
    assert values["pipes", 2020] == pytest.approx(60.5 * THREE * W20)
    assert values["pipes", 2022] == pytest.approx(60.5 * THREE * W22)
    assert values["stores", 2020] == pytest.approx(TWO * W20)
    assert values["stores", 2022] == 0.0


def test_emissions_of_fuel_and_grid(instance: Instance) -> None:
    emissions = check(instance, Answer().solution).emissions
    assert list(emissions["stage"]) == [2020, 2022]
    fuel = (12 * (75 + GAS_20_7 * 0.2) + 6 * 159.108, 12 * 83.536 + 6 * 156.952)
    assert list(emissions["co2_fuel_t"]) == pytest.approx(fuel)
    # pumping 4 or 6, heat pump 14 on day 9 of 2022, less power made
    grid = (0.5 * (12 * (4 - 92) + 6 * (4 - 180)), 0.4 * (12 * (6 - 90) + 6 * (6 + 14 - 170)))
    assert list(emissions["co2_grid_t"]) == pytest.approx(grid)


# --- how much more it could serve ----------------------------------------------------------------------------


def test_margin_of_the_design_hour(instance: Instance) -> None:
    margin = check(instance, Answer().solution).design_margin
    assert list(margin["design_demand_mw"]) == pytest.approx([40, 60])
    assert list(margin["loss_mw"]) == pytest.approx([0.7, 1.4])
    assert list(margin["shortfall_mw"]) == pytest.approx([0, 1.7])
    # 2020: B has 60 of its own and one pair of 958 · π/4 · 0.5² · 2 · 4.2 · 60 / 1000 = 94.803840 MW, which binds.
    # 2022: all sources bind: 60 CHP, 5 heat pump (half counts), 60 boilers, 20 through the station of C.
    by_hand = ((60 + 94.803840 - 0.35) / 40 - 1, (145 - 1.4) / 60 - 1)
    assert list(margin["margin_share"]) == pytest.approx(by_hand, abs=1e-6)


@pytest.mark.parametrize(("boilers", "margin"), [(1, (30 - 1.4) / 60 - 1), (0, -1.0)])
def test_margin_is_negative_where_the_design_load_cannot_be_met(
    instance: Instance, boilers: int, margin: float
) -> None:
    answer = Answer()
    for unit in ("chp", "hp", "spare"):
        answer.set("units", (2022, unit), machines=0)
    answer.set("units", (2022, "boil"), machines=boilers)
    report = check(instance, answer.solution)
    assert report.design_margin["margin_share"].iloc[1] == pytest.approx(margin, abs=1e-6)


def test_margin_of_a_network_without_demand_is_no_number(instance: Instance) -> None:
    nothing = instance.replace(demands=tuple(row.model_copy(update={"area_mm2": 0.0}) for row in instance.demands))
    assert check(nothing, Answer().solution).design_margin["margin_share"].isna().all()
