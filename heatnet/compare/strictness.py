"""Which schedule asks for more than which: where one does, its least cost cannot be lower, whatever the gaps are."""

from __future__ import annotations

from heatnet.instance import Instance
from heatnet.instance.records import RetiredShare
from heatnet.instance.records.base import Record
from heatnet.instance.records.header import Rule


def asks_more(one: Instance, other: Instance) -> bool:
    """Whether every plan under one schedule is a plan under another of the same instance, as far as the rules show.

    It is where each rule and each retirement of the other stands in the one too, or a stricter one. False only says
    that this is not seen.
    """
    rules = [rule for rule in one.header.rules if rule.enabled]
    return all(
        any(_implies(rule, wanted) for rule in rules) for wanted in other.header.rules if wanted.enabled
    ) and _retirements(one) >= _retirements(other)


def _implies(rule: Rule, wanted: Rule) -> bool:
    """Whether a rule asks for all that another does: the same, or a larger share by an earlier year."""
    if isinstance(rule, RetiredShare) and isinstance(wanted, RetiredShare):
        return (
            rule.select == wanted.select
            and rule.min_share >= wanted.min_share
            and rule.by_year <= wanted.by_year
            and (wanted.reserve_counts or not rule.reserve_counts)
        )
    return _content(rule) == _content(wanted)


def _retirements(instance: Instance) -> set[str]:
    schedule = instance.schedule
    return {_content(item) for item in schedule.retirements} if schedule else set()


def _content(record: Record) -> str:
    """What a rule or retirement asks for, without its name and where it comes from."""
    return record.model_dump_json(exclude={"id", "source"})
