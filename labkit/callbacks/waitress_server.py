"""A waitress server in a thread: bound by whoever asks, gone without a trace when closed.

waitress is made to run until the process ends; here it must also stop and start again from a notebook's cells.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from waitress import wasyncore
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import create_server
from waitress.task import ErrorTask, ThreadedTaskDispatcher

from labkit.callbacks.connection_timeouts import TimedChannel, give_up

HOST = "127.0.0.1"
THREADS = 8
_GRACE_SECONDS = 2.0  # for requests under way when the server is closed
_FEWEST_CONNECTIONS, _MOST_CONNECTIONS = 100, 600  # open at once; as many as half of the files allow
_HEADER_BYTES = 32 * 1024
_SPOOL_BYTES = 2 * 1024 * 1024  # beyond this waitress stops reading; below it the app itself refuses, with more words
_NO_FILES_SECONDS = 0.1  # until the next attempt to accept, where the process has no files left
_LOOK_SECONDS = 0.5  # between two looks at who keeps the server waiting
_CAN_POLL = hasattr(select, "poll")  # select() stops working beyond 1024 files; Windows has nothing else, and no limit

OnUnreadable = Callable[[str, str, int, str], bytes]
"""Told method, path, status and reason of a request that waitress refused by itself; gives the JSON answer."""

# What these say would be printed into whatever cell ran last; the exchange log says it better.
for _name in ("waitress", "waitress.queue", "werkzeug"):
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False


def bind(port: int) -> socket.socket:
    """A socket bound to `port` of 127.0.0.1 (0: a free one).

    Raises:
        OSError, OverflowError: it cannot be bound; `is_busy` tells whether another program has it.
    """
    # waitress starts its threads before it binds, and would leave them behind when the port is busy.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "nt":  # there SO_REUSEADDR would let two servers share the port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined, unused-ignore]
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((HOST, port))
    except BaseException:
        sock.close()
        raise
    return sock


def _connection_limit() -> int:
    """How many connections may be open, given the files that this process may open."""
    try:
        import resource
    except ImportError:  # Windows, where select() takes 512 sockets
        return _FEWEST_CONNECTIONS * 2
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return max(_FEWEST_CONNECTIONS, min(_MOST_CONNECTIONS, files // 2))


def is_busy(error: Exception) -> bool:
    """Whether binding failed because another program has the port."""
    busy = {errno.EADDRINUSE, errno.EACCES} if os.name == "nt" else {errno.EADDRINUSE}
    return isinstance(error, OSError) and error.errno in busy


class WaitressServer:
    """Serves `app` on a bound socket until closed.

    Args:
        app: a WSGI app.
        sock: from `bind`; the listener owns it from here on.
        on_unreadable: called for what never reaches the app because it is not HTTP, or far too large.
    """

    def __init__(self, app: Any, sock: socket.socket, *, on_unreadable: OnUnreadable) -> None:
        self.port: int = sock.getsockname()[1]
        self._sockets: dict[int, Any] = {}
        self._pool = _Pool()
        self._ending = threading.Event()
        self._door = threading.Lock()
        self._gone = False
        self._server = create_server(
            app,
            map=self._sockets,
            sockets=[sock],
            connection_limit=_connection_limit(),
            max_request_header_size=_HEADER_BYTES,
            max_request_body_size=_SPOOL_BYTES,
            asyncore_use_poll=_CAN_POLL,
            clear_untrusted_proxy_headers=False,  # they are shown to learners and believed by nobody
            ident=None,
            _dispatcher=self._pool,
        )
        self._server.channel_class = _channel(on_unreadable)
        self._server.pull_trigger = self._wake
        self._server.accept = self._accept
        self._looked_at = 0.0
        self._pool.set_thread_count(THREADS)
        self._thread = threading.Thread(target=self._serve, name="labkit-callbacks", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish what is under way, for 2 seconds at most, and leave no thread and no socket. Once only."""
        self._pool.shutdown(timeout=_GRACE_SECONDS)
        self._ending.set()
        self._wake()
        for thread in [self._thread, *self._pool.handlers]:
            if thread is not threading.current_thread():
                thread.join(_GRACE_SECONDS if thread is self._thread else 0.1)

    def _serve(self) -> None:
        try:
            while not self._ending.is_set():
                self._turn(_LOOK_SECONDS)
                self._look_around()
            self._flush()
        finally:
            with self._door:
                self._gone = True  # whoever was pulling the trigger has done so, and nobody begins to
            wasyncore.close_all(self._sockets, ignore_all=True)

    def _wake(self) -> None:
        """Have the loop look at what there is to do; from any thread, at any time, even after the end.

        The trigger is a file number, and after the end somebody else's file may have it. So whoever pulls it and
        whoever closes it go through one door.
        """
        with self._door:
            if not self._gone:
                self._server.trigger.pull_trigger()

    def _accept(self) -> Any:
        """The next connection. Where the process has no files left, those that wait too long give theirs; and without a
        pause the loop would go round and round, for whoever is not accepted stays at the door."""
        try:
            return wasyncore.dispatcher.accept(self._server)
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                give_up(self._channels(), crowded=True)
                self._ending.wait(_NO_FILES_SECONDS)
            raise  # waitress passes it over

    def _look_around(self) -> None:
        """Close the connections that keep the server waiting for too long."""
        if time.monotonic() - self._looked_at >= _LOOK_SECONDS:
            self._looked_at = time.monotonic()
            give_up(self._channels(), crowded=bool(self._server.in_connection_overflow))

    def _flush(self) -> None:
        """Let answers that are ready leave, half a second at most."""
        end = time.monotonic() + 0.5
        while time.monotonic() < end and any(c.total_outbufs_len for c in self._channels()):
            self._turn(0.05)

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, map=self._sockets, use_poll=_CAN_POLL, count=1)

    def _channels(self) -> list[Any]:
        return list(self._server.active_channels.values())


