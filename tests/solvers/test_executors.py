"""Blocks answer the same wherever they live, workers may die at any moment, and bad clusters are told in a sentence.

Workers are real processes, killed with SIGKILL; the Dask schedulers and workers are those of its command line.

Sensitivity:
- same everywhere: arguments that arrive in another order or at another block, a block that is built otherwise on a
  worker, or answers given back in the order in which they came in.
- resident: a worker that builds its block again for every question would pass all else, at a hundred times the time.
- killed between: a process that is found dead when it is asked would end the run.
- killed during: the questions that waited for the dead process would be lost, or each of them would count as one more
  dead worker and end the fresh one that the first of them opened.
- no way to win: a block that kills every worker would be tried for ever.
- forgotten: a worker that lost the task would say so for ever, or would be taken for dead.
- stop: a KeyboardInterrupt while one waits would be swallowed, what waits would still be worked off, or a process would
  be left behind with a traceback of loky's.
- Dask lost: a question bound to a lost worker waits for ever in Dask; without a look at the workers, so would the run.
- Dask restarted: the worker that Dask's nanny starts in place of a lost one does not know the task.
- scheduler lost: the run would wait for ever, or end with a traceback.
- freed: the blocks of an ended run would fill the memory of a cluster that stays; so would those of a killed run.
- bad input: each would end in a traceback, in a wait without end, or in wrong answers of another version.
- silent: Dask's own messages would be on the terminal, and its warnings be off in the caller's process afterwards.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from conftest import TUTORIAL

import solvers
from heatnet.errors import SolverError, UsageError
from heatnet.formulation.case import Case
from heatnet.instance import read
from heatnet.instance.series import TimeGrid
from heatnet.solve import Limits
from solvers import executors
from solvers.blocks import Dispatch, Evaluation, Task
from solvers.executors import InProcess, Pool, Processes, Seat, Seats, UnknownTaskError, seats
from solvers.parts import Place, core_part

SHARES = (0.5, 1.0, 0.3)
"""Points that are asked: how far each link is from its least to its largest value."""


@functools.cache
def task() -> Task:
    """The tutorial on its two days in steps of six hours: four blocks."""
    grid = TimeGrid.choose(read(TUTORIAL), 2, 6)
    core = core_part(Case(grid.instance, grid)).core
    places = [(year, day) for year in grid.stage_weight for day in grid.days]
    return Task(grid, {place: core.links_of(*place) for place in places}, Limits(threads=1))


def links(share: float) -> dict[Place, np.ndarray]:
    """Links of every block at a share of their range."""
    return {
        place: np.array([low + share * (up - low) for low, up in bounds.values()], float)  # type: ignore[operator]
        for place, bounds in task().links.items()
    }


def evaluated(pool: Pool, share: float) -> dict[Place, Evaluation]:
    return pool.ask("evaluate", {place: (at,) for place, at in links(share).items()})


def dispatched(pool: Pool, share: float) -> dict[Place, Dispatch]:
    return pool.ask("dispatch", {place: (at, 1e-4) for place, at in links(share).items()})


def told(answers: dict[Place, Any]) -> list[tuple[Any, ...]]:
    """Answers as plain values, to be compared exactly: place, cost, and the rest."""
    for place, answer in answers.items():
        assert answer.place == place
        if isinstance(answer, Dispatch):
            assert answer.operation is not None
        else:
            assert answer.cut is not None
    return [
        (place, answer.cost, answer.bound, answer.operation.to_csv())
        if isinstance(answer, Dispatch)
        else (place, answer.cost, answer.cut.kind, answer.cut.constant, answer.cut.slope.tolist())
        for place, answer in answers.items()
    ]


def interview(pool: Pool) -> list[Any]:
    """Everything one may ask, one after another, so that every block has the same past."""
    at, prices = links(0.5), {place: np.full(len(low), 1e-4) for place, low in links(0.0).items()}
    priced = pool.ask("evaluate", {place: (at[place], prices[place], 0.1) for place in at})
    plain = [told(evaluated(pool, share)) for share in SHARES] + [told(priced)]
    return [*plain, told(dispatched(pool, 1.0))]


@functools.cache
def expected() -> list[Any]:
    """What the blocks say in this process."""
    with contextlib.closing(Pool(task(), InProcess(), lambda: None)) as pool:
        return interview(pool)


def check_costs(pool: Pool) -> None:
    """A block that was built again may come to another of several optimal cuts; the costs are the same."""
    for share, plain in zip(SHARES, expected(), strict=False):
        costs = [answer.cost for answer in evaluated(pool, share).values()]
        assert costs == pytest.approx([answer[1] for answer in plain], rel=1e-9)
    assert told(dispatched(pool, 1.0)) == expected()[-1]


@dataclass
class Watched:
    """Seats that note what is opened and asked."""

    inner: Seats
    seats: dict[int, Seat] = field(default_factory=dict)
    futures: list[Future[Any]] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.inner.number

    def open(self, k: int) -> Seat:
        seat = self.inner.open(k)
        submit = seat.submit

        def noted(question: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            self.futures.append(submit(question, *arguments))
            return self.futures[-1]

        object.__setattr__(seat, "submit", noted)
        self.seats[k] = seat
        return seat

    def close(self) -> None:
        self.inner.close()

    def process(self, k: int) -> int:
        """The process of a seat."""
        found: int = self.seats[k].submit(os.getpid).result(timeout=30)
        return found


class Hits:
    """Does something at the third tick."""

    def __init__(self, do: Callable[[], None]) -> None:
        self.do, self.ticks = do, 0

    def __call__(self) -> None:
        self.ticks += 1
        if self.ticks == 3:
            self.do()


def kill(process: int) -> None:
    """End a process at once, and wait until it is gone."""
    os.kill(process, signal.SIGKILL)
    for _ in range(100):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.05)
    raise AssertionError(process)


def alive(process: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@contextlib.contextmanager
def pool_on(inner: Seats) -> Iterator[tuple[Pool, Watched]]:
    """A pool whose seats are watched."""
    watched = Watched(inner)
    with contextlib.closing(Pool(task(), watched, lambda: None)) as pool:
        yield pool, watched


# --- this process and others beside it ------------------------------------------------------------------------------


def test_in_this_process() -> None:
    """Four blocks that can run answer; at half of everything they cost more than with all of it."""
    half, full = ([answer[1] for answer in plain] for plain in expected()[:2])
    assert len(half) == len(full) == 4
    assert all(np.isfinite(half + full))
    assert all(more >= less for more, less in zip(half, full, strict=True))
    assert sum(half) > sum(full)


def test_processes_live_and_die() -> None:
    """Processes answer as this one does; killed between and during questions they are replaced; the end ends them."""
    with pool_on(Processes(2)) as (pool, watched):
        assert interview(pool) == expected()
        first = watched.process(0)
        assert watched.process(1) not in (first, os.getpid())
        kill(first)
        check_costs(pool)
        assert pool.lost == 1
        assert watched.process(0) != first
        second = watched.process(1)
        watched.seats[1].submit(time.sleep, 60)  # so that the questions of this seat wait when it is killed
        pool.tick = Hits(lambda: os.kill(second, signal.SIGKILL))
        check_costs(pool)
        assert pool.lost == 2
        last = [watched.process(0), watched.process(1)]
        assert second not in last
    until = time.monotonic() + 20.0
    while any(map(alive, last)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(alive, last))


def _held(key: str, place: Place) -> int:
    return id(executors._held[key, place])  # noqa: SLF001


def test_blocks_are_resident() -> None:
    """The second question finds the block of the first one; another run on the same worker is another task."""
    key, place = task().key, next(iter(task().links))
    with pool_on(InProcess()) as (pool, watched):
        evaluated(pool, 0.5)
        one = watched.seats[0].submit(_held, key, place).result()
        evaluated(pool, 1.0)
        assert watched.seats[0].submit(_held, key, place).result() == one
    assert replace(task(), limits=Limits(gap=0.5)).key != key


class Poison:
    """An argument that ends the process that reads it."""

    def __reduce__(self) -> Any:
        return os._exit, (1,)


def test_no_way_to_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that kills every worker ends the run with an error after so many workers."""
    monkeypatch.setattr(executors, "LIVES", 1)
    with pool_on(Processes(1)) as (pool, _):
        place = next(iter(task().links))
        with pytest.raises(SolverError, match="died 2 times"):
            pool.ask("evaluate", {place: (Poison(),)})
        assert pool.lost == 2


