"""Collects broken laws as rows of one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Labels = Sequence[Any] | npt.NDArray[Any]

COLUMNS = {
    "law": "str",
    "stage": "Int64",
    "day": "Int64",
    "hour": "Int64",
    "id": "str",
    "size": "float64",
    "unit": "str",
    "tolerance": "float64",
}
"""Columns of the table of violations: `size` and `tolerance` are in `unit`."""


class Findings:
    """The violations found so far."""

    def __init__(self) -> None:
        self._parts: list[pd.DataFrame] = []

    def judge(self, law: str, size: npt.ArrayLike, tolerance: npt.ArrayLike, unit: str, **axes: Labels) -> None:
        """Note every entry of `size` above `tolerance`.

        `axes` gives the labels of each axis of `size`, in its order: of `stage`, `day`, `hour` and `id`.
        """
        sizes = np.asarray(size, dtype=np.float64)
        broken = np.argwhere(~(sizes <= np.asarray(tolerance, dtype=np.float64)))
        if not len(broken):
            return
        place = tuple(broken.T)
        part: dict[str, object] = {axis: np.asarray(labels)[place[k]] for k, (axis, labels) in enumerate(axes.items())}
        part["size"] = sizes[place]
        part["tolerance"] = np.broadcast_to(tolerance, sizes.shape)[place]
        self._note(law, unit, part)

    def fault(self, law: str, size: float, tolerance: float, unit: str, **place: object) -> None:
        """Note one violation; `place` may name `stage`, `day`, `hour` and `id`."""
        row = {"size": size, "tolerance": tolerance, **place}
        self._note(law, unit, {key: [value] for key, value in row.items()})

    def _note(self, law: str, unit: str, part: dict[str, object]) -> None:
        table = pd.DataFrame(part)
        table["law"], table["unit"] = law, unit
        if "id" not in table:
            table["id"] = ""
        table = table.reindex(columns=list(COLUMNS))
        self._parts.append(table.astype(COLUMNS))

    def table(self) -> pd.DataFrame:
        """All violations, in the order in which the laws were judged."""
        if not self._parts:
            return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
        return pd.concat(self._parts, ignore_index=True)
