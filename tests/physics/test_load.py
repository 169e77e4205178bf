"""The load factor by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatnet.physics.load import load_factor


def test_by_hand() -> None:
    """Indoor 20, design -10: 0 °C is 20/30, the design temperature 1, colder is more than 1."""
    found = load_factor(np.array([0.0, -10.0, 5.0, -16.0]), 20, -10, 0.1, 1)
    assert found == pytest.approx([2 / 3, 1, 0.5, 1.2])


def test_floor() -> None:
    """Mild and hot hours stand at the floor: 14 °C would be 0.2, 17 °C 0.1."""
    assert load_factor(np.array([14.0, 17.0, 30.0]), 20, -10, 0.15, 1) == pytest.approx([0.2, 0.15, 0.15])


def test_inertia_ring() -> None:
    """Each hour sees the mean of itself and the hours before, the first ones those at the end of the season.

    0, 6, -9, 3 °C over 2 hours: (0 + 3)/2 = 1.5, 3, -1.5, -3; (20 - T)/30 of them.
    """
    found = load_factor(np.array([0.0, 6.0, -9.0, 3.0]), 20, -10, 0, 2)
    assert found == pytest.approx([18.5 / 30, 17 / 30, 21.5 / 30, 23 / 30])


def test_inertia_of_three_hours() -> None:
    """Over 3 hours 0, 6, -9, 3 °C become (0 + 3 - 9)/3 = -2, (6 + 0 + 3)/3 = 3, -1 and 0."""
    found = load_factor(np.array([0.0, 6.0, -9.0, 3.0]), 20, -10, 0, 3)
    assert found == pytest.approx([22 / 30, 17 / 30, 21 / 30, 20 / 30])


def test_floor_after_the_mean() -> None:
    """The floor holds for the smoothed temperature: 40 and 0 °C have the mean 20, no load, so the floor."""
    assert load_factor(np.array([40.0, 0.0]), 20, -10, 0.15, 2) == pytest.approx([0.15, 0.15])


@given(st.lists(st.floats(-40, 40), min_size=1, max_size=60), st.integers(1, 240))
def test_inertia_keeps_the_mean(outdoor: list[float], inertia: int) -> None:
    """Smoothing over the ring moves load between hours and keeps its mean where the floor does not bind."""
    found = load_factor(np.array(outdoor), 50, -10, 0, inertia)
    assert found.shape == (len(outdoor),)
    assert found.mean() == pytest.approx((50 - np.mean(outdoor)) / 60)
