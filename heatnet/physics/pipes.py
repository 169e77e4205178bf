"""Pure functions of a pair of buried district-heating pipes (one supply, one return).

Water at about 100 °C. Checked against the table of `instances/jinan/README.md` (capacity, loss, friction by DN).
"""

from __future__ import annotations

import math

DENSITY_KG_PER_M3 = 958.0
"""Water at 100 °C (steam tables)."""

HEAT_CAPACITY_KJ_PER_KG_K = 4.2
"""Water, 25 to 130 °C, mean (steam tables)."""

VISCOSITY_M2_PER_S = 0.29e-6
"""Kinematic viscosity of water at 100 °C (steam tables)."""

CRITICAL_REYNOLDS = 2320.0
"""Below it flow in a pipe is laminar (textbook value)."""

PUMP_EFFICIENCY = 0.80
"""Motor and pump together [assumed]."""

FITTINGS_FACTOR = 1.2
"""Friction of fittings and geodetic swings on top of the straight pipe [assumed]."""

CURVE_SHARES = (0.0, 0.5, 0.75, 1.0)
"""Shares of the capacity at which the pump curve is exact; it is straight between them."""


def capacity_mw(inner_diameter_mm: float, velocity_m_per_s: float, supply_c: float, return_c: float) -> float:
    """Heat that one pair carries at a velocity: ρ · A · v · c_p · (T_s − T_r)."""
    mass_flow = DENSITY_KG_PER_M3 * _area_m2(inner_diameter_mm) * velocity_m_per_s
    return mass_flow * HEAT_CAPACITY_KJ_PER_KG_K * (supply_c - return_c) / 1000.0


def loss_mw_per_km(heat_transfer_w_per_m_k: float, supply_c: float, return_c: float, ground_c: float) -> float:
    """Heat loss of one installed pair: U · ((T_s − T_g) + (T_r − T_g)), 1 W/m being 0.001 MW/km."""
    return heat_transfer_w_per_m_k * ((supply_c - ground_c) + (return_c - ground_c)) / 1000.0


def friction_pa_per_m(inner_diameter_mm: float, velocity_m_per_s: float, roughness_mm: float) -> float:
    """Pressure gradient of one pipe by Darcy and Weisbach.

    Friction factor 64/Re below the critical Reynolds number 2320 (Hagen and Poiseuille), above it by Colebrook and
    White, iterated from the fully rough value.
    """
    if velocity_m_per_s == 0.0:
        return 0.0
    diameter = inner_diameter_mm / 1000.0
    reynolds = velocity_m_per_s * diameter / VISCOSITY_M2_PER_S
    if reynolds < CRITICAL_REYNOLDS:
        factor = 64.0 / reynolds
    else:
        rough = roughness_mm / inner_diameter_mm / 3.7
        inverse_root = -2.0 * math.log10(rough)
        for _ in range(10):  # each round gains a digit or more
            inverse_root = -2.0 * math.log10(rough + 2.51 * inverse_root / reynolds)
        factor = inverse_root**-2
    return factor * DENSITY_KG_PER_M3 * velocity_m_per_s**2 / (2.0 * diameter)


def pump_mw_per_km(inner_diameter_mm: float, velocity_m_per_s: float, roughness_mm: float) -> float:
    """Electric power to move water through both pipes of a pair: pressure drop · volume flow / efficiency."""
    pressure_pa_per_km = (
        2.0 * 1000.0 * FITTINGS_FACTOR * friction_pa_per_m(inner_diameter_mm, velocity_m_per_s, roughness_mm)
    )
    volume_m3_per_s = _area_m2(inner_diameter_mm) * velocity_m_per_s
    return pressure_pa_per_km * volume_m3_per_s / PUMP_EFFICIENCY / 1e6


def pump_curve(inner_diameter_mm: float, velocity_max_m_per_s: float, roughness_mm: float) -> tuple[float, ...]:
    """Pump power in MW/km of one pair at each of `CURVE_SHARES` of the largest velocity: convex, 0 at 0."""
    return tuple(
        pump_mw_per_km(inner_diameter_mm, share * velocity_max_m_per_s, roughness_mm) for share in CURVE_SHARES
    )


def _area_m2(inner_diameter_mm: float) -> float:
    return math.pi / 4.0 * (inner_diameter_mm / 1000.0) ** 2
