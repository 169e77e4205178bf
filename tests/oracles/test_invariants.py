"""What must hold between the optima of related cities, whatever their numbers: no expected value is needed."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from formulation.city import SMALL_AND_BIG, boiler, city, optimum
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from heatnet.formulation.build import build
from heatnet.instance import Instance
from heatnet.instance.series import TimeGrid
from heatnet.solve import Limits, Result, solve
from solvers.matrix import Matrix, compile_model

SLACK = 3e-6
"""Million. Beside the gap, HiGHS stops at an absolute difference of 1e-6 between cost and bound."""

cities = settings(
    max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
seeds = given(seed=st.integers(0, 10_000))


def town(seed: int, *, stages: int | None = None, stand: bool = False, **changes: Any) -> Instance:
    """A city of two to four nodes in a chain, with a boiler house at its head, from a seed.

    `stand`: nothing that stands costs to leave, so that years with the same data have the same best plan.
    """
    draw = random.Random(seed)
    names = "ABCD"[: draw.randint(2, 4)]
    number = stages or draw.randint(1, 2)
    pipes = []
    for a, b in pairwise(names):
        pipe: dict[str, Any] = {"id": a + b, "from_node": a, "to_node": b, "length_km": draw.uniform(1, 9)}
        if draw.random() < 0.4:
            pipe |= {"existing_type": "small", "existing_pairs": 1}
        pipes.append(pipe | {"candidate_types": draw.choice([("small",), ("small", "big")]), "max_new_pairs": 2})
    sets = {
        "id": "set",
        "kind": "extraction",
        "fuel": "coal",
        "size_mw": 20,
        **draw.choice(
            [
                {"commitment": "none"},
                {"commitment": "daily"},
                {"commitment": "hourly", "min_up_h": 7},
                {"commitment": "hourly", "start_cur_per_mw": 20, "min_down_h": 13},
            ]
        ),
        "fixed_mcur_per_mw_year": draw.uniform(0, 0.05),
        "retire_mcur_per_mw": 0.0 if stand else draw.uniform(0, 0.02),
        "corners": {"a": (0, 20, 50), "b": (28, 16, 50), "c": (8, 6, 24)},
    }
    local = boiler("local", draw.uniform(30, 70), size=8, capex_mcur_per_mw=draw.uniform(0.02, 0.3))
    given: dict[str, Any] = {
        "nodes": tuple(names),
        "types": SMALL_AND_BIG,
        "pipes": pipes,
        "fuels": {"coal": {"price_cur_per_mwh": draw.uniform(8, 20), "co2_t_per_mwh": 0.34}},
        "technologies": [sets, local],
        "units": [
            {"id": "s", "technology": "set", "count": draw.randint(1, 3)},
            {"id": "l", "node": names[-1], "technology": "local", "count": draw.randint(0, 1), "max_new": 2},
        ],
        "stores": [{"id": "tank", "existing_mwh": draw.choice([20, 60]), "hours": 8, "loss_share_per_h": 0.001}],
        "demands": {name: draw.uniform(2, 14) for name in names},
        "shapes": {names[-1]: "shape_factor"},
        "factors": {"shape_factor": (1.0, 0.5)},
        "stages": [{"year": 2025 + 2 * k, "span_years": 2, "co2_price_cur_per_t": 25} for k in range(number)],
        "rate": draw.choice([0.0, 0.06]),
        "wholesale": (draw.uniform(20, 60), draw.uniform(20, 60)),
        "retail": 80,
        "unserved": 300,
        "shortfall": 0.2,
    }
    return city(**{**given, **changes})


def least(instance: Instance) -> float:
    """Cost of the optimum, in two steps of 12 hours."""
    cost = optimum(instance, step_hours=12).answer.cost
    assert cost is not None
    return cost


def alike(one: float, other: float) -> bool:
    return abs(one - other) <= SLACK + 1e-6 * abs(one)


@cities
@seeds
def test_splitting_a_stage(seed: int) -> None:
    """Proves: a stage of two years is two stages of one year each with the same data.

    Sensitivity: a stage weight, a discount or a yearly charge off by a year makes them differ.
    """
    whole = town(seed, stages=1, stand=True)
    split = [
        stage.model_copy(update={"year": year, "span_years": 1}) for stage in whole.stages for year in (2025, 2026)
    ]
    parts = whole.replace(header=whole.header.model_copy(update={"stages": tuple(split)}))
    assert alike(least(parts), least(whole))


@cities
@seeds
def test_splitting_a_stage_with_decommissioning(seed: int) -> None:
    """Proves: where leaving costs, two stages allow what one does and more: never dearer.

    Sensitivity: a decommissioning paid twice, or a machine that must return, makes the split dearer.
    """
    whole = town(seed, stages=1)
    split = [
        stage.model_copy(update={"year": year, "span_years": 1}) for stage in whole.stages for year in (2025, 2026)
    ]
    parts = whole.replace(header=whole.header.model_copy(update={"stages": tuple(split)}))
    assert least(parts) <= least(whole) + SLACK


def scaled(instance: Instance, k: float) -> Instance:
    """The same city in a currency of which k make one of the old."""

    def times(row: Any, *names: str) -> Any:
        return row.model_copy(update={name: getattr(row, name) * k for name in names})

    header = instance.header.model_copy(
        update={
            "stages": tuple(times(stage, "co2_price_cur_per_t") for stage in instance.stages),
            "economics": times(instance.header.economics, "unserved_cur_per_mwh", "shortfall_mcur_per_mw_year"),
        }
    )
    kinds = ("start_cur_per_mw", "capex_mcur_per_mw", "fixed_mcur_per_mw_year", "retire_mcur_per_mw")
    kinds += ("variable_heat_cur_per_mwh", "variable_power_cur_per_mwh")
    series = {name: values * k if "_cur_" in name else values for name, values in instance.series.items()}
    return instance.replace(
        header=header,
        pipe_types=tuple(times(row, "capex_mcur_per_km") for row in instance.pipe_types),
        pipes=tuple(times(row, "extra_mcur_per_pair") for row in instance.pipes),
        fuels=tuple(times(row, "price_cur_per_mwh") for row in instance.fuels),
        technologies=tuple(times(row, *kinds) for row in instance.technologies),
        stores=tuple(times(row, "capex_mcur_per_mwh") for row in instance.stores),
        series=type(instance.series)(series),
    )


@cities
@given(seed=st.integers(0, 10_000), k=st.sampled_from([0.1, 7.0]))
@example(seed=264, k=0.1)  # a cost near 1, where an absolute gap of 1e-6 is more than a relative gap of 0
def test_scaling_the_currency(seed: int, k: float) -> None:
    """Proves: prices k times as high make the least cost k times as high.

    Sensitivity: a price forgotten in a term, or a constant of money within the model, breaks it.
    """
    instance = town(seed)
    one, other = least(instance), least(scaled(instance, k))
    assert abs(one * k - other) <= SLACK * max(k, 1) + 1e-6 * abs(other)


@cities
@seeds
def test_renaming(seed: int) -> None:
    """Proves: names mean nothing; reversed in order they leave the least cost.

    Sensitivity: a look-up by place instead of by id, or a cut of a name, breaks it.
    """
    instance = town(seed)

    def turned(name: str | None) -> str | None:
        return None if name is None else "".join(chr(ord("z") - ord(c.lower()) + ord("a")) for c in name) + "-9"

    def rename(row: Any, *names: str) -> Any:
        return row.model_copy(update={name: turned(getattr(row, name)) for name in names})

    renamed = instance.replace(
        nodes=tuple(rename(row, "id") for row in instance.nodes),
        pipe_types=tuple(rename(row, "id") for row in instance.pipe_types),
        pipes=tuple(
            rename(row, "id", "from_node", "to_node", "existing_type").model_copy(
                update={"candidate_types": tuple(turned(name) for name in row.candidate_types)}
            )
            for row in instance.pipes
        ),
        fuels=tuple(rename(row, "id") for row in instance.fuels),
        technologies=tuple(rename(row, "id", "fuel") for row in instance.technologies),
        capability=tuple(rename(row, "technology", "corner") for row in instance.capability),
        units=tuple(rename(row, "id", "node", "technology") for row in instance.units),
        stores=tuple(rename(row, "id", "node") for row in instance.stores),
        demands=tuple(rename(row, "node") for row in instance.demands),
    )
    assert alike(least(renamed), least(instance))


@cities
@given(seed=st.integers(0, 10_000), what=st.sampled_from(["unit", "pairs", "store", "pipe"]))
def test_more_choice_is_never_dearer(seed: int, what: str) -> None:
    """Proves: a candidate more, of any sort, does not raise the least cost.

    Sensitivity: a candidate that is charged, loses heat or limits others while it is not built breaks it.
    """
    instance = town(seed)
    changes: dict[str, Any]
    if what == "unit":
        changes = {"units": tuple(row.model_copy(update={"max_new": row.max_new + 1}) for row in instance.units)}
    elif what == "pairs":
        changes = {
            "pipes": tuple(
                row.model_copy(update={"max_new_pairs": 3, "candidate_types": ("big", "small")})
                for row in instance.pipes
            )
        }
    elif what == "store":
        cheap = {"max_new_mwh": 100.0, "capex_mcur_per_mwh": 0.002}
        # upkeep is 0 here, so the price of the new capacity does not touch the old
        changes = {"stores": tuple(row.model_copy(update=cheap) for row in instance.stores)}
    else:
        ends = {"from_node": instance.nodes[0].id, "to_node": instance.nodes[-1].id}
        new = {"id": "extra", "existing_type": None, "existing_pairs": 0, "length_km": 2.0, **ends}
        changes = {"pipes": (*instance.pipes, instance.pipes[0].model_copy(update=new))}
    assert least(instance.replace(**changes)) <= least(instance) + SLACK


@cities
@given(seed=st.integers(0, 10_000), shares=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_stricter_rule_is_never_cheaper(seed: int, shares: tuple[float, float]) -> None:
    """Proves: the more of the sets must leave, the dearer.

    Sensitivity: a rule that is turned round, or rounds machines down, breaks it.
    """
    costs = []
    for share in (None, *sorted(shares)):
        rules = [] if share is None else [{"id": "r", "min_share": share, "by_year": 2025}]
        costs.append(least(town(seed, rules=[{**row, "select": [{"kinds": ("extraction",)}]} for row in rules])))
    assert costs[0] <= costs[1] + SLACK
    assert costs[1] <= costs[2] + SLACK


def matrix_of(instance: Instance) -> Matrix:
    matrix = compile_model(build(TimeGrid.choose(instance, 1, 12)).pyomo)
    assert matrix is not None
    return matrix


def scipy_optimum(matrix: Matrix, *, whole: bool, presolve: bool = True) -> float:
    """Least cost by SciPy's own copy of HiGHS, with or without presolve and whole numbers."""
    rows = csc_array((matrix.value, matrix.index, matrix.start), shape=(len(matrix.row_low), len(matrix.low)))
    answer = milp(
        matrix.cost,
        integrality=matrix.integer.astype(int) if whole else np.zeros(len(matrix.low)),
        bounds=Bounds(matrix.low, matrix.up),
        constraints=LinearConstraint(rows, matrix.row_low, matrix.row_up),
        options={"presolve": presolve, "mip_rel_gap": 0.0},
    )
    assert answer.success, answer.message
    return float(answer.fun) + matrix.offset


