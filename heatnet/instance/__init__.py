"""The instance: records, tables, rules across rows, hourly series and representative days."""

from heatnet.instance.instance import Instance, Series
from heatnet.instance.tables import read, write

__all__ = ["Instance", "Series", "read", "write"]
