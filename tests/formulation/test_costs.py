"""Money: what each term charges, and when it counts. H = 0.003 (see `city`)."""

from __future__ import annotations

import pytest

from formulation.city import H, boiler, city, optimum, plan, terms

# Interest of 6 %, base year 2023. 2025 for two years: 1.06^−2 + 1.06^−3 = 0.88999644 + 0.83961928 = 1.72961573;
# 2027 for three: 1.06^−4 + 1.06^−5 + 1.06^−6 = 0.79209366 + 0.74725817 + 0.70496054 = 2.24431238.
W25, W27 = 1.72961573, 2.24431238
TWO_STAGES = [{"year": 2025, "span_years": 2}, {"year": 2027, "span_years": 3}]
ANNUITY_20 = 0.0871845570  # 0.06 / (1 − 1.06^−20), 1.06^−20 = 0.3118047269
ANNUITY_40 = 0.0664615359  # 1.06^−40 = 0.0972221877


def test_discounting() -> None:
    """Proves: a yearly amount counts in each year of its stage, discounted to the base year.

    Sensitivity: all of a stage in its first year 3.92; without interest 4.80; as of the first stage 4.19.
    """
    instance = city(
        technologies=[boiler("b", 20)],
        units=[{"id": "u", "technology": "b", "count": 1}],
        demands={"A": {2025: 10, 2027: 20}},
        stages=TWO_STAGES,
        base_year=2023,
        rate=0.06,
    )
    result = optimum(instance, 10 * 20 * H * W25 + 20 * 20 * H * W27)
    assert result.report is not None
    by_stage = result.report.costs.groupby("stage")["value_mcur"].sum()
    assert by_stage.tolist() == pytest.approx([0.6 * W25, 1.2 * W27])


def test_annuity() -> None:
    """Proves: capital of pipes, units and stores is charged as an annuity of its life in the years in which it stands.

    Sensitivity: in full when built the boiler would count 10 · 1.06^−2 = 8.9 instead of 3.46; without interest in the
    annuity 0.5 · W = 1.99.
    """
    # B: new boiler of 10 MW, capex 10, life 20; a pair of capex 10 and life 40 brings it to A's 10 MW
    instance = city(
        nodes=("A", "B"),
        types=[{"id": "new", "capacity_mw": 50, "capex_mcur_per_km": 1.0, "life_years": 40}],
        pipes=[{"id": "ab", "from_node": "A", "to_node": "B", "candidate_types": ("new",), "max_new_pairs": 1}],
        technologies=[boiler("b", 20, size=10, capex_mcur_per_mw=1.0, fixed_mcur_per_mw_year=0.02)],
        units=[{"id": "u", "node": "B", "technology": "b", "max_new": 1}],
        demands={"A": 10},
        stages=TWO_STAGES,
        base_year=2023,
        rate=0.06,
    )
    years = W25 + W27
    result = optimum(instance, (10 * ANNUITY_20 + 10 * ANNUITY_40 + 0.2 + 0.6) * years)
    assert terms(result) == pytest.approx(
        {
            "units": 10 * ANNUITY_20 * years,
            "pipes": 10 * ANNUITY_40 * years,
            "fixed": 0.2 * years,
            "variable": 0.6 * years,
        }
    )


def test_annuity_only_while_in_place() -> None:
    """Proves: what is built in the second stage is charged from then on.

    Sensitivity: charged from the start, or paid in full, it would not be built: 1.2 · (W25 + W27) = 4.769.
    """
    instance = city(
        technologies=[boiler("new", 20, size=10, capex_mcur_per_mw=0.5), boiler("old", 40)],
        units=[
            {"id": "n", "technology": "new", "max_new": 1, "earliest_year": 2026},
            {"id": "o", "technology": "old", "count": 1},
        ],
        demands={"A": 10},
        stages=TWO_STAGES,
        base_year=2023,
        rate=0.06,
    )
    result = optimum(instance, 1.2 * W25 + (0.6 + 5 * ANNUITY_20) * W27)
    assert plan(result, "units", "n", "machines") == [0, 1]


def test_decommissioning_counts_when_it_happens() -> None:
    """Proves: taking down is paid once, discounted to the first year of the stage in which the machine leaves.

    A rule sends both sets of 10 MW away by 2027 at 0.1 per MW; they earn 1.5 each a year. 25 % interest: W = 1 + 0.8
    and 0.64 + 0.512, δ = 1 and 0.64. Sensitivity: undiscounted 2.0 instead of 1.28; once a year 2.304.
    """
    corners = {"p": (0, 10, 0), "h": (10, 0, 0)}
    kind = {"id": "t", "kind": "extraction", "size_mw": 10, "retire_mcur_per_mw": 0.1, "corners": corners}
    kind |= {"variable_heat_cur_per_mwh": 1000}
    instance = city(
        technologies=[kind, boiler("base", 20)],
        units=[{"id": "u", "technology": "t", "count": 2}, {"id": "b", "technology": "base", "count": 1}],
        demands={"A": 1},
        wholesale=50,
        stages=[{"year": 2025, "span_years": 2}, {"year": 2027, "span_years": 2}],
        rate=0.25,
        rules=[
            {
                "id": "out",
                "select": [{"units": ("u",)}],
                "min_share": 1.0,
                "by_year": 2027,
            }
        ],
    )
    result = optimum(instance, 0.06 * (1.8 + 1.152) - 3.0 * 1.8 + 2.0 * 0.64)
    assert terms(result) == pytest.approx({"variable": 0.17712, "power_sold": -5.4, "decommissioning": 1.28})
    assert plan(result, "units", "u", "retired_machines") == [0, 2]


