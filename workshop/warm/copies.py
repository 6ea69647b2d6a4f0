"""Asking for a copy: a process that was forked for us, used as one of `subprocess`."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from workshop.warm.addresses import short
from workshop.warm.copy_request import CopyRequest

MODULES = ("ipykernel_launcher", "labkit")
"""What the process has read; everything else is started as usual."""
_TOLD_SECONDS = 5.0


class Copy:
    """A process that is another one's child, with what `subprocess.Popen` has for its own."""

    stdin: IO[bytes] | None = None
    stderr: IO[bytes] | None = None

    def __init__(self, address: Path, request: CopyRequest, *, stdout: int | None, stderr: int | None) -> None:
        """Have it made.

        Args:
            address: of the process that makes copies of itself.
            request: what it shall become.
            stdout, stderr: open files; `subprocess.PIPE` for the former; ours without.

        Raises:
            OSError: nobody makes one.
        """
        self.args = [request.module, *request.arguments]
        self.returncode: int | None = None
        self.stdout: IO[bytes] | None = None
        self._told = b""
        self._connection = socket.socket(socket.AF_UNIX)
        out = 1 if stdout is None else stdout
        try:
            self._connection.settimeout(_TOLD_SECONDS)
            with short(address) as name:
                self._connection.connect(name)
            if stdout == subprocess.PIPE:
                read, out = os.pipe()
                self.stdout = os.fdopen(read, "rb")
            request.send(self._connection, [out, 2 if stderr is None else stderr])
            self.pid = self._next_number()
        except OSError:
            self._connection.close()
            if self.stdout is not None:
                self.stdout.close()
            raise
        finally:
            if stdout == subprocess.PIPE and self.stdout is not None:
                os.close(out)

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        return self._status(0)

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, once it has.

        Raises:
            subprocess.TimeoutExpired: it runs on.
        """
        status = self._status(timeout)
        if status is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        """Send it, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _status(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                self.returncode = self._next_number()
            except (TimeoutError, BlockingIOError):
                return None
            except ConnectionError:  # it was killed with whoever would have told it
                self.returncode = -signal.SIGKILL
            self._connection.close()
        return self.returncode

    def _next_number(self) -> int:
        """What is told next.

        Raises:
            OSError: nothing is told in time, or nobody is left to tell it.
        """
        while b"\n" not in self._told:
            part = self._connection.recv(64)
            if not part:
                raise ConnectionError("Whoever makes copies has gone.")
            self._told += part
        line, _, self._told = self._told.partition(b"\n")
        return int(line)


def copy_of(
    command: Sequence[str],
    address: Path,
    *,
    environ: Mapping[str, str],
    folder: str | os.PathLike[str] | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
) -> Copy | None:
    """The process of a command, as a copy; None where it has to be started as usual.

    Args:
        command: Python, `-m`, a module and its arguments; anything else is not made of copies.
        address: of the process that makes them.
        environ: all that it gets of an environment.
        folder: to run in; this process's without.
        stdout, stderr: as for `Copy`.
    """
    if len(command) < 3 or command[:2] != [sys.executable, "-m"] or command[2] not in MODULES:
        return None
    request = CopyRequest(
        module=command[2], arguments=list(command[3:]), environ=dict(environ), folder=str(folder or Path.cwd())
    )
    try:
        return Copy(address, request, stdout=stdout, stderr=stderr)
    except OSError:
        return None
