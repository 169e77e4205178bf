"""Instances made from a seed: cities of any size and street networks, for studies of growth and for benchmarks.

The same arguments give the same instance, byte by byte, with the same versions of NumPy and SciPy.
"""

from heatnet.generate.city import city
from heatnet.generate.folder import reserved, save
from heatnet.generate.street import street

__all__ = ["city", "reserved", "save", "street"]
