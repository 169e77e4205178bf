"""Rules that hold under one schedule alone.

Sensitivity:
- test_applied: a new rule that does not hold under its schedule, or holds under another or none.
- test_written: a new rule that a written folder does not give back.
- test_hash: a hash that tells nothing of a new rule, or one that moves with schedules that are not applied.
- test_faults: an id that stands twice, a unit that is not there, a key or a year that cannot be, found after the solve.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import tiny

from heatnet.errors import InstanceError
from heatnet.instance import Instance, read, write

NEW = """
[[new_rules]]
id = "no-gas"
kind = "no_new"
select = [{ units = ["D1-gas"] }]
to_year = 2027
source = "assumed: test"
"""


def city(tmp_path: Path, new: str = NEW) -> Instance:
    """The tiny instance whose schedule `free` has a new rule."""
    folder = tiny(tmp_path)
    with (folder / "schedules" / "free.toml").open("a", encoding="utf-8") as file:
        file.write(new)
    return read(folder)


def test_applied(tmp_path: Path) -> None:
    base = city(tmp_path)
    assert [rule.id for rule in base.with_schedule("free").header.rules] == ["small", "no-gas"]
    assert [rule.id for rule in base.with_schedule("early").header.rules] == ["small"]
    assert [rule.id for rule in base.header.rules] == ["small"]


def test_written(tmp_path: Path) -> None:
    base = city(tmp_path)
    write(base, tmp_path / "again")
    assert read(tmp_path / "again").with_schedule("free") == base.with_schedule("free")


def test_hash(tmp_path: Path) -> None:
    before, after = read(tiny(tmp_path)), city(tmp_path)
    assert after.sha256 == before.sha256
    assert after.with_schedule("early").sha256 == before.with_schedule("early").sha256
    assert after.with_schedule("free").sha256 != before.with_schedule("free").sha256


@pytest.mark.parametrize(
    ("old", "new", "place", "sentence"),
    [
        ('"no-gas"', '"small"', "new_rules[0] small", "stands twice"),
        ('"D1-gas"', '"D1-gaz"', "new_rules[0] no-gas select.units", "did you mean `D1-gas`?"),
        (
            "to_year = 2027",
            "from_year = 2028\nto_year = 2027",
            "new_rules[0] no-gas from_year",
            "that year or an earlier",
        ),
        ("to_year", "by_year", "new_rules[0].by_year", "is not known here"),
        ('"no_new"', '"no"', "new_rules[0].kind", "must be one of"),
    ],
)
def test_faults(old: str, new: str, place: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(InstanceError) as told:
        city(tmp_path, NEW.replace(old, new))
    (issue,) = told.value.issues
    assert issue.table == "schedules/free.toml"
    assert issue.column == place
    assert sentence in issue.message
