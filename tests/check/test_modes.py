"""The judge on modes, retrofits, reserve, groups and ramps, by hand on the valley.

Sensitivity. Without each of these would go unnoticed:
- the sound answer: a law that refuses what is right.
- each row of BREAKS: that its law does not look at what the change breaks.
- a sound variant beside a broken one: a limit that is too tight.
- what machines are able to: machines of the season that count in other modes, or reserve that counts as running.
- firm power: the best mode for power taken from the best for heat, or reserve left out.
- contingencies: reserve that does not help, or a share of a zone that is not used.
- starts: parts of them, or starts of what is off and stops of what is on.
- ramps: starts that are held to the ramp, or a ramp that is never judged.
"""

from __future__ import annotations

import pandas as pd
import pytest

from check.sheet import Breaks, Change, assert_broken_alone, laws
from check.valley import HOT, Answer, valley, with_row
from heatnet.check import check
from heatnet.instance import Instance
from heatnet.solution import frame

breaks = Breaks()


@pytest.fixture(scope="module")
def instance() -> Instance:
    """The valley."""
    return valley()


def test_an_answer_that_keeps_every_law_has_no_violations(instance: Instance) -> None:
    """The answer of the valley is right as it stands."""
    assert check(instance, Answer().solution).violations.to_dict("records") == []


@breaks("retrofits.rows")
def a_mode_missing(a: Answer) -> None:
    """No row of low in 2020, where none is fitted, bought or used."""
    a.set("retrofits", (2020, "chp", "low"), machines=0, new_machines=0)
    a.set("retrofits", (2022, "chp", "low"), machines=1, new_machines=1)
    a.retrofits = a.retrofits.drop(index=0)


@breaks("retrofits.rows")
def a_mode_that_is_none(a: Answer) -> None:
    """The ordinary mode has no row."""
    a.retrofits = pd.concat([a.retrofits, frame("retrofits", [(2020, "chp", "full", 1, 0, 0)])])


@breaks("retrofits.integer")
def half_a_retrofit(a: Answer) -> None:
    """1.5 machines."""
    a.set("retrofits", (2020, "chp", "low"), machines=1.5, new_machines=1.5)
    a.set("retrofits", (2022, "chp", "low"), machines=1.5)


@breaks("retrofits.negative")
def a_retrofit_sold_again(a: Answer) -> None:
    """2 and -1."""
    a.set("retrofits", (2020, "chp", "low"), machines=2, new_machines=2)
    a.set("retrofits", (2022, "chp", "low"), new_machines=-1)


@breaks("retrofits.limit")
def more_retrofits_than_machines(a: Answer) -> None:
    """Three in place for two machines, and none may be built."""
    a.set("retrofits", (2020, "chp", "low"), machines=3, new_machines=3)
    a.set("retrofits", (2022, "chp", "low"), machines=3)


@breaks("retrofits.early")
def a_retrofit_before_its_year(a: Answer) -> None:
    """A rotor in 2020; its two years are over in 2022."""
    a.set("retrofits", (2020, "chp", "rotor"), machines=1, new_machines=1)


@breaks("retrofits.fitted")
def a_retrofit_nobody_bought(a: Answer) -> None:
    """Two fitted, one bought."""
    a.set("retrofits", (2022, "chp", "low"), machines=2)


@breaks("operation.modes")
def more_machines_in_a_mode_than_are_fitted(a: Answer) -> None:
    """Two in `low` on the coldest day of 2020, where one is fitted; the heat is the same."""
    a.run(2020, 0, 0, "chp", low=0.8, idle=1.2)
    a.run(2020, 0, 12, "chp", low=1.6, idle=0.4)


@breaks("operation.on")
def a_machine_of_the_season_in_another_mode(a: Answer) -> None:
    """Two in ordinary and low while one of the two is bound to its rotor."""
    a.run(2022, 0, 0, "chp", rotor=1, low=0.5, idle=0.5, cond=1)
    a.run(2022, 0, 12, "chp", rotor=1, idle=1, cond=1)


