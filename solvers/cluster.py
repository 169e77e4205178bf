"""Seats on the workers of a Dask cluster. The only file that imports distributed.

A question is bound to the worker of its seat: Dask would move it to any other that is idle, and that one would have to
build the block. So Dask does not replace a worker that is lost; the pool looks, and opens the seat on another one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from distributed import Client, LocalCluster, Security
from distributed.core import connect
from distributed.scheduler import KilledWorker

from heatnet.errors import SolverError, UsageError
from heatnet.solve import versions
from solvers.executors import Seat, forget, ignore_interrupts

CONNECT_S = 10.0
"""Seconds that a scheduler has to answer."""

WORKERS_S = 20.0
"""Seconds that a scheduler without workers has to get one."""

LOOK_S = 1.0
"""Seconds for which a list of the workers is good."""

LOCAL = "local"
"""Address that stands for a cluster of one's own on this machine."""


@dataclass(frozen=True)
class OnCluster:
    """A worker of a Dask cluster."""

    cluster: Cluster
    address: str

    def submit(self, question: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """See `Seat`."""
        executor = self.cluster.running_client().get_executor(workers=[self.address], pure=False)
        submitted: Future[Any] = executor.submit(question, *arguments)
        return submitted

    def drop(self, future: Future[Any]) -> None:
        """See `Seat`."""
        future.cancel()

    def gone(self, error: BaseException | None) -> bool:
        """See `Seat`. A worker that Dask has paused for its memory will not answer either."""
        if error is None:
            return self.cluster.workers().get(self.address) != "running"
        return isinstance(error, (CancelledError, KilledWorker))

    def close(self, key: str) -> None:
        """See `Seat`."""
        if self.address in self.cluster.look():  # at one that is gone Dask would knock for long
            self.cluster.client.run(forget, key, workers=[self.address], on_error="ignore")


@dataclass
class Cluster:
    """A seat for each worker that a Dask scheduler has at first; workers that come later take the places of lost ones.

    `address`: the scheduler's. `opened`: what is to be closed at the end.
    """

    address: str
    client: Client
    opened: contextlib.ExitStack
    number: int = 0
    _seats: dict[int, str] = field(default_factory=dict)
    _alike: set[str] = field(default_factory=set)
    _workers: dict[str, str] = field(default_factory=dict)
    _looked: float = -LOOK_S

    @classmethod
    def at(cls, address: str, number: int) -> Cluster:
        """The cluster of a scheduler, or one of `number` processes where the address is `LOCAL`.

        Raises UsageError where there is none that can be used.
        """
        with contextlib.ExitStack() as opened:
            opened.enter_context(_quiet())
            own = None
            if address != LOCAL:
                _check_address(address)
            else:
                own = opened.enter_context(
                    LocalCluster(
                        n_workers=number,
                        threads_per_worker=1,
                        memory_limit=None,  # blocks are held on purpose: no reason to pause or end a worker
                        dashboard_address=None,
                        silence_logs=logging.CRITICAL,
                    )
                )
            try:
                if own is None:
                    _knock(address)
                client = opened.enter_context(Client(own or address, timeout=CONNECT_S, set_as_default=False))
            except (OSError, ValueError, TimeoutError):
                raise UsageError(f"--dask {address}: no Dask scheduler answers there.") from None
            found = cls(address, client, opened.pop_all())
        try:
            found.number = len(found._wait())
            found._check_versions(found.workers())
            if own is not None:
                client.run(ignore_interrupts)
        except BaseException:
            found.close()
            raise
        return found

    def open(self, k: int) -> Seat:
        """See `Seats`. The worker with the fewest seats."""
        self._seats.pop(k, None)
        taken = list(self._seats.values())
        address = min(self._wait(), key=lambda worker: (taken.count(worker), worker))
        self._check_versions([address])
        self._seats[k] = address
        return OnCluster(self, address)

    def close(self) -> None:
        """See `Seats`."""
        self.opened.close()

    def running_client(self) -> Client:
        """The client. Raises SolverError when the scheduler is lost."""
        if self.client.status != "running":
            raise SolverError(f"the Dask scheduler at {self.address} is gone.")
        return self.client

    def workers(self) -> dict[str, str]:
        """Address and state of the workers, not older than `LOOK_S`."""
        return self._workers if time.monotonic() - self._looked < LOOK_S else self.look()

    def look(self) -> dict[str, str]:
        """Address and state of the workers now."""
        told = self.running_client().scheduler_info(n_workers=-1)["workers"]
        self._workers = {address: worker["status"] for address, worker in told.items()}
        self._looked = time.monotonic()
        return self._workers

    def _wait(self) -> list[str]:
        """The workers that can be asked, at least one."""
        until = time.monotonic() + WORKERS_S
        while True:
            running = [address for address, state in self.look().items() if state == "running"]
            if running:
                return running
            if time.monotonic() > until:
                break
            time.sleep(LOOK_S / 5)
        if self._alike:
            raise SolverError(f"the Dask scheduler at {self.address} has no workers left; is memory short?")
        raise UsageError(f"--dask {self.address}: has no workers; start some: dask worker {self.address} --nthreads 1")

    def _check_versions(self, workers: Iterable[str]) -> None:
        """Workers must have what an answer depends on as it is here. Raises UsageError."""
        new = sorted(set(workers) - self._alike)
        if not new:
            return
        here = _released(versions())
        for worker, told in self.client.run(versions, workers=new, on_error="return").items():
            if not isinstance(told, dict):
                why = " ".join(str(told).split())[:200]
                raise UsageError(f"--dask {self.address}: heatnet does not run on the worker {worker}: {why}.")
            there = _released(told)
            other = [f"{name} {there.get(name)} (here {here[name]})" for name in here if there.get(name) != here[name]]
            if other:
                raise UsageError(
                    f"--dask {self.address}: the worker {worker} has {', '.join(other)}; install the same there."
                )
            self._alike.add(worker)


def _released(told: dict[str, str]) -> dict[str, str]:
    """Versions, that of Python without its third number, which changes no answer."""
    return {**told, "python": told["python"].rpartition(".")[0]}


def _check_address(address: str) -> None:
    """Dask waits for ever at some texts that are no address."""
    try:
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        fits = parts.scheme in ("tcp", "tls") and bool(parts.hostname) and bool(parts.port) and not parts.path
    except ValueError:
        fits = False
    if not fits:
        raise UsageError(
            f"--dask {address}: must be the address of a Dask scheduler, as tcp://10.0.0.1:8786, or local."
        )


def _knock(address: str) -> None:
    """Raise TimeoutError where something else listens and says nothing; Dask would wait for its greeting for ever."""

    async def greeted() -> None:
        security = Security().get_connection_args("client")
        comm = await asyncio.wait_for(connect(address, timeout=CONNECT_S, **security), CONNECT_S)
        await comm.close()

    with ThreadPoolExecutor(1) as thread:  # the caller may be in an event loop of its own
        thread.submit(asyncio.run, greeted()).result()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Dask tells at length of every worker lost and every question cancelled; what matters is told by the pool."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in ("distributed", "tornado")]
    levels = {logger: logger.level for logger in map(logging.getLogger, names)}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="distributed")
        for logger in levels:
            logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for logger, level in levels.items():
                logger.setLevel(level)
