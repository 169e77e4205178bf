"""Heat pumps whose COP follows the source, output that falls in the cold, availability, must-run. H = 0.003."""

from __future__ import annotations

import math

import pytest

from formulation.city import DAYS, H, boiler, city, optimum, terms

PUMP = {
    "id": "pump",
    "kind": "heat_pump",
    "size_mw": 10.0,
    "corners": {"full": (10.0, 0.0, 0.0)},
    "source_series": "outdoor_c",
    "source_drop_k": 5.0,
    "sink_in_c": 45.0,
    "sink_out_c": 75.0,
    "lorenz_share": 0.5,
    "cop_max": 7.0,
}


def lorenz(source_c: float) -> float:
    """COP by the textbook: half of T_s / (T_s - T_q), logarithmic means in kelvin."""
    warm = 30.0 / math.log((75.0 + 273.15) / (45.0 + 273.15))
    cold = 5.0 / math.log((source_c + 273.15) / (source_c - 5.0 + 273.15))
    return 0.5 * warm / (warm - cold)


def test_power_follows_the_source() -> None:
    """Proves: a heat pump takes heat / COP of its source, priced retail.

    Sensitivity: with the COP at 0 C instead of -10 C the cost would be a seventh lower.
    """
    instance = city(
        technologies=[PUMP], units=[{"id": "p", "technology": "pump", "count": 1}], demands={"A": 10}, retail=100.0
    )
    result = optimum(instance, 10 * 100 * H / lorenz(-10.0))
    assert terms(result)["power_bought"] == pytest.approx(10 * 100 * H / lorenz(-10.0))


def test_cop_at_most() -> None:
    """Proves: the COP stays at `cop_max`. Sensitivity: without the cap the cost would be 2 / 2.303 of this."""
    # sink 30 / ln(348.15 / 318.15) = 332.93 K, source 5 / ln(263.15 / 258.15) = 260.64 K: 0.5 · 332.93 / 72.29 = 2.303
    assert lorenz(-10.0) == pytest.approx(2.303, abs=0.001)
    instance = city(
        technologies=[{**PUMP, "cop_max": 2.0}],
        units=[{"id": "p", "technology": "pump", "count": 1}],
        demands={"A": 10},
        retail=100.0,
    )
    optimum(instance, 10 * 100 * H / 2.0)


def test_output_falls_in_the_cold() -> None:
    """Proves: at -10 C, 10 K below 0 C, 2 % a kelvin take a fifth of the output; the boiler gives the rest.

    Sensitivity: without derating the cost would be that of the pump alone.
    """
    pump = {**PUMP, "derate_below_c": 0.0, "derate_share_per_k": 0.02}
    units = [{"id": "p", "technology": "pump", "count": 1}, {"id": "b", "technology": "dear", "count": 1}]
    instance = city(technologies=[pump, boiler("dear", 90)], units=units, demands={"A": 10}, retail=100.0)
    optimum(instance, 8 * 100 * H / lorenz(-10.0) + 2 * 90 * H)


def test_availability() -> None:
    """Proves: of 10 MW of waste heat 7 are there on average. Sensitivity: all 10 would cost 0.3."""
    cheap = boiler("cheap", 10, size=10, kind="waste_heat", availability_share=0.7)
    units = [{"id": "c", "technology": "cheap", "count": 1}, {"id": "b", "technology": "dear", "count": 1}]
    instance = city(technologies=[cheap, boiler("dear", 90)], units=units, demands={"A": 10})
    optimum(instance, 7 * 10 * H + 3 * 90 * H)


@pytest.mark.parametrize(("must", "cost"), [(True, 10 * 90), (False, 10 * 20)])
def test_must_run(must: bool, cost: float) -> None:
    """Proves: a must-run unit gives its 10 MW though it is dear. Sensitivity: free to stop, the cheap one would do."""
    burner = boiler("burner", 90, size=10, kind="waste_incineration", must_run=must, fixed_mcur_per_mw_year=0.0)
    units = [
        {"id": "w", "technology": "burner", "count": 1, "may_retire": False},
        {"id": "b", "technology": "cheap", "count": 1},
    ]
    instance = city(technologies=[burner, boiler("cheap", 20)], units=units, demands={"A": 10})
    optimum(instance, cost * H)


def test_conversion_takes_the_place_of_what_left() -> None:
    """Proves: a converted boiler stands only where an old one has left, and both together cover no more than the old.

    Two old boilers of 10 MW at 50; conversion to 20 for nothing, at most two. All are converted: 20 MW at 20.
    With 25 MW of load, 5 MW are bought dear at 200. Sensitivity: beside the old ones the dear boiler would not run.
    """
    units = [
        {"id": "o", "technology": "old", "count": 2},
        {"id": "n", "technology": "new", "max_new": 4, "converts": "o"},
        {"id": "d", "technology": "dear", "count": 1},
    ]
    technologies = [boiler("old", 50, size=10), boiler("new", 20, size=10), boiler("dear", 200)]
    instance = city(technologies=technologies, units=units, demands={"A": 25})
    result = optimum(instance, 20 * 20 * H + 5 * 200 * H)
    assert result.answer.solution is not None
    machines = result.answer.solution.units.set_index("unit")["machines"].to_dict()
    assert (machines["o"], machines["n"]) == (0, 2)


def test_pollutants_are_priced() -> None:
    """Proves: grams per MWh of fuel, times prices per kg, for SO2, NOx and PM; the emissions tell the tonnes.

    10 MW of fuel for 3000 h are 30 000 MWh: 50 g SO2 = 1.5 t, 100 g NOx = 3 t, 20 g PM = 0.6 t a year.
    Cost 1500 · 6 + 3000 · 5 + 600 · 2 = 25 200, in million 0.0252. Sensitivity: per MW, not per MWh, it would vanish.
    """
    dirty = {**boiler("dirty", 0), "fuel": "coal", "corners": {"full": (100.0, 0.0, 100.0)}}
    dirty |= {"so2_g_per_mwh": 50.0, "nox_g_per_mwh": 100.0, "pm_g_per_mwh": 20.0}
    prices = {"so2_price_cur_per_kg": 6.0, "nox_price_cur_per_kg": 5.0, "pm_price_cur_per_kg": 2.0}
    instance = city(
        technologies=[dirty],
        fuels={"coal": 0.0},
        units=[{"id": "d", "technology": "dirty", "count": 1}],
        demands={"A": 10},
        stages=[{"year": 2025, **prices}],
    )
    result = optimum(instance, 0.0252)
    assert terms(result)["pollutants"] == pytest.approx(0.0252)
    assert result.report is not None
    row = result.report.emissions.iloc[0]
    assert [row["so2_t"], row["nox_t"], row["pm_t"]] == pytest.approx([1.5, 3.0, 0.6])
    assert DAYS * 24 == 3000
