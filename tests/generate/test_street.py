"""Generated street networks, judged by networkx, by SciPy's largest flow and by plain sums.

Sensitivity. Without each of these would go unnoticed:
- sizes: pipes, sources or buildings that are not as many as asked for; a building without a service pipe of its own.
- valid: a network that cannot be read, or is changed by being written.
- same: a draw that depends on more than the seed; a seed without effect.
- connected: a building or source that no pipe leads to.
- streets: a network without dead ends or rings; two pipes in one street; lengths that the map does not show.
- rivers: a river with as many bridges as streets beside it, or bridges that cost nothing.
- flow: a demand that sources and candidates cannot meet.
- service: a service pipe too small for its building.
- types: a range of diameters without small or large ones, costs that fall with the diameter.
- optional: a share of optional buildings that is not the one asked for; prices of nothing.
- steps: a question without design hour or without load steps.
- numbers: numbers that cannot be meant and are taken.
- solve: a network that cannot be heated, or whose optional buildings are none.
"""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import maximum_flow

from heatnet.errors import UsageError
from heatnet.generate import save, street
from heatnet.instance import Instance, read
from heatnet.instance import records as r
from heatnet.instance.rules import warnings
from heatnet.solve import Limits, solve

CASES = [(10, 0), (37, 1), (100, 2), (1000, 3), (5000, 4)]


@pytest.fixture(scope="module", params=CASES, ids=str)
def made(request: pytest.FixtureRequest) -> Instance:
    """A network of each case."""
    return street(*request.param)


def graph(instance: Instance) -> nx.Graph:
    """Nodes and pipes."""
    return nx.Graph([(pipe.from_node, pipe.to_node, {"id": pipe.id}) for pipe in instance.pipes])


def pair_mw(row: r.PipeType) -> float:
    """958 kg/m³ · area · velocity · 4.2 kJ/kgK · 40 K (90/50 °C)."""
    return 958 * math.pi / 4 * (row.inner_diameter_mm / 1000) ** 2 * row.velocity_max_m_per_s * 4.2 * 40 / 1000


def most_mw(instance: Instance, pipe: r.Pipe) -> float:
    """Most heat of the largest pairs that may be laid."""
    return pipe.max_new_pairs * max(pair_mw(instance.pipe_type[name]) for name in pipe.candidate_types)


def load_mw(instance: Instance, node: str) -> float:
    """Design load of a building."""
    (row,) = [row for row in instance.demands if row.node == node]
    return row.area_mm2 * row.peak_w_per_m2


@pytest.mark.parametrize("pipes", [10, 11, 40, 99, 100, 101, 1234])
@pytest.mark.parametrize("seed", [0, 1])
def test_sizes(pipes: int, seed: int) -> None:
    made = street(pipes, seed)
    assert len(made.pipes) == pipes
    assert len(made.demands) == round(0.4 * pipes)
    asked = street(pipes, seed, sources=3, consumers=5)
    assert len(asked.pipes) == pipes
    assert len(asked.demands) == 5
    assert len({unit.node for unit in asked.units}) == 3


def test_valid(made: Instance, tmp_path: Path) -> None:
    save(made, tmp_path)
    assert read(tmp_path) == made
    assert warnings(made) == []


def test_same_seed_same_network() -> None:
    assert street(100, seed=4).sha256 == street(100, seed=4).sha256
    assert len({street(100, seed=seed).sha256 for seed in range(4)}) == 4


def test_connected(made: Instance) -> None:
    network = graph(made)
    assert set(network) == set(made.node)
    assert nx.is_connected(network)
    assert all(network.degree(row.node) == 1 for row in made.demands)
    assert not {unit.node for unit in made.units} & set(made.demand_nodes)


