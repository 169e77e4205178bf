"""Network design: the answer of the one big model, by trees, cuts and a search of arrays that shares no line with it.

The expected values are those of `plain` (the model of `heatnet/formulation`, handed to HiGHS as it is), of all trees of
a small graph, or worked out by hand.

Sensitivity. Without each of these would go unnoticed:
- same answer: a price, loss, row or column that differs from the model's; a reduction, bound or inequality that cuts
  off the optimum; a relaxation whose bound is above it; a plan dearer than told (the checker).
- ring: a tree assumed where two ways from one source are cheaper; left out: consumers that do not pay and are served.
- inequalities: one that a plan breaks, on the optimum of every city with other prices.
- minimum cuts: a set that lets in more than another, or that holds a source, or none where less than 1 gets through.
- strongest: the order turned round, or one that the point keeps.
- rows that come and go: a row dropped that is not the cut that is forgotten; the LP would differ from its matrix.
- begins with the smaller: bounds or a basis given to other columns or rows than those they are of.
- part: a part around which something moves, or whose best is not a plan.
- more than the design hour: pipes and directions left out that only operation needs.
- fixed: a column fixed that a best plan moves, or a bound above the optimum; by hand: one fixed too wide or too narrow.
- start: a first plan that is not used, or one that is not allowed and is used.
- auto: many pipes left to the one big model, or an instance given to `design` that it refuses.
- forest: costs that drift from those of the plan as branches are moved; its plan at any time.
- follow: a price of flow that is above what pumping costs, or none where there is one.
- refused: an instance of which something would be left out in silence.
- nothing to heat with: an exception where no source can give anything.
- time: no plan, or an exception, where there is hardly any time.
- twice: an answer that depends on anything but instance, seed and threads.
"""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from formulation.city import DAYS, SMALL_AND_BIG, H, boiler, city

from heatnet import read
from heatnet.check import check
from heatnet.errors import UsageError
from heatnet.instance import Instance
from heatnet.instance.series import TimeGrid
from heatnet.physics.pipes import pump_mw_per_km
from heatnet.solve import Answer, Limits, Solver, Start, contradicted, strategy_for
from solvers import highs
from solvers.design import Design, bounds, cuts, fixing, heuristic, model, problem, relaxations, relaxed, search
from solvers.design.min_cuts import Ways
from solvers.design.neighbourhoods import Neighbourhoods
from solvers.matrix import Matrix
from solvers.monolithic import Plain

GAP = 1e-6
OWN = Design()
TYPES = (*SMALL_AND_BIG, {"id": "large", "capacity_mw": 90, "capex_mcur_per_km": 1.6, "loss_mw_per_km": 0.06})
SEEDS = range(14)


