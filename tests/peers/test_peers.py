"""Cases that others published: heatnet's optimum against theirs.

The cases are not part of the repository: they are looked for in `../shared/cases`, or where HEATNET_CASES says, and
skipped where they are not. Expected costs are those of `references.csv` there, proved by other solvers on the peers'
own models. How a family is mapped, with its units, is said in its module.

What is carried by price or left out, and not as the peer says it:

| family | term of the case | what stands for it in the instance |
|---|---|---|
| topotherm, DHNx | capex and loss of a pipe by its flow | a price on the flow: exact in trees and without fixed cost |
| topotherm oneprod | the same in a meshed network | the same: a lower bound; plans are priced by the case's rows |
| topotherm, PyPSA | capacity of a source, any size | its capital, paid by output: it runs in one step |
| oemof, PyPSA | power wanted beside heat | the price of what makes power alone, where that runs (checked) |
| oemof | a store with a price on what goes through | nothing, where it can save nothing (checked) |
| PyPSA | hours before the first, shut-down cost | further hours of the day, taken as a ring |
| PyPSA, generic_chp | heat that may not be spilt | a price on all heat; a plan that spills is refused here |

Cases that heatnet cannot express, and what is missing:

| case | missing |
|---|---|
| pypsa_multi-investment-optimisation_0 | lines under Kirchhoff's voltage law; capacities of any size |
| pypsa_power-to-heat-water-tank_0 | units of any size; heat pumps fed by units of the instance: a balance of power |

Sensitivity:
- `test_optimum`: a term of the case that is lost on the way, counted twice or in another unit, and a plan of the
  instance that the case would not allow (heat missing or spilt).
- `test_missing`: a case that is converted in silence though heatnet lacks what it asks for, and one that could be
  converted by now.
- `test_plan_as_the_case_counts`: a price on the flow that happens to give the right cost for a wrong plan.
- `test_large`: a large case that is not read whole.
- `test_large_solved`: a bound that is above what a plan costs by the case's own rows.
- `test_all_cases`: a case that was added to the folder and is looked at by no test.
- `test_one_pipe`, `test_mesh`: fixed and proportional cost and loss of topotherm in other places or units; a mesh that
  is called exact.
- `test_left_open`: a consumer who does not pay for his pipe, and is connected.
- `test_sizes`: DHNx's fixed sizes that may take in more than their capacity, for what they lose.
- `test_tree`: a Steiner tree that joins the consumers in pairs, or pays for a node without demand.
- `test_past`: a start-up or shut-down that is not charged, or is charged beside the case's hours; a minimum time that
  is forgotten over the first hour, or binds beyond the last.
- `test_region`: corners of the combined cycle plant in other places.
- `test_command`, `test_refused`: a script that does not run by itself, or that meets a bad folder with a traceback.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from heatnet import Limits, Result, read, solve
from peers import network, oemof, topotherm
from peers.conversion import Conversion, MissingFeatureError
from peers.convert import cases, convert, references

CASES = cases()

SOLVED = (
    "dhnx_discrete_DN_numbers",
    "dhnx_introduction",
    "dhnx_minimal_network",
    "oemof_generic_chp",
    "oemof_storage_invest_tuple",
    "oemof_variable_chp",
    "pypsa_chp-fixed-heat-power-ratio_0",
    "pypsa_unit-commitment_0",
    "pypsa_unit-commitment_1",
    "pypsa_unit-commitment_2",
    "pypsa_unit-commitment_3",
    "steinlib_b01",
    "steinlib_b02",
    "steinlib_b03",
    "steinlib_b04",
    "steinlib_b05",
    "steinlib_c01",
    pytest.param("steinlib_c02", marks=pytest.mark.night),
    "topotherm_test_mts_eco",
    "topotherm_test_mts_forced",
    "topotherm_test_sts_eco",
    "topotherm_test_sts_forced",
)

MISSING = {
    "pypsa_multi-investment-optimisation_0": "Kirchhoff's voltage law",
    "pypsa_power-to-heat-water-tank_0": "a balance of power",
}

SMALL = tuple(f"topotherm_test_{steps}_{mode}" for steps in ("mts", "sts") for mode in ("eco", "forced"))

LARGE = ("topotherm_oneprod_sts_forced", "topotherm_oneprod_sts_economic")


def case(name: str) -> Path:
    """The folder of a case; skips where it is not there."""
    folder = CASES / name
    if not folder.is_dir():
        pytest.skip(f"THE CASE IS NOT THERE: {folder} (set HEATNET_CASES to the folder of the cases)")
    return folder


def reference(name: str) -> tuple[float, float]:
    """Optimum of a case, and the difference that is allowed, in the case's money."""
    row = references()[name]
    if row["reference_proof"] == "params.json published_optimum":
        return float(json.loads((CASES / name / "params.json").read_text())["published_optimum"]), 0.0
    value = float(row["reference_objective"])
    return value, float(row["tolerance_relative"]) * abs(value)


