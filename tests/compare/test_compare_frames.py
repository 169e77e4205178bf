"""The frames of a comparison, by the arithmetic of `instances/tutorial`, by hand on a small city, and by the checker.

Sensitivity:
- test_costs: a term left out, of another stage, or of another schedule would not add up to what the checker finds.
- test_differences: a difference with the wrong sign, or from another schedule than the reference or `free`; frames
  whose terms do not come to the difference of the whole.
- test_interval: an end of the interval taken from the wrong bound; a difference below the gaps told as decided.
- test_unit_costs: kWh for GJ, the heat of one stage for that of all, or Mm² for m².
- test_season: heat or fuel without the hours of a step, the weight of a day, or of a unit of another kind.
- test_horizon: a stage counted once that stands for several years.
- test_changes: something that is there at the start told as new, or a change of another stage.
- test_investments: capital discounted or charged by the year instead of paid, or without the factor of a pipe.
- test_stranded: an age that counts from the wrong year; a machine without a price that is worth something.
- test_residual: a share that is not what the charges still due are worth.
- test_margins: what the design hour leaves to a node alone, moved by a loss or a capacity left out.
- test_one_lost: the heat of the others counted twice, reserve or station left out, or the contingency not the worst.
- test_renewable: area from heat by another demand than that of all nodes; a target where it does not hold.
- test_missing: what a plan lacks left out, or told of another node; the largest not first.
- test_infeasible: a schedule that nothing can meet without its row, or with figures of a plan that there is not.
- test_penalties: prices of failures counted as money that is paid.
- test_documented: a frame or a column that docs/compare.md does not name, or names otherwise.
- test_read_again: a number, a word or a blank that the folder does not give back.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import TUTORIAL, tiny

from heatnet.check import check
from heatnet.compare import Comparison, compare
from heatnet.compare.frames import NAMES
from heatnet.compare.money import residual_share
from heatnet.compare.overview import interval
from heatnet.instance import read
from heatnet.run import load
from heatnet.solve import Limits

DOCS = Path(__file__).parents[2] / "docs" / "compare.md"
POLICY, FREE = 0.308887073, 0.229293013  # instances/tutorial/README.md
MWH = 90 * 48 + 100 * 48  # demand of both stages

LOST = """\
id,name,name_local,node,unit,pipe,lost_share,source
lose-main,Main lost,,,,main,1,assumed: test
lose-some,Some of the gas lost,,,D1-gas,,0.5,assumed: test
"""
TARGET = """
[[rules]]
id = "green"
kind = "yearly_limit"
quantity = "heated_area_mm2"
select = [{ renewable = true }]
least = 0.05
from_year = 2027
source = "assumed: test"
"""


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Both schedules of the tutorial."""
    out = tmp_path_factory.mktemp("compare") / "tutorial"
    return compare(read(TUTORIAL), ["policy", "free"], out, limits=Limits(gap=0.0, threads=1))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """The small city with contingencies and a target for renewable heat, which `bare` cannot meet."""
    place = tmp_path_factory.mktemp("compare")
    folder = tiny(place)
    (folder / "contingencies.csv").write_text(LOST, encoding="utf-8")
    header = folder / "instance.toml"
    header.write_text(header.read_text(encoding="utf-8").replace("\n[solve]", f"{TARGET}\n[solve]"), encoding="utf-8")
    rules = ['bare = {kind = "no_new", select = [{}]}']
    limits = Limits(gap=0.01, threads=1)
    return compare(
        read(folder),
        ["early", "free"],
        place / "town",
        rules=rules,
        days=2,
        step_hours=12,
        reference="free",
        limits=limits,
    )


def own(frame: pd.DataFrame, schedule: str, **where: object) -> pd.DataFrame:
    """The rows of a schedule, and of a stage or the like."""
    for column, value in {"schedule": schedule, **where}.items():
        frame = frame[frame[column] == value]
    return frame


