"""topotherm: a folder of parquet matrices, with `config.yaml` and `regression.csv` where they are there.

Rows of a_i (+1: the edge leaves the node, −1: it enters), a_p (−1: the source is there) and a_c (+1: the consumer is
there) are nodes; l_i are lengths in m, q_c loads by time step, flh_… hours by time step, positions in the last two
columns. Old names of the files (A_i, flh_consumer, rel_positions) are known.

Loads are kW by the documentation and W in published files. Which they are is decided by two checks, of orders that
are a thousand wide, so that one unit at most passes each: the median consumer takes 1 to 1000 kW, and there are 0.02
to 20 kW of load to a metre of candidate pipe. Where they disagree the user must say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from heatnet.readers.faults import Faults, in_one_line
from heatnet.readers.network import Change, Consumer, Network, Node, Pipe, Source, identifier, twice
from heatnet.readers.topotherm_config import config_of, economics_of, heat_price_of, regime_of, types_of

Matrix = npt.NDArray[np.float64]

MATRICES = {
    "a_i": ("a_i",),
    "a_p": ("a_p",),
    "a_c": ("a_c",),
    "l_i": ("l_i",),
    "q_c": ("q_c",),
    "flh_sinks": ("flh_sinks", "flh_consumer"),
    "flh_sources": ("flh_sources", "flh_source"),
    "positions": ("positions", "rel_positions"),
}
"""Matrices by name, with the names of files that hold them, in small letters."""

MEDIAN_LOAD_KW = (1.0, 1000.0)
LOAD_KW_PER_M = (0.02, 20.0)
UNITS = {"W": 1e-3, "kW": 1.0}

YEAR_HOURS = 8784.0
"""Of a leap year."""

UTM_32 = "EPSG:25832"
"""What topotherm takes coordinates for, where they are as large as those of that system are."""


def is_one(folder: Path) -> bool:
    """Whether a folder is of this format."""
    return folder.is_dir() and any(path.name.lower() in ("a_i.parquet", "l_i.parquet") for path in folder.iterdir())


def read(
    folder: Path, faults: Faults, *, power: str | None = None, crs: str | None = None, optional: bool = False
) -> Network:
    """The network of a folder. `power`: unit of the loads where the user says it; `optional`: consumers may stay off.

    Raises SourceError with every fault of the files; what is wrong with the network goes to `faults`.
    """
    config = config_of(folder, faults)
    raw = {name: _matrix(folder, name, faults) for name in MATRICES}
    faults.stop()
    _shapes_fit(raw, faults)
    faults.stop()
    data = _Data(*(raw[name] for name in MATRICES))
    return _network(folder, data, config, faults, power, crs, optional)


@dataclass(frozen=True)
class _Table:
    """A matrix with the name of its file and the labels of its rows and columns."""

    file: str
    values: Matrix
    rows: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class _Data:
    a_i: _Table
    a_p: _Table
    a_c: _Table
    l_i: _Table
    q_c: _Table
    flh_sinks: _Table
    flh_sources: _Table
    positions: _Table


# --- files -------------------------------------------------------------------------------------------------


def _matrix(folder: Path, name: str, faults: Faults) -> Any:
    names = MATRICES[name]
    paths = sorted(path for path in folder.glob("*.parquet") if path.stem.lower() in names)
    if not paths:
        faults.tell(f"{name}.parquet", "", "is missing; a topotherm folder has it.")
        return None
    path = paths[0]
    try:
        frame = pd.read_parquet(path)
    except Exception as error:  # pyarrow has many kinds
        faults.tell(path.name, "", f"cannot be read as parquet ({in_one_line(error)}).")
        return None
    labels = tuple(map(str, frame.columns))
    if name == "positions":  # older files have a column of node types before
        frame, labels = frame.iloc[:, -2:], labels[-2:]
    values = frame.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    rows = tuple(map(str, frame.index))
    for row, column in np.argwhere(~np.isfinite(values))[:10]:
        text = f"row {rows[row]}: must be a finite number, found `{frame.iat[row, column]!s}`."
        faults.tell(path.name, labels[column], text)
    return _Table(path.name, values, rows, labels)


def _shapes_fit(raw: dict[str, Any], faults: Faults) -> None:
    """Sizes that must be equal, each told with both files."""
    equal = (
        ("a_i", 0, "rows", "a_p", 0, "rows", "nodes"),
        ("a_i", 0, "rows", "a_c", 0, "rows", "nodes"),
        ("a_i", 0, "rows", "positions", 0, "rows", "nodes"),
        ("a_i", 1, "columns", "l_i", 0, "rows", "edges"),
        ("a_c", 1, "columns", "q_c", 0, "rows", "consumers"),
        ("a_c", 1, "columns", "flh_sinks", 0, "rows", "consumers"),
        ("a_p", 1, "columns", "flh_sources", 0, "rows", "sources"),
        ("q_c", 1, "columns", "flh_sinks", 1, "columns", "time steps"),
        ("q_c", 1, "columns", "flh_sources", 1, "columns", "time steps"),
    )
    for one, axis, word, other, other_axis, other_word, what in equal:
        first, second = raw[one], raw[other]
        if first.values.shape[axis] != second.values.shape[other_axis]:
            text = (
                f"has {second.values.shape[other_axis]} {other_word}, but {first.file} has "
                f"{first.values.shape[axis]} {word}; both are the {what}."
            )
            faults.tell(second.file, "", text)
    if raw["positions"].values.shape[1] != 2:
        faults.tell(raw["positions"].file, "", "must have x and y in its last two columns.")
    if raw["l_i"].values.shape[1] != 1:
        faults.tell(raw["l_i"].file, "", f"must have one column, has {raw['l_i'].values.shape[1]}.")


# --- the network -------------------------------------------------------------------------------------------


def _network(
    folder: Path,
    data: _Data,
    config: dict[str, Any],
    faults: Faults,
    power: str | None,
    crs: str | None,
    optional: bool,
) -> Network:
    files = folder.resolve().name
    names = _names(data.a_i.rows, "n")
    xy = data.positions.values
    nodes = tuple(
        Node(name, float(x), float(y), f"node {label}")
        for name, (x, y), label in zip(names, xy, data.a_i.rows, strict=True)
    )
    leaves, enters = _ones(data.a_i, 1.0, faults), _ones(data.a_i, -1.0, faults)
    at_source, at_consumer = _ones(data.a_p, -1.0, faults), _ones(data.a_c, 1.0, faults)
    _only(data.a_i, 2, faults)
    _only(data.a_p, 1, faults)
    _only(data.a_c, 1, faults)
    for table in (data.q_c, data.flh_sinks, data.flh_sources):
        for row, column in np.argwhere(table.values < 0)[:10]:
            text = f"row {table.rows[row]}: must be 0 or more, found {table.values[row, column]:g}."
            faults.tell(table.file, table.columns[column], text)
    for table in (data.flh_sinks, data.flh_sources):
        for row in np.flatnonzero(table.values.sum(axis=1) > YEAR_HOURS)[:10]:
            text = f"must be {YEAR_HOURS:g} hours or less together, found {table.values[row].sum():g}."
            faults.tell(table.file, f"row {table.rows[row]}", text)
    lengths = data.l_i.values[:, 0]
    if not faults.issues:
        _in_metres(data, xy, lengths, leaves, enters, faults)
    unit, why = _unit(data, lengths, power, faults)
    regime = regime_of(config, faults)
    types, of_types = types_of(folder, config, regime, faults)
    economics, sources_config = economics_of(config, len(at_source), data.q_c.values.shape[1], faults)
    heat_price = heat_price_of(config, optional, faults)
    system, of_system = _system(xy, crs)
    if system is not None and system.is_geographic:
        faults.tell(data.positions.file, "", f"must be in metres, but --crs {crs} is in degrees.")
    faults.stop()
    pipes = tuple(
        Pipe(
            identifier(label),
            (names[one], names[other]),
            float(length),
            shapely.LineString([xy[one], xy[other]]),
            f"edge {label}",
            f"found: {files}, {data.l_i.file}, edge {label}",
        )
        for label, one, other, length in zip(_names(data.a_i.columns, "e"), leaves, enters, lengths, strict=True)
    )
    loads = data.q_c.values * UNITS[unit]
    idle = [number for number in range(len(at_consumer)) if not loads[number].max(initial=0.0) > 0]
    consumers = [
        Consumer(
            names[node],
            tuple(map(float, loads[number])),
            tuple(map(float, data.flh_sinks.values[number])),
            f"consumer {data.a_c.columns[number]}",
            f"found: {files}, {data.q_c.file}, consumer {data.a_c.columns[number]}",
            heat_price,
        )
        for number, node in enumerate(at_consumer)
        if number not in idle
    ]
    sources = tuple(
        Source(
            node=names[node],
            where=f"source {data.a_p.columns[number]}",
            hours=tuple(map(float, data.flh_sources.values[number])),
            **sources_config[number],
        )
        for number, node in enumerate(at_source)
    )
    for kind, told in (("consumer", consumers), ("source", sources)):
        for name, where in twice((one.node, one.where) for one in told):
            faults.tell(files, where, f"stands at {name}, where another {kind} stands; a node has one.")
    faults.stop()
    return Network(
        files=files,
        nodes=nodes,
        pipes=pipes,
        consumers=tuple(consumers),
        sources=sources,
        types=types,
        regime=regime,
        economics=economics,
        crs=system,
        changes=tuple(Change("consumer without load left out", f"consumer {data.a_c.columns[n]}") for n in idle),
        notes=(why, of_types, of_system),
    )


def _names(labels: Sequence[str], prefix: str) -> tuple[str, ...]:
    """Ids from labels; numbers get a letter, and where two labels make one id all are numbered."""
    names = [identifier(f"{prefix}{label}" if label.isdigit() else label) for label in labels]
    if len(set(names)) < len(names):
        names = [f"{prefix}{number}" for number in range(len(labels))]
    return tuple(names)


def _ones(table: _Table, value: float, faults: Faults) -> list[int]:
    """For each column the row that holds `value`, which one row must."""
    found = []
    for number, label in enumerate(table.columns):
        rows = np.flatnonzero(table.values[:, number] == value)
        if len(rows) != 1:
            faults.tell(table.file, f"column {label}", f"has {len(rows)} entries of {value:+g}; it must have one.")
        found.append(int(rows[0]) if len(rows) else 0)
    return found


def _only(table: _Table, entries: int, faults: Faults) -> None:
    """Columns have no entries besides those that say where they are."""
    known = 1.0 if table.values.max(initial=0.0) > 0 else -1.0
    allowed = {0.0, 1.0, -1.0} if entries == 2 else {0.0, known}
    for number, label in enumerate(table.columns):
        strange = sorted(set(table.values[:, number]) - allowed)
        if strange:
            faults.tell(table.file, f"column {label}", f"holds {strange[0]:g}; an entry is 0, +1 or −1.")


def _in_metres(
    data: _Data, xy: Matrix, lengths: Matrix, leaves: Iterable[int], enters: Iterable[int], faults: Faults
) -> None:
    """Positions are metres: pipes of them would not be a thousandth of the lengths told."""
    straight = np.hypot(*(xy[list(leaves)] - xy[list(enters)]).T)
    ratio = float(np.median(straight) / np.median(lengths)) if np.median(lengths) > 0 else 1.0
    if np.all(np.abs(xy) <= (180.0, 90.0)) and 0 < ratio < 1e-3:
        text = (
            f"are degrees where metres are expected: the median edge is {np.median(lengths):.1f} m long in "
            f"{data.l_i.file} and {np.median(straight):.6f} here; convert them to metres, as of {UTM_32}."
        )
        faults.tell(data.positions.file, "", text)


def _unit(data: _Data, lengths: Matrix, power: str | None, faults: Faults) -> tuple[str, str]:
    """The unit of the loads, and why."""
    loads = data.q_c.values.max(axis=1, initial=0.0)
    total, median = float(loads.sum()), float(np.median(loads[loads > 0])) if (loads > 0).any() else 0.0
    length = float(lengths[lengths > 0].sum())
    if power is not None:
        return power, f"{data.q_c.file} is read in {power}, as told."
    if not median or not length:
        return "kW", ""  # told as a fault elsewhere
    medians = {unit: median * factor for unit, factor in UNITS.items()}
    densities = {unit: total * factor / length for unit, factor in UNITS.items()}
    passed = [
        unit
        for unit in UNITS
        if MEDIAN_LOAD_KW[0] <= medians[unit] < MEDIAN_LOAD_KW[1]
        and LOAD_KW_PER_M[0] <= densities[unit] < LOAD_KW_PER_M[1]
    ]
    told = [f"{medians[unit]:,.4g} kW and {densities[unit]:,.4g} kW/m if they are {unit}" for unit in UNITS]
    asked = (
        f"a median of {MEDIAN_LOAD_KW[0]:g} to {MEDIAN_LOAD_KW[1]:g} kW a consumer and {LOAD_KW_PER_M[0]:g} to "
        f"{LOAD_KW_PER_M[1]:g} kW for each metre of pipe are usual"
    )
    if len(passed) != 1:
        text = f"loads could be W or kW: {' and '.join(told)}; {asked}. Say --power W or --power kW."
        faults.tell(data.q_c.file, "", text)
        return "kW", ""
    return passed[0], f"{data.q_c.file} is read in {passed[0]}: it gives {' and '.join(told)}; {asked}."


def _system(xy: Matrix, crs: str | None) -> tuple[CRS | None, str]:
    """The coordinate system of the positions, and a word about it."""
    if crs is not None:
        return CRS.from_user_input(crs), f"Positions are in {crs}, as told."
    if np.all((xy >= (1e5, 1e6)) & (xy <= (1e6, 1e7))):
        return CRS.from_user_input(UTM_32), f"Positions are taken for {UTM_32}, which topotherm uses; else say --crs."
    return None, "Positions are metres of no known system: maps show the network around 0° 0°; else say --crs."
