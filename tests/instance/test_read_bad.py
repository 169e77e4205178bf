"""Faulty input: every fault is told once, with its file, line and column and what would be right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from heatnet.errors import UsageError
from heatnet.instance import read
from instance.faults import Case, Want, case, edit, expect, issues_of

if TYPE_CHECKING:
    from pathlib import Path

SEASON = "series/season.csv"
EARLY = "schedules/early.toml"
REQUIRED = ("instance.toml", "nodes.csv", "technologies.csv", "capability.csv", "units.csv", "demands.csv", SEASON)


# --- files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REQUIRED)
def test_missing_file(tiny_folder: Path, name: str) -> None:
    """A required file that is missing is the one fault told."""
    (tiny_folder / name).unlink()
    expect(tiny_folder, Want(name, 0, "", ("is missing",)))


def test_missing_folder(tmp_path: Path) -> None:
    """A folder that is not there is a wrong call, not a fault of an instance."""
    with pytest.raises(UsageError, match=r"nowhere: is not a folder"):
        read(tmp_path / "nowhere")


def test_file_for_a_folder(tiny_folder: Path) -> None:
    """A file where a folder is asked for is a wrong call."""
    with pytest.raises(UsageError, match=r"instance\.toml: is not a folder"):
        read(tiny_folder / "instance.toml")


@pytest.mark.parametrize("name", ["instance.toml", "nodes.csv", SEASON, EARLY])
def test_not_utf8(tiny_folder: Path, name: str) -> None:
    """A file in another encoding is told with the place of the first bad byte, and nothing follows from it."""
    path = tiny_folder / name
    path.write_bytes(b"\xff" + path.read_bytes())
    expect(tiny_folder, Want(name, 0, "", ("is not UTF-8", "byte 0")))


@pytest.mark.parametrize("name", ["instance.toml", EARLY])
def test_broken_toml(tiny_folder: Path, name: str) -> None:
    """TOML that cannot be parsed is told with the parser's line, and nothing follows from it."""
    path = tiny_folder / name
    path.write_text("[[stages\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    expect(tiny_folder, Want(name, 0, "", ("is not valid TOML", "line 1")))


def test_number_too_long_for_toml(tiny_folder: Path) -> None:
    """A whole number of five thousand digits is a fault of the file, not a crash."""
    edit(tiny_folder, "instance.toml", "base_year = 2025", "base_year = " + "9" * 5000)
    assert [issue.table for issue in issues_of(tiny_folder)] == ["instance.toml"]


@pytest.mark.parametrize("name", ["nodes.csv", SEASON])
def test_quote_that_never_closes(tiny_folder: Path, name: str) -> None:
    """A quote that swallows the rest of a long file is a fault of the file, not a crash."""
    path = tiny_folder / name
    path.write_text(path.read_text(encoding="utf-8") + '"' + "0,0,0,0,0,0\n" * 20_000, encoding="utf-8")
    assert {issue.table for issue in issues_of(tiny_folder)} == {name}


def test_empty_table(tiny_folder: Path) -> None:
    """A table without even a header lacks its required columns."""
    (tiny_folder / "demands.csv").write_text("", encoding="utf-8")
    wanted = [
        Want("demands.csv", 1, column, ("must have",))
        for column in ("area_mm2", "node", "peak_w_per_m2", "source", "year")
    ]
    expect(tiny_folder, *wanted)


# --- one edit, one fault -------------------------------------------------------------------------------------

RETIREMENT = 'unit = "D1-gas"\nmachines = 2\nnot_after = 2027'

CASES: dict[str, Case] = {
    # cells
    "text for a number": case("pipes.csv", "J1,D1,2,", "J1,D1,two,", 3, "length_km", "a number", "`two`"),
    "part of a machine": case("units.csv", "20,3,1,", "20,2.5,1,", 3, "count", "whole number", "`2.5`"),
    "text for a truth": case(
        "units.csv", ",true,false,City H", ",maybe,false,City H", 3, "may_retire", "true or false"
    ),
    "negative length": case("pipes.csv", "J1,D1,2,", "J1,D1,-2,", 3, "length_km", "above 0", "-2"),
    "length zero": case("pipes.csv", "J1,D1,2,", "J1,D1,0,", 3, "length_km", "above 0", "found 0"),
    "share above one": case("stores.csv", "0.98", "98", 2, "efficiency_share", "1 or less", "98"),
    "not a number": case("pipes.csv", "J1,D1,2,", "J1,D1,nan,", 3, "length_km", "finite", "nan"),
    "infinity": case("nodes.csv", "117.0,200", "117.0,inf", 2, "heat_station_mw", "finite", "inf"),
    "minus infinity": case("capability.csv", "10,-3,0", "10,-inf,0", 7, "power_mw", "finite", "-inf"),
    "blank cell": case("pipes.csv", "J1,D1,2,", "J1,D1,,", 3, "length_km", "missing"),
    "unknown word": case("nodes.csv", "junction", "crossing", 3, "kind", "'junction'", "`crossing`"),
    "space in an id": case("stores.csv", "tank,Tank", "the tank,Tank", 2, "id", "letters, digits", "`the tank`"),
    "blank source": case("fuels.csv", "0.341,assumed: test", "0.341,", 2, "source", "missing"),
    "source without a mark": case(
        "fuels.csv", "0.341,assumed: test", "0.341,a test", 2, "source", "found, derived", "`a test`"
    ),
    "source that only marks": case(
        "fuels.csv", "0.341,assumed: test", "0.341,assumed:", 2, "source", "must begin with"
    ),
    "ragged row": case("nodes.csv", "J1,Junction,,", "J1,Junction,", 3, "", "7 cells", "8"),
    # columns
    "duplicate column": case("fuels.csv", "name_local,", "name,", 1, "name", "twice"),
    "unknown column": case("units.csv", "owner,", "ownner,", 1, "ownner", "not a column", "`owner`"),
    "other unit": Case(
        "pipes.csv",
        "length_km",
        "length_m",
        (
            Want("pipes.csv", 1, "length_km", ("must have",)),
            Want("pipes.csv", 1, "length_m", ("`length_km`", "unit: km", "convert")),
        ),
    ),
    "other currency": Case(
        "fuels.csv",
        "price_cny_per_mwh",
        "price_eur_per_mwh",
        (
            Want("fuels.csv", 1, "price_cny_per_mwh", ("must have",)),
            Want("fuels.csv", 1, "price_eur_per_mwh", ("not a column",)),
        ),
    ),
    # references
    "unknown node": case("pipes.csv", "J1,D2,3", "J1,D22,3", 4, "to_node", "`D22`", "nodes.csv", "did you mean `D2`?"),
    "unknown existing type": case("pipes.csv", "DN400,1,", "DN4000,1,", 2, "existing_type", "`DN4000`", "`DN400`"),
    "unknown candidate": case("pipes.csv", "DN300 DN400", "DN30 DN400", 2, "candidate_types", "`DN30`", "`DN300`"),
    "unknown regime": case("pipes.csv", "2,ordinary", "2,ordinry", 3, "regime", "`ordinry`", "`ordinary`"),
    "unknown fuel": case("technologies.csv", "boiler,gas,", "boiler,gaz,", 3, "fuel", "`gaz`", "`gas`"),
    "unknown fuel series": case(
        "fuels.csv", "gas_price_factor", "gas_prize_factor", 3, "price_series", "`gas_price_factor`"
    ),
    "unknown shape": case(
        "demands.csv", "0.5,50,", "0.5,50,hme_shape_factor", 4, "shape_series", "`home_shape_factor`"
    ),
    "duplicate id": case(
        "stores.csv",
        "40,assumed: test\n",
        "40,assumed: test\ntank,B,J1,1,,6,,,,,,40,assumed: b\n",
        3,
        "id",
        "`tank`",
        "2 times",
        "lines 2, 3",
    ),
    "duplicate corner": case("capability.csv", "chp,B,", "chp,A,", 3, "technology, corner", "`chp A`", "lines 2, 3"),
    # rows against themselves
    "pipe to itself": case("pipes.csv", "main,P1,J1", "main,P1,P1", 2, "to_node", "same node"),
    "type without pairs": case("pipes.csv", "DN300,1,,0", "DN300,0,DN300,1", 3, "existing_pairs", "go together"),
    "pairs without a type": case("pipes.csv", "DN300,1,,0", ",1,,0", 3, "existing_pairs", "go together"),
    "candidates without a number": case(
        "pipes.csv", "DN300 DN400,2", "DN300 DN400,0", 2, "candidate_types", "go together"
    ),
    "no machines": case("units.csv", "10,0,2,", "10,0,0,", 4, "count", "count or max_new"),
    "two shapes": case("demands.csv", "1.4,36,home_shape_factor", "1.4,36,", 3, "shape_series", "keeps its shape"),
    # machines. At 20 MW heat and 30 MW power the others' cheapest mix is 1/3 B + 1/9 A + 5/9 D:
    # 140 · 4/9 + 70 · 5/9 = 101.1 MW.
    "inside, no saving": case("capability.csv", "20,15,65", "20,30,101.2", 4, "heat_mw", "chp C", "convex"),
    "on an edge": case("capability.csv", "20,15,65", "0,35,105", 4, "heat_mw", "chp C", "convex"),
    "no corners": Case(
        "capability.csv",
        "pump,full,10,-3,0,assumed: test\n",
        "",
        (Want("technologies.csv", 4, "id", ("pump", "no corner points")),),
    ),
    "no heat": case("capability.csv", "full,20,0,22", "full,0,20,22", 6, "heat_mw", "no heat"),
    "fuel without a name": case("technologies.csv", "boiler,gas,", "boiler,,", 3, "fuel", "names none"),
    # header
    "not a number in TOML": case(
        "instance.toml", "_share = 0.06", "_share = nan", 0, "economics.discount_rate_share", "finite"
    ),
    "infinity in TOML": case("instance.toml", "supply_c = 120", "supply_c = inf", 0, "regimes[0].supply_c", "finite"),
    "text in TOML": case(
        "instance.toml", "span_years = 3", 'span_years = "x"', 0, "stages[1].span_years", "whole number", '`"x"`'
    ),
    "unknown key": case(
        "instance.toml",
        "inertia_h = 1\n",
        "inertia_h = 1\nindor_c = 2\n",
        0,
        "season.indor_c",
        "not known",
        "`indoor_c`",
    ),
    "unknown currency": case("instance.toml", '"CNY"', '"cny"', 0, "currency", "three capital letters", "`cny`"),
    "cold above warm": case(
        "instance.toml", "indoor_c = 20", "indoor_c = -20", 0, "season.indoor_c", "above design_outdoor_c"
    ),
    "return above supply": case(
        "instance.toml", "return_c = 60", "return_c = 125", 0, "regimes ordinary", "supply_c must be above"
    ),
    "stages run back": case(
        "instance.toml", "year = 2027\nspan", "year = 2022\nspan", 0, "stages[1].year", "2022", "2025", "forward"
    ),
    "gap between stages": case(
        "instance.toml", "span_years = 2", "span_years = 1", 0, "stages[0].span_years", "2027", "should be 2"
    ),
    "stages overlap": case(
        "instance.toml", "span_years = 2", "span_years = 4", 0, "stages[0].span_years", "2027", "should be 2"
    ),
    "late base year": case("instance.toml", "base_year = 2025", "base_year = 2026", 0, "base_year", "2025"),
    "more days than there are": case("instance.toml", "days = 1", "days = 3", 0, "solve.days", "is 3", "2 days"),
    "rule of an unknown kind": case(
        "instance.toml", '["boiler"]', '["boilr"]', 0, "rules[0] small select.kinds", "`boilr`", "`boiler`"
    ),
    "rule with a misspelt selection": case(
        "instance.toml", "{ kinds =", "{ kindz =", 0, "rules[0].select[0].kindz", "not known", "`kinds`"
    ),
    "rule of an unknown unit": case(
        "instance.toml", 'kinds = ["boiler"]', 'units = ["D1-gass"]', 0, "rules[0] small select.units", "`D1-gas`"
    ),
    "rule of an unknown owner": case(
        "instance.toml",
        'kinds = ["boiler"]',
        'owners = ["City Heet"]',
        0,
        "rules[0] small select.owners",
        "`City Heat`",
    ),
    "one price twice": case(
        "instance.toml",
        "co2_price_cny_per_t = 80",
        "co2_price_cny_per_t = 80\nco2_price_cur_per_t = 90",
        0,
        "stages[0].co2_price_cur_per_t",
        "not known",
    ),
    "one regime twice": case(
        "instance.toml",
        "[[rules]]",
        '[[regimes]]\nid = "ordinary"\nsupply_c = 90\nreturn_c = 50\nground_c = 8\nsource = "found: a"\n\n[[rules]]',
        0,
        "regimes ordinary",
        "twice",
    ),
    # season
    "NaN in the season": case(SEASON, "\n30,-10,", "\n30,nan,", 32, "outdoor_c", "finite", "`nan`"),
    "infinity in the season": case(SEASON, "\n30,-10,", "\n30,inf,", 32, "outdoor_c", "finite", "`inf`"),
    "text in the season": case(SEASON, "\n30,-10,", "\n30,cold,", 32, "outdoor_c", "finite number", "`cold`"),
    "blank in the season": case(SEASON, "\n30,-10,", "\n30,,", 32, "outdoor_c", "finite number"),
    "ragged season": case(SEASON, "\n30,-10,", "\n30,", 32, "", "5 cells", "6"),
    "hour repeated": case(SEASON, "\n26,", "\n25,", 28, "hour", "is 25 where 26"),
    "season lacks a column": Case(
        SEASON,
        "outdoor_c",
        "outdoor_k",
        (Want(SEASON, 1, "outdoor_c", ("must have",)), Want(SEASON, 1, "outdoor_k", ("not a column", "`outdoor_c`"))),
    ),
    "season's column twice": case(SEASON, "home_shape_factor", "gas_price_factor", 1, "gas_price_factor", "twice"),
    # schedules
    "retirement names no unit": case(EARLY, 'unit = "D1-gas"\n', "", 0, "retirements[0].unit", "missing"),
    "retirement of an unknown unit": case(
        EARLY, "D1-gas", "D1-gaz", 0, "retirements[0].unit", "`D1-gaz`", "units.csv", "`D1-gas`"
    ),
    "more machines than there are": case(
        EARLY, "machines = 2", "machines = 4", 0, "retirements[0].machines", "4 machines", "has 3"
    ),
    "more in two steps": case(
        EARLY,
        RETIREMENT,
        f'{RETIREMENT}\n\n[[retirements]]\nunit = "D1-gas"\nmachines = 2\nexactly = 2025',
        0,
        "retirements[1].machines",
        "4 machines",
        "has 3",
    ),
    "unit that stays": case(EARLY, "D1-gas", "P1-chp", 0, "retirements[0].unit", "P1-chp", "may not retire"),
    "exactly and not after": case(
        EARLY,
        "not_after = 2027",
        "not_after = 2027\nexactly = 2027",
        0,
        "retirements[0]",
        "exactly",
        "one or the other",
    ),
    "no year": case(EARLY, "not_after = 2027\n", "", 0, "retirements[0]", "says no year"),
    "years crossed": case(
        EARLY, "not_after = 2027", "not_after = 2026\nnot_before = 2028", 0, "retirements[0]", "2028", "after", "2026"
    ),
    "unknown rule": case(EARLY, 'rule = "small"', 'rule = "smal"', 0, "rules[0].rule", "`smal`", "`small`"),
    "unknown key of a schedule": case(
        EARLY, "machines = 2", "machine = 2", 0, "retirements[0].machine", "not known", "`machines`"
    ),
}


@pytest.mark.parametrize(("name", "old", "new", "wanted"), CASES.values(), ids=CASES)
def test_fault(tiny_folder: Path, name: str, old: str, new: str, wanted: tuple[Want, ...]) -> None:
    """One edit yields the issues that name it, and no others."""
    edit(tiny_folder, name, old, new)
    expect(tiny_folder, *wanted)


# --- edits of another kind -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("nodes.csv", "lat_deg"),
        ("pipes.csv", "length_km"),
        ("units.csv", "node"),
        ("demands.csv", "area_mm2"),
        ("fuels.csv", "price_cny_per_mwh"),
        (SEASON, "power_retail_cny_per_mwh"),
    ],
)
def test_missing_column(tiny_folder: Path, name: str, column: str) -> None:
    """A required column that is missing is the one fault told, whatever refers to the rows of its table."""
    path = tiny_folder / name
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").replace(", with a comma", "").splitlines()]
    place = lines[0].index(column)
    path.write_text("".join(",".join(cells[:place] + cells[place + 1 :]) + "\n" for cells in lines), encoding="utf-8")
    expect(tiny_folder, Want(name, 1, column, ("must have",)))


