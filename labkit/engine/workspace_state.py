"""The state of one Workspace, with all that is in it, and the indexes that keep routing quick.

Indexes follow from the records and are never stored. What they promise:

* `members[queue]` and `queues_of[worker]`: who matches which queue's expression, whatever the Activity; while Workers
  are asked a new one, a slice at a time, those who were not asked yet are what they were before.
* `ready[channel]`: Workers in an available Activity with room on that TaskChannel, the longest idle first.
* `lanes[place]`: the waiting Tasks of a queue (or for one Worker), in order, those that ask for the same thing together
  in one Lane.
* `worker_sids`: the Workers' SIDs by their friendly names.
* `in_flight`: how many Tasks are neither completed nor canceled.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sortedcontainers import SortedDict

from labkit.engine.resources import (
    Activity,
    CallLeg,
    CallRule,
    Reservation,
    Task,
    TaskChannel,
    TaskQueue,
    Transfer,
    Worker,
    WorkerChannel,
    Workflow,
    WorkflowRevision,
    Workspace,
)
from labkit.engine.workflow import Filter, RoutingPlan, Target, direct_plan, direct_target, parse_configuration
from labkit.expressions import Dialect, Expression, compile_expression
from labkit.vocabulary import TaskOrder

Rank = tuple[int, float, float, int]
"""Of a waiting Task: the smaller is served first, across all queues of a Workspace."""


@dataclass(slots=True, eq=False)
class WaitingLine:
    """Waiting Tasks in one place that the same Workers may have: to judge one is to judge all."""

    place: str
    """The TaskQueue's SID; for Tasks routed straight to a Worker, the Worker's."""
    key: tuple[Any, ...]
    target: Target | None
    """Of one of the Tasks: the others may be in other targets, but none that would judge a Worker differently."""
    workflow_sid: str | None = None
    tasks: SortedDict[Rank, Task] = field(default_factory=SortedDict)

    @property
    def first(self) -> Task:
        return self.tasks.peekitem(0)[1]


class WorkspaceState:
    """One Workspace's records and indexes. The engine's handlers change it; everybody else reads."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.activities: dict[str, Activity] = {}
        self.task_channels: dict[str, TaskChannel] = {}
        self.task_queues: dict[str, TaskQueue] = {}
        self.workers: dict[str, Worker] = {}
        self.workflows: dict[str, Workflow] = {}
        self.tasks: dict[str, Task] = {}
        self.reservations: dict[str, Reservation] = {}
        self.transfers: dict[str, Transfer] = {}
        self.revisions: dict[str, WorkflowRevision] = {}
        self.call_legs: dict[str, CallLeg] = {}
        self.call_rules: dict[str, CallRule] = {}
        self.members: dict[str, set[str]] = defaultdict(set)
        self.queues_of: dict[str, set[str]] = defaultdict(set)
        self.ready: dict[str, SortedDict[tuple[int, int], Worker]] = defaultdict(SortedDict)
        self.lanes: dict[str, dict[tuple[Any, ...], WaitingLine]] = defaultdict(dict)
        self.open_reservations: dict[str, dict[str, Reservation]] = defaultdict(dict)
        """By Worker SID, then by Reservation SID."""
        self.worker_sids: dict[str, str] = {}
        self.paused_workflows: set[str] = set()
        """Workflows whose Tasks are not reserved now, because their callback URLs do not answer."""
        self.in_flight = 0
        self.re_evaluations: dict[str, deque[str]] = {}
        """By Workflow, the SIDs of those that are still to be evaluated again, in their order."""
        self._ready_at: dict[tuple[str, str], tuple[int, int]] = {}
        self._waiting_at: dict[str, tuple[WaitingLine, Rank]] = {}
        self._plans: dict[tuple[str, int], RoutingPlan] = {}
        self._expressions: dict[str, Expression] = {}
        self._volatile: dict[str, list[TaskQueue]] = {}
        self._is_load_read: bool | None = None
        """None: to be looked for."""

    def pieces(self) -> Iterator[Any]:
        """All that the records and indexes have in them, one by one."""
        for held in vars(self).values():
            if isinstance(held, dict):
                yield from held.values()

    # --- looking things up ------------------------------------------------------------------------------------------

    def task_channel(self, sid_or_name: str) -> TaskChannel | None:
        """A TaskChannel by its SID or its unique name (docs: /docs/taskrouter/api/task-channel)."""
        found = self.task_channels.get(sid_or_name)
        if found is not None:
            return found
        return next((c for c in self.task_channels.values() if c.unique_name == sid_or_name), None)

    def worker_channel(self, worker: Worker, sid_or_name: str) -> WorkerChannel | None:
        """One of a Worker's channels, by its own SID or its TaskChannel's unique name."""
        for channel in worker.channels.values():
            names = (channel.sid, self.task_channels[channel.task_channel_sid].unique_name)
            if sid_or_name in names:
                return channel
        return None

    def plan_of(self, task: Task) -> RoutingPlan:
        """The configuration that this Task follows: the one its Workflow had when the Task last came in."""
        if task.is_direct:
            return direct_plan(task.direct_queue_sid)
        return self.plan(task.workflow_sid or "", task.workflow_revision)

    def plan(self, workflow_sid: str, revision: int) -> RoutingPlan:
        """A Workflow's configuration at a revision, parsed."""
        key = (workflow_sid, revision)
        found = self._plans.get(key)
        if found is None:
            found = self._plans[key] = parse_configuration(self._configuration(workflow_sid, revision))
            self._is_load_read = None
        return found

    def _configuration(self, workflow_sid: str, revision: int) -> str:
        workflow = self.workflows[workflow_sid]
        if workflow.revision == revision:
            return workflow.configuration
        return self.revisions[f"{workflow_sid}/{revision}"].configuration

    def forget_plan(self, workflow_sid: str, revision: int) -> None:
        self._plans.pop((workflow_sid, revision), None)

    def filter_of(self, task: Task) -> Filter | None:
        """The filter that the Task follows now."""
        return None if task.filter_index is None else self.plan_of(task).filter_at(task.filter_index)

    def target_of(self, task: Task) -> Target | None:
        """The target that the Task is in now; while it is handed over to a TaskQueue, that queue."""
        if task.transfer is not None and task.transfer.is_to_queue:
            return direct_target(task.transfer.transfer_to)
        if task.filter_index is None:
            return None
        current = self.plan_of(task).filter_at(task.filter_index)
        return current.targets[task.target_index] if current else None

    # --- who matches which queue ------------------------------------------------------------------------------------

    def queue_expression(self, queue: TaskQueue) -> Expression:
        """The queue's `target_workers`, compiled."""
        expression = self._expressions.get(queue.sid)
        if expression is None or expression.text != queue.target_workers:
            expression = compile_expression(queue.target_workers, Dialect.WORKER)
            self._expressions[queue.sid] = expression
        return expression

    def forget_volatile(self) -> None:
        """A queue is gone, or has another expression."""
        self._volatile.clear()
        self._is_load_read = None

    def refresh_worker(self, worker: Worker, *, only: Iterable[TaskQueue] | None = None) -> None:
        """Recompute which queues a Worker is a member of, after its attributes changed."""
        for queue in self.task_queues.values() if only is None else only:
            self.judge(worker, queue)

    def volatile_queues(self, changing: str) -> list[TaskQueue]:
        """Queues whose expression reads what changes with the work: `activity` or `channel` of the Worker."""
        if changing not in self._volatile:
            queues = self.task_queues.values()
            self._volatile[changing] = [q for q in queues if reads(self.queue_expression(q), changing)]
        return self._volatile[changing]

    @property
    def is_load_read(self) -> bool:
        """Whether a queue, or a target of a Task that may wait, asks for the Worker's `channel` numbers."""
        if self._is_load_read is None:
            asked = (target.expression for plan in self._plans.values() for target in plan.targets())
            by_target = any(expression is not None and reads(expression, "channel") for expression in asked)
            self._is_load_read = by_target or bool(self.volatile_queues("channel"))
        return self._is_load_read

    def judge(self, worker: Worker, queue: TaskQueue) -> None:
        """Recompute whether a Worker is a member of a queue."""
        if self.queue_expression(queue).matches({"worker": worker.scope}):
            self.members[queue.sid].add(worker.sid)
            self.queues_of[worker.sid].add(queue.sid)
        else:
            self.members[queue.sid].discard(worker.sid)
            self.queues_of[worker.sid].discard(queue.sid)

    def forget_queue(self, queue: TaskQueue) -> None:
        for worker_sid in self.members.pop(queue.sid, set()):
            self.queues_of[worker_sid].discard(queue.sid)
        self.lanes.pop(queue.sid, None)
        self._expressions.pop(queue.sid, None)
        self.forget_volatile()

    def forget_worker(self, worker: Worker) -> None:
        for queue_sid in self.queues_of.pop(worker.sid, set()):
            self.members[queue_sid].discard(worker.sid)
        for channel_sid in worker.channels:
            self._set_ready(worker, channel_sid, None)
        self.open_reservations.pop(worker.sid, None)
        self.worker_sids.pop(worker.friendly_name, None)

    # --- who is ready -----------------------------------------------------------------------------------------------

    def is_available(self, worker: Worker) -> bool:
        """Whether the Worker's Activity takes Tasks."""
        return self.activities[worker.activity_sid].available

    def has_room(self, worker: Worker, channel: WorkerChannel) -> bool:
        """Whether one more Task fits; in single tasking there is room for one, whatever the channels say."""
        if self.workspace.multi_task_enabled:
            return channel.has_room
        return not any(each.taken for each in worker.channels.values())

    def refresh_ready(self, worker: Worker, *, only: WorkerChannel | None = None) -> None:
        """Put the Worker where it belongs in `ready`, after its Activity, load (of one channel) or turn changed."""
        available = self.is_available(worker)
        every = only is None or not self.workspace.multi_task_enabled  # in single tasking one is as full as all
        for channel in worker.channels.values() if every or only is None else (only,):
            key = self.idle_key(worker, channel) if available and self.has_room(worker, channel) else None
            self._set_ready(worker, channel.task_channel_sid, key)

    def idle_key(self, worker: Worker, channel: WorkerChannel) -> tuple[int, int]:
        """The longest idle first; per channel where that is optimised (docs: /docs/taskrouter/multitasking)."""
        optimised = self.task_channels[channel.task_channel_sid].channel_optimized_routing
        return (channel.last_reserved if optimised else worker.last_reserved, worker.number)

    def close_channel(self, worker: Worker, channel: TaskChannel) -> None:
        """The Worker loses this channel."""
        self._set_ready(worker, channel.sid, None)
        worker.scope["channel"].pop(channel.unique_name, None)

    def _set_ready(self, worker: Worker, channel_sid: str, key: tuple[int, int] | None) -> None:
        place = (worker.sid, channel_sid)
        before = self._ready_at.get(place)
        if before == key:
            return
        if before is not None:
            del self.ready[channel_sid][before]
        if key is None:
            del self._ready_at[place]
        else:
            self.ready[channel_sid][key] = worker
            self._ready_at[place] = key

    # --- who waits --------------------------------------------------------------------------------------------------

    def rank(self, task: Task) -> Rank:
        """The Task's place among all that wait in the Workspace.

        FIFO queues: priority, then the oldest by virtual start time. LIFO queues: the newest, priority not looked at.
        Which kind of queue is served first is the Workspace's PrioritizeQueueOrder.
        Docs: /docs/taskrouter/queue-ordering-last-first-out-lifo, /docs/taskrouter/api/workspace.
        """
        queue = self.task_queues.get(task.task_queue_sid or "")
        order = queue.task_order if queue else TaskOrder.FIFO
        kind = 0 if order == self.workspace.prioritize_queue_order else 1
        start = task.virtual_start_time.timestamp()
        if order == TaskOrder.LIFO:
            return (kind, -start, 0, -task.number)
        return (kind, -task.priority, start, task.number)

    def wait(self, task: Task) -> None:
        """Let the Task wait in its queue."""
        place = (task.routing_target if task.is_for_one_worker else task.task_queue_sid) or ""
        target, lanes = self.target_of(task), self.lanes[place]
        key = _lane_key(task, target)
        lane = lanes.get(key)
        if lane is None:
            lane = lanes[key] = WaitingLine(place, key, target, task.workflow_sid)
        rank = self.rank(task)
        lane.tasks[rank] = task
        self._waiting_at[task.sid] = (lane, rank)

    def leave(self, task: Task) -> None:
        """The Task does not wait any more. May be called for one that does not."""
        lane, rank = self._waiting_at.pop(task.sid, (None, None))
        if lane is None or rank is None:
            return
        del lane.tasks[rank]
        if not lane.tasks:
            del self.lanes[lane.place][lane.key]

    def is_waiting(self, task: Task) -> bool:
        return task.sid in self._waiting_at

    def lanes_of_workflow(self, workflow_sid: str) -> list[WaitingLine]:
        """Where the Workflow's Tasks wait."""
        every = (lane for by_key in self.lanes.values() for lane in by_key.values())
        return [lane for lane in every if lane.workflow_sid == workflow_sid]

    def waiting_in(self, queue_sids: Container[str | None]) -> list[Task]:
        """The waiting Tasks of these queues, in the order in which they came to wait."""
        return [task for sid in self._waiting_at if (task := self.tasks[sid]).task_queue_sid in queue_sids]

    # --- names that expressions read --------------------------------------------------------------------------------

    def rebuild_scope(self, worker: Worker, values: dict[str, Any]) -> None:
        """What expressions read as `worker.`: the attributes, with the built-in names above any of the same name."""
        self.worker_sids.pop(worker.scope.get("friendly_name", ""), None)
        self.worker_sids[worker.friendly_name] = worker.sid
        worker.scope = {**values, "sid": worker.sid, "friendly_name": worker.friendly_name, "channel": {}}
        self.refresh_activity_names(worker)
        for channel in worker.channels.values():
            self.refresh_channel_names(worker, channel)

    def refresh_activity_names(self, worker: Worker) -> None:
        worker.scope["activity_sid"] = worker.activity_sid
        worker.scope["activity_name"] = self.activities[worker.activity_sid].friendly_name

    def refresh_channel_names(self, worker: Worker, channel: WorkerChannel) -> None:
        worker.scope["channel"][self.task_channels[channel.task_channel_sid].unique_name] = {
            "configured_capacity": channel.configured_capacity,
            "assigned_tasks": channel.assigned,
            "available_capacity_percentage": channel.available_capacity_percentage,
        }

    def workers_by_activity(self, queue_sid: str) -> dict[str, int]:
        """What `skip_if` reads as `workers.`: the queue's Workers by Activity (docs: …/worker-presence)."""
        counts = {"available": 0, "unavailable": 0, **dict.fromkeys(self.activities, 0)}
        for worker_sid in self.members[queue_sid]:
            worker = self.workers[worker_sid]
            counts["available" if self.is_available(worker) else "unavailable"] += 1
            counts[worker.activity_sid] += 1
        return counts


_CHANGING = {"activity": frozenset({"activity_name", "activity_sid"}), "channel": frozenset({"channel"})}


@lru_cache(maxsize=8192)
def reads(expression: Expression, changing: str) -> bool:
    """Whether an expression reads the Worker's `activity` (its name or SID) or its `channel` numbers."""
    names = _CHANGING[changing]
    return any(path[0] == "worker" and len(path) > 1 and path[1] in names for path in expression.references)


def _lane_key(task: Task, target: Target | None) -> tuple[Any, ...]:
    """All of a Task that decides which Workers may have it."""
    goal = task.routing_target if task.transfer_sid is None else None
    asked = (task.task_channel_sid, goal, task.ignores_capacity, task.workflow_sid)
    if target is None or target.is_open_to_all:
        return asked
    step = (task.workflow_revision, task.filter_index, task.target_index)
    return (*asked, step, *(repr(_read(task.scope, path)) for path in target.task_references))


def _read(scope: dict[str, Any], path: tuple[str, ...]) -> Any:
    """What stands at `path`, or the list on the way to it: paths do not say which element is meant."""
    value: Any = scope
    for name in path:
        if isinstance(value, list):
            break
        value = value.get(name) if isinstance(value, dict) else None
    return value
