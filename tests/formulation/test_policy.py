"""Rules and schedules. Power sets earn 0.15 million per MW and season (50 a MWh · H), so none leaves by itself."""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import H, Row, boiler, city, optimum, plan
from heatnet.errors import InstanceError
from heatnet.solve import Limits, solve

VALUE = 50 * H
BASE = 1 * 20 * H
"""1 MW of heat at 20 a MWh from a boiler that stands in every city here."""


def power(name: str, size: float, kind: str = "extraction") -> dict[str, Any]:
    """A set that makes `size` MW of power, and no heat unless it makes no power."""
    corners = {"p": (0, size, 0), "h": (size, 0, 0)}
    return {"id": name, "kind": kind, "size_mw": size, "variable_heat_cur_per_mwh": 1000, "corners": corners}


def sets(units: list[Row], technologies: list[Row], **changes: Any) -> Any:
    """The sets and the boiler that heats."""
    return city(
        technologies=[*technologies, boiler("base", 20)],
        units=[*units, {"id": "base", "technology": "base", "count": 1, "may_retire": False, "owner": "Base"}],
        demands={"A": 1},
        wholesale=50,
        **changes,
    )


def rule(select: list[dict], share: float, year: int = 2025, **changes: Any) -> dict[str, Any]:
    """A rule of the kind `retired_share`."""
    return {"id": "rule", "select": select, "min_share": share, "by_year": year, **changes}


@pytest.mark.parametrize(
    ("share", "kept", "megawatt"),
    [
        (0.5, [3, 0], 60),  # 65 MW allowed of 130: (3, 0) is 60, (1, 1) is 55
        (0.55, [1, 1], 55),  # 58.5 allowed: (2, 0) is 40, (1, 1) is 55
        (0.0, [3, 2], 130),
        (1.0, [0, 0], 0),
    ],
)
def test_share_by_capacity(share: float, kept: list[int], megawatt: float) -> None:
    """Proves: the share is of capacity over all units selected, and machines leave whole.

    3 of 20 MW and 2 of 35 MW: 130 MW. Sensitivity: counted by machines at 0.5, 2 of 5 would stay: 70 MW; divisible
    machines would leave 65 and 58.5 MW; by unit at 0.5, 20 + 35 = 55 MW.
    """
    units = [{"id": "u1", "technology": "t20", "count": 3}, {"id": "u2", "technology": "t35", "count": 2}]
    technologies = [power("t20", 20), power("t35", 35)]
    rules = [rule([{"units": ("u1", "u2")}], share)]
    result = optimum(sets(units, technologies, rules=rules), BASE - megawatt * VALUE)
    assert [plan(result, "units", name, "existing_machines")[0] for name in ("u1", "u2")] == kept


def test_share_of_heat_where_no_power_is_made() -> None:
    """Proves: capacity is a machine's largest power, or its largest heat where no corner makes power.

    A set of 20 MW power and 100 MW heat, and a boiler of 30 MW that saves as much: 50 MW, 40 % must go. 30 MW may
    stay: the boiler or the set. The boiler's heat at 0 saves 20 · 1 MW; the set earns 3.0. Sensitivity: with the heat
    of the set as its size (130 MW, 78 allowed) it would have to leave and the boiler stay.
    """
    both = {**power("both", 20), "corners": {"p": (0, 20, 0), "h": (100, 10, 0)}}
    units = [{"id": "set", "technology": "both", "count": 1}, {"id": "own", "technology": "own", "count": 1}]
    rules = [rule([{"units": ("set", "own")}], 0.4)]
    # the set stays: 20 · VALUE, 1 MW from the base
    result = optimum(sets(units, [both, boiler("own", 0, size=30)], rules=rules), BASE - 20 * VALUE)
    assert plan(result, "units", "set", "existing_machines") == [1]
    assert plan(result, "units", "own", "existing_machines") == [0]


