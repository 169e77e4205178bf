"""The demand side: envelopes that are retrofitted, consumers that may be connected, villages with stoves. H = 0.003.

Node A has 2 Mm² at 10 W/m²: 20 MW. A measure on half of it with a saving of 0.4 takes 4 MW off, 0.24 a year at 20 a
MWh.
"""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import H, boiler, city, operation, optimum, plan, terms

WALL = {"node": "A", "measure": "wall", "max_share": 0.5, "saving_share": 0.4, "capex_mcur_per_mm2": 0.6}
YEARS = [{"year": 2025}, {"year": 2026}, {"year": 2027}]


def house(*measures: dict[str, Any], **changes: Any) -> Any:
    """A with a boiler at 20 a MWh, and measures on its envelope."""
    given: dict[str, Any] = {
        "technologies": [boiler("b", 20)],
        "units": [{"id": "u", "technology": "b", "count": 1}],
        "demands": {"A": {2025: (2, 10)}},
        "envelopes": measures,
    }
    return city(**{**given, **changes})


@pytest.mark.parametrize(
    ("capex", "cost", "area"),
    [
        (0.6, 16 * 20 * H + 0.02, 1.0),
        (7.0, 16 * 20 * H + 7 / 30, 1.0),  # 0.2333 a year for 0.24
        (7.5, 20 * 20 * H, 0.0),  # 0.25
    ],
)
def test_envelope_when_it_pays(capex: float, cost: float, area: float) -> None:
    """Proves: a measure lowers design load and heat of the season, up to its share of the area, at a yearly charge.

    Sensitivity: with the saving on all of the area 8 MW would go, with all of the load on half of it 10; paid in full
    even the first would not pay.
    """
    result = optimum(house({**WALL, "capex_mcur_per_mm2": capex}), cost)
    assert plan(result, "envelopes", "A/wall", "area_mm2") == pytest.approx([area], abs=1e-6)
    assert plan(result, "envelopes", "A/wall", "new_mm2") == pytest.approx([area], abs=1e-6)
    assert plan(result, "districts", "A", "design_demand_mw") == pytest.approx([20 - 4 * area])
    assert plan(result, "districts", "A", "demand_mwh") == pytest.approx([60_000 - 12_000 * area])
    assert terms(result).get("demand_side", 0.0) == pytest.approx(capex / 30 * area)


def test_part_of_the_area() -> None:
    """Proves: as much is retrofitted as pays: 17 MW are cheap, so 3 MW or 0.75 Mm².

    A MW saved costs 0.1 a year; it is worth 0.18 above 17 MW and 0.06 below. Sensitivity: all or nothing would cost
    16 · 20 · H + 0.4 = 1.36 or 17 · 20 · H + 0.54 = 1.56.
    """
    instance = house(
        {**WALL, "capex_mcur_per_mm2": 12.0},
        technologies=[boiler("b", 20, size=17), boiler("dear", 60)],
        units=[{"id": "u", "technology": "b", "count": 1}, {"id": "d", "technology": "dear", "count": 1}],
    )
    result = optimum(instance, 17 * 20 * H + 0.3)
    assert plan(result, "envelopes", "A/wall", "area_mm2") == pytest.approx([0.75])


@pytest.mark.parametrize(("capex", "cost", "built"), [(9.0, 0.78, 0), (9.9, 0.8, 2)])
def test_peak_and_season_decide_together(capex: float, cost: float, built: int) -> None:
    """Proves: what a measure saves is boilers for the design hour and heat of the season, both.

    A season at 5 °C asks for half of the design load: 4 MW less are 0.12 a year. 16 MW of boilers stand, two more of
    2 MW are 0.2 a year. Sensitivity: with one of the two alone, 0.3 a year for the measure would not pay.
    """
    instance = house(
        {**WALL, "capex_mcur_per_mm2": capex},
        technologies=[boiler("b", 20, size=16), boiler("n", 20, size=2, capex_mcur_per_mw=1.0)],
        units=[{"id": "u", "technology": "b", "count": 1}, {"id": "n", "technology": "n", "max_new": 5}],
        outdoor=(5.0,) * 125,
    )
    result = optimum(instance, cost)
    assert plan(result, "units", "n", "new_machines") == [built]


