"""Machines that operate, stand in reserve or have left, and what leaves together or after a pipe. H = 0.003.

A base boiler of 10 MW at 10 a MWh heats; an old one of 10 MW has an upkeep of 0.2 a year, 0.05 in reserve.

Sensitivity, in the order of the tests:
- were reserve not counted in contingencies, or charged as a machine that operates, the first test would cost 0.5, 0.5,
  0.7 and 0.8; counted without the share of the design heat, or with the heat of the other mode, one machine would do
  in the last two: 0.35 and 0.65;
- were reserve counted in the design hour, the second test would cost 0.35;
- could reserve run, the third would cost 0.75;
- were reserve not counted for firm power, the cost would be 0.5, 0.7 and 0.5; with the power of the other mode, 0.35 in
  the last case;
- could reserve not come back, the old boiler would operate in the first year: 1.95;
- could a machine be built into reserve, 0.80;
- could a unit of a group leave alone, 0.6 in both cases;
- could machines of a group leave one by one, 0.8 and 1.1;
- could the old boilers leave without the pipe, 0.45 in all cases; were the pipe not paid for, 0.45 in the first;
- did a pipe count before it is laid, the two years would cost 1.2;
- were reserve never counted by the rule, or always, the two cases of one half would be equal; were a machine in
  reserve counted twice, a share of 1 would cost 3.85;
- were new machines in reserve set off against existing ones of other units, 4.4.
"""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import DAYS, H, Row, boiler, city, optimum, plan, terms

MILD = (5.0,) * DAYS
"""Half the design load, all season."""


def old(price: float, **changes: Any) -> dict[str, Any]:
    """A boiler of 10 MW with an upkeep of 0.2 a year, a quarter of that in reserve."""
    return boiler("old", price, size=10, **{"fixed_mcur_per_mw_year": 0.02, "reserve_fixed_share": 0.25, **changes})


def olds(kind: Row, *, demand: Any = 10, base: float = 10, count: int = 2, reserve: bool = True, **changes: Any) -> Any:
    """Such boilers, which may be held in reserve, beside the base boiler."""
    given: dict[str, Any] = {
        "technologies": [kind, boiler("base", 10, size=base)],
        "units": [
            {"id": "o", "technology": "old", "count": count, "may_reserve": reserve},
            {"id": "b", "technology": "base", "count": 1},
        ],
        "demands": {"A": demand},
    }
    return city(**{**given, **changes})


LOSS: dict[str, Any] = {"contingencies": [{"id": "loss", "unit": "b"}], "guarantee": 1.0}
"""The base boiler is lost, and all of the load must be there."""


# --- reserve -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "demand", "reserve", "cost", "held"),
    [
        (old(90), 10, True, 10 * 10 * H + 0.05, 1),
        (old(90), 10, False, 10 * 10 * H + 0.2, 0),
        (old(90, design_heat_share=0.5), 10, True, 10 * 10 * H + 0.1, 2),
        # Operating, one would give 30 MW in its other mode for 0.2; in reserve each counts 10.
        (old(90, corners={"full": (10, 0, 0), "more": (30, 0, 0, "more")}), 20, True, 20 * 10 * H + 0.1, 2),
    ],
)
def test_reserve_in_a_contingency(kind: Row, demand: float, reserve: bool, cost: float, held: int) -> None:
    """Proves: a machine in reserve counts in a contingency, with its ordinary mode, and costs a part of its upkeep.

    The old boilers never run, at 90 a MWh; those that nobody needs leave for nothing.
    """
    result = optimum(olds(kind, demand=demand, base=demand, reserve=reserve, **LOSS), cost)
    assert plan(result, "units", "o", "reserve_machines") == [held]
    assert plan(result, "units", "o", "machines") == [0 if held else 1]
    assert plan(result, "units", "o", "existing_machines") == [held or 1]
    assert terms(result).get("reserve", 0.0) == pytest.approx(0.05 * held)
    assert terms(result).get("fixed", 0.0) == pytest.approx(0.0 if held else 0.2)


