"""Rules on what may be built and on quantities of a season, and whom they speak of. H = 0.003 (see `city`).

1 MW of heat all season is 3000 MWh.
"""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import H, boiler, city, operation, optimum, plan, terms
from heatnet.solve import Limits, solve

DIRTY = {"so2_g_per_mwh": 200, "nox_g_per_mwh": 400, "pm_g_per_mwh": 80}


def burner(name: str, fuel: str, price: float, **changes: Any) -> dict[str, Any]:
    """A boiler of 100 MW that burns 1.25 MWh for a MWh of heat, at a price of heat."""
    return boiler(name, price, **{"fuel": fuel, "corners": {"full": (100.0, 0.0, 125.0)}, **DIRTY, **changes})


def pair(rules: list[dict[str, Any]], **changes: Any) -> Any:
    """10 MW at A, from coal at 20 or straw at 50 a MWh. Both smoke alike."""
    given: dict[str, Any] = {
        "fuels": {name: {"price_cur_per_mwh": 0.0, "co2_t_per_mwh": 0.4} for name in ("coal", "straw")},
        "technologies": [burner("stoker", "coal", 20), burner("grate", "straw", 50, kind="biomass", renewable=True)],
        "units": [
            {"id": "c", "technology": "stoker", "count": 1},
            {"id": "s", "technology": "grate", "count": 1},
        ],
        "demands": {"A": 10},
        "rules": rules,
    }
    return city(**{**given, **changes})


def limit(quantity: str, **changes: Any) -> dict[str, Any]:
    """A rule of the kind `yearly_limit`."""
    return {"id": "limit", "kind": "yearly_limit", "quantity": quantity, **changes}


# 10 MW of heat in a season, of either unit
WHOLE = {
    "fuel_mwh": 37_500.0,  # 30,000 · 1.25
    "co2_t": 15_000.0,  # 37,500 · 0.4
    "so2_t": 7.5,  # 37,500 · 200 / 10^6
    "nox_t": 15.0,
    "pm_t": 3.0,
    "heat_mwh": 30_000.0,
    "heated_area_mm2": 10.0,  # at 1 W/m²
}


@pytest.mark.parametrize("quantity", sorted(WHOLE))
def test_cap(quantity: str) -> None:
    """Proves: each quantity is counted as what it says, in the unit of its name, and may be capped.

    40 % of it are 4 MW of coal. Sensitivity: without the cap the cost would be 0.6; a unit off by a thousand leaves
    0.6 or 1.5; fuel for heat, or the other way, moves the split by a fifth.
    """
    rule = limit(quantity, select=[{"units": ("c",)}], most=0.4 * WHOLE[quantity])
    result = optimum(pair([rule]), (4 * 20 + 6 * 50) * H)
    assert operation(result, "unit", "c", "heat_mw") == pytest.approx([4])


@pytest.mark.parametrize("quantity", sorted(WHOLE))
def test_floor(quantity: str) -> None:
    """Proves: each quantity may have a floor: 40 % from straw, though it is dearer.

    Sensitivity: without the floor the cost would be 0.6; read as a cap 0.6 too.
    """
    rule = limit(quantity, select=[{"units": ("s",)}], least=0.4 * WHOLE[quantity])
    result = optimum(pair([rule]), (6 * 20 + 4 * 50) * H)
    assert operation(result, "unit", "s", "heat_mw") == pytest.approx([4])


@pytest.mark.parametrize(("least", "most", "straw"), [(0.3, 0.5, 3), (0.0, 0.5, 0), (0.7, 0.7, 7)])
def test_cap_and_floor_of_one_rule(least: float, most: float, straw: float) -> None:
    """Proves: one rule may have both bounds, and both hold.

    Sensitivity: with the cap alone no straw would be burnt; were the cap taken for the floor, 5 MW of the first.
    """
    rule = limit("heat_mwh", select=[{"units": ("s",)}], least=least * 30_000, most=most * 30_000)
    optimum(pair([rule]), ((10 - straw) * 20 + straw * 50) * H)


