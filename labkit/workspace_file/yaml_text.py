"""YAML as far as JSON goes: texts, numbers, true, false, null, lists and mappings; and where each stood.

Anything beyond is refused, not interpreted: anchors and aliases (with which a small file can stand for gigabytes),
tags, a key given twice, several documents. `no` and `2026-01-01` are texts, as in YAML 1.2: people write languages and
dates as they are spelt.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from labkit.errors import WorkspaceFileError

MAX_BYTES = 16 * 1024 * 1024
"""Of a file; one with 15,000 Workers, which is what an account may have, is a third of that."""
MAX_DEPTH = 100
"""Of lists and mappings in each other; TaskRouter's own documents are far flatter."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")
_MOST_DIGITS = 100
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")
_BREAKS = frozenset("\n\r\x85\u2028\u2029")
_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*$")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text stands for.

    Attributes:
        value: of plain JSON kinds.
        lines: the line (from 1) of everything in it, by its path, such as `workers[0].attributes`.
    """

    value: Any
    lines: dict[str, int]


def parse(text: str) -> Parsed:
    """Read a YAML text.

    Raises:
        WorkspaceFileError: it is not YAML, or uses more of it than JSON has; names the line and the path.
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise WorkspaceFileError(f"The file is over {MAX_BYTES:,} bytes; no Workspace needs so many.")
    try:
        return _Builder(iter(yaml.parse(text, Loader=_LOADER))).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        where = f"line {line}: " if line else ""
        raise WorkspaceFileError(f"The file is not YAML: {where}{problem}.", line=line) from None


def dump(value: Any) -> str:
    """Write a value of plain JSON kinds as YAML; `parse` gives it back. An `Inline` mapping stands in one line.

    Raises:
        WorkspaceFileError: it is nested too deeply.
    """
    try:
        written: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=math.inf)
    except RecursionError:
        raise WorkspaceFileError("Something in the Workspace is nested too deeply to be written as YAML.") from None
    return written


class Inline(dict[str, Any]):
    """A mapping that is short enough to stand in one line."""


def child_path(path: str, key: str | int) -> str:
    """The path of what stands in `path` under `key`."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    spelt = key if _PLAIN_KEY.match(key) else f"{key[:64]!r}"
    return f"{path}.{spelt}" if path else spelt


class _Builder:
    """Puts the events of the YAML parser together; nothing is constructed that is not named here."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._lines: dict[str, int] = {}

    def document(self) -> Parsed:
        value: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    _refuse(event, "", "there is more than one document; keep one, without --- in between")
                value = self._value(next(self._events), "", 0)
        return Parsed(value, self._lines)

    def _value(self, event: Any, path: str, depth: int) -> Any:
        self._lines.setdefault(path, event.start_mark.line + 1)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            _refuse(event, path, "anchors and aliases (& and *) are not read here; write the value out")
        if event.tag is not None:
            _refuse(event, path, f"tags such as {str(event.tag)[:40]} are not read here; leave it out")
        if depth > MAX_DEPTH:
            _refuse(event, path, f"lists and mappings are nested more than {MAX_DEPTH} deep")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path, depth + 1)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth + 1)
        return _scalar(event, path)

    def _mapping(self, path: str, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                _refuse(event, path, "a key must be a text")
            key = self._value(event, path, depth)
            if not isinstance(key, str):
                _refuse(event, path, f'the key {event.value} is not a text; put it into quotes: "{event.value[:40]}"')
            if key in values:
                _refuse(event, child_path(path, key), "this key is here twice; keep one")
            values[key] = self._value(next(self._events), child_path(path, key), depth)
        return values

    def _sequence(self, path: str, depth: int) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event, child_path(path, len(values)), depth))
        return values


def _scalar(event: Any, path: str) -> Any:
    text: str = event.value
    if not event.implicit[0]:  # in quotes, or a block of text
        return text
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.match(text) and len(text) <= _MOST_DIGITS:
        return int(text)
    if _FLOAT.match(text):
        return _number(text, event, path)
    return text


def _number(text: str, event: Any, path: str) -> float:
    number = float(text)
    if not math.isfinite(number) or len(text) > _MOST_DIGITS:
        _refuse(event, path, f"{text[:40]} is too large a number")
    return number


def _refuse(event: Any, path: str, problem: str) -> NoReturn:
    line = event.start_mark.line + 1
    raise WorkspaceFileError(f"line {line}: {f'{path}: ' if path else ''}{problem}.", path=path, line=line)


class _Dumper(yaml.SafeDumper):
    """Quotes what either YAML 1.1 or the reader above would take for something else than a text."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # PyYAML calls it so
        return True


def _represent_list(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.Node:
    short = all(not isinstance(each, (list, dict)) for each in values) and len(str(values)) <= 80
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=short)


def _represent_mapping(dumper: yaml.SafeDumper, values: dict[str, Any]) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", values, flow_style=isinstance(values, Inline))


_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", _INT, list("-+0123456789"))
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    # Readers do not agree on what a line break in quotes is; as an escape all read the same.
    style = '"' if any(c in _BREAKS for c in text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(dict, _represent_mapping)
_Dumper.add_representer(Inline, _represent_mapping)
