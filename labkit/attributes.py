"""Attributes: a JSON object that travels as text (docs: /docs/taskrouter/api/task, /docs/taskrouter/api/worker).

Everybody reads them here, and says in words of their own what is wrong: a refusal, a place in an editor, a sentence.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from labkit.errors import AttributesError

_HALF_PAIR = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair has no UTF-8; as an escape it travels."""


_BLANKS = re.compile(r"[ \t\r\n]*")
"""Those that JSON knows."""


class NotJson(ValueError):
    """A text is not JSON. As a text: why, and where if it is wrong at one place.

    Attributes:
        reason: why.
        line: from 1; None where it is not at one place.
        column: from 1; None likewise.
        position: index of the character that does not fit; None likewise.
    """

    line: int | None = None
    column: int | None = None
    position: int | None = None

    def __init__(self, reason: str, *, at: json.JSONDecodeError | None = None) -> None:
        super().__init__(f"{reason} at line {at.lineno}, column {at.colno}" if at else reason)
        self.reason = reason
        if at is not None:
            self.line, self.column, self.position = at.lineno, at.colno, at.pos


def parse_json(text: str) -> Any:
    """The value of a JSON text. Of a name that stands twice in an object, the last one counts.

    Raises:
        NotJson: it is none, holds NaN, infinity or a number beyond all bounds, or is nested too deeply to be read.
    """
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, at=error) from None
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except ValueError as error:
        raise NotJson(str(error)) from None


def parse_object(text: str | None) -> dict[str, Any] | None:
    """The JSON object in a text that TaskRouter gave; None if it is none."""
    try:
        value = parse_json(text or "")
    except NotJson:
        return None
    return value if isinstance(value, dict) else None


def place_of(text: str, path: str) -> int:
    """Where in a JSON text the value of a path stands; of what is not there, the value that should hold it.

    Args:
        text: sound JSON.
        path: such as ``$.task_routing.filters[0]``.
    """
    position = _skip(text, 0)
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        found = next((at for step, at in _members(text, position) if step == (name or int(index))), None)
        if found is None:
            break
        position = found
    return position


def _members(text: str, position: int) -> Iterator[tuple[str | int, int]]:
    """Of an object or a list that begins here: each name or number, with the place of its value."""
    opening = text[position]
    if opening not in "{[":
        return
    position, number = _skip(text, position + 1), 0
    while text[position] not in "}]":
        step: str | int = number
        if opening == "{":
            step, position = _DECODER.raw_decode(text, position)
            position = _skip(text, text.index(":", position) + 1)
        yield step, position
        _, position = _DECODER.raw_decode(text, position)
        position, number = _skip(text, position), number + 1
        if text[position] == ",":
            position = _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    """Past the blanks."""
    found = _BLANKS.match(text, position)
    return found.end() if found else position


def compact_json(values: Mapping[str, Any]) -> str:
    """The shortest JSON text: without blanks, letters of any script as they are. JSON has a form for `values`."""
    return _HALF_PAIR.sub(lambda found: f"\\u{ord(found.group()):04x}", _ENCODER.encode(values))


def json_to_send(attributes: Mapping[str, Any] | str) -> str:
    """The text to send for `attributes`: a mapping is written as JSON, a text is checked and kept as it is.

    Raises:
        AttributesError: the text is not JSON (it says where), or is JSON but not an object, or the mapping holds
            something that JSON has no form for.
    """
    if isinstance(attributes, str):
        _require_object(attributes)
        return attributes
    try:
        return json.dumps(dict(attributes), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise AttributesError(f"These attributes cannot be written as JSON, so nothing was sent: {error}.") from error


def _require_object(text: str) -> None:
    try:
        value = parse_json(text)
    except NotJson as problem:
        raise AttributesError(
            f"The attributes are not JSON, so nothing was sent: {problem}. "
            'Keys and texts stand in double quotes, as in {"selected_language": "es"}.',
            line=problem.line,
            column=problem.column,
        ) from problem
    if not isinstance(value, dict):
        raise AttributesError(
            f"The attributes are JSON, but not an object, so nothing was sent. "
            f'Give one in braces, such as {{"selected_language": "es"}}, not {text.strip()[:40]!r}.'
        )


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text:.40} is too large a number")
    return value


# Made once: json.loads and json.dumps would make new ones for every document.
_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
