"""Zones: one temperature regime for all their pipes, and a guarantee of their own. H = 0.003 (see `city`).

A sends to B over 10 km. The zone begins in `hot` (110/50 °C, ground 10: 60 K apart, 140 K above the ground together)
and may go on to `deep` (120/15 °C, ground 5: 105 K apart, 125 K above the ground): 1.75 times the capacity.
Substations stand 20 years: without interest a twentieth of their price a year.
"""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import H, boiler, city, operation, optimum, plan, terms
from heatnet.physics.pipes import pump_mw_per_km

SMALL = {"id": "small", "capacity_mw": 40, "capex_mcur_per_km": 1.0}
PIPE = {"id": "ab", "from_node": "A", "to_node": "B", "existing_type": "small", "existing_pairs": 1}
CHEAP, DEAR = boiler("cheap", 20), boiler("dear", 30)
YEARS = [{"year": 2025}, {"year": 2026}]


def deep(price: float, **changes: Any) -> dict[str, Any]:
    """The second regime, its substations at a price a MW."""
    return {"id": "deep", "supply_c": 120, "return_c": 15, "ground_c": 5, "substation_mcur_per_mw": price, **changes}


def two(price: float, *, zone: dict[str, Any] | None = None, pipe: dict[str, Any] | None = None, **changes: Any) -> Any:
    """A with heat at 20, B in the zone with 80 MW of demand and heat of its own at 30."""
    given: dict[str, Any] = {
        "nodes": ("A", {"id": "B", "zone": "east"}),
        "types": [SMALL],
        "pipes": [{**PIPE, "zone": "east", **(pipe or {})}],
        "technologies": [CHEAP, DEAR],
        "units": [
            {"id": "a", "technology": "cheap", "count": 2},
            {"id": "b", "node": "B", "technology": "dear", "count": 1},
        ],
        "demands": {"B": 80},
        "zones": [{"id": "east", "regimes": ("hot", "deep"), **(zone or {})}],
        "regimes": [deep(price)],
    }
    return city(**{**given, **changes})


IN_HOT = (40 * 20 + 40 * 30) * H
"""40 MW over the pair and 40 MW of B's own: 6.0."""

IN_DEEP = (70 * 20 + 10 * 30) * H
"""70 MW over the pair: 5.1."""


@pytest.mark.parametrize(
    ("price", "cost", "regime"),
    [
        (0.2, IN_DEEP + 0.8, "deep"),  # 80 MW · 0.2 / 20 = 0.8 for a gain of 0.9
        (0.25, IN_HOT, "hot"),  # 1.0
    ],
)
def test_capacity_grows_with_the_spread(price: float, cost: float, regime: str) -> None:
    """Proves: a regime with 1.75 times the spread carries 1.75 times the heat, for substations per MW of design load.

    Sensitivity: with the capacity of the start the first would stay at 6.0; were substations paid in full, or for the
    flow over the pipe, the regimes would swap (16 and 0.875 a year).
    """
    result = optimum(two(price), cost)
    assert plan(result, "regimes", "east", "regime") == [regime]
    assert plan(result, "pipes", "ab/small", "regime") == [regime]
    assert operation(result, "pipe", "ab/small", "flow_mw") == pytest.approx([70 if regime == "deep" else 40])
    assert terms(result).get("regimes", 0.0) == pytest.approx(0.8 if regime == "deep" else 0.0)


@pytest.mark.parametrize(("load", "short"), [(80, 10), (60, 0)])
def test_capacity_in_the_design_hour(load: float, short: float) -> None:
    """Proves: the design hour, too, knows the capacity of the regime: 70 MW come where B has nothing of its own.

    Sensitivity: with the capacity of the start 40 or 20 MW would be short and unserved.
    """
    units = [{"id": "a", "technology": "cheap", "count": 2}]
    instance = two(0.02, units=units, demands={"B": load}, shortfall=1.0, unserved=50.0)
    # substations 0.02 / 20 a MW; what is short costs 1.0 a MW and, unserved, 50 · H
    result = optimum(instance, (load - short) * 20 * H + load * 0.001 + short * (1.0 + 50 * H))
    assert plan(result, "districts", "B", "design_shortfall_mw") == pytest.approx([short], abs=1e-6)


def test_capacity_in_a_contingency() -> None:
    """Proves: what can be brought when B's boiler is lost follows the regime: 70 MW of 80.

    Sensitivity: with the capacity of the start 40 MW would be missing instead of 10; substations cost 0.08.
    """
    instance = two(0.02, contingencies=[{"id": "lose", "unit": "b"}], guarantee=1.0, shortfall=1.0)
    result = optimum(instance, IN_DEEP + 0.08 + 10.0)
    assert terms(result)["contingency"] == pytest.approx(10.0)


