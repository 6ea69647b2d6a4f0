"""What would have to change: the smallest changes of one Worker that make the Task routable, each tried on a copy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice, product
from typing import Any

from labkit.display import shown
from labkit.engine import matching
from labkit.engine.diagnosis.findings import ChangeKind, ReasonKind, SuggestedChange, Suggestion
from labkit.engine.diagnosis.wording import NAMED, capital, listed
from labkit.engine.diagnosis.workers import MOST, Candidates, kept, taking_room
from labkit.engine.json_parameters import read_scope
from labkit.engine.resources import Reservation, Worker
from labkit.engine.workspace_state import WorkspaceState
from labkit.expressions import Expression
from labkit.expressions.operators import kind_of
from labkit.expressions.satisfying_values import Wishes, wishes
from labkit.vocabulary import ReservationStatus, TaskStatus, short_sid

SHOWN = 4
"""Suggestions that are made."""
WHO = "\0"
"""Stands for the Worker's name until it is known who else would do; no name holds it."""
_COST = {
    ChangeKind.ACTIVITY: 1,
    ChangeKind.TASK: 2,
    ChangeKind.CHANNEL: 3,
    ChangeKind.CAPACITY: 4,
    ChangeKind.ATTRIBUTE: 5,
}
"""How much each change asks of people: going back to work is the least, then to finish what one has."""
_BUILT_IN = {"sid", "friendly_name", "channel"}
"""Names that expressions read of a Worker and nobody can set as an attribute."""

Changes = list[SuggestedChange]


def suggestions(field: Candidates) -> tuple[Suggestion, ...]:
    """The smallest changes first; each is enough by itself. What would do for several Workers alike is said once."""
    found = [(_cost(changes), number, worker, changes) for number, worker, changes in _ways(field)]
    found.sort(key=lambda each: each[:2])
    alike: dict[str, list[tuple[Worker, Changes]]] = {}
    for _, _, worker, changes in found:
        alike.setdefault(_sentence(field.state, worker, changes), []).append((worker, changes))
    return tuple(
        Suggestion(text=_for_any(sentence, [worker for worker, _ in each]), changes=tuple(each[0][1]))
        for sentence, each in islice(alike.items(), SHOWN)
    )


def _ways(field: Candidates) -> Iterator[tuple[int, Worker, Changes]]:
    for number, worker in enumerate(kept(field)[:MOST]):
        for changes in _changes(field, worker):
            if changes and _is_enough(field, worker, changes):
                yield number, worker, changes


def _cost(changes: Changes) -> int:
    return sum(_COST[change.kind] for change in changes)


def _changes(field: Candidates, worker: Worker) -> Iterator[Changes]:
    """What would take every reason away, untried; nothing when one of them cannot be taken away."""
    ways = [_WAYS[kind](field, worker) if kind in _WAYS else [] for kind in field.failing[worker.sid]]
    for chosen in product(*ways):
        yield list({(change.kind, change.name): change for change in chain.from_iterable(chosen)}.values())


def _is_enough(field: Candidates, worker: Worker, changes: Changes) -> bool:
    state, changed = trial(field.state, worker, changes)
    queue = state.task_queues.get(field.target.queue_sid)
    state.refresh_worker(changed, only=[queue] if queue else [])
    return matching.may_have(state, changed, field.task, field.target)


def trial(state: WorkspaceState, worker: Worker, changes: Changes) -> tuple[WorkspaceState, Worker]:
    """A copy of the Worker with the changes made, in a state of its own; the real ones stay as they are."""
    copy = replace(worker, channels={sid: replace(channel) for sid, channel in worker.channels.items()})
    values = read_scope(worker.attributes)
    for change in changes:
        _apply(state, copy, change, values)
    copy.attributes = json.dumps(values)
    apart = WorkspaceState(state.workspace)
    apart.activities, apart.task_channels, apart.task_queues = state.activities, state.task_channels, state.task_queues
    done = {change.name for change in changes if change.kind is ChangeKind.TASK}
    held = state.open_reservations.get(worker.sid, {})
    apart.open_reservations[copy.sid] = {sid: each for sid, each in held.items() if each.task_sid not in done}
    apart.workers = {copy.sid: copy}
    apart.rebuild_scope(copy, values)
    return apart, copy


