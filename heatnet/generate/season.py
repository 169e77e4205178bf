"""A made-up heating season of 120 days from 15 November, by the mechanism of the instance `jinan`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from heatnet.generate.catalogue import DESIGN_OUTDOOR_C, INDOOR_C, SEASON
from heatnet.instance import Series
from heatnet.instance.instance import Array
from heatnet.physics.load import load_factor

DAYS = 120
MEAN_C = 2.2
CLIMATE_C = {0: 6.95, 31: 1.6, 62: -1.1, 92: 3.05, 122: 9.65}
"""Mean outdoor temperature by day of the season, straight lines between."""

SEWAGE_C = {0: 14.0, 60: 12.0, 119: 13.0}
PERSISTENCE = 0.7
SWING_K = 3.0
WARMEST_HOUR = 15
WHOLESALE = {range(10, 14): 120.0, range(17, 21): 560.0}
WHOLESALE_ELSE = 330.0
RETAIL = {
    range(2, 5): 400.0,
    range(10, 11): 400.0,
    range(11, 14): 300.0,
    range(14, 15): 400.0,
    range(16, 17): 950.0,
    range(17, 19): 1100.0,
    range(19, 20): 950.0,
}
RETAIL_ELSE = 650.0
GAS_BY_MONTH = {0: 0.97, 16: 1.02, 47: 1.05, 78: 1.00, 107: 0.93}
"""Factor from this day of the season on."""

SHAPE_AMPLITUDE = 0.05


def season(rng: np.random.Generator) -> Series:
    """The hourly series. The coldest day has the design temperature, the day before it nearly so.

    So the load, which follows the mean of 24 hours, is at its design value through the coldest day and never above.
    The residential shape is less the nearer a day is to the design load, so that load times shape stays within 1.
    """
    days, of_day = np.arange(DAYS), np.tile(np.arange(24), DAYS)
    swing = np.round(SWING_K * np.cos(2 * np.pi * (np.arange(24) - WARMEST_HOUR) / 24), 1)
    outdoor = np.round(_daily_means(rng).repeat(24) + swing[of_day], 1)

    load = load_factor(outdoor, INDOOR_C, DESIGN_OUTDOOR_C, SEASON.load_floor_share, SEASON.inertia_h)
    room = np.clip(2 * (1 - load.reshape(DAYS, 24).mean(axis=1)), 0, 1).repeat(24)
    wave = np.sin(4 * np.pi * (np.arange(24) - 4) / 24)

    wholesale = _by_hour(WHOLESALE, WHOLESALE_ELSE)[of_day] * rng.normal(1, 0.08, DAYS).repeat(24)
    months = list(GAS_BY_MONTH)
    gas = np.array(list(GAS_BY_MONTH.values()))[np.searchsorted(months, days, side="right") - 1].repeat(24)
    return Series(
        {
            "outdoor_c": outdoor,
            "power_wholesale_cur_per_mwh": np.round(wholesale + rng.normal(0, 10, of_day.size), 1),
            "power_retail_cur_per_mwh": _by_hour(RETAIL, RETAIL_ELSE)[of_day],
            "gas_price_factor": np.round(gas / gas.mean(), 4),
            "residential_shape_factor": np.round(1 + SHAPE_AMPLITUDE * room * wave[of_day], 4),
            "sewage_c": np.round(np.interp(days, list(SEWAGE_C), list(SEWAGE_C.values())), 2).repeat(24),
        }
    )


def _daily_means(rng: np.random.Generator) -> Array:
    climate = np.interp(np.arange(DAYS), list(CLIMATE_C), list(CLIMATE_C.values()))
    noise = np.zeros(DAYS)
    for day in range(1, DAYS):
        noise[day] = PERSISTENCE * noise[day - 1] + rng.normal()
    base, noise = climate - climate.mean() + MEAN_C, noise - noise.mean()
    low, high = 0.0, 10.0
    for _ in range(60):  # the coldest day falls as the noise grows
        scale = (low + high) / 2
        low, high = (scale, high) if (base + scale * noise).min() > DESIGN_OUTDOOR_C else (low, scale)
    means: Array = np.maximum(np.round(base + scale * noise, 1), DESIGN_OUTDOOR_C + 0.1)
    coldest = max(1, int(np.argmin(base + scale * noise)))
    means[coldest - 1] = DESIGN_OUTDOOR_C + 0.1
    means[coldest] = DESIGN_OUTDOOR_C
    return means


def _by_hour(levels: Mapping[range, float], otherwise: float) -> Array:
    values = np.full(24, otherwise)
    for hours, level in levels.items():
        values[list(hours)] = level
    return values
