"""What must hold between the optima of related cities, whatever their numbers: no expected value is needed."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from formulation.city import SMALL_AND_BIG, SOURCE, boiler, city, optimum
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array

from heatnet.formulation.build import build, build_core, build_operation
from heatnet.formulation.case import Case
from heatnet.formulation.model import total
from heatnet.instance import Instance, records
from heatnet.instance.series import TimeGrid
from heatnet.solve import Limits, Result, solve
from solvers.matrix import Matrix, compile_model

SLACK = 3e-6
"""Million. Beside the gap, HiGHS stops at an absolute difference of 1e-6 between cost and bound."""

few = settings(
    max_examples=2, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
cities = settings(
    max_examples=4, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
seeds = given(seed=st.integers(0, 10_000))
rich_seeds = given(seed=st.integers(0, 7_500).map(lambda k: k + k // 3 + 1))
"""Those that give a city with later parts (see `town`)."""


WEATHER = (-10.0, *(2.0,) * 31, *(8.0,) * 31, *(2.0,) * 31, *(8.0,) * 31)
"""125 days of three sorts, of which three representative days tell all."""


def town(seed: int, *, stages: int | None = None, stand: bool = False, **changes: Any) -> Instance:
    """A city of two to four nodes in a chain, with a boiler house at its head, from a seed.

    Every fourth seed gives a city of pipes, machines and a store on one sort of day; the others add some of: a zone, a
    delay, tunnels, envelopes, connections, limits, a pit, retrofits, reserve and ramps, on three sorts of days.
    `stand`: nothing that stands costs to leave, so that years with the same data have the same best plan.
    """
    draw = random.Random(seed)
    names = "ABCD"[: draw.randint(2, 4)][: 3 if seed % 4 else 4]
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
    if seed % 4:
        _extend(given, random.Random(f"more {seed}"), names)
    return city(**{**given, **changes})


DEEP = {"id": "deep", "supply_c": 120, "return_c": 15, "ground_c": 5}
PRESS = {"d": (40, 12, 50, "press"), "e": (12, 4, 24, "press")}


def _extend(given: dict[str, Any], draw: random.Random, names: str) -> None:
    """Add some of the later parts to what a city is made of."""
    sets, own = given["technologies"][0], given["units"][0]
    if len(given["stages"]) > 1:  # by the hour, on three days of two stages, would take seconds
        hourly = {"commitment", "min_up_h", "min_down_h", "start_cur_per_mw"}
        given["technologies"][0] = sets = {name: value for name, value in sets.items() if name not in hourly}
        sets["commitment"] = draw.choice(["none", "daily"])
    first, last = given["pipes"][0], given["pipes"][-1]

    def chance() -> bool:
        return draw.random() < 0.6

    given["outdoor"] = WEATHER
    given["regimes"] = [{**DEEP, "substation_mcur_per_mw": draw.uniform(0, 0.3)}]
    if chance():
        first["zone"] = "z"
        given["zones"] = [{"id": "z", "regimes": ("hot", "deep"), "guarantee_share": 0.7}]
        given["nodes"] = ["A", *({"id": name, "zone": "z"} for name in names[1:])]
    if chance():
        given["contingencies"] = [{"id": "lose", "unit": "s", "lost_share": 0.5}]
        given["guarantee"] = 0.5
    if chance():
        last |= {"tunnel_km": 0.5, "tunnel_cost_factor": 4, "relay_stations": 1, "relay_mcur_per_mw": 0.02}
        last |= {"delay_h": draw.choice([0, 5, 12]), "station_power_share": 0.01, "extra_mcur_per_pair": 0.1}
    if chance():
        measure = {"measure": "wall", "max_share": 0.5, "saving_share": 0.4}
        given["envelopes"] = [{**measure, "node": names[-1], "capex_mcur_per_mm2": draw.uniform(0.2, 2)}]
    if chance():
        given["connections"] = [
            {"node": names[-1], "heat_price_cur_per_mwh": draw.uniform(20, 70), "capex_mcur": draw.uniform(0, 2)}
        ]
    if chance():
        cap = {"id": "cap", "quantity": "co2_t", "most": draw.uniform(2e4, 8e4)}
        floor = {"id": "floor", "quantity": "heat_mwh", "select": [{"units": ("l",)}], "least": 2000.0}
        given["rules"] = [{**rule, "kind": "yearly_limit"} for rule in (cap, floor)]
    if draw.random() < 0.4:
        pit = {"id": "pit", "seasonal": True, "hours": 10, "loss_share_per_h": 1e-4, "existing_mwh": 200.0}
        given["stores"].append({**pit, "max_new_mwh": 2000.0, "capex_mcur_per_mwh": draw.uniform(1e-4, 1e-3)})
    if chance():
        sets["corners"] |= PRESS
        retrofit = {"technology": "set", "mode": "press", "seasonal": draw.random() < 0.5}
        given["retrofits"] = [{**retrofit, "capex_mcur_per_mw": draw.uniform(0, 0.1), "fixed_mcur_per_mw_year": 0.001}]
    if chance():
        sets |= {"reserve_fixed_share": 0.3, "ramp_share_per_h": 0.03}
        own |= {"may_reserve": True, "group": "g", "leaves_after_pipe": first["id"]}


def sorts(instance: Instance) -> int:
    """Sorts of days of a season: so many representative days tell all of it."""
    return len(np.unique(instance.series["outdoor_c"]))


def least(instance: Instance) -> float:
    """Cost of the optimum, in two steps of 12 hours, by the strategy that is quickest for so small a city."""
    cost = optimum(instance, step_hours=12, days=sorts(instance), solver="plain").answer.cost
    assert cost is not None
    return cost


def alike(one: float, other: float) -> bool:
    return abs(one - other) <= SLACK + 1e-6 * abs(one)


@pytest.mark.parametrize("rate", [0.0, 0.06])
@few
@rich_seeds
def test_splitting_a_stage(rate: float, seed: int) -> None:
    """Proves: a stage of two years is two stages of one year each with the same data.

    Sensitivity: a stage weight, a discount or a yearly charge off by a year makes them differ.
    """
    whole = town(seed, stages=1, stand=True, rate=rate)
    split = [
        stage.model_copy(update={"year": year, "span_years": 1}) for stage in whole.stages for year in (2025, 2026)
    ]
    parts = whole.replace(header=whole.header.model_copy(update={"stages": tuple(split)}))
    assert alike(least(parts), least(whole))


@few
@rich_seeds
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
            "regimes": tuple(times(regime, "substation_mcur_per_mw") for regime in instance.header.regimes),
        }
    )
    kinds = ("start_cur_per_mw", "capex_mcur_per_mw", "fixed_mcur_per_mw_year", "retire_mcur_per_mw")
    kinds += ("variable_heat_cur_per_mwh", "variable_power_cur_per_mwh")
    series = {name: values * k if "_cur_" in name else values for name, values in instance.series.items()}
    return instance.replace(
        header=header,
        pipe_types=tuple(times(row, "capex_mcur_per_km") for row in instance.pipe_types),
        pipes=tuple(times(row, "extra_mcur_per_pair", "relay_mcur_per_mw") for row in instance.pipes),
        fuels=tuple(times(row, "price_cur_per_mwh") for row in instance.fuels),
        technologies=tuple(times(row, *kinds) for row in instance.technologies),
        retrofits=tuple(times(row, "capex_mcur_per_mw", "fixed_mcur_per_mw_year") for row in instance.retrofits),
        stores=tuple(times(row, "capex_mcur_per_mwh") for row in instance.stores),
        envelopes=tuple(times(row, "capex_mcur_per_mm2") for row in instance.envelopes),
        connections=tuple(times(row, "heat_price_cur_per_mwh", "capex_mcur") for row in instance.connections),
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
        def new(value: Any) -> Any:
            return tuple(map(turned, value)) if isinstance(value, tuple) else turned(value)

        return row.model_copy(update={name: new(getattr(row, name)) for name in names})

    def rule(row: Any) -> Any:
        select = tuple(rename(part, "technologies", "units", "nodes", "fuels") for part in row.select)
        return rename(row, "id").model_copy(update={"select": select})

    header = instance.header.model_copy(
        update={
            "regimes": tuple(rename(row, "id") for row in instance.header.regimes),
            "rules": tuple(map(rule, instance.header.rules)),
        }
    )
    named = {
        "zones": ("id", "regimes"),
        "nodes": ("id", "zone"),
        "pipe_types": ("id",),
        "pipes": ("id", "from_node", "to_node", "existing_type", "candidate_types", "zone", "regime"),
        "fuels": ("id",),
        "technologies": ("id", "fuel"),
        "capability": ("technology", "corner", "mode"),
        "retrofits": ("technology", "mode"),
        "units": ("id", "node", "technology", "group", "leaves_after_pipe", "converts"),
        "stores": ("id", "node"),
        "demands": ("node",),
        "envelopes": ("node", "measure"),
        "connections": ("node",),
        "contingencies": ("id", "node", "unit", "pipe"),
    }
    assert named.keys() == records.TABLES.keys()
    tables = {table: tuple(rename(row, *names) for row in getattr(instance, table)) for table, names in named.items()}
    renamed = instance.replace(header=header, **tables)
    assert alike(least(renamed), least(instance))


@pytest.mark.parametrize(
    "what", ["unit", "pairs", "store", "pipe", "pit", "regime", "measure", "retrofit", "connection", "reserve"]
)
@few
@rich_seeds
def test_more_choice_is_never_dearer(what: str, seed: int) -> None:
    """Proves: a candidate more, of any sort, does not raise the least cost.

    Sensitivity: a candidate that is charged, loses heat or limits others while it is not built breaks it; so does a
    consumer that may be left alone and costs more than one that must be served.
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
    elif what == "pit":
        pit = {"id": "more", "seasonal": True, "hours": 20.0, "existing_mwh": 0.0, "max_new_mwh": 900.0}
        pit |= {"capex_mcur_per_mwh": 0.0005}
        changes = {"stores": (*instance.stores, instance.stores[0].model_copy(update=pit))}
    elif what == "regime":
        assume(instance.zones)
        cold = instance.header.regimes[0].model_copy(update={"id": "cold", "return_c": 30.0})
        header = instance.header.model_copy(update={"regimes": (*instance.header.regimes, cold)})
        zones = tuple(zone.model_copy(update={"regimes": (*zone.regimes, "cold")}) for zone in instance.zones)
        changes = {"header": header, "zones": zones}
    elif what == "measure":
        roof = {"node": instance.demands[0].node, "measure": "roof", "max_share": 0.3, "saving_share": 0.5}
        row = records.Envelope(**roof, capex_mcur_per_mm2=0.3, life_years=30, source=SOURCE)
        changes = {"envelopes": (*instance.envelopes, row)}
    elif what == "retrofit":
        boost = {"technology": "local", "mode": "boost"}
        corner = records.Corner(**boost, corner="x", heat_mw=10.0, power_mw=-0.5, fuel_mw=0.0, source=SOURCE)
        row = records.Retrofit(**boost, capex_mcur_per_mw=0.01, life_years=20, source=SOURCE)
        changes = {"capability": (*instance.capability, corner), "retrofits": (*instance.retrofits, row)}
    elif what == "connection":
        assume(not instance.connections)
        row = records.Connection(node=instance.nodes[-1].id, heat_price_cur_per_mwh=0.0, source=SOURCE)
        changes = {"connections": (row,)}
    elif what == "reserve":
        changes = {"units": tuple(row.model_copy(update={"may_reserve": True}) for row in instance.units)}
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


