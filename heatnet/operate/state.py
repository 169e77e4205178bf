"""What one hour leaves to the next: the only thing that is carried from window to window."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from heatnet.formulation.case import Machine
from heatnet.formulation.quantities import per_hour
from heatnet.instance.instance import Array
from heatnet.instance.records import Corner, YearlyLimit
from heatnet.instance.selection import selected
from heatnet.operate.stage import Stage


@dataclass(frozen=True)
class Run:
    """What a stage does hour by hour: frames by hour of the season (index), one column for each thing in place.

    `corners`: machines at each corner point, columns (unit, corner). `starts`: machines that start, of units with
    hourly commitment (those that stop are `starts` less the rise of those that run). `flow_mw`: what flows into each
    line at its `from_node` (negative: backward). `charge_mw`, `discharge_mw` and `level_mwh` (end of the hour): stores.
    `unserved_mw`: nodes with a load, `spill_mw`: nodes with units. Everything else follows from these.
    """

    corners: pd.DataFrame
    starts: pd.DataFrame
    flow_mw: pd.DataFrame
    charge_mw: pd.DataFrame
    discharge_mw: pd.DataFrame
    level_mwh: pd.DataFrame
    unserved_mw: pd.DataFrame
    spill_mw: pd.DataFrame

    def head(self, hours: int) -> Run:
        """The first hours."""
        return Run(**{name: frame.iloc[:hours] for name, frame in vars(self).items()})

    @classmethod
    def joined(cls, parts: list[Run]) -> Run:
        """Runs one after the other."""
        return cls(**{name: pd.concat([getattr(part, name) for part in parts]) for name in vars(parts[0])})


@dataclass(frozen=True)
class State:
    """The state before an hour. Tuples are of the hours before, the latest last.

    `hour`: the hour of the season that comes next. `on`: machines that ran, `starts`: machines that started, by unit
    with hourly commitment, over the hours of `memory_h` (`on` one more). `output_mw`: `ramp_quantity` of the last hour,
    by unit whose ramp is limited. `level_mwh`: by store. `entered_mw`: what flowed into each line with a delay, over
    its delay.
    `used`: what every yearly limit counts so far, in its unit.
    """

    hour: int
    on: Mapping[str, tuple[float, ...]]
    starts: Mapping[str, tuple[float, ...]]
    output_mw: Mapping[str, float]
    level_mwh: Mapping[str, float]
    entered_mw: Mapping[str, tuple[float, ...]]
    used: Mapping[str, float]

    def after(self, stage: Stage, run: Run) -> State:
        """The state after a run that began from this one."""
        running, out = on(stage, run), output_mw(stage, run)

        def last(before: tuple[float, ...], values: pd.Series) -> tuple[float, ...]:
            return (*before, *map(float, values))[-len(before) :]

        return State(
            hour=self.hour + len(run.corners),
            on={unit: last(past, running[unit]) for unit, past in self.on.items()},
            starts={unit: last(past, run.starts[unit]) for unit, past in self.starts.items()},
            output_mw={unit: float(out[unit].iloc[-1]) for unit in self.output_mw},
            level_mwh={store: float(run.level_mwh[store].iloc[-1]) for store in self.level_mwh},
            entered_mw={line: last(past, run.flow_mw[line]) for line, past in self.entered_mw.items()},
            used={rule.id: self.used[rule.id] + float(quantity(stage, run, rule).sum()) for rule in stage.limits},
        )

    @classmethod
    def idle(cls, stage: Stage) -> State:
        """Nothing runs, all stores are empty and no heat is on its way."""
        hourly = [machine for machine in stage.units if machine.technology.commitment == "hourly"]
        return cls(
            hour=stage.hours.start,
            on={machine.id: (0.0,) * (memory_h(machine) + 1) for machine in hourly},
            starts={machine.id: (0.0,) * memory_h(machine) for machine in hourly},
            output_mw={machine.id: 0.0 for machine in stage.units if ramped(machine)},
            level_mwh={store.id: 0.0 for store in stage.stores},
            entered_mw={line.id: (0.0,) * line.pipe.delay_h for line in stage.lines if line.pipe.delay_h},
            used={rule.id: 0.0 for rule in stage.limits},
        )


# --- what follows from a run ---------------------------------------------------------------------------------


def on(stage: Stage, run: Run) -> pd.DataFrame:
    """Machines that run, by unit; whole where the unit has a commitment."""
    found, nothing = {}, pd.Series(0.0, index=run.corners.index)
    for machine in stage.units:
        number = sum((run.corners[machine.id, corner] for corner in machine.corners), start=nothing)
        found[machine.id] = number if machine.technology.commitment == "none" else number.round()
    return pd.DataFrame(found, index=run.corners.index)


def output_mw(stage: Stage, run: Run) -> pd.DataFrame:
    """`ramp_quantity` of the units whose ramp is limited, MW."""
    found = {}
    for machine in stage.units:
        if ramped(machine):
            values = np.array([ramp_quantity(machine, corner) for corner in machine.corners.values()])
            found[machine.id] = run.corners[machine.id][list(machine.corners)].to_numpy() @ values
    return pd.DataFrame(found, index=run.corners.index)


def quantity(stage: Stage, run: Run, rule: YearlyLimit) -> Array:
    """What a yearly limit counts in every hour, in its unit."""
    total = np.zeros(len(run.corners))
    for (unit, corner), factor in limit_factors(stage, rule).items():
        total += factor * run.corners[unit, corner].to_numpy()
    return total


def limit_factors(stage: Stage, rule: YearlyLimit) -> dict[tuple[str, str], float]:
    """What a yearly limit counts for an hour of a machine at a corner, by (unit, corner); only those that it counts."""
    chosen = {unit.id for unit in selected(stage.case.instance, rule.select)}
    found = {}
    for machine in stage.units:
        for name, corner in machine.corners.items():
            factor = per_hour(stage.case, machine, corner, rule, stage.year)
            if machine.id in chosen and factor:
                found[machine.id, name] = factor
    return found


def limit_price(stage: Stage, rule: YearlyLimit) -> float:
    """Currency for one unit of a yearly limit by which the operation misses it.

    It is `SOFT_SHARE` of what the most heat costs that this unit can make: a limit is kept before money is saved, and
    broken before anybody is left cold.
    """
    heat = [
        stage.case.machines[unit].corners[corner].heat_mw / factor
        for (unit, corner), factor in limit_factors(stage, rule).items()
    ]
    return SOFT_SHARE * stage.case.instance.header.economics.unserved_cur_per_mwh * max(heat, default=1.0)


SOFT_SHARE = 0.5
"""Price of a soft end, as a share of that of unserved heat: nobody is left cold to keep a level or a limit."""


def ramped(machine: Machine) -> bool:
    """Whether a unit's output is limited from hour to hour."""
    share = machine.technology.ramp_share_per_h
    return share is not None and share < 1.0


def ramp_quantity(machine: Machine, corner: Corner) -> float:
    """What the ramp of a unit limits, of one machine at a corner: its fuel, or its heat where it uses no fuel, MW."""
    fuelled = any(one.fuel_mw for one in machine.corners.values())
    return corner.fuel_mw if fuelled else corner.heat_mw


def memory_h(machine: Machine) -> int:
    """Hours that starts and stops of a unit with hourly commitment are remembered, one at least."""
    technology = machine.technology
    return max(math.ceil(technology.min_up_h), math.ceil(technology.min_down_h), 1)
