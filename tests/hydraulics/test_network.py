"""Steady states of small networks by pandapipes, beside the model and figures worked out by hand.

Sensitivity, one sentence per test:
- single pipe: friction or loss of model or simulation that is off by 5 % (a diameter for a radius, fittings counted
  twice, U per area for U per length, one pipe for two) shows against formulas written here.
- cooling: a temperature that does not fall as exp(−U L / (m c)) on a long line shows in hundredths of a kelvin.
- tree: a formula that is right for one diameter or flow only shows in one of twenty lines, or in the drop over eleven.
- pairs: two pairs that each carried the whole flow would take four times the pressure.
- stations: a station that lifts the wrong way, or in one pipe only, changes the drop by its whole lift.
- two sources: the wrong one holding the pressure, or heat that does not add up, shows in the balance.
- regimes: a part that runs across a heat exchanger would mix water of two temperatures.
- dead end: a closed branch that is still simulated stands still and has no temperature.
- pressures: a critical point without its bar, or water near boiling, would be no operation.
- cold: a consumer that no flow can serve must be named, not left to a solver's exception.
- no convergence: the sentence must name an element and a quantity.
- still: a delayed line whose heat arrives from earlier hours has no source to hold the pressure.
"""

from __future__ import annotations

import math

import pytest

pytest.importorskip("pandapipes", reason="the hydraulics are NOT tested; pip install 'heatnet[hydraulics]'")

from heatnet.errors import UsageError
from heatnet.hydraulics import network
from heatnet.hydraulics.compare import _loss_mw
from heatnet.hydraulics.moments import Line, Moment
from heatnet.hydraulics.network import Flow, model_gradient_pa_per_m, model_velocity_m_per_s, steady_flow
from heatnet.hydraulics.parts import Part, cut
from heatnet.instance import records as r
from heatnet.physics.pipes import friction_pa_per_m as friction_pa_per_m_of_model

SOURCE = "assumed: test"
HOT = r.Regime(id="hot", supply_c=120, return_c=60, ground_c=10, source=SOURCE)
WARM = r.Regime(id="warm", supply_c=90, return_c=50, ground_c=10, source=SOURCE)


def line(name: str, start: str, end: str, km: float, mm: float = 500, pairs: int = 1, **more: object) -> Line:
    regime = more.pop("regime", HOT)
    assert isinstance(regime, r.Regime)
    pipe = {"id": name, "from_node": start, "to_node": end, "length_km": km, "regime": regime.id, "source": SOURCE}
    kind = {"id": f"DN{mm:g}", "inner_diameter_mm": mm, "velocity_max_m_per_s": 2, "roughness_mm": 0.5} | {
        "heat_transfer_w_per_m_k": more.pop("u", 0.6), "capex_mcur_per_km": 1, "fixed_share_per_year": 0,
        "life_years": 40, "source": SOURCE}  # fmt: skip
    return Line(r.Pipe.model_validate(pipe | more), r.PipeType.model_validate(kind), regime, pairs)


def moment(heat: dict[str, float], flow: dict[str, float]) -> Moment:
    return Moment("design", heat, flow, flow)


def state(lines: list[Line], heat: dict[str, float], flow: dict[str, float]) -> tuple[Part, Flow]:
    now = moment(heat, {line.id: flow[line.pipe.id] for line in lines})
    (part,) = cut(lines, now).parts
    return part, steady_flow(part, now)


def friction_pa_per_m(kg_per_s: float, kg_per_m3: float, pa_s: float, metres: float = 0.5) -> float:
    """Darcy and Weisbach with the explicit factor of Haaland (within 2 % of Colebrook), roughness 0.5 mm."""
    area = math.pi / 4 * metres**2
    reynolds = kg_per_s * metres / (area * pa_s)
    factor = (-1.8 * math.log10((0.0005 / metres / 3.7) ** 1.11 + 6.9 / reynolds)) ** -2
    return factor / metres * (kg_per_s / area) ** 2 / (2 * kg_per_m3)