def test_most_of_nothing() -> None:
    """Proves: a cap of 0 is a cap.

    Sensitivity: taken for none given it would leave 0.6.
    """
    optimum(pair([limit("fuel_mwh", select=[{"fuels": ("coal",)}], most=0.0)]), 10 * 50 * H)


def test_floor_beyond_reach() -> None:
    """Proves: a floor is hard: 200 MW of straw cannot be burnt in a grate of 100 MW, whatever is spilt.

    Sensitivity: a floor that only counts what is used, or is priced, would find a plan.
    """
    instance = pair([limit("heat_mwh", select=[{"units": ("s",)}], least=600_000)])
    assert solve(instance, days=1, step_hours=24, limits=Limits(gap=0.0)).status == "infeasible"


def test_all_units_without_a_selection() -> None:
    """Proves: a rule without a selection speaks of all units together, each with its own emissions.

    Coal 0.4 and straw 0.1 t/MWh: c MW of coal and 10 − c of straw are 1500 · c + 375 · (10 − c) t. A cap of 9375 t
    leaves 5 MW of coal. Sensitivity: by unit 6.25 MW of coal would be left; speaking of none, 10.
    """
    fuels = {name: {"price_cur_per_mwh": 0.0, "co2_t_per_mwh": co2} for name, co2 in (("coal", 0.4), ("straw", 0.1))}
    result = optimum(pair([limit("co2_t", most=9375.0)], fuels=fuels), (5 * 20 + 5 * 50) * H)
    assert operation(result, "unit", "c", "heat_mw") == pytest.approx([5])


def test_several_rules_hold_together() -> None:
    """Proves: rules of the same kind stand beside each other: coal is capped by the tighter, straw has its floor.

    Sensitivity: where the first or the last rule stands in the place of all, 6 or 7 MW of coal would be burnt.
    """
    rules = [
        {**limit("heat_mwh", select=[{"units": ("c",)}], most=18_000), "id": "loose"},
        {**limit("fuel_mwh", select=[{"units": ("c",)}], most=0.3 * 37_500), "id": "tight"},
        {**limit("heat_mwh", select=[{"units": ("s",)}], least=9_000), "id": "floor"},
    ]
    optimum(pair(rules), (3 * 20 + 7 * 50) * H)


@pytest.mark.parametrize(
    ("changes", "capped"),
    [
        ({}, [1, 1, 1]),
        ({"from_year": 2026}, [0, 1, 1]),
        ({"to_year": 2026}, [1, 1, 0]),
        ({"from_year": 2026, "to_year": 2026}, [0, 1, 0]),
        ({"from_year": 2027, "to_year": 2027}, [0, 0, 0]),  # between two stages: in neither
        ({"from_year": 2030}, [0, 0, 0]),
        ({"enabled": False}, [0, 0, 0]),
    ],
)
def test_years_of_a_limit(changes: dict[str, Any], capped: list[int]) -> None:
    """Proves: a limit holds in the stages whose year is within its years, each stage by itself, for one season.

    The second stage stands for two years. Sensitivity: a stage too many or too few moves the cost by 0.54 or 1.08;
    were the cap one of all stages, or of all years of a stage, less coal would be burnt.
    """
    stages = [{"year": 2025}, {"year": 2026, "span_years": 2}, {"year": 2028}]
    rule = limit("co2_t", select=[{"units": ("c",)}], most=0.4 * WHOLE["co2_t"], **changes)
    cost = sum(span * (1.14 if here else 0.6) for span, here in zip((1, 2, 1), capped, strict=True))
    result = optimum(pair([rule], stages=stages), cost)
    assert operation(result, "unit", "c", "heat_mw") == pytest.approx([4 if here else 10 for here in capped])


# Three days of −10, 5 and 5 °C: 10 MW on one day, 5 MW on two of which one stands for both.
DAYS = {"outdoor": (-10, 5, 5), "unserved": 1e6}
STRAW_THEN_OIL = [
    burner("stoker", "coal", 20_000),
    burner("grate", "straw", 50_000, size=4, corners={"full": (4, 0, 5)}),
    burner("oil", "straw", 90_000),
]
THREE = [
    {"id": "c", "technology": "stoker", "count": 1},
    {"id": "s", "technology": "grate", "count": 1},
    {"id": "o", "technology": "oil", "count": 1},
]


