"""What a form may have been when it was signed, if something between Twilio and here has changed it. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import fields
from html import unescape
from itertools import islice
from urllib.parse import parse_qsl, unquote

from labkit.callback_events import AssignmentCallback, EventCallback
from labkit.callbacks.signature import Params
from labkit.vocabulary import wire_name

MOST = 150
"""Forms that are tried for one request."""
_LEFT_OUT = 60  # fields of it that are left out one by one
_NAME_LENGTH = 40  # characters of a field's name that are shown


def form_variants(params: Params | str) -> Iterator[tuple[str, Params]]:
    """Forms that may have been signed, each with what happened to it on the way, in words; `MOST` at most.

    Args:
        params: the fields that came in, or the text of what came in as no form.
    """
    yield from islice(_of_text(params) if isinstance(params, str) else _of_form(params), MOST)


def _of_text(text: str) -> Iterator[tuple[str, Params]]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=1_000)
    except ValueError:
        return
    if pairs:
        yield "its Content-Type was changed: it was signed as a form", Params(pairs)


def _of_form(params: Params) -> Iterator[tuple[str, Params]]:
    pairs = params.pairs()
    yield "a body was made of it, or its Content-Type was changed: it was signed without fields", Params([])
    for words, change in _CHANGES:
        changed = [(name, _changed(value, change)) for name, value in pairs]
        if changed != pairs:
            yield words, Params(changed)
    names = dict.fromkeys(name for name, _ in pairs)
    for name in islice(names, _LEFT_OUT):
        yield f"the field {_shown(name)} was added", Params([pair for pair in pairs if pair[0] != name])
    for name in _KNOWN_FIELDS:
        if name not in names:
            yield f"the field {name}, which was empty, was lost", Params([*pairs, (name, "")])


def _changed(value: str, change: Callable[[str], str]) -> str:
    try:
        return change(value)
    except ValueError:  # it is not text that could have been changed so
        return value


def _shown(name: str) -> str:
    return name if len(name) <= _NAME_LENGTH else f"{name[:_NAME_LENGTH]}…"


_CHANGES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("a + in it was read as a blank", lambda value: f"+{value[1:]}" if value.startswith(" ") else value),
    ("a blank in it was written as +", lambda value: value.replace("+", " ")),
    ("its line ends were changed", lambda value: value.replace("\r\n", "\n")),
    ("its line ends were changed", lambda value: value.replace("\r\n", "\n").replace("\n", "\r\n")),
    ("it was read as Latin-1 and not as UTF-8", lambda value: value.encode("latin-1").decode("utf-8")),
    ("it was encoded twice", unquote),
    ("its signs were escaped as for HTML", unescape),
    ("its letters with accents were put together another way", lambda value: unicodedata.normalize("NFC", value)),
    ("its letters with accents were put together another way", lambda value: unicodedata.normalize("NFD", value)),
)

_KNOWN_FIELDS = tuple(
    dict.fromkeys(
        wire_name(each.name)
        for kind in (AssignmentCallback, EventCallback)
        for each in fields(kind)
        if each.name not in ("at", "exact")
    )
)
