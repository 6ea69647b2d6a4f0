"""What a copy does to be like a process of its own: files, environment, limits, and the module that it runs."""

from __future__ import annotations

import gc
import os
import resource
import runpy
import sys
import tempfile
import time
from collections.abc import Mapping

from workshop.warm import shown
from workshop.warm.copy_request import CopyRequest


def use_files(files: list[int]) -> None:
    """Have these as standard output and standard error, and nothing to read."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for standard, descriptor in ((0, nothing), (1, files[0]), (2, files[1])):
        os.dup2(descriptor, standard)
    for descriptor in {nothing, *files} - {0, 1, 2}:
        os.close(descriptor)


def use_environment(environ: Mapping[str, str], folder: str) -> None:
    """Have nothing of what the process it is a copy of was told, nor what it remembers of that."""
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    tempfile.tempdir = None
    time.tzset()


def hold_to(limits: Mapping[str, int]) -> None:
    """Be held to these limits, by their names in prlimit(1), for good."""
    for name, most in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), (most, most))


def run(request: CopyRequest) -> None:
    """Run the module as `python -m` does; returns or raises what it does."""
    gc.enable()
    shown.show([sys.executable, "-m", request.module, *request.arguments], request.environ)
    sys.argv[1:] = request.arguments
    runpy.run_module(request.module, run_name="__main__", alter_sys=True)
