"""Where to ask the blocks next: between what the cuts make look best and the best point that is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvers.matrix import Array

INWARD = 0.1
"""Share of the way to the middle that is gone from between the two."""

FORGET = 0.2
"""Share of the middle that a new point replaces: it has to follow, or the last points asked would miss the best."""


@dataclass
class InOut:
    """In-out stabilisation: the point asked is a share of the way from the best point known to the core's optimum.

    From there it is moved a little towards the middle, a mean of the points asked so far that forgets the old ones.
    Where both ends say that nothing is there, any slope of a block's cost is true for less than nothing, and most are
    far too steep for more; from the inside only those are left that say something. All are points of the core, so the
    point asked is one, and what it costs is a cost of the relaxation. Sources: Ben-Ameur and Neto, Acceleration of
    cutting-plane and column generation algorithms (2007); for the middle Magnanti and Wong, Accelerating Benders
    decomposition (1981).
    """

    share: float = 0.5
    point: Array | None = None
    cost: float = np.inf
    _middle: Array | None = None

    def ask(self, optimum: Array) -> Array:
        """The point to ask at."""
        asked = optimum if self.point is None else self.share * optimum + (1.0 - self.share) * self.point
        if self._middle is not None:
            asked = (1.0 - INWARD) * asked + INWARD * self._middle
        return asked

    def told(self, point: Array, cost: float) -> None:
        """What a point costs, infinite where it cannot be run."""
        self._middle = point if self._middle is None else (1.0 - FORGET) * self._middle + FORGET * point
        if cost < self.cost:
            self.point, self.cost = point, cost
