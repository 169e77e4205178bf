"""The pages of a result and of a comparison in a real browser: playwright and Chromium; told loudly where skipped.

Pictures of the pages, and what is printed of them, are kept: in the folder that HEATNET_SCREENSHOTS names, else in
.pytest_cache/d/pages.

Sensitivity:
- test_opens: an error of the script, a request to elsewhere, a chart that is empty, a page wider than its window.
- test_slider: a slider that moves only itself.
- test_language: a switch after which both languages, or none, are seen.
- test_schedule: a schedule chosen whose words, map or timeline are not shown; another schedule's shown beside it.
- test_waterfall: a pair chosen whose chart is that of another; nothing said where both are the same.
- test_resized: charts that lose their height when the window changes its width, or a phone is turned.
- test_print: buttons and sliders on paper, a chart that nobody has scrolled to left out, the other language printed.
- test_evil_names: a name that the browser, or plotly, takes for markup.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import TUTORIAL, call

from heatnet.cli.results import told
from heatnet.report.page import Subject, page

WHY = "NOT TRIED IN A BROWSER: pip install playwright, and Chromium in PATH or its path in HEATNET_CHROMIUM"
sync_api = pytest.importorskip("playwright.sync_api", reason=WHY)
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("HEATNET_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
WIDTHS = (1280, 390)
PATIENCE_MS = 120_000
CHART = '.chart[data-language="en"]'


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    if CHROMIUM is None:
        pytest.skip(WHY)
    with sync_api.sync_playwright() as player:
        running = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], timeout=PATIENCE_MS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison of the tutorial's schedules; its schedules are ordinary results."""
    if CHROMIUM is None:
        pytest.skip(WHY)
    place = tmp_path_factory.mktemp("browser") / "compared"
    assert call("compare", TUTORIAL, "--schedules", "policy", "free", "--out", place, "--threads", "1").code == 0
    return place