def test_cap_over_days() -> None:
    """Proves: a cap is one of the season, shared out over the days where it is worth most, each day by its weight.

    Coal 20,000, straw 50,000 up to 4 MW, oil 90,000. The cap of 192 MWh is 6 MW on the cold day and 1 MW on each of
    the mild ones: no oil. Sensitivity: shared out equally or by demand the cold day would burn oil; a mild day counted
    once would leave 2 MW a day for it: 16.8 in the sum.
    """
    rule = limit("heat_mwh", select=[{"units": ("c",)}], most=192.0)
    instance = pair([rule], technologies=STRAW_THEN_OIL, units=THREE, **DAYS)
    # a day of 24 hours at 1000 a MWh is 0.024 a MW
    cost = 0.024 * ((6 * 20 + 4 * 50) + 2 * (1 * 20 + 4 * 50))
    result = optimum(instance, cost, days=2)
    assert operation(result, "unit", "c", "heat_mw") == pytest.approx([6, 1])
    assert terms(result)["variable"] == pytest.approx(cost)


def test_floor_over_days() -> None:
    """Proves: a floor is one of the season: straw replaces oil where there is any, on each day as much as that is.

    Coal at 20,000 up to 4 MW, oil at 45,000, straw at 50,000 with a floor of 192 MWh: 6 MW on the cold day and 1 MW on
    each of the mild ones. Sensitivity: shared out equally, straw would replace coal on mild days; a mild day counted
    once would ask for 2 MW there.
    """
    technologies = [
        burner("stoker", "coal", 20_000, size=4, corners={"full": (4, 0, 5)}),
        burner("grate", "straw", 50_000),
        burner("oil", "straw", 45_000),
    ]
    rule = limit("heat_mwh", select=[{"units": ("s",)}], least=192.0)
    instance = pair([rule], technologies=technologies, units=THREE, **DAYS)
    cost = 0.024 * ((4 * 20 + 6 * 50) + 2 * (4 * 20 + 1 * 50))
    result = optimum(instance, cost, days=2, step_hours=12)
    assert operation(result, "unit", "s", "heat_mw") == pytest.approx([6, 6, 1, 1])


def test_heated_area_over_nodes_and_days() -> None:
    """Proves: heat counts as area at the mean of all nodes, by the demands before the demand side, over the season.

    A: 1 Mm² at 10 W/m², B: 3 Mm² at 5; days of −10 and 5 °C: 25 MW and 12.5 MW, 900 MWh for 4 Mm². 1 Mm² is 225 MWh.
    A free envelope leaves half of B's 15 MW: 17.5 and 8.75 MW, of which coal may bring 225 MWh.
    Sensitivity: by the demand that is left 157.5 MWh; at A's own mean 360; at the design load 300.
    """
    rule = limit("heated_area_mm2", select=[{"units": ("c",)}], most=1.0)
    pipe = {"id": "ab", "from_node": "A", "to_node": "B", "existing_type": "line", "existing_pairs": 1}
    instance = pair(
        [rule],
        nodes=("A", "B"),
        types=[{"id": "line", "capacity_mw": 50}],
        pipes=[pipe],
        technologies=[burner("stoker", "coal", 20_000), burner("grate", "straw", 50_000)],
        demands={"A": {2025: (1, 10)}, "B": {2025: (3, 5)}},
        envelopes=[{"node": "B", "measure": "wall", "max_share": 1.0, "saving_share": 0.5}],
        outdoor=(-10, 5),
        unserved=1e6,
    )
    optimum(instance, (225 * 20_000 + (17.5 * 36 - 225) * 50_000) / 1e6, days=2)


# --- whom a rule speaks of -----------------------------------------------------------------------------------

BASE = 1 * 20 * H
SIZES = {"a": 1, "b": 2, "c": 4, "d": 8, "e": 16}
"""MW: any sum of them tells which are in it."""


