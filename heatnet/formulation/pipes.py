"""Pipes: existing pairs kept or taken out, new pairs by type, loss by what is installed, convex pump power, delay."""

from __future__ import annotations

from itertools import pairwise

import pyomo.environ as pyo

from heatnet.formulation.case import Line
from heatnet.formulation.model import Asset, Balance, Core, Expression, Operation, total
from heatnet.physics.pipes import CURVE_SHARES


def invest(core: Core) -> None:
    """Existing pairs kept by pipe, and new pairs in place by `PIPE/TYPE`, in every stage."""
    case, block = core.case, core.block
    existing = {line.pipe.id: line.pipe for line in case.assets.values() if line.exists}
    candidates = {line.name: line for line in case.assets.values() if line.candidate}
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
        line.name: Asset(line.pipe.max_new_pairs, line.pipe.earliest_year, line.type.life_years)
        for line in candidates.values()
    }
    core.restrict_additions("laid_pairs", assets, block.new_pairs)
    _share_corridor(core, candidates)
    for line in case.assets.values():
        for year in case.years:
            _place(core, line, year)


def _share_corridor(core: Core, candidates: dict[str, Line]) -> None:
    """New pairs of all types of a pipe together stay within its `max_new_pairs`."""
    case, block = core.case, core.block
    types: dict[str, list[Line]] = {}
    for line in candidates.values():
        types.setdefault(line.pipe.id, []).append(line)

    def laid(line: Line) -> Expression:
        in_place = {year: block.new_pairs[line.name, year] for year in case.years}
        return total(list(case.additions(in_place, line.type.life_years).values()))

    block.corridor = pyo.Constraint(
        [pipe for pipe, lines in types.items() if len(lines) > 1],
        rule=lambda _, p: total([laid(line) for line in types[p]]) <= types[p][0].pipe.max_new_pairs,
    )


def _place(core: Core, line: Line, year: int) -> None:
    case, block = core.case, core.block
    old = block.kept_pairs[line.pipe.id, year] if line.exists else 0
    new = block.new_pairs[line.name, year] if line.candidate else 0
    core.pairs[line.name, year] = old + new
    price = case.weight(year) * line.capex_mcur
    core.cost("pipes", year, price * case.annuity(line.type.life_years) * new)
    core.cost("fixed", year, price * line.type.fixed_share_per_year * (old + new))


def cover(core: Core, year: int, balance: Balance) -> None:
    """Flows of the design hour within the capacity of what is in place, losses of what is in place."""
    case, block = core.case, core.block.design[year]
    lines = case.lines

    def bounds(_: object, n: str) -> tuple[float, float]:
        most = lines[n].design_mw * lines[n].most_pairs
        return (0.0 if lines[n].one_way else -most), most

    block.flow = pyo.Var(list(lines), bounds=bounds)
    block.flow_forward = pyo.Constraint(
        list(lines), rule=lambda b, n: b.flow[n] <= lines[n].design_mw * core.lines[n, year]
    )
    block.flow_backward = pyo.Constraint(
        [n for n, line in lines.items() if not line.one_way],
        rule=lambda b, n: -b.flow[n] <= lines[n].design_mw * core.lines[n, year],
    )
    for line in lines.values():
        half = 0.5 * line.loss_mw * core.lines[line.id, year]
        balance.add(line.pipe.from_node, 0, -block.flow[line.id] - half)
        balance.add(line.pipe.to_node, 0, block.flow[line.id] - half)


def operate(operation: Operation) -> None:
    """Flow in two directions, pump power above the chords of its curve, losses whether or not heat flows.

    On a pipe with a delay heat comes out later, and there is one direction.
    """
    case, block, steps = operation.case, operation.block, operation.steps
    lines = case.lines
    block.forward = pyo.Var(lines, steps, bounds=(0, None))
    block.backward = pyo.Var(lines, steps, bounds=lambda _, n, s: (0, 0 if lines[n].one_way else None))
    block.pump = pyo.Var(lines, steps, bounds=lambda _, n, s: (0, lines[n].pump_mw[-1] * lines[n].most_pairs))
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
            half = 0.5 * line.loss_mw * operation.link("pairs", line.id)
            leaves = block.forward[line.id, step] - block.backward[line.id, step]
            operation.balance.add(line.pipe.from_node, step, -leaves - half)
            operation.balance.add(line.pipe.to_node, step, _arrival(operation, line, step) - half)
            price = operation.step_weight * operation.price("power_retail_cur_per_mwh", step)
            operation.cost("pumping", price * block.pump[line.id, step])


def _chord(line: Line, segment: int) -> tuple[float, float]:
    """Slope (MW pump per MW heat) and start (MW per pair) of the pump curve between two of its points."""
    (low, high), (less, more) = CURVE_SHARES[segment : segment + 2], line.pump_mw[segment : segment + 2]
    slope = (more - less) / ((high - low) * line.capacity_mw)
    return slope, less - slope * low * line.capacity_mw


def _arrival(operation: Operation, line: Line, step: int) -> Expression:
    """Heat that comes out in a step: what went in `delay_h` before, the day as a ring.

    Flow is constant within a step, so a delay that is no whole number of steps mixes two of them by their hours.
    """
    block, length = operation.block, operation.case.grid.step_hours
    whole, rest = divmod(line.pipe.delay_h, length)
    number = len(operation.steps)

    def entered(back: int) -> Expression:
        return block.forward[line.id, (step - back) % number] - block.backward[line.id, (step - back) % number]

    if not rest:
        return entered(whole)
    return ((length - rest) * entered(whole) + rest * entered(whole + 1)) / length
