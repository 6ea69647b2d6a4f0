"""Whose server is ended: that of one who has left, and not of one whose page is open, however quiet it is.

It waits for half a minute, so `make soak` plays it; that the intervals fit one another is in `test_services.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest
from workshop_rooms import Room, room

from workshop.participants import processes_of
from workshop.rehearsal.hub_session import hub_session
from workshop.rehearsal.kernel_socket import KernelSocket
from workshop.rehearsal.participant import PretendedParticipant

pytestmark = [pytest.mark.process, pytest.mark.alone, pytest.mark.soak]
IDLE_SECONDS = 8
MOST_SECONDS = 45


def test_who_has_left_is_culled_and_an_open_page_is_not() -> None:
    """Ada came first and does nothing, but her page answers the server's pings; Bo has closed his laptop."""
    with room(room=False, idle_seconds=IDLE_SECONDS) as made:
        done = made.call("start")
        assert done.returncode == 0, done.stderr

        asyncio.run(_visits(made))


async def _visits(made: Room) -> None:
    async with hub_session(made.workshop.url, "ada") as session:
        ada = PretendedParticipant(session, opened=0)
        await ada.come_in("lovelace1815")
        async with ada.kernel() as socket:
            quiet = asyncio.create_task(_answer_pings(socket))
            async with hub_session(made.workshop.url, "bo") as leaving:
                await PretendedParticipant(leaving, opened=0).come_in("password-1")
            await _until_gone(made, "bo")
            assert processes_of(made.workshop, "ada"), "her page is open"
            assert socket.is_open
            quiet.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await quiet


async def _answer_pings(socket: KernelSocket) -> None:
    while True:
        await socket._receive()


async def _until_gone(made: Room, name: str) -> None:
    deadline = time.monotonic() + MOST_SECONDS
    while processes_of(made.workshop, name):
        assert time.monotonic() < deadline, f"the server of {name} is still there"
        await asyncio.sleep(0.2)
