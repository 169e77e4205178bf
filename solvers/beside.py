"""Work in a thread of its own, beside what the caller does meanwhile."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from typing import TypeVar

from heatnet.solve import SOLVER_THREAD
from solvers.highs import TICK_S, Session

Found = TypeVar("Found")


@contextlib.contextmanager
def beside(work: Callable[[], Found], session: Session, tick: Callable[[], None]) -> Iterator[Future[Found]]:
    """Do some work of a session beside what is done inside, where there is a thread for it, else before it.

    The future is done where the context ends; `tick` is called while one waits for it, and may raise to end the
    waiting. What is raised inside stops the session, and goes on when the work has heeded that.
    """
    result: Future[Found] = Future()

    def run() -> None:
        try:
            result.set_result(work())
        except BaseException as error:
            result.set_exception(error)

    if session.limits.threads == 1:
        run()
        yield result
        return
    threading.Thread(target=run, daemon=True, name=SOLVER_THREAD).start()
    try:
        yield result
        while not result.done():
            tick()
            wait([result], TICK_S)
    except BaseException:
        session.stop(session.why_stopped if session.stopped else "interrupted")
        wait([result])
        raise