def solved(conversion: Conversion, time_s: float | None = None) -> Result:
    """The answer, on one core to a gap far below the tolerances."""
    return solve(conversion.instance, limits=Limits(gap=1e-8, threads=1, time_s=time_s))


def optimum(conversion: Conversion) -> float:
    """Least cost in the case's money, of a plan that the checker and the case allow."""
    result = solved(conversion)
    assert result.status == "optimal"
    assert result.report is not None
    assert not result.report.violated
    assert result.answer.cost is not None
    _as_the_case_allows(conversion, result)
    return conversion.cost(result.answer.cost)


def _as_the_case_allows(conversion: Conversion, result: Result) -> None:
    """All heat is served and, where the case may not spill, none is made beyond it."""
    assert result.answer.solution is not None
    districts, operation = result.answer.solution.districts, result.answer.solution.operation
    most = float(districts["design_demand_mw"].max())
    assert districts["design_shortfall_mw"].max() <= 1e-6 * most
    assert districts["unserved_mwh"].max() <= 1e-6 * most
    if not conversion.spills:
        spill = operation[operation["quantity"] == "spill_mw"]
        (name,) = conversion.instance.demand_nodes
        wanted = result.grid.demand_mw(name, conversion.instance.stages[0].year)
        step = spill["hour"] // result.grid.step_hours
        assert spill.loc[wanted[spill["day"], step] > 0, "value"].max() <= 1e-6 * most


def plan(result: Result) -> tuple[list[str], list[str]]:
    """Pipes laid, and nodes served."""
    assert result.answer.solution is not None
    return network.built(result.answer.solution)


@pytest.mark.parametrize("name", SOLVED)
def test_optimum(name: str) -> None:
    conversion = convert(case(name))
    assert not conversion.lower_bound
    expected, tolerance = reference(name)
    # What heatnet itself takes for the same: a millionth of its million.
    assert optimum(conversion) == pytest.approx(expected, rel=0, abs=max(tolerance, 1e-6 * conversion.unit))


@pytest.mark.parametrize("name", MISSING)
def test_missing(name: str) -> None:
    with pytest.raises(MissingFeatureError, match=MISSING[name]) as error:
        convert(case(name))
    pytest.skip(f"{name}: heatnet does not have {error.value}")


@pytest.mark.parametrize("name", SMALL)
def test_plan_as_the_case_counts(name: str) -> None:
    folder = case(name)
    read_case = topotherm.read(folder, json.loads((folder / "params.json").read_text()))
    expected, tolerance = reference(name)
    assert read_case.priced(*plan(solved(convert(folder)))) == pytest.approx(expected, rel=0, abs=tolerance)


@pytest.mark.parametrize("name", LARGE)
def test_large(name: str) -> None:
    folder = case(name)
    conversion = convert(folder)
    assert conversion.lower_bound
    assert len(conversion.instance.nodes) == len((folder / "nodes.csv").read_text().splitlines()) - 1
    assert len(conversion.instance.pipes) == len((folder / "edges.csv").read_text().splitlines()) - 1
    assert len(conversion.instance.demands) == len((folder / "demand.csv").read_text().splitlines()) - 1
    assert bool(conversion.instance.connections) == name.endswith("economic")


@pytest.mark.night
@pytest.mark.parametrize("name", LARGE)
def test_large_solved(name: str) -> None:
    folder = case(name)
    conversion = convert(folder)
    result = solved(conversion, time_s=1800)
    assert result.answer.bound is not None
    bound = conversion.cost(result.answer.bound)
    read_case = topotherm.read(folder, json.loads((folder / "params.json").read_text()))
    found = read_case.priced(*plan(result))
    print(f"{name}: bound {bound:.2f}, plan {found:.2f} by the case's rows")
    assert bound <= found + 1e-6 * abs(found)
    if references()[name]["reference_objective"]:
        expected, tolerance = reference(name)
        assert bound <= expected + tolerance
        assert expected - tolerance <= found