@breaks("operation.modes")
def two_rotors_where_one_is_chosen(a: Answer) -> None:
    """Both machines run the rotor, the season has one."""
    for hour in (0, 12):
        a.run(2022, 1, hour, "chp", part=2)
        a.one(2022, 1, hour, "node", "P", spill_mw=30)


@breaks("operation.on")
def a_mode_in_parts(a: Answer) -> None:
    """Half a machine in each of two modes: whole together, but not by mode."""
    a.run(2020, 1, 0, "chp", full=0.5, low=0.4, idle=0.1)
    a.run(2020, 1, 12, "chp", full=0.5, low=0.4, idle=0.1)


@breaks("operation.on")
def a_mode_that_changes_within_the_day(a: Answer) -> None:
    """A machine ordinary by night and low by day, where the commitment is daily."""
    a.run(2020, 1, 0, "chp", low=0.8, idle=0.2)


@breaks("units.reserve")
def more_reserve_than_may_be(a: Answer) -> None:
    """A boiler of D held in reserve where that is not allowed."""
    a.set("units", (2020, "old1"), machines=0, reserve_machines=1)


@breaks("units.reserve")
def reserve_of_what_was_just_built(a: Answer) -> None:
    """All three peak boilers in reserve in 2020, one of them built then."""
    a.set("units", (2020, "peak"), machines=0, new_machines=1, reserve_machines=3, design_heat_mw=0)
    a.set("units", (2020, "chp"), design_heat_mw=60.7)
    a.set("pipes", (2020, "pd"), design_flow_mw=60.35)
    a.set("units", (2022, "peak"), machines=2)
    a.run(2020, 0, 12, "peak")
    a.run(2020, 1, 12, "peak")
    for day, heat in ((0, 10.7), (1, 0.7)):
        a.run(2020, day, 12, "old1", full=min(heat, 10) / 10)
        a.run(2020, day, 12, "old2", full=max(heat - 10, 0) / 10)


@breaks("units.machines")
def reserve_that_runs(a: Answer) -> None:
    """Two operate though one of two is in reserve."""
    a.set("units", (2022, "peak"), machines=2)


@breaks("units.group")
def one_of_a_group_alone(a: Answer) -> None:
    """`old1` leaves, `old2` stays."""
    a.set("units", (2022, "old2"), machines=1, existing_machines=1, retired_machines=0)


@breaks("units.leaves_after_pipe")
def a_machine_that_leaves_before_the_pipe(a: Answer) -> None:
    """`stay` leaves in 2020, de is laid in 2022."""
    a.set("units", (2020, "stay"), machines=0, existing_machines=0, retired_machines=1)
    a.set("units", (2022, "stay"), retired_machines=0)


@breaks("units.leaves_after_pipe")
def a_machine_in_reserve_before_the_pipe(a: Answer) -> None:
    """`stay` is in reserve in 2020, de is laid in 2022."""
    a.set("units", (2020, "stay"), machines=0, reserve_machines=1)


@breaks("operation.ramp")
def a_boiler_that_is_too_fast(a: Answer) -> None:
    """0 and 40 MW of heat, 44 of fuel, where 12 · 0.05 · 33 · 2 = 39.6 may be."""
    a.run(2020, 0, 12, "peak", full=40 / 30)
    a.one(2020, 0, 12, "node", "D", spill_mw=40 - 10.7)


@breaks("operation.min_down")
def a_machine_that_starts_and_stops_at_once(a: Answer) -> None:
    """Without least times, too, what has stopped is off in that step: one of one is on."""
    a.run(2020, 1, 0, "flex", full=1)
    a.run(2020, 1, 12, "flex", full=1)
    a.one(2020, 1, 12, "unit", "flex", starts=1)
    a.move(2020, 1, (39.65, 39.65), (0, 0), spill=(9.3 + 30, 30))


@breaks("operation.min_up")
def a_start_of_a_machine_that_is_off(a: Answer) -> None:
    """What has started is on in that step: none is."""
    a.one(2020, 1, 12, "unit", "flex", starts=1)


