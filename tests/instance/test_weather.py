"""Another winter for an instance: the cold snap, and files of hours.

Sensitivity, what would go unnoticed without each test:
- season: that the instance's own weather changes anything, or the hash of the instance.
- cold_by_hand: the snap on other days than the coldest run, other hours moved, the swing lost, a colder day warmed.
- cold_short: a season shorter than the snap.
- cold_already: a snap that changes nothing and says nothing.
- demand_follows: demand that stays at the old temperature, or stops at the design load.
- cop_follows: heat pumps that stay at the old source, in COP and in output.
- cold_jinan: the model case's snap, its source not marked as assumed.
- file: columns mixed up, or columns that the file lacks replaced.
- offsets: times with offsets over a change of the clock taken for a gap.
- bad_files: each fault told with another sentence, or without the hour.
- no_file: a choice that is none.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from heatnet.errors import UsageError
from heatnet.formulation.case import Case
from heatnet.instance import Instance, Series
from heatnet.instance.series import TimeGrid, season_load
from heatnet.instance.weather import with_weather


def days_at(instance: Instance, means: list[float], swing: float = 0.0) -> Instance:
    """The instance with a season of days of these mean temperatures, the swing up by noon and down after it."""
    hours = 24 * len(means)
    wave = np.tile(np.repeat([swing, -swing], 12), len(means))
    columns = {name: np.arange(hours) + 1.0 for name in instance.series}
    return instance.replace(series=Series(columns | {"outdoor_c": np.repeat(means, 24) + wave}))


def test_season(tiny_instance: Instance) -> None:
    """The season as it is, is the instance itself."""
    assert with_weather(tiny_instance, "season") is tiny_instance


def test_cold_by_hand(tiny_instance: Instance) -> None:
    """Days at 2, -9, 1, -8, -13, -3, -6: the coldest three in a row are 3, 4, 5 (-24); -13 stays, the others go to -12.

    By single days -13, -9, -8 are the coldest; days 1 to 3 (-16) and 4 to 6 (-22) are other runs.
    """
    before = days_at(tiny_instance, [2, -9, 1, -8, -13, -3, -6], swing=2)
    after = with_weather(before, "cold")
    means = after.series["outdoor_c"].reshape(-1, 24).mean(axis=1)
    assert means == pytest.approx(np.array([2, -9, 1, -12, -13, -12, -6]))
    assert after.series["outdoor_c"][24 * 3] == pytest.approx(-10)  # the swing stays
    assert after.series["outdoor_c"][24 * 4 - 1] == pytest.approx(-14)
    unchanged = [name for name in before.series if name != "outdoor_c"]
    assert all(np.array_equal(after.series[name], before.series[name]) for name in unchanged)
    assert after.sha256 != before.sha256


def test_cold_short(tiny_instance: Instance) -> None:
    """A season of two days has both at -12 °C."""
    after = with_weather(days_at(tiny_instance, [0, -10]), "cold")
    assert after.series["outdoor_c"] == pytest.approx(np.full(48, -12.0))


def test_cold_already(tiny_instance: Instance) -> None:
    """Where the coldest run is colder than the snap, there is nothing to show."""
    with pytest.raises(UsageError, match=r"--weather cold: days 1 to 3 .* -12 °C or below already"):
        with_weather(days_at(tiny_instance, [0, -20, -12, -15, -14.9]), "cold")


def test_demand_follows(tiny_instance: Instance) -> None:
    """Load factor (20 - T) / 30 with T over one hour: 32/30 at -12 °C, above the design load, by the node's area.

    D2 has 25 MW of design load and no shape: 25 · 32/30 MW.
    """
    after = with_weather(days_at(tiny_instance, [0, -10]), "cold")
    assert season_load(after) == pytest.approx(np.full(48, 32 / 30))
    assert TimeGrid.choose(after, 2, 24).demand_mw("D2", 2027) == pytest.approx(np.full((2, 1), 25 * 32 / 30))


def test_cop_follows(jinan: Instance) -> None:
    """Air heat pumps of Jinan at a source of -12 °C: less heat, more power for each MWh.

    Source cooled by 5 K from -12 °C (261.15 to 256.15 K, mean 258.64), sink 45 to 75 °C (318.15 to 348.15 K, mean
    332.92): 0.45 · 332.92 / (332.92 - 258.64) = 2.017. Output 1 - 0.025 · (2 + 12) = 0.65.
    """
    after = with_weather(jinan, "cold")
    cold = int(np.argmin(after.series["outdoor_c"].reshape(-1, 24).mean(axis=1)))
    shifted = after.replace(series=Series({**after.series, "outdoor_c": np.full(after.series.hours, -12.0)}))
    grid = TimeGrid.choose(shifted, 1, 24)
    case = Case(shifted, grid)
    machine = next(m for m in case.machines.values() if m.technology.id == "air-heat-pump")
    assert case.availability(machine)[0, 0] == pytest.approx(0.65)
    name, corner = next(iter(machine.corners.items()))
    assert -corner.heat_mw / case.power[machine.id, name][0, 0] == pytest.approx(2.017, abs=0.001)
    assert after.series["outdoor_c"].reshape(-1, 24)[cold].mean() == pytest.approx(-12)


def test_cold_jinan(jinan: Instance) -> None:
    """Three days of Jinan at -12 °C, the others untouched, said in the source of the season."""
    before, after = (x.series["outdoor_c"].reshape(-1, 24) for x in (jinan, with_weather(jinan, "cold")))
    changed = np.flatnonzero((before != after).any(axis=1))
    assert changed.tolist() == list(range(changed[0], changed[0] + 3))
    assert after[changed].mean(axis=1) == pytest.approx(np.full(3, -12.0))
    assert before[changed].mean(axis=1).sum() <= min(before[k : k + 3].mean(axis=1).sum() for k in range(118))
    assert with_weather(jinan, "cold").header.season.source.startswith("assumed: three days")


# --- files ---------------------------------------------------------------------------------------------------

TIMES = [f"2024-11-{15 + hour // 24} {hour % 24:02}:00" for hour in range(48)]


def written(tmp_path: Path, times: list[str], columns: dict[str, list[object]] | None = None) -> str:
    """A file with these times, at -7 °C or with these columns."""
    table = {"time": times, **(columns or {"outdoor_c": [-7] * len(times)})}
    lines = [",".join(table), *(",".join(map(str, row)) for row in zip(*table.values(), strict=True))]
    path = tmp_path / "winter.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_file(tiny_instance: Instance, tmp_path: Path) -> None:
    """Columns of the file in place of the season's, whatever their order; those that it lacks stay."""
    prices = list(range(1000, 1048))
    columns: dict[str, list[object]] = {"power_retail_cny_per_mwh": [*prices], "outdoor_c": [-k for k in range(48)]}
    after = with_weather(tiny_instance, written(tmp_path, TIMES, columns))
    assert after.series["outdoor_c"].tolist() == [-k for k in range(48)]
    assert after.series["power_retail_cur_per_mwh"].tolist() == prices
    kept = [name for name in after.series if name not in ("outdoor_c", "power_retail_cur_per_mwh")]
    assert kept
    assert all(np.array_equal(after.series[name], tiny_instance.series[name]) for name in kept)
    assert "winter.csv" in after.header.season.source
    assert str(tmp_path) not in after.header.season.source


