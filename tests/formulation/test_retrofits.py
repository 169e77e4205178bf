"""Modes and the retrofits that open them, mostly on one machine at node A. H = 0.003, no interest: see `city`.

Sensitivity, in the order of the tests:
- were all corners one region, 30 and 70 MW would cost 1318.75 and 1993.75 an hour; were a unit in one mode as a whole,
  120 MW from two machines 3666.67; were the mode closed to machines without a retrofit, 70 MW would cost 3400;
- could a daily machine change its mode by step, or an hourly one not, the two costs would be equal; were a change of
  mode a start, the hourly one would cost 1750 an hour like the daily one;
- were a retrofit charged in the stage in which it is bought only, the cheap one would cost 38; paid in full, neither
  would be bought;
- did one retrofit open the mode to all machines of the unit, the cost would be 15.0;
- were a machine open to one retrofit only, the two would cost 0.65 together;
- were `earliest_year` ignored, the two years would cost 20;
- were charge and upkeep counted from the start, both terms would be 2.1025 times as high; without interest the charge
  would be 2 a year;
- did a retrofit stand forever, one would be bought and cost 2.5 in each of four years; could it not be bought again,
  two years would cost 10.2;
- did a seasonal mode leave the ordinary one open, the first and third case would cost no more than those that are not
  seasonal; did it shut out the whole unit, the last would cost 1.65;
- were a seasonal mode chosen by day, its case would cost 2760 like that of a mode that is free;
- were only the machines in no seasonal mode bound to run, the burner would cost 1.28;
- were the number of machines on not whole in each mode, 4 MW would cost 80 an hour without the retrofit;
- did a mode not bring fuel figures of its own, the retrofit would never be bought and nothing saved;
- counted the design hour the ordinary mode only, the shortfall would stay 40 MW; the best mode without a retrofit, none
  would be bought;
- were the able heat the largest of all modes, the first seasonal case would cost 0.9; were it that of the ordinary mode
  alone, 0.9 too;
- counted a contingency the ordinary mode only, 40 MW would be missing in all cases;
- counted firm power the ordinary mode only, 30 MW would cost 1.3 and 50 MW 2.3; the best mode for nothing, 0.3;
- did a seasonal mode keep its machine's ordinary power for the firm power, the first case would cost 0.06.
"""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import DAYS, H, Row, boiler, city, operation, optimum, plan, terms

SET = {
    "id": "set",
    "kind": "extraction",
    "fuel": "coal",
    "size_mw": 50,
    "power_price": "wholesale",
    "commitment": "daily",
    "corners": {
        "a": (0, 50, 140),
        "b": (60, 40, 140),
        "c": (20, 15, 65),
        "d": (0, 20, 70),
        "x": (100, 30, 140, "cut"),
        "y": (40, 12, 81, "cut"),
    },
}
"""An extraction set whose low-pressure part can be cut out: a line that gives more heat, and not less than 40 MW.

With coal at 20 and power at 10 an hour costs a 2800 - 500 = 2300, b 2400, c 1150, d 1200, x 2500, y 1500.
"""

CUT: Row = {"technology": "set", "mode": "cut"}


def sets(demand: Any, *, count: int = 1, max_new: int = 0, kind: Row = SET, **changes: Any) -> Any:
    """Such sets, and a boiler at 100 for what they do not give."""
    given: dict[str, Any] = {
        "fuels": {"coal": 20},
        "technologies": [kind, boiler("other", 100)],
        "units": [
            {"id": "u", "technology": "set", "count": count, "max_new": max_new},
            {"id": "o", "technology": "other", "count": 1},
        ],
        "demands": {"A": demand},
        "wholesale": 10,
    }
    return city(**{**given, **changes})


