"""Where the blocks live: in this process, in others beside it, or on the workers of a Dask cluster.

Each of these is a seat, one worker that answers one question at a time. A block always goes to the same seat, which
keeps it. A seat whose worker dies is replaced, and the new worker builds its blocks when they are asked for.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Future, wait
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import loky

from heatnet.errors import SolverError, UsageError
from heatnet.solve import Limits
from solvers.blocks import Resident, Task
from solvers.parts import Place

TICK_S = 0.2
"""Seconds between two looks at progress and interrupts."""

LIVES = 5
"""Times that a question may lose its worker before the run is given up: a block too large for memory kills them all."""

IDLE_S = 3600.0
"""Seconds after which a worker that learns of a new task forgets one that nobody has asked for: its run was killed."""

_tasks: dict[str, Task] = {}
_held: dict[tuple[str, Place], Resident] = {}
_asked: dict[str, float] = {}
_one_at_a_time = threading.Lock()  # a worker of Dask may have several threads; Pyomo and HiGHS are for one


class UnknownTaskError(Exception):
    """A worker that has not been told of a task: it is new, or took the place of one that died."""


def ask(key: str, place: Place, question: str, arguments: tuple[Any, ...], task: Task | None = None) -> Any:
    """Ask a block of a task something: the name of a method of `Resident`, and its arguments.

    `task` comes with a question to a worker that may not know it, so that the answer to such a question is never
    UnknownTaskError.
    """
    with _one_at_a_time:
        if key not in _tasks:
            if task is None:
                raise UnknownTaskError(key)
            for left in [left for left, asked in _asked.items() if time.monotonic() - asked > IDLE_S]:
                forget(left)
            _tasks[key] = task
        _asked[key] = time.monotonic()
        resident = _held.get((key, place))
        if resident is None:
            resident = _held[key, place] = Resident(_tasks[key], place)
        return getattr(resident, question)(*arguments)


def forget(key: str) -> None:
    """Free what a worker holds of a task; what is being answered ends first."""
    _tasks.pop(key, None)
    _asked.pop(key, None)
    for held in [held for held in list(_held) if held[0] == key]:
        _held.pop(held, None)


class Seat(Protocol):
    """One worker."""

    def submit(self, question: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Ask the worker. What goes wrong with it is told by the future."""

    def drop(self, future: Future[Any]) -> None:
        """Nobody waits for this answer any more."""

    def gone(self, error: BaseException | None) -> bool:
        """Whether the worker is lost, by what a question to it ended with, or (None) by looking."""

    def close(self, key: str) -> None:
        """Free what the worker holds of a task, without waiting for what it still does."""


class Seats(Protocol):
    """Makes seats."""

    @property
    def number(self) -> int:
        """How many there are."""

    def open(self, k: int) -> Seat:
        """Seat number k, with a worker that is alive."""

    def close(self) -> None:
        """Let go of what the seats had in common."""


