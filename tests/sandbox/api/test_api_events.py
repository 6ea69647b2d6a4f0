"""Events through the SDK (docs: /docs/taskrouter/api/event)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sandbox.call_centre import CallCentre
from sandbox.local import START, LocalSandbox
from sandbox.refused import refused

from labkit.engine.refusals import InvalidParameter
from labkit.sandbox.api import events
from labkit.sandbox.api.events import window
from labkit.sandbox.store import EventQuery, MemoryStore

Ask = Callable[..., Any]


def types(centre: CallCentre, **query: Any) -> list[str]:
    return [event.event_type for event in centre.workspace.events.list(**query)]


def test_an_event_with_all_its_fields(centre: CallCentre) -> None:
    """Fetched as it was listed; the data are texts by snake-case names."""
    task = centre.add_task(priority=3)
    (listed,) = centre.workspace.events.list(event_type="task.created")
    event = centre.workspace.events(listed.sid).fetch()
    assert (event.event_type, event.description) == ("task.created", f"Task {task.sid} created")
    assert (event.resource_type, event.resource_sid, event.resource_url) == ("task", task.sid, task.url)
    assert (event.actor_type, event.actor_sid) == ("workspace", centre.sid)
    assert event.actor_url.endswith(centre.sid)
    assert event.event_date == START
    assert int(event.event_date_ms) == int(START.timestamp() * 1000)
    assert (event.source, event.source_ip_address) == ("twilio", "127.0.0.1")
    assert event.event_data["task_priority"] == "3"
    assert event.event_data["task_ignore_capacity"] == "false"
    assert all(isinstance(value, str) for value in event.event_data.values())
    assert event.event_data == listed.event_data
    assert event.url.endswith(f"/Events/{event.sid}")


def test_the_newest_come_first(centre: CallCentre) -> None:
    """The happy path, read backwards; the same events in pages of two, read from the store as far as needed."""
    task, reservation = centre.reserved_task()
    centre.workspace.tasks(task.sid).reservations(reservation.sid).update(reservation_status="accepted")
    happy = [
        "reservation.accepted",
        "reservation.created",
        "task-queue.entered",
        "workflow.target-matched",
        "workflow.entered",
        "task.created",
    ]
    assert types(centre, task_sid=task.sid) == types(centre, task_sid=task.sid, page_size=2) == happy
    assert types(centre, limit=3) == happy[:3]


def test_a_list_reads_over_the_batches(centre: CallCentre, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few events the store gives at a time, all of them are found once."""
    whole = [event.sid for event in centre.workspace.events.list()]
    monkeypatch.setattr(events, "BATCH", 3)
    assert [event.sid for event in centre.workspace.events.list()] == whole
    assert [event.sid for event in centre.workspace.events.list(page_size=4)] == whole
    assert len(set(whole)) == len(whole) > 10


