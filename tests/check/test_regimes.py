"""The judge on zones with regimes, pipes that are slow, and what stations, tunnels and relays take, by hand.

Sensitivity. Without each of these would go unnoticed:
- each row of BREAKS: that its law does not look at what the change breaks.
- the capacity in a regime: lines that keep the capacity of the start, in operation or in the design hour.
- the loss in a regime: balances that keep the loss of the start.
- the delay in whole and coarse steps: heat that arrives at once, a step off, or split the wrong way round.
- pump power: stations left out, or a curve of the wrong regime.
- one way in contingencies and in the margin: heat that flows back through a slow pipe.
- capex: tunnel or relay stations left out, or the capacity of a later regime.
- substations: charged on the load after the demand side, or of the wrong regime.
"""

from __future__ import annotations

import pandas as pd
import pytest

from check import town
from check.sheet import Breaks, Change, assert_broken_alone, laws
from check.valley import HOT, Answer, valley, with_row
from heatnet.check import check
from heatnet.instance import Instance
from heatnet.physics.pipes import pump_curve
from heatnet.solution import frame

breaks = Breaks()


@pytest.fixture(scope="module")
def instance() -> Instance:
    """The valley."""
    return valley()


@breaks("regimes.rows")
def a_zone_that_is_none(a: Answer) -> None:
    """A row more."""
    a.regimes = pd.concat([a.regimes, frame("regimes", [(2020, "Y", "hot")])])


@breaks("regimes.rows")
def a_stage_missing(a: Answer) -> None:
    """A zone that is not told of is taken as run in its first regime, as it is in 2020."""
    a.regimes = a.regimes.iloc[1:]


@breaks("regimes.rows")
def a_regime_that_is_none(a: Answer) -> None:
    """The same for one whose regime is not of its order."""
    a.set("regimes", (2020, "Z"), regime="tepid")


@breaks("pipes.regime")
def a_pipe_run_unlike_its_zone(a: Answer) -> None:
    """Mild zone, hot pipe."""
    a.set("pipes", (2022, "pd"), regime="hot")


@breaks("pipes.regime")
def a_pipe_run_unlike_itself(a: Answer) -> None:
    """`de` is in no zone and always hot."""
    a.set("pipes", (2022, "de"), regime="mild")


@breaks("pipes.regime")
def a_pipe_without_regime(a: Answer) -> None:
    """No name."""
    a.set("pipes", (2022, "de"), regime="")


@breaks("design.one_way")
def design_heat_that_flows_back(a: Answer) -> None:
    """D makes 60.7 of its own; 0.35 go to P, where nothing is made."""
    a.set("units", (2020, "chp"), design_heat_mw=0)
    a.set("pipes", (2020, "pd"), design_flow_mw=-0.35)
    for unit, heat in (("peak", 50.7), ("old1", 10.0)):
        a.set("units", (2020, unit), design_heat_mw=heat)


@breaks("operation.one_way")
def heat_that_flows_back(a: Answer) -> None:
    """2020 day 1: 0.35 MW go to P all day, and D makes 30.7 and 40.7 of its own."""
    for hour, own in ((0, 30.7), (12, 40.7)):
        a.run(2020, 1, hour, "chp", cond=1)
        a.run(2020, 1, hour, "peak", full=own / 30)
    a.move(2020, 1, (-0.35, -0.35), (0, 0), spill=(0, 0))


@breaks("operation.balance")
def heat_that_arrives_at_once(a: Answer) -> None:
    """What D would have with the flows of the same step: 39.65 and 79.65."""
    a.one(2020, 0, 0, "node", "D", spill_mw=0)
    a.one(2020, 0, 12, "node", "D", spill_mw=79.65 - 60.35)
    a.run(2020, 0, 0, "peak", full=(60.35 - 3.125 - 39.65) / 30)
    a.run(2020, 0, 12, "peak")


@pytest.mark.parametrize(("law", "change"), breaks.rows)
def test_each_law_is_seen_when_broken_alone(instance: Instance, law: str, change: Change) -> None:
    """One change, one law."""
    assert_broken_alone(instance, Answer(), law, change)


def test_a_zone_never_goes_back(instance: Instance) -> None:
    """Mild in 2020, hot in 2022: once early and once back."""
    answer = Answer()
    answer.set("regimes", (2020, "Z"), regime="mild")
    answer.set("regimes", (2022, "Z"), regime="hot")
    found = check(instance, answer.solution).violations
    found = found[found["law"].str.startswith("regimes")]
    assert found[["law", "stage", "id"]].to_numpy().tolist() == [
        ["regimes.order", 2022, "Z"],
        ["regimes.early", 2020, "Z"],
    ]


def test_a_zone_without_an_earliest_year_may_begin_anywhere(instance: Instance) -> None:
    """Mild in both stages is no fault of the zone then."""
    free = with_row(instance, "zones", {"id": "Z"}, earliest_year=None)
    answer = Answer()
    answer.set("regimes", (2020, "Z"), regime="mild")
    assert not [law for law in laws(check(free, answer.solution)) if law.startswith("regimes")]


