"""Which stored events are still to be sent, read from a store; and what of them is over when another state comes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from enum import StrEnum

from labkit.engine.effects import Event
from labkit.sandbox.delivery_log import GivenUp
from labkit.sandbox.store import EventCursor, EventTarget, SqliteStore, Store, StoredEvent

SLICE = 250
"""Events that are read before others have their turn: some 10 ms."""
_EVER = datetime.min.replace(tzinfo=UTC)


class GivenUpReason(StrEnum):
    """Why events were given up."""

    TOO_OLD = "they waited for more than 24 hours"
    TOO_MANY = "more than 10,000 were waiting"
    REPLACED = "a restore or a reset took away the state that they are about"
    UNREADABLE = "they could not be read from the state any more"


def given_up(target: EventTarget, reason: GivenUpReason, *, account_sid: str) -> GivenUp:
    """What kind of callback is given up, when that is done with one to this target."""
    return GivenUp(
        account_sid=account_sid,
        workspace_sid=target.workspace_sid,
        workspace_name=target.workspace_name,
        url=target.url,
        reason=reason,
    )


class UnsentEvents:
    """Reads the events of a store that are still to be sent, oldest first, a slice at a time.

    Attributes:
        is_whole: all have been read, as of the last slice.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._passed = store.passed_events()
        targets = store.event_targets()
        self.is_whole = not targets
        self.read_to = targets[0].since if targets else 0

    def next_slice(self) -> list[tuple[StoredEvent, EventTarget]]:
        """Of the next events those that are not over, each with the target that it had when it happened.

        Raises:
            StoreError: they cannot be read; the same ones come next.
        """
        found = self._store.events_after(self.read_to, since=_EVER, limit=SLICE)
        targets = self._targets()
        unsent = [(stored, target) for stored in found if (target := self._target(stored, targets)) is not None]
        if found:
            self.read_to = found[-1].number
        self.is_whole = len(found) < SLICE
        return unsent

    def __iter__(self) -> Iterator[tuple[StoredEvent, EventTarget]]:
        while not self.is_whole:
            yield from self.next_slice()

    def _targets(self) -> dict[str, list[tuple[int, EventTarget]]]:
        """Of each Workspace, the newest first."""
        targets: dict[str, list[tuple[int, EventTarget]]] = defaultdict(list)
        for each in reversed(self._store.event_targets()):
            targets[each.target.workspace_sid].append((each.since, each.target))
        return targets

    def _target(self, stored: StoredEvent, targets: dict[str, list[tuple[int, EventTarget]]]) -> EventTarget | None:
        held = (target for since, target in targets[stored.event.workspace_sid] if since < stored.number)
        target = next(held, None)
        wanted = target is not None and stored.number not in self._passed and is_wanted(stored.event, target)
        return target if wanted else None


def is_wanted(event: Event, target: EventTarget) -> bool:
    """Whether there is a URL, and its EventsFilter (a comma-separated list; empty means all) lets the event through."""
    if not target.url:
        return False
    wanted = {name.strip() for name in (target.events_filter or "").split(",")} - {""}
    return not wanted or event.type in wanted


def carry_over(old: Store, new: SqliteStore, *, under_way: Collection[int]) -> Counter[GivenUp]:
    """Note in a state that takes the place of another which of the events that wait in it were sent there already.

    Both know an event by its SID. One that only the new state has waits there as it did.

    Args:
        old: the state that goes.
        new: the state that comes.
        under_way: the numbers of the events in `old` that are being sent: they had their one attempt.

    Returns:
        How many wait in the old state and are not in the new one, so that nobody will send them.

    Raises:
        StoreError: one cannot be read, or the new one not written; nothing has changed.
    """
    waiting = {
        stored.event.sid: given_up(target, GivenUpReason.REPLACED, account_sid=stored.event.account_sid)
        for stored, target in UnsentEvents(old)
        if stored.number not in under_way
    }
    over: dict[str, list[int]] = defaultdict(list)
    for stored, target in UnsentEvents(new):
        sid = stored.event.sid
        if sid not in waiting and old.event_number(sid) is not None:
            over[target.workspace_sid].append(stored.number)
    since = {each.target.workspace_sid: each.since for each in reversed(new.event_targets())}
    new.keep_event_cursors(
        EventCursor(workspace_sid=sid, number=since[sid], passed=tuple(numbers)) for sid, numbers in over.items()
    )
    return Counter(lost for sid, lost in waiting.items() if new.event_number(sid) is None)
