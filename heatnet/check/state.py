"""What follows from a plan in each stage: design loads, what lines can carry, what machines can make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatnet.check.facts.arrays import NOTHING, sum_into

if TYPE_CHECKING:
    from heatnet.check.facts import Facts
    from heatnet.check.findings import Array, IntArray
    from heatnet.check.plan import Plan


@dataclass(frozen=True)
class State:
    """The first axis is stages, the second nodes, lines or units.

    `design_mw` is the design load after the demand side and `guaranteed_mw` what of it is guaranteed; `line_regime` is
    the place of the regime in the header, and capacity, loss and pump power (with an axis of shares of the capacity)
    are those of a pair in it; `design_capacity_mw` is the sum of design loads that it carries in the design hour;
    `half_losses_mw` is half the loss of each pair at its ends. `able_heat_mw` and `able_power_mw` are the most that the
    operating machines can make, `spare_heat_mw` and `spare_power_mw` those in reserve. `season` is the number of
    machines of each unit that run the season in a seasonal mode.
    """

    connected: Array
    design_mw: Array
    guaranteed_mw: Array
    line_regime: IntArray
    capacity_mw: Array
    design_capacity_mw: Array
    loss_mw: Array
    pump_mw: Array
    half_losses_mw: Array
    season: Array
    able_heat_mw: Array
    able_power_mw: Array
    spare_heat_mw: Array
    spare_power_mw: Array

    @classmethod
    def of(cls, facts: Facts, plan: Plan) -> State:
        """The state of a plan."""
        lines, nodes, units = facts.lines, facts.nodes, facts.units
        connected = np.ones(nodes.full_mw.shape)
        optional = facts.connections.node
        connected[:, optional] = plan.districts["connected"][:, optional]
        saved = plan.envelopes["area_mm2"] * facts.envelopes.saving_share
        saved = saved * nodes.peak_w_per_m2[:, facts.envelopes.node]
        design = nodes.full_mw * connected - nodes.gather(saved, facts.envelopes.node)
        regime = _line_regime(facts, plan)
        every = np.arange(len(lines.ids))
        loss = lines.loss_mw[every, regime]
        half = 0.5 * plan.pipes["pairs"] * loss
        reserve = plan.units["reserve_machines"]
        return cls(
            connected=connected,
            design_mw=design,
            guaranteed_mw=nodes.guarantee_share * design,
            line_regime=regime,
            capacity_mw=lines.capacity_mw[every, regime],
            design_capacity_mw=lines.capacity_mw[every, regime] / lines.diversity_share,
            loss_mw=loss,
            pump_mw=lines.pump_mw[every, regime],
            half_losses_mw=nodes.gather(half, lines.start) + nodes.gather(half, lines.end),
            season=sum_into(plan.retrofits["season_machines"], facts.retrofits.unit, len(units.ids)),
            able_heat_mw=_able(facts, plan, units.modes.heat_mw),
            able_power_mw=_able(facts, plan, units.modes.power_mw),
            spare_heat_mw=reserve * units.max_heat,
            spare_power_mw=reserve * units.max_power,
        )


def _line_regime(facts: Facts, plan: Plan) -> IntArray:
    """Place in the header of the regime of each stage and line."""
    zones, lines = facts.zones, facts.lines
    regime = np.tile(lines.own_regime, (len(facts.stages.years), 1))
    for z, order in enumerate(zones.order):
        own = lines.zone == z
        regime[:, own] = np.array(order, dtype=np.int64)[plan.zone_regime[:, z]][:, None]
    return regime


def _able(facts: Facts, plan: Plan, value: Array) -> Array:
    """The most that the operating machines of each unit can make, a machine making `value` in each mode.

    Machines of a season are bound to its mode; of the others, the retrofits that gain most over the best mode open to
    all are used first, as far as they are fitted.
    """
    modes, fitted = facts.units.modes, plan.retrofits["machines"]
    best = np.zeros(len(facts.units.ids))
    free = modes.retrofit == NOTHING
    np.maximum.at(best, modes.unit[free], value[free])
    total = np.zeros(plan.units["machines"].shape)
    rest = plan.units["machines"].copy()
    for k in np.flatnonzero(modes.seasonal):
        number = plan.retrofits["season_machines"][:, modes.retrofit[k]]
        total[:, modes.unit[k]] += number * value[k]
        rest[:, modes.unit[k]] -= number
    rest = np.maximum(rest, 0.0)
    total += rest * best
    gain = np.where(free | modes.seasonal, 0.0, value - best[modes.unit])
    for k in np.argsort(-gain, kind="stable")[: int((gain > 0).sum())]:
        unit = modes.unit[k]
        number = np.minimum(np.maximum(fitted[:, modes.retrofit[k]], 0.0), rest[:, unit])
        total[:, unit] += number * gain[k]
        rest[:, unit] -= number
    return total
