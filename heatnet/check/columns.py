"""Columns of frames that may hold anything, as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from heatnet.check.findings import Array, IntArray

UNKNOWN = "?"
"""What stands for a cell that holds no name."""


def number(column: pd.Series) -> Array:
    """Floats; not a number where there is none."""
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def text(column: pd.Series) -> list[str]:
    """Names, and `UNKNOWN` where there is none."""
    return [value if isinstance(value, str) else UNKNOWN for value in column]


def whole_text(column: pd.Series) -> list[str]:
    """Whole numbers as text, and `UNKNOWN` where there is none."""
    return [str(int(value)) if np.isfinite(value) and value % 1 == 0 else UNKNOWN for value in number(column)]


def place(labels: IntArray, column: pd.Series) -> IntArray:
    """Position of each entry of a numeric column in `labels`, -1 where it is none of them."""
    return pd.Index(labels.astype(np.float64)).get_indexer(pd.Index(number(column))).astype(np.int64)
