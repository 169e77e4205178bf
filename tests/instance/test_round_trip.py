"""Instances survive being written and read, hash by what they say, and cannot be changed in place.

Sensitivity of the tests on the rich instance:
- every column in use: a column that no row gives would be written and read unseen, right or wrong.
- read, write, read: a table, column, rule or key of a schedule that is not written, or read otherwise, would pass.
- hash of a figure, hash of a rule: two instances that differ in a table or rule would count as the same.
- without a table: a table that may be missing and is written so that it cannot be read would pass.
- schedule changes limits: keys of a schedule that are not merged into a rule of their kind would pass.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import ValidationError

from heatnet.errors import InstanceError, RunError, UsageError
from heatnet.instance import Instance, Series, read, records, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["tiny_instance", "rich_instance", "jinan"])
def instance(request: pytest.FixtureRequest) -> Instance:
    """The tiny instance, then the rich one and jinan."""
    found: Instance = request.getfixturevalue(request.param)
    return found


def reversed_rows(text: str) -> str:
    """A CSV text with its rows from last to first below the header."""
    header, *rows = text.splitlines(keepends=True)
    return "".join([header, *reversed(rows)])


# --- write and read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("table", "record"), records.TABLES.items())
def test_every_column_in_use(rich_instance: Instance, table: str, record: type[records.Record]) -> None:
    """The rich instance has a row with another value than the default for every column."""
    rows = getattr(rich_instance, table)
    told = {
        column for column, info in record.model_fields.items() for row in rows if getattr(row, column) != info.default
    }
    assert set(record.model_fields) - told == set()


def test_every_key_of_rules_in_use(rich_instance: Instance) -> None:
    """So have the regimes, the selections and rules, and the changes of its schedule together."""
    header = rich_instance.header
    parts: list[list[records.Record]] = [
        list(header.regimes),
        [selection for rule in header.rules for selection in rule.select],
        list(rich_instance.schedules["early"].rules),
        *([rule for rule in header.rules if isinstance(rule, kind)] for kind in (records.NoNew, records.YearlyLimit)),
    ]
    idle = {"units", "power_below_mw", "enabled"}  # of these, the tiny instance and others have some
    for rows in parts:
        fields = type(rows[0]).model_fields.items()
        told = {name for name, info in fields for row in rows if getattr(row, name) != info.default}
        assert {name for name, _ in fields} - told <= idle


def test_read_write_read(instance: Instance, tmp_path: Path) -> None:
    """What is written reads back to an equal instance with the same hash."""
    write(instance, tmp_path / "copy")
    copy = read(tmp_path / "copy")
    assert copy == instance
    assert copy.sha256 == instance.sha256


def test_writing_is_canonical(instance: Instance, tmp_path: Path) -> None:
    """Writing what was written gives the same files to the byte."""
    write(instance, tmp_path / "first")
    write(read(tmp_path / "first"), tmp_path / "second")
    first, second = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
        for name in ("first", "second")
    )
    assert first == second


def test_columns_carry_the_currency(tiny_instance: Instance, tmp_path: Path) -> None:
    """Files name their columns by the currency of the instance, records by `cur`."""
    header = tiny_instance.header.model_copy(update={"currency": "EUR"})
    write(tiny_instance.replace(header=header), tmp_path / "copy")
    assert "price_eur_per_mwh" in (tmp_path / "copy" / "fuels.csv").read_text(encoding="utf-8")
    assert "shortfall_meur_per_mw_year = 1.5" in (tmp_path / "copy" / "instance.toml").read_text(encoding="utf-8")
    assert read(tmp_path / "copy").fuels == tiny_instance.fuels


@pytest.mark.parametrize("text", ['quoted "word", comma', "two\nlines", "济南", "a;b\tc", "#"])
def test_odd_text_survives(tiny_instance: Instance, tmp_path: Path, text: str) -> None:
    """Names keep quotes, commas, line ends and any script."""
    node = tiny_instance.nodes[0].model_copy(update={"name": text})
    header = tiny_instance.header.model_copy(update={"title": text})
    changed = tiny_instance.replace(nodes=(node, *tiny_instance.nodes[1:]), header=header)
    write(changed, tmp_path / "copy")
    assert read(tmp_path / "copy") == changed


@pytest.mark.parametrize("number", [0.1, 1 / 3, 1e-7, 1e9, 123456789.123456789])
def test_numbers_are_exact(tiny_instance: Instance, tmp_path: Path, number: float) -> None:
    """Numbers keep every bit."""
    pipe = tiny_instance.pipes[0].model_copy(update={"length_km": number})
    changed = tiny_instance.replace(pipes=(pipe, *tiny_instance.pipes[1:]))
    write(changed, tmp_path / "copy")
    assert read(tmp_path / "copy").pipes[0].length_km == number


@pytest.mark.parametrize("table", records.TABLES)
def test_instance_without_a_table(rich_instance: Instance, tmp_path: Path, table: str) -> None:
    """An instance without any row in a table is refused, or written so that it can be read again."""
    try:
        bare = rich_instance.replace(**{table: ()}, schedules={})
    except InstanceError:
        return
    write(bare, tmp_path / "copy")
    assert read(tmp_path / "copy") == bare


def test_node_without_a_name(tiny_instance: Instance, tmp_path: Path) -> None:
    """A name of no letters is refused, or written so that it can be read again."""
    try:
        node = records.Node.model_validate(tiny_instance.nodes[0].model_dump() | {"name": ""})
    except ValidationError:
        return
    changed = tiny_instance.replace(nodes=(node, *tiny_instance.nodes[1:]))
    write(changed, tmp_path / "copy")
    assert read(tmp_path / "copy") == changed


def test_write_into_a_folder_in_use(tiny_instance: Instance, tmp_path: Path) -> None:
    """Writing leaves a folder alone that has something in it."""
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RunError, match=r"used: is not empty"):
        write(tiny_instance, tmp_path / "used")
    assert [path.name for path in (tmp_path / "used").iterdir()] == ["notes.txt"]


def test_write_into_an_empty_folder(tiny_instance: Instance, tmp_path: Path) -> None:
    """A folder that is there and empty may be written into."""
    (tmp_path / "new").mkdir()
    write(tiny_instance, tmp_path / "new")
    assert read(tmp_path / "new") == tiny_instance


def test_write_onto_a_file(tiny_instance: Instance, tmp_path: Path) -> None:
    """A file stands in the way of a folder."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(RunError, match=r"file: cannot be written"):
        write(tiny_instance, tmp_path / "file")


