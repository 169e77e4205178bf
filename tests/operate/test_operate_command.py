"""The command `heatnet operate`, from a result folder to a folder of a season.

Sensitivity, what would go unnoticed without each test: a command that writes no whole folder or prints no document; one
that leaves something where it fails, or takes a stage, window or gap that cannot be meant; one that replaces what is
not a season.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from heatnet import run
from heatnet.cli import app
from heatnet.errors import UsageError
from heatnet.instance import write
from heatnet.operate.folder import is_season
from heatnet.solve import solve
from operate.towns import LIMITS, LINE, TYPE, town


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result folder of a town of two nodes."""
    instance = town(2, nodes=("A", "B"), types=[TYPE], pipes=[LINE], demands={"A": 10, "B": 20})
    place = tmp_path_factory.mktemp("town")
    write(instance, place / "instance")
    out = place / "run"
    with run.reserved(out, False) as folder:
        answer = solve(instance, solver="monolithic", days=1, step_hours=24, limits=LIMITS)
        run.save(answer, instance, folder, {"total": 0.0}, None)
    return out


def command(*words: object) -> object:
    return CliRunner().invoke(app, [str(word) for word in words], standalone_mode=False)


def test_season_is_written_and_told(result: Path, tmp_path: Path) -> None:
    out = tmp_path / "season"
    told = command("operate", result, "--stage", 2025, "--out", out, "--threads", 1, "--json")
    assert told.exception is None, told.exception  # type: ignore[attr-defined]
    document = json.loads(told.stdout)  # type: ignore[attr-defined]
    assert document["cost"] == pytest.approx(2 * 24 * 30 * 20 / 1e6, rel=1e-3)  # and pump power at nothing
    assert document["unserved_mwh"] == 0
    assert json.loads((out / "season.json").read_text()) == document
    assert is_season(out)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--stage", 1999), "--stage 1999: the plan has no such stage; it has 2025"),
        (("--stage", 2025, "--window-hours", 20), "--window-hours 20: must be whole days"),
        (("--stage", 2025, "--gap", 2), "--gap 2: must be from 0 to below 1"),
    ],
)
def test_nothing_is_left_where_it_fails(result: Path, tmp_path: Path, words: tuple[object, ...], sentence: str) -> None:
    out = tmp_path / "season"
    told = command("operate", result, *words, "--out", out)
    error = told.exception  # type: ignore[attr-defined]
    assert isinstance(error, UsageError)
    assert sentence in str(error)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_season_is_not_replaced(result: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    told = command("operate", result, "--stage", 2025, "--out", tmp_path, "--force")
    assert isinstance(told.exception, UsageError)  # type: ignore[attr-defined]
    assert "is not just a season of heatnet" in str(told.exception)  # type: ignore[attr-defined]