def test_a_page_reads_no_more_than_it_shows(ask: Ask, centre: CallCentre, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much comes before it or after it; what is no event of this Workspace is no token."""
    monkeypatch.setattr(events, "BATCH", 3)
    everything = [event.sid for event in centre.workspace.events.list()]
    read: list[object] = []
    find = MemoryStore.events

    def reading(self: MemoryStore, query: EventQuery, **limits: Any) -> Any:
        found = find(self, query, **limits)
        read.extend(found)
        return found

    monkeypatch.setattr(MemoryStore, "events", reading)
    path = f"/v1/Workspaces/{centre.sid}/Events?PageSize=2&Page=4&PageToken="
    later = ask("GET", f"{path}PA{everything[7]}").json
    assert [event["sid"] for event in later["events"]] == everything[8:10]
    assert len(read) == 1 + 3
    earlier = ask("GET", f"{path}PB{everything[2]}").json
    assert [event["sid"] for event in earlier["events"]] == everything[:2]
    assert len(read) == 1 + 3 + 3
    for token in (f"PAEV{'0' * 32}", f"PBEV{'0' * 32}", f"XX{everything[0]}"):
        refused = ask("GET", path + token)
        assert (refused.status, refused.json["code"]) == (400, 21481)


def test_events_are_found_by_what_they_are_about(centre: CallCentre) -> None:
    """By Task, Worker, Reservation, queue, Workflow, channel, type and SID."""
    task, reservation = centre.reserved_task()
    bob = centre.add_worker("Bob")
    assert types(centre, worker_sid=bob.sid) == ["worker.created"]
    assert types(centre, reservation_sid=reservation.sid) == ["reservation.created"]
    assert types(centre, event_type="workspace.created") == ["workspace.created"]
    assert "task-queue.created" in types(centre, task_queue_sid=centre.queue_sid)
    assert "workflow.created" in types(centre, workflow_sid=centre.workflow_sid)
    assert types(centre, task_channel="default", task_sid=task.sid) == types(centre, task_sid=task.sid)
    assert types(centre, task_channel=task.task_channel_sid)[0] == "reservation.created"
    assert types(centre, task_channel="chat", task_sid=task.sid) == []
    (one,) = centre.workspace.events.list(event_type="worker.created", worker_sid=bob.sid)
    assert types(centre, sid=one.sid) == ["worker.created"]


def test_without_dates_the_last_fifteen_minutes_count(sandbox: LocalSandbox, centre: CallCentre) -> None:
    """`Minutes` asks for more, dates for any time; what is older is still found by its SID."""
    sandbox.advance(16 * 60)
    centre.add_worker("Bob")
    assert types(centre) == ["worker.created"]
    assert "workspace.created" in types(centre, minutes=17)
    assert types(centre, minutes=1) == ["worker.created"]
    assert "workspace.created" in types(centre, start_date=START)
    before_bob = START + timedelta(minutes=15)
    assert "workspace.created" in types(centre, start_date=START, end_date=before_bob)
    assert "worker.created" not in types(centre, start_date=START + timedelta(seconds=1), end_date=before_bob)
    (old,) = centre.workspace.events.list(start_date=START, event_type="workspace.created")
    assert centre.workspace.events(old.sid).fetch().event_type == "workspace.created"


def test_another_workspaces_events_are_not_here(centre: CallCentre) -> None:
    """Neither in the list nor by SID."""
    other = centre.client.taskrouter.v1.workspaces.create(friendly_name="Other")
    context = centre.client.taskrouter.v1.workspaces(other.sid)
    (foreign,) = context.events.list(event_type="workspace.created")
    with refused(404, 20404, f"/Events/{foreign.sid} was not found"):
        centre.workspace.events(foreign.sid).fetch()


def test_the_url_of_each_kind_of_resource_leads_to_it(ask: Ask, centre: CallCentre) -> None:
    """Whatever an event is about can be fetched at its resource_url."""
    centre.reserved_task()
    found = {event.resource_type: event.resource_url for event in centre.workspace.events.list()}
    assert set(found) == {
        "workspace",
        "activity",
        "task-channel",
        "taskqueue",
        "workflow",
        "worker",
        "task",
        "reservation",
    }
    for url in found.values():
        assert ask("GET", "/v1/" + url.split("/v1/")[1]).status == 200


def test_events_are_there_for_thirty_days(sandbox: LocalSandbox, centre: CallCentre) -> None:
    """On the sandbox's clock, to the second: in the list and by SID. Older ones, attributes and all, are gone."""
    task = centre.add_task(attributes='{"language":"es"}')
    ask_for = {"task_sid": task.sid, "event_type": "task.created", "start_date": START}
    (event,) = centre.workspace.events.list(**ask_for)
    sandbox.advance(30 * 86_400)
    assert [found.sid for found in centre.workspace.events.list(**ask_for)] == [event.sid]
    assert "language" in centre.workspace.events(event.sid).fetch().event_data["task_attributes"]
    sandbox.advance(1)
    assert centre.workspace.events.list(**ask_for) == []
    with refused(404, 20404, f"/Events/{event.sid} was not found"):
        centre.workspace.events(event.sid).fetch()


def test_the_store_forgets_them_too(sandbox: LocalSandbox, centre: CallCentre) -> None:
    """With the next change after that, so the file does not grow for ever."""
    sandbox.advance(31 * 86_400)
    centre.workspace.update(friendly_name="Later")
    kept = sandbox.look(lambda: sandbox.service.store.events_after(0, since=START, limit=1000))
    assert "workspace.created" not in {stored.event.type for stored in kept}
    assert "workspace.updated" in {stored.event.type for stored in kept}


NOON = datetime(2026, 1, 1, 12, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "start", "end"),
    [
        ({}, "2026-01-01T11:45:00+00:00", None),
        ({"Minutes": "1"}, "2026-01-01T11:59:00+00:00", None),
        ({"StartDate": "2025-01-01T00:00:00Z"}, "2025-01-01T00:00:00+00:00", None),
        ({"StartDate": "2025-01-01T02:00:00+02:00", "Minutes": "5"}, "2025-01-01T00:00:00+00:00", None),
        (
            {"EndDate": "2025-06-01T00:00:00Z", "Minutes": "1"},
            "2025-05-31T23:59:00+00:00",
            "2025-06-01T00:00:00+00:00",
        ),
    ],
    ids=str,
)
def test_from_when_to_when(given: dict[str, str], start: str, end: str | None) -> None:
    """Dates win over minutes; minutes count back from the end."""
    since, until = window(NOON, given)
    assert since.isoformat() == start
    assert (until.isoformat() if until else None) == end


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"Minutes": "0"}, "Minutes"),
        ({"Minutes": "43201"}, "Minutes"),
        ({"Minutes": "soon"}, "Minutes"),
        ({"StartDate": "soon"}, "StartDate"),
        ({"EndDate": "2026-13-01"}, "EndDate"),
        ({"EndDate": "0001-01-01T00:00:00Z"}, "EndDate"),
        ({"StartDate": "0001-01-01T00:00:00+10:00"}, "StartDate"),
    ],
    ids=str,
)
def test_a_window_that_cannot_be(given: dict[str, str], name: str) -> None:
    """Refused with the parameter's name."""
    with pytest.raises(InvalidParameter, match=f"Invalid {name}"):
        window(NOON, given)
