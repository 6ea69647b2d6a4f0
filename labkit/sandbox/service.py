"""The service: clock, engine, store and callbacks together. It commits first and publishes after.

Everything runs on one asyncio loop, so the engine needs no lock. Commands that arrive in one round of the loop share
one commit; each caller waits until its own is written.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from labkit.engine import Engine
from labkit.engine.commands import Command
from labkit.engine.deadlines import Deadline
from labkit.engine.effects import Effect, Outcome
from labkit.engine.resources import Record, Workspace
from labkit.engine.workspace_state import WorkspaceState
from labkit.errors import LabError, Refusal
from labkit.sandbox.alert_log import AlertLog
from labkit.sandbox.clock import Clock
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.store import MALFORMED, EventHistory, EventTarget, SqliteStore, Store, StoredEvent, StoreError

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_SECONDS_ASLEEP = 1.0
"""Until the clock is looked at again: after a laptop's sleep a deadline is nearer than the loop believes."""
RETRY_SECONDS = 1.0
"""After a commit of what fell due has failed."""
DEADLINES_AT_ONCE = 500
"""Played between two commits, so that others come in between: some 50 ms."""
QUIET_ROUNDS = 3
"""Of the loop, without another command, until a commit. So many does a request take from its socket to its command: one
that was there already when the last one was played still comes along. An idle round takes about 10 microseconds."""
MOST_ROUNDS = 20
"""Until a commit, however many commands keep coming."""
GENERATION = "generation"
"""The fact under which the store keeps it."""

_chance = random.Random()  # noqa: S311  # a SID is a name, and no secret


class Publisher(Protocol):
    """Who is told once something is committed."""

    def call(self, effect: Effect) -> None:
        """Carry out an effect, in the background."""

    def report(self, stored: StoredEvent, state: WorkspaceState) -> None:
        """Send an event to whoever wants it, in the background. They come in the order of their numbers."""

    def leave_for(self, other: SqliteStore) -> None:
        """Another state is about to take the place of this one: note in it what of its events was sent here already."""

    def drop(self) -> None:
        """Another state has taken the place: give up all that is under way or waits, and go on from that one."""


class Observer(Protocol):
    """Who looks at the records after each command, deadline and slice of what is long, and after routing what that has
    set in motion."""

    def note(self, outcome: Outcome, state: WorkspaceState) -> None:
        """Something with events was played. The records are as it has left them, and nobody may hear of it yet."""

    def publish(self) -> None:
        """All that was noted is written."""

    def take_back(self) -> None:
        """What was noted and not yet published could not be written: it has not happened."""

    def drop(self) -> None:
        """Another state has taken the place of the one that was noted."""