def test_costs(town: Comparison) -> None:
    for name in ("early", "free"):
        run = load(town.folder / name)
        assert run.solution is not None
        report = check(run.instance, run.solution)
        told = own(town.frames["costs"], name).set_index(["stage", "term"])["cost_mcny"]
        found = report.costs.set_index(["stage", "term"])["value_mcur"]
        pd.testing.assert_series_equal(told.sort_index(), found.sort_index(), check_names=False)
        assert told.sum() == pytest.approx(float(run.summary.cost or 0.0), rel=1e-6)


def test_differences(tutorial: Comparison) -> None:
    frames = tutorial.frames
    row = frames["schedules"].set_index("schedule").loc
    assert row["free", "difference_meur"] == pytest.approx(FREE - POLICY, abs=1e-8)
    assert row["policy", "price_meur"] == pytest.approx(POLICY - FREE, abs=1e-8)
    assert row["policy", "difference_meur"] == 0.0
    assert row["free", "price_meur"] == 0.0
    assert set(frames["differences"]["schedule"]) == {"free"}
    assert set(frames["prices"]["schedule"]) == {"policy"}
    assert frames["differences"]["difference_meur"].sum() == pytest.approx(FREE - POLICY, abs=1e-8)
    assert frames["prices"]["price_meur"].sum() == pytest.approx(POLICY - FREE, abs=1e-8)
    pipes = own(frames["prices"], "policy", term="pipes", stage=2026)["price_meur"]
    assert pipes.tolist() == pytest.approx([2.4 / 40])  # free lays none; a pair of DN500 is paid in 40 years
    assert bool(row["free", "decided"])
    assert bool(row["policy", "price_decided"])
    assert pd.isna(row["policy", "decided"])


def test_interval() -> None:
    # 100 to 110 less 95 to 97: from 3 to 15, so it is dearer; less 95 to 105: from −5 to 15.
    assert interval(110.0, 100.0, 97.0, 95.0) == (3.0, 15.0, True)
    assert interval(110.0, 100.0, 105.0, 95.0) == (-5.0, 15.0, False)
    assert interval(94.0, 90.0, 110.0, 100.0) == (-20.0, -6.0, True)
    assert interval(110.0, None, 97.0, 95.0) == (None, 15.0, False)
    assert interval(None, None, 97.0, 95.0) == (None, None, None)
    # What asks for more cannot cost less.
    assert interval(110.0, 100.0, 105.0, 95.0, more=True) == (0.0, 15.0, False)
    assert interval(110.0, 100.0, 105.0, 95.0, less=True) == (-5.0, 0.0, False)
    assert interval(110.0, 100.0, 97.0, 95.0, more=True) == (3.0, 15.0, True)


def test_unit_costs(tutorial: Comparison) -> None:
    row = tutorial.frames["schedules"].set_index("schedule").loc
    assert row["policy", "unit_cost_eur_per_gj"] == pytest.approx(POLICY * 1e6 / (MWH * 3.6), rel=1e-6)
    assert row["policy", "unit_cost_eur_per_m2_season"] == pytest.approx(POLICY * 1e6 / 3.8e6, rel=1e-6)
    yearly = own(tutorial.frames["unit_costs"], "free", stage=2026).iloc[0]
    assert yearly["heat_gj"] == pytest.approx(100 * 48 * 3.6)
    assert yearly["area_m2"] == pytest.approx(2.0e6)
    told = own(tutorial.frames["costs"], "free", stage=2026)["cost_meur"].sum()
    assert yearly["unit_cost_eur_per_gj"] == pytest.approx(told * 1e6 / (100 * 48 * 3.6))  # one year, no interest


