"""Inbox: Reservations as a human agent meets them: read the Task, then accept or reject it.

Accept and Reject go by the Reservations REST API (docs: /docs/taskrouter/api/reservations); the answer to the
assignment callback has long been given by then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from labkit.background import JobOutcome, Jobs
from labkit.display import Section, Table, counted
from labkit.live.views import ReservationView, TaskView, TransferView, WorkerView, milliseconds, readable
from labkit.live.workspace import LiveWorkspace
from labkit.taskrouter.workspace_client import WorkspaceClient
from labkit.vocabulary import ReservationStatus, Sid, TaskStatus, TransferStatus, short_sid
from labkit.widgets.base import Handler, SparingPanel, script, style, text_of
from labkit.widgets.lab_parts import LabParts
from labkit.widgets.rest_calls import RestCalls
from labkit.widgets.still import in_one_text, time_of_day_utc

CARDS = 500
SHOWN_AFTER_END_SECONDS = 10.0
"""Longer than the browser shows them, in real time: the sandbox's clock may stand still, or jump an hour."""

WHY: dict[str, str] = {
    ReservationStatus.REJECTED: "Rejected. TaskRouter looks for the next Worker.",
    ReservationStatus.TIMEOUT: (
        "Timed out: not answered in time. The Worker moves to the timeout Activity, and the Task is offered again."
    ),
    ReservationStatus.CANCELED: "Canceled: the Task was canceled, or no callback URL answered.",
    ReservationStatus.RESCINDED: "Rescinded: another Worker accepted the Task first.",
    ReservationStatus.COMPLETED: "Completed. The Worker is free for the next Task.",
}

WHY_HANDED: dict[str, str] = {
    ReservationStatus.REJECTED: "Rejected. The Task stays with the Worker who has it.",
    ReservationStatus.TIMEOUT: (
        "Timed out: not answered in time. The Worker moves to the timeout Activity, and the Task stays with whoever "
        "has it."
    ),
}
"""Of a Reservation by which a Task was to be handed over to one Worker."""
TAKEN_BACK = "Canceled: the Task was taken back, or has ended."


class Inbox(SparingPanel):
    """Incoming Reservations, live.

    Args:
        live: what is known.
        client: where Accept, Reject, Wrap up and Complete go.
        jobs: where they run.
        elapsed: seconds on a clock that only ever goes on.
    """

    title = "Inbox"
    _esm = script("inbox")
    _css = style("inbox")
    desk_place: ClassVar[Mapping[str, int]] = {"first": 3, "work": 2}
    topics = frozenset({"reservations", "workers", "tasks"})

    @classmethod
    def of_lab(cls, lab: LabParts) -> Inbox:
        """The panel of a lab."""
        return cls(lab.live, client=lab.client, jobs=lab.jobs)

    def __init__(
        self, live: LiveWorkspace, *, client: WorkspaceClient, jobs: Jobs, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._elapsed = elapsed
        self._calls = RestCalls()
        # When each ended one was first seen so; what had ended before there was an inbox is not shown.
        self._ended: dict[str, float] = {r.sid: float("-inf") for r in live.reservations if r.is_over}
        self._drawn_cards: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}
        super().__init__(live, jobs=jobs)

    def _content(self) -> dict[str, Any]:
        shown = self._shown()
        cards = [self._card(reservation) for reservation in shown[:CARDS]]
        self._drawn_cards = {card["sid"]: self._drawn_cards[card["sid"]] for card in cards}
        return {
            "cards": cards,
            "epoch": self._live.epoch,
            "more": max(0, len(shown) - CARDS),
            "activities": [{"sid": a.sid, "name": a.name, "available": a.available} for a in self._live.activities],
            **({} if any(not card["over"] for card in cards) else self._why_empty()),
        }

    def _shown(self) -> list[ReservationView]:
        known, now = self._live.reservations, self._elapsed()
        self._ended = {r.sid: self._ended.get(r.sid, now) for r in known if r.is_over}
        return [r for r in known if now - self._ended.get(r.sid, now) < SHOWN_AFTER_END_SECONDS]

    def _why_empty(self) -> dict[str, int | bool | None]:
        """How many Tasks wait, how many Workers could take one and, in a room, whether one is available oneself."""
        own = self._live.worker(self._client.own_worker_sid or "")
        return {
            "own_available": None if own is None else own.available,
            "waiting": sum(task.status == TaskStatus.PENDING for task in self._live.tasks),
            "available": sum(worker.available for worker in self._live.workers),
        }

    def _card(self, reservation: ReservationView) -> dict[str, Any]:
        """Drawn anew only when something of it has changed: there may be hundreds, thirty times a second."""
        task = self._live.task(reservation.task_sid) or TaskView(sid=reservation.task_sid)
        worker = self._live.worker(reservation.worker_sid)
        handed = _handed(reservation, task, self._live.name_of)
        drawn_from = (reservation, task, worker, self._calls.latest(reservation.sid), handed)
        before = self._drawn_cards.get(reservation.sid)
        if before is None or before[0] != drawn_from:
            self._drawn_cards[reservation.sid] = before = (drawn_from, _card(*drawn_from))
        return before[1]

    def pictured(self) -> Iterable[Section]:
        """The Reservations on its cards."""
        columns = ("Worker", "Reservation", "Task", "TaskQueue", "Attributes", "Created (UTC)")
        cards = self.state["cards"]
        rows = [
            (
                card["worker"],
                f"Reservation {card['status']}",
                f"{short_sid(card['task'])}: Task {card['task_status']}",
                card["queue"],
                in_one_text(card["attributes"]),
                time_of_day_utc(card["created"]),
            )
            for card in cards
        ]
        return [Section(f"{counted(len(cards) + self.state['more'], 'Reservation')}.", Table(columns, rows))]

    def _handlers(self) -> Mapping[str, Handler]:
        acts = {"accept": self._accept, "reject": self._reject, "wrap_up": self._wrap_up, "complete": self._complete}
        return {name: self._showing_calls(act) for name, act in acts.items()}

    def _showing_calls(self, act: Handler) -> Handler:
        def acted(message: Mapping[str, Any]) -> JobOutcome:
            outcome = self._calls.run(lambda: act(message), about=text_of(message, "sid"))
            self.refresh()
            return outcome

        return acted

    def _accept(self, message: Mapping[str, Any]) -> str:
        task_sid, sid = _sids(message)
        self._client.accept(task_sid, sid)
        self._live.note_status(sid, ReservationStatus.ACCEPTED)
        return "Accepted."

    def _reject(self, message: Mapping[str, Any]) -> JobOutcome | str:
        task_sid, sid = _sids(message)
        activity = text_of(message, "activity")
        known = next((a for a in self._live.activities if a.sid == activity), None)
        if activity and known is None:
            return JobOutcome(ok=False, text="This Activity does not exist any more; nothing was sent.")
        worker = next((r.worker_sid for r in self._live.reservations if r.sid == sid), "")
        self._client.reject(task_sid, sid, activity=activity or None)
        self._live.note_status(sid, ReservationStatus.REJECTED)
        if known is None:
            return "Rejected."
        self._live.note_activity(worker, known.sid)
        return f"Rejected; the Worker is now {known.name}."

    def _wrap_up(self, message: Mapping[str, Any]) -> str:
        task_sid, sid = _sids(message)
        self._client.wrap_up(task_sid, sid)
        self._live.note_status(sid, ReservationStatus.WRAPPING)
        return "Wrapping up."

    def _complete(self, message: Mapping[str, Any]) -> str:
        task_sid, sid = _sids(message)
        task = self._live.task(task_sid)
        if task is not None and task.is_shared:
            self._client.complete_reservation(task_sid, sid)
        else:
            self._client.complete(task_sid)
        self._live.note_status(sid, ReservationStatus.COMPLETED)
        return "Completed."


