"""topotherm folders: what comes out of small ones by hand, of published ones by their sums, and what is told of faults.

Sensitivity, one sentence per test:
- small: lengths, ends, loads, hours or prices read wrong or in another unit.
- steps: a second time step that is lost, or that does not give its own heat and its own price.
- unit: W taken for kW or the other way round, or one of them taken where neither or both could be.
- told: the unit that the user says is not taken.
- law: cost or loss of a type that is not the law's at its capacity, or types beyond the largest flow.
- diameters: a type whose cost, velocity or heat transfer is not that of config.yaml, in its older form too.
- optional: consumers that may stay off where that was not asked, or the other way round.
- paid: a source that must be paid for and is there for nothing, or that cannot be built whole.
- no limit: a source without a limit that is too small for the demand.
- hours: a season as long as a figure says that no year has.
- faults: any of these said wrong or not at all, several at once.
- cases: a published network with nodes, pipes, metres or kilowatts lost on the way.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from heatnet.physics import pipes as physics
from heatnet.readers import Imported, SourceError, import_from
from readers import matrices

PLACES = {"p": (0.0, 0.0), "j": (100.0, 0.0), "a": (100.0, 30.0), "b": (160.0, 0.0)}
EDGES = {"to-j": ("p", "j", 100.0), "to-a": ("j", "a", 30.0), "to-b": ("j", "b", 60.0)}
ECONOMICS = """\
economics:
  source_price: [[80e-3]]
  heat_price: 120e-3
  pipes_c_irr: 0.08
  pipes_lifetime: 30.
