"""A town of three nodes with all that the judge sees in machines and security, and an answer that keeps every law.

    P ==pd== D ==de== E     P: waste, old, new (converts old); D: heat pumps, 40 MW; E: boilers behind 20 MW, 20 MW

Time: r = 0, stages 2020 (two years) and 2022 (three): W = 2 and 3. Season of two days at 0 and -20 °C, both
representative with one day each: load factor (20 - T) / 40 = 0.5 and 1, load scale 1. Two steps of 12 hours.
Demand of D: 20 and 40 MW, of E: 10 and 20 MW; demand of the season 12 · (20 + 20 + 40 + 40) = 1440 and 720 MWh.
Water of the heat pumps: 16.85 and -23.15 °C on day 0, -23.15 and 76.85 on day 1, that is 290, 250, 250, 350 K; the
sink is at 350 K. With a Lorenz share of 0.6 the COP is 0.6 · 350 / 60 = 3.5, 0.6 · 350 / 100 = 2.1, 2.1, and at most 8.
Of the heat pumps can be had 0.8, and 0.8 · (1 - 0.025 · 10) = 0.6 at -23.15 °C, 10 K below -13.15; of waste 0.9.
A pair of `big` (500 mm) carries 958 · π/4 · 0.5² · 2 · 4.2 · 60 / 1000 = 94.803840 MW, one of `small` (150 mm) 0.09 of
that, 8.532346. Nothing is lost on the way.
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
BIG = 958 * math.pi / 4 * 0.5**2 * 2 * 4.2 * 60 / 1000
SMALL = 0.09 * BIG
COP = {(0, 0): 3.5, (0, 12): 2.1, (1, 0): 2.1, (1, 12): 8.0}
"""COP of the heat pumps by day and hour."""

CORNERS = {
    "waste": (20.0, 5.0, 30.0),
    "old": (50.0, 40.0, 120.0),
    "new": (90.0, 30.0, 120.0),
    "pump": (10.0, 0.0, 0.0),
    "boil": (30.0, 0.0, 33.0),
}
"""Heat, power and fuel, MW, at the corner `full` of one machine."""

UNITS = ("boil", "new", "old", "pump", "waste")
LINES = ("de/small", "pd/big", "pd/small")
MISSING = {
    # All of P: heat pumps 2 · 10 · 0.5 = 10 and 20 through the station of E are left of 45: 15 (5 flow from E to D).
    "lose-p": (15.0, 15.0),
    # 0.05 of all lines of pd: 4.740192, in 2022 5.166809, less than that.
    "thin-pd": (15.0 - 0.05 * BIG, 15.0 - 0.05 * (BIG + SMALL)),
    # E has what de carries of its 15, in 2022 two pairs.
    "lose-boil": (15.0 - SMALL, 0.0),
    # 30 MW of boilers are left, and still 20 pass the station.
    "half-boil": (0.0, 0.0),
}
"""What is missing in 2020 and 2022, MW, of the 0.75 · (40 + 20) = 45 guaranteed."""


def technologies() -> tuple[r.Technology, ...]:
    """One technology for each unit, of the same name."""
    life: dict[str, Any] = {"life_years": 30, **SRC}
    return (
        r.Technology(
            id="waste", kind="waste_incineration", fuel="waste", size_mw=5, availability_share=0.9, must_run=True,
            so2_g_per_mwh=100, nox_g_per_mwh=200, pm_g_per_mwh=10, **life,
        ),
        r.Technology(id="old", kind="extraction", fuel="coal", size_mw=50, **life),
        r.Technology(id="new", kind="back_pressure", fuel="coal", size_mw=30, life_years=2, **SRC),
        r.Technology(
            id="pump", kind="heat_pump", size_mw=10, design_heat_share=0.5, availability_share=0.8,
            source_series="water_c", source_drop_k=0, sink_in_c=76.85, sink_out_c=76.85, lorenz_share=0.6, cop_max=8,
            derate_below_c=-13.15, derate_share_per_k=0.025, **life,
        ),
        r.Technology(id="boil", kind="boiler", fuel="gas", size_mw=30, nox_g_per_mwh=50, **life),
    )  # fmt: skip


def pipe_type(name: str, inner_diameter_mm: float) -> r.PipeType:
    """A type that costs and loses nothing."""
    return r.PipeType(
        id=name, inner_diameter_mm=inner_diameter_mm, velocity_max_m_per_s=2, roughness_mm=0.1,
        heat_transfer_w_per_m_k=0, capex_mcur_per_km=0, fixed_share_per_year=0, life_years=30, **SRC,
    )  # fmt: skip


def header() -> r.Header:
    """Two stages; firm power is asked for in the second."""
    return r.Header(
        schema_version=1, name="town", title="town", currency="EUR", base_year=2020,
        stages=(
            r.Stage(
                year=2020, span_years=2, grid_co2_t_per_mwh=0.5, so2_price_cur_per_kg=2, nox_price_cur_per_kg=1, **SRC
            ),
            r.Stage(
                year=2022, span_years=3, so2_price_cur_per_kg=3, nox_price_cur_per_kg=4, pm_price_cur_per_kg=5,
                firm_power_mw=80, import_power_mw=5, **SRC,
            ),
        ),
        season=r.Season(
            start="01-01", design_outdoor_c=-20, indoor_c=20, load_floor_share=0.1, inertia_h=1,
            off_season_days=0, **SRC,
        ),
        economics=r.Economics(
            discount_rate_share=0, unserved_cur_per_mwh=2000, shortfall_mcur_per_mw_year=0.5, **SRC
        ),
        security=r.Security(guarantee_share=0.75, **SRC),
        regimes=(r.Regime(id="hot", supply_c=110, return_c=50, ground_c=10, **SRC),),
    )  # fmt: skip


def town() -> Instance:
    """The instance."""
    at: dict[str, Any] = {"lat_deg": 0, "lon_deg": 0, **SRC}
    pipe: dict[str, Any] = {
        "length_km": 1, "regime": "hot", "existing_pairs": 1, "candidate_types": ("small",), "max_new_pairs": 1, **SRC
    }  # fmt: skip
    around = np.tile([-1.0, 1.0], 24)  # vanishes in the mean of a step, but not in that of a COP
    return Instance(
        header=header(),
        nodes=(
            r.Node(id="P", kind="plant", **at),
            r.Node(id="D", kind="district", **at),
            r.Node(id="E", kind="district", heat_station_mw=20, **at),
        ),
        pipe_types=(pipe_type("big", 500), pipe_type("small", 150)),
        pipes=(
            r.Pipe(id="pd", from_node="P", to_node="D", existing_type="big", **pipe),
            r.Pipe(id="de", from_node="D", to_node="E", existing_type="small", **pipe),
        ),
        fuels=tuple(r.Fuel(id=f, price_cur_per_mwh=1, co2_t_per_mwh=0, **SRC) for f in ("coal", "gas", "waste")),
        technologies=technologies(),
        capability=tuple(
            r.Corner(technology=name, corner="full", heat_mw=heat, power_mw=power, fuel_mw=fuel, **SRC)
            for name, (heat, power, fuel) in CORNERS.items()
        ),
        units=(
            r.Unit(id="waste", node="P", technology="waste", size_mw=5, count=1, **SRC),
            r.Unit(id="old", node="P", technology="old", size_mw=50, count=2, **SRC),
            r.Unit(id="new", node="P", technology="new", size_mw=30, max_new=3, converts="old", **SRC),
            r.Unit(id="pump", node="D", technology="pump", size_mw=10, count=2, **SRC),
            r.Unit(id="boil", node="E", technology="boil", size_mw=30, count=2, **SRC),
        ),
        stores=(),
        zones=(),
        retrofits=(),
        envelopes=(),
        connections=(),
        demands=(
            r.Demand(node="D", year=2020, area_mm2=1, peak_w_per_m2=40, **SRC),
            r.Demand(node="E", year=2020, area_mm2=0.5, peak_w_per_m2=40, **SRC),
        ),
        contingencies=(
            r.Contingency(id="lose-p", node="P", **SRC),
            r.Contingency(id="thin-pd", pipe="pd", lost_share=0.95, **SRC),
            r.Contingency(id="lose-boil", unit="boil", **SRC),
            r.Contingency(id="half-boil", unit="boil", lost_share=0.5, **SRC),
        ),
        series=Series(
            {
                "outdoor_c": np.repeat([0.0, -20.0], 24),
                "power_wholesale_cur_per_mwh": np.full(48, 70.0),
                "power_retail_cur_per_mwh": np.full(48, 100.0),
                "water_c": np.repeat([16.85, -23.15, -23.15, 76.85], 12) + around,
            }
        ),
    )


class Answer(Sheet):
    """A result that can be changed; the one it starts as keeps every law, with 0 MW in the flows not told of."""

    def __init__(self) -> None:
        self.days = frame("days", [(0, 0, 1.0, 1.0), (1, 1, 1.0, 1.0)])
        self.calendar = frame("calendar", [(0, 0), (1, 1)])
        self.pipes = frame(
            "pipes",
            [
                (2020, "de", "small", "hot", 1, 1, 0, 0, 0.0),
                (2020, "pd", "big", "hot", 1, 1, 0, 0, 30.0),
                (2020, "pd", "small", "hot", 0, 0, 0, 0, 0.0),
                (2022, "de", "small", "hot", 2, 1, 1, 0, 0.0),
                (2022, "pd", "big", "hot", 1, 1, 0, 0, 30.0),
                (2022, "pd", "small", "hot", 1, 0, 1, 0, 0.0),
            ],
        )
        # Design hour: D 40 = 10 of heat pumps + 30 by pd, E 20 = 20 of boilers.
        self.units = frame(
            "units",
            [
                (2020, "boil", 2, 2, 0, 0, 0, 20.0),
                (2020, "new", 0, 0, 0, 0, 0, 0.0),
                (2020, "old", 2, 2, 0, 0, 0, 30.0),
                (2020, "pump", 2, 2, 0, 0, 0, 10.0),
                (2020, "waste", 1, 1, 0, 0, 0, 0.0),
                (2022, "boil", 2, 2, 0, 0, 0, 20.0),
                (2022, "new", 1, 0, 1, 0, 0, 0.0),
                (2022, "old", 1, 1, 0, 1, 0, 30.0),
                (2022, "pump", 2, 2, 0, 0, 0, 10.0),
                (2022, "waste", 1, 1, 0, 0, 0, 0.0),
            ],
        )
        self.districts = frame(
            "districts",
            [
                (y, *row)
                for y in (2020, 2022)
                for row in (("D", 1, 40.0, 0.0, 1440.0, 0.0), ("E", 1, 20.0, 0.0, 720.0, 0.0))
            ],
        )
        self.security = frame(
            "security",
            [(y, name, 45.0, values[k]) for k, y in enumerate((2020, 2022)) for name, values in MISSING.items()],
        )
        self._operate()

    def _operate(self) -> None:
        unit = ("machines_on", "heat_mw", "power_mw", "fuel_mw", "corner_full_machines")
        series = [("unit", name, q) for name in UNITS for q in unit]
        series += [("pipe", name, q) for name in LINES for q in ("flow_mw", "pump_mw")]
        series += [("node", name, "spill_mw") for name in "DEP"] + [("node", name, "unserved_mw") for name in "DE"]
        self.begin((2020, 2022), (0, 1), series)
        # Waste gives 0.9 · 20 = 18. Day 0: D 20 = 18 + 2 of heat pumps. Day 1: D 40 = 18 + 12 + 10 of old, and
        # 18 + 16 + 6; 12 and 16 are all that can be had of 20. E: boilers.
        for year in (2020, 2022):
            for (day, hour), pump, old, boil in zip(COP, (2, 2, 12, 16), (0, 0, 10, 6), (10, 10, 20, 20), strict=True):
                for name, heat in (("waste", 18), ("pump", pump), ("old", old), ("boil", boil)):
                    self.run(year, day, hour, name, heat)
                self.one(year, day, hour, "pipe", "pd/big", flow_mw=18 + old, pump_mw=1)

    def run(self, year: int, day: int, hour: int, name: str, heat_mw: float) -> None:
        """A step of a unit that gives `heat_mw`, with the power and fuel that belong to it."""
        heat, power, fuel = CORNERS[name]
        on = heat_mw / heat
        power_mw = -heat_mw / COP[day, hour] if name == "pump" else on * power
        self.one(year, day, hour, "unit", name, corner_full_machines=on, machines_on=on)
        self.one(year, day, hour, "unit", name, heat_mw=heat_mw, power_mw=power_mw, fuel_mw=on * fuel)


def with_technology(instance: Instance, name: str, **changes: object) -> Instance:
    """The instance with another machine."""
    rows = (t.model_copy(update=changes) if t.id == name else t for t in instance.technologies)
    return instance.replace(technologies=tuple(rows))
