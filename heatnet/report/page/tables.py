"""Tables of the page: figures to read off beside the charts, as texts in one language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from heatnet.instance import Instance
from heatnet.instance.records import TABLES, Record
from heatnet.instance.records.names import file_name
from heatnet.report.page.headline import SHORT_MW
from heatnet.report.page.money import by_stage
from heatnet.report.page.plan import Plan, Subject, at, rows_of
from heatnet.report.page.style import number
from heatnet.report.page.words import Words

KEPT, BROKEN = "✓", "✗"
MARK_SYMBOLS = {"found": "●", "derived": "◐", "recalled": "◔", "assumed": "○"}
"""The fuller, the better founded."""


@dataclass(frozen=True)
class Table:
    """Head and rows of a table; the first cell of a row names it. `last_is_sum`: the last row adds up the others."""

    head: list[str]
    rows: list[list[str]]
    last_is_sum: bool = False
    numbers: bool = True


def cost_terms(plan: Plan, words: Words) -> Table:
    """Every term of the objective by stage, and their sum."""
    frame = by_stage(plan.report.costs)
    rows = [
        [words(f"term_{term}"), *[number(float(row[year])) for year in plan.years], number(float(row.sum()))]
        for term, row in frame.iterrows()
        if row.abs().max() >= 0.05
    ]
    sums = [float(frame[year].sum()) for year in plan.years]
    rows.append([words("sum"), *[number(value) for value in sums], number(sum(sums))])
    return Table(["", *plan.spans.values(), words("sum")], rows, last_is_sum=True)


def changes(plan: Plan, words: Words) -> Table:
    """Stage by stage: what closes or goes into reserve, and what is built, fitted, laid, connected."""
    rows = [
        [
            plan.spans[year],
            *["; ".join(part) or "–" for part in (_closing(plan, year, words), _opening(plan, year, words))],
        ]
        for year in plan.years
    ]
    return Table([words("stage"), words("closes_head"), words("opens_head")], rows, numbers=False)


def _unit(plan: Plan, unit: str, words: Words) -> str:
    record = plan.unit[unit]
    node = plan.instance.node[record.node]
    return f"{words.name(node, node.id)}: {words.name(record, unit)}"


def _moves(plan: Plan, year: int, what: str, words: Words) -> list[str]:
    rows = plan.changes[(plan.changes["stage"] == year) & (plan.changes["what"] == what)]
    rows = rows.sort_values("heat_mw", ascending=False, kind="stable")
    return [f"{_unit(plan, str(row.unit), words)} ×{row.machines} ({row.heat_mw:,.0f} MW)" for row in rows_of(rows)]


def _closing(plan: Plan, year: int, words: Words) -> list[str]:
    pipes = plan.solution.pipes[(plan.solution.pipes["stage"] == year) & (plan.solution.pipes["removed_pairs"] > 0)]
    return [
        *_moves(plan, year, "closes", words),
        *[words("to_reserve", unit=text) for text in _moves(plan, year, "reserve", words)],
        *[words("pipe_gone", pipe=row.pipe, type=row.type, pairs=row.removed_pairs) for row in rows_of(pipes)],
    ]


def _opening(plan: Plan, year: int, words: Words) -> list[str]:
    solution, instance = plan.solution, plan.instance

    def now(frame: pd.DataFrame, column: str) -> pd.DataFrame:
        return frame[(frame["stage"] == year) & (frame[column] > 0)]

    parts = _moves(plan, year, "built", words)
    parts += [words("from_reserve", unit=text) for text in _moves(plan, year, "back", words)]
    modes = {(row.technology, row.mode): words.name(row, row.mode) for row in instance.retrofits}
    for row in rows_of(now(solution.retrofits, "new_machines")):
        mode = modes[plan.unit[str(row.unit)].technology, str(row.mode)]
        parts.append(f"{_unit(plan, str(row.unit), words)}: {mode} ×{row.new_machines}")
    for row in rows_of(now(solution.pipes, "new_pairs")):
        parts.append(words("pipe_laid", pipe=row.pipe, type=row.type, pairs=row.new_pairs))
    for row in rows_of(now(solution.stores, "new_mwh")):
        if row.new_mwh >= 0.5:
            parts.append(words("store_built", store=row.store, mwh=f"{row.new_mwh:,.0f}"))
    area = float(now(solution.envelopes, "new_mm2")["new_mm2"].sum())
    parts += [words("area_fitted", area=f"{area:,.2f}")] if area >= 0.005 else []
    return (
        parts
        + [words("regime_now", zone=zone, regime=regime) for zone, regime in _regimes(plan, year)]
        + [words("connected_now", node=words.name(instance.node[node], node)) for node in _connected(plan, year)]
    )


def _before(plan: Plan, year: int) -> int | None:
    place = plan.years.index(year)
    return plan.years[place - 1] if place else None


def _regimes(plan: Plan, year: int) -> Iterator[tuple[str, str]]:
    frame = plan.solution.regimes.set_index(["stage", "zone"])["regime"]
    before = _before(plan, year)
    for zone in plan.instance.zones:
        if zone.regimes:
            last = zone.regimes[0] if before is None else frame[before, zone.id]
            if frame[year, zone.id] != last:
                yield zone.id, str(frame[year, zone.id])


def _connected(plan: Plan, year: int) -> Iterator[str]:
    frame = plan.solution.districts.set_index(["stage", "node"])["connected"]
    before = _before(plan, year)
    for row in plan.instance.connections:
        if frame[year, row.node] and not (before is not None and frame[before, row.node]):
            yield row.node


def security(plan: Plan, words: Words) -> Table:
    """The design hour, and every contingency, by stage: what is kept and what is missing."""
    design = plan.report.design_margin.set_index("stage")
    rows = [
        [words("design_load"), *[f"{at(design, year, 'design_demand_mw'):,.0f} MW" for year in plan.years]],
        [words("margin"), *[signed(at(design, year, "margin_share")) for year in plan.years]],
        [words("design_hour"), *[_kept(at(design, year, "shortfall_mw"), words) for year in plan.years]],
    ]
    missing = plan.solution.security.set_index(["contingency", "stage"])["missing_mw"]
    for row in plan.instance.contingencies:
        rows.append([words.name(row, row.id), *[_kept(float(missing[row.id, year]), words) for year in plan.years]])
    return Table(["", *plan.spans.values()], rows)


def signed(share: float) -> str:
    """A share in percent with its sign, no sign where it rounds to nothing."""
    return f"{share:+.1%}".replace("-", "−") if abs(share) >= 0.0005 else "0.0%"


def _kept(missing_mw: float, words: Words) -> str:
    return (
        f"{BROKEN} {words('lacks', mw=f'{missing_mw:,.1f}')}" if missing_mw >= SHORT_MW else f"{KEPT} {words('kept')}"
    )


def limits(plan: Plan, words: Words) -> Table:
    """What every yearly limit speaks of, beside its bounds; no rows where there is none."""
    rows = []
    for (rule, quantity), frame in plan.report.limits.groupby(["rule", "quantity"], sort=False):
        first, values = frame.iloc[0], frame.set_index("stage")["value"]
        bounds = [f"≥ {first['least']:,.10g}"] if pd.notna(first["least"]) else []
        bounds += [f"≤ {first['most']:,.10g}"] if pd.notna(first["most"]) else []
        cells = [number(float(values[year])) if year in values.index else "" for year in plan.years]
        rows.append([f"{rule}: {words(f'quantity_{quantity}')}", " ".join(bounds), *cells])
    return Table([words("rule"), words("limit"), *plan.spans.values()], rows)


def claims(subject: Subject, words: Words) -> Table:
    """Who says what of cost and bound; no rows without a certificate."""
    told = (subject.certificate or {}).get("claims", [])

    def shown(value: float | None) -> str:
        return "–" if value is None else f"{value:,.4f}"

    rows = [
        [c["by"], c["status"].replace("_", " "), shown(c["cost"]), shown(c["bound"]), f"{c['seconds']:.0f}"]
        for c in told
    ]
    return Table(
        [words(key) for key in ("claim_by", "claim_status", "claim_cost", "claim_bound", "claim_seconds")], rows
    )


@dataclass(frozen=True)
class Sourced:
    """A table of the instance with the source of each row: in `rows`, mark and source are the last two cells."""

    name: str
    head: list[str]
    rows: list[list[str]]


def sourced(instance: Instance) -> list[Sourced]:
    """Every figure of the instance with its source: the parts of the header, then the tables as in their files."""
    header = instance.header
    parts: list[tuple[str, Iterable[Record]]] = [("stages", header.stages), ("season", [header.season])]
    parts += [("economics", [header.economics]), ("security", [header.security] if header.security else [])]
    parts += [("regimes", header.regimes), ("rules", header.rules)]
    parts += [(table, getattr(instance, table)) for table in TABLES]
    return [_sourced(name, list(rows), header.currency) for name, rows in parts if list(rows)]


def _sourced(name: str, records: list[Record], currency: str) -> Sourced:
    rows = [record.model_dump(mode="json", exclude_defaults=True) for record in records]
    columns = list(dict.fromkeys(column for row in rows for column in row if column != "source"))
    found = []
    for row in rows:
        mark, _, source = str(row["source"]).partition(":")
        found.append([*[_cell(row.get(column, "")) for column in columns], mark, source.strip()])
    return Sourced(name, [file_name(column, currency) for column in columns], found)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return KEPT if value else ""
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) >= 1e4 else f"{value:.6g}"
    if isinstance(value, list):
        return " ".join(_cell(part) for part in value)
    if isinstance(value, dict):
        return " ".join(f"{key} = {_cell(part)}" for key, part in value.items())
    return str(value)
