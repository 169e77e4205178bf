"""Decomposition: the answer of the one big model, from a core and blocks that never see each other.

The expected values are those of the big model handed to HiGHS as it is (`plain`), of the points and cuts written down
here, or of the same strategy in another way.

Sensitivity. Without each of these would go unnoticed:
- same answer: a cut that cuts off the optimum (the bound is above the cost of `plain`), a plan that is dearer than told
  (the checker), a search that ends too early (the gap), a contingency or an allocation that is left out.
- in-out: a point asked elsewhere than half-way and a little inward, or a worse point that replaces the best.
- table: a cut that loses its constant, its kind or a slope on the way to the file, or is given to a block it is not of.
- cuts that help: an earlier run's cuts that are not read; the bound would begin far below.
- cuts of others: cuts of another city that are taken in silence.
- start: a plan that is not begun from; one that its schedule forbids and that ends the search, or is told as allowed.
- start of another instance: machines kept that are not there any more, so that the plan seems the cheapest.
- no gap: a relaxation that ends far from closed, or not at all. interrupt at the end: a plan lost after it was found.
- time: an exception, or a plan that nobody checked, where time is short.
- twice: an answer that depends on anything but instance, seed and threads.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from conftest import TUTORIAL
from oracles.test_invariants import town

import heatnet
from heatnet.check import check
from heatnet.errors import UsageError
from heatnet.formulation.case import Case
from heatnet.instance import Instance
from heatnet.instance.series import TimeGrid
from heatnet.solve import Answer, Limits, Progress, Start, contradicted, find_solver
from solvers import cut_pool
from solvers.blocks import Cut
from solvers.parts import core_part
from solvers.stabiliser import InOut

GAP = 0.005


def answer(instance: Instance, solver: str = "decomposition", **changes: Any) -> Answer:
    """What a strategy says, on the instance's own days."""
    defaults = instance.header.solve
    grid = TimeGrid.choose(instance, defaults.days, defaults.step_hours)
    limits = Limits(**{"gap": GAP, "threads": 1, "time_s": 120.0, **changes.pop("limits", {})})
    strategy = find_solver(solver)
    return strategy.solve(grid, limits=limits, observer=lambda progress: None, **changes)


@pytest.mark.parametrize("seed", range(12))
def test_same_answer(seed: int) -> None:
    """Neither's bound is above the other's cost, the plan is sound, and costs what is told."""
    instance = town(seed)
    split, whole = answer(instance), answer(instance, "plain", limits={"gap": 1e-6})
    assert split.solution is not None
    assert split.cost is not None
    assert split.bound is not None
    assert whole.cost is not None
    assert whole.bound is not None
    assert not contradicted(whole.cost, split.bound)
    assert not contradicted(split.cost, whole.bound)
    report = check(instance, split.solution)
    assert not report.violated
    assert report.cost == pytest.approx(split.cost, rel=1e-6, abs=1e-6)
    if split.status == "optimal":
        assert split.cost <= whole.cost * (1 + 2 * GAP) + 1e-6
    else:
        assert split.stop_reason == "cuts cannot close what commitment adds to the cost of the days"


def test_in_out() -> None:
    """Half-way between optimum and best point, then a tenth of the way to the middle; a dearer point is no best.

    The middle after (2, 0) and (0, 4): four fifths of the one and one fifth of the other, (1.6, 0.8).
    """
    stable = InOut()
    first, far = np.array([2.0, 0.0]), np.array([0.0, 4.0])
    assert stable.ask(first).tolist() == [2.0, 0.0]
    stable.told(first, 10.0)
    assert stable.ask(far) == pytest.approx([0.9 * 1.0 + 0.1 * 2.0, 0.9 * 2.0])
    stable.told(far, 11.0)
    assert stable.cost == 10.0
    assert stable.ask(far) == pytest.approx([0.9 * 1.0 + 0.16, 0.9 * 2.0 + 0.08])
    stable.told(far, np.inf)
    assert stable.cost == 10.0
    stable.told(far, 9.0)
    assert stable.cost == 9.0
    assert stable.point is far


def test_table() -> None:
    """Two cuts there and back; one for every block of its hash, none for a block of another."""
    instance = town(3)
    core = core_part(Case(instance, TimeGrid.choose(instance, instance.series.days, 12))).core
    places = [(year, day) for year in core.case.years for day in core.case.grid.days][:2]
    number = len(core.links_of(*places[0]))
    slope = np.zeros(number)
    slope[[0, number - 1]] = -1.5, 0.25
    cuts = [Cut(places[0], "cost", 7.0, slope), Cut(places[0], "feasible", -2.0, 2 * slope)]
    frame = cut_pool.to_frame(cuts, core, {places[0]: "one"})
    back = cut_pool.from_frame(frame, core, {places[0]: "one", places[-1]: "one" if len(places) > 1 else "two"})
    of_first = [cut for cut in back if cut.place == places[0]]
    assert [(cut.kind, cut.constant, cut.slope.tolist()) for cut in of_first] == [
        (cut.kind, cut.constant, cut.slope.tolist()) for cut in cuts
    ]
    assert len(back) == 2 * len(places)
    assert cut_pool.from_frame(frame, core, {places[0]: "other"}) == []