def test_reserve_is_not_in_the_design_hour() -> None:
    """Proves: what the design hour needs must operate. 20 MW of design load, 10 MW all season from the base boiler."""
    result = optimum(olds(old(90), demand=20, outdoor=MILD), 10 * 10 * H + 0.2)
    assert plan(result, "units", "o", "machines") == [1]
    assert plan(result, "units", "o", "reserve_machines") == [0]
    assert plan(result, "units", "o", "design_heat_mw") == pytest.approx([10])


def test_reserve_does_not_run() -> None:
    """Proves: what runs must operate, though reserve is cheaper.

    15 MW: 10 at 10, and 5 at 20 with an upkeep of 0.6 (0.15 in reserve) or at 100 from a third boiler: 0.9 or 1.5.
    """
    instance = olds(
        old(20, fixed_mcur_per_mw_year=0.06),
        technologies=[old(20, fixed_mcur_per_mw_year=0.06), boiler("base", 10, size=10), boiler("dear", 100)],
        units=[
            {"id": "o", "technology": "old", "count": 1, "may_reserve": True},
            {"id": "b", "technology": "base", "count": 1},
            {"id": "d", "technology": "dear", "count": 1},
        ],
        demand=15,
    )
    result = optimum(instance, 10 * 10 * H + 5 * 20 * H + 0.6)
    assert plan(result, "units", "o", "reserve_machines") == [0]


@pytest.mark.parametrize(
    ("firm", "corners", "held"),
    [
        (20, {"full": (10, 20, 50)}, 1),
        (40, {"full": (10, 20, 50)}, 2),
        # Operating, one would do in its other mode, for 0.2; in reserve each counts 20.
        (30, {"full": (10, 20, 50), "boost": (10, 30, 80, "boost")}, 2),
    ],
)
def test_reserve_is_firm_power(firm: float, corners: dict[str, Any], held: int) -> None:
    """Proves: power sets in reserve count for firm power, with their ordinary mode."""
    chp = {
        "id": "old",
        "kind": "back_pressure",
        "fuel": "coal",
        "size_mw": 20,
        "fixed_mcur_per_mw_year": 0.01,
        "reserve_fixed_share": 0.25,
        "corners": corners,
    }
    instance = olds(chp, fuels={"coal": 100}, stages=[{"year": 2025, "firm_power_mw": firm}])
    result = optimum(instance, 10 * 10 * H + 0.05 * held)
    assert plan(result, "units", "o", "reserve_machines") == [held]


def test_reserve_comes_back() -> None:
    """Proves: a machine goes into reserve, operates again when it is needed, and goes back.

    10, 20 and 10 MW in three years: 0.35, then 10 MW at 10 and 10 at 20 with 0.2 of upkeep, 1.1, then 0.35 again. To
    leave would cost 1.0.
    """
    instance = olds(
        old(20, retire_mcur_per_mw=0.1),
        demand={2025: 10, 2026: 20, 2027: 10},
        count=1,
        stages=[{"year": 2025 + k} for k in range(3)],
    )
    result = optimum(instance, 0.35 + 1.1 + 0.35)
    assert plan(result, "units", "o", "machines") == [0, 1, 0]
    assert plan(result, "units", "o", "reserve_machines") == [1, 0, 1]
    assert plan(result, "units", "o", "existing_machines") == [1, 1, 1]


def test_a_machine_built_operates_in_its_stage() -> None:
    """Proves: what is built operates at first, and may stand in reserve from the next stage on.

    10 · 0.1 / 20 = 0.05 a year for a boiler that only a loss asks for; upkeep 0.2, then 0.05.
    """
    instance = olds(
        old(90, capex_mcur_per_mw=0.1),
        units=[
            {"id": "o", "technology": "old", "max_new": 1, "may_reserve": True},
            {"id": "b", "technology": "base", "count": 1},
        ],
        stages=[{"year": 2025}, {"year": 2026}],
        **LOSS,
    )
    result = optimum(instance, 2 * (0.3 + 0.05) + 0.2 + 0.05)
    assert plan(result, "units", "o", "new_machines") == [1, 0]
    assert plan(result, "units", "o", "machines") == [1, 0]
    assert plan(result, "units", "o", "reserve_machines") == [0, 1]


