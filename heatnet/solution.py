"""A plan and its operation, as pandas frames with units in the column names (`docs/model.md`, Result tables)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from heatnet.errors import RunError

COLUMNS: dict[str, dict[str, str]] = {
    "days": {"day": "int64", "season_day": "int64", "weight_days": "float64", "load_scale": "float64"},
    "calendar": {"season_day": "int64", "day": "int64"},
    "pipes": {
        "stage": "int64",
        "pipe": "str",
        "type": "str",
        "regime": "str",
        "pairs": "int64",
        "existing_pairs": "int64",
        "new_pairs": "int64",
        "removed_pairs": "int64",
        "design_flow_mw": "float64",
    },
    "units": {
        "stage": "int64",
        "unit": "str",
        "machines": "int64",
        "existing_machines": "int64",
        "new_machines": "int64",
        "retired_machines": "int64",
        "reserve_machines": "int64",
        "design_heat_mw": "float64",
    },
    "retrofits": {
        "stage": "int64",
        "unit": "str",
        "mode": "str",
        "machines": "int64",
        "new_machines": "int64",
        "season_machines": "int64",
    },
    "stores": {"stage": "int64", "store": "str", "size_mwh": "float64", "new_mwh": "float64"},
    "seasonal": {"stage": "int64", "store": "str", "season_day": "int64", "level_mwh": "float64"},
    "regimes": {"stage": "int64", "zone": "str", "regime": "str"},
    "districts": {
        "stage": "int64",
        "node": "str",
        "connected": "int64",
        "design_demand_mw": "float64",
        "design_shortfall_mw": "float64",
        "demand_mwh": "float64",
        "unserved_mwh": "float64",
    },
    "envelopes": {
        "stage": "int64",
        "node": "str",
        "measure": "str",
        "area_mm2": "float64",
        "new_mm2": "float64",
    },
    "security": {"stage": "int64", "contingency": "str", "guaranteed_mw": "float64", "missing_mw": "float64"},
    "operation": {
        "stage": "int64",
        "day": "int64",
        "hour": "int64",
        "kind": "str",
        "id": "str",
        "quantity": "str",
        "value": "float64",
    },
}
"""Columns and types of each frame; a folder whose files differ is not a result."""


@dataclass(frozen=True)
class Solution:
    """The frames of an answer. See `docs/model.md` for the meaning of every column."""

    days: pd.DataFrame
    calendar: pd.DataFrame
    pipes: pd.DataFrame
    units: pd.DataFrame
    retrofits: pd.DataFrame
    stores: pd.DataFrame
    seasonal: pd.DataFrame
    regimes: pd.DataFrame
    districts: pd.DataFrame
    envelopes: pd.DataFrame
    security: pd.DataFrame
    operation: pd.DataFrame
    step_hours: int

    def write(self, folder: Path) -> None:
        """Write the frames into an existing folder: CSV, and parquet for the operation."""
        for name in COLUMNS:
            frame: pd.DataFrame = getattr(self, name)
            if name == "operation":
                frame.to_parquet(folder / "operation.parquet", index=False)
            else:
                frame.to_csv(folder / f"{name}.csv", index=False)

    @classmethod
    def read(cls, folder: Path, step_hours: int) -> Solution:
        """Read what `write` wrote.

        Raises RunError with one sentence for a file that is missing, unreadable or has other columns.
        """
        frames = {f.name: _read_frame(folder, f.name) for f in fields(cls) if f.name in COLUMNS}
        return cls(**frames, step_hours=step_hours)


def frame(name: str, rows: Sequence[tuple[Any, ...]] | pd.DataFrame) -> pd.DataFrame:
    """A frame of the named kind from rows in column order, with the right types even when empty."""
    columns = COLUMNS[name]
    table: pd.DataFrame = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    for column, kind in columns.items():
        if kind == "float64":
            table[column] += 0.0  # nobody wants to read -0.0
    return table


def _read_frame(folder: Path, name: str) -> pd.DataFrame:
    path = folder / (f"{name}.parquet" if name == "operation" else f"{name}.csv")
    columns = COLUMNS[name]
    texts = {column: "str" for column, kind in columns.items() if kind == "str"}
    try:
        if name == "operation":
            table = pd.read_parquet(path)
        else:
            table = pd.read_csv(path, float_precision="round_trip", keep_default_na=False, dtype=texts)
        if list(table.columns) != list(columns):
            raise RunError(f"{path}: has the columns {list(table.columns)}; a result has {list(columns)}.")
        if not isinstance(table.index, pd.RangeIndex):  # how pandas reads rows longer than the header
            raise RunError(f"{path}: has rows with more cells than the {len(columns)} of the header.")
        for column, kind in columns.items():
            if kind == "int64" and len(table) and not pd.api.types.is_integer_dtype(table[column]):
                raise RunError(f"{path}: {column} must be whole numbers.")
        table = table.astype(columns)
    except FileNotFoundError:
        raise RunError(f"{path}: is missing; a result folder has it.") from None
    except (OSError, ValueError, TypeError) as error:
        raise RunError(f"{path}: cannot be read as a table of a result ({error}).") from None
    return table