def test_single_pipe_by_hand() -> None:
    pipe = line("P", "A", "B", 5)
    _, flow = state([pipe], {"A": 60.25, "B": -60}, {"P": 60})
    found = flow.lines["P/DN500"]
    mass = 60e6 / (4206 * (119.67 - 60))  # kg/s: arrives 0.33 K colder
    # water at 120 °C and 60 °C: 943.1 and 983.2 kg/m3, 232 and 466 µPa·s (steam tables); fittings 1.2
    by_hand = 1.2 * (friction_pa_per_m(mass, 943.1, 232e-6) + friction_pa_per_m(mass, 983.2, 466e-6)) / 2
    assert found.gradient_pa_per_m == pytest.approx(by_hand, rel=0.02)
    assert found.gradient_pa_per_m == pytest.approx(model_gradient_pa_per_m(pipe, 60), rel=0.05)
    assert found.loss_mw == pytest.approx(0.6 * (110 + 50) * 5000 / 1e6, rel=0.01)  # 0.48 MW
    assert found.loss_mw == pytest.approx(_loss_mw(pipe), rel=0.05)
    assert found.velocity_m_per_s == pytest.approx(mass / (943.1 * math.pi / 16), rel=0.01)
    assert found.velocity_m_per_s == pytest.approx(model_velocity_m_per_s(pipe, 60), rel=0.05)


def test_water_cools_exponentially() -> None:
    _, flow = state([line("P", "A", "B", 100, u=1.5)], {"A": 40, "B": -30}, {"P": 40})
    left = flow.nodes["B"].supply_c
    mass = 30e6 / (4206 * (left - 60))
    assert left == pytest.approx(10 + 110 * math.exp(-1.5 * 100e3 / (mass * 4206)), abs=0.05)
    assert left < 102


def by_model(one: Line, found: Flow) -> float:
    """The model's friction, Pa/m, at the mass flow that was found: supply water at 120 °C has 943.1 kg/m3, it 958."""
    velocity = found.lines[one.id].velocity_m_per_s * 943.1 / 958
    return 1.2 * friction_pa_per_m_of_model(one.type.inner_diameter_mm, velocity, one.type.roughness_mm)


def test_tree_of_twenty_pipes() -> None:
    """A trunk of ten pipes, each with a branch: ten consumers of 8 MW."""
    trunk = [line(f"T{k}", f"N{k}", f"N{k + 1}", 1.0 + 0.3 * k, 700 - 40 * k, 2 if k == 0 else 1) for k in range(10)]
    branches = [line(f"B{k}", f"N{k + 1}", f"C{k}", 0.5 + 0.3 * k, 250) for k in range(10)]
    flow = {f"T{k}": 8.0 * (10 - k) for k in range(10)} | {f"B{k}": 8.0 for k in range(10)}
    heat = {f"N{k}": 0.0 for k in range(11)} | {f"C{k}": -8.0 for k in range(10)} | {"N0": 84.0}
    part, found = state(trunk + branches, heat, flow)
    assert sum(found.lines[one.id].loss_mw for one in part.lines) == pytest.approx(
        sum(_loss_mw(one) for one in part.lines), rel=0.05
    )
    for one in part.lines:
        assert found.lines[one.id].gradient_pa_per_m == pytest.approx(by_model(one, found), rel=0.05)
        assert found.lines[one.id].loss_mw == pytest.approx(_loss_mw(one), rel=0.05)
    drop = found.nodes["N0"].difference_bar - found.nodes[found.critical].difference_bar
    way = (*trunk, branches[9])
    assert found.critical == "C9"
    assert drop == pytest.approx(sum(2 * by_model(one, found) * one.pipe.length_km / 100 for one in way), rel=0.05)


def test_pairs_share_the_flow() -> None:
    _, one = state([line("P", "A", "B", 5)], {"A": 31, "B": -30}, {"P": 30})
    _, two = state([line("P", "A", "B", 5, pairs=2)], {"A": 61, "B": -60}, {"P": 60})
    assert two.lines["P/DN500"].gradient_pa_per_m == pytest.approx(one.lines["P/DN500"].gradient_pa_per_m, rel=1e-3)
    assert two.lines["P/DN500"].loss_mw == pytest.approx(2 * one.lines["P/DN500"].loss_mw, rel=1e-3)


