"""WarmKernel: the interpreter of the desk's first kernel, which reads the libraries while Voilà is read elsewhere.

It waits for one line on its standard input, which says how the kernel is to be started, and becomes that kernel. Where
the desk ends before, the line never comes, and it ends too. The sandbox comes up meanwhile.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from labkit.errors import LabError
from labkit.sandbox.process import Starting, default_home
from labkit.settings import Settings

_LAUNCHER = ["-m", "ipykernel_launcher"]
# Not ipywidgets: as it is imported, it tells the kernel what a page asks of it, and there is no kernel yet.
LIBRARIES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "labkit.callbacks",
    "labkit.live.workspace",
    "labkit.taskrouter.http_client",
    "twilio.rest",
)


class WarmKernel:
    """One such interpreter, begun; `become` makes a kernel of it."""

    def __init__(self) -> None:
        # The token is the server's alone: what a process was started with, its user's other programs can read.
        environ = {name: value for name, value in os.environ.items() if name != "JUPYTER_TOKEN"}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "labkit.app.warm_kernel"],
            stdin=subprocess.PIPE,
            env=environ,
            start_new_session=True,  # as every kernel: Ctrl-C is for the server
        )

    def become(self, command: Sequence[str], *, environ: Mapping[str, str], folder: str) -> bool:
        """Have it start the kernel that this command would start; whether it could.

        Args:
            command: a Python's that starts ipykernel; with any other it is not done.
            environ: the kernel's environment.
            folder: where it works.
        """
        stdin = self.process.stdin
        ours = list(command[:3]) == [sys.executable, *_LAUNCHER]
        if stdin is None or stdin.closed or not ours or self.process.poll() is not None:
            return False
        start = {"arguments": list(command[3:]), "environ": dict(environ), "folder": folder}
        try:
            with stdin:
                stdin.write(json.dumps(start).encode())
        except OSError:
            return False
        return True

    def end(self) -> None:
        """Let it go, if it has become no kernel."""
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()


def main() -> None:
    """Read the libraries, wait, and be the kernel."""
    starting = _begin_sandbox()
    for name in LIBRARIES:
        importlib.import_module(name)
    if starting is not None:
        with contextlib.suppress(LabError):  # the notebook meets it again, and says what is wrong
            starting.wait()
    text = sys.stdin.read()
    if not text:
        return
    start = json.loads(text)
    os.environ.clear()
    os.environ.update(start["environ"])
    os.chdir(start["folder"])
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115  # the kernel's for good
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher", *start["arguments"]]
    IPKernelApp.launch_instance()


def _begin_sandbox() -> Starting | None:
    try:
        settings = Settings.resolve()
        return Starting(settings.home or default_home()) if settings.mode == "sandbox" else None
    except LabError:
        return None


if __name__ == "__main__":
    main()
