"""What single days of a stage cost: each as a ring of 24 hours, an LP (`heatnet.representative.DayCost`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heatnet.errors import SolverError
from heatnet.instance.instance import Array
from heatnet.operate.stage import Stage
from solvers.highs import Warm
from solvers.numbers import Numbers
from solvers.season import DAY, Writer


class DayCost:
    """The hourly model of a stage, a day at a time, machines not whole."""

    def costs(self, stage: Stage, days: Sequence[int]) -> Array:
        """Operating cost of days of the season in million, each alone."""
        numbers = Numbers(stage)
        return np.array([self._cost(numbers, day) for day in days])

    def _cost(self, numbers: Numbers, day: int) -> float:
        vertex = Warm(Writer(numbers, DAY * day, DAY, None).write().matrix).solve()
        if vertex is None or vertex.x is None:
            raise SolverError(f"day {day} of stage {numbers.stage.year} cannot be run with the reference plan.")
        return vertex.cost