# --- modes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("commitment", "count", "demand", "hourly", "corners"),
    [
        # Between c and b: 0.75 · 1150 + 0.25 · 2400; the line begins at y, 1500 with 10 MW spilt.
        ("daily", 1, 30, 1462.5, {"b": 0.25, "c": 0.75, "x": 0, "y": 0}),
        # Halfway on the line; b and 10 MW from the boiler: 3400.
        ("daily", 1, 70, 2000, {"b": 0, "c": 0, "x": 0.5, "y": 0.5}),
        # Without commitment 0.7 of a machine at x, the cheapest per MW.
        ("none", 1, 70, 1750, {"x": 0.7, "y": 0}),
        # One machine at x and one at c; both on the line: 60 MW each, 2 · 1500 + 2/3 · 1000.
        ("daily", 2, 120, 3650, {"c": 1, "x": 1}),
    ],
)
def test_union_of_polygon_and_line(
    commitment: str, count: int, demand: float, hourly: float, corners: dict[str, float]
) -> None:
    """Proves: a machine is in the region of one mode, not between two; a mode without a retrofit is open to all."""
    result = optimum(sets(demand, count=count, kind={**SET, "commitment": commitment}), hourly * H)
    for name, weight in corners.items():
        assert operation(result, "unit", "u", f"corner_{name}_machines") == pytest.approx([weight], abs=1e-6)


@pytest.mark.parametrize(
    ("commitment", "changes", "hourly", "spill"),
    [
        ("daily", {}, 1750, [10, 0]),  # on the line all day: 1500 with 10 MW spilt, and 2000
        ("hourly", {"start_cur_per_mw": 1000, "min_up_h": 24, "min_down_h": 24}, 1731.25, [0, 0]),  # 1462.5 and 2000
    ],
)
def test_change_of_mode(commitment: str, changes: dict[str, Any], hourly: float, spill: list[float]) -> None:
    """Proves: the number in each mode stands all day or changes by step, and a change is neither start nor stop.

    30 MW in one half of the day, 70 in the other.
    """
    instance = sets(
        70,
        kind={**SET, "commitment": commitment, **changes},
        shapes={"A": "shape_factor"},
        factors={"shape_factor": (3 / 7, 1)},
    )
    result = optimum(instance, hourly * H, step_hours=12)
    assert operation(result, "unit", "u", "machines_on") == pytest.approx([1, 1])
    assert operation(result, "node", "A", "spill_mw") == pytest.approx(spill, abs=1e-5)
    if commitment == "hourly":
        assert operation(result, "unit", "u", "starts") == pytest.approx([0, 0], abs=1e-6)


# --- what a retrofit costs, and when -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("capex", "yearly", "bought"),
    [
        (1.6, 2000 * H + 4.0, [1, 0]),  # 50 · 1.6 / 20 = 4.0 a year for 1400 · H = 4.2
        (1.8, 3400 * H, [0, 0]),  # 4.5 a year
    ],
)
def test_bought_once_when_it_pays(capex: float, yearly: float, bought: list[int]) -> None:
    """Proves: a retrofit is charged in every year from the stage on in which it is bought, once.

    70 MW over two years and three: 2000 an hour on the line, 3400 without.
    """
    stages = [{"year": 2025, "span_years": 2}, {"year": 2027, "span_years": 3}]
    result = optimum(sets(70, retrofits=[{**CUT, "capex_mcur_per_mw": capex}], stages=stages), 5 * yearly)
    assert plan(result, "retrofits", "u/cut", "new_machines") == bought
    assert plan(result, "retrofits", "u/cut", "machines") == [sum(bought)] * 2
    assert plan(result, "retrofits", "u/cut", "season_machines") == [0, 0]


def test_as_many_as_are_fitted() -> None:
    """Proves: only the machines that are fitted run in the mode.

    140 MW from two: with one fitted x and 40 MW between c and b, 2500 + 1775; with both 4000, 0.825 a year less, for
    3.0; with none 4800 + 20 · 100.
    """
    result = optimum(sets(140, count=2, retrofits=[{**CUT, "capex_mcur_per_mw": 1.2}]), 4275 * H + 3.0)
    assert plan(result, "retrofits", "u/cut", "machines") == [1]
    assert terms(result)["retrofits"] == pytest.approx(3.0)


def test_two_retrofits_of_one_machine() -> None:
    """Proves: one machine may have several retrofits and use one in this step and the other in that.

    A boiler of 6 to 10 MW at 20, from 3 MW with the one and up to 14 MW with the other, 0.05 a year each; the other
    boiler at 50. 4 and 14 MW: 80 and 280; without the one 6 MW with 2 spilt, 120; without the other 400.
    """
    corners = {
        "min": (6, 0, 0),
        "full": (10, 0, 0),
        "low": (3, 0, 0, "deep"),
        "top": (10, 0, 0, "deep"),
        "base": (8, 0, 0, "boost"),
        "peak": (14, 0, 0, "boost"),
    }
    instance = city(
        technologies=[boiler("block", 20, size=10, commitment="hourly", corners=corners), boiler("other", 50)],
        units=[{"id": "u", "technology": "block", "count": 1}, {"id": "o", "technology": "other", "count": 1}],
        retrofits=[
            {"technology": "block", "mode": "deep", "capex_mcur_per_mw": 0.1},
            {"technology": "block", "mode": "boost", "capex_mcur_per_mw": 0.1},
        ],
        demands={"A": 14},
        shapes={"A": "shape_factor"},
        factors={"shape_factor": (2 / 7, 1)},
    )
    result = optimum(instance, 180 * H + 0.1, step_hours=12)
    assert plan(result, "retrofits", "u/deep", "machines") == [1]
    assert plan(result, "retrofits", "u/boost", "machines") == [1]


