"""What a process that was a run came to: its result, or how it ended without one."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from heatnet.bench import suite
from heatnet.bench.process import Ended
from heatnet.bench.records import Run
from heatnet.bench.statistics import primal_integral
from heatnet.checkpoint import CUTS_FILE
from heatnet.index import Entry
from heatnet.solve import contradicted

INTERRUPTED = 130
"""Exit code of a solve that was asked to stop: what it found is no measurement."""


def outcome(entry: suite.Entry, ended: Ended, printed: str, last: Sequence[str], place: Path) -> dict[str, Any]:
    """Fields of the record of a run: what it printed, the last line of its errors, and its result folder."""
    if ended.cap == "time_cap":
        return {"status": ended.cap, "reason": f"killed after {entry.cap_s:,.0f} s"}
    if ended.cap == "memory_cap":
        return {"status": ended.cap, "reason": f"killed at {ended.peak_rss_mb:,.0f} MB of {entry.memory_mb:,.0f}"}
    if ended.exit_code < 0:
        return {"status": "killed", "reason": f"ended by {signal.Signals(-ended.exit_code).name}"}
    try:
        document = json.loads(printed)
    except ValueError:
        document = None
    if entry.python is not None and ended.exit_code == 0:
        return {"status": "done", **_measured(document, ended)}
    if ended.exit_code == INTERRUPTED:
        return {"status": "killed", "reason": "interrupted from outside"}
    if entry.python is not None or not isinstance(document, dict):
        return {"status": "crashed", "reason": last[0] if last else f"ended with exit code {ended.exit_code}"}
    return _of_result(document, ended) | _effort(document, place)


def _of_result(result: dict[str, Any], ended: Ended) -> dict[str, Any]:
    """What `result.json` tells. Of both figures of memory the larger: each misses what the other sees."""
    check = result["check"]
    return {
        "solver": result["solver"],
        "status": result["status"],
        "reason": result["stop_reason"],
        "days": result["options"]["days"],
        "step_hours": result["options"]["step_hours"],
        "violations": None if check is None else check["violations"],
        "trace": tuple(tuple(point) for point in result["trace"]),
        **{name: result[name] for name in ("cost", "bound", "gap", "unit")},
        **_measured(result, ended),
    }


def _measured(document: object, ended: Ended) -> dict[str, Any]:
    """Seconds, size and memory that a run tells of itself, as a script may too."""
    told = document if isinstance(document, dict) else {}
    own = float(told.get("peak_rss_mb", 0.0))
    return {
        "seconds": told.get("seconds", {}),
        "size": told.get("size", {}),
        "peak_rss_mb": round(max(ended.peak_rss_mb, own), 1),
    }


def _effort(result: dict[str, Any], place: Path) -> dict[str, Any]:
    """Rounds and cuts: as the strategy counts them in `size`; of cuts that are kept, those of the result folder."""
    size, cuts = result["size"], result["size"].get("cuts")
    if cuts is None and (place / CUTS_FILE).is_file():
        cuts = len(pd.read_parquet(place / CUTS_FILE, columns=["stage", "day", "cut"]).drop_duplicates())
    return {"rounds": size.get("rounds"), "cuts": cuts}


def held_to(run: Run, known: Entry | None) -> Run:
    """The run with what is known of its question, its primal integral, and the status that follows."""
    cost, bound = (known.cost, known.bound) if known is not None else (None, None)
    seen: dict[str, Any] = {
        "known_cost": None if cost is None else cost.value,
        "known_bound": None if bound is None else bound.value,
    }
    if run.cost is not None and not run.violations and bound is not None and contradicted(run.cost, bound.value):
        reason = f"the index knows that no plan costs less than {bound.value:.6f} ({bound.by}, {bound.date})"
        seen |= {"status": "contradicted", "reason": reason}
    higher = run.bound is not None and cost is not None and contradicted(cost.value, run.bound)
    if cost is not None and (higher or run.status == "infeasible"):
        reason = f"the index knows a plan for {cost.value:.6f} ({cost.by}, {cost.date})"
        seen |= {"status": "contradicted", "reason": reason}
    costs = [value for value in (run.cost, seen["known_cost"]) if value is not None]
    if run.trace and costs:
        end = max(run.seconds.get("solve", 0.0), run.trace[-1][0])
        seen["primal_integral_s"] = round(primal_integral(run.trace, end, min(costs)), 3)
    return run.model_copy(update=seen)


def told(run: Run) -> str:
    """A run in a line."""
    return ", ".join(_parts(run))


def _parts(run: Run) -> Iterator[str]:
    yield run.status
    if run.reason and not run.answered:
        yield run.reason
    if run.spent_s is not None:
        yield f"{run.spent_s:,.1f} s"
    if run.peak_rss_mb:
        yield f"{run.peak_rss_mb:,.0f} MB"
    if run.cost is not None:
        yield f"cost {run.cost:,.3f}"
    if run.gap is not None:
        yield f"gap {run.gap:.2%}"
    if run.status == "contradicted":
        return
    if run.cost is not None and run.known_cost is not None and contradicted(run.cost, run.known_cost):
        yield f"beats the best known cost of {run.known_cost:,.3f}"
    if run.bound is not None and run.known_bound is not None and contradicted(run.known_bound, run.bound):
        yield f"beats the best known bound of {run.known_bound:,.3f}"
