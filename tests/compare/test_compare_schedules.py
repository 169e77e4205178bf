"""Which schedules are compared: from names, files and rules, and what cannot be meant.

Sensitivity:
- test_named: a schedule of the instance taken for another, or in another order.
- test_free: a closure rule that stays, or another rule that goes, where the instance has no schedule `free`.
- test_file: a file read otherwise than a schedule of the instance, or under another name.
- test_change: a rule that the schedule does not change, or a change that reaches other schedules.
- test_new_rule: a new rule that does not hold, or holds in other schedules too; keys other than in a file.
- test_whole_folder: a schedule of rules whose result folder cannot be read again.
- test_refused: each a sentence that says what would be right; one that is let through would fail after a long solve.
- test_faults: the same for what is wrong inside a file or a rule, told with its place.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import TUTORIAL, tiny

from heatnet.compare.schedules import entries
from heatnet.errors import InstanceError, UsageError
from heatnet.instance import Instance, read, write
from heatnet.instance.records import NoNew, RetiredShare

FILE = """\
title = "Gas out"
source = "assumed: test"
[[retirements]]
unit = "D1-gas"
machines = 1
exactly = 2027
"""


@pytest.fixture
def town(tmp_path: Path) -> Instance:
    """The small city, with the schedules `early` and `free`."""
    return read(tiny(tmp_path))


def test_named(town: Instance) -> None:
    found = entries(town, ["free", "early"])
    assert [entry.name for entry in found] == ["free", "early"]
    assert [entry.instance for entry in found] == [town.with_schedule("free"), town.with_schedule("early")]


def test_free(town: Instance) -> None:
    limit = NoNew(id="none", kind="no_new", select=town.header.rules[0].select, source="assumed: test")
    header = town.header.model_copy(update={"rules": (*town.header.rules, limit)})
    (entry,) = entries(town.replace(header=header, schedules={}), ["free"])
    assert {rule.id: rule.enabled for rule in entry.instance.header.rules} == {"small": False, "none": True}
    assert entry.schedule.retirements == ()


def test_file(town: Instance, tmp_path: Path) -> None:
    file = tmp_path / "gas-out.toml"
    file.write_text(FILE, encoding="utf-8")
    (entry,) = entries(town, [str(file)])
    assert entry.name == "gas-out"
    (item,) = entry.schedule.retirements
    assert (item.unit, item.machines, item.exactly) == ("D1-gas", 1, 2027)
    (own,) = entries(town, [tmp_path / "tiny" / "schedules" / "early.toml"])
    assert own.instance == town.with_schedule("early")


def test_change(town: Instance) -> None:
    named, changed = entries(town, ["early"], ['soon = {rule = "small", by_year = 2026, min_share = 1}'])
    (rule,) = changed.instance.header.rules
    assert isinstance(rule, RetiredShare)
    assert (rule.by_year, rule.min_share, rule.enabled) == (2026, 1.0, True)
    assert named.instance == town.with_schedule("early")
    assert changed.instance.header.rules != changed.base.header.rules == town.header.rules


def test_new_rule(town: Instance) -> None:
    text = (
        'no-gas = [{kind = "no_new", select = [{fuels = ["gas"]}], to_year = 2027}, {rule = "small", enabled = false}]'
    )
    (entry,) = entries(town, [], [text])
    rules = {rule.id: rule for rule in entry.instance.header.rules}
    new = rules["no-gas"]
    assert isinstance(new, NoNew)
    assert (new.enabled, new.to_year, new.select[0].fuels) == (True, 2027, ("gas",))
    assert not rules["small"].enabled
    assert "no-gas" not in [rule.id for rule in entry.base.header.rules]
    (two,) = entries(town, [], ['x = [{kind = "no_new", select = [{}]}, {kind = "no_new", select = [{}], id = "y"}]'])
    assert [rule.id for rule in two.instance.header.rules] == ["small", "x-1", "y"]


def test_whole_folder(town: Instance, tmp_path: Path) -> None:
    (entry,) = entries(town, [], ['no-gas = {kind = "no_new", select = [{fuels = ["gas"]}]}'])
    write(entry.base, tmp_path / "written")
    assert read(tmp_path / "written").with_schedule("no-gas").sha256 == entry.instance.sha256


@pytest.mark.parametrize(
    ("schedules", "rules", "sentence"),
    [
        ([], [], "--schedules: names none; give one or more of coal"),
        (["free", "free"], [], "`free` stands twice"),
        (["free"], ['free = {rule = "coal-out"}'], "`free` is a schedule of the instance"),
        (["a"], ['a = {rule = "coal-out"}'], "there is no `a` in tutorial; it has: free, policy"),
        (["nowhere.toml"], [], "nowhere.toml: cannot be read"),
        ([], ["a"], "is not TOML"),
        ([], ["a = 1"], "must be a rule in braces"),
        ([], ["a = []"], "must be a rule in braces"),
        ([], ["a = {}\nb = {}"], "must give one name"),
        ([], ['"../a" = {rule = "coal-out"}'], "cannot be the name of a folder"),
        ([], ['"a.part" = {rule = "coal-out"}'], "cannot be the name of a folder"),
    ],
)
def test_refused(schedules: list[str], rules: list[str], sentence: str) -> None:
    with pytest.raises(UsageError) as told:
        entries(read(TUTORIAL), schedules, rules)
    text = str(told.value)
    assert sentence.replace("coal", "free, policy") in text if sentence.endswith("coal") else sentence in text
    assert text.endswith(".")


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        (
            'title = "x"\nsource = "assumed: x"\n[[retirements]]\nunit = "gone"\nexactly = 2026',
            "unit",
            "`gone` is not in",
        ),
        ('title = "x"\nsource = "assumed: x"\n[[rules]]\nrule = "Q10"', "rules[0].rule", "`Q10` is not a rule"),
        ('title = "x"\nsource = "assumed: x"\ncolour = "red"', "colour", "is not known here"),
        ('title = "x"', "source", "is missing"),
        ('{rule = "coal-out", by_year = "soon"}', "rules[0].by_year", "must be a whole number"),
        ('{kind = "retire", select = [{}]}', "new_rules[0].kind", "must be one of"),
        ('{kind = "no_new"}', "new_rules[0].select", "is missing"),
        ('{kind = "no_new", select = [{kinds = ["boilr"]}]}', "select.kinds", "did you mean `boiler`"),
    ],
)
def test_faults(text: str, place: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    given: tuple[list[str], list[str]] = ([], [f"mine = {text}"]) if text.startswith("{") else ([str(file)], [])
    with pytest.raises(InstanceError) as told:
        entries(read(TUTORIAL), *given)
    (issue,) = told.value.issues
    assert issue.table == ("--rule mine" if text.startswith("{") else str(file))
    assert place in issue.column
    assert sentence in issue.message
