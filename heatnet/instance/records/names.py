"""Names of files, keys and columns."""

from __future__ import annotations

from heatnet.instance.records import rows
from heatnet.instance.records.base import Record

TABLES: dict[str, type[Record]] = {
    "zones": rows.Zone,
    "nodes": rows.Node,
    "pipe_types": rows.PipeType,
    "pipes": rows.Pipe,
    "fuels": rows.Fuel,
    "technologies": rows.Technology,
    "capability": rows.Corner,
    "retrofits": rows.Retrofit,
    "units": rows.Unit,
    "stores": rows.Store,
    "demands": rows.Demand,
    "envelopes": rows.Envelope,
    "connections": rows.Connection,
    "contingencies": rows.Contingency,
}
"""The tables of an instance folder, in the order in which they are read, written and reported."""

KEYS: dict[str, tuple[str, ...]] = {
    "zones": ("id",),
    "nodes": ("id",),
    "pipe_types": ("id",),
    "pipes": ("id",),
    "fuels": ("id",),
    "technologies": ("id",),
    "capability": ("technology", "corner"),
    "retrofits": ("technology", "mode"),
    "units": ("id",),
    "stores": ("id",),
    "demands": ("node", "year"),
    "envelopes": ("node", "measure"),
    "connections": ("node",),
    "contingencies": ("id",),
}
"""The columns that name a row; no two rows of a table may share them, and tables are kept sorted by them."""

REQUIRED_TABLES = ("nodes", "technologies", "capability", "units", "demands")
"""Tables without which there is no heating network; the others may be missing, which means none of these."""

LATE_COLUMNS = ("consumers", "diversity_share")
"""Columns that came later: at their default they stay out of an instance's hash, so that what is known of it holds."""

SEASON_COLUMNS = ("outdoor_c", "power_wholesale_cur_per_mwh", "power_retail_cur_per_mwh")
"""The columns that `series/season.csv` must have besides `hour`; more of them end in `_factor` or `_c`."""


def file_name(field: str, currency: str) -> str:
    """The name of `field` in a file of an instance in `currency`: `capex_mcur_per_km` → `capex_mcny_per_km`.

    It is its own inverse: `capex_mcny_per_km` → `capex_mcur_per_km`.
    """
    code = currency.lower()
    swap = {"cur": code, "mcur": "m" + code, code: "cur", "m" + code: "mcur"} if code else {}
    return "_".join(swap.get(part, part) for part in field.split("_"))
