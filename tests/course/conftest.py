"""A sandbox in this process, and the official SDK's client for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sandbox.local import LocalSandbox, local_sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[LocalSandbox]:
    """One for all tests of a module."""
    with local_sandbox() as running:
        yield running


@pytest.fixture
def sdk(sandbox: LocalSandbox) -> Iterator[Any]:
    """The official SDK's client."""
    client = sandbox.client()
    yield client
    client.http_client.session.close()
