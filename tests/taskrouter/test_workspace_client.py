"""The Desk against recorded answers: what it asks for, what it makes of the answers, what it says when refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from taskrouter.recorded import WORKSPACE, Recorded, page, sid

from labkit.errors import AttributesError, TaskRouterError
from labkit.taskrouter.workspace_client import WorkspaceClient

TASK, RESERVATION, WORKER, WORKFLOW = sid("WT", 1), sid("WR", 1), sid("WK", 1), sid("WW", 1)
HERE = f"/Workspaces/{WORKSPACE}"


def task(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A Task as TaskRouter writes it."""
    return {
        "sid": sid("WT", number),
        "attributes": '{"selected_language": "es"}',
        "assignment_status": "reserved",
        "task_queue_friendly_name": "Spanish",
        "workflow_friendly_name": "Incoming",
        "task_channel_unique_name": "default",
        "priority": 3,
        "age": 7,
        "date_created": "2026-11-22T08:00:00Z",
        **fields,
    }


def reservation(number: int, status: str, task_number: int = 1) -> dict[str, Any]:
    """A Reservation as TaskRouter writes it."""
    return {
        "sid": sid("WR", number),
        "reservation_status": status,
        "task_sid": sid("WT", task_number),
        "worker_sid": WORKER,
        "worker_name": "Alice",
        "date_created": "2026-11-22T08:00:01Z",
    }


@pytest.fixture
def desk(client: Any) -> WorkspaceClient:
    """A Desk in the recorded Workspace."""
    return WorkspaceClient(client, WORKSPACE)


@pytest.fixture
def staffed(recorded: Recorded) -> Recorded:
    """Recorded answers with two Activities and one Worker."""
    names = {"Offline": False, "Available": True}
    activities = [
        {"sid": sid("WA", n), "friendly_name": name, "available": names[name]} for n, name in enumerate(names)
    ]
    worker = {
        "sid": WORKER,
        "friendly_name": "Alice",
        "activity_name": "Offline",
        "activity_sid": sid("WA", 0),
        "available": False,
        "attributes": '{"languages": ["en", "es"]}',
        "date_status_changed": "2026-11-22T07:59:00Z",
    }
    recorded.on("GET", f"{HERE}/Activities", page("activities", activities))
    recorded.on("GET", f"{HERE}/Workers", page("workers", [worker]))
    recorded.on("POST", f"{HERE}/Workers/{WORKER}", worker)
    recorded.on("GET", f"{HERE}/Workers/{WORKER}", worker)
    return recorded


def test_a_worker_is_read_with_attributes_and_an_aware_time(desk: WorkspaceClient, staffed: Recorded) -> None:
    """JSON texts become dicts and times become aware UTC datetimes."""
    (alice,) = desk.workers()
    assert alice.attributes == {"languages": ["en", "es"]}
    assert alice.date_status_changed == datetime(2026, 11, 22, 7, 59, tzinfo=UTC)
    assert (alice.name, alice.activity_name, alice.available) == ("Alice", "Offline", False)


@pytest.mark.parametrize("wanted", ["alice", WORKER])
def test_one_worker_is_fetched_by_name_or_sid(desk: WorkspaceClient, staffed: Recorded, wanted: str) -> None:
    """What is read is the Worker itself, not the list in which its name was found."""
    assert desk.worker(wanted).name == "Alice"
    assert staffed.requests[-1].path == f"{HERE}/Workers/{WORKER}"


def test_a_list_follows_next_pages(desk: WorkspaceClient, recorded: Recorded) -> None:
    """All pages are read, not only the first."""
    rows = [{"sid": sid("WQ", n), "friendly_name": f"queue {n}"} for n in range(3)]
    url = f"https://taskrouter.twilio.com/v1{HERE}/TaskQueuesNext?Page=1"
    recorded.on("GET", f"{HERE}/TaskQueues", page("task_queues", rows[:2], next_page_url=url))
    recorded.on("GET", f"{HERE}/TaskQueuesNext", page("task_queues", rows[2:]))
    assert [each.name for each in desk.task_queues()] == ["queue 0", "queue 1", "queue 2"]


