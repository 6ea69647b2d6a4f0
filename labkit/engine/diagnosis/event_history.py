"""What happened to a Task, from its events, and why each Worker who was reserved fitted at that moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labkit.attributes import parse_object
from labkit.display import shown
from labkit.engine.diagnosis.findings import HistoryStep, RoutingChoice
from labkit.engine.diagnosis.wording import full_stop, reads
from labkit.engine.effects import Event
from labkit.engine.workspace_state import reads as names
from labkit.errors import ExpressionError
from labkit.expressions import Dialect, Trace, compile_expression, explain
from labkit.vocabulary import TRANSFER_FAILED_BECAUSE, EventType, short_sid

# In braces, fields of the event, or what `_words` makes of them. What is not listed is told by its description.
_SENTENCES: Mapping[str, str] = {
    EventType.TASK_CREATED: "Created with priority {task_priority} on channel {task_channel_unique_name}.",
    EventType.TASK_UPDATED: "Updated: attributes {attributes}, priority {task_priority}.",
    EventType.WORKFLOW_ENTERED: "Entered Workflow {workflow_name}.",
    EventType.WORKFLOW_TARGET_MATCHED: "A target of {filter} takes it, with priority {task_priority}.",
    EventType.WORKFLOW_TIMEOUT: "The last target's time is up: the Task falls out of Workflow {workflow_name}.",
    EventType.WORKFLOW_SKIPPED: "The last target was skipped: the Task is skipped out of Workflow {workflow_name}.",
    EventType.TASK_QUEUE_ENTERED: "Entered TaskQueue {task_queue_name}.",
    EventType.TASK_QUEUE_MOVED: "Moved to TaskQueue {task_queue_name}.",
    EventType.TASK_QUEUE_TIMEOUT: "The target's time is up in TaskQueue {task_queue_name}, and nobody took the Task.",
    EventType.RESERVATION_CREATED: "Reserved for {worker_name}.",
    EventType.RESERVATION_ACCEPTED: "{worker_name} accepted: the Task is assigned.",
    EventType.RESERVATION_REJECTED: "{worker_name} rejected the Reservation.",
    EventType.RESERVATION_TIMEOUT: "{worker_name} did not answer in time: the Reservation timed out.",
    EventType.RESERVATION_CANCELED: "The Reservation for {worker_name} was canceled.",
    EventType.RESERVATION_RESCINDED: "The Reservation for {worker_name} was rescinded: another Worker was quicker.",
    EventType.RESERVATION_WRAPUP: "{worker_name} is wrapping up.",
    EventType.RESERVATION_COMPLETED: "{worker_name} completed the Reservation.",
    EventType.RESERVATION_FAILED: "The Reservation for {worker_name} failed.",
    EventType.TASK_TRANSFER_INITIATED: "{giver} hands it over to {taker}{mode}.",
    EventType.TASK_TRANSFER_ATTEMPT_FAILED: "It was not taken over, and goes on to others of {taker}.",
    EventType.TASK_TRANSFER_FAILED: "It was not handed over to {taker}{failed}.",
    EventType.TASK_TRANSFER_CANCELED: "{giver} took it back.",
    EventType.TASK_TRANSFER_COMPLETED: "It was handed over to {taker}.",
    EventType.TASK_WRAPUP: "The Task is wrapping.",
    EventType.TASK_COMPLETED: "Completed{because}.",
    EventType.TASK_CANCELED: "Canceled{because}.",
    EventType.TASK_DELETED: "Deleted over REST.",
    EventType.TASK_SYSTEM_DELETED: "Deleted by TaskRouter: it was assigned for too long.",
}
_OUTCOMES: Mapping[str, str] = {
    EventType.RESERVATION_ACCEPTED: "accepted",
    EventType.RESERVATION_REJECTED: "rejected",
    EventType.RESERVATION_TIMEOUT: "timed out",
    EventType.RESERVATION_CANCELED: "canceled",
    EventType.RESERVATION_RESCINDED: "rescinded",
}


def steps(events: Sequence[Event]) -> tuple[HistoryStep, ...]:
    """Every event as a sentence, oldest first; seconds count from the first."""
    began, names = (events[0].at if events else None), _names(events)
    return tuple(
        HistoryStep(
            at=event.at, seconds=(event.at - began).total_seconds() if began else 0.0, text=_sentence(event, names)
        )
        for event in events
    )


def end(events: Sequence[Event]) -> str:
    """How a Task ended that is gone, after "after": ``it was completed by Alice: Solved``."""
    last = events[-1]
    sentence = _ENDS.get(last.type)
    if sentence is None:
        return f"this: {_sentence(last, _names(events)).removesuffix('.')}"
    holders = [choice.worker for choice in choices(events) if choice.outcome == "accepted"]
    by = f" by {holders[-1]}" if holders and last.type == EventType.TASK_COMPLETED else ""
    return sentence.format(by=by, because=_because_of(last.data))


_ENDS: Mapping[str, str] = {
    EventType.TASK_COMPLETED: "it was completed{by}{because}",
    EventType.TASK_CANCELED: "it was canceled{because}",
    EventType.TASK_DELETED: "it was deleted over REST",
    EventType.TASK_SYSTEM_DELETED: "TaskRouter deleted it: it was assigned for too long",
}


def _names(events: Sequence[Event]) -> Mapping[str, str]:
    """What Workers and TaskQueues are called whom the events name; events of a transfer have SIDs only."""
    found = {}
    for event in events:
        for what, said in (("worker", "{}"), ("task_queue", "TaskQueue {}")):
            if name := event.data.get(f"{what}_name"):
                found[str(event.data.get(f"{what}_sid"))] = said.format(name)
    return found


def _sentence(event: Event, names: Mapping[str, str]) -> str:
    sentence = _SENTENCES.get(event.type)
    return full_stop(sentence.format_map(_words(event.data, names)) if sentence else event.description)


def _words(data: Mapping[str, Any], names: Mapping[str, str]) -> Mapping[str, Any]:
    """The event's fields, and what the sentences need besides."""
    name = data.get("workflow_filter_name")
    failed = str(data.get("transfer_failed_reason") or "").removeprefix(TRANSFER_FAILED_BECAUSE)
    words = {
        "because": _because_of(data),
        "filter": f"filter {name}" if name else "a filter without a name",
        "attributes": shown(_attributes(data, "task")),
        "giver": _called(data.get("transfer_initiating_worker_sid"), names),
        "taker": _called(data.get("transfer_to"), names),
        "mode": _mode(data),
        "failed": f": {failed}" if failed else "",
    }
    return _Fields({**data, **words})


