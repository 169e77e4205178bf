"""What every strategy promises (`heatnet.solve.Solver`), whichever are installed."""

from __future__ import annotations

import random
import sys
from types import SimpleNamespace
from typing import Any, cast

import conftest
import pandas as pd
import pytest
from formulation.city import SMALL_AND_BIG, boiler, city, plan

from heatnet.check import check
from heatnet.errors import UsageError
from heatnet.instance import Instance, read
from heatnet.instance.series import TimeGrid
from heatnet.solve import CUTS, Limits, Progress, Result, Start, solve, solvers, strategy_for

STRATEGIES = sorted(set(solvers()) - {"design"})  # that refuses this town; what it promises: test_design.py
TOLERANCE = 3e-6
TUTORIAL = read(conftest.TUTORIAL)


def town(**changes: Any) -> Instance:
    """Four nodes, three pipes of two types, sets under hourly commitment, boilers to build, a store, two stages."""
    draw = random.Random(7)
    names = "ABCD"
    pipes = [
        {"id": a + b, "from_node": a, "to_node": b, "candidate_types": ("small", "big"), "max_new_pairs": 2}
        for a, b in ("AB", "BC", "AD")
    ]
    sets = {
        "id": "set",
        "kind": "extraction",
        "size_mw": 20,
        "commitment": "hourly",
        "start_cur_per_mw": 30,
        "min_up_h": 7,
        "variable_power_cur_per_mwh": 30,
        "corners": {"a": (0, 20, 0), "b": (28, 16, 0), "c": (8, 6, 0)},
    }
    given: dict[str, Any] = {
        "nodes": tuple(names),
        "types": SMALL_AND_BIG,
        "pipes": pipes,
        "technologies": [sets, boiler("local", 45, size=8, capex_mcur_per_mw=0.1)],
        "units": [{"id": "s", "technology": "set", "count": 3}]
        + [{"id": f"l{n}", "node": n, "technology": "local", "max_new": 3} for n in "BCD"],
        "stores": [{"id": "tank", "max_new_mwh": 60, "hours": 8, "capex_mcur_per_mwh": 0.01}],
        "demands": {name: {2025: draw.uniform(4, 14), 2030: draw.uniform(8, 20)} for name in names},
        "shapes": {"A": "shape_factor"},
        "factors": {"shape_factor": (1.0, 0.8, 0.7, 0.9)},
        "stages": [{"year": 2025, "span_years": 3}, {"year": 2028, "span_years": 3}],
        "rate": 0.06,
        "wholesale": (50, 35, 45, 60),
        "retail": 80,
        "unserved": 300,
        "shortfall": 0.2,
    }
    return city(**{**given, **changes})


def ask(instance: Instance, solver: str, **changes: Any) -> Result:
    """The answer of a strategy in steps of six hours."""
    options: dict[str, Any] = {"observer": lambda progress: None, "start": None}
    options |= {name: changes.pop(name) for name in ("observer", "start", "keep") if name in changes}
    limits = Limits(**{"gap": 0.005, "threads": 1, "time_s": 60.0, **changes})
    return solve(instance, solver=solver, days=1, step_hours=6, limits=limits, **options)


@pytest.fixture(scope="module", params=STRATEGIES)
def answered(request: pytest.FixtureRequest) -> Result:
    """One answer of every strategy."""
    return ask(town(), request.param)


def test_strategies_are_found() -> None:
    """Proves: the strategies come from the entry points. Sensitivity: an empty list."""
    assert {"decomposition", "monolithic", "plain"} <= set(STRATEGIES)


