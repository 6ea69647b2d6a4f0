"""The sandbox's clock over HTTP: moved, held, let go; what falls due on the way happens at its own time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sandbox.call_centre import CallCentre, build
from sandbox.callback_target import Answer, Target
from sandbox.local import OTHER_ACCOUNT, OTHER_TOKEN, START, LocalSandbox

from labkit.sandbox import clock_control

Ask = Callable[..., Any]
CLOCK = "/_sandbox/clock"
ACCEPT = Answer(b'{"instruction": "accept"}')


def after(seconds: float) -> str:
    """So many seconds after the start of time, as the clock writes it."""
    return (START + timedelta(seconds=seconds)).isoformat()


@pytest.fixture
def move(ask: Ask) -> Callable[..., Any]:
    """Moves the clock: `move("advance", 60)`; the answer's document."""

    def moving(action: str, seconds: float | None = None) -> Any:
        form = {"Action": action} if seconds is None else {"Action": action, "Seconds": str(seconds)}
        answer = ask("POST", CLOCK, form)
        assert answer.status == 200, answer.body
        return answer.json

    return moving


def test_a_clock_of_which_nothing_is_due(ask: Ask) -> None:
    """The tests' clock stands still, and nobody waits for anything."""
    assert ask("GET", CLOCK).json == {"now": after(0), "paused": True, "speed": 1.0, "next": None}


def test_what_is_due_next_is_said(ask: Ask, centre: CallCentre) -> None:
    """When, of what kind, of which record, and in words; another account learns only that there is something."""
    _, reservation = centre.reserved_task()
    due = ask("GET", CLOCK).json["next"]
    assert due == {
        "at": after(60),
        "kind": "reservation_timeout",
        "sid": reservation.sid,
        "text": f"Reservation {reservation.sid} times out",
    }
    other = ask("GET", CLOCK, credentials=(OTHER_ACCOUNT, OTHER_TOKEN)).json["next"]
    assert other == {"at": after(60), "kind": None, "sid": None, "text": "Something in another account is due"}


def test_an_advance_plays_what_falls_due_on_its_way(move: Callable[..., Any], centre: CallCentre) -> None:
    """The Reservation times out at 60 s, not at the end of the move, and the move ends where it should."""
    task, reservation = centre.reserved_task()
    moved = move("advance", 90)
    assert (moved["now"], moved["moved_seconds"]) == (after(90), 90)
    played = moved["played"]
    assert [(due["at"], due["kind"]) for due in played["deadlines"]] == [(after(60), "reservation_timeout")]
    assert {event["at"] for event in played["events"]} == {after(60)}
    (timeout,) = [event for event in played["events"] if event["type"] == "reservation.timeout"]
    assert timeout["resource_sid"] == reservation.sid
    assert reservation.sid in timeout["description"]
    assert centre.reservation_status(task.sid) == ["timeout"]


def test_an_advance_short_of_the_next_deadline_plays_nothing(move: Callable[..., Any], centre: CallCentre) -> None:
    """Only the time has changed; half a second counts too."""
    task, _ = centre.reserved_task()
    moved = move("advance", 59.5)
    assert moved["played"] == {"deadlines": [], "deadlines_in_all": 0, "events": [], "events_in_all": 0}
    assert moved["now"] == after(59.5)
    assert centre.reservation_status(task.sid) == ["pending"]


def test_a_callback_on_the_way_is_answered_at_its_own_time(
    move: Callable[..., Any], centre: CallCentre, target: Target
) -> None:
    """Alice lets it time out at 60 s; Bob is offered it then, and accepts then: not half an hour later."""
    task, _ = centre.reserved_task()
    centre.add_worker("Bob", available=True)
    centre.set_callback(target.url("/assign"))
    target.answers["/assign"] = ACCEPT
    events = move("advance", 1800)["played"]["events"]
    assert centre.reservation_status(task.sid) == ["timeout", "accepted"]
    assert [event["at"] for event in events if event["type"] == "reservation.accepted"] == [after(60)]