LIMITS: dict[str, tuple[float, ...]] = {"most": (1e9, 6e4, 2e4), "least": (0.0, 5e3, 2e4), "guarantee": (0.0, 0.5, 1.0)}
"""From loose to tight: t of CO2 of all, MWh of the local boilers, share."""


@pytest.mark.parametrize("what", [*LIMITS, "no_new"])
@few
@rich_seeds
def test_a_tighter_limit_is_never_cheaper(what: str, seed: int) -> None:
    """Proves: the tighter a limit of a season, a guarantee, or what may be built, the dearer.

    Sensitivity: a bound that is turned round, an allocation that is not kept within the limit, or a share of a zone
    that pushes out that of all others breaks it.
    """
    costs = []
    local = [{"units": ("l",)}]
    for value in LIMITS.get(what, (2030, 2025)):
        rule: dict[str, Any] = {"id": "r", "kind": "yearly_limit"}
        if what == "most":
            rule |= {"quantity": "co2_t", "most": value}
        elif what == "least":
            rule |= {"quantity": "heat_mwh", "least": value, "select": local}
        else:
            rule |= {"kind": "no_new", "from_year": value, "select": local}
        contingencies = [{"id": "lose", "unit": "s"}]
        changes = {"guarantee": value, "contingencies": contingencies} if what == "guarantee" else {"rules": [rule]}
        costs.append(least(town(seed, **changes)))
    for loose, tight in pairwise(costs):
        assert loose <= tight + SLACK


