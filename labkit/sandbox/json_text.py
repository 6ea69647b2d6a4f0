"""JSON, quickly: orjson, and the standard library for the few values that orjson refuses.

Those are half surrogate pairs, which a JSON text from outside can spell, and whole numbers beyond 64 bits. Moments are
written as ISO 8601, with the offset that they have.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import orjson

_LONG_NUMBER = re.compile(r"[0-9]{19}")
"""Possibly a whole number beyond 64 bits, which orjson would read as a fraction without a word."""


def to_bytes(value: Any) -> bytes:
    """For the wire: UTF-8, in which half a surrogate pair becomes a question mark.

    Raises:
        TypeError: something in it has no form in JSON.
    """
    try:
        return orjson.dumps(value)
    except TypeError:  # slower, and says no only to what has no form at all
        return _to_text(value, ensure_ascii=False).encode("utf-8", "replace")


def to_text(value: Any) -> str:
    """For the store: `from_text` gives the same again, half surrogate pairs included.

    Raises:
        TypeError: something in it has no form in JSON.
    """
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return _to_text(value, ensure_ascii=True)


def from_text(text: str) -> Any:
    """The value again, with moments as the text that they became.

    Raises:
        ValueError: it is no JSON.
    """
    if _LONG_NUMBER.search(text):
        return json.loads(text)
    try:
        return orjson.loads(text)
    except ValueError:
        return json.loads(text)


def _to_text(value: Any, *, ensure_ascii: bool) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, separators=(",", ":"), default=_written)


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
