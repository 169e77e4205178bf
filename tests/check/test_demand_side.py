"""The judge on connections and retrofits of buildings, and on what follows from them, by hand on the valley.

Sensitivity. Without each of these would go unnoticed:
- each row of BREAKS: that its law does not look at what the change breaks.
- the design load with and without each measure: a load that does not follow envelopes or connections, or a wrong index.
- the operation's demand: a demand of the full load.
- the guarantee by zone: one share for all nodes.
- rows of nodes without load: tables that are refused though nothing is asked for there.
- cost: a saving paid only once, connections paid before they stand, heat sold that was not delivered.
"""

from __future__ import annotations

import pandas as pd
import pytest

from check.sheet import Breaks, Change, assert_broken_alone, laws
from check.valley import Answer, valley, with_row
from heatnet.check import check
from heatnet.instance import Instance
from heatnet.solution import frame

breaks = Breaks()


@pytest.fixture(scope="module")
def instance() -> Instance:
    """The valley."""
    return valley()


@breaks("envelopes.rows")
def a_measure_missing(a: Answer) -> None:
    """No row in 2020, where nothing is done."""
    a.envelopes = a.envelopes.iloc[1:]


@breaks("envelopes.rows")
def a_measure_that_is_none(a: Answer) -> None:
    """A row of a node without measures."""
    a.envelopes = pd.concat([a.envelopes, frame("envelopes", [(2020, "E", "wrap", 0.0, 0.0)])])


@breaks("envelopes.area")
def area_nobody_paid_for(a: Answer) -> None:
    """0.25 in place, 0.2 paid."""
    a.set("envelopes", (2022, "D"), new_mm2=0.2)


@breaks("districts.design_demand")
def a_design_load_without_the_saving(a: Answer) -> None:
    """60 instead of 54 is told."""
    a.set("districts", (2022, "D"), design_demand_mw=60)


@breaks("districts.demand")
def a_demand_without_the_saving(a: Answer) -> None:
    """2880 instead of 2592 MWh is told."""
    a.set("districts", (2022, "D"), demand_mwh=2880)


@breaks("connections.served")
def a_node_that_must_be_served(a: Answer) -> None:
    """D is in no row of connections."""
    a.set("districts", (2020, "D"), connected=0)


@breaks("security.guaranteed")
def a_guarantee_of_one_share(a: Answer) -> None:
    """0.75 of all 64 MW; D is in a zone with 0.5."""
    a.set("security", (2022, "lose-p"), guaranteed_mw=48)


@pytest.mark.parametrize(("law", "change"), breaks.rows)
def test_each_law_is_seen_when_broken_alone(instance: Instance, law: str, change: Change) -> None:
    """One change, one law."""
    assert_broken_alone(instance, Answer(), law, change)


def without_saving(answer: Answer, less: float) -> None:
    """What is told where the saving in 2022 is less than 6 MW by `less`, made up for by peak boilers and spill."""
    answer.set("districts", (2022, "D"), design_demand_mw=54 + less, demand_mwh=2592 + 48 * less)
    answer.set("units", (2022, "peak"), design_heat_mw=less)
    answer.set("security", (2022, "lose-p"), guaranteed_mw=34.5 + less / 2)
    for hour, spill in ((0, 4.475), (12, 13.85)):
        answer.run(2022, 0, hour, "peak", full=less / 30)
        answer.one(2022, 0, hour, "node", "D", spill_mw=spill)
    for hour, heat in ((0, 1.9), (12, 12.9)):
        answer.run(2022, 1, hour, "peak", full=(heat + less / 2) / 30)


@pytest.mark.parametrize(
    ("changes", "less", "broken"),
    [
        ({}, 0.0, set()),
        ({"saving_share": 0.3}, 1.5, set()),
        ({"saving_share": 0.3}, 0.0, {"design.balance", "operation.balance", "districts.design_demand"}),
        ({"max_share": 0.25}, 0.0, set()),
        ({"max_share": 0.249}, 0.0, {"envelopes.limit"}),
        ({"earliest_year": 2023}, 0.0, {"envelopes.early"}),
    ],
)
def test_the_load_follows_the_envelope(
    instance: Instance, changes: dict[str, float], less: float, broken: set[str]
) -> None:
    """0.3 instead of 0.4 of 60 W/m² on 0.25 Mm²: 1.5 MW more in the design hour and on day 0, half of it on day 1."""
    answer = Answer()
    without_saving(answer, less)
    report = check(with_row(instance, "envelopes", {"node": "D"}, **changes), answer.solution)
    if "design.balance" in broken:
        assert broken <= laws(report)
    else:
        assert laws(report) == broken


