"""Generated cities, judged by networkx and by plain sums.

Sensitivity. Without each of these would go unnoticed:
- sizes: a number of nodes or stages that is not the one asked for, at both ends of the range.
- valid: a city that cannot be read, or is changed by being written, or for which `heatnet validate` warns.
- same: a draw that depends on more than the seed; a seed without effect.
- network: a corridor that crosses another, or a node that none leads to; corridors longer or shorter than the map says.
- start: sources that fall short of the first demand, or pipes that cannot carry it to the districts.
- guarantee: a district whose own boilers do not cover it at the start.
- later: a district that could not be heated by what may be built in it, in the coldest hour and under every schedule.
- closures: a rule that has nothing to close, closes all, or that a schedule does not switch.
- remote: a long line that carries heat away from the city, or less than its plant makes.
- contingencies: one that is not the largest plant or a pipe that is or may be there.
- season: a coldest day that is not the design temperature, a load above the design load.
- catalogue: a figure or a mark that is not the one of Jinan's tables.
- marks: a row that claims more than `assumed` without being one of Jinan's.
- numbers: numbers that cannot be meant and are taken.
- solve: a plan with heat unserved or nothing to decide.
"""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import networkx as nx
import pytest
from conftest import JINAN

from heatnet.errors import UsageError
from heatnet.generate import catalogue, city, save
from heatnet.instance import Instance, read
from heatnet.instance import records as r
from heatnet.instance.rules import warnings
from heatnet.solve import Limits, solve

CASES = [(2, 1, 0), (3, 2, 5), (5, 6, 1), (30, 6, 1), (60, 4, 2), (120, 6, 3)]


@pytest.fixture(scope="module", params=CASES, ids=str)
def made(request: pytest.FixtureRequest) -> Instance:
    """A city of each case."""
    return city(*request.param)


def position(instance: Instance, node: str) -> tuple[float, float]:
    """Kilometres east and north of the middle of the map."""
    row = instance.node[node]
    return (row.lon_deg - 117) * 111.2 * math.cos(math.radians(36)), (row.lat_deg - 36) * 111.2


def heat(instance: Instance, unit: r.Unit) -> float:
    """Largest heat of one machine in the design hour, in modes that are not bought, MW."""
    technology = instance.technology[unit.technology]
    bought = {row.mode for row in instance.retrofits if row.technology == technology.id}
    corner = max(row.heat_mw for row in instance.corners[technology.id] if row.mode not in bought)
    return technology.design_heat_share * corner * unit.size_mw / technology.size_mw


def pair_mw(row: r.PipeType, kelvin: float) -> float:
    """958 kg/m³ · area · velocity · 4.2 kJ/kgK · difference of temperatures."""
    return 958 * math.pi / 4 * (row.inner_diameter_mm / 1000) ** 2 * row.velocity_max_m_per_s * 4.2 * kelvin / 1000


@pytest.mark.parametrize(("nodes", "stages", "seed"), CASES)
def test_sizes(nodes: int, stages: int, seed: int) -> None:
    made = city(nodes, stages, seed)
    assert (len(made.nodes), len(made.stages)) == (nodes, stages)
    spans = [1, 1, 2, 2, 5, 5][:stages]
    assert [stage.year for stage in made.stages] == [2024 + sum(spans[:k]) for k in range(stages)]
    assert {node.id for node in made.nodes if node.kind == "district"} == set(made.demand_nodes)


def test_valid(made: Instance, tmp_path: Path) -> None:
    save(made, tmp_path)
    assert read(tmp_path) == made
    assert warnings(made) == []


def test_same_seed_same_city() -> None:
    assert city(30, seed=4).sha256 == city(30, seed=4).sha256
    assert len({city(30, seed=seed).sha256 for seed in range(4)}) == 4


def test_network(made: Instance) -> None:
    graph = nx.Graph([(pipe.from_node, pipe.to_node) for pipe in made.pipes])
    assert set(graph) == set(made.node)
    assert nx.is_connected(graph)
    assert graph.number_of_edges() == len(made.pipes) <= 1.4 * len(made.nodes)
    inside = [pipe for pipe in made.pipes if not pipe.delay_h and not pipe.id.startswith("long")]
    ends = {pipe.id: (position(made, pipe.from_node), position(made, pipe.to_node)) for pipe in inside}
    for one, other in itertools.combinations(inside, 2):
        if not {one.from_node, one.to_node} & {other.from_node, other.to_node}:
            assert not cross(*ends[one.id], *ends[other.id]), (one.id, other.id)
    for pipe in made.pipes:
        straight = math.dist(position(made, pipe.from_node), position(made, pipe.to_node))
        assert pipe.length_km == pytest.approx(1.25 * straight, abs=0.1)


