"""What all commands share: exit codes, the two streams, the live line, interrupts, and errors as sentences."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from pandas import isna
from rich.console import Console

from heatnet.check import CheckReport
from heatnet.errors import HeatnetError, InstanceError, UsageError
from heatnet.instance import Instance
from heatnet.instance.rules import warnings
from heatnet.solve import Observer, Progress, relative_gap

OK, FAILED, BAD_INPUT, INFEASIBLE, NO_SOLUTION, CHECK_FAILED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
EXIT_CODES = {
    "optimal": OK,
    "feasible": OK,
    "infeasible": INFEASIBLE,
    "no_solution": NO_SOLUTION,
    "error": FAILED,
    "invalid": CHECK_FAILED,
    "contradicted": CHECK_FAILED,
}

STOPS = (signal.SIGINT, signal.SIGTERM)
"""Signals that stop a solve and keep its best plan: Ctrl-C, and what a batch system sends at the end of its time."""

screen = Console(stderr=True, highlight=False, markup=False)
page = Console(highlight=False, markup=False)


def complain(error: HeatnetError) -> int:
    if isinstance(error, InstanceError):
        for issue in error.issues:
            screen.print(str(issue), style="red", soft_wrap=True)
        number = len(error.issues)
        screen.print(f"{number} fault{'s' if number != 1 else ''}; nothing was written.", soft_wrap=True)
        return BAD_INPUT
    screen.print(str(error), style="red", soft_wrap=True)
    return BAD_INPUT if isinstance(error, UsageError) else FAILED


def warn(instance: Instance) -> None:
    """Tell what is no fault, but probably not meant."""
    for warning in warnings(instance):
        screen.print(f"warning: {warning}", style="yellow", soft_wrap=True)


def show_violations(report: CheckReport) -> None:
    for _, row in report.violations.head(20).iterrows():
        place = ", ".join(f"{key} {row[key]}" for key in ("stage", "day", "hour") if not isna(row[key]))
        where = f" ({place})" if place else ""
        text = f"{row['law']}: {row['id']}{where} is off by {row['size']:.6g} {row['unit']}"
        screen.print(text, style="red", soft_wrap=True)


@contextlib.contextmanager
def extra(name: str, command: str) -> Iterator[None]:
    """Around the import of what only an extra of the package installs.

    Raises UsageError with the command that installs it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise UsageError(f"heatnet {command} needs {error.name}: pip install 'heatnet[{name}]'.") from None


_asked = threading.Event()


def heed_interrupts() -> None:
    """From now on Ctrl-C stops what is done."""
    for number in STOPS:
        signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    """Python drops what is raised while it clears something away, so the wish is kept besides, for the live line."""
    _asked.set()
    raise KeyboardInterrupt


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl-C, and what a batch system sends, stop what is done inside by a KeyboardInterrupt."""
    before = {number: signal.getsignal(number) for number in STOPS}
    _asked.clear()
    heed_interrupts()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def interrupts() -> Iterator[None]:
    """Say so where Ctrl-C came before there was anything to keep; typer turns it into exit code 130."""
    with stoppable():
        try:
            yield
        except KeyboardInterrupt:
            screen.print("interrupted; nothing was written.")
            raise


@contextlib.contextmanager
def live() -> Iterator[Observer]:
    """A live line on a terminal; elsewhere a line now and then, so that a log tells where a run was.

    From the moment there is an answer Ctrl-C waits until it is written: a few seconds, and nothing is lost.
    """
    last = Progress("", 0.0)
    with screen.status("starting") if screen.is_terminal else contextlib.nullcontext() as status:

        def observer(progress: Progress) -> None:
            nonlocal last
            if progress.phase in ("extract", "check"):
                _asked.clear()
                for number in STOPS:
                    signal.signal(number, signal.SIG_IGN)
            else:
                if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # others are asked for their opinion
                    heed_interrupts()
                if _asked.is_set():
                    _asked.clear()
                    raise KeyboardInterrupt
            if status is not None:
                status.update(_line(progress))
            elif progress.phase != last.phase or progress.seconds - last.seconds >= 10.0:
                last = progress
                screen.print(_line(progress), soft_wrap=True)

        yield observer


def _line(progress: Progress) -> str:
    parts = [f"{progress.phase:<13} {progress.seconds:6.1f} s"]
    if progress.cost is not None:
        parts.append(f"cost {progress.cost:,.1f}")
    if progress.bound is not None:
        parts.append(f"bound {progress.bound:,.1f}")
    if progress.cost is not None and progress.bound is not None:
        parts.append(f"gap {relative_gap(progress.cost, progress.bound):.2%}")
    return "   ".join(parts)