def grid_of(instance: Instance) -> TimeGrid:
    return TimeGrid.choose(instance, sorts(instance), 12)


def matrix_of(instance: Instance) -> Matrix:
    return arrays(build(grid_of(instance)).pyomo)


def arrays(model: Any) -> Matrix:
    matrix = compile_model(model)
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
        solve(instance, solver=name, days=sorts(instance), step_hours=12, limits=Limits(gap=gap, threads=1))
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


# --- core and blocks -----------------------------------------------------------------------------------------


def scipy_point(matrix: Matrix) -> float:
    """Solve with whole numbers, then once more with these fixed, and give the variables their values."""
    rows = csc_array((matrix.value, matrix.index, matrix.start), shape=(len(matrix.row_low), len(matrix.low)))
    held = LinearConstraint(rows, matrix.row_low, matrix.row_up)
    options = {"mip_rel_gap": 0.0}
    whole = matrix.integer.astype(int)
    first = milp(
        matrix.cost, integrality=whole, bounds=Bounds(matrix.low, matrix.up), constraints=held, options=options
    )
    assert first.success, first.message
    low = np.where(matrix.integer, np.round(first.x), matrix.low)
    up = np.where(matrix.integer, np.round(first.x), matrix.up)
    second = milp(matrix.cost, bounds=Bounds(low, up), constraints=held)
    assert second.success, second.message
    matrix.load(second.x)
    return float(second.fun) + matrix.offset