def cross(*points: tuple[float, float]) -> bool:
    """Whether the stretch between the first two points crosses that between the others."""
    a, b, c, d = points

    def left(one: tuple[float, float], other: tuple[float, float], third: tuple[float, float]) -> bool:
        (x, y), (u, v), (p, q) = one, other, third
        return (u - x) * (q - y) > (v - y) * (p - x)

    return left(a, b, c) != left(a, b, d) and left(c, d, a) != left(c, d, b)


def test_start_is_served(made: Instance) -> None:
    """The largest flow from what stands to the districts meets their demand; whole kilowatts, so that it is exact."""
    graph = nx.DiGraph()
    for unit in made.units:
        if unit.count:
            before = graph.get_edge_data("source", unit.node, {"capacity": 0})["capacity"]
            graph.add_edge("source", unit.node, capacity=before + int(1000 * unit.count * heat(made, unit)))
    for pipe in made.pipes:
        if pipe.existing_type:
            power = int(1000 * pipe.existing_pairs * pair_mw(made.pipe_type[pipe.existing_type], 60))
            graph.add_edge(pipe.from_node, pipe.to_node, capacity=power)
            graph.add_edge(pipe.to_node, pipe.from_node, capacity=power)
    demand = {node: math.ceil(1000 * made.design_heat_mw(node, 2024)) for node in made.demand_nodes}
    for node, load in demand.items():
        graph.add_edge(node, "sink", capacity=load)
    assert nx.maximum_flow_value(graph, "source", "sink") == sum(demand.values())
    assert sum(graph["source"][node]["capacity"] for node in graph["source"]) > 1.15 * sum(demand.values())


def test_guarantee_at_the_start(made: Instance) -> None:
    for node in made.demand_nodes:
        own = sum(unit.count * heat(made, unit) for unit in made.units if unit.node == node)
        assert own >= 0.4 * made.design_heat_mw(node, 2024)


def test_later_demand_is_served(made: Instance) -> None:
    """In the coldest hour, 3 K below the design temperature, air-source heat is 1 − 0.025 · (2 + 8.3) = 0.7425."""
    last = made.stages[-1].year
    for node in made.demand_nodes:
        new = {unit.technology: unit.max_new * unit.size_mw for unit in made.units if unit.node == node}
        assert new["gas-boiler"] + 0.7425 * new["air-heat-pump"] >= 1.1 * made.design_heat_mw(node, last)


def test_closures(made: Instance) -> None:
    rule = made.header.rules[0]
    assert isinstance(rule, r.RetiredShare)
    due = [unit for unit in made.units if unit.retirement_due]
    assert all(unit.count and unit.may_retire for unit in due)
    if len(made.nodes) >= 30:
        there = sum(unit.count * heat(made, unit) for unit in made.units)
        assert 0.1 < sum(unit.count * heat(made, unit) for unit in due) / there < 0.6
    assert set(made.schedules) == {"policy", "free"}
    assert [made.with_schedule(name).header.rules[0].enabled for name in ("policy", "free")] == [True, False]


def test_remote_plants(made: Instance) -> None:
    lines = [pipe for pipe in made.pipes if pipe.id.startswith("long")]
    nodes = len(made.nodes)
    assert len(lines) == (0 if nodes < 5 else 1 if nodes < 60 else 2)
    for pipe in lines:
        (unit,) = [unit for unit in made.units if unit.node == pipe.from_node]
        assert made.node[pipe.to_node].kind != "plant" or made.node[pipe.to_node].id[0] == "P"
        largest = max(pair_mw(made.pipe_type[name], 105) for name in pipe.candidate_types)
        assert pipe.max_new_pairs * largest >= 0.99 * unit.max_new * heat(made, unit)