@pytest.mark.parametrize(
    ("year", "enabled", "kept"),
    [
        (2025, True, [1, 1, 1]),
        (2026, True, [2, 1, 1]),
        (2027, True, [2, 2, 1]),
        (2028, True, [2, 2, 2]),
        (2025, False, [2, 2, 2]),
    ],
)
def test_by_year(year: int, enabled: bool, kept: list[int]) -> None:
    """Proves: a rule holds in the stages from `by_year` on, and only while it is enabled.

    Two sets of 10 MW earn 1.5 a year each. Sensitivity: one stage too early costs 1.5 more, too late 1.5 less.
    """
    instance = sets(
        [{"id": "u", "technology": "t", "count": 2}],
        [power("t", 10)],
        stages=[{"year": 2025 + k} for k in range(3)],
        rules=[rule([{"kinds": ("extraction",)}], 0.5, year, enabled=enabled)],
    )
    result = optimum(instance, 3 * BASE - sum(kept) * 10 * VALUE)
    assert plan(result, "units", "u", "existing_machines") == kept


SIZES = {"small": 10, "edge": 30, "large": 40, "press": 20, "own": 25}


@pytest.mark.parametrize(
    ("select", "retired"),
    [
        ([{"kinds": ("extraction",)}], {"small", "edge", "large"}),
        ([{"kinds": ("back_pressure", "biomass")}], {"press"}),
        ([{"power_below_mw": 30}], {"small", "press"}),  # below, not at; boilers make no power
        ([{"kinds": ("extraction",), "power_below_mw": 30}], {"small"}),  # both conditions
        ([{"units": ("small",)}, {"nodes": ("B",)}], {"small", "large"}),  # either selection
        ([{"retirement_due": True}], {"edge", "own"}),
        ([{"retirement_due": False}, {"owners": ("Base",)}], None),  # the base boiler may not retire
        ([{"retirement_due": False, "kinds": ("extraction", "back_pressure")}], {"small", "large", "press"}),
        ([{"owners": ("City", "State")}], {"press", "large"}),
        ([{"nodes": ("B",), "owners": ("City",)}], set()),  # nobody
    ],
)
def test_selections(select: list[dict], retired: set[str] | None) -> None:
    """Proves: a unit is selected when one of the selections holds whole. All that is selected must leave.

    Each of the five is worth its size times 0.15. Sensitivity: one unit too many or too few moves the cost by 1.5 or
    more. Where the rule speaks of a boiler that may not retire there is no plan.
    """
    units: list[Row] = [
        {"id": "small", "technology": "t10", "count": 1},
        {"id": "edge", "technology": "t30", "count": 1, "retirement_due": True},
        {"id": "large", "technology": "t40", "count": 1, "node": "B", "owner": "State"},
        {"id": "press", "technology": "p20", "count": 1, "owner": "City"},
        {"id": "own", "technology": "own", "count": 1, "retirement_due": True, "node": "A"},
    ]
    technologies = [power("t10", 10), power("t30", 30), power("t40", 40), power("p20", 20, "back_pressure")]
    # The boiler `own` earns nothing, so one that is not selected may leave or stay; selected it must leave.
    instance = sets(units, [*technologies, boiler("own", 50, size=25)], nodes=("A", "B"), rules=[rule(select, 1.0)])
    if retired is None:
        assert solve(instance, days=1, step_hours=24, limits=Limits(gap=0.0)).status == "infeasible"
        return
    stay = {"small", "edge", "large", "press"} - retired
    result = optimum(instance, BASE - sum(SIZES[name] for name in stay) * VALUE)
    gone = {name for name in SIZES if plan(result, "units", name, "existing_machines") == [0]}
    assert gone - {"own"} == retired - {"own"}
    assert "own" in gone or "own" not in retired


LOATH, KEEN = "loath", "keen"
"""Three sets of 10 MW that earn 1.5 each a year, or three that cost 1.0 each: they would stay, or go at once."""


