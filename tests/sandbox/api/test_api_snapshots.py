"""Snapshots over HTTP: kept, listed, gone back to, and begun anew; what stays the sandbox's and what comes back."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sandbox.call_centre import CallCentre, build
from sandbox.callback_target import Answer, Target
from sandbox.conftest import Ask
from sandbox.local import PATIENCE_SECONDS, LocalSandbox, local_sandbox
from twilio.rest import Client

from labkit.sandbox.service import Service
from labkit.sandbox.store import Snapshots, SqliteStore, StoreError, state_files
from labkit.sandbox.store.snapshots import MOST_AUTOMATIC

DATED = re.compile(r"(before reset|before restore) \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d(-2)?")
"""The name of what a reset or a restore took away."""


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[LocalSandbox]:
    """A sandbox on a file, with a place for snapshots."""
    with (
        closing(SqliteStore(tmp_path / "state.sqlite")) as store,
        local_sandbox(store, kept=Snapshots(tmp_path / "snapshots", state=tmp_path / "state.sqlite")) as running,
    ):
        yield running


def keep(ask: Ask, name: str, **fields: str) -> Any:
    return ask("POST", "/_sandbox/snapshots", {"Name": name, **fields})


def restore(ask: Ask, name: str) -> Any:
    return ask("POST", f"/_sandbox/snapshots/{name}/restore")


def names(ask: Ask) -> list[str]:
    return [each["name"] for each in ask("GET", "/_sandbox/snapshots").json["snapshots"]]


def tasks(centre: CallCentre) -> list[str]:
    return [task.sid for task in centre.workspace.tasks.list()]


def test_going_back(ask: Ask, centre: CallCentre) -> None:
    """Tasks, Workers and events are as they were, over the same client at the same address."""
    first = centre.add_task()
    events = len(centre.workspace.events.list())
    kept = keep(ask, "then")
    centre.add_task()
    centre.switch(centre.alice_sid, "Available")
    answer = restore(ask, "then")
    assert (kept.status, answer.status) == (201, 200)
    assert answer.json == {"restored": kept.json, "undo": names(ask)[-1]}
    assert DATED.fullmatch(answer.json["undo"])
    assert tasks(centre) == [first.sid]
    assert centre.workspace.workers(centre.alice_sid).fetch().activity_name == "Offline"
    assert len(centre.workspace.events.list()) == events


def test_routing_goes_on(ask: Ask, centre: CallCentre) -> None:
    """What was restored is alive: a Worker who comes gets the Task that waits there."""
    task = centre.add_task()
    keep(ask, "then")
    centre.workspace.tasks(task.sid).delete()
    restore(ask, "then")
    centre.switch(centre.alice_sid, "Available")
    assert centre.task_status(task.sid) == "reserved"


def test_the_way_forward_is_kept(ask: Ask, centre: CallCentre) -> None:
    """Whoever went back by mistake goes forward again; so does one who began anew."""
    keep(ask, "then")
    later = centre.add_task()
    restore(ask, "then")
    restore(ask, "before%20restore")
    assert tasks(centre) == [later.sid]
    undo = ask("POST", "/_sandbox/reset").json["undo"]
    assert DATED.fullmatch(undo)
    assert undo == names(ask)[-1]
    assert ask("GET", f"/v1/Workspaces/{centre.sid}").status == 404
    restore(ask, "before%20reset")
    assert tasks(centre) == [later.sid]


def test_every_way_back_is_kept(ask: Ask, centre: CallCentre) -> None:
    """Who resets twice by mistake goes back to what was before the first; the short name is the newest."""
    task = centre.add_task()
    first, second = (ask("POST", "/_sandbox/reset").json["undo"] for _ in range(2))
    assert first != second
    shown = restore(ask, "before%20reset").json["restored"]
    assert shown["name"] == second
    assert ask("GET", f"/v1/Workspaces/{centre.sid}").status == 404
    restore(ask, quote(first))
    assert tasks(centre) == [task.sid]


def test_the_oldest_way_back_can_be_gone_to(ask: Ask, centre: CallCentre) -> None:
    """It is one too many once it is restored, and goes then."""
    task = centre.add_task()
    oldest, *others = (ask("POST", "/_sandbox/reset").json["undo"] for _ in range(MOST_AUTOMATIC))
    undo = restore(ask, quote(oldest)).json["undo"]
    assert tasks(centre) == [task.sid]
    assert names(ask) == [*others, undo]


@pytest.mark.parametrize("name", ["before reset", "Before Restore", "before restore 2026-11-26 14.03.07"])
def test_what_was_taken_away_is_not_named_by_people(ask: Ask, name: str) -> None:
    """It would be removed one day, or stand in the way of what that name means; also where it may be replaced."""
    ask("POST", "/_sandbox/reset")
    before = names(ask)
    refused = keep(ask, name, Replace="true")
    assert (refused.status, refused.json["code"]) == (400, 20001)
    assert f"{name!r} names what a reset or a restore takes away" in refused.json["message"]
    assert names(ask) == before


def test_a_reset_leaves_nothing_but_the_account_and_the_snapshots(ask: Ask, client: Client, centre: CallCentre) -> None:
    """The same client makes the next Workspace, and its events have no past."""
    keep(ask, "then")
    ask("POST", "/_sandbox/reset")
    assert client.taskrouter.v1.workspaces.list() == []
    anew = build(client)
    assert {event.event_type for event in anew.workspace.events.list()} & {"task.created"} == set()
    assert [DATED.sub(r"\1 …", name) for name in names(ask)] == ["then", "before reset …"]


def test_a_name_that_is_taken_is_refused_unless_it_may_be_replaced(ask: Ask, centre: CallCentre) -> None:
    """A cell that is run twice does not lose what it kept the first time."""
    keep(ask, "then")
    task = centre.add_task()
    refused = keep(ask, "then")
    assert (refused.status, refused.json["code"]) == (409, 20409)
    assert "'then' already" in refused.json["message"]
    restore(ask, "then")
    assert tasks(centre) == []
    restore(ask, "before%20restore")
    assert keep(ask, "then", Replace="true").status == 201
    assert tasks(centre) == [task.sid]
    restore(ask, "then")
    assert tasks(centre) == [task.sid]


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 65, "a\x00"])
def test_what_is_no_name_is_refused(ask: Ask, name: str, tmp_path: Path) -> None:
    """With the parameter's name, and no file is made."""
    answer = keep(ask, name)
    assert answer.status == 400
    assert "Name" in answer.json["message"]
    assert not (tmp_path / "snapshots").exists()


