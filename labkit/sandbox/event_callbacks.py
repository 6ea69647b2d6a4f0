"""Event callbacks: each event that a Workspace wants is sent once, whatever becomes of the sandbox meanwhile.

What is to be sent stands in the store: where each Workspace's events go since which number, and which of them are over.
So a sandbox that was ended or killed goes on where it stopped. There is one attempt for each; what was under way when
it was killed is sent again, with the same event SID. An event is sent to the URL, and by the EventsFilter, that its
Workspace had when it happened.

Docs: /docs/taskrouter/api/event.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from labkit.engine.effects import Event
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.delivery_log import GivenUp
from labkit.sandbox.event_outbox import EventOutbox, WaitingEvent
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.service import Service
from labkit.sandbox.store import EventTarget, SqliteStore, StoredEvent, StoreError
from labkit.sandbox.unsent_events import GivenUpReason, UnsentEvents, carry_over, given_up, is_wanted

log = logging.getLogger(__name__)

MAX_UNDER_WAY = 50
"""Of one Workspace at a time: so many handlers may hang before others wait for them. The lab's own callback server has
8 threads, and takes 100 connections at the least, of which the assignment callbacks want some."""
MAX_WAITING = 10_000
"""Of one Workspace, at a URL that is slower than the events; beyond that the oldest are given up."""
MAX_AGE = timedelta(hours=24)
"""By the sandbox's clock: whoever comes back after a week shall not be flooded with what was."""
GRACE_SECONDS = 1.0
"""For what is under way when the sandbox is asked to end."""
MARK_EVERY = 1000
"""Events, after which all cursors move on, also of Workspaces that want none of them: no more are read at a start."""
RETRY_SECONDS = 1.0
"""After the store could not be read or written."""
_EVER = datetime.min.replace(tzinfo=UTC)

Deliver = Callable[[Event, EventTarget], Awaitable[None]]
"""Sends an event, and logs what came of it. Never raises for what the other side does."""
Tell = Callable[[GivenUp, int], None]
"""Hears how many events were given up."""