def _called(sid: object, names: Mapping[str, str]) -> str:
    return names.get(str(sid)) or (short_sid(sid) if isinstance(sid, str) else "somebody")


def _mode(data: Mapping[str, Any]) -> str:
    mode = data.get("transfer_mode")
    return f" ({mode.lower()})" if isinstance(mode, str) else ""


def _because_of(data: Mapping[str, Any]) -> str:
    """``: Solved``, or nothing where no reason was given."""
    reason = str(data.get("task_completed_reason") or data.get("task_canceled_reason") or "")
    return f": {reason.removesuffix('.')}" if reason else ""


_MISSING = "(unknown)"


class _Fields(dict[str, Any]):
    """An event's fields; one that it does not have is said to be unknown."""

    def __missing__(self, name: str) -> str:
        return _MISSING

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        return _MISSING if value is None else value


def choices(events: Sequence[Event]) -> tuple[RoutingChoice, ...]:
    """Each Reservation that was made, and why its Worker fitted, by the values that the event keeps."""
    ends = {
        str(event.data.get("reservation_sid")): _OUTCOMES[event.type] for event in events if event.type in _OUTCOMES
    }
    return tuple(_choices(events, ends))


def _choices(events: Sequence[Event], ends: Mapping[str, str]) -> Iterator[RoutingChoice]:
    names = _names(events)
    transfer: Mapping[str, Any] = {}  # that was begun last
    for event in events:
        if event.type == EventType.TASK_TRANSFER_INITIATED:
            transfer = event.data
        elif event.type == EventType.RESERVATION_CREATED:
            handed = transfer if "transfer_mode" in event.data else {}
            yield _choice(event, ends, handed=handed, names=names)


def _choice(
    event: Event, ends: Mapping[str, str], *, handed: Mapping[str, Any], names: Mapping[str, str]
) -> RoutingChoice:
    """Why this Worker; of a Reservation that a transfer made, `handed` is what began it."""
    data = event.data
    sid = str(data.get("reservation_sid", ""))
    to_worker = bool(handed) and handed.get("transfer_to") == data.get("worker_sid")
    trace = None if to_worker else _trace(data)
    fits = () if to_worker else _because(data, trace)
    return RoutingChoice(
        at=event.at,
        reservation_sid=sid,
        worker=str(data.get("worker_name", "")),
        outcome=ends.get(sid, "pending"),
        because=(*_handed(handed, names, to_worker=to_worker), *_present(data), *fits),
        trace=trace,
    )


def _handed(handed: Mapping[str, Any], names: Mapping[str, str], *, to_worker: bool) -> Iterator[str]:
    if handed:
        to = "" if to_worker else f" by way of {_called(handed.get('transfer_to'), names)}"
        yield f"was handed it by {_called(handed.get('transfer_initiating_worker_sid'), names)}{_mode(handed)}{to}"


def _present(data: Mapping[str, Any]) -> Iterator[str]:
    if activity := data.get("worker_activity_name"):
        yield f"was {activity}"


def _because(data: Mapping[str, Any], trace: Trace | None) -> Iterator[str]:
    if trace is not None and trace.value:
        values = reads(trace.reads)
        yield f"matched TaskQueue {data.get('task_queue_name')}: {trace.text}" + (f" ({values})" if values else "")
    elif _attributes(data):
        yield f"had the attributes {shown(_attributes(data))}"


def _trace(data: Mapping[str, Any]) -> Trace | None:
    """The queue's expression with the Worker's attributes of that moment; None where it asks for more than those."""
    try:
        expression = compile_expression(str(data.get("task_queue_target_expression") or ""), Dialect.WORKER)
    except ExpressionError:
        return None
    if expression.condition is None or names(expression, "channel"):
        return None
    built_in = {
        "sid": data.get("worker_sid"),
        "friendly_name": data.get("worker_name"),
        "activity_sid": data.get("worker_activity_sid"),
        "activity_name": data.get("worker_activity_name"),
    }
    return explain(expression, {"worker": {**_attributes(data), **built_in}})


def _attributes(data: Mapping[str, Any], whose: str = "worker") -> dict[str, Any]:
    return parse_object(str(data.get(f"{whose}_attributes") or "")) or {}