def test_task_channels_go_by_their_unique_name(desk: WorkspaceClient, recorded: Recorded) -> None:
    """A TaskChannel's name is the one a Task is created with."""
    row = {"sid": sid("TC", 1), "unique_name": "chat", "friendly_name": "Programmable Chat"}
    recorded.on("GET", f"{HERE}/TaskChannels", page("channels", [row]))
    assert [each.name for each in desk.task_channels()] == ["chat"]


def test_creating_a_task_sends_only_what_was_given(desk: WorkspaceClient, recorded: Recorded) -> None:
    """Defaults are TaskRouter's: nothing is sent for what was left out."""
    recorded.on_create(f"{HERE}/Tasks", lambda _: task())
    made = desk.create_task({"selected_language": "es"})
    assert recorded.requests[-1].form == {"Attributes": '{"selected_language": "es"}'}
    assert (made.sid, made.attributes, made.priority, made.age) == (TASK, {"selected_language": "es"}, 3, 7)


def test_creating_a_task_takes_a_workflow_by_name(desk: WorkspaceClient, recorded: Recorded) -> None:
    """The Workflow's name is looked up, and priority 0 is sent although it is false."""
    recorded.on("GET", f"{HERE}/Workflows", page("workflows", [{"sid": WORKFLOW, "friendly_name": "Incoming"}]))
    recorded.on_create(f"{HERE}/Tasks", lambda _: task())
    desk.create_task("{}", workflow="incoming", priority=0, timeout=60, task_channel="chat")
    form = {"Attributes": "{}", "WorkflowSid": WORKFLOW, "Priority": 0, "Timeout": 60, "TaskChannel": "chat"}
    assert recorded.requests[-1].form == form


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [('{"a": }', 1, 7), ('{\n  "a" 1\n}', 2, 7), ("{'a': 1}", 1, 2), ("[1]", None, None), ('"es"', None, None)],
)
def test_attributes_that_are_no_object_are_not_sent(
    desk: WorkspaceClient, recorded: Recorded, text: str, line: int | None, column: int | None
) -> None:
    """The error carries the place in the JSON, and TaskRouter hears nothing."""
    with pytest.raises(AttributesError) as caught:
        desk.create_task(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert line is None or f"line {line}, column {column}" in str(caught.value)
    assert recorded.requests == []


@pytest.mark.parametrize("attributes", [{"a": float("nan")}, {"a": {1, 2}}, '{"a": NaN}'])
def test_attributes_json_has_no_form_for_are_not_sent(
    desk: WorkspaceClient, recorded: Recorded, attributes: Any
) -> None:
    """NaN and sets would reach TaskRouter as something that is not JSON."""
    with pytest.raises(AttributesError, match="nothing was sent"):
        desk.create_task(attributes)
    assert recorded.requests == []


def test_open_reservations_are_those_that_still_hold_a_worker(desk: WorkspaceClient, recorded: Recorded) -> None:
    """Pending, accepted and wrapping count; a Task removed in between is passed over."""
    recorded.on("GET", f"{HERE}/Tasks", page("tasks", [task(1), task(2), task(3)]))
    recorded.on("GET", f"{HERE}/Events", page("events", []))
    ended, held = reservation(1, "rejected"), reservation(2, "pending")
    recorded.on("GET", f"{HERE}/Tasks/{sid('WT', 1)}/Reservations", page("reservations", [ended, held]))
    wrapping = reservation(3, "wrapping", 2)
    recorded.on("GET", f"{HERE}/Tasks/{sid('WT', 2)}/Reservations", page("reservations", [wrapping]))
    recorded.on("GET", f"{HERE}/Tasks/{sid('WT', 3)}/Reservations", {"code": 20404, "status": 404}, status=404)
    assert [each.sid for each in desk.open_reservations()] == [sid("WR", 2), sid("WR", 3)]
    assert recorded.requests[0].params["AssignmentStatus"] == ["pending", "reserved", "assigned", "wrapping"]


@pytest.mark.parametrize(
    ("act", "status"),
    [(WorkspaceClient.accept, "accepted"), (WorkspaceClient.reject, "rejected"), (WorkspaceClient.wrap_up, "wrapping")],
)
def test_a_reservation_is_updated_through_its_task(
    desk: WorkspaceClient, recorded: Recorded, act: Any, status: str
) -> None:
    """Each verb sends its one ReservationStatus."""
    recorded.on("POST", f"{HERE}/Tasks/{TASK}/Reservations/{RESERVATION}", reservation(1, status))
    act(desk, TASK, RESERVATION)
    assert recorded.requests[-1].form == {"ReservationStatus": status}


def test_rejecting_may_move_the_worker(desk: WorkspaceClient, staffed: Recorded) -> None:
    """The Activity is looked up by name and sent along."""
    staffed.on("POST", f"{HERE}/Tasks/{TASK}/Reservations/{RESERVATION}", reservation(1, "rejected"))
    desk.reject(TASK, RESERVATION, activity="Offline")
    assert staffed.requests[-1].form == {"ReservationStatus": "rejected", "WorkerActivitySid": sid("WA", 0)}


@pytest.mark.parametrize(
    ("act", "status"), [(WorkspaceClient.complete, "completed"), (WorkspaceClient.cancel, "canceled")]
)
def test_a_task_ends_with_its_reason(desk: WorkspaceClient, recorded: Recorded, act: Any, status: str) -> None:
    """Status and reason go in one request."""
    recorded.on("POST", f"{HERE}/Tasks/{TASK}", task(assignment_status=status))
    act(desk, TASK, reason="all done")
    assert recorded.requests[-1].form == {"AssignmentStatus": status, "Reason": "all done"}


def test_an_activity_is_set_by_names(desk: WorkspaceClient, staffed: Recorded) -> None:
    """Letter case does not matter, as with TaskRouter's own Worker names."""
    desk.set_activity("alice", "available")
    assert staffed.requests[-1].form == {"ActivitySid": sid("WA", 1)}


def test_an_activity_is_set_by_sids_in_one_request(desk: WorkspaceClient, staffed: Recorded) -> None:
    """SIDs need no look-up."""
    desk.set_activity(WORKER, sid("WA", 1))
    assert [each.method for each in staffed.requests] == ["POST"]


@pytest.mark.parametrize(
    ("worker", "activity", "known"), [("Carol", "Available", "'Alice'"), ("Alice", "Idle", "'Offline', 'Available'")]
)
def test_an_unknown_name_lists_the_known_ones(
    desk: WorkspaceClient, staffed: Recorded, worker: str, activity: str, known: str
) -> None:
    """The message names what is there, and nothing is changed."""
    with pytest.raises(TaskRouterError, match=f"Known: {known}"):
        desk.set_activity(worker, activity)
    assert all(each.method == "GET" for each in staffed.requests)


def test_events_come_oldest_first_to_the_millisecond(desk: WorkspaceClient, recorded: Recorded) -> None:
    """TaskRouter lists newest first; two events of one millisecond keep their order."""
    start = datetime(2026, 11, 22, 8, tzinfo=UTC)
    rows = [
        {
            "sid": sid("EV", n),
            "event_type": kind,
            "event_date": "2026-11-22T08:00:00Z",
            "event_date_ms": int(start.timestamp() * 1000) + ms,
            "description": "",
            "event_data": data,
            "resource_type": "task",
            "resource_sid": TASK,
        }
        for n, kind, ms, data in [
            (3, "reservation.created", 12, {"reservation_sid": RESERVATION, "worker_sid": WORKER}),
            (2, "task-queue.entered", 5, {}),
            (1, "task.created", 5, {"task_sid": TASK}),
        ]
    ]
    recorded.on("GET", f"{HERE}/Events", page("events", rows))
    events = desk.events()
    assert [each.event_type for each in events] == ["task.created", "task-queue.entered", "reservation.created"]
    assert {each.task_sid for each in events} == {TASK}
    assert (events[2].happened(start) - start, events[2].reservation_sid) == (timedelta(milliseconds=12), RESERVATION)


def test_events_since_a_moment_elsewhere_are_asked_for_in_utc(desk: WorkspaceClient, recorded: Recorded) -> None:
    """The SDK would write a foreign zone's digits and call them UTC."""
    recorded.on("GET", f"{HERE}/Events", page("events", []))
    desk.events(since=datetime(2026, 11, 22, 10, tzinfo=timezone(timedelta(hours=2))))
    assert recorded.requests[-1].params["StartDate"] == "2026-11-22T08:00:00Z"


def test_callbacks_are_read_and_set(desk: WorkspaceClient, recorded: Recorded) -> None:
    """One URL lives on the Workflow, the other on the Workspace; none is an empty text."""
    recorded.on("GET", f"{HERE}/Workflows/{WORKFLOW}", {"sid": WORKFLOW, "assignment_callback_url": "http://a/x"})
    recorded.on("GET", HERE, {"sid": WORKSPACE, "event_callback_url": None})
    assert desk.callbacks(WORKFLOW) == ("http://a/x", "")
    recorded.on("POST", f"{HERE}/Workflows/{WORKFLOW}", {"sid": WORKFLOW})
    recorded.on("POST", HERE, {"sid": WORKSPACE})
    desk.set_callbacks(WORKFLOW, assignment_url="http://b/x", event_url="http://b/y")
    forms = [each.form for each in recorded.requests[-2:]]
    assert forms == [{"AssignmentCallbackUrl": "http://b/x"}, {"EventCallbackUrl": "http://b/y"}]


def test_the_configuration_of_a_workflow_is_the_text_that_it_was_given(
    desk: WorkspaceClient, recorded: Recorded
) -> None:
    """Whoever wants to draw it parses it as TaskRouter does."""
    recorded.on("GET", f"{HERE}/Workflows/{WORKFLOW}", {"sid": WORKFLOW, "configuration": '{"task_routing": {}}'})
    assert desk.workflow_configuration(WORKFLOW) == '{"task_routing": {}}'


def test_the_reservation_timeout_is_in_seconds(desk: WorkspaceClient, recorded: Recorded) -> None:
    """The Workflow says how long a Worker may think."""
    recorded.on("GET", f"{HERE}/Workflows/{WORKFLOW}", {"sid": WORKFLOW, "task_reservation_timeout": 1200})
    assert desk.reservation_timeout(WORKFLOW) == 1200


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        ((401, 20003, "Authenticate"), "Check the Account SID and Auth Token"),
        ((404, 20404, f"The requested resource {HERE}/Tasks/{TASK} was not found"), "removed 5 minutes after its end"),
        ((400, 20001, "Cannot complete task because it is not currently assigned."), "cancel one that still waits"),
        ((400, 20001, "Cannot cancel task because it is not pending or reserved."), "complete one that is assigned"),
        ((410, 20410, "Gone"), "Another Worker accepted"),
        ((429, 20429, "Too many requests"), "wait a moment"),
    ],
)
def test_a_refusal_says_what_was_asked_answered_and_can_be_done(
    desk: WorkspaceClient, recorded: Recorded, answer: tuple[int, int, str], remedy: str
) -> None:
    """TaskRouter's own words stand in the sentence, with status and code at hand."""
    status, code, words = answer
    recorded.on("POST", f"{HERE}/Tasks/{TASK}", {"code": code, "message": words, "status": status}, status=status)
    with pytest.raises(TaskRouterError) as caught:
        desk.complete(TASK)
    sentence = str(caught.value)
    assert f"complete Task {TASK}" in sentence
    assert f'"{words.rstrip(".")}". ' in sentence
    assert remedy in sentence
    assert (caught.value.status, caught.value.code) == (status, code)


