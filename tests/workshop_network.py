"""The network between participants and the workshop, of which a test can pull the plug."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Network:
    """Carries connections to one port, as long as it is there.

    Args:
        port: of this machine.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._flows = asyncio.Event()
        self._flows.set()
        self._open: set[asyncio.StreamWriter] = set()
        self._refuses = False

    def stall(self) -> None:
        """Nothing arrives any more, and nobody is told: as when the access point is restarted."""
        self._flows.clear()

    def drop(self) -> None:
        """Every connection ends, and no new one begins: as when a laptop is put to sleep, or the Wi-Fi switched off."""
        self._refuses = True
        for writer in self._open:
            writer.transport.abort()

    def restore(self) -> None:
        """All is as before."""
        self._refuses = False
        self._flows.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        if self._refuses:
            writer.transport.abort()
            return
        there, onward = await asyncio.open_connection("127.0.0.1", self._port)
        self._open |= {writer, onward}
        await asyncio.gather(self._pour(reader, onward), self._pour(there, writer))
        self._open -= {writer, onward}

    async def _pour(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def network(port: int) -> AsyncIterator[tuple[Network, str]]:
    """One that leads to a port of this machine, and the address at which it begins."""
    made = Network(port)
    server = await asyncio.start_server(made.carry, "127.0.0.1", 0)
    try:
        yield made, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        made.restore()
        made.drop()
        server.close()
