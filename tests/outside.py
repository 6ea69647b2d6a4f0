"""Whoever asks for a host outside of this computer is written down: by name, and by address."""

from __future__ import annotations

from pathlib import Path

_HOOK = '''
"""Read by each Python that is started with this folder on its path."""
import os, socket, sys

OWN = ("127.", "::1", "localhost", "0.0.0.0", socket.gethostname())


def note(event, arguments):
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0] or ""
    else:
        return
    host = host.decode() if isinstance(host, bytes) else str(host)
    if host and not host.startswith(OWN):
        with open({file!r}, "a") as file:
            file.write(f"{{event}} {{host}} by {{sys.orig_argv!r:.200}}\\n")


sys.addaudithook(note)
'''


class Outside:
    """What was asked for outside.

    Args:
        folder: empty; it belongs on the `PYTHONPATH`, before all others.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "asked.txt"
        self._file.touch(0o666)
        self._file.chmod(0o666)
        (folder / "sitecustomize.py").write_text(_HOOK.format(file=str(self._file)), encoding="utf-8")

    @property
    def asked(self) -> list[str]:
        """A line for each time."""
        return self._file.read_text(encoding="utf-8").splitlines()
