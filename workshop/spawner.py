"""Starts a participant's Jupyter server: in its turn, with its place in the queue shown on the page that waits."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

from jupyterhub.spawner import LocalProcessSpawner
from tornado import web
from traitlets import Instance

from workshop.daemon import end_processes
from workshop.participant_home import ParticipantHome
from workshop.participants import is_of, processes_of
from workshop.settings import Workshop, WorkshopError
from workshop.start_queue import StartQueue

STARTS_AT_ONCE = 2 * (os.cpu_count() or 1)
ANSWER_SECONDS = 60.0
"""How long a server may take from its own start until its port answers; the queue goes on after that."""
_LOOK_SECONDS = 0.1
_SHOW_SECONDS = 1.0
QUEUE = StartQueue(STARTS_AT_ONCE)


class StartError(web.HTTPError):
    """A participant's server did not start, with a sentence for the page that waits and for the one after it.

    It is one of Tornado's, because of any other that comes within a second JupyterHub says that it was not handled.
    """

    def __init__(self, message: str) -> None:
        super().__init__(503, reason="Your lab did not start")
        self.jupyterhub_message = message

    def __str__(self) -> str:
        return self.jupyterhub_message


class ParticipantSpawner(LocalProcessSpawner):  # type: ignore[misc]  # JupyterHub has no types
    """One participant's server, as a process of whoever runs the workshop; `inside` puts walls around it."""

    workshop = Instance(Workshop).tag(config=True)

    async def start(self) -> tuple[str, int]:
        """Begin the server when its turn has come, and give the turn on once it answers.

        Returns:
            Where it listens: address and port.

        Raises:
            StartError: it ended, or its folder cannot be used.
        """
        async with QUEUE.turn(self):
            await self._prepare_the_home()
            ip, port = await super().start()
            with contextlib.suppress(TimeoutError):  # the hub waits on, and says so where it gives up
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._answers(ip, port)
        return ip, port

    async def poll(self) -> int | None:
        """None while the server runs, else how it ended. A number that is somebody else's by now is no server's."""
        if self.proc is None and self.pid and not is_of(self.workshop, self.user.name, pid=self.pid):
            self.clear_state()
            return 0
        status: int | None = await super().poll()
        return status

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """What the page that waits shows, whenever it changes."""
        shown = None
        while True:
            place = QUEUE.place_of(self)
            if place != shown:
                shown = place
                yield {"progress": 10 if place else 50, "message": _sentence(place)}
            await asyncio.sleep(_SHOW_SECONDS)

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """What JupyterHub adds of its own about the participant; `inside` knows better."""
        return env

    def make_preexec_fn(self, name: str) -> Any:  # noqa: ARG002  # JupyterHub gives it
        """Nothing to do before the server's command: it goes to the home by itself."""
        return None

    async def _prepare_the_home(self) -> None:
        """In a thread: thirty copies of notebooks shall not hold up the hub."""
        try:
            await asyncio.to_thread(self._make_ready)
        except WorkshopError as error:
            raise StartError(str(error)) from error

    def _make_ready(self) -> None:
        """A hub that was killed while it started a server does not know of it; two would fight over one home."""
        end_processes(processes_of(self.workshop, self.user.name))
        ParticipantHome(self.workshop, self.user.name).prepare()

    async def _answers(self, ip: str, port: int) -> None:
        """Return when the port takes connections.

        Raises:
            StartError: the process has ended without.
        """
        while await self.poll() is None:
            try:
                _, writer = await asyncio.open_connection(ip, port)
            except OSError:
                await asyncio.sleep(_LOOK_SECONDS)
            else:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
                return
        raise StartError("Your lab ended while it was starting. Tell your instructor, and try again.")


def _sentence(place: int) -> str:
    if not place:
        return "Your lab is starting. That takes some seconds."
    if place == 1:
        return "You are next: others are starting their labs just now."
    return f"You are number {place} in the queue: others are starting their labs just now."