def test_guarantee_follows_what_is_left() -> None:
    """Proves: a contingency guarantees a share of the design load that is left: 0.5 of 16 MW.

    Boiler u is lost; boilers of 1 MW cost 0.05 a year each and never run. Sensitivity: of the full load 10 would be
    built.
    """
    instance = house(
        WALL,
        technologies=[boiler("b", 20), boiler("spare", 90, size=1, capex_mcur_per_mw=1.0)],
        units=[{"id": "u", "technology": "b", "count": 1}, {"id": "s", "technology": "spare", "max_new": 12}],
        contingencies=[{"id": "lose", "unit": "u"}],
        guarantee=0.5,
    )
    result = optimum(instance, 16 * 20 * H + 0.02 + 8 * 0.05)
    assert plan(result, "units", "s", "new_machines") == [8]


def test_load_of_each_stage() -> None:
    """Proves: a measure saves its share of the index of each stage, on a share of the area of each stage.

    2 Mm² at 10 W/m², then 2 Mm² at 5, then 3 Mm² at 5: 1 Mm² saves 4 MW and 2 MW, 1.5 Mm² save 3 MW.
    Sensitivity: with the index of the first stage 4, 4 and 6 MW; with its area 4, 2 and 2.
    """
    demands = {"A": {2025: (2, 10), 2026: (2, 5), 2027: (3, 5)}}
    cost = (16 + 8 + 12) * 20 * H + 0.02 * (1 + 1 + 1.5)
    result = optimum(house(WALL, demands=demands, stages=YEARS), cost)
    assert plan(result, "envelopes", "A/wall", "area_mm2") == pytest.approx([1, 1, 1.5])
    assert plan(result, "envelopes", "A/wall", "new_mm2") == pytest.approx([1, 0, 0.5], abs=1e-6)
    assert plan(result, "districts", "A", "design_demand_mw") == pytest.approx([16, 8, 12])


def test_two_measures() -> None:
    """Proves: measures of a node save side by side, each of the full index.

    Wall 0.4 on 1 Mm², window 0.2 on 0.5 Mm²: 4 MW and 1 MW. Sensitivity: one on what the other leaves would save 0.6.
    """
    window = {**WALL, "measure": "window", "max_share": 0.25, "saving_share": 0.2, "capex_mcur_per_mm2": 0.3}
    result = optimum(house(WALL, window), 15 * 20 * H + 0.02 + 0.005)
    assert plan(result, "envelopes", "A/window", "area_mm2") == pytest.approx([0.5])


def test_earliest_year_of_a_measure() -> None:
    """Proves: no area is retrofitted before `earliest_year`, though it would pay.

    Sensitivity: were the year ignored the cost would be 3 · 0.98.
    """
    result = optimum(house({**WALL, "earliest_year": 2026}, stages=YEARS), 1.2 + 2 * 0.98)
    assert plan(result, "envelopes", "A/wall", "new_mm2") == pytest.approx([0, 1, 0], abs=1e-6)


@pytest.mark.parametrize(("life", "new"), [(1, [1, 1, 1]), (2, [1, 0, 1]), (3, [1, 0, 0]), (30, [1, 0, 0])])
def test_life_of_a_measure(life: int, new: list[int]) -> None:
    """Proves: at the end of its life a retrofit is gone and may be paid for again, on the same area.

    0.04 a year for 0.24. Sensitivity: where a life never ends nothing is new in later stages; were what is paid for
    limited over all stages, the shares of the area would run out: 0.2 more a year.
    """
    result = optimum(house({**WALL, "capex_mcur_per_mm2": 0.04 * life, "life_years": life}, stages=YEARS), 3 * 1.0)
    assert plan(result, "envelopes", "A/wall", "new_mm2") == pytest.approx(new, abs=1e-6)
    assert plan(result, "envelopes", "A/wall", "area_mm2") == pytest.approx([1, 1, 1])


