"""Attributes on their way to and from TaskRouter, where they travel as a JSON text inside the form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from labkit.errors import AttributesError


def as_json(attributes: Mapping[str, Any] | str) -> str:
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


def as_dict(text: str | None) -> dict[str, Any]:
    """What TaskRouter sent back, for reading; empty when it is not a JSON object."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _require_object(text: str) -> None:
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise AttributesError(
            f"The attributes are not JSON, so nothing was sent: {error.msg} at line {error.lineno}, "
            f'column {error.colno}. Keys and texts stand in double quotes, as in {{"selected_language": "es"}}.',
            line=error.lineno,
            column=error.colno,
        ) from error
    except RecursionError as error:
        raise AttributesError("The attributes are nested too deeply, so nothing was sent.") from error
    if not isinstance(value, dict):
        raise AttributesError(
            f"The attributes are JSON, but not an object, so nothing was sent. "
            f'Give one in braces, such as {{"selected_language": "es"}}, not {text.strip()[:40]!r}.'
        )


def _refuse_constant(name: str) -> NoReturn:
    raise AttributesError(f"The attributes hold {name}, which JSON does not have, so nothing was sent.")
