"""The most that can ever flow through each edge in each direction, and the lines that are of no use for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heatnet.instance import graph
from solvers.design.problem import Array, Mask, Problem

NEXT_TO_NOTHING = 1e-9
"""Share of the largest load that stands for a load."""


def worst_hour(problem: Problem) -> Problem:
    """The problem with an hour in the place of the design hour that asks as much as any, and has all machines' heat.

    Machines that make less in the design hour than their lines lose are fed then: a little load stands for that.
    """
    p, units = problem, problem.units
    most = units.able_mw.copy()
    np.maximum.at(most, units.corner_unit, units.corner_mw)
    load = p.load_mw * np.maximum(p.profile.max(axis=0, initial=1.0), 1.0)
    fed = units.node[units.able_mw < _half_losses(p)[units.node]]
    load[fed] = np.maximum(load[fed], NEXT_TO_NOTHING * max(float(load.max()), 1.0))
    return replace(p, load_mw=load, units=replace(units, able_mw=most))


def _half_losses(problem: Problem) -> Array:
    """What the leakiest pairs at each node take there."""
    p, found = problem, np.zeros(problem.nodes)
    loss = _largest(p, p.lines.loss_mw)
    np.add.at(found, p.start, 0.5 * loss)
    np.add.at(found, p.end, 0.5 * loss)
    return found


def flow_bounds(problem: Problem) -> Array:
    """Most flow of the design hour by edge and direction, MW, in some best plan.

    Proof. A flow without cycles is a sum of ways from units to what they serve: demand, and losses of pairs that are
    in place, of each edge the leakiest pairs that fit. A way that goes into what lies beyond a bridge ends there or
    at a unit's expense: so at most what is needed there flows in, and at most what units can make flows out. A way
    into a block with no unit beyond its entry comes from the entry and never returns to it; all edges of the block
    carry at most what is needed beyond. In other blocks: what is needed in all of the part of the network.
    """
    p, units = problem, problem.units
    able = np.bincount(units.node, units.able_mw * (units.kept_most + units.new_most), p.nodes)
    supply: Array = np.minimum(able, p.station_mw)
    need = p.load_mw + _half_losses(p)
    found = graph.blocks(p.nodes, p.start, p.end, np.flatnonzero(supply > 0).tolist())
    of = found.of_edge
    amounts = {"need": need, "supply": supply, "load": p.load_mw}
    beyond = {name: found.beyond(np.asarray(amount, dtype=np.float64)) for name, amount in amounts.items()}
    total_need, total_supply, total_load = (
        np.bincount(found.part, amount, p.nodes)[found.part[found.entry]] for amount in (need, supply, p.load_mw)
    )
    most = np.minimum(total_need, total_supply)[of]
    bounds = np.repeat(most[:, None], 2, axis=1)
    passive = beyond["supply"][of] <= 0
    inward = np.where(beyond["load"] > 0, np.minimum(beyond["need"], (total_supply - beyond["supply"])), 0.0)[of]
    bounds[passive] = np.minimum(bounds, inward[:, None])[passive]
    for way, into in ((0, p.end), (1, p.start)):
        bounds[passive & (into == found.entry[of]), way] = 0.0
    # A bridge with units beyond: what they can make beyond their own, out; what is needed, in.
    rest = np.where(total_load - beyond["load"] > 0, total_need - beyond["need"], 0.0)
    outward = np.where(beyond["supply"] > 0, np.minimum(beyond["supply"], rest), 0.0)[of]
    bridge = found.bridge & ~passive
    for way, into in ((0, p.end), (1, p.start)):
        out = into == found.entry[of]
        bounds[:, way] = np.where(bridge, np.minimum(bounds[:, way], np.where(out, outward, inward)), bounds[:, way])
    return np.asarray(np.maximum(bounds, 0.0))


def capped(problem: Problem, bounds: Array) -> Array:
    """Bounds with what the largest pairs of each edge carry."""
    return np.asarray(np.minimum(bounds, _largest(problem, problem.lines.design_mw)[:, None]))


def report(problem: Problem, bounds: Array, used: Mask) -> list[str]:
    """What was found out, for the log."""
    ways = np.count_nonzero(bounds > 0)
    return [
        f"edges without use: {np.count_nonzero(bounds.max(axis=1) <= 0)} of {problem.edges}",
        f"directions without use: {2 * problem.edges - ways} of {2 * problem.edges}",
        f"lines left out: {np.count_nonzero(~used)} of {len(used)}",
    ]


def _largest(problem: Problem, amount: Array) -> Array:
    """By edge, the most that its pairs can sum up to."""
    p, lines = problem, problem.lines
    largest = np.zeros(p.edges)
    np.maximum.at(largest, lines.edge[~lines.kept], (amount * (lines.most > 0))[~lines.kept])
    kept = np.bincount(lines.edge, amount * lines.most * lines.kept, p.edges)
    return np.asarray(largest * p.room + kept)


def useful(problem: Problem, bounds: Array) -> Mask:
    """Lines without those that are never needed beside another of the same edge.

    Proof. Pairs of a new line can be replaced, each by one of another new line that costs and loses no more, if one
    pair of the other carries all that the edge ever has to; the pump power of the other is no higher than at its
    `bound`, so it does not pay to keep the first unless it costs less by that. Of two equals the first stays. Lines in
    an edge without flow are left out: they would only cost and lose.
    """
    lines = problem.lines
    most = bounds.max(axis=1)[lines.edge]
    keep = (most > 0) & (lines.most > 0)
    price = np.maximum(problem.power_mcur, 0.0).sum()
    share = np.minimum(most / lines.capacity_mw, 1.0)
    points = np.array([np.interp(s, (0.0, 0.5, 0.75, 1.0), row) for s, row in zip(share, lines.pump_mw, strict=True)])
    dear = lines.cost_mcur + price * points
    for own in problem.by_edge:
        new = [k for k in own.tolist() if keep[k] and not lines.kept[k]]
        able = [k for k in new if lines.capacity_mw[k] >= most[k]]
        for k in new:
            keep[k] = not any(
                keep[i]
                and i != k
                and dear[i] <= lines.cost_mcur[k]
                and lines.loss_mw[i] <= lines.loss_mw[k]
                and lines.most[i] >= lines.most[k]
                for i in able
            )
    return np.asarray(keep)
