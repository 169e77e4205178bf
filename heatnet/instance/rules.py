"""What must hold between the rows of an instance. Every fault is told, each with its place and what would be right.

A rule is a function of the tables that yields issues; `RULES` lists them. A rule meets only rows that are valid by
themselves. `Context.known` also has the ids of rows that were refused, so that one fault is not told twice.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from heatnet.errors import Issue
from heatnet.instance import records

if TYPE_CHECKING:
    from heatnet.instance.instance import Tables

HEADER = "instance.toml"
SEASON = "series/season.csv"
ALL = frozenset({"*"})
"""Stands for the rows of a table that could not be read at all."""


@dataclass(frozen=True)
class Context:
    """The tables under judgement, with the lines their rows stand in and the ids of refused rows."""

    tables: Tables
    lines: Mapping[tuple[str, tuple[object, ...]], list[int]] = field(default_factory=dict)
    refused: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def rows(self, table: str) -> tuple[records.Record, ...]:
        return tuple(getattr(self.tables, table))

    def line(self, table: str, row: records.Record) -> int:
        places = self.lines.get((table, key_of(table, row)))
        return places[0] if places else 0

    def known(self, table: str) -> set[str]:
        column = records.KEYS[table][0]
        return {str(getattr(row, column)) for row in self.rows(table)} | set(self.refused.get(table, ()))

    def read(self, table: str) -> bool:
        """Whether the table could be read, so that an id that it lacks is a fault."""
        return self.refused.get(table) != ALL

    def whole(self, *tables: str) -> bool:
        """Whether no row of these tables was refused, so that statements about the whole table make sense."""
        return not any(self.refused.get(table) for table in tables)

    def issue(self, table: str, row: records.Record, column: str, message: str) -> Issue:
        name = " ".join(str(part) for part in key_of(table, row))
        return Issue(
            f"{table}.csv", self.line(table, row), records.file_name(column, self.currency), f"{name}: {message}"
        )

    @property
    def currency(self) -> str:
        return self.tables.header.currency


def key_of(table: str, row: records.Record) -> tuple[object, ...]:
    """The values that name a row in its table."""
    return tuple(getattr(row, column) for column in records.KEYS[table])


def check(
    tables: Tables,
    lines: Mapping[tuple[str, tuple[object, ...]], list[int]] | None = None,
    refused: Mapping[str, frozenset[str]] | None = None,
) -> list[Issue]:
    """All faults between the rows of `tables`. `lines` and `refused` come from the reader, where there is one."""
    context = Context(tables, lines or {}, refused or {})
    return [issue for rule in RULES for issue in rule(context)]


def suggestion(name: str, known: Iterable[str]) -> str:
    """`; did you mean `x`?` where something close is known, else a full stop."""
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean `{close[0]}`?" if close else "."


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
    known = {*known_references(context)}
    if not context.whole("nodes", "pipes", "units") or any(
        issue.table in ("pipes.csv", "units.csv") for issue in known
    ):
        return
    tables = context.tables
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(node.id for node in tables.nodes)
    graph.add_edges_from((pipe.from_node, pipe.to_node) for pipe in tables.pipes)
    supplied = {unit.node for unit in tables.units}
    lost = {node for part in nx.connected_components(graph) if not part & supplied for node in part}
    demanding = {row.node for row in tables.demands if row.area_mm2 * row.peak_w_per_m2 > 0}
    for node in tables.nodes:
        if node.id in lost & demanding:
            yield context.issue("nodes", node, "id", "has demand, but no unit and no pipe that leads to one.")


# --- rules and schedules -----------------------------------------------------------------------------------


def sensible_rules(context: Context) -> Iterator[Issue]:
    """Rules have ids of their own and name what there is."""
    rules = context.tables.header.rules
    kinds = set(records.TechnologyKind.__args__)  # type: ignore[attr-defined]
    owners = {unit.owner for unit in context.tables.units}
    if not context.whole("units"):  # the owner that a rule means may stand in a row that was refused
        owners |= {name for rule in rules for selection in rule.select for name in selection.owners}
    for number, rule in enumerate(rules):
        place = f"rules[{number}] {rule.id}"
        if [other.id for other in rules].count(rule.id) > 1:
            yield Issue(HEADER, 0, place, "stands twice; a rule's id must be its own.")
        for selection in rule.select:
            named: tuple[tuple[str, tuple[str, ...], set[str]], ...] = (
                ("kinds", selection.kinds, kinds),
                ("units", selection.units, context.known("units")),
                ("nodes", selection.nodes, context.known("nodes")),
                ("owners", selection.owners, owners),
            )
            for word, values, known in named:
                for value in values:
                    if value not in known and (
                        word == "kinds" or context.read("nodes" if word == "nodes" else "units")
                    ):
                        text = f"`{value}` is not among the {word} of the instance{suggestion(value, known)}"
                        yield Issue(HEADER, 0, f"{place} select.{word}", text)


def sensible_schedules(context: Context) -> Iterator[Issue]:
    """Schedules name units and rules that there are, and retire no more machines than there are."""
    units = {unit.id: unit for unit in context.tables.units}
    rule_ids = {rule.id for rule in context.tables.header.rules}
    for name, schedule in sorted(context.tables.schedules.items()):
        file = f"schedules/{name}.toml"
        changed = [change.rule for change in schedule.rules]
        for number, change in enumerate(schedule.rules):
            if change.rule in changed[:number]:
                yield Issue(file, 0, f"rules[{number}].rule", f"`{change.rule}` is changed twice; once is enough.")
            if change.rule not in rule_ids:
                text = f"`{change.rule}` is not a rule of {HEADER}{suggestion(change.rule, rule_ids)}"
                yield Issue(file, 0, f"rules[{number}].rule", text)
        asked: dict[str, int] = {}
        for number, item in enumerate(schedule.retirements):
            place = f"retirements[{number}]"
            if item.exactly is None and item.not_before is None and item.not_after is None:
                yield Issue(file, 0, place, "says no year; give exactly, not_before or not_after.")
            if item.exactly is not None and (item.not_before is not None or item.not_after is not None):
                yield Issue(
                    file, 0, place, "gives exactly together with not_before or not_after; give one or the other."
                )
            if item.not_before is not None and item.not_after is not None and item.not_before > item.not_after:
                yield Issue(file, 0, place, f"not_before {item.not_before} is after not_after {item.not_after}.")
            unit = units.get(item.unit)
            if unit is None:
                if context.read("units") and item.unit not in context.known("units"):
                    text = f"`{item.unit}` is not in units.csv{suggestion(item.unit, context.known('units'))}"
                    yield Issue(file, 0, f"{place}.unit", text)
                continue
            asked[unit.id] = asked.get(unit.id, 0) + (item.machines or unit.count)
            if unit.count == 0:
                yield Issue(file, 0, f"{place}.unit", f"`{unit.id}` has no machines at the start that could retire.")
            elif not unit.may_retire:
                yield Issue(file, 0, f"{place}.unit", f"`{unit.id}` may not retire (units.csv, may_retire).")
            elif asked[unit.id] > unit.count:
                text = f"retires {asked[unit.id]} machines of `{unit.id}`, which has {unit.count}."
                yield Issue(file, 0, f"{place}.machines", text)


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
    one_shape,
    reachable_districts,
    sensible_rules,
    sensible_schedules,
)