@cities
@seeds
def test_core_and_blocks_alone(seed: int) -> None:
    """Proves: with its links at the values of the optimum, core and blocks alone cost together what the whole costs.

    Sensitivity: a row or a cost that joins core and block beside the links, or two blocks, or a block that looks past
    its links at the core, makes the parts dearer or cheaper than the whole.
    """
    instance = town(seed)
    grid = grid_of(instance)
    model = build(grid)
    whole = scipy_point(arrays(model.pyomo))
    values = {
        (link, place): float(pyo.value(value)) for link, by in model.core.offers.items() for place, value in by.items()
    }

    alone = pyo.ConcreteModel()
    alone.core = pyo.Block(concrete=True)
    core = build_core(Case(instance, grid), alone.core)
    alone.links = pyo.ConstraintList()
    for (link, place), value in values.items():
        offer = core.offers[link][place]
        if not isinstance(offer, (int, float)):
            alone.links.add(offer == value)
    alone.cost = pyo.Objective(expr=total([part for parts in core.costs.values() for part in parts]))
    parts = [scipy_optimum(arrays(alone), whole=True)]

    for year, day in model.operations:
        links = {link: (values[link, (year, day)],) * 2 for link in model.core.links_of(year, day)}
        alone = pyo.ConcreteModel()
        alone.block = pyo.Block(concrete=True)
        operation = build_operation(Case(instance, grid), links, alone.block, year, day)
        alone.cost = pyo.Objective(expr=total([part for parts in operation.costs.values() for part in parts]))
        parts.append(scipy_optimum(arrays(alone), whole=True))
    assert sum(parts) == pytest.approx(whole, rel=1e-6, abs=SLACK)


# --- one stage against another program -----------------------------------------------------------------------

DAYS_OF = (0, 1, 1, 2, 1, 2, 2)
"""Sort of each day of a season of a week: −10, 2 and 8 °C, with 1, 0.6 and 0.4 of the design load."""

LOADS = (1.0, 0.6, 0.4)
STEPS, HOURS = 4, 6.0


