"""The page of a comparison: the tutorial's two schedules, whose plans are worked out on paper, and one that cannot be.

Sensitivity:
- test_price: a difference counted from the wrong side, or from another schedule than `free`.
- test_interval: an interval of differences that takes the bound of the wrong side, or calls decided what holds 0.
- test_unbounded: a difference called proved without bounds.
- test_waterfall: a term put to another group, bars that do not begin where the last one ended.
- test_costs_by_stage: costs of a stage put to another stage or schedule.
- test_changes: what closes drawn above zero, or machines told for MW.
- test_lines: fuel in another unit, or of another schedule.
- test_timelines: a machine that closes under one schedule only among those that fare alike.
- test_overview: a schedule without a plan left out, or with figures; what closes and when told wrongly.
- test_terms: differences of terms that do not add up to that of the cost.
- test_district: the least of all stages not found, or a broken guarantee shown as kept.
- test_headline: a page that opens with the schedule that the others are counted from.
- test_answers: the price, the closures, the security or the proof left out of the head.
- test_stages_and_schedules: a map, a timeline or a waterfall that the reader may choose and is not there.
- test_no_plan_at_all: no page where no schedule has a plan.
- test_stale: tables of an earlier comparison shown beside newer results.
- test_names_are_names: a schedule titled `<script>` that runs.
- test_shared_once: what is equal on all maps written into the page again and again.
- test_not_by_colour_alone: two things in one chart that only colour tells apart.
"""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import TUTORIAL, call

from heatnet.cli.results import told
from heatnet.errors import RunError
from heatnet.report.page import Comparison, page
from heatnet.report.page.document import pooled
from heatnet.report.page.schedules import answers, build, lines, stages, tables, timelines, waterfall
from heatnet.report.page.words import Words

EN, ZH = Words("en"), Words("zh")
NEVER = "never = {kind = 'yearly_limit', quantity = 'heat_mwh', select = [{kinds = ['boiler']}], least = 1e9}"
PRICE = 0.308887073 - 0.229293013
"""Of the tutorial's README: optimum of `policy` less that of `free`, million EUR."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison: policy, free, and a schedule that asks for more heat than there is."""
    place = tmp_path_factory.mktemp("comparison") / "three"
    names = ("--schedules", "policy", "free")
    assert call("compare", TUTORIAL, *names, "--rule", NEVER, "--out", place, "--threads", "1").code == 0
    return place


@pytest.fixture(scope="module")
def comparison(folder: Path) -> Comparison:
    """What its page tells."""
    found, faults = told(folder)
    assert faults == []
    assert isinstance(found, Comparison)
    return found


@pytest.fixture(scope="module")
def text(comparison: Comparison) -> str:
    """Its page."""
    return page(comparison)


def with_bounds(comparison: Comparison, policy: tuple[float, float], free: tuple[float, float]) -> Comparison:
    """The comparison with other costs and bounds."""
    table = comparison.frames["schedules"].copy()
    for name, (cost, bound) in (("policy", policy), ("free", free)):
        table.loc[table["schedule"] == name, ["cost_meur", "bound_meur"]] = (cost, bound)
    return replace(comparison, frames={**comparison.frames, "schedules": table})


def unrelated(comparison: Comparison) -> Comparison:
    """The comparison with nothing known of which schedule asks for more."""
    listed = [one | {"asks_more_than": []} for one in comparison.told["schedules"]]
    return replace(comparison, told={**comparison.told, "schedules": listed})


def test_price(comparison: Comparison) -> None:
    """The policy costs what the README of the tutorial says, with the other sign from the other side."""
    assert comparison.base.name == "free"
    assert comparison.interval("policy", "free") == pytest.approx((PRICE, PRICE, PRICE), abs=1e-8)
    assert comparison.interval("free", "policy") == pytest.approx((-PRICE, -PRICE, -PRICE), abs=1e-8)
    assert comparison.interval("never", "free") is None