@pytest.mark.parametrize("name", ["never%20made", "..%2Fstate", "%2e%2e", "%00"])
def test_one_that_is_not_there_is_not_found_or_refused(ask: Ask, centre: CallCentre, name: str) -> None:
    """And nothing has changed: there is no snapshot of what was before, for nothing was taken away."""
    assert restore(ask, name).status in (400, 404)
    assert ask("GET", f"/v1/Workspaces/{centre.sid}").status == 200
    assert names(ask) == []


def test_a_stranger_may_not(ask: Ask) -> None:
    """As everywhere else."""
    for method, path in (
        ("GET", "/_sandbox/snapshots"),
        ("POST", "/_sandbox/snapshots"),
        ("POST", "/_sandbox/snapshots/then/restore"),
        ("POST", "/_sandbox/reset"),
    ):
        assert ask(method, path, {"Name": "x"}, credentials=None).status == 401


def test_what_fell_due_meanwhile_falls_due(ask: Ask, sandbox: LocalSandbox, centre: CallCentre) -> None:
    """Time went on while the snapshot lay there, as it does over a restart; each event has its own deadline's time."""
    task, reservation = centre.reserved_task()
    keep(ask, "then")
    centre.workspace.tasks(task.sid).reservations(reservation.sid).update(reservation_status="accepted")
    sandbox.advance(61)
    restore(ask, "then")
    sandbox.advance(0)
    [timed_out] = centre.workspace.events.list(event_type="reservation.timeout", minutes=10)
    assert (timed_out.resource_sid, timed_out.event_date) == (
        reservation.sid,
        timed_out.event_date,
    )
    assert (timed_out.event_date - reservation.date_created).total_seconds() == 60


