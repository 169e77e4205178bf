"""Stages: their weights in money, their prices, and what stands in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatnet.check.facts.arrays import integers, numbers, table
from heatnet.physics.finance import discount_share, span_weight

if TYPE_CHECKING:
    from heatnet.check.findings import Array, IntArray
    from heatnet.instance import Instance

POLLUTANTS = ("so2", "nox", "pm")
"""Beginnings of the names of fields, in the order of arrays of pollutants."""


@dataclass(frozen=True)
class Stages:
    """`weight` is W, `once` is δ; prices and factors per tCO2 and MWh. `firm_power_mw` is −∞ where none is asked for.

    `pollutant_price_cur_per_kg` has an axis of stages and one of `POLLUTANTS`.
    """

    years: IntArray
    weight: Array
    once: Array
    co2_price_cur_per_t: Array
    grid_co2_t_per_mwh: Array
    pollutant_price_cur_per_kg: Array
    firm_power_mw: Array
    import_power_mw: Array

    @classmethod
    def of(cls, instance: Instance) -> Stages:
        """The stages of an instance."""
        stages, base = instance.header.stages, instance.header.base_year
        rate = instance.header.economics.discount_rate_share
        return cls(
            integers(s.year for s in stages),
            numbers(span_weight(rate, s.year, s.span_years, base) for s in stages),
            numbers(discount_share(rate, s.year - base) for s in stages),
            numbers(s.co2_price_cur_per_t for s in stages),
            numbers(s.grid_co2_t_per_mwh for s in stages),
            table([[getattr(s, f"{name}_price_cur_per_kg") for name in POLLUTANTS] for s in stages], len(POLLUTANTS)),
            numbers(-np.inf if s.firm_power_mw is None else s.firm_power_mw for s in stages),
            numbers(s.import_power_mw for s in stages),
        )

    def in_place(self, life_years: IntArray) -> Array:
        """1 where what was built in the stage of axis 0 is in place in the stage of axis 1; axis 2 is things."""
        built, now = self.years[:, None, None], self.years[None, :, None]
        return ((built <= now) & (now < built + life_years)).astype(np.float64)

    def standing(self, new: Array, life_years: IntArray) -> Array:
        """What is in place of what is built; `new` and the result have an axis of stages and one of things."""
        return np.asarray(np.einsum("bi,byi->yi", new, self.in_place(life_years)), dtype=np.float64)

    def early(self, new: Array, earliest: IntArray) -> Array:
        """What is built in stages before the earliest year."""
        return np.where(self.years[:, None] < earliest, np.abs(new), 0.0)

    def between(self, from_year: int | None, to_year: int | None) -> Array:
        """1 in the stages of `from_year` to `to_year`, both included; None sets no bound."""
        first = -np.inf if from_year is None else from_year
        last = np.inf if to_year is None else to_year
        return ((self.years >= first) & (self.years <= last)).astype(np.float64)