def town(seed: int, **changes: Any) -> Instance:
    """Five or six places on a ring with chords, two or three of them with boilers, some consumers optional."""
    draw = random.Random(seed)
    names = "ABCDEF"[: draw.randint(5, 6)]
    ways = [(names[k - 1], names[k]) for k in range(len(names))] + [("A", "C"), ("B", "E")][: seed % 3]
    pipes: list[dict[str, Any]] = []
    for a, b in ways:
        row = {"id": a + b, "from_node": a, "to_node": b, "length_km": draw.uniform(1, 6)}
        row |= {"candidate_types": draw.choice([("small", "big", "large"), ("small", "large")])}
        row |= {"max_new_pairs": draw.choice([1, 1, 2]), "cost_factor": draw.uniform(0.7, 2)}
        if draw.random() < 0.3:
            row |= {"existing_type": "small", "existing_pairs": draw.randint(1, 2)}
        if draw.random() < 0.2:
            row |= {"station_power_share": 0.01, "extra_mcur_per_pair": 0.2}
        pipes.append(row)
    sources = draw.sample(names, draw.randint(1, 3))
    wanted = [name for name in names if draw.random() < 0.8] or ["A"]
    free = [name for name in wanted if draw.random() < 0.4]
    given: dict[str, Any] = {
        "nodes": [{"id": name, **({"heat_station_mw": 70} if draw.random() < 0.2 else {})} for name in names],
        "types": TYPES,
        "pipes": pipes,
        "fuels": {"gas": {"price_cur_per_mwh": 20, "co2_t_per_mwh": 0.2}},
        "technologies": [
            boiler("oil", draw.uniform(30, 60), size=40, capex_mcur_per_mw=0.05, fixed_mcur_per_mw_year=0.002),
            boiler("waste", 5, size=15, capex_mcur_per_mw=draw.uniform(0.1, 0.6), availability_share=0.9)
            | {"fuel": "gas", "corners": {"full": (15, 0, 15), "low": (4, 1, 6)}},
        ],
        "units": [
            {"id": f"{kind}-{name}", "node": name, "technology": kind, "max_new": 3, "count": draw.randint(0, 1)}
            for name in sources
            for kind in ("oil", "waste")
        ],
        "demands": {name: draw.uniform(3, 25) for name in wanted},
        "connections": [
            {"node": name, "heat_price_cur_per_mwh": draw.uniform(20, 120), "capex_mcur": draw.uniform(0, 1)}
            for name in free
        ],
        "shapes": {wanted[0]: "shape_factor"},
        "factors": {"shape_factor": (1.6 if seed % 2 else 1.0, 0.7)},
        "stages": [{"year": 2025, "span_years": 3, "co2_price_cur_per_t": 30}],
        "rate": 0.05,
        "wholesale": (40, 60),
        "retail": (70, 120),
        "unserved": draw.choice([150, 2000]),
        "shortfall": draw.choice([0.3, 20]),
        "outdoor": (-10.0, *(5.0,) * (DAYS - 1)),
    }
    return city(**{**given, **changes})


def grid_of(instance: Instance, step_hours: int = 12) -> TimeGrid:
    """Two days of two steps."""
    return TimeGrid.choose(instance, 2, step_hours)


def answer(instance: Instance, strategy: Solver = OWN, *, step_hours: int = 12, **limits: Any) -> Answer:
    """What a strategy says."""
    told = Limits(**{"gap": GAP, "threads": 1, "time_s": 120.0, **limits})
    return strategy.solve(grid_of(instance, step_hours), limits=told, observer=lambda progress: None)