def week(draw: random.Random) -> tuple[Instance, dict[str, Any]]:
    """A heats B over a delayed pipe from limited coal and power; B has a pit and an envelope; no whole numbers."""
    n: dict[str, Any] = {
        "coal": draw.uniform(5, 15),
        "power": tuple(draw.uniform(20, 90) for _ in range(STEPS)),
        "load": draw.uniform(10, 30),
        "cap": draw.uniform(200, 1500),
        "floor": draw.uniform(0, 900),
        "ramp": draw.uniform(0.01, 0.1),
        "loss": draw.uniform(0.0, 0.1),
        "delay": draw.choice([2, 6, 9, 19]),
        "capacity": draw.uniform(20, 45),
        "keep": draw.uniform(0.99, 1.0),
        "efficiency": draw.uniform(0.7, 1.0),
        "pit": draw.uniform(0, 400),
        "room": draw.uniform(0, 200),
        "pit_price": draw.uniform(1e-6, 2e-5),
        "wall": draw.uniform(1e-5, 5e-4),
        "shape": tuple(draw.uniform(0.6, 1.4) for _ in range(STEPS)),
    }
    instance = city(
        nodes=("A", "B"),
        types=[{"id": "p", "capacity_mw": n["capacity"], "loss_mw_per_km": n["loss"]}],
        pipes=[
            {"id": "ab", "from_node": "A", "to_node": "B", "existing_type": "p", "existing_pairs": 1}
            | {"delay_h": n["delay"]}
        ],
        fuels={"coal": {"price_cur_per_mwh": n["coal"], "co2_t_per_mwh": 0.4}},
        technologies=[
            {"id": "stoker", "kind": "boiler", "fuel": "coal", "size_mw": 20, "ramp_share_per_h": n["ramp"]}
            | {"corners": {"full": (20, 0, 25)}},
            {"id": "pump", "kind": "heat_pump", "size_mw": 40, "power_price": "wholesale"}
            | {"corners": {"full": (40, -20, 0)}},
        ],
        units=[
            {"id": "c", "technology": "stoker", "count": 1, "may_retire": False},
            {"id": "e", "technology": "pump", "count": 1, "may_retire": False},
        ],
        stores=[
            {"id": "pit", "node": "B", "seasonal": True, "hours": 12, "existing_mwh": n["pit"]}
            | {"max_new_mwh": n["room"], "capex_mcur_per_mwh": n["pit_price"], "efficiency_share": n["efficiency"]}
            | {"loss_share_per_h": 1 - n["keep"], "fixed_share_per_year": 0.01}
        ],
        demands={"B": {2025: (2.0, n["load"] / 2)}},
        shapes={"B": "shape_factor"},
        factors={"shape_factor": n["shape"]},
        envelopes=[
            {"node": "B", "measure": "wall", "max_share": 0.6, "saving_share": 0.5, "capex_mcur_per_mm2": n["wall"]}
        ],
        rules=[
            {"id": "cap", "kind": "yearly_limit", "quantity": "co2_t", "most": 0.4 * n["cap"]},
            {"id": "floor", "kind": "yearly_limit", "quantity": "heat_mwh", "select": [{"units": ("e",)}]}
            | {"least": n["floor"]},
        ],
        stages=[{"year": 2027, "span_years": 3}],
        rate=0.05,
        outdoor=tuple((-10.0, 2.0, 8.0)[day] for day in DAYS_OF),
        wholesale=n["power"],
        unserved=500.0,
        shortfall=0.01,
    )
    return instance, n


class Program:
    """A linear program by names: columns as they are met, rows as they come."""

    def __init__(self) -> None:
        self.columns: dict[Any, int] = {}
        self.cost: dict[Any, float] = {}
        self.bounds: dict[Any, tuple[float | None, float | None]] = {}
        self.rows: list[tuple[dict[Any, float], str, float]] = []

    def row(self, terms: list[tuple[float, Any]], sense: str, right: float) -> None:
        """Add Σ number · column `sense` right."""
        row: dict[Any, float] = {}
        for number, name in terms:
            self.columns.setdefault(name, len(self.columns))
            row[name] = row.get(name, 0.0) + number
        self.rows.append((row, sense, right))

    def least(self) -> float:
        """The least cost."""
        sides: dict[bool, tuple[list[list[float]], list[float]]] = {True: ([], []), False: ([], [])}
        for row, sense, right in self.rows:
            sign = -1.0 if sense == ">=" else 1.0
            sides[sense == "=="][0].append([sign * row.get(name, 0.0) for name in self.columns])
            sides[sense == "=="][1].append(sign * right)
        answer = linprog(
            [self.cost.get(name, 0.0) for name in self.columns],
            A_ub=np.array(sides[False][0]),
            b_ub=sides[False][1],
            A_eq=np.array(sides[True][0]),
            b_eq=sides[True][1],
            bounds=[self.bounds.get(name, (0.0, None)) for name in self.columns],
        )
        assert answer.success, answer.message
        return float(answer.fun)


