"""Technologies that are data alone: rows of technologies, corners and fuels, and no code of their own. H = 0.003.

Sensitivity, in the order of the tests:
- were a price below 0 cut off at 0, the burner would earn 50 an hour; could heat not be spilt, 390; could it be stopped
  though it must run, the second case would cost as the third;
- without the availability the set would cost 0.73, without the sale of power 1.279, without its variable cost 0.793;
- were power bought at the mean price of the day, the electrode boiler would run all day in the first case and never in
  the second;
- were the conversion bounded by nothing, a third one would be built instead of the new boiler, 0.3 a year less; were it
  priced as a new boiler, the old ones would stay.
"""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import H, boiler, city, operation, optimum, plan, terms


@pytest.mark.parametrize(
    ("price", "must_run", "hourly", "heat"),
    [
        (-15, False, -650, 20),  # 40 MW of waste earn 600, 5 MW of power 50
        (5, True, 150, 20),
        (5, False, 60, 0),  # 150 for 20 MW are 7.5 a MWh; the boiler has it for 5
    ],
)
def test_waste_incineration(price: float, must_run: bool, hourly: float, heat: float) -> None:
    """Proves: who is paid for the fuel burns all of it, and who must run does; what nobody wants is spilt.

    12 MW; a burner of 20 MW heat and 5 MW power from 40 MW of waste, and a boiler at 5.
    """
    burner = {
        "id": "burner",
        "kind": "waste_incineration",
        "fuel": "waste",
        "size_mw": 5,
        "must_run": must_run,
        "corners": {"full": (20, 5, 40)},
    }
    instance = city(
        fuels={"waste": price},
        technologies=[burner, boiler("other", 5)],
        units=[
            {"id": "w", "technology": "burner", "count": 1, "may_retire": False},
            {"id": "o", "technology": "other", "count": 1},
        ],
        demands={"A": 12},
        wholesale=10,
    )
    result = optimum(instance, hourly * H)
    assert operation(result, "unit", "w", "heat_mw") == pytest.approx([heat], abs=1e-6)
    assert operation(result, "node", "A", "spill_mw") == pytest.approx([8 if heat else 0], abs=1e-6)
    assert terms(result).get("fuel", 0.0) == pytest.approx(2 * heat * price * H)


@pytest.mark.parametrize(("capex", "cost", "built"), [(2.0, 149 * H + 0.4, 1), (6.0, 500 * H, 0)])
def test_sludge_gas(capex: float, cost: float, built: int) -> None:
    """Proves: a set on gas for nothing, nine tenths of the time, is built where heat and power pay for it.

    0.9 · 5 MW heat and 0.9 · 4 MW power, at 40 less 5 of variable cost: 5.5 · 50 - 3.6 · 35 = 149 an hour instead of
    500, 1.053 a year, for 4 · 2 / 20 = 0.4 or 1.2.
    """
    chp = {
        "id": "gas_set",
        "kind": "sludge_gas",
        "fuel": "sludge_gas",
        "size_mw": 4,
        "capex_mcur_per_mw": capex,
        "variable_power_cur_per_mwh": 5,
        "availability_share": 0.9,
        "renewable": True,
        "corners": {"full": (5, 4, 12)},
    }
    instance = city(
        fuels={"sludge_gas": 0},
        technologies=[chp, boiler("other", 50)],
        units=[{"id": "s", "technology": "gas_set", "max_new": 1}, {"id": "o", "technology": "other", "count": 1}],
        demands={"A": 10},
        wholesale=40,
    )
    result = optimum(instance, cost)
    assert plan(result, "units", "s", "machines") == [built]
    assert operation(result, "unit", "s", "fuel_mw") == pytest.approx([10.8 * built], abs=1e-6)


@pytest.mark.parametrize(
    ("retail", "hourly", "heat"),
    [((20, 78), (8 * 20 + 8 * 50) / 2, [8, 0]), ((20, 90), (8 * 20 + 8 * 50) / 2, [8, 0]), (60, 400, [0, 0])],
)
def test_electrode_boiler(retail: Any, hourly: float, heat: list[float]) -> None:
    """Proves: it runs in the hours in which power is cheaper than the heat of the boiler at 50."""
    electrode = {
        "id": "electrode",
        "kind": "electrode_boiler",
        "size_mw": 10,
        "power_price": "retail",
        "corners": {"full": (10, -10, 0)},
    }
    instance = city(
        technologies=[electrode, boiler("other", 50)],
        units=[{"id": "e", "technology": "electrode", "count": 1}, {"id": "o", "technology": "other", "count": 1}],
        demands={"A": 8},
        retail=retail,
    )
    result = optimum(instance, hourly * H, step_hours=12)
    assert operation(result, "unit", "e", "heat_mw") == pytest.approx(heat, abs=1e-6)


@pytest.mark.parametrize(
    ("carbon", "cost", "machines"),
    [
        # Coal 10 + 68, gas 25 + 40. A conversion saves 130 · H = 0.39 a year for 0.2; a new boiler would be 0.5.
        (200, 30 * 65 * H + 2 * 0.2 + 0.5, {"coal": 0, "converted": 2, "new": 1}),
        # Coal 10 + 34, gas 25 + 20: only the third boiler, against 200.
        (100, 20 * 44 * H + 10 * 45 * H + 0.5, {"coal": 2, "converted": 0, "new": 1}),
    ],
)
def test_gas_conversion(carbon: float, cost: float, machines: dict[str, int]) -> None:
    """Proves: coal boilers are converted to gas where carbon is dear, as many as there are; a third one is new.

    30 MW, two coal boilers of 10 MW; 10 · 0.4 / 20 = 0.2 a year for a conversion, 10 · 1.0 / 20 for a new boiler.
    """

    def burning(name: str, fuel: str, capex: float) -> dict[str, Any]:
        return boiler(name, 0, size=10, fuel=fuel, capex_mcur_per_mw=capex, corners={"full": (10, 0, 10)})

    instance = city(
        fuels={
            "coal": {"price_cur_per_mwh": 10, "co2_t_per_mwh": 0.34},
            "gas": {"price_cur_per_mwh": 25, "co2_t_per_mwh": 0.2},
        },
        technologies=[
            burning("coal", "coal", 0.0),
            burning("converted", "gas", 0.4),
            burning("new", "gas", 1.0),
            boiler("dear", 200),
        ],
        units=[
            {"id": "coal", "technology": "coal", "count": 2},
            {"id": "converted", "technology": "converted", "max_new": 4, "converts": "coal"},
            {"id": "new", "technology": "new", "max_new": 4},
            {"id": "dear", "technology": "dear", "count": 1},
        ],
        demands={"A": 30},
        stages=[{"year": 2025, "co2_price_cur_per_t": carbon}],
    )
    result = optimum(instance, cost)
    assert {name: plan(result, "units", name, "machines")[0] for name in machines} == machines
