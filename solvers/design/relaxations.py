"""Which relaxation a large problem is searched with, and how plans go into a model and come out of it."""

from __future__ import annotations

import numpy as np

from solvers.design import model
from solvers.design.model import Follow, Network
from solvers.design.plan import Plan, Priced
from solvers.design.problem import Array, Mask, Problem


def coarse(problem: Problem, bounds: Array, follow: Follow | None) -> Network:
    """Dispatch by step and the network of the design hour alone, with pumping by its flow where that can be told."""
    return model.build(problem, bounds, [list(range(problem.steps))], network=False, follow=follow)


def mean(problem: Problem, bounds: Array) -> Network:
    """Dispatch by step, and one network at the mean of all steps for what pumping costs."""
    return model.build(problem, bounds, [list(range(problem.steps))])


def follow(problem: Problem, needed: Array) -> Follow | None:
    """What pumping costs at least per MW of design flow, where flows in operation are at least a share of it.

    `needed`: most flow by edge and direction.

    Where all units are at one node and every line carries whatever can come, heat takes the ways of least pumping in
    every step; take the same ways in the design hour, which costs nothing. A node that is fed with λ of its design
    load in a step, λ ≤ 1, and its share of the losses then has at least λ times its design flow on its way. What is
    left unserved saves pumping on its way, so its price is less by that of all edges. And a way of its own for each
    node, fixed costs and costs per MW: the best plan is a tree.
    """
    p, lines = problem, problem.lines
    if len(np.unique(p.units.node)) > 1 or (p.power_mcur < 0).any():
        return None
    if (lines.capacity_mw < needed[lines.edge].max(axis=1) * (1 - 1e-9)).any():
        return None
    slope = np.full(p.edges, np.inf)
    np.minimum.at(slope, lines.edge, np.maximum(lines.slope[:, 0], 0.0))
    slope[~np.isfinite(slope)] = 0.0
    loaded = p.load_mw > 0
    share = np.minimum(p.profile[:, loaded].min(axis=1), 1.0) if loaded.any() else np.zeros(p.steps)
    return Follow(slope * float(p.power_mcur @ share), p.power_mcur * slope.sum())


def start(network: Network, best: Priced, used: Mask) -> list[tuple[int, float]]:
    """Values of the integer columns for a plan: its lines in the direction of their design flow."""
    p, up = network.problem, network.matrix.up
    pairs = best.plan.pairs[used]
    forward = best.design_flow_mw[used] >= 0
    values: list[tuple[int, float]] = []
    one_way = up[network.pairs] > 0
    forward = np.where(one_way.all(axis=1), forward, one_way[:, 0])
    for way, there in ((0, forward), (1, ~forward)):
        values += zip(network.pairs[:, way].tolist(), np.where(there, pairs, 0).astype(float).tolist(), strict=True)
    free = np.flatnonzero(p.optional)
    for columns, told in (
        (network.connected[free], best.plan.connected[free]),
        (network.kept, best.plan.kept),
        (network.built, best.plan.built),
    ):
        values += zip(columns.tolist(), told.astype(float).tolist(), strict=True)
    return values


def plan(network: Network, x: Array) -> Plan:
    """The whole numbers of a point of the model."""
    p = network.problem
    whole = np.round(x).astype(np.int64)
    connected = np.ones(p.nodes, dtype=np.int64)
    free = np.flatnonzero(p.optional)
    connected[free] = whole[network.connected[free]]
    return Plan(whole[network.pairs].sum(axis=1), connected, whole[network.kept], whole[network.built])
