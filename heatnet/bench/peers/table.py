"""Both sides of a case as rows of the page: the peer's figures beside heatnet's, and whether the objectives agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from heatnet.bench.peers.features import LEFT_OUT
from heatnet.bench.peers.stored import AGREEMENT, Stored

Told = dict[str, Any]
"""An outcome as a process printed it, or `{"status": why}` where it ended otherwise."""


@dataclass(frozen=True)
class Pair:
    """A case as an adapter and heatnet did it. `clustered`: a dispatch as heatnet does it with whole clusters."""

    case: str
    adapter: str
    peer: Told
    ours: Told
    clustered: Told | None = None

    @property
    def verdict(self) -> str:
        """Whether the objectives agree to `AGREEMENT`; a season is judged by the bound that no run can be below."""
        theirs, ours = self.peer.get("cost"), self.ours.get("cost")
        if theirs is None or ours is None:
            failed = "heatnet" if ours is None else "the peer"
            return f"no comparison: {failed} {(self.ours if ours is None else self.peer)['status']}"
        size = max(abs(ours), 1e-9)
        if self.adapter.endswith("season"):
            bound = self.ours["bound"]
            if bound is not None and min(theirs, ours) < bound - AGREEMENT * size:
                return "WRONG: below the bound of the season"
            return f"peer {(theirs - ours) / size:+.2%}"
        whole = self.clustered or {"proved": False}
        if whole.get("proved") and whole["cost"] > ours + AGREEMENT * size:
            return "WRONG: whole clusters cost more than single machines"
        off = abs(theirs - ours) / size
        if off <= AGREEMENT:
            return "agrees"
        if not (self.peer["proved"] and self.ours["proved"]):
            return f"not proved: {off:.1e} apart"
        return f"WRONG: {off:.1e} apart"

    @property
    def wrong(self) -> bool:
        """Whether the two contradict each other."""
        return self.verdict.startswith("WRONG")


def _seconds(told: Told, *names: str) -> float | None:
    return sum(told[name] for name in names) if "solve_s" in told else None


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _ratio(theirs: float | None, ours: float | None) -> str:
    return "–" if not ours or theirs is None else f"{theirs / ours:.1f}"


ALL = ("assemble_s", "build_s", "solve_s")


def pairs(found: Iterable[Pair]) -> Iterator[str]:
    """Seconds, memory, objective and ratio of every case; a line for each side."""
    yield "| case | side | build s | solve s | memory MB | objective, million | time, peer / heatnet | objectives |"
    yield "|---|---|---|---|---|---|---|---|"
    for pair in found:
        name, job = pair.adapter.split(", ")
        sides = [(name, pair.peer), ("heatnet", pair.ours)]
        if pair.clustered is not None:
            sides.append(("heatnet, whole clusters", pair.clustered))
        for side, told in sides:
            peer = told is pair.peer
            yield (
                f"| {f'{pair.case}, {job}' if peer else ''} | {side} "
                f"| {_number(_seconds(told, 'assemble_s', 'build_s'), '.2f')} | {_number(told.get('solve_s'), '.2f')} "
                f"| {_number(told.get('peak_rss_mb'), ',.0f')} | {_number(told.get('cost'), ',.4f')} "
                f"| {_ratio(_seconds(pair.peer, *ALL), _seconds(pair.ours, *ALL)) if peer else ''} "
                f"| {pair.verdict if peer else ''} |"
            )


def building(found: Iterable[Pair]) -> Iterator[str]:
    """Seconds of building the model down to its matrix, for every thousand non-zeros of that matrix."""
    yield "| case | side | non-zeros | build s | ms per 1000 non-zeros | peer / heatnet |"
    yield "|---|---|---|---|---|---|"
    for pair in found:
        if not (pair.peer.get("nonzeros") and pair.ours.get("nonzeros")):
            continue
        name, job = pair.adapter.split(", ")
        writer = {"PyPSA": "linopy (PyPSA)", "oemof.solph": "Pyomo (oemof.solph)"}[name]
        each = [1e6 * told["build_s"] / told["nonzeros"] for told in (pair.peer, pair.ours)]
        for side, told, cost in zip((writer, "heatnet"), (pair.peer, pair.ours), each, strict=True):
            peer = told is pair.peer
            yield (
                f"| {f'{pair.case}, {job}' if peer else ''} | {side} | {told['nonzeros']:,} | {told['build_s']:.2f} "
                f"| {cost:.2f} | {_ratio(*each) if peer else ''} |"
            )


def stored_models(found: Iterable[Stored]) -> Iterator[str]:
    """The stored models with the optimum that was proved."""
    yield "| model | solve s | memory MB | objective | proved optimum | objectives |"
    yield "|---|---|---|---|---|---|"
    for row in found:
        yield (
            f"| {row.case} | {row.solve_s:.2f} | {row.peak_rss_mb:,.0f} | {row.cost:,.4f} "
            f"| {_number(row.reference, ',.4f')} | {row.verdict} |"
        )


def left_out(adapters: Sequence[str]) -> Iterator[str]:
    """What each adapter leaves out, on both sides."""
    for adapter in adapters:
        yield f"- **{adapter}**: " + "; ".join(f"{one.name} ({one.why})" for one in LEFT_OUT[adapter]) + "."
