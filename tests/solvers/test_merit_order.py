"""A season by rules: small towns by hand, and every run put into the model of the hours, which knows no rule.

Sensitivity, what would go unnoticed without each test:
- list: units in another order than that of their marginal cost, or the cheap one not full.
- pipe: a pipe loaded beyond its capacity, its loss or its pump left out.
- must_run: a must-run unit that follows the list, its surplus not spilled.
- day: machines that go on and off within the day, one too few for its largest demand, or on for power alone.
- least times: a machine started again, or stopped, too soon.
- store: filled when heat is dear, emptied when it is cheap, level or losses counted wrong.
- seasonal store: a pit that does not follow the plan, or a level that is off by an hour.
- store flat: heat moved where nothing is gained.
- long line: heat that arrives at once, is sent too late for the need, or in the last hours for nobody.
- two ways: heat that is late on the slower way counted in the wrong hour, or lost.
- on its way: heat that had entered before the first hour.
- limit: a yearly limit used up before the season ends.
- ramp: a unit that follows faster than it can.
- lacking: heat that no source can bring not told as unserved.
- cannot: losses that nothing can meet passed over.
- town: any law of the hours broken in a town that has everything; a cost below the bound of the LP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from formulation.city import boiler, city

from heatnet.errors import SolverError
from heatnet.formulation.case import Case
from heatnet.instance import Instance
from heatnet.instance.series import Hours
from heatnet.operate.dispatch import Window
from heatnet.operate.stage import Stage
from heatnet.operate.state import Run, State
from heatnet.solve import Limits
from solvers.highs import Session, Warm
from solvers.merit_order import MeritOrder
from solvers.merit_order.wave import Wave, leads_h
from solvers.numbers import Numbers
from solvers.season import Writer

QUIET = Limits(threads=1)
NEAR = 1e-4
"""A run put into the model has a little room around every value, so its cost there is not quite its own."""


def standing(instance: Instance) -> Stage:
    """The first stage of an instance with all that is there at its start, on the whole season."""
    case = Case(instance, Hours.of(instance))
    year, hours = instance.stages[0].year, instance.series.hours
    pairs = {line.id: float(line.pipe.existing_pairs) if line.exists else 0.0 for line in case.lines.values()}
    return Stage(
        case,
        year,
        {unit.id: float(unit.count) for unit in instance.units},
        {(m.id, mode): float(m.unit.count) for m in case.machines.values() for mode in m.retrofits},
        pairs,
        {store.id: store.existing_mwh for store in instance.stores},
        {node: instance.design_heat_mw(node, year) for node in instance.demand_nodes},
        {store.id: np.zeros(hours + 1) for store in instance.stores if store.seasonal},
        {rule.id: np.arange(hours + 1) / hours for rule in instance.header.rules},
    )


def run(stage: Stage, before: State | None = None) -> tuple[Run, float]:
    """A run by the rules, and its cost in the model of the hours, where it must keep every law."""
    before = before or State.idle(stage)
    found = MeritOrder().dispatch(stage, before, window=Window(), limits=QUIET, observer=lambda progress: None).run
    return found, judged(stage, before, found)


def judged(stage: Stage, before: State, found: Run) -> float:
    """Cost in million of a run in the model of the hours, all its columns held; fails where a law is broken."""
    model = Writer(Numbers(stage), stage.hours.start, len(stage.hours), before).write()
    low, up = model.matrix.low.copy(), model.matrix.up.copy()
    frames = {
        "corner": found.corners,
        "start": found.starts,
        "forward": found.flow_mw.clip(lower=0.0),
        "backward": (-found.flow_mw).clip(lower=0.0),
        "charge": found.charge_mw,
        "discharge": found.discharge_mw,
        "level": found.level_mwh,
        "unserved": found.unserved_mw,
        "spill": found.spill_mw,
    }
    for kind, frame in frames.items():
        for name, at in model.columns.get(kind, {}).items():
            values = frame[name].to_numpy()
            low[at], up[at] = np.maximum(values - 1e-5, low[at]), np.minimum(values + 1e-5, up[at])
            assert (low[at] <= up[at]).all(), (kind, name)
    outcome = Session(QUIET, lambda progress: None).solve("judge", replace(model.matrix, low=low, up=up))
    assert outcome.status == "optimal", outcome.stop_reason
    assert outcome.cost is not None
    return outcome.cost


def heat(stage: Stage, found: Run, unit: str) -> pd.Series:
    """Heat of a unit by hour, MW."""
    corners = stage.case.machines[unit].corners
    return sum(
        (found.corners[unit, name] * corner.heat_mw for name, corner in corners.items()),
        pd.Series(0.0, found.corners.index),
    )


def halves(first: float, second: float) -> dict[str, list[float]]:
    """A factor series `wave_factor` with one value before noon and one after it."""
    return {"wave_factor": [first, second]}


CHEAP, DEAR = boiler("cheap", 10.0, size=60.0), boiler("dear", 30.0, size=60.0)


# --- the list ------------------------------------------------------------------------------------------------


def test_list() -> None:
    """100 MW before noon, 50 after: 60 cheap and 40 dear, then 50 cheap; 12 · (600 + 1200 + 500) = 27,600."""
    instance = city(
        technologies=[CHEAP, DEAR],
        units=[{"id": "dear", "technology": "dear", "count": 1}, {"id": "cheap", "technology": "cheap", "count": 1}],
        demands={"A": 100.0},
        shapes={"A": "wave_factor"},
        factors=halves(1.0, 0.5),
        outdoor=[-10.0],
    )
    stage = standing(instance)
    found, cost = run(stage)
    assert heat(stage, found, "cheap").tolist() == pytest.approx([60] * 12 + [50] * 12)
    assert heat(stage, found, "dear").tolist() == pytest.approx([40] * 12 + [0] * 12, abs=1e-9)
    assert cost == pytest.approx(0.0276, rel=NEAR)


def test_pipe() -> None:
    """80 MW at A, the cheap boiler behind a pipe of 30 MW that loses 1 MW: 30 - 0.5 arrive, the dear one gives 50.5.

    The cheap one gives 30.5 MW, half the loss at its end. 24 · (305 + 1515) = 43,680, power for the pump is free.
    """
    instance = city(
        nodes=["A", "B"],
        types=[{"id": "pair", "capacity_mw": 30, "loss_mw_per_km": 0.1}],
        pipes=[{"id": "p", "from_node": "B", "to_node": "A", "existing_type": "pair", "existing_pairs": 1}],
        technologies=[CHEAP, DEAR],
        units=[
            {"id": "cheap", "technology": "cheap", "count": 1, "node": "B"},
            {"id": "dear", "technology": "dear", "count": 1},
        ],
        demands={"A": 80.0},
        outdoor=[-10.0],
    )
    stage = standing(instance)
    found, cost = run(stage)
    assert found.flow_mw["p/pair"].tolist() == pytest.approx([30] * 24)
    assert heat(stage, found, "cheap").tolist() == pytest.approx([30.5] * 24)
    assert heat(stage, found, "dear").tolist() == pytest.approx([50.5] * 24)
    assert cost == pytest.approx(0.04368, rel=NEAR)


def test_must_run() -> None:
    """A dear must-run of 60 MW runs in full; of the 100 and 50 MW the cheap one gives 40 and none, 10 are spilled."""
    instance = city(
        technologies=[CHEAP, {**DEAR, "must_run": True}],
        units=[{"id": name, "technology": name, "count": 1} for name in ("cheap", "dear")],
        demands={"A": 100.0},
        shapes={"A": "wave_factor"},
        factors=halves(1.0, 0.5),
        outdoor=[-10.0],
    )
    stage = standing(instance)
    found, cost = run(stage)
    assert heat(stage, found, "dear").tolist() == pytest.approx([60] * 24)
    assert heat(stage, found, "cheap").tolist() == pytest.approx([40] * 12 + [0] * 12, abs=1e-9)
    assert found.spill_mw["A"].tolist() == pytest.approx([0] * 12 + [10] * 12, abs=1e-9)
    assert cost == pytest.approx((24 * 1800 + 12 * 400) / 1e6, rel=NEAR)


# --- machines on ---------------------------------------------------------------------------------------------

SET = {
    "id": "set",
    "kind": "back_pressure",
    "size_mw": 40.0,
    "commitment": "daily",
    "corners": {"full": (40.0, 0.0, 40.0), "least": (20.0, 0.0, 24.0), "power": (0.0, 20.0, 40.0)},
    "fuel": "coal",
}
"""40 MW of heat of 40 MW of fuel at best, 20 of 24 at least, or 20 MW of power alone of 40."""


@pytest.mark.parametrize("commitment", ["daily", "hourly"])
def test_day(commitment: str) -> None:
    """70 MW before noon, 25 after: two sets for the day. Fuel at 10; the boiler at 30 is not needed.

    After noon two sets give 25 MW, a at least, b at full, c at power alone, a + b + c = 2: of 24 a + 40 b + 40 c =
    80 - 16 a MW of fuel least with a = 2, so 48 MW; 15 of 40 MW of heat are spilled.
    Before noon 20 a + 40 b = 70: a = 0.5, 12 + 60 = 72 of fuel. In the day 12 · (720 + 480) = 14,400.
    """
    instance = city(
        fuels={"coal": 10.0},
        technologies=[{**SET, "commitment": commitment}, DEAR],
        units=[{"id": "set", "technology": "set", "count": 3}, {"id": "dear", "technology": "dear", "count": 1}],
        demands={"A": 70.0},
        shapes={"A": "wave_factor"},
        factors=halves(1.0, 25 / 70),
        outdoor=[-10.0],
    )
    stage = standing(instance)
    found, cost = run(stage)
    assert found.corners["set"].sum(axis=1).tolist() == pytest.approx([2] * 24)
    assert found.spill_mw["A"].tolist() == pytest.approx([0] * 12 + [15] * 12, abs=1e-9)
    assert cost == pytest.approx(0.0144, rel=NEAR)
    if commitment == "hourly":
        assert found.starts["set"].tolist() == [2] + [0] * 23


def test_power_alone() -> None:
    """Power at 30 before noon, 0 after: alone it earns 12 · (20 · 30 - 400) and costs 12 · 400; no third set is on."""
    instance = city(
        fuels={"coal": 10.0},
        technologies=[SET, DEAR],
        units=[{"id": "set", "technology": "set", "count": 3}, {"id": "dear", "technology": "dear", "count": 1}],
        demands={"A": 80.0},
        wholesale=[30.0, 0.0],
        outdoor=[-10.0],
    )
    found, _ = run(standing(instance))
    assert found.corners["set"].sum(axis=1).tolist() == pytest.approx([2] * 24)


def test_least_times() -> None:
    """Days at 40, 0, 40 and 0 MW. Up 40 h at least: the set starts on day 0, stays on over day 1, may stop on day 3.

    Down 40 h at least: one that stopped an hour before the first day stays off for two days, and the boiler steps in.
    """
    hourly = {**SET, "commitment": "hourly", "min_up_h": 40.0, "min_down_h": 40.0}
    instance = city(
        fuels={"coal": 10.0},
        technologies=[hourly, DEAR],
        units=[{"id": "set", "technology": "set", "count": 1}, {"id": "dear", "technology": "dear", "count": 1}],
        demands={"A": 40.0},
        outdoor=[-10.0, 20.0, -10.0, 20.0],
    )
    stage = standing(instance)
    found, _ = run(stage)
    assert found.corners["set"].sum(axis=1).tolist() == pytest.approx([1] * 72 + [0] * 24)
    assert found.starts["set"].tolist() == [1] + [0] * 95
    idle = State.idle(stage)
    stopped = replace(idle, on={"set": (1.0,) * 40 + (0.0,)})
    found, _ = run(stage, stopped)
    assert found.corners["set"].sum(axis=1).tolist() == pytest.approx([0] * 48 + [1] * 48)
    assert heat(stage, found, "dear").tolist() == pytest.approx([40] * 24 + [0] * 72, abs=1e-9)


def test_ramp() -> None:
    """A boiler of 60 MW that changes by a tenth an hour: from nothing to 6, 12, … MW, the dear one gives the rest."""
    instance = city(
        technologies=[{**CHEAP, "ramp_share_per_h": 0.1}, DEAR],
        units=[{"id": name, "technology": name, "count": 1} for name in ("cheap", "dear")],
        demands={"A": 60.0},
        outdoor=[-10.0],
    )
    stage = standing(instance)
    found, _ = run(stage)
    assert heat(stage, found, "cheap").tolist() == pytest.approx([min(6 * k, 60) for k in range(1, 25)])


# --- stores --------------------------------------------------------------------------------------------------


def electric(**store: Any) -> Instance:
    """50 MW from electrode boilers at 10 a MWh before noon and 30 after it, and a store of 120 MWh and 20 MW."""
    return city(
        technologies=[
            {"id": "electrode", "kind": "electrode_boiler", "size_mw": 100.0, "corners": {"full": (100, -100, 0)}}
        ],
        units=[{"id": "electrode", "technology": "electrode", "count": 1}],
        stores=[{"id": "tank", "existing_mwh": 120.0, "hours": 6.0, **store}],
        demands={"A": 50.0},
        retail=[10.0, 30.0],
        outdoor=[-10.0],
    )


def test_store() -> None:
    """Filled with 20 MW over six cheap hours, emptied over six dear ones: 120 MWh at 10 in place of 30.

    12 · 500 + 1200 + 12 · 1500 - 3600 = 21,600. With half of what goes in lost, a MWh in is worth 0.5 · 20 (the mean
    of the day), no more than it costs: nothing moves, 24,000. With 0.8 it is worth 16; 150 MWh go in at 10, 120 out:
    6000 + 1500 + 18,000 - 3600 = 21,900.
    """
    stage = standing(electric())
    found, cost = run(stage)
    assert cost == pytest.approx(0.0216, rel=NEAR)
    assert found.level_mwh["tank"].max() == pytest.approx(120)
    assert found.level_mwh["tank"].iloc[-1] == pytest.approx(0, abs=1e-6)
    assert not found.discharge_mw["tank"].iloc[:12].any()
    assert run(standing(electric(efficiency_share=0.5)))[1] == pytest.approx(0.024, rel=NEAR)
    assert run(standing(electric(efficiency_share=0.8)))[1] == pytest.approx(0.0219, rel=NEAR)


def test_store_loss() -> None:
    """A store that loses 10 % an hour and begins with 100 MWh: 90 after an hour in which nothing is done with it."""
    stage = standing(electric(loss_share_per_h=0.1, hours=1200.0))
    before = replace(State.idle(stage), level_mwh={"tank": 100.0})
    found, _ = run(stage, before)
    charged = found.charge_mw["tank"].iloc[0]
    assert found.level_mwh["tank"].iloc[0] == pytest.approx(90 + charged)


def test_store_flat() -> None:
    """Where all hours cost the same, nothing moves."""
    stage = standing(electric().replace(series=_flat(electric())))
    found, _ = run(stage)
    assert not found.charge_mw["tank"].any()


def test_seasonal_store() -> None:
    """A pit that the plan fills with 5 MW for a day and empties over the next: so it does, whatever the hour costs.

    50 MW at 10 before noon, 30 after: 24 · 50 · 20 a day; 60 MWh more at each price, then as many less: 48,000 in all.
    """
    pit = electric(seasonal=True, hours=24.0)
    pit = pit.replace(series=type(pit.series)({name: np.tile(values, 2) for name, values in pit.series.items()}))
    stage = standing(pit)
    level = np.concatenate([5.0 * np.arange(25), 5.0 * np.arange(23, -1, -1)])
    found, cost = run(replace(stage, planned_mwh={"tank": level}))
    assert found.level_mwh["tank"].tolist() == pytest.approx(level[1:].tolist(), abs=1e-6)
    assert cost == pytest.approx(0.048, rel=NEAR)


def _flat(instance: Instance) -> Any:
    return type(instance.series)({**instance.series, "power_retail_cur_per_mwh": np.full(instance.series.hours, 10.0)})


# --- long lines ----------------------------------------------------------------------------------------------


def far(**changes: Any) -> Instance:
    """A cheap plant at P, three hours from A over a line of 50 MW; a dear boiler at A; 40 MW before noon, 20 after."""
    return city(
        nodes=["A", {"id": "P", "kind": "plant"}],
        types=[{"id": "pair", "capacity_mw": 50}],
        pipes=[
            {"id": "p", "from_node": "P", "to_node": "A", "existing_type": "pair", "existing_pairs": 1, "delay_h": 3},
            *changes.pop("pipes", ()),
        ],
        technologies=[CHEAP, DEAR],
        units=[
            {"id": "cheap", "technology": "cheap", "count": 1, "node": "P"},
            {"id": "dear", "technology": "dear", "count": 1},
        ],
        demands={"A": 40.0},
        shapes={"A": "wave_factor"},
        factors=halves(1.0, 0.5),
        outdoor=[-10.0],
        **changes,
    )


def test_long_line() -> None:
    """Sent three hours ahead of the need; the first three hours are the boiler's; nobody sends for after the last."""
    stage = standing(far())
    found, cost = run(stage)
    assert leads_h(stage) == {"A": 0, "P": 3}
    assert found.flow_mw["p/pair"].tolist() == pytest.approx([40] * 9 + [20] * 12 + [0] * 3, abs=1e-9)
    assert heat(stage, found, "dear").tolist() == pytest.approx([40] * 3 + [0] * 21, abs=1e-9)
    assert cost == pytest.approx((120 * 30 + (9 * 40 + 12 * 20) * 10) / 1e6, rel=NEAR)


