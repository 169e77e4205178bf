"""Shares of the design loads that occur at once, in the strategy `design`: the answer of the one big model.

Sensitivity. Without each of these would go unnoticed:
- towns: a share that `design` reads otherwise than the model, in its plans, its bounds or its inequalities.
- more: a flow of the design hour that is held to the capacity.
- street: the same in a network of its own kind, with the shares that are counted on its plans.
"""

from __future__ import annotations

import pytest
from formulation.city import DAYS, H, optimum
from test_design import answer, grid_of, town
from test_diversity import line

from heatnet.check import check
from heatnet.generate.street import street
from heatnet.instance import Series
from heatnet.solve import Limits, contradicted, solve
from heatnet.study.diversity import diversity, given, with_shares
from heatnet.study.points import Study
from solvers.design import bounds, problem, search
from solvers.monolithic import Plain

MILD = (5.0,) * DAYS
"""All days at 5 °C: operation asks for half of the design loads."""


@pytest.mark.parametrize("seed", range(10))
def test_towns(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Towns with shares of all kinds: the cost of the model and that of `design` are the same, and the plan sound."""
    monkeypatch.setattr(search, "SMALL", 10**9 if seed % 2 else 0)
    instance = town(seed, outdoor=MILD)
    shares = {key: 0.45 + 0.55 * ((7 * k) % 10) / 10 for k, key in enumerate(given(instance))}
    instance = with_shares(instance, shares)
    own, whole = answer(instance), answer(instance, Plain())
    assert own.cost is not None
    assert whole.cost is not None
    assert own.bound is not None
    assert own.solution is not None
    assert own.cost == pytest.approx(whole.cost, rel=3e-6, abs=1e-5)
    assert not contradicted(whole.cost, own.bound)
    assert check(instance, own.solution).violations.empty


def test_more_than_the_capacity() -> None:
    """Of 15 MW and 100 consumers each at A and B, 30 flow to A in the design hour, by a thick pair of 20 MW.

    Heat 15 MW · 20 · H = 0.9, two boilers 1.0, the thick pair 0.5 (15 MW in operation), a thin one of 12 for B 0.25.
    """
    instance = line()
    instance = instance.replace(demands=tuple(row.model_copy(update={"area_mm2": 15.0}) for row in instance.demands))
    shares = {("pipes", "SA"): 0.5, ("pipes", "AB"): 0.6, ("units", "n"): 0.5}
    instance = with_shares(instance, shares)
    optimum(instance, 300 * H + 1.75, solver="design")
    asked = problem.of_grid(grid_of(instance))
    assert bounds.capped(asked, bounds.flow_bounds(asked)).max() == pytest.approx(30)


def test_street() -> None:
    """A street whose mean loads are half of its peaks: neither strategy has a plan below the other's bound."""
    instance = street(30, seed=0)
    half = Series({**instance.series, "mean_factor": [0.5] * instance.series.hours})
    rows = {"consumers": 20, "shape_series": "mean_factor"}
    instance = instance.replace(series=half, demands=tuple(row.model_copy(update=rows) for row in instance.demands))
    found = diversity(instance, 4, Study(solver="design", limits=Limits(gap=1e-4, threads=1), days=1, step_hours=24))
    assert found.last.status == "optimal"
    assert found.last.report is not None
    assert not found.last.report.violated
    whole = solve(
        found.last.instance, solver="monolithic", days=1, step_hours=24, limits=Limits(gap=0.03, time_s=10, threads=1)
    )
    own = found.last.answer
    for one, other in ((own, whole.answer), (whole.answer, own)):
        assert one.cost is not None
        assert other.bound is not None
        assert not contradicted(one.cost, other.bound)
