"""A season run by the rules, wave by wave."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from heatnet.formulation.case import Machine
from heatnet.instance.instance import Array
from heatnet.operate.state import SOFT_SHARE, Run, State, ramp_quantity
from solvers.merit_order.commitment import Commitment
from solvers.merit_order.desk import DAY, Calls, Desk, Figures
from solvers.merit_order.wave import Served, Wave, filled


class Season:
    """A run in the making, wave by wave. Arrays are by hour of the stage, in the order of `Wave`."""

    def __init__(self, calls: Calls, before: State) -> None:
        self.before, self.calls = before, calls
        self.stage = stage = calls.numbers.stage
        self.wave = Wave(stage, direct=False)
        self.desk = Desk(calls.numbers, self.wave, Figures.of(calls.numbers, self.wave))
        self.commitment = Commitment(calls, before)
        hours = len(stage.hours)
        self.corner = np.zeros((hours, len(self.wave.corner)))
        self.forward, self.backward = np.zeros((2, hours, len(stage.lines)))
        self.unserved = np.zeros((hours, len(stage.nodes)))
        self.spill = np.zeros((hours, len(stage.sources)))
        self.charge, self.discharge, self.level = np.zeros((3, hours, len(stage.stores)))
        self.used = np.array([before.used[rule.id] for rule in stage.limits])

    def run(self, tell: Callable[[], None]) -> Run:
        """All waves, one after the other."""
        for number in range(self.desk.waves):
            self.desk.open_wave(number)
            self._machines()
            self._ramps()
            self._lines(number)
            self._stores()
            self._limits(number)
            self._note(self.wave.serve())
            if number % DAY == 0:
                tell()
        return self._frames()

    def _place(self, node: str) -> tuple[int, bool]:
        """Hour of a node in the wave, and whether it is run."""
        k = self.wave.node[node]
        return int(self.desk.now[k]), bool(self.desk.here[k])

    # --- machines on ---------------------------------------------------------------------------------------

    def _machines(self) -> None:
        """Decide at midnight, and hold all day."""
        at, wave, first = self.wave.at, self.wave, self.stage.hours.start
        for machine in self.commitment.units:
            hour, here = self._place(machine.unit.node)
            if here and (hour == 0 or (first + hour) % DAY == 0):
                self.commitment.decide(machine, hour, self._output(machine, hour))
            for mode in machine.modes:
                k = wave.mode[machine.id, mode]
                wave.low[at.on[k]] = wave.up[at.on[k]] = float(self.commitment.on[machine.id, mode]) * here
            k = wave.unit[machine.id]
            wave.low[at.all[k]] = 0.0  # a must-run too runs in whole machines
            wave.up[at.free[k]] = wave.up[at.all[k]] = np.inf

    def _output(self, machine: Machine, hour: int) -> float:
        """What the ramp of a unit limits, in the hour before, MW; 0 where nothing does."""
        if machine.id not in self.before.output_mw:
            return 0.0
        if hour == 0:
            return self.before.output_mw[machine.id]
        values = [ramp_quantity(machine, corner) for corner in machine.corners.values()]
        places = [self.wave.corner[machine.id, name] for name in machine.corners]
        return float(self.corner[hour - 1, places] @ np.array(values))

    # --- what the hour before leaves ---------------------------------------------------------------------

    def _ramps(self) -> None:
        wave = self.wave
        for k, machine in enumerate(wave.ramped):
            hour, here = self._place(machine.unit.node)
            low, up = 0.0, np.inf
            if here:
                unit, full = machine.id, max(ramp_quantity(machine, corner) for corner in machine.corners.values())
                share, before = float(machine.technology.ramp_share_per_h or 0.0), self._output(machine, hour)
                rise = fall = share * full * self.stage.machines[unit]
                if machine.technology.commitment == "hourly":
                    ran, runs = self.commitment.before_h(unit, hour), self.commitment.runs(machine)
                    start = self.commitment.starts[unit][hour]
                    rise = full * (share * ran + start)
                    fall = full * (share * runs + start - (runs - ran))
                low, up = max(before - fall, 0.0), before + rise
            wave.low[wave.at.output[k]], wave.up[wave.at.output[k]] = low, up

    def _lines(self, number: int) -> None:
        """Heat that is on its way, heat that would arrive after the last hour, and late lines."""
        wave, at, hours = self.wave, self.wave.at, len(self.stage.hours)
        wave.up[at.forward], wave.low[at.forward] = wave.pieces_mw, 0.0
        for k, line in enumerate(self.stage.lines):
            delay = line.pipe.delay_h
            if not delay:
                continue
            sent = number - wave.lead[line.pipe.from_node]
            arrives = number - wave.lead[line.pipe.to_node]
            entered = self.before.entered_mw[line.id]
            limit = np.inf
            if sent < 0:
                limit = entered[sent] if not wave.late[line.id] and arrives >= 0 else 0.0
            elif sent + delay >= hours:
                limit = 0.0
            elif wave.late[line.id]:
                delivers = number + wave.late[line.id]
                limit = self.calls.flow_mw[delivers, k]
                wave.cost[at.forward[k]] -= self.calls.price[delivers, wave.node[line.pipe.to_node]]
            wave.up[at.forward[k]] = filled(wave.pieces_mw[[k]], np.array([limit]))[0]
            if sent < 0:
                wave.low[at.forward[k]] = wave.up[at.forward[k]]
            if wave.late[line.id]:
                came = arrives - delay
                value = 0.0
                if 0 <= arrives < hours:
                    value = self.forward[came, k] if came >= 0 else entered[came]
                wave.low[at.arrive[k]] = wave.up[at.arrive[k]] = value

    def _stores(self) -> None:
        """Filled while heat is cheaper than on the average of the day, emptied in its dearest hours."""
        wave, at, first = self.wave, self.wave.at, self.stage.hours.start
        for k, store in enumerate(self.stage.stores):
            hour, here = self._place(store.node)
            size, kept = self.stage.size_mwh[store.id], 1.0 - store.loss_share_per_h
            full = kept * (self.level[hour - 1, k] if hour else self.before.level_mwh[store.id])
            power, room = size / store.hours, (size - full) / store.efficiency_share
            begin = max(hour - (first + hour) % DAY, 0)
            end = min(hour + DAY - (first + hour) % DAY, len(self.stage.hours))
            lead = wave.lead[store.node]
            price = self.calls.price[begin + lead : end + lead, wave.node[store.node]]
            mean, own = float(price.mean()), float(price[hour - begin])
            if store.seasonal:
                aim = float(self.stage.planned_mwh[store.id][first + hour + 1])
                fill, empty = max(aim - full, 0.0) / store.efficiency_share, max(full - aim, 0.0)
                behind = SOFT_SHARE * 1e6 * self.calls.numbers.unserved  # as the law has it: nobody is left cold for it
                worth_in, worth_out = behind * store.efficiency_share, 0.0
                fill = min(fill, room)
            else:
                dear = np.sort(price)[-min(math.ceil(store.hours), len(price))]
                fill = room if own < mean * store.efficiency_share else 0.0
                empty = full if own >= dear and own > mean else 0.0
                worth_in, worth_out = mean * store.efficiency_share, mean
            wave.up[at.charge[k]] = min(power, max(fill, 0.0)) * here
            wave.up[at.discharge[k]] = min(power, max(empty, 0.0)) * here
            wave.cost[at.charge[k]], wave.cost[at.discharge[k]] = -worth_in, worth_out

    def _limits(self, number: int) -> None:
        """What the plan's pace leaves of every yearly limit."""
        at, wave = self.wave.at, self.wave
        hour = min(number, len(self.stage.hours) - 1) + self.stage.hours.start + 1
        for k, rule in enumerate(self.stage.limits):
            pace, used = float(self.stage.pace[rule.id][hour]), float(self.used[k])
            if rule.most is not None:
                wave.low[at.room[k]] = wave.up[at.room[k]] = rule.most * pace - used
            if rule.least is not None:
                wave.low[at.floor[k]] = wave.up[at.floor[k]] = rule.least * pace - used

    # --- what was done -------------------------------------------------------------------------------------

    def _note(self, served: Served) -> None:
        stage, desk = self.stage, self.desk

        def put(array: Array, values: Array, places: npt.NDArray[np.int64]) -> None:
            here = desk.here[places]
            array[desk.now[places][here], np.flatnonzero(here)] = values[here]

        put(self.corner, served.corner, desk.at_corner)
        put(self.forward, served.forward.sum(axis=1), desk.begins)
        put(self.backward, served.backward.sum(axis=1), desk.begins)
        put(self.unserved, served.unserved, desk.places(stage.nodes))
        put(self.spill, served.spill, desk.places(stage.sources))
        for k, store in enumerate(stage.stores):
            hour, here = self._place(store.node)
            if here:
                before = self.level[hour - 1, k] if hour else self.before.level_mwh[store.id]
                self.charge[hour, k], self.discharge[hour, k] = served.charge[k], served.discharge[k]
                gain = store.efficiency_share * served.charge[k] - served.discharge[k]
                self.level[hour, k] = (1.0 - store.loss_share_per_h) * before + gain
        self.used += self.wave.counted @ (served.corner * desk.here[desk.at_corner])

    def _frames(self) -> Run:
        stage = self.stage
        index = pd.RangeIndex(stage.hours.start, stage.hours.stop, name="hour")

        def frame(values: Array, names: list[str]) -> pd.DataFrame:
            return pd.DataFrame(values, index=index, columns=pd.Index(names, dtype=object))

        stores, lines = [store.id for store in stage.stores], [line.id for line in stage.lines]
        corners = pd.DataFrame(self.corner, index=index, columns=pd.MultiIndex.from_tuples(list(self.wave.corner)))
        return Run(
            corners=corners,
            starts=pd.DataFrame(self.commitment.starts, index=index),
            flow_mw=frame(self.forward - self.backward, lines),
            charge_mw=frame(self.charge, stores),
            discharge_mw=frame(self.discharge, stores),
            level_mwh=frame(self.level, stores),
            unserved_mw=frame(self.unserved, list(stage.nodes)),
            spill_mw=frame(self.spill, list(stage.sources)),
        )
