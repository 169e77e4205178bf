"""Two files of runs side by side: what became faster or slower beyond the noise, what changed, what cannot be true."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from heatnet.bench.records import Identity, Question, Run, latest
from heatnet.bench.statistics import Ratio, deviations, ratio
from heatnet.errors import UsageError
from heatnet.solve import contradicted

TIME_SHIFT_S, MEMORY_SHIFT_MB = 1.0, 50.0
"""What is added before geometric means are taken: where values are smaller, a difference says little."""

WORST = ("optimal", "done", "infeasible", "feasible", "no_solution")
"""Statuses from the best answer on; whatever is not here is worse."""


@dataclass(frozen=True)
class Thresholds:
    """From where on a change for the worse is a regression: ratios of time and memory, and what a gap grows by."""

    time: float = 1.1
    memory: float = 1.1
    gap: float = 0.005

    def __post_init__(self) -> None:
        for name, value, least in (("time", self.time, 1), ("memory", self.memory, 1), ("gap", self.gap, 0)):
            if not value >= least:
                raise UsageError(f"--{name} {value:g}: must be {least} or more.")


@dataclass(frozen=True)
class Pair:
    """A run in both files, with its repeats. A ratio is None where one side did not come to its end."""

    name: str
    old: tuple[Run, ...]
    new: tuple[Run, ...]
    time: Ratio | None
    memory: Ratio | None

    @property
    def statuses(self) -> tuple[str, str]:
        """The worst status on either side."""
        old, new = (max((run.status for run in side), key=_rank) for side in (self.old, self.new))
        return old, new

    @property
    def gaps(self) -> tuple[float | None, float | None]:
        """The largest gap on either side; None where it has none."""
        old, new = ([run.gap for run in side if run.gap is not None] for side in (self.old, self.new))
        return max(old, default=None), max(new, default=None)


@dataclass(frozen=True)
class Comparison:
    """What a comparison gives. `errors` and `regressions` are sentences; `alone`: names in one of the files only."""

    pairs: tuple[Pair, ...]
    time: Ratio | None
    memory: Ratio | None
    errors: tuple[str, ...]
    regressions: tuple[str, ...]
    alone: tuple[tuple[str, ...], tuple[str, ...]]

    @property
    def changes(self) -> tuple[Pair, ...]:
        """Pairs with another status than before."""
        return tuple(pair for pair in self.pairs if pair.statuses[0] != pair.statuses[1])

    def won(self, threshold: float) -> tuple[Pair, ...]:
        """Pairs that became faster by a factor, and by more than the noise."""
        return tuple(p for p in self.pairs if p.time and p.time.beyond_noise and p.time.value < 1 / threshold)

    def lost(self, threshold: float) -> tuple[Pair, ...]:
        """Pairs that became slower by a factor, and by more than the noise."""
        return tuple(p for p in self.pairs if p.time and p.time.beyond_noise and p.time.value > threshold)


def compare(old: Iterable[Run], new: Iterable[Run], thresholds: Thresholds) -> Comparison:
    """Compare runs, paired by instance (with its schedule) and options. Of equal runs in a file the last counts."""
    before, after = latest(old), latest(new)
    both = [identity for identity in before if identity in after]
    pairs = [(before[identity], after[identity]) for identity in both]
    time, times = _ratios(pairs, lambda run: run.spent_s, TIME_SHIFT_S)
    memory, memories = _ratios(pairs, lambda run: run.peak_rss_mb, MEMORY_SHIFT_MB)
    found = tuple(
        Pair(one[1][0].name, tuple(one[0]), tuple(one[1]), times.get(place), memories.get(place))
        for place, one in enumerate(pairs)
    )
    errors = tuple(contradictions([run for runs in (*before.values(), *after.values()) for run in runs]))
    regressions = tuple(_regressions(found, time, memory, thresholds))
    return Comparison(found, time, memory, errors, regressions, (_names(before, both), _names(after, both)))


def _names(runs: dict[Identity, list[Run]], both: Sequence[Identity]) -> tuple[str, ...]:
    return tuple(sorted(found[0].name for identity, found in runs.items() if identity not in both))


def _ratios(
    pairs: Sequence[tuple[list[Run], list[Run]]], measure: Callable[[Run], float | None], shift: float
) -> tuple[Ratio | None, dict[int, Ratio]]:
    """The ratio over all pairs whose runs came to their end, and that of each by its place."""
    values: dict[int, list[list[float]]] = {}
    for place, pair in enumerate(pairs):
        sides = [[value for run in side if (value := measure(run)) is not None] for side in pair]
        if all(run.answered for side in pair for run in side) and all(sides):
            values[place] = sides
    if not values:
        return None, {}
    old, new = ([sides[side] for sides in values.values()] for side in (0, 1))
    noise = deviations([*old, *new], shift)
    each = {place: ratio([one], [other], shift, noise) for place, (one, other) in values.items()}
    return ratio(old, new, shift, noise), each


def contradictions(runs: Iterable[Run]) -> Iterator[str]:
    """Costs below a bound of the same question, whoever said either."""
    questions: dict[Question, list[Run]] = {}
    for run in runs:
        if run.question is not None:
            questions.setdefault(run.question, []).append(run)
    for found in questions.values():
        for one, other in itertools.product(found, found):
            if one.cost is None or one.violations:
                continue
            has, says = f"{one.name} ({_who(one)}) has a plan for {one.cost:.6f}", f"{other.name} ({_who(other)}) says"
            if other.bound is not None and contradicted(one.cost, other.bound):
                yield f"{has}, but {says} that none costs less than {other.bound:.6f}; one of the two is wrong."
            if other.status == "infeasible":
                yield f"{has}, but {says} that there is none; one of the two is wrong."


def _who(run: Run) -> str:
    return f"{run.solver}, seed {run.seed}, {(run.commit or 'no commit')[:8]}"


def _rank(status: str) -> int:
    return WORST.index(status) if status in WORST else len(WORST)


def _regressions(
    pairs: Iterable[Pair], time: Ratio | None, memory: Ratio | None, thresholds: Thresholds
) -> Iterator[str]:
    for word, found, most in (("time", time, thresholds.time), ("memory", memory, thresholds.memory)):
        if found is not None and found.value > most and found.beyond_noise:
            yield f"{word}: {found.value:.3f} times that of before, more than {most:g}."
    for pair in pairs:
        (status, now), (gap, wider) = pair.statuses, pair.gaps
        if _rank(now) > _rank(status):
            reason = next((f" ({run.reason})" for run in pair.new if run.status == now and run.reason), "")
            yield f"{pair.name}: {now}{reason}, where it was {status}."
        elif gap is not None and wider is not None and wider > gap + thresholds.gap and status != "optimal":
            yield f"{pair.name}: ends with a gap of {wider:.2%}, where it was {gap:.2%}."
        for name, one, most in (("time", pair.time, thresholds.time), ("memory", pair.memory, thresholds.memory)):
            if one is not None and one.low is not None and one.low > most:
                yield f"{pair.name}: takes {one.value:.2f} times the {name} of before, {one.low:.2f} at least."
