"""The process of which a workshop's servers are copies, among the workshop's own: begun, waited for, ended."""

from __future__ import annotations

import sys

from labkit.child_environment import PYTHON, environment_for
from workshop.daemon import Daemon, python_path
from workshop.settings import Workshop, WorkshopError
from workshop.warm import entrance, shown

_WITHOUT = (
    "Servers would be copies of it. `make workshop-end` ends what has started; with --cold the workshop opens without."
)
_ROOM_TO_SHOW = 512
"""Bytes, for a home's name."""


class Warming:
    """The one of a workshop, whether it runs or not."""

    def __init__(self, workshop: Workshop) -> None:
        """Nothing is started yet."""
        self.wanted = workshop.is_warm
        self._daemon = Daemon(workshop.hub_folder, entrance.NAME)
        self._socket = entrance.socket_beside(self._daemon.pid_file)

    def begin(self) -> None:
        """Start it, where the workshop wants one and it does not run; it reads for some seconds then."""
        if self.wanted and not self._daemon.find():
            self._socket.unlink(missing_ok=True)
            command = [sys.executable, "-s", "-m", "workshop.warm", str(self._daemon.pid_file)]
            self._daemon.start(command, environ=_environ())

    def wait(self) -> None:
        """Until copies can be asked for.

        Raises:
            WorkshopError: it did not start, or not in time; says how the workshop opens without.
        """
        if self.wanted:
            try:
                self._daemon.wait_until(self._socket.exists)
            except WorkshopError as error:
                raise WorkshopError(f"{error}\n{_WITHOUT}") from None

    def end(self) -> None:
        """End it; copies go on."""
        self._daemon.end()


def _environ() -> dict[str, str]:
    """What Python and Jupyter look at, and no secret: all of it is in every copy."""
    return environment_for([PYTHON, "JUPYTER_(CONFIG_)?PATH"]) | {
        "PYTHONPATH": python_path(),
        shown.ROOM_VARIABLE: "-" * _ROOM_TO_SHOW,
    }
