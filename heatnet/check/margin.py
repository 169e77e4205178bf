"""How far the design loads could grow together before the network cannot serve them: a maximum flow for each stage."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from heatnet.check.flows import arcs, cut, watts

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

    Newton's search on minimum cuts: each cut that λ breaks bounds it, and the bound is the next λ. 0 where the
    losses alone are too much, not a number where there is no design load.
    """
    units, nodes = facts.units, facts.nodes
    heat = state.able_heat_mw[y] * units.of_technology("design_heat_share")
    supply = watts(np.minimum(nodes.gather(np.maximum(heat, 0.0), units.node), nodes.station_mw))
    room = watts(np.maximum(plan.pipes["pairs"][y], 0.0) * state.capacity_mw[y])
    demand, loss = watts(np.maximum(state.design_mw[y], 0.0)), watts(np.maximum(state.half_losses_mw[y], 0.0))
    if sum(demand) == 0:
        return float("nan")
    ways = arcs(facts.lines, room)
    factor = Fraction(sum(supply) - sum(loss), sum(demand))
    while factor > 0:
        # Everything times the denominator keeps whole numbers.
        scale = factor.denominator
        wanted = [factor.numerator * d + scale * one for d, one in zip(demand, loss, strict=True)]
        wide = [(a, b, width * scale) for a, b, width in ways]
        served, beyond = cut(wide, [one * scale for one in supply], wanted)
        if served >= sum(wanted):
            return float(factor)
        inside = sum(supply[n] for n in beyond) + sum(w for a, b, w in ways if a not in beyond and b in beyond)
        load = sum(demand[n] for n in beyond)
        if load == 0:
            return 0.0
        factor = Fraction(inside - sum(loss[n] for n in beyond), load)
    return 0.0
