"""A sandbox and a lab's live part in the test's own thread: nothing moves but what the test moves, so a seed is enough.

The sandbox is the real application on a clock that is moved by hand, and the official SDK asks it, without a socket in
between. Of the lab, the stream, the throttle and the look-ups have no threads here: what they would do waits until it
is let go on.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlencode, urlsplit

from aiohttp import HttpVersion, web
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader
from multidict import CIMultiDict, CIMultiDictProxy
from sandbox.local import ACCOUNT, START, TOKEN, TOKENS
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client
from yarl import URL

from labkit.sandbox.api.app import build_app
from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.clock import Clock
from labkit.sandbox.service import Publisher, Service
from labkit.sandbox.store import MemoryStore
from labkit.sandbox.store.snapshots import Snapshots
from labkit.stream import EventStream, _deliver

_HEADERS = {
    "Host": "taskrouter.test",
    "Authorization": "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode(),
    "Content-Type": "application/x-www-form-urlencoded",
}
_CONNECTION: Any = Mock(
    transport=None, peername=None, ssl_context=None, max_line_length=8190, max_field_size=8190, _reading_paused=False
)
"""What a request asks of its connection: hardly anything."""


class OneThreadSandbox:
    """A sandbox that runs whenever it is asked.

    Args:
        folder: where its snapshots are kept.

    Attributes:
        service: with the clock, which stands still.
    """

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        numbers = count(1)
        sids: Callable[[str], str] = lambda prefix: f"{prefix}{next(numbers):032x}"  # noqa: E731
        self.service = Service(MemoryStore(), clock=Clock(START), sids=sids)
        accounts = Accounts(TOKENS, owner=ACCOUNT, facts=self.service.store)
        self._app = build_app(self.service, accounts=accounts, own=(Snapshots(folder),))
        self._timers = self.loop.create_task(self.service.run())

    def client(self) -> tuple[Client, InProcessClient]:
        """The official SDK's client, and its line to this sandbox."""
        line = InProcessClient(self)
        return Client(ACCOUNT, TOKEN, http_client=line), line

    def publish_to(self, publisher: Publisher) -> None:
        """Tell this one of what is committed from now on."""
        self.service.publisher = publisher

    def answer(self, request: web.Request) -> web.Response:
        """What the sandbox answers."""
        answered = self.loop.run_until_complete(self._app.handle(request))
        assert isinstance(answered, web.Response)
        return answered

    def advance(self, seconds: float) -> None:
        """Move the clock on, and play what falls due."""
        self.service.clock.advance(seconds)
        self.settle()

    def settle(self) -> None:
        """Play what has fallen due, and let whoever waits for the loop go on."""
        self.service.wake()
        self.loop.run_until_complete(self._settling())

    async def _settling(self) -> None:
        await self.service.catch_up()
        for _ in range(3):
            await asyncio.sleep(0)

    def close(self) -> None:
        """End it."""
        self._timers.cancel()
        self.loop.run_until_complete(asyncio.gather(self._timers, return_exceptions=True))
        self.loop.close()


class InProcessClient(HttpClient):  # type: ignore[misc]
    """The SDK's line to a sandbox in this thread.

    Attributes:
        answered: called after each answer, before whoever asked reads it: others may act meanwhile.
    """

    def __init__(self, sandbox: OneThreadSandbox) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False)
        self._sandbox = sandbox
        self.answered: Callable[[], None] = lambda: None

    def request(
        self,
        method: str,
        uri: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        **_: Any,
    ) -> Response:
        """One request, without a socket."""
        parts = urlsplit(uri)
        query = "&".join(filter(None, (parts.query, _encoded(params))))
        path = f"{parts.path}?{query}" if query else parts.path
        answer = self._sandbox.answer(_request(method, path, _encoded(data).encode(), self._sandbox.loop))
        self.answered()
        return Response(answer.status, (answer.body or b"").decode(), headers=dict(answer.headers))


def _request(method: str, path: str, body: bytes, loop: asyncio.AbstractEventLoop) -> web.Request:
    """As aiohttp's server makes it of what comes from a socket, without the socket."""
    headers = CIMultiDictProxy(CIMultiDict({**_HEADERS, "Content-Length": str(len(body))}))
    version = HttpVersion(1, 1)
    message = RawRequestMessage(method, path, version, headers, (), False, None, False, False, URL(path, encoded=True))
    payload = StreamReader(_CONNECTION, 2**16, loop=loop)
    payload.feed_data(body)
    payload.feed_eof()
    return web.Request(message, payload, _CONNECTION, _CONNECTION, _CONNECTION, loop)


class OneThreadStream(EventStream):
    """A stream whose listeners hear when `hand_on` is called."""

    def _ensure_thread(self) -> None:
        pass

    def hand_on(self) -> bool:
        """Hand on what was published; whether there was anything."""
        due = [(s, self._take(s)) for s in self._subscriptions if self._is_behind(s)]
        for subscription, entries in due:
            _deliver(subscription, entries)
        return bool(due)


class OneThreadThrottle:
    """Tells of news when `tell` is called.

    Args:
        notify: as a `Throttle` has it; and so the rest, which says how long to wait.
    """

    def __init__(self, notify: Callable[[set[str]], None], **_: object) -> None:
        self._notify = notify
        self._topics: set[str] = set()

    def mark(self, *topics: str) -> None:
        """There is news of these topics."""
        self._topics.update(topics)

    def tell(self) -> bool:
        """Tell of it; whether there was any."""
        topics, self._topics = self._topics, set()
        if topics:
            self._notify(topics)
        return bool(topics)

    def close(self) -> None:
        """Nothing runs."""


class Later(Executor):
    """A pool whose work is done when `run_one` is called, in order."""

    def __init__(self) -> None:
        self._work: deque[Callable[[], Any]] = deque()

    def submit(self, work: Any, /, *args: Any, **keywords: Any) -> Any:
        """Do it later."""
        self._work.append(lambda: work(*args, **keywords))

    def run_one(self) -> bool:
        """Do what waits longest; whether there was anything."""
        if not self._work:
            return False
        self._work.popleft()()
        return True


def _encoded(fields: Any) -> str:
    return urlencode({name: value for name, value in (fields or {}).items() if value is not None}, doseq=True)
