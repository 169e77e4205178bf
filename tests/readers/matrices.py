"""topotherm folders for tests: from lists of nodes and edges, or from a neutral case of the shared ones."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


def folder(
    path: Path,
    *,
    places: Mapping[str, tuple[float, float]],
    edges: Mapping[str, tuple[str, str, float]],
    consumers: Mapping[str, Sequence[float]],
    sources: Sequence[str],
    hours: Sequence[float] = (2400.0,),
    config: str = "",
    regression: str = "",
) -> Path:
    """Write a folder. `edges`: ends and length in m; `consumers`: loads by time step, at the node of the same name."""
    path.mkdir(parents=True, exist_ok=True)
    nodes = list(places)
    a_i = pd.DataFrame(0, index=nodes, columns=list(edges))
    for name, (one, other, _) in edges.items():
        a_i.loc[one, name], a_i.loc[other, name] = 1, -1
    a_p = pd.DataFrame(0, index=nodes, columns=[f"P_{number}" for number in range(len(sources))])
    a_c = pd.DataFrame(0, index=nodes, columns=[f"C_{number}" for number in range(len(consumers))])
    for column, node in zip(a_p.columns, sources, strict=True):
        a_p.loc[node, column] = -1
    for column, node in zip(a_c.columns, consumers, strict=True):
        a_c.loc[node, column] = 1
    steps = [str(step) for step in range(len(hours))]
    tables = {
        "a_i": a_i,
        "a_p": a_p,
        "a_c": a_c,
        "l_i": pd.DataFrame({"length": [length for _, _, length in edges.values()]}),
        "q_c": pd.DataFrame([list(loads) for loads in consumers.values()], columns=steps),
        "flh_sinks": pd.DataFrame([list(hours)] * len(consumers), columns=steps),
        "flh_sources": pd.DataFrame([list(hours)] * len(sources), columns=steps),
        "positions": pd.DataFrame(list(places.values()), columns=["x", "y"]),
    }
    for name, table in tables.items():
        table.to_parquet(path / f"{name}.parquet")
    for name, text in (("config.yaml", config), ("regression.csv", regression)):
        if text:
            (path / name).write_text(text, encoding="utf-8")
    return path


def of_case(case: Path, path: Path) -> Path:
    """A neutral case with one time step as its own program keeps it: loads in W, cost and loss as regression.csv."""
    params: dict[str, Any] = json.loads((case / "params.json").read_text(encoding="utf-8"))
    rows = {name: _rows(case / f"{name}.csv") for name in ("nodes", "edges", "consumers", "demand", "sources")}
    pipe, source = params["pipe"], rows["sources"][0]
    at = {row["consumer"]: row["node"] for row in rows["consumers"]}
    keys = ("loss_var_per_m", "loss_fix_kw_per_m", "capex_var_eur_per_m_kw", "capex_fix_eur_per_m", "p_max_kw")
    folder(
        path,
        places={row["node"]: (float(row["x"]), float(row["y"])) for row in rows["nodes"]},
        edges={row["edge"]: (row["from"], row["to"], float(row["length_m"])) for row in rows["edges"]},
        consumers={at[row["consumer"]]: [1e3 * float(row["demand_kw"])] for row in rows["demand"]},
        sources=[row["node"] for row in rows["sources"]],
        config=(
            "economics:\n"
            f"  source_price: [[{source['price_eur_per_kwh']}]]\n"
            f"  heat_price: {params['heat_price_eur_per_kwh']}\n"
            f"  pipes_c_irr: {pipe['interest']}\n"
            f"  pipes_lifetime: {pipe['lifetime_a']}\n"
        ),
        regression="heat_loss_a,heat_loss_b,capacity_a,capacity_b,power_flow_max_kW\n"
        + ",".join(str(pipe[key]) for key in keys),
    )
    hours = np.array([[float(row["hours"])] for row in rows["demand"]])
    pd.DataFrame(hours, columns=["0"]).to_parquet(path / "flh_sinks.parquet")
    pd.DataFrame([[float(row["hours"])] for row in rows["sources"]], columns=["0"]).to_parquet(
        path / "flh_sources.parquet"
    )
    return path


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