def test_what_is_saved_ends_with_its_life(instance: Instance) -> None:
    """Paid in 2020 with two years of life, it is gone in 2022."""
    answer = Answer()
    answer.set("envelopes", (2020, "D"), area_mm2=0.25, new_mm2=0.25)
    answer.set("envelopes", (2022, "D"), new_mm2=0)
    brief = with_row(instance, "envelopes", {"node": "D"}, life_years=2, earliest_year=None)
    found = check(brief, answer.solution).violations
    assert found.loc[found["law"] == "envelopes.area", ["stage", "size"]].to_numpy().tolist() == [[2022, 0.25]]


def test_no_area_is_sold_again(instance: Instance) -> None:
    """0.25 in 2020 and -0.25 in 2022."""
    answer = Answer()
    answer.set("envelopes", (2020, "D"), area_mm2=0.25, new_mm2=0.25)
    answer.set("envelopes", (2022, "D"), area_mm2=0.0, new_mm2=-0.25)
    found = check(with_row(instance, "envelopes", {"node": "D"}, earliest_year=None), answer.solution).violations
    assert {"envelopes.negative"} == {law for law in found["law"] if law.startswith("envelopes")}


def test_area_of_a_node_that_is_not_served_counts_as_none(instance: Instance) -> None:
    """A measure at E (that saves next to nothing) may be paid for in 2022, not in 2020."""
    more = instance.envelopes[0].model_copy(update={"node": "E", "saving_share": 1e-9, "earliest_year": None})
    both = instance.replace(envelopes=(*instance.envelopes, more))
    for early, broken in ((0.0, set()), (0.01, {"envelopes.limit"})):
        answer = Answer()
        rows = [(2020, "E", "wrap", early, early), (2022, "E", "wrap", 0.05, 0.05 - early)]
        answer.envelopes = pd.concat([answer.envelopes, frame("envelopes", rows)])
        assert laws(check(both, answer.solution)) == broken


def test_a_connection_is_whole_and_stays(instance: Instance) -> None:
    """Half, twice, before its year, and taken back."""
    for told, earliest, broken in (
        ((0, 1), 2022, set()),
        ((0, 0.5), 2022, {"connections.served"}),
        ((0, 2), 2022, {"connections.served"}),
        ((1, 1), 2022, {"connections.early"}),
        ((1, 1), 2020, set()),
        ((1, 0), None, {"connections.falls"}),
    ):
        answer = Answer()
        for year, value in zip((2020, 2022), told, strict=True):
            answer.set("districts", (year, "E"), connected=value)
        found = check(with_row(instance, "connections", {"node": "E"}, earliest_year=earliest), answer.solution)
        assert {law for law in laws(found) if law.startswith("connections")} == broken


def test_a_node_that_is_served_has_its_load(instance: Instance) -> None:
    """E connected in 2020 already: 10 MW in the design hour, 10 and 5 on the two days, 480 MWh."""
    answer = Answer()
    answer.set("districts", (2020, "E"), connected=1)
    found = check(with_row(instance, "connections", {"node": "E"}, earliest_year=None), answer.solution).violations
    by_law = found[(found["stage"] == 2020) & (found["id"] == "E")].groupby("law")["size"].apply(list)
    assert by_law["design.balance"] == pytest.approx([10])
    assert by_law["operation.balance"] == pytest.approx([10, 10, 5, 5])
    assert by_law["districts.design_demand"] == pytest.approx([10])
    assert by_law["districts.demand"] == pytest.approx([480])


def test_a_node_without_load_needs_no_rows_of_unserved_heat(instance: Instance) -> None:
    """E in 2020 may have rows or not; in 2022 it must."""
    for year, broken in ((2020, set()), (2022, {"operation.rows", "operation.balance", "districts.unserved"})):
        answer = Answer()
        keys = answer.values.index
        gone = (keys.get_level_values("stage") == year) & (keys.get_level_values("id") == "E")
        answer.values = answer.values[~gone]
        assert laws(check(instance, answer.solution)) == broken


def test_the_demand_side_costs(instance: Instance) -> None:
    """8 a Mm² over 20 years on 0.25, and 6 over 30 in the stages in which E is served."""
    costs = check(instance, Answer().solution).costs.set_index(["term", "stage"])["value_mcur"]
    assert costs["demand_side"].tolist() == pytest.approx([0.0, 3 * (0.25 * 8 / 20 + 6 / 30)])


def test_heat_that_is_delivered_is_sold(instance: Instance) -> None:
    """E takes 12 · (10 + 10) and 2 · 12 · (4 + 5) MWh at 100; of its demand of 480 MWh, 24 are not served."""
    costs = check(instance, Answer().solution).costs.set_index(["term", "stage"])["value_mcur"]
    assert costs["heat_sold"].tolist() == pytest.approx([0.0, -3 * (240 + 216) * 100 / 1e6])
