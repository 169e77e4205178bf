"""Who answers a model that is not a plan for least cost: what stands in the way, how far a plan may bend, prices.

The strategies of `heatnet.solve` answer an instance. The questions of a study are put to the one big model, changed:
another objective, a row more, decisions fixed. An engine is found by the entry-point group `heatnet.engines`.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from heatnet.errors import SolverError
from heatnet.solve import Limits, Observer, Status


@dataclass(frozen=True)
class Found:
    """What an engine says of a model: the least value of its objective found, and the bound that none is below.

    The variables of the model hold the point that was found; both are in the unit of the objective.
    """

    status: Status
    stop_reason: str
    value: float | None
    bound: float | None


Dual = Callable[[Any], float]
"""What the objective changes by per unit of a row's right-hand side; 0 for a row that is not in the LP."""


class Engine(Protocol):
    """A solver of models with one objective that is to be made small."""

    def minimise(self, model: Any, *, limits: Limits, observer: Observer, warm: bool = False) -> Found:
        """The best point within the limits. `warm`: begin from what the whole-number variables hold."""

    def duals(self, model: Any, limits: Limits) -> tuple[float, Dual] | None:
        """Value and duals of the LP in which every whole-number variable has the value that it holds."""


def find_engine() -> Engine:
    """The engine that is installed. Raises SolverError where there is none."""
    for entry in importlib.metadata.entry_points(group="heatnet.engines"):
        engine: Engine = entry.load()()
        return engine
    raise SolverError("no engine is installed; the distribution of heatnet brings one.")
