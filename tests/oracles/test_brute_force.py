"""The optimum of tiny cities against all their plans, each priced by another linear program.

The program is written from `docs/model.md` and solved by SciPy; of heatnet it takes the records and the physics of a
pair of pipes, nothing of the formulation, the time grid or the checker. Cities have constant weather (load factor 1)
and one representative day; whole numbers are enumerated, so that what is left is linear.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from formulation.city import DAYS, boiler, city, optimum
from scipy.optimize import linprog

from heatnet.instance import Instance
from heatnet.physics.pipes import capacity_mw, loss_mw_per_km, pump_mw_per_km

Key = tuple[Any, ...]


@dataclass
class Program:
    """A linear program by names of its columns: least cost, rows `terms ≤ right` or `terms = right`."""

    cost: dict[Key, float] = field(default_factory=lambda: defaultdict(float))
    most: dict[Key, float | None] = field(default_factory=dict)
    below: list[tuple[dict[Key, float], float]] = field(default_factory=list)
    equal: list[tuple[dict[Key, float], float]] = field(default_factory=list)

    def column(self, key: Key, cost: float = 0.0, most: float | None = None) -> Key:
        """A column from 0 to `most`."""
        self.cost[key] += cost
        self.most[key] = most
        return key

    def solve(self) -> float | None:
        """Least cost, None where nothing fits."""
        place = {key: k for k, key in enumerate(self.most)}

        def rows(given: list[tuple[dict[Key, float], float]]) -> tuple[Any, Any]:
            matrix = np.zeros((len(given), len(place)))
            for i, (row, _) in enumerate(given):
                for key, value in row.items():
                    matrix[i, place[key]] += value
            return (matrix, [right for _, right in given]) if given else (None, None)

        (a_ub, b_ub), (a_eq, b_eq) = rows(self.below), rows(self.equal)
        answer = linprog(
            [self.cost[key] for key in place],
            A_ub=a_ub,
            b_ub=b_ub,
            A_eq=a_eq,
            b_eq=b_eq,
            bounds=[(0, most) for most in self.most.values()],
        )
        assert answer.status in (0, 2), answer.message
        return float(answer.fun) if answer.status == 0 else None


@dataclass(frozen=True)
class Choice:
    """Whole numbers of a plan: pairs kept (pipe) and laid (line), machines kept and built (unit), by stage; machines
    on (unit, stage) by step where the technology is committed."""

    kept_pairs: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    laid: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    kept: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    built: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    on: Mapping[tuple[str, int], tuple[int, ...]] = field(default_factory=dict)


def standing(added: tuple[int, ...], years: list[int], life: int) -> list[int]:
    """What stands of additions in each stage."""
    return [sum(n for z, n in zip(years, added, strict=True) if z <= y < z + life) for y in years]


def weight(instance: Instance, stage: Any) -> float:
    """Value in the base year of 1 a year over a stage."""
    rate, base = instance.header.economics.discount_rate_share, instance.header.base_year
    return sum((1 + rate) ** -(stage.year + k - base) for k in range(stage.span_years))


def annuity(rate: float, life: int) -> float:
    return 1 / life if rate == 0 else rate / (1 - (1 + rate) ** -life)


@dataclass(frozen=True)
class Wire:
    """A pipe with a type: numbers of one pair over its length."""

    id: str
    pipe: Any
    life: int
    capacity: float
    loss: float
    pump: tuple[tuple[float, float], ...]
    capex: float
    upkeep: float


def wires(instance: Instance) -> list[Wire]:
    """Every pipe with each of its types."""
    regime = instance.header.regimes[0]
    found = []
    for pipe in instance.pipes:
        for name in sorted(set(pipe.candidate_types) | ({pipe.existing_type} - {None})):
            t = instance.pipe_type[name]
            speed, width = t.velocity_max_m_per_s, t.inner_diameter_mm
            capacity = capacity_mw(width, speed, regime.supply_c, regime.return_c)
            capex = t.capex_mcur_per_km * pipe.length_km * pipe.cost_factor + pipe.extra_mcur_per_pair
            lost = loss_mw_per_km(t.heat_transfer_w_per_m_k, regime.supply_c, regime.return_c, regime.ground_c)
            pump = tuple(
                (s * capacity, pump_mw_per_km(width, s * speed, t.roughness_mm) * pipe.length_km)
                for s in (0.0, 0.5, 0.75, 1.0)
            )
            found.append(
                Wire(
                    f"{pipe.id}/{name}",
                    pipe,
                    t.life_years,
                    capacity,
                    lost * pipe.length_km,
                    pump,
                    capex,
                    capex * t.fixed_share_per_year,
                )
            )
    return found


def price(instance: Instance, choice: Choice, parts: Mapping[str, tuple[float, ...]], steps: int) -> float | None:
    """Least cost of a plan whose whole numbers are given, million; None where it cannot operate.

    `parts`: values of hourly series by step (wholesale, retail, shape and factor columns).
    """
    years = [stage.year for stage in instance.stages]
    total = 0.0
    for y, stage in enumerate(instance.stages):
        pairs = {w.id: 0 for w in wires(instance)}
        machines = {}
        year_cost = 0.0  # a year, in million
        w_stage, rate = weight(instance, stage), instance.header.economics.discount_rate_share
        for wire in wires(instance):
            new = standing(choice.laid.get(wire.id, (0,) * len(years)), years, wire.life)[y]
            old = choice.kept_pairs[wire.pipe.id][y] if wire.id == f"{wire.pipe.id}/{wire.pipe.existing_type}" else 0
            pairs[wire.id] = old + new
            year_cost += new * wire.capex * annuity(rate, wire.life) + (old + new) * wire.upkeep
        for unit in instance.units:
            t = instance.technology[unit.technology]
            new = standing(choice.built.get(unit.id, (0,) * len(years)), years, t.life_years)[y]
            old = choice.kept.get(unit.id, (unit.count,) * len(years))
            machines[unit.id] = old[y] + new
            year_cost += new * unit.size_mw * t.capex_mcur_per_mw * annuity(rate, t.life_years)
            year_cost += (old[y] + new) * unit.size_mw * t.fixed_mcur_per_mw_year
            left = (unit.count if y == 0 else old[y - 1]) - old[y]
            total += (
                left * unit.size_mw * t.retire_mcur_per_mw * (1 + rate) ** -(stage.year - instance.header.base_year)
            )
        design = design_hour(instance, stage, pairs, machines)
        season = operation(instance, stage, pairs, machines, choice.on, parts, steps)
        if design is None or season is None:
            return None
        total += w_stage * (year_cost + design + season)
    return total


def units_at(instance: Instance, node: str) -> list[Any]:
    return [unit for unit in instance.units if unit.node == node]


def half_loss(instance: Instance, node: str, pairs: Mapping[str, int]) -> float:
    """Loss that a node feeds."""
    ends = [w for w in wires(instance) if node in (w.pipe.from_node, w.pipe.to_node)]
    return sum(0.5 * w.loss * pairs[w.id] for w in ends)


def design_hour(instance: Instance, stage: Any, pairs: Mapping[str, int], machines: Mapping[str, int]) -> float | None:
    """Yearly cost of the shortfall in the design hour."""
    lp = Program()
    for unit in instance.units:
        t = instance.technology[unit.technology]
        most = max(c.heat_mw for c in instance.corners[t.id]) * unit.size_mw / t.size_mw * t.design_heat_share
        lp.column(("heat", unit.id), most=machines[unit.id] * most)
    for wire in wires(instance):
        for way in ("there", "back"):
            lp.column((way, wire.id), most=pairs[wire.id] * wire.capacity)
    for node in instance.nodes:
        load = instance.design_heat_mw(node.id, stage.year) if node.id in instance.demand_nodes else 0.0
        row = {("heat", unit.id): 1.0 for unit in units_at(instance, node.id)}
        if node.heat_station_mw is not None and row:
            lp.below.append((dict(row), node.heat_station_mw))
        row |= flows(instance, node.id)
        short = lp.column(("short", node.id), instance.header.economics.shortfall_mcur_per_mw_year, load)
        lp.equal.append(({**row, short: 1.0}, load + half_loss(instance, node.id, pairs)))
    return lp.solve()


def flows(instance: Instance, node: str, *place: int) -> dict[Key, float]:
    """Inflow less outflow of a node."""
    row: dict[Key, float] = {}
    for wire in wires(instance):
        sign = {wire.pipe.to_node: 1.0, wire.pipe.from_node: -1.0}.get(node)
        if sign is not None:
            row |= {("there", wire.id, *place): sign, ("back", wire.id, *place): -sign}
    return row


def operation(
    instance: Instance,
    stage: Any,
    pairs: Mapping[str, int],
    machines: Mapping[str, int],
    on: Mapping[tuple[str, int], tuple[int, ...]],
    parts: Mapping[str, tuple[float, ...]],
    steps: int,
) -> float | None:
    """Cost of a season of `DAYS` equal days, million a year."""
    lp, hours, fixed = Program(), 24 // steps, 0.0
    energy = hours * DAYS / 1e6
    for s in range(steps):
        wholesale, retail = parts["wholesale"][s], parts["retail"][s]
        for unit in instance.units:
            t = instance.technology[unit.technology]
            scale = unit.size_mw / t.size_mw
            fuel = instance.fuel.get(t.fuel) if t.fuel else None
            weights: dict[Key, float] = {}
            for corner in instance.corners[t.id]:
                bought = wholesale if t.power_price == "wholesale" else retail
                cost = corner.heat_mw * t.variable_heat_cur_per_mwh
                if corner.power_mw > 0:
                    cost += corner.power_mw * (t.variable_power_cur_per_mwh - wholesale)
                else:
                    cost -= corner.power_mw * bought
                if fuel is not None:
                    factor = parts[fuel.price_series][s] if fuel.price_series else 1.0
                    carbon = fuel.co2_t_per_mwh * stage.co2_price_cur_per_t
                    cost += corner.fuel_mw * (fuel.price_cur_per_mwh * factor + carbon)
                weights[lp.column(("corner", unit.id, corner.corner, s), energy * scale * cost)] = 1.0
            if t.commitment == "none":
                lp.below.append((weights, float(machines[unit.id])))
            else:
                running = on[unit.id, stage.year]
                if max(running) > machines[unit.id]:
                    return None
                lp.equal.append((weights, float(running[s])))
                if t.commitment == "hourly":
                    starts = max(running[s] - running[s - 1], 0)
                    fixed += starts * unit.size_mw * t.start_cur_per_mw * DAYS / 1e6
        for wire in wires(instance):
            most = pairs[wire.id] * wire.capacity
            there, back = (lp.column((way, wire.id, s), most=most) for way in ("there", "back"))
            lp.below.append(({there: 1.0, back: 1.0}, most))
            pump = lp.column(("pump", wire.id, s), energy * retail)
            for (x0, y0), (x1, y1) in itertools.pairwise(wire.pump):
                slope = (y1 - y0) / (x1 - x0)
                # y0 · pairs + slope · (flow − x0 · pairs) ≤ pump
                lp.below.append(({there: slope, back: slope, pump: -1.0}, pairs[wire.id] * (slope * x0 - y0)))
        for store in instance.stores:
            size = store.existing_mwh
            level = lp.column(("level", store.id, s), most=size)
            charge = lp.column(("charge", store.id, s), most=size / store.hours)
            discharge = lp.column(("discharge", store.id, s), most=size / store.hours)
            before = ("level", store.id, (s - 1) % steps)
            row = {level: 1.0, charge: -hours * store.efficiency_share, discharge: float(hours)}
            row[before] = row.get(before, 0.0) - (1 - store.loss_share_per_h) ** hours
            lp.equal.append((row, 0.0))
        for node in instance.nodes:
            shape = next((d.shape_series for d in instance.demands if d.node == node.id), None)
            demand = instance.design_heat_mw(node.id, stage.year) if node.id in instance.demand_nodes else 0.0
            demand *= parts[shape][s] if shape else 1.0
            row = {}
            for unit in units_at(instance, node.id):
                t = instance.technology[unit.technology]
                for corner in instance.corners[t.id]:
                    row["corner", unit.id, corner.corner, s] = corner.heat_mw * unit.size_mw / t.size_mw
            if node.heat_station_mw is not None and row:
                lp.below.append((dict(row), node.heat_station_mw))
            if row:
                row[lp.column(("spill", node.id, s))] = -1.0
            row |= flows(instance, node.id, s)
            for store in instance.stores:
                if store.node == node.id:
                    row |= {("discharge", store.id, s): 1.0, ("charge", store.id, s): -1.0}
            unserved = energy * instance.header.economics.unserved_cur_per_mwh
            row[lp.column(("unserved", node.id, s), unserved, demand)] = 1.0
            lp.equal.append((row, demand + half_loss(instance, node.id, pairs)))
    for store in instance.stores:
        fixed += store.existing_mwh * store.capex_mcur_per_mwh * store.fixed_share_per_year
    cost = lp.solve()
    return None if cost is None else cost + fixed


def falling(most: int, stages: int) -> Iterator[tuple[int, ...]]:
    """Numbers by stage that never rise."""
    return (c for c in itertools.product(range(most + 1), repeat=stages) if list(c) == sorted(c, reverse=True))


def added(most: int, stages: int) -> Iterator[tuple[int, ...]]:
    """Additions by stage, `most` in all."""
    return (c for c in itertools.product(range(most + 1), repeat=stages) if sum(c) <= most)


def best(
    instance: Instance, choices: Iterable[Choice], parts: Mapping[str, tuple[float, ...]], steps: int
) -> tuple[float, int]:
    """Least cost over all plans, and how many can operate."""
    costs = [cost for cost in (price(instance, choice, parts, steps) for choice in choices) if cost is not None]
    return min(costs, default=math.inf), len(costs)


# --- the cities ----------------------------------------------------------------------------------------------

PAIR = {"id": "p", "capacity_mw": 30, "loss_mw_per_km": 0.05, "capex_mcur_per_km": 0.6, "fixed_share_per_year": 0.01}
WIDE = {"id": "w", "capacity_mw": 55, "inner_diameter_mm": 500, "loss_mw_per_km": 0.07, "capex_mcur_per_km": 0.9}


def test_triangle(record_property: Callable[[str, object], None]) -> None:
    """Proves: which of three pipes to lay and where to build, 2³ · 3 · 2 = 48 plans, one stage, pump power at 80.

    Sensitivity: a plan left out or one too many, or any price wrong, moves the least cost.
    """
    instance = city(
        nodes=("A", "B", "C"),
        types=[PAIR],
        pipes=[
            {
                "id": a + b,
                "from_node": a.upper(),
                "to_node": b.upper(),
                "candidate_types": ("p",),
                "max_new_pairs": 1,
                "length_km": km,
            }
            for a, b, km in (("a", "b", 8.0), ("a", "c", 11.0), ("b", "c", 4.0))
        ],
        technologies=[boiler("cheap", 20, size=60), boiler("local", 37, size=15, capex_mcur_per_mw=0.15)],
        units=[
            {"id": "a", "technology": "cheap", "count": 1, "may_retire": False},
            {"id": "b", "node": "B", "technology": "local", "max_new": 2},
            {"id": "c", "node": "C", "technology": "local", "max_new": 1},
        ],
        demands={"B": 22, "C": 13},
        retail=80,
        shortfall=0.2,
        unserved=300,
    )
    lines = ("ab/p", "ac/p", "bc/p")
    choices = [
        Choice(laid={line: (n,) for line, n in zip(lines, laid, strict=True)}, built={"b": (b,), "c": (c,)})
        for laid in itertools.product(range(2), repeat=3)
        for b in range(3)
        for c in range(2)
    ]
    parts = {"wholesale": (0.0,), "retail": (80.0,)}
    cost, number = best(instance, choices, parts, 1)
    assert len(choices) == 48
    record_property("plans", len(choices))
    assert number > 1
    optimum(instance, cost)


def test_two_stages(record_property: Callable[[str, object], None]) -> None:
    """Proves: keep, take out, lay, retire and build over two stages, interest, carbon: 3 · 3 · 6 · 3 = 162 plans.

    Sensitivity: a discount or annuity off by a year, or a removed pair that returns, moves the least cost.
    """
    instance = city(
        nodes=("A", "B"),
        types=[{**PAIR, "id": "old", "capacity_mw": 12, "inner_diameter_mm": 250}, {**PAIR, "life_years": 30}],
        pipes=[
            {
                "id": "ab",
                "from_node": "A",
                "to_node": "B",
                "existing_type": "old",
                "existing_pairs": 1,
                "candidate_types": ("p",),
                "max_new_pairs": 1,
                "cost_factor": 1.3,
                "extra_mcur_per_pair": 0.7,
            }
        ],
        fuels={"coal": {"price_cur_per_mwh": 12, "co2_t_per_mwh": 0.34}},
        technologies=[
            {
                "id": "coal",
                "kind": "boiler",
                "fuel": "coal",
                "size_mw": 20,
                "fixed_mcur_per_mw_year": 0.004,
                "retire_mcur_per_mw": 0.01,
                "corners": {"full": (20, 0, 25)},
            },
            {
                "id": "pump",
                "kind": "heat_pump",
                "size_mw": 15,
                "capex_mcur_per_mw": 0.6,
                "life_years": 15,
                "fixed_mcur_per_mw_year": 0.01,
                "design_heat_share": 0.8,
                "corners": {"full": (15, -5, 0)},
            },
        ],
        units=[
            {"id": "a", "technology": "coal", "count": 2},
            {"id": "b", "node": "B", "technology": "pump", "max_new": 1},
        ],
        demands={"A": 6, "B": {2025: 14, 2030: 21}},
        stages=[
            {"year": 2025, "span_years": 3, "co2_price_cur_per_t": 10},
            {"year": 2028, "span_years": 4, "co2_price_cur_per_t": 160},
        ],
        base_year=2024,
        rate=0.06,
        retail=90,
        shortfall=0.08,
        unserved=120,
    )
    choices = [
        Choice(kept_pairs={"ab": kept}, laid={"ab/p": laid}, kept={"a": old}, built={"b": new})
        for kept in falling(1, 2)
        for laid in added(1, 2)
        for old in falling(2, 2)
        for new in added(1, 2)
    ]
    cost, number = best(instance, choices, {"wholesale": (0.0,), "retail": (90.0,)}, 1)
    assert len(choices) == 162
    record_property("plans", len(choices))
    assert number > 1
    optimum(instance, cost)


def test_daily_commitment_and_store(record_property: Callable[[str, object], None]) -> None:
    """Proves: daily commitment of power sets, two types of pipe and a store over two steps: 6 · 6 · 3 = 108 plans.

    A rule asks half of the sets to leave, so that only plans with one or none may be taken.
    Sensitivity: without the rule, the loss of the store or the minimum of a set the least cost is another.
    """
    instance = city(
        nodes=("A", "B"),
        types=[PAIR, WIDE],
        pipes=[{"id": "ab", "from_node": "A", "to_node": "B", "candidate_types": ("p", "w"), "max_new_pairs": 2}],
        fuels={"coal": {"price_cur_per_mwh": 15, "price_series": "coal_factor", "co2_t_per_mwh": 0.3}},
        technologies=[
            {
                "id": "set",
                "kind": "extraction",
                "fuel": "coal",
                "size_mw": 30,
                "power_price": "wholesale",
                "commitment": "daily",
                "fixed_mcur_per_mw_year": 0.02,
                "variable_power_cur_per_mwh": 2,
                "corners": {"x": (0, 30, 80), "y": (40, 24, 80), "z": (12, 9, 40)},
            },
            boiler("gas", 55, size=20, capex_mcur_per_mw=0.05),
        ],
        units=[
            {"id": "s", "technology": "set", "count": 2},
            {"id": "g", "node": "B", "technology": "gas", "max_new": 2},
        ],
        stores=[
            {"id": "tank", "node": "B", "existing_mwh": 150, "hours": 10, "efficiency_share": 0.95}
            | {"loss_share_per_h": 0.002, "capex_mcur_per_mwh": 0.02, "fixed_share_per_year": 0.01}
        ],
        demands={"B": 62},
        shapes={"B": "shape_factor"},
        factors={"shape_factor": (1.0, 0.6), "coal_factor": (1.1, 0.9)},
        stages=[{"year": 2025, "co2_price_cur_per_t": 20}],
        wholesale=(70, 25),
        retail=(95, 60),
        shortfall=0.1,
        unserved=200,
        rules=[{"id": "half", "select": [{"kinds": ("extraction",)}], "min_share": 0.5, "by_year": 2025}],
    )
    choices = [
        Choice(
            laid={"ab/p": (p,), "ab/w": (w,)},
            kept={"s": (kept,)},
            built={"g": (gas,)},
            on={("s", 2025): (running, running)},
        )
        for p, w in ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
        for kept in range(3)
        for running in range(kept + 1)
        for gas in range(3)
    ]
    parts = {"wholesale": (70, 25), "retail": (95, 60), "shape_factor": (1.0, 0.6), "coal_factor": (1.1, 0.9)}
    assert len(choices) == 108
    record_property("plans", len(choices))
    allowed = [choice for choice in choices if choice.kept["s"][0] <= 1]
    cost, _ = best(instance, allowed, parts, 2)
    optimum(instance, cost, step_hours=12)
    free, _ = best(instance, choices, parts, 2)
    header = instance.header.model_copy(update={"rules": ()})
    optimum(instance.replace(header=header), free, step_hours=12)
    assert free < cost - 1e-3  # the rule costs something, or this would prove nothing


def test_hourly_commitment_and_heat_station(record_property: Callable[[str, object], None]) -> None:
    """Proves: hourly commitment with starts behind a heat station, two steps: 14 states of sets · 2 · 3 = 84 plans.

    Kept 0, 1 or 2 with 1, 4 or 9 ways to run over two steps. Sensitivity: starts for nothing, or the limit of the
    station ignored, give another least cost.
    """
    instance = city(
        nodes=({"id": "A", "heat_station_mw": 33.0}, "B"),
        types=[{**PAIR, "id": "old", "capacity_mw": 25}],
        pipes=[{"id": "ab", "from_node": "B", "to_node": "A", "existing_type": "old", "existing_pairs": 1}],
        technologies=[
            boiler("block", 24, size=18, commitment="hourly", start_cur_per_mw=35, fixed_mcur_per_mw_year=0.01)
            | {"retire_mcur_per_mw": 0.002, "corners": {"low": (9, 0, 0), "full": (18, 0, 0)}},
            boiler("other", 52, size=12, capex_mcur_per_mw=0.2),
        ],
        units=[
            {"id": "u", "technology": "block", "count": 2},
            {"id": "o", "node": "B", "technology": "other", "max_new": 2},
        ],
        demands={"A": 20, "B": 14},
        shapes={"A": "shape_factor"},
        factors={"shape_factor": (1.0, 0.3)},
        retail=70,
        shortfall=0.3,
        unserved=400,
    )
    choices = [
        Choice(kept_pairs={"ab": (pair,)}, kept={"u": (kept,)}, built={"o": (new,)}, on={("u", 2025): running})
        for pair in range(2)
        for kept in range(3)
        for running in itertools.product(range(kept + 1), repeat=2)
        for new in range(3)
    ]
    parts = {"wholesale": (0.0, 0.0), "retail": (70.0, 70.0), "shape_factor": (1.0, 0.3)}
    assert len(choices) == 84
    record_property("plans", len(choices))
    cost, number = best(instance, choices, parts, 2)
    assert number > 1
    optimum(instance, cost, step_hours=12)


def test_oracle_by_hand(record_property: Callable[[str, object], None]) -> None:
    """Proves: the oracle itself gives the 2.65 of `formulation.test_pipes.test_small_pipe_suffices`.

    Sensitivity: an oracle that shares a fault with the model would miss this number worked out by hand.
    """
    instance = city(
        nodes=("A", "B"),
        types=[{"id": "small", "capacity_mw": 50, "capex_mcur_per_km": 1.0}],
        pipes=[{"id": "ab", "from_node": "A", "to_node": "B", "candidate_types": ("small",), "max_new_pairs": 1}],
        technologies=[boiler("cheap", 20)],
        units=[{"id": "a", "technology": "cheap", "count": 1}],
        demands={"B": 40},
    )
    choices = [Choice(laid={"ab/small": (n,)}) for n in range(2)]
    record_property("plans", len(choices))
    assert best(instance, choices, {"wholesale": (0.0,), "retail": (0.0,)}, 1)[0] == pytest.approx(2.65)
