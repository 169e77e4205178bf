"""Transport delay: what flows in at the head of a long pipe comes out later, the day as a ring. Steps of 6 hours.

At A heat is electric and costs 10, 20, 30 and 40 in the four steps of a day, so that the cost tells in which of them
it was made. All steps of all days at 1 MW and a price of 1 are 6 · 125 / 10^6 = 0.00075.
"""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import H, boiler, city, operation, optimum, plan
from heatnet.physics.pipes import pump_mw_per_km

STEP = 0.00075
PRICES = (10, 20, 30, 40)
TYPE = {"id": "line", "capacity_mw": 50}
LINE = {"id": "ab", "from_node": "A", "to_node": "B", "existing_type": "line", "existing_pairs": 1}
ELECTRIC = {"id": "e", "kind": "heat_pump", "size_mw": 100, "power_price": "wholesale"} | {
    "corners": {"full": (100, -100, 0)}
}


def far(delay: int, shape: tuple[float, ...], **changes: Any) -> Any:
    """A heats B over a pipe with a delay in hours; B asks for 10 MW times the shape of the step."""
    given: dict[str, Any] = {
        "nodes": ("A", "B"),
        "types": [TYPE],
        "pipes": [{**LINE, "delay_h": delay}],
        "technologies": [ELECTRIC],
        "units": [{"id": "e", "technology": "e", "count": 1}],
        "demands": {"B": 10},
        "shapes": {"B": "shape_factor"},
        "factors": {"shape_factor": shape},
        "wholesale": PRICES,
    }
    return city(**{**given, **changes})


@pytest.mark.parametrize(
    ("delay", "made"),
    [
        (0, 1),
        (6, 0),
        (12, 3),  # of the day before
        (18, 2),
        (24, 1),  # a full day
    ],
)
def test_whole_steps(delay: int, made: int) -> None:
    """Proves: a delay of whole steps moves what flows in by these steps, and the day is a ring.

    B asks for heat in the second step. Sensitivity: without the delay all would cost 0.15, forward in time 0.225 for
    6 hours; were the day no ring, 12 hours and more could not be served.
    """
    result = optimum(far(delay, (0, 1, 0, 0)), 10 * PRICES[made] * STEP, step_hours=6)
    flow = [10.0 if step == made else 0.0 for step in range(4)]
    assert operation(result, "pipe", "ab/line", "flow_mw") == pytest.approx(flow, abs=1e-6)
    assert operation(result, "unit", "e", "heat_mw") == pytest.approx(flow, abs=1e-6)


@pytest.mark.parametrize(
    ("delay", "shape"),
    [
        (2, (2 / 3, 1 / 3, 0, 0)),
        (3, (1 / 2, 1 / 2, 0, 0)),
        (5, (1 / 6, 5 / 6, 0, 0)),
        (8, (0, 2 / 3, 1 / 3, 0)),
        (23, (5 / 6, 0, 0, 1 / 6)),  # three steps and 5 hours: the rest comes in the step in which it set out
    ],
)
def test_split_over_two_steps(delay: int, shape: tuple[float, ...]) -> None:
    """Proves: with q steps and ρ hours of delay, (Δ − ρ) / Δ of a step comes out after q steps, ρ / Δ one later.

    B asks for just what comes out of 10 MW that set out in the first step, at 10 a MWh. Sensitivity: with the shares
    exchanged, or the delay rounded to whole steps, other steps would have to heat, 2 hours rounded down for
    (2 · 10 + 20) / 3 a MWh on average, or heat would be unserved.
    """
    result = optimum(far(delay, shape), 10 * 10 * STEP, step_hours=6)
    assert operation(result, "pipe", "ab/line", "flow_mw") == pytest.approx([10, 0, 0, 0], abs=1e-6)


def test_step_of_a_day() -> None:
    """Proves: on one step a day a delay of hours is no delay: what is split comes out in the same step, all of it.

    Sensitivity: were the share that comes a step later lost at midnight, 10 · 24 / 21 MW would have to set out.
    """
    result = optimum(far(3, (0.5, 1.5, 1.5, 0.5)), 10 * 25 * H)
    assert operation(result, "pipe", "ab/line", "flow_mw") == pytest.approx([10])


def test_delays_in_a_row() -> None:
    """Proves: heat that passes a junction is delayed by each pipe on its way, and by each only once.

    6 hours to J and 6 hours on to B: for the second step it sets out in the last of the day before, at 40.
    Sensitivity: with one of the delays 0.075, without both 0.15.
    """
    pipes = [
        {**LINE, "id": "aj", "to_node": "J", "delay_h": 6},
        {**LINE, "id": "jb", "from_node": "J", "delay_h": 6},
    ]
    nodes = ("A", "B", {"id": "J", "kind": "junction"})
    result = optimum(far(0, (0, 1, 0, 0), nodes=nodes, pipes=pipes), 10 * 40 * STEP, step_hours=6)
    assert operation(result, "pipe", "aj/line", "flow_mw") == pytest.approx([0, 0, 0, 10], abs=1e-6)
    assert operation(result, "pipe", "jb/line", "flow_mw") == pytest.approx([10, 0, 0, 0], abs=1e-6)


def test_every_day_is_its_own_ring() -> None:
    """Proves: what sets out in the last step of a representative day comes out in the first of the same day.

    Days of −10 and 5 °C ask for 10 and 5 MW in their first step, made at 40. Sensitivity: were it handed on to the
    next day, 5 and 10 MW would set out; the cost is the same.
    """
    result = optimum(far(6, (1, 0, 0, 0), outdoor=(-10, 5)), 15 * 40 * 6 / 1e6, step_hours=6, days=2)
    assert operation(result, "pipe", "ab/line", "flow_mw") == pytest.approx([0, 0, 0, 10, 0, 0, 0, 5], abs=1e-6)


