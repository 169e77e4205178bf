"""Sets a wave to the figures of its hours, and asks every hour and every day alone what it calls for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from heatnet.formulation.case import Machine
from heatnet.instance.instance import Array
from heatnet.operate.stage import Stage
from solvers.merit_order.wave import NEVER, Served, Wave
from solvers.numbers import Numbers

DAY = 24
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Figures:
    """What changes over time; the last axis is hours of a stage, or its days.

    `cost`: of a machine at each corner for an hour, currency. `demand_mw`: by node. `share`: of the machines of each
    unit that can be had. `retail`: currency per MWh of power.
    """

    cost: Array
    demand_mw: Array
    share: Array
    retail: Array

    @classmethod
    def of(cls, numbers: Numbers, wave: Wave) -> Figures:
        """Those of the hours."""
        hours = len(numbers.stage.hours)
        none = np.zeros(hours)
        return cls(
            1e6 * np.array([numbers.corner_cost[key] for key in wave.corner]).reshape(-1, hours),
            np.array([numbers.demand.get(node, none) for node in wave.nodes]),
            np.array([numbers.available[unit] for unit in wave.unit]).reshape(-1, hours),
            1e6 * numbers.retail,
        )

    def by_day(self, day: Places) -> Figures:
        """Mean prices of every day, its largest demand and least availability. `day`: of every hour, from 0."""
        starts = np.flatnonzero(np.diff(day, prepend=-1))
        hours = np.diff(starts, append=len(day))
        return Figures(
            np.add.reduceat(self.cost, starts, axis=1) / hours,
            np.maximum.reduceat(self.demand_mw, starts, axis=1),
            np.minimum.reduceat(self.share, starts, axis=1),
            np.add.reduceat(self.retail, starts) / hours,
        )


@dataclass
class Desk:
    """Sets a wave to figures."""

    numbers: Numbers
    wave: Wave
    figures: Figures
    now: Places = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    here: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    @property
    def stage(self) -> Stage:
        """The stage."""
        return self.numbers.stage

    @cached_property
    def lead(self) -> Places:
        """Hours by which heat must leave each node."""
        return np.array([self.wave.lead[node] for node in self.wave.nodes], dtype=np.int64)

    @property
    def waves(self) -> int:
        """Number of waves in which some node takes part."""
        return len(self.stage.hours) + int(self.lead.max(initial=0))

    @cached_property
    def at_corner(self) -> Places:
        """Node of each corner."""
        return self.places(self.stage.case.machines[unit].unit.node for unit, _ in self.wave.corner)

    @cached_property
    def begins(self) -> Places:
        """Node at which each line begins."""
        return self.places(line.pipe.from_node for line in self.stage.lines)

    def places(self, nodes: Iterable[str]) -> Places:
        """Places of nodes."""
        return np.array([self.wave.node[node] for node in nodes], dtype=np.int64)

    def open_wave(self, number: int) -> None:
        """A wave of hours; nodes whose hour is before the first or after the last stand still."""
        told = number - self.lead
        self._open(told, (told >= 0) & (told < len(self.stage.hours)))

    def open_all(self, time: int | Places) -> None:
        """All nodes, each at its time or all at one; what is before the first is the first, after the last the last."""
        self._open(np.broadcast_to(time, len(self.wave.nodes)), np.full(len(self.wave.nodes), True))

    def _open(self, told: Places, here: npt.NDArray[np.bool_]) -> None:
        """Costs, loads and availability; `now` and `here`: time of each node, and whether it takes part."""
        wave, at, stage, figures = self.wave, self.wave.at, self.stage, self.figures
        self.now, self.here = np.clip(told, 0, figures.demand_mw.shape[1] - 1), here
        wave.cost[at.corner] = figures.cost[np.arange(len(wave.corner)), self.now[self.at_corner]]
        demand = figures.demand_mw[np.arange(len(self.now)), self.now] * here
        wave.low[at.load] = wave.up[at.load] = demand + self._half_loss * here
        wave.up[at.unserved] = demand[self.places(stage.nodes)]
        wave.cost[at.unserved] = [1e6 * (self.numbers.unserved + self.numbers.sold(node)) for node in stage.nodes]
        wave.cost[at.excess] = wave.cost[at.lack] = NEVER * 1e6 * self.numbers.unserved * here
        retail = figures.retail[self.now[self.begins]]
        wave.cost[at.forward] = wave.cost[at.backward] = wave.slopes * retail[:, None]
        node, standing, free, must_run, of, most = self._machines
        share = figures.share[np.arange(len(node)), self.now[node]] * here[node]
        wave.up[at.free], wave.up[at.all], wave.low[at.all] = (
            share * free,
            share * standing,
            share * standing * must_run,
        )
        wave.low[at.on], wave.up[at.on] = 0.0, share[of] * most

    @cached_property
    def _machines(self) -> tuple[Places, Array, Array, Array, Places, Array]:
        """Of units: node, machines, those in no seasonal mode, whether they must run; of modes: unit, most machines."""
        stage, units = self.stage, self.stage.units
        standing = np.array([stage.machines[m.id] for m in units])
        shut_out = np.array([sum(stage.open_machines[m.id, mode] for mode in m.seasonal) for m in units])
        must_run = np.array([m.technology.must_run for m in units], dtype=np.float64)
        of = np.array([self.wave.unit[unit] for unit, _ in self.wave.mode], dtype=np.int64)
        most = np.array([stage.open_machines.get(key, stage.machines[key[0]]) for key in self.wave.mode])
        return self.places(m.unit.node for m in units), standing, standing - shut_out, must_run, of, most

    @cached_property
    def _half_loss(self) -> Array:
        half = self.stage.half_loss_mw()
        return np.array([half[node] for node in self.wave.nodes])


@dataclass(frozen=True)
class Calls:
    """What hours and days call for, each alone, with all machines free.

    `flow_mw` (forward, by line) and `price` (of heat by node, currency per MWh): first axis waves, from the first hour
    of the stage on; hour t of a node is in wave t + lead. `machines`: at corners, first axis days.
    """

    numbers: Numbers
    day: Places
    flow_mw: Array
    price: Array
    machines: Array
    place: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, stage: Stage, tell: Callable[[], None]) -> Calls:
        """Serve every wave, and the largest demand of every day at its mean prices."""
        numbers, wave = Numbers(stage), Wave(stage, direct=True)
        by_hour = Figures.of(numbers, wave)
        day = np.array(stage.hours, dtype=np.int64) // DAY - stage.hours.start // DAY
        waves, days = Desk(numbers, wave, by_hour), Desk(numbers, wave, by_hour.by_day(day))
        served: list[Served] = []
        for number in range(waves.waves):
            waves.open_all(number - waves.lead)
            served.append(wave.serve())
            if number % DAY == 0:
                tell()
        machines = []
        for number in range(day[-1] + 1):
            days.open_all(number)
            machines.append(wave.serve().corner)
        return cls(
            numbers,
            day,
            np.array([one.forward.sum(axis=1) for one in served]),
            np.array([one.price for one in served]),
            np.array(machines),
            wave.corner,
        )

    def called(self, machine: Machine, hour: int) -> dict[str, float]:
        """Machines of a unit that the day of an hour calls for, by mode."""
        own = self.machines[self.day[hour]]
        return {
            mode: float(sum(own[self.place[machine.id, name]] for name in names))
            for mode, names in machine.modes.items()
        }
