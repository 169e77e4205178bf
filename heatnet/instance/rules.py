"""What must hold between the rows of an instance. Every fault is told, each with its place and what would be right.

A rule is a function of the tables that yields issues; `RULES` lists them. A rule meets only rows that are valid by
themselves. `Context.known` also has the ids of rows that were refused, so that one fault is not told twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from heatnet.errors import Issue
from heatnet.instance import records
from heatnet.instance.context import HEADER, SEASON, Context, key_of, suggestion
from heatnet.instance.policy_rules import sensible_rules, sensible_schedules

if TYPE_CHECKING:
    from heatnet.instance.instance import Tables


def check(
    tables: Tables,
    lines: Mapping[tuple[str, tuple[object, ...]], list[int]] | None = None,
    refused: Mapping[str, frozenset[str]] | None = None,
) -> list[Issue]:
    """All faults between the rows of `tables`. `lines` and `refused` come from the reader, where there is one."""
    context = Context(tables, lines or {}, refused or {})
    return [issue for rule in RULES for issue in rule(context)]


# --- references ----------------------------------------------------------------------------------------------

REFERENCES: tuple[tuple[str, str, str], ...] = (
    ("pipes", "from_node", "nodes"),
    ("pipes", "to_node", "nodes"),
    ("pipes", "existing_type", "pipe_types"),
    ("pipes", "candidate_types", "pipe_types"),
    ("technologies", "fuel", "fuels"),
    ("capability", "technology", "technologies"),
    ("units", "node", "nodes"),
    ("units", "technology", "technologies"),
    ("stores", "node", "nodes"),
    ("demands", "node", "nodes"),
    ("units", "converts", "units"),
    ("contingencies", "node", "nodes"),
    ("contingencies", "unit", "units"),
    ("contingencies", "pipe", "pipes"),
)


def unique_keys(context: Context) -> Iterator[Issue]:
    """No two rows of a table share their key."""
    for table in records.TABLES:
        seen: dict[tuple[object, ...], int] = {}
        for row in context.rows(table):
            key = key_of(table, row)
            seen[key] = seen.get(key, 0) + 1
        for key, number in seen.items():
            if number > 1:
                places = context.lines.get((table, key), [])
                where = f" (lines {', '.join(map(str, places))})" if places else ""
                text = " ".join(map(str, key))
                columns = ", ".join(records.KEYS[table])
                yield Issue(
                    f"{table}.csv",
                    places[-1] if places else 0,
                    columns,
                    f"`{text}` stands {number} times{where}; each must stand once.",
                )


def known_references(context: Context) -> Iterator[Issue]:
    """Every id that a row names exists in the table that it refers to."""
    for table, column, target in REFERENCES:
        known = context.known(target)
        if not context.read(target):
            continue
        for row in context.rows(table):
            value = getattr(row, column)
            for name in value if isinstance(value, tuple) else (value,):
                if name is not None and name not in known:
                    yield context.issue(table, row, column, f"`{name}` is not in {target}.csv{suggestion(name, known)}")


def known_regimes(context: Context) -> Iterator[Issue]:
    """Pipes name a temperature regime of the header, and a regime's temperatures fall from supply to ground."""
    names = [regime.id for regime in context.tables.header.regimes]
    regimes = set(names)
    for name in sorted(regimes):
        if names.count(name) > 1:
            yield Issue(HEADER, 0, f"regimes {name}", "stands twice; a regime's id must be its own.")
    for pipe in context.tables.pipes:
        if pipe.regime not in regimes:
            hint = suggestion(pipe.regime, regimes)
            yield context.issue("pipes", pipe, "regime", f"`{pipe.regime}` is not a regime of {HEADER}{hint}")
    for regime in context.tables.header.regimes:
        if not regime.supply_c > regime.return_c > regime.ground_c:
            yield Issue(
                HEADER, 0, f"regimes {regime.id}", "supply_c must be above return_c, and return_c above ground_c."
            )


# --- rows against themselves -------------------------------------------------------------------------------


