"""SIDs inside of expressions and Workflow configurations, written in a file as names: `${Activity "On break"}`.

An expression may compare with a SID (`worker.activity_sid == "WA…"`, `workers.WA… > 0`), and a SID means nothing in
another Workspace. So each SID that is known stands in the file as its kind and its name, the name spelt as in JSON.
`$$` stands for `$` itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from labkit.workspace_file.document import Part, PartKey
from labkit.workspace_file.kinds import SHAPES, PartKind, key_of
from labkit.workspace_file.yaml_text import child_path

NAMED_IN_TEXTS = (PartKind.ACTIVITY, PartKind.TASK_CHANNEL, PartKind.WORKER)
"""Kinds whose SIDs expressions compare with; they are made before the TaskQueues and Workflows that name them."""

_LETTERS = "|".join(SHAPES[kind].sid for kind in NAMED_IN_TEXTS)
_SID = re.compile(rf"(?<![0-9A-Za-z])(?:{_LETTERS})[0-9a-f]{{32}}(?![0-9A-Za-z])")
_NAME = re.compile(
    r'(?P<escaped>\$\$)|\$\{(?P<kind>[A-Za-z]+) (?P<name>"(?:[^"\\]|\\.)*")\}|(?P<broken>\$\{[^}]{0,40}\}?)'
)

_QUEUE_KEYS = ("queue", "task_queue_sid")

Place = tuple[str, str]
"""A text, and the path where it stands."""


def named(text: str, parts: Mapping[str, Part]) -> str:
    """The text with names in place of SIDs.

    Args:
        text: an expression, or any other text of a configuration.
        parts: what the SIDs of the Workspace belong to.
    """

    def name(found: re.Match[str]) -> str:
        part = parts.get(found.group())
        if part is None:  # of something that is gone, or of another Workspace: no name would say more
            return found.group()
        return f"${{{part.kind} {json.dumps(part.name, ensure_ascii=False)}}}"

    return _SID.sub(name, text.replace("$", "$$"))


def unnamed(text: str, sid_of: Callable[[PartKey], str]) -> str:
    """The text with SIDs in place of names; every name is one that `wanted_in` has found, and is known."""

    def sid(found: re.Match[str]) -> str:
        if found["escaped"]:
            return "$"
        key = _key(found)
        return found.group() if key is None else sid_of(key)

    return _NAME.sub(sid, text)


def wanted_in(text: str) -> Iterator[PartKey | str]:
    """What a text names: a key for each name, or the text of what looks like one and is none."""
    for found in _NAME.finditer(text):
        if not found["escaped"]:
            yield _key(found) or found.group()


def _key(found: re.Match[str]) -> PartKey | None:
    kind = next((kind for kind in NAMED_IN_TEXTS if kind == found["kind"]), None)
    if kind is None:
        return None
    try:
        return PartKey(kind, key_of(kind, json.loads(found["name"])))
    except ValueError:
        return None


def rebuilt(value: Any, *, queue: Callable[[str], str], text: Callable[[str], str]) -> Any:
    """A Workflow's configuration with its TaskQueues and its other texts changed.

    Args:
        value: the configuration, or a part of it.
        queue: for what stands under `queue` (in old documents `task_queue_sid`, which becomes `queue`).
        text: for every other text.
    """
    if isinstance(value, list):
        return [rebuilt(each, queue=queue, text=text) for each in value]
    if isinstance(value, str):
        return text(value)
    if not isinstance(value, dict):
        return value
    made: dict[str, Any] = {}
    for key, each in value.items():
        if key in _QUEUE_KEYS and isinstance(each, str):
            made.setdefault("queue", queue(each))
        else:
            made[key] = rebuilt(each, queue=queue, text=text)
    return made


def queues_in(configuration: Any, path: str) -> Iterator[Place]:
    """The TaskQueues that a configuration names, each with its path."""
    return (place for place in _places(configuration, path) if _is_queue(place))


def texts_in(configuration: Any, path: str) -> Iterator[Place]:
    """All other texts in a configuration, each with its path."""
    return (place for place in _places(configuration, path) if not _is_queue(place))


def _is_queue(place: Place) -> bool:
    return place[1].endswith(tuple(f".{key}" for key in _QUEUE_KEYS))


def _places(value: Any, path: str) -> Iterator[Place]:
    if isinstance(value, str):
        yield value, path
    elif isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in items:
            yield from _places(each, child_path(path, key))