@breaks("operation.ramp")
def an_hourly_boiler_that_is_too_fast(a: Answer) -> None:
    """On all day, 3.3 and 33 MW of fuel, where 0.6 · 33 = 19.8 may be."""
    a.run(2020, 1, 0, "flex", part=1)
    a.run(2020, 1, 12, "flex", full=1)
    a.move(2020, 1, (39.65, 39.65), (0, 0), spill=(12.3, 30))


@pytest.mark.parametrize(("law", "change"), breaks.rows)
def test_each_law_is_seen_when_broken_alone(instance: Instance, law: str, change: Change) -> None:
    """One change, one law."""
    assert_broken_alone(instance, Answer(), law, change)


@pytest.mark.parametrize(
    ("mode", "season"),
    [("low", 1), ("rotor", 2), ("rotor", -1)],
)
def test_machines_of_the_season_are_fitted_with_a_seasonal_mode(instance: Instance, mode: str, season: int) -> None:
    """`low` is a mode of hours, and one rotor is fitted; what follows in the operation is not looked at."""
    answer = Answer()
    answer.set("retrofits", (2022, "chp", mode), season_machines=season)
    assert "retrofits.season" in laws(check(instance, answer.solution))


def test_no_more_machines_run_the_season_than_operate(instance: Instance) -> None:
    """Three rotors (one more may be built) for two machines."""
    more = with_row(instance, "units", {"id": "chp"}, max_new=1)
    answer = Answer()
    answer.set("retrofits", (2022, "chp", "rotor"), machines=3, new_machines=3, season_machines=3)
    violations = check(more, answer.solution).violations
    assert violations.loc[violations["law"] == "retrofits.season", "size"].tolist() == [1.0]


# --- what machines are able to -------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "broken"), [(0.59, set()), (0.589, {"design.unit_capacity"})])
def test_heat_of_the_design_hour_by_mode(instance: Instance, share: float, broken: set[str]) -> None:
    """2022: 60 of the rotor and 50 of low, 0.59 of which are the 64.9 MW of the answer."""
    weaker = with_row(instance, "technologies", {"id": "chp"}, design_heat_share=share)
    assert laws(check(weaker, Answer().solution)) == broken


@pytest.mark.parametrize(("more", "broken"), [(0.0, set()), (0.1, {"design.unit_capacity"})])
def test_modes_are_used_as_far_as_they_are_fitted(instance: Instance, more: float, broken: set[str]) -> None:
    """2020: 50 of low and 40 ordinary; 0.59 of 90 are 53.1, and 52.75 + 7.6 reach D."""
    weaker = with_row(instance, "technologies", {"id": "chp"}, design_heat_share=0.59)
    answer = Answer()
    answer.set("units", (2020, "chp"), design_heat_mw=53.1 + more)
    answer.set("pipes", (2020, "pd"), design_flow_mw=52.75 + more)
    answer.set("units", (2020, "peak"), design_heat_mw=7.6 - more)
    assert laws(check(weaker, answer.solution)) == broken


def test_margin_with_modes_and_reserve(instance: Instance) -> None:
    """2020: all sources, 90 + 60 + 3 + 30. 2022: two pairs run mild bring HOT; at D are 30 of peak and 3 of flex."""
    margin = check(instance, Answer().solution).design_margin
    by_hand = ((90 + 60 + 3 + 30 - 0.7) / 60 - 1, (HOT + 30 + 3 - 0.45) / 64 - 1)
    assert margin["margin_share"].tolist() == pytest.approx(by_hand, abs=1e-6)
    assert margin["design_demand_mw"].tolist() == pytest.approx([60, 64])
    assert margin["loss_mw"].tolist() == pytest.approx([0.7, 0.9])


@pytest.mark.parametrize(("firm", "short"), [(72.0, []), (72.1, [0.1])])
def test_firm_power_by_mode(instance: Instance, firm: float, short: list[float]) -> None:
    """2022: 20 of the rotor and 52 of low, which is more than the ordinary 50."""
    first, second = instance.header.stages
    stages = (first, second.model_copy(update={"firm_power_mw": firm}))
    other = instance.replace(header=instance.header.model_copy(update={"stages": stages}))
    report = check(other, Answer().solution)
    assert laws(report) == ({"firm_power"} if short else set())
    assert report.violations["size"].tolist() == pytest.approx(short)


