"""What a sandbox does when it comes back, and when there is no room: nothing is lost, nothing happens twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sandbox.call_centre import CallCentre, build
from sandbox.callback_target import Answer, Target
from sandbox.conftest import Ask
from sandbox.local import PATIENCE_SECONDS, START, LocalSandbox, local_sandbox
from twilio.base.exceptions import TwilioRestException

from labkit.sandbox.clock import Clock
from labkit.sandbox.store import SqliteStore, StoreError

ENOUGH_PAGES = 100_000


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where the state is."""
    return tmp_path / "state.sqlite"


@contextmanager
def started(state: Path, *, after: float = 0) -> Iterator[LocalSandbox]:
    """A sandbox on this state, so many seconds after the first one began; it ends as if it were killed."""
    with (
        closing(SqliteStore(state)) as store,
        local_sandbox(store, clock=Clock(START + timedelta(seconds=after))) as sandbox,
    ):
        yield sandbox


def there(sandbox: LocalSandbox, centre: CallCentre) -> CallCentre:
    """The same call centre, in a sandbox that was started later."""
    client = sandbox.client()
    workspace = client.taskrouter.v1.workspaces(centre.sid)
    return CallCentre(client, workspace, centre.queue_sid, centre.workflow_sid, centre.activities, centre.alice_sid)


# --- coming back ------------------------------------------------------------------------------------------------------


def test_what_fell_due_meanwhile_is_played_in_the_order_of_the_deadlines(state: Path) -> None:
    """Not in the order of the records; each event has the time at which it was due."""
    with started(state) as sandbox:
        centre = build(sandbox.client())
        centre.reserved_task()
        ends = {centre.add_task(timeout=seconds).sid: seconds for seconds in (300, 100, 200)}
    with started(state, after=1000) as sandbox:
        sandbox.advance(0)
        log = there(sandbox, centre).workspace.events.list(minutes=60)
    log.reverse()
    over = [(e.resource_sid, (e.event_date - START).total_seconds()) for e in log if e.event_type == "task.canceled"]
    assert over == [(sid, seconds) for sid, seconds in sorted(ends.items(), key=lambda item: item[1])]
    assert [e.event_date for e in log] == sorted(e.event_date for e in log)
    assert [e.event_type for e in log].count("reservation.timeout") == 1


def test_a_reservation_that_timed_out_meanwhile_is_not_called_again(state: Path, target: Target) -> None:
    """Its callback was under way when the sandbox ended; now it is too late for it."""
    target.answers["/assign"] = Answer(b'{"instruction": "accept"}', hold=True)
    with started(state) as sandbox:
        centre = build(sandbox.client())
        centre.set_callback(target.url("/assign"))
        task, reservation = centre.reserved_task()
        target.wait_for("/assign")
        centre.set_callback("")
    target.release()
    with started(state, after=61) as sandbox:
        sandbox.advance(0)
        centre = there(sandbox, centre)
        first, *_ = centre.reservations(task.sid)
        assert (first.sid, first.reservation_status) == (reservation.sid, "timeout")
    assert len(target.of("/assign")) == 1


def test_what_was_accepted_is_not_accepted_twice(state: Path, target: Target) -> None:
    """A person accepted by REST while the callback was under way; after the restart nobody is called for it."""
    target.answers["/assign"] = Answer(b'{"instruction": "accept"}', hold=True)
    with started(state) as sandbox:
        centre = build(sandbox.client())
        centre.set_callback(target.url("/assign"))
        task, reservation = centre.reserved_task()
        target.wait_for("/assign")
        centre.workspace.tasks(task.sid).reservations(reservation.sid).update(reservation_status="accepted")
    target.release()
    with started(state, after=1) as sandbox:
        sandbox.advance(0)
        centre = there(sandbox, centre)
        assert len(centre.workspace.events.list(event_type="reservation.accepted", minutes=60)) == 1
        assert centre.task_status(task.sid) == "assigned"
    assert len(target.of("/assign")) == 1


# --- no room ----------------------------------------------------------------------------------------------------------


class Room:
    """A state file that may be full."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def none(self) -> None:
        """Not one page more from now on."""
        pages = self._store._db.execute("PRAGMA page_count").fetchone()[0]
        self._store._db.execute(f"PRAGMA max_page_count = {pages}")

    def enough(self) -> None:
        """There is room again."""
        self._store._db.execute(f"PRAGMA max_page_count = {ENOUGH_PAGES}")


@pytest.fixture
def room(sandbox: LocalSandbox) -> Room:
    """The room that the sandbox's file has."""
    assert isinstance(sandbox.service.store, SqliteStore)
    return Room(sandbox.service.store)