def test_all_cases() -> None:
    case(".")
    known = {item if isinstance(item, str) else str(item.values[0]) for item in SOLVED}
    assert set(references()) == known | set(MISSING) | set(LARGE)


# --- by hand, without the cases ------------------------------------------------------------------------------


def write_case(folder: Path, **files: str) -> Path:
    """A case folder from the text of its files; `__` in a name stands for `/`, and `params` is JSON."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + (".json" if name == "params" else ".csv"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def heat_case(
    folder: Path, *, edges: str, demand: str, heat_price: float = 1.0, mode: str = "forced", loss_var: float = 0.0
) -> Path:
    """A topotherm case: source s, consumers c and d; annuity 0.1, 100 EUR/m and 1 EUR/m kW; 0.01 kW/m; heat 0.5."""
    names = sorted({line.split(",")[0] for line in demand.split()})
    junctions = "".join(f"{name},0,0,junction\n" for name in ("j", "k") if f",{name}," in edges)
    pipe = {"p_max_kw": 1000, "annuity": 0.1, "capex_fix_eur_per_m": 100, "capex_var_eur_per_m_kw": 1}
    pipe |= {"loss_fix_kw_per_m": 0.01, "loss_var_per_m": loss_var}
    params = {"model": "topotherm-sts", "mode": mode, "n_timesteps": 1, "pipe": pipe}
    return write_case(
        folder,
        params=json.dumps(params | {"heat_price_eur_per_kwh": heat_price}),
        nodes="node,x,y,kind\ns,0,0,source\n" + "".join(f"{n},0,0,consumer\n" for n in names) + junctions,
        edges="edge,from,to,length_m\n" + edges,
        consumers="consumer,node,connection_edge,n_adjacent_edges\n" + "".join(f"{n},{n},,1\n" for n in names),
        demand="consumer,t,demand_kw,hours\n" + demand,
        sources="source,node,t,price_eur_per_kwh,hours,cap_min_kw,cap_max_kw,c_inv_eur_per_kw,annuity\n"
        "s0,s,0,0.5,100,0,1000000,20,0.5\n",
    )


def test_one_pipe(tmp_path: Path) -> None:
    # 10 kW over 100 m, of which 0.1 % per m of the flow in and 1 kW are lost: in = (10 + 1) / 0.9.
    # Source: 0.5 · 100 h + 20 · 0.5 = 60 EUR/kW. Pipe: 0.1 · 100 · (100 + in). Sold: 10 kW · 50 h · 1.
    folder = heat_case(tmp_path / "one", edges="p,c,s,100\n", demand="c,0,10,50\n", loss_var=0.001)
    into = 11 / 0.9
    expected = 60 * into + 10 * (100 + into) - 500
    assert optimum(convert(folder)) == pytest.approx(expected, rel=1e-9)


def test_mesh(tmp_path: Path) -> None:
    # A ring s, j, k: c hangs on j, d on k. The case is a mesh, so with loss by flow the cost is a bound.
    edges = "sj,s,j,10\nsk,s,k,10\njk,j,k,10\njc,j,c,10\nkd,k,d,10\n"
    folder = heat_case(tmp_path / "ring", edges=edges, demand="c,0,1,0\nd,0,1,0\n", loss_var=1e-5)
    conversion = convert(folder)
    assert conversion.lower_bound
    # s-j-c and s-k-d are the least ways, so here the bound is the cost. What flows in, a pipe that keeps g of it:
    g = 1 - 1e-4
    outer = 1.1 / g
    inner = (outer + 0.1) / g
    # Source 60 EUR/kW; a pipe 10 m · (0.1 · 100 + 0.1 · in). By s-j-k-d the flow of j-k would go through s-j as well.
    assert optimum(conversion) == pytest.approx(2 * (60 * inner + 200 + inner + outer), rel=1e-9)


def test_left_open(tmp_path: Path) -> None:
    # c pays 10 kW · 100 h · 2 EUR = 2000 EUR for his pipes; d pays 200 EUR, and his pipe alone costs 200 m · 10 EUR.
    edges = "jc,j,c,10\njd,j,d,200\nsj,s,j,10\n"
    demand = "c,0,10,100\nd,0,1,100\n"
    folder = heat_case(tmp_path / "open", edges=edges, demand=demand, heat_price=2.0, mode="economic")
    # c alone: j-c 10.1 kW in, s-j 10.2 kW in: 60 · 10.2 + 2 · 10 m · 0.1 · 100 + 10 m · 0.1 · (10.1 + 10.2) − 2000.
    expected = 60 * 10.2 + 200 + 20.3 - 2000
    result = solved(convert(folder))
    assert result.answer.cost == pytest.approx(expected, rel=1e-9)
    assert plan(result)[1] == ["c"]


def test_sizes(tmp_path: Path) -> None:
    # 10 kW at c, 100 m of 0.02 kW/m: 12 kW go in. `small` may take in 11.9, so `big` is laid: 100 m · 8 of cost.
    folder = write_case(
        tmp_path / "sizes",
        params=json.dumps({"model": "dhnx-invest", "bidirectional": False, "n_timesteps": 1}),
        nodes="node,kind,lat,lon\ns,source,0,0\nc,consumer,1,1\n",
        edges="edge,from,to,length_m,existing,existing_type,existing_capacity_kw\np,s,c,100,0,,0\n",
        demand="node,t,demand_kw\nc,0,10\n",
        pipe_types="type,binary,loss_per_kwcap_m,loss_fix_kw_per_m,cap_max_kw,cap_min_kw,capex_per_kw_m,capex_fix_per_m\n"
        "small,1,0,0.02,11.9,11,0,5\nbig,1,0,0.02,40,39,0,8\n",
        sources="node,variable_cost,cap_max_kw\ns,0,\n",
    )
    assert optimum(convert(folder)) == pytest.approx(800, rel=1e-9)


def test_tree(tmp_path: Path) -> None:
    # Through the middle m: 2 + 2 + 2 = 6; round it: 3 + 4 = 7.
    folder = write_case(
        tmp_path / "star",
        params=json.dumps({"model": "steiner-tree"}),
        nodes="node,kind\na,source\nb,consumer\nc,consumer\nm,junction\nz,junction\n",
        edges="edge,from,to,length_m,capex_fix\n1,a,m,2,2\n2,b,m,2,2\n3,c,m,2,2\n4,a,b,3,3\n5,b,c,4,4\n6,m,z,1,1\n",
        demand="node,t,demand_kw\nb,0,1\nc,0,1\n",
    )
    assert optimum(convert(folder)) == pytest.approx(6, rel=1e-9)


PAST = ("start_up_cost", "shut_down_cost", "min_up_time", "min_down_time", "up_time_before", "down_time_before")

VALLEY, END = (80, 20, 80), (80, 80, 20)


@pytest.mark.parametrize(
    ("load", "cheap", "dear", "expected"),
    [
        # cheap: 60 to 100 MW at 1, dear: 10 to 100 MW at 10. 20 MW is dear's alone: 80 + 200 + 80. Both were on.
        (VALLEY, {}, {}, 360),
        (VALLEY, {"start_up_cost": 30}, {}, 390),  # cheap starts again after the valley
        (VALLEY, {}, {"start_up_cost": 50}, 410),  # dear stops at once and starts for the valley
        (VALLEY, {}, {"start_up_cost": 100}, 450),  # dear stays on with 10 MW: 70 + 100 for 80, 90 more
        (VALLEY, {}, {"start_up_cost": 100, "down_time_before": 1}, 460),  # it was off: no way round the start
        (VALLEY, {"shut_down_cost": 5}, {}, 365),  # cheap stops for the valley and is on in the end
        (VALLEY, {}, {"shut_down_cost": 7}, 374),  # dear stops before the valley and after it
        (VALLEY, {}, {"shut_down_cost": 7, "down_time_before": 1}, 367),  # it was off: it stops once
        (VALLEY, {"min_down_time": 2}, {}, 1080),  # cheap is off for a second hour, dear makes its 80 MW
        (VALLEY, {"min_up_time": 2}, {}, 360),  # cheap has its two hours: one before, and the first
        (VALLEY, {"min_up_time": 2, "down_time_before": 1}, {}, 1080),  # it could not stop for the valley
        (VALLEY, {}, {"min_up_time": 2, "down_time_before": 1}, 450),  # dear runs an hour beside the valley
        (END, {"min_down_time": 2}, {}, 360),  # what follows the last hour binds nothing
        (END, {"min_down_time": 2, "down_time_before": 1}, {}, 1080),  # cheap must be off for the first hour
        (END, {"min_down_time": 2, "down_time_before": 2}, {}, 360),
        # The same with a start in the second hour and a stop in the third.
        (END, {"min_down_time": 2, "down_time_before": 1, "start_up_cost": 30, "shut_down_cost": 5}, {}, 1115),
    ],
)
def test_past(
    tmp_path: Path, load: tuple[int, ...], cheap: dict[str, int], dear: dict[str, int], expected: float
) -> None:
    defaults = {"min_down_time": 0, "up_time_before": 1}
    rows = [
        f"{name},bus,100,{least},{price},True," + ",".join(str((defaults | past).get(column, 0)) for column in PAST)
        for name, least, price, past in (("cheap", 0.6, 1, cheap), ("dear", 0.1, 10, dear))
    ]
    folder = write_case(
        tmp_path / "committed",
        network__buses="name\nbus\n",
        network__snapshots=",snapshot,objective\n0,0,1\n1,1,1\n2,2,1\n",
        network__generators=f"name,bus,p_nom,p_min_pu,marginal_cost,committable,{','.join(PAST)}\n" + "\n".join(rows),
        network__loads="name,bus\nload,bus\n",
    )
    hours = "".join(f"{hour},{value}\n" for hour, value in enumerate(load))
    (folder / "network" / "loads-p_set.csv").write_text(",load\n" + hours, encoding="utf-8")
    assert optimum(convert(folder)) == pytest.approx(expected, rel=1e-9)


def test_region() -> None:
    # W = P + Q / 2 from 100 to 200 MW, fuel H = 2 · W. P + Q + 0.25 · H + 20 ≤ H: P ≥ Q / 2 + 40, which meets W = 100
    # at Q = 60, P = 70 and W = 200 at Q = 160, P = 120.
    plant = {"P_min_woDH": 100.0, "P_max_woDH": 200.0, "Eta_el_min_woDH": 0.5, "Eta_el_max_woDH": 0.5, "beta": 0.5}
    corners = oemof.region(plant | {"Q_CW_min": 20.0, "H_L_FG_share_max": 0.25})
    expected = [(0.0, 100.0, 200.0), (0.0, 200.0, 400.0), (60.0, 70.0, 200.0), (160.0, 120.0, 400.0)]
    assert np.array(sorted(corners.values())) == pytest.approx(np.array(expected))


SCRIPT = Path(network.__file__).with_name("convert.py")


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The script, as from the command line."""
    return subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False)


