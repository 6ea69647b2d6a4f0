"""Traffic: every HTTP exchange at the callback server as it was, and the REST calls that the lab made.

The lines travel in the state; headers and bodies are asked for when a line is opened, so that a burst of
callbacks does not send them all to the browser.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

from labkit.stream import Entry, EventStream, Kind
from labkit.widgets.base import Handler, Panel, script, style
from labkit.widgets.jobs import Outcome
from labkit.widgets.pace import Pace
from labkit.widgets.views import milliseconds

ROWS = 200
LONGEST = 20_000
_ANSWER = 160


class Traffic(Panel):
    """HTTP as it was, newest first.

    Args:
        stream: where exchanges and calls are published.
    """

    _esm = script("traffic")
    _css = style("traffic")

    def __init__(self, stream: EventStream) -> None:
        self._entries: deque[Entry] = deque(maxlen=ROWS)
        self._entries_lock = threading.Lock()
        self._pace = Pace(lambda _topics: self.refresh())
        super().__init__()
        subscription = stream.subscribe(self._hear, since=0)
        self._endings += [self._pace.close, lambda: stream.cancel(subscription)]
        self.refresh()

    def _hear(self, entry: Entry) -> None:
        if entry.kind in (Kind.EXCHANGE, Kind.CALL):
            with self._entries_lock:
                self._entries.append(entry)
            self._pace.mark("traffic")

    def _content(self) -> dict[str, Any]:
        with self._entries_lock:
            entries = list(self._entries)
        return {"rows": [_row(entry) for entry in reversed(entries)]}

    def _handlers(self) -> Mapping[str, Handler]:
        return {"details": self._details}

    def _details(self, message: Mapping[str, Any]) -> Outcome:
        with self._entries_lock:
            entry = next((e for e in self._entries if e.number == message.get("number")), None)
        if entry is None:
            return Outcome(ok=False, text="This exchange is too long ago; it is not kept any more.")
        return Outcome(
            ok=True, data={"details": _exchange(entry.data) if entry.kind is Kind.EXCHANGE else _call(entry)}
        )


def _row(entry: Entry) -> dict[str, Any]:
    data = entry.data
    return {
        "number": entry.number,
        "kind": str(entry.kind),
        "at": milliseconds(entry.at),
        "method": _text(data.get("method"), 20),
        "path": _text(data.get("path"), 300),
        "status": data.get("status"),
        "milliseconds": data.get("milliseconds"),
        "about": _about(data.get("form")),
        "answer": _text(data.get("response_body"), _ANSWER),
        "signature": _text(data.get("signature"), 200),
        "error": _text(data.get("error"), 500),
    }


def _exchange(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "url_seen": _text(data.get("url_seen"), LONGEST),
        "signed_url": _text(data.get("signed_url"), LONGEST),
        "headers": _pairs(data.get("headers")),
        "form": _pairs(data.get("form")),
        "body": _text(data.get("body"), LONGEST),
        "response_headers": _pairs(data.get("response_headers")),
        "response_body": _text(data.get("response_body"), LONGEST),
    }


def _call(entry: Entry) -> dict[str, Any]:
    return {"form": _pairs(entry.data.get("form"))}


def _about(form: object) -> str:
    """What an exchange is about, for its line: the event's type, else the Reservation."""
    fields = form if isinstance(form, Mapping) else {}
    return _text(fields.get("EventType") or fields.get("ReservationSid"), 80)


def _pairs(fields: object) -> list[list[str]]:
    items = fields.items() if isinstance(fields, Mapping) else fields if isinstance(fields, (list, tuple)) else ()
    return [[_text(pair[0], 200), _text(pair[1], LONGEST)] for pair in list(items)[:200] if len(pair) == 2]


def _text(value: object, longest: int) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters in all)"
