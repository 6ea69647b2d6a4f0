"""`python -m workshop.warm FILE`: the process of which the servers of a room are copies.

It is of whoever runs the workshop, knows no secret, and reads nothing of those who come. A copy goes inside the walls
that `workshop.inside` has had built, and becomes there what makes the participant's own copies: the server, and with it
each kernel and the sandbox.
"""

from __future__ import annotations

import gc
import os
import socket
import sys
from pathlib import Path

from workshop import inside, walls
from workshop.warm import entrance, kernels, namespaces, running, shown
from workshop.warm.copy_request import CopyRequest
from workshop.warm.fork_server import ForkServer
from workshop.warm.reading import read_everything

COPIES = walls.RUNTIME / "copies"
"""Inside of each participant's walls: where their own copies are asked for."""


def main(arguments: list[str]) -> int:
    """Make copies until the end; in each copy, be what it was asked to be.

    Args:
        arguments: a file, beside which the socket is made; its name tells a workshop's own process from others.
    """
    if not sys.flags.safe_path:  # which `-P` would have set for each kernel too: no import of what is beside a notebook
        del sys.path[0]
    gc.disable()
    read_everything()
    gc.collect()
    gc.freeze()
    visitor = ForkServer(entrance.socket_beside(Path(arguments[0]))).serve()
    if isinstance(visitor, int):
        return visitor
    return _participant(visitor)


def _participant(visitor: socket.socket) -> int:
    """Go inside the walls and fork there: one makes the participant's copies, the other is the server, and both end.

    Each kernel and sandbox that is asked for then is a copy of the first, and goes the server's way from there.

    Args:
        visitor: says what the walls are like, and then which server it shall be.

    Returns:
        The exit status, of the server where this is who makes copies.
    """
    source, (walls_end, *files) = CopyRequest.receive(visitor)
    holder = socket.socket(fileno=walls_end)
    running.use_files(files)
    _go_inside(entrance.number_behind(holder))
    running.hold_to(source.options["limits"])
    running.use_environment(source.environ, source.folder)
    shown.show([sys.executable, "-m", source.module], source.environ)
    copies = ForkServer(COPIES)
    if not copies.fork():
        visitor.close()
        comer = copies.serve()
        if isinstance(comer, int):
            return comer
        visitor = comer
    holder.close()
    with visitor:
        request, files = CopyRequest.receive(visitor)
    running.use_files(files)
    running.use_environment(request.environ, request.folder)
    kernels.offer(COPIES)
    running.run(request)
    return 0


def _go_inside(number: int) -> None:
    """Become a child of the first process there, which sees no process outside, and may nothing more than others."""
    inside.give_way()
    namespaces.enter(number)
    if os.fork():
        os._exit(0)
    os.setsid()
    namespaces.give_up_privileges()
    inside.stand_apart(walls=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
