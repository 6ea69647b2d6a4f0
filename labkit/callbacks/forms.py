"""Reading a callback's body, which may be anything, into form fields or a clear refusal."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from labkit.attributes import NotJson, parse_json
from labkit.callbacks.signature import Params

BODY_BYTES = 1024 * 1024
"""The largest body that is read; a Task's attributes are 4 KiB at most, so a callback is far smaller."""
FORM = "application/x-www-form-urlencoded"
_FIELD_COUNT = 1_000
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_JSON_FIELDS = ("TaskAttributes", "WorkerAttributes")


class CallbackRefused(Exception):
    """A callback that is turned away.

    Attributes:
        status: the HTTP status, a 4xx.
        detail: what the log says; the message itself is what the sender gets.
    """

    def __init__(self, status: int, message: str, *, detail: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.detail = detail or message


def read_params(body: bytes, content_type: str) -> Params | str:
    """The fields of a form as far as they can be read, or the text of a body that is not a form."""
    text = body.decode("utf-8", "replace")
    if content_type != FORM:
        return text
    try:
        return Params(parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELD_COUNT))
    except ValueError:
        return Params([])


def callback_fields(params: Params | str, *, body: bytes, content_type: str, needed: str) -> dict[str, str]:
    """The form fields of a callback, by their wire names.

    Args:
        params: what `read_params` made of the body.
        body: the body itself.
        content_type: its media type, without parameters.
        needed: the field that it cannot do without.

    Raises:
        CallbackRefused: 415 not a form by its type; 400 not a form in truth, without `needed`, or with attributes
            that are not JSON.
    """
    if isinstance(params, str):
        raise CallbackRefused(415, f"The body is {content_type or 'of no type'}; TaskRouter sends {FORM}.")
    _check_text(params, body)
    fields = params.fields()
    if not fields.get(needed):
        raise CallbackRefused(400, f"The form has no {needed}, so this is not the callback that belongs here.")
    for name in _JSON_FIELDS:
        _check_json(fields, name)
    return fields


def _check_text(params: Params, body: bytes) -> None:
    if body.count(b"&") >= _FIELD_COUNT:
        raise CallbackRefused(400, f"The form has more than {_FIELD_COUNT:,} fields.")
    # What is not UTF-8 was read as replacement characters; only then it is worth a closer look.
    if any(_REPLACED in text for text in params.texts()):
        _check_utf8(body)


def _check_utf8(body: bytes) -> None:
    try:
        parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise CallbackRefused(400, "The form is not UTF-8 text.") from None


def _check_json(fields: Mapping[str, str], name: str) -> None:
    try:
        parse_json(fields.get(name, "{}"))
    except NotJson as problem:
        raise CallbackRefused(400, f"{name} is not JSON: {problem}.") from None
