"""A season judged and told: what the judge catches between days, what is unserved, what an element's loss leaves.

Sensitivity, what would go unnoticed without each test: a sound season refused or priced wrongly; one let pass though a
level jumps between days, a set starts again too soon after midnight, or stops too soon after the hours before, heat
arrives that never went in, or that went in before does not, a ramp is broken at midnight, a series is missing or
unknown, or the state before the first hour cannot be; a cost that is not the plan's where the season is the plan's day;
unserved heat of an unsound plan in another district or hour; a contingency that loses nothing, or all; a folder that is
not whole; a stage, weather, dispatcher or window that cannot be meant.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from formulation.city import boiler

from heatnet.check.season import check_season
from heatnet.errors import UsageError
from heatnet.operate import Season, operate
from heatnet.operate import folder as folders
from heatnet.operate.dispatch import Window
from heatnet.report.season import season_page
from operate.towns import LIMITS, LINE, TYPE, YEAR, hourly, planned, town

SET = boiler("set", 7, size=10, commitment="hourly", min_up_h=3, min_down_h=4, start_cur_per_mw=1, ramp_share_per_h=0.5)
SET |= {"corners": {"least": (2, 0, 0), "full": (10, 0, 0)}}
TANK = {"id": "tank", "existing_mwh": 10, "hours": 2, "efficiency_share": 1, "loss_share_per_h": 0}


def lively() -> Any:
    """B is heated over a pipe of 2 hours; at A a set that starts in hour 20 and stops with hour 26, and a tank."""
    shape = hourly(2, 0.1, dict.fromkeys(range(22, 27), 1.0))
    return town(
        2,
        {"shape_factor": shape},
        nodes=("A", "B"),
        types=[TYPE],
        pipes=[{**LINE, "delay_h": 2}],
        technologies=[SET, boiler("dear", 50, size=20)],
        units=[{"id": "set", "technology": "set", "count": 1}, {"id": "dear", "technology": "dear", "count": 1}],
        stores=[TANK],
        demands={"A": 4, "B": 8},
        shapes={"A": "shape_factor", "B": "shape_factor"},
        factors={"shape_factor": (1.0,) * 24},
    )


@pytest.fixture(scope="module")
def ran() -> tuple[Any, Any, Season]:
    instance = lively()
    plan = planned(instance)
    return instance, plan, operate(instance, plan, YEAR, limits=LIMITS)


def laws(ran: tuple[Any, Any, Season], table: pd.DataFrame, before: Any = None) -> set[str]:
    """The laws that the judge finds broken in a table."""
    instance, plan, season = ran
    told = check_season(instance, plan, YEAR, table, asdict(before or season.before)).violations
    return set(told["law"])


def test_sound_season_is_let_pass_and_priced(ran: tuple[Any, Any, Season]) -> None:
    season = ran[2]
    assert not season.refused
    assert season.report.violations.empty
    assert season.bound is not None
    assert season.bound <= season.cost * (1 + 1e-9)
    heat = season.series["unit/set/heat_mw"].sum() * 7 + season.series["unit/dear/heat_mw"].sum() * 50
    started = season.series["unit/set/starts"].sum() * 10
    pumped = season.costs.set_index("term").loc["pumping", "season_mcur"]
    assert season.cost - pumped == pytest.approx((heat + started) / 1e6)
    assert season.unserved.empty


def test_level_that_jumps_between_days(ran: tuple[Any, Any, Season]) -> None:
    table = ran[2].series.copy()
    table.loc[24:, "store/tank/level_mwh"] = (table.loc[24:, "store/tank/level_mwh"] + 1).clip(upper=10)
    assert "operation.store_level" in laws(ran, table)
    told = check_season(ran[0], ran[1], YEAR, table, asdict(ran[2].before)).violations
    assert told[told["law"] == "operation.store_level"]["hour"].min() == 24


def test_start_too_soon_after_midnight(ran: tuple[Any, Any, Season]) -> None:
    """Off from hour 23 on, on again in hour 25: two hours of rest of the four."""
    table = ran[2].series.copy()
    assert (table.loc[22:26, "unit/set/machines_on"] == 1).all()
    for quantity in ("machines_on", "corner_least_machines", "corner_full_machines", "heat_mw"):
        table.loc[23:24, f"unit/set/{quantity}"] = 0.0
    table.loc[25, "unit/set/starts"] = 1.0
    assert "operation.min_down" in laws(ran, table)


def test_stop_too_soon_after_the_hours_before(ran: tuple[Any, Any, Season]) -> None:
    """The state says that the set started in the hour before the first; it may not be off in hour 0."""
    table, before = ran[2].series.copy(), ran[2].before
    for quantity in ("machines_on", "starts", "corner_least_machines", "corner_full_machines", "heat_mw"):
        table.loc[0:2, f"unit/set/{quantity}"] = 0.0
    started = replace(before, on={"set": (0.0,) * 4 + (1.0,)}, starts={"set": (0.0,) * 3 + (1.0,)})
    assert "operation.min_up" in laws(ran, table, started)


def test_heat_that_arrives_without_having_entered(ran: tuple[Any, Any, Season]) -> None:
    """Of what flows in in hour 23 one MW is taken away: B gets it all the same in hour 25."""
    table = ran[2].series.copy()
    table.loc[23, "pipe/ab/line/flow_mw"] -= 1.0
    table.loc[23, "node/A/spill_mw"] += 1.0
    told = check_season(ran[0], ran[1], YEAR, table, asdict(ran[2].before)).violations
    missed = told[told["law"] == "operation.balance"]
    assert set(zip(missed["hour"], missed["id"], strict=True)) >= {(25, "B")}


def test_heat_before_the_first_hour_arrives(ran: tuple[Any, Any, Season]) -> None:
    """Without what went in before, B misses heat in the first two hours, and in no other."""
    before = replace(ran[2].before, entered_mw={"ab/line": (0.0, 0.0)})
    told = check_season(ran[0], ran[1], YEAR, ran[2].series, asdict(before)).violations
    assert set(told["hour"]) == {0, 1}


def test_ramp_broken_at_midnight(ran: tuple[Any, Any, Season]) -> None:
    """8 MW more than in the hour before, of a set that follows by half of its 10 MW."""
    table = ran[2].series.copy()
    for hour, least, full in ((23, 1.0, 0.0), (24, 0.0, 1.0)):
        table.loc[hour, ["unit/set/corner_least_machines", "unit/set/corner_full_machines"]] = [least, full]
        table.loc[hour, "unit/set/heat_mw"] = 2 * least + 10 * full
    told = check_season(ran[0], ran[1], YEAR, table, asdict(ran[2].before)).violations
    assert 24 in set(told[told["law"] == "operation.ramp"]["hour"])


def test_rows_and_state_that_cannot_be(ran: tuple[Any, Any, Season]) -> None:
    table = ran[2].series
    assert laws(ran, table.drop(columns="unit/set/starts")) >= {"operation.rows"}
    assert laws(ran, table.assign(**{"unit/ghost/heat_mw": 0.0})) == {"operation.rows"}
    full = replace(ran[2].before, level_mwh={"tank": 11.0})
    assert "before" in laws(ran, table, full)


def test_season_of_the_plans_own_day_costs_what_the_plan_expects() -> None:
    """Two equal days and steps of a day: nothing changes from hour to hour, so plan and season are the same."""
    instance = town(2)
    season = operate(instance, planned(instance), YEAR, limits=LIMITS)
    assert season.cost == pytest.approx(2 * 24 * 10 * 20 / 1e6)
    assert season.planned_cost == pytest.approx(season.cost)


def test_unsound_plan_shows_where_and_when() -> None:
    """B asks for 60 MW in hour 30 and 6 else, behind a pipe of 50 MW: 10 MW are missing, there and then."""
    instance = town(
        2,
        {"shape_factor": hourly(2, 0.1, {30: 1.0})},
        nodes=("A", "B"),
        types=[TYPE],
        pipes=[LINE],
        demands={"A": 10, "B": 60},
        shapes={"B": "shape_factor"},
        factors={"shape_factor": (0.5,) * 24},
    )
    season = operate(instance, planned(instance), YEAR, limits=LIMITS)
    assert not season.refused
    assert season.unserved.to_dict("records") == [
        {"hour": 30, "node": "B", "demand_mw": pytest.approx(60), "unserved_mw": pytest.approx(10)}
    ]
    assert season.costs.set_index("term").loc["unserved", "season_mcur"] == pytest.approx(10 * 10_000 / 1e6)


def test_contingency_leaves_what_can_still_be_served() -> None:
    """The only pipe to B lost: B gets nothing, A everything. Half of the sets of A lost: 20 of 30 MW are there.

    Half of each demand is guaranteed: 5 and 10 MW go first, and only then the 5 MW that are left.
    """
    instance = town(
        4,
        nodes=("A", "B"),
        types=[TYPE],
        pipes=[LINE],
        demands={"A": 10, "B": 20},
        technologies=[boiler("b", 5, size=20)],
        units=[{"id": "b", "technology": "b", "count": 2}],
        contingencies=[{"id": "pipe", "pipe": "ab", "lost_share": 1}, {"id": "half", "unit": "b", "lost_share": 0.5}],
        guarantee=0.5,
    )
    season = operate(instance, planned(instance), YEAR, contingencies=True, limits=LIMITS)
    served = season.contingencies.set_index(["contingency", "node"])
    assert served.loc[("pipe", "A"), "served_share"] == pytest.approx(1)
    assert served.loc[("pipe", "B"), "served_share"] == pytest.approx(0)
    assert served.loc["half", "unserved_mwh"].sum() == pytest.approx(72 * 10)
    assert served.loc["half", "served_share"].min() >= 0.5 - 1e-6
    assert served.loc["half", "demand_mwh"].sum() == pytest.approx(72 * 30)


def test_folder_is_whole_and_the_page_tells(ran: tuple[Any, Any, Season], tmp_path: Path) -> None:
    from rich.console import Console

    summary = folders.save(ran[2], "abc", tmp_path)
    assert folders.is_season(tmp_path)
    assert json.loads((tmp_path / "season.json").read_text())["cost"] == pytest.approx(ran[2].cost)
    assert summary["check"] == {"violations": 0}
    back = pd.read_parquet(tmp_path / "operation.parquet")
    assert laws(ran, back) == set()
    costs = pd.read_csv(tmp_path / "costs.csv")
    assert list(costs) == ["term", "plan_meur", "season_meur"]
    assert costs["season_meur"].sum() == pytest.approx(ran[2].cost)
    load = pd.read_csv(tmp_path / "load_duration.csv")
    assert load["demand_mw"].is_monotonic_decreasing
    assert load["demand_mw"].sum() == pytest.approx(12 * (5 + 0.1 * 43))
    units = pd.read_csv(tmp_path / "units.csv").set_index("unit")
    assert units.loc["set", "full_load_h"] == pytest.approx(units.loc["set", "heat_mwh"] / 10)
    console = Console(width=120)
    with console.capture() as shown:
        console.print(season_page(ran[2]))
    assert "unserved heat: none in any district and hour" in shown.get()


def test_what_cannot_be_meant_is_told(ran: tuple[Any, Any, Season]) -> None:
    instance, plan, _ = ran
    with pytest.raises(UsageError, match="--stage 1999: the plan has no such stage; it has 2025"):
        operate(instance, plan, 1999)
    with pytest.raises(UsageError, match=r"--dispatch nobody: is not installed; there are: .*rolling"):
        operate(instance, plan, YEAR, dispatcher="nobody")
    with pytest.raises(UsageError):
        operate(instance, plan, YEAR, weather="nowhere.csv")
    with pytest.raises(UsageError, match="--window-hours 30: must be whole days"):
        operate(instance, plan, YEAR, window=Window(30, 0))