@pytest.mark.parametrize(
    ("mood", "items", "kept"),
    [
        (LOATH, [], [3, 3, 3]),
        (KEEN, [], [0, 0, 0]),
        (LOATH, [{"machines": 2, "exactly": 2026}], [3, 1, 1]),
        (KEEN, [{"machines": 2, "exactly": 2026}], [2, 0, 0]),
        (LOATH, [{"exactly": 2027}], [3, 3, 0]),  # all of them
        (KEEN, [{"exactly": 2027}], [3, 3, 0]),
        (LOATH, [{"machines": 1, "not_after": 2026}], [3, 2, 2]),
        (KEEN, [{"machines": 1, "not_after": 2026}], [0, 0, 0]),
        (LOATH, [{"machines": 2, "not_before": 2027}], [3, 3, 3]),
        (KEEN, [{"machines": 2, "not_before": 2027}], [2, 2, 0]),
        (LOATH, [{"machines": 2, "not_before": 2026, "not_after": 2027}], [3, 3, 1]),
        (KEEN, [{"machines": 2, "not_before": 2026, "not_after": 2027}], [2, 0, 0]),
        (LOATH, [{"machines": 1, "not_after": 2026}, {"machines": 1, "not_after": 2027}], [3, 2, 1]),
        (KEEN, [{"machines": 1, "exactly": 2026}, {"machines": 2, "exactly": 2027}], [3, 2, 0]),
        (LOATH, [{"machines": 1, "exactly": 2026}, {"machines": 2, "exactly": 2027}], [3, 2, 0]),
        (KEEN, [{"machines": 1, "not_before": 2027}, {"machines": 1, "not_before": 2026}], [2, 1, 0]),
        (LOATH, [{"machines": 1, "not_after": 2020}], [2, 2, 2]),  # before the first stage
    ],
)
def test_schedule(mood: str, items: list[dict], kept: list[int]) -> None:
    """Proves: a schedule forces machines out by a year, holds them until one, or both, and several items add up.

    Sensitivity: a machine one stage too early or too late moves the cost by 1.5 or 1.0.
    """
    # loath: 10 · VALUE = 1.5 a machine and year; keen: makes no power and costs 10 · 0.1
    kind = power("t", 10) if mood == LOATH else boiler("t", 1000, size=10, fixed_mcur_per_mw_year=0.1)
    instance = sets(
        [{"id": "u", "technology": "t", "count": 3}],
        [kind],
        stages=[{"year": 2025 + k} for k in range(3)],
        retirements=[{"unit": "u", **item} for item in items],
    )
    result = optimum(instance, 3 * BASE + sum(kept) * (-10 * VALUE if mood == LOATH else 1.0))
    assert plan(result, "units", "u", "existing_machines") == kept
    assert plan(result, "units", "u", "retired_machines") == [3 - kept[0], kept[0] - kept[1], kept[1] - kept[2]]


def test_schedule_leaves_new_machines_alone() -> None:
    """Proves: rules and schedules speak of machines that were there at the start; new ones may be built beside.

    Sensitivity: if new machines counted as kept, none could be built and the cost be BASE.
    """
    kind = {**power("t", 10), "capex_mcur_per_mw": 1.0}  # 0.5 a year for 1.5
    instance = sets(
        [{"id": "u", "technology": "t", "count": 1, "max_new": 1}],
        [kind],
        rules=[rule([{"units": ("u",)}], 1.0)],
        retirements=[{"unit": "u", "exactly": 2025}],
    )
    result = optimum(instance, BASE - 1.0)
    assert plan(result, "units", "u", "existing_machines") == [0]
    assert plan(result, "units", "u", "new_machines") == [1]


def test_schedule_of_a_unit_without_machines() -> None:
    """Proves: a schedule cannot retire machines of a unit that has none at the start.

    Sensitivity: passed on to the model there would be no decision to write a row on.
    """
    with pytest.raises(InstanceError, match="no machines at the start"):
        sets(
            [{"id": "u", "technology": "t", "max_new": 1}],
            [power("t", 10)],
            retirements=[{"unit": "u", "exactly": 2025}],
        )
