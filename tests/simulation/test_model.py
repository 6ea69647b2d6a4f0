"""The model, played in a real engine: callers come, wait and hang up, Workers answer, wrap up, miss and have breaks."""

from __future__ import annotations

from random import Random
from statistics import fmean

import pytest
from simulation.played import PlayedDay

from labkit.engine import commands as c
from labkit.simulation.calls import CallProgress
from labkit.simulation.contact_centre import CallerKind, ContactCentre
from labkit.simulation.intentions import Abandon, Accept, BecomeAvailable, CallIn, Complete, GoOnBreak, WrapUp
from labkit.simulation.model import Model
from labkit.vocabulary import ReservationStatus

PLAIN = {"talk_distribution": "constant", "wrap_up_distribution": "constant", "patience_distribution": "constant"}


def test_every_call_comes_to_its_end() -> None:
    """Each is answered, or the caller hangs up after exactly their patience; every Task ends with it."""
    centre = ContactCentre(calls_per_hour=60, hours=2, talk_seconds=90, patience_seconds=60)
    day = PlayedDay(centre).play()
    served = [call for call in day.model.calls if call.status is CallProgress.SERVED]
    abandoned = [call for call in day.model.calls if call.status is CallProgress.ABANDONED]

    assert len(served) + len(abandoned) == len(day.model.calls) > 90
    assert len(abandoned) > 10
    assert [call.waited_seconds for call in abandoned] == pytest.approx([call.patience_seconds for call in abandoned])
    assert {day.workers[name].sid for name in ("Alice", "Bob")} == {call.worker_sid for call in served}
    assert day.world.state.in_flight == 0


def test_a_call_goes_its_way() -> None:
    """It rings, is answered, talked through and wrapped up, each for as long as the centre says."""
    centre = ContactCentre(calls_per_hour=2, hours=1, talk_seconds=300, wrap_up_seconds=40, answer_seconds=4, **PLAIN)
    day = PlayedDay(centre, workers=1).play()
    call = day.model.calls[0]
    began = call.arrived_at

    steps = [(at - began, type(intention)) for at, intention in day.wanted[:4]]
    assert [kind for _, kind in steps] == [CallIn, Accept, WrapUp, Complete]
    assert [seconds for seconds, _ in steps] == pytest.approx([0, 4, 304, 344])
    assert call.waited_seconds == pytest.approx(4)
    assert call.ended_at == pytest.approx(began + 344)
    assert day.model.busy[0][1:] == pytest.approx((began, began + 344))


def test_without_wrap_up_a_worker_is_done_when_the_talk_is() -> None:
    """Nothing is wrapping, so the Worker's next Task comes at once."""
    day = PlayedDay(ContactCentre(calls_per_hour=10, hours=1, wrap_up_seconds=0)).play()

    assert not day.moments(WrapUp)
    assert len(day.moments(Complete)) == len(day.moments(Accept)) > 0


def test_a_missed_reservation_goes_to_the_next_worker() -> None:
    """Whoever misses one is sent Offline by TaskRouter, stays away, and comes back."""
    centre = ContactCentre(calls_per_hour=30, hours=1, missed=0.5, away_seconds=45, patience_seconds=None)
    day = PlayedDay(centre, reservation_seconds=20).play()

    assert {call.status for call in day.model.calls} == {CallProgress.SERVED}
    assert [until - since for _, since, until in day.model.away] == pytest.approx([45] * len(day.model.away))
    assert len(day.model.away) == len(day.moments(BecomeAvailable)) > 5
    assert max(call.waited_seconds or 0 for call in day.model.calls) > 20


def test_a_break_begins_when_the_call_is_over() -> None:
    """From the moment on at which it is due the Worker takes no further Task."""
    centre = ContactCentre(hours=2, talk_seconds=90, break_every_seconds=1800, break_seconds=300)
    day = PlayedDay(centre, workers=3).play()
    wanted = [(at, each.worker_sid) for at, each in day.wanted if isinstance(each, GoOnBreak)]

    assert len(wanted) >= 6
    assert [until - since for _, since, until in day.model.away] == pytest.approx([300] * len(day.model.away))
    for sid, since, until in day.model.away:
        due = max(at for at, who in wanted if who == sid and at <= since)
        assert not [c for c in day.model.calls if c.worker_sid == sid and due + 4 < (c.answered_at or 0) < until]


