"""Laws of the design hour, of firm power, and of the heat that is guaranteed when an element is lost. All in MW."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatnet.check import tolerance as tol
from heatnet.check.flows import WATT, arcs, served, watts

if TYPE_CHECKING:
    from heatnet.check.facts import Facts
    from heatnet.check.findings import Array, Findings
    from heatnet.check.plan import Plan
    from heatnet.check.state import State


def judge_design(found: Findings, facts: Facts, plan: Plan, state: State) -> None:
    """Capacities and balance of the design hour."""
    years, units, lines, nodes = facts.stages.years, facts.units, facts.lines, facts.nodes
    heat, flow = plan.units["design_heat_mw"], plan.pipes["design_flow_mw"]
    short = plan.districts["design_shortfall_mw"]
    most = state.able_heat_mw * units.design_share
    excess = np.maximum(heat - most, -heat)
    allowed = tol.POWER_MW + tol.RELATIVE * np.abs(most)
    found.judge("design.unit_capacity", excess, allowed, "MW", stage=years, id=units.ids)
    at_node = nodes.gather(heat, units.node)
    found.judge("design.station", at_node - nodes.station_mw, tol.POWER_MW, "MW", stage=years, id=nodes.ids)
    room = plan.pipes["pairs"] * state.design_capacity_mw
    allowed = tol.POWER_MW + tol.RELATIVE * np.abs(room)
    found.judge("design.line_capacity", np.abs(flow) - room, allowed, "MW", stage=years, id=lines.ids)
    back = np.where(lines.one_way, -flow, 0.0)
    found.judge("design.one_way", back, tol.POWER_MW, "MW", stage=years, id=lines.ids)
    excess = np.maximum(short - state.design_mw, -short)
    found.judge("design.shortfall", excess, tol.POWER_MW, "MW", stage=years, id=nodes.ids)
    needed = state.design_mw + state.half_losses_mw
    miss = at_node + facts.net_inflow(flow, flow) + short - needed
    through = np.abs(at_node) + facts.through(flow, flow) + np.abs(needed)
    allowed = tol.POWER_MW + tol.RELATIVE * through
    found.judge("design.balance", np.abs(miss), allowed, "MW", stage=years, id=nodes.ids)


def judge_firm_power(found: Findings, facts: Facts, state: State) -> None:
    """Power that the machines in place, those in reserve too, and imports can give."""
    stages = facts.stages
    firm = (state.able_power_mw + state.spare_power_mw).sum(axis=1) + stages.import_power_mw
    allowed = tol.POWER_MW + tol.RELATIVE * np.abs(firm)
    found.judge("firm_power", stages.firm_power_mw - firm, allowed, "MW", stage=stages.years)


def judge_security(found: Findings, facts: Facts, plan: Plan, state: State) -> None:
    """What is guaranteed, and that no less is missing than must be."""
    years, ids = facts.stages.years, facts.contingencies.ids
    total = state.guaranteed_mw.sum(axis=1)[:, None]
    told, missing = plan.security["guaranteed_mw"], plan.security["missing_mw"]
    allowed = tol.POWER_MW + tol.RELATIVE * np.abs(total)
    found.judge("security.guaranteed", np.abs(told - total), allowed, "MW", stage=years, id=ids)
    # Each number of a flow, two a place and one a line, is off by up to half a watt.
    allowed = allowed + 0.5 * (2 * len(facts.nodes.ids) + len(facts.lines.ids)) / WATT
    found.judge("security.missing", least_missing(facts, plan, state) - missing, allowed, "MW", stage=years, id=ids)


def least_missing(facts: Facts, plan: Plan, state: State) -> Array:
    """MW that no flow can serve of what is guaranteed; axes are stages and contingencies."""
    units, lines, nodes, cases = facts.units, facts.lines, facts.nodes, facts.contingencies
    heat = (state.able_heat_mw + state.spare_heat_mw) * units.design_share
    left = np.maximum(heat, 0.0)[:, None, :] * cases.units_left
    supply = np.minimum(nodes.gather(left, units.node), nodes.station_mw)
    room = np.maximum(plan.pipes["pairs"] * state.design_capacity_mw, 0.0)
    least = np.zeros((len(facts.stages.years), len(cases.ids)))
    for y, k in np.ndindex(*least.shape):
        wanted = watts(np.maximum(state.guaranteed_mw[y], 0.0))
        ways = arcs(lines, watts(room[y] * cases.lines_left[k]))
        least[y, k] = (sum(wanted) - served(ways, watts(supply[y, k]), wanted)) / WATT
    return least