def test_unreachable_district(tiny_folder: Path) -> None:
    """A district with demand that no pipe joins to a unit is told at its node."""
    path = tiny_folder / "pipes.csv"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    expect(tiny_folder, Want("nodes.csv", 5, "id", ("D2", "has demand", "no pipe")))


def test_district_without_demand_may_stand_alone(tiny_folder: Path) -> None:
    """A district that needs nothing needs no pipe."""
    lines = (tiny_folder / "pipes.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (tiny_folder / "pipes.csv").write_text("".join(lines[:-1]), encoding="utf-8")
    edit(tiny_folder, "demands.csv", "D2,2025,0.5,", "D2,2025,0,")
    assert read(tiny_folder).design_heat_mw("D2", 2025) == 0


def test_corner_inside_that_saves_fuel(tiny_folder: Path) -> None:
    """A corner inside the others in heat and power is allowed where it needs less fuel than their mix (101.1 MW)."""
    edit(tiny_folder, "capability.csv", "20,15,65", "20,30,101.0")
    assert [c.fuel_mw for c in read(tiny_folder).corners["chp"]] == [140, 140, 101, 70]


def test_corner_a_hair_off_an_edge(tiny_folder: Path) -> None:
    """A corner outside the edge between two others by less than the angle counts for is judged, not a crash."""
    corners = [
        "gas-boiler,low,0,0,0,assumed: test",
        "gas-boiler,mid,1000,0.0000004,1100,assumed: test",
        "gas-boiler,full,2000,0,2200,",
    ]
    edit(tiny_folder, "capability.csv", "gas-boiler,full,20,0,22,", "\n".join(corners))
    places = {(issue.table, issue.row, issue.column) for issue in issues_of(tiny_folder)}
    assert places <= {("capability.csv", 7, "heat_mw")}


def test_season_of_thirty_hours(tiny_folder: Path) -> None:
    """A season that ends within a day is told with its hours."""
    path = tiny_folder / SEASON
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:31]), encoding="utf-8")
    expect(tiny_folder, Want(SEASON, 0, "hour", ("30 hours", "whole days")))