def test_capacity_is_that_of_the_regime(instance: Instance) -> None:
    """One pair carries HOT / 2 = 47.401920 mild: short of the 84.55 and 59.55 MW of the coldest day and of 64.45."""
    answer = Answer()
    answer.set("pipes", (2022, "pd"), existing_pairs=0, removed_pairs=1, pairs=1)
    found = check(instance, answer.solution).violations
    room = found[found["law"] == "operation.line_capacity"]
    assert room["size"].tolist() == pytest.approx([84.55 - HOT / 2, 59.55 - HOT / 2])
    room = found[found["law"] == "design.line_capacity"]
    assert room["size"].tolist() == pytest.approx([64.45 - HOT / 2])


def test_loss_is_that_of_the_regime(instance: Instance) -> None:
    """Run hot in 2022, two pairs lose 1.4 MW instead of 0.9: 0.25 are missing at each end at any time."""
    answer = Answer()
    answer.set("regimes", (2022, "Z"), regime="hot")
    answer.set("pipes", (2022, "pd"), regime="hot")
    report = check(instance, answer.solution)
    assert laws(report) == {"design.balance", "operation.balance"}
    assert report.violations["size"].tolist() == pytest.approx([0.25] * (2 + 2 * 4))


@pytest.mark.parametrize(
    ("delay", "arriving"),
    [
        # 3 hours: 9/12 of the same step and 3/12 of the one before; 12 and 24: whole steps; 22 = 12 + 10
        (3, ((9 * 39.65 + 3 * 79.65) / 12, (9 * 79.65 + 3 * 39.65) / 12)),
        (12, (79.65, 39.65)),
        (24, (39.65, 79.65)),
        (22, ((10 * 39.65 + 2 * 79.65) / 12, (10 * 79.65 + 2 * 39.65) / 12)),
    ],
)
def test_heat_arrives_when_it_must(instance: Instance, delay: int, arriving: tuple[float, float]) -> None:
    """2020 day 0 with other delays: what is too little for 60.35 MW comes from peak boilers, the rest is spilled."""
    other = with_row(instance, "pipes", {"id": "pd"}, delay_h=delay)
    answer = Answer()
    for hour, heat, more in zip((0, 12), arriving, (3.125, 0.0), strict=True):
        answer.run(2020, 0, hour, "peak", full=max(60.35 - heat - more, 0) / 30)
        answer.one(2020, 0, hour, "node", "D", spill_mw=max(heat + more - 60.35, 0))
    found = check(other, answer.solution).violations
    assert not found["stage"].isin([2020]).any()
    assert set(found["law"]) == {"operation.balance"}  # of 2022, which goes by 15 hours still


@pytest.mark.parametrize(("less", "broken"), [(0.0, set()), (1e-3, {"operation.pump"})])
def test_pump_power_with_stations_in_the_regime_of_the_stage(instance: Instance, less: float, broken: set[str]) -> None:
    """2022 day 1: 29.55 of HOT / 2 a pair is below half of it; two pairs over 10 km, and 0.002 of the heat."""
    half = pump_curve(500, 2, 0.1)[1]
    needed = 10 * 2 * half * (29.55 / 2) / (0.5 * HOT / 2) + 0.002 * 29.55
    answer = Answer()
    answer.one(2022, 1, 0, "pipe", "pd/big", pump_mw=needed - less)
    assert laws(check(instance, answer.solution)) == broken


# --- one way in what is guaranteed ---------------------------------------------------------------------------


def test_no_heat_flows_back_in_a_contingency() -> None:
    """The town without P: D has 10 MW of its own for 30; only if heat may flow from E to D it has 5 more."""
    slow = with_row(town.town(), "pipes", {"id": "de"}, delay_h=12)
    found = check(slow, town.Answer().solution).violations
    found = found[(found["law"] == "security.missing") & (found["id"] == "lose-p")]
    assert found["size"].tolist() == pytest.approx([5.0, 5.0], abs=1e-5)


def test_no_heat_flows_back_in_the_margin(instance: Instance) -> None:
    """With all demand but 1 MW at P: what D has is of no use there, 90 - 0.35 of chp for 59 of 60."""
    rows = (instance.demands[0].model_copy(update={"node": "P", "area_mm2": 59 / 60}), instance.demands[1])
    rows = (*rows, instance.demands[0].model_copy(update={"area_mm2": 1 / 60}))
    moved = instance.replace(demands=rows, envelopes=())
    margin = check(moved, Answer().solution).design_margin
    assert margin["margin_share"].iloc[0] == pytest.approx((90 - 0.35) / 59 - 1, abs=1e-6)


# --- what it costs -------------------------------------------------------------------------------------------


def test_capex_with_tunnels_and_relays(instance: Instance) -> None:
    """4 · (1.5 · 8 + 3 · 2) + 0.5 + 2 · 0.01 · HOT, the capacity of the start, and 2 for de, over 20 years."""
    costs = check(instance, Answer().solution).costs.set_index(["term", "stage"])["value_mcur"]
    assert costs["pipes"].tolist() == pytest.approx([0.0, 3 * (72.5 + 0.02 * HOT + 2) / 20])


def test_substations_cost_by_the_full_load(instance: Instance) -> None:
    """60 MW of D, before envelopes: 0.01 over ten years hot, 0.04 over twenty mild."""
    costs = check(instance, Answer().solution).costs.set_index(["term", "stage"])["value_mcur"]
    assert costs["regimes"].tolist() == pytest.approx([2 * 60 * 0.001, 3 * 60 * 0.002])
