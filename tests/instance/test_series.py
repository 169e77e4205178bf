"""Representative days: weights, the coldest day, the season's heat, means by step, demand."""

from __future__ import annotations

import numpy as np
import pytest

from heatnet.errors import UsageError
from heatnet.instance import Instance, Series
from heatnet.instance.series import TimeGrid, coldest_day, season_load


def with_days(instance: Instance, outdoor: list[float]) -> Instance:
    """The instance with a season of days that are each at one temperature, prices and factors constant."""
    hours = 24 * len(outdoor)
    columns = {name: np.ones(hours) for name in instance.series}
    return instance.replace(series=Series(columns | {"outdoor_c": np.repeat(outdoor, 24)}))


@pytest.fixture
def five(tiny_instance: Instance) -> Instance:
    """Five days at 5, -10, 5, 0, -10 °C: the second is the first of the two coldest.

    Load factor (20 - T) / 30: 0.5, 1, 0.5, 2/3, 1; their sum is 11/3.
    """
    return with_days(tiny_instance, [5, -10, 5, 0, -10])


def test_alike(five: Instance) -> None:
    """Days are alike where every hour of every column is that of the first day."""
    assert with_days(five, [3, 3]).series.alike
    assert not five.series.alike
    prices = np.ones(48)
    prices[47] = 2.0
    constant = with_days(five, [3, 3]).series
    assert not Series({**constant, "power_wholesale_cur_per_mwh": prices}).alike


# --- choice of days ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 2, 3, 4, 5])
def test_weights(five: Instance, days: int) -> None:
    """As many days as asked for, in order, each once, stand for all days of the season, the coldest among them."""
    grid = TimeGrid.choose(five, days, 6)
    assert len(grid.season_days) == len(grid.weight_days) == len(grid.load_scale) == len(grid.days) == days
    assert list(grid.season_days) == sorted(set(grid.season_days))
    assert sum(grid.weight_days) == pytest.approx(5)
    assert min(grid.weight_days) >= 1
    assert 1 in grid.season_days
    assert grid.load_scale[grid.season_days.index(1)] == 1


@pytest.mark.parametrize("days", [2, 3, 4, 5])
def test_heat_is_kept(five: Instance, days: int) -> None:
    """The weighted load is that of the season, 11/3 days at full load."""
    grid = TimeGrid.choose(five, days, 6)
    assert grid.load.mean(axis=1) @ np.array(grid.weight_days) == pytest.approx(11 / 3)


@pytest.mark.parametrize("days", [2, 5, 12])
def test_heat_of_jinan_is_kept(jinan: Instance, days: int) -> None:
    """On 120 days of weather too the weights sum to the season and its mean load is kept."""
    grid = TimeGrid.choose(jinan, days, 4)
    assert len(grid.season_days) == days
    assert sum(grid.weight_days) == pytest.approx(120)
    assert coldest_day(jinan) in grid.season_days
    assert grid.load.mean(axis=1) @ np.array(grid.weight_days) / 120 == pytest.approx(season_load(jinan).mean())


def test_groups_by_hand(tiny_instance: Instance) -> None:
    """Two mild days and three cool ones beside a cold one: each group is stood for by one of its own."""
    instance = with_days(tiny_instance, [10, 10, -1, -1, -1, -10])
    grid = TimeGrid.choose(instance, 3, 24)
    weights = dict(zip(grid.season_days, grid.weight_days, strict=True))
    assert weights.pop(5) == 1
    assert {day in (0, 1): weight for day, weight in weights.items()} == {True: 2, False: 3}
    assert grid.load_scale == pytest.approx((1, 1, 1))  # nothing to correct: the days of a group are alike


def test_days_all_alike(tiny_instance: Instance) -> None:
    """A season of equal days yields the number asked for all the same; the coldest is the first."""
    grid = TimeGrid.choose(with_days(tiny_instance, [0] * 6), 3, 12)
    assert len(grid.season_days) == 3
    assert 0 in grid.season_days
    assert sum(grid.weight_days) == pytest.approx(6)


def test_one_day(five: Instance) -> None:
    """One day is the coldest, unscaled, standing for the season."""
    grid = TimeGrid.choose(five, 1, 6)
    assert (grid.season_days, grid.weight_days, grid.load_scale) == ((1,), (5.0,), (1.0,))


def test_all_days(five: Instance) -> None:
    """All days stand for themselves, each at its own load."""
    grid = TimeGrid.choose(five, 5, 12)
    assert grid.season_days == (0, 1, 2, 3, 4)
    assert grid.weight_days == (1, 1, 1, 1, 1)
    assert grid.load_scale == pytest.approx((1, 1, 1, 1, 1))
    assert grid.load == pytest.approx(np.array([[1 / 2] * 2, [1] * 2, [1 / 2] * 2, [2 / 3] * 2, [1] * 2]))


def test_scale_by_hand(five: Instance) -> None:
    """Two days: the other one makes up for what its group of four lacks.

    Sum of the load of the others: 11/3 - 1 = 8/3. The medoid (load l, weight 4) is scaled by 8/3 / (4 l) = 2/(3 l).
    """
    grid = TimeGrid.choose(five, 2, 6)
    place = 1 - grid.season_days.index(1)
    load = {0: 1 / 2, 2: 1 / 2, 3: 2 / 3, 4: 1}[grid.season_days[place]]
    assert grid.weight_days[place] == 4
    assert grid.load_scale[place] == pytest.approx(2 / (3 * load))


