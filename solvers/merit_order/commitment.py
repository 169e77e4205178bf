"""Machines on: decided at midnight for the whole day, from what it calls for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from heatnet.formulation.case import Machine
from heatnet.instance.instance import Array
from heatnet.operate.stage import Stage
from heatnet.operate.state import State, ramp_quantity
from solvers.merit_order.desk import DAY, Calls

WHOLE = 1e-6
"""A number of machines so near below a whole one is that one."""


@dataclass
class Commitment:
    """Units with a commitment.

    `on`: machines in each mode today. `total` and `starts`: machines on and started, by unit with hourly commitment and
    by hour of the stage.
    """

    calls: Calls
    before: State
    on: dict[tuple[str, str], int] = field(default_factory=dict)
    total: dict[str, Array] = field(default_factory=dict)
    starts: dict[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.on = {(m.id, mode): 0 for m in self.units for mode in m.modes}
        for unit in self.before.on:
            self.total[unit], self.starts[unit] = np.zeros((2, len(self.stage.hours)))

    @property
    def stage(self) -> Stage:
        """The stage."""
        return self.calls.numbers.stage

    @cached_property
    def units(self) -> list[Machine]:
        """Units whose machines are on or off."""
        return [m for m in self.stage.units if m.technology.commitment != "none"]

    def before_h(self, unit: str, hour: int) -> float:
        """Machines of a unit with hourly commitment that ran in the hour before."""
        return float(self.total[unit][hour - 1]) if hour else self.before.on[unit][-1]

    def runs(self, machine: Machine) -> int:
        """Machines on today."""
        return sum(self.on[machine.id, mode] for mode in machine.modes)

    def decide(self, machine: Machine, hour: int, output_mw: float) -> None:
        """Decide for the day that begins with an hour of the stage. `output_mw`: what a ramp limits, the hour before.

        As many machines in each mode as the day calls for, the mode that is called for most first.
        """
        stage, unit = self.stage, machine.id
        first, last = stage.hours.start, len(stage.hours)
        end = min(hour + DAY - (first + hour) % DAY, last)
        share = float(self.calls.numbers.available[unit][hour:end].min())
        need = self.calls.called(machine, hour)
        most = {
            mode: floor(
                share * (stage.open_machines[unit, mode] if mode in machine.retrofits else stage.machines[unit])
            )
            for mode in need
        }
        shut_out = sum(stage.open_machines[unit, mode] for mode in machine.seasonal)
        room = floor(share * (stage.machines[unit] - shut_out))
        least, largest = self._allowed(machine, hour, output_mw)
        if machine.technology.must_run:
            least = max(least, floor(share * stage.machines[unit]))
        largest = max(min(largest, self._station(machine)), least)
        on = dict.fromkeys(sorted(need, key=lambda mode: -need[mode]), 0)

        def add(mode: str, number: int) -> None:
            number = min(number, most[mode] - on[mode], largest - sum(on.values()))
            if mode not in machine.seasonal:
                number = min(number, room - sum(n for k, n in on.items() if k not in machine.seasonal))
            on[mode] += max(number, 0)

        for mode in on:
            add(mode, math.ceil(need[mode] - WHOLE))
        for mode in on:  # what least times or a must-run ask for beyond the need
            add(mode, least - sum(on.values()))
        if unit in self.starts:
            self.starts[unit][hour] = max(sum(on.values()) - self.before_h(unit, hour), 0.0)
            self.total[unit][hour:end] = sum(on.values())
        self.on |= {(unit, mode): number for mode, number in on.items()}

    def _allowed(self, machine: Machine, hour: int, output_mw: float) -> tuple[int, int]:
        """Least and largest number of machines on that least times, or a ramp, leave open at midnight."""
        unit, technology = machine.id, machine.technology
        standing = self.stage.machines[unit]
        least, largest = 0, floor(standing)
        if technology.commitment == "hourly":
            ran = np.concatenate([self.before.on[unit], self.total[unit][:hour]])
            began = np.concatenate([self.before.starts[unit], self.starts[unit][:hour]])
            number = min(len(ran) - 1, len(began))
            stopped = began[len(began) - number :] - np.diff(ran)[len(ran) - 1 - number :]
            up, down = (max(math.ceil(value), 1) - 1 for value in (technology.min_up_h, technology.min_down_h))
            least = math.ceil(began[len(began) - up :].sum() - WHOLE)
            largest = floor(standing - stopped[number - down :].sum())
        elif unit in self.before.output_mw:
            outputs = [[ramp_quantity(machine, machine.corners[c]) for c in names] for names in machine.modes.values()]
            reach = float(technology.ramp_share_per_h or 0.0) * max(map(max, outputs)) * standing
            low, high = max(map(min, outputs)), min(map(max, outputs))  # of one machine, whatever its mode
            least = math.ceil((output_mw - reach) / high - WHOLE)
            if low > 0.0:
                largest = min(largest, floor((output_mw + reach) / low))
        return max(least, 0), max(largest, 0)

    @cached_property
    def _least_heat(self) -> Mapping[tuple[str, str], float]:
        return {(m.id, k): min(m.corners[c].heat_mw for c in names) for m in self.units for k, names in m.modes.items()}

    def _station(self, machine: Machine) -> int:
        """Machines whose least heat the heat station of the node can still send out, beside all others that are on."""
        station = self.stage.case.instance.node[machine.unit.node].heat_station_mw
        own = max(self._least_heat[machine.id, mode] for mode in machine.modes)
        if station is None or not own:
            return floor(self.stage.machines[machine.id])
        others = {m.id for m in self.units if m.unit.node == machine.unit.node} - {machine.id}
        sent = sum(number * self._least_heat[key] for key, number in self.on.items() if key[0] in others)
        return max(floor((station - sent) / own), 0)


def floor(number: float) -> int:
    """The whole number below, but for rounding."""
    return math.floor(number + WHOLE)
