"""What a long line costs: tunnels, relay stations, terminal stations. A sends 40 MW to B over 10 km. H = 0.003.

A pair of 50 MW costs 1 a km and stands 40 years: without interest a fortieth of its capex a year. Heat at 20 a MWh is
40 · 20 · H = 2.4.
"""

from __future__ import annotations

from typing import Any

import pytest

from formulation.city import H, boiler, city, operation, optimum, plan, terms
from heatnet.physics.pipes import pump_mw_per_km

TYPE = {"id": "line", "capacity_mw": 50, "capex_mcur_per_km": 1.0, "fixed_share_per_year": 0.01}
NEW = {"candidate_types": ("line",), "max_new_pairs": 2}
OLD = {"existing_type": "line", "existing_pairs": 1}


def far(pipe: dict[str, Any], **changes: Any) -> Any:
    """A with heat at 20 a MWh, B with 40 MW, and the pipe between them."""
    given: dict[str, Any] = {
        "nodes": ("A", "B"),
        "types": [TYPE],
        "pipes": [{"id": "ab", "from_node": "A", "to_node": "B", **pipe}],
        "technologies": [boiler("cheap", 20)],
        "units": [{"id": "a", "technology": "cheap", "count": 2}],
        "demands": {"B": 40},
    }
    return city(**{**given, **changes})


@pytest.mark.parametrize(
    ("pipe", "capex"),
    [
        ({}, 10.0),
        ({"tunnel_km": 4, "tunnel_cost_factor": 5}, 26.0),  # 6 · 1 + 4 · 5
        ({"tunnel_km": 4}, 10.0),  # a tunnel that costs what open ground does
        ({"tunnel_km": 10, "tunnel_cost_factor": 3}, 30.0),  # all of it
        ({"tunnel_km": 4, "tunnel_cost_factor": 5, "cost_factor": 1.5}, 29.0),  # 6 · 1.5 + 4 · 5
        ({"tunnel_km": 4, "cost_factor": 1.5}, 13.0),  # 6 · 1.5 + 4: the factor is that of open ground
        ({"relay_stations": 2, "relay_mcur_per_mw": 0.08}, 18.0),  # 2 · 0.08 · 50 MW
        ({"relay_stations": 2, "relay_mcur_per_mw": 0.08, "cost_factor": 1.5, "extra_mcur_per_pair": 3}, 26.0),
        (
            {"tunnel_km": 4, "tunnel_cost_factor": 5, "cost_factor": 1.5, "extra_mcur_per_pair": 3}
            | {"relay_stations": 2, "relay_mcur_per_mw": 0.08},
            40.0,
        ),
    ],
)
def test_capex_and_upkeep(pipe: dict[str, Any], capex: float) -> None:
    """Proves: capex is that of open ground and tunnel, each with its own factor, the extra, and the relay stations.

    Upkeep of 1 % follows all of it. Sensitivity: the factor of open ground on the tunnel too makes 39 of 29; on the
    relay stations or the extra 30 or 27.5 of 26; a relay station for the flow of 40 MW 16.4 of 18, without their
    number 14; the tunnel on top of the whole length 30 of 26.
    """
    result = optimum(far({**NEW, **pipe}), 40 * 20 * H + capex / 40 + capex * 0.01)
    assert terms(result) == pytest.approx({"pipes": capex / 40, "fixed": capex * 0.01, "variable": 2.4})


def test_each_pair_has_its_relay_stations() -> None:
    """Proves: two pairs pay for tunnel, extra and relay stations twice.

    Sensitivity: paid once for the pipe the capital would be 1.0 or less instead of 2.0.
    """
    pipe = {**NEW, "tunnel_km": 4, "tunnel_cost_factor": 5, "cost_factor": 1.5, "extra_mcur_per_pair": 3}
    pipe |= {"relay_stations": 2, "relay_mcur_per_mw": 0.08}
    result = optimum(far(pipe, demands={"B": 80}), 4.8 + 2 * (1.0 + 0.4))
    assert plan(result, "pipes", "ab/line", "new_pairs") == [2]


def test_upkeep_of_existing_pairs() -> None:
    """Proves: the upkeep of a pair that stands is that of a new one, tunnel and relay stations counted; no capital.

    Sensitivity: on the open length alone it would be 0.1.
    """
    pipe = {**OLD, "tunnel_km": 4, "tunnel_cost_factor": 5, "relay_stations": 1, "relay_mcur_per_mw": 0.08}
    result = optimum(far(pipe), 2.4 + 0.01 * 30)  # 6 + 20 + 0.08 · 50
    assert terms(result)["fixed"] == pytest.approx(0.3)


@pytest.mark.parametrize(("relay", "line", "pairs"), [(0.0, "big", [0, 1]), (0.1, "line", [1, 0])])
def test_relay_stations_by_the_type(relay: float, line: str, pairs: list[int]) -> None:
    """Proves: the capacity that relay stations are paid for is that of the type.

    The larger type costs 9 for 100 MW, the smaller 10 for 50 MW; two relay stations at 0.1 add 20 and 10.
    Sensitivity: with one price for both types, or by the flow, the larger would be laid in both.
    """
    big = {"id": "big", "capacity_mw": 100, "inner_diameter_mm": 500, "capex_mcur_per_km": 0.9}
    types = [{**TYPE, "fixed_share_per_year": 0.0}, big]
    pipe = {**NEW, "candidate_types": ("line", "big")}
    pipe |= {"relay_stations": 2, "relay_mcur_per_mw": relay} if relay else {}
    result = optimum(far(pipe, types=types), 2.4 + (9.0 if line == "big" else 20.0) / 40)
    assert [plan(result, "pipes", f"ab/{name}", "new_pairs")[0] for name in ("line", "big")] == pairs