def test_forgotten_task_is_told_again() -> None:
    """A worker that does not know the task any more learns of it, and is none that was lost."""
    with pool_on(InProcess()) as (pool, watched):
        evaluated(pool, 0.5)
        executors.forget(task().key)
        with pytest.raises(UnknownTaskError):
            watched.seats[0].submit(executors.ask, task().key, next(iter(task().links)), "floor", ()).result()
        check_costs(pool)
        assert pool.lost == 0


def test_left_behind_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new task ends what is held of one that was not asked for long; not before."""
    place, other = next(iter(task().links)), replace(task(), limits=Limits(gap=0.5))
    monkeypatch.setattr(executors, "IDLE_S", 3600.0)
    executors.ask(task().key, place, "floor", (), task())
    executors.ask(other.key, place, "floor", (), other)
    executors.ask(task().key, place, "floor", ())
    monkeypatch.setattr(executors, "IDLE_S", -1.0)
    third = replace(task(), limits=Limits(gap=0.4))
    executors.ask(third.key, place, "floor", (), third)
    for key in (task().key, other.key):
        with pytest.raises(UnknownTaskError):
            executors.ask(key, place, "floor", ())
    executors.forget(third.key)


def test_fault_of_a_question_is_passed_on() -> None:
    """What a block raises comes through, and is not taken for a lost worker."""
    with pool_on(InProcess()) as (pool, _):
        with pytest.raises(AttributeError):
            pool.ask("no such question", dict.fromkeys(task().links, ()))
        assert pool.lost == 0


def test_interrupt_ends_the_workers(caplog: pytest.LogCaptureFixture) -> None:
    """KeyboardInterrupt from the tick ends the waiting; what no worker has begun is not begun, and no process is left.

    Nor does loky fail over questions that nobody waits for, and tell it at length.
    """

    def stop() -> None:
        raise KeyboardInterrupt

    with pool_on(Processes(1)) as (pool, watched):
        evaluated(pool, 0.5)
        worker = psutil.Process(watched.seats[0].submit(os.getpid).result())
        watched.seats[0].submit(time.sleep, 60)
        pool.tick, before = Hits(stop), len(watched.futures)
        with pytest.raises(KeyboardInterrupt):
            evaluated(pool, 1.0)
        asked = watched.futures[before:]
        assert len(asked) == len(task().links)
        assert not any(future.done() for future in asked)
    _, left = psutil.wait_procs([worker], timeout=20)
    assert not left
    assert not caplog.records


# --- Dask -----------------------------------------------------------------------------------------------------------


@dataclass
class Dask:
    """A scheduler of the command line, and workers without a nanny."""

    folder: Path
    address: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """A `dask` command in the background."""
        log = (self.folder / f"{len(self.processes)}.log").open("wb")
        command = [sys.executable, "-m", "dask", *arguments]
        with log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, env={**os.environ, **environment}
            )
        self.processes.append(process)
        return process

    def scheduler(self) -> subprocess.Popen[bytes]:
        told = self.folder / "scheduler.json"
        process = self.start(
            *("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told))
        )
        for _ in range(300):
            with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
                self.address = json.loads(told.read_text())["address"]
                return process
            time.sleep(0.1)
        raise AssertionError("no scheduler")

    def workers(self, number: int, **environment: str) -> list[subprocess.Popen[bytes]]:
        options = ("--no-nanny", "--nthreads", "1", "--memory-limit", "0", "--no-dashboard")
        folder = ("--local-directory", str(self.folder))
        started = [self.start("worker", self.address, *options, *folder, **environment) for _ in range(number)]
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(number, timeout=60)
        return started

    def end(self, processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            process.kill()
            process.wait()
        if self.processes[0] not in processes:
            from distributed import Client

            with Client(self.address, set_as_default=False) as client:
                while client.scheduler_info(n_workers=-1)["workers"]:
                    time.sleep(0.05)


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """A scheduler that has no workers yet."""
    made = Dask(tmp_path_factory.mktemp("dask"))
    made.scheduler()
    yield made
    made.end(made.processes)


def on(address: str) -> Seats:
    return seats(Limits(threads=2, dask=address))


def test_dask_workers_die(dask: Dask, capfd: pytest.CaptureFixture[str]) -> None:
    """Two workers answer as this process does; the other one takes over from a killed one; the end frees it.

    None of it is on the terminal, and the loggers of Dask are as they were.
    """
    workers = dask.workers(2)
    level = logging.getLogger("distributed.client").level
    try:
        with pool_on(on(dask.address)) as (pool, watched):
            assert watched.number == 2
            assert interview(pool) == expected()
            assert {watched.process(0), watched.process(1)} == {worker.pid for worker in workers}
            victim = watched.process(0)
            watched.seats[0].submit(time.sleep, 60)
            pool.tick = Hits(lambda: os.kill(victim, signal.SIGKILL))
            check_costs(pool)
            assert pool.lost == 1
            assert watched.process(0) == watched.process(1) != victim
        with contextlib.closing(on(dask.address)) as again:
            place = next(iter(task().links))
            with pytest.raises(UnknownTaskError):
                again.open(0).submit(executors.ask, task().key, place, "floor", ()).result(timeout=30)
        assert logging.getLogger("distributed.client").level == level
        assert capfd.readouterr() == ("", "")
    finally:
        dask.end(workers)


def test_dask_scheduler_dies(tmp_path: Path) -> None:
    """A scheduler that is lost during a question ends the run with an error in one sentence."""
    own = Dask(tmp_path)
    scheduler = own.scheduler()
    own.workers(1)
    try:
        with pool_on(on(own.address)) as (pool, watched):
            evaluated(pool, 0.5)
            watched.seats[0].submit(time.sleep, 60)
            pool.tick = Hits(scheduler.kill)
            with pytest.raises(SolverError, match="is gone"):
                evaluated(pool, 1.0)
    finally:
        own.end(own.processes)


def test_local_cluster() -> None:
    """`local` is a cluster of as many processes; one that dies is started again by Dask; the end ends them all."""
    with pool_on(on("local")) as (pool, watched):
        assert watched.number == 2
        assert interview(pool) == expected()
        first = watched.process(1)
        kill(first)
        check_costs(pool)
        assert pool.lost == 1
        last = [watched.process(0), watched.process(1)]
        assert first not in last
    assert not any(map(alive, last))


# --- what cannot be used --------------------------------------------------------------------------------------------


def refused(address: str) -> str:
    """The sentence that an address is refused with."""
    with pytest.raises(UsageError) as caught:
        on(address).close()
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith("--dask")
    return text


def test_dask_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says what to install."""
    monkeypatch.delitem(sys.modules, "solvers.cluster", raising=False)
    monkeypatch.delattr(solvers, "cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "pip install 'heatnet[distributed]'" in refused("tcp://127.0.0.1:8786")


@pytest.mark.parametrize(
    "address",
    ["nonsense", "tcp://127.0.0.1", "foo://127.0.0.1:1", "inproc://x", "tcp://127.0.0.1:99999", "127.0.0.1:x", "\x00"],
)
def test_no_address(address: str) -> None:
    """At some of these Dask itself would wait for ever."""
    assert "must be the address of a Dask scheduler" in refused(address)


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a port that nobody listens at, nor one at which something else does, is a scheduler."""
    from solvers import cluster

    monkeypatch.setattr(cluster, "CONNECT_S", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert "no Dask scheduler answers there" in refused(f"tcp://127.0.0.1:{port}")
    assert "no Dask scheduler answers there" in refused(f"127.0.0.1:{port}")


def test_no_workers(dask: Dask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler without workers: after a while a sentence says how to start one."""
    from solvers import cluster

    monkeypatch.setattr(cluster, "WORKERS_S", 1.0)
    assert f"has no workers; start some: dask worker {dask.address}" in refused(dask.address)


def test_other_versions(dask: Dask, tmp_path: Path) -> None:
    """A worker with another version of HiGHS, and one on which heatnet cannot be loaded, are refused by name."""
    other, broken = tmp_path / "other", tmp_path / "broken"
    (other / "highspy-1.0.dist-info").mkdir(parents=True)
    (other / "highspy-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: highspy\nVersion: 1.0\n")
    (broken / "heatnet").mkdir(parents=True)
    (broken / "heatnet" / "__init__.py").write_text("raise ImportError('half\\ninstalled')\n")
    for folder, sentence in ((other, "has highspy 1.0 (here 1."), (broken, "heatnet does not run on the worker")):
        workers = dask.workers(1, PYTHONPATH=str(folder))
        try:
            assert sentence in refused(dask.address)
        finally:
            dask.end(workers)


def test_waits_are_bounded() -> None:
    """The waits that the tests above cut short are of a length that a person bears."""
    from solvers import cluster

    assert 0.0 < cluster.CONNECT_S <= 30.0
    assert 0.0 < cluster.WORKERS_S <= 60.0


def test_wait_is_that_of_the_library() -> None:
    """What the seats give back is a future that `concurrent.futures` can wait for."""
    done, left = wait([executors.Here().submit(sum, [1, 2])], timeout=1.0)
    assert [future.result() for future in done] == [3]
    assert not left
