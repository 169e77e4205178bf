"""The measures by which runs are compared, against values worked out by hand.

Sensitivity:
- ratio: arithmetic means, a forgotten shift, or old and new the wrong way round would give another figure.
- interval: resamples over runs in place of repeats, of one side only, or of another share, would give another one.
- noise of others: a run that was made once would count as if it had no noise.
- beyond noise: an interval that holds 1 would be called a change, or one that does not would not.
- primal integral: time before the first plan, a negative cost, or a change of sign would count for another amount.
- profile: problems that a solver did not solve would leave its share too high.
- power law: exponent, factor or error of another fit would pass.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from heatnet.bench.statistics import Ratio, deviations, performance_profile, power_law, primal_integral, ratio

NONE = np.empty(0)


def test_ratio_of_shifted_geometric_means() -> None:
    """With shift 1: √(2 · 8) = 4 before, √(4 · 16) = 8 now; without repeats nothing is known of noise."""
    assert ratio([[1], [7]], [[3], [15]], 1.0, NONE) == Ratio(pytest.approx(2.0))


def test_interval_over_repeats() -> None:
    """Draws of (1, 7) with shift 1 have the means 2, 4 and 8 in a quarter, a half and a quarter; (1, 1) always 2."""
    noise = deviations([[1, 1], [1, 7]], 1.0)
    found = ratio([[1, 1]], [[1, 7]], 1.0, noise)
    assert (found.value, found.low, found.high) == (pytest.approx(2.0), pytest.approx(1.0), pytest.approx(4.0))
    back = ratio([[1, 7]], [[1, 1]], 1.0, noise)
    assert (back.low, back.high) == (pytest.approx(0.25), pytest.approx(1.0))


def test_noise_of_others() -> None:
    """Repeats 1 and 7 with shift 1 lie ln 2 from their mean; the mean is theirs, so that is √2 · ln 2."""
    noise = deviations([[1, 7], [5]], 1.0)
    assert sorted(noise) == pytest.approx([-math.sqrt(2) * math.log(2), math.sqrt(2) * math.log(2)])
    found = ratio([[3]], [[3]], 1.0, noise)
    widest = math.exp(2 * math.sqrt(2) * math.log(2))
    assert (found.value, found.low, found.high) == (1.0, pytest.approx(1 / widest), pytest.approx(widest))


@pytest.mark.parametrize(
    ("found", "beyond"),
    [(Ratio(1.3), True), (Ratio(1.3, 0.9, 1.8), False), (Ratio(1.3, 1.1, 1.8), True), (Ratio(0.8, 0.7, 0.9), True)],
)
def test_beyond_noise(found: Ratio, beyond: bool) -> None:
    assert found.beyond_noise is beyond


def test_primal_integral() -> None:
    """No plan for 3 s, then 20 where 10 is best for 2 s, then the best: 3 · 1 + 2 · 10/20 = 4."""
    trace = [(2.0, None, 5.0), (3.0, 20.0, 5.0), (5.0, 10.0, 9.0)]
    assert primal_integral(trace, 8.0, 10.0) == pytest.approx(4.0)
    assert primal_integral([(1.0, -5.0, None)], 3.0, -10.0) == pytest.approx(1 + 2 * 0.5)
    assert primal_integral([(1.0, 5.0, None)], 3.0, -10.0) == pytest.approx(3.0)
    assert primal_integral([], 3.0, 1.0) == pytest.approx(3.0)


def test_performance_profile() -> None:
    """Two problems; `quick` is fastest on one and takes twice the time on the other, `slow` solves that one alone."""
    profile = performance_profile({"quick": {"a": 1.0, "b": 4.0}, "slow": {"b": 2.0}})
    assert profile == {"quick": [(1.0, 0.5), (2.0, 1.0)], "slow": [(1.0, 0.5)]}


def test_power_law() -> None:
    """3 · size²; and a line of slope 1/2 through (0, 0), (1, 1), (2, 1) in logarithms, whose slope errs by √(1/12)."""
    exact = power_law([(1, 3), (2, 12), (4, 48)])
    assert exact is not None
    assert (exact.exponent, exact.factor, exact.at(3)) == (pytest.approx(2), pytest.approx(3), pytest.approx(27))
    assert exact.error == pytest.approx(0, abs=1e-9)
    rough = power_law([(1, 1), (math.e, math.e), (math.e**2, math.e)])
    assert rough is not None
    assert (rough.exponent, rough.error) == (pytest.approx(0.5), pytest.approx(math.sqrt(1 / 12)))
    two = power_law([(1, 2), (10, 20)])
    assert two is not None
    assert (two.exponent, two.error) == (pytest.approx(1), None)
    assert power_law([(5, 1), (5, 2), (9, 0)]) is None