def test_a_measure_is_paid_to_the_end() -> None:
    """Proves: a retrofit stands, and is charged, also when it no longer pays.

    Heat at 1 a MWh, and a carbon price of 100 on 0.2 t in the first year only: 4 MW are worth 0.252, then 0.012; the
    measure costs 0.1 a year. Sensitivity: could it be given up, the cost would be 0.088 less.
    """
    instance = house(
        {**WALL, "capex_mcur_per_mm2": 3.0},
        fuels={"gas": {"price_cur_per_mwh": 0.0, "co2_t_per_mwh": 0.2}},
        technologies=[boiler("b", 1, fuel="gas", corners={"full": (100.0, 0.0, 100.0)})],
        stages=[{"year": 2025, "co2_price_cur_per_t": 100}, {"year": 2026}],
    )
    result = optimum(instance, 16 * 21 * H + 16 * 1 * H + 0.2)
    assert plan(result, "envelopes", "A/wall", "area_mm2") == pytest.approx([1, 1])


def test_annuity_of_the_demand_side() -> None:
    """Proves: measures and connections are charged as annuities of their lives, in every year of the stage.

    6 %, the base year and the next: W = 1 + 1 / 1.06. Sensitivity: a thirtieth a year would be 0.233, the annuity for
    one of the two years 0.26.
    """
    rate, years = 0.06, 1 + 1 / 1.06
    charge = rate / (1 - 1.06**-30)
    instance = house(
        WALL,
        nodes=("A", "B"),
        units=[{"id": "u", "technology": "b", "count": 1}, {"id": "v", "node": "B", "technology": "b", "count": 1}],
        demands={"A": {2025: (2, 10)}, "B": 10},
        connections=[{"node": "B", "heat_price_cur_per_mwh": 60, "capex_mcur": 3.0, "life_years": 30}],
        stages=[{"year": 2025, "span_years": 2}],
        rate=rate,
    )
    result = optimum(instance, years * (16 * 20 * H + 0.6 * charge + 10 * (20 - 60) * H + 3.0 * charge))
    assert terms(result)["demand_side"] == pytest.approx(years * 3.6 * charge)


# --- optional consumers --------------------------------------------------------------------------------------

PIPE = {"id": "ab", "from_node": "A", "to_node": "B", "candidate_types": ("small",), "max_new_pairs": 1}


def mill(price: float, **changes: Any) -> Any:
    """A with 10 MW and heat at 20; B would take 10 MW more, over a pair of 0.25 a year and for 0.1 a year."""
    given: dict[str, Any] = {
        "nodes": ("A", "B"),
        "types": [{"id": "small", "capacity_mw": 50, "capex_mcur_per_km": 1.0}],
        "pipes": [PIPE],
        "technologies": [boiler("b", 20)],
        "units": [{"id": "u", "technology": "b", "count": 1}],
        "demands": {"A": 10, "B": 10},
        "connections": [{"node": "B", "heat_price_cur_per_mwh": price, "capex_mcur": 3.0, "life_years": 30}],
    }
    return city(**{**given, **changes})


@pytest.mark.parametrize(
    ("price", "cost", "connected"),
    [
        (40, 0.6 + 0.6 + 0.25 + 0.1 - 1.2, 1),
        (32, 0.6 + 0.6 + 0.25 + 0.1 - 0.96, 1),
        (31, 0.6, 0),  # 0.93 for 0.95
    ],
)
def test_connected_when_the_price_pays(price: float, cost: float, connected: int) -> None:
    """Proves: a consumer is connected when the price of its heat pays for heat, pipe and connection, and not otherwise.

    Sensitivity: without the charge of the connection, or of the pipe, the third would be connected too; were its
    demand to be met in any case, nothing else would be found.
    """
    result = optimum(mill(price), cost)
    assert plan(result, "districts", "B", "connected") == [connected]
    assert plan(result, "districts", "A", "connected") == [1]
    assert plan(result, "districts", "B", "design_demand_mw") == pytest.approx([10 * connected])
    assert plan(result, "districts", "B", "demand_mwh") == pytest.approx([30_000 * connected])
    assert plan(result, "pipes", "ab/small", "new_pairs") == [connected]
    expected = {"variable": 0.6}
    if connected:
        expected = {"variable": 1.2, "pipes": 0.25, "demand_side": 0.1, "heat_sold": -10 * price * H}
    assert terms(result) == pytest.approx(expected)


def test_others_do_not_pay_for_heat() -> None:
    """Proves: heat is sold to consumers of `connections` only, at their own price.

    Sensitivity: A's heat sold as well would make 1.2 more.
    """
    result = optimum(mill(40), 0.35)
    assert terms(result)["heat_sold"] == pytest.approx(-1.2)


