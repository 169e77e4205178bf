"""Shares of the design loads that occur at once: counted by hand, solved, and told by the command.

Sensitivity. Without each of these would go unnoticed:
- formula: a constant mistyped, or a share above 1 for a single consumer.
- same hash: an instance without the columns that is taken for another than before.
- bad rows: a share of 0 or above 1, or half a consumer, that is read.
- tree: a pipe whose flow runs against its direction, or a unit counted with another part of the network.
- diamond: consumers counted fully on both ways to them, or where a unit of their own or a shortfall serves them.
- ring: heat that runs round in a ring and never lets the counting end, or that counts.
- line: a share that does not reach the pipes or the units of the model, its margin, or that reaches operation.
- contingency: a share that does not count, or counts twice, when an element is lost; in the model or in the checker.
- marginal: a MW of capacity that is priced as if it counted once.
- checker: a pipe or unit that is too small without its share, and passes.
- cheaper: an earlier plan that is as sound and costs less, and is not told.
- repeating: rounds that go round until they are used up, or an end with shares below those counted, in silence.
- command: tables that are missing, a place that is taken over without --force, less than one round.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest
from conftest import JINAN, TUTORIAL, call, tiny
from formulation.city import DAYS, H, boiler, city, optimum, plan

from heatnet import read
from heatnet.check import check
from heatnet.errors import InstanceError
from heatnet.instance import Instance, write
from heatnet.marginal import marginal
from heatnet.physics.load import simultaneity
from heatnet.solution import COLUMNS, Solution, frame
from heatnet.solve import Limits
from heatnet.study.diversity import COLUMNS as COLUMNS_OF_ROUNDS
from heatnet.study.diversity import (
    Diversity,
    consumers_behind,
    counted,
    diversity,
    given,
    largest_change,
    with_shares,
)
from heatnet.study.points import Study

F100, F200 = 0.588245, 0.499312
"""Shares of 100 and of 200 consumers."""

MILD = (5.0,) * DAYS
"""All days at 5 °C: operation asks for half of the design loads."""


# --- data ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("consumers", "share"),
    [(0.5, 1.0), (1, 1.0), (54, 0.7245911), (100, F100), (200, F200), (10_000, 0.4497328)],
)
def test_formula(consumers: float, share: float) -> None:
    """Of 54 consumers: (54 / 53.84382392)^1.762743268 = 1.0051186, and 0.4496776 + 0.5512347 / 2.0051186."""
    assert simultaneity(consumers) == pytest.approx(share, abs=1e-6)


def test_same_hash() -> None:
    """The hashes of the tutorial and of Jinan are those that they had before there were such columns."""
    assert read(TUTORIAL).sha256 == "063774c3e6bbd2aed1d6ad3b9476389044be1bc2b99a1adc1022faf121402bab"
    assert read(JINAN).sha256 == "307ad7301c2a2bc1223f58a7bbd70904758089423dde3df3fc0777ba0ca6421d"
    other = with_shares(read(TUTORIAL), {("pipes", "far-line"): 0.5})
    assert other.sha256 != read(TUTORIAL).sha256


@pytest.mark.parametrize(
    ("table", "column", "value", "sentence"),
    [
        ("pipes", "diversity_share", "0", "must be above 0, found 0."),
        ("units", "diversity_share", "1.2", "must be 1 or less, found 1.2."),
        ("demands", "consumers", "2.5", "must be a whole number, found `2.5`."),
        ("demands", "consumers", "0", "must be 1 or more, found 0."),
    ],
)
def test_bad_rows(tmp_path: Path, table: str, column: str, value: str, sentence: str) -> None:
    """What a row cannot have is told in one sentence, with its column, and exit code 2."""
    folder = tiny(tmp_path)
    rows = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
    rows[column] = ""
    rows.loc[0, column] = value
    rows.to_csv(folder / f"{table}.csv", index=False)
    with pytest.raises(InstanceError) as caught:
        read(folder)
    (issue,) = caught.value.issues
    assert (issue.table, issue.column, issue.message) == (f"{table}.csv", column, sentence)
    assert call("diversity", folder, "--out", tmp_path / "out").code == 2
    assert not (tmp_path / "out").exists()


# --- counting ------------------------------------------------------------------------------------------------


def places(consumers: dict[str, int], ways: str, sources: str) -> Instance:
    """Consumers by node, 1 MW each; ways `SA AB` from node to node, each with a pair; a boiler at each source."""
    nodes = sorted({*consumers, *ways.replace(" ", ""), *sources})
    instance = city(
        nodes=nodes,
        types=[{"id": "pair", "capacity_mw": 1000}],
        pipes=[
            {"id": way, "from_node": way[0], "to_node": way[1], "existing_type": "pair", "existing_pairs": 1}
            for way in ways.split()
        ],
        technologies=[boiler("oil", 20)],
        units=[{"id": f"u{node}", "node": node, "technology": "oil", "count": 1} for node in sources],
        demands={node: float(number) for node, number in consumers.items()},
    )
    rows = tuple(row.model_copy(update={"consumers": consumers[row.node]}) for row in instance.demands)
    return instance.replace(demands=rows)


def flows(instance: Instance, flow: dict[str, float], heat: dict[str, float], short: dict[str, float]) -> Solution:
    """A plan with these flows by way, heat by unit and shortfall by node, MW."""
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}
    rows["pipes"] = [
        (2025, pipe.id, "pair", "hot", int(pipe.id in flow), 1, 0, 0, flow.get(pipe.id, 0.0)) for pipe in instance.pipes
    ]
    rows["units"] = [(2025, unit.id, 1, 1, 0, 0, 0, heat[unit.id]) for unit in instance.units]
    rows["districts"] = [
        (2025, node, 1, instance.design_heat_mw(node, 2025), short.get(node, 0.0), 0.0, 0.0)
        for node in instance.demand_nodes
    ]
    return Solution(**{name: frame(name, rows[name]) for name in COLUMNS}, step_hours=24)


def test_tree() -> None:
    """From S by A to B and C, of which CA is drawn against the flow; D is served by its own unit."""
    instance = places({"A": 2, "B": 3, "C": 5, "D": 4}, "SA AB CA CD", "SD")
    found = flows(instance, {"SA": 10.4, "AB": 3.1, "CA": -5.2}, {"uS": 10.5, "uD": 4.0}, {})
    counts = consumers_behind(instance, found, 2025)
    assert counts == {
        ("pipes", "SA"): pytest.approx(10),
        ("pipes", "AB"): pytest.approx(3),
        ("pipes", "CA"): pytest.approx(5),
        ("units", "uS"): pytest.approx(10),
        ("units", "uD"): pytest.approx(4),
    }
    assert counted(instance, found)["pipes", "CA"] == pytest.approx(simultaneity(5))


@pytest.mark.parametrize("round_mw", [0.0, 1.5])
def test_diamond(round_mw: float) -> None:
    """9 consumers at C: of 9 MW that come 4 are by A, 2 by B and 3 from its own unit; A has 2 more.

    So 4 are behind AC, 2 behind BC, 2 + 4 behind SA and 2 behind SB; with or without heat that runs round S, A and C.
    """
    instance = places({"A": 2, "C": 9}, "SA SB AC BC CS", "SC")
    flow = {"SA": 6.0 + round_mw, "SB": 2.0, "AC": 4.0 + round_mw, "BC": 2.0, "CS": round_mw}
    counts = consumers_behind(instance, flows(instance, flow, {"uS": 8.0, "uC": 3.0}, {}), 2025)
    expected = {"SA": 6.0, "SB": 2.0, "AC": 4.0, "BC": 2.0}
    assert {key[1]: value for key, value in counts.items() if key[0] == "pipes"} == pytest.approx(expected)
    assert (counts["units", "uS"], counts["units", "uC"]) == pytest.approx((11, 11))


def test_shortfall() -> None:
    """Of 9 consumers of which a third of the load is short, 6 count."""
    instance = places({"C": 9}, "SC", "S")
    counts = consumers_behind(instance, flows(instance, {"SC": 6.0}, {"uS": 6.0}, {"C": 3.0}), 2025)
    assert counts == {("pipes", "SC"): pytest.approx(6), ("units", "uS"): pytest.approx(6)}


# --- solving -------------------------------------------------------------------------------------------------


def line(outdoor: tuple[float, ...] = MILD) -> Instance:
    """S with boilers of 10 MW for 0.5 a year each, A and B in a line behind it, 10 MW and 100 consumers each.

    A pair of 12 MW costs 0.25 a year, one of 20 MW 0.5.
    """
    types = [
        {"id": "thin", "capacity_mw": 12, "capex_mcur_per_km": 1.0, "inner_diameter_mm": 300},
        {"id": "thick", "capacity_mw": 20, "capex_mcur_per_km": 2.0},
    ]
    laid: dict[str, Any] = {"candidate_types": ("thick", "thin"), "max_new_pairs": 1}
    instance = city(
        nodes="SAB",
        types=types,
        pipes=[{"id": way, "from_node": way[0], "to_node": way[1], **laid} for way in ("SA", "AB")],
        technologies=[boiler("oil", 20, size=10, capex_mcur_per_mw=1)],
        units=[{"id": "n", "node": "S", "technology": "oil", "max_new": 3}],
        demands={"A": 10, "B": 10},
        outdoor=outdoor,
    )
    return instance.replace(demands=tuple(row.model_copy(update={"consumers": 100}) for row in instance.demands))


def exact() -> Study:
    """A study to a gap of 0 that keeps nothing."""
    return Study(limits=Limits(gap=0.0, threads=1))


def test_line() -> None:
    """20 MW ask for the thick pair and two boilers, 0.4993 · 20 = 9.986 for the thin one and one boiler.

    Heat costs 10 MW · 20 · H = 0.6; with the second pair, of 12 MW anyway, 0.6 + 0.5 + 0.25 + 1.0, and then 0.75 less.
    """
    found = diversity(line(), 10, exact())
    assert found.rounds["cost_meur"].tolist() == pytest.approx([200 * H + 1.75, 200 * H + 1.0])
    assert found.rounds["difference_meur"].tolist() == pytest.approx([0.0, -0.75])
    assert found.rounds["largest_change_share"].tolist() == pytest.approx([1 - F200, 0.0], abs=1e-6)
    assert found.rounds["pipe_km"].tolist() == pytest.approx([20, 20])
    shares = given(found.last.instance)
    assert shares["pipes", "SA"] == pytest.approx(F200, abs=1e-6)
    assert shares["pipes", "AB"] == pytest.approx(F100, abs=1e-6)
    assert shares["units", "n"] == pytest.approx(F200, abs=1e-6)
    assert plan(found.last, "pipes", "SA/thin", "pairs") == [1]
    assert plan(found.last, "units", "n", "machines") == [1]
    assert found.too_small.empty
    assert "50.0%" in found.operation
    assert found.last.report is not None
    margin = found.last.report.design_margin["margin_share"].tolist()
    assert margin == pytest.approx([10 / F200 / 20 - 1], abs=1e-5)  # the boiler; the pair of 12 MW has more


def test_checker() -> None:
    """The plan of the line is sound with its shares; without, pair and boiler are too small by 8 and 10 MW."""
    last = diversity(line(), 10, exact()).last
    assert last.answer.solution is not None
    assert check(last.instance, last.answer.solution).violations.empty
    report = check(line(), last.answer.solution)
    sizes = report.violations.set_index("law")["size"].to_dict()
    assert sizes == {"design.line_capacity": pytest.approx(8), "design.unit_capacity": pytest.approx(10)}


def test_operation_as_before() -> None:
    """At -10 °C operation asks for all 20 MW: with whatever shares, the thick pair and two boilers."""
    cold = line((-10.0,) * DAYS)
    low = with_shares(cold, dict.fromkeys(given(cold), 0.4))
    optimum(low, 400 * H + 1.75, solver="monolithic")


@pytest.mark.parametrize(("share", "missing"), [(1.0, 6.0), (0.8, 3.5), (0.5, 0.0)])
@pytest.mark.parametrize("where", ["pipes", "units"])
def test_contingency(where: str, share: float, missing: float) -> None:
    """A's 16 MW guaranteed come by one pair, or from one boiler, that is left: 10 MW, 12.5 or 20 with its share."""
    both = {"existing_type": "pair", "existing_pairs": 1, "from_node": "S", "to_node": "A"}
    lost = {"pipe": "one"} if where == "pipes" else {"unit": "one"}
    big = {"capacity_mw": 10.0 if where == "pipes" else 100.0}
    size = 100.0 if where == "pipes" else 10.0
    instance = city(
        nodes="SA",
        types=[{"id": "pair", **big}],
        pipes=[{"id": name, **both} for name in ("one", "two")],
        technologies=[boiler("oil", 20, size=size)],
        units=[{"id": name, "node": "S", "technology": "oil", "count": 1} for name in ("one", "two")],
        demands={"A": 20},
        outdoor=MILD,
        contingencies=[{"id": "lost", **lost}],
        guarantee=0.8,
        shortfall=0.1,
    )
    instance = with_shares(instance, {(where, name): share for name in ("one", "two")})
    result = optimum(instance, 200 * H + 0.1 * missing)
    assert result.answer.solution is not None
    assert result.answer.solution.security["missing_mw"].tolist() == pytest.approx([missing], abs=1e-6)
    if share == 0.8:
        rows = marginal(instance, result.answer.solution).frames["capacities"]
        assert rows[rows["id"].str.startswith("two")]["contingency_mcur_per_mw_year"].max() == pytest.approx(0.1 / 0.8)


