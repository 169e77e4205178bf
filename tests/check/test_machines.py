"""The judge on heat pumps that follow their source, availability, must-run, conversions and pollutants, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from check.sheet import laws
from check.town import COP, Answer, town, with_technology
from heatnet.check import check
from heatnet.instance import Instance

HEAT = (2, 2, 12, 16)
"""Heat of the heat pumps in the four steps, MW."""


@pytest.fixture(scope="module")
def instance() -> Instance:
    """The town."""
    return town()


def test_an_answer_that_keeps_every_law_has_no_violations(instance: Instance) -> None:
    """The answer of the town is right as it stands."""
    assert check(instance, Answer().solution).violations.to_dict("records") == []


# --- heat pumps and availability -----------------------------------------------------------------------------


def test_power_of_a_heat_pump_by_the_wrong_hour_breaks_the_corners(instance: Instance) -> None:
    """The COP of the morning (3.5) does not hold in the afternoon (2.1): away by 2 / 2.1 - 2 / 3.5 MW."""
    answer = Answer()
    answer.one(2022, 0, 12, "unit", "pump", power_mw=-2 / 3.5)
    report = check(instance, answer.solution)
    assert laws(report) == {"operation.corners"}
    row = report.violations.iloc[0]
    assert (row["stage"], row["day"], row["hour"], row["id"]) == (2022, 0, 12, "pump power_mw")
    assert row["size"] == pytest.approx(2 / 2.1 - 2 / 3.5)


def logarithmic_mean(warm: float, cold: float) -> float:
    """(T_1 - T_2) / ln(T_1 / T_2)."""
    return (warm - cold) / math.log(warm / cold)


def test_glides_of_source_and_sink_count(instance: Instance) -> None:
    """The source cools by 10 K below its series, the sink warms from 340 to 360 K; 350 K at the source is still 8."""
    other = with_technology(instance, "pump", source_drop_k=10.0, sink_in_c=66.85, sink_out_c=86.85)
    assert laws(check(other, Answer().solution)) == {"operation.corners"}
    answer = Answer()
    sink = logarithmic_mean(360, 340)
    for (day, hour), warm, heat in zip(COP, (290, 250, 250, 350), HEAT, strict=True):
        cop = min(8.0, 0.6 * sink / (sink - logarithmic_mean(warm, warm - 10)))
        for year in (2020, 2022):
            answer.one(year, day, hour, "unit", "pump", power_mw=-heat / cop)
    assert laws(check(other, answer.solution)) == set()


def test_a_source_without_lorenz_share_only_derates(instance: Instance) -> None:
    """Without the figures of a COP the power is that of the corner, 10 MW heat at -4 MW, and the derating stays."""
    none = dict.fromkeys(("source_drop_k", "sink_in_c", "sink_out_c", "lorenz_share", "cop_max"))
    fixed = with_technology(instance, "pump", **none).replace(
        capability=tuple(
            c.model_copy(update={"power_mw": -4.0}) if c.technology == "pump" else c for c in instance.capability
        )
    )
    answer = Answer()
    for (day, hour), heat in zip(COP, HEAT, strict=True):
        for year in (2020, 2022):
            answer.one(year, day, hour, "unit", "pump", power_mw=-0.4 * heat)
    assert laws(check(fixed, answer.solution)) == set()
    weaker = with_technology(fixed, "pump", derate_share_per_k=0.026)
    assert laws(check(weaker, answer.solution)) == {"operation.on"}


@pytest.mark.parametrize(
    ("day", "hour", "most", "spill"), [(0, 0, 16.0, 14.0), (0, 12, 12.0, 10.0), (1, 0, 12.0, 0.0), (1, 12, 16.0, 0.0)]
)
def test_no_more_of_a_machine_than_can_be_had(
    instance: Instance, day: int, hour: int, most: float, spill: float
) -> None:
    """Two heat pumps of 10 MW: 0.8 of them in warm water, 0.8 · 0.75 in cold; on day 0 all but 2 MW is spilled."""
    for more, broken in ((0.0, set()), (0.01, {"operation.on"})):
        answer = Answer()
        answer.run(2020, day, hour, "pump", most + more)
        answer.one(2020, day, hour, "node", "D", spill_mw=spill + more)
        report = check(instance, answer.solution)
        assert laws(report) == broken
        assert report.violations["size"].tolist() == ([pytest.approx(0.001)] if broken else [])


def test_derating_does_not_go_below_nothing(instance: Instance) -> None:
    """With 0.2 per kelvin, 10 K are 2: nothing is left, and not less than nothing."""
    colder = with_technology(instance, "pump", derate_share_per_k=0.2)
    violations = check(colder, Answer().solution).violations
    assert set(violations["law"]) == {"operation.on"}
    assert violations["size"].tolist() == pytest.approx([0.2, 1.2] * 2)  # all that runs in cold water


# --- must-run ------------------------------------------------------------------------------------------------


def test_waste_that_is_not_burnt_breaks_must_run(instance: Instance) -> None:
    """10 instead of 18 MW, with 10 of heat pumps for it: 0.9 - 0.5 machines too few."""
    answer = Answer()
    answer.run(2022, 0, 0, "waste", 10)
    answer.run(2022, 0, 0, "pump", 10)
    answer.one(2022, 0, 0, "pipe", "pd/big", flow_mw=10)
    report = check(instance, answer.solution)
    assert laws(report) == {"operation.must_run"}
    assert report.violations["size"].tolist() == pytest.approx([0.4])


def test_more_waste_than_can_be_burnt_breaks_on(instance: Instance) -> None:
    """20 instead of 18 MW: one machine where 0.9 can be had."""
    answer = Answer()
    answer.run(2022, 0, 0, "waste", 20)
    answer.one(2022, 0, 0, "node", "P", spill_mw=2)
    report = check(instance, answer.solution)
    assert laws(report) == {"operation.on"}
    assert report.violations["size"].tolist() == pytest.approx([0.1])


def test_machines_that_need_not_run_may_rest(instance: Instance) -> None:
    """The same without `must_run` is right."""
    answer = Answer()
    answer.run(2022, 0, 0, "waste", 10)
    answer.run(2022, 0, 0, "pump", 10)
    answer.one(2022, 0, 0, "pipe", "pd/big", flow_mw=10)
    assert laws(check(with_technology(instance, "waste", must_run=False), answer.solution)) == set()


# --- conversions ---------------------------------------------------------------------------------------------


def test_more_conversions_than_machines_that_left(instance: Instance) -> None:
    """One machine of `old` left by 2022, and two of `new` are there."""
    answer = Answer()
    answer.set("units", (2022, "new"), new_machines=2, machines=2)
    report = check(instance, answer.solution)
    assert laws(report) == {"units.converts"}
    row = report.violations.iloc[0]
    assert (row["stage"], row["id"], row["size"]) == (2022, "old", 1.0)


def test_a_conversion_before_the_machine_leaves(instance: Instance) -> None:
    """`new` stands in 2020 while both of `old` still do; in 2022 its two years are over and the next one stands."""
    answer = Answer()
    answer.set("units", (2020, "new"), new_machines=1, machines=1)
    report = check(instance, answer.solution)
    assert laws(report) == {"units.converts"}
    assert report.violations["stage"].tolist() == [2020]


def test_conversions_count_while_they_stand(instance: Instance) -> None:
    """One left in 2020: a conversion of 2020 (two years of life) and one of 2022 share its place."""
    answer = Answer()
    answer.set("units", (2020, "old"), existing_machines=1, machines=1, retired_machines=1)
    answer.set("units", (2022, "old"), retired_machines=0)
    answer.set("units", (2020, "new"), new_machines=1, machines=1)
    assert laws(check(instance, answer.solution)) == set()


def test_conversions_of_earlier_stages_count_too(instance: Instance) -> None:
    """The same with three years of life: in 2022 two stand in the place of one."""
    answer = Answer()
    answer.set("units", (2020, "old"), existing_machines=1, machines=1, retired_machines=1)
    answer.set("units", (2022, "old"), retired_machines=0)
    answer.set("units", (2020, "new"), new_machines=1, machines=1)
    answer.set("units", (2022, "new"), machines=2)
    report = check(with_technology(instance, "new", life_years=3), answer.solution)
    assert laws(report) == {"units.converts"}
    assert report.violations["stage"].tolist() == [2022]


def test_a_unit_that_converts_none_is_free(instance: Instance) -> None:
    """A third boiler needs no machine to leave."""
    units = tuple(u.model_copy(update={"max_new": 1}) if u.id == "boil" else u for u in instance.units)
    answer = Answer()
    answer.set("units", (2022, "boil"), new_machines=1, machines=3)
    assert laws(check(instance.replace(units=units), answer.solution)) == set()


# --- cost and emissions --------------------------------------------------------------------------------------


def values(instance: Instance, term: str) -> list[float]:
    """A cost term in both stages."""
    costs = check(instance, Answer().solution).costs
    return costs.loc[costs["term"] == term, "value_mcur"].tolist()


def test_bought_power_follows_the_cop(instance: Instance) -> None:
    """Four steps of 12 hours at 100 a MWh, W = 2 and 3."""
    taken = 2 / 3.5 + 2 / 2.1 + 12 / 2.1 + 16 / 8
    assert values(instance, "power_bought") == pytest.approx([12 * w * taken * 100 / 1e6 for w in (2, 3)])


# Fuel of a season: waste 12 · 4 · 27 = 1296 MWh at 100, 200, 10 g a MWh; boilers 12 · (11 + 11 + 22 + 22) = 792 MWh
# at 50 g NOx.
SO2, NOX, PM = 0.1296, 0.2592 + 0.0396, 0.01296


def test_emissions_of_pollutants_and_grid(instance: Instance) -> None:
    """Tonnes a year, the same in both stages; of the grid 0.5 t a MWh in 2020: bought and pumping less made."""
    emissions = check(instance, Answer().solution).emissions
    assert list(emissions.columns) == ["stage", "co2_fuel_t", "co2_grid_t", "so2_t", "nox_t", "pm_t"]
    for column, tonnes in (("so2_t", SO2), ("nox_t", NOX), ("pm_t", PM)):
        assert emissions[column].tolist() == pytest.approx([tonnes, tonnes])
    taken = 2 / 3.5 + 2 / 2.1 + 12 / 2.1 + 16 / 8
    # pumping 1 MW all the time; waste 4.5 MW all the time, old 40 MW for 50 of heat: 8 and 4.8
    grid = 0.5 * 12 * (taken + 4 - 4 * 4.5 - 8 - 4.8)
    assert emissions["co2_grid_t"].tolist() == pytest.approx([grid, 0.0])


def test_pollutants_cost_by_the_kg(instance: Instance) -> None:
    """Prices a kg: 2, 1, 0 in 2020 and 3, 4, 5 in 2022; tonnes are 1000 kg, and W = 2 and 3."""
    by_hand = [2 * 1000 * (2 * SO2 + NOX) / 1e6, 3 * 1000 * (3 * SO2 + 4 * NOX + 5 * PM) / 1e6]
    assert values(instance, "pollutants") == pytest.approx(by_hand)
    assert np.all(np.array(by_hand) > 0)
