"""Unix sockets by their folder: a socket's own name may be 107 bytes long, and a workshop's folder lies anywhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def short(path: Path) -> Iterator[str]:
    """Another name of a path, for as long as this is entered.

    Raises:
        OSError: its folder is not there.
    """
    folder = os.open(path.parent, os.O_PATH | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
