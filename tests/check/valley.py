"""A valley with modes, regimes, a slow pipe, a demand side and a pit, and an answer that keeps every law.

    P ==pd (15 h)== D --de-- E      P: chp; D: peak, flex, old1, old2, stay, the pit; E: to be connected

Time: r = 0, so that an annuity is 1 / life; stages 2020 (two years) and 2022 (three): W = 2 and 3. Season of three
days at -20, 0 and 0 °C; day 0 is the first, day 1 the second and stands for the third, too. Load factor (20 - T) / 40
= 1 and 0.5, load scale 1. Two steps of 12 hours.
Full load: D 1 Mm² · 60 W/m² = 60 MW, E 0.25 · 40 = 10. In 2022 E is connected, and 0.25 Mm² of D with a saving of 0.4
take 0.4 · 60 · 0.25 = 6 MW away: D 54. Demand of day 0 and 1: D 60, 30 and 54, 27, E 0 and 10, 5 MW.
Zone Z (pipe pd, node D) is run hot (110/50/10 °C) in 2020 and mild (70/40/10) in 2022. A pair of pd carries
958 · π/4 · 0.5² · 2 · 4.2 · 60 / 1000 = 94.803840 MW hot and half of it mild; over 10 km it loses
0.5 · (110 + 50 - 20) / 1000 · 10 = 0.7 MW hot and 0.5 · (70 + 40 - 20) / 1000 · 10 = 0.45 mild: with one pair 0.35 at
each end in 2020, with two 0.45 in 2022. Of what goes in, 9/12 come out a step later and 3/12 two steps, that is in the
same step, later: 15 = 12 + 3 hours.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from check.sheet import Sheet
from heatnet.instance import Instance, Series
from heatnet.instance import records as r
from heatnet.solution import frame

SRC: dict[str, Any] = {"source": "assumed: test"}
HOT = 958 * math.pi / 4 * 0.5**2 * 2 * 4.2 * 60 / 1000
"""Capacity of a pair of pd, MW."""

CORNERS: dict[tuple[str, str], tuple[str | None, float, float, float]] = {
    ("chp", "full"): (None, 40, 45, 120),
    ("chp", "cond"): (None, 0, 50, 120),
    ("chp", "low"): ("low", 50, 40, 120),
    ("chp", "idle"): ("low", 0, 52, 120),
    ("chp", "rotor"): ("rotor", 60, 20, 120),
    ("chp", "part"): ("rotor", 30, 10, 60),
    ("flex", "full"): (None, 30, 0, 33),
    ("flex", "part"): (None, 3, 0, 3.3),
    ("peak", "full"): (None, 30, 0, 33),
    ("small", "full"): (None, 10, 0, 11),
}
"""Mode, heat, power and fuel, MW, of a machine of each technology and corner."""

UNITS = {"chp": "chp", "flex": "flex", "peak": "peak", "old1": "small", "old2": "small", "stay": "small"}
"""Technology of each unit."""


def technologies() -> tuple[r.Technology, ...]:
    """Machines."""
    life: dict[str, Any] = {"life_years": 30, **SRC}
    return (
        r.Technology(
            id="chp", kind="extraction", fuel="coal", size_mw=50, commitment="daily", fixed_mcur_per_mw_year=0.1, **life
        ),
        r.Technology(
            id="flex", kind="boiler", fuel="gas", size_mw=30, commitment="hourly", ramp_share_per_h=0.05,
            design_heat_share=0.1, **life,
        ),
        r.Technology(
            id="peak", kind="boiler", fuel="gas", size_mw=30, ramp_share_per_h=0.05, fixed_mcur_per_mw_year=0.01,
            reserve_fixed_share=0.5, nox_g_per_mwh=50, **life,
        ),
        r.Technology(id="small", kind="boiler", fuel="gas", size_mw=10, renewable=True, **life),
    )  # fmt: skip


def network() -> dict[str, Any]:
    """Nodes, zones, types and pipes."""
    at: dict[str, Any] = {"lat_deg": 0, "lon_deg": 0, **SRC}
    kind: dict[str, Any] = {"velocity_max_m_per_s": 2, "roughness_mm": 0.1, "fixed_share_per_year": 0.01, **SRC}
    return {
        "zones": (r.Zone(id="Z", regimes=("hot", "mild"), earliest_year=2022, guarantee_share=0.5, **SRC),),
        "nodes": (
            r.Node(id="P", kind="plant", **at),
            r.Node(id="D", kind="district", zone="Z", **at),
            r.Node(id="E", kind="village", **at),
        ),
        "pipe_types": (
            r.PipeType(
                id="big", inner_diameter_mm=500, heat_transfer_w_per_m_k=0.5, capex_mcur_per_km=4, life_years=20, **kind
            ),
            r.PipeType(
                id="mid", inner_diameter_mm=300, heat_transfer_w_per_m_k=0, capex_mcur_per_km=2, life_years=20, **kind
            ),
        ),
        "pipes": (
            r.Pipe(
                id="pd", from_node="P", to_node="D", length_km=10, zone="Z", delay_h=15, existing_type="big",
                existing_pairs=1, candidate_types=("big",), max_new_pairs=1, cost_factor=1.5, tunnel_km=2,
                tunnel_cost_factor=3, relay_stations=2, relay_mcur_per_mw=0.01, station_power_share=0.002,
                extra_mcur_per_pair=0.5, **SRC,
            ),
            r.Pipe(
                id="de", from_node="D", to_node="E", length_km=1, regime="hot", candidate_types=("mid",),
                max_new_pairs=1, **SRC,
            ),
        ),
    }  # fmt: skip


def header(rules: tuple[r.Rule, ...]) -> r.Header:
    """Two stages; firm power is asked for in the second."""
    return r.Header(
        schema_version=1, name="valley", title="valley", currency="EUR", base_year=2020,
        stages=(r.Stage(year=2020, span_years=2, **SRC), r.Stage(year=2022, span_years=3, firm_power_mw=72, **SRC)),
        season=r.Season(
            start="01-01", design_outdoor_c=-20, indoor_c=20, load_floor_share=0.1, inertia_h=1,
            off_season_days=0, **SRC,
        ),
        economics=r.Economics(
            discount_rate_share=0, unserved_cur_per_mwh=2000, shortfall_mcur_per_mw_year=0.5, **SRC
        ),
        security=r.Security(guarantee_share=0.75, **SRC),
        regimes=(
            r.Regime(
                id="hot", supply_c=110, return_c=50, ground_c=10, substation_mcur_per_mw=0.01,
                substation_life_years=10, **SRC,
            ),
            r.Regime(
                id="mild", supply_c=70, return_c=40, ground_c=10, substation_mcur_per_mw=0.04,
                substation_life_years=20, **SRC,
            ),
        ),
        rules=rules,
    )  # fmt: skip


def valley(*rules: r.Rule) -> Instance:
    """The instance, with rules."""
    small: dict[str, Any] = {"node": "D", "technology": "small", "size_mw": 10, "count": 1, **SRC}
    return Instance(
        header=header(rules),
        **network(),
        fuels=(
            r.Fuel(id="coal", price_cur_per_mwh=10, co2_t_per_mwh=0.3, **SRC),
            r.Fuel(id="gas", price_cur_per_mwh=20, co2_t_per_mwh=0.2, **SRC),
        ),
        technologies=technologies(),
        capability=tuple(
            r.Corner(technology=t, corner=c, mode=mode, heat_mw=heat, power_mw=power, fuel_mw=fuel, **SRC)
            for (t, c), (mode, heat, power, fuel) in CORNERS.items()
        ),
        retrofits=(
            r.Retrofit(
                technology="chp", mode="low", capex_mcur_per_mw=0.2, fixed_mcur_per_mw_year=0.01, life_years=10, **SRC
            ),
            r.Retrofit(
                technology="chp", mode="rotor", seasonal=True, earliest_year=2022, capex_mcur_per_mw=0.3,
                fixed_mcur_per_mw_year=0.02, life_years=2, **SRC,
            ),
        ),
        units=(
            r.Unit(id="chp", node="P", technology="chp", size_mw=50, count=2, commissioned_year=1990, **SRC),
            r.Unit(id="flex", node="D", technology="flex", size_mw=30, count=1, **SRC),
            r.Unit(id="peak", node="D", technology="peak", size_mw=30, count=2, max_new=1, may_reserve=True, **SRC),
            r.Unit(id="old1", group="old", **small),
            r.Unit(id="old2", group="old", **small),
            r.Unit(id="stay", leaves_after_pipe="de", may_reserve=True, **small),
        ),
        stores=(
            r.Store(
                id="pit", node="D", existing_mwh=76, hours=7, seasonal=True, efficiency_share=0.5,
                loss_share_per_h=1 - 0.5 ** (1 / 12), life_years=30, **SRC,
            ),
        ),
        demands=(
            r.Demand(node="D", year=2020, area_mm2=1, peak_w_per_m2=60, **SRC),
            r.Demand(node="E", year=2020, area_mm2=0.25, peak_w_per_m2=40, **SRC),
        ),
        envelopes=(
            r.Envelope(
                node="D", measure="wrap", max_share=0.3, saving_share=0.4, capex_mcur_per_mm2=8, earliest_year=2022,
                life_years=20, **SRC,
            ),
        ),
        connections=(
            r.Connection(
                node="E", heat_price_cur_per_mwh=100, capex_mcur=6, earliest_year=2022, life_years=30, **SRC
            ),
        ),
        contingencies=(r.Contingency(id="lose-p", node="P", **SRC),),
        series=Series(
            {
                "outdoor_c": np.repeat([-20.0, 0.0, 0.0], 24),
                "power_wholesale_cur_per_mwh": np.full(72, 70.0),
                "power_retail_cur_per_mwh": np.full(72, 100.0),
            }
        ),
    )  # fmt: skip


class Answer(Sheet):
    """A result that keeps every law."""

    def __init__(self) -> None:
        self.days = frame("days", [(0, 0, 1.0, 1.0), (1, 1, 2.0, 1.0)])
        self.calendar = frame("calendar", [(0, 0), (1, 1), (2, 1)])
        self.regimes = frame("regimes", [(2020, "Z", "hot"), (2022, "Z", "mild")])
        # Design hour: 2020 D: 50 by pd + 10.35 = 60 + 0.35. 2022 D: 64.45 - 10 = 54 + 0.45, E: 10 = 10.
        self.pipes = frame(
            "pipes",
            [
                (2020, "pd", "big", "hot", 1, 1, 0, 0, 50.0),
                (2020, "de", "mid", "hot", 0, 0, 0, 0, 0.0),
                (2022, "pd", "big", "mild", 2, 1, 1, 0, 64.45),
                (2022, "de", "mid", "hot", 1, 0, 1, 0, 10.0),
            ],
        )
        self.units = frame(
            "units",
            [
                (2020, "chp", 2, 2, 0, 0, 0, 50.35),
                (2020, "flex", 1, 1, 0, 0, 0, 0.0),
                (2020, "peak", 2, 2, 0, 0, 0, 10.35),
                (2020, "old1", 1, 1, 0, 0, 0, 0.0),
                (2020, "old2", 1, 1, 0, 0, 0, 0.0),
                (2020, "stay", 1, 1, 0, 0, 0, 0.0),
                (2022, "chp", 2, 2, 0, 0, 0, 64.9),
                (2022, "flex", 1, 1, 0, 0, 0, 0.0),
                (2022, "peak", 1, 2, 0, 0, 1, 0.0),
                (2022, "old1", 0, 0, 0, 1, 0, 0.0),
                (2022, "old2", 0, 0, 0, 1, 0, 0.0),
                (2022, "stay", 0, 0, 0, 1, 0, 0.0),
            ],
        )
        self.retrofits = frame(
            "retrofits",
            [
                (2020, "chp", "low", 1, 1, 0),
                (2020, "chp", "rotor", 0, 0, 0),
                (2022, "chp", "low", 1, 0, 0),
                (2022, "chp", "rotor", 1, 1, 1),
            ],
        )
        self.stores = frame("stores", [(2020, "pit", 76.0, 0.0), (2022, "pit", 76.0, 0.0)])
        # A quarter is left after a day; day 0 takes 18.75 of it and day 1 brings 60: 75 / 4 - 18.75 = 0, 60, 15 + 60.
        self.seasonal = frame(
            "seasonal", [(y, "pit", j, level) for y in (2020, 2022) for j, level in enumerate((75.0, 0.0, 60.0))]
        )
        # Demand of the season: 12 · (2 · 60 + 2 · 2 · 30) = 2880, 2592, 480; unserved 2 · 12 · 1 at E.
        self.districts = frame(
            "districts",
            [
                (2020, "D", 1, 60.0, 0.0, 2880.0, 0.0),
                (2020, "E", 0, 0.0, 0.0, 0.0, 0.0),
                (2022, "D", 1, 54.0, 0.0, 2592.0, 0.0),
                (2022, "E", 1, 10.0, 0.0, 480.0, 24.0),
            ],
        )
        self.envelopes = frame("envelopes", [(2020, "D", "wrap", 0.0, 0.0), (2022, "D", "wrap", 0.25, 0.25)])
        # 0.5 of 60; 0.5 of 54 and 0.75 of 10. Without P: peak 60, in 2022 half of it in reserve, and flex 3.
        self.security = frame("security", [(2020, "lose-p", 30.0, 0.0), (2022, "lose-p", 34.5, 0.0)])
        self._operate()

    def _operate(self) -> None:
        series = [("unit", u, q) for u in UNITS for q in ("machines_on", "heat_mw", "power_mw", "fuel_mw")]
        series += [("unit", u, f"corner_{c}_machines") for u, t in UNITS.items() for k, c in CORNERS if k == t]
        series += [("unit", "flex", "starts")]
        series += [("pipe", line, q) for line in ("pd/big", "de/mid") for q in ("flow_mw", "pump_mw")]
        series += [("store", "pit", q) for q in ("charge_mw", "discharge_mw", "level_mwh")]
        series += [("node", n, "unserved_mw") for n in "DE"] + [("node", n, "spill_mw") for n in "PD"]
        self.begin((2020, 2022), (0, 1), series)
        for year in (2020, 2022):
            self.one(year, 0, 0, "store", "pit", discharge_mw=3.125, level_mwh=-37.5)  # half of 37.5 is left by night
            self.one(year, 0, 12, "store", "pit", level_mwh=-18.75)
            self.one(year, 1, 12, "store", "pit", charge_mw=10, level_mwh=60)
            for day in (0, 1):
                for hour in (0, 12):
                    self.one(year, day, hour, "pipe", "pd/big", pump_mw=5)
                    self.one(year, day, hour, "pipe", "de/mid", pump_mw=1)
        # 2020 day 0: P 40 and 80. Out comes (9 · 79.65 + 3 · 39.65) / 12 = 69.65, then 49.65, against 60.35.
        self.run(2020, 0, 0, "chp", full=1, cond=1)
        self.run(2020, 0, 12, "chp", full=2)
        self.run(2020, 0, 12, "peak", full=10.7 / 30)
        self.move(2020, 0, (39.65, 79.65), (0, 0), spill=(12.425, 0))  # 69.65 + 3.125 - 60.35
        # 2020 day 1: 39.65 against 30.35, and 10 into the pit.
        for hour in (0, 12):
            self.run(2020, 1, hour, "chp", full=1)
        self.run(2020, 1, 12, "peak", full=0.7 / 30)
        self.move(2020, 1, (39.65, 39.65), (0, 0), spill=(9.3, 0))
        # 2022 day 0: P 85 and 60. Out comes (9 · 59.55 + 3 · 84.55) / 12 = 65.8, then 78.3, against 54.45 + 10.
        self.run(2022, 0, 0, "chp", rotor=1, low=0.5, idle=0.5)
        self.run(2022, 0, 12, "chp", rotor=1, idle=1)
        self.move(2022, 0, (84.55, 59.55), (10, 10), spill=(4.475, 13.85))
        # 2022 day 1: 29.55 against 27.45 + 4 and + 5, and 10 into the pit.
        for hour, heat in ((0, 1.9), (12, 12.9)):
            self.run(2022, 1, hour, "chp", part=1)
            self.run(2022, 1, hour, "peak", full=heat / 30)
        self.move(2022, 1, (29.55, 29.55), (4, 5), spill=(0, 0))
        self.one(2022, 1, 0, "node", "E", unserved_mw=1)

    def run(self, year: int, day: int, hour: int, unit: str, **weights: float) -> None:
        """A step of a unit by the weights of its corners, those not named being 0."""
        own = {c: values for (t, c), values in CORNERS.items() if t == UNITS[unit]}
        told = {f"corner_{c}_machines": weights.get(c, 0.0) for c in own}
        heat, power, fuel = (sum(w * own[c][k] for c, w in weights.items()) for k in (1, 2, 3))
        self.one(year, day, hour, "unit", unit, **told, machines_on=sum(weights.values()))
        self.one(year, day, hour, "unit", unit, heat_mw=heat, power_mw=power, fuel_mw=fuel)

    def move(
        self, year: int, day: int, pd: tuple[float, float], de: tuple[float, float], spill: tuple[float, float]
    ) -> None:
        """Flows of both steps, and the spill at D."""
        for k, hour in enumerate((0, 12)):
            self.one(year, day, hour, "pipe", "pd/big", flow_mw=pd[k])
            self.one(year, day, hour, "pipe", "de/mid", flow_mw=de[k])
            self.one(year, day, hour, "node", "D", spill_mw=spill[k])


def with_row(instance: Instance, table: str, place: dict[str, str], **changes: object) -> Instance:
    """The instance with changes in the rows of a table that have the columns of `place`."""
    rows = [
        row.model_copy(update=changes) if all(getattr(row, k) == v for k, v in place.items()) else row
        for row in getattr(instance, table)
    ]
    return instance.replace(**{table: tuple(rows)})
