"""The page as a file: whole, self-contained, in two languages, and with nothing in it read as markup.

Sensitivity:
- test_texts: a text that one language lacks, or one whose places for values differ; a key that is used and not there.
- test_labels_follow: a kind of technology, a quantity of a limit, or a mark that would end the page with a KeyError.
- test_names_are_names: a district named `<script>` that runs, in the text, in a chart, or by ending the data of charts.
- test_loads_nothing: a script, style, font or picture that is fetched; a page that may fetch, or upload, at all.
- test_answers: cost, what closes, warmth or proof left out of the head, or not as the result says.
- test_stages: a stage without its figure, in one of the languages.
- test_sources_shown: a row of the instance without its mark and source.
- test_no_plan: no page, or one with charts, where there is no plan.
- test_broken_plan: a page of a plan that breaks laws.
- test_command: a page that replaces another unasked, an exit code other than those of the other commands.
- test_changed_folder: a result that was changed by hand shown as sound.
- test_water: a simulated stage left out, a difference without its sign, a place beyond its limit called inside.
- test_size: a page of Jinan that no mail takes.
"""

from __future__ import annotations

import html
import json
import re
import string
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest
from conftest import call, tiny

from heatnet import run
from heatnet.errors import RunError
from heatnet.instance import Instance, read
from heatnet.instance.records import MARKS, rows
from heatnet.instance.records.header import YearlyLimit
from heatnet.report.page import Subject, page, read_certificate, read_water
from heatnet.report.page import style as styles
from heatnet.report.page.texts import TEXTS
from heatnet.solve import Limits, solve

