"""A small TaskRouter for tests: the engine on a clock moved by hand, everything called by name, and what a store keeps.

Times are seconds since `START`. What each command brought about is written down as a store would write it, so a test
can load it again and look for what was forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from labkit.engine import Engine
from labkit.engine import commands as c
from labkit.engine.effects import Alert, Effect, Event, Outcome
from labkit.engine.resources import Record, Reservation, Task, Transfer, Worker
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.store.codec import KIND_OF, decode_record, encode_record
from labkit.vocabulary import Instruction, Sid, TransferMode

START = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNT = "AC" + "0" * 32
CALLBACK_URL = "http://callback.test/assignment"
Json = dict[str, Any]


def moment(seconds: float) -> datetime:
    """The moment that many seconds after the start."""
    return START + timedelta(seconds=seconds)


def records_of(state: WorkspaceState) -> Iterator[Record]:
    """Every record of a Workspace."""
    yield state.workspace
    for shelf in (state.activities, state.task_channels, state.task_queues, state.workers, state.workflows):
        yield from shelf.values()
    for shelf in (state.revisions, state.tasks, state.reservations, state.transfers, state.call_legs, state.call_rules):
        yield from shelf.values()
    for worker in state.workers.values():
        yield from worker.channels.values()


def written(state: WorkspaceState) -> dict[str, str]:
    """Every record of a Workspace as the store writes it, by SID."""
    return {record.sid: encode_record(record) for record in records_of(state)}


class World:
    """One Workspace, new or loaded.

    Attributes:
        engine: the engine under test.
        seconds: the time, since the start.
        events: what was reported since `take_events` was last called.
        effects: what was asked of the world, all of it.
        alerts: what was shown of mistakes, all of it.
        kept: what a store would hold now, by SID: kind and text.
    """

    def __init__(self, *, reports: bool = True, **workspace: Any) -> None:
        self._sids, self._event_sids = count(1), count(1)
        self._reports = reports
        self.engine = Engine(sids=self.new_sid, reports=reports)
        self.seconds = 0.0
        self.events: list[Event] = []
        self.effects: list[Effect] = []
        self.alerts: list[Alert] = []
        self.kept: dict[str, tuple[str, str]] = {}
        self.names: dict[str, str] = {}
        command = c.CreateWorkspace(account_sid=ACCOUNT, friendly_name="World", **workspace)
        self.sid: str = self._note(self.engine.handle(command, START)).result.sid
        self._name_what_is_there()
        self.take_events()

    def new_sid(self, prefix: str) -> str:
        """The next SID: they are counted, so that two runs give the same, with or without events."""
        return f"{prefix}{next(self._event_sids if prefix == Sid.EVENT else self._sids):032x}"

    def _name_what_is_there(self) -> None:
        self.names.update({a.friendly_name: a.sid for a in self.state.activities.values()})
        self.names.update({ch.unique_name: ch.sid for ch in self.state.task_channels.values()})

    # --- running ----------------------------------------------------------------------------------------------------

    @property
    def state(self) -> WorkspaceState:
        return self.engine.states[self.sid]

    @property
    def now(self) -> datetime:
        return moment(self.seconds)

    def at(self, seconds: float) -> World:
        """Move the clock and play what falls due on the way."""
        assert seconds >= self.seconds, f"time goes on: it is {self.seconds}, not {seconds}"
        self.seconds = seconds
        self._note(self.engine.tick(self.now))
        return self

    def run(self, kind: type[c.Command], **fields: Any) -> Any:
        """Play a command now; the record that it was about."""
        return self._note(self.engine.handle(kind(workspace_sid=self.sid, **fields), self.now)).result

    def go_on(self) -> bool:
        """Play a slice of unfinished work; whether there was any."""
        outcome = self.engine.go_on(self.now)
        if outcome is not None:
            self._note(outcome)
        return outcome is not None

    def _note(self, outcome: Outcome) -> Outcome:
        self.events += outcome.events
        self.effects += outcome.effects
        self.alerts += outcome.alerts
        for sid, record in outcome.changed.items():
            self.kept[sid] = (KIND_OF[type(record)], encode_record(record))
        for sid in outcome.removed:
            self.kept.pop(sid, None)
        return outcome

    def take_events(self) -> list[str]:
        """The types of the events since this was last asked."""
        taken = [str(event.type) for event in self.events]
        self.events.clear()
        return taken

    def restart(self) -> None:
        """Go on with an engine made of what a store would hold now."""
        self.engine = self.reload()

    def reload(self) -> Engine:
        """A second engine, made of what a store would hold now."""
        records = [decode_record(kind, text) for kind, text in self.kept.values()]
        return Engine(sids=self.new_sid, records=records, reports=self._reports)

    # --- looking ----------------------------------------------------------------------------------------------------

    def task(self, name: str) -> Task:
        return self.state.tasks[self.names[name]]

    def worker(self, name: str) -> Worker:
        return self.state.workers[self.names[name]]

    def name_of(self, sid: str | None) -> str | None:
        """The name that a SID was given in this test, or the SID."""
        return next((name for name, named in self.names.items() if named == sid), sid)

    def _named(self, text: str | None) -> str | None:
        """The text with names in the place of SIDs."""
        for name, sid in self.names.items():
            text = text and text.replace(sid, name)
        return text

    def reservation(self, task: str, worker: str | None = None) -> Reservation:
        """The Task's latest Reservation (for a Worker, if one is named)."""
        held = [r for r in self.task(task).reservations if worker is None or r.worker_sid == self.names[worker]]
        return held[-1]

    def describe(self, task: str) -> Json | None:
        """What a test may expect of a Task, by name; None for one that was removed."""
        found = self.state.tasks.get(self.names[task])
        if found is None:
            return None
        return {
            "status": str(found.assignment_status),
            "queue": self.name_of(found.task_queue_sid),
            "workers": [self.name_of(r.worker_sid) for r in found.reservations if r.is_open],
            "reservations": [str(r.reservation_status) for r in found.reservations],
            "priority": found.priority,
            "reason": self._named(found.reason),
            "assignments": found.assignments,
            "target": found.target_index,
            "filter": found.filter_index,
        }

    # --- doing, by name ---------------------------------------------------------------------------------------------

    def add_activity(self, name: str, *, available: bool = False) -> None:
        self.names[name] = self.run(c.CreateActivity, friendly_name=name, available=available).sid

    def add_channel(self, name: str, *, optimized: bool = False) -> None:
        channel = self.run(
            c.CreateTaskChannel, friendly_name=name, unique_name=name, channel_optimized_routing=optimized
        )
        self.names[name] = channel.sid

    def add_queue(self, name: str, target_workers: str = "1==1", **fields: Any) -> None:
        self.names[name] = self.run(c.CreateTaskQueue, friendly_name=name, target_workers=target_workers, **fields).sid

    def add_worker(
        self,
        name: str,
        *,
        activity: str | None = "Available",
        attributes: Mapping[str, Any] | None = None,
        capacity: Mapping[str, int] | None = None,
    ) -> None:
        activity_sid = self.names[activity] if activity else None
        worker = self.run(
            c.CreateWorker, friendly_name=name, activity_sid=activity_sid, attributes=json.dumps(attributes or {})
        )
        self.names[name] = worker.sid
        for channel, units in (capacity or {}).items():
            self.set_channel(name, channel, configured_capacity=units)

    def configuration(self, filters: list[Json], default_filter: Json | None = None) -> str:
        """A Workflow's configuration, its queues given by name."""
        routing: Json = {"filters": filters}
        if default_filter is not None:
            routing["default_filter"] = default_filter
        return json.dumps({"task_routing": self._with_sids(routing)})

    def _with_sids(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self._with_sids(child, name) for name, child in value.items()}
        if isinstance(value, list):
            return [self._with_sids(child, key) for child in value]
        if key in ("queue", "task_queue_sid"):
            return self.names.get(value, value)
        if key == "skip_if":
            for name in sorted(self.names, key=len, reverse=True):
                value = value.replace(f"<{name}>", self.names[name])
        return value

    def add_workflow(
        self,
        name: str,
        *,
        filters: list[Json] | None = None,
        default_filter: Json | None = None,
        reservation_timeout: int = 120,
        callback: bool = True,
    ) -> None:
        workflow = self.run(
            c.CreateWorkflow,
            friendly_name=name,
            configuration=self.configuration(filters or [], default_filter),
            assignment_callback_url=CALLBACK_URL if callback else "",
            task_reservation_timeout=reservation_timeout,
        )
        self.names[name] = workflow.sid

    def update_workflow(
        self,
        workflow: str,
        *,
        filters: list[Json] | None = None,
        default_filter: Json | None = None,
        re_evaluate: bool = False,
        **changes: Any,
    ) -> None:
        if filters is not None or default_filter is not None:
            changes["configuration"] = self.configuration(filters or [], default_filter)
        self.run(c.UpdateWorkflow, sid=self.names[workflow], changes=changes, re_evaluate_tasks=re_evaluate)

    def update_queue(self, queue: str, **changes: Any) -> None:
        self.run(c.UpdateTaskQueue, sid=self.names[queue], changes=changes)

    def update_workspace(self, **changes: Any) -> None:
        for name in ("timeout_activity_sid", "default_activity_sid"):
            if name in changes:
                changes[name] = self.names[changes[name]]
        self.run(c.UpdateWorkspace, sid=self.sid, changes=changes)

    def create_task(
        self,
        task: str,
        *,
        attributes: Mapping[str, Any] | None = None,
        workflow: str | None = None,
        channel: str = "default",
        to: str | None = None,
        queue: str | None = None,
        start: float | None = None,
        **fields: Any,
    ) -> Task:
        """A Task. `to` is its RoutingTarget, `queue` its TaskQueueSid, `start` its VirtualStartTime in seconds."""
        created: Task = self.run(
            c.CreateTask,
            attributes=json.dumps(attributes or {}),
            workflow_sid=self.names[workflow] if workflow else None,
            task_channel=channel,
            routing_target=self.names.get(to, to) if to else None,
            task_queue_sid=self.names[queue] if queue else None,
            virtual_start_time=None if start is None else moment(start),
            **fields,
        )
        self.names[task] = created.sid
        return created

    def update_task(self, task: str, *, attributes: Mapping[str, Any] | None = None, **changes: Any) -> None:
        """Change a Task; `status` is its AssignmentStatus, `channel` its TaskChannel, `start` its VirtualStartTime."""
        wire = {"status": "assignment_status", "channel": "task_channel"}
        changes = {wire.get(name, name): value for name, value in changes.items()}
        if attributes is not None:
            changes["attributes"] = json.dumps(attributes)
        if "start" in changes:
            changes["virtual_start_time"] = moment(changes.pop("start"))
        self.run(c.UpdateTask, sid=self.names[task], changes=changes)

    def set_activity(self, worker: str, activity: str, *, reject_pending: bool = False) -> None:
        self.run(
            c.UpdateWorker,
            sid=self.names[worker],
            changes={"activity_sid": self.names[activity]},
            reject_pending_reservations=reject_pending,
        )

    def set_attributes(self, worker: str, attributes: Mapping[str, Any]) -> None:
        self.run(c.UpdateWorker, sid=self.names[worker], changes={"attributes": json.dumps(attributes)})

    def rename(self, worker: str, friendly_name: str) -> None:
        self.run(c.UpdateWorker, sid=self.names[worker], changes={"friendly_name": friendly_name})

    def set_channel(self, worker: str, channel: str, **changes: Any) -> None:
        self.run(c.UpdateWorkerChannel, worker_sid=self.names[worker], sid=channel, changes=changes)

    def answer(self, task: str, status: str, *, worker: str | None = None, activity: str | None = None) -> None:
        """Update the Task's latest Reservation over REST."""
        changes = {"reservation_status": status}
        if activity is not None:
            changes["worker_activity_sid"] = self.names.get(activity, activity)
        self.run(c.UpdateReservation, sid=self.reservation(task, worker).sid, changes=changes)

    def answer_often(self, task: str, status: str, times: int) -> None:
        """Answer the Task's latest Reservation so many times, each time the next one."""
        for _ in range(times):
            self.answer(task, status)

    def call_back(
        self, task: str, instruction: str | None = None, *, activity: str | None = None, **fields: Any
    ) -> Alert | None:
        """The assignment callback of the Task's latest Reservation was answered; `activity` is reject's activity_sid.

        The alert that came of it.
        """
        if activity is not None:
            fields["activity_sid"] = self.names.get(activity, activity)
        alert: Alert | None = self.run(
            c.AssignmentAnswered,
            reservation_sid=self.reservation(task).sid,
            instruction=Instruction(instruction) if instruction else None,
            fields=fields,
        )
        return alert

    def fail_callback(self, task: str) -> None:
        """Neither callback URL of the Task's latest Reservation answered."""
        self.run(c.AssignmentFailed, reservation_sid=self.reservation(task).sid)

    def transfer(
        self,
        task: str,
        worker: str,
        to: str,
        *,
        mode: str = TransferMode.WARM,
        attributes: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> Transfer:
        """Hand a Task over, from a Worker who has it, to another Worker or to a TaskQueue."""
        reservation = self.reservation(task, worker)
        begun: Transfer = self.run(
            c.TransferTask,
            worker_sid=self.names[worker],
            reservation_sid=reservation.sid,
            task_sid=self.names[task],
            to=self.names.get(to, to),
            mode=TransferMode(mode),
            attributes=None if attributes is None else json.dumps(attributes),
            **fields,
        )
        return begun

    def cancel_transfer(self, task: str, worker: str) -> Transfer:
        """Take the Task back from its latest transfer."""
        transfer = self.task(task).transfers[-1]
        canceled: Transfer = self.run(
            c.CancelTransfer, worker_sid=self.names[worker], sid=transfer.sid, task_sid=self.names[task]
        )
        return canceled

    def delete(self, name: str) -> None:
        """Delete whatever has this name."""
        kinds: dict[str, type[c.Delete]] = {
            "WA": c.DeleteActivity,
            "TC": c.DeleteTaskChannel,
            "WQ": c.DeleteTaskQueue,
            "WK": c.DeleteWorker,
            "WW": c.DeleteWorkflow,
            "WT": c.DeleteTask,
        }
        sid = self.names[name]
        self.run(kinds[sid[:2]], sid=sid)


def quickstart() -> World:
    """Twilio's quickstart: Alice speaks both languages and is Offline, Bob speaks English and is Available."""
    world = World()
    world.add_queue("Spanish", 'languages HAS "es"')
    world.add_queue("English", 'languages HAS "en"')
    filters = [
        {"filter_friendly_name": name, "expression": f'selected_language == "{code}"', "targets": [{"queue": name}]}
        for name, code in (("Spanish", "es"), ("English", "en"))
    ]
    world.add_workflow("Incoming", filters=filters)
    world.add_worker("Alice", activity="Offline", attributes={"languages": ["en", "es"]})
    world.add_worker("Bob", attributes={"languages": ["en"]})
    return world
