"""The only file that speaks to pandapipes: a part of a network as supply and return pipes, in the steady state."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandapipes
import pandas as pd
from pandapipes.idx_branch import IdxBranch
from pandapipes.idx_node import IdxNode
from pandapipes.pf.pipeflow_setup import PipeflowNotConverged
from pandapipes.properties.fluids import Fluid, FluidPropertyConstant, FluidPropertyInterExtra

from heatnet.errors import UsageError
from heatnet.hydraulics.moments import Line, Moment, steady
from heatnet.hydraulics.parts import NOTHING_MW, Part
from heatnet.instance.records import Regime
from heatnet.physics.heat_pumps import KELVIN
from heatnet.physics.pipes import (
    DENSITY_KG_PER_M3,
    FITTINGS_FACTOR,
    PUMP_EFFICIENCY,
    capacity_mw,
    friction_pa_per_m,
)

WATER_C = (0, 10, 20, 40, 60, 80, 100, 120, 140, 160, 180)
WATER_KG_PER_M3 = (999.8, 999.7, 998.2, 992.2, 983.2, 971.8, 958.4, 943.1, 926.1, 907.4, 887.0)
WATER_UPA_S = (1791, 1306, 1002, 652.7, 466.0, 354.0, 281.6, 232.1, 196.6, 170.4, 150.5)
WATER_J_PER_KG_K = (4219, 4195, 4184, 4179, 4185, 4197, 4216, 4244, 4283, 4335, 4405)
"""Density, viscosity in µPa·s and heat capacity of boiling water (steam tables); pandapipes' own end at 95 °C."""

DIFFERENCE_MIN_BAR = 1.0
"""Least difference between supply and return at a consumer: what a substation needs [assumed]."""

BOILING_MARGIN_BAR = 0.5
"""Distance of the lowest pressure from boiling at the supply temperature [assumed]."""

ATMOSPHERE_BAR = 1.013
WIDE_MM = 3000.0
"""Diameter of what joins a source or consumer to the network, so wide that it takes no pressure."""

PIECE_KM = 10.0
"""Longest piece of pipe with one density and viscosity."""

COLDEST_K = 1.0
"""Least cooling at a consumer; with less there is no flow worth the name."""

ROUNDS = 30
SETTLED_SHARE = 1e-5
"""Runs of the network, and the part of the heat by which they may miss the plan's at the end."""

ITERATIONS = 100
"""Iterations of pandapipes in a run."""


@dataclass(frozen=True)
class LineFlow:
    """Steady flow of a line, of all its pairs. Positive from `from_node`; velocity is that of the faster pipe.

    The gradient is the mean of supply and return; the pump power is that of friction in both, stations not included.
    """

    flow_mw: float
    velocity_m_per_s: float
    gradient_pa_per_m: float
    loss_mw: float
    pump_mw: float
    station_mw: float


@dataclass(frozen=True)
class NodeState:
    """Temperatures and pressures (above the atmosphere) of supply and return at a node, and the heat given there."""

    supply_c: float
    return_c: float
    supply_bar: float
    return_bar: float
    heat_mw: float
    pump_mw: float

    @property
    def difference_bar(self) -> float:
        """Pressure of the supply above the return."""
        return self.supply_bar - self.return_bar


@dataclass(frozen=True)
class Flow:
    """Steady state of a part. `critical` is the consumer with the least pressure difference."""

    lines: dict[str, LineFlow]
    nodes: dict[str, NodeState]
    critical: str


def steady_flow(part: Part, moment: Moment) -> Flow:
    """The steady state of a part. Raises UsageError, with element and quantity, where there is none to be found."""
    return _Network(part, moment).solved()


