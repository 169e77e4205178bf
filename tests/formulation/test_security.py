"""Contingencies and firm power. H = 0.003 (see `city`)."""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import H, boiler, city, optimum, plan, terms

TYPE = {"id": "big", "capacity_mw": 100.0}
LINE = {"id": "l", "from_node": "S", "to_node": "A", "existing_type": "big", "existing_pairs": 1}


def fed_by_a_line(**changes: Any) -> Any:
    """District A, 10 MW, fed from S at 10 a MWh over a line; boilers of 2 MW may be built at A for 0.1 a year each."""
    given: dict[str, Any] = {
        "nodes": ["A", {"id": "S", "kind": "plant"}],
        "types": [TYPE],
        "pipes": [LINE],
        "technologies": [boiler("far", 10), boiler("spare", 90, size=2, capex_mcur_per_mw=1.0)],
        "units": [
            {"id": "f", "node": "S", "technology": "far", "count": 1},
            {"id": "s", "technology": "spare", "max_new": 5},
        ],
        "demands": {"A": 10},
        "contingencies": [{"id": "line", "pipe": "l"}],
        "guarantee": 0.4,
    }
    return city(**{**given, **changes})


@pytest.mark.parametrize(
    ("contingency", "guarantee", "built"),
    [
        ({"id": "line", "pipe": "l"}, 0.4, 2),  # 4 MW must be made at A
        ({"id": "line", "pipe": "l"}, 0.41, 3),
        ({"id": "source", "node": "S"}, 0.4, 2),
        ({"id": "unit", "unit": "f"}, 0.4, 2),
        ({"id": "half", "pipe": "l", "lost_share": 0.5}, 0.4, 0),  # 50 MW still come
        ({"id": "most", "unit": "f", "lost_share": 0.97}, 0.4, 1),  # 3 MW still come, 1 MW is wanted
    ],
)
def test_replacement_for_what_is_lost(contingency: dict[str, Any], guarantee: float, built: int) -> None:
    """Proves: each loss asks for `guarantee` of the design load from what is left.

    A boiler of 2 MW is charged 2 / 20 = 0.1 a year and never runs. Sensitivity: without the contingency none is built.
    """
    instance = fed_by_a_line(contingencies=[contingency], guarantee=guarantee)
    result = optimum(instance)
    assert plan(result, "units", "s", "machines") == [built]
    assert result.answer.cost == pytest.approx(10 * 10 * H + 0.1 * built, rel=1e-6)
    assert result.answer.solution is not None
    row = result.answer.solution.security.iloc[0]
    assert (row["guaranteed_mw"], row["missing_mw"]) == pytest.approx((10 * guarantee, 0.0), abs=1e-6)


def test_missing_is_priced() -> None:
    """Proves: without boilers the 4 MW guaranteed are missing, at 50 a MW and year, once for each contingency."""
    both = [{"id": "line", "pipe": "l"}, {"id": "source", "node": "S"}]
    units = [{"id": "f", "node": "S", "technology": "far", "count": 1}]
    result = optimum(fed_by_a_line(units=units, contingencies=both))
    assert terms(result)["contingency"] == pytest.approx(2 * 4 * 50)


@pytest.mark.parametrize(("firm", "bought", "built"), [(20.0, 0.0, 1), (20.0, 20.0, 0), (21.0, 0.0, 2)])
def test_firm_power(firm: float, bought: float, built: int) -> None:
    """Proves: sets of 20 MW power stand where firm power is asked for and cannot be bought.

    A set is charged 20 · 0.5 / 20 = 0.5 a year. Sensitivity: without the row none is built, the boiler being cheaper.
    """
    chp = {**boiler("chp", 0, size=20), "kind": "back_pressure", "capex_mcur_per_mw": 0.5, "fuel": "coal"}
    chp["corners"] = {"full": (10.0, 20.0, 50.0)}
    units = [{"id": "b", "technology": "old", "count": 1}, {"id": "c", "technology": "chp", "max_new": 3}]
    instance = city(
        technologies=[boiler("old", 10), chp],
        fuels={"coal": 100.0},
        units=units,
        demands={"A": 10},
        stages=[{"year": 2025, "firm_power_mw": firm, "import_power_mw": bought}],
    )
    result = optimum(instance, 10 * 10 * H + 0.5 * built)
    assert plan(result, "units", "c", "machines") == [built]
