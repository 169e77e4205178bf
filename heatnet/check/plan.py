"""The tables of the plan as arrays. Rows that are missing, repeated, unknown or not numbers become findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from heatnet.check import tolerance as tol
from heatnet.check.columns import number, place, text, whole_text
from heatnet.check.findings import Array, Findings, IntArray
from heatnet.solution import COLUMNS, Solution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heatnet.check.facts import Facts

Grid = dict[str, Array]


@dataclass(frozen=True)
class Plan:
    """What the tables of the plan say; axes are stages and things of the table (`districts`: all nodes).

    `line_regime` holds names of regimes, None where the row is missing; `zone_regime` are places in the order of the
    zone; `seasonal` is the level at the beginning of each day of the season, by stage, seasonal store and day.
    """

    pipes: Grid
    line_regime: list[list[str | None]]
    units: Grid
    retrofits: Grid
    stores: Grid
    seasonal: Array
    zone_regime: IntArray
    districts: Grid
    envelopes: Grid
    security: Grid


class Rows:
    """The rows of a table of the plan, each at its stage and thing."""

    def __init__(
        self, found: Findings, years: IntArray, table: str, frame: pd.DataFrame, ids: Sequence[str], keys: list[str]
    ) -> None:
        self._found, self._years, self._table = found, years, table
        self._frame = frame = frame.reindex(columns=list(COLUMNS[table]))
        names = [(text if COLUMNS[table][key] == "str" else whole_text)(frame[key]) for key in keys]
        self._told = ["/".join(parts) for parts in zip(*names, strict=True)]
        self._shape = len(years), len(ids)
        self._columns = [name for name in frame.columns if name not in ("stage", *keys)]
        self._stage = place(years, frame["stage"])
        things = pd.Index(list(ids), dtype=object)
        self._thing = things.get_indexer(pd.Index(self._told, dtype=object)).astype(np.int64)
        self._known = known = (self._stage >= 0) & (self._thing >= 0)
        labels = [f"unknown {name}" for name in self._told]
        found.judge(f"{table}.rows", np.where(known, 0.0, 1.0), tol.COUNT, "rows", id=labels)
        times = np.bincount(self._stage[known] * len(ids) + self._thing[known], minlength=len(years) * len(ids))
        found.judge(f"{table}.rows", np.abs(times.reshape(self._shape) - 1.0), tol.COUNT, "rows", stage=years, id=ids)

    def numbers(self) -> Grid:
        """Each column of numbers as an array; 0 where the row is missing or has no number. The first row counts."""
        return {name: self._numbers(name) for name in self._columns if COLUMNS[self._table][name] != "str"}

    def _numbers(self, column: str) -> Array:
        values = number(self._frame[column])
        bad = self._known & ~np.isfinite(values)
        for k in np.flatnonzero(bad):
            self._fault(int(k), column)
        grid = np.zeros(self._shape)
        use = np.flatnonzero(self._known & ~bad)[::-1]
        grid[self._stage[use], self._thing[use]] = values[use]
        return grid

    def labels(self, column: str) -> list[list[str | None]]:
        """A column of names, None where the row is missing. The first row counts."""
        values = text(self._frame[column])
        grid: list[list[str | None]] = [[None] * self._shape[1] for _ in range(self._shape[0])]
        for k in np.flatnonzero(self._known)[::-1]:
            grid[self._stage[k]][self._thing[k]] = values[k]
        return grid

    def positions(self, column: str, orders: Sequence[Sequence[str]]) -> IntArray:
        """Where each name stands in the order of its thing; 0, with a finding, where it is none of that order."""
        values = text(self._frame[column])
        grid = np.zeros(self._shape, dtype=np.int64)
        for k in np.flatnonzero(self._known)[::-1]:
            order = list(orders[self._thing[k]])
            if values[k] in order:
                grid[self._stage[k], self._thing[k]] = order.index(values[k])
            else:
                self._fault(int(k), column)
        return grid

    def _fault(self, k: int, column: str) -> None:
        """Notes a cell that cannot be used."""
        stage, label = int(self._years[self._stage[k]]), f"{self._told[k]} {column}"
        self._found.fault(f"{self._table}.rows", 1.0, tol.COUNT, "rows", stage=stage, id=label)


def read_plan(found: Findings, facts: Facts, solution: Solution) -> Plan:
    """The tables of the plan."""
    keys = {
        "pipes": (facts.lines.ids, ["pipe", "type"]),
        "units": (facts.units.ids, ["unit"]),
        "retrofits": (facts.retrofits.ids, ["unit", "mode"]),
        "stores": (facts.stores.ids, ["store"]),
        "seasonal": (
            [f"{name}/{day}" for name in facts.stores.seasonal_ids for day in range(facts.season_days)],
            ["store", "season_day"],
        ),
        "regimes": (facts.zones.ids, ["zone"]),
        "districts": (facts.nodes.district_ids, ["node"]),
        "envelopes": (facts.envelopes.ids, ["node", "measure"]),
        "security": (facts.contingencies.ids, ["contingency"]),
    }
    rows = {
        table: Rows(found, facts.stages.years, table, getattr(solution, table), ids, names)
        for table, (ids, names) in keys.items()
    }
    wide = {}
    for name, values in rows["districts"].numbers().items():
        wide[name] = np.zeros((len(facts.stages.years), len(facts.nodes.ids)))
        wide[name][:, facts.nodes.districts] = values
    level = rows["seasonal"].numbers()["level_mwh"]
    orders = [[facts.zones.regime_ids[k] for k in order] for order in facts.zones.order]
    return Plan(
        pipes=rows["pipes"].numbers(),
        line_regime=rows["pipes"].labels("regime"),
        units=rows["units"].numbers(),
        retrofits=rows["retrofits"].numbers(),
        stores=rows["stores"].numbers(),
        seasonal=level.reshape(len(level), len(facts.stores.seasonal_ids), facts.season_days),
        zone_regime=rows["regimes"].positions("regime", orders),
        districts=wide,
        envelopes=rows["envelopes"].numbers(),
        security=rows["security"].numbers(),
    )