# --- hash ----------------------------------------------------------------------------------------------------


def test_hash_without_order(tiny_folder: Path, tiny_instance: Instance) -> None:
    """The order of rows in the files changes neither the instance nor its hash."""
    for path in tiny_folder.glob("*.csv"):
        path.write_text(reversed_rows(path.read_text(encoding="utf-8")), encoding="utf-8")
    turned = read(tiny_folder)
    assert turned == tiny_instance
    assert turned.sha256 == tiny_instance.sha256


def test_hash_without_order_of_columns(tiny_folder: Path, tiny_instance: Instance) -> None:
    """The order of columns in the files changes neither the instance nor its hash."""
    for name in ("capability.csv", "demands.csv", "series/season.csv"):  # no quotes in these
        lines = [line.split(",") for line in (tiny_folder / name).read_text(encoding="utf-8").splitlines()]
        text = "".join(",".join(reversed(cells)) + "\n" for cells in lines)
        (tiny_folder / name).write_text(text, encoding="utf-8")
    turned = read(tiny_folder)
    assert turned == tiny_instance
    assert turned.sha256 == tiny_instance.sha256


FIGURES: list[tuple[str, str, Any]] = [
    ("zones", "guarantee_share", 0.35),
    ("nodes", "lat_deg", 36.65),
    ("pipe_types", "roughness_mm", 0.3),
    ("pipes", "length_km", 5.5),
    ("fuels", "price_cur_per_mwh", 123.0),
    ("technologies", "life_years", 31),
    ("capability", "heat_mw", 11.0),
    ("retrofits", "seasonal", False),
    ("units", "size_mw", 21.0),
    ("stores", "hours", 7.0),
    ("demands", "area_mm2", 1.1),
    ("envelopes", "saving_share", 0.25),
    ("connections", "heat_price_cur_per_mwh", 91.0),
    ("contingencies", "lost_share", 0.75),
]


