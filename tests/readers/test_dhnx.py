"""DHNx folders: what comes out of small ones by hand, of published ones by their sums, and what is told of faults.

Sensitivity, one sentence per test:
- small: lengths, ends, loads or prices read wrong or in another unit; a pipe that is not active kept.
- one size: a type whose capacity, cost, loss or diameter is not its own.
- any size: a law of cost and loss that is not met at the capacity of a diameter.
- flow: loads and hours that do not follow the heat flow where it is given.
- existing: a pipe that is there paid for, or with a capacity or loss that is not its own.
- old names: edges.csv, splits.csv and lenght_m not known.
- metres and degrees: coordinates taken for what the lengths of the pipes say they are not.
- faults: any of these said wrong or not at all.
- cases: a published network with pipes, metres or kilowatts lost on the way.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from heatnet.physics import pipes as physics
from heatnet.readers import Imported, SourceError, import_from

FILES = {
    "twn_data/producers.csv": "id,lat,lon\n0,0,0\n",
    "twn_data/forks.csv": "id,lat,lon\n0,0,100\n",
    "twn_data/consumers.csv": "id,lat,lon,P_heat_max\n0,30,100,20\n1,0,160,40\n",
    "twn_data/pipes.csv": "id,from_node,to_node,length,active\n0,producers-0,forks-0,100,1\n"
    "1,forks-0,consumers-0,30,1\n2,forks-0,consumers-1,60,1\n3,producers-0,consumers-1,999,0\n",
    "invest_data/network/pipes.csv": "label_3,active,nonconvex,l_factor,l_factor_fix,cap_max,cap_min,capex_pipes,"
    "fix_costs\nDN-25,1,1,0,0.0077,28,27,0,466\nDN-50,1,1,0,0.0091,179,178,0,563\nDN-65,0,1,0,0,335,334,0,620\n",
    "invest_data/producers/source.csv": ",label_2,active,variable_costs\n0,heat,1,0.06\n",
}


ANY_SIZE = """\
label_3,active,nonconvex,l_factor,l_factor_fix,cap_max,cap_min,capex_pipes,fix_costs
milp,1,1,1e-5,0.007,1000,1,2,236
"""


def folder(path: Path, **changes: str | None) -> Path:
    """The files with some exchanged, by their path without folder and `.csv`: `network_pipes` is of invest_data."""
    names = {"network_pipes": "invest_data/network/pipes.csv", "source": "invest_data/producers/source.csv"}
    files: dict[str, str | None] = {**FILES, **{names.get(k, f"twn_data/{k}.csv"): v for k, v in changes.items()}}
    for name, text in files.items():
        if text is not None:
            (path / "case" / name).parent.mkdir(parents=True, exist_ok=True)
            (path / "case" / name).write_text(text, encoding="utf-8")
    return path / "case"


def imported(path: Path, **changes: Any) -> Imported:
    return import_from(folder(path, **changes), "case")


def told(case: Path) -> list[str]:
    with pytest.raises(SourceError) as caught:
        import_from(case, "case")
    return [str(issue) for issue in caught.value.issues]


def capacity_and_loss(found: Imported, name: str) -> tuple[float, float]:
    """In kW and in kW per m of pair, in the regime of the network."""
    kind, regime = found.instance.pipe_type[name], found.instance.header.regimes[0]
    most = physics.capacity_mw(kind.inner_diameter_mm, kind.velocity_max_m_per_s, regime.supply_c, regime.return_c)
    loss = physics.loss_mw_per_km(kind.heat_transfer_w_per_m_k, regime.supply_c, regime.return_c, regime.ground_c)
    return 1e3 * most, loss


def test_small(tmp_path: Path) -> None:
    """A plant, a fork and two consumers; 2000 h of 8760 are assumed."""
    found = imported(tmp_path)
    instance = found.instance
    assert found.format == "dhnx"
    assert {pipe.id: (pipe.from_node, pipe.to_node, pipe.length_km) for pipe in instance.pipes} == {
        "p0": ("producers-0", "forks-0", 0.1),
        "p1": ("forks-0", "consumers-0", 0.03),
        "p2": ("forks-0", "consumers-1", 0.06),
    }
    assert [instance.design_heat_mw(f"consumers-{n}", 2025) for n in (0, 1)] == pytest.approx([0.02, 0.04])
    assert instance.series[str(instance.demands[0].shape_series)][0] == pytest.approx(2000 / 8760)
    assert instance.fuels[0].price_cur_per_mwh == pytest.approx(60)
    assert ("not active, left out", 1, 0.0) in found.summary


def test_one_size(tmp_path: Path) -> None:
    """DN-25 for 28 kW with 7.7 W/m, DN-50 for 179 kW; the one that is not active is not there."""
    found = imported(tmp_path)
    assert set(found.instance.pipe_type) == {"DN-25", "DN-50"}
    small = found.instance.pipe_type["DN-25"]
    assert (small.capex_mcur_per_km, small.inner_diameter_mm) == (pytest.approx(0.466), 29.1)
    assert capacity_and_loss(found, "DN-25") == pytest.approx((28, 0.0077))
    assert capacity_and_loss(found, "DN-50") == pytest.approx((179, 0.0091))


def test_any_size(tmp_path: Path) -> None:
    """2 EUR/(kW m) + 236 EUR/m and a loss of 1e-5 of the capacity + 0.007 kW/m, at each diameter."""
    found = imported(tmp_path, network_pipes=ANY_SIZE)
    assert set(found.instance.pipe_type) == {"milp-DN20", "milp-DN25", "milp-DN32"}
    for name, kind in found.instance.pipe_type.items():
        capacity, loss = capacity_and_loss(found, name)
        assert 1e3 * kind.capex_mcur_per_km == pytest.approx(236 + 2 * capacity)
        assert loss == pytest.approx(0.007 + 1e-5 * capacity)


def test_flow(tmp_path: Path) -> None:
    """Without P_heat_max the largest flow is the load; a day of 12 h at 20 kW and 12 h at 10 kW is 6570 h a year."""
    rows = ["timestep,0,1", *(f"{hour},{20 if hour < 12 else 10},40" for hour in range(24))]
    case = folder(tmp_path, consumers="id,lat,lon\n0,30,100\n1,0,160\n")
    (case / "twn_data" / "sequences").mkdir()
    (case / "twn_data" / "sequences" / "consumers-heat_flow.csv").write_text("\n".join(rows), encoding="utf-8")
    instance = import_from(case, "case").instance
    shape = {row.node: row.shape_series for row in instance.demands}
    assert instance.design_heat_mw("consumers-0", 2025) == pytest.approx(0.02)
    assert instance.series[str(shape["consumers-0"])][0] == pytest.approx(0.75)
    assert shape["consumers-1"] is None


def test_existing(tmp_path: Path) -> None:
    """A pipe of 100 kW that is there, of a type of any size: 0.007 + 1e-5 · 100 kW/m."""
    pipes = FILES["twn_data/pipes.csv"].replace("active\n", "active,existing,capacity,hp_type\n", 1)
    pipes = pipes.replace("forks-0,100,1", "forks-0,100,1,1,100,milp")
    found = imported(tmp_path, network_pipes=ANY_SIZE, pipes=pipes)
    pipe = next(pipe for pipe in found.instance.pipes if pipe.id == "p0")
    assert (pipe.existing_pairs, pipe.max_new_pairs) == (1, 0)
    assert capacity_and_loss(found, str(pipe.existing_type)) == pytest.approx((100, 0.008))
    other = next(pipe for pipe in found.instance.pipes if pipe.id == "p1")
    assert pipe.existing_type not in other.candidate_types


def test_old_names(tmp_path: Path) -> None:
    """edges.csv for pipes.csv, splits.csv for forks.csv, lenght_m for length."""
    edges = FILES["twn_data/pipes.csv"].replace("length", "lenght_m")
    found = imported(tmp_path, pipes=None, edges=edges, forks=None, splits=FILES["twn_data/forks.csv"])
    assert sum(pipe.length_km for pipe in found.instance.pipes) == pytest.approx(0.19)


def test_metres_and_degrees(tmp_path: Path) -> None:
    """The lengths say metres of the first folder; of the second, a thousandth of a degree being 111 m, degrees."""
    metres = imported(tmp_path)
    assert any("are metres of no known system" in note for note in metres.notes)
    place = {node.id: (node.lat_deg, node.lon_deg) for node in metres.instance.nodes}
    assert place["forks-0"] == (0, pytest.approx(100 / 111_195, rel=1e-3))
    degrees = imported(
        tmp_path / "degrees",
        producers="id,lat,lon\n0,50,9\n",
        forks="id,lat,lon\n0,50.0009,9\n",
        consumers="id,lat,lon,P_heat_max\n0,50.0009,9.0004,20\n1,50.00144,9,40\n",
    )
    assert any("are degrees" in note for note in degrees.notes)
    place = {node.id: (node.lat_deg, node.lon_deg) for node in degrees.instance.nodes}
    assert place["consumers-0"] == (pytest.approx(50.0009), pytest.approx(9.0004))


PIPES = FILES["twn_data/pipes.csv"]
FAULTS: dict[str, tuple[dict[str, str | None], str]] = {
    "missing file": ({"forks": None}, "forks.csv: is missing in twn_data; a DHNx network has it."),
    "missing column": (
        {"producers": "id,lat\n0,0\n"},
        "producers.csv, lon: is a column that this table must have.",
    ),
    "no number": (
        {"consumers": "id,lat,lon,P_heat_max\n0,30,100,much\n1,0,160,40\n"},
        "consumers.csv, line 2, P_heat_max: must be a number, found `much`.",
    ),
    "no load": (
        {"consumers": "id,lat,lon,P_heat_max\n0,30,100,\n1,0,160,40\n"},
        "consumers.csv, line 2, P_heat_max: is missing; it must be given.",
    ),
    "unknown node": (
        {"pipes": PIPES.replace("1,forks-0", "1,forks-9")},
        "pipes.csv, line 3: `forks-9` is no producer, consumer or fork.",
    ),
    "no length": (
        {"pipes": PIPES.replace("consumers-0,30", "consumers-0,0")},
        "case, pipes.csv, line 3: p1: is 0 m long; a pipe must be longer than 0.",
    ),
    "negative length": (
        {"pipes": PIPES.replace("consumers-0,30", "consumers-0,-5")},
        "case, pipes.csv, line 3: p1: is -5 m long; a pipe must be longer than 0.",
    ),
    "twice": (
        {"consumers": "id,lat,lon,P_heat_max\n0,30,100,20\n0,0,160,40\n"},
        "consumers.csv, line 3, id: `0` stands twice.",
    ),
    "island": (
        {"pipes": PIPES.replace("2,forks-0,consumers-1,60,1\n", "")},
        "case, consumers.csv, line 3: `consumers-1` is an island without a source; "
        "the nearest network that has one is 60.0 m away.",
    ),
    "supply": (
        {"source": "label_2,active,nominal_value\nheat,1,50\n"},
        "case, producers.csv, line 2: `producers-0` give 50 kW together, less than the 60 kW",
    ),
    "broken": ({"pipes": "\x00\x00"}, "pipes.csv"),
}


@pytest.mark.parametrize(("changes", "sentence"), FAULTS.values(), ids=FAULTS)
def test_faults(tmp_path: Path, changes: dict[str, str | None], sentence: str) -> None:
    """Each fault is told first in one sentence."""
    assert told(folder(tmp_path, **changes))[0].startswith(sentence)


@pytest.mark.parametrize("name", ["dhnx_discrete_DN_numbers", "dhnx_introduction", "dhnx_minimal_network"])
def test_cases(tmp_path: Path, cases: Path, name: str) -> None:
    """Pipes, metres, types and kilowatts of a published network are all there."""
    case = cases / name
    if not case.is_dir():
        pytest.skip(f"THE CASE IS NOT THERE: {name}")
    tables = {}
    for file in ("nodes", "edges", "demand", "pipe_types"):
        with (case / f"{file}.csv").open(encoding="utf-8", newline="") as text:
            tables[file] = list(csv.DictReader(text))
    loads = {row["node"]: row["demand_kw"] for row in tables["demand"]}
    kinds: dict[str, list[str]] = {"producers": [], "consumers": [], "forks": []}
    for row in tables["nodes"]:
        kind, number = row["node"].split("-")
        kinds[kind].append(f"{number},{row['lat']},{row['lon']},{loads.get(row['node'], '')}")
    laws = ("loss_per_kwcap_m", "loss_fix_kw_per_m", "cap_max_kw", "cap_min_kw", "capex_per_kw_m", "capex_fix_per_m")
    found = imported(
        tmp_path,
        **{kind: "\n".join(["id,lat,lon,P_heat_max", *rows]) + "\n" for kind, rows in kinds.items()},
        pipes="\n".join(
            ["id,from_node,to_node,length"]
            + [f"{row['edge']},{row['from']},{row['to']},{row['length_m']}" for row in tables["edges"]]
        ),
        network_pipes="\n".join(
            ["label_3,l_factor,l_factor_fix,cap_max,cap_min,capex_pipes,fix_costs"]
            + [",".join([row["type"], *(row[law] for law in laws)]) for row in tables["pipe_types"]]
        ),
    )
    instance = found.instance
    length = sum(float(row["length_m"]) for row in tables["edges"])
    assert sum(pipe.length_km for pipe in instance.pipes) == pytest.approx(length / 1e3)
    assert sum(row.area_mm2 * row.peak_w_per_m2 for row in instance.demands) == pytest.approx(
        sum(map(float, loads.values())) / 1e3
    )
    if name == "dhnx_discrete_DN_numbers":  # 94 kW of demand: the largest of the five types is never needed
        assert set(instance.pipe_type) <= {row["type"] for row in tables["pipe_types"]}
        assert capacity_and_loss(found, "DN-32") == pytest.approx((54, 0.0086405))
