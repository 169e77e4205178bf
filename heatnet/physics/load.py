"""How heat demand follows the weather."""

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
