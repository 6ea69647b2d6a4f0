"""The process of which a workshop's servers are copies, among the workshop's own: begun, waited for, ended."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from labkit.child_environment import PYTHON, environment_for
from workshop.daemon import Daemon
from workshop.settings import Workshop, WorkshopError
from workshop.warm import entrance, shown

START_SECONDS = 60.0
_LOOK_SECONDS = 0.1
_CODE = Path(__file__).parents[2]
_ROOM_TO_SHOW = 512
"""Bytes, for a home's name."""


class Warming:
    """The one of a workshop, whether it runs or not."""

    def __init__(self, workshop: Workshop) -> None:
        """Nothing is started yet."""
        self.wanted = workshop.is_warm
        self._daemon = Daemon(workshop.hub_folder, entrance.NAME)

    def begin(self) -> None:
        """Start it, where the workshop wants one and it does not run; it reads for some seconds then."""
        if self.wanted and not self._daemon.find():
            entrance.socket_beside(self._daemon.pid_file).unlink(missing_ok=True)
            command = [sys.executable, "-s", "-m", "workshop.warm", str(self._daemon.pid_file)]
            self._daemon.start(command, environ=_environ())

    def wait(self) -> None:
        """Until copies can be asked for.

        Raises:
            WorkshopError: it did not start.
        """
        deadline = time.monotonic() + START_SECONDS
        while self.wanted and not entrance.socket_beside(self._daemon.pid_file).exists():
            if self._daemon.has_ended(within_seconds=_LOOK_SECONDS) or time.monotonic() > deadline:
                raise WorkshopError(
                    "The process of which servers are copies did not start; with --cold the workshop opens without. "
                    f"The end of {self._daemon.log}:\n{self._daemon.last_words()}"
                )

    def end(self) -> None:
        """End it; copies go on."""
        self._daemon.end()


def _environ() -> dict[str, str]:
    """What Python and Jupyter look at, and no secret: all of it is in every copy."""
    paths = [str(_CODE), os.environ.get("PYTHONPATH", "")]
    return environment_for([PYTHON, "JUPYTER_(CONFIG_)?PATH"]) | {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        shown.ROOM_VARIABLE: "-" * _ROOM_TO_SHOW,
    }
