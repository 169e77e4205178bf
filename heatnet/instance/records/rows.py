"""The records of the tables: one class is one table, one field one column."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from heatnet.instance.records.base import (
    AtOnce,
    Celsius,
    Consumers,
    Count,
    Id,
    Ids,
    Kelvin,
    Life,
    Millimetres,
    NonNegative,
    Positive,
    Record,
    Share,
    Signed,
    Source,
    Year,
)


class Node(Record):
    """A place. `heat_station_mw` limits what all units at the node together can send out (blank: no limit).

    A `village` is off the network until a pipe is laid to it.
    """

    id: Id
    name: str = ""
    name_local: str = ""
    kind: Literal["district", "plant", "junction", "village"]
    zone: Id | None = None
    lat_deg: Annotated[float, Field(ge=-90, le=90)]
    lon_deg: Annotated[float, Field(ge=-180, le=180)]
    heat_station_mw: Positive | None = None
    source: Source


class Zone(Record):
    """Pipes and nodes that are run in one temperature regime, and have one guarantee rate.

    `regimes` is the order in which the zone may go from one to the next; it starts in the first.
    """

    id: Id
    name: str = ""
    name_local: str = ""
    regimes: Ids = ()
    earliest_year: Year | None = None
    guarantee_share: Share | None = None
    source: Source


class PipeType(Record):
    """A pair of one supply and one return pipe of one diameter. U is per pipe."""

    id: Id
    inner_diameter_mm: Millimetres
    velocity_max_m_per_s: Positive
    roughness_mm: Positive
    heat_transfer_w_per_m_k: NonNegative
    capex_mcur_per_km: NonNegative
    fixed_share_per_year: Share
    life_years: Life
    source: Source


class Pipe(Record):
    """A corridor between two nodes: pairs that are there, and types that may be laid beside them.

    The pipe is run in its own `regime` or in that of its `zone`. `cost_factor` multiplies the capex of the type in open
    ground, `tunnel_cost_factor` that of its `tunnel_km`; `relay_mcur_per_mw` is paid for each relay station and MW of
    capacity, `extra_mcur_per_pair` for each pair (terminal stations, crossings with a price of their own). A pipe with
    `delay_h` carries heat from `from_node` to `to_node` only. `station_power_share` is the power that its stations take
    beside the friction of the pipe, per MW of heat. Of the sum of the design loads behind it `diversity_share` occurs
    at once.
    """

    id: Id
    from_node: Id
    to_node: Id
    length_km: Positive
    regime: Id | None = None
    zone: Id | None = None
    delay_h: Count = 0
    existing_type: Id | None = None
    existing_pairs: Count = 0
    candidate_types: Ids = ()
    max_new_pairs: Count = 0
    earliest_year: Year | None = None
    cost_factor: Positive = 1.0
    tunnel_km: NonNegative = 0.0
    tunnel_cost_factor: Positive = 1.0
    relay_stations: Count = 0
    relay_mcur_per_mw: NonNegative = 0.0
    station_power_share: Share = 0.0
    extra_mcur_per_pair: NonNegative = 0.0
    diversity_share: AtOnce = 1.0
    source: Source


class Fuel(Record):
    """A fuel or a bought heat. `price_series` names a factor column of the season (blank: constant price)."""

    id: Id
    name: str = ""
    name_local: str = ""
    price_cur_per_mwh: Signed
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
    "sludge_gas",
    "electrode_boiler",
    "stove",
]


class Technology(Record):
    """A kind of machine. The corner points in `capability` describe one machine of `size_mw`.

    `size_mw` is electric for machines that make power and thermal for the others; costs per MW refer to it.
    `power_price` says what bought or forgone power (negative corners) is charged at; power made is sold wholesale.
    `design_heat_share` is the part of the largest heat output that counts in the design hour, `availability_share` that
    which can be had on average. `ramp_share_per_h` is the part of its full output by which a machine can change in an
    hour. A machine in reserve costs `reserve_fixed_share` of its upkeep. Pollutants are per MWh of fuel.

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
    ramp_share_per_h: Positive | None = None
    capex_mcur_per_mw: NonNegative = 0.0
    fixed_mcur_per_mw_year: NonNegative = 0.0
    reserve_fixed_share: Share = 1.0
    variable_heat_cur_per_mwh: NonNegative = 0.0
    variable_power_cur_per_mwh: NonNegative = 0.0
    retire_mcur_per_mw: NonNegative = 0.0
    life_years: Life
    design_heat_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    availability_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    must_run: bool = False
    source_series: str | None = None
    source_drop_k: Kelvin | None = None
    sink_in_c: Celsius | None = None
    sink_out_c: Celsius | None = None
    lorenz_share: Annotated[float, Field(gt=0, le=1)] | None = None
    cop_max: Annotated[float, Field(gt=1)] | None = None
    derate_below_c: Celsius | None = None
    derate_share_per_k: Annotated[float, Field(ge=0, le=1)] = 0.0
    so2_g_per_mwh: NonNegative = 0.0
    nox_g_per_mwh: NonNegative = 0.0
    pm_g_per_mwh: NonNegative = 0.0
    renewable: bool = False
    source: Source