def test_a_refused_list_is_as_clear_as_any_other(desk: WorkspaceClient, recorded: Recorded) -> None:
    """The SDK raises the bare answer for a list; its words, status and code are read all the same."""
    recorded.on("GET", f"{HERE}/Workers", {"code": 20003, "message": "Authenticate", "status": 401}, status=401)
    with pytest.raises(TaskRouterError, match=r'"Authenticate"\. Check the Account SID') as caught:
        desk.workers()
    assert (caught.value.status, caught.value.code) == (401, 20003)


def test_an_answer_that_is_not_json_is_still_a_clear_refusal(desk: WorkspaceClient, recorded: Recorded) -> None:
    """A page of HTML from something in between has no code and no words; its status is told."""
    recorded.on("GET", f"{HERE}/Tasks/{TASK}", "<html>", status=502)
    with pytest.raises(TaskRouterError, match="HTTP 502") as caught:
        desk.task(TASK)
    assert caught.value.status == 502


@pytest.mark.parametrize("failure", [requests.ConnectionError("refused"), requests.Timeout("slow")])
def test_no_answer_says_how_to_go_on(desk: WorkspaceClient, recorded: Recorded, failure: Exception) -> None:
    """Without an answer there is no status, but there is a next step."""
    recorded.on("GET", f"{HERE}/Tasks/{TASK}", failure)
    with pytest.raises(TaskRouterError, match=r"did not answer: .* run the notebook's first cell again") as caught:
        desk.task(TASK)
    assert caught.value.status is None


