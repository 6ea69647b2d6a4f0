"""The callback server that a lab holds: starts, stops, and knows its addresses."""

from __future__ import annotations

import json
import os
import re
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from labkit.callback_events import ASSIGNMENT_ROUTE, EVENT_ROUTE
from labkit.callbacks.agent_page.routes import AgentPageRoutes, EventBridge
from labkit.callbacks.app import ROUTES, View, create_app
from labkit.callbacks.exchanges import Exchange, ExchangeLog, cut, shown_url
from labkit.callbacks.page_password import PagePassword
from labkit.callbacks.policy import AnswerPolicy
from labkit.callbacks.probes import Probes
from labkit.callbacks.signature import SignatureCheck
from labkit.callbacks.told_urls import ToldUrls
from labkit.callbacks.waitress_server import HOST, WaitressServer, bind, holder, is_busy
from labkit.errors import CallbackServerError
from labkit.remote_clock import RemoteClock
from labkit.settings import Secret
from labkit.stream import EventStream, Kind


class CallbackServer:
    """Answers TaskRouter's callbacks on 127.0.0.1, from threads of its own.

    Args:
        stream: where callbacks (`ASSIGNMENT`, `EVENT`), exchanges and notices are published.
        auth_token: the account's Auth Token, which callbacks are signed with.
        port: the wished port, 0 to 65535; 0 takes a free one. A busy one is replaced by a free one, with a notice.
        pages_password: what whoever opens a page of it is asked for; None to ask nobody.
        event_bridge: says what the agent page speaks to.
        clock: TaskRouter's; this computer's by default.

    Attributes:
        agent_page: what serves a Worker's own page.
        policy: what assignment callbacks are answered with.
        exchanges: the last requests and answers.
        told_urls: what TaskRouter was told at other times.
        probes: by which the lab sees whether its public URL leads here.
    """

    def __init__(
        self,
        stream: EventStream,
        *,
        auth_token: Secret,
        port: int = 0,
        pages_password: Secret | None = None,
        event_bridge: Callable[[], EventBridge] = EventBridge,
        clock: RemoteClock | None = None,
    ) -> None:
        self.agent_page = AgentPageRoutes(
            event_bridge=event_bridge, public_url=lambda: self.public_url, clock=clock or RemoteClock()
        )
        self.policy = AnswerPolicy()
        self.exchanges = ExchangeLog()
        self.told_urls = ToldUrls()
        self.probes = Probes()
        self._stream = stream
        self._wish = port
        self._listener: WaitressServer | None = None
        self._port = 0  # the last one; taken again after a stop, so that a tunnel to it stays right
        self._public_url: str | None = None
        self._lock = threading.RLock()
        self._own_views: dict[str, View] = {}
        self._app = create_app(
            stream=stream,
            policy=self.policy,
            exchanges=self.exchanges,
            signatures=SignatureCheck(auth_token),
            public_url=lambda: self.public_url,
            told_urls=self.told_urls,
            probes=self.probes,
            own_views=self._own_views,
            agent_page=self.agent_page,
            page_password=PagePassword(pages_password),
        )

    def __repr__(self) -> str:
        return f"<CallbackServer: {self.public_url if self.running else 'stopped'}>"

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._listener is not None

    @property
    def local_url(self) -> str:
        """`http://127.0.0.1:<port>`; empty before the first start, the last address after a stop."""
        return f"http://{HOST}:{self._port}" if self._port else ""

    @property
    def public_url(self) -> str:
        """The address that TaskRouter is told: `local_url` until `set_public_url`."""
        return self._public_url or self.local_url

    @property
    def assignment_url(self) -> str:
        """What goes into the Workflow's AssignmentCallbackUrl."""
        return self.public_url + ASSIGNMENT_ROUTE

    @property
    def event_url(self) -> str:
        """What goes into the Workspace's EventCallbackUrl."""
        return self.public_url + EVENT_ROUTE

    def serve(self, name: str, view: View) -> str:
        """Have a Flask view of one's own answer assignment callbacks, at a URL of its own, from now on.

        Signature and form are checked before it is called, and what it answers is recorded like any other answer; a
        view that fails answers 500. Called again with the same name, the new view takes the old one's place.

        Args:
            name: the last part of the path, of letters, digits, `-` and `_`.
            view: a function without arguments that reads `flask.request` and returns what a Flask view may return.

        Returns:
            The URL for the Workflow's AssignmentCallbackUrl.

        Raises:
            CallbackServerError: no such name, or nothing that can be called.
        """
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name):
            raise CallbackServerError(f"The name is {cut(name, 60)!r}; give letters, digits, - and _, 60 at most.")
        if not callable(view):
            raise CallbackServerError(f"The view is a function that Flask can call, not {type(view).__name__}.")
        self._own_views[name] = view
        return f"{self.assignment_url}/{name}"

    def start(self) -> None:
        """Listen. Does nothing when it does already.

        Raises:
            CallbackServerError: no socket can be bound.
        """
        with self._lock:
            if self._listener is not None:
                return
            sock = self._bind()
            if self._port and sock.getsockname()[1] != self._port:
                self._public_url = None  # a tunnel to the old port leads nowhere now
            self._listener = WaitressServer(self._app, sock, on_unreadable=self._unreadable)
            self._port = self._listener.port

    def set_public_url(self, url: str) -> None:
        """Say by which address TaskRouter reaches this server, such as a tunnel's.

        Args:
            url: `http://host` or `https://host`, with a port or a path where need be; signatures are checked
                against it.

        Raises:
            CallbackServerError: not such a URL.
        """
        try:
            parts = urlsplit(url.strip())
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable or parts.username is not None or parts.query or parts.fragment:
            raise CallbackServerError(
                f"The public URL is {shown_url(url)!r}; give http://host or https://host, without user, query or #."
            )
        self._public_url = url.strip().rstrip("/")
        self.told_urls.note_address(self._public_url)

    def stop(self) -> None:
        """Stop listening: no thread and no socket is left, within a few seconds. It may be started again."""
        with self._lock:
            listener, self._listener = self._listener, None
            if listener is not None:
                listener.close()

    def _bind(self) -> socket.socket:
        wish = self._wish or self._port
        try:
            return bind(wish)
        except (OSError, OverflowError) as error:
            if not is_busy(error):
                raise _impossible(wish, error) from error
        try:
            sock = bind(0)
        except OSError as error:
            raise _impossible(0, error) from error
        self._say_busy(wish, sock.getsockname()[1])
        return sock

    def _say_busy(self, wish: int, port: int) -> None:
        text = f"Port {wish} is held by {_name(holder(wish))}, so callbacks come in on port {port}."
        self._stream.publish(Kind.NOTICE, {"level": "warning", "text": text})

    def _unreadable(self, method: str, path: str, status: int, reason: str) -> bytes:
        error = f"The request cannot be read: {reason}."
        answer = json.dumps({"error": error, "routes": ROUTES})
        exchange = self.exchanges.add(
            Exchange(
                at=datetime.now(UTC),
                method=cut(method, 20),
                path=shown_url(path),
                url_seen=shown_url(self.local_url + path),
                signed_url=shown_url(self.public_url + path),
                status=status,
                response_headers={"Content-Type": "application/json"},
                response_body=answer,
                error=error,
            )
        )
        self._stream.publish(Kind.EXCHANGE, exchange.as_dict())
        return answer.encode()


def _impossible(port: int, error: Exception) -> CallbackServerError:
    wish = f"port {port}" if port else "a free port"
    return CallbackServerError(f"The callback server cannot listen on {wish} of {HOST}: {error}. Try port=0.")


def _name(lab: dict[str, Any] | None) -> str:
    """Whoever has a port, for people."""
    if lab is None:
        return "another program"
    if lab.get("pid") == os.getpid():
        return "another callback server of this notebook's kernel"
    notebook = cut(str(lab.get("notebook") or ""), 100)
    where = f"the lab in notebook {notebook}" if notebook else "another lab"
    return f"{where} (process {cut(str(lab.get('pid')), 20)})"
