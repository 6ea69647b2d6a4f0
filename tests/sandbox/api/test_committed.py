"""What is answered is committed: no reader and no refusal speaks of what is not yet written, whatever becomes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sandbox.call_centre import CallCentre
from sandbox.local import LocalSandbox
from twilio.base.exceptions import TwilioRestException

from labkit.sandbox.store import MemoryStore, StoreError

PATIENCE_SECONDS = 10
Read = Callable[[CallCentre, str], Any]


def listed(centre: CallCentre, _: str) -> list[int]:
    """The priorities of all Tasks."""
    return [task.priority for task in centre.workspace.tasks.list()]


def fetched(centre: CallCentre, sid: str) -> list[int]:
    """That of one."""
    return [centre.workspace.tasks(sid).fetch().priority]


def counted(centre: CallCentre, _: str) -> list[int]:
    """The priorities that the statistics count."""
    return [int(priority) for priority in centre.workspace.real_time_statistics().fetch().tasks_by_priority]


class HeldCommit:
    """The sandbox's next commit waits for `write` or `fail`."""

    def __init__(self, sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        self._sandbox = sandbox
        self._monkeypatch = monkeypatch
        self._waiting = threading.Semaphore(0)
        """One for each who waits for it."""
        service = sandbox.service
        joined = service._committed

        async def count_and_wait() -> None:
            self._waiting.release()
            await joined()

        monkeypatch.setattr(service, "_gather", lambda *_: None)
        monkeypatch.setattr(service, "_committed", count_and_wait)

    def joined(self) -> bool:
        """Wait until one more waits for it."""
        return self._waiting.acquire(timeout=PATIENCE_SECONDS)

    def write(self) -> None:
        """Let it be written."""
        self._sandbox.look(self._sandbox.service.write_now)

    def fail(self) -> None:
        """Let it fail, once."""

        def full(*_: object, **__: object) -> None:
            self._monkeypatch.setattr(MemoryStore, "commit", commit)
            raise StoreError("the disk is full")

        commit = MemoryStore.commit
        self._monkeypatch.setattr(MemoryStore, "commit", full)
        self.write()


@pytest.fixture
def held(sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch) -> Callable[[], HeldCommit]:
    """Hold the next commit, from now on."""
    return lambda: HeldCommit(sandbox, monkeypatch)


@pytest.fixture
def beside() -> Iterator[ThreadPoolExecutor]:
    """Threads for those who ask at the same time."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def answer_of(held: HeldCommit, asked: Future[Any]) -> None:
    """Wait until who asked waits for the commit; one that was answered without it has been shown too much."""
    if not held.joined():
        raise AssertionError(f"answered before the commit: {asked.result(PATIENCE_SECONDS)}")


@pytest.mark.parametrize("read", [listed, fetched, counted])
@pytest.mark.parametrize("is_written", [True, False])
def test_a_reader_sees_what_is_written(
    centre: CallCentre,
    held: Callable[[], HeldCommit],
    beside: ThreadPoolExecutor,
    read: Read,
    is_written: bool,
) -> None:
    """Asked while a change is played and not yet written, it waits, and shows the change only if it was written."""
    task = centre.add_task(priority=1)
    commit = held()
    writing = beside.submit(lambda: centre.workspace.tasks(task.sid).update(priority=9))
    answer_of(commit, writing)
    reading = beside.submit(read, centre, task.sid)
    answer_of(commit, reading)
    assert not reading.done()
    (commit.write if is_written else commit.fail)()
    assert reading.result(PATIENCE_SECONDS) == [9 if is_written else 1]
    if is_written:
        assert writing.result(PATIENCE_SECONDS).priority == 9
    else:
        assert_unavailable(writing)


def test_what_is_gone_is_gone_once_that_is_written(
    centre: CallCentre, held: Callable[[], HeldCommit], beside: ThreadPoolExecutor
) -> None:
    """A Task whose deletion could not be written is still there for whoever asked meanwhile."""
    task = centre.add_task(priority=1)
    commit = held()
    deleting = beside.submit(lambda: centre.workspace.tasks(task.sid).delete())
    answer_of(commit, deleting)
    reading = beside.submit(fetched, centre, task.sid)
    answer_of(commit, reading)
    commit.fail()
    assert_unavailable(deleting)
    assert reading.result(PATIENCE_SECONDS) == [1]


def test_a_refusal_speaks_of_what_is_written(
    centre: CallCentre, held: Callable[[], HeldCommit], beside: ThreadPoolExecutor
) -> None:
    """A Reservation was not accepted if that could not be written, so nobody is told that it was."""
    task, reservation = centre.reserved_task()
    commit = held()

    def accept() -> Any:
        return centre.workspace.tasks(task.sid).reservations(reservation.sid).update(reservation_status="accepted")

    first = beside.submit(accept)
    answer_of(commit, first)
    second = beside.submit(accept)
    answer_of(commit, second)
    commit.fail()
    assert_unavailable(first)
    assert_unavailable(second)


def assert_unavailable(asked: Future[Any]) -> None:
    """It was refused, because nothing could be written."""
    with pytest.raises(TwilioRestException) as refused:
        asked.result(PATIENCE_SECONDS)
    assert refused.value.status == 503