def test_earliest_year() -> None:
    """Proves: no retrofit is bought before `earliest_year`: 10.2, and 10.0 from then on."""
    retrofit = {**CUT, "capex_mcur_per_mw": 1.6, "earliest_year": 2026}
    result = optimum(sets(70, retrofits=[retrofit], stages=[{"year": 2025}, {"year": 2026}]), 10.2 + 10.0)
    assert plan(result, "retrofits", "u/cut", "new_machines") == [0, 1]


def test_charge_and_upkeep_over_stages() -> None:
    """Proves: charge (annuity of 20 years at 5 %) and upkeep of what is fitted, over the years in which it is.

    50 MW · 0.8 = 40 are 40 · 0.05 / (1 - 1.05^-20) = 3.2097 a year; upkeep 50 · 0.01 = 0.5; it saves 4.2.
    """
    first, second = 1 + 1 / 1.05, 1.05**-2 + 1.05**-3
    charge = 40 * 0.05 / (1 - 1.05**-20)
    assert charge == pytest.approx(3.2097, abs=1e-4)
    retrofit = {**CUT, "capex_mcur_per_mw": 0.8, "fixed_mcur_per_mw_year": 0.01, "earliest_year": 2027}
    stages = [{"year": 2025, "span_years": 2}, {"year": 2027, "span_years": 2}]
    instance = sets(70, retrofits=[retrofit], stages=stages, rate=0.05)
    result = optimum(instance, first * 10.2 + second * (6.0 + charge + 0.5))
    assert terms(result)["retrofits"] == pytest.approx(second * charge)
    assert terms(result)["fixed"] == pytest.approx(second * 0.5)


def test_life_ends_within_the_horizon() -> None:
    """Proves: what lives two years is in place for two, and is bought again when they are over.

    50 · 0.1 / 2 = 2.5 a year for 4.2 saved of 10.2: 8.5 in each of four years, bought twice.
    """
    instance = sets(
        70,
        retrofits=[{**CUT, "capex_mcur_per_mw": 0.1, "life_years": 2}],
        stages=[{"year": 2025 + k} for k in range(4)],
    )
    result = optimum(instance, 4 * 8.5)
    assert plan(result, "retrofits", "u/cut", "machines") == [1, 1, 1, 1]
    assert plan(result, "retrofits", "u/cut", "new_machines") == [1, 0, 1, 0]


# --- seasonal modes ------------------------------------------------------------------------------------------

PRESS = {
    "id": "set",
    "kind": "high_back_pressure",
    "fuel": "coal",
    "size_mw": 50,
    "power_price": "wholesale",
    "corners": {"a": (0, 50, 140), "b": (60, 40, 140), "r": (90, 34, 140, "rotor")},
}
"""A set that a second rotor makes a machine of back pressure. With coal at 20 an hour earns, with power at

80: a 1200, b 400, r -80 · 60: a 200, b -400, r -760 · 10: a -2300, b -2400, r -2460.
"""


def rotors(demand: float, *, count: int = 1, seasonal: bool = True, capex: float = 0.0, **changes: Any) -> Any:
    """Such sets, and a boiler at 50."""
    retrofit = {"technology": "set", "mode": "rotor", "seasonal": seasonal, "capex_mcur_per_mw": capex}
    technologies = [PRESS, boiler("other", 50)]
    return sets(demand, count=count, technologies=technologies, retrofits=[retrofit], **changes)


