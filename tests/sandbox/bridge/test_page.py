"""A page that calls over HTTP and hears on its socket: what it hears fits what it was answered, and comes after it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from sandbox.bridge.conftest import Enter
from sandbox.bridge_client import BridgeClient
from sandbox.call_centre import CallCentre
from sandbox.local import LocalSandbox
from sandbox.pages import Socket, heard, page, play

from labkit.sandbox.bridge import outbox


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held is held for long, so that a busy machine makes no difference."""
    monkeypatch.setattr(outbox, "MOST_HELD_SECONDS", 60.0)
    monkeypatch.setattr(outbox, "ANSWER_LEAD_SECONDS", 0.2)


def load(client: BridgeClient) -> list[dict[str, Any]]:
    """What a client asks for after its init; the Reservations."""
    client.get(client.me)
    client.get(f"{client.all}/Activities", PageSize=1000)
    client.get(f"{client.me}/WorkerChannels", PageSize=1000)
    listed = client.get(f"{client.me}/Reservations", version="v2", Active="true", PageSize=1000).payload["contents"]
    return list(listed)


async def both(asked: Any, connected: Socket) -> tuple[Any, Any]:
    """The answer and the next event, which must come after it."""

    async def timed(awaited: Any) -> tuple[float, Any]:
        value = await awaited
        return time.perf_counter(), value

    (answered_at, answer), (heard_at, event) = await asyncio.gather(timed(asked), timed(heard(connected)))
    assert answered_at < heard_at
    return answer, event


def test_a_reservation_from_its_offer_to_its_end(
    sandbox: LocalSandbox, centre: CallCentre, alice: BridgeClient
) -> None:
    """The offer is held until the page has loaded; each step is answered first and told then, with the same version."""

    async def scenario() -> None:
        async with page(sandbox, alice.token) as connected:
            _, reservation = await asyncio.to_thread(centre.reserved_task)
            assert [each["sid"] for each in await asyncio.to_thread(load, alice)] == [reservation.sid]
            seen = [(await heard(connected))["event_type"] for _ in range(2)]
            assert seen == ["worker.activity.update", "reservation.created"]
            for status, type_, task in (
                ("accepted", "reservation.accepted", "assigned"),
                ("wrapping", "reservation.wrapup", "wrapping"),
                ("completed", "reservation.completed", "completed"),
            ):
                answer, event = await both(asyncio.to_thread(alice.answer, reservation.sid, status), connected)
                assert (answer["reservation_status"], event["event_type"]) == (status, type_)
                assert event["payload"]["version"] == answer["version"]
                assert event["payload"]["task"]["assignment_status"] == task
                if status != "accepted":
                    assert (await heard(connected))["event_type"] == f"task.{type_.split('.')[1]}"

    play(scenario())


def test_a_task_goes_from_page_to_page(
    sandbox: LocalSandbox, centre: CallCentre, alice: BridgeClient, enter: Enter
) -> None:
    """Whoever did not call hears at once."""
    bob = enter(centre.add_worker("Bob", available=True).sid)
    centre.switch(bob.worker_sid, "Offline")

    def hand_over(task_sid: str, reservation_sid: str) -> Any:
        return alice.post(
            f"{alice.me}/Transfers", version="v2", ReservationSid=reservation_sid, TaskSid=task_sid, To=bob.worker_sid
        ).payload

    async def scenario() -> None:
        async with page(sandbox, alice.token) as hers, page(sandbox, bob.token) as his:
            await asyncio.to_thread(load, alice)
            await asyncio.to_thread(load, bob)
            task, reservation = await asyncio.to_thread(centre.reserved_task)
            await asyncio.to_thread(alice.answer, reservation.sid, "accepted")
            await asyncio.to_thread(centre.switch, bob.worker_sid, "Available")
            for _ in range(3):
                await heard(hers)
            assert (await heard(his))["event_type"] == "worker.activity.update"
            transfer, begun = await both(asyncio.to_thread(hand_over, task.sid, reservation.sid), hers)
            offered = await heard(his)
            assert (begun["event_type"], begun["payload"]) == ("task.transfer-initiated", transfer)
            assert (offered["event_type"], offered["payload"]["task_transfer"]) == ("reservation.created", transfer)
            answer, event = await both(asyncio.to_thread(bob.answer, offered["payload"]["sid"], "accepted"), his)
            assert (answer["reservation_status"], event["event_type"]) == ("accepted", "reservation.accepted")
            assert (await heard(hers))["payload"]["transfer_status"] == "complete"

    play(scenario())
