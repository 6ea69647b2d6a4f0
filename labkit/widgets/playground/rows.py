"""The Workers and Tasks of the playground: those of the Workspace as they are now, and what was changed by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from labkit import limits
from labkit.explain.trial_workspace import (
    DEFAULT_CHANNEL,
    TrialChannel,
    TrialQueue,
    TrialTask,
    TrialWorker,
    TrialWorkspace,
)
from labkit.live.views import TaskView, WorkerView
from labkit.live.workspace import LiveWorkspace
from labkit.vocabulary import short_sid
from labkit.widgets.json_check import Problem, check_attributes
from labkit.widgets.playground.draft import Draft, Edits

WORKERS_SHOWN = 50
TASKS_SHOWN = 12
OWN_TASK = "own"
"""The key of the Task that is always there to be typed."""
_OWN_ATTRIBUTES = '{"selected_language": "es"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A Worker or a Task as it stands in the table; `attributes` is the JSON that is typed.

    Attributes:
        note: the Activity of a Worker; what a Task is, in words.
        is_edited: whether it is otherwise than in the Workspace.
    """

    key: str
    name: str
    attributes: str
    note: str = ""
    is_edited: bool = False

    def as_data(self) -> dict[str, str]:
        """It as JSON values; whether it is edited, the page knows by itself."""
        return {"key": self.key, "name": self.name, "attributes": self.attributes, "note": self.note}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRows:
    """All rows with what was changed by hand.

    Attributes:
        workspace: made of those that can be read.
        problems: what is wrong with the others, by their keys.
        is_of_other_workers: whether a Worker is otherwise than in the Workspace, or not in it, or taken away.
        edited_tasks: the keys of Tasks that are otherwise than in the Workspace.
    """

    workspace: TrialWorkspace
    problems: Mapping[str, Problem]
    is_of_other_workers: bool
    edited_tasks: frozenset[str]

    def task(self, key: str) -> TrialTask | None:
        """The Task of this key, else the first one; None where none can be read."""
        found = (each for each in self.workspace.tasks if each.key == key)
        return next(found, next(iter(self.workspace.tasks), None) if key not in self.problems else None)


def worker_rows(live: LiveWorkspace) -> list[Row]:
    """Every Worker of the Workspace, by name."""
    return [
        Row(key=each.sid, name=each.name, attributes=_json(each.attributes), note=each.activity_name)
        for each in live.workers
    ]


def task_rows(live: LiveWorkspace, *, followed: str = "") -> list[Row]:
    """The newest Tasks of the Workspace, ended ones too, with the one that is followed; and the one to type."""
    newest = list(reversed(live.tasks))
    kept = [each for number, each in enumerate(newest) if number < TASKS_SHOWN or each.sid == followed]
    own = Row(key=OWN_TASK, name="Your own Task", attributes=_OWN_ATTRIBUTES, note="not created")
    return [*map(_task_row, kept), own]


def followed_task(live: LiveWorkspace, draft: Draft, *, newest: bool) -> str:
    """The key of the Task that is followed: the one that was chosen while it is there, else the newest.

    Args:
        live: which Tasks there are.
        draft: which one was chosen, and which are otherwise.
        newest: else, where the newest may be another one each second and each costs requests, the one to type.
    """
    keys = [row.key for row in _overlaid(task_rows(live, followed=draft.task), draft.tasks)]
    if draft.task in keys:
        return draft.task
    return OWN_TASK if OWN_TASK in keys and not newest else next(iter(keys), "")


def _task_row(task: TaskView) -> Row:
    note = f"Task {task.status}"
    return Row(key=task.sid, name=short_sid(task.sid), attributes=_json(task.attributes), note=note)


