"""Pages of Workers as the sandbox sees them: real websockets, from a client in the test's own loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import aiohttp
from sandbox.local import LocalSandbox

LIMIT_SECONDS = 20
Socket = aiohttp.ClientWebSocketResponse


@asynccontextmanager
async def page(sandbox: LocalSandbox, token: str, **query: str) -> AsyncIterator[Socket]:
    """A page that has connected, and has heard its `init`."""
    given = {"token": token, "closeExistingSessions": "false", "clientVersion": "2.1.1", **query}
    async with aiohttp.ClientSession() as client, client.ws_connect(address(sandbox, given)) as connected:
        assert (await heard(connected))["event_type"] == "init"
        yield connected


def address(sandbox: LocalSandbox, query: dict[str, str]) -> str:
    return f"{sandbox.url.replace('http', 'ws', 1)}/v1/wschannels?{urlencode(query)}"


async def heard(connected: Socket) -> Any:
    """The next event."""
    while True:
        message = await connected.receive(LIMIT_SECONDS)
        assert message.type is aiohttp.WSMsgType.TEXT, message
        if message.data.strip():
            return json.loads(message.data)


def play(scenario: Coroutine[Any, Any, None]) -> None:
    """Play it within the time limit."""

    async def limited() -> None:
        async with asyncio.timeout(LIMIT_SECONDS):
            await scenario

    asyncio.run(limited())
