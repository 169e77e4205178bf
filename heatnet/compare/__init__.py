"""Schedules of an instance side by side: each solved, then one set of frames (docs/compare.md)."""

from heatnet.compare.comparison import Comparison, compare
from heatnet.compare.solving import Watcher

__all__ = ["Comparison", "Watcher", "compare"]
