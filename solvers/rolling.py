"""Dispatcher `rolling`: a stage window by window, machines as whole numbers, and a bound for the whole season."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd

from heatnet.errors import SolverError, UsageError
from heatnet.operate.dispatch import Dispatch, Window
from heatnet.operate.stage import Stage
from heatnet.operate.state import Run, State, memory_h, on, output_mw
from heatnet.solve import Limits, Observer, Progress
from solvers.highs import Session, solve_fixed
from solvers.hourly import Hourly
from solvers.matrix import Array
from solvers.numbers import Numbers
from solvers.season import DAY, Writer
from solvers.season_bound import season_bound


class Rolling:
    """Every window is solved to the gap of the limits; machines that are decided again later need not be whole."""

    def begin(self, stage: Stage, limits: Limits) -> State:
        """The state after many days like the first: that day as a ring; seasonal stores as the plan has them."""
        first = stage.hours.start
        day = Writer(Numbers(stage), first, DAY, None).write()
        run = day.run(_solve(Session(limits, lambda progress: None), day, DAY))
        running, out, idle = on(stage, run), output_mw(stage, run), State.idle(stage)

        def last(values: pd.Series, hours: int) -> tuple[float, ...]:
            return tuple(float(value) for value in np.resize(values.to_numpy()[::-1], hours)[::-1])

        return replace(
            idle,
            on={unit: last(running[unit], len(past)) for unit, past in idle.on.items()},
            starts={unit: last(run.starts[unit], len(past)) for unit, past in idle.starts.items()},
            output_mw={unit: float(out[unit].iloc[-1]) for unit in idle.output_mw},
            level_mwh={
                store.id: float(stage.planned_mwh[store.id][first])
                if store.seasonal
                else float(run.level_mwh[store.id].iloc[-1])
                for store in stage.stores
            },
            entered_mw={line: last(run.flow_mw[line], len(past)) for line, past in idle.entered_mw.items()},
        )

    def dispatch(self, stage: Stage, before: State, *, window: Window, limits: Limits, observer: Observer) -> Dispatch:
        """Run the stage window by window."""
        _refuse(stage, window)
        began = time.perf_counter()
        numbers, session = Numbers(stage), Session(limits, lambda progress: None)
        runs, states, hours = [], {before.hour: before}, stage.hours
        state, step = before, window.hours - window.overlap_hours
        while state.hour < hours.stop:
            observer(Progress(f"hour {state.hour}", time.perf_counter() - began))
            number = min(window.hours, hours.stop - state.hour)
            kept = number if state.hour + number == hours.stop else step
            model = Writer(numbers, state.hour, number, state).write()
            runs.append(model.run(_solve(session, model, kept)).head(kept))
            state = state.after(stage, runs[-1])
            states[state.hour] = state
        rolled = time.perf_counter()
        observer(Progress("bound", rolled - began))
        bound = season_bound(numbers, states)
        seconds = {"windows": rolled - began, "bound": time.perf_counter() - rolled}
        return Dispatch(Run.joined(runs), bound, seconds)


def _solve(session: Session, model: Hourly, kept: int) -> Array:
    """A point of the hours, machines whole in the hours that are kept."""
    hour = model.hours_of(model.column_blocks)
    matrix = replace(model.matrix, integer=model.matrix.integer & (hour < kept))
    outcome = session.solve("window", matrix, kind="neither")
    if session.stopped:
        raise KeyboardInterrupt
    if outcome.x is None:
        raise SolverError(
            f"hour {model.hours.start}: the stage cannot be run from here on ({outcome.stop_reason}); heat that flows "
            "in has nowhere to go, or a machine cannot follow its ramp."
        )
    whole = outcome.x[matrix.integer]
    if len(whole) and np.abs(whole - np.round(whole)).max() > 1e-9:
        priced, _ = solve_fixed(matrix, outcome.x, session.limits)
        assert priced.x is not None
        return priced.x
    return outcome.x


def _refuse(stage: Stage, window: Window) -> None:
    """Raise UsageError where a window cannot see what it decides."""
    hours, overlap = window.hours, window.overlap_hours
    if hours < DAY or hours % DAY:
        raise UsageError(f"--window-hours {hours}: must be whole days, 24, 48, 72 and so on.")
    if not 0 <= overlap < hours or overlap % DAY:
        raise UsageError(f"--overlap-hours {overlap}: must be whole days, from 0 to below the {hours} h of the window.")
    delays = [
        (line.pipe.delay_h, f"heat takes {line.pipe.delay_h} h through pipe {line.pipe.id}") for line in stage.lines
    ]
    times = [
        (memory_h(machine), f"unit {machine.id} must run or rest {memory_h(machine)} h at a time")
        for machine in stage.units
        if machine.technology.commitment == "hourly"
    ]
    needed, why = max(delays + times, default=(0, ""))
    if hours < needed:
        raise UsageError(f"--window-hours {hours}: is too short; {why}.")
    delay, why = max(delays, default=(0, ""))
    if overlap < delay and hours < len(stage.hours):
        raise UsageError(f"--overlap-hours {overlap}: is too short; {why}, and a window must see where it goes.")
