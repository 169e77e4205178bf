"""How far representative days are from their season: towns whose days cost what arithmetic says.

Sensitivity, what would go unnoticed without each test:
- day_costs: days of the model of the hours that cost something else than the same days in the model of a plan.
- error_by_hand: weights, load scales or signs wrong in the error of the days; the wrong day scaled.
- all_days: an error where every day stands for itself.
- signs: an error made small or infinite by revenues that cancel costs.
- choose: a number of days that is too small or larger than needed; numbers left out of the table.
- not reached: the largest number taken for good.
- coldest: a choice without the coldest day, or whose largest load is not the season's.
- no plan: an instance that cannot be judged crashing, or judged with nothing.
- bad error: an error of 2 taken for 2 %.
- command: the option not heeded, its table not printed, the warning not given.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import call
from formulation.city import boiler, city, optimum

from heatnet import representative
from heatnet.errors import UsageError
from heatnet.instance import Instance, write
from heatnet.instance.instance import Array
from heatnet.instance.series import TimeGrid, season_load
from heatnet.operate.stage import Stage
from heatnet.representative import Judge, choose_days, find_day_cost
from heatnet.solution import Solution
from heatnet.solve import Limits

QUIET = Limits(threads=1)
OUTDOOR = [5.0, -10.0, 5.0, 8.0, 8.0, -1.0]
"""Load factors (20 - T) / 30: 0.5, 1, 0.5, 0.4, 0.4, 0.7 of 100 MW."""


def convex(**changes: Any) -> Instance:
    """100 MW at most: 60 MW for 10 a MWh, the rest for 30. A day at load x costs 24 · (10 x + 20 · max(0, x - 60))."""
    return city(
        technologies=[boiler("cheap", 10.0, size=60.0), boiler("dear", 30.0, size=60.0)],
        units=[{"id": "cheap", "technology": "cheap", "count": 1}, {"id": "dear", "technology": "dear", "count": 1}],
        demands={"A": 100.0},
        **{"outdoor": OUTDOOR, **changes},
    )


def day(load_mw: float) -> float:
    """Cost of a day of `convex` in million."""
    return 24 * (10 * load_mw + 20 * max(0.0, load_mw - 60)) / 1e6


@pytest.fixture(scope="module")
def town() -> Instance:
    """The town of `convex`."""
    return convex()


@pytest.fixture(scope="module")
def plan(town: Instance) -> Solution:
    """Its plan: all that stands."""
    found = optimum(town).answer.solution
    assert found is not None
    return found


def test_day_costs(town: Instance, plan: Solution) -> None:
    """By hand: loads of 50, 100, 50, 40, 40 and 70 MW; and those of a plan on all days, added up."""
    stage = Stage.of(town, plan, 2025)
    costs = find_day_cost().costs(stage, range(6))
    assert costs == pytest.approx([day(load) for load in (50, 100, 50, 40, 40, 70)])
    assert costs.sum() == pytest.approx(optimum(town, days=6).answer.cost)


def test_error_by_hand(town: Instance, plan: Solution) -> None:
    """Two days: the coldest and one for five. The scale brings its load to the mean of the five: 250 / 5 = 50 MW.

    So whichever it is, 100 and 5 · 50 MW are told: 24 · (1000 + 800 + 2500); the season has 24 · (3500 + 800 + 200).
    """
    grid = TimeGrid.choose(town, 2, 1)
    row = Judge(town, plan, find_day_cost()).errors(grid).iloc[0]
    assert row["days_mcur"] == pytest.approx(24 * 4300 / 1e6)
    assert row["season_mcur"] == pytest.approx(24 * 4500 / 1e6)
    assert row["error_share"] == pytest.approx(-200 / 4500)
    assert (row["days"], row["stage"], row["peak_share"]) == (2, 2025, pytest.approx(1.0))


def test_all_days(town: Instance, plan: Solution) -> None:
    """Where every day stands for itself there is no error; one day alone is six times the coldest: 6 · 1800 of 4500."""
    judge = Judge(town, plan, find_day_cost())
    assert judge.errors(TimeGrid.choose(town, 6, 1))["error_share"].tolist() == pytest.approx([0.0], abs=1e-9)
    assert judge.errors(TimeGrid.choose(town, 1, 1))["error_share"].tolist() == pytest.approx([6300 / 4500])


class Told:
    """Days that cost what is told, whatever runs; scaled days as much as they are."""

    def __init__(self, costs: Sequence[float]) -> None:
        self.costs_mcur = np.array(costs)

    def costs(self, stage: Stage, days: Sequence[int]) -> Array:
        """As told."""
        return self.costs_mcur[list(days)]


def test_signs(town: Instance, plan: Solution) -> None:
    """Days of 3, 5, -2, -2, -2 and -2 million add up to 0; one day stands for 30: an error of 30 of 16, not of 0."""
    errors = Judge(town, plan, Told([3, 5, -2, -2, -2, -2])).errors(TimeGrid.choose(town, 1, 1))
    assert errors["error_share"].tolist() == pytest.approx([30 / 16])
    assert Judge(town, plan, Told([0] * 6)).errors(TimeGrid.choose(town, 1, 1))["error_share"].tolist() == [0.0]


def chosen(instance: Instance, error: float, plan: Solution | None) -> representative.Choice:
    """The choice, with a reference plan of its own where none is given."""
    return choose_days(instance, error, plan=plan, limits=QUIET, observer=lambda progress: None)


@pytest.mark.parametrize("own", [True, False])
def test_choose(town: Instance, plan: Solution, own: bool) -> None:
    """Two days are off by 200 of 4500, 4.4 %; so 5 % takes two, and 4 % takes more. One day is off by 140 %."""
    two = chosen(town, 0.05, None if own else plan)
    assert (two.days, two.reached) == (2, True)
    assert two.errors["days"].tolist() == [1, 2]
    assert two.worst.tolist() == pytest.approx([1.4, 200 / 4500])
    more = chosen(town, 0.04, None if own else plan)
    assert more.days > 2
    assert more.errors["days"].tolist() == [1, 2, 4, 6][: len(more.errors)]
    assert more.worst.loc[more.days] <= 0.04


def test_not_reached(town: Instance, plan: Solution, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two days at most, one percent is out of reach: two, and said so."""
    monkeypatch.setattr(representative, "COUNTS", (1, 2))
    choice = chosen(town, 0.01, plan)
    assert (choice.days, choice.reached) == (2, False)


