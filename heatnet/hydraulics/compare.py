"""Model beside simulation: one row for each quantity of each place in each hour."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd

from heatnet.errors import RunError
from heatnet.hydraulics.moments import Line, Moment, chosen_hours, design_hour, lines_of
from heatnet.hydraulics.network import Flow, model_gradient_pa_per_m, model_velocity_m_per_s, steady_flow
from heatnet.hydraulics.parts import Part, cut
from heatnet.instance import Instance
from heatnet.physics.pipes import CURVE_SHARES, loss_mw_per_km, pump_curve
from heatnet.solution import Solution

FILE = "hydraulics.csv"

COLUMNS = {
    "stage": "int64",
    "hour": "str",
    "part": "str",
    "kind": "str",
    "id": "str",
    "quantity": "str",
    "model": "float64",
    "simulated": "float64",
    "difference": "float64",
    "least": "float64",
    "most": "float64",
    "outside": "int64",
}
"""`hour` is design or DAY:HOUR; the unit of the figures stands in the name of the quantity; blank: there is none."""

LIMIT_TOLERANCE = 0.05
"""By which a velocity may be above its limit: water at 130 °C alone is 2.5 % lighter than the model's."""

PRESSURE_MAX_BAR = 25.0
"""Nominal pressure of pipes and fittings [assumed: PN 25]."""

COOLING_MAX_K = 10.0
"""By which water may arrive at a consumer colder than it was sent out [assumed]."""

Row = tuple[str, str, str, float | None, float | None, float | None, float | None]


def simulate(instance: Instance, solution: Solution, stage: int, hours: Sequence[str] = ()) -> pd.DataFrame:
    """The design hour of a stage and chosen hours (DAY:HOUR), with the columns of `COLUMNS`.

    Raises UsageError for a stage or an hour that the result lacks, and where the hydraulics do not converge.
    """
    lines = lines_of(instance, solution, stage)
    moments = [
        design_hour(instance, solution, stage),
        *chosen_hours(instance, solution, stage, list(dict.fromkeys(hours))),
    ]
    rows = []
    for moment in moments:
        pieces = cut(lines, moment)
        for part in pieces.parts:
            flow = steady_flow(part, moment)
            rows += [(stage, moment.name, part.name, *row) for row in _rows(part, moment, flow)]
        for line in lines:
            if line.id in pieces.still:
                rows += [(stage, moment.name, "still", *row) for row in _still(line)]
    return _frame(rows)


def save(frame: pd.DataFrame, folder: Path) -> None:
    """Write `hydraulics.csv` into a result folder; other stages that it holds stay.

    Raises RunError where it cannot be written.
    """
    path = folder / FILE
    try:
        texts = {name: kind for name, kind in COLUMNS.items() if kind == "str"}
        before = pd.read_csv(path, keep_default_na=True, dtype=texts, float_precision="round_trip")
        if list(before.columns) == list(COLUMNS):
            others = before[~before["stage"].isin(frame["stage"])]
            if len(others):
                frame = pd.concat([others, frame]).sort_values("stage", kind="stable")
    except (OSError, ValueError):
        pass  # the first time, or nothing that could be kept
    part = path.with_suffix(".part")
    try:
        frame.to_csv(part, index=False)
        os.replace(part, path)  # noqa: PTH105 - the words of the system for a move that is whole or not at all
    except OSError as error:
        part.unlink(missing_ok=True)
        raise RunError(f"{path}: cannot be written ({error.strerror or error}).") from None


