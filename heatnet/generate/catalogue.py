"""Pipe types, fuels and technologies of generated instances: figures of the instance `jinan`, with their marks.

Money is CNY of 2024. A test compares every row with `instances/jinan`, where the sources are. Pipe types below DN100
are at the cost law of the others: 1000 + 14000 (DN/800)^1.4 CNY/m.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from heatnet.instance import records as r
from heatnet.instance.packaged import packaged

Row = TypeVar("Row", bound=r.Record)

ORIGIN = "as in the instance jinan"

INDOOR_C, DESIGN_OUTDOOR_C = 18.0, -5.3
GUARANTEE_SHARE = 0.4


def _source(mark: str) -> str:
    return f"{mark}: {ORIGIN}"


def _table(name: str, record: type[Row]) -> tuple[Row, ...]:
    return packaged("heatnet.generate", f"tables/{name}.csv", record, "CNY")


PIPE_TYPES = _table("pipe_types", r.PipeType)
"""DN20 to DN1600, in order of size."""

FUELS = _table("fuels", r.Fuel)
TECHNOLOGIES = _table("technologies", r.Technology)
CAPABILITY = _table("capability", r.Corner)
RETROFITS = _table("retrofits", r.Retrofit)

REGIMES = (
    r.Regime(id="ordinary", supply_c=120, return_c=60, ground_c=8, source=_source("recalled")),
    r.Regime(
        id="large",
        supply_c=130,
        return_c=25,
        ground_c=8,
        substation_mcur_per_mw=0.2,
        substation_life_years=20,
        source=_source("assumed"),
    ),
)

SEASON = r.Season(
    start="11-15",
    design_outdoor_c=DESIGN_OUTDOOR_C,
    indoor_c=INDOOR_C,
    load_floor_share=0.15,
    inertia_h=24,
    source=_source("assumed"),
)

ECONOMICS = r.Economics(
    discount_rate_share=0.06,
    unserved_cur_per_mwh=2000,
    shortfall_mcur_per_mw_year=10.0,
    source=_source("assumed"),
)

SECURITY = r.Security(guarantee_share=GUARANTEE_SHARE, source=_source("recalled"))

CO2_PRICE_CNY_PER_T = {2024: 80, 2028: 80, 2030: 120, 2035: 200}
"""By year, straight lines between, constant beyond."""

GRID_CO2_T_PER_MWH = {2024: 0.64, 2025: 0.62, 2026: 0.60, 2028: 0.56, 2030: 0.52, 2035: 0.42}
"""As above."""

POLLUTANT_PRICES_CNY_PER_KG = {"so2_price_cur_per_kg": 6.3, "nox_price_cur_per_kg": 6.3, "pm_price_cur_per_kg": 0.55}

TANK = {"hours": 6, "efficiency_share": 0.98, "loss_share_per_h": 7.92e-05, "capex_mcur_per_mwh": 0.025} | {
    "fixed_share_per_year": 0.003,
    "life_years": 40,
}
PIT = {"hours": 150, "seasonal": True, "efficiency_share": 0.8, "loss_share_per_h": 6.06e-05} | {
    "capex_mcur_per_mwh": 0.0064,
    "fixed_share_per_year": 0.00235,
    "life_years": 30,
}
"""Figures of stores."""


def heat_mw(technology: str) -> float:
    """Most heat of a machine of the technology's size in the modes that need no retrofit, MW."""
    bought = {row.mode for row in RETROFITS if row.technology == technology}
    return max(row.heat_mw for row in CAPABILITY if row.technology == technology and row.mode not in bought)


def size_mw(technology: str) -> float:
    """Size that the corner points of a technology describe, MW."""
    return next(row.size_mw for row in TECHNOLOGIES if row.id == technology)


def used(units: Iterable[r.Unit]) -> dict[str, tuple[r.Record, ...]]:
    """The tables of fuels, technologies, corner points and retrofits, as far as units need them."""
    names = {unit.technology for unit in units}
    technologies = tuple(row for row in TECHNOLOGIES if row.id in names)
    return {
        "fuels": tuple(row for row in FUELS if row.id in {technology.fuel for technology in technologies}),
        "technologies": technologies,
        "capability": tuple(row for row in CAPABILITY if row.technology in names),
        "retrofits": tuple(row for row in RETROFITS if row.technology in names),
    }