def test_unserved_heat_is_not_sold() -> None:
    """Proves: a connected consumer pays for the heat that it gets.

    6 MW at 20, the rest at 120; unserved heat costs 50 and the price of 60 that is not paid for it: 110.
    Sensitivity: were all of the demand sold the cost would be −0.84; were unserved heat sold twice, or all served,
    −0.12 would not be the least.
    """
    instance = mill(
        60,
        nodes=("A", "B"),
        technologies=[boiler("b", 20, size=6), boiler("dear", 120)],
        units=[
            {"id": "u", "node": "B", "technology": "b", "count": 1},
            {"id": "d", "node": "B", "technology": "dear", "count": 1},
        ],
        connections=[{"node": "B", "heat_price_cur_per_mwh": 60}],
        pipes=[],
        demands={"B": 10},
        unserved=50.0,
    )
    result = optimum(instance, (6 * 20 + 4 * 50 - 6 * 60) * H)
    assert plan(result, "districts", "B", "unserved_mwh") == pytest.approx([12_000])
    assert terms(result)["heat_sold"] == pytest.approx(-6 * 60 * H)


@pytest.mark.parametrize(
    ("carbon", "cost", "connected"),
    [
        (150, -0.6 + 0.3, [1, 1]),  # 20 a MWh in the first year, 50 in the second
        (250, 0.0, [0, 0]),  # −0.6 and 0.9
    ],
)
def test_stays_connected(carbon: float, cost: float, connected: list[int]) -> None:
    """Proves: who is connected once stays so, even where it does not pay, and that is weighed before.

    Sensitivity: could it leave again, the cost would be −0.6 in both.
    """
    instance = mill(
        40,
        fuels={"gas": {"price_cur_per_mwh": 0.0, "co2_t_per_mwh": 0.2}},
        technologies=[boiler("b", 20, fuel="gas", corners={"full": (100.0, 0.0, 100.0)})],
        units=[{"id": "u", "node": "B", "technology": "b", "count": 1}],
        demands={"B": 10},
        pipes=[],
        connections=[{"node": "B", "heat_price_cur_per_mwh": 40}],
        stages=[{"year": 2025}, {"year": 2026, "co2_price_cur_per_t": carbon}],
    )
    result = optimum(instance, cost)
    assert plan(result, "districts", "B", "connected") == connected


def test_earliest_year_of_a_connection() -> None:
    """Proves: nobody is connected before `earliest_year`, and their shortfall and guarantee wait as well.

    Sensitivity: were the year ignored the cost would be 3 · 0.35.
    """
    connection = {"node": "B", "heat_price_cur_per_mwh": 40, "capex_mcur": 3.0, "earliest_year": 2026}
    result = optimum(mill(40, connections=[connection], stages=YEARS), 0.6 + 2 * 0.35)
    assert plan(result, "districts", "B", "connected") == [0, 1, 1]


def test_a_connection_is_renewed() -> None:
    """Proves: the charge of a connection stands in all years, also beyond its life.

    A life of one year: 0.1 in each of three. Sensitivity: paid once, or gone after its life, 0.1 or 0.3 of the
    difference would be missing.
    """
    connection = {"node": "B", "heat_price_cur_per_mwh": 40, "capex_mcur": 0.1, "life_years": 1}
    result = optimum(mill(40, connections=[connection], stages=YEARS), 3 * 0.35)
    assert plan(result, "districts", "B", "connected") == [1, 1, 1]
    assert terms(result)["demand_side"] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("price", "connected", "cost"), [(0.0, 0, 0.6), (60.0, 1, 0.6 + 6 * 20 * H - 6 * 60 * H + 0.1)]
)
def test_envelope_of_a_consumer(price: float, connected: int, cost: float) -> None:
    """Proves: the area that a measure may take is that of a connected node; nobody else's envelope saves anything.

    B has 1 Mm² at 10 W/m², and saving 0.4 of it costs nothing; heat sold is worth more than saved only above 20.
    Sensitivity: on a node that is not connected the measure would make demand of −4 MW: A's heat would cost 0.36.
    """
    # at 60 a MWh heat sold brings 40: nothing is saved unless it must be; so only 6 MW may be had
    instance = mill(
        price,
        types=[{"id": "old", "capacity_mw": 6}],
        pipes=[{"id": "ab", "from_node": "A", "to_node": "B", "existing_type": "old", "existing_pairs": 1}],
        demands={"A": 10, "B": {2025: (1, 10)}},
        envelopes=[{**WALL, "node": "B", "max_share": 1.0, "capex_mcur_per_mm2": 0.0}],
    )
    result = optimum(instance, cost)
    assert plan(result, "districts", "B", "connected") == [connected]
    assert plan(result, "envelopes", "B/wall", "area_mm2") == pytest.approx([connected], abs=1e-6)


