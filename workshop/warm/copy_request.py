"""What a copy is asked to become, as it travels through a Unix socket: a line of JSON, and open files beside it."""

from __future__ import annotations

import json
import os
import socket
import struct
from dataclasses import asdict, dataclass, field
from typing import Any

ASK_SECONDS = 10.0
"""For a request to be there in full, once somebody has come."""
_HEADER = struct.Struct("!I")
_MOST_BYTES = 1 << 20
_MOST_FILES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRequest:
    """A Python module to run, as `python -m` would.

    Attributes:
        module, arguments: which, and with what.
        environ: all that it gets of an environment.
        folder: to run in.
        options: for whoever answers, such as the limits that the walls hold it to.
    """

    module: str
    arguments: list[str]
    environ: dict[str, str]
    folder: str
    options: dict[str, Any] = field(default_factory=dict)

    def send(self, connection: socket.socket, files: list[int]) -> None:
        """Ask for it.

        Args:
            connection: to a process that makes copies of itself.
            files: for the copy; which is which is between the two.

        Raises:
            OSError: nobody takes it.
        """
        document = json.dumps(asdict(self)).encode()
        socket.send_fds(connection, [_HEADER.pack(len(document))], files)
        connection.sendall(document)

    @classmethod
    def receive(cls, connection: socket.socket) -> tuple[CopyRequest, list[int]]:
        """What `send` has sent: the request, and the files by their numbers here.

        Raises:
            OSError, ValueError: it is none, or is not there in time.
        """
        connection.settimeout(ASK_SECONDS)
        header, files, _, _ = socket.recv_fds(connection, _HEADER.size, _MOST_FILES)
        (length,) = _HEADER.unpack(header + _exactly(connection, _HEADER.size - len(header)))
        if length > _MOST_BYTES:
            raise ValueError(f"A request of {length} bytes is too long.")
        values = json.loads(_exactly(connection, length))
        for descriptor in files:
            os.set_inheritable(descriptor, False)
        return cls(**values), files


def _exactly(connection: socket.socket, length: int) -> bytes:
    parts = []
    while length:
        part = connection.recv(length)
        if not part:
            raise ConnectionError("Whoever asked has gone before the end.")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