def test_season(tutorial: Comparison) -> None:
    # 90 MW, and losses of 0.4, 0.2 and 0.2 MW, for 48 h; 1.6 MWh of coal for 1 of heat, 0.35 t of CO2 for 1 of coal.
    heat = (90 + 0.8) * 48
    sources = own(tutorial.frames["heat"], "policy", stage=2025).set_index("source")["heat_mwh"]
    assert sources.to_dict() == pytest.approx({"back_pressure": heat, "boiler": 0.0, "heat_take_off": 0.0})
    fuels = own(tutorial.frames["fuels"], "policy", stage=2025).set_index("fuel")["fuel_mwh"]
    assert fuels.to_dict() == pytest.approx({"coal": 1.6 * heat, "gas": 0.0})
    emitted = own(tutorial.frames["emissions"], "policy", stage=2025).iloc[0]
    assert emitted[["co2_fuel_t", "coal_mwh", "gas_mwh"]].tolist() == pytest.approx([0.56 * heat, 1.6 * heat, 0.0])
    later = own(tutorial.frames["emissions"], "policy", stage=2026).iloc[0]
    burnt = own(tutorial.frames["heat"], "policy", stage=2026, source="boiler")["heat_mwh"].iloc[0] * 1.25
    assert burnt > 0.0
    assert later[["coal_mwh", "gas_mwh"]].tolist() == pytest.approx([0.0, burnt])


def test_horizon(town: Comparison) -> None:
    emitted = own(town.frames["emissions"], "free").set_index("stage")
    row = town.frames["schedules"].set_index("schedule").loc["free"]
    for column, told in (("co2_fuel_t", "co2_fuel_mt"), ("coal_mwh", "coal_twh"), ("gas_mwh", "gas_twh")):
        both = 2 * emitted.at[2025, column] + 3 * emitted.at[2027, column]  # the stages stand for 2 and for 3 years
        assert row[told] == pytest.approx(both / 1e6)
    assert row["coal_twh"] > 0.0


def test_changes(tutorial: Comparison) -> None:
    told = own(tutorial.frames["changes"], "policy")
    found = {tuple(row) for row in told[["stage", "change", "kind", "id", "number"]].itertuples(index=False)}
    assert found == {
        (2026, "closes", "unit", "old-coal", 2),
        (2026, "built", "unit", "far-takeoff", 1),
        (2026, "built", "unit", "north-gas", 1),
        (2026, "laid", "pipe", "far-line/DN500", 1),
        (2026, "removed", "pipe", "old-pipe/DN800", 1),
    }
    rows = told.set_index("id")
    assert rows.loc[["old-coal", "north-gas"], "heat_mw"].tolist() == pytest.approx([2 * 60.0, 20.0])
    assert rows.loc[["far-line/DN500", "old-pipe/DN800"], "length_km"].tolist() == [20.0, 2.0]
    assert own(tutorial.frames["changes"], "free").empty


def test_investments(tutorial: Comparison) -> None:
    paid = own(tutorial.frames["investments"], "policy").set_index(["stage", "term"])["investment_meur"]
    expected = {"pipes": 0.08 * 20 * 1.25 + 0.4, "units": 120 * 0.002 + 20 * 0.01}
    for term in ("pipes", "units", "retrofits", "stores", "regimes", "demand_side"):
        assert paid[2026, term] == pytest.approx(expected.get(term, 0.0))
        assert paid[2025, term] == 0.0
    row = tutorial.frames["schedules"].set_index("schedule").loc
    assert row["policy", "peak_investment_meur_per_year"] == pytest.approx(2.84)
    assert row["policy", "peak_investment_stage"] == 2026
    assert pd.isna(row["free", "peak_investment_stage"])


