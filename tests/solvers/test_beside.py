"""Work beside other work: at once where there are threads, and nothing left behind where one of them ends badly.

Sensitivity. Without each of these would go unnoticed:
- at once: work that waits until what is inside is over (the two wait for each other, here for ever).
- one thread: work that shares the one core, or is never done.
- fault: an error of the work that is lost, or ends what is inside.
- stop: an interrupt that leaves the work running, is swallowed, or a time limit that is told as an interrupt.
"""

from __future__ import annotations

import threading
import time

import pytest

from heatnet.solve import Limits
from solvers.beside import beside
from solvers.highs import Session

PATIENCE_S = 30.0


def session(threads: int = 2, time_s: float | None = None) -> Session:
    return Session(Limits(threads=threads, time_s=time_s), lambda progress: None)


def until_stopped(of: Session) -> str:
    """Work that ends when its session does."""
    deadline = time.monotonic() + PATIENCE_S
    while not of.stopped:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return "heeded"


def test_at_once() -> None:
    """Each waits for a word of the other."""
    here, there = threading.Event(), threading.Event()

    def work() -> bool:
        there.set()
        return here.wait(PATIENCE_S)

    with beside(work, session(), lambda: None) as found:
        assert there.wait(PATIENCE_S)
        assert not found.done()
        here.set()
    assert found.result() is True


def test_one_thread() -> None:
    """With one thread the work comes first, in the caller's."""
    with beside(threading.get_ident, session(threads=1), lambda: None) as found:
        assert found.result() == threading.get_ident()


@pytest.mark.parametrize("threads", [1, 2])
def test_fault(threads: int) -> None:
    """What the work raises is told where its result is asked for."""

    def work() -> None:
        raise ZeroDivisionError

    inside = False
    with beside(work, session(threads), lambda: None) as found:
        inside = True
    assert inside
    with pytest.raises(ZeroDivisionError):
        found.result()


def test_interrupt() -> None:
    """What is raised inside stops the session, and comes through when the work has ended."""
    own = session()
    with pytest.raises(KeyboardInterrupt), beside(lambda: until_stopped(own), own, lambda: None) as found:
        raise KeyboardInterrupt
    assert found.result() == "heeded"
    assert own.why_stopped == "interrupted"


def test_time_limit() -> None:
    """A tick that ends the waiting since the time is over: that is what the session tells."""
    own, ticked = session(time_s=0.05), threading.Event()

    def tick() -> None:
        if own.stopped:
            ticked.set()
            raise TimeoutError

    with pytest.raises(TimeoutError), beside(lambda: ticked.wait(PATIENCE_S), own, tick) as found:
        pass
    assert found.result() is True
    assert own.why_stopped == "time limit"
