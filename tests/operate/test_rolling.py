"""A stage run hour by hour against runs worked out by hand: what one hour leaves to the next.

Sensitivity, what would go unnoticed without each test: the level of a store lost at midnight; a least time that ends
with its window; a rest that is forgotten with it; heat on its way lost at midnight; a ramp that a window cannot
prepare; a law or cost in arrays that differs from the model's; windows that are far from the season solved as one, a
bound above its cost, or far below; a yearly limit forgotten from window to window; a window that cannot see what it
decides.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from formulation.city import boiler

from heatnet.errors import UsageError
from heatnet.generate import city as generated
from heatnet.operate.dispatch import Window
from heatnet.operate.stage import Stage
from heatnet.operate.state import State, on
from heatnet.solve import Limits
from operate.towns import LINE, TYPE, YEAR, hourly, planned, run, town
from solvers.highs import Session
from solvers.numbers import Numbers
from solvers.parts import block_part
from solvers.rolling import Rolling
from solvers.season import Writer

TANK = {"id": "tank", "existing_mwh": 10, "hours": 1, "efficiency_share": 1, "loss_share_per_h": 0}


def stage_of(instance: Any) -> Stage:
    return Stage.of(instance, planned(instance), YEAR)


def cost(stage: Stage, dispatch: Any) -> float:
    """Million, from the prices of the corners: what these towns pay."""
    prices = Numbers(stage).corner_cost
    return float(sum((dispatch.run.corners[key].to_numpy() * price).sum() for key, price in prices.items()))


def test_store_filled_before_midnight_is_used_after_it() -> None:
    """Heat at 10 in the last hour of day 0 and at 50 in the first of day 1, else 20; 10 MW are asked for.

    48 · 10 · 20 = 9600 without extremes; −100 and +300 for them: 9800. The tank moves 10 MWh from 10 to 50: 9400.
    """
    stage = stage_of(town(2, {"power_wholesale_cur_per_mwh": hourly(2, 20, {23: 10, 24: 50})}, stores=[TANK]))
    told = run(stage)
    assert told.run.level_mwh["tank"][23] == pytest.approx(10)
    assert told.run.discharge_mw["tank"][24] == pytest.approx(10)
    assert cost(stage, told) == pytest.approx(9400e-6)
    assert told.bound == pytest.approx(9400e-6, rel=1e-6)


def test_what_begins_before_midnight_runs_its_least_time() -> None:
    """10 MW are asked for in hour 23 only; the set gives 10 MW or nothing, and runs 6 hours at least: 23 to 28.

    Windows of one day see the end of hour 23 only: what follows comes from the state. 6 · 10 · 7 = 420.
    """
    shape = hourly(2, 0.0, {23: 1.0})
    set_ = boiler("set", 7, size=10, commitment="hourly", min_up_h=6)
    stage = stage_of(
        town(
            2,
            {"shape_factor": shape},
            technologies=[set_],
            units=[{"id": "set", "technology": "set", "count": 1}],
            shapes={"A": "shape_factor"},
            factors={"shape_factor": (1.0,) * 24},
        )
    )
    for window in (Window(24, 0), Window(48, 24)):
        told = run(stage, window=window)
        ran = on(stage, told.run)["set"]
        assert ran.sum() == 6
        if window.hours == 24:
            assert list(ran.index[ran > 0]) == [23, 24, 25, 26, 27, 28]
        assert told.run.starts["set"].sum() == 1
        assert told.run.unserved_mw["A"].sum() == pytest.approx(0)
        assert cost(stage, told) == pytest.approx(420e-6)


def test_set_that_stopped_before_midnight_rests() -> None:
    """A set that ran until hour −1 and then stops must rest 4 hours; 10 MW asked for in hour 2 stay unserved."""
    set_ = boiler("set", 7, size=10, commitment="hourly", min_down_h=4)
    stage = stage_of(
        town(
            1,
            {"shape_factor": hourly(1, 0.0, {2: 1.0, 5: 1.0})},
            technologies=[set_],
            units=[{"id": "set", "technology": "set", "count": 1}],
            shapes={"A": "shape_factor"},
            factors={"shape_factor": (1.0,) * 24},
        )
    )
    idle = State.idle(stage)
    stopped = replace(idle, on={"set": (1.0, 1.0, 1.0, 1.0, 0.0)}, starts={"set": (0.0,) * 4})
    told = run(stage, stopped, Window(24, 0))
    assert told.run.unserved_mw["A"][2] == pytest.approx(10)  # stopped in hour −1: rests −1, 0, 1 and 2
    assert told.run.unserved_mw["A"][5] == pytest.approx(0)


def test_heat_on_its_way_arrives_after_midnight() -> None:
    """B asks for 10 MW in hour 25 only, over a pipe of 3 hours: they go in in hour 22, at its price of 30: 300."""
    prices = hourly(3, 20, {22: 30})
    instance = town(
        3,
        {"power_wholesale_cur_per_mwh": prices, "shape_factor": hourly(3, 0.0, {25: 1.0})},
        nodes=("A", "B"),
        types=[TYPE],
        pipes=[{**LINE, "delay_h": 3}],
        demands={"B": 10},
        shapes={"B": "shape_factor"},
        factors={"shape_factor": (1.0,) * 24},
    )
    stage = stage_of(instance)
    told = run(stage)
    flow = told.run.flow_mw["ab/line"]
    assert flow[22] == pytest.approx(10)
    assert flow.sum() == pytest.approx(10)
    assert told.run.unserved_mw["B"].sum() == pytest.approx(0)
    assert cost(stage, told) == pytest.approx(300e-6)
    assert told.bound == pytest.approx(300e-6, rel=1e-6)
    with pytest.raises(UsageError, match="--overlap-hours 0: is too short; heat takes 3 h through pipe ab"):
        run(stage, window=Window(24, 0))


def test_ramp_goes_on_over_the_edge_of_a_window() -> None:
    """The set follows by 2 MW an hour; 10 MW asked for from hour 24 on: 4 MW in hour 21, 6 in 22, 8 in 23.

    Before, nothing is asked for and what it gives is spilled; the state says 0. Nothing may be unserved.
    """
    set_ = boiler("set", 7, size=10, ramp_share_per_h=0.2)
    stage = stage_of(
        town(
            2,
            {"shape_factor": [0.0] * 24 + [1.0] * 24},
            technologies=[set_],
            units=[{"id": "set", "technology": "set", "count": 1}],
            shapes={"A": "shape_factor"},
            factors={"shape_factor": (1.0,) * 24},
        )
    )
    heat = run(stage).run.corners["set", "full"] * 10
    assert list(heat[19:25]) == pytest.approx([0, 2, 4, 6, 8, 10])
    blind = run(stage, window=Window(24, 0))
    assert list(blind.run.unserved_mw["A"][24:29]) == pytest.approx([8, 6, 4, 2, 0])


def test_arrays_say_what_the_model_says() -> None:
    """A generated city's coldest day as a ring, by stage: the model's block behind the same links costs the same."""
    instance = generated(12, 2, 1)
    plan = planned_city(instance)
    for year in (stage.year for stage in instance.stages):
        stage = Stage.of(instance, plan, year)
        day = stage.over(0, 24)
        links: dict[tuple[str, str], float] = {("machines", u): n for u, n in stage.machines.items()}
        links |= {("modes", f"{u}/{k}"): n for (u, k), n in stage.open_machines.items()}
        links |= {("pairs", line): n for line, n in stage.pairs.items()}
        links |= {("size", store): n for store, n in stage.size_mwh.items()}
        changing = {row.node for row in (*instance.envelopes, *instance.connections)}
        links |= {("load", node): mw for node, mw in stage.load_mw.items() if node in changing}
        for store in instance.stores:
            if store.seasonal:
                links |= {(kind, store.id): 0.0 for kind in ("net", "low", "high")}
        block = block_part(day.case, {key: (n, n) for key, n in links.items()}, year, 0)
        assert block.matrix is not None
        arrays = Writer(Numbers(day), 0, 24, None).write()
        for matrix, other in ((block.matrix, arrays.matrix), (block.matrix.relaxed(), arrays.matrix.relaxed())):
            limits = Limits(gap=1e-6, threads=1)
            one = Session(limits, lambda progress: None).solve("block", matrix).cost
            two = Session(limits, lambda progress: None).solve("arrays", other).cost
            assert one is not None
            assert two is not None
            assert two * day.case.weight(year) == pytest.approx(one, rel=3e-6)


def planned_city(instance: Any) -> Any:
    from heatnet.solve import solve

    answer = solve(instance, solver="monolithic", days=1, step_hours=24, limits=Limits(gap=0.05, threads=1)).answer
    assert answer.solution is not None
    return answer.solution


def rough(days: int = 4, **changes: Any) -> Stage:
    """Two sets with least times, a tank and a long pipe, and prices and demand that change from hour to hour."""
    hours = np.arange(24 * days)
    shape = 0.6 + 0.4 * np.sin(hours / 3.0) * np.cos(hours / 17.0)
    prices = 30 + 15 * np.sin(hours / 4.0 + 1) + 10 * np.cos(hours / 19.0)
    first = {**boiler("one", 14, size=12), "commitment": "hourly", "min_up_h": 5, "min_down_h": 3}
    first |= {"corners": {"least": (6.0, 0.0, 0.0), "full": (12.0, 0.0, 0.0)}, "start_cur_per_mw": 12}
    pump = {"id": "e", "kind": "heat_pump", "size_mw": 25, "power_price": "wholesale"}
    pump |= {"corners": {"full": (25, -20, 0)}, "ramp_share_per_h": 0.3}
    rows: dict[str, Any] = {
        "technologies": [first, pump],
        "units": [{"id": "one", "technology": "one", "count": 2}, {"id": "e", "technology": "e", "count": 1}],
        "nodes": ("A", "B"),
        "types": [TYPE],
        "pipes": [{**LINE, "delay_h": 2}],
        "demands": {"A": 12, "B": 20},
        "stores": [{**TANK, "existing_mwh": 30, "hours": 5, "efficiency_share": 0.95, "loss_share_per_h": 0.001}],
        "shapes": {"A": "shape_factor", "B": "shape_factor"},
        "factors": {"shape_factor": (1.0,) * 24},
        **changes,
    }
    series = {"shape_factor": shape.tolist(), "power_wholesale_cur_per_mwh": prices.tolist()}
    return stage_of(town(days, series, **rows))


def test_windows_come_close_to_the_season_solved_as_one() -> None:
    """Four days: the bound is below the whole-season optimum, that below the windows, and the three lie close."""
    stage = rough()
    limits = Limits(gap=1e-4, threads=1)
    before = Rolling().begin(stage, limits)
    quiet: Any = lambda progress: None  # noqa: E731
    whole = Rolling().dispatch(stage, before, window=Window(96, 0), limits=limits, observer=quiet)
    rolled = Rolling().dispatch(stage, before, window=Window(48, 24), limits=limits, observer=quiet)
    model = Writer(Numbers(stage), 0, 96, before).write()
    best = Session(limits, lambda progress: None).solve("season", model.matrix)
    assert best.cost is not None
    assert best.bound is not None
    started = 12 * 12 / 1e6

    def price(told: Any) -> float:
        return cost(stage, told) + started * float(told.run.starts["one"].sum())

    assert price(whole) == pytest.approx(best.cost, rel=2e-4)
    assert best.bound * (1 - 1e-9) <= price(rolled) <= best.cost * 1.02
    assert rolled.bound is not None
    assert best.cost * 0.9 <= rolled.bound <= best.cost
    relaxed = Session(limits, lambda progress: None).solve("season", model.matrix.relaxed())
    assert relaxed.cost is not None
    assert rolled.bound <= relaxed.cost * (1 + 1e-9)
    assert rolled.bound == pytest.approx(relaxed.cost, rel=5e-3)


def test_yearly_limit_is_kept_over_all_windows() -> None:
    """Gas at 5, else power at 20, 10 MW for four days, and gas for 480 MWh only: half of the 960 MWh each."""
    gas = {"id": "gas", "kind": "boiler", "size_mw": 20, "fuel": "gas", "corners": {"full": (20, 0, 20)}}
    electric = {"id": "e", "kind": "heat_pump", "size_mw": 100, "power_price": "wholesale"}
    electric |= {"corners": {"full": (100, -100, 0)}}
    instance = town(
        4,
        fuels={"gas": 5},
        technologies=[gas, electric],
        units=[{"id": "gas", "technology": "gas", "count": 1}, {"id": "e", "technology": "e", "count": 1}],
        rules=[
            {"id": "R", "kind": "yearly_limit", "quantity": "fuel_mwh", "most": 480} | {"select": [{"fuels": ["gas"]}]}
        ],
    )
    stage = stage_of(instance)
    told = run(stage)
    used = told.run.corners["gas", "full"] * 20
    assert used.sum() == pytest.approx(480)
    assert used[:24].sum() <= 2 * 120 + 1e-6  # the first window may use what the plan gives its two days
    assert cost(stage, told) == pytest.approx((480 * 5 + 480 * 20) / 1e6)
    assert told.bound == pytest.approx((480 * 5 + 480 * 20) / 1e6, rel=1e-6)


def test_windows_that_cannot_see_are_refused() -> None:
    set_ = boiler("set", 7, size=10, commitment="hourly", min_up_h=30)
    row = {"technologies": [set_], "units": [{"id": "set", "technology": "set", "count": 1}]}
    stage = stage_of(town(3, **row))
    for window, sentence in (
        (Window(24, 0), "--window-hours 24: is too short; unit set must run or rest 30 h at a time"),
        (Window(36, 12), "--window-hours 36: must be whole days"),
        (Window(48, 48), "--overlap-hours 48: must be whole days, from 0 to below the 48 h of the window"),
    ):
        with pytest.raises(UsageError, match=sentence):
            run(stage, window=window)
