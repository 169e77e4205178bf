"""The plan as GeoJSON: one feature per node and pipe, with properties per stage."""

from __future__ import annotations

from typing import Any

from heatnet.instance.instance import Instance
from heatnet.solution import Solution


def network(instance: Instance, solution: Solution) -> dict[str, Any]:
    """A feature collection in WGS 84 (degrees). Numbers carry their unit in the name of the property."""
    features = [*_nodes(instance, solution), *_pipes(instance, solution)]
    return {"type": "FeatureCollection", "name": instance.header.name, "features": features}


def _nodes(instance: Instance, solution: Solution) -> list[dict[str, Any]]:
    node_of = {unit.id: unit.node for unit in instance.units}
    units: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in solution.units.itertuples():
        if row.machines or row.retired_machines or row.reserve_machines:
            stages = units.setdefault(node_of[str(row.unit)], {})
            stages.setdefault(str(row.stage), []).append(
                {
                    "unit": row.unit,
                    "machines": row.machines,
                    "new_machines": row.new_machines,
                    "retired_machines": row.retired_machines,
                    "reserve_machines": row.reserve_machines,
                    "design_heat_mw": row.design_heat_mw,
                }
            )
    districts: dict[str, dict[str, dict[str, Any]]] = {}
    for row in solution.districts.itertuples():
        districts.setdefault(str(row.node), {})[str(row.stage)] = {
            "connected": row.connected,
            "design_demand_mw": row.design_demand_mw,
            "design_shortfall_mw": row.design_shortfall_mw,
        }
    return [
        _feature(
            {"type": "Point", "coordinates": [node.lon_deg, node.lat_deg]},
            {
                "id": node.id,
                "name": node.name,
                "name_local": node.name_local,
                "kind": node.kind,
                "units": units.get(node.id, {}),
                "district": districts.get(node.id, {}),
            },
        )
        for node in instance.nodes
    ]


def _pipes(instance: Instance, solution: Solution) -> list[dict[str, Any]]:
    place = {node.id: [node.lon_deg, node.lat_deg] for node in instance.nodes}
    stages: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in solution.pipes.itertuples():
        if row.pairs or row.removed_pairs:
            stages.setdefault(str(row.pipe), {}).setdefault(str(row.stage), []).append(
                {
                    "type": row.type,
                    "regime": row.regime,
                    "pairs": row.pairs,
                    "new_pairs": row.new_pairs,
                    "removed_pairs": row.removed_pairs,
                    "design_flow_mw": row.design_flow_mw,
                }
            )
    return [
        _feature(
            {"type": "LineString", "coordinates": [place[pipe.from_node], place[pipe.to_node]]},
            {"id": pipe.id, "length_km": pipe.length_km, "lines": stages.get(pipe.id, {})},
        )
        for pipe in instance.pipes
    ]


def _feature(geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}