"""


def folder(path: Path, **changes: Any) -> Path:
    """A plant, a junction and two consumers of 20 and 40 kW, written in W."""
    plan: dict[str, Any] = {"places": PLACES, "edges": EDGES, "consumers": {"a": [20e3], "b": [40e3]}, "sources": ["p"]}
    return matrices.folder(path / "case", **{**plan, "config": ECONOMICS, **changes})


def imported(path: Path, *, answers: dict[str, Any] | None = None, **changes: Any) -> Imported:
    return import_from(folder(path, **changes), "case", **(answers or {}))


def told(case: Path, **answers: Any) -> list[str]:
    with pytest.raises(SourceError) as caught:
        import_from(case, "case", **answers)
    return [str(issue) for issue in caught.value.issues]


def test_small(tmp_path: Path) -> None:
    """2400 hours are 100 days at full load; 80e-3 EUR/kWh are 80 EUR/MWh."""
    found = imported(tmp_path)
    instance = found.instance
    assert found.format == "topotherm"
    assert {pipe.id: (pipe.from_node, pipe.to_node, pipe.length_km) for pipe in instance.pipes} == {
        "to-j": ("p", "j", 0.1),
        "to-a": ("j", "a", 0.03),
        "to-b": ("j", "b", 0.06),
    }
    assert [instance.design_heat_mw(node, 2025) for node in ("a", "b")] == pytest.approx([0.02, 0.04])
    assert instance.series.days == 100
    assert all(demand.shape_series is None for demand in instance.demands)
    assert instance.fuels[0].price_cur_per_mwh == pytest.approx(80)
    assert instance.header.economics.discount_rate_share == 0.08
    assert not instance.connections
    assert {node.id: node.kind for node in instance.nodes} == {
        "p": "plant",
        "j": "junction",
        "a": "district",
        "b": "district",
    }


def test_steps(tmp_path: Path) -> None:
    """20 kW for 480 h, then 5 kW for 1200 h: 20 days at 1, then 50 days at 0.25; the second price is half the first."""
    instance = imported(
        tmp_path,
        consumers={"a": [20e3, 5e3], "b": [40e3, 40e3]},
        hours=(480.0, 1200.0),
        config="economics: {source_price: [[0.08, 0.04]]}",
    ).instance
    assert instance.series.days == 70
    shape = {row.node: row.shape_series for row in instance.demands}
    assert shape["b"] is None
    column = instance.series[str(shape["a"])]
    assert column.tolist() == [1.0] * 480 + [0.25] * 1200
    price = instance.series[str(instance.fuels[0].price_series)]
    assert price.tolist() == [1.0] * 480 + [0.5] * 1200
    assert instance.header.solve.days == 2


@pytest.mark.parametrize(
    ("loads", "unit"), [((20e3, 40e3), "W"), ((20.0, 40.0), "kW"), ((2.5e6, 900e3), None), ((1e9, 1e9), None)]
)
def test_unit(tmp_path: Path, loads: tuple[float, float], unit: str | None) -> None:
    """190 m of pipe. 60 kW are 0.3 kW/m. 3.4e6: in W a median of 1700 kW is too much, in kW 1.7e6 is. 1e9: neither."""
    plan = {"a": [loads[0]], "b": [loads[1]]}
    if unit is not None:
        found = imported(tmp_path, consumers=plan)
        assert found.instance.design_heat_mw("b", 2025) == pytest.approx(0.04)
        assert found.notes[0].startswith(f"q_c.parquet is read in {unit}: it gives ")
        assert f"30 kW and 0.3158 kW/m if they are {unit}" in found.notes[0]
        return
    (fault,) = told(folder(tmp_path, consumers=plan))
    assert fault.startswith("q_c.parquet: loads could be W or kW: ")
    assert fault.endswith("Say --power W or --power kW.")


def test_told(tmp_path: Path) -> None:
    """What the user says holds, whatever is usual."""
    found = imported(tmp_path, consumers={"a": [1e9], "b": [1e9]}, answers={"power": "W"})
    assert found.instance.design_heat_mw("a", 2025) == pytest.approx(1000)


def test_law(tmp_path: Path) -> None:
    """Cost 500 + 0.02 P EUR/m and loss 0.02 + 1e-6 P kW/m, up to 1000 kW."""
    text = "heat_loss_a,heat_loss_b,capacity_a,capacity_b,power_flow_max_kW\n1e-6,0.02,0.02,500,1000"
    instance = imported(tmp_path, regression=text, consumers={"a": [400e3], "b": [500e3]}).instance
    regime = instance.header.regimes[0]
    capacities = []
    for kind in instance.pipe_types:
        kw = 1e3 * physics.capacity_mw(
            kind.inner_diameter_mm, kind.velocity_max_m_per_s, regime.supply_c, regime.return_c
        )
        loss = kind.heat_transfer_w_per_m_k * (regime.supply_c + regime.return_c - 2 * regime.ground_c) / 1e3
        assert 1e3 * kind.capex_mcur_per_km == pytest.approx(500 + 0.02 * kw)
        assert loss == pytest.approx(0.02 + 1e-6 * kw)
        assert kind.life_years == 30
        capacities.append(kw)
    assert max(capacities) == pytest.approx(1000)


DIAMETERS = """\
temperatures: {ambient: -20, supply: 70, return_: 55}
ground: {thermal_conductivity: 2.4}
piping:
  max_pr_loss: 250
  roughness: 0.01e-3
  thermal_conductivity: 0.024
  depth: 2
  diameters:
    - {dn: 25, inner: 0.0291, outer: 0.0337, jacket: 0.09, cost: 718}
    - {dn: 50, inner: 0.0545, outer: 0.0603, jacket: 0.125, cost: 880}
"""
OLD_LISTS = """\
temperatures: {ambient: -20, supply: 70, return: 55}
piping:
  diameter: [0.0291, 0.0545]
  outer_diameter: [0.09, 0.125]
  cost: [718, 880]
