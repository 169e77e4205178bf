"""`heatnet simulate` on a small city: exit codes, sentences, and the table in the result folder.

Sensitivity, one sentence per test:
- table: a folder that `heatnet check` refuses afterwards, rows without figures, or a second stage that wipes out the
  first would go unnoticed.
- bad input: a stage, hour or plan that is not there would end in a traceback or in exit code 1.
- extra: without pandapipes the user would read of a module instead of what to install.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("pandapipes", reason="the hydraulics are NOT tested; pip install 'heatnet[hydraulics]'")

from heatnet.cli import main

TUTORIAL = Path(__file__).parents[2] / "instances" / "tutorial"


def command(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["heatnet", *map(str, words)])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "tutorial"
    with pytest.MonkeyPatch.context() as patch:
        assert command(patch, "solve", TUTORIAL, "--out", folder) == 0
    return folder


def test_table_in_the_result_folder(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command(monkeypatch, "simulate", result, "--stage", 2026, "--hours", "0:0") == 0
    assert command(monkeypatch, "simulate", result, "--stage", 2025) == 0
    table = pd.read_csv(result / "hydraulics.csv")
    assert set(zip(table["stage"], table["hour"], strict=True)) == {(2025, "design"), (2026, "design"), (2026, "0:0")}
    # the far line is 20 km of DN500: 0.625 W/(m K) · 160 K · 20 km = 2 MW
    own = table[(table["stage"] == 2026) & (table["hour"] == "design") & (table["id"] == "far-line/DN500")]
    loss = own.set_index("quantity").loc["loss_mw"]
    assert loss["model"] == pytest.approx(2.0)
    assert loss["simulated"] == pytest.approx(2.0, rel=0.05)
    assert loss["difference"] == pytest.approx(loss["simulated"] - loss["model"])
    assert command(monkeypatch, "check", result) == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--stage", 2030), "--stage 2030: the plan has no such stage; it has 2025, 2026."),
        (("--stage", 2026, "--hours", "1:0"), "--hours 1:0: the result has no such hour"),
        (("--stage", 2026, "--hours", "0:5"), "--hours 0:5: the result has no such hour"),
        (("--stage", 2026, "--hours", "noon"), "--hours noon: write DAY:HOUR"),
    ],
)
def test_bad_input_is_a_sentence(
    result: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[object, ...],
    sentence: str,
) -> None:
    assert command(monkeypatch, "simulate", result, *words) == 2
    assert sentence in capsys.readouterr().err


def test_no_plan(
    result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = shutil.copytree(result, tmp_path / "empty")
    told = json.loads((empty / "result.json").read_text(encoding="utf-8"))
    told |= {"cost": None, "gap": None, "status": "no_solution"}
    (empty / "result.json").write_text(json.dumps(told), encoding="utf-8")
    (empty / "units.csv").unlink()
    assert command(monkeypatch, "simulate", empty, "--stage", 2026) == 2
    assert "holds no plan to simulate (status no_solution)" in capsys.readouterr().err


def test_extra_is_named(result: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in [name for name in sys.modules if name.startswith("heatnet.hydraulics")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("heatnet.hydraulics")
    monkeypatch.setitem(sys.modules, "pandapipes", None)
    assert command(monkeypatch, "simulate", result, "--stage", 2026) == 2
    assert "pip install 'heatnet[hydraulics]'" in capsys.readouterr().err