def test_same_choice_every_time(jinan: Instance) -> None:
    """The choice of days does not change from call to call."""
    assert TimeGrid.choose(jinan, 6, 4).season_days == TimeGrid.choose(jinan, 6, 4).season_days


@pytest.mark.parametrize("days", [0, -1, 6])
def test_bad_days(five: Instance, days: int) -> None:
    """More days than the season has, or none, is a wrong call."""
    with pytest.raises(UsageError, match=rf"--days {days}: .* 1 to 5"):
        TimeGrid.choose(five, days, 6)


@pytest.mark.parametrize("step", [0, -6, 5, 7, 48])
def test_bad_step(five: Instance, step: int) -> None:
    """A step that does not divide the day is a wrong call."""
    with pytest.raises(UsageError, match=rf"--step-hours {step}: must divide 24"):
        TimeGrid.choose(five, 2, step)


# --- series by step ------------------------------------------------------------------------------------------


def test_means_by_hand(tiny_instance: Instance) -> None:
    """Wholesale prices of 100 … 123 and 200 … 223 by six hours: the mean of 0 … 5 is 2.5, and so on."""
    grid = TimeGrid.choose(tiny_instance, 2, 6)
    expected = [[102.5, 108.5, 114.5, 120.5], [202.5, 208.5, 214.5, 220.5]]
    assert grid.mean("power_wholesale_cur_per_mwh") == pytest.approx(np.array(expected))
    assert list(grid.steps) == [0, 1, 2, 3]


@pytest.mark.parametrize("step", [1, 2, 3, 4, 6, 8, 12, 24])
def test_steps_of_a_day(tiny_instance: Instance, step: int) -> None:
    """Steps of any length keep the mean of the day: 111.5 and 211.5."""
    means = TimeGrid.choose(tiny_instance, 2, step).mean("power_wholesale_cur_per_mwh")
    assert means.shape == (2, 24 // step)
    assert means.mean(axis=1) == pytest.approx([111.5, 211.5])


def test_means_of_the_chosen_day(tiny_instance: Instance) -> None:
    """With one day the series are those of the coldest, the second day of the season."""
    grid = TimeGrid.choose(tiny_instance, 1, 12)
    assert grid.mean("outdoor_c") == pytest.approx(np.array([[-10, -10]]))
    assert grid.mean("gas_price_factor") == pytest.approx(np.array([[1.1, 1.1]]))


def test_frame(five: Instance) -> None:
    """The table of the days has their numbers, places, weights and scales."""
    frame = TimeGrid.choose(five, 5, 6).frame()
    assert list(frame.columns) == ["day", "season_day", "weight_days", "load_scale"]
    assert frame["day"].tolist() == frame["season_day"].tolist() == [0, 1, 2, 3, 4]


def test_stage_weights(tiny_instance: Instance) -> None:
    """At 6 %: 2025 and 2026 weigh 1 + 1/1.06 = 1.9433962; 2027 to 2029 weigh 1.06^-2 + 1.06^-3 + 1.06^-4.

    0.8899964 + 0.8396193 + 0.7920937 = 2.5217094.
    """
    weights = TimeGrid.choose(tiny_instance, 1, 24).stage_weight
    assert weights == pytest.approx({2025: 1.9433962, 2027: 2.5217094}, abs=1e-6)


# --- demand --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "year", "design"),
    [
        ("D1", 2025, 40.0),  # 1.0 · 40
        ("D1", 2026, 42.9),  # area 1.1, index 39
        ("D1", 2027, 45.6),  # area 1.2, index 38
        ("D1", 2029, 50.4),  # 1.4 · 36
        ("D1", 2020, 40.0),  # constant before
        ("D1", 2050, 50.4),  # and after
        ("D2", 2025, 25.0),  # 0.5 · 50
        ("D2", 2040, 25.0),
    ],
)
def test_design_load(tiny_instance: Instance, node: str, year: int, design: float) -> None:
    """Area and index are each linear between the years given and constant beyond them."""
    assert tiny_instance.design_heat_mw(node, year) == pytest.approx(design)


def test_demand_by_hand(tiny_instance: Instance) -> None:
    """Demand is design load times load factor times shape.

    Load factor 2/3 at 0 °C and 1 at -10 °C; shape 1.2 and 0.8. D1 in 2027: 45.6 · 2/3 = 30.4 and 45.6.
    D2 has no shape: 25 · 2/3 and 25.
    """
    grid = TimeGrid.choose(tiny_instance, 2, 12)
    assert grid.demand_mw("D1", 2027) == pytest.approx(np.array([[36.48, 24.32], [54.72, 36.48]]))
    assert grid.demand_mw("D2", 2027) == pytest.approx(np.array([[50 / 3, 50 / 3], [25, 25]]))


def test_demand_nodes(tiny_instance: Instance) -> None:
    """The nodes with demand are those of the table, each once."""
    assert tiny_instance.demand_nodes == ("D1", "D2")