class _Network:
    """A part in pandapipes. Consumers and all sources but the slack are flows of water, set until their heat fits."""

    def __init__(self, part: Part, moment: Moment) -> None:
        self.part, self.moment = part, moment
        self.net: Any = pandapipes.create_empty_network(fluid=_water(part.regime))
        regime = part.regime
        self.supply = {node: self._junction(node, regime.supply_c) for node in part.heat_mw}
        self.back = {node: self._junction(node, regime.return_c) for node in part.heat_mw}
        self.pipes: dict[str, tuple[list[list[int]], list[list[int]]]] = {}
        self.lift_bar: dict[str, float] = {}
        for line in part.lines:
            self._lay(line)
        # Any pressures: they are shifted afterwards.
        pandapipes.create_ext_grid(self.net, self.supply[part.slack], p_bar=60.0, t_k=regime.supply_c + KELVIN)
        pandapipes.create_ext_grid(self.net, self.back[part.slack], p_bar=30.0, type="p")
        self.nodes = [node for node, mw in part.heat_mw.items() if node != part.slack and abs(mw) >= NOTHING_MW]
        self.wanted_mw = np.array([abs(part.heat_mw[node]) for node in self.nodes])
        self.takes = np.array([part.heat_mw[node] < 0.0 for node in self.nodes], dtype=bool)
        self.heat_capacity = _joules_per_kg_k(regime)
        self.flow_kg_per_s = 1e6 * self.wanted_mw / (self.heat_capacity * (regime.supply_c - regime.return_c))
        for node, takes in zip(self.nodes, self.takes, strict=True):
            ends = (self.supply[node], self.back[node])
            self._exchange(node, *(ends if takes else ends[::-1]), regime.return_c if takes else regime.supply_c)

    def _junction(self, name: str, celsius: float) -> int:
        return int(pandapipes.create_junction(self.net, pn_bar=20.0, tfluid_k=celsius + KELVIN, name=name))

    def _lay(self, line: Line) -> None:
        """Every pair by itself, with its relay stations at equal distances, each lifting what a section takes."""
        pipe, regime = line.pipe, line.regime
        ends = (pipe.from_node, pipe.to_node)
        sections = pipe.relay_stations + 1
        section_km = pipe.length_km / sections
        carried = steady(self.moment, line)
        pa_per_m = model_gradient_pa_per_m(line, carried)
        self.lift_bar[line.id] = pa_per_m * section_km * 1000.0 / 1e5 if pipe.relay_stations else 0.0
        laid: tuple[list[list[int]], list[list[int]]] = ([], [])
        for _ in range(line.pairs):
            for places, celsius, way, forward in (
                (self.supply, regime.supply_c, laid[0], carried >= 0.0),
                (self.back, regime.return_c, laid[1], carried < 0.0),
            ):
                way.append(
                    self._way(line, [places[end] for end in ends], celsius, (sections, section_km), forward=forward)
                )
        self.pipes[line.id] = laid

    def _way(
        self, line: Line, ends: list[int], celsius: float, sections: tuple[int, float], *, forward: bool
    ) -> list[int]:
        """One pipe from end to end, with its stations; the numbers of its sections."""
        number, section_km = sections
        kind = line.type
        pieces = math.ceil(section_km / PIECE_KM)
        piece_km = section_km / pieces
        made, at = [], ends[0]
        for k in range(1, number * pieces + 1):
            to = ends[1] if k == number * pieces else self._junction(line.id, celsius)
            made.append(
                int(
                    pandapipes.create_pipe_from_parameters(
                        self.net,
                        at,
                        to,
                        length_km=piece_km,
                        inner_diameter_mm=kind.inner_diameter_mm,
                        k_mm=kind.roughness_mm,
                        loss_coefficient=_fittings(line, piece_km),
                        u_w_per_m2k=kind.heat_transfer_w_per_m_k / (math.pi * kind.inner_diameter_mm / 1000.0),
                        text_k=line.regime.ground_c + KELVIN,
                        name=line.id,
                    )
                )
            )
            at = to
            if k % pieces == 0 and to != ends[1]:
                at = self._junction(line.id, celsius)
                self._station(line.id, *((to, at) if forward else (at, to)))
        return made

    def _station(self, name: str, start: int, end: int) -> None:
        """One that always lifts the same; its type needs a name of its own."""
        number = 0 if "pump" not in self.net else len(self.net.pump)
        lift = [0.0, self.lift_bar[name]]
        pandapipes.create_pump_from_parameters(
            self.net, start, end, f"{name} {number}", poly_coefficents=lift, name=name
        )

    def _exchange(self, node: str, start: int, end: int, behind_c: float) -> None:
        """Takes water out at one place and lets as much in at the other, with the temperature that it has then."""
        pandapipes.create_sink(self.net, start, mdot_kg_per_s=0.0, name=node)
        behind = self._junction(node, behind_c)
        pandapipes.create_source(self.net, behind, mdot_kg_per_s=0.0, name=node)
        pandapipes.create_ext_grid(self.net, behind, t_k=behind_c + KELVIN, type="t")
        pandapipes.create_pipe_from_parameters(
            self.net, behind, end, length_km=0.001, inner_diameter_mm=WIDE_MM, name=node
        )

    def solved(self) -> Flow:
        """Runs until the flows of water carry the heat of the plan."""
        for _ in range(ROUNDS):
            self.net.sink["mdot_kg_per_s"] = self.flow_kg_per_s
            self.net.source["mdot_kg_per_s"] = self.flow_kg_per_s
            self._run()
            warmth = self.net.res_junction["t_k"].fillna(self.net.junction["tfluid_k"])
            self.net.junction["tfluid_k"] = warmth  # of the water in the next run: its density and viscosity
            ratio = self.wanted_mw * 1e6 / (self.flow_kg_per_s * self.heat_capacity * self._cooled_k())
            off = np.abs(ratio - 1.0)
            if not len(off) or off.max() < SETTLED_SHARE:
                return self._read()
            self.flow_kg_per_s = self.flow_kg_per_s * np.clip(ratio, 0.5, 2.0)
        raise self._failure(f"node {self.nodes[int(off.argmax())]}", "the mass flow for its heat")

    def _cooled_k(self) -> Any:
        """Difference of temperatures at every consumer and set source.

        A consumer that gets water no warmer than it sends back can have no heat from any flow.
        """
        regime, reached = self.part.regime, self.net.res_junction["t_k"] - KELVIN
        warm = np.array([reached[self.supply[node]] for node in self.nodes])
        cold = np.array([reached[self.back[node]] for node in self.nodes])
        cooled = np.where(self.takes, warm - regime.return_c, regime.supply_c - cold)
        for node, difference, here in zip(self.nodes, cooled, np.where(self.takes, warm, cold), strict=True):
            if not difference > COLDEST_K:
                raise self._failure(f"node {node}", f"temperature (water arrives at {here:.0f} °C)")
        return cooled

    def _run(self) -> None:
        try:
            self._pipeflow(ITERATIONS)
        except PipeflowNotConverged:
            raise self._failure(*self._unsettled()) from None

    def _pipeflow(self, iterations: int) -> None:
        pandapipes.pipeflow(
            self.net,
            mode="sequential",
            friction_model="colebrook",
            max_iter_hyd=iterations,
            max_iter_therm=iterations,
            max_iter_colebrook=100,
            use_numba=False,  # compiling takes longer than any network of a city
        )

    def _failure(self, element: str, quantity: str) -> UsageError:
        hour = "the design hour" if self.moment.name == "design" else f"hour {self.moment.name}"
        return UsageError(
            f"the hydraulics of {self.part.name} in {hour} do not converge: {element}, {quantity}; nothing was written."
        )

    def _unsettled(self) -> tuple[str, str]:
        """Element and quantity that the last iteration still changed most, against what such a quantity may be."""
        last = self._iterate()
        with contextlib.suppress(PipeflowNotConverged):
            self._pipeflow(ITERATIONS - 1)
        worst, where = -1.0, ("the network", "mass flow")
        for (names, quantity, values), (_, _, before) in zip(last, self._iterate(), strict=True):
            change = np.nan_to_num(np.abs(values - before), nan=np.inf) / (1.0 + np.abs(np.nan_to_num(before)))
            if len(change) and change.max() > worst:
                worst, where = float(change.max()), (names[int(change.argmax())], quantity)
        return where

    def _iterate(self) -> list[tuple[list[str], str, Any]]:
        """The last iterate of pandapipes: names, quantity, values. What is part of a line bears its name."""

        def place(name: str) -> str:
            return f"line {name}" if "/" in name else f"node {name}"

        pit, lookups = self.net["_pit"], self.net["_lookups"]
        nodes = pit["node"][slice(*lookups["node_from_to"]["junction"])]
        pipes = pit["branch"][slice(*lookups["branch_from_to"]["pipe"])]
        places = [place(name) for name in self.net.junction["name"]]
        ways = [place(name) for name in self.net.pipe["name"]]
        return [
            (places, "pressure", nodes[:, IdxNode.PINIT].copy()),
            (places, "temperature", nodes[:, IdxNode.TINIT].copy()),
            (ways, "mass flow", pipes[:, IdxBranch.MDOTINIT].copy()),
        ]

    def _read(self) -> Flow:
        shift = self._pressures()
        nodes = {node: self._node(node, *shift) for node in self.part.heat_mw}
        consumers = [node for node, mw in self.part.heat_mw.items() if mw <= -NOTHING_MW]
        critical = min(consumers or list(nodes), key=lambda node: nodes[node].difference_bar)
        return Flow({line.id: self._line(line) for line in self.part.lines}, nodes, critical)

    def _pressures(self) -> tuple[float, float]:
        """What to add to the pressures of supply and return, bar.

        Flows are set at all consumers and all sources but one, so the lift of the slack source shifts the pressure of
        the supply as a whole and changes no flow.
        """
        pressure = self.net.res_junction["p_bar"]
        supply, back = pressure[list(self.supply.values())].to_numpy(), pressure[list(self.back.values())].to_numpy()
        takes = np.array([mw <= -NOTHING_MW for mw in self.part.heat_mw.values()])
        lift = DIFFERENCE_MIN_BAR - float((supply - back)[takes].min(initial=np.inf)) if takes.any() else 0.0
        ends = self.net.res_pipe[["p_from_bar", "p_to_bar"]].min(axis=1)
        goes, comes = ([k for line in self.pipes.values() for way in line[side] for k in way] for side in (0, 1))
        lowest = min(float(ends[goes].min()) + lift, float(ends[comes].min()))
        level = lowest_bar(self.part.regime.supply_c) - lowest
        return lift + level, level

    def _node(self, node: str, supply_shift: float, back_shift: float) -> NodeState:
        results = self.net.res_junction
        warm, cold = results.loc[self.supply[node]], results.loc[self.back[node]]
        heat = self.part.heat_mw[node]
        difference = warm["p_bar"] + supply_shift - cold["p_bar"] - back_shift
        flow, given = 0.0, 0.0
        if node == self.part.slack:
            flow = float((np.where(self.takes, 1.0, -1.0) * self.flow_kg_per_s).sum())
            given = flow * self.heat_capacity * (self.part.regime.supply_c + KELVIN - cold["t_k"]) / 1e6
        elif node in self.nodes:
            flow, given = float(self.flow_kg_per_s[self.nodes.index(node)]), heat  # as settled
        density = float(np.interp(cold["t_k"] - KELVIN, WATER_C, WATER_KG_PER_M3))
        pump = max(0.0, difference) * 1e5 * flow / density / PUMP_EFFICIENCY / 1e6 if given > 0.0 else 0.0
        return NodeState(
            supply_c=float(warm["t_k"]) - KELVIN,
            return_c=float(cold["t_k"]) - KELVIN,
            supply_bar=float(warm["p_bar"] + supply_shift),
            return_bar=float(cold["p_bar"] + back_shift),
            heat_mw=float(given),
            pump_mw=float(pump),
        )

    def _line(self, line: Line) -> LineFlow:
        outward, homeward = self.pipes[line.id]
        results = self.net.res_pipe
        out, home = results.loc[outward[0]], results.loc[homeward[0]]
        both = pd.concat([out, home])
        drops = (both["p_from_bar"] - both["p_to_bar"]).abs() * 1e5
        volume = both["vdot_m3_per_s"].abs()
        flow = float(out["mdot_from_kg_per_s"].iloc[0])
        # `t_outlet_k` is that of the pipe's own water; at its end it mixes with that of others.
        entered = both["t_from_k"].where(both["mdot_from_kg_per_s"] >= 0.0, both["t_to_k"])
        cooled = entered - both["t_outlet_k"]
        loss = both["mdot_from_kg_per_s"].abs() * self.heat_capacity * cooled / 1e6
        first = 0 if flow >= 0.0 else -1
        end = "from" if flow >= 0.0 else "to"
        warm, cold = (way[f"t_{end}_k"].iloc[first] for way in (out, home))
        lifted = 2.0 * line.pipe.relay_stations * self.lift_bar[line.id] * 1e5 * float(volume.mean())
        return LineFlow(
            flow_mw=line.pairs * flow * self.heat_capacity * float(warm - cold) / 1e6,
            velocity_m_per_s=float(both["v_mean_m_per_s"].abs().max()),
            gradient_pa_per_m=float(drops.sum()) / (2000.0 * line.pipe.length_km),
            loss_mw=line.pairs * float(loss.sum()),
            pump_mw=line.pairs * float((drops * volume).sum()) / PUMP_EFFICIENCY / 1e6,
            station_mw=line.pairs * lifted / PUMP_EFFICIENCY / 1e6,
        )