@pytest.mark.parametrize("where", ["pipes", "units"])
def test_marginal(where: str) -> None:
    """Of 20 MW 12 / 0.75 = 16 come, the rest lacks at 0.1 a MW: a MW of pair or boiler more brings 0.1 / 0.75."""
    instance = city(
        nodes="SA",
        types=[{"id": "pair", "capacity_mw": 12.0 if where == "pipes" else 100.0}],
        pipes=[{"id": "x", "from_node": "S", "to_node": "A", "existing_type": "pair", "existing_pairs": 1}],
        technologies=[boiler("oil", 20, size=100.0 if where == "pipes" else 12.0)],
        units=[{"id": "x", "node": "S", "technology": "oil", "count": 1}],
        demands={"A": 20},
        outdoor=MILD,
        shortfall=0.1,
    )
    instance = with_shares(instance, {(where, "x"): 0.75})
    result = optimum(instance, 200 * H + 0.4)
    assert result.answer.solution is not None
    rows = marginal(instance, result.answer.solution).frames["capacities"].set_index("kind")
    assert rows["design_hour_mcur_per_mw_year"].to_dict() == {
        "pipe": pytest.approx(0.1 / 0.75 if where == "pipes" else 0.0),
        "unit": pytest.approx(0.1 / 0.75 if where == "units" else 0.0),
    }


