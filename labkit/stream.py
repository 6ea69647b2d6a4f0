"""The stream: everything that happens in a lab, numbered, in order, kept and handed on.

Callbacks, REST calls and the lab itself publish; panels and step checks listen.
Publishing never waits for a listener: entries are handed on by one thread of the stream's own,
so a callback's answer is never held up by a browser, and every listener sees every entry once and in order.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import takewhile
from operator import attrgetter
from typing import Any

log = logging.getLogger(__name__)

Listener = Callable[["Entry"], None]


class Kind(StrEnum):
    """What an entry of the stream is about; `data` is described beside each."""

    EVENT = "event"
    """An Event: `labkit.callback_events.EventCallback`, told by its callback or read from TaskRouter's log."""
    ASSIGNMENT = "assignment"
    """An assignment callback: `labkit.callback_events.AssignmentCallback`."""
    EXCHANGE = "exchange"
    """One HTTP exchange at the callback server: `labkit.callbacks.exchanges.Exchange.as_dict()`."""
    CALL = "call"
    """One REST call that the lab made: what `labkit.taskrouter.client.connect` tells its `on_call`."""
    NOTICE = "notice"
    """Something that the lab wants to say: `level` (info, warning, error), `text`."""

    MESSAGE = "message"
    """What somebody has said to all in a workshop's room: `sender`, `text`, both from outside."""


_KEYS = 100_000
_HTTP = frozenset({Kind.EXCHANGE, Kind.CALL})
_number = attrgetter("number")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `number` starts at 1 and has no gaps."""

    number: int
    at: datetime
    kind: Kind
    data: Any


class EventStream:
    """A numbered, bounded, thread-safe record with listeners.

    Args:
        capacity: how many entries are kept for replay; older ones are forgotten, their numbers are not reused. So many
            of HTTP's own (`EXCHANGE`, `CALL`), and apart so many of all others: whoever floods the callback server with
            nonsense pushes nothing away that TaskRouter has said.
    """

    def __init__(self, capacity: int = 10_000) -> None:
        self._entries: deque[Entry] = deque(maxlen=capacity)
        self._http: deque[Entry] = deque(maxlen=capacity)
        self._condition = threading.Condition()
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._last = 0
        self._subscriptions: list[Subscription] = []
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def last(self) -> int:
        """The number of the newest entry; 0 before the first."""
        return self._last

    def publish(self, kind: Kind, data: object) -> Entry:
        """Append an entry and return it at once; listeners get it on the stream's thread.

        After `close` the entry is still kept and numbered, but nobody is told.
        """
        with self._condition:
            return self._append(kind, data)

    def publish_once(self, kind: Kind, data: object, *, key: str) -> Entry | None:
        """As `publish`, but only the first entry of this key, whoever brings it; None for any other.

        The last 100,000 keys are remembered. An empty key is no key.
        """
        with self._condition:
            if key in self._keys:
                return None
            if key:
                self._keys[key] = None
            if len(self._keys) > _KEYS:
                self._keys.popitem(last=False)
            return self._append(kind, data)

    def knows(self, key: str) -> bool:
        """Whether `publish_once` has had this key."""
        with self._condition:
            return key in self._keys

    def _append(self, kind: Kind, data: object) -> Entry:
        self._last += 1
        entry = Entry(self._last, datetime.now(UTC), kind, data)
        (self._http if kind in _HTTP else self._entries).append(entry)
        self._condition.notify_all()
        return entry

    def subscribe(self, listener: Listener, *, since: int | None = None) -> Subscription:
        """Call `listener` with every entry after number `since` (default: only with new ones).

        The listener runs on the stream's thread, one entry at a time. What it raises is logged and does not
        stop the others.
        """
        with self._condition:
            subscription = Subscription(listener, self._last if since is None else since)
            self._subscriptions.append(subscription)
            self._ensure_thread()
            self._condition.notify_all()
        return subscription

    def entries(self, *, since: int = 0, kind: Kind | None = None) -> list[Entry]:
        """The entries still kept with a number above `since`, oldest first; only those of `kind` if given."""
        with self._condition:
            return [e for e in self._after(since) if kind is None or e.kind == kind]

    def wait_for(self, wanted: Callable[[Entry], bool], *, timeout: float, since: int = 0) -> Entry | None:
        """The first kept or coming entry after `since` that is `wanted`, or None after `timeout` seconds."""
        seen = since

        def found() -> Entry | None:
            nonlocal seen
            for entry in self._after(seen):
                seen = entry.number
                if wanted(entry):
                    return entry
            return None

        with self._condition:
            return self._condition.wait_for(found, timeout)

    def close(self) -> None:
        """Hand on what is left, then stop the thread. May be called twice, and from a listener."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=5)

    def cancel(self, subscription: Subscription) -> None:
        """Stop handing entries to this listener. May be called twice, and from a listener."""
        with self._condition:
            subscription.active = False
            if subscription in self._subscriptions:
                self._subscriptions.remove(subscription)

    def _ensure_thread(self) -> None:
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._hand_on, name="labkit-stream", daemon=True)
            self._thread.start()

    def _hand_on(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._closed or any(map(self._is_behind, self._subscriptions)))
                due = [(s, self._take(s)) for s in self._subscriptions if self._is_behind(s)]
                if self._closed and not due:
                    return
            for subscription, entries in due:
                _deliver(subscription, entries)

    def _is_behind(self, subscription: Subscription) -> bool:
        return subscription.seen < self._last

    def _take(self, subscription: Subscription) -> list[Entry]:
        entries = self._after(subscription.seen)
        subscription.seen = self._last
        return entries

    def _after(self, number: int) -> list[Entry]:
        """The entries still kept after this number: read from the end, for it is nearly always the last few."""
        both = (reversed(self._entries), reversed(self._http))
        found = [entry for kept in both for entry in takewhile(lambda entry: entry.number > number, kept)]
        found.sort(key=_number)
        return found


@dataclass(slots=True, eq=False)
class Subscription:
    """One listener's place in the stream: the last number it took, and whether it still listens."""

    listener: Listener
    seen: int
    active: bool = True


def _deliver(subscription: Subscription, entries: list[Entry]) -> None:
    for entry in entries:
        if not subscription.active:
            return
        try:
            subscription.listener(entry)
        except Exception:
            log.exception("a listener failed on entry %d (%s)", entry.number, entry.kind)
