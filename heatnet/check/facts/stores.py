"""Heat stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from heatnet.check.facts.arrays import integers, numbers, years
from heatnet.physics.finance import annuity_share

if TYPE_CHECKING:
    from heatnet.check.facts.nodes import Place
    from heatnet.check.findings import Array, IntArray
    from heatnet.instance import Instance


@dataclass(frozen=True)
class Stores:
    """Heat stores; those that are `seasonal` carry heat from day to day, and over the days between seasons."""

    ids: list[str]
    node: IntArray
    existing_mwh: Array
    max_new_mwh: Array
    hours: Array
    seasonal: npt.NDArray[np.bool_]
    efficiency: Array
    loss_share_per_h: Array
    earliest: IntArray
    capex_mcur_per_mwh: Array
    fixed_share: Array
    life: IntArray
    annuity: Array
    off_season_days: int

    @classmethod
    def of(cls, instance: Instance, rate: float, place: Place) -> Stores:
        """The stores of an instance."""
        rows, told = instance.stores, instance.header.season.off_season_days
        return cls(
            ids=[row.id for row in rows],
            node=integers(place[row.node] for row in rows),
            existing_mwh=numbers(row.existing_mwh for row in rows),
            max_new_mwh=numbers(row.max_new_mwh for row in rows),
            hours=numbers(row.hours for row in rows),
            seasonal=np.array([row.seasonal for row in rows], dtype=bool),
            efficiency=numbers(row.efficiency_share for row in rows),
            loss_share_per_h=numbers(row.loss_share_per_h for row in rows),
            earliest=years(row.earliest_year for row in rows),
            capex_mcur_per_mwh=numbers(row.capex_mcur_per_mwh for row in rows),
            fixed_share=numbers(row.fixed_share_per_year for row in rows),
            life=integers(row.life_years for row in rows),
            annuity=numbers(annuity_share(rate, row.life_years) for row in rows),
            off_season_days=max(0, 365 - len(instance.series["outdoor_c"]) // 24) if told is None else told,
        )

    @property
    def seasonal_ids(self) -> list[str]:
        """Ids of the seasonal stores."""
        return [name for name, seasonal in zip(self.ids, self.seasonal, strict=True) if seasonal]
