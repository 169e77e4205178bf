"""Units: the operating region, commitment, machines built and retired. One node A unless said otherwise.

H = 0.003 million for 1 MW all season at 1 a MWh (see `city`); without interest capital is charged in equal parts.
"""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import H, boiler, city, operation, optimum, plan, terms

SET = {
    "id": "set",
    "kind": "extraction",
    "fuel": "coal",
    "size_mw": 50,
    "power_price": "wholesale",
    "corners": {"a": (0, 50, 140), "b": (60, 40, 140), "c": (20, 15, 65), "d": (0, 20, 70)},
}


@pytest.mark.parametrize(
    ("wholesale", "commitment", "cost", "corners"),
    [
        # At 80 a corner earns, per hour: a 4000 − 2800 = 1200, b 400, c −100, d 200. 30 MW are half a, half b: 800.
        (80, "none", -800 * H, {"a": 0.5, "b": 0.5, "c": 0, "d": 0}),
        (80, "daily", -800 * H, {"a": 0.5, "b": 0.5, "c": 0, "d": 0}),
        # At 10: a −2300, b −2400, c −1150, d −1200. Half of b and the other half off: −1200.
        (10, "none", 1200 * H, {"a": 0, "b": 0.5, "c": 0, "d": 0}),
        # One whole machine must be on: c and b, 0.75 · 20 + 0.25 · 60 = 30 MW, −0.75 · 1150 − 0.25 · 2400 = −1462.5.
        (10, "daily", 1462.5 * H, {"a": 0, "b": 0.25, "c": 0.75, "d": 0}),
        (10, "hourly", 1462.5 * H, {"a": 0, "b": 0.25, "c": 0.75, "d": 0}),
    ],
)
def test_point_within_the_polygon(wholesale: float, commitment: str, cost: float, corners: dict) -> None:
    """Proves: a point within the region is a mix of corners, which add up to the machines on.

    Sensitivity: were only whole corners possible, 30 MW would be b with 30 MW spilt: −1.2 at a price of 80, 7.2 at 10;
    were a machine on free to give less than a mix of corners, `daily` would cost 3.6 like `none`.
    """
    result = optimum(
        city(
            fuels={"coal": 20},
            technologies=[{**SET, "commitment": commitment}],
            units=[{"id": "u", "technology": "set", "count": 1}],
            demands={"A": 30},
            wholesale=wholesale,
            retail=999,
        ),
        cost,
    )
    for name, weight in corners.items():
        assert operation(result, "unit", "u", f"corner_{name}_machines") == pytest.approx([weight], abs=1e-6)


LINE = {
    "id": "line",
    "kind": "back_pressure",
    "fuel": "coal",
    "size_mw": 30,
    "corners": {"min": (10, 5, 20), "max": (60, 30, 110)},
}


@pytest.mark.parametrize(
    ("commitment", "wholesale", "cost", "heat", "spill"),
    [
        # At 40 an hour costs 20 · 20 − 5 · 40 = 200 at min and 1000 at max; 5 MW are min with 5 MW spilt (boiler: 250).
        ("daily", 40, 200 * H, 10, 5),
        # Without commitment a twelfth of a machine at max: 1000 / 12 = 83.333.
        ("none", 40, 1000 / 12 * H, 5, 0),
        # At 100 power pays for itself: max earns 3000 − 2200 = 800, and 55 MW of heat are spilt.
        ("daily", 100, -800 * H, 60, 55),
    ],
)
def test_back_pressure_spills(commitment: str, wholesale: float, cost: float, heat: float, spill: float) -> None:
    """Proves: heat and power go together on the line, and heat that nobody wants may be spilt where there is a unit.

    Sensitivity: without spill the boiler would serve: 0.75, 0.25, and 0.75 instead of −2.4.
    """
    result = optimum(
        city(
            fuels={"coal": 20},
            technologies=[{**LINE, "commitment": commitment}, boiler("other", 50)],
            units=[{"id": "u", "technology": "line", "count": 1}, {"id": "o", "technology": "other", "count": 1}],
            demands={"A": 5},
            wholesale=wholesale,
        ),
        cost,
    )
    assert operation(result, "unit", "u", "heat_mw") == pytest.approx([heat])
    assert operation(result, "node", "A", "spill_mw") == pytest.approx([spill], abs=1e-6)


