"""`heatnet generate` as a person meets it: folders whole or not at all, sentences, exit codes.

Sensitivity. Without each of these would go unnoticed:
- written: a folder that `heatnet validate` refuses, or files that nobody needs.
- same bytes: anything in a file that is not decided by the arguments (time, order, path).
- lean: columns that say nothing.
- there already: a folder that is overwritten without --force, or refused with it, or that is no generated instance and
  is replaced, an empty one too.
- bad numbers: a wrong number that is taken, or that leaves a folder or a parent of one behind.
- unwritable: a traceback, or another exit code than that of `solve`, where the place cannot be written.
- failed write: half a folder, or the loss of the folder that was to be replaced, when the disk is full.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import call

from heatnet import generate

CITY = ("generate", "city", "--nodes", 6, "--stages", 2)
STREET = ("generate", "street", "--pipes", 40)


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def names(folder: Path) -> list[str]:
    """Names in a folder, hidden ones too."""
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("words", [CITY, STREET])
def test_written(words: tuple[object, ...], tmp_path: Path) -> None:
    out = tmp_path / "new" / "one"
    assert call(*words, "--out", out).code == 0
    assert call("validate", out).code == 0
    tables = {"capability", "demands", "fuels", "nodes", "pipe_types", "pipes", "technologies", "units"}
    own = {"contingencies", "stores", "zones", "retrofits"} if words is CITY else {"connections"}
    expected = {f"{name}.csv" for name in tables | own} | {"instance.toml", "series/season.csv"}
    found = {name.replace(os.sep, "/") for name in content(out)}
    assert found - {"schedules/free.toml", "schedules/policy.toml", "retrofits.csv"} == expected - {"retrofits.csv"}
    assert names(tmp_path / "new") == ["one"]


@pytest.mark.parametrize("words", [CITY, STREET])
def test_same_bytes(words: tuple[object, ...], tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        assert call(*words, "--seed", seed, "--out", tmp_path / name).code == 0
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert content(tmp_path / "a") != content(tmp_path / "c")


def test_lean(tmp_path: Path) -> None:
    assert call(*STREET, "--out", tmp_path / "a").code == 0
    header = (tmp_path / "a" / "pipes.csv").read_text(encoding="utf-8").partition("\n")[0]
    expected = "id,from_node,to_node,length_km,regime,candidate_types,max_new_pairs,cost_factor,source"
    assert [name for name in expected.split(",") if name != "cost_factor"] == [
        name for name in header.split(",") if name != "cost_factor"
    ]


def test_there_already(tmp_path: Path) -> None:
    out = tmp_path / "city"
    assert call(*CITY, "--out", out).code == 0
    before = content(tmp_path)
    refused = call(*CITY, "--seed", 1, "--out", out)
    assert refused.code == 2
    assert "is there already" in refused.sentence
    assert content(tmp_path) == before
    assert call(*CITY, "--seed", 1, "--out", out, "--force").code == 0
    assert content(tmp_path) != before
    assert names(tmp_path) == ["city"]


def strange_file(out: Path) -> None:
    (out / "notes.txt").write_text("mine", encoding="utf-8")


def own_schedule(out: Path) -> None:
    (out / "schedules" / "mine.toml").write_text("", encoding="utf-8")


def other_source(out: Path) -> None:
    file = out / "instance.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("assumed: generated", "found: a book"), encoding="utf-8")


def no_header(out: Path) -> None:
    (out / "instance.toml").unlink()


def empty(out: Path) -> None:
    shutil.rmtree(out)
    out.mkdir()


@pytest.mark.parametrize("change", [strange_file, own_schedule, other_source, no_header, empty])
def test_what_is_not_generated_stays(change: Callable[[Path], None], tmp_path: Path) -> None:
    out = tmp_path / "city"
    assert call(*CITY, "--out", out).code == 0
    change(out)
    before = content(tmp_path)
    refused = call(*CITY, "--out", out, "--force")
    assert refused.code == 2
    assert "not just a generated instance" in refused.sentence
    assert content(tmp_path) == before


def test_a_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for more in ((), ("--force",)):
        assert call(*CITY, "--out", tmp_path / "file", *more).code == 2
    assert content(tmp_path) == {"file": b"mine"}


@pytest.mark.parametrize(
    "words",
    [
        ("city", "--nodes", 1),
        ("city", "--nodes", -5),
        ("city", "--nodes", 10**9),
        ("city", "--nodes", "many"),
        ("city", "--nodes", 6, "--stages", 0),
        ("city", "--nodes", 6, "--seed", -1),
        ("street", "--pipes", 1),
        ("street", "--pipes", 10**9),
        ("street", "--pipes", 40, "--sources", 0),
        ("street", "--pipes", 40, "--consumers", 40),
        ("street", "--pipes", 40, "--optional-share", 2),
        ("street",),
    ],
)
def test_bad_numbers(words: tuple[object, ...], tmp_path: Path) -> None:
    made = call("generate", *words, "--out", tmp_path / "deep" / "out")
    assert made.code == 2
    assert "Traceback" not in made.err
    assert made.out == ""
    assert list(tmp_path.iterdir()) == []


def test_unwritable(tmp_path: Path) -> None:
    """A parent that is a file, for whoever runs the test; root may write into every folder."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    made = call(*CITY, "--out", tmp_path / "file" / "out")
    assert made.code == 1
    assert "cannot be written" in made.sentence
    assert content(tmp_path) == {"file": b"mine"}


def test_failed_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "city"
    assert call(*CITY, "--out", out).code == 0
    before = content(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(generate.folder, "_drop", full)
    for place, more in ((out, ("--force",)), (tmp_path / "other", ())):
        made = call(*CITY, "--seed", 1, "--out", place, *more)
        assert made.code == 1
        assert "cannot be written" in made.sentence
        assert content(tmp_path) == before
        assert names(tmp_path) == ["city"]
