"""The processes of a workshop's participants: servers, kernels, sandboxes, and whatever those have started."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from workshop.settings import Workshop


def processes_of(workshop: Workshop, name: str = "") -> list[psutil.Process]:
    """Those that live in a participant's home, which every process of theirs has in its environment.

    Args:
        workshop: whose participants.
        name: this one alone; all without it.
    """
    home = workshop.home_of(name) if name else workshop.people
    return [process for process in psutil.process_iter() if _lives_in(process, home)]


def _lives_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(process.environ().get("HOME", os.sep)).is_relative_to(folder)
    except (psutil.Error, OSError, ValueError):
        return False