def test_interval(comparison: Comparison) -> None:
    """Costs 100 and 80, bounds 95 and 78: the difference lies in 95 − 80 = 15 to 100 − 78 = 22; else it is open.

    The policy has a rule that `free` has not, and lacks none, so it cannot be cheaper.
    """
    clear = with_bounds(comparison, (100.0, 95.0), (80.0, 78.0))
    assert clear.interval("policy", "free") == (20.0, 15.0, 22.0)
    decided = answers.answers(clear, clear.member["policy"], EN)[0]
    assert decided.mark == "plain"
    assert "between 15 million EUR more and 22 million EUR more" in decided.sentences[1]
    near = with_bounds(comparison, (81.0, 79.0), (80.0, 78.0))
    assert near.interval("policy", "free") == (1.0, 0.0, 3.0)
    assert near.interval("free", "policy") == (-1.0, -3.0, 0.0)
    open_ = answers.answers(near, near.member["policy"], EN)[0]
    assert open_.mark == "doubtful"
    assert "cannot cost less" in open_.sentences[1]
    assert "at most 3 million EUR more" in open_.sentences[1]
    unknown = unrelated(near)
    assert unknown.interval("policy", "free") == (1.0, -1.0, 3.0)
    sentence = answers.answers(unknown, unknown.member["policy"], EN)[0].sentences[1]
    assert "NOT DECIDED" in sentence
    assert "1 million EUR less and 3 million EUR more" in sentence


def test_unbounded(comparison: Comparison) -> None:
    """Without the bound of one side nothing is proved, and no whisker is drawn."""
    blank = unrelated(with_bounds(comparison, (100.0, float("nan")), (80.0, 78.0)))
    answer = answers.answers(blank, blank.member["policy"], EN)[0]
    assert answer.mark == "doubtful"
    assert "nothing is proved" in answer.sentences[1]
    drawn = waterfall.waterfall(blank, "policy", "free", EN)
    assert [trace.type for trace in drawn.data if trace.type == "scatter"] == []
    assert "?" in next(row for row in tables.overview(blank, EN).rows if "proved between" in row[0])[1]


def test_waterfall(comparison: Comparison) -> None:
    """Groups by hand from the README: line and pumps, take-off and boiler and leaving, upkeep less what left."""
    groups = waterfall.by_group(comparison, "policy", "free")
    pumping = 0.008735321 - 0.000330782
    assert groups["network"] == pytest.approx(0.060 + pumping, abs=1e-8)
    assert groups["machines"] == pytest.approx(0.012 + 0.010 + 0.012, abs=1e-8)
    variable = (6.7961585 * 1.0 - 100.8 * 0.4 * 2) * 48e-6
    assert groups["upkeep"] == pytest.approx(0.012 + 0.002 + 0.032 - 0.064 + variable, abs=1e-8)
    assert sum(groups.values()) == pytest.approx(PRICE, abs=1e-6)
    drawn = waterfall.waterfall(comparison, "policy", "free", EN)
    bars = sorted(
        (place, start, length)
        for bar in drawn.data
        if bar.type == "bar"
        for place, start, length in zip(bar.y, bar.base, bar.x, strict=True)
    )
    *steps, (_, start, total) = bars
    for (_, one, length), (_, other, _) in itertools.pairwise(steps):
        assert other == pytest.approx(one + length)
    assert (start, total) == (0.0, pytest.approx(PRICE, abs=1e-8))
    (proved,) = [trace for trace in drawn.data if trace.type == "scatter"]
    assert list(proved.x) == pytest.approx([PRICE, PRICE], abs=1e-8)


