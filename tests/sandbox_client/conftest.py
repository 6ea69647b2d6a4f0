"""The sandbox of the sandbox's own tests, and the controls on a line to it."""

from __future__ import annotations

import pytest
from sandbox.conftest import centre, client, sandbox, target
from sandbox.local import LocalSandbox

from labkit.sandbox_client.client import SandboxClient

__all__ = ["centre", "client", "line", "no_sandbox", "sandbox", "target"]


@pytest.fixture
def line(sandbox: LocalSandbox) -> SandboxClient:
    """A line to the sandbox."""
    return SandboxClient(sandbox.client(), sandbox=True)


@pytest.fixture
def no_sandbox() -> SandboxClient:
    """A line to a real account, over which nothing may be sent."""
    return SandboxClient(None, sandbox=False)
