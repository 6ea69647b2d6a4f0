"""The waitress server in a thread: it ends cleanly whatever its loop is doing at that moment."""

from __future__ import annotations

import errno
import time
from http.client import HTTPConnection
from itertools import pairwise
from typing import Any

import pytest
from waitress import wasyncore

from labkit.callbacks.connection_timeouts import TimedChannel
from labkit.callbacks.waitress_server import WaitressServer, bind


def nothing(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("204 No Content", [])
    return []


def test_the_loop_coming_round_by_itself_while_the_server_is_closed_is_no_mistake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Told to end, the loop must not close its trigger while whoever told it is about to pull that trigger."""
    turn = WaitressServer._turn
    monkeypatch.setattr(WaitressServer, "_turn", lambda self, _seconds: turn(self, 0.01))
    listener = WaitressServer(nothing, bind(0), on_unreadable=lambda *_: b"")
    trigger = listener._server.trigger
    pull = trigger.pull_trigger

    def pull_late(*thunk: Any) -> None:
        listener._thread.join(0.1)  # ample time for the loop to come round and end, had it been told already
        pull(*thunk)

    monkeypatch.setattr(trigger, "pull_trigger", pull_late)

    listener.close()

    assert not listener._thread.is_alive()


def test_a_handler_that_outlives_the_server_writes_to_nobody_elses_file() -> None:
    """After the end the trigger's file number may belong to anything; nothing may be written to it."""
    listener = WaitressServer(nothing, bind(0), on_unreadable=lambda *_: b"")
    listener.close()

    listener._server.pull_trigger()  # what waitress does when a handler's answer is ready


def test_without_files_left_it_waits_and_then_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits at the door keeps the loop from sleeping, and must not make it spin."""
    attempts: list[float] = []
    accept = wasyncore.dispatcher.accept

    def fail(server: Any) -> Any:
        attempts.append(time.monotonic())
        if len(attempts) <= 3:
            raise OSError(errno.EMFILE, "Too many open files")
        return accept(server)

    monkeypatch.setattr(wasyncore.dispatcher, "accept", fail)
    listener = WaitressServer(nothing, bind(0), on_unreadable=lambda *_: b"")
    try:
        connection = HTTPConnection("127.0.0.1", listener.port, timeout=10)
        connection.request("GET", "/")
        assert connection.getresponse().status == 204
        connection.close()
    finally:
        listener.close()
    assert all(later - earlier >= 0.09 for earlier, later in pairwise(attempts[:4]))


def test_a_computers_clock_that_was_set_back_keeps_no_silent_connection() -> None:
    """It was an hour later when it came; it has kept the server waiting for as long as it did."""
    channel = TimedChannel.__new__(TimedChannel)
    channel.total_outbufs_len, channel.requests, channel.request = 0, [], None
    came, channel.last_activity = time.monotonic(), time.time() + 3600
    assert channel.waited(came + 11, crowded=False) == pytest.approx(11, abs=1)