@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize("seed", SEEDS)
def test_same_answer(seed: int, small: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a relaxation before it or without, the exact search ends at the cost of the one big model."""
    monkeypatch.setattr(search, "SMALL", 10**9 if small else 0)
    instance = town(seed)
    own, whole = answer(instance), answer(instance, Plain())
    assert own.cost is not None
    assert whole.cost is not None
    assert own.solution is not None
    assert own.cost == pytest.approx(whole.cost, rel=3e-6, abs=1e-5)
    assert own.bound is not None
    assert not contradicted(whole.cost, own.bound)
    report = check(instance, own.solution)
    assert report.violations.empty, report.violations.to_string()
    assert report.cost == pytest.approx(own.cost, rel=1e-7)


def ring(prices: dict[str, float], **changes: Any) -> Instance:
    """A source S, and J and K each 10 km from it and 2 km apart; a pair costs `prices[way]` in all."""
    lengths = {"SJ": 10.0, "SK": 10.0, "JK": 2.0}
    pipes = [
        {"id": way, "from_node": way[0], "to_node": way[1], "length_km": lengths[way]}
        | {"candidate_types": ("pair",), "max_new_pairs": 1, "cost_factor": price / lengths[way]}
        for way, price in prices.items()
    ]
    given: dict[str, Any] = {
        "nodes": "SJK",
        "types": [{"id": "pair", "capacity_mw": 30, "capex_mcur_per_km": 1.0, "life_years": 1}],
        "pipes": pipes,
        "technologies": [boiler("heat", 10)],
        "units": [{"id": "h", "node": "S", "technology": "heat", "count": 1}],
        "demands": {"J": 20.0, "K": 20.0},
    }
    return city(**{**given, **changes})


def test_ring() -> None:
    """40 MW do not pass a pair of 30: the two dear ways (7 each) are laid, not the cheap tree of 7 and 2."""
    found = answer(ring({"SJ": 7, "SK": 7, "JK": 2}), step_hours=24)
    assert found.cost == pytest.approx(14 + 40 * 10 * H, rel=1e-6)
    assert found.status == "optimal"
    shared = answer(ring({"SJ": 7, "SK": 7, "JK": 2}, demands={"J": 12.0, "K": 12.0}), step_hours=24)
    assert shared.cost == pytest.approx(9 + 24 * 10 * H, rel=1e-6)


def test_left_out() -> None:
    """K pays 3 for what costs 0.6 and a pair of 2; J alone 3 against 0.6 and 7; both together 6 against 1.2 and 9."""
    price = 3 / (20 * H)
    pays = [{"node": name, "heat_price_cur_per_mwh": price} for name in "JK"]
    none = answer(ring({"SJ": 7, "SK": 7, "JK": 2}, connections=pays, demands={"J": 15.0, "K": 15.0}), step_hours=24)
    assert none.cost == pytest.approx(0.0, abs=1e-9)
    k_only = ring({"SJ": 7, "SK": 1, "JK": 9}, connections=pays, demands={"J": 15.0, "K": 15.0})
    assert answer(k_only, step_hours=24).cost == pytest.approx(1 + 15 * 10 * H - 15 * price * H, rel=1e-6)


# --- inequalities, bounds and relaxations ------------------------------------------------------------------------


def searched(instance: Instance) -> search.Search:
    """A search that has reduced the problem and done nothing else."""
    session = highs.Session(Limits(gap=GAP, threads=1), lambda progress: None)
    return search.Search(problem.of_grid(grid_of(instance)), session, lambda priced: None)


@pytest.mark.parametrize("seed", SEEDS)
def test_inequalities(seed: int) -> None:
    """Every inequality of every set of places holds at whole-numbered points of the model without inequalities."""
    run = searched(town(seed))
    network = model.build(run.reduced, run.bounds, [[s] for s in range(run.reduced.steps)])
    p, separator = run.reduced, cuts.Separator(network)
    draw = np.random.default_rng(seed)
    for _ in range(3):
        drawn = network.matrix.cost * draw.uniform(0.2, 3.0, len(network.matrix.cost))
        session = highs.Session(Limits(gap=0.05, threads=1, time_s=20.0), lambda progress: None)
        point = session.solve("point", network.matrix.__class__(**{**vars(network.matrix), "cost": drawn})).x
        assert point is not None
        places = [node for node in range(p.nodes) if not p.source[node]]
        for size in range(1, len(places) + 1):
            for chosen in combinations(places, size):
                inside = np.isin(np.arange(p.nodes), chosen)
                wanted = inside & p.demand & (p.load_mw > 0)
                if wanted.any():
                    for unit in separator.units:
                        _, rest, _ = cuts.rounded(separator.sizes, run.reduced.load_mw[wanted].sum(), np.array([unit]))
                        if rest[0] >= cuts.LEAST_REST:
                            cut = separator.cut(inside, wanted, unit)
                            assert cut.values @ point[cut.columns] >= cut.low - 1e-5


@pytest.mark.parametrize("seed", range(20))
def test_minimum_cuts(seed: int) -> None:
    """The first set lets in as little as any set with the sinks and without the source (all are tried)."""
    draw = np.random.default_rng(seed)
    nodes, many = 6, 14
    tail, head = draw.integers(0, nodes, many), draw.integers(0, nodes, many)
    capacity, amount, demand = draw.uniform(1, 9, many), draw.uniform(0, 1.2, many), float(draw.uniform(2, 9))
    sinks = np.sort(draw.choice(np.arange(1, nodes), int(draw.integers(1, 3)), replace=False))
    share = np.minimum(1.0, capacity / demand) * amount

    def enters(inside: np.ndarray) -> float:
        return float(share[inside[head] & ~inside[tail]].sum())

    others = [node for node in range(1, nodes) if node not in sinks]
    every = [
        np.isin(np.arange(nodes), [*sinks, *some]) for k in range(len(others) + 1) for some in combinations(others, k)
    ]
    least = min(enters(inside) for inside in every)
    found = list(Ways(nodes, np.array([0]), tail, head, capacity, amount).sets(sinks, demand))
    assert bool(found) == (least < 0.99) or 0.99 <= least <= 1.0
    for inside in found:
        assert inside[sinks].all()
        assert not inside[0]
    if found:
        assert enters(found[0]) == pytest.approx(least, abs=many * 2e-4)


def test_strongest() -> None:
    """At (0, 0), x ≥ 3 is 3 away, 3 x + 4 y ≥ 10 is 2 away, and x + y ≥ −1 is kept."""
    both = np.array([0, 1])
    near = cuts.Cut(both, np.array([3.0, 4.0]), 10.0)
    far = cuts.Cut(np.array([0]), np.array([1.0]), 3.0)
    kept = cuts.Cut(both, np.array([1.0, 1.0]), -1.0)
    assert cuts.strongest([near, kept, far], np.zeros(2), 5) == [far, near]
    assert cuts.strongest([near, kept, far], np.zeros(2), 1) == [far]


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_come_and_go(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was added and left, the loaded LP costs what its matrix costs when it is loaded anew."""
    monkeypatch.setattr(relaxed, "MANY", 1)
    run = searched(town(seed))
    network = model.build(run.reduced, run.bounds, [[s] for s in range(run.reduced.steps)])
    told, separator, draw = relaxed.Relaxed(network), cuts.Separator(network), random.Random(seed)
    forest = heuristic.tree(run.reduced, until=float("inf"), seed=seed, stop=lambda: False)
    most = 0
    for _ in range(8):
        point = told.solve(None)
        assert point is not None
        assert point.x is not None
        anew = highs.Warm(told.matrix).solve()
        assert anew is not None
        assert point.cost == pytest.approx(anew.cost, rel=1e-7, abs=1e-9)
        found = [*separator.forest(point.x, forest.up), *separator.minimal(point.x, forest.up, draw)]
        found = cuts.strongest(cuts.distinct(found), point.x, 3)
        most += len(found)
        if not found:
            break
        told.add(found, point.x)
    assert len(told.cuts) <= most


@pytest.mark.parametrize("seed", SEEDS)
def test_part(seed: int) -> None:
    """A part that is the whole has the model's optimum; one that is nothing has the cost of the plan it began with."""
    run = searched(town(seed))
    run.tree()
    assert run.best is not None
    network = model.build(run.reduced, run.bounds, [[s] for s in range(run.reduced.steps)])
    values = np.zeros(len(network.matrix.low))
    for column, value in relaxations.start(network, run.best, run.used):
        values[column] = value
    parts = Neighbourhoods(network, values, Limits(gap=GAP, threads=1))
    whole = highs.Session(Limits(gap=GAP, threads=1), lambda progress: None).solve("whole", network.matrix)
    for free, cost in ((True, whole.cost), (False, run.best.cost / run.money)):
        matrix, left = parts.around_part(np.full(len(values), free))
        assert bool(matrix.integer.any()) == free
        assert (network.matrix.integer[left] == matrix.integer).all()
        found = highs.Session(Limits(gap=GAP, threads=1), lambda progress: None).solve("part", matrix)
        assert found.cost == pytest.approx(cost, rel=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_coarse_is_below(seed: int) -> None:
    """Each of the two relaxations costs no more than the whole; which of them costs more is open."""
    run = searched(town(seed))
    costs = []
    for network in (
        relaxations.coarse(run.reduced, run.bounds, relaxations.follow(run.reduced, run.needed)),
        relaxations.mean(run.reduced, run.bounds),
        model.build(run.reduced, run.bounds, [[s] for s in range(run.reduced.steps)]),
    ):
        session = highs.Session(Limits(gap=0.0, threads=1, time_s=60.0), lambda progress: None)
        costs.append(session.solve("coarse", network.matrix).cost)
    coarse, mean, whole = costs
    assert coarse is not None
    assert mean is not None
    assert whole is not None
    slack = 1e-6 * max(abs(whole), 1.0)
    assert coarse <= whole + slack
    assert mean <= whole + slack


@pytest.mark.parametrize("seed", SEEDS)
def test_begins_with_the_smaller(seed: int) -> None:
    """The LP with a network at the mean load is the coarse one and more; begun at its basis it costs what it costs."""
    run = searched(town(seed))
    small = relaxed.Relaxed(relaxations.coarse(run.reduced, run.bounds, None))
    mean = relaxations.mean(run.reduced, run.bounds)
    rows, columns = len(small.base.row_low), len(small.base.low)
    assert (mean.matrix.cost[:columns] == small.base.cost).all()
    assert (mean.matrix.sparse()[:rows, :columns] != small.base.sparse()).nnz == 0
    assert mean.matrix.sparse()[:rows, columns:].nnz == 0
    assert small.solve(None) is not None
    large, alone = relaxed.Relaxed(mean, smaller=small).solve(None), highs.Warm(mean.matrix).solve()
    assert large is not None
    assert alone is not None
    assert large.cost == pytest.approx(alone.cost, rel=1e-7, abs=1e-9)


def test_follow() -> None:
    """One source and pairs that carry all: 24 MW on 10 km at 0.01 MW/MW and 50 a MWh; not so where a pair is small."""
    share = {"station_power_share": 0.01}
    wide = ring({"SJ": 7, "SK": 7, "JK": 2}, demands={"J": 12.0, "K": 12.0}, retail=50.0)
    wide = wide.replace(pipes=tuple(pipe.model_copy(update=share) for pipe in wide.pipes))
    run = searched(wide)
    told = relaxations.follow(run.reduced, run.needed)
    assert told is not None
    # Two days: the coldest (load 1) and the others; all days are at the design temperature, so both have load 1.
    price = told.flow_mcur[[pipe.id for pipe in wide.pipes].index("SJ")] * run.money / run.power
    kind = wide.pipe_type["pair"]
    half = pump_mw_per_km(kind.inner_diameter_mm, kind.velocity_max_m_per_s / 2, kind.roughness_mm)
    friction = half * 10 / 15
    assert price == pytest.approx((0.01 + friction) * 50 * H, rel=1e-6)
    narrow = searched(ring({"SJ": 7, "SK": 7, "JK": 2}))
    assert relaxations.follow(narrow.reduced, narrow.needed) is None
    assert relaxations.follow(searched(town(1)).reduced, searched(town(1)).needed) is None


# --- trees -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_forest(seed: int) -> None:
    """After many moves the cost kept step by step is that of summing up afresh; the plan is one that can be run."""
    run = searched(town(seed))
    forest = heuristic.tree(run.reduced, until=float("inf"), seed=seed, stop=lambda: False)
    kept, need = forest.cost, list(forest.need)
    forest.order = forest.outward()[::-1]
    forest.sum_up()
    assert forest.cost == pytest.approx(kept, rel=1e-6)
    assert forest.need == pytest.approx(need, rel=1e-6, abs=1e-6)
    run.offer(heuristic.plan_of(forest))
    assert run.best is not None


@pytest.mark.parametrize("seed", SEEDS)
def test_bounds(seed: int) -> None:
    """The best plan of the whole problem, priced with the bounds off, keeps them when its flow has no cycle."""
    run = searched(town(seed))
    free = np.full_like(run.bounds, run.needed.max() * 10)
    network = model.build(run.reduced, bounds.capped(run.reduced, free), [[s] for s in range(run.reduced.steps)])
    limited = model.build(run.reduced, run.bounds, [[s] for s in range(run.reduced.steps)])
    costs = []
    for each in (network, limited):
        session = highs.Session(Limits(gap=0.0, threads=1, time_s=60.0), lambda progress: None)
        costs.append(session.solve("bounds", each.matrix).cost)
    assert costs[0] == pytest.approx(costs[1], rel=1e-6)


@pytest.mark.parametrize("seed", range(1, 9))
def test_more_than_the_design_hour(seed: int) -> None:
    """A load above the design load in a step, and cheap heat that counts for nothing in the design hour, far out."""
    instance = town(seed, factors={"shape_factor": (1.6, 1.2)})
    idle = tuple(
        row.model_copy(update={"design_heat_share": 0.0} if row.id == "waste" else {}) for row in instance.technologies
    )
    far = instance.nodes[0].model_copy(update={"id": "W", "heat_station_mw": None})
    way = {"id": "WA", "from_node": "W", "to_node": instance.nodes[0].id, "length_km": 0.1, "max_new_pairs": 1}
    new = {"candidate_types": ("large",), "existing_type": None, "existing_pairs": 0, "extra_mcur_per_pair": 0.0}
    waste = [unit for unit in instance.units if unit.technology == "waste"][:1]
    instance = instance.replace(
        technologies=idle,
        nodes=(*instance.nodes, far),
        pipes=(*instance.pipes, instance.pipes[0].model_copy(update={**way, **new})),
        units=(
            *(unit for unit in instance.units if unit.technology != "waste"),
            *(unit.model_copy(update={"node": "W", "count": 1}) for unit in waste),
        ),
    )
    own, whole = answer(instance), answer(instance, Plain())
    assert own.cost == pytest.approx(whole.cost, rel=1e-5)


# --- the contract ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        (
            {"stages": [{"year": 2025, "span_years": 5}, {"year": 2030}], "demands": {"J": {2025: 5, 2030: 6}}},
            "2 stages",
        ),
        ({"stores": [{"id": "tank", "node": "S", "max_new_mwh": 5, "hours": 5}]}, "stores.csv"),
        ({"contingencies": [{"id": "loss", "pipe": "SJ"}], "guarantee": 0.5}, "contingencies.csv"),
        ({"technologies": [boiler("heat", 10, commitment="daily")]}, "commitment at unit `h`"),
        ({"units": [{"id": "h", "node": "S", "technology": "heat", "count": 1, "may_reserve": True}]}, "a reserve"),
        ({"rules": [{"id": "quota", "select": [{"units": ["h"]}], "min_share": 0.1, "by_year": 2025}]}, "`quota`"),
    ],
)
def test_refused(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(UsageError, match=word) as caught:
        answer(ring({"SJ": 7, "SK": 7, "JK": 2}, **changes), step_hours=24)
    assert "--solver monolithic" in str(caught.value)


def test_nothing_to_heat_with() -> None:
    """Machines that may be built only after the plan's years: what is not served is priced, as in the one big model."""
    late = {"node": "A", "technology": "oil", "max_new": 1, "earliest_year": 2050}
    instance = town(0, units=[{"id": "late", **late}])
    own, whole = answer(instance), answer(instance, Plain())
    assert own.cost == pytest.approx(whole.cost, rel=3e-6)


def test_time() -> None:
    """A sound plan in hardly any time."""
    instance = town(3)
    found = answer(instance, time_s=0.05)
    assert found.solution is not None
    assert found.cost is not None
    assert check(instance, found.solution).violations.empty
    assert found.status in ("feasible", "optimal")


def test_twice() -> None:
    first, second = answer(town(5)), answer(town(5))
    assert (first.cost, first.bound) == (second.cost, second.bound)


@pytest.mark.parametrize("seed", SEEDS)
def test_fixed(seed: int) -> None:
    """The best of what is left after fixing costs what the best of all costs, where the cutoff is a little above it."""
    run = searched(town(seed))
    network = model.build(run.reduced, run.bounds, [[s] for s in range(run.reduced.steps)])

    def least(matrix: Matrix) -> float:
        session = highs.Session(Limits(gap=0.0, threads=1, time_s=60.0), lambda progress: None)
        cost = session.solve("fixed", matrix).cost
        assert cost is not None
        return cost

    whole = least(network.matrix)
    vertex = highs.Warm(network.matrix).solve()
    assert vertex is not None
    bound, left = fixing.fixed(network.matrix, vertex.duals, whole + 1e-6 * abs(whole))
    assert bound <= whole + 1e-9 * abs(whole)
    assert least(left) == pytest.approx(whole, rel=1e-6, abs=1e-6)


def test_fixed_by_hand() -> None:
    """min x + 3y + 5z with x + y + z ≥ 1, dual 1: the bound is 1, and each y costs 2, each z 4 more; 3 are left."""
    ones = np.ones(3)
    matrix = Matrix(
        cost=np.array([1.0, 3.0, 5.0]),
        offset=0.0,
        low=0 * ones,
        up=4 * ones,
        row_low=np.array([1.0]),
        row_up=np.array([np.inf]),
        start=np.array([0, 1, 2, 3], dtype=np.int32),
        index=np.zeros(3, dtype=np.int32),
        value=ones,
        integer=np.array([True, True, False]),
        columns=(),
        rows=(),
    )
    bound, left = fixing.fixed(matrix, np.array([1.0]), cutoff=4.0)
    assert bound == pytest.approx(1.0)
    assert left.up.tolist() == pytest.approx([4.0, 1.0, 0.75], rel=1e-5)
    assert left.low.tolist() == [0.0, 0.0, 0.0]


def test_start() -> None:
    """With no time to search, the answer is the plan that it was given; one that is not allowed here is left alone."""
    instance = town(2)
    best = answer(instance)
    assert best.solution is not None
    limits = Limits(gap=GAP, threads=1, time_s=1e-3)
    grid = grid_of(instance)
    again = OWN.solve(grid, limits=limits, observer=lambda progress: None, start=Start(best.solution))
    assert again.cost == pytest.approx(best.cost, rel=1e-9)
    units = best.solution.units.assign(new_machines=99)
    wrong = Start(replace(best.solution, units=units))
    other = OWN.solve(grid, limits=limits, observer=lambda progress: None, start=wrong)
    assert other.solution is not None
    assert check(instance, other.solution).violations.empty


@pytest.mark.parametrize(("name", "expected"), [("tutorial", "monolithic"), ("street-100", "design")])
def test_auto_takes_design(name: str, expected: str) -> None:
    """Many pipes in one stage go to `design`, few to the one big model."""
    instance = read(Path(__file__).resolve().parents[2] / "instances" / name)
    assert strategy_for(TimeGrid.choose(instance, 2, 24)) == expected


def test_auto_respects_the_scope() -> None:
    """A network of many pipes with a tank is not for `design`."""
    pipe = {"from_node": "S", "length_km": 1.0, "candidate_types": ("pair",), "max_new_pairs": 1}
    pipes = [{**pipe, "id": f"p{k}", "to_node": "JK"[k % 2]} for k in range(30)]
    tank = {"id": "tank", "node": "S", "max_new_mwh": 5, "hours": 5}
    plain, stored = ring({}, pipes=pipes), ring({}, pipes=pipes, stores=[tank])
    assert strategy_for(grid_of(plain, 24)) == "design"
    assert strategy_for(grid_of(stored, 24)) == "monolithic"
