"""heatnet: the whole heating decision of a city as one mixed-integer model, solved with a proven bound and checked.

import heatnet
instance = heatnet.read("instances/jinan").with_schedule("policy")
result = heatnet.solve(instance, days=2, step_hours=12)
result.status, result.answer.cost, result.answer.bound, result.report.violations
"""

from heatnet.check import CheckReport, check
from heatnet.compare import Comparison, compare
from heatnet.errors import HeatnetError, InstanceError, Issue, RunError, SolverError, UsageError
from heatnet.instance import Instance, read, write
from heatnet.operate import Season, Window, operate
from heatnet.solution import Solution
from heatnet.solve import Limits, Result, Start, solve

__all__ = [
    "CheckReport",
    "Comparison",
    "HeatnetError",
    "Instance",
    "InstanceError",
    "Issue",
    "Limits",
    "Result",
    "RunError",
    "Season",
    "Solution",
    "SolverError",
    "Start",
    "UsageError",
    "Window",
    "check",
    "compare",
    "operate",
    "read",
    "solve",
    "write",
]