def test_a_message_never_holds_the_token(desk: WorkspaceClient, recorded: Recorded) -> None:
    """Not in the sentence, and not in what it came from."""
    recorded.on("GET", f"{HERE}/Tasks/{TASK}", {"code": 20003, "message": "Authenticate", "status": 401}, status=401)
    with pytest.raises(TaskRouterError) as caught:
        desk.task(TASK)
    assert "made-up token" not in f"{caught.value!r}{caught.value.__cause__!r}{json.dumps(vars(caught.value))}"


def worker_channel(name: str, capacity: int) -> dict[str, Any]:
    """A WorkerChannel as TaskRouter writes it."""
    return {
        "sid": sid("WC", 1),
        "task_channel_unique_name": name,
        "configured_capacity": capacity,
        "assigned_tasks": 1,
        "available": True,
    }


def test_a_worker_is_created_with_what_was_given(desk: WorkspaceClient, staffed: Recorded) -> None:
    """Attributes travel as JSON text, the Activity by its SID; nothing is sent for what was left out."""
    made = {"sid": sid("WK", 2), "friendly_name": "Carol", "attributes": '{"languages": ["fr"]}', "available": True}
    staffed.on_create(f"{HERE}/Workers", lambda _: made)
    carol = desk.create_worker("Carol", attributes={"languages": ["fr"]}, activity="available")
    assert (carol.name, carol.attributes, carol.available) == ("Carol", {"languages": ["fr"]}, True)
    form = {"FriendlyName": "Carol", "Attributes": '{"languages": ["fr"]}', "ActivitySid": sid("WA", 1)}
    assert staffed.requests[-1].form == form
    desk.create_worker("Dave")
    assert staffed.requests[-1].form == {"FriendlyName": "Dave"}


