"""The network of a stage, cut where temperature regimes meet.

Lines of different regimes meet in heat exchangers, so that water of one never flows in the other. Each part is
simulated by itself: an exchanger is a consumer of the part that it takes heat from and a source of the other.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import networkx as nx

from heatnet.hydraulics.moments import Line, Moment, steady
from heatnet.instance.records import Regime
from heatnet.physics.pipes import loss_mw_per_km

NOTHING_MW = 1e-4
"""Heat below which a place stands still: 100 W."""


@dataclass(frozen=True)
class Part:
    """Lines whose water mixes, with the heat that every node gives (positive) or takes in the hour, MW.

    `slack` is the source that holds the pressure and makes what the others leave: the one with the largest heat.
    """

    regime: Regime
    lines: tuple[Line, ...]
    heat_mw: dict[str, float]
    slack: str

    @property
    def name(self) -> str:
        """Regime and slack source."""
        return f"{self.regime.id}/{self.slack}"


@dataclass(frozen=True)
class Cut:
    """The parts of an hour, and lines that no water flows in, with the reason."""

    parts: tuple[Part, ...]
    still: dict[str, str]


def cut(lines: list[Line], moment: Moment) -> Cut:
    """The hydraulically separate parts of a network in an hour."""
    heat = _heat(lines, moment)
    parts: list[Part] = []
    still: dict[str, str] = {}
    for regime in sorted({line.regime.id for line in lines}):
        own = [line for line in lines if line.regime.id == regime]
        graph = nx.Graph((line.pipe.from_node, line.pipe.to_node) for line in own)
        for nodes in sorted(nx.connected_components(graph), key=min):
            inside = [line for line in own if line.pipe.from_node in nodes]
            given = {node: heat.get((node, regime), 0.0) for node in nodes}
            slack = max(given, key=lambda node: given[node])
            if given[slack] <= NOTHING_MW:
                taken = min(given.values()) < -NOTHING_MW
                reason = "no source runs; what arrives was sent earlier" if taken else "nothing to carry"
                still |= {line.id: reason for line in inside}
                continue
            running = _running(inside, given)
            names = {line.id for line in running}
            still |= {line.id: "nothing to carry" for line in inside if line.id not in names}
            if not running:
                continue
            reached = sorted({end for line in running for end in (line.pipe.from_node, line.pipe.to_node)})
            parts.append(Part(running[0].regime, tuple(running), {node: given[node] for node in reached}, slack))
    return Cut(tuple(parts), still)


def _heat(lines: list[Line], moment: Moment) -> dict[tuple[str, str], float]:
    """Heat that each node gives to the lines of each regime. Water of a node with one regime bears all its heat."""
    sent: dict[tuple[str, str], float] = {}
    for line in lines:
        carried = steady(moment, line)
        regime = line.regime
        loss = line.pairs * line.pipe.length_km * _loss_mw_per_km(line)
        for node, mw in ((line.pipe.from_node, carried), (line.pipe.to_node, -carried)):
            sent[node, regime.id] = sent.get((node, regime.id), 0.0) + mw + loss / 2.0
    many = {node for node, number in Counter(node for node, _ in sent).items() if number > 1}
    heat = {key: moment.heat_mw[key[0]] for key in sent if key[0] not in many}
    for node in many:
        sides = {key: mw for key, mw in sent.items() if key[0] == node}
        given = sum(mw for mw in sides.values() if mw > 0.0)
        taken = sum(mw for mw in sides.values() if mw < 0.0)
        # Heat in transit parts what arrives from what is sent on; the side that takes follows the side that is given.
        scale = max(0.0, (moment.heat_mw[node] - given) / taken) if taken else 1.0
        heat |= {key: mw if mw > 0.0 else mw * scale for key, mw in sides.items()}
    return heat


def _loss_mw_per_km(line: Line) -> float:
    regime = line.regime
    return loss_mw_per_km(line.type.heat_transfer_w_per_m_k, regime.supply_c, regime.return_c, regime.ground_c)


def _running(lines: list[Line], heat: dict[str, float]) -> list[Line]:
    """Lines without the branches at whose end nobody gives or takes heat: their water would only stand and cool."""
    running = list(lines)
    while True:
        graph = nx.Graph((line.pipe.from_node, line.pipe.to_node) for line in running)
        ends = {node for node in graph if graph.degree(node) == 1 and abs(heat[node]) < NOTHING_MW}
        left = [line for line in running if line.pipe.from_node not in ends and line.pipe.to_node not in ends]
        if len(left) == len(running):
            return running
        running = left
