"""Three members of one Workspace, by the official SDK: they race, go on a break, hand over, and hear what is theirs."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sandbox.local import LocalSandbox
from sandbox.members import SharedCentre, TestedMember, share
from sandbox.refused import refused
from twilio.base.exceptions import TwilioRestException


@pytest.fixture
def shared(sandbox: LocalSandbox) -> SharedCentre:
    """Ann, Bob and Cal, all Available, and a TaskQueue that reserves three Workers at once."""
    made = share(sandbox, ["Ann", "Bob", "Cal"])
    centre = made.centre
    centre.workspace.task_queues(centre.queue_sid).update(max_reserved_workers=3)
    for member in made.members:
        member.worker.update(activity_sid=centre.activities["Available"])
    return made


def statuses(shared: SharedCentre) -> list[list[str]]:
    """Of each member's Reservations, as they see them, oldest first."""
    return [[each.reservation_status for each in member.worker.reservations.list()] for member in shared.members]


def test_who_accepts_first_has_the_task(shared: SharedCentre) -> None:
    """The others' are rescinded, and to accept is too late for them; each sees their own Reservation alone."""
    task = shared.centre.add_task().sid
    assert statuses(shared) == [["pending"]] * 3
    ann, bob, cal = shared.members
    late = [member.reservation(task) for member in (ann, cal)]
    assert bob.answer(task, "accepted").reservation_status == "accepted"
    for reservation in late:
        with refused(410, 20410, ""):
            reservation.update(reservation_status="accepted")
    assert statuses(shared) == [["rescinded"], ["accepted"], ["rescinded"]]
    for loser in (ann, cal):
        assert loser.workspace.tasks(task).fetch().assignment_status == "assigned"
        with refused(404, 20404, "was not found"):
            loser.workspace.tasks(task).update(assignment_status="completed", reason="mine after all")
    bob.workspace.tasks(task).update(assignment_status="completed", reason="done")


def test_however_they_race_each_task_has_one_winner(shared: SharedCentre) -> None:
    """All three accept at once, ten times."""
    ended = Counter[str]()
    with ThreadPoolExecutor(3) as pool:
        for _ in range(10):
            task = shared.centre.add_task().sid
            offered = [member.reservation(task) for member in shared.members]
            told = list(pool.map(accept, offered))
            ended.update(str(each) for each in told)
            winner = shared.members[told.index(200)]
            winner.workspace.tasks(task).update(assignment_status="completed", reason="done")
    assert ended == {"200": 10, "410": 20}


def accept(reservation: Any) -> int:
    """The status with which it ended."""
    try:
        reservation.update(reservation_status="accepted")
    except TwilioRestException as error:
        return int(error.status)
    return 200


def test_each_hears_of_the_race_what_is_theirs(shared: SharedCentre) -> None:
    """A loser hears that their Reservation was rescinded, and of the Task; of the winner's Reservation nothing."""
    task = shared.centre.add_task().sid
    _, bob, _ = shared.members
    bob.answer(task, "accepted")
    for member in shared.members:
        told = [each for each in member.workspace.events.list() if each.event_data.get("reservation_sid")]
        ended = "reservation.accepted" if member is bob else "reservation.rescinded"
        assert [each.event_type for each in reversed(told)] == ["reservation.created", ended]
        assert {each.event_data["worker_sid"] for each in told} == {member.worker_sid}
        of_task = {each.event_type for each in member.workspace.events.list(task_sid=task)}
        assert {"task.created", "workflow.entered", "task-queue.entered"} <= of_task


def test_a_break_gives_back_what_is_pending(shared: SharedCentre) -> None:
    """With `RejectPendingReservations`; whoever is on a break is offered nothing."""
    centre, (ann, bob, cal) = shared.centre, shared.members
    for member in (bob, cal):
        member.worker.update(activity_sid=centre.activities["Unavailable"])
    first = centre.add_task().sid
    ann.worker.update(activity_sid=centre.activities["Unavailable"], reject_pending_reservations=True)
    assert statuses(shared) == [["rejected"], [], []]
    assert centre.task_status(first) == "pending"
    bob.worker.update(activity_sid=centre.activities["Available"])
    assert bob.answer(first, "accepted").reservation_status == "accepted"


def test_a_break_in_the_middle_of_a_task_takes_nothing_away(shared: SharedCentre) -> None:
    """What is in hand is completed from there; nothing new comes."""
    centre, ann = shared.centre, shared.members[0]
    for member in shared.members[1:]:
        member.worker.update(activity_sid=centre.activities["Unavailable"])
    task = centre.add_task().sid
    ann.answer(task, "accepted")
    ann.worker.update(activity_sid=centre.activities["Unavailable"])
    second = centre.add_task().sid
    ann.workspace.tasks(task).update(assignment_status="completed", reason="done")
    assert (centre.task_status(task), centre.task_status(second)) == ("completed", "pending")
    assert [each.task_sid for each in ann.worker.reservations.list()] == [task]


def test_what_one_sees_of_the_others(shared: SharedCentre) -> None:
    """Who is there and in which Activity, so that one can ask them; not what they work on."""
    ann, bob, _ = shared.members
    bob.worker.update(activity_sid=shared.centre.activities["Unavailable"])
    seen = {each.friendly_name: each.activity_name for each in ann.workspace.workers.list()}
    assert seen == {"Alice": "Offline", "Ann": "Available", "Bob": "Unavailable", "Cal": "Available"}
    told = json.dumps([each.event_data for each in ann.workspace.events.list()])
    assert bob.worker_sid not in told


def test_the_members_are_told_apart(shared: SharedCentre) -> None:
    """One key is one Worker: what one holds, no other answers, in any order of asking."""
    task = shared.centre.add_task().sid

    def reservation_of(member: TestedMember) -> str:
        return str(member.reservation(task).fetch().sid)

    found = [reservation_of(member) for member in shared.members]
    assert len(set(found)) == 3
    for place, member in enumerate(shared.members):
        for other in found[place + 1 :] + found[:place]:
            with refused(404, 20404, "was not found"):
                member.workspace.tasks(task).reservations(other).update(reservation_status="accepted")
    assert statuses(shared) == [["pending"]] * 3
