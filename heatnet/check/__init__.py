"""The judge of a result: recomputes laws, costs and margins from the instance and the result tables alone.

It follows `docs/model.md` and shares nothing with the formulation but the pure functions of `heatnet.physics`.
"""

from heatnet.check.judge import CheckReport, check

__all__ = ["CheckReport", "check"]
