"""Where to ask the blocks next: between what the cuts make look best and the best point that is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvers.matrix import Array


@dataclass
class InOut:
    """In-out stabilisation: the point asked is a share of the way from the best point known to the core's optimum.

    Source: Ben-Ameur and Neto, Acceleration of cutting-plane and column generation algorithms (2007). Both ends are
    points of the core, so the point asked is one, and what it costs is a cost of the relaxation.
    """

    share: float = 0.5
    point: Array | None = None
    cost: float = np.inf

    def ask(self, optimum: Array) -> Array:
        """The point to ask at."""
        if self.point is None:
            return optimum
        asked: Array = self.share * optimum + (1.0 - self.share) * self.point
        return asked

    def told(self, point: Array, cost: float) -> None:
        """What a point costs, infinite where it cannot be run."""
        if cost < self.cost:
            self.point, self.cost = point, cost
