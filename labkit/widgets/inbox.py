"""Inbox: Reservations as a human agent meets them: read the Task, then accept or reject it.

Accept and Reject go by the Reservations REST API (docs: /docs/taskrouter/api/reservations); the answer to the
assignment callback has long been given by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from labkit.vocabulary import ReservationStatus
from labkit.widgets.base import Handler, LivePanel, script, style, text_of
from labkit.widgets.desk_protocol import DeskLike
from labkit.widgets.jobs import Jobs
from labkit.widgets.live import LiveState
from labkit.widgets.views import ReservationView, TaskView, milliseconds, readable

CARDS = 300
_SHOWN_AFTER_END = timedelta(seconds=10)

WHY: dict[str, str] = {
    ReservationStatus.REJECTED: "Rejected. TaskRouter looks for the next Worker.",
    ReservationStatus.TIMEOUT: (
        "Timed out: not accepted in time. TaskRouter moves the Worker to the Workspace's timeout Activity "
        "and offers the Task again."
    ),
    ReservationStatus.CANCELED: "Canceled: the Task was canceled, or no callback URL answered.",
    ReservationStatus.RESCINDED: "Rescinded: another Worker accepted the Task first.",
    ReservationStatus.COMPLETED: "Completed. The Worker is free for the next Task.",
}


class Inbox(LivePanel):
    """Incoming Reservations, live.

    Args:
        live: what is known.
        desk: where Accept, Reject, Wrap up and Complete go.
        jobs: where they run.
    """

    _esm = script("inbox")
    _css = style("inbox")
    topics = frozenset({"reservations", "workers"})

    def __init__(self, live: LiveState, *, desk: DeskLike, jobs: Jobs) -> None:
        self._desk = desk
        super().__init__(live, jobs=jobs)

    def _content(self) -> dict[str, Any]:
        recent = self._live.clock() - _SHOWN_AFTER_END
        shown = [r for r in self._live.reservations if r.ended_at is None or r.ended_at > recent]
        return {"cards": [self._card(r) for r in shown[:CARDS]], "more": max(0, len(shown) - CARDS)}

    def _card(self, reservation: ReservationView) -> dict[str, Any]:
        task = self._live.task(reservation.task_sid) or TaskView(sid=reservation.task_sid)
        worker = self._live.worker(reservation.worker_sid)
        return {
            "sid": reservation.sid,
            "status": str(reservation.status),
            "task": reservation.task_sid,
            "worker": reservation.worker_name or (worker.name if worker else ""),
            "queue": task.task_queue_name,
            "priority": task.priority,
            "attributes": readable(task.attributes),
            "task_created": milliseconds(task.created_at),
            "created": milliseconds(reservation.created_at),
            "deadline": milliseconds(reservation.deadline),
            "ended": milliseconds(reservation.ended_at),
            "why": WHY.get(reservation.status, ""),
        }

    def _handlers(self) -> Mapping[str, Handler]:
        return {"accept": self._accept, "reject": self._reject, "wrap_up": self._wrap_up, "complete": self._complete}

    def _accept(self, message: Mapping[str, Any]) -> str:
        task_sid, sid = _sids(message)
        self._desk.accept(task_sid, sid)
        self._live.reservation_became(sid, ReservationStatus.ACCEPTED)
        return "Accepted."

    def _reject(self, message: Mapping[str, Any]) -> str:
        task_sid, sid = _sids(message)
        self._desk.reject(task_sid, sid)
        self._live.reservation_became(sid, ReservationStatus.REJECTED)
        return "Rejected."

    def _wrap_up(self, message: Mapping[str, Any]) -> str:
        task_sid, sid = _sids(message)
        self._desk.wrap_up(task_sid, sid)
        self._live.reservation_became(sid, ReservationStatus.WRAPPING)
        return "Wrapping up."

    def _complete(self, message: Mapping[str, Any]) -> str:
        task_sid, sid = _sids(message)
        self._desk.complete(task_sid)
        self._live.reservation_became(sid, ReservationStatus.COMPLETED)
        return "Completed."


def _sids(message: Mapping[str, Any]) -> tuple[str, str]:
    return text_of(message, "task"), text_of(message, "sid")
