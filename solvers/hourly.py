"""Hours of a stage as a matrix, and what a point of it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from heatnet.instance.instance import Array
from heatnet.operate.stage import Stage
from heatnet.operate.state import Run
from solvers.matrix import Matrix
from solvers.sheet import Columns


@dataclass(frozen=True)
class Hourly:
    """Hours of a stage as a matrix, million a season, and the columns behind every series of a run.

    `row_blocks`, `column_blocks`: rows of every law and columns of every kind, one for each hour or day, or one for
    what is settled at the end. `ends`: the row of every soft end: level of a store, most and least of a limit. Models
    of other hours of the stage have the same blocks in the same order.
    """

    stage: Stage
    matrix: Matrix
    hours: range
    columns: Mapping[str, Mapping[object, Columns]]
    ends: Mapping[tuple[str, str], Columns]
    row_blocks: tuple[Columns, ...]
    column_blocks: tuple[Columns, ...]

    def hours_of(self, blocks: tuple[Columns, ...]) -> Columns:
        """The last hour that each row or column speaks of, counted from the first of the hours."""
        return np.concatenate([(np.arange(len(one)) + 1) * len(self.hours) // len(one) - 1 for one in blocks])

    def run(self, x: Array) -> Run:
        """What the stage does at a point."""
        index = pd.RangeIndex(self.hours.start, self.hours.stop, name="hour")

        def frame(kind: str) -> pd.DataFrame:
            found = self.columns.get(kind, {})
            labels: Any = list(found)
            names = pd.MultiIndex.from_tuples(labels) if kind == "corner" and found else pd.Index(labels, dtype=object)
            values = np.array([x[at] for at in found.values()]).reshape(len(found), len(index))
            return pd.DataFrame(values.T, index=index, columns=names)

        return Run(
            corners=frame("corner").clip(lower=0.0),
            starts=frame("start").round(),
            flow_mw=frame("forward") - frame("backward").reindex(columns=frame("forward").columns, fill_value=0.0),
            charge_mw=frame("charge").clip(lower=0.0),
            discharge_mw=frame("discharge").clip(lower=0.0),
            level_mwh=frame("level").clip(lower=0.0),
            unserved_mw=frame("unserved").add(frame("missing"), fill_value=0.0).clip(lower=0.0),
            spill_mw=frame("spill").clip(lower=0.0),
        )
