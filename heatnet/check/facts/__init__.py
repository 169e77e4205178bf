"""What the instance says, as arrays in the order of its tables. Units: MW, MWh, km, million of the currency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatnet.check.facts.contingencies import Contingencies
from heatnet.check.facts.lines import Lines, Zones
from heatnet.check.facts.nodes import Connections, Envelopes, Nodes
from heatnet.check.facts.stages import Stages
from heatnet.check.facts.stores import Stores
from heatnet.check.facts.units import Retrofits, Units

if TYPE_CHECKING:
    from heatnet.check.findings import Array
    from heatnet.instance import Instance

__all__ = ["Facts"]


@dataclass(frozen=True)
class Facts:
    """Everything of the instance that depends neither on the choice of days nor on a plan."""

    season_days: int
    stages: Stages
    nodes: Nodes
    envelopes: Envelopes
    connections: Connections
    zones: Zones
    lines: Lines
    retrofits: Retrofits
    units: Units
    stores: Stores
    contingencies: Contingencies

    @classmethod
    def of(cls, instance: Instance) -> Facts:
        """The facts of an instance."""
        rate = instance.header.economics.discount_rate_share
        place = {node.id: k for k, node in enumerate(instance.nodes)}
        stages = Stages.of(instance)
        nodes = Nodes.of(instance, stages.years, place)
        zones = Zones.of(instance, rate, nodes.full_mw)
        lines = Lines.of(instance, rate, place, zones)
        retrofits = Retrofits.of(instance, rate)
        units = Units.of(instance, rate, place, retrofits)
        return cls(
            season_days=len(instance.series["outdoor_c"]) // 24,
            stages=stages,
            nodes=nodes,
            envelopes=Envelopes.of(instance, rate, place),
            connections=Connections.of(instance, rate, place),
            zones=zones,
            lines=lines,
            retrofits=retrofits,
            units=units,
            stores=Stores.of(instance, rate, place),
            contingencies=Contingencies.of(instance, lines, units),
        )

    def net_inflow(self, leaving: Array, arriving: Array) -> Array:
        """Inflow − outflow at each node: what leaves the start of lines and arrives at their end, the last axis."""
        return self.nodes.gather(arriving, self.lines.end) - self.nodes.gather(leaving, self.lines.start)

    def through(self, leaving: Array, arriving: Array) -> Array:
        """|Inflow| + |outflow| at each node: the size of what a balance compares."""
        there = self.nodes.gather(np.abs(arriving), self.lines.end)
        return there + self.nodes.gather(np.abs(leaving), self.lines.start)
