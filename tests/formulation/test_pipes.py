"""Pipes: which type, how many, kept or taken out, loss, pump power. A sends to B over 10 km unless said otherwise.

Without interest a pair that stands 40 years costs a fortieth of its capex a year. H = 0.003 (see `city`).
"""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import H, boiler, city, operation, optimum, plan, terms
from heatnet.physics.pipes import pump_mw_per_km

SMALL = {"id": "small", "capacity_mw": 50, "capex_mcur_per_km": 1.0}
BIG = {"id": "big", "capacity_mw": 100, "inner_diameter_mm": 500, "capex_mcur_per_km": 1.5}
FAR = {"id": "ab", "from_node": "A", "to_node": "B"}
CHEAP, DEAR = boiler("cheap", 20), boiler("dear", 30)


def two(**changes: Any) -> Any:
    """A with a boiler at 20 a MWh, B with 40 MW of demand, and what the test adds."""
    given: dict[str, Any] = {
        "nodes": ("A", "B"),
        "types": [SMALL, BIG],
        "technologies": [CHEAP],
        "units": [{"id": "a", "technology": "cheap", "count": 2}],
        "demands": {"B": 40},
    }
    return city(**{**given, **changes})


OPEN = {**FAR, "candidate_types": ("small", "big"), "max_new_pairs": 2}


@pytest.mark.parametrize("turned", [False, True])
def test_small_pipe_suffices(turned: bool) -> None:
    """Proves: the cheapest type that carries the flow is laid, whichever way the pipe is drawn.

    Sensitivity: if the larger type were laid the cost would be 2.775; if capital were paid in full, 12.4.
    """
    pipe = {**OPEN, "from_node": "B", "to_node": "A"} if turned else OPEN
    # small: 10 km · 1.0 / 40 = 0.25; heat 40 MW · 20 · H = 2.4
    result = optimum(two(pipes=[pipe]), 2.65)
    assert plan(result, "pipes", "ab/small", "new_pairs") == [1]
    assert plan(result, "pipes", "ab/big", "new_pairs") == [0]
    assert operation(result, "pipe", "ab/small", "flow_mw") == pytest.approx([-40 if turned else 40])


def test_small_pipe_does_not_suffice() -> None:
    """Proves: a flow above the capacity asks for the larger type or for two pairs, whichever is cheaper.

    Sensitivity: if the capacity did not bind, one small pair would do and the cost be 5.05; two small ones: 5.30.
    """
    # big: 10 · 1.5 / 40 = 0.375; heat 80 · 20 · H = 4.8
    result = optimum(two(pipes=[OPEN], demands={"B": 80}), 5.175)
    assert plan(result, "pipes", "ab/small", "pairs") == [0]
    assert plan(result, "pipes", "ab/big", "pairs") == [1]


def test_factor_and_extra() -> None:
    """Proves: capex of a pair is that of the type times length and factor, plus the extra, and upkeep follows it.

    Sensitivity: without the extra 2.4 + 0.42 = 2.82; with the extra inside the factor 2.946; upkeep without both 2.875.
    """
    kinds = [{**SMALL, "fixed_share_per_year": 0.01}]
    pipe = {**FAR, "candidate_types": ("small",), "max_new_pairs": 1, "cost_factor": 1.2, "extra_mcur_per_pair": 3.0}
    # capex 10 · 1.0 · 1.2 + 3 = 15: a fortieth is 0.375, upkeep of 1 % is 0.15; heat 2.4
    result = optimum(two(types=kinds, pipes=[pipe]), 2.925)
    assert terms(result) == pytest.approx({"pipes": 0.375, "fixed": 0.15, "variable": 2.4})


OLD_TYPE = {"id": "old", "capacity_mw": 50, "capex_mcur_per_km": 1.0, "loss_mw_per_km": 0.2} | {
    "fixed_share_per_year": 0.01
}
OLD = {**FAR, "existing_type": "old", "existing_pairs": 1}
BOTH = [{"id": "a", "technology": "cheap", "count": 1}, {"id": "b", "node": "B", "technology": "dear", "count": 1}]
# With the pipe B's demand D costs (D + 2 MW loss) · 20 · H + 0.1 upkeep (1 % of 10); without it D · 30 · H.
#   D = 5: 0.52 or 0.45      D = 10: 0.82 or 0.90


@pytest.mark.parametrize(
    ("demands", "cost", "kept", "removed"),
    [
        ({2025: 10, 2026: 5}, 0.82 + 0.45, [1, 0], [0, 1]),  # worth it, then no more
        ({2025: 5, 2026: 5}, 0.45 + 0.45, [0, 0], [1, 0]),
        ({2025: 5, 2026: 10}, 0.52 + 0.82, [1, 1], [0, 0]),  # out at once: 0.45 + 0.90
    ],
)
def test_existing_pair_kept_or_taken_out(demands: dict[int, float], cost: float, kept: list, removed: list) -> None:
    """Proves: an existing pair costs upkeep and loss while it stays, may leave in any stage, and never returns.

    Sensitivity: always kept 1.34, 1.04, 1.34; could it return, the third would cost 1.27; without loss the first
    would cost 0.70 + 0.40 = 1.10, without upkeep 0.72 + 0.42 = 1.14.
    """
    years = [{"year": 2025}, {"year": 2026}]
    result = optimum(
        two(
            types=[OLD_TYPE], pipes=[OLD], technologies=[CHEAP, DEAR], units=BOTH, demands={"B": demands}, stages=years
        ),
        cost,
    )
    assert plan(result, "pipes", "ab/old", "existing_pairs") == kept
    assert plan(result, "pipes", "ab/old", "removed_pairs") == removed


