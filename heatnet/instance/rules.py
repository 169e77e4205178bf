"""What must hold between the rows of an instance. Every fault is told, each with its place and what would be right.

A rule is a function of the tables that yields issues; `RULES` lists them. A rule meets only rows that are valid by
themselves. `Context.known` also has the ids of rows that were refused, so that one fault is not told twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from heatnet.errors import Issue
from heatnet.instance import demand_rules, network_rules, policy_rules, records, time_rules, unit_rules
from heatnet.instance.context import Context, key_of, suggestion

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


def warnings(tables: Tables) -> list[Issue]:
    """What is allowed in a sound instance but hardly meant."""
    return list(policy_rules.idle_rules(tables))


REFERENCES: tuple[tuple[str, str, str], ...] = (
    ("nodes", "zone", "zones"),
    ("pipes", "from_node", "nodes"),
    ("pipes", "to_node", "nodes"),
    ("pipes", "zone", "zones"),
    ("pipes", "existing_type", "pipe_types"),
    ("pipes", "candidate_types", "pipe_types"),
    ("technologies", "fuel", "fuels"),
    ("capability", "technology", "technologies"),
    ("retrofits", "technology", "technologies"),
    ("units", "node", "nodes"),
    ("units", "technology", "technologies"),
    ("units", "leaves_after_pipe", "pipes"),
    ("units", "converts", "units"),
    ("stores", "node", "nodes"),
    ("demands", "node", "nodes"),
    ("envelopes", "node", "nodes"),
    ("connections", "node", "nodes"),
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
                told = ", ".join(map(str, places[:5])) + (", …" if len(places) > 5 else "")
                where = f" (lines {told})" if places else ""
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


RULES: tuple[Callable[[Context], Iterator[Issue]], ...] = (
    unique_keys,
    known_references,
    time_rules.stage_order,
    time_rules.season,
    network_rules.known_regimes,
    network_rules.sensible_zones,
    network_rules.sensible_pipes,
    network_rules.sensible_contingencies,
    network_rules.reachable_nodes,
    unit_rules.corner_points,
    unit_rules.known_modes,
    unit_rules.sensible_commitment,
    unit_rules.sensible_heat_pumps,
    unit_rules.sensible_units,
    unit_rules.sensible_conversions,
    demand_rules.one_shape,
    demand_rules.with_demand,
    demand_rules.sensible_envelopes,
    policy_rules.known_selections,
    policy_rules.sensible_rules,
    policy_rules.sensible_changes,
    policy_rules.sensible_retirements,
)
