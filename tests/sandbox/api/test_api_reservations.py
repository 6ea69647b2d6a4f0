"""Reservations in both views (docs: /docs/taskrouter/api/reservations, …/api/worker-reservation)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sandbox.call_centre import CallCentre
from sandbox.local import LocalSandbox
from sandbox.refused import refused

VIEWS = ["task", "worker"]


@pytest.fixture
def view(centre: CallCentre) -> Callable[[str, Any], Any]:
    """Gives a Reservation's context in the view of its Task or its Worker."""

    def seen(from_where: str, reservation: Any) -> Any:
        if from_where == "task":
            return centre.workspace.tasks(reservation.task_sid).reservations(reservation.sid)
        return centre.workspace.workers(reservation.worker_sid).reservations(reservation.sid)

    return seen


View = Callable[[str, Any], Any]


def test_both_views_show_the_same(sandbox: LocalSandbox, centre: CallCentre, view: View) -> None:
    """But for the URL, which follows the view."""
    task, reservation = centre.reserved_task()
    of_task, of_worker = view("task", reservation).fetch(), view("worker", reservation).fetch()
    for shown in (of_task, of_worker):
        assert (shown.task_sid, shown.worker_sid, shown.worker_name) == (task.sid, centre.alice_sid, "Alice")
        assert shown.reservation_status == "pending"
        assert shown.links["task"] == task.url
        assert shown.links["worker"].endswith(f"/Workers/{centre.alice_sid}")
    assert of_task.url == f"{task.url}/Reservations/{reservation.sid}"
    assert of_worker.url.endswith(f"/Workers/{centre.alice_sid}/Reservations/{reservation.sid}")


@pytest.mark.parametrize("where", VIEWS)
def test_a_version_is_read_and_sent_in_either_view(centre: CallCentre, view: View, where: str) -> None:
    """The ETag; the next one comes with the answer."""
    _, reservation = centre.reserved_task()
    seen = view(where, reservation).fetch_with_http_info().headers["ETag"]
    assert seen == '"0"'
    accepted = view(where, reservation).update_with_http_info(reservation_status="accepted", if_match=seen)
    assert accepted.headers["ETag"] == '"1"'
    with refused(412, 20001, "is at version"):
        view(where, reservation).update(reservation_status="wrapping", if_match=seen)


@pytest.mark.parametrize("where", VIEWS)
@pytest.mark.parametrize("fields", [{"reservation_status": "accepted"}, {"instruction": "accept"}], ids=str)
def test_accept(centre: CallCentre, view: View, where: str, fields: dict[str, str]) -> None:
    """By status or by instruction: the Task is assigned."""
    task, reservation = centre.reserved_task()
    assert view(where, reservation).update(**fields).reservation_status == "accepted"
    assert centre.task_status(task.sid) == "assigned"


@pytest.mark.parametrize("where", VIEWS)
@pytest.mark.parametrize("fields", [{"reservation_status": "rejected"}, {"instruction": "reject"}], ids=str)
def test_reject(centre: CallCentre, view: View, where: str, fields: dict[str, str]) -> None:
    """With an Activity the Worker goes there, and the Task waits; without one the Worker stays and is asked again."""
    task, reservation = centre.reserved_task()
    view(where, reservation).update(**fields, worker_activity_sid=centre.activities["Unavailable"])
    assert centre.workspace.workers(centre.alice_sid).fetch().activity_name == "Unavailable"
    assert centre.task_status(task.sid) == "pending"
    centre.switch(centre.alice_sid, "Available")
    view(where, centre.reservations(task.sid)[1]).update(**fields)
    assert centre.workspace.workers(centre.alice_sid).fetch().activity_name == "Available"
    assert centre.reservation_status(task.sid) == ["rejected", "rejected", "pending"]


@pytest.mark.parametrize("where", VIEWS)
def test_wrap_up_and_complete(centre: CallCentre, view: View, where: str) -> None:
    """The Task follows its only Reservation."""
    task, reservation = centre.reserved_task()
    for status, of_task in (("accepted", "assigned"), ("wrapping", "wrapping"), ("completed", "completed")):
        assert view(where, reservation).update(reservation_status=status).reservation_status == status
        assert centre.task_status(task.sid) == of_task
    assert centre.workspace.tasks(task.sid).fetch().reason == "All reservations were completed"


