"""Where a workshop can be that chooses its ports itself: a rehearsal's, which stands beside another one."""

from __future__ import annotations

import random
import socket

from workshop.settings import LOOPBACK, PORTS, WorkshopError

FIRST, LAST = 20_000, 32_000
"""Below those that the system gives by itself: of these each connection takes one, between a look and a start too."""
_TRIED = 50


def free_ports() -> int:
    """The first of as many in a row as a workshop has, of which nobody uses one just now.

    Raises:
        WorkshopError: none were found.
    """
    for _ in range(_TRIED):
        first = random.randrange(FIRST, LAST)  # noqa: S311  # so that two who look at once hardly find the same
        if all(_is_free(port) for port in range(first, first + PORTS)):
            return first
    raise WorkshopError(f"No {PORTS} free ports in a row were found on this machine.")


def _is_free(port: int) -> bool:
    try:
        with socket.create_server((LOOPBACK, port)):
            return True
    except OSError:
        return False
