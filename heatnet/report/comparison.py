"""What a person sees at the end of a comparison: schedules side by side, a column each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

Frames = Mapping[str, pd.DataFrame]
Rows = Iterator[tuple[str, list[str]]]

LABEL, CELL = 28, 11
"""Columns of the terminal for the names of rows, and for a schedule."""

WITHOUT_PLAN = {
    "infeasible": "no plan can meet it, proved",
    "plan": "no plan was found",
    "unsound": "its plan is not sound, `heatnet check` tells why",
}
"""Sentences for what is missing where there is no plan."""


def comparison_page(
    frames: Frames, title: str, currency: str, base_year: int, reference: str, width: int
) -> RenderableType:
    """The page; `frames` are those of docs/compare.md, `width` the columns of the terminal.

    Schedules that do not fit side by side stand in a second block.
    """
    told, money = frames["schedules"].set_index("schedule"), currency.lower()
    head = Text(f"{title}\n", "bold")
    head.append(
        f"Costs in million {currency} of {base_year}, discounted. What is proved of a difference is from `at least` to "
        "`at most`; where 0 lies between, nothing is decided.",
        "not bold",
    )
    parts: list[RenderableType] = [head]
    each = max((width - LABEL) // (CELL + 2), 1)
    for first in range(0, len(told), each):
        block = told.iloc[first : first + each]
        parts += [Text(""), _table(block, _rows(frames, block, money, reference))]
        for heading, rows in (
            (f"Cost by item, million {currency}", _by_term(frames, block, money)),
            ("Closes, MW of heat", _by_stage(frames, block, "closes")),
            ("Is built, MW of heat", _by_stage(frames, block, "built")),
            ("CO2 of fuels, kt a season", _emitted(frames, block)),
        ):
            found = list(rows)
            if found:
                parts += [Text(f"\n{heading}", "bold"), _table(block, found)]
    return Group(*parts, *_missing(frames))


def _table(told: pd.DataFrame, rows: Sequence[tuple[str, list[str]]] | Rows) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", overflow="fold", min_width=LABEL - 1, max_width=LABEL - 1)
    for name in told.index:
        table.add_column(str(name), justify="right", min_width=CELL, max_width=CELL, overflow="fold")
    for label, cells in rows:
        table.add_row(label, *cells)
    return table


def _number(value: Any, sign: bool = False) -> str:
    """About four figures; a dash where there is none."""
    if pd.isna(value):
        return "–"
    decimals = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 3
    return f"{value + 0.0:+,.{decimals}f}" if sign else f"{value + 0.0:,.{decimals}f}"


def _rows(frames: Frames, told: pd.DataFrame, money: str, reference: str) -> Rows:
    def plain(column: str) -> list[str]:
        return [_number(value) for value in told[column]]

    yield "status", [str(value) for value in told["status"]]
    yield "cost", plain(f"cost_m{money}")
    yield "proved bound", plain(f"bound_m{money}")
    if len(frames["schedules"]) > 1:
        yield from _differences(told, f"against {reference}", money, "difference", "decided")
    if len(frames["prices"]) and reference != "free":
        yield from _differences(told, "against free: the price", money, "price", "price_decided")
    yield f"unit cost, {money.upper()}/GJ", plain(f"unit_cost_{money}_per_gj")
    yield f"  {money.upper()}/m² and season", plain(f"unit_cost_{money}_per_m2_season")
    yield "peak investment a year", plain(f"peak_investment_m{money}_per_year")
    yield "  in the stage", ["–" if pd.isna(year) else str(year) for year in told["peak_investment_stage"]]
    yield "stranded value", plain(f"stranded_m{money}")
    for label, column in (("CO2 of fuels, Mt", "co2_fuel_mt"), ("coal, TWh", "coal_twh"), ("gas, TWh", "gas_twh")):
        yield label, plain(column)
    design, districts = frames["design"], frames["districts"]
    if len(design):
        margin = design.groupby("schedule")["margin_share"].min().reindex(told.index)
        yield "design load could grow by", ["–" if pd.isna(value) else f"{value:+.1%}" for value in margin]
    if len(frames["security"]):
        worst = [_worst(districts[districts["schedule"] == name]) for name in told.index]
        yield "least of its load, one lost", [share for share, _ in worst]
        yield "  in the stage, at", [place for _, place in worst]
    yield "all that is asked for", ["met" if value else "NOT MET" for value in told["met"]]


def _differences(told: pd.DataFrame, label: str, money: str, word: str, verdict: str) -> Rows:
    for name, column in ((label, ""), ("  at least", "_least"), ("  at most", "_most")):
        yield name, [_number(value, sign=True) for value in told[f"{word}{column}_m{money}"]]
    words = {True: "yes", False: "NO"}
    yield "  decided", ["–" if pd.isna(value) else words[bool(value)] for value in told[verdict]]


def _worst(districts: pd.DataFrame) -> tuple[str, str]:
    """What the district that keeps least of its load when an element is lost keeps, and when and where that is."""
    rows = districts[(districts["n1_contingency"] != "") & (districts["design_demand_mw"] > 0.0)]
    if not len(rows):
        return ("all" if len(districts) else "–"), "–"
    share = rows["n1_mw"] / rows["design_demand_mw"]
    row = rows.iloc[int(share.to_numpy().argmin())]
    return f"{share.min():.1%}", f"{row['stage']} {row['node']}"


def _by_term(frames: Frames, told: pd.DataFrame, money: str) -> Rows:
    """Terms that show in a figure of any schedule, not of this block alone, so that the blocks have the same rows."""
    if not len(frames["costs"]):
        return
    sums = frames["costs"].groupby(["term", "schedule"], sort=False)[f"cost_m{money}"].sum().unstack("schedule")
    seen = sums.abs().max(axis=1) >= 1e-4 * sums.abs().max().max()
    for term, row in sums[seen].reindex(columns=told.index).iterrows():
        yield str(term).replace("_", " "), [_number(value) for value in row]


def _by_stage(frames: Frames, told: pd.DataFrame, change: str) -> Rows:
    if not len(frames["changes"]):
        return
    rows = frames["changes"][(frames["changes"]["change"] == change) & (frames["changes"]["kind"] == "unit")]
    sums = rows.groupby(["stage", "schedule"])["heat_mw"].sum().unstack("schedule")
    planned = set(frames["design"]["schedule"])
    for stage, row in sums.reindex(columns=told.index).fillna(0.0).iterrows():
        yield str(stage), [_number(row[name]) if name in planned else "–" for name in told.index]


def _emitted(frames: Frames, told: pd.DataFrame) -> Rows:
    if not len(frames["emissions"]):
        return
    sums = frames["emissions"].set_index(["stage", "schedule"])["co2_fuel_t"].unstack("schedule")
    for stage, row in (sums.reindex(columns=told.index) / 1000.0).iterrows():
        yield str(stage), [_number(value) for value in row]


def _missing(frames: Frames) -> Iterator[RenderableType]:
    """What is not met, the largest of each schedule and kind; the table has all of it."""
    rows = frames["missing"]
    if not len(rows):
        return
    text = Text("\nNOT MET", "bold red")
    for (name, what), part in rows.groupby(["schedule", "what"], sort=False):
        if what in WITHOUT_PLAN:
            text.append(f"\n{name}: {WITHOUT_PLAN[what]}", "not bold")
            continue
        if (part["sentence"] != "").any():
            text.append("".join(f"\n{name}, {sentence}" for sentence in part["sentence"]), "not bold")
            continue
        worst = part.iloc[int(part["amount"].to_numpy().argmax())]
        when = "" if pd.isna(worst["stage"]) else f" in {worst['stage']}"
        more = f", and {len(part) - 1} more" if len(part) > 1 else ""
        size = f"{_number(worst['amount'])} {worst['unit']}"
        text.append(f"\n{name}, {str(what).replace('_', ' ')}: {size} at {worst['id']}{when}{more}", "not bold")
    yield text
