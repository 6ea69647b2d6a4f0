"""A lab that goes back: snapshots, a new beginning, and a sandbox that was killed under it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

import labkit
from labkit.errors import LabError, TaskRouterError
from labkit.lab.controls import SandboxControls
from labkit.lab.lab import Lab
from labkit.lab.status import RESTART
from labkit.lab.workspace_watch import WorkspaceWatch
from labkit.sandbox import process
from labkit.stream import Kind
from labkit.vocabulary import TaskStatus

PATIENCE_SECONDS = 10
ES = {"selected_language": "es"}


@pytest.fixture
def lab(home: Path) -> Lab:
    """A running lab."""
    return labkit.start()


def lights(lab: Lab) -> set[str]:
    return {line["light"] for line in lab._status_lines()}


def open_tasks(lab: Lab) -> list[str]:
    return [task.sid for task in lab.taskrouter.open_tasks()]


def kill(lab: Lab) -> None:
    """End the sandbox at once, and wait until it is gone."""
    assert lab._connection.address is not None
    killed = psutil.Process(lab._connection.address.pid)
    killed.kill()
    psutil.wait_procs([killed], timeout=PATIENCE_SECONDS)


def works(lab: Lab) -> None:
    """A Task is created, accepted by the callback's answer, and completed; those that waited give way."""
    for sid in open_tasks(lab):
        lab.taskrouter.cancel(sid)
    lab.answer_with("accept")
    lab.taskrouter.set_activity("Alice", "Available")
    task = lab.create_task(ES)
    accepted = lab.stream.wait_for(
        lambda entry: (
            entry.kind is Kind.EVENT
            and (entry.data.event_type, entry.data.task_sid) == ("reservation.accepted", task.sid)
        ),
        timeout=PATIENCE_SECONDS,
    )
    assert accepted is not None
    lab.taskrouter.complete(task.sid)
    assert lab.taskrouter.task(task.sid).assignment_status == TaskStatus.COMPLETED


def test_a_lab_goes_back_to_a_snapshot_and_goes_on(lab: Lab) -> None:
    """Tasks and Workers are as they were, the panels' knowledge too; the notice says how to undo it."""
    first = lab.create_task(ES)
    kept = lab.snapshot("before the test")
    lab.create_task(ES)
    lab.taskrouter.set_activity("Alice", "Available")
    lab.live.reconcile()
    assert lab.restore("before the test") == kept
    assert open_tasks(lab) == [first.sid]
    assert {worker.name: worker.activity_name for worker in lab.live.workers}["Alice"] == "Offline"
    assert lights(lab) == {"green"}
    assert "before restore" in lab.stream.entries(kind=Kind.NOTICE)[-1].data["text"]
    named, taken = lab.snapshots()
    assert (named, taken.name[:15]) == (kept, "before restore ")
    works(lab)


def test_a_reset_furnishes_the_quickstart_anew(lab: Lab) -> None:
    """It is another Workspace; everything that the lab holds is about that one, and the way back is kept."""
    task, before = lab.create_task(ES), (lab.workspace_sid, lab.workflow_sid)
    panel = lab.inbox()
    lab.reset()
    assert lab.workspace_sid != before[0]
    assert lab.workflow_sid != before[1]
    assert open_tasks(lab) == []
    assert lab.inbox() is panel
    assert lights(lab) == {"green"}
    works(lab)
    lab.restore("before reset")
    assert (lab.workspace_sid, lab.workflow_sid) == before
    assert task.sid in open_tasks(lab)


def test_two_resets_lose_nothing(lab: Lab) -> None:
    """What was before the first is in the list under its time, and can be gone back to by that name."""
    task = lab.create_task(ES)
    lab.reset()
    [first] = lab.snapshots()
    lab.reset()
    assert lab.restore("before reset").name != first.name
    assert task.sid not in open_tasks(lab)
    assert lab.restore(first.name) == first
    assert task.sid in open_tasks(lab)


def test_the_panels_forget_what_is_no_more(lab: Lab) -> None:
    """A Reservation of the state before would be shown for ever, for no event ends it."""
    lab.snapshot("empty")
    lab.answer_with({})
    lab.taskrouter.set_activity("Alice", "Available")
    task = lab.create_task(ES)
    lab.live.reconcile()
    assert [each.task_sid for each in lab.live.reservations] == [task.sid]
    lab.restore("empty")
    assert lab.live.reservations == []
    assert lab.live.task(task.sid) is None


