"""`docs/measures.md` has every measure of the notice once, and what it names is there.

Sensitivity, one sentence per test:
- ids: a measure or target that is left out or stands twice is told.
- places: a row, column, rule, file or result column that is renamed or removed, and still named on the page, is told.
- reasons: a measure that is silently left without a place, or has both a place and an excuse, is told.
- wrong places: a check that accepts every name would let all of the above pass.
"""

from __future__ import annotations

import csv
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from heatnet.instance.records import KEYS
from heatnet.solution import COLUMNS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "measures.md").read_text(encoding="utf-8")
MODEL = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
ROWS: list[tuple[str, str]] = re.findall(r"^\| ([RQ]\d+) \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)
"""Id and last column of every row."""


def places(where: str) -> list[str]:
    return re.findall(r"`([^`]+)`", where)


def all_keys(value: Any) -> set[str]:
    """The keys of a TOML file at every depth."""
    if isinstance(value, dict):
        return set(value) | {key for part in value.values() for key in all_keys(part)}
    return {key for part in value for key in all_keys(part)} if isinstance(value, list) else set()


@cache
def names_in(path: Path) -> frozenset[str]:
    """What may stand after `#`: keys of rows and columns of a table; ids of rules and keys of a TOML file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        data = tomllib.loads(text)
        return frozenset(all_keys(data) | {rule["id"] for rule in data["rules"]})
    header, *rows = csv.reader(text.splitlines())
    key = [header.index(column) for column in KEYS.get(path.stem, ())]
    return frozenset([*header, *(" ".join(row[column] for column in key) for row in rows)])


def result_names(file: str) -> set[str]:
    """Columns of a result file: from the frames of a plan, or as docs/model.md lists what follows from them."""
    stem = file.rpartition(".")[0]
    if stem in COLUMNS:
        return set(COLUMNS[stem])
    section = MODEL.partition("### What follows from them")[2].partition("`result.json`")[0]
    lists = re.sub(r"\([^)]*\)", "", section).split(" · ")
    told = next((text.partition(f"`{file}` ")[2] for text in lists if f"`{file}` " in text), "")
    columns = {word.strip() for word in told.split(",") if word.strip().isidentifier()}
    if file == "costs.csv":
        terms = MODEL.partition("| term | per stage |")[2].partition("\n\n")[0]
        columns |= set(re.findall(r"^\| `(\w+)` \|", terms, re.MULTILINE))
    return columns


def is_there(place: str) -> bool:
    """Whether a place exists, in the notation of the page."""
    if place.startswith("result:"):
        file, _, name = place.removeprefix("result:").partition("#")
        return name in result_names(file)
    path, _, name = place.partition("#")
    return (ROOT / path).is_file() and (not name or name in names_in(ROOT / path))


def test_every_id_stands_once() -> None:
    wanted = [f"R{number}" for number in range(1, 47)] + [f"Q{number}" for number in range(1, 22)]
    assert [name for name, _ in ROWS] == wanted
    assert len(re.findall(r"^\| [RQ]\d", PAGE, re.MULTILINE)) == len(wanted)  # none that ROWS cannot read


@pytest.mark.parametrize(("name", "where"), ROWS)
def test_places_are_there(name: str, where: str) -> None:
    assert [place for place in places(where) if not is_there(place)] == []


@pytest.mark.parametrize(("name", "where"), ROWS)
def test_a_row_has_a_place_or_a_reason(name: str, where: str) -> None:
    outside = re.fullmatch(r"outside: \w[^`]+", where)
    assert bool(places(where)) != bool(outside)


@pytest.mark.parametrize(
    "place",
    [
        "heatnet/formulation/nothing.py",
        "heatnet/formulation",
        "instances/jinan/pipes.csv#L99",
        "instances/jinan/units.csv#no_such_column",
        "instances/jinan/instance.toml#R99",
        "instances/jinan/envelopes.csv#D13",
        "result:units.csv#reserve",
        "result:nothing.csv#stage",
        "result:costs.csv#pollutant",
        "result:emissions.csv#total",
    ],
)
def test_a_wrong_place_is_seen(place: str) -> None:
    assert not is_there(place)
