"""How far the design loads could grow together before the network cannot serve them: a maximum flow for each stage."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from heatnet.check.flows import Arcs, arcs, cut, watts

if TYPE_CHECKING:
    from heatnet.check.facts import Facts
    from heatnet.check.plan import Plan
    from heatnet.check.state import State


def margin_table(facts: Facts, plan: Plan, state: State) -> pd.DataFrame:
    """Design load and losses (MW), shortfall of the plan (MW), and the margin λ* − 1, by stage."""
    rows = []
    for y, year in enumerate(facts.stages.years):
        design, losses = state.design_mw[y], state.half_losses_mw[y]
        margin = _largest_factor(facts, plan, state, y) - 1.0
        short = float(plan.districts["design_shortfall_mw"][y].sum())
        rows.append((int(year), float(design.sum()), float(losses.sum()), short, margin))
    return pd.DataFrame(rows, columns=["stage", "design_demand_mw", "loss_mw", "shortfall_mw", "margin_share"])


def _largest_factor(facts: Facts, plan: Plan, state: State, y: int) -> float:
    """The largest λ for which λ times all design loads can be served after the losses.

    0 where the losses alone are too much, not a number where there is no design load.
    """
    units, nodes = facts.units, facts.nodes
    heat = state.able_heat_mw[y] * units.design_share
    supply = watts(np.minimum(nodes.gather(np.maximum(heat, 0.0), units.node), nodes.station_mw))
    room = watts(np.maximum(plan.pipes["pairs"][y], 0.0) * state.design_capacity_mw[y])
    demand, loss = watts(np.maximum(state.design_mw[y], 0.0)), watts(np.maximum(state.half_losses_mw[y], 0.0))
    if sum(demand) == 0:
        return float("nan")
    return float(largest_factor(arcs(facts.lines, room), supply, demand, loss))


def largest_factor(ways: Arcs, supply: list[int], demand: list[int], loss: list[int]) -> Fraction:
    """The largest λ for ways, supply, demand and losses in whole numbers; 0 where losses alone are too much.

    Newton's search on minimum cuts: each cut that λ breaks bounds it, and the bound is the next λ. Dead ends come off
    first, so that in a network of trees there is nothing to search.
    """
    ways, (supply, demand, loss), factor = _without_dead_ends(ways, supply, demand, loss)
    if sum(demand):
        whole = Fraction(sum(supply) - sum(loss), sum(demand))
        factor = whole if factor is None else min(factor, whole)
    if factor is None:
        return Fraction(0)
    while factor > 0 and supply:
        # Everything times the denominator keeps whole numbers.
        scale = factor.denominator
        wanted = [factor.numerator * d + scale * one for d, one in zip(demand, loss, strict=True)]
        wide = [(a, b, width * scale) for a, b, width in ways]
        served, beyond = cut(wide, [one * scale for one in supply], wanted)
        if served >= sum(wanted):
            break
        inside = sum(supply[n] for n in beyond) + sum(w for a, b, w in ways if a not in beyond and b in beyond)
        load = sum(demand[n] for n in beyond)
        if load == 0:
            return Fraction(0)
        factor = Fraction(inside - sum(loss[n] for n in beyond), load)
    return max(factor, Fraction(0))


def _without_dead_ends(
    ways: Arcs, supply: list[int], demand: list[int], loss: list[int]
) -> tuple[Arcs, tuple[list[int], list[int], list[int]], Fraction | None]:
    """The places that are left with their ways, and the largest λ that those taken off allow (None: any).

    A place without supply and with one neighbour gets all it needs from there. What is needed is λ · demand + loss, so
    either the room of the way is too small and bounds λ, or the neighbour needs so much more. A place without ways has
    its own supply only.
    """
    demand, loss = demand[:], loss[:]
    rooms: list[dict[int, int]] = [{} for _ in supply]  # by place, room of the ways that come in from each neighbour
    for a, b, width in ways:
        if width:
            rooms[b][a] = rooms[b].get(a, 0) + width
            rooms[a].setdefault(b, 0)
    factor: Fraction | None = None
    left = set(range(len(supply)))
    ends = [n for n in left if len(rooms[n]) <= 1]
    for n in ends:
        if n not in left or (supply[n] and rooms[n]):
            continue
        most = sum(rooms[n].values()) + supply[n] - loss[n]
        if demand[n] or most < 0:
            bound = Fraction(most, demand[n]) if demand[n] else Fraction(0)
            factor = bound if factor is None else min(factor, bound)
        left.remove(n)
        for above in rooms[n]:
            demand[above] += demand[n]
            loss[above] += loss[n]
            del rooms[above][n]
            if len(rooms[above]) <= 1:
                ends.append(above)
    place = {n: k for k, n in enumerate(sorted(left))}
    kept = [(place[a], place[b], width) for a, b, width in ways if a in place and b in place]
    some, more, lost = ([numbers[n] for n in place] for numbers in (supply, demand, loss))
    return kept, (some, more, lost), factor
