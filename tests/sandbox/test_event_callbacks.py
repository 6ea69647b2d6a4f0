"""Event callbacks outlive the sandbox: what waits is sent after the next start, and what is never sent is said."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sandbox.call_centre import CallCentre, build
from sandbox.callback_target import Answer, Target
from sandbox.local import (
    ACCOUNT,
    OTHER_ACCOUNT,
    OTHER_TOKEN,
    PATIENCE_SECONDS,
    START,
    TOKEN,
    LocalSandbox,
    local_sandbox,
)
from sandbox.test_attacks import wait_until
from sandbox.test_durability import there

from labkit.engine import commands as c
from labkit.sandbox import event_callbacks, unsent_events
from labkit.sandbox.clock import Clock
from labkit.sandbox.store import Snapshots, SqliteStore, StoreError

HELD = Answer(status=204, body=b"", hold=True)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where the state is."""
    return tmp_path / "state.sqlite"


@contextmanager
def started(state: Path, *, after: float = 0, grace: float = 0) -> Iterator[LocalSandbox]:
    """A sandbox on this state; what is under way at its end is cut off, unless there is grace."""
    with (
        pytest.MonkeyPatch.context() as patch,
        closing(SqliteStore(state)) as store,
        local_sandbox(
            store, clock=Clock(START + timedelta(seconds=after)), kept=Snapshots(state.parent / "snapshots")
        ) as sandbox,
    ):
        patch.setattr(event_callbacks, "GRACE_SECONDS", grace)
        yield sandbox


def watched(sandbox: LocalSandbox, target: Target, events_filter: str = "worker.attributes.update") -> CallCentre:
    """A call centre that has these events sent."""
    centre = build(sandbox.client())
    centre.workspace.update(event_callback_url=target.url("/events"), events_filter=events_filter)
    return centre


def count_up(centre: CallCentre, *numbers: int) -> None:
    """Events about Alice, which arrive one after the other."""
    for number in numbers:
        centre.workspace.workers(centre.alice_sid).update(attributes=json.dumps({"number": number}))


def counted(target: Target) -> list[int]:
    """The numbers that have arrived."""
    return [json.loads(form["WorkerAttributes"])["number"] for form in target.events("worker.attributes.update")]


def ask(sandbox: LocalSandbox, path: str, *, account: str = ACCOUNT, token: str = TOKEN) -> dict[str, Any]:
    answer = sandbox.client(account, token).request("GET", f"https://taskrouter.twilio.com/_sandbox/{path}")
    read: dict[str, Any] = json.loads(answer.text)
    return read


def given_up(sandbox: LocalSandbox) -> list[str]:
    sandbox.settle()
    return sandbox.look(lambda: sandbox.webhooks.deliveries.given_up(ACCOUNT))


# --- the end, and the next start --------------------------------------------------------------------------------------


def test_what_waits_is_sent_after_the_next_start(state: Path, target: Target) -> None:
    """In order, once each; what was cut off comes again, with the same SID."""
    target.answers["/events"] = [HELD, *[Answer()] * 20]
    with started(state) as sandbox:
        centre = watched(sandbox, target)
        count_up(centre, 0, 1, 2, 3)
        target.wait_for("/events")
    with started(state, after=60) as sandbox:
        count_up(there(sandbox, centre), 4)
        sandbox.settle()
        assert given_up(sandbox) == []
    assert counted(target) == [0, 0, 1, 2, 3, 4]
    first, again, *_ = target.events()
    assert first["Sid"] == again["Sid"]
    with started(state, after=120) as sandbox:
        sandbox.settle()
    assert len(target.events()) == 6


def test_what_is_under_way_at_the_end_has_a_moment(state: Path, target: Target) -> None:
    """It is answered meanwhile, so it is not sent again; nothing else leaves."""
    target.answers["/events"] = [HELD, *[Answer()] * 20]
    with started(state, grace=PATIENCE_SECONDS) as sandbox:
        centre = watched(sandbox, target)
        count_up(centre, 0, 1)
        target.wait_for("/events")
        ending = asyncio.run_coroutine_threadsafe(sandbox.webhooks._events.close(), sandbox.loop)
        for _ in range(3):
            sandbox.look(lambda: None)  # it has begun
        assert sandbox.look(lambda: sandbox.webhooks.unsent_events(centre.sid)) == 2
        assert not ending.done()
        target.release()
        ending.result(PATIENCE_SECONDS)
        assert counted(target) == [0]
    with started(state) as sandbox:
        sandbox.settle()
    assert counted(target) == [0, 1]


