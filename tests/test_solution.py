"""Result folders: frames survive being written and read; anything else is told with the file's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from heatnet.errors import RunError
from heatnet.solution import COLUMNS, Solution, frame

if TYPE_CHECKING:
    from pathlib import Path

ROWS: dict[str, list[tuple[object, ...]]] = {
    "days": [(0, 3, 119.0, 0.1 + 0.2), (1, 57, 1.0, 1.0)],
    "calendar": [(0, 0), (1, 0), (2, 1)],
    "pipes": [(2025, "main", "DN400", "hot", 2, 1, 1, 0, -83.7), (2025, "west", "DN300", "NA", 1, 1, 0, 0, 1 / 3)],
    "units": [(2025, "P1-chp", 2, 2, 0, 0, 0, 120.0), (2025, "D1-gas", 1, 1, 0, 2, 1, 1e-9)],
    "retrofits": [(2025, "P1-chp", "cut", 1, 1, 0)],
    "stores": [(2025, "tank", 50.0, 0.0)],
    "seasonal": [(2025, "pit", 0, 1 / 3)],
    "regimes": [(2025, "old", "hot")],
    "districts": [(2025, "D1", 1, 40.0, 0.0, 91234.5, 0.0), (2025, "NA", 0, 25.0, 1.5, 4.0, 0.25)],
    "envelopes": [(2025, "D1", "wall", 0.1 + 0.2, 0.0)],
    "security": [(2025, "lose-main", 26.0, 1.5)],
    "operation": [(2025, 0, 6, "unit", "P1-chp", "heat_mw", 60.0), (2025, 0, 6, "pipe", "main/DN400", "flow_mw", -0.1)],
}


def file_of(name: str) -> str:
    return "operation.parquet" if name == "operation" else f"{name}.csv"


@pytest.fixture
def solution() -> Solution:
    """A solution of a few rows of each kind."""
    return Solution(**{name: frame(name, rows) for name, rows in ROWS.items()}, step_hours=6)


@pytest.fixture
def folder(solution: Solution, tmp_path: Path) -> Path:
    """The folder that the solution was written into."""
    solution.write(tmp_path)
    return tmp_path


def refused(folder: Path, name: str, *words: str) -> None:
    """Reading the folder is refused with the file's name and these words, in one line."""
    with pytest.raises(RunError) as caught:
        Solution.read(folder, 6)
    assert str(folder / file_of(name)) in str(caught.value)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("name", COLUMNS)
def test_write_and_read(solution: Solution, folder: Path, name: str) -> None:
    """Frames read back equal, to the last bit and with their types; an id `NA` is text."""
    back = Solution.read(folder, 6)
    pd.testing.assert_frame_equal(getattr(back, name), getattr(solution, name), check_exact=True)
    assert back.step_hours == 6


def test_files(folder: Path) -> None:
    """A result has a file for each frame and no more."""
    assert sorted(path.name for path in folder.iterdir()) == sorted(map(file_of, COLUMNS))


def test_empty_frames(tmp_path: Path) -> None:
    """Frames without rows keep their columns and types."""
    empty = Solution(**{name: frame(name, []) for name in COLUMNS}, step_hours=4)
    empty.write(tmp_path)
    back = Solution.read(tmp_path, 4)
    for name in COLUMNS:
        pd.testing.assert_frame_equal(getattr(back, name), getattr(empty, name))


@pytest.mark.parametrize("name", ["01", "1.0", "1e3", "True", "nan", "-", "电厂"])
def test_ids_stay_text(solution: Solution, tmp_path: Path, name: str) -> None:
    """Ids that look like numbers or truths are read as they were written."""
    stores = frame("stores", [(2025, name, 50.0, 0.0)])
    Solution(**{k: getattr(solution, k) for k in COLUMNS} | {"stores": stores}, step_hours=6).write(tmp_path)
    assert Solution.read(tmp_path, 6).stores["store"].tolist() == [name]


# --- folders that are no result ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COLUMNS)
def test_missing_file(folder: Path, name: str) -> None:
    """A file that is missing is told by name."""
    (folder / file_of(name)).unlink()
    refused(folder, name, "is missing")


def test_missing_folder(tmp_path: Path) -> None:
    """A folder that is not there lacks its first file."""
    refused(tmp_path / "nowhere", "days", "is missing")


@pytest.mark.parametrize("name", COLUMNS)
def test_other_columns(solution: Solution, folder: Path, name: str) -> None:
    """A table with another name for a column is told with its columns and those of a result."""
    table = getattr(solution, name)
    renamed = table.rename(columns={table.columns[-1]: "other"})
    if name == "operation":
        renamed.to_parquet(folder / file_of(name), index=False)
    else:
        renamed.to_csv(folder / file_of(name), index=False)
    refused(folder, name, "'other'", f"'{table.columns[-1]}'")


@pytest.mark.parametrize("name", [name for name in COLUMNS if name != "operation"])
def test_text_for_a_number(folder: Path, name: str) -> None:
    """Text in a number column is told, by the text or by the column."""
    path = folder / f"{name}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    column = [kind != "str" for kind in COLUMNS[name].values()][::-1].index(True)  # from the right
    cells = lines[1].split(",")
    cells[-1 - column] = "much"
    lines[1] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    number = list(COLUMNS[name])[-1 - column]
    refused(folder, name, "whole numbers" if COLUMNS[name][number] == "int64" else "much")


def test_text_for_a_number_in_the_operation(solution: Solution, folder: Path) -> None:
    """Text in the values of the operation is told."""
    solution.operation.astype({"value": "str"}).replace({"value": {"60.0": "much"}}).to_parquet(
        folder / "operation.parquet", index=False
    )
    refused(folder, "operation", "much")


@pytest.mark.parametrize("cells", ["2025,tank,50.0", "2025,tank,50.0,"], ids=["short", "blank"])
def test_number_left_out(folder: Path, cells: str) -> None:
    """A row that lacks its last number is told."""
    (folder / "stores.csv").write_text(f"stage,store,size_mwh,new_mwh\n{cells}\n", encoding="utf-8")
    refused(folder, "stores")


def test_row_too_long(folder: Path) -> None:
    """Rows with a cell more than the header are told, not read with every cell in its neighbour's column."""
    (folder / "days.csv").write_text("day,season_day,weight_days,load_scale\n0,1,2,1.0,1.0\n", encoding="utf-8")
    refused(folder, "days")


def test_part_of_a_machine(folder: Path) -> None:
    """Half a machine is told, not rounded away."""
    path = folder / "units.csv"
    text = path.read_text(encoding="utf-8")
    assert "2025,P1-chp,2,2," in text
    path.write_text(text.replace("2025,P1-chp,2,2,", "2025,P1-chp,2.5,2,"), encoding="utf-8")
    refused(folder, "units", "machines")


def test_damaged_operation(folder: Path) -> None:
    """A file that is no parquet is told."""
    (folder / "operation.parquet").write_bytes(b"PAR1 no more")
    refused(folder, "operation", "cannot be read")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'"unclosed'], ids=["empty", "binary", "unclosed"])
def test_damaged_table(folder: Path, content: bytes) -> None:
    """A file that is no CSV table is told."""
    (folder / "districts.csv").write_bytes(content)
    refused(folder, "districts")
