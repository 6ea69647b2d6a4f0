"""Participants of a workshop's tests, who come once and stay: each with a browser, a kernel and a websocket to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

from workshop_rooms import Room, pid_of

from workshop.rehearsal.hub_session import HubSession, hub_session
from workshop.rehearsal.kernel_socket import KernelSocket
from workshop.rehearsal.participant import PretendedParticipant, Visit, visited_by_all
from workshop.settings import Workshop

T = TypeVar("T")
PATIENCE_SECONDS = 20.0


@dataclass(slots=True)
class Seat:
    """One participant who is there.

    Attributes:
        participant: with the browser, at the server's page.
        socket: the open notebook's.
        open: what is closed when the participant goes.
    """

    participant: PretendedParticipant
    socket: KernelSocket
    open: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def hub(self) -> HubSession:
        """The browser."""
        return self.participant.hub

    async def says(self, code: str, **options: Any) -> str:
        """What a cell writes; one that raises is a failure."""
        run = await self.socket.run(code, **options)
        assert run.error == "", run.error
        return run.text.strip()

    async def begins(self, code: str) -> asyncio.Task[str]:
        """A cell that has begun: the first line of what it writes is there."""
        begun = asyncio.Event()
        running = asyncio.ensure_future(self.says(f"print('begun')\n{code}", on_output=lambda _: begun.set()))
        await asyncio.wait_for(begun.wait(), PATIENCE_SECONDS)
        return running

    async def close_notebook(self) -> None:
        """As when the laptop is closed: the websocket is gone, the kernel is not."""
        await self.open.aclose()

    async def open_notebook(self) -> None:
        """The notebook once more, with the kernel that it had, where that runs."""
        self.socket = await self.open.enter_async_context(self.participant.kernel())


class People:
    """Whoever is in the room, all in one event loop, which runs only while something is asked of them."""

    def __init__(self, room: Room) -> None:
        self.workshop: Workshop = room.workshop
        self.room = room
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._seats: dict[str, Seat] = {}
        self.visits: list[Visit] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.run(self._go())
        self._runner.close()

    async def _go(self) -> None:
        for seat in self._seats.values():
            await seat.close_notebook()
        await self._stack.aclose()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it, and wait for the end of it."""
        return self._runner.run(work)

    def visit(self, *names: str, look: Callable[[], None] = lambda: None) -> None:
        """All of them come at once, do notebook 00, are looked at, and close the browser."""
        self.visits = self.run(visited_by_all(self.workshop.url, names, look=look, password_of=password_of))

    def seat(self, name: str) -> Seat:
        """This one, at notebook 00 with the lab started; comes when first asked for."""
        if name not in self._seats:
            self._seats[name] = self.run(self._take_seat(name))
        return self._seats[name]

    async def elsewhere(self, name: str, url: str) -> Seat:
        """The same participant with another browser, which comes by another address; to be closed by whoever asks."""
        return await self._take_seat(name, url)

    async def _take_seat(self, name: str, url: str = "") -> Seat:
        hub = await self.browser(name, url)
        participant = PretendedParticipant(hub, opened=0)
        await participant.come_in(password_of(name))
        own = AsyncExitStack()
        seat = Seat(participant, await own.enter_async_context(participant.kernel()), own)
        await seat.says(START)
        return seat

    def common_pids(self) -> list[int]:
        """The hub's and the proxy's processes."""
        return [pid_of(self.workshop.hub_folder / f"{name}.pid") for name in ("hub", "proxy")]

    async def browser(self, name: str, url: str = "") -> HubSession:
        """One that is closed at the end of all; not logged in yet."""
        return await self._stack.enter_async_context(hub_session(url or self.workshop.url, name))


START = 'import labkit\nlab = labkit.start(lesson="00")'


def password_of(name: str) -> str:
    """The one that a participant of the tests chose."""
    return f"the password of {name}"


async def until(look: Callable[[], Awaitable[T]], *, seconds: float = PATIENCE_SECONDS) -> T:
    """Look until there is something; what was there last when the time is over is a failure."""
    async with asyncio.timeout(seconds):
        while not (found := await look()):
            await asyncio.sleep(0.1)
    return found
