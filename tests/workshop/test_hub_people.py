"""Whom the hub knows, and whose server runs: how it is read, how seldom it is asked, and what becomes of no answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hub_stand_in import SERVICE_TOKEN, HubStandIn, hub_stand_in

from labkit.settings import Secret
from workshop.room.hub_people import KEPT_SECONDS, HubPeople, servers_at_hub
from workshop.room.hub_servers import HubServer, HubServerState, servers_of
from workshop.room.refusals import NotReachable
from workshop.room.room_settings import RoomSettings

AT = "2026-11-28T09:20:31.000000Z"
MOMENT = datetime(2026, 11, 28, 9, 20, 31, tzinfo=UTC)


@pytest.fixture
def hub() -> Iterator[HubStandIn]:
    """A hub's API."""
    with hub_stand_in() as running:
        yield running


def listed(hub: HubStandIn, *, token: str = SERVICE_TOKEN) -> dict[str, HubServer]:
    """What the room is told."""
    settings = RoomSettings(
        host="127.0.0.1",
        port=0,
        prefix="/services/room/",
        hub_api_url=hub.api_url,
        hub_token=Secret(token),
        client_id="service-room",
        folder=Path(),
    )
    return asyncio.run(servers_at_hub(settings))


@pytest.mark.parametrize(
    ("server", "found"),
    [
        ({"ready": True, "started": AT, "last_activity": AT}, HubServer(HubServerState.RUNNING, MOMENT)),
        ({"pending": "spawn", "started": AT}, HubServer(HubServerState.STARTING, MOMENT)),
        ({"pending": "stop", "started": AT}, HubServer(HubServerState.RUNNING, MOMENT)),
        ({"last_activity": AT}, HubServer(HubServerState.STOPPED, MOMENT)),
        ({"last_activity": AT.removesuffix("Z")}, HubServer(HubServerState.STOPPED, MOMENT)),
        ({}, HubServer(HubServerState.NEVER_STARTED)),
    ],
)
def test_a_server_runs_starts_has_stopped_or_never_was(server: dict[str, Any], found: HubServer) -> None:
    """With the moment since which that is so, as far as the hub knows it."""
    assert servers_of([{"name": "ana", "admin": False, "servers": {"": server}}]) == {"ana": found}


def test_of_several_servers_the_one_that_runs_counts() -> None:
    """A hub on a cluster may let people name servers; and whoever has none has never started one."""
    servers = {"": {"last_activity": AT}, "second": {"ready": True, "started": AT}}
    users = [{"name": "ana", "servers": servers}, {"name": "ben", "servers": {}}]

    assert {name: server.state.value for name, server in servers_of(users).items()} == {
        "ana": "running", "ben": "never started",
    }  # fmt: skip


def test_everybody_is_found_page_after_page_and_admins_are_no_participants(hub: HubStandIn) -> None:
    """With those whose server has stopped; and no address that an answer names is called."""
    hub.page = 2
    hub.user("teacher", admin=True, ready=True)
    for name in ("ana", "ben", "cem", "<b>dan</b>"):
        hub.user(name, ready=True, started=AT)

    assert list(listed(hub)) == ["ana", "ben", "cem", "<b>dan</b>"]
    assert [query["offset"] for query in hub.listed] == [["0"], ["2"], ["4"]]
    assert {query["include_stopped_servers"][0] for query in hub.listed} == {"1"}


def test_no_answer_a_refusal_and_an_answer_of_another_form_are_sentences(hub: HubStandIn) -> None:
    """Without the token."""
    hub.may_list = False
    with pytest.raises(NotReachable, match="it wants list:users and read:servers"):
        listed(hub)
    hub.may_list = True
    hub.users = [{"name": "ana", "servers": {"": {"last_activity": 7}}}]
    with pytest.raises(NotReachable, match=r"The hub's list of its users cannot be read"):
        listed(hub)
    hub.down = True
    with pytest.raises(NotReachable, match=r"The hub does not answer \(HTTP 503\)"):
        listed(hub)
    hub.api_url = "http://127.0.0.1:1/hub/api"
    with pytest.raises(NotReachable, match=r"^The hub does not answer$"):
        listed(hub)


class Hub:
    """One that is asked, and a clock."""

    def __init__(self) -> None:
        self.now, self.asked, self.told = 0.0, 0, 0
        self.says: Mapping[str, HubServer] | NotReachable = {"ana": HubServer(HubServerState.RUNNING, MOMENT)}
        self.people = HubPeople(self.answer, changed=self.hear, now=lambda: self.now)

    async def answer(self) -> Mapping[str, HubServer]:
        self.asked += 1
        await asyncio.sleep(0)
        if isinstance(self.says, NotReachable):
            raise self.says
        return self.says

    def hear(self) -> None:
        self.told += 1

    async def look_later(self) -> None:
        self.now += KEPT_SECONDS
        await self.people.look()


def test_it_is_asked_once_for_all_who_look_within_ten_seconds() -> None:
    """And who watches is told when something is other than before, and not each time."""

    async def looks() -> Hub:
        hub = Hub()
        await asyncio.gather(*(hub.people.look() for _ in range(5)))
        hub.now += KEPT_SECONDS - 0.1
        await hub.people.look()
        assert (hub.asked, hub.told) == (1, 1)
        await hub.look_later()
        return hub

    hub = asyncio.run(looks())
    assert (hub.asked, hub.told, list(hub.people.servers)) == (2, 1, ["ana"])


def test_a_hub_that_does_not_answer_leaves_what_it_said_last() -> None:
    """It is said, and asked no more often than one that answers; when it does again nothing is said any more."""

    async def looks() -> None:
        hub = Hub()
        await hub.people.look()
        said_at = hub.people.as_of
        hub.says = NotReachable("The hub does not answer")
        await hub.look_later()
        await hub.people.look()
        assert (hub.asked, hub.told, list(hub.people.servers)) == (2, 2, ["ana"])
        assert (hub.people.trouble, hub.people.as_of) == ("The hub does not answer", said_at)
        hub.says = {}
        await hub.look_later()
        assert (hub.people.trouble, hub.people.servers) == ("", {})

    asyncio.run(looks())


def test_a_room_that_ends_waits_for_no_hub() -> None:
    """Who asks then is not kept waiting, and nothing goes on."""

    async def never() -> Mapping[str, HubServer]:
        await asyncio.Event().wait()
        return {}

    async def ends() -> None:
        people = HubPeople(never, changed=lambda: None)
        waiting = asyncio.create_task(people.look())
        await asyncio.sleep(0)
        await people.close()
        await people.close()
        await waiting
        await people.look()
        assert people.servers == {}

    asyncio.run(asyncio.wait_for(ends(), 20))