@pytest.mark.parametrize(("price", "cost", "regime"), [(0.02, 6.76, "deep"), (0.2, 6.84, "hot")])
def test_loss_follows_the_regime(price: float, cost: float, regime: str) -> None:
    """Proves: what is laid loses U · 125 K in the new regime and U · 140 K in the old one, its own ground counted.

    Sensitivity: with the loss of the start nothing would be gained: 6.84 for both; with the old ground of 10 °C
    the first would lose 1.15 MW: 6.70.
    """
    # 10 MW and a loss of 1.25 or 1.4 MW at 200; substations of 10 MW at 0.02 are 0.01, at 0.2 they are 0.1
    instance = two(
        price,
        types=[{**SMALL, "loss_mw_per_km": 0.14}],
        technologies=[boiler("cheap", 200), boiler("dear", 300)],
        demands={"B": 10},
    )
    result = optimum(instance, cost)
    assert plan(result, "regimes", "east", "regime") == [regime]
    assert operation(result, "pipe", "ab/small", "flow_mw") == pytest.approx([10.625 if regime == "deep" else 10.7])


def test_pump_power_follows_the_regime() -> None:
    """Proves: the curve of pump power stretches with the capacity: 35 MW are half of 70 MW, not 7 / 8 of 40 MW.

    Sensitivity: on the curve of the start the pump would take more than four times as much.
    """
    instance = two(0.0, demands={"B": 35}, retail=100.0)
    kind = instance.pipe_types[0]
    power = 10 * pump_mw_per_km(kind.inner_diameter_mm, 0.5 * kind.velocity_max_m_per_s, kind.roughness_mm)
    result = optimum(instance, (35 * 20 + power * 100) * H)
    assert operation(result, "pipe", "ab/small", "pump_mw") == pytest.approx([power])


@pytest.mark.parametrize(
    ("price", "pairs", "charge", "regime"),
    [
        (0.05, 1, 0.25 + 0.175, "deep"),  # a pair 10 / 40 a year; 70 MW · 0.05 / 20
        (0.1, 2, 0.5, "hot"),  # 0.25 + 0.35 in deep
    ],
)
def test_regime_against_a_second_pair(price: float, pairs: int, charge: float, regime: str) -> None:
    """Proves: pairs and regime are chosen together: one pair in `deep` carries what two carry in `hot`.

    Sensitivity: a new pair with the capacity of the start would ask for two in either case.
    """
    pipe = {"existing_type": None, "existing_pairs": 0, "candidate_types": ("small",), "max_new_pairs": 2}
    units = [{"id": "a", "technology": "cheap", "count": 1}]
    result = optimum(two(price, pipe=pipe, units=units, demands={"B": 70}), 70 * 20 * H + charge)
    assert plan(result, "pipes", "ab/small", "new_pairs") == [pairs]
    assert plan(result, "regimes", "east", "regime") == [regime]


@pytest.mark.parametrize(
    ("price", "cost", "regimes"),
    [
        (0.1, 5.1 + 0.4 + 2.4 + 0.2, ["deep", "deep"]),  # 2026: 40 MW fit into hot as well
        (0.2, 6.0 + 2.4, ["hot", "hot"]),  # 0.8 + 0.4 for a gain of 0.9
    ],
)
def test_never_back(price: float, cost: float, regimes: list[str]) -> None:
    """Proves: a zone does not go back in the order of its regimes, and pays for the load of each stage.

    Sensitivity: could it go back the costs would be 7.9 and 8.3; were the order that of the alphabet, `deep` before
    `hot`, they would be those as well.
    """
    result = optimum(two(price, demands={"B": {2025: 80, 2026: 40}}, stages=YEARS), cost)
    assert plan(result, "regimes", "east", "regime") == regimes


def test_a_regime_may_be_passed_over() -> None:
    """Proves: a zone may go from its first regime to its third.

    Sensitivity: one at a time, the dear second one (4.0 a year) would keep it from the third: 12.0.
    """
    regimes = [deep(0.2), deep(1.0, id="middle")]
    zone = {"regimes": ("hot", "middle", "deep"), "earliest_year": 2026}
    result = optimum(two(0.2, zone=zone, regimes=regimes, stages=YEARS), IN_HOT + IN_DEEP + 0.8)
    assert plan(result, "regimes", "east", "regime") == ["hot", "deep"]


def test_first_regime_at_the_start() -> None:
    """Proves: before `earliest_year` a zone is run in the first of its regimes, though the second pays.

    Sensitivity: were the year ignored the cost would be 2 · 5.9 = 11.8.
    """
    result = optimum(two(0.2, zone={"earliest_year": 2026}, stages=YEARS), IN_HOT + IN_DEEP + 0.8)
    assert plan(result, "regimes", "east", "regime") == ["hot", "deep"]
    assert plan(result, "pipes", "ab/small", "regime") == ["hot", "deep"]


