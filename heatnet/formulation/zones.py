"""Temperature regimes of zones: which one in which stage, and the lines that follow from it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pyomo.environ as pyo

from heatnet.formulation.model import Core, Expression, total
from heatnet.instance.records import Zone


def invest(core: Core) -> None:
    """Regime of every zone and stage, never back in its order; pairs of every line in the regime; links `pairs`."""
    case, block = core.case, core.block
    zones = {zone.id: zone for zone in case.instance.zones if zone.regimes}
    index = [(zone.id, regime) for zone in zones.values() for regime in zone.regimes]
    block.regime = pyo.Var(index, case.years, domain=pyo.Binary)
    block.one_regime = pyo.Constraint(
        list(zones), case.years, rule=lambda b, z, y: total([b.regime[z, r, y] for r in zones[z].regimes]) == 1
    )

    def reached(b: Any, zone: str, regime: str, year: int) -> Expression:
        """1 where the zone is run in this regime or one that comes after it."""
        order = zones[zone].regimes
        return total([b.regime[zone, later, year] for later in order[order.index(regime) :]])

    block.regimes_go_on = pyo.Constraint(
        index, list(pairwise(case.years)), rule=lambda b, z, r, y, then: reached(b, z, r, y) <= reached(b, z, r, then)
    )
    for zone in zones.values():
        for year in case.years:
            if zone.earliest_year is not None and year < zone.earliest_year:
                block.regime[zone.id, zone.regimes[0], year].fix(1)
            _cost(core, zone, year)
    _lines(core)


def _lines(core: Core) -> None:
    """Pairs of a line are the pairs in the ground where its regime is the one of the stage, else none."""
    case, block = core.case, core.block
    in_zones = {line.id: line for line in case.lines.values() if line.pipe.zone is not None}
    block.pairs_in_regime = pyo.Var(list(in_zones), case.years, bounds=lambda _, n, y: (0, in_zones[n].most_pairs))
    block.only_in_regime = pyo.Constraint(
        list(in_zones),
        case.years,
        rule=lambda b, n, y: (
            b.pairs_in_regime[n, y]
            <= in_zones[n].most_pairs * b.regime[in_zones[n].pipe.zone, in_zones[n].regime.id, y]
        ),
    )
    block.all_in_regime = pyo.Constraint(
        list(dict.fromkeys(line.name for line in in_zones.values())),
        case.years,
        rule=lambda b, name, y: (
            total([b.pairs_in_regime[line.id, y] for line in case.variants[name]]) == core.pairs[name, y]
        ),
    )
    for line in case.lines.values():
        for year in case.years:
            pairs = block.pairs_in_regime[line.id, year] if line.id in in_zones else core.pairs[line.name, year]
            core.lines[line.id, year] = pairs
            core.offer(("pairs", line.id), (0, line.most_pairs), year, pairs)


def _cost(core: Core, zone: Zone, year: int) -> None:
    """Substations that a regime needs, for the whole design load of the zone; they are renewed for good."""
    case = core.case
    nodes = [node for node in case.instance.demand_nodes if case.instance.node[node].zone == zone.id]
    load = sum(case.instance.design_heat_mw(node, year) for node in nodes)
    for name in zone.regimes:
        regime = case.instance.regime[name]
        charge = regime.substation_mcur_per_mw * case.annuity(regime.substation_life_years)
        core.cost("regimes", year, case.weight(year) * charge * load * core.block.regime[zone.id, name, year])
