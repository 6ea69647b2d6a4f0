"""The processes of a workshop, by what stands in their environment: the participants', and those of its services."""

from __future__ import annotations

from pathlib import Path

import psutil

from workshop.settings import FOLDER_VARIABLE, Workshop


def processes_of(workshop: Workshop, name: str = "") -> list[psutil.Process]:
    """Servers, kernels, sandboxes and whatever those have started, which all have their home in the environment.

    Args:
        workshop: whose participants.
        name: this one alone; all without it.
    """
    home = workshop.home_of(name) if name else workshop.people
    return [process for process, environ in _all() if _is_in(environ.get("HOME"), home)]


def is_of(workshop: Workshop, name: str, *, pid: int) -> bool:
    """Whether the process with this number is this participant's; it may have gone on to somebody else."""
    try:
        return _is_in(psutil.Process(pid).environ().get("HOME"), workshop.home_of(name))
    except (psutil.Error, OSError):
        return False


def services_of(workshop: Workshop) -> list[psutil.Process]:
    """The hub's services, which a hub that was killed has left behind, and the room's own sandbox."""
    return [
        process
        for process, environ in _all()
        if (environ.get(FOLDER_VARIABLE) == str(workshop.folder) and "JUPYTERHUB_SERVICE_NAME" in environ)
        or _keeps_its_state_in(process, workshop.room_folder)
    ]


def _keeps_its_state_in(process: psutil.Process, folder: Path) -> bool:
    try:
        arguments = process.cmdline()
    except (psutil.Error, OSError):
        return False
    return "sandbox" in arguments and any(_is_in(argument, folder) for argument in arguments)


def _all() -> list[tuple[psutil.Process, dict[str, str]]]:
    """Each that can be looked into; another user's cannot."""
    found = []
    for process in psutil.process_iter():
        try:
            found.append((process, process.environ()))
        except (psutil.Error, OSError):
            continue
    return found


def _is_in(path: str | None, folder: Path) -> bool:
    return bool(path) and Path(str(path)).is_relative_to(folder)