def test_repeating() -> None:
    """Two ways to 100 consumers: by `one` while its share is large, else by `two`. The third round leads to the second.

    The largest shares of both are 1 and 1, with which the flow is by `one`, counted 0.588: none is too small.
    """
    instance = places({"A": 100}, "SA SB BA", "S")

    def point(name: str, asked: Instance, start: Solution | None) -> Any:
        by_one = given(asked)["pipes", "SA"] > 0.9
        flow = {"SA": 100.0} if by_one else {"SB": 100.0, "BA": 100.0}
        told = SimpleNamespace(solution=flows(asked, flow, {"uS": 100.0}, {}), cost=1.0, bound=1.0)
        return SimpleNamespace(instance=asked, answer=told, status="optimal", gap=0.0)

    found = diversity(instance, 9, cast("Study", SimpleNamespace(point=point, stopped=False)))
    assert len(found.rounds) == 4
    assert found.ending.startswith("Rounds 2 to 3 would repeat")
    assert given(found.last.instance)["pipes", "SA"] == 1.0
    assert found.too_small.empty
    assert found.rounds["too_small"].tolist() == [0, 0, 0, 0]
    assert "costs less" not in found.verdict
    short = diversity(instance, 2, cast("Study", SimpleNamespace(point=point, stopped=False)))
    assert short.ending == "The 2 rounds are used up."
    assert short.too_small.empty