@pytest.fixture
def sandbox(state: Path) -> Iterator[LocalSandbox]:
    """A sandbox on a file."""
    with started(state) as running:
        yield running


def fill(centre: CallCentre) -> tuple[list[str], TwilioRestException]:
    """Create Tasks until one is refused: those that were acknowledged, and the refusal."""
    made: list[str] = []
    for _ in range(1000):
        try:
            made.append(centre.add_task(attributes=f'{{"text": "{"x" * 3000}"}}').sid)
        except TwilioRestException as refused:
            return made, refused
    raise AssertionError("it never was full")


def test_a_full_disk_is_an_error_to_the_caller_and_no_loss(
    sandbox: LocalSandbox, centre: CallCentre, room: Room, state: Path, ask: Ask
) -> None:
    """A 503 with Twilio's body; reading goes on, all that was acknowledged is there, and writing works again later."""
    room.none()
    made, refused = fill(centre)
    assert (refused.status, refused.code) == (503, 20503)
    assert "full" in refused.msg
    body = ask("POST", f"/v1/Workspaces/{centre.sid}/Tasks", {"Attributes": f'{{"a": "{"x" * 4000}"}}'}).json
    assert {"code", "message", "more_info", "status"} <= set(body)
    assert [task.sid for task in centre.workspace.tasks.list()] == made
    room.enough()
    made.append(centre.add_task().sid)
    assert [task.sid for task in centre.workspace.tasks.list()] == made
    with closing(SqliteStore(state)) as store:
        assert {f"{sid}" for sid in made} <= {record.sid for record in store.load()}
        numbers = [stored.number for stored in store.events_after(0, since=START, limit=10_000)]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("can_read", [True, False])
def test_an_instruction_waits_until_it_can_be_stored(
    sandbox: LocalSandbox,
    centre: CallCentre,
    target: Target,
    refusing: Refusing,
    monkeypatch: pytest.MonkeyPatch,
    can_read: bool,
) -> None:
    """The URL has said accept, and is not asked twice: the answer is kept until there is room, and somebody to read."""
    monkeypatch.setattr("labkit.sandbox.webhooks.STORE_PAUSE_SECONDS", 0.01)
    target.answers["/assign"] = Answer(b'{"instruction": "accept"}', hold=True)
    centre.set_callback(target.url("/assign"))
    task, _ = centre.reserved_task()
    target.wait_for("/assign")
    refusing.begin()
    with monkeypatch.context() as broken:
        if not can_read:
            broken.setattr(SqliteStore, "load", refusing.refuse)
            with pytest.raises(TwilioRestException):
                centre.add_task()
        target.release()
        refusing.wait(4)
        assert not can_read or centre.task_status(task.sid) == "reserved"
    refusing.end()
    sandbox.settle()
    assert centre.task_status(task.sid) == "assigned"
    assert len(target.of("/assign")) == 1


class Refusing:
    """Lets every commit fail from `begin` to `end`, and counts."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()
        self._patch = pytest.MonkeyPatch()

    def begin(self) -> None:
        """From now on."""
        self._patch.setattr(SqliteStore, "commit", self.refuse)

    def end(self) -> None:
        """Commits succeed again. May be called twice."""
        self._patch.undo()

    def refuse(self, *_: object, **__: object) -> None:
        """In place of what the store does."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()
        raise StoreError("the disk is full")

    def wait(self, times: int) -> None:
        """Until it has refused so often."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._count >= times, PATIENCE_SECONDS)


@pytest.fixture
def refusing() -> Iterator[Refusing]:
    """Not yet; and not after the test."""
    made = Refusing()
    yield made
    made.end()


def test_one_that_can_neither_write_nor_read_says_so_and_comes_back(
    sandbox: LocalSandbox, centre: CallCentre, ask: Ask, refusing: Refusing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in memory then is more than was acknowledged, so nobody is shown it; later all is as it was written."""
    kept = centre.add_task()
    path = f"/v1/Workspaces/{centre.sid}/Tasks"
    refusing.begin()
    with monkeypatch.context() as broken:
        broken.setattr(SqliteStore, "load", refusing.refuse)
        assert ask("POST", path, {}).status == 503
        assert ask("GET", path).status == 503
        assert ask("POST", path, {}).status == 503
    refusing.end()
    assert [task.sid for task in centre.workspace.tasks.list()] == [kept.sid]
    another = centre.add_task()
    assert [task.sid for task in centre.workspace.tasks.list()] == [kept.sid, another.sid]
