"""WorkerBoard: who is here, what they can do, whether they are available, and what they are doing.

Docs: /docs/taskrouter/api/worker and /docs/taskrouter/api/worker-channel.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, ClassVar

from labkit.background import JobOutcome, Jobs
from labkit.display import Section, Table, counted
from labkit.live.views import ReservationView, TaskView, WorkerView
from labkit.live.workspace import LiveWorkspace
from labkit.taskrouter.workspace_client import WorkspaceClient
from labkit.vocabulary import short_sid
from labkit.widgets.base import Handler, SparingPanel, script, style, text_of
from labkit.widgets.json_check import check_attributes
from labkit.widgets.lab_parts import LabParts
from labkit.widgets.rest_calls import RestCalls
from labkit.widgets.still import in_one_text
from labkit.widgets.workers.worker_rows import Held, row

WORKERS = 500
READ_AT_ONCE = 10
MAX_CAPACITY = 1_000
"""TaskRouter names no highest capacity; a board draws no more."""

_BOARD = "the board"


class WorkerBoard(SparingPanel):
    """Every Worker of the Workspace, with a switch for its Activity, its capacities, and what it is doing.

    Args:
        live: what is known.
        client: where changes go.
        jobs: where that runs.
    """

    title = "Workers"
    _esm = script("workers")
    _css = style("workers")
    desk_place: ClassVar[Mapping[str, int]] = {"first": 2, "work": 3, "watch": 2}
    looks = frozenset({"attributes", "channels", "check"})
    topics = frozenset({"reservations", "workers"})

    @classmethod
    def of_lab(cls, lab: LabParts) -> WorkerBoard:
        """The panel of a lab."""
        return cls(lab.live, client=lab.client, jobs=lab.jobs)

    def __init__(self, live: LiveWorkspace, *, client: WorkspaceClient, jobs: Jobs) -> None:
        self._client = client
        self._calls = RestCalls()
        self._drawn_rows: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}
        super().__init__(live, jobs=jobs)

    def _content(self) -> dict[str, Any]:
        workers, held = self._live.workers, self._held()
        rows = [self._row(worker, tuple(held[worker.sid])) for worker in workers[:WORKERS]]
        self._drawn_rows = {each["sid"]: self._drawn_rows[each["sid"]] for each in rows}
        return {
            "workers": rows,
            "more": max(0, len(workers) - WORKERS),
            "available": sum(worker.available for worker in workers),
            "activities": [{"sid": a.sid, "name": a.name, "available": a.available} for a in self._live.activities],
            "most": MAX_CAPACITY,
            "own": self._client.own_worker_sid,
            "call": self._calls.latest(_BOARD),
        }

    def _held(self) -> dict[str, list[tuple[ReservationView, TaskView | None]]]:
        held: dict[str, list[tuple[ReservationView, TaskView | None]]] = defaultdict(list)
        for reservation in self._live.reservations:
            if not reservation.is_over:
                held[reservation.worker_sid].append((reservation, self._live.task(reservation.task_sid)))
        return held

    def _row(self, worker: WorkerView, held: Held) -> dict[str, Any]:
        """Drawn anew only when something of it has changed: there may be hundreds, thirty times a second."""
        drawn_from = (worker, held, self._live.channels(worker.sid))
        before = self._drawn_rows.get(worker.sid)
        if before is None or before[0] != drawn_from:
            self._drawn_rows[worker.sid] = before = (drawn_from, row(*drawn_from))
        return before[1]

    def pictured(self) -> Iterable[Section]:
        """Who is there, and what they are doing."""
        columns = ("Worker", "Activity", "Reservations", "Attributes")
        workers = self.state["workers"]
        rows = [
            (
                worker["name"],
                f"{worker['activity']}, takes {'Tasks' if worker['available'] else 'no Tasks'}",
                ", ".join(f"Reservation {each['status']} for {short_sid(each['sid'])}" for each in worker["tasks"]),
                in_one_text([*worker["skills"], *worker["chips"]]),
            )
            for worker in workers
        ]
        there = counted(len(workers) + self.state["more"], "Worker")
        return [Section(f"{there}, {self.state['available']:,} available.", Table(columns, rows))]

    def _handlers(self) -> Mapping[str, Handler]:
        acts = {
            "set_activity": self._set_activity,
            "set_capacity": self._set_capacity,
            "create": self._create,
            "update": self._update,
            "delete": self._delete,
        }
        shown = {name: self._showing_calls(act) for name, act in acts.items()}
        return {**shown, "channels": self._read_channels, "check": _check, "attributes": self._attributes}

    def _showing_calls(self, act: Handler) -> Handler:
        def acted(message: Mapping[str, Any]) -> JobOutcome:
            outcome = self._calls.run(lambda: act(message), about=_BOARD)
            self.refresh()
            return outcome

        return acted

    def _set_activity(self, message: Mapping[str, Any]) -> JobOutcome | str:
        worker, activity = text_of(message, "worker"), text_of(message, "activity")
        known = next((a for a in self._live.activities if a.sid == activity), None)
        if known is None:
            return JobOutcome(ok=False, text="This Activity does not exist any more.")
        self._client.set_activity(worker, activity)
        self._live.note_activity(worker, activity)
        return f"Now {known.name}."

    def _set_capacity(self, message: Mapping[str, Any]) -> JobOutcome | str:
        worker, channel, capacity = text_of(message, "worker"), text_of(message, "channel"), message.get("capacity")
        if not isinstance(capacity, int) or not 0 <= capacity <= MAX_CAPACITY:
            return JobOutcome(ok=False, text=f"A capacity is a whole number from 0 to {MAX_CAPACITY:,}.")
        self._live.learn_channel(worker, self._client.set_capacity(worker, channel, capacity=capacity))
        return f"{channel} takes {capacity} at once now."

    def _create(self, message: Mapping[str, Any]) -> JobOutcome | str:
        name, checked = text_of(message, "name").strip(), check_attributes(text_of(message, "attributes"))
        if checked.problem is not None:
            return JobOutcome(ok=False, text=checked.problem.text)
        activity = text_of(message, "activity") or None
        worker = self._client.create_worker(name, attributes=checked.value, activity=activity)
        self._live.learn_worker(worker)
        return JobOutcome(ok=True, text=f"Created {worker.name}.", data={"worker": worker.sid})

    def _update(self, message: Mapping[str, Any]) -> JobOutcome | str:
        known = self._live.worker(text_of(message, "worker"))
        name, checked = text_of(message, "name").strip(), check_attributes(text_of(message, "attributes"))
        if known is None:
            return JobOutcome(ok=False, text="This Worker does not exist any more.")
        if checked.problem is not None:
            return JobOutcome(ok=False, text=checked.problem.text)
        new_name = None if name == known.name else name
        new_attributes = None if checked.value == dict(known.attributes) else checked.value
        if new_name is None and new_attributes is None:
            return "Nothing was changed, so nothing was sent."
        self._live.learn_worker(self._client.update_worker(known.sid, name=new_name, attributes=new_attributes))
        return f"Changed {name}."

    def _delete(self, message: Mapping[str, Any]) -> str:
        sid = text_of(message, "worker")
        known = self._live.worker(sid)
        self._client.delete_worker(sid)
        self._live.worker_deleted(sid)
        return f"Deleted {known.name if known else sid}."

    def _read_channels(self, message: Mapping[str, Any]) -> None:
        """Asked by the browser for the rows that somebody sees, and only for those."""
        wanted = message.get("workers")
        for sid in islice(wanted if isinstance(wanted, list) else [], READ_AT_ONCE):
            if self._live.worker(str(sid)) is not None:
                self._live.read_channels(str(sid))

    def _attributes(self, message: Mapping[str, Any]) -> JobOutcome:
        """The attributes as text to be edited: the row has them cut."""
        known = self._live.worker(text_of(message, "worker"))
        if known is None:
            return JobOutcome(ok=False, text="This Worker does not exist any more.")
        return JobOutcome(
            ok=True, data={"attributes": json.dumps(dict(known.attributes), indent=2, ensure_ascii=False)}
        )


def _check(message: Mapping[str, Any]) -> JobOutcome:
    problem = check_attributes(text_of(message, "attributes")).problem
    placed = None if problem is None else {"text": problem.text, "line": problem.line, "source": problem.source}
    return JobOutcome(ok=True, data={"problem": placed})


PANEL = WorkerBoard