def test_it_times_out_and_the_worker_goes_offline(sandbox: LocalSandbox, centre: CallCentre) -> None:
    """To the Workspace's timeout Activity; the Task waits."""
    task, _ = centre.reserved_task()
    sandbox.advance(60)
    assert centre.reservation_status(task.sid) == ["timeout"]
    assert centre.workspace.workers(centre.alice_sid).fetch().activity_name == "Offline"
    assert centre.task_status(task.sid) == "pending"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reservation_status": "pending"}, "Invalid ReservationStatus"),
        ({"reservation_status": "timeout"}, "Invalid ReservationStatus"),
        ({"reservation_status": "rescinded"}, "Invalid ReservationStatus"),
        ({"reservation_status": "taken"}, "Invalid ReservationStatus"),
        ({"reservation_status": "completed"}, r"already in state \[pending\] and cannot be updated to \[completed\]"),
        ({"reservation_status": "rejected", "worker_activity_sid": "WA0"}, "Invalid WorkerActivitySid"),
    ],
    ids=str,
)
@pytest.mark.parametrize("where", VIEWS)
def test_what_a_pending_reservation_refuses(
    centre: CallCentre, view: View, where: str, fields: dict[str, str], words: str
) -> None:
    """400, and it is still pending."""
    task, reservation = centre.reserved_task()
    with refused(400, 20001, words):
        view(where, reservation).update(**fields)
    assert centre.reservation_status(task.sid) == ["pending"]


@pytest.mark.parametrize("where", VIEWS)
def test_what_is_over_stays_over(sandbox: LocalSandbox, centre: CallCentre, view: View, where: str) -> None:
    """Accepting or rejecting after the timeout is 400."""
    _, reservation = centre.reserved_task()
    sandbox.advance(60)
    for status in ("accepted", "rejected"):
        with refused(400, 20001, rf"Reservation {reservation.sid} is already in state \[timeout\]"):
            view(where, reservation).update(reservation_status=status)


@pytest.mark.parametrize("where", VIEWS)
def test_the_slower_of_two_workers_gets_410(centre: CallCentre, view: View, where: str) -> None:
    """A queue that reserves for several at a time: the first acceptance rescinds the others."""
    centre.workspace.task_queues(centre.queue_sid).update(max_reserved_workers=2)
    centre.add_worker("Bob", available=True)
    task, _ = centre.reserved_task()
    first, second = centre.reservations(task.sid)
    view(where, first).update(reservation_status="accepted")
    with refused(410, 20410, f"Reservation {second.sid} was rescinded"):
        view(where, second).update(reservation_status="accepted")
    assert centre.reservation_status(task.sid) == ["accepted", "rescinded"]


def test_lists_are_filtered(centre: CallCentre) -> None:
    """By status in both views, by Worker in the Task's."""
    task, first = centre.reserved_task()
    of_task, of_alice = centre.workspace.tasks(task.sid).reservations, centre.workspace.workers(centre.alice_sid)
    of_task(first.sid).update(reservation_status="rejected")
    rejected = [r.sid for r in of_task.list(reservation_status="rejected")]
    assert rejected == [r.sid for r in of_alice.reservations.list(reservation_status="rejected")] == [first.sid]
    assert len(of_task.list(worker_sid=centre.alice_sid)) == len(of_alice.reservations.list()) == 2
    assert of_task.list(worker_sid="WK0") == []


@pytest.mark.parametrize("write", [str.upper, str.title])
def test_a_status_may_be_written_in_any_case(centre: CallCentre, write: Callable[[str], str]) -> None:
    """In updates and in lists, of Tasks and of Reservations. Docs: /docs/taskrouter/changelog."""
    task, reservation = centre.reserved_task()
    of_task = centre.workspace.tasks(task.sid).reservations
    of_alice = centre.workspace.workers(centre.alice_sid).reservations
    assert of_task(reservation.sid).update(reservation_status=write("accepted")).reservation_status == "accepted"
    for found in (of_task, of_alice):
        assert [r.sid for r in found.list(reservation_status=write("accepted"))] == [reservation.sid]
    done = centre.workspace.tasks(task.sid).update(assignment_status=write("completed"))
    assert done.assignment_status == "completed"
    assert [t.sid for t in centre.workspace.tasks.list(assignment_status=[write("completed")])] == [task.sid]


def test_a_word_that_is_no_status_is_named_as_it_came(centre: CallCentre) -> None:
    """Not in lower case."""
    task, reservation = centre.reserved_task()
    with refused(400, 20001, "'Acept' cannot be asked for"):
        centre.workspace.tasks(task.sid).reservations(reservation.sid).update(reservation_status="Acept")


def test_a_reservation_of_another_task_or_worker_is_404(centre: CallCentre) -> None:
    """The whole path must be right, for reading and for writing."""
    task, reservation = centre.reserved_task()
    other, bob = centre.add_task(), centre.add_worker("Bob")
    wrong = [
        centre.workspace.tasks(other.sid).reservations(reservation.sid),
        centre.workspace.workers(bob.sid).reservations(reservation.sid),
        centre.workspace.tasks("WT0").reservations(reservation.sid),
        centre.workspace.workers("WK0").reservations(reservation.sid),
    ]
    for context in wrong:
        with refused(404, 20404, f"/Reservations/{reservation.sid} was not found"):
            context.fetch()
        with refused(404, 20404, "was not found"):
            context.update(reservation_status="accepted")
    assert centre.reservation_status(task.sid) == ["pending"]
