"""The records of `instance.toml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from heatnet.instance.records.base import Celsius, Id, Life, NonNegative, Positive, Record, Share, Source, Year


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
    """The heating season and how heat demand follows the weather (see `heatnet.physics.load`).

    `off_season_days` lie between its end and the next one (blank: what is left of 365 days).
    """

    start: Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
    design_outdoor_c: Celsius
    indoor_c: Celsius
    load_floor_share: Share
    inertia_h: Annotated[int, Field(ge=1, le=240)]
    off_season_days: Annotated[int, Field(ge=0, le=366)] | None = None
    source: Source


class Economics(Record):
    """Real prices of the base year. Shortfall is the yearly penalty on heat not covered in the design hour."""

    discount_rate_share: Annotated[float, Field(ge=0, lt=1)]
    unserved_cur_per_mwh: Positive
    shortfall_mcur_per_mw_year: Positive
    source: Source


class Security(Record):
    """Share of the design heat load that must still reach every node when a contingency strikes.

    A zone may have a share of its own.
    """

    guarantee_share: Share
    source: Source


class Regime(Record):
    """Temperatures of supply and return that a pipe is run with in the design hour.

    `substation_mcur_per_mw` is what a zone pays per MW of design load for substations that can do it.
    """

    id: Id
    supply_c: Celsius
    return_c: Celsius
    ground_c: Celsius
    substation_mcur_per_mw: NonNegative = 0.0
    substation_life_years: Life = 20
    source: Source


class Selection(Record):
    """Which units a rule speaks of: those that meet every condition given."""

    kinds: tuple[str, ...] = ()
    technologies: tuple[Id, ...] = ()
    units: tuple[Id, ...] = ()
    nodes: tuple[Id, ...] = ()
    owners: tuple[str, ...] = ()
    fuels: tuple[Id, ...] = ()
    power_below_mw: Positive | None = None
    commissioned_before: Year | None = None
    retirement_due: bool | None = None
    renewable: bool | None = None


class RetiredShare(Record):
    """Of the machines selected, at least `min_share` of their capacity has left in every stage from `by_year` on.

    A unit is selected when it meets any one of `select`. Capacity is electric for units that make power, else heat.
    With `reserve_counts`, a machine in reserve counts as one that has left.
    """

    id: Id
    kind: Literal["retired_share"]
    select: Annotated[tuple[Selection, ...], Field(min_length=1)]
    min_share: Share
    by_year: Year
    reserve_counts: bool = False
    enabled: bool = True
    source: Source


class NoNew(Record):
    """No machine of the units selected is built in stages from `from_year` to `to_year`."""

    id: Id
    kind: Literal["no_new"]
    select: Annotated[tuple[Selection, ...], Field(min_length=1)]
    from_year: Year | None = None
    to_year: Year | None = None
    enabled: bool = True
    source: Source


class YearlyLimit(Record):
    """Bounds on a quantity of a season, of the units selected (of all units where there is no selection).

    The unit of `most` and `least` is in the name of the quantity. `heated_area_mm2` is the heat of the units selected
    in terms of area: at the mean heat demand per area of the whole instance in the stage.
    """

    id: Id
    kind: Literal["yearly_limit"]
    quantity: Literal["fuel_mwh", "co2_t", "so2_t", "nox_t", "pm_t", "heat_mwh", "heated_area_mm2"]
    select: tuple[Selection, ...] = ()
    most: NonNegative | None = None
    least: NonNegative | None = None
    from_year: Year | None = None
    to_year: Year | None = None
    enabled: bool = True
    source: Source


Rule = Annotated[RetiredShare | NoNew | YearlyLimit, Field(discriminator="kind")]


class SolveDefaults(Record):
    """What `heatnet solve` uses where the command line is silent."""

    days: Annotated[int, Field(ge=1, le=366)] = 2
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
    rules: tuple[Rule, ...] = ()
    solve: SolveDefaults = SolveDefaults()
