"""What others see of a copy: without this, the command line and the environment of the process that it is a copy of.

A workshop finds its participants' processes by the home in their environment, and a rehearsal tells servers, kernels
and sandboxes apart by their command lines. Both lie where the system has put them when the first process began
(proc(5)), and are written over there, as far as there is room.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from pathlib import Path

SHOWN = ("HOME", "JUPYTERHUB_USER", "LABKIT_HOME")
"""Of an environment: whose process it is."""
ROOM_VARIABLE = "LABKIT_ROOM_TO_SHOW"
"""Makes room where it is given: what it holds does not matter."""
_AFTER_NAME = 48 - 3
"""`arg_start` in /proc/self/stat, and the three after it."""


def show(command: Sequence[str], environ: Mapping[str, str]) -> None:
    """Be seen with this command line and this environment.

    Only once the process's own environment is another one (`os.environ` is): the system's copy is gone after this.

    Args:
        command: the program and its arguments.
        environ: of which `SHOWN` is to be seen.
    """
    numbers = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    command_began, command_ended, environ_began, environ_ended = map(int, numbers[_AFTER_NAME : _AFTER_NAME + 4])
    _write(command, command_began, command_ended)
    _write([f"{name}={environ[name]}" for name in SHOWN if name in environ], environ_began, environ_ended)


def _write(lines: Sequence[str], began: int, ended: int) -> None:
    """Each with a zero at its end, and zeros for the rest; nothing where the system does not say where it is."""
    if 0 < began < ended:
        room = ended - began
        text = b"".join(line.encode(errors="replace") + b"\0" for line in lines)
        ctypes.memmove(began, text[: room - 1].ljust(room, b"\0"), room)
