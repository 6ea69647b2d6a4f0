"""The way from a server's start to its copy inside the walls: who asks, and what holds the walls until it has come.

The walls are built around a process that does nothing but wait (`HOLDER`), at one end of a pair of sockets. By the
first thing that it says Linux tells its number to the copy, which has the other end, and enters. When the server has
ended, nobody has that end any more, so the one who waits ends too, and with it the walls.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Mapping
from pathlib import Path

from workshop.settings import Workshop
from workshop.warm import shown
from workshop.warm.addresses import short
from workshop.warm.copy_request import CopyRequest

NAME = "copier"
"""Of the process of which servers are copies, among the workshop's own."""
HOLDER = ("sh", "-c", "echo; exec cat")
_CREDENTIALS = struct.Struct("iII")
_ASKING_SECONDS = 5.0


def socket_beside(pid_file: Path) -> Path:
    """Where copies are asked for, of the process with this file."""
    return pid_file.with_suffix(".socket")


def ask(workshop: Workshop, request: CopyRequest, *, limits: Mapping[str, int]) -> bool:
    """Ask for a copy that enters the walls which this process is about to become.

    What makes the participant's copies there is asked for first, without the server's tokens, which would be in each
    kernel and in the sandbox.

    Args:
        workshop: whose.
        request: the server.
        limits: that all of them are held to.

    Returns:
        Whether one will come. From then on this process's standard input and output are the holder's, and the server
        has its standard output and error.
    """
    ours, theirs = socket.socketpair()
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    try:
        with socket.socket(socket.AF_UNIX) as connection, theirs:
            connection.settimeout(_ASKING_SECONDS)
            with short(socket_beside(workshop.hub_folder / f"{NAME}.pid")) as name:
                connection.connect(name)
            _source_of(request, limits).send(connection, [theirs.fileno(), 1, 2])
            request.send(connection, [1, 2])
            is_made = bool(connection.recv(1))
    except OSError:
        is_made = False
    if not is_made:
        ours.close()
        return False
    for standard in (0, 1):
        os.dup2(ours.fileno(), standard)
    return True


def _source_of(request: CopyRequest, limits: Mapping[str, int]) -> CopyRequest:
    environ = {name: request.environ[name] for name in shown.SHOWN if name in request.environ}
    options = {"limits": dict(limits)}
    return CopyRequest(module="workshop.warm", arguments=[], environ=environ, folder=request.folder, options=options)


def number_behind(holder: socket.socket) -> int:
    """The number of the process inside, as Linux says it; waits until the walls are built.

    Raises:
        OSError: they could not be.
    """
    _, told, _, _ = holder.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size))
    for _, _, credentials in told:
        return int(_CREDENTIALS.unpack(credentials)[0])
    raise ConnectionError("The walls could not be built.")
