"""The rows of an instance: small frozen records that are valid or not constructed.

Each class is one table (or one section of a TOML file); each field is one column, its unit in its name.
`cur` in a field name stands for the currency of the instance: `price_cur_per_mwh` is the column
`price_cny_per_mwh` in an instance in CNY, and `capex_mcur_per_km` (millions) is `capex_mcny_per_km`.
What concerns several rows is checked in `heatnet.instance.rules`.
"""

from heatnet.instance.records.base import MARKS, Record
from heatnet.instance.records.header import (
    Economics,
    Header,
    NoNew,
    Regime,
    RetiredShare,
    Rule,
    Season,
    Security,
    Selection,
    SolveDefaults,
    Stage,
    YearlyLimit,
)
from heatnet.instance.records.names import KEYS, LATE_COLUMNS, REQUIRED_TABLES, SEASON_COLUMNS, TABLES, file_name
from heatnet.instance.records.rows import (
    Connection,
    Contingency,
    Corner,
    Demand,
    Envelope,
    Fuel,
    Node,
    Pipe,
    PipeType,
    Retrofit,
    Store,
    Technology,
    TechnologyKind,
    Unit,
    Zone,
)
from heatnet.instance.records.schedules import Retirement, RuleChange, Schedule

__all__ = [
    "KEYS",
    "LATE_COLUMNS",
    "MARKS",
    "REQUIRED_TABLES",
    "SEASON_COLUMNS",
    "TABLES",
    "Connection",
    "Contingency",
    "Corner",
    "Demand",
    "Economics",
    "Envelope",
    "Fuel",
    "Header",
    "NoNew",
    "Node",
    "Pipe",
    "PipeType",
    "Record",
    "Regime",
    "RetiredShare",
    "Retirement",
    "Retrofit",
    "Rule",
    "RuleChange",
    "Schedule",
    "Season",
    "Security",
    "Selection",
    "SolveDefaults",
    "Stage",
    "Store",
    "Technology",
    "TechnologyKind",
    "Unit",
    "YearlyLimit",
    "Zone",
    "file_name",
]
