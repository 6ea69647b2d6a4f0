"""Moving the sandbox's time: on by some seconds, to what is due next, held and let go again.

A move plays the deadlines on its way one after the other, each at its own time, and gives the assignment callbacks
that follow from each a moment to be answered there: a Worker whose callback accepts at 12:02 has accepted when it is
12:02, not when the move is over. Who acts at moments of their own, as the people of a simulation do, is asked to act at
each of them likewise. How the clock is set is kept in the store before anything is played, so that after
`kill -9` no time comes that was there already.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Protocol

from labkit.engine.deadlines import Deadline
from labkit.engine.effects import Event, Outcome
from labkit.sandbox.clock import Clock, Setting
from labkit.sandbox.service import Service, storing
from labkit.sandbox.store import MALFORMED, Store, StoreError

FACT = "clock"
AWAY = "Move the state file away to begin anew; it is not touched."
MOST_AHEAD = timedelta(days=3650)
"""So far from the end of all time a clock must be: it is reckoned with."""
STEPS_TOGETHER = 50
"""Deadlines of which nobody is called are written together, so many at a time: others want to be served meanwhile."""
PATIENCE_SECONDS = 5.0
"""Real seconds that one move may wait for callbacks in all: as long as TaskRouter waits for one of them. Whatever is
answered later is answered at the later time, as it would be by a slow server."""


@dataclass(slots=True)
class Played:
    """What a move brought about, over all accounts, in its order: the deadlines, and all events up to its end."""

    deadlines: list[Deadline] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def note(self, outcome: Outcome) -> None:
        """Take in what was just committed."""
        self.deadlines += outcome.deadlines
        self.events += outcome.events


class Actors(Protocol):
    """Who acts at moments of their own, besides what falls due."""

    @property
    def next(self) -> datetime | None:
        """When one of them acts next, or None."""

    async def act(self) -> None:
        """Do all that is to be done by now, by commands like anybody else's. Raises nothing."""


class ClockControl:
    """Moves the clock of a running service.

    Args:
        service: whose clock it is.
        answered: waits until the assignment callbacks under way are answered, at most so many seconds.

    Attributes:
        actors: who acts on the way; None: nobody.
        speed: how many seconds pass in the sandbox in one of the computer's, while time is not held.
    """

    def __init__(self, service: Service, *, answered: Callable[[float], Awaitable[None]]) -> None:
        self._service = service
        self._answered = answered
        self._alone = asyncio.Lock()
        self.actors: Actors | None = None
        self.speed = 1.0

    @property
    def clock(self) -> Clock:
        return self._service.clock

    @property
    def next(self) -> Deadline | None:
        """What falls due next, or None."""
        return self._service.next_due()

    async def pause(self) -> None:
        """Let time stand still, after everything that is due by now.

        Raises:
            Unavailable: it could not be kept; time goes on.
        """
        async with self._alone:
            await self._service.catch_up()
            self._set(self.clock.setting_for(self.clock.now(), held=True))

    async def resume(self) -> None:
        """Let time go on from where it stands.

        Raises:
            Unavailable: it could not be kept; time stands still.
        """
        async with self._alone:
            if self.clock.is_held:
                self._set(self.clock.setting_for(self.clock.now(), held=False))

    async def advance(self, seconds: float) -> Played:
        """Move the time on by `seconds` (0 or more), and play what falls due on the way.

        Raises:
            Unavailable: something could not be kept; the time stands where that was noticed.
        """
        async with self._alone:
            return await self._play_to(self.clock.now() + timedelta(seconds=seconds))

    async def run_to_next(self) -> Played | None:
        """Move the time to the next moment at which something is due or somebody acts, exactly, and play what is due
        then. None, if there is none.

        Raises:
            Unavailable: as for `advance`.
        """
        async with self._alone:
            moment = self._next_moment()
            return None if moment is None else await self._play_to(max(moment, self.clock.now()))

    async def go_on(self, seconds: float) -> None:
        """As `advance`, if time is not held; nobody is told what was played. Raises as that."""
        async with self._alone:
            if not self.clock.is_held:
                target = self.clock.now() + timedelta(seconds=seconds)
                self._keep(self.clock.setting_for(target, held=False))
                await self._walk_to(target)

    async def _play_to(self, target: datetime) -> Played:
        self._keep(self.clock.setting_for(target, held=self.clock.is_held))
        with self._watching() as played:
            await self._walk_to(target)
        return played

    async def _walk_to(self, target: datetime) -> None:
        patience, steps = time.monotonic() + PATIENCE_SECONDS, count(1)
        while (moment := self._next_moment()) is not None and moment <= target:
            self.clock.move_to(moment)
            is_heard = self.actors is not None  # who acts wants to know at once what has happened
            if self._service.tick() or is_heard or next(steps) % STEPS_TOGETHER == 0:
                await self._service.catch_up()
                await self._answered(max(0.0, patience - time.monotonic()))
            if self.actors is not None and self._is_over(self.actors.next):
                await self.actors.act()
                await self._answered(max(0.0, patience - time.monotonic()))
        self.clock.move_to(target)
        await self._service.catch_up()

    def _next_moment(self) -> datetime | None:
        moments = (self._service.next_deadline(), self.actors.next if self.actors is not None else None)
        return min((moment for moment in moments if moment is not None), default=None)

    def _is_over(self, moment: datetime | None) -> bool:
        return moment is not None and moment <= self.clock.now()

    @contextmanager
    def _watching(self) -> Iterator[Played]:
        """What is committed meanwhile. Afterwards the service looks anew how long it may sleep."""
        played = Played()
        self._service.witnesses.append(played.note)
        try:
            yield played
        finally:
            self._service.witnesses.remove(played.note)
            self._service.wake()
        self._keep(self.clock.setting)  # the steps took real time, too: this is where the clock is now

    def _set(self, setting: Setting) -> None:
        self._keep(setting)
        self.clock.set(setting)
        self._service.wake()

    def _keep(self, setting: Setting) -> None:
        with storing():
            self._service.store.keep_fact(FACT, setting.as_text())


def clock_of(store: Store, clock: Clock | None = None) -> Clock:
    """The clock, or a new one, which goes on as it was set when the store was last used.

    Raises:
        StoreError: what is kept there is no setting of a clock.
    """
    clock, text = clock or Clock(), store.fact(FACT)
    if text is None:
        return clock
    try:
        clock.set(Setting.from_text(text))
        _ = clock.now() + MOST_AHEAD
    except MALFORMED as error:
        raise StoreError(f"The clock cannot be set to what is kept of it, {text[:80]!r}: {error!r}. {AWAY}") from None
    return clock