"""


def test_diameters(tmp_path: Path) -> None:
    """Two diameters with their costs; 2 pi over the resistances of insulation and soil."""
    instance = imported(tmp_path, config=DIAMETERS, consumers={"a": [40e3], "b": [60e3]}).instance
    small, large = (instance.pipe_type[name] for name in ("DN25", "DN50"))
    assert (small.capex_mcur_per_km, large.capex_mcur_per_km) == (0.718, 0.88)
    resistance = math.log(0.09 / 0.0337) / 0.024 + math.log(8 * 2 / 0.09) / 2.4
    assert small.heat_transfer_w_per_m_k == pytest.approx(2 * math.pi / resistance)
    friction = physics.friction_pa_per_m(54.5, large.velocity_max_m_per_s, 0.01)
    assert friction == pytest.approx(250, rel=1e-4)
    regime = instance.header.regimes[0]
    assert (regime.supply_c, regime.return_c, regime.ground_c) == (70, 55, -20)
    older = imported(tmp_path / "old", config=OLD_LISTS, consumers={"a": [40e3], "b": [60e3]}).instance
    assert {kind.id: kind.capex_mcur_per_km for kind in older.pipe_types} == {"inner-29.1": 0.718, "inner-54.5": 0.88}


def test_optional(tmp_path: Path) -> None:
    """Asked for, all consumers may stay off, and pay 120 EUR/MWh."""
    instance = imported(tmp_path, answers={"optional": True}).instance
    assert {row.node: row.heat_price_cur_per_mwh for row in instance.connections} == pytest.approx(
        {"a": 120.0, "b": 120.0}
    )
    assert "economics.heat_price: is missing." in told(folder(tmp_path / "none", config=""), optional=True)[0]


def test_paid(tmp_path: Path) -> None:
    """100 kW at 300 EUR/kW: ten machines of 10 kW at 0.3 million EUR/MW."""
    config = ECONOMICS + "  source_c_inv: [300]\n  source_max_power: [100]\n  source_lifetime: [25]\n"
    instance = imported(tmp_path, config=config).instance
    (unit,), (technology,) = instance.units, instance.technologies
    assert (unit.count, unit.max_new, unit.size_mw) == (0, 10, pytest.approx(0.01))
    assert (technology.capex_mcur_per_mw, technology.life_years) == (pytest.approx(0.3), 25)


def test_no_limit(tmp_path: Path) -> None:
    """Without a limit a source has twice all demand, and says that this is assumed."""
    (unit,) = imported(tmp_path).instance.units
    assert unit.size_mw == pytest.approx(0.12)
    assert unit.source.endswith("no limit is told: 2 times all demand is assumed")


def rewritten(case: Path, name: str, **cells: tuple[Any, Any, Any]) -> Path:
    """The folder with cells of a matrix changed: row, column, value."""
    frame = pd.read_parquet(case / f"{name}.parquet").astype(object)
    for row, column, value in cells.values():
        frame.iat[row, column] = value
    frame.astype(float).to_parquet(case / f"{name}.parquet")
    return case


def test_missing_and_broken_files(tmp_path: Path) -> None:
    """A missing matrix, one that is no parquet and a config that is no YAML, all at once."""
    case = folder(tmp_path)
    (case / "a_p.parquet").unlink()
    (case / "q_c.parquet").write_text("not parquet", encoding="utf-8")
    (case / "config.yaml").write_text("a: [1", encoding="utf-8")
    faults = told(case)
    assert [fault.split(" (")[0] for fault in faults] == [
        "a_p.parquet: is missing; a topotherm folder has it.",
        "config.yaml: cannot be read",
        "q_c.parquet: cannot be read as parquet",
    ]


def test_shapes(tmp_path: Path) -> None:
    """Sizes that do not fit are told with both files."""
    case = folder(tmp_path)
    pd.DataFrame({"length": [100.0, 30.0]}).to_parquet(case / "l_i.parquet")
    pd.DataFrame(np.zeros((3, 1))).rename(columns=str).to_parquet(case / "q_c.parquet")
    assert told(case) == [
        "l_i.parquet: has 2 rows, but a_i.parquet has 3 columns; both are the edges.",
        "q_c.parquet: has 3 rows, but a_c.parquet has 2 columns; both are the consumers.",
    ]


def test_entries(tmp_path: Path) -> None:
    """An edge with two beginnings, a negative load and a load that is no number."""
    case = rewritten(folder(tmp_path), "a_i", one=(2, 0, 1.0))
    assert told(case) == ["a_i.parquet, column to-j: has 2 entries of +1; it must have one."]
    assert told(rewritten(folder(tmp_path / "b"), "q_c", one=(0, 0, -1.0), two=(1, 0, 40e3)))[0] == (
        "q_c.parquet, 0: row 0: must be 0 or more, found -1."
    )
    assert told(rewritten(folder(tmp_path / "c"), "q_c", one=(1, 0, math.nan))) == [
        "q_c.parquet, 0: row 1: must be a finite number, found `nan`."
    ]


@pytest.mark.parametrize("length", [0.0, -3.0])
def test_lengths(tmp_path: Path, length: float) -> None:
    """A pipe of no length, with the place where it should be."""
    edges = {**EDGES, "to-a": ("j", "a", length)}
    (fault,) = told(folder(tmp_path, edges=edges))
    assert fault == f"case, edge to-a: to-a: is {length:g} m long; a pipe must be longer than 0."


def test_island(tmp_path: Path) -> None:
    """A consumer 60 m from the rest, and the gap on the map."""
    edges = {"to-j": EDGES["to-j"], "to-a": EDGES["to-a"]}
    case = folder(tmp_path, edges=edges)
    with pytest.raises(SourceError) as caught:
        import_from(case, "case")
    (issue,) = caught.value.issues
    assert issue.message == "`b` is an island without a source; the nearest network that has one is 60.0 m away."
    assert caught.value.places is not None
    (place,) = caught.value.places["features"]
    assert place["geometry"]["type"] in ("LineString", "GeometryCollection")


def test_supply(tmp_path: Path) -> None:
    """60 kW of demand and a source of 50."""
    (fault,) = told(folder(tmp_path, config=ECONOMICS + "  source_max_power: [50]\n"))
    assert "`p` give 50 kW together, less than the 60 kW that 2 buildings take" in fault


def test_degrees(tmp_path: Path) -> None:
    """Positions in degrees: 100 m of pipe that would be a thousandth of a metre."""
    places = {name: (11.5 + x / 7e4, 48.1 + y / 1.1e5) for name, (x, y) in PLACES.items()}
    (fault,) = told(folder(tmp_path, places=places))
    assert fault.startswith("positions.parquet: are degrees where metres are expected: the median edge is 60.0 m long")


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("economics: {source_price: cheap}", "config.yaml, economics.source_price"),
        ("economics: {source_price: [[0.08, 0.09]]}", "source 1 has 2 prices for 1 time steps."),
        ("economics: {source_max_power: [1, 2]}", "has 2 entries for 1 sources."),
        ("temperatures: {supply: 50, return: 60, ambient: 0}", "must fall from supply over return to ambient."),
        ("temperatures: {supply: 50}", "config.yaml, temperatures.return: is missing."),
        ("piping: {diameters: [{inner: 0.05, outer: 0.04, jacket: 0.1, cost: 3}]}", "must grow from inner over outer"),
        ("piping: {diameter: [0.1], cost: [3]}", "must have diameter, outer_diameter and cost of equal length"),
        ("- 3", "must be sections with keys."),
        ("piping: {diameters: [3]}", "must be a list of sections with keys."),
        ("piping: {roughness: -9, diameters: []}", "must have a roughness above 0, found -9."),
        ("temperatures: {supply: 1e300, return: 50, ambient: 10}", "must be from -100 to 1000 °C."),
    ],
)
def test_config(tmp_path: Path, config: str, sentence: str) -> None:
    """A fault of config.yaml is told by section and key."""
    assert any(sentence in fault for fault in told(folder(tmp_path, config=config)))


def test_hours(tmp_path: Path) -> None:
    """A year has 8784 hours at most; 1e7 would make a season of a thousand years."""
    assert [fault for fault in told(folder(tmp_path, hours=(1e7,))) if "8784 hours or less" in fault]


@pytest.mark.parametrize("name", ["topotherm_oneprod_sts_forced", "topotherm_test_sts_eco"])
def test_cases(tmp_path: Path, cases: Path, name: str) -> None:
    """Pipes, metres and kilowatts of a published network are all there, loads read in W as its files hold them."""
    case = cases / name
    if not case.is_dir():
        pytest.skip(f"THE CASE IS NOT THERE: {name}")
    sums = {}
    for file, column in (("edges", "length_m"), ("demand", "demand_kw")):
        with (case / f"{file}.csv").open(encoding="utf-8", newline="") as text:
            values = [float(row[column]) for row in csv.DictReader(text)]
        sums[file] = (len(values), sum(values))
    found = import_from(matrices.of_case(case, tmp_path / name), name)
    instance = found.instance
    assert "is read in W" in found.notes[0]
    assert len(instance.pipes) == sums["edges"][0]
    assert sum(pipe.length_km for pipe in instance.pipes) == pytest.approx(sums["edges"][1] / 1e3)
    assert len(instance.demands) == sums["demand"][0]
    demand_mw = sum(row.area_mm2 * row.peak_w_per_m2 for row in instance.demands)
    assert demand_mw == pytest.approx(sums["demand"][1] / 1e3)
