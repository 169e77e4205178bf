"""`heatnet export`: the same numbers in every file.

Sensitivity:
- test_export: a table that one of the files lacks or holds otherwise; a layer without its stage, a point at the wrong
  place, a coordinate system that QGIS has to guess.
- test_formula: a title that a spreadsheet would run.
- test_refused: files of a result that is not sound; an export that replaces another folder.
"""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from conftest import call, tiny

from heatnet import run
from heatnet.instance import read
from heatnet.report.export import export
from heatnet.solution import COLUMNS
from heatnet.solve import Limits, solve


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result of the tiny instance on its coldest day."""
    place = tmp_path_factory.mktemp("results")
    base = read(tiny(place))
    result = solve(base, days=1, step_hours=12, limits=Limits(gap=0.0))
    with run.reserved(place / "run", False) as hidden:
        run.save(result, base, hidden, {"total": 1.0})
    return place / "run"


def test_export(folder: Path, tmp_path: Path) -> None:
    """Parquet and xlsx hold what the CSV of the folder hold; each stage has its layers, in degrees."""
    out = tmp_path / "out"
    assert call("export", folder, "--out", out).code == 0
    book = openpyxl.load_workbook(out / "tables.xlsx")
    derived = ("costs", "emissions", "design", "limits")
    assert set(book.sheetnames) == {"about", *COLUMNS, *derived} - {"operation"}
    for name in ("units", "pipes", "districts", "costs"):
        stored = pd.read_csv(folder / f"{name}.csv")
        for other in (pd.read_parquet(out / "parquet" / f"{name}.parquet"), pd.read_excel(out / "tables.xlsx", name)):
            pd.testing.assert_frame_equal(other, stored, check_dtype=False)
    assert len(pd.read_parquet(out / "parquet" / "operation.parquet")) == len(
        pd.read_parquet(folder / "operation.parquet")
    )
    layers = {f"{name}_{year}" for name in ("nodes", "pipes", "units") for year in (2025, 2027)}
    assert {path.stem for path in (out / "geojson").iterdir()} == layers
    nodes = json.loads((out / "geojson" / "nodes_2027.geojson").read_text(encoding="utf-8"))["features"]
    (east,) = [node for node in nodes if node["properties"]["id"] == "D2"]
    assert east["geometry"] == {"type": "Point", "coordinates": [117.1, 36.6]}
    # 0.5 Mm² at 50 W/m².
    assert east["properties"]["design_demand_mw"] == pytest.approx(25.0)
    geopandas = pytest.importorskip("geopandas", reason="of the extra gis")
    west = geopandas.read_file(out / "network.gpkg", layer="pipes_2025").set_index("pipe").loc["west"]
    assert west["inner_diameter_mm"] == 311
    assert geopandas.read_file(out / "network.gpkg", layer="nodes_2025").crs.to_epsg() == 4326


def test_formula(folder: Path, tmp_path: Path) -> None:
    """A title that begins with = stays a text."""
    loaded = run.load(folder)
    assert loaded.solution is not None
    header = loaded.instance.header.model_copy(update={"title": "=1+1"})
    report = run.judge(loaded).report
    export(loaded.instance.replace(header=header), loaded.solution, report, tmp_path)
    cell = openpyxl.load_workbook(tmp_path / "tables.xlsx")["about"]["B2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_refused(folder: Path, tmp_path: Path) -> None:
    """Nothing is written over a folder, nor of a result whose tables were changed."""
    (tmp_path / "there").mkdir()
    assert call("export", folder, "--out", tmp_path / "there").code == 2
    changed = tmp_path / "changed"
    changed.mkdir()
    for file in folder.iterdir():
        (changed / file.name).symlink_to(file)
    (changed / "costs.csv").unlink()
    (changed / "costs.csv").write_text((folder / "costs.csv").read_text().replace("fuel,2025", "fuel,2026"))
    assert call("export", changed, "--out", tmp_path / "out").code == 1
    assert not (tmp_path / "out").exists()