def _apply(state: WorkspaceState, worker: Worker, change: SuggestedChange, values: dict[str, Any]) -> None:
    match change.kind:
        case ChangeKind.ACTIVITY:
            worker.activity_sid = change.value
        case ChangeKind.ATTRIBUTE:
            _set(values, change.name.split("."), change.value)
        case ChangeKind.TASK:
            _complete(state, worker, change.name)
        case ChangeKind.CAPACITY | ChangeKind.CHANNEL:
            channel = state.worker_channel(worker, change.name)
            field = "configured_capacity" if change.kind is ChangeKind.CAPACITY else "available"
            if channel is not None:
                setattr(channel, field, change.value)


def _complete(state: WorkspaceState, worker: Worker, task_sid: str) -> None:
    if not task_sid:
        for channel in worker.channels.values():
            most = channel.configured_capacity - 1 if state.workspace.multi_task_enabled else 0
            channel.taken = min(channel.taken, most)
        return
    held = state.open_reservations[worker.sid].values()
    reservation = next(each for each in held if each.task_sid == task_sid)
    channel = worker.channels[reservation.task_channel_sid]
    channel.taken -= 1
    channel.assigned -= reservation.reservation_status is ReservationStatus.ACCEPTED


def _set(values: dict[str, Any], path: list[str], value: Any) -> None:
    for step in path[:-1]:
        inner = values.get(step)
        if not isinstance(inner, dict):
            inner = values[step] = {}
        values = inner
    values[path[-1]] = value


# --- a way for each reason that can be taken away --------------------------------------------------------------------


def _come_to_work(field: Candidates, worker: Worker) -> list[Changes]:
    available = [activity for activity in field.state.activities.values() if activity.available]
    return [[SuggestedChange(kind=ChangeKind.ACTIVITY, sid=worker.sid, value=each.sid)] for each in available[:1]]


def _make_room(field: Candidates, worker: Worker) -> list[Changes]:
    """Complete what the Worker has, or take more at a time; in single tasking there is no more."""
    held = taking_room(field, worker)
    if not field.state.workspace.multi_task_enabled:
        return [_completed(worker, held, len(held) or 1)]
    channel = worker.channels.get(field.task.task_channel_sid)
    if channel is None:
        return []
    name = field.state.task_channels[channel.task_channel_sid].unique_name
    opened = SuggestedChange(kind=ChangeKind.CHANNEL, sid=worker.sid, name=name, value=True)
    first = [] if channel.available else [opened]
    too_many = channel.taken - channel.configured_capacity + 1
    if too_many <= 0:
        return [first]
    more = SuggestedChange(kind=ChangeKind.CAPACITY, sid=worker.sid, name=name, value=channel.taken + 1)
    finish = [[*first, *_completed(worker, held, too_many)]] if channel.configured_capacity else []
    return [*finish, [*first, more]]


def _completed(worker: Worker, held: Sequence[Reservation], number: int) -> Changes:
    """So many Tasks are completed; which ones is not always known."""
    names = [each.task_sid for each in held[:number]] if len(held) >= number else [""]
    completed = str(TaskStatus.COMPLETED)
    return [SuggestedChange(kind=ChangeKind.TASK, sid=worker.sid, name=name, value=completed) for name in names]


def _match_queue(field: Candidates, worker: Worker) -> list[Changes]:
    expression = field.state.queue_expression(field.state.task_queues[field.target.queue_sid])
    return _match(field, worker, expression)


def _match_target(field: Candidates, worker: Worker) -> list[Changes]:
    return _match(field, worker, field.target.expression) if field.target.expression else []


