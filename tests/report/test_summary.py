"""The page at the end of a solve, as text: what must be on it, and nothing read as markup."""

from __future__ import annotations

import io
import math
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from conftest import tiny
from rich.console import Console

from heatnet.instance import Instance, read
from heatnet.report.network import network
from heatnet.report.summary import LABELS, summary_page
from heatnet.solution import frame
from heatnet.solve import Limits, Result, solve


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """The tiny instance under the schedule `early`: two of three boilers leave by 2025."""
    return read(tiny(tmp_path_factory.mktemp("city"))).with_schedule("early")


@pytest.fixture(scope="module")
def result(city: Instance) -> Result:
    """Solved on its coldest day alone, to the optimum."""
    return solve(city, days=1, step_hours=6, limits=Limits(gap=0.0))


def page(result: Result, width: int = 200) -> str:
    """The page as a console without colours shows it."""
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(summary_page(result))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def row(text: str, label: str) -> list[str]:
    """The words of the one line whose first cell is the label."""
    cells = re.findall(rf"^ *{re.escape(label)} {{2,}}(.*)$", text, re.MULTILINE)
    assert len(cells) == 1, (label, cells)
    return str(cells[0]).split()


def titled(result: Result, title: str) -> Result:
    """The same result of a city with another title."""
    header = result.instance.header.model_copy(update={"title": title})
    return replace(result, instance=result.instance.replace(header=header))


def test_headline(result: Result) -> None:
    """The head names city, schedule, status, cost, currency, and how the check went."""
    head = "\n".join(page(result).splitlines()[:6])
    assert "A tiny city" in head
    assert "early" in head
    assert "optimal" in head
    assert f"{result.answer.cost:,.1f}" in head
    assert "million CNY" in head
    assert "0 violations" in head
    assert "2 stages × 1 day × 4 steps of 6 h" in head


def test_costs(result: Result) -> None:
    """Cost terms stand by stage and in all, and their sum is the cost."""
    text = page(result)
    assert "2025–26" in text
    assert "2027–29" in text
    # Two boilers of 20 MW leave in the base year at 0.03 million a MW.
    assert row(text, "decommissioning") == ["1.2", "–", "1.2"]
    # The east (25 MW) has no pipe before 2027: 25 · 1.5 · (1 + 1/1.06) = 72.9 million.
    assert row(text, LABELS.get("shortfall", "shortfall")) == ["72.9", "–", "72.9"]
    assert row(text, "sum")[-1] == f"{result.answer.cost:,.0f}"
    for term in ("pipes", "fixed", "fuel", "carbon", "unserved"):
        assert len(row(text, LABELS.get(term, term))) == 3


def test_changes(result: Result) -> None:
    """What closes and what is built stand in their stages."""
    lines = page(result).splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("What closes"))
    early = next(line for line in lines[begin:] if line.strip().startswith("2025"))
    late = next(line for line in lines[begin:] if line.strip().startswith("2027"))
    assert "40 MW of heat: D1-gas ×2" in early
    assert "20 MW of heat: D1-gas ×1" in late  # the guaranteed share of the east when the main is lost
    assert any("pipes: east DN300 ×1" in line for line in lines[lines.index(late) :])


