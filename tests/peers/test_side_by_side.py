"""The page beside topotherm: false claims are named, and where there are no cases that is said.

Sensitivity:
- `test_verdict`: a bound above the proved optimum, a cost below it, or a dear "optimal", called true; a cost that
  rounding puts a hair below the optimum, or an honest stop at the time limit, called false.
- `test_gap`: a gap that is relative to another number than the cost, or told where there is no plan.
- `test_no_cases`: a page without runs, or silence.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from peers import side_by_side
from peers.side_by_side import Case, Run, verdict

CASE = Case("a case", 0.01, 10.0)


@pytest.mark.parametrize(
    ("status", "cost", "bound", "expected"),
    [
        ("optimal", 1000.0, 995.0, "true"),
        ("optimal", 1010.0, 1000.0, "true"),  # the gap is 1 %
        ("optimal", 1000.0 - 1e-4, 1000.0 + 1e-4, "true"),  # rounding
        ("feasible", 1100.0, 900.0, "true"),
        ("time limit reached", None, -500.0, "true"),
        ("optimal", 1011.0, 1000.0, "FALSE: not optimal within the gap"),
        ("optimal", None, None, "FALSE: not optimal within the gap"),
        ("feasible", 999.0, 990.0, "FALSE: cost below the optimum"),
        ("feasible", 1005.0, 1001.0, "FALSE: bound above the optimum"),
    ],
)
def test_verdict(status: str, cost: float | None, bound: float | None, expected: str) -> None:
    assert verdict(CASE, [Run("feasible", 1.0, 1100.0, 900.0), Run(status, 1.0, cost, bound)], 1000.0) == expected


def test_no_optimum() -> None:
    assert verdict(CASE, [Run("optimal", 1.0, 1.0, 2.0)], None) == "no optimum is known"


def test_gap() -> None:
    assert Run("feasible", 1.0, -200.0, -250.0).gap == pytest.approx(0.25)
    assert Run("feasible", 1.0, None, -250.0).gap is None


def test_no_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HEATNET_CASES", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["side_by_side.py", "--out", str(tmp_path / "page.md")])
    assert side_by_side.main() == 0
    assert "SKIPPED" in capsys.readouterr().err
    assert not (tmp_path / "page.md").exists()
