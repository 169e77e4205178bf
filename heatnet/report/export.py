"""A result for other programs: tables as xlsx and parquet, the network of each stage as GeoJSON and GeoPackage."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pandas as pd

from heatnet.check import CheckReport
from heatnet.errors import UsageError
from heatnet.instance import Instance
from heatnet.solution import COLUMNS, Solution

SHEET_ROWS = 1_048_576
"""Rows that a sheet can hold, the head too; a longer table (the operation) stands in parquet only."""

Feature = dict[str, Any]


def export(instance: Instance, solution: Solution, report: CheckReport, folder: Path) -> list[str]:
    """Write everything into an existing folder; the names of what was written, and what was left out and why.

    Raises UsageError where the writer of xlsx is not installed.
    """
    if importlib.util.find_spec("openpyxl") is None:
        raise UsageError("heatnet export needs openpyxl: pip install 'heatnet[report]'.")
    frames = tables(instance, solution, report)
    told = [*_write_parquet(frames, folder / "parquet"), *_write_xlsx(instance, frames, folder / "tables.xlsx")]
    layers = {
        f"{name}_{stage.year}": features
        for stage in instance.stages
        for name, features in layers_of(instance, solution, stage.year).items()
    }
    told += _write_geojson(layers, folder / "geojson")
    return told + _write_geopackage(layers, folder / "network.gpkg")


def tables(instance: Instance, solution: Solution, report: CheckReport) -> dict[str, pd.DataFrame]:
    """The tables of a result folder by their names there (docs/model.md), as frames."""
    money = f"cost_m{instance.header.currency.lower()}"
    derived = {
        "costs": report.costs.rename(columns={"value_mcur": money}),
        "emissions": report.emissions,
        "design": report.design_margin,
        "limits": report.limits,
    }
    return {name: getattr(solution, name) for name in COLUMNS} | derived


def layers_of(instance: Instance, solution: Solution, year: int) -> dict[str, list[Feature]]:
    """The network of one stage: features of `nodes`, `pipes` and `units`, in degrees (WGS 84), columns with units."""
    place = {node.id: [node.lon_deg, node.lat_deg] for node in instance.nodes}
    return {
        "nodes": _nodes(instance, solution, year, place),
        "pipes": _pipes(instance, solution, year, place),
        "units": _units(instance, solution, year, place),
    }


def _now(frame: pd.DataFrame, year: int) -> list[dict[str, Any]]:
    return [
        {str(column): value for column, value in row.items()}
        for row in frame[frame["stage"] == year].to_dict("records")
    ]


def _nodes(instance: Instance, solution: Solution, year: int, place: dict[str, list[float]]) -> list[Feature]:
    districts = {row["node"]: row for row in _now(solution.districts, year)}
    columns = ("connected", "design_demand_mw", "design_shortfall_mw", "demand_mwh", "unserved_mwh")
    found = []
    for node in instance.nodes:
        own = districts.get(node.id, {})
        names = {"stage": year, "id": node.id, "name": node.name, "name_local": node.name_local, "kind": node.kind}
        found.append(_feature("Point", place[node.id], names | {column: own.get(column) for column in columns}))
    return found


def _pipes(instance: Instance, solution: Solution, year: int, place: dict[str, list[float]]) -> list[Feature]:
    """A feature per line (pipe and type) that is there or leaves; a pipe of two types has two, one on the other."""
    pipes = {pipe.id: pipe for pipe in instance.pipes}
    found = []
    for row in _now(solution.pipes, year):
        if row["pairs"] or row["removed_pairs"]:
            pipe, kind = pipes[row["pipe"]], instance.pipe_type[row["type"]]
            more = {"length_km": pipe.length_km, "inner_diameter_mm": kind.inner_diameter_mm}
            found.append(_feature("LineString", [place[pipe.from_node], place[pipe.to_node]], row | more))
    return found


def _units(instance: Instance, solution: Solution, year: int, place: dict[str, list[float]]) -> list[Feature]:
    units = {unit.id: unit for unit in instance.units}
    found = []
    for row in _now(solution.units, year):
        if row["machines"] or row["reserve_machines"] or row["retired_machines"]:
            unit = units[row["unit"]]
            kind = instance.technology[unit.technology].kind
            more = {"name": unit.name, "name_local": unit.name_local, "node": unit.node, "technology": unit.technology}
            found.append(_feature("Point", place[unit.node], row | more | {"kind": kind, "size_mw": unit.size_mw}))
    return found


def _feature(kind: str, coordinates: list[Any], properties: dict[str, Any]) -> Feature:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def _write_parquet(frames: dict[str, pd.DataFrame], folder: Path) -> list[str]:
    folder.mkdir()
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return [f"parquet/: {len(frames)} tables"]


def _write_xlsx(instance: Instance, frames: dict[str, pd.DataFrame], path: Path) -> list[str]:
    header = instance.header
    about = {
        "title": header.title,
        "title_local": header.title_local,
        "schedule": instance.schedule_name or "",
        "currency": f"million {header.currency} of {header.base_year}",
        "instance_sha256": instance.sha256,
    }
    short = {name: frame for name, frame in frames.items() if len(frame) < SHEET_ROWS and name != "operation"}
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        pd.DataFrame(about.items(), columns=["what", "value"]).to_excel(writer, sheet_name="about", index=False)
        for name, frame in short.items():
            frame.to_excel(writer, sheet_name=name, index=False, freeze_panes=(1, 0))
        for sheet in writer.book.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":  # a title that begins with = is a title, not a formula
                        cell.data_type = "s"
    return [f"tables.xlsx: {len(short)} tables; the operation, hour by hour, stands in parquet/ only"]


def _write_geojson(layers: dict[str, list[Feature]], folder: Path) -> list[str]:
    folder.mkdir()
    for name, features in layers.items():
        document = {"type": "FeatureCollection", "name": name, "features": features}
        text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
        (folder / f"{name}.geojson").write_text(text + "\n", encoding="utf-8")
    return [f"geojson/: {len(layers)} layers"]


def _write_geopackage(layers: dict[str, list[Feature]], path: Path) -> list[str]:
    try:
        import geopandas  # of the extra `gis`
    except ModuleNotFoundError:
        return ["no GeoPackage: it needs geopandas, pip install 'heatnet[gis]'"]
    written = {name: features for name, features in layers.items() if features}
    for name, features in written.items():
        geopandas.GeoDataFrame.from_features(features, crs="EPSG:4326").to_file(path, layer=name, driver="GPKG")
    return [f"network.gpkg: {len(written)} layers"]
