"""WorkerBoard: who is here, what they can do, whether they are available, and what they are doing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from labkit.widgets.base import Handler, LivePanel, script, style, text_of
from labkit.widgets.desk_protocol import DeskLike
from labkit.widgets.jobs import Jobs, Outcome
from labkit.widgets.live import LiveState
from labkit.widgets.views import WorkerView, milliseconds, readable


class WorkerBoard(LivePanel):
    """Every Worker of the Workspace, with a switch for its Activity.

    Args:
        live: what is known.
        desk: where a changed Activity goes.
        jobs: where that runs.
    """

    _esm = script("worker_board")
    _css = style("worker_board")
    topics = frozenset({"reservations", "workers"})

    def __init__(self, live: LiveState, *, desk: DeskLike, jobs: Jobs) -> None:
        self._desk = desk
        super().__init__(live, jobs=jobs)

    def _content(self) -> dict[str, Any]:
        busy: dict[str, list[dict[str, str]]] = defaultdict(list)
        for reservation in self._live.reservations:
            if not reservation.is_over:
                busy[reservation.worker_sid].append({"sid": reservation.task_sid, "status": str(reservation.status)})
        return {
            "workers": [self._row(worker, busy[worker.sid]) for worker in self._live.workers],
            "activities": [{"sid": a.sid, "name": a.name, "available": a.available} for a in self._live.activities],
        }

    def _row(self, worker: WorkerView, tasks: list[dict[str, str]]) -> dict[str, Any]:
        return {
            "sid": worker.sid,
            "name": worker.name,
            "activity": worker.activity_name,
            "activity_sid": worker.activity_sid,
            "available": worker.available,
            "since": milliseconds(worker.activity_since),
            "attributes": readable(worker.attributes),
            "tasks": tasks,
        }

    def _handlers(self) -> Mapping[str, Handler]:
        return {"set_activity": self._set_activity}

    def _set_activity(self, message: Mapping[str, Any]) -> Outcome | str:
        worker, activity = text_of(message, "worker"), text_of(message, "activity")
        known = next((a for a in self._live.activities if a.sid == activity), None)
        if known is None:
            return Outcome(ok=False, text="This Activity does not exist any more.")
        self._desk.set_activity(worker, activity)
        self._live.worker_became(worker, activity)
        return f"Now {known.name}."