def test_carbon_and_fuel_series() -> None:
    """Proves: fuel pays its price times its series, carbon the price of its stage for what the fuel holds.

    1.25 of gas for 1 of heat, 40 a MWh and twice that in the second half of the day, 0.2 t per MWh at 80 and 100 a t.
    Sensitivity: without the series 4.35; carbon at the series too 6.525; the first stage's price in both 5.70.
    """
    # fuel 12.5 MW · 60 = 750 an hour; carbon 12.5 · 0.2 · 80 = 200, then 250
    gas = {"price_cur_per_mwh": 40, "price_series": "gas_factor", "co2_t_per_mwh": 0.2}
    kind = {"id": "b", "kind": "boiler", "fuel": "gas", "size_mw": 10, "corners": {"full": (10, 0, 12.5)}}
    instance = city(
        fuels={"gas": gas},
        technologies=[kind],
        units=[{"id": "u", "technology": "b", "count": 1}],
        demands={"A": 10},
        factors={"gas_factor": (1, 2)},
        stages=[{"year": 2025, "co2_price_cur_per_t": 80}, {"year": 2026, "co2_price_cur_per_t": 100}],
    )
    result = optimum(instance, (2 * 750 + 200 + 250) * H, step_hours=12)
    assert terms(result) == pytest.approx({"fuel": 1500 * H, "carbon": 450 * H})


@pytest.mark.parametrize("step_hours", [1, 4, 24])
def test_price_of_a_step_is_its_mean(step_hours: int) -> None:
    """Proves: prices of a step are means of its hours, so a steady load costs the same at every resolution.

    Sensitivity: with the first hour of a step as its price the cost would be 0 at 24 hours and 0.30 at four.
    """
    # power costs 0 to 23 by the hour, mean 11.5: 10 MW · 11.5 · H
    pump = {"id": "p", "kind": "heat_pump", "size_mw": 10, "corners": {"full": (10, -10, 0)}}
    instance = city(
        technologies=[pump],
        units=[{"id": "u", "technology": "p", "count": 1}],
        demands={"A": 10},
        retail=[float(hour) for hour in range(24)],
    )
    optimum(instance, 115 * H, step_hours=step_hours)


def test_variable_costs_and_power() -> None:
    """Proves: variable costs of heat and of power made, fuel and sales each stand in their own term.

    Sensitivity: variable cost on heat alone −0.36, on power alone −0.42; sales at retail −3.18.
    """
    # 40 MW heat, 20 MW power, 80 MW fuel: fuel 800, heat 40 · 2 = 80, power 20 · 3 = 60, sales 20 · 50 = 1000
    kind = {
        "id": "t",
        "kind": "back_pressure",
        "fuel": "coal",
        "size_mw": 20,
        "variable_heat_cur_per_mwh": 2,
        "variable_power_cur_per_mwh": 3,
        "corners": {"full": (40, 20, 80)},
    }
    instance = city(
        fuels={"coal": 10},
        technologies=[kind],
        units=[{"id": "u", "technology": "t", "count": 1}],
        demands={"A": 40},
        wholesale=50,
        retail=100,
    )
    result = optimum(instance, -60 * H)
    assert terms(result) == pytest.approx({"fuel": 800 * H, "variable": 140 * H, "power_sold": -1000 * H})


def test_power_taken() -> None:
    """Proves: power taken is bought, without variable cost of power, and a mix of corners pays for each corner.

    Half the machine makes 10 MW of power and sells at 50, half takes 10 MW at 100: the net of 0 would be free.
    Sensitivity: netted before pricing the cost would be 15 · H; with variable cost on power taken 15 · H more.
    """
    # daily, so that it must be on: 10 MW of heat are half of each corner: 5 · 100 − 5 · 50 + 5 · 3 = 265 an hour
    kind = {
        "id": "t",
        "kind": "heat_pump",
        "size_mw": 10,
        "commitment": "daily",
        "variable_power_cur_per_mwh": 3,
        "corners": {"make": (0, 10, 0), "take": (20, -10, 0)},
    }
    instance = city(
        technologies=[kind],
        units=[{"id": "u", "technology": "t", "count": 1}],
        demands={"A": 10},
        wholesale=50,
        retail=100,
    )
    result = optimum(instance, 265 * H)
    assert terms(result) == pytest.approx({"power_bought": 500 * H, "power_sold": -250 * H, "variable": 15 * H})