@pytest.mark.parametrize(("table", "column", "value"), FIGURES)
def test_hash_of_a_figure(rich_instance: Instance, table: str, column: str, value: object) -> None:
    """Every figure of a table counts in the hash."""
    rows = getattr(rich_instance, table)
    changed = rich_instance.replace(**{table: (rows[0].model_copy(update={column: value}), *rows[1:])})
    assert changed != rich_instance
    assert changed.sha256 != rich_instance.sha256


def test_figures_cover_all_tables() -> None:
    """There is a figure of every table above."""
    assert [table for table, _, _ in FIGURES] == list(records.TABLES)


def test_hash_of_the_header(tiny_instance: Instance) -> None:
    """Figures of the header count in the hash."""
    economics = tiny_instance.header.economics.model_copy(update={"discount_rate_share": 0.05})
    changed = tiny_instance.replace(header=tiny_instance.header.model_copy(update={"economics": economics}))
    assert changed.sha256 != tiny_instance.sha256


@pytest.mark.parametrize(
    ("place", "change"),
    [(0, {"to_year": 2028}), (1, {"most": 300001.0}), (2, {"least": 0.2}), (3, {"reserve_counts": False})],
)
def test_hash_of_a_rule(rich_instance: Instance, place: int, change: dict[str, object]) -> None:
    """Every kind of rule counts in the hash."""
    rules = list(rich_instance.header.rules)
    rules[place] = rules[place].model_copy(update=change)
    changed = rich_instance.replace(header=rich_instance.header.model_copy(update={"rules": tuple(rules)}))
    assert changed.sha256 != rich_instance.sha256


def test_hash_of_the_season(tiny_instance: Instance) -> None:
    """A single hour of a series counts in the hash."""
    columns = {name: np.array(values) for name, values in tiny_instance.series.items()}
    columns["outdoor_c"][30] += 0.1
    changed = tiny_instance.replace(series=Series(columns))
    assert changed != tiny_instance
    assert changed.sha256 != tiny_instance.sha256


def test_hash_and_schedules(tiny_instance: Instance) -> None:
    """Schedules that only lie in the folder do not count in the hash; the one applied does."""
    assert tiny_instance.replace(schedules={}).sha256 == tiny_instance.sha256
    hashes = {tiny_instance.with_schedule(name).sha256 for name in (None, "early", "free")}
    assert len(hashes) == 3


# --- frozen --------------------------------------------------------------------------------------------------