def test_command(tmp_path: Path) -> None:
    folder = heat_case(tmp_path / "one", edges="p,c,s,100\n", demand="c,0,10,50\n")
    done = run(folder, tmp_path / "instance")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "1 × cost in million + -500 = the case's cost\n"
    assert read(tmp_path / "instance") == convert(folder).instance


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("nothing", "nothing: is not a folder."),
        ("empty", "empty: is no case of any family that is known here (topotherm, dhnx, steinlib, oemof, pypsa)."),
        ("full", "full: is not empty; an instance is written into a new folder."),
        ("word", "demand.csv, line 2: `ten` in demand_kw is no number."),
        ("column", "edges.csv, line 2: has no column `length_m`."),
        ("file", "consumers.csv: cannot be read (No such file or directory)."),
        (
            "steps",
            "heatnet does not have capex and loss of a pipe in proportion to its largest flow over several time steps.",
        ),
        ("setting", "params.json: has no `pipe.p_max_kw`."),
        ("island", "no way leads to the consumer at c."),
    ],
)
def test_refused(tmp_path: Path, fault: str, sentence: str) -> None:
    folder = heat_case(tmp_path / "one", edges="p,c,s,100\n", demand="c,0,10,50\n")
    target = tmp_path / "instance"
    params = json.loads((folder / "params.json").read_text())
    if fault == "nothing":
        folder = tmp_path / "nothing"
    elif fault == "empty":
        folder = tmp_path / "empty"
        folder.mkdir()
    elif fault == "full":
        target = tmp_path / "full"
        write_case(target, notes="a\n")
    elif fault == "word":
        write_case(folder, demand="consumer,t,demand_kw,hours\nc,0,ten,50\n")
    elif fault == "column":
        write_case(folder, edges="edge,from,to\np,c,s\n")
    elif fault == "file":
        (folder / "consumers.csv").unlink()
    elif fault == "steps":
        write_case(folder, params=json.dumps(params | {"n_timesteps": 2}))
    elif fault == "setting":
        del params["pipe"]["p_max_kw"]
        write_case(folder, params=json.dumps(params))
    elif fault == "island":
        write_case(
            folder,
            nodes="node,x,y,kind\ns,0,0,source\nc,0,0,consumer\nj,0,0,junction\n",
            edges="edge,from,to,length_m\np,j,s,100\n",
        )
    done = run(folder, target)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.endswith(sentence + "\n")
    assert done.stderr.count("\n") == 1