def test_on_its_way() -> None:
    """10, 20 and 30 MW are on their way when the hours begin."""
    stage = standing(far())
    before = replace(State.idle(stage), entered_mw={"p/pair": (10.0, 20.0, 30.0)})
    found, _ = run(stage, before)
    assert heat(stage, found, "dear").tolist() == pytest.approx([30, 20, 10] + [0] * 21, abs=1e-9)


def test_two_ways() -> None:
    """A second line of 50 MW and five hours is two hours late. The first brings 50 MW of 60, it brings the rest."""
    second = {"id": "q", "from_node": "P", "to_node": "A", "existing_type": "pair", "existing_pairs": 1, "delay_h": 5}
    instance = far(pipes=[second])
    area = [row.model_copy(update={"area_mm2": 60.0}) for row in instance.demands]
    stage = standing(instance.replace(demands=tuple(area)))
    assert Wave(stage, direct=False).late == {"p/pair": 0, "q/pair": 2}
    found, _ = run(stage)
    total = found.flow_mw.sum(axis=1)
    assert total.sum() > 0.0
    arrived = found.flow_mw["p/pair"].shift(3, fill_value=0.0) + found.flow_mw["q/pair"].shift(5, fill_value=0.0)
    assert arrived.iloc[5:12].tolist() == pytest.approx([60] * 7)
    assert found.flow_mw["q/pair"].sum() > 0.0