def test_power_at_wholesale_and_retail() -> None:
    """Proves: forgone power of a take-off counts at wholesale, that of a heat pump is bought at retail.

    Sensitivity: both at retail 0.8775, both at wholesale 0.585; exchanged 0.72.
    """
    # take-off: 2 MW for 10 · 60 = 12 a MWh of heat; pump: 2.5 for 10 · 90 = 22.5; 10 · 12 + 5 · 22.5 = 232.5 an hour
    technologies = [
        {"id": "t", "kind": "heat_take_off", "size_mw": 10, "power_price": "wholesale", "corners": {"x": (10, -2, 0)}},
        {"id": "p", "kind": "heat_pump", "size_mw": 10, "power_price": "retail", "corners": {"x": (10, -2.5, 0)}},
    ]
    result = optimum(
        city(
            technologies=technologies,
            units=[{"id": "t", "technology": "t", "count": 1}, {"id": "p", "technology": "p", "count": 1}],
            demands={"A": 15},
            wholesale=60,
            retail=90,
        ),
        232.5 * H,
    )
    assert operation(result, "unit", "t", "heat_mw") == pytest.approx([10])
    assert operation(result, "unit", "p", "power_mw") == pytest.approx([-1.25])
    assert terms(result) == pytest.approx({"power_bought": 232.5 * H})


def block(commitment: str, **changes: Any) -> dict[str, Any]:
    """A boiler of 10 MW that gives 6 MW at least, at 20 a MWh."""
    return boiler(
        "block", 20, size=10, commitment=commitment, corners={"min": (6, 0, 0), "full": (10, 0, 0)}, **changes
    )


def blocks(demand: float, other: float, *, count: int = 2, kind: dict, shape: tuple[float, ...] = (1.0,)) -> Any:
    """Such boilers, and one of another price without limits."""
    return city(
        technologies=[kind, boiler("other", other)],
        units=[{"id": "u", "technology": "block", "count": count}, {"id": "o", "technology": "other", "count": 1}],
        demands={"A": demand},
        shapes={"A": "shape_factor"},
        factors={"shape_factor": shape},
    )


@pytest.mark.parametrize(
    ("demand", "other", "hourly", "on", "spill"),
    [
        (13, 50, 260, 2, 0),  # two share 13 MW
        (11, 50, 240, 2, 1),  # two at their minimum 12 · 20, 1 MW spilt (one and the other boiler: 250)
        (11, 30, 230, 1, 0),  # one full and 1 MW from the other boiler
        (3, 30, 90, 0, 0),  # the other alone (one at its minimum: 120)
    ],
)
def test_daily_commitment(demand: float, other: float, hourly: float, on: int, spill: float) -> None:
    """Proves: whole machines run, each at its minimum at least, and the rest is spilt or left to others.

    Sensitivity: were the number on not whole (1.1 and 0.3), the cost would be demand · 20: 0.78, 0.66, 0.66, 0.18.
    """
    result = optimum(blocks(demand, other, kind=block("daily")), hourly * H)
    assert operation(result, "unit", "u", "machines_on") == [on]
    assert operation(result, "node", "A", "spill_mw") == pytest.approx([spill], abs=1e-6)


@pytest.mark.parametrize(
    ("commitment", "start", "cost", "on", "starts"),
    [
        # 20 MW in one half of the day, 10 in the other. Daily: two on, 2 MW spilt: (400 + 240) / 2 = 320 an hour.
        ("daily", 0, 320 * H, [2, 2], None),
        ("hourly", 0, 300 * H, [2, 1], None),  # (400 + 200) / 2
        # A start costs 10 MW · 40 = 400 a day, staying on 2 · 20 · 12 = 480 more fuel: 7200 + 400 a day, 125 days.
        ("hourly", 40, 7600 * 125 / 1e6, [2, 1], [1, 0]),
        ("hourly", 50, 320 * H, [2, 2], [0, 0]),  # 500: it stays on
    ],
)
def test_hourly_commitment(commitment: str, start: float, cost: float, on: list, starts: list | None) -> None:
    """Proves: daily units keep their number all day, hourly ones change it, and each start costs.

    Sensitivity: `daily` by step would cost 0.90; starts for nothing 0.90 in the third and fourth; a start counted
    once an hour, or for all machines on, would keep both on in the third: 0.96.
    """
    kind = block(commitment, start_cur_per_mw=start)
    result = optimum(blocks(20, 50, kind=kind, shape=(1, 0.5)), cost, step_hours=12)
    assert operation(result, "unit", "u", "machines_on") == on
    if starts is not None:
        assert operation(result, "unit", "u", "starts") == pytest.approx(starts)


def rotated(pattern: tuple[float, ...], by: int) -> tuple[float, ...]:
    return pattern[-by:] + pattern[:-by] if by else pattern


