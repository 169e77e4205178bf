"""The rows of an instance: small frozen records that are valid or not constructed.

Each class is one table (or one section of `instance.toml`); each field is one column, its unit in its name.
`cur` in a field name stands for the currency of the instance: `price_cur_per_mwh` is the column
`price_cny_per_mwh` in an instance in CNY, and `capex_mcur_per_km` (millions) is `capex_mcny_per_km`.
What concerns several rows is checked in `heatnet.instance.rules`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

MARKS = ("found", "derived", "recalled", "assumed")

Id = Annotated[str, StringConstraints(pattern=r"^[^\W_][\w.+-]*$", max_length=64)]
Source = Annotated[str, StringConstraints(pattern=rf"^({'|'.join(MARKS)}): ?\S")]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=10_000)]
Year = Annotated[int, Field(ge=1900, le=2200)]


def _split(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


Ids = Annotated[tuple[Id, ...], BeforeValidator(_split)]


class Record(BaseModel):
    """A frozen row. Unknown fields, NaN and infinity are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)


# --- instance.toml -----------------------------------------------------------------------------------------


class Stage(Record):
    """A milestone year that stands for the years `year … year + span_years - 1`."""

    year: Year
    span_years: Annotated[int, Field(ge=1, le=100)]
    co2_price_cur_per_t: NonNegative = 0.0
    grid_co2_t_per_mwh: NonNegative = 0.0
    so2_price_cur_per_kg: NonNegative = 0.0
    nox_price_cur_per_kg: NonNegative = 0.0
    pm_price_cur_per_kg: NonNegative = 0.0
    firm_power_mw: NonNegative | None = None
    import_power_mw: NonNegative = 0.0
    source: Source


class Season(Record):
    """The heating season and how heat demand follows the weather (see `heatnet.physics.load`)."""

    start: Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
    design_outdoor_c: float
    indoor_c: float
    load_floor_share: Share
    inertia_h: Annotated[int, Field(ge=1, le=240)]
    source: Source


class Economics(Record):
    """Real prices of the base year. Shortfall is the yearly penalty on heat not covered in the design hour."""

    discount_rate_share: Annotated[float, Field(ge=0, lt=1)]
    unserved_cur_per_mwh: Positive
    shortfall_mcur_per_mw_year: Positive
    source: Source


class Security(Record):
    """Share of the design heat load that must still reach every node when a contingency strikes."""

    guarantee_share: Share
    source: Source


class Regime(Record):
    """Temperatures of supply and return that a pipe is run with in the design hour."""

    id: Id
    supply_c: float
    return_c: float
    ground_c: float
    source: Source


class Selection(Record):
    """Which units a rule speaks of: those that meet every condition given."""

    kinds: tuple[str, ...] = ()
    units: tuple[Id, ...] = ()
    nodes: tuple[Id, ...] = ()
    owners: tuple[str, ...] = ()
    power_below_mw: Positive | None = None
    retirement_due: bool | None = None


class RetiredShare(Record):
    """Of the machines selected, at least `min_share` of their capacity has left in every stage from `by_year` on.

    A unit is selected when it meets any one of `select`. Capacity is electric for units that make power, else heat.
    """

    id: Id
    kind: Literal["retired_share"]
    select: Annotated[tuple[Selection, ...], Field(min_length=1)]
    min_share: Share
    by_year: Year
    enabled: bool = True
    source: Source


class SolveDefaults(Record):
    """What `heatnet solve` uses where the command line is silent."""

    days: Annotated[int, Field(ge=1)] = 2
    step_hours: Literal[1, 2, 3, 4, 6, 8, 12, 24] = 4
    gap: Annotated[float, Field(ge=0, lt=1)] = 0.01


class Header(Record):
    """Everything in `instance.toml`."""

    schema_version: Literal[1]
    name: Id
    title: str
    title_local: str = ""
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    base_year: Year
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    season: Season
    economics: Economics
    security: Security | None = None
    regimes: tuple[Regime, ...] = ()
    rules: tuple[RetiredShare, ...] = ()
    solve: SolveDefaults = SolveDefaults()


# --- tables ------------------------------------------------------------------------------------------------


class Node(Record):
    """A place. `heat_station_mw` limits what all units at the node together can send out (blank: no limit)."""

    id: Id
    name: str = ""
    name_local: str = ""
    kind: Literal["district", "plant", "junction"]
    lat_deg: Annotated[float, Field(ge=-90, le=90)]
    lon_deg: Annotated[float, Field(ge=-180, le=180)]
    heat_station_mw: Positive | None = None
    source: Source


