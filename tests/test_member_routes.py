"""The table of what a member may do: what matches, what is theirs, what they may set, and what they hear of."""

from __future__ import annotations

import pytest

from labkit.engine.instruction_fields import PARAMETERS
from labkit.member_routes import (
    MEMBER_ROUTES,
    OWNERS_ALONE,
    Member,
    Rule,
    allows,
    for_member,
    is_of_colleague,
    match,
    may_hear,
    shows,
)
from labkit.vocabulary import EventType, Instruction, wire_name

WORKSPACE, OTHER_WORKSPACE = f"WS{'1' * 32}", f"WS{'2' * 32}"
ME, OTHER = f"WK{'1' * 32}", f"WK{'2' * 32}"
TASK, OTHERS_TASK = f"WT{'1' * 32}", f"WT{'2' * 32}"
RESERVATION, OTHERS_RESERVATION = f"WR{'1' * 32}", f"WR{'2' * 32}"
ALL = f"/v1/Workspaces/{WORKSPACE}"
MEMBER = Member(workspace_sid=WORKSPACE, worker_sid=ME)

ANSWERED = f"{ALL}/Tasks/{TASK}/Reservations/{RESERVATION}"
OF_WORKER = f"{ALL}/Workers/{ME}/Reservations/{RESERVATION}"


def asks(method: str, path: str, **reservations: str) -> bool | None:
    """Whether a member gets what is there; None where the path is closed. `reservations` are those of the Task."""
    found = match(method, path)
    return None if found is None else allows(found, MEMBER, reservations=reservations)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ALL),
        ("GET", f"{ALL}/Activities"),
        ("GET", f"{ALL}/Activities/WA{'0' * 32}"),
        ("GET", f"{ALL}/TaskQueues"),
        ("GET", f"{ALL}/TaskQueues/Statistics"),
        ("GET", f"{ALL}/TaskQueues/WQ{'0' * 32}/RealTimeStatistics"),
        ("GET", f"{ALL}/Workflows/WW{'0' * 32}"),
        ("GET", f"{ALL}/TaskChannels/TC{'0' * 32}"),
        ("GET", f"{ALL}/Workers"),
        ("GET", f"{ALL}/Workers/{OTHER}"),
        ("POST", f"{ALL}/Workers/{ME}"),
        ("GET", f"{ALL}/Workers/{ME}/Statistics"),
        ("GET", f"{ALL}/Workers/{ME}/Channels"),
        ("GET", f"{ALL}/Workers/{ME}/Reservations"),
        ("POST", OF_WORKER),
        ("GET", f"{ALL}/Tasks"),
        ("GET", f"{ALL}/Events"),
        ("GET", "/_sandbox/pulse"),
    ],
)
def test_what_needs_no_task_is_open(method: str, path: str) -> None:
    """The configuration, the other Workers, and all of one's own Worker."""
    assert asks(method, path) is True


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/Workspaces"),
        ("POST", "/v1/Workspaces"),
        ("POST", ALL),
        ("DELETE", ALL),
        ("POST", f"{ALL}/Activities"),
        ("POST", f"{ALL}/Tasks"),
        ("DELETE", f"{ALL}/Tasks/{TASK}"),
        ("POST", f"{ALL}/Workers"),
        ("DELETE", f"{ALL}/Workers/{ME}"),
        ("POST", f"{ALL}/Workers/{ME}/Channels/WC{'0' * 32}"),
        ("GET", f"{ALL}/Workers/Statistics"),
        ("GET", f"{ALL}/Statistics"),
        ("POST", f"{ALL}/TaskQueues/RealTimeStatistics"),
        ("GET", "/_sandbox/snapshots"),
        ("POST", "/_sandbox/clock"),
        ("POST", "/_sandbox/members"),
        ("PUT", ALL),
        ("get", ALL),
        ("HEAD", ALL),
    ],
)
def test_what_is_not_in_the_table_is_closed(method: str, path: str) -> None:
    """Nothing is open because somebody forgot to close it."""
    assert asks(method, path) is None