def test_season_without_hours(tiny_folder: Path) -> None:
    """A season of a header alone is no season."""
    path = tiny_folder / SEASON
    path.write_text(path.read_text(encoding="utf-8").splitlines(keepends=True)[0], encoding="utf-8")
    expect(tiny_folder, Want(SEASON, 0, "hour", ("0 hours",)))


def test_hour_left_out(tiny_folder: Path) -> None:
    """An hour left out, as where clocks go forward, is told at the line that comes too early."""
    path = tiny_folder / SEASON
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:27] + lines[28:]), encoding="utf-8")  # line 28 had hour 26, now hour 27
    expect(
        tiny_folder,
        Want(SEASON, 0, "hour", ("47 hours", "whole days")),
        Want(SEASON, 28, "hour", ("is 27 where 26 should stand",)),
    )


def test_blank_line_in_the_season_counts(tiny_folder: Path) -> None:
    """Line numbers in the season are those of an editor, blank lines counted."""
    edit(tiny_folder, SEASON, "\n20,0,", "\n\n20,0,")
    edit(tiny_folder, SEASON, "\n30,-10,", "\n30,cold,")
    expect(tiny_folder, Want(SEASON, 33, "outdoor_c", ("`cold`",)))


def test_blank_line_in_a_table_counts(tiny_folder: Path) -> None:
    """Line numbers in a table are those of an editor, blank lines counted."""
    edit(tiny_folder, "pipes.csv", "\nwest,J1,D1,2,", "\n\nwest,J1,D1,two,")
    expect(tiny_folder, Want("pipes.csv", 4, "length_km", ("`two`",)))