class Here:
    """This process, which answers at once."""

    def submit(self, question: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """See `Seat`."""
        future: Future[Any] = Future()
        try:
            future.set_result(question(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    def drop(self, future: Future[Any]) -> None:
        """See `Seat`. It is there already."""

    def gone(self, error: BaseException | None) -> bool:
        """See `Seat`."""
        return False

    def close(self, key: str) -> None:
        """See `Seat`."""
        forget(key)


class Beside:
    """A process of this machine."""

    def __init__(self) -> None:
        self._executor = loky.ProcessPoolExecutor(max_workers=1, initializer=_settle)

    def submit(self, question: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """See `Seat`."""
        try:
            submitted: Future[Any] = self._executor.submit(question, *arguments)
        except BrokenExecutor as error:  # the process died while nothing was asked of it
            submitted = Future()
            submitted.set_exception(error)
        return submitted

    def drop(self, future: Future[Any]) -> None:
        """See `Seat`. `close` ends the process; loky, told of it with cancelled questions, would fail to."""

    def gone(self, error: BaseException | None) -> bool:
        """See `Seat`. loky says so itself, in every future."""
        return isinstance(error, BrokenExecutor)

    def close(self, key: str) -> None:
        """See `Seat`. The process ends, and with it all it holds."""
        self._executor.shutdown(wait=False, kill_workers=True)


def ignore_interrupts() -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the first one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _settle() -> None:
    """Leave interrupts to the first process, and keep what one is told to keep.

    loky takes a worker that grows for one that leaks, and ends it; there is no public way to say that blocks stay.
    """
    ignore_interrupts()
    loky.process_executor._MAX_MEMORY_LEAK_SIZE = sys.maxsize  # noqa: SLF001


@dataclass(frozen=True)
class InProcess:
    """One seat in this process."""

    number: int = 1

    def open(self, k: int) -> Seat:
        """See `Seats`."""
        return Here()

    def close(self) -> None:
        """See `Seats`."""


@dataclass(frozen=True)
class Processes:
    """A process for every seat."""

    number: int

    def open(self, k: int) -> Seat:
        """See `Seats`."""
        return Beside()

    def close(self) -> None:
        """See `Seats`."""


def seats(limits: Limits) -> Seats:
    """The seats that the limits of a run allow. Raises UsageError for a Dask cluster that cannot be used."""
    if limits.dask is None:
        return Processes(limits.threads) if limits.threads > 1 else InProcess()
    try:
        from solvers import cluster
    except ImportError as error:
        if not (error.name or "").startswith(("dask", "distributed")):
            raise
        raise UsageError("--dask: Dask is not installed; pip install 'heatnet[distributed]' brings it.") from None
    return cluster.Cluster.at(limits.dask, limits.threads)


@dataclass
class Pool:
    """All blocks of a task, spread over seats. `tick` is called while one waits, and may raise to end the waiting.

    `lost`: workers that were lost so far.
    """

    task: Task
    seats: Seats
    tick: Callable[[], None]
    lost: int = 0
    _open: dict[int, Seat] = field(default_factory=dict)
    _ticked: float = -TICK_S

    def ask(self, question: str, arguments: Mapping[Place, tuple[Any, ...]]) -> dict[Place, Any]:
        """Ask many blocks the same thing, each with its own arguments. Raises SolverError when workers keep dying."""
        answers: dict[Place, Any] = {}
        waiting: dict[Future[Any], tuple[Place, Seat]] = {}
        losses: Counter[Place] = Counter()

        def submit(place: Place, *, tell: bool = False) -> None:
            number = self._number[place]
            tell = tell or number not in self._open
            if number not in self._open:
                self._open[number] = self.seats.open(number)
            seat = self._open[number]
            task = self.task if tell else None
            waiting[seat.submit(ask, self.task.key, place, question, arguments[place], task)] = place, seat

        def again(place: Place, seat: Seat, error: BaseException | None) -> None:
            self._lose(place, seat)
            losses[place] += 1
            if losses[place] > LIVES:
                what = f" ({type(error).__name__})" if error is not None else ""
                raise SolverError(f"a worker died {losses[place]} times over the same block{what}; is memory short?")
            submit(place)

        try:
            for place in arguments:
                submit(place)
                self._look()
            while waiting:
                done, _ = wait(waiting, timeout=TICK_S, return_when="FIRST_COMPLETED")
                for future in done:
                    place, seat = waiting.pop(future)
                    try:
                        answers[place] = future.result()
                    except UnknownTaskError:
                        submit(place, tell=True)
                    except Exception as error:
                        if not seat.gone(error):
                            raise
                        again(place, seat, error)
                if not done:
                    for future in [future for future, (_, seat) in waiting.items() if seat.gone(None)]:
                        place, seat = waiting.pop(future)
                        seat.drop(future)
                        again(place, seat, None)
                self._look()
        finally:
            for future, (_, seat) in waiting.items():
                seat.drop(future)
        return {place: answers[place] for place in arguments}

    def close(self) -> None:
        """Free the workers. What goes wrong with it is nobody's concern any more."""
        for seat in self._open.values():
            with contextlib.suppress(Exception):
                seat.close(self.task.key)
        self._open.clear()
        with contextlib.suppress(Exception):
            self.seats.close()

    @cached_property
    def _number(self) -> dict[Place, int]:
        """Number of the seat of each block."""
        return {place: k % self.seats.number for k, place in enumerate(sorted(self.task.links))}

    def _look(self) -> None:
        """A tick, where one is due."""
        if time.monotonic() - self._ticked >= TICK_S:
            self._ticked = time.monotonic()
            self.tick()

    def _lose(self, place: Place, seat: Seat) -> None:
        """Give up a seat, unless another block of it has noticed before and it is a new one by now."""
        if self._open.get(self._number[place]) is seat:
            del self._open[self._number[place]]
            self.lost += 1
            with contextlib.suppress(Exception):
                seat.close(self.task.key)
