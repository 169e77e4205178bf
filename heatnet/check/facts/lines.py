"""Lines and the temperature regimes that they can be run in, by themselves or with their zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from heatnet.check.facts.arrays import NOTHING, integers, numbers, table, years
from heatnet.physics.finance import annuity_share
from heatnet.physics.pipes import CURVE_SHARES, capacity_mw, loss_mw_per_km, pump_curve

if TYPE_CHECKING:
    from heatnet.check.facts.nodes import Place
    from heatnet.check.findings import Array, IntArray
    from heatnet.instance import Instance
    from heatnet.instance.records import Pipe, PipeType


@dataclass(frozen=True)
class Zones:
    """Zones with regimes. `order` are places in the header's regimes, in the order in which a zone goes through them.

    `charge_mcur` is what substations of the zone cost a year, with axes of stages, zones and regimes of the header.
    """

    ids: list[str]
    regime_ids: list[str]
    order: list[list[int]]
    earliest: IntArray
    charge_mcur: Array

    @classmethod
    def of(cls, instance: Instance, rate: float, full_mw: Array) -> Zones:
        """The zones of an instance; `full_mw` is the design load before the demand side by stage and node."""
        regimes, rows = instance.header.regimes, [zone for zone in instance.zones if zone.regimes]
        names = [regime.id for regime in regimes]
        load = table(
            [
                [float(full_mw[y, [node.zone == zone.id for node in instance.nodes]].sum()) for zone in rows]
                for y in range(len(full_mw))
            ],
            len(rows),
        )
        each = numbers(row.substation_mcur_per_mw * annuity_share(rate, row.substation_life_years) for row in regimes)
        order = [[names.index(name) for name in zone.regimes] for zone in rows]
        earliest = years(zone.earliest_year for zone in rows)
        return cls([zone.id for zone in rows], names, order, earliest, load[:, :, None] * each)


@dataclass(frozen=True)
class Lines:
    """Pipes with one of their types. Capacity, loss, pump power and capex are those of one pair over its length.

    Capacity, loss and pump power have an axis of lines and one of the regimes of the header. The regime is
    `own_regime`, or that of `zone` where it is `NOTHING`. Of the sum of the design loads behind a line
    `diversity_share` occurs at once.
    """

    ids: list[str]
    pipe_ids: list[str]
    pipe: IntArray
    start: IntArray
    end: IntArray
    own_regime: IntArray
    zone: IntArray
    delay_h: IntArray
    diversity_share: Array
    capacity_mw: Array
    loss_mw: Array
    pump_mw: Array
    capex_mcur: Array
    fixed_share: Array
    annuity: Array
    life: IntArray
    existing: Array
    candidate: npt.NDArray[np.bool_]
    earliest: IntArray
    max_new: Array

    @classmethod
    def of(cls, instance: Instance, rate: float, place: Place, zones: Zones) -> Lines:
        """The lines of an instance."""
        types = {row.id: row for row in instance.pipe_types}
        regimes = instance.header.regimes
        found: list[tuple[int, Pipe, PipeType]] = []
        for k, pipe in enumerate(instance.pipes):
            names = dict.fromkeys(([pipe.existing_type] if pipe.existing_type else []) + list(pipe.candidate_types))
            found += [(k, pipe, types[name]) for name in names]
        own = integers(NOTHING if p.regime is None else zones.regime_ids.index(p.regime) for _, p, _ in found)
        zone = integers(
            zones.ids.index(p.zone) if p.regime is None and p.zone in zones.ids else NOTHING for _, p, _ in found
        )
        first = integers(zones.order[z][0] if z != NOTHING else k for k, z in zip(own, zone, strict=True))
        capacity = table(
            [
                [capacity_mw(t.inner_diameter_mm, t.velocity_max_m_per_s, r.supply_c, r.return_c) for r in regimes]
                for _, _, t in found
            ],
            len(regimes),
        )
        loss = table(
            [
                [
                    p.length_km * loss_mw_per_km(t.heat_transfer_w_per_m_k, r.supply_c, r.return_c, r.ground_c)
                    for r in regimes
                ]
                for _, p, t in found
            ],
            len(regimes),
        )
        at_start = capacity[np.arange(len(found)), first]
        return cls(
            ids=[f"{p.id}/{t.id}" for _, p, t in found],
            pipe_ids=[pipe.id for pipe in instance.pipes],
            pipe=integers(k for k, _, _ in found),
            start=integers(place[p.from_node] for _, p, _ in found),
            end=integers(place[p.to_node] for _, p, _ in found),
            own_regime=own,
            zone=zone,
            delay_h=integers(p.delay_h for _, p, _ in found),
            diversity_share=numbers(p.diversity_share for _, p, _ in found),
            capacity_mw=capacity,
            loss_mw=loss,
            pump_mw=_pump_mw(found, capacity),
            capex_mcur=numbers(_capex(p, t, float(at)) for (_, p, t), at in zip(found, at_start, strict=True)),
            fixed_share=numbers(t.fixed_share_per_year for _, _, t in found),
            annuity=numbers(annuity_share(rate, t.life_years) for _, _, t in found),
            life=integers(t.life_years for _, _, t in found),
            existing=numbers(p.existing_pairs if p.existing_type == t.id else 0 for _, p, t in found),
            candidate=np.array([t.id in p.candidate_types for _, p, t in found], dtype=bool),
            earliest=years(p.earliest_year for _, p, _ in found),
            max_new=numbers(pipe.max_new_pairs for pipe in instance.pipes),
        )

    @property
    def one_way(self) -> npt.NDArray[np.bool_]:
        """Whether a line carries heat from its start to its end only."""
        return self.delay_h > 0


def _pump_mw(found: list[tuple[int, Pipe, PipeType]], capacity: Array) -> Array:
    """Pump power at each of `CURVE_SHARES`, stations included; axes are lines, regimes, shares."""
    curves = table(
        [
            [p.length_km * value for value in pump_curve(t.inner_diameter_mm, t.velocity_max_m_per_s, t.roughness_mm)]
            for _, p, t in found
        ],
        len(CURVE_SHARES),
    )
    stations = numbers(p.station_power_share for _, p, _ in found)
    return np.asarray(
        curves[:, None, :] + stations[:, None, None] * capacity[:, :, None] * np.array(CURVE_SHARES), dtype=np.float64
    )


def _capex(pipe: Pipe, kind: PipeType, capacity: float) -> float:
    """Million for a pair, with tunnels and relay stations."""
    open_km = pipe.length_km - pipe.tunnel_km
    ground = kind.capex_mcur_per_km * (pipe.cost_factor * open_km + pipe.tunnel_cost_factor * pipe.tunnel_km)
    return ground + pipe.extra_mcur_per_pair + pipe.relay_stations * pipe.relay_mcur_per_mw * capacity
