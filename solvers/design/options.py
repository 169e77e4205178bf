"""What may be laid in each edge, from small to large, and what it costs there: the terms of the search by trees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from solvers.design.problem import Problem

Pairs = tuple[tuple[int, int], ...]
"""Lines, and how many pairs of each."""

MOST_CHOICES = 60
"""Ways to fill an edge that are looked at."""


@dataclass(frozen=True)
class Prices:
    """What heat and pumping are worth about, million for the stage.

    `heat_mw`, `heat_mcur`: points of what heat costs by design load, for each node with units; `loss_mcur`: 1 MW lost,
    beyond what it costs as load; `pump_mcur`: 1 MW of pump power at the design hour's flow.
    """

    heat_mw: dict[int, tuple[float, ...]]
    heat_mcur: dict[int, tuple[float, ...]]
    loss_mcur: float
    pump_mcur: float


@dataclass(frozen=True)
class Options:
    """By edge, ways to fill it; each list rises in `most`: what can come out at the far end, MW.

    `fixed`: its cost and what its loss costs; `by_flow`: cost per MW; `loss`: of all pairs.
    """

    most: list[list[float]]
    fixed: list[list[float]]
    by_flow: list[list[float]]
    loss: list[list[float]]
    pairs: list[list[Pairs]]


def options(problem: Problem, prices: Prices) -> Options:
    """Ways to fill each edge, without those that another one beats in every respect.

    A pair is meant to carry what it can in the design hour, and its share of that in the coldest step.
    """
    found = Options([], [], [], [], [])
    lines = problem.lines
    peak = (problem.profile @ problem.load_mw).max() / max(problem.load_mw.sum(), 1e-12)
    carried = np.maximum(lines.capacity_mw, np.minimum(lines.design_mw, lines.capacity_mw / max(peak, 1e-12)))
    capacity, loss, cost = carried.tolist(), lines.loss_mw.tolist(), lines.cost_mcur.tolist()
    slope = (prices.pump_mcur * np.maximum(lines.slope[:, 0], 0.0)).tolist() if len(lines) else []
    for own, room in zip(problem.by_edge, problem.room.tolist(), strict=True):
        ways = []
        for pairs in _fillings(problem, own.tolist(), room):
            lost = sum(n * loss[k] for k, n in pairs)
            most = sum(n * capacity[k] for k, n in pairs) - 0.5 * lost
            money = sum(n * cost[k] for k, n in pairs) + prices.loss_mcur * lost
            ways.append((money, -most, lost, max(slope[k] for k, _ in pairs), pairs))
        best: list[tuple[float, float, float, float, Pairs]] = []
        for way in sorted(ways, key=lambda w: w[:4]):
            if -way[1] > 0 and (not best or way[1] < best[-1][1]):
                best.append(way)
        found.most.append([-way[1] for way in best])
        found.fixed.append([way[0] for way in best])
        found.loss.append([way[2] for way in best])
        found.by_flow.append([way[3] for way in best])
        found.pairs.append([way[4] for way in best])
    return found


def _fillings(problem: Problem, own: list[int], room: int) -> Iterator[Pairs]:
    """Pairs kept, and new pairs of one type beside them."""
    kept = [k for k in own if problem.lines.kept[k]]
    new = [k for k in own if not problem.lines.kept[k]]
    stay = list(product(*[[(k, n) for n in range(int(problem.lines.most[k]) + 1)] for k in kept]))
    laid = [()] + [((k, n),) for k in new for n in range(1, min(room, int(problem.lines.most[k])) + 1)]
    for count, (old, more) in enumerate(product(stay, laid)):
        if count >= MOST_CHOICES:
            return
        pairs = tuple((k, n) for k, n in (*old, *more) if n)
        if pairs:
            yield pairs