@pytest.mark.parametrize(
    ("stages", "days", "steps", "expected"),
    [
        (6, 2, 2, "monolithic"),  # 4,464 places
        (6, 4, 6, "decomposition"),  # 26,784 places in 24 blocks
        (1, 8, 12, "decomposition"),  # 17,856 places in 8 blocks
        (1, 4, 24, "monolithic"),  # as many in 4
    ],
)
def test_auto(stages: int, days: int, steps: int, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: `auto` takes one model for what is small or has few blocks. Sensitivity: places counted otherwise.

    A city of Jinan's size: 41 nodes, 46 pipes and 99 units are 186 places in every step; not one for `design`.
    """
    monkeypatch.setattr(sys.modules[strategy_for.__module__], "_design_takes", lambda grid: False)
    instance = SimpleNamespace(stages=range(stages), nodes=range(41), pipes=range(46), units=range(99))
    grid = SimpleNamespace(instance=instance, days=range(days), steps=range(steps))
    assert strategy_for(cast(TimeGrid, grid)) == expected


def test_plan_is_clean(answered: Result) -> None:
    """Proves: the checker finds nothing in the plan and its cost is that of the checker. Sensitivity: any fault."""
    assert answered.status == "optimal"
    assert answered.report is not None
    assert answered.report.violations.empty, answered.report.violations.to_string()
    assert answered.cost_difference <= 1e-6


def test_bound_is_below_the_cost(answered: Result) -> None:
    """Proves: bound ≤ cost, and within the gap when "optimal" is said. Sensitivity: a bound of a restriction."""
    cost, bound = answered.answer.cost, answered.answer.bound
    assert cost is not None
    assert bound is not None
    assert bound <= cost + TOLERANCE
    assert cost - bound <= 0.005 * abs(cost) + TOLERANCE


def test_bounds_cross(answered: Result) -> None:
    """Proves: every strategy's bound holds for the plan of every other. Sensitivity: a bound too high is refuted."""
    assert answered.answer.bound is not None
    for name in STRATEGIES:
        other = ask(town(), name).answer.cost
        assert other is not None
        assert answered.answer.bound <= other + TOLERANCE


def test_same_seed_same_answer(answered: Result) -> None:
    """Proves: asked again with the same seed, a strategy gives the same plan at the same cost. Sensitivity: chance."""
    again = ask(town(), answered.solver)
    assert again.answer.cost == answered.answer.cost
    assert again.answer.solution is not None
    assert answered.answer.solution is not None
    assert again.answer.solution.pipes.equals(answered.answer.solution.pipes)
    assert again.answer.solution.units.equals(answered.answer.solution.units)


def test_other_seed_within_the_gap(answered: Result) -> None:
    """Proves: another seed stays within the gap of the first bound. Sensitivity: a bound that one seed refutes."""
    again = ask(town(), answered.solver, seed=5)
    assert again.answer.cost is not None
    assert answered.answer.bound is not None
    assert again.status == "optimal"
    assert again.answer.cost >= answered.answer.bound - TOLERANCE


def test_start_is_taken(answered: Result) -> None:
    """Proves: begun from a plan, a strategy ends no worse than that plan beyond the gap. Sensitivity: an exception."""
    again = ask(town(), answered.solver, start=Start(answered.answer.solution))
    assert again.status == "optimal"
    assert again.answer.cost is not None
    assert answered.answer.cost is not None
    assert again.answer.cost <= answered.answer.cost + 0.005 * abs(answered.answer.cost) + TOLERANCE


@pytest.mark.parametrize("solver", STRATEGIES)
def test_start_that_is_not_allowed(solver: str) -> None:
    """Proves: begun from the plan of another schedule, that breaks a rule of this one, a strategy ends like without it.

    Sensitivity: a start that must fit, after which a strategy has no plan.
    """
    ruled = TUTORIAL.with_schedule("policy")
    free = ask(TUTORIAL.with_schedule("free"), solver).answer.solution
    assert free is not None
    assert check(ruled, free).violated
    alone, begun = ask(ruled, solver), ask(ruled, solver, start=Start(free))
    assert begun.status == "optimal"
    assert begun.answer.cost == pytest.approx(alone.answer.cost, rel=2 * 0.005)


@pytest.mark.parametrize("solver", STRATEGIES)
def test_what_is_kept(solver: str) -> None:
    """Proves: every plan kept is one that the checker finds sound, and no better than the end; cuts have their columns;
    begun from what was kept last, a strategy ends within the gap.

    Sensitivity: a checkpoint that a later run cannot use, or a strategy of rounds that keeps nothing.
    """
    kept: list[Start] = []
    instance = town()
    result = ask(instance, solver, keep=kept.append)
    assert kept or solver == "plain"
    assert result.answer.cost is not None
    assert result.answer.bound is not None
    for start in kept:
        assert start.plan is not None or start.cuts is not None
        if start.plan is not None:
            report = check(instance, start.plan)
            assert report.violations.empty, report.violations.to_string()
            assert report.cost >= result.answer.bound - TOLERANCE
        if start.cuts is not None:
            assert dict(start.cuts.dtypes) == dict(pd.DataFrame(columns=list(CUTS)).astype(CUTS).dtypes)
    if kept:
        again = ask(instance, solver, start=kept[-1])
        assert again.status == "optimal"
        assert again.answer.cost is not None
        assert again.answer.cost >= result.answer.bound - TOLERANCE


@pytest.mark.parametrize("solver", STRATEGIES)
def test_interrupt_while_keeping(solver: str) -> None:
    """Proves: Ctrl-C while a plan is being kept loses nothing: the answer is at least as good as that plan.

    Sensitivity: an exception that leaves the strategy, or an answer without the plan.
    """
    instance, kept = town(), []

    def keep(start: Start) -> None:
        if start.plan is not None:
            kept.append(start.plan)
            raise KeyboardInterrupt

    result = ask(instance, solver, keep=keep, gap=0.0)
    if solver == "plain":
        assert not kept
        return
    assert len(kept) == 1
    assert result.answer.solution is not None
    assert result.answer.cost is not None
    assert result.answer.cost <= check(instance, kept[0]).cost + TOLERANCE
    assert result.status == "optimal" or result.answer.stop_reason == "interrupted"


def test_what_is_told(answered: Result) -> None:
    """Proves: size, seconds, trace and log come with an answer; the trace improves. Sensitivity: an empty report."""
    answer = answered.answer
    assert answer.size["columns"] > answer.size["integers"] > 0
    assert answer.seconds
    assert all(second >= 0 for second in answer.seconds.values())
    costs = [cost for _, cost, _ in answer.trace if cost is not None]
    assert costs == sorted(costs, reverse=True)
    assert "HiGHS" in answer.log


@pytest.mark.parametrize("solver", STRATEGIES)
def test_infeasible(solver: str) -> None:
    """Proves: where a rule sends away what may not retire, "infeasible" is said, without plan, cost or bound.

    Sensitivity: a plan here would break the rule; "no_solution" would leave the user in doubt.
    """
    units = [{"id": "s", "technology": "set", "count": 3, "may_retire": False}]
    rules = [{"id": "all", "select": [{"kinds": ("extraction",)}], "min_share": 1.0, "by_year": 2025}]
    result = ask(town(units=units, rules=rules), solver)
    assert result.status == "infeasible"
    assert result.answer.solution is None
    assert result.answer.cost is None
    assert result.report is None
    assert "infeasible" in result.answer.stop_reason


@pytest.mark.parametrize("solver", STRATEGIES)
@pytest.mark.parametrize("time_s", [1e-6, 0.05])
def test_hardly_any_time(solver: str, time_s: float) -> None:
    """Proves: too little time is a normal answer; if it has a plan, the plan is right. Sensitivity: an exception."""
    result = ask(town(), solver, time_s=time_s, gap=0.0)
    assert result.status in ("optimal", "feasible", "no_solution")
    if result.report is None:
        assert result.status == "no_solution"
        assert result.answer.stop_reason == "time limit"
    else:
        assert result.report.violations.empty
        assert (
            result.answer.bound is None
            or result.answer.cost is None
            or (result.answer.bound <= result.answer.cost + TOLERANCE)
        )


@pytest.mark.parametrize("solver", STRATEGIES)
@pytest.mark.parametrize("call", [3, 4])
def test_interrupt_at_any_call(solver: str, call: int) -> None:
    """Proves: an observer may raise KeyboardInterrupt at any of its calls once solving has begun (the third).

    Sensitivity: "a time limit or an interrupt is a normal answer, never an exception".
    """
    calls: list[Progress] = []

    def observer(progress: Progress) -> None:
        calls.append(progress)
        if len(calls) == call:
            raise KeyboardInterrupt

    try:
        result = ask(town(), solver, observer=observer, gap=0.0)
    except KeyboardInterrupt:
        pytest.fail(f"KeyboardInterrupt left the solver; it was raised in phase `{calls[-1].phase}`")
    assert result.status in ("optimal", "feasible", "no_solution")
    if result.status != "optimal":
        assert result.answer.stop_reason == "interrupted"
    assert result.report is None or result.report.violations.empty


@pytest.mark.parametrize("solver", STRATEGIES)
def test_phases_are_shown(solver: str) -> None:
    """Proves: the observer hears of building first and of the check last. Sensitivity: silence while work goes on."""
    phases: list[str] = []
    ask(town(), solver, observer=lambda progress: phases.append(progress.phase))
    assert phases[0] == "build"
    assert phases[-1] == "check"


@pytest.mark.parametrize("solver", STRATEGIES)
def test_nothing_to_decide(solver: str) -> None:
    """Proves: a city in which nothing can be decided is answered too: 10 MW at 20 for 3000 hours. Sensitivity: 0.6."""
    instance = city(
        nodes=("A", "B"),
        types=[{"id": "old", "capacity_mw": 20}],
        pipes=[{"id": "ab", "from_node": "A", "to_node": "B", "existing_type": "old", "existing_pairs": 1}],
        technologies=[boiler("b", 20)],
        units=[{"id": "u", "technology": "b", "count": 1, "may_retire": False}],
        demands={"B": 10},
    )
    result = ask(instance, solver)
    assert result.status == "optimal"
    assert result.answer.cost == pytest.approx(0.6)
    assert plan(result, "units", "u", "machines") == [1]


@pytest.mark.parametrize("solver", STRATEGIES)
def test_contingency_that_binds_and_costs_nothing(solver: str) -> None:
    """A guarantee is kept by what is bought, so that nothing is missing; it binds all the same.

    Two boilers of 10 MW for 15 MW; when half of them is lost all of the load is guaranteed. What lacks is bought: a
    boiler of 10 MW for 5, or load taken off at 2 a MW. 15 MW at 10 are 0.45; upkeep of an old boiler is 0.01.
    """
    instance = city(
        technologies=[
            boiler("old", 10, size=10, fixed_mcur_per_mw_year=0.001),
            boiler("new", 10, size=10, capex_mcur_per_mw=0.5, life_years=1),
        ],
        units=[{"id": "o", "technology": "old", "count": 2}, {"id": "n", "technology": "new", "max_new": 1}],
        demands={"A": 15},
        envelopes=[
            {"node": "A", "measure": "m", "max_share": 1, "saving_share": 1, "capex_mcur_per_mm2": 2, "life_years": 1}
        ],
        contingencies=[{"id": "half", "unit": "o", "lost_share": 0.5}],
        guarantee=1.0,
    )
    result = solve(instance, solver=solver, days=1, step_hours=24, limits=Limits(gap=0.0, threads=1))
    assert result.status == "optimal", result.answer.stop_reason
    # One old boiler may go: then 5 MW of it and 10 of the new one are left when half of the old ones is lost.
    assert result.answer.cost == pytest.approx(15 * 10 * 0.003 + 5 + 0.01, abs=1e-6)


@pytest.mark.parametrize("solver", ["monolithic", "plain"])
def test_no_work_to_share(solver: str) -> None:
    """A cluster that is asked for and would not be used is told, not passed over."""
    with pytest.raises(UsageError, match="add --solver decomposition"):
        ask(town(), solver, dask="tcp://127.0.0.1:1")
