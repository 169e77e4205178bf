"""The design hour of each stage: capacity that a mild season would not ask for. H = 0.003 (see `city`).

All days are at 5 °C: half the design load. 10 MW of design load are 5 MW in operation.
"""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import DAYS, H, boiler, city, optimum, plan, terms

MILD = (5.0,) * DAYS
OLD = {"id": "o", "technology": "old", "count": 1}
NEW = {"id": "n", "technology": "new", "max_new": 3}


def mild(*, share: float = 1.0, **changes: Any) -> Any:
    """An old boiler of 5 MW at 20 a MWh, new ones of 5 MW for a twentieth of 5 · 1.0 = 0.25 a year, dear to run."""
    given: dict[str, Any] = {
        "technologies": [
            boiler("old", 20, size=5, design_heat_share=share),
            boiler("new", 40, size=5, capex_mcur_per_mw=1),
        ],
        "units": [OLD, NEW],
        "demands": {"A": 10},
        "outdoor": MILD,
    }
    return city(**{**given, **changes})


def test_forces_capacity() -> None:
    """Proves: what stands must cover the design load, though the season never asks for it.

    Sensitivity: without the design hour the cost would be 0.30; with the load of operation in it 0.30 too.
    """
    result = optimum(mild(), 5 * 20 * H + 0.25)
    assert plan(result, "units", "n", "machines") == [1]
    assert plan(result, "units", "n", "design_heat_mw") == pytest.approx([5])
    assert plan(result, "districts", "A", "design_shortfall_mw") == pytest.approx([0], abs=1e-6)


def test_every_stage() -> None:
    """Proves: the design hour of each stage asks with the load of that stage.

    Sensitivity: asked only in the first stage, one new boiler would do: 0.25 less; with that of 2026 in 2025 too, two
    would be built at once: 0.5 more.
    """
    # 2025: 5 MW, 2.5 in operation; 2026: 15 MW, 7.5 in operation, two new boilers, 2.5 MW of it at 40
    stages = [{"year": 2025}, {"year": 2026}]
    cost = 2.5 * 20 * H + 5 * 20 * H + 2.5 * 40 * H + 2 * 0.25
    result = optimum(mild(demands={"A": {2025: 5, 2026: 15}}, stages=stages), cost)
    assert plan(result, "units", "n", "machines") == [0, 2]


@pytest.mark.parametrize(("share", "built"), [(1.0, 1), (0.6, 2), (0.99, 2)])
def test_design_heat_share(share: float, built: int) -> None:
    """Proves: only `design_heat_share` of a unit's largest heat counts in the design hour, all of it in operation.

    Sensitivity: were the share ignored one boiler would do: 0.55; did it bind operation too, heat would be dearer.
    """
    result = optimum(mild(share=share), 5 * 20 * H + built * 0.25)
    assert plan(result, "units", "n", "machines") == [built]
    assert plan(result, "units", "o", "design_heat_mw")[0] <= 5 * share + 1e-6


@pytest.mark.parametrize(
    ("price", "span", "cost", "short"),
    [
        (0.03, 1, 5 * 20 * H + 5 * 0.03, 5),  # 0.15 a year instead of 0.25
        (0.03, 3, 3 * (5 * 20 * H + 5 * 0.03), 5),
        (0.06, 1, 5 * 20 * H + 0.25, 0),
    ],
)
def test_shortfall_is_priced(price: float, span: int, cost: float, short: float) -> None:
    """Proves: the design hour may fall short at a yearly price per MW.

    Sensitivity: were it free 0.30; were it forbidden 0.55; were it paid once the second would cost 1.05.
    """
    result = optimum(mild(shortfall=price, stages=[{"year": 2025, "span_years": span}]), cost)
    assert plan(result, "districts", "A", "design_shortfall_mw") == pytest.approx([short], abs=1e-6)
    assert terms(result).get("shortfall", 0) == pytest.approx(short * price * span)


