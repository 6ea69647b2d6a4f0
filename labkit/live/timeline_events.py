"""Happenings: what TaskRouter reports of a Task or a Worker, read once and kept small, for pictures of the past.

Thousands of these are kept, so each has what a picture needs and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from labkit.callback_events import EventCallback
from labkit.live.events import meaning_of
from labkit.live.merge import task_status
from labkit.live.sentences import Named, sentence, unnamed
from labkit.vocabulary import ReservationStatus, TransferStatus

CALLBACK = "assignment.callback"
"""The kind of a happening that is no event: TaskRouter asked what to do, and got an answer."""
SEEN = "seen"
"""The kind of a happening that is no event either: the lab looked over REST, and this is how things stood."""
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One thing that happened. `kind` is an EventType, `CALLBACK` or `SEEN`; texts are empty where nothing is said.

    `status` is the Task's after it, as the event says, and `version` orders what happened in one millisecond.
    `before` is how long the Worker had been in its previous Activity. `transfer` is the SID of the transfer that it is
    about, or by which the Reservation was made.
    """

    at: datetime
    kind: str
    text: str
    task: str = ""
    status: str = ""
    queue: str = ""
    reservation: str = ""
    worker: str = ""
    worker_name: str = ""
    activity: str = ""
    previous_activity: str = ""
    before: timedelta | None = None
    version: int = 0
    transfer: str = ""

    @property
    def moment(self) -> tuple[datetime, int]:
        """Its place in TaskRouter's own order."""
        return self.at, self.version

    @property
    def mark(self) -> str:
        """How the timeline draws it: `event`, `timeout`, `refused`, `transfer`, `callback` or `seen`."""
        return {CALLBACK: "callback", SEEN: "seen"}.get(self.kind) or meaning_of(self.kind).mark

    @property
    def removes_task(self) -> bool:
        """Whether the Task is gone after it."""
        return meaning_of(self.kind).removes_task

    @property
    def reservation_status(self) -> ReservationStatus | None:
        """The status that it brings the Reservation, if it brings one."""
        return meaning_of(self.kind).reservation_status

    @property
    def transfer_status(self) -> TransferStatus | None:
        """The status that it brings the transfer, if it brings one."""
        return meaning_of(self.kind).transfer_status


def of_event(event: EventCallback, *, at: datetime, named: Named = unnamed) -> TimelineEvent:
    """From an Event; `named` gives the names of Workers and TaskQueues that it tells by their SIDs."""
    kind = event.event_type
    milliseconds = event.worker_time_in_previous_activity_ms
    version = event.worker_version if event.task_version is None else event.task_version
    return TimelineEvent(
        at=at,
        kind=kind,
        text=sentence(event, named=named)[:_LONGEST],
        task=event.task_sid,
        status=task_status(event),
        queue=event.task_queue_name[:_LONGEST],
        reservation=event.reservation_sid,
        worker=event.worker_sid or event.transfer_initiating_worker_sid,
        worker_name=event.worker_name[:_LONGEST],
        activity=event.worker_activity_name[:_LONGEST],
        previous_activity=event.worker_previous_activity_name[:_LONGEST],
        before=None if milliseconds is None else timedelta(milliseconds=min(max(milliseconds, 0), 10**11)),
        version=version or 0,
        transfer=event.task_transfer_sid or event.transfer_mode[:_LONGEST],
    )


def of_exchange(exchange: Mapping[str, Any], *, heard: datetime) -> TimelineEvent | None:
    """From an exchange at the callback server; None unless it is an assignment callback that TaskRouter signed."""
    form = exchange.get("form")
    if not isinstance(form, Mapping) or exchange.get("signature") != "valid":
        return None
    asked = EventCallback.from_form(form)
    if asked.event_type or not asked.reservation_sid:
        return None
    answer = str(exchange.get("response_body") or "").strip()
    said = f"Assignment callback: answered {exchange.get('status')} {answer}".rstrip()
    took = exchange.get("milliseconds")
    return TimelineEvent(
        at=asked.began(heard),
        kind=CALLBACK,
        text=said[:_LONGEST] + (f" in {took:.0f} ms" if isinstance(took, (int, float)) else ""),
        task=asked.task_sid,
        reservation=asked.reservation_sid,
        worker=asked.worker_sid,
    )
