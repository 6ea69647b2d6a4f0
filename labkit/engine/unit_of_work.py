"""One unit of work of the engine: what a handler may do to the state, written down as it does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from labkit.engine.deadlines import Deadlines
from labkit.engine.effects import Alert, Effect, Event, Outcome
from labkit.engine.refusals import PreconditionFailed
from labkit.engine.resources import Record, Task, Worker
from labkit.engine.unfinished import Unfinished, Work
from labkit.engine.workspace_state import WaitingLine, WorkspaceState
from labkit.error_codes import ErrorCode
from labkit.vocabulary import EventType, Sid

R = TypeVar("R", bound=Record)


class UnitOfWork:
    """Given to every handler. Its methods are the only ways to change, remove, report and ask.

    Attributes:
        state: the Workspace that the command is about.
        now: the moment for which it is done: of the command, or the deadline that fell due.
        arrivals: pending Tasks that must look for a Worker, by SID.
        freed: Workers who may take more than before, by SID.
        resumed: lines of waiting Tasks that were passed over before.
        moves: how many targets each Task has left in this unit of work, by SID.
        reports: whether events are made; `event_payloads.py` gathers nothing for them if not.
        keeps_ended: whether a Task stays for some minutes after its end.
        ended: Tasks that go with this unit of work, for they do not.
    """

    def __init__(
        self,
        state: WorkspaceState,
        now: datetime,
        *,
        sids: Callable[[str], str],
        numbers: Iterator[int],
        deadlines: Deadlines,
        unfinished: dict[Unfinished, None],
        states: Mapping[str, WorkspaceState],
        reports: bool,
        keeps_ended: bool,
    ) -> None:
        self.state = state
        self.now = now
        self.outcome = Outcome()
        self.arrivals: dict[str, Task] = {}
        self.freed: dict[str, Worker] = {}
        self.resumed: list[WaitingLine] = []
        self.deadlines = deadlines
        self.moves: dict[str, int] = {}
        self.reports = reports
        self.keeps_ended = keeps_ended
        self.ended: list[Task] = []
        self._unfinished = unfinished
        self._sids = sids
        self._numbers = numbers
        self._states = states

    def new_record_fields(self, kind: Sid) -> dict[str, Any]:
        """The fields that every new record begins with."""
        return {
            "sid": self._sids(kind),
            "workspace_sid": self.state.workspace.sid,
            "number": next(self._numbers),
            "date_created": self.now,
            "date_updated": self.now,
        }

    def add(self, record: R) -> R:
        """Keep a new record, or one of which nothing has changed that anybody is shown."""
        self.outcome.changed[record.sid] = record
        return record

    def leave_for_later(self, work: Work, record: Record) -> None:
        """There is more to do than one unit of work may; the record's field that says so is kept as well."""
        self.add(record)
        self._unfinished[Unfinished(work, record.workspace_sid, record.sid)] = None

    def touch(self, record: R) -> R:
        """Keep a record as it is now: one version up, changed now."""
        record.version += 1
        record.date_updated = self.now
        self.outcome.changed[record.sid] = record
        return record

    def remove(self, record: Record) -> None:
        """Forget a record."""
        self.outcome.changed.pop(record.sid, None)
        self.outcome.removed[record.sid] = record

    def ask(self, effect: Effect) -> None:
        """Ask the world for something, once all is committed."""
        self.outcome.effects.append(effect)

    def report(
        self, type_: EventType, description: str, data: dict[str, Any], *, resource: str, resource_sid: str
    ) -> None:
        """Report that something happened, with the values of this moment."""
        if not self.reports:
            return
        workspace = self.state.workspace
        event = Event(
            sid=self._sids(Sid.EVENT),
            type=type_,
            at=self.now,
            workspace_sid=workspace.sid,
            account_sid=workspace.account_sid,
            resource_type=resource,
            resource_sid=resource_sid,
            description=description,
            data=data,
        )
        self.outcome.events.append(event)

    def alert(self, code: ErrorCode, problem: str, *, resource_sid: str) -> Alert:
        """Raise an alert with one of Twilio's error codes."""
        workspace = self.state.workspace
        alert = Alert(
            at=self.now,
            account_sid=workspace.account_sid,
            workspace_sid=workspace.sid,
            resource_sid=resource_sid,
            code=code,
            text=f"{code.meaning}: {problem}",
        )
        self.outcome.alerts.append(alert)
        return alert

    def is_elsewhere(self, worker_sid: Any) -> bool:
        """Whether another Workspace of the same account has this Worker."""
        others = (f for f in self._states.values() if f.workspace.account_sid == self.state.workspace.account_sid)
        return isinstance(worker_sid, str) and any(worker_sid in state.workers for state in others)

    def route(self, task: Task) -> None:
        """The Task must look for a Worker before the unit of work ends."""
        self.state.leave(task)
        self.arrivals[task.sid] = task

    def free(self, worker: Worker) -> None:
        """The Worker may take more than before."""
        self.freed[worker.sid] = worker

    def resume(self, lane: WaitingLine) -> None:
        """The Tasks that wait there must look for Workers, who may have had no Task of theirs so far."""
        self.resumed.append(lane)

    def drain(self) -> tuple[list[Task], list[Worker]]:
        """The arrivals and the freed Workers since this was last asked."""
        drained = list(self.arrivals.values()), list(self.freed.values())
        self.arrivals.clear()
        self.freed.clear()
        return drained


def check_version(record: Record, if_match: str | None) -> None:
    """Compare `If-Match` with the record (docs: /docs/usage/mutation-and-conflict-resolution).

    Raises:
        PreconditionFailed: it names another version.
    """
    if if_match is None:
        return
    wanted = if_match.strip().removeprefix("W/").strip('"')
    if wanted not in ("*", str(record.version)):
        raise PreconditionFailed(record.sid, record.version, if_match)
