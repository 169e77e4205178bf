"""The measures by which runs are compared: pure functions of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Trace = Sequence[tuple[float, float | None, float | None]]
"""Seconds, cost and bound as they improved, as in `result.json`."""

DRAWS = 2000
"""Resamples of a bootstrap."""

CONFIDENCE = 0.95
"""Share of the resamples that an interval holds."""


@dataclass(frozen=True)
class Ratio:
    """A ratio new / old with the interval that repeats give it; no interval (None) where nothing was repeated."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def beyond_noise(self) -> bool:
        """Whether it differs from 1 by more than repeats do among themselves; True where that is not known."""
        return self.low is None or self.high is None or not self.low <= 1.0 <= self.high


def ratio(
    old: Sequence[Sequence[float]], new: Sequence[Sequence[float]], shift: float, noise: Array, seed: int = 0
) -> Ratio:
    """Ratio new / old of the geometric means of value + shift, of paired runs, each a list of repeats.

    A run counts once, by the mean of its logarithms; the shift keeps the smallest from ruling. Repeats are drawn again
    with replacement; a run that was not repeated is drawn with `noise`, the `deviations` of those that were. The
    interval holds the middle `CONFIDENCE`.
    """
    rng = np.random.default_rng(seed)
    sides = [[np.log(np.asarray(repeats, dtype=float) + shift) for repeats in side] for side in (old, new)]
    means = [float(np.mean([one.mean() for one in side])) for side in sides]
    value = float(np.exp(means[1] - means[0]))
    if not noise.size:
        return Ratio(value)
    drawn = [np.mean([_drawn(one, noise, rng) for one in side], axis=0) for side in sides]
    low, high = np.exp(np.quantile(drawn[1] - drawn[0], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]))
    return Ratio(value, float(low), float(high))


def deviations(runs: Sequence[Sequence[float]], shift: float) -> Array:
    """Deviations of repeats from the mean of their run, in logarithms, widened since that mean is theirs."""
    logs = [np.log(np.asarray(repeats, dtype=float) + shift) for repeats in runs if len(repeats) > 1]
    return np.concatenate([(one - one.mean()) * np.sqrt(len(one) / (len(one) - 1)) for one in logs] or [np.empty(0)])


def _drawn(repeats: Array, noise: Array, rng: np.random.Generator) -> Array:
    """The mean of a run in every resample."""
    if len(repeats) == 1:
        return np.asarray(repeats[0] + rng.choice(noise, DRAWS), dtype=np.float64)
    drawn: Array = rng.choice(repeats, (DRAWS, len(repeats))).mean(axis=1)
    return drawn


def primal_integral(trace: Trace, end_s: float, best: float) -> float:
    """Seconds lost to dear plans: the integral of (cost − best) / larger of both over the search, 1 without a plan.

    `end_s`: when the search ended; `best`: the best cost known.
    """
    lost, since, distance = 0.0, 0.0, 1.0
    for second, cost, _ in trace:
        if cost is not None and second <= end_s:
            lost += distance * (second - since)
            since, distance = second, _distance(cost, best)
    return lost + distance * max(end_s - since, 0.0)


def _distance(cost: float, best: float) -> float:
    if cost * best < 0:
        return 1.0
    return max(cost - best, 0.0) / max(abs(cost), abs(best), 1e-9)


def performance_profile(seconds: Mapping[str, Mapping[str, float]]) -> dict[str, list[tuple[float, float]]]:
    """By solver the steps (factor, share): the share of problems that it solved within that factor of the fastest.

    `seconds`: by solver and problem; what is missing was not solved. Problems that nobody solved do not count.
    """
    problems = sorted({problem for times in seconds.values() for problem in times})
    fastest = {p: min(times[p] for times in seconds.values() if p in times) for p in problems}
    profile = {}
    for solver, times in seconds.items():
        factors = sorted(times[problem] / fastest[problem] for problem in times)
        profile[solver] = [(factor, (place + 1) / len(problems)) for place, factor in enumerate(factors)]
    return profile


@dataclass(frozen=True)
class PowerLaw:
    """value = factor · size ^ exponent. `error`: standard error of the exponent, None for two sizes."""

    exponent: float
    factor: float
    error: float | None

    def at(self, size: float) -> float:
        """The value at a size."""
        return float(self.factor * size**self.exponent)


def power_law(points: Sequence[tuple[float, float]]) -> PowerLaw | None:
    """A line through the logarithms of (size, value) by least squares; None where there are not two sizes."""
    known = np.array([point for point in points if min(point) > 0], dtype=float).reshape(-1, 2)
    if len(set(known[:, 0])) < 2:
        return None
    x, y = np.log(known).T
    spread = x - x.mean()
    exponent = float(spread @ y / (spread @ spread))
    left = y - y.mean() - exponent * spread
    error = float(np.sqrt(left @ left / (len(x) - 2) / (spread @ spread))) if len(x) > 2 else None
    return PowerLaw(exponent, float(np.exp(y.mean() - exponent * x.mean())), error)
