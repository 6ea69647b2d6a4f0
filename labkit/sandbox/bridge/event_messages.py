"""From what happened in one unit of work to what the Workers' pages hear of it.

A message shows its record as it is after the whole of the change, and not as it was when the engine reported the event:
with `reservation.completed` the Task is completed already. What routing makes of the change is told after it: with
`reservation.rejected` the Task is pending, though the next Worker has it in the same unit of work; and a Worker is at
the version from which the client counts on, one for each offer. The order is the engine's own.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from labkit.engine.effects import Event, Outcome
from labkit.engine.resources import Record, Reservation, Task, Transfer
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.bridge import rendering
from labkit.sandbox.json_text import to_bytes
from labkit.vocabulary import EventType

R = TypeVar("R", bound=Record)

REMEMBERED = timedelta(seconds=5)
"""For so long after its Reservation has ended a client knows the Task."""


@dataclass(frozen=True, slots=True)
class Message:
    """What some Workers are told.

    Attributes:
        worker_sids: whose sessions it is for.
        body: JSON, as `{"event_type", "payload"}`.
    """

    worker_sids: tuple[str, ...]
    body: bytes


def messages(outcome: Outcome, state: WorkspaceState, *, listening: Container[str]) -> Iterator[Message]:
    """All messages of a unit of work, or of one part of it, in their order.

    Args:
        outcome: what has happened.
        state: the Workspace, as that has left it.
        listening: the SIDs of the Workers who have a session; what nobody hears is not rendered.
    """
    unit = _Unit(outcome, state, listening)
    for event in outcome.events:
        teller = _TELLERS.get(event.type)
        if teller is not None:
            yield from teller(unit, event)


@dataclass(frozen=True, slots=True)
class _Unit:
    outcome: Outcome
    state: WorkspaceState
    listening: Container[str]

    def find(self, kind: type[R], records: Mapping[str, R], sid: str) -> R | None:
        """The record, as it last was if it is gone."""
        found = records.get(sid) or self.outcome.removed.get(sid)
        return found if isinstance(found, kind) else None

    def tell(self, event: Event, worker_sids: list[str], render: Callable[[], dict[str, Any]]) -> Iterator[Message]:
        here = tuple(sid for sid in dict.fromkeys(worker_sids) if sid in self.listening)
        if here:
            yield Message(here, to_bytes({"event_type": event.type, "payload": render()}))


def _of_worker(unit: _Unit, event: Event) -> Iterator[Message]:
    worker = unit.state.workers.get(event.resource_sid)
    if worker is not None:
        yield from unit.tell(event, [worker.sid], lambda: rendering.worker(unit.state, worker))


def _of_channel(unit: _Unit, event: Event) -> Iterator[Message]:
    worker = unit.state.workers.get(event.resource_sid)
    channel = worker.channels.get(event.data["task_channel_sid"]) if worker else None
    if channel is not None:
        yield from unit.tell(event, [channel.worker_sid], lambda: rendering.worker_channel(unit.state, channel))


def _of_reservation(unit: _Unit, event: Event) -> Iterator[Message]:
    reservation = unit.find(Reservation, unit.state.reservations, event.resource_sid)
    if reservation is None:
        return
    yield from unit.tell(
        event,
        [reservation.worker_sid],
        lambda: rendering.reservation(unit.state, reservation, now=event.at, removed=unit.outcome.removed),
    )


def _of_failed_reservation(unit: _Unit, event: Event) -> Iterator[Message]:
    """The client has no Reservation in it, but the Task that could not be had."""
    task = unit.find(Task, unit.state.tasks, event.data["task_sid"])
    if task is not None:
        yield from unit.tell(event, [event.data["worker_sid"]], lambda: rendering.task(unit.state, task, now=event.at))


def _of_task(unit: _Unit, event: Event) -> Iterator[Message]:
    """For every Worker who has a Reservation of the Task, or had one a moment ago."""
    task = unit.find(Task, unit.state.tasks, event.resource_sid)
    if task is None:
        return
    since = event.at - REMEMBERED
    knowing = [r.worker_sid for r in task.reservations if r.is_open or r.date_updated >= since]
    yield from unit.tell(event, knowing, lambda: rendering.task(unit.state, task, now=event.at))


def _of_transfer(unit: _Unit, event: Event) -> Iterator[Message]:
    """For the Worker who hands the Task over; the other one hears of a Reservation."""
    transfer = unit.find(Transfer, unit.state.transfers, event.resource_sid)
    if transfer is not None:
        yield from unit.tell(event, [transfer.initiating_worker_sid], lambda: rendering.transfer(unit.state, transfer))


_TELLERS: dict[EventType, Callable[[_Unit, Event], Iterator[Message]]] = {
    EventType.WORKER_ACTIVITY_UPDATE: _of_worker,
    EventType.WORKER_ATTRIBUTES_UPDATE: _of_worker,
    EventType.WORKER_CAPACITY_UPDATE: _of_channel,
    EventType.WORKER_CHANNEL_AVAILABILITY_UPDATE: _of_channel,
    EventType.RESERVATION_CREATED: _of_reservation,
    EventType.RESERVATION_ACCEPTED: _of_reservation,
    EventType.RESERVATION_WRAPUP: _of_reservation,
    EventType.RESERVATION_REJECTED: _of_reservation,
    EventType.RESERVATION_COMPLETED: _of_reservation,
    EventType.RESERVATION_CANCELED: _of_reservation,
    EventType.RESERVATION_TIMEOUT: _of_reservation,
    EventType.RESERVATION_RESCINDED: _of_reservation,
    EventType.RESERVATION_FAILED: _of_failed_reservation,
    EventType.TASK_UPDATED: _of_task,
    EventType.TASK_CANCELED: _of_task,
    EventType.TASK_COMPLETED: _of_task,
    EventType.TASK_WRAPUP: _of_task,
    EventType.TASK_TRANSFER_INITIATED: _of_transfer,
    EventType.TASK_TRANSFER_COMPLETED: _of_transfer,
    EventType.TASK_TRANSFER_FAILED: _of_transfer,
    EventType.TASK_TRANSFER_ATTEMPT_FAILED: _of_transfer,
    EventType.TASK_TRANSFER_CANCELED: _of_transfer,
}
"""What a page hears of; it knows no others."""