def test_loss_is_not_delayed() -> None:
    """Proves: each end feeds half the loss at all times, and heat is neither gained nor lost on its way.

    A pair that loses 2 MW, 12 hours of delay: 11, 1, 1 and 1 MW must come out at B, so 1, 1, 11 and 1 flow in; A makes
    1 MW more in each step. Sensitivity: loss drawn from what arrives later would move the 1 MW of A; without the delay
    11 MW would cost 10 instead of 30.
    """
    kind = {**TYPE, "loss_mw_per_km": 0.2}
    result = optimum(far(12, (1, 0, 0, 0), types=[kind]), (2 * 100 + 10 * 30) * STEP, step_hours=6)
    assert operation(result, "pipe", "ab/line", "flow_mw") == pytest.approx([1, 1, 11, 1])
    assert operation(result, "unit", "e", "heat_mw") == pytest.approx([2, 2, 12, 2])


def test_pump_power_of_what_flows_in() -> None:
    """Proves: capacity and pump power are those of the flow at the head of the pipe, in its own step.

    A pair of 15 MW; 5 and 10 MW are asked for in the first two steps, which is 15 MW setting out in the first with 4
    hours of delay. Sensitivity: the pump power of what comes out would be lower, and stand in two steps.
    """
    kinds = [{**TYPE, "capacity_mw": 15}]
    instance = far(4, (1 / 3, 2 / 3, 0, 0), types=kinds, demands={"B": 15}, retail=PRICES)
    kind = instance.pipe_types[0]
    power = 10 * pump_mw_per_km(kind.inner_diameter_mm, kind.velocity_max_m_per_s, kind.roughness_mm)
    result = optimum(instance, (15 + power) * 10 * STEP, step_hours=6)
    assert operation(result, "pipe", "ab/line", "pump_mw") == pytest.approx([power, 0, 0, 0], abs=1e-9)


def test_capacity_where_it_sets_out() -> None:
    """Proves: no more sets out in a step than the pair carries.

    10 and 5 MW are asked for, with 2 hours of delay: 15 MW would have to set out in the first step, and 10 can. Of
    these 20 / 3 and 10 / 3 arrive; B makes 10 / 3 MW itself at 100, and in the second step 2.5 MW more set out, of
    which 5 / 3 are used and the rest spilt. Sensitivity: bound where it comes out, 15 MW would set out: 0.1125.
    """
    instance = far(
        2,
        (2 / 3, 1 / 3, 0, 0),
        types=[{**TYPE, "capacity_mw": 10}],
        technologies=[ELECTRIC, boiler("own", 100)],
        units=[{"id": "e", "technology": "e", "count": 1}, {"id": "o", "node": "B", "technology": "own", "count": 1}],
        demands={"B": 15},
    )
    result = optimum(instance, (10 * 10 + 2.5 * 20 + 10 / 3 * 100) * STEP, step_hours=6)
    assert operation(result, "pipe", "ab/line", "flow_mw") == pytest.approx([10, 2.5, 0, 0], abs=1e-6)


@pytest.mark.parametrize(("delay", "cost"), [(0, 0.6), (3, 0.9 + 5 + 4)])
def test_one_way(delay: int, cost: float) -> None:
    """Proves: a pipe with a delay carries nothing backward: not in operation, the design hour or a contingency.

    It is drawn from B to A. A's heat costs 20, B's own 30; B's boiler counts 5 of 10 MW in the design hour, and when
    it is lost 4 MW are guaranteed; 1 a MW that is short. Sensitivity: each of the three, forgotten, takes 0.3, 5 or 4
    from the second cost.
    """
    instance = city(
        nodes=("A", "B"),
        types=[TYPE],
        pipes=[{**LINE, "from_node": "B", "to_node": "A", "delay_h": delay}],
        technologies=[boiler("cheap", 20), boiler("own", 30, size=20, design_heat_share=0.25)],
        units=[
            {"id": "a", "technology": "cheap", "count": 1},
            {"id": "b", "node": "B", "technology": "own", "count": 1},
        ],
        demands={"B": 10},
        contingencies=[{"id": "lose", "unit": "b"}],
        guarantee=0.4,
        shortfall=1.0,
    )
    result = optimum(instance, cost, step_hours=6)
    assert operation(result, "pipe", "ab/line", "flow_mw") == pytest.approx([0.0 if delay else -10.0] * 4, abs=1e-6)


def test_new_pairs_are_delayed() -> None:
    """Proves: the delay belongs to the pipe, whichever of its types are laid: an old pair of 6 MW and a new one.

    Sensitivity: with a delay of the old pair only, 4 MW would be made in the second step: 0.03 more.
    """
    pipe = {**LINE, "existing_type": "thin", "delay_h": 6, "candidate_types": ("line",), "max_new_pairs": 1}
    types = [{"id": "thin", "capacity_mw": 6, "inner_diameter_mm": 150}, {**TYPE, "capex_mcur_per_km": 0.4}]
    # a new pair: 4 / 40 a year
    result = optimum(far(0, (0, 1, 0, 0), types=types, pipes=[pipe]), 10 * 10 * STEP + 0.1, step_hours=6)
    assert plan(result, "pipes", "ab/line", "new_pairs") == [1]
    flows = [operation(result, "pipe", f"ab/{name}", "flow_mw") for name in ("thin", "line")]
    assert [sum(pair) for pair in zip(*flows, strict=True)] == pytest.approx([10, 0, 0, 0], abs=1e-6)