@pytest.mark.parametrize("by", range(4))
@pytest.mark.parametrize(
    ("pattern", "cost"),
    [
        ((1, 0, 0, 0), 0.24),  # 10 MW · 6 h · 20 = 1200 a day and 6 · 6 · 20 = 720 for six hours more, 125 days
        ((1, 1, 0, 0), 0.30),  # 2400 a day: twelve hours are enough
    ],
)
def test_min_up_on_the_ring(pattern: tuple[float, ...], cost: float, by: int) -> None:
    """Proves: 7 hours of minimum up time are two steps of 6, wherever the day is cut.

    Sensitivity: without it 0.15 for the first pattern; rounded down too; at three steps 0.33 and 0.39; with the day
    not a ring the second pattern would cost 0.39 where it goes over midnight.
    """
    kind = block("hourly", min_up_h=7)
    result = optimum(blocks(10, 100, count=1, kind=kind, shape=rotated(pattern, by)), cost, step_hours=6)
    assert sum(operation(result, "unit", "u", "machines_on")) == 2


@pytest.mark.parametrize("by", range(4))
@pytest.mark.parametrize(
    ("pattern", "cost", "on"),
    [
        ((0, 1, 1, 1), 0.54, 4),  # three steps 3600 a day, and on at 6 MW for the fourth: 720
        ((0, 0, 1, 1), 0.30, 2),  # two steps off are long enough: 2400 a day
    ],
)
def test_min_down_on_the_ring(pattern: tuple[float, ...], cost: float, on: int, by: int) -> None:
    """Proves: 7 hours of minimum down time are two steps of 6, wherever the day is cut.

    Sensitivity: without it the first pattern would cost 0.45; were the day not a ring, 0.45 where the pause is at
    its beginning or end; at three steps the second would cost 0.48.
    """
    kind = block("hourly", min_down_h=7)
    result = optimum(blocks(10, 100, count=1, kind=kind, shape=rotated(pattern, by)), cost, step_hours=6)
    assert sum(operation(result, "unit", "u", "machines_on")) == on


@pytest.mark.parametrize(
    ("demand", "cost", "built"),
    [
        (25, 3 * 0.2 + 25 * 20 * H, 3),  # the third saves 5 · 20 · H = 0.3 and costs 0.2
        (22, 2 * 0.2 + 20 * 20 * H + 2 * 40 * H, 2),  # it would save 0.12 only
    ],
)
def test_build_whole_machines(demand: float, cost: float, built: int) -> None:
    """Proves: machines are built whole, each charged a twentieth of 10 MW · 0.4 = 4 a year.

    Sensitivity: were they divisible the cost would be 2.0 and 1.76; without building 3.0 and 2.64.
    """
    result = optimum(
        city(
            technologies=[boiler("new", 20, size=10, capex_mcur_per_mw=0.4), boiler("old", 40)],
            units=[{"id": "n", "technology": "new", "max_new": 5}, {"id": "o", "technology": "old", "count": 1}],
            demands={"A": demand},
        ),
        cost,
    )
    assert plan(result, "units", "n", "new_machines") == [built]
    assert plan(result, "units", "n", "existing_machines") == [0]


def test_size_scales_the_machine() -> None:
    """Proves: a unit's machine is the technology's times its size, corners and costs alike.

    Sensitivity: at the technology's size 10 MW would come from it and 20 from the other:
    0.1 + 3.0 = 3.1.
    """
    # 25 MW at 20 and 5 MW at 40: 700 an hour; fixed cost 25 · 0.01
    result = optimum(
        city(
            technologies=[boiler("new", 20, size=10, fixed_mcur_per_mw_year=0.01), boiler("old", 40)],
            units=[
                {"id": "n", "technology": "new", "size_mw": 25, "count": 1},
                {"id": "o", "technology": "old", "count": 1},
            ],
            demands={"A": 30},
        ),
        0.25 + 700 * H,
    )
    assert operation(result, "unit", "n", "heat_mw") == pytest.approx([25])


@pytest.mark.parametrize(
    ("span", "may_retire", "cost", "kept"),
    [
        (10, True, 10 * 0.2 + 2 * 1 + 10 * 0.6, 1),  # keeping one more: 2, sending it away: 1
        (4, True, 4 * 0.6 + 4 * 0.6, 3),  # keeping one more: 0.8
        (10, False, 10 * 0.6 + 10 * 0.6, 3),
    ],
)
def test_retire_for_fixed_cost(span: int, may_retire: bool, cost: float, kept: int) -> None:
    """Proves: machines nobody needs leave when their fixed cost is above that of decommissioning, if they may.

    Three of 10 MW for 10 MW, each 0.2 a year and 1 to take down. Sensitivity: without the cost of decommissioning
    8.0 and 3.2; with it for every year in which they are away all would stay, 12; with no fixed cost 6, 2.4, 6.
    """
    kind = boiler("old", 20, size=10, fixed_mcur_per_mw_year=0.02, retire_mcur_per_mw=0.1)
    result = optimum(
        city(
            technologies=[kind],
            units=[{"id": "u", "technology": "old", "count": 3, "may_retire": may_retire}],
            demands={"A": 10},
            stages=[{"year": 2025, "span_years": span}],
        ),
        cost,
    )
    assert plan(result, "units", "u", "existing_machines") == [kept]
    assert plan(result, "units", "u", "retired_machines") == [3 - kept]