# --- limits and what cannot be -------------------------------------------------------------------------------


def test_limit() -> None:
    """Gas for half of the heat of two days: at the pace of the plan, half of every hour; the dear boiler the rest."""
    gas = {**CHEAP, "id": "gas", "fuel": "gas", "corners": {"full": (60.0, 0.0, 60.0)}}
    instance = city(
        fuels={"gas": 0.0},
        technologies=[gas, DEAR],
        units=[{"id": "gas", "technology": "gas", "count": 1}, {"id": "dear", "technology": "dear", "count": 1}],
        demands={"A": 40.0},
        rules=[
            {"id": "cap", "kind": "yearly_limit", "quantity": "fuel_mwh", "select": [{"fuels": ["gas"]}], "most": 960}
        ],
        outdoor=[-10.0, -10.0],
    )
    stage = standing(instance)
    found, cost = run(stage)
    assert heat(stage, found, "gas").tolist() == pytest.approx([20] * 48)
    assert cost == pytest.approx((960 * 10 + 960 * 30) / 1e6, rel=NEAR)


def test_lacking() -> None:
    """120 MW of boilers for 150 MW: 30 unserved in every hour, at 10,000 a MWh."""
    instance = city(
        technologies=[CHEAP, DEAR],
        units=[{"id": name, "technology": name, "count": 1} for name in ("cheap", "dear")],
        demands={"A": 150.0},
        outdoor=[-10.0],
    )
    found, cost = run(standing(instance))
    assert found.unserved_mw["A"].tolist() == pytest.approx([30] * 24)
    assert cost == pytest.approx(24 * (30 * 10_000 + 600 + 1800) / 1e6, rel=NEAR)


