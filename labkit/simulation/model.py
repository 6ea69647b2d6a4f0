"""The model: what callers and Workers do next, and when. It wants things done and observes what became of them.

What is to come stands in a heap by its moment. Each entry is looked at when its moment comes: whether it still holds is
seen from what was observed since, so nothing is ever taken out early.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

from labkit.engine.effects import Outcome
from labkit.engine.resources import Reservation, Task
from labkit.simulation.calls import CallGenerator, CallProgress, IncomingCall
from labkit.simulation.contact_centre import ContactCentre
from labkit.simulation.intentions import (
    Abandon,
    Accept,
    BecomeAvailable,
    CallIn,
    Complete,
    GoOnBreak,
    Intention,
    WrapUp,
)
from labkit.vocabulary import ReservationStatus, TaskStatus

Happening = Callable[[Any, float], Intention | None]
"""What happens to whom, and when; gives what is wanted, or None if it does not hold any more."""


@dataclass(slots=True, eq=False)
class WorkerAtWork:
    """How a Worker stands. Moments are seconds since the opening.

    Attributes:
        sid: the Worker.
        plays_itself: False while a person has the Worker.
        held: the open Reservations, by SID.
        busy_since: since when at least one is open; None while none is.
        free_since: when the last of them ended; the opening if there was none.
        away_since: since when the Worker is on a break, or away after a missed Reservation; None while not.
        wants_break: whether a break begins as soon as no Reservation is open.
    """

    sid: str
    plays_itself: bool = True
    held: dict[str, HeldReservation] = field(default_factory=dict)
    busy_since: float | None = None
    free_since: float = 0.0
    away_since: float | None = None
    wants_break: bool = False


@dataclass(slots=True, eq=False)
class HeldReservation:
    """An open Reservation as it was last observed: None for not at all yet.

    `call` is None for a Task that is none of the model's.
    """

    sid: str
    worker: WorkerAtWork
    call: IncomingCall | None
    status: ReservationStatus | None = None


class Model:
    """One day in a contact centre. All moments are seconds since the opening.

    Args:
        centre: what it is like.
        worker_sids: the Workers who play themselves; all are available when it begins.
        chance: where everything random comes from; equal ones give equal days.

    Attributes:
        calls: all that came, in their order.
        workers: the Workers by SID.
        busy: when which of them had Tasks, from and to; what goes on is not in it yet.
        away: when which of them was on a break or away, from and to, likewise.
    """

    def __init__(self, centre: ContactCentre, *, worker_sids: Iterable[str], chance: Random) -> None:
        self.calls: list[IncomingCall] = []
        self.workers = {sid: WorkerAtWork(sid) for sid in worker_sids}
        self.busy: list[tuple[str, float, float]] = []
        self.away: list[tuple[str, float, float]] = []
        self._centre = centre
        self._call_generator = CallGenerator(centre, Random(chance.getrandbits(64)))  # noqa: S311  # the callers are no secret
        self._chance = Random(chance.getrandbits(64))  # noqa: S311
        self._strangers: dict[str, WorkerAtWork] = {}
        self._calls_of: dict[str, IncomingCall] = {}
        self._held: dict[str, HeldReservation] = {}
        self._order = count()
        self._all_called = False
        self._open_calls = 0
        self._coming: list[tuple[float, int, Happening, Any]] = []
        self._await_call()
        for worker in self.workers.values():
            self._await_break(worker, self._chance.random(), -centre.warm_up_seconds)

    # --- what comes next --------------------------------------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        """Whether nobody calls any more and every call has come to its end. Workers may have breaks for ever."""
        return self._all_called and not self._open_calls

    def next_at(self) -> float | None:
        """When something may happen next; None if nothing will before something else is observed."""
        return self._coming[0][0] if self._coming else None

    def next_intention(self, now: float) -> Intention | None:
        """What is wanted next of all that is due by `now`; None when that was all.

        Carry it out and let `observe` see the outcome before the next one is asked for.
        """
        while self._coming and self._coming[0][0] <= now:
            at, _, happen, whom = heappop(self._coming)
            intention = happen(whom, at)
            if intention is not None:
                return intention
        return None

    def _expect(self, at: float, happen: Happening, whom: Any) -> None:
        heappush(self._coming, (at, next(self._order), happen, whom))

    def close(self, now: float) -> None:
        """The day is over: whoever is on a break or away was so until now."""
        for worker in self.workers.values():
            self._is_back(worker, now)

    # --- what callers do --------------------------------------------------------------------------------------------

    def created(self, call: IncomingCall, task_sid: str) -> None:
        """The Task of a call was created. To be told before `observe` is shown what came of that."""
        call.task_sid = task_sid
        self._calls_of[task_sid] = call

    def refused(self, call: IncomingCall, now: float) -> None:
        """TaskRouter took no Task for a call: the caller is gone."""
        call.status, call.ended_at = CallProgress.CANCELED, now
        self._open_calls -= 1

    def _await_call(self) -> None:
        call = self._call_generator.next()
        if call is None:
            self._all_called = True
        else:
            self._expect(call.arrived_at, self._call_in, call)

    def _call_in(self, call: IncomingCall, at: float) -> Intention:
        self.calls.append(call)
        self._open_calls += 1
        if call.patience_seconds is not None:
            self._expect(at + call.patience_seconds, self._lose_patience, call)
        self._await_call()
        return CallIn(call)

    def _lose_patience(self, call: IncomingCall, _at: float) -> Intention | None:
        if call.status is not CallProgress.WAITING or not call.task_sid:
            return None
        call.status = CallProgress.ABANDONED
        return Abandon(call.task_sid)

    # --- what Workers do --------------------------------------------------------------------------------------------

    def take_over(self, worker_sid: str, now: float) -> None:
        """From now on a person is the Worker: the model wants nothing of it.

        Raises:
            KeyError: it is none of the model's Workers.
        """
        worker = self.workers[worker_sid]
        worker.plays_itself = worker.wants_break = False
        self._is_back(worker, now)

    def give_back(self, worker_sid: str, now: float) -> None:
        """The Worker plays itself again, goes on with what it holds, and is available.

        Raises:
            KeyError: it is none of the model's Workers.
        """
        worker = self.workers[worker_sid]
        worker.plays_itself = True
        self._expect(now, self._come_back, worker)
        for held in worker.held.values():
            self._go_on(held, now)

    def _answer(self, held: HeldReservation, _at: float) -> Intention | None:
        return Accept(held.worker.sid, held.sid) if _is_still(held, ReservationStatus.PENDING) else None

    def _end_talk(self, held: HeldReservation, _at: float) -> Intention | None:
        if not _is_still(held, ReservationStatus.ACCEPTED):
            return None
        wraps_up = held.call is None or held.call.wrap_up_seconds > 0
        return WrapUp(held.worker.sid, held.sid) if wraps_up else Complete(held.worker.sid, held.sid)

    def _end_wrap_up(self, held: HeldReservation, _at: float) -> Intention | None:
        return Complete(held.worker.sid, held.sid) if _is_still(held, ReservationStatus.WRAPPING) else None

    def _begin_break(self, worker: WorkerAtWork, at: float) -> Intention | None:
        if not worker.plays_itself or worker.away_since is not None:
            self._await_break(worker, 1.0, at)
            return None
        if worker.held:
            worker.wants_break = True
        else:
            self._leave(worker, self._centre.break_seconds, at)
        return GoOnBreak(worker.sid)

    def _await_break(self, worker: WorkerAtWork, share: float, at: float) -> None:
        if self._centre.break_every_seconds is not None:
            self._expect(at + share * self._centre.break_every_seconds, self._begin_break, worker)

    def _leave(self, worker: WorkerAtWork, seconds: float, at: float) -> None:
        worker.wants_break = False
        if worker.away_since is None:
            worker.away_since = at
            self._expect(at + seconds, self._come_back, worker)

    def _come_back(self, worker: WorkerAtWork, at: float) -> Intention | None:
        if not worker.plays_itself:
            return None
        self._is_back(worker, at)
        return BecomeAvailable(worker.sid)

    def _is_back(self, worker: WorkerAtWork, at: float) -> None:
        if worker.away_since is not None:
            self.away.append((worker.sid, worker.away_since, at))
            worker.away_since = None
            self._await_break(worker, 1.0, at)

    # --- what is observed -------------------------------------------------------------------------------------------

    def observe(self, outcome: Outcome, now: float) -> None:
        """Take in what was played, whoever asked for it. To be shown twice, or late, does no harm."""
        for record in outcome.removed.values():
            if type(record) is Reservation:
                self._observe_reservation(record, now)
            elif type(record) is Task:
                self._observe_end(record, now)
        for record in outcome.changed.values():
            if type(record) is Reservation:
                self._observe_reservation(record, now)
            elif type(record) is Task and record.is_final:
                self._observe_end(record, now)

    def _observe_end(self, task: Task, now: float) -> None:
        call = self._calls_of.pop(task.sid, None)
        if call is None:
            return
        call.ended_at = now
        self._open_calls -= 1
        if task.assignment_status is TaskStatus.COMPLETED:
            call.status = CallProgress.SERVED
        elif call.status is not CallProgress.ABANDONED:
            call.status = CallProgress.CANCELED

    def _observe_reservation(self, record: Reservation, now: float) -> None:
        held = self._held.get(record.sid)
        if held is None and record.is_open:
            held = self._hold(record, now)
        if held is None or held.status is record.reservation_status:
            return
        held.status = record.reservation_status
        if held.call is not None and held.status is ReservationStatus.ACCEPTED:
            held.call.status, held.call.answered_at = CallProgress.TALKING, now
            held.call.worker_sid = held.worker.sid
        elif held.call is not None and held.status is ReservationStatus.WRAPPING:
            held.call.status = CallProgress.WRAP_UP
        if record.is_open:
            self._go_on(held, now)
        else:
            self._let_go(held, now)

    def _hold(self, record: Reservation, now: float) -> HeldReservation:
        worker = self.workers.get(record.worker_sid)
        if worker is None:
            stranger = WorkerAtWork(record.worker_sid, plays_itself=False)
            worker = self._strangers.setdefault(record.worker_sid, stranger)
        held = HeldReservation(record.sid, worker, self._calls_of.get(record.task_sid))
        self._held[record.sid] = worker.held[record.sid] = held
        if worker.busy_since is None:
            worker.busy_since = now
        return held

    def _go_on(self, held: HeldReservation, now: float) -> None:
        """Expect the Worker's next step in an open Reservation."""
        if held.status is ReservationStatus.PENDING:
            if self._chance.random() >= self._centre.missed:
                self._expect(now + self._centre.answer_seconds, self._answer, held)
        elif held.status is ReservationStatus.ACCEPTED:
            seconds = held.call.talk_seconds if held.call else self._centre.talk_seconds
            self._expect(now + seconds, self._end_talk, held)
        else:
            seconds = held.call.wrap_up_seconds if held.call else self._centre.wrap_up_seconds
            self._expect(now + seconds, self._end_wrap_up, held)

    def _let_go(self, held: HeldReservation, now: float) -> None:
        worker = held.worker
        del self._held[held.sid], worker.held[held.sid]
        if worker.held:
            return
        if worker.sid in self.workers:
            self.busy.append((worker.sid, now if worker.busy_since is None else worker.busy_since, now))
        worker.busy_since, worker.free_since = None, now
        if worker.wants_break:
            self._leave(worker, self._centre.break_seconds, now)
        elif held.status is ReservationStatus.TIMEOUT:
            self._leave(worker, self._centre.away_seconds, now)


def _is_still(held: HeldReservation, status: ReservationStatus) -> bool:
    """Whether the Reservation stands as it did, and its Worker is in nobody's hands."""
    return held.status is status and held.worker.plays_itself