def _match(field: Candidates, worker: Worker, expression: Expression) -> list[Changes]:
    wanted = wishes(expression, {"task": field.task.scope, "worker": worker.scope}, root="worker")
    changes = None if wanted is None else _from_wishes(field.state, worker, wanted)
    return [] if changes is None else [changes]


def _from_wishes(state: WorkspaceState, worker: Worker, wanted: Wishes) -> Changes | None:
    changes = []
    for (_, *path), value in wanted.items():
        if path[0] in _BUILT_IN:
            return None
        if path[0] in ("activity_sid", "activity_name"):
            sids = [sid for sid, each in state.activities.items() if value in (sid, each.friendly_name)]
            if not sids:
                return None
            changes.append(SuggestedChange(kind=ChangeKind.ACTIVITY, sid=worker.sid, value=sids[0]))
        else:
            changes.append(SuggestedChange(kind=ChangeKind.ATTRIBUTE, sid=worker.sid, name=".".join(path), value=value))
    return changes


_WAYS: Mapping[ReasonKind, Callable[[Candidates, Worker], list[Changes]]] = {
    ReasonKind.QUEUE_EXPRESSION: _match_queue,
    ReasonKind.TARGET_EXPRESSION: _match_target,
    ReasonKind.ACTIVITY: _come_to_work,
    ReasonKind.CAPACITY: _make_room,
}


# --- in words --------------------------------------------------------------------------------------------------------


def _sentence(state: WorkspaceState, worker: Worker, changes: Changes) -> str:
    """What is to be changed, with `WHO` where the Worker's name belongs."""
    ordered = sorted(changes, key=_cost_of)
    wait = ", or wait until that is done" if all(change.kind is ChangeKind.TASK for change in changes) else ""
    return capital(listed([_words(state, worker, change) for change in ordered]) + wait)


def _for_any(sentence: str, workers: Sequence[Worker]) -> str:
    """The first time it says who; after that it is the same one."""
    first, *others = sentence.split(WHO)
    names = [worker.friendly_name for worker in workers]
    who = listed(names if len(names) <= NAMED else [*names[:NAMED], "another"], conjunction="or")
    again = workers[0].friendly_name if len(workers) == 1 else "the same Worker"
    return who.join((first, again.join(others))) if others else first


def _cost_of(change: SuggestedChange) -> int:
    return -_COST[change.kind]


def _words(state: WorkspaceState, worker: Worker, change: SuggestedChange) -> str:
    match change.kind:
        case ChangeKind.ACTIVITY:
            return f"set {WHO} to {state.activities[change.value].friendly_name}"
        case ChangeKind.TASK:
            return _finish_words(state, worker, change.name)
        case ChangeKind.CAPACITY:
            return f"raise the capacity of {WHO} on channel {change.name} to {change.value}"
        case ChangeKind.CHANNEL:
            return f"make {WHO} available on channel {change.name}"
        case ChangeKind.ATTRIBUTE:
            return _attribute_words(worker, change)


def _finish_words(state: WorkspaceState, worker: Worker, task_sid: str) -> str:
    held = state.open_reservations.get(worker.sid, {}).values()
    first = "accept and " if any(each.is_pending for each in held if each.task_sid == task_sid) else ""
    return f"{first}complete {f'Task {short_sid(task_sid)}' if task_sid else 'a Task'} of {WHO}"


def _attribute_words(worker: Worker, change: SuggestedChange) -> str:
    before: Any = worker.scope
    for step in change.name.split("."):
        before = before.get(step) if isinstance(before, dict) else None
    if isinstance(before, list) and isinstance(change.value, list) and change.value[:-1] == before:
        return f"add {shown(change.value[-1])} to {change.name} of {WHO}"
    is_another_kind = None not in (before, change.value) and kind_of(before) is not kind_of(change.value)
    kind = f"the {kind_of(change.value).removeprefix('a ')} " if is_another_kind else ""
    return f"set {change.name} of {WHO} to {kind}{shown(change.value)}"
