"""A real account's Workspace, read over REST into a state that the engine can explain; and what REST does not tell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from labkit import limits
from labkit.engine.deadlines import Deadlines
from labkit.engine.diagnosis import Findings, explain_task
from labkit.engine.effects import Event
from labkit.engine.lint import Warned, lint_workspace
from labkit.engine.resources import Record, Reservation, Task, TaskQueue, Worker, Workflow
from labkit.engine.restore import load
from labkit.engine.workflow import parse_configuration
from labkit.engine.workspace_state import WorkspaceState
from labkit.errors import ExpressionError, LabError
from labkit.explain import sdk_records as made
from labkit.explain.infer_position import infer_position
from labkit.explain.infer_transfers import infer_transfers, routed_queue
from labkit.expressions import Dialect, compile_expression
from labkit.taskrouter.errors import asking

MOST_WORKERS = 1000
MOST_TASKS = 200
"""Pending Tasks of the same TaskQueue that are listed."""
MOST_CHANNELS = 50
"""Workers whose channels are read: one request each."""

UNKNOWN = (
    "Who of several Workers has been idle longest: REST does not tell, so equals stand in the order of their creation.",
    "Which configuration of the Workflow the Task follows: taken is the one that it has now.",
    "Which targets were skipped: the Task's target is worked out from its TaskQueue and its age.",
    "Which other Tasks take up a Worker's capacity.",
)


class Account:
    """One Workspace of a real account. Only reads; every call may raise TaskRouterError.

    Args:
        client: from `labkit.taskrouter.client.connect`.
        workspace_sid: the Workspace.
    """

    def __init__(self, client: Any, workspace_sid: str) -> None:
        self._workspace = client.taskrouter.v1.workspaces(workspace_sid)
        self._unknown: list[str] = []

    def explain(self, task_sid: str) -> Findings:
        """Why a Task is where it is, as far as REST tells.

        About ten requests, and one for the channels of each Worker who matches the Task's TaskQueue (at most 50).

        Raises:
            TaskRouterError: there is no such Task (finished ones are gone after 5 minutes), or no answer.
        """
        self._unknown = [*UNKNOWN]
        with asking(f"fetch Task {task_sid}"):
            raw = self._workspace.tasks(task_sid).fetch()
        task = made.task(raw)
        now = task.date_created + timedelta(seconds=raw.age) if raw.age is not None else datetime.now(UTC)
        events = self._events(task)
        state = self._state_around(task, now, events)
        return explain_task(state, task_sid, now, events=events, unknown=self._unknown)

    def lint(self) -> tuple[Warned, ...]:
        """What in the Workspace is legal and probably not meant; its Tasks are those that wait."""
        self._unknown = []
        with asking("list the Workflows"):
            workflows = self._workspace.workflows.list(page_size=limits.MAX_PAGE_SIZE)
        with asking("list the Tasks that wait"):
            waiting = self._workspace.tasks.list(assignment_status=["pending"], limit=MOST_TASKS, page_size=MOST_TASKS)
        parts = [*self._furniture(), *map(made.workflow, workflows), *self._workers(), *map(made.task, waiting)]
        return lint_workspace(_state(parts))

    def _state_around(self, task: Task, now: datetime, events: list[Event]) -> WorkspaceState:
        """All that decides about one Task, which has had these Events."""
        parts: list[Record] = [*self._furniture(), *self._workers()]
        workflow = self._workflow(task)
        reservations = self._reservations(task, [*parts, *workflow])
        transfers = infer_transfers(task, reservations, events)
        for each in workflow:
            plan, queue_sid = parse_configuration(each.configuration), routed_queue(task, transfers)
            parts += [each, *infer_position(task, each, plan, queue_sid=queue_sid, now=now)]
        parts += [task, *reservations, *transfers, *self._others(task)]
        state = _state(parts)
        self._read_channels(state, task)
        return state

    def _workflow(self, task: Task) -> list[Workflow]:
        """The Task's Workflow; none for a Task that was routed directly."""
        if not task.workflow_sid or task.is_direct:
            return []
        with asking(f"fetch Workflow {task.workflow_sid}"):
            return [made.workflow(self._workspace.workflows(task.workflow_sid).fetch())]

    def _furniture(self) -> list[Record]:
        """The Workspace, its Activities, TaskChannels and TaskQueues."""
        with asking("fetch the Workspace"):
            workspace = made.workspace(self._workspace.fetch())
        with asking("list the Activities, TaskChannels and TaskQueues"):
            activities = self._workspace.activities.list(page_size=limits.MAX_PAGE_SIZE)
            channels = self._workspace.task_channels.list(page_size=limits.MAX_PAGE_SIZE)
            queues = self._workspace.task_queues.list(page_size=limits.MAX_PAGE_SIZE)
        kept = [self._legible(made.task_queue(each)) for each in queues]
        return [workspace, *map(made.activity, activities), *map(made.task_channel, channels), *kept]

    def _legible(self, queue: TaskQueue) -> TaskQueue:
        try:
            compile_expression(queue.target_workers, Dialect.WORKER)
        except ExpressionError as error:
            self._unknown.append(f"Who matches TaskQueue {queue.friendly_name}: {str(error).splitlines()[0]}")
            queue.target_workers = ""
        return queue

    def _workers(self) -> list[Worker]:
        with asking("list the Workers"):
            found = self._workspace.workers.list(limit=MOST_WORKERS, page_size=limits.MAX_PAGE_SIZE)
        if len(found) == MOST_WORKERS:
            self._unknown.append(f"Workers beyond the first {MOST_WORKERS:,}.")
        return [made.worker(each) for each in found]

    def _reservations(self, task: Task, parts: Iterable[Record]) -> list[Reservation]:
        with asking(f"list the Reservations of Task {task.sid}"):
            found = self._workspace.tasks(task.sid).reservations.list(page_size=limits.MAX_PAGE_SIZE)
        timeouts = [part.task_reservation_timeout for part in parts if isinstance(part, Workflow)]
        seconds = timeouts[0] if timeouts else limits.DEFAULT_RESERVATION_TIMEOUT_SECONDS
        here = {part.sid for part in parts if isinstance(part, Worker)}
        kept = [made.reservation(each, task, timeout_seconds=seconds) for each in found]
        return [each for each in kept if each.worker_sid in here]

    def _others(self, task: Task) -> list[Task]:
        """The Tasks that wait in the same TaskQueue: they may be served before this one."""
        if not task.is_pending or not task.task_queue_sid:
            return []
        with asking("list the Tasks that wait in the same TaskQueue"):
            found = self._workspace.tasks.list(
                assignment_status=["pending"],
                task_queue_sid=task.task_queue_sid,
                limit=MOST_TASKS,
                page_size=MOST_TASKS,
            )
        if len(found) == MOST_TASKS:
            self._unknown.append(f"Tasks before it beyond the {MOST_TASKS} that were listed.")
        return [made.task(each) for each in found if each.sid != task.sid]

    def _read_channels(self, state: WorkspaceState, task: Task) -> None:
        """How much room the Workers have who match the Task's TaskQueue; for all others nobody needs to know."""
        asked_for = state.members[task.task_queue_sid or ""] | {task.routing_target or ""}
        members = [worker for worker in state.workers.values() if worker.sid in asked_for]
        for worker in members[:MOST_CHANNELS]:
            with asking(f"list the channels of Worker {worker.friendly_name}"):
                found = self._workspace.workers(worker.sid).worker_channels.list(page_size=limits.MAX_PAGE_SIZE)
            for each in found:
                channel = made.worker_channel(each)
                worker.channels[channel.task_channel_sid] = channel
                state.refresh_channel_names(worker, channel)
            state.refresh_worker(worker)
            state.refresh_ready(worker)
        if len(members) > MOST_CHANNELS:
            self._unknown.append(
                f"The capacity of all but {MOST_CHANNELS} of the {len(members)} Workers of the TaskQueue."
            )
        if len(members) < len(state.workers):
            self._unknown.append("The capacity of Workers who do not match the TaskQueue.")

    def _events(self, task: Task) -> list[Event]:
        with asking(f"list the Events of Task {task.sid}"):
            found = self._workspace.events.list(
                start_date=task.date_created, task_sid=task.sid, page_size=limits.MAX_PAGE_SIZE
            )
        events = [made.event(each) for each in found]
        events.reverse()  # they come newest first; events of one millisecond keep their order
        return sorted(events, key=lambda each: each.at)


def _state(parts: Iterable[Record]) -> WorkspaceState:
    """The state that these records make, with every Worker's channels open until they are read."""
    numbered = sorted(parts, key=lambda each: each.date_created)
    for number, record in enumerate(numbered, start=1):
        record.number = number
    states: dict[str, WorkspaceState] = {}
    load(states, [*numbered, *made.open_channels(numbered)], deadlines=Deadlines(lambda _: False))
    if len(states) != 1:
        raise LabError("A state is made of one Workspace.")
    return next(iter(states.values()))
