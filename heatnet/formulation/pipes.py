"""Pipes: existing pairs kept or taken out, new pairs by type, loss by what is installed, convex pump power."""

from __future__ import annotations

from itertools import pairwise

import pyomo.environ as pyo

from heatnet.formulation.case import Line
from heatnet.formulation.model import Asset, Balance, Core, Expression, Operation, total
from heatnet.physics.pipes import CURVE_SHARES


def invest(core: Core) -> None:
    """Existing pairs kept by pipe, and new pairs in place by line, in every stage; links `pairs`."""
    case, block = core.case, core.block
    existing = {line.pipe.id: line.pipe for line in case.lines.values() if line.exists}
    candidates = {line.id: line for line in case.lines.values() if line.candidate}
    block.kept_pairs = pyo.Var(
        list(existing), case.years, domain=pyo.Integers, bounds=lambda _, p, y: (0, existing[p].existing_pairs)
    )
    block.new_pairs = pyo.Var(
        list(candidates), case.years, domain=pyo.Integers, bounds=lambda _, n, y: (0, candidates[n].pipe.max_new_pairs)
    )
    block.pairs_never_return = pyo.Constraint(
        list(existing),
        list(pairwise(case.years)),
        rule=lambda b, p, before, after: b.kept_pairs[p, after] <= b.kept_pairs[p, before],
    )
    assets = {
        line.id: Asset(line.pipe.max_new_pairs, line.pipe.earliest_year, line.type.life_years)
        for line in candidates.values()
    }
    core.restrict_additions("laid_pairs", assets, block.new_pairs)
    _share_corridor(core, candidates)
    for line in case.lines.values():
        most = (line.pipe.existing_pairs if line.exists else 0) + (line.pipe.max_new_pairs if line.candidate else 0)
        core.link_max["pairs", line.id] = most
        for year in case.years:
            _offer(core, line, year)


def _share_corridor(core: Core, candidates: dict[str, Line]) -> None:
    """New pairs of all types of a pipe together stay within its `max_new_pairs`."""
    case, block = core.case, core.block
    types: dict[str, list[Line]] = {}
    for line in candidates.values():
        types.setdefault(line.pipe.id, []).append(line)

    def laid(line: Line) -> Expression:
        in_place = {year: block.new_pairs[line.id, year] for year in case.years}
        return total(list(case.additions(in_place, line.type.life_years).values()))

    block.corridor = pyo.Constraint(
        [pipe for pipe, lines in types.items() if len(lines) > 1],
        rule=lambda _, p: total([laid(line) for line in types[p]]) <= types[p][0].pipe.max_new_pairs,
    )


def _offer(core: Core, line: Line, year: int) -> None:
    case, block = core.case, core.block
    old = block.kept_pairs[line.pipe.id, year] if line.exists else 0
    new = block.new_pairs[line.id, year] if line.candidate else 0
    core.offer(("pairs", line.id), year, old + new)
    price = case.weight(year) * line.capex_mcur
    core.cost("pipes", year, price * case.annuity(line.type.life_years) * new)
    core.cost("fixed", year, price * line.type.fixed_share_per_year * (old + new))


def cover(core: Core, year: int, balance: Balance) -> None:
    """Flows of the design hour within the capacity of what is in place, losses of what is in place."""
    case, block = core.case, core.block.design[year]
    block.flow = pyo.Var(list(case.lines), bounds=lambda _, n: (-_most(core, n), _most(core, n)))
    block.flow_forward = pyo.Constraint(
        list(case.lines), rule=lambda b, n: b.flow[n] <= case.lines[n].capacity_mw * core.offers["pairs", n][year]
    )
    block.flow_backward = pyo.Constraint(
        list(case.lines), rule=lambda b, n: -b.flow[n] <= case.lines[n].capacity_mw * core.offers["pairs", n][year]
    )
    for line in case.lines.values():
        _join(balance, line, 0, block.flow[line.id], core.offers["pairs", line.id][year])


def _most(core: Core, line: str) -> float:
    return core.case.lines[line].capacity_mw * core.link_max["pairs", line]


def operate(operation: Operation) -> None:
    """Flow in two directions, pump power above the chords of its curve, losses whether or not heat flows."""
    case, block, steps = operation.case, operation.block, operation.steps
    lines = case.lines
    block.forward = pyo.Var(lines, steps, bounds=(0, None))
    block.backward = pyo.Var(lines, steps, bounds=(0, None))
    block.pump = pyo.Var(lines, steps, bounds=(0, None))
    block.line_capacity = pyo.Constraint(
        lines,
        steps,
        rule=lambda b, n, s: b.forward[n, s] + b.backward[n, s] <= lines[n].capacity_mw * operation.link("pairs", n),
    )

    def above_chord(b: Expression, n: str, s: int, k: int) -> Expression:
        slope, start = _chord(lines[n], k)
        return b.pump[n, s] >= slope * (b.forward[n, s] + b.backward[n, s]) + start * operation.link("pairs", n)

    block.pump_curve = pyo.Constraint(lines, steps, range(len(CURVE_SHARES) - 1), rule=above_chord)
    for line in lines.values():
        for step in steps:
            flow = block.forward[line.id, step] - block.backward[line.id, step]
            _join(operation.balance, line, step, flow, operation.link("pairs", line.id))
            price = operation.step_weight * operation.price("power_retail_cur_per_mwh", step)
            operation.cost("pumping", price * block.pump[line.id, step])


def _chord(line: Line, segment: int) -> tuple[float, float]:
    """Slope (MW pump per MW heat) and start (MW per pair) of the pump curve between two of its points."""
    (low, high), (less, more) = CURVE_SHARES[segment : segment + 2], line.pump_mw[segment : segment + 2]
    slope = (more - less) / ((high - low) * line.capacity_mw)
    return slope, less - slope * low * line.capacity_mw


def _join(balance: Balance, line: Line, time: int, flow: Expression, pairs: Expression) -> None:
    """Flow leaves `from_node` and comes to `to_node`; each end feeds half the loss."""
    half = 0.5 * line.loss_mw * pairs
    balance.add(line.pipe.from_node, time, -flow - half)
    balance.add(line.pipe.to_node, time, flow - half)