def test_cuts_help() -> None:
    """With the cuts of a finished run there is less to learn, and what they say is still true."""
    instance = town(5)
    first = answer(instance)
    assert first.cuts is not None
    again = answer(instance, start=Start(cuts=first.cuts))
    assert again.cuts is not None
    assert again.bound is not None
    assert first.cost is not None
    assert not contradicted(first.cost, again.bound)
    given, after = first.cuts["cut"].nunique(), again.cuts["cut"].nunique()
    assert 0 < after - given < given


def test_cuts_of_others() -> None:
    """Cuts of which none is of a block of the city: one sentence."""
    with pytest.raises(UsageError, match="of other blocks"):
        answer(town(6), start=Start(cuts=answer(town(5)).cuts))


def test_start() -> None:
    """A run that begins from a plan never ends with a dearer one, and needs no network of its own."""
    instance = town(5)
    first = answer(instance)
    again = answer(instance, start=Start(first.solution))
    assert first.cost is not None
    assert again.cost is not None
    assert again.cost <= first.cost * (1 + GAP) + 1e-6
    told = [row[1] for row in again.trace if row[1] is not None]
    assert told[0] <= first.cost * (1 + GAP) + 1e-6


def test_start_of_another_schedule() -> None:
    """The plan of `free` keeps the coal that `policy` closes: its network serves, the machines are chosen anew."""
    tutorial = heatnet.read(TUTORIAL)
    free, policy = tutorial.with_schedule("free"), tutorial.with_schedule("policy")
    plan, whole = answer(free), answer(policy, "plain", limits={"gap": 1e-6})
    again = answer(policy, start=Start(plan.solution))
    assert again.status == "optimal"
    assert again.solution is not None
    assert not check(policy, again.solution).violated
    assert again.cost == pytest.approx(whole.cost, rel=GAP)


@pytest.mark.parametrize("seed", [7, 10])
def test_start_of_another_instance(seed: int) -> None:
    """A plan that keeps more machines than there are any more: what is left of it is begun from, and the rest is not.

    Of five machines, or four, only one is there now.
    """

    def with_machines(count: int) -> Instance:
        units = (u.model_copy(update={"count": count}) if u.id == "s" else u for u in instance.units)
        return replace(instance, units=tuple(units))

    instance = town(seed)
    plan = answer(with_machines(5))
    assert plan.solution is not None
    kept = plan.solution.units
    assert kept.loc[kept["unit"] == "s", "existing_machines"].max() > 1
    fewer = with_machines(1)
    again, whole = answer(fewer, start=Start(plan.solution)), answer(fewer, "plain", limits={"gap": 1e-6})
    assert again.solution is not None
    assert not check(fewer, again.solution).violated
    assert again.cost is not None
    assert whole.bound is not None
    assert not contradicted(again.cost, whole.bound)


def test_no_gap() -> None:
    """A gap of nothing may be asked for: the cuts come as near as rounding lets them."""
    split, whole = answer(town(5), limits={"gap": 0.0}), answer(town(5), "plain", limits={"gap": 1e-6})
    assert split.cost is not None
    assert whole.bound is not None
    assert split.cost == pytest.approx(whole.bound, rel=1e-4)


def test_interrupt_at_the_end() -> None:
    """The end of the search is told, so that Ctrl-C waits from then on, and one that comes just then loses nothing."""
    told_of: set[str] = set()

    def observer(progress: Progress) -> None:
        told_of.add(progress.phase)
        if progress.phase == "extract":
            raise KeyboardInterrupt

    instance = town(5)
    grid = TimeGrid.choose(instance, instance.header.solve.days, instance.header.solve.step_hours)
    told = find_solver("decomposition").solve(grid, limits=Limits(GAP, 120.0, 1), observer=observer)
    assert "extract" in told_of
    assert told.status == "optimal"
    assert told.solution is not None


def test_time() -> None:
    """With no time there is no plan, and no error."""
    short = answer(town(5), limits={"time_s": 0.05})
    assert (short.status, short.stop_reason) in {("no_solution", "time limit"), ("optimal", "gap reached")}


@pytest.mark.parametrize("threads", [1, 2])
def test_twice(threads: int) -> None:
    """Two runs with the same seed and threads say the same, also where a proof runs beside the search for plans."""
    one, other = (answer(town(8), limits={"threads": threads}) for _ in range(2))
    assert (one.cost, one.bound) == (other.cost, other.bound)
    assert one.solution is not None
    assert other.solution is not None
    assert one.solution.units.equals(other.solution.units)
