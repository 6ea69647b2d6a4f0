"""What must hold after every command, whatever was asked; each check reads the records and believes no index."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from engine import reference_matcher as reference
from engine.world import World, written

from labkit.engine import Engine
from labkit.engine.callback_pauses import LONGEST_SECONDS
from labkit.engine.effects import Event
from labkit.engine.resources import Party, Task, TaskQueue, Transfer, Worker
from labkit.engine.states import RESERVATION, TASK
from labkit.engine.workspace_state import WorkspaceState
from labkit.vocabulary import CallStatus, EventType, ReservationStatus, TaskStatus, TransferStatus

Json = dict[str, Any]
SUPERVISOR = Party.SUPERVISOR


def check(world: World, history: History) -> None:
    """Every rule. Takes the events that are new into the history.

    Raises:
        AssertionError: one of them is broken.
    """
    history.follow(world)
    assert_nothing_forgotten(world)
    assert_statuses_agree(world.state)
    assert_transfers(world.state)
    assert_within_capacity(world.state, history)
    assert_one_at_a_time(world.state)
    assert_turns(world.state, history)
    assert_indexes(world.state)
    assert_calls(world)
    assert_pauses(world)
    # While Workers are asked a new expression, a restart asks those who were not, and they are offered nothing yet.
    if all(queue.judged_through is None for queue in world.state.task_queues.values()):
        assert_settled(world.state)
        assert_reloads(world)


def assert_nothing_forgotten(world: World) -> None:
    """What the outcomes said has changed is all that has changed; so a refused command has changed nothing."""
    assert written(world.state) == {sid: text for sid, (_, text) in world.kept.items()}


class History:
    """What the events have said so far, held against the tables."""

    def __init__(self) -> None:
        self.tasks: dict[str, TaskStatus] = {}
        self.reservations: dict[str, ReservationStatus] = {}
        self.turns: list[str] = []
        """Workers in the order in which they were last reserved."""
        self.capacities: dict[str, int] = {}
        self.lowered: set[str] = set()
        """WorkerChannels whose capacity was taken away while it was in use."""

    def follow(self, world: World) -> None:
        """Take in the new events.

        Raises:
            AssertionError: one of them tells of a step that the tables do not have.
        """
        for event in world.events:
            if event.type in RESERVATION_EVENTS:
                self._follow_reservation(event)
            if "task_sid" in event.data:
                self._follow_task(event)
        world.take_events()

    def follow_capacity(self, channel_sid: str, capacity: int) -> None:
        """Remember what the channel can take now."""
        if capacity < self.capacities.get(channel_sid, 0):
            self.lowered.add(channel_sid)
        self.capacities[channel_sid] = capacity

    def _follow_reservation(self, event: Event) -> None:
        status, before = RESERVATION_EVENTS[event.type], self.reservations.get(event.resource_sid)
        assert status is ReservationStatus.PENDING if before is None else status in RESERVATION[before].values()
        self.reservations[event.resource_sid] = status
        if status is ReservationStatus.PENDING:
            self.turns = [sid for sid in self.turns if sid != event.data["worker_sid"]] + [event.data["worker_sid"]]

    def _follow_task(self, event: Event) -> None:
        sid, status = event.data["task_sid"], event.data["task_assignment_status"]
        if event.type is EventType.TASK_CREATED:
            assert sid not in self.tasks
        else:
            before = self.tasks[sid]
            assert status is before or status in TASK[before].values(), event
        assert TASK_EVENTS.get(event.type, status) == status
        self.tasks[sid] = status


RESERVATION_EVENTS = {
    EventType.RESERVATION_CREATED: ReservationStatus.PENDING,
    EventType.RESERVATION_ACCEPTED: ReservationStatus.ACCEPTED,
    EventType.RESERVATION_REJECTED: ReservationStatus.REJECTED,
    EventType.RESERVATION_TIMEOUT: ReservationStatus.TIMEOUT,
    EventType.RESERVATION_CANCELED: ReservationStatus.CANCELED,
    EventType.RESERVATION_RESCINDED: ReservationStatus.RESCINDED,
    EventType.RESERVATION_WRAPUP: ReservationStatus.WRAPPING,
    EventType.RESERVATION_COMPLETED: ReservationStatus.COMPLETED,
}
TASK_EVENTS = {
    EventType.TASK_CREATED: TaskStatus.PENDING,
    EventType.TASK_CANCELED: TaskStatus.CANCELED,
    EventType.TASK_COMPLETED: TaskStatus.COMPLETED,
    EventType.TASK_WRAPUP: TaskStatus.WRAPPING,
    EventType.RESERVATION_CREATED: TaskStatus.RESERVED,
    EventType.RESERVATION_ACCEPTED: TaskStatus.ASSIGNED,
    EventType.TASK_QUEUE_ENTERED: TaskStatus.PENDING,
    EventType.WORKFLOW_TIMEOUT: TaskStatus.PENDING,
}


def assert_statuses_agree(state: WorkspaceState) -> None:
    """A Task's status is what its Reservations say, but for a Task in transfer: somebody may have it all the same.

    Two Reservations of a Task are accepted, or wrapping, only where it was handed over from one to the other.
    """
    pending = ReservationStatus.PENDING
    for task in state.tasks.values():
        held = [r.reservation_status for r in state.reservations.values() if r.task_sid == task.sid and r.is_open]
        taken = [status for status in held if status is not pending]
        assert (pending in held) == (task.assignment_status is TaskStatus.RESERVED)
        assert len(taken) <= 1 + len(_transfers(state, task, TransferStatus.COMPLETE))
        if task.transfer_sid is None:
            assert bool(taken) == (task.assignment_status in (TaskStatus.ASSIGNED, TaskStatus.WRAPPING))
            assert task.assignment_status is TaskStatus.ASSIGNED or ReservationStatus.ACCEPTED not in taken
            assert task.transfers or ReservationStatus.WRAPPING not in taken or task.assignment_status == "wrapping"
        else:
            assert task.assignment_status in (TaskStatus.PENDING, TaskStatus.RESERVED)


def assert_transfers(state: WorkspaceState) -> None:
    """One at a time of a Task is under way, and only one to a TaskQueue waits."""
    for task in state.tasks.values():
        assert [t.sid for t in _transfers(state, task)] == [t.sid for t in task.transfers]
        under_way = [t.sid for t in _transfers(state, task, TransferStatus.INITIATED)]
        assert under_way == ([task.transfer_sid] if task.transfer_sid is not None else [])
        if task.transfer is not None and task.is_pending:
            assert task.transfer.transfer_to == task.task_queue_sid
    for transfer in state.transfers.values():
        assert transfer.task_sid in state.tasks
        made = [r for r in state.reservations.values() if r.transfer_sid == transfer.sid]
        accepted = [r for r in made if r.reservation_status in TAKEN]
        assert len(accepted) == (transfer.transfer_status is TransferStatus.COMPLETE)
    for reservation in state.reservations.values():
        assert reservation.transfer_sid is None or state.transfers[reservation.transfer_sid].task_sid == (
            reservation.task_sid
        )


TAKEN = (ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING, ReservationStatus.COMPLETED)


def _transfers(state: WorkspaceState, task: Task, *statuses: TransferStatus) -> list[Transfer]:
    return [
        t
        for t in state.transfers.values()
        if t.task_sid == task.sid and (not statuses or t.transfer_status in statuses)
    ]


def assert_within_capacity(state: WorkspaceState, history: History) -> None:
    """Nobody was given more than fits; what was there when the capacity was lowered may stay."""
    for worker in state.workers.values():
        for channel in worker.channels.values():
            taken = reference.load(state, worker, channel.task_channel_sid)
            bound = [r for r in taken if r.transfer_sid or not state.tasks[r.task_sid].ignore_capacity]
            history.follow_capacity(channel.sid, channel.configured_capacity)
            if not state.workspace.multi_task_enabled:
                history.lowered.add(channel.sid)  # no channel counts; more than fits is there when this is turned off
            elif len(bound) <= channel.configured_capacity:
                history.lowered.discard(channel.sid)
            assert len(bound) <= channel.configured_capacity or channel.sid in history.lowered


def assert_one_at_a_time(state: WorkspaceState) -> None:
    """In single tasking nobody was given a second Task, but for those sent to them whatever they hold."""
    if state.workspace.multi_task_enabled:
        return
    for worker in state.workers.values():
        held = [r for r in state.reservations.values() if r.worker_sid == worker.sid and r.is_open]
        bound = [r for r in held if r.transfer_sid or not state.tasks[r.task_sid].ignore_capacity]
        assert len(bound) <= 1


def assert_turns(state: WorkspaceState, history: History) -> None:
    """Who was reserved last has the highest number, and who never was has none."""
    reserved = sorted((w for w in state.workers.values() if w.last_reserved), key=lambda w: w.last_reserved)
    assert [worker.sid for worker in reserved] == [sid for sid in history.turns if sid in state.workers]
    for worker in state.workers.values():
        assert worker.last_reserved >= max(channel.last_reserved for channel in worker.channels.values())


def assert_indexes(state: WorkspaceState) -> None:
    """Every index is what the records say."""
    members = {
        (queue.sid, worker.sid)
        for queue in state.task_queues.values()
        for worker in state.workers.values()
        if not is_unjudged(queue, worker) and reference.is_member(state, worker, queue.sid)
    }
    indexed = {(q, w) for q, workers in state.members.items() for w in workers}
    assert {(q, w) for w, queues in state.queues_of.items() for q in queues} == indexed
    assert {(q, w) for q, w in indexed if not is_unjudged(state.task_queues[q], state.workers[w])} == members
    for worker in state.workers.values():
        assert worker.scope == reference.scope(state, worker)
        for channel in worker.channels.values():
            taken = reference.load(state, worker, channel.task_channel_sid)
            accepted = [r for r in taken if r.reservation_status is ReservationStatus.ACCEPTED]
            assert (channel.taken, channel.assigned) == (len(taken), len(accepted))
    assert_ready(state)
    assert_lanes(state)
    held = {(r.worker_sid, r.sid) for r in state.reservations.values() if r.is_open}
    assert {(w, r) for w, every in state.open_reservations.items() for r in every} == held
    assert state.in_flight == sum(not task.is_final for task in state.tasks.values())


def is_unjudged(queue: TaskQueue, worker: Worker) -> bool:
    """Whether the Worker still has to be asked the queue's expression."""
    return queue.judged_through is not None and worker.number > queue.judged_through