def test_what_has_passed_is_not_sent_again(state: Path, target: Target) -> None:
    """One Task's event hangs when the sandbox ends; another's was over already."""
    target.answers["/events"] = [HELD, *[Answer()] * 20]
    with started(state) as sandbox:
        centre = watched(sandbox, target, "task.created,task.updated")
        hanging = centre.add_task()
        target.wait_for("/events")
        passing = centre.add_task()
        target.wait_for("/events", 2)
        centre.workspace.tasks(hanging.sid).update(priority=1)
        centre.workspace.tasks(passing.sid).update(priority=1)
        target.wait_for("/events", 3)
        wait_until(sandbox, lambda: len(sandbox.webhooks._events._sending) == 1)
    with started(state) as sandbox:
        sandbox.settle()
        assert sandbox.look(sandbox.service.store.passed_events) == set()
    told = [(form["TaskSid"], form["EventType"]) for form in target.events()]
    assert told == [
        (hanging.sid, "task.created"),
        (passing.sid, "task.created"),
        (passing.sid, "task.updated"),
        (hanging.sid, "task.created"),
        (hanging.sid, "task.updated"),
    ]


def test_what_waits_is_sent_where_it_was_to_go(state: Path, target: Target) -> None:
    """The Workspace has another URL since, and had none in between."""
    target.answers["/events"] = [HELD, *[Answer()] * 20]
    with started(state) as sandbox:
        centre = watched(sandbox, target)
        count_up(centre, 0, 1)
        target.wait_for("/events")
        centre.workspace.update(event_callback_url="")
        count_up(centre, 2)
        centre.workspace.update(event_callback_url=target.url("/later"))
        count_up(centre, 3)
    target.release()
    with started(state) as sandbox:
        sandbox.settle()
        [stored] = sandbox.look(sandbox.service.store.event_targets)
        assert stored.target.url == target.url("/later")
    numbers = [json.loads(received.form["WorkerAttributes"])["number"] for received in target.of("/events")]
    assert numbers == [0, 0, 1]
    assert [json.loads(received.form["WorkerAttributes"])["number"] for received in target.of("/later")] == [3]


