"""A notebook before its kernel: the websocket that JupyterLab keeps open, and a cell's run from Shift+Enter to its end.

The messages are Jupyter's (https://jupyter-client.readthedocs.io/en/stable/messaging.html), as JSON, with the channel
in each, which is what a Jupyter server speaks with whoever asks for no other protocol.
"""

from __future__ import annotations

import asyncio
import json
import struct
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import aiohttp

from workshop.rehearsal.hub_session import HubSession
from workshop.settings import WorkshopError

CELL_SECONDS = 120.0
WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass(slots=True)
class CellRun:
    """What one cell has shown.

    Attributes:
        outputs: the contents of `display_data`, `execute_result` and `stream` messages, in order.
        error: the exception's name and text; nothing where none was raised.
    """

    outputs: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""

    @property
    def text(self) -> str:
        """All that it has shown, as text."""
        return "\n".join(str(each.get("text") or each.get("data", {}).get("text/plain", "")) for each in self.outputs)

    @property
    def has_panel(self) -> bool:
        """Whether one of the outputs is a panel."""
        return any(WIDGET in each.get("data", {}) for each in self.outputs)


class KernelSocket:
    """One websocket to one kernel; runs one cell at a time.

    Args:
        socket: open.
        client: what the kernel knows this side by, of any text.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, *, client: str) -> None:
        self._socket = socket
        self._client = client

    @property
    def is_open(self) -> bool:
        """Whether nobody has closed it yet, as far as this side has heard."""
        return not self._socket.closed

    async def run(
        self, code: str, *, seconds: float = CELL_SECONDS, on_output: Callable[[CellRun], None] | None = None
    ) -> CellRun:
        """Run a cell, until the kernel has said both that it is done and that it is idle.

        Args:
            code: of the cell.
            seconds: for all of it.
            on_output: is called after each output.

        Raises:
            WorkshopError: the websocket was closed, or the time is over.
        """
        request = self._message("execute_request", {"code": code, "silent": False, "stop_on_error": True})
        await self._socket.send_json(request)
        try:
            async with asyncio.timeout(seconds):
                return await self._run_of(request["header"]["msg_id"], on_output)
        except TimeoutError:
            raise WorkshopError(f"A cell was not done after {seconds:.0f} seconds: {_first_line(code)}") from None

    async def _run_of(self, request: str, on_output: Callable[[CellRun], None] | None) -> CellRun:
        run, replied, idle = CellRun(), False, False
        while not (replied and idle):
            message = await self._receive()
            if message.get("parent_header", {}).get("msg_id") != request:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "execute_reply":
                replied = True
                if content["status"] != "ok":
                    run.error = f"{content.get('ename', content['status'])}: {content.get('evalue', '')}"
            elif kind == "status":
                idle = content["execution_state"] == "idle"
            elif kind in {"display_data", "execute_result", "stream"}:
                run.outputs.append(content)
                if on_output is not None:
                    on_output(run)
        return run

    async def _receive(self) -> dict[str, Any]:
        message = await self._socket.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            return _document(message.data)
        if message.type is aiohttp.WSMsgType.BINARY:
            return _document(_json_part(message.data))
        raise WorkshopError(f"The kernel's websocket was closed (code {self._socket.close_code}).")

    def _message(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "session": self._client,
            "username": "",
            "version": "5.4",
            "date": datetime.now(UTC).isoformat(),
        }
        return {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}


def _document(text: str | bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


def _json_part(data: bytes) -> bytes:
    """Of a message with buffers, what stands before them: their number, an offset for each, then the JSON."""
    (parts,) = struct.unpack_from("!i", data)
    offsets = struct.unpack_from(f"!{parts}i", data, 4)
    return data[offsets[0] : offsets[1] if parts > 1 else len(data)]


def _first_line(code: str) -> str:
    return code.strip().partition("\n")[0][:80]


@asynccontextmanager
async def kernel_socket(hub: HubSession, kernel: str) -> AsyncIterator[KernelSocket]:
    """Open the websocket of a participant's kernel, closed at the end.

    Args:
        hub: who asks.
        kernel: the kernel's id.
    """
    client = uuid.uuid4().hex
    address = f"{hub.server_url}/api/kernels/{quote(kernel)}/channels?session_id={client}"
    async with hub.http.ws_connect(address, max_msg_size=0) as socket:
        yield KernelSocket(socket, client=client)
