"""A participant's server is started by this, as JupyterHub's own command: it chooses what passes, and goes inside.

It is still outside of the walls, in a folder of the participant's. So Python is told to look for modules neither there
nor in the home (`-P -s`), and nothing here opens a file below it.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import labkit
from labkit.child_environment import PROXIES, PYTHON, environment_for
from labkit.settings import hide_passwords
from workshop import abstract_sockets, session_keys, walls
from workshop.participant_home import ParticipantHome
from workshop.settings import FOLDER_VARIABLE, Workshop, WorkshopError
from workshop.warm import entrance
from workshop.warm.copy_request import CopyRequest

COMMAND = [sys.executable, "-P", "-s", "-m", "workshop.inside"]
"""For the spawner, which adds the server's arguments."""
SERVER = ["-m", "jupyterhub.singleuser"]
_WALLED = ["--KernelManager.transport=ipc"]
"""Kernels listen at files in the runtime folder and not at ports; with a long home a file's name would be too long."""
_IN_BETWEEN = ["setsid", "--fork", "--wait"]
"""The walls end with their parent. It is this, which the hub can end, and which goes on when the hub was killed."""
_POLITENESS = 5
_FIRST_TO_GO = "500"
"""Of 1,000, for `oom_score_adj`: when memory ends, Linux ends the largest of these, and not the hub."""
_PASSES = [PYTHON, PROXIES, "JUPYTERHUB_[A-Z_]+", "JPY_API_TOKEN", "JUPYTER_(CONFIG_)?PATH"]
_IS_ANOTHERS = ("XDG_", "TMP", "TEMP")
"""Folders of who runs the hub; inside they are not there."""


def main(arguments: Sequence[str]) -> NoReturn:
    """Become the participant's server, which is told of in the environment; ends with a sentence where that cannot be.

    Args:
        arguments: the server's own.
    """
    try:
        # An empty name would be this folder, and a file of the participant's.
        workshop = Workshop.read(Path(os.environ.get(FOLDER_VARIABLE) or os.devnull))
        home = ParticipantHome(workshop, os.environ.get("JUPYTERHUB_USER", ""))
        _leave_the_hubs_files(workshop, home.name)
        give_way()
        stand_apart(walls=workshop.walls)
        environ = environment(home)
        line = _for_a_copy(workshop, home, arguments, environ) or command(workshop, home, arguments)
        os.execve(shutil.which(line[0]) or line[0], line, environ)  # noqa: S606 - the workshop's own
    except (WorkshopError, OSError) as error:
        sys.exit(f"The server cannot be started: {error}")


def command(workshop: Workshop, home: ParticipantHome, arguments: Sequence[str]) -> list[str]:
    """The server's command line, with walls around it where the workshop has them.

    Args:
        workshop: which.
        home: the participant's, which is there.
        arguments: the server's own.
    """
    server = [sys.executable, *SERVER, *arguments]
    if not workshop.walls:
        return server
    return [*_IN_BETWEEN, *walls.command([*server, *_WALLED], home=home.path, readable=readable())]


def _for_a_copy(
    workshop: Workshop, home: ParticipantHome, arguments: Sequence[str], environ: dict[str, str]
) -> list[str]:
    """The walls' command line where the server comes into them as a copy; empty where it has to be started."""
    if not workshop.is_warm:
        return []
    request = CopyRequest(
        module=SERVER[1],
        arguments=[*arguments, *_WALLED],
        environ=environ,
        folder=str(home.path),
    )
    if not entrance.ask(workshop, request, limits={each.resource: each.most for each in walls.limits_here()}):
        return []
    return [*_IN_BETWEEN, *walls.command(entrance.HOLDER, home=home.path, readable=readable())]


def environment(home: ParticipantHome) -> dict[str, str]:
    """What of the hub's environment the participant gets, and what is the participant's own.

    A proxy's address passes where no password is in it.
    """
    passed = {
        name: value
        for name, value in environment_for(_PASSES).items()
        if not name.startswith(_IS_ANOTHERS) and hide_passwords(value) == value
    }
    return {**passed, **home.environment()}


def readable(environ: Mapping[str, str] = os.environ) -> list[Path]:
    """What must be there to run the lab: Python, the packages, what Jupyter finds by variables, and the lab itself.

    Of the clone it is `labkit` alone: beside it may lie the instructor's `.env`.
    """
    folders = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent]
    folders += [_packages_of(name) for name in ("jupyterhub", "jupyterlab", "ipykernel", "twilio")]
    for name in ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH"):
        folders += [Path(path) for path in environ.get(name, "").split(os.pathsep) if path]
    folders.append(Path(labkit.__file__).parent)
    return sorted({folder for folder in folders if folder.is_dir()})


def _packages_of(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise WorkshopError(f"{name} is not installed. `make workshop-setup` installs it.")
    return Path(found.origin).parent.parent


def _leave_the_hubs_files(workshop: Workshop, name: str) -> None:
    """Have a log of one's own, and no terminal.

    Whoever holds an open file may open it anew through `/proc`, and read what others have written there: so no server
    is given the hub's log.
    """
    folder = workshop.hub_folder / "servers"
    folder.mkdir(exist_ok=True, mode=0o700)
    log = folder / f"{name}.log"
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for standard, ours in ((0, nothing), (1, written), (2, written)):
        os.dup2(ours, standard)


def give_way() -> None:
    """Be served after the hub, and go before it; and so does whatever this process starts."""
    os.nice(_POLITENESS)
    adjustment = Path("/proc/self/oom_score_adj")
    if adjustment.exists():
        adjustment.write_text(_FIRST_TO_GO, encoding="ascii")


def stand_apart(*, walls: bool) -> None:
    """Leave what no wall keeps out and all inherit: the session's keys, and sockets that have no file."""
    session_keys.leave()
    if walls and abstract_sockets.can_be_closed():
        abstract_sockets.close()


if __name__ == "__main__":
    main(sys.argv[1:])