@pytest.mark.parametrize(
    "path",
    [
        f"{ALL}/",
        f"/{ALL}",
        ALL.replace("/v1", "/V1"),
        ALL.replace("Workspaces", "workspaces"),
        f"{ALL}/Workers/{ME}.json",
        f"{ALL}/Workers//{ME}",
        f"{ALL}/Workers/%57K{'1' * 32}",
        f"{ALL}/Workers/{ME}/../{OTHER}",
        f"{ALL}/Workers/{OTHER}/%2e%2e/{ME}",
        f"{ALL}/Workers/{ME};x=1",
        f"{ALL}/Workers/{ME}\n",
        f"{ALL}/Workers/{ME}?x=1",
        f"http://127.0.0.1{ALL}",
        f"{ALL}/./Workers",
        f"{ALL}/Workers/{ME}#there",
        f"{ALL}/Workers/{ME} ",
        "",
        "*",
    ],
)
def test_a_path_that_is_written_in_another_way_is_closed(path: str) -> None:
    """So two programs, one behind the other, never disagree on what was allowed."""
    assert match("GET", path) is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/v1/Workspaces/{OTHER_WORKSPACE}"),
        ("GET", f"/v1/Workspaces/{OTHER_WORKSPACE}/Workers"),
        ("GET", f"/v1/Workspaces/{OTHER_WORKSPACE}/Tasks"),
        ("GET", f"/v1/Workspaces/{OTHER_WORKSPACE}/Events"),
        ("POST", f"/v1/Workspaces/{OTHER_WORKSPACE}/Workers/{ME}"),
        ("POST", f"{ALL}/Workers/{OTHER}"),
        ("GET", f"{ALL}/Workers/{OTHER}/Reservations"),
        ("POST", f"{ALL}/Workers/{OTHER}/Reservations/{RESERVATION}"),
        ("GET", f"{ALL}/Workers/{OTHER}/Channels"),
        ("GET", f"{ALL}/Workers/{OTHER}/Statistics"),
        ("GET", f"{ALL}/Workers/{ME.upper().replace('1', 'A')}/Reservations"),
        ("GET", f"{ALL}/Tasks/{OTHERS_TASK}"),
        ("POST", f"{ALL}/Tasks/{OTHERS_TASK}"),
        ("GET", f"{ALL}/Tasks/{OTHERS_TASK}/Reservations"),
        ("POST", f"{ALL}/Tasks/{OTHERS_TASK}/Reservations/{RESERVATION}"),
    ],
)
def test_what_is_open_and_somebody_elses_is_not_there(method: str, path: str) -> None:
    """Of a Task that is not the member's, no Reservation is."""
    assert asks(method, path) is False


@pytest.mark.parametrize(
    ("status", "looks", "changes"),
    [
        ("pending", True, False),
        ("accepted", True, True),
        ("wrapping", True, True),
        ("completed", True, False),
        ("rejected", True, False),
        ("rescinded", True, False),
        ("timeout", True, False),
        ("canceled", True, False),
    ],
)
def test_who_lost_a_task_may_look_at_it_and_not_end_it(status: str, looks: bool, changes: bool) -> None:
    """A Task is changed by the one who has it in hand."""
    held = {RESERVATION: status}
    assert asks("GET", f"{ALL}/Tasks/{TASK}", **held) is looks
    assert asks("GET", f"{ALL}/Tasks/{TASK}/Reservations", **held) is looks
    assert asks("POST", f"{ALL}/Tasks/{TASK}", **held) is changes


def test_of_a_task_that_two_were_offered_each_answers_their_own_reservation() -> None:
    """The other's is not there."""
    assert asks("POST", ANSWERED, **{RESERVATION: "pending"}) is True
    others = f"{ALL}/Tasks/{TASK}/Reservations/{OTHERS_RESERVATION}"
    assert asks("POST", others, **{RESERVATION: "pending"}) is False
    assert asks("GET", others, **{RESERVATION: "pending"}) is False