def least_by_hand(n: dict[str, Any]) -> float:
    """The least cost of a `week`, by a program written from `docs/model.md`; days of the season by sort."""
    lp = Program()
    weight = sum(1.05**-year for year in (2, 3, 4))  # 2027 to 2029 in money of 2025
    number = [DAYS_OF.count(day) for day in range(3)]
    pit, keep = ("pit",), n["keep"]
    half = n["loss"] * 10 / 2  # MW at each end
    peak = n["load"] / 2
    lp.bounds[pit], lp.bounds["area"] = (n["pit"], n["pit"] + n["room"]), (0.0, 0.6 * 2.0)
    annuity = {life: 0.05 / (1 - 1.05**-life) for life in (20, 30)}
    lp.cost[pit] = weight * n["pit_price"] * (annuity[20] + 0.01)
    fixed = -weight * n["pit_price"] * annuity[20] * n["pit"]  # what is there at the start is not charged
    lp.cost["area"] = weight * n["wall"] * annuity[30]
    # design hour: units of 60 MW, the pair, and what is short
    lp.cost["short"] = weight * 0.01
    lp.row([(1, "design"), (1, "short"), (0.5 * peak, "area")], "==", n["load"] + half)
    lp.row([(1, "short"), (0.5 * peak, "area")], "<=", n["load"])
    lp.row([(1, "design")], "<=", min(n["capacity"], 60.0 - half))
    whole, rest = divmod(n["delay"], HOURS)
    cap: list[tuple[float, Any]] = []
    floor: list[tuple[float, Any]] = []
    for day in range(3):
        money = HOURS * number[day] * weight / 1e6
        lp.bounds["low", day], lp.bounds["high", day], lp.bounds["net", day] = (None, 0.0), (0.0, None), (None, None)
        for s in range(STEPS):
            coal, power, flow, spill = (("coal", day, s), ("power", day, s), ("flow", day, s), ("spill", day, s))
            charge, out, level = ("charge", day, s), ("out", day, s), ("level", day, s)
            unserved, before = ("unserved", day, s), ("coal", day, (s - 1) % STEPS)
            lp.bounds[coal], lp.bounds[power], lp.bounds[flow] = (0, 20), (0, 40), (0, n["capacity"])
            lp.bounds[level] = (None, None)
            lp.cost[coal] = money * 1.25 * n["coal"]
            lp.cost[power] = money * 0.5 * n["power"][s]
            lp.cost[unserved] = money * 500.0
            lp.row([(1, coal), (1, power), (-1, flow), (-1, spill)], "==", half)
            for one, other in ((coal, before), (before, coal)):
                lp.row([(1, one), (-1, other)], "<=", min(n["ramp"] * HOURS, 1.0) * 20)
            back = [("flow", day, int(s - whole - k) % STEPS) for k in (0, 1)]
            arrives = [((HOURS - rest) / HOURS, back[0]), (rest / HOURS, back[1])]
            share = LOADS[day] * n["shape"][s]
            saved = (share * 0.5 * peak, "area")
            lp.row([*arrives, (1, out), (-1, charge), (1, unserved), saved], "==", share * n["load"] + half)
            lp.row([(1, unserved), saved], "<=", share * n["load"])
            earlier = [(-(keep**HOURS), ("level", day, s - 1))] if s else []
            lp.row([(1, level), *earlier, (-HOURS * n["efficiency"], charge), (HOURS, out)], "==", 0.0)
            for name in (charge, out):
                lp.row([(12.0, name), (-1, pit)], "<=", 0.0)
            lp.row([(1, ("low", day)), (-1, level)], "<=", 0.0)
            lp.row([(1, level), (-1, ("high", day))], "<=", 0.0)
            cap.append((number[day] * HOURS * 1.25 * 0.4, coal))
            floor.append((number[day] * HOURS, power))
        lp.row([(1, ("level", day, STEPS - 1)), (-1, ("net", day))], "==", 0.0)
    for place, day in enumerate(DAYS_OF):
        begin, then = ("begin", place), ("begin", (place + 1) % len(DAYS_OF))
        lp.row([(1, then), (-(keep**24), begin), (-1, ("net", day))], "==", 0.0)
        lp.row([(keep**24, begin), (1, ("low", day))], ">=", 0.0)
        lp.row([(1, begin), (1, ("high", day)), (-1, pit)], "<=", 0.0)
    lp.row(cap, "<=", 0.4 * n["cap"])
    lp.row(floor, ">=", n["floor"])
    return lp.least() + fixed


@settings(cities, max_examples=10)
@seeds
def test_one_stage_against_another_program(seed: int) -> None:
    """Proves: a stage of three years is the program of one season times its weight, with all that joins its days.

    The program is written from `docs/model.md` and shares nothing with heatnet. Sensitivity: delay, ramp, limit,
    envelope, pit and calendar stand in it, each where another place or factor changes the least cost.
    """
    instance, numbers = week(random.Random(seed))
    cost = optimum(instance, step_hours=int(HOURS), days=3).answer.cost
    assert cost == pytest.approx(least_by_hand(numbers), rel=2e-6, abs=1e-9)
