"""The life cycles as tables: each pair of status and step moves as written, or is refused and changes nothing."""

from __future__ import annotations

import itertools

import pytest
from engine.world import ACCOUNT, World, written

from labkit.engine.refusals import IllegalTransition, ReservationGone
from labkit.engine.states import RESERVATION, TASK, ReservationStep, TaskStep, next_reservation_status, next_task_status
from labkit.errors import Refusal
from labkit.vocabulary import ReservationStatus as R
from labkit.vocabulary import TaskStatus as T

TASK_PAIRS = list(itertools.product(T, TaskStep))
RESERVATION_PAIRS = list(itertools.product(R, ReservationStep))
WHO = {"task": "WT1", "workspace": "WS1", "account": "AC1"}

# The tables of the reference (4.2, 5.5), written down a second time and by hand.
TASK_MOVES = {
    (T.PENDING, "reserve"): T.RESERVED,
    (T.PENDING, "end transfer"): T.ASSIGNED,
    (T.PENDING, "cancel"): T.CANCELED,
    (T.RESERVED, "release"): T.PENDING,
    (T.RESERVED, "accept"): T.ASSIGNED,
    (T.RESERVED, "end transfer"): T.ASSIGNED,
    (T.RESERVED, "cancel"): T.CANCELED,
    (T.ASSIGNED, "reserve"): T.RESERVED,
    (T.ASSIGNED, "transfer"): T.PENDING,
    (T.ASSIGNED, "wrap up"): T.WRAPPING,
    (T.ASSIGNED, "complete"): T.COMPLETED,
    (T.WRAPPING, "complete"): T.COMPLETED,
}
RESERVATION_MOVES = {
    (R.PENDING, "accept"): R.ACCEPTED,
    (R.PENDING, "reject"): R.REJECTED,
    (R.PENDING, "time out"): R.TIMEOUT,
    (R.PENDING, "cancel"): R.CANCELED,
    (R.PENDING, "rescind"): R.RESCINDED,
    (R.ACCEPTED, "wrap up"): R.WRAPPING,
    (R.ACCEPTED, "complete"): R.COMPLETED,
    (R.WRAPPING, "complete"): R.COMPLETED,
}


@pytest.mark.parametrize(("status", "step"), TASK_PAIRS)
def test_task_step_is_in_the_table_or_refused(status: T, step: TaskStep) -> None:
    """A Task's step leads where the reference says, and any other is refused with 400 and 20001."""
    if (status, step) in TASK_MOVES:
        assert next_task_status(status, step, **WHO) is TASK_MOVES[status, step]
    else:
        with pytest.raises(IllegalTransition) as refused:
            next_task_status(status, step, **WHO)
        assert (refused.value.status, refused.value.code) == (400, 20001)


@pytest.mark.parametrize(("status", "step"), RESERVATION_PAIRS)
def test_reservation_step_is_in_the_table_or_refused(status: R, step: ReservationStep) -> None:
    """A Reservation's step leads where the reference says; any other is refused: 410 once rescinded, else 400."""
    if (status, step) in RESERVATION_MOVES:
        assert next_reservation_status(status, step, sid="WR1") is RESERVATION_MOVES[status, step]
        return
    with pytest.raises((IllegalTransition, ReservationGone)) as refused:
        next_reservation_status(status, step, sid="WR1")
    expected = (410, 20410) if status is R.RESCINDED else (400, 20001)
    assert (refused.value.status, refused.value.code) == expected
    assert "WR1" in str(refused.value)


def test_every_status_has_a_row() -> None:
    """No status is missing from the tables, and what is final leads nowhere."""
    assert set(TASK) == set(T)
    assert set(RESERVATION) == set(R)
    assert [status for status in T if not TASK[status]] == [T.COMPLETED, T.CANCELED]


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (
            TaskStep.COMPLETE,
            "Cannot complete task WT1 in workspace WS1 for account AC1 because it is not currently assigned.",
        ),
        (
            TaskStep.WRAP,
            "Cannot wrap up a task WT1 in workspace WS1 for account AC1 because it's not currently assigned",
        ),
        (
            TaskStep.CANCEL,
            "Cannot cancel task WT1 in workspace WS1 for account AC1 because it is not pending or reserved.",
        ),
    ],
)
def test_refusals_say_what_taskrouter_says(step: TaskStep, sentence: str) -> None:
    """The three refusals that were seen in the field are worded alike (reference, 4.4)."""
    with pytest.raises(IllegalTransition) as refused:
        next_task_status(T.COMPLETED, step, **WHO)
    assert str(refused.value) == sentence