def test_whose_reservations_are_needed_is_said() -> None:
    """Whoever serves the request looks only where there is something to look for."""
    sids = {
        path: found.task_sid for path in (ALL, f"{ALL}/Tasks", ANSWERED, OF_WORKER) if (found := match("GET", path))
    }
    assert sids == {ALL: "", f"{ALL}/Tasks": "", ANSWERED: TASK, OF_WORKER: ""}


# --- parameters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (f"{ALL}/Workers/{ME}", [("Attributes", "{}")]),
        (f"{ALL}/Workers/{ME}", [("FriendlyName", "Boss")]),
        (f"{ALL}/Workers/{ME}", [("ActivitySid", "WA1"), ("Attributes", "{}")]),
        (f"{ALL}/Workers/{ME}", [("activitysid", "WA1")]),
        (f"{ALL}/Tasks/{TASK}", [("Attributes", "{}")]),
        (f"{ALL}/Tasks/{TASK}", [("Priority", "9")]),
        (f"{ALL}/Tasks/{TASK}", [("AssignmentStatus", "canceled")]),
        (f"{ALL}/Tasks/{TASK}", [("AssignmentStatus", "completed"), ("AssignmentStatus", "Canceled")]),
        (ANSWERED, [("Instruction", "call"), ("CallTo", "+15550100")]),
        (ANSWERED, [("Instruction", "CALL")]),
        (ANSWERED, [("ReservationStatus", "accepted"), ("DequeueTo", "+15550100")]),
        (ANSWERED, [("ReservationStatus", "rescinded")]),
        (OF_WORKER, [("Instruction", "conference")]),
        (OF_WORKER, [("", "")]),
    ],
)
def test_what_may_not_be_set_is_said_in_a_sentence(path: str, form: list[tuple[str, str]]) -> None:
    """Each value of a name that was sent twice is looked at."""
    found = match("POST", path)
    assert found is not None
    assert found.closed_parameter(form).startswith("A member may not set ")


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (f"{ALL}/Workers/{ME}", [("ActivitySid", "WA1"), ("RejectPendingReservations", "true")]),
        (f"{ALL}/Tasks/{TASK}", [("AssignmentStatus", "completed"), ("Reason", "done")]),
        (f"{ALL}/Tasks/{TASK}", [("AssignmentStatus", "Wrapping")]),
        (f"{ALL}/Tasks/{TASK}", []),
        (ANSWERED, [("ReservationStatus", "accepted")]),
        (ANSWERED, [("ReservationStatus", "rejected"), ("WorkerActivitySid", "WA1")]),
        (OF_WORKER, [("Instruction", "accept")]),
        (OF_WORKER, [("ReservationStatus", "completed")]),
    ],
)
def test_what_a_worker_does_is_open(path: str, form: list[tuple[str, str]]) -> None:
    """Accept, reject, wrap up, complete, and go on a break."""
    found = match("POST", path)
    assert found is not None
    assert found.closed_parameter(form) == ""


def test_no_instruction_that_calls_somebody_is_open() -> None:
    """On an account a call costs its owner money, and a number can be anywhere."""
    found = match("POST", ANSWERED)
    assert found is not None
    calling = set(Instruction) - {Instruction.ACCEPT, Instruction.REJECT}
    assert all(found.closed_parameter([("Instruction", each)]) for each in calling)
    assert [name for name in PARAMETERS if not found.closed_parameter([(name, "x")])] == ["WorkerActivitySid"]


def test_every_change_says_what_may_be_set() -> None:
    """A route that forgot to would refuse every parameter, and one that is no change takes none."""
    assert all((route.method == "POST") == (route.params is not None) for route in MEMBER_ROUTES)
    assert {route.method for route in MEMBER_ROUTES} == {"GET", "POST"}


def test_every_rule_is_in_use() -> None:
    """Each is in the table."""
    assert {route.rule for route in MEMBER_ROUTES} == set(Rule)


# --- events ----------------------------------------------------------------------------------------------------------