def test_instance_is_frozen(tiny_instance: Instance) -> None:
    """No part of an instance can be set."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        tiny_instance.nodes = ()  # type: ignore[misc]


@pytest.mark.parametrize("table", records.TABLES)
def test_rows_are_frozen(rich_instance: Instance, table: str) -> None:
    """No cell of a row can be set."""
    with pytest.raises(ValidationError, match="frozen"):
        getattr(rich_instance, table)[0].source = "found: elsewhere"


def test_header_is_frozen(tiny_instance: Instance) -> None:
    """No key of the header or of its sections can be set."""
    for part in (
        tiny_instance.header,
        tiny_instance.header.season,
        tiny_instance.stages[0],
        tiny_instance.header.rules[0],
    ):
        with pytest.raises(ValidationError, match="frozen"):
            part.source = "found: elsewhere"  # type: ignore[union-attr]


def test_series_are_read_only(tiny_instance: Instance) -> None:
    """No hour of a series can be set, and no series added."""
    with pytest.raises(ValueError, match="read-only"):
        tiny_instance.series["outdoor_c"][0] = 40
    with pytest.raises(TypeError):
        tiny_instance.series["new_factor"] = np.ones(48)  # type: ignore[index]


def test_series_keep_a_copy() -> None:
    """Series do not change with the array that they were made from."""
    values = np.zeros(24)
    series = Series({"outdoor_c": values})
    values[0] = 40
    assert series["outdoor_c"][0] == 0


# --- variants ------------------------------------------------------------------------------------------------


def test_replace_checks_again(tiny_instance: Instance) -> None:
    """A variant is checked as a whole, like any instance, though it has no lines to tell."""
    with pytest.raises(InstanceError) as caught:
        tiny_instance.replace(stores=(tiny_instance.stores[0].model_copy(update={"node": "D9"}),))
    assert [(i.table, i.row, i.column) for i in caught.value.issues] == [("stores.csv", 0, "node")]


def test_replace_sorts_rows(tiny_instance: Instance) -> None:
    """Rows stand sorted by their key however they are given."""
    turned = tiny_instance.replace(nodes=tuple(reversed(tiny_instance.nodes)))
    assert [node.id for node in turned.nodes] == ["D1", "D2", "J1", "P1"]
    assert turned == tiny_instance


def test_replace_looks_up_anew(tiny_instance: Instance) -> None:
    """Look-ups made before do not stay in a variant."""
    assert tiny_instance.fuel["coal"].price_cur_per_mwh == 122
    dear = tuple(fuel.model_copy(update={"price_cur_per_mwh": 200.0}) for fuel in tiny_instance.fuels)
    assert tiny_instance.replace(fuels=dear).fuel["coal"].price_cur_per_mwh == 200


def test_schedule_changes_rules(tiny_instance: Instance) -> None:
    """A schedule changes what it says of a rule and leaves the rest of the rule."""
    early = tiny_instance.with_schedule("early")
    rule = early.header.rules[0]
    assert (rule.id, rule.by_year, rule.min_share, rule.enabled) == ("small", 2025, 0.5, True)
    assert early.schedule_name == "early"
    assert early.schedule is not None
    assert [(item.unit, item.machines, item.not_after) for item in early.schedule.retirements] == [("D1-gas", 2, 2027)]
    rule = tiny_instance.with_schedule("free").header.rules[0]
    assert (rule.by_year, rule.min_share, rule.enabled) == (2027, 0.5, False)
    assert tiny_instance.header.rules[0].by_year == 2027


def test_schedule_changes_limits(rich_instance: Instance) -> None:
    """A schedule changes years and bounds of a limit, and whether reserve counts, and leaves the other rules."""
    freeze, cap, area, small = rich_instance.with_schedule("early").header.rules
    assert isinstance(cap, records.YearlyLimit)
    assert (cap.from_year, cap.to_year, cap.least, cap.most) == (2025, 2029, 5, 200000)
    assert isinstance(small, records.RetiredShare)
    assert (small.by_year, small.min_share, small.reserve_counts) == (2025, 0.4, False)
    assert (freeze, area) == (rich_instance.header.rules[0], rich_instance.header.rules[2])


def test_no_schedule(tiny_instance: Instance) -> None:
    """Without a schedule the instance stays as it is."""
    assert tiny_instance.with_schedule(None) is tiny_instance
    assert tiny_instance.schedule is None


def test_unknown_schedule(tiny_instance: Instance) -> None:
    """A schedule that is not there is a wrong call; the message lists those that are."""
    with pytest.raises(UsageError, match=r"`late` in tiny; it has: early, free"):
        tiny_instance.with_schedule("late")


def test_schedule_of_jinan(jinan: Instance) -> None:
    """The three schedules of jinan move its rule to the years that they name, or switch it off."""
    found = {name: jinan.with_schedule(name).header.rules[0] for name in ("policy", "late", "free")}
    assert {name: (rule.by_year, rule.enabled) for name, rule in found.items()} == {
        "policy": (2025, True),
        "late": (2030, True),
        "free": (2025, False),
    }
