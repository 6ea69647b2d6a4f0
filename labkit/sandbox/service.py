"""The service: clock, engine, store and callbacks together. It commits first and publishes after.

Everything runs on one asyncio loop, so the engine needs no lock. Commands that arrive in one round of the loop share
one commit; each caller waits until its own is written.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

from labkit.sandbox.alerts import AlertLog
from labkit.sandbox.clock import Clock
from labkit.sandbox.engine import Engine
from labkit.sandbox.engine.commands import Command
from labkit.sandbox.engine.effects import Effect, Event, Outcome
from labkit.sandbox.engine.floor import Floor
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.store import History, Store, StoreError

log = logging.getLogger(__name__)

T = TypeVar("T")

RETRY_SECONDS = 1.0
"""After a commit of what fell due has failed."""


class Publisher(Protocol):
    """Who is told once something is committed."""

    def call(self, effect: Effect) -> None:
        """Carry out an effect, in the background."""

    def report(self, event: Event, floor: Floor) -> None:
        """Send an event to whoever wants it, in the background."""


def random_sid(prefix: str) -> str:
    """A new SID: the prefix and 32 hex digits, of which the first 11 are the time and the others are random.

    SIDs of one moment stand beside each other in the store's indexes, so a commit touches few pages of them.
    """
    return f"{prefix}{time.time_ns() >> 20:011x}{secrets.token_hex(11)[1:]}"


class Service:
    """A running TaskRouter.

    Args:
        store: where state is kept; the service goes on from what is in it.
        clock: gives the time of every command.
        sids: makes SIDs.

    Attributes:
        publisher: told after each commit; None tells nobody.
        alerts: what went wrong by an account's own mistake; forgotten when the process ends.
        history: what statistics are read from.
    """

    def __init__(self, store: Store, *, clock: Clock | None = None, sids: Callable[[str], str] = random_sid) -> None:
        self.store = store
        self.clock = clock or Clock()
        self.publisher: Publisher | None = None
        self.alerts = AlertLog()
        self.history = History(store, self.clock.now())
        self._sids = sids
        self._engine = self._load()
        self._pending = Outcome()
        self._commit: asyncio.Future[None] | None = None
        self._leaving: dict[str, Floor] = {}
        """Workspaces deleted since the last commit: their last events are still to be told."""
        self._moved = asyncio.Event()
        self._awaited: datetime | None = None

    @property
    def floors(self) -> dict[str, Floor]:
        """The Workspaces by SID, for reading."""
        return self._engine.floors

    async def execute(self, command: Command, view: Callable[[Any], T]) -> T:
        """Play a command and wait until it is written.

        Args:
            command: what is asked.
            view: makes the answer of the record that the command was about, at that very moment: TaskRouter answers
                a request before it routes, so a new Task is still pending in the answer.

        Raises:
            Refusal: the command is not possible; nothing has changed.
            Unavailable: it could not be written; nothing has changed.
        """
        now = self.clock.now()
        self._tick(now)
        floor = self.floors.get(command.workspace_sid)
        outcome = self._engine.handle(command, now, view=view)
        if floor is not None and command.workspace_sid not in self.floors:
            self._leaving[command.workspace_sid] = floor
        result: T = outcome.result
        self._pending.extend(outcome)
        await self._committed()
        return result

    async def catch_up(self) -> None:
        """Play what has fallen due by now, and wait until it is written."""
        self._tick(self.clock.now())
        if self._commit is not None:
            await self._committed()

    async def run(self) -> None:
        """Wake whenever something falls due, until cancelled. Callbacks cut off by the last end are called again."""
        for effect in self._engine.resume(self.clock.now()):
            self._publish(Outcome(effects=[effect]), {})
        while True:
            self._moved.clear()
            try:
                await self.catch_up()
            except Unavailable:  # logged where it happened; what is due stays due
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._awaited = self._engine.next_deadline()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), self._seconds_to_sleep())

    def wake(self) -> None:
        """The clock was moved: look again at what is due."""
        self._moved.set()

    def next_deadline(self) -> datetime | None:
        """When something falls due next, or None."""
        return self._engine.next_deadline()

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def _load(self) -> Engine:
        return Engine(sids=self._sids, records=self.store.load())

    def _seconds_to_sleep(self) -> float | None:
        return None if self._awaited is None else self.clock.seconds_until(self._awaited)

    def _tick(self, now: datetime) -> None:
        deadline = self._engine.next_deadline()
        if deadline is not None and deadline <= now:
            self._pending.extend(self._engine.tick(now))
            self._schedule_commit()

    async def _committed(self) -> None:
        await asyncio.shield(self._schedule_commit())

    def _schedule_commit(self) -> asyncio.Future[None]:
        if self._commit is None:
            loop = asyncio.get_running_loop()
            self._commit = loop.create_future()
            loop.call_soon(self._flush)
        return self._commit

    def _flush(self) -> None:
        """Write all that has come together, then let the callers go on and the world hear of it."""
        done, outcome = self._commit, self._pending
        self._commit, self._pending = None, Outcome()
        if done is None:
            return
        leaving, self._leaving = self._leaving, {}
        try:
            self.store.commit(changed=outcome.changed.values(), removed=outcome.removed, events=outcome.events)
        except Exception as error:  # noqa: BLE001  # whatever it was, those who wait must hear of it
            self._take_back(done, error)
            return
        for alert in outcome.alerts:
            self.alerts.keep(alert)
        done.set_result(None)
        self.history.note(outcome, self.clock.now())
        self._publish(outcome, leaving)
        if self._engine.next_deadline() != self._awaited:
            self._moved.set()

    def _take_back(self, done: asyncio.Future[None], error: Exception) -> None:
        """Go on from what was written before, and tell those who wait for the commit that failed."""
        log.error("a commit failed; going on from what was written before", exc_info=error)
        done.set_exception(Unavailable(str(error)) if isinstance(error, StoreError) else error)
        done.exception()  # nobody waits for a tick's commit: seen here, so asyncio does not complain
        self._engine = self._load()
        self.history.count_again()
        self._moved.set()

    def _publish(self, outcome: Outcome, leaving: Mapping[str, Floor]) -> None:
        if self.publisher is None:
            return
        for event in outcome.events:
            floor = self.floors.get(event.workspace_sid) or leaving.get(event.workspace_sid)
            if floor is not None:
                self.publisher.report(event, floor)
        for effect in outcome.effects:
            self.publisher.call(effect)