def test_cheaper() -> None:
    """Of three rounds to the same plan, the first that is sized for what is counted on it and costs less is named."""
    costs = pd.DataFrame({name: [1.0, 2.0, 3.0] for name in COLUMNS_OF_ROUNDS})
    costs["too_small"] = [4, 0, 0]
    last = cast("Any", SimpleNamespace(answer=SimpleNamespace(solution="plan")))
    assert "the plan of round 2, which costs less" in Diversity(costs, "", pd.DataFrame(), last).verdict


def test_too_small() -> None:
    """A plan sized for 0.3 of 100 consumers is told, the worst first, with what is counted on it."""
    instance = with_shares(places({"A": 100}, "SA", "S"), {("pipes", "SA"): 0.3, ("units", "uS"): 0.4})
    found = diversity(instance, 1, exact())
    assert found.too_small["id"].tolist() == ["SA", "uS"]
    assert found.too_small["counted_share"].tolist() == pytest.approx([F100, F100], abs=1e-6)
    assert "2 places, most at SA in pipes.csv: 0.300, counted 0.588." in found.verdict


def test_command(tmp_path: Path) -> None:
    """The folder has the table and a result a round; the last agrees with itself; a folder goes only with --force."""
    write(line(), tmp_path / "line")
    words = ("diversity", tmp_path / "line", "--out", tmp_path / "out", "--gap", 0, "--threads", 1)
    done = call(*words)
    assert done.code == 0, done.err
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"rounds.csv", "study.json", "round-1", "round-2"}
    assert "cost_meur" in pd.read_csv(tmp_path / "out" / "rounds.csv").columns
    assert "The shares of round 2 are those counted on its plan" in done.out
    last = tmp_path / "out" / "round-2"
    assert call("check", last).code == 0
    instance = read(last / "instance")
    counts = counted(instance, Solution.read(last, 4))
    assert largest_change(given(instance), counts) <= 0.005
    assert call(*words).code == 2
    assert call(*words, "--force", "--rounds", 1).code == 0
    assert not (tmp_path / "out" / "round-2").exists()
    assert call("diversity", TUTORIAL, "--out", tmp_path / "line", "--force").code == 2
    none = call("diversity", tmp_path / "line", "--out", tmp_path / "none", "--rounds", 0)
    assert (none.code, none.sentence) == (2, "--rounds 0: must be 1 or more.")
    assert not (tmp_path / "none").exists()