def assert_ready(state: WorkspaceState) -> None:
    """`ready` has whoever is available with room, the longest idle first."""
    for channel_sid, channel in state.task_channels.items():
        expected = [
            worker
            for worker in state.workers.values()
            if state.activities[worker.activity_sid].available and reference.fits_in(state, worker, channel_sid)
        ]
        optimized = channel.channel_optimized_routing
        expected.sort(key=lambda w: (w.channels[channel_sid].last_reserved if optimized else w.last_reserved, w.number))
        assert list(state.ready[channel_sid].values()) == expected


def assert_lanes(state: WorkspaceState) -> None:
    """`lanes` has every waiting Task once, in order, and to judge one of a Lane is to judge all."""
    lanes = [lane for by_key in state.lanes.values() for lane in by_key.values()]
    found = [task.sid for lane in lanes for task in lane.tasks.values()]
    assert sorted(found) == sorted(task.sid for task in reference.waiting_tasks(state))
    for lane in lanes:
        tasks = list(lane.tasks.values())
        assert tasks == sorted(tasks, key=lambda task: reference.rank(state, task))
        judged = [[judge(state, worker, task) for worker in state.workers.values()] for task in tasks]
        assert all(each == judged[0] for each in judged)


def judge(state: WorkspaceState, worker: Any, task: Any) -> bool:
    target = state.target_of(task)
    assert target is not None
    return reference.may_have(state, worker, task, target)