@pytest.mark.parametrize(
    ("wholesale", "count", "seasonal", "capex", "cost", "season"),
    [
        # 30 MW. Ordinary: half a, half b, 800; half b, -1200. With the rotor -80 / 3 and -820.
        ((80, 10), 1, True, 0.0, 200 * H, [0]),
        ((80, 10), 1, False, 0.0, 10 * H, [0]),  # the better of both at any time: 800 and -820
        # Ordinary: -100 and -1200. With the rotor -760 / 3 and -820.
        ((60, 10), 1, True, 0.0, (760 / 3 + 820) / 2 * H, [1]),
        ((60, 10), 1, False, 0.0, 460 * H, [0]),  # -100 and -820
        # One of two: 200 - 760 / 3 and -820; none: 400 - 300 and -1200; both as above. A rotor is 50 · 0.04 / 20 = 0.1.
        ((60, 10), 2, True, 0.04, (760 / 3 - 200 + 820) / 2 * H + 0.1, [1]),
    ],
)
def test_seasonal_mode_shuts_out_the_ordinary(
    wholesale: tuple[float, float], count: int, seasonal: bool, capex: float, cost: float, season: list[int]
) -> None:
    """Proves: a machine that runs the season with its second rotor makes no other power, and only that machine."""
    instance = rotors(30, count=count, seasonal=seasonal, capex=capex, wholesale=wholesale)
    result = optimum(instance, cost, step_hours=12)
    assert plan(result, "retrofits", "u/rotor", "season_machines") == season


@pytest.mark.parametrize(("seasonal", "hourly"), [(True, 760 + 8 * 380), (False, 760 + 8 * 250)])
def test_season_is_one_choice_for_all_days(seasonal: bool, hourly: float) -> None:
    """Proves: the rotor that a cold day asks for is there on mild days.

    90 MW on one cold day: -760 with the rotor, -400 - 30 · 50 without. 45 MW on eight mild ones: -380 with, and
    0.25 · 200 - 0.75 · 400 = -250 without. Over an hour of each day 3800 with it, 3900 without.
    """
    instance = rotors(90, seasonal=seasonal, wholesale=60, outdoor=[-10.0] + [5.0] * 8)
    result = optimum(instance, hourly * 24 / 1e6, days=2)
    assert plan(result, "retrofits", "u/rotor", "season_machines") == [int(seasonal)]


@pytest.mark.parametrize(("must_run", "cost"), [(True, 600 * H + 0.1), (False, 360 * H)])
def test_must_run_in_any_mode(must_run: bool, cost: float) -> None:
    """Proves: a must-run unit has all its machines on, those in a seasonal mode in that one.

    Two burners at 300 an hour give 10 MW each, 14 with a rotor for 0.1 a year; 24 MW; the boiler is at 15, cheaper.
    One rotor saves 4 · 15 · H = 0.18.
    """
    burner = {
        "id": "burner",
        "kind": "waste_incineration",
        "fuel": "waste",
        "size_mw": 2,
        "must_run": must_run,
        "corners": {"full": (10, 2, 30), "press": (14, 1, 30, "rotor")},
    }
    instance = city(
        fuels={"waste": 10},
        technologies=[burner, boiler("other", 15)],
        units=[
            {"id": "u", "technology": "burner", "count": 2, "may_retire": False},
            {"id": "o", "technology": "other", "count": 1},
        ],
        retrofits=[{"technology": "burner", "mode": "rotor", "seasonal": True, "capex_mcur_per_mw": 1.0}],
        demands={"A": 24},
    )
    result = optimum(instance, cost)
    assert plan(result, "retrofits", "u/rotor", "season_machines") == [int(must_run)]


# --- flexibility and saving ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("capex", "cost", "fitted"), [(0.2, 80 * H + 0.1, 1), (0.3, 120 * H, 0)])
def test_lower_minimum(capex: float, cost: float, fitted: int) -> None:
    """Proves: with daily commitment a machine goes below its minimum only with the retrofit that lets it.

    4 MW from a boiler of 6 to 10 MW at 20: 120 with 2 MW spilt, or 80 from 3 MW on: 0.12 a year for 0.1 or 0.15.
    """
    corners = {"min": (6, 0, 0), "full": (10, 0, 0), "low": (3, 0, 0, "flex"), "top": (10, 0, 0, "flex")}
    instance = city(
        technologies=[boiler("block", 20, size=10, commitment="daily", corners=corners), boiler("other", 50)],
        units=[{"id": "u", "technology": "block", "count": 1}, {"id": "o", "technology": "other", "count": 1}],
        retrofits=[{"technology": "block", "mode": "flex", "capex_mcur_per_mw": capex}],
        demands={"A": 4},
    )
    result = optimum(instance, cost)
    assert plan(result, "retrofits", "u/flex", "machines") == [fitted]
    assert operation(result, "node", "A", "spill_mw") == pytest.approx([0 if fitted else 2], abs=1e-6)


