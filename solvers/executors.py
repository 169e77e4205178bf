"""Where the blocks live: in this process, in others beside it, or on the workers of a Dask cluster.

All of them are `concurrent.futures` executors of one worker each, called seats. A block always goes to the same seat,
which keeps it; a seat that dies is replaced, and the new one builds its blocks again when they are asked for.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, wait
from concurrent.futures import process as processes_of_the_library
from dataclasses import dataclass, field
from typing import Any, Protocol

import loky
from loky.process_executor import TerminatedWorkerError

from heatnet.errors import SolverError
from solvers.blocks import Resident, Task
from solvers.parts import Place

TICK_S = 0.2
"""Seconds between two looks at progress and interrupts."""

LIVES = 5
"""Times that the seats may be replaced before the run is given up: a block too large for memory kills every worker."""

_tasks: dict[str, Task] = {}
_held: dict[tuple[str, Place], Resident] = {}


class UnknownTaskError(Exception):
    """A worker that has not been told of a task: it is new, or took the place of one that died."""


def tell(task: Task) -> None:
    """Tell a worker of a task."""
    _tasks[task.key] = task


def ask(key: str, place: Place, question: str, arguments: tuple[Any, ...]) -> Any:
    """Ask a block of a task something: the name of a method of `Resident`, and its arguments."""
    if key not in _tasks:
        raise UnknownTaskError(key)
    resident = _held.get((key, place))
    if resident is None:
        resident = _held[key, place] = Resident(_tasks[key], place)
    return getattr(resident, question)(*arguments)


def forget(key: str) -> None:
    """Free what a worker holds of a task."""
    _tasks.pop(key, None)
    for held in [held for held in _held if held[0] == key]:
        del _held[held]


class Seats(Protocol):
    """Makes the executor of seat number k."""

    number: int

    def open(self, k: int) -> Executor:
        """An executor with one worker."""


class Serial(Executor):
    """Runs everything at once in the caller's process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """See `concurrent.futures.Executor`."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@dataclass(frozen=True)
class InProcess:
    """One seat in this process."""

    number: int = 1

    def open(self, k: int) -> Executor:
        """See `Seats`."""
        return Serial()


@dataclass(frozen=True)
class Processes:
    """A process for every seat."""

    number: int

    def open(self, k: int) -> Executor:
        """See `Seats`."""
        executor: Executor = loky.ProcessPoolExecutor(max_workers=1, initializer=_settle)
        return executor


def _settle() -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the first one, and keep what one is told to keep.

    loky takes a worker that grows for one that leaks, and ends it; there is no public way to say that blocks stay.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    loky.process_executor._MAX_MEMORY_LEAK_SIZE = sys.maxsize  # noqa: SLF001


@dataclass
class Pool:
    """All blocks of a task, spread over seats. `tick` is called while one waits, and may raise to end the waiting."""

    task: Task
    seats: Seats
    tick: Callable[[], None]
    lost: int = 0
    _executors: dict[int, Executor] = field(default_factory=dict)

    def ask(self, question: str, arguments: Mapping[Place, tuple[Any, ...]]) -> dict[Place, Any]:
        """Ask many blocks the same thing, each with its own arguments. Raises SolverError when workers keep dying."""
        answers: dict[Place, Any] = {}
        waiting = {self._submit(place, question, given): place for place, given in arguments.items()}
        try:
            while waiting:
                done, _ = wait(waiting, timeout=TICK_S, return_when="FIRST_COMPLETED")
                for future in done:
                    place = waiting.pop(future)
                    try:
                        answers[place] = future.result()
                    except _GONE as error:
                        self._replace(place, error)
                        waiting[self._submit(place, question, arguments[place])] = place
                self.tick()
        finally:
            for future in waiting:
                future.cancel()
        return {place: answers[place] for place in arguments}

    def close(self) -> None:
        """Free the workers."""
        for executor in self._executors.values():
            with contextlib.suppress(Exception):
                executor.submit(forget, self.task.key)
            executor.shutdown(wait=False)
        self._executors.clear()

    def _seat(self, place: Place) -> int:
        return sorted(self.task.links).index(place) % self.seats.number

    def _submit(self, place: Place, question: str, arguments: tuple[Any, ...]) -> Future[Any]:
        seat = self._seat(place)
        if seat not in self._executors:
            self._executors[seat] = self.seats.open(seat)
            self._executors[seat].submit(tell, self.task)
        return self._executors[seat].submit(ask, self.task.key, place, question, arguments)

    def _replace(self, place: Place, error: BaseException) -> None:
        """Tell a new worker of the task, or open a seat again whose worker is gone."""
        seat = self._seat(place)
        executor = self._executors.get(seat)
        if isinstance(error, UnknownTaskError) and executor is not None:
            executor.submit(tell, self.task)
            return
        if executor is None:
            return  # another block of the seat has noticed before
        self.lost += 1
        if self.lost > LIVES:
            raise SolverError(f"workers died {self.lost} times ({type(error).__name__}: {error}); is memory short?")
        del self._executors[seat]
        executor.shutdown(wait=False)


_GONE: tuple[type[BaseException], ...] = (
    UnknownTaskError,
    TerminatedWorkerError,
    processes_of_the_library.BrokenProcessPool,
    loky.process_executor.BrokenProcessPool,
)
"""What a future says whose worker is gone, or is new."""
