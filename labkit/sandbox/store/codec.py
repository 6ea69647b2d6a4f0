"""Records and events as text, and back. Derived fields are left out; unknown fields of an older file are ignored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, get_args, get_type_hints

from labkit.engine.effects import Event
from labkit.engine.resources import KINDS, Record
from labkit.sandbox.json_text import from_text, to_text
from labkit.vocabulary import EventType

KIND_OF: dict[type[Record], str] = {cls: kind for kind, cls in KINDS.items()}

EVENT_COLUMNS = (
    "sid",
    "type",
    "at",
    "workspace_sid",
    "account_sid",
    "resource_type",
    "resource_sid",
    "description",
    "data",
)
"""Of a stored event."""

_MOMENTS = "@"
"""Under this key the values of an event name those among them that are moments: as text they look like any text."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def encode_record(record: Record) -> str:
    """The stored fields as JSON."""
    names, values = _STORED[type(record)]
    return to_text(dict(zip(names, values(record), strict=True)))


def decode_record(kind: str, text: str) -> Record:
    """The record again, with its derived fields empty.

    Raises:
        ValueError: the text is no JSON, or has a word or a moment that is none.
        KeyError, TypeError: it is no record of this form.
    """
    cls = KINDS[kind]
    readers, types = _READERS[cls], _TYPES[cls]
    values = {name: value for name, value in from_text(text).items() if name in readers}
    wrong = [name for name, value in values.items() if type(value) not in types[name]]
    if wrong:
        raise TypeError(f"{wrong[0]} of this {kind} is {values[wrong[0]]!r:.60}")
    return cls(**{name: readers[name](value) for name, value in values.items()})


def encode_moment(moment: datetime) -> int:
    """Microseconds since 1970, which are in the order of time."""
    return (moment - _EPOCH) // _MICROSECOND


def decode_moment(number: int) -> datetime:
    return _EPOCH + number * _MICROSECOND


def encode_event(event: Event) -> tuple[Any, ...]:
    """The values of EVENT_COLUMNS."""
    return (
        event.sid,
        event.type.value,
        encode_moment(event.at),
        event.workspace_sid,
        event.account_sid,
        event.resource_type,
        event.resource_sid,
        event.description,
        encode_data(event.data),
    )


def decode_event(row: Sequence[Any]) -> Event:
    """The event again, from the values of EVENT_COLUMNS."""
    sid, kind, at, workspace_sid, account_sid, resource_type, resource_sid, description, data = row
    return Event(
        sid=sid,
        type=EventType(kind),
        at=decode_moment(at),
        workspace_sid=workspace_sid,
        account_sid=account_sid,
        resource_type=resource_type,
        resource_sid=resource_sid,
        description=description,
        data=decode_data(data),
    )


def encode_data(data: dict[str, Any]) -> str:
    """An event's free values as JSON."""
    moments = [name for name, value in data.items() if type(value) is datetime]
    return to_text({**data, _MOMENTS: moments} if moments else data)


def decode_data(text: str) -> dict[str, Any]:
    data: dict[str, Any] = from_text(text)
    for name in data.pop(_MOMENTS, ()):
        data[name] = datetime.fromisoformat(data[name])
    return data


def _moment(value: Any) -> Any:
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return moment


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


def _json_types(hint: Any) -> frozenset[type]:
    """What a value of this type is in JSON."""
    options = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    return frozenset(option if option in (int, bool, NoneType) else str for option in options)


def _stored(cls: type[Record]) -> tuple[tuple[str, ...], Callable[[Record], tuple[Any, ...]]]:
    """The names of the stored fields, and what reads them all at once."""
    names = tuple(f.name for f in fields(cls) if not f.metadata.get("derived"))
    return names, attrgetter(*names)


_STORED = {cls: _stored(cls) for cls in KINDS.values()}
_READERS = {
    cls: {name: _reader(hint) for name, hint in get_type_hints(cls).items() if name in _STORED[cls][0]}
    for cls in KINDS.values()
}
_TYPES = {
    cls: {name: _json_types(hint) for name, hint in get_type_hints(cls).items() if name in _STORED[cls][0]}
    for cls in KINDS.values()
}