# --- leaving together, leaving after a pipe ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "upkeep", "cost", "kept"),
    [
        ("works", 0.5, 10 * 20 * H + 0.5, [1, 1]),
        ("works", 1.2, 10 * 50 * H, [0, 0]),  # 0.6 + 1.2 if both stay, 1.5 if both leave
        (None, 1.2, 10 * 20 * H, [0, 1]),
    ],
)
def test_group_leaves_together(group: str | None, upkeep: float, cost: float, kept: list[int]) -> None:
    """Proves: a unit that nobody needs stays with one of its group, or takes it along.

    10 MW at 20 from the useful boiler, or at 50 from a third.
    """
    instance = city(
        technologies=[
            boiler("idle", 90, size=10, fixed_mcur_per_mw_year=upkeep / 10),
            boiler("useful", 20, size=10),
            boiler("dear", 50),
        ],
        units=[
            {"id": "i", "technology": "idle", "count": 1, "group": group},
            {"id": "u", "technology": "useful", "count": 1, "group": group},
            {"id": "d", "technology": "dear", "count": 1},
        ],
        demands={"A": 10},
    )
    result = optimum(instance, cost)
    assert [plan(result, "units", name, "existing_machines")[0] for name in ("i", "u")] == kept


@pytest.mark.parametrize(("upkeep", "cost", "kept"), [(0.2, 0.6 + 2 * 0.2, 2), (0.5, 10 * 50 * H, 0)])
def test_group_leaves_whole(upkeep: float, cost: float, kept: int) -> None:
    """Proves: of the two boilers of a group both are kept or none, though one would do."""
    instance = city(
        technologies=[boiler("useful", 20, size=10, fixed_mcur_per_mw_year=upkeep / 10), boiler("dear", 50)],
        units=[
            {"id": "u", "technology": "useful", "count": 2, "group": "works"},
            {"id": "d", "technology": "dear", "count": 1},
        ],
        demands={"A": 10},
    )
    result = optimum(instance, cost)
    assert plan(result, "units", "u", "existing_machines") == [kept]


def closing(pipe: Row, capex: float, *, after: str | None = "l", **changes: Any) -> Any:
    """Two old boilers at B, 0.25 a year each, that never run: 10 MW come at 15 from another boiler at B.

    The pipe from A to B, where heat is at 15 too, serves for nothing but their leave; a pair is 10 km · capex / 40 a
    year.
    """
    old_units = {"id": "o", "node": "B", "technology": "old", "count": 2, "leaves_after_pipe": after}
    return city(
        nodes=("A", "B"),
        types=[{"id": "thin", "capacity_mw": 40, "capex_mcur_per_km": capex}],
        pipes=[{"id": "l", "from_node": "A", "to_node": "B", **pipe}],
        technologies=[boiler("old", 90, size=10, fixed_mcur_per_mw_year=0.025), boiler("gas", 15)],
        units=[
            old_units,
            {"id": "g", "node": "B", "technology": "gas", "count": 1},
            {"id": "s", "node": "A", "technology": "gas", "count": 1},
        ],
        demands={"B": 10},
        **changes,
    )


NEW: dict[str, Any] = {"candidate_types": ("thin",), "max_new_pairs": 1}


@pytest.mark.parametrize(
    ("pipe", "capex", "after", "cost", "kept", "laid"),
    [
        (NEW, 1.2, "l", 0.45 + 0.3, 0, 1),
        (NEW, 2.4, "l", 0.45 + 0.5, 2, 0),  # the pipe would be 0.6
        (NEW, 1.2, None, 0.45, 0, 0),
        ({"existing_type": "thin", "existing_pairs": 1}, 1.2, "l", 0.45, 0, 0),
    ],
)
def test_leaves_after_pipe(pipe: Row, capex: float, after: str | None, cost: float, kept: int, laid: int) -> None:
    """Proves: a unit leaves only where the pipe is in place, which may be laid for that alone."""
    result = optimum(closing(pipe, capex, after=after), cost)
    assert plan(result, "units", "o", "existing_machines") == [kept]
    assert plan(result, "pipes", "l/thin", "new_pairs") == [laid]
    assert terms(result).get("pipes", 0.0) == pytest.approx(0.3 * laid)


