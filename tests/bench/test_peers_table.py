"""What is said to be left out is; an investment in PyPSA costs what it costs by hand; and the table tells faults.

Sensitivity, one sentence per test:
- left out: a feature that stays in heatnet's instance would make two different problems look like one.
- plan: machines, pairs, stores or loads that are not those of the plan would be compared silently.
- investment: charges, lives, limits in all and modules of PyPSA's periods decide what is built and what it costs.
- verdict: objectives that differ by more than 1e-4 could pass as agreement, or a limit of time as a fault.
- below the bound: a season cheaper than any can be would look like a good one.
- stored: a false optimum of a stored model would be shown as right, or the page would end at a missing model.
- cold: a case without its package or its models would be left out without a word.
"""

from __future__ import annotations

import gzip
import importlib
from pathlib import Path
from typing import Any

import pytest
from conftest import JINAN, TUTORIAL

from heatnet.bench.peers import __main__ as command
from heatnet.bench.peers import ours
from heatnet.bench.peers.features import DELAY, LEFT_OUT, without
from heatnet.bench.peers.outcome import Task
from heatnet.bench.peers.standing import Plan, standing
from heatnet.bench.peers.stored import Stored, solved
from heatnet.bench.peers.table import Pair, left_out, pairs
from heatnet.instance import Instance, read
from heatnet.instance.series import TimeGrid
from heatnet.solve import Limits, solve


def has(instance: Instance) -> dict[str, bool]:
    """Which of the features that can be left out an instance has."""
    technologies, pipes, units = instance.technologies, instance.pipes, instance.units
    committed = [row for row in technologies if row.commitment != "none"]
    ids = {row.id for row in committed}
    return {
        "rules and schedules": bool(instance.header.rules or instance.schedules),
        "retirement and reserve": any(
            row.may_retire or row.may_reserve or row.group or row.leaves_after_pipe or row.converts for row in units
        ),
        "design hour and contingencies": bool(instance.contingencies or instance.header.security)
        or instance.header.economics.shortfall_mcur_per_mw_year > 1e-6,
        "regimes of zones": any(row.zone for row in pipes),
        "envelopes and connections": bool(instance.envelopes or instance.connections),
        "modes": bool(instance.retrofits) or any(row.mode for row in instance.capability),
        "ramps": any(row.ramp_share_per_h is not None for row in technologies),
        "delay": any(row.delay_h for row in pipes),
        "commitment": bool(committed),
        "commitment by the day": any(row.commitment == "daily" for row in technologies),
        "clusters under commitment": any(row.count > 1 and row.technology in ids for row in units),
        "losses of pipes": any(row.heat_transfer_w_per_m_k for row in instance.pipe_types),
        "pump power": bool(instance.series["power_retail_cur_per_mwh"].any()),
        "upkeep of pipes": any(row.fixed_share_per_year for row in instance.pipe_types),
        "choice of diameter": any(len(row.candidate_types) > 1 for row in pipes),
        "seasonal stores": any(row.seasonal for row in instance.stores),
    }


@pytest.fixture(scope="module")
def jinan() -> Instance:
    """Jinan with ramps, the one feature that none of its rows has."""
    instance = read(JINAN)
    changed = {"ext-330": {"ramp_share_per_h": 0.3}}
    technologies = tuple(row.model_copy(update=changed.get(row.id, {})) for row in instance.technologies)
    return instance.replace(technologies=technologies)


@pytest.mark.parametrize("adapter", list(LEFT_OUT))
def test_left_out(jinan: Instance, adapter: str) -> None:
    assert all(has(jinan).values())
    fixed = jinan if adapter.endswith("investment") else standing(jinan, Plan.at_start(jinan))
    left = has(without(fixed, LEFT_OUT[adapter]))
    names = {one.name for one in LEFT_OUT[adapter]}
    assert names <= set(left)
    assert not [name for name in names if left[name]]
    assert left["delay"] == (DELAY.name not in names)
    assert all(name in next(left_out([adapter])) for name in names)


def test_plan() -> None:
    instance = read(TUTORIAL).with_schedule("policy")
    result = solve(instance, solver="monolithic", limits=Limits(gap=0.0, threads=1))
    assert result.answer.solution is not None
    plan = standing(instance, Plan.of(instance, result.answer.solution, 2026))
    told = result.answer.solution
    for row in told.units.query("stage == 2026").itertuples():
        assert sum(unit.count for unit in plan.units if unit.id == row.unit) == row.machines
    lines = told.pipes.query("stage == 2026 and pairs > 0")
    assert {(p.id, p.existing_pairs) for p in plan.pipes} == {
        (f"{p}.{t}", n) for p, t, n in zip(lines["pipe"], lines["type"], lines["pairs"], strict=True)
    }
    # North grows to 1.2 Mm² at 50 W/m²; south stays at 0.8.
    assert {node: plan.design_heat_mw(node, 2026) for node in plan.demand_nodes} == pytest.approx(
        {"north": 60.0, "south": 40.0}
    )
    assert not any(unit.max_new or unit.may_retire for unit in plan.units)