def test_costs_by_stage(comparison: Comparison) -> None:
    """Sums of the stages as in the README: policy and free stand side by side in each, policy first."""
    drawn = stages.cost(comparison, EN)
    sums = next(trace for trace in drawn.data if trace.name == "sum")
    assert list(sums.x) == [0, 1, 3, 4]
    assert list(sums.y) == pytest.approx([0.099159991, 0.099159991, 0.209727083, 0.130133022], abs=1e-6)
    assert list(drawn.layout.xaxis.ticktext) == ["A", "B", "A", "B"]
    stacked = [sum(bar.y[place] for bar in drawn.data if bar.type == "bar") for place in range(4)]
    assert stacked == pytest.approx(list(sums.y), abs=2e-3)


def test_changes(comparison: Comparison) -> None:
    """Under `policy` both sets of 60 MW close in 2026, a take-off of 120 MW and a boiler of 20 MW are built."""
    bars = {bar.name: list(bar.y) for bar in stages.changes(comparison, EN).data}
    assert bars == {"built": [0, 0, 140, 0], "closes": [0, 0, -120, 0]}


def test_lines(comparison: Comparison) -> None:
    """Coal of a season in GWh: 90.8 MW, then 100.8 MW under `free`, for 48 h at 1.6 MW of coal a MW of heat."""
    found = {trace.name: list(trace.y) for trace in lines.line(comparison, "coal", EN).data}
    first = 90.8 * 48 * 1.6 / 1000
    assert found["A policy"] == pytest.approx([first, 0.0])
    assert found["B free"] == pytest.approx([first, 100.8 * 48 * 1.6 / 1000])


def test_timelines(comparison: Comparison) -> None:
    """Every machine fares differently: the sets close under `policy` only, the others are built there only."""
    names, different = timelines.rows(comparison, EN)
    assert (sorted(names), different) == (["far-takeoff", "north-gas", "old-coal"], 3)
    drawn = timelines.timelines(comparison, EN)
    closed = next(bar for bar in drawn.data if bar.name == "closed")
    assert [list(closed.y), list(closed.base)] == [[names.index("old-coal")], [0.5]]
    runs = next(bar for bar in drawn.data if bar.name == "runs")
    assert len(runs.y) == 3


def test_overview(comparison: Comparison) -> None:
    """Columns in order; the one without a plan says so and has dashes."""
    table = tables.overview(comparison, EN)
    assert table.head == ["", "A policy", "B free", "C never"]
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["Plan"] == ["✓ everything met", "✓ everything met", "✗ no plan is possible"]
    assert rows["Cost, million EUR"] == ["0.309", "0.229", "–"]
    assert rows["Against B free"] == ["+0.080", "–", "–"]
    assert rows["Closes, MW of heat"] == ["120", "0", "–"]
    assert rows["Built, MW of heat"] == ["140", "0", "–"]
    in_2026 = [row[1:] for row in table.rows if row[0] == "  in 2026"]
    assert in_2026 == [["120", "–", "–"], ["140", "–", "–"]]
    assert rows["  with any one source or line lost"] == ["not asked", "not asked", "–"]
    assert all(row[3] == "–" for row in table.rows if row[0] != "Plan")


def test_terms(comparison: Comparison) -> None:
    """The differences of the terms add up to the last row, to the digits shown."""
    table = tables.terms(comparison, EN)
    assert table.head == ["", "B free", "A policy"]
    values = [float(row[2].replace("−", "-")) for row in table.rows]
    assert sum(values[:-1]) == pytest.approx(values[-1], abs=0.0005 * len(values))
    assert values[-1] == pytest.approx(PRICE, abs=0.0005)


