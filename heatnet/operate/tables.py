"""Tables of a run: every series by hour, and what follows from them for people."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from heatnet.instance.instance import Array
from heatnet.operate.stage import Stage
from heatnet.operate.state import Run, on
from heatnet.physics.pipes import CURVE_SHARES

SERVED_MW = 1e-4
"""Unserved heat below this is rounding, MW."""


def series(stage: Stage, run: Run) -> pd.DataFrame:
    """Every series by hour of the season: columns KIND/ID/QUANTITY, for what is in place (`docs/operate.md`)."""
    found: dict[str, Any] = {}
    running, rows = on(stage, run), slice(*_rows(stage, run))
    for machine in stage.units:
        weights = run.corners[machine.id]
        place = f"unit/{machine.id}"
        found[f"{place}/machines_on"] = running[machine.id]
        if machine.id in run.starts:
            found[f"{place}/starts"] = run.starts[machine.id]
        power = {c: stage.case.power[machine.id, c][0][rows] for c in machine.corners}
        found[f"{place}/heat_mw"] = sum(weights[c] * corner.heat_mw for c, corner in machine.corners.items())
        found[f"{place}/power_mw"] = sum(weights[c] * power[c] for c in machine.corners)
        found[f"{place}/fuel_mw"] = sum(weights[c] * corner.fuel_mw for c, corner in machine.corners.items())
        for corner in machine.corners:
            found[f"{place}/corner_{corner}_machines"] = weights[corner]
    for line in stage.lines:
        pairs, flow = stage.pairs[line.id], run.flow_mw[line.id]
        curve = np.array(CURVE_SHARES) * line.capacity_mw
        found[f"pipe/{line.name}/flow_mw"] = flow
        found[f"pipe/{line.name}/pump_mw"] = pairs * np.interp(flow.abs() / pairs, curve, line.pump_mw)
    for store in stage.stores:
        for quantity in ("charge_mw", "discharge_mw", "level_mwh"):
            found[f"store/{store.id}/{quantity}"] = getattr(run, quantity)[store.id]
    for node in stage.nodes:
        found[f"node/{node}/unserved_mw"] = run.unserved_mw[node]
    for node in stage.sources:
        found[f"node/{node}/spill_mw"] = run.spill_mw[node]
    return pd.DataFrame({name: np.asarray(values) + 0.0 for name, values in found.items()}, index=run.corners.index)


def _rows(stage: Stage, run: Run) -> tuple[int, int]:
    first = int(run.corners.index[0]) - stage.hours.start
    return first, first + len(run.corners)


def unserved(run: Run, demand_mw: pd.DataFrame) -> pd.DataFrame:
    """Hours and nodes that get less than they ask for: hour, node, demand_mw, unserved_mw."""
    missing = run.unserved_mw.to_numpy()
    hours, nodes = np.nonzero(missing > SERVED_MW)
    names = run.unserved_mw.columns[nodes]
    return pd.DataFrame(
        {
            "hour": run.unserved_mw.index.to_numpy()[hours],
            "node": names.to_numpy(),
            "demand_mw": demand_mw[run.unserved_mw.columns].to_numpy()[hours, nodes],
            "unserved_mw": missing[hours, nodes],
        }
    )


def units(stage: Stage, table: pd.DataFrame) -> pd.DataFrame:
    """Heat, power and fuel of every unit, its starts, hours in which it runs, and hours at full load."""
    rows = []
    for machine in stage.units:
        values = {q: table[f"unit/{machine.id}/{q}"] for q in ("machines_on", "heat_mw", "power_mw", "fuel_mw")}
        ran = values["machines_on"].to_numpy()
        heat_max = stage.machines[machine.id] * max(machine.heat_max_mw(mode) for mode in machine.modes)
        heat = float(values["heat_mw"].sum())
        whole = machine.technology.commitment != "none"
        started = float(np.maximum(np.diff(ran, prepend=ran[:1]), 0.0).sum()) if whole else np.nan
        rows.append(
            (
                machine.id,
                stage.machines[machine.id],
                heat,
                float(values["power_mw"].sum()),
                float(values["fuel_mw"].sum()),
                started,
                int((ran > 1e-6).sum()),
                heat / heat_max if heat_max else 0.0,
            )
        )
    names = ["unit", "machines", "heat_mwh", "power_mwh", "fuel_mwh", "starts", "running_h", "full_load_h"]
    return pd.DataFrame(rows, columns=names)


def stores(stage: Stage, run: Run) -> pd.DataFrame:
    """Heat into and out of every store, and how often its size was drawn."""
    rows = [
        (
            store.id,
            stage.size_mwh[store.id],
            float(run.charge_mw[store.id].sum()),
            float(run.discharge_mw[store.id].sum()),
            float(run.discharge_mw[store.id].sum()) / stage.size_mwh[store.id],
        )
        for store in stage.stores
    ]
    return pd.DataFrame(rows, columns=["store", "size_mwh", "charged_mwh", "discharged_mwh", "cycles"])


def load_duration(stage: Stage, table: pd.DataFrame, demand_mw: pd.DataFrame) -> pd.DataFrame:
    """Hours from the largest demand to the least, with the heat that the kinds of units gave in each, MW."""
    total = demand_mw.sum(axis=1)
    order = np.argsort(-total.to_numpy(), kind="stable")
    kinds: dict[str, Array] = {}
    for machine in stage.units:
        heat = table[f"unit/{machine.id}/heat_mw"].to_numpy()
        kinds[f"{machine.technology.kind}_mw"] = kinds.get(f"{machine.technology.kind}_mw", 0.0) + heat
    columns = {"hour": table.index.to_numpy()[order], "demand_mw": total.to_numpy()[order]}
    return pd.DataFrame(columns | {name: heat[order] for name, heat in sorted(kinds.items())})
