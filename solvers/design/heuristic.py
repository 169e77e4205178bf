"""A plan for any problem, soon: trees grown by slope scaling, changed branch by branch, machines to match."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import numpy as np

from solvers.design import sources
from solvers.design.forest import NOTHING, Forest
from solvers.design.options import options
from solvers.design.plan import Plan
from solvers.design.problem import Array, Problem

GROWTHS = 30
"""Rounds of slope scaling from one set of weights."""


def tree(problem: Problem, *, until: float, seed: int, stop: Callable[[], bool]) -> Forest:
    """The best forest found until a time (`time.perf_counter`)."""
    p, rng = problem, random.Random(seed)
    prices = sources.prices(p)
    forest = Forest(p, options(p, prices), prices)
    served = wanted(p)
    weight = first_weights(forest)
    best = None
    for _ in range(GROWTHS):
        forest.grow(weight, served)
        grown = forest.copy
        forest.prune()
        if best is None or forest.cost < best[-1]:
            best = forest.copy
        forest.restore(grown)
        if time.perf_counter() > until or stop():
            break
        weight = forest.slopes(weight)
    assert best is not None
    forest.restore(best)
    forest.improve(until, rng)
    return forest


def wanted(problem: Problem) -> list[bool]:
    """Nodes that a tree may serve."""
    return [bool(want) for want in (problem.load_mw > 0) & (~problem.optional | problem.connectable)]


def first_weights(forest: Forest) -> Array:
    """Cost per MW of each edge at the mean load of the nodes."""
    load = forest.problem.load_mw
    mean = float(load.sum() / max(np.count_nonzero(load), 1)) * 5
    return np.array([forest.edge_cost(edge, mean)[0] / max(mean, 1e-12) for edge in range(forest.problem.edges)])


def plan_of(forest: Forest) -> Plan:
    """The plan of a forest, with machines for what its sources have to give."""
    p = forest.problem
    pairs = forest.pairs()
    served = np.array(forest.served) & (p.load_mw > 0)
    load = np.where(served, p.load_mw, 0.0)
    loss = np.zeros(p.nodes)
    half = 0.5 * p.lines.loss_mw * pairs
    for end in (p.start, p.end):
        np.add.at(loss, end[p.lines.edge], half)
    root = _roots(forest)
    fed = np.isin(root, np.flatnonzero(p.source))
    design = np.asarray(np.bincount(root[fed], (load + loss)[fed], p.nodes), dtype=np.float64)
    steps = np.array([np.bincount(root[fed], (p.profile[s] * load + loss)[fed], p.nodes) for s in range(p.steps)])
    kept, built, _ = sources.machines(p, design, steps)
    connected = np.where(p.optional, served, True).astype(np.int64)
    return Plan(pairs, connected, kept, built)


def _roots(forest: Forest) -> Array:
    """The node without one above it, by node."""
    root = [-1] * forest.problem.nodes
    for start in range(len(root)):
        way, node = [], start
        while root[node] < 0 and forest.up[node] >= 0 and forest.need[start] > NOTHING:
            way.append(node)
            node = forest.up[node]
        end = root[node] if root[node] >= 0 else node
        root[node] = end
        for k in way:
            root[k] = end
    return np.array(root)
