"""One session: its init, its heartbeats, its token's end, and a client that takes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sandbox.bridge.by_hand import ACCOUNT, WORKER, WORKSPACE, HandSocket, HandTimers, grant

from labkit.sandbox.bridge.outbox import LOADED_LEAD_SECONDS, MOST_HELD_SECONDS
from labkit.sandbox.bridge.session import (
    EXPIRY_GRACE_SECONDS,
    HEARTBEAT_SECONDS,
    MOST_WAITING,
    Joining,
    Session,
)

EVENT = b'{"event_type": "reservation.created"}'
LOADED = 5.0
"""When the sessions here have been open for long enough."""


class One:
    """A session whose token holds for so many seconds.

    Attributes:
        expired: the sessions whose token has run out.
    """

    def __init__(self, *, seconds: float = 3600) -> None:
        self.timers, self.socket = HandTimers(), HandSocket()
        self.expired: list[Session] = []
        self.session = Session(
            self.socket,
            Joining(grant=grant(expires_at=self.timers.unix_time() + seconds), token="t"),
            timers=self.timers,
            unix_time=self.timers.unix_time,
            on_expiry=self.expired.append,
        )


@pytest.mark.parametrize(("seconds", "lifetime"), [(3600, 3_600_000), (1.5, 1500), (30 * 86_400, 86_400_000), (-5, 0)])
def test_the_first_message_says_whose_it_is_and_how_long_the_token_holds(seconds: float, lifetime: int) -> None:
    """In milliseconds, and never beyond what a browser's timer takes."""
    init: dict[str, Any] = json.loads(One(seconds=seconds).socket.bodies[0])
    assert init["payload"].pop("token_lifetime") == pytest.approx(lifetime, abs=1)
    assert init == {
        "event_type": "init",
        "payload": {"channel_id": WORKER, "account_sid": ACCOUNT, "workspace_sid": WORKSPACE},
    }


def test_a_blank_is_sent_all_the_while() -> None:
    """The client drops a socket that is silent for half a minute."""
    one = One()
    one.timers.advance(HEARTBEAT_SECONDS - 1)
    assert one.socket.take() == ["init"]
    one.timers.advance(3 * HEARTBEAT_SECONDS)
    assert one.socket.bodies == [b" "] * 3


def test_the_end_of_the_token_is_the_sessions_a_little_later() -> None:
    """Whoever is late with a new one sees no break."""
    one = One(seconds=20)
    one.timers.advance(20 + EXPIRY_GRACE_SECONDS - 0.1)
    assert one.expired == []
    one.timers.advance(0.1)
    assert one.expired == [one.session]
    assert one.timers.count() == 0


def test_events_are_held_until_all_that_a_client_loads_was_answered() -> None:
    one = One()
    one.session.push(EVENT)
    one.timers.advance(0.5)
    for name in ("WorkerChannels", "Activities", "Reservations"):
        assert one.socket.take() in ([], ["init"])
        one.session.note_list(name)
    one.timers.advance(LOADED_LEAD_SECONDS - 0.01)
    assert one.socket.take() == []
    one.timers.advance(0.01)
    assert one.socket.take() == ["reservation.created"]


def test_a_client_that_never_loads_hears_events_all_the_same() -> None:
    one = One()
    one.session.push(EVENT)
    one.timers.advance(MOST_HELD_SECONDS - 0.01)
    assert one.socket.take() == ["init"]
    one.timers.advance(0.01)
    assert one.socket.take() == ["reservation.created"]


def test_a_client_that_takes_nothing_is_let_go() -> None:
    """What it is owed is not kept for ever, and nothing more is made for it."""
    one = One()
    one.timers.advance(LOADED)
    one.socket.take()
    one.socket.waiting = MOST_WAITING - len(EVENT)
    one.session.push(EVENT)
    assert not one.socket.is_aborted
    one.socket.waiting += len(EVENT)
    one.session.push(EVENT)
    assert one.socket.is_aborted
    one.session.push(EVENT)
    assert (one.socket.take(), one.timers.count()) == (["reservation.created"], 0)


def test_events_that_are_held_count_too() -> None:
    """A flood while a client loads is not kept either."""
    one = One()
    one.session.push(b"x" * MOST_WAITING)
    assert not one.socket.is_aborted
    one.session.push(b"x")
    assert one.socket.is_aborted


def test_a_client_that_is_behind_gets_no_heartbeat_on_top() -> None:
    """What it gets next is one."""
    one = One()
    one.socket.waiting = 1
    one.timers.advance(HEARTBEAT_SECONDS)
    assert one.socket.take() == ["init"]


def test_after_its_end_nothing_is_sent() -> None:
    one = One()
    one.session.push(EVENT)
    one.session.close(1000, "that is it")
    one.session.push(EVENT)
    one.session.look()
    one.timers.advance(3600)
    assert (one.socket.take(), one.socket.closed, one.expired) == (["init"], (1000, "that is it"), [])
