"""The strategy `design`: networks at the scale of streets, in one stage."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from heatnet.errors import UsageError
from heatnet.instance.series import TimeGrid
from heatnet.solve import Answer, Keeper, Limits, Observer, Progress, Start, announce, keep_nothing
from solvers import highs
from solvers.design import answer, problem, scope, search
from solvers.design.plan import Priced


class Design:
    """Reductions, a tree, cuts in rounds, and an exact search from the best plan; see `solvers/design/search.py`."""

    def demand_scope(self, grid: TimeGrid) -> None:
        """Raises UsageError for an instance that is not network design."""
        scope.demand_scope(grid.instance, grid.step_hours)

    def solve(
        self,
        grid: TimeGrid,
        *,
        limits: Limits,
        observer: Observer,
        start: Start | None = None,
        keep: Keeper = keep_nothing,
    ) -> Answer:
        """See `heatnet.solve.Solver`. Raises UsageError for an instance that is not network design."""
        if limits.dask is not None:
            raise UsageError("--dask: only the strategy decomposition has work to share; add --solver decomposition.")
        self.demand_scope(grid)
        began = time.perf_counter()
        observer(Progress("build", 0.0))
        asked = problem.of_grid(grid)
        with tempfile.TemporaryDirectory() as folder:
            log_file = Path(folder) / "highs.log"
            session = highs.Session(limits, observer, log_file, began=began)

            def kept(priced: Priced) -> None:
                if keep is not keep_nothing:  # the frames of thousands of pipes take a second
                    keep(Start(answer.solution(grid, priced)))

            run = search.Search(asked, session, kept)
            first = None
            if start is not None and start.plan is not None:
                first = answer.first_plan(grid, asked, start.plan)
            seconds = {"build": time.perf_counter() - began}
            outcome = run.run(first)
            log = "\n".join(run.notes) + "\n" + (log_file.read_text(errors="replace") if log_file.exists() else "")
        seconds["solve"] = time.perf_counter() - began - seconds["build"]
        found = None
        if run.best is not None:
            announce(observer, Progress("extract", time.perf_counter() - began, outcome.cost, outcome.bound))
            found = answer.solution(grid, run.best)
            seconds["extract"] = time.perf_counter() - began - seconds["build"] - seconds["solve"]
        return Answer(
            status=outcome.status,
            stop_reason=outcome.stop_reason,
            solution=found,
            cost=outcome.cost,
            bound=outcome.bound,
            size=run.size,
            seconds=seconds,
            trace=tuple(session.trace),
            log=log,
        )
