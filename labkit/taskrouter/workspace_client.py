"""The Desk: what a person does in one Workspace, said in TaskRouter's words, done by the official SDK."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from labkit import limits
from labkit.arguments import named_arguments
from labkit.attributes import json_to_send
from labkit.callback_events import EventCallback
from labkit.display import Records
from labkit.errors import TaskRouterError
from labkit.taskrouter import parsing
from labkit.taskrouter.errors import asking
from labkit.taskrouter.lookup import sid_of
from labkit.taskrouter.records import (
    ActivityRecord,
    Callbacks,
    NamedRecord,
    QueueStatistics,
    ReservationRecord,
    TaskQueueRecord,
    TaskRecord,
    WorkerChannelRecord,
    WorkerRecord,
)
from labkit.vocabulary import EventType, ReservationStatus, Sid, TaskStatus

if TYPE_CHECKING:
    from twilio.rest import Client

_WAITING_TASKS = (TaskStatus.PENDING, TaskStatus.RESERVED)
_HELD_TASKS = (TaskStatus.RESERVED, TaskStatus.ASSIGNED, TaskStatus.WRAPPING)
_OPEN_RESERVATIONS = (ReservationStatus.PENDING, ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING)


@named_arguments
class WorkspaceClient:
    """One Workspace, ready to work in. Keeps no state of its own, and may be used from any thread.

    Every method may raise TaskRouterError: TaskRouter refused, or did not answer. Where a Worker, an Activity or a
    Workflow is asked for, a name does as well as a SID, at the cost of one more request.

    Args:
        client: from `labkit.taskrouter.client.connect`.
        workspace_sid: the Workspace, `WS…`.
    """

    def __init__(self, client: Client, workspace_sid: str) -> None:
        self._client = client
        self.use_workspace(workspace_sid)

    @property
    def workspace_sid(self) -> str:
        """The Workspace that it works in."""
        return self._workspace_sid

    @property
    def own_worker_sid(self) -> str | None:
        """The Worker that whoever asks is, and no more than that; None for whoever holds the account's key."""
        return None

    def use_workspace(self, workspace_sid: str) -> None:
        """Work in another Workspace from now on: the one before is no more."""
        self._workspace_sid = workspace_sid
        self._workspace = self._client.taskrouter.v1.workspaces(workspace_sid)

    def workers(self) -> Records[WorkerRecord]:
        """All Workers (docs: /docs/taskrouter/api/worker)."""
        with asking("list the Workers"):
            found = self._workspace.workers.list(page_size=limits.MAX_PAGE_SIZE)
        return Records(map(parsing.worker, found), "Worker")

    def worker(self, worker: str) -> WorkerRecord:
        """One Worker (name or SID) as it is now (docs: /docs/taskrouter/api/worker)."""
        worker_sid = self._worker_sid(worker)
        with asking(f"fetch Worker {worker}"):
            return parsing.worker(self._workspace.workers(worker_sid).fetch())

    def activities(self) -> Records[ActivityRecord]:
        """All Activities (docs: /docs/taskrouter/api/activity)."""
        with asking("list the Activities"):
            found = self._workspace.activities.list(page_size=limits.MAX_PAGE_SIZE)
        return Records(map(parsing.activity, found), "Activity", things="Activities")

    def workflows(self) -> Records[NamedRecord]:
        """All Workflows, by friendly name (docs: /docs/taskrouter/api/workflow)."""
        with asking("list the Workflows"):
            found = self._workspace.workflows.list(page_size=limits.MAX_PAGE_SIZE)
        return Records(map(parsing.named, found), "Workflow")

    def task_channels(self) -> Records[NamedRecord]:
        """All TaskChannels, by unique name (docs: /docs/taskrouter/api/task-channel)."""
        with asking("list the TaskChannels"):
            found = self._workspace.task_channels.list(page_size=limits.MAX_PAGE_SIZE)
        return Records(map(parsing.task_channel, found), "TaskChannel")

    def task_queues(self) -> Records[TaskQueueRecord]:
        """All TaskQueues, by friendly name (docs: /docs/taskrouter/api/task-queue)."""
        with asking("list the TaskQueues"):
            found = self._workspace.task_queues.list(page_size=limits.MAX_PAGE_SIZE)
        return Records(map(parsing.task_queue, found), "TaskQueue")

    def open_reservations(
        self, tasks: Iterable[TaskRecord] | None = None, *, transfers: Iterable[EventCallback] | None = None
    ) -> Records[ReservationRecord]:
        """All Reservations that are pending, accepted or wrapping, of all Workers.

        Costs one request for each Task that is reserved, assigned or wrapping, or pending in a transfer: TaskRouter
        lists Reservations only by Task or by Worker. Meant for filling a panel once, not for polling.

        Args:
            tasks: what `open_tasks` said just now; it is asked where nothing is given.
            transfers: what `transfers_begun` said of these; it is asked where nothing is given.
        """
        open_tasks = self.open_tasks() if tasks is None else list(tasks)
        begun = self.transfers_begun(open_tasks) if transfers is None else transfers
        handed = {event.task_sid for event in begun}
        held = [task.sid for task in open_tasks if task.assignment_status in _HELD_TASKS or task.sid in handed]
        found = [each for sid in held for each in self._reservations_of(sid)]
        return Records((each for each in found if each.status in _OPEN_RESERVATIONS), "open Reservation")

    def open_tasks(self, *, workflow: str | None = None) -> Records[TaskRecord]:
        """All Tasks that are pending, reserved, assigned or wrapping (docs: /docs/taskrouter/api/task).

        Args:
            workflow: name or SID of the one whose Tasks are asked for; those of all by default.
        """
        query = {"assignment_status": [str(status) for status in (TaskStatus.PENDING, *_HELD_TASKS)]}
        query |= _given({"workflow_sid": workflow and self._workflow_sid(workflow)})
        with asking("list the open Tasks"):
            found = self._workspace.tasks.list(page_size=limits.MAX_PAGE_SIZE, **query)
        return Records(map(parsing.task, found), "open Task")

    def transfers_begun(self, tasks: Iterable[TaskRecord]) -> Records[EventCallback]:
        """The Events by which those of these Tasks were handed over that wait now, oldest first.

        TaskRouter's REST knows no transfers, so its log is asked, once. Of a Task that waits for a Worker, the last of
        these transfers is under way.
        """
        waiting = {task.sid: task for task in tasks if task.assignment_status in _WAITING_TASKS}
        if not waiting:
            return Records([], "Event")
        since = min(task.date_created for task in waiting.values())
        found = self.events(since=since, event_type=EventType.TASK_TRANSFER_INITIATED)
        return Records((event for event in found if event.task_sid in waiting), "Event")

    def queue_statistics(self) -> Records[QueueStatistics]:
        """How every TaskQueue stands now, in one request (docs: /docs/taskrouter/api/taskqueue-statistics)."""
        with asking("list the statistics of the TaskQueues"):
            found = self._workspace.task_queues.statistics.list(minutes=1, page_size=limits.MAX_PAGE_SIZE)
        return Records(map(parsing.queue_statistics, found), "TaskQueue")

    def task(self, task_sid: str) -> TaskRecord:
        """One Task as it is now (docs: /docs/taskrouter/api/task). It is gone 5 minutes after its end."""
        with asking(f"fetch Task {task_sid}"):
            return parsing.task(self._workspace.tasks(task_sid).fetch())

    def reservation_timeout(self, workflow: str) -> int:
        """Seconds that a Worker has to answer a Reservation of this Workflow (its `task_reservation_timeout`)."""
        sid = self._workflow_sid(workflow)
        with asking(f"fetch Workflow {workflow}"):
            return int(self._workspace.workflows(sid).fetch().task_reservation_timeout)

    def workflow_configuration(self, workflow: str) -> str:
        """The configuration of this Workflow, JSON (docs: /docs/taskrouter/workflow-configuration)."""
        sid = self._workflow_sid(workflow)
        with asking(f"fetch Workflow {workflow}"):
            return str(self._workspace.workflows(sid).fetch().configuration)

    def create_task(
        self,
        attributes: Mapping[str, Any] | str,
        *,
        workflow: str | None = None,
        priority: int | None = None,
        timeout: int | None = None,
        task_channel: str | None = None,
    ) -> TaskRecord:
        """Create a Task (docs: /docs/taskrouter/api/task#create-a-task-resource).

        Args:
            attributes: a mapping, or the text of a JSON object; at most 4,096 characters.
            workflow: name or SID; may be left out while the Workspace has only one.
            priority: 0 to 2,147,483,647, larger is sooner; by default the Workflow decides, or 0.
            timeout: seconds the Task may wait for its assignment, 1 to 1,209,600; 86,400 by default.
            task_channel: unique name or SID; `default` by default.

        Raises:
            AttributesError: the attributes are not a JSON object; nothing was sent.
        """
        form = {"attributes": json_to_send(attributes), "priority": priority, "timeout": timeout}
        form |= {"task_channel": task_channel, "workflow_sid": workflow and self._workflow_sid(workflow)}
        with asking("create a Task"):
            return parsing.task(self._workspace.tasks.create(**_given(form)))

    def accept(self, task_sid: str, reservation_sid: str) -> None:
        """Accept a pending Reservation, as the Worker would: its Task becomes assigned."""
        self._update_reservation(task_sid, reservation_sid, verb="accept", status=ReservationStatus.ACCEPTED)

    def reject(self, task_sid: str, reservation_sid: str, *, activity: str | None = None) -> None:
        """Reject a pending Reservation: its Task waits again, and may come back to the same Worker.

        Args:
            task_sid: the Task, `WT…`.
            reservation_sid: its Reservation, `WR…`.
            activity: name or SID of the Activity the Worker moves to; by default it stays where it is.
        """
        moved = {"worker_activity_sid": self._activity_sid(activity)} if activity else {}
        self._update_reservation(task_sid, reservation_sid, verb="reject", status=ReservationStatus.REJECTED, **moved)

    def wrap_up(self, task_sid: str, reservation_sid: str) -> None:
        """Move an accepted Reservation, and its Task, to `wrapping`: the talk is over, the notes are not."""
        self._update_reservation(task_sid, reservation_sid, verb="wrap up", status=ReservationStatus.WRAPPING)

    def complete(self, task_sid: str, *, reason: str | None = None) -> None:
        """Complete a Task that is assigned or wrapping; `reason` is a text of your own."""
        self._end_task(task_sid, verb="complete", status=TaskStatus.COMPLETED, reason=reason)

    def complete_reservation(self, task_sid: str, reservation_sid: str) -> None:
        """Complete one Reservation: its Worker is done. The Task is completed with the last one that has it."""
        self._update_reservation(task_sid, reservation_sid, verb="complete", status=ReservationStatus.COMPLETED)

    def cancel(self, task_sid: str, *, reason: str | None = None) -> None:
        """Cancel a Task that is pending or reserved; `reason` is a text of your own."""
        self._end_task(task_sid, verb="cancel", status=TaskStatus.CANCELED, reason=reason)

    def set_activity(self, worker: str, activity: str) -> None:
        """Move a Worker to an Activity; names or SIDs.

        Raises:
            TaskRouterError: also for an unknown name; the message lists those there are.
        """
        worker_sid = self._worker_sid(worker)
        activity_sid = self._activity_sid(activity)
        with asking(f"move Worker {worker} to {activity}"):
            self._workspace.workers(worker_sid).update(activity_sid=activity_sid)

    def create_worker(
        self, name: str, *, attributes: Mapping[str, Any] | str | None = None, activity: str | None = None
    ) -> WorkerRecord:
        """Create a Worker (docs: /docs/taskrouter/api/worker#create-a-worker-resource).

        Args:
            name: at most 64 characters; no other Worker of the Workspace may have it, letter case aside.
            attributes: a mapping, or the text of a JSON object, at most 4,096 characters; none by default.
            activity: name or SID; the Workspace's default Activity when left out.

        Raises:
            AttributesError: the attributes are not a JSON object; nothing was sent.
        """
        form = {"attributes": None if attributes is None else json_to_send(attributes)}
        form |= {"activity_sid": activity and self._activity_sid(activity)}
        with asking(f"create the Worker {name!r}"):
            return parsing.worker(self._workspace.workers.create(friendly_name=name, **_given(form)))

    def update_worker(
        self, worker: str, *, name: str | None = None, attributes: Mapping[str, Any] | str | None = None
    ) -> WorkerRecord:
        """Change a Worker's name, its attributes, or both; what is left out stays as it is.

        Args:
            worker: name or SID.
            name: the new name.
            attributes: all of the new attributes: TaskRouter replaces them, it does not merge.

        Raises:
            AttributesError: the attributes are not a JSON object; nothing was sent.
        """
        form = _given({"friendly_name": name, "attributes": None if attributes is None else json_to_send(attributes)})
        worker_sid = self._worker_sid(worker)
        with asking(f"update Worker {worker}"):
            return parsing.worker(self._workspace.workers(worker_sid).update(**form))

    def delete_worker(self, worker: str) -> None:
        """Delete a Worker (name or SID); refused while it holds a Reservation."""
        worker_sid = self._worker_sid(worker)
        with asking(f"delete Worker {worker}"):
            self._workspace.workers(worker_sid).delete()

    def worker_channels(self, worker: str) -> Records[WorkerChannelRecord]:
        """How many Tasks of each TaskChannel a Worker (name or SID) takes (docs: /docs/taskrouter/api/worker-channel).

        Costs a request for each Worker: TaskRouter lists WorkerChannels only by Worker.
        """
        channels = self._workspace.workers(self._worker_sid(worker)).worker_channels
        with asking(f"list the WorkerChannels of Worker {worker}"):
            found = channels.list(page_size=limits.MAX_PAGE_SIZE)
        return Records(map(parsing.worker_channel, found), "WorkerChannel")

    def set_capacity(self, worker: str, channel: str, *, capacity: int) -> WorkerChannelRecord:
        """Let a Worker take so many Tasks of a TaskChannel at once.

        Args:
            worker: name or SID.
            channel: the TaskChannel's unique name, or the SID of the WorkerChannel, `WC…`.
            capacity: 0 or more; 0 takes none. Tasks that the Worker has already stay.
        """
        worker_sid = self._worker_sid(worker)
        with asking(f"set the capacity of Worker {worker} on {channel} to {capacity}"):
            place = self._workspace.workers(worker_sid).worker_channels(channel)
            return parsing.worker_channel(place.update(capacity=capacity))

    def events(
        self,
        *,
        since: datetime | None = None,
        minutes: int | None = None,
        limit: int | None = None,
        event_type: str | None = None,
    ) -> Records[EventCallback]:
        """TaskRouter's own log, oldest first (docs: /docs/taskrouter/api/event). It is kept for 30 days.

        Args:
            since: the first moment of interest, to the whole second; without a time zone it is local time.
            minutes: how far to look back instead; TaskRouter takes 15 when neither is given.
            limit: only the newest so many; each 1,000 cost a request.
            event_type: only those of this type.
        """
        # The SDK writes a datetime's own digits and calls them UTC, whatever its zone.
        start = since.astimezone(UTC) if since else None
        query = _given({"start_date": start, "minutes": minutes, "event_type": event_type})
        with asking("list the Events"):
            found = self._workspace.events.list(limit=limit, page_size=limits.MAX_PAGE_SIZE, **query)
        found.reverse()  # they come newest first; events of one millisecond keep their order
        return Records(map(parsing.event, sorted(found, key=parsing.event_moment)), "Event")

    def newest_event_sid(self, *, since: datetime) -> str:
        """The SID of the newest Event of the log since a moment; empty while there is none. Reads no other."""
        with asking("look for the newest Event"):
            found = self._workspace.events.page(start_date=since.astimezone(UTC), page_size=1)
        return next((str(each.sid) for each in found), "")

    def callbacks(self, workflow_sid: str) -> Callbacks:
        """Where TaskRouter calls now: the Workflow's assignment callback, the Workspace's event callback."""
        with asking(f"fetch Workflow {workflow_sid} and its Workspace"):
            workflow, workspace = self._workspace.workflows(workflow_sid).fetch(), self._workspace.fetch()
        return Callbacks(workflow.assignment_callback_url or "", workspace.event_callback_url or "")

    def set_callbacks(
        self, workflow_sid: str, *, assignment_url: str | None = None, event_url: str | None = None
    ) -> None:
        """Have TaskRouter call these URLs from now on; an empty text means nowhere, None leaves it as it is."""
        if assignment_url is not None:
            with asking(f"set the callback URL of Workflow {workflow_sid}"):
                self._workspace.workflows(workflow_sid).update(assignment_callback_url=assignment_url)
        if event_url is not None:
            with asking("set the event callback URL of the Workspace"):
                self._workspace.update(event_callback_url=event_url)

    def _reservations_of(self, task_sid: str) -> list[ReservationRecord]:
        try:
            with asking(f"list the Reservations of Task {task_sid}"):
                return [
                    parsing.reservation(each)
                    for each in self._workspace.tasks(task_sid).reservations.list(page_size=limits.MAX_PAGE_SIZE)
                ]
        except TaskRouterError as error:
            if error.status == 404:  # the Task was removed since it was listed, and its Reservations with it
                return []
            raise

    def _update_reservation(
        self, task_sid: str, reservation_sid: str, *, verb: str, status: ReservationStatus, **more: str
    ) -> None:
        with asking(f"{verb} Reservation {reservation_sid}"):
            reservation = self._workspace.tasks(task_sid).reservations(reservation_sid)
            reservation.update(reservation_status=str(status), **more)

    def _end_task(self, task_sid: str, *, verb: str, status: TaskStatus, reason: str | None) -> None:
        form = _given({"assignment_status": str(status), "reason": reason})
        with asking(f"{verb} Task {task_sid}"):
            self._workspace.tasks(task_sid).update(**form)

    def _worker_sid(self, worker: str) -> str:
        return sid_of(worker, Sid.WORKER, what="Worker", known=self.workers)

    def _activity_sid(self, activity: str) -> str:
        return sid_of(activity, Sid.ACTIVITY, what="Activity", known=self.activities)

    def _workflow_sid(self, workflow: str) -> str:
        return sid_of(workflow, Sid.WORKFLOW, what="Workflow", known=self.workflows)


def _given(form: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in form.items() if value is not None}