def test_another_notebook_follows_with_start(lab: Lab) -> None:
    """Its Workspace is gone; the first cell once more finds the new one."""
    with Lab(lab._settings) as other:
        other.reset()
        with pytest.raises(TaskRouterError):
            lab.callback_urls()
        assert labkit.start() is lab
        assert lab.workspace_sid == other.workspace_sid
        assert lights(lab) == {"green"}


def test_a_snapshot_that_cannot_be_kept_or_found_is_said(lab: Lab) -> None:
    """In sentences, with the names that there are."""
    lab.snapshot("one")
    with pytest.raises(TaskRouterError, match=r"'one' already.*replace=True"):
        lab.snapshot("one")
    assert lab.snapshot("one", replace=True).name == "one"
    with pytest.raises(TaskRouterError, match=r"no snapshot 'two'\. There are: 'one'\."):
        lab.restore("two")
    with pytest.raises(TaskRouterError, match="is no name of a snapshot"):
        lab.snapshot("../one")
    with pytest.raises(TaskRouterError, match=r"'before reset' names what a reset or a restore takes away; choose"):
        lab.snapshot("before reset", replace=True)


def test_a_real_account_has_no_snapshots() -> None:
    """Nothing is asked of it; the sentence says what has."""

    class Account(Lab):
        def __init__(self) -> None:
            """Nothing is started."""
            nothing: Any = None
            self._controls = SandboxControls(None, sandbox=False)
            watch = WorkspaceWatch(nothing, nothing, self._controls, live=nothing, show_status=nothing, tell=nothing)
            self._parts = SimpleNamespace(watch=watch)  # type: ignore[assignment]

    for use in (lambda a: a.snapshot("x"), lambda a: a.restore("x"), lambda a: a.reset(), lambda a: a.snapshots()):
        with pytest.raises(LabError, match="takes a sandbox"):
            use(Account())


def test_the_remedy_brings_a_killed_sandbox_back(lab: Lab) -> None:
    """The status is red and offers it; afterwards all is green, the Task is there, and callbacks come."""
    task = lab.create_task(ES)
    kill(lab)
    [line] = [line for line in lab._status_lines() if line["key"] == "taskrouter"]
    assert (line["light"], line["remedy"], line["action"]) == ("red", "Start it again", RESTART)
    lab._remedy(RESTART)
    assert lights(lab) == {"green"}
    assert open_tasks(lab) == [task.sid]
    assert labkit.start() is lab
    works(lab)


class Stranger(BaseHTTPRequestHandler):
    """A server that knows nothing of TaskRouter, and says so."""

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""


def test_a_killed_sandbox_may_come_back_at_another_port(lab: Lab) -> None:
    """Its port went on to somebody else meanwhile; the same lab follows it there."""
    task = lab.create_task(ES)
    kill(lab)
    before = lab.taskrouter_url
    with ThreadingHTTPServer(("127.0.0.1", urlsplit(before).port or 0), Stranger) as taken:
        threading.Thread(target=taken.serve_forever, daemon=True).start()
        lab._remedy(RESTART)
        taken.shutdown()
        assert lab.taskrouter_url != before
        assert lights(lab) == {"green"}
        assert open_tasks(lab) == [task.sid]
        works(lab)


def test_a_damaged_state_is_set_aside_and_said(lab: Lab, home: Path) -> None:
    """The next start begins anew, the status says so with the name of the file, and snapshots are still there."""
    task = lab.create_task(ES)
    lab.snapshot("kept")
    kill(lab)
    state = process.state_file(home)
    damaged = b"no database at all" * 100
    state.with_name("sandbox.sqlite-wal").unlink()
    state.write_bytes(damaged)
    again = labkit.start()
    [line] = [line for line in again._status_lines() if line["key"] == "taskrouter"]
    assert line["light"] == "amber"
    assert "was set aside as" in line["detail"]
    assert again.stream.entries(kind=Kind.NOTICE)[0].data["text"] in again.notices
    [aside] = home.glob("sandbox-damaged-*.sqlite")
    assert aside.read_bytes() == damaged
    assert str(aside) in line["detail"]
    again.restore("kept")
    assert open_tasks(again) == [task.sid]
    works(again)
