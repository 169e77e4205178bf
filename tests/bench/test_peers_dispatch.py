"""The dispatch of tiny systems costs what it costs by hand: in heatnet, in PyPSA and in oemof.solph.

Sensitivity, one sentence per test:
- ring: hours that do not close to a ring, starts that are not charged, and least times that are not kept, change the
  cost of a set that is on over midnight.
- store: a store without its efficiency, its power or its size, or that ends emptier than it began, is cheaper.
- delay: heat that comes out at once meets other prices than heat that went in two hours before.
- pumps: a pump curve of one slope, or without the power of stations, gives another price of a flow.
- cluster: machines that run in parts where they are committed, or heat stations that let all through, are cheaper.
- season: a rolling horizon that forgets what was on charges a start in every window.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from heatnet.bench.peers import ours
from heatnet.bench.peers.features import LEFT_OUT, without
from heatnet.bench.peers.outcome import Outcome, Task
from heatnet.instance import Instance, Series
from heatnet.instance import records as r
from heatnet.instance.series import Hours
from heatnet.physics import pipes

SOURCE = "assumed: test"
DEAR = [*range(6), *range(18, 24)]
"""The cold hours: the load is 20 MW, else 10; fuel costs three times as much, where it changes."""

ADAPTERS = {"PyPSA": ("pypsa", "in_pypsa"), "oemof.solph": ("oemof.solph", "in_oemof")}


def run(side: str, instance: Instance) -> Outcome:
    """One side on the first day, without what the adapter of that side leaves out."""
    left_out = LEFT_OUT[f"{'PyPSA' if side == 'heatnet' else side}, dispatch"]
    reduced = without(instance, left_out)
    task = Task(reduced, Hours.of(reduced, 0, 24), gap=1e-9, seconds=60.0)
    if side == "heatnet":
        return ours.dispatch(task)
    package, module = ADAPTERS[side]
    pytest.importorskip(package, reason=f"{side} is NOT compared; pip install 'heatnet[peers]'")
    told: Outcome = importlib.import_module(f"heatnet.bench.peers.{module}").dispatch(task)
    return told


SIDES = pytest.mark.parametrize("side", ["heatnet", *ADAPTERS])


def cost(told: Outcome) -> float:
    """In currency."""
    assert told.proved
    assert told.cost is not None
    return told.cost * 1e6


def town(units: dict[str, tuple[str, int]], technologies: list[Any], capability: list[Any], **parts: Any) -> Instance:
    """A plant and a district, a pipe between them that loses 1 MW, no interest, so that every cost weighs 1."""
    cold = np.isin(np.arange(24), DEAR)
    header = r.Header(
        schema_version=1,
        name="town",
        title="Town",
        currency="EUR",
        base_year=2025,
        stages=(r.header.Stage(year=2025, span_years=1, source=SOURCE),),
        season=r.header.Season(
            start="01-10",
            design_outdoor_c=-10,
            indoor_c=20,
            load_floor_share=parts.pop("floor", 0.1),
            inertia_h=1,
            source=SOURCE,
        ),
        economics=r.header.Economics(
            discount_rate_share=0, unserved_cur_per_mwh=1000, shortfall_mcur_per_mw_year=1, source=SOURCE
        ),
        regimes=(r.header.Regime(id="water", supply_c=120, return_c=60, ground_c=10, source=SOURCE),),
        solve=r.header.SolveDefaults(days=1),
    )
    pipe = {"id": "way", "from_node": "plant", "to_node": "town", "length_km": 10, "regime": "water"}
    pipe |= {"existing_type": "DN500", "existing_pairs": 1, "source": SOURCE} | parts.pop("pipe", {})
    plant = {"id": "plant", "kind": "plant", "lat_deg": 50, "lon_deg": 10, "source": SOURCE} | parts.pop("plant", {})
    kind = {"id": "DN500", "inner_diameter_mm": 500, "velocity_max_m_per_s": 2, "roughness_mm": 0.5, "source": SOURCE}
    kind |= {"heat_transfer_w_per_m_k": parts.pop("loss", 0.625), "capex_mcur_per_km": 0, "fixed_share_per_year": 0}
    fuel = {"id": "fuel", "price_cur_per_mwh": 1, "price_series": "price_factor", "co2_t_per_mwh": 0, "source": SOURCE}
    return Instance(
        header=header,
        zones=(),
        nodes=(r.Node(**plant), r.Node(id="town", kind="district", lat_deg=50, lon_deg=10.1, source=SOURCE)),
        pipe_types=(r.PipeType(**kind, life_years=40),),
        pipes=(r.Pipe(**pipe),),
        fuels=(r.Fuel(**fuel),),
        technologies=tuple(technologies),
        capability=tuple(capability),
        retrofits=(),
        units=tuple(
            r.Unit(id=name, node=node, technology=name, size_mw=1, count=count, may_retire=False, source=SOURCE)
            for name, (node, count) in units.items()
        ),
        stores=tuple(parts.pop("stores", ())),
        demands=(r.Demand(node="town", year=2025, area_mm2=1, peak_w_per_m2=parts.pop("load", 20), source=SOURCE),),
        envelopes=(),
        connections=(),
        contingencies=(),
        series=Series(
            {
                "outdoor_c": np.where(cold, -10.0, 5.0),
                "power_wholesale_cur_per_mwh": np.zeros(24),
                "power_retail_cur_per_mwh": np.full(24, parts.pop("retail", 0.0)),
                "price_factor": np.where(cold, parts.pop("dear", 1.0), 1.0),
            }
        ),
    )


def technology(name: str, **parts: Any) -> r.Technology:
    return r.Technology(id=name, kind="boiler", fuel="fuel", size_mw=1, life_years=20, source=SOURCE, **parts)


def corner(name: str, corner: str, heat: float, fuel: float) -> r.Corner:
    return r.Corner(technology=name, corner=corner, heat_mw=heat, power_mw=0, fuel_mw=fuel, source=SOURCE)


BOILER = ([technology("boiler")], [corner("boiler", "full", 1, 15)])
"""15 an hour and MW, one machine a MW."""


@SIDES
@pytest.mark.parametrize(
    ("times", "expected"),
    [
        # Cold hours: 20 MW and 1 MW of loss. The set: 200 at 15 MW, 300 at 30 MW, so 240; boilers 21 · 15 = 315.
        # Warm hours: 11 MW. The set at its least, the rest spilt: 200; boilers 165. One start over midnight: 100.
        ({}, 12 * 240 + 12 * 165 + 100),
        ({"min_down_h": 13}, 11 * 240 + 315 + 12 * 165 + 100),
        ({"min_up_h": 13}, 12 * 240 + 200 + 11 * 165 + 100),
        ({"start_cur_per_mw": 421}, 12 * 240 + 12 * 200),  # a start costs more than the warm hours: it stays on
    ],
)
def test_ring(side: str, times: dict[str, float], expected: float) -> None:
    commitment = {"commitment": "hourly", "start_cur_per_mw": 100} | times
    instance = town(
        {"boiler": ("town", 30), "set": ("plant", 1)},
        [*BOILER[0], technology("set", **commitment)],
        [*BOILER[1], corner("set", "least", 15, 200), corner("set", "full", 30, 300)],
    )
    assert cost(run(side, instance)) == pytest.approx(expected, rel=1e-6)


@SIDES
def test_store(side: str) -> None:
    # Filled once a day at 15: 24 MWh take 30 MWh, which replace 24 MWh at 45. No pipe losses.
    store = r.Store(
        id="tank", node="town", existing_mwh=24, hours=2, efficiency_share=0.8, life_years=20, source=SOURCE
    )
    instance = town({"boiler": ("town", 40)}, *BOILER, stores=[store], dear=3.0, loss=0.0)
    expected = (12 * 10 + 30) * 15 + (12 * 20 - 24) * 45
    assert cost(run(side, instance)) == pytest.approx(expected, rel=1e-6)


@SIDES
def test_delay(side: str) -> None:
    # What comes out at 18 and 19 went in at 16 and 17, cheap; what comes out at 6 and 7 went in dear.
    instance = town({"boiler": ("plant", 40)}, *BOILER, pipe={"delay_h": 2}, dear=3.0, loss=0.0)
    late = 10 * 20 * 45 + 2 * 20 * 15 + 2 * 10 * 45 + 10 * 10 * 15
    at_once = 12 * 20 * 45 + 12 * 10 * 15
    assert cost(run(side, instance)) == pytest.approx(at_once if side == "oemof.solph" else late, rel=1e-6)


@SIDES
def test_pumps(side: str) -> None:
    flow = 0.75 * pipes.capacity_mw(500, 2, 120, 60)
    pump = 10 * pipes.pump_mw_per_km(500, 1.5, 0.5) + 0.001 * flow
    units = {"boiler": ("plant", 200)}
    instance = town(units, *BOILER, pipe={"station_power_share": 0.001}, floor=1.0, loss=0.0, retail=100.0, load=flow)
    assert cost(run(side, instance)) == pytest.approx(24 * (15 * flow + 100 * pump), rel=1e-6)


@SIDES
def test_cluster(side: str) -> None:
    # Sets of 8 MW for 40 an hour, all or nothing; the station lets 20 MW out, so two of them at most. Cold hours,
    # 21 MW: two sets and 5 MW of boilers, 80 + 75. Warm hours, 11 MW: one set and 3 MW, 85, or two that spill: 80.
    instance = town(
        {"boiler": ("town", 30), "set": ("plant", 3)},
        [*BOILER[0], technology("set", commitment="hourly")],
        [*BOILER[1], corner("set", "full", 8, 40)],
        plant={"heat_station_mw": 20},
    )
    assert cost(run(side, instance)) == pytest.approx(12 * 155 + 12 * 80, rel=1e-6)


@pytest.mark.parametrize("side", ["heatnet", "PyPSA"])
def test_season(side: str) -> None:
    # The set of `test_ring` over three such days, nothing on before them: it starts at the first hour and at 18 on
    # every day. The last hours of a day and the first of the next are one run.
    base = town(
        {"boiler": ("town", 30), "set": ("plant", 1)},
        [*BOILER[0], technology("set", commitment="hourly", start_cur_per_mw=100)],
        [*BOILER[1], corner("set", "least", 15, 200), corner("set", "full", 30, 300)],
    )
    series = Series({name: np.tile(values, 3) for name, values in base.series.items()})
    instance = without(base.replace(series=series), LEFT_OUT["PyPSA, season"])
    task = Task(instance, Hours.of(instance, 0, 72), gap=1e-9, seconds=60.0)
    if side == "heatnet":
        told = ours.season(task, 48, 24)
    else:
        pytest.importorskip("pypsa", reason="PyPSA is NOT compared; pip install 'heatnet[peers]'")
        told = importlib.import_module("heatnet.bench.peers.in_pypsa").season(task, 48, 24)
    assert told.cost is not None
    assert told.cost * 1e6 == pytest.approx(3 * (12 * 240 + 12 * 165) + 4 * 100, rel=1e-6)