def _frame(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    names = [name for name in COLUMNS if name not in ("difference", "outside")]
    frame = pd.DataFrame(rows, columns=names).astype({name: COLUMNS[name] for name in names})
    frame["difference"] = frame["simulated"] - frame["model"]
    below, above = frame["simulated"] < frame["least"], frame["simulated"] > frame["most"]
    frame["outside"] = (below | above).astype("int64")
    return frame[list(COLUMNS)]


def _rows(part: Part, moment: Moment, flow: Flow) -> Iterator[Row]:
    yield from _part_rows(part, moment, flow)
    for node, mw in part.heat_mw.items():
        state = flow.nodes[node]
        if mw > 0.0:
            yield "source", node, "heat_mw", mw, state.heat_mw, None, None
            yield "source", node, "lift_bar", None, state.difference_bar, 0.0, None
            yield "source", node, "pump_mw", None, state.pump_mw, None, None
        if mw < 0.0:
            sent = part.regime.supply_c
            yield "consumer", node, "supply_c", sent, state.supply_c, sent - COOLING_MAX_K, None
            yield "consumer", node, "difference_bar", None, state.difference_bar, None, None
        yield "node", node, "pressure_bar", None, state.supply_bar, None, PRESSURE_MAX_BAR
    for line in part.lines:
        told, found = moment.flow_mw[line.id], flow.lines[line.id]
        fastest = line.type.velocity_max_m_per_s * (1.0 + LIMIT_TOLERANCE)
        yield "line", line.id, "flow_mw", told, found.flow_mw, None, None
        velocity = model_velocity_m_per_s(line, told)
        yield "line", line.id, "velocity_m_per_s", velocity, found.velocity_m_per_s, None, fastest
        gradient = model_gradient_pa_per_m(line, told)
        yield "line", line.id, "gradient_pa_per_m", gradient, found.gradient_pa_per_m, None, None
        yield "line", line.id, "loss_mw", _loss_mw(line), found.loss_mw, None, None
        yield "line", line.id, "pump_mw", _pump_mw(line, told), found.pump_mw, None, None
        if line.pipe.relay_stations:
            yield "line", line.id, "station_mw", None, found.station_mw, None, None


def _part_rows(part: Part, moment: Moment, flow: Flow) -> Iterator[Row]:
    """Sums, and the way to the critical point."""
    told = sum(mw for mw in part.heat_mw.values() if mw > 0.0)
    fed = sum(state.heat_mw for state in flow.nodes.values() if state.heat_mw > 0.0)
    yield "part", part.name, "heat_mw", told, fed, None, None
    lost = sum(line.loss_mw for line in flow.lines.values())
    yield "part", part.name, "loss_mw", sum(_loss_mw(line) for line in part.lines), lost, None, None
    friction = sum(_pump_mw(line, moment.flow_mw[line.id]) for line in part.lines)
    pumps = sum(state.pump_mw for state in flow.nodes.values())
    pumps += sum(line.station_mw for line in flow.lines.values())
    yield "part", part.name, "friction_mw", friction, sum(line.pump_mw for line in flow.lines.values()), None, None
    yield "part", part.name, "pump_mw", friction, pumps, None, None
    slack, critical = flow.nodes[part.slack], flow.nodes[flow.critical]
    drop = _model_drop_bar(part, moment, flow.critical)
    yield (
        "critical", flow.critical, "pressure_drop_bar", drop, slack.difference_bar - critical.difference_bar, None, None
    )  # fmt: skip


def _model_drop_bar(part: Part, moment: Moment, node: str) -> float:
    """Pressure that supply and return lose from the slack source to a node by the model, on the shortest way.

    Relay stations give back what they lift. Where the way goes against the flow of a line, pressure is gained.
    """
    graph = nx.MultiGraph()
    for k, line in enumerate(part.lines):
        graph.add_edge(line.pipe.from_node, line.pipe.to_node, key=k, length=line.pipe.length_km)
    way = nx.shortest_path(graph, part.slack, node, weight="length")
    drop = 0.0
    for start, end in pairwise(way):
        line = part.lines[min(graph[start][end], key=lambda k: part.lines[k].pipe.length_km)]
        flow = moment.flow_mw[line.id] * (1.0 if line.pipe.from_node == start else -1.0)
        pascal = 2.0 * model_gradient_pa_per_m(line, flow) * line.pipe.length_km * 1000.0
        drop += float(np.sign(flow)) * pascal / 1e5 / (line.pipe.relay_stations + 1)
    return drop


def _still(line: Line) -> Iterator[Row]:
    yield "line", line.id, "loss_mw", _loss_mw(line), None, None, None


def _loss_mw(line: Line) -> float:
    regime = line.regime
    per_km = loss_mw_per_km(line.type.heat_transfer_w_per_m_k, regime.supply_c, regime.return_c, regime.ground_c)
    return line.pairs * line.pipe.length_km * per_km


def _pump_mw(line: Line, flow_mw: float) -> float:
    """Pump power of friction by the model's curve, without what stations take beside it."""
    kind = line.type
    curve = pump_curve(kind.inner_diameter_mm, kind.velocity_max_m_per_s, kind.roughness_mm)
    share = model_velocity_m_per_s(line, flow_mw) / kind.velocity_max_m_per_s
    return line.pairs * line.pipe.length_km * float(np.interp(share, CURVE_SHARES, curve))