EVIL = '<script>alert("x")</script> & {0} %{x}'
CHINESE = '<div class="page" lang="zh-CN"'
SOURCES = Path(styles.__file__).parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result of the tiny instance, under the schedule `early`."""
    place = tmp_path_factory.mktemp("results")
    base = read(tiny(place))
    result = solve(base.with_schedule("early"), days=2, step_hours=6, limits=Limits(gap=0.0))
    with run.reserved(place / "run", False) as hidden:
        run.save(result, base, hidden, {"total": 1.0})
    return place / "run"


@pytest.fixture(scope="module")
def subject(folder: Path) -> Subject:
    """What the page tells of that result."""
    loaded = run.load(folder)
    verdict = run.judge(loaded)
    summary = loaded.summary.model_dump(mode="json")
    return Subject.of(loaded.instance, summary, loaded.solution, verdict.report, verdict.faults, None)


@pytest.fixture(scope="module")
def text(subject: Subject) -> str:
    """Its page."""
    return page(subject)


def figures(text: str) -> Any:
    """The charts in a page: by language, chart and stage."""
    (found,) = re.findall(r'<script type="application/json" id="figures">(.*?)</script>', text, re.DOTALL)
    document = json.loads(found)
    return {
        language: {
            chart: {
                key: {"data": [document["parts"][place] for place in figure["data"]]} for key, figure in own.items()
            }
            for chart, own in charts.items()
        }
        for language, charts in document["figures"].items()
    }


def own(text: str) -> str:
    """The page without plotly and the data of the charts."""
    return re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)


def test_texts() -> None:
    """Every text in both languages, with the same places; every key that a file names is there."""

    def places(told: str) -> set[str | None]:
        return {field for _, field, _, _ in string.Formatter().parse(told) if field is not None}

    for key, (english, chinese) in TEXTS.items():
        assert english.strip(), key
        assert chinese.strip(), key
        assert places(english) == places(chinese), key
    files = [*SOURCES.rglob("*.py"), *SOURCES.rglob("*.html")]
    used = {key for file in files for key in re.findall(r'words\("(\w+)"[,)]', file.read_text(encoding="utf-8"))}
    assert len(used) > 50
    assert used <= TEXTS.keys()


def test_labels_follow() -> None:
    """What the schema can say has a text: kinds, quantities, marks, states."""
    kinds = get_args(rows.TechnologyKind)
    quantities = get_args(YearlyLimit.model_fields["quantity"].annotation)
    statuses = ("optimal", "feasible", "infeasible", "no_solution", "error", "invalid", "contradicted")
    keys = [f"kind_{kind}" for kind in kinds] + [f"quantity_{name}" for name in quantities]
    keys += [f"mark_{mark}" for mark in MARKS] + [f"status_{status}" for status in statuses]
    assert [key for key in keys if key not in TEXTS] == []
    assert set(kinds) <= styles.LOOKS.keys()


def test_names_are_names(subject: Subject) -> None:
    """Names are shown as they are written, whatever is in them."""
    assert subject.plan is not None
    instance = subject.instance

    def evil(table: str) -> tuple[Any, ...]:
        return tuple(row.model_copy(update={"name": EVIL, "name_local": EVIL}) for row in getattr(instance, table))

    header = instance.header.model_copy(update={"title": EVIL, "title_local": EVIL})
    named = {table: evil(table) for table in ("nodes", "units", "fuels", "contingencies")}
    changed = instance.replace(header=header, **named)
    text = page(replace(subject, instance=changed, plan=replace(subject.plan, instance=changed)))
    assert "<script>alert" not in text
    assert html.escape(EVIL, quote=False).replace('"', "&#34;") in own(text)
    # Two elements of code and one of data, whatever the names say.
    assert len(re.findall(r"<script[\s>]", text)) == 3
    shown = json.dumps(figures(text), ensure_ascii=False)
    assert "<script" not in shown
    assert "&lt;script&gt;alert" in shown
    # plotly fills in %{...} in templates only, so no name may stand in one.
    assert [t for t in re.findall(r'"hovertemplate": "([^"]*)"', shown) if "script" in t] == []


def test_loads_nothing(text: str) -> None:
    """No element of the page names a place elsewhere, and the page forbids itself to fetch."""
    rest = own(text)
    assert re.findall(r"""(?:src|href|action|data)\s*=\s*["']?(?!#)[^"'\s>]*:?//""", rest) == []
    assert re.findall(r"<(?:link|iframe|img|object|embed|base)\b", rest) == []
    assert "@import" not in rest
    assert "url(" not in rest
    assert re.findall(r"<script[^>]*\ssrc", text) == []
    assert "default-src 'none'" in rest
    # Plotly's button that uploads a chart is off unless told to be on.
    assert "showSendToCloud: false" in text
    assert not re.search(r"https?://", (SOURCES / "templates" / "page.js").read_text(encoding="utf-8"))


def test_answers(subject: Subject, text: str) -> None:
    """The head tells cost and gap as `result.json` has them, what closes, and what is missing."""
    head = own(text).split(CHINESE)[0]
    answers = dict(re.findall(r'data-answer="(\w+)">(.*?)</article>', head, re.DOTALL))
    assert list(answers) == ["cost", "closes", "opens", "warm", "sure"]
    assert f"{subject.summary['cost']:,.4g} million CNY" in answers["cost"]
    # Two of three boilers of 20 MW leave by 2025 (the schedule `early`); more may leave, never fewer.
    assert "boilers" in answers["closes"]
    assert "2025–26" in answers["closes"]
    # The east (25 MW) has no pipe before 2027.
    assert "25.0 MW in 2025–26" in answers["warm"]
    assert "✗" in answers["warm"]
    assert "0.00% above the best" in answers["sure"]
    assert "✓" in answers["sure"]


def test_stages(text: str) -> None:
    """Every chart is there in both languages, those of a stage for each."""
    for charts in figures(text).values():
        assert {name: list(found) for name, found in charts.items()} == {
            **{name: ["2025", "2027"] for name in ("map", "dispatch", "duration", "flows")},
            **{name: [""] for name in ("timeline", "heat", "cost", "emissions", "trace")},
        }
        for found in charts.values():
            assert all(figure["data"] for figure in found.values())
    for name in figures(text)["en"]:
        assert own(text).count(f'data-chart="{name}"') >= 2


def test_sources_shown(subject: Subject, text: str) -> None:
    """The units of the instance stand in the page, each with mark and source, and the boiler's size."""
    (units,) = re.findall(r"<summary>units \(3\)</summary>(.*?)</details>", own(text).split(CHINESE)[0], re.DOTALL)
    rows_shown = re.findall(r"<tr>(<td>.*?)</tr>", units, re.DOTALL)
    assert len(rows_shown) == len(subject.instance.units)
    assert all("○ assumed" in row and ">test<" in row for row in rows_shown)
    assert "<td>20</td>" in units


def test_no_plan(subject: Subject) -> None:
    """The head says that there is no plan and what had to be kept."""
    told = dict(subject.summary) | {
        "status": "infeasible",
        "cost": None,
        "bound": None,
        "gap": None,
        "stop_reason": "proved",
    }
    text = page(Subject.of(subject.instance, told, None, None, (), None))
    assert "no plan is possible" in text
    assert "Rules that must be kept: small." in text
    assert "map" not in figures(text)["en"]


def test_broken_plan(subject: Subject) -> None:
    """A plan that breaks a law has no page."""
    assert subject.plan is not None
    report = replace(subject.plan.report, violations=pd.DataFrame({"law": ["balance"]}))
    with pytest.raises(RunError, match="breaks 1 laws"):
        Subject.of(subject.instance, subject.summary, subject.plan.solution, report, (), None)


def test_command(folder: Path, tmp_path: Path) -> None:
    """The command writes the page, once, and again only when told to."""
    out = tmp_path / "new" / "page.html"
    assert call("report", folder, "--out", out).code == 0
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    again = call("report", folder, "--out", out)
    assert again.code == 2
    assert "--force" in again.sentence
    assert call("report", folder, "--out", out, "--force").code == 0
    assert [path.name for path in out.parent.iterdir()] == ["page.html"]
    assert call("report", tmp_path / "nowhere", "--out", tmp_path / "p.html").code == 2


def test_changed_folder(folder: Path, tmp_path: Path) -> None:
    """A cost changed by hand stands as a fault on the page, and the exit code says so."""
    changed = tmp_path / "changed"
    changed.mkdir()
    for file in folder.iterdir():
        (changed / file.name).symlink_to(file)
    told = json.loads((folder / "costs.csv").read_text() and (folder / "result.json").read_text())
    (changed / "result.json").unlink()
    (changed / "result.json").write_text(json.dumps(told | {"bound": told["bound"] * 0.5}), encoding="utf-8")
    assert call("report", changed, "--out", tmp_path / "page.html").code == 5
    assert "NOT SOUND" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_certificate(subject: Subject, tmp_path: Path) -> None:
    """Claims and contradictions are shown; a file that is no certificate is as none."""
    claim = {"by": "duals", "status": "feasible", "cost": None, "bound": 12.5, "seconds": 3.0}
    document = {"claims": [claim], "contradictions": ["duals against scip"]}
    (tmp_path / "c.json").write_text(json.dumps(document), encoding="utf-8")
    text = own(page(replace(subject, certificate=read_certificate(tmp_path / "c.json"))))
    assert "duals against scip" in text
    assert "12.5000" in text
    assert "CONTRADICTED" in text
    (tmp_path / "c.json").write_text('{"claims": 1}', encoding="utf-8")
    assert read_certificate(tmp_path / "c.json") is None


def test_water(subject: Subject, tmp_path: Path) -> None:
    """A part that loses 2.5 MW instead of 2, a line too fast: told in stage and hour; without them no section."""
    columns = "stage,hour,part,kind,id,quantity,model,simulated,difference,least,most,outside"
    rows = [
        "2025,design,ordinary/P1,part,ordinary/P1,loss_mw,2,2.5,0.5,,,0",
        "2025,design,ordinary/P1,line,main/DN400,velocity_m_per_s,2.5,2.8,0.3,,2.73,1",
        "2025,0:6,ordinary/P1,part,ordinary/P1,loss_mw,2,1.5,-0.5,,,0",
    ]
    (tmp_path / "hydraulics.csv").write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
    text = own(page(replace(subject, water=read_water(tmp_path / "hydraulics.csv"))))
    (found,) = re.findall(r'<section id="water-en">(.*?)</section>', text, re.DOTALL)
    design, hour = found.split("<h3>")[1:]
    assert "2025–26, design hour" in design
    assert "<td>2.00</td><td>2.50</td><td>+0.500</td><td>+25.0%</td>" in design
    assert "line main/DN400: velocity_m_per_s 2.80, at most 2.73" in design
    assert "<td>2.00</td><td>1.50</td><td>−0.500</td><td>−25.0%</td>" in hour
    assert "No place is beyond its limits." in hour
    (tmp_path / "hydraulics.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert read_water(tmp_path / "hydraulics.csv") is None
    assert "water-en" not in own(page(subject))


def test_size(text: str, jinan: Instance) -> None:
    """Plotly, and room for a chart: what a city adds is its figures, and these grow with stages and sources only."""
    assert 4e6 < len(text.encode()) < 7e6
    assert len(jinan.stages) * len(jinan.technologies) < 400
