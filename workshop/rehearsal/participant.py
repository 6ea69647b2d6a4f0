"""One pretended participant: in at the door, through notebook 00 to its end, and when each stage of it was reached."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import aiohttp

from workshop.rehearsal.first_notebook import ALL_DONE, PATH, played_cells
from workshop.rehearsal.hub_session import HubSession, hub_session
from workshop.rehearsal.kernel_socket import CellRun, KernelSocket, kernel_socket
from workshop.settings import WorkshopError


class VisitStage(StrEnum):
    """What a visit comes by, in this order."""

    LOGGED_IN = "logged in"
    SERVER = "server answers"
    LAB_PAGE = "JupyterLab's page"
    KERNEL = "kernel answers"
    FIRST_PANEL = "first panel"
    FINISHED = "notebook 00 finished"


@dataclass(slots=True)
class Visit:
    """How it went for one participant.

    Attributes:
        name: the participant's.
        reached: seconds since the doors opened, for each stage that was reached.
        failure: a sentence; nothing where all went well.
    """

    name: str
    reached: dict[VisitStage, float] = field(default_factory=dict)
    failure: str = ""


class PretendedParticipant:
    """Somebody who comes to the workshop; `visit` is all of it, the parts can be had one by one.

    Args:
        hub: the browser.
        opened: the moment of the doors' opening, by `time.monotonic()`.
        tell: is told of each stage when it is reached.
    """

    def __init__(
        self, hub: HubSession, *, opened: float, tell: Callable[[Visit, VisitStage], None] = lambda *_: None
    ) -> None:
        self.hub = hub
        self.visited = Visit(hub.name)
        self._opened = opened
        self._tell = tell

    async def visit(self, password: str, *, stay: Callable[[str], Awaitable[None]]) -> None:
        """Log in, start a server and a kernel, do notebook 00 to its end.

        Args:
            password: the first one of this name, or the same again.
            stay: returns when it is time to go; is given the name.

        Raises:
            WorkshopError: it came to an end before.
        """
        await self.come_in(password)
        async with self.kernel() as socket:
            await self.do_first_notebook(socket)
            await stay(self.hub.name)

    async def come_in(self, password: str) -> None:
        """As far as JupyterLab's page.

        Raises:
            WorkshopError: it came to an end before.
        """
        await self.hub.log_in(password)
        self._reach(VisitStage.LOGGED_IN)
        await self.begin()

    async def begin(self) -> None:
        """From the login, which was before, to JupyterLab's page; as after one was culled.

        Raises:
            WorkshopError: it came to an end before.
        """
        await self.hub.start_server()
        self._reach(VisitStage.SERVER)
        await self.hub.open_lab()
        self._reach(VisitStage.LAB_PAGE)

    @asynccontextmanager
    async def kernel(self, path: str = PATH) -> AsyncIterator[KernelSocket]:
        """A notebook's session with its kernel, which is started where there is none yet, and its open websocket."""
        body = {"path": path, "type": "notebook", "name": "", "kernel": {"name": "python3"}}
        session = await self.hub.server("POST", "/api/sessions", body)
        async with kernel_socket(self.hub, session["kernel"]["id"]) as socket:
            yield socket

    async def do_first_notebook(self, socket: KernelSocket) -> None:
        """Every cell of the participant's own copy, with the clicks in between.

        Raises:
            WorkshopError: a cell raised, or the last one does not say that all is done.
        """
        await socket.run("")
        self._reach(VisitStage.KERNEL)
        for cell in played_cells(await self.own_copy()):
            run = await socket.run(cell.code, on_output=self._look)
            if run.error:
                raise WorkshopError(f"The cell {cell.name} of {self.hub.name} failed: {run.error}")
            if cell.is_last and ALL_DONE not in run.text:
                raise WorkshopError(f"The check at the end of {PATH} says to {self.hub.name}: {run.text}")
        self._reach(VisitStage.FINISHED)

    async def own_copy(self) -> Mapping[str, Any]:
        """Notebook 00 as it lies in the participant's folder."""
        model = await self.hub.server("GET", f"/api/contents/{PATH}?content=1")
        document: Mapping[str, Any] = model["content"]
        return document

    def _look(self, run: CellRun) -> None:
        if run.has_panel and VisitStage.FIRST_PANEL not in self.visited.reached:
            self._reach(VisitStage.FIRST_PANEL)

    def _reach(self, stage: VisitStage) -> None:
        self.visited.reached[stage] = time.monotonic() - self._opened
        self._tell(self.visited, stage)


class Gathering:
    """So many who come, and stay until all are there and have been looked at.

    Args:
        people: how many.
    """

    def __init__(self, people: int) -> None:
        self._people = people
        self._here: set[str] = set()
        self._all_are_here = asyncio.Event()
        self._over = asyncio.Event()

    async def stay(self, name: str) -> None:
        """Be there until it is over; one who did not come through counts as there too."""
        self._here.add(name)
        if len(self._here) == self._people:
            self._all_are_here.set()
        await self._over.wait()

    async def end_after(self, look: Callable[[], None]) -> None:
        """When all are there, look on in a thread, and let them go."""
        await self._all_are_here.wait()
        try:
            await asyncio.to_thread(look)
        finally:
            self._over.set()


async def visited_by_all(
    url: str,
    names: Sequence[str],
    *,
    tell: Callable[[Visit, VisitStage], None] = lambda *_: None,
    look: Callable[[], None] = lambda: None,
    password_of: Callable[[str], str] = lambda _: secrets.token_urlsafe(12),
) -> list[Visit]:
    """All of them in the same instant, each with a whole visit.

    Args:
        url: the hub's.
        names: the participants', which nobody has used before.
        tell: is told of each stage when it is reached.
        look: is called in a thread while all are there, at the end of the notebook and with their websockets open.
        password_of: gives the password to a name; by default one that nobody will know.

    Returns:
        How it went for each. That it failed for one is said there, and raised for nobody.
    """
    opened, gathering = time.monotonic(), Gathering(len(names))

    async def visited(name: str) -> Visit:
        async with hub_session(url, name) as hub:
            participant = PretendedParticipant(hub, opened=opened, tell=tell)
            try:
                await participant.visit(password_of(name), stay=gathering.stay)
            except (WorkshopError, aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as error:
                participant.visited.failure = str(error) or type(error).__name__
                await gathering.stay(name)
            return participant.visited

    *visits, _ = await asyncio.gather(*map(visited, names), gathering.end_after(look))
    return [visit for visit in visits if visit is not None]
