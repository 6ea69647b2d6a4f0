"""The service: clock, engine, store and callbacks together. It commits first and publishes after.

Everything runs on one asyncio loop, so the engine needs no lock. Commands that arrive in one round of the loop share
one commit; each caller waits until its own is written.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from labkit.sandbox.clock import Clock
from labkit.sandbox.engine import Engine
from labkit.sandbox.engine.commands import Command
from labkit.sandbox.engine.effects import Effect, Event, Outcome
from labkit.sandbox.engine.floor import Floor
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.store import Store, StoreError

log = logging.getLogger(__name__)

T = TypeVar("T")


class Publisher(Protocol):
    """Who is told once something is committed."""

    def call(self, effect: Effect) -> None:
        """Carry out an effect, in the background."""

    def report(self, event: Event, floor: Floor) -> None:
        """Send an event to whoever wants it, in the background."""


def random_sid(prefix: str) -> str:
    """A new SID: the prefix and 32 hex digits."""
    return f"{prefix}{secrets.token_hex(16)}"


class Service:
    """A running TaskRouter.

    Args:
        store: where state is kept; the service goes on from what is in it.
        clock: gives the time of every command.
        sids: makes SIDs.

    Attributes:
        publisher: told after each commit; None tells nobody.
    """

    def __init__(self, store: Store, *, clock: Clock | None = None, sids: Callable[[str], str] = random_sid) -> None:
        self.store = store
        self.clock = clock or Clock()
        self.publisher: Publisher | None = None
        self._sids = sids
        self._engine = self._load()
        self._pending = Outcome()
        self._commit: asyncio.Future[None] | None = None
        self._moved = asyncio.Event()

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
        outcome = self._engine.handle(command, now, view=view)
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
            self._publish(Outcome(effects=[effect]))
        while True:
            self._moved.clear()
            await self.catch_up()
            try:
                await asyncio.wait_for(self._moved.wait(), self._seconds_to_sleep())
            except TimeoutError:
                continue

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
        deadline = self._engine.next_deadline()
        return None if deadline is None else self.clock.seconds_until(deadline)

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
        try:
            self.store.commit(changed=outcome.changed.values(), removed=outcome.removed, events=outcome.events)
        except StoreError as error:
            log.exception("a commit failed; going on from what was written before")
            self._engine = self._load()
            done.set_exception(Unavailable(str(error)))
            done.exception()  # nobody waits for a tick's commit: seen here, so asyncio does not complain
            return
        done.set_result(None)
        self._publish(outcome)
        self._moved.set()

    def _publish(self, outcome: Outcome) -> None:
        if self.publisher is None:
            return
        for event in outcome.events:
            floor = self.floors.get(event.workspace_sid)
            if floor is not None:
                self.publisher.report(event, floor)
        for effect in outcome.effects:
            self.publisher.call(effect)
