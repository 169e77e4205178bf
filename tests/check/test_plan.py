"""The judge on the plan: days, pipes, machines, stores, a rule, the design hour and districts, by hand on the hamlet.

Sensitivity. Without each of these would go unnoticed:
- each row of BREAKS: that its law does not look at what the change breaks.
- laws of the days: the same, where others follow from them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from check.hamlet import Answer, hamlet
from check.sheet import Breaks, Change, assert_broken_alone, laws
from heatnet.check import check
from heatnet.instance import Instance
from heatnet.solution import frame

breaks = Breaks()


@pytest.fixture(scope="module")
def instance() -> Instance:
    """The hamlet."""
    return hamlet()


@breaks("days.rows")
def a_day_outside_the_season(a: Answer) -> None:
    a.days = pd.concat([a.days, frame("days", [(11, 3, 0.0, 1.0)])])


@breaks("days.rows")
def a_day_twice(a: Answer) -> None:
    a.days = pd.concat([a.days, a.days.iloc[:1]])


@breaks("days.rows")
def a_day_without_weight(a: Answer) -> None:
    a.days = pd.concat([a.days, frame("days", [(11, 2, np.nan, 1.0)])])


@breaks("days.load_scale")
def another_load_scale(a: Answer) -> None:
    a.set("days", (7,), load_scale=0.750001)


@breaks("pipes.rows")
def an_unknown_line(a: Answer) -> None:
    a.pipes = pd.concat([a.pipes, frame("pipes", [(2020, "ab", "wide", "hot", 5, 5, 0, 0, 0.0)])])


@breaks("pipes.rows")
def a_line_missing(a: Answer) -> None:
    a.pipes = a.pipes.drop(index=7)


@breaks("pipes.rows")
def a_line_twice(a: Answer) -> None:
    a.pipes = pd.concat([a.pipes, a.pipes.iloc[:1]])


@breaks("pipes.rows")
def a_number_missing(a: Answer) -> None:
    a.set("pipes", (2022, "ab2"), removed_pairs=float("nan"))


@breaks("pipes.integer")
def half_a_pair(a: Answer) -> None:
    a.set("pipes", (2022, "ac", "wide"), new_pairs=0.5, pairs=0.5)


@breaks("pipes.negative")
def less_than_no_pair_laid(a: Answer) -> None:
    a.set("pipes", (2022, "ac", "free"), new_pairs=-1, pairs=0)


@breaks("pipes.limit")
def more_pairs_than_may_be_laid(a: Answer) -> None:
    a.set("pipes", (2022, "ac", "wide"), new_pairs=3, pairs=3)


@breaks("pipes.limit")
def a_type_that_may_not_be_laid(a: Answer) -> None:
    a.set("pipes", (2022, "ac", "free"), new_pairs=1, pairs=2)


@breaks("pipes.limit")
def more_pairs_kept_than_there_were(a: Answer) -> None:
    a.set("pipes", (2020, "ac", "free"), existing_pairs=3, pairs=3, removed_pairs=-1)
    a.set("pipes", (2022, "ac", "free"), removed_pairs=2)


@breaks("pipes.early")
def a_pair_before_its_year(a: Answer) -> None:
    a.set("pipes", (2020, "ac", "wide"), new_pairs=1, pairs=1)  # two years of life: gone by 2022


@breaks("pipes.kept_rises")
def pairs_that_come_back(a: Answer) -> None:
    a.set("pipes", (2020, "ac", "free"), existing_pairs=1, pairs=1, removed_pairs=1)
    a.set("pipes", (2022, "ac", "free"), existing_pairs=2, pairs=2, removed_pairs=-1)


@breaks("pipes.pairs")
def pairs_that_do_not_add_up(a: Answer) -> None:
    a.set("pipes", (2022, "ac", "free"), pairs=2)


@breaks("pipes.pairs")
def a_pair_beyond_its_life(a: Answer) -> None:
    a.set("pipes", (2022, "ac", "wide"), pairs=1)


@breaks("pipes.removed")
def a_removal_not_told(a: Answer) -> None:
    a.set("pipes", (2022, "ac", "free"), removed_pairs=0)


@breaks("units.rows")
def an_unknown_unit(a: Answer) -> None:
    a.units = pd.concat([a.units, frame("units", [(2020, "ghost", 1, 1, 0, 0, 0, 9.0)])])


@breaks("units.rows")
def a_stage_that_is_none(a: Answer) -> None:
    a.units = pd.concat([a.units, frame("units", [(2021, "chp", 1, 1, 0, 0, 0, 9.0)])])


@breaks("units.integer")
def half_a_machine(a: Answer) -> None:
    a.set("units", (2022, "spare"), new_machines=0.5, machines=1.5)


@breaks("units.negative")
def less_than_no_machine(a: Answer) -> None:
    a.set("units", (2022, "spare"), new_machines=-1, machines=0)


@breaks("units.limit")
def more_machines_than_may_be_built(a: Answer) -> None:
    a.set("units", (2022, "spare"), new_machines=3, machines=4)


@breaks("units.limit")
def more_machines_kept_than_there_were(a: Answer) -> None:
    a.set("units", (2020, "spare"), existing_machines=3, machines=3, retired_machines=-1)
    a.set("units", (2022, "spare"), retired_machines=2)


@breaks("units.early")
def a_machine_before_its_year(a: Answer) -> None:
    a.set("units", (2020, "spare"), new_machines=1, machines=3)
    a.set("units", (2022, "spare"), machines=2)


@breaks("units.kept_rises")
def machines_that_come_back(a: Answer) -> None:
    a.set("units", (2020, "spare"), existing_machines=1, machines=1, retired_machines=1)
    a.set("units", (2022, "spare"), existing_machines=2, machines=2, retired_machines=-1)


@breaks("units.may_retire")
def a_machine_that_has_to_stay(a: Answer) -> None:
    a.set("units", (2022, "boil"), existing_machines=1, machines=1, retired_machines=1)


@breaks("units.machines")
def machines_that_do_not_add_up(a: Answer) -> None:
    a.set("units", (2022, "spare"), machines=2)


@breaks("units.retired")
def a_retirement_not_told(a: Answer) -> None:
    a.set("units", (2022, "spare"), retired_machines=0)


@breaks("stores.rows")
def an_unknown_store(a: Answer) -> None:
    a.stores = pd.concat([a.stores, frame("stores", [(2020, "pond", 1.0, 1.0)])])


@breaks("stores.negative")
def less_than_no_store(a: Answer) -> None:
    a.set("stores", (2022, "tank"), new_mwh=-5.0, size_mwh=15.0)


@breaks("stores.limit")
def more_store_than_may_be_added(a: Answer) -> None:
    a.set("stores", (2022, "tank"), new_mwh=50.1, size_mwh=70.1)


@breaks("stores.early")
def a_store_before_its_year(a: Answer) -> None:
    a.set("stores", (2020, "tank"), new_mwh=5.0, size_mwh=25.0)


@breaks("stores.size")
def a_size_that_does_not_add_up(a: Answer) -> None:
    a.set("stores", (2022, "tank"), size_mwh=30.1)


@breaks("rule.Q10")
def too_little_retired(a: Answer) -> None:
    a.set("units", (2022, "chp"), existing_machines=2, machines=2, retired_machines=0)


@breaks("design.balance")
def a_design_flow_from_nowhere(a: Answer) -> None:
    a.set("pipes", (2022, "ab"), design_flow_mw=12.001)


@breaks("design.unit_capacity")
def more_design_heat_than_counts(a: Answer) -> None:
    a.set("units", (2022, "hp"), design_heat_mw=6.0)
    a.set("units", (2022, "boil"), design_heat_mw=29.0)


@breaks("design.unit_capacity")
def design_heat_below_zero(a: Answer) -> None:
    a.set("units", (2022, "spare"), design_heat_mw=-1.0)
    a.set("pipes", (2022, "ac", "free"), design_flow_mw=1.0)
    a.set("units", (2022, "chp"), design_heat_mw=25.7)


@breaks("design.station")
def more_design_heat_than_the_station(a: Answer) -> None:
    a.set("units", (2020, "spare"), design_heat_mw=20.5)
    a.set("pipes", (2020, "ac", "free"), design_flow_mw=-20.5)
    a.set("units", (2020, "chp"), design_heat_mw=0.2)


@breaks("design.line_capacity")
def more_design_flow_than_the_line(a: Answer) -> None:
    a.set("pipes", (2022, "ab"), design_flow_mw=12.0 + 200)
    a.set("pipes", (2022, "ab2"), design_flow_mw=12.0 - 200)


@breaks("design.shortfall")
def a_shortfall_below_zero(a: Answer) -> None:
    a.set("districts", (2020, "B"), design_shortfall_mw=-1.0)
    a.set("units", (2020, "boil"), design_heat_mw=21.0)


@breaks("design.shortfall")
def a_shortfall_above_the_load(a: Answer) -> None:
    a.set("districts", (2022, "B"), design_shortfall_mw=61.0)
    for unit, heat in (("boil", 0.0), ("hp", 0.0), ("chp", 0.4)):
        a.set("units", (2022, unit), design_heat_mw=heat)
    a.set("pipes", (2022, "ab"), design_flow_mw=-0.3)
    a.set("pipes", (2022, "ab2"), design_flow_mw=0.0)


@breaks("districts.rows")
def a_district_that_has_no_demand(a: Answer) -> None:
    a.districts = pd.concat([a.districts, frame("districts", [(2020, "A", 1, 0.0, 0.0, 0.0, 0.0)])])


@breaks("districts.design_demand")
def another_design_load(a: Answer) -> None:
    a.set("districts", (2022, "B"), design_demand_mw=60.001)


@breaks("districts.demand")
def another_demand(a: Answer) -> None:
    a.set("districts", (2022, "B"), demand_mwh=2521.0)


@breaks("districts.unserved")
def another_unserved(a: Answer) -> None:
    a.set("districts", (2020, "B"), unserved_mwh=0.0)


@pytest.mark.parametrize(("law", "change"), breaks.rows)
def test_each_law_is_seen_when_broken_alone(instance: Instance, law: str, change: Change) -> None:
    """One change, one law."""
    assert_broken_alone(instance, Answer(), law, change)


@pytest.mark.parametrize(
    ("law", "change"),
    [
        ("days.weights", lambda a: a.set("days", (7,), weight_days=2.5)),
        ("days.weights", lambda a: a.set("days", (7,), weight_days=-2.0)),
        ("days.coldest", lambda a: a.set("days", (9,), season_day=2)),
        ("days.step", lambda a: setattr(a, "step_hours", 5)),
    ],
)
def test_laws_of_the_days_are_seen_among_what_follows_from_them(instance: Instance, law: str, change: Change) -> None:
    answer = Answer()
    change(answer)
    assert law in laws(check(instance, answer.solution))
