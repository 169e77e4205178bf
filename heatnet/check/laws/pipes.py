"""Laws of what is laid and kept, and of the regimes of zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatnet.check import tolerance as tol
from heatnet.check.laws.counts import from_whole, leaving

if TYPE_CHECKING:
    from heatnet.check.facts import Facts
    from heatnet.check.findings import Findings, Labels
    from heatnet.check.plan import Grid, Plan
    from heatnet.check.state import State


def judge_pipes(found: Findings, facts: Facts, pipes: Grid) -> None:
    """Pairs of every line and stage."""
    years, lines = facts.stages.years, facts.lines
    place: dict[str, Labels] = {"stage": years, "id": lines.ids}
    kept, new = pipes["existing_pairs"], pipes["new_pairs"]
    for name in ("pairs", "existing_pairs", "new_pairs", "removed_pairs"):
        found.judge("pipes.integer", from_whole(pipes[name]), tol.COUNT, "pairs", **place)
    for values in (kept, new):
        found.judge("pipes.negative", -values, tol.COUNT, "pairs", **place)
    found.judge("pipes.limit", kept - lines.existing, tol.COUNT, "pairs", **place)
    found.judge("pipes.limit", np.where(lines.candidate, 0.0, new), tol.COUNT, "pairs", **place)
    laid = np.array([new[:, lines.pipe == k].sum() for k in range(len(lines.pipe_ids))])
    found.judge("pipes.limit", laid - lines.max_new, tol.COUNT, "pairs", id=lines.pipe_ids)
    found.judge("pipes.early", facts.stages.early(new, lines.earliest), tol.COUNT, "pairs", **place)
    found.judge("pipes.kept_rises", np.diff(kept, axis=0), tol.COUNT, "pairs", stage=years[1:], id=lines.ids)
    there = kept + facts.stages.standing(new, lines.life)
    found.judge("pipes.pairs", np.abs(pipes["pairs"] - there), tol.COUNT, "pairs", **place)
    left = leaving(lines.existing, kept)
    found.judge("pipes.removed", np.abs(pipes["removed_pairs"] - left), tol.COUNT, "pairs", **place)


def judge_regimes(found: Findings, facts: Facts, plan: Plan, state: State) -> None:
    """Zones go forward in their order and begin with the first, and lines are run as they or their zones are."""
    years, zones = facts.stages.years, facts.zones
    place = plan.zone_regime
    back = -np.diff(place, axis=0).astype(np.float64)
    found.judge("regimes.order", back, tol.COUNT, "regimes", stage=years[1:], id=zones.ids)
    early = np.where(years[:, None] < zones.earliest, place, 0)
    found.judge("regimes.early", early, tol.COUNT, "regimes", stage=years, id=zones.ids)
    wrong = [
        [told not in (None, zones.regime_ids[right]) for told, right in zip(*rows, strict=True)]
        for rows in zip(plan.line_regime, state.line_regime, strict=True)
    ]
    size = np.array(wrong, dtype=np.float64).reshape(state.line_regime.shape)
    found.judge("pipes.regime", size, tol.COUNT, "regimes", stage=years, id=facts.lines.ids)