class PipeType(Record):
    """A pair of one supply and one return pipe of one diameter. U is per pipe."""

    id: Id
    inner_diameter_mm: Positive
    velocity_max_m_per_s: Positive
    roughness_mm: Positive
    heat_transfer_w_per_m_k: NonNegative
    capex_mcur_per_km: NonNegative
    fixed_share_per_year: Share
    life_years: Annotated[int, Field(ge=1)]
    source: Source


class Pipe(Record):
    """A corridor between two nodes: pairs that are there, and types that may be laid beside them.

    `cost_factor` multiplies the capex of the type (terrain, inner city); `extra_mcur_per_pair` is added for each
    new pair (tunnels, river crossings, pump and exchanger stations).
    """

    id: Id
    from_node: Id
    to_node: Id
    length_km: Positive
    regime: Id
    existing_type: Id | None = None
    existing_pairs: Count = 0
    candidate_types: Ids = ()
    max_new_pairs: Count = 0
    earliest_year: Year | None = None
    cost_factor: Positive = 1.0
    extra_mcur_per_pair: NonNegative = 0.0
    source: Source


class Fuel(Record):
    """A fuel or a bought heat. `price_series` names a factor column of the season (blank: constant price)."""

    id: Id
    name: str = ""
    name_local: str = ""
    price_cur_per_mwh: float
    price_series: str | None = None
    co2_t_per_mwh: NonNegative
    source: Source


TechnologyKind = Literal[
    "extraction",
    "back_pressure",
    "high_back_pressure",
    "heat_take_off",
    "boiler",
    "heat_pump",
    "geothermal",
    "waste_heat",
    "waste_incineration",
    "biomass",
]


class Technology(Record):
    """A kind of machine. The corner points in `capability` describe one machine of `size_mw`.

    `size_mw` is electric for machines that make power and thermal for the others; costs per MW refer to it.
    `power_price` says what bought or forgone power (negative corners) is charged at; power made is sold wholesale.
    `design_heat_share` is the part of the largest heat output that counts in the design hour, `availability_share` that
    which can be had on average. Pollutants are per MWh of fuel.

    Heat pumps: with `source_series` (a temperature column of the season) the COP follows the source by the Lorenz
    factor (`heatnet.physics.heat_pumps`), and the output falls by `derate_share_per_k` for each kelvin that the source
    is below `derate_below_c`.
    """

    id: Id
    name: str = ""
    name_local: str = ""
    kind: TechnologyKind
    fuel: Id | None = None
    size_mw: Positive
    power_price: Literal["wholesale", "retail"] = "retail"
    commitment: Literal["none", "daily", "hourly"] = "none"
    min_up_h: NonNegative = 0.0
    min_down_h: NonNegative = 0.0
    start_cur_per_mw: NonNegative = 0.0
    capex_mcur_per_mw: NonNegative = 0.0
    fixed_mcur_per_mw_year: NonNegative = 0.0
    variable_heat_cur_per_mwh: NonNegative = 0.0
    variable_power_cur_per_mwh: NonNegative = 0.0
    retire_mcur_per_mw: NonNegative = 0.0
    life_years: Annotated[int, Field(ge=1)]
    design_heat_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    availability_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    must_run: bool = False
    source_series: str | None = None
    source_drop_k: NonNegative | None = None
    sink_in_c: float | None = None
    sink_out_c: float | None = None
    lorenz_share: Annotated[float, Field(gt=0, le=1)] | None = None
    cop_max: Annotated[float, Field(gt=1)] | None = None
    derate_below_c: float | None = None
    derate_share_per_k: Annotated[float, Field(ge=0, le=1)] = 0.0
    so2_g_per_mwh: NonNegative = 0.0
    nox_g_per_mwh: NonNegative = 0.0
    pm_g_per_mwh: NonNegative = 0.0
    renewable: bool = False
    source: Source


class Corner(Record):
    """A corner of the operating region of one machine: heat out, power out (negative: taken), fuel in."""

    technology: Id
    corner: Id
    heat_mw: NonNegative
    power_mw: float
    fuel_mw: NonNegative
    source: Source