def test_contingencies(made: Instance) -> None:
    (node,) = [row.node for row in made.contingencies if row.node]
    by_node = {
        place: sum(unit.count * heat(made, unit) for unit in made.units if unit.node == place)
        for place in {unit.node for unit in made.units if made.node[unit.node].kind == "plant"}
    }
    assert by_node[str(node)] >= 0.85 * max(by_node.values())  # waste heat counts for 0.85 of its size
    named = {row.pipe for row in made.contingencies if row.pipe}
    assert named >= {pipe.id for pipe in made.pipes if pipe.id.startswith("long")}
    assert made.header.security is not None
    assert made.header.security.guarantee_share == 0.4


def test_season(made: Instance) -> None:
    outdoor = made.series["outdoor_c"]
    means = outdoor.reshape(120, 24).mean(axis=1)
    assert means.min() == pytest.approx(-5.3)
    assert means.mean() == pytest.approx(2.2, abs=0.3)
    smooth = [sum(outdoor[(hour - lag) % 2880] for lag in range(24)) / 24 for hour in range(2880)]
    load = [max(0.15, (18 - value) / 23.3) for value in smooth]
    assert max(load) == pytest.approx(1)
    assert max(a * b for a, b in zip(load, made.series["residential_shape_factor"], strict=True)) < 1 + 1e-9


def test_catalogue_is_jinan() -> None:
    """Figures as in the instance `jinan`, name and source apart; the mark is that of Jinan's row."""
    jinan = read(JINAN)

    def plain(row: r.Record) -> dict[str, object]:
        data = row.model_dump(exclude={"name", "name_local"})
        return data | {"source": str(data["source"]).split(":")[0]}

    for table, rows in (
        ("technologies", catalogue.TECHNOLOGIES),
        ("capability", catalogue.CAPABILITY),
        ("retrofits", catalogue.RETROFITS),
        ("fuels", catalogue.FUELS),
        ("pipe_types", [row for row in catalogue.PIPE_TYPES if "below DN100" not in row.source]),
    ):
        known = [plain(row) for row in getattr(jinan, table)]
        assert rows
        assert [row for row in map(plain, rows) if row not in known] == []
    header = jinan.header
    for one, other in (
        (catalogue.SEASON, header.season),
        (catalogue.ECONOMICS, header.economics),
        (catalogue.SECURITY, header.security),
        *zip(catalogue.REGIMES, header.regimes, strict=True),
    ):
        assert other is not None
        assert plain(one) == plain(other)
    for stage in header.stages:
        assert stage.grid_co2_t_per_mwh == catalogue.GRID_CO2_T_PER_MWH[stage.year]
        assert stage.co2_price_cur_per_t == catalogue.CO2_PRICE_CNY_PER_T.get(stage.year, 80)
        assert stage.model_dump(include=set(catalogue.POLLUTANT_PRICES_CNY_PER_KG)) == (
            catalogue.POLLUTANT_PRICES_CNY_PER_KG
        )
    for word, figures in (("tank", catalogue.TANK), ("pit", catalogue.PIT)):
        store = next(row for row in jinan.stores if row.id.endswith(word))
        assert store.model_dump(include=set(figures)) == figures


def test_marks(made: Instance) -> None:
    seed = made.header.name.rpartition("-")[2]
    for table in r.TABLES:
        for row in getattr(made, table):
            assert row.source == f"assumed: generated, seed {seed}" or row.source.endswith("as in the instance jinan")
    assert {row.source for row in made.units} == {f"assumed: generated, seed {seed}"}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((1,), "--nodes 1"),
        ((2001,), "--nodes 2001"),
        ((9, 0), "--stages 0"),
        ((9, 21), "--stages 21"),
        ((9, 6, -1), "--seed -1"),
        ((9, 6, 2**33), "--seed"),
    ],
)
def test_numbers_that_cannot_be_meant(words: tuple[int, ...], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        city(*words)


def test_small_city_is_solved() -> None:
    """Two stages with closures by the second: heat is served, coal leaves, something is built."""
    made = city(5, 2, 1).with_schedule("policy")
    result = solve(made, days=1, step_hours=24, limits=Limits(gap=0.05, time_s=120.0, threads=1))
    assert result.report is not None
    assert result.report.violations.empty
    plan = result.answer.solution
    assert plan is not None
    assert plan.districts["unserved_mwh"].sum() == pytest.approx(0, abs=1e-3)
    assert plan.districts["design_shortfall_mw"].sum() == pytest.approx(0, abs=1e-3)
    assert plan.units["retired_machines"].sum() > 0
    assert plan.units["new_machines"].sum() > 0