def test_cannot() -> None:
    """A pipe to a place without any source loses heat that nobody brings: the place is named."""
    instance = city(
        nodes=["A", "B", "C"],
        types=[{"id": "pair", "capacity_mw": 30, "loss_mw_per_km": 0.1}],
        pipes=[{"id": "p", "from_node": "B", "to_node": "C", "existing_type": "pair", "existing_pairs": 1}],
        technologies=[CHEAP],
        units=[{"id": "cheap", "technology": "cheap", "count": 1}],
        demands={"A": 10.0},
        outdoor=[-10.0],
    )
    with pytest.raises(SolverError, match=r"merit order: at [BC] not even its losses can be met"):
        run(standing(instance))


# --- everything ----------------------------------------------------------------------------------------------


def town(seed: int) -> Instance:
    """Three places and a far plant with sets, boilers, electrode boilers and a tank; weather and prices at random."""
    rng = np.random.default_rng(seed)
    row: Mapping[str, Any] = {"existing_type": "pair", "existing_pairs": 1}
    hourly = {"commitment": "hourly", "min_up_h": 6, "min_down_h": 30, "start_cur_per_mw": 20}
    corners = {**SET["corners"], "cut": (50.0, 4.0, 40.0, "cut"), "cut-least": (28.0, 2.0, 25.0, "cut")}
    own = {**SET, "corners": corners, "ramp_share_per_h": 0.6, **(hourly if seed % 2 else {})}
    return city(
        nodes=["A", {"id": "B", "heat_station_mw": 90.0}, "C", {"id": "P", "kind": "plant"}],
        types=[{"id": "pair", "capacity_mw": 45, "loss_mw_per_km": 0.05}],
        pipes=[
            {"id": "ab", "from_node": "A", "to_node": "B", **row},
            {"id": "bc", "from_node": "B", "to_node": "C", **row},
            {"id": "pa", "from_node": "P", "to_node": "A", "delay_h": 4, **row},
            {"id": "pc", "from_node": "P", "to_node": "C", "delay_h": 6, **row},
        ],
        fuels={"coal": 12.0},
        technologies=[
            own,
            boiler("gas", 35.0, size=40.0),
            boiler("waste", 2.0, size=15.0, must_run=True),
            {"id": "electrode", "kind": "electrode_boiler", "size_mw": 20.0, "corners": {"full": (20, -20, 0)}},
        ],
        units=[
            {"id": "set", "technology": "set", "count": 3, "node": "B"},
            {"id": "gas-a", "technology": "gas", "count": 1, "node": "A"},
            {"id": "gas-c", "technology": "gas", "count": 1, "node": "C"},
            {"id": "plant", "technology": "gas", "count": 2, "node": "P"},
            {"id": "waste", "technology": "waste", "count": 1, "node": "A"},
            {"id": "electrode", "technology": "electrode", "count": 1, "node": "C"},
        ],
        stores=[
            {
                "id": "tank",
                "node": "A",
                "existing_mwh": 80.0,
                "hours": 5,
                "efficiency_share": 0.95,
                "loss_share_per_h": 0.001,
            }
        ],
        demands={"A": 70.0, "B": 40.0, "C": 50.0},
        wholesale=rng.uniform(10, 60, 24).tolist(),
        retail=rng.uniform(15, 80, 24).tolist(),
        outdoor=rng.uniform(-11, 12, 4).tolist(),
        season={"inertia_h": 5},
        retrofits=[{"technology": "set", "mode": "cut", "seasonal": seed > 2}],
    )


@pytest.mark.parametrize("seed", range(6))
def test_town(seed: int) -> None:
    """Every law is kept, and no run costs less than the LP of the same hours. One set of three has the mode `cut`."""
    stage = replace(standing(town(seed)), open_machines={("set", "cut"): 1.0})
    before = State.idle(stage)
    _, cost = run(stage, before)
    vertex = Warm(Writer(Numbers(stage), 0, len(stage.hours), before).write().matrix).solve()
    assert vertex is not None
    assert vertex.cost <= cost + 1e-9
