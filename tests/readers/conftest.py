"""Readers need the extra `gis`; where it is not installed its tests are skipped, and say so."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable
from pathlib import Path

import pytest


def _there(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


MISSING = [name for name in ("geopandas", "pyproj", "shapely", "yaml") if not _there(name)]


class Skipped(pytest.Module):
    """A file of tests that could not even be imported."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        told = ", ".join(MISSING)
        pytest.skip(
            f"the readers are NOT tested: {told} is missing; pip install 'heatnet[gis]'", allow_module_level=True
        )


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Where a part of the extra is missing every file of tests is skipped, by itself or among others."""
    return Skipped.from_parent(parent, path=module_path) if MISSING else None


@pytest.fixture(scope="session")
def cases() -> Path:
    """Where the shared cases are: the environment variable HEATNET_CASES, else `shared/cases` beside the repository."""
    place = Path(os.environ.get("HEATNET_CASES") or Path(__file__).resolve().parents[3] / "shared" / "cases")
    if not place.is_dir():
        pytest.skip(f"published cases are NOT imported: {place.name} is not there; set HEATNET_CASES")
    return place
