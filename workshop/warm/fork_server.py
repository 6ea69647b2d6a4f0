"""A process that makes copies of itself: for each who comes it forks, and the copy reads what it is to become.

The copy reads, and not the process: whatever it had read, such as a participant's token, would be in every later copy.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
from pathlib import Path

from workshop.warm.addresses import short

_WAITING = 64
"""How many may come while one is being forked."""


class ForkServer:
    """Copies of this process, which has one thread and stays as it is."""

    def __init__(self, address: Path) -> None:
        """Listen.

        Args:
            address: a Unix socket's, which is made, for this user alone.

        Raises:
            OSError: it cannot be made.
        """
        self._waiting: dict[int, socket.socket] = {}
        self._last = 0
        self._listener = _listening(address)
        self._ended, self._wakes = socket.socketpair()
        for end in (self._ended, self._wakes):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakes.fileno(), warn_on_full_buffer=False)

    def fork(self) -> bool:
        """Make a copy with which it all ends; true in the copy."""
        self._last = os.fork()
        if not self._last:
            self._leave()
        return not self._last

    def serve(self) -> socket.socket | int:
        """Make a copy for each who comes.

        Returns:
            In each copy the connection to whoever has come, who is told the copy's number, and how it ended. In the
            process itself, once the copy with which it all ends has ended, the exit status of that.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._ended, selectors.EVENT_READ)
            while (status := self._told_of_ended()) is None:
                for key, _ in selector.select():
                    if key.fileobj is self._ended:
                        with contextlib.suppress(BlockingIOError):
                            self._ended.recv(4096)
                    elif (connection := self._copied()) is not None:
                        return connection
        return status

    def _copied(self) -> socket.socket | None:
        """Fork for who has come; the connection in the copy, and nothing in the process.

        Where the system lets it fork no more, whoever has come is told nothing, and this process goes on: inside the
        walls everything ends with it.
        """
        connection, _ = self._listener.accept()
        try:
            number = os.fork()
        except OSError:
            connection.close()
            return None
        if not number:
            os.setsid()
            self._leave()
            return connection
        self._waiting[number] = connection
        _say(connection, number)
        return None

    def _leave(self) -> None:
        """In a copy: nothing stays of what makes copies, or whoever got it could take others' requests."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for each in (self._listener, self._ended, self._wakes, *self._waiting.values()):
            each.close()

    def _told_of_ended(self) -> int | None:
        """Tell each who waits that their copy has ended; the exit status where it was the last one."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                number, status = ended[0], os.waitstatus_to_exitcode(ended[1])
                connection = self._waiting.pop(number, None)
                if connection is not None:
                    _say(connection, status)
                    connection.close()
                if number == self._last:
                    return status
        return None


def _listening(address: Path) -> socket.socket:
    address.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        with short(address) as name:
            listener.bind(name)
    finally:
        os.umask(before)
    listener.listen(_WAITING)
    return listener


def _say(connection: socket.socket, number: int) -> None:
    """Who has gone is told nothing, and is waited for by nobody."""
    with contextlib.suppress(OSError):
        connection.sendall(f"{number}\n".encode())