def test_many_lines(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage with many lines tells their number and length by type: `east` is 3 km."""
    monkeypatch.setattr("heatnet.report.summary.MANY_LINES", 0)
    assert "1 pipes of 3.0 km: DN300 3.0 km" in page(result)


def test_heat(result: Result) -> None:
    """Heat by kind of source and the demand, in GWh of a season of two days of full load."""
    text = page(result)
    # (40 + 25) MW · 48 h and (1.2 · 38 + 25) MW · 48 h.
    assert row(text, "demand") == ["3.1", "3.4"]
    assert len(row(text, "extraction")) == 2


def test_design_hour(result: Result) -> None:
    """The design hour has its load, loss, shortfall and margin by stage."""
    text = page(result)
    assert row(text, "design load, MW") == ["65.0", "70.6"]
    assert row(text, "shortfall, MW") == ["25.0", "–"]
    assert len(row(text, "heat loss, MW")) == 2
    assert all(value.endswith("%") for value in row(text, "load could grow by"))
    assert len(row(text, "CO2 of fuels, kt")) == 2


@pytest.mark.parametrize("width", [40, 80, 200])
def test_any_width(result: Result, width: int) -> None:
    """A narrow screen breaks no line of the page beyond its width."""
    assert all(len(line) <= width for line in page(result, width).splitlines())


@pytest.mark.parametrize("title", ["[red]x[/red]", "[/b] city", "[link=http://x]here[/link]", "back\\[slash]"])
def test_markup(result: Result, title: str) -> None:
    """Brackets in the title are shown as they are."""
    assert title in page(titled(result, title))


def test_markup_of_schedule(result: Result) -> None:
    """Brackets in the name of a schedule, which is that of a file, are shown as they are."""
    named = replace(result, instance=result.instance.replace(schedule_name="[red]early[/red]"))
    assert "[red]early[/red]" in page(named)


def test_markup_of_nodes(result: Result) -> None:
    """Names of nodes with brackets break no page, and the network has them as they are."""
    nodes = tuple(node.model_copy(update={"name": f"[/red]{node.name}"}) for node in result.instance.nodes)
    renamed = replace(result, instance=result.instance.replace(nodes=nodes))
    assert "A tiny city" in page(renamed)
    assert result.answer.solution is not None
    features = network(renamed.instance, result.answer.solution)["features"]
    assert "[/red]Plant" in {feature["properties"].get("name") for feature in features}


def test_without_plan(result: Result, city: Instance) -> None:
    """Where there is no plan the head alone is shown, with status and reason."""
    answer = replace(
        result.answer, status="infeasible", stop_reason="[b]proved[/b]", solution=None, cost=None, bound=None
    )
    text = page(replace(result, answer=answer, report=None))
    assert city.header.title in text
    assert "infeasible" in text
    assert "[b]proved[/b]" in text
    assert "Cost by item" not in text


def test_network(result: Result) -> None:
    """The network has every node as a point and every pipe as a line, longitude first, with its pairs by stage."""
    assert result.answer.solution is not None
    collection = network(result.instance, result.answer.solution)
    features = {feature["properties"]["id"]: feature for feature in collection["features"]}
    assert set(features) == {"P1", "J1", "D1", "D2", "main", "west", "east"}
    assert features["P1"]["geometry"] == {"type": "Point", "coordinates": [117.0, 36.7]}
    assert features["west"]["geometry"] == {"type": "LineString", "coordinates": [[117.0, 36.6], [116.9, 36.6]]}
    assert set(features["east"]["properties"]["lines"]) == {"2027"}
    assert features["east"]["properties"]["lines"]["2027"][0]["new_pairs"] == 1
    assert features["D2"]["properties"]["district"]["2025"] == {
        "connected": 1,
        "design_demand_mw": 25.0,
        "design_shortfall_mw": 25.0,
    }


def test_report_of_missing_files(tmp_path: Path) -> None:
    """A city without stores and schedules too has a page."""
    folder = tiny(tmp_path)
    (folder / "stores.csv").unlink()
    text = page(solve(read(folder), days=1, step_hours=12))
    assert "A tiny city" in text
    assert "stores:" not in text


def test_changes_of_every_kind(result: Result) -> None:
    """Reserve both ways, retrofits, regimes, connections and buildings stand in the stage in which they change.

    The frames are written by hand: two machines go into reserve and one comes back; a zone changes once.
    """
    solution, report = result.answer.solution, result.report
    assert solution is not None
    assert report is not None
    units = solution.units.copy()
    units["reserve_machines"] = [
        2 if (s, u) == (2025, "D1-gas") else 0 for s, u in zip(units.stage, units.unit, strict=True)
    ]
    units.loc[(units.stage == 2027) & (units.unit == "D1-gas"), "reserve_machines"] = 1
    retrofits = frame("retrofits", [(2025, "P1-set", "cut", 0, 0, 0), (2027, "P1-set", "cut", 2, 2, 0)])
    regimes = frame("regimes", [(2025, "old", "warm"), (2027, "old", "hot")])
    envelopes = frame("envelopes", [(2025, "D1", "wall", 0.25, 0.25), (2027, "D1", "wall", 0.25, 0.0)])
    limits = pd.DataFrame(
        [(2027, "gas", "fuel_mwh", 1234.0, math.nan, 5000.0)],
        columns=["stage", "rule", "quantity", "value", "least", "most"],
    )
    changed = replace(solution, units=units, retrofits=retrofits, regimes=regimes, envelopes=envelopes)
    text = page(replace(result, answer=replace(result.answer, solution=changed), report=replace(report, limits=limits)))
    lines = text.splitlines()
    late = next(k for k, line in enumerate(lines) if line.strip().startswith("2027") and "MW of heat" in line)
    for line in ("into reserve: D1-gas ×2", "buildings retrofitted: 0.25 million m²", "zone old goes to warm"):
        assert sum(line in x for x in lines[:late]) == 1, line
    for line in ("retrofits: P1-set cut ×2", "zone old goes to hot"):
        assert sum(line in x for x in lines[late:]) == 1, line
    assert row(text, "gas: fuel_mwh ≤\u00a05,000") == ["1,234"]


def test_what_is_not_served_stands_in_the_head(result: Result) -> None:
    """Heat that a season lacks is told in the head, in GWh by stage; a whole plan has no such line."""
    solution = result.answer.solution
    assert solution is not None
    districts = solution.districts.assign(unserved_mwh=[0.0, 1500.0, 0.0, 0.0])
    short = replace(result, answer=replace(result.answer, solution=replace(solution, districts=districts)))
    assert "NOT SERVED over a season: 1.5 GWh in 2025" in page(short)
    whole = replace(solution, districts=solution.districts.assign(unserved_mwh=0.0))
    assert "NOT SERVED" not in page(replace(result, answer=replace(result.answer, solution=whole)))


def test_no_plan_names_what_must_be_kept(result: Result) -> None:
    """Where there is no plan, the head names the rules and the schedule that bind at any price, and tells no bound."""
    answer = replace(result.answer, status="infeasible", stop_reason="proved", solution=None, cost=None, bound=None)
    text = page(replace(result, answer=answer, report=None))
    assert "infeasible (proved)" in text
    assert "no plan can meet all of: " in text
    for name in ("rule small", "schedule early"):
        assert name in text
    assert "bound" not in text
