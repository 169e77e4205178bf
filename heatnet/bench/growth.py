"""How time and memory grow with generated instances: power laws through the runs of each family."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from heatnet.bench.records import Run, latest
from heatnet.bench.statistics import PowerLaw, power_law
from heatnet.bench.tables import NONE, Table, number

SIZES = {"city": "nodes", "street": "pipes"}
"""What the size of a generated instance is told by."""

RELAXATION = ("blocks", "first plan", "relaxation")
"""Phases of the strategy `decomposition` until the LP of its core is closed; the phase `plan` comes then."""


@dataclass(frozen=True)
class Measure:
    """What grows: its name with its unit, and its value in a run, None where that run has none."""

    name: str
    of: Callable[[Run], float | None]


MEASURES = (
    Measure("seconds to the proof", lambda run: run.spent_s if run.status == "optimal" else None),
    Measure("seconds to the first plan", lambda run: run.first_plan_s),
    Measure("seconds to the closed relaxation", lambda run: _relaxed_s(run)),
    Measure("seconds of building", lambda run: run.seconds.get("build")),
    Measure("MB of memory", lambda run: run.peak_rss_mb),
    Measure("rows", lambda run: float(run.size["rows"]) if "rows" in run.size else None),
)


@dataclass(frozen=True)
class Growth:
    """A measure over one axis (nodes, pipes or days), all else the same; `points` are medians over seeds."""

    family: str
    axis: str
    measure: str
    points: tuple[tuple[float, float], ...]
    law: PowerLaw


def growth(runs: Iterable[Run]) -> list[Growth]:
    """Every measure of every family that has two sizes or more. Runs that came to no end do not count."""
    found = []
    for (family, axis), members in _families(runs).items():
        for measure in MEASURES:
            values: dict[float, list[float]] = {}
            for size, run in members:
                if (value := measure.of(run)) is not None:
                    values.setdefault(size, []).append(value)
            points = tuple((size, statistics.median(repeats)) for size, repeats in sorted(values.items()))
            law = power_law(points)
            if law is not None:
                found.append(Growth(family, axis, measure.name, points, law))
    return found


def growth_table(found: Iterable[Growth]) -> Table | None:
    """The exponents, with what was measured at the smallest and the largest size."""
    rows = [
        (
            one.family,
            one.measure,
            f"{one.axis}^{one.law.exponent:.2f}",
            NONE if one.law.error is None else f"± {one.law.error:.2f}",
            str(len(one.points)),
            *(f"{number(value, '{:,.4g}')} at {size:,.0f}" for size, value in (one.points[0], one.points[-1])),
        )
        for one in found
    ]
    head = ("runs", "what", "grows with", "standard error", "sizes", "smallest", "largest")
    return Table(head, tuple(rows)) if rows else None


def _families(runs: Iterable[Run]) -> dict[tuple[str, str], list[tuple[float, Run]]]:
    """Runs that differ in their size alone, and runs that differ in their days alone; seeds are repeats."""
    families: dict[tuple[str, str], list[tuple[float, Run]]] = {}
    for run in (run for repeats in latest(runs).values() for run in repeats):
        if run.generated is None or not run.answered or run.days is None:
            continue
        axis = SIZES[str(run.generated["kind"])]
        for name, kept in ((axis, {"days": run.days}), ("days", {axis: run.generated[axis]})):
            size = float(run.generated[axis] if name == axis else run.days)
            families.setdefault((", ".join(_label(run, kept)), name), []).append((size, run))
    return families


def _label(run: Run, kept: Mapping[str, object]) -> Iterator[str]:
    """All that members of a family have in common."""
    assert run.generated is not None
    axis = SIZES[str(run.generated["kind"])]
    yield str(run.generated["kind"])
    for name, value in {**run.generated, **kept, "step": f"{run.step_hours} h"}.items():
        if name not in ("kind", "seed") and (name != axis or axis in kept):
            yield f"{name} {value}"
    yield from (run.schedule,) if run.schedule else ()
    yield f"`{run.options['solver']}`, threads {run.threads}"
    gap, limit = run.options.get("gap"), run.options.get("time_limit_s")
    yield from () if gap is None else (f"gap {gap:.1%}",)
    yield from () if limit is None else (f"at most {limit:,.0f} s",)


def _relaxed_s(run: Run) -> float | None:
    if "plan" not in run.seconds:
        return None
    return sum(run.seconds.get(name, 0.0) for name in RELAXATION)
