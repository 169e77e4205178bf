"""The pages: every run, trend and log is on them, and nothing is loaded from elsewhere.

Sensitivity:
- trends: commits out of order, or a run without its line, would pass.
- cost: a cost that is not set against the least of its question would hide a dearer plan.
- profile: solvers of different problems would be set beside each other.
- growth: exponents over other sizes than those measured, or runs with other options in one family, would pass.
- logs: a link that does not lead from the page to the log would pass.
- text: a name that is markup would become part of the page.
- Markdown: figures of older code would stand beside those of the last.
- existing: a page that is there would be written over unasked.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from conftest import call
from test_bench_records import BEGUN, a_run, written

from heatnet.bench import charts, markdown, page
from heatnet.bench.growth import growth
from heatnet.bench.records import Run


def nightly(day: int, commit: str, seconds: float, cost: float) -> Run:
    """The same run, on some day."""
    begun = BEGUN + datetime.timedelta(days=day)
    return a_run(begun=begun, commit=commit, code_sha256=commit, seconds={"total": seconds}, cost=cost, bound=None)


def test_trends() -> None:
    """Costs 11 and 10 of one question: 10 % and 0 % above the least; the earlier commit comes first."""
    drawn = charts.trends([nightly(1, "later", 4.0, 10.0), nightly(0, "first", 2.0, 11.0)])
    (line,) = drawn["time"].data
    assert (line.name, list(line.x), list(line.y)) == ("one", ["first", "later"], [2.0, 4.0])
    (cost,) = drawn["cost"].data
    assert list(cost.y) == [pytest.approx(10.0), 0.0]


def test_profile() -> None:
    """Only the problem that both tried counts, and `plain` took twice as long."""
    runs = [
        a_run(solver="monolithic", options_sha256="m", seconds={"total": 2.0}),
        a_run(solver="plain", options_sha256="p", seconds={"total": 4.0}),
        a_run(solver="plain", options_sha256="q", days=7, seconds={"total": 1.0}),
    ]
    drawn = charts.profile(runs)
    assert drawn is not None
    assert {line.name: (list(line.x), list(line.y)) for line in drawn.data} == {
        "monolithic": ([1.0], [1.0]),
        "plain": ([2.0], [1.0]),
    }
    assert charts.profile(runs[1:]) is None


def city(nodes: int, seconds: float, **changes: object) -> Run:
    """A run of a generated city."""
    generated = {"kind": "city", "nodes": nodes, "stages": 2, "seed": 1}
    fields = {"generated": generated, "instance_sha256": f"{nodes:064}", "seconds": {"total": seconds}}
    return a_run(**{**fields, **changes})


def test_growth() -> None:
    """Seconds 2, 8, 32 at 10, 20, 40 nodes: nodes²; a run of another resolution is of no family."""
    runs = [city(10, 2.0), city(20, 8.0), city(40, 32.0), city(80, 1.0, days=3, options_sha256="0")]
    (proof,) = [one for one in growth(runs) if one.measure == "seconds to the proof"]
    assert (proof.axis, proof.points) == ("nodes", ((10.0, 2.0), (20.0, 8.0), (40.0, 32.0)))
    assert proof.law.exponent == pytest.approx(2.0)


def test_growth_over_days() -> None:
    """Seconds 3 and 6 at 2 and 4 days: days¹; one that reached no proof is no point."""
    runs = [city(10, days * 1.5, days=days, options_sha256=str(days)) for days in (2, 4)]
    runs.append(city(10, 99.0, days=8, options_sha256="8", status="feasible"))
    (proof,) = [one for one in growth(runs) if one.measure == "seconds to the proof"]
    assert (proof.axis, proof.points) == ("days", ((2.0, 3.0), (4.0, 6.0)))
    assert proof.law.exponent == pytest.approx(1.0)


def test_page(tmp_path: Path) -> None:
    run = city(10, 1.0, name="<b>", log="runs-results/one two.log")
    text = page.page({tmp_path / "in" / "runs.jsonl": [run, city(20, 2.0)]}, "A & B", tmp_path / "out" / "page.html")
    assert 'href="../in/runs-results/one%20two.log"' in text
    assert "<h1>A &amp; B</h1>" in text
    assert "&lt;b&gt;" in text
    assert "<b>" not in text
    head, _, script = text.partition('<script type="application/json"')
    assert "http:" not in head
    assert "https:" not in head
    assert '"trend-time"' in script
    assert '"growth-0"' in script


def test_markdown_page() -> None:
    text = markdown.performance([nightly(0, "old", 1.0, 11.0), nightly(1, "new", 2.0, 10.0)], "Title", "make x")
    assert text.startswith("# Title\n\nWritten by `make x`.")
    assert "2026-01-03, commit new, 2 cores (P), 8 GB, Linux; python 3.11." in text
    assert "| one | optimal | 2.00 |" in text
    assert "old" not in text


def test_commands(tmp_path: Path) -> None:
    file, out = written(tmp_path / "runs.jsonl", city(10, 2.0), city(20, 4.0)), tmp_path / "page.html"
    assert call("bench", "page", file, "--out", out).code == 0
    again = call("bench", "page", file, "--out", out)
    assert (again.code, "is there already" in again.sentence) == (2, True)
    assert call("bench", "page", file, "--out", tmp_path / "page.md").code == 0
    scaled = call("bench", "scale", file, "--out", out, "--force")
    assert (scaled.code, "nodes^1.00" in scaled.out) == (0, True)
    assert "nodes^1.00" in out.read_text(encoding="utf-8")
    empty = call("bench", "page", written(tmp_path / "empty.jsonl"), "--out", tmp_path / "empty.html")
    assert (empty.code, "no runs to show" in empty.sentence) == (2, True)
    few = call("bench", "scale", written(tmp_path / "few.jsonl", city(10, 2.0)))
    assert (few.code, "at two sizes" in few.sentence) == (2, True)