def test_stranded(tutorial: Comparison, town: Comparison) -> None:
    rows = own(tutorial.frames["stranded"], "policy").set_index("id")
    # DN800 at 0.4 a km, 2 km, half of 40 years over in 2025: 19 of 40 are left in 2026, without interest.
    assert rows.at["old-pipe/DN800", "residual_meur"] == pytest.approx(0.8 * 19 / 40)
    assert rows.at["old-pipe/DN800", "age_years"] == 21
    assert not rows.at["old-pipe/DN800", "age_known"]
    assert rows.at["old-coal", "residual_meur"] == 0.0  # the technology has no price
    assert tutorial.frames["schedules"].set_index("schedule").at["policy", "stranded_meur"] == pytest.approx(0.38)
    gas = own(town.frames["stranded"], "early", id="D1-gas").iloc[0]
    assert (gas["age_years"], gas["life_years"], gas["number"]) == (12 + gas["stage"] - 2025, 25, gas["number"])
    price = gas["number"] * 20 * 0.3
    assert gas["residual_mcny"] == pytest.approx(price * residual_share(0.06, int(gas["age_years"]), 25))
    assert gas["discounted_mcny"] == pytest.approx(gas["residual_mcny"] * 1.06 ** (2025 - gas["stage"]))


def test_residual() -> None:
    """Against the charges that are still due, discounted one by one."""
    for rate, age in itertools.product((0.0, 0.06), (0, 1, 13, 24)):
        charge = 1.0 / sum((1 + rate) ** -year for year in range(1, 26))
        due = sum(charge * (1 + rate) ** -year for year in range(1, 26 - age))
        assert residual_share(rate, age, 25) == pytest.approx(due)
    assert residual_share(0.06, 25, 25) == residual_share(0.06, 30, 25) == 0.0


def test_margins(tutorial: Comparison) -> None:
    frame = tutorial.frames["districts"]
    first = own(frame, "policy", stage=2025)
    assert first["margin_mw"].tolist() == pytest.approx([120 - 90.8] * 2, abs=2e-3)  # two sets of 60 MW
    line = 958 * np.pi / 4 * 0.5**2 * 2 * 4.2 * 60 / 1000  # what the DN500 carries, MW
    later = own(frame, "policy", stage=2026)
    assert later["margin_mw"].tolist() == pytest.approx([line + 20 - 100 - 1.0 - 0.6] * 2, abs=5e-3)
    assert later["n1_mw"].tolist() == [60.0, 40.0]  # nothing can be lost
    assert later["n1_contingency"].tolist() == ["", ""]


def test_one_lost(town: Comparison) -> None:
    run = load(town.folder / "free")
    assert run.solution is not None
    frame = own(town.frames["districts"], "free").set_index(["stage", "node"])
    for year in (2025, 2027):
        units = own(run.solution.units.assign(schedule="free"), "free", stage=year).set_index("unit")["machines"]
        load_mw = {node: frame.at[(year, node), "design_demand_mw"] for node in ("D1", "D2")}
        gas, pumps = 20.0 * units["D1-gas"], 10.0 * 0.85 * units["D1-pump"]
        pairs = own(run.solution.pipes.assign(schedule="free"), "free", stage=year).groupby("pipe")["pairs"].sum()
        # DN300 of 2.4 m/s, 60 K, water at 90 °C.
        dn300 = 958 * np.pi / 4 * 0.311**2 * 2.4 * 4.2 * 60 / 1000
        without_main = gas + pumps
        room = min(pairs["west"], pairs["east"]) * dn300
        expected = {
            "D1": min(load_mw["D1"], without_main - min(0.4 * load_mw["D2"], room)),
            "D2": min(load_mw["D2"], room, max(without_main - 0.4 * load_mw["D1"], 0.0)),
        }
        for node, reached in expected.items():
            row = frame.loc[(year, node)]
            assert row["n1_mw"] <= reached + 0.01
            if row["n1_contingency"] == "lose-main":
                assert row["n1_mw"] == pytest.approx(reached, abs=0.01)
            assert row["guaranteed_mw"] == pytest.approx(0.4 * load_mw[node])
    assert "lose-main" in set(frame["n1_contingency"])