def test_a_worker_is_changed_by_name(desk: WorkspaceClient, staffed: Recorded) -> None:
    """Only what is given is sent: TaskRouter replaces attributes as a whole."""
    desk.update_worker("alice", name="Alicia")
    assert staffed.requests[-1].form == {"FriendlyName": "Alicia"}
    desk.update_worker(WORKER, attributes={})
    assert staffed.requests[-1].form == {"Attributes": "{}"}


@pytest.mark.parametrize("act", [WorkspaceClient.create_worker, WorkspaceClient.update_worker])
def test_a_worker_s_attributes_are_checked_first(desk: WorkspaceClient, recorded: Recorded, act: Any) -> None:
    """As with Tasks: what is not JSON is not sent, and the place is told."""
    with pytest.raises(AttributesError, match="line 1, column 7"):
        act(desk, WORKER, attributes='{"a": }')
    assert recorded.requests == []


def test_a_worker_is_deleted(desk: WorkspaceClient, recorded: Recorded) -> None:
    """One request, no answer's body to read."""
    recorded.answers.insert(0, ("DELETE", f"{HERE}/Workers/{WORKER}", lambda _: (204, None)))
    desk.delete_worker(WORKER)
    assert [each.method for each in recorded.requests] == ["DELETE"]


def test_capacities_are_read_and_set_by_channel_name(desk: WorkspaceClient, recorded: Recorded) -> None:
    """TaskRouter takes the TaskChannel's unique name where a SID stands; 0 is sent although it is false."""
    rows = [worker_channel("default", 3), worker_channel("voice", 1)]
    recorded.on("GET", f"{HERE}/Workers/{WORKER}/Channels", page("channels", rows))
    channels = desk.worker_channels(WORKER)
    assert [(c.name, c.configured_capacity, c.assigned_tasks) for c in channels] == [("default", 3, 1), ("voice", 1, 1)]
    recorded.on("POST", f"{HERE}/Workers/{WORKER}/Channels/voice", worker_channel("voice", 0))
    assert desk.set_capacity(WORKER, "voice", capacity=0).configured_capacity == 0
    assert recorded.requests[-1].form == {"Capacity": 0}
