"""Fixtures of the TaskRouter layer's tests."""

from __future__ import annotations

import pytest
from taskrouter.recorded import Recorded
from twilio.rest import Client


@pytest.fixture
def recorded() -> Recorded:
    """An empty set of recorded answers."""
    return Recorded()


@pytest.fixture
def client(recorded: Recorded) -> Client:
    """The official SDK's client on top of `recorded`."""
    return Client("AC" + "0" * 32, "a made-up token", http_client=recorded)