@pytest.mark.parametrize(
    ("retrofits", "cost", "fuel"),
    [
        ([{"technology": "coal", "mode": "lean", "capex_mcur_per_mw": 0.05}], 1150 * H + 0.25, 50),
        ([{"technology": "coal", "mode": "lean", "capex_mcur_per_mw": 0.08}], 1265 * H, 55),  # 0.4 a year for 0.345
        ([], 1150 * H, 50),  # open to all
    ],
)
def test_saving_saves_fuel(retrofits: list[Row], cost: float, fuel: float) -> None:
    """Proves: a mode of the same heat with less fuel saves its price and its carbon.

    50 MW: 55 MW of coal at 20 and 0.3 t · 10, 1265 an hour, or 50 MW, 1150.
    """
    lean = {
        "id": "coal",
        "kind": "boiler",
        "fuel": "coal",
        "size_mw": 100,
        "corners": {"full": (100, 0, 110), "lean": (100, 0, 100, "lean")},
    }
    instance = city(
        fuels={"coal": {"price_cur_per_mwh": 20, "co2_t_per_mwh": 0.3}},
        technologies=[lean],
        units=[{"id": "u", "technology": "coal", "count": 1}],
        retrofits=retrofits,
        demands={"A": 50},
        stages=[{"year": 2025, "co2_price_cur_per_t": 10}],
    )
    result = optimum(instance, cost)
    assert operation(result, "unit", "u", "fuel_mw") == pytest.approx([fuel])
    assert terms(result)["carbon"] == pytest.approx(fuel * 3 * H)
    assert result.report is not None
    assert result.report.emissions["co2_fuel_t"].tolist() == pytest.approx([fuel * 0.3 * 24 * DAYS])


# --- able heat and power -------------------------------------------------------------------------------------

LARGER = boiler("set", 20, size=60, corners={"full": (60, 0, 0), "more": (100, 0, 0, "more")})
MILD = (5.0,) * DAYS
"""Half the design load, all season."""


def more(capex: float, *, seasonal: bool = False) -> list[Row]:
    """The retrofit for 100 instead of 60 MW, charged 60 · capex / 20 a year."""
    return [{"technology": "set", "mode": "more", "capex_mcur_per_mw": capex, "seasonal": seasonal}]


@pytest.mark.parametrize(
    ("retrofits", "cost", "heat"),
    [
        (more(1.0), 3.0 + 3.0, 100),
        (more(1.0, seasonal=True), 3.0 + 3.0, 100),
        (more(1.5), 3.0 + 4.0, 60),  # 4.5 a year, shortfall of 40 MW: 4.0
        ([], 3.0, 100),
    ],
)
def test_able_heat_in_the_design_hour(retrofits: list[Row], cost: float, heat: float) -> None:
    """Proves: in the design hour a machine counts with the largest heat of the modes that are open to it.

    100 MW of design load at 0.1 a MW of shortfall; 50 MW at 20 all season, 3.0 a year, in either mode.
    """
    instance = city(
        technologies=[LARGER],
        units=[{"id": "u", "technology": "set", "count": 1}],
        retrofits=retrofits,
        demands={"A": 100},
        outdoor=MILD,
        shortfall=0.1,
    )
    result = optimum(instance, cost)
    assert plan(result, "units", "u", "design_heat_mw") == pytest.approx([heat])


@pytest.mark.parametrize(
    ("seasonal", "shortfall", "cost", "season"),
    [
        (True, 0.04, 300 * H + 20 * 0.04, [1]),
        (True, 0.05, 600 * H, [0]),  # 20 MW would cost 1.0, and the mode saves 0.9
        (False, 0.05, 300 * H, [0]),
    ],
)
def test_seasonal_mode_lowers_able_heat(seasonal: bool, shortfall: float, cost: float, season: list[int]) -> None:
    """Proves: a machine that runs the season in a mode counts in the design hour with that mode alone.

    60 MW of design load, 30 all season: 60 MW of fuel at 10 in the ordinary mode, 30 in the other, which gives 40 MW
    at most.
    """
    thrift = {
        "id": "set",
        "kind": "boiler",
        "fuel": "coal",
        "size_mw": 60,
        "corners": {"full": (60, 0, 120), "thrift": (40, 0, 40, "thrift")},
    }
    instance = city(
        fuels={"coal": 10},
        technologies=[thrift],
        units=[{"id": "u", "technology": "set", "count": 1}],
        retrofits=[{"technology": "set", "mode": "thrift", "seasonal": seasonal}],
        demands={"A": 60},
        outdoor=MILD,
        shortfall=shortfall,
    )
    result = optimum(instance, cost)
    assert plan(result, "retrofits", "u/thrift", "season_machines") == season