@pytest.mark.parametrize("sign", [1, -1])
def test_stations_lift_all_but_one_section(sign: int) -> None:
    ends = ("A", "B") if sign > 0 else ("B", "A")
    bare, _ = line("P", *ends, 30), None
    helped = line("P", *ends, 30, relay_stations=2)
    drops = []
    for one in (bare, helped):
        _, flow = state([one], {"A": 61.5, "B": -60}, {"P": sign * 60})
        drops.append(flow.nodes["A"].difference_bar - flow.nodes["B"].difference_bar)
    lifted = 2 * 2 * model_gradient_pa_per_m(helped, 60) * 10e3 / 1e5  # two stations, two pipes, 10 km each
    assert drops[0] - drops[1] == pytest.approx(lifted, rel=1e-3)


def test_largest_source_holds_the_pressure() -> None:
    lines = [line("P", "A", "C", 5), line("Q", "B", "C", 5), line("R", "A", "B", 9)]
    part, flow = state(lines, {"A": 21, "B": 41, "C": -60}, {"P": 20, "Q": 40, "R": 1})
    assert part.slack == "B"
    assert flow.nodes["A"].heat_mw == pytest.approx(21)
    lost = sum(one.loss_mw for one in flow.lines.values())
    assert sum(node.heat_mw for node in flow.nodes.values()) == pytest.approx(lost, abs=0.02)


def test_regimes_are_parted_by_an_exchanger() -> None:
    lines = [line("P", "A", "X", 5), line("Q", "X", "C", 5, regime=WARM)]
    now = moment({"A": 30.86, "X": 0, "C": -30}, {"P/DN500": 30.62, "Q/DN500": 30.18})
    # half the loss of P is 0.24 MW, of Q 0.18 MW (0.6 · 120 · 5 / 1000 / 2): X gives Q 30.36 of P's 30.62 − 0.24
    parts = cut(lines, now).parts
    assert [part.name for part in parts] == ["hot/A", "warm/X"]
    assert parts[0].heat_mw["X"] == pytest.approx(-30.36)
    assert parts[1].heat_mw["X"] == pytest.approx(30.36)


def test_dead_end_is_closed() -> None:
    lines = [line("P", "A", "B", 5), line("Q", "B", "C", 5)]
    now = moment({"A": 31, "B": -30, "C": 0}, {"P/DN500": 31, "Q/DN500": 0})
    pieces = cut(lines, now)
    assert list(pieces.still) == ["Q/DN500"]
    assert [one.id for one in pieces.parts[0].lines] == ["P/DN500"]


def test_pressures_at_the_critical_point_and_above_boiling() -> None:
    _, flow = state([line("P", "A", "B", 5)], {"A": 60.5, "B": -60}, {"P": 60})
    assert flow.nodes["B"].difference_bar == pytest.approx(1.0)
    # water boils at 120 °C under 1.985 bar (steam tables), 0.972 above the atmosphere; the pump's suction is lowest
    assert flow.nodes["A"].return_bar == pytest.approx(0.972 + 0.5, abs=0.02)


def test_a_consumer_out_of_reach_is_named() -> None:
    with pytest.raises(UsageError, match=r"hot/A in the design hour do not converge: node B, temperature"):
        state([line("P", "A", "B", 300, u=3)], {"A": 5, "B": -1}, {"P": 2})


def test_no_convergence_names_element_and_quantity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "ITERATIONS", 2)
    with pytest.raises(
        UsageError, match=r"do not converge: (node [AB]|line P/DN500), (pressure|mass flow|temperature)"
    ):
        state([line("P", "A", "B", 5)], {"A": 60.5, "B": -60}, {"P": 60})


def test_transit_alone_is_left_out() -> None:
    one = line("P", "A", "B", 50, delay_h=4)
    now = Moment("0:8", {"A": 0.0, "B": -30.0}, {one.id: 0.0}, {one.id: 30.0})
    pieces = cut([one], now)
    assert pieces.parts == ()
    assert "earlier" in pieces.still[one.id]