def maker(name: str, size: float, fuel: str | None, **changes: Any) -> dict[str, Any]:
    """A set that makes power from its fuel, and no heat unless it makes no power; capex 1.0 a MW."""
    corners = {"p": (0, size, 2 * size), "h": (size, 0, 2 * size)}
    return {"id": name, "kind": "extraction", "size_mw": size, "fuel": fuel, "capex_mcur_per_mw": 1.0} | {
        "variable_heat_cur_per_mwh": 1000,
        "corners": corners,
        **changes,
    }


MAKERS = [
    maker("t1", 1, "coal"),
    maker("t2", 2, "gas"),
    maker("t3", 4, "coal"),
    maker("t4", 8, "straw", kind="biomass", renewable=True),
    boiler("base", 20),
]
PARK: list[dict[str, Any]] = [
    {"id": "a", "technology": "t1", "owner": "City", "commissioned_year": 1990},
    {"id": "b", "technology": "t2", "owner": "State", "commissioned_year": 2000, "node": "B"},
    {"id": "c", "technology": "t3", "owner": "State"},
    {"id": "d", "technology": "t4", "owner": "City", "retirement_due": True},
    {"id": "e", "technology": "t3", "size_mw": 16, "owner": "Mill", "commissioned_year": 2010},
]


@pytest.mark.parametrize("kind", ["no_new", "yearly_limit", "retired_share"])
@pytest.mark.parametrize(
    ("select", "chosen"),
    [
        ([{"technologies": ("t3",)}], "ce"),
        ([{"technologies": ("t1", "t2")}], "ab"),
        ([{"fuels": ("coal",)}], "ace"),
        ([{"fuels": ("gas", "straw")}], "bd"),
        ([{"commissioned_before": 2000}], "a"),  # before, not in; and not those without a year
        ([{"commissioned_before": 2011}], "abe"),
        ([{"renewable": True}], "d"),
        ([{"renewable": False, "kinds": ("extraction",)}], "abce"),
        ([{"power_below_mw": 4}], "ab"),  # below, not at
        ([{"power_below_mw": 8.5, "technologies": ("t3",)}], "c"),  # e has machines of 16 MW
        ([{"owners": ("State", "Mill")}], "bce"),
        ([{"nodes": ("B",)}], "b"),
        ([{"units": ("a", "e")}], "ae"),
        ([{"kinds": ("biomass",)}], "d"),
        ([{"retirement_due": True}], "d"),
        ([{"fuels": ("coal",), "owners": ("State",)}], "c"),  # both conditions
        ([{"nodes": ("B",)}, {"renewable": True}], "bd"),  # either selection
        ([{"fuels": ("coal",), "commissioned_before": 2000}, {"fuels": ("gas",)}], "ab"),
        ([{"fuels": ("straw",), "renewable": False}], ""),  # nobody
    ],
)
def test_selections(kind: str, select: list[dict[str, Any]], chosen: str) -> None:
    """Proves: each condition chooses the units that it says, in every kind of rule.

    Sets of 1, 2, 4, 8 and 16 MW earn 0.15 a MW and season; candidates cost 0.05 of it. Those chosen may not be built,
    may burn nothing, or must leave. Sensitivity: every set too many or too few moves the cost by its size.
    """
    rule: dict[str, Any] = {"id": "rule", "kind": kind, "select": select}
    rule |= {"yearly_limit": {"quantity": "fuel_mwh", "most": 0.0}, "no_new": {}}.get(
        kind, {"min_share": 1.0, "by_year": 2025}
    )
    number = {"count": 1} if kind == "retired_share" else {"max_new": 1}
    base = {"id": "base", "technology": "base", "count": 1, "may_retire": False, "owner": "Base"}
    instance = city(
        nodes=("A", "B"),
        fuels={"coal": 0.0, "gas": 0.0, "straw": 0.0},
        technologies=MAKERS,
        units=[*({**unit, **number} for unit in PARK), base],
        demands={"A": 1},
        wholesale=50,
        rules=[rule],
    )
    earned = 0.15 if kind == "retired_share" else 0.10
    left = sum(size for name, size in SIZES.items() if name not in chosen)
    result = optimum(instance, BASE - earned * left)
    assert {name for name in SIZES if plan(result, "units", name, "machines") == [1]} == set(SIZES) - set(chosen)