def assert_calls(world: World) -> None:
    """Calls belong to Tasks that are there, and live ones to Tasks that are not over; what rings is still wanted."""
    state = world.state
    assert {leg.sid for task in state.tasks.values() for leg in task.legs} == set(state.call_legs)
    for leg in state.call_legs.values():
        task, reservation = state.tasks[leg.task_sid], state.reservations.get(leg.reservation_sid)
        assert (reservation is None) == (leg.reservation_sid == "")
        assert not leg.is_live or not task.is_final
        assert leg.due_at is None or (leg.is_live and leg.due_at >= world.now)
        if leg.status is CallStatus.RINGING:
            assert leg.due_at is not None
            assert reservation is not None
            assert reservation.is_open
    for reservation in state.reservations.values():
        ringing = [leg for leg in state.tasks[reservation.task_sid].legs if leg.status is CallStatus.RINGING]
        wanted = [leg for leg in ringing if leg.reservation_sid == reservation.sid and leg.party is not SUPERVISOR]
        assert len(wanted) <= 1
        assert reservation.held_at is None or (reservation.is_pending and wanted)


def assert_settled(state: WorkspaceState) -> None:
    """Nothing waits that anybody may have."""
    assert not [task for task in reference.waiting_tasks(state) if reference.may_be_reserved(state, task)]