# --- a village -----------------------------------------------------------------------------------------------


def village(rules: list[dict[str, Any]], *, length: float = 10.0, **changes: Any) -> Any:
    """V heats with stoves, 1.25 MWh of coal a MWh at 10; A has heat at 20, air heat pumps at V would cost 40.

    10 MW. A pair to V costs 1 a km, or 0.25 a year over 10 km.
    """
    stove = {"kind": "stove", "fuel": "coal", "corners": {"full": (10.0, 0.0, 12.5)}}
    pump = {"id": "pump", "kind": "heat_pump", "size_mw": 5, "capex_mcur_per_mw": 0.2, "power_price": "wholesale"}
    given: dict[str, Any] = {
        "nodes": ("A", {"id": "V", "kind": "village"}),
        "types": [{"id": "small", "capacity_mw": 50, "capex_mcur_per_km": 1.0}],
        "pipes": [{**PIPE, "to_node": "V", "length_km": length}],
        "fuels": {"coal": 8.0},
        "technologies": [boiler("b", 20), boiler("stove", 0, size=10, **stove), {**pump, "corners": {"f": (5, -2, 0)}}],
        "units": [
            {"id": "u", "technology": "b", "count": 1},
            {"id": "stoves", "node": "V", "technology": "stove", "count": 1},
            {"id": "pumps", "node": "V", "technology": "pump", "max_new": 3},
        ],
        "demands": {"V": 10},
        "wholesale": 100.0,
        "rules": rules,
    }
    return city(**{**given, **changes})


CAP = {"id": "stoves", "kind": "yearly_limit", "quantity": "fuel_mwh", "select": [{"kinds": ("stove",)}]}


@pytest.mark.parametrize(
    ("rules", "length", "cost", "way"),
    [
        ([], 10, 10 * 10 * H, "stoves"),
        ([{**CAP, "most": 0.0}], 10, 10 * 20 * H + 0.25, "pipe"),  # pumps: 1.2 + 0.1
        ([{**CAP, "most": 0.0}], 40, 10 * 40 * H + 0.1, "pumps"),  # pipe: 0.6 + 1.0
        ([{**CAP, "most": 18_750.0}], 10, 5 * 10 * H + 5 * 20 * H + 0.25, "pipe"),  # half of the coal; pumps 0.8
    ],
)
def test_village(rules: list[dict[str, Any]], length: float, cost: float, way: str) -> None:
    """Proves: a village keeps its stoves until their coal is capped, then takes the cheapest clean heat.

    Sensitivity: were the village to have no heat of its own before the pipe, the first would be 0.85; a cap on all
    coal, or on heat, would move the fourth; the stoves still serve in the design hour.
    """
    result = optimum(village(rules, length=length), cost)
    assert plan(result, "pipes", "ab/small", "new_pairs") == [int(way == "pipe")]
    assert plan(result, "units", "pumps", "new_machines") == [2 if way == "pumps" else 0]


def test_village_by_year() -> None:
    """Proves: with a cap from 2026 on the village changes over in that year, neither before nor after.

    Sensitivity: a year too early or too late moves the cost by 0.55.
    """
    rules = [{**CAP, "most": 0.0, "from_year": 2026}]
    result = optimum(village(rules, stages=YEARS), 0.3 + 2 * 0.85)
    assert plan(result, "pipes", "ab/small", "new_pairs") == [0, 1, 0]
    assert operation(result, "unit", "stoves", "heat_mw") == pytest.approx([10, 0, 0], abs=1e-6)