def _card(
    reservation: ReservationView,
    task: TaskView,
    worker: WorkerView | None,
    call: Mapping[str, Any] | None,
    handed: str,
) -> dict[str, Any]:
    return {
        "sid": reservation.sid,
        "status": str(reservation.status),
        "over": reservation.is_over,
        "task": reservation.task_sid,
        "task_status": str(task.status),
        "worker": (worker.name if worker else "") or reservation.worker_name,
        "worker_sid": reservation.worker_sid,
        "activity": worker.activity_name if worker else "",
        "queue": task.task_queue_name,
        "channel": task.task_channel,
        "priority": task.priority,
        "attributes": readable(task.attributes),
        "task_created": milliseconds(task.created_at),
        "created": milliseconds(reservation.created_at),
        "deadline": milliseconds(reservation.deadline),
        "why": _why(reservation, task),
        "call": call,
        "handed": handed,
        "shared": task.is_shared,
    }


def _why(reservation: ReservationView, task: TaskView) -> str:
    """Why it is over, and what follows."""
    came_by = task.came_by(reservation)
    if came_by is None:
        return WHY.get(reservation.status, "")
    if reservation.status == ReservationStatus.CANCELED:
        return TAKEN_BACK
    of_transfer = {} if came_by.to.startswith(Sid.TASK_QUEUE) else WHY_HANDED
    return of_transfer.get(reservation.status) or WHY.get(reservation.status, "")


def _handed(reservation: ReservationView, task: TaskView, named: Callable[[str], str]) -> str:
    """From whom the Task comes, or to whom it goes; empty of a Reservation that has to do with no transfer."""
    came_by, goes_by = task.came_by(reservation), task.goes_by(reservation)
    if goes_by is not None and goes_by.is_under_way:
        return f"Handing over to {_name(goes_by.to, named)}{_mode(goes_by)}"
    if goes_by is not None and goes_by.status == TransferStatus.FAILED:
        return f"Not handed over to {_name(goes_by.to, named)}"
    if goes_by is not None and goes_by.status == TransferStatus.COMPLETE:
        return f"Handed over to {_name(goes_by.to, named)}{_mode(goes_by)}"
    return f"Handed over by {_name(came_by.worker_sid, named)}{_mode(came_by)}" if came_by is not None else ""


def _name(sid: str, named: Callable[[str], str]) -> str:
    return named(sid) or short_sid(sid) or "another Worker"


def _mode(transfer: TransferView) -> str:
    return f" ({transfer.mode.lower()})" if transfer.mode else ""


def _sids(message: Mapping[str, Any]) -> tuple[str, str]:
    return text_of(message, "task"), text_of(message, "sid")


PANEL = Inbox