def read_rows(live: LiveWorkspace, draft: Draft) -> TrialRows:
    """The Workspace to try things on.

    Args:
        live: how the Workspace stands.
        draft: what was changed by hand.
    """
    problems: dict[str, Problem] = {}
    workers = list(_overlaid(worker_rows(live), draft.workers))
    tasks = list(_overlaid(task_rows(live, followed=draft.task), draft.tasks))
    held = _held(live)
    workspace = TrialWorkspace(
        # Filters go by whole minutes, so that within one the same is the same.
        now=live.clock().replace(second=0, microsecond=0),
        activities={each.name: (each.sid, each.available) for each in live.activities},
        task_channels={each.sid: each.name for each in live.task_channels},
        task_queues=[TrialQueue(sid=q.sid, name=q.name, target_workers=q.target_workers) for q in live.task_queues],
        workers=[_worker(live, row, value, held) for row, value in _readable(workers, problems)],
        tasks=[_task(live, row, value) for row, value in _readable(tasks, problems)],
    )
    return TrialRows(
        workspace=workspace,
        problems=problems,
        is_of_other_workers=any(row.is_edited for row in workers) or None in draft.workers.values(),
        edited_tasks=frozenset(row.key for row in tasks if row.is_edited),
    )


def _overlaid(rows: Iterable[Row], edits: Edits) -> Iterator[Row]:
    """The rows with their edits, without those taken away, then those that were added."""
    rows = list(rows)
    for row in rows:
        edit = edits.get(row.key, {})
        if edit is not None:
            yield replace(row, **_known(edit), is_edited=bool(edit)) if edit else row
    there = {row.key for row in rows}
    for key, edit in edits.items():
        if edit is not None and key not in there and key.startswith("new"):
            yield Row(key=key, **{"name": "", "attributes": "{}", **_known(edit)}, is_edited=True)


def _known(edit: Mapping[str, str]) -> dict[str, Any]:
    return {name: value for name, value in edit.items() if name in ("name", "attributes", "note")}


def _readable(rows: Iterable[Row], problems: dict[str, Problem]) -> Iterator[tuple[Row, dict[str, Any]]]:
    """The rows whose attributes are a JSON object; of the others, what is wrong."""
    for row in rows:
        checked = check_attributes(row.attributes)
        if checked.value is None:
            problems[row.key] = checked.problem or Problem("This is no JSON object.")
        else:
            yield row, checked.value


def _worker(live: LiveWorkspace, row: Row, attributes: dict[str, Any], held: Counter[tuple[str, str]]) -> TrialWorker:
    known = live.worker(row.key)
    return TrialWorker(
        key=row.key,
        name=row.name,
        attributes=attributes,
        activity=row.note,
        sid=known.sid if known else "",
        channels=_channels(live, known, held) if known else {},
    )


def _channels(live: LiveWorkspace, worker: WorkerView, held: Counter[tuple[str, str]]) -> dict[str, TrialChannel]:
    """What the Worker takes of each TaskChannel, as far as it was read, and has of it."""
    known = {each.name: each for each in live.channels(worker.sid) or ()}
    found = {}
    for name in {each.name for each in live.task_channels} | {DEFAULT_CHANNEL}:
        channel, taken = known.get(name), held[worker.sid, name]
        capacity, available = (channel.capacity, channel.available) if channel else (limits.DEFAULT_CAPACITY, True)
        found[name] = TrialChannel(capacity=capacity, available=available, taken=taken)
    return found


def _held(live: LiveWorkspace) -> Counter[tuple[str, str]]:
    """How many open Reservations there are, by Worker and TaskChannel."""
    found: Counter[tuple[str, str]] = Counter()
    for each in live.reservations:
        if not each.is_over:
            task = live.task(each.task_sid)
            found[each.worker_sid, (task.task_channel if task else "") or DEFAULT_CHANNEL] += 1
    return found


def _task(live: LiveWorkspace, row: Row, attributes: dict[str, Any]) -> TrialTask:
    known = live.task(row.key)
    return TrialTask(
        key=row.key,
        name=f"Task {row.name}" if known else row.name,
        attributes=attributes,
        priority=known.priority if known else 0,
        task_channel=(known.task_channel if known else "") or DEFAULT_CHANNEL,
    )


def _json(attributes: Mapping[str, Any]) -> str:
    return json.dumps(dict(attributes), ensure_ascii=False, default=str)