def test_literal_string_for_the_currency(tiny_folder: Path) -> None:
    """TOML's single quotes name the currency as well as double quotes do."""
    edit(tiny_folder, "instance.toml", '"CNY"', "'CNY'")
    assert read(tiny_folder).fuel["coal"].price_cur_per_mwh == 122


def test_factor_column_with_the_currency_in_its_name(tiny_folder: Path) -> None:
    """A factor column may have the currency in its name; rows find it under that name."""
    edit(tiny_folder, SEASON, "gas_price_factor", "gas_cny_factor")
    edit(tiny_folder, "fuels.csv", "gas_price_factor", "gas_cny_factor")
    instance = read(tiny_folder)
    assert instance.series[instance.fuel["gas"].price_series or ""].max() == 1.1


# --- many faults ---------------------------------------------------------------------------------------------


def test_three_faults_at_once(tiny_folder: Path) -> None:
    """Three faults in three files are told together, in the order of the files' names."""
    edit(tiny_folder, "units.csv", "20,3,1,", "20,three,1,")
    edit(tiny_folder, "instance.toml", "span_years = 2", "span_years = 1")
    edit(tiny_folder, SEASON, "\n30,-10,", "\n30,cold,")
    expect(
        tiny_folder,
        Want("instance.toml", 0, "stages[0].span_years", ("should be 2",)),
        Want(SEASON, 32, "outdoor_c", ("`cold`",)),
        Want("units.csv", 3, "count", ("`three`",)),
    )