def test_what_happens_while_the_waiting_is_read_comes_after_it(
    state: Path, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read one by one, between which others have their turn."""
    target.answers["/events"] = [HELD, *[Answer()] * 50]
    with started(state) as sandbox:
        centre = watched(sandbox, target)
        count_up(centre, *range(10))
        target.wait_for("/events")
    monkeypatch.setattr(unsent_events, "SLICE", 1)
    with started(state) as sandbox:
        count_up(there(sandbox, centre), *range(10, 20))
        sandbox.settle()
    assert counted(target) == [0, *range(20)]


def test_an_old_event_is_given_up_at_the_start(state: Path, target: Target) -> None:
    """Nobody who comes back after two days is flooded; it is said how many they were."""
    target.answers["/events"] = [HELD, *[Answer()] * 20]
    with started(state) as sandbox:
        centre = watched(sandbox, target)
        count_up(centre, 0, 1, 2)
        target.wait_for("/events")
    with started(state, after=2 * 24 * 3600) as sandbox:
        count_up(there(sandbox, centre), 3)
        [said] = given_up(sandbox)
        health, pulse = (ask(sandbox, path)["notices"] for path in ("health", "pulse"))
        assert (health, pulse) == ([said], [said])
        assert ask(sandbox, "health", account=OTHER_ACCOUNT, token=OTHER_TOKEN)["notices"] == []
        assert said == (
            f"3 event callbacks of the Workspace 'Tests' to {target.url('/events')} were given up: "
            "they waited for more than 24 hours."
        )
    assert counted(target) == [0, 3]


def test_the_end_of_a_workspace_is_told_after_the_next_start(state: Path, target: Target) -> None:
    """To the URL that it had; then nothing of it is kept."""
    target.answers["/events"] = HELD
    with started(state) as sandbox:
        centre = watched(sandbox, target, "workspace.deleted")
        centre.workspace.delete()
        target.wait_for("/events")
    target.release()
    with started(state) as sandbox:
        sandbox.settle()
        assert sandbox.look(sandbox.service.store.event_targets) == []
    assert [form["EventType"] for form in target.events()] == ["workspace.deleted"] * 2


def test_a_workspace_that_gets_a_url_and_goes_in_one_commit_is_told_of(state: Path, target: Target) -> None:
    """Where its events go is written with them, though its record is not."""
    target.answers["/events"] = HELD
    with started(state) as sandbox:
        sid = build(sandbox.client()).sid
        commands = (
            c.UpdateWorkspace(workspace_sid=sid, sid=sid, changes={"event_callback_url": target.url("/events")}),
            c.DeleteWorkspace(workspace_sid=sid, sid=sid),
        )

        async def at_once() -> None:
            await asyncio.gather(*(sandbox.service.execute(each, view=lambda _: None) for each in commands))

        sandbox.ask(at_once())
        target.wait_for("/events")
    target.release()
    with started(state) as sandbox:
        sandbox.settle()
    types = [form["EventType"] for form in target.events()]
    assert types == ["workspace.updated", "workspace.updated", "workspace.deleted"]


def test_a_workspace_of_which_nothing_is_sent_does_not_hold_the_cursor(
    state: Path, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some thousand events of others, or of its own that it does not want, they need not be read at a start."""
    monkeypatch.setattr(event_callbacks, "MARK_EVERY", 5)
    with started(state) as sandbox:
        watched(sandbox, target, "worker.deleted")
        build(sandbox.client())
        sandbox.settle()
        [stored] = sandbox.look(sandbox.service.store.event_targets)
        assert sandbox.look(sandbox.service.store.last_event_number) - stored.since < 5


def test_a_full_disk_does_not_stop_the_events(state: Path, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sent is written once there is room."""
    monkeypatch.setattr(event_callbacks, "RETRY_SECONDS", 0)
    kept, written = SqliteStore.keep_event_cursors, threading.Event()
    refusals = iter([True] * 3)

    def full(store: SqliteStore, cursors: object) -> None:
        if next(refusals, False):
            raise StoreError("the disk is full")
        kept(store, cursors)  # type: ignore[arg-type]
        written.set()

    with started(state) as sandbox:
        monkeypatch.setattr(SqliteStore, "keep_event_cursors", full)
        centre = watched(sandbox, target)
        count_up(centre, 0, 1)
        sandbox.settle()
        assert written.wait(PATIENCE_SECONDS)
    with started(state) as sandbox:
        sandbox.settle()
    assert counted(target) == [0, 1]


# --- another state ----------------------------------------------------------------------------------------------------


def post(sandbox: LocalSandbox, path: str, **form: str) -> None:
    answer = sandbox.client().request("POST", f"https://taskrouter.twilio.com/_sandbox/{path}", data=form)
    assert answer.status_code < 300, answer.text


def test_a_restored_state_goes_on_with_what_waited_in_it(state: Path, target: Target) -> None:
    """Not with what was sent since it was kept; and what waits here and is not in it is given up, which is said."""
    target.answers["/events"] = [HELD, *[Answer()] * 50]
    with started(state) as sandbox:
        centre = watched(sandbox, target)
        count_up(centre, 0, 1, 2)
        target.wait_for("/events")
        post(sandbox, "snapshots", Name="then")
        target.release()
        target.wait_for("/events", 3)
        sandbox.settle()
        target._released.clear()
        target.answers["/events"] = [HELD, *[Answer()] * 50]
        count_up(centre, 3, 4, 5)
        target.wait_for("/events", 4)
        post(sandbox, "snapshots/then/restore")
        [said] = given_up(sandbox)
        assert said.startswith("2 event callbacks ")
        assert said.endswith("a restore or a reset took away the state that they are about.")
        count_up(centre, 6)
        sandbox.settle()
    assert counted(target) == [0, 1, 2, 3, 6]


def test_what_waits_in_both_states_is_sent_once(state: Path, target: Target) -> None:
    """What was cut off by the restore had its one attempt."""
    target.answers["/events"] = [HELD, *[Answer()] * 50]
    with started(state) as sandbox:
        centre = watched(sandbox, target)
        count_up(centre, 0, 1, 2)
        target.wait_for("/events")
        post(sandbox, "snapshots", Name="then")
        post(sandbox, "snapshots/then/restore")
        sandbox.settle()
        assert given_up(sandbox) == []
    assert counted(target) == [0, 1, 2]


def test_a_reset_gives_up_what_waits(state: Path, target: Target) -> None:
    """And says so; what it took away has it still, for whoever goes back."""
    target.answers["/events"] = [HELD, *[Answer()] * 50]
    with started(state) as sandbox:
        centre = watched(sandbox, target)
        count_up(centre, 0, 1, 2)
        target.wait_for("/events")
        post(sandbox, "reset")
        [said] = given_up(sandbox)
        assert said.startswith("2 event callbacks ")
        post(sandbox, "snapshots/before%20reset/restore")
        sandbox.settle()
    assert counted(target)[1:] == [0, 1, 2]
