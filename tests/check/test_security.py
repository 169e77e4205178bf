"""The judge on firm power and on what is guaranteed in contingencies: by hand, and against a linear programme."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from check.sheet import Breaks, Change, assert_broken_alone, laws
from check.town import MISSING, Answer, town
from heatnet.check import check
from heatnet.check.facts import Facts
from heatnet.check.laws.design import least_missing
from heatnet.check.plan import Plan
from heatnet.check.state import State
from heatnet.instance import Instance
from heatnet.instance import records as r
from heatnet.solution import frame


@pytest.fixture(scope="module")
def instance() -> Instance:
    """The town."""
    return town()


# --- firm power ----------------------------------------------------------------------------------------------


def with_stage(instance: Instance, **changes: object) -> Instance:
    """The instance with another stage 2022."""
    first, second = instance.header.stages
    stages = (first, second.model_copy(update=changes))
    return instance.replace(header=instance.header.model_copy(update={"stages": stages}))


@pytest.mark.parametrize(
    ("changes", "short"),
    [
        # old 40, new 30, waste 5 and 5 imported: 80; the heat pumps take power and count as nothing
        ({"firm_power_mw": 80.0}, 0.0),
        ({"firm_power_mw": 81.0}, 1.0),
        ({"firm_power_mw": 80.0, "import_power_mw": 4.5}, 0.5),
        ({"firm_power_mw": None, "import_power_mw": 0.0}, 0.0),
    ],
)
def test_firm_power(instance: Instance, changes: dict[str, Any], short: float) -> None:
    """Largest power of the machines in place and imports, against what must be firm."""
    report = check(with_stage(instance, **changes), Answer().solution)
    assert laws(report) == ({"firm_power"} if short else set())
    assert report.violations["size"].tolist() == pytest.approx([short] if short else [])
    assert report.violations["stage"].tolist() == ([2022] if short else [])


# --- what is guaranteed --------------------------------------------------------------------------------------

breaks = Breaks()


@breaks("security.rows")
def a_contingency_that_is_none(a: Answer) -> None:
    """A row of a contingency that the instance does not have."""
    a.security = pd.concat([a.security, frame("security", [(2020, "flood", 45.0, 0.0)])])


@breaks("security.rows")
def a_stage_that_is_none(a: Answer) -> None:
    """A row of a year that is no stage."""
    a.security = pd.concat([a.security, frame("security", [(2021, "lose-p", 45.0, 15.0)])])


@breaks("security.rows")
def a_contingency_twice(a: Answer) -> None:
    """The first row once more."""
    a.security = pd.concat([a.security, a.security.iloc[:1]])


@breaks("security.guaranteed")
def another_guarantee(a: Answer) -> None:
    """More than 0.75 of the design load."""
    a.set("security", (2020, "lose-p"), guaranteed_mw=45.001)


@breaks("security.guaranteed")
def less_guaranteed(a: Answer) -> None:
    """Less than 0.75 of the design load."""
    a.set("security", (2022, "half-boil"), guaranteed_mw=44.999)


@breaks("security.missing")
def less_than_nothing_missing(a: Answer) -> None:
    """Less than nothing is missing."""
    a.set("security", (2020, "half-boil"), missing_mw=-0.001)


@pytest.mark.parametrize(("law", "change"), breaks.rows)
def test_each_law_is_seen_when_broken_alone(instance: Instance, law: str, change: Change) -> None:
    """One change, one law."""
    assert_broken_alone(instance, Answer(), law, change)


@pytest.mark.parametrize("year", [2020, 2022])
@pytest.mark.parametrize("name", MISSING)
def test_no_less_is_missing_than_must_be(instance: Instance, name: str, year: int) -> None:
    """One kW less than by hand is refused; a solver's rounding and any amount more are not."""
    least = MISSING[name][(2020, 2022).index(year)]
    for away, broken in ((-1e-3, {"security.missing"}), (-1e-6, set()), (0.0, set()), (3.0, set())):
        answer = Answer()
        answer.set("security", (year, name), missing_mw=least + away)
        report = check(instance, answer.solution)
        assert laws(report) == broken
        if broken:
            row = report.violations.iloc[0]
            assert (row["stage"], row["id"], row["unit"]) == (year, name, "MW")
            assert row["size"] == pytest.approx(1e-3, abs=1e-5)


def test_a_row_missing_is_seen_with_what_follows_from_it(instance: Instance) -> None:
    """Nothing told is 0 MW guaranteed and, where 15 must be, 0 MW missing."""
    answer = Answer()
    answer.security = answer.security.iloc[1:]
    assert laws(check(instance, answer.solution)) == {"security.rows", "security.guaranteed", "security.missing"}


def test_fewer_machines_leave_more_missing(instance: Instance) -> None:
    """With one heat pump of 5 design MW instead of two, 20 are missing without P."""
    answer = Answer()
    answer.set("units", (2022, "pump"), machines=1)
    violations = check(instance, answer.solution).violations
    row = violations[(violations["law"] == "security.missing") & (violations["id"] == "lose-p")].iloc[0]
    assert row["size"] == pytest.approx(5.0, abs=1e-5)


