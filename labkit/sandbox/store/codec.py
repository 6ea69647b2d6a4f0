"""Records and events as text, and back. Derived fields are left out; unknown fields of an older file are ignored."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from types import UnionType
from typing import Any, get_args, get_type_hints

from labkit.sandbox.engine.effects import Event
from labkit.sandbox.engine.resources import KINDS, Record
from labkit.vocabulary import EventType

KIND_OF: dict[type[Record], str] = {cls: kind for kind, cls in KINDS.items()}

_MOMENT = "@"
"""The key under which a moment stands among the values of an event, which are otherwise never objects."""


def encode_record(record: Record) -> str:
    """The stored fields as JSON."""
    return _record_to_text({name: getattr(record, name) for name in _STORED[type(record)]})


def decode_record(kind: str, text: str) -> Record:
    """The record again, with its derived fields empty."""
    cls = KINDS[kind]
    readers = _READERS[cls]
    values = json.loads(text)
    return cls(**{name: readers[name](value) for name, value in values.items() if name in readers})


def encode_data(event: Event) -> str:
    """An event's free values as JSON."""
    return _data_to_text(event.data)


def decode_data(text: str) -> dict[str, Any]:
    return {name: _free_value(value) for name, value in json.loads(text).items()}


def encode_event(event: Event) -> dict[str, Any]:
    """An event's columns, in the order of its fields."""
    return {
        "sid": event.sid,
        "type": str(event.type),
        "at": event.at.isoformat(),
        "workspace_sid": event.workspace_sid,
        "account_sid": event.account_sid,
        "resource_type": event.resource_type,
        "resource_sid": event.resource_sid,
        "description": event.description,
        "data": encode_data(event),
    }


def decode_event(columns: dict[str, Any]) -> Event:
    values = {**columns, "type": EventType(columns["type"]), "at": datetime.fromisoformat(columns["at"])}
    return Event(**{**values, "data": decode_data(columns["data"])})


def _encode(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be stored")


_record_to_text = json.JSONEncoder(separators=(",", ":"), default=_encode).encode
_data_to_text = json.JSONEncoder(separators=(",", ":"), default=lambda value: {_MOMENT: _encode(value)}).encode


def _free_value(value: Any) -> Any:
    return datetime.fromisoformat(value[_MOMENT]) if isinstance(value, dict) else value


def _moment(value: Any) -> Any:
    return None if value is None else datetime.fromisoformat(value)


def _as_it_is(value: Any) -> Any:
    return value


def _word_of(options: type[StrEnum]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else options(value)


def _reader(hint: Any) -> Callable[[Any], Any]:
    for option in get_args(hint) if isinstance(hint, UnionType) else (hint,):
        if option is datetime:
            return _moment
        if isinstance(option, type) and issubclass(option, StrEnum):
            return option if option is hint else _word_of(option)
    return _as_it_is


_STORED = {cls: tuple(f.name for f in fields(cls) if not f.metadata.get("derived")) for cls in KINDS.values()}
_READERS = {
    cls: {name: _reader(hint) for name, hint in get_type_hints(cls).items() if name in _STORED[cls]}
    for cls in KINDS.values()
}