def test_district(comparison: Comparison) -> None:
    """Of 50 MW 30 are kept in one stage and 20, less than the guarantee of 24, in another; 1 MW is short without it."""
    frame = comparison.frames["districts"].copy()
    rows = (frame["schedule"] == "policy") & (frame["node"] == "north")
    frame.loc[rows, ["design_demand_mw", "shortfall_mw", "guaranteed_mw"]] = (50.0, 0.0, 24.0)
    frame.loc[rows, "n1_contingency"] = "lost"
    frame.loc[rows, "n1_mw"] = [30.0, 26.0]
    cell = tables.districts(replace(comparison, frames={**comparison.frames, "districts": frame}), EN).rows[0]
    assert cell == ["North district", "✓ 100% · 52% (2026)", "✓ 100%", "–"]
    frame.loc[rows, "n1_mw"] = [30.0, 20.0]
    frame.loc[rows, "shortfall_mw"] = [1.0, 0.0]
    cell = tables.districts(replace(comparison, frames={**comparison.frames, "districts": frame}), EN).rows[0]
    assert cell[1] == "✗ −1.00 MW · 40% (2026)"


def test_headline(comparison: Comparison, text: str) -> None:
    """The page opens with the first schedule that is not the base; the other schedules' answers are hidden."""
    assert comparison.headline.name == "policy"
    shown = re.findall(r'<div data-schedule-shown="(\w+)"( hidden)?>\s*<div class="answers">', text)
    assert shown == [("policy", ""), ("free", " hidden"), ("never", " hidden")] * 2


def test_answers(comparison: Comparison) -> None:
    """In both languages the head says what it costs, what closes when, what replaces it, who stays warm, how sure."""
    found = {answer.key: answer for answer in answers.answers(comparison, comparison.member["policy"], EN)}
    assert list(found) == ["cost", "closes", "opens", "warm", "sure"]
    assert found["cost"].figure == "0.07959 million EUR more"
    assert found["closes"].figure == "2 machines, 120 MW of heat, in 2026"
    assert "With “No rule”: nothing." in found["closes"].sentences
    assert found["opens"].figure == "140 MW of new heat"
    assert found["warm"].mark == "good"
    assert found["sure"].figure == "the best, as proved"
    assert found["sure"].mark == "good"
    chinese = answers.answers(comparison, comparison.member["policy"], ZH)
    assert [answer.mark for answer in chinese] == [answer.mark for answer in found.values()]
    assert chinese[0].figure == "多 7.959 万 EUR"
    (none,) = answers.answers(comparison, comparison.member["never"], EN)
    assert none.mark == "bad"
    assert "It is proved that no plan can keep all its rules." in none.sentences
    own = answers.answers(comparison, comparison.member["free"], EN)[0]
    assert own.figure == "0.2293 million EUR"


def test_stages_and_schedules(comparison: Comparison, text: str) -> None:
    """Every figure that can be chosen is there, in both languages, and has data."""
    document = content(text)
    for charts in document["figures"].values():
        assert list(charts["map"]) == ["policy|2025", "policy|2026", "free|2025", "free|2026"]
        assert list(charts["timeline"]) == ["policy", "free"]
        assert list(charts["waterfall"]) == ["policy|free", "free|policy"]
        whole = {"timelines", "costs", "heats", "moves", *lines.QUANTITIES}
        assert {name: list(found) for name, found in charts.items() if name in whole} == {name: [""] for name in whole}
        assert all(figure["data"] for name, found in charts.items() if name != "timeline" for figure in found.values())
    assert set(re.findall(r'data-chart="(\w+)"', text)) == set(document["figures"]["en"])
    chosen = re.findall(r'<select data-choice="(\w+)">.*?<option value="(\w+)" selected>', text)
    assert set(chosen) == {("schedule", "policy"), ("from", "free"), ("to", "policy")}


def test_no_plan_at_all(tmp_path: Path) -> None:
    """Of schedules that none can be met there is a page with the table and what is missing."""
    place = tmp_path / "none"
    assert call("compare", TUTORIAL, "--rule", NEVER, "--out", place, "--threads", "1").code == 3
    assert call("report", place, "--out", tmp_path / "page.html").code == 0
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "It is proved that no plan can keep all its rules." in text
    assert content(text)["figures"] == {"en": {}, "zh": {}}


