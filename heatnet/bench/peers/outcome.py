"""What a run of one side tells."""

from __future__ import annotations

import math
from dataclasses import dataclass

from heatnet.instance.instance import Instance
from heatnet.instance.series import TimeGrid


@dataclass(frozen=True)
class Outcome:
    """Seconds of assembling the components, of building the model down to its matrix, and of solving.

    `cost`: million of the base year, None where nothing was found. `proved`: whether it is optimal to `Task.gap`.
    `bound`: what no run of a season can cost less than, where one is known.
    """

    status: str
    proved: bool
    cost: float | None
    assemble_s: float
    build_s: float
    solve_s: float
    rows: int = 0
    columns: int = 0
    integers: int = 0
    nonzeros: int = 0
    bound: float | None = None


@dataclass(frozen=True)
class Task:
    """An instance on its grid, to be solved to a relative gap within seconds, by one thread."""

    instance: Instance
    grid: TimeGrid
    gap: float = 1e-5
    seconds: float = 600.0


def steps_of(hours: float, step_hours: int) -> int:
    """Steps that a least time of hours takes, one at least."""
    return max(math.ceil(hours / step_hours), 1)