def test_callbacks_of_what_is_no_more_come_to_nothing(
    ask: Ask, sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """One that is under way is cut off, and its answer cannot touch the state that was restored."""
    target.answers["/assign"] = Answer(b'{"instruction": "accept"}', hold=True)
    centre.set_callback(target.url("/assign"))
    keep(ask, "then")
    centre.reserved_task()
    target.wait_for("/assign")
    restore(ask, "then")
    target.release()
    sandbox.settle()
    assert tasks(centre) == []
    assert centre.workspace.events.list(event_type="reservation.accepted") == []


def test_a_callback_that_was_under_way_then_is_called_again(
    ask: Ask, sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """The snapshot was made while the URL was silent; whoever goes back to it has the callback called."""
    target.answers["/assign"] = [Answer(hold=True), Answer(b'{"instruction": "accept"}')]
    centre.set_callback(target.url("/assign"))
    task, _ = centre.reserved_task()
    target.wait_for("/assign")
    keep(ask, "then")
    restore(ask, "then")
    first, second = target.wait_for("/assign", count=2)
    sandbox.settle()
    assert first.form["ReservationSid"] == second.form["ReservationSid"]
    assert centre.task_status(task.sid) == "assigned"


@pytest.mark.parametrize("step", ["copier", "replace_with", "load", "settle"])
def test_when_there_is_no_room_nothing_changes(
    ask: Ask, centre: CallCentre, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 503 with Twilio's body says why; the state is what it was, and the snapshots too."""
    keep(ask, "then")
    task = centre.add_task()

    def full(*_: Any, **__: Any) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(SqliteStore, step, full)
    makes_one = step == "copier"
    for answer in (keep(ask, "now"),) if makes_one else (restore(ask, "then"), ask("POST", "/_sandbox/reset")):
        assert (answer.status, answer.json["code"]) == (503, 20503)
        assert "the disk is full" in answer.json["message"]
    monkeypatch.undo()
    assert tasks(centre) == [task.sid]
    assert names(ask) == ["then"]


@pytest.mark.parametrize("step", ["give_another_name", "move"])
def test_an_exchange_that_fails_goes_back(
    ask: Ask, centre: CallCentre, step: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The state's file was closed for it already; it is opened again, and nothing is left of the attempt."""
    keep(ask, "then")
    task = centre.add_task()

    def refuse(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(state_files, step, refuse)
    answer = restore(ask, "then")
    assert (answer.status, answer.json["code"]) == (503, 20503)
    assert "No space left on device" in answer.json["message"]
    monkeypatch.undo()
    later = centre.add_task()
    assert tasks(centre) == [task.sid, later.sid]
    assert [path.name for path in (tmp_path / "snapshots").iterdir()] == ["snapshot-then.sqlite"]
    assert restore(ask, "then").status == 200
    assert tasks(centre) == []


@pytest.mark.parametrize("there_are_links", [True, False], ids=["with links", "without links"])
def test_a_file_system_may_have_no_links(
    ask: Ask, centre: CallCentre, there_are_links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file that leaves is then copied."""
    if not there_are_links:
        monkeypatch.setattr("os.link", refuse_links)
    keep(ask, "then")
    task = centre.add_task()
    undo = restore(ask, "then").json["undo"]
    assert tasks(centre) == []
    restore(ask, quote(undo))
    assert tasks(centre) == [task.sid]


def refuse_links(*_: Any) -> None:
    raise OSError(1, "Operation not permitted")


def test_what_was_taken_away_is_a_snapshot_later_at_the_latest(
    ask: Ask, centre: CallCentre, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The exchange is done; that its former state cannot be written yet is no failure of it."""
    keep(ask, "then")
    task = centre.add_task()

    def full(*_: Any) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(Snapshots, "keep_leaving", full)
    answer = restore(ask, "then")
    assert (answer.status, tasks(centre), names(ask)) == (200, [], ["then"])
    monkeypatch.undo()
    snapshots = Snapshots(tmp_path / "snapshots", state=tmp_path / "state.sqlite")
    assert names(ask) == ["then", answer.json["undo"]]
    with snapshots.opened(answer.json["undo"], owner=None) as copy:
        assert task.sid in {record.sid for record in copy.load()}


class Held:
    """Lets a function that a thread calls wait until the test says go."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.begun, self.go = threading.Event(), threading.Event()

    def method(self) -> Callable[..., Any]:
        """In the place of a method."""

        def wait(*args: Any) -> Any:
            self.begun.set()
            assert self.go.wait(PATIENCE_SECONDS)
            return self._function(*args)

        return wait


@contextmanager
def held_up(work: Callable[[], Any], held: Held) -> Iterator[Future[Any]]:
    """Do the work in a thread until it waits; afterwards it goes on to its end."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        try:
            assert held.begun.wait(PATIENCE_SECONDS)
            yield future
            assert not future.done()
        finally:
            held.go.set()
        future.result(PATIENCE_SECONDS)


def test_others_are_served_while_another_state_is_loaded(
    ask: Ask, centre: CallCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From what there is; what they write then is in what is taken away."""
    keep(ask, "then")
    held = Held(Service.load)
    monkeypatch.setattr(Service, "load", held.method())
    with held_up(lambda: restore(ask, "then"), held) as answer:
        meanwhile = [centre.add_task().sid for _ in range(3)]
        ask("POST", "/_sandbox/keys")
        assert tasks(centre) == meanwhile
    assert tasks(centre) == []
    restore(ask, quote(answer.result().json["undo"]))
    assert tasks(centre) == meanwhile


def test_others_are_served_while_a_snapshot_is_written(
    ask: Ask, centre: CallCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has what was there when it was asked for."""
    first = centre.add_task()
    held = Held(Snapshots.keep)
    monkeypatch.setattr(Snapshots, "keep", held.method())
    with held_up(lambda: keep(ask, "then"), held):
        later = centre.add_task()
        assert tasks(centre) == [first.sid, later.sid]
    restore(ask, "then")
    assert tasks(centre) == [first.sid]


def test_a_damaged_snapshot_changes_nothing(ask: Ask, centre: CallCentre, tmp_path: Path) -> None:
    """It is named, and what there is stays."""
    keep(ask, "then")
    task = centre.add_task()
    (tmp_path / "snapshots" / "snapshot-then.sqlite").write_bytes(b"no database at all" * 100)
    answer = restore(ask, "then")
    assert answer.status == 503
    assert "is damaged" in answer.json["message"]
    assert tasks(centre) == [task.sid]
