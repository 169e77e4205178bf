"""Status, cost and bound are three claims; what they say together is decided in one place."""

from __future__ import annotations

import pytest

from heatnet.errors import UsageError
from heatnet.solve import ABSOLUTE_GAP, Limits, contradicted, relative_gap, within


@pytest.mark.parametrize(
    ("cost", "bound", "gap", "proved", "wrong"),
    [
        (100.0, 99.0, 0.01, True, False),  # exactly 1 %
        (100.0, 98.9, 0.01, False, False),
        (100.0, 100.00001, 0.0, True, False),  # above by 1e-7 of the cost: rounding
        (100.0, 100.1, 0.01, True, True),  # above by 1e-3: one of them is wrong
        (-100.0, -101.0, 0.01, True, False),  # revenues: the bound is still the lower one
        (0.3, 0.3 - ABSOLUTE_GAP, 0.0, True, False),  # one unit of currency
    ],
)
def test_claims(cost: float, bound: float, gap: float, proved: bool, wrong: bool) -> None:
    """A gap is proved from cost and bound alone; a bound above the cost by more than rounding is a contradiction."""
    assert within(cost, bound, gap) is proved
    assert contradicted(cost, bound) is wrong


def test_relative_gap() -> None:
    """(cost - bound) / |cost|: 2 of 50 are 4 %, also for a negative cost; never below 0."""
    assert relative_gap(50.0, 48.0) == pytest.approx(0.04)
    assert relative_gap(-50.0, -52.0) == pytest.approx(0.04)
    assert relative_gap(50.0, 51.0) == 0.0


@pytest.mark.parametrize("address", ["", " "])
def test_blank_address(address: str) -> None:
    """A blank is no address of a Dask scheduler; none, and one, are."""
    assert Limits().dask is None
    assert Limits(dask="tcp://there:8786").dask == "tcp://there:8786"
    with pytest.raises(UsageError, match="--dask"):
        Limits(dask=address)
