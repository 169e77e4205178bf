"""Pipes by hand and against the table of the instance jinan (`instances/jinan/README.md`)."""

from __future__ import annotations

from itertools import pairwise
from math import log10, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatnet.physics.pipes import (
    CURVE_SHARES,
    capacity_mw,
    friction_pa_per_m,
    loss_mw_per_km,
    pump_curve,
    pump_mw_per_km,
)

# inner mm, v max m/s, MW 120/60, MW 130/25, W/m 120/60, W/m 130/25, Pa/m at v max (k 0.2 mm), U W/mK; ground 8 °C.
TABLE = """
100 1.5 2.8 5.0 52 44 256 0.317
124 1.6 4.7 8.2 60 51 222 0.366
150 1.8 7.7 13.4 69 58 221 0.42
207 2.0 16.2 28.4 84 71 182 0.511
261 2.2 28.4 49.7 102 87 165 0.624
311 2.4 44.0 77.0 114 97 158 0.696
363 2.5 62.5 109.3 106 90 142 0.645
412 2.6 83.7 146.4 116 98 132 0.708
464 2.7 110.2 192.9 129 110 123 0.788
513 2.8 139.7 244.5 137 116 117 0.836
614 3.0 214.4 375.3 155 131 108 0.945
704 3.1 291.3 509.8 174 147 97 1.059
802 3.2 390.3 683.0 183 155 89 1.117
900 3.3 506.8 886.9 208 176 82 1.269
996 3.4 639.5 1119.2 228 193 77 1.388
1192 3.5 942.9 1650.1 245 208 66 1.496
1388 3.5 1278.5 2237.4 281 238 55 1.711
1584 3.5 1665.1 2913.9 273 232 47 1.667
"""
ROWS = [tuple(map(float, line.split())) for line in TABLE.split("\n") if line]
ids = [f"{row[0]:g} mm" for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_capacity_of_the_table(row: tuple[float, ...]) -> None:
    """Capacities of both regimes are those of the table, to its last digit."""
    inner, velocity, ordinary, large, *_ = row
    assert capacity_mw(inner, velocity, 120, 60) == pytest.approx(ordinary, abs=0.051)
    assert capacity_mw(inner, velocity, 130, 25) == pytest.approx(large, abs=0.051)


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_loss_of_the_table(row: tuple[float, ...]) -> None:
    """Losses of both regimes are those of the table, to its last digit."""
    *_, ordinary, large, _, transfer = row
    assert loss_mw_per_km(transfer, 120, 60, 8) * 1000 == pytest.approx(ordinary, abs=0.51)
    assert loss_mw_per_km(transfer, 130, 25, 8) * 1000 == pytest.approx(large, abs=0.51)


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_friction_of_the_table(row: tuple[float, ...]) -> None:
    """Pressure gradients are those of the table, to its last digit."""
    inner, velocity, *_, pressure, _ = row
    assert friction_pa_per_m(inner, velocity, 0.2) == pytest.approx(pressure, abs=0.51)


def test_capacity_by_hand() -> None:
    """DN1000: 0.77913 m² at 3.4 m/s and 958 kg/m³ are 2537.8 kg/s; times 4.2 kJ/kgK times 60 K 639.5 MW."""
    assert capacity_mw(996, 3.4, 120, 60) == pytest.approx(639.5, abs=0.05)


def test_loss_by_hand() -> None:
    """1.388 · ((120 - 8) + (60 - 8)) = 1.388 · 164 = 227.632 W/m."""
    assert loss_mw_per_km(1.388, 120, 60, 8) == pytest.approx(0.227632)


def test_no_loss_at_ground_temperature() -> None:
    """Water as cold as the ground loses nothing."""
    assert loss_mw_per_km(1.388, 8, 8, 8) == 0


def test_friction_meets_colebrook() -> None:
    """A factor read back from the pressure gradient satisfies Colebrook and White.

    Δp/L = f/d · ρ v²/2, so f = Δp/L · 2 d / (ρ v²); then 1/√f = -2 log10(k/(3.7 d) + 2.51/(Re √f)), Re = v d/ν.
    """
    factor = friction_pa_per_m(500, 2, 0.2) * 2 * 0.5 / (958 * 2**2)
    reynolds = 2 * 0.5 / 0.29e-6
    assert 1 / sqrt(factor) == pytest.approx(-2 * log10(0.2 / 500 / 3.7 + 2.51 / (reynolds * sqrt(factor))), rel=1e-9)


def test_friction_of_standing_water() -> None:
    """Water that stands has no friction and takes no power."""
    assert friction_pa_per_m(996, 0, 0.2) == 0
    assert pump_mw_per_km(996, 0, 0.2) == 0


def test_pump_power_by_hand() -> None:
    """DN1000 at 3.4 m/s: 77 Pa/m · 1.2 · 2000 m = 184.8 kPa per km; · 2.649 m³/s / 0.8 = 0.612 MW/km.

    The table has 77 to the unit, so the result is known to half a unit in 77.
    """
    assert pump_mw_per_km(996, 3.4, 0.2) == pytest.approx(0.612, rel=0.5 / 77)


PIPES = {
    "inner_diameter_mm": st.floats(50, 2000),
    "velocity_max_m_per_s": st.floats(0.2, 5),
    "roughness_mm": st.floats(0.01, 2),
}


@given(**PIPES)
def test_pump_curve(inner_diameter_mm: float, velocity_max_m_per_s: float, roughness_mm: float) -> None:
    """The pump curve begins at 0, rises and is convex, whatever the pipe."""
    curve = pump_curve(inner_diameter_mm, velocity_max_m_per_s, roughness_mm)
    assert len(curve) == len(CURVE_SHARES)
    assert curve[0] == 0
    points = list(zip(CURVE_SHARES, curve, strict=True))
    slopes = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(points)]
    assert slopes[0] > 0
    assert slopes == sorted(slopes)


@given(**PIPES)
def test_pump_curve_is_nearly_cubic(inner_diameter_mm: float, velocity_max_m_per_s: float, roughness_mm: float) -> None:
    """Half the velocity takes an eighth of the power, or somewhat more, since friction of slower water is larger."""
    _, half, _, full = pump_curve(inner_diameter_mm, velocity_max_m_per_s, roughness_mm)
    assert half / full * (1 + 1e-9) >= 1 / 8
    assert half / full < 1 / 5


def test_slow_water_in_a_narrow_pipe() -> None:
    """Velocities far below any in use still yield a number, small and not negative."""
    assert 0 <= friction_pa_per_m(100, 1e-6, 0.2) < 1