def test_loss_without_flow() -> None:
    """Proves: what is installed loses heat although none need flow: B serves itself at the same price all season.

    B's own boiler counts little in the design hour, so the pipe must stay. Sensitivity: were loss paid for flow only,
    the cost would be 0.60; were the pipe not needed in the design hour, 0.60 too.
    """
    own = boiler("own", 20, size=20, design_heat_share=0.25)  # 5 MW in the design hour
    units = [{"id": "a", "technology": "cheap", "count": 1}, {"id": "b", "node": "B", "technology": "own", "count": 1}]
    kind = {**OLD_TYPE, "fixed_share_per_year": 0}
    # demand 10 + loss 2 = 12 MW · 20 · H
    result = optimum(
        two(types=[kind], pipes=[OLD], technologies=[CHEAP, own], units=units, demands={"B": 10}),
        0.72,
    )
    assert plan(result, "pipes", "ab/old", "pairs") == [1]


def test_each_end_feeds_half_the_loss() -> None:
    """Proves: half the loss stands at each end, in the season and in the design hour.

    The pair carries 6 MW: B's 5 MW and 1 MW of loss at B just fit. Sensitivity: with all loss at B 1 MW would stay
    unserved (30 million) and short (50 million); with all at A the flow would be 5.
    """
    kind = {"id": "old", "capacity_mw": 6, "inner_diameter_mm": 100, "loss_mw_per_km": 0.2}
    # 5 + 2 = 7 MW · 20 · H
    result = optimum(two(types=[kind], pipes=[OLD], demands={"B": 5}), 0.42)
    assert operation(result, "pipe", "ab/old", "flow_mw") == pytest.approx([6])
    assert operation(result, "unit", "a", "heat_mw") == pytest.approx([7])
    assert plan(result, "pipes", "ab/old", "design_flow_mw") == pytest.approx([6])


def pump(share: float) -> float:
    """Pump power of a pair of `line` over 10 km at a share of its velocity, MW (physics: tests/physics)."""
    velocity = two(types=[LINE], pipes=[LAID]).pipe_types[0].velocity_max_m_per_s
    return 10 * pump_mw_per_km(400, share * velocity, 0.2)


LINE = {"id": "line", "capacity_mw": 50}
LAID = {**FAR, "existing_type": "line", "existing_pairs": 1}


@pytest.mark.parametrize(
    ("share", "points"),
    [
        (0.4, {0.5: 0.8}),  # between 0 and 50 %
        (0.6, {0.5: 0.6, 0.75: 0.4}),
        (0.9, {0.75: 0.4, 1.0: 0.6}),
    ],
)
def test_pump_segments(share: float, points: dict[float, float]) -> None:
    """Proves: pump power is straight between its points at 0, 50, 75 and 100 % of the capacity, at the retail price.

    Sensitivity: the true curve lies below the chords, 0.4 · 50 MW would cost p(0.4) instead of 0.8 · p(0.5), two
    thirds; one chord from 0 to 100 % would cost 0.4 · p(1), four times as much.
    """
    power = sum(weight * pump(at) for at, weight in points.items())
    flow = 50 * share
    result = optimum(
        two(types=[LINE], pipes=[LAID], demands={"B": flow}, wholesale=7.0, retail=100.0),
        flow * 20 * H + power * 100 * H,
    )
    assert operation(result, "pipe", "ab/line", "pump_mw") == pytest.approx([power])
    assert terms(result)["pumping"] == pytest.approx(power * 100 * H)


@pytest.mark.parametrize("pipes", [[{**LAID, "existing_pairs": 2}], [LAID, {**LAID, "id": "ab2"}]])
def test_two_lines_share_a_flow(pipes: list) -> None:
    """Proves: 60 MW over two pairs of 50 run at 60 % each, in one pipe or in two beside each other.

    Two half full, 10 MW more on the second chord of either: 2 · p(0.5) + 10 / 12.5 · (p(0.75) − p(0.5)).
    Sensitivity: one line full and the other at 20 % would take p(1) + 0.4 · p(0.5), twice as much.
    """
    power = 2 * pump(0.5) + 0.8 * (pump(0.75) - pump(0.5))
    result = optimum(two(types=[LINE], pipes=pipes, demands={"B": 60}, retail=100.0), (60 * 20 + power * 100) * H)
    flows = [operation(result, "pipe", f"{pipe['id']}/line", "flow_mw")[0] for pipe in pipes]
    assert sum(flows) == pytest.approx(60)
    assert len(flows) == 1 or all(25 - 1e-6 <= flow <= 37.5 for flow in flows)


