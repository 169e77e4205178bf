"""A certificate: what others say of an answer's cost and bound, and whether any two claims contradict each other.

A cost is believed where the checker found its plan sound; a bound is a claim. Of two claims that contradict each other
the bound falls, since the cost has a plan to show.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from heatnet.check import check
from heatnet.solve import (
    COST_TOLERANCE,
    Limits,
    Observer,
    Progress,
    Result,
    Start,
    announce,
    contradicted,
    cost_difference,
    proved,
    versions,
)

WITNESS_S = 60.0
"""Seconds that a witness has at least; it has as many as the solve took where those are more."""


@dataclass(frozen=True)
class Claim:
    """What somebody says: a cost with a plan that the checker found sound, a bound, or both; million."""

    by: str
    status: str
    cost: float | None
    bound: float | None
    seconds: float


@dataclass(frozen=True)
class Certificate:
    """Claims on one instance at one resolution. `contradictions` are sentences; `bound` is the highest that stands."""

    claims: tuple[Claim, ...]
    contradictions: tuple[str, ...]
    cost: float | None
    bound: float | None

    def document(self, result: Result) -> dict[str, Any]:
        """The content of `certificate.json`."""
        report = result.report
        return {
            "instance_sha256": result.instance.sha256,
            "days": len(result.grid.days),
            "step_hours": result.grid.step_hours,
            "cost": self.cost,
            "bound": self.bound,
            "violations": None if report is None else len(report.violations),
            "cost_difference": result.cost_difference,
            "claims": [asdict(claim) for claim in self.claims],
            "contradictions": list(self.contradictions),
            "versions": versions(),
        }


def certify(result: Result, observer: Observer, known: tuple[Claim, ...] = ()) -> Certificate:
    """Ask every witness that is installed for its opinion on an answer, and compare all claims.

    An interrupt ends the asking; what was said so far counts.
    """
    answer = result.answer
    cost = None if result.refused else answer.cost
    own = Claim(result.solver, result.status, cost, answer.bound, sum(answer.seconds.values()))
    limits = replace(result.limits, time_s=max(WITNESS_S, own.seconds), dask=None)
    said: list[Claim] = []
    with contextlib.suppress(KeyboardInterrupt):
        for claim in _witnesses(result, limits, observer):
            said.append(claim)  # one by one: what comes before an interrupt is kept
    announce(observer, Progress("check", own.seconds, answer.cost, answer.bound))
    return weigh((own, *known, *said))


def certified(result: Result, certificate: Certificate) -> Result:
    """The result with the bound that stands, and the status that follows from it."""
    answer = replace(result.answer, bound=certificate.bound)
    if certificate.contradictions:
        reason = certificate.contradictions[0].rstrip(".")
        return replace(result, answer=replace(answer, status="contradicted", stop_reason=reason))
    if answer.cost is not None and answer.bound is not None and not result.refused:
        answer = proved(answer, answer.cost, answer.bound, result.limits.gap)
    return replace(result, answer=answer)


def weigh(claims: tuple[Claim, ...]) -> Certificate:
    """The certificate that follows from claims."""
    costs = [(claim.cost, claim.by) for claim in claims if claim.cost is not None]
    bounds = [(claim.bound, claim.by) for claim in claims if claim.bound is not None]
    least, holder = min(costs, default=(math.inf, "nobody"))
    standing = [bound for bound, _ in bounds if not contradicted(least, bound)]
    fallen = [
        f"{who} says that no plan costs less than {bound:.6f}, but {holder} has one for {least:.6f}."
        for bound, who in bounds
        if contradicted(least, bound)
    ]
    fallen += [
        f"{claim.by} says that there is no plan, but {holder} has one."
        for claim in claims
        if claim.status == "infeasible" and costs
    ]
    return Certificate(claims, tuple(fallen), least if costs else None, max(standing, default=None))


def _witnesses(result: Result, limits: Limits, observer: Observer) -> Iterator[Claim]:
    began = time.perf_counter()
    for entry in sorted(importlib.metadata.entry_points(group="heatnet.witnesses"), key=lambda entry: entry.name):
        try:
            witness = entry.load()()
        except ImportError:
            yield Claim(entry.name, "not installed", None, None, 0.0)
            continue
        announce(observer, Progress(f"asks {entry.name}", time.perf_counter() - began, result.answer.cost))
        asked = time.perf_counter()
        said = witness.solve(result.grid, limits=limits, observer=observer, start=Start(result.answer.solution))
        cost = None
        if said.solution is not None and said.cost is not None:
            report = check(result.instance, said.solution)
            if not report.violated and cost_difference(said.cost, report) <= COST_TOLERANCE:
                cost = report.cost
        yield Claim(entry.name, said.status, cost, said.bound, time.perf_counter() - asked)
        if said.stop_reason == "interrupted":
            return
