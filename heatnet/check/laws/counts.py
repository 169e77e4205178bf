"""What laws of counted things share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from heatnet.check.findings import Array


def from_whole(values: Array) -> Array:
    """How far from whole numbers."""
    return np.abs(values - np.round(values))


def leaving(start: Array, kept: Array) -> Array:
    """How many leave in each stage, in the first against the start."""
    return -np.diff(np.vstack([start, kept]), axis=0)
