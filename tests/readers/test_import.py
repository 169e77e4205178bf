"""`heatnet import`: what is written, what is refused, what is told.

Sensitivity, one sentence per test:
- written: an instance that does not read back the same, or whose changes and notes are not beside it.
- refused: a place that is taken overwritten, or a source that is not there taken for a fault of the program.
- faults: an exit code other than 2, sentences lost, a half-written instance, or no map of the places.
- disk: something left behind where writing fails.
- formats: a folder of no format, or of two, taken for one; answers that a format has no use for taken in silence.
- catalogue: a type that is larger and cheaper, or carries less, than the one before.
- one day: a warning that the one day is the coldest, where all days of the season are alike.
- season: a load below its design load in the design hour, or hours that do not come back as energy.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import call

import heatnet
from heatnet import UsageError
from heatnet.readers import import_from
from heatnet.readers.catalogue import REGIME, capacity_kw, catalogue, needed
from readers import maps
from readers.maps import building, source, street

MAIN, HOUSE, PLANT = street("main", (0, 0), (200, 0)), building("a", (50, 10)), source("plant", (0, 30))


def town(path: Path, *more: dict[str, object]) -> Path:
    return maps.save(path / "town.geojson", [MAIN, HOUSE, PLANT, *more])


def test_written(tmp_path: Path) -> None:
    """The folder reads back as the instance; notes and changes are in it, and told."""
    out = tmp_path / "new" / "town"
    done = call("import", town(tmp_path), "--out", out)
    assert done.code == 0, done.err
    assert heatnet.read(out).sha256 == import_from(town(tmp_path), "town").instance.sha256
    lines = (out / "import" / "changes.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "what,element,length_m,note"
    assert "building connected,a,10.000,to main" in lines
    assert "| building connected | 1 | 10.0 |" in (out / "README.md").read_text(encoding="utf-8")
    assert "1  building connected, 10.0 m" in done.out
    assert [path.name for path in out.parent.iterdir()] == ["town"]


def test_refused(tmp_path: Path) -> None:
    """A place that is taken stays as it is, even an empty folder; a source that is not there is a sentence."""
    out = tmp_path / "taken"
    out.mkdir()
    done = call("import", town(tmp_path), "--out", out)
    assert (done.code, list(out.iterdir())) == (2, [])
    assert "is there already; choose another --out." in done.err
    done = call("import", tmp_path / "nowhere", "--out", tmp_path / "out")
    assert done.code == 2
    assert "is not there; give a folder or a GeoJSON file to import." in done.err


def test_faults(tmp_path: Path) -> None:
    """Two faults, exit code 2, a map of their places where it is asked for or beside --out, and no instance."""
    path = town(tmp_path, building("b", (50, 153)), building("c", (70, 10), -3))
    out, places = tmp_path / "out", tmp_path / "places.geojson"
    done = call("import", path, "--out", out, "--faults", places)
    assert (done.code, out.exists()) == (2, False)
    assert "no street within 100 m; the nearest is 153.0 m away." in done.err
    assert "demand_kw must be a number, 0 or more, found `-3`." in done.err
    assert len(json.loads(places.read_text(encoding="utf-8"))["features"]) == 2
    assert call("import", path, "--out", out).code == 2
    assert {file.name for file in tmp_path.iterdir()} == {"town.geojson", "places.geojson", "out.faults.geojson"}


def test_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the last file cannot be written nothing is left."""
    path = town(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("heatnet.readers._write_changes", full)
    done = call("import", path, "--out", tmp_path / "out")
    assert (done.code, "cannot be written (No space left on device)" in done.sentence) == (1, True)
    assert [file.name for file in tmp_path.iterdir()] == ["town.geojson"]


def test_formats(tmp_path: Path) -> None:
    """What is of no format or of two is told, and answers that mean nothing to a format."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="is of no format that heatnet imports; say --format"):
        import_from(tmp_path / "empty", "x")
    both = tmp_path / "both"
    both.mkdir()
    for name in ("a_i.parquet", "consumers.csv", "producers.csv"):
        (both / name).touch()
    with pytest.raises(UsageError, match="could be topotherm or dhnx; say --format"):
        import_from(both, "x")
    with pytest.raises(UsageError, match="--format esdl: must be auto, topotherm, dhnx or geojson"):
        import_from(both, "x", format="esdl")
    with pytest.raises(UsageError, match="--power: says nothing about geojson; leave it out"):
        import_from(town(tmp_path), "x", power="kW")
    with pytest.raises(UsageError, match="--crs EPSG:4711x: is no known coordinate system; say one as EPSG:25832"):
        import_from(town(tmp_path), "x", crs="EPSG:4711x")
    with pytest.raises(UsageError, match="is a file; a case of dhnx is a folder"):
        import_from(town(tmp_path), "x", format="dhnx")
    done = call("import", both, "--out", tmp_path / "out", "--format", "topotherm", "--power", "MW")
    assert (done.code, "--power MW: must be W or kW." in done.err) == (2, True)


def test_catalogue() -> None:
    """DN20 to DN600: the larger the dearer and the more it carries; water at 250 Pa/m or 3 m/s at most."""
    types = catalogue()
    assert (types[0].id, types[-1].id, len(types)) == ("DN20", "DN600", 18)
    for small, large in pairwise(types):
        assert small.capex_mcur_per_km < large.capex_mcur_per_km
        assert capacity_kw(small, REGIME) < capacity_kw(large, REGIME)
    assert max(kind.velocity_max_m_per_s for kind in types) == 3
    # DN25 carries 956 kg/m3 · 4.2 kJ/kgK · 30 K · 0.7 m/s on 6.65 cm2: 56 kW
    assert [kind.id for kind in needed(types, REGIME, 55, 10)] == ["DN20", "DN25"]
    assert [kind.id for kind in needed(types, REGIME, 55, 1000)] == ["DN20", "DN25", "DN32"]


def test_one_day(tmp_path: Path) -> None:
    """The only representative day of an imported town is like all others: nothing is far too high."""
    assert call("import", town(tmp_path), "--out", tmp_path / "town").code == 0
    done = call("solve", tmp_path / "town", "--out", tmp_path / "run")
    assert (done.code, "warning" in done.err) == (0, False)


def test_season(tmp_path: Path) -> None:
    """All year at the design temperature: the load factor is 1, and 2000 h of 20 kW are 40 MWh."""
    instance = import_from(town(tmp_path), "town").instance
    season = instance.header.season
    assert set(instance.series["outdoor_c"]) == {season.design_outdoor_c}
    (demand,) = instance.demands
    mwh = instance.design_heat_mw("a", 2025) * instance.series[str(demand.shape_series)].sum()
    assert mwh == pytest.approx(40)
