"""A problem in units of its own size: the network needs 100, the median line costs 1.

HiGHS gave false bounds on networks of houses in kW and true ones in units near this (`solvers/highs.py` has no say in
the units that a model comes in).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.design.problem import Array, Problem


def units_of(problem: Problem) -> tuple[float, float]:
    """MW and million that are 1 in the model."""
    power = float(problem.load_mw.sum()) / 100.0
    costs = problem.lines.cost_mcur[problem.lines.cost_mcur > 0]
    money = float(np.median(costs)) if len(costs) else power * float(problem.unserved_mcur.max()) / 100.0
    return power or 1.0, money or 1.0


def scaled(problem: Problem, power: float, money: float) -> Problem:
    """The same problem with so many MW and million as units."""
    p, lines, units = problem, problem.lines, problem.units

    def price(values: Array) -> Array:
        return np.asarray(values * (power / money))

    return replace(
        p,
        lines=replace(
            lines,
            capacity_mw=lines.capacity_mw / power,
            design_mw=lines.design_mw / power,
            loss_mw=lines.loss_mw / power,
            cost_mcur=lines.cost_mcur / money,
            pump_mw=lines.pump_mw / power,
        ),
        units=replace(
            units,
            kept_mcur=units.kept_mcur / money,
            new_mcur=units.new_mcur / money,
            able_mw=units.able_mw / power,
            corner_mw=units.corner_mw / power,
            corner_mcur=units.corner_mcur / money,
        ),
        load_mw=p.load_mw / power,
        connect_mcur=p.connect_mcur / money,
        sold_mcur=price(p.sold_mcur),
        short_mcur=p.short_mcur * power / money,
        unserved_mcur=price(p.unserved_mcur),
        power_mcur=price(p.power_mcur),
        station_mw=p.station_mw / power,
        constant_mcur=p.constant_mcur / money,
    )
