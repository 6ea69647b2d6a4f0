"""Parameters, declared as data and checked in one place.

The module of a resource lists what an operation takes; `read` turns the form into values for a command. Unknown
parameters are ignored, as Twilio does; a wrong value is a 400 that names the parameter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from labkit import limits
from labkit.engine.refusals import InvalidParameter, MissingParameter
from labkit.settings import hide_passwords
from labkit.vocabulary import ReservationStatus, TaskStatus

Form = Mapping[str, Sequence[str]]
"""Decoded form fields: each name with all its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One parameter. `name` is the wire name, `field` what the command calls it."""

    name: str
    field: str
    required: bool = False

    def value(self, text: str) -> Any:
        """The value of a given parameter.

        Raises:
            InvalidParameter: the text is not of this kind.
        """
        raise NotImplementedError

    def values(self, texts: Sequence[str]) -> Any:
        """The value of a parameter given once or several times: the last one counts."""
        return self.value(texts[-1])

    def refuse(self, problem: str) -> InvalidParameter:
        return InvalidParameter(self.name, problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Param):
    """Any text up to `longest` characters. Empty clears the field: it becomes `empty`, or is refused if `filled`."""

    longest: int | None = None
    empty: str | None = ""
    filled: bool = False

    def value(self, text: str) -> str | None:
        if self.longest is not None and len(text) > self.longest:
            raise self.refuse(f"{len(text)} characters; the maximum is {self.longest}")
        if "\x00" in text:
            raise self.refuse("a NUL character is not allowed")
        if not text and (self.required or self.filled):
            raise MissingParameter(self.name)
        return text or self.empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts(Param):
    """Every text that was given, as it came: what they may be is checked elsewhere."""

    def values(self, texts: Sequence[str]) -> list[str]:
        return list(texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameParam(Text):
    """A FriendlyName or UniqueName: it may be left out of an update, but it is never empty."""

    longest: int | None = limits.MAX_NAME_CHARACTERS
    filled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Param):
    """`true`, `1` and `yes` in any case are true; everything else is false (docs: /docs/taskrouter/api/activity)."""

    def value(self, text: str) -> bool:
        return is_true(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeNumber(Param):
    """A whole number from `least` to `most`, both included."""

    least: int = 0
    most: int = limits.MAX_WHOLE_NUMBER

    def value(self, text: str) -> int | None:
        if not text.strip():
            return None
        # int() alone would take `1_000` and digits of any script.
        number = int(text) if re.fullmatch(r"\s*[+-]?[0-9]{1,19}\s*", text) else None
        if number is None or not self.least <= number <= self.most:
            raise self.refuse(f"{text[:40]!r} is not a whole number from {self.least} to {self.most}")
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Param):
    """A number from `least` to `most`, both included, with decimals or without."""

    least: float = 0.0
    most: float

    def value(self, text: str) -> float | None:
        if not text.strip():
            return None
        # float() alone would take `nan`, `1_0` and digits of any script.
        plain = re.fullmatch(r"\s*[+-]?([0-9]{1,15}(\.[0-9]{0,15})?|\.[0-9]{1,15})(e-?[0-9]{1,2})?\s*", text)
        number = float(text) if plain else None
        if number is None or not self.least <= number <= self.most:
            raise self.refuse(f"{text[:40]!r} is not a number from {self.least:,.10g} to {self.most:,.10g}")
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Param):
    """One of the words of an enumeration."""

    options: type[StrEnum]

    def value(self, text: str) -> StrEnum:
        if text not in set(self.options):
            raise self.refuse(f"{text[:40]!r} is not one of {', '.join(self.options)}")
        return self.options(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(Text):
    """The status of a Task or a Reservation, in any case (docs: /docs/taskrouter/changelog); "" is none."""

    empty: str | None = None

    def value(self, text: str) -> str | None:
        given = Text.value(self, text)
        return given and in_lower_case(given)


def in_lower_case(status: str) -> str:
    """The status as TaskRouter writes it; what is no status stays as it is, for the refusal to name it."""
    lowered = status.lower()
    return lowered if lowered in _STATUSES else status


_STATUSES = frozenset((*TaskStatus, *ReservationStatus))


@dataclass(frozen=True, slots=True, kw_only=True)
class Url(Param):
    """An http or https URL; empty clears it."""

    def value(self, text: str) -> str:
        if not text:
            return ""
        try:
            parts = urlsplit(text)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and len(text) <= 2048
            _ = parts.port
        except ValueError:
            usable = False
        if not usable or any(ord(c) <= 32 for c in text):
            raise self.refuse(f"{hide_passwords(text)[:80]!r} is not an http or https URL")
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment(Param):
    """A point in time, as `2026-01-31T12:00:00Z`."""

    def value(self, text: str) -> datetime | None:
        return read_moment(self.name, text) if text else None


def read(params: Sequence[Param], form: Form) -> dict[str, Any]:
    """The values that were given, by the commands' field names.

    Raises:
        MissingParameter: a required one was not given.
        InvalidParameter: one has a value of the wrong form.
    """
    values: dict[str, Any] = {}
    for param in params:
        given = form.get(param.name)
        if given:
            values[param.field] = param.values(given)
        elif param.required:
            raise MissingParameter(param.name)
    return values


def without_blanks(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are not None, for commands in which None would not clear a field: a blank means not given."""
    return {name: value for name, value in values.items() if value is not None}


def is_true(text: str) -> bool:
    return text.strip().lower() in ("true", "1", "yes")


def read_moment(name: str, text: str) -> datetime:
    """A point in time; without a zone it is UTC.

    Raises:
        InvalidParameter: the text is not ISO 8601.
    """
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidParameter(name, f"{text[:40]!r} is not a date such as 2026-01-31T12:00:00Z") from None
    return moment