def sensible_pipes(context: Context) -> Iterator[Issue]:
    """A pipe joins two nodes; what exists has a type, what may be laid has a number."""
    for pipe in context.tables.pipes:
        if pipe.from_node == pipe.to_node:
            yield context.issue("pipes", pipe, "to_node", "begins and ends at the same node.")
        if (pipe.existing_type is None) != (pipe.existing_pairs == 0):
            text = "existing_type and existing_pairs go together: give both, or leave the type blank and the pairs 0."
            yield context.issue("pipes", pipe, "existing_pairs", text)
        if bool(pipe.candidate_types) != (pipe.max_new_pairs > 0):
            text = "candidate_types and max_new_pairs go together: give both, or neither."
            yield context.issue("pipes", pipe, "candidate_types", text)
        if len(set(pipe.candidate_types)) < len(pipe.candidate_types):
            yield context.issue("pipes", pipe, "candidate_types", "names a type twice.")
        if not pipe.existing_pairs and not pipe.max_new_pairs:
            text = "has neither existing pairs nor candidates, so it can never carry heat."
            yield context.issue("pipes", pipe, "candidate_types", text)


def sensible_units(context: Context) -> Iterator[Issue]:
    """A unit has machines, or may have some."""
    for unit in context.tables.units:
        if unit.count == 0 and unit.max_new == 0:
            yield context.issue("units", unit, "count", "has no machines and may not build any; give count or max_new.")
    for store in context.tables.stores:
        if store.existing_mwh == 0 and store.max_new_mwh == 0:
            yield context.issue("stores", store, "existing_mwh", "has no size and may not get one.")


def corner_points(context: Context) -> Iterator[Issue]:
    """Every technology has corner points, each a true corner of the region that they span."""
    if not context.whole("capability"):
        return
    with_corners = {corner.technology for corner in context.tables.capability}
    for technology in context.tables.technologies:
        if technology.id not in with_corners:
            yield context.issue("technologies", technology, "id", "has no corner points in capability.csv.")
            continue
        corners = [corner for corner in context.tables.capability if corner.technology == technology.id]
        if max(corner.heat_mw for corner in corners) <= 0:
            text = "makes no heat at any corner; one heat_mw must be above 0."
            yield context.issue("capability", corners[0], "heat_mw", text)
        points = [(corner.heat_mw, corner.power_mw) for corner in corners]
        for corner, point in zip(corners, points, strict=True):
            others = [other for other in points if other != point]
            if points.count(point) > 1:
                text = "stands at the same heat and power as another corner of its technology."
                yield context.issue("capability", corner, "heat_mw", text)
            elif _inside_hull(point, others) and not _saves_fuel(corner, [c for c in corners if c is not corner]):
                text = (
                    f"({corner.heat_mw:g} MW heat, {corner.power_mw:g} MW power) lies within the region of the other "
                    "corners and needs no less fuel than they do there; corner points must be convex."
                )
                yield context.issue("capability", corner, "heat_mw", text)
        if technology.fuel is None and any(corner.fuel_mw > 0 for corner in corners):
            text = "its corner points use fuel, but it names none."
            yield context.issue("technologies", technology, "fuel", text)


def _inside_hull(point: tuple[float, float], others: list[tuple[float, float]]) -> bool:
    """Whether a point of the plane lies in the convex hull of others: no direction sees it in front of them all.

    Seen from the point, the others must leave no open half-plane empty: the largest angle between neighbours by
    direction is at most 180°.
    """
    if not others:
        return False
    angles = np.sort([np.arctan2(y - point[1], x - point[0]) for x, y in others])
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    return bool(gaps.max() <= np.pi + 1e-9)


def _saves_fuel(corner: records.Corner, others: list[records.Corner]) -> bool:
    """Whether a corner within the region of others needs less fuel than any mix of them at its heat and power."""
    from scipy.optimize import linprog  # slow to import, and rarely needed

    mix = linprog(
        [other.fuel_mw for other in others],
        A_eq=[[other.heat_mw for other in others], [other.power_mw for other in others], [1.0] * len(others)],
        b_eq=[corner.heat_mw, corner.power_mw, 1.0],
    )
    return mix.fun is not None and bool(mix.fun > corner.fuel_mw + 1e-9)


