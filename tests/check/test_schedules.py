"""The judge on a rule's selection and size, and on schedules, by hand on the hamlet.

Sensitivity. Without each of these would go unnoticed:
- selections: a condition that is not read, or read the wrong way round.
- size: what is left too much, told as anything else.
- schedule: a rule that it switches off and that holds, or a retirement that is not asked for.
- bounds: years that are taken as one earlier or later, or the wrong way round.
"""

from __future__ import annotations

import pytest

from check.hamlet import SRC, Answer, hamlet
from check.sheet import laws
from heatnet.check import check
from heatnet.instance import Instance
from heatnet.instance import records as r


@pytest.fixture(scope="module")
def instance() -> Instance:
    """The hamlet."""
    return hamlet()


KEEP_ALL = {"existing_machines": 2, "machines": 2, "retired_machines": 0}


@pytest.mark.parametrize(
    ("select", "broken"),
    [
        (r.Selection(units=("chp",)), True),
        (r.Selection(nodes=("A",)), True),
        (r.Selection(owners=("city",)), True),
        (r.Selection(kinds=("extraction",), nodes=("B",)), False),
        (r.Selection(power_below_mw=50.1), True),
        (r.Selection(power_below_mw=50), False),
        (r.Selection(retirement_due=False, kinds=("extraction",)), True),
        (r.Selection(retirement_due=True), True),
        (r.Selection(retirement_due=True, kinds=("extraction",)), False),
        (r.Selection(), True),
    ],
)
def test_rules_speak_of_the_units_selected(select: r.Selection, broken: bool) -> None:
    answer = Answer()
    answer.set("units", (2022, "chp"), **KEEP_ALL)
    answer.set("units", (2022, "spare"), **KEEP_ALL)
    assert laws(check(hamlet((select,)), answer.solution)) == ({"rule.Q10"} if broken else set())


def test_rule_size_is_what_is_left_too_much() -> None:
    answer = Answer()
    answer.set("units", (2022, "chp"), **KEEP_ALL)
    report = check(hamlet(), answer.solution)
    row = report.violations.iloc[0]
    assert (row["law"], row["stage"], row["unit"]) == ("rule.Q10", 2022, "MW")
    assert row["size"] == pytest.approx(100 - 0.75 * 100)


def test_a_schedule_switches_rules_and_fixes_retirements(instance: Instance) -> None:
    scheduled = instance.with_schedule("leave")
    answer = Answer()
    answer.set("units", (2022, "chp"), **KEEP_ALL)
    assert laws(check(scheduled, answer.solution)) == set()
    answer.set("units", (2022, "spare"), **KEEP_ALL)
    assert laws(check(scheduled, answer.solution)) == {"schedule.spare"}


@pytest.mark.parametrize(
    ("limits", "kept", "broken"),
    [
        ({"exactly": 2022}, (1, 1), False),
        ({"exactly": 2022}, (0, 0), True),
        ({"not_before": 2022}, (0, 0), True),
        ({"not_before": 2022}, (2, 2), False),
        ({"not_before": 2022}, (2, 0), False),
        ({"not_after": 2022}, (2, 2), True),
        ({"not_after": 2022}, (0, 0), False),
        ({"not_after": 2023}, (2, 2), False),
        ({"not_after": 2020}, (2, 1), True),
    ],
)
def test_bounds_of_a_schedule(instance: Instance, limits: dict[str, int], kept: tuple[int, int], broken: bool) -> None:
    leaves = r.Retirement(unit="spare", machines=1, **limits)
    schedule = r.Schedule(title="", retirements=(leaves,), **SRC)
    answer = Answer()
    answer.set("units", (2020, "spare"), existing_machines=kept[0], machines=kept[0], retired_machines=2 - kept[0])
    answer.set(
        "units", (2022, "spare"), existing_machines=kept[1], machines=kept[1], retired_machines=kept[0] - kept[1]
    )
    report = check(instance.replace(schedule=schedule, schedule_name="x"), answer.solution)
    assert laws(report) == ({"schedule.spare"} if broken else set())
