"""Laws of the security of supply: firm power, and the heat that is guaranteed when an element is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatnet.check import tolerance as tol
from heatnet.check.flows import WATT, served, watts

if TYPE_CHECKING:
    from heatnet.check.facts import Facts
    from heatnet.check.findings import Array, Findings
    from heatnet.check.tables import Plan


def judge_firm_power(found: Findings, facts: Facts, machines: Array) -> None:
    """Power that the machines in place and imports can give, MW."""
    stages = facts.stages
    firm = machines @ facts.units.max_power + stages.import_power_mw
    allowed = tol.POWER_MW + tol.RELATIVE * np.abs(firm)
    found.judge("firm_power", stages.firm_power_mw - firm, allowed, "MW", stage=stages.years)


def judge_security(found: Findings, facts: Facts, plan: Plan) -> None:
    """What is guaranteed, and that no less is missing than must be, MW."""
    years, ids = facts.stages.years, facts.contingencies.ids
    total = facts.guaranteed_mw.sum(axis=1)[:, None]
    told, missing = plan.security["guaranteed_mw"], plan.security["missing_mw"]
    allowed = tol.POWER_MW + tol.RELATIVE * total
    found.judge("security.guaranteed", np.abs(told - total), allowed, "MW", stage=years, id=ids)
    # Each number of a flow, two a place and one a line, is off by up to half a watt.
    allowed = allowed + 0.5 * (2 * len(facts.nodes.ids) + len(facts.lines.ids)) / WATT
    found.judge("security.missing", least_missing(facts, plan) - missing, allowed, "MW", stage=years, id=ids)


def least_missing(facts: Facts, plan: Plan) -> Array:
    """MW that no flow can serve of what is guaranteed; axes are stages and contingencies."""
    units, lines, nodes, cases = facts.units, facts.lines, facts.nodes, facts.contingencies
    heat = np.maximum(plan.units["machines"] * units.max_heat * units.of_technology("design_heat_share"), 0.0)
    room = np.maximum(plan.pipes["pairs"] * lines.capacity_mw, 0.0)
    supply = np.minimum(nodes.gather(heat[:, None, :] * cases.units_left, units.node), nodes.station_mw)
    starts, ends = lines.start.tolist(), lines.end.tolist()
    least = np.zeros((len(facts.stages.years), len(cases.ids)))
    for y, k in np.ndindex(*least.shape):
        wanted = watts(facts.guaranteed_mw[y])
        arcs = list(zip(starts, ends, watts(room[y] * cases.lines_left[k]), strict=True))
        least[y, k] = (sum(wanted) - served(arcs, watts(supply[y, k]), wanted)) / WATT
    return least