def test_a_reservation_refuses_in_the_words_that_were_seen() -> None:
    """By way of the Worker SDK's users."""
    with pytest.raises(IllegalTransition) as refused:
        next_reservation_status(R.ACCEPTED, ReservationStep.ACCEPT, sid="WR1")
    assert str(refused.value) == "Reservation WR1 is already in state [accepted] and cannot be updated to [accepted]"


# --- the same tables, asked through commands --------------------------------------------------------------------------


def bring_task_to(status: T) -> World:
    """A World with one Task `T` in this status."""
    world = World()
    world.add_queue("Q")
    world.add_workflow("Main", default_filter={"queue": "Q"})
    world.add_worker("Alice", activity="Offline" if status is T.PENDING else "Available")
    world.create_task("T")
    if status in (T.ASSIGNED, T.WRAPPING, T.COMPLETED):
        world.answer("T", "accepted")
    if status in (T.WRAPPING, T.COMPLETED, T.CANCELED):
        world.update_task("T", status=status)
    assert world.task("T").assignment_status is status
    return world


def bring_reservation_to(status: R) -> World:
    """A World with one Task `T` whose first Reservation, Alice's, has this status."""
    world = World()
    world.add_queue("Q", max_reserved_workers=2)
    world.add_workflow("Main", default_filter={"queue": "Q"}, reservation_timeout=60)
    world.add_worker("Alice")
    world.add_worker("Bob", activity="Available" if status is R.RESCINDED else "Offline")
    world.create_task("T")
    if status is R.TIMEOUT:
        world.at(60)
    elif status is R.RESCINDED:
        world.answer("T", "accepted", worker="Bob")
    elif status is R.REJECTED:
        world.answer("T", "rejected", activity="Offline")
    elif status in (R.WRAPPING, R.COMPLETED):
        world.answer("T", "accepted")
        world.answer("T", status)
    elif status is R.CANCELED:
        world.set_activity("Alice", "Offline")
        world.answer("T", "canceled")
    elif status is R.ACCEPTED:
        world.answer("T", "accepted")
    assert world.task("T").reservations[0].reservation_status is status
    return world


TASK_ASKS = {T.CANCELED: "cancel", T.COMPLETED: "complete", T.WRAPPING: "wrap up"}


@pytest.mark.parametrize(("status", "asked"), list(itertools.product(T, T)))
def test_task_update_follows_the_table(status: T, asked: T) -> None:
    """Over REST each status leads where the table says; all else is refused and changes nothing."""
    world = bring_task_to(status)
    before = written(world.state)
    if (status, TASK_ASKS.get(asked)) in TASK_MOVES:
        world.update_task("T", status=asked)
        assert world.task("T").assignment_status is asked
        return
    with pytest.raises(Refusal) as refused:
        world.update_task("T", status=asked, attributes={"new": 1}, priority=9)
    assert (refused.value.status, refused.value.code) == (400, 20001)
    assert written(world.state) == before
    if asked in TASK_ASKS:
        assert f"{world.names['T']} in workspace {world.sid} for account {ACCOUNT}" in str(refused.value)


RESERVATION_ASKS = {
    R.ACCEPTED: "accept",
    R.REJECTED: "reject",
    R.CANCELED: "cancel",
    R.WRAPPING: "wrap up",
    R.COMPLETED: "complete",
}


@pytest.mark.parametrize(("status", "asked"), list(itertools.product(R, R)))
def test_reservation_update_follows_the_table(status: R, asked: R) -> None:
    """Over REST each status leads where the table says; all else is refused and changes nothing."""
    world = bring_reservation_to(status)
    before = written(world.state)
    first = world.task("T").reservations[0]
    if (status, RESERVATION_ASKS.get(asked)) in RESERVATION_MOVES:
        world.answer("T", asked, worker="Alice")
        assert first.reservation_status is asked
        return
    world.take_events()
    gone = status is R.RESCINDED and asked in RESERVATION_ASKS
    with pytest.raises(Refusal) as refused:
        world.answer("T", asked, worker="Alice")
    assert (refused.value.status, refused.value.code) == ((410, 20410) if gone else (400, 20001))
    assert written(world.state) == before
    assert world.take_events() == []


@pytest.mark.parametrize("asked", ["", "accepting", "ACCEPTED", "x" * 500])
def test_unknown_status_is_refused_in_short(asked: str) -> None:
    """A word that is no status is refused, and only its beginning is quoted."""
    world = bring_task_to(T.RESERVED)
    for ask in (world.update_task, world.answer):
        with pytest.raises(Refusal) as refused:
            ask("T", status=asked)
        assert len(str(refused.value)) < 300
