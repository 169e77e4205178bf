"""What a block says of its links is true: below its cost everywhere, tight where it was asked, in sum the whole.

Truth is a fresh solve of the block's own matrix with its links fixed, by the HiGHS that SciPy brings with it. Two
instances: a valley with commitment, pipes, stores of a day and of the season, and limits; the tutorial.

Sensitivity:
- below: a slope or a constant that is wrong by a sign, by a missing bound or by links in another order lies above the
  cost at some of the other links; so would the cut of a box around the links (prices and radius) if it held in it only.
- tight: the floor, or a cut that forgets a term, would pass "below".
- box: prices that are left in the costs, or bounds left in the box, would spoil all answers after.
- cost: the cost of the nearest links, or of a box, given for that of the links asked for.
- cannot run: a cut that does not cut off the links that were tried would make the search ask for ever; one that cuts
  off links behind which the block can run would make the bound wrong.
- one hair out: links that are out by rounding would be called infeasible.
- floor: a constant above the least cost of the block.
- dispatch: a cost below the LP or above the gap, a bound above the cost, rows that do not cost what is said.
- fingerprint: equal for blocks of different cost, a cut would be carried to a block for which it is wrong; different
  for equal blocks, cuts would not be found again.
- sum: a row, a cost or a link that core and blocks count twice, or not at all.
- never: a block with a row that cannot hold would raise instead of saying so.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from conftest import TUTORIAL
from formulation.city import SMALL_AND_BIG, boiler, city
from scipy.optimize import Bounds as Box
from scipy.optimize import LinearConstraint, milp

from heatnet.formulation.build import build
from heatnet.formulation.case import Case
from heatnet.instance import Instance, read
from heatnet.instance.series import TimeGrid
from heatnet.solve import Limits
from solvers.blocks import Resident, Task
from solvers.highs import Session, Warm
from solvers.matrix import Array, Matrix, compile_model
from solvers.parts import CorePart, Place, core_part

OTHERS = 20
"""Links of a block at which its cuts are put to the test."""

ASKED = 6
"""Links of a block that it is asked for."""

ROOMY = {"net": 0.5, "low": 0.0, "high": 1.0, "floor": 0.0}
"""Share of the range at which a link leaves a day most freedom; 1 for all others."""


def valley(**changes: Any) -> Instance:
    """Three nodes in a row: sets at the head, boilers, a tank, a pit, a floor for straw and a cap for the sets."""
    sets = {
        "id": "set",
        "kind": "extraction",
        "size_mw": 20,
        "commitment": "hourly",
        "start_cur_per_mw": 30,
        "min_up_h": 7,
        "variable_power_cur_per_mwh": 30,
        "corners": {"b": (28, 16, 0), "c": (16, 10, 0)},
    }
    heat = {"kind": "yearly_limit", "quantity": "heat_mwh"}
    given: dict[str, Any] = {
        "nodes": tuple("ABC"),
        "types": SMALL_AND_BIG,
        "pipes": [
            {"id": a + b, "from_node": a, "to_node": b, "candidate_types": ("small", "big"), "max_new_pairs": 2}
            for a, b in ("AB", "BC")
        ],
        "technologies": [sets, boiler("local", 45, size=8, capex_mcur_per_mw=0.1), boiler("straw", 60, size=6)],
        "units": [
            {"id": "s", "technology": "set", "count": 3},
            {"id": "b", "node": "B", "technology": "local", "max_new": 3},
            {"id": "w", "node": "C", "technology": "straw", "max_new": 2},
        ],
        "stores": [
            {"id": "tank", "max_new_mwh": 60, "hours": 8, "capex_mcur_per_mwh": 0.01},
            {"id": "pit", "node": "B", "seasonal": True, "existing_mwh": 200.0, "hours": 20, "efficiency_share": 0.9},
        ],
        "demands": {"A": {2025: 9, 2030: 12}, "B": {2025: 7, 2030: 14}, "C": {2025: 5, 2030: 6}},
        "shapes": {"A": "shape_factor"},
        "factors": {"shape_factor": (1.0, 0.8, 0.7, 0.9)},
        "outdoor": (-10,) * 3 + (0,) * 3,
        "stages": [{"year": 2025, "span_years": 3}, {"year": 2028, "span_years": 3}],
        "rate": 0.06,
        "wholesale": (50, 10, 45, 60),
        "retail": 80,
        "unserved": 300,
        "shortfall": 0.2,
        "rules": [
            {"id": "straw", "select": [{"units": ("w",)}], "least": 300.0, **heat},
            {"id": "less", "select": [{"units": ("s",)}], "most": 3000.0, **heat},
        ],
    }
    return city(**{**given, **changes})


INSTANCES = {"valley": valley, "tutorial": lambda: read(TUTORIAL)}


def parts(instance: Instance) -> tuple[CorePart, Task]:
    """Core and blocks of an instance on two days in steps of six hours."""
    grid = TimeGrid.choose(instance, 2, 6)
    part = core_part(Case(instance, grid))
    return part, Task(grid, {place: part.core.links_of(*place) for place in part.links}, Limits(threads=1))


@functools.cache
def task(name: str) -> Task:
    return parts(INSTANCES[name]())[1]


def blocks() -> list[Any]:
    """Name of the instance and place of every block that is tested."""
    return [(name, place) for name in INSTANCES for place in task(name).links]


block = pytest.mark.parametrize(("name", "place"), blocks())


def resident(name: str, place: Place) -> Resident:
    return Resident(task(name), place)


def points(name: str, place: Place, number: int, seed: int) -> list[Array]:
    """Links of a block at random, from the roomiest to anywhere within the bounds."""
    draw, bounds = np.random.default_rng(seed), task(name).links[place]
    low, up = (np.array(ends, float) for ends in zip(*bounds.values(), strict=True))
    share = np.array([ROOMY.get(kind, 1.0) for kind, _ in bounds])
    roomy = low + share * (up - low)
    away = np.linspace(0.0, 1.0, number)
    return [roomy + far * (draw.uniform(low, up) - roomy) for far in away]


def true_cost(block: Resident, links: Array, *, whole: bool = False, gap: float = 0.0) -> float:
    """Least cost of a block behind links, infinite where it cannot run, by SciPy; with commitment where `whole`."""
    matrix = block.matrix
    low, up = matrix.low.copy(), matrix.up.copy()
    low[block.columns] = up[block.columns] = links[block.places]
    found = milp(
        matrix.cost,
        integrality=matrix.integer if whole else np.zeros(len(low)),
        bounds=Box(low, up),
        constraints=LinearConstraint(matrix.sparse(), matrix.row_low, matrix.row_up),
        options={"mip_rel_gap": gap},
    )
    assert found.status in (0, 2), found.message
    return float(found.fun + matrix.offset) if found.status == 0 else np.inf


@functools.cache
def others(name: str, place: Place) -> tuple[tuple[Array, float], ...]:
    """Links, and what the block truly costs behind them."""
    at = resident(name, place)
    return tuple((links, true_cost(at, links)) for links in points(name, place, OTHERS, seed=11))


def near(cost: float) -> float:
    """What two solvers may differ by, relative to a cost or absolute, million."""
    return 1e-6 * max(abs(cost), 0.01)


@block
def test_cuts_hold_everywhere(name: str, place: Place) -> None:
    """Cuts lie below the true cost at all other links and are tight where they were asked for; costs are true.

    Where the block cannot run, the cut is above 0 at the links tried and not at any behind which it can.
    """
    asked = resident(name, place)
    for links in points(name, place, ASKED, seed=5):
        answer, true = asked.evaluate(links), true_cost(asked, links)
        assert answer.cost == pytest.approx(true, abs=near(true))
        assert answer.cut is not None
        if np.isfinite(true):
            assert answer.cut.kind == "cost"
            assert answer.cut.value(links) == pytest.approx(true, abs=near(true))
            assert all(answer.cut.value(at) <= cost + near(cost) for at, cost in others(name, place))
        else:
            assert answer.cut.kind == "feasible"
            assert answer.cut.value(links) > 1e-5
            assert all(answer.cut.value(at) <= 1e-6 for at, cost in others(name, place) if np.isfinite(cost))


def test_some_run_and_some_do_not() -> None:
    """Both kinds of links are among those tested, and the cost of a block is not the same behind all that run."""
    for name, place in blocks():
        costs = [cost for _, cost in others(name, place)]
        assert np.isfinite(costs).sum() >= 3
        assert len({round(cost, 6) for cost in costs}) > 3
    assert any(np.isinf(cost) for name, place in blocks() for _, cost in others(name, place))


@block
def test_prices_and_radius(name: str, place: Place) -> None:
    """A cut by prices in a box lies below the true cost outside it as well; cost and later answers are untouched."""
    asked, draw = resident(name, place), np.random.default_rng(3)
    for links in points(name, place, ASKED, seed=7):
        prices = draw.uniform(-0.02, 0.02, len(links))
        answer, true = asked.evaluate(links, prices, 0.3), true_cost(asked, links)
        assert answer.cost == pytest.approx(true, abs=near(true))
        assert answer.cut is not None
        for at, cost in others(name, place):
            assert answer.cut.kind == "feasible" or answer.cut.value(at) <= cost + near(cost)
        again = asked.evaluate(links)
        assert again.cost == pytest.approx(true, abs=near(true))
        if np.isfinite(true):
            assert again.cut is not None
            assert again.cut.value(links) == pytest.approx(true, abs=near(true))


@block
def test_prices_choose_among_cuts(name: str, place: Place) -> None:
    """The cut by prices is tight in the box where the block, paid these prices for its links, would be.

    Tight: cut less prices is at its least, over the box, the least of cost less prices; by SciPy on the same box.
    """
    asked = resident(name, place)
    links = points(name, place, 3, seed=9)[0]
    low, up = (np.array(ends, float) for ends in zip(*task(name).links[place].values(), strict=True))
    prices, radius = np.random.default_rng(4).uniform(-0.02, 0.02, len(links)), 0.2
    least, most = np.maximum(links - radius * (up - low), low), np.minimum(links + radius * (up - low), up)
    cut = asked.evaluate(links, prices, radius).cut
    assert cut is not None
    matrix, columns, places = asked.matrix, asked.columns, asked.places
    low, up, cost = matrix.low.copy(), matrix.up.copy(), matrix.cost.copy()
    low[columns], up[columns] = least[places], most[places]
    cost[columns] -= prices[places]
    rows = LinearConstraint(matrix.sparse(), matrix.row_low, matrix.row_up)
    best = milp(cost, bounds=Box(low, up), constraints=rows).fun + matrix.offset
    slope = (cut.slope - prices)[places]
    assert not cut.slope[np.setdiff1d(np.arange(len(links)), places)].any()
    told = cut.constant + np.minimum(slope * least[places], slope * most[places]).sum()
    assert told == pytest.approx(best, abs=near(best))


@block
def test_floor(name: str, place: Place) -> None:
    """The floor is below the true cost everywhere, and says something."""
    floor = resident(name, place).floor()
    assert floor is not None
    assert np.isfinite(floor.constant)
    assert not floor.slope.any() or floor.kind == "cost"
    assert all(floor.value(at) <= cost + near(cost) for at, cost in others(name, place))


@pytest.mark.parametrize("name", INSTANCES)
def test_a_hair_out(name: str) -> None:
    """Links out of their bounds by rounding, or short by less than anyone can build, are those within."""
    place = next(iter(task(name).links))
    asked, (links, *_) = resident(name, place), points(name, place, 3, seed=1)
    true = true_cost(asked, links)
    assert asked.evaluate(links + 1e-9).cost == pytest.approx(true, abs=near(true))


def test_short_by_a_hair() -> None:
    """A floor for straw that is above what its machines can make by less than `TOUCHING` can be run; by more, not.

    One boiler of 6 MW makes 144 MWh on a day; the floor of 300 MWh in 6 days is met by 144 / 50 = 2.88 days.
    """
    place = (2025, 0)
    asked, names = resident("valley", place), list(task("valley").links[place])
    links = points("valley", place, 2, seed=1)[0]
    links[names.index(("machines", "w"))] = 1.0
    exact = links.copy()
    exact[names.index(("floor", "straw"))] = 2.88
    true = true_cost(asked, exact)
    assert np.isfinite(true)
    for over, runs in ((1e-5, True), (1e-2, False)):
        links[names.index(("floor", "straw"))] = 2.88 + over
        answer = asked.evaluate(links)
        assert answer.cut is not None
        assert (answer.cut.kind == "cost") is runs
        assert answer.cost == (pytest.approx(true, rel=1e-4) if runs else np.inf)


@block
def test_dispatch(name: str, place: Place) -> None:
    """With commitment a day costs no less than the LP, no more than the gap above the true optimum; the bound holds."""
    asked, gap = resident(name, place), 1e-3
    for links in points(name, place, ASKED, seed=13):
        links = np.round(links)
        found, true = asked.dispatch(links, gap), true_cost(asked, links, whole=True)
        if np.isinf(true):
            assert (found.cost, found.bound, found.operation) == (np.inf, np.inf, None)
            continue
        relaxed = true_cost(asked, links)
        assert relaxed - near(true) <= found.cost
        assert true - near(true) <= found.cost <= true + gap * abs(true) + near(true)
        assert found.bound <= min(true, found.cost) + near(true)
        assert found.cost - found.bound <= gap * abs(found.cost) + near(true)
        assert found.operation is not None
        assert set(found.operation["stage"]) == {place[0]}
        assert set(found.operation["day"]) == {place[1]}


def test_commitment_counts() -> None:
    """In the valley the day with commitment costs more than the LP somewhere, so that the test above says something."""
    place = (2025, 0)
    asked = resident("valley", place)
    dearer = [
        asked.dispatch(np.round(links), 1e-4).cost - true_cost(asked, np.round(links))
        for links in points("valley", place, ASKED, seed=13)
        if np.isfinite(true_cost(asked, np.round(links), whole=True))
    ]
    assert max(dearer) > 1e-4


def test_fingerprint() -> None:
    """Equal for a block built again, and for equal days of two equal stages; another for another price, or day."""
    place, later = (2025, 0), (2026, 0)
    equal: dict[str, Any] = {
        "stages": [{"year": 2025}, {"year": 2026}],
        "rate": 0.0,
        "demands": {"A": 9.0, "B": 7.0, "C": 5.0},
    }
    _, one = parts(valley(**equal))
    _, same = parts(valley(**equal))
    _, dearer = parts(valley(**equal, wholesale=(50, 10, 45, 60.01)))
    _, wider = parts(valley(**equal, unserved=301))
    first = Resident(one, place).fingerprint
    assert Resident(same, place).fingerprint == first
    assert Resident(one, later).fingerprint == first
    assert Resident(one, (2025, 1)).fingerprint != first
    assert Resident(dearer, place).fingerprint != first
    assert Resident(wider, place).fingerprint != first


def test_task_key() -> None:
    """Equal for equal tasks; another where instance, days, limits or the bounds of a link are others."""
    _, one = parts(valley())
    _, same = parts(valley())
    _, dearer = parts(valley(unserved=301))
    place = next(iter(one.links))
    name, (low, _) = next(iter(one.links[place].items()))
    tighter = {**one.links, place: {**one.links[place], name: (low, 1.0)}}
    keys = [
        one.key,
        dearer.key,
        replace(one, limits=Limits(gap=0.5)).key,
        replace(one, links=tighter).key,
        replace(one, grid=replace(one.grid, calendar=one.grid.calendar[::-1])).key,
    ]
    assert same.key == one.key
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("name", INSTANCES)
@pytest.mark.parametrize("whole", [False, True])
def test_sum(name: str, whole: bool) -> None:
    """At the optimum of the one big model, core and blocks cost what the big model does, as an LP and in whole numbers.

    The core's columns take the big model's values by name; its rows hold there, and the columns of the links are what
    the blocks are asked for.
    """
    part, asked = parts(INSTANCES[name]())
    big = build(asked.grid)
    matrix = compile_model(big.pyomo)
    assert matrix is not None
    x, cost = _optimum(matrix, whole)
    matrix.load(x)
    values = {variable.name: variable.value for variable in big.core.block.component_data_objects(pyo.Var)}
    assert part.matrix is not None
    place_of = {column: place for place, column in part.block_cost.items()}
    point = np.zeros(len(part.matrix.low))
    links: dict[Place, Array] = {}
    for place, columns in part.links.items():
        offers = [big.core.offers[link][place] for link in part.core.links_of(*place)]
        links[place] = np.array([pyo.value(offer) for offer in offers])
        point[list(columns)] = links[place]
    for column, variable in enumerate(part.matrix.columns):
        if variable.name in values:
            point[column] = values[variable.name] or 0.0
    said = {}
    for column, place in place_of.items():
        block = Resident(asked, place)
        answer: Any = block.dispatch(links[place], 1e-7) if whole else block.evaluate(links[place])
        said[place] = point[column] = answer.cost
    rows = part.matrix.sparse() @ point
    assert (rows >= part.matrix.row_low - 1e-5).all()
    assert (rows <= part.matrix.row_up + 1e-5).all()
    assert part.matrix.cost @ point + part.matrix.offset == pytest.approx(cost, abs=near(cost))
    assert len(said) == len(part.links)


def _optimum(matrix: Matrix, whole: bool) -> tuple[Array, float]:
    if whole:
        found = Session(Limits(gap=1e-7, threads=1), lambda progress: None).solve("proof", matrix)
        assert found.status == "optimal"
        assert found.x is not None
        assert found.cost is not None
        return found.x, found.cost
    vertex = Warm(matrix).solve()
    assert vertex is not None
    assert vertex.x is not None
    return vertex.x, vertex.cost


def test_never() -> None:
    """A block with a row that cannot hold says so to every question."""
    _, one = parts(valley())
    place = next(iter(one.links))
    never = Resident(one, place)
    never.__dict__["block"] = replace(never.block, matrix=None)  # where a cached property keeps its value
    links = np.zeros(len(one.links[place]))
    assert never.floor() is None
    assert never.identity() == ""
    assert (never.evaluate(links).cost, never.evaluate(links).cut) == (np.inf, None)
    assert (never.dispatch(links, 0.1).cost, never.dispatch(links, 0.1).operation) == (np.inf, None)
