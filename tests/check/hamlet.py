"""A hamlet of three nodes that is worked out by hand, an answer that keeps every law, and what it costs.

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

from typing import Any

import numpy as np

from check.sheet import Sheet
from heatnet.instance import Instance, Series
from heatnet.instance import records as r
from heatnet.solution import frame

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


def hamlet(select: tuple[r.Selection, ...] = (r.Selection(kinds=("extraction",)),)) -> Instance:
    header = r.Header(
        schema_version=1, name="hamlet", title="hamlet", currency="EUR", base_year=2020,
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


class Answer(Sheet):
    """A result that can be changed; the one it starts as keeps every law."""

    step_hours = 6

    def __init__(self) -> None:
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
        self.begin((2020, 2022), (7, 9), SERIES)
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
            for hour, value in zip(self.hours, values, strict=True):
                self.values[year, day, hour, kind, name, quantity] = value

    def run(self, year: int, day: int, chp: list[tuple[float, float]], boil: list[float]) -> None:
        """A day of CHP by the weights of its corners `full` (60, 40, 125 MW) and `pure` (0, 50, 125), and of `boil`."""
        for hour, (full, pure), heat in zip(self.hours, chp, boil, strict=True):
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


# --- what it costs -------------------------------------------------------------------------------------------

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
