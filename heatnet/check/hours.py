"""What the hours of the representative days make of the machines: power of heat pumps, and heat that can be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatnet.check.calendar import step_means
from heatnet.physics.heat_pumps import cop

if TYPE_CHECKING:
    from heatnet.check.calendar import Calendar
    from heatnet.check.facts import Facts
    from heatnet.check.findings import Array
    from heatnet.instance import Instance
    from heatnet.instance.records import Technology


@dataclass(frozen=True)
class Hours:
    """Axes are days, steps and corners (`corner_power`, MW a machine) or units (`available`, a share of machines)."""

    corner_power: Array
    available: Array

    @classmethod
    def of(cls, instance: Instance, facts: Facts, calendar: Calendar) -> Hours:
        """The hours of an instance on the days of a result."""
        units, shape = facts.units, (len(calendar.ids), len(calendar.hours))
        power = np.tile(units.corner_power, (*shape, 1))
        available = np.tile(units.of_technology("availability_share"), (*shape, 1))
        for k, technology in enumerate(units.technologies):
            if technology.source_series is None:
                continue
            source = step_means(calendar, instance.series[technology.source_series])
            available[:, :, k] *= _derating(technology, source)
            if technology.lorenz_share is not None:
                own = units.corner_unit == k
                power[:, :, own] = -units.corner_heat[own] / _cop(technology, source)[:, :, None]
        return cls(power, available)


def _derating(technology: Technology, source_c: Array) -> Array:
    """Share of the heat of a machine that its source leaves, 1 where it is warm enough."""
    if technology.derate_below_c is None:
        return np.ones(source_c.shape)
    cold = np.maximum(0.0, technology.derate_below_c - source_c)
    return np.asarray(np.maximum(0.0, 1.0 - technology.derate_share_per_k * cold), dtype=np.float64)


def _cop(technology: Technology, source_c: Array) -> Array:
    """MW of heat from one MW of power, for a technology whose COP follows its source."""
    names = ("source_drop_k", "sink_in_c", "sink_out_c", "lorenz_share", "cop_max")
    return np.asarray(cop(source_c, *(getattr(technology, name) for name in names)), dtype=np.float64)
