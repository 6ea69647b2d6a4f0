"""The SDK's asynchronous client, once through the life of a Task."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from sandbox.local import ACCOUNT, TOKEN, LocalSandbox
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client


class Turned(AsyncTwilioHttpClient):
    """Goes to the sandbox wherever the SDK wants to go."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=10)
        self._base_url = base_url

    async def request(self, method: str, url: str, *arguments: Any, **options: Any) -> Any:
        """The same request, to another host."""
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return await super().request(method, f"{self._base_url}{parts.path}{query}", *arguments, **options)


@pytest.mark.filterwarnings("ignore:.*auth:DeprecationWarning")  # how the SDK hands credentials to aiohttp
def test_a_life_cycle_with_the_asynchronous_client(sandbox: LocalSandbox) -> None:
    """Create, list in pages, update, accept, complete, delete: every kind of request."""
    asyncio.run(live(sandbox.url))


async def live(url: str) -> None:
    async with Turned(url) as http:
        workspaces = Client(ACCOUNT, TOKEN, http_client=http).taskrouter.v1.workspaces
        made = await workspaces.create_async(friendly_name="Async", template="FIFO")
        workspace = workspaces(made.sid)
        activities = {a.friendly_name: a.sid for a in await workspace.activities.list_async(page_size=2)}
        worker = await workspace.workers.create_async(friendly_name="Alice", activity_sid=activities["Available"])
        task = await workspace.tasks.create_async(attributes=json.dumps({"n": 1}))
        (reservation,) = await workspace.tasks(task.sid).reservations.list_async()
        assert reservation.worker_sid == worker.sid
        accepted = await reservation.update_async(reservation_status="accepted")
        assert accepted.reservation_status == "accepted"
        done = await workspace.tasks(task.sid).update_async(assignment_status="completed", reason="done")
        assert (done.assignment_status, done.reason) == ("completed", "done")
        assert await workspace.tasks(task.sid).delete_async() is True
        assert await workspace.tasks.list_async() == []
