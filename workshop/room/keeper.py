"""The keeper looks after a room that runs: its Workspace is there, and what nobody was told is read in the log."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import TYPE_CHECKING

from labkit.errors import LabError
from labkit.sandbox_client.clock import read_clock
from workshop.room.refusals import NotThere
from workshop.room.upstream import UpstreamRequest

if TYPE_CHECKING:
    from workshop.room.state import RoomState

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""How often a sandbox is looked at: another state of it, or a Workspace that is gone, and people join anew."""
LOG_SECONDS = 20.0
"""How often the log is compared with what was told."""
LOG_SECONDS_AT_TWILIO = 60.0
LOG_SECONDS_WITHOUT_CALLBACKS = 3.0
"""With an account that cannot reach the service the log is all there is; one reader reads it for the whole room."""


class Keeper:
    """Looks after a room, on its loop.

    Args:
        room: everything that it is.
    """

    def __init__(self, room: RoomState) -> None:
        self._room = room
        self._generation = ""
        self._read_at = float("-inf")

    async def run(self) -> None:
        """Look, until this is cancelled. What fails is tried again."""
        while True:
            try:
                await self.look()
            except LabError as error:
                log.warning("the room could not be looked at: %s", error)
            except Exception:
                log.exception("looking after the room failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """One look.

        Raises:
            LabError: TaskRouter refused, or did not answer.
        """
        if self._room.upstream.kind == "sandbox" and not await self._is_the_same():
            await self._room.begin_again()
        if time.monotonic() - self._read_at >= self._log_seconds:
            await self.read_log()

    async def read_log(self) -> None:
        """Take in what nobody has told; a Workspace that is not there any more is made anew."""
        workspace = await self._room.membership.workspace()
        try:
            await self._room.event_log.catch_up(workspace.sid)
        except NotThere:
            await self._room.begin_again()
        self._read_at = time.monotonic()

    async def _is_the_same(self) -> bool:
        """Whether the sandbox has the state that it had, and the Workspace; its clock is learned on the way."""
        upstream, workspace = self._room.upstream, self._room.membership.known_workspace
        answer = await upstream.ask(UpstreamRequest(method="GET", path="/_sandbox/pulse"), upstream.own)
        if answer.status != 200:
            return True
        pulse = json.loads(answer.body)
        clock = read_clock(pulse["clock"])
        self._room.time.learn(clock.now, paused=clock.paused, speed=clock.speed)
        before, self._generation = self._generation, str(pulse["generation"])
        if workspace is None:
            return True
        return before in ("", self._generation) and workspace.sid in pulse["workspaces"]

    @property
    def _log_seconds(self) -> float:
        if not self._room.settings.events_url:
            return LOG_SECONDS_WITHOUT_CALLBACKS
        return LOG_SECONDS if self._room.upstream.kind == "sandbox" else LOG_SECONDS_AT_TWILIO