def test_a_callback_url_that_hangs_does_not_hold_the_clock_for_long(
    move: Callable[..., Any], centre: CallCentre, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the patience of one move, time goes on without the answer, and Bob's Reservation times out too."""
    monkeypatch.setattr(clock_control, "PATIENCE_SECONDS", 0.05)
    task, _ = centre.reserved_task()
    centre.add_worker("Bob", available=True)
    centre.set_callback(target.url("/assign"))
    target.answers["/assign"] = Answer(ACCEPT.body, hold=True)
    move("advance", 200)
    assert centre.reservation_status(task.sid) == ["timeout", "timeout"]
    target.release()


def test_run_to_next_stops_exactly_there(move: Callable[..., Any], centre: CallCentre) -> None:
    """At the deadline to the microsecond; what is due at that moment has happened, what is due later has not."""
    task, reservation = centre.reserved_task()
    moved = move("run_to_next")
    assert moved["now"] == after(60)
    assert [due["sid"] for due in moved["played"]["deadlines"]] == [reservation.sid]
    assert centre.task_status(task.sid) == "pending"
    assert moved["next"]["at"] > after(60)


def test_what_leaves_no_event_is_told_as_a_deadline(move: Callable[..., Any], centre: CallCentre) -> None:
    """A finished Task is forgotten five minutes later; TaskRouter has no event for that."""
    task = centre.add_task()
    centre.workspace.tasks(task.sid).update(assignment_status="canceled")
    played = move("run_to_next")["played"]
    assert [(due["kind"], due["sid"]) for due in played["deadlines"]] == [("task_removal", task.sid)]
    assert played["events"] == []


def test_where_nothing_is_due_nothing_moves(move: Callable[..., Any]) -> None:
    """And the answer says so: nothing was played."""
    moved = move("run_to_next")
    assert (moved["now"], moved["next"], moved["played"]) == (after(0), None, None)


def test_others_do_not_hear_what_happened_here(ask: Ask, sandbox: LocalSandbox) -> None:
    """The clock is one for all accounts; the events are each account's own, also where the sandbox's owner moves it."""
    build(sandbox.client(OTHER_ACCOUNT, OTHER_TOKEN)).reserved_task()
    moved = ask("POST", CLOCK, {"Action": "advance", "Seconds": "90"}).json
    assert moved["now"] == after(90)
    assert moved["played"]["events"] == []
    assert [due["sid"] for due in moved["played"]["deadlines"]] == [None]


def test_no_answer_grows_without_bound(
    move: Callable[..., Any], centre: CallCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the limit only the number is told."""
    monkeypatch.setattr("labkit.sandbox.api.sandbox_paths.clock.SHOWN", 2)
    for _ in range(3):
        centre.add_task(timeout=10)
    played = move("advance", 10)["played"]
    assert (len(played["deadlines"]), played["deadlines_in_all"]) == (2, 3)
    assert (len(played["events"]), played["events_in_all"] > 2) == (2, True)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "Missing required parameter Action in the post body"),
        ({"Action": "rewind"}, "Invalid Action: 'rewind' is not one of advance, pause, resume, run_to_next"),
        ({"Action": "advance"}, "Missing required parameter Seconds in the post body"),
        ({"Action": "advance", "Seconds": ""}, "Missing required parameter Seconds in the post body"),
        ({"Action": "advance", "Seconds": "-1"}, "Invalid Seconds: '-1' is not a number from 0 to 2,592,000"),
        ({"Action": "advance", "Seconds": "nan"}, "Invalid Seconds: 'nan' is not a number from 0 to 2,592,000"),
        ({"Action": "advance", "Seconds": "1e9"}, "Invalid Seconds: '1e9' is not a number from 0 to 2,592,000"),
        ({"Action": "advance", "Seconds": "soon"}, "Invalid Seconds: 'soon' is not a number from 0 to 2,592,000"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(ask: Ask, form: dict[str, str], said: str) -> None:
    """With the parameter and its value, and nothing moves."""
    answer = ask("POST", CLOCK, form)
    assert (answer.status, answer.json["message"]) == (400, said)
    assert ask("GET", CLOCK).json["now"] == after(0)


def test_held_and_let_go(move: Callable[..., Any]) -> None:
    """The tests' clock is held from the start; let go, it runs; held again, it stands where it was then."""
    assert not move("resume")["paused"]
    held = move("pause")
    assert held["paused"]
    assert held["now"] > after(0)
    assert move("pause")["now"] == held["now"]