def test_renewable(town: Comparison) -> None:
    frame = own(town.frames["renewable"], "free").set_index("stage")
    heat = own(town.frames["heat"], "free", source="heat_pump").set_index("stage")["heat_mwh"]
    demand = own(town.frames["districts"], "free").groupby("stage")["demand_mwh"].sum()
    area = {2025: 1.5, 2027: 1.7}  # D1 grows from 1.0 to 1.4 in four years
    for year in (2025, 2027):
        assert frame.at[year, "heated_mm2"] == pytest.approx(area[year])
        assert frame.at[year, "renewable_mm2"] == pytest.approx(heat[year] / demand[year] * area[year])
    assert frame.at[2027, "renewable_mm2"] >= 0.05 - 1e-6
    assert frame.at[2027, "target_mm2"] == 0.05
    assert frame.at[2027, "rule"] == "green"
    assert pd.isna(frame.at[2025, "target_mm2"])
    assert set(town.frames["limits"]["rule"]) == {"green"}


def test_missing(town: Comparison) -> None:
    """D2 has no pipe before 2027."""
    rows = own(town.frames["missing"], "free")
    cold = own(rows, "free", what="design_hour", id="D2")
    assert cold[["stage", "unit"]].to_numpy().tolist() == [[2025, "MW"]]
    assert cold["amount"].tolist() == pytest.approx([25.0])  # 0.5 Mm2 at 50 W/m2
    asked = own(town.frames["districts"], "free", stage=2025, node="D2")["demand_mwh"]
    assert own(rows, "free", what="season", id="D2")["amount"].tolist() == pytest.approx(asked.tolist())
    for _, part in rows.groupby(["stage", "what"]):
        assert part["amount"].is_monotonic_decreasing
    assert not town.frames["schedules"].set_index("schedule").at["free", "met"]


def test_infeasible(town: Comparison) -> None:
    """Where nothing may be built, no heat pump gives the renewable heat that is asked for."""
    row = town.frames["schedules"].set_index("schedule").loc["bare"]
    assert row["status"] == "infeasible"
    assert row[["cost_mcny", "bound_mcny", "difference_mcny", "difference_least_mcny", "decided"]].isna().all()
    assert not row["met"]
    rows = own(town.frames["missing"], "bare")
    assert rows["what"].iloc[0] == "infeasible"
    (least,) = own(rows, "bare", what="rule").itertuples(index=False)
    # One pump is 10 of the 80 MW in the design hour: more than the 0.05 of 1.7 Mm2 that are asked for.
    assert (least.stage, least.id, least.unit) == (2027, "D1-pump", "machines")
    assert least.amount == pytest.approx(1.0)
    assert "rule bare" in least.sentence
    assert {name for name, frame in town.frames.items() if "bare" in set(frame["schedule"])} == {"schedules", "missing"}


def test_penalties(town: Comparison) -> None:
    costs = own(town.frames["costs"], "free", stage=2025).set_index("term")["cost_mcny"]
    weight = 1 + 1 / 1.06  # years 2025 and 2026, valued at 2025
    paid = costs.drop(["unserved", "shortfall", "contingency"]).sum() / weight
    told = own(town.frames["unit_costs"], "free", stage=2025).iloc[0]
    assert costs["shortfall"] > 0.0
    assert told["cost_mcny_per_year"] == pytest.approx(paid)
    served = own(town.frames["districts"], "free", stage=2025)
    gj = 3.6 * (served["demand_mwh"] - served["unserved_mwh"]).sum()
    assert told["unit_cost_cny_per_gj"] == pytest.approx(paid * 1e6 / gj)


def test_documented(town: Comparison) -> None:
    text = DOCS.read_text(encoding="utf-8").replace("CUR", "cny")
    for name in NAMES:
        assert f"`{name}.csv`" in text or name in ("schedules", "missing")
        for column in town.frames[name].columns:
            assert re.search(rf"`{re.escape(column)}`", text), (name, column)


def test_read_again(town: Comparison) -> None:
    again = Comparison.read(town.folder)
    assert again.contents == town.contents
    assert again.contents.reference == "free"
    assert [one.name for one in again.contents.schedules] == ["early", "free", "bare"]
    for name in NAMES:
        pd.testing.assert_frame_equal(again.frames[name], town.frames[name], check_dtype=False, check_exact=True)