@pytest.fixture(scope="module")
def pages(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of the comparison, and that of its first result."""
    place = tmp_path_factory.mktemp("pages")
    for name, of in (("comparison", folder), ("result", folder / "policy")):
        assert call("report", of, "--out", place / f"{name}.html").code == 0
    return {name: place / f"{name}.html" for name in ("comparison", "result")}


@pytest.fixture(scope="module")
def pictures(request: pytest.FixtureRequest) -> Path:
    """Where pictures are kept."""
    asked = os.environ.get("HEATNET_SCREENSHOTS")
    place = Path(asked) if asked else request.config.cache.mkdir("pages")
    place.mkdir(parents=True, exist_ok=True)
    return place


def opened(browser: Any, path: Path, width: int = 1280) -> tuple[Any, list[str]]:
    """The page in a window of a width, and what the browser complains of or asks for elsewhere."""
    window = browser.new_page(viewport={"width": width, "height": 900}, locale="en-US")
    window.set_default_timeout(PATIENCE_MS)
    told_: list[str] = []
    window.on("console", lambda message: told_.append(message.text) if message.type in ("error", "warning") else None)
    window.on("pageerror", lambda error: told_.append(str(error)))
    window.on("request", lambda request: told_.append(request.url) if request.url.startswith("http") else None)
    window.goto(path.as_uri(), wait_until="domcontentloaded")
    return window, told_


def drawn(window: Any, language: str) -> int:
    """Scroll to every chart of a language and wait until something is drawn in it; how many there are."""
    ready = "c => !c.offsetParent || (c.querySelector('.main-svg') !== null)"
    every = window.query_selector_all(f'.chart[data-language="{language}"]')
    for chart in every:
        chart.evaluate("c => c.scrollIntoView({ block: 'center' })")
        window.wait_for_function(ready, arg=chart)
    return sum(chart.is_visible() for chart in every)


def shown(window: Any, selector: str) -> str:
    """The drawing of a chart."""
    text: str = window.inner_html(f"{selector} .main-svg")
    return text


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["comparison", "result"])
def test_opens(browser: Any, pages: dict[str, Path], pictures: Path, name: str, width: int) -> None:
    """No complaint, nothing fetched, every chart drawn with data, nothing wider than the window."""
    window, complaints = opened(browser, pages[name], width)
    # The comparison: map and legend, timeline, waterfall, 3 of bars, 6 of lines. The result: map, legend and 8 more.
    assert drawn(window, "en") == {"comparison": 13, "result": 10}[name]
    empty = """charts => charts.filter(c => c.offsetParent && c.layout && !(c.data || []).some(
        t => ['x', 'y', 'values'].some(k => (t[k] || []).length) || t.link || t.type === 'sankey'))
        .map(c => c.dataset.chart)"""
    assert window.eval_on_selector_all(CHART, empty) == []
    assert complaints == []
    assert window.evaluate("document.documentElement.scrollWidth") <= width
    window.evaluate("window.scrollTo(0, 0)")
    window.screenshot(path=pictures / f"{name}-{width}.png", full_page=True)
    window.click('.page[data-language="en"] .language')
    drawn(window, "zh")
    assert window.evaluate("document.documentElement.scrollWidth") <= width
    window.screenshot(path=pictures / f"{name}-{width}-zh.png", full_page=True)
    assert complaints == []
    window.close()


@pytest.mark.parametrize("name", ["comparison", "result"])
def test_slider(browser: Any, pages: dict[str, Path], name: str) -> None:
    """The last stage on the slider is what the map then shows, and its year stands beside it."""
    window, complaints = opened(browser, pages[name])
    chart = f'{CHART}[data-chart="map"]:not([data-view])'
    window.locator(chart).scroll_into_view_if_needed()
    stage = {"comparison": "policy|", "result": ""}[name]
    window.wait_for_selector(f'{chart}[data-drawn="{stage}2025"] .main-svg')
    first = shown(window, chart)
    slider = window.query_selector('.page[data-language="en"] input.stage')
    slider.focus()
    window.keyboard.press("End")
    window.wait_for_selector(f'{chart}[data-drawn="{stage}2026"]')
    window.wait_for_function("([place, before]) => document.querySelector(place).innerHTML !== before",
                             arg=[f"{chart} .main-svg", first])  # fmt: skip
    assert window.inner_text('.page[data-language="en"] .stages output') == "2026"
    assert complaints == []
    window.close()


def test_language(browser: Any, pages: dict[str, Path]) -> None:
    """One language at a time, and the button changes which."""
    window, complaints = opened(browser, pages["comparison"])
    assert window.is_visible('.page[data-language="en"] h1')
    window.click('.page[data-language="en"] .language')
    assert window.is_visible('.page[data-language="zh"] h1')
    assert not window.is_visible('.page[data-language="en"] h1')
    assert window.title() == window.inner_text('.page[data-language="zh"] h1')
    assert complaints == []
    window.close()


def test_schedule(browser: Any, pages: dict[str, Path]) -> None:
    """Another schedule: its words, its map, its changes, and only those; in every place where one may be chosen."""
    window, complaints = opened(browser, pages["comparison"])
    words = '.page[data-language="en"] header [data-schedule-shown="{}"]'
    assert window.is_visible(words.format("policy"))
    assert not window.is_visible(words.format("free"))
    chart = f'{CHART}[data-chart="map"]:not([data-view])'
    window.locator(chart).scroll_into_view_if_needed()
    window.wait_for_selector(f'{chart}[data-drawn="policy|2025"] .main-svg')
    window.select_option('.page[data-language="en"] header select', "free")
    assert window.is_visible(words.format("free"))
    assert not window.is_visible(words.format("policy"))
    window.wait_for_selector(f'{chart}[data-drawn="free|2025"]')
    chosen = window.eval_on_selector_all('select[data-choice="schedule"]', "every => every.map(one => one.value)")
    assert set(chosen) == {"free"}
    assert complaints == []
    window.close()


def test_waterfall(browser: Any, pages: dict[str, Path]) -> None:
    """The chart is that of the pair; of a schedule and itself there is none, and a sentence says so."""
    window, complaints = opened(browser, pages["comparison"])
    chart = f'{CHART}[data-chart="waterfall"]'
    window.locator(chart).scroll_into_view_if_needed()
    window.wait_for_selector(f'{chart}[data-drawn="free|policy"] .main-svg')
    assert "policy less free" in window.inner_text(chart)
    window.select_option('.page[data-language="en"] select[data-choice="to"]', "free")
    window.wait_for_selector(f'{chart}[data-drawn="free|free"]')
    assert "Choose two different" in window.evaluate(
        "c => getComputedStyle(document.querySelector(c), '::before').content", chart
    )
    window.select_option('.page[data-language="en"] select[data-choice="from"]', "policy")
    window.wait_for_selector(f'{chart}[data-drawn="policy|free"] .main-svg')
    assert "free less policy" in window.inner_text(chart)
    assert complaints == []
    window.close()


def test_resized(browser: Any, pages: dict[str, Path]) -> None:
    """A window made narrower and wide again: charts are as high as before and as wide as their place."""
    window, complaints = opened(browser, pages["result"])
    chart = f'{CHART}[data-chart="map"]:not([data-view])'
    window.locator(chart).scroll_into_view_if_needed()
    window.wait_for_selector(f"{chart} .main-svg")
    size = "c => { const e = document.querySelector(c); return [e.clientHeight, e._fullLayout.width - e.clientWidth]; }"
    before = window.evaluate(size, chart)
    fits = "c => { const e = document.querySelector(c); return e._fullLayout.width === e.clientWidth; }"
    for width in (700, 1280):
        window.set_viewport_size({"width": width, "height": 900})
        window.locator(chart).scroll_into_view_if_needed()
        window.wait_for_function(fits, arg=chart)
    assert before == [640, 0]
    assert window.evaluate(size, chart) == before
    assert complaints == []
    window.close()


@pytest.mark.parametrize("name", ["comparison", "result"])
def test_print(browser: Any, pages: dict[str, Path], pictures: Path, name: str) -> None:
    """On paper there are all charts of the language that is shown, and nothing to press."""
    window, complaints = opened(browser, pages[name])
    window.emulate_media(media="print")
    window.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    visible = window.eval_on_selector_all(".chart", "every => every.filter(c => c.offsetParent).length")
    window.wait_for_function("""number => [...document.querySelectorAll('.chart')].filter(
        c => c.offsetParent && c.querySelector('.main-svg')).length === number""", arg=visible)  # fmt: skip
    assert visible == {"comparison": 13, "result": 10}[name]
    for unwanted in (".tools", "nav", "input.stage", ".modebar-container"):
        found = window.eval_on_selector_all(unwanted, "every => every.filter(one => one.offsetParent).length")
        assert found == 0, unwanted
    assert not window.is_visible('.page[data-language="zh"] h1')
    paper = window.pdf(path=pictures / f"{name}.pdf", prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    assert complaints == []
    window.close()


def test_evil_names(browser: Any, folder: Path, tmp_path: Path) -> None:
    """Nodes named like a script are written as such on the map, and nothing runs."""
    subject, _ = told(folder / "policy")
    assert isinstance(subject, Subject)
    assert subject.plan is not None
    evil = "<script>document.title='run'</script>"
    nodes = tuple(node.model_copy(update={"name": evil, "name_local": evil}) for node in subject.instance.nodes)
    instance = subject.instance.replace(nodes=nodes)
    path = tmp_path / "evil.html"
    named = Subject.of(instance, subject.summary, subject.plan.solution, subject.plan.report, (), None)
    path.write_text(page(named), encoding="utf-8")
    window, complaints = opened(browser, path)
    drawn(window, "en")
    assert "<script>" in window.inner_text(f'{CHART}[data-chart="flows"]')
    assert window.title() != "run"
    assert complaints == []
    window.close()
