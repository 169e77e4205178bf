"""What must hold for the rules of an instance and for its schedules."""

from __future__ import annotations

from collections.abc import Iterator

from heatnet.errors import Issue
from heatnet.instance import records
from heatnet.instance.context import HEADER, Context, suggestion


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