class Corner(Record):
    """A corner of the operating region of one machine: heat out, power out (negative: taken), fuel in.

    The corners with one `mode` span one region; a machine runs in one mode at a time. Blank: the ordinary mode, which
    every technology has.
    """

    technology: Id
    corner: Id
    mode: Id | None = None
    heat_mw: NonNegative
    power_mw: Signed
    fuel_mw: NonNegative
    source: Source


class Retrofit(Record):
    """What a machine of a technology needs, once, before it can run in a mode. Costs per MW of the unit's `size_mw`.

    A `seasonal` mode is chosen for a whole season and shuts out all others of the machine (a second rotor).
    """

    technology: Id
    mode: Id
    name: str = ""
    name_local: str = ""
    seasonal: bool = False
    earliest_year: Year | None = None
    capex_mcur_per_mw: NonNegative
    fixed_mcur_per_mw_year: NonNegative = 0.0
    life_years: Life
    source: Source


class Unit(Record):
    """A cluster of identical machines at a node: `count` are there at the start, `max_new` may be built.

    With `converts`, each new machine takes the place of a machine of that unit, which must have left. With
    `may_reserve`, machines may be held in reserve. All existing machines of the units of one `group` leave together;
    with `leaves_after_pipe`, none leaves before that pipe is in place. Of the sum of the design loads that they serve
    `diversity_share` occurs at once.
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
    may_reserve: bool = False
    retirement_due: bool = False
    group: Id | None = None
    leaves_after_pipe: Id | None = None
    converts: Id | None = None
    diversity_share: AtOnce = 1.0
    owner: str = ""
    source: Source


class Store(Record):
    """A heat store at a node; power in and out is limited to `size / hours`.

    A `seasonal` store (a pit) carries heat from day to day over the season; the others are empty of memory at midnight:
    each day ends as it began.
    """

    id: Id
    name: str = ""
    name_local: str = ""
    node: Id
    existing_mwh: NonNegative = 0.0
    max_new_mwh: NonNegative = 0.0
    hours: Positive
    seasonal: bool = False
    efficiency_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    loss_share_per_h: Annotated[float, Field(ge=0, lt=1)] = 0.0
    earliest_year: Year | None = None
    capex_mcur_per_mwh: NonNegative = 0.0
    fixed_share_per_year: Share = 0.0
    life_years: Life
    source: Source


class Demand(Record):
    """Heated area, peak index and consumers of a node in a year; linear between the years given, constant beyond them.

    `shape_series` names a factor column of the season that multiplies the weather-driven load (blank: 1).
    """

    node: Id
    year: Year
    area_mm2: NonNegative
    peak_w_per_m2: NonNegative
    consumers: Consumers = 1
    shape_series: str | None = None
    source: Source


class Envelope(Record):
    """A retrofit of buildings at a node: up to `max_share` of its area, each m² of it with `saving_share` less load."""

    node: Id
    measure: Id
    name: str = ""
    name_local: str = ""
    max_share: Share
    saving_share: Share
    capex_mcur_per_mm2: NonNegative
    earliest_year: Year | None = None
    life_years: Life
    source: Source


class Connection(Record):
    """A node whose demand need not be met: connected, it pays for the heat that it gets, and stays connected."""

    node: Id
    heat_price_cur_per_mwh: NonNegative
    capex_mcur: NonNegative = 0.0
    earliest_year: Year | None = None
    life_years: Life = 30
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