def test_what_is_missing_costs(instance: Instance) -> None:
    """W = 2 and 3, 0.5 million a MW and year, for each contingency."""
    costs = check(instance, Answer().solution).costs
    by_hand = [w * 0.5 * sum(values[k] for values in MISSING.values()) for k, w in enumerate((2, 3))]
    # 15 + 10.259808 + 6.467654 = 31.727462 and 15 + 9.833191 = 24.833191
    assert by_hand == pytest.approx([31.727462, 1.5 * 24.833191], abs=1e-5)
    assert costs.loc[costs["term"] == "contingency", "value_mcur"].tolist() == pytest.approx(by_hand)
    assert costs["term"].iloc[-1] == "contingency"


def test_without_contingencies_there_is_nothing_to_judge(instance: Instance) -> None:
    """An instance without guarantees has an empty table and no cost."""
    header = instance.header.model_copy(update={"security": None})
    answer = Answer()
    answer.security = frame("security", [])
    report = check(instance.replace(header=header, contingencies=()), answer.solution)
    assert laws(report) == set()
    assert report.costs.loc[report.costs["term"] == "contingency", "value_mcur"].tolist() == [0.0, 0.0]


# --- against a linear programme ------------------------------------------------------------------------------


def missing_by_programme(facts: Facts, plan: Plan, state: State, y: int, k: int) -> float:
    """The least that is missing, as `docs/model.md` writes it: heat of units, flows of lines, missing at nodes."""
    units, lines, nodes, cases = facts.units, facts.lines, facts.nodes, facts.contingencies
    most = state.able_heat_mw[y] + plan.units["reserve_machines"][y] * units.max_heat
    heat = most * units.of_technology("design_heat_share") * cases.units_left[k]
    room = plan.pipes["pairs"][y] * state.capacity_mw[y] * cases.lines_left[k]
    number = len(nodes.ids)
    at = (np.arange(number)[:, None] == units.node).astype(float)
    into = (np.arange(number)[:, None] == lines.end).astype(float) - (np.arange(number)[:, None] == lines.start)
    limited = np.isfinite(nodes.station_mw)
    station = np.hstack([at, np.zeros((number, len(room) + number))])[limited]
    back = np.where(lines.delay_h > 0, 0.0, -room)
    found = linprog(
        np.concatenate([np.zeros(len(heat) + len(room)), np.ones(number)]),
        A_ub=np.vstack([-np.hstack([at, into, np.eye(number)]), station]),
        b_ub=np.concatenate([-state.guaranteed_mw[y], nodes.station_mw[limited]]),
        bounds=[(0, one) for one in heat] + list(zip(back, room, strict=True)) + [(0, None)] * number,
    )
    return float(found.fun)


def test_a_flow_finds_what_a_programme_finds(jinan: Instance) -> None:
    """Random plans of Jinan with every third pipe slow: machines, reserve and pairs between none and all there may be.

    Sensitivity: a flow that lets slow pipes carry heat back, or that leaves reserve out, finds less or more.
    """
    lost = [{"pipe": pipe} for pipe in ("L1a", "L3c", "L5", "T03")] + [{"node": "P01"}, {"node": "P04"}]
    rows = [r.Contingency(id=f"c{k}", source="assumed: test", **row) for k, row in enumerate(lost)]
    guarantee = r.Security(guarantee_share=0.4, source="assumed: test")
    header = jinan.header.model_copy(update={"security": guarantee})
    pipes = tuple(p.model_copy(update={"delay_h": 1 if k % 3 == 0 else 0}) for k, p in enumerate(jinan.pipes))
    facts = Facts.of(jinan.replace(contingencies=tuple(rows), header=header, pipes=pipes))
    random = np.random.default_rng(7)
    stages = len(facts.stages.years)

    def some(most: Any) -> Any:
        return random.integers(0, np.broadcast_to(most, (stages, len(most))).astype(int) + 1).astype(float)

    pairs = some(facts.lines.existing + np.where(facts.lines.candidate, facts.lines.max_new[facts.lines.pipe], 0))
    machines, reserve = some(facts.units.count + facts.units.max_new), some(np.ones(len(facts.units.ids)))
    fitted = some(facts.retrofits.limit)
    plan = Plan(
        pipes={"pairs": pairs},
        line_regime=[],
        units={"machines": machines, "reserve_machines": reserve},
        retrofits={"machines": fitted, "season_machines": np.zeros(fitted.shape)},
        stores={},
        seasonal=np.zeros((stages, 0, 0)),
        zone_regime=some([len(order) - 1 for order in facts.zones.order]).astype(int),
        districts={"connected": np.ones((stages, len(facts.nodes.ids)))},
        envelopes={"area_mm2": np.zeros((stages, len(facts.envelopes.ids)))},
        security={},
    )
    state = State.of(facts, plan)
    least = least_missing(facts, plan, state)
    by_programme = [
        [missing_by_programme(facts, plan, state, y, k) for k in range(least.shape[1])] for y in range(stages)
    ]
    assert least == pytest.approx(np.array(by_programme), abs=1e-4)
    assert (least > 1.0).any()