def test_a_person_takes_a_worker_over_and_gives_it_back() -> None:
    """In between the model wants nothing of the Worker; afterwards it goes on with what the Worker holds."""
    centre = ContactCentre(calls_per_hour=120, hours=1, talk_seconds=30, patience_seconds=None)
    day = PlayedDay(centre, workers=1).play(until=600)
    alice = day.workers["Alice"]
    day.model.take_over(alice.sid, 600)
    day.wanted.clear()
    day.play(until=1200)
    assert {type(intention) for _, intention in day.wanted} == {CallIn}

    [held] = day.world.state.open_reservations[alice.sid].values()
    day.run(c.UpdateReservation, sid=held.sid, changes={"reservation_status": ReservationStatus.COMPLETED})
    [held] = day.world.state.open_reservations[alice.sid].values()
    day.run(c.UpdateReservation, sid=held.sid, changes={"reservation_status": ReservationStatus.ACCEPTED})
    day.wanted.clear()
    day.model.give_back(alice.sid, 1200)
    day.play()

    assert {call.status for call in day.model.calls} == {CallProgress.SERVED}
    assert [type(i) for at, i in day.wanted if at == 1200 and not isinstance(i, CallIn)] == [BecomeAvailable]


def test_what_others_do_is_taken_in() -> None:
    """A Task that somebody cancels, or deletes, is a call that is gone; a Worker of no model may answer."""
    centre = ContactCentre(calls_per_hour=120, hours=1, patience_seconds=None)
    day = PlayedDay(centre, workers=0).play(until=120)
    first, second, third, *_ = day.model.calls
    day.run(c.UpdateTask, sid=first.task_sid, changes={"assignment_status": "canceled"})
    day.run(c.DeleteTask, sid=second.task_sid)
    eve = day.run(c.CreateWorker, friendly_name="Eve", activity_sid=day.world.names["Available"])
    [reservation] = day.world.state.open_reservations[eve.sid].values()
    day.run(c.UpdateReservation, sid=reservation.sid, changes={"reservation_status": ReservationStatus.ACCEPTED})

    assert (first.status, second.status) == (CallProgress.CANCELED, CallProgress.CANCELED)
    assert (third.status, third.worker_sid) == (CallProgress.TALKING, eve.sid)
    assert not day.model.busy


def test_equal_seeds_give_equal_days_and_equal_callers_come_whoever_works() -> None:
    """A day is its seed's; with more Workers the same callers are answered sooner."""
    centre = ContactCentre(calls_per_hour=60, hours=2, missed=0.1, break_every_seconds=1800)
    few, again, many = (PlayedDay(centre, workers=workers, seed=7).play() for workers in (2, 2, 4))

    assert [str(each) for each in few.wanted] == [str(each) for each in again.wanted]
    drawn = [[(call.arrived_at, call.talk_seconds, call.attributes) for call in day.model.calls] for day in (few, many)]
    assert drawn[0] == drawn[1]
    waits = [fmean(call.waited_seconds or 0 for call in day.model.calls) for day in (few, many)]
    assert waits[0] > waits[1]
    assert PlayedDay(centre, seed=8).play().model.calls[0].arrived_at != few.model.calls[0].arrived_at


def test_callers_are_mixed_as_their_shares_say() -> None:
    """Three of four want one thing."""
    kinds = (CallerKind(attributes={"wish": "a"}, share=3), CallerKind(attributes={"wish": "b"}))
    day = PlayedDay(ContactCentre(calls_per_hour=400, hours=2, callers=kinds), workers=0)
    day.play(until=7200)
    wishes = [call.attributes["wish"] for call in day.model.calls]

    assert wishes.count("a") / len(wishes) == pytest.approx(0.75, abs=0.06)


def test_nobody_calls() -> None:
    """Then nothing is to come."""
    assert Model(ContactCentre(calls_per_hour=0), worker_sids=["WK1"], chance=Random(1)).next_at() is None


def test_a_call_that_is_taken_by_nobody_hangs_up_once() -> None:
    """After its patience, and never again."""
    day = PlayedDay(ContactCentre(calls_per_hour=20, hours=1, patience_seconds=50, **PLAIN), workers=0).play()

    assert len(day.moments(Abandon)) == len(day.model.calls) > 0
    assert [call.waited_seconds for call in day.model.calls] == pytest.approx([50] * len(day.model.calls))
