"""Towns of two nodes whose season can be run by hand, hour by hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from formulation.city import city

from heatnet.instance import Instance, Series
from heatnet.operate.dispatch import Dispatch, Window
from heatnet.operate.stage import Stage
from heatnet.operate.state import State
from heatnet.solution import Solution
from heatnet.solve import Limits, solve
from solvers.rolling import Rolling

YEAR = 2025
LIMITS = Limits(gap=0.0, threads=1)
ELECTRIC = {"id": "e", "kind": "heat_pump", "size_mw": 100, "power_price": "wholesale"} | {
    "corners": {"full": (100, -100, 0)}
}
"""Heat at the wholesale price."""

TYPE = {"id": "line", "capacity_mw": 50}
LINE = {"id": "ab", "from_node": "A", "to_node": "B", "existing_type": "line", "existing_pairs": 1}


def town(days: int, series: Mapping[str, Sequence[float]] | None = None, **changes: Any) -> Instance:
    """A city of equal cold days, load factor 1, with some series given by hour of the season."""
    rows: dict[str, Any] = {
        "technologies": [ELECTRIC],
        "units": [{"id": "e", "technology": "e", "count": 1}],
        "demands": {"A": 10},
        "outdoor": (-10.0,) * days,
        "wholesale": 20,
        **changes,
    }
    made = city(**rows)
    return made.replace(series=Series({**made.series, **{k: np.array(v, float) for k, v in (series or {}).items()}}))


def hourly(days: int, usual: float, at: Mapping[int, float]) -> list[float]:
    """The same value in every hour but some."""
    return [at.get(hour, usual) for hour in range(24 * days)]


def planned(instance: Instance) -> Solution:
    """A plan on the coldest day."""
    answer = solve(instance, solver="monolithic", days=1, step_hours=24, limits=LIMITS).answer
    assert answer.solution is not None
    return answer.solution


def run(stage: Stage, before: State | None = None, window: Window | None = None) -> Dispatch:
    """The stage run, from nothing where no state is given."""
    state = before or State.idle(stage)
    quiet: Any = lambda progress: None  # noqa: E731
    return Rolling().dispatch(stage, state, window=window or Window(), limits=LIMITS, observer=quiet)
