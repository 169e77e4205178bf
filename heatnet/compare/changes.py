"""What closes and opens, and when: a row for everything that is not as it was in the stage before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from heatnet.check.findings import Array
from heatnet.compare.sides import Found
from heatnet.instance import Instance
from heatnet.instance.records import Unit

COLUMNS = [
    *("stage", "change", "kind", "id", "name", "name_local", "number"),
    *("heat_mw", "length_km", "size_mwh", "area_mm2"),
]

Row = dict[str, Any]


def changes(found: Found) -> pd.DataFrame:
    """The changes of a plan in the order of the stages; what is there at the start is no change."""
    rows = [*_units(found), *_retrofits(found), *_pipes(found), *_stores(found), *_demand_side(found)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    for column in COLUMNS[-4:]:
        frame[column] = frame[column].astype(float)
    frame["number"] = frame["number"].astype(int)
    frame[["name", "name_local"]] = frame[["name", "name_local"]].fillna("")
    return frame.sort_values("stage", kind="stable", ignore_index=True)


def largest_heat_mw(instance: Instance, unit: Unit) -> float:
    """Largest heat of one machine of a unit in the modes that need no retrofit, MW."""
    bought = {row.mode for row in instance.retrofits if row.technology == unit.technology}
    corners = (corner for corner in instance.corners[unit.technology] if corner.mode not in bought)
    return max(corner.heat_mw for corner in corners) * unit.size_mw / instance.technology[unit.technology].size_mw


def _moved(found: Found, counts: Array, ids: list[str]) -> Iterator[tuple[int, int, str, int]]:
    """stage, place, id and number wherever a count is not 0."""
    whole = np.rint(counts).astype(int)
    for y, k in np.argwhere(whole != 0):
        yield found.years[y], int(k), ids[k], int(whole[y, k])


def _units(found: Found) -> Iterator[Row]:
    grid, ids = found.plan.units, found.facts.units.ids
    into = np.diff(np.vstack([np.zeros(len(ids)), grid["reserve_machines"]]), axis=0)
    # Machines that leave the reserve for good are told as closing, not as coming back.
    back = np.maximum(-into - grid["retired_machines"], 0.0)
    counts = {
        "closes": grid["retired_machines"],
        "reserve": np.maximum(into, 0.0),
        "back": back,
        "built": grid["new_machines"],
    }
    for change, values in counts.items():
        for stage, k, name, number in _moved(found, values, ids):
            unit = found.instance.units[k]
            heat = number * largest_heat_mw(found.instance, unit)
            told = {"name": unit.name, "name_local": unit.name_local, "number": number, "heat_mw": heat}
            yield {"stage": stage, "change": change, "kind": "unit", "id": name, **told}


def _retrofits(found: Found) -> Iterator[Row]:
    ids = found.facts.retrofits.ids
    names = {(row.technology, row.mode): row for row in found.instance.retrofits}
    for stage, k, name, number in _moved(found, found.plan.retrofits["new_machines"], ids):
        unit = found.instance.units[found.facts.retrofits.unit[k]]
        row = names[unit.technology, name.removeprefix(f"{unit.id}/")]
        told = {"name": row.name, "name_local": row.name_local, "number": number}
        yield {"stage": stage, "change": "fitted", "kind": "retrofit", "id": name, **told}


def _pipes(found: Found) -> Iterator[Row]:
    lines = found.facts.lines
    for change, column in (("laid", "new_pairs"), ("removed", "removed_pairs")):
        for stage, k, name, number in _moved(found, found.plan.pipes[column], lines.ids):
            length = found.instance.pipes[lines.pipe[k]].length_km
            yield {"stage": stage, "change": change, "kind": "pipe", "id": name, "number": number, "length_km": length}


def _stores(found: Found) -> Iterator[Row]:
    new = found.plan.stores["new_mwh"]
    for y, k in np.argwhere(new >= 0.5):
        store = found.instance.stores[k]
        told = {"name": store.name, "name_local": store.name_local, "number": 1, "size_mwh": float(new[y, k])}
        yield {"stage": found.years[y], "change": "added", "kind": "store", "id": store.id, **told}


def _demand_side(found: Found) -> Iterator[Row]:
    facts = found.facts
    steps = np.diff(found.plan.zone_regime, axis=0, prepend=0)
    for y, z in np.argwhere(steps != 0):
        zone = found.instance.zone[facts.zones.ids[z]]
        regime = facts.zones.regime_ids[facts.zones.order[z][found.plan.zone_regime[y, z]]]
        told = {"name": zone.name, "name_local": zone.name_local, "number": 1}
        yield {"stage": found.years[y], "change": "switched", "kind": "zone", "id": f"{zone.id}/{regime}", **told}
    connected = found.state.connected[:, facts.connections.node]
    begun = np.diff(connected, axis=0, prepend=np.zeros((1, connected.shape[1])))
    for stage, _, name, _ in _moved(found, begun, facts.connections.ids):
        node = found.instance.node[name]
        told = {"name": node.name, "name_local": node.name_local, "number": 1}
        yield {"stage": stage, "change": "connected", "kind": "node", "id": name, **told}
    area = found.plan.envelopes["new_mm2"]
    for y, k in np.argwhere(area >= 1e-6):
        measure = found.instance.envelopes[k]
        told = {"name": measure.name, "name_local": measure.name_local, "number": 1, "area_mm2": float(area[y, k])}
        where = facts.envelopes.ids[k]
        yield {"stage": found.years[y], "change": "insulated", "kind": "envelope", "id": where, **told}