# --- time --------------------------------------------------------------------------------------------------


def stage_order(context: Context) -> Iterator[Issue]:
    """Stages follow each other without gap or overlap, and the base year is not after the first."""
    stages = context.tables.header.stages
    for number, (stage, following) in enumerate(pairwise(stages), start=1):
        end = stage.year + stage.span_years
        if following.year <= stage.year:
            text = f"stage {following.year} stands after stage {stage.year}; stages must run forward in time."
            yield Issue(HEADER, 0, f"stages[{number}].year", text)
        elif following.year != end:
            text = (
                f"stage {stage.year} stands for {stage.span_years} years and ends before {end}, but the next stage "
                f"begins in {following.year}; span_years should be {following.year - stage.year}."
            )
            yield Issue(HEADER, 0, f"stages[{number - 1}].span_years", text)
    if context.tables.header.base_year > stages[0].year:
        yield Issue(HEADER, 0, "base_year", f"is after the first stage ({stages[0].year}).")


def season(context: Context) -> Iterator[Issue]:
    """The season is whole days; factor columns that rows name are there; temperatures make sense."""
    header, series = context.tables.header, context.tables.series
    if header.season.indoor_c <= header.season.design_outdoor_c:
        yield Issue(HEADER, 0, "season.indoor_c", "must be above design_outdoor_c.")
    if not series:
        return
    if series.hours % 24 or not series.hours:
        yield Issue(SEASON, 0, "hour", f"has {series.hours} hours; a season is whole days of 24.")
    if header.solve.days > max(series.days, 1):
        yield Issue(HEADER, 0, "solve.days", f"is {header.solve.days}, but the season has {series.days} days.")
    retail = series["power_retail_cur_per_mwh"]
    if (retail < 0).any():
        column = records.file_name("power_retail_cur_per_mwh", context.currency)
        text = f"is below 0 in {int((retail < 0).sum())} hours; who buys power would be paid without limit."
        yield Issue(SEASON, int(np.argmax(retail < 0)) + 2, column, text)
    factors = sorted(name for name in series if name.endswith("_factor"))
    uses: tuple[tuple[str, str], ...] = (("fuels", "price_series"), ("demands", "shape_series"))
    for table, column in uses:
        for row in context.rows(table):
            name = getattr(row, column)
            if name is None:
                continue
            if name not in factors:
                hint = suggestion(name, factors)
                yield context.issue(table, row, column, f"`{name}` is not a factor column of {SEASON}{hint}")
            elif column == "shape_series" and (series[name] < 0).any():
                yield context.issue(table, row, column, f"`{name}` is below 0 in some hour; demand cannot be.")


def sensible_commitment(context: Context) -> Iterator[Issue]:
    """Starts and minimum times are seen only by hourly commitment; elsewhere they would be passed over in silence."""
    for technology in context.tables.technologies:
        if technology.commitment == "hourly":
            continue
        for column in ("start_cur_per_mw", "min_up_h", "min_down_h"):
            if getattr(technology, column) > 0:
                text = f"counts only with hourly commitment, and this is {technology.commitment}; leave it blank."
                yield context.issue("technologies", technology, column, text)


HEAT_PUMP = ("source_drop_k", "sink_in_c", "sink_out_c", "lorenz_share", "cop_max")
"""Columns of a technology that a COP needs, besides its source."""