@pytest.mark.parametrize("days", [1, 2, 4, 6, 8, 12, 16])
def test_coldest(jinan: Instance, days: int) -> None:
    """The coldest day of Jinan is there at its own load, and with it the largest load of the season."""
    grid = TimeGrid.choose(jinan, days, 1)
    means = jinan.series["outdoor_c"].reshape(-1, 24).mean(axis=1)
    assert int(means.argmin()) in grid.season_days
    assert grid.load_scale[grid.season_days.index(int(means.argmin()))] == 1.0
    assert grid.load[grid.season_days.index(int(means.argmin()))].max() == pytest.approx(season_load(jinan).max())


def test_no_plan(town: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a plan to judge with, the instance's own number."""
    monkeypatch.setattr(representative, "_reference", lambda *told: None)
    choice = chosen(town, 0.01, None)
    assert (choice.days, choice.reached, len(choice.errors)) == (town.header.solve.days, False, 0)


@pytest.mark.parametrize("error", [0.0, 1.0, 2.0, -0.1, float("nan")])
def test_bad_error(town: Instance, plan: Solution, error: float) -> None:
    """What is no share is a wrong call."""
    with pytest.raises(UsageError, match=r"--days-error .*: must be a share above 0 and below 1"):
        chosen(town, error, plan)


def test_command(town: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number found is that of the result; the table is printed; what is not reached is told, and so is nonsense."""
    write(town, tmp_path / "town")
    run = tmp_path / "run"
    done = call("solve", tmp_path / "town", "--out", run, "--days", "auto", "--days-error", "0.05", "--threads", "1")
    assert done.code == 0, done.err
    assert "Representative days" in done.out
    assert "-4.44%" in done.out
    assert len(pd.read_csv(run / "days.csv")) == 2
    monkeypatch.setattr(representative, "COUNTS", (1,))
    done = call("solve", tmp_path / "town", "--out", run, "--days", "auto", "--force", "--threads", "1")
    assert "1 days are off by 140.00%, above the 2.00% asked for" in done.err
    assert len(pd.read_csv(run / "days.csv")) == 1
    done = call("solve", tmp_path / "town", "--out", tmp_path / "other", "--days", "few")
    assert done.code == 2
    assert "--days few: must be a number of days, or auto." in done.err
