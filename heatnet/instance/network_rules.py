"""What must hold for temperature regimes, zones, pipes and contingencies."""

from __future__ import annotations

from collections.abc import Iterator

from heatnet.errors import Issue
from heatnet.instance import records
from heatnet.instance.context import HEADER, Context, suggestion


def known_regimes(context: Context) -> Iterator[Issue]:
    """Pipes and zones name temperature regimes of the header, whose temperatures fall from supply to ground."""
    names = [regime.id for regime in context.tables.header.regimes]
    regimes = set(names)
    for name in sorted(regimes):
        if names.count(name) > 1:
            yield Issue(HEADER, 0, f"regimes {name}", "stands twice; a regime's id must be its own.")
    named: list[tuple[str, records.Record, str, tuple[str, ...]]] = [
        *(("pipes", pipe, "regime", (pipe.regime,)) for pipe in context.tables.pipes if pipe.regime),
        *(("zones", zone, "regimes", zone.regimes) for zone in context.tables.zones),
    ]
    for table, row, column, values in named:
        for value in values:
            if value not in regimes:
                text = f"`{value}` is not a regime of {HEADER}{suggestion(value, regimes)}"
                yield context.issue(table, row, column, text)
    for regime in context.tables.header.regimes:
        if not regime.supply_c > regime.return_c > regime.ground_c:
            yield Issue(
                HEADER, 0, f"regimes {regime.id}", "supply_c must be above return_c, and return_c above ground_c."
            )


def sensible_zones(context: Context) -> Iterator[Issue]:
    """A zone goes through its regimes once; every pipe is run in a regime of its own or in those of a zone."""
    zones = {zone.id: zone for zone in context.tables.zones}
    for row in context.tables.zones:
        if len(set(row.regimes)) < len(row.regimes):
            yield context.issue("zones", row, "regimes", "names a regime twice; a zone does not go back to one.")
    for pipe in context.tables.pipes:
        if pipe.regime is None and pipe.zone is None:
            text = "is missing, and zone too; give the pipe a regime of its own, or a zone that has regimes."
            yield context.issue("pipes", pipe, "regime", text)
        elif pipe.regime is not None and pipe.zone is not None:
            text = "stands beside a zone; a pipe is run in its own regime or in those of its zone: leave one blank."
            yield context.issue("pipes", pipe, "regime", text)
        elif (zone := zones.get(pipe.zone or "")) is not None and not zone.regimes:
            text = f"`{pipe.zone}` has no regimes in zones.csv; give it some, or give the pipe a regime of its own."
            yield context.issue("pipes", pipe, "zone", text)


def sensible_pipes(context: Context) -> Iterator[Issue]:
    """A pipe joins two nodes; what exists has a type, what may be laid has a number; its stretches fit its length."""
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
        if pipe.delay_h > 24:
            text = f"is {pipe.delay_h}, longer than the day; it must be 24 or less."
            yield context.issue("pipes", pipe, "delay_h", text)
        if pipe.tunnel_km > pipe.length_km:
            text = f"is {pipe.tunnel_km:g}, longer than the pipe; it must be length_km ({pipe.length_km:g}) or less."
            yield context.issue("pipes", pipe, "tunnel_km", text)
        if (pipe.relay_stations > 0) != (pipe.relay_mcur_per_mw > 0):
            price = records.file_name("relay_mcur_per_mw", context.currency)
            text = f"relay_stations and {price} go together: give both, or neither."
            yield context.issue("pipes", pipe, "relay_stations", text)


def sensible_contingencies(context: Context) -> Iterator[Issue]:
    """A contingency takes one element; guarantees are given where they are needed."""
    for row in context.tables.contingencies:
        if sum(part is not None for part in (row.node, row.unit, row.pipe)) != 1:
            yield context.issue("contingencies", row, "node", "names not exactly one of node, unit and pipe.")
    if not context.tables.contingencies or context.tables.header.security is not None:
        return
    shares = {zone.id for zone in context.tables.zones if zone.guarantee_share is not None}
    guaranteed = {node.id for node in context.tables.nodes if node.zone in shares}
    open_nodes = sorted({row.node for row in context.tables.demands} - guaranteed)
    if open_nodes and context.whole("zones", "nodes"):
        text = f"is missing; contingencies need a guarantee_share, and {open_nodes[0]} has none from a zone."
        yield Issue(HEADER, 0, "security", text)


def reachable_nodes(context: Context) -> Iterator[Issue]:
    """Every node with demand has a unit, or a way from one over pipes that exist or may be laid."""
    tables = context.tables
    ends = {node for pipe in tables.pipes for node in (pipe.from_node, pipe.to_node)}
    supplied = {unit.node for unit in tables.units}
    if not context.whole("nodes", "pipes", "units") or not ends | supplied <= context.known("nodes"):
        return  # a way may be missing only because its node is misspelt
    onward: dict[str, list[str]] = {}
    for pipe in tables.pipes:
        onward.setdefault(pipe.from_node, []).append(pipe.to_node)
        if pipe.delay_h == 0:
            onward.setdefault(pipe.to_node, []).append(pipe.from_node)
    reached, pending = set(supplied), list(supplied)
    while pending:
        found = set(onward.get(pending.pop(), ())) - reached
        reached |= found
        pending += found
    cut_off = {row.node for row in tables.demands if row.area_mm2 * row.peak_w_per_m2 > 0} - reached
    text = "has demand, but no unit and no pipe that leads to it from one"
    if any(pipe.delay_h for pipe in tables.pipes):
        text += " (a pipe with delay_h carries heat from from_node to to_node only)"
    for node in tables.nodes:
        if node.id in cut_off:
            yield context.issue("nodes", node, "id", text + ".")