def test_loss_in_the_design_hour() -> None:
    """Proves: the loss of what stands is fed in the design hour before the load.

    Of A's 5 MW 1 is lost at each end of the pair, 3 arrive: 10 − 3 = 7 short of B's load.
    Sensitivity: without loss in the design hour 5 would be short and the cost 0.06 less; with half of it 0.03.
    """
    pipe = {"id": "ab", "from_node": "A", "to_node": "B", "existing_type": "old", "existing_pairs": 1}
    instance = mild(
        nodes=("A", "B"),
        types=[{"id": "old", "capacity_mw": 50, "loss_mw_per_km": 0.2}],
        pipes=[pipe],
        units=[OLD],
        demands={"B": 10},
        shortfall=0.03,
        unserved=50.0,
    )
    # with the pair 5 MW at 20 and 2 MW unserved at 50 an hour, 7 MW short; without it 5 MW unserved, 10 short: 1.05
    result = optimum(instance, (100 + 100) * H + 7 * 0.03)
    assert plan(result, "pipes", "ab/old", "pairs") == [1]
    assert plan(result, "districts", "B", "design_shortfall_mw") == pytest.approx([7])


def test_shortfall_at_most_the_load() -> None:
    """Proves: only the load itself may fall short; where not even the loss can be fed, the pair has to leave.

    A counts 1 MW in the design hour, just its own half of the loss, so B's 1 MW of loss cannot come.
    Sensitivity: could loss fall short as well, the pair would stay: 2.5 · 20 · H + 2 · 0.03 = 0.21.
    """
    # without the pair B's 0.5 MW stay unserved at 10000, and 1 MW is short
    instance = mild(
        nodes=("A", "B"),
        types=[{"id": "old", "capacity_mw": 50, "loss_mw_per_km": 0.2}],
        pipes=[{"id": "ab", "from_node": "A", "to_node": "B", "existing_type": "old", "existing_pairs": 1}],
        technologies=[boiler("old", 20, size=10, design_heat_share=0.1)],
        units=[OLD],
        demands={"B": 1},
        shortfall=0.03,
    )
    result = optimum(instance, 0.5 * 10_000 * H + 0.03)
    assert plan(result, "pipes", "ab/old", "pairs") == [0]


def test_stores_do_not_count() -> None:
    """Proves: a store, however large, does not serve the design hour.

    Sensitivity: if it did, no boiler would be built: 0.30.
    """
    store = {"id": "tank", "existing_mwh": 1000, "hours": 5}
    result = optimum(mild(stores=[store]), 5 * 20 * H + 0.25)
    assert plan(result, "units", "n", "machines") == [1]


def test_pipes_in_the_design_hour() -> None:
    """Proves: pairs are laid for the flow of the design hour.

    Sensitivity: with the flow of operation (5 MW) one pair would do: 0.55.
    """
    # two pairs of 6 MW for 10 MW: 2 · 10 km · 1.0 / 40 = 0.5 and 5 · 20 · H
    pipe = {"id": "ab", "from_node": "A", "to_node": "B", "candidate_types": ("new",), "max_new_pairs": 3}
    instance = mild(
        nodes=("A", "B"),
        types=[{"id": "new", "capacity_mw": 6, "inner_diameter_mm": 100, "capex_mcur_per_km": 1.0}],
        pipes=[pipe],
        technologies=[boiler("old", 20)],
        units=[OLD],
        demands={"B": 10},
    )
    result = optimum(instance, 0.30 + 0.5)
    assert plan(result, "pipes", "ab/new", "pairs") == [2]
    assert plan(result, "pipes", "ab/new", "design_flow_mw") == pytest.approx([10])


def test_heat_station_in_the_design_hour() -> None:
    """Proves: the heat station limits the design hour: more boilers behind it do not help, B's must be built.

    Sensitivity: without the limit 5 MW more at A would do for 0.25 instead of 0.5.
    """
    pipe = {"id": "ab", "from_node": "A", "to_node": "B", "existing_type": "old", "existing_pairs": 1}
    instance = mild(
        nodes=({"id": "A", "heat_station_mw": 5.0}, "B"),
        types=[{"id": "old", "capacity_mw": 50}],
        pipes=[pipe],
        technologies=[
            boiler("old", 20, size=5),
            boiler("new", 40, size=5, capex_mcur_per_mw=1),
            boiler("twice", 40, size=5, capex_mcur_per_mw=2),
        ],
        units=[OLD, NEW, {"id": "b", "node": "B", "technology": "twice", "max_new": 1}],
    )
    result = optimum(instance, 5 * 20 * H + 0.5)
    assert plan(result, "units", "n", "machines") == [0]
    assert plan(result, "units", "b", "machines") == [1]