def test_firm_power_of_reserve_is_the_ordinary(instance: Instance) -> None:
    """With one chp in reserve, the rotor gives 20 and the reserve 50: 70 of 72."""
    may = with_row(instance, "units", {"id": "chp"}, may_reserve=True)
    answer = Answer()
    answer.set("units", (2022, "chp"), machines=1, reserve_machines=1)
    violations = check(may, answer.solution).violations
    assert violations.loc[violations["law"] == "firm_power", "size"].tolist() == pytest.approx([2.0])
    assert "units.reserve" not in set(violations["law"])


@pytest.mark.parametrize(("told", "broken"), [(1.5, set()), (1.4, {"security.missing"})])
def test_reserve_helps_in_a_contingency(instance: Instance, told: float, broken: set[str]) -> None:
    """Without the boiler in reserve, 30 + 3 are left of the 34.5 guaranteed in 2022."""
    answer = Answer()
    answer.set("units", (2022, "peak"), existing_machines=1, retired_machines=1, reserve_machines=0)
    answer.set("security", (2022, "lose-p"), missing_mw=told)
    assert laws(check(instance, answer.solution)) == broken


def test_reserve_helps_in_the_ordinary_mode(instance: Instance) -> None:
    """Without P's pipe but with half of chp at D: 2 MW of a chp in reserve (0.05 of 40, not of 60) and 3 of flex."""
    moved = with_row(instance, "units", {"id": "chp"}, node="D", may_reserve=True)
    moved = with_row(moved, "technologies", {"id": "chp"}, design_heat_share=0.05)
    answer = Answer()
    answer.pipes.loc[answer.pipes["pipe"] == "pd", "pairs"] = 0
    answer.set("units", (2022, "chp"), machines=0, reserve_machines=1)
    answer.set("retrofits", (2022, "chp", "rotor"), season_machines=0)
    answer.set("units", (2022, "peak"), machines=0, reserve_machines=0)
    contingency = instance.contingencies[0].model_copy(update={"node": None, "pipe": "pd"})
    found = check(moved.replace(contingencies=(contingency,)), answer.solution).violations
    found = found[(found["law"] == "security.missing") & (found["stage"] == 2022)]
    assert found["size"].tolist() == pytest.approx([34.5 - 2 - 3], abs=1e-5)


def test_reserve_built_before_may_rest(instance: Instance) -> None:
    """A peak boiler built in 2020 and one of the old in reserve in 2022: two of three, one operates."""
    answer = Answer()
    answer.set("units", (2020, "peak"), machines=3, new_machines=1)
    answer.set("units", (2022, "peak"), reserve_machines=2)
    assert laws(check(instance, answer.solution)) == set()


def test_a_retrofit_may_be_bought_again_at_the_end_of_its_life(instance: Instance) -> None:
    """Two of `low` in 2020 with two years of life, and two in 2022: four bought, never more than two in place."""
    brief = tuple(row.model_copy(update={"life_years": 2}) for row in instance.retrofits)
    answer = Answer()
    answer.set("retrofits", (2020, "chp", "low"), machines=2, new_machines=2)
    answer.set("retrofits", (2022, "chp", "low"), machines=2, new_machines=2)
    assert laws(check(instance.replace(retrofits=brief), answer.solution)) == set()


# --- ramps ---------------------------------------------------------------------------------------------------


def test_ramps_as_fast_as_may_be(instance: Instance) -> None:
    """36 MW of heat (39.6 of fuel) from 0; hourly from 3.3 by 19.8 to 23.1 of fuel, which is 21 of heat."""
    answer = Answer()
    answer.run(2020, 0, 12, "peak", full=36 / 30)
    answer.one(2020, 0, 12, "node", "D", spill_mw=36 - 10.7)
    answer.run(2020, 1, 0, "flex", part=1)
    answer.run(2020, 1, 12, "flex", part=1 / 3, full=2 / 3)
    answer.move(2020, 1, (39.65, 39.65), (0, 0), spill=(12.3, 21))
    assert laws(check(instance, answer.solution)) == set()