def model_velocity_m_per_s(line: Line, flow_mw: float) -> float:
    """Velocity in each pair by the model: the share of its capacity times the velocity limit."""
    kind, regime = line.type, line.regime
    full = capacity_mw(kind.inner_diameter_mm, kind.velocity_max_m_per_s, regime.supply_c, regime.return_c)
    return abs(flow_mw) / line.pairs / full * kind.velocity_max_m_per_s


def model_gradient_pa_per_m(line: Line, flow_mw: float) -> float:
    """Pressure gradient by the model, fittings included."""
    velocity = model_velocity_m_per_s(line, flow_mw)
    return FITTINGS_FACTOR * friction_pa_per_m(line.type.inner_diameter_mm, velocity, line.type.roughness_mm)


def lowest_bar(supply_c: float) -> float:
    """Least pressure above the atmosphere that water of a temperature may have: boiling pressure and a margin.

    Boiling pressure by Antoine, with the constants for water above 99 °C; colder water has that of the atmosphere.
    """
    boiling: float = 10.0 ** (8.14019 - 1810.94 / (244.485 + supply_c)) * 1.333224e-3
    return float(max(boiling - ATMOSPHERE_BAR, 0.0) + BOILING_MARGIN_BAR)


def _fittings(line: Line, length_km: float) -> float:
    """Loss coefficient that adds to a pipe at its velocity limit what `FITTINGS_FACTOR` adds to its friction."""
    kind = line.type
    velocity = kind.velocity_max_m_per_s
    straight = friction_pa_per_m(kind.inner_diameter_mm, velocity, kind.roughness_mm) * length_km * 1000.0
    return (FITTINGS_FACTOR - 1.0) * straight / (DENSITY_KG_PER_M3 * velocity**2 / 2.0)


def _joules_per_kg_k(regime: Regime) -> float:
    """Heat capacity of water half-way between supply and return."""
    mean_c = (regime.supply_c + regime.return_c) / 2.0
    return float(np.interp(mean_c, WATER_C, WATER_J_PER_KG_K))


def _water(regime: Regime) -> Fluid:
    """Water with one heat capacity: with one that varies pandapipes diverges where flows mix."""
    kelvin = np.array(WATER_C) + KELVIN
    return Fluid(
        "water",
        "liquid",
        density=FluidPropertyInterExtra(kelvin, np.array(WATER_KG_PER_M3)),
        viscosity=FluidPropertyInterExtra(kelvin, np.array(WATER_UPA_S) * 1e-6),
        heat_capacity=FluidPropertyConstant(_joules_per_kg_k(regime)),
        molar_mass=FluidPropertyConstant(18.015),
        compressibility=FluidPropertyConstant(1.0),
        der_compressibility=FluidPropertyConstant(0.0),
    )
