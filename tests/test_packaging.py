"""The wheel: built from a copy of the repository, installed elsewhere, used without the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import tiny

ROOT = Path(__file__).parents[1]
NOT_COPIED = (".*", "runs", "build", "dist", "*.egg-info", "__pycache__")


def python(*words: object, cwd: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run this Python in another folder, with `path` before everything that is installed."""
    environment = {**os.environ, "PYTHONPATH": str(path) if path else "", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    command = [sys.executable, *map(str, words)]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy, so that the repository stays as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = shutil.copytree(ROOT, folder / "copy", ignore=shutil.ignore_patterns(*NOT_COPIED))
    done = python("-m", "pip", "wheel", copy, "--no-deps", "-w", folder / "out", cwd=folder)
    if done.returncode:
        told = done.stdout + done.stderr
        offline = ("No matching distribution found for setuptools", "NewConnectionError", "Connection refused")
        if "No module named pip" in told or any(word in told for word in offline):
            pytest.skip(f"the wheel was NOT tested: pip cannot fetch the build backend:\n{told[-800:]}")
        pytest.fail(told[-3000:])
    (built,) = (folder / "out").glob("heatnet-*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel is installed, without its dependencies."""
    folder = tmp_path_factory.mktemp("site")
    done = python("-m", "pip", "install", "--no-deps", "--no-index", "--target", folder, wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_module_is_inside(wheel: Path) -> None:
    """Every module of heatnet and solvers, subpackages too, and both markers of typing are in the wheel."""
    inside = set(zipfile.ZipFile(wheel).namelist())
    sources = {str(file.relative_to(ROOT)) for name in ("heatnet", "solvers") for file in (ROOT / name).rglob("*.py")}
    assert sources <= inside
    assert {"heatnet/check/judge.py", "heatnet/formulation/build.py", "heatnet/instance/tables.py"} <= inside
    assert {"heatnet/py.typed", "solvers/py.typed"} <= inside


def test_every_data_file_is_inside(wheel: Path) -> None:
    """Templates, tables and whatever else stands beside the modules are in the wheel."""
    files = [file for name in ("heatnet", "solvers") for file in (ROOT / name).rglob("*") if file.is_file()]
    data = {str(file.relative_to(ROOT)) for file in files if file.suffix != ".py" and "__pycache__" not in file.parts}
    assert any(name.endswith(".html") for name in data)
    assert data <= set(zipfile.ZipFile(wheel).namelist())


def test_nothing_else_is_inside(wheel: Path) -> None:
    """Tests, instances, documents and results are not in the wheel."""
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    version = wheel.name.split("-")[1]
    assert tops == {"heatnet", "solvers", f"heatnet-{version}.dist-info"}


def test_license_and_command(wheel: Path) -> None:
    """The wheel brings its licence, the command and the names of the strategies."""
    archive = zipfile.ZipFile(wheel)
    names = archive.namelist()
    assert any(name.endswith("LICENSE") for name in names)
    entries = archive.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    assert "heatnet = heatnet." in entries
    assert "monolithic = solvers.monolithic:Monolithic" in entries


def test_import_elsewhere(site: Path, tmp_path: Path) -> None:
    """The installed package is the one that is imported, and it finds its strategies."""
    script = (
        "import heatnet, solvers\nfrom importlib.metadata import entry_points\n"
        "entry = entry_points(group='heatnet.solvers')['monolithic']\n"
        "print(heatnet.__file__, solvers.__file__, entry.dist.locate_file(''), entry.load().__module__, sep='\\n')"
    )
    done = python("-c", script, cwd=tmp_path, path=site)
    assert done.returncode == 0, done.stderr
    package, strategies, found, module = done.stdout.splitlines()
    assert Path(package).is_relative_to(site)
    assert Path(strategies).is_relative_to(site)
    assert Path(found) == site
    assert module == "solvers.monolithic"


def test_solve_elsewhere(site: Path, tmp_path: Path) -> None:
    """The installed command validates, solves and checks without the repository."""
    city, out = tiny(tmp_path), tmp_path / "run"
    start = ("-c", "import sys; sys.argv[0] = 'heatnet'; from heatnet.cli import main; main()")
    for words in (("validate", city), ("solve", city, "--out", out), ("check", out)):
        done = python(*start, *words, cwd=tmp_path, path=site)
        assert done.returncode == 0, done.stderr