def test_three_faults_in_one_row(tiny_folder: Path) -> None:
    """Every bad cell of a row is told, each with its column."""
    edit(tiny_folder, "pipes.csv", "J1,D1,2,ordinary,DN300,1,,0", "J1,D1,0,ordinary,DN300,one,,-1")
    expect(
        tiny_folder,
        Want("pipes.csv", 3, "existing_pairs", ("`one`",)),
        Want("pipes.csv", 3, "length_km", ("above 0",)),
        Want("pipes.csv", 3, "max_new_pairs", ("0 or more",)),
    )


BAD_ROWS = {
    "node": ("nodes.csv", "36.6,116.9", "north,116.9", Want("nodes.csv", 4, "lat_deg", ("`north`",))),
    "pipe type": (
        "pipe_types.csv",
        "DN300,311",
        "DN300,-311",
        Want("pipe_types.csv", 3, "inner_diameter_mm", ("above 0",)),
    ),
    "fuel": ("fuels.csv", "355", "dear", Want("fuels.csv", 3, "price_cny_per_mwh", ("`dear`",))),
    "technology": (
        "technologies.csv",
        "boiler,gas,20",
        "boiler,gas,0",
        Want("technologies.csv", 3, "size_mw", ("above 0",)),
    ),
    "corner": ("capability.csv", "full,20,0,22", "full,20,0,", Want("capability.csv", 6, "fuel_mw", ("missing",))),
    "unit": ("units.csv", "20,3,1,", "20,-3,1,", Want("units.csv", 3, "count", ("0 or more",))),
    "pipe": ("pipes.csv", "J1,D2,3,", "J1,D2,?,", Want("pipes.csv", 4, "length_km", ("`?`",))),
    "ragged node": ("nodes.csv", "D1,West,西,", "D1,West,", Want("nodes.csv", 4, "", ("7 cells",))),
}


