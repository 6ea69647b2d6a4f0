"""From what a Workspace is to what a file says: which changes, in which order. Pure: two documents in, a plan out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from labkit.workspace_file import references
from labkit.workspace_file.attributes import same
from labkit.workspace_file.document import Document, Part, PartKey
from labkit.workspace_file.kinds import ACTIVITY_FIELDS, BUILT_IN_CHANNELS, SHAPES, PartKind
from labkit.workspace_file.node import refuse
from labkit.workspace_file.plan import ABSENT, Change, Difference, Plan, PlanStep
from labkit.workspace_file.yaml_text import child_path

ORDER = (
    PartKind.ACTIVITY,
    PartKind.TASK_CHANNEL,
    PartKind.WORKSPACE,
    PartKind.WORKER,
    PartKind.TASK_QUEUE,
    PartKind.WORKFLOW,
)
"""What is named is made before what names it; removed is in the reverse order."""


def plan(now: Document, wanted: Document, *, remove: bool = False) -> Plan:
    """What would have to be done so that the Workspace is as the file says.

    Args:
        now: the Workspace.
        wanted: the file; what it leaves out is left as it is.
        remove: whether what is in the Workspace and not in the file goes.

    Raises:
        WorkspaceFileError: something is named that would not be there; the message names the line and the path.
    """
    gone = [part for part in now.parts.values() if _goes(part, wanted) and remove]
    after = _after(now, wanted, gone)
    _check_references(after, wanted)
    changes: list[Change] = []
    for kind in ORDER:
        changes += filter(None, (_change(now.parts.get(part.key), part) for part in wanted.of(kind)))
    for kind in reversed(ORDER):
        left = [part for part in now.of(kind) if _goes(part, wanted)]
        changes += [Change(step=PlanStep.REMOVE if remove else PlanStep.KEEP, part=part) for part in left]
    return Plan(tuple(changes))


def _goes(part: Part, wanted: Document) -> bool:
    built_in = part.kind is PartKind.TASK_CHANNEL and part.name in BUILT_IN_CHANNELS
    return part.key not in wanted.parts and part.kind is not PartKind.WORKSPACE and not built_in


def _change(now: Part | None, wanted: Part) -> Change | None:
    if now is None:
        differences = tuple(Difference(name, ABSENT, value) for name, value in wanted.fields.items())
        return Change(step=PlanStep.ADD, part=wanted, differences=differences, obstacle=_cannot_add(wanted))
    called = SHAPES[now.kind].name
    found = {called: tuple(_values_differ(called, now.name, wanted.name))}  # in letter case only, for a Worker
    found |= {name: tuple(_differ(now, name, value)) for name, value in wanted.fields.items()}
    fields = tuple(name for name, differences in found.items() if differences)
    if not fields:
        return None
    return Change(
        step=PlanStep.CHANGE,
        part=wanted,
        fields=fields,
        differences=tuple(each for differences in found.values() for each in differences),
        obstacle=_cannot_change(now, wanted, fields),
    )


def _cannot_add(part: Part) -> str:
    if part.kind is PartKind.WORKFLOW and "configuration" not in part.fields:
        return f"{part.path}: a new Workflow needs its configuration."
    return ""


def _cannot_change(now: Part, wanted: Part, fields: Iterable[str]) -> str:
    if now.kind is PartKind.ACTIVITY and "available" in fields:
        return (
            f"{wanted.path}.available: whether an Activity is available is fixed when it is made "
            "(docs: /docs/taskrouter/api/activity). Give this one another name, or delete the one in the Workspace."
        )
    if now.kind is PartKind.WORKSPACE and "multi_task_enabled" in fields and now.fields["multi_task_enabled"]:
        return (
            f"{wanted.path}.multi_task_enabled: a Workspace that is multitasking cannot go back "
            "(docs: /docs/taskrouter/api/workspace). Leave it out, or load into another Workspace."
        )
    return ""


def _differ(now: Part, name: str, value: Any) -> Iterator[Difference]:
    old = now.fields.get(name)
    if name != "channels":
        yield from _values_differ(name, old, value)
        return
    for channel, settings in value.items():  # a file may speak of some channels only
        known = (old or {}).get(channel, {})
        for setting, new in settings.items():
            yield from _values_differ(f"channels.{channel}.{setting}", known.get(setting, ABSENT), new)


def _values_differ(path: str, old: Any, new: Any) -> Iterator[Difference]:
    """The differences of two JSON values, as deep as they have the same form."""
    if old is ABSENT or new is ABSENT:
        yield Difference(path, old, new)
    elif isinstance(old, dict) and isinstance(new, dict) and old and new:
        for key in (*old, *(key for key in new if key not in old)):
            yield from _values_differ(child_path(path, key), old.get(key, ABSENT), new.get(key, ABSENT))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new) and _is_deep(old):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _values_differ(child_path(path, number), one, other)
    elif not same(old, new):
        yield Difference(path, old, new)


def _is_deep(values: list[Any]) -> bool:
    return any(isinstance(each, (dict, list)) for each in values)


# --- what is named must be there --------------------------------------------------------------------------------------


def _after(now: Document, wanted: Document, gone: Iterable[Part]) -> dict[PartKey, Part]:
    """What the Workspace will hold."""
    after = dict(now.parts)
    for part in gone:
        del after[part.key]
    for key, part in wanted.parts.items():
        before = after.get(key)
        after[key] = replace(part, fields={**before.fields, **part.fields}) if before else part
    return after


def _check_references(after: Mapping[PartKey, Part], wanted: Document) -> None:
    for part in after.values():
        for name in part.fields:
            said = name in wanted.parts.get(part.key, Part(kind=part.kind)).fields
            if name == "channels" and not said:
                continue  # a TaskChannel that goes takes the Workers' channels with it
            for key, path in _named_in(part, name):
                if isinstance(key, str):
                    _refuse_name(key, path, wanted)
                elif key not in after:
                    _refuse_reference(key, path, None if said else part, after=after, wanted=wanted)


def _named_in(part: Part, name: str) -> Iterator[tuple[PartKey | str, str]]:
    """What a field names, with the path; a text where something looks like a name and is none."""
    value, path = part.fields[name], f"{part.path}.{name}" if part.path else name
    if name in ACTIVITY_FIELDS and value is not None:
        yield PartKey(PartKind.ACTIVITY, value), path
    elif name == "channels":
        yield from ((PartKey(PartKind.TASK_CHANNEL, channel), child_path(path, channel)) for channel in value)
    elif name == "target_workers":
        yield from ((each, path) for each in references.wanted_in(value))
    elif name == "configuration":
        yield from ((PartKey(PartKind.TASK_QUEUE, queue), at) for queue, at in references.queues_in(value, path))
        yield from ((each, at) for text, at in references.texts_in(value, path) for each in references.wanted_in(text))


def _refuse_name(text: str, path: str, wanted: Document) -> None:
    example = '${Activity "On break"}'
    kinds = ", ".join(references.NAMED_IN_TEXTS)
    refuse(
        f"{text!r} names nothing; write it as {example}, with one of {kinds}, or as $$ where $ itself is meant",
        path=path,
        lines=wanted.lines,
    )


def _refuse_reference(
    key: PartKey, path: str, inherits: Part | None, *, after: Mapping[PartKey, Part], wanted: Document
) -> None:
    known = ", ".join(repr(part.name) for part in after.values() if part.kind is key.kind) or "none"
    if inherits is None:
        problem = f"there is no {key.kind} {key.name!r} in the file or in the Workspace; known are: {known}"
        refuse(problem, path=path, lines=wanted.lines)
    refuse(
        f"{inherits} has {key.kind} {key.name!r} as its {path.rpartition('.')[2]}, and the file has none of that name, "
        f"so it would be removed; put it into the file, or say there what takes its place. The file has: {known}",
        path=inherits.path,
        lines=wanted.lines,
    )
