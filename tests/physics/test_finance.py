"""Money over time, against tables of interest and by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatnet.physics.finance import annuity_share, discount_share, span_weight

RATES = st.floats(0, 0.3)


@pytest.mark.parametrize(
    ("rate", "life", "share"),
    [
        (0.06, 20, 0.0872),  # published capital recovery factors
        (0.06, 40, 0.0665),
        (0.08, 25, 0.0937),
        (0.10, 10, 0.1627),
        (0.06, 1, 1.06),  # paid back with interest after one year
    ],
)
def test_annuity(rate: float, life: int, share: float) -> None:
    """The annuity is the capital recovery factor of the tables."""
    assert annuity_share(rate, life) == pytest.approx(share, abs=5e-5)


def test_annuity_without_interest() -> None:
    """Without interest equal parts pay back what was lent."""
    assert annuity_share(0.0, 40) == 0.025


@given(RATES, st.integers(1, 100))
def test_annuity_pays_back(rate: float, life: int) -> None:
    """The annuities of a whole life, each at the end of its year, are worth 1 at the beginning."""
    assert annuity_share(rate, life) * span_weight(rate, 1, life, 0) == pytest.approx(1, rel=1e-6)


def test_discount_by_hand() -> None:
    """At 25 % two years divide by 1.5625 and two years back multiply by it."""
    assert discount_share(0.25, 0) == 1
    assert discount_share(0.25, 2) == pytest.approx(0.64)
    assert discount_share(0.25, -2) == pytest.approx(1.5625)


@pytest.mark.parametrize(
    ("rate", "first", "span", "base", "weight"),
    [
        (0.25, 2020, 2, 2020, 1.8),  # 1 + 0.8
        (0.25, 2022, 3, 2020, 1.5616),  # 0.64 + 0.512 + 0.4096
        (0.25, 2021, 1, 2020, 0.8),
        (0.0, 2030, 5, 2020, 5.0),
    ],
)
def test_span_by_hand(rate: float, first: int, span: int, base: int, weight: float) -> None:
    """The weight of a span is the sum over its years."""
    assert span_weight(rate, first, span, base) == pytest.approx(weight)


@given(RATES, st.integers(0, 30), st.integers(1, 40), st.integers(0, 40))
def test_splitting_a_span(rate: float, start: int, first: int, second: int) -> None:
    """The parts of a span weigh together what the span weighs."""
    whole = span_weight(rate, 2020 + start, first + second, 2020)
    parts = span_weight(rate, 2020 + start, first, 2020) + span_weight(rate, 2020 + start + first, second, 2020)
    assert parts == pytest.approx(whole)