def test_first_regime_has_substations_too() -> None:
    """Proves: a regime costs its substations in every stage in which it is run, the first regime as well.

    Sensitivity: charged for a change only, the cost would be 6.0.
    """
    first = {"id": "old", "supply_c": 110, "return_c": 50, "ground_c": 10, "substation_mcur_per_mw": 0.1}
    result = optimum(two(0.0, zone={"regimes": ("old",)}, regimes=[first]), IN_HOT + 80 * 0.1 / 20)
    assert terms(result)["regimes"] == pytest.approx(0.4)


def test_substations_follow_the_full_load() -> None:
    """Proves: substations are paid for the design load of all nodes of the zone before the demand side, of no others.

    C, in the zone, has 20 MW with heat of its own; A's 10 MW are outside. B's envelope saves a quarter of
    80 MW for nothing. Sensitivity: for what is left of the load, or without C, 3.2 a year instead of 4.0; with A's 4.4.
    """
    instance = two(
        0.8,
        nodes=("A", {"id": "B", "zone": "east"}, {"id": "C", "zone": "east"}),
        units=[
            {"id": "a", "technology": "cheap", "count": 2},
            {"id": "c", "node": "C", "technology": "dear", "count": 1},
        ],
        demands={"A": 10, "B": (8, 10), "C": 20},
        envelopes=[{"node": "B", "measure": "wall", "max_share": 1.0, "saving_share": 0.25}],
        shortfall=10.0,
    )
    # B: 60 MW of 80 are left; in hot 20 of them would be short: 200 a year
    result = optimum(instance, (10 * 20 + 60 * 20 + 20 * 30) * H + 100 * 0.8 / 20)
    assert terms(result)["regimes"] == pytest.approx(4.0)


def test_other_pipes_keep_their_regime() -> None:
    """Proves: the regime is that of the zone's pipes; a pipe outside is run in its own, and its nodes pay nothing.

    Sensitivity: were C's pipe in `deep` too its heat would cost 5.1; did C count for substations, 1.6 instead of 0.8.
    """
    other = {"id": "ac", "from_node": "A", "to_node": "C", "existing_type": "small", "existing_pairs": 1}
    instance = two(
        0.2,
        nodes=("A", {"id": "B", "zone": "east"}, "C"),
        pipes=[{**PIPE, "zone": "east"}, other],
        units=[
            {"id": "a", "technology": "cheap", "count": 2},
            {"id": "b", "node": "B", "technology": "dear", "count": 1},
            {"id": "c", "node": "C", "technology": "dear", "count": 1},
        ],
        demands={"B": 80, "C": 80},
    )
    result = optimum(instance, IN_DEEP + 0.8 + IN_HOT)
    assert plan(result, "pipes", "ab/small", "regime") == ["deep"]
    assert plan(result, "pipes", "ac/small", "regime") == ["hot"]


def test_upkeep_does_not_follow_the_regime() -> None:
    """Proves: a pair in any regime pays its upkeep once.

    Sensitivity: charged for every regime that the line may be run in, it would be 0.2.
    """
    result = optimum(two(0.2, types=[{**SMALL, "fixed_share_per_year": 0.01}]), IN_DEEP + 0.8 + 0.1)
    assert terms(result)["fixed"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("share", "built", "guaranteed"),
    [
        (0.7, 6, 11.0),  # 7 MW at B and 4 MW at C
        (None, 4, 8.0),
        (0.0, 2, 4.0),  # nothing is promised to B
    ],
)
def test_guarantee_of_a_zone(share: float | None, built: int, guaranteed: float) -> None:
    """Proves: a zone's `guarantee_share` stands in the place of that of all (0.4), for its own nodes only.

    S feeds B (in the zone) and C, 10 MW each; when S is lost, boilers of 2 MW must bring what is guaranteed: 0.1 a year
    each. Sensitivity: with 0.4 for all 4 are built, with the zone's share for all 7, 4 and 0; were a share of 0 taken
    for none given, 4.
    """
    line = {"to_node": "B", "existing_type": "small", "existing_pairs": 1, "from_node": "S"}
    instance = city(
        nodes=({"id": "S", "kind": "plant"}, {"id": "B", "zone": "east"}, "C"),
        types=[SMALL],
        pipes=[{**line, "id": "sb"}, {**line, "id": "sc", "to_node": "C"}],
        technologies=[boiler("far", 10), boiler("spare", 90, size=2, capex_mcur_per_mw=1.0)],
        units=[
            {"id": "f", "node": "S", "technology": "far", "count": 1},
            {"id": "s", "node": "B", "technology": "spare", "max_new": 9},
        ],
        demands={"B": 10, "C": 10},
        zones=[{"id": "east", "guarantee_share": share}],
        contingencies=[{"id": "source", "unit": "f"}],
        guarantee=0.4,
    )
    result = optimum(instance, 20 * 10 * H + 0.1 * built)
    assert plan(result, "units", "s", "new_machines") == [built]
    assert result.answer.solution is not None
    assert result.answer.solution.security["guaranteed_mw"].tolist() == pytest.approx([guaranteed])
