"""What a yearly limit counts for a machine at a corner point."""

from __future__ import annotations

from heatnet.formulation.case import Case, Machine
from heatnet.instance.records import Corner, YearlyLimit


def per_hour(case: Case, machine: Machine, corner: Corner, rule: YearlyLimit, year: int) -> float:
    """What one machine at a corner uses, emits or makes in an hour, in the unit of the rule."""
    return _factor(case, rule, year) * _per_hour(case, machine, corner, rule.quantity)


def _per_hour(case: Case, machine: Machine, corner: Corner, quantity: str) -> float:
    """MWh of fuel or heat, or tonnes, of one machine at a corner for an hour."""
    if quantity in ("heat_mwh", "heated_area_mm2"):
        return corner.heat_mw
    technology = machine.technology
    co2 = case.instance.fuel[technology.fuel].co2_t_per_mwh if technology.fuel else 0.0
    per_mwh = {
        "fuel_mwh": 1.0,
        "co2_t": co2,
        "so2_t": technology.so2_g_per_mwh / 1e6,
        "nox_t": technology.nox_g_per_mwh / 1e6,
        "pm_t": technology.pm_g_per_mwh / 1e6,
    }
    return corner.fuel_mw * per_mwh[quantity]


def _factor(case: Case, rule: YearlyLimit, year: int) -> float:
    """From MWh or tonnes to the unit of the rule: 1, or the Mm² that 1 MWh of a season heats on the average."""
    if rule.quantity != "heated_area_mm2":
        return 1.0
    demand = case.grid.season_demand_mwh(year)
    area = sum(case.instance.area_mm2(node, year) for node in case.instance.demand_nodes)
    return area / demand if demand else 0.0