def test_stale(folder: Path, tmp_path: Path) -> None:
    """A table whose cost is not that of the result is refused, and nothing is written."""
    changed = tmp_path / "changed"
    changed.mkdir()
    for file in folder.iterdir():
        (changed / file.name).symlink_to(file)
    table = pd.read_csv(folder / "schedules.csv")
    (changed / "schedules.csv").unlink()
    table.assign(cost_meur=table["cost_meur"] * 1.01).to_csv(changed / "schedules.csv", index=False)
    with pytest.raises(RunError, match=r"schedules\.csv: is not of the result policy"):
        told(changed)
    called = call("report", changed, "--out", tmp_path / "page.html")
    assert called.code == 1
    assert not (tmp_path / "page.html").exists()


def test_names_are_names(comparison: Comparison) -> None:
    """A title is shown as it is written, in text, table and list."""
    evil = '<script>alert("x")</script> & {0}'
    listed = [{**schedule, "title": evil, "title_local": evil} for schedule in comparison.told["schedules"]]
    text = page(replace(comparison, told={**comparison.told, "schedules": listed, "title": evil}))
    assert "<script>alert" not in text
    assert len(re.findall(r"<script[\s>]", text)) == 3
    assert html.escape(evil, quote=False).replace('"', "&#34;") in text


def test_shared_once(comparison: Comparison) -> None:
    """Traces that figures have in common stand in the page once, and every place leads to what was drawn."""
    drawn = build.figures(comparison, EN)
    document = pooled({"en": drawn})
    places = [
        place for found in document["figures"]["en"].values() for figure in found.values() for place in figure["data"]
    ]
    assert len(set(places)) < 0.9 * len(places)
    assert len({json.dumps(part) for part in document["parts"]}) == len(document["parts"])
    figure = drawn["map"]["policy|2026"]
    shared = document["figures"]["en"]["map"]["policy|2026"]["data"]
    assert [document["parts"][place]["type"] for place in shared] == [trace.type for trace in figure.data]
    assert [document["parts"][place].get("name") for place in shared] == [trace.name for trace in figure.data]


def content(text: str) -> Any:
    """The data of a page."""
    (found,) = re.findall(r'<script type="application/json" id="figures">(.*?)</script>', text, re.DOTALL)
    return json.loads(found)


def looks(trace: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Kind, colour, and what shows without colour, of a trace: pattern of a bar, dash of a line, symbol of a mark."""
    marker, line = trace.get("marker", {}), trace.get("line", {})
    if trace["type"] == "bar":
        pattern = marker["pattern"]
        told_ = pattern.get("shape", ""), pattern.get("size", ""), pattern.get("fgcolor", "")
        yield "bar", marker["color"], str(told_ if told_[0] else "plain")
    if trace["type"] == "scatter" and "lines" in trace.get("mode", "") and len(trace["x"]) > 2:
        yield "line", line["color"], line.get("dash", "solid")
    if trace["type"] == "scatter" and "markers" in trace.get("mode", "") and "symbol" in marker:
        yield "mark", str(marker.get("color", marker.get("line", {}).get("color"))), marker["symbol"]


def test_not_by_colour_alone(comparison: Comparison) -> None:
    """In no chart are two bars, lines or marks of other colours alike in pattern, dash and symbol.

    Marks of nodes on the map are outlines filled with white; the sources stand around them.
    """
    compared = 0
    for name, found in build.figures(comparison, EN).items():
        for figure in found.values():
            every = [trace.to_plotly_json() for trace in figure.data]
            nodes = [EN(f"node_{kind}") for kind in ("district", "village", "plant", "junction")]
            seen = {look for trace in every if trace.get("name") not in nodes for look in looks(trace)}
            for one, other in itertools.combinations(sorted(seen), 2):
                if one[0] == other[0] and one[1] != other[1]:
                    compared += 1
                    assert one[2] != other[2], (name, one, other)
    assert compared > 50