class _Pool(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress has no annotations
    """waitress's pool, with its threads known by name so that they can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.handlers: list[threading.Thread] = []

    def start_new_thread(self, target: Callable[[int], None], thread_no: int) -> None:
        thread = threading.Thread(target=target, args=(thread_no,), name=f"labkit-callbacks-{thread_no}", daemon=True)
        self.handlers.append(thread)
        thread.start()


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no annotations
    """waitress's reading of a request, which takes no body of two lengths."""

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            # A proxy in front may have believed the other one, and taken the rest for the next sender's request.
            raise ParsingError("It has both a Content-Length and a Transfer-Encoding")


def _channel(on_unreadable: OnUnreadable) -> type[Any]:
    """waitress's connection, answering in JSON and reporting where waitress itself refuses."""

    class Unreadable(ErrorTask):  # type: ignore[misc]  # waitress has no annotations
        def execute(self) -> None:
            error, request = self.request.error, self.request
            method, path = (str(getattr(request, name, "") or "") for name in ("command", "path"))
            # An unknown Transfer-Encoding would be 501; it is the sender's doing, and 5xx is for what is ours.
            code, reason = (400, error.reason) if error.code == 501 else (error.code, error.reason)
            body = on_unreadable(method, path, code, reason)
            self.status = f"{code} {reason}"
            self.response_headers.append(("Content-Type", "application/json"))
            self.set_close_on_finish()
            self.content_length = len(body)
            self.write(body)

    class Channel(TimedChannel):
        error_task_class = Unreadable
        parser_class = _Parser

    return Channel


def holder(port: int) -> dict[str, Any] | None:
    """What the lab that has `port` says of itself (`pid`, `notebook`), or None when it is not a lab."""
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(HOST, port, timeout=0.5)  # no proxy of the environment's in between
    try:
        connection.request("GET", "/healthz")
        answer = json.loads(connection.getresponse().read(4096))
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return answer if isinstance(answer, dict) and answer.get("app") == "labkit" else None