@cities
@seeds
def test_presolve_and_relaxation(seed: int) -> None:
    """Proves: another solver finds the same least cost with presolve and without, and the relaxation is no dearer.

    Sensitivity: a row or column lost or doubled in the arrays, or a bound that is not one, breaks it.
    """
    instance = town(seed)
    matrix, cost = matrix_of(instance), least(instance)
    assert alike(scipy_optimum(matrix, whole=True), cost)
    assert alike(scipy_optimum(matrix, whole=True, presolve=False), cost)
    assert scipy_optimum(matrix, whole=False) <= cost + SLACK


@cities
@given(seed=st.integers(0, 10_000), gap=st.sampled_from([0.0, 0.02, 0.3]))
def test_strategies_agree(seed: int, gap: float) -> None:
    """Proves: `plain` and `monolithic` agree within the gap, and each bound holds for the other's plan.

    Sensitivity: a bound of a restricted problem passed on as one of the full problem breaks it.
    """
    instance = town(seed)
    answers: list[Result] = [
        solve(instance, solver=name, days=1, step_hours=12, limits=Limits(gap=gap, threads=1))
        for name in ("plain", "monolithic")
    ]
    exact = least(instance)
    for result in answers:
        cost, bound = result.answer.cost, result.answer.bound
        assert result.status == "optimal"
        assert cost is not None
        assert bound is not None
        assert bound - SLACK <= exact <= cost + SLACK
        assert cost - exact <= gap * abs(cost) + SLACK
    if gap == 0.0:
        assert answers[0].answer.cost == pytest.approx(answers[1].answer.cost, rel=1e-6, abs=SLACK)
