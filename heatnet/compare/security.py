"""Frames of the design hour: the whole network, every district by itself, and with an element lost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from heatnet.check.findings import Array
from heatnet.compare.sides import Found

KILOWATTS = 1000.0
"""kW in a MW: flows are searched in whole kW."""


def design(found: Found) -> pd.DataFrame:
    """The checker's table of the design hour."""
    return found.report.design_margin


def security(found: Found) -> pd.DataFrame:
    """Guaranteed heat and what of it is missing, by contingency."""
    rows = found.instance.contingencies
    frame = found.solution.security
    for column in ("name", "name_local"):
        frame = frame.assign(**{column: frame["contingency"].map({row.id: getattr(row, column) for row in rows})})
    return frame[["stage", "contingency", "name", "name_local", "guaranteed_mw", "missing_mw"]]


def districts(found: Found) -> pd.DataFrame:
    """A row per stage and node with demand; the margins are of one node at a time."""
    rows = found.solution.districts.rename(columns={"design_shortfall_mw": "shortfall_mw"})
    keys = ["stage", "node"]
    margins = pd.DataFrame(_margins(found), columns=[*keys, "margin_mw", "guaranteed_mw", "n1_mw", "n1_contingency"])
    frame = rows.merge(margins, on=keys, how="left")
    for column in ("name", "name_local"):
        frame[column] = frame["node"].map({node.id: getattr(node, column) for node in found.instance.nodes})
    order = ["name", "name_local", "connected", "design_demand_mw", "shortfall_mw", "margin_mw"]
    return frame[[*keys, *order, "demand_mwh", "unserved_mwh", "guaranteed_mw", "n1_mw", "n1_contingency"]]


def _margins(found: Found) -> Iterator[tuple[int, str, float, float, float, str]]:
    """stage, node, margin_mw, guaranteed_mw, n1_mw (design load where nothing can be lost), its contingency."""
    facts, state = found.facts, found.state
    units, nodes, cases = facts.units, facts.nodes, facts.contingencies
    share = units.design_share
    room = np.maximum(found.plan.pipes["pairs"] * state.design_capacity_mw, 0.0)
    for y, year in enumerate(found.years):
        load = np.maximum(state.design_mw[y], 0.0)
        wanted = load + np.maximum(state.half_losses_mw[y], 0.0)
        supply = np.minimum(nodes.gather(np.maximum(state.able_heat_mw[y] * share, 0.0), units.node), nodes.station_mw)
        reach = _Flows(found, supply, room[y]).beside(wanted, np.full(len(load), supply.sum()))
        left = (state.able_heat_mw[y] + state.spare_heat_mw[y]) * share
        lost = [
            _Flows(
                found,
                np.minimum(nodes.gather(np.maximum(left * cases.units_left[c], 0.0), units.node), nodes.station_mw),
                room[y] * cases.lines_left[c],
            ).beside(np.maximum(state.guaranteed_mw[y], 0.0), load)
            for c in range(len(cases.ids))
        ]
        for n in nodes.districts:
            least = min(((each[n], name) for each, name in zip(lost, cases.ids, strict=True)), default=(load[n], ""))
            worst = "" if least[0] >= load[n] - 1.0 / KILOWATTS else least[1]
            guaranteed = float(state.guaranteed_mw[y, n])
            yield year, nodes.ids[n], float(reach[n] - wanted[n]), guaranteed, min(float(least[0]), load[n]), worst


class _Flows:
    """Maximum flows through the lines of a stage, from what can be supplied at each node (MW)."""

    def __init__(self, found: Found, supply_mw: Array, room_mw: Array) -> None:
        lines, self._nodes = found.facts.lines, len(found.facts.nodes.ids)
        back = ~lines.one_way
        nodes = np.arange(self._nodes)
        source, sink = self._nodes, self._nodes + 1
        self._start = np.concatenate([lines.start, lines.end[back], np.full(self._nodes, source), nodes])
        self._end = np.concatenate([lines.end, lines.start[back], nodes, np.full(self._nodes, sink)])
        self._room = _whole(np.concatenate([room_mw, room_mw[back], supply_mw]))
        self._districts = found.facts.nodes.districts

    def beside(self, others_mw: Array, most_mw: Array) -> Array:
        """MW that reach each district, up to `most_mw`, after all others have had what they can of `others_mw`."""
        reached = np.zeros(self._nodes)
        for n in self._districts:
            wanted = others_mw.copy()
            wanted[n] = 0.0
            others = self._served(wanted)
            wanted[n] = most_mw[n]
            reached[n] = (self._served(wanted) - others) / KILOWATTS
        return reached

    def _served(self, wanted_mw: Array) -> int:
        from scipy.sparse import csr_array  # slow to import
        from scipy.sparse.csgraph import maximum_flow

        room = np.concatenate([self._room, _whole(wanted_mw)])
        size = self._nodes + 2
        network = csr_array((room, (self._start, self._end)), shape=(size, size))  # sums what lies side by side
        return int(maximum_flow(network, self._nodes, self._nodes + 1).flow_value)


def _whole(power_mw: Array) -> npt.NDArray[np.int32]:
    """Whole kW."""
    return np.rint(power_mw * KILOWATTS).astype(np.int32)
