"""Dispatcher `merit-order`: a season run by rules that can be followed by hand, to set beside the optimum.

1. Every hour alone: the cheapest heat first, as far as pipes and heat stations let it through (`wave.py`). That gives
   the price of heat at every node.
2. At midnight the largest demand of the day is served once, the same way, at the mean prices of the day: of units with
   a commitment as many machines as that takes are on for the whole day, fewer or more where least times, ramps or a
   heat station say so.
3. Hour by hour: what must run and what is on runs, then the cheapest heat first. A store is filled while heat is
   cheaper than on the average of the day, and emptied in the dearest hours of the day, as many as it takes; a seasonal
   store follows the plan. Yearly limits keep the pace of the plan.

No rule looks beyond the day, or beyond the way of the heat to the city.
"""

from __future__ import annotations

import time

from heatnet.operate.dispatch import Dispatch, Window
from heatnet.operate.stage import Stage
from heatnet.operate.state import State
from heatnet.solve import Limits, Observer, Progress
from solvers.merit_order.desk import Calls
from solvers.merit_order.season import Season


class MeritOrder:
    """The dispatcher."""

    def dispatch(self, stage: Stage, before: State, *, window: Window, limits: Limits, observer: Observer) -> Dispatch:
        """Run the stage by the rules. The window has no meaning here; there is no bound."""
        began = time.perf_counter()

        def tell(phase: str) -> None:
            observer(Progress(phase, time.perf_counter() - began))

        calls = Calls.of(stage, lambda: tell("hours alone"))
        called = time.perf_counter()
        run = Season(calls, before).run(lambda: tell("merit order"))
        return Dispatch(run, seconds={"hours alone": called - began, "merit order": time.perf_counter() - called})
