"""Laws of the demand side, and what the table of districts repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatnet.check import tolerance as tol
from heatnet.check.laws.counts import from_whole

if TYPE_CHECKING:
    from heatnet.check.evidence import Evidence
    from heatnet.check.facts import Facts
    from heatnet.check.findings import Findings, Labels
    from heatnet.check.plan import Grid
    from heatnet.check.state import State


def judge_connections(found: Findings, facts: Facts, districts: Grid) -> None:
    """Nodes are served or not, all but those of `connections` always, and once served they stay so."""
    years, nodes, connections = facts.stages.years, facts.nodes, facts.connections
    told = districts["connected"][:, nodes.districts]
    size = np.maximum.reduce([from_whole(told), -told, told - 1.0])
    always = ~np.isin(nodes.districts, connections.node)
    size = np.maximum(size, np.where(always, 1.0 - told, 0.0))
    found.judge("connections.served", size, tol.COUNT, "1", stage=years, id=nodes.district_ids)
    served = districts["connected"][:, connections.node]
    found.judge("connections.falls", -np.diff(served, axis=0), tol.COUNT, "1", stage=years[1:], id=connections.ids)
    early = facts.stages.early(served, connections.earliest)
    found.judge("connections.early", early, tol.COUNT, "1", stage=years, id=connections.ids)


def judge_envelopes(found: Findings, facts: Facts, grid: Grid, state: State) -> None:
    """Area that measures have been paid for, and that is in place, Mm²."""
    envelopes, area, new = facts.envelopes, grid["area_mm2"], grid["new_mm2"]
    place: dict[str, Labels] = {"stage": facts.stages.years, "id": envelopes.ids}
    found.judge("envelopes.negative", -new, tol.AREA_MM2, "Mm2", **place)
    early = facts.stages.early(new, envelopes.earliest)
    found.judge("envelopes.early", early, tol.AREA_MM2, "Mm2", **place)
    away = np.abs(area - facts.stages.standing(new, envelopes.life))
    found.judge("envelopes.area", away, tol.AREA_MM2, "Mm2", **place)
    most = envelopes.max_share * (facts.nodes.area_mm2 * state.connected)[:, envelopes.node]
    found.judge("envelopes.limit", area - most, tol.AREA_MM2, "Mm2", **place)


def judge_districts(evidence: Evidence) -> None:
    """What the table of districts repeats: design load (MW), demand and unserved heat of the season (MWh)."""
    found, nodes, districts = evidence.found, evidence.facts.nodes, evidence.plan.districts
    season = evidence.calendar.energy_weight()
    hours = float(24.0 * evidence.calendar.weight.sum())
    place: dict[str, Labels] = {"stage": evidence.facts.stages.years, "id": nodes.ids}
    design = np.abs(districts["design_demand_mw"] - evidence.state.design_mw)
    allowed = tol.POWER_MW + tol.RELATIVE * nodes.full_mw
    found.judge("districts.design_demand", design, allowed, "MW", **place)
    for law, column, power in (
        ("districts.demand", "demand_mwh", evidence.demand_mw),
        ("districts.unserved", "unserved_mwh", evidence.operation.of("node", "unserved_mw")),
    ):
        energy = np.einsum("ydsn,d->yn", power, season)
        allowed = tol.POWER_MW * hours + tol.RELATIVE * np.abs(energy)
        found.judge(law, np.abs(districts[column] - energy), allowed, "MWh", **place)