def test_offsets(tiny_instance: Instance, tmp_path: Path) -> None:
    """With their offset from UTC, the two hours at 02:00 when the clock goes back are two hours."""
    summer = [f"2024-11-15T{hour:02}:00+02:00" for hour in range(24)]
    winter = [f"2024-11-15T{hour:02}:00+01:00" for hour in range(23, 24)]
    rest = [f"2024-11-16T{hour:02}:00+01:00" for hour in range(23)]
    after = with_weather(tiny_instance, written(tmp_path, summer + winter + rest))
    assert after.series["outdoor_c"].tolist() == [-7] * 48


def change(place: int, *texts: str) -> list[str]:
    """The times with the one at a place exchanged for others."""
    return [*TIMES[:place], *texts, *TIMES[place + 1 :]]


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        (change(26), r"2024-11-16 02:00 is missing, 2024-11-16 03:00 comes next; .*daylight saving"),
        (change(26, TIMES[26], TIMES[26]), r"2024-11-16 02:00 stands twice; .*daylight saving"),
        (change(26, TIMES[20]), r"2024-11-16 02:00 is missing|2024-11-15 20:00 stands after a later hour"),
        (change(26, "2024-11-16 02:30"), r"2024-11-16 02:30 is no whole hour after"),
        (change(26, "16.11.2024 2 Uhr"), r"time in line 28 is `16.11.2024 2 Uhr`; it must be written as"),
        (change(26, "2024-11-16 02:00+01:00"), r"an offset from UTC in some hours and none in others"),
        (TIMES[:-1], r"has 47 hours, the last 2024-11-16 22:00; the season of tiny has 48"),
        ([*TIMES, "2024-11-17 00:00"], r"has 49 hours, the last 2024-11-17 00:00; the season of tiny has 48"),
        ([text.replace("-11-", "-12-") for text in TIMES], r"begins at 2024-12-15 00:00; .* begins on 11-15 at 00:00"),
        (TIMES[1:], r"begins at 2024-11-15 01:00"),
        ([], r"has 0 hours; the season of tiny has 48"),
    ],
)
def test_bad_times(tiny_instance: Instance, tmp_path: Path, times: list[str], sentence: str) -> None:
    """Every fault of the times is one sentence with the hour."""
    with pytest.raises(UsageError, match=sentence) as told:
        with_weather(tiny_instance, written(tmp_path, times))
    assert "winter.csv" in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"outdoor_c": [*[0] * 30, "", *[0] * 17]}, r"outdoor_c at 2024-11-16 06:00 must be a number .*it is missing"),
        ({"outdoor_c": [*[0] * 30, "nan", *[0] * 17]}, r"outdoor_c at 2024-11-16 06:00 .* found `nan`"),
        ({"outdoor_c": [*[0] * 47, -273.15]}, r"outdoor_c at 2024-11-16 23:00 must be a number from -100 to 1000"),
        ({"temperature": [0] * 48}, r"has no column outdoor_c"),
        ({"outdoor_c": [0] * 48, "wind_m_per_s": [1] * 48}, r"wind_m_per_s is not a column .* time, .*outdoor_c"),
        ({"outdoor_c": [0] * 48, "power_retail_cny_per_mwh": [-1] * 48}, r"power_retail_cny_per_mwh is below 0"),
        ({"outdoor_c": [0] * 48, "power_retail_eur_per_mwh": [1] * 48}, r"power_retail_eur_per_mwh is not a column"),
        ({"outdoor_c": ["0,5"] * 48}, r"has rows with more cells than the 2"),
    ],
)
def test_bad_columns(tiny_instance: Instance, tmp_path: Path, columns: dict[str, list[object]], sentence: str) -> None:
    """Every fault of a value is one sentence with column and hour."""
    with pytest.raises(UsageError, match=sentence):
        with_weather(tiny_instance, written(tmp_path, TIMES, columns))


def test_no_file(tiny_instance: Instance, tmp_path: Path) -> None:
    """What is no file, and what is no table."""
    with pytest.raises(UsageError, match=r"mild: is neither season nor cold nor a file"):
        with_weather(tiny_instance, "mild")
    with pytest.raises(UsageError, match=r"cannot be read"):
        with_weather(tiny_instance, str(tmp_path))
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(UsageError, match=r"is not a CSV table in UTF-8 \("):
        with_weather(tiny_instance, str(tmp_path / "empty.csv"))
