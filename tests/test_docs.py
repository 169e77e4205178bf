"""`docs/instance.md` says what the records say: each field once in its section, with its default.

Sensitivity, one sentence per assertion:
- sections: a table or section of the instance that the page leaves out, or one that it makes up, is told.
- fields: a field that is added, renamed or removed in a record and not on the page (or the other way round) is told.
- defaults: a default that changes, or a column that becomes required, is told.
- season: as fields, for the columns of `series/season.csv`.
- marks and kinds: a mark of sources, a kind of machine or node, or a quantity of a limit that the page lacks is told.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic.fields import FieldInfo

from heatnet.instance import records as r

PAGE = (Path(__file__).parents[1] / "docs" / "instance.md").read_text(encoding="utf-8")

SECTIONS: dict[str, type[r.Record]] = {
    "`instance.toml`": r.Header,
    "`[[stages]]`": r.Stage,
    "`[security]`": r.Security,
    "`contingencies.csv`": r.Contingency,
    "`[season]`": r.Season,
    "`[economics]`": r.Economics,
    "`[[regimes]]`": r.Regime,
    "`[[rules]]` of kind `retired_share`": r.RetiredShare,
    "`[[rules]]` of kind `no_new`": r.NoNew,
    "`[[rules]]` of kind `yearly_limit`": r.YearlyLimit,
    "`select` of a rule": r.Selection,
    "`[solve]`": r.SolveDefaults,
    "`schedules/NAME.toml`": r.Schedule,
    "`[[rules]]` of a schedule": r.RuleChange,
    "`[[retirements]]` of a schedule": r.Retirement,
    **{f"`{table}.csv`": record for table, record in r.TABLES.items()},
}
SEASON = "`series/season.csv`"


def entries() -> dict[str, dict[str, str]]:
    """By heading, the tables `name, default, meaning` of the page: default by name."""
    found: dict[str, dict[str, str]] = {}
    for part in re.split(r"^##+ ", PAGE, flags=re.MULTILINE)[1:]:
        heading, _, text = part.partition("\n")
        if re.search(r"^\| (key|column) \| default \|", text, re.MULTILINE):
            rows = re.findall(r"^\| `([^`]+)` \| ([^|]*) \|", text, re.MULTILINE)
            assert len(dict(rows)) == len(rows), f"{heading}: a name stands twice"
            found[heading] = dict(rows)
    return found


def page_name(field: str) -> str:
    """`capex_mcur_per_km` → `capex_mCUR_per_km`."""
    return "_".join({"cur": "CUR", "mcur": "mCUR"}.get(part, part) for part in field.split("_"))


def page_default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    if isinstance(info.default, r.Record):
        return "see below"
    if info.default in (None, "", ()):
        return "blank"
    if isinstance(info.default, bool):
        return str(info.default).lower()
    return info.default if isinstance(info.default, str) else f"{info.default:g}"


def test_every_record_has_its_section() -> None:
    every = {value for value in vars(r).values() if isinstance(value, type) and issubclass(value, r.Record)}
    assert set(SECTIONS.values()) == every - {r.Record}
    assert set(entries()) == {*SECTIONS, SEASON}


@pytest.mark.parametrize(("heading", "record"), SECTIONS.items())
def test_every_field_is_on_the_page(heading: str, record: type[r.Record]) -> None:
    told = entries()[heading]
    fields = {page_name(name): info for name, info in record.model_fields.items()}
    assert list(told) == list(fields)
    assert told == {name: page_default(info) for name, info in fields.items()}


def test_season_columns_are_on_the_page() -> None:
    columns = ["hour", *(page_name(column) for column in r.SEASON_COLUMNS)]
    assert entries()[SEASON] == {**dict.fromkeys(columns, "required"), "…_factor": "blank", "…_c": "blank"}


def test_marks_and_kinds_are_on_the_page() -> None:
    fields = (r.Node.model_fields["kind"], r.YearlyLimit.model_fields["quantity"])
    words = [*r.MARKS, *get_args(r.TechnologyKind), *(word for info in fields for word in get_args(info.annotation))]
    assert [word for word in words if f"`{word}`" not in PAGE] == []