def test_streets(made: Instance) -> None:
    network = graph(made)
    assert network.number_of_edges() == len(made.pipes)
    streets = network.subgraph(set(network) - set(made.demand_nodes))
    if len(made.pipes) >= 100:
        assert sum(1 for _, degree in streets.degree if degree == 1) > 0.02 * len(streets)
        assert len(nx.cycle_basis(streets)) > 0.2 * len(streets)
    for pipe in made.pipes[:: max(1, len(made.pipes) // 200)]:
        ends = [made.node[name] for name in (pipe.from_node, pipe.to_node)]
        flat = [(111.2 * math.cos(math.radians(36)) * end.lon_deg, 111.2 * end.lat_deg) for end in ends]
        share = 0.8 if pipe.to_node in made.demand_nodes else 1.0  # a service pipe is not laid straight
        assert share * pipe.length_km == pytest.approx(math.dist(*flat), abs=5e-4)
        assert pipe.length_km < 0.2


@pytest.mark.parametrize(("pipes", "seed"), [(300, 1), (3000, 5), (3000, 6)])
def test_rivers(pipes: int, seed: int) -> None:
    """Without its bridges, a network falls apart into banks; there are far fewer bridges than rows of streets."""
    made = street(pipes, seed)
    bridges = [pipe for pipe in made.pipes if pipe.cost_factor != 1]
    assert {pipe.cost_factor for pipe in bridges} == {3.0}
    network = graph(made)
    rows = math.sqrt(len(network) - len(made.demands))
    assert 2 <= len(bridges) <= rows / 2
    network.remove_edges_from((pipe.from_node, pipe.to_node) for pipe in bridges)
    banks = sorted(map(len, nx.connected_components(network)))
    assert banks[-2] > len(network) / 4


def test_demand_can_be_met(made: Instance) -> None:
    """The largest flow from the sources over the largest candidates, with 10 % on all loads; whole kilowatts."""
    place = {name: number for number, name in enumerate(made.node, start=2)}
    design = {row.id: row.design_heat_share for row in made.technologies}
    rows: list[tuple[int, int, float]] = []
    for pipe in made.pipes:
        ends = place[pipe.from_node], place[pipe.to_node]
        rows += [(*ends, most_mw(made, pipe)), (*ends[::-1], most_mw(made, pipe))]
    supply = Counter[str]()
    for unit in made.units:
        supply[unit.node] += unit.max_new * unit.size_mw * design[unit.technology]
    rows += [(0, place[node], power) for node, power in supply.items()]
    loads = [(place[row.node], 1, 1.1 * row.area_mm2 * row.peak_w_per_m2) for row in made.demands]
    one, other, power = zip(*rows, *loads, strict=True)
    whole = (1e4 * np.array(power)).astype(np.int32)
    flow = maximum_flow(coo_array((whole, (one, other)), shape=(len(place) + 2,) * 2).tocsr(), 0, 1)
    assert flow.flow_value == whole[-len(loads) :].sum()
    assert sum(supply.values()) > 1.5 * sum(load for *_, load in loads) / 1.1


def test_service_pipes(made: Instance) -> None:
    buildings = set(made.demand_nodes)
    service = [pipe for pipe in made.pipes if pipe.to_node in buildings]
    assert len(service) == len(buildings)
    for pipe in service[:300]:
        load = load_mw(made, pipe.to_node)
        smallest = pair_mw(made.pipe_type[pipe.candidate_types[0]])
        assert pipe.max_new_pairs * smallest >= 1.2 * load
        assert len(pipe.candidate_types) <= 2


def test_types(made: Instance) -> None:
    types = sorted(made.pipe_types, key=lambda row: row.inner_diameter_mm)
    assert (types[0].id, types[-1].id) == ("DN20", "DN600")
    costs = [row.capex_mcur_per_km for row in types]
    assert costs == sorted(costs)
    by_law = [1 + 14 * (int(row.id[2:]) / 800) ** 1.4 for row in types]
    assert costs == pytest.approx(by_law, abs=0.006)
    powers = [pair_mw(row) for row in types]
    assert powers == sorted(powers)
    assert min(len(pipe.candidate_types) for pipe in made.pipes if pipe.from_node[0] == pipe.to_node[0]) >= 5


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_optional(share: float) -> None:
    made = street(200, 1, optional_share=share)
    assert len(made.connections) == round(share * 80)
    assert {row.node for row in made.connections} <= set(made.demand_nodes)
    assert all(100 < row.heat_price_cur_per_mwh < 1500 for row in made.connections)


def test_steps(made: Instance) -> None:
    assert len(made.stages) == 1
    assert made.series.days == 120
    assert (made.header.solve.days, made.header.solve.step_hours) == (3, 24)
    assert not any(pipe.existing_pairs for pipe in made.pipes)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ({"pipes": 9}, "--pipes 9"),
        ({"pipes": 100_001}, "--pipes"),
        ({"pipes": 100, "seed": -1}, "--seed -1"),
        ({"pipes": 100, "sources": 0}, "--sources 0"),
        ({"pipes": 100, "sources": 80}, "--sources 80"),
        ({"pipes": 100, "consumers": 0}, "--consumers 0"),
        ({"pipes": 100, "consumers": 97}, "--consumers 97"),
        ({"pipes": 100, "optional_share": 1.1}, "--optional-share 1.1"),
        ({"pipes": 100, "optional_share": math.nan}, "--optional-share nan"),
    ],
)
def test_numbers_that_cannot_be_meant(words: dict[str, int], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        street(**words)


def test_small_network_is_solved() -> None:
    """Everybody who must be is served, and some who need not be."""
    made = street(20, 3, optional_share=0.5)
    result = solve(made, days=2, step_hours=24, limits=Limits(gap=0.05, time_s=120.0, threads=1))
    assert result.report is not None
    assert result.report.violations.empty
    plan = result.answer.solution
    assert plan is not None
    assert plan.districts["unserved_mwh"].sum() == pytest.approx(0, abs=1e-3)
    assert plan.districts["design_shortfall_mw"].sum() == pytest.approx(0, abs=1e-3)
    assert plan.districts["connected"].sum() > 4
    assert plan.pipes["new_pairs"].sum() >= 4