def hears(**fields: str) -> bool:
    """Whether the member hears of an Event, in either way of writing it, which must come to the same."""
    asked = {"worker_sid": ME, "own_tasks": {TASK}}
    told = may_hear(fields, **asked)  # type: ignore[arg-type]
    assert told is may_hear({wire_name(name): value for name, value in fields.items()}, **asked)  # type: ignore[arg-type]
    return told


@pytest.mark.parametrize("kind", EventType)
def test_whose_event_it_is_decides(kind: EventType) -> None:
    """What is about another Worker or another Task is heard by nobody else, and the configuration by everybody."""
    of_worker = kind.startswith(("worker.", "reservation."))
    of_task = kind.startswith(("task.", "workflow.target", "task-queue.", "workflow."))
    assert hears(event_type=kind, worker_sid=OTHER, task_sid=OTHERS_TASK) is False
    assert hears(event_type=kind, worker_sid=ME, task_sid=OTHERS_TASK) is of_worker
    assert hears(event_type=kind, worker_sid=OTHER, task_sid=TASK) is not of_worker
    if of_worker:
        assert hears(event_type=kind) is False
    elif not of_task:
        assert hears(event_type=kind) is True


@pytest.mark.parametrize(
    ("kind", "heard"),
    [
        ("task-queue.created", True),
        ("task-queue.expression.updated", True),
        ("workflow.updated", True),
        ("task-queue.entered", False),
        ("workflow.entered", False),
        ("task.created", False),
        ("workflow.created.later", False),
        ("something.new", False),
        ("", False),
    ],
)
def test_an_event_about_nobody_is_heard_where_it_is_about_the_configuration(kind: str, heard: bool) -> None:
    """One of a Task that does not say which, or of a type that nobody knows yet, is not."""
    assert hears(event_type=kind) is heard


@pytest.mark.parametrize("kind", EventType)
def test_of_a_colleague_is_pushed_what_the_list_of_workers_shows(kind: EventType) -> None:
    """Who is there, in which Activity; not how much they take, and nothing that names a Task of theirs."""
    shown = kind in ("worker.created", "worker.deleted", "worker.activity.update", "worker.attributes.update")
    assert is_of_colleague({"event_type": kind, "worker_sid": OTHER}) is shown
    assert is_of_colleague({"EventType": kind, "WorkerSid": OTHER}) is shown
    assert not is_of_colleague({"event_type": kind, "worker_sid": OTHER, "task_sid": OTHERS_TASK})
    assert not is_of_colleague({"event_type": kind})


def test_nobody_hears_for_a_worker_without_a_sid() -> None:
    """An Event that lacks its Worker is not that of a member who lacks theirs."""
    assert may_hear({"event_type": "worker.created"}, worker_sid="", own_tasks=()) is False


def test_a_list_shows_what_is_the_members() -> None:
    """A Task, a Reservation and an Event, as REST answers them."""
    own = {"worker_sid": ME, "own_tasks": {TASK}}
    records = [
        {"sid": TASK},
        {"sid": OTHERS_TASK},
        {"sid": RESERVATION, "reservation_status": "pending", "worker_sid": ME},
        {"sid": OTHERS_RESERVATION, "reservation_status": "pending", "worker_sid": OTHER, "task_sid": TASK},
        {"sid": "EV1", "event_type": "task.completed", "event_data": {"task_sid": TASK, "worker_sid": OTHER}},
        {"sid": "EV2", "event_type": "task.completed", "event_data": {"task_sid": OTHERS_TASK}},
        {"sid": "EV3", "event_type": "worker.created", "event_data": None},
    ]
    shown = [record["sid"] for record in records if shows(record, **own)]  # type: ignore[arg-type]
    assert shown == [TASK, RESERVATION, "EV1"]


def test_whom_taskrouter_calls_is_the_owners_alone() -> None:
    """The URL may have a password in it."""
    record = {"sid": WORKSPACE, **dict.fromkeys(OWNERS_ALONE, "https://user:word@example.com/")}
    assert for_member(record) == {"sid": WORKSPACE, **dict.fromkeys(OWNERS_ALONE)}
