"""Runs and comparisons as tables: a heading, and rows of texts."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from heatnet.bench.diff import Comparison, Pair, Thresholds
from heatnet.bench.records import Run, latest
from heatnet.bench.statistics import Ratio

NONE = "–"
GAPS = (0.05, 0.04, 0.03, 0.02, 0.01, 0.005)


@dataclass(frozen=True)
class Table:
    """Texts, in Markdown; the first column names the row."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def plain(self) -> Table:
        """The table without the marks of Markdown."""
        return Table(self.head, tuple(tuple(cell.replace("`", "") for cell in row) for row in self.rows))

    def markdown(self) -> Iterator[str]:
        """The lines of the table in Markdown."""
        yield f"| {' | '.join(self.head)} |"
        yield f"|{'---|' * len(self.head)}"
        for row in self.rows:
            yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"


def runs_table(runs: Iterable[Run]) -> Table:
    """What every run came to: medians over its repeats, with their range where there are several; the worst gap."""
    head = ("run", "status", "seconds", "build", "solve", "peak MB", "gap", "cost", "bound", "repeats", "hoped for")
    return Table(head, tuple(_row(found) for found in latest(runs).values()))


def _row(runs: Sequence[Run]) -> tuple[str, ...]:
    last = runs[-1]
    gaps = [run.gap for run in runs if run.gap is not None]
    return (
        last.title or last.name,
        ", ".join(sorted({run.status for run in runs})),
        spread([run.spent_s for run in runs]),
        spread([run.seconds.get("build") for run in runs]),
        spread([run.seconds.get("solve") for run in runs]),
        spread([run.peak_rss_mb for run in runs], "{:,.0f}"),
        f"{max(gaps):.2%}" if gaps else NONE,
        number(last.cost),
        number(last.bound),
        str(len(runs)),
        last.target,
    )


def sizes_table(runs: Iterable[Run]) -> Table | None:
    """Sizes of models and where the time went, of runs that tell them."""
    rows = []
    for found in latest(runs).values():
        last = found[-1]
        size = ", ".join(f"{value:,} {name}" for name, value in last.size.items())
        share = ", ".join(f"{name} {value:.1f} s" for name, value in last.seconds.items() if name != "total")
        effort = ((last.rounds, "rounds"), (last.cuts, "cuts"))
        counted = ", ".join(f"{value:,} {word}" for value, word in effort if value is not None)
        if size or share:
            rows.append((last.title or last.name, size or NONE, share or NONE, counted or NONE))
    return Table(("run", "size", "where the time goes", "rounds and cuts"), tuple(rows)) if rows else None


def gaps_table(runs: Iterable[Run]) -> Table | None:
    """Seconds of the search to the first plan, and until cost and bound were so near; of runs with a trace."""
    rows = []
    for found in latest(runs).values():
        last = found[-1]
        if last.trace:
            times = [last.first_plan_s, *(last.gap_after_s(gap) for gap in GAPS), last.primal_integral_s]
            rows.append((last.title or last.name, *(number(time, "{:,.1f}") for time in times)))
    head = ("run", "first plan", *(f"gap {gap:.1%}" for gap in GAPS), "primal integral")
    return Table(head, tuple(rows)) if rows else None


def pairs_table(comparison: Comparison, thresholds: Thresholds) -> Table:
    """Every run of both files: old and new beside each other."""
    head = ("run", "status", "seconds", "ratio", "peak MB", "ratio", "gap", "")
    won, lost = comparison.won(thresholds.time), comparison.lost(thresholds.time)

    def row(pair: Pair) -> tuple[str, ...]:
        verdict = "faster" if pair in won else "slower" if pair in lost else ""
        return (
            pair.name,
            _both(*pair.statuses),
            _sides(pair, lambda run: run.spent_s, "{:,.1f}"),
            interval(pair.time),
            _sides(pair, lambda run: run.peak_rss_mb, "{:,.0f}"),
            interval(pair.memory),
            _both(*(NONE if gap is None else f"{gap:.2%}" for gap in pair.gaps)),
            verdict,
        )

    return Table(head, tuple(row(pair) for pair in comparison.pairs))


def _sides(pair: Pair, measure: Callable[[Run], float | None], form: str) -> str:
    return " → ".join(spread([measure(run) for run in side], form) for side in (pair.old, pair.new))


def _both(old: str, new: str) -> str:
    return old if old == new else f"{old} → {new}"


def interval(found: Ratio | None) -> str:
    """A ratio, with its interval where there is one."""
    if found is None:
        return NONE
    return f"{found.value:.3f}" + ("" if found.low is None else f" ({found.low:.3f} to {found.high:.3f})")


def spread(values: Iterable[float | None], form: str = "{:,.2f}") -> str:
    """The median, and the range where there are several."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return NONE
    text = form.format(statistics.median(known))
    return text if len(known) == 1 else f"{text} ({form.format(known[0])} to {form.format(known[-1])})"


def number(value: float | None, form: str = "{:,.3f}") -> str:
    """A number, or a dash."""
    return NONE if value is None else form.format(value)
