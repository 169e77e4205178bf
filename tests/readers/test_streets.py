"""Maps of streets: what pipes come out, worked by hand, and what is told of maps that are wrong.

Sensitivity, one sentence per test:
- crossing: streets that cross and are not split, pieces of wrong length, or a connection that is not the shortest.
- wall: a connection that is measured from the middle of a building.
- joined: a gap between streets that is not closed, or closed without being told, or closed beyond what was asked.
- tap at an end: a needless pipe of no length where a building stands at a crossing.
- on the street: a connection of no length, or one made longer without being told.
- two at one place: a junction made twice for buildings on both sides of a street.
- ring: a pipe that begins and ends at one node.
- doubled: a street drawn twice that is laid and paid twice.
- degrees: lengths measured in degrees, or with an error of a percent.
- loads: demand, hours, price or capacity in another unit.
- costs: the connection's capex, or the year's cost of a plan that can be added up by hand.
- optional: a building with a heat price that must be connected, or one without that need not.
- factor: the cost factor of a street lost, or given to a connection.
- existing: a pipe that is there paid again.
- idle: a street that leads to nothing left in, or left out without a word.
- folder: one of three files read as another kind.
- faults: any of these said wrong or not at all, with its place on the map, several at once.
- not a map: a traceback where the file holds what is no map, or a system that is none of places on earth.
- beyond all bounds: a traceback, or an instance that cannot be read again, of a figure that is too large.
- places: the places of faults in metres rather than degrees.
- supply: demand above what the sources give, told for the whole rather than for each island.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import heatnet
from heatnet.readers import Imported, SourceError, import_from
from readers import maps
from readers.maps import building, source, street


def imported(path: Path, features: list[dict[str, Any]], crs: str | None = maps.METRES, **answers: Any) -> Imported:
    return import_from(maps.save(path / "town.geojson", features, crs), "town", **answers)


def lengths(found: Imported) -> dict[str, float]:
    """Pipes with their lengths in metres."""
    return {pipe.id: round(1000 * pipe.length_km, 3) for pipe in found.instance.pipes}


def told(path: Path, features: list[dict[str, Any]], crs: str | None = maps.METRES, **answers: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        imported(path, features, crs, **answers)
    return caught.value


MAIN = street("main", (0, 0), (200, 0))
PLANT = source("plant", (0, 30))


def test_crossing(tmp_path: Path) -> None:
    """A cross of two streets, a building 12 m beside one arm at 40 m, another 10 m beside the other arm at 90 m."""
    cross = street("cross", (100, -50), (100, 100))
    found = imported(tmp_path, [MAIN, cross, building("a", (40, 12)), building("b", (110, 90)), PLANT])
    assert lengths(found) == {
        "main+1": 40,
        "main+2": 60,
        "main+3": 100,
        "cross+1": 50,
        "cross+2": 90,
        "cross+3": 10,
        "to-a": 12,
        "to-b": 10,
        "to-plant": 30,
    }
    ends = {pipe.id: {pipe.from_node, pipe.to_node} for pipe in found.instance.pipes}
    (middle,) = ends["main+2"] & ends["main+3"]
    assert middle in ends["cross+1"] & ends["cross+2"]
    assert ("street split", 2, 350.0) in found.summary
    assert ("building connected", 2, 22.0) in found.summary


def test_wall(tmp_path: Path) -> None:
    """A house of 10 m by 10 m whose front is 5 m from the street."""
    ring = [maps.place(point) for point in ((50, 5), (60, 5), (60, 15), (50, 15), (50, 5))]
    house = maps.feature("Polygon", [ring], id="house", kind="building", demand_kw=20)
    assert lengths(imported(tmp_path, [MAIN, house, PLANT]))["to-house"] == 5


def test_joined(tmp_path: Path) -> None:
    """A gap of 0.5 m is closed, one of 8 m is told as an island, and closed where that is asked for."""
    near = street("near", (200.5, 0), (300, 0))
    found = imported(tmp_path, [MAIN, near, building("a", (250.5, 10)), PLANT])
    assert lengths(found) == {"main": 200.5, "near+1": 50, "near+2": 49.5, "to-a": 10, "to-plant": 30}
    assert ("street drawn on to another", 1, 0.5) in found.summary
    far = street("far", (208, 0), (300, 0))
    fault = told(tmp_path, [MAIN, far, building("a", (250, 10)), building("b", (50, 10)), PLANT])
    assert [issue.message for issue in fault.issues] == [
        "`a` is an island without a source; the nearest network that has one is 8.0 m away."
    ]
    found = imported(tmp_path, [MAIN, far, building("a", (250, 10)), PLANT], join_m=10.0)
    assert lengths(found)["main"] == 208


def test_tap_at_an_end(tmp_path: Path) -> None:
    """A building at the corner of two streets hangs on their junction."""
    side = street("side", (200, 0), (200, 80))
    found = imported(tmp_path, [MAIN, side, building("a", (210, 0)), PLANT])
    assert lengths(found) == {"main": 200, "side": 80, "to-a": 10, "to-plant": 30}


def test_on_the_street(tmp_path: Path) -> None:
    """A building drawn on the street has a connection of 1 m, and 0.6 m of that are told as made."""
    found = imported(tmp_path, [MAIN, building("a", (50, 0.4)), PLANT])
    assert lengths(found)["to-a"] == 1
    assert ("connection made longer", 1, pytest.approx(0.6)) in found.summary


def test_two_at_one_place(tmp_path: Path) -> None:
    """Buildings on both sides of a street share a junction."""
    found = imported(tmp_path, [MAIN, building("a", (50, 10)), building("b", (50, -20)), PLANT])
    assert lengths(found) == {"main+1": 50, "main+2": 150, "to-a": 10, "to-b": 20, "to-plant": 30}


def test_ring(tmp_path: Path) -> None:
    """A closed street of 40 m by 40 m: two pipes of 80 m, the second split where the plant hangs."""
    ring = street("ring", (0, 0), (40, 0), (40, 40), (0, 40), (0, 0))
    found = imported(tmp_path, [ring, building("a", (50, 40)), source("plant", (-10, 40))])
    assert lengths(found) == {"ring+1": 80, "ring+2": 40, "ring+3": 40, "to-a": 10, "to-plant": 10}
    assert all(pipe.from_node != pipe.to_node for pipe in found.instance.pipes)


def test_doubled(tmp_path: Path) -> None:
    """The half of a street that is drawn again counts once."""
    again = street("again", (0, 0), (100, 0))
    found = imported(tmp_path, [MAIN, again, building("a", (150, 10)), PLANT])
    assert sum(length for name, length in lengths(found).items() if not name.startswith("to-")) == 200
    assert ("streets on top of each other made one", 1, pytest.approx(100)) in found.summary


def test_degrees(tmp_path: Path) -> None:
    """A thousandth of a degree along the equator is 111.32 m."""
    features = [
        maps.feature("LineString", [[9.0, 0.0], [9.001, 0.0]], id="main", kind="street"),
        maps.feature("Point", [9.001, 0.0001], id="a", kind="building", demand_kw=20),
        maps.feature("Point", [9.0, 0.0001], id="plant", kind="source", capacity_kw=100),
    ]
    found = imported(tmp_path, features, None)
    assert lengths(found)["main"] == pytest.approx(111.32, rel=1e-3)
    assert lengths(found)["to-a"] == pytest.approx(11.06, rel=1e-3)
    place = {node.id: (node.lat_deg, node.lon_deg) for node in found.instance.nodes}
    assert place["a"] == (pytest.approx(0.0001, abs=1e-6), pytest.approx(9.001, abs=1e-6))


def test_loads(tmp_path: Path) -> None:
    """20 kW on 500 m2 for 2190 hours of 8760, heat at 60 EUR/MWh from a plant of 1 MW."""
    house = building("a", (50, 10), 20, area_m2=500, full_load_hours=2190)
    instance = imported(tmp_path, [MAIN, house, PLANT]).instance
    (demand,) = instance.demands
    assert (demand.area_mm2, demand.peak_w_per_m2) == (pytest.approx(500e-6), pytest.approx(40))
    assert instance.design_heat_mw("a", 2025) == pytest.approx(0.02)
    assert set(instance.series[str(demand.shape_series)]) == {0.25}
    assert instance.series.days == 365
    assert instance.fuels[0].price_cur_per_mwh == 60
    assert (instance.units[0].size_mw, instance.units[0].count) == (1, 1)
    assert demand.source.startswith("found: town.geojson, feature 2 (a)")
    assumed = imported(tmp_path, [MAIN, building("a", (50, 10), 20), PLANT]).instance.demands[0]
    assert assumed.source.startswith("assumed: 2000 full-load hours")


def test_costs(tmp_path: Path) -> None:
    """20 kW at the end of 100 m of street, 10 m of connection at either end: all DN20, and nothing to choose.

    Capex 690 EUR/m over 120 m, interest 4 % for 40 years (annuity 0.0505235) and 1 % upkeep. Heat 20 kW · 2190 h, and
    what 120 m lose all year at U = 0.133 W/mK, 80/50 °C in ground of 10 °C: 0.133 · 110 W/m.
    """
    house = building("a", (100, 10), 20, full_load_hours=2190)
    instance = imported(tmp_path, [street("main", (0, 0), (100, 0)), house, source("plant", (0, 10))]).instance
    result = heatnet.solve(instance, days=1, step_hours=24, limits=heatnet.Limits(0.01, 300))
    assert result.status == "optimal"
    assert result.report is not None
    terms = 1e6 * result.report.costs.groupby("term")["value_mcur"].sum()
    assert terms["pipes"] == pytest.approx(690 * 120 * 0.0505235, rel=1e-5)
    assert terms["fixed"] == pytest.approx(690 * 120 * 0.01, rel=1e-5)
    heat_mwh = 0.020 * 2190 + 120 * 0.133 * 110 * 8760 / 1e6
    assert terms["fuel"] == pytest.approx(60 * heat_mwh, rel=1e-5)


def test_optional(tmp_path: Path) -> None:
    """A heat price makes a building optional."""
    free, must = building("a", (50, 10), heat_price_eur_per_mwh=90), building("b", (90, 10))
    (row,) = imported(tmp_path, [MAIN, free, must, PLANT]).instance.connections
    assert (row.node, row.heat_price_cur_per_mwh) == ("a", 90)


def test_factor(tmp_path: Path) -> None:
    """Pieces of a street have its factor; connections have none."""
    dear = street("main", (0, 0), (200, 0), cost_factor=1.5)
    pipes = imported(tmp_path, [dear, building("a", (50, 10)), PLANT]).instance.pipes
    assert {pipe.id: pipe.cost_factor for pipe in pipes} == {"main+1": 1.5, "main+2": 1.5, "to-a": 1, "to-plant": 1}


def test_existing(tmp_path: Path) -> None:
    """A street with a DN100 in it; the type is in the instance though nothing needs to be that large."""
    old = street("main", (0, 0), (200, 0), existing_type="DN100")
    instance = imported(tmp_path, [old, building("a", (200, 10)), PLANT]).instance
    pipe = next(pipe for pipe in instance.pipes if pipe.id == "main")
    assert (pipe.existing_type, pipe.existing_pairs) == ("DN100", 1)
    assert "DN100" in instance.pipe_type
    assert "DN100" not in pipe.candidate_types


def test_idle(tmp_path: Path) -> None:
    """A street by itself is left out, and told; a building without load too."""
    lone = street("lone", (0, 500), (70, 500))
    found = imported(tmp_path, [MAIN, lone, building("a", (50, 10)), building("empty", (60, 10), 0), PLANT])
    assert "lone" not in lengths(found)
    assert ("left out: joins no building and no source", 1, 70.0) in found.summary
    assert ("building without load left out", 1, 0.0) in found.summary
    assert "empty" not in found.instance.node


def test_folder(tmp_path: Path) -> None:
    """Three files without kinds give the same as one with them."""
    house = building("a", (50, 10))
    for name, one in (("streets", MAIN), ("buildings", house), ("sources", PLANT)):
        plain = {**one, "properties": {key: value for key, value in one["properties"].items() if key != "kind"}}
        maps.save(tmp_path / f"{name}.geojson", [plain])
    folder = import_from(tmp_path, "town")
    assert lengths(folder) == {"main+1": 50, "main+2": 150, "to-a": 10, "to-plant": 30}
    (tmp_path / "sources.geojson").unlink()
    with pytest.raises(SourceError) as caught:
        import_from(tmp_path, "town")
    assert [str(issue) for issue in caught.value.issues] == [
        "sources.geojson: is missing; a folder has streets, buildings and sources."
    ]


HOUSE = building("a", (50, 10))
FAULTS: list[tuple[str, list[dict[str, Any]], str, bool]] = [
    (
        "reach",
        [MAIN, HOUSE, building("b", (50, 153)), PLANT],
        "feature 3 (b): b: no street within 100 m; the nearest is 153.0 m away.",
        True,
    ),
    (
        "no length",
        [MAIN, street("dot", (9, 9), (9, 9)), HOUSE, PLANT],
        "feature 2 (dot): is 0 m long; a street must be longer than 0.",
        True,
    ),
    (
        "no load",
        [MAIN, HOUSE, building("b", (60, 10), None), PLANT],
        "feature 3 (b): has no demand_kw; it must be given.",
        True,
    ),
    (
        "negative",
        [MAIN, HOUSE, building("b", (60, 10), -5), PLANT],
        "feature 3 (b): demand_kw must be a number, 0 or more, found `-5`.",
        True,
    ),
    (
        "hours",
        [MAIN, building("b", (60, 10), full_load_hours=9000), PLANT],
        "feature 2 (b): full_load_hours must be 8760 or less, found `9000`.",
        True,
    ),
    (
        "supply",
        [MAIN, HOUSE, building("b", (60, 10), 30), source("plant", (0, 30), 45)],
        "feature 4 (plant): `plant` give 45 kW together, less than the 50 kW that 2 buildings take in the design hour.",
        True,
    ),
    ("no source", [MAIN, HOUSE], "has no source of heat; a network needs one at least.", False),
    ("no building", [MAIN, PLANT], "has no building with a heat load; a network needs one at least.", False),
    ("no street", [HOUSE, PLANT], "has no streets; pipes are laid along them.", False),
    (
        "lonely source",
        [MAIN, HOUSE, PLANT, street("lone", (0, 75), (70, 75)), source("second", (0, 77))],
        "feature 5 (second): `second` is an island without a building with a heat load; "
        "the nearest network that has one is 45.0 m away.",
        True,
    ),
    (
        "kind",
        [MAIN, HOUSE, PLANT, maps.feature("Point", [500_000, 5_500_000])],
        "feature 4: must have a kind: street, building or source.",
        False,
    ),
    (
        "shape",
        [MAIN, HOUSE, PLANT, maps.feature("Point", [500_000, 5_500_000], kind="street")],
        "feature 4: is a street and must be a LineString or MultiLineString, not a Point.",
        False,
    ),
    (
        "twice",
        [MAIN, HOUSE, building("a", (90, 10)), PLANT],
        "feature 3: `a` is the id of another building; each must have its own.",
        False,
    ),
    (
        "type",
        [street("main", (0, 0), (200, 0), existing_type="DN33"), HOUSE, PLANT],
        "feature 1 (main): existing_type `DN33` is not in the catalogue",
        True,
    ),
]


@pytest.mark.parametrize(
    ("features", "sentence", "placed"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_faults(tmp_path: Path, features: list[dict[str, Any]], sentence: str, placed: bool) -> None:
    """Each fault is one sentence, alone, with a place on the map where it has one."""
    fault = told(tmp_path, features)
    (issue,) = fault.issues
    assert f"{issue.column}: {issue.message}".removeprefix(": ").startswith(sentence)
    assert (fault.places is not None) == placed


POINT = maps.place((50, 10))
NOT_A_MAP: list[tuple[str, list[Any], Any, str]] = [
    ("none", [], maps.METRES, "has no features; streets, buildings and sources are needed."),
    ("null", [None], maps.METRES, "feature 1: is no GeoJSON feature with properties."),
    ("text", [{**MAIN, "properties": "x"}], maps.METRES, "feature 1: is no GeoJSON feature with properties."),
    (
        "four",
        [maps.feature("Point", [*POINT, 1, 2], kind="source")],
        maps.METRES,
        "feature 1: has no geometry that",
    ),
    ("heights", [MAIN, HOUSE, PLANT], "EPSG:5773", "crs: `EPSG:5773` is no known coordinate system"),
    ("geocentric", [MAIN, HOUSE, PLANT], "EPSG:4978", "crs: `EPSG:4978` is no known coordinate system"),
    (
        "far",
        [MAIN, HOUSE, source("p", (1e12, 0))],
        maps.METRES,
        "has coordinates as large as 1e+12, which are no",
    ),
    ("pole", [maps.feature("Point", [9, 90], kind="source")], None, "lies where there is no UTM zone to measure in"),
]


@pytest.mark.parametrize(
    ("features", "crs", "sentence"), [row[1:] for row in NOT_A_MAP], ids=[row[0] for row in NOT_A_MAP]
)
def test_not_a_map(tmp_path: Path, features: list[Any], crs: str | None, sentence: str) -> None:
    """One sentence, and no other fault that only follows from it."""
    with pytest.raises(SourceError) as caught:
        import_from(maps.save(tmp_path / "town.geojson", features, crs), "town")
    (issue,) = caught.value.issues
    assert f"{issue.column}: {issue.message}".removeprefix(": ").startswith(sentence)


@pytest.mark.parametrize(
    ("features", "column"),
    [
        ([MAIN, building("a", (50, 10), 20, area_m2=1e-9), PLANT], "demand peak_w_per_m2"),
        ([MAIN, building("a", (50, 10), 20, heat_price_eur_per_mwh=1e12), PLANT], "connection heat_price_eur_per_mwh"),
        ([MAIN, HOUSE, source("p", (0, 30), cost_eur_per_mwh=1e12)], "fuel price_eur_per_mwh"),
        ([street("main", (0, 0), (200, 0), cost_factor=1e20), HOUSE, PLANT], "pipe cost_factor"),
    ],
)
def test_beyond_all_bounds(tmp_path: Path, features: list[dict[str, Any]], column: str) -> None:
    """The column of the instance is named, its bound of 1e9, and the feature."""
    (issue, *_) = told(tmp_path, features).issues
    assert issue.message.startswith(f"makes {column}, which must be 1e+09 or less, found ")
    assert issue.column.startswith("feature ")


def test_all_at_once(tmp_path: Path) -> None:
    """Four faults of different kinds in one go; those with a place have it in degrees."""
    features = [MAIN, HOUSE, building("b", (50, 153)), building("c", (70, 10), "much"), PLANT]
    nowhere = {"type": "Feature", "geometry": None, "properties": {"kind": "building"}}
    fault = told(tmp_path, [*features, street("dot", (9, 9), (9, 9)), nowhere])
    assert len(fault.issues) == 4
    assert [issue.column for issue in fault.issues if issue.message == "has no geometry."] == ["feature 7"]
    assert fault.places is not None
    assert {one["properties"]["where"] for one in fault.places["features"]} == {
        *("feature 3 (b)", "feature 4 (c)", "feature 6 (dot)")
    }
    for one in fault.places["features"]:
        text = json.dumps(one["geometry"])
        assert "[9.0" in text  # UTM zone 32 has 9° E in its middle, and the corner is there


@pytest.mark.parametrize(
    ("crs", "shift", "sentence"),
    [
        (None, 0.0, "which are metres, where degrees are said"),
        (maps.METRES, 1.0, "which are degrees, where metres of EPSG:25832 are said"),
        ("EPSG:4711x", 0.0, "is no known coordinate system"),
    ],
    ids=["metres", "degrees", "unknown"],
)
def test_coordinates(tmp_path: Path, crs: str | None, shift: float, sentence: str) -> None:
    """Coordinates of the wrong kind are told, not converted."""
    features = [MAIN, HOUSE, PLANT]
    if shift:
        features = [
            maps.feature("LineString", [[9.0, 50.0], [9.01, 50.0]], kind="street"),
            maps.feature("Point", [9.0, 50.0], kind="building", demand_kw=20),
            maps.feature("Point", [9.01, 50.0], kind="source", capacity_kw=20),
        ]
    (issue,) = told(tmp_path, features, crs).issues
    assert sentence in issue.message
    plain = maps.save(tmp_path / "plain.geojson", [MAIN, HOUSE, PLANT], None)
    assert import_from(plain, "town", crs=maps.METRES).instance.pipes  # said, it is read


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type": "Feature"}', '{"features": 3}'])
def test_broken(tmp_path: Path, text: str) -> None:
    """A file that is no GeoJSON is one sentence."""
    path = tmp_path / "town.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        import_from(path, "town")
    (issue,) = caught.value.issues
    assert "GeoJSON" in issue.message