@pytest.mark.parametrize(
    ("retrofits", "cost", "missing"),
    [(more(1.0), 3.0 + 3.0, 0), (more(1.5), 3.0 + 4.0, 40), ([], 3.0, 0)],
)
def test_able_heat_in_a_contingency(retrofits: list[Row], cost: float, missing: float) -> None:
    """Proves: where another unit is lost, the machine counts with the largest heat of the modes open to it.

    100 MW from another boiler at 10 all season, 3.0 a year; without it 60 or 100 MW are there, 0.1 for each MW missing.
    """
    instance = city(
        technologies=[LARGER, boiler("far", 10)],
        units=[{"id": "u", "technology": "set", "count": 1}, {"id": "f", "technology": "far", "count": 1}],
        retrofits=retrofits,
        demands={"A": 100},
        shortfall=0.1,
        contingencies=[{"id": "loss", "unit": "f"}],
        guarantee=1.0,
    )
    result = optimum(instance, cost)
    assert result.answer.solution is not None
    assert result.answer.solution.security["missing_mw"].tolist() == pytest.approx([missing], abs=1e-6)


@pytest.mark.parametrize(
    ("firm", "yearly", "fitted", "built"),
    [(20, 0.0, 0, 0), (30, 0.5, 1, 0), (40, 1.0, 0, 1), (50, 1.5, 1, 1)],
)
def test_firm_power_of_a_mode(firm: float, yearly: float, fitted: int, built: int) -> None:
    """Proves: firm power counts a machine with the largest power of the modes open to it.

    A set of 20 MW, 30 with a retrofit for 0.5 a year; another set is 1.0. They never run: the boiler is at 10.
    """
    chp = {
        "id": "chp",
        "kind": "back_pressure",
        "fuel": "coal",
        "size_mw": 20,
        "capex_mcur_per_mw": 1.0,
        "corners": {"full": (10, 20, 50), "boost": (10, 30, 80, "boost")},
    }
    instance = city(
        fuels={"coal": 100},
        technologies=[chp, boiler("old", 10)],
        units=[
            {"id": "c", "technology": "chp", "count": 1, "max_new": 2},
            {"id": "o", "technology": "old", "count": 1},
        ],
        retrofits=[{"technology": "chp", "mode": "boost", "capex_mcur_per_mw": 0.5}],
        demands={"A": 10},
        stages=[{"year": 2025, "firm_power_mw": firm}],
    )
    result = optimum(instance, 10 * 10 * H + yearly)
    assert plan(result, "retrofits", "c/boost", "machines") == [fitted]
    assert plan(result, "units", "c", "new_machines") == [built]


@pytest.mark.parametrize(
    ("seasonal", "firm", "hourly"),
    [(True, 20, 50), (True, 10, 20), (False, 20, 20)],
)
def test_seasonal_mode_lowers_firm_power(seasonal: bool, firm: float, hourly: float) -> None:
    """Proves: a machine that runs the season in a mode of less power counts with that power.

    10 MW of heat from 50 MW of fuel at 1 in the ordinary mode with 20 MW of power, from 20 MW in one with 10.
    """
    chp = {
        "id": "chp",
        "kind": "back_pressure",
        "fuel": "coal",
        "size_mw": 20,
        "corners": {"full": (10, 20, 50), "heat": (10, 10, 20, "heat")},
    }
    instance = city(
        fuels={"coal": 1},
        technologies=[chp],
        units=[{"id": "c", "technology": "chp", "count": 1}],
        retrofits=[{"technology": "chp", "mode": "heat", "seasonal": seasonal}],
        demands={"A": 10},
        stages=[{"year": 2025, "firm_power_mw": firm}],
    )
    optimum(instance, hourly * H)