def assert_pauses(world: World) -> None:
    """No pause is longer than the longest, and none that is over keeps anybody back."""
    state = world.state
    longest = world.now + timedelta(seconds=LONGEST_SECONDS)
    for record in (*state.tasks.values(), *state.workflows.values()):
        assert record.paused_until is None or world.now <= record.paused_until <= longest
    assert state.paused_workflows == {sid for sid, each in state.workflows.items() if each.paused_until is not None}
    for task in state.tasks.values():
        assert not task.failed_callbacks or any(str(r.reservation_status) == "canceled" for r in task.reservations)


def assert_reloads(world: World) -> None:
    """An engine made of what a store holds is the engine in memory."""
    other = world.reload()
    assert derived(other, world.sid) == derived(world.engine, world.sid)
    assert written(other.states[world.sid]) == written(world.state)


def derived(engine: Engine, workspace_sid: str) -> Json:
    """Everything that follows from the records, in a form that can be compared."""
    state = engine.states[workspace_sid]
    lanes: Json = defaultdict(dict)
    for place, by_key in state.lanes.items():
        for key, lane in by_key.items():
            lanes[place][key] = [(rank, task.sid) for rank, task in lane.tasks.items()]
    return {
        "members": {sid: found for sid, found in state.members.items() if found},
        "queues_of": {sid: found for sid, found in state.queues_of.items() if found},
        "ready": {sid: [(k, w.sid) for k, w in found.items()] for sid, found in state.ready.items() if found},
        "lanes": lanes,
        "held": {sid: set(found) for sid, found in state.open_reservations.items() if found},
        "loads": {ch.sid: (ch.taken, ch.assigned) for w in state.workers.values() for ch in w.channels.values()},
        "scopes": {each.sid: each.scope for each in (*state.workers.values(), *state.tasks.values())},
        "tasks": {task.sid: [r.sid for r in task.reservations] for task in state.tasks.values()},
        "transfers": {
            task.sid: ([t.sid for t in task.transfers], task.asks_for_worker) for task in state.tasks.values()
        },
        "calls": {task.sid: [leg.sid for leg in task.legs] for task in state.tasks.values()},
        "in_flight": state.in_flight,
        "paused_workflows": state.paused_workflows,
        "next_deadline": engine.next_deadline(),
    }