class EventCallbacks:
    """Sends the events of all Workspaces, from those on that wait in the store. Made inside a running loop.

    Args:
        service: whose events they are.
        deliver: sends one.
        tell: hears of those that are given up.
        in_background: runs a coroutine as a task, which ends when the callbacks do.
    """

    def __init__(
        self,
        service: Service,
        *,
        deliver: Deliver,
        tell: Tell,
        in_background: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
    ) -> None:
        self._service = service
        self._deliver = deliver
        self._tell = tell
        self._in_background = in_background
        self._outboxes: dict[str, EventOutbox] = {}
        """By Workspace; one that never had a URL has none."""
        self._sending: set[asyncio.Task[None]] = set()
        self._unwritten: set[EventOutbox] = set()
        """Those whose cursor the store does not know yet."""
        self._untold: Counter[GivenUp] = Counter()
        self._left: Counter[GivenUp] = Counter()
        """Of the state that goes: what nobody will send."""
        self._marked = 0
        self._is_closing = False
        self._begin()

    def report(self, stored: StoredEvent, state: WorkspaceState) -> None:
        """An event was committed: send it if the Workspace wants it."""
        workspace = state.workspace
        if not (workspace.event_callback_url or self._outboxes):
            return  # nobody ever had a URL, so nothing is to be remembered
        if self._unread.is_whole:  # until then it is read from the store, in its order
            self._take_in(stored, EventTarget.of(workspace))

    def unsent(self, workspace_sid: str) -> int:
        """How many events of a Workspace are not over: they wait, or are under way."""
        outbox = self._outboxes.get(workspace_sid)
        return outbox.waiting + len(outbox.under_way) if outbox is not None else 0

    def leave_for(self, other: SqliteStore) -> None:
        """Note in another state, which is about to take the place of this one, what of its events is over here.

        Raises:
            StoreError: it cannot be read or written; nothing has changed.
        """
        self._write()
        under_way = {number for outbox in self._outboxes.values() for number in outbox.under_way}
        self._left = carry_over(self._service.store, other, under_way=under_way)

    def start_over(self) -> None:
        """Go on from what the store holds now: another state than before. What was under way is cut off already."""
        self._outboxes.clear()
        self._unwritten.clear()
        left, self._left = self._left, Counter()
        for lost, count in left.items():
            self._note_given_up(lost, count)
        self._begin()

    async def close(self) -> None:
        """Send nothing more. What is under way has a moment to end; what is left is sent after the next start."""
        self._is_closing = True
        if self._sending:
            await asyncio.wait(set(self._sending), timeout=GRACE_SECONDS)
        self._write()

    # --- what is to be sent -----------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Take in what waits in the store, and what happens meanwhile: a slice at a time."""
        store = self._service.store
        self._unread, self._marked = UnsentEvents(store), store.last_event_number()
        for each in store.event_targets():
            sid = each.target.workspace_sid
            self._outboxes.setdefault(sid, EventOutbox(sid, over_to=each.since))
        if not self._unread.is_whole:
            self._in_background(self._read())

    async def _read(self) -> None:
        while not self._unread.is_whole:
            try:
                found = self._unread.next_slice()
            except StoreError as error:
                log.warning("the events that wait to be sent cannot be read yet: %s", error)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            for stored, target in found:
                self._take_in(stored, target)
            await asyncio.sleep(0)
        self._mark_all(self._unread.read_to)

    def _take_in(self, stored: StoredEvent, target: EventTarget) -> None:
        sid, number = target.workspace_sid, stored.number
        outbox = self._outboxes.get(sid)
        if outbox is None and target.url:
            outbox = self._outboxes[sid] = EventOutbox(sid, over_to=number - 1)
        if outbox is not None:
            outbox.see(number)
            if is_wanted(stored.event, target):
                self._add(outbox, stored, target)
        if number - self._marked >= MARK_EVERY and self._outboxes:
            self._mark_all(number)

    def _add(self, outbox: EventOutbox, stored: StoredEvent, target: EventTarget) -> None:
        outbox.add(WaitingEvent.of(stored, target))
        self._send_next(outbox, fresh=stored)
        if outbox.waiting > MAX_WAITING and (oldest := outbox.oldest_waiting()) is not None:
            self._give_up(outbox, oldest, GivenUpReason.TOO_MANY)

    # --- sending ----------------------------------------------------------------------------------------------------

    def _send_next(self, outbox: EventOutbox, *, fresh: StoredEvent | None = None) -> None:
        """All that may be sent now; `fresh` need not be read from the store."""
        while not self._is_closing and (waiting := outbox.take(most=MAX_UNDER_WAY)) is not None:
            if self._service.clock.now() - waiting.at > MAX_AGE:
                self._give_up(outbox, waiting, GivenUpReason.TOO_OLD)
                continue
            event = fresh.event if fresh is not None and fresh.number == waiting.number else None
            task = self._in_background(self._send(outbox, waiting, event))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, outbox: EventOutbox, waiting: WaitingEvent, event: Event | None) -> None:
        event = event or self._stored(waiting)
        if event is None:
            self._give_up(outbox, waiting, GivenUpReason.UNREADABLE)
        else:
            try:
                await self._deliver(event, waiting.target)
            except Exception:
                log.exception("an event callback ended by a mistake of the sandbox's own")
            self._over(outbox, waiting)
        self._send_next(outbox)

    def _stored(self, waiting: WaitingEvent) -> Event | None:
        try:
            found = self._service.store.events_after(waiting.number - 1, since=_EVER, limit=1)
        except StoreError as error:
            log.warning("an event that is to be sent cannot be read: %s", error)
            return None
        return found[0].event if found and found[0].number == waiting.number else None

    # --- what is over -----------------------------------------------------------------------------------------------

    def _over(self, outbox: EventOutbox, waiting: WaitingEvent) -> None:
        outbox.over(waiting)
        self._note(outbox)

    def _give_up(self, outbox: EventOutbox, waiting: WaitingEvent, reason: GivenUpReason) -> None:
        self._over(outbox, waiting)
        self._note_given_up(given_up(waiting.target, reason, account_sid=waiting.account_sid), 1)

    def _note_given_up(self, lost: GivenUp, count: int) -> None:
        """They are told together: there may be thousands at once."""
        if not self._untold:
            asyncio.get_running_loop().call_soon(self._tell_all)
        self._untold[lost] += count

    def _tell_all(self) -> None:
        untold, self._untold = self._untold, Counter()
        for lost, count in untold.items():
            self._tell(lost, count)

    def _mark_all(self, number: int) -> None:
        """All events up to this number have been taken in."""
        self._marked = number
        for outbox in list(self._outboxes.values()):
            outbox.see(number)
            self._note(outbox)

    def _note(self, outbox: EventOutbox) -> None:
        """Write its cursor, with those of others that move in the same round of the loop."""
        if outbox.is_empty and self._unread.is_whole and not self._has(outbox.workspace_sid):
            self._outboxes.pop(outbox.workspace_sid, None)
        if not self._unwritten:
            asyncio.get_running_loop().call_soon(self._write)
        self._unwritten.add(outbox)

    def _has(self, workspace_sid: str) -> bool:
        """Whether the Workspace is there; while nobody can tell, it is."""
        try:
            return workspace_sid in self._service.states
        except Unavailable:
            return True

    def _write(self) -> None:
        if not self._unwritten:
            return
        marks = [each.mark(ends=each.workspace_sid not in self._outboxes) for each in self._unwritten]
        try:
            self._service.store.keep_event_cursors(marks)
        except StoreError as error:
            log.warning("which events were sent could not be kept yet: %s", error)
            if not self._is_closing:
                asyncio.get_running_loop().call_later(RETRY_SECONDS, self._write)
            return
        for outbox in self._unwritten:
            outbox.written()
        self._unwritten.clear()
