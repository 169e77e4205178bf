"""The judge on a network of three nodes that is worked out by hand: its costs, its margin, and every law broken once.

    C --ac-- A ==ab, ab2== B     A: two CHP machines, B: boilers, heat pump, store, all the demand, C: spare boilers

Time: r = 25 %, stages 2020 (two years) and 2022 (three), base year 2020, so that
W = 1 + 0.8 = 1.8 and 0.64 + 0.512 + 0.4096 = 1.5616, δ = 1 and 0.64.
Season of three days at 0, -20 and 10 °C: load factor (20 - T) / 40 = 0.5, 1, 0.25, mean 1.75 / 3. Representative are
day 7 (season day 0, two days) and day 9 (season day 1, the coldest, one day); the load scale of day 7 is
(3 · 1.75 / 3 - 1 · 1) / (2 · 0.5) = 0.75, its load factor then 0.375. Four steps of six hours; shape 1.2 1.2 0.8 0.8.
Design load of B: 1.0 Mm² · 40 W/m² = 40 MW in 2020; area half way between 2020 and 2024 in 2022: 60 MW.
Demand of B: 2020 day 7: 18 18 12 12, day 9: 48 48 32 32; 2022 day 7: 27 27 18 18, day 9: 72 72 48 48.
A pair of `big` over 10 km loses 0.5 · (100 + 40) / 1000 · 10 = 0.7 MW, 0.35 at each end; `free`, `wide` lose nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from heatnet.check import CheckReport, check
from heatnet.instance import Instance, Series
from heatnet.instance import records as r
from heatnet.physics.pipes import capacity_mw, pump_curve
from heatnet.solution import COLUMNS, Solution, frame

if TYPE_CHECKING:
    from collections.abc import Callable

HOURS = (0, 6, 12, 18)
W20, W22 = 1.8, 1.5616
SRC: dict[str, Any] = {"source": "assumed: test"}

SERIES = [
    *[("unit", unit, q) for unit in ("boil", "chp", "hp", "spare") for q in ("machines_on", "heat_mw", "power_mw")],
    *[("unit", unit, "fuel_mw") for unit in ("boil", "chp", "hp", "spare")],
    ("unit", "chp", "starts"),
    *[("unit", unit, f"corner_{c}_machines") for unit in ("boil", "spare") for c in ("full", "zero")],
    *[("unit", "chp", f"corner_{c}_machines") for c in ("full", "pure")],
    *[("unit", "hp", f"corner_{c}_machines") for c in ("max", "min")],
    *[("pipe", line, q) for line in ("ab/big", "ab2/big", "ac/free", "ac/wide") for q in ("flow_mw", "pump_mw")],
    *[("store", "tank", q) for q in ("charge_mw", "discharge_mw", "level_mwh")],
    ("node", "B", "unserved_mw"),
    *[("node", node, "spill_mw") for node in "ABC"],
]


# --- the instance --------------------------------------------------------------------------------------------


def technologies() -> dict[str, Any]:
    chp = r.Technology(
        id="chp_100", name="", kind="extraction", fuel="coal", size_mw=100, commitment="hourly", min_up_h=8,
        min_down_h=7, start_cur_per_mw=30, fixed_mcur_per_mw_year=0.1, variable_heat_cur_per_mwh=1,
        variable_power_cur_per_mwh=2, retire_mcur_per_mw=0.02, life_years=3, **SRC,
    )  # fmt: skip
    hp = r.Technology(
        id="hp_10", name="", kind="heat_pump", size_mw=10, commitment="daily", capex_mcur_per_mw=0.5,
        fixed_mcur_per_mw_year=0.02, design_heat_share=0.5, life_years=3, **SRC,
    )  # fmt: skip
    boiler = r.Technology(
        id="boiler_30", name="", kind="boiler", fuel="gas", size_mw=30, fixed_mcur_per_mw_year=0.01,
        retire_mcur_per_mw=0.01, life_years=30, **SRC,
    )  # fmt: skip
    corners = [
        ("chp_100", "pure", 0, 100, 250),
        ("chp_100", "full", 120, 80, 250),
        ("hp_10", "min", 4, -2, 0),
        ("hp_10", "max", 10, -4, 0),
        ("boiler_30", "zero", 0, 0, 0),
        ("boiler_30", "full", 30, 0, 33),
    ]
    capability = tuple(
        r.Corner(technology=t, corner=c, heat_mw=heat, power_mw=power, fuel_mw=fuel, **SRC)
        for t, c, heat, power, fuel in corners
    )
    return {"technologies": (chp, hp, boiler), "capability": capability}


def units() -> tuple[r.Unit, ...]:
    boil: dict[str, Any] = {"technology": "boiler_30", "size_mw": 30.0, "count": 2}
    return (
        r.Unit(id="chp", name="", node="A", technology="chp_100", size_mw=50, count=2, owner="city", **SRC),
        r.Unit(id="hp", name="", node="B", technology="hp_10", size_mw=10, max_new=2, earliest_year=2022, **SRC),
        r.Unit(id="boil", name="", node="B", may_retire=False, **boil, **SRC),
        r.Unit(id="spare", name="", node="C", max_new=2, earliest_year=2022, retirement_due=True, **boil, **SRC),
    )


def network() -> dict[str, Any]:
    common: dict[str, Any] = {"velocity_max_m_per_s": 2, "roughness_mm": 0.1, **SRC}
    at: dict[str, Any] = {"regime": "hot", **SRC}
    return {
        "nodes": (
            r.Node(id="A", name="", kind="plant", lat_deg=0, lon_deg=0, **SRC),
            r.Node(id="B", name="", kind="district", lat_deg=0, lon_deg=0, **SRC),
            r.Node(id="C", name="", kind="plant", lat_deg=0, lon_deg=0, heat_station_mw=20, **SRC),
        ),
        "pipe_types": (
            r.PipeType(
                id="big", inner_diameter_mm=500, heat_transfer_w_per_m_k=0.5, capex_mcur_per_km=4,
                fixed_share_per_year=0.01, life_years=3, **common,
            ),
            r.PipeType(
                id="free", inner_diameter_mm=400, heat_transfer_w_per_m_k=0, capex_mcur_per_km=1,
                fixed_share_per_year=0.02, life_years=3, **common,
            ),
            r.PipeType(
                id="wide", inner_diameter_mm=450, heat_transfer_w_per_m_k=0, capex_mcur_per_km=2,
                fixed_share_per_year=0.02, life_years=2, **common,
            ),
        ),
        "pipes": (
            r.Pipe(id="ab", from_node="A", to_node="B", length_km=10, existing_type="big", existing_pairs=1, **at),
            r.Pipe(
                id="ab2", from_node="A", to_node="B", length_km=10, candidate_types=("big",), max_new_pairs=2,
                cost_factor=1.5, extra_mcur_per_pair=0.5, **at,
            ),
            r.Pipe(
                id="ac", from_node="A", to_node="C", length_km=4, existing_type="free", existing_pairs=2,
                candidate_types=("wide",), max_new_pairs=2, earliest_year=2022, **at,
            ),
        ),
    }  # fmt: skip


def make_instance(select: tuple[r.Selection, ...] = (r.Selection(kinds=("extraction",)),)) -> Instance:
    header = r.Header(
        schema_version=1, name="tiny", title="tiny", currency="EUR", base_year=2020,
        stages=(
            r.Stage(year=2020, span_years=2, co2_price_cur_per_t=50, grid_co2_t_per_mwh=0.5, **SRC),
            r.Stage(year=2022, span_years=3, co2_price_cur_per_t=100, grid_co2_t_per_mwh=0.4, **SRC),
        ),
        season=r.Season(start="01-01", design_outdoor_c=-20, indoor_c=20, load_floor_share=0.1, inertia_h=1, **SRC),
        economics=r.Economics(
            discount_rate_share=0.25, unserved_cur_per_mwh=2000, shortfall_mcur_per_mw_year=3, **SRC
        ),
        regimes=(r.Regime(id="hot", supply_c=110, return_c=50, ground_c=10, **SRC),),
        rules=(r.RetiredShare(id="Q10", kind="retired_share", select=select, min_share=0.25, by_year=2022, **SRC),),
    )  # fmt: skip
    alternating = np.tile([-0.2, 0.2], 36)  # vanishes in the mean of a step
    series = Series(
        {
            "outdoor_c": np.repeat([0.0, -20.0, 10.0], 24),
            "power_wholesale_cur_per_mwh": np.repeat([300.0, 400.0, 1.0], 24),
            "power_retail_cur_per_mwh": np.repeat([500.0, 600.0, 1.0], 24),
            "coal_factor": np.repeat([1.0, 1.2, 9.0], 24),
            "shape_factor": np.tile(np.repeat([1.2, 0.8], 12), 3) + alternating,
        }
    )
    leaves = r.Retirement(unit="spare", machines=1, exactly=2022)
    softer = r.RuleChange(rule="Q10", enabled=False)
    return Instance(
        header=header, **network(), **technologies(), units=units(), series=series,
        fuels=(
            r.Fuel(id="coal", name="", price_cur_per_mwh=100, price_series="coal_factor", co2_t_per_mwh=0.3, **SRC),
            r.Fuel(id="gas", name="", price_cur_per_mwh=200, co2_t_per_mwh=0.2, **SRC),
        ),
        stores=(
            r.Store(
                id="tank", name="", node="B", existing_mwh=20, max_new_mwh=50, hours=2, efficiency_share=0.5,
                loss_share_per_h=0.5, earliest_year=2022, capex_mcur_per_mwh=0.1, fixed_share_per_year=0.05,
                life_years=2, **SRC,
            ),
        ),
        demands=(
            r.Demand(node="B", year=2020, area_mm2=1, peak_w_per_m2=40, shape_series="shape_factor", **SRC),
            r.Demand(node="B", year=2024, area_mm2=2, peak_w_per_m2=40, shape_series="shape_factor", **SRC),
        ),
        zones=(), retrofits=(), envelopes=(), connections=(), contingencies=(),
        schedules={"leave": r.Schedule(title="", rules=(softer,), retirements=(leaves,), **SRC)},
    )  # fmt: skip


# --- the answer ----------------------------------------------------------------------------------------------


class Answer:
    """A result that can be changed; the one it starts as keeps every law."""

    def __init__(self) -> None:
        self.step_hours = 6
        self.days = frame("days", [(7, 0, 2.0, 0.75), (9, 1, 1.0, 1.0)])
        self.calendar = frame("calendar", [(0, 7), (1, 9), (2, 7)])
        self.pipes = frame(
            "pipes",
            [
                (2020, "ab", "big", "hot", 1, 1, 0, 0, 20.35),
                (2020, "ab2", "big", "hot", 0, 0, 0, 0, 0.0),
                (2020, "ac", "free", "hot", 2, 2, 0, 0, 0.0),
                (2020, "ac", "wide", "hot", 0, 0, 0, 0, 0.0),
                (2022, "ab", "big", "hot", 1, 1, 0, 0, 12.0),
                (2022, "ab2", "big", "hot", 1, 0, 1, 0, 12.0),
                (2022, "ac", "free", "hot", 1, 1, 0, 1, 0.0),
                (2022, "ac", "wide", "hot", 0, 0, 0, 0, 0.0),
            ],
        )
        # Design hour: 2020 B: 20.35 + 20 = 40 + 0.35, A: 20.7 = 20.35 + 0.35;
        # 2022 B: 24 + 30 + 5 + 1.7 short = 60 + 0.7, A: 24.7 = 24 + 0.7.
        self.units = frame(
            "units",
            [
                (2020, "boil", 2, 2, 0, 0, 0, 20.0),
                (2020, "chp", 2, 2, 0, 0, 0, 20.7),
                (2020, "hp", 0, 0, 0, 0, 0, 0.0),
                (2020, "spare", 2, 2, 0, 0, 0, 0.0),
                (2022, "boil", 2, 2, 0, 0, 0, 30.0),
                (2022, "chp", 1, 1, 0, 1, 0, 24.7),
                (2022, "hp", 1, 0, 1, 0, 0, 5.0),
                (2022, "spare", 1, 1, 0, 1, 0, 0.0),
            ],
        )
        self.stores = frame("stores", [(2020, "tank", 20.0, 0.0), (2022, "tank", 30.0, 10.0)])
        # Demand of the season: 2020: 6 · (2 · 60 + 160) = 1680, 2022: 6 · (2 · 90 + 240) = 2520 MWh;
        # unserved 2020: 6 · 1 · (0.7 + 0.7) = 8.4 MWh.
        self.districts = frame(
            "districts", [(2020, "B", 1, 40.0, 0.0, 1680.0, 8.4), (2022, "B", 1, 60.0, 1.7, 2520.0, 0.0)]
        )
        self.security = frame("security", [])
        self._operate()

    def _operate(self) -> None:
        keys = [(y, d, h, *one) for y in (2020, 2022) for d in (7, 9) for h in HOURS for one in SERIES]
        names = ["stage", "day", "hour", "kind", "id", "quantity"]
        self.values = pd.Series(0.0, index=pd.MultiIndex.from_tuples(keys, names=names))
        # 2020 day 7: CHP 24 MW in the first two steps, flow 24 - 0.35; B needs 18.35, the rest 5.3 is spilled, then
        # stored: level 6 · 0.5 · 5.3 = 15.9, of which 1/64 is left after a step: discharge 15.9 / 64 / 6.
        # Without CHP the flow is -0.35 and B needs 12 + 0.35 + 0.35.
        drawn = 15.9 / 64 / 6
        self.run(2020, 7, chp=[(0.4, 0.6)] * 2 + [(0, 0)] * 2, boil=[0, 0, 12.7 - drawn, 12.7])
        self.put(2020, 7, "pipe", "ab/big", flow_mw=[23.65, 23.65, -0.35, -0.35])
        self.put(2020, 7, "node", "B", spill_mw=[5.3, 0, 0, 0])
        self.put(2020, 7, "store", "tank", charge_mw=[0, 5.3, 0, 0], discharge_mw=[0, 0, drawn, 0])
        self.put(2020, 7, "store", "tank", level_mwh=[0, 15.9, 0, 0])
        # 2020 day 9: 29.65 + 18 + 0.7 = 48.35 and 29.65 + 2.7 = 32.35.
        self.run(2020, 9, chp=[(0.5, 0.5)] * 4, boil=[18, 18, 2.7, 2.7])
        self.put(2020, 9, "pipe", "ab/big", flow_mw=[29.65] * 4)
        self.put(2020, 9, "node", "B", unserved_mw=[0.7, 0.7, 0, 0])
        # 2022 day 7: 30 - 0.7 = 29.3 against 27.7: 1.6 spilled; then 19.4 = 18 + 0.7 + 0.7.
        self.run(2022, 7, chp=[(0.5, 0.5)] * 2 + [(0, 0)] * 2, boil=[0, 0, 19.4, 19.4])
        self.put(2022, 7, "pipe", "ab/big", flow_mw=[20, 20, -0.7, -0.7])
        self.put(2022, 7, "pipe", "ab2/big", flow_mw=[9.3, 9.3, 0, 0])
        self.put(2022, 7, "node", "B", spill_mw=[1.6, 1.6, 0, 0])
        # 2022 day 9: 59.3 + 10 + 3.4 = 72.7 and 29.3 + 7 + 12.4 = 48.7.
        self.run(2022, 9, chp=[(1, 0)] * 2 + [(0.5, 0.5)] * 2, boil=[3.4, 3.4, 12.4, 12.4])
        self.put(2022, 9, "unit", "hp", corner_max_machines=[1, 1, 0.5, 0.5], corner_min_machines=[0, 0, 0.5, 0.5])
        self.put(2022, 9, "unit", "hp", machines_on=[1] * 4, heat_mw=[10, 10, 7, 7], power_mw=[-4, -4, -3, -3])
        self.put(2022, 9, "pipe", "ab/big", flow_mw=[40, 40, 20, 20])
        self.put(2022, 9, "pipe", "ab2/big", flow_mw=[19.3, 19.3, 9.3, 9.3])
        for year, day in ((2020, 7), (2020, 9), (2022, 7), (2022, 9)):
            self.put(year, day, "pipe", "ab/big", pump_mw=[1.0] * 4)
        for day in (7, 9):
            self.put(2022, day, "pipe", "ab2/big", pump_mw=[0.5] * 4)

    def put(self, year: int, day: int, kind: str, name: str, **quantities: list[float]) -> None:
        """Sets the four steps of quantities."""
        for quantity, values in quantities.items():
            for hour, value in zip(HOURS, values, strict=True):
                self.values[year, day, hour, kind, name, quantity] = value

    def one(self, year: int, day: int, hour: int, kind: str, name: str, **quantities: float) -> None:
        """Sets quantities in one step."""
        for quantity, value in quantities.items():
            self.values[year, day, hour, kind, name, quantity] = value

    def run(self, year: int, day: int, chp: list[tuple[float, float]], boil: list[float]) -> None:
        """A day of CHP by the weights of its corners `full` (60, 40, 125 MW) and `pure` (0, 50, 125), and of `boil`."""
        for hour, (full, pure), heat in zip(HOURS, chp, boil, strict=True):
            self.chp(year, day, hour, full, pure)
            self.boil(year, day, hour, heat)
        if chp[-1] == (0, 0):
            self.one(year, day, 0, "unit", "chp", starts=1.0)

    def chp(self, year: int, day: int, hour: int, full: float, pure: float) -> None:
        on = full + pure
        self.one(year, day, hour, "unit", "chp", corner_full_machines=full, corner_pure_machines=pure, machines_on=on)
        self.one(year, day, hour, "unit", "chp", heat_mw=60 * full, power_mw=40 * full + 50 * pure, fuel_mw=125 * on)

    def boil(self, year: int, day: int, hour: int, heat: float, name: str = "boil") -> None:
        on = heat / 30
        self.one(year, day, hour, "unit", name, corner_full_machines=on, machines_on=on)
        self.one(year, day, hour, "unit", name, heat_mw=heat, fuel_mw=1.1 * heat)

    def set(self, table: str, place: tuple[Any, ...], **values: float) -> None:
        """Sets columns in the row of a table of the plan that begins with `place`."""
        rows = getattr(self, table)
        match = np.ones(len(rows), dtype=bool)
        for column, value in zip(rows.columns, place, strict=False):
            match &= (rows[column] == value).to_numpy()
        assert match.sum() == 1
        for column, value in values.items():
            if rows[column].dtype == "int64" and not float(value).is_integer():
                rows[column] = rows[column].astype("float64")
            rows.loc[match, column] = value

    @property
    def solution(self) -> Solution:
        operation = self.values.rename("value").reset_index()
        told = {name: getattr(self, name, frame(name, [])) for name in COLUMNS if name != "operation"}
        return Solution(**told, operation=operation, step_hours=self.step_hours)


@pytest.fixture(scope="module")
def instance() -> Instance:
    return make_instance()


def laws(report: CheckReport) -> set[str]:
    return set(report.violations["law"])


# --- what it costs -------------------------------------------------------------------------------------------


def test_an_answer_that_keeps_every_law_has_no_violations(instance: Instance) -> None:
    report = check(instance, Answer().solution)
    assert report.violations.to_dict("records") == []
    assert not report.violated
    assert report.worst == 0.0


# Hours · days · W / 10^6 for one step: day 7 and day 9 of 2020, then of 2022.
E20_7, E20_9 = 12 * W20 / 1e6, 6 * W20 / 1e6
E22_7, E22_9 = 12 * W22 / 1e6, 6 * W22 / 1e6
THREE, TWO = 0.25 / 0.488, 0.25 / 0.36  # annuities of three and two years at 25 %
# Gas of 2020 day 7: 1.1 · (12.7 - 15.9 / 384 + 12.7) = 1.1 · 25.35859375.
GAS_20_7 = 27.894453125

TERMS = {
    "pipes": (0.0, (4 * 10 * 1.5 + 0.5) * THREE * W22),
    "units": (0.0, 10 * 0.5 * THREE * W22),
    "retrofits": (0.0, 0.0),
    "stores": (0.0, 10 * 0.1 * TWO * W22),
    "regimes": (0.0, 0.0),
    "demand_side": (0.0, 0.0),
    # ab 0.4, ab2 0.605, ac 0.08 a pair; CHP 5, boilers 0.3, heat pump 0.2 a machine; store 0.005 a MWh
    "fixed": (W20 * (0.4 + 2 * 0.08 + 2 * 5 + 4 * 0.3 + 0.1), W22 * (0.4 + 0.605 + 0.08 + 5 + 3 * 0.3 + 0.2 + 0.15)),
    "reserve": (0.0, 0.0),
    "decommissioning": (0.0, 0.64 * (50 * 0.02 + 30 * 0.01)),
    # coal 125 MW a step with CHP at 100 and 120; gas 1.1 · 41.4 = 45.54, 1.1 · 38.8 = 42.68, 1.1 · 31.6 = 34.76
    "fuel": (
        E20_7 * (250 * 100 + GAS_20_7 * 200) + E20_9 * (500 * 120 + 45.54 * 200),
        E22_7 * (250 * 100 + 42.68 * 200) + E22_9 * (500 * 120 + 34.76 * 200),
    ),
    "carbon": (
        50 * (E20_7 * (75 + GAS_20_7 * 0.2) + E20_9 * (150 + 9.108)),
        100 * (E22_7 * (75 + 8.536) + E22_9 * (150 + 6.952)),
    ),
    "pollutants": (0.0, 0.0),
    # heat of CHP 48, 120; 60, 180 at 1, power 92, 180; 90, 170 at 2
    "variable": (E20_7 * (48 + 184) + E20_9 * (120 + 360), E22_7 * (60 + 180) + E22_9 * (180 + 340)),
    "start_up": (50 * 30 * 2 * W20 / 1e6, 50 * 30 * 2 * W22 / 1e6),
    "power_sold": (-E20_7 * 92 * 300 - E20_9 * 180 * 400, -E22_7 * 90 * 300 - E22_9 * 170 * 400),
    "power_bought": (0.0, E22_9 * (4 + 4 + 3 + 3) * 600),
    "heat_sold": (0.0, 0.0),
    "pumping": (E20_7 * 4 * 500 + E20_9 * 4 * 600, E22_7 * 6 * 500 + E22_9 * 6 * 600),
    "unserved": (E20_9 * 1.4 * 2000, 0.0),
    "shortfall": (0.0, W22 * 1.7 * 3),
    "contingency": (0.0, 0.0),
}


@pytest.mark.parametrize("term", TERMS)
def test_cost_terms_are_those_worked_out_by_hand(instance: Instance, term: str) -> None:
    costs = check(instance, Answer().solution).costs
    rows = costs[costs["term"] == term]
    assert list(rows["stage"]) == [2020, 2022]
    assert list(rows["value_mcur"]) == pytest.approx(TERMS[term], rel=1e-12, abs=1e-15)


def test_costs_have_all_terms_in_order_and_a_sum(instance: Instance) -> None:
    report = check(instance, Answer().solution)
    assert list(report.costs["term"]) == [term for term in TERMS for _ in range(2)]
    assert report.cost == pytest.approx(sum(map(sum, TERMS.values())), rel=1e-12)


def test_what_was_built_costs_in_every_stage_of_its_life(instance: Instance) -> None:
    answer = Answer()
    # A second ab2 in 2020 lives three years and so stands in 2022; a store of two years does not.
    answer.set("pipes", (2020, "ab2"), new_pairs=1, pairs=1)
    answer.set("pipes", (2022, "ab2"), new_pairs=0)
    answer.set("stores", (2020, "tank"), new_mwh=10, size_mwh=30)
    answer.set("stores", (2022, "tank"), new_mwh=0, size_mwh=20)
    report = check(instance, answer.solution)
    assert not {"pipes.pairs", "stores.size"} & laws(report)
    values = report.costs.set_index(["term", "stage"])["value_mcur"]
    assert values["pipes", 2020] == pytest.approx(60.5 * THREE * W20)
    assert values["pipes", 2022] == pytest.approx(60.5 * THREE * W22)
    assert values["stores", 2020] == pytest.approx(TWO * W20)
    assert values["stores", 2022] == 0.0


def test_emissions_of_fuel_and_grid(instance: Instance) -> None:
    emissions = check(instance, Answer().solution).emissions
    assert list(emissions["stage"]) == [2020, 2022]
    fuel = (12 * (75 + GAS_20_7 * 0.2) + 6 * 159.108, 12 * 83.536 + 6 * 156.952)
    assert list(emissions["co2_fuel_t"]) == pytest.approx(fuel)
    # pumping 4 or 6, heat pump 14 on day 9 of 2022, less power made
    grid = (0.5 * (12 * (4 - 92) + 6 * (4 - 180)), 0.4 * (12 * (6 - 90) + 6 * (6 + 14 - 170)))
    assert list(emissions["co2_grid_t"]) == pytest.approx(grid)


# --- how much more it could serve ----------------------------------------------------------------------------


def test_margin_of_the_design_hour(instance: Instance) -> None:
    margin = check(instance, Answer().solution).design_margin
    assert list(margin["design_demand_mw"]) == pytest.approx([40, 60])
    assert list(margin["loss_mw"]) == pytest.approx([0.7, 1.4])
    assert list(margin["shortfall_mw"]) == pytest.approx([0, 1.7])
    # 2020: B has 60 of its own and one pair of 958 · π/4 · 0.5² · 2 · 4.2 · 60 / 1000 = 94.803840 MW, which binds.
    # 2022: all sources bind: 60 CHP, 5 heat pump (half counts), 60 boilers, 20 through the station of C.
    by_hand = ((60 + 94.803840 - 0.35) / 40 - 1, (145 - 1.4) / 60 - 1)
    assert list(margin["margin_share"]) == pytest.approx(by_hand, abs=1e-6)


@pytest.mark.parametrize(("boilers", "margin"), [(1, (30 - 1.4) / 60 - 1), (0, -1.0)])
def test_margin_is_negative_where_the_design_load_cannot_be_met(
    instance: Instance, boilers: int, margin: float
) -> None:
    answer = Answer()
    for unit in ("chp", "hp", "spare"):
        answer.set("units", (2022, unit), machines=0)
    answer.set("units", (2022, "boil"), machines=boilers)
    report = check(instance, answer.solution)
    assert report.design_margin["margin_share"].iloc[1] == pytest.approx(margin, abs=1e-6)


def test_margin_of_a_network_without_demand_is_no_number(instance: Instance) -> None:
    nothing = instance.replace(demands=tuple(row.model_copy(update={"area_mm2": 0.0}) for row in instance.demands))
    assert check(nothing, Answer().solution).design_margin["margin_share"].isna().all()


# --- every law, broken alone ---------------------------------------------------------------------------------

Break = tuple[str, str, "Callable[[Answer], None]"]
BREAKS: list[Break] = []


def breaks(law: str) -> Callable[[Callable[[Answer], None]], Callable[[Answer], None]]:
    """Enters a change to an answer that breaks one law."""

    def enter(change: Callable[[Answer], None]) -> Callable[[Answer], None]:
        BREAKS.append((law, change.__name__, change))
        return change

    return enter


@breaks("days.rows")
def a_day_outside_the_season(a: Answer) -> None:
    a.days = pd.concat([a.days, frame("days", [(11, 3, 0.0, 1.0)])])


@breaks("days.rows")
def a_day_twice(a: Answer) -> None:
    a.days = pd.concat([a.days, a.days.iloc[:1]])


@breaks("days.rows")
def a_day_without_weight(a: Answer) -> None:
    a.days = pd.concat([a.days, frame("days", [(11, 2, np.nan, 1.0)])])


@breaks("days.load_scale")
def another_load_scale(a: Answer) -> None:
    a.set("days", (7,), load_scale=0.750001)


@breaks("pipes.rows")
def an_unknown_line(a: Answer) -> None:
    a.pipes = pd.concat([a.pipes, frame("pipes", [(2020, "ab", "wide", "hot", 5, 5, 0, 0, 0.0)])])


@breaks("pipes.rows")
def a_line_missing(a: Answer) -> None:
    a.pipes = a.pipes.drop(index=7)


@breaks("pipes.rows")
def a_line_twice(a: Answer) -> None:
    a.pipes = pd.concat([a.pipes, a.pipes.iloc[:1]])


@breaks("pipes.rows")
def a_number_missing(a: Answer) -> None:
    a.set("pipes", (2022, "ab2"), removed_pairs=float("nan"))


@breaks("pipes.integer")
def half_a_pair(a: Answer) -> None:
    a.set("pipes", (2022, "ac", "wide"), new_pairs=0.5, pairs=0.5)


@breaks("pipes.negative")
def less_than_no_pair_laid(a: Answer) -> None:
    a.set("pipes", (2022, "ac", "free"), new_pairs=-1, pairs=0)


@breaks("pipes.limit")
def more_pairs_than_may_be_laid(a: Answer) -> None:
    a.set("pipes", (2022, "ac", "wide"), new_pairs=3, pairs=3)


@breaks("pipes.limit")
def a_type_that_may_not_be_laid(a: Answer) -> None:
    a.set("pipes", (2022, "ac", "free"), new_pairs=1, pairs=2)


@breaks("pipes.limit")
def more_pairs_kept_than_there_were(a: Answer) -> None:
    a.set("pipes", (2020, "ac", "free"), existing_pairs=3, pairs=3, removed_pairs=-1)
    a.set("pipes", (2022, "ac", "free"), removed_pairs=2)


@breaks("pipes.early")
def a_pair_before_its_year(a: Answer) -> None:
    a.set("pipes", (2020, "ac", "wide"), new_pairs=1, pairs=1)  # two years of life: gone by 2022


@breaks("pipes.kept_rises")
def pairs_that_come_back(a: Answer) -> None:
    a.set("pipes", (2020, "ac", "free"), existing_pairs=1, pairs=1, removed_pairs=1)
    a.set("pipes", (2022, "ac", "free"), existing_pairs=2, pairs=2, removed_pairs=-1)


@breaks("pipes.pairs")
def pairs_that_do_not_add_up(a: Answer) -> None:
    a.set("pipes", (2022, "ac", "free"), pairs=2)


@breaks("pipes.pairs")
def a_pair_beyond_its_life(a: Answer) -> None:
    a.set("pipes", (2022, "ac", "wide"), pairs=1)


@breaks("pipes.removed")
def a_removal_not_told(a: Answer) -> None:
    a.set("pipes", (2022, "ac", "free"), removed_pairs=0)


@breaks("units.rows")
def an_unknown_unit(a: Answer) -> None:
    a.units = pd.concat([a.units, frame("units", [(2020, "ghost", 1, 1, 0, 0, 0, 9.0)])])


@breaks("units.rows")
def a_stage_that_is_none(a: Answer) -> None:
    a.units = pd.concat([a.units, frame("units", [(2021, "chp", 1, 1, 0, 0, 0, 9.0)])])


@breaks("units.integer")
def half_a_machine(a: Answer) -> None:
    a.set("units", (2022, "spare"), new_machines=0.5, machines=1.5)


@breaks("units.negative")
def less_than_no_machine(a: Answer) -> None:
    a.set("units", (2022, "spare"), new_machines=-1, machines=0)


@breaks("units.limit")
def more_machines_than_may_be_built(a: Answer) -> None:
    a.set("units", (2022, "spare"), new_machines=3, machines=4)


@breaks("units.limit")
def more_machines_kept_than_there_were(a: Answer) -> None:
    a.set("units", (2020, "spare"), existing_machines=3, machines=3, retired_machines=-1)
    a.set("units", (2022, "spare"), retired_machines=2)


@breaks("units.early")
def a_machine_before_its_year(a: Answer) -> None:
    a.set("units", (2020, "spare"), new_machines=1, machines=3)
    a.set("units", (2022, "spare"), machines=2)


@breaks("units.kept_rises")
def machines_that_come_back(a: Answer) -> None:
    a.set("units", (2020, "spare"), existing_machines=1, machines=1, retired_machines=1)
    a.set("units", (2022, "spare"), existing_machines=2, machines=2, retired_machines=-1)


@breaks("units.may_retire")
def a_machine_that_has_to_stay(a: Answer) -> None:
    a.set("units", (2022, "boil"), existing_machines=1, machines=1, retired_machines=1)


@breaks("units.machines")
def machines_that_do_not_add_up(a: Answer) -> None:
    a.set("units", (2022, "spare"), machines=2)


@breaks("units.retired")
def a_retirement_not_told(a: Answer) -> None:
    a.set("units", (2022, "spare"), retired_machines=0)


@breaks("stores.rows")
def an_unknown_store(a: Answer) -> None:
    a.stores = pd.concat([a.stores, frame("stores", [(2020, "pond", 1.0, 1.0)])])


@breaks("stores.negative")
def less_than_no_store(a: Answer) -> None:
    a.set("stores", (2022, "tank"), new_mwh=-5.0, size_mwh=15.0)


@breaks("stores.limit")
def more_store_than_may_be_added(a: Answer) -> None:
    a.set("stores", (2022, "tank"), new_mwh=50.1, size_mwh=70.1)


@breaks("stores.early")
def a_store_before_its_year(a: Answer) -> None:
    a.set("stores", (2020, "tank"), new_mwh=5.0, size_mwh=25.0)


@breaks("stores.size")
def a_size_that_does_not_add_up(a: Answer) -> None:
    a.set("stores", (2022, "tank"), size_mwh=30.1)


@breaks("rule.Q10")
def too_little_retired(a: Answer) -> None:
    a.set("units", (2022, "chp"), existing_machines=2, machines=2, retired_machines=0)


@breaks("design.balance")
def a_design_flow_from_nowhere(a: Answer) -> None:
    a.set("pipes", (2022, "ab"), design_flow_mw=12.001)


@breaks("design.unit_capacity")
def more_design_heat_than_counts(a: Answer) -> None:
    a.set("units", (2022, "hp"), design_heat_mw=6.0)
    a.set("units", (2022, "boil"), design_heat_mw=29.0)


@breaks("design.unit_capacity")
def design_heat_below_zero(a: Answer) -> None:
    a.set("units", (2022, "spare"), design_heat_mw=-1.0)
    a.set("pipes", (2022, "ac", "free"), design_flow_mw=1.0)
    a.set("units", (2022, "chp"), design_heat_mw=25.7)


@breaks("design.station")
def more_design_heat_than_the_station(a: Answer) -> None:
    a.set("units", (2020, "spare"), design_heat_mw=20.5)
    a.set("pipes", (2020, "ac", "free"), design_flow_mw=-20.5)
    a.set("units", (2020, "chp"), design_heat_mw=0.2)


@breaks("design.line_capacity")
def more_design_flow_than_the_line(a: Answer) -> None:
    a.set("pipes", (2022, "ab"), design_flow_mw=12.0 + 200)
    a.set("pipes", (2022, "ab2"), design_flow_mw=12.0 - 200)


@breaks("design.shortfall")
def a_shortfall_below_zero(a: Answer) -> None:
    a.set("districts", (2020, "B"), design_shortfall_mw=-1.0)
    a.set("units", (2020, "boil"), design_heat_mw=21.0)


@breaks("design.shortfall")
def a_shortfall_above_the_load(a: Answer) -> None:
    a.set("districts", (2022, "B"), design_shortfall_mw=61.0)
    for unit, heat in (("boil", 0.0), ("hp", 0.0), ("chp", 0.4)):
        a.set("units", (2022, unit), design_heat_mw=heat)
    a.set("pipes", (2022, "ab"), design_flow_mw=-0.3)
    a.set("pipes", (2022, "ab2"), design_flow_mw=0.0)


@breaks("operation.rows")
def a_row_missing(a: Answer) -> None:
    a.values = a.values.drop((2022, 7, 6, "unit", "spare", "heat_mw"))


@breaks("operation.rows")
def a_row_twice(a: Answer) -> None:
    a.values = pd.concat([a.values, a.values.iloc[:1]])


@breaks("operation.rows")
def a_row_without_number(a: Answer) -> None:
    a.one(2022, 7, 6, "unit", "spare", fuel_mw=float("nan"))


@breaks("operation.rows")
def an_infinite_number(a: Answer) -> None:
    a.one(2022, 7, 6, "unit", "spare", heat_mw=float("inf"))


@breaks("operation.rows")
def a_quantity_that_is_none(a: Answer) -> None:
    a.one(2022, 7, 6, "unit", "spare", steam_mw=1.0)


@breaks("operation.rows")
def starts_of_a_unit_that_is_not_hourly(a: Answer) -> None:
    a.one(2022, 7, 6, "unit", "spare", starts=0.0)


@breaks("operation.rows")
def unserved_heat_where_there_is_no_demand(a: Answer) -> None:
    a.one(2022, 7, 6, "node", "C", unserved_mw=1.0)


@breaks("operation.rows")
def an_hour_within_a_step(a: Answer) -> None:
    a.one(2022, 7, 7, "unit", "spare", heat_mw=1.0)


@breaks("operation.rows")
def a_day_that_is_none(a: Answer) -> None:
    a.one(2022, 8, 6, "unit", "spare", heat_mw=1.0)


@breaks("operation.corners")
def a_corner_below_zero(a: Answer) -> None:
    a.one(2020, 9, 0, "unit", "boil", corner_zero_machines=-0.1, machines_on=0.5)


@breaks("operation.corners")
def machines_that_are_at_no_corner(a: Answer) -> None:
    a.one(2020, 9, 0, "unit", "boil", machines_on=0.7)


@breaks("operation.corners")
def heat_that_no_corner_makes(a: Answer) -> None:
    a.one(2020, 9, 0, "unit", "boil", heat_mw=18.01)
    a.one(2020, 9, 0, "node", "B", spill_mw=0.01)


@breaks("operation.corners")
def power_that_no_corner_makes(a: Answer) -> None:
    a.one(2020, 9, 0, "unit", "chp", power_mw=45.1)


@breaks("operation.corners")
def fuel_that_no_corner_burns(a: Answer) -> None:
    a.one(2020, 9, 0, "unit", "chp", fuel_mw=124.0)


@breaks("operation.on")
def more_machines_on_than_there_are(a: Answer) -> None:
    a.one(2020, 9, 0, "unit", "boil", corner_zero_machines=1.5, machines_on=2.1)


@breaks("operation.on")
def half_a_machine_on(a: Answer) -> None:
    a.chp(2020, 7, 12, 0.0, 0.5)


@breaks("operation.on")
def a_day_of_a_daily_machine_in_parts(a: Answer) -> None:
    a.one(2022, 7, 18, "unit", "hp", corner_min_machines=1, machines_on=1, heat_mw=4, power_mw=-2)
    a.one(2022, 7, 18, "node", "B", spill_mw=4)


@breaks("operation.on")
def half_a_daily_machine(a: Answer) -> None:
    a.put(2022, 7, "unit", "hp", corner_min_machines=[0.5] * 4, machines_on=[0.5] * 4, heat_mw=[2] * 4)
    a.put(2022, 7, "unit", "hp", power_mw=[-1] * 4)
    a.put(2022, 7, "node", "B", spill_mw=[3.6, 3.6, 2, 2])


@breaks("operation.starts")
def a_start_not_told(a: Answer) -> None:
    a.one(2020, 7, 0, "unit", "chp", starts=0.0)


@breaks("operation.starts")
def starts_below_zero(a: Answer) -> None:
    a.one(2020, 7, 18, "unit", "chp", starts=-0.5)


@breaks("operation.starts")
def starts_below_zero_where_a_machine_stops(a: Answer) -> None:
    a.one(2020, 7, 12, "unit", "chp", starts=-0.5)


@breaks("operation.min_up")
def a_run_too_short(a: Answer) -> None:
    a.chp(2022, 7, 6, 0, 0)
    a.boil(2022, 7, 6, 28.4)  # 27 + 0.7 + 0.7 to A
    a.one(2022, 7, 6, "node", "B", spill_mw=0)
    a.one(2022, 7, 6, "pipe", "ab/big", flow_mw=-0.7)
    a.one(2022, 7, 6, "pipe", "ab2/big", flow_mw=0)


@breaks("operation.min_down")
def a_rest_too_short(a: Answer) -> None:
    a.chp(2022, 9, 12, 0, 0)
    a.boil(2022, 9, 12, 42.4)  # 48 + 0.7 + 0.7 to A - 7
    a.one(2022, 9, 12, "pipe", "ab/big", flow_mw=-0.7)
    a.one(2022, 9, 12, "pipe", "ab2/big", flow_mw=0)
    a.one(2022, 9, 18, "unit", "chp", starts=1)


@breaks("operation.station")
def more_heat_than_the_station(a: Answer) -> None:
    a.boil(2020, 9, 0, 20.5, "spare")
    a.one(2020, 9, 0, "node", "C", spill_mw=20.5)


@breaks("operation.line_capacity")
def more_flow_than_the_line(a: Answer) -> None:
    a.one(2022, 9, 0, "pipe", "ab/big", flow_mw=240, pump_mw=9)
    a.one(2022, 9, 0, "pipe", "ab2/big", flow_mw=19.3 - 200, pump_mw=9)


@breaks("operation.pump")
def water_that_flows_by_itself(a: Answer) -> None:
    a.one(2022, 9, 0, "pipe", "ab/big", pump_mw=0)


@breaks("operation.store_level")
def heat_from_nowhere_in_the_store(a: Answer) -> None:
    a.one(2022, 9, 12, "store", "tank", level_mwh=1.0)


@breaks("operation.store_size")
def a_store_too_full(a: Answer) -> None:
    # 40 = 40 / 64 + 6 · 0.5 · 13.125
    a.put(2022, 9, "store", "tank", level_mwh=[40] * 4, charge_mw=[13.125] * 4)
    for hour, heat in zip(HOURS, (3.4, 3.4, 12.4, 12.4), strict=True):
        a.boil(2022, 9, hour, heat + 13.125)


@breaks("operation.store_size")
def a_store_below_empty(a: Answer) -> None:
    # -4 = -4 / 64 - 6 · 0.65625
    a.put(2022, 9, "store", "tank", level_mwh=[-4] * 4, discharge_mw=[0.65625] * 4)
    a.put(2022, 9, "node", "B", spill_mw=[0.65625] * 4)


@breaks("operation.store_power")
def a_store_too_fast(a: Answer) -> None:
    a.one(2022, 9, 0, "store", "tank", charge_mw=15.1, discharge_mw=7.55)
    a.boil(2022, 9, 0, 3.4 + 7.55)


@breaks("operation.store_power")
def a_store_run_backwards(a: Answer) -> None:
    a.one(2022, 9, 0, "store", "tank", charge_mw=-1, discharge_mw=-0.5)
    a.boil(2022, 9, 0, 2.9)


@breaks("operation.balance")
def heat_that_is_lost(a: Answer) -> None:
    a.one(2022, 9, 0, "node", "B", spill_mw=0.001)


@breaks("operation.unserved")
def unserved_below_zero(a: Answer) -> None:
    a.one(2022, 9, 0, "node", "B", unserved_mw=-1)
    a.boil(2022, 9, 0, 4.4)
    a.set("districts", (2022, "B"), unserved_mwh=-6.0)


@breaks("operation.unserved")
def unserved_above_the_demand(a: Answer) -> None:
    a.one(2022, 7, 12, "node", "B", unserved_mw=19)
    a.boil(2022, 7, 12, 0.4)
    a.set("districts", (2022, "B"), unserved_mwh=19 * 12.0)


@breaks("operation.spill")
def spill_below_zero(a: Answer) -> None:
    a.one(2022, 9, 0, "node", "B", spill_mw=-1)
    a.boil(2022, 9, 0, 2.4)


@breaks("districts.rows")
def a_district_that_has_no_demand(a: Answer) -> None:
    a.districts = pd.concat([a.districts, frame("districts", [(2020, "A", 1, 0.0, 0.0, 0.0, 0.0)])])


@breaks("districts.design_demand")
def another_design_load(a: Answer) -> None:
    a.set("districts", (2022, "B"), design_demand_mw=60.001)


@breaks("districts.demand")
def another_demand(a: Answer) -> None:
    a.set("districts", (2022, "B"), demand_mwh=2521.0)


@breaks("districts.unserved")
def another_unserved(a: Answer) -> None:
    a.set("districts", (2020, "B"), unserved_mwh=0.0)


@pytest.mark.parametrize(("law", "change"), [pytest.param(law, f, id=f"{law}-{name}") for law, name, f in BREAKS])
def test_each_law_is_seen_when_broken_alone(instance: Instance, law: str, change: Callable[[Answer], None]) -> None:
    answer = Answer()
    change(answer)
    report = check(instance, answer.solution)
    assert laws(report) == {law}
    assert report.violated
    assert report.worst > 1.0


@pytest.mark.parametrize(
    ("law", "change"),
    [
        ("days.weights", lambda a: a.set("days", (7,), weight_days=2.5)),
        ("days.weights", lambda a: a.set("days", (7,), weight_days=-2.0)),
        ("days.coldest", lambda a: a.set("days", (9,), season_day=2)),
        ("days.step", lambda a: setattr(a, "step_hours", 5)),
    ],
)
def test_laws_of_the_days_are_seen_among_what_follows_from_them(
    instance: Instance, law: str, change: Callable[[Answer], None]
) -> None:
    answer = Answer()
    change(answer)
    assert law in laws(check(instance, answer.solution))


# --- rules and schedules -------------------------------------------------------------------------------------

KEEP_ALL = {"existing_machines": 2, "machines": 2, "retired_machines": 0}


@pytest.mark.parametrize(
    ("select", "broken"),
    [
        (r.Selection(units=("chp",)), True),
        (r.Selection(nodes=("A",)), True),
        (r.Selection(owners=("city",)), True),
        (r.Selection(kinds=("extraction",), nodes=("B",)), False),
        (r.Selection(power_below_mw=50.1), True),
        (r.Selection(power_below_mw=50), False),
        (r.Selection(retirement_due=False, kinds=("extraction",)), True),
        (r.Selection(retirement_due=True), True),
        (r.Selection(retirement_due=True, kinds=("extraction",)), False),
        (r.Selection(), True),
    ],
)
def test_rules_speak_of_the_units_selected(select: r.Selection, broken: bool) -> None:
    answer = Answer()
    answer.set("units", (2022, "chp"), **KEEP_ALL)
    answer.set("units", (2022, "spare"), **KEEP_ALL)
    assert laws(check(make_instance((select,)), answer.solution)) == ({"rule.Q10"} if broken else set())


def test_rule_size_is_what_is_left_too_much() -> None:
    answer = Answer()
    answer.set("units", (2022, "chp"), **KEEP_ALL)
    report = check(make_instance(), answer.solution)
    row = report.violations.iloc[0]
    assert (row["law"], row["stage"], row["unit"]) == ("rule.Q10", 2022, "MW")
    assert row["size"] == pytest.approx(100 - 0.75 * 100)


def test_a_schedule_switches_rules_and_fixes_retirements(instance: Instance) -> None:
    scheduled = instance.with_schedule("leave")
    answer = Answer()
    answer.set("units", (2022, "chp"), **KEEP_ALL)
    assert laws(check(scheduled, answer.solution)) == set()
    answer.set("units", (2022, "spare"), **KEEP_ALL)
    assert laws(check(scheduled, answer.solution)) == {"schedule.spare"}


@pytest.mark.parametrize(
    ("limits", "kept", "broken"),
    [
        ({"exactly": 2022}, (1, 1), False),
        ({"exactly": 2022}, (0, 0), True),
        ({"not_before": 2022}, (0, 0), True),
        ({"not_before": 2022}, (2, 2), False),
        ({"not_before": 2022}, (2, 0), False),
        ({"not_after": 2022}, (2, 2), True),
        ({"not_after": 2022}, (0, 0), False),
        ({"not_after": 2023}, (2, 2), False),
        ({"not_after": 2020}, (2, 1), True),
    ],
)
def test_bounds_of_a_schedule(instance: Instance, limits: dict[str, int], kept: tuple[int, int], broken: bool) -> None:
    leaves = r.Retirement(unit="spare", machines=1, **limits)
    schedule = r.Schedule(title="", retirements=(leaves,), **SRC)
    answer = Answer()
    answer.set("units", (2020, "spare"), existing_machines=kept[0], machines=kept[0], retired_machines=2 - kept[0])
    answer.set(
        "units", (2022, "spare"), existing_machines=kept[1], machines=kept[1], retired_machines=kept[0] - kept[1]
    )
    report = check(instance.replace(schedule=schedule, schedule_name="x"), answer.solution)
    assert laws(report) == ({"schedule.spare"} if broken else set())


# --- details -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("less", "expected"), [(0.0, set()), (1e-3, {"operation.pump"})])
def test_pump_power_is_straight_between_the_points_of_the_curve(
    instance: Instance, less: float, expected: set[str]
) -> None:
    flow = 0.625 * capacity_mw(500, 2, 110, 50)  # half way between the points at 50 and 75 %
    curve = pump_curve(500, 2, 0.1)
    answer = Answer()
    answer.one(2022, 9, 0, "pipe", "ab/big", flow_mw=flow, pump_mw=10 * (curve[1] + curve[2]) / 2 - less)
    answer.one(2022, 9, 0, "pipe", "ab2/big", flow_mw=59.3 - flow)
    assert laws(check(instance, answer.solution)) == expected


def test_a_violation_says_where_and_how_much(instance: Instance) -> None:
    answer = Answer()
    answer.one(2022, 9, 6, "node", "B", spill_mw=0.5)
    report = check(instance, answer.solution)
    assert list(report.violations.columns) == ["law", "stage", "day", "hour", "id", "size", "unit", "tolerance"]
    row = report.violations.iloc[0]
    assert (row["stage"], row["day"], row["hour"], row["id"], row["unit"]) == (2022, 9, 6, "B", "MW")
    assert row["size"] == pytest.approx(0.5)
    assert report.worst == pytest.approx(0.5 / row["tolerance"])


def test_what_a_solver_leaves_is_no_violation(instance: Instance) -> None:
    answer = Answer()
    noise = np.tile([1e-7, -1e-7], len(answer.values) // 2 + 1)[: len(answer.values)]
    answer.values += noise
    assert laws(check(instance, answer.solution)) == set()


@pytest.mark.parametrize("table", ["days", "calendar", "pipes", "units", "stores", "districts", "operation"])
@pytest.mark.parametrize("damage", ["empty", "column", "text", "names"])
def test_damaged_tables_are_violations_and_never_errors(instance: Instance, table: str, damage: str) -> None:
    solution = Answer().solution
    rows: pd.DataFrame = getattr(solution, table)
    names = [column for column in rows.columns if not pd.api.types.is_numeric_dtype(rows[column])]
    if damage == "empty":
        rows = rows.iloc[:0]
    elif damage == "column":
        rows = rows.drop(columns=rows.columns[-1])
    elif damage == "text":
        rows = rows.astype({rows.columns[0]: "object", rows.columns[-1]: "object"})
        rows.iloc[0, [0, len(rows.columns) - 1]] = "nonsense"
    else:
        rows = rows.astype("object")
        for column in names or rows.columns[:1]:
            rows[column] = None
    changed: dict[str, Any] = {table: rows}
    report = check(instance, replace(solution, **changed))
    expected = "days.coldest" if (table, damage) == ("days", "empty") else f"{table}.rows"
    assert expected in laws(report)
    assert np.isfinite(report.cost)
    assert len(report.costs) == 2 * len(TERMS)
