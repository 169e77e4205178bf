"""DHNx: CSV folders `twn_data` (the network) and `invest_data` (types of pipe, heat at the sources).

The folder is the one that holds both, or `twn_data` itself, beside which `invest_data` is looked for. Older names are
known (edges.csv for pipes.csv, splits.csv for forks.csv). DHNx has no units; those of its documentation are taken: m,
kW, EUR per kWh and per m.

A type of one size (cap_min close to cap_max) is a type. A type of any size is a law of cost and loss by capacity, and
stands at the diameters of the catalogue.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS

from heatnet.instance import records as r
from heatnet.readers import catalogue
from heatnet.readers.faults import Faults
from heatnet.readers.network import (
    EARTH_RADIUS_M,
    WGS84,
    Change,
    Consumer,
    Economics,
    Network,
    Node,
    Pipe,
    Source,
    identifier,
    twice,
)

ONE_SIZE = 0.8
"""A type is of one size where cap_min is at least this share of cap_max."""

FULL_LOAD_HOURS = 2000.0
YEAR_HOURS = 8760.0
PRICE_EUR_PER_MWH = 50.0
LISTS = {"producers": ("producers",), "consumers": ("consumers",), "forks": ("forks", "splits")}


class Row(dict[str, str]):
    """A line of a CSV file that knows its place."""

    file = ""
    line = 0

    def number(self, faults: Faults, *columns: str, default: float | None = None) -> float:
        """The number in the first of these columns that is there and filled; NaN where it is a fault."""
        for column in columns:
            if self.get(column, "") not in ("", "nan", "NaN"):
                try:
                    value = float(self[column])
                except ValueError:
                    value = math.nan
                if math.isfinite(value):
                    return value
                faults.tell(self.file, f"line {self.line}, {column}", f"must be a number, found `{self[column]}`.")
                return math.nan
        if default is None:
            faults.tell(self.file, f"line {self.line}, {columns[0]}", "is missing; it must be given.")
            return math.nan
        return default

    @property
    def active(self) -> bool:
        """Whether the row counts; it does where nothing is said."""
        return self.get("active", "1") not in ("0", "0.0", "False", "false")


def is_one(folder: Path) -> bool:
    """Whether a folder is of this format."""
    return any((place / "consumers.csv").exists() and (place / "producers.csv").exists() for place in _places(folder))


def _places(folder: Path) -> tuple[Path, ...]:
    return folder, folder / "twn_data", folder / "network"


def read(folder: Path, faults: Faults, *, crs: str | None = None) -> Network:
    """The network of a folder. `crs`: coordinate system where the user says it.

    Raises SourceError with every fault of the files; what is wrong with the network goes to `faults`.
    """
    place = next((one for one in _places(folder) if (one / "consumers.csv").exists()), folder)
    invest = next(
        (
            base / name
            for base in (folder, place.parent)
            for name in ("invest_data", "invest_options")
            if (base / name).is_dir()
        ),
        None,
    )
    lists = {kind: _rows(place, names, ("id", "lat", "lon"), faults) for kind, names in LISTS.items()}
    pipe_rows = _rows(place, ("pipes", "edges"), ("id", "from_node", "to_node"), faults)
    series = _series(place, faults)
    faults.stop()
    files = folder.resolve().name
    changes: list[Change] = []
    nodes, row_of = _nodes(lists, changes, faults)
    consumers, of_loads = _consumers(files, row_of, series, changes, faults)
    types, of_types = _types(invest, faults)
    sources, of_sources = _sources(files, row_of, invest, faults)
    pipes, existing = _pipes(files, pipe_rows, row_of, nodes, invest, changes, faults)
    faults.stop()
    nodes, system, of_system = _placed(nodes, pipes, crs)
    by_id = {node.id: node for node in nodes}
    return Network(
        files=files,
        nodes=tuple(nodes),
        pipes=tuple(_drawn(pipe, by_id) for pipe in pipes),
        consumers=tuple(consumers),
        sources=tuple(sources),
        types=types,
        existing_types=tuple(existing),
        regime=catalogue.REGIME,
        economics=Economics(0.04, 0.0, "assumed: interest; pump power costs nothing in the source"),
        crs=system,
        season_days=365,
        changes=tuple(changes),
        notes=(of_loads, of_types, of_sources, of_system),
    )


# --- files -------------------------------------------------------------------------------------------------


def _rows(folder: Path, names: Iterable[str], columns: Iterable[str], faults: Faults) -> list[Row]:
    """The lines of the first of these files that is there."""
    names = tuple(names)
    path = next((folder / f"{name}.csv" for name in names if (folder / f"{name}.csv").exists()), None)
    if path is None:
        faults.tell(f"{names[0]}.csv", "", f"is missing in {folder.name}; a DHNx network has it.")
        return []
    found = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            header = [(name or "").strip() for name in reader.fieldnames or ()]
            reader.fieldnames = header
            for line, cells in enumerate(reader, start=2):
                row = Row({name: (value or "").strip() for name, value in cells.items() if name is not None})
                row.file, row.line = path.name, line
                found.append(row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        faults.tell(path.name, "", f"cannot be read ({error}).")
        return []
    for column in columns:
        if column not in header:
            faults.tell(path.name, column, "is a column that this table must have.")
    return found


def _series(folder: Path, faults: Faults) -> dict[str, list[float]]:
    """Heat flow in kW by consumer."""
    path = folder / "sequences"
    if not (path / "consumers-heat_flow.csv").exists():
        return {}
    rows = _rows(path, ("consumers-heat_flow",), (), faults)
    names = [name for name in rows[0] if name not in ("", "timestep", "snapshot")] if rows else []
    return {name: [row.number(faults, name) for row in rows] for name in names}


# --- the network -------------------------------------------------------------------------------------------


def _nodes(lists: dict[str, list[Row]], changes: list[Change], faults: Faults) -> tuple[list[Node], dict[str, Row]]:
    """Nodes named as pipes name them, `forks-1`, and their rows."""
    nodes, row_of = [], {}
    for kind, rows in lists.items():
        for row in rows:
            name = identifier(f"{kind}-{row['id']}")
            if not row.active:
                changes.append(Change("not active, left out", name))
                continue
            if name in row_of:
                faults.tell(row.file, f"line {row.line}, id", f"`{row['id']}` stands twice.")
                continue
            x, y = row.number(faults, "lon"), row.number(faults, "lat")
            nodes.append(Node(name, x, y, f"{row.file}, line {row.line}"))
            row_of[name] = row
    return nodes, row_of


def _consumers(
    files: str, row_of: dict[str, Row], series: dict[str, list[float]], changes: list[Change], faults: Faults
) -> tuple[list[Consumer], str]:
    found = []
    for name, row in row_of.items():
        if not name.startswith("consumers-"):
            continue
        flow = np.array(series.get(row["id"], ()))
        peak = row.number(faults, "P_heat_max", default=float(flow.max()) if flow.size else None)
        if peak < 0 or (flow < 0).any():
            faults.tell(row.file, f"line {row.line}, P_heat_max", "must be 0 or more, and the heat flow too.")
        elif peak == 0:
            changes.append(Change("consumer without load left out", name))
        elif peak > 0:
            hours = FULL_LOAD_HOURS
            if flow.size >= 24:
                hours = min(YEAR_HOURS, float(flow.mean()) * YEAR_HOURS / peak)
            where = f"{row.file}, line {row.line}"
            found.append(Consumer(name, (peak,), (hours,), where, f"found: {files}, {where}"))
    long = any(len(flow) >= 24 for flow in series.values())
    heat = "the mean heat flow gives the year's heat" if long else f"{FULL_LOAD_HOURS:g} full-load hours are assumed"
    return found, f"Loads are P_heat_max, else the largest heat flow, in kW; {heat}."


def _law(row: Row, faults: Faults) -> tuple[float, float, float, float, float, float]:
    """Cost and loss of a type by its capacity (a, b for each), largest and smallest capacity."""
    cost_a = row.number(faults, "capex_pipes", default=0.0)
    cost_b = row.number(faults, "fix_costs", default=0.0)
    loss_a = row.number(faults, "l_factor", default=0.0)
    loss_b = row.number(faults, "l_factor_fix", default=0.0)
    most = row.number(faults, "cap_max", default=math.inf)
    least = row.number(faults, "cap_min", default=0.0)
    if min(cost_a, cost_b, loss_a, loss_b, least) < 0 or not most > 0:
        faults.tell(row.file, f"line {row.line}", "must have no figure below 0, and cap_max above 0.")
    return cost_a, cost_b, loss_a, loss_b, most, least


def _type_rows(invest: Path | None, faults: Faults) -> list[Row]:
    if invest is None:
        return []
    return _rows(invest / "network", ("pipes", "pipe_data"), ("label_3", "cap_max"), faults)


def _types(invest: Path | None, faults: Faults) -> tuple[tuple[r.PipeType, ...], str]:
    rows = [row for row in _type_rows(invest, faults) if row.active]
    if not rows:
        return catalogue.catalogue(), "Types of pipe are those of heatnet's catalogue: no invest_data is there."
    found: list[r.PipeType] = []
    for row in rows:
        cost_a, cost_b, loss_a, loss_b, most, least = _law(row, faults)
        if not all(map(math.isfinite, (cost_a, cost_b, loss_a, loss_b, least))) or not most > 0:
            continue
        label = identifier(row.get("label_3", ""))
        if least >= ONE_SIZE * most:
            found.append(_sized(label, most, row, faults))
            continue
        source = f"derived: {row.file}, {label}, {cost_a:g} P + {cost_b:g} EUR/m at the capacity of the diameter"
        found += catalogue.tabulated(
            f"{label}-",
            lambda kw, a=cost_a, b=cost_b: a * kw + b,  # type: ignore[misc]
            lambda kw, a=loss_a, b=loss_b: a * kw + b,  # type: ignore[misc]
            most,
            catalogue.REGIME,
            source,
        )
    for name, where in twice((kind.id, "label_3") for kind in found):
        faults.tell("pipes.csv", where, f"`{name}` stands twice.")
    word = (
        "Types of pipe are those of invest_data: one of one size keeps its capacity, one of any size stands at the "
        "diameters of the catalogue. Costs are taken for costs of laying, with a life of 40 years."
    )
    return tuple(found), word


def _sized(name: str, capacity_kw: float, row: Row, faults: Faults) -> r.PipeType:
    """A type of one capacity, by the law of its row."""
    cost_a, cost_b, loss_a, loss_b, _, _ = _law(row, faults)
    told = re.search(r"\d+", name)
    like = next((kind for kind in catalogue.catalogue() if told and kind.id == f"DN{int(told.group())}"), None)
    source = f"derived: {row.file}, {name}: capacity, cost and loss found, velocity and U that give them"
    cost, loss = cost_a * capacity_kw + cost_b, loss_a * capacity_kw + loss_b
    return catalogue.of_capacity(name, capacity_kw, cost, loss, catalogue.REGIME, source, like=like)


def _sources(files: str, row_of: dict[str, Row], invest: Path | None, faults: Faults) -> tuple[list[Source], str]:
    rows: list[Row] = []
    if invest is not None and (invest / "producers" / "source.csv").exists():
        rows = [row for row in _rows(invest / "producers", ("source",), (), faults) if row.active]
    price, limit = PRICE_EUR_PER_MWH, None
    word = f"Heat costs {PRICE_EUR_PER_MWH:g} EUR/MWh at every source, assumed: no price is told."
    if rows:
        told = rows[0].number(faults, "variable_costs", "variable costs", default=math.nan)
        most = rows[0].number(faults, "nominal_value", "nominal_capacity", default=math.nan)
        limit = most if most > 0 else None
        if not math.isnan(told):
            price = 1e3 * told
            word = f"Heat costs {told:g} EUR/kWh at every source, from source.csv."
    mark = "assumed: no price is told" if "assumed" in word else f"found: {files}, source.csv"
    found = [
        Source(name, limit, (price,), f"{row.file}, line {row.line}", mark)
        for name, row in row_of.items()
        if name.startswith("producers-")
    ]
    return found, word


def _pipes(
    files: str,
    rows: list[Row],
    row_of: dict[str, Row],
    nodes: list[Node],
    invest: Path | None,
    changes: list[Change],
    faults: Faults,
) -> tuple[list[Pipe], list[r.PipeType]]:
    """Pipes without their lines, and types of those that are there."""
    left_out = {change.element for change in changes if change.what.startswith("not active")}
    laws = {identifier(row.get("label_3", "")): row for row in _type_rows(invest, Faults())}
    pipes: list[Pipe] = []
    types: dict[str, r.PipeType] = {}
    for name, where in twice((identifier(f"p{row['id']}"), f"line {row.line}, id") for row in rows):
        faults.tell(rows[0].file, where, f"`{name[1:]}` stands twice.")
    for row in rows:
        place, ends = f"line {row.line}", tuple(identifier(row[key]) for key in ("from_node", "to_node"))
        name = identifier(f"p{row['id']}")
        if not row.active or left_out & set(ends):
            changes.append(Change("not active, left out", name))
            continue
        unknown = [end for end in ends if end not in row_of]
        for end in unknown:
            faults.tell(row.file, f"{place}", f"`{end}` is no producer, consumer or fork.")
        length = row.number(faults, "length", "length_m", "lenght_m")
        kinds = {end.split("-")[0] for end in ends}
        if "forks" not in kinds and not unknown:
            text = f"joins {ends[0]} and {ends[1]}; in DHNx one end of a pipe is a fork."
            changes.append(Change("pipe without a fork kept", name, length, text))
        if unknown or math.isnan(length):
            continue
        existing = None
        if row.get("existing", "0") in ("1", "1.0", "True", "true"):
            existing = _existing(row, laws, types, faults)
        where = f"{row.file}, line {row.line}"
        pipes.append(
            Pipe(
                name,
                (ends[0], ends[1]),
                length,
                shapely.LineString(),
                where,
                f"found: {files}, {where}",
                existing_type=existing,
                may_be_laid=existing is None,
            )
        )
    return pipes, list(types.values())


def _existing(row: Row, laws: dict[str, Row], types: dict[str, r.PipeType], faults: Faults) -> str | None:
    """The type of a pipe that is there: its capacity, and the loss of its hp_type at it."""
    capacity = row.number(faults, "capacity")
    label = identifier(row.get("hp_type", ""))
    if label not in laws:
        faults.tell(row.file, f"line {row.line}, hp_type", f"`{row.get('hp_type', '')}` is not in network/pipes.csv.")
        return None
    if not capacity > 0:
        if capacity <= 0:
            faults.tell(row.file, f"line {row.line}, capacity", "must be above 0 for a pipe that is there.")
        return None
    name = identifier(f"{label}-{capacity:g}kW-existing")
    types[name] = _sized(name, capacity, laws[label], faults)
    return name


# --- places ------------------------------------------------------------------------------------------------


def _placed(nodes: list[Node], pipes: list[Pipe], crs: str | None) -> tuple[list[Node], CRS | None, str]:
    """Nodes in metres, their system, and a word about it.

    The columns are named lat and lon and may hold metres all the same; the lengths of the pipes tell which.
    """
    if crs is not None:
        system = CRS.from_user_input(crs)
        if not system.is_geographic:
            return nodes, system, f"lat and lon are y and x in {crs}, as told."
    by_id = {node.id: node for node in nodes}
    ends = np.array([[(by_id[e].x_m, by_id[e].y_m) for e in pipe.ends] for pipe in pipes]).reshape(-1, 2, 2)
    lengths = np.array([pipe.length_m for pipe in pipes])
    span = ends[:, 0] - ends[:, 1]
    inside = bool(np.all(np.abs(ends) <= (180.0, 90.0)))
    per_degree = math.radians(1) * EARTH_RADIUS_M
    cosine = np.cos(np.radians(ends[:, :, 1].mean(axis=1))) if inside else 1.0
    by_degrees = np.median(np.hypot(span[:, 0] * cosine, span[:, 1])) * per_degree if len(pipes) else 0.0
    long = float(np.median(lengths)) if len(pipes) else 1.0
    if crs is not None or (inside and long > 0 and 0.2 <= by_degrees / long <= 1.5):
        local = CRS.from_user_input(f"+proj=aeqd +lat_0={nodes[0].y_m} +lon_0={nodes[0].x_m} +datum=WGS84 +units=m")
        from pyproj import Transformer

        xs, ys = Transformer.from_crs(WGS84, local, always_xy=True).transform(
            [node.x_m for node in nodes], [node.y_m for node in nodes]
        )
        moved = [Node(n.id, float(x), float(y), n.where) for n, x, y in zip(nodes, xs, ys, strict=True)]
        return moved, local, "lat and lon are degrees: the lengths of the pipes fit them."
    word = "lat and lon are metres of no known system, by the lengths of the pipes or their size: maps show the "
    return nodes, None, word + "network around 0° 0°; else say --crs."


def _drawn(pipe: Pipe, nodes: dict[str, Node]) -> Pipe:
    """With a straight line between its ends."""
    one, other = (nodes[end] for end in pipe.ends)
    line = shapely.LineString([(one.x_m, one.y_m), (other.x_m, other.y_m)])
    return Pipe(**{**pipe.__dict__, "line": line})
