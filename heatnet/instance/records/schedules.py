"""The records of `schedules/NAME.toml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from heatnet.instance.records.base import Id, NonNegative, Record, Share, Source, Year
from heatnet.instance.records.header import Rule


class RuleChange(Record):
    """What a schedule alters in a rule of the instance."""

    rule: Id
    enabled: bool | None = None
    by_year: Year | None = None
    min_share: Share | None = None
    reserve_counts: bool | None = None
    from_year: Year | None = None
    to_year: Year | None = None
    most: NonNegative | None = None
    least: NonNegative | None = None


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
    """An overlay on an instance: rules changed and added, retirements fixed or bounded; all else stays free."""

    title: str
    title_local: str = ""
    rules: tuple[RuleChange, ...] = ()
    new_rules: tuple[Rule, ...] = ()
    retirements: tuple[Retirement, ...] = ()
    source: Source
