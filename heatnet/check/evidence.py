"""A result with what follows from it, as the operation is judged and priced by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from heatnet.check.calendar import Calendar
    from heatnet.check.facts import Facts
    from heatnet.check.findings import Array, Findings
    from heatnet.check.hours import Hours
    from heatnet.check.operation import Operation
    from heatnet.check.plan import Plan
    from heatnet.check.state import State


@dataclass(frozen=True)
class Evidence:
    """`full_demand_mw` and `demand_mw`, before and after the demand side, have the axes stages, days, steps, nodes.

    `before`: where the steps are hours in a row, values of the hours before them by name, of the same axes, the latest
    last; None where each day is a ring.
    """

    found: Findings
    facts: Facts
    calendar: Calendar
    hours: Hours
    plan: Plan
    state: State
    full_demand_mw: Array
    demand_mw: Array
    operation: Operation
    before: Mapping[str, Array] | None = None

    def earlier(self, name: str, values: Array, steps: int) -> Array:
        """The values of some steps earlier: around the ring of the day, or from the hours before."""
        if self.before is None or not steps:
            return np.roll(values, steps, axis=2)
        return np.concatenate([self.before[name][:, :, -steps:], values], axis=2)[:, :, : values.shape[2]]

    def risen(self, name: str, values: Array) -> Array:
        """How much more than in the step before."""
        return values - self.earlier(name, values, 1)

    def note(self, law: str, size: Array, tolerance: npt.ArrayLike, unit: str, ids: list[str]) -> None:
        """Notes what breaks a law of the operation; the axes of `size` are stages, days, steps and things."""
        years, days, hours = self.facts.stages.years, self.calendar.ids, self.calendar.hours
        self.found.judge(f"operation.{law}", size, tolerance, unit, stage=years, day=days, hour=hours, id=ids)


def all_day(by_stage: Array) -> Array:
    """Values of stages and things with axes of one day and one step put in."""
    return by_stage[:, None, None, :]
