"""What must hold for the rules of an instance and for its schedules."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from heatnet.errors import Issue
from heatnet.instance import records
from heatnet.instance.context import HEADER, Context, suggestion
from heatnet.instance.selection import selected

if TYPE_CHECKING:
    from heatnet.instance.instance import Tables


def known_selections(context: Context) -> Iterator[Issue]:
    """Rules have ids of their own and select by what there is."""
    rules = [rule for _, _, rule in _placed(context)]
    kinds = set(records.TechnologyKind.__args__)  # type: ignore[attr-defined]
    owners = {unit.owner for unit in context.tables.units}
    if not context.whole("units"):  # the owner that a rule means may stand in a row that was refused
        owners |= {name for rule in rules for selection in rule.select for name in selection.owners}
    known = {"kinds": kinds, "owners": owners}
    for table in ("technologies", "units", "nodes", "fuels"):
        if context.read(table):
            known[table] = context.known(table)
    own = [rule.id for rule in context.tables.header.rules]
    for file, place, rule in _placed(context):
        beside = own if file == HEADER else [*own, *(one.id for where, _, one in _placed(context) if where == file)]
        if beside.count(rule.id) > 1:
            yield Issue(file, 0, place, "stands twice; a rule's id must be its own.")
        for selection in rule.select:
            for word, names in known.items():
                for value in getattr(selection, word):
                    if value not in names:
                        text = f"`{value}` is not among the {word} of the instance{suggestion(value, names)}"
                        yield Issue(file, 0, f"{place} select.{word}", text)


def _placed(context: Context) -> Iterator[tuple[str, str, records.Rule]]:
    """The rules of the header and those that schedules add: file, place in it, rule."""
    for number, rule in enumerate(context.tables.header.rules):
        yield HEADER, f"rules[{number}] {rule.id}", rule
    if getattr(context.tables, "schedule", None) is not None:
        return  # the new rules of the one applied stand in the header
    for name, schedule in sorted(context.tables.schedules.items()):
        for number, rule in enumerate(schedule.new_rules):
            yield f"schedules/{name}.toml", f"new_rules[{number}] {rule.id}", rule


def sensible_rules(context: Context) -> Iterator[Issue]:
    """Years and bounds of a rule do not cross, and a limit can be kept."""
    for file, place, rule in _placed(context):
        for column, text in _faults(context, rule):
            yield Issue(file, 0, f"{place} {column}", text)


def idle_rules(tables: Tables) -> Iterator[Issue]:
    """Rules of a sound instance that select no unit that they could speak of, or hold in no stage."""
    years = [stage.year for stage in tables.header.stages]
    for number, rule in enumerate(tables.header.rules):
        if not rule.enabled:
            continue
        first, last = (rule.by_year, None) if isinstance(rule, records.RetiredShare) else (rule.from_year, rule.to_year)
        if not any((first or year) <= year <= (last or year) for year in years):
            yield Issue(HEADER, 0, f"rules[{number}] {rule.id}", f"holds in no stage; stages begin in {_list(years)}.")
        units = selected(tables, rule.select)
        if isinstance(rule, records.RetiredShare):
            idle, text = not any(unit.count for unit in units), "no unit that has machines at the start"
        elif isinstance(rule, records.NoNew):
            idle, text = not any(unit.max_new for unit in units), "no unit that may build machines (max_new)"
        else:
            idle, text = not units, "no unit"
        if idle:
            yield Issue(HEADER, 0, f"rules[{number}] {rule.id} select", f"selects {text}.")


def _list(years: list[int]) -> str:
    return ", ".join(map(str, years))


def _faults(context: Context, rule: records.Rule) -> Iterator[tuple[str, str]]:
    """What is wrong with a rule: column and sentence."""
    if isinstance(rule, records.RetiredShare):
        return
    if rule.from_year is not None and rule.to_year is not None and rule.from_year > rule.to_year:
        yield (
            "from_year",
            f"is {rule.from_year}, but to_year is {rule.to_year}; it must be that year or an earlier one.",
        )
    if isinstance(rule, records.NoNew):
        return
    if rule.most is None and rule.least is None:
        yield "most", "is missing, and least too; give one of them or both."
    if rule.most is not None and rule.least is not None and rule.least > rule.most:
        yield "least", f"is {_figure(rule.least)}, but most is {_figure(rule.most)}; it must be that or less."
    if rule.most is not None:
        yield from _unavoidable(context, rule, rule.most)


def _figure(value: float) -> str:
    return f"{value:,.10g}"


def _unavoidable(context: Context, rule: records.YearlyLimit, most: float) -> Iterator[tuple[str, str]]:
    """A limit below what existing machines come to that must run and may not leave."""
    begin, end = rule.from_year or 0, rule.to_year or math.inf
    in_force = rule.enabled and any(begin <= stage.year <= end for stage in context.tables.header.stages)
    if not in_force or rule.quantity == "heated_area_mm2" or not _joined(context):
        return
    technologies = {row.id: row for row in context.tables.technologies}
    amounts = {
        unit.id: unit.count * _least(context.tables, unit, technologies[unit.technology], rule.quantity)
        for unit in selected(context.tables, rule.select)
        if technologies[unit.technology].must_run and unit.count and not unit.may_retire
    }
    together = math.fsum(amounts.values())
    if together > most * (1 + 1e-9):
        names = ", ".join(unit for unit, amount in amounts.items() if amount > 0)
        text = f"is {_figure(most)}, but {names} must run and may not retire, which makes {_figure(together)} at least"
        yield "most", f"{text}; it must be that or more."


def _joined(context: Context) -> bool:
    """Whether units, technologies, corner points, fuels and series find each other, so that figures can be taken."""
    tables = context.tables
    technologies, fuels = {row.id for row in tables.technologies}, {row.id for row in tables.fuels}
    ordinary = {corner.technology for corner in tables.capability if corner.mode is None}
    return (
        context.whole("units", "technologies", "capability", "fuels")
        and {unit.technology for unit in tables.units} <= technologies & ordinary
        and {row.fuel for row in tables.technologies if row.fuel} <= fuels
        and {"outdoor_c", *(row.source_series for row in tables.technologies if row.source_series)}
        <= set(tables.series)
    )


def _least(tables: Tables, unit: records.Unit, technology: records.Technology, quantity: str) -> float:
    """The least of a quantity that a machine of a unit comes to in a season in which it must run."""
    share = np.full(tables.series.hours, technology.availability_share)
    if technology.derate_below_c is not None and technology.source_series is not None:
        cold = np.maximum(technology.derate_below_c - tables.series[technology.source_series], 0.0)
        share = share * np.maximum(1.0 - technology.derate_share_per_k * cold, 0.0)
    corners = [corner for corner in tables.capability if corner.technology == technology.id]
    if quantity == "heat_mwh":
        hourly = min(corner.heat_mw for corner in corners)
    elif quantity == "fuel_mwh":
        hourly = min(corner.fuel_mw for corner in corners)
    elif quantity == "co2_t":
        content = {row.id: row.co2_t_per_mwh for row in tables.fuels}.get(technology.fuel or "", 0.0)
        hourly = min(corner.fuel_mw for corner in corners) * content
    else:
        content = float(getattr(technology, f"{quantity.removesuffix('_t')}_g_per_mwh"))
        hourly = min(corner.fuel_mw for corner in corners) * content / 1e6
    return float(share.sum()) * hourly * unit.size_mw / technology.size_mw


def sensible_changes(context: Context) -> Iterator[Issue]:
    """Schedules change rules that there are, each once, by what a rule of that kind has, and leave them sound."""
    rules = {rule.id: rule for rule in context.tables.header.rules}
    # With a schedule applied the rules are changed already; its own changes and those of others say nothing of them.
    applied = getattr(context.tables, "schedule", None) is not None
    for name, schedule in sorted(context.tables.schedules.items()):
        file = f"schedules/{name}.toml"
        changed = [change.rule for change in schedule.rules]
        for number, change in enumerate(schedule.rules):
            place = f"rules[{number}]"
            if change.rule in changed[:number]:
                yield Issue(file, 0, f"{place}.rule", f"`{change.rule}` is changed twice; once is enough.")
            rule = rules.get(change.rule)
            if rule is None:
                text = f"`{change.rule}` is not a rule of {HEADER}{suggestion(change.rule, rules)}"
                yield Issue(file, 0, f"{place}.rule", text)
                continue
            given = change.model_dump(exclude={"rule"}, exclude_none=True)
            strange = [column for column in given if column not in type(rule).model_fields]
            for column in strange:
                has = ", ".join(word for word in records.RuleChange.model_fields if word in type(rule).model_fields)
                text = f"is not a key of `{rule.id}`, which is a {rule.kind}; a schedule may change its {has}."
                yield Issue(file, 0, f"{place}.{column}", text)
            if not strange and not applied:
                before = set(_faults(context, rule))
                for column, text in _faults(context, rule.model_copy(update=given)):
                    if (column, text) not in before:
                        yield Issue(file, 0, f"{place} {rule.id} {column}", f"once changed, {text}")


def sensible_retirements(context: Context) -> Iterator[Issue]:
    """Schedules retire machines of units that there are, no more than there are, in years that do not cross."""
    units = {unit.id: unit for unit in context.tables.units}
    for name, schedule in sorted(context.tables.schedules.items()):
        file = f"schedules/{name}.toml"
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
