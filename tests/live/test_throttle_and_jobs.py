"""News is gathered and never lost; work on a pool always ends in an answer."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from labkit.background import STOPPED, JobOutcome, Jobs, run
from labkit.errors import TaskRouterError
from labkit.live.lookups import Lookups
from labkit.live.throttle import Throttle
from labkit.remote_clock import RemoteClock

WAIT_SECONDS = 10


def test_the_first_news_is_told_at_once_and_the_rest_together() -> None:
    """While one telling runs, what comes is gathered into the next."""
    told: list[set[str]] = []
    first, second, go = threading.Event(), threading.Event(), threading.Event()

    def tell(topics: set[str]) -> None:
        told.append(topics)
        (second if first.is_set() else first).set()
        go.wait(WAIT_SECONDS)

    pace = Throttle(tell, gap=0)
    pace.mark("a")
    assert first.wait(WAIT_SECONDS)
    for topic in ("b", "c", "b"):
        pace.mark(topic)
    go.set()
    assert second.wait(WAIT_SECONDS)
    pace.close()
    assert told == [{"a"}, {"b", "c"}]


def test_while_time_runs_fast_there_is_more_time_between_two_tellings() -> None:
    """Nobody could follow, and each telling is a drawing of every panel; afterwards it is as before."""
    clock = RemoteClock()
    pace = Throttle(lambda _topics: None, clock=clock)
    usual = pace.gap
    clock.learn(clock(), paused=False, speed=480.0)
    assert pace.gap > 5 * usual
    clock.learn(clock(), paused=False)
    assert pace.gap == usual


def test_a_telling_that_fails_is_not_the_last(caplog: pytest.LogCaptureFixture) -> None:
    """An exception is logged and the next news is told."""
    second = threading.Event()

    def tell(topics: set[str]) -> None:
        if "bad" in topics:
            raise RuntimeError("cannot draw")
        second.set()

    pace = Throttle(tell, gap=0)
    pace.mark("bad")
    pace.mark("good")
    pace.mark("good")
    # The two may have been gathered into one telling, which fails; then the next one counts.
    if not second.wait(0.2):
        pace.mark("good")
    assert second.wait(WAIT_SECONDS)
    pace.close()
    assert "cannot draw" in caplog.text


def test_a_closed_pace_tells_nothing_and_may_close_itself() -> None:
    """Closing from within a telling does not wait for itself."""
    told: list[set[str]] = []
    done = threading.Event()

    def tell(topics: set[str]) -> None:
        told.append(topics)
        pace.close()
        done.set()

    pace = Throttle(tell, gap=0)
    pace.mark("a")
    assert done.wait(WAIT_SECONDS)
    pace.mark("b")
    pace.close()
    assert told == [{"a"}]


def raises(error: Exception) -> str:
    """Work that fails."""
    raise error


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (TaskRouterError("The Reservation is not pending any more."), "The Reservation is not pending any more."),
        (KeyError("sid"), "Something unforeseen happened: KeyError: 'sid'"),
    ],
)
def test_an_exception_becomes_an_answer(error: Exception, text: str) -> None:
    """The lab's own errors speak for themselves; others are named."""
    assert run(lambda: raises(error)) == JobOutcome(ok=False, text=text)


def test_work_may_return_a_sentence_an_outcome_or_nothing() -> None:
    """Each becomes an outcome."""
    assert run(lambda: "Done.") == JobOutcome(ok=True, text="Done.")
    assert run(lambda: None) == JobOutcome(ok=True)
    assert run(lambda: JobOutcome(ok=False, text="No.")) == JobOutcome(ok=False, text="No.")


def test_jobs_run_elsewhere_and_are_told() -> None:
    """The outcome comes from the pool's thread."""
    told: list[tuple[JobOutcome, str]] = []
    with ThreadPoolExecutor(1, thread_name_prefix="labkit-test") as pool:
        Jobs(pool).submit(lambda: "Done.", then=lambda outcome: told.append((outcome, threading.current_thread().name)))
    assert told == [(JobOutcome(ok=True, text="Done."), "labkit-test_0")]


def test_a_stopped_pool_is_an_answer_too() -> None:
    """After `lab.stop()` a click says so instead of staying at work."""
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    told: list[JobOutcome] = []
    Jobs(pool).submit(lambda: None, then=told.append)
    assert told == [JobOutcome(ok=False, text=STOPPED)]


def test_failures_that_nobody_waits_for_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Neither a lost answer nor a job without a listener vanishes."""
    caplog.set_level(logging.INFO)
    with ThreadPoolExecutor(1) as pool:
        Jobs(pool).submit(lambda: raises(TaskRouterError("refused")))
        Jobs(pool).submit(lambda: None, then=lambda _outcome: raises(OSError("the comm is closed")))  # type: ignore[arg-type, return-value]
    assert "refused" in caplog.text
    assert "the comm is closed" in caplog.text


def test_lookups_ask_once_until_they_are_told_to_forget() -> None:
    """The same question is not asked twice; forgetting allows it again."""
    asked: list[str] = []
    done = threading.Semaphore(0)

    def ask() -> None:
        asked.append("x")
        done.release()

    lookups = Lookups()
    lookups.ask("x", ask)
    lookups.ask("x", ask)
    lookups.forget("x")
    lookups.ask("x", ask)
    assert done.acquire(timeout=WAIT_SECONDS)
    assert done.acquire(timeout=WAIT_SECONDS)
    lookups.close()
    lookups.ask("y", ask)
    assert asked == ["x", "x"]


def test_lookups_do_not_remember_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook that is open for days asks about many Tasks; the oldest question may be asked again."""
    monkeypatch.setattr("labkit.live.lookups.REMEMBERED", 2)
    asked: list[str] = []
    lookups = Lookups()
    for key in ("a", "b", "c", "b", "a"):
        lookups.ask(key, lambda key=key: asked.append(key))  # type: ignore[misc]
    drained = threading.Event()
    lookups.ask("last", drained.set)
    assert drained.wait(10)
    lookups.close()
    assert asked == ["a", "b", "c", "a"]
