"""How heat demand follows the weather, and how much of the peaks of many consumers occurs at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def load_factor(
    outdoor_c: npt.NDArray[np.float64], indoor_c: float, design_outdoor_c: float, floor_share: float, inertia_h: int
) -> npt.NDArray[np.float64]:
    """Share of the design heat load in each hour of a season.

    `(indoor − T) / (indoor − design)`, not below `floor_share` (hot water and losses), with T the mean outdoor
    temperature of the last `inertia_h` hours: heavy buildings under continuous heating do not follow single
    hours. The season is taken as a ring, so that its first hours look back at its last.

    `outdoor_c`: °C, one value an hour. Returns an array of the same shape, dimensionless.
    """
    smoothed = np.mean([np.roll(outdoor_c, lag) for lag in range(inertia_h)], axis=0)
    share: npt.NDArray[np.float64] = np.maximum(floor_share, (indoor_c - smoothed) / (indoor_c - design_outdoor_c))
    return share


def simultaneity(consumers: float) -> float:
    """Share of the sum of the peak loads of so many consumers that occurs at once.

    found: Winter, Haslauer, Obernberger, Untersuchungen der Gleichzeitigkeit in kleinen und mittleren Nahwärmenetzen,
    Euroheat & Power 09/10 2001; fitted for up to about 200 consumers. Never above 1, and 1 for a single one.
    """
    if consumers <= 1:
        return 1.0
    share: float = 0.449677646267461 + 0.551234688 / (1.0 + (consumers / 53.84382392) ** 1.762743268)
    return min(share, 1.0)