def test_relay_stations_by_the_regime_at_the_start() -> None:
    """Proves: relay stations are paid for the capacity in the first regime of the zone, whatever it is run in.

    The second regime is 120 K apart, twice the first, its substations 0.02 / 20 a MW; 80 MW go over one pair.
    Sensitivity: for 100 MW the relay stations would add 20 instead of 10.
    """
    instance = far(
        {**NEW, "zone": "z", "relay_stations": 2, "relay_mcur_per_mw": 0.1},
        types=[{**TYPE, "fixed_share_per_year": 0.0}],
        nodes=("A", {"id": "B", "zone": "z"}),
        zones=[{"id": "z", "regimes": ("hot", "wide")}],
        regimes=[{"id": "wide", "supply_c": 140, "return_c": 20, "ground_c": 10, "substation_mcur_per_mw": 0.02}],
        demands={"B": 80},
    )
    result = optimum(instance, 4.8 + 20 / 40 + 0.08)
    assert plan(result, "pipes", "ab/line", "regime") == ["wide"]
    assert terms(result)["pipes"] == pytest.approx(0.5)


def pump(instance: Any, share: float) -> float:
    """Friction of a pair of `line` over 10 km at a share of its velocity, MW."""
    kind = instance.pipe_types[0]
    return 10 * pump_mw_per_km(kind.inner_diameter_mm, share * kind.velocity_max_m_per_s, kind.roughness_mm)


FREE = [{**TYPE, "fixed_share_per_year": 0.0}]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("flow", "points"), [(20, {0.5: 0.8}), (45, {0.75: 0.4, 1.0: 0.6})])
def test_station_power(turned: bool, flow: float, points: dict[float, float]) -> None:
    """Proves: stations take their share of the heat that flows, whichever way, on top of the friction of the pipe.

    Sensitivity: a share for each km would be ten times as much; without the absolute value the turned pipe would pay
    nothing or be paid; of the capacity instead of the flow, 1 MW for both.
    """
    pipe = {**OLD, "station_power_share": 0.02} | ({"from_node": "B", "to_node": "A"} if turned else {})
    instance = far(pipe, types=FREE, demands={"B": flow}, retail=100.0)
    power = sum(weight * pump(instance, at) for at, weight in points.items()) + 0.02 * flow
    result = optimum(instance, (flow * 20 + power * 100) * H)
    assert operation(result, "pipe", "ab/line", "pump_mw") == pytest.approx([power])
    assert terms(result)["pumping"] == pytest.approx(power * 100 * H)


def test_station_power_of_two_pairs() -> None:
    """Proves: the share is of the flow of all pairs, and friction that of each.

    60 MW over two pairs of 50: p(0.5) twice and 10 MW on the second chord. Sensitivity: the share taken once for each
    pair would be 2.4 MW instead of 1.2.
    """
    pipe = {**OLD, "existing_pairs": 2, "station_power_share": 0.02}
    instance = far(pipe, types=FREE, demands={"B": 60}, retail=100.0)
    power = 2 * pump(instance, 0.5) + 0.8 * (pump(instance, 0.75) - pump(instance, 0.5)) + 0.02 * 60
    result = optimum(instance, (60 * 20 + power * 100) * H)
    assert operation(result, "pipe", "ab/line", "pump_mw") == pytest.approx([power])


def test_station_power_in_another_regime() -> None:
    """Proves: the share of the stations is of the heat, so it stays when a regime stretches the curve of friction.

    80 MW are 80 % of the 100 MW in the second regime: 0.8 of p(0.75) and 0.2 of p(1). Sensitivity: by the capacity of
    the start the stations would take 1.6 · 50 / 100.
    """
    instance = far(
        {**OLD, "zone": "z", "station_power_share": 0.02},
        types=FREE,
        nodes=("A", {"id": "B", "zone": "z"}),
        zones=[{"id": "z", "regimes": ("hot", "wide")}],
        regimes=[{"id": "wide", "supply_c": 140, "return_c": 20, "ground_c": 10}],
        demands={"B": 80},
        retail=100.0,
    )
    power = 0.8 * pump(instance, 0.75) + 0.2 * pump(instance, 1.0) + 0.02 * 80
    result = optimum(instance, (80 * 20 + power * 100) * H)
    assert operation(result, "pipe", "ab/line", "pump_mw") == pytest.approx([power])


def test_station_power_against_heat_at_home() -> None:
    """Proves: what stations take counts in the choice of a source.

    B's own heat costs 23; A's 20 and 0.02 · 100 = 2 for the stations, with 0.04 it would be 4. Sensitivity: without
    it, the far source would serve both.
    """
    for share, cost in ((0.02, 22), (0.04, 23)):
        instance = far(
            {**OLD, "station_power_share": share},
            # so wide that friction is next to nothing: below 1e-6 of the cost
            types=[{**FREE[0], "inner_diameter_mm": 1400}],
            technologies=[boiler("cheap", 20), boiler("own", 23)],
            units=[
                {"id": "a", "technology": "cheap", "count": 1},
                {"id": "o", "node": "B", "technology": "own", "count": 1},
            ],
            demands={"B": 40},
            retail=100.0,
        )
        result = optimum(instance)
        assert result.answer.cost == pytest.approx(40 * cost * H, rel=1e-4)