# --- what may be built ---------------------------------------------------------------------------------------

YEARS = [{"year": 2025}, {"year": 2026}, {"year": 2027}]


def builder(rules: list[dict[str, Any]], life: int = 1, **changes: Any) -> Any:
    """10 MW for three years from heat at 50, or from boilers to be built at 0.3 a machine, with heat at 20."""
    given: dict[str, Any] = {
        "technologies": [boiler("old", 50), boiler("new", 20, size=10, capex_mcur_per_mw=0.03 * life, life_years=life)],
        "units": [
            {"id": "o", "technology": "old", "count": 1},
            {"id": "n", "technology": "new", "max_new": 3, "owner": "City"},
        ],
        "demands": {"A": 10},
        "stages": YEARS,
        "rules": [{"id": "rule", "kind": "no_new", **rule} for rule in rules],
    }
    return city(**{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "built"),
    [
        ({}, [0, 0, 0]),
        ({"from_year": 2026}, [1, 0, 0]),
        ({"to_year": 2026}, [0, 0, 1]),
        ({"from_year": 2026, "to_year": 2026}, [1, 0, 1]),
        ({"enabled": False}, [1, 1, 1]),
        ({"from_year": 2028}, [1, 1, 1]),
    ],
)
def test_no_new_by_year(changes: dict[str, Any], built: list[int]) -> None:
    """Proves: nothing is built in the years of the rule, and may be before and after.

    A machine stands one year: a year with it costs 0.6 + 0.3, one without 1.5. Sensitivity: a year too many or too few
    moves the cost by 0.6.
    """
    instance = builder([{"select": [{"units": ("n",)}], **changes}])
    result = optimum(instance, sum(0.9 if here else 1.5 for here in built))
    assert plan(result, "units", "n", "new_machines") == built


def test_no_new_leaves_what_was_built_before() -> None:
    """Proves: the rule forbids building, not standing: a machine of 2025 serves on in the years of the rule.

    Sensitivity: were it to be out of place in those years, the cost would be 0.9 + 1.5 + 1.5.
    """
    instance = builder([{"select": [{"units": ("n",)}], "from_year": 2026}], life=20)
    result = optimum(instance, 3 * 0.9)
    assert plan(result, "units", "n", "machines") == [1, 1, 1]


def test_fuel_that_is_not_allowed() -> None:
    """Proves: no new machine may burn a fuel of the rule; those that stand may, and others are built in their place.

    Coal heat costs 20, gas heat 30, the old boiler's 50; 2 MW of coal stand, and more of them would cost nothing.
    Sensitivity: without the rule 1.8 at most; were what stands forbidden to burn coal too, 0.18 more.
    """
    technologies = [
        boiler("old", 50),
        boiler("coal", 20, size=10, capex_mcur_per_mw=0.03, life_years=1, fuel="coal"),
        boiler("gas", 30, size=10, capex_mcur_per_mw=0.03, life_years=1, fuel="gas"),
        boiler("stand", 20, size=2, fuel="coal"),
    ]
    units = [
        {"id": "o", "technology": "old", "count": 1},
        {"id": "c", "technology": "coal", "max_new": 3},
        {"id": "g", "technology": "gas", "max_new": 3},
        {"id": "s", "technology": "stand", "count": 1, "max_new": 3},
    ]
    instance = builder(
        [{"select": [{"fuels": ("coal",)}]}],
        technologies=technologies,
        units=units,
        fuels={"coal": 0.0, "gas": 0.0},
    )
    # 2 MW from the coal boiler that stands, 8 MW from a new gas boiler
    result = optimum(instance, 3 * ((2 * 20 + 8 * 30) * H + 0.3))
    assert plan(result, "units", "c", "new_machines") == [0, 0, 0]
    assert plan(result, "units", "s", "machines") == [1, 1, 1]