@pytest.mark.parametrize(("starts", "broken"), [(1.0, set()), (0.5, {"operation.starts"})])
def test_machines_start_as_wholes(instance: Instance, starts: float, broken: set[str]) -> None:
    """One of two is on all day: one may take the place of the other, but not half of one."""
    two = with_row(instance, "units", {"id": "flex"}, count=2)
    answer = Answer()
    for year in (2020, 2022):
        answer.set("units", (year, "flex"), machines=2, existing_machines=2)
    answer.run(2020, 1, 0, "flex", full=1)
    answer.run(2020, 1, 12, "flex", full=1)
    answer.one(2020, 1, 12, "unit", "flex", starts=starts)
    answer.move(2020, 1, (39.65, 39.65), (0, 0), spill=(9.3 + 30, 30))
    assert laws(check(two, answer.solution)) == broken


def test_what_starts_and_stops_is_held_to_no_ramp(instance: Instance) -> None:
    """From off to full and back, with a start."""
    answer = Answer()
    answer.run(2020, 1, 12, "flex", full=1)
    answer.one(2020, 1, 12, "unit", "flex", starts=1)
    answer.move(2020, 1, (39.65, 39.65), (0, 0), spill=(9.3, 30))
    assert laws(check(instance, answer.solution)) == set()


def test_a_machine_without_fuel_ramps_by_heat(instance: Instance) -> None:
    """Without fuel the 10.7 MW of 2020 and 11 of 2022 are held to 0.6 · 30 of a machine, and to 0.3 · 30 = 9."""
    bare = tuple(c.model_copy(update={"fuel_mw": 0.0}) if c.technology == "peak" else c for c in instance.capability)
    answer = Answer()
    for year in (2020, 2022):
        for day in (0, 1):
            for hour in (0, 12):
                answer.one(year, day, hour, "unit", "peak", fuel_mw=0)
    for share, sizes in ((0.05, []), (0.025, [2.0, 2.0])):
        other = with_row(instance.replace(capability=bare), "technologies", {"id": "peak"}, ramp_share_per_h=share)
        report = check(other, answer.solution)
        assert laws(report) == ({"operation.ramp"} if sizes else set())
        assert report.violations["size"].tolist() == pytest.approx(sizes)  # 12.9 - 1.9 = 11, up and down


# --- what it costs -------------------------------------------------------------------------------------------


def test_retrofits_and_reserve_cost(instance: Instance) -> None:
    """Low: 50 · 0.2 over ten years; rotor: 50 · 0.3 over two. Reserve: half of 30 · 0.01."""
    costs = check(instance, Answer().solution).costs.set_index(["term", "stage"])["value_mcur"]
    assert costs["retrofits"].tolist() == pytest.approx([2 * 1.0, 3 * (1.0 + 7.5)])
    assert costs["reserve"].tolist() == pytest.approx([0.0, 3 * 0.15])


def test_upkeep_is_that_of_what_operates_and_of_what_is_fitted(instance: Instance) -> None:
    """Pairs at 1 %: 73.896077 + 0.5 each for pd and 2 for de; chp 5 and peak 0.3 a machine; low 0.5, rotor 1."""
    pair = 0.01 * (4 * (1.5 * 8 + 3 * 2) + 0.5 + 2 * 0.01 * HOT)
    costs = check(instance, Answer().solution).costs.set_index(["term", "stage"])["value_mcur"]
    by_hand = [2 * (pair + 10 + 0.6 + 0.5), 3 * (2 * pair + 0.02 + 10 + 0.3 + 0.5 + 1)]
    assert costs["fixed"].tolist() == pytest.approx(by_hand)


def test_a_group_is_judged_over_all_its_stages() -> None:
    """Both gone in 2020 already is right, too."""
    answer = Answer()
    for unit in ("old1", "old2"):
        answer.set("units", (2020, unit), machines=0, existing_machines=0, retired_machines=1)
        answer.set("units", (2022, unit), retired_machines=0)
    assert laws(check(valley(), answer.solution)) == set()