@pytest.mark.parametrize("shortage", [5, 10])
def test_machines_never_return(shortage: float) -> None:
    """Proves: a machine that left does not come back; it is kept through a lean stage when that is cheaper.

    Second machine: 0.2 to keep it in 2025, or 2026 without it. Sensitivity: could it return, the cost were 0.2 less.
    """
    # 2025: 10 MW; 2026: 10 + shortage at 20, otherwise at 30 more: shortage · 30 · H = 0.45 or 0.9, above 0.2 + 0.2
    kind = boiler("old", 20, size=10, fixed_mcur_per_mw_year=0.02)
    result = optimum(
        city(
            technologies=[kind, boiler("dear", 50)],
            units=[{"id": "u", "technology": "old", "count": 2}, {"id": "d", "technology": "dear", "count": 1}],
            demands={"A": {2025: 10, 2026: 10 + shortage}},
            stages=[{"year": 2025}, {"year": 2026}],
        ),
        4 * 0.2 + (20 + shortage) * 20 * H,
    )
    assert plan(result, "units", "u", "machines") == [2, 2]


@pytest.mark.parametrize(
    ("stages", "max_new", "cost", "in_place"),
    [
        (4, 2, 4 * 1.4, [1, 1, 1, 1]),
        (4, 1, 2 * 1.4 + 2 * 1.8, None),
        (3, 2, 3 * 1.4, [1, 1, 1]),  # the second is charged for one of its two years
    ],
)
def test_life_ends_within_the_horizon(stages: int, max_new: int, cost: float, in_place: list | None) -> None:
    """Proves: what lives two years is in place, and charged, for two years; then another one may be built.

    10 MW at 20 a MWh and 1.6 of capex (0.8 a year), or at 60: 1.4 or 1.8 a year. Sensitivity: with capital in full
    in the third one would be built: 1.6 + 1.2 + 1.8 = 4.6; would machines stand forever, the second would cost 5.6;
    were `max_new` what stands at one time, 5.6 too.
    """
    result = optimum(
        city(
            technologies=[boiler("new", 20, size=10, capex_mcur_per_mw=0.16, life_years=2), boiler("old", 60)],
            units=[{"id": "n", "technology": "new", "max_new": max_new}, {"id": "o", "technology": "old", "count": 1}],
            demands={"A": 10},
            stages=[{"year": 2025 + k} for k in range(stages)],
        ),
        cost,
    )
    machines = plan(result, "units", "n", "machines")
    assert sum(plan(result, "units", "n", "new_machines")) == max_new
    assert machines == in_place if in_place else sum(machines) == 2


def test_earliest_year() -> None:
    """Proves: no machine is built before `earliest_year`.

    Sensitivity: were it ignored the cost would be 2 · 0.7 = 1.4.
    """
    # 10 MW at 40: 1.2; new at 20: 0.6 and 10 · 0.2 / 20 = 0.1
    result = optimum(
        city(
            technologies=[boiler("new", 20, size=10, capex_mcur_per_mw=0.2), boiler("old", 40)],
            units=[
                {"id": "n", "technology": "new", "max_new": 1, "earliest_year": 2026},
                {"id": "o", "technology": "old", "count": 1},
            ],
            demands={"A": 10},
            stages=[{"year": 2025}, {"year": 2026}],
        ),
        1.2 + 0.7,
    )
    assert plan(result, "units", "n", "new_machines") == [0, 1]


def test_heat_station() -> None:
    """Proves: all units of a node together send out no more than its heat station takes, in season and design hour.

    Sensitivity: without the limit the cost would be 1.2; with a limit for each unit 1.2 as well.
    """
    # 12 MW at 20 here and 8 MW at 50 from B: 640 an hour
    result = optimum(
        city(
            nodes=({"id": "A", "heat_station_mw": 12.0}, "B"),
            types=[{"id": "old", "capacity_mw": 50}],
            pipes=[{"id": "ab", "from_node": "A", "to_node": "B", "existing_type": "old", "existing_pairs": 1}],
            technologies=[boiler("cheap", 20, size=10), boiler("dear", 50)],
            units=[
                {"id": "a1", "technology": "cheap", "count": 1},
                {"id": "a2", "technology": "cheap", "count": 1},
                {"id": "b", "node": "B", "technology": "dear", "count": 1},
            ],
            demands={"A": 20},
        ),
        640 * H,
    )
    assert operation(result, "pipe", "ab/old", "flow_mw") == pytest.approx([-8])
    design = sum(plan(result, "units", name, "design_heat_mw")[0] for name in ("a1", "a2"))
    assert design <= 12 + 1e-6