class Unit(Record):
    """A cluster of identical machines at a node: `count` are there at the start, `max_new` may be built.

    With `converts`, each new machine takes the place of a machine of that unit, which must have left.
    """

    id: Id
    name: str = ""
    name_local: str = ""
    node: Id
    technology: Id
    size_mw: Positive
    count: Count = 0
    max_new: Count = 0
    earliest_year: Year | None = None
    commissioned_year: Year | None = None
    may_retire: bool = True
    retirement_due: bool = False
    converts: Id | None = None
    owner: str = ""
    source: Source


class Store(Record):
    """A heat store at a node; power in and out is limited to `size / hours`."""

    id: Id
    name: str = ""
    name_local: str = ""
    node: Id
    existing_mwh: NonNegative = 0.0
    max_new_mwh: NonNegative = 0.0
    hours: Positive
    efficiency_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    loss_share_per_h: Annotated[float, Field(ge=0, lt=1)] = 0.0
    earliest_year: Year | None = None
    capex_mcur_per_mwh: NonNegative = 0.0
    fixed_share_per_year: Share = 0.0
    life_years: Annotated[int, Field(ge=1)]
    source: Source


class Demand(Record):
    """Heated area and peak index of a node in a year; linear between the years given, constant beyond them.

    `shape_series` names a factor column of the season that multiplies the weather-driven load (blank: 1).
    """

    node: Id
    year: Year
    area_mm2: NonNegative
    peak_w_per_m2: NonNegative
    shape_series: str | None = None
    source: Source


class Contingency(Record):
    """The loss of a share of one element in the design hour: all units at a node, a unit, or a pipe."""

    id: Id
    name: str = ""
    name_local: str = ""
    node: Id | None = None
    unit: Id | None = None
    pipe: Id | None = None
    lost_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    source: Source


# --- schedules/*.toml --------------------------------------------------------------------------------------


class RuleChange(Record):
    """What a schedule alters in a rule of the instance."""

    rule: Id
    enabled: bool | None = None
    by_year: Year | None = None
    min_share: Share | None = None


class Retirement(Record):
    """Machines of a unit that leave in the first stage of `exactly`, or between `not_before` and `not_after`.

    `machines` blank means all of the unit's `count`.
    """

    unit: Id
    machines: Annotated[int, Field(ge=1)] | None = None
    exactly: Year | None = None
    not_before: Year | None = None
    not_after: Year | None = None


class Schedule(Record):
    """An overlay on an instance: rules changed, retirements fixed or bounded; all else stays free."""

    title: str
    title_local: str = ""
    rules: tuple[RuleChange, ...] = ()
    retirements: tuple[Retirement, ...] = ()
    source: Source


TABLES: dict[str, type[Record]] = {
    "nodes": Node,
    "pipe_types": PipeType,
    "pipes": Pipe,
    "fuels": Fuel,
    "technologies": Technology,
    "capability": Corner,
    "units": Unit,
    "stores": Store,
    "demands": Demand,
    "contingencies": Contingency,
}
"""The tables of an instance folder, in the order in which they are read, written and reported."""

KEYS: dict[str, tuple[str, ...]] = {
    "nodes": ("id",),
    "pipe_types": ("id",),
    "pipes": ("id",),
    "fuels": ("id",),
    "technologies": ("id",),
    "capability": ("technology", "corner"),
    "units": ("id",),
    "stores": ("id",),
    "demands": ("node", "year"),
    "contingencies": ("id",),
}
"""The columns that name a row; no two rows of a table may share them, and tables are kept sorted by them."""

REQUIRED_TABLES = ("nodes", "technologies", "capability", "units", "demands")
"""Tables without which there is no heating network; the others may be missing, which means none of these."""

SEASON_COLUMNS = ("outdoor_c", "power_wholesale_cur_per_mwh", "power_retail_cur_per_mwh")
"""The columns that `series/season.csv` must have besides `hour`; more of them end in `_factor` or `_c`."""


def file_name(field: str, currency: str) -> str:
    """The name of `field` in a file of an instance in `currency`: `capex_mcur_per_km` → `capex_mcny_per_km`.

    It is its own inverse: `capex_mcny_per_km` → `capex_mcur_per_km`.
    """
    code = currency.lower()
    swap = {"cur": code, "mcur": "m" + code, code: "cur", "m" + code: "mcur"} if code else {}
    return "_".join(swap.get(part, part) for part in field.split("_"))
