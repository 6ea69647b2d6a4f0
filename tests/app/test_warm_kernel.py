"""The interpreter that the first kernel is made of: what it is told, when it ends, what it makes no kernel of."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from labkit.app.warm_kernel import LIBRARIES, WarmKernel

pytestmark = [pytest.mark.process, pytest.mark.skipif(os.name != "posix", reason="no kernel is made so on Windows")]


def test_it_is_told_no_token_and_ends_with_the_desk(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it was started with can be read by every program of this user."""
    monkeypatch.setenv("JUPYTER_TOKEN", "the-desk-s-own")
    warm = WarmKernel()
    assert "the-desk-s-own" not in psutil.Process(warm.process.pid).environ().values()
    warm.end()

    assert warm.process.wait(60) == 0
    assert not warm.become([sys.executable, "-m", "ipykernel_launcher"], environ={}, folder=str(home))


def test_it_reads_nothing_that_wants_the_kernel() -> None:
    """ipywidgets registers with the kernel that it finds as it is imported, and by the lab a look-only one closes."""
    code = f"import importlib, sys; [importlib.import_module(name) for name in {LIBRARIES}]; print(*sys.modules)"
    read = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout

    assert {"twilio.rest", "ipykernel.kernelapp"} <= set(read.split())
    assert not {"ipywidgets", "anywidget", "labkit._runtime"} & set(read.split())


def test_another_kernel_than_ours_is_not_made_of_it(home: Path) -> None:
    """It is for the Python and the launcher that it is itself; the desk starts any other as always."""
    warm = WarmKernel()
    for command in (["/usr/bin/python3", "-m", "ipykernel_launcher"], [sys.executable, "-m", "xpython"]):
        assert not warm.become(command, environ={}, folder=str(home))
    warm.end()

    assert warm.process.wait(60) == 0
