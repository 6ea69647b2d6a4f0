"""Records and events of every kind, made up from the types of their fields."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, get_args, get_type_hints

from hypothesis import strategies as st

from labkit.engine.effects import Event
from labkit.engine.resources import KINDS, Record
from labkit.vocabulary import EventType

moments = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis wants bounds without a zone and adds it
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.integers(-(2**53), 2**53)
free_values = st.none() | texts | numbers | st.booleans() | moments
_BY_TYPE: dict[type, st.SearchStrategy[Any]] = {
    str: texts,
    int: numbers,
    bool: st.booleans(),
    datetime: moments,
    NoneType: st.none(),
}


def stored_fields(cls: type[Record]) -> list[str]:
    """The names of the fields that a store keeps."""
    return [f.name for f in fields(cls) if not f.metadata.get("derived")]


def stored(record: Record) -> dict[str, Any]:
    """The values that a store keeps, with the kind."""
    return {"type": type(record), **{name: getattr(record, name) for name in stored_fields(type(record))}}


def records() -> st.SearchStrategy[Record]:
    """Any record."""
    return st.sampled_from(sorted(KINDS)).flatmap(lambda kind: records_of(KINDS[kind]))


def records_of(cls: type[Record]) -> st.SearchStrategy[Record]:
    """Any record of this kind."""
    hints = get_type_hints(cls)
    return st.builds(cls, **{name: _values(hints[name]) for name in stored_fields(cls)})


def _values(hint: Any) -> st.SearchStrategy[Any]:
    options = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    return st.one_of([_of_type(option) for option in options])


def _of_type(option: type) -> st.SearchStrategy[Any]:
    return st.sampled_from(option) if issubclass(option, StrEnum) else _BY_TYPE[option]


def events(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[Event]:
    """Any event; `given` replaces the strategy of a field."""
    return st.builds(
        Event,
        **{
            "sid": st.uuids().map(lambda number: f"EV{number.hex}"),
            "type": st.sampled_from(EventType),
            "at": moments,
            "workspace_sid": texts,
            "account_sid": texts,
            "resource_type": texts,
            "resource_sid": texts,
            "description": texts,
            "data": st.dictionaries(
                texts.filter(lambda name: name != "@"), free_values, max_size=5
            ),  # @ is the codec's
            **given,
        },
    )