def test_two_lines_unlike() -> None:
    """Proves: lines of different size share a flow by the slopes of their chords, the flattest first.

    Sensitivity: a share by capacity (30 and 60 of 90 MW, at 60 % each) would need more pump power.
    """
    wide = {"id": "wide", "capacity_mw": 100, "inner_diameter_mm": 600}
    instance = two(
        types=[LINE, wide],
        pipes=[LAID, {**FAR, "id": "ab2", "existing_type": "wide", "existing_pairs": 1}],
        demands={"B": 90},
        retail=100.0,
    )
    chords = []
    for kind, capacity in zip(instance.pipe_types, (50, 100), strict=True):
        at = [
            10 * pump_mw_per_km(kind.inner_diameter_mm, share * kind.velocity_max_m_per_s, 0.2)
            for share in (0, 0.5, 0.75, 1)
        ]
        widths = (0.5 * capacity, 0.25 * capacity, 0.25 * capacity)
        chords += [((high - low) / width, width) for low, high, width in zip(at, at[1:], widths, strict=False)]
    power, left = 0.0, 90.0
    for slope, width in sorted(chords):
        taken = min(width, left)
        power, left = power + slope * taken, left - taken
    optimum(instance, (90 * 20 + power * 100) * H)


def test_limit_across_types() -> None:
    """Proves: `max_new_pairs` counts the pairs of all candidate types of a pipe together.

    Sensitivity: were it counted by type, a small and a big pair would be laid and the cost be 0.625 + 8.4 = 9.025.
    """
    # one big pair 0.375, 100 MW · 20 · H = 6 over it, 40 MW · 30 · H = 3.6 from B's own; without a pipe 12.6
    units = [{"id": "a", "technology": "cheap", "count": 2}, {"id": "b", "node": "B", "technology": "dear", "count": 2}]
    result = optimum(
        two(
            pipes=[{**OPEN, "max_new_pairs": 1}],
            technologies=[CHEAP, DEAR],
            units=units,
            demands={"B": 140},
        ),
        9.975,
    )
    assert plan(result, "pipes", "ab/small", "pairs") == [0]
    assert plan(result, "pipes", "ab/big", "pairs") == [1]


def test_limit_over_stages() -> None:
    """Proves: `max_new_pairs` counts over all stages, and a pair laid early serves later at its yearly charge.

    Sensitivity: were it counted by stage, a second pair would be laid in 2026: 3.25 + 0.5 + 4.8 = 8.55 in the sum.
    """
    # 2025: 50 MW over one pair, 0.25 + 50 · 20 · H = 3.25; 2026: 80 MW, 0.25 + 3 + 30 MW · 30 · H = 5.95
    result = optimum(
        two(
            pipes=[{**FAR, "candidate_types": ("small",), "max_new_pairs": 1}],
            technologies=[CHEAP, DEAR],
            units=BOTH,
            demands={"B": {2025: 50, 2026: 80}},
            stages=[{"year": 2025}, {"year": 2026}],
        ),
        3.25 + 5.95,
    )
    assert plan(result, "pipes", "ab/small", "new_pairs") == [1, 0]
    assert plan(result, "pipes", "ab/small", "pairs") == [1, 1]


def test_earliest_year() -> None:
    """Proves: no pair is laid before `earliest_year`, though it would pay.

    Sensitivity: were the year ignored the cost would be 2 · 2.65 = 5.30.
    """
    # 2025: 40 · 30 · H = 3.6 from B's own; 2026: 0.25 + 40 · 20 · H = 2.65
    result = optimum(
        two(
            pipes=[{**OPEN, "earliest_year": 2026}],
            technologies=[CHEAP, DEAR],
            units=BOTH,
            stages=[{"year": 2025}, {"year": 2026}],
        ),
        6.25,
    )
    assert plan(result, "pipes", "ab/small", "new_pairs") == [0, 1]


def test_new_pair_beside_the_old_one() -> None:
    """Proves: a type that is there and also a candidate is one line; old and new pairs add up, only new ones cost.

    Sensitivity: were the old pair charged 5.30; were it forgotten, two new ones: 5.30; no new one: 30 MW unserved.
    """
    pipe = {**FAR, "existing_type": "small", "existing_pairs": 1, "candidate_types": ("small",), "max_new_pairs": 2}
    # 80 MW · 20 · H = 4.8 and one new pair 0.25
    result = optimum(two(types=[SMALL], pipes=[pipe], demands={"B": 80}), 5.05)
    assert plan(result, "pipes", "ab/small", "pairs") == [2]
    assert plan(result, "pipes", "ab/small", "existing_pairs") == [1]
    assert plan(result, "pipes", "ab/small", "new_pairs") == [1]


def test_no_pipes() -> None:
    """Proves: a city of one node and no pipe is solved and checked like any other.

    Sensitivity: the cost is 40 · 20 · H in any case; an exception would be the fault.
    """
    result = optimum(
        city(technologies=[CHEAP], units=[{"id": "a", "technology": "cheap", "count": 1}], demands={"A": 40}), 2.4
    )
    assert result.answer.solution is not None
    assert result.answer.solution.pipes.empty
