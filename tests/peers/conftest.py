"""Long solves are marked `night` and run only where they are asked for: `pytest -m night tests/peers`."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "night: a solve of more than a minute; runs with -m night")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is marked, unless the command line speaks of the marker."""
    if "night" in str(config.option.markexpr):
        return
    for item in items:
        if item.get_closest_marker("night"):
            item.add_marker(pytest.mark.skip(reason="takes more than a minute; run it with -m night"))
