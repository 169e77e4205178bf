"""Demand: how much heat is asked for, and what is left unserved. H = 0.003 (see `city`)."""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import H, boiler, city, operation, optimum, plan, terms


def one(price: float = 20.0, **changes: Any) -> Any:
    """A boiler of 100 MW at a price, and 10 MW of design load."""
    given: dict[str, Any] = {"units": [{"id": "u", "technology": "b", "count": 1}], "demands": {"A": 10}}
    return city(technologies=[boiler("b", price)], **{**given, **changes})


@pytest.mark.parametrize(
    ("price", "cost", "unserved", "term"), [(80, 1.5, 30_000, "unserved"), (40, 1.2, 0, "variable")]
)
def test_unserved_when_cheaper(price: float, cost: float, unserved: float, term: str) -> None:
    """Proves: heat stays unserved, at its price of 50 a MWh, when serving it costs more.

    Sensitivity: were all served the first would cost 2.4.
    """
    result = optimum(one(price, unserved=50.0), cost)
    assert plan(result, "districts", "A", "unserved_mwh") == pytest.approx([unserved], abs=1e-6)
    assert plan(result, "districts", "A", "demand_mwh") == pytest.approx([30_000])
    assert terms(result) == pytest.approx({term: cost})


def test_unserved_at_most_demand() -> None:
    """Proves: no more stays unserved than is asked for, so loss at a node must be fed, whatever it costs.

    The design hour needs the pair, which loses 1 MW at each end; a MWh costs 80 to make and 50 to leave unserved.
    Sensitivity: could the loss at B stay unserved too, the cost would be 630 · H; at both ends 600 · H.
    """
    kind = {"id": "old", "capacity_mw": 50, "loss_mw_per_km": 0.2}
    pipe = {"id": "ab", "from_node": "A", "to_node": "B", "existing_type": "old", "existing_pairs": 1}
    # B's 10 MW unserved: 500 an hour; loss of 2 MW at 80: 160 an hour
    optimum(one(80.0, nodes=("A", "B"), types=[kind], pipes=[pipe], demands={"B": 10}, unserved=50.0), 660 * H)


@pytest.mark.parametrize(
    ("floor", "days", "hours"),
    [
        (0.0, 3, 44.0),  # load factors 1, 0.5, 1/3: 24 h · 1.83333
        (0.0, 2, 44.0),  # one of the mild days stands for both, scaled to 0.833333 together
        (0.0, 1, 72.0),  # the coldest day alone stands for three
        (0.4, 3, 45.6),  # 1, 0.5, 0.4
        (0.4, 2, 45.6),
    ],
)
def test_load_factor_and_scale(floor: float, days: int, hours: float) -> None:
    """Proves: load follows (20 − T) / 30 with a floor, and few days carry the heat of the whole season.

    Days of −10, 5 and 10 °C; 10 MW at 1000 a MWh are 0.01 million an hour of full load. Sensitivity: two days without
    the scale would ask for 48 or 40 hours; scaling the coldest day too would leave it short in the design hour.
    """
    instance = one(1000.0, outdoor=(-10, 5, 10), season={"load_floor_share": floor})
    result = optimum(instance, 0.01 * hours, days=days)
    assert operation(result, "unit", "u", "heat_mw")[0] == pytest.approx(10)


def test_inertia() -> None:
    """Proves: load follows the mean of the last `inertia_h` hours, the season being a ring.

    Days of −10 and 20 °C, 24 hours of inertia, steps of 12: the cold day is 0.25 to 0.75 loaded, not 1. Hour h of
    the cold day sees (h + 1) / 24 of it: the mean of its halves is 6.5 / 24 and 18.5 / 24 and those of the warm day
    17.5 / 24 and 5.5 / 24. Sensitivity: without inertia 10 MW in both halves of the cold day, 5 MW of it from the dear
    boiler; were the season no ring, the warm day before the cold one would be missing.
    """
    # Cheap up to 5 MW at 1000, beyond at 3000, 12-hour steps, 10 MW: heat 2.7083, 7.7083, 7.2917, 2.2917
    heats = [65 / 24, 185 / 24, 175 / 24, 55 / 24]
    cost = sum(12 * (1000 * min(heat, 5) + 3000 * max(heat - 5, 0)) for heat in heats) / 1e6
    instance = city(
        technologies=[boiler("cheap", 1000, size=5), boiler("dear", 3000)],
        units=[{"id": "c", "technology": "cheap", "count": 1}, {"id": "d", "technology": "dear", "count": 1}],
        demands={"A": 10},
        outdoor=(-10, 20),
        season={"inertia_h": 24},
    )
    optimum(instance, cost, days=2, step_hours=12)


def test_shape() -> None:
    """Proves: the node's own series shapes its load, not that of its neighbour.

    Sensitivity: without the shape the cheap boiler would serve 20 MW all day: 1.2; with B shaped too 1.5.
    """
    # A: 15 and 5 MW; B: 10 and 10 over a pipe: 25 and 15 MW; 20 MW at 20, the rest at 40: (600 + 300) / 2 an hour
    pipe = {"id": "ab", "from_node": "A", "to_node": "B", "existing_type": "old", "existing_pairs": 1}
    instance = city(
        nodes=("A", "B"),
        types=[{"id": "old", "capacity_mw": 50}],
        pipes=[pipe],
        technologies=[boiler("cheap", 20, size=20), boiler("dear", 40)],
        units=[{"id": "c", "technology": "cheap", "count": 1}, {"id": "d", "technology": "dear", "count": 1}],
        demands={"A": 10, "B": 10},
        shapes={"A": "shape_factor"},
        factors={"shape_factor": (1.5, 0.5)},
    )
    result = optimum(instance, 450 * H, step_hours=12)
    assert operation(result, "pipe", "ab/old", "flow_mw") == pytest.approx([10, 10])


def test_area_and_index_by_year() -> None:
    """Proves: area and index each run straight between their years and stay beyond them.

    Sensitivity: a straight line of the product would give 25 MW in 2027; extrapolated, 2031 would be 2.5 · 25 = 62.5.
    """
    # 2025: 1 · 10; 2027: 1.5 · 15 = 22.5; 2029: 2 · 20 = 40; 2031: 40; in 2024 10; 0.06 million per MW and year
    years = (2024, 2025, 2027, 2029, 2031)
    spans = (1, 2, 2, 2, 1)
    stages = [{"year": year, "span_years": span} for year, span in zip(years, spans, strict=True)]
    loads = (10, 10, 22.5, 40, 40)
    cost = sum(span * load * 20 * H for span, load in zip(spans, loads, strict=True))
    result = optimum(one(stages=stages, base_year=2024, demands={"A": {2025: (1, 10), 2029: (2, 20)}}), cost)
    assert plan(result, "districts", "A", "design_demand_mw") == pytest.approx(loads)
