"""What is read by the process of which servers, kernels and sandboxes are copies: their modules, and no more."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator

MODULES = (
    # a server
    "jupyterhub.singleuser",
    "jupyterhub.singleuser.extension",
    "jupyterlab.labapp",
    "jupyter_server_proxy",
    # a kernel
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "anywidget",
    "faulthandler",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "ipykernel_launcher",
    "ipywidgets",
)
PACKAGES = ("labkit", "twilio.rest.taskrouter")
"""With all of their modules, which they import when they are first used."""
_NOT_TO_BE_READ = ("labkit.__main__", "labkit.app", "labkit.cli.jupyter")
"""What runs when it is imported, or starts another server."""
_LOOKS_FOR_A_KERNEL = "ipywidgets"
"""Tells the kernel of itself when it is imported, so a kernel imports it again; its parts are there by then."""


def read_everything() -> None:
    """Import it; no thread is started by that, and no connection made."""
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # as a kernel's environment has it: the debugger says less
    for name in [*MODULES, *_modules()]:
        importlib.import_module(name)
    del sys.modules[_LOOKS_FOR_A_KERNEL]


def _modules() -> Iterator[str]:
    for name in PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not module.name.startswith(_NOT_TO_BE_READ):
                yield module.name
