"""Write `series/season.csv`: a heating season of 120 days from 15 November, hour by hour.

Found (keys of README.md): monthly mean outdoor temperatures of 2008 and 2009 (S47); range of spot prices (T16).
Recalled: design outdoor temperature -5.3 °C; levels of the retail tariff.
Assumed: everything else, the wholesale level and shape by hour within the range of T16.
It is a made-up season with the right mean and extreme, not a record of one winter.

Temperature. The means of the two years stand at the middle of each month, straight lines between. Day-to-day noise
(first-order autoregression) is scaled and the whole shifted so that the coldest day has a mean of exactly -5.3 °C and
the season one of about 2.2 °C. The day before the coldest is set to -5.2 °C, because the heat load follows the mean of
the last 24 hours: so the load stays at its design value through the coldest day. A daily swing of ±3 K, the same each
day, lies on top; steps at midnight have no effect on the 24-hour mean, which therefore never falls below -5.3 °C.

Treated sewage. 14 °C at the start, 12 °C after 60 days, 13 °C at the end.

Residential shape. ±5 % by hour, mean 1 in each day, less where the load of the day nears its design value and none
there: amplitude 5 % · min(1, 2 · (1 - load factor of the day)). So load factor times shape stays within 1.

Run: `python make_season.py` (numpy and pandas; the same numbers every time).
"""

from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20231031
DAYS = 120
START = pd.Timestamp("2023-11-15")
DESIGN_C, INDOOR_C, MEAN_C = -5.3, 18.0, 2.2
MONTHLY_C = {
    "2023-11-15": (9.1, 4.8),
    "2023-12-16": (2.4, 0.8),
    "2024-01-16": (-2.0, -0.2),
    "2024-02-15": (1.0, 5.1),
    "2024-03-16": (10.3, 9.0),
}
PERSISTENCE = 0.7
SWING_K = 3.0
WARMEST_HOUR = 15

WHOLESALE = {range(10, 14): 120.0, range(17, 21): 560.0}
WHOLESALE_ELSE = 330.0
RETAIL = {
    range(11, 14): 300.0,  # deep valley
    range(10, 11): 400.0,
    range(14, 15): 400.0,
    range(2, 5): 400.0,  # valley
    range(16, 17): 950.0,
    range(19, 20): 950.0,  # peak
    range(17, 19): 1100.0,  # sharp peak
}
RETAIL_ELSE = 650.0  # flat
GAS_BY_MONTH = {11: 0.97, 12: 1.02, 1: 1.05, 2: 1.00, 3: 0.93}
SHAPE_AMPLITUDE = 0.05
SEWAGE_C = {0: 14.0, 60: 12.0, DAYS - 1: 13.0}  # treated sewage by day of the season, straight lines between


def by_hour(levels: dict[range, float], otherwise: float) -> np.ndarray:
    values = np.full(24, otherwise)
    for hours, level in levels.items():
        values[list(hours)] = level
    return values


def daily_means(rng: np.random.Generator) -> np.ndarray:
    middles = pd.to_datetime(list(MONTHLY_C))
    climate = np.interp(np.arange(DAYS), (middles - START).days, [np.mean(pair) for pair in MONTHLY_C.values()])
    noise = np.zeros(DAYS)
    for day in range(1, DAYS):
        noise[day] = PERSISTENCE * noise[day - 1] + rng.normal()
    noise -= noise.mean()
    base = climate - climate.mean() + MEAN_C
    low, high = 0.0, 10.0
    for _ in range(60):  # the coldest day falls as the noise grows
        scale = (low + high) / 2
        low, high = (scale, high) if (base + scale * noise).min() > DESIGN_C else (low, scale)
    means = np.round(base + scale * noise, 1)
    coldest = int(means.argmin())
    means[coldest - 1] = DESIGN_C + 0.1
    means[np.arange(DAYS) != coldest] = np.maximum(means[np.arange(DAYS) != coldest], DESIGN_C + 0.1)
    means[coldest] = DESIGN_C
    return means


def main() -> None:
    rng = np.random.default_rng(SEED)
    hour = np.arange(24 * DAYS)
    of_day = hour % 24
    month = (START + pd.to_timedelta(hour, unit="h")).month.to_numpy()

    means = daily_means(rng)
    swing = np.round(SWING_K * np.cos(2 * np.pi * (np.arange(24) - WARMEST_HOUR) / 24), 1)
    outdoor = means.repeat(24) + swing[of_day]

    smoothed = np.mean([np.roll(outdoor, lag) for lag in range(24)], axis=0)
    factor = (INDOOR_C - smoothed) / (INDOOR_C - DESIGN_C)
    room = np.clip(2 * (1 - factor.reshape(DAYS, 24).mean(axis=1)), 0, 1).repeat(24)
    # twice a day up (morning, evening), twice down: mean 0 over the day
    wave = np.sin(4 * np.pi * (np.arange(24) - 4) / 24)
    shape = 1 + SHAPE_AMPLITUDE * room * wave[of_day]

    wholesale = by_hour(WHOLESALE, WHOLESALE_ELSE)[of_day]
    wholesale = wholesale * rng.normal(1, 0.08, DAYS).repeat(24) + rng.normal(0, 10, hour.size)
    gas = pd.Series(month).map(GAS_BY_MONTH).to_numpy()

    season = pd.DataFrame(
        {
            "hour": hour,
            "outdoor_c": outdoor.round(1),
            "power_wholesale_cny_per_mwh": wholesale.round(1),
            "power_retail_cny_per_mwh": by_hour(RETAIL, RETAIL_ELSE)[of_day].round(1),
            "gas_price_factor": (gas / gas.mean()).round(4),
            "residential_shape_factor": shape.round(4),
            "sewage_c": np.interp(hour // 24, list(SEWAGE_C), list(SEWAGE_C.values())).round(2),
        }
    )
    season.to_csv(Path(__file__).parent / "series" / "season.csv", index=False, lineterminator="\n")
    load = np.maximum(0.15, factor)
    print(f"season mean {outdoor.mean():.2f} °C, coldest day {means.min():.1f} °C")
    print(f"full-load hours {load.sum():.0f}, largest load factor {load.max():.3f}")
    print(f"mean prices {wholesale.mean():.0f} wholesale, {by_hour(RETAIL, RETAIL_ELSE).mean():.0f} retail, CNY/MWh")


if __name__ == "__main__":
    main()