def test_leaves_when_the_pipe_is_there() -> None:
    """Proves: the pipe counts from the stage on in which it is laid, here no sooner than 2026."""
    stages = [{"year": 2025}, {"year": 2026}]
    result = optimum(closing({**NEW, "earliest_year": 2026}, 1.2, stages=stages), 0.95 + 0.75)
    assert plan(result, "units", "o", "existing_machines") == [2, 0]
    assert plan(result, "pipes", "l/thin", "pairs") == [0, 1]


def test_reserve_does_not_go_before_the_pipe() -> None:
    """Proves: a unit that waits for a pipe may not slip into reserve either; upkeep 0.5 a year, in reserve 0.

    The pipe cannot come before 2026. Sensitivity: were only those that leave counted, 2025 would cost 0.45 alone.
    """
    stages = [{"year": 2025}, {"year": 2026}]
    instance = closing({**NEW, "earliest_year": 2026}, 1.2, stages=stages)
    old = instance.technology["old"].model_copy(update={"reserve_fixed_share": 0.0})
    unit = next(unit for unit in instance.units if unit.id == "o").model_copy(update={"may_reserve": True})
    instance = instance.replace(
        technologies=tuple(old if row.id == "old" else row for row in instance.technologies),
        units=tuple(unit if row.id == "o" else row for row in instance.units),
    )
    result = optimum(instance, 0.95 + 0.45 + 0.3)
    assert plan(result, "units", "o", "machines")[0] == 2
    assert plan(result, "units", "o", "reserve_machines")[0] == 0


# --- reserve in rules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "counts", "cost", "kept", "held"),
    [
        (0.0, True, 20 * 20 * H + 2 * 0.2, 2, 0),
        # One operates, one stands in reserve for 0.05; to leave costs 1.0.
        (0.5, True, 10 * 20 * H + 10 * 100 * H + 0.2 + 0.05, 2, 1),
        (0.5, False, 10 * 20 * H + 10 * 100 * H + 0.2 + 1.0, 1, 0),
        (1.0, True, 20 * 100 * H + 2 * 0.05, 2, 2),
    ],
)
def test_reserve_counts_in_a_rule(share: float, counts: bool, cost: float, kept: int, held: int) -> None:
    """Proves: with `reserve_counts` a machine in reserve is one that has left; without it has to leave.

    20 MW at 20 from two old boilers, or at 100.
    """
    instance = city(
        technologies=[old(20, retire_mcur_per_mw=0.1), boiler("dear", 100)],
        units=[
            {"id": "o", "technology": "old", "count": 2, "may_reserve": True},
            {"id": "d", "technology": "dear", "count": 1},
        ],
        demands={"A": 20},
        rules=[
            {"id": "out", "select": [{"units": ("o",)}], "min_share": share, "by_year": 2025, "reserve_counts": counts}
        ],
    )
    result = optimum(instance, cost)
    assert plan(result, "units", "o", "existing_machines") == [kept]
    assert plan(result, "units", "o", "reserve_machines") == [held]


def test_reserve_counts_no_further_than_existing() -> None:
    """Proves: a unit cannot set off more machines in reserve than it has existing ones.

    2025, 40 MW: two boilers at 20 and two at 30, one of them new for 0.1 a year (200 a MWh otherwise): 1000 an hour.
    2026, 20 MW: of the three existing ones one may operate, and the new one does: 200 + 300. Were the two at 30 both in
    reserve, and counted with one existing, the two at 20 would both operate: 400.
    """
    instance = city(
        technologies=[
            boiler("cheap", 20, size=10),
            boiler("middle", 30, size=10, capex_mcur_per_mw=0.2),
            boiler("dear", 200),
        ],
        units=[
            {"id": "c", "technology": "cheap", "count": 2, "may_reserve": True},
            {"id": "m", "technology": "middle", "count": 1, "max_new": 1, "may_reserve": True},
            {"id": "d", "technology": "dear", "count": 1},
        ],
        demands={"A": {2025: 40, 2026: 20}},
        stages=[{"year": 2025}, {"year": 2026}],
        rules=[
            {"id": "out", "select": [{"units": ("c", "m")}], "min_share": 0.5, "by_year": 2026, "reserve_counts": True}
        ],
    )
    optimum(instance, 1500 * H + 2 * 0.1)