@pytest.mark.parametrize("side", ["heatnet", "PyPSA"])
def test_investment(side: str) -> None:
    # One old set of 60 MW heat, 24 MW power and 96 MW fuel; power is worth 50. Two days, 90 and 100 MW.
    # Heat of the set, per MWh: (96 · (10 + 0.35 · 20) + 24 · (2 − 50)) / 60 = 8 in 2025, 13.6 at 30 a tonne in 2026.
    # Gas: 1.25 · (30 + 0.2 · 20) + 1 = 43.5, then 46; a boiler of 20 MW costs 200000 / 20 + 2000 a year. Two of them
    # are needed in both years. The take-off would cost 97500 (3.9 million of pipe / 40) + 12000 a year and 10 per MWh,
    # which is more in both years, alone or in one of them.
    tutorial = read(TUTORIAL)
    units = [u.model_copy(update={"count": 1}) if u.id == "old-coal" else u for u in tutorial.units]
    instance = without(tutorial.replace(units=tuple(units)), LEFT_OUT["PyPSA, investment"])
    task = Task(instance, TimeGrid.choose(instance, 1, 24), gap=1e-9, seconds=60.0)
    first = 48 * (60 * 8 + 30 * 43.5) + 2 * 12000
    second = 48 * (60 * 13.6 + 40 * 46) + 2 * 12000
    upkeep = 2 * 24 * 500
    if side == "heatnet":
        told = ours.investment(task)
    else:
        pytest.importorskip("pypsa", reason="PyPSA is NOT compared; pip install 'heatnet[peers]'")
        told = importlib.import_module("heatnet.bench.peers.in_pypsa_invest").invest(task)
    assert told.proved
    assert told.cost == pytest.approx((first + second + upkeep) / 1e6, rel=1e-6)


def outcome(cost: float | None, **parts: Any) -> dict[str, Any]:
    told = {"status": "optimal", "proved": True, "cost": cost, "assemble_s": 1.0, "build_s": 2.0, "solve_s": 3.0}
    return told | {"peak_rss_mb": 100.0, "nonzeros": 10, "bound": None} | parts


@pytest.mark.parametrize(
    ("peer", "ours", "verdict"),
    [
        (outcome(100.009), outcome(100.0), "agrees"),
        (outcome(100.011), outcome(100.0), "WRONG: 1.1e-04 apart"),
        (outcome(-99.98), outcome(-100.0), "WRONG: 2.0e-04 apart"),
        (outcome(101.0, proved=False), outcome(100.0), "not proved: 1.0e-02 apart"),
        (outcome(None, status="infeasible"), outcome(100.0), "no comparison: the peer infeasible"),
        (outcome(100.0), {"status": "took all memory"}, "no comparison: heatnet took all memory"),
    ],
)
def test_verdict(peer: dict[str, Any], ours: dict[str, Any], verdict: str) -> None:
    pair = Pair("town", "PyPSA, dispatch", peer, ours)
    assert pair.verdict == verdict
    assert pair.wrong == verdict.startswith("WRONG")
    assert f"| {verdict} |" in list(pairs([pair]))[2]


@pytest.mark.parametrize(("cost", "wrong"), [(99.0, False), (98.95, True)])
def test_below_the_bound(cost: float, wrong: bool) -> None:
    season = Pair("town", "PyPSA, season", outcome(cost), outcome(100.0, bound=99.0))
    assert season.wrong == wrong


def test_stored(tmp_path: Path) -> None:
    pytest.importorskip("highspy")
    # min 2 x, x ≥ 3.
    model = "NAME m\nROWS\n N c\n G r\nCOLUMNS\n x c 2 r 1\nRHS\n b r 3\nENDATA\n"
    (tmp_path / "references.csv").write_text("case,reference_objective\na,6\nb,7\nc,\nd,6\n", encoding="utf-8")
    for case in "abc":
        (tmp_path / case).mkdir()
        (tmp_path / case / "model.mps.gz").write_bytes(gzip.compress(model.encode()))
    told = [(row.case, row.cost, row.verdict) for row in solved(tmp_path, 10.0)]
    assert told == [("a", 6.0, "agrees"), ("b", 6.0, "WRONG: 1.4e-01 off"), ("c", 6.0, "no optimum is known")]
    assert Stored("e", "Time limit reached", 8.0, 6.0, 1.0, 1.0).verdict == "stopped (Time limit reached)"


def test_cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(command.PACKAGES, "PyPSA", "no_such_peer")
    monkeypatch.setitem(command.PACKAGES, "oemof.solph", "no_such_peer")
    monkeypatch.delenv(command.CASES, raising=False)
    monkeypatch.setattr("sys.argv", ["peers", "--out", str(tmp_path / "page.md"), "--only", "tutorial, a day"])
    assert command.main() == 0
    told = capsys.readouterr().err
    assert "SKIPPED: PyPSA, dispatch; no_such_peer is not installed (pip install 'heatnet[peers]')." in told
    assert "SKIPPED: stored models; --cases or HEATNET_CASES names no folder with references.csv." in told
    assert "Skipped: not at hand." in (tmp_path / "page.md").read_text(encoding="utf-8")