def sensible_heat_pumps(context: Context) -> Iterator[Issue]:
    """What a COP needs is given together; sources are temperature columns; availability is for uncommitted machines."""
    series = context.tables.series
    for technology in context.tables.technologies:

        def issue(column: str, text: str, row: records.Record = technology) -> Issue:
            return context.issue("technologies", row, column, text)

        given = [column for column in HEAT_PUMP if getattr(technology, column) is not None]
        source = technology.source_series
        if given and len(given) < len(HEAT_PUMP):
            missing = ", ".join(column for column in HEAT_PUMP if column not in given)
            yield issue(given[0], f"stands without {missing}; a COP needs all of them.")
        needs_source = bool(given) or technology.derate_below_c is not None
        if needs_source and source is None:
            yield issue("source_series", "is missing; the COP or the derating follows a source temperature.")
        if (technology.derate_below_c is None) != (technology.derate_share_per_k == 0.0):
            yield issue("derate_below_c", "and derate_share_per_k go together: give both, or neither.")
        temperatures = sorted(name for name in series if name.endswith("_c"))
        if source is not None and series and source not in temperatures:
            hint = suggestion(source, temperatures)
            yield issue("source_series", f"`{source}` is not a temperature column (`…_c`) of {SEASON}{hint}")
        low, high = technology.sink_in_c, technology.sink_out_c
        if low is not None and high is not None and high < low:
            yield issue("sink_out_c", f"is below sink_in_c ({low:g}); the sink is warmed.")
        varies = technology.availability_share < 1.0 or technology.derate_below_c is not None
        if varies and technology.commitment != "none":
            yield issue("availability_share", "and derating are for technologies without commitment; leave them out.")
        if technology.lorenz_share is not None:
            for corner in context.tables.capability:
                if corner.technology == technology.id and corner.power_mw != 0.0:
                    text = "must be 0: the power of this technology follows from its COP."
                    yield context.issue("capability", corner, "power_mw", text)


def sensible_contingencies(context: Context) -> Iterator[Issue]:
    """A contingency takes one element; a conversion stays at its node; guarantees are given where they are needed."""
    for row in context.tables.contingencies:
        if sum(part is not None for part in (row.node, row.unit, row.pipe)) != 1:
            yield context.issue("contingencies", row, "node", "names not exactly one of node, unit and pipe.")
    if context.tables.contingencies and context.tables.header.security is None:
        yield Issue(HEADER, 0, "security", "is missing; contingencies need a guarantee_share.")
    units = {unit.id: unit for unit in context.tables.units}
    for unit in context.tables.units:
        old = units.get(unit.converts) if unit.converts else None
        if old is not None and (old.node != unit.node or old.count == 0 or old.id == unit.id):
            text = f"`{old.id}` must be another unit at the same node that has machines."
            yield context.issue("units", unit, "converts", text)


def one_shape(context: Context) -> Iterator[Issue]:
    """All demand rows of a node have the same shape; only area and index change over the years."""
    shapes: dict[str, str | None] = {}
    for row in context.tables.demands:
        if shapes.setdefault(row.node, row.shape_series) != row.shape_series:
            text = "differs from the shape of another year; a node keeps its shape."
            yield context.issue("demands", row, "shape_series", text)


# --- the network -------------------------------------------------------------------------------------------


def reachable_districts(context: Context) -> Iterator[Issue]:
    """Every node with demand has a unit, or a way to one over pipes that exist or may be laid."""
    tables = context.tables
    ends = {node for pipe in tables.pipes for node in (pipe.from_node, pipe.to_node)}
    supplied = {unit.node for unit in tables.units}
    if not context.whole("nodes", "pipes", "units") or not ends | supplied <= context.known("nodes"):
        return  # a way may be missing only because its node is misspelt
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(node.id for node in tables.nodes)
    graph.add_edges_from((pipe.from_node, pipe.to_node) for pipe in tables.pipes)
    lost = {node for part in nx.connected_components(graph) if not part & supplied for node in part}
    demanding = {row.node for row in tables.demands if row.area_mm2 * row.peak_w_per_m2 > 0}
    for node in tables.nodes:
        if node.id in lost & demanding:
            yield context.issue("nodes", node, "id", "has demand, but no unit and no pipe that leads to one.")


RULES: tuple[Callable[[Context], Iterator[Issue]], ...] = (
    unique_keys,
    known_references,
    known_regimes,
    sensible_pipes,
    sensible_units,
    corner_points,
    stage_order,
    season,
    sensible_commitment,
    sensible_heat_pumps,
    sensible_contingencies,
    one_shape,
    reachable_districts,
    sensible_rules,
    sensible_schedules,
)
