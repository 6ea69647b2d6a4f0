"""The websocket of version 1 of the JavaScript SDK, with a real client and a token of the official Python SDK."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import aiohttp
import pytest
from sandbox.call_centre import CallCentre
from sandbox.local import ACCOUNT, TOKEN, LocalSandbox
from sandbox.pages import Socket, heard, play
from twilio.jwt.taskrouter.capabilities import WorkerCapabilityToken, WorkspaceCapabilityToken

from labkit.sandbox.bridge import outbox, presence
from labkit.sandbox.bridge.older_sessions import in_older_words
from labkit.sandbox.json_text import to_bytes

pytestmark = pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")  # the tests' token is short


@pytest.fixture(autouse=True)
def hears_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is loaded before is no subject here, nor how long somebody may be away."""
    monkeypatch.setattr(outbox, "LOADED_LEAD_SECONDS", 0.0)
    monkeypatch.setattr(presence, "GRACE_SECONDS", 0.0)


def token(centre: CallCentre, **granted: bool) -> str:
    return str(WorkerCapabilityToken(ACCOUNT, TOKEN, centre.sid, centre.alice_sid, **granted).to_jwt())


def address(sandbox: LocalSandbox, channel: str, **query: str) -> str:
    return f"{sandbox.url}/v1/wschannels/{ACCOUNT}/{channel}?{urlencode(query)}"


@asynccontextmanager
async def older_page(sandbox: LocalSandbox, centre: CallCentre, **query: str) -> AsyncIterator[Socket]:
    """Alice's page."""
    url = address(sandbox, centre.alice_sid, token=token(centre), closeExistingSessions="false", **query)
    async with aiohttp.ClientSession() as client, client.ws_connect(url) as connected:
        yield connected


def test_a_page_hears_what_happens_in_its_own_words(sandbox: LocalSandbox, centre: CallCentre) -> None:
    """No `init`; the Worker's events by their short names, dates as REST writes them, and nothing of Tasks alone."""

    async def scenario() -> None:
        async with older_page(sandbox, centre) as connected:
            task, _ = await asyncio.to_thread(centre.reserved_task)
            activity, created = await heard(connected), await heard(connected)
            await asyncio.to_thread(lambda: centre.workspace.tasks(task.sid).update(assignment_status="canceled"))
            canceled = await heard(connected)
            await asyncio.to_thread(lambda: centre.switch(centre.alice_sid, "Offline"))
            last = await heard(connected)
        assert (activity["event_type"], activity["payload"]["activity_name"]) == ("activity.update", "Available")
        assert (created["event_type"], created["payload"]["reservation_status"]) == ("reservation.created", "pending")
        assert created["payload"]["task"]["date_created"].endswith("Z")
        assert [each["event_type"] for each in (canceled, last)] == ["reservation.canceled", "activity.update"]

    play(scenario())


def test_what_this_version_does_not_know_is_not_said() -> None:
    """A heartbeat stays one."""
    assert in_older_words(b" ") == b" "
    assert in_older_words(to_bytes({"event_type": "init", "payload": {}})) is None
    assert in_older_words(to_bytes({"event_type": "task.updated", "payload": {}})) is None
    said = {"event_type": "worker.capacity.update", "payload": {"date_created": 0, "configured_capacity": 2}}
    assert json.loads(in_older_words(to_bytes(said)) or b"") == {
        "event_type": "capacity.update",
        "payload": {"date_created": "1970-01-01T00:00:00Z", "configured_capacity": 2},
    }


def test_who_has_gone_has_the_activity_that_the_page_has_named(sandbox: LocalSandbox, centre: CallCentre) -> None:
    """`disconnectActivitySid`, once the last page is closed."""
    centre.switch(centre.alice_sid, "Available")

    async def scenario() -> None:
        unavailable = centre.activities["Unavailable"]
        async with older_page(sandbox, centre, disconnectActivitySid=unavailable), older_page(sandbox, centre):
            pass

    play(scenario())
    worker = sandbox.look(lambda: sandbox.service.states[centre.sid].workers[centre.alice_sid])
    sandbox.ask(until(lambda: worker.activity_sid == centre.activities["Unavailable"]))


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0)


@pytest.mark.parametrize("wrong", ["no token", "another path", "no websocket allowed", "the workspace's", "gone"])
def test_who_does_not_get_in(sandbox: LocalSandbox, centre: CallCentre, wrong: str) -> None:
    """401 where nothing is proved, else 403."""
    bob = centre.add_worker("Bob")
    good = token(centre)
    channel, text = {
        "no token": (centre.alice_sid, ""),
        "another path": (bob.sid, good),
        "no websocket allowed": (centre.alice_sid, token(centre, allow_web_sockets=False)),
        "the workspace's": (centre.sid, str(WorkspaceCapabilityToken(ACCOUNT, TOKEN, centre.sid).to_jwt())),
        "gone": (centre.alice_sid, good),
    }[wrong]
    if wrong == "gone":
        centre.workspace.workers(centre.alice_sid).delete()

    async def scenario() -> None:
        async with aiohttp.ClientSession() as client:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await client.ws_connect(address(sandbox, channel, token=text))
        assert refused.value.status == (401 if wrong == "no token" else 403)

    play(scenario())
