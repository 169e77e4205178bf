"""The figures of the page against the frames of a tiny result, worked out by hand.

Sensitivity:
- test_heat_by_source: heat of the season not weighted by days, or by the hours of a step, or put to another source.
- test_needed: stored, spilled or missing heat not told apart from what districts and losses take.
- test_dispatch: a day drawn at the place of another, or a step of four hours drawn as one.
- test_duration: hours not sorted, or not counted as often as their day stands for.
- test_flows: heat that enters the network of the Sankey diagram and does not leave it.
- test_changes: machines that leave told as going into reserve, or the MW of one machine told for all.
- test_timeline: a unit that has closed still drawn as running, or a change in the wrong stage.
- test_map_states: a new pipe drawn as an old one; a pipe that may be laid drawn as if it were there.
- test_map_sites: the size or number of what closes; what closes without its cross.
- test_cost_groups: a term of the model that no group of the chart has, or that two have.
- test_cost_bars: bars that do not add up to the cost of the stage.
- test_emissions: CO2 of power added where it is saved.
- test_sources_differ: two sources that only colour tells apart.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from conftest import tiny

from heatnet.check import CheckReport
from heatnet.instance import Instance, read
from heatnet.report.page import dispatch, emissions, heat, money, network_map, style, timeline
from heatnet.report.page.names import TERMS
from heatnet.report.page.plan import Plan
from heatnet.report.page.words import Words
from heatnet.solution import COLUMNS, Solution, frame

EN = Words("en")
HOURS = (0, 12)
"""Steps of twelve hours: few enough to add up by hand."""


def operation() -> pd.DataFrame:
    """Day 0 stands for 3 days, day 1 for one; heat of the CHP, of the boilers, and of the tank, MW by day and hour."""
    told = {
        ("unit", "P1-chp", "heat_mw"): {(0, 0): 50, (0, 12): 40, (1, 0): 60, (1, 12): 60},
        ("unit", "D1-gas", "heat_mw"): {(0, 0): 0, (0, 12): 0, (1, 0): 20, (1, 12): 10},
        ("store", "tank", "charge_mw"): {(0, 0): 5, (0, 12): 0, (1, 0): 0, (1, 12): 0},
        ("store", "tank", "discharge_mw"): {(0, 0): 0, (0, 12): 4, (1, 0): 0, (1, 12): 0},
        ("node", "P1", "spill_mw"): {(0, 0): 1, (0, 12): 0, (1, 0): 0, (1, 12): 0},
        ("node", "D1", "unserved_mw"): {(0, 0): 0, (0, 12): 0, (1, 0): 3, (1, 12): 0},
    }
    rows = [
        (year, day, hour, kind, name, quantity, float(value))
        for year in (2025, 2027)
        for (kind, name, quantity), values in told.items()
        for (day, hour), value in values.items()
    ]
    return frame("operation", rows)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """The tiny instance: one CHP unit of two machines, three gas boilers, heat pumps that may be built."""
    return read(tiny(tmp_path_factory.mktemp("city")))


@pytest.fixture(scope="module")
def plan(city: Instance) -> Plan:
    """A plan as somebody may have made it up: it is drawn, not judged."""
    tables = {
        "days": [(0, 0, 3.0, 1.0), (1, 1, 1.0, 1.0)],
        "pipes": [
            (2025, "main", "DN400", "ordinary", 1, 1, 0, 0, 60.0),
            (2025, "main", "DN300", "ordinary", 0, 0, 0, 0, 0.0),
            (2025, "west", "DN300", "ordinary", 1, 1, 0, 0, 40.0),
            (2025, "east", "DN300", "ordinary", 0, 0, 0, 0, 0.0),
            (2027, "main", "DN400", "ordinary", 2, 1, 1, 0, 60.0),
            (2027, "main", "DN300", "ordinary", 0, 0, 0, 0, 0.0),
            (2027, "west", "DN300", "ordinary", 0, 0, 0, 1, 0.0),
            (2027, "east", "DN300", "ordinary", 0, 0, 0, 0, 0.0),
        ],
        "units": [
            (2025, "P1-chp", 2, 2, 0, 0, 0, 60.0),
            (2025, "D1-gas", 1, 2, 0, 1, 1, 20.0),
            (2025, "D1-pump", 0, 0, 0, 0, 0, 0.0),
            (2027, "P1-chp", 2, 2, 0, 0, 0, 60.0),
            (2027, "D1-gas", 0, 0, 0, 2, 0, 0.0),
            (2027, "D1-pump", 2, 0, 2, 0, 0, 17.0),
        ],
        "districts": [
            (year, node, 1, 40.0, 0.0, mwh, unserved)
            for year in (2025, 2027)
            for node, mwh, unserved in (("D1", 2500.0, 36.0), ("D2", 2000.0, 0.0))
        ],
    }
    frames = {name: frame(name, tables.get(name, [])) for name in COLUMNS} | {"operation": operation()}
    costs = [("fuel", 2025, 10.0), ("power_sold", 2025, -4.0), ("pipes", 2025, 1.0), ("pumping", 2025, 0.5)]
    costs += [("fuel", 2027, 8.0), ("power_sold", 2027, -3.0), ("pipes", 2027, 2.0), ("pumping", 2027, 0.5)]
    air = {"co2_fuel_t": [9000.0, 8000.0], "co2_grid_t": [-2000.0, 500.0], "so2_t": 1.0, "nox_t": 2.0, "pm_t": 3.0}
    report = CheckReport(
        violations=pd.DataFrame(),
        costs=pd.DataFrame(costs, columns=["term", "stage", "value_mcur"]),
        emissions=pd.DataFrame({"stage": [2025, 2027], **air}),
        design_margin=pd.DataFrame(),
        limits=pd.DataFrame(),
    )
    return Plan(city, Solution(**frames, step_hours=12), report)


def test_heat_by_source(plan: Plan) -> None:
    """GWh of a season: MW times twelve hours times the days that the day stands for."""
    bars = {bar.name: list(bar.y) for bar in heat.by_source(plan, EN).data}
    # CHP: 12 h · (3 · (50 + 40) + 1 · (60 + 60)) = 4 680 MWh; boilers: 12 · (20 + 10) = 360 MWh.
    assert bars["extraction sets"] == pytest.approx([4.68, 4.68])
    assert bars["boilers"] == pytest.approx([0.36, 0.36])
    assert bars["demand"] == pytest.approx([4.5, 4.5])
    assert set(bars) == {"extraction sets", "boilers", "demand"}


def test_needed(plan: Plan) -> None:
    """Needed is what is sent out, less stored and spilled, plus missing."""
    needed = plan.balance[plan.balance["stage"] == 2025].set_index(["day", "hour"])["needed_mw"]
    # 50 − 5 − 1; 40 + 4; 60 + 20 + 3; 60 + 10
    assert needed.to_dict() == {(0, 0): 44.0, (0, 12): 44.0, (1, 0): 83.0, (1, 12): 70.0}


def test_dispatch(plan: Plan) -> None:
    """Steps stand one after the other at their hour, day 1 from hour 24 on; missing heat is on top."""
    areas = {area.name: area for area in dispatch.days(plan, 2025, EN).data}
    assert list(areas["extraction sets"].x) == [0, 12, 24, 36, 48]
    assert list(areas["extraction sets"].y) == [50, 40, 60, 60, 60]
    assert list(areas["stores"].y) == [0, 4, 0, 0, 0]
    assert list(areas["not served"].y) == [0, 0, 3, 0, 0]
    ticks = dispatch.days(plan, 2025, EN).layout.xaxis
    assert list(ticks.tickvals) == [12, 36]
    assert list(ticks.ticktext) == ["15/11<br>0.0 °C<br>×3 d", "16/11<br>−10.0 °C<br>×1 d"]


def test_duration(plan: Plan) -> None:
    """The hours of day 0 count three times; the highest load comes first."""
    areas = {area.name: area for area in dispatch.duration(plan, 2025, EN).data}
    line = areas["needed: districts and losses"]
    assert list(line.x) == [0, 12, 24, 60, 96]
    assert list(line.y) == [83, 70, 44, 44, 44]
    assert list(areas["boilers"].y) == [20, 10, 0, 0, 0]


def test_flows(plan: Plan) -> None:
    """What enters the network leaves it: to districts as served, spilled, and the rest lost."""
    (sankey,) = heat.flows(plan, 2025, EN).data
    names, link = list(sankey.node.label), sankey.link
    middle = next(place for place, name in enumerate(names) if name.startswith("network"))
    rows = list(zip(link.source, link.target, link.value, strict=True))
    into = sum(value for _, end, value in rows if end == middle)
    out = {names[end].split("  ")[0]: value for start, end, value in rows if start == middle}
    assert into == pytest.approx(5.04)
    # Spilled below 0.05 GWh is not drawn: 12 h · 3 · 1 MW = 0.036; lost: 5.04 − 2.464 − 2.0 − 0.036.
    assert out == pytest.approx({"West": 2.464, "East": 2.0, "losses": 0.54})


def test_changes(plan: Plan) -> None:
    """Of three boilers of 20 MW one leaves and one goes into reserve, then the two that are left leave."""
    rows = {(row.stage, row.unit, row.what): (row.machines, row.heat_mw) for row in plan.changes.itertuples()}
    assert rows == {
        (2025, "D1-gas", "closes"): (1, 20.0),
        (2025, "D1-gas", "reserve"): (1, 20.0),
        (2027, "D1-gas", "closes"): (2, 40.0),
        (2027, "D1-pump", "built"): (2, 20.0),
    }


def test_timeline(plan: Plan) -> None:
    """The boilers are in reserve and then closed, the pumps are built; the CHP, as it was, is not there."""
    cells = {(cell.unit, cell.year): (cell.state, cell.text) for cell in timeline.cells(plan, timeline.rows(plan), EN)}
    assert cells == {
        ("D1-gas", 2025): ("reserve", "1 R1 −1"),
        ("D1-gas", 2027): ("closed", "−2"),
        ("D1-pump", 2027): ("built", "2 +2"),
    }
    bars = {bar.name: bar for bar in timeline.timeline(plan, EN).data}
    closed = bars["closed"]
    assert (list(closed.base), list(closed.x)) == ([0.5], [1])


def test_map_states(plan: Plan) -> None:
    """Existing, new, removed and possible pipes, each with the diameter and pairs that are there."""

    def states(year: int) -> dict[str, tuple[str, float, int]]:
        return {line.pipe: (line.state, line.diameter_mm, line.pairs) for line in network_map.lines(plan, year, EN)}

    assert states(2025) == {"main": ("existing", 412, 1), "west": ("existing", 311, 1), "east": ("candidate", 0, 0)}
    assert states(2027) == {"main": ("new", 412, 2), "west": ("removed", 311, 1), "east": ("candidate", 0, 0)}


def test_map_sites(plan: Plan) -> None:
    """What runs, waits and closes at a node, with its heat; what closes has a cross at its place."""
    found = {(site.source.kind, site.state): (site.machines, site.heat_mw) for site in network_map.sites(plan, 2025)}
    assert found == {
        ("extraction", "runs"): (2, 120.0),
        ("boiler", "runs"): (1, 20.0),
        ("boiler", "reserve"): (1, 20.0),
        ("boiler", "closes"): (1, 20.0),
    }
    traces = network_map.network_map(plan, 2025, EN).data
    (cross,) = [trace for trace in traces if trace.name == "closes in this stage"]
    closing = [t for t in traces if t.name == "boilers" and any("closes" in text for text in t.hovertext)]
    assert cross.marker.symbol == "x-thin"
    assert [list(trace.x) for trace in closing] == [list(cross.x)]


def test_cost_groups() -> None:
    """Every term of docs/model.md has a name, and is in one group."""
    text = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \|", text.split("| term | per stage |")[1].split("\n\n")[0], re.MULTILINE)
    assert sorted(told) == sorted(TERMS)
    grouped = [term for terms in money.GROUPS.values() for term in terms]
    assert sorted(grouped) == sorted(TERMS)


def test_cost_bars(plan: Plan) -> None:
    """Bars of a stage add up to the mark of its sum; what is sold stands below zero."""
    data = {trace.name: trace for trace in money.cost(plan, EN).data}
    assert list(data["pipes and pumping"].y) == [1.5, 2.5]
    assert list(data["power and heat sold"].y) == [-4.0, -3.0]
    assert list(data["sum"].y) == [7.5, 7.5]


def test_emissions(plan: Plan) -> None:
    """CO2 of fuel and of power in kt, and their sum."""
    data = {trace.name: list(trace.y) for trace in emissions.emissions(plan, EN).data}
    assert data["CO₂ of power"] == [-2.0, 0.5]
    assert data["CO₂, sum"] == [7.0, 8.5]


def test_sources_differ(jinan: Instance, plan: Plan) -> None:
    """No two sources of Jinan that are stacked on each other are told apart by colour alone."""
    every = style.stacked(replace(plan, instance=jinan).sources.values())
    assert len(every) >= 14
    symbols = {source.key: (source.symbol, source.pattern) for source in every}
    assert len({symbol for symbol, _ in symbols.values()}) >= len(every) - 1
    for one, other in itertools.pairwise(every):
        assert (one.symbol, one.pattern) != (other.symbol, other.pattern), (one.key, other.key)