@pytest.mark.parametrize(("name", "old", "new", "want"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_bad_row_is_told_once(tiny_folder: Path, name: str, old: str, new: str, want: Want) -> None:
    """A bad row is no reason to call its id unknown where others name it."""
    edit(tiny_folder, name, old, new)
    expect(tiny_folder, want)


def test_ragged_row_where_the_id_is_not_first(tiny_folder: Path) -> None:
    """A ragged row is known by its id wherever the id's column stands."""
    path = tiny_folder / "nodes.csv"
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    lines = [[cells[1], cells[0], *cells[2:]] for cells in lines]
    lines[3].append("too many")
    path.write_text("".join(",".join(cells) + "\n" for cells in lines), encoding="utf-8")
    expect(tiny_folder, Want("nodes.csv", 4, "", ("9 cells", "8")))


@pytest.mark.parametrize("cell", ["-3", None], ids=["bad row", "no table"])
def test_owner_of_a_bad_row_is_known(tiny_folder: Path, cell: str | None) -> None:
    """A rule may name the owner of a unit whose row, or whose whole table, could not be read."""
    edit(tiny_folder, "instance.toml", 'kinds = ["boiler"]', 'owners = ["City Heat"]')
    if cell:
        edit(tiny_folder, "units.csv", "20,3,1,", f"20,{cell},1,")
        expect(tiny_folder, Want("units.csv", 3, "count", ("0 or more",)))
    else:
        (tiny_folder / "units.csv").unlink()
        expect(tiny_folder, Want("units.csv", 0, "", ("is missing",)))


def test_nothing_but_known_errors(tiny_folder: Path) -> None:
    """A file cut off at any place is read or refused with issues, and never ends in another error."""
    for path in sorted(tiny_folder.rglob("*.*")):
        whole = path.read_bytes()
        for part in range(8):
            path.write_bytes(whole[: len(whole) * part // 8])
            assert all(issue.message for issue in issues_of(tiny_folder))
        path.write_bytes(whole)
    assert read(tiny_folder).header.name == "tiny"
