"""The agent that plays ngrok's in tests, and how they wait for what it does."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labkit.lab.lab import Lab

FAKE_NGROK = Path(__file__).with_name("fake_ngrok.py")


def wait_until(so: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait for a condition; fails where it does not come in time."""
    until = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < until, "it did not come to this"


def agent_of(lab: Lab) -> int:
    """The process number of a lab's agent."""
    process: Any = lab.tunnel._agent._process  # type: ignore[attr-defined]
    return int(process.pid)
