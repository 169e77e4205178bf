"""The page in a real browser. Needs playwright and Chromium, and says so where it is skipped.

Sensitivity:
- test_opens: an error of the script, a request to elsewhere, an empty chart, a page wider than its window.
- test_slider: a slider that moves only itself.
- test_language: a switch after which both languages, or none, are seen.
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

from heatnet import run
from heatnet.report.page import Subject, page

WHY = "NOT TRIED IN A BROWSER: pip install playwright, and Chromium in PATH or its path in HEATNET_CHROMIUM"
sync_api = pytest.importorskip("playwright.sync_api", reason=WHY)
CHROMIUM = os.environ.get("HEATNET_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
WIDTHS = (1280, 390)
PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    if CHROMIUM is None:
        pytest.skip(WHY)
    with sync_api.sync_playwright() as player:
        running = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """A result of the tutorial."""
    folder = tmp_path_factory.mktemp("browser") / "run"
    assert call("solve", TUTORIAL, "--out", folder).code == 0
    loaded = run.load(folder)
    summary = loaded.summary.model_dump(mode="json")
    return Subject.of(loaded.instance, summary, loaded.solution, run.judge(loaded).report, (), None)


@pytest.fixture(scope="module")
def html(subject: Subject, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its page."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(page(subject), encoding="utf-8")
    return path


def opened(browser: Any, path: Path, width: int) -> tuple[Any, list[str]]:
    """The page in a window of a width, and what the browser complains of or asks for elsewhere."""
    window = browser.new_page(viewport={"width": width, "height": 900}, locale="en-US")
    window.set_default_timeout(PATIENCE_MS)
    told: list[str] = []
    window.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
    window.on("pageerror", lambda error: told.append(str(error)))
    window.on("request", lambda request: told.append(request.url) if request.url.startswith("http") else None)
    window.goto(path.as_uri(), wait_until="domcontentloaded")
    return window, told


def drawn(window: Any, language: str) -> None:
    """Scroll to every chart of a language and wait until something is drawn in it."""
    for chart in window.query_selector_all(f'.chart[data-language="{language}"]'):
        if chart.is_visible():
            chart.scroll_into_view_if_needed()
            chart.wait_for_selector(".main-svg")


@pytest.mark.parametrize("width", WIDTHS)
def test_opens(browser: Any, html: Path, width: int) -> None:
    """No complaint, nothing fetched, every chart drawn, nothing wider than the window."""
    window, told = opened(browser, html, width)
    drawn(window, "en")
    assert told == []
    assert window.evaluate("document.documentElement.scrollWidth") <= width
    if artefacts := os.environ.get("HEATNET_SCREENSHOTS"):
        window.screenshot(path=Path(artefacts) / f"page-{width}.png", full_page=True)
    window.close()


def test_slider(browser: Any, html: Path) -> None:
    """The last stage on the slider is what the map then shows."""
    window, told = opened(browser, html, 1280)
    drawn(window, "en")
    chart = '.chart[data-chart="map"]:not([data-view])[data-language="en"]'
    lines = f"{chart} .scatterlayer"
    window.wait_for_selector(f'{chart}[data-drawn="2025"]')
    first = window.inner_html(lines)
    slider = window.query_selector('.page[data-language="en"] input.stage')
    slider.scroll_into_view_if_needed()
    slider.focus()
    window.keyboard.press("End")
    window.wait_for_selector(f'{chart}[data-drawn="2026"]')
    window.wait_for_timeout(1000)
    assert window.inner_html(lines) != first
    assert told == []
    window.close()


def test_language(browser: Any, html: Path) -> None:
    """One language at a time, and the button changes which."""
    window, told = opened(browser, html, 1280)
    assert window.is_visible('.page[data-language="en"] h1')
    window.click('.page[data-language="en"] .language')
    assert window.is_visible('.page[data-language="zh"] h1')
    assert not window.is_visible('.page[data-language="en"] h1')
    drawn(window, "zh")
    assert told == []
    window.close()


def test_evil_names(browser: Any, subject: Subject, tmp_path: Path) -> None:
    """Nodes named like a script are written as such on the map, and nothing runs."""
    assert subject.plan is not None
    evil = "<script>document.title='run'</script>"
    nodes = tuple(node.model_copy(update={"name": evil, "name_local": evil}) for node in subject.instance.nodes)
    instance = subject.instance.replace(nodes=nodes)
    path = tmp_path / "evil.html"
    named = Subject.of(instance, subject.summary, subject.plan.solution, subject.plan.report, (), None)
    path.write_text(page(named), encoding="utf-8")
    window, told = opened(browser, path, 1280)
    drawn(window, "en")
    shown = window.inner_text('.chart[data-chart="flows"][data-language="en"]')
    assert "<script>" in shown
    assert window.title() != "run"
    assert told == []
    window.close()
