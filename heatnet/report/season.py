"""A stage run hour by hour, as one page for the terminal."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from heatnet.operate import Season

SHORT = 12
"""Rows of a table that people read to the end."""


def season_page(season: Season) -> RenderableType:
    """Cost beside the plan's estimate, unserved heat, units, stores, limits, contingencies."""
    parts: list[RenderableType] = [_headline(season), _costs(season), _unserved(season), _units(season)]
    if not season.stores.empty:
        parts.append(_table("Stores", season.stores, "size_mwh", "charged_mwh", "discharged_mwh", "cycles"))
    if not season.report.limits.empty:
        parts.append(_limits(season))
    if not season.contingencies.empty:
        parts.append(_contingencies(season))
    return Group(*parts)


def _plain(title: str, first: str, columns: Iterable[str], style: str = "") -> Table:
    """An empty table: names at the left, never cut, figures at the right."""
    table = Table(title=f"\n{title}", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, show_edge=False)
    table.padding, table.style = (0, 1, 0, 0), style
    table.add_column(first, overflow="fold")
    for name in columns:
        table.add_column(name, justify="right")
    return table


def _headline(season: Season) -> Text:
    stage, currency = season.stage, season.stage.case.instance.header.currency
    gap = "no bound" if season.gap is None else f"bound {season.bound:,.6g}, gap {season.gap:.2%}"
    lines = [
        f"{stage.case.instance.header.name} · stage {stage.year} · {len(season.series):,} hours · {season.weather} · "
        f"{season.dispatcher}",
        f"cost {season.cost:,.6g} million {currency} a season, {gap}; the plan expects {season.planned_cost:,.6g}",
        f"power made less power taken by units: {season.power_sold_mwh / 1e3:,.1f} GWh",
    ]
    return Text("\n".join(lines))


def _costs(season: Season) -> Table:
    currency = season.stage.case.instance.header.currency
    table = _plain(f"Cost, million {currency} a season", "", ("plan", "season", "difference"))
    columns = (season.costs[name] for name in ("term", "plan_mcur", "season_mcur"))
    rows = [*zip(*columns, strict=True), ("sum", season.planned_cost, season.cost)]
    for term, plan, told in rows:
        if plan or told:
            table.add_row(term, f"{plan:,.4g}", f"{told:,.4g}", f"{round(told - plan, 6):+,.4g}")
    return table


def _unserved(season: Season) -> RenderableType:
    if season.unserved.empty:
        return Text("\nunserved heat: none in any district and hour")
    table = _plain("Unserved heat", "district", ("MWh", "hours", "worst hour", "MW then"), "red")
    for node, rows in season.unserved.groupby("node"):
        worst = rows.nlargest(1, "unserved_mw")
        total, most = f"{rows['unserved_mw'].sum():,.1f}", f"{worst['unserved_mw'].item():,.1f}"
        table.add_row(str(node), total, str(len(rows)), str(worst["hour"].item()), most)
    return table


def _units(season: Season) -> Table:
    rows = season.units.sort_values("heat_mwh", ascending=False).head(SHORT)
    return _table("Units with the most heat", rows, "heat_mwh", "power_mwh", "starts", "running_h", "full_load_h")


def _table(title: str, rows: pd.DataFrame, *columns: str) -> Table:
    table = _plain(title, str(rows.columns[0]), columns)
    for _, row in rows.iterrows():
        cells = ("" if pd.isna(row[name]) else f"{row[name]:,.1f}" for name in columns)
        table.add_row(str(row.iloc[0]), *cells)
    return table


def _limits(season: Season) -> Table:
    table = _plain("Yearly limits", "limit", ("quantity", "season", "least", "most"))
    for _, row in season.report.limits.iterrows():
        cells = ("" if row[name] != row[name] else f"{row[name]:,.1f}" for name in ("value", "least", "most"))
        table.add_row(str(row["rule"]), str(row["quantity"]), *cells)
    return table


def _contingencies(season: Season) -> Table:
    table = _plain("Coldest days without an element", "lost", ("served", "worst district", "served there"))
    for lost, rows in season.contingencies.groupby("contingency"):
        worst = rows.nsmallest(1, "served_share")
        share = 1.0 - rows["unserved_mwh"].sum() / rows["demand_mwh"].sum()
        table.add_row(str(lost), f"{share:.1%}", str(worst["node"].item()), f"{worst['served_share'].item():.1%}")
    return table
