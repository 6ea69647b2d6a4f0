"""The sandbox of the sandbox's own tests, and the controls on a line to it."""

from __future__ import annotations

import pytest
from sandbox.conftest import centre, client, sandbox, target
from sandbox.local import LocalSandbox

from labkit.remote_clock import RemoteClock
from labkit.sandbox_client.client import SandboxClient
from labkit.sandbox_client.clock import Clock

__all__ = ["centre", "client", "clock", "line", "no_sandbox", "sandbox", "target", "time"]


@pytest.fixture
def line(sandbox: LocalSandbox) -> SandboxClient:
    """A line to the sandbox."""
    return SandboxClient(sandbox.client(), sandbox=True)


@pytest.fixture
def time() -> RemoteClock:
    """What the notebook knows of the sandbox's time."""
    return RemoteClock()


@pytest.fixture
def clock(line: SandboxClient, time: RemoteClock) -> Clock:
    """The notebook's `lab.clock`."""
    return Clock(line, time=time)


@pytest.fixture
def no_sandbox() -> SandboxClient:
    """A line to a real account, over which nothing may be sent."""
    return SandboxClient(None, sandbox=False)
