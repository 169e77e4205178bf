"""The optimum of `instances/tutorial`, worked out here by arithmetic as in its README, against the solver.

    far --far-line 20 km, to lay-- junction --north-pipe 4 km-- north (60 MW, gas boilers may come)
    old (coal) --old-pipe 2 km--------|-------south-pipe 2 km-- south (40 MW)

Sensitivity, one sentence per assertion:
- status: a solver that stops early with gap 0 says `feasible`.
- violations: a law of the checker that the model does not keep gives rows here.
- cost: of solver and checker, moves by far more than 1e-6 if one of them gets wrong the hours of the season, a price,
  the scaling of a corner, a loss, a pump curve, a charge, the factor or extra of a new pair, the upkeep of an existing
  pair (with its factor) or the fee for leaving machines.
- bound: a bound above the cost is no bound, and one far below it would mean that optimality was not proved.
- retired: without the rule coal stays in 2026; a rule that begins too early or frees one set changes this.
- built: the wrong DN, a line a year early, or boilers that the design hour does not need change this.
- removed: a loss or upkeep that does not follow the pairs leaves `old-pipe` in place when coal has left.
- alternatives: the cost of DN600 moves if the pump curve is not straight between 50 and 75 % of the capacity, that of
  an early line if it is not so above 75 % or if a charge does not run over both stages, that without a line if heat
  cannot flow on from the end of one pipe into another.
- dearer: if an alternative were cheaper than the optimum, the hand calculation would not be of an optimum.
- README: the two totals there go stale when a figure of the instance changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from heatnet.instance import Instance, read
from heatnet.instance import records as r
from heatnet.solve import Limits, Result, solve

FOLDER = Path(__file__).parents[1] / "instances" / "tutorial"

# --- the pipes ---------------------------------------------------------------------------------------------

HOURS = 2 * 24  # of the season


def area_m2(diameter_m: float) -> float:
    return math.pi / 4 * diameter_m**2


def capacity_mw(diameter_m: float) -> float:
    """958 kg/m3 · area · 2 m/s · 4.2 kJ/kg/K · (120 − 60) K."""
    return 958 * area_m2(diameter_m) * 2 * 4.2 * 60 / 1000


def pump_mw_per_km(diameter_m: float, speed: float) -> float:
    """Friction by Colebrook and White (roughness 0.5 mm, 0.29e-6 m2/s), two pipes, fittings 1.2, efficiency 0.8."""
    reynolds = speed * diameter_m / 0.29e-6
    x = 7.0
    for _ in range(30):
        x = -2 * math.log10(0.0005 / diameter_m / 3.7 + 2.51 * x / reynolds)
    pascal_per_m = 958 * speed**2 / (2 * diameter_m) / x**2
    return 2 * 1000 * 1.2 * pascal_per_m * area_m2(diameter_m) * speed / 0.8 / 1e6


LOSS_500 = 0.625 * ((120 - 10) + (60 - 10)) / 1000 * 20  # 2.0 MW
LOSS_600 = 0.750 * ((120 - 10) + (60 - 10)) / 1000 * 20  # 2.4 MW
CAPACITY_500 = capacity_mw(0.5)
CAPACITY_600 = capacity_mw(0.6)

# Below half the capacity pump power is proportional to the flow; the flows in town all are (DN800, half: 121 MW).
TOWN = pump_mw_per_km(0.8, 1.0) / (capacity_mw(0.8) / 2)  # MW of power per MW of heat and km

# --- money, million EUR ------------------------------------------------------------------------------------

MWH = HOURS / 1e6  # million EUR of 1 MW at 1 EUR/MWh all season
PUMP = 100 * MWH  # of 1 MW of pump power
COAL_25 = (1.6 * (10 + 0.35 * 20) - 0.4 * 50 + 0.4 * 2) * MWH  # of 1 MW of heat: fuel, CO2, power sold, variable = 8
COAL_26 = (1.6 * (10 + 0.35 * 30) - 0.4 * 50 + 0.4 * 2) * MWH  # 13.6 EUR/MWh
FAR = 0.2 * 50 * MWH  # forgone power: 10 EUR/MWh
GAS = (1.25 * (30 + 0.2 * 30) + 1) * MWH  # 46 EUR/MWh, in 2026

PAIR_500 = 0.08 * 20 * 1.25 + 0.4  # 2.4
PAIR_600 = 0.14 * 20 * 1.25 + 0.4  # 3.9
LINE_500 = PAIR_500 / 40 + PAIR_500 * 0.005  # yearly charge and upkeep: 0.072
LINE_600 = PAIR_600 / 40 + PAIR_600 * 0.005  # 0.117
TAKE_OFF = 120 * 0.002 / 20  # 0.012
BOILER = 20 * 0.01 / 20 + 20 * 0.0001  # 0.012
NORTH, SOUTH, OLD = (0.4 * km * factor * 0.01 for km, factor in ((4, 1.5), (2, 1), (2, 1)))  # 0.024, 0.008, 0.008
TOWN_PIPES = NORTH + SOUTH
SETS = 2 * 24 * 0.0005  # upkeep of the coal sets: 0.024
LEAVE = 2 * 24 * 0.00025  # fee: 0.012

# --- the two stages; loss of the pipes in town 0.1 MW/km: 0.4 north, 0.2 south, 0.2 old ---------------------


def town_pumps_mw(to_north: float, to_south: float, from_old: float = 0.0) -> float:
    return TOWN * (4 * to_north + 2 * to_south + 2 * from_old)


def coal(north_mw: float, price: float) -> float:
    """Both districts from the old plant; flow at the start of a pipe is demand plus half its loss."""
    to_north, to_south = north_mw + 0.2, 40 + 0.1
    from_old = to_north + to_south + 0.2 + 0.1 + 0.1
    heat = from_old + 0.1
    return heat * price + town_pumps_mw(to_north, to_south, from_old) * PUMP + SETS + TOWN_PIPES + OLD


def far_500() -> float:
    """2026 without coal: the DN500 full, the rest from one boiler in the north; `old-pipe` removed."""
    gas = 60.2 + 40.1 + LOSS_500 / 2 + 0.2 + 0.1 - CAPACITY_500
    pumps = 20 * pump_mw_per_km(0.5, 2.0) + town_pumps_mw(60.2 - gas, 40.1)
    running = (CAPACITY_500 + LOSS_500 / 2) * FAR + gas * GAS + pumps * PUMP
    return running + LINE_500 + TAKE_OFF + BOILER + TOWN_PIPES


def far_600() -> float:
    """2026 without coal: all from the far plant by DN600; its pump curve is straight between 50 and 75 %."""
    flow = 60.2 + 40.1 + LOSS_600 / 2 + 0.2 + 0.1
    half, more = pump_mw_per_km(0.6, 1.0), pump_mw_per_km(0.6, 1.5)
    pumps = 20 * (half + (flow / CAPACITY_600 - 0.5) / 0.25 * (more - half)) + town_pumps_mw(60.2, 40.1)
    return (flow + LOSS_600 / 2) * FAR + pumps * PUMP + LINE_600 + TAKE_OFF + TOWN_PIPES


def gas_only() -> float:
    """2026 without coal and line: six boilers in the north, the south by way of the junction."""
    to_south = 40 + 0.1
    from_north = to_south + 0.1 + 0.2
    heat = 60 + from_north + 0.2
    return heat * GAS + town_pumps_mw(from_north, to_south) * PUMP + 6 * BOILER + TOWN_PIPES


def far_2025() -> float:
    """2025 without coal: the DN500 is enough, between 75 and 100 % of its capacity."""
    flow = 50.2 + 40.1 + LOSS_500 / 2 + 0.2 + 0.1
    less, full = pump_mw_per_km(0.5, 1.5), pump_mw_per_km(0.5, 2.0)
    pumps = 20 * (less + (flow / CAPACITY_500 - 0.75) / 0.25 * (full - less)) + town_pumps_mw(50.2, 40.1)
    return (flow + LOSS_500 / 2) * FAR + pumps * PUMP + LINE_500 + TAKE_OFF + TOWN_PIPES


POLICY = coal(50, COAL_25) + LEAVE + far_500()
FREE = coal(50, COAL_25) + coal(60, COAL_26)

# --- the solver --------------------------------------------------------------------------------------------


def tutorial() -> Instance:
    return read(FOLDER)


def proved(instance: Instance) -> Result:
    return solve(instance, limits=Limits(gap=0.0))


def changes(result: Result) -> dict[str, set[tuple[int, str, int]]]:
    """What is retired, built and removed: stage, unit or line, number."""
    assert result.answer.solution is not None
    units, pipes = result.answer.solution.units, result.answer.solution.pipes
    lines = pipes["pipe"] + "/" + pipes["type"]
    columns = {
        "retired": [(units["stage"], units["unit"], units["retired_machines"])],
        "built": [(units["stage"], units["unit"], units["new_machines"]), (pipes["stage"], lines, pipes["new_pairs"])],
        "removed": [(pipes["stage"], lines, pipes["removed_pairs"])],
    }
    return {
        what: {(int(s), str(i), int(n)) for parts in groups for s, i, n in zip(*parts, strict=True) if n}
        for what, groups in columns.items()
    }


@pytest.mark.parametrize(
    ("schedule", "cost", "expected"),
    [
        (
            "policy",
            POLICY,
            {
                "retired": {(2026, "old-coal", 2)},
                "built": {(2026, "far-takeoff", 1), (2026, "north-gas", 1), (2026, "far-line/DN500", 1)},
                "removed": {(2026, "old-pipe/DN800", 1)},
            },
        ),
        ("free", FREE, {"retired": set(), "built": set(), "removed": set()}),
    ],
)
def test_optimum_by_hand(schedule: str, cost: float, expected: dict[str, set[tuple[int, str, int]]]) -> None:
    result = proved(tutorial().with_schedule(schedule))
    assert result.status == "optimal"
    assert result.report is not None
    assert result.report.violations.empty
    assert result.answer.cost == pytest.approx(cost, rel=1e-6)
    assert result.report.cost == pytest.approx(cost, rel=1e-6)
    assert result.answer.bound is not None
    assert cost * (1 - 1e-6) <= result.answer.bound <= cost * (1 + 1e-9)
    assert changes(result) == expected


def only_dn600(instance: Instance) -> Instance:
    pipes = tuple(
        p.model_copy(update={"candidate_types": ("DN600",)}) if p.max_new_pairs else p for p in instance.pipes
    )
    return instance.replace(pipes=pipes).with_schedule("policy")


def no_line(instance: Instance) -> Instance:
    return instance.replace(pipes=tuple(p for p in instance.pipes if p.existing_pairs)).with_schedule("policy")


def coal_out_in_2025(instance: Instance) -> Instance:
    early = r.Schedule(title="", retirements=(r.Retirement(unit="old-coal", exactly=2025),), source="assumed: test")
    return instance.replace(schedules={"early": early}).with_schedule("early")


@pytest.mark.parametrize(
    ("variant", "cost"),
    [
        (only_dn600, coal(50, COAL_25) + LEAVE + far_600()),
        (no_line, coal(50, COAL_25) + LEAVE + gas_only()),
        (coal_out_in_2025, far_2025() + LEAVE + far_500()),
    ],
)
def test_alternatives_by_hand(variant: Callable[[Instance], Instance], cost: float) -> None:
    result = proved(variant(tutorial()))
    assert result.status == "optimal"
    assert result.answer.cost == pytest.approx(cost, rel=1e-6)
    assert cost > POLICY


def test_values_of_the_readme() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for value in (POLICY, FREE):
        assert f"**{value:.9f}**" in text
