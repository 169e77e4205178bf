"""What stands in the way, by hand.

Sensitivity: without `test_nothing` a feasible city might be told to give something up; without `test_least_share`
the dearer of two breaks might be named, or shares be counted in megawatts; without `test_schedule` an entry that binds
would look like a fault of the rule it contradicts; without `test_limit` the allocations to days might hold back what
the season allows, or the unit be wrong; without `test_zero_limit` a limit of 0 would count more than all else; without
`test_no_new` an equation might be broken on one side only; without `test_heat_station` what no rule sets would be
called impossible; without `test_cold` missing heat would be taken for a broken rule, or kept silent; without
`test_command` the exit code would not say it.
"""

from __future__ import annotations

from typing import Any

import pytest
from conftest import TUTORIAL, call
from formulation.city import DAYS, boiler, city

from heatnet.explain import COLUMNS, explain, explanation
from heatnet.instance import Instance, read
from heatnet.instance.series import TimeGrid


def told(instance: Instance, days: int = 1) -> list[tuple[str, str, int, float, str]]:
    """The rows of an explanation without their sentences."""
    frame = explain(TimeGrid.choose(instance, days, 24))
    assert list(frame.columns) == list(COLUMNS)
    assert frame["sentence"].str.endswith(".").all()
    return [(r.rule, r.id, r.stage, pytest.approx(r.missing, rel=1e-4), r.unit) for r in frame.itertuples()]


def test_nothing() -> None:
    """Proves: where all can be met, nothing is told."""
    assert told(read(TUTORIAL)) == []


def test_least_share() -> None:
    """Proves: 30 MW of firm power against coal that has to leave: one of two sets stays.

    One set kept breaks the rule by half and leaves 6 of 30 MW, 0.5 + 0.2; both kept are 1, none is 1.
    """
    tutorial = read(TUTORIAL)
    stages = tuple(stage.model_copy(update={"firm_power_mw": 30.0}) for stage in tutorial.stages)
    instance = tutorial.replace(header=tutorial.header.model_copy(update={"stages": stages}))
    assert told(instance) == [
        ("firm_power", "2026", 2026, 6.0, "MW"),
        ("retired_share", "coal-out", 2026, 24.0, "MW"),
    ]


def test_schedule() -> None:
    """Proves: 1 of 3 machines must stay by schedule and all of 5 leave by rule: the rule gives way, 20 of 100 MW.

    The entry would be broken by a third, the rule is by a fifth.
    """
    instance = city(
        technologies=[boiler("b", 20, size=20.0), boiler("base", 20)],
        units=[
            {"id": "u", "technology": "b", "count": 3},
            {"id": "v", "technology": "b", "count": 2},
            {"id": "base", "technology": "base", "count": 1},
        ],
        demands={"A": 10},
        rules=[{"id": "out", "select": [{"units": ("u", "v")}], "min_share": 1.0, "by_year": 2025}],
        retirements=[{"unit": "u", "machines": 1, "not_before": 2026}],
    )
    assert told(instance) == [("retired_share", "out", 2025, 20.0, "MW")]
    assert "(u)" in explain(TimeGrid.choose(instance, 1, 24))["sentence"][0]


def limited(rules: list[dict[str, Any]]) -> Instance:
    """10 MW from a boiler of 10 MW that burns coal of 0.4 t a MWh."""
    return city(
        fuels={"coal": {"price_cur_per_mwh": 0.0, "co2_t_per_mwh": 0.4}},
        technologies=[boiler("b", 20, size=10.0, fuel="coal", corners={"full": (10.0, 0.0, 12.5)})],
        units=[{"id": "u", "technology": "b", "count": 1}],
        demands={"A": 10},
        outdoor=(-10.0,) * 2 + (20.0,) * 2,
        season={"load_floor_share": 0.0},
        rules=[{"kind": "yearly_limit", **rule} for rule in rules],
    )


def test_limit() -> None:
    """Proves: 4 days of 10 MW are 960 MWh; a floor of 1,460 MWh misses 500, and a limit that is kept is not told."""
    rules: list[dict[str, Any]] = [{"id": "floor", "quantity": "heat_mwh", "least": 1460.0}]
    assert told(limited(rules), days=4) == [("yearly_limit_least", "floor", 2025, 500.0, "MWh")]
    rules.append({"id": "cap", "quantity": "co2_t", "most": 9600.0})
    assert told(limited(rules), days=4) == [("yearly_limit_least", "floor", 2025, 500.0, "MWh")]


def test_zero_limit() -> None:
    """Proves: no CO2 at all and 900 MWh asked for: the limit of 0 t gives way by 450 t, not the floor.

    The demand is 480 MWh (two days at 10 MW), so 450 t count 0.94; the floor broken whole counts 1.
    """
    rules = [
        {"id": "cap", "quantity": "co2_t", "most": 0.0},
        {"id": "floor", "quantity": "heat_mwh", "least": 900.0},
    ]
    assert told(limited(rules), days=4) == [("yearly_limit_most", "cap", 2025, 450.0, "t")]


def test_no_new() -> None:
    """Proves: heat is asked of boilers that may not be built: one of two is, a half; the floor missed would be 1."""
    instance = city(
        technologies=[boiler("b", 20, size=10.0), boiler("base", 20)],
        units=[
            {"id": "u", "technology": "b", "max_new": 2},
            {"id": "base", "technology": "base", "count": 1},
        ],
        demands={"A": 10},
        rules=[
            {"id": "none", "kind": "no_new", "select": [{"units": ("u",)}]},
            {"id": "floor", "kind": "yearly_limit", "quantity": "heat_mwh", "least": 30_000.0}
            | {"select": [{"units": ("u",)}]},
        ],
    )
    assert told(instance) == [("no_new", "u", 2025, 1.0, "machines")]


def test_heat_station() -> None:
    """Proves: a machine that must run at 10 MW and may not leave, behind a heat station of 6 MW: no rule is blamed."""
    instance = city(
        technologies=[boiler("b", 20, size=10.0, must_run=True, corners={"full": (10.0, 0.0, 0.0)})],
        units=[{"id": "u", "technology": "b", "count": 1, "may_retire": False}],
        demands={"A": 4},
        nodes=[{"id": "A", "heat_station_mw": 6.0}],
    )
    assert told(instance) == [("heat_station", "A", 2025, 4.0, "MW")]


def test_cold() -> None:
    """Proves: 6 MW for 10: 4 MW and 4 · 3000 MWh are missing, and nothing that people set is in the way."""
    instance = city(
        technologies=[boiler("b", 20, size=6.0)],
        units=[{"id": "u", "technology": "b", "count": 1}],
        demands={"A": 10},
    )
    assert told(instance) == [
        ("design_hour", "A", 2025, 4.0, "MW"),
        ("season", "A", 2025, 4.0 * 24 * DAYS, "MWh"),
    ]
    assert explanation(TimeGrid.choose(instance, 1, 24)).feasible


def test_command() -> None:
    """Proves: 0 and a sentence where all can be met; a schedule that is not there is bad usage."""
    done = call("explain", TUTORIAL, "--schedule", "policy")
    assert done.code == 0
    assert "nothing stands in the way" in done.out
    assert call("explain", TUTORIAL, "--schedule", "polcy").code == 2