def random_sid(prefix: str) -> str:
    """A new SID: the prefix and 32 hex digits, of which the first 11 are the time and the others are random.

    SIDs of one moment stand beside each other in the store's indexes, so a commit touches few pages of them.
    """
    return f"{prefix}{time.time_ns() >> 20 << 84 | _chance.getrandbits(84):032x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Another state: its store, what is in it, the callbacks that were due or under way when it was written, and when
    the newest that is in it happened."""

    store: SqliteStore
    engine: Engine
    owed: list[Effect]
    newest: datetime | None


class Service:
    """A running TaskRouter.

    Args:
        store: where state is kept; the service goes on from what is in it.
        clock: gives the time of every command.
        sids: makes SIDs.

    Attributes:
        publisher: told after each commit; None tells nobody.
        observer: shown each unit of work before the next one is played, first without what routing has added, and told
            what became of it; None shows nobody.
        witnesses: shown what was committed, one after the other, before it is published.
        alerts: what went wrong by an account's own mistake; forgotten when the process ends.
        history: what statistics are read from.
        is_gathering: whether something was played that is not yet written; it is within a few rounds of the loop.
        generation: a random name of the state that commands have grown here. It changes when another state takes its
            place, by a restore or a reset, and never else: a restart goes on with the same one.
    """

    def __init__(self, store: Store, *, clock: Clock | None = None, sids: Callable[[str], str] = random_sid) -> None:
        self.store = store
        self.clock = clock or Clock()
        self.publisher: Publisher | None = None
        self.observer: Observer | None = None
        self.witnesses: list[Callable[[Outcome], None]] = []
        self.alerts = AlertLog()
        self._sids = sids
        self._engine = self._load()
        self.history = EventHistory(store)
        self.generation = self._generation()
        self._owed = self._engine.resume(self.clock.now())
        """Callbacks that were due or under way when the state was written."""
        self._is_behind = False
        """Whether more is in memory than was written, because neither writing nor reading was possible."""
        self._pending = Outcome()
        self.is_gathering = False
        self._waiting: list[asyncio.Future[None]] = []
        """Those who wait for it, one each: who is cancelled meanwhile does not cancel it for the others."""
        self._leaving: dict[str, WorkspaceState] = {}
        """Workspaces deleted since the last commit: their last events are still to be told."""
        self._moved = asyncio.Event()
        self._awaited: datetime | None = None

    @property
    def states(self) -> dict[str, WorkspaceState]:
        """The Workspaces by SID, for reading.

        Raises:
            Unavailable: what was last written cannot be read.
        """
        if self._is_behind:
            self._reload()
        return self._engine.states

    async def execute(self, command: Command, view: Callable[[Any], T]) -> T:
        """Play a command and wait until it is written.

        Args:
            command: what is asked.
            view: makes the answer of the record that the command was about, at that very moment: TaskRouter answers
                a request before it routes, so a new Task is still pending in the answer.

        Raises:
            Refusal: the command is not possible; nothing has changed.
            Unavailable: it, or what it was refused for, could not be written; nothing has changed.
        """
        while self._tick(now := self.clock.now()):
            await self.written()
        state = self.states.get(command.workspace_sid)
        try:
            outcome = self._engine.handle(command, now, view=view, tell=self._observe)
        except Refusal:
            await self.written()
            raise
        if state is not None and command.workspace_sid not in self.states:
            self._leaving[command.workspace_sid] = state
        result: T = outcome.result
        self._pending.extend(outcome)
        await self._committed()
        return result

    async def catch_up(self) -> None:
        """Play what has fallen due by now, and all unfinished work, and wait until it is written.

        It goes in slices, each with a commit of its own, and who asks for something meanwhile comes in between.
        """
        while self._tick(self.clock.now()) or self._go_on():
            await self.written()
        await self.written()

    async def written(self) -> None:
        """Wait until all that has been played by now is written, so that what was read of it may be shown.

        Raises:
            Unavailable: it could not be written, and what was read of it never was.
        """
        if self.is_gathering:
            await self._committed()

    def write_now(self) -> None:
        """Write all that has been played, at once. If that fails, the engine has gone back to what was written before,
        and those who wait for it are told."""
        self._flush()

    def tick(self) -> bool:
        """Play what has fallen due by now, to be written with what is next; whether there is something to wait for.

        That is somebody to be called, or work of which only a slice was done; `catch_up` does the rest.
        """
        is_more_due = self._tick(self.clock.now())
        return is_more_due or self._engine.has_unfinished or bool(self._pending.effects)

    async def run(self) -> None:
        """Wake whenever something falls due, until cancelled. Callbacks cut off by the last end are called again."""
        while True:
            self._moved.clear()
            try:
                await self.catch_up()
                self._call_again()
            except Unavailable:  # logged where it happened; what is due stays due
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if self._read_on():  # a slice of the log; between slices others have their turn, and what falls due
                await asyncio.sleep(0)
                continue
            self._awaited = self._engine.next_deadline()
            # Not asyncio.wait_for: on Python 3.11 it forgets that it was cancelled when it was just woken, too.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._seconds_to_sleep()):
                    await self._moved.wait()

    def wake(self) -> None:
        """The clock was moved: look again at what is due."""
        self._moved.set()

    def next_deadline(self) -> datetime | None:
        """When something falls due next, or None."""
        return self._engine.next_deadline()

    def next_due(self) -> Deadline | None:
        """What falls due next, or None."""
        return self._engine.next_due()

    def copier(self) -> Callable[[Path], None]:
        """What writes all that there is now into a new file, as `Store.copier` has it.

        Raises:
            Unavailable: it cannot be read.
        """
        self._flush()
        with storing():
            return self.store.copier()

    def load(self, other: SqliteStore) -> Loaded:
        """What another store holds, ready to take the place of what is here. It may be called in another thread.

        Raises:
            StoreError: the other store cannot be read.
        """
        records = other.load()
        engine = self._engine_of(records)
        owed = engine.resume(self.clock.now())
        return Loaded(store=other, engine=engine, owed=owed, newest=_newest(other, records))

    def replace_with(self, loaded: Loaded, *, leaving: Path | None = None) -> list[Any]:
        """Go on from what was loaded; what was here is no more, and its callbacks are given up.

        What fell due while it lay there is played next, as after a restart.

        Args:
            loaded: of no use afterwards.
            leaving: the name that the file of what was here gets, if it has one.

        Returns:
            What there was in memory until now, to be let go piece by piece.

        Raises:
            Unavailable: it could not be written; nothing has changed.
        """
        self._flush()
        generation = secrets.token_hex(8)
        with storing():
            if self.publisher is not None:
                self.publisher.leave_for(loaded.store)
            self.store.replace_with(loaded.store, facts={GENERATION: generation}, leaving=leaving)
        if self.publisher is not None:
            self.publisher.drop()
        self._not_before(loaded.newest)
        former, self._engine = self._engine, loaded.engine
        self._is_behind, self.generation, self._owed = False, generation, loaded.owed
        self.history = EventHistory(self.store)
        self._tell(lambda observer: observer.drop())
        self.wake()
        return former.take_apart()

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def _generation(self) -> str:
        """As it is kept in the store, or a new one."""
        kept = self.store.fact(GENERATION)
        if kept is not None:
            return kept
        made = secrets.token_hex(8)
        with contextlib.suppress(StoreError):  # a sandbox with a full disk is still one to be read
            self.store.keep_fact(GENERATION, made)
        return made

    def _load(self) -> Engine:
        """An engine that goes on from what is kept, and not before it: nothing in it is in the future."""
        records = self.store.load()
        self._not_before(_newest(self.store, records))
        return self._engine_of(records)

    def _not_before(self, newest: datetime | None) -> None:
        if newest is not None:
            self.clock.not_before(newest)

    def _engine_of(self, records: list[Record]) -> Engine:
        try:
            return Engine(sids=self._sids, records=records)
        except (LabError, *MALFORMED) as error:
            raise StoreError(
                f"The records in the state file do not fit together ({error}), so some are missing or damaged. Move it "
                "away to begin anew, or restore a copy; it is not touched."
            ) from error

    def _reload(self) -> None:
        """A commit has failed: read what was last written, now or whenever that is possible again.

        Raises:
            Unavailable: it cannot be read yet.
        """
        with storing():
            self._engine = self._load()
        self._is_behind = False

    def _call_again(self) -> None:
        """Those whose Reservation still waits; what fell due meanwhile has been played."""
        owed, self._owed = self._owed, []
        for effect in owed:
            state = self.states.get(effect.workspace_sid)
            reservation = state.reservations.get(effect.reservation_sid) if state else None
            if reservation is not None and reservation.is_pending:
                self._publish(Outcome(effects=[effect]), {})

    def _read_on(self) -> bool:
        """Take a little of the log into the statistics; whether there is more."""
        try:
            return self.history.read_on()
        except StoreError:  # whoever asks for statistics hears of it
            log.exception("the log cannot be read; statistics wait for it")
            return False

    def _seconds_to_sleep(self) -> float | None:
        seconds = None if self._awaited is None else self.clock.seconds_until(self._awaited)
        return None if seconds is None else min(seconds, MOST_SECONDS_ASLEEP)

    def _tick(self, now: datetime) -> bool:
        """Play what is due, a slice of it if that is much; whether more is due."""
        if self._is_behind:
            self._reload()
        if not self._is_due(now):
            return False
        self._pending.extend(self._engine.tick(now, most=DEADLINES_AT_ONCE, tell=self._observe))
        self._schedule_commit()
        return self._is_due(now)

    def _is_due(self, now: datetime) -> bool:
        deadline = self._engine.next_deadline()
        return deadline is not None and deadline <= now

    def _go_on(self) -> bool:
        """Play a slice of unfinished work; whether there was any."""
        outcome = self._engine.go_on(self.clock.now(), tell=self._observe)
        if outcome is None:
            return False
        self._pending.extend(outcome)
        self._schedule_commit()
        return True

    def _observe(self, outcome: Outcome, state: WorkspaceState) -> None:
        if outcome.events:
            self._tell(lambda observer: observer.note(outcome, state))

    def _tell(self, tell: Callable[[Observer], None]) -> None:
        """Tell the observer, if there is one. What it does wrong is logged, and is not the caller's fault."""
        if self.observer is None:
            return
        try:
            tell(self.observer)
        except Exception:
            log.exception("what was played could not be told")

    async def _committed(self) -> None:
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        self._schedule_commit()
        await done

    def _schedule_commit(self) -> None:
        if not self.is_gathering:
            self.is_gathering = True
            asyncio.get_running_loop().call_soon(self._gather, 0, 0, MOST_ROUNDS)

    def _gather(self, waiting: int, quiet: int, rounds: int) -> None:
        """Commit once nothing more comes: what is written together costs little more than what is written alone.

        Args:
            waiting: how many waited in the round before.
            quiet: how many rounds nobody joined them.
            rounds: how many more there may be.
        """
        quiet = quiet + 1 if len(self._waiting) == waiting else 0
        if quiet == QUIET_ROUNDS or not rounds:
            self._flush()
        else:
            asyncio.get_running_loop().call_soon(self._gather, len(self._waiting), quiet, rounds - 1)

    def _flush(self) -> None:
        """Write all that has come together, then let the callers go on and the world hear of it."""
        if not self.is_gathering:
            return
        outcome, self._pending = self._pending, Outcome()
        waiting, self._waiting = self._waiting, []
        leaving, self._leaving = self._leaving, {}
        self.is_gathering = False
        try:
            self.store.commit(
                changed=outcome.changed.values(),
                removed=outcome.removed,
                events=outcome.events,
                targets=_targets(outcome, leaving),
            )
        except Exception as error:  # noqa: BLE001  # whatever it was, those who wait must hear of it
            self._take_back(waiting, error)
            return
        for alert in outcome.alerts:
            self.alerts.keep(alert)
        for done in waiting:
            if not done.done():
                done.set_result(None)
        self.history.note(outcome, self.clock.now())
        for witness in self.witnesses:
            witness(outcome)
        self._tell(lambda observer: observer.publish())
        self._publish(outcome, leaving)
        if self._engine.has_unfinished or self._engine.next_deadline() != self._awaited:
            self._moved.set()

    def _take_back(self, waiting: list[asyncio.Future[None]], error: Exception) -> None:
        """Go on from what was written before, and tell those who wait for the commit that failed."""
        log.error("a commit failed; going on from what was written before", exc_info=error)
        for done in waiting:
            if not done.done():
                done.set_exception(Unavailable(str(error)) if isinstance(error, StoreError) else error)
        self._tell(lambda observer: observer.take_back())
        self._is_behind = True
        with contextlib.suppress(Unavailable):  # who comes next tries again
            self._reload()
        self.history.count_again()
        self._moved.set()

    def _publish(self, outcome: Outcome, leaving: Mapping[str, WorkspaceState]) -> None:
        if self.publisher is None:
            return
        states = self.states
        last = self.store.last_event_number() if outcome.events else 0
        for number, event in enumerate(outcome.events, last - len(outcome.events) + 1):
            state = states.get(event.workspace_sid) or leaving.get(event.workspace_sid)
            if state is not None:
                self.publisher.report(StoredEvent(number, event), state)
        for effect in outcome.effects:
            self.publisher.call(effect)


def _targets(outcome: Outcome, leaving: Mapping[str, WorkspaceState]) -> list[EventTarget]:
    """Where events are to be sent of the Workspaces that may have changed that."""
    changed = [record for record in outcome.changed.values() if type(record) is Workspace]
    return [EventTarget.of(workspace) for workspace in (*changed, *(state.workspace for state in leaving.values()))]


def _newest(store: Store, records: Iterable[Record]) -> datetime | None:
    """When the newest of what is kept happened."""
    moments = (store.newest(), *(record.date_updated for record in records))
    return max((moment for moment in moments if moment is not None), default=None)


@contextlib.contextmanager
def storing() -> Iterator[None]:
    """What the store cannot do is a 503 to whoever asked.

    Raises:
        Unavailable: so it is.
    """
    try:
        yield
    except StoreError as error:
        raise Unavailable(str(error)) from None
